/* SPDX-License-Identifier: Apache-2.0
 * f_trait.c: comparable properties of headers, resources and build tools. This file has the rows
 * that every format shares; the rest is in the files that trait.h names. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feature/file_digests.h"
#include "feature/trait.h"

void trait_add(Traits *t, TraitKind kind, uint64_t off, const char *value) {
    if (!value || value[0] == 0)
        return;
    const char *text = feature_text(t->s->arena, value, MAX_TRAIT_BYTES);
    Trait *trait = VEC_ADD(t->s->arena, &t->out->traits);
    if (!trait) {
        notes_add(&t->s->notes, NOTE_TOO_MANY, 0);
        return;
    }
    trait->kind = kind;
    trait->value = arena_text(t->s->arena, (Bytes){(const uint8_t *)text, strlen(text)});
    trait->off = off;
}

void trait_addf(Traits *t, TraitKind kind, uint64_t off, const char *fmt, ...) {
    char text[MAX_TRAIT_BYTES + 1];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    trait_add(t, kind, off, text);
}

bool trait_has(const Features *f, TraitKind kind, const char *value) {
    for (size_t i = 0; i < f->traits.count; i++)
        if (f->traits.at[i].kind == kind && strcmp(f->traits.at[i].value, value) == 0)
            return true;
    return false;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* SHA-256 of the names, sorted, each with a line end behind it. */
static void add_names_hash(Traits *t, TraitKind kind, const char **names, size_t count) {
    if (count == 0)
        return;
    qsort(names, count, sizeof *names, compare_names);
    Text text = text_new((size_t)256 << 20);
    for (size_t i = 0; i < count; i++) {
        text_add(&text, names[i]);
        text_add_char(&text, '\n');
    }
    uint8_t sha256[32];
    char hex[65];
    digest_sha256((Bytes){(const uint8_t *)text_str(&text), text.size}, sha256);
    hex_write(hex, sha256, sizeof sha256);
    if (!text.full)
        trait_add(t, kind, UINT64_MAX, hex);
    text_free(&text);
}

static void add_exports_hash(Traits *t) {
    ArenaMark mark = arena_mark(t->s->scratch);
    const char **names = ARENA_ARRAY(t->s->scratch, const char *, t->image->exports.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < t->image->exports.count; i++)
        if (t->image->exports.at[i].name[0])
            names[count++] = t->image->exports.at[i].name;
    add_names_hash(t, TRAIT_EXPORTS_HASH, names, count);
    arena_reset(t->s->scratch, mark);
}

/* Unlike imphash this stands when only the order changes, and counts ELF and delay imports. */
static void add_imports_hash(Traits *t) {
    ArenaMark mark = arena_mark(t->s->scratch);
    size_t count = t->out->imports.count;
    const char **names = ARENA_ARRAY(t->s->scratch, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const ImportFeature *import = &t->out->imports.at[i];
        size_t size = strlen(import->module) + strlen(import->name) + 2;
        char *name = arena_alloc(t->s->scratch, size);
        snprintf(name, size, "%s!%s", import->module, import->name);
        for (char *c = name; *c && *c != '!'; c++)
            *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
        names[i] = name;
    }
    add_names_hash(t, TRAIT_IMPORTS, names, count);
    arena_reset(t->s->scratch, mark);
}

static void add_section_names(Traits *t) {
    Text text = text_new(MAX_TRAIT_BYTES);
    for (size_t i = 0; i < t->out->sections.count; i++) {
        if (i > 0)
            text_add_char(&text, ',');
        text_add(&text, t->out->sections.at[i].name);
    }
    trait_add(t, TRAIT_SECTION_NAMES, UINT64_MAX, text_str(&text));
    text_free(&text);
}

static void add_digests(Traits *t) {
    const FileDigests *digests = file_digests_of(t->s);
    if (digests->tlsh[0])
        trait_add(t, TRAIT_TLSH, UINT64_MAX, digests->tlsh);
    if (t->s->bytes.size > 0)
        trait_add(t, TRAIT_SSDEEP, UINT64_MAX, digests->ssdeep);
}

static void traits_from_elf(Traits *t) {
    const ElfInfo *elf = t->image->elf;
    if (elf->build_id.size) {
        char hex[2 * 64 + 1];
        hex_write(hex, elf->build_id.at, elf->build_id.size < 64 ? elf->build_id.size : 64);
        trait_add(t, TRAIT_BUILD_ID, (uint64_t)(elf->build_id.at - t->s->bytes.at), hex);
    }
    trait_add(t, TRAIT_GO_BUILD_ID, UINT64_MAX, elf->go_build_id);
    trait_add(t, TRAIT_SONAME, UINT64_MAX, elf->soname);
    trait_add(t, TRAIT_RUNPATH, UINT64_MAX, elf->runpath);
}

void extract_traits(Sample *s, const Image *image, const Code *code, Features *out) {
    Traits t = {s, image, code, out};
    if (image->pe)
        traits_from_pe(&t);
    if (image->elf)
        traits_from_elf(&t);
    add_section_names(&t);
    add_imports_hash(&t);
    add_exports_hash(&t);
    traits_from_toolchain(&t);
    traits_from_packer(&t);
    traits_from_certificate(&t);
    traits_from_overlay(&t);
    add_digests(&t);
}
