/* SPDX-License-Identifier: Apache-2.0
 * bench_runtime_table LIST > src/match/runtime_table.h: the exact hashes of functions that belong
 * to nobody (those of run-time libraries, and those that several unrelated packages carry), and the
 * strings of run-time libraries. LIST has a line `group<TAB>file` for each file
 * (tools/runtime_table.sh makes it): group "runtime" for programs that are nothing but their
 * run-time library, else the name of the package. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "match/runtime.h"
#include "match/token.h"
#include "read_file.h"

enum {
    MAX_ENTRIES = 65536, /* 512 KB in the program; those of most packages first */
    MAX_FOUND = 1 << 23
};

typedef struct Found {
    uint64_t key;
    uint32_t group;
} Found;

typedef struct Count {
    uint64_t key;
    bool is_whole; /* of a run-time library */
    uint32_t groups;
} Count;

typedef struct Collection {
    Found *at;
    size_t count;
    uint64_t *strings; /* of group 0 */
    size_t string_count;
    uint32_t group;
} Collection;

static bool is_own(const char *name) {
    return name && (strcmp(name, "main") == 0 || strncmp(name, "main.", 5) == 0 ||
                    strstr(name, "own_") || strstr(name, "4main"));
}

static bool collect(void *ctx, const EngineResult *result) {
    Collection *c = ctx;
    const Features *f = result->features;
    for (size_t i = 0; f && i < f->functions.count && c->count < MAX_FOUND; i++) {
        const FunctionFeature *fn = &f->functions.at[i];
        uint64_t key = runtime_key(fn);
        if (key && function_is_telling(fn) && !(c->group == 0 && is_own(fn->name)))
            c->at[c->count++] = (Found){key, c->group};
    }
    for (size_t i = 0; f && c->group == 0 && i < f->strings.count; i++) {
        const StringFeature *s = &f->strings.at[i];
        if (s->length >= MIN_STRING && c->string_count < MAX_FOUND)
            c->strings[c->string_count++] = token_from_string(s->text, s->length) >> 16;
    }
    return true;
}

static bool analyse(const char *path, Collection *c) {
    Text bytes = text_new((size_t)1 << 30);
    if (!read_file(path, &bytes)) {
        text_free(&bytes);
        return false;
    }
    EngineOptions options = {
        .max_bytes = (size_t)1 << 31, .no_archives = true, .no_emulation = true};
    engine_run(&options, path, (Bytes){(const uint8_t *)bytes.at, bytes.size}, collect, c);
    text_free(&bytes);
    return true;
}

/* Number of a group: 0 is "runtime", 1 "libraries". */
static uint32_t group_of(const char *name) {
    static char names[512][64] = {"runtime", "libraries"};
    static uint32_t count = 2;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    if (count == 512)
        exit(1);
    snprintf(names[count], sizeof names[count], "%.63s", name);
    return count++;
}

static int by_key(const void *x, const void *y) {
    const Found *a = x, *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->group > b->group) - (a->group < b->group);
}

static int most_public_first(const void *x, const void *y) {
    const Count *a = x, *b = y;
    if (a->is_whole != b->is_whole)
        return a->is_whole ? -1 : 1;
    if (a->groups != b->groups)
        return a->groups > b->groups ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

static int by_value(const void *x, const void *y) {
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

/* Keys of the run-time libraries, and of COMMON_GROUPS packages. */
static size_t count_keys(Collection *c, Count *out) {
    qsort(c->at, c->count, sizeof *c->at, by_key);
    size_t n = 0, whole = 0;
    for (size_t i = 0; i < c->count;) {
        Count count = {.key = c->at[i].key};
        count.is_whole = c->at[i].group <= 1; /* sorted: the least group first */
        uint32_t last = UINT32_MAX;
        for (; i < c->count && c->at[i].key == count.key; i++) {
            count.groups += c->at[i].group != last;
            last = c->at[i].group;
        }
        whole += count.is_whole;
        if (count.is_whole || count.groups >= COMMON_GROUPS)
            out[n++] = count;
    }
    fprintf(stderr, "%zu of run-time libraries, %zu of several packages\n", whole, n - whole);
    qsort(out, n, sizeof *out, most_public_first);
    return n < MAX_ENTRIES ? n : MAX_ENTRIES;
}

static void print_table(const char *name, const uint64_t *table, size_t n) {
    printf("static const uint64_t %s[%zu] = {", name, n);
    for (size_t i = 0; i < n; i++)
        printf("%s0x%012llx,", i % 6 ? " " : "\n    ", (unsigned long long)table[i]);
    printf("\n};\n\n");
}

int main(int argc, char **argv) {
    Collection c = {.at = calloc(MAX_FOUND, sizeof(Found)),
                    .strings = calloc(MAX_FOUND, sizeof(uint64_t))};
    Count *counts = calloc(MAX_FOUND, sizeof(Count));
    static uint64_t table[MAX_ENTRIES];
    static char line[4096];
    FILE *list = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!list || !c.at || !c.strings || !counts)
        return 1;
    digest_init();
    while (fgets(line, sizeof line, list)) {
        char *path = strchr(line, '\t');
        if (!path)
            return 1;
        *path++ = 0;
        path[strcspn(path, "\n")] = 0;
        c.group = group_of(line);
        if (!analyse(path, &c))
            return 1;
    }
    fclose(list);
    size_t n = count_keys(&c, counts);
    for (size_t i = 0; i < n; i++)
        table[i] = counts[i].key;
    qsort(table, n, sizeof *table, by_value);
    qsort(c.strings, c.string_count, sizeof *c.strings, by_value);
    size_t strings = unique_u64(c.strings, c.string_count);
    fprintf(stderr, "%zu strings\n", strings);
    printf("/* SPDX-License-Identifier: Apache-2.0\n * runtime_table.h: keys (runtime_key) of %zu "
           "functions: of run-time libraries, and of those that\n * %d unrelated packages or more "
           "have; and 48 bits of the tokens of the strings of run-time\n * libraries. Made by "
           "tools/runtime_table.sh; do not edit. */\n#ifndef COG_MATCH_RUNTIME_TABLE_H\n#define "
           "COG_MATCH_RUNTIME_TABLE_H\n\n#include <stdint.h>\n\n",
           n, COMMON_GROUPS);
    print_table("RUNTIME_KEYS", table, n);
    print_table("RUNTIME_STRINGS", c.strings, strings);
    printf("#endif\n");
    free(c.strings);
    free(c.at);
    free(counts);
    return 0;
}
