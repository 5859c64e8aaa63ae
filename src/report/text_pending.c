/* SPDX-License-Identifier: Apache-2.0
 * text_pending.c: the text views, until they are written: records. */
#include "report/escape.h"
#include "report/report.h"

void text_write_features(Subject subject, unsigned parts, TextStyle style, Text *out) {
    (void)style;
    json_write_features(subject, parts, out);
}
void text_write_failure(const char *path, const char *stage, const char *reason, TextStyle style,
                        Text *out) {
    (void)style;
    escape_terminal(bytes_from_text(path), 0, out);
    text_add(out, ": ");
    escape_terminal(bytes_from_text(stage), 0, out);
    text_add(out, ": ");
    escape_terminal(bytes_from_text(reason), 0, out);
    text_add_char(out, '\n');
}
void text_write_verdict(const Verdict *v, const char *path, TextStyle style, Text *out) {
    (void)style;
    json_write_verdict(v, path, "", out);
}
void text_write_pairs(Subject a, Subject b, const FunctionPairVec *pairs, TextStyle style,
                      Text *out) {
    (void)style;
    json_write_pairs(a.features, b.features, pairs, out);
}
Status text_write_near(const NearReport *r, TextStyle style, Text *out, Error *err) {
    (void)style;
    return json_write_near(r, out, err);
}
void text_write_stat(const StoreStat *stat, TextStyle style, Text *out) {
    (void)style;
    json_write_stat(stat, out);
}
void text_write_problem(const char *text, Text *out) { json_write_problem(text, out); }
void text_write_learned(Subject subject, const char *change, TextStyle style, Text *out) {
    (void)style;
    json_write_learned(subject, change, out);
}
