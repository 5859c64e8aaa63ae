/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/ledger.h"

#include <math.h>
#include <string.h>

#include "judge/calibrate.h"
#include "judge/ledger_table.h"

enum { GROUPS = sizeof LEDGER_GROUPS / sizeof *LEDGER_GROUPS, MAX_POINTERS = 32 };

static const LedgerGroup *group_of(const char *name) {
    for (size_t i = 0; name && i < GROUPS; i++)
        if (!strcmp(LEDGER_GROUPS[i].name, name))
            return &LEDGER_GROUPS[i];
    return NULL;
}

bool ledger_is_of_operators(const LedgerRow *row) {
    const LedgerGroup *group = group_of(row->group);
    return group && group->is_operators;
}

bool ledger_points_to(const LedgerRow *row, HypothesisKind kind, const char *name) {
    for (size_t i = 0; name && i < row->supports.count; i++)
        if (row->supports.at[i].kind == kind && !strcmp(row->supports.at[i].name, name))
            return true;
    return false;
}

void evidence_point(Evidence *e, HypothesisKind kind, const char *name, const char *source) {
    for (unsigned i = 0; name && i < e->point_count; i++)
        if (e->points[i].kind == kind && !strcmp(e->points[i].name, name))
            return;
    if (name && e->point_count < EVIDENCE_POINTERS)
        e->points[e->point_count++] = (Pointer){kind, name, source};
}

static int hardness(const char *forgeability) {
    return !forgeability ? 0 : !strcmp(forgeability, "hard") ? 2 : !strcmp(forgeability, "medium");
}

static void add_item(LedgerRow *row, const Evidence *e, double cap, Arena *a) {
    uint32_t *id = VEC_ADD(a, &row->items);
    if (id)
        *id = e->id;
    double lr = fmin(e->log10_lr, e->is_copyable ? fmin(cap, log10(COPYABLE)) : cap);
    row->log10_lr = fmax(row->log10_lr, lr);
    if (hardness(e->forgeability) > hardness(row->forgeability))
        row->forgeability = e->forgeability;
    for (unsigned i = 0; i < e->point_count; i++) {
        const Pointer *p = &e->points[i];
        Pointer *slot = ledger_points_to(row, p->kind, p->name) ? NULL : VEC_ADD(a, &row->supports);
        if (slot)
            *slot = *p;
    }
}

/* Functions are many and not independent of each other: together they say what the calibrated
 * probability of the first family says. */
static double log10_of_all_code(const Verdict *v) {
    double p = probability_from_measures(&v->measures);
    return log10(p / (1 - p));
}

void ledger_fill(const Verdict *v, LedgerLess less, Arena *a, LedgerVec *out) {
    *out = (LedgerVec){.max = GROUPS};
    for (size_t g = 0; g < GROUPS; g++) {
        LedgerRow row = {.group = LEDGER_GROUPS[g].name,
                         .vertex = LEDGER_GROUPS[g].vertex,
                         .cap = log10(LEDGER_GROUPS[g].lr),
                         .forgeability = "easy"};
        row.items.max = v->evidence.count + 1;
        row.supports.max = MAX_POINTERS;
        for (size_t i = 0; i < v->evidence.count; i++) {
            const Evidence *e = &v->evidence.at[i];
            bool is_out = e->is_against || group_of(e->group) != &LEDGER_GROUPS[g] ||
                          (less.item && e->id == less.item) ||
                          (less.source && e->source && !strcmp(e->source, less.source));
            if (!is_out)
                add_item(&row, e, row.cap, a);
        }
        if (row.items.count && !strcmp(row.group, "code"))
            row.log10_lr = fmax(row.log10_lr, fmin(row.cap, log10_of_all_code(v)));
        LedgerRow *slot = row.items.count ? VEC_ADD(a, out) : NULL;
        if (slot)
            *slot = row;
    }
}
