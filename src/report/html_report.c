/* SPDX-License-Identifier: Apache-2.0
 * html_report.c: the page, the frame of an article, and the parts that are lists. */
#include "report/html_report.h"

#include <string.h>

#include "report/html.h"
#include "report/number.h"

const SampleMatch *html_match_with(const HtmlFinding *f, const uint8_t sha256[32]) {
    for (size_t i = 0; i < f->report->samples.count; i++) {
        const StoredSample *there = snapshot_find_sample(f->snap, f->report->samples.at[i].sample);
        if (there && memcmp(there->sha256, sha256, 32) == 0)
            return &f->report->samples.at[i];
    }
    return NULL;
}

const HtmlFile *html_file_with(const HtmlFinding *f, const uint8_t sha256[32]) {
    for (size_t i = 0; i < f->beside_count; i++)
        if (memcmp(f->beside[i].features->sha256, sha256, 32) == 0)
            return &f->beside[i];
    return NULL;
}

static void write_lines(Text *out, const char *title, const char *intro, const LineVec *lines) {
    if (lines->count == 0)
        return;
    html_element(out, "h2", NULL, title);
    if (intro)
        html_element(out, "p", "soft small", intro);
    html_open(out, "ul", NULL);
    for (size_t i = 0; i < lines->count; i++)
        html_element(out, "li", NULL, lines->at[i]);
    html_close(out, "ul");
}

static void add_share(Text *out, double share) {
    text_add_real(out, share * 100, 0, false);
    text_add(out, " %");
}

static void write_coverage(const HtmlFinding *f, Text *out) {
    const Verdict *v = f->verdict;
    double compared = v->coverage_recovered * v->coverage_compared,
           library = v->coverage_recovered * v->coverage_library,
           rest = v->coverage_recovered - compared - library;
    html_element(out, "h2", NULL, "How much was looked at");
    html_bar(out,
             (HtmlBar[]){{compared, "own", "its own code, compared"},
                         {library, "public", "libraries and common code"},
                         {rest, "rest", "recovered, too small or unlike anything"}},
             3);
    html_open(out, "div", "key");
    text_add(out, "<span class=\"own\">its own, compared ");
    add_share(out, compared);
    text_add(out, "</span><span class=\"public\">libraries and common code ");
    add_share(out, library);
    text_add(out, "</span><span class=\"rest\">other recovered code ");
    add_share(out, rest > 0 ? rest : 0);
    text_add(out, "</span><span>not recovered as code ");
    add_share(out, 1 - v->coverage_recovered);
    text_add(out, "</span>");
    html_close(out, "div");
    html_open(out, "p", "soft small");
    text_add(out, "Of ");
    text_add_count(out, v->code_bytes);
    text_add(out, " executable bytes; compared with ");
    text_add_count(out, v->store_samples);
    text_addf(out, " sample%s of ", v->store_samples == 1 ? "" : "s");
    text_add_count(out, v->store_families);
    text_addf(out, " famil%s, ", v->store_families == 1 ? "y" : "ies");
    text_add_count(out, f->report->public_in_store);
    text_add(out, " of them goodware and libraries. What those have as well was subtracted.");
    html_close(out, "p");
}

static void write_limits(const HtmlFinding *f, Text *out) {
    const Verdict *v = f->verdict;
    if (v->limits.count == 0 && !v->was_cut)
        return;
    html_element(out, "h2", NULL, "What was not looked at");
    html_open(out, "ul", NULL);
    for (size_t i = 0; i < v->limits.count; i++)
        html_element(out, "li", NULL, v->limits.at[i]);
    if (v->was_cut)
        html_element(out, "li", NULL, "a list was longer than its limit and was cut");
    html_close(out, "ul");
}

static void write_head(const HtmlFinding *f, Text *out) {
    const Features *here = f->here.features;
    html_element(out, "h1", NULL, f->path);
    html_open(out, "div", "id");
    text_add(out, "SHA-256 ");
    text_add_hex(out, (Bytes){here->sha256, 32});
    text_add(out, " · ");
    text_add_size(out, here->size);
    text_addf(out, " · %s %s", format_name((Format)here->format), arch_name((Arch)here->arch));
    if (here->is_packed)
        html_addf(out, " · packed (%s)", here->packer ? here->packer : "unknown packer");
    html_close(out, "div");
}

static void write_versions(const HtmlFinding *f, Text *out) {
    html_open(out, "footer", NULL);
    html_addf(out, "cognate %s, extractor %u. ", f->version, f->here.features->extractor_version);
    text_add(out, "The same file and the same store give the same page, byte for byte. "
                  "Probabilities are calibrated on families that took no part in tuning; words "
                  "follow ICD 203. Code can show who has code; who used it, and for whom, it "
                  "cannot.");
    html_close(out, "footer");
}

void html_write_finding(const HtmlFinding *f, unsigned number, Text *out) {
    text_addf(out, "<article id=\"s%u\">\n", number);
    write_head(f, out);
    html_write_answer(f, out);
    html_write_evidence(f, out);
    html_write_contradictions(f, out);
    html_write_matrix(f, out);
    write_lines(out, "What it hangs on", "Without any one of these the decision would be another.",
                &f->verdict->hangs_on);
    write_lines(out, "What would change it", NULL, &f->verdict->would_change);
    html_write_functions(f, out);
    html_write_routines(f, out);
    html_write_graph(f, out);
    html_write_times(f, out);
    if (f->tree)
        html_write_tree(f->tree, out);
    write_coverage(f, out);
    write_limits(f, out);
    write_versions(f, out);
    html_close(out, "article");
}

/* ---- several samples ---- */

void html_write_summary_row(const HtmlFinding *f, unsigned number, Text *out) {
    const Verdict *v = f->verdict;
    const Hypothesis *first = v->hypotheses.count ? &v->hypotheses.at[0] : NULL;
    bool is_named = v->decision == DECISION_ATTRIBUTED || v->decision == DECISION_LINEAGE;
    text_addf(out, "<tr><td data-of=\"file\" class=\"say\"><a href=\"#s%u\">", number);
    html_text(out, f->path);
    text_addf(out, "</a></td><td data-of=\"decision\">%s</td><td data-of=\"most likely\">",
              decision_name(v->decision));
    html_text(out, is_named && first && first->name ? first->name : "–");
    text_add(out, "</td><td data-of=\"likelihood\">");
    if (is_named && first)
        html_text(out, first->words ? first->words : likelihood_words(first->probability));
    text_add(out, "</td><td data-of=\"confidence\">");
    html_text(out, v->confidence_level);
    text_add(out, "</td></tr>\n");
}

void html_write_page(const Text *rows, const Text *articles, unsigned count, Text *out) {
    html_begin(out, "Attribution report");
    if (count != 1) {
        html_open(out, "h1", NULL);
        text_addf(out, "Attribution of %u samples", count);
        html_close(out, "h1");
        text_add(out, "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>file</th>"
                      "<th>decision</th><th>most likely</th><th>likelihood</th><th>confidence</th>"
                      "</tr></thead><tbody>\n");
        text_add_bytes(out, rows->at, rows->size);
        text_add(out, "</tbody></table></div>\n");
    }
    text_add_bytes(out, articles->at, articles->size);
    html_end(out);
}
