/* SPDX-License-Identifier: Apache-2.0
 * apihash.c: from calls of resolvers to records. */
#include "unwrap/apihash.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

static Bytes bytes_of(const char *text) { return (Bytes){(const uint8_t *)text, strlen(text)}; }

static bool agrees(const ApiHash *hash, uint64_t initial, const ApiPair *pairs, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (api_hash_value(hash, initial, bytes_of(pairs[i].name)) != pairs[i].hash)
            return false;
    return true;
}

const ApiHash *api_hash_find(const ApiPair *pairs, size_t count, uint64_t *initial) {
    if (count == 0)
        return NULL;
    for (size_t i = 0; i < API_HASH_COUNT; i++)
        if (agrees(&API_HASHES[i], API_HASHES[i].initial, pairs, count)) {
            *initial = API_HASHES[i].initial;
            return &API_HASHES[i];
        }
    for (size_t i = 0; i < API_HASH_COUNT && count >= API_HASH_PROOF; i++)
        if (api_hash_initial(&API_HASHES[i], pairs[0].hash, bytes_of(pairs[0].name), initial) &&
            agrees(&API_HASHES[i], *initial, pairs, count))
            return &API_HASHES[i];
    return NULL;
}

/* ---- Records ---- */

static int compare_calls(const void *a, const void *b) {
    const ResolvedCall *x = a, *y = b;
    if (x->resolver_va != y->resolver_va)
        return x->resolver_va < y->resolver_va ? -1 : 1;
    int order = strcmp(x->name, y->name);
    return order ? order : x->site_va < y->site_va ? -1 : x->site_va > y->site_va;
}

/* Calls of one resolver by name: one for each name. */
static size_t distinct(const ResolvedCall *calls, size_t count, ApiPair *pairs, unsigned arg) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (n && strcmp(pairs[n - 1].name, calls[i].name) == 0)
            continue;
        pairs[n++] = (ApiPair){calls[i].args[arg], calls[i].module, calls[i].name};
    }
    return n;
}

/* All are addresses of the image: of names, or of what is known about them. Nothing is hashed. */
static bool are_addresses(const Image *image, const ApiPair *pairs, size_t count) {
    size_t n = 0;
    while (n < count && image_find_segment(image, pairs[n].hash))
        n++;
    return n == count;
}

static int compare_words(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Different values of the argument, none of them small. */
static size_t variety(Arena *a, const ApiPair *pairs, size_t count) {
    enum { LEAST_HASH = 0x1000 };
    uint64_t *values = ARENA_ARRAY(a, uint64_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (pairs[i].hash < LEAST_HASH)
            return 0;
        values[i] = pairs[i].hash;
    }
    qsort(values, count, sizeof *values, compare_words);
    size_t n = count > 0;
    for (size_t i = 1; i < count; i++)
        n += values[i] != values[i - 1];
    return n;
}

static void add_parameter(Arena *a, RoutineParameterVec *parameters, Routine *r,
                          RoutineParameter parameter) {
    RoutineParameter *added = VEC_ADD(a, parameters);
    if (!added)
        return;
    *added = parameter;
    r->parameter_count++;
}

static void describe(Arena *a, Routine *r, const ApiHash *hash, uint64_t initial,
                     RoutineParameterVec *parameters) {
    if (!hash)
        return;
    bool is_public = hash->initial == initial;
    r->algorithm = hash->name;
    r->flags = is_public ? ROUTINE_PUBLIC : 0;
    r->structure = hash128(bytes_of(hash->name));
    r->fingerprint = r->structure;
    add_parameter(a, parameters, r,
                  (RoutineParameter){
                      .name = "initial", .kind = PARAMETER_WORD, .number = initial, .text = ""});
}

typedef struct Records {
    RoutineVec *routines;
    RoutineParameterVec *parameters;
    ResolvedNameVec *resolved;
} Records;

static void add_routine(Arena *a, const ApiPair *pairs, size_t count, const ResolvedCall *call,
                        const Records *to) {
    RoutineParameterVec *parameters = to->parameters;
    ResolvedNameVec *resolved = to->resolved;
    uint64_t initial = 0;
    const ApiHash *hash = api_hash_find(pairs, count, &initial);
    Routine *r = VEC_ADD(a, to->routines);
    if (!r)
        return;
    *r = (Routine){.va = call->resolver_va,
                   .size = call->resolver_size,
                   .kind = ROUTINE_API_HASH,
                   .first_parameter = (uint32_t)parameters->count,
                   .first_resolved = (uint32_t)resolved->count,
                   .confidence = 99};
    describe(a, r, hash, initial, parameters);
    for (size_t i = 0; i < count; i++) {
        ResolvedName *name = VEC_ADD(a, resolved);
        if (!name)
            return;
        *name = (ResolvedName){pairs[i].hash, pairs[i].module, pairs[i].name};
        r->resolved_count++;
    }
}

/* The argument in which every name has its own number; of several the one that some algorithm
 * explains. */
static void add_best(Arena *a, const Image *image, const ResolvedCall *calls, size_t count,
                     ApiPair *pairs, const Records *to) {
    unsigned best = RESOLVED_ARGS;
    for (unsigned arg = 0; arg < RESOLVED_ARGS; arg++) {
        size_t n = distinct(calls, count, pairs, arg);
        uint64_t initial = 0;
        if (n < API_HASH_PROOF || variety(a, pairs, n) != n || are_addresses(image, pairs, n))
            continue;
        bool is_known = api_hash_find(pairs, n, &initial) != NULL;
        if (best == RESOLVED_ARGS || is_known)
            best = arg;
        if (is_known)
            break;
    }
    if (best < RESOLVED_ARGS)
        add_routine(a, pairs, distinct(calls, count, pairs, best), calls, to);
}

void api_hashes_from_calls(Arena *a, const Image *image, const HiddenTexts *found,
                           RoutineVec *routines, RoutineParameterVec *parameters,
                           ResolvedNameVec *resolved) {
    Records to = {routines, parameters, resolved};
    size_t count = found->calls.count;
    if (count < API_HASH_PROOF)
        return;
    ResolvedCall *calls = ARENA_ARRAY(a, ResolvedCall, count);
    memcpy(calls, found->calls.at, count * sizeof *calls);
    qsort(calls, count, sizeof *calls, compare_calls);
    ApiPair *pairs = ARENA_ARRAY(a, ApiPair, count);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && calls[end].resolver_va == calls[i].resolver_va; end++)
            ;
        add_best(a, image, &calls[i], end - i, pairs, &to);
    }
}
