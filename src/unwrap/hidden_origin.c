/* SPDX-License-Identifier: Apache-2.0 */
#include "unwrap/hidden_origin.h"

#include <string.h>

enum {
    MOST_BACK = 4096, /* writes that are looked through for one text (guess) */
    WORD = 4          /* bytes that are looked for in the instructions */
};

static void find_stretches(Origins *o) {
    Stretch *last = NULL;
    o->stretch_count = 0;
    for (size_t i = 0; i <= o->chars; i++) {
        const Origin *c = &o->at[i];
        if (c->done)
            continue;
        if (!last || last->first + last->count != i || c->at < last->va ||
            c->at > last->end + o->t->unit) {
            last = &o->stretches[o->stretch_count++];
            *last = (Stretch){.va = c->at, .first = i};
        }
        last->end = c->at;
        last->count++;
    }
}

static bool trace_stretch(Origins *o, const Stretch *s, const MemoryStore *store, uint64_t when) {
    bool is_hit = false;
    if (store->va > s->end || store->va + store->size <= s->va)
        return false;
    for (size_t i = s->first; i < s->first + s->count; i++) {
        Origin *c = &o->at[i];
        uint64_t off = c->at - store->va;
        if (c->done || off >= store->size)
            continue;
        if (c->when == 0) {
            c->when = when;
            c->va = store->va;
            c->size = store->size;
            c->placer = store->writer;
            c->before = (uint8_t)(store->before >> 8 * off);
        }
        c->writer = store->writer;
        c->at = store->from ? store->from + off : 0;
        c->done = !store->from;
        c->is_moved |= !c->done && store->size < WORD;
        is_hit = true;
    }
    return is_hit;
}

bool origins_find(Hunt *h, const TextPlace *t, Origins *o) {
    const Memory *m = h->p->memory;
    uint64_t back = m->logged < MOST_BACK ? m->logged : MOST_BACK;
    o->h = h;
    o->t = t;
    o->chars = t->chars < ORIGIN_CHARS ? t->chars : ORIGIN_CHARS;
    memset(o->at, 0, (o->chars + 1) * sizeof *o->at);
    for (size_t i = 0; i <= o->chars; i++)
        o->at[i].at = t->va + i * t->unit;
    find_stretches(o);
    for (uint64_t i = 0; i < back && o->stretch_count; i++) {
        const MemoryStore *store = &m->log[(m->logged - 1 - i) % MEMORY_LOG_STORES];
        bool is_hit = false;
        for (size_t k = 0; k < o->stretch_count; k++)
            is_hit |= trace_stretch(o, &o->stretches[k], store, m->logged - i);
        if (!hidden_may_scan(h, o->stretch_count + (is_hit ? o->chars : 0)))
            return false;
        if (is_hit)
            find_stretches(o);
    }
    return true;
}

size_t origins_group(const Origins *o, size_t i) {
    size_t n = 1;
    while (i + n < o->chars && o->at[i + n].when == o->at[i].when)
        n++;
    return n;
}

HiddenSource origins_stored(const Origins *o, size_t i) {
    const Origin *c = &o->at[i];
    if (c->when == 0)
        return SOURCE_UNKNOWN;
    if (c->at) /* not traced to its end: the file has it, or it is older than the log */
        return SOURCE_LOADED;
    return hidden_source_of(o->h, c->writer);
}

HiddenSource origins_source(const Origins *o, size_t i) {
    const Origin *c = &o->at[i];
    HiddenSource source = origins_stored(o, i);
    if (c->when && source == SOURCE_UNKNOWN && origins_group(o, i) >= WORD &&
        hidden_names_word(o->h, hidden_function_of(o->h, c->writer), o->t->text + i))
        return SOURCE_CONSTANT; /* a register that was set before */
    return source;
}
