/* SPDX-License-Identifier: Apache-2.0 */
#include "functions/corpus.h"

#include <glob.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "read_file.h"

static const char *const PROCESSOR_NAMES[] = {"x64", "x86", "arm64", "arm"};
static const char *const COMPILER_NAMES[] = {"gcc", "clang", "mingw"};
static const char *const LEVEL_NAMES[] = {"O0", "O1", "O2", "O3", "Os"};

/* What the quick mode compares: the distances that matter, in 24 of 40 configurations. */
static bool is_quick(Config c) {
    if (c.compiler == GCC)
        return c.level == O0 || c.level == O2 || c.level == O3;
    return c.level == O0 || c.level == O2 || c.level == OS;
}

const char *config_name(Config c) {
    static _Thread_local char text[4][32];
    static _Thread_local unsigned turn;
    char *at = text[turn++ % 4];
    snprintf(at, sizeof text[0], "%s-%s-%s", PROCESSOR_NAMES[c.processor],
             COMPILER_NAMES[c.compiler], LEVEL_NAMES[c.level]);
    return at;
}

static bool index_of(const char *const *names, unsigned count, const char *text, uint8_t *out) {
    for (unsigned i = 0; i < count; i++)
        if (strcmp(names[i], text) == 0) {
            *out = (uint8_t)i;
            return true;
        }
    return false;
}

bool config_from_text(const char *text, Config *out) {
    char processor[8], compiler[8], level[8];
    return sscanf(text, "%7[^-]-%7[^-]-%7s", processor, compiler, level) == 3 &&
           index_of(PROCESSOR_NAMES, PROCESSORS, processor, &out->processor) &&
           index_of(COMPILER_NAMES, COMPILERS, compiler, &out->compiler) &&
           index_of(LEVEL_NAMES, LEVELS, level, &out->level);
}

bool config_is_equal(Config a, Config b) {
    return a.processor == b.processor && a.compiler == b.compiler && a.level == b.level;
}

/* ---- reading ---- */

static int by_key(const void *x, const void *y) {
    const KeyRef *a = x, *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->function > b->function) - (a->function < b->function);
}

static int by_function(const void *x, const void *y) {
    const KeyRef *a = x, *b = y;
    if (a->function != b->function)
        return a->function < b->function ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

static long find_function(const Features *f, uint64_t va) {
    size_t low = 0, high = f->functions.count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (f->functions.at[mid].va < va)
            low = mid + 1;
        else
            high = mid;
    }
    return low < f->functions.count && f->functions.at[low].va == va ? (long)low : -1;
}

/* truth.tsv: va, size, name. Thumb functions may carry the mode in bit 0 on the engine's side. */
static void read_truth(Case *c) {
    char path[640];
    snprintf(path, sizeof path, "%.*s/truth.tsv", (int)(strrchr(c->path, '/') - c->path), c->path);
    Text text = text_new((size_t)1 << 26);
    if (!read_file(path, &text))
        return;
    size_t lines = 1;
    for (size_t i = 0; i < text.size; i++)
        lines += text.at[i] == '\n';
    c->by_key = calloc(lines, sizeof *c->by_key);
    c->by_function = calloc(lines, sizeof *c->by_function);
    char *save = NULL;
    for (char *line = strtok_r(text.at, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        unsigned long long va;
        unsigned size;
        char name[512];
        if (sscanf(line, "%llx\t%u\t%511s", &va, &size, name) != 3)
            continue;
        c->truth_count++;
        long at = find_function(c->features, va);
        if (at < 0 && c->config.processor == ARM32)
            at = find_function(c->features, va | 1);
        if (at < 0)
            continue;
        c->truth_found++;
        uint64_t key = hash64((Bytes){(const uint8_t *)name, strlen(name)});
        key = mix64(key + hash64((Bytes){(const uint8_t *)c->project, strlen(c->project)}));
        c->by_key[c->key_count++] = (KeyRef){key, (uint32_t)at, strdup(name)};
    }
    memcpy(c->by_function, c->by_key, c->key_count * sizeof *c->by_key);
    qsort(c->by_key, c->key_count, sizeof *c->by_key, by_key);
    qsort(c->by_function, c->key_count, sizeof *c->by_function, by_function);
    text_free(&text);
}

/* The result lives during the call only: a pack carries it out. */
static bool keep_features(void *ctx, const EngineResult *result) {
    Case *c = ctx;
    Text pack = text_new((size_t)1 << 30);
    Error err = {0};
    Features *f = NULL;
    if (result->features && features_write(result->features, &pack, &err) == STATUS_OK) {
        Arena *arena = arena_new((size_t)1 << 32);
        Bytes bytes = {(const uint8_t *)pack.at, pack.size};
        if (arena && features_from_bytes(arena, bytes, &f, &err) == STATUS_OK)
            c->features = f;
    }
    text_free(&pack);
    return true;
}

static bool has_genes(const Features *f) { return f->genes.count > 0 && f->functions.count > 0; }

static void analyse_case(void *ctx, size_t i) {
    Case *c = &((Corpus *)ctx)->cases[i];
    Text file = text_new((size_t)1 << 30);
    if (read_file(c->path, &file)) {
        EngineOptions options = {.max_bytes = (size_t)1 << 31, .no_archives = true};
        Bytes bytes = {(const uint8_t *)file.at, file.size};
        engine_run(&options, c->path, bytes, keep_features, c);
    }
    text_free(&file);
    if (c->features && !has_genes(c->features))
        c->features = NULL;
    if (!c->features)
        return;
    Arena *kept = arena_new((size_t)1 << 32), *scratch = arena_new((size_t)1 << 32);
    CHECK(kept && scratch);
    c->context = context_side(c->features, kept, scratch); /* as long as the program */
    context_need_all(&c->context, scratch);
    arena_free(scratch);
    c->code_bytes = c->features->code_bytes;
    if (c->has_truth)
        read_truth(c);
}

static unsigned project_id(Corpus *corpus, const char *name) {
    for (unsigned i = 0; i < corpus->project_count; i++)
        if (strcmp(corpus->projects[i], name) == 0)
            return i;
    snprintf(corpus->projects[corpus->project_count], sizeof corpus->projects[0], "%s", name);
    return corpus->project_count++;
}

static bool is_listed(const char *list, const char *name) {
    size_t n = strlen(name);
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, name, n) == 0 && (at[n] == ',' || at[n] == '\0'))
            return true;
    return !list;
}

static void add_row(Corpus *corpus, const char *dir, const CorpusFilter *filter, const char *line) {
    char part[16], project[24], processor[8], compiler[8], level[8], path[256], text[32];
    if (corpus->count == MAX_CASES || corpus->project_count == MAX_PROJECTS ||
        sscanf(line, "%15s\t%23s\t%7s\t%7s\t%7s\t%*s\t%*s\t%*s\t%*s\t%255s", part, project,
               processor, compiler, level, path) != 6)
        return;
    Case c = {.features = NULL};
    snprintf(text, sizeof text, "%s-%s-%s", processor, compiler, level);
    if (!config_from_text(text, &c.config) || (filter->part && strcmp(part, filter->part) != 0) ||
        !is_listed(filter->projects, project) || (filter->quick && !is_quick(c.config)) ||
        (filter->quick && c.config.compiler == MINGW))
        return;
    snprintf(c.project, sizeof c.project, "%s", project);
    snprintf(c.path, sizeof c.path, "%s/%s/sample", dir, path);
    c.has_truth = true;
    c.project_id = project_id(corpus, project);
    corpus->cases[corpus->count++] = c;
}

typedef struct CaseRange {
    Corpus *corpus;
    size_t first;
} CaseRange;

static void analyse_of_range(void *ctx, size_t i) {
    CaseRange *r = ctx;
    analyse_case(r->corpus, r->first + i);
}

/* Analyses the cases from `first` on; keeps those that have genes. */
static void analyse_from(Corpus *corpus, size_t first, unsigned threads) {
    CaseRange r = {corpus, first};
    run_parallel(threads, corpus->count - first, analyse_of_range, &r);
    size_t kept = first;
    for (size_t i = first; i < corpus->count; i++) {
        if (corpus->cases[i].features)
            corpus->cases[kept++] = corpus->cases[i];
        else
            corpus->skipped[corpus->cases[i].config.processor]++;
    }
    corpus->count = kept;
}

Corpus *corpus_open(const char *dir, const CorpusFilter *filter, unsigned threads) {
    Corpus *corpus = calloc(1, sizeof *corpus);
    char path[512];
    snprintf(path, sizeof path, "%s/functions.tsv", dir);
    Text manifest = text_new((size_t)1 << 26);
    if (!corpus || !read_file(path, &manifest))
        return NULL;
    corpus->cases = calloc(MAX_CASES, sizeof *corpus->cases);
    char *save = NULL;
    for (char *line = strtok_r(manifest.at, "\n", &save); line && corpus->cases;
         line = strtok_r(NULL, "\n", &save))
        add_row(corpus, dir, filter, line);
    text_free(&manifest);
    analyse_from(corpus, 0, threads);
    return corpus;
}

void corpus_add_folders(Corpus *corpus, const char *dir, unsigned threads) {
    char pattern[512];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/*/*", dir);
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    size_t first = corpus->count;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *folder = found.gl_pathv[i] + strlen(dir) + 1;
        Case c = {.features = NULL};
        if (corpus->count == MAX_CASES || corpus->project_count == MAX_PROJECTS)
            break;
        snprintf(c.project, sizeof c.project, "%.*s", (int)strcspn(folder, "-/"), folder);
        snprintf(c.path, sizeof c.path, "%s", found.gl_pathv[i]);
        c.project_id = project_id(corpus, c.project);
        corpus->cases[corpus->count++] = c;
    }
    globfree(&found);
    analyse_from(corpus, first, threads);
}

/* ---- threads ---- */

typedef struct Work {
    atomic_size_t next;
    size_t count;
    void (*task)(void *, size_t);
    void *ctx;
} Work;

static void *work(void *arg) {
    Work *w = arg;
    for (size_t i; (i = atomic_fetch_add(&w->next, 1)) < w->count;)
        w->task(w->ctx, i);
    return NULL;
}

void run_parallel(unsigned threads, size_t count, void (*task)(void *, size_t), void *ctx) {
    enum { MOST = 64 };
    pthread_t others[MOST];
    unsigned started = 0;
    Work w = {.count = count, .task = task, .ctx = ctx};
    while (started + 1 < threads && started < MOST &&
           pthread_create(&others[started], NULL, work, &w) == 0)
        started++;
    work(&w);
    for (unsigned i = 0; i < started; i++)
        pthread_join(others[i], NULL);
}
