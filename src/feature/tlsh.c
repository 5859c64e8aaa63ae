/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/tlsh.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

enum { BUCKETS = 128, CODE_BYTES = 32, HEAD_BYTES = 3, WINDOW = 5, TRIPLETS = 6 };

/* Pearson's permutation (Communications of the ACM 33(6), 1990), as TLSH uses it. */
static const uint8_t PEARSON[256] = {
    /* clang-format off */
    1, 87, 49, 12, 176, 178, 102, 166, 121, 193, 6, 84, 249, 230, 44, 163, 14, 197, 213, 181, 161,
    85, 218, 80, 64, 239, 24, 226, 236, 142, 38, 200, 110, 177, 104, 103, 141, 253, 255, 50, 77,
    101, 81, 18, 45, 96, 31, 222, 25, 107, 190, 70, 86, 237, 240, 34, 72, 242, 20, 214, 244, 227,
    149, 235, 97, 234, 57, 22, 60, 250, 82, 175, 208, 5, 127, 199, 111, 62, 135, 248, 174, 169,
    211, 58, 66, 154, 106, 195, 245, 171, 17, 187, 182, 179, 0, 243, 132, 56, 148, 75, 128, 133,
    158, 100, 130, 126, 91, 13, 153, 246, 216, 219, 119, 68, 223, 78, 83, 88, 201, 99, 122, 11, 92,
    32, 136, 114, 52, 10, 138, 30, 48, 183, 156, 35, 61, 26, 143, 74, 251, 94, 129, 162, 63, 152,
    170, 7, 115, 167, 241, 206, 3, 150, 55, 59, 151, 220, 90, 53, 23, 131, 125, 173, 15, 238, 79,
    95, 89, 16, 105, 137, 225, 224, 217, 160, 37, 123, 118, 73, 2, 157, 46, 116, 9, 145, 134, 228,
    207, 212, 202, 215, 69, 229, 27, 188, 67, 124, 168, 252, 42, 4, 29, 108, 21, 247, 19, 205, 39,
    203, 233, 40, 186, 147, 198, 192, 155, 33, 164, 191, 98, 204, 165, 180, 117, 76, 140, 36, 210,
    172, 41, 54, 159, 8, 185, 232, 113, 196, 231, 47, 146, 120, 51, 65, 28, 144, 254, 221, 93, 189,
    194, 139, 112, 43, 71, 109, 184, 209,
    /* clang-format on */
};

/* Largest length of each step of the length code: about log 1.5, then 1.3, then 1.1 of the length,
 * with the rounding of the reference (its float arithmetic cannot be had again from the formula).
 */
static const uint32_t LENGTH_STEPS[170] = {
    /* clang-format off */
    1u, 2u, 3u, 5u, 7u, 11u, 17u, 25u, 38u, 57u, 86u, 129u, 194u, 291u, 437u, 656u, 854u, 1110u,
    1443u, 1876u, 2439u, 3171u, 3475u, 3823u, 4205u, 4626u, 5088u, 5597u, 6157u, 6772u, 7450u,
    8195u, 9014u, 9916u, 10907u, 11998u, 13198u, 14518u, 15970u, 17567u, 19323u, 21256u, 23382u,
    25720u, 28292u, 31121u, 34233u, 37656u, 41422u, 45564u, 50121u, 55133u, 60646u, 66711u, 73382u,
    80721u, 88793u, 97672u, 107439u, 118183u, 130002u, 143002u, 157302u, 173032u, 190335u, 209369u,
    230306u, 253337u, 278670u, 306538u, 337191u, 370911u, 408002u, 448802u, 493682u, 543050u,
    597356u, 657091u, 722800u, 795081u, 874589u, 962048u, 1058252u, 1164078u, 1280486u, 1408534u,
    1549388u, 1704327u, 1874759u, 2062236u, 2268459u, 2495305u, 2744836u, 3019320u, 3321252u,
    3653374u, 4018711u, 4420582u, 4862641u, 5348905u, 5883796u, 6472176u, 7119394u, 7831333u,
    8614467u, 9475909u, 10423501u, 11465851u, 12612437u, 13873681u, 15261050u, 16787154u,
    18465870u, 20312458u, 22343706u, 24578077u, 27035886u, 29739474u, 32713425u, 35984770u,
    39583245u, 43541573u, 47895730u, 52685306u, 57953837u, 63749221u, 70124148u, 77136564u,
    84850228u, 93335252u, 102668779u, 112935659u, 124229227u, 136652151u, 150317384u, 165349128u,
    181884040u, 200072456u, 220079703u, 242087671u, 266296456u, 292926096u, 322218735u, 354440623u,
    389884688u, 428873168u, 471760495u, 518936559u, 570830240u, 627913311u, 690704607u, 759775136u,
    835752671u, 919327967u, 1011260767u, 1112386880u, 1223623232u, 1345985727u, 1480584256u,
    1628642751u, 1791507135u, 1970657856u, 2167723648u, 2384496256u, 2622945920u, 2885240448u,
    3173764736u, 3491141248u, 3840255616u, 4224281216u,
    /* clang-format on */
};

/* The salt of each triplet, already permuted once: PEARSON[2], [3], [5], [7], [11], [13]; last the
 * checksum's PEARSON[0]. */
static const uint8_t SALTS[TRIPLETS + 1] = {49, 12, 178, 166, 84, 230, 1};

typedef struct Counts {
    uint32_t bucket[256];
    uint8_t checksum;
} Counts;

/* Six triplets of each window of five bytes. The first look-up of all six goes by the newest byte
 * alone, so one table of words gives them at once; the last look-up is a permutation of the
 * counters, so it is done on the 256 sums at the end. A counter array per triplet keeps stores of
 * neighbouring triplets from waiting for each other. */
static void count_triplets(Bytes b, Counts *out) {
    uint64_t first[256];
    for (unsigned v = 0; v < 256; v++) {
        first[v] = 0;
        for (unsigned k = 0; k <= TRIPLETS; k++)
            first[v] |= (uint64_t)PEARSON[SALTS[k] ^ v] << (8 * k);
    }
    uint32_t count[TRIPLETS][256] = {{0}};
    const uint8_t *at = b.at;
    uint8_t sum = 0;
    for (size_t i = WINDOW - 1; i < b.size; i++) {
        uint64_t f = first[at[i]];
        unsigned p1 = at[i - 1], p2 = at[i - 2], p3 = at[i - 3], p4 = at[i - 4];
        count[0][PEARSON[(f & 255) ^ p1] ^ p2]++;
        count[1][PEARSON[(f >> 8 & 255) ^ p1] ^ p3]++;
        count[2][PEARSON[(f >> 16 & 255) ^ p2] ^ p3]++;
        count[3][PEARSON[(f >> 24 & 255) ^ p2] ^ p4]++;
        count[4][PEARSON[(f >> 32 & 255) ^ p1] ^ p4]++;
        count[5][PEARSON[(f >> 40 & 255) ^ p3] ^ p4]++;
        sum = PEARSON[PEARSON[(f >> 48 & 255) ^ p1] ^ sum];
    }
    for (unsigned v = 0; v < 256; v++)
        for (unsigned k = 0; k < TRIPLETS; k++)
            out->bucket[PEARSON[v]] += count[k][v];
    out->checksum = sum;
}

static int compare_u32(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint8_t length_code(size_t size) {
    uint8_t code = 0;
    while (code < 169 && size > LENGTH_STEPS[code])
        code++;
    return code;
}

static uint8_t swap_nibbles(uint8_t v) { return (uint8_t)(v << 4 | v >> 4); }

bool tlsh_from_bytes(Bytes b, char out[TLSH_TEXT_BYTES]) {
    enum { MIN_BYTES = 50 }; /* the reference's least length */
    out[0] = 0;
    if (b.size < MIN_BYTES)
        return false;
    Counts counts = {{0}, 0};
    count_triplets(b, &counts);
    uint32_t sorted[BUCKETS];
    memcpy(sorted, counts.bucket, sizeof sorted);
    qsort(sorted, BUCKETS, sizeof *sorted, compare_u32);
    uint32_t q1 = sorted[BUCKETS / 4 - 1], q2 = sorted[BUCKETS / 2 - 1],
             q3 = sorted[BUCKETS * 3 / 4 - 1];
    /* More than half of the buckets must be in use: then the median counts something. */
    if (q3 == 0 || sorted[BUCKETS / 2 - 1] == 0)
        return false;
    uint8_t digest[HEAD_BYTES + CODE_BYTES] = {0};
    digest[0] = swap_nibbles(counts.checksum);
    digest[1] = swap_nibbles(length_code(b.size));
    digest[2] = (uint8_t)(((uint64_t)q1 * 100 / q3 % 16) << 4 | ((uint64_t)q2 * 100 / q3 % 16));
    for (unsigned i = 0; i < BUCKETS; i++) {
        uint32_t n = counts.bucket[i];
        unsigned quarter = (unsigned)(n > q1) + (n > q2) + (n > q3);
        uint8_t *code = &digest[HEAD_BYTES + CODE_BYTES - 1 - i / 4];
        *code = (uint8_t)(*code | quarter << (i % 4 * 2));
    }
    memcpy(out, "T1", 2);
    hex_write(out + 2, digest, sizeof digest);
    for (char *c = out + 2; *c; c++)
        if (*c >= 'a')
            *c = (char)(*c - 'a' + 'A');
    return true;
}

static bool digest_read(const char *text, uint8_t digest[HEAD_BYTES + CODE_BYTES]) {
    if (text[0] == 'T' && text[1] == '1')
        text += 2;
    return strlen(text) == (size_t)2 * (HEAD_BYTES + CODE_BYTES) &&
           hex_read(digest, HEAD_BYTES + CODE_BYTES, text);
}

/* Distance on a ring of n places. */
static int ring_distance(int a, int b, int n) {
    int d = abs(a - b);
    return d < n - d ? d : n - d;
}

int tlsh_distance(const char *a, const char *b) {
    uint8_t x[HEAD_BYTES + CODE_BYTES], y[HEAD_BYTES + CODE_BYTES];
    if (!digest_read(a, x) || !digest_read(b, y))
        return -1;
    enum { STEP = 12 }; /* weight of a header difference, from the paper */
    int length = ring_distance(swap_nibbles(x[1]), swap_nibbles(y[1]), 256);
    int distance = length <= 1 ? length : length * STEP;
    for (int shift = 0; shift <= 4; shift += 4) {
        int ratio = ring_distance(x[2] >> shift & 15, y[2] >> shift & 15, 16);
        distance += ratio <= 1 ? ratio : (ratio - 1) * STEP;
    }
    distance += x[0] != y[0];
    for (unsigned i = HEAD_BYTES; i < sizeof x; i++)
        for (int shift = 0; shift < 8; shift += 2) {
            int d = abs((x[i] >> shift & 3) - (y[i] >> shift & 3));
            distance += d == 3 ? 6 : d; /* opposite quartiles count double (paper, 3.3) */
        }
    return distance;
}
