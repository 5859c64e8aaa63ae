/* SPDX-License-Identifier: Apache-2.0
 * models.c: the table of models, and memory as they use it. */
#include "emulate/models.h"

#include <string.h>

const Model MODELS[] = {
#define X(name, function, unit, flags) {name, model_##function, unit, flags},
    MODEL_LIST_MEMORY(X) MODEL_LIST_TEXT(X) MODEL_LIST_SYSTEM(X)
#undef X
};
const size_t MODEL_COUNT = sizeof MODELS / sizeof *MODELS;

static bool check(ModelCall *c, uint64_t va, MemoryFault fault) {
    if (fault) {
        c->in->p.machine->fault_va = va;
        c->stop = fault == MEMORY_FULL ? PROCESS_FULL : PROCESS_FAULT;
    }
    return !fault;
}

/* Eight bytes a step, about what a copying loop of a library takes. */
static bool pay(ModelCall *c, uint64_t bytes) {
    if (bytes > MODEL_BYTES)
        c->stop = PROCESS_BUDGET;
    c->cost += bytes / 8;
    return !c->stop;
}

bool mem_write(ModelCall *c, uint64_t to, const void *at, size_t n) {
    return pay(c, n) && check(c, to, memory_write(c->in->p.memory, to, at, n));
}

bool mem_read(ModelCall *c, uint64_t from, void *at, size_t n) {
    return pay(c, n) && check(c, from, memory_read(c->in->p.memory, from, at, n));
}

enum { CHUNK = 4096 };

static bool copy_chunk(ModelCall *c, uint64_t to, uint64_t from, size_t n) {
    uint8_t chunk[CHUNK];
    Memory *m = c->in->p.memory;
    return check(c, from, memory_read(m, from, chunk, n)) &&
           check(c, to, memory_write(m, to, chunk, n));
}

/* Overlapping is allowed. */
bool mem_copy(ModelCall *c, uint64_t to, uint64_t from, uint64_t n) {
    if (!pay(c, n))
        return false;
    bool backwards = to - from < n;
    for (uint64_t done = 0; done < n;) {
        size_t part = n - done < CHUNK ? (size_t)(n - done) : CHUNK;
        uint64_t off = backwards ? n - done - part : done;
        if (!copy_chunk(c, to + off, from + off, part))
            return false;
        done += part;
    }
    return true;
}

bool mem_fill(ModelCall *c, uint64_t to, uint64_t pattern, unsigned unit, uint64_t count) {
    if (count > MODEL_BYTES || !pay(c, count * unit)) {
        c->stop = PROCESS_BUDGET;
        return false;
    }
    uint8_t chunk[CHUNK]; /* whole units */
    for (size_t i = 0; i < CHUNK && i < count * unit; i++)
        chunk[i] = (uint8_t)(pattern >> 8 * (i & (unit - 1)));
    for (uint64_t done = 0, n = count * unit; done < n; done += CHUNK) {
        size_t part = n - done < CHUNK ? (size_t)(n - done) : CHUNK;
        if (!check(c, to + done, memory_write(c->in->p.memory, to + done, chunk, part)))
            return false;
    }
    return true;
}

uint64_t mem_char(ModelCall *c, uint64_t va, unsigned unit) {
    uint64_t value = 0;
    if (memory_load_fast(c->in->p.memory, va & c->in->p.memory->address_mask, unit, &value))
        return value;
    return check(c, va, memory_read(c->in->p.memory, va, &value, unit)) ? value : 0;
}

uint64_t mem_length(ModelCall *c, uint64_t va, unsigned unit, uint64_t most) {
    uint64_t n = 0;
    while (n < most && n < MODEL_CHARS && mem_char(c, va + n * unit, unit) != 0)
        n++;
    if (n == MODEL_CHARS && n < most)
        c->stop = PROCESS_BUDGET;
    pay(c, n * unit);
    return n;
}

Bytes mem_name(ModelCall *c, uint64_t va, unsigned unit, char out[MODEL_NAME]) {
    size_t n = 0;
    for (; n < MODEL_NAME - 1; n++) {
        uint64_t value = mem_char(c, va + n * unit, unit);
        if (value == 0)
            break;
        out[n] = (char)value;
    }
    out[n] = 0;
    return (Bytes){(const uint8_t *)out, n};
}
