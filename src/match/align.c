/* SPDX-License-Identifier: Apache-2.0 */
#include "match/align.h"

#include <stdlib.h>
#include <string.h>

enum {
    /* Candidates whose full gene sets are compared, by shared keys of the sketch (guess: the 2nd is
       right in rare ties). */
    CANDIDATES = 6,
    /* A key that so many functions of B have says little and costs much (guess). */
    MAX_KEY_OWNERS = 32,
    /* Below so many genes a set is too small to be compared without context (guess). */
    MIN_GENES = 6
};

/* The least likeness at which genes alone make a pair, and with a paired caller or neighbour at its
 * side (see docs/evidence/code.md). */
static const float MIN_GENE_SCORE = 0.35f, MIN_CONTEXT_SCORE = 0.20f;

typedef struct Candidate {
    float score;
    uint32_t a, b;
} Candidate;
typedef VEC(Candidate) CandidateVec;

typedef struct Align {
    const AlignQuery *query;
    LikeSide *other;
    LikeMarks marks;
    const Features *a, *b;
    const bool *only_exact; /* of b */
    Arena *scratch;
    uint32_t *of_a, *of_b; /* partner + 1, 0 none */
    float *score;          /* by a */
    uint8_t *reason;       /* by a */
    uint32_t *queue;       /* paired a's, in order of pairing; each once */
    size_t queued;
} Align;

static float likeness(Align *al, uint32_t a, uint32_t b) {
    like_need(al->other, b);
    return like_score(&al->marks, a, al->other, b);
}

static bool is_free(const bool *only_exact, const uint32_t *partner, size_t i) {
    return !partner[i] && !(only_exact && only_exact[i]);
}

static bool a_is_free(const Align *al, size_t i) {
    return is_free(al->query->only_exact, al->of_a, i);
}

static bool b_is_free(const Align *al, size_t i) { return is_free(al->only_exact, al->of_b, i); }

static void pair(Align *al, uint32_t a, uint32_t b, float score, PairReason reason) {
    al->of_a[a] = b + 1;
    al->of_b[b] = a + 1;
    al->score[a] = score;
    al->reason[a] = (uint8_t)reason;
    al->queue[al->queued++] = a;
}

static int compare_pic(const void *x, const void *y) {
    const PicEntry *p = x, *q = y;
    if (p->pic.low != q->pic.low)
        return p->pic.low < q->pic.low ? -1 : 1;
    if (p->pic.high != q->pic.high)
        return p->pic.high < q->pic.high ? -1 : 1;
    return (p->index > q->index) - (p->index < q->index);
}

static PicEntry *sorted_pics(Arena *arena, const Features *f, size_t *count) {
    PicEntry *at = ARENA_ARRAY(arena, PicEntry, f->functions.count);
    size_t n = 0;
    for (size_t i = 0; i < f->functions.count; i++) {
        Hash128 pic = f->functions.at[i].pic;
        if (pic.low || pic.high)
            at[n++] = (PicEntry){pic, (uint32_t)i};
    }
    qsort(at, n, sizeof *at, compare_pic);
    *count = n;
    return at;
}

/* Equal hashes pair in address order: which of several identical functions is which does not
 * matter. Pairs are made in the order of the hashes. */
static void pair_exact(Align *al) {
    const AlignQuery *q = al->query;
    uint32_t *partner = ARENA_ARRAY(al->scratch, uint32_t, q->pic_count + 1); /* by pics, + 1 */
    uint32_t *taken = ARENA_ARRAY(al->scratch, uint32_t, q->pic_count + 1);   /* by first of pics */
    for (size_t i = 0; i < al->b->functions.count; i++) {
        Hash128 pic = al->b->functions.at[i].pic;
        const uint64_t *found = pic.low || pic.high ? map_find(&q->pic_at, pic.low) : NULL;
        size_t first = found ? *found : q->pic_count;
        while (first < q->pic_count && q->pics[first].pic.low == pic.low &&
               q->pics[first].pic.high != pic.high)
            first++;
        size_t at = first < q->pic_count ? first + taken[first] : first;
        if (at < q->pic_count && q->pics[at].pic.low == pic.low &&
            q->pics[at].pic.high == pic.high) {
            partner[at] = (uint32_t)i + 1;
            taken[first]++;
        }
    }
    for (size_t i = 0; i < q->pic_count; i++)
        if (partner[i])
            pair(al, q->pics[i].index, partner[i] - 1, 1.0f, PAIR_EXACT);
}

static bool has_enough_genes(const Features *f, size_t i) {
    return f->functions.at[i].gene_count >= MIN_GENES;
}

/* ---- the query ---- */

static void index_pics(AlignQuery *q, Arena *a) {
    q->pics = sorted_pics(a, q->side.genes.features, &q->pic_count);
    q->pic_at = map_new(a, q->pic_count);
    for (size_t i = q->pic_count; i-- > 0;)
        map_put(&q->pic_at, q->pics[i].pic.low, i);
}

static void number_keys(AlignQuery *q, Arena *a) {
    const Features *f = q->side.genes.features;
    size_t n = f->functions.count;
    q->slots = ARENA_UNSET(a, uint32_t, n * SKETCH_KEYS + 1);
    q->slot_used = ARENA_ARRAY(a, uint8_t, n + 1);
    q->key_slot = map_new(a, q->side.genes.count);
    for (size_t i = 0; i < n; i++) {
        const FunctionFeature *fn = &f->functions.at[i];
        if (!has_enough_genes(f, i) || (q->only_exact && q->only_exact[i]))
            continue;
        Sketch sketch = sketch_from_ranks(q->side.genes.rank, q->side.genes.number + fn->first_gene,
                                          fn->gene_count);
        for (unsigned k = 0; k < sketch.count; k++) {
            const uint64_t *known = map_find(&q->key_slot, sketch.key[k]);
            uint64_t slot = known ? *known : q->slot_count++;
            if (!known)
                map_put(&q->key_slot, sketch.key[k], slot);
            q->slots[i * SKETCH_KEYS + k] = (uint32_t)slot;
        }
        q->slot_used[i] = (uint8_t)sketch.count;
    }
}

AlignQuery align_query_new(const Features *f, const bool *only_exact, Arena *a, Arena *scratch) {
    AlignQuery q = {.side = like_side_new(f, NULL, a, scratch), .only_exact = only_exact};
    like_need_all(&q.side);
    index_pics(&q, a);
    number_keys(&q, a);
    return q;
}

/* ---- who has a key ---- */

/* Functions of B that are still free, by the query's key; of each the first MAX_KEY_OWNERS, in
 * order. */
typedef struct KeyIndex {
    const uint32_t *first; /* by slot; one more than there are */
    const uint32_t *function;
} KeyIndex;

/* By gene of B: the slot of its key, or GENE_NONE. */
static uint32_t *slots_of_genes(const Align *al) {
    const GeneNumbers *genes = &al->other->genes;
    uint32_t *slot = ARENA_UNSET(al->scratch, uint32_t, genes->count + 1);
    for (size_t i = 0; i < genes->count; i++) {
        const uint64_t *found = genes->rank[i].rank != GENE_NEVER
                                    ? map_find(&al->query->key_slot, genes->rank[i].key)
                                    : NULL;
        slot[i] = found ? (uint32_t)*found : GENE_NONE;
    }
    return slot;
}

static bool has_slot(const uint32_t *slot, const uint32_t *gene, size_t count) {
    bool has = false;
    for (size_t i = 0; i < count; i++)
        has |= slot[gene[i]] != GENE_NONE;
    return has;
}

static KeyIndex index_keys(const Align *al) {
    const GeneNumbers *genes = &al->other->genes;
    const uint32_t *slot = slots_of_genes(al);
    size_t most = 0, slots = al->query->slot_count, count = 0;
    for (size_t i = 0; i < al->b->functions.count; i++)
        most += b_is_free(al, i) && has_enough_genes(al->b, i) ? SKETCH_KEYS : 0;
    uint32_t *entry_slot = ARENA_UNSET(al->scratch, uint32_t, most + 1);
    uint32_t *entry_owner = ARENA_UNSET(al->scratch, uint32_t, most + 1);
    uint32_t *first = ARENA_ARRAY(al->scratch, uint32_t, slots + 2);
    for (size_t i = 0; i < al->b->functions.count; i++) {
        const FunctionFeature *fn = &al->b->functions.at[i];
        const uint32_t *gene = genes->number + fn->first_gene;
        if (!b_is_free(al, i) || !has_enough_genes(al->b, i) ||
            !has_slot(slot, gene, fn->gene_count))
            continue;
        uint32_t chosen[SKETCH_KEYS];
        unsigned n = sketch_choose(genes->rank, gene, fn->gene_count, chosen);
        for (unsigned k = 0; k < n; k++) {
            uint32_t s = slot[chosen[k]];
            if (s == GENE_NONE || first[s + 2] == MAX_KEY_OWNERS)
                continue;
            first[s + 2]++;
            entry_slot[count] = s;
            entry_owner[count++] = (uint32_t)i;
        }
    }
    for (size_t s = 2; s < slots + 2; s++)
        first[s] += first[s - 1];
    uint32_t *function = ARENA_UNSET(al->scratch, uint32_t, count + 1);
    for (size_t i = 0; i < count; i++) /* leaves in first[s + 1] where slot s + 1 begins */
        function[first[entry_slot[i] + 1]++] = entry_owner[i];
    return (KeyIndex){first, function};
}

typedef struct Shortlist {
    uint32_t function[CANDIDATES];
    uint16_t votes[CANDIDATES];
    unsigned count;
} Shortlist;

static void shortlist_add(Shortlist *list, uint32_t function, uint16_t votes) {
    unsigned at = list->count < CANDIDATES ? list->count++ : CANDIDATES;
    while (at > 0 && list->votes[at - 1] < votes) {
        if (at < CANDIDATES) {
            list->votes[at] = list->votes[at - 1];
            list->function[at] = list->function[at - 1];
        }
        at--;
    }
    if (at < CANDIDATES) {
        list->votes[at] = votes;
        list->function[at] = function;
    }
}

static Shortlist find_candidates(const Align *al, const KeyIndex *index, size_t a, uint16_t *votes,
                                 uint32_t *touched) {
    Shortlist list = {.count = 0};
    size_t n = 0;
    const uint32_t *slots = al->query->slots + a * SKETCH_KEYS;
    for (unsigned k = 0; k < al->query->slot_used[a]; k++) {
        for (uint32_t e = index->first[slots[k]]; e < index->first[slots[k] + 1]; e++) {
            uint32_t function = index->function[e];
            if (votes[function]++ == 0)
                touched[n++] = function;
        }
    }
    for (size_t i = 0; i < n; i++) {
        shortlist_add(&list, touched[i], votes[touched[i]]);
        votes[touched[i]] = 0;
    }
    return list;
}

static int compare_candidate(const void *x, const void *y) {
    const Candidate *p = x, *q = y;
    if (p->score != q->score)
        return p->score > q->score ? -1 : 1;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    return (p->b > q->b) - (p->b < q->b);
}

static void pair_by_genes(Align *al) {
    KeyIndex index = index_keys(al);
    uint16_t *votes = ARENA_ARRAY(al->scratch, uint16_t, al->b->functions.count + 1);
    uint32_t *touched = ARENA_ARRAY(al->scratch, uint32_t, al->b->functions.count + 1);
    CandidateVec found = {.max = al->a->functions.count * CANDIDATES};
    for (uint32_t i = 0; i < al->a->functions.count; i++) {
        if (al->of_a[i])
            continue;
        Shortlist list = find_candidates(al, &index, i, votes, touched);
        for (unsigned c = 0; c < list.count; c++) {
            uint32_t b = list.function[c];
            like_need(al->other, b);
            if (like_limit(&al->query->side, i, al->other, b) < MIN_GENE_SCORE)
                continue;
            float score = likeness(al, i, b);
            Candidate *slot = score >= MIN_GENE_SCORE ? VEC_ADD(al->scratch, &found) : NULL;
            if (slot)
                *slot = (Candidate){score, i, b};
        }
    }
    if (found.count > 1)
        qsort(found.at, found.count, sizeof *found.at, compare_candidate);
    for (size_t i = 0; i < found.count; i++)
        if (!al->of_a[found.at[i].a] && !al->of_b[found.at[i].b])
            pair(al, found.at[i].a, found.at[i].b, found.at[i].score, PAIR_GENES);
}

/* In the context of a pair, a weaker likeness is enough; tiny functions need the same shape. */
static void try_context(Align *al, uint64_t a, uint64_t b) {
    if (a >= al->a->functions.count || b >= al->b->functions.count || !a_is_free(al, a) ||
        !b_is_free(al, b))
        return;
    const FunctionFeature *fa = &al->a->functions.at[a], *fb = &al->b->functions.at[b];
    float score = 0.0f;
    if (fa->gene_count >= MIN_GENES && fb->gene_count >= MIN_GENES)
        score = likeness(al, (uint32_t)a, (uint32_t)b);
    else if (fa->instructions == fb->instructions && fa->blocks == fb->blocks)
        score = 0.5f * likeness(al, (uint32_t)a, (uint32_t)b);
    if (score >= MIN_CONTEXT_SCORE)
        pair(al, (uint32_t)a, (uint32_t)b, score, PAIR_CALLS);
}

/* Callees of a pair that are still free meet in call order when there are equally many of them. */
static void pair_callees(Align *al, const FunctionFeature *fa, const FunctionFeature *fb) {
    enum { MOST = 64 };
    uint32_t free_a[MOST], free_b[MOST];
    size_t na = 0, nb = 0;
    for (uint32_t i = 0; i < fa->call_count && na < MOST; i++) {
        uint32_t callee = al->a->calls.at[fa->first_call + i];
        if (!(callee & CALL_IS_IMPORT) && !al->of_a[callee])
            free_a[na++] = callee;
    }
    for (uint32_t i = 0; i < fb->call_count && nb < MOST; i++) {
        uint32_t callee = al->b->calls.at[fb->first_call + i];
        if (!(callee & CALL_IS_IMPORT) && !al->of_b[callee])
            free_b[nb++] = callee;
    }
    for (size_t i = 0; na == nb && i < na; i++)
        try_context(al, free_a[i], free_b[i]);
}

static void propagate(Align *al) {
    for (size_t i = 0; i < al->queued; i++) {
        uint64_t a = al->queue[i], b = al->of_a[a] - 1;
        pair_callees(al, &al->a->functions.at[a], &al->b->functions.at[b]);
        try_context(al, a + 1, b + 1);
        try_context(al, a - 1, b - 1);
    }
}

size_t align_features(const AlignQuery *query, const Features *b, const bool *only_exact,
                      Arena *scratch, FunctionPair *out) {
    ArenaMark mark = arena_mark(scratch);
    const Features *a = query->side.genes.features;
    size_t na = a->functions.count, nb = b->functions.count;
    LikeSide other = like_side_new(b, &query->side, scratch, scratch);
    Align al = {.query = query,
                .other = &other,
                .marks = like_marks_new(&query->side, scratch),
                .a = a,
                .b = b,
                .only_exact = only_exact,
                .scratch = scratch,
                .of_a = ARENA_ARRAY(scratch, uint32_t, na + 1),
                .of_b = ARENA_ARRAY(scratch, uint32_t, nb + 1),
                .score = ARENA_ARRAY(scratch, float, na + 1),
                .reason = ARENA_ARRAY(scratch, uint8_t, na + 1),
                .queue = ARENA_ARRAY(scratch, uint32_t, na + 1)};
    pair_exact(&al);
    pair_by_genes(&al);
    propagate(&al);
    size_t count = 0;
    for (size_t i = 0; i < na; i++)
        if (al.of_a[i])
            out[count++] =
                (FunctionPair){(uint32_t)i, al.of_a[i] - 1, al.score[i], (PairReason)al.reason[i]};
    arena_reset(scratch, mark);
    return count;
}
