/* SPDX-License-Identifier: Apache-2.0
 * pack.c: the frame of a feature pack: header, zstd, checksum; docs/formats/pack.md. */
#include <zstd.h>

#include "code/code.h"
#include "feature/pack_format.h"

static void le64(uint8_t *to, uint64_t v) {
    for (unsigned i = 0; i < 8; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

static void le32(uint8_t *to, uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

static Status write_frame(Arena *a, const PackColumns *c, uint32_t version, PackFrame kind,
                          Text *out, Error *err) {
    if (c->size > PACK_MAX_RAW)
        return error_set(err, STATUS_FULL, "the features take more than 1 GiB");
    if (c->size > PACK_MAX_PLAIN)
        kind = PACK_ZSTD;
    size_t bound = kind == PACK_ZSTD ? ZSTD_compressBound(c->size) : c->size;
    uint8_t *frame = arena_alloc_unset(a, PACK_HEADER_BYTES + bound + PACK_TRAILER_BYTES);
    memcpy(frame, PACK_MAGIC, 8);
    le32(frame + 8, version);
    le32(frame + 12, kind);
    le64(frame + 16, c->size);
    le64(frame + 24, c->text_size);
    for (unsigned i = 0; i < PACK_LIST_COUNT; i++)
        le32(frame + PACK_COUNTS_OFF + 4 * i, c->counts[i]);
    size_t n = c->size;
    if (kind == PACK_ZSTD)
        n = ZSTD_compress(frame + PACK_HEADER_BYTES, bound, c->at, c->size, PACK_LEVEL);
    else if (n > 0)
        memcpy(frame + PACK_HEADER_BYTES, c->at, n);
    if (ZSTD_isError(n))
        return error_set(err, STATUS_FAILED, "zstd: %s", ZSTD_getErrorName(n));
    size_t size = PACK_HEADER_BYTES + n;
    le64(frame + size, hash64((Bytes){frame, size}));
    text_add_bytes(out, frame, size + PACK_TRAILER_BYTES);
    if (out->full)
        return error_set(err, STATUS_FULL, "the feature pack is larger than its place");
    return STATUS_OK;
}

static Status write_pack(const Features *f, PackFrame kind, Text *out, Error *err) {
    /* Columns, texts and frame, each at most doubled while it grows; and the genes to be sorted. */
    Arena *arena = arena_new((size_t)PACK_MAX_RAW * 8);
    if (!arena)
        return error_set(err, STATUS_FAILED, "out of memory");
    Status status;
    jmp_buf out_of_memory;
    if (setjmp(out_of_memory)) {
        status = error_set(err, STATUS_FULL, "out of memory while writing a feature pack");
    } else {
        PackColumns columns = {0};
        arena_set_escape(arena, &out_of_memory);
        if (pack_columns_from_features(arena, f, &columns))
            status = write_frame(arena, &columns, f->extractor_version, kind, out, err);
        else
            status = error_set(err, STATUS_FULL, "the features pass a limit of feature packs");
    }
    arena_free(arena);
    return status;
}

Status features_write(const Features *f, Text *out, Error *err) {
    return write_pack(f, PACK_ZSTD, out, err);
}

Status features_write_plain(const Features *f, Text *out, Error *err) {
    return write_pack(f, PACK_PLAIN, out, err);
}

static bool is_version_1(Bytes pack) { return memcmp(pack.at, PACK_MAGIC_1, 8) == 0; }

static bool read_counts(PackColumns *c, Bytes pack) {
    static const struct {
        uint64_t limit, least;
    } lists[] = {
#define X(constant, limit, least) {limit, least},
        PACK_LISTS(X)
#undef X
    };
    uint64_t least = 0;
    for (unsigned i = 0; i < (is_version_1(pack) ? PACK_COUNTS_1 : PACK_LIST_COUNT); i++) {
        c->counts[i] = bytes_u32_at(pack, PACK_COUNTS_OFF + 4 * i);
        if (c->counts[i] > lists[i].limit)
            return false;
        least += c->counts[i] * lists[i].least;
    }
    return least <= c->size - c->text_size;
}

static Status refuse(Error *err, const char *why) {
    return error_set(err, STATUS_CORRUPT, "feature pack: %s", why);
}

static Status read_header(Bytes pack, PackColumns *c, Bytes *frame, Error *err) {
    if (pack.size < PACK_HEADER_BYTES + PACK_TRAILER_BYTES ||
        (memcmp(pack.at, PACK_MAGIC, 8) != 0 && !is_version_1(pack)) ||
        bytes_u32_at(pack, 12) > PACK_ZSTD)
        return refuse(err, "not one, or of another version");
    Bytes body = bytes_cut(pack, 0, pack.size - PACK_TRAILER_BYTES);
    if (bytes_u64_at(pack, body.size) != hash64(body))
        return refuse(err, "wrong checksum");
    uint64_t size = bytes_u64_at(pack, 16), text_size = bytes_u64_at(pack, 24);
    if (size > PACK_MAX_RAW || text_size > size)
        return refuse(err, "larger than packs may be");
    size_t header = is_version_1(pack) ? PACK_COUNTS_OFF + 4 * PACK_COUNTS_1 : PACK_HEADER_BYTES;
    *frame = bytes_clip(body, header, UINT64_MAX);
    /* Asked before anything of that size is allocated: frames of ours tell their size. */
    bool is_plain = bytes_u32_at(pack, 12) == PACK_PLAIN;
    if ((is_plain ? frame->size : ZSTD_getFrameContentSize(frame->at, frame->size)) != size)
        return refuse(err, "bad compressed frame");
    c->size = size;
    c->text_size = text_size;
    if (!read_counts(c, pack))
        return refuse(err, "a list is longer than its limit or its bytes");
    return STATUS_OK;
}

static Status read_pack(Arena *a, Bytes pack, bool has_genes, Features **out, Error *err) {
    *out = NULL;
    PackColumns c = {0};
    Bytes frame = {0};
    Status status = read_header(pack, &c, &frame, err);
    if (status != STATUS_OK)
        return status;
    /* Results first, working memory behind them: the reset at the end gives it back. */
    Features *f = pack_features_new(a, &c, has_genes);
    f->extractor_version = bytes_u32_at(pack, 8);
    char *texts = arena_alloc_unset(a, c.text_size + 1);
    ArenaMark mark = arena_mark(a);
    c.at = arena_alloc_unset(a, c.size + 1);
    size_t got = c.size;
    if (bytes_u32_at(pack, 12) == PACK_ZSTD)
        got = ZSTD_decompress(c.at, c.size, frame.at, frame.size);
    else if (got > 0)
        memcpy(c.at, frame.at, got);
    bool ok = !ZSTD_isError(got) && got == c.size && pack_columns_read(&c, texts, f);
    arena_reset(a, mark);
    if (!ok)
        return refuse(err, "contents do not check out");
    *out = f;
    return STATUS_OK;
}

Status features_from_bytes(Arena *a, Bytes pack, Features **out, Error *err) {
    return read_pack(a, pack, true, out, err);
}

Status features_from_bytes_without_genes(Arena *a, Bytes pack, Features **out, Error *err) {
    return read_pack(a, pack, false, out, err);
}

size_t features_function_at(const Features *f, uint64_t va) {
    size_t low = 0, high = f->functions.count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (f->functions.at[mid].va <= va)
            low = mid + 1;
        else
            high = mid;
    }
    return low > 0 ? low - 1 : SIZE_MAX;
}

/* Old and stripped programs lack the build information that the trait is read from, but no Go
 * program runs without its table of functions. */
bool features_are_go(const Features *f) {
    for (size_t i = 0; i < f->functions.count; i++)
        if (f->functions.at[i].source == FROM_GOPCLNTAB)
            return true;
    for (size_t i = 0; i < f->traits.count; i++)
        if (f->traits.at[i].kind == TRAIT_LANGUAGE && strcmp(f->traits.at[i].value, "go") == 0)
            return true;
    return false;
}
