/* SPDX-License-Identifier: Apache-2.0
 * site.h: what callers give a routine: keys, seeds and alphabets that are arguments; private to
 * unwrap/. */
#ifndef COG_UNWRAP_SITE_H
#define COG_UNWRAP_SITE_H

#include "unwrap/exam.h"
#include "value/value.h"

/* Adds what the call sites of the function put into the cell that the finding names. */
void site_add_keys(const Image *image, const Code *code, Values *values, const Function *f,
                   Exam *x);
/* Whether some caller gives the function bytes of the file. */
bool site_gives_data(const Image *image, const Code *code, Values *values, const Function *f,
                     Exam *x);

#endif
