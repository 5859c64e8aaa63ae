/* SPDX-License-Identifier: Apache-2.0
 * match.h: what a sample shares with the reference samples, down to function pairs.
 * Two stages: votes of the index pick a short list of samples; each of these is aligned exactly,
 * one function to one. In: query Features, a Snapshot. Out: plain data in the arena. Nothing here
 * says what it means: that is judge's work. */
#ifndef COG_MATCH_MATCH_H
#define COG_MATCH_MATCH_H

#include "match/context.h"
#include "store/store.h"

typedef enum PairReason { PAIR_EXACT, PAIR_GENES, PAIR_CALLS } PairReason;
const char *pair_reason_name(PairReason reason); /* "exact" "genes" "calls" */

typedef struct FunctionPair {
    uint32_t a, b; /* function indices: query, reference */
    float score;   /* 0..1: weighted Jaccard of genes; 1 for exact */
    PairReason reason;
} FunctionPair;
typedef VEC(FunctionPair) FunctionPairVec;
/* 0..1: how far a pair's score is above what random pairs reach. */
float pair_strength(const FunctionPair *p);

/* What a function of the query is, judged by who else has it. */
typedef enum FunctionClass {
    CLASS_UNKNOWN,  /* nobody in the store has it */
    CLASS_SMALL,    /* too small to mean anything */
    CLASS_LIBRARY,  /* in a sample learned as library, or a language's runtime by its name */
    CLASS_GOODWARE, /* in a sample learned as goodware */
    CLASS_COMMON,   /* in several unrelated families */
    CLASS_FAMILY    /* in one family (or very few) */
} FunctionClass;

typedef struct FunctionInfo {
    FunctionClass function_class;
    uint32_t families;       /* distinct families whose samples have it */
    uint32_t samples;        /* distinct reference samples */
    uint32_t library_sample; /* a sample that makes it LIBRARY or GOODWARE; 0 by name */
    float weight;            /* what one match of it says: 0 for common code */
} FunctionInfo;

/* What a text that both have says of the query. Idle: the reference's code mentions it and this
 * code, which mentions others, does not; it may have been put here. Untold: where the reference's
 * code does not mention it either, where no text of the query is mentioned, and what is made at run
 * time. */
typedef enum StringUse { STRING_USE_UNTOLD, STRING_LIVE, STRING_IDLE } StringUse;

typedef struct SharedToken {
    uint32_t index;     /* in query's strings or traits */
    uint32_t ref_index; /* in the reference's strings or traits */
    bool is_trait;
    uint8_t of_routine; /* 1: what a routine computes, 2: a secret of one; then the indices are in
                           routine_tokens of the query and of the reference */
    StringUse use;
    uint32_t samples, families; /* that have it */
    float weight;
} SharedToken;

/* Reference features, each read once. Lives in one arena, as long as the snapshot. */
typedef struct FeatureCache FeatureCache;
FeatureCache *feature_cache_new(Arena *a, const Snapshot *snap);
Status feature_cache_find(FeatureCache *cache, uint32_t sample, Features **out, Error *err);
/* The first failure of match_features. */
Status feature_cache_status(const FeatureCache *cache, Error *err);
/* The same with what context_likeness needs. scratch: another arena, given back. */
Status feature_cache_context(FeatureCache *cache, uint32_t sample, Arena *scratch,
                             ContextSide **out, Error *err);

typedef struct SampleMatch {
    uint32_t sample;        /* StoredSample id */
    const Outline *outline; /* of the reference; match_features gives the rest */
    FeatureCache *cache;
    FunctionPairVec pairs; /* one to one, by a */
    VEC(SharedToken) tokens;
    double code_weight;   /* sum of weight * score over pairs */
    double code_share;    /* of the query's distinctive code weight, 0..1 */
    double reverse_share; /* of the reference's, 0..1 */
    double token_weight;
    double token_share;   /* of the query's rare strings and traits, 0..1 */
    double likelihood;    /* log-likelihood ratio of one lineage against none, per function of the
                             query that is not public (evidence.h) */
    double token_reverse; /* of the reference's rare strings, 0..1; from a sample of them */
    /* The same if whatever can be put into a file counted in full: what a rival may have. */
    double token_weight_all, token_share_all, token_reverse_all;
    uint32_t distinctive_pairs;          /* pairs of functions that only this family has */
    uint32_t exact_pairs, similar_pairs; /* of functions that are neither small nor public */
} SampleMatch;

/* What the reference's outline does not have is read when it is first asked for, without genes.
 * NULL: it cannot be read; feature_cache_status then says why. */
const Features *match_features(const SampleMatch *m);

typedef struct MatchReport {
    FunctionInfo *functions;  /* one per query function */
    VEC(SampleMatch) samples; /* best first */
    FeatureCache *references;
    double weight_total;    /* distinctive weight of the query's own code */
    double token_total;     /* weight of its rare strings and traits */
    uint32_t own_functions; /* that are telling and not public */
    double likelihood_none; /* sum of their log-likelihood ratios if none had a partner */
    uint64_t bytes_compared, bytes_library, bytes_common, bytes_small;
    uint32_t families_in_store, samples_in_store;
    uint32_t public_in_store; /* goodware and library samples */
    bool was_cut;             /* a list limit was hit */
    uint64_t skipped_lists;   /* of very common code in the index */
} MatchReport;

Status match_from_features(const Features *query, const Snapshot *snap, Arena *a, Arena *scratch,
                           MatchReport **out, Error *err);

/* Two samples without a store: pairs of functions with rarity unknown. */
void match_pairs(const Features *a, const Features *b, Arena *arena, Arena *scratch,
                 FunctionPairVec *out);

/* Nearest known functions of one query function, best first; at most `top`, of distinct places. */
typedef struct NearFunction {
    uint32_t sample, function;
    float score;
    bool exact;
} NearFunction;
typedef VEC(NearFunction) NearFunctionVec;
/* Signatures whose functions are scored: on the tuning part the true partner is lost in .021 of the
 * cases with 64, .017 with 128, .016 with 256 (docs/evidence/code.md). */
enum { NEAR_SIGNATURES = 128 };
/* What is asked of all functions of one query. */
typedef struct NearSearch {
    ContextSide *query;
    const Snapshot *snap;
    FeatureCache *cache;
    uint32_t top;
} NearSearch;
/* Uses scratch and gives it back; the cache's arena is another. */
Status match_near(const NearSearch *search, uint32_t function, Arena *a, Arena *scratch,
                  NearFunctionVec *out, Error *err);

#endif
