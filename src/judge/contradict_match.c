/* SPDX-License-Identifier: Apache-2.0
 * contradict_match.c: what points to a family while the rest of the file does not: texts and
 * headers without its code, texts that no instruction mentions, one function in foreign
 * surroundings. */
#include <stdlib.h>

#include "judge/contradict.h"
#include "match/token.h"
#include "match/vote.h"

enum {
    MAX_PARTIES = 5,
    /* Fewer of its own functions than this may be chance or an unknown library's (calibrate.c). */
    MIN_DISTINCTIVE = 3,
    /* A statement names this many texts. */
    SHOWN = 3,
    /* Texts that no instruction mentions, where the reference's are mentioned: run-time libraries
     * gave real programs up to 3. */
    MIN_IDLE = 6,
    /* Neighbours in the call graph that the reference has; with fewer nothing is missing (guess).
     */
    MIN_NEIGHBOURS = 2,
    /* What is called from everywhere is a library's: of real programs' 24 and 27. */
    MAX_USUAL = 12,
    /* Of a transplanted function: smaller ones are alike by chance (guess). */
    MIN_TRANSPLANT = 30
};
/* One linking trait or ten rare texts: a single rare text is shared by chance. */
static const double MIN_TOKENS = 0.5;
/* Strangers share up to so much code by chance (docs/evidence/verdict.md: 4 % of functions). */
static const double MAX_FOREIGN = 0.05;
/* One function may be a tenth of a small program (guess). */
static const double MAX_TRANSPLANT = 0.2;
/* Several times as many idle as live ones (guess). */
enum { IDLE_PER_LIVE = 3 };

static bool has_code_of(const SampleMatch *m) {
    return m->distinctive_pairs >= MIN_DISTINCTIVE || m->code_share >= MAX_FOREIGN;
}

static const char *name_of(const Party *party) {
    const Labels *l = party->labels;
    return l->family ? l->family : l->campaign ? l->campaign : l->actor ? l->actor : "a reference";
}

static unsigned about_of(const Features *query, const SampleMatch *m) {
    unsigned about = 0;
    for (size_t i = 0; i < m->tokens.count; i++) {
        const SharedToken *t = &m->tokens.at[i];
        if (t->of_routine)
            continue;
        TraitKind kind = t->is_trait ? query->traits.at[t->index].kind : TRAIT_KIND_COUNT;
        about |= !t->is_trait             ? ABOUT_STRINGS
                 : kind == TRAIT_RICH     ? ABOUT_RICH
                 : kind == TRAIT_PDB_PATH ? ABOUT_PDB
                                          : 0;
    }
    return about;
}

/* The first shared texts and headers, as places. */
static void add_token_spots(Contradiction *c, const Features *query, const SampleMatch *m) {
    for (size_t i = 0; c && i < m->tokens.count && c->spot_count < SHOWN; i++) {
        const SharedToken *t = &m->tokens.at[i];
        if (t->of_routine)
            continue;
        if (t->is_trait)
            contradiction_add_spot(c, query->sha256, UINT64_MAX, query->traits.at[t->index].off);
        else
            contradiction_add_spot(c, query->sha256, query->strings.at[t->index].va,
                                   query->strings.at[t->index].off);
    }
}

/* What is easy to plant, in words: "Rich header, build path and texts". */
static const char *what_of(unsigned about) {
    static const char *const words[] = {
        "headers",
        "the Rich header",
        "the build path",
        "the Rich header and the build path",
        "texts",
        "the Rich header and texts",
        "the build path and texts",
        "the Rich header, the build path and texts",
    };
    return words[(about & ABOUT_RICH ? 1 : 0) | (about & ABOUT_PDB ? 2 : 0) |
                 (about & ABOUT_STRINGS ? 4 : 0)];
}

/* The first parties, and those that come first when whatever may be planted counts in full. */
static bool is_asked(const PartyVec *parties, size_t at) {
    size_t better = 0;
    for (size_t i = 0; i < parties->count; i++)
        better += parties->at[i].against > parties->at[at].against;
    return at < MAX_PARTIES || better < MAX_PARTIES;
}

typedef struct Matching {
    const Features *query;
    const MatchReport *report;
    Arena *arena;
    ContradictionVec *out;
} Matching;

/* Texts and headers of a family whose code is not here: of nobody's known code, or of another's. */
static void check_easy(const Matching *x, const PartyVec *parties) {
    const Party *by_code = NULL;
    for (size_t i = 0; i < parties->count && i < MAX_PARTIES; i++)
        if (has_code_of(parties->at[i].best) &&
            (!by_code || parties->at[i].best->code_share > by_code->best->code_share))
            by_code = &parties->at[i];
    for (size_t i = 0; i < parties->count; i++) {
        const Party *party = &parties->at[i];
        const SampleMatch *m = party->best;
        unsigned about = about_of(x->query, m);
        if (has_code_of(m) || m->token_weight_all < MIN_TOKENS || !is_asked(parties, i))
            continue;
        Contradiction *c =
            by_code ? contradiction_add(x->out, x->arena, CONTRADICTION_SPLIT,
                                        "%s point to %s, the code to %s", what_of(about),
                                        name_of(party), name_of(by_code))
                    : contradiction_add(x->out, x->arena, CONTRADICTION_EASY_ONLY,
                                        "%s equal those of %s, but its code is not here: they may "
                                        "be planted",
                                        what_of(about), name_of(party));
        if (!c)
            return;
        c->about = about;
        contradiction_add_name(c, name_of(party));
        add_token_spots(c, x->query, m);
    }
}

/* Texts that the reference's code uses and this code does not. */
static void check_idle(const Matching *x, const Party *party) {
    const SampleMatch *m = party->best;
    unsigned idle = 0, live = 0;
    const StringFeature *shown[SHOWN] = {0};
    if (has_code_of(m))
        return;
    for (size_t i = 0; i < m->tokens.count; i++) {
        const SharedToken *t = &m->tokens.at[i];
        if (t->is_trait || t->of_routine)
            continue;
        live += t->use == STRING_LIVE;
        if (t->use == STRING_IDLE && idle++ < SHOWN)
            shown[idle - 1] = &x->query->strings.at[t->index];
    }
    if (idle < MIN_IDLE || idle < IDLE_PER_LIVE * live)
        return;
    Contradiction *c = contradiction_add(
        x->out, x->arena, CONTRADICTION_IDLE_STRINGS,
        "%u texts of %s stand here (first at 0x%llx: %.80s), which its code mentions and this code "
        "does not",
        idle, name_of(party),
        (unsigned long long)(shown[0]->va == UINT64_MAX ? shown[0]->off : shown[0]->va),
        shown[0]->text);
    if (!c)
        return;
    c->about = ABOUT_STRINGS;
    contradiction_add_name(c, name_of(party));
    for (unsigned i = 0; i < SHOWN && shown[i]; i++)
        contradiction_add_spot(c, x->query->sha256, shown[i]->va, shown[i]->off);
}

/* ---- one function in foreign surroundings ---- */

/* Callers and callees of function `at` that are big enough to be found again. */
static unsigned neighbours_of(const Features *f, uint32_t at, uint32_t *out, unsigned max) {
    unsigned count = 0;
    for (uint32_t i = 0; i < f->functions.count; i++) {
        const FunctionFeature *g = &f->functions.at[i];
        for (uint32_t k = 0; k < g->call_count; k++) {
            uint32_t callee = f->calls.at[g->first_call + k];
            uint32_t other = i == at ? callee : callee == at ? i : UINT32_MAX;
            if (other >= f->functions.count || other == at || count == max ||
                !function_is_telling(&f->functions.at[other]))
                continue;
            bool is_in = false;
            for (unsigned j = 0; j < count; j++)
                is_in |= out[j] == other;
            if (!is_in)
                out[count++] = other;
        }
    }
    return count;
}

/* Are two neighbours of a pair a pair themselves, by what they do? */
static unsigned kept_neighbours(const SampleMatch *m, const uint32_t *here, unsigned here_count,
                                const uint32_t *there, unsigned there_count) {
    unsigned kept = 0;
    for (size_t i = 0; i < m->pairs.count; i++) {
        bool is_here = false, is_there = false;
        for (unsigned k = 0; k < here_count; k++)
            is_here |= here[k] == m->pairs.at[i].a;
        for (unsigned k = 0; k < there_count; k++)
            is_there |= there[k] == m->pairs.at[i].b;
        kept += is_here && is_there && m->pairs.at[i].reason != PAIR_CALLS;
    }
    return kept;
}

static void check_transplant(const Matching *x, const Party *party) {
    enum { MAX_NEIGHBOURS = 64, MAX_STRONG = 8 };
    const SampleMatch *m = party->best;
    const FunctionPair *strong[MAX_STRONG];
    unsigned count = 0, missing = 0, kept = 0;
    uint32_t here[MAX_NEIGHBOURS], there[MAX_NEIGHBOURS];
    if (m->code_share >= MAX_TRANSPLANT || m->distinctive_pairs == 0)
        return;
    for (size_t i = 0; i < m->pairs.count; i++) {
        const FunctionPair *p = &m->pairs.at[i];
        const FunctionInfo *info = &x->report->functions[p->a];
        if (info->function_class == CLASS_FAMILY && p->reason == PAIR_EXACT &&
            info->families <= 1 && x->query->functions.at[p->a].instructions >= MIN_TRANSPLANT) {
            if (count == MAX_STRONG)
                return; /* no longer one that was copied */
            strong[count++] = p;
        }
    }
    const Features *ref = count > 0 ? match_features(m) : NULL;
    if (!ref)
        return;
    for (unsigned i = 0; i < count; i++) {
        unsigned a = neighbours_of(x->query, strong[i]->a, here, MAX_NEIGHBOURS),
                 b = neighbours_of(ref, strong[i]->b, there, MAX_NEIGHBOURS);
        if (b > MAX_USUAL)
            continue;
        kept += kept_neighbours(m, here, a, there, b);
        missing += b;
    }
    if (missing < MIN_NEIGHBOURS || kept > 0)
        return;
    const FunctionFeature *f = &x->query->functions.at[strong[0]->a],
                          *g = &ref->functions.at[strong[0]->b];
    Contradiction *c = contradiction_add(
        x->out, x->arena, CONTRADICTION_TRANSPLANT,
        "%u function%s of %s (first at 0x%llx, there 0x%llx) in foreign code: none of the %u "
        "functions that call it there or that it calls is here",
        count, count == 1 ? "" : "s", name_of(party), (unsigned long long)f->va,
        (unsigned long long)g->va, missing);
    if (!c)
        return;
    c->about = ABOUT_CODE;
    contradiction_add_name(c, name_of(party));
    for (unsigned i = 0; i < count; i++)
        contradiction_add_spot(c, x->query->sha256, x->query->functions.at[strong[i]->a].va,
                               UINT64_MAX);
}

/* Families that share what a finding of the file alone is about. */
static void name_families(const Matching *x, const PartyVec *parties) {
    for (size_t i = 0; i < x->out->count; i++) {
        Contradiction *c = &x->out->at[i];
        for (size_t k = 0; k < parties->count && c->lower_count == 0; k++)
            if (is_asked(parties, k) && (about_of(x->query, parties->at[k].best) & c->about))
                contradiction_add_name(c, name_of(&parties->at[k]));
    }
}

void contradict_match(const Features *query, const MatchReport *report, const PartyVec *parties,
                      Arena *a, ContradictionVec *out) {
    Matching x = {query, report, a, out};
    name_families(&x, parties);
    check_easy(&x, parties);
    for (size_t i = 0; i < parties->count; i++) {
        if (!is_asked(parties, i))
            continue;
        check_idle(&x, &parties->at[i]);
        check_transplant(&x, &parties->at[i]);
    }
}
