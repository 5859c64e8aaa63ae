/* SPDX-License-Identifier: Apache-2.0 */
#include "unwrap/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unwrap/budget.h"
#include "unwrap/exam.h"
#include "unwrap/sift.h"
#include "unwrap/site.h"
#include "value/value.h"

typedef struct Candidate {
    uint32_t function;
    Sifted sifted;
} Candidate;

typedef struct Find {
    Sample *s;
    const Image *image;
    const Code *code;
    Probe *probe;
    Values *values;
    const Lifter *lifter;
    Blowfish *pi;
    bool has_pi; /* it is computed */
    bool has_sigma;
    IrOp *ops;
    SecretSource *secrets;
    uint64_t steps_left;
    uint64_t round_steps; /* a function that needs more is put off */
    Candidate *put_off;   /* of the round */
    size_t put_off_count;
    bool *seen, *found; /* per function */
    RoutineVec *routines;
    RoutineParameterVec *parameters;
} Find;

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

/* What ends on no usual arguments unpacks nothing either. */
static bool returns(Exam *x, bool *is_endless) {
    ProbeShot s = probe_shoot_first(x->probe, PROBE_RETURN_STEPS);
    if (s.is_endless && x->probe->steps_left > 0 && exam_may_be_long(x))
        s = probe_shoot_first(x->probe, PROBE_STEPS);
    *is_endless = s.is_endless;
    return s.returned;
}

static bool examine(Find *f, const Function *function, const Sifted *sifted, Exam *x) {
    Reads reads =
        reads_from_function(f->image, f->code, f->lifter, function, f->ops, f->s->scratch);
    probe_find_pointers(f->probe, function->va | (function->flags & FUNCTION_THUMB ? 1 : 0),
                        &reads);
    bool may_unpack = sifted->has_store && sifted->has_byte_load && sifted->has_shift;
    *x = (Exam){.arena = f->s->arena,
                .scratch = f->s->scratch,
                .probe = f->probe,
                .source = f->secrets,
                .function = function,
                .sifted = sifted,
                .pi = f->pi,
                .has_pi = &f->has_pi,
                .has_sigma = f->has_sigma};
    bool is_endless;
    if (!returns(x, &is_endless)) /* decompressors may not take what is not packed */
        return !is_endless && may_unpack && probe_pointer_count(f->probe) >= 2 &&
               match_unpackers(x);
    if (match_stream(x) || match_block(x) || match_digest(x) || match_coding(x) ||
        (sifted->has_multiply && match_generator(x))) {
        if (!x->out.algorithm)
            add_io(x);
        return true;
    }
    return false;
}

static bool has_bytes(const Image *image, const void *at, size_t size) {
    for (size_t i = 0; i < image->segments.count; i++) {
        if (bytes_find(image->segments.at[i].file, (Bytes){at, size}))
            return true;
    }
    return false;
}

/* The first words of pi, of either order, anywhere in the image. */
static bool has_pi(const Image *image) {
    static const uint8_t LITTLE[8] = {0x88, 0x6a, 0x3f, 0x24, 0xd3, 0x08, 0xa3, 0x85},
                         BIG[8] = {0x24, 0x3f, 0x6a, 0x88, 0x85, 0xa3, 0x08, 0xd3};
    return has_bytes(image, LITTLE, 8) || has_bytes(image, BIG, 8);
}

static bool prepare(Find *f) {
    Arena *scratch = f->s->scratch;
    /* Not on scratch: its pages come and go between marks of ours. */
    Process *process = process_from_image(f->s->arena, f->image, f->code);
    f->values = values_for_image(scratch, f->image, f->code, NULL);
    if (!process || !f->values)
        return false;
    f->probe = probe_new(f->s->arena, scratch, process);
    if (!f->probe)
        return false;
    f->secrets = secret_source_new(scratch, f->image, f->code, f->values);
    f->has_sigma = has_bytes(f->image, "expa", 4);
    if (has_pi(f->image))
        f->pi = ARENA_NEW(scratch, Blowfish);
    return true;
}

/* XOR with all bits or with one: who negates flags, pictures or numbers does so, too. */
static bool is_flip(const Finding *found) {
    if (!found->algorithm || strcmp(found->algorithm, "xor") || found->key_cell >= 0)
        return false;
    for (unsigned i = 0; i < found->parameter_count; i++) {
        const RoutineParameter *p = &found->parameters[i];
        unsigned bits = 0, digits = 0;
        if (p->kind != PARAMETER_BYTES || strcmp(p->name, "key"))
            continue;
        for (; p->text[digits]; digits++)
            bits += (unsigned)__builtin_popcount((unsigned)hex_value(p->text[digits]));
        return bits == 1 || bits == 4 * digits;
    }
    return false;
}

static void look_at(Find *f, const Candidate *candidate) {
    enum { READ_STEPS = 15 }; /* reads_from_function, for each instruction */
    const Function *function = &f->code->functions.at[candidate->function];
    if (!f->probe && !prepare(f)) {
        f->steps_left = 0;
        return;
    }
    ArenaMark mark = arena_mark(f->s->scratch);
    Exam x = {0};
    Probe *p = f->probe;
    p->steps_left = p->function_steps =
        f->steps_left < f->round_steps ? f->steps_left : f->round_steps;
    bool is_found = examine(f, function, &candidate->sifted, &x);
    if (is_found && x.out.key_cell != -1)
        site_add_keys(f->image, f->code, f->values, function, &x);
    is_found &= !x.out.is_of_buffers || finding_has(&x, x.out.key_name);
    if (is_found && is_flip(&x.out))
        is_found = site_gives_data(f->image, f->code, f->values, function, &x);
    if (p->steps_left == 0 && f->round_steps < PROBE_FUNCTION_STEPS) {
        f->put_off[f->put_off_count++] = *candidate;
    } else if (is_found) {
        x.out.flags |= p->steps_left == 0 ? ROUTINE_CUT : 0;
        add_routine(f, function, &x);
        f->found[candidate->function] = true;
    }
    uint64_t used =
        p->function_steps - p->steps_left + (uint64_t)READ_STEPS * function->instruction_count;
    f->steps_left -= used < f->steps_left ? used : f->steps_left;
    arena_reset(f->s->scratch, mark);
}

static int likeliest_first(const void *x, const void *y) {
    const Candidate *a = x, *b = y;
    if (a->sifted.likeness != b->sifted.likeness)
        return a->sifted.likeness > b->sifted.likeness ? -1 : 1;
    return (a->function > b->function) - (a->function < b->function);
}

static int densest_first(const void *x, const void *y) {
    const Candidate *a = x, *b = y;
    if (a->sifted.strength != b->sifted.strength)
        return a->sifted.strength > b->sifted.strength ? -1 : 1;
    return (a->function > b->function) - (a->function < b->function);
}

/* At most FIND_FUNCTIONS, the likeliest first. */
static size_t choose(Find *f, Candidate **out) {
    size_t n = 0;
    Candidate *all = ARENA_ARRAY(f->s->scratch, Candidate, f->code->functions.count + 1);
    SiftAll *others = f->s->sifted;
    SiftTools tools = {f->code->decoder, f->lifter, f->ops,
                       sift_memory_new(f->s->scratch, f->image)};
    if (others)
        sift_all_work(others, &tools, f->s->scratch);
    const Sifted *sifted = others ? sift_all_wait(others) : NULL;
    for (uint32_t i = 0; i < f->code->functions.count; i++) {
        const Function *function = &f->code->functions.at[i];
        all[n] = (Candidate){
            i,
            sifted ? sifted[i] : sift_function(f->image, f->code, function, &tools, f->s->scratch)};
        n += all[n].sifted.is_candidate;
    }
    if (n > FIND_FUNCTIONS) {
        notes_add(&f->s->notes, NOTE_ROUTINE_LIMIT, 0);
        qsort(all, n, sizeof *all, likeliest_first);
        qsort(all + FIND_LIKELY, n - FIND_LIKELY, sizeof *all, densest_first);
        n = FIND_FUNCTIONS;
    }
    qsort(all, n, sizeof *all, likeliest_first);
    *out = all;
    return n;
}

/* ---- callers of what was found ---- */

enum {
    WRAPPER_BYTES = 1024, /* larger ones do more than call (guess) */
    WRAPPER_CALLS = 8,
    WRAPPERS = 64, /* of a sample, and of one depth */
    /* Strength of functions that may be a part of a cipher, and are nothing when they run alone (a
     * key schedule of a size that is an argument): the median of candidates of real programs is 45,
     * ciphers have more. */
    PART_STRENGTH = 50
};

static bool calls_any(const Find *f, const Function *function, const bool *found) {
    for (uint32_t i = 0; i < function->call_count; i++) {
        uint32_t callee = f->code->calls.at[function->first_call + i].callee;
        if (callee > 0 && found[callee - 1])
            return true;
    }
    return false;
}

/* A cipher behind a function that has no loop of its own: it is run when what it calls was found.
 * `found` is of these then. */
static void look_at_callers(Find *f) {
    bool *callees = f->found;
    f->found = ARENA_ARRAY(f->s->scratch, bool, f->code->functions.count + 1);
    unsigned count = 0;
    for (uint32_t i = 0; i < f->code->functions.count && count < WRAPPERS && f->steps_left; i++) {
        const Function *function = &f->code->functions.at[i];
        if (f->seen[i] || function->size > WRAPPER_BYTES || function->call_count > WRAPPER_CALLS ||
            function->flags & (FUNCTION_STUB | FUNCTION_BROKEN) || !calls_any(f, function, callees))
            continue;
        /* What its callee does is not looked up: anything. */
        Candidate candidate = {i,
                               {.is_candidate = true,
                                .has_multiply = true,
                                .has_mixing = true,
                                .has_store = true,
                                .has_byte_load = true,
                                .has_shift = true}};
        f->seen[i] = true;
        look_at(f, &candidate);
        count++;
    }
}

static int by_va(const void *x, const void *y) {
    const Routine *a = x, *b = y;
    if (a->va != b->va)
        return a->va < b->va ? -1 : 1;
    return (a->kind > b->kind) - (a->kind < b->kind);
}

/* Candidates, and then their callers, two calls deep: a mode of operation, a cipher, its rounds.
 * False: the budget is used up, or the time. */
static bool look_at_all(Find *f, const Candidate *candidates, size_t count, uint64_t steps) {
    enum { DEPTH = 2, ASK_EVERY = 16 }; /* functions between two looks at the clock */
    size_t functions = f->code->functions.count;
    f->round_steps = steps;
    f->put_off = ARENA_ARRAY(f->s->scratch, Candidate, count + DEPTH * WRAPPERS + 1);
    f->put_off_count = 0;
    f->found = ARENA_ARRAY(f->s->scratch, bool, functions + 1);
    for (size_t i = 0; i < count; i++) {
        if (f->steps_left == 0 || (i % ASK_EVERY == 0 && sample_is_late(f->s)))
            return false;
        f->seen[candidates[i].function] = true;
        f->found[candidates[i].function] =
            count + WRAPPERS <= FIND_FUNCTIONS && candidates[i].sifted.strength >= PART_STRENGTH;
        look_at(f, &candidates[i]);
    }
    for (unsigned depth = 0; depth < DEPTH && f->probe; depth++)
        look_at_callers(f);
    return f->steps_left > 0;
}

static void find_all(Find *f) {
    /* .98 of the routines of fixtures take fewer, and what other functions of ciphers' libraries
     * take beyond is a third of all: those come last. */
    enum { FIRST_STEPS = 1000000 };
    Candidate *candidates = NULL;
    size_t count = choose(f, &candidates);
    f->seen = ARENA_ARRAY(f->s->scratch, bool, f->code->functions.count + 1);
    if (!look_at_all(f, candidates, count, FIRST_STEPS) ||
        !look_at_all(f, f->put_off, f->put_off_count, PROBE_FUNCTION_STEPS))
        notes_add(&f->s->notes, NOTE_ROUTINE_LIMIT, 0);
}

void routines_from_code(Sample *s, const Image *image, const Code *code, RoutineVec *routines,
                        RoutineParameterVec *parameters) {
    ArenaMark mark = arena_mark(s->scratch);
    Find f = {.s = s,
              .image = image,
              .code = code,
              .routines = routines,
              .parameters = parameters,
              .steps_left = budget_left(s, code)};
    uint64_t steps = f.steps_left;
    f.lifter = code->decoder ? lifter_for_image(s->scratch, image, code->decoder) : NULL;
    f.ops = ARENA_ARRAY(s->scratch, IrOp, IR_MAX_OPS);
    if (f.lifter)
        find_all(&f);
    if (routines->count > 1)
        qsort(routines->at, routines->count, sizeof *routines->at, by_va);
    budget_pay(s, steps - f.steps_left);
    arena_reset(s->scratch, mark);
}
