/* SPDX-License-Identifier: Apache-2.0
 * verdict.h: from what is shared to what may be said: ranked hypotheses with calibrated
 * probabilities, evidence down to addresses, and always the alternatives (unknown, shared or public
 * code, false flag). Holds only what it can point at. */
#ifndef COG_JUDGE_VERDICT_H
#define COG_JUDGE_VERDICT_H

#include "match/match.h"

typedef enum Decision {
    DECISION_ATTRIBUTED,
    DECISION_LINEAGE,
    DECISION_UNKNOWN,
    DECISION_INSUFFICIENT
} Decision;
const char *decision_name(Decision d);

typedef enum HypothesisKind {
    HYPOTHESIS_FAMILY,
    HYPOTHESIS_CAMPAIGN,
    HYPOTHESIS_ACTOR,
    HYPOTHESIS_UNKNOWN,
    HYPOTHESIS_PUBLIC_CODE,
    HYPOTHESIS_SHARED_SUPPLIER,
    HYPOTHESIS_FALSE_FLAG
} HypothesisKind;
const char *hypothesis_kind_name(HypothesisKind kind);

typedef struct Hypothesis {
    HypothesisKind kind;
    const char *name;   /* family, campaign or actor as labelled; NULL for the alternatives */
    const char *source; /* of the label */
    double probability; /* calibrated where a table exists (docs/evidence/calibration.md) */
    const char *words;  /* ICD 203 likelihood words */
    double log10_lr;
} Hypothesis;

typedef enum EvidenceClass {
    EVIDENCE_CODE,
    EVIDENCE_ROUTINE,
    EVIDENCE_SECRET,
    EVIDENCE_API_HASH,
    EVIDENCE_OBFUSCATION,
    EVIDENCE_INDICATOR,
    EVIDENCE_STRING,
    EVIDENCE_METADATA,
    EVIDENCE_KNOWLEDGE
} EvidenceClass;
const char *evidence_class_name(EvidenceClass c);

typedef struct Place {
    uint8_t sha256[32];
    uint64_t va; /* UINT64_MAX: not mapped (headers, whole file) */
    uint64_t size;
} Place;

typedef struct Evidence {
    uint32_t id; /* 1.. within the verdict */
    EvidenceClass evidence_class;
    const char *statement; /* one sentence */
    Place here, there;
    uint32_t rarity_count, rarity_corpus; /* samples that have it, of how many */
    const char *forgeability;             /* "easy" "medium" "hard" */
    const char *group; /* items of one group have a common cause and count once */
    double log10_lr;
    const char *source, *first_public; /* may be NULL */
    bool is_against;
} Evidence;

typedef VEC(const char *) LineVec;

/* What the probability was computed from, so that a reader can check it (docs/evidence/verdict.md).
 */
typedef struct Measures {
    double code_weight;     /* of functions shared with the first family, by size and rarity */
    double code_share;      /* of the sample's own distinctive code, 0..1 */
    double reverse_share;   /* of the reference's code, 0..1 */
    double likelihood;      /* mean log-likelihood ratio of a function of its own (evidence.h) */
    double token_weight;    /* of rare strings and traits shared */
    double token_share;     /* of the sample's rare strings and traits, 0..1 */
    double token_reverse;   /* of the reference's rare strings, 0..1 */
    double token_total;     /* what those weigh in all */
    double margin;          /* code_share less that of the second family */
    double score;           /* of the first family: what its measures add up to (calibrate.h) */
    double lead;            /* score less that of the second family */
    double rivals;          /* of the other families: sum of exp(score less the first one's) */
    double own_weight;      /* what the sample's distinctive code weighs in all */
    uint32_t own_functions; /* of the sample: neither small nor public */
    uint32_t exact, similar, distinctive; /* function pairs with the best reference */
} Measures;

typedef struct Verdict {
    uint8_t sha256[32];
    const char *name;
    Decision decision;
    VEC(Hypothesis) hypotheses;   /* best first */
    const char *confidence_level; /* "low" "moderate" "high" */
    LineVec confidence_reasons;
    VEC(Evidence) evidence; /* for and against */
    LineVec contradictions;
    double coverage_recovered; /* share of executable bytes recovered as code, 0..1 */
    double coverage_library;   /* share of recovered bytes that is library, goodware or common */
    double coverage_compared;  /* share of recovered bytes that was distinctive and compared */
    uint64_t code_bytes;
    uint32_t store_samples, store_families;
    Measures measures;
    uint8_t best_sha256[32]; /* the reference sample that is nearest; all zero: none */
    const char *best_name;
    bool robust; /* the decision survives the loss of any one evidence item, and of any one
                    reference sample */
    bool was_cut;
    LineVec limits; /* limits that were hit, in words */
} Verdict;

Verdict *verdict_from_match(const Features *query, const MatchReport *report, const Snapshot *snap,
                            Arena *a);

/* ICD 203: "almost certainly" .95-.99, "very likely" .80-.95, "likely" .55-.80, "roughly even
 * chance" .45-.55, "unlikely" .20-.45, "very unlikely" .05-.20, "almost no chance" .01-.05. */
const char *likelihood_words(double probability);

#endif
