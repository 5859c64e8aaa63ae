/* SPDX-License-Identifier: Apache-2.0
 * obfuscation.h: how a program hides what it does, as traits: made of the profiles of its functions
 * (unwrap/profile.h), of the hidden strings and the routines that are in the features already, and
 * of the file's shape. docs/evidence/obfuscation.md has what each sees and how often it is met in
 * ordinary programs. */
#ifndef COG_FEATURE_OBFUSCATION_H
#define COG_FEATURE_OBFUSCATION_H

#include "feature/code_hash.h"
#include "feature/trait.h"

/* hashes: one for each function of the code. Last of all: it reads what the others found. */
void traits_from_profiles(Sample *s, const Image *image, const Code *code, const CodeHash *hashes,
                          Features *out);
/* obfuscation_string.c: schemes of hidden strings and of looking up functions; they are added, and
 * each is given to `add` for the combination. */
typedef struct Schemes {
    const char *at[16];
    size_t count;
    bool is_distinct; /* one of them is not met in ordinary programs */
} Schemes;
void traits_from_schemes(Traits *t, Schemes *schemes);
void scheme_add(Schemes *schemes, const char *text);

#endif
