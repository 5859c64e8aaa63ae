/* SPDX-License-Identifier: Apache-2.0
 * export_reasoning.c: why a verdict says what it says, in sentences for the formats that have no
 * fields for it: the three claims, each hypothesis with what is inconsistent with it, the ledger.
 */
#include <string.h>

#include "report/export_verdict.h"
#include "report/number.h"

void claim_sentence(const Claim *c, Text *out) {
    text_add(out, c->statement);
    if (c->name) {
        text_add(out, "; probability ");
        text_add_real(out, c->probability, 4, false);
    }
}

void hypothesis_name(const Verdict *v, size_t index, Text *out) {
    const Hypothesis *h = &v->hypotheses.at[index];
    text_addf(out, "hypothesis %zu, %s%s%s: %s (probability ", index + 1,
              hypothesis_kind_name(h->kind), h->name ? " " : "", h->name ? h->name : "",
              h->words ? h->words : likelihood_words(h->probability));
    text_add_real(out, h->probability, 4, false);
    text_add(out, ")");
}

static void add_items(const LedgerRow *row, Text *out) {
    for (size_t i = 0; i < row->items.count; i++)
        text_addf(out, "%s%u", i ? ", " : "", row->items.at[i]);
}

/* "evidence 1, 2 (code)", or the contradiction's own sentence. */
static void add_row(const Verdict *v, const MatrixRow *row, Text *out) {
    if (row->group) {
        text_add(out, "evidence ");
        add_items(row->group, out);
        text_addf(out, " (%s)", row->group->group);
    } else {
        text_addf(out, "contradiction: %s",
                  v->contradiction_details.at[row->contradiction].statement);
    }
}

/* The rows of one cell's kind, behind `words`. */
static void add_cells(const Verdict *v, size_t column, MatrixCell cell, const char *words,
                      Text *out) {
    bool is_first = true;
    for (size_t i = 0; i < v->matrix.rows.count; i++) {
        const MatrixRow *row = &v->matrix.rows.at[i];
        if (row->cells[column] != cell)
            continue;
        text_add(out, is_first ? words : "; ");
        add_row(v, row, out);
        is_first = false;
    }
    text_add(out, is_first ? "" : ". ");
}

void hypothesis_reasons(const Verdict *v, size_t index, Text *out) {
    text_add(out, "log10 likelihood ratio ");
    text_add_real(out, v->hypotheses.at[index].log10_lr, 3, false);
    text_add(out, ". ");
    add_cells(v, index, CELL_II, "Very inconsistent with it: ", out);
    add_cells(v, index, CELL_I, "Inconsistent with it: ", out);
    add_cells(v, index, CELL_C, "Consistent with it: ", out);
    add_cells(v, index, CELL_CC, "Very consistent with it: ", out);
    add_cells(v, index, CELL_N, "Says nothing of it: ", out);
    if (v->matrix.inconsistency) {
        text_add(out, "Inconsistency in all (log10): ");
        text_add_real(out, v->matrix.inconsistency[index], 3, false);
    }
}

void ledger_name(const LedgerRow *row, Text *out) {
    text_addf(out, "ledger, %s (%s): log10 likelihood ratio ", row->group,
              vertex_name(row->vertex));
    text_add_real(out, row->log10_lr, 3, false);
}

void ledger_reasons(const LedgerRow *row, Text *out) {
    text_add(out, "evidence ");
    add_items(row, out);
    text_add(out, " has one cause and counts once, at most ");
    text_add_real(out, row->cap, 3, false);
    text_addf(out, "; %s to forge", row->forgeability);
    for (size_t i = 0; i < row->supports.count; i++)
        text_addf(out, "%s%s %s", i ? ", " : "; speaks for ",
                  hypothesis_kind_name(row->supports.at[i].kind), row->supports.at[i].name);
}

void verdict_rests_on(const Verdict *v, Text *out) {
    text_add(out, v->robust ? "survives the loss of any one item and any one reference sample"
                            : "does not survive the loss of every single item");
    for (size_t i = 0; i < v->hangs_on.count; i++)
        text_addf(out, "; %s", v->hangs_on.at[i]);
    for (size_t i = 0; i < v->would_change.count; i++)
        text_addf(out, "; would change it: %s", v->would_change.at[i]);
}
