/* SPDX-License-Identifier: Apache-2.0
 * cipher.h: reference implementations that name a routine by computing what it computed. Each is
 * written from its publication and takes as parameters what variants of it change; all work on the
 * caller's memory, keep no state and never fail. Sources stand at the definitions; the vectors of
 * tests/unit/unwrap are from the publications. Threads: plain functions. */
#ifndef COG_UNWRAP_CIPHER_H
#define COG_UNWRAP_CIPHER_H

#include "base/bytes.h"

static inline uint32_t rotl32(uint32_t x, unsigned n) {
    n &= 31;
    return n ? x << n | x >> (32 - n) : x;
}
static inline uint64_t rotl64(uint64_t x, unsigned n) {
    n &= 63;
    return n ? x << n | x >> (64 - n) : x;
}
static inline uint8_t rotl8(uint8_t x, unsigned n) {
    n &= 7;
    return (uint8_t)(n ? x << n | x >> (8 - n) : x);
}
/* Words as the bytes of a block; is_big: most significant first. */
uint32_t word32_at(const uint8_t *at, bool is_big);
void word32_put(uint8_t *at, uint32_t w, bool is_big);
uint64_t word64_at(const uint8_t *at, bool is_big);
void word64_put(uint8_t *at, uint64_t w, bool is_big);

/* ---- keystreams (cipher_stream.c) ---- */

/* X(constant, "name", multiplier, increment): x' = x * multiplier + increment mod 2^32. */
#define LCG_FAMOUS(X)                                                                              \
    X(LCG_MSVC, "msvc", 0x343fd, 0x269ec3)                                                         \
    X(LCG_BORLAND, "borland", 0x015a4e35, 1)                                                       \
    X(LCG_ANSI, "ansi", 0x41c64e6d, 0x3039)                                                        \
    X(LCG_NUMERICAL_RECIPES, "numerical-recipes", 0x19660d, 0x3c6ef35f)                            \
    X(LCG_DELPHI, "delphi", 0x08088405, 1)

typedef struct Lcg {
    uint32_t multiplier, increment;
    uint8_t shift;     /* byte n = state >> shift, low 8 bits */
    bool output_first; /* the byte is taken before the step */
} Lcg;
void lcg_stream(const Lcg *lcg, uint32_t seed, uint8_t *out, size_t n);

typedef struct Rc4 {
    uint8_t s[256];
    uint8_t i, j;
} Rc4;
/* Changes of the generator that are known. */
typedef struct Rc4Change {
    bool from_zero;      /* the index begins at 0 instead of 1 */
    bool is_one_look_up; /* the output is S[i] instead of S[S[i] + S[j]] */
} Rc4Change;
void rc4_key(Rc4 *r, Bytes key);
void rc4_stream(Rc4 *r, uint8_t *out, size_t n, const Rc4Change *c);

/* A. Pukall, PC3 "Caracachs" (2000). In place. */
#define CARACACHS_MULTIPLIER ((uint32_t)0x015a4e35)
void caracachs_crypt(Bytes key, uint8_t *data, size_t n);

/* Two linear shift registers, right-shifting and `step` bits at once, and a majority byte; the
 * shape of CASE.md 1.3 with its constants as parameters. taps: mask of the state bits whose XOR is
 * the next bit; width: 1..32. */
typedef struct LfsrPair {
    uint8_t width[2];
    uint32_t taps[2];
} LfsrPair;
typedef struct LfsrPairState {
    uint8_t k1;
    uint32_t k[2];
} LfsrPairState;
extern const LfsrPair LFSR_MAJORITY;
uint32_t lfsr_step8(uint32_t state, unsigned width, uint32_t taps);
void lfsr_majority_stream(const LfsrPair *p, LfsrPairState *s, uint8_t *out, size_t n);

/* D. J. Bernstein: Salsa20, ChaCha (20 rounds: 20). One block of 64 bytes from 16 words. */
void salsa_block(const uint32_t in[16], unsigned rounds, uint8_t out[64]);
void chacha_block(const uint32_t in[16], unsigned rounds, uint8_t out[64]);

/* ---- blocks (cipher_block.c) ---- */
typedef struct Tea {
    uint32_t delta;
    uint32_t rounds; /* cycles: 32 */
    bool is_big;     /* words of block and key */
} Tea;
void tea_crypt(const Tea *t, const uint8_t key[16], uint8_t block[8], bool decrypt);
void xtea_crypt(const Tea *t, const uint8_t key[16], uint8_t block[8], bool decrypt);
/* words: 2 and more; rounds 0: 6 + 52 / words. */
void xxtea_crypt(const Tea *t, const uint8_t key[16], uint8_t *data, size_t words, bool decrypt);

/* SPECK64/128 (word_bits 32) and SPECK128/128 (64), key words as in the paper's byte order. */
void speck_crypt(unsigned word_bits, const uint8_t key[16], uint8_t block[16], bool decrypt);
/* The same with round keys (27 words of 32 bits, or 32 of 64) instead of a key. */
void speck_rounds(unsigned word_bits, const uint8_t *keys, uint8_t block[16], bool decrypt);
/* The key schedule of RC5 and RC6: RC5_WORDS or RC6_WORDS round keys. */
enum { RC5_WORDS = 26, RC6_WORDS = 44 };
void rc56_key(Bytes key, uint32_t *s, unsigned count);
void rc6_crypt(const uint32_t s[RC6_WORDS], uint8_t block[16], bool decrypt);
void rc5_crypt(const uint32_t s[RC5_WORDS], uint8_t block[8], bool decrypt);
/* Blowfish's tables are the digits of pi: computed once (some 50 ms), then given to each call. */
typedef struct Blowfish {
    uint32_t p[18], s[4][256];
} Blowfish;
void blowfish_pi(Blowfish *out);
/* Key schedule over the tables of pi. */
void blowfish_key(const Blowfish *pi, Bytes key, Blowfish *out);
void blowfish_crypt(const Blowfish *b, uint8_t block[8], bool decrypt);
/* One block with a key of 8 bytes; 3DES by three of these. */
void des_crypt(const uint8_t key[8], uint8_t block[8], bool decrypt);

/* Key of 16, 24 or 32 bytes. round_keys: 16 * (rounds + 1) bytes; rounds = size / 4 + 6. */
typedef struct Aes {
    uint8_t round_keys[240];
    unsigned rounds;
} Aes;
void aes_key(Aes *a, Bytes key);
void aes_crypt(const Aes *a, uint8_t block[16], bool decrypt);
uint8_t aes_sbox(uint8_t x);

/* ---- hashes (cipher_hash.c) ---- */
typedef enum HashName { HASH_MD5, HASH_SHA1, HASH_SHA256 } HashName;
/* One compression: state words (4, 5, 8) and a block of 64 bytes. */
void hash_compress(HashName name, uint32_t *state, const uint8_t block[64]);
extern const uint32_t HASH_INITIAL[3][8];
/* Whole message; out has room for 32; returns the digest's size. */
size_t hash_digest(HashName name, Bytes message, uint8_t *out);

typedef struct Crc {
    uint8_t width; /* 8..64 */
    bool reflected;
    uint64_t polynomial; /* as it stands in the shift: reflected when `reflected` */
    uint64_t initial, final;
} Crc;
uint64_t crc_value(const Crc *c, Bytes b);

/* acc = initial; for each byte: acc = mix(acc) (op) byte; all modulo 2^width. */
typedef enum AccumulateMix { MIX_MULTIPLY, MIX_ROL } AccumulateMix;
typedef struct Accumulator {
    uint8_t width; /* 8..64 */
    uint8_t mix;   /* AccumulateMix */
    bool is_add;   /* op: +, else XOR */
    bool op_first; /* op before mix */
    uint8_t fold;  /* 0: as it is, 1: lower case, 2: upper case */
    uint64_t by;   /* multiplier, or bits */
    uint64_t initial;
} Accumulator;
uint64_t accumulator_value(const Accumulator *a, Bytes b);

uint32_t adler32_value(uint32_t initial, Bytes b);
uint32_t fletcher16_value(Bytes b);
uint32_t murmur2_value(uint32_t seed, Bytes b);
uint32_t murmur3_value(uint32_t seed, Bytes b);
uint32_t jenkins_oaat_value(uint32_t initial, Bytes b);
uint32_t elf_hash_value(uint32_t initial, Bytes b);

/* ---- codings (cipher_code.c) ---- */
/* bits: 4, 5, 6 per digit; digits: 2^bits of them; pad: 0 = none. Returns the size; out has room.
 */
size_t base_encode(unsigned bits, const char *digits, char pad, Bytes in, uint8_t *out);
/* aPLib by J. Ibsen, LZ4 block format by Y. Collet, LZNT1 ([MS-XCA]), LZSS by H. Okumura: packed
 * forms of one text of ours, made once by hand; see cipher_code.c. */
typedef struct PackedText {
    const char *name;
    Bytes packed;
    Bytes plain;
} PackedText;
extern const PackedText PACKED_TEXTS[];
extern const size_t PACKED_TEXT_COUNT;

#endif
