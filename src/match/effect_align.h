/* SPDX-License-Identifier: Apache-2.0
 * effect_align.h: which effect of one function is which of another, so that they can be read side
 * by side. In: lines of text (feature/effect_lines.h). Out: rows in reading order: the longest
 * chain of equal and similar lines, what one side has alone in between; then equal lines that stand
 * elsewhere are joined. Equal: the same text but for numbers of variables, addresses, and widths of
 * 4 and 8 bytes, which processors choose. Limits: the first MAX_ALIGNED lines of each. */
#ifndef COG_MATCH_EFFECT_ALIGN_H
#define COG_MATCH_EFFECT_ALIGN_H

#include "feature/effect_lines.h"

enum { MAX_ALIGNED = 1500 };

typedef enum EffectRelation {
    EFFECT_SAME,
    EFFECT_SIMILAR, /* share at least half of their operators, names and numbers */
    EFFECT_MOVED,   /* the same, elsewhere in the order */
    EFFECT_ONLY_A,
    EFFECT_ONLY_B
} EffectRelation;
const char *effect_relation_name(EffectRelation relation);

typedef struct EffectRow {
    const EffectLine *a, *b; /* NULL: the other side alone */
    EffectRelation relation;
} EffectRow;
typedef VEC(EffectRow) EffectRowVec;

typedef struct EffectSide {
    const EffectLine *lines;
    size_t count;
} EffectSide;

/* Rows in the arena; scratch is given back. */
void effects_align(EffectSide a, EffectSide b, Arena *arena, Arena *scratch, EffectRowVec *out);

#endif
