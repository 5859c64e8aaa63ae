/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/ssdeep.h"

#include <stdio.h>
#include <string.h>

/* Constants of the paper, section 3: a window of 7 bytes, 64 pieces, blocks of 3 * 2^k. */
enum { WINDOW = 7, PIECES = 64, MIN_BLOCK = 3, LEVELS = 31 };

static const char ALPHABET[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The rolling hash (paper, 3.1) behind byte i: the sum of the window of 7 bytes, the sum weighted
 * by age, and a shift-xor word that forgets after 7 steps of 5 bits. So it is a function of these 7
 * bytes alone; before the first one are zeros. */
static uint32_t hash_at(Bytes b, size_t i) {
    uint32_t sums = 0, shifted = 0;
    for (unsigned k = 0; k < WINDOW && k <= i; k++) {
        uint32_t c = b.at[i - k];
        sums += (WINDOW + 1 - k) * c;
        shifted ^= c << 5 * k;
    }
    return sums + shifted;
}

/* A block of size 3 * 2^k ends where the rolling hash is -1 modulo it, which is where hash + 1 is
 * divisible by 3 and by 2^k. 2^32 - 1 is divisible by 3, so a hash whose successor wraps to 0 ends
 * nothing. The multiplicative inverse of 3 modulo 2^32 maps multiples of 3 to [0, 2^32 / 3]. */
static inline bool is_end(uint32_t hash, uint32_t mask) {
    uint32_t next = hash + 1;
    /* The mask goes first: for big blocks it nearly always fails, which the processor learns. */
    return (next & mask) == 0 && next != 0 && next * 0xaaaaaaabu <= 0x55555555u;
}

enum { LANES = 32 }; /* positions looked at together */

/* Positions at which a block ends, in order. */
typedef struct Ends {
    Bytes b;
    uint32_t mask;
    size_t next;         /* first position of the next lanes */
    uint32_t candidates; /* bits of the LANES positions before it that are left to look at */
} Ends;

/* Which of the positions from `at` on may end a block by the low 16 bits of their hashes: those of
 * the shift-xor word come from the last four bytes. Written for the compiler to make vectors of. */
static uint32_t find_candidates(const uint8_t *at, uint16_t mask) {
    uint16_t rest[LANES];
    uint16_t least = UINT16_MAX;
    for (int i = 0; i < LANES; i++) {
        uint16_t b0 = at[i], b1 = at[i - 1], b2 = at[i - 2], b3 = at[i - 3], b4 = at[i - 4],
                 b5 = at[i - 5], b6 = at[i - 6];
        uint16_t sums =
            (uint16_t)(b0 * 8 + b1 * 7 + b2 * 6 + b3 * 5 + b4 * 4 + b5 * 3 + b6 * 2 + 1);
        rest[i] = (uint16_t)((sums + (b0 ^ b1 << 5 ^ b2 << 10 ^ b3 << 15)) & mask);
    }
    for (int i = 0; i < LANES; i++)
        least = rest[i] < least ? rest[i] : least;
    uint32_t bits = 0;
    for (unsigned i = 0; least == 0 && i < LANES; i++)
        bits |= (uint32_t)(rest[i] == 0) << i;
    return bits;
}

/* The next end and its hash; false behind the last one. */
static bool ends_next(Ends *e, size_t *at, uint32_t *hash) {
    for (;;) {
        while (e->candidates != 0) {
            *at = e->next - LANES + (unsigned)__builtin_ctz(e->candidates);
            e->candidates &= e->candidates - 1;
            *hash = *at < e->b.size ? hash_at(e->b, *at) : UINT32_MAX; /* ends nothing */
            if (is_end(*hash, e->mask))
                return true;
        }
        if (e->next >= e->b.size)
            return false;
        bool is_whole = e->next >= WINDOW && e->b.size - e->next >= LANES;
        e->candidates = is_whole ? find_candidates(e->b.at + e->next, (uint16_t)e->mask)
                                 : UINT32_MAX; /* the first and the last ones */
        e->next += LANES;
    }
}

/* What the first pass has found, for the second. */
typedef struct Found {
    struct {
        size_t at;
        uint32_t hash;
    } ends[4096]; /* a first guess of the block size that is right gives 1,024 to 2,048 */
    size_t count;
    bool is_full; /* there are more */
} Found;

/* First pass: how many blocks each size from 3 * 2^level on would give. */
static void count_blocks(Bytes b, unsigned level, uint64_t count[LEVELS + 2], Found *found) {
    Ends ends = {.b = b, .mask = (1u << level) - 1};
    uint64_t exact[32] = {0};
    uint32_t hash;
    found->count = 0;
    found->is_full = false;
    for (size_t at; ends_next(&ends, &at, &hash);) {
        exact[__builtin_ctz(hash + 1)]++;
        found->is_full |= found->count == sizeof found->ends / sizeof *found->ends;
        if (found->is_full)
            continue;
        found->ends[found->count].at = at;
        found->ends[found->count++].hash = hash;
    }
    count[LEVELS + 1] = 0;
    for (unsigned k = LEVELS + 1; k-- > 0;)
        count[k] = count[k + 1] + exact[k];
}

/* The next of the ends that are ends of larger blocks too, from number *i on. */
static bool found_next(const Found *found, uint32_t mask, size_t *i, size_t *at, uint32_t *hash) {
    for (; *i < found->count; (*i)++)
        if (is_end(found->ends[*i].hash, mask)) {
            *at = found->ends[*i].at;
            *hash = found->ends[(*i)++].hash;
            return true;
        }
    return false;
}

/* One signature in the making. FNV-1 as in the paper; a piece's character is the hash modulo 64,
 * and neither product nor xor carries downwards, so six bits are enough of it. */
typedef struct Pieces {
    uint32_t hash;
    unsigned count, max;
    char text[PIECES + 1];
    bool has_last; /* text[max - 1] is the last piece so far, which runs on */
} Pieces;

enum { FNV_START = 0x27, FNV_PRIME = 0x13 }; /* 0x28021967 and 0x01000193 modulo 64 */

/* The last place takes every further piece, its hash running on (paper, 3.3). */
static void pieces_cut(Pieces *p) {
    p->text[p->count] = ALPHABET[p->hash & 63];
    if (p->count < p->max - 1) {
        p->count++;
        p->hash = FNV_START;
    } else {
        p->has_last = true;
    }
}

static void pieces_end(Pieces *p, bool has_tail) {
    if (has_tail)
        p->text[p->count++] = ALPHABET[p->hash & 63];
    else if (p->has_last)
        p->count++;
    p->text[p->count] = 0;
}

static void cut_blocks(Bytes b, unsigned level, const Found *found, Pieces *one, Pieces *two) {
    Ends ends = {.b = b, .mask = (1u << level) - 1};
    uint32_t hash = 0;
    size_t at = 0, next = 0;
    for (size_t from = 0; from < b.size; from = at + 1) {
        bool is_cut = found->is_full ? ends_next(&ends, &at, &hash)
                                     : found_next(found, ends.mask, &next, &at, &hash);
        at = is_cut ? at : b.size - 1;
        uint32_t h1 = one->hash, h2 = two->hash;
        for (size_t i = from; i <= at; i++) {
            h1 = h1 * FNV_PRIME ^ b.at[i];
            h2 = h2 * FNV_PRIME ^ b.at[i];
        }
        one->hash = h1;
        two->hash = h2;
        if (is_cut)
            pieces_cut(one);
        if (is_cut && ((hash + 1) >> level & 1) == 0)
            pieces_cut(two);
    }
}

void ssdeep_from_bytes(Bytes b, char out[SSDEEP_TEXT_BYTES]) {
    unsigned level = 0;
    while (level < LEVELS - 2 && ((uint64_t)MIN_BLOCK << level) * PIECES < b.size)
        level++;
    /* Few files need a block size below a sixteenth of the first guess: those are read once more.
     */
    unsigned least = level > 4 ? level - 4 : 0;
    uint64_t count[LEVELS + 2];
    Found found;
    count_blocks(b, least, count, &found);
    if (least > 0 && count[least] < PIECES / 2)
        count_blocks(b, 0, count, &found);
    /* Too few pieces: half the block size, again (paper, 3.3). */
    while (level > 0 && count[level] < PIECES / 2)
        level--;
    Pieces one = {.hash = FNV_START, .max = PIECES}, two = {.hash = FNV_START, .max = PIECES / 2};
    cut_blocks(b, level, &found, &one, &two);
    uint32_t tail = b.size > 0 ? hash_at(b, b.size - 1) : 0;
    pieces_end(&one, tail != 0);
    pieces_end(&two, tail != 0);
    snprintf(out, SSDEEP_TEXT_BYTES, "%llu:%s:%s", (unsigned long long)MIN_BLOCK << level, one.text,
             two.text);
}

typedef struct Digest {
    uint64_t block;
    char part[2][PIECES + 1];
    unsigned length[2];
} Digest;

/* Runs of more than three equal characters say little and are cut to three, as the tool does. */
static bool part_read(const char **text, char stop, char *out, unsigned *length) {
    unsigned n = 0, seen = 0;
    for (; **text && **text != stop; (*text)++) {
        char c = **text;
        if (++seen > PIECES || !strchr(ALPHABET, c))
            return false;
        if (n >= 3 && out[n - 1] == c && out[n - 2] == c && out[n - 3] == c)
            continue;
        out[n++] = c;
    }
    out[n] = 0;
    *length = n;
    return true;
}

static bool digest_read(const char *text, Digest *d) {
    d->block = 0;
    unsigned digits = 0;
    for (; *text >= '0' && *text <= '9'; text++, digits++) {
        if (digits == 11)
            return false;
        d->block = d->block * 10 + (uint64_t)(*text - '0');
    }
    if (*text++ != ':' || d->block < MIN_BLOCK || !part_read(&text, ':', d->part[0], &d->length[0]))
        return false;
    /* The tool's own output may carry ",name" behind. */
    return *text++ == ':' && part_read(&text, ',', d->part[1], &d->length[1]);
}

/* A score needs 7 characters in a row in common: by chance that is rare (paper, 3.4). */
static bool has_common_run(const char *a, unsigned a_length, const char *b, unsigned b_length) {
    for (unsigned i = 0; i + WINDOW <= a_length; i++)
        for (unsigned j = 0; j + WINDOW <= b_length; j++)
            if (memcmp(a + i, b + j, WINDOW) == 0)
                return true;
    return false;
}

/* Edit distance with insertions and deletions at cost 1. The paper's change (3) and swap (5) never
 * beat a deletion with an insertion (2), so this is all of it: |a| + |b| - 2 * common subsequence.
 */
static unsigned edit_distance(const char *a, unsigned a_length, const char *b, unsigned b_length) {
    uint8_t row[PIECES + 1] = {0};
    for (unsigned i = 0; i < a_length; i++) {
        uint8_t diagonal = 0;
        for (unsigned j = 0; j < b_length; j++) {
            uint8_t above = row[j + 1];
            if (a[i] == b[j])
                row[j + 1] = (uint8_t)(diagonal + 1);
            else if (row[j] > above)
                row[j + 1] = row[j];
            diagonal = above;
        }
    }
    return a_length + b_length - 2u * row[b_length];
}

static int score(const Digest *a, unsigned ka, const Digest *b, unsigned kb, uint64_t block) {
    const char *s = a->part[ka], *t = b->part[kb];
    unsigned n = a->length[ka], m = b->length[kb];
    if (!has_common_run(s, n, t, m))
        return 0;
    unsigned scaled = edit_distance(s, n, t, m) * PIECES / (n + m);
    unsigned result = 100 - 100 * scaled / PIECES;
    /* Small blocks match by chance: the score is held down to the block's share (the tool's cap).
     */
    if (block < (uint64_t)(99 + WINDOW) / WINDOW * MIN_BLOCK) {
        uint64_t cap = block / MIN_BLOCK * (n < m ? n : m);
        if (result > cap)
            result = (unsigned)cap;
    }
    return (int)result;
}

int ssdeep_compare(const char *a, const char *b) {
    Digest x, y;
    if (!digest_read(a, &x) || !digest_read(b, &y))
        return -1;
    if (x.block == y.block) {
        if (strcmp(x.part[0], y.part[0]) == 0 && strcmp(x.part[1], y.part[1]) == 0)
            return 100;
        int one = score(&x, 0, &y, 0, x.block), two = score(&x, 1, &y, 1, x.block * 2);
        return one > two ? one : two;
    }
    if (x.block == y.block * 2)
        return score(&x, 0, &y, 1, x.block);
    if (y.block == x.block * 2)
        return score(&x, 1, &y, 0, y.block);
    return 0;
}
