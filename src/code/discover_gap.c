/* SPDX-License-Identifier: Apache-2.0
 * discover_gap.c: what lies between recovered code: filler, code of a declared range that no path
 * reaches, functions that nothing mentions. */
#include "code/discover.h"

/* Code of a declared range that no path reaches: landing pads, what follows a call that never
 * returns, targets of a table that was not understood. It belongs to the range's function. */
static bool orphan_add(Discover *d, uint64_t va, uint32_t root) {
    if (root == NO_ROOT)
        return false;
    Waiting *orphan = VEC_ADD(d->arena, &d->orphans);
    if (!orphan)
        return false;
    *orphan = (Waiting){va, root, d->roots.at[root].orphan};
    d->roots.at[root].orphan = (uint32_t)d->orphans.count;
    flow_add(d, va, root);
    flow_drain(d);
    return true;
}

/* The function that a gap without filler before it lies inside of: the same one owns the code on
 * both sides. */
static uint32_t gap_owner(Discover *d, const Area *a, size_t off) {
    if (off == 0 || !map_is_used(a->map[off - 1]))
        return NO_ROOT;
    int score = prologue_at(d, a, off);
    if (score >= 6 || (score >= 2 && ((a->va + off) & 15) == 0))
        return NO_ROOT;
    size_t end = off;
    while (end < a->size && end - off < d->gap_left && !(a->map[end] & MAP_LENGTH))
        end++;
    d->gap_left -= end - off;
    size_t start = off;
    while (start > 0 && off - start < 16 && !(a->map[start - 1] & MAP_LENGTH))
        start--;
    /* Behind a trap (__fastfail) that compilers believe may come back. */
    Insn in;
    const Isa *isa = isa_at(d, a, off);
    if (isa->is_dense && off >= isa->align && insn_at(d, a, off - isa->align, &in) &&
        in.flow == FLOW_STOP && !isa->is_stopper(a->bytes + off - isa->align))
        return a->owner[(off - 1) >> OWNER_SHIFT] - 1;
    /* Behind a call that was taken to never return: what it would go on with. */
    if (start > 0 && code_before(d, a->va + off) == BEFORE_CALL)
        return a->owner[(start - 1) >> OWNER_SHIFT] - 1;
    if (end >= a->size || d->gap_left == 0 || start == 0 || root_find(d, a->va + end) != NO_ROOT)
        return NO_ROOT;
    uint32_t before = a->owner[(start - 1) >> OWNER_SHIFT], after = a->owner[end >> OWNER_SHIFT];
    return before != 0 && before == after ? before - 1 : NO_ROOT;
}

/* A label that nothing known jumps to (the table was not understood): code of what lies before. */
static bool label_add(Discover *d, const Area *a, size_t off) {
    size_t start = off;
    while (start > 0 && off - start < 16 && !(a->map[start - 1] & MAP_LENGTH))
        start--;
    uint32_t before = start > 0 ? a->owner[(start - 1) >> OWNER_SHIFT] : 0;
    return before != 0 && plausible_score(d, a->va + off) >= 0 &&
           orphan_add(d, a->va + off, before - 1);
}

/* Decides about the first byte of a gap that is no filler; true when it became code. */
static bool gap_try(Discover *d, Area *a, size_t off, int least) {
    uint64_t va = a->va + off;
    if (is_label(d, a, off))
        return label_add(d, a, off);
    bool behind_call = code_before(d, va) == BEFORE_CALL;
    if (!behind_call && prologue_at(d, a, off) < least)
        return false;
    if ((behind_call ? plausible_score(d, va) : start_score(d, va)) < 0)
        return false;
    uint32_t range = d->has_ranges ? range_find(d, va) : 0;
    if (range != 0)
        return orphan_add(d, va, root_find(d, d->ranges[range - 1].va));
    uint32_t inside = gap_owner(d, a, off);
    if (inside != NO_ROOT)
        return orphan_add(d, va, inside);
    int score = start_score(d, va);
    if (score < 0)
        return false;
    uint32_t root = root_add(d, va, score >= 8 ? FROM_PROLOGUE : FROM_GAP);
    if (root == NO_ROOT)
        return false;
    flow_drain(d);
    return true;
}

/* Packed or encrypted bytes use all values alike; in code some byte (00, 48, 8b, ff) makes up 4 %
 * and more of any half kilobyte. Of random ones the most frequent of 512 is seen 14 times in less
 * than 1 of 10,000 tries. */
enum { NOISE_WINDOW = 512, NOISE_LEAST = 14 };
static bool is_noise(const Area *a, size_t off, size_t stop) {
    uint16_t seen[256] = {0};
    if (stop - off < NOISE_WINDOW)
        return false;
    for (size_t i = 0; i < NOISE_WINDOW; i++)
        if (++seen[a->bytes[off + i]] >= NOISE_LEAST)
            return false;
    return true;
}

static void gaps_scan(Discover *d, Area *a, size_t off, size_t end, int least) {
    /* Where the gap at off ended when it was first seen; part of it may have become code since. It
     * is not looked for again after each success, which would be quadratic in files full of small
     * functions that nothing mentions. */
    size_t stop = off, looked = off;
    while (off < end && !discover_is_late(d)) {
        off = map_skip_used(a->map, off, end);
        if (off >= end)
            break;
        const Isa *isa = isa_at(d, a, off);
        if ((a->va + off) % isa->align != 0) { /* behind a table of small entries */
            off++;
            continue;
        }
        for (; stop < end && (stop <= off || !map_is_used(a->map[stop])); stop++)
            ;
        off += filler_at(d, a, off, stop - off);
        if (off < stop)
            mode_guess(d, a->va + off);
        if (off >= stop || map_is_used(a->map[off]))
            continue;
        if (off >= looked) {
            looked = off + NOISE_WINDOW;
            if (is_noise(a, off, stop)) {
                off = looked;
                continue;
            }
        }
        if (gap_try(d, a, off, least))
            continue;
        off++;
        if (least > 0) { /* only first bytes begin as functions do */
            while (off < stop && !map_is_used(a->map[off]))
                off++;
        } else { /* not code: go on at the next place where a function may begin */
            while (off < stop && (off & (isa->gap_align - 1u)) != 0 &&
                   !(isa->is_dense && off % isa->align == 0 && prologue_at(d, a, off) >= 6))
                off++;
        }
    }
}

/* Executable sections, when the file has them, keep the scan out of read-only data that shares a
 * segment with the code. */
void gaps_add(Discover *d, int least) {
    const Image *image = d->image;
    bool has_sections = false;
    for (size_t i = 0; i < image->sections.count; i++) {
        const Section *section = &image->sections.at[i];
        Area *a = section->perms & PERM_X ? area_find(d, section->va) : NULL;
        if (!a || section->size == 0)
            continue;
        has_sections = true;
        size_t off = section->va - a->va;
        size_t size = a->size - off;
        gaps_scan(d, a, off, off + (section->size < size ? (size_t)section->size : size), least);
    }
    for (size_t i = 0; i < d->area_count && !has_sections; i++)
        gaps_scan(d, &d->areas[i], 0, d->areas[i].size, least);
}
