/* SPDX-License-Identifier: Apache-2.0
 * discover_go.c: functions that Go's pclntab declares, with their names. Layouts:
 * go/src/debug/gosym pclntab.go, versions 1.2, 1.16, 1.18 and 1.20 (told by the magic). The table
 * is a declared list of ranges too: each function goes on to the next. */
#include <string.h>

#include "code/discover.h"

typedef struct GoTable {
    Bytes bytes; /* from the header on */
    uint64_t va;
    unsigned word;       /* bytes of a pointer */
    unsigned entry_size; /* bytes of one half of a row of functab */
    uint64_t count;
    uint64_t text_va;      /* what rows are relative to */
    uint64_t names, table; /* offsets */
} GoTable;

static uint64_t go_word(const GoTable *t, uint64_t off) {
    return t->word == 8 ? bytes_u64_at(t->bytes, off) : bytes_u32_at(t->bytes, off);
}

/* textStart is filled in by the loader in position-independent files, and no longer written by the
 * newest linkers; then .text is what it would be. */
static uint64_t text_start(Discover *d, const GoTable *t) {
    uint64_t va = go_word(t, 8 + 2 * (uint64_t)t->word);
    if (area_find(d, va))
        return va;
    for (size_t i = 0; i < d->image->relocs.count; i++)
        if (d->image->relocs.at[i].va == t->va + 8 + 2 * (uint64_t)t->word)
            return d->image->relocs.at[i].target;
    for (size_t i = 0; i < d->image->sections.count; i++)
        if (strcmp(d->image->sections.at[i].name, ".text") == 0)
            return d->image->sections.at[i].va;
    return d->area_count ? d->areas[0].va : 0;
}

static bool go_header(Discover *d, Bytes b, uint64_t va, GoTable *t) {
    uint32_t magic = bytes_u32_at(b, 0);
    if (b.size < 80 || b.at[4] != 0 || b.at[5] != 0 ||
        (b.at[6] != 1 && b.at[6] != 2 && b.at[6] != 4) || (b.at[7] != 4 && b.at[7] != 8))
        return false;
    *t = (GoTable){.bytes = b, .va = va, .word = b.at[7]};
    t->count = go_word(t, 8);
    uint64_t w = t->word;
    switch (magic) {
    case 0xfffffffb:
        t->entry_size = t->word;
        t->table = 8 + w;
        break;
    case 0xfffffffa:
        t->entry_size = t->word;
        t->names = go_word(t, 8 + 2 * w);
        t->table = go_word(t, 8 + 6 * w);
        break;
    case 0xfffffff0:
    case 0xfffffff1:
        t->entry_size = 4;
        t->text_va = text_start(d, t);
        t->names = go_word(t, 8 + 3 * w);
        t->table = go_word(t, 8 + 7 * w);
        break;
    default:
        return false;
    }
    return t->count > 0 && t->count < MAX_FUNCTIONS &&
           bytes_has(b, t->table, t->count * 2 * t->entry_size + t->entry_size);
}

static uint64_t go_cell(const GoTable *t, uint64_t cell) {
    uint64_t off = t->table + cell * t->entry_size;
    return t->entry_size == 8 ? bytes_u64_at(t->bytes, off) : bytes_u32_at(t->bytes, off);
}

static uint64_t go_function_va(const GoTable *t, uint64_t i) {
    return t->text_va + go_cell(t, 2 * i);
}

/* The first and last rows must be code, in order. */
static bool go_is_sound(Discover *d, const GoTable *t) {
    uint64_t before = 0;
    for (uint64_t i = 0; i < t->count && i < 64; i++) {
        uint64_t va = go_function_va(t, i);
        if (!area_find(d, va) || va < before)
            return false;
        before = va;
    }
    return area_find(d, go_function_va(t, t->count - 1)) != NULL;
}

static bool go_find(Discover *d, GoTable *t) {
    const Image *image = d->image;
    for (size_t i = 0; i < image->sections.count; i++) {
        const Section *section = &image->sections.at[i];
        if (strstr(section->name, "gopclntab") &&
            go_header(d, bytes_clip(image_bytes_at(image, section->va), 0, section->size),
                      section->va, t) &&
            go_is_sound(d, t))
            return true;
    }
    for (size_t i = 0; i < image->segments.count; i++) {
        const Segment *seg = &image->segments.at[i];
        if (seg->perms & PERM_X)
            continue;
        for (size_t off = 0; off + 80 <= seg->file.size; off += 4) {
            const uint8_t *at = seg->file.at + off;
            if (at[3] == 0xff && at[2] == 0xff && at[1] == 0xff && at[4] == 0 &&
                go_header(d, bytes_clip(seg->file, off, UINT64_MAX), seg->va + off, t) &&
                go_is_sound(d, t))
                return true;
        }
    }
    return false;
}

static const char *go_name(Discover *d, const GoTable *t, uint64_t i) {
    uint64_t function = go_cell(t, 2 * i + 1) + (t->names ? t->table : 0);
    uint64_t name = t->names + bytes_u32_at(t->bytes, function + t->entry_size);
    Cursor c = cursor_init(t->bytes);
    cursor_seek(&c, name);
    Bytes text = cursor_text(&c, MAX_NAME_BYTES);
    return c.bad || text.size == 0 ? NULL : arena_text(d->s->arena, text);
}

void go_add(Discover *d) {
    GoTable t;
    if (!go_find(d, &t))
        return;
    Range *go = ARENA_ARRAY(d->arena, Range, t.count);
    size_t count = 0;
    for (uint64_t i = 0; i < t.count; i++) {
        uint64_t va = go_function_va(&t, i), end = go_function_va(&t, i + 1);
        if (!area_find(d, va) || end <= va)
            continue;
        if (count > 0 && va < go[count - 1].va + go[count - 1].size)
            continue; /* out of order: a lie, or a table that was patched */
        go[count++] = (Range){.va = va, .size = end - va};
    }
    /* A table of this kind covers all Go code; the file's own unwind data, when there is any, is
     * kept for what lies outside (cgo). */
    ranges_merge(d, go, count);
    for (uint64_t i = 0; i < t.count; i++) {
        uint32_t root = root_add(d, go_function_va(&t, i), FROM_GOPCLNTAB);
        if (root != NO_ROOT && !d->roots.at[root].name)
            d->roots.at[root].name = go_name(d, &t, i);
    }
}
