/* SPDX-License-Identifier: Apache-2.0 */
#include "match/evidence.h"

#include "match/evidence_table.h"

unsigned evidence_cell(const FunctionFeature *f, const FunctionInfo *info, const FunctionPair *p) {
    unsigned kind = info->families < EVIDENCE_KINDS ? info->families : EVIDENCE_KINDS - 1;
    unsigned size = 0, bin = 0;
    for (uint32_t limit = 20; size < EVIDENCE_SIZES - 1 && f->instructions >= limit; limit *= 2)
        size++;
    if (p && p->reason == PAIR_EXACT) {
        bin = EVIDENCE_BINS - 1;
    } else if (p) {
        bin = p->score < 0.35f ? 1 : 1 + (unsigned)((p->score - 0.25f) * 10.0f);
        bin = bin < EVIDENCE_BINS - 2 ? bin : EVIDENCE_BINS - 2;
    }
    return (kind * EVIDENCE_SIZES + size) * EVIDENCE_BINS + bin;
}

float evidence_log_ratio(unsigned cell) { return EVIDENCE_LOG_RATIO[cell]; }

bool evidence_has_part(const FunctionInfo *info) {
    return info->function_class != CLASS_SMALL && info->function_class != CLASS_LIBRARY &&
           info->function_class != CLASS_GOODWARE;
}
