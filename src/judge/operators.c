/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/operators.h"

#include <math.h>
#include <string.h>

#include "judge/hypotheses.h"
#include "match/group.h"

enum { MAX_OPERATORS = 32 };
/* P(the family's known operators used it | it is that family): nine of ten malware families of
 * ATT&CK's groups belong to one group (453 of 502), but labels lag, builders leak and code is sold
 * (guess). Through a family that everybody has: as in link_edge.c (guess). */
static const double BY_FAMILY = 0.5, BY_PUBLIC_FAMILY = 0.03;
/* Before anything points to them: one of the 187 intrusion sets of ATT&CK. */
static const double BY_NOTHING = 1.0 / 187;
/* Code does not name a group, and nothing easily planted does: without two independent classes, one
 * of them hard to forge, an operator stays at even chance. */
static const double ONE_CLASS_CAP = 0.5;
/* Where a finding says that something may be planted, one of two classes may be what was. */
enum { SIDES_WANTED = 2, SIDES_WANTED_IF_PLANTED = 3 };

static const Hypothesis *hypothesis_of(const Verdict *v, HypothesisKind kind, const char *name) {
    for (size_t i = 0; i < v->hypotheses.count; i++) {
        const Hypothesis *h = &v->hypotheses.at[i];
        if (h->kind == kind && (!name || (h->name && !strcmp(h->name, name))))
            return h;
    }
    return NULL;
}

static Operator *operator_of(OperatorVec *out, Arena *a, HypothesisKind kind, const char *name,
                             const char *source) {
    for (size_t i = 0; i < out->count; i++)
        if (out->at[i].kind == kind && !strcmp(out->at[i].name, name))
            return &out->at[i];
    Operator *o = VEC_ADD(a, out);
    if (o)
        *o = (Operator){.kind = kind, .name = name, .source = source};
    return o;
}

/* A family whose operators are these, each with its share of what is said about the family. */
static void add_share(OperatorVec *out, Arena *a, const Pointer *who, double share,
                      double lineage) {
    Operator *o = operator_of(out, a, who->kind, who->name, who->source);
    if (!o)
        return;
    o->by_family = fmax(o->by_family, share);
    o->lineage = fmin(1.0, o->lineage + lineage);
}

/* ---- who is named ---- */

typedef struct Named {
    Pointer who;
    double weight;
} Named;
typedef VEC(Named) NamedVec;

static void add_named(NamedVec *all, Arena *a, Pointer who, double weight) {
    for (size_t i = 0; i < all->count; i++)
        if (all->at[i].who.kind == who.kind && !strcmp(all->at[i].who.name, who.name)) {
            all->at[i].weight += weight;
            return;
        }
    Named *slot = VEC_ADD(a, all);
    if (slot)
        *slot = (Named){who, weight};
}

static void add_labels(const Snapshot *snap, uint64_t group, NamedVec *all, Arena *a) {
    for (uint32_t i = 0; i < snapshot_sample_count(snap); i++) {
        const StoredSample *s = snapshot_sample_at(snap, i);
        const Labels *l = &s->labels;
        if ((!l->campaign && !l->actor) || group_from_sample(s) != group)
            continue;
        if (l->campaign)
            add_named(all, a, (Pointer){HYPOTHESIS_CAMPAIGN, l->campaign, l->source}, 1);
        if (l->actor)
            add_named(all, a, (Pointer){HYPOTHESIS_ACTOR, l->actor, l->source}, 1);
    }
}

/* What claims say about one entity that bears the family's name. *share: BY_PUBLIC_FAMILY when it
 * is in everybody's hands. */
static Status add_claims(const VerdictCase *c, uint64_t id, NamedVec *all, double *share, Arena *a,
                         Error *err) {
    KnowEntity family, other;
    KnowClaimVec claims = {.max = 1024};
    Status status = know_view_entity(c->know, id, a, &family, err);
    if (status != STATUS_OK || (family.kind != KNOW_FAMILY && family.kind != KNOW_TOOL))
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    if (family.flags & (KNOW_PUBLIC | KNOW_COMMODITY | KNOW_LEAKED))
        *share = BY_PUBLIC_FAMILY;
    status = know_view_claims(c->know, id, a, &claims, err);
    for (size_t i = 0; i < claims.count && status == STATUS_OK; i++) {
        const KnowClaim *claim = &claims.at[i];
        uint64_t who = claim->relation == KNOW_USES && claim->object == id ? claim->subject
                       : claim->relation == KNOW_ATTRIBUTED_TO && claim->subject == id
                           ? claim->object
                           : 0;
        if (!who || know_view_entity(c->know, who, a, &other, NULL) != STATUS_OK)
            continue;
        HypothesisKind kind = other.kind == KNOW_ACTOR      ? HYPOTHESIS_ACTOR
                              : other.kind == KNOW_CAMPAIGN ? HYPOTHESIS_CAMPAIGN
                                                            : HYPOTHESIS_UNKNOWN;
        if (kind != HYPOTHESIS_UNKNOWN)
            add_named(all, a, (Pointer){kind, other.name, claim->source},
                      know_trust_weight(claim->trust));
    }
    return status;
}

static Status add_party(const Verdict *v, const VerdictCase *c, const Party *party,
                        OperatorVec *out, Arena *a, Error *err) {
    NamedVec all = {.max = MAX_OPERATORS};
    const char *family = party->labels->family;
    double share = BY_FAMILY, sum[HYPOTHESIS_FALSE_FLAG + 1] = {0};
    KnowIdVec ids = {.max = 16};
    add_labels(c->snap, party->group, &all, a);
    Status status = family && c->know ? know_view_named(c->know, family, a, &ids, err) : STATUS_OK;
    for (size_t i = 0; i < ids.count && status == STATUS_OK; i++)
        status = add_claims(c, ids.at[i], &all, &share, a, err);
    const Hypothesis *h = family ? hypothesis_of(v, HYPOTHESIS_FAMILY, family) : NULL;
    for (size_t i = 0; i < all.count; i++)
        sum[all.at[i].who.kind] += all.at[i].weight;
    for (size_t i = 0; i < all.count; i++)
        if (all.at[i].weight > 0)
            add_share(out, a, &all.at[i].who, share * all.at[i].weight / sum[all.at[i].who.kind],
                      h ? h->probability : 0);
    return status;
}

Status operators_find(const Verdict *v, const VerdictCase *c, const PartyVec *parties, Arena *a,
                      OperatorVec *out, Error *err) {
    Status status = STATUS_OK;
    *out = (OperatorVec){.max = MAX_OPERATORS};
    for (size_t i = 0; i < parties->count && i < MAX_NAMED && status == STATUS_OK; i++)
        status = add_party(v, c, &parties->at[i], out, a, err);
    for (size_t i = 0; i < v->ledger.count; i++)
        for (size_t k = 0; k < v->ledger.at[i].supports.count; k++) {
            const Pointer *p = &v->ledger.at[i].supports.at[k];
            if (p->kind != HYPOTHESIS_FAMILY)
                operator_of(out, a, p->kind, p->name, p->source);
        }
    return status;
}

/* ---- how likely ---- */

static double with_lr(double p, double log10_lr) {
    double odds = p / (1 - p) * pow(10, log10_lr);
    return odds / (1 + odds);
}

static unsigned count_bits(unsigned bits) {
    unsigned n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

/* Something was put here to mislead, by a finding about headers, texts or code. Times are set back
 * for other reasons, too. */
static bool may_be_planted(const Verdict *v) {
    const unsigned times = 1u << CONTRADICTION_TIME_TOOL | 1u << CONTRADICTION_TIME_PARTS |
                           1u << CONTRADICTION_TIME_FIRST_SEEN | 1u << CONTRADICTION_TIME_FUTURE;
    for (size_t i = 0; i < v->contradiction_details.count; i++)
        if (!(times >> v->contradiction_details.at[i].kind & 1))
            return true;
    return false;
}

static bool has_sides(const Operator *o) {
    return count_bits(o->vertices) >= o->wanted && o->has_hard;
}

/* The code counts as a class of its own where the lineage is named. */
static void weigh_one(const Verdict *v, const LedgerVec *ledger, double flag, Operator *o) {
    bool is_named = v->decision == DECISION_LINEAGE || v->decision == DECISION_ATTRIBUTED;
    double lineage = o->lineage;
    o->log10_lr = 0;
    o->vertices = 0;
    o->has_hard = false;
    o->wanted = may_be_planted(v) ? SIDES_WANTED_IF_PLANTED : SIDES_WANTED;
    if (is_named && lineage >= OPERATORS_NAMED && o->by_family > 0) {
        o->vertices = 1u << VERTEX_CAPABILITY;
        o->has_hard = true;
    }
    for (size_t i = 0; i < ledger->count; i++) {
        const LedgerRow *row = &ledger->at[i];
        if (!ledger_is_of_operators(row) || !ledger_points_to(row, o->kind, o->name) ||
            row->log10_lr <= 0)
            continue;
        o->log10_lr += row->log10_lr;
        o->vertices |= 1u << row->vertex;
        o->has_hard |= !strcmp(row->forgeability, "hard");
    }
    double theirs = o->by_family > 0 ? with_lr(o->by_family, o->log10_lr) : 0;
    o->probability =
        (lineage * theirs + (1 - lineage) * with_lr(BY_NOTHING, o->log10_lr)) * (1 - flag);
    o->is_capped = o->probability > ONE_CLASS_CAP && !has_sides(o);
    if (o->is_capped)
        o->probability = ONE_CLASS_CAP;
}

void operators_weigh(const Verdict *v, const LedgerVec *ledger, OperatorVec *operators) {
    const Hypothesis *flag = hypothesis_of(v, HYPOTHESIS_FALSE_FLAG, NULL);
    double sum[HYPOTHESIS_FALSE_FLAG + 1] = {0};
    for (size_t i = 0; i < operators->count; i++) {
        weigh_one(v, ledger, flag ? flag->probability : 0, &operators->at[i]);
        sum[operators->at[i].kind] += operators->at[i].probability;
    }
    /* One group did it: what points to several is split between them. */
    for (size_t i = 0; i < operators->count; i++)
        operators->at[i].probability /= fmax(1.0, sum[operators->at[i].kind]);
}

const Operator *operators_best(const OperatorVec *operators, HypothesisKind kind) {
    const Operator *best = NULL;
    for (size_t i = 0; i < operators->count; i++)
        if (operators->at[i].kind == kind &&
            (!best || operators->at[i].probability > best->probability))
            best = &operators->at[i];
    return best;
}

/* ---- in words ---- */

/* Below this nobody is worth naming (ICD 203: almost no chance). */
static const double LEAST_NAMED = 0.05;

static const char *vertices_in_words(unsigned bits, Arena *a) {
    Text text = text_new(256);
    for (unsigned i = 0; i <= VERTEX_REPORTING; i++)
        if (bits >> i & 1)
            text_addf(&text, "%s%s", text.size ? " and " : "", vertex_name((Vertex)i));
    const char *out = arena_text(a, (Bytes){(const uint8_t *)text_str(&text), text.size});
    text_free(&text);
    return out;
}

static Claim claim_of(const Operator *o, const char *what, const char *none, Arena *a) {
    if (!o || o->probability < LEAST_NAMED)
        return (Claim){.statement = none};
    Claim claim = {
        .name = o->name, .probability = o->probability, .words = likelihood_words(o->probability)};
    const char *by = vertices_in_words(o->vertices, a);
    if (!has_sides(o))
        claim.statement = arena_textf(
            a,
            "%s %.120s: %s; %s, and without %s independent kinds of evidence, one of them hard "
            "to forge, it stays at even chance or below%s",
            what, o->name, claim.words,
            by[0] ? arena_textf(a, "it rests on %s alone", by) : "no more than a label says so",
            o->wanted == SIDES_WANTED ? "two" : "three",
            o->wanted == SIDES_WANTED ? "" : ", since some of it may be planted");
    else
        claim.statement = arena_textf(a, "%s %.120s: %s, by %s", what, o->name, claim.words, by);
    return claim;
}

static Claim lineage_claim(const Verdict *v, Arena *a) {
    const Hypothesis *h = hypothesis_of(v, HYPOTHESIS_FAMILY, NULL);
    if (!h || h->probability < LEAST_NAMED)
        return (Claim){.statement = "no known code lineage"};
    return (Claim){.name = h->name,
                   .probability = h->probability,
                   .words = h->words,
                   .statement =
                       arena_textf(a, "the same code lineage as %.120s: %s", h->name, h->words)};
}

void operators_say(Verdict *v, const OperatorVec *operators, Arena *a) {
    for (size_t i = 0; i < operators->count; i++) {
        const Operator *o = &operators->at[i];
        Hypothesis *h = hypothesis_add(v, a, o->kind, o->name, o->probability);
        if (h)
            h->source = o->source;
    }
    hypotheses_sort(v);
    v->claims[CLAIM_LINEAGE] = lineage_claim(v, a);
    v->claims[CLAIM_OPERATORS] =
        claim_of(operators_best(operators, HYPOTHESIS_CAMPAIGN),
                 "the same operators as in campaign", "nothing says who used it", a);
    v->claims[CLAIM_GROUP] =
        claim_of(operators_best(operators, HYPOTHESIS_ACTOR), "the group", "no group is named", a);
}
