/* SPDX-License-Identifier: Apache-2.0
 * plausible.c: filler between functions, and whether bytes read like the start of one. */
#include "code/discover.h"

size_t filler_at(const Discover *d, const Area *a, size_t off, size_t limit) {
    return isa_at(d, a, off)->filler_length(a->bytes + off, limit);
}

bool is_filler(const Discover *d, const Area *a, size_t off) {
    size_t left = a->size - off, piece = d->isa->filler_piece;
    return filler_at(d, a, off, left < piece ? left : piece) > 0;
}

bool filler_ends_at(const Discover *d, const Area *a, size_t off) {
    /* Long enough for any alignment in use. */
    enum { LONGEST = 64 };
    size_t start = off;
    while (start > 0 && off - start < LONGEST && !map_is_used(a->map[start - 1]))
        start--;
    return start < off && filler_at(d, a, start, off - start) == off - start;
}

int start_score(Discover *d, uint64_t va) {
    const Area *a = area_find(d, va);
    size_t off = a ? va - a->va : 0;
    if (!a || is_filler(d, a, off) || isa_at(d, a, off)->is_epilogue(a->bytes + off, a->size - off))
        return -1;
    return plausible_score(d, va);
}

int plausible_score(Discover *d, uint64_t va) {
    /* Enough to tell text and tables from code: random bytes survive 24 instructions in less than
     * 1 of 100 tries (guess). */
    enum { LOOK = 24 };
    Area *a = area_find(d, va);
    size_t off = a ? va - a->va : 0;
    const Isa *isa = a ? isa_at(d, a, off) : d->isa;
    if (!a || (va & (isa->align - 1u)) != 0)
        return -1;
    int score = prologue_at(d, a, off);
    bool is_thumb = isa == &isa_thumb;
    for (int i = 0, unlikely = 0; i < LOOK; i++) {
        Insn in;
        Bytes b = bytes_clip((Bytes){a->bytes, a->size}, off, 15);
        if (b.size == 0 || !insn_mode_at(d, a, off, is_thumb, &in) || isa->is_odd(b.at, &in))
            return -1;
        unlikely += isa->is_unlikely(b.at, &in);
        if (unlikely * 6 > i + 5)
            return -1;
        if (a->map[off] & MAP_LENGTH)
            return score + 2; /* runs into known code */
        if (map_is_used(a->map[off]))
            return -1;
        if (in.flow == FLOW_JUMP || in.flow == FLOW_BRANCH || in.flow == FLOW_CALL) {
            Area *to = area_find(d, in.target);
            if (!to)
                return -1;
            uint8_t m = to->map[in.target - to->va];
            if (map_is_inside(m))
                return -1;
            score += in.flow == FLOW_CALL && (m & MAP_LENGTH) ? 4 : 1;
            uint32_t callee =
                d->has_modes && in.flow == FLOW_CALL ? root_find(d, in.target) : NO_ROOT;
            if (callee != NO_ROOT && (d->roots.at[callee].flags & ROOT_NO_RETURN))
                return score + 2; /* literals may follow */
        }
        bool ends = in.flow == FLOW_RETURN || in.flow == FLOW_JUMP || in.flow == FLOW_JUMP_INDIRECT;
        if (ends && !in.is_conditional)
            return score + 2;
        if (in.flow == FLOW_STOP)
            return i == 0 ? -1 : score;
        off += in.length;
    }
    return score + 2;
}
