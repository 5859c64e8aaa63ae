/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/matrix.h"

#include <math.h>
#include <string.h>

#include "judge/ledger.h"

/* ENFSI's verbal scale: a likelihood ratio above 10 supports moderately, above 100 strongly; below
 * a factor of two nothing is said (guess). */
static const double SAYS_SOMETHING = 0.3, SAYS_MUCH = 1.5;

static MatrixCell cell_of(double log10_lr) {
    return log10_lr >= SAYS_MUCH        ? CELL_CC
           : log10_lr >= SAYS_SOMETHING ? CELL_C
           : log10_lr > -SAYS_SOMETHING ? CELL_N
           : log10_lr > -SAYS_MUCH      ? CELL_I
                                        : CELL_II;
}

static bool is_capability(const LedgerRow *row) { return row->vertex == VERTEX_CAPABILITY; }

/* A group of evidence under a hypothesis, against a sample that has nothing to do with anybody.
 * What names somebody is expected if it is them and a coincidence if it is nobody. */
static double of_group(const LedgerRow *row, const Hypothesis *h) {
    bool is_named = h->kind == HYPOTHESIS_FAMILY || h->kind == HYPOTHESIS_CAMPAIGN ||
                    h->kind == HYPOTHESIS_ACTOR;
    if (is_named && ledger_points_to(row, h->kind, h->name))
        return h->kind == HYPOTHESIS_FAMILY || ledger_is_of_operators(row) ? row->log10_lr : 0;
    if (is_named) {
        bool is_theirs =
            h->kind == HYPOTHESIS_FAMILY ? is_capability(row) : ledger_is_of_operators(row);
        bool names_another = false;
        for (size_t i = 0; i < row->supports.count; i++)
            names_another |= row->supports.at[i].kind == h->kind;
        return is_theirs && names_another ? -row->log10_lr : 0;
    }
    switch (h->kind) {
    case HYPOTHESIS_PUBLIC_CODE: /* rare code is not public; infrastructure says nothing of code */
        return is_capability(row) ? -row->log10_lr / 2 : 0;
    case HYPOTHESIS_SHARED_SUPPLIER:
        return is_capability(row) ? row->log10_lr / 2 : 0;
    case HYPOTHESIS_FALSE_FLAG: /* easy to plant: as expected as under the truth */
        return !strcmp(row->forgeability, "easy")     ? row->log10_lr
               : !strcmp(row->forgeability, "medium") ? 0
                                                      : -row->log10_lr / 2;
    case HYPOTHESIS_UNKNOWN:
        return -row->log10_lr;
    case HYPOTHESIS_FAMILY:
    case HYPOTHESIS_CAMPAIGN:
    case HYPOTHESIS_ACTOR:
        break;
    }
    return 0;
}

static double of_contradiction(const Contradiction *c, const Hypothesis *h) {
    if (h->kind == HYPOTHESIS_FALSE_FLAG)
        return c->lower_count ? c->log10_lr : c->log10_lr / 2;
    for (unsigned i = 0; h->name && i < c->lower_count; i++)
        if (h->kind == HYPOTHESIS_FAMILY && !strcmp(c->lowers[i], h->name))
            return -c->log10_lr;
    return 0;
}

void matrix_fill(Verdict *v, Arena *a) {
    size_t columns = v->hypotheses.count;
    Matrix *m = &v->matrix;
    m->rows.max = v->ledger.count + v->contradiction_details.count + 1;
    m->inconsistency = ARENA_ARRAY(a, double, columns + 1);
    for (size_t i = 0; i < v->ledger.count + v->contradiction_details.count; i++) {
        MatrixRow *row = VEC_ADD(a, &m->rows);
        bool is_group = i < v->ledger.count;
        row->group = is_group ? &v->ledger.at[i] : NULL;
        row->contradiction = is_group ? 0 : i - v->ledger.count;
        row->cells = ARENA_ARRAY(a, MatrixCell, columns + 1);
        for (size_t k = 0; k < columns; k++) {
            const Hypothesis *h = &v->hypotheses.at[k];
            double lr = is_group
                            ? of_group(row->group, h)
                            : of_contradiction(&v->contradiction_details.at[row->contradiction], h);
            row->cells[k] = cell_of(lr);
            m->inconsistency[k] += fmax(0, -lr);
        }
    }
}
