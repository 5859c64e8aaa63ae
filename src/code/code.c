/* SPDX-License-Identifier: Apache-2.0 */
#include "code/code.h"

#include <string.h>

#include "code/discover.h"

const char *function_source_name(FunctionSource source) {
    static const char *const names[] = {
#define X(constant, name) name,
        FUNCTION_SOURCES(X)
#undef X
    };
    return source < FUNCTION_SOURCE_COUNT ? names[source] : "unknown";
}

Code *code_from_image(Sample *s, const Image *image) {
    Code *code = ARENA_NEW(s->arena, Code);
    code->functions.max = MAX_FUNCTIONS;
    code->blocks.max = MAX_BLOCKS;
    code->successors.max = MAX_BLOCKS;
    code->calls.max = MAX_XREFS;
    code->refs.max = MAX_XREFS;
    code->decoder = decoder_for_image(s->arena, image);
    if (!code->decoder)
        return code;
    ArenaMark mark = arena_mark(s->scratch);
    Discover *d = discover_image(s, image, code->decoder);
    graph_build(d, code);
    arena_reset(s->scratch, mark);
    return code;
}

const Code *code_for_thread(Arena *a, const Image *image, const Code *code) {
    Code *copy = ARENA_NEW(a, Code);
    *copy = *code;
    copy->decoder = decoder_for_image(a, image);
    return copy;
}

/* Index of the last function that starts at or before va, + 1; 0: none. */
static size_t function_before(const Code *code, uint64_t va) {
    size_t low = 0, high = code->functions.count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (code->functions.at[mid].va <= va)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const Function *code_find_function(const Code *code, uint64_t va) {
    size_t before = function_before(code, va);
    const Function *f = before ? &code->functions.at[before - 1] : NULL;
    return f && f->va == va ? f : NULL;
}

static bool block_covers(const Block *b, uint64_t va) { return va - b->va < b->size; }

static bool function_covers(const Code *code, const Function *f, uint64_t va) {
    const Block *b = &code->blocks.at[f->first_block];
    if (f->block_count == 0)
        return false;
    if (block_covers(b, va))
        return true;
    size_t low = 1, high = f->block_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (b[mid].va <= va)
            low = mid + 1;
        else
            high = mid;
    }
    return low > 1 && block_covers(&b[low - 1], va);
}

const Function *code_find_covering(const Code *code, uint64_t va) {
    size_t before = function_before(code, va);
    if (before && function_covers(code, &code->functions.at[before - 1], va))
        return &code->functions.at[before - 1];
    /* Chunks far from their function: rare, so a walk over all will do. */
    for (size_t i = 0; i < code->functions.count; i++)
        if (function_covers(code, &code->functions.at[i], va))
            return &code->functions.at[i];
    return NULL;
}

size_t code_decode_block(const Code *code, const Image *image, const Block *block, Insn *out,
                         size_t max) {
    Bytes b = bytes_clip(image_bytes_at(image, block->va), 0, block->size);
    size_t count = 0;
    for (size_t off = 0; off < b.size && count < max; count++) {
        if (!decode_full(code->decoder, bytes_clip(b, off, 15), (block->va + off) | block->is_thumb,
                         &out[count]))
            break;
        off += out[count].length;
    }
    return count;
}
