/* SPDX-License-Identifier: Apache-2.0
 * verdict.h: from what is shared to what may be said: ranked hypotheses with calibrated
 * probabilities, evidence down to addresses, and always the alternatives (unknown, shared or public
 * code, false flag). Holds only what it can point at. */
#ifndef COG_JUDGE_VERDICT_H
#define COG_JUDGE_VERDICT_H

#include "match/match.h"
#include "store/know_store.h"

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

/* A name that an item points to: a label of the other sample, or who a report says it stands for.
 */
typedef struct Pointer {
    HypothesisKind kind; /* HYPOTHESIS_FAMILY, _CAMPAIGN or _ACTOR */
    const char *name, *source;
} Pointer;
enum { EVIDENCE_POINTERS = 8 };

typedef struct Evidence {
    uint32_t id; /* 1.. within the verdict */
    EvidenceClass evidence_class;
    const char *statement; /* one sentence */
    const char *value;     /* what is shared, as somebody would list it; NULL: cannot be listed */
    Place here, there;
    uint32_t rarity_count, rarity_corpus; /* samples that have it, of how many */
    const char *forgeability;             /* "easy" "medium" "hard" */
    const char *group; /* items of one group have a common cause and count once */
    double log10_lr;
    const char *source, *first_public; /* may be NULL */
    bool is_against;
    bool is_copyable; /* public before this sample was first seen (or that is not known) */
    Pointer points[EVIDENCE_POINTERS];
    unsigned point_count;
} Evidence;

/* The side of an intrusion that an item is seen from: what was used, what came with the making of
 * it, where it talks to, what somebody reported (after the Diamond model's vertices). Items of one
 * side are not independent of each other. */
typedef enum Vertex {
    VERTEX_CAPABILITY,
    VERTEX_TRACE,
    VERTEX_INFRASTRUCTURE,
    VERTEX_REPORTING
} Vertex;
const char *vertex_name(Vertex vertex);

/* Items with one cause: they count once, as their strongest, at most `cap`. */
typedef struct LedgerRow {
    const char *group;
    Vertex vertex;
    VEC(uint32_t) items; /* ids of evidence */
    double log10_lr, cap;
    const char *forgeability; /* "easy" "medium" "hard": of the item that is hardest to forge */
    VEC(Pointer) supports;
} LedgerRow;
typedef VEC(LedgerRow) LedgerVec;

/* Same code, same operators, named group: three claims, each with its own likelihood. */
typedef enum ClaimKind { CLAIM_LINEAGE, CLAIM_OPERATORS, CLAIM_GROUP, CLAIM_COUNT } ClaimKind;
const char *claim_kind_name(ClaimKind kind);
typedef struct Claim {
    const char *name, *words; /* NULL: nobody */
    double probability;
    const char *statement;
} Claim;

typedef VEC(const char *) LineVec;
/* Adds a sentence (arena_textf); beyond MAX_LINES of them nothing. */
enum { MAX_LINES = 32 };
void line_add(Arena *a, LineVec *lines, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* X(constant, "name-in-records"): docs/evidence/contradictions.md. */
#define CONTRADICTION_KINDS(X)                                                                     \
    X(CONTRADICTION_RICH_CHECKSUM, "rich_checksum")                                                \
    X(CONTRADICTION_RICH_LINKER, "rich_linker")                                                    \
    X(CONTRADICTION_RICH_CODE, "rich_code")                                                        \
    X(CONTRADICTION_TIME_TOOL, "time_tool")                                                        \
    X(CONTRADICTION_TIME_PARTS, "time_parts")                                                      \
    X(CONTRADICTION_TIME_FIRST_SEEN, "time_first_seen")                                            \
    X(CONTRADICTION_TIME_FUTURE, "time_future")                                                    \
    X(CONTRADICTION_BUILD_PATH, "build_path")                                                      \
    X(CONTRADICTION_IDLE_STRINGS, "idle_strings")                                                  \
    X(CONTRADICTION_EASY_ONLY, "easy_only")                                                        \
    X(CONTRADICTION_SPLIT, "split")                                                                \
    X(CONTRADICTION_TRANSPLANT, "transplant")
typedef enum ContradictionKind {
#define X(constant, name) constant,
    CONTRADICTION_KINDS(X)
#undef X
        CONTRADICTION_KIND_COUNT
} ContradictionKind;
const char *contradiction_kind_name(ContradictionKind kind);

/* A place in a file, by address, by offset, or both; UINT64_MAX: has none. */
typedef struct Spot {
    uint8_t sha256[32];
    uint64_t va, off, size;
} Spot;

/* What it is that cannot be as it claims: a hypothesis that rests on it is lowered. */
enum { ABOUT_RICH = 1, ABOUT_TIME = 2, ABOUT_PDB = 4, ABOUT_STRINGS = 8, ABOUT_CODE = 16 };

enum { CONTRADICTION_SPOTS = 4, CONTRADICTION_NAMES = 4 };
typedef struct Contradiction {
    ContradictionKind kind;
    const char *statement; /* one sentence with its places */
    Spot spots[CONTRADICTION_SPOTS];
    const char *lowers[CONTRADICTION_NAMES]; /* families that it speaks against */
    unsigned spot_count, lower_count, about;
    double log10_lr; /* how much more often forged files have it than real ones */
} Contradiction;
typedef VEC(Contradiction) ContradictionVec;

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

/* Analysis of competing hypotheses: is a row consistent with a hypothesis? */
typedef enum MatrixCell { CELL_CC, CELL_C, CELL_N, CELL_I, CELL_II } MatrixCell;
const char *matrix_cell_name(MatrixCell cell);
typedef struct MatrixRow {
    const LedgerRow *group; /* NULL: a contradiction */
    size_t contradiction;   /* its index */
    MatrixCell *cells;      /* one for each hypothesis */
} MatrixRow;
typedef struct Matrix {
    VEC(MatrixRow) rows;
    double *inconsistency; /* of each hypothesis: log10 of what speaks against it, added up */
} Matrix;

typedef struct Verdict {
    uint8_t sha256[32];
    const char *name;
    Decision decision;
    VEC(Hypothesis) hypotheses;   /* best first */
    const char *confidence_level; /* "low" "moderate" "high" */
    LineVec confidence_reasons;
    VEC(Evidence) evidence; /* for and against */
    LineVec contradictions; /* the statements of contradiction_details */
    ContradictionVec contradiction_details;
    Claim claims[CLAIM_COUNT];
    LedgerVec ledger;
    Matrix matrix;
    double coverage_recovered; /* share of executable bytes recovered as code, 0..1 */
    double coverage_library;   /* share of recovered bytes that is library, goodware or common */
    double coverage_compared;  /* share of recovered bytes that was distinctive and compared */
    uint64_t code_bytes;
    uint32_t store_samples, store_families;
    Measures measures;
    uint8_t best_sha256[32]; /* the reference sample that is nearest; all zero: none */
    const char *best_name;
    bool robust;          /* the decision survives the loss of any one evidence item, and of any one
                             reference sample */
    LineVec hangs_on;     /* what the decision does not survive the loss of, in words */
    LineVec would_change; /* what would change it */
    bool was_cut;
    LineVec limits; /* limits that were hit, in words */
} Verdict;

/* Milliseconds since 1970 UTC; 0 = not known. */
typedef struct CaseDates {
    int64_t first_seen; /* the sample existed then */
    int64_t today;      /* of the question */
} CaseDates;

typedef struct VerdictCase {
    const Features *query;
    const MatchReport *report;
    const Snapshot *snap;
    const KnowView *know; /* NULL: nothing is known */
    CaseDates dates;
} VerdictCase;
Status verdict_from_case(const VerdictCase *c, Arena *a, Verdict **out, Error *err);
/* The same without knowledge and dates. */
Verdict *verdict_from_match(const Features *query, const MatchReport *report, const Snapshot *snap,
                            Arena *a);

/* ICD 203: "almost certainly" .95-.99, "very likely" .80-.95, "likely" .55-.80, "roughly even
 * chance" .45-.55, "unlikely" .20-.45, "very unlikely" .05-.20, "almost no chance" .01-.05. */
const char *likelihood_words(double probability);

#endif
