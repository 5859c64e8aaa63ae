/* SPDX-License-Identifier: Apache-2.0
 * misp.c: MISP events (core format, draft-09 of misp-standard.org). An event may have its fields in
 * any order: its own are read first, its attributes in a second pass over the same bytes. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "know/compromised.h"
#include "know/importer.h"
#include "know/types.h"

typedef struct Event {
    Importer *i;
    KnowEntity entity;
    KnowClaim claim;
    bool was_deleted;
} Event;

/* Each record of the array at the walk; anything else is passed over. */
static void for_each(Event *e, void (*one)(void *ctx, Importer *i, const JsonValue *v)) {
    Importer *i = e->i;
    if (!json_walk_enter(&i->walk, '[')) {
        json_walk_skip(&i->walk);
        return;
    }
    uint64_t odd = importer_records(i, one, e);
    i->object = e->entity.ref;
    if (odd)
        importer_problem(i, false, "%llu syntax errors between the records",
                         (unsigned long long)odd);
}

/* Seconds since 1970, as MISP writes them, or RFC 3339. */
static int64_t stamp(Importer *i, const JsonValue *v, const char *key) {
    const char *text = json_find_text(v, key);
    if (!text || !*text || strcmp(text, "0") == 0)
        return 0;
    if (strspn(text, "0123456789") != strlen(text))
        return importer_time(i, text, key);
    return strlen(text) <= 11 ? strtoll(text, NULL, 10) * 1000 : 0;
}

/* ---- tags and galaxies ---- */

/* Between the quotes of name="value". */
static const char *quoted(Importer *i, const char *tag) {
    const char *start = strchr(tag, '"'), *end = start ? strrchr(tag, '"') : NULL;
    if (!start || end <= start + 1)
        return NULL;
    return arena_text(i->arena, (Bytes){(const uint8_t *)start + 1, (size_t)(end - start) - 1});
}

/* What the event says of something with a galaxy's type. */
static KnowRelation relation_to(KnowKind kind) {
    switch (kind) {
    case KNOW_ACTOR:
    case KNOW_CAMPAIGN:
        return KNOW_ATTRIBUTED_TO;
    case KNOW_FAMILY:
        return KNOW_INDICATES;
    case KNOW_LOCATION:
    case KNOW_ORGANISATION:
        return KNOW_TARGETS;
    case KNOW_OTHER:
    case KNOW_INCIDENT:
    case KNOW_TOOL:
    case KNOW_INFRASTRUCTURE:
    case KNOW_REPORT:
    case KNOW_TECHNIQUE:
    case KNOW_VULNERABILITY:
    case KNOW_SAMPLE:
    case KNOW_INDICATOR:
    case KNOW_ROUTINE:
    case KNOW_KIND_COUNT:
        break;
    }
    return KNOW_MENTIONS;
}

static void relate_cluster(Event *e, const char *type, const char *uuid, const char *value) {
    char ref[KNOW_MAX_NAME];
    KnowEntity cluster = {.kind = know_kind_from_galaxy(type), .source = "MISP galaxy"};
    if (uuid)
        snprintf(ref, sizeof ref, "misp:%.64s", uuid);
    else
        snprintf(ref, sizeof ref, "misp-galaxy:%.64s=%.300s", type, value);
    cluster.ref = ref;
    cluster.id = know_id(ref);
    cluster.name = importer_name(e->i, value, ref);
    importer_entity(e->i, &cluster);
    KnowClaim c = e->claim;
    c.object = cluster.id;
    c.relation = relation_to(cluster.kind);
    importer_claim(e->i, &c);
}

static void see_trust_tag(Event *e, const char *name) {
    static const char reliability[] = "admiralty-scale:source-reliability=\"";
    static const char credibility[] = "admiralty-scale:information-credibility=\"";
    size_t n = sizeof reliability - 1, m = sizeof credibility - 1;
    if (strncmp(name, reliability, n) == 0 && (name[n] | 32) >= 'a' && (name[n] | 32) <= 'f')
        e->claim.trust.reliability = (char)(name[n] & ~32);
    if (strncmp(name, credibility, m) == 0 && name[m] >= '1' && name[m] <= '6')
        e->claim.trust.credibility = (uint8_t)(name[m] - '0');
}

static void see_tags(Event *e, const JsonValue *list, bool only_trust) {
    static const char galaxy[] = "misp-galaxy:";
    for (const JsonValue *t = list ? list->first : NULL; t; t = t->next) {
        const char *name = json_find_text(t, "name");
        if (!name)
            continue;
        see_trust_tag(e, name);
        const char *equals = strchr(name, '='), *value = equals ? quoted(e->i, equals) : NULL;
        if (only_trust || strncmp(name, galaxy, sizeof galaxy - 1) != 0 || !value)
            continue;
        const char *type = name + sizeof galaxy - 1;
        relate_cluster(
            e, arena_text(e->i->arena, (Bytes){(const uint8_t *)type, (size_t)(equals - type)}),
            NULL, value);
    }
}

static void see_galaxies(Event *e, const JsonValue *list) {
    for (const JsonValue *g = list ? list->first : NULL; g; g = g->next) {
        const JsonValue *clusters = json_find_type(g, "GalaxyCluster", JSON_ARRAY);
        for (const JsonValue *c = clusters ? clusters->first : NULL; c; c = c->next) {
            const char *type = json_find_text(c, "type"), *value = json_find_text(c, "value");
            if (type && value)
                relate_cluster(e, type, json_find_text(c, "uuid"), value);
        }
    }
}

/* ---- attributes ---- */

/* Somebody else's host, by its tag (MISP taxonomy "adversary") or its comment. */
static const char *is_compromised(const JsonValue *a) {
    static const char tag[] = "adversary:infrastructure-status=\"compromised\"";
    const JsonValue *tags = json_find_type(a, "Tag", JSON_ARRAY);
    const char *comment = json_find_text(a, "comment");
    for (const JsonValue *t = tags ? tags->first : NULL; t; t = t->next) {
        const char *name = json_find_text(t, "name");
        if (name && strcmp(name, tag) == 0)
            return tag;
    }
    return comment && compromised_says(comment) ? comment : NULL;
}

static void attribute(Event *e, const JsonValue *a) {
    Importer *i = e->i;
    const char *type = json_find_text(a, "type"), *value = json_find_text(a, "value");
    i->object = json_find_text(a, "uuid");
    if (!type || !value) {
        importer_problem(i, true, "an attribute without %s", type ? "value" : "type");
        return;
    }
    if (json_find_true(a, "deleted"))
        return;
    if (strcmp(type, "threat-actor") == 0 || strcmp(type, "campaign-name") == 0) {
        relate_cluster(e, type[0] == 't' ? "threat-actor" : "mitre-campaign", NULL, value);
        return;
    }
    if (strcmp(type, "link") == 0) {
        importer_say(i, &e->claim, KNOW_REFERENCE, value);
        return;
    }
    KnowType kinds = know_type_from_name(type, strlen(type));
    KnowSighting s = {.container = e->entity.id,
                      .first = stamp(i, a, "first_seen"),
                      .last = stamp(i, a, "last_seen")};
    s.first = s.first ? s.first : e->entity.first_seen;
    const char *bar = strchr(type, '|') ? strrchr(value, '|') : NULL;
    size_t n = bar ? (size_t)(bar - value) : strlen(value);
    if (kinds.kind != KNOW_VALUE_COUNT && !importer_sight(i, &s, kinds.kind, value, n))
        importer_problem(i, true, "is no %s: %.80s", type, value);
    if (bar && kinds.second != KNOW_VALUE_COUNT &&
        !importer_sight(i, &s, kinds.second, bar + 1, strlen(bar + 1)))
        importer_problem(i, true, "is no %s: %.80s", type, value);
    const char *why = is_compromised(a);
    if (why && kinds.kind != KNOW_VALUE_COUNT)
        importer_compromised(i, &e->claim, kinds.kind, value, n, why);
    if (why && bar && kinds.second != KNOW_VALUE_COUNT)
        importer_compromised(i, &e->claim, kinds.second, bar + 1, strlen(bar + 1), why);
    if (bar && strcmp(type, "domain|ip") == 0) {
        KnowClaim c = e->claim;
        c.from = stamp(i, a, "first_seen");
        c.to = stamp(i, a, "last_seen");
        const char *name = arena_text(i->arena, (Bytes){(const uint8_t *)value, n});
        cof_answer(i, &c, name, strchr(bar + 1, ':') ? "AAAA" : "A", bar + 1);
    }
}

static void object(Event *e, const JsonValue *o) {
    const JsonValue *list = json_find_type(o, "Attribute", JSON_ARRAY);
    if (json_find_true(o, "deleted"))
        return;
    for (const JsonValue *a = list ? list->first : NULL; a; a = a->next)
        attribute(e, a);
    misp_host_object(e->i, &e->claim, o);
}

/* ---- the event ---- */

static bool is_list(const char *key) {
    return strcmp(key, "Attribute") == 0 || strcmp(key, "Object") == 0 ||
           strcmp(key, "ShadowAttribute") == 0 || strcmp(key, "RelatedEvent") == 0 ||
           strcmp(key, "EventReport") == 0;
}

/* The event's own fields as one object. */
static JsonValue *read_header(Importer *i) {
    char key[256];
    uint64_t odd = 0;
    JsonValue *header = ARENA_NEW(i->arena, JsonValue), **last = &header->first;
    header->type = JSON_OBJECT;
    if (!json_walk_enter(&i->walk, '{'))
        return NULL;
    while (json_walk_key(&i->walk, key, &odd)) {
        if (is_list(key)) {
            json_walk_skip(&i->walk);
            continue;
        }
        const JsonValue *v = importer_record(i);
        i->stat->records--; /* a field is none */
        if (!v)
            continue;
        JsonValue *copy = ARENA_NEW(i->arena, JsonValue);
        *copy = *v;
        copy->key = arena_text(i->arena, (Bytes){(const uint8_t *)key, strlen(key)});
        copy->next = NULL;
        *last = copy;
        last = &copy->next;
    }
    return header;
}

static bool begin_event(Event *e, const JsonValue *header) {
    Importer *i = e->i;
    const char *uuid = json_find_text(header, "uuid"), *id = json_find_text(header, "id");
    const char *info = json_find_text(header, "info");
    const JsonValue *maker = json_find_type(header, "Orgc", JSON_OBJECT);
    const char *who = json_find_text(maker, "name");
    if (!uuid && !id && !info) {
        importer_problem(i, true, "an event without uuid, id and info");
        return false;
    }
    KnowEntity *entity = &e->entity;
    const char *name = importer_name(i, uuid ? uuid : id ? id : info, "event");
    entity->ref = importer_join(i, uuid ? "misp:" : "misp-event:", name);
    i->object = entity->ref;
    entity->id = know_id(entity->ref);
    entity->kind = KNOW_REPORT;
    entity->name = importer_name(i, info, entity->ref);
    entity->source = who ? who : i->import->source;
    entity->first_seen = importer_time(i, json_find_text(header, "date"), "date");
    entity->modified = stamp(i, header, "timestamp");
    e->claim = (KnowClaim){.subject = entity->id,
                           .source = entity->source,
                           .said = entity->first_seen,
                           .trust = KNOW_TRUST_NONE};
    const JsonValue *tags = json_find_type(header, "Tag", JSON_ARRAY);
    see_tags(e, tags, true); /* how sure it is goes with all that it says */
    importer_entity(i, entity);
    see_tags(e, tags, false);
    see_galaxies(e, json_find_type(header, "Galaxy", JSON_ARRAY));
    const char *extends = json_find_text(header, "extends_uuid");
    if (extends && *extends) {
        KnowClaim c = e->claim;
        c.relation = KNOW_PART_OF;
        c.object = know_id(importer_join(i, "misp:", extends));
        importer_claim(i, &c);
    }
    return true;
}

static void see_attribute(void *ctx, Importer *i, const JsonValue *v) {
    (void)i;
    attribute(ctx, v);
}

static void see_object(void *ctx, Importer *i, const JsonValue *v) {
    (void)i;
    object(ctx, v);
}

static void read_lists(Event *e) {
    Importer *i = e->i;
    char key[256];
    uint64_t odd = 0;
    if (!json_walk_enter(&i->walk, '{'))
        return;
    while (i->status == STATUS_OK && json_walk_key(&i->walk, key, &odd)) {
        if (strcmp(key, "Attribute") == 0)
            for_each(e, see_attribute);
        else if (strcmp(key, "Object") == 0)
            for_each(e, see_object);
        else
            json_walk_skip(&i->walk);
    }
}

void misp_import_event(Importer *i) {
    jmp_buf escape;
    Event e = {.i = i};
    ArenaMark mark = arena_mark(i->arena);
    KnowPlace start = know_input_place(i->in);
    bool is_good = false;
    if (json_walk_peek(&i->walk) != '{') {
        json_walk_skip(&i->walk);
        return;
    }
    if (setjmp(escape) == 0) {
        arena_set_escape(i->arena, &escape);
        const JsonValue *header = read_header(i);
        is_good = header && begin_event(&e, header);
    } else {
        importer_problem(i, true, "the event's own fields need too much memory");
    }
    arena_set_escape(i->arena, NULL);
    if (is_good && i->status == STATUS_OK) {
        know_input_seek(i->in, start);
        i->stat->records++;
        read_lists(&e);
    }
    arena_reset(i->arena, mark);
}
