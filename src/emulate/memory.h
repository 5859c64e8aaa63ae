/* SPDX-License-Identifier: Apache-2.0
 * memory.h: memory of an emulated machine: 4 KiB pages over the segments of an image, made when
 * they are first touched and copied when they are first written (the file's bytes never change).
 * What is mapped can be read and written, whatever the file says about permissions: code that
 * unpacks itself calls for them first, and the page log (memory_change) tells what it wrote. With
 * keeps_constants, constants stay what they are.
 *
 * In: an image; regions that the caller adds (stack, heap). Out: bytes, or why not. Marks: taking
 * one is free; going back to it costs one step for each page that was touched since. They nest: a
 * mark is dead once an older one was gone back to. Odd input: addresses wrap at the end of the
 * processor's address space; an access that meets an unmapped byte changes nothing. Limits: pages
 * that differ from the file (max_pages at birth), pages touched (8 times that plus the image's).
 * Threads: one. */
#ifndef COG_EMULATE_MEMORY_H
#define COG_EMULATE_MEMORY_H

#include <string.h>

#include "image/image.h"

enum {
    PAGE_BITS = 12,
    PAGE_BYTES = 1 << PAGE_BITS,
    PAGE_LINES = 64, /* of PAGE_BYTES / 64 bytes: grain in which lifted code is known */
    /* Translations kept at hand, one place for each page number modulo this (guess; loops of
     * decoders use a stack page, a table and two buffers). */
    TLB_ENTRIES = 64
};

typedef enum MemoryFault {
    MEMORY_OK,
    MEMORY_UNMAPPED,
    MEMORY_FULL /* the limit of pages is reached */
} MemoryFault;

typedef struct MemoryPage {
    uint64_t number;
    const uint8_t *data;   /* NULL: not looked up yet */
    uint8_t *own;          /* data when it is ours, else NULL */
    uint64_t epoch;        /* mark after which `own` was made: may be written without a copy */
    uint64_t code_lines;   /* lines that hold lifted code ... */
    uint64_t code_version; /* ... while this is the memory's */
    uint64_t walk;         /* memory_change has reported it in this walk */
    bool is_constant;      /* only segments of the image that it may not write lie in it */
} MemoryPage;

typedef struct MemoryUndo {
    uint32_t page;
    const uint8_t *data;
    uint8_t *own;
    uint64_t epoch;
} MemoryUndo;

typedef struct MemoryRegion {
    uint64_t va, size;
} MemoryRegion;

/* A write, as memory_log_writes keeps it; those of more than eight bytes are several. */
typedef struct MemoryStore {
    uint64_t va, before; /* before: what the bytes were, little-endian */
    uint64_t from;       /* where the same bytes were read shortly before; 0: computed */
    uint32_t size;       /* bytes, 1 to 8 */
    uint32_t writer; /* low half of the instruction's address; 0: no instruction of the program */
} MemoryStore;

typedef struct MemoryLoad {
    uint64_t va, value;
    size_t size; /* bytes; of more than eight, value has the first */
} MemoryLoad;

enum { MEMORY_LOADS = 32 };

typedef struct MemoryTlb {
    uint64_t read, write; /* page number, or UINT64_MAX */
    const uint8_t *data;
    uint8_t *own;
} MemoryTlb;

typedef struct Memory {
    Arena *arena;
    const Image *image;
    uint64_t address_mask;
    Map index; /* page number -> place in pages + 1 */
    VEC(MemoryPage) pages;
    VEC(MemoryUndo) undo;
    VEC(MemoryRegion) regions;
    VEC(uint8_t *) free;
    size_t own_pages, max_pages;
    uint64_t epoch, last_epoch, walk;
    uint64_t code_version;
    bool keeps_constants; /* writes to the image's constants are dropped */
    bool nulls_fault;     /* the first page is not mapped, whatever the image has there */
    bool code_hit;        /* a line with lifted code was written: its reader must forget it */
    struct {
        const Reloc *at; /* sorted by va */
        size_t count;
    } words[2];
    MemoryStore *log; /* the last MEMORY_LOG_STORES writes, in a ring; NULL: not kept */
    uint64_t logged;  /* writes so far; the newest stands at (logged - 1) % MEMORY_LOG_STORES */
    MemoryLoad loads[MEMORY_LOADS]; /* the last ones, in a ring, while writes are logged */
    uint64_t loaded;
    /* Loads so far when one of eight bytes or more was the last whose value has this hash. */
    uint64_t loaded_value[MEMORY_LOADS];
    uint32_t writer; /* of what is written next, see MemoryStore; the machine sets it */
    MemoryTlb tlb[TLB_ENTRIES];
} Memory;

/* Writes that the log holds: 2 MiB (a run of 20,000 instructions stores some 6,000 times). */
enum { MEMORY_LOG_STORES = 1 << 16 };

/* The image is borrowed. */
Memory *memory_from_image(Arena *a, const Image *image, size_t max_pages);
/* Maps zeros at [va, va + size), both in bytes, rounded outwards to pages; what the image has there
 * stays. False: too many regions (256), or nothing to map. */
bool memory_map(Memory *m, uint64_t va, uint64_t size);
bool memory_is_mapped(Memory *m, uint64_t va);
/* Pointers that a loader would have filled in what the image maps (targets 0 are left out); sorted
 * by va, borrowed. At most two lists, before anything is touched. */
void memory_set_words(Memory *m, const Reloc *at, size_t count);
MemoryFault memory_read(Memory *m, uint64_t va, void *to, size_t n);
/* The same for who looks on: no load of the program, and not kept as one. */
MemoryFault memory_look(Memory *m, uint64_t va, void *to, size_t n);
MemoryFault memory_write(Memory *m, uint64_t va, const void *from, size_t n);
/* Bytes at va up to the end of its page; empty when unmapped. Dead after the next write or mark. */
Bytes memory_view(Memory *m, uint64_t va);

typedef struct MemoryMark {
    size_t undo, regions;
    uint64_t logged;
} MemoryMark;
MemoryMark memory_mark(Memory *m);
void memory_restore(Memory *m, MemoryMark mark);

/* From now on the last writes are kept in `log`; going back to a mark forgets those since. */
void memory_log_writes(Memory *m);

/* Pages that were written since the mark, one at a time: *at starts at 0. `before` is what the page
 * was at the mark. False: no more. A page comes once; one walk at a time. */
typedef struct MemoryChange {
    uint64_t va;
    const uint8_t *before, *now; /* PAGE_BYTES each */
} MemoryChange;
bool memory_change(Memory *m, MemoryMark mark, size_t *at, MemoryChange *out);

/* How many of the n bytes at va, as far as their page goes, are not what they were at the mark. */
size_t memory_differs(Memory *m, MemoryMark mark, uint64_t va, size_t n);

/* For who keeps code: [va, va + n) was lifted; a write to its lines sets code_hit. True: all of it
 * is of the file, as it is there. */
bool memory_add_code(Memory *m, uint64_t va, uint64_t n);
/* Whether all bytes there are the file's; then as memory_add_code. */
bool memory_has_file_code(Memory *m, uint64_t va, uint64_t n);
/* Forgets all of memory_add_code, and code_hit. */
void memory_forget_code(Memory *m);

static inline size_t memory_value_place(uint64_t value) {
    return (size_t)(value * 0x9e3779b97f4a7c15 >> 32) % MEMORY_LOADS;
}

/* memory_look for at most eight bytes, where they are at hand; false: ask memory_look. */
static inline bool memory_look_fast(const Memory *m, uint64_t va, unsigned n, uint64_t *out) {
    const MemoryTlb *t = &m->tlb[va >> PAGE_BITS & (TLB_ENTRIES - 1)];
    unsigned off = va & (PAGE_BYTES - 1);
    if (t->read != va >> PAGE_BITS || off > PAGE_BYTES - n)
        return false;
    *out = 0;
    memcpy(out, t->data + off, n);
    return true;
}

static inline void memory_log_load(Memory *m, uint64_t va, size_t n, uint64_t value) {
    m->loads[m->loaded++ % MEMORY_LOADS] = (MemoryLoad){va, value, n};
    if (n >= 8)
        m->loaded_value[memory_value_place(value)] = m->loaded;
}

/* The hot path: n is 1, 2, 4 or 8; little-endian. False: ask memory_read, memory_write. */
static inline bool memory_load_fast(Memory *m, uint64_t va, unsigned n, uint64_t *out) {
    uint64_t value = 0;
    if (!memory_look_fast(m, va, n, &value))
        return false;
    if (m->log)
        memory_log_load(m, va, n, value);
    *out = value;
    return true;
}

/* n bytes, at most eight, which are about to become `now`. */
void memory_log_store(Memory *m, uint64_t va, const uint8_t *before, size_t n, uint64_t now);

static inline bool memory_store_fast(Memory *m, uint64_t va, unsigned n, uint64_t value) {
    MemoryTlb *t = &m->tlb[va >> PAGE_BITS & (TLB_ENTRIES - 1)];
    unsigned off = va & (PAGE_BYTES - 1);
    if (t->write != va >> PAGE_BITS || off > PAGE_BYTES - n)
        return false;
    if (m->log)
        memory_log_store(m, va, t->own + off, n, value);
    memcpy(t->own + off, &value, n);
    return true;
}

#endif
