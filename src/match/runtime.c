/* SPDX-License-Identifier: Apache-2.0 */
#include "match/runtime.h"

#include <string.h>

#include "base/parallel.h"
#include "code/code.h"
#include "match/runtime_table.h"
#include "match/vote.h"

/* First path elements of Go's standard library, Go 1.26 ("go list std"), and the compiler's own
 * prefixes. */
static const char *const GO_STANDARD[] = {
    "archive",  "bufio",   "bytes",   "cmp",      "compress", "container", "context", "crypto",
    "database", "debug",   "embed",   "encoding", "errors",   "expvar",    "flag",    "fmt",
    "go",       "hash",    "html",    "image",    "index",    "internal",  "io",      "iter",
    "log",      "maps",    "math",    "mime",     "net",      "os",        "path",    "plugin",
    "reflect",  "regexp",  "runtime", "slices",   "sort",     "strconv",   "strings", "structs",
    "sync",     "syscall", "testing", "text",     "time",     "type",      "unicode", "unique",
    "unsafe",   "vendor",  "weak",    "_cgo",     "cgo",
};

/* Crates that every Rust program carries, as legacy and v0 mangling spell them, and libstdc++'s
 * namespaces. */
static const char *const MANGLED_STANDARD[] = {
    "_ZN4core",
    "_ZN5alloc",
    "_ZN3std",
    "_ZN9addr2line",
    "_ZN5gimli",
    "_ZN9hashbrown",
    "_ZN14rustc_demangle",
    "_ZN17compiler_builtins",
    "_ZNSt",
    "_ZSt",
    "_ZNKSt",
    "_ZN9__gnu_cxx",
    "_ZN10__cxxabiv1",
};

static bool is_go_standard(const char *name) {
    size_t n = strcspn(name, "/.:(");
    for (size_t i = 0; i < sizeof GO_STANDARD / sizeof *GO_STANDARD; i++)
        if (strlen(GO_STANDARD[i]) == n && memcmp(GO_STANDARD[i], name, n) == 0)
            return true;
    return false;
}

uint64_t runtime_key(const FunctionFeature *f) { return f->pic.high >> 16; }

/* Keys are 48 bits of a hash: they are spread so evenly that one stands within NEAR of where it
 * would be expected (with 46,485 keys the standard deviation is at most 108 places). */
static bool is_in(const uint64_t *table, size_t count, uint64_t key) {
    enum { NEAR = 512 };
    size_t low = 0, high = count, guess = (size_t)((key >> 16) * count >> 32);
    if (guess > NEAR && table[guess - NEAR] <= key)
        low = guess - NEAR;
    if (guess + NEAR < count && table[guess + NEAR] >= key)
        high = guess + NEAR + 1;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (table[mid] < key)
            low = mid + 1;
        else
            high = mid;
    }
    return low < count && table[low] == key;
}

bool string_is_runtime(uint64_t token) {
    return is_in(RUNTIME_STRINGS, sizeof RUNTIME_STRINGS / sizeof *RUNTIME_STRINGS, token >> 16);
}

bool function_is_runtime(const FunctionFeature *f, bool is_go) {
    uint64_t key = runtime_key(f);
    if (key && is_in(RUNTIME_KEYS, sizeof RUNTIME_KEYS / sizeof *RUNTIME_KEYS, key))
        return true;
    if (!f->name)
        return false;
    if (is_go)
        return is_go_standard(f->name);
    for (size_t i = 0; i < sizeof MANGLED_STANDARD / sizeof *MANGLED_STANDARD; i++)
        if (strncmp(f->name, MANGLED_STANDARD[i], strlen(MANGLED_STANDARD[i])) == 0)
            return true;
    return false;
}

/* Of the AMID functions that can be told on either side, MOST_OF_AMID are run-time functions: 98 %
 * of a static glibc program's are in the table, and of the few that the program's link changes in
 * ways that the exact hash does not see through most stand amid them; a program's own functions
 * stand before its libraries, where nothing like that precedes them (guess, of bench/runtime.py's
 * programs). */
enum { AMID = 32, MOST_OF_AMID = 20 };

/* One sample's functions, with room for what is worked out about them. */
typedef struct Spread {
    const Outline *outline;
    size_t count;
    bool *is_own;   /* whether it is told by itself, then by its neighbours as well */
    bool *is_told;  /* whether it can be told */
    uint32_t *told; /* functions that can be, by address */
    uint32_t *sums; /* run-time functions before each of them */
} Spread;

static Spread spread_new(size_t n, Arena *a) {
    return (Spread){.count = n,
                    .is_own = ARENA_ARRAY(a, bool, n + 1),
                    .is_told = ARENA_ARRAY(a, bool, n + 1),
                    .told = ARENA_ARRAY(a, uint32_t, n + 1),
                    .sums = ARENA_ARRAY(a, uint32_t, n + 1)};
}

static void spread(const Spread *s) {
    size_t count = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        if (!s->is_told[i])
            continue;
        s->sums[count + 1] = s->sums[count] + s->is_own[i];
        s->told[count++] = i;
    }
    for (size_t k = AMID; k + AMID < count; k++)
        s->is_own[s->told[k]] |= s->sums[k] - s->sums[k - AMID] >= MOST_OF_AMID &&
                                 s->sums[k + 1 + AMID] - s->sums[k + 1] >= MOST_OF_AMID;
}

bool *runtime_functions(const Features *f, Arena *a) {
    Spread s = spread_new(f->functions.count, a);
    bool is_go = features_are_go(f);
    for (size_t i = 0; i < s.count; i++) {
        s.is_own[i] = function_is_runtime(&f->functions.at[i], is_go);
        s.is_told[i] = function_is_telling(&f->functions.at[i]);
    }
    spread(&s);
    return s.is_own;
}

static void spread_outline(void *ctx, size_t i) {
    const Spread *s = (const Spread *)ctx + i;
    const Outline *o = s->outline;
    for (size_t k = 0; k < s->count; k++) {
        FunctionFeature f = {.pic = o->pic[k], .name = o->name[k] ? o->names + o->name[k] : NULL};
        s->is_own[k] = function_is_runtime(&f, o->is_go);
        s->is_told[k] = outline_is_telling(o, k);
    }
    spread(s);
}

void runtime_functions_of(const Outline *const *outlines, size_t count, bool **out, Arena *a) {
    Spread *all = ARENA_ARRAY(a, Spread, count + 1);
    for (size_t i = 0; i < count; i++) {
        all[i] = spread_new(outlines[i]->counts[OUTLINE_FUNCTIONS], a);
        all[i].outline = outlines[i];
        out[i] = all[i].is_own;
    }
    parallel_run(count, spread_outline, all);
}
