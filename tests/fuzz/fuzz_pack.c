/* SPDX-License-Identifier: Apache-2.0
 * fuzz_pack.c: feature packs. A mutated pack hardly ever has the right checksum, so the input is
 * what stands inside: 4 bytes size of the texts, 60 bytes counts, then the columns and texts; the
 * frame is made here. An input that starts with the magic is taken as a pack as it is. What was
 * read must be written and read again, and then give the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "feature/feature.h"
#include "feature/pack_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_le64(uint8_t *to, uint64_t v) {
    for (unsigned i = 0; i < 8; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

static Text frame_from_input(const uint8_t *data, size_t size) {
    enum { COUNTS_BYTES = 4 * PACK_LIST_COUNT };
    Text t = text_new((size_t)1 << 24);
    if (size < 4 + COUNTS_BYTES || memcmp(data, PACK_MAGIC, 4) == 0) {
        text_add_bytes(&t, data, size);
        return t;
    }
    size_t raw = size - 4 - COUNTS_BYTES;
    uint8_t header[PACK_HEADER_BYTES];
    memcpy(header, PACK_MAGIC, 8);
    put_le64(header + 8, EXTRACTOR_VERSION | (uint64_t)PACK_ZSTD << 32);
    put_le64(header + 16, raw);
    put_le64(header + 24, bytes_u32_at((Bytes){data, size}, 0));
    memcpy(header + PACK_COUNTS_OFF, data + 4, COUNTS_BYTES);
    text_add_bytes(&t, header, sizeof header);
    uint8_t *frame = malloc(ZSTD_compressBound(raw));
    if (!frame)
        abort();
    size_t n = ZSTD_compress(frame, ZSTD_compressBound(raw), data + 4 + COUNTS_BYTES, raw, 1);
    text_add_bytes(&t, frame, n);
    free(frame);
    uint8_t sum[8];
    put_le64(sum, hash64((Bytes){(const uint8_t *)t.at, t.size}));
    text_add_bytes(&t, sum, sizeof sum);
    return t;
}

static Bytes text_bytes(const Text *t) { return (Bytes){(const uint8_t *)t->at, t->size}; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena *a = arena_new((size_t)256 << 20);
    if (!a)
        return 0;
    Text pack = frame_from_input(data, size);
    Features *f = NULL, *less = NULL;
    bool is_read =
        features_from_bytes_without_genes(a, text_bytes(&pack), &less, NULL) == STATUS_OK;
    if (features_from_bytes(a, text_bytes(&pack), &f, NULL) == STATUS_OK) {
        if (!is_read || less->strings.count != f->strings.count || less->genes.count != 0)
            abort();
        Text first = text_new((size_t)1 << 28), second = text_new((size_t)1 << 28);
        if (features_write(f, &first, NULL) != STATUS_OK ||
            features_from_bytes(a, text_bytes(&first), &f, NULL) != STATUS_OK ||
            features_write(f, &second, NULL) != STATUS_OK || first.size != second.size ||
            memcmp(first.at, second.at, first.size) != 0)
            abort();
        text_free(&first);
        text_free(&second);
    }
    text_free(&pack);
    arena_free(a);
    return 0;
}
