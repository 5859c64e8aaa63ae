/* SPDX-License-Identifier: Apache-2.0
 * report.h: results as JSON Lines records of the contract (docs/formats/records.md) or as readable
 * text. Writes into a Text; prints nothing. Byte-identical for identical input. Untrusted text is
 * escaped: JSON always valid UTF-8, terminal text without control characters. */
#ifndef COG_REPORT_REPORT_H
#define COG_REPORT_REPORT_H

#include "judge/verdict.h"

enum {
    PART_IMAGE = 1,
    PART_FUNCTIONS = 2,
    PART_STRINGS = 4,
    PART_TRAITS = 8,
    PART_INDICATORS = 16
};

typedef struct TextStyle {
    bool colour;
    unsigned columns; /* 0 = 100 */
} TextStyle;

void json_write_features(const Features *f, unsigned parts, Text *out);
void json_write_failure(const char *path, const char *sha256, const char *stage, const char *reason,
                        Text *out);
void json_write_verdict(const Verdict *v, Text *out); /* the verdict record */
void json_write_pairs(const Features *a, const Features *b, const FunctionPairVec *pairs,
                      Text *out);
void json_write_near(const Features *query, uint32_t function, const NearFunctionVec *near,
                     const Snapshot *snap, Arena *scratch, Text *out);
void json_write_stat(const StoreStat *stat, Text *out);

void text_write_features(const Features *f, unsigned parts, TextStyle style, Text *out);
void text_write_failure(const char *path, const char *stage, const char *reason, TextStyle style,
                        Text *out);
void text_write_verdict(const Verdict *v, TextStyle style, Text *out);
void text_write_pairs(const Features *a, const Features *b, const FunctionPairVec *pairs,
                      TextStyle style, Text *out);
void text_write_near(const Features *query, uint32_t function, const NearFunctionVec *near,
                     const Snapshot *snap, Arena *scratch, TextStyle style, Text *out);
void text_write_stat(const StoreStat *stat, TextStyle style, Text *out);

#endif
