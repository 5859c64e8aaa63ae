/* SPDX-License-Identifier: Apache-2.0
 * hidden_origin.c: where the characters of a text come from, by the log of writes. A decoder
 * computes them; who formats, joins, sorts or parses copies them from texts that stand in the file,
 * a few in a row at least. Characters that are looked up in a table come from places all over it.
 */
#include <string.h>

#include "unwrap/hidden_inner.h"

enum {
    MOST_BACK = 4096, /* writes that are looked through for one text (guess) */
    MOST_CHARS = 256,
    LEAST_RUN = 4, /* characters in a row */
    CONSTANT = 8   /* where compilers put constants of eight bytes and more */
};

typedef struct Origins {
    uint64_t at[MOST_CHARS]; /* where the character was before it came here; 0: it was computed */
    bool done[MOST_CHARS];
    size_t chars, left;
} Origins;

static void trace_back(const MemoryStore *store, Origins *o) {
    for (size_t i = 0; i < o->chars; i++) {
        uint64_t off = o->at[i] - store->va;
        if (o->done[i] || off >= store->size)
            continue;
        o->at[i] = store->from ? store->from + off : 0;
        o->done[i] = !store->from;
        o->left -= o->done[i];
    }
}

static void find_origins(const Memory *m, const TextPlace *t, uint64_t back, Origins *o) {
    memset(o->done, 0, sizeof o->done);
    for (size_t i = 0; i < o->chars; i++)
        o->at[i] = t->va + i * t->unit;
    for (uint64_t i = 0; i < back && o->left; i++)
        trace_back(&m->log[(m->logged - 1 - i) % MEMORY_LOG_STORES], o);
}

bool hidden_is_copied(Hunt *h, const TextPlace *t, bool on_stack) {
    Origins o;
    const Memory *m = h->p->memory;
    o.chars = o.left = t->chars < MOST_CHARS ? t->chars : MOST_CHARS;
    uint64_t back = m->logged < MOST_BACK ? m->logged : MOST_BACK;
    if (!hidden_may_scan(h, back * o.chars))
        return false;
    find_origins(m, t, back, &o);
    size_t run = 0, copied = 0;
    uint64_t start = 0;
    for (size_t i = 0; i < o.chars; i++) {
        Bytes b = o.at[i] ? image_bytes_at(h->image, o.at[i]) : (Bytes){0};
        bool is_there = b.size > 0 && b.at[0] == (uint8_t)t->text[i];
        uint64_t step = i > 0 ? o.at[i] - o.at[i - 1] : 0; /* 2: of a wide text */
        bool goes_on = is_there && run > 0 && (step == 1 || step == 2);
        start = goes_on ? start : o.at[i];
        run = goes_on ? run + 1 : is_there;
        if (!on_stack || start % CONSTANT)
            copied += run == LEAST_RUN ? LEAST_RUN : run > LEAST_RUN;
    }
    return copied * 2 >= o.chars;
}
