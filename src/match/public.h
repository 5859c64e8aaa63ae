/* SPDX-License-Identifier: Apache-2.0
 * public.h: which functions of references everybody can have: those that stand, byte for byte but
 * for addresses, in a sample learned as library or goodware, and those that a language's runtime
 * brings, by name. What a query has in common with these says nothing. */
#ifndef COG_MATCH_PUBLIC_H
#define COG_MATCH_PUBLIC_H

#include "store/store.h"

/* One sample of several that are asked about together. */
typedef struct PublicSide {
    Outline outline;
    bool *is_public; /* by function; out, in the arena */
} PublicSide;

/* Uses scratch and gives it back. */
Status public_functions(PublicSide *sides, size_t count, const Snapshot *snap, Arena *a,
                        Arena *scratch, Error *err);

#endif
