/* SPDX-License-Identifier: Apache-2.0
 * table.h: growing arrays and a hash map, both in a sample's arena, both with a maximum at birth.
 *   typedef VEC(Function) FunctionVec;  FunctionVec v = {.max = MAX_FUNCTIONS};
 *   Function *f = VEC_ADD(arena, &v);   zeroed, or NULL when v.max is reached (v.full is then set)
 *   Map: uint64 -> uint64; key order plays no part in results (iterate your own arrays, not the
 * map). */
#ifndef COG_BASE_TABLE_H
#define COG_BASE_TABLE_H

#include "base/arena.h"

#define VEC(T)                                                                                     \
    struct {                                                                                       \
        T *at;                                                                                     \
        size_t count, cap, max;                                                                    \
        bool full;                                                                                 \
    }

/* Returns the address of a new zeroed last item, or NULL. Works on any VEC. */
#define VEC_ADD(arena, v)                                                                          \
    ((v)->count < (v)->cap || vec_make_room((arena), (void **)&(v)->at, (v)->count, &(v)->cap,     \
                                            (v)->max, sizeof *(v)->at)                             \
         ? &(v)->at[(v)->count++]                                                                  \
         : ((v)->full = true, (__typeof__((v)->at))0))

bool vec_make_room(Arena *a, void **items, size_t count, size_t *cap, size_t max,
                   size_t item_bytes);
/* Room for count items in all, at most v.max: no growth in steps for who knows how many come. */
#define VEC_RESERVE(arena, v, count)                                                               \
    vec_reserve((arena), (void **)&(v)->at, (count), &(v)->cap, (v)->max, sizeof *(v)->at)
void vec_reserve(Arena *a, void **items, size_t count, size_t *cap, size_t max, size_t item_bytes);

typedef struct Map {
    Arena *arena;
    uint64_t *keys; /* 0 marks a free place; key 0 itself lives in zero_* */
    uint64_t *values;
    size_t count, cap; /* cap is a power of two */
    bool has_zero;
    uint64_t zero_value;
} Map;

Map map_new(Arena *a, size_t expected);
/* Sets key to value; true when the key is new. */
bool map_put(Map *m, uint64_t key, uint64_t value);
/* Address of the value (valid until the next map_put), or NULL. */
uint64_t *map_find(const Map *m, uint64_t key);

/* Finaliser of MurmurHash3 (public domain, A. Appleby): mixes all bits of a 64-bit word. */
static inline uint64_t mix64(uint64_t x) {
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ULL;
    x ^= x >> 33;
    return x;
}

/* Ascending in-place sort of 64-bit words (radix; scratch from the arena, given back). */
void sort_u64(Arena *a, uint64_t *at, size_t count);
/* Removes neighbours that are equal; returns the new count. */
size_t unique_u64(uint64_t *at, size_t count);
/* The distinct words, ascending, and of each word its place among them; both have room for count.
 * Returns how many are distinct. For words of which most are there often: each is met, not sorted.
 */
size_t number_u64(Arena *scratch, const uint64_t *at, size_t count, uint64_t *distinct,
                  uint32_t *number);

#endif
