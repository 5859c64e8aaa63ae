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
    const AlignSide *x;
    AlignSide *y;
    const Features *a, *b; /* of x and y */
    Arena *scratch;
    uint32_t *of_a, *of_b; /* partner + 1, 0 none */
    float *score;          /* by a */
    uint8_t *reason;       /* by a */
    uint32_t *queue;       /* paired a's, in order of pairing; each once */
    size_t queued;
} Align;

static float likeness(const Align *al, uint32_t a, uint32_t b) {
    context_need(&al->y->context, b, al->scratch);
    return context_likeness(&al->x->context, a, &al->y->context, b);
}

static bool is_free(const AlignSide *side, const uint32_t *partner, size_t i) {
    return !partner[i] && !(side->only_exact && side->only_exact[i]);
}

static void pair(Align *al, uint32_t a, uint32_t b, float score, PairReason reason) {
    al->of_a[a] = b + 1;
    al->of_b[b] = a + 1;
    al->score[a] = score;
    al->reason[a] = (uint8_t)reason;
    al->queue[al->queued++] = a;
}

typedef struct PicEntry {
    Hash128 pic;
    uint32_t index;
} PicEntry;

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

static int compare_hash(Hash128 x, Hash128 y) {
    if (x.low != y.low)
        return x.low < y.low ? -1 : 1;
    return (x.high > y.high) - (x.high < y.high);
}

/* Equal hashes pair in address order: which of several identical functions is which does not
 * matter. */
static void pair_exact(Align *al) {
    size_t na, nb, i = 0, j = 0;
    PicEntry *a = sorted_pics(al->scratch, al->a, &na), *b = sorted_pics(al->scratch, al->b, &nb);
    while (i < na && j < nb) {
        int order = compare_hash(a[i].pic, b[j].pic);
        if (order == 0)
            pair(al, a[i].index, b[j].index, 1.0f, PAIR_EXACT);
        i += order <= 0;
        j += order >= 0;
    }
}

/* Owners of the sketch keys of B's functions that are still free: a linked list per key. */
typedef struct KeyIndex {
    Map heads;      /* key -> entry + 1 */
    uint32_t *next; /* entry -> entry + 1 */
    uint32_t *function;
} KeyIndex;

static bool can_look_up(const AlignSide *side, const uint32_t *partner, size_t i) {
    return is_free(side, partner, i) &&
           side->context.features->functions.at[i].gene_count >= MIN_GENES;
}

/* 128 KiB: in the processor's cache; of a large program's 100,000 keys one in ten others passes.
 */
enum { SEEN_BITS = 20 };

static bool is_seen(const uint64_t *seen, uint32_t key) {
    uint32_t bit = key >> (SKETCH_KEY_BITS - SEEN_BITS);
    return seen[bit / 64] >> bit % 64 & 1;
}

AlignKeys align_keys_from_features(const Features *f, Arena *a) {
    Sketch *sketches = ARENA_UNSET(a, Sketch, f->functions.count + 1);
    uint64_t *seen = ARENA_ARRAY(a, uint64_t, (1 << SEEN_BITS) / 64);
    for (size_t i = 0; i < f->functions.count; i++) {
        sketches[i] = sketch_from_function(f, &f->functions.at[i]);
        for (unsigned k = 0; k < sketches[i].count; k++) {
            uint32_t bit = sketches[i].key[k] >> (SKETCH_KEY_BITS - SEEN_BITS);
            seen[bit / 64] |= (uint64_t)1 << bit % 64;
        }
    }
    return (AlignKeys){sketches, seen};
}

/* Keys that no function of A has are never looked up. */
static KeyIndex index_keys(const Align *al) {
    size_t most = 0, count = 0;
    for (size_t i = 0; i < al->b->functions.count; i++)
        most += can_look_up(al->y, al->of_b, i) ? SKETCH_KEYS : 0;
    uint32_t *key = ARENA_UNSET(al->scratch, uint32_t, most + 1);
    KeyIndex index = {.next = ARENA_UNSET(al->scratch, uint32_t, most + 1),
                      .function = ARENA_UNSET(al->scratch, uint32_t, most + 1)};
    for (size_t i = al->b->functions.count; i-- > 0;) {
        if (!can_look_up(al->y, al->of_b, i))
            continue;
        Sketch sketch = sketch_from_function(al->b, &al->b->functions.at[i]);
        for (unsigned k = 0; k < sketch.count; k++) {
            if (!is_seen(al->x->keys.seen, sketch.key[k]))
                continue;
            key[count] = sketch.key[k];
            index.function[count++] = (uint32_t)i;
        }
    }
    index.heads = map_new(al->scratch, count);
    for (size_t entry = 0; entry < count; entry++) {
        uint64_t *head = map_find(&index.heads, key[entry]);
        index.next[entry] = head ? (uint32_t)*head : 0;
        map_put(&index.heads, key[entry], entry + 1);
    }
    return index;
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

static Shortlist find_candidates(const KeyIndex *index, const Sketch *sketch, uint16_t *votes,
                                 uint32_t *touched) {
    Shortlist list = {.count = 0};
    size_t n = 0;
    for (unsigned k = 0; k < sketch->count; k++) {
        uint64_t *head = map_find(&index->heads, sketch->key[k]);
        unsigned owners = 0;
        for (uint32_t e = head ? (uint32_t)*head : 0; e && owners < MAX_KEY_OWNERS;
             e = index->next[e - 1], owners++) {
            uint32_t function = index->function[e - 1];
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
        if (!can_look_up(al->x, al->of_a, i))
            continue;
        Shortlist list = find_candidates(&index, &al->x->keys.sketches[i], votes, touched);
        for (unsigned c = 0; c < list.count; c++) {
            uint32_t b = list.function[c];
            context_need(&al->y->context, b, al->scratch);
            if (context_limit(&al->x->context, i, &al->y->context, b) < MIN_GENE_SCORE)
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
    if (a >= al->a->functions.count || b >= al->b->functions.count ||
        !is_free(al->x, al->of_a, a) || !is_free(al->y, al->of_b, b))
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

size_t align_features(const AlignSide *x, AlignSide *y, Arena *scratch, FunctionPair *out) {
    ArenaMark mark = arena_mark(scratch);
    size_t na = x->context.features->functions.count, nb = y->context.features->functions.count;
    Align al = {.x = x,
                .y = y,
                .a = x->context.features,
                .b = y->context.features,
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
