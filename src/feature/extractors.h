/* SPDX-License-Identifier: Apache-2.0
 * extractors.h: the rows of the table in registry.c, and what extractors share.
 * In: image and code (const). Out: items added to Features, in the sample's arena. An extractor
 * reads what rows above its own have added; it never changes them. A row is added to registry.c
 * together with the .c file that defines it, in this order: image, code, strings,
 * routines, traits, indicators. Texts in Features are valid UTF-8 without NUL: make them with
 * feature_text. */
#ifndef COG_FEATURE_EXTRACTORS_H
#define COG_FEATURE_EXTRACTORS_H

#include "feature/registry.h"

/* f_image.c: header fields, sections, imports, code counters (notes are copied after all rows ran).
 */
void extract_image(Sample *s, const Image *image, const Code *code, Features *out);
/* f_code.c: functions and calls; what their code is (PIC hashes, blocks, genes) comes with
 * finish_code: helpers work on it while other rows run. */
void extract_code(Sample *s, const Image *image, const Code *code, Features *out);
void finish_code(Sample *s, Features *out);
/* f_string.c: plain and UTF-16 strings with the instructions that mention them. */
void extract_strings(Sample *s, const Image *image, const Code *code, Features *out);
/* f_hidden.c: strings that code makes while it runs, and routines that resolve API hashes; sorts
 * strings and routines again. */
void extract_hidden(Sample *s, const Image *image, const Code *code, Features *out);
/* f_routine.c: routines that transform data, with their parameters. */
void extract_routines(Sample *s, const Image *image, const Code *code, Features *out);
/* f_trait.c: comparable properties of headers, resources, build tools. */
void extract_traits(Sample *s, const Image *image, const Code *code, Features *out);
/* f_indicator.c: observables read from the strings that extract_strings found. */
void extract_indicators(Sample *s, const Image *image, const Code *code, Features *out);

/* True for well-formed UTF-8 (Unicode 15, table 3-7) without NUL. */
bool utf8_is_valid(const char *text, size_t size);
/* The text as it is when it is valid UTF-8, else a copy in which every bad byte reads \xNN. Never
 * NULL; "" for NULL. At most max_bytes long, cut between characters. */
const char *feature_text(Arena *a, const char *text, size_t max_bytes);

#endif
