/* SPDX-License-Identifier: Apache-2.0
 * discover_data.c: starts that data and immediates point to. */
#include "code/discover.h"

static void pointer_try(Discover *d, uint64_t va) {
    Area *a = area_find(d, va);
    if (!a || (a->map[va - a->va] & MAP_USED))
        return;
    if (plausible_score(d, va) < 0)
        return;
    if (root_add(d, va, FROM_POINTER) != NO_ROOT)
        flow_drain(d);
}

void pointers_add(Discover *d) {
    const Image *image = d->image;
    for (size_t i = 0; i < image->relocs.count && !discover_is_late(d); i++)
        if (image->relocs.at[i].target != 0)
            pointer_try(d, image->relocs.at[i].target);
    /* The list grows while new code is explored. */
    for (size_t i = 0; i < d->code_refs.count && !discover_is_late(d); i++)
        pointer_try(d, d->code_refs.at[i]);
}
