/* SPDX-License-Identifier: Apache-2.0
 * api_names.h: names that Windows libraries export, from data/api_names.txt (made by
 * tools/api_names.py), which is part of the program. In: nothing. Out: modules in the file's order,
 * names of a module sorted by bytes. Owner: the arena. Threads: read-only once made. */
#ifndef COG_EMULATE_API_NAMES_H
#define COG_EMULATE_API_NAMES_H

#include "base/bytes.h"
#include "base/table.h"

typedef struct ApiName {
    const char *at; /* with a NUL */
    uint8_t size;
    uint8_t pops; /* bytes of arguments that the 32-bit function takes off the stack */
    bool has_pops;
} ApiName;

typedef struct ApiModule {
    const char *name; /* with a NUL: "kernel32.dll" */
    uint32_t first, count;
} ApiModule;

enum { MAX_API_MODULES = 64 };
typedef struct ApiNames {
    ApiModule modules[MAX_API_MODULES];
    size_t module_count;
    VEC(ApiName) names;
} ApiNames;

const ApiNames *api_names_new(Arena *a);
#define NO_API SIZE_MAX
/* Index of the name in the module, or NO_API. */
size_t api_names_find(const ApiNames *api, const ApiModule *module, Bytes name);
/* The same in any module, the first that has it; *module (may be NULL) is its index. */
size_t api_names_find_any(const ApiNames *api, Bytes name, size_t *module);
/* Module by file name, in any case, ".dll" may be missing, a directory before it is ignored;
 * NO_API when it is not listed. */
size_t api_names_find_module(const ApiNames *api, Bytes name);

#endif
