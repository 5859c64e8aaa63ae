/* SPDX-License-Identifier: Apache-2.0
 * export_misp.c: reports and lists as MISP events (core format), each with its indicators as
 * attributes, its trust as tags, and what it says of actors and families as galaxy tags. */
#include <stdio.h>
#include <string.h>

#include "report/export.h"
#include "report/json.h"

typedef struct Misp {
    KnowExport *x;
    Json json;
    const KnowEntity *event;
} Misp;

static const char *type_of(KnowValueKind kind, const char **category) {
    static const struct {
        const char *type, *category;
    } TYPES[KNOW_VALUE_COUNT] = {
        [KNOW_IPV4] = {"ip-dst", "Network activity"},
        [KNOW_IPV6] = {"ip-dst", "Network activity"},
        [KNOW_DOMAIN] = {"domain", "Network activity"},
        [KNOW_URL] = {"url", "Network activity"},
        [KNOW_EMAIL] = {"email", "Network activity"},
        [KNOW_USER_AGENT] = {"user-agent", "Network activity"},
        [KNOW_HTTP_PATH] = {"uri", "Network activity"},
        [KNOW_PORT] = {"port", "Network activity"},
        [KNOW_ASN] = {"AS", "Network activity"},
        [KNOW_MUTEX] = {"mutex", "Artifacts dropped"},
        [KNOW_REGISTRY] = {"regkey", "Persistence mechanism"},
        [KNOW_PIPE] = {"named pipe", "Artifacts dropped"},
        [KNOW_FILE_NAME] = {"filename", "Payload delivery"},
        [KNOW_PATH] = {"filename", "Artifacts dropped"},
        [KNOW_PDB] = {"pdb", "Artifacts dropped"},
        [KNOW_MD5] = {"md5", "Payload delivery"},
        [KNOW_SHA1] = {"sha1", "Payload delivery"},
        [KNOW_SHA256] = {"sha256", "Payload delivery"},
        [KNOW_SHA512] = {"sha512", "Payload delivery"},
        [KNOW_IMPHASH] = {"imphash", "Payload delivery"},
        [KNOW_SSDEEP] = {"ssdeep", "Payload delivery"},
        [KNOW_TLSH] = {"tlsh", "Payload delivery"},
        [KNOW_SERVICE] = {"windows-service-name", "Artifacts dropped"},
    };
    *category = TYPES[kind].category;
    return TYPES[kind].type;
}

static bool add_attribute(void *ctx, const KnowListed *listed) {
    Misp *m = ctx;
    Json *j = &m->json;
    const char *category;
    const char *type = type_of(listed->kind, &category);
    char name[4608], uuid[EXPORT_UUID_BYTES], time[KNOW_TIME_BYTES];
    if (!type)
        return true;
    snprintf(name, sizeof name, "%.400s|%s|%.*s", m->event->ref, type, (int)listed->value.size,
             (const char *)listed->value.at);
    export_uuid(name, uuid);
    json_open(j, NULL, '{');
    json_text(j, "uuid", uuid);
    json_text(j, "type", type);
    json_text(j, "category", category);
    json_bool(j, "to_ids", listed->kind != KNOW_PORT && listed->kind != KNOW_ASN);
    json_bytes(j, "value", listed->value);
    know_time_write(listed->first, time);
    if (listed->first > 0)
        json_text(j, "first_seen", time);
    know_time_write(listed->last, time);
    if (listed->last > listed->first)
        json_text(j, "last_seen", time);
    json_close(j, '}');
    return export_flush(m->x, false, NULL) == STATUS_OK;
}

static void add_tag(Json *j, const char *name) {
    json_open(j, NULL, '{');
    json_text(j, "name", name);
    json_close(j, '}');
}

static Status add_tags(Misp *m, const KnowClaimVec *claims, Error *err) {
    Status status = STATUS_OK;
    for (size_t i = 0; i < claims->count && status == STATUS_OK; i++) {
        const KnowClaim *c = &claims->at[i];
        KnowEntity other;
        char tag[700];
        if (c->subject != m->event->id || !c->object)
            continue;
        status = know_view_entity(m->x->know, c->object, m->x->arena, &other, err);
        const char *galaxy = other.kind == KNOW_ACTOR    ? "threat-actor"
                             : other.kind == KNOW_FAMILY ? "malpedia"
                                                         : NULL;
        if (status == STATUS_OK && galaxy) {
            snprintf(tag, sizeof tag, "misp-galaxy:%s=\"%.500s\"", galaxy, other.name);
            add_tag(&m->json, tag);
        }
        status = status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    return status;
}

static Status write_event(void *ctx, const KnowEntity *e, Error *err) {
    Misp *m = ctx;
    Json *j = &m->json;
    KnowClaimVec claims = {.max = 4096};
    char uuid[EXPORT_UUID_BYTES], maker[EXPORT_UUID_BYTES], date[KNOW_TIME_BYTES];
    if (e->kind != KNOW_REPORT && e->kind != KNOW_INDICATOR)
        return STATUS_OK;
    m->event = e;
    Status status = know_view_claims(m->x->know, e->id, m->x->arena, &claims, err);
    export_uuid(e->ref, uuid);
    export_uuid(e->source ? e->source : "cognate", maker);
    know_time_write(e->first_seen, date);
    date[10] = 0;
    json_open(j, NULL, '{');
    json_open(j, "Event", '{');
    json_text(j, "uuid",
              strncmp(e->ref, "misp:", 5) == 0 && strlen(e->ref) == 41 ? e->ref + 5 : uuid);
    json_text(j, "info", e->name);
    json_text(j, "date", date);
    json_text(j, "threat_level_id", "4"); /* undefined: it is not ours to say */
    json_text(j, "analysis", "2");
    json_open(j, "Orgc", '{');
    json_text(j, "name", e->source ? e->source : "cognate");
    json_text(j, "uuid", maker);
    json_close(j, '}');
    json_open(j, "Tag", '[');
    if (status == STATUS_OK)
        status = add_tags(m, &claims, err);
    json_close(j, ']');
    json_open(j, "Attribute", '[');
    if (status == STATUS_OK)
        status = know_view_values(m->x->know, e->id, add_attribute, m, err);
    json_close(j, ']');
    json_close(j, '}');
    json_close(j, '}');
    return status;
}

Status export_misp(KnowExport *x, Error *err) {
    Misp m = {.x = x, .json = {.out = &x->text}};
    json_open(&m.json, NULL, '{');
    json_open(&m.json, "response", '[');
    Status status = export_each_entity(x, write_event, &m, err);
    json_close(&m.json, ']');
    json_close(&m.json, '}');
    text_add_char(&x->text, '\n');
    return status == STATUS_OK ? export_flush(x, true, err) : status;
}
