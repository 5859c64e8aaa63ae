/* SPDX-License-Identifier: Apache-2.0
 * f_code.c: functions as comparable things: hashes of their code, genes, whom they call. */
#include <stdatomic.h>
#include <string.h>

#include "feature/code_hash.h"
#include "feature/extractors.h"
#include "feature/obfuscation.h"
#include "unwrap/sift.h"

typedef struct Step {
    uint32_t function, next_call;
} Step;

/* Functions with those that they call before them, as far as the calls have no cycle: what a call
 * passes is known once the callee was looked at. */
static const uint32_t *callees_first(const Code *code, Arena *scratch) {
    size_t count = code->functions.count, done = 0;
    uint32_t *order = ARENA_ARRAY(scratch, uint32_t, count + 1);
    bool *seen = ARENA_ARRAY(scratch, bool, count + 1);
    Step *stack = ARENA_ARRAY(scratch, Step, count + 1);
    for (uint32_t root = 0; root < count; root++) {
        size_t depth = 0;
        if (!seen[root])
            stack[depth++] = (Step){.function = root};
        seen[root] = true;
        while (depth > 0) {
            Step *top = &stack[depth - 1];
            const Function *f = &code->functions.at[top->function];
            if (top->next_call == f->call_count) {
                order[done++] = top->function;
                depth--;
                continue;
            }
            uint32_t callee = code->calls.at[f->first_call + top->next_call++].callee;
            if (callee == 0 || callee > count || seen[callee - 1])
                continue;
            seen[callee - 1] = true;
            stack[depth++] = (Step){.function = callee - 1};
        }
    }
    return order;
}

static void add_calls(Sample *s, const Code *code, const Function *f, Features *out,
                      FunctionFeature *to) {
    to->first_call = (uint32_t)out->calls.count;
    uint32_t before = UINT32_MAX;
    for (uint32_t i = 0; i < f->call_count; i++) {
        const Call *call = &code->calls.at[f->first_call + i];
        uint32_t callee;
        if (call->import > 0 && call->import <= out->imports.count)
            callee = (call->import - 1) | CALL_IS_IMPORT;
        else if (call->callee > 0 && call->callee <= code->functions.count)
            callee = call->callee - 1;
        else
            continue;
        if (callee == before)
            continue;
        uint32_t *at = VEC_ADD(s->arena, &out->calls);
        if (!at)
            return;
        *at = before = callee;
        to->call_count++;
    }
}

/* Adds count items as far as they fit; returns how many did. */
#define ADD_ALL(v, items, more)                                                                    \
    add_all((v)->at, &(v)->count, (v)->cap, &(v)->full, (items), (more), sizeof *(v)->at)

static uint32_t add_all(void *items, size_t *count, size_t cap, bool *is_full, const void *from,
                        uint32_t more, size_t item_bytes) {
    if (more > cap - *count) {
        more = (uint32_t)(cap - *count);
        *is_full = true;
    }
    if (more > 0)
        memcpy((uint8_t *)items + *count * item_bytes, from, more * item_bytes);
    *count += more;
    return more;
}

static void add_hash(const CodeHash *hash, Features *out, FunctionFeature *to) {
    to->pic = hash->pic;
    to->first_block = (uint32_t)out->blocks.count;
    to->block_count = ADD_ALL(&out->blocks, hash->blocks, hash->block_count);
    to->first_gene = (uint32_t)out->genes.count;
    to->gene_count = ADD_ALL(&out->genes, hash->genes, hash->gene_count);
}

/* ---- one job for all threads ---- */

typedef struct Job {
    Sample *s;
    const Image *image;
    const Code *code;
    ArenaMark mark; /* of scratch, before the job */
    const uint32_t *order;
    CodeHash *hashes; /* per function */
    bool *done;       /* per function: hashed */
    Summaries *summaries;
    _Atomic size_t next; /* place in the order that nobody has taken yet */
    _Atomic bool is_late, is_full;
} Job;

static void hash_functions(Job *job, const ThreadArenas *arenas) {
    enum {
        PORTION = 16
    }; /* functions taken at once: few enough that threads end together (guess) */
    size_t count = job->code->functions.count;
    CodeHasher *hasher =
        code_hasher_new(arenas->arena, arenas->scratch, job->image, job->code, job->summaries);
    for (size_t first; (first = atomic_fetch_add(&job->next, PORTION)) < count;)
        for (size_t i = first; i < count && i < first + PORTION; i++) {
            if (job->is_late || job->is_full)
                return;
            uint32_t function = job->order[i];
            job->hashes[function] = code_hash_function(hasher, &job->code->functions.at[function]);
            job->done[function] = true;
            if (i == first && sample_is_past_deadline(job->s))
                job->is_late = true;
        }
}

/* What the sample's thread wants before it wants hashes. */
static void sift_functions(const Job *job, Arena *scratch) {
    ArenaMark mark = arena_mark(scratch);
    const Code *code = code_for_thread(scratch, job->image, job->code);
    const Lifter *lifter = lifter_for_image(scratch, job->image, code->decoder);
    if (lifter)
        sift_all_work(job->s->sifted,
                      &(SiftTools){code->decoder, lifter, ARENA_ARRAY(scratch, IrOp, IR_MAX_OPS),
                                   sift_memory_new(scratch, job->image)},
                      scratch);
    arena_reset(scratch, mark);
}

/* With arenas of its own; one that is full stops all threads. */
static void run_thread(void *ctx, size_t number) {
    Job *job = ctx;
    ThreadArenas *arenas = &job->s->thread_arenas[number];
    jmp_buf full;
    if (!arenas->arena || !arenas->scratch || setjmp(full)) {
        job->is_full = true;
        if (job->s->sifted)
            sift_all_give_up(job->s->sifted);
        return;
    }
    arena_set_escape(arenas->arena, &full);
    arena_set_escape(arenas->scratch, &full);
    if (number > 0 && job->s->sifted)
        sift_functions(job, arenas->scratch);
    hash_functions(job, arenas);
}

static void add_functions(Sample *s, const Code *code, Features *out) {
    for (size_t i = 0; i < code->functions.count; i++) {
        const Function *from = &code->functions.at[i];
        FunctionFeature *to = VEC_ADD(s->arena, &out->functions);
        if (!to)
            break;
        to->va = from->va;
        to->size = from->size;
        to->blocks = from->block_count;
        to->instructions = from->instruction_count;
        to->name = from->name ? feature_text(s->arena, from->name, MAX_NAME_BYTES) : NULL;
        to->source = (uint8_t)from->source;
        to->flags = from->flags;
        add_calls(s, code, from, out, to);
    }
}

void extract_code(Sample *s, const Image *image, const Code *code, Features *out) {
    add_functions(s, code, out);
    s->job = NULL;
    s->sifted = NULL;
    if (!code->decoder)
        return;
    ArenaMark mark = arena_mark(s->scratch);
    Job *job = ARENA_NEW(s->scratch, Job);
    job->s = s;
    job->image = image;
    job->code = code;
    job->mark = mark;
    job->order = callees_first(code, s->scratch);
    job->hashes = ARENA_ARRAY(s->scratch, CodeHash, code->functions.count + 1);
    job->done = ARENA_ARRAY(s->scratch, bool, code->functions.count + 1);
    job->summaries = summaries_new(s->scratch, code);
    for (size_t i = 0; i <= helpers_count(s->helpers); i++)
        s->thread_arenas[i] =
            (ThreadArenas){arena_new(arena_max(s->scratch)), arena_new(arena_max(s->scratch))};
    s->job = job;
    if (helpers_count(s->helpers) > 0 && !s->no_emulation)
        s->sifted = sift_all_new(s->scratch, image, code);
    helpers_start(s->helpers, run_thread, job);
}

static void reserve(Arena *a, const Job *job, Features *out) {
    size_t blocks = out->blocks.count, genes = out->genes.count;
    for (size_t i = 0; i < out->functions.count; i++) {
        blocks += job->done[i] ? job->hashes[i].block_count : 0;
        genes += job->done[i] ? job->hashes[i].gene_count : 0;
    }
    VEC_RESERVE(a, &out->blocks, blocks);
    VEC_RESERVE(a, &out->genes, genes);
}

void finish_code(Sample *s, Features *out) {
    Job *job = s->job;
    if (!job)
        return;
    run_thread(job, 0);
    helpers_wait(s->helpers);
    if (job->is_late)
        (void)sample_is_late(s); /* notes it */
    if (job->is_full)
        arena_give_up(s->arena);
    reserve(s->arena, job, out);
    for (size_t i = 0; i < out->functions.count; i++) {
        FunctionFeature *to = &out->functions.at[i];
        if (job->done[i])
            add_hash(&job->hashes[i], out, to);
        if (job->hashes[i].is_cut && to->blocks < MAX_FUNCTION_BLOCKS) /* told by graph.c */
            notes_add(&s->notes, NOTE_FUNCTION_LIMIT, image_off_at(job->image, to->va));
    }
    traits_from_profiles(s, job->image, job->code, job->hashes, out);
    sample_free_thread_arenas(s);
    arena_reset(s->scratch, job->mark);
    s->job = NULL;
    s->sifted = NULL;
}
