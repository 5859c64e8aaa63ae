/* SPDX-License-Identifier: Apache-2.0
 * engine.c: the pipeline on one screen. bytes → image → code → features; archives put their members
 * in the same line. */
#include "engine.h"

#include <setjmp.h>
#include <string.h>

#include "code/code.h"
#include "feature/file_digests.h"
#include "feature/registry.h"
#include "feature/unpacked.h"
#include "image/archive.h"
#include "image/image.h"

typedef struct Run {
    const EngineOptions *options;
    EngineEmit emit;
    void *ctx;
    uint64_t deadline_ms;
    unsigned depth;
    const char *path;
    Unpacked *inner;       /* what the sample at work unpacks to, or NULL */
    const uint8_t *parent; /* SHA-256 of the packed sample that this one comes from, or NULL */
    bool stopped;
} Run;

static void run_one(Run *run, const char *path, Bytes bytes);

static bool emit_failure(Run *run, const char *path, const char *stage, const char *reason,
                         const uint8_t *sha256) {
    EngineResult result = {.path = path, .stage = stage, .reason = reason};
    if (sha256)
        memcpy(result.sha256, sha256, sizeof result.sha256);
    return run->emit(run->ctx, &result);
}

static bool visit_member(void *ctx, const char *member, Bytes bytes, const char *reason) {
    Run *run = ctx;
    const char *outer = run->path;
    Text path = text_new(1 << 16);
    text_addf(&path, "%s!%s", outer, member);
    if (reason) {
        run->stopped = !emit_failure(run, text_str(&path), "archive", reason, NULL);
    } else {
        run->depth++;
        run_one(run, text_str(&path), bytes);
        run->depth--;
    }
    text_free(&path);
    run->path = outer;
    return !run->stopped;
}

static void analyse(Run *run, Sample *s, EngineResult *out) {
    file_digests_start(s);
    Image *image = image_from_sample(s, &run->options->hint);
    Code *code = code_from_image(s, image);
    helpers_wait(s->helpers);
    Features *features = features_from_code(s, image, code);
    out->effects = run->options->want_effects ? effect_lines_from_code(s, image, code) : NULL;
    out->windows = run->options->want_windows ? code_windows_from_code(s, image, code) : NULL;
    out->features = features;
    if (run->parent)
        features_add_parent(s, features, run->parent);
    if (run->depth < MAX_ARCHIVE_DEPTH && !s->no_emulation)
        run->inner = unpack_open(s, image, code, features->is_packed);
    if (run->inner)
        features_add_unpacked(s, features, image, run->inner);
}

static bool emit_scan(const Run *run, const char *path, const Sample *s) {
    enum { HITS_BYTES = 16 << 20, NO_LIMIT_S = 86400 };
    Text hits = text_new(HITS_BYTES);
    uint64_t timeout_ms = run->options->timeout_ms;
    unsigned timeout_s = timeout_ms ? (unsigned)(timeout_ms / 1000 + 1) : NO_LIMIT_S;
    EngineResult result = {.path = path, .hits = &hits};
    memcpy(result.sha256, s->sha256, sizeof result.sha256);
    if (!yara_scan(run->options->scanner, s->bytes, timeout_s, &hits)) {
        result.stage = "scan";
        result.reason = "YARA gave up: too many hits or too slow";
    }
    bool go_on = run->emit(run->ctx, &result);
    text_free(&hits);
    return go_on;
}

static void run_unpacked(Run *run, const char *outer, const uint8_t *sha256,
                         const Unpacked *inner) {
    Text path = text_new(1 << 16);
    text_addf(&path, "%s!%s", outer, inner->repair ? "repaired" : "unpacked");
    run->depth++;
    run->parent = sha256;
    run_one(run, text_str(&path), inner->file);
    run->depth--;
    text_free(&path);
}

static void run_one(Run *run, const char *path, Bytes bytes) {
    Sample s = {.bytes = bytes, .name = path, .deadline_ms = run->deadline_ms};
    s.helpers = run->options->helpers;
    s.no_emulation = run->options->no_emulation;
    digest_sha256(bytes, s.sha256);
    s.arena = arena_new(run->options->max_bytes);
    s.scratch = arena_new(run->options->max_bytes);
    jmp_buf out_of_memory;
    if (!s.arena || !s.scratch || setjmp(out_of_memory)) {
        run->stopped =
            !emit_failure(run, path, "memory", "needs more memory than --max-mb allows", s.sha256);
    } else {
        arena_set_escape(s.arena, &out_of_memory);
        arena_set_escape(s.scratch, &out_of_memory);
        run->path = path;
        if (!run->options->no_archives && run->depth < MAX_ARCHIVE_DEPTH &&
            archive_is_archive(bytes)) {
            archive_visit(&s, visit_member, run);
        } else if (run->options->scanner) {
            run->stopped = !emit_scan(run, path, &s);
        } else {
            EngineResult result = {.path = path};
            analyse(run, &s, &result);
            memcpy(result.sha256, s.sha256, sizeof result.sha256);
            run->stopped = !run->emit(run->ctx, &result);
        }
    }
    sample_free_thread_arenas(&s);
    arena_free(s.arena);
    arena_free(s.scratch);
    Unpacked *inner = run->inner;
    run->inner = NULL;
    run->parent = NULL;
    if (inner && inner->file.size && !run->stopped)
        run_unpacked(run, path, s.sha256, inner);
    unpack_close(inner);
}

void engine_run(const EngineOptions *options, const char *path, Bytes bytes, EngineEmit emit,
                void *ctx) {
    Run run = {.options = options, .emit = emit, .ctx = ctx};
    if (options->timeout_ms)
        run.deadline_ms = clock_now_ms() + options->timeout_ms;
    run_one(&run, path, bytes);
}
