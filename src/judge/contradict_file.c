/* SPDX-License-Identifier: Apache-2.0
 * contradict_file.c: headers of one file against each other, against the tools that they name and
 * against time. */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "judge/contradict.h"
#include "judge/contradict_table.h"
#include "judge/tool_dates.h"
#include "know/know.h"

/* Compilers are tried before their day of release: previews of Visual Studio come up to half a year
 * before it (guess). Clocks and time zones differ by a day; a build takes less than ten minutes
 * between two parts of one file (measured: at most a second). */
#define DAY ((int64_t)24 * 3600 * 1000)
#define PREVIEW (180 * DAY)
#define BUILD ((int64_t)10 * 60 * 1000)

/* ---- findings ---- */

static double weight_of(ContradictionKind kind) {
    const ContradictionRate *r = &CONTRADICTION_RATES[kind];
    double forged = (r->forged + 0.5) / (r->forged_of + 1),
           real = (r->real + 0.5) / (r->real_of + 1);
    return fmax(0, fmin(r->log10_cap, log10(forged / real)));
}

Contradiction *contradiction_add(ContradictionVec *out, Arena *a, ContradictionKind kind,
                                 const char *fmt, ...) {
    out->max = MAX_CONTRADICTIONS;
    Contradiction *c = VEC_ADD(a, out);
    if (!c)
        return NULL;
    va_list args;
    va_start(args, fmt);
    c->statement = arena_vtextf(a, fmt, args);
    va_end(args);
    c->kind = kind;
    c->log10_lr = weight_of(kind);
    return c;
}

void contradiction_add_spot(Contradiction *c, const uint8_t sha256[32], uint64_t va, uint64_t off) {
    if (!c || c->spot_count == CONTRADICTION_SPOTS)
        return;
    Spot *spot = &c->spots[c->spot_count++];
    *spot = (Spot){.va = va, .off = off};
    memcpy(spot->sha256, sha256, sizeof spot->sha256);
}

void contradiction_add_name(Contradiction *c, const char *name) {
    if (!c || !name || c->lower_count == CONTRADICTION_NAMES)
        return;
    for (unsigned i = 0; i < c->lower_count; i++)
        if (!strcmp(c->lowers[i], name))
            return;
    c->lowers[c->lower_count++] = name;
}

typedef struct File {
    const Features *f;
    CaseDates dates;
    Arena *arena;
    ContradictionVec *out;
    const Trait *rich;               /* NULL: none */
    const MsvcTool *tool;            /* that its Rich header names; NULL: not known */
    unsigned major, minor;           /* of the optional header */
    uint64_t imports;                /* objects without a compiler's mark: short import records */
    bool has_resources, has_exports; /* records of their tools */
} File;

static void found_at(const File *x, Contradiction *c, unsigned about, const Trait *t) {
    if (!c)
        return;
    c->about = about;
    contradiction_add_spot(c, x->f->sha256, UINT64_MAX, t ? t->off : UINT64_MAX);
}

static const Trait *trait_of(const Features *f, TraitKind kind) {
    for (size_t i = 0; i < f->traits.count; i++)
        if (f->traits.at[i].kind == kind)
            return &f->traits.at[i];
    return NULL;
}

/* ---- Rich header ---- */

static const MsvcTool *tool_of(unsigned product, unsigned build) {
    const MsvcTool *best = NULL;
    for (size_t i = 0; i < sizeof MSVC_TOOLS / sizeof *MSVC_TOOLS; i++)
        if (MSVC_TOOLS[i].linker == product && build >= MSVC_TOOLS[i].first_build)
            best = &MSVC_TOOLS[i];
    return best;
}

/* "product.build*count product.build*count": the trait's text. */
static void read_rich(File *x) {
    x->rich = trait_of(x->f, TRAIT_RICH);
    const char *at = x->rich ? x->rich->value : "";
    unsigned product, build, count;
    for (int n; sscanf(at, "%u.%u*%u%n", &product, &build, &count, &n) == 3; at += n) {
        const MsvcTool *tool = tool_of(product, build);
        if (tool && (!x->tool || tool > x->tool))
            x->tool = tool;
        if (product == 1 && build == 0)
            x->imports += count;
    }
    for (at = x->rich && x->tool ? x->rich->value : ""; *at;
         at += strcspn(at, " "), at += *at != 0) {
        product = (unsigned)strtoul(at, NULL, 10);
        x->has_resources |= product == x->tool->resources;
        x->has_exports |= product == x->tool->exports;
    }
    const Trait *linker = trait_of(x->f, TRAIT_LINKER);
    if (linker)
        sscanf(linker->value, "%u.%u", &x->major, &x->minor);
}

static void check_rich_linker(const File *x) {
    const MsvcTool *t = x->tool;
    /* The last row stands for all that came after it. */
    bool is_newest = t == &MSVC_TOOLS[sizeof MSVC_TOOLS / sizeof *MSVC_TOOLS - 1];
    if (x->major == t->major && (x->minor == t->minor || (is_newest && x->minor > t->minor)))
        return;
    Contradiction *c = contradiction_add(
        x->out, x->arena, CONTRADICTION_RICH_LINKER,
        "the Rich header at 0x%llx names the linker of %s (%u.%02u), the optional header linker "
        "%u.%02u",
        (unsigned long long)x->rich->off, t->name, t->major, t->minor, x->major, x->minor);
    found_at(x, c, ABOUT_RICH, x->rich);
}

/* The linker counts one unmarked object for each imported name, and has records of the resource
 * compiler and of exports only where there are any: 766 of 766 PE files keep all three. */
static void check_rich_tables(const File *x) {
    bool has_cut = false;
    for (uint32_t i = 0; i < x->f->note_count; i++)
        has_cut |= x->f->notes[i].kind == NOTE_TOO_MANY || x->f->notes[i].kind == NOTE_IMPORT_ODD;
    bool has_export_table = trait_of(x->f, TRAIT_EXPORT_NAME) || x->f->export_count > 0;
    bool has_resource_tree = trait_of(x->f, TRAIT_RESOURCE_LANGUAGE) != NULL;
    for (size_t i = 0; i < x->f->sections.count; i++)
        has_resource_tree |= !strcmp(x->f->sections.at[i].name, ".rsrc");
    Contradiction *c = NULL;
    unsigned long long off = x->rich->off;
    if (x->imports < x->f->imports.count && !has_cut)
        c = contradiction_add(x->out, x->arena, CONTRADICTION_RICH_CODE,
                              "the Rich header at 0x%llx counts %llu imports, the file has %zu",
                              off, (unsigned long long)x->imports, x->f->imports.count);
    else if (x->tool->exports && x->has_exports != has_export_table)
        c = contradiction_add(
            x->out, x->arena, CONTRADICTION_RICH_CODE,
            "the Rich header at 0x%llx has %s record of exports, the file %s them", off,
            x->has_exports ? "a" : "no", has_export_table ? "has" : "lacks");
    else if (x->has_resources && !has_resource_tree)
        c = contradiction_add(x->out, x->arena, CONTRADICTION_RICH_CODE,
                              "the Rich header at 0x%llx has a record of the resource compiler, "
                              "the file no resources",
                              off);
    found_at(x, c, ABOUT_RICH, x->rich);
}

static bool has_prefix(const char *text, const char *prefix) {
    for (; *prefix; text++, prefix++)
        if (tolower((unsigned char)*text) != *prefix)
            return false;
    return true;
}

static void check_rich_runtime(const File *x) {
    const RuntimeLibrary *newest = NULL;
    const ImportFeature *import = NULL;
    for (size_t i = 0; i < x->f->imports.count; i++)
        for (size_t k = 0; k < sizeof RUNTIME_LIBRARIES / sizeof *RUNTIME_LIBRARIES; k++) {
            const RuntimeLibrary *r = &RUNTIME_LIBRARIES[k];
            bool is_newer =
                !newest || r->major * 100 + r->minor > newest->major * 100 + newest->minor;
            if (is_newer && has_prefix(x->f->imports.at[i].module, r->module)) {
                newest = r;
                import = &x->f->imports.at[i];
            }
        }
    if (!newest || x->tool->major * 100 + x->tool->minor >= newest->major * 100 + newest->minor)
        return;
    Contradiction *c = contradiction_add(
        x->out, x->arena, CONTRADICTION_RICH_CODE,
        "the Rich header at 0x%llx names %s, the code calls the run-time library of a newer one: "
        "%.80s at 0x%llx",
        (unsigned long long)x->rich->off, x->tool->name, import->module,
        (unsigned long long)import->slot_va);
    found_at(x, c, ABOUT_RICH, x->rich);
    if (c)
        contradiction_add_spot(c, x->f->sha256, import->slot_va, UINT64_MAX);
}

static void check_rich_checksum(const File *x) {
    for (uint32_t i = 0; i < x->f->note_count; i++)
        if (x->f->notes[i].kind == NOTE_RICH_CHECKSUM) {
            Contradiction *c = contradiction_add(
                x->out, x->arena, CONTRADICTION_RICH_CHECKSUM,
                "the checksum of the Rich header at 0x%llx is not that of this file's first bytes",
                (unsigned long long)x->f->notes[i].off);
            found_at(x, c, ABOUT_RICH, x->rich);
            return;
        }
}

/* ---- times ---- */

static int64_t time_of_day(uint32_t yyyymmdd) {
    char text[16];
    if (!yyyymmdd)
        return 0;
    snprintf(text, sizeof text, "%04u-%02u-%02u", yyyymmdd / 10000, yyyymmdd / 100 % 100,
             yyyymmdd % 100);
    return know_time(text);
}

/* The newest tool that the file names, and its day of release. */
static const char *newest_tool(const File *x, int64_t *released) {
    const char *name = NULL;
    *released = 0;
    if (x->tool) {
        *released = time_of_day(x->tool->released);
        name = x->tool->name;
    }
    for (size_t i = 0; i < x->f->traits.count; i++) {
        const Trait *t = &x->f->traits.at[i];
        for (size_t k = 0;
             t->kind == TRAIT_COMPILER && k < sizeof NAMED_TOOLS / sizeof *NAMED_TOOLS; k++) {
            const NamedTool *tool = &NAMED_TOOLS[k];
            const char *at = t->value + strlen(tool->prefix);
            unsigned major = 0, minor = 0;
            if (strncmp(t->value, tool->prefix, strlen(tool->prefix)) != 0)
                continue;
            const char *after = strchr(at, ')'); /* GCC: (Debian 12.2.0-14) 12.2.0 */
            if (sscanf(after ? after + 1 : at, "%u.%u", &major, &minor) < 1 ||
                major * 1000 + minor < tool->major * 1000u + tool->minor)
                continue;
            if (time_of_day(tool->released) > *released) {
                *released = time_of_day(tool->released);
                name = t->value;
            }
        }
    }
    return name;
}

static void check_tool_times(const File *x, const Trait *compiled) {
    int64_t released, built = compiled ? know_time(compiled->value) : 0;
    const char *name = newest_tool(x, &released);
    char day[KNOW_TIME_BYTES], seen[KNOW_TIME_BYTES];
    if (!name || !released)
        return;
    know_time_write(released, day);
    if (built && built < released - PREVIEW) {
        Contradiction *c =
            contradiction_add(x->out, x->arena, CONTRADICTION_TIME_TOOL,
                              "compiled %.10s by its header, with %.120s, which came out on %.10s",
                              compiled->value, name, day);
        found_at(x, c, ABOUT_TIME, compiled);
    }
    if (x->dates.first_seen && x->dates.first_seen < released - PREVIEW) {
        know_time_write(x->dates.first_seen, seen);
        Contradiction *c = contradiction_add(
            x->out, x->arena, CONTRADICTION_TIME_FIRST_SEEN,
            "first seen %.10s, but it says that it was made with %.120s, which came out on %.10s",
            seen, name, day);
        found_at(x, c, ABOUT_RICH, x->rich);
    }
}

/* The linker writes one time to all its parts; resources and exports may come from an older build.
 */
static void check_part_times(const File *x, const Trait *compiled) {
    int64_t built = know_time(compiled->value);
    for (size_t i = 0; i < x->f->traits.count; i++) {
        const Trait *t = &x->f->traits.at[i];
        int64_t at = know_time(t->value);
        bool is_off =
            (t->kind == TRAIT_DEBUG_TIME && llabs((long long)(at - built)) > BUILD) ||
            ((t->kind == TRAIT_RESOURCE_TIME || t->kind == TRAIT_EXPORT_TIME) && at > built + DAY);
        if (!is_off || !at)
            continue;
        Contradiction *c =
            contradiction_add(x->out, x->arena, CONTRADICTION_TIME_PARTS,
                              "compiled %.19s by its header, but its %s is %.19s at 0x%llx",
                              compiled->value, trait_kind_name(t->kind), t->value,
                              (unsigned long long)(t->off == UINT64_MAX ? 0 : t->off));
        found_at(x, c, ABOUT_TIME, t);
        return;
    }
}

static void check_known_times(const File *x, const Trait *compiled) {
    int64_t built = know_time(compiled->value);
    char day[KNOW_TIME_BYTES];
    if (x->dates.first_seen && built > x->dates.first_seen + DAY) {
        know_time_write(x->dates.first_seen, day);
        found_at(x,
                 contradiction_add(x->out, x->arena, CONTRADICTION_TIME_FIRST_SEEN,
                                   "compiled %.10s by its header, but first seen %.10s",
                                   compiled->value, day),
                 ABOUT_TIME, compiled);
    } else if (x->dates.today && built > x->dates.today + DAY) {
        found_at(x,
                 contradiction_add(x->out, x->arena, CONTRADICTION_TIME_FUTURE,
                                   "compiled %.10s by its header, which is still to come",
                                   compiled->value),
                 ABOUT_TIME, compiled);
    }
}

/* ---- build path ---- */

/* A folder of the path that is named so: between separators, dots or dashes. */
static bool has_folder(const char *path, const char *const *names) {
    for (const char *at = path; *at;) {
        size_t n = strcspn(at, "\\/.-");
        for (size_t i = 0; names[i]; i++)
            if (strlen(names[i]) == n && has_prefix(at, names[i]))
                return true;
        at += n + (at[n] != 0);
    }
    return false;
}

static void check_path(const File *x) {
    static const char *const WIDE[] = {"x64", "amd64", "win64", "x86_64", NULL}, *const NARROW[] = {
                                                                                     "win32", "x86",
                                                                                     "i686", "ia32",
                                                                                     NULL};
    const Trait *pdb = trait_of(x->f, TRAIT_PDB_PATH);
    if (!pdb || !pdb->value[0])
        return;
    bool is_wide = has_folder(pdb->value, WIDE), is_narrow = has_folder(pdb->value, NARROW);
    Contradiction *c = NULL;
    /* Linkers of GNU (2.x), Go (3.0) and Borland write no debug file of Microsoft's. */
    if (x->major < 5 && x->major > 0)
        c = contradiction_add(x->out, x->arena, CONTRADICTION_BUILD_PATH,
                              "debug file %.200s at 0x%llx, but linker %u.%u writes none",
                              pdb->value, (unsigned long long)pdb->off, x->major, x->minor);
    else if ((is_wide && !is_narrow && x->f->bits == 32) ||
             (is_narrow && !is_wide && x->f->bits == 64))
        c = contradiction_add(x->out, x->arena, CONTRADICTION_BUILD_PATH,
                              "debug file %.200s at 0x%llx, but the code is of %u bits", pdb->value,
                              (unsigned long long)pdb->off, x->f->bits);
    found_at(x, c, ABOUT_PDB, pdb);
}

void contradict_file(const Features *f, CaseDates dates, Arena *a, ContradictionVec *out) {
    File x = {.f = f, .dates = dates, .arena = a, .out = out};
    out->max = MAX_CONTRADICTIONS;
    if (f->format != FORMAT_PE)
        return;
    read_rich(&x);
    if (x.rich && x.tool) {
        check_rich_linker(&x);
        check_rich_tables(&x);
        check_rich_runtime(&x);
    }
    if (x.rich)
        check_rich_checksum(&x);
    const Trait *compiled = trait_of(f, TRAIT_COMPILE_TIME);
    check_tool_times(&x, compiled);
    if (compiled) {
        check_part_times(&x, compiled);
        check_known_times(&x, compiled);
    }
    check_path(&x);
}
