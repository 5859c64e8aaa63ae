/* SPDX-License-Identifier: Apache-2.0
 * code_hash.h: what is made of one function's code: its PIC hash, those of its blocks, its genes.
 * In: image and code. Out: a CodeHash on `kept`; nothing stays on `scratch`. A hasher holds what
 * functions share (decoded forms, room, summaries of callees). What is found about a function is
 * the same whatever was hashed before it. Owner: kept. Threads: one hasher, one thread. */
#ifndef COG_FEATURE_CODE_HASH_H
#define COG_FEATURE_CODE_HASH_H

#include "code/code.h"
#include "feature/feature.h"
#include "feature/pic.h"
#include "unwrap/profile.h"
#include "value/value.h"

typedef struct CodeHash {
    Hash128 pic;
    const BlockFeature *blocks;
    const uint64_t *genes;
    uint32_t block_count, gene_count;
    FunctionProfile profile;
    bool is_cut; /* a limit was hit: this is of the function's first part */
} CodeHash;

typedef struct CodeHasher CodeHasher;
/* code->decoder is not NULL; summaries are those of all hashers of the code. */
CodeHasher *code_hasher_new(Arena *kept, Arena *scratch, const Image *image, const Code *code,
                            Summaries *summaries);
CodeHash code_hash_function(CodeHasher *x, const Function *f);
/* The function as its hashes see it, until the next call; and what is an address in it. */
FunctionView code_hasher_view(CodeHasher *x, const Function *f);
const PicRules *code_hasher_rules(const CodeHasher *x);

#endif
