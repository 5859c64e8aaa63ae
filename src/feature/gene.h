/* SPDX-License-Identifier: Apache-2.0
 * gene.h: what a function computes, as a set of 64-bit hashes that survives other addresses,
 * registers and compiler versions. In: a decoded function. Out: sorted distinct genes. Kinds, what
 * fools them and figures: docs/evidence/code.md. */
#ifndef COG_FEATURE_GENE_H
#define COG_FEATURE_GENE_H

#include "feature/pic.h"

/* Writes at most max (and MAX_FUNCTION_GENES) genes; of more than that the smallest are kept, which
 * keeps sketches what they were. Returns how many. Uses scratch, gives it back. */
size_t genes_from_function(const FunctionView *v, const PicRules *rules, Arena *scratch,
                           uint64_t *out, size_t max);

#endif
