/* SPDX-License-Identifier: Apache-2.0
 * discover_data.c: starts that data and immediates point to. */
#include "code/discover.h"

static void pointer_try(Discover *d, uint64_t va, bool strong) {
    Area *a = area_find(d, va);
    if (!a || (a->map[va - a->va] & MAP_USED))
        return;
    if ((strong ? plausible_score(d, va) : start_score(d, va)) < 0)
        return;
    if (root_add(d, va, FROM_POINTER) != NO_ROOT)
        flow_drain(d);
}

/* Files without relocations: aligned words of data that are addresses of code. */
static void words_scan(Discover *d) {
    const Image *image = d->image;
    size_t word = d->is_64 ? 8 : 4;
    for (size_t i = 0; i < image->segments.count && !discover_is_late(d); i++) {
        const Segment *seg = &image->segments.at[i];
        if (seg->perms & PERM_X)
            continue;
        size_t skip = (size_t)(-seg->va & (word - 1));
        for (size_t off = skip; off + word <= seg->file.size; off += word) {
            uint64_t va = d->is_64 ? bytes_u64_at(seg->file, off) : bytes_u32_at(seg->file, off);
            if (va != 0 && area_find(d, va))
                pointer_try(d, va, false);
        }
    }
}

/* Linked to one address, the loader has nothing to adjust. */
static bool has_plain_pointers(const Image *image) {
    if (image->format == FORMAT_ELF)
        return !image->is_position_independent;
    return image->format == FORMAT_PE && image->relocs.count == 0;
}

void pointers_add(Discover *d) {
    const Image *image = d->image;
    for (size_t i = 0; i < image->relocs.count && !discover_is_late(d); i++)
        if (image->relocs.at[i].target != 0)
            pointer_try(d, image->relocs.at[i].target, true);
    /* The list grows while new code is explored. */
    for (size_t i = 0; i < d->code_refs.count && !discover_is_late(d); i++)
        pointer_try(d, d->code_refs.at[i], false);
    if (has_plain_pointers(image))
        words_scan(d);
    for (size_t i = 0; i < d->code_refs.count && !discover_is_late(d); i++)
        pointer_try(d, d->code_refs.at[i], false);
}
