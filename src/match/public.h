/* SPDX-License-Identifier: Apache-2.0
 * public.h: which functions of references everybody can have: those that stand, byte for byte but
 * for addresses, in a sample learned as library or goodware, and those that a language's runtime
 * brings, by name. What a query has in common with these says nothing. */
#ifndef COG_MATCH_PUBLIC_H
#define COG_MATCH_PUBLIC_H

#include "store/store.h"

/* Samples that are asked about together. */
typedef struct PublicQuestion {
    const Outline *const *outlines;
    size_t count;
    const Snapshot *snap;
} PublicQuestion;

/* is_public[i]: by function of the i-th, in the arena. Uses scratch and gives it back. */
Status public_functions(const PublicQuestion *q, bool **is_public, Arena *a, Arena *scratch,
                        Error *err);

#endif
