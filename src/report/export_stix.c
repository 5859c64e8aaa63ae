/* SPDX-License-Identifier: Apache-2.0
 * export_stix.c: STIX 2.1 (OASIS, 2021). Entities become SDOs, claims with an object relationships,
 * an indicator's values its pattern; what STIX has no property for goes into our extension, so that
 * importing the bundle gives the same claims. Locations are left out: STIX wants coordinates or
 * codes that the claims do not have. */
#include <stdio.h>
#include <string.h>

#include "know/stix.h"
#include "report/export_stix.h"

enum { ID_BYTES = 96 };

typedef struct Stix {
    KnowExport *x;
    Json json;
    Map seen;   /* indicators of values that were written */
    Map claims; /* id of a claim's ref -> the ref */
} Stix;

/* ---- ids ---- */

static const char *type_of(KnowKind kind) {
    static const char *const types[KNOW_KIND_COUNT] = {
        [KNOW_ACTOR] = "intrusion-set",
        [KNOW_CAMPAIGN] = "campaign",
        [KNOW_INCIDENT] = "incident",
        [KNOW_FAMILY] = "malware",
        [KNOW_TOOL] = "tool",
        [KNOW_INFRASTRUCTURE] = "infrastructure",
        [KNOW_REPORT] = "grouping",
        [KNOW_ORGANISATION] = "identity",
        [KNOW_TECHNIQUE] = "attack-pattern",
        [KNOW_VULNERABILITY] = "vulnerability",
        [KNOW_SAMPLE] = "malware",
        [KNOW_INDICATOR] = "indicator",
        [KNOW_ROUTINE] = "x-cognate-routine",
    };
    return types[kind];
}

static bool is_uuid(const char *text) {
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (strlen(text) != sizeof form - 1)
        return false;
    for (size_t i = 0; form[i]; i++) {
        bool is_hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (form[i] == '-' ? text[i] != '-' : !is_hex)
            return false;
    }
    return true;
}

/* The ref where it is one, else made from it. False: the kind has no object in STIX. */
static bool id_of(const KnowEntity *e, char out[ID_BYTES]) {
    const char *type = type_of(e->kind);
    char uuid[EXPORT_UUID_BYTES];
    if (!type)
        return false;
    size_t n = strlen(type);
    if (strncmp(e->ref, type, n) == 0 && strncmp(e->ref + n, "--", 2) == 0 &&
        is_uuid(e->ref + n + 2))
        snprintf(out, ID_BYTES, "%s", e->ref);
    else {
        export_uuid(e->ref, uuid);
        snprintf(out, ID_BYTES, "%s--%s", type, uuid);
    }
    return true;
}

static void derived_id(const char *type, const char *name, char out[ID_BYTES]) {
    char uuid[EXPORT_UUID_BYTES];
    export_uuid(name, uuid);
    snprintf(out, ID_BYTES, "%s--%s", type, uuid);
}

/* ---- parts of objects ---- */

static void add_time(Json *j, const char *key, int64_t time, const char *otherwise) {
    char text[KNOW_TIME_BYTES];
    know_time_write(time, text);
    if (time > 0 || otherwise)
        json_text(j, key, time > 0 ? text : otherwise);
}

static void open_object(Json *j, const char *type, const char *id, int64_t created,
                        int64_t modified) {
    json_open(j, NULL, '{');
    json_text(j, "type", type);
    json_text(j, "spec_version", "2.1");
    json_text(j, "id", id);
    created = created > 0 ? created : modified;
    add_time(j, "created", created, STIX_EPOCH);
    add_time(j, "modified", modified >= created ? modified : created, STIX_EPOCH);
}

static void add_trust(Json *j, KnowTrust trust) {
    char letter[2] = {trust.reliability, 0};
    if (trust.reliability)
        json_text(j, "reliability", letter);
    if (trust.credibility)
        json_u64(j, "credibility", trust.credibility);
}

void export_stix_claim(Json *j, const KnowClaim *c) {
    json_open(j, NULL, '{');
    json_text(j, "relation", know_relation_name(c->relation));
    json_text(j, "text", c->text);
    if (c->source)
        json_text(j, "source", c->source);
    if (c->url)
        json_text(j, "url", c->url);
    if (c->note)
        json_text(j, "note", c->note);
    add_time(j, "said", c->said, NULL);
    add_time(j, "from", c->from, NULL);
    add_time(j, "to", c->to, NULL);
    if (c->trust.confidence <= 100)
        json_u64(j, "confidence", c->trust.confidence);
    add_trust(j, c->trust);
    json_close(j, '}');
}

static bool is_text_of(const KnowClaim *c, uint64_t id) {
    return c->subject == id && !c->object && c->text;
}

static void add_flags(Json *j, unsigned flags) {
    json_open(j, "flags", '[');
    for (unsigned bit = 0; bit < KNOW_FLAG_COUNT; bit++)
        if (flags & 1u << bit)
            json_text(j, NULL, know_flag_name(bit));
    json_close(j, ']');
}

/* STIX has no empty lists (2.1, 2.9): what there is none of is left out. */
static void add_extension(Json *j, const KnowEntity *e, const KnowClaimVec *claims) {
    /* Revoked and deprecated have properties of their own. */
    unsigned flags = e->flags & ~(unsigned)(KNOW_REVOKED | KNOW_DEPRECATED);
    size_t texts = 0;
    for (size_t i = 0; i < claims->count; i++)
        texts += is_text_of(&claims->at[i], e->id);
    if (!flags && !texts)
        return;
    json_open(j, "extensions", '{');
    json_open(j, STIX_EXTENSION, '{');
    json_text(j, "extension_type", "property-extension");
    if (flags)
        add_flags(j, flags);
    if (texts)
        json_open(j, "claims", '[');
    for (size_t i = 0; i < claims->count; i++)
        if (is_text_of(&claims->at[i], e->id))
            export_stix_claim(j, &claims->at[i]);
    if (texts)
        json_close(j, ']');
    json_close(j, '}');
    json_close(j, '}');
}

static bool has_seen_dates(KnowKind kind) {
    return kind == KNOW_ACTOR || kind == KNOW_CAMPAIGN || kind == KNOW_INCIDENT ||
           kind == KNOW_FAMILY || kind == KNOW_INFRASTRUCTURE || kind == KNOW_SAMPLE;
}

static void add_common(Json *j, const KnowEntity *e) {
    json_text(j, "name", e->name);
    if (e->description)
        json_text(j, "description", e->description);
    if (e->flags & KNOW_REVOKED)
        json_bool(j, "revoked", true);
    if (e->flags & KNOW_DEPRECATED)
        json_bool(j, "x_mitre_deprecated", true);
    if (has_seen_dates(e->kind)) {
        add_time(j, "first_seen", e->first_seen, NULL);
        if (e->last_seen >= e->first_seen)
            add_time(j, "last_seen", e->last_seen, NULL);
    }
    if (e->kind == KNOW_FAMILY || e->kind == KNOW_SAMPLE)
        json_bool(j, "is_family", e->kind == KNOW_FAMILY);
}

/* ---- indicators ---- */

/* size: of the value: a fingerprint or a serial number (RFC 5280: at most 20 bytes, of which all
 * would have to be used). */
static const char *path_of(KnowValueKind kind, size_t size) {
    static const char *const paths[KNOW_VALUE_COUNT] = {
        [KNOW_IPV4] = "ipv4-addr:value",
        [KNOW_IPV6] = "ipv6-addr:value",
        [KNOW_DOMAIN] = "domain-name:value",
        [KNOW_URL] = "url:value",
        [KNOW_EMAIL] = "email-addr:value",
        [KNOW_MUTEX] = "mutex:name",
        [KNOW_REGISTRY] = "windows-registry-key:key",
        [KNOW_PATH] = "directory:path",
        [KNOW_FILE_NAME] = "file:name",
        [KNOW_MD5] = "file:hashes.MD5",
        [KNOW_SHA1] = "file:hashes.'SHA-1'",
        [KNOW_SHA256] = "file:hashes.'SHA-256'",
        [KNOW_SHA512] = "file:hashes.'SHA-512'",
        [KNOW_SSDEEP] = "file:hashes.SSDEEP",
        [KNOW_TLSH] = "file:hashes.TLSH",
        [KNOW_USER_AGENT] =
            "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'",
        [KNOW_CERTIFICATE] = "x509-certificate:serial_number",
    };
    if (kind == KNOW_CERTIFICATE && size == 64)
        return "x509-certificate:hashes.'SHA-256'";
    if (kind == KNOW_CERTIFICATE && size == 40)
        return "x509-certificate:hashes.'SHA-1'";
    return paths[kind];
}

static void add_comparison(Text *out, const KnowListed *listed) {
    const char *path = path_of(listed->kind, listed->value.size);
    if (!path)
        return;
    text_add(out, out->size ? " OR [" : "[");
    text_add(out, path);
    text_add(out, " = '");
    for (size_t i = 0; i < listed->value.size; i++) {
        char c = (char)listed->value.at[i];
        if (c == '\'' || c == '\\')
            text_add_char(out, '\\');
        text_add_char(out, c);
    }
    text_add(out, "']");
}

static bool gather_pattern(void *ctx, const KnowListed *listed) {
    Text *pattern = ctx;
    add_comparison(pattern, listed);
    return !pattern->full;
}

static Status write_indicator(Stix *s, const KnowEntity *e, const char *id,
                              const KnowClaimVec *claims, Error *err) {
    Text pattern = text_new(1 << 20);
    Status status = know_view_values(s->x->know, e->id, gather_pattern, &pattern, err);
    if (status == STATUS_OK && pattern.size && !pattern.full) {
        open_object(&s->json, "indicator", id, e->created, e->modified);
        add_common(&s->json, e);
        json_text(&s->json, "pattern", text_str(&pattern));
        json_text(&s->json, "pattern_type", "stix");
        add_time(&s->json, "valid_from", e->first_seen ? e->first_seen : e->created, STIX_EPOCH);
        add_extension(&s->json, e, claims);
        json_close(&s->json, '}');
    }
    text_free(&pattern);
    return status;
}

static void value_id(const KnowListed *listed, char out[ID_BYTES]) {
    char name[4096];
    snprintf(name, sizeof name, "%s:%.*s", know_value_name(listed->kind), (int)listed->value.size,
             (const char *)listed->value.at);
    derived_id("indicator", name, out);
}

typedef struct Values {
    Stix *s;
    Text refs; /* the ids as JSON strings */
} Values;

/* A report's value: an indicator of its own, once in the bundle. */
static bool write_value(void *ctx, const KnowListed *listed) {
    Values *v = ctx;
    char id[ID_BYTES];
    if (!path_of(listed->kind, listed->value.size))
        return true;
    value_id(listed, id);
    text_addf(&v->refs, "%s\"%s\"", v->refs.size ? "," : "", id);
    if (!map_put(&v->s->seen, know_id(id), 1))
        return true;
    Text pattern = text_new(1 << 16);
    add_comparison(&pattern, listed);
    open_object(&v->s->json, "indicator", id, listed->first, listed->first);
    json_bytes(&v->s->json, "name", listed->value);
    json_text(&v->s->json, "pattern", text_str(&pattern));
    json_text(&v->s->json, "pattern_type", "stix");
    add_time(&v->s->json, "valid_from", listed->first, STIX_EPOCH);
    json_close(&v->s->json, '}');
    text_free(&pattern);
    return export_flush(v->s->x, false, NULL) == STATUS_OK;
}

/* What a report lists and mentions, and the reports that are part of it; without any, only the
 * maker of the bundle, since a grouping of nothing would not be valid. */
static Status write_grouping(Stix *s, const KnowEntity *e, const char *id,
                             const KnowClaimVec *claims, Error *err) {
    Values v = {s, text_new(64 << 20)};
    KnowEntity other;
    char ref[ID_BYTES];
    Status status = know_view_values(s->x->know, e->id, write_value, &v, err);
    for (size_t i = 0; i < claims->count && status == STATUS_OK; i++) {
        const KnowClaim *c = &claims->at[i];
        bool is_part = c->object == e->id && c->relation == KNOW_PART_OF;
        uint64_t to = is_part ? c->subject : c->object;
        if ((c->subject != e->id && !is_part) || !to || !export_has(s->x, to))
            continue;
        Status found = know_view_entity(s->x->know, to, s->x->arena, &other, err);
        if (found == STATUS_OK && id_of(&other, ref))
            text_addf(&v.refs, "%s\"%s\"", v.refs.size ? "," : "", ref);
        else if (found != STATUS_NOT_FOUND)
            status = found;
    }
    if (v.refs.size == 0)
        text_addf(&v.refs, "\"%s\"", STIX_US);
    if (status == STATUS_OK && !v.refs.full) {
        open_object(&s->json, "grouping", id, e->first_seen, e->modified);
        add_common(&s->json, e);
        json_text(&s->json, "context", "suspicious-activity");
        json_open(&s->json, "object_refs", '[');
        text_add_bytes(s->json.out, v.refs.at, v.refs.size);
        json_close(&s->json, ']');
        add_extension(&s->json, e, claims);
        json_close(&s->json, '}');
    }
    text_free(&v.refs);
    return status;
}

/* ---- relations ---- */

static Status write_relation(Stix *s, const KnowEntity *e, const char *from, const KnowClaim *c,
                             Error *err) {
    KnowEntity other;
    char to[ID_BYTES], id[ID_BYTES], name[1024];
    if (!export_has(s->x, c->object))
        return STATUS_OK;
    Status status = know_view_entity(s->x->know, c->object, s->x->arena, &other, err);
    if (status != STATUS_OK || !id_of(&other, to))
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    bool has_ref = c->ref && strncmp(c->ref, "relationship--", 14) == 0 && is_uuid(c->ref + 14);
    snprintf(name, sizeof name, "%.200s|%s|%.200s|%.200s|%.100s", e->ref,
             know_relation_name(c->relation), other.ref, c->source ? c->source : "",
             c->ref ? c->ref : "");
    derived_id("relationship", name, id);
    open_object(&s->json, "relationship", has_ref ? c->ref : id, c->said, c->said);
    json_text(&s->json, "relationship_type",
              c->relation == KNOW_RELATED_TO && c->text ? c->text
                                                        : know_relation_name(c->relation));
    json_text(&s->json, "source_ref", from);
    json_text(&s->json, "target_ref", to);
    if (c->note)
        json_text(&s->json, "description", c->note);
    if (c->trust.confidence <= 100)
        json_u64(&s->json, "confidence", c->trust.confidence);
    add_time(&s->json, "start_time", c->from, NULL);
    if (c->to > c->from)
        add_time(&s->json, "stop_time", c->to, NULL);
    if (c->source) {
        json_open(&s->json, "external_references", '[');
        json_open(&s->json, NULL, '{');
        json_text(&s->json, "source_name", c->source);
        if (c->url)
            json_text(&s->json, "url", c->url);
        else
            json_text(&s->json, "description", "as named by whom the claim was taken from");
        json_close(&s->json, '}');
        json_close(&s->json, ']');
    }
    json_close(&s->json, '}');
    return STATUS_OK;
}

/* A relation that a report has to what it lists is in its object_refs, and stands here as well:
 * it says which one. */
static Status write_relations(Stix *s, const KnowEntity *e, const char *id,
                              const KnowClaimVec *claims, Error *err) {
    Status status = STATUS_OK;
    for (size_t i = 0; i < claims->count && status == STATUS_OK; i++) {
        const KnowClaim *c = &claims->at[i];
        if (c->subject == e->id && c->object && c->relation != KNOW_OPINION &&
            c->relation != KNOW_MENTIONS)
            status = write_relation(s, e, id, c, err);
    }
    return status;
}

static void write_opinion(Stix *s, const KnowEntity *e, const KnowClaim *c) {
    const uint64_t *at = map_find(&s->claims, c->object);
    char id[ID_BYTES];
    if (!at || !c->text)
        return;
    derived_id("opinion", e->ref, id);
    open_object(&s->json, "opinion", id, e->created, e->modified);
    json_text(&s->json, "opinion", c->text);
    if (c->note)
        json_text(&s->json, "explanation", c->note);
    json_open(&s->json, "object_refs", '[');
    json_text(&s->json, NULL, (const char *)(uintptr_t)*at);
    json_close(&s->json, ']');
    json_close(&s->json, '}');
}

static bool is_opinion_word(const char *word) {
    return strcmp(word, "strongly-disagree") == 0 || strcmp(word, "disagree") == 0 ||
           strcmp(word, "neutral") == 0 || strcmp(word, "agree") == 0 ||
           strcmp(word, "strongly-agree") == 0;
}

static Status write_entity(void *ctx, const KnowEntity *e, Error *err) {
    Stix *s = ctx;
    char id[ID_BYTES];
    KnowClaimVec claims = {.max = 65536};
    Status status = know_view_claims(s->x->know, e->id, s->x->arena, &claims, err);
    for (size_t i = 0; i < claims.count; i++)
        if (claims.at[i].subject == e->id && claims.at[i].relation == KNOW_OPINION &&
            claims.at[i].text && is_opinion_word(claims.at[i].text))
            write_opinion(s, e, &claims.at[i]);
    if (status != STATUS_OK || !id_of(e, id))
        return status;
    if (e->kind == KNOW_INDICATOR) {
        status = write_indicator(s, e, id, &claims, err);
    } else if (e->kind == KNOW_REPORT) {
        status = write_grouping(s, e, id, &claims, err);
    } else {
        open_object(&s->json, type_of(e->kind), id, e->created, e->modified);
        add_common(&s->json, e);
        add_extension(&s->json, e, &claims);
        json_close(&s->json, '}');
    }
    return status == STATUS_OK ? write_relations(s, e, id, &claims, err) : status;
}

/* Refs of claims, for opinions on them. */
static Status note_opinion(void *ctx, const KnowEntry *entry, Error *err) {
    Stix *s = ctx;
    KnowClaim c;
    (void)err;
    ArenaMark mark = arena_mark(s->x->arena);
    if (know_claim_read(entry->payload, s->x->arena, &c) && c.relation == KNOW_OPINION) {
        arena_reset(s->x->arena, mark);
        map_put(&s->claims, c.object, 0);
        return STATUS_OK;
    }
    arena_reset(s->x->arena, mark);
    return STATUS_OK;
}

static Status find_ref(void *ctx, const KnowEntry *entry, Error *err) {
    Stix *s = ctx;
    KnowClaim c;
    (void)err;
    ArenaMark mark = arena_mark(s->x->arena);
    bool is_wanted = know_claim_read(entry->payload, s->x->arena, &c) && c.ref &&
                     map_find(&s->claims, know_id(c.ref));
    if (is_wanted)
        map_put(&s->claims, know_id(c.ref), (uint64_t)(uintptr_t)c.ref);
    else
        arena_reset(s->x->arena, mark);
    return STATUS_OK;
}

static void write_head(Stix *s) {
    Json *j = &s->json;
    json_open(j, NULL, '{');
    json_text(j, "type", "bundle");
    json_text(j, "id", "bundle--8b1f3d0a-8f0e-5c55-9a57-3a2f1c9b1077");
    json_open(j, "objects", '[');
    open_object(j, "identity", STIX_US, 0, 0);
    json_text(j, "name", "cognate");
    json_text(j, "identity_class", "system");
    json_close(j, '}');
    open_object(j, "extension-definition", STIX_EXTENSION, 0, 0);
    json_text(j, "created_by_ref", STIX_US);
    json_text(j, "name", "cognate claims");
    json_text(j, "schema", "docs/formats/knowledge.md");
    json_text(j, "version", "1.0.0");
    json_open(j, "extension_types", '[');
    json_text(j, NULL, "property-extension");
    json_close(j, ']');
    json_close(j, '}');
}

Status export_stix(KnowExport *x, Error *err) {
    Stix s = {.x = x, .json = {.out = &x->text}};
    s.seen = map_new(x->keep, 1024);
    s.claims = map_new(x->keep, 64);
    Status status = know_view_each(x->know, KNOW_ENTRY_OUT, note_opinion, &s, err);
    if (status == STATUS_OK && s.claims.count)
        status = know_view_each(x->know, KNOW_ENTRY_OUT, find_ref, &s, err);
    write_head(&s);
    if (status == STATUS_OK)
        status = export_each_entity(x, write_entity, &s, err);
    if (status == STATUS_OK && !x->only) /* what is chosen by name are entities */
        status = export_stix_pairs(x, &s.json, err);
    json_close(&s.json, ']');
    json_close(&s.json, '}');
    text_add_char(&x->text, '\n');
    return status == STATUS_OK ? export_flush(x, true, err) : status;
}
