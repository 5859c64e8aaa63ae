/* SPDX-License-Identifier: Apache-2.0
 * cognate.c: the public calls of cognate.h for one sample: analyse, carry, render, compare. Those
 * with a store are in cognate_store.c. */
#include "cognate_inner.h"

#include "engine.h"
#include "report/report.h"

_Static_assert((int)COG_OK == STATUS_OK && (int)COG_FAILED == STATUS_FAILED &&
                   (int)COG_NOT_FOUND == STATUS_NOT_FOUND && (int)COG_CORRUPT == STATUS_CORRUPT &&
                   (int)COG_FULL == STATUS_FULL && (int)COG_BUSY == STATUS_BUSY &&
                   (int)COG_USAGE == STATUS_USAGE,
               "CogStatus has the values of Status");
#define SAME(ours, theirs) ((int)(ours) == (int)(theirs))
_Static_assert(SAME(COG_IMAGE, PART_IMAGE) && SAME(COG_FUNCTIONS, PART_FUNCTIONS) &&
                   SAME(COG_STRINGS, PART_STRINGS) && SAME(COG_TRAITS, PART_TRAITS) &&
                   SAME(COG_INDICATORS, PART_INDICATORS) && SAME(COG_ROUTINES, PART_ROUTINES) &&
                   SAME(COG_ALL, PART_ALL),
               "the public parts have the values of report.h");

/* A pack of the largest browser is about 60 MB; a worker's memory limit cuts in before this. */
#define MAX_PACK_BYTES ((size_t)512 << 20)
#define MAX_OUTPUT_BYTES ((size_t)1 << 30)
/* Matching reads the features of at most some dozens of references at once. */
#define MAX_WORK_BYTES ((size_t)8 << 30)
#define DEFAULT_MAX_MB 1024u

const char *cog_version(void) { return COG_VERSION; }

void cog_init(void) { digest_init(); }

CogHelpers *cog_helpers_new(unsigned count) { return (CogHelpers *)helpers_new(count); }
void cog_helpers_free(CogHelpers *h) { helpers_free((Helpers *)h); }

CogStatus error_give(Status status, const Error *from, CogError *to) {
    if (to) {
        to->status = (CogStatus)status;
        memcpy(to->message, status == STATUS_OK ? "" : from->message,
               status == STATUS_OK ? 1 : sizeof to->message);
    }
    return (CogStatus)status;
}

/* ---- output ---- */

Text output_open(CogOutput *o) {
    return (Text){.at = o->at,
                  .size = o->size,
                  .cap = o->at ? o->size + 1 : 0,
                  .max = MAX_OUTPUT_BYTES,
                  .full = o->failed};
}

Status output_close(CogOutput *o, const Text *text, Error *err) {
    o->at = text->at;
    o->size = text->size;
    o->failed = text->full;
    return o->failed ? error_set(err, STATUS_FULL, "the output needs more than 1 GiB or the memory")
                     : STATUS_OK;
}

void cog_output_free(CogOutput *o) {
    free(o->at);
    *o = (CogOutput){0};
}

/* ---- results ---- */

static CogResult *result_new(const char *path) {
    CogResult *r = calloc(1, sizeof *r);
    CHECK(r);
    r->path = strdup(path);
    CHECK(r->path);
    r->pack = text_new(MAX_PACK_BYTES);
    r->effects = text_new(MAX_PACK_BYTES);
    r->windows = text_new(MAX_PACK_BYTES);
    r->hits = text_new(MAX_PACK_BYTES);
    return r;
}

CogResult *cog_result_failure(const char *path, const char *stage, const char *reason) {
    CogResult *r = result_new(path);
    r->stage = strdup(stage);
    r->reason = strdup(reason);
    CHECK(r->stage && r->reason);
    return r;
}

bool cog_result_is_failure(const CogResult *r) { return r->stage != NULL; }
const char *cog_result_path(const CogResult *r) { return r->path; }
const char *cog_result_sha256(const CogResult *r) { return r->sha256; }

void cog_result_free(CogResult *r) {
    if (!r)
        return;
    free(r->path);
    free(r->stage);
    free(r->reason);
    free(r->first_seen);
    text_free(&r->pack);
    text_free(&r->effects);
    text_free(&r->windows);
    text_free(&r->hits);
    arena_free(r->arena);
    free(r);
}

typedef struct Analysis {
    CogEmit emit;
    void *ctx;
} Analysis;

static bool is_zero(const uint8_t *at, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (at[i])
            return false;
    return true;
}

static bool emit_result(void *ctx, const EngineResult *from) {
    const Analysis *analysis = ctx;
    CogResult *r = NULL;
    if (from->stage) {
        r = cog_result_failure(from->path, from->stage, from->reason);
    } else if (from->hits) {
        r = result_new(from->path);
        text_add_bytes(&r->hits, from->hits->at, from->hits->size);
    } else {
        r = result_new(from->path);
        Error error = {0};
        if (features_write_plain(from->features, &r->pack, &error) != STATUS_OK || r->pack.full) {
            cog_result_free(r);
            r = cog_result_failure(from->path, "pack",
                                   error.message[0] ? error.message : "the features are too big");
        } else {
            if (from->effects)
                effect_lines_write(from->effects, &r->effects);
            if (from->windows)
                code_windows_write(from->windows, &r->windows);
        }
    }
    if (!is_zero(from->sha256, sizeof from->sha256))
        hex_write(r->sha256, from->sha256, sizeof from->sha256);
    return analysis->emit(analysis->ctx, r);
}

static bool arch_from_name(const char *name, Arch *out) {
    *out = ARCH_NONE;
    if (!name)
        return true;
    if (!strcmp(name, "x86") || !strcmp(name, "i386"))
        *out = ARCH_X86;
    else if (!strcmp(name, "x86-64") || !strcmp(name, "x64") || !strcmp(name, "amd64"))
        *out = ARCH_X64;
    else if (!strcmp(name, "aarch64") || !strcmp(name, "arm64"))
        *out = ARCH_ARM64;
    else if (!strcmp(name, "arm") || !strcmp(name, "thumb"))
        *out = ARCH_ARM;
    return *out != ARCH_NONE;
}

void cog_analyse(const CogOptions *options, const char *name, const void *bytes, size_t size,
                 CogEmit emit, void *ctx) {
    static const CogOptions DEFAULTS;
    const CogOptions *o = options ? options : &DEFAULTS;
    Arch arch;
    if (!arch_from_name(o->arch, &arch)) {
        emit(ctx, cog_result_failure(name, "options", "no such processor for raw code"));
        return;
    }
    if (size > MAX_SAMPLE_BYTES) {
        emit(ctx, cog_result_failure(name, "open", "bigger than 512 MiB"));
        return;
    }
    EngineOptions engine = {.max_bytes = (o->max_mb ? o->max_mb : DEFAULT_MAX_MB) << 20,
                            .timeout_ms = o->timeout_ms,
                            .hint = {.force_raw = o->raw,
                                     .arch = arch,
                                     .is_thumb = o->arch && !strcmp(o->arch, "thumb"),
                                     .base = o->base},
                            .no_archives = o->no_archives,
                            .helpers = (Helpers *)o->helpers,
                            .want_effects = o->effects,
                            .want_windows = o->windows,
                            .scanner = (const YaraScanner *)o->scanner};
    Analysis analysis = {emit, ctx};
    engine_run(&engine, name, (Bytes){bytes, size}, emit_result, &analysis);
}

/* ---- a result as bytes (docs/formats/exchange.md) ---- */

#define RESULT_MAGIC 0x33524743u /* "CGR3" */
enum { RESULT_HEADER_BYTES = 4 + 4 * 3 + 8 * 4 + 64 + 8 };
#define NO_STAGE UINT32_MAX /* in place of the stage's length: not a failure */

static void put_u32(Text *out, uint32_t v) {
    uint8_t b[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    text_add_bytes(out, b, sizeof b);
}

static void put_u64(Text *out, uint64_t v) {
    put_u32(out, (uint32_t)v);
    put_u32(out, (uint32_t)(v >> 32));
}

CogStatus cog_result_write(const CogResult *r, CogOutput *o, CogError *err) {
    Error error = {0};
    Text out = output_open(o);
    Text body = text_new(MAX_OUTPUT_BYTES);
    text_add(&body, r->path);
    text_add(&body, r->stage ? r->stage : "");
    text_add(&body, r->reason ? r->reason : "");
    text_add_bytes(&body, r->pack.at, r->pack.size);
    text_add_bytes(&body, r->effects.at, r->effects.size);
    text_add_bytes(&body, r->windows.at, r->windows.size);
    text_add_bytes(&body, r->hits.at, r->hits.size);
    put_u32(&out, RESULT_MAGIC);
    put_u32(&out, (uint32_t)strlen(r->path));
    put_u32(&out, r->stage ? (uint32_t)strlen(r->stage) : NO_STAGE);
    put_u32(&out, r->reason ? (uint32_t)strlen(r->reason) : 0);
    put_u64(&out, r->pack.size);
    put_u64(&out, r->effects.size);
    put_u64(&out, r->windows.size);
    put_u64(&out, r->hits.size);
    text_add_bytes(&out, r->sha256, 64);
    put_u64(&out, hash64((Bytes){(const uint8_t *)text_str(&body), body.size}));
    text_add_bytes(&out, body.at, body.size);
    out.full |= body.full;
    text_free(&body);
    return error_give(output_close(o, &out, &error), &error, err);
}

/* A copy as a C string; bytes with a NUL inside are cut there. */
static char *text_from_bytes(Bytes b) {
    char *copy = b.size ? strndup((const char *)b.at, b.size) : strdup("");
    CHECK(copy);
    return copy;
}

static bool is_sha256_or_empty(const char *text) {
    uint8_t bytes[32];
    return !text[0] || hex_read(bytes, sizeof bytes, text);
}

/* The parts of a result that are bytes, in their order. */
enum { PART_TEXTS = 4 };
static Text *part_of(CogResult *r, size_t i) {
    Text *const parts[PART_TEXTS] = {&r->pack, &r->effects, &r->windows, &r->hits};
    return parts[i];
}

static CogStatus corrupt(const char *why, CogError *err) {
    Error error = {0};
    return error_give(error_set(&error, STATUS_CORRUPT, "%s", why), &error, err);
}

CogStatus cog_result_read(const void *bytes, size_t size, CogResult **out, CogError *err) {
    Bytes all = {bytes, size}, parts[PART_TEXTS];
    uint64_t sizes[PART_TEXTS];
    Cursor c = cursor_init(all);
    uint32_t magic = cursor_u32(&c), path_size = cursor_u32(&c), stage_size = cursor_u32(&c),
             reason_size = cursor_u32(&c);
    for (size_t i = 0; i < PART_TEXTS; i++)
        sizes[i] = cursor_u64(&c);
    Bytes sha256 = cursor_bytes(&c, 64);
    uint64_t hash = cursor_u64(&c);
    bool is_failure = stage_size != NO_STAGE, is_too_big = false;
    *out = NULL;
    Bytes body = bytes_clip(all, RESULT_HEADER_BYTES, UINT64_MAX);
    Bytes path = cursor_bytes(&c, path_size);
    Bytes stage = cursor_bytes(&c, is_failure ? stage_size : 0);
    Bytes reason = cursor_bytes(&c, reason_size);
    for (size_t i = 0; i < PART_TEXTS; i++) {
        parts[i] = cursor_bytes(&c, sizes[i]);
        is_too_big |= parts[i].size > MAX_PACK_BYTES;
    }
    if (magic != RESULT_MAGIC || c.bad || cursor_left(&c) || is_too_big || hash != hash64(body))
        return corrupt("the result's bytes do not check out", err);
    CogResult *r = calloc(1, sizeof *r);
    CHECK(r);
    r->path = text_from_bytes(path);
    r->stage = is_failure ? text_from_bytes(stage) : NULL;
    r->reason = is_failure ? text_from_bytes(reason) : NULL;
    bool is_full = false;
    for (size_t i = 0; i < PART_TEXTS; i++) {
        *part_of(r, i) = text_new(MAX_PACK_BYTES);
        text_add_bytes(part_of(r, i), parts[i].at, parts[i].size);
        is_full |= part_of(r, i)->full;
    }
    memcpy(r->sha256, sha256.at, 64);
    if (is_full || !is_sha256_or_empty(r->sha256)) {
        cog_result_free(r);
        return corrupt("the result's hash is no SHA-256", err);
    }
    *out = r;
    return COG_OK;
}

/* ---- guarded work ---- */

Status work_run(WorkStep step, void *ctx, Error *err) {
    Work *w = calloc(1, sizeof *w);
    CHECK(w);
    w->arena = arena_new(MAX_WORK_BYTES);
    w->scratch = arena_new(MAX_WORK_BYTES);
    Status status = STATUS_FULL;
    if (!w->arena || !w->scratch || setjmp(w->out_of_memory)) {
        status = error_set(err, STATUS_FULL, "out of memory");
    } else {
        arena_set_escape(w->arena, &w->out_of_memory);
        arena_set_escape(w->scratch, &w->out_of_memory);
        status = step(w, ctx, err);
    }
    if (w->snap)
        snapshot_close(w->snap);
    know_view_close(w->know);
    arena_free(w->arena);
    arena_free(w->scratch);
    free(w);
    return status;
}

/* Both of what is needed to read a pack into a result that the caller holds as const: reading is
 * only a change of shape. */
typedef struct Unpacking {
    CogResult *result;
    jmp_buf out_of_memory;
} Unpacking;

static Status unpack(Unpacking *u, Error *err) {
    CogResult *r = u->result;
    r->arena = arena_new(MAX_WORK_BYTES);
    Status status = STATUS_FULL;
    if (!r->arena || setjmp(u->out_of_memory)) {
        status = error_set(err, STATUS_FULL, "out of memory");
    } else {
        arena_set_escape(r->arena, &u->out_of_memory);
        status = features_from_bytes(r->arena, (Bytes){(const uint8_t *)r->pack.at, r->pack.size},
                                     &r->features, err);
        arena_set_escape(r->arena, NULL);
    }
    if (status != STATUS_OK) {
        arena_free(r->arena);
        r->arena = NULL;
        r->features = NULL;
    }
    return status;
}

Status result_features(const CogResult *r, const Features **out, Error *err) {
    *out = r->features;
    if (r->features)
        return STATUS_OK;
    if (r->stage)
        return error_set(err, STATUS_USAGE, "%s: %s", r->stage, r->reason);
    Unpacking u = {.result = (CogResult *)(uintptr_t)r};
    Status status = unpack(&u, err);
    *out = r->features;
    return status;
}

/* ---- records ---- */

TextStyle style_from_public(CogStyle style, unsigned columns) {
    return (TextStyle){.colour = style == COG_TEXT_COLOUR, .columns = columns};
}

CogStatus cog_result_render(const CogResult *r, unsigned parts, CogStyle style, unsigned columns,
                            CogOutput *o, CogError *err) {
    Error error = {0};
    TextStyle text_style = style_from_public(style, columns);
    const Features *f = NULL;
    if (!r->stage) {
        Status status = result_features(r, &f, &error);
        if (status != STATUS_OK)
            return error_give(status, &error, err);
    }
    Text out = output_open(o);
    if (!f && style == COG_JSON)
        json_write_failure(r->path, r->sha256, r->stage, r->reason, &out);
    else if (!f)
        text_write_failure(r->path, r->stage, r->reason, text_style, &out);
    else if (style == COG_JSON)
        json_write_features((Subject){r->path, f}, parts, &out);
    else
        text_write_features((Subject){r->path, f}, parts, text_style, &out);
    return error_give(output_close(o, &out, &error), &error, err);
}
