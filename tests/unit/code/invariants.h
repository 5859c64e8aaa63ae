/* SPDX-License-Identifier: Apache-2.0
 * invariants.h: what holds for every Code, whatever the bytes; for unit tests and fuzzing.
 * Ends the program with the broken condition. */
#ifndef COG_TESTS_CODE_INVARIANTS_H
#define COG_TESTS_CODE_INVARIANTS_H

#include <stdlib.h>

#include "base/check.h"
#include "code/code.h"

static inline void check_block(const Code *code, const Image *image, const Function *f,
                               const Block *b) {
    CHECK(b->size > 0 && b->instruction_count > 0);
    CHECK(image_is_code(image, b->va) && image_is_code(image, b->va + b->size - 1));
    CHECK(b->successor_count <= code->successors.count);
    CHECK(b->first_successor <= code->successors.count - b->successor_count);
    for (uint32_t i = 0; i < b->successor_count; i++)
        CHECK(code->successors.at[b->first_successor + i] < f->block_count);
    enum { LOOK = 256 };
    static Insn insns[LOOK];
    size_t count = code_decode_block(code, image, b, insns, LOOK);
    CHECK(count == (b->instruction_count < LOOK ? b->instruction_count : LOOK));
    CHECK(count == LOOK || insns[count - 1].va + insns[count - 1].length == b->va + b->size);
}

static inline bool function_has(const Code *code, const Function *f, uint64_t va) {
    for (uint32_t i = 0; i < f->block_count; i++)
        if (va - code->blocks.at[f->first_block + i].va < code->blocks.at[f->first_block + i].size)
            return true;
    return false;
}

static inline void check_function(const Code *code, const Image *image, const Function *f) {
    CHECK(f->block_count > 0 && f->first_block + f->block_count <= code->blocks.count);
    const Block *b = &code->blocks.at[f->first_block];
    CHECK(b[0].va == f->va && f->end > f->va);
    uint64_t size = 0, instructions = 0;
    for (uint32_t i = 0; i < f->block_count; i++) {
        check_block(code, image, f, &b[i]);
        size += b[i].size;
        instructions += b[i].instruction_count;
        CHECK(i < 2 || b[i - 1].va + b[i - 1].size <= b[i].va);
        CHECK(i == 0 || b[i].va + b[i].size <= b[0].va || b[0].va + b[0].size <= b[i].va);
    }
    CHECK(size == f->size && instructions == f->instruction_count);
    CHECK(f->first_call + f->call_count <= code->calls.count);
    for (uint32_t i = 0; i < f->call_count; i++) {
        const Call *call = &code->calls.at[f->first_call + i];
        CHECK(i == 0 || call[-1].site_va <= call->site_va);
        CHECK(call->callee <= code->functions.count && call->import <= image->imports.count);
    }
    CHECK(f->loop_count <= f->block_count && f->source < FUNCTION_SOURCE_COUNT);
    CHECK(code_find_function(code, f->va) == f && code_find_covering(code, f->va) != NULL);
}

static inline void check_code(const Code *code, const Image *image) {
    for (size_t i = 0; i < code->functions.count; i++) {
        CHECK(i == 0 || code->functions.at[i - 1].va < code->functions.at[i].va);
        check_function(code, image, &code->functions.at[i]);
    }
    for (size_t i = 0; i < code->refs.count; i++) {
        const DataRef *r = &code->refs.at[i];
        CHECK(r->function < code->functions.count);
        CHECK(i == 0 || r[-1].to_va < r->to_va ||
              (r[-1].to_va == r->to_va && r[-1].from_va <= r->from_va));
    }
    CHECK(code->bytes_recovered + code->bytes_padding <= code->bytes_executable);
}

#endif
