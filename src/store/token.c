/* SPDX-License-Identifier: Apache-2.0
 * token.c: strings and traits as 64-bit keys of the index. */
#include <string.h>

#include "store/store.h"

/* Names of source files that compilers put into assertions and panics. */
static bool ends_like_source(Bytes text) {
    static const char *const ends[] = {".c",  ".cc",  ".cpp", ".cxx", ".h",   ".hpp",
                                       ".rs", ".pas", ".go",  ".pyx", ".pxd", ".inl"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (text.size > n && memcmp(text.at + text.size - n, ends[i], n) == 0)
            return true;
    }
    return false;
}

static bool is_separator(uint8_t c) { return c == '/' || c == '\\'; }
static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

/* Where in a path component a version begins ("notify-5.0.0", "cobra@v1.2.3"); its size when it has
 * none. */
static size_t name_size(Bytes component) {
    for (size_t i = 1; i + 1 < component.size; i++) {
        uint8_t mark = component.at[i], next = component.at[i + 1];
        if ((mark == '-' && is_digit(next)) ||
            (mark == '@' && (is_digit(next) || (next == 'v' && i + 2 < component.size))))
            return i;
    }
    return component.size;
}

/* A path of a source file says the same wherever it was built and in whatever version of the
 * package: from the last component with a version on, without that version; else the last two
 * components. Separators become '/'. Returns the bytes written; 0: not such a path. */
static size_t path_tail(Bytes text, uint8_t *out, size_t room) {
    size_t starts[2] = {0, 0}, packed = SIZE_MAX, packed_name = 0, separators = 0;
    for (size_t from = 0, i = 0; i <= text.size; i++) {
        if (i < text.size && !is_separator(text.at[i]))
            continue;
        Bytes component = {text.at + from, i - from};
        if (i < text.size && name_size(component) < component.size) {
            packed = from;
            packed_name = name_size(component);
        }
        separators += i < text.size;
        starts[0] = starts[1];
        starts[1] = from;
        from = i + 1;
    }
    if (separators < 2)
        return 0;
    size_t n = 0, from = starts[0];
    if (packed != SIZE_MAX) {
        for (size_t i = 0; i < packed_name && n < room; i++)
            out[n++] = text.at[packed + i];
        for (from = packed; !is_separator(text.at[from]);)
            from++;
    }
    for (; from < text.size && n < room; from++)
        out[n++] = is_separator(text.at[from]) ? '/' : text.at[from];
    return n;
}

uint64_t token_from_string(const char *text, size_t length) {
    Bytes all = {(const uint8_t *)text, length};
    uint8_t tail[512]; /* longer tails of paths are cut: still one and the same for equal paths */
    size_t n = ends_like_source(all) ? path_tail(all, tail, sizeof tail) : 0;
    return hash64(n ? (Bytes){tail, n} : all);
}

/* The name of the kind goes in, not its number: kinds may be reordered, names never change. */
uint64_t token_from_trait(TraitKind kind, const char *value) {
    const char *name = trait_kind_name(kind);
    uint64_t of_kind = hash64((Bytes){(const uint8_t *)name, strlen(name)});
    return mix64(hash64((Bytes){(const uint8_t *)value, strlen(value)}) + mix64(of_kind));
}
