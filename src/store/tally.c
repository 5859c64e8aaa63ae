/* SPDX-License-Identifier: Apache-2.0
 * tally.c: counts which signatures stand in the lists of a query's keys. A hit needs so many of
 * them that most postings are of none: these are told in passing, by a sieve, and the longest lists
 * are only asked for what the others have left. */
#include "store/tally.h"

#include <stdlib.h>
#include <string.h>

enum {
    PLACES = 2 * MAX_QUERY_POSTINGS, /* a power of two */
    /* Places where signatures are counted together: with 8,192 postings in them few that share too
       little get past. A power of two; 16 KB stay in the processor's nearest cache. */
    SIEVE_BITS = 14,
    SIEVE = 1 << SIEVE_BITS,
    SCORE_BITS = 14, /* of 32 keys of at most 16 * 32 */
    SCORES = 1 << SCORE_BITS
};

/* What is done with the lists of a key. */
typedef enum ListUse { LIST_SKIPPED, LIST_COUNTED, LIST_PROBED } ListUse;

typedef struct Count {
    uint32_t signature;
    uint16_t shared, score;
} Count;

/* Values of one list, in a row. */
typedef struct Part {
    uint32_t count;
    uint8_t key;
} Part;

struct Tally {
    const TallyQuery *query;
    uint64_t length[SKETCH_KEYS]; /* postings of each key, in all segments */
    uint16_t weight[SKETCH_KEYS];
    ListUse use[SKETCH_KEYS];
    unsigned asked;  /* keys that were read, or have no postings */
    unsigned needed; /* of them a signature has to have, to be a hit */
    unsigned probed; /* of them: the longest; a hit has needed - probed of the others */
    size_t count;    /* of counts: as many as signatures were met */
    uint32_t mask;   /* of places: at least twice as many as are counted */
    Count counts[MAX_QUERY_POSTINGS];
    /* Small, so that it stays in the processor's nearest cache: hash of a signature -> its place in
     * counts, + 1. All 0 between queries. */
    uint16_t places[PLACES];
    uint32_t values[MAX_QUERY_POSTINGS]; /* of all counted lists, then of one probed list */
    Part parts[MAX_QUERY_POSTINGS];      /* of these values, in the same order */
    size_t part_count;
    uint64_t sieve[SIEVE / 8]; /* bytes: postings by place of the signature */
    SignatureHit hits[MAX_QUERY_POSTINGS + 1];
};

Tally *tally_new(void) {
    Tally *t = malloc(sizeof *t);
    if (t)
        memset(t->places, 0, sizeof t->places);
    return t;
}

void tally_free(Tally *t) { free(t); }

/* ---- which lists ---- */

/* log2 of how rare the key is among the store's signatures, times 16. */
static uint16_t weight_of(const Tally *t, uint64_t length) {
    uint64_t ratio = length > 0 ? ((t->query->signatures + 1) << 8) / length : 0;
    unsigned zeros = (unsigned)__builtin_clzll(ratio | 1);
    uint64_t top = (ratio | 1) << zeros; /* the logarithm straight between powers of two */
    unsigned log16 = (63 - zeros) * 16 + (unsigned)(top >> 59 & 15);
    return (uint16_t)(log16 > 8 * 16 + 1 ? log16 - 8 * 16 : 1);
}

/* How many of the longest lists need only be asked for what the others leave. What stands twice in
 * the others is still much, since places of the sieve are shared (measured: bench_verdict at 10^6
 * functions). */
static unsigned probed_of(unsigned needed) { return needed > 3 ? needed - 3 : 0; }

static void choose_lists(Tally *t) {
    const TallyQuery *q = t->query;
    uint8_t by_length[SKETCH_KEYS];
    for (size_t i = 0; i < q->list_count; i++)
        t->length[q->lists[i].who % SKETCH_KEYS] += q->lists[i].list.count;
    for (unsigned k = 0; k < q->key_count; k++) {
        unsigned at = k;
        for (; at > 0 && t->length[by_length[at - 1]] > t->length[k]; at--)
            by_length[at] = by_length[at - 1];
        by_length[at] = (uint8_t)k;
    }
    for (uint64_t postings = 0; t->asked < q->key_count; t->asked++) {
        postings += t->length[by_length[t->asked]];
        if (postings > MAX_QUERY_POSTINGS)
            break;
    }
    for (t->needed = 1; t->needed < t->asked; t->needed++)
        if (sketch_likeness(t->needed, t->asked) >= q->least_likeness)
            break;
    t->probed = probed_of(t->needed);
    for (unsigned i = 0; i < t->asked; i++) {
        unsigned k = by_length[i];
        t->use[k] = i + t->probed < t->asked ? LIST_COUNTED : LIST_PROBED;
        t->weight[k] = weight_of(t, t->length[k]);
    }
}

/* The next list at or behind the i-th that is used so; NULL at the end. */
static const KeyList *next_list(const Tally *t, size_t *i, ListUse use) {
    const TallyQuery *q = t->query;
    while (*i < q->list_count && t->use[q->lists[*i].who % SKETCH_KEYS] != use)
        ++*i;
    if (*i + 1 < q->list_count)
        __builtin_prefetch(q->lists[*i + 1].list.at);
    return *i < q->list_count ? &q->lists[(*i)++] : NULL;
}

/* ---- the sieve ---- */

/* Signatures are numbered as they come: the lowest bits spread those of one sample evenly. */
static uint32_t sieve_place(uint32_t signature) { return signature & (SIEVE - 1); }
/* Other signatures stand together in a place of these. */
static uint32_t second_place(uint32_t signature) {
    return signature * 0x9e3779b1U >> (32 - SIEVE_BITS);
}

static uint8_t *sieve_bytes(Tally *t) { return (uint8_t *)t->sieve; }

/* A byte that ran over lost 256: then nothing is told by the sieve. */
static void close_sieve(Tally *t, uint64_t count) {
    uint64_t sum = 0;
    for (size_t i = 0; i < SIEVE / 8;) {
        uint64_t lanes = 0; /* four sums of 16 bits: 2 * 64 bytes in each */
        for (size_t end = i + 64; i < end; i++)
            lanes +=
                (t->sieve[i] & 0x00ff00ff00ff00ffULL) + (t->sieve[i] >> 8 & 0x00ff00ff00ff00ffULL);
        sum += (lanes & 0xffff) + (lanes >> 16 & 0xffff) + (lanes >> 32 & 0xffff) + (lanes >> 48);
    }
    if (sum != count)
        memset(t->sieve, UINT8_MAX, sizeof t->sieve);
}

/* All counted lists into values; how many they are. How often postings fall into a signature's
 * place of the sieve is at least how often it is met itself: what falls short there cannot be a
 * hit. */
static Status fill_sieve(Tally *t) {
    const KeyList *l;
    uint32_t *at = t->values;
    uint8_t *sieve = sieve_bytes(t);
    memset(t->sieve, 0, sizeof t->sieve);
    for (size_t i = 0; (l = next_list(t, &i, LIST_COUNTED));) {
        if (!block_list_count(&l->list, t->query->signatures, at, sieve, SIEVE - 1))
            return STATUS_CORRUPT;
        at += l->list.count;
        t->parts[t->part_count++] = (Part){l->list.count, l->who % SKETCH_KEYS};
    }
    close_sieve(t, (uint64_t)(at - t->values));
    return STATUS_OK;
}

/* Keeps of the values what may be a hit; returns how many. */
static inline size_t sift(Tally *t, unsigned least, bool is_second) {
    const uint8_t *sieve = sieve_bytes(t);
    const uint32_t *from = t->values;
    uint32_t *to = t->values;
    for (size_t i = 0; i < t->part_count; i++) {
        const uint32_t *first = to;
        for (const uint32_t *end = from + t->parts[i].count; from < end; from++) {
            uint32_t signature = *from;
            *to = signature;
            to += sieve[is_second ? second_place(signature) : sieve_place(signature)] >= least;
        }
        t->parts[i].count = (uint32_t)(to - first);
    }
    return (size_t)(to - t->values);
}

/* The same with what is kept, in other places: these are nearly empty now. */
static size_t sift_again(Tally *t, size_t count, unsigned least) {
    uint8_t *sieve = sieve_bytes(t);
    memset(t->sieve, 0, sizeof t->sieve);
    for (size_t i = 0; i < count; i++)
        sieve[second_place(t->values[i])]++;
    close_sieve(t, count);
    return sift(t, least, true);
}

/* ---- exact counts ---- */

/* Where it is in places, or where it belongs. */
static uint32_t find_slot(const Tally *t, uint32_t signature) {
    uint32_t slot = second_place(signature) & t->mask;
    while (t->places[slot] && t->counts[t->places[slot] - 1].signature != signature)
        slot = (slot + 1) & t->mask;
    return slot;
}

static void add_key(Count *c, uint16_t weight) {
    c->shared++;
    c->score = (uint16_t)(c->score + weight);
}

static void count_kept(Tally *t) {
    const uint32_t *at = t->values;
    for (size_t i = 0; i < t->part_count; i++) {
        uint16_t weight = t->weight[t->parts[i].key];
        for (const uint32_t *end = at + t->parts[i].count; at < end; at++) {
            uint32_t slot = find_slot(t, *at);
            if (!t->places[slot]) {
                t->counts[t->count++] = (Count){.signature = *at};
                t->places[slot] = (uint16_t)t->count;
            }
            add_key(&t->counts[t->places[slot] - 1], weight);
        }
    }
}

static Status count_lists(Tally *t) {
    unsigned least = t->needed - t->probed;
    Status status = fill_sieve(t);
    if (status != STATUS_OK)
        return status;
    size_t count = sift(t, least, false);
    if (least > 1)
        count = sift_again(t, count, least);
    for (t->mask = 15; t->mask + 1 < 2 * count;)
        t->mask = 2 * t->mask + 1;
    count_kept(t);
    return STATUS_OK;
}

/* In a probed list only what may be a hit by now is looked for. */
static Status probe_lists(Tally *t) {
    const KeyList *l;
    uint8_t *sieve = sieve_bytes(t);
    memset(t->sieve, 0, sizeof t->sieve);
    for (size_t i = 0; i < t->count; i++)
        sieve[sieve_place(t->counts[i].signature)] |= t->counts[i].shared + t->probed >= t->needed;
    for (size_t i = 0; (l = next_list(t, &i, LIST_PROBED));) {
        if (!block_list_read(&l->list, t->query->signatures, t->values))
            return STATUS_CORRUPT;
        for (size_t k = 0; k < l->list.count; k++) {
            if (!sieve[sieve_place(t->values[k])])
                continue;
            uint32_t slot = find_slot(t, t->values[k]);
            if (t->places[slot])
                add_key(&t->counts[t->places[slot] - 1], t->weight[l->who % SKETCH_KEYS]);
        }
    }
    return STATUS_OK;
}

/* ---- the best ---- */

static int compare_hits(const void *x, const void *y) {
    const SignatureHit *p = x, *q = y;
    if (p->exact != q->exact)
        return p->exact ? -1 : 1;
    if (p->score != q->score)
        return p->score > q->score ? -1 : 1;
    return (p->signature > q->signature) - (p->signature < q->signature);
}

static unsigned clamp_score(unsigned score) { return score < SCORES ? score : SCORES - 1; }

static bool is_hit(const Tally *t, const Count *c) { return c->shared >= t->needed; }

/* The least score among the best `wanted`. */
static unsigned cut_score(const Tally *t, size_t wanted) {
    if (t->count <= wanted)
        return 0;
    uint32_t with[SCORES / 16] = {0};
    for (size_t i = 0; i < t->count; i++)
        with[clamp_score(t->counts[i].score) / 16] += is_hit(t, &t->counts[i]);
    size_t sum = 0;
    for (unsigned cut = SCORES / 16; cut-- > 0;) {
        sum += with[cut];
        if (sum >= wanted)
            return cut * 16;
    }
    return 0;
}

static size_t rank_hits(Tally *t, size_t wanted) {
    size_t count = 0;
    unsigned cut = cut_score(t, wanted);
    uint64_t exact = t->query->exact;
    SignatureHit twin = {
        .signature = (uint32_t)(exact - 1), .asked = (uint16_t)t->asked, .exact = true};
    for (size_t i = 0; i < t->count; i++) {
        const Count *c = &t->counts[i];
        bool is_exact = exact == (uint64_t)c->signature + 1;
        SignatureHit h = twin;
        h.signature = c->signature;
        h.shared = c->shared;
        h.score = c->score;
        h.exact = is_exact;
        if (is_exact)
            twin = h;
        else if (is_hit(t, c) && clamp_score(c->score) >= cut)
            t->hits[count++] = h;
    }
    if (exact)
        t->hits[count++] = twin;
    if (count > 1)
        qsort(t->hits, count, sizeof *t->hits, compare_hits);
    return count < wanted ? count : wanted;
}

Status tally_query(Tally *t, const TallyQuery *query, size_t wanted, const SignatureHit **hits,
                   size_t *count, unsigned *skipped) {
    t->query = query;
    t->count = t->part_count = 0;
    t->asked = t->mask = 0;
    memset(t->length, 0, sizeof t->length);
    memset(t->use, 0, sizeof t->use);
    choose_lists(t);
    *skipped = query->key_count - t->asked;
    Status status = count_lists(t);
    if (status == STATUS_OK && t->probed > 0)
        status = probe_lists(t);
    if (status != STATUS_OK)
        return status;
    *count = rank_hits(t, wanted);
    *hits = t->hits;
    memset(t->places, 0, (t->mask + 1) * sizeof *t->places);
    return STATUS_OK;
}
