/* SPDX-License-Identifier: Apache-2.0
 * collect.h: a sink that writes down what an importer says, one line each. */
#ifndef COG_TEST_COLLECT_H
#define COG_TEST_COLLECT_H

#include <string.h>

#include "base/text.h"
#include "know/import.h"

typedef struct Collected {
    Text lines;
    KnowImportStat stat;
    Status status;
    Error error;
} Collected;

static inline Status collect_entity(void *ctx, const KnowEntity *e, Error *err) {
    Collected *c = ctx;
    (void)err;
    text_addf(&c->lines, "entity %s %s \"%s\" flags=%u\n", know_kind_name(e->kind), e->ref, e->name,
              e->flags);
    return STATUS_OK;
}

static inline Status collect_claim(void *ctx, const KnowClaim *k, Error *err) {
    Collected *c = ctx;
    (void)err;
    text_addf(&c->lines, "claim %s", know_relation_name(k->relation));
    if (k->text)
        text_addf(&c->lines, " \"%s\"", k->text);
    text_addf(&c->lines, " by %s", k->source ? k->source : "-");
    if (k->trust.confidence != KNOW_NO_CONFIDENCE)
        text_addf(&c->lines, " conf=%u", k->trust.confidence);
    if (k->trust.reliability)
        text_addf(&c->lines, " %c%u", k->trust.reliability, k->trust.credibility);
    text_addf(&c->lines, "\n");
    return STATUS_OK;
}

static inline Status collect_sighting(void *ctx, const KnowSighting *s, Error *err) {
    Collected *c = ctx;
    (void)err;
    text_addf(&c->lines, "sighting %s %s\n", know_value_name(s->kind), s->value);
    return STATUS_OK;
}

static inline void collect_problem(void *ctx, const KnowProblem *p) {
    Collected *c = ctx;
    text_addf(&c->lines, "problem %llu:%llu %s %s%s\n", (unsigned long long)p->line,
              (unsigned long long)p->off, p->object ? p->object : "-", p->reason,
              p->is_skipped ? " (skipped)" : "");
}

/* document: its name; now: 2026-01-01. Free lines with text_free. */
static inline Collected collect(const char *document, Bytes bytes) {
    Collected c = {.lines = text_new(64 << 20)};
    KnowInput in;
    KnowImport import = {
        .document = document,
        .now = know_time("2026-01-01"),
        .sink = {&c, collect_entity, collect_claim, collect_sighting, collect_problem}};
    know_input_from_memory(&in, bytes);
    c.status = know_import(&in, &import, &c.stat, &c.error);
    know_input_close(&in);
    return c;
}

#endif
