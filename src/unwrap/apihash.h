/* SPDX-License-Identifier: Apache-2.0
 * apihash.h: which hash stands for which API name. A resolver that ran in the emulated process has
 * said which function a number stands for (hidden.h: ResolvedCall), whatever its algorithm is; the
 * pairs of numbers and names then tell the algorithm: published ones as they are or with another
 * seed. In: calls, and the image: numbers that are its addresses are no hashes. Out: records of
 * routines. Limits: MAX_ROUTINES and its neighbours, at the caller's. Page:
 * docs/evidence/apihash.md.
 */
#ifndef COG_UNWRAP_APIHASH_H
#define COG_UNWRAP_APIHASH_H

#include "base/bytes.h"
#include "unwrap/hidden.h"
#include "unwrap/routine.h"

/* How a character takes part. */
typedef enum ApiFold { FOLD_NONE, FOLD_LOWER, FOLD_UPPER, FOLD_OR_20 } ApiFold;

/* An algorithm: state = initial; for each character the steps; then the last steps; of `width`
 * bits. The language of steps stands at the top of apihash_catalogue.c. */
typedef struct ApiHash {
    const char *name;
    uint8_t width; /* 32, 64 */
    uint8_t fold;  /* ApiFold */
    bool has_zero; /* the zero behind the name takes part */
    uint64_t initial;
    const char *steps, *last;
    /* Not made of steps: computes it all. */
    uint64_t (*whole)(Bytes name, uint64_t initial);
} ApiHash;

extern const ApiHash API_HASHES[];
extern const size_t API_HASH_COUNT;

uint64_t api_hash_value(const ApiHash *hash, uint64_t initial, Bytes name);
/* The initial value that gives this hash; false: the steps cannot be undone. */
bool api_hash_initial(const ApiHash *hash, uint64_t value, Bytes name, uint64_t *initial);

typedef struct ApiPair {
    uint64_t hash;
    const char *module, *name;
} ApiPair;
/* The algorithm that all pairs agree on; *initial: the seed that they have. NULL: none known. */
const ApiHash *api_hash_find(const ApiPair *pairs, size_t count, uint64_t *initial);

/* One routine for each resolver with at least API_HASH_PROOF different names; appended. */
enum { API_HASH_PROOF = 3 };
void api_hashes_from_calls(Arena *a, const Image *image, const HiddenTexts *found,
                           RoutineVec *routines, RoutineParameterVec *parameters,
                           ResolvedNameVec *resolved);

#endif
