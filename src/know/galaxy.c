/* SPDX-License-Identifier: Apache-2.0
 * galaxy.c: MISP galaxies (misp-standard.org, galaxy format): clusters of actors, families, tools.
 * meta.name-attribution says which organisation uses an alias; where it is silent, the galaxy
 * itself is the namer. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "know/importer.h"
#include "know/stix.h"
#include "know/types.h"

typedef struct Galaxy {
    Importer *i;
    KnowKind kind;
    const char *source;
} Galaxy;

typedef struct Cluster {
    Importer *i;
    const JsonValue *meta;
    KnowEntity entity;
    KnowClaim claim;
} Cluster;

/* Texts of a list or a single one. */
static void say_all(const Cluster *c, const KnowClaim *like, const char *key,
                    KnowRelation relation) {
    const JsonValue *v = json_find(c->meta, key);
    if (v && v->type == JSON_STRING)
        importer_say(c->i, like, relation, v->text);
    for (const JsonValue *t = v && v->type == JSON_ARRAY ? v->first : NULL; t; t = t->next)
        if (t->type == JSON_STRING)
            importer_say(c->i, like, relation, t->text);
}

/* "Alias:uuid" of the organisation, or NULL. */
static const char *namer_of(const Cluster *c, const char *alias) {
    const JsonValue *list = json_find_type(c->meta, "name-attribution", JSON_ARRAY);
    size_t n = strlen(alias);
    for (const JsonValue *t = list ? list->first : NULL; t; t = t->next)
        if (t->type == JSON_STRING && strncmp(t->text, alias, n) == 0 && t->text[n] == ':')
            return importer_join(c->i, "misp:", t->text + n + 1);
    return json_find_text(c->meta, importer_join(c->i, "origin:", alias));
}

static void say_aliases(const Cluster *c) {
    static const char sub_group[] = "Subgroup: ";
    const JsonValue *list = json_find_type(c->meta, "synonyms", JSON_ARRAY);
    for (const JsonValue *t = list ? list->first : NULL; t; t = t->next) {
        KnowClaim claim = c->claim;
        if (t->type != JSON_STRING || strcmp(t->text, c->entity.name) == 0)
            continue;
        const char *namer = namer_of(c, t->text);
        claim.source = namer ? namer : claim.source;
        /* A part is no other name for the whole. */
        if (strncmp(t->text, sub_group, sizeof sub_group - 1) == 0)
            importer_say(c->i, &claim, KNOW_NOTE, t->text);
        else
            importer_say(c->i, &claim, KNOW_ALIAS, t->text);
    }
}

/* estimative-language:likelihood-probability="likely" as a STIX confidence (WEP scale of STIX 2.1,
 * appendix A). */
static uint8_t confidence_from_tags(const JsonValue *tags) {
    static const struct {
        const char *word;
        uint8_t confidence;
    } WORDS[] = {{"\"almost-no-chance\"", 5}, {"\"very-unlikely\"", 10},
                 {"\"unlikely\"", 30},        {"\"roughly-even-chance\"", 50},
                 {"\"likely\"", 70},          {"\"very-likely\"", 90},
                 {"\"almost-certain\"", 95}};
    for (const JsonValue *t = tags ? tags->first : NULL; t; t = t->next)
        for (size_t k = 0; t->type == JSON_STRING && k < sizeof WORDS / sizeof *WORDS; k++)
            if (strstr(t->text, WORDS[k].word))
                return WORDS[k].confidence;
    return KNOW_NO_CONFIDENCE;
}

static void relate(const Cluster *c, const JsonValue *related) {
    static const struct {
        const char *type;
        KnowRelation relation;
        bool is_reversed;
    } TYPES[] = {
        {"used-by", KNOW_USES, true},
        {"dropped-by", KNOW_DELIVERS, true},
        {"dropped", KNOW_DELIVERS, false},
        {"subgroup-of", KNOW_PART_OF, false},
        {"child-of", KNOW_PART_OF, false},
        {"parent-of", KNOW_PART_OF, true},
        {"successor-of", KNOW_DERIVED_FROM, false},
        {"preceded-by", KNOW_DERIVED_FROM, false},
        {"executed-by", KNOW_ATTRIBUTED_TO, false},
        {"linked-to", KNOW_RELATED_TO, false},
        {"overlaps", KNOW_SIMILAR_TO, false},
    };
    const char *to = json_find_text(related, "dest-uuid"), *type = json_find_text(related, "type");
    if (!to || !type) {
        importer_problem(c->i, false, "a relation without dest-uuid or type");
        return;
    }
    KnowClaim claim = c->claim;
    claim.relation = stix_relation(type);
    claim.object = know_id(importer_join(c->i, "misp:", to));
    claim.trust.confidence = confidence_from_tags(json_find_type(related, "tags", JSON_ARRAY));
    if (claim.relation == KNOW_RELATED_TO && strcmp(type, "related-to") != 0)
        claim.text = type;
    for (size_t k = 0; k < sizeof TYPES / sizeof *TYPES; k++)
        if (strcmp(TYPES[k].type, type) == 0) {
            claim.relation = TYPES[k].relation;
            claim.text = NULL;
            if (TYPES[k].is_reversed) {
                claim.subject = claim.object;
                claim.object = c->entity.id;
            }
        }
    importer_claim(c->i, &claim);
}

static void cluster(void *ctx, Importer *i, const JsonValue *v) {
    const Galaxy *g = ctx;
    const char *value = json_find_text(v, "value"), *uuid = json_find_text(v, "uuid");
    i->object = uuid;
    if (!value || !*value) {
        importer_problem(i, true, "a cluster without a value");
        return;
    }
    Cluster c = {.i = i, .meta = json_find_type(v, "meta", JSON_OBJECT)};
    const char *own = uuid ? uuid : value;
    if (strlen(own) > KNOW_MAX_NAME) {
        importer_problem(i, true, "a cluster's name is too long");
        return;
    }
    c.entity = (KnowEntity){.ref = importer_join(i, uuid ? "misp:" : "misp-cluster:", own),
                            .kind = g->kind,
                            .name = importer_name(i, value, own),
                            .description = importer_text(i, json_find_text(v, "description")),
                            .source = g->source};
    c.entity.id = know_id(c.entity.ref);
    c.entity.flags = json_find_true(v, "revoked") ? KNOW_REVOKED : 0u;
    c.entity.flags |= g->kind == KNOW_TOOL ? KNOW_PUBLIC : 0u;
    importer_entity(i, &c.entity);
    c.claim = (KnowClaim){.subject = c.entity.id, .source = g->source, .trust = KNOW_TRUST_NONE};
    say_aliases(&c);
    say_all(&c, &c.claim, "refs", KNOW_REFERENCE);
    say_all(&c, &c.claim, "external_id", KNOW_EXTERNAL_ID);
    say_all(&c, &c.claim, "cfr-suspected-victims", KNOW_VICTIM);
    KnowClaim doubted = c.claim;
    const char *confidence = json_find_text(c.meta, "attribution-confidence");
    long percent = confidence ? strtol(confidence, NULL, 10) : -1;
    if (percent >= 0 && percent <= 100)
        doubted.trust.confidence = (uint8_t)percent;
    say_all(&c, &doubted, "country", KNOW_COUNTRY);
    say_all(&c, &doubted, "cfr-suspected-state-sponsor", KNOW_SPONSOR);
    const JsonValue *list = json_find_type(v, "related", JSON_ARRAY);
    for (const JsonValue *r = list ? list->first : NULL; r; r = r->next)
        relate(&c, r);
}

/* Text of a top-level field, in the arena. */
static const char *field(Importer *i) {
    const JsonValue *v = importer_record(i);
    i->stat->records--;
    return v && v->type == JSON_STRING ? v->text : NULL;
}

void galaxy_import(Importer *i) {
    Galaxy g = {.i = i, .source = "MISP galaxy"};
    ArenaMark mark = arena_mark(i->arena);
    KnowPlace start = know_input_place(i->in), values = start;
    char key[256];
    uint64_t odd = 0;
    const char *type = NULL, *name = NULL;
    if (!json_walk_enter(&i->walk, '{'))
        return;
    while (json_walk_key(&i->walk, key, &odd)) {
        bool is_type = strcmp(key, "type") == 0, is_name = strcmp(key, "name") == 0;
        json_walk_peek(&i->walk);
        if (strcmp(key, "values") == 0)
            values = know_input_place(i->in);
        if (is_type)
            type = field(i);
        else if (is_name)
            name = field(i);
        else
            json_walk_skip(&i->walk);
    }
    KnowPlace end = know_input_place(i->in);
    g.kind = type ? know_kind_from_galaxy(type) : KNOW_OTHER;
    if (name || type)
        g.source = importer_join(i, "MISP galaxy ", name ? name : type);
    know_input_seek(i->in, values);
    importer_each(i, "clusters", cluster, &g);
    know_input_seek(i->in, end);
    arena_reset(i->arena, mark);
}
