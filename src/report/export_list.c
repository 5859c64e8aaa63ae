/* SPDX-License-Identifier: Apache-2.0
 * export_list.c: CSV (RFC 4180) and the layer of the ATT&CK Navigator (layer format 4.5). */
#include <stdio.h>
#include <string.h>

#include "report/export.h"
#include "report/json.h"

/* ---- CSV ---- */

void csv_field(Text *out, const char *text, size_t n) {
    bool is_formula = n > 0 && memchr("=+-@\t\r", text[0], 6);
    text_add_char(out, '"');
    if (is_formula)
        text_add_char(out, '\'');
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            text_add_char(out, '"');
        text_add_char(out, text[i]);
    }
    text_add_char(out, '"');
}

static void add_day(Text *out, int64_t time) {
    char text[KNOW_TIME_BYTES];
    know_time_write(time, text);
    text_add_char(out, ',');
    text_add_bytes(out, text, time ? 10 : 0);
}

typedef struct CsvRow {
    KnowExport *x;
    const KnowEntity *container;
} CsvRow;

static bool add_row(void *ctx, const KnowListed *listed) {
    const CsvRow *row = ctx;
    Text *out = &row->x->text;
    const KnowEntity *e = row->container;
    text_add(out, know_value_name(listed->kind));
    text_add_char(out, ',');
    csv_field(out, (const char *)listed->value.at, listed->value.size);
    add_day(out, listed->first);
    add_day(out, listed->last);
    text_add_char(out, ',');
    csv_field(out, e->name, strlen(e->name));
    text_add_char(out, ',');
    csv_field(out, e->source ? e->source : "", e->source ? strlen(e->source) : 0);
    text_add(out, "\r\n");
    return export_flush(row->x, false, NULL) == STATUS_OK;
}

static Status csv_entity(void *ctx, const KnowEntity *e, Error *err) {
    CsvRow row = {ctx, e};
    return know_view_values(row.x->know, e->id, add_row, &row, err);
}

Status export_csv(KnowExport *x, Error *err) {
    text_add(&x->text, "type,value,first_seen,last_seen,report,source\r\n");
    Status status = export_each_entity(x, csv_entity, x, err);
    return status == STATUS_OK ? export_flush(x, true, err) : status;
}

/* ---- Navigator ---- */

typedef struct Layer {
    KnowExport *x;
    Json json;
} Layer;

/* T1055 or T1055.011; NULL when it is no technique of ATT&CK. */
static const char *technique_of(const KnowClaimVec *claims, uint64_t id) {
    for (size_t i = 0; i < claims->count; i++) {
        const KnowClaim *c = &claims->at[i];
        if (c->relation == KNOW_EXTERNAL_ID && c->subject == id && c->text && c->text[0] == 'T' &&
            c->text[1] >= '0' && c->text[1] <= '9')
            return c->text;
    }
    return NULL;
}

static Status layer_entity(void *ctx, const KnowEntity *e, Error *err) {
    Layer *l = ctx;
    KnowClaimVec claims = {.max = 65536};
    if (e->kind != KNOW_TECHNIQUE || e->flags & (KNOW_REVOKED | KNOW_DEPRECATED))
        return STATUS_OK;
    Status status = know_view_claims(l->x->know, e->id, l->x->arena, &claims, err);
    const char *technique = technique_of(&claims, e->id);
    uint64_t users = 0;
    for (size_t i = 0; i < claims.count; i++)
        users += claims.at[i].relation == KNOW_USES && claims.at[i].object == e->id &&
                 export_has(l->x, claims.at[i].subject);
    if (status != STATUS_OK || !technique || !users)
        return status;
    json_open(&l->json, NULL, '{');
    json_text(&l->json, "techniqueID", technique);
    json_u64(&l->json, "score", users);
    json_text(&l->json, "comment", e->name);
    json_bool(&l->json, "enabled", true);
    json_close(&l->json, '}');
    return STATUS_OK;
}

Status export_navigator(KnowExport *x, Error *err) {
    Layer l = {x, {.out = &x->text}};
    json_open(&l.json, NULL, '{');
    json_text(&l.json, "name", "cognate");
    json_open(&l.json, "versions", '{');
    json_text(&l.json, "navigator", "4.9.1");
    json_text(&l.json, "layer", "4.5");
    json_close(&l.json, '}');
    json_text(&l.json, "domain", "enterprise-attack");
    json_text(&l.json, "description", "score: how many of those exported are said to use it");
    json_open(&l.json, "techniques", '[');
    Status status = export_each_entity(x, layer_entity, &l, err);
    json_close(&l.json, ']');
    json_close(&l.json, '}');
    text_add_char(&x->text, '\n');
    return status == STATUS_OK ? export_flush(x, true, err) : status;
}
