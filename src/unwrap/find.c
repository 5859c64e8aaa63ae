/* SPDX-License-Identifier: Apache-2.0 */
#include "unwrap/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unwrap/exam.h"
#include "unwrap/sift.h"
#include "unwrap/site.h"
#include "value/value.h"

typedef struct Find {
    Sample *s;
    const Image *image;
    const Code *code;
    Probe *probe;
    Values *values;
    const Lifter *lifter;
    Blowfish *pi;
    IrOp *ops;
    uint32_t *ref_start; /* per function: refs_by_function[ref_start[i] .. ref_start[i + 1]) */
    uint32_t *refs_by_function;
    uint64_t steps_left;
    RoutineVec *routines;
    RoutineParameterVec *parameters;
} Find;

static void index_refs(Find *f) {
    size_t functions = f->code->functions.count, refs = f->code->refs.count;
    f->ref_start = ARENA_ARRAY(f->s->scratch, uint32_t, functions + 2);
    f->refs_by_function = ARENA_ARRAY(f->s->scratch, uint32_t, refs + 1);
    for (size_t i = 0; i < refs; i++)
        if (f->code->refs.at[i].function < functions)
            f->ref_start[f->code->refs.at[i].function + 2]++;
    for (size_t i = 2; i < functions + 2; i++)
        f->ref_start[i] += f->ref_start[i - 1];
    for (size_t i = 0; i < refs; i++)
        if (f->code->refs.at[i].function < functions)
            f->refs_by_function[f->ref_start[f->code->refs.at[i].function + 1]++] = (uint32_t)i;
}

static void add_blob(Find *f, uint64_t va, Secrets *to) {
    Bytes b = image_bytes_at(f->image, va);
    /* Constants may stand in an executable segment, between functions. */
    if (b.size < 4 || to->blob_count == EXAM_BLOBS ||
        (image_is_code(f->image, va) && code_find_covering(f->code, va)))
        return;
    for (unsigned i = 0; i < to->blob_count; i++)
        if (to->blob_va[i] == va)
            return;
    to->blob_va[to->blob_count] = va;
    to->blobs[to->blob_count++] = b;
}

static void add_constant(Secrets *to, uint64_t value, bool has_room) {
    uint32_t c = (uint32_t)value;
    if (c <= 0xff || c >= 0xffffff00)
        to->small[c & 0xff] = to->small[-c & 0xff] = true;
    if (!has_room || to->constant_count == EXAM_CONSTANTS || c <= 0xff || c >= 0xffffff00 ||
        (value >> 32 && value >> 32 != UINT32_MAX))
        return;
    for (unsigned i = 0; i < to->constant_count; i++)
        if (to->constants[i] == c)
            return;
    to->constants[to->constant_count++] = c;
}

/* i386 code that finds out where it is (call, pop) and adds distances to that: each distance from
 * each place in the function that is pushed as an address. */
static void add_relative(Find *f, const Function *function, const Graph *g, Secrets *to) {
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

static void add_secrets(Find *f, const Function *function, unsigned depth, Secrets *to) {
    size_t index = (size_t)(function - f->code->functions.at);
    for (uint32_t i = f->ref_start[index]; i < f->ref_start[index + 1]; i++)
        add_blob(f, f->code->refs.at[f->refs_by_function[i]].to_va, to);
    ArenaMark mark = arena_mark(f->s->scratch);
    const ValueFunction *v = values_from_function(f->values, function, f->s->scratch);
    for (uint32_t i = 1; i < v->graph.count; i++) {
        const Node *n = &v->graph.nodes[i];
        if (n->kind != VALUE_CONST)
            continue;
        add_constant(to, n->imm, true);
        if (n->imm > 0xff)
            add_blob(f, n->imm, to);
    }
    if (f->image->arch == ARCH_X86)
        add_relative(f, function, &v->graph, to);
    arena_reset(f->s->scratch, mark);
    for (uint32_t i = 0; depth > 0 && i < function->call_count && i < 8; i++) {
        const Call *call = &f->code->calls.at[function->first_call + i];
        if (call->callee && call->callee - 1 != index)
            add_secrets(f, &f->code->functions.at[call->callee - 1], depth - 1, to);
    }
}

/* What an unnamed function made of canonical input, as a number: all cells hold the same, so that
 * neither order nor convention of the arguments matters. */
static void add_io(Exam *x) {
    Probe *p = x->probe;
    uint64_t all = 0;
    for (unsigned turn = 0; turn < 2; turn++) {
        uint64_t sum = 0;
        size_t length = turn ? 64 : 32;
        probe_fill(p, 1, length, length);
        for (unsigned i = 1; i < p->cell_count; i++)
            probe_fill_same(p, i, 1, length);
        probe_fill_same(p, 0, 1, length);
        ProbeShot s = probe_shoot(p);
        for (unsigned i = 0; i < s.output_count; i++) {
            const ProbeOutput *o = &s.outputs[i];
            sum += hash64((Bytes){o->after + o->first, o->end - o->first});
        }
        if (s.output_count == 0)
            sum = s.result & UINT32_MAX;
        all = mix64(all ^ sum);
    }
    finding_add_constant(x, "io", all);
}

static void add_routine(Find *f, const Function *function, Exam *x) {
    const Finding *found = &x->out;
    Routine *r = VEC_ADD(f->s->arena, f->routines);
    char text[320];
    if (!r)
        return;
    *r = (Routine){.va = function->va,
                   .size = function->size,
                   .kind = found->kind,
                   .algorithm = found->algorithm,
                   .confidence = found->confidence,
                   .flags = found->flags,
                   .first_parameter = (uint32_t)f->parameters->count};
    int n = snprintf(text, sizeof text, "1|%s|%s|%s", routine_kind_name(found->kind),
                     found->algorithm ? found->algorithm : "", found->constants);
    r->fingerprint = hash128((Bytes){(const uint8_t *)text, (size_t)n});
    n = snprintf(text, sizeof text, "1|%s", found->family);
    r->structure = hash128((Bytes){(const uint8_t *)text, (size_t)n});
    for (unsigned i = 0; i < found->parameter_count; i++) {
        RoutineParameter *p = VEC_ADD(f->s->arena, f->parameters);
        if (!p)
            return;
        *p = found->parameters[i];
        r->parameter_count++;
    }
}

static bool examine(Find *f, const Function *function, const Sifted *sifted, Exam *x) {
    bool returns =
        probe_find_pointers(f->probe, function->va | (function->flags & FUNCTION_THUMB ? 1 : 0));
    if (!returns && probe_pointer_count(f->probe) < 2)
        return false;
    Secrets *secrets = ARENA_NEW(f->s->scratch, Secrets);
    if (sifted->has_mixing)
        add_secrets(f, function, 1, secrets);
    *x = (Exam){.arena = f->s->arena,
                .scratch = f->s->scratch,
                .probe = f->probe,
                .secrets = secrets,
                .has_multiply = sifted->has_multiply,
                .has_mixing = sifted->has_mixing,
                .pi = f->pi};
    if (!returns)
        return match_unpackers(x); /* they may not take what is not packed */
    if (match_stream(x) || match_block(x) || match_digest(x) || match_coding(x) ||
        (sifted->has_multiply && match_generator(x))) {
        if (!x->out.algorithm)
            add_io(x);
        return true;
    }
    return false;
}

/* The first words of pi, of either order, anywhere in the image. */
static bool has_pi(const Image *image) {
    static const uint8_t LITTLE[8] = {0x88, 0x6a, 0x3f, 0x24, 0xd3, 0x08, 0xa3, 0x85},
                         BIG[8] = {0x24, 0x3f, 0x6a, 0x88, 0x85, 0xa3, 0x08, 0xd3};
    for (size_t i = 0; i < image->segments.count; i++) {
        Bytes b = image->segments.at[i].file;
        if (memmem(b.at, b.size, LITTLE, 8) || memmem(b.at, b.size, BIG, 8))
            return true;
    }
    return false;
}

static bool prepare(Find *f) {
    Arena *scratch = f->s->scratch;
    /* Not on scratch: its pages come and go between marks of ours. */
    Process *process = process_from_image(f->s->arena, f->image, f->code);
    f->values = values_for_image(scratch, f->image, f->code, NULL);
    if (!process || !f->values)
        return false;
    f->probe = probe_new(scratch, process);
    if (!f->probe)
        return false;
    index_refs(f);
    if (has_pi(f->image)) {
        f->pi = ARENA_NEW(scratch, Blowfish);
        blowfish_pi(f->pi);
    }
    return true;
}

typedef struct Candidate {
    uint32_t function;
    Sifted sifted;
} Candidate;

static void look_at(Find *f, const Candidate *candidate) {
    const Function *function = &f->code->functions.at[candidate->function];
    if (!f->probe && !prepare(f)) {
        f->steps_left = 0;
        return;
    }
    ArenaMark mark = arena_mark(f->s->scratch);
    Exam x = {0};
    if (examine(f, function, &candidate->sifted, &x)) {
        if (x.out.key_cell != -1)
            site_add_keys(f->image, f->code, f->values, function, &x);
        if (f->probe->steps_left == 0)
            x.out.flags |= ROUTINE_CUT;
        add_routine(f, function, &x);
    }
    uint64_t used = PROBE_FUNCTION_STEPS - f->probe->steps_left;
    f->steps_left -= used < f->steps_left ? used : f->steps_left;
    arena_reset(f->s->scratch, mark);
}

static int strongest_first(const void *x, const void *y) {
    const Candidate *a = x, *b = y;
    if (a->sifted.strength != b->sifted.strength)
        return a->sifted.strength > b->sifted.strength ? -1 : 1;
    return (a->function > b->function) - (a->function < b->function);
}

static int by_address(const void *x, const void *y) {
    const Candidate *a = x, *b = y;
    return (a->function > b->function) - (a->function < b->function);
}

/* The strongest FIND_FUNCTIONS, in order of address. */
static size_t choose(Find *f, Candidate **out) {
    size_t n = 0;
    Candidate *all = ARENA_ARRAY(f->s->scratch, Candidate, f->code->functions.count + 1);
    for (uint32_t i = 0; i < f->code->functions.count; i++) {
        all[n] = (Candidate){
            i, sift_function(f->image, f->code, f->lifter, &f->code->functions.at[i], f->ops)};
        n += all[n].sifted.is_candidate;
    }
    if (n > FIND_FUNCTIONS) {
        notes_add(&f->s->notes, NOTE_ROUTINE_LIMIT, 0);
        qsort(all, n, sizeof *all, strongest_first);
        n = FIND_FUNCTIONS;
        qsort(all, n, sizeof *all, by_address);
    }
    *out = all;
    return n;
}

void routines_from_code(Sample *s, const Image *image, const Code *code, RoutineVec *routines,
                        RoutineParameterVec *parameters) {
    enum { ASK_EVERY = 16 }; /* functions between two looks at the clock */
    ArenaMark mark = arena_mark(s->scratch);
    Find f = {.s = s,
              .image = image,
              .code = code,
              .routines = routines,
              .parameters = parameters,
              .steps_left = FIND_STEPS + FIND_STEPS_PER_BYTE * code->bytes_recovered};
    f.lifter = code->decoder ? lifter_for_image(s->scratch, image, code->decoder) : NULL;
    f.ops = ARENA_ARRAY(s->scratch, IrOp, IR_MAX_OPS);
    Candidate *candidates = NULL;
    size_t count = f.lifter ? choose(&f, &candidates) : 0;
    for (size_t i = 0; i < count; i++) {
        if (f.steps_left == 0 || (i % ASK_EVERY == 0 && sample_is_late(s))) {
            notes_add(&s->notes, NOTE_ROUTINE_LIMIT, 0);
            break;
        }
        look_at(&f, &candidates[i]);
    }
    arena_reset(s->scratch, mark);
}
