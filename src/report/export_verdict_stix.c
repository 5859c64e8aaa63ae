/* SPDX-License-Identifier: Apache-2.0
 * export_verdict_stix.c: a verdict as STIX 2.1 (OASIS, 2021): the file, the sample as malware, its
 * analysis, a relationship to each name with its confidence, an opinion on each, notes with the
 * evidence down to addresses, the three claims with an opinion on each, the hypotheses with what is
 * inconsistent, the ledger, and groupings of these and of it all. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/export_verdict.h"
#include "report/number.h"

enum { ID_BYTES = 96 };

typedef struct Bundle {
    FindingExport *x;
    Json *j;
    const Finding *f;
    char hex[65];
    char file[ID_BYTES], malware[ID_BYTES], analysis[ID_BYTES];
    Text refs; /* of the grouping: JSON strings with commas */
    Text part; /* of the grouping of one part: the claims, the hypotheses, the ledger */
} Bundle;

static void add_ref(Text *refs, const char *id) {
    text_addf(refs, "%s\"%s\"", refs->size ? "," : "", id);
}

static void make_id(const char *type, const char *name, char out[ID_BYTES]) {
    char uuid[EXPORT_UUID_BYTES];
    export_uuid(name, uuid);
    snprintf(out, ID_BYTES, "%s--%s", type, uuid);
}

/* The id of what belongs to this sample alone. */
static void own_id(const Bundle *b, const char *type, const char *what, char out[ID_BYTES]) {
    Text name = text_new(1 << 12);
    text_addf(&name, "%s|%s|%.2000s", b->hex, type, what);
    make_id(type, text_str(&name), out);
    text_free(&name);
}

/* False: it is in the bundle already. */
static bool open_object(Bundle *b, const char *type, const char *id) {
    add_ref(&b->refs, id);
    if (!map_put(&b->x->written, hash64((Bytes){(const uint8_t *)id, strlen(id)}), 1))
        return false;
    json_open(b->j, NULL, '{');
    json_text(b->j, "type", type);
    json_text(b->j, "spec_version", "2.1");
    json_text(b->j, "id", id);
    if (strcmp(type, "file") != 0) { /* observables have no times */
        json_text(b->j, "created_by_ref", STIX_US);
        json_text(b->j, "created", STIX_EPOCH);
        json_text(b->j, "modified", STIX_EPOCH);
    }
    return true;
}

void finding_stix_begin(FindingExport *x) {
    Json *j = &x->json;
    json_open(j, NULL, '{');
    json_text(j, "type", "bundle");
    json_text(j, "id", "bundle--8b1f3d0a-8f0e-5c55-9a57-3a2f1c9b1088");
    json_open(j, "objects", '[');
    json_open(j, NULL, '{');
    json_text(j, "type", "identity");
    json_text(j, "spec_version", "2.1");
    json_text(j, "id", STIX_US);
    json_text(j, "created", STIX_EPOCH);
    json_text(j, "modified", STIX_EPOCH);
    json_text(j, "name", "cognate");
    json_text(j, "identity_class", "system");
    json_close(j, '}');
}

static void write_file(Bundle *b) {
    if (!open_object(b, "file", b->file))
        return;
    json_open(b->j, "hashes", '{');
    json_text(b->j, "SHA-256", b->hex);
    json_close(b->j, '}');
    json_u64(b->j, "size", b->f->features->size);
    if (b->f->features->name && b->f->features->name[0])
        json_text(b->j, "name", b->f->features->name);
    json_close(b->j, '}');
}

static void write_malware(Bundle *b) {
    if (!open_object(b, "malware", b->malware))
        return;
    json_text(b->j, "name", b->f->features->name ? b->f->features->name : b->hex);
    json_bool(b->j, "is_family", false);
    json_open(b->j, "sample_refs", '[');
    json_text(b->j, NULL, b->file);
    json_close(b->j, ']');
    json_close(b->j, '}');
}

static void write_analysis(Bundle *b) {
    const Verdict *v = b->f->verdict;
    bool is_named = v->decision == DECISION_ATTRIBUTED || v->decision == DECISION_LINEAGE;
    Text name = text_new(1 << 12), engine = text_new(64);
    if (!open_object(b, "malware-analysis", b->analysis))
        return;
    finding_sentence(v, &name);
    text_addf(&engine, "extractor %u", b->f->features->extractor_version);
    json_text(b->j, "product", "cognate");
    json_text(b->j, "version", b->x->version);
    json_text(b->j, "analysis_engine_version", text_str(&engine));
    json_text(b->j, "result_name", text_str(&name));
    /* Whether it is malicious is said by the label that it shares code with, not by us. */
    json_text(b->j, "result", is_named ? "suspicious" : "unknown");
    json_text(b->j, "sample_ref", b->file);
    json_close(b->j, '}');
    text_free(&name);
    text_free(&engine);
}

/* ---- names ---- */

static const char *name_type(HypothesisKind kind) {
    switch ((int)kind) {
    case HYPOTHESIS_FAMILY:
        return "malware";
    case HYPOTHESIS_CAMPAIGN:
        return "campaign";
    case HYPOTHESIS_ACTOR:
        return "intrusion-set";
    default:
        return NULL;
    }
}

static const char *opinion_of(double probability) {
    return probability >= 0.80   ? "strongly-agree"
           : probability >= 0.55 ? "agree"
           : probability >= 0.45 ? "neutral"
           : probability >= 0.20 ? "disagree"
                                 : "strongly-disagree";
}

static void write_name(Bundle *b, const Hypothesis *h, const char *type, const char *id) {
    if (!open_object(b, type, id))
        return;
    json_text(b->j, "name", h->name);
    if (h->kind == HYPOTHESIS_FAMILY)
        json_bool(b->j, "is_family", true);
    if (h->source) {
        json_open(b->j, "external_references", '[');
        json_open(b->j, NULL, '{');
        json_text(b->j, "source_name", h->source);
        json_text(b->j, "description", "who named the reference samples so");
        json_close(b->j, '}');
        json_close(b->j, ']');
    }
    json_close(b->j, '}');
}

/* "variant-of" a family; a campaign or an intrusion set "uses" the sample. */
static void write_relationship(Bundle *b, const Hypothesis *h, const char *name, const char *id) {
    bool is_family = h->kind == HYPOTHESIS_FAMILY;
    Text words = text_new(256);
    if (!open_object(b, "relationship", id))
        return;
    text_addf(&words, "%s, by code and traits shared with reference samples",
              h->words ? h->words : likelihood_words(h->probability));
    json_text(b->j, "relationship_type", is_family ? "variant-of" : "uses");
    json_text(b->j, "description", text_str(&words));
    json_text(b->j, "source_ref", is_family ? b->malware : name);
    json_text(b->j, "target_ref", is_family ? name : b->malware);
    json_u64(b->j, "confidence", (uint64_t)lround(h->probability * 100));
    json_close(b->j, '}');
    text_free(&words);
}

static void write_opinion(Bundle *b, const Hypothesis *h, const char *relationship) {
    const Verdict *v = b->f->verdict;
    char id[ID_BYTES];
    Text why = text_new(1 << 14);
    own_id(b, "opinion", relationship, id);
    if (!open_object(b, "opinion", id))
        return;
    text_addf(&why, "%s; confidence in this judgement: %s",
              h->words ? h->words : likelihood_words(h->probability),
              v->confidence_level ? v->confidence_level : "low");
    for (size_t i = 0; i < v->confidence_reasons.count; i++)
        text_addf(&why, "; %s", v->confidence_reasons.at[i]);
    json_text(b->j, "explanation", text_str(&why));
    json_text(b->j, "opinion", opinion_of(h->probability));
    json_open(b->j, "object_refs", '[');
    json_text(b->j, NULL, relationship);
    json_close(b->j, ']');
    json_close(b->j, '}');
    text_free(&why);
}

/* ---- notes ---- */

/* about: what it is on, besides the analysis; or NULL: the sample. id: of the note. */
static void write_note_on(Bundle *b, const char *key, const char *abstract, const Text *content,
                          const char *about, char id[ID_BYTES]) {
    own_id(b, "note", key, id);
    if (!open_object(b, "note", id))
        return;
    json_text(b->j, "abstract", abstract);
    json_text(b->j, "content", text_str(content));
    json_open(b->j, "object_refs", '[');
    json_text(b->j, NULL, b->analysis);
    json_text(b->j, NULL, about ? about : b->malware);
    json_close(b->j, ']');
    json_close(b->j, '}');
}

static void write_note(Bundle *b, const char *key, const char *abstract, const Text *content) {
    char id[ID_BYTES];
    write_note_on(b, key, abstract, content, NULL, id);
}

static void write_evidence(Bundle *b, const Evidence *e) {
    Text key = text_new(64), abstract = text_new(1 << 14), content = text_new(1 << 14);
    text_addf(&key, "evidence %u", e->id);
    text_addf(&abstract, "%s, %s: %s", e->is_against ? "against" : "for",
              evidence_class_name(e->evidence_class), e->statement);
    evidence_places(e, &content);
    text_addf(&content, "; in %u of %u samples of the store; %s to forge; log10 likelihood ratio ",
              e->rarity_count, e->rarity_corpus, e->forgeability ? e->forgeability : "unknown");
    text_add_real(&content, e->log10_lr, 3, false);
    if (e->source)
        text_addf(&content, "; says %s", e->source);
    if (e->first_public)
        text_addf(&content, "; public since %s", e->first_public);
    write_note(b, text_str(&key), text_str(&abstract), &content);
    text_free(&key);
    text_free(&abstract);
    text_free(&content);
}

static void write_rest(Bundle *b) {
    const Verdict *v = b->f->verdict;
    Text content = text_new(1 << 16);
    verdict_rests_on(v, &content);
    for (size_t i = 0; i < v->contradictions.count; i++)
        text_addf(&content, "; contradiction: %s", v->contradictions.at[i]);
    for (size_t i = 0; i < v->limits.count; i++)
        text_addf(&content, "; not looked at: %s", v->limits.at[i]);
    text_addf(&content, "; compared with %u samples of %u families", v->store_samples,
              v->store_families);
    write_note(b, "alternatives", "what it rests on, contradictions and what was not looked at",
               &content);
    text_free(&content);
}

/* ---- the reasoning ---- */

static void write_grouping(Bundle *b, const char *key, const char *name, const Text *refs) {
    char id[ID_BYTES];
    Text before = text_new(1 << 22);
    text_add_bytes(&before, refs->at, refs->size); /* opening it adds it to the verdict's own */
    own_id(b, "grouping", key, id);
    if (before.size && open_object(b, "grouping", id)) {
        json_text(b->j, "name", name);
        json_text(b->j, "context", "malware-analysis");
        json_open(b->j, "object_refs", '[');
        text_add_bytes(b->j->out, before.at, before.size);
        json_close(b->j, ']');
        json_close(b->j, '}');
    }
    text_free(&before);
}

/* A claim is a note on the sample; how likely it is, an opinion on that note. */
static void write_claims(Bundle *b) {
    const Verdict *v = b->f->verdict;
    Text key = text_new(64), abstract = text_new(1 << 12), content = text_new(1 << 12);
    for (unsigned i = 0; i < CLAIM_COUNT; i++) {
        const Claim *c = &v->claims[i];
        char note[ID_BYTES], opinion[ID_BYTES];
        text_clear(&key);
        text_clear(&abstract);
        text_clear(&content);
        text_addf(&key, "claim %s", claim_kind_name((ClaimKind)i));
        text_addf(&abstract, "claim, %s: %s", claim_kind_name((ClaimKind)i),
                  c->name ? c->name : "nobody is named");
        claim_sentence(c, &content);
        write_note_on(b, text_str(&key), text_str(&abstract), &content, NULL, note);
        add_ref(&b->part, note);
        own_id(b, "opinion", text_str(&key), opinion);
        if (!c->name || !open_object(b, "opinion", opinion))
            continue;
        add_ref(&b->part, opinion);
        json_text(b->j, "explanation", text_str(&content));
        json_text(b->j, "opinion", opinion_of(c->probability));
        json_open(b->j, "object_refs", '[');
        json_text(b->j, NULL, note);
        json_close(b->j, ']');
        json_close(b->j, '}');
    }
    write_grouping(b, "claims", "three separate claims: same code, same operators, named group",
                   &b->part);
    text_free(&key);
    text_free(&abstract);
    text_free(&content);
}

static void name_id(const Hypothesis *h, char out[ID_BYTES]) {
    Text name = text_new(1 << 12);
    text_addf(&name, "cognate|%s|%.2000s", name_type(h->kind), h->name);
    make_id(name_type(h->kind), text_str(&name), out);
    text_free(&name);
}

static void write_hypotheses(Bundle *b) {
    const Verdict *v = b->f->verdict;
    Text key = text_new(64), abstract = text_new(1 << 12), content = text_new(1 << 16);
    text_clear(&b->part);
    for (size_t i = 0; i < v->hypotheses.count; i++) {
        const Hypothesis *h = &v->hypotheses.at[i];
        char note[ID_BYTES], name[ID_BYTES];
        bool has_name = name_type(h->kind) && h->name;
        text_clear(&key);
        text_clear(&abstract);
        text_clear(&content);
        text_addf(&key, "hypothesis %zu", i + 1);
        hypothesis_name(v, i, &abstract);
        hypothesis_reasons(v, i, &content);
        if (has_name)
            name_id(h, name);
        write_note_on(b, text_str(&key), text_str(&abstract), &content, has_name ? name : NULL,
                      note);
        add_ref(&b->part, note);
    }
    write_grouping(b, "hypotheses", "analysis of competing hypotheses", &b->part);
    text_free(&key);
    text_free(&abstract);
    text_free(&content);
}

static void write_ledger(Bundle *b) {
    const Verdict *v = b->f->verdict;
    Text key = text_new(1 << 10), abstract = text_new(1 << 12), content = text_new(1 << 16);
    text_clear(&b->part);
    for (size_t i = 0; i < v->ledger.count; i++) {
        const LedgerRow *row = &v->ledger.at[i];
        char note[ID_BYTES];
        text_clear(&key);
        text_clear(&abstract);
        text_clear(&content);
        text_addf(&key, "ledger %s", row->group);
        ledger_name(row, &abstract);
        ledger_reasons(row, &content);
        write_note_on(b, text_str(&key), text_str(&abstract), &content, NULL, note);
        add_ref(&b->part, note);
    }
    write_grouping(b, "ledger", "evidence by common cause", &b->part);
    text_free(&key);
    text_free(&abstract);
    text_free(&content);
}

void finding_stix_add(FindingExport *x, const Finding *f) {
    Bundle b = {
        .x = x, .j = &x->json, .f = f, .refs = text_new(1 << 22), .part = text_new(1 << 20)};
    const Verdict *v = f->verdict;
    hex_write(b.hex, v->sha256, 32);
    own_id(&b, "file", "", b.file);
    own_id(&b, "malware", "", b.malware);
    own_id(&b, "malware-analysis", "", b.analysis);
    write_file(&b);
    write_malware(&b);
    write_analysis(&b);
    for (size_t i = 0; i < v->hypotheses.count; i++) {
        const Hypothesis *h = &v->hypotheses.at[i];
        const char *type = name_type(h->kind);
        char id[ID_BYTES], relationship[ID_BYTES];
        if (!type || !h->name)
            continue;
        name_id(h, id);
        own_id(&b, "relationship", id, relationship);
        write_name(&b, h, type, id);
        write_relationship(&b, h, id, relationship);
        write_opinion(&b, h, relationship);
    }
    for (size_t i = 0; i < v->evidence.count; i++)
        write_evidence(&b, &v->evidence.at[i]);
    write_claims(&b);
    write_hypotheses(&b);
    write_ledger(&b);
    write_rest(&b);
    Text name = text_new(1 << 12);
    finding_sentence(v, &name);
    write_grouping(&b, "verdict", text_str(&name), &b.refs);
    text_free(&name);
    text_free(&b.refs);
    text_free(&b.part);
}
