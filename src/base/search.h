/* SPDX-License-Identifier: Apache-2.0
 * search.h: places in sorted arrays. In: ascending numbers. Out: an index. Threads: pure functions.
 */
#ifndef COG_BASE_SEARCH_H
#define COG_BASE_SEARCH_H

#include <stddef.h>
#include <stdint.h>

/* The first place whose number is not below key; count when there is none. */
static inline size_t search_u64(const uint64_t *at, size_t count, uint64_t key) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (at[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#endif
