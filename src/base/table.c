/* SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

bool vec_make_room(Arena *a, void **items, size_t count, size_t *cap, size_t max,
                   size_t item_bytes) {
    if (count >= max)
        return false;
    if (count < *cap)
        return true;
    size_t fresh = *cap ? *cap * 2 : 16;
    if (fresh > max)
        fresh = max;
    *items = arena_grow(a, *items, *cap * item_bytes, fresh * item_bytes);
    *cap = fresh;
    return true;
}

void vec_reserve(Arena *a, void **items, size_t count, size_t *cap, size_t max, size_t item_bytes) {
    count = count < max ? count : max;
    if (count <= *cap)
        return;
    *items = arena_grow(a, *items, *cap * item_bytes, count * item_bytes);
    *cap = count;
}

static void map_init(Map *m, size_t cap) {
    m->cap = cap;
    m->keys = ARENA_ARRAY(m->arena, uint64_t, cap);
    m->values = ARENA_ARRAY(m->arena, uint64_t, cap);
}

Map map_new(Arena *a, size_t expected) {
    Map m = {.arena = a};
    size_t cap = 16;
    while (cap < expected * 2 && cap < SIZE_MAX / 4)
        cap *= 2;
    map_init(&m, cap);
    return m;
}

static size_t place(const Map *m, uint64_t key) {
    size_t i = (size_t)mix64(key) & (m->cap - 1);
    while (m->keys[i] != 0 && m->keys[i] != key)
        i = (i + 1) & (m->cap - 1);
    return i;
}

static void map_grow(Map *m) {
    Map old = *m;
    map_init(m, old.cap * 2);
    for (size_t i = 0; i < old.cap; i++) {
        if (old.keys[i] == 0)
            continue;
        size_t at = place(m, old.keys[i]);
        m->keys[at] = old.keys[i];
        m->values[at] = old.values[i];
    }
}

bool map_put(Map *m, uint64_t key, uint64_t value) {
    if (key == 0) {
        bool is_new = !m->has_zero;
        m->has_zero = true;
        m->zero_value = value;
        return is_new;
    }
    size_t i = place(m, key);
    bool is_new = m->keys[i] == 0;
    if (is_new && (m->count + 1) * 4 > m->cap * 3) {
        map_grow(m);
        i = place(m, key);
    }
    m->keys[i] = key;
    m->values[i] = value;
    m->count += is_new;
    return is_new;
}

uint64_t *map_find(const Map *m, uint64_t key) {
    if (key == 0)
        return m->has_zero ? (uint64_t *)(uintptr_t)&m->zero_value : NULL;
    size_t i = place(m, key);
    return m->keys[i] == 0 ? NULL : &m->values[i];
}

static int compare_u64(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* One pass of radix sort. */
static void sort_pass(const uint64_t *from, uint64_t *to, size_t count, unsigned shift,
                      unsigned width, uint32_t *start) {
    const uint64_t mask = ((uint64_t)1 << width) - 1;
    memset(start, 0, ((size_t)1 << width) * sizeof *start);
    for (size_t i = 0; i < count; i++)
        start[from[i] >> shift & mask]++;
    uint32_t next = 0;
    for (size_t bin = 0; bin <= mask; bin++) {
        uint32_t n = start[bin];
        start[bin] = next;
        next += n;
    }
    for (size_t i = 0; i < count; i++)
        to[start[from[i] >> shift & mask]++] = from[i];
}

void sort_u64(Arena *a, uint64_t *at, size_t count) {
    /* Below SMALL the radix passes cost more than qsort, below MANY wide ones more than narrow ones
     * (guesses, from the sizes of the count tables). */
    enum { SMALL = 512, MANY = 1 << 14, NARROW = 8, WIDE = 11 };
    CHECK(count <= UINT32_MAX);
    if (count < SMALL) {
        if (count > 1)
            qsort(at, count, sizeof *at, compare_u64);
        return;
    }
    ArenaMark mark = arena_mark(a);
    uint64_t *from = at, *to = ARENA_UNSET(a, uint64_t, count), differ = 0;
    uint32_t *start = ARENA_UNSET(a, uint32_t, (size_t)1 << WIDE);
    for (size_t i = 1; i < count; i++)
        differ |= at[i] ^ at[0];
    unsigned width = count < MANY ? NARROW : WIDE;
    for (unsigned shift = 0; shift < 64 && differ >> shift; shift += width) {
        if ((differ >> shift & (((uint64_t)1 << width) - 1)) == 0)
            continue;
        sort_pass(from, to, count, shift, width, start);
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != at)
        memcpy(at, from, count * sizeof *at);
    arena_reset(a, mark);
}

size_t unique_u64(uint64_t *at, size_t count) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (n == 0 || at[n - 1] != at[i])
            at[n++] = at[i];
    return n;
}

/* Distinct words as they come, by hash. */
typedef struct Numbering {
    uint64_t *distinct;
    uint32_t count;
    uint32_t *slots; /* place in distinct, + 1 */
    unsigned bits;
} Numbering;

static uint32_t *numbering_slot(const Numbering *n, uint64_t word) {
    size_t last = ((size_t)1 << n->bits) - 1;
    size_t i = (size_t)(mix64(word) >> (64 - n->bits));
    while (n->slots[i] && n->distinct[n->slots[i] - 1] != word)
        i = (i + 1) & last;
    return &n->slots[i];
}

static void numbering_grow(Numbering *n, Arena *scratch) {
    n->bits++;
    n->slots = ARENA_ARRAY(scratch, uint32_t, (size_t)1 << n->bits);
    for (uint32_t i = 0; i < n->count; i++)
        *numbering_slot(n, n->distinct[i]) = i + 1;
}

size_t number_u64(Arena *scratch, const uint64_t *at, size_t count, uint64_t *distinct,
                  uint32_t *number) {
    enum { FIRST_BITS = 12, MET = 8 }; /* how often a word is met: room to begin with (guess) */
    CHECK(count <= UINT32_MAX);
    ArenaMark mark = arena_mark(scratch);
    Numbering n = {.distinct = distinct, .bits = FIRST_BITS - 1};
    while ((uint64_t)1 << n.bits < count / MET)
        n.bits++;
    numbering_grow(&n, scratch);
    for (size_t i = 0; i < count; i++) {
        uint32_t *slot = numbering_slot(&n, at[i]);
        if (!*slot) {
            distinct[n.count] = at[i];
            *slot = ++n.count;
            number[i] = n.count - 1;
            if (2 * (uint64_t)n.count > (uint64_t)1 << n.bits)
                numbering_grow(&n, scratch);
        } else {
            number[i] = *slot - 1;
        }
    }
    /* Sorted, with what each was before in their stead. */
    uint64_t *sorted = ARENA_UNSET(scratch, uint64_t, n.count + 1);
    uint32_t *rank = ARENA_UNSET(scratch, uint32_t, n.count + 1);
    if (n.count)
        memcpy(sorted, distinct, n.count * sizeof *sorted);
    sort_u64(scratch, sorted, n.count);
    for (uint32_t i = 0; i < n.count; i++)
        rank[*numbering_slot(&n, sorted[i]) - 1] = i;
    for (size_t i = 0; i < count; i++)
        number[i] = rank[number[i]];
    if (n.count)
        memcpy(distinct, sorted, n.count * sizeof *sorted);
    arena_reset(scratch, mark);
    return n.count;
}
