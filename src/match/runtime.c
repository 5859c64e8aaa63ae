/* SPDX-License-Identifier: Apache-2.0 */
#include "match/runtime.h"

#include <string.h>

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

/* is_own: by function, whether it is told by itself; in place. is_told: whether it can be told. */
static void spread(bool *is_own, const bool *is_told, size_t n, Arena *a) {
    uint32_t *told = ARENA_ARRAY(a, uint32_t, n + 1); /* functions that can be told, by address */
    uint32_t *sums = ARENA_ARRAY(a, uint32_t, n + 1); /* run-time functions before each of them */
    size_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_told[i])
            continue;
        sums[count + 1] = sums[count] + is_own[i];
        told[count++] = i;
    }
    for (size_t k = AMID; k + AMID < count; k++)
        is_own[told[k]] |= sums[k] - sums[k - AMID] >= MOST_OF_AMID &&
                           sums[k + 1 + AMID] - sums[k + 1] >= MOST_OF_AMID;
}

bool *runtime_functions(const Features *f, Arena *a) {
    size_t n = f->functions.count;
    bool is_go = features_are_go(f);
    bool *out = ARENA_ARRAY(a, bool, n + 1), *is_told = ARENA_ARRAY(a, bool, n + 1);
    for (size_t i = 0; i < n; i++) {
        out[i] = function_is_runtime(&f->functions.at[i], is_go);
        is_told[i] = function_is_telling(&f->functions.at[i]);
    }
    spread(out, is_told, n, a);
    return out;
}

bool *runtime_functions_of(const Outline *o, Arena *a) {
    size_t n = o->counts[OUTLINE_FUNCTIONS];
    bool *out = ARENA_ARRAY(a, bool, n + 1), *is_told = ARENA_ARRAY(a, bool, n + 1);
    for (size_t i = 0; i < n; i++) {
        FunctionFeature f = {.pic = o->pic[i], .name = o->name[i] ? o->names + o->name[i] : NULL};
        out[i] = function_is_runtime(&f, o->is_go);
        is_told[i] = outline_is_telling(o, i);
    }
    spread(out, is_told, n, a);
    return out;
}
