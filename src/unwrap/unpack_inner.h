/* SPDX-License-Identifier: Apache-2.0
 * unpack_inner.h: between the files of unpack.h. */
#ifndef COG_UNWRAP_UNPACK_INNER_H
#define COG_UNWRAP_UNPACK_INNER_H

#include "emulate/process.h"
#include "unwrap/unpack.h"

/* A file that is written: little-endian, grown as asked for. */
typedef struct FileOut {
    Arena *arena;
    uint8_t *at;
    size_t size, room;
} FileOut;
typedef struct Dump {
    Arena *arena;
    Bytes packed; /* the file */
    const Image *image;
    Process *process;
    uint64_t entry; /* of what was put together */
    const ProcessLookup *lookups;
    size_t lookup_count;
    Bytes memory; /* from image->base, as far as the image spans */
    FileOut file; /* what is made */
    Unpacked *out;
} Dump;

/* They fill `file`, or leave it empty, and tell `out` how. */
void unpack_make_pe(Dump *d);
void unpack_make_elf(Dump *d);

/* Zeros up to `size`. */
void file_out_grow(FileOut *f, uint64_t size);
void file_out_put(FileOut *f, uint64_t off, uint64_t value, unsigned bytes);
void file_out_bytes(FileOut *f, uint64_t off, Bytes b);

#endif
