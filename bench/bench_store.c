/* SPDX-License-Identifier: Apache-2.0
 * bench_store.c: a store of made-up but likely samples: what it costs to fill, to keep and to ask.
 *   bench_store [functions] [unique] [dir]     CSV on stdout: bench,metric,value,unit,note
 * The samples: families of ten builds of 1,000 functions. A quarter of a sample's functions are
 * from libraries (Zipf over 20,000), a third are the family's unchanged, a fifth are the family's
 * with 5 to 30 per cent of their genes replaced, the rest are its own: about two functions for each
 * distinct signature, as on Malpedia (MCRIT's growth figures). Three genes of ten are common ones
 * (Zipf over 5,000), so that unrelated functions share sketch keys. `unique`: no two functions
 * alike, the worst case for size. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

enum { PER_SAMPLE = 1000, BUILDS = 10, LIBRARY = 20000, COMMON_GENES = 5000, ROUNDS = 40 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Questions read memory only: processor time is what they take on a machine that does nothing else,
   and it does not move with what else runs. */
static double cpu_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void row(const char *metric, double value, const char *unit, const char *note) {
    printf("store,%s,%.6g,%s,%s\n", metric, value, unit, note);
    fflush(stdout);
}

static void fail(const char *what, const Error *err) {
    fprintf(stderr, "bench_store: %s: %s\n", what, err->message);
    exit(1);
}

static uint64_t rng(uint64_t *state) { return mix64(*state += 0x9e3779b97f4a7c15ULL); }
static double unit(uint64_t *state) { return (double)(rng(state) >> 11) / 9007199254740992.0; }
/* About Zipf: the k-th of n with probability near 1/k. */
static uint64_t skewed(uint64_t *state, uint64_t n) {
    double u = unit(state), x = 1.0;
    for (double left = u; left > 0.0625 && x < (double)n; left -= 0.0625)
        x *= 1.0 + 0.0625 * (double)n / 1500.0;
    return (uint64_t)(x * (1.0 + unit(state))) % n;
}

static uint64_t gene_of(uint64_t seed, uint32_t i) {
    uint64_t s = seed * 1000003 + i;
    return rng(&s) % 10 < 3 ? mix64(skewed(&s, COMMON_GENES) + 77) : rng(&s);
}

static void add_function(Arena *a, Features *f, uint64_t seed, unsigned changed, uint64_t build) {
    FunctionFeature *fn = VEC_ADD(a, &f->functions);
    uint64_t s = seed;
    uint32_t count = 8 + (uint32_t)(unit(&s) * unit(&s) * 120);
    fn->va = 0x401000 + 0x100 * (f->functions.count - 1);
    fn->instructions = count * 2;
    fn->size = count * 7;
    fn->blocks = 1 + count / 8;
    fn->first_gene = (uint32_t)f->genes.count;
    uint64_t genes[256];
    for (uint32_t i = 0; i < count; i++) {
        uint64_t m = seed * 31 + i + build * 1000000007ULL;
        genes[i] = rng(&m) % 100 < changed ? rng(&m) : gene_of(seed, i);
    }
    sort_u64(a, genes, count);
    fn->gene_count = (uint32_t)unique_u64(genes, count);
    for (uint32_t i = 0; i < fn->gene_count; i++)
        *VEC_ADD(a, &f->genes) = genes[i];
    fn->pic = hash128((Bytes){(const uint8_t *)genes, fn->gene_count * sizeof *genes});
    f->code_bytes += fn->size;
}

static Features *make_sample(Arena *a, uint64_t n, size_t functions, bool is_unique) {
    Features *f = ARENA_NEW(a, Features);
    f->extractor_version = EXTRACTOR_VERSION;
    f->name = "bench";
    f->format = f->arch = 2;
    f->bits = 64;
    digest_sha256((Bytes){(const uint8_t *)&n, sizeof n}, f->sha256);
    f->functions.max = f->genes.max = f->strings.max = f->traits.max = 1 << 24;
    uint64_t s = n * 7919 + 1, family = n / BUILDS;
    for (size_t i = 0; i < functions; i++) {
        double kind = is_unique ? 1.0 : unit(&s);
        uint64_t own = (family + 1) * 1000000 + i;
        if (kind < 0.25)
            add_function(a, f, 1 + skewed(&s, LIBRARY), 0, 0);
        else if (kind < 0.58)
            add_function(a, f, own, 0, 0);
        else if (kind < 0.78)
            add_function(a, f, own, 5 + (unsigned)(rng(&s) % 26), n + 1);
        else
            add_function(a, f, (n + 1) << 32 | i, 0, 0);
    }
    f->code_recovered = f->size = f->code_bytes;
    for (unsigned i = 0; i < 300; i++) {
        char *text = arena_alloc(a, 40);
        uint64_t which = i < 100 ? skewed(&s, 3000) : rng(&s) % 1000000000;
        snprintf(text, 40, "some string number %llu", (unsigned long long)which);
        *VEC_ADD(a, &f->strings) = (StringFeature){
            .va = 0x500000 + 64 * i, .off = 64 * i, .text = text, .length = (uint32_t)strlen(text)};
    }
    return f;
}

static int by_value(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static void rows_of_times(const char *what, size_t functions, double *ms, size_t n) {
    char metric[64], note[96];
    qsort(ms, n, sizeof *ms, by_value);
    snprintf(note, sizeof note, "%zu functions asked; warm; processor time", functions);
    snprintf(metric, sizeof metric, "%s_%zu_p50", what, functions);
    row(metric, ms[n / 2], "ms", note);
    snprintf(metric, sizeof metric, "%s_%zu_p95", what, functions);
    row(metric, ms[n * 95 / 100], "ms", note);
    snprintf(metric, sizeof metric, "%s_%zu_max", what, functions);
    row(metric, ms[n - 1], "ms", note);
}

static void ask(Store *store, size_t functions, size_t samples, bool is_unique) {
    double signatures_ms[ROUNDS], occurrences_ms[ROUNDS], tokens_ms[ROUNDS];
    double hits_total = 0, exact_total = 0, places_total = 0;
    Error err;
    for (unsigned r = 0; r < ROUNDS; r++) {
        Arena *a = arena_new((size_t)2 << 30);
        /* An eleventh build of a known family: its own functions are new. */
        uint64_t family = mix64(r + 1) % (samples / BUILDS);
        Features *f = make_sample(a, family * BUILDS, functions, is_unique);
        SignatureQuery *q = ARENA_ARRAY(a, SignatureQuery, functions);
        for (size_t i = 0; i < functions; i++) {
            const FunctionFeature *fn = &f->functions.at[i];
            q[i] = (SignatureQuery){fn->pic, sketch_from_function(f, fn)};
            if (i % 5 == 0)
                q[i].pic.low += r + 1; /* recompiled */
        }
        Snapshot *snap = NULL;
        if (snapshot_open(store, &snap, &err) != STATUS_OK)
            fail("snapshot", &err);
        /* as attribute asks: VOTE_SIGNATURES, VOTE_LIKENESS */
        SignatureQuestion question = {q, functions, 64, 0.1f};
        SignatureHitVec hits = {.max = 1 << 26};
        double start = cpu_now();
        if (snapshot_find_signatures(snap, a, &question, &hits, &err) != STATUS_OK)
            fail("find_signatures", &err);
        signatures_ms[r] = (cpu_now() - start) * 1e3;
        uint64_t *ids = ARENA_ARRAY(a, uint64_t, hits.count + 1);
        for (size_t i = 0; i < hits.count; i++) {
            ids[i] = hits.at[i].signature;
            exact_total += hits.at[i].exact;
        }
        hits_total += (double)hits.count;
        sort_u64(a, ids, hits.count);
        size_t n = unique_u64(ids, hits.count);
        uint32_t *list = ARENA_ARRAY(a, uint32_t, n + 1), *totals = ARENA_ARRAY(a, uint32_t, n + 1);
        for (size_t i = 0; i < n; i++)
            list[i] = (uint32_t)ids[i];
        OccurrenceVec places = {.max = 1 << 26};
        start = cpu_now();
        if (snapshot_find_occurrences(snap, a, list, n, 100, &places, totals, &err) != STATUS_OK)
            fail("find_occurrences", &err);
        occurrences_ms[r] = (cpu_now() - start) * 1e3;
        places_total += (double)places.count;
        uint64_t tokens[300];
        uint32_t token_totals[300];
        for (size_t i = 0; i < f->strings.count; i++)
            tokens[i] = token_from_string(f->strings.at[i].text, f->strings.at[i].length);
        TokenHitVec token_hits = {.max = 1 << 24};
        start = cpu_now();
        if (snapshot_find_tokens(snap, a, tokens, f->strings.count, 100, &token_hits, token_totals,
                                 &err) != STATUS_OK)
            fail("find_tokens", &err);
        tokens_ms[r] = (cpu_now() - start) * 1e3;
        snapshot_close(snap);
        arena_free(a);
    }
    char metric[64];
    rows_of_times("find_signatures", functions, signatures_ms, ROUNDS);
    rows_of_times("find_occurrences", functions, occurrences_ms, ROUNDS);
    if (functions == 1000)
        rows_of_times("find_tokens", 300, tokens_ms, ROUNDS);
    snprintf(metric, sizeof metric, "hits_%zu", functions);
    row(metric, hits_total / ROUNDS, "hits", "signatures found for one question");
    snprintf(metric, sizeof metric, "exact_%zu", functions);
    row(metric, exact_total / ROUNDS, "hits", "of them exact");
    snprintf(metric, sizeof metric, "places_%zu", functions);
    row(metric, places_total / ROUNDS, "occurrences", "at most 100 a signature");
}

static void show_stat(Store *store, const char *when) {
    StoreStat s;
    Error err;
    if (store_stat(store, &s, &err) != STATUS_OK)
        fail("stat", &err);
    row("segments", (double)s.segments, "segments", when);
    row("functions_per_signature", (double)s.functions / (double)s.signatures, "ratio", when);
    row("index_bytes_per_function", (double)s.bytes_index / (double)s.functions, "bytes", when);
    row("index_bytes_per_signature", (double)s.bytes_index / (double)s.signatures, "bytes", when);
    row("token_bytes_per_token", (double)s.bytes_tokens / (double)s.tokens, "bytes", when);
    row("pack_bytes_per_function", (double)s.bytes_packs / (double)s.functions, "bytes", when);
    row("file_bytes_per_function", (double)s.bytes_file / (double)s.functions, "bytes", when);
}

/* Time inside store_learn only. */
typedef struct Filled {
    double seconds, cpu_seconds, p50_ms, worst_ms;
} Filled;

static Filled fill(Store *store, size_t from, size_t to, bool is_unique, bool is_batch) {
    Error err;
    Filled f = {0};
    double *ms = calloc(to - from + 1, sizeof *ms);
    if (!ms || (is_batch && store_batch_begin(store, &err) != STATUS_OK))
        fail("batch", &err);
    for (size_t n = from; n < to; n++) {
        Arena *a = arena_new((size_t)1 << 30);
        Features *sample = make_sample(a, n, PER_SAMPLE, is_unique);
        Labels labels = {.family = "bench", .source = "bench"};
        double start = now(), cpu = cpu_now();
        if (store_learn(store, sample, &labels, NULL, NULL, &err) != STATUS_OK)
            fail("learn", &err);
        f.cpu_seconds += cpu_now() - cpu;
        ms[n - from] = (now() - start) * 1e3;
        f.seconds += ms[n - from] / 1e3;
        arena_free(a);
    }
    qsort(ms, to - from, sizeof *ms, by_value);
    f.p50_ms = ms[(to - from) / 2];
    f.worst_ms = ms[to - from - 1];
    free(ms);
    double start = now(), cpu = cpu_now();
    if (is_batch && store_batch_end(store, &err) != STATUS_OK)
        fail("batch", &err);
    f.seconds += now() - start;
    f.cpu_seconds += cpu_now() - cpu;
    return f;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

int main(int argc, char **argv) {
    size_t functions = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    bool is_unique = argc > 2 && strcmp(argv[2], "unique") == 0;
    char dir[256];
    snprintf(dir, sizeof dir, "%.200s/cog-bench-XXXXXX", argc > 3 ? argv[3] : "/tmp");
    size_t samples = functions / PER_SAMPLE, single = samples / 10 < 20 ? samples / 10 : 20;
    Store *store = NULL;
    Error err;
    uint64_t problems = 0;
    if (!mkdtemp(dir) || store_open(dir, STORE_CREATE, 0, &store, &err) != STATUS_OK)
        fail(dir, &err);
    row("functions", (double)functions, "functions", is_unique ? "no two alike" : "families");
    Filled f = fill(store, 0, samples - single, is_unique, true);
    double filled = (double)((samples - single) * PER_SAMPLE);
    row("load", filled / f.seconds, "functions/s", "in a batch");
    row("load_cpu", filled / f.cpu_seconds, "functions/s", "in a batch; processor time");
    row("load_max", f.worst_ms, "ms", "longest store_learn: flush and merge");
    f = fill(store, samples - single, samples, is_unique, false);
    row("learn_one_p50", f.p50_ms, "ms", "one sample of 1000 functions; durable");
    row("learn_one_max", f.worst_ms, "ms", "with a merge");
    show_stat(store, "as loaded");
    static const size_t sizes[] = {300, 1000, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        ask(store, sizes[i], samples, is_unique);
    double start = now(), cpu = cpu_now();
    if (store_verify(store, NULL, NULL, &problems, &err) != STATUS_OK)
        fail("verify", &err);
    row("verify", (double)functions / (now() - start), "functions/s", problems ? "BAD" : "");
    row("verify_cpu", (double)functions / (cpu_now() - cpu), "functions/s", "processor time");
    start = now();
    cpu = cpu_now();
    if (store_compact(store, NULL, NULL, &err) != STATUS_OK)
        fail("compact", &err);
    row("compact", (double)functions / (now() - start), "functions/s", "");
    row("compact_cpu", (double)functions / (cpu_now() - cpu), "functions/s", "processor time");
    show_stat(store, "compacted");
    ask(store, 1000, samples, is_unique);
    store_close(store);
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
