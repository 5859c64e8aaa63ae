/* SPDX-License-Identifier: Apache-2.0
 * indicator_wallet.c: addresses of cryptocurrencies, known by their checksums alone: Base58Check
 * (Bitcoin, Litecoin, Dogecoin, Dash, Tron: one byte of version, 20 of hash, 4 of double SHA-256)
 * and segregated-witness addresses (BIP 173 and 350). Chance that random letters pass: 2^-32 and
 * 2^-30. */
#include <string.h>

#include "feature/indicator.h"

enum {
    MIN_BASE58 = 26,
    MAX_BASE58 = 35, /* 25 bytes */
    BASE58_BYTES = 25,
    MIN_BECH32 = 14,
    MAX_BECH32 = 90 /* BIP 173 */
};

static bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* True when the digits make 25 bytes whose last four check the rest. */
static bool is_base58check(const char *text, size_t n) {
    static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    uint8_t bytes[BASE58_BYTES] = {0}, once[32], twice[32];
    for (size_t i = 0; i < n; i++) {
        const char *at = strchr(digits, text[i]);
        if (!at)
            return false;
        unsigned carry = (unsigned)(at - digits);
        for (size_t k = BASE58_BYTES; k-- > 0;) {
            carry += 58u * bytes[k];
            bytes[k] = (uint8_t)carry;
            carry >>= 8;
        }
        if (carry)
            return false;
    }
    digest_sha256((Bytes){bytes, BASE58_BYTES - 4}, once);
    digest_sha256((Bytes){once, sizeof once}, twice);
    return memcmp(twice, bytes + BASE58_BYTES - 4, 4) == 0;
}

/* The checksum's step (BIP 173). */
static uint32_t bech32_step(uint32_t check, uint32_t value) {
    static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                         0x2a1462b3};
    uint32_t top = check >> 25;
    check = (check & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; i++)
        check ^= top >> i & 1 ? generator[i] : 0;
    return check;
}

static bool is_bech32(const char *text, size_t n) {
    static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    static const char *const prefixes[] = {"bc1", "ltc1", "tb1"};
    const uint32_t bech32 = 1, bech32m = 0x2bc830a3; /* BIP 350 */
    size_t prefix = 0;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (n > strlen(prefixes[i]) && memcmp(text, prefixes[i], strlen(prefixes[i])) == 0)
            prefix = strlen(prefixes[i]);
    if (prefix == 0)
        return false;
    uint32_t check = 1;
    for (size_t i = 0; i + 1 < prefix; i++)
        check = bech32_step(check, (uint32_t)text[i] >> 5);
    check = bech32_step(check, 0);
    for (size_t i = 0; i + 1 < prefix; i++)
        check = bech32_step(check, (uint32_t)text[i] & 31);
    for (size_t i = prefix; i < n; i++) {
        const char *at = strchr(digits, text[i]);
        if (!at)
            return false;
        check = bech32_step(check, (uint32_t)(at - digits));
    }
    return check == bech32 || check == bech32m;
}

void indicators_from_wallets(Indicators *d, const char *text, size_t n) {
    for (size_t i = 0; i < n;) {
        size_t size = 0;
        while (i + size < n && is_alnum(text[i + size]))
            size++;
        bool is_wallet =
            (size >= MIN_BASE58 && size <= MAX_BASE58 && is_base58check(text + i, size)) ||
            (size >= MIN_BECH32 && size <= MAX_BECH32 && is_bech32(text + i, size));
        if (is_wallet)
            indicator_add(d, INDICATOR_WALLET, text + i, size);
        i += size + 1;
    }
}
