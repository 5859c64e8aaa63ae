/* SPDX-License-Identifier: Apache-2.0 */
#include "match/chance.h"

#include "match/chance_table.h"

float chance_log10(const FunctionFeature *a, const FunctionFeature *b, float score) {
    uint32_t least = a->instructions < b->instructions ? a->instructions : b->instructions;
    unsigned size = 0, at = 0;
    if (least < CHANCE_SIZE[0] || score < CHANCE_SCORE[0])
        return 0.0f;
    while (size + 1 < CHANCE_SIZES && least >= CHANCE_SIZE[size + 1])
        size++;
    while (at + 1 < CHANCE_SCORES && score >= CHANCE_SCORE[at + 1])
        at++;
    return CHANCE[size][at];
}
