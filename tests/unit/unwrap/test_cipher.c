/* SPDX-License-Identifier: Apache-2.0
 * test_cipher.c: the reference implementations against published vectors (and CASE.md 1.3, 1.5). */
#include <string.h>

#include "cog_test.h"

#include "base/digest.h"
#include "unwrap/cipher.h"
#include "unwrap/linear.h"

static void assert_hex(const uint8_t *at, const char *hex) {
    size_t n = strlen(hex) / 2;
    uint8_t expected[128];
    assert_true(n <= sizeof expected && hex_read(expected, n, hex));
    assert_memory_equal(at, expected, n);
}

static Bytes text(const char *s) { return (Bytes){(const uint8_t *)s, strlen(s)}; }

static void lfsr_majority(void **state) {
    (void)state;
    uint8_t out[256] = {0};
    LfsrPairState s = {0x84, {0x09a9a2c2, 0x57219043}};
    lfsr_majority_stream(&LFSR_MAJORITY, &s, out, 8);
    assert_hex(out, "05f00aff3787a401");
    s = (LfsrPairState){0x17, {0x00b8d68b, 0x02497029}};
    lfsr_majority_stream(&LFSR_MAJORITY, &s, out, 8);
    assert_hex(out, "b5ada35aeb724508");
    /* The form in which it is published, against the registers of taps. */
    uint32_t k2 = 0x1abc0949, k3 = 0x18430647;
    for (unsigned i = 0; i < 1000; i++) {
        uint32_t a = k2 >> 8 | ((k2 ^ k2 << 3) & 0x7f8) << 20;
        uint32_t b = k3 >> 8 | ((k3 << 7) ^ ((k3 ^ ((k3 ^ (k3 << 1)) << 4)) & 0xffffff80)) << 17;
        k2 = lfsr_step8(k2, 31, LFSR_MAJORITY.taps[0]);
        k3 = lfsr_step8(k3, 32, LFSR_MAJORITY.taps[1]);
        assert_int_equal(k2, a & 0x7fffffff);
        assert_int_equal(k3, b);
        k2 = a;
    }
}

static void assert_rule(bool found, const LinearForm *form, const char *expected) {
    char text[160];
    assert_true(found);
    linear_write(form, text, sizeof text);
    assert_string_equal(text, expected);
}

/* Registers that move by eight steps have the rule of those that move by one, from any seed;
 * CASE.md 1.3, and the 32-byte register of 1.5. */
static void linear_rules(void **state) {
    (void)state;
    uint8_t low[2][200], reg[32] = {1, [7] = 9, [21] = 2, [31] = 4}, out[200];
    uint32_t k2 = 0x1abc0949, k3 = 0x18430647;
    LinearForm form;
    for (unsigned i = 0; i < 200; i++) {
        low[0][i] = (uint8_t)k2;
        low[1][i] = (uint8_t)k3;
        k2 = lfsr_step8(k2, 31, LFSR_MAJORITY.taps[0]);
        k3 = lfsr_step8(k3, 32, LFSR_MAJORITY.taps[1]);
        out[i] = reg[0] ^ reg[21] ^ reg[31];
        memmove(reg, reg + 1, 31);
        reg[31] = out[i];
    }
    assert_rule(linear_from_bytes(low[0], 200, &form), &form, "x^31+x^3+1");
    assert_rule(linear_from_bits(low[0], 200, &form), &form, "x^31+x^3+1");
    assert_rule(linear_from_bytes(low[1], 200, &form), &form, "x^32+x^7+x^3+x^2+1");
    assert_rule(linear_from_bytes(out, 200, &form), &form, "x^32+x^31+x^21+1");
    for (unsigned i = 0; i < 200; i++) /* nothing linear */
        out[i] = (uint8_t)(i * i * 7 + i / 3);
    assert_false(linear_from_bits(out, 200, &form));
}

static void streams(void **state) {
    (void)state;
    uint8_t data[64] = "ABCDEFGH", out[64];
    caracachs_crypt(text("abcdefghijklmnopqrstuvwxyz012345"), data, 8);
    assert_hex(data, "f592ad2e34ad59f9");
    memcpy(data, "TEST", 4);
    caracachs_crypt(text("KEY"), data, 4);
    assert_hex(data, "2bb0e377");
    Rc4 r;
    const Rc4Change none = {0};
    rc4_key(&r, text("Key"));
    rc4_stream(&r, out, 10, &none);
    assert_hex(out, "eb9f7781b734ca72a719");
    Lcg msvc = {0x343fd, 0x269ec3, 16, false};
    lcg_stream(&msvc, 1, out, 4); /* rand() of srand(1): 41, 18467, 6334, 26500 */
    assert_hex(out, "2923be84");
    /* RFC 8439, 2.3.2. */
    uint32_t in[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, 0x03020100, 0x07060504,
                       0x0b0a0908, 0x0f0e0d0c, 0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c,
                       1,          0x09000000, 0x4a000000, 0};
    chacha_block(in, 20, out);
    assert_hex(out, "10f1e7e4d13b5915500fdd1fa32071c4");
    /* Salsa20 specification, 8. */
    static const uint8_t SALSA_IN[64] = {
        211, 159, 13,  115, 76, 55,  82,  183, 3,   117, 222, 37,  191, 187, 234, 136,
        49,  237, 179, 48,  1,  106, 178, 219, 175, 199, 166, 48,  86,  16,  179, 207,
        31,  240, 32,  63,  15, 83,  93,  161, 116, 147, 48,  113, 238, 55,  204, 36,
        79,  201, 235, 79,  3,  81,  156, 47,  203, 26,  244, 243, 88,  118, 104, 54};
    for (unsigned i = 0; i < 16; i++)
        in[i] = word32_at(SALSA_IN + 4 * i, false);
    salsa_block(in, 20, out);
    assert_hex(out, "6d2ab2a89cf0f8eea8c4becb1a6eaa9a");
}

static void teas(void **state) {
    (void)state;
    const Tea big = {0x9e3779b9, 32, true}, automatic = {0x9e3779b9, 0, false};
    uint8_t key[16] = {0}, block[16] = {0};
    tea_crypt(&big, key, block, false);
    assert_hex(block, "41ea3a0a94baa940");
    tea_crypt(&big, key, block, true);
    assert_hex(block, "0000000000000000");
    for (uint8_t i = 0; i < 16; i++)
        key[i] = i;
    memcpy(block, "ABCDEFGH", 8);
    xtea_crypt(&big, key, block, false);
    assert_hex(block, "497df3d072612cb5");
    xtea_crypt(&big, key, block, true);
    assert_memory_equal(block, "ABCDEFGH", 8);
    memset(key, 0, 16);
    memset(block, 0, 8);
    xxtea_crypt(&automatic, key, block, 2, false);
    assert_hex(block, "ab043705808c5d57");
    xxtea_crypt(&automatic, key, block, 2, true);
    assert_hex(block, "0000000000000000");
}

static void blocks(void **state) {
    (void)state;
    uint8_t key[16], block[16] = {0}, zero[16] = {0};
    uint32_t s[RC6_WORDS];
    hex_read(key, 16, "0001020308090a0b1011121318191a1b");
    hex_read(block, 8, "2d4375747465723b");
    speck_crypt(32, key, block, false);
    assert_hex(block, "8b024e4548a56f8c");
    speck_crypt(32, key, block, true);
    assert_hex(block, "2d4375747465723b");
    hex_read(key, 16, "000102030405060708090a0b0c0d0e0f");
    hex_read(block, 16, "206d616465206974206571756976616c");
    speck_crypt(64, key, block, false);
    assert_hex(block, "180d575cdffe60786532787951985da6");
    speck_crypt(64, key, block, true);
    assert_hex(block, "206d616465206974206571756976616c");
    memset(block, 0, 16);
    rc56_key((Bytes){zero, 16}, s, RC6_WORDS);
    rc6_crypt(s, block, false);
    assert_hex(block, "8fc3a53656b1f778c129df4e9848a41e");
    rc6_crypt(s, block, true);
    assert_memory_equal(block, zero, 16);
    rc56_key((Bytes){zero, 16}, s, RC5_WORDS);
    rc5_crypt(s, block, false);
    assert_hex(block, "21a5dbee154b8f6d");
    rc5_crypt(s, block, true);
    assert_memory_equal(block, zero, 8);
    Blowfish pi, fish;
    blowfish_pi(&pi);
    blowfish_key(&pi, (Bytes){zero, 8}, &fish);
    blowfish_crypt(&fish, block, false);
    assert_hex(block, "4ef997456198dd78");
    blowfish_crypt(&fish, block, true);
    assert_memory_equal(block, zero, 8);
    hex_read(key, 8, "133457799bbcdff1");
    hex_read(block, 8, "0123456789abcdef");
    des_crypt(key, block, false);
    assert_hex(block, "85e813540f0ab405");
    des_crypt(key, block, true);
    assert_hex(block, "0123456789abcdef");
}

static void aes(void **state) {
    (void)state;
    uint8_t key[32], block[16]; /* FIPS 197, appendix C */
    Aes a;
    for (uint8_t i = 0; i < 32; i++)
        key[i] = i;
    static const char *const CIPHER[] = {"69c4e0d86a7b0430d8cdb78070b4c55a",
                                         "dda97ca4864cdfe06eaf70a0ec0d7191",
                                         "8ea2b7ca516745bfeafc49904b496089"};
    for (unsigned i = 0; i < 3; i++) {
        hex_read(block, 16, "00112233445566778899aabbccddeeff");
        aes_key(&a, (Bytes){key, 16 + 8 * i});
        aes_crypt(&a, block, false);
        assert_hex(block, CIPHER[i]);
        aes_crypt(&a, block, true);
        assert_hex(block, "00112233445566778899aabbccddeeff");
    }
    assert_int_equal(aes_sbox(0x53), 0xed);
}

static void hashes(void **state) {
    (void)state;
    uint8_t out[32];
    assert_int_equal(hash_digest(HASH_MD5, text("abc"), out), 16);
    assert_hex(out, "900150983cd24fb0d6963f7d28e17f72");
    assert_int_equal(hash_digest(HASH_SHA1, text("abc"), out), 20);
    assert_hex(out, "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_int_equal(hash_digest(HASH_SHA256, text("abc"), out), 32);
    assert_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    char longer[120];
    memset(longer, 'a', sizeof longer);
    for (size_t n = 50; n < 120; n++) {
        uint8_t expected[32];
        digest_sha256((Bytes){(uint8_t *)longer, n}, expected);
        hash_digest(HASH_SHA256, (Bytes){(uint8_t *)longer, n}, out);
        assert_memory_equal(out, expected, 32);
        digest_md5((Bytes){(uint8_t *)longer, n}, expected);
        hash_digest(HASH_MD5, (Bytes){(uint8_t *)longer, n}, out);
        assert_memory_equal(out, expected, 16);
    }
}

static void checksums(void **state) {
    (void)state;
    const Bytes digits = text("123456789");
    const Crc crc32 = {32, true, 0xedb88320, 0xffffffff, 0xffffffff},
              ccitt = {16, false, 0x1021, 0xffff, 0};
    assert_int_equal(crc_value(&crc32, digits), 0xcbf43926);
    assert_int_equal(crc_value(&ccitt, digits), 0x29b1);
    assert_int_equal(adler32_value(1, text("Wikipedia")), 0x11e60398);
    assert_int_equal(fletcher16_value(text("abcde")), 0xc8f0);
    assert_int_equal(murmur3_value(0, text("hello")), 0x248bfa47);
    assert_int_equal(murmur2_value(0, text("hello")), 0xe56129cb);
    assert_int_equal(jenkins_oaat_value(0, text("a")), 0xca2e9442);
    const Accumulator fnv1a = {32, MIX_MULTIPLY, false, true, 0, 0x01000193, 0x811c9dc5},
                      djb2 = {32, MIX_MULTIPLY, true, false, 0, 33, 5381},
                      ror13 = {32, MIX_ROL, true, false, 0, 19, 0};
    assert_int_equal(accumulator_value(&fnv1a, text("a")), 0xe40c292c);
    assert_int_equal(accumulator_value(&djb2, text("a")), 5381 * 33 + 'a');
    /* The pair of the shellcode literature: LoadLibraryA. */
    assert_int_equal(accumulator_value(&ror13, text("LoadLibraryA")), 0xec0e4e8e);
}

static void codings(void **state) {
    (void)state;
    uint8_t out[64];
    size_t n = base_encode(6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                           '=', text("cog"), out);
    assert_int_equal(n, 4);
    assert_memory_equal(out, "Y29n", 4);
    n = base_encode(5, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", '=', text("foobar"), out);
    assert_int_equal(n, 16);
    assert_memory_equal(out, "MZXW6YTBOI======", 16);
    assert_int_equal(PACKED_TEXT_COUNT, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lfsr_majority), cmocka_unit_test(linear_rules), cmocka_unit_test(streams),
        cmocka_unit_test(teas),          cmocka_unit_test(blocks),       cmocka_unit_test(aes),
        cmocka_unit_test(hashes),        cmocka_unit_test(checksums),    cmocka_unit_test(codings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
