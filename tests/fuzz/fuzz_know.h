/* SPDX-License-Identifier: Apache-2.0
 * fuzz_know.h: hostile documents through the importers; what comes out keeps what know.h says. */
#ifndef COG_FUZZ_KNOW_H
#define COG_FUZZ_KNOW_H

#include <string.h>

#include "base/check.h"
#include "know/import.h"
#include "know/utf8.h"
#include "know/value.h"

static inline void check_text(const char *text, size_t most) {
    if (!text)
        return;
    size_t n = strlen(text);
    CHECK(n <= most);
    for (size_t i = 0; i < n;) {
        size_t size = utf8_length((const uint8_t *)text + i, n - i);
        CHECK(size > 0);
        i += size;
    }
}

static inline Status see_entity(void *ctx, const KnowEntity *e, Error *err) {
    (void)ctx;
    (void)err;
    CHECK(e->id && e->id == know_id(e->ref) && e->name && e->kind < KNOW_KIND_COUNT);
    check_text(e->name, 512);
    check_text(e->description, 4000);
    return STATUS_OK;
}

static inline Status see_claim(void *ctx, const KnowClaim *c, Error *err) {
    (void)ctx;
    (void)err;
    CHECK(c->subject && c->subject != c->object && c->relation < KNOW_RELATION_COUNT);
    CHECK(know_relation_has_object(c->relation) == (c->object != 0));
    check_text(c->text, 4000);
    check_text(c->note, 4000);
    bool is_pair = c->relation == KNOW_RESOLVES_TO || c->relation == KNOW_CERTIFIES;
    if (is_pair && c->text) {
        char room[KNOW_PAIR_BYTES];
        KnowPair pair;
        CHECK(know_pair_read(c->text, room, &pair));
        CHECK(c->subject == know_value_key(pair.kinds[0], pair.values[0]));
        CHECK(c->object == know_value_key(pair.kinds[1], pair.values[1]));
    }
    return STATUS_OK;
}

static inline Status see_sighting(void *ctx, const KnowSighting *s, Error *err) {
    (void)ctx;
    (void)err;
    CHECK(s->container && s->value[0] && s->kind < KNOW_VALUE_COUNT);
    check_text(s->value, KNOW_MAX_VALUE);
    return STATUS_OK;
}

static inline void see_problem(void *ctx, const KnowProblem *p) {
    (void)ctx;
    CHECK(p->line >= 1 && p->reason);
}

static inline void fuzz_import(const char *document, const uint8_t *data, size_t size) {
    KnowInput in;
    KnowImportStat stat;
    KnowImport import = {.document = document,
                         .now = know_time("2026-01-01"),
                         .sink = {NULL, see_entity, see_claim, see_sighting, see_problem}};
    know_input_from_memory(&in, (Bytes){data, size});
    Status status = know_import(&in, &import, &stat, NULL);
    CHECK(status == STATUS_OK || status == STATUS_USAGE);
    know_input_close(&in);
}

#endif
