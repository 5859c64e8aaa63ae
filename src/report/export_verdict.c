/* SPDX-License-Identifier: Apache-2.0
 * export_verdict.c: the frame of the formats, MISP events and CSV rows. */
#include "report/export_verdict.h"

#include <math.h>
#include <string.h>

#include "report/escape.h"
#include "report/number.h"

static void write_csv_head(Text *out) {
    text_add(out, "sha256,path,decision,confidence,row,kind,name,probability,words,statement,here,"
                  "there,samples,of,forgeability,log10_lr,source\r\n");
}

FindingExport finding_export_new(ExportFormat format, const char *version, Text *out) {
    FindingExport x = {.format = format, .out = out, .version = version, .json = {.out = out}};
    x.arena = arena_new((size_t)1 << 28);
    CHECK(x.arena);
    x.written = map_new(x.arena, 256);
    if (format == EXPORT_STIX) {
        finding_stix_begin(&x);
    } else if (format == EXPORT_MISP) {
        json_open(&x.json, NULL, '{');
        json_open(&x.json, "response", '[');
    } else {
        write_csv_head(out);
    }
    return x;
}

void finding_export_add(FindingExport *x, const Finding *f) {
    x->json.out = x->out; /* the text may have moved since */
    if (x->format == EXPORT_STIX)
        finding_stix_add(x, f);
    else if (x->format == EXPORT_MISP)
        finding_misp_add(x, f);
    else
        finding_csv_add(x, f);
}

void finding_export_end(FindingExport *x) {
    x->json.out = x->out;
    if (x->format == EXPORT_CSV)
        return;
    json_close(&x->json, ']');
    json_close(&x->json, '}');
    text_add_char(x->out, '\n');
}

void finding_export_free(FindingExport *x) {
    arena_free(x->arena);
    x->arena = NULL;
}

/* ---- words ---- */

static void add_place(const Place *p, Text *out) {
    if (p->va == UINT64_MAX)
        text_add(out, p->size ? "unmapped" : "the whole file");
    else
        text_add_va(out, p->va);
    if (p->size)
        text_addf(out, " (%llu bytes)", (unsigned long long)p->size);
    text_add(out, " in ");
    text_add_hex(out, (Bytes){p->sha256, 32});
}

static bool is_nowhere(const Place *p) {
    for (size_t i = 0; i < 32; i++)
        if (p->sha256[i])
            return false;
    return true;
}

void evidence_places(const Evidence *e, Text *out) {
    text_add(out, "here ");
    add_place(&e->here, out);
    if (is_nowhere(&e->there))
        return;
    text_add(out, "; there ");
    add_place(&e->there, out);
}

static const char *claim_of(HypothesisKind kind) {
    static const char *const claims[] = {
        [HYPOTHESIS_FAMILY] = "the same code lineage as",
        [HYPOTHESIS_CAMPAIGN] = "the same operators as in campaign",
        [HYPOTHESIS_ACTOR] = "the work of",
        [HYPOTHESIS_UNKNOWN] = "an unknown group",
        [HYPOTHESIS_PUBLIC_CODE] = "shared or public code",
        [HYPOTHESIS_SHARED_SUPPLIER] = "a supplier that several groups share",
        [HYPOTHESIS_FALSE_FLAG] = "a false flag",
    };
    return claims[kind];
}

void finding_sentence(const Verdict *v, Text *out) {
    const Hypothesis *first = v->hypotheses.count ? &v->hypotheses.at[0] : NULL;
    if (v->decision == DECISION_INSUFFICIENT || !first) {
        text_add(out, v->decision == DECISION_INSUFFICIENT ? "too little can be compared"
                                                           : "nothing known explains it");
        return;
    }
    text_addf(out, "%s (", first->words ? first->words : likelihood_words(first->probability));
    text_add_real(out, first->probability * 100, 0, false);
    text_addf(out, " %%) %s", claim_of(first->kind));
    if (first->name)
        text_addf(out, " %s", first->name);
}

/* ---- MISP ---- */

static void add_tag(Json *j, const char *space, const char *value) {
    Text tag = text_new(1 << 12);
    text_addf(&tag, "%s=\"", space);
    for (const char *at = value; *at; at++)
        text_add_char(&tag, *at == '"' ? '\'' : *at);
    text_add_char(&tag, '"');
    json_open(j, NULL, '{');
    json_text(j, "name", text_str(&tag));
    json_close(j, '}');
    text_free(&tag);
}

static void open_attribute(Json *j, const char *event, const char *type, const char *category,
                           const char *value) {
    char uuid[EXPORT_UUID_BYTES];
    Text name = text_new(1 << 16);
    text_addf(&name, "%s|%s|%s", event, type, value);
    export_uuid(text_str(&name), uuid);
    text_free(&name);
    json_open(j, NULL, '{');
    json_text(j, "uuid", uuid);
    json_text(j, "type", type);
    json_text(j, "category", category);
    json_bool(j, "to_ids", !strcmp(type, "sha256"));
    json_text(j, "value", value);
}

static void add_evidence(Json *j, const char *event, const Verdict *v) {
    Text value = text_new(1 << 14), comment = text_new(1 << 14);
    for (size_t i = 0; i < v->evidence.count; i++) {
        const Evidence *e = &v->evidence.at[i];
        text_clear(&value);
        text_clear(&comment);
        text_addf(&value, "%s %u, %s: %s", e->is_against ? "against" : "evidence", e->id,
                  evidence_class_name(e->evidence_class), e->statement);
        evidence_places(e, &comment);
        text_addf(&comment, "; in %u of %u samples; %s to forge; weight ", e->rarity_count,
                  e->rarity_corpus, e->forgeability ? e->forgeability : "unknown");
        text_add_real(&comment, e->log10_lr, 3, false);
        open_attribute(j, event, "text", "External analysis", text_str(&value));
        json_text(j, "comment", text_str(&comment));
        json_close(j, '}');
    }
    text_free(&value);
    text_free(&comment);
}

/* An attribute of an object, in the place that the object's template gives it. */
static void add_part(Json *j, const char *object, const char *relation, const char *value) {
    char uuid[EXPORT_UUID_BYTES];
    Text name = text_new(1 << 10);
    text_addf(&name, "%s|%s", object, relation);
    export_uuid(text_str(&name), uuid);
    text_free(&name);
    json_open(j, NULL, '{');
    json_text(j, "uuid", uuid);
    json_text(j, "object_relation", relation);
    json_text(j, "type", "text");
    json_text(j, "category", "Other");
    json_bool(j, "to_ids", false);
    json_bool(j, "disable_correlation", true);
    json_text(j, "value", value);
    json_close(j, '}');
}

/* MISP's object "annotation", version 2 of its template (github.com/MISP/misp-objects). type: one
 * of those that it proposes. */
static void add_annotation(Json *j, const char *event, const char *key, const char *type,
                           const char *value) {
    char uuid[EXPORT_UUID_BYTES];
    Text name = text_new(1 << 10);
    text_addf(&name, "%s|annotation|%s", event, key);
    export_uuid(text_str(&name), uuid);
    text_free(&name);
    json_open(j, NULL, '{');
    json_text(j, "uuid", uuid);
    json_text(j, "name", "annotation");
    json_text(j, "meta-category", "misc");
    json_text(j, "template_uuid", "5d8dc046-15a1-4ca3-a09f-ed4ede7c4487");
    json_text(j, "template_version", "2");
    json_text(j, "comment", key);
    json_open(j, "Attribute", '[');
    add_part(j, uuid, "text", value);
    add_part(j, uuid, "type", type);
    add_part(j, uuid, "format", "text");
    json_close(j, ']');
    json_close(j, '}');
}

/* The three claims, each hypothesis with what is inconsistent with it, the ledger. */
static void add_reasoning(Json *j, const char *event, const Verdict *v) {
    Text text = text_new(1 << 16), key = text_new(1 << 10);
    for (unsigned i = 0; i < CLAIM_COUNT; i++) {
        text_clear(&key);
        text_clear(&text);
        text_addf(&key, "claim, %s", claim_kind_name((ClaimKind)i));
        claim_sentence(&v->claims[i], &text);
        add_annotation(j, event, text_str(&key), "Conclusion", text_str(&text));
    }
    for (size_t i = 0; i < v->hypotheses.count; i++) {
        text_clear(&key);
        text_clear(&text);
        text_addf(&key, "hypothesis %zu", i + 1);
        hypothesis_name(v, i, &text);
        text_add(&text, ". ");
        hypothesis_reasons(v, i, &text);
        add_annotation(j, event, text_str(&key), "Annotation", text_str(&text));
    }
    for (size_t i = 0; i < v->ledger.count; i++) {
        text_clear(&key);
        text_clear(&text);
        text_addf(&key, "ledger, %s", v->ledger.at[i].group);
        ledger_name(&v->ledger.at[i], &text);
        text_add(&text, ": ");
        ledger_reasons(&v->ledger.at[i], &text);
        add_annotation(j, event, text_str(&key), "Annotation", text_str(&text));
    }
    text_clear(&text);
    verdict_rests_on(v, &text);
    add_annotation(j, event, "what it rests on", "Annotation", text_str(&text));
    text_free(&text);
    text_free(&key);
}

static void add_tags(Json *j, const Verdict *v) {
    const Hypothesis *first = v->hypotheses.count ? &v->hypotheses.at[0] : NULL;
    bool is_named = v->decision == DECISION_ATTRIBUTED || v->decision == DECISION_LINEAGE;
    json_open(j, "Tag", '[');
    if (first && is_named && first->name) {
        add_tag(j,
                first->kind == HYPOTHESIS_FAMILY ? "misp-galaxy:malpedia"
                                                 : "misp-galaxy:threat-actor",
                first->name);
        const char *words = first->words ? first->words : likelihood_words(first->probability);
        /* The taxonomy writes its words with hyphens: "very-likely". */
        char word[40] = "";
        for (size_t i = 0; words[i] && i + 1 < sizeof word; i++)
            word[i] = words[i] == ' ' ? '-' : words[i];
        add_tag(j, "estimative-language:likelihood-probability", word);
    }
    if (v->confidence_level)
        add_tag(j, "estimative-language:confidence-in-analytic-judgment", v->confidence_level);
    json_close(j, ']');
}

void finding_misp_add(FindingExport *x, const Finding *f) {
    Json *j = &x->json;
    const Verdict *v = f->verdict;
    char event[EXPORT_UUID_BYTES], maker[EXPORT_UUID_BYTES], hex[65];
    Text info = text_new(1 << 14);
    hex_write(hex, v->sha256, 32);
    text_addf(&info, "cognate verdict|%s", hex);
    export_uuid(text_str(&info), event);
    export_uuid("cognate", maker);
    text_clear(&info);
    text_addf(&info, "%s: ", f->features->name ? f->features->name : hex);
    finding_sentence(v, &info);
    json_open(j, NULL, '{');
    json_open(j, "Event", '{');
    json_text(j, "uuid", event);
    json_text(j, "info", text_str(&info));
    json_text(j, "date", "1970-01-01");   /* nothing says when the sample was there */
    json_text(j, "threat_level_id", "4"); /* undefined: it is not ours to say */
    json_text(j, "analysis", "2");
    json_open(j, "Orgc", '{');
    json_text(j, "name", "cognate");
    json_text(j, "uuid", maker);
    json_close(j, '}');
    add_tags(j, v);
    json_open(j, "Attribute", '[');
    open_attribute(j, event, "sha256", "Payload delivery", hex);
    json_text(j, "comment", f->path);
    json_close(j, '}');
    add_evidence(j, event, v);
    json_close(j, ']');
    json_open(j, "Object", '[');
    add_reasoning(j, event, v);
    json_close(j, ']');
    json_close(j, '}');
    json_close(j, '}');
    text_free(&info);
}

/* ---- CSV ---- */

static void add_field(Text *out, const char *text) {
    Text safe = text_new(1 << 16);
    if (text)
        escape_terminal(bytes_from_text(text), 0, &safe);
    csv_field(out, text_str(&safe), safe.size);
    text_add_char(out, ',');
    text_free(&safe);
}

static void begin_row(Text *out, const Finding *f, const char *row) {
    const Verdict *v = f->verdict;
    text_add_hex(out, (Bytes){v->sha256, 32});
    text_add_char(out, ',');
    add_field(out, f->path);
    text_addf(out, "%s,%s,%s,", decision_name(v->decision),
              v->confidence_level ? v->confidence_level : "", row);
}

static void add_number(Text *out, double value) {
    text_add_real(out, value, 4, false);
    text_add_char(out, ',');
}

void finding_csv_add(FindingExport *x, const Finding *f) {
    Text *out = x->out;
    const Verdict *v = f->verdict;
    for (size_t i = 0; i < v->hypotheses.count; i++) {
        const Hypothesis *h = &v->hypotheses.at[i];
        begin_row(out, f, "hypothesis");
        text_addf(out, "%s,", hypothesis_kind_name(h->kind));
        add_field(out, h->name);
        add_number(out, h->probability);
        text_addf(out, "%s,,,,,,,", h->words ? h->words : "");
        add_number(out, h->log10_lr);
        add_field(out, h->source);
        out->size--; /* no comma after the last */
        text_add(out, "\r\n");
    }
    Text places = text_new(1 << 12);
    for (size_t i = 0; i < v->evidence.count; i++) {
        const Evidence *e = &v->evidence.at[i];
        begin_row(out, f, e->is_against ? "against" : "evidence");
        text_addf(out, "%s,,,,", evidence_class_name(e->evidence_class));
        add_field(out, e->statement);
        text_clear(&places);
        add_place(&e->here, &places);
        add_field(out, text_str(&places));
        text_clear(&places);
        if (!is_nowhere(&e->there))
            add_place(&e->there, &places);
        add_field(out, text_str(&places));
        text_addf(out, "%u,%u,%s,", e->rarity_count, e->rarity_corpus,
                  e->forgeability ? e->forgeability : "");
        add_number(out, e->log10_lr);
        add_field(out, e->source);
        out->size--;
        text_add(out, "\r\n");
    }
    text_free(&places);
}
