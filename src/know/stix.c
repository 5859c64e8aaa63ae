/* SPDX-License-Identifier: Apache-2.0
 * stix.c: STIX 2.0 and 2.1 objects into claims (OASIS STIX 2.1, 2 to 6; ATT&CK's x_mitre_
 * properties by MITRE's USAGE.md). Objects come one at a time and name each other by id, so their
 * order does not matter. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "know/importer.h"
#include "know/pattern.h"
#include "know/stix.h"

typedef struct Words {
    const char *word;
    int value;
} Words;

static int word_find(const Words *words, size_t count, const char *word, int otherwise) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].value;
    return otherwise;
}
#define WORD_FIND(words, word, otherwise)                                                          \
    word_find((words), sizeof(words) / sizeof *(words), (word), (otherwise))

static KnowKind kind_of(const char *type) {
    static const Words KINDS[] = {
        {"intrusion-set", KNOW_ACTOR},
        {"threat-actor", KNOW_ACTOR},
        {"campaign", KNOW_CAMPAIGN},
        {"incident", KNOW_INCIDENT},
        {"malware", KNOW_FAMILY},
        {"tool", KNOW_TOOL},
        {"infrastructure", KNOW_INFRASTRUCTURE},
        {"report", KNOW_REPORT},
        {"grouping", KNOW_REPORT},
        {"note", KNOW_REPORT},
        {"malware-analysis", KNOW_REPORT},
        {"observed-data", KNOW_REPORT},
        {"identity", KNOW_ORGANISATION},
        {"attack-pattern", KNOW_TECHNIQUE},
        {"vulnerability", KNOW_VULNERABILITY},
        {"location", KNOW_LOCATION},
        {"indicator", KNOW_INDICATOR},
        {"file", KNOW_SAMPLE},
        {"ipv4-addr", KNOW_INDICATOR},
        {"ipv6-addr", KNOW_INDICATOR},
        {"domain-name", KNOW_INDICATOR},
        {"url", KNOW_INDICATOR},
        {"email-addr", KNOW_INDICATOR},
        {"mutex", KNOW_INDICATOR},
        {"windows-registry-key", KNOW_INDICATOR},
        {"x509-certificate", KNOW_INDICATOR},
        {"autonomous-system", KNOW_INDICATOR},
        {"directory", KNOW_INDICATOR},
        {"network-traffic", KNOW_INDICATOR},
        {"x-cognate-routine", KNOW_ROUTINE},
    };
    return (KnowKind)WORD_FIND(KINDS, type, KNOW_OTHER);
}

KnowRelation stix_relation(const char *type) {
    static const Words RELATIONS[] = {
        {"attributed-to", KNOW_ATTRIBUTED_TO},
        {"authored-by", KNOW_ATTRIBUTED_TO},
        {"based-on", KNOW_CONSISTS_OF},
        {"beacons-to", KNOW_COMMUNICATES_WITH},
        {"belongs-to", KNOW_BELONGS_TO},
        {"certifies", KNOW_CERTIFIES},
        {"communicates-with", KNOW_COMMUNICATES_WITH},
        {"compromises", KNOW_TARGETS},
        {"consists-of", KNOW_CONSISTS_OF},
        {"controls", KNOW_CONSISTS_OF},
        {"delivers", KNOW_DELIVERS},
        {"derived-from", KNOW_DERIVED_FROM},
        {"detects", KNOW_DETECTS},
        {"downloads", KNOW_DELIVERS},
        {"drops", KNOW_DELIVERS},
        {"duplicate-of", KNOW_DUPLICATE_OF},
        {"exfiltrates-to", KNOW_COMMUNICATES_WITH},
        {"exploits", KNOW_EXPLOITS},
        {"has", KNOW_EXPLOITS},
        {"hosts", KNOW_CONSISTS_OF},
        {"indicates", KNOW_INDICATES},
        {"located-at", KNOW_LOCATED_AT},
        {"mitigates", KNOW_MITIGATES},
        {"originates-from", KNOW_LOCATED_AT},
        {"owns", KNOW_CONSISTS_OF},
        {"part-of", KNOW_PART_OF},
        {"resolves-to", KNOW_RESOLVES_TO},
        {"revoked-by", KNOW_REVOKED_BY},
        {"similar", KNOW_SIMILAR_TO},
        {"subtechnique-of", KNOW_SUBTECHNIQUE_OF},
        {"targets", KNOW_TARGETS},
        {"used-by", KNOW_RELATED_TO},
        {"uses", KNOW_USES},
        {"variant-of", KNOW_VARIANT_OF},
    };
    return (KnowRelation)WORD_FIND(RELATIONS, type, KNOW_RELATED_TO);
}

/* Words that authors put on objects for what proves nothing about an operator. */
static unsigned flags_from_words(const JsonValue *list) {
    static const Words FLAGS[] = {{"public", KNOW_PUBLIC},
                                  {"open-source", KNOW_PUBLIC},
                                  {"opensource", KNOW_PUBLIC},
                                  {"public-tool", KNOW_PUBLIC},
                                  {"commodity", KNOW_COMMODITY},
                                  {"for-sale", KNOW_COMMODITY},
                                  {"malware-as-a-service", KNOW_COMMODITY},
                                  {"leaked", KNOW_LEAKED},
                                  {"leaked-builder", KNOW_LEAKED},
                                  {"leaked-source", KNOW_LEAKED},
                                  {"umbrella", KNOW_UMBRELLA}};
    unsigned flags = 0;
    for (const JsonValue *v = list ? list->first : NULL; v; v = v->next)
        if (v->type == JSON_STRING)
            flags |= (unsigned)WORD_FIND(FLAGS, v->text, 0);
    return flags;
}

static KnowTrust trust_of(const JsonValue *o) {
    KnowTrust trust = KNOW_TRUST_NONE;
    const JsonValue *n = json_find_type(o, "confidence", JSON_NUMBER);
    if (n && n->number >= 0 && n->number <= 100)
        trust.confidence = (uint8_t)n->number;
    const char *reliability = json_find_text(o, "reliability");
    if (reliability && reliability[0] >= 'A' && reliability[0] <= 'F' && !reliability[1])
        trust.reliability = reliability[0];
    n = json_find_type(o, "credibility", JSON_NUMBER);
    if (n && n->number >= 1 && n->number <= 6)
        trust.credibility = (uint8_t)n->number;
    return trust;
}

/* ---- what one object says ---- */

typedef struct Object {
    Importer *i;
    const JsonValue *json;
    const JsonValue *ours; /* our extension, or NULL: docs/formats/knowledge.md */
    const char *type, *id;
    KnowEntity entity;
    KnowClaim claim; /* as a start for each: subject, source, when, how sure */
} Object;

static const JsonValue *reference_named(const Object *o, const char *name, size_t n) {
    const JsonValue *list = json_find_type(o->json, "external_references", JSON_ARRAY);
    for (const JsonValue *r = list ? list->first : NULL; r; r = r->next) {
        const char *source = json_find_text(r, "source_name");
        if (source && strlen(source) == n && memcmp(source, name, n) == 0)
            return r;
    }
    return NULL;
}

/* "(Citation: WHO WHEN)" inside a text: the reference of that name. */
static const JsonValue *citation_in(const Object *o, const char *text, const char **who) {
    static const char start[] = "(Citation: ";
    const char *at = text ? strstr(text, start) : NULL;
    const char *end = at ? strchr(at, ')') : NULL;
    if (!end)
        return NULL;
    at += sizeof start - 1;
    size_t n = (size_t)(end - at);
    *who = arena_text(o->i->arena, (Bytes){(const uint8_t *)at, n});
    return reference_named(o, at, n);
}

static void say_alias(const Object *o, const char *alias) {
    KnowClaim c = o->claim;
    /* ATT&CK: a reference with the alias as its name says whose alias it is. */
    const JsonValue *own = reference_named(o, alias, strlen(alias));
    const char *who = NULL;
    const JsonValue *cited = citation_in(o, json_find_text(own, "description"), &who);
    if (who)
        c.source = who;
    if (cited)
        c.url = json_find_text(cited, "url");
    importer_say(o->i, &c, KNOW_ALIAS, alias);
}

static void say_aliases(const Object *o, const char *key) {
    const JsonValue *list = json_find_type(o->json, key, JSON_ARRAY);
    for (const JsonValue *v = list ? list->first : NULL; v; v = v->next)
        if (v->type == JSON_STRING && strcmp(v->text, o->entity.name) != 0)
            say_alias(o, v->text);
}

static void say_references(const Object *o) {
    const JsonValue *list = json_find_type(o->json, "external_references", JSON_ARRAY);
    for (const JsonValue *r = list ? list->first : NULL; r; r = r->next) {
        const char *source = json_find_text(r, "source_name");
        const char *external = json_find_text(r, "external_id"), *url = json_find_text(r, "url");
        KnowClaim c = o->claim;
        c.source = source ? source : c.source;
        c.url = url;
        if (external)
            importer_say(o->i, &c, KNOW_EXTERNAL_ID, external);
        else if (url && (o->entity.kind == KNOW_REPORT || o->entity.kind == KNOW_INCIDENT))
            importer_say(o->i, &c, KNOW_REFERENCE, url);
    }
}

static void say_texts(const Object *o, const char *key, KnowRelation relation) {
    const JsonValue *v = json_find(o->json, key);
    if (!v)
        return;
    if (v->type == JSON_STRING)
        importer_say(o->i, &o->claim, relation, v->text);
    for (const JsonValue *item = v->type == JSON_ARRAY ? v->first : NULL; item; item = item->next)
        if (item->type == JSON_STRING)
            importer_say(o->i, &o->claim, relation, item->text);
}

static void relate(const Object *o, KnowRelation relation, const char *to) {
    KnowClaim c = o->claim;
    c.relation = relation;
    c.object = know_id(to);
    importer_claim(o->i, &c);
}

static void relate_all(const Object *o, const char *key, KnowRelation relation) {
    const JsonValue *list = json_find_type(o->json, key, JSON_ARRAY);
    for (const JsonValue *v = list ? list->first : NULL; v; v = v->next)
        if (v->type == JSON_STRING)
            relate(o, relation, v->text);
}

/* The claims of our extension: any relation, each with a source of its own. */
static void say_ours(const Object *o) {
    const JsonValue *list = json_find_type(o->ours, "claims", JSON_ARRAY);
    for (const JsonValue *v = list ? list->first : NULL; v; v = v->next) {
        KnowClaim c = o->claim;
        const char *name = json_find_text(v, "relation"), *to = json_find_text(v, "object");
        unsigned r = 0;
        while (name && r < KNOW_RELATION_COUNT &&
               strcmp(know_relation_name((KnowRelation)r), name) != 0)
            r++;
        if (!name || r == KNOW_RELATION_COUNT ||
            know_relation_has_object((KnowRelation)r) != (to != NULL)) {
            importer_problem(o->i, false, "a claim of an unknown relation: %.60s",
                             name ? name : "");
            continue;
        }
        c.source = json_find_text(v, "source") ? json_find_text(v, "source") : c.source;
        c.url = json_find_text(v, "url");
        c.note = importer_text(o->i, json_find_text(v, "note"));
        c.said = importer_time(o->i, json_find_text(v, "said"), "said");
        c.from = importer_time(o->i, json_find_text(v, "from"), "from");
        c.to = importer_time(o->i, json_find_text(v, "to"), "to");
        KnowTrust trust = trust_of(v);
        c.trust = trust;
        if (to)
            c.object = know_id(to);
        c.relation = (KnowRelation)r;
        if (to)
            importer_claim(o->i, &c);
        else
            importer_say(o->i, &c, (KnowRelation)r, json_find_text(v, "text"));
    }
}

static void sight(const Object *o, KnowValueKind kind, const char *text, size_t n) {
    KnowSighting s = {
        .container = o->entity.id, .first = o->entity.first_seen, .last = o->entity.last_seen};
    if (!importer_sight(o->i, &s, kind, text, n))
        importer_problem(o->i, false, "is no %s: %.80s", know_value_name(kind), text);
}

/* The open vocabulary of indicator types has "compromised" (STIX 2.1, 10.10); STIX 2.0 and many
 * authors write it as a label. */
static bool is_compromised(const JsonValue *json) {
    static const Words WORDS[] = {{"compromised", 1}};
    const char *const keys[] = {"indicator_types", "labels"};
    for (size_t k = 0; k < 2; k++) {
        const JsonValue *list = json_find_type(json, keys[k], JSON_ARRAY);
        for (const JsonValue *v = list ? list->first : NULL; v; v = v->next)
            if (v->type == JSON_STRING && WORD_FIND(WORDS, v->text, 0))
                return true;
    }
    return false;
}

static void sight_pattern(void *ctx, KnowValueKind kind, const char *text, size_t n) {
    const Object *o = ctx;
    sight(o, kind, text, n);
    if (is_compromised(o->json))
        importer_compromised(o->i, &o->claim, kind, text, n, o->id);
}

static void indicator(Object *o) {
    uint64_t inexact = 0;
    const char *pattern = json_find_text(o->json, "pattern");
    const char *language = json_find_text(o->json, "pattern_type");
    o->entity.first_seen = importer_time(o->i, json_find_text(o->json, "valid_from"), "valid_from");
    if (!pattern) {
        importer_problem(o->i, false, "an indicator without a pattern");
    } else if (!language || strcmp(language, "stix") == 0) {
        if (!know_pattern_read(pattern, sight_pattern, o, &inexact))
            importer_problem(o->i, false, "the pattern cannot be read: %.80s", pattern);
    }
}

static void hashes(const Object *o, const JsonValue *list) {
    static const Words HASHES[] = {{"MD5", KNOW_MD5},       {"SHA-1", KNOW_SHA1},
                                   {"SHA1", KNOW_SHA1},     {"SHA-256", KNOW_SHA256},
                                   {"SHA256", KNOW_SHA256}, {"SHA-512", KNOW_SHA512},
                                   {"SSDEEP", KNOW_SSDEEP}, {"TLSH", KNOW_TLSH}};
    for (const JsonValue *h = list && list->type == JSON_OBJECT ? list->first : NULL; h;
         h = h->next)
        if (h->type == JSON_STRING)
            sight(o, (KnowValueKind)WORD_FIND(HASHES, h->key, KNOW_VALUE_OTHER), h->text,
                  strlen(h->text));
}

/* Cyber observables: an entity that contains its own value. */
static const struct {
    const char *type, *key;
    KnowValueKind kind;
} OBSERVABLES[] = {
    {"ipv4-addr", "value", KNOW_IPV4},
    {"ipv6-addr", "value", KNOW_IPV6},
    {"domain-name", "value", KNOW_DOMAIN},
    {"url", "value", KNOW_URL},
    {"email-addr", "value", KNOW_EMAIL},
    {"mutex", "name", KNOW_MUTEX},
    {"windows-registry-key", "key", KNOW_REGISTRY},
    {"file", "name", KNOW_FILE_NAME},
    {"directory", "path", KNOW_PATH},
    {"x509-certificate", "serial_number", KNOW_CERTIFICATE},
};

/* The observable's own value, or NULL. */
static const char *own_value(const Object *o, KnowValueKind *kind) {
    const char *text = NULL;
    for (size_t k = 0; k < sizeof OBSERVABLES / sizeof *OBSERVABLES && !text; k++)
        if (strcmp(o->type, OBSERVABLES[k].type) == 0) {
            text = json_find_text(o->json, OBSERVABLES[k].key);
            *kind = OBSERVABLES[k].kind;
        }
    return text;
}

/* What is said of one indicator, by its value, as our export writes it. */
static void say_of_end(Object *o) {
    KnowValues values;
    KnowValueKind kind;
    const char *text = own_value(o, &kind);
    if (!text || !know_values_from_text(kind, text, strlen(text), &values))
        return;
    o->claim.subject = know_value_key(values.at[0].kind, values.at[0].text);
    say_ours(o);
}

static void observable(const Object *o) {
    KnowValueKind kind;
    const char *text = own_value(o, &kind);
    if (text)
        sight(o, kind, text, strlen(text));
    hashes(o, json_find(o->json, "hashes"));
    if (strcmp(o->type, "network-traffic") == 0) {
        const char *to = json_find_text(o->json, "dst_ref");
        if (to)
            relate(o, KNOW_CONSISTS_OF, to);
    }
}

/* A claim between two indicators, as our export writes it. */
static void pair_of_ours(const Object *o, KnowRelation relation, KnowClaim c) {
    char room[KNOW_PAIR_BYTES];
    KnowPair pair;
    const char *source = json_find_text(o->ours, "source");
    if (!know_pair_read(json_find_text(o->ours, "pair"), room, &pair)) {
        importer_problem(o->i, true, "a pair that cannot be read");
        return;
    }
    c.source = source;
    c.ref = NULL;
    c.from = know_time(json_find_text(o->json, "start_time"));
    c.to = know_time(json_find_text(o->json, "stop_time")); /* a certificate's may lie ahead */
    importer_pair(o->i, &c, relation, &pair);
}

static void relationship(const Object *o) {
    const char *from = json_find_text(o->json, "source_ref");
    const char *to = json_find_text(o->json, "target_ref");
    const char *type = json_find_text(o->json, "relationship_type");
    if (!from || !to || !type) {
        importer_problem(o->i, true, "a relationship without %s",
                         !from ? "source_ref"
                         : !to ? "target_ref"
                               : "relationship_type");
        return;
    }
    KnowClaim c = o->claim;
    c.subject = know_id(from);
    c.object = know_id(to);
    c.relation = stix_relation(type);
    c.ref = o->id;
    c.note = importer_text(o->i, json_find_text(o->json, "description"));
    if (json_find(o->ours, "pair")) {
        pair_of_ours(o, c.relation, c);
        return;
    }
    c.from = importer_time(o->i, json_find_text(o->json, "start_time"), "start_time");
    c.to = importer_time(o->i, json_find_text(o->json, "stop_time"), "stop_time");
    const char *who = NULL;
    const JsonValue *cited = citation_in(o, c.note, &who);
    if (who)
        c.source = who;
    const JsonValue *list = json_find_type(o->json, "external_references", JSON_ARRAY);
    const char *first = list && list->first ? json_find_text(list->first, "source_name") : NULL;
    if (!who && first)
        c.source = first;
    c.url = json_find_text(cited ? cited : list ? list->first : NULL, "url");
    if (c.relation == KNOW_RELATED_TO && strcmp(type, "related-to") != 0)
        c.text = type;
    importer_claim(o->i, &c);
}

static void opinion(const Object *o) {
    Object copy = *o;
    const char *word = json_find_text(o->json, "opinion");
    const char *why = json_find_text(o->json, "explanation");
    copy.claim.text = word;
    copy.claim.note = importer_text(o->i, why);
    relate_all(&copy, "object_refs", KNOW_OPINION);
}

static void sighting(const Object *o) {
    const char *what = json_find_text(o->json, "sighting_of_ref");
    Object copy = *o;
    if (!what) {
        importer_problem(o->i, true, "a sighting of nothing");
        return;
    }
    copy.claim.subject = know_id(what);
    copy.claim.ref = o->id;
    copy.claim.from = importer_time(o->i, json_find_text(o->json, "first_seen"), "first_seen");
    copy.claim.to = importer_time(o->i, json_find_text(o->json, "last_seen"), "last_seen");
    relate_all(&copy, "where_sighted_refs", KNOW_TARGETS);
    relate_all(&copy, "observed_data_refs", KNOW_CONSISTS_OF);
}

static const char *short_name(const Object *o) {
    static const char *const keys[] = {"name",    "value",   "key",     "path",
                                       "product", "opinion", "abstract"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const char *text = json_find_text(o->json, keys[k]);
        if (text && *text)
            return text;
    }
    return o->id;
}

static void describe(Object *o) {
    KnowEntity *e = &o->entity;
    const JsonValue *json = o->json;
    const JsonValue *family = json_find_type(json, "is_family", JSON_BOOL);
    e->kind = kind_of(o->type);
    if (e->kind == KNOW_FAMILY && family && !family->is_true)
        e->kind = KNOW_SAMPLE;
    e->name = importer_name(o->i, short_name(o), o->id);
    e->description = importer_text(o->i, json_find_text(json, "description"));
    if (!e->description)
        e->description = importer_text(o->i, json_find_text(json, "content"));
    e->flags = flags_from_words(json_find_type(json, "labels", JSON_ARRAY)) |
               flags_from_words(json_find_type(o->ours, "flags", JSON_ARRAY));
    e->flags |= json_find_true(json, "revoked") ? KNOW_REVOKED : 0u;
    e->flags |= json_find_true(json, "x_mitre_deprecated") ? KNOW_DEPRECATED : 0u;
    /* STIX 2.1, 4.18: a tool is legitimate software that actors use as well. */
    e->flags |= e->kind == KNOW_TOOL ? KNOW_PUBLIC : 0u;
    e->first_seen = importer_time(o->i, json_find_text(json, "first_seen"), "first_seen");
    e->last_seen = importer_time(o->i, json_find_text(json, "last_seen"), "last_seen");
    if (e->kind == KNOW_REPORT)
        e->first_seen = importer_time(o->i, json_find_text(json, "published"), "published");
    if (e->last_seen && e->first_seen > e->last_seen)
        importer_problem(o->i, false, "was last seen before it was first seen");
}

static void node(Object *o) {
    describe(o);
    if (strcmp(o->type, "indicator") == 0)
        indicator(o);
    importer_entity(o->i, &o->entity);
    o->claim.from = o->entity.first_seen;
    o->claim.to = o->entity.last_seen;
    say_aliases(o, "aliases");
    say_aliases(o, "x_mitre_aliases");
    say_references(o);
    say_texts(o, "goals", KNOW_NOTE);
    say_texts(o, "country", KNOW_COUNTRY);
    say_ours(o);
    relate_all(o, "object_refs", KNOW_MENTIONS);
    relate_all(o, "sample_refs", KNOW_MENTIONS);
    relate_all(o, "resolves_to_refs", KNOW_RESOLVES_TO);
    relate_all(o, "belongs_to_refs", KNOW_BELONGS_TO);
    observable(o);
}

/* Types that only describe documents and catalogues. */
static bool is_machinery(const char *type) {
    static const Words TYPES[] = {{"marking-definition", 1},
                                  {"extension-definition", 1},
                                  {"language-content", 1},
                                  {"x-mitre-matrix", 1},
                                  {"x-mitre-tactic", 1},
                                  {"x-mitre-analytic", 1},
                                  {"x-mitre-data-source", 1},
                                  {"x-mitre-data-component", 1},
                                  {"x-mitre-detection-strategy", 1},
                                  {"x-mitre-collection", 1},
                                  {"course-of-action", 1},
                                  {"artifact", 1},
                                  {"software", 1},
                                  {"process", 1},
                                  {"user-account", 1},
                                  {"mac-addr", 1},
                                  {"email-message", 1}};
    return WORD_FIND(TYPES, type, 0) != 0;
}

void stix_import_object(Importer *i, const JsonValue *json) {
    const char *id = json_find_text(json, "id"), *type = json_find_text(json, "type");
    i->object = id;
    const char *dashes = id ? strstr(id, "--") : NULL;
    if (!type || !dashes || dashes == id || strlen(id) > KNOW_MAX_NAME) {
        importer_problem(i, true, "no STIX object: %s is missing or odd", type ? "id" : "type");
        return;
    }
    if (is_machinery(type) || strcmp(type, "bundle") == 0)
        return;
    Object o = {.i = i, .json = json, .type = type, .id = id};
    o.ours = json_find(json_find_type(json, "extensions", JSON_OBJECT), STIX_EXTENSION);
    const char *by = json_find_text(json, "created_by_ref");
    o.entity = (KnowEntity){.id = know_id(id), .ref = id, .source = by ? by : i->import->source};
    o.entity.created = importer_time(i, json_find_text(json, "created"), "created");
    o.entity.modified = importer_time(i, json_find_text(json, "modified"), "modified");
    KnowTrust trust = trust_of(json), ours = trust_of(o.ours);
    trust.reliability = ours.reliability;
    trust.credibility = ours.credibility;
    o.claim = (KnowClaim){.subject = o.entity.id,
                          .source = o.entity.source,
                          .said = o.entity.modified,
                          .trust = trust};
    if (json_find_true(o.ours, "is_end")) { /* of a pair: nobody lists it */
        o.claim.trust = KNOW_TRUST_NONE;
        say_of_end(&o);
    } else if (strcmp(type, "relationship") == 0) {
        /* A relation that its author took back says nothing any more. */
        if (!json_find_true(json, "revoked") && !json_find_true(json, "x_mitre_deprecated"))
            relationship(&o);
    } else if (strcmp(type, "sighting") == 0) {
        sighting(&o);
    } else if (strcmp(type, "opinion") == 0) {
        describe(&o);
        importer_entity(i, &o.entity);
        opinion(&o);
    } else {
        node(&o);
    }
}

static void import_object(void *ctx, Importer *i, const JsonValue *v) {
    (void)ctx;
    stix_import_object(i, v);
}

void stix_import_objects(Importer *i) { importer_each(i, "objects", import_object, NULL); }
