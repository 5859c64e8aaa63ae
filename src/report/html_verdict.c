/* SPDX-License-Identifier: Apache-2.0
 * html_verdict.c: the answer that a reader who decides needs, and the evidence for one who checks.
 */
#include <string.h>

#include "report/html.h"
#include "report/html_report.h"
#include "report/number.h"

static bool is_named(const Verdict *v) {
    return v->decision == DECISION_ATTRIBUTED || v->decision == DECISION_LINEAGE;
}

static const char *words_of(const Hypothesis *h) {
    return h->words ? h->words : likelihood_words(h->probability);
}

static void add_percent(Text *out, double share) {
    /* Never 0 or 100: no measurement says so. */
    if (share < 0.01)
        text_add(out, "under 1 %");
    else if (share > 0.99)
        text_add(out, "over 99 %");
    else {
        text_add_real(out, share * 100, 0, false);
        text_add(out, " %");
    }
}

/* ---- the answer ---- */

static void add_capital(Text *out, const char *words) {
    char first[2] = {words[0], 0};
    if (first[0] >= 'a' && first[0] <= 'z')
        first[0] = (char)(first[0] - 'a' + 'A');
    html_text(out, first);
    html_text(out, words + 1);
}

static void add_named(Text *out, const Hypothesis *h) {
    switch ((int)h->kind) {
    case HYPOTHESIS_FAMILY:
        html_addf(out, "this file is built from the same code as the family %s", h->name);
        break;
    case HYPOTHESIS_CAMPAIGN:
        html_addf(out, "this file comes from the operators of the campaign %s", h->name);
        break;
    default:
        html_addf(out, "this file is the work of %s", h->name);
        break;
    }
}

static const Hypothesis *first_named(const Verdict *v) {
    for (size_t i = 0; i < v->hypotheses.count; i++)
        if (v->hypotheses.at[i].name)
            return &v->hypotheses.at[i];
    return NULL;
}

static void write_sentence(const Verdict *v, Text *out) {
    const Hypothesis *h = first_named(v);
    html_open(out, "p", "say");
    if (is_named(v) && h) {
        add_capital(out, words_of(h));
        text_add(out, ", ");
        add_named(out, h);
        text_add_char(out, '.');
    } else if (v->decision == DECISION_INSUFFICIENT) {
        text_add(out, "Not enough to say: too little of this file can be compared.");
    } else {
        text_add(out, "Unknown: nothing that is known explains this file well enough.");
    }
    html_close(out, "p");
    html_open(out, "p", NULL);
    if (is_named(v) && h && h->kind == HYPOTHESIS_FAMILY)
        text_add(out, "Whoever wrote that code, or has it, made this. Who used it, and for whom, "
                      "code does not say.");
    else if (!is_named(v) && h && v->decision == DECISION_UNKNOWN) {
        html_addf(out, "The nearest name is %s: %s.", h->name, words_of(h));
        text_add(out, " That is not enough to act on.");
    }
    html_close(out, "p");
}

/* Bands of ICD 203. */
static void write_gauge(double p, Text *out) {
    static const struct {
        double from, to;
        const char *words;
    } BANDS[] = {{0, .05, "almost no chance"}, {.05, .20, "very unlikely"},
                 {.20, .45, "unlikely"},       {.45, .55, "roughly even chance"},
                 {.55, .80, "likely"},         {.80, .95, "very likely"},
                 {.95, 1, "almost certainly"}};
    html_open(out, "div", "gauge");
    html_open(out, "div", "scale");
    for (size_t i = 0; i < sizeof BANDS / sizeof *BANDS; i++) {
        bool is_on = p >= BANDS[i].from && (p < BANDS[i].to || BANDS[i].to >= 1);
        text_addf(out, "<i%s title=\"%s\" style=\"width:", is_on ? " class=\"on\"" : "",
                  BANDS[i].words);
        text_add_real(out, (BANDS[i].to - BANDS[i].from) * 100, 1, true);
        text_add(out, "%\"></i>");
    }
    html_close(out, "div");
    text_add(out, "<div class=\"mark\" style=\"left:");
    text_add_real(out, p * 100, 1, true);
    text_add(out, "%\"></div><div class=\"ends\"><span>almost no chance</span><span>even"
                  "</span><span>almost certain</span></div>");
    html_close(out, "div");
}

static void write_likelihood(const Verdict *v, Text *out) {
    const Hypothesis *h = first_named(v);
    html_open(out, "div", NULL);
    html_element(out, "h3", NULL, "Likelihood");
    if (h) {
        html_text(out, words_of(h));
        text_add(out, " (");
        add_percent(out, h->probability);
        html_addf(out, ") for %s", h->name);
        write_gauge(h->probability, out);
    } else {
        text_add(out, "no name to weigh");
    }
    html_close(out, "div");
}

static void write_confidence(const Verdict *v, Text *out) {
    const char *level = v->confidence_level ? v->confidence_level : "low";
    html_open(out, "div", NULL);
    html_element(out, "h3", NULL, "Confidence in this judgement");
    html_open(out, "span",
              strcmp(level, "high") == 0       ? "tag high"
              : strcmp(level, "moderate") == 0 ? "tag moderate"
                                               : "tag low");
    html_text(out, level);
    text_add(out, "</span>");
    html_open(out, "ul", "small");
    for (size_t i = 0; i < v->confidence_reasons.count; i++)
        html_element(out, "li", NULL, v->confidence_reasons.at[i]);
    if (is_named(v))
        html_element(out, "li", NULL,
                     v->robust ? "it holds without any one piece of evidence or source"
                               : "it does not hold without one of its pieces or sources (below)");
    html_close(out, "ul");
    html_close(out, "div");
}

/* Three questions that are often taken for one. */
static void write_claims(const Verdict *v, Text *out) {
    static const char *const QUESTIONS[CLAIM_COUNT] = {
        [CLAIM_LINEAGE] = "Same code?",
        [CLAIM_OPERATORS] = "Same operators?",
        [CLAIM_GROUP] = "A named group?",
    };
    html_open(out, "div", "columns");
    for (size_t i = 0; i < CLAIM_COUNT; i++) {
        const Claim *c = &v->claims[i];
        html_open(out, "div", NULL);
        html_element(out, "h3", NULL, QUESTIONS[i]);
        html_element(out, "span", c->name ? NULL : "soft", c->statement ? c->statement : "–");
        html_close(out, "div");
    }
    html_close(out, "div");
}

static const char *claim_of(HypothesisKind kind) {
    switch (kind) {
    case HYPOTHESIS_FAMILY:
        return "same code lineage as";
    case HYPOTHESIS_CAMPAIGN:
        return "same operators as in campaign";
    case HYPOTHESIS_ACTOR:
        return "work of";
    case HYPOTHESIS_PUBLIC_CODE:
        return "shared or public code";
    case HYPOTHESIS_SHARED_SUPPLIER:
        return "a supplier that several groups share";
    case HYPOTHESIS_FALSE_FLAG:
        return "a false flag";
    case HYPOTHESIS_UNKNOWN:
    default:
        return "an unknown group";
    }
}

static void write_hypotheses(const Verdict *v, Text *out) {
    if (v->hypotheses.count == 0)
        return;
    html_element(out, "h2", NULL, "What it could be");
    text_add(out, "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>hypothesis</th><th "
                  "class=\"n\">probability</th><th></th><th>in words</th><th>says</th></tr></thead>"
                  "<tbody>\n");
    for (size_t i = 0; i < v->hypotheses.count; i++) {
        const Hypothesis *h = &v->hypotheses.at[i];
        text_add(out, "<tr><td data-of=\"hypothesis\" class=\"say\"><span>");
        html_text(out, claim_of(h->kind));
        if (h->name) {
            text_add(out, " <b>");
            html_text(out, h->name);
            text_add(out, "</b>");
        }
        text_add(out, "</span></td><td data-of=\"probability\" class=\"n\">");
        add_percent(out, h->probability);
        text_add(out, "</td><td data-of=\"\" class=\"bars\">");
        html_bar(out, (HtmlBar[]){{h->probability, "own", words_of(h)}}, 1);
        text_add(out, "</td><td data-of=\"in words\" class=\"fit\">");
        html_text(out, words_of(h));
        text_add(out, "</td><td data-of=\"says\">");
        html_text(out, h->source ? h->source : "–");
        text_add(out, "</td></tr>\n");
    }
    text_add(out, "</tbody></table></div>\n");
}

void html_write_answer(const HtmlFinding *f, Text *out) {
    const Verdict *v = f->verdict;
    html_open(out, "section",
              is_named(v)                       ? "answer named"
              : v->decision == DECISION_UNKNOWN ? "answer open"
                                                : "answer");
    write_sentence(v, out);
    html_open(out, "div", "columns");
    write_likelihood(v, out);
    write_confidence(v, out);
    html_close(out, "div");
    write_claims(v, out);
    html_close(out, "section");
    write_hypotheses(v, out);
}

/* ---- evidence ---- */

static bool is_zero(const uint8_t sha256[32]) {
    for (size_t i = 0; i < 32; i++)
        if (sha256[i])
            return false;
    return true;
}

static void add_place(Text *out, const HtmlFinding *f, const Place *p, bool is_there) {
    if (is_zero(p->sha256)) {
        text_add(out, "–");
        return;
    }
    text_add(out, "<span>");
    if (p->va == UINT64_MAX)
        text_add(out, p->size ? "unmapped" : "whole file");
    else
        html_va(out, p->va);
    if (p->size)
        text_addf(out, " <span class=\"soft small\">%llu B</span>", (unsigned long long)p->size);
    if (is_there) {
        const StoredSample *there = snapshot_find_sha256(f->snap, p->sha256);
        text_add(out, "<br><span class=\"soft small\">");
        if (there && there->name)
            html_text(out, there->name);
        else
            html_sha256(out, p->sha256);
        text_add(out, "</span>");
    }
    text_add(out, "</span>");
}

static void write_item(const HtmlFinding *f, const Evidence *e, Text *out) {
    const char *forge = e->forgeability ? e->forgeability : "unknown";
    text_addf(out,
              "<tr><td data-of=\"no.\" class=\"n\">%u</td><td data-of=\"class\"><span "
              "class=\"tag\">%s</span></td><td data-of=\"what\" class=\"say\">",
              e->id, evidence_class_name(e->evidence_class));
    html_text(out, e->statement);
    text_add(out, "</td><td data-of=\"here\">");
    add_place(out, f, &e->here, false);
    text_add(out, "</td><td data-of=\"there\" class=\"place\">");
    add_place(out, f, &e->there, true);
    text_addf(out,
              "</td><td data-of=\"seen in\" class=\"fit\">%u of %u</td><td data-of=\"to forge\">",
              e->rarity_count, e->rarity_corpus);
    html_open(out, "span",
              strcmp(forge, "hard") == 0     ? "tag hard"
              : strcmp(forge, "medium") == 0 ? "tag medium"
                                             : "tag easy");
    html_text(out, forge);
    text_add(out, "</span></td><td data-of=\"weight\" class=\"n\">");
    text_add_real(out, e->log10_lr, 2, false);
    text_add(out, "</td><td data-of=\"source\"><span>");
    html_text(out, e->source ? e->source : "–");
    if (e->first_public)
        html_addf(out, "; public since %s", e->first_public);
    text_add(out, "</span></td></tr>\n");
}

static void write_table(const HtmlFinding *f, bool is_against, const char *title, Text *out) {
    bool is_open = false;
    for (size_t i = 0; i < f->verdict->evidence.count; i++) {
        const Evidence *e = &f->verdict->evidence.at[i];
        if (e->is_against != is_against)
            continue;
        if (!is_open) {
            html_element(out, "h2", NULL, title);
            text_add(out, "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th class=\"n\">"
                          "</th><th>class</th><th>what</th><th>here</th><th>there</th><th "
                          "title=\"samples of the store that have it\">seen in</th><th>to forge"
                          "</th><th class=\"n\" title=\"log10 likelihood ratio\">weight</th>"
                          "<th>source</th></tr></thead><tbody>\n");
        }
        is_open = true;
        write_item(f, e, out);
    }
    if (is_open)
        text_add(out, "</tbody></table></div>\n");
}

void html_write_evidence(const HtmlFinding *f, Text *out) {
    write_table(f, false, "Evidence", out);
    write_table(f, true, "What speaks against it", out);
}
