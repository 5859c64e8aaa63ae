/* SPDX-License-Identifier: Apache-2.0 */
#include "know/importer.h"

#include <setjmp.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "know/compromised.h"
#include "know/shared_host.h"
#include "know/utf8.h"

void importer_entity(Importer *i, const KnowEntity *e) {
    i->stat->entities++;
    if (i->status == STATUS_OK)
        i->status = i->import->sink.entity(i->import->sink.ctx, e, i->err);
}

void importer_claim(Importer *i, const KnowClaim *c) {
    if (c->subject == c->object) {
        importer_problem(i, true, "says %s of itself", know_relation_name(c->relation));
        return;
    }
    i->stat->claims++;
    if (i->status == STATUS_OK)
        i->status = i->import->sink.claim(i->import->sink.ctx, c, i->err);
}

void importer_say(Importer *i, const KnowClaim *like, KnowRelation relation, const char *text) {
    KnowClaim c = *like;
    if (!text || !*text)
        return;
    c.object = 0;
    c.relation = relation;
    c.text = importer_text(i, text);
    importer_claim(i, &c);
}

void importer_pair(Importer *i, const KnowClaim *like, KnowRelation relation,
                   const KnowPair *pair) {
    char text[KNOW_PAIR_BYTES];
    KnowClaim c = *like;
    if (!know_pair_write(pair, text)) {
        importer_problem(i, true, "a name with blanks in it, or too long");
        return;
    }
    c.subject = know_value_key(pair->kinds[0], pair->values[0]);
    c.object = know_value_key(pair->kinds[1], pair->values[1]);
    c.relation = relation;
    c.text = text;
    importer_claim(i, &c);
}

static void say_compromised(Importer *i, const KnowClaim *like, const KnowValues *values,
                            const char *why) {
    char text[KNOW_PAIR_BYTES];
    for (size_t k = 0; k < values->count && i->status == STATUS_OK; k++) {
        const KnowValue *v = &values->at[k];
        bool is_host = v->kind == KNOW_DOMAIN || v->kind == KNOW_IPV4 || v->kind == KNOW_IPV6;
        if ((!is_host && v->kind != KNOW_URL) || !compromised_write(v->kind, v->text, text))
            continue;
        KnowClaim c = *like;
        c.subject = know_value_key(v->kind, v->text);
        c.note = why;
        importer_say(i, &c, KNOW_COMPROMISED, text);
    }
}

void importer_compromised(Importer *i, const KnowClaim *like, KnowValueKind kind, const char *text,
                          size_t n, const char *why) {
    KnowValues values;
    if (know_values_from_text(kind, text, n, &values))
        say_compromised(i, like, &values, why);
}

/* A URL that shows it gives its host, which alone would not, the same word. */
static void see_path(Importer *i, const KnowValues *values) {
    const KnowClaim by_us = {.source = "cognate, by a URL's path", .trust = KNOW_TRUST_NONE};
    const KnowValue *url = &values->at[0];
    bool is_url = values->count > 1 && url->kind == KNOW_URL;
    const char *system = is_url ? compromised_cms(url->text) : NULL;
    if (system && shared_host(KNOW_URL, url->text) == SHARED_COMPROMISED)
        say_compromised(i, &by_us, values, system);
}

bool importer_sight(Importer *i, const KnowSighting *like, KnowValueKind kind, const char *text,
                    size_t n) {
    KnowValues values;
    if (!know_values_from_text(kind, text, n, &values))
        return false;
    for (size_t k = 0; k < values.count && i->status == STATUS_OK; k++) {
        KnowSighting s = *like;
        s.kind = values.at[k].kind;
        s.value = values.at[k].text;
        i->stat->sightings++;
        i->status = i->import->sink.sighting(i->import->sink.ctx, &s, i->err);
    }
    see_path(i, &values);
    return true;
}

void importer_problem(Importer *i, bool is_skipped, const char *fmt, ...) {
    char reason[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(reason, sizeof reason, fmt, args);
    va_end(args);
    i->stat->problems++;
    i->stat->skipped += is_skipped;
    KnowProblem p = {.document = i->import->document,
                     .line = i->place.line,
                     .off = i->place.off,
                     .object = i->object,
                     .reason = reason,
                     .is_skipped = is_skipped};
    i->import->sink.problem(i->import->sink.ctx, &p);
}

int64_t importer_time(Importer *i, const char *text, const char *what) {
    const int64_t day = 86400000; /* clocks and zones differ */
    /* The beginning of the count stands for "not known" in many exports, ours too. */
    if (!text || !*text || strncmp(text, "1970-01-01", 10) == 0)
        return 0;
    int64_t time = know_time(text);
    if (time == 0) {
        importer_problem(i, false, "%s is no date: %.40s", what, text);
    } else if (time > i->import->now + day) {
        importer_problem(i, false, "%s lies in the future: %.40s; taken as not given", what, text);
        time = 0;
    }
    return time;
}

const char *importer_join(Importer *i, const char *prefix, const char *text) {
    size_t a = strlen(prefix), b = strlen(text);
    char *out = arena_alloc(i->arena, a + b + 1);
    memcpy(out, prefix, a);
    memcpy(out + a, text, b + 1);
    return out;
}

/* At most `most` bytes, whole characters. */
static const char *cut(Importer *i, const char *text, size_t most) {
    size_t n = strlen(text);
    if (n <= most)
        return text;
    n = most;
    while (n > 0 && (text[n] & 0xc0) == 0x80)
        n--;
    return arena_text(i->arena, (Bytes){(const uint8_t *)text, n});
}

const char *importer_name(Importer *i, const char *text, const char *otherwise) {
    return cut(i, text && *text ? text : otherwise, KNOW_MAX_NAME);
}

const char *importer_text(Importer *i, const char *text) {
    return text ? cut(i, text, KNOW_MAX_TEXT) : NULL;
}

/* What was captured from i->place on. */
static const JsonValue *parse_record(Importer *i) {
    JsonFault fault;
    Bytes b = {(const uint8_t *)text_str(&i->walk.record), i->walk.record.size};
    const JsonValue *v = json_from_bytes(i->arena, b, &fault);
    if (!v) {
        KnowPlace start = i->place;
        for (uint64_t k = 0; k < fault.off && k < b.size; k++)
            i->place.line += b.at[k] == '\n';
        i->place.off += fault.off;
        importer_problem(i, true, "%s", fault.reason);
        i->place = start;
    } else if (fault.was_recoded) {
        importer_problem(i, false, "is not UTF-8; read as Latin-1");
    }
    return v;
}

static const JsonValue *take_record(Importer *i,
                                    bool (*capture)(JsonWalk *w, const char **reason)) {
    const char *reason = NULL;
    bool is_whole = capture(&i->walk, &reason);
    i->place = i->walk.place;
    i->object = NULL;
    i->stat->records++;
    if (!is_whole) {
        importer_problem(i, true, "%s", reason);
        return NULL;
    }
    return parse_record(i);
}

const JsonValue *importer_record(Importer *i) { return take_record(i, json_walk_capture); }

const JsonValue *importer_line(Importer *i) { return take_record(i, json_walk_capture_line); }

uint64_t importer_records(Importer *i, void (*one)(void *ctx, Importer *i, const JsonValue *v),
                          void *ctx) {
    jmp_buf escape;
    uint64_t odd = 0;
    while (i->status == STATUS_OK && json_walk_item(&i->walk, &odd)) {
        ArenaMark mark = arena_mark(i->arena);
        if (setjmp(escape) == 0) {
            arena_set_escape(i->arena, &escape);
            const JsonValue *v = importer_record(i);
            if (v)
                one(ctx, i, v);
        } else {
            importer_problem(i, true, "the record needs too much memory");
        }
        arena_set_escape(i->arena, NULL);
        arena_reset(i->arena, mark);
    }
    i->place = know_input_place(i->in);
    return odd;
}

void importer_each(Importer *i, const char *what,
                   void (*one)(void *ctx, Importer *i, const JsonValue *v), void *ctx) {
    if (!json_walk_enter(&i->walk, '['))
        return;
    uint64_t odd = importer_records(i, one, ctx);
    i->object = NULL;
    if (odd)
        importer_problem(i, false, "%llu syntax errors between the %s", (unsigned long long)odd,
                         what);
}
