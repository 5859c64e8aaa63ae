/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <xxhash.h>

#include "base/check.h"

void digest_init(void) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
    uint8_t out[32];
    digest_sha256((Bytes){0}, out); /* fetches the implementation while files may still be opened */
    digest_md5((Bytes){0}, out);
}

static void digest(const EVP_MD *kind, Bytes b, uint8_t *out) {
    static const uint8_t nothing[1];
    CHECK(EVP_Digest(b.at ? b.at : nothing, b.size, out, NULL, kind, NULL) == 1);
}

void digest_sha256(Bytes b, uint8_t out[32]) { digest(EVP_sha256(), b, out); }

struct Digest {
    EVP_MD_CTX *context;
};

Digest *digest_sha256_begin(void) {
    Digest *d = malloc(sizeof *d);
    CHECK(d);
    d->context = EVP_MD_CTX_new();
    CHECK(d->context && EVP_DigestInit_ex(d->context, EVP_sha256(), NULL) == 1);
    return d;
}

void digest_add(Digest *d, Bytes b) { CHECK(EVP_DigestUpdate(d->context, b.at, b.size) == 1); }

void digest_end(Digest *d, uint8_t out[32]) {
    CHECK(EVP_DigestFinal_ex(d->context, out, NULL) == 1);
    EVP_MD_CTX_free(d->context);
    free(d);
}

void digest_md5(Bytes b, uint8_t out[16]) { digest(EVP_md5(), b, out); }

uint64_t hash64(Bytes b) { return XXH3_64bits(b.at, b.size); }

Hash128 hash128(Bytes b) {
    XXH128_hash_t h = XXH3_128bits(b.at, b.size);
    return (Hash128){h.low64, h.high64};
}

void hex_write(char *out, const uint8_t *at, size_t n) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        *out++ = digits[at[i] >> 4];
        *out++ = digits[at[i] & 15];
    }
    *out = 0;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool hex_read(uint8_t *out, size_t n, const char *text) {
    for (size_t i = 0; i < n; i++) {
        int high = hex_value(text[2 * i]);
        int low = high < 0 ? -1 : hex_value(text[2 * i + 1]);
        if (low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return text[2 * n] == 0;
}
