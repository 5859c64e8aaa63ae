/* SPDX-License-Identifier: Apache-2.0
 * words.h: names in records for the numbers of a Features, which came through a pack and may lie
 * outside their enum. */
#ifndef COG_REPORT_WORDS_H
#define COG_REPORT_WORDS_H

#include "feature/feature.h"

const char *string_kind_name(StringKind kind);
const char *source_name(uint8_t source); /* FunctionSource */
/* "r-x" */
void perms_write(char out[4], uint8_t perms);
/* Executable bytes that are neither recovered code nor padding. */
uint64_t code_bytes_unknown(const Features *f);
bool pic_is_set(Hash128 pic);

#endif
