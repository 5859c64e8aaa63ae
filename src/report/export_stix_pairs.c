/* SPDX-License-Identifier: Apache-2.0
 * export_stix_pairs.c: claims between indicators as STIX: an observable for each end, and a
 * relationship, which says in our extension that it is one; what is said of one indicator stands in
 * its observable's extension. Importing it gives the same claims. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "know/compromised.h"
#include "know/stix.h"
#include "report/export_stix.h"
#include "report/json.h"

enum { ID_BYTES = 96 };

typedef struct Pairs {
    KnowExport *x;
    Json *json;
    Map seen; /* ends that were written: key of the value */
} Pairs;

static const char *type_of(KnowValueKind kind) {
    return kind == KNOW_IPV4          ? "ipv4-addr"
           : kind == KNOW_IPV6        ? "ipv6-addr"
           : kind == KNOW_DOMAIN      ? "domain-name"
           : kind == KNOW_URL         ? "url"
           : kind == KNOW_ASN         ? "autonomous-system"
           : kind == KNOW_CERTIFICATE ? "x509-certificate"
                                      : NULL;
}

static void make_id(const char *type, const char *name, char out[ID_BYTES]) {
    char uuid[EXPORT_UUID_BYTES];
    export_uuid(name, uuid);
    snprintf(out, ID_BYTES, "%s--%s", type, uuid);
}

/* In our extension; the object's own properties are those of STIX. */
static void open_extension(Json *j) {
    json_open(j, "extensions", '{');
    json_open(j, STIX_EXTENSION, '{');
    json_text(j, "extension_type", "property-extension");
}

static void close_extension(Json *j) {
    json_close(j, '}');
    json_close(j, '}');
}

static void add_time(Json *j, const char *key, int64_t time, const char *otherwise) {
    char text[KNOW_TIME_BYTES];
    know_time_write(time, text);
    if (time > 0 || otherwise)
        json_text(j, key, time > 0 ? text : otherwise);
}

/* What is said of the indicator alone. */
static Status write_said(Pairs *p, uint64_t key, Error *err) {
    KnowClaimVec claims = {.max = 1024};
    Status status = know_view_claims(p->x->know, key, p->x->arena, &claims, err);
    bool is_any = false;
    for (size_t i = 0; i < claims.count && status == STATUS_OK; i++) {
        const KnowClaim *c = &claims.at[i];
        if (c->subject != key || c->object || !c->text)
            continue;
        if (!is_any)
            json_open(p->json, "claims", '[');
        is_any = true;
        export_stix_claim(p->json, c);
    }
    if (is_any)
        json_close(p->json, ']');
    return status;
}

/* Writes its id, too. */
static Status write_end(Pairs *p, KnowValueKind kind, const char *value, const char *holder,
                        char id[ID_BYTES], Error *err) {
    Json *j = p->json;
    char name[KNOW_PAIR_BYTES + 64];
    uint64_t key = know_value_key(kind, value);
    snprintf(name, sizeof name, "end|%s|%s", know_value_name(kind), value);
    make_id(type_of(kind), name, id);
    if (!map_put(&p->seen, key, 1))
        return STATUS_OK;
    json_open(j, NULL, '{');
    json_text(j, "type", type_of(kind));
    json_text(j, "spec_version", "2.1");
    json_text(j, "id", id);
    if (kind == KNOW_ASN) {
        json_u64(j, "number", strtoull(value + 2, NULL, 10));
        if (holder)
            json_text(j, "name", holder);
    } else if (kind == KNOW_CERTIFICATE) {
        json_open(j, "hashes", '{');
        json_text(j, "SHA-256", value);
        json_close(j, '}');
    } else {
        json_text(j, "value", value);
    }
    open_extension(j);
    json_bool(j, "is_end", true); /* nobody lists it: it stands for itself */
    Status status = write_said(p, key, err);
    close_extension(j);
    json_close(j, '}');
    return status;
}

static bool is_writable(const KnowPair *pair) {
    for (unsigned i = 0; i < 2; i++) {
        const char *value = pair->values[i];
        bool is_number = strlen(value) > 2 && strspn(value + 2, "0123456789") == strlen(value + 2);
        if (!type_of(pair->kinds[i]) || (pair->kinds[i] == KNOW_ASN && !is_number) ||
            (pair->kinds[i] == KNOW_CERTIFICATE && strlen(value) != 64))
            return false;
    }
    return true;
}

static Status write_pair(Pairs *p, const KnowClaim *c, const KnowPair *pair, Error *err) {
    char ends[2][ID_BYTES], id[ID_BYTES], name[KNOW_PAIR_BYTES + 512];
    Json *j = p->json;
    Status status = write_end(p, pair->kinds[0], pair->values[0], c->note, ends[0], err);
    if (status == STATUS_OK)
        status = write_end(p, pair->kinds[1], pair->values[1], c->note, ends[1], err);
    if (status != STATUS_OK)
        return status;
    snprintf(name, sizeof name, "pair|%s|%s|%.200s|%.100s|%lld|%lld|%lld", c->text,
             know_relation_name(c->relation), c->source ? c->source : "", c->note ? c->note : "",
             (long long)c->said, (long long)c->from, (long long)c->to);
    make_id("relationship", name, id);
    json_open(j, NULL, '{');
    json_text(j, "type", "relationship");
    json_text(j, "spec_version", "2.1");
    json_text(j, "id", id);
    add_time(j, "created", c->said, STIX_EPOCH);
    add_time(j, "modified", c->said, STIX_EPOCH);
    json_text(j, "relationship_type", know_relation_name(c->relation));
    json_text(j, "source_ref", ends[0]);
    json_text(j, "target_ref", ends[1]);
    if (c->note)
        json_text(j, "description", c->note);
    add_time(j, "start_time", c->from, NULL);
    if (c->to > c->from)
        add_time(j, "stop_time", c->to, NULL);
    open_extension(j);
    json_text(j, "pair", c->text);
    if (c->source)
        json_text(j, "source", c->source);
    close_extension(j);
    json_close(j, '}');
    return STATUS_OK;
}

static Status write_compromised(Pairs *p, const KnowClaim *c, Error *err) {
    const char *value = NULL;
    char id[ID_BYTES];
    KnowValueKind kind = c->text ? compromised_read(c->text, &value) : KNOW_VALUE_COUNT;
    return kind != KNOW_VALUE_COUNT && type_of(kind) ? write_end(p, kind, value, NULL, id, err)
                                                     : STATUS_OK;
}

static Status see_claim(void *ctx, const KnowEntry *e, Error *err) {
    Pairs *p = ctx;
    KnowClaim c;
    KnowPair pair;
    char room[KNOW_PAIR_BYTES];
    ArenaMark mark = arena_mark(p->x->arena);
    bool is_read = know_claim_read(e->payload, p->x->arena, &c);
    bool is_pair = is_read && c.object &&
                   (c.relation == KNOW_RESOLVES_TO || c.relation == KNOW_BELONGS_TO ||
                    c.relation == KNOW_CERTIFIES) &&
                   know_pair_read(c.text, room, &pair) && is_writable(&pair);
    Status status = STATUS_OK;
    if (is_pair)
        status = write_pair(p, &c, &pair, err);
    else if (is_read && c.relation == KNOW_COMPROMISED)
        status = write_compromised(p, &c, err);
    arena_reset(p->x->arena, mark);
    return status == STATUS_OK ? export_flush(p->x, false, err) : status;
}

Status export_stix_pairs(KnowExport *x, Json *json, Error *err) {
    Pairs p = {.x = x, .json = json, .seen = map_new(x->keep, 1024)};
    return know_view_each(x->know, KNOW_ENTRY_OUT, see_claim, &p, err);
}
