/* SPDX-License-Identifier: Apache-2.0
 * build.h: what the format readers of this folder share while an Image is being filled.
 * In: the sample and what a header claims. Out: entries of the Image's lists; a full list is noted
 * once by name of kind NOTE_TOO_MANY. Private to src/image. */
#ifndef COG_IMAGE_BUILD_H
#define COG_IMAGE_BUILD_H

#include "image/image.h"

Image *image_new(Sample *s, Format format);

/* Each returns false when the list is full (then noted). */
bool image_add_segment(Sample *s, Image *image, Segment segment);
bool image_add_start(Sample *s, Image *image, uint64_t va, StartSource source);
bool image_add_range(Sample *s, Image *image, Range range);
bool image_add_reloc(Sample *s, Image *image, Reloc reloc);
bool image_add_mode(Sample *s, Image *image, ModeMark mark);
/* An address of code as pointers hold it: on ARM its low bit is the mode, which is noted. */
uint64_t image_code_va(Sample *s, Image *image, uint64_t pointer);

/* Sorts the segments, cuts overlaps, and builds the index by file offset. The look-ups work after
 * this call. */
void image_settle_segments(Sample *s, Image *image);
/* Sorts ranges and relocs and drops repeats; the last step of a reader. */
void image_settle_lists(Sample *s, Image *image);
/* Notes an entry point outside of the segments or in data, and makes it the first start. */
void image_settle_entry(Sample *s, Image *image);
/* The address that the loader leaves in the pointer at va: by relocation, else by content. Needs
 * image_settle_lists. */
uint64_t image_pointer_at(const Image *image, uint64_t va);

/* Fills the entropy of every section. Bytes are counted once for each section, within a budget of
 * ENTROPY_BUDGET times the file, so that a thousand sections over the same bytes cost no more. */
void image_measure_sections(Sample *s, Image *image);
double bytes_entropy(Bytes b);

/* NUL-terminated text that starts at b.at, borrowed from the sample; NULL when there is no NUL
 * within MAX_NAME_BYTES. */
const char *text_in(Bytes b);
/* As text_in, but charges what was looked at: millions of symbols may share one long name. NULL
 * also when the budget is used up. A reader starts with name_budget(file). */
const char *text_spend(Bytes b, uint64_t *budget);
uint64_t name_budget(Bytes file);
/* True for non-empty text that starts without control characters: what a linker writes as a name.
 */
bool text_is_name(const char *text);
/* Text of at most `max` bytes that need not end in a NUL: borrowed when it does, else copied. */
const char *text_fixed(Arena *a, Bytes b, size_t max);
/* UTF-16LE up to a NUL or the end, as UTF-8 in the arena; lone surrogates become U+FFFD. */
const char *text_from_utf16(Arena *a, Bytes b);

/* Stable merge sort by the leading uint64_t of each item (at most 64 bytes); an ascending list
 * costs one pass. qsort is not used: glibc's asks the kernel for the memory size, which a sandbox
 * may refuse. */
void sort_by_va(Arena *scratch, void *items, size_t count, size_t item_bytes);

static inline uint64_t align_up(uint64_t value, uint64_t alignment) {
    return alignment <= 1 || value > UINT64_MAX - alignment
               ? value
               : (value + alignment - 1) / alignment * alignment;
}

Image *image_from_pe(Sample *s);
Image *image_from_elf(Sample *s);
Image *image_from_raw(Sample *s, const ImageHint *hint);
bool pe_is_pe(Bytes b);
bool elf_is_elf(Bytes b);

/* Ranges from call frame information (eh_frame.c). */
typedef struct EhFrame {
    uint64_t frame_va, frame_size; /* .eh_frame; size 0: up to the end of its segment */
    uint64_t header_va;            /* .eh_frame_hdr, 0 none; finds .eh_frame when frame_va is 0 */
    uint64_t got_va;               /* base of data-relative pointers */
    bool may_search;               /* look for it when nothing says where it is */
} EhFrame;
void eh_frame_read(Sample *s, Image *image, EhFrame where);

#endif
