/* SPDX-License-Identifier: Apache-2.0 */
#include "match/runtime.h"

#include <string.h>

#include "code/code.h"
#include "match/runtime_table.h"

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

uint64_t runtime_key(const FunctionFeature *f) { return f->pic.high >> 16; }

static bool is_in_table(uint64_t key) {
    size_t low = 0, high = sizeof RUNTIME_KEYS / sizeof *RUNTIME_KEYS;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (RUNTIME_KEYS[mid] < key)
            low = mid + 1;
        else
            high = mid;
    }
    return low < sizeof RUNTIME_KEYS / sizeof *RUNTIME_KEYS && RUNTIME_KEYS[low] == key;
}

bool function_is_runtime(const FunctionFeature *f, bool is_go) {
    uint64_t key = runtime_key(f);
    if (key && is_in_table(key))
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
