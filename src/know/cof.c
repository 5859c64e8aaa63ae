/* SPDX-License-Identifier: Apache-2.0
 * cof.c: passive DNS in Common Output Format (draft-dulaunoy-dnsop-passive-dns-cof-13): one JSON
 * object a record. What a name resolved to, and when, is a claim between two indicators. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "know/importer.h"

/* Answers of one record that are read; authoritative servers give a few dozen at most. */
enum { MAX_ANSWERS = 256 };

/* What a record type says of its name; KNOW_VALUE_COUNT: nothing that joins two hosts (name and
 * mail servers are their operator's, and serve everybody). */
static const struct {
    const char *name;
    unsigned number; /* IANA, DNS parameters: RR TYPEs */
    KnowValueKind kind;
} TYPES[] = {{"A", 1, KNOW_IPV4},
             {"AAAA", 28, KNOW_IPV6},
             {"CNAME", 5, KNOW_DOMAIN},
             {"DNAME", 39, KNOW_DOMAIN}};

static KnowValueKind kind_named(const char *type) {
    for (size_t k = 0; k < sizeof TYPES / sizeof *TYPES; k++)
        if (strcmp(type, TYPES[k].name) == 0)
            return TYPES[k].kind;
    return KNOW_VALUE_COUNT;
}

static KnowValueKind answer_kind(const JsonValue *record) {
    const JsonValue *type = json_find(record, "rrtype");
    if (type && type->type == JSON_STRING)
        return kind_named(type->text);
    for (size_t k = 0; type && type->type == JSON_NUMBER && k < sizeof TYPES / sizeof *TYPES; k++)
        if (type->number == TYPES[k].number)
            return TYPES[k].kind;
    return KNOW_VALUE_COUNT;
}

/* Seconds since 1970 as the draft says, or RFC 3339 as some tools write. */
static int64_t seen_at(Importer *i, const JsonValue *record, const char *key, const char *zone) {
    const JsonValue *v = json_find(record, key);
    v = v ? v : json_find(record, zone);
    if (!v || v->type == JSON_NULL || (v->type != JSON_NUMBER && v->type != JSON_STRING))
        return 0;
    if (v->type == JSON_STRING && strspn(v->text, "0123456789") != strlen(v->text))
        return importer_time(i, v->text, key);
    double seconds = v->type == JSON_NUMBER ? v->number : strtod(v->text, NULL);
    if (!(seconds >= 0) || seconds * 1000 > (double)i->import->now + 86400000) {
        importer_problem(i, false, "%s lies in the future or is no time: %.40s; taken as not given",
                         key, v->text);
        return 0;
    }
    return (int64_t)seconds * 1000;
}

/* Addresses of no public network (RFC 6890): what resolvers and parking services answer to say
 * nothing. Documentation networks are not among them. */
static bool is_private_v4(const char *text) {
    unsigned a = 0, b = 0;
    if (sscanf(text, "%3u.%3u.", &a, &b) != 2)
        return true;
    return a == 0 || a == 10 || a == 127 || a >= 224 || (a == 100 && b >= 64 && b < 128) ||
           (a == 169 && b == 254) || (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168);
}

static bool is_private(const KnowValue *v) {
    if (v->kind == KNOW_IPV4)
        return is_private_v4(v->text);
    return v->kind == KNOW_IPV6 &&
           (strncmp(v->text, "::", 2) == 0 || strncmp(v->text, "fe8", 3) == 0 ||
            strncmp(v->text, "fc", 2) == 0 || strncmp(v->text, "fd", 2) == 0 ||
            strncmp(v->text, "ff", 2) == 0);
}

static bool read_name(Importer *i, const char *name, KnowValues *out) {
    if (name && know_values_from_text(KNOW_DOMAIN, name, strlen(name), out) &&
        out->at[0].kind == KNOW_DOMAIN)
        return true;
    importer_problem(i, true, "rrname is no host name: %.80s", name ? name : "");
    return false;
}

/* answer: NULL when it is no text. */
static void see_answer(Importer *i, const KnowClaim *like, const KnowValue *name,
                       KnowValueKind kind, const char *answer) {
    KnowValues values;
    if (!answer || !know_values_from_text(kind, answer, strlen(answer), &values) ||
        values.at[0].kind != kind) {
        importer_problem(i, true, "the answer is no %s: %.80s", know_value_name(kind),
                         answer ? answer : "");
        return;
    }
    KnowPair pair = {{KNOW_DOMAIN, kind}, {name->text, values.at[0].text}};
    if (!is_private(&values.at[0]))
        importer_pair(i, like, KNOW_RESOLVES_TO, &pair);
}

void cof_answer(Importer *i, const KnowClaim *like, const char *name, const char *type,
                const char *answer) {
    KnowValues names;
    KnowValueKind kind = kind_named(type);
    if (kind != KNOW_VALUE_COUNT && read_name(i, name, &names))
        see_answer(i, like, &names.at[0], kind, answer);
}

static const char *text_of(const JsonValue *v) { return v->type == JSON_STRING ? v->text : NULL; }

static void see_record(Importer *i, const JsonValue *record, const char *source) {
    KnowValues names;
    const char *name = json_find_text(record, "rrname");
    const JsonValue *data = json_find(record, "rdata"), *count = json_find(record, "count");
    KnowValueKind kind = answer_kind(record);
    if (kind == KNOW_VALUE_COUNT)
        return;
    if (!read_name(i, name, &names))
        return;
    KnowClaim like = {.source = source, .trust = KNOW_TRUST_NONE};
    like.from = seen_at(i, record, "time_first", "zone_time_first");
    like.to = seen_at(i, record, "time_last", "zone_time_last");
    if (like.to && like.from > like.to) {
        importer_problem(i, false, "was last seen before it was first seen");
        like.from = like.to = 0;
    }
    if (count && count->type == JSON_NUMBER && count->number >= 1 && count->number < 1e15)
        like.note = arena_textf(i->arena, "seen %.0f times", count->number);
    if (data->type != JSON_ARRAY) {
        see_answer(i, &like, &names.at[0], kind, text_of(data));
        return;
    }
    size_t n = 0;
    for (const JsonValue *v = data->first; v && n < MAX_ANSWERS; v = v->next, n++)
        see_answer(i, &like, &names.at[0], kind, text_of(v));
    if (n == MAX_ANSWERS)
        importer_problem(i, false, "more than %d answers; the first ones were read", MAX_ANSWERS);
}

/* Does the record at hand end where its line does? The draft puts one on each line, so that a
 * broken one costs itself only; some tools spread them, or write an array. */
static bool is_line(Importer *i) {
    KnowPlace start = know_input_place(i->in);
    json_walk_skip(&i->walk);
    bool is_same = know_input_place(i->in).line == start.line;
    int c;
    while ((c = know_input_peek(i->in)) == ' ' || c == '\t' || c == '\r')
        know_input_take(i->in);
    know_input_seek(i->in, start);
    return is_same && (c == '\n' || c < 0);
}

/* False at something that is no record of passive DNS: it is not taken. */
static bool next_record(Importer *i, const char *source, bool is_first, bool is_lines) {
    KnowPlace start = know_input_place(i->in);
    const JsonValue *v = is_lines ? importer_line(i) : importer_record(i);
    if (!v)
        return true;
    if (json_find(v, "rrname") && json_find(v, "rdata")) {
        see_record(i, v, source);
        return true;
    }
    if (is_first) { /* it looked like one */
        importer_problem(i, true, "a record of passive DNS without rrname or rdata");
        return true;
    }
    i->stat->records--;
    know_input_seek(i->in, start);
    return false;
}

void cof_import(Importer *i) {
    jmp_buf escape;
    const char *volatile source = i->import->source;
    volatile bool is_first = true, goes_on = true;
    if (!source)
        source = importer_join(i, "passive DNS in ", importer_name(i, i->import->document, ""));
    const bool is_lines = is_line(i);
    ArenaMark mark = arena_mark(i->arena);
    while (goes_on && i->status == STATUS_OK && json_walk_peek(&i->walk) == '{') {
        if (setjmp(escape) == 0) {
            arena_set_escape(i->arena, &escape);
            goes_on = next_record(i, source, is_first, is_lines);
        } else {
            importer_problem(i, true, "the record needs too much memory");
        }
        is_first = false;
        arena_set_escape(i->arena, NULL);
        arena_reset(i->arena, mark);
    }
}
