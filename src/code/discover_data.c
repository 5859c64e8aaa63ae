/* SPDX-License-Identifier: Apache-2.0
 * discover_data.c: starts that data and immediates point to. */
#include <string.h>

#include "code/discover.h"

enum { MAX_LABELS = 1024 };

typedef struct Labels {
    uint64_t *starts; /* sorted */
    size_t start_count;
    Map open;          /* function start -> a jump of it that no table was found for */
    uint64_t *targets; /* of the run at hand */
    size_t count;
    uint64_t last_va;
    size_t rank; /* of the start before them */
} Labels;

/* Linked to one address, the loader has nothing to adjust. */
static bool has_plain_pointers(const Image *image) {
    if (image->format == FORMAT_ELF)
        return !image->is_position_independent;
    return image->format == FORMAT_PE && image->relocs.count == 0;
}

static void pointer_try(Discover *d, uint64_t pointer, bool strong, int least) {
    uint64_t va = code_pointer(d, pointer);
    Area *a = area_find(d, va);
    size_t off = a ? va - a->va : 0;
    if (a && map_is_root(a->map[off]))
        root_add(d, va, FROM_POINTER);
    /* ARM's linkers put read-only data into the segment of the code. */
    if (d->has_modes && !in_code_section(d, va))
        return;
    if (a && !map_is_used(a->map[off]))
        mode_settle(d, va);
    if (a && pointer == va && mode_at(d, a, off))
        return; /* a label of Thumb code, or no pointer */
    if (!a || map_is_used(a->map[off]) || (va & (isa_at(d, a, off)->align - 1u)) != 0)
        return;
    if (prologue_at(d, a, off) < least ||
        (strong ? plausible_score(d, va) : start_score(d, va)) < 0)
        return;
    if (root_add(d, va, FROM_POINTER) != NO_ROOT)
        flow_drain(d);
}

/* Files without relocations: aligned words of data that are addresses of code. Found once, looked
 * at often. */
static void words_find(Discover *d) {
    const Image *image = d->image;
    size_t word = d->isa->is_64 ? 8 : 4;
    d->words_found = true;
    d->words.max = MAX_RELOCS;
    for (size_t i = 0; has_plain_pointers(image) && i < image->segments.count; i++) {
        const Segment *seg = &image->segments.at[i];
        if (seg->perms & PERM_X)
            continue;
        for (size_t off = (size_t)(-seg->va & (word - 1)); off + word <= seg->file.size;
             off += word) {
            uint64_t va = 0;
            memcpy(&va, seg->file.at + off,
                   word); /* what is decoded is little-endian, and so are we */
            Reloc *found = va != 0 && area_find(d, va) ? VEC_ADD(d->arena, &d->words) : NULL;
            if (found)
                *found = (Reloc){seg->va + off, va};
        }
    }
}

static void words_scan(Discover *d, int least) {
    for (size_t i = 0; i < d->words.count && !discover_is_late(d); i++)
        pointer_try(d, d->words.at[i].target, false, least);
}

/* Labels do not begin as functions do; what marks them as targets (endbr, bti) is looked behind. */
static bool reads_like_starts(Discover *d, const Labels *l) {
    size_t alike = 0;
    for (size_t i = 0; i < l->count; i++) {
        const Area *a = area_find(d, l->targets[i]);
        size_t off = l->targets[i] - a->va;
        off += isa_at(d, a, off)->mark_length(a->bytes + off, a->size - off);
        alike += prologue_at(d, a, off) >= 4;
    }
    return alike * 4 > l->count;
}

/* Neighbouring pointers that all lead into one function that has an indirect jump nobody understood
 * are its labels (computed goto): the jump's table, and no starts. */
static void labels_flush(Discover *d, Labels *l) {
    enum { FEWEST = 4 };
    if (l->count >= FEWEST) {
        const uint64_t *jump = map_find(&l->open, l->starts[l->rank - 1]);
        if (jump && !reads_like_starts(d, l))
            table_labels(d, (uint32_t)*jump, l->targets, l->count);
    }
    l->count = 0;
}

static void labels_word(Discover *d, Labels *l, uint64_t va, uint64_t target) {
    size_t word = d->isa->is_64 ? 8 : 4;
    bool fits = target != 0 && area_find(d, target) != NULL;
    size_t rank = fits ? start_rank(l->starts, l->start_count, target) : 0;
    fits = rank > 0 && l->starts[rank - 1] != target;
    if (l->count > 0 &&
        (!fits || rank != l->rank || va != l->last_va + word || l->count == MAX_LABELS))
        labels_flush(d, l);
    l->rank = rank;
    if (fits)
        l->targets[l->count++] = target;
    l->last_va = va;
}

static void labels_add(Discover *d) {
    const Image *image = d->image;
    ArenaMark mark = arena_mark(d->s->arena);
    Labels l = {0};
    l.open = map_new(d->s->arena, 16);
    for (size_t i = 0; i < d->tables.count; i++)
        if (d->tables.at[i].target_count == 0 && !d->tables.at[i].is_call)
            map_put(&l.open, d->roots.at[d->tables.at[i].owner].va, i);
    if (l.open.count > 0) {
        l.targets = ARENA_ARRAY(d->s->arena, uint64_t, MAX_LABELS);
        l.starts = ARENA_ARRAY(d->s->arena, uint64_t, d->roots.count);
        l.start_count = starts_list(d, l.starts);
        for (size_t i = 0; i < image->relocs.count; i++)
            labels_word(d, &l, image->relocs.at[i].va, image->relocs.at[i].target);
        labels_flush(d, &l);
        for (size_t i = 0; i < d->words.count; i++)
            labels_word(d, &l, d->words.at[i].va, d->words.at[i].target);
        labels_flush(d, &l);
    }
    arena_reset(d->s->arena, mark);
    flow_drain(d);
    table_retry(d);
}

static void refs_scan(Discover *d, int least) {
    /* The list grows while new code is explored. */
    for (size_t i = 0; i < d->code_refs.count && !discover_is_late(d); i++)
        pointer_try(d, d->code_refs.at[i], false, least);
}

void pointers_add(Discover *d, int least) {
    const Image *image = d->image;
    if (!d->words_found)
        words_find(d);
    labels_add(d);
    for (size_t i = 0; i < image->relocs.count && !discover_is_late(d); i++)
        if (image->relocs.at[i].target != 0)
            pointer_try(d, image->relocs.at[i].target, true, least);
    refs_scan(d, least);
    words_scan(d, least);
    refs_scan(d, least);
    table_retry(d);
    labels_add(d);
}
