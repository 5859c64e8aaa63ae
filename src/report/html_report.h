/* SPDX-License-Identifier: Apache-2.0
 * html_report.h: a verdict as one page: the answer first, for who has to decide; then evidence down
 * to addresses, functions and routines side by side, links, times, for who has to check it.
 * In: a verdict and what it was made from. Out: an article of html.h. What each part shows:
 * docs/formats/html_report.md. */
#ifndef COG_REPORT_HTML_REPORT_H
#define COG_REPORT_HTML_REPORT_H

#include "judge/link.h"
#include "match/tree.h"
#include "report/report.h"

/* A file at hand, with what its functions do. */
typedef struct HtmlFile {
    const Features *features;
    const EffectLines *effects; /* NULL: not known */
} HtmlFile;

typedef struct HtmlFinding {
    const Verdict *verdict;
    HtmlFile here;
    const char *path;
    const MatchReport *report;
    const Snapshot *snap;
    const HtmlFile *beside; /* files of reference samples, for what their functions do */
    size_t beside_count;
    const LinkReport *links; /* of the names in the verdict; NULL: nothing is known */
    const FamilyTree *tree;  /* of the first family; NULL: too few samples */
    const char *version;     /* of the program */
    Arena *arena;
} HtmlFinding;

/* number: of the article, from 1. */
void html_write_finding(const HtmlFinding *f, unsigned number, Text *out);
/* A row for the table that stands before several articles. */
void html_write_summary_row(const HtmlFinding *f, unsigned number, Text *out);
void html_write_page(const Text *rows, const Text *articles, unsigned count, Text *out);

/* ---- parts of the article, one file each; each with its heading, or nothing ---- */
void html_write_answer(const HtmlFinding *f, Text *out);
void html_write_evidence(const HtmlFinding *f, Text *out);
void html_write_contradictions(const HtmlFinding *f, Text *out);
/* Competing hypotheses, and the evidence by common cause that the rows stand for. */
void html_write_matrix(const HtmlFinding *f, Text *out);
void html_write_functions(const HtmlFinding *f, Text *out);
void html_write_routines(const HtmlFinding *f, Text *out);
void html_write_graph(const HtmlFinding *f, Text *out);
void html_write_times(const HtmlFinding *f, Text *out);
void html_write_tree(const FamilyTree *tree, Text *out);

/* The match with this reference, or NULL. */
const SampleMatch *html_match_with(const HtmlFinding *f, const uint8_t sha256[32]);
const HtmlFile *html_file_with(const HtmlFinding *f, const uint8_t sha256[32]);

#endif
