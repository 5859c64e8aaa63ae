/* SPDX-License-Identifier: Apache-2.0
 * report.h: results as JSON Lines records of the contract (docs/formats/records.md) or as readable
 * text. Writes into a Text; prints nothing. Byte-identical for identical input. Untrusted text is
 * escaped: JSON always valid UTF-8, terminal text without control characters. */
#ifndef COG_REPORT_REPORT_H
#define COG_REPORT_REPORT_H

#include "judge/verdict.h"
#include "match/effect_align.h"

enum {
    PART_IMAGE = 1,
    PART_FUNCTIONS = 2,
    PART_STRINGS = 4,
    PART_TRAITS = 8,
    PART_INDICATORS = 16,
    PART_ROUTINES = 32,
    PART_ALL = 63
};

typedef struct TextStyle {
    bool colour;
    unsigned columns; /* 0 = 100 */
    bool has_details; /* verdict: with the matrix of hypotheses against evidence */
} TextStyle;

/* Whose features: where the sample was found (a member as "archive.zip!member"), what it is. */
typedef struct Subject {
    const char *path;
    const Features *features;
} Subject;

/* What was asked of a store, and which of its functions were found near. */
typedef struct NearReport {
    const Features *query;
    uint32_t function;
    const NearFunctionVec *near;
    const Snapshot *snap;
    FeatureCache *cache;
} NearReport;

/* Two paired functions and what they do. */
typedef struct SideBySide {
    Subject a, b;
    const FunctionPair *pair;
    const EffectRowVec *rows;
    bool is_cut;
} SideBySide;

void json_write_features(Subject subject, unsigned parts, Text *out);
/* sha256: hex or NULL. */
void json_write_failure(const char *path, const char *sha256, const char *stage, const char *reason,
                        Text *out);
/* version: of the program. */
void json_write_verdict(const Verdict *v, const char *path, const char *version, Text *out);
/* The pairs, then `shared` records for the strings, traits and indicators that both have. */
void json_write_pairs(const Features *a, const Features *b, const FunctionPairVec *pairs,
                      Text *out);
/* One `pair` record with `effects`. */
void json_write_side_by_side(const SideBySide *s, Text *out);
Status json_write_near(const NearReport *r, Text *out, Error *err);
void json_write_stat(const StoreStat *stat, Text *out);
void json_write_problem(const char *text, Text *out);
void json_write_learned(Subject subject, const char *change, Text *out);

/* With PART_IMAGE, or more than one part, a summary of all parts; one other part: its full list. */
void text_write_features(Subject subject, unsigned parts, TextStyle style, Text *out);
void text_write_failure(const char *path, const char *stage, const char *reason, TextStyle style,
                        Text *out);
void text_write_verdict(const Verdict *v, const char *path, TextStyle style, Text *out);
void text_write_pairs(Subject a, Subject b, const FunctionPairVec *pairs, TextStyle style,
                      Text *out);
void text_write_side_by_side(const SideBySide *s, TextStyle style, Text *out);
Status text_write_near(const NearReport *r, TextStyle style, Text *out, Error *err);
void text_write_stat(const StoreStat *stat, TextStyle style, Text *out);
void text_write_problem(const char *text, Text *out);
void text_write_learned(Subject subject, const char *change, TextStyle style, Text *out);

#endif
