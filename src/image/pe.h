/* SPDX-License-Identifier: Apache-2.0
 * pe.h: what the pe_*.c files share while one PE file is read. Private to src/image. */
#ifndef COG_IMAGE_PE_H
#define COG_IMAGE_PE_H

#include "image/build.h"
#include "image/pe_format.h"

typedef struct PeDirectory {
    uint32_t rva, size;
} PeDirectory;

typedef struct Pe {
    Sample *s;
    Image *image;
    PeInfo *info;
    Bytes file;
    uint64_t header_off;   /* of "PE\0\0" */
    uint64_t optional_off; /* of the optional header */
    uint64_t sections_off;
    uint32_t section_count, section_alignment, file_alignment, headers_size;
    uint32_t symbols_off, symbol_count;
    uint64_t name_budget;
    bool is_64;
    PeDirectory directory[PE_DIRECTORIES];
} Pe;

/* File bytes from rva to the end of what its segment has in the file. */
static inline Bytes pe_at(const Pe *pe, uint64_t rva) {
    return image_bytes_at(pe->image, pe->image->base + rva);
}
/* As pe_at, but at most n bytes. */
static inline Bytes pe_clip(const Pe *pe, uint64_t rva, uint64_t n) {
    return bytes_clip(pe_at(pe, rva), 0, n);
}
/* File offset of an rva, for notes; 0 when it has none. */
uint64_t pe_off(const Pe *pe, uint64_t rva);
void pe_note(const Pe *pe, NoteKind kind, uint64_t rva);

/* pe_import.c */
void pe_read_imports(Pe *pe);
void pe_read_delay_imports(Pe *pe);
void pe_read_bound_imports(Pe *pe);
void pe_read_exports(Pe *pe);
/* pe_code.c: what the file declares about its code */
void pe_read_relocs(Pe *pe);
void pe_read_tls(Pe *pe);
void pe_read_load_config(Pe *pe);
void pe_read_unwind(Pe *pe);
void pe_read_symbols(Pe *pe);
/* pe_resource.c */
void pe_read_resources(Pe *pe);
void pe_read_version(Pe *pe, Bytes block, uint64_t off);
/* pe_meta.c */
void pe_read_rich(Pe *pe);
void pe_read_debug(Pe *pe);
void pe_read_certificate(Pe *pe);
void pe_read_cli(Pe *pe);
void pe_read_checksum(Pe *pe);
void pe_read_overlay(Pe *pe);

#endif
