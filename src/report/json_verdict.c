/* SPDX-License-Identifier: Apache-2.0
 * json_verdict.c: the verdict record with its evidence. */
#include "report/json.h"
#include "report/report.h"

static void write_lines(Json *j, const char *key, const LineVec *lines) {
    json_open(j, key, '[');
    for (size_t i = 0; i < lines->count; i++)
        json_text(j, NULL, lines->at[i]);
    json_close(j, ']');
}

static void write_place(Json *j, const char *key, const Place *place) {
    json_open(j, key, '{');
    json_sha256(j, "sha256", place->sha256);
    json_va(j, "va", place->va);
    json_u64(j, "size", place->size);
    json_close(j, '}');
}

static void write_evidence(Json *j, const Evidence *e) {
    json_open(j, NULL, '{');
    json_u64(j, "id", e->id);
    json_text(j, "class", evidence_class_name(e->evidence_class));
    json_text(j, "statement", e->statement);
    write_place(j, "here", &e->here);
    write_place(j, "there", &e->there);
    json_open(j, "rarity", '{');
    json_u64(j, "count", e->rarity_count);
    json_u64(j, "corpus", e->rarity_corpus);
    json_close(j, '}');
    json_text(j, "forgeability", e->forgeability);
    json_text(j, "group", e->group);
    json_real(j, "log10_lr", e->log10_lr, 3);
    json_text(j, "source", e->source);
    json_text(j, "first_public", e->first_public);
    json_close(j, '}');
}

static void write_evidence_list(Json *j, const char *key, const Verdict *v, bool is_against) {
    json_open(j, key, '[');
    for (size_t i = 0; i < v->evidence.count; i++)
        if (v->evidence.at[i].is_against == is_against)
            write_evidence(j, &v->evidence.at[i]);
    json_close(j, ']');
}

static void write_hypotheses(Json *j, const Verdict *v) {
    json_open(j, "hypotheses", '[');
    for (size_t i = 0; i < v->hypotheses.count; i++) {
        const Hypothesis *h = &v->hypotheses.at[i];
        json_open(j, NULL, '{');
        json_u64(j, "rank", i + 1);
        json_text(j, "kind", hypothesis_kind_name(h->kind));
        json_text(j, "name", h->name);
        json_real(j, "probability", h->probability, 4);
        json_text(j, "words", h->words);
        json_real(j, "log10_lr", h->log10_lr, 3);
        json_text(j, "source", h->source);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void write_measures(Json *j, const Measures *m) {
    json_open(j, "measures", '{');
    json_real(j, "code_weight", m->code_weight, 3);
    json_real(j, "code_share", m->code_share, 4);
    json_real(j, "reverse_share", m->reverse_share, 4);
    json_real(j, "likelihood", m->likelihood, 4);
    json_real(j, "token_weight", m->token_weight, 3);
    json_real(j, "token_share", m->token_share, 4);
    json_real(j, "token_reverse", m->token_reverse, 4);
    json_real(j, "token_total", m->token_total, 3);
    json_real(j, "score", m->score, 3);
    json_real(j, "lead", m->lead, 3);
    json_real(j, "rivals", m->rivals, 4);
    json_real(j, "margin", m->margin, 4);
    json_real(j, "own_weight", m->own_weight, 3);
    json_u64(j, "own_functions", m->own_functions);
    json_u64(j, "exact", m->exact);
    json_u64(j, "similar", m->similar);
    json_u64(j, "distinctive", m->distinctive);
    json_close(j, '}');
}

static void write_spot(Json *j, const Spot *s) {
    json_open(j, NULL, '{');
    json_sha256(j, "sha256", s->sha256);
    json_va(j, "va", s->va);
    json_va(j, "offset", s->off);
    json_u64(j, "size", s->size);
    json_close(j, '}');
}

static void write_contradictions(Json *j, const Verdict *v) {
    write_lines(j, "contradictions", &v->contradictions);
    json_open(j, "contradiction_details", '[');
    for (size_t i = 0; i < v->contradiction_details.count; i++) {
        const Contradiction *c = &v->contradiction_details.at[i];
        json_open(j, NULL, '{');
        json_text(j, "kind", contradiction_kind_name(c->kind));
        json_text(j, "statement", c->statement);
        json_open(j, "places", '[');
        for (unsigned k = 0; k < c->spot_count; k++)
            write_spot(j, &c->spots[k]);
        json_close(j, ']');
        json_open(j, "lowers", '[');
        for (unsigned k = 0; k < c->lower_count; k++)
            json_text(j, NULL, c->lowers[k]);
        json_close(j, ']');
        json_real(j, "log10_lr", c->log10_lr, 3);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void write_claims(Json *j, const Verdict *v) {
    json_open(j, "claims", '[');
    for (unsigned i = 0; i < CLAIM_COUNT; i++) {
        json_open(j, NULL, '{');
        json_text(j, "claim", claim_kind_name((ClaimKind)i));
        json_text(j, "name", v->claims[i].name);
        json_real(j, "probability", v->claims[i].probability, 4);
        json_text(j, "words", v->claims[i].words);
        json_text(j, "statement", v->claims[i].statement);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void write_ids(Json *j, const char *key, const uint32_t *ids, size_t count) {
    json_open(j, key, '[');
    for (size_t i = 0; i < count; i++)
        json_u64(j, NULL, ids[i]);
    json_close(j, ']');
}

static void write_ledger(Json *j, const Verdict *v) {
    json_open(j, "ledger", '[');
    for (size_t i = 0; i < v->ledger.count; i++) {
        const LedgerRow *row = &v->ledger.at[i];
        json_open(j, NULL, '{');
        json_text(j, "group", row->group);
        json_text(j, "vertex", vertex_name(row->vertex));
        write_ids(j, "items", row->items.at, row->items.count);
        json_real(j, "log10_lr", row->log10_lr, 3);
        json_real(j, "cap", row->cap, 3);
        json_text(j, "forgeability", row->forgeability);
        json_open(j, "supports", '[');
        for (size_t k = 0; k < row->supports.count; k++)
            json_text(j, NULL, row->supports.at[k].name);
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void write_matrix_row(Json *j, const Verdict *v, const MatrixRow *row) {
    json_open(j, NULL, '{');
    write_ids(j, "evidence", row->group ? row->group->items.at : NULL,
              row->group ? row->group->items.count : 0);
    if (row->group)
        json_null(j, "contradiction");
    else
        json_u64(j, "contradiction", row->contradiction);
    json_text(j, "group", row->group ? row->group->group : NULL);
    json_open(j, "cells", '[');
    for (size_t k = 0; k < v->hypotheses.count; k++)
        json_text(j, NULL, matrix_cell_name(row->cells[k]));
    json_close(j, ']');
    json_close(j, '}');
}

static void write_matrix(Json *j, const Verdict *v) {
    json_open(j, "matrix", '{');
    json_open(j, "columns", '[');
    for (size_t k = 0; k < v->hypotheses.count; k++)
        json_u64(j, NULL, k + 1);
    json_close(j, ']');
    json_open(j, "rows", '[');
    for (size_t i = 0; i < v->matrix.rows.count; i++)
        write_matrix_row(j, v, &v->matrix.rows.at[i]);
    json_close(j, ']');
    json_open(j, "inconsistency", '[');
    for (size_t k = 0; v->matrix.inconsistency && k < v->hypotheses.count; k++)
        json_real(j, NULL, v->matrix.inconsistency[k], 3);
    json_close(j, ']');
    json_close(j, '}');
}

static void write_coverage(Json *j, const Verdict *v) {
    json_open(j, "coverage", '{');
    json_u64(j, "code_bytes", v->code_bytes);
    json_real(j, "recovered", v->coverage_recovered, 4);
    json_real(j, "library", v->coverage_library, 4);
    json_real(j, "compared", v->coverage_compared, 4);
    json_u64(j, "store_samples", v->store_samples);
    json_u64(j, "store_families", v->store_families);
    json_close(j, '}');
}

static bool has_best(const Verdict *v) {
    for (size_t i = 0; i < sizeof v->best_sha256; i++)
        if (v->best_sha256[i])
            return true;
    return false;
}

void json_write_verdict(const Verdict *v, const char *path, const char *version, Text *out) {
    Json j = json_record(out, "verdict");
    json_sha256(&j, "sha256", v->sha256);
    json_text(&j, "path", path);
    json_text(&j, "decision", decision_name(v->decision));
    write_hypotheses(&j, v);
    json_open(&j, "confidence", '{');
    json_text(&j, "level", v->confidence_level);
    write_lines(&j, "reasons", &v->confidence_reasons);
    json_close(&j, '}');
    write_evidence_list(&j, "evidence", v, false);
    write_evidence_list(&j, "against", v, true);
    write_contradictions(&j, v);
    write_claims(&j, v);
    write_ledger(&j, v);
    write_matrix(&j, v);
    write_coverage(&j, v);
    write_measures(&j, &v->measures);
    if (has_best(v)) {
        json_open(&j, "nearest", '{');
        json_sha256(&j, "sha256", v->best_sha256);
        json_text(&j, "name", v->best_name);
        json_close(&j, '}');
    } else {
        json_null(&j, "nearest");
    }
    json_bool(&j, "robust", v->robust);
    write_lines(&j, "hangs_on", &v->hangs_on);
    write_lines(&j, "would_change", &v->would_change);
    json_bool(&j, "was_cut", v->was_cut);
    write_lines(&j, "limits", &v->limits);
    json_open(&j, "versions", '{');
    json_text(&j, "cognate", version);
    json_u64(&j, "extractor", EXTRACTOR_VERSION);
    json_close(&j, '}');
    json_end(&j);
}
