/* SPDX-License-Identifier: Apache-2.0 */
#include "unwrap/secrets.h"

/* A cipher, its rounds, one step of them: without optimisation each is a function. */
enum { CALLEE_DEPTH = 2 };

struct SecretSource {
    const Image *image;
    const Code *code;
    Values *values;
    Arena *scratch;      /* of the caller, while a function is looked at */
    uint32_t *ref_start; /* per function: refs_by_function[ref_start[i] .. ref_start[i + 1]) */
    uint32_t *refs_by_function;
};

static void index_refs(SecretSource *f, Arena *a) {
    size_t functions = f->code->functions.count, refs = f->code->refs.count;
    f->ref_start = ARENA_ARRAY(a, uint32_t, functions + 2);
    f->refs_by_function = ARENA_ARRAY(a, uint32_t, refs + 1);
    for (size_t i = 0; i < refs; i++)
        if (f->code->refs.at[i].function < functions)
            f->ref_start[f->code->refs.at[i].function + 2]++;
    for (size_t i = 2; i < functions + 2; i++)
        f->ref_start[i] += f->ref_start[i - 1];
    for (size_t i = 0; i < refs; i++)
        if (f->code->refs.at[i].function < functions)
            f->refs_by_function[f->ref_start[f->code->refs.at[i].function + 1]++] = (uint32_t)i;
}

/* A function's own address is what code mentions most; only the last one before it is asked, since
 * a walk over all chunks would cost more than a wrong blob. */
static bool is_in_function(const SecretSource *f, uint64_t va) {
    size_t low = 0, high = f->code->functions.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->code->functions.at[middle].va <= va)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && va < f->code->functions.at[low - 1].end;
}

static void add_blob(SecretSource *f, uint64_t va, Secrets *to) {
    for (unsigned i = 0; i < to->blob_count; i++)
        if (to->blob_va[i] == va)
            return;
    Bytes b = to->blob_count < MOST_BLOBS ? image_bytes_at(f->image, va) : (Bytes){0};
    /* Constants may stand in an executable segment, between functions. */
    if (b.size < 4 || (image_is_code(f->image, va) && is_in_function(f, va)))
        return;
    to->blob_va[to->blob_count] = va;
    to->blobs[to->blob_count++] = b;
}

static void add_constant(Secrets *to, uint64_t value, bool has_room) {
    uint32_t c = (uint32_t)value;
    if (c <= 0xff || c >= 0xffffff00)
        to->small[c & 0xff] = to->small[-c & 0xff] = true;
    if (!has_room || to->constant_count == MOST_CONSTANTS || c <= 0xff || c >= 0xffffff00 ||
        (value >> 32 && value >> 32 != UINT32_MAX))
        return;
    for (unsigned i = 0; i < to->constant_count; i++)
        if (to->constants[i] == c)
            return;
    to->constants[to->constant_count++] = c;
}

static void add_factors(const Graph *g, Secrets *to) {
    for (uint32_t i = 1; i < g->count; i++)
        for (unsigned side = 0; side < 2 && g->nodes[i].kind == IR_MUL; side++) {
            const Node *n = &g->nodes[g->nodes[i].in[side]];
            for (unsigned c = 0; c < to->constant_count && n->kind == VALUE_CONST; c++)
                to->is_factor[c] |= to->constants[c] == (uint32_t)n->imm;
        }
}

/* i386 code that finds out where it is (call, pop) and adds distances to that: each distance from
 * each place in the function that is pushed as an address. */
static void add_relative(SecretSource *f, const Function *function, const Graph *g, Secrets *to) {
    uint64_t places[4];
    unsigned count = 0;
    for (uint32_t i = 1; i < g->count && count < 4; i++)
        if (g->nodes[i].kind == VALUE_CONST && g->nodes[i].imm > function->va &&
            g->nodes[i].imm < function->end)
            places[count++] = g->nodes[i].imm;
    for (uint32_t i = 1; i < g->count; i++) {
        const Node *n = &g->nodes[i];
        for (unsigned side = 0; side < 2 && n->kind == IR_ADD; side++) {
            const Node *c = &g->nodes[n->in[side]];
            for (unsigned p = 0; p < count && c->kind == VALUE_CONST && c->imm > 0xff; p++)
                add_blob(f, (places[p] + c->imm) & UINT32_MAX, to);
        }
    }
}

/* Values of an instruction and what is made of them take .3 us. */
enum { VALUE_STEPS = 20 };

static void add_secrets(SecretSource *f, const Function *function, unsigned depth, Secrets *to) {
    to->steps += (uint64_t)VALUE_STEPS * function->instruction_count;
    size_t index = (size_t)(function - f->code->functions.at);
    for (uint32_t i = f->ref_start[index]; i < f->ref_start[index + 1]; i++)
        add_blob(f, f->code->refs.at[f->refs_by_function[i]].to_va, to);
    ArenaMark mark = arena_mark(f->scratch);
    const ValueFunction *v = values_from_function(f->values, function, f->scratch);
    for (uint32_t i = 1; i < v->graph.count; i++) {
        const Node *n = &v->graph.nodes[i];
        if (n->kind != VALUE_CONST)
            continue;
        add_constant(to, n->imm, true);
        if (n->imm > 0xff)
            add_blob(f, n->imm, to);
    }
    add_factors(&v->graph, to);
    if (f->image->arch == ARCH_X86)
        add_relative(f, function, &v->graph, to);
    arena_reset(f->scratch, mark);
    for (uint32_t i = 0; depth > 0 && i < function->call_count && i < 8; i++) {
        const Call *call = &f->code->calls.at[function->first_call + i];
        if (call->callee && call->callee - 1 != index)
            add_secrets(f, &f->code->functions.at[call->callee - 1], depth - 1, to);
    }
}

SecretSource *secret_source_new(Arena *a, const Image *image, const Code *code, Values *values) {
    SecretSource *source = ARENA_NEW(a, SecretSource);
    *source = (SecretSource){.image = image, .code = code, .values = values};
    index_refs(source, a);
    return source;
}

const Secrets *secrets_of_function(SecretSource *source, const Function *f, Arena *scratch) {
    Secrets *out = ARENA_NEW(scratch, Secrets);
    source->scratch = scratch;
    add_secrets(source, f, CALLEE_DEPTH, out);
    return out;
}
