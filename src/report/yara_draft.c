/* SPDX-License-Identifier: Apache-2.0
 * yara_draft.c: what of a sample could stand in a rule. */
#include <stdlib.h>
#include <string.h>

#include "feature/routine_token.h"
#include "image/image.h"
#include "match/vote.h"
#include "report/yara.h"

/* Notes, patterns and texts of some thousand samples. */
#define MAX_SET_BYTES ((size_t)2 << 30)
/* Shorter texts are words of everybody; longer ones are cut. Shorter secrets are met by chance
 * (guesses). */
enum { LEAST_TEXT = 8, MOST_TEXT = 128, LEAST_SECRET = 8, MOST_SECRET = 64 };

RuleSet *rules_new(const char *version) {
    RuleSet *set = calloc(1, sizeof *set);
    CHECK(set);
    set->arena = arena_new(MAX_SET_BYTES);
    CHECK(set->arena);
    set->rules.max = MAX_RULES;
    set->patterns.max = 1 << 22;
    set->by_content = map_new(set->arena, 1024);
    set->version = version;
    return set;
}

void rules_free(RuleSet *set) {
    if (!set)
        return;
    arena_free(set->arena);
    free(set);
}

static const char *keep_text(RuleSet *set, const char *text) {
    return text ? arena_text(set->arena, (Bytes){(const uint8_t *)text, strlen(text)}) : NULL;
}

static uint32_t rule_for(RuleSet *set, const RuleInput *in) {
    for (uint32_t i = 0; in->family && i < set->rules.count; i++)
        if (set->rules.at[i].family && strcmp(set->rules.at[i].family, in->family) == 0)
            return i;
    Rule *r = VEC_ADD(set->arena, &set->rules);
    if (!r)
        return UINT32_MAX;
    r->family = keep_text(set, in->family);
    r->source = keep_text(set, in->source);
    r->basis = keep_text(set, in->basis);
    r->samples.max = MAX_RULE_SAMPLES;
    return (uint32_t)set->rules.count - 1;
}

/* ---- patterns ---- */

/* Adds the pattern, or the sample to those that have it already. Copies the bytes. */
static void add_pattern(RuleSet *set, const Pattern *p) {
    Hash128 hash = hash128((Bytes){p->at, p->size});
    uint64_t key = hash.low ^ mix64(p->rule + 1) ^ (uint64_t)p->is_wide;
    if (p->is_fixed)
        key ^= mix64(hash64((Bytes){p->is_fixed, p->size}));
    uint64_t *known = map_find(&set->by_content, key);
    if (known) {
        Pattern *other = &set->patterns.at[*known - 1];
        other->has |= p->has;
        other->weight = p->weight > other->weight ? p->weight : other->weight;
        return;
    }
    Pattern *to = VEC_ADD(set->arena, &set->patterns);
    if (!to)
        return;
    *to = *p;
    uint8_t *copy = arena_alloc(set->arena, (size_t)p->size * 2);
    memcpy(copy, p->at, p->size);
    to->at = copy;
    if (p->is_fixed) {
        memcpy(copy + p->size, p->is_fixed, p->size);
        to->is_fixed = copy + p->size;
    }
    map_put(&set->by_content, key, set->patterns.count);
}

typedef struct Adding {
    RuleSet *set;
    const RuleInput *in;
    Pattern base;      /* rule, sample and has of the sample at hand */
    float *weight;     /* per function; 0: not to be used */
    bool *is_shared;   /* per function: with another sample of the family */
    const char **note; /* per function */
    Arena *scratch;
} Adding;

/* ---- code ---- */

static bool is_of_family(const RuleInput *in, const SampleMatch *m) {
    const StoredSample *there = snapshot_find_sample(in->snap, m->sample);
    return there && in->family && there->labels.family &&
           strcmp(there->labels.family, in->family) == 0 &&
           memcmp(there->sha256, in->features->sha256, 32) != 0;
}

static bool is_public(const FunctionInfo *info) {
    return info->function_class == CLASS_LIBRARY || info->function_class == CLASS_GOODWARE ||
           info->function_class == CLASS_COMMON;
}

/* Libraries lie together in a program: a function that nobody knows amid those of libraries is one
 * of a version that the store does not have. Half of the neighbours, of at most 8 on each side,
 * must be public (guess). */
static bool is_amid_public(const RuleInput *in, size_t function) {
    enum { NEIGHBOURS = 8, LEAST = 4 };
    const FunctionInfo *info = in->report->functions;
    unsigned public = 0, all = 0;
    for (int step = -1; step <= 1; step += 2) {
        size_t at = function;
        for (unsigned seen = 0; seen < NEIGHBOURS;) {
            if ((step < 0 && at == 0) || (step > 0 && at + 1 >= in->features->functions.count))
                break;
            at = step < 0 ? at - 1 : at + 1;
            if (info[at].function_class == CLASS_SMALL)
                continue;
            public += is_public(&info[at]);
            all++;
            seen++;
        }
    }
    return all >= LEAST && public * 2 >= all;
}

/* What the store says of each function: code of libraries, goodware and several families is left
 * out; what another sample of the family has as well comes first, and code that transforms data. */
static void weigh_functions(Adding *x) {
    const RuleInput *in = x->in;
    const Features *f = in->features;
    for (size_t i = 0; i < f->functions.count; i++) {
        FunctionClass class = in->report->functions[i].function_class;
        bool is_own = (class == CLASS_FAMILY || class == CLASS_UNKNOWN) && !is_amid_public(in, i);
        x->weight[i] = is_own ? 1 + function_size_weight(&f->functions.at[i]) : 0;
    }
    for (size_t i = 0; i < in->report->samples.count; i++) {
        const SampleMatch *m = &in->report->samples.at[i];
        for (size_t k = 0; is_of_family(in, m) && k < m->pairs.count; k++) {
            const FunctionPair *p = &m->pairs.at[k];
            if (x->weight[p->a] > 0 && !x->is_shared[p->a])
                x->weight[p->a] += p->score;
            x->is_shared[p->a] = true;
        }
    }
    for (size_t i = 0, at = 0; i < f->routines.count; i++) {
        const Routine *r = &f->routines.at[i];
        while (at < f->functions.count && f->functions.at[at].va < r->va)
            at++;
        if (at >= f->functions.count || f->functions.at[at].va != r->va || x->weight[at] == 0 ||
            r->flags & ROUTINE_PUBLIC)
            continue;
        x->weight[at] += 2;
        x->note[at] = routine_kind_name(r->kind);
    }
}

typedef struct Ranked {
    float weight;
    uint32_t is_entry, index;
} Ranked;

static int compare_ranked(const void *a, const void *b) {
    const Ranked *x = a, *y = b;
    if (x->weight < y->weight || x->weight > y->weight)
        return x->weight > y->weight ? -1 : 1;
    if (x->is_entry != y->is_entry)
        return x->is_entry < y->is_entry ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* How functions begin is the compiler's style: such windows come last. */
static uint32_t is_entry(const Features *f, const CodeWindow *w) {
    return f->functions.at[w->function].va == w->va;
}

static void add_code(Adding *x) {
    const Features *f = x->in->features;
    const CodeWindows *w = x->in->windows;
    Ranked *order = ARENA_ARRAY(x->scratch, Ranked, w->windows.count + 1);
    size_t n = 0;
    for (uint32_t i = 0; i < w->windows.count; i++) {
        uint32_t function = w->windows.at[i].function;
        if (function < f->functions.count && x->weight[function] > 0)
            order[n++] = (Ranked){x->weight[function], is_entry(f, &w->windows.at[i]), i};
    }
    qsort(order, n, sizeof *order, compare_ranked);
    /* Every function gives one window before any gives its second. */
    uint32_t *given = ARENA_ARRAY(x->scratch, uint32_t, f->functions.count + 1);
    size_t tried = 0;
    for (uint32_t round = 0; round < WINDOWS_PER_FUNCTION; round++) {
        memset(given, 0, f->functions.count * sizeof *given);
        for (size_t i = 0; i < n && tried < MAX_TRIED_WINDOWS; i++) {
            const CodeWindow *window = &w->windows.at[order[i].index];
            if (given[window->function]++ != round)
                continue;
            Pattern p = x->base;
            p.kind = PATTERN_CODE;
            p.function = window->function;
            p.va = window->va;
            p.at = window->at;
            p.is_fixed = window->is_fixed;
            p.size = window->size;
            p.weight = order[i].weight;
            p.note = x->note[window->function];
            add_pattern(x->set, &p);
            tried++;
        }
    }
}

/* ---- secrets and texts ---- */

static void add_secrets(Adding *x) {
    const Features *f = x->in->features;
    RoutineToken *tokens = ARENA_ARRAY(x->scratch, RoutineToken, routine_tokens_max(f) + 1);
    size_t count = routine_tokens(f, tokens);
    for (size_t i = 0; i < count; i++) {
        const RoutineParameter *s = tokens[i].parameter;
        uint8_t bytes[MOST_SECRET];
        size_t size = s && s->kind == PARAMETER_BYTES ? strlen(s->text) / 2 : 0;
        if (size < LEAST_SECRET)
            continue;
        char hex[2 * MOST_SECRET + 1];
        size = size < MOST_SECRET ? size : MOST_SECRET;
        memcpy(hex, s->text, 2 * size);
        hex[2 * size] = 0;
        Pattern p = x->base;
        p.kind = PATTERN_SECRET;
        p.va = f->routines.at[tokens[i].routine].va;
        p.at = bytes;
        p.size = (uint32_t)size;
        p.weight = 1;
        p.note = keep_text(x->set, s->name);
        if (hex_read(bytes, size, hex))
            add_pattern(x->set, &p);
    }
}

/* Rare strings that a reference of the family has as well. */
static void add_texts(Adding *x) {
    const Features *f = x->in->features;
    size_t tried = 0;
    for (size_t i = 0; i < x->in->report->samples.count; i++) {
        const SampleMatch *m = &x->in->report->samples.at[i];
        for (size_t k = 0; is_of_family(x->in, m) && k < m->tokens.count; k++) {
            const SharedToken *t = &m->tokens.at[k];
            if (t->is_trait || t->of_routine || t->families > 1 || tried >= MAX_TRIED_TEXTS)
                continue;
            const StringFeature *s = &f->strings.at[t->index];
            bool is_in_file = s->kind == STRING_PLAIN || s->kind == STRING_UTF16;
            if (!is_in_file || s->length < LEAST_TEXT)
                continue;
            Pattern p = x->base;
            p.kind = PATTERN_TEXT;
            p.va = s->va;
            p.at = (const uint8_t *)s->text;
            p.size = s->length < MOST_TEXT ? s->length : MOST_TEXT;
            p.is_wide = s->kind == STRING_UTF16;
            p.weight = t->weight;
            add_pattern(x->set, &p);
            tried++;
        }
    }
}

void rules_add(RuleSet *set, const RuleInput *in, Arena *scratch) {
    uint32_t rule = rule_for(set, in);
    set->public_samples = in->report->public_in_store;
    Rule *r = rule == UINT32_MAX ? NULL : &set->rules.at[rule];
    for (size_t i = 0; r && i < r->samples.count; i++)
        if (memcmp(r->samples.at[i].sha256, in->features->sha256, 32) == 0)
            return;
    RuleSample *sample = r ? VEC_ADD(set->arena, &r->samples) : NULL;
    if (!sample) {
        if (r)
            r->left_out++;
        return;
    }
    memcpy(sample->sha256, in->features->sha256, 32);
    sample->size = in->features->size;
    sample->format = in->features->format;
    ArenaMark mark = arena_mark(scratch);
    uint32_t index = (uint32_t)r->samples.count - 1;
    Adding x = {.set = set,
                .in = in,
                .base = {.rule = rule, .sample = index, .va = UINT64_MAX, .has = 1ULL << index},
                .scratch = scratch};
    x.weight = ARENA_ARRAY(scratch, float, in->features->functions.count + 1);
    x.is_shared = ARENA_ARRAY(scratch, bool, in->features->functions.count + 1);
    x.note = ARENA_ARRAY(scratch, const char *, in->features->functions.count + 1);
    weigh_functions(&x);
    add_code(&x);
    add_secrets(&x);
    add_texts(&x);
    arena_reset(scratch, mark);
}
