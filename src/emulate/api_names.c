/* SPDX-License-Identifier: Apache-2.0
 * api_names.c: the list as text in the program's read-only data, and its index. */
#include "emulate/api_names.h"

#include <string.h>

#include "base/check.h"

/* The file as it is: no copy of it in another form has to be kept up to date. */
__asm__(".pushsection .rodata\n"
        ".hidden api_names_text\n.hidden api_names_text_end\n"
        ".global api_names_text\n.global api_names_text_end\n"
        "api_names_text:\n.incbin \"" COG_API_NAMES "\"\n"
        "api_names_text_end:\n"
        ".byte 0\n.popsection\n");
extern const char api_names_text[], api_names_text_end[];

static void add_module(ApiNames *api, Arena *a, Bytes line) {
    CHECK(api->module_count < MAX_API_MODULES && line.size > 2);
    ApiModule *module = &api->modules[api->module_count++];
    module->name = arena_text(a, (Bytes){line.at + 1, line.size - 2});
    module->first = (uint32_t)api->names.count;
}

static void add_name(ApiNames *api, Arena *a, char *line, size_t line_size) {
    CHECK(api->module_count > 0);
    char *space = memchr(line, ' ', line_size);
    ApiName *name = VEC_ADD(a, &api->names);
    CHECK(name);
    size_t size = space ? (size_t)(space - line) : line_size;
    CHECK(size <= UINT8_MAX);
    name->at = line;
    name->size = (uint8_t)size;
    for (size_t i = size + 1; i < line_size; i++) {
        name->has_pops = true;
        name->pops = (uint8_t)(name->pops * 10 + (line[i] - '0'));
    }
    line[size] = 0;
    api->modules[api->module_count - 1].count++;
}

const ApiNames *api_names_new(Arena *a) {
    ApiNames *api = ARENA_NEW(a, ApiNames);
    api->names.max = UINT32_MAX;
    size_t size = (size_t)(api_names_text_end - api_names_text);
    char *text = arena_text(a, (Bytes){(const uint8_t *)api_names_text, size});
    for (char *at = text, *end = text + size; at < end;) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t n = stop ? (size_t)(stop - at) : (size_t)(end - at);
        if (n && at[0] == '[')
            add_module(api, a, (Bytes){(const uint8_t *)at, n});
        else if (n && at[0] != '#')
            add_name(api, a, at, n);
        at += n + 1;
    }
    return api;
}

static int compare_name(const ApiName *name, Bytes other) {
    size_t n = name->size < other.size ? name->size : other.size;
    int order = memcmp(name->at, other.at, n);
    return order ? order : (name->size > other.size) - (name->size < other.size);
}

size_t api_names_find(const ApiNames *api, const ApiModule *module, Bytes name) {
    size_t low = module->first, high = low + module->count;
    while (low < high && name.size) {
        size_t middle = low + (high - low) / 2;
        int order = compare_name(&api->names.at[middle], name);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NO_API;
}

size_t api_names_find_any(const ApiNames *api, Bytes name, size_t *module) {
    for (size_t i = 0; i < api->module_count; i++) {
        size_t found = api_names_find(api, &api->modules[i], name);
        if (found == NO_API)
            continue;
        if (module)
            *module = i;
        return found;
    }
    return NO_API;
}

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c; }

static bool is_module(const char *module, Bytes name) {
    size_t size = strlen(module);
    if (name.size != size && name.size + 4 != size)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (lower(name.at[i]) != (uint8_t)module[i])
            return false;
    return true;
}

size_t api_names_find_module(const ApiNames *api, Bytes name) {
    for (size_t i = name.size; i > 0; i--)
        if (name.at[i - 1] == '\\' || name.at[i - 1] == '/') {
            name = (Bytes){name.at + i, name.size - i};
            break;
        }
    for (size_t i = 0; i < api->module_count; i++)
        if (is_module(api->modules[i].name, name))
            return i;
    return NO_API;
}
