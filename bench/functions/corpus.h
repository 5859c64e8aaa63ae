/* SPDX-License-Identifier: Apache-2.0
 * corpus.h: the corpus of tools/functions_build.py in memory: what the engine makes of each
 * stripped file, and which of its functions is which by the truth beside it. In: DIR/functions.tsv
 * and the cases it names. Out: plain arrays, kept until the process ends. Odd input: a case that
 * cannot be read, or whose processor the engine does not analyse, is counted and left out. */
#ifndef COG_BENCH_FUNCTIONS_CORPUS_H
#define COG_BENCH_FUNCTIONS_CORPUS_H

#include "feature/feature.h"
#include "match/context.h"
#include "store/store.h"

/* A function of >= 5 basic blocks is what BSim's and Talos' tables count (ANCHORS 2.2, 6.1). */
enum { MIN_BLOCKS = 5, MAX_CASES = 8192, MAX_PROJECTS = 256 };

typedef enum Processor { X64, X86, ARM64, ARM32, PROCESSORS } Processor;
typedef enum Compiler { GCC, CLANG, MINGW, COMPILERS } Compiler;
typedef enum Level { O0, O1, O2, O3, OS, LEVELS } Level;

typedef struct Config {
    uint8_t processor, compiler, level;
} Config;
const char *config_name(Config c); /* "x64-gcc-O2"; of one of a few static buffers per thread */
bool config_from_text(const char *text, Config *out);
bool config_is_equal(Config a, Config b);

/* One name of one function; a function has several when the linker gave it several. */
typedef struct KeyRef {
    uint64_t key; /* hash of project and name */
    uint32_t function;
    const char *name;
} KeyRef;

typedef struct Case {
    char project[24], path[512]; /* of the file */
    bool has_truth;              /* in truth.tsv beside it */
    unsigned project_id;
    Config config;
    const Features *features; /* NULL: not analysed */
    ContextSide context;      /* of features */
    KeyRef *by_key, *by_function;
    size_t key_count;
    uint32_t truth_count, truth_found;
    uint64_t code_bytes;
} Case;

typedef struct Corpus {
    Case *cases;
    size_t count;
    char projects[MAX_PROJECTS][24];
    unsigned project_count;
    unsigned skipped[PROCESSORS]; /* cases of processors that are not analysed */
} Corpus;

typedef struct CorpusFilter {
    const char *part;     /* NULL: both */
    const char *projects; /* comma list, NULL: all */
    bool quick;           /* only the levels that the quick mode compares */
} CorpusFilter;

Corpus *corpus_open(const char *dir, const CorpusFilter *filter, unsigned threads);

/* Adds all files of the folders in dir, without truth; a folder's name up to the first '-' is the
 * project. Cases that were there before may move. */
void corpus_add_folders(Corpus *corpus, const char *dir, unsigned threads);

bool function_counts(const FunctionFeature *f);
/* Names of a function: a run in by_function. */
size_t case_find_names(const Case *c, uint32_t function, const KeyRef **out);
/* The function with one of the names that function `from` of a has, or -1. */
long case_find_same(const Case *a, uint32_t from, const Case *b);

/* Runs task(ctx, i) for each i below count on some threads. */
void run_parallel(unsigned threads, size_t count, void (*task)(void *ctx, size_t i), void *ctx);

#endif
