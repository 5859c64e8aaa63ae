/* SPDX-License-Identifier: Apache-2.0
 * vote.h: stage one of matching: what the index says about each function and each string, and which
 * samples deserve an exact look. Fills MatchReport.functions and weight_total. Scratch only; the
 * result dies with the caller's reset. */
#ifndef COG_MATCH_VOTE_H
#define COG_MATCH_VOTE_H

#include "match/group.h"

enum {
    /* Samples that are aligned exactly: best by votes, then best by share of their own code (guess;
     * MCRIT's two-stage measurement has recall 1.000 in its first 10, ANCHORS M6). */
    SHORTLIST_BY_VOTES = 8,
    SHORTLIST_BY_SHARE = 3,
    SHORTLIST_PER_GROUP = 3,
    MAX_SHORTLIST = SHORTLIST_BY_VOTES + SHORTLIST_BY_SHARE,
    /* Places read of one signature or token; one with more of them is common anyway. */
    VOTE_OCCURRENCES = 256,
    /* Signatures that vote for one function: versions of one family rarely have more variants of it
     * (guess). */
    VOTE_SIGNATURES = 64,
    MAX_SHARED_TOKENS = 4096
};

/* One string or trait of the query that is looked up. */
typedef enum TokenOfRoutine { TOKEN_OTHER, TOKEN_ROUTINE, TOKEN_SECRET } TokenOfRoutine;

typedef struct TokenRow {
    uint64_t token;
    uint32_t index; /* in the query's strings or traits */
    bool is_trait;
    bool is_bound;      /* to code: a routine, a text that it mentions or that lies among such */
    uint8_t of_routine; /* TOKEN_*; index: in the list of routine_evidence.h */
    uint32_t samples;   /* that have it */
    uint32_t groups;
    bool is_public; /* in a library or goodware sample */
    float weight;
} TokenRow;
typedef VEC(TokenRow) TokenRowVec;

/* A sample of the store, as it is asked for at each of its functions and tokens that the query has.
 */
typedef struct Voter {
    const StoredSample *sample;
    uint64_t group;
    bool is_reference;
    uint32_t counted; /* query function that counted it last, + 1 */
    uint32_t ballot;  /* place in ballots, + 1 */
} Voter;

typedef struct Ballot {
    uint32_t sample, functions;
    uint64_t group;
    double votes;  /* of functions */
    double tokens; /* of strings and traits */
    uint32_t last; /* query function that voted last, + 1: one vote each */
} Ballot;

typedef struct Vote {
    const Features *query;
    const Outline *outline; /* of the query */
    const Snapshot *snap;
    Arena *scratch;
    MatchReport *report;
    Voter *voters;       /* by place in the snapshot */
    const bool *runtime; /* per function: of a run-time library (runtime.h) */
    TokenRowVec tokens;
    Map row_of; /* token -> index in tokens, + 1 */
    VEC(Ballot) ballots;
    uint32_t shortlist[MAX_SHORTLIST];
    size_t shortlist_count;
} Vote;

Status vote_run(Vote *vote, Error *err);
/* NULL: it is not in the snapshot. */
Voter *vote_find(const Vote *vote, uint32_t sample);
Ballot *vote_ballot(Vote *vote, Voter *voter);

/* 0..1: how much a function of this size can say: linear up to 75 instructions, about the 300 bytes
 * of MCRIT's link hunting (ANCHORS 2.1). */
float function_size_weight(const FunctionFeature *f);
float outline_size_weight(const Outline *o, size_t function);
/* Big enough, and neither stub nor thunk: it takes part in scores. */
bool function_is_telling(const FunctionFeature *f);
bool outline_is_telling(const Outline *o, size_t function);

#endif
