/* SPDX-License-Identifier: Apache-2.0
 * outline_build.c: features to an outline. */
#include <string.h>

#include "base/parallel.h"
#include "feature/call_group.h"
#include "feature/gene_numbers.h"
#include "feature/routine_token.h"
#include "know/value.h"
#include "store/outline.h"
#include "store/store.h"

/* An outline in the making: the columns, to be written. */
typedef struct Draft {
    const Features *f;
    Arena *a, *scratch;
    Outline *out;
    GeneNumbers genes;
    uint32_t *number; /* by gene of `genes`: its place in the outline's dictionary; GENE_NONE */
} Draft;

static void draft_dictionary(Draft *d) {
    size_t n = 0;
    uint64_t *dictionary = ARENA_UNSET(d->a, uint64_t, d->genes.count + 1);
    uint8_t *weight = ARENA_UNSET(d->a, uint8_t, d->genes.count + 1);
    d->number = ARENA_UNSET(d->scratch, uint32_t, d->genes.count + 1);
    for (size_t i = 0; i < d->genes.count; i++) {
        d->number[i] = d->genes.weight[i] ? (uint32_t)n : GENE_NONE;
        if (!d->genes.weight[i])
            continue;
        dictionary[n] = d->genes.genes[i];
        weight[n++] = d->genes.weight[i];
    }
    d->out->dictionary = dictionary;
    d->out->weight = weight;
    d->out->counts[OUTLINE_DICTIONARY] = (uint32_t)n;
}

/* The order of a sketch: least rank first. */
static void sort_by_rank(const GeneRank *rank, uint32_t *at, unsigned count) {
    for (unsigned i = 1; i < count; i++) {
        uint32_t gene = at[i];
        unsigned k = i;
        for (; k > 0 &&
               (rank[at[k - 1]].rank > rank[gene].rank ||
                (rank[at[k - 1]].rank == rank[gene].rank && rank[at[k - 1]].key > rank[gene].key));
             k--)
            at[k] = at[k - 1];
        at[k] = gene;
    }
}

/* Genes of the sketch first, as it has them, then the others, ascending. is_chosen: by gene, all
 * false; left so. */
static void draft_function_genes(const Draft *d, const FunctionFeature *fn, bool *is_chosen,
                                 uint32_t *to, uint8_t *sketch_count) {
    const uint32_t *gene = d->genes.number + fn->first_gene;
    uint32_t chosen[SKETCH_KEYS], n = 0;
    unsigned taken = sketch_choose(d->genes.rank, gene, fn->gene_count, chosen);
    sort_by_rank(d->genes.rank, chosen, taken);
    for (unsigned k = 0; k < taken; k++) {
        is_chosen[chosen[k]] = true;
        to[n++] = d->number[chosen[k]];
    }
    *sketch_count = (uint8_t)taken;
    for (uint32_t i = 0; i < fn->gene_count; i++)
        if (!is_chosen[gene[i]] && d->number[gene[i]] != GENE_NONE)
            to[n++] = d->number[gene[i]];
    for (unsigned k = 0; k < taken; k++)
        is_chosen[chosen[k]] = false;
}

/* Genes of a run of functions; several are drafted side by side. */
typedef struct GenePart {
    const Draft *draft;
    size_t from, end; /* functions */
    bool *is_chosen;
    const uint32_t *first;
    uint32_t *wide, *total;
    uint16_t *narrow; /* NULL: numbers stay wide */
    uint8_t *sketch_count;
} GenePart;

static void draft_part(void *ctx, size_t number) {
    const GenePart *p = (const GenePart *)ctx + number;
    const Draft *d = p->draft;
    for (size_t i = p->from; i < p->end; i++) {
        draft_function_genes(d, &d->f->functions.at[i], p->is_chosen, p->wide + p->first[i],
                             &p->sketch_count[i]);
        p->total[i] = 0;
        for (uint32_t k = p->first[i]; k < p->first[i + 1]; k++)
            p->total[i] += d->out->weight[p->wide[k]];
        for (uint32_t k = p->first[i]; p->narrow && k < p->first[i + 1]; k++)
            p->narrow[k] = (uint16_t)p->wide[k];
    }
}

/* Where each function's genes begin: those that weigh something. */
static uint32_t *place_genes(const Draft *d) {
    const Features *f = d->f;
    uint32_t *first = ARENA_UNSET(d->a, uint32_t, f->functions.count + 1);
    first[0] = 0;
    for (size_t i = 0; i < f->functions.count; i++) {
        const FunctionFeature *fn = &f->functions.at[i];
        first[i + 1] = first[i];
        for (uint32_t k = 0; k < fn->gene_count; k++)
            first[i + 1] += d->number[d->genes.number[fn->first_gene + k]] != GENE_NONE;
    }
    return first;
}

static void draft_genes(Draft *d) {
    enum { PARTS = 8, PART_FUNCTIONS = 256 }; /* some 0.3 ms of work: a thread costs a tenth */
    size_t n = d->f->functions.count;
    GenePart parts[PARTS], all = {.draft = d, .first = place_genes(d)};
    uint32_t count = all.first[n];
    bool is_narrow = d->out->counts[OUTLINE_DICTIONARY] <= (uint32_t)UINT16_MAX + 1 && count > 0;
    all.wide = ARENA_UNSET(is_narrow ? d->scratch : d->a, uint32_t, count + 1);
    all.narrow = is_narrow ? ARENA_UNSET(d->a, uint16_t, count) : NULL;
    all.total = ARENA_UNSET(d->a, uint32_t, n + 1);
    all.sketch_count = ARENA_UNSET(d->a, uint8_t, n + 1);
    size_t part_count = n / PART_FUNCTIONS < PARTS ? n / PART_FUNCTIONS + 1 : PARTS;
    for (size_t i = 0; i < part_count; i++) {
        parts[i] = all;
        parts[i].from = n * i / part_count;
        parts[i].end = n * (i + 1) / part_count;
        parts[i].is_chosen = ARENA_ARRAY(d->scratch, bool, d->genes.count + 1);
    }
    parallel_run(part_count, draft_part, parts);
    d->out->first_gene = all.first;
    d->out->own_total = all.total;
    d->out->sketch_count = all.sketch_count;
    d->out->narrow_gene = all.narrow;
    d->out->wide_gene = is_narrow ? NULL : all.wide;
    d->out->counts[is_narrow ? OUTLINE_NARROW_GENES : OUTLINE_WIDE_GENES] = count;
}

/* Weight of all genes of a group. seen_in: by gene, the last group that was asked, + 1. */
static uint32_t weigh_group(const Outline *o, const ContextGroup *group, uint32_t *seen_in) {
    uint32_t sum = 0;
    for (unsigned m = 0; m < group->count; m++) {
        uint32_t f = group->function[m];
        for (uint32_t k = o->first_gene[f]; k < o->first_gene[f + 1]; k++) {
            uint32_t gene = outline_gene(o, k);
            if (seen_in[gene] != group->function[0] + 1)
                sum += o->weight[gene];
            seen_in[gene] = group->function[0] + 1;
        }
    }
    return sum;
}

/* What calls nothing takes nothing in. */
static unsigned members_at_most(const Features *f, size_t function) {
    return f->functions.at[function].call_count > 0 ? CONTEXT_CALLEES : 0;
}

static void draft_groups(Draft *d) {
    const Features *f = d->f;
    size_t n = f->functions.count, room = 0;
    uint8_t *callers = context_callers(f, d->scratch, d->scratch);
    uint32_t *seen_in = ARENA_ARRAY(d->scratch, uint32_t, d->out->counts[OUTLINE_DICTIONARY] + 1);
    uint32_t *first = ARENA_UNSET(d->a, uint32_t, n + 1),
             *total = ARENA_UNSET(d->a, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++)
        room += members_at_most(f, i);
    uint32_t *member = ARENA_UNSET(d->scratch, uint32_t, room + 1), count = 0;
    for (uint32_t i = 0; i < n; i++) {
        ContextGroup group = context_group(f, callers, i);
        first[i] = count;
        memcpy(member + count, group.function + 1, (group.count - 1) * sizeof *member);
        count += group.count - 1;
        total[i] = group.count > 1 ? weigh_group(d->out, &group, seen_in) : d->out->own_total[i];
    }
    first[n] = count;
    uint32_t *kept = ARENA_UNSET(d->a, uint32_t, count + 1);
    memcpy(kept, member, count * sizeof *kept);
    d->out->first_member = first;
    d->out->member = kept;
    d->out->group_total = total;
    d->out->counts[OUTLINE_MEMBERS] = count;
}

static void draft_calls(Draft *d) {
    const Features *f = d->f;
    size_t n = f->functions.count;
    uint32_t *first = ARENA_UNSET(d->a, uint32_t, n + 1), count = 0;
    uint32_t *call = ARENA_UNSET(d->a, uint32_t, f->calls.count + 1);
    for (size_t i = 0; i < n; i++) {
        const FunctionFeature *fn = &f->functions.at[i];
        first[i] = count;
        for (uint32_t k = 0; k < fn->call_count; k++) {
            uint32_t callee = f->calls.at[fn->first_call + k];
            if (!(callee & CALL_IS_IMPORT))
                call[count++] = callee;
        }
    }
    first[n] = count;
    d->out->first_call = first;
    d->out->call = call;
    d->out->counts[OUTLINE_CALLS] = count;
}

static size_t name_size(const char *name) {
    return name && name[0] ? strnlen(name, OUTLINE_NAME - 1) + 1 : 0;
}

static void draft_names(Draft *d) {
    const Features *f = d->f;
    size_t n = f->functions.count, size = 1;
    for (size_t i = 0; i < n; i++)
        size += name_size(f->functions.at[i].name);
    char *names = ARENA_ARRAY(d->a, char, size);
    uint32_t *name = ARENA_ARRAY(d->a, uint32_t, n + 1), at = 1;
    for (size_t i = 0; i < n; i++) {
        size_t bytes = name_size(f->functions.at[i].name);
        if (bytes == 0)
            continue;
        name[i] = at;
        memcpy(names + at, f->functions.at[i].name, bytes - 1);
        at += (uint32_t)bytes;
    }
    d->out->name = name;
    d->out->names = names;
    d->out->counts[OUTLINE_NAMES] = at;
}

static void draft_functions(Draft *d) {
    const Features *f = d->f;
    size_t n = f->functions.count;
    Hash128 *pic = ARENA_UNSET(d->a, Hash128, n + 1);
    uint32_t *instructions = ARENA_UNSET(d->a, uint32_t, n + 1);
    uint32_t *blocks = ARENA_UNSET(d->a, uint32_t, n + 1);
    uint32_t *gene_count = ARENA_UNSET(d->a, uint32_t, n + 1);
    uint8_t *flags = ARENA_UNSET(d->a, uint8_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        const FunctionFeature *fn = &f->functions.at[i];
        pic[i] = fn->pic;
        instructions[i] = fn->instructions;
        blocks[i] = fn->blocks;
        gene_count[i] = fn->gene_count;
        flags[i] = fn->flags;
    }
    d->out->pic = pic;
    d->out->instructions = instructions;
    d->out->blocks = blocks;
    d->out->gene_count = gene_count;
    d->out->flags = flags;
}

void outline_from_features(const Features *f, Arena *a, Arena *scratch, Outline *out) {
    *out = (Outline){.is_go = features_are_go(f)};
    out->counts[OUTLINE_FUNCTIONS] = (uint32_t)f->functions.count;
    out->counts[OUTLINE_FUNCTION_ENDS] = (uint32_t)f->functions.count + 1;
    Draft d = {.f = f, .a = a, .scratch = scratch, .out = out};
    ArenaMark mark = arena_mark(scratch);
    d.genes = gene_numbers_from_features(f, scratch, scratch);
    draft_dictionary(&d);
    draft_functions(&d);
    draft_genes(&d);
    draft_groups(&d);
    draft_calls(&d);
    draft_names(&d);
    arena_reset(scratch, mark);
}

/* ---- tokens ---- */

typedef struct TokenDraft {
    uint64_t token;
    uint32_t index;
    uint8_t of, length;
} TokenDraft;

static TokenDraft draft_text(const StringFeature *s) {
    return (TokenDraft){.token = token_from_string(s->text, s->length),
                        .of = (uint8_t)(OUTLINE_STRING | (s->ref_count ? OUTLINE_MENTIONED : 0) |
                                        (s->kind <= STRING_UTF16 ? OUTLINE_PLAIN : 0)),
                        .length = (uint8_t)(s->length < UINT8_MAX ? s->length : UINT8_MAX)};
}

/* Of several with one token the last counts: routines before traits before texts. */
static size_t list_tokens(const Features *f, Arena *scratch, TokenDraft *to) {
    size_t n = 0;
    for (size_t i = 0; i < f->strings.count; i++) {
        to[n] = draft_text(&f->strings.at[i]);
        to[n++].index = (uint32_t)i;
    }
    for (size_t i = 0; i < f->traits.count; i++)
        to[n++] =
            (TokenDraft){.token = token_from_trait(f->traits.at[i].kind, f->traits.at[i].value),
                         .index = (uint32_t)i,
                         .of = OUTLINE_TRAIT};
    RoutineToken *routines = ARENA_ARRAY(scratch, RoutineToken, routine_tokens_max(f) + 1);
    for (size_t i = 0, count = routine_tokens(f, routines); i < count; i++)
        to[n++] =
            (TokenDraft){.token = routines[i].token, .index = (uint32_t)i, .of = OUTLINE_ROUTINE};
    return n;
}

/* Columns of distinct tokens from all that were listed. */
static void keep_tokens(const TokenDraft *all, size_t count, Arena *a, Arena *scratch,
                        Outline *out) {
    uint64_t *token = ARENA_UNSET(a, uint64_t, count + 1);
    for (size_t i = 0; i < count; i++)
        token[i] = all[i].token;
    sort_u64(scratch, token, count);
    size_t n = unique_u64(token, count);
    uint32_t *index = ARENA_UNSET(a, uint32_t, n + 1);
    uint8_t *of = ARENA_UNSET(a, uint8_t, n + 1), *length = ARENA_ARRAY(a, uint8_t, n + 1);
    Map place = map_new(scratch, n);
    for (size_t i = 0; i < n; i++)
        map_put(&place, token[i], i);
    for (size_t i = 0; i < count; i++) {
        size_t at = *map_find(&place, all[i].token);
        index[at] = all[i].index;
        of[at] = all[i].of;
        length[at] = length[at] > all[i].length ? length[at] : all[i].length;
    }
    out->counts[OUTLINE_TOKENS] = (uint32_t)n;
    out->token = token;
    out->token_index = index;
    out->token_of = of;
    out->token_length = length;
}

static bool is_network(IndicatorKind kind) {
    return kind == INDICATOR_IPV4 || kind == INDICATOR_IPV6 || kind == INDICATOR_DOMAIN ||
           kind == INDICATOR_URL || kind == INDICATOR_EMAIL || kind == INDICATOR_WALLET;
}

/* Of all addresses, domains and URLs, hosts of URLs among them. */
static void keep_values(const Features *f, Arena *a, Arena *scratch, Outline *out) {
    KnowValues *values = ARENA_NEW(scratch, KnowValues);
    size_t most = sizeof values->at / sizeof *values->at, n = 0;
    uint64_t *value = ARENA_UNSET(a, uint64_t, f->indicators.count * most + 1);
    for (size_t i = 0; i < f->indicators.count; i++) {
        const Indicator *indicator = &f->indicators.at[i];
        KnowValueKind kind = know_value_from_name(indicator_kind_name(indicator->kind));
        if (!is_network(indicator->kind) || kind == KNOW_VALUE_COUNT ||
            !know_values_from_text(kind, indicator->value, strlen(indicator->value), values))
            continue;
        for (size_t k = 0; k < values->count; k++)
            value[n++] = know_value_key(values->at[k].kind, values->at[k].text);
    }
    sort_u64(scratch, value, n);
    out->counts[OUTLINE_VALUES] = (uint32_t)unique_u64(value, n);
    out->value = value;
}

void outline_add_tokens(const Features *f, Arena *a, Arena *scratch, Outline *out) {
    ArenaMark mark = arena_mark(scratch);
    TokenDraft *all = ARENA_UNSET(scratch, TokenDraft,
                                  f->strings.count + f->traits.count + routine_tokens_max(f) + 1);
    size_t n = list_tokens(f, scratch, all);
    keep_tokens(all, n, a, scratch, out);
    keep_values(f, a, scratch, out);
    arena_reset(scratch, mark);
}
