/* SPDX-License-Identifier: Apache-2.0
 * hidden_mixed.c: texts of several ages. Memory is used again: where a function builds one text
 * over a part of another, or counts in it, what stands there is neither. Who builds a text writes
 * it to its end; the beginning may be older, where several have it. */
#include <string.h>

#include "unwrap/hidden_inner.h"

enum { MOST_BACK = 1 << 14 /* writes that are looked through for one text (guess) */ };

typedef struct Writes {
    uint64_t when[HIDDEN_TEXT_BYTES]; /* of each character's last write; 0: long ago */
    bool changed[HIDDEN_TEXT_BYTES];  /* from another character */
} Writes;

static bool is_char(uint8_t c) { return c >= 0x20 && c < 0x7f; }

static void find_writes(const Memory *m, const TextPlace *t, uint64_t back, Writes *w) {
    uint64_t size = t->unit * t->chars;
    size_t left = t->chars;
    memset(w->when, 0, t->chars * sizeof *w->when);
    memset(w->changed, 0, t->chars * sizeof *w->changed);
    for (uint64_t i = 0; i < back && left; i++) {
        const MemoryStore *store = &m->log[(m->logged - 1 - i) % MEMORY_LOG_STORES];
        for (unsigned k = 0; k < store->size; k++) {
            uint64_t off = store->va + k - t->va;
            if (off >= size || off % t->unit || w->when[off / t->unit])
                continue;
            uint8_t before = (uint8_t)(store->before >> 8 * k);
            w->when[off / t->unit] = m->logged - i;
            w->changed[off / t->unit] =
                is_char(before) && before != (uint8_t)t->text[off / t->unit];
            left--;
        }
    }
}

bool hidden_is_mixed(Hunt *h, const TextPlace *t) {
    Writes w;
    const Memory *m = h->p->memory;
    uint64_t back = m->logged < MOST_BACK ? m->logged : MOST_BACK;
    if (!hidden_may_scan(h, back * sizeof(uint64_t)))
        return false;
    find_writes(m, t, back, &w);
    uint64_t first = UINT64_MAX, end = w.when[t->chars - 1];
    for (size_t i = 0; i < t->chars; i++)
        if (w.changed[i] && w.when[i] < first)
            first = w.when[i];
    for (unsigned i = 0; i < h->looks && first != UINT64_MAX; i++)
        if (end <= h->looked_at[i] && h->looked_at[i] < first)
            return true;
    return false;
}
