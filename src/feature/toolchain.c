/* SPDX-License-Identifier: Apache-2.0
 * toolchain.c: compiler and language, from the Rich header, .comment, the runtimes' own texts and
 * imports. All of it can be planted; code that contradicts it is for the judge to find. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "feature/trait.h"

/* Product ids of the Rich header are counted up with each version of Microsoft's tools; these are
 * the C, C++ and Basic compilers' (enumeration PRODID of the Visual Studio tools as published in
 * several open-source readers; ids, not text, are theirs). */
typedef struct Product {
    uint16_t first, last;
    const char *name;
} Product;
static const Product PRODUCTS[] = {
    {7, 8, "Visual Studio 97"},       {9, 11, "Visual Studio 6.0"},
    {13, 13, "Visual Basic 6.0"},     {21, 24, "Visual Studio 6.0"},
    {27, 29, "Visual Studio 2002"},   {34, 36, "Visual Studio 6.0"},
    {43, 44, "Visual Studio 2002"},   {47, 53, "Visual Studio 6.0"},
    {57, 58, "Visual Studio 2002"},   {65, 68, "Visual Studio 2002"},
    {76, 85, "Visual Studio 2003"},   {95, 104, "Visual Studio 2003"},
    {109, 118, "Visual Studio 2005"}, {128, 130, "Visual Studio 2005"},
    {131, 143, "Visual Studio 2008"}, {159, 180, "Visual Studio 2010"},
    {188, 198, "Visual Studio 2010"}, {206, 216, "Visual Studio 2012"},
    {224, 234, "Visual Studio 2013"}, {242, 252, "Visual Studio 2013"},
};

/* From 2015 on the ids stay and the build number tells: 19.00 to 19.0x, 19.10 (25008), 19.20
 * (27508), 19.30 (30401) are the first builds of 2015, 2017, 2019, 2022 in Microsoft's release
 * history. */
static const char *product_name(const RichRecord *r) {
    if (r->product >= 260 && r->product <= 270)
        return r->build >= 30401   ? "Visual Studio 2022"
               : r->build >= 27508 ? "Visual Studio 2019"
               : r->build >= 25008 ? "Visual Studio 2017"
                                   : "Visual Studio 2015";
    for (size_t i = 0; i < sizeof PRODUCTS / sizeof *PRODUCTS; i++)
        if (r->product >= PRODUCTS[i].first && r->product <= PRODUCTS[i].last)
            return PRODUCTS[i].name;
    return NULL;
}

/* Most objects of a program may be the run-time library's; its own were made last, so the newest
 * compiler is the one that its maker used. */
static void add_rich_compiler(Traits *t) {
    const Rich *rich = &t->image->pe->rich;
    const RichRecord *best = NULL;
    for (size_t i = 0; i < rich->count; i++) {
        const RichRecord *r = &rich->records[i];
        if (product_name(r) && (!best || r->product > best->product ||
                                (r->product == best->product && r->build > best->build)))
            best = r;
    }
    if (best)
        trait_addf(t, TRAIT_COMPILER, rich->off, "msvc %s (build %u)", product_name(best),
                   best->build);
}

typedef enum Language {
    LANGUAGE_C,
    LANGUAGE_CPP,
    LANGUAGE_GO,
    LANGUAGE_RUST,
    LANGUAGE_DELPHI,
    LANGUAGE_DOTNET,
    LANGUAGE_BASIC,
    LANGUAGE_NIM,
    LANGUAGE_PYTHON,
    LANGUAGE_AUTOIT,
    LANGUAGE_COUNT
} Language;
static const char *const LANGUAGES[LANGUAGE_COUNT] = {
    "c", "c++", "go", "rust", "delphi", "dotnet", "visual-basic", "nim", "python", "autoit"};

typedef struct Found {
    bool language[LANGUAGE_COUNT];
    bool has_c_compiler;
    unsigned compilers;
} Found;

/* Compiler idents come in copies, one per object that mentions another version: a few tell. */
enum { MAX_COMPILERS = 8 };
static void add_compiler(Traits *t, Found *f, uint64_t off, const char *text) {
    if (f->compilers >= MAX_COMPILERS || trait_has(t->out, TRAIT_COMPILER, text))
        return;
    f->compilers++;
    trait_add(t, TRAIT_COMPILER, off, text);
}

/* "…/rustc/<40 digits of the commit>/library/…": paths of the standard library in panic messages.
 */
static void see_rust(Traits *t, Found *f, const StringFeature *s) {
    enum { COMMIT = 40 };
    const char *at = strstr(s->text, "/rustc/");
    if (!at)
        return;
    at += strlen("/rustc/");
    if (strspn(at, "0123456789abcdef") < COMMIT)
        return;
    char text[64];
    snprintf(text, sizeof text, "rustc %.40s", at);
    f->language[LANGUAGE_RUST] = true;
    add_compiler(t, f, s->off, text);
}

/* Texts that run-time libraries and compilers put into what they make, and what each proves. */
static const struct {
    const char *text;
    bool is_start; /* the string starts with it; else it may stand anywhere */
    bool is_ident; /* the string itself names the compiler */
    Language language;
} MARKS[] = {
    {"GCC: (", true, true, LANGUAGE_C},
    {"clang version ", false, true, LANGUAGE_C},
    {"Embarcadero Delphi for ", false, true, LANGUAGE_DELPHI},
    {"Borland C++ - Copyright", true, true, LANGUAGE_CPP},
    {"CodeGear C++ - Copyright", true, true, LANGUAGE_CPP},
    {"Embarcadero RAD Studio - Copyright", true, true, LANGUAGE_CPP},
    {"SOFTWARE\\Borland\\Delphi\\RTL", false, false, LANGUAGE_DELPHI},
    {"Software\\Borland\\Delphi", false, false, LANGUAGE_DELPHI},
    {"FPC 3.", true, true, LANGUAGE_DELPHI},
    {"FPC 2.", true, true, LANGUAGE_DELPHI},
    {"fatal.nim", false, false, LANGUAGE_NIM},
    {"AU3!EA06", false, false, LANGUAGE_AUTOIT},
    {"This is a third-party compiled AutoIt script.", false, false, LANGUAGE_AUTOIT},
    {"PyInstaller", false, false, LANGUAGE_PYTHON},
    {"_MEIPASS", false, false, LANGUAGE_PYTHON},
    {"RUST_BACKTRACE", false, false, LANGUAGE_RUST},
};

static void see_string(Traits *t, Found *f, const StringFeature *s) {
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++) {
        const char *at = strstr(s->text, MARKS[i].text);
        if (!at || (MARKS[i].is_start && at != s->text))
            continue;
        if (MARKS[i].language == LANGUAGE_C)
            f->has_c_compiler = true;
        else
            f->language[MARKS[i].language] = true;
        /* Idents are short lines; a manual that quotes one is not (guess). */
        if (MARKS[i].is_ident && s->length < 128)
            add_compiler(t, f, s->off, s->text);
    }
    see_rust(t, f, s);
    /* Run-time type information that is not the library's own. */
    if (s->length > 4 && memcmp(s->text, ".?A", 3) == 0 && strcmp(s->text, ".?AVtype_info@@") != 0)
        f->language[LANGUAGE_CPP] = true;
}

static bool starts_with(const char *text, const char *start) {
    return strncasecmp(text, start, strlen(start)) == 0;
}

static void see_imports(const Traits *t, Found *f) {
    for (size_t i = 0; i < t->image->imports.count; i++) {
        const Import *import = &t->image->imports.at[i];
        if (starts_with(import->module, "msvbvm") || starts_with(import->module, "vb40032"))
            f->language[LANGUAGE_BASIC] = true;
        if (starts_with(import->module, "msvcp") || starts_with(import->module, "libstdc++") ||
            import->name[0] == '?' || strncmp(import->name, "_Zn", 3) == 0 ||
            strncmp(import->name, "_ZSt", 4) == 0 || strncmp(import->name, "_ZNS", 4) == 0)
            f->language[LANGUAGE_CPP] = true;
        /* Programs that start an interpreter; extension modules only import from it. */
        if (starts_with(import->name, "Py_Initialize"))
            f->language[LANGUAGE_PYTHON] = true;
    }
}

/* Go's build information: 14 bytes of magic, pointer size, flags; with flag 2 the version stands in
 * line behind 32 bytes, length first (cmd/go, debug/buildinfo), else behind a pointer to a string
 * header. */
static void add_go(Traits *t, Found *f) {
    static const char magic[] = "\xff Go buildinf:";
    enum { MAGIC = 14, HEAD = 32, MAX_VERSION = 128 };
    Bytes b = t->s->bytes;
    const uint8_t *at = b.size ? memmem(b.at, b.size, magic, MAGIC) : NULL;
    if (!at)
        return;
    uint64_t off = (uint64_t)(at - b.at);
    Bytes info = bytes_clip(b, off, HEAD + MAX_VERSION + 2);
    if (bytes_u8_at(info, MAGIC) > 8)
        return; /* the magic inside a tool that looks for it */
    f->language[LANGUAGE_GO] = true;
    Bytes text = {0};
    if (bytes_u8_at(info, MAGIC + 1) & 2) {
        Cursor c = cursor_init(info);
        cursor_seek(&c, HEAD);
        uint64_t size = cursor_uleb(&c);
        text = cursor_bytes(&c, size < MAX_VERSION ? size : 0);
    } else {
        unsigned word = bytes_u8_at(info, MAGIC) == 8 ? 8 : 4;
        uint64_t header = word == 8 ? bytes_u64_at(info, 16) : bytes_u32_at(info, 16);
        uint64_t size = image_word_at(t->image, header + word);
        text = bytes_clip(image_bytes_at(t->image, image_word_at(t->image, header)), 0,
                          size < MAX_VERSION ? size : 0);
    }
    if (text.size > 2 && memcmp(text.at, "go", 2) == 0)
        add_compiler(t, f, off, arena_text(t->s->arena, text));
}

/* Borland's linkers write a stub message of their own, and name resources for their runtime. */
static void see_borland(const Traits *t, Found *f) {
    static const char stub[] = "This program must be run under Win";
    enum { STUB_BYTES = 0x200 };
    Bytes head = bytes_clip(t->s->bytes, 0, STUB_BYTES);
    bool has_stub = head.size && memmem(head.at, head.size, stub, sizeof stub - 1);
    for (size_t i = 0; i < t->image->pe->resources.count; i++) {
        const char *name = t->image->pe->resources.at[i].name;
        if (name && (strcmp(name, "PACKAGEINFO") == 0 || strcmp(name, "DVCLAL") == 0))
            f->language[LANGUAGE_DELPHI] = true;
    }
    if (has_stub && !f->language[LANGUAGE_CPP])
        f->language[LANGUAGE_DELPHI] = true;
}

void traits_from_toolchain(Traits *t) {
    const Image *image = t->image;
    Found f = {0};
    if (image->format == FORMAT_RAW || image->format == FORMAT_NONE)
        return;
    if (image->pe && image->pe->rich.count) {
        f.has_c_compiler = true;
        add_rich_compiler(t);
    }
    if (image->pe && image->pe->dotnet_version) {
        f.language[LANGUAGE_DOTNET] = true;
        trait_addf(t, TRAIT_COMPILER, UINT64_MAX, "dotnet %s", image->pe->dotnet_version);
    }
    if (image->elf)
        for (size_t i = 0; i < image->elf->comments.count; i++) {
            f.has_c_compiler = true;
            add_compiler(t, &f, UINT64_MAX, image->elf->comments.at[i]);
        }
    add_go(t, &f);
    for (size_t i = 0; i < t->out->strings.count; i++)
        see_string(t, &f, &t->out->strings.at[i]);
    see_imports(t, &f);
    if (image->pe)
        see_borland(t, &f);
    bool any = false;
    for (unsigned i = LANGUAGE_CPP; i < LANGUAGE_COUNT; i++)
        if (f.language[i]) {
            any = true;
            trait_add(t, TRAIT_LANGUAGE, UINT64_MAX, LANGUAGES[i]);
        }
    if (!any && f.has_c_compiler)
        trait_add(t, TRAIT_LANGUAGE, UINT64_MAX, LANGUAGES[LANGUAGE_C]);
}
