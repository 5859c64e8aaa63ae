/* SPDX-License-Identifier: Apache-2.0
 * public.h: which functions of a reference everybody can have: those that stand, byte for byte but
 * for addresses, in a sample learned as library or goodware, and those that a language's runtime
 * brings, by name. What a query has in common with these says nothing. */
#ifndef COG_MATCH_PUBLIC_H
#define COG_MATCH_PUBLIC_H

#include "store/store.h"

/* One per function, in the arena. Uses scratch and gives it back. */
Status public_functions(const Features *f, const Snapshot *snap, Arena *a, Arena *scratch,
                        bool **out, Error *err);

#endif
