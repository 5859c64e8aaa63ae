/* SPDX-License-Identifier: Apache-2.0
 * apihash_catalogue.c: published algorithms, as data. Sources: the public catalogues of Mandiant
 * (flare-ida, shellcode_hashes) and OALabs (HashDB), which say what each malware family computes;
 * written anew here. The vectors in tests/unit/unwrap/test_apihash.c are HashDB's.
 *
 * Steps, done for each character c on the state h, words with a space between:
 *   rN lN     rotate right, left by N
 *   *K +K -K ^K   with a number (decimal, or 0x...)
 *   +c -c ^c  with the character
 *   c^N c|N c&N   the character is changed first
 * All of them can be undone when K is odd, so the first state follows from a hash and its name. */
#include <stdlib.h>
#include <string.h>

#include "unwrap/apihash.h"
#include "unwrap/apihash_mixers.h"

static uint32_t rol32(uint32_t x, unsigned n) { return x << n | x >> (32 - n); }
static uint32_t ror32(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }

static uint64_t crc_reflected(Bytes name, uint64_t h, uint64_t polynomial) {
    for (size_t i = 0; i < name.size; i++) {
        h ^= name.at[i];
        for (unsigned k = 0; k < 8; k++)
            h = h & 1 ? h >> 1 ^ polynomial : h >> 1;
    }
    return h;
}

static uint64_t crc32_whole(Bytes name, uint64_t h) {
    return ~crc_reflected(name, h, 0xedb88320) & UINT32_MAX;
}

/* Without the last complement. */
static uint64_t crc32_open(Bytes name, uint64_t h) { return crc_reflected(name, h, 0xedb88320); }

static uint64_t crc32c_whole(Bytes name, uint64_t h) {
    return ~crc_reflected(name, h, 0x82f63b78) & UINT32_MAX;
}

/* The polynomial comes in before the shift. */
static uint64_t crc_early(Bytes name, uint64_t h, uint32_t polynomial) {
    for (size_t i = 0; i < name.size; i++) {
        h ^= name.at[i];
        for (unsigned k = 0; k < 8; k++)
            h = (h & 1 ? h ^ polynomial : h) >> 1;
    }
    return ~h & UINT32_MAX;
}

static uint64_t crc_lokibot(Bytes name, uint64_t h) { return crc_early(name, h, 0x4358ad54); }
static uint64_t crc_e8677835(Bytes name, uint64_t h) { return crc_early(name, h, 0xe8677835); }

static uint64_t crc_forward(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++) {
        h ^= (uint32_t)name.at[i] << 24;
        for (unsigned k = 0; k < 8; k++)
            h = h >> 31 ? h << 1 ^ 0x4c11db7 : h << 1;
    }
    return h;
}

static uint64_t crc32_bzip2(Bytes name, uint64_t h) { return ~crc_forward(name, h) & UINT32_MAX; }

static uint64_t adler32(Bytes name, uint64_t first) {
    uint32_t a = first & 0xffff, b = (uint32_t)(first >> 16) & 0xffff;
    for (size_t i = 0; i < name.size; i++) {
        a = (a + name.at[i]) % 65521;
        b = (b + a) % 65521;
    }
    return (uint64_t)b << 16 | a;
}

/* P. J. Weinberger's, as in ELF's symbol tables. */
static uint64_t pjw(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++) {
        h = (h << 4) + name.at[i];
        uint32_t top = h & 0xf0000000;
        h = (h ^ top >> 24) & 0x0fffffff;
    }
    return h;
}

/* B. Jenkins, one at a time; the last addition as Brute Ratel has it. */
static uint64_t joaat(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++) {
        h += name.at[i];
        h += h << 10;
        h ^= h >> 6;
    }
    h += h << 3;
    h ^= h >> 11;
    return (uint32_t)(h + (h << 15));
}

static uint32_t murmur3_word(uint32_t k) { return rol32(k * 0xcc9e2d51u, 15) * 0x1b873593u; }

/* A. Appleby's MurmurHash3, 32 bits. */
static uint64_t murmur3(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    size_t i = 0;
    for (; i + 4 <= name.size; i += 4)
        h = rol32(h ^ murmur3_word(bytes_u32_at(name, i)), 13) * 5 + 0xe6546b64u;
    uint32_t tail = 0;
    for (size_t k = name.size; k > i; k--)
        tail = tail << 8 | name.at[k - 1];
    if (name.size > i)
        h ^= murmur3_word(tail);
    h ^= (uint32_t)name.size;
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    return h ^ h >> 16;
}

static uint64_t danabot(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first, n = (uint32_t)name.size;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t a = name.at[i], b = name.at[i == n - 1 ? 0 : n - i - 2];
        uint32_t upper_a = a >= 'a' && a <= 'z' ? a - 32 : a;
        uint32_t upper_b = b >= 'a' && b <= 'z' ? b - 32 : b;
        h = (upper_b ^ n) ^ (h + (upper_a ^ n) * (b ^ n) * (a ^ n));
    }
    return h;
}

static uint64_t rol3_xor_eax(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first, window = 0;
    for (size_t i = 0; i < name.size; i++) {
        window |= name.at[i];
        h = rol32(h ^ window, 3) + 1;
        window <<= 8;
    }
    return h;
}

static uint64_t ror8_pairs(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++) {
        uint32_t pair = name.at[i] | (uint32_t)bytes_u8_at(name, i + 1) << 8;
        h ^= ror32(h, 8) + pair;
    }
    return h;
}

/* Only the low byte takes the character. */
static uint64_t add_byte_ror4(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++)
        h = ror32((h & 0xffffff00) | ((h + name.at[i]) & 0xff), 4);
    return h;
}

static uint64_t revil(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++)
        h = h * 0x10f + name.at[i];
    return h & 0x1fffff;
}

static uint64_t smoke(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++) {
        uint32_t c = name.at[i] & 0xdf;
        h = rol32(h ^ c, 8) + c;
    }
    return h ^ 0xb0d4d06;
}

static uint64_t rol8_slice(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++) {
        h = rol32(h ^ (uint32_t)name.at[i] << 8, 8);
        h ^= h >> 8 & 0xff;
    }
    return h;
}

static uint64_t sums_ffff(Bytes name, uint64_t first) {
    uint64_t low = first, high = first;
    for (size_t i = 0; i < name.size; i++) {
        low += name.at[i];
        high += low;
    }
    return ((high % 65521) << 16) + low % 65521;
}

/* J. Sobel. */
static uint64_t js_hash(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++)
        h ^= (h << 5) + name.at[i] + (h >> 2);
    return h;
}

#define STEPS(name, width, fold, initial, steps, last)                                             \
    { name, width, fold, false, initial, steps, last, NULL }
#define ZERO(name, width, fold, initial, steps, last)                                              \
    { name, width, fold, true, initial, steps, last, NULL }
#define WHOLE(name, fold, initial, function)                                                       \
    { name, 32, fold, false, initial, "", "", function }
#define WHOLE_64(name, fold, initial, function)                                                    \
    { name, 64, fold, false, initial, "", "", function }

/* clang-format off: a table */
const ApiHash API_HASHES[] = {
    STEPS("ror13", 32, FOLD_NONE, 0, "r13 +c", ""),
    STEPS("ror13-add-last", 32, FOLD_NONE, 0, "+c r13", ""),
    STEPS("ror13-twice", 32, FOLD_NONE, 0, "+c r13", "r13"),
    STEPS("ror13-upper", 32, FOLD_UPPER, 0, "r13 +c", ""),
    STEPS("ror13-lower", 32, FOLD_LOWER, 0, "r13 +c", ""),
    STEPS("ror13-upper-add-10", 32, FOLD_UPPER, 0, "r13 +c", "+10"),
    STEPS("ror13-sub-1", 32, FOLD_NONE, 0, "r13 +c", "-1"),
    ZERO("ror13-zero", 32, FOLD_NONE, 0, "r13 +c", ""),
    ZERO("ror13-zero-upper", 32, FOLD_UPPER, 0, "r13 +c", ""),
    STEPS("ror13-negative", 32, FOLD_NONE, 0xffffffff, "r13 +c", ""),
    STEPS("ror13-xor", 32, FOLD_NONE, 0, "r13 ^c", ""),
    STEPS("ror7", 32, FOLD_NONE, 0, "r7 +c", ""),
    STEPS("ror8", 32, FOLD_NONE, 0, "r8 +c", ""),
    STEPS("ror9", 32, FOLD_NONE, 0, "r9 +c", ""),
    STEPS("ror11", 32, FOLD_NONE, 0, "r11 +c", ""),
    STEPS("rol3-xor", 32, FOLD_NONE, 0, "l3 ^c", ""),
    STEPS("rol5", 32, FOLD_NONE, 0, "l5 +c", ""),
    STEPS("rol5-xor-or20", 32, FOLD_OR_20, 0, "l5 ^c", ""),
    STEPS("rol5-twice", 32, FOLD_NONE, 0, "+c l5", "l5"),
    STEPS("rol7", 32, FOLD_NONE, 0, "l7 +c", ""),
    STEPS("rol7-xor", 32, FOLD_NONE, 0, "l7 ^c", ""),
    STEPS("rol7-xor2", 32, FOLD_NONE, 0, "c^2 l7 +c", ""),
    STEPS("rol9", 32, FOLD_NONE, 0, "l9 +c", ""),
    STEPS("rol9-xor", 32, FOLD_NONE, 0, "l9 ^c", ""),
    STEPS("rol13", 32, FOLD_NONE, 0, "l13 +c", ""),
    STEPS("rol11-xor-or21", 32, FOLD_NONE, 0, "c|33 ^c l11", ""),
    STEPS("rol17-xor-or23", 32, FOLD_NONE, 0, "c|35 ^c l17", ""),
    STEPS("rol19-xor-or20", 32, FOLD_OR_20, 0xffffffff, "l19 ^c", ""),
    STEPS("djb2", 32, FOLD_NONE, 5381, "*33 +c", ""),
    STEPS("djb2-lower", 32, FOLD_LOWER, 5381, "*33 +c", ""),
    STEPS("djb2-upper", 32, FOLD_UPPER, 5381, "*33 +c", ""),
    STEPS("djb2-and-df", 32, FOLD_NONE, 5381, "c&223 *33 +c", ""),
    STEPS("djb2a", 32, FOLD_NONE, 5381, "*33 ^c", ""),
    STEPS("djb2-8952-upper", 32, FOLD_UPPER, 8952, "*33 +c", ""),
    STEPS("djb2-5385-upper", 32, FOLD_UPPER, 5385, "*33 +c", ""),
    STEPS("djb2-3698-upper", 32, FOLD_UPPER, 3698, "*33 +c", ""),
    STEPS("djb2-xor-3c389abc", 32, FOLD_NONE, 5381, "*33 +c ^0x3c389abc", ""),
    STEPS("mul33", 32, FOLD_NONE, 0, "*33 +c", ""),
    STEPS("mul33-170f", 32, FOLD_NONE, 0x170f, "*33 +c", ""),
    STEPS("sdbm", 32, FOLD_NONE, 0, "*65599 +c", ""),
    STEPS("sdbm-lower", 32, FOLD_LOWER, 0, "*65599 +c", ""),
    STEPS("sdbm-xor-19ad760", 32, FOLD_NONE, 0, "*65599 +c", "^0x19ad760"),
    STEPS("bkdr", 32, FOLD_NONE, 0, "*131 +c", ""),
    STEPS("mul3-9c", 32, FOLD_NONE, 0x9c, "*3 +c", ""),
    STEPS("mul7", 32, FOLD_NONE, 0, "*7 +c", ""),
    STEPS("mul9-1459", 32, FOLD_NONE, 0x1459, "*9 +c", ""),
    STEPS("mul31", 32, FOLD_NONE, 0, "*31 +c", ""),
    STEPS("shl1-733e14f", 32, FOLD_NONE, 0x733e14f, "*2 +c", ""),
    STEPS("fnv1", 32, FOLD_NONE, 0x811c9dc5, "*0x1000193 ^c", ""),
    STEPS("fnv1a", 32, FOLD_NONE, 0x811c9dc5, "^c *0x1000193", ""),
    STEPS("fnv1a-lower", 32, FOLD_LOWER, 0x811c9dc5, "^c *0x1000193", ""),
    STEPS("fnv1a-xor-67f", 32, FOLD_NONE, 0x811c9dc5, "^c *0x1000193", "^0x67f"),
    STEPS("fnv1a-268c190a", 32, FOLD_NONE, 0x268c190a, "^c *0x1000193", ""),
    STEPS("fnv1-64", 64, FOLD_NONE, 0xcbf29ce484222325, "*0x100000001b3 ^c", ""),
    STEPS("fnv1a-64", 64, FOLD_NONE, 0xcbf29ce484222325, "^c *0x100000001b3", ""),
    WHOLE("crc32", FOLD_NONE, 0xffffffff, crc32_whole),
    WHOLE("crc32-lower", FOLD_LOWER, 0xffffffff, crc32_whole),
    WHOLE("crc32-upper", FOLD_UPPER, 0xffffffff, crc32_whole),
    WHOLE("crc32-open", FOLD_NONE, 0xffffffff, crc32_open),
    WHOLE("crc32c", FOLD_NONE, 0xffffffff, crc32c_whole),
    WHOLE("crc32-bzip2", FOLD_NONE, 0xffffffff, crc32_bzip2),
    WHOLE("crc32-mpeg2", FOLD_NONE, 0xffffffff, crc_forward),
    WHOLE("crc-4358ad54", FOLD_NONE, 0xffffffff, crc_lokibot),
    WHOLE("crc-e8677835", FOLD_NONE, 0xffffffff, crc_e8677835),
    WHOLE("adler32", FOLD_NONE, 1, adler32),
    WHOLE("adler32-666", FOLD_NONE, 666, adler32),
    WHOLE("pjw", FOLD_NONE, 0, pjw),
    WHOLE("joaat", FOLD_NONE, 0, joaat),
    WHOLE("murmur3", FOLD_NONE, 0, murmur3),
    WHOLE("murmur3-lower-e9ff0077", FOLD_LOWER, 0xe9ff0077, murmur3),
    WHOLE("danabot", FOLD_NONE, 0, danabot),
    WHOLE("rol3-xor-eax", FOLD_NONE, 0, rol3_xor_eax),
    WHOLE("ror8-pairs", FOLD_NONE, 0x832e83ab, ror8_pairs),
    WHOLE("ror4-byte", FOLD_NONE, 0, add_byte_ror4),
    WHOLE("mul-10f-21-bits", FOLD_NONE, 0x2b, revil),
    WHOLE("rol8-xor-b0d4d06", FOLD_NONE, 0, smoke),
    WHOLE("rol8-slice", FOLD_NONE, 0, rol8_slice),
    WHOLE("sums-ffff", FOLD_NONE, 0xffff, sums_ffff),
    WHOLE("js-hash", FOLD_NONE, 0x4e67c6a7, js_hash),
    ZERO("ror13-zero-c8b32494", 32, FOLD_NONE, 0xc8b32494, "r13 +c", ""),
    STEPS("rol7-xor-f4", 32, FOLD_NONE, 0, "c^244 l7 ^c", ""),
    STEPS("rol9-xor-last", 32, FOLD_NONE, 0, "^c l9", ""),
    STEPS("shl1-or60", 32, FOLD_NONE, 0, "c|96 +c *2", ""),
    STEPS("djb2-42", 32, FOLD_NONE, 0x42, "*33 +c", ""),
    STEPS("sdbm-64", 64, FOLD_NONE, 0, "*65599 +c", ""),
    WHOLE("bkdr-31-bits", FOLD_NONE, 0, mix_bkdr_31),
    WHOLE("crc32-zero", FOLD_NONE, 0xffffffff, mix_crc32_zero),
    WHOLE("crc32-xor-ca9d4d4e", FOLD_NONE, 0xffffffff, mix_crc32_ca9d4d4e),
    WHOLE("crc32-bzip2-lower", FOLD_LOWER, 0xffffffff, crc32_bzip2),
    WHOLE_64("crc64-ecma-182", FOLD_NONE, 0, mix_crc64),
    WHOLE("murmur2-20", FOLD_NONE, 0x20, mix_murmur2),
    WHOLE("murmur2a-ff889912", FOLD_NONE, 0xff889912, mix_murmur2a),
    WHOLE("murmur2a-5b2d", FOLD_NONE, 0x5b2d, mix_murmur2a),
    WHOLE("murmur2a-b801fcda", FOLD_NONE, 0xb801fcda, mix_murmur2a),
    WHOLE("murmur2a-e9ff0077", FOLD_NONE, 0xe9ff0077, mix_murmur2a),
    WHOLE("murmur3-4cdc03", FOLD_NONE, 0x4cdc03, murmur3),
    WHOLE("murmur3-93fb64", FOLD_NONE, 0x93fb64, murmur3),
    WHOLE("murmur3-deadc0de", FOLD_NONE, 0xdeadc0de, murmur3),
    WHOLE("add-mul-4af1e366", FOLD_NONE, 0, mix_babble_4af1e366),
    WHOLE("add-mul-1c9943d2", FOLD_NONE, 0, mix_babble_1c9943d2),
    WHOLE("xor-mul-shr15", FOLD_NONE, 0x78f1e5bf, mix_blister),
    WHOLE("ap-aaaaaaaa", FOLD_NONE, 0xaaaaaaaa, mix_castle),
    WHOLE("ap-5-9", FOLD_NONE, 0, mix_deed),
    WHOLE("ap-5-9-31-bits", FOLD_NONE, 0, mix_deed_export),
    WHOLE("donut-75569", FOLD_NONE, 75569, mix_donut),
    WHOLE("ror8-add-xor", FOLD_NONE, 0x3ddfb511, mix_ror8),
    WHOLE("position-14bf", FOLD_LOWER, 0x14bf, mix_position),
    WHOLE("xor-mul-shr8", FOLD_NONE, 0xffffffff, mix_xor_shr8),
    WHOLE_64("rol7-first-last", FOLD_NONE, 0x659eb25ff8a6c6fc, mix_first_last),
};
/* clang-format on */
const size_t API_HASH_COUNT = sizeof API_HASHES / sizeof *API_HASHES;

/* ---- Steps ---- */

typedef struct ApiStep {
    char op; /* of the list at the top; 'c': changes the character by op2 */
    char op2;
    bool with_char;
    uint64_t number;
} ApiStep;

enum { MOST_STEPS = 8 };

static size_t steps_from(const char *text, ApiStep out[MOST_STEPS]) {
    size_t n = 0;
    while (*text && n < MOST_STEPS) {
        ApiStep *step = &out[n++];
        *step = (ApiStep){.op = *text++};
        if (step->op == 'c')
            step->op2 = *text++;
        step->with_char = *text == 'c';
        char *end = NULL;
        if (step->with_char)
            text++;
        else {
            step->number = strtoull(text, &end, 0);
            text = end;
        }
        while (*text == ' ')
            text++;
    }
    return n;
}

static uint64_t mask_of(unsigned width) { return width == 64 ? UINT64_MAX : UINT32_MAX; }

static uint64_t rotate_left(uint64_t h, unsigned n, unsigned width) {
    n %= width;
    return n ? (h << n | h >> (width - n)) & mask_of(width) : h;
}

/* Inverse of an odd number modulo 2^64 (Newton: each round doubles the right bits). */
static uint64_t inverse(uint64_t k) {
    uint64_t x = k;
    for (unsigned i = 0; i < 6; i++)
        x *= 2 - k * x;
    return x;
}

static uint64_t step_do(const ApiStep *s, uint64_t h, uint64_t c, unsigned width, bool undo) {
    uint64_t n = s->with_char ? c : s->number;
    switch (s->op) {
    case 'r':
        return rotate_left(h, undo ? (unsigned)n : width - (unsigned)n % width, width);
    case 'l':
        return rotate_left(h, undo ? width - (unsigned)n % width : (unsigned)n, width);
    case '*':
        return h * (undo ? inverse(n) : n) & mask_of(width);
    case '+':
        return (undo ? h - n : h + n) & mask_of(width);
    case '-':
        return (undo ? h + n : h - n) & mask_of(width);
    case '^':
        return h ^ n;
    default:
        return h;
    }
}

static uint64_t character(const ApiHash *hash, const ApiStep *steps, size_t count, uint8_t c) {
    bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
    if (hash->fold == FOLD_LOWER && upper)
        c = (uint8_t)(c + 32);
    else if (hash->fold == FOLD_UPPER && lower)
        c = (uint8_t)(c - 32);
    else if (hash->fold == FOLD_OR_20)
        c |= 0x20;
    for (size_t i = 0; i < count; i++)
        if (steps[i].op == 'c')
            c = (uint8_t)(steps[i].op2 == '^'   ? c ^ steps[i].number
                          : steps[i].op2 == '|' ? c | steps[i].number
                                                : c & steps[i].number);
    return c;
}

static uint64_t whole_value(const ApiHash *hash, uint64_t initial, Bytes name) {
    uint8_t folded[256];
    if (name.size > sizeof folded)
        return 0;
    for (size_t i = 0; i < name.size; i++)
        folded[i] = (uint8_t)character(hash, NULL, 0, name.at[i]);
    return hash->whole((Bytes){folded, name.size}, initial);
}

uint64_t api_hash_value(const ApiHash *hash, uint64_t initial, Bytes name) {
    if (hash->whole)
        return whole_value(hash, initial, name);
    ApiStep steps[MOST_STEPS], last[MOST_STEPS];
    size_t count = steps_from(hash->steps, steps), last_count = steps_from(hash->last, last);
    uint64_t h = initial;
    for (size_t i = 0; i < name.size + hash->has_zero; i++) {
        uint64_t c = character(hash, steps, count, bytes_u8_at(name, i));
        for (size_t k = 0; k < count; k++)
            h = step_do(&steps[k], h, c, hash->width, false);
    }
    for (size_t k = 0; k < last_count; k++)
        h = step_do(&last[k], h, 0, hash->width, false);
    return h;
}

bool api_hash_initial(const ApiHash *hash, uint64_t value, Bytes name, uint64_t *initial) {
    if (hash->whole)
        return false;
    ApiStep steps[MOST_STEPS], last[MOST_STEPS];
    size_t count = steps_from(hash->steps, steps), last_count = steps_from(hash->last, last);
    for (size_t k = 0; k < count; k++)
        if (steps[k].op == '*' && !steps[k].with_char && steps[k].number % 2 == 0)
            return false;
    uint64_t h = value;
    for (size_t k = last_count; k-- > 0;)
        h = step_do(&last[k], h, 0, hash->width, true);
    for (size_t i = name.size + hash->has_zero; i-- > 0;) {
        uint64_t c = character(hash, steps, count, bytes_u8_at(name, i));
        for (size_t k = count; k-- > 0;)
            h = step_do(&steps[k], h, c, hash->width, true);
    }
    *initial = h;
    return true;
}
