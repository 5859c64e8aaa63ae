/* SPDX-License-Identifier: Apache-2.0 */
#include "match/align.h"

#include <stdlib.h>

#include "feature/gene_numbers.h"

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
    const Outline *a, *b;
    uint32_t a_count, b_count; /* functions */
    const bool *only_exact;    /* of b */
    Arena *scratch;
    uint32_t *of_a, *of_b; /* partner + 1, 0 none */
    float *score;          /* by a */
    uint8_t *reason;       /* by a */
    uint32_t *queue;       /* paired a's, in order of pairing; each once */
    size_t queued;
} Align;

static uint32_t function_count(const Outline *o) { return o->counts[OUTLINE_FUNCTIONS]; }

static float likeness(Align *al, uint32_t a, uint32_t b, float least) {
    return like_score(&al->marks, a, al->other, b, least);
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

static PicEntry *sorted_pics(Arena *arena, const Outline *o, size_t *count) {
    PicEntry *at = ARENA_ARRAY(arena, PicEntry, function_count(o) + 1);
    size_t n = 0;
    for (uint32_t i = 0; i < function_count(o); i++) {
        Hash128 pic = o->pic[i];
        if (pic.low || pic.high)
            at[n++] = (PicEntry){pic, i};
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
    for (size_t i = 0; i < al->b_count; i++) {
        Hash128 pic = al->b->pic[i];
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

static bool has_enough_genes(const Outline *o, size_t i) { return o->gene_count[i] >= MIN_GENES; }

/* ---- the query ---- */

static void index_pics(AlignQuery *q, Arena *a) {
    q->pics = sorted_pics(a, q->side.outline, &q->pic_count);
    q->pic_at = map_new(a, q->pic_count);
    for (size_t i = q->pic_count; i-- > 0;)
        map_put(&q->pic_at, q->pics[i].pic.low, i);
}

static void number_slots(AlignQuery *q, Arena *a) {
    const Outline *o = q->side.outline;
    size_t genes = o->counts[OUTLINE_DICTIONARY];
    q->slot = ARENA_UNSET(a, uint32_t, genes + 1);
    for (size_t i = 0; i < genes; i++)
        q->slot[i] = GENE_NONE;
    for (size_t i = 0; i < function_count(o); i++) {
        if (!has_enough_genes(o, i) || (q->only_exact && q->only_exact[i]))
            continue;
        for (unsigned k = 0; k < o->sketch_count[i]; k++) {
            uint32_t *slot = &q->slot[outline_gene(o, o->first_gene[i] + k)];
            if (*slot == GENE_NONE)
                *slot = (uint32_t)q->slot_count++;
        }
    }
}

AlignQuery align_query_new(const Outline *o, const bool *only_exact, Arena *a) {
    AlignQuery q = {.side = like_side_new(o, NULL, a), .only_exact = only_exact};
    like_need_all(&q.side);
    index_pics(&q, a);
    number_slots(&q, a);
    return q;
}

/* ---- who has a key ---- */

/* Functions of B that are still free, by the query's key; of each the first MAX_KEY_OWNERS, in
 * order. */
typedef struct KeyIndex {
    const uint32_t *first; /* by slot; one more than there are */
    const uint32_t *function;
} KeyIndex;

static uint32_t slot_of(const Align *al, uint32_t gene) {
    uint32_t number = al->other->to_a[gene];
    return number != GENE_NONE ? al->query->slot[number] : GENE_NONE;
}

/* One bit for each gene of B that has a slot: most have none, and the bits stay in the processor's
 * nearest cache. */
static uint64_t *genes_with_slot(const Align *al) {
    uint32_t n = al->b->counts[OUTLINE_DICTIONARY];
    uint64_t *bits = ARENA_ARRAY(al->scratch, uint64_t, n / 64 + 1);
    for (uint32_t i = 0; i < n; i++)
        bits[i / 64] |= (uint64_t)(slot_of(al, i) != GENE_NONE) << i % 64;
    return bits;
}

/* Slots of a function of B by the genes of its sketch, those that have one; returns how many. */
static unsigned slots_of(const Align *al, const uint64_t *has_slot, uint32_t function,
                         uint32_t *out) {
    const Outline *b = al->b;
    unsigned n = 0;
    for (uint32_t k = 0; k < b->sketch_count[function]; k++) {
        uint32_t gene = outline_gene(b, b->first_gene[function] + k);
        if (has_slot[gene / 64] >> gene % 64 & 1)
            out[n++] = slot_of(al, gene);
    }
    return n;
}

static KeyIndex index_keys(const Align *al) {
    size_t most = 0, slots = al->query->slot_count, count = 0;
    for (uint32_t i = 0; i < al->b_count; i++)
        most += b_is_free(al, i) && has_enough_genes(al->b, i) ? SKETCH_KEYS : 0;
    uint32_t *entry_slot = ARENA_UNSET(al->scratch, uint32_t, most + 1);
    uint32_t *entry_owner = ARENA_UNSET(al->scratch, uint32_t, most + 1);
    uint32_t *first = ARENA_ARRAY(al->scratch, uint32_t, slots + 2);
    const uint64_t *has_slot = genes_with_slot(al);
    for (uint32_t i = 0; i < al->b_count; i++) {
        if (!b_is_free(al, i) || !has_enough_genes(al->b, i))
            continue;
        uint32_t own[SKETCH_KEYS];
        unsigned n = slots_of(al, has_slot, i, own);
        for (unsigned k = 0; k < n; k++) {
            if (first[own[k] + 2] == MAX_KEY_OWNERS)
                continue;
            first[own[k] + 2]++;
            entry_slot[count] = own[k];
            entry_owner[count++] = i;
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
    for (unsigned k = 0; k < al->a->sketch_count[a]; k++) {
        uint32_t slot = al->query->slot[outline_gene(al->a, al->a->first_gene[a] + k)];
        for (uint32_t e = index->first[slot]; e < index->first[slot + 1]; e++) {
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
    uint16_t *votes = ARENA_ARRAY(al->scratch, uint16_t, al->b_count + 1);
    uint32_t *touched = ARENA_ARRAY(al->scratch, uint32_t, al->b_count + 1);
    CandidateVec found = {.max = (size_t)al->a_count * CANDIDATES};
    for (uint32_t i = 0; i < al->a_count; i++) {
        if (!a_is_free(al, i) || !has_enough_genes(al->a, i))
            continue;
        Shortlist list = find_candidates(al, &index, i, votes, touched);
        for (unsigned c = 0; c < list.count; c++) {
            uint32_t b = list.function[c];
            float score = likeness(al, i, b, MIN_GENE_SCORE);
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
    if (a >= al->a_count || b >= al->b_count || !a_is_free(al, a) || !b_is_free(al, b))
        return;
    float score = 0.0f;
    if (has_enough_genes(al->a, a) && has_enough_genes(al->b, b))
        score = likeness(al, (uint32_t)a, (uint32_t)b, MIN_CONTEXT_SCORE);
    else if (al->a->instructions[a] == al->b->instructions[b] &&
             al->a->blocks[a] == al->b->blocks[b])
        score = 0.5f * likeness(al, (uint32_t)a, (uint32_t)b, 2 * MIN_CONTEXT_SCORE);
    if (score >= MIN_CONTEXT_SCORE)
        pair(al, (uint32_t)a, (uint32_t)b, score, PAIR_CALLS);
}

/* Callees of a pair that are still free meet in call order when there are equally many of them. */
static void pair_callees(Align *al, uint32_t a, uint32_t b) {
    enum { MOST = 64 };
    uint32_t free_a[MOST], free_b[MOST];
    size_t na = 0, nb = 0;
    for (uint32_t i = al->a->first_call[a]; i < al->a->first_call[a + 1] && na < MOST; i++)
        if (!al->of_a[al->a->call[i]])
            free_a[na++] = al->a->call[i];
    for (uint32_t i = al->b->first_call[b]; i < al->b->first_call[b + 1] && nb < MOST; i++)
        if (!al->of_b[al->b->call[i]])
            free_b[nb++] = al->b->call[i];
    for (size_t i = 0; na == nb && i < na; i++)
        try_context(al, free_a[i], free_b[i]);
}

static void propagate(Align *al) {
    for (size_t i = 0; i < al->queued; i++) {
        uint64_t a = al->queue[i], b = al->of_a[a] - 1;
        pair_callees(al, (uint32_t)a, (uint32_t)b);
        try_context(al, a + 1, b + 1);
        try_context(al, a - 1, b - 1);
    }
}

size_t align_outlines(const AlignQuery *query, const Outline *b, const bool *only_exact,
                      Arena *scratch, FunctionPair *out) {
    ArenaMark mark = arena_mark(scratch);
    const Outline *a = query->side.outline;
    size_t na = function_count(a), nb = function_count(b);
    LikeSide other = like_side_new(b, &query->side, scratch);
    Align al = {.query = query,
                .other = &other,
                .marks = like_marks_new(&query->side, scratch),
                .a = a,
                .b = b,
                .a_count = (uint32_t)na,
                .b_count = (uint32_t)nb,
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
