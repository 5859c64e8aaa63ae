/* SPDX-License-Identifier: Apache-2.0
 * f_code.c: functions as comparable things. */
#include "code/code.h"
#include "feature/extractors.h"

void extract_code(Sample *s, const Image *image, const Code *code, Features *out) {
    (void)image;
    for (size_t i = 0; i < code->functions.count; i++) {
        const Function *from = &code->functions.at[i];
        FunctionFeature *to = VEC_ADD(s->arena, &out->functions);
        if (!to)
            return;
        to->va = from->va;
        to->size = from->size;
        to->blocks = from->block_count;
        to->instructions = from->instruction_count;
        to->name = from->name ? feature_text(s->arena, from->name, MAX_NAME_BYTES) : NULL;
        to->source = (uint8_t)from->source;
        to->flags = from->flags;
    }
}
