/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/ledger.h"
#include "judge/overlap.h"
#include "match/chance.h"

enum { MAX_CODE_ITEMS = 12, MAX_TOKEN_ITEMS = 8, MAX_ITEMS = 64 };

/* Likelihood ratio of one shared item: how well it is shared, over how often somebody unrelated has
 * it (rule of succession over the families in the store), capped where nothing more can be
 * measured. */
static double item_log10_lr(double likeness, uint32_t other_families, uint32_t families) {
    double chance = ((double)other_families + 1.0) / ((double)families + 2.0);
    double lr = log10(fmax(likeness, 0.01) / chance);
    return lr > 0 ? lr : 0;
}

static Evidence *add(Verdict *v, Arena *a, EvidenceClass class, const char *group) {
    Evidence *e = VEC_ADD(a, &v->evidence);
    if (!e)
        return NULL;
    e->id = (uint32_t)v->evidence.count;
    e->evidence_class = class;
    e->group = group;
    return e;
}

static void point_to_labels(Evidence *e, const StoredSample *there) {
    const Labels *l = &there->labels;
    evidence_point(e, HYPOTHESIS_FAMILY, l->family, l->source);
    evidence_point(e, HYPOTHESIS_CAMPAIGN, l->campaign, l->source);
    evidence_point(e, HYPOTHESIS_ACTOR, l->actor, l->source);
}

typedef struct Ranked {
    double weight;
    uint32_t index;
} Ranked;

static int compare_ranked(const void *x, const void *y) {
    const Ranked *p = x, *q = y;
    if (p->weight != q->weight)
        return p->weight > q->weight ? -1 : 1;
    return (p->index > q->index) - (p->index < q->index);
}

/* In words: a power of ten is as much as the table can say. */
static const char *chance_text(float log10, Arena *a) {
    static const char *const ONE_IN[] = {"a thousand", "ten thousand", "a hundred thousand",
                                         "a million",  "ten million",  "a hundred million"};
    int power = (int)log10 - 3;
    if (power < 0)
        return "";
    return arena_textf(a, " (of unrelated pairs, fewer than one in %s)",
                       ONE_IN[power < 5 ? power : 5]);
}

static void code_item(Verdict *v, const Features *query, const MatchReport *report,
                      const SampleMatch *m, const StoredSample *there, const FunctionPair *p,
                      Arena *a) {
    const Features *reference = match_features(m);
    if (!reference)
        return;
    const FunctionFeature *here = &query->functions.at[p->a], *ref = &reference->functions.at[p->b];
    const FunctionInfo *info = &report->functions[p->a];
    Evidence *e = add(v, a, EVIDENCE_CODE, "code");
    if (!e)
        return;
    const char *name = ref->name ? ref->name : here->name;
    if (p->reason == PAIR_EXACT)
        e->statement = arena_textf(
            a, "same function, byte for byte but for addresses: %u instructions%s%.120s",
            here->instructions, name ? ", " : "", name ? name : "");
    else
        e->statement = arena_textf(
            a, "%s function, %.0f %% of its genes shared%s: %u and %u instructions%s%.120s",
            p->reason == PAIR_GENES ? "similar" : "corresponding (by its callers and neighbours)",
            100.0 * (double)p->score, chance_text(chance_log10(here, ref, p->score), a),
            here->instructions, ref->instructions, name ? ", " : "", name ? name : "");
    memcpy(e->here.sha256, query->sha256, 32);
    e->here.va = here->va;
    e->here.size = here->size;
    memcpy(e->there.sha256, there->sha256, 32);
    e->there.va = ref->va;
    e->there.size = ref->size;
    e->rarity_count = info->samples;
    e->rarity_corpus = report->samples_in_store;
    e->forgeability = "hard";
    e->source = there->labels.source;
    point_to_labels(e, there);
    e->log10_lr = item_log10_lr((double)p->score, info->families > 0 ? info->families - 1 : 0,
                                report->families_in_store);
}

static void explain_code(Verdict *v, const Features *query, const MatchReport *report,
                         const SampleMatch *m, const StoredSample *there, Arena *a) {
    Ranked *order = ARENA_ARRAY(a, Ranked, m->pairs.count + 1);
    size_t n = 0;
    for (size_t i = 0; i < m->pairs.count; i++) {
        const FunctionInfo *info = &report->functions[m->pairs.at[i].a];
        if (info->function_class == CLASS_FAMILY)
            order[n++] =
                (Ranked){(double)(info->weight * pair_strength(&m->pairs.at[i])), (uint32_t)i};
    }
    qsort(order, n, sizeof *order, compare_ranked);
    for (size_t i = 0; i < n && i < MAX_CODE_ITEMS; i++)
        code_item(v, query, report, m, there, &m->pairs.at[order[i].index], a);
}

/* "computes the same function: rc4-modified", "same key of xor: 6b33...", with both places. */
static void routine_item(Evidence *e, const Features *query, const Features *ref,
                         const SharedToken *t, Arena *a) {
    RoutineTokens here = routine_tokens_of(query, a), there = routine_tokens_of(ref, a);
    const Routine *r = &query->routines.at[here.at[t->index].routine],
                  *s = &ref->routines.at[there.at[t->ref_index].routine];
    const RoutineParameter *p = here.at[t->index].parameter;
    const char *name = r->algorithm ? r->algorithm : routine_kind_name(r->kind);
    if (!p)
        e->statement = arena_textf(a, "computes the same function: %.100s", name);
    else
        e->statement = arena_textf(a, "same %.20s of %.100s: %.200s", p->name, name, p->text);
    e->value = p ? p->text : NULL;
    e->here.va = r->va;
    e->here.size = r->size;
    e->there.va = s->va;
    e->there.size = s->size;
    e->forgeability = p ? "medium" : "hard";
}

static Evidence *add_token_item(Verdict *v, const Features *query, const SharedToken *t, Arena *a) {
    if (t->of_routine == TOKEN_ROUTINE)
        return add(v, a, EVIDENCE_ROUTINE, "routine");
    if (t->of_routine == TOKEN_SECRET)
        return add(v, a, EVIDENCE_SECRET, "secret");
    if (t->is_trait && trait_is_obfuscation(query->traits.at[t->index].kind))
        return add(v, a, EVIDENCE_OBFUSCATION, "obfuscation");
    return t->is_trait ? add(v, a, EVIDENCE_METADATA, "metadata")
                       : add(v, a, EVIDENCE_STRING, "strings");
}

static void token_item(Verdict *v, const Features *query, const MatchReport *report,
                       const SampleMatch *m, const StoredSample *there, const SharedToken *t,
                       Arena *a) {
    const Features *reference = match_features(m);
    Evidence *e = reference ? add_token_item(v, query, t, a) : NULL;
    if (!e)
        return;
    memcpy(e->here.sha256, query->sha256, 32);
    memcpy(e->there.sha256, there->sha256, 32);
    e->here.va = e->there.va = UINT64_MAX;
    e->forgeability = "easy";
    if (t->of_routine) {
        routine_item(e, query, reference, t, a);
    } else if (t->is_trait) {
        const Trait *trait = &query->traits.at[t->index];
        e->statement =
            arena_textf(a, "same %s: %.200s", trait_kind_name(trait->kind), trait->value);
        e->forgeability = trait_forgeability(trait->kind);
    } else {
        const StringFeature *s = &query->strings.at[t->index],
                            *r = &reference->strings.at[t->ref_index];
        e->statement = arena_textf(a, "same rare string: %.200s", s->text);
        e->here.va = s->va;
        e->here.size = s->length;
        e->there.va = r->va;
        e->there.size = r->length;
    }
    e->rarity_count = t->samples;
    e->rarity_corpus = report->samples_in_store;
    e->source = there->labels.source;
    point_to_labels(e, there);
    /* Every other rare string or trait of a family is kept in its next version (guess). */
    e->log10_lr =
        item_log10_lr(0.5, t->families > 0 ? t->families - 1 : 0, report->families_in_store);
}

static void explain_tokens(Verdict *v, const Features *query, const MatchReport *report,
                           const SampleMatch *m, const StoredSample *there, Arena *a) {
    Ranked *order = ARENA_ARRAY(a, Ranked, m->tokens.count + 1);
    for (size_t i = 0; i < m->tokens.count; i++) {
        const SharedToken *t = &m->tokens.at[i];
        double length =
            t->is_trait || t->of_routine ? 0 : fmin(query->strings.at[t->index].length, 64);
        order[i] = (Ranked){(double)t->weight + length * 1e-4, (uint32_t)i};
    }
    qsort(order, m->tokens.count, sizeof *order, compare_ranked);
    uint32_t shown[TOKEN_SECRET + 1] = {0};
    for (size_t i = 0; i < m->tokens.count; i++) {
        const SharedToken *token = &m->tokens.at[order[i].index];
        bool is_string = !token->is_trait && !token->of_routine;
        if (is_string && overlap_is_indicator(query, &query->strings.at[token->index]))
            continue; /* stands among the indicators */
        if (shown[token->of_routine]++ < MAX_TOKEN_ITEMS)
            token_item(v, query, report, m, there, token, a);
    }
}

/* The strongest function that another family shares instead. */
static void explain_rival(Verdict *v, const Features *query, const MatchReport *report,
                          const Party *rival, const Snapshot *snap, Arena *a) {
    const SampleMatch *m = rival->best;
    const StoredSample *there = snapshot_find_sample(snap, m->sample);
    const FunctionPair *best = NULL;
    float most = 0;
    for (size_t i = 0; i < m->pairs.count; i++) {
        const FunctionInfo *info = &report->functions[m->pairs.at[i].a];
        float w = info->weight * pair_strength(&m->pairs.at[i]);
        if (info->function_class == CLASS_FAMILY && w > most) {
            most = w;
            best = &m->pairs.at[i];
        }
    }
    if (!there || !best)
        return;
    size_t before = v->evidence.count;
    code_item(v, query, report, m, there, best, a);
    if (v->evidence.count == before)
        return;
    Evidence *e = &v->evidence.at[before];
    e->is_against = true;
    e->log10_lr = -e->log10_lr;
    e->statement = arena_textf(
        a, "%s also shares code, %.0f %% of what is distinctive here; its weightiest: %s",
        rival->labels->family ? rival->labels->family : "another reference", 100.0 * m->code_share,
        e->statement);
}

void explain_evidence(Verdict *v, const Features *query, const MatchReport *report,
                      const PartyVec *parties, const Snapshot *snap, Arena *a) {
    v->evidence.max = MAX_ITEMS;
    if (parties->count == 0)
        return;
    const SampleMatch *m = parties->at[0].best;
    const StoredSample *there = snapshot_find_sample(snap, m->sample);
    if (!there)
        return;
    explain_code(v, query, report, m, there, a);
    explain_tokens(v, query, report, m, there, a);
    if (parties->count > 1)
        explain_rival(v, query, report, &parties->at[1], snap, a);
}
