/* SPDX-License-Identifier: Apache-2.0
 * export_stix_pairs.c: claims between indicators as STIX: an observable for each end, and a
 * relationship, which says in our extension that it is one. Importing it gives the same claim. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void write_end(Pairs *p, KnowValueKind kind, const char *value, const char *holder,
                      const char *id) {
    Json *j = p->json;
    if (!map_put(&p->seen, know_value_key(kind, value), 1))
        return;
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
    close_extension(j);
    json_close(j, '}');
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

static void write_pair(Pairs *p, const KnowClaim *c, const KnowPair *pair) {
    char ends[2][ID_BYTES], id[ID_BYTES], name[KNOW_PAIR_BYTES + 512];
    Json *j = p->json;
    for (unsigned i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "end|%s|%s", know_value_name(pair->kinds[i]), pair->values[i]);
        make_id(type_of(pair->kinds[i]), name, ends[i]);
        write_end(p, pair->kinds[i], pair->values[i], c->note, ends[i]);
    }
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
}

static Status see_claim(void *ctx, const KnowEntry *e, Error *err) {
    Pairs *p = ctx;
    KnowClaim c;
    KnowPair pair;
    char room[KNOW_PAIR_BYTES];
    ArenaMark mark = arena_mark(p->x->arena);
    bool is_pair = know_claim_read(e->payload, p->x->arena, &c) && c.object &&
                   (c.relation == KNOW_RESOLVES_TO || c.relation == KNOW_BELONGS_TO ||
                    c.relation == KNOW_CERTIFIES) &&
                   know_pair_read(c.text, room, &pair) && is_writable(&pair);
    if (is_pair)
        write_pair(p, &c, &pair);
    arena_reset(p->x->arena, mark);
    return export_flush(p->x, false, err);
}

Status export_stix_pairs(KnowExport *x, Json *json, Error *err) {
    Pairs p = {.x = x, .json = json, .seen = map_new(x->keep, 1024)};
    return know_view_each(x->know, KNOW_ENTRY_OUT, see_claim, &p, err);
}
