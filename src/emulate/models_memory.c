/* SPDX-License-Identifier: Apache-2.0
 * models_memory.c: copying, filling, comparing; heaps and pages. A block's size stands in the 16
 * bytes before it; nothing is given again after it was freed. */
#include "emulate/models.h"

void model_memcpy(ModelCall *c) {
    c->result = c->args[0];
    if (c->args[2] <= MODEL_BYTES)
        mem_copy(c, c->args[0], c->args[1], c->args[2] * c->unit);
    else
        c->stop = PROCESS_BUDGET;
}

void model_mempcpy(ModelCall *c) {
    model_memcpy(c);
    c->result += c->args[2];
}

void model_bcopy(ModelCall *c) { mem_copy(c, c->args[1], c->args[0], c->args[2]); }

void model_memset(ModelCall *c) {
    c->result = c->args[0];
    mem_fill(c, c->args[0], c->args[1], 1, c->args[2]);
}

void model_bzero(ModelCall *c) { mem_fill(c, c->args[0], 0, 1, c->args[1]); }

void model_fill_memory(ModelCall *c) { mem_fill(c, c->args[0], c->args[2], 1, c->args[1]); }

/* Equal bytes before the first difference. */
static uint64_t equal_bytes(ModelCall *c, uint64_t n, int *order) {
    uint64_t i = 0;
    for (; i < n && i < MODEL_BYTES; i++) {
        uint64_t a = mem_char(c, c->args[0] + i, 1), b = mem_char(c, c->args[1] + i, 1);
        if (c->stop || a != b) {
            *order = a < b ? -1 : 1;
            break;
        }
    }
    c->cost += i / 8;
    return i;
}

void model_memcmp(ModelCall *c) {
    int order = 0;
    equal_bytes(c, c->args[2], &order);
    c->result = (uint64_t)(int64_t)order;
}

void model_compare_memory(ModelCall *c) {
    int order = 0;
    c->result = equal_bytes(c, c->args[2], &order);
}

void model_memchr(ModelCall *c) {
    for (uint64_t i = 0; i < c->args[2] && i < MODEL_BYTES && !c->stop; i++, c->cost++)
        if (mem_char(c, c->args[0] + i, 1) == (c->args[1] & 0xff)) {
            c->result = c->stop ? 0 : c->args[0] + i;
            return;
        }
}

void model_nothing(ModelCall *c) { c->result = 0; }
void model_yes(ModelCall *c) { c->result = 1; }
void model_same(ModelCall *c) { c->result = c->args[0]; }

/* ---- Heap ---- */

static uint64_t heap_block(ModelCall *c, uint64_t size) {
    uint64_t va = size > PROCESS_HEAP_BYTES ? 0 : process_heap_alloc(c->in, size + 16, false);
    if (!va || !mem_write(c, va, &size, sizeof size))
        return 0;
    return va + 16;
}

static uint64_t heap_again(ModelCall *c, uint64_t old, uint64_t size) {
    uint64_t old_size = 0, va = heap_block(c, size);
    if (!va || !old)
        return va;
    if (!mem_read(c, old - 16, &old_size, sizeof old_size))
        return 0;
    mem_copy(c, va, old, old_size < size ? old_size : size);
    return va;
}

void model_malloc(ModelCall *c) { c->result = heap_block(c, c->args[0]); }

void model_calloc(ModelCall *c) {
    uint64_t a = c->args[0], b = c->args[1];
    c->result = a > UINT32_MAX || b > UINT32_MAX ? 0 : heap_block(c, a * b);
}

void model_realloc(ModelCall *c) { c->result = heap_again(c, c->args[0], c->args[1]); }
void model_heap_alloc(ModelCall *c) { c->result = heap_block(c, c->args[2]); }
void model_heap_realloc(ModelCall *c) { c->result = heap_again(c, c->args[2], c->args[3]); }
void model_heap(ModelCall *c) { c->result = c->in->heap_start; }
void model_local_alloc(ModelCall *c) { c->result = heap_block(c, c->args[1]); }

/* An address that was asked for is given when it is in the heap's pages already. */
static uint64_t pages(ModelCall *c, uint64_t at, uint64_t size) {
    if (at && memory_is_mapped(c->in->p.memory, at))
        return at & ~(uint64_t)(PAGE_BYTES - 1);
    size = (size + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    return process_heap_alloc(c->in, size, true);
}

void model_virtual_alloc(ModelCall *c) { c->result = pages(c, c->args[0], c->args[1]); }
void model_virtual_alloc_ex(ModelCall *c) { c->result = pages(c, c->args[1], c->args[2]); }

void model_nt_alloc(ModelCall *c) {
    uint64_t at = 0, size = 0;
    size_t word = c->in->abi.word_bytes;
    if (!mem_read(c, c->args[1], &at, word) || !mem_read(c, c->args[3], &size, word))
        return;
    at = pages(c, at, size);
    mem_write(c, c->args[1], &at, word);
    c->result = at ? 0 : 0xc0000017; /* STATUS_NO_MEMORY */
}

void model_virtual_protect(ModelCall *c) {
    uint32_t old = 0x40; /* PAGE_EXECUTE_READWRITE */
    c->result = 1;
    if (c->args[3] && memory_is_mapped(c->in->p.memory, c->args[3]))
        mem_write(c, c->args[3], &old, sizeof old);
}

void model_mmap(ModelCall *c) {
    c->result = pages(c, 0, c->args[1]);
    if (!c->result)
        c->result = UINT64_MAX;
}
