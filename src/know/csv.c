/* SPDX-License-Identifier: Apache-2.0
 * csv.c: indicator tables (RFC 4180; commas, semicolons or tabs). Columns are known by the names in
 * use; without a header each field is tried. Rows of one report, campaign, actor and family are one
 * group. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "know/compromised.h"
#include "know/importer.h"
#include "know/types.h"
#include "know/utf8.h"

enum { MAX_FIELDS = 64, MAX_ROW = 64 * 1024 };

typedef enum Role {
    ROLE_NONE,
    ROLE_VALUE,
    ROLE_TYPE,
    ROLE_FIRST,
    ROLE_LAST,
    ROLE_REPORT,
    ROLE_CAMPAIGN,
    ROLE_ACTOR,
    ROLE_FAMILY,
    ROLE_SOURCE,
    ROLE_CONFIDENCE,
    ROLE_COMMENT,
    ROLE_COLUMN /* a column of one kind of indicator */
} Role;

typedef struct Table {
    Importer *i;
    char separator;
    Role roles[MAX_FIELDS];
    KnowType kinds[MAX_FIELDS]; /* of ROLE_COLUMN */
    size_t columns;
    bool has_header;
    char *row; /* the fields at hand, each NUL-terminated */
    const char *fields[MAX_FIELDS];
    size_t count;
    uint64_t group; /* of the row before: know_id of its ref */
} Table;

static Role role_of(const char *name) {
    static const struct {
        const char *name;
        Role role;
    } ROLES[] = {{"value", ROLE_VALUE},
                 {"indicator", ROLE_VALUE},
                 {"ioc", ROLE_VALUE},
                 {"iocs", ROLE_VALUE},
                 {"ioc_value", ROLE_VALUE},
                 {"observable", ROLE_VALUE},
                 {"indicator_value", ROLE_VALUE},
                 {"type", ROLE_TYPE},
                 {"indicator_type", ROLE_TYPE},
                 {"ioc_type", ROLE_TYPE},
                 {"kind", ROLE_TYPE},
                 {"category", ROLE_NONE},
                 {"first_seen", ROLE_FIRST},
                 {"firstseen", ROLE_FIRST},
                 {"date", ROLE_FIRST},
                 {"first_seen_utc", ROLE_FIRST},
                 {"valid_from", ROLE_FIRST},
                 {"last_seen", ROLE_LAST},
                 {"last_seen_utc", ROLE_LAST},
                 {"lastseen", ROLE_LAST},
                 {"report", ROLE_REPORT},
                 {"reference", ROLE_REPORT},
                 {"ref", ROLE_REPORT},
                 {"event", ROLE_REPORT},
                 {"campaign", ROLE_CAMPAIGN},
                 {"operation", ROLE_CAMPAIGN},
                 {"actor", ROLE_ACTOR},
                 {"threat_actor", ROLE_ACTOR},
                 {"group", ROLE_ACTOR},
                 {"family", ROLE_FAMILY},
                 {"malware", ROLE_FAMILY},
                 {"malware_family", ROLE_FAMILY},
                 {"signature", ROLE_FAMILY},
                 {"source", ROLE_SOURCE},
                 {"reporter", ROLE_SOURCE},
                 {"confidence", ROLE_CONFIDENCE},
                 {"confidence_level", ROLE_CONFIDENCE},
                 {"comment", ROLE_COMMENT},
                 {"comments", ROLE_COMMENT},
                 {"note", ROLE_COMMENT},
                 {"notes", ROLE_COMMENT},
                 {"tags", ROLE_COMMENT}};
    for (size_t k = 0; k < sizeof ROLES / sizeof *ROLES; k++)
        if (strcasecmp(ROLES[k].name, name) == 0)
            return ROLES[k].role;
    return know_type_is_known(name, strlen(name)) ? ROLE_COLUMN : ROLE_NONE;
}

static void put(Table *t, size_t *used, int c) {
    if (*used + 8 >= MAX_ROW)
        return;
    t->row[(*used)++] = (char)c;
}

static void end_field(Table *t, size_t *used, size_t start) {
    size_t from = start, to = *used;
    while (from < to && strchr(" \t", t->row[from]))
        from++;
    while (to > from && strchr(" \t\r", t->row[to - 1]))
        to--;
    t->row[to] = 0;
    *used = to + 1;
    if (t->count < MAX_FIELDS)
        t->fields[t->count++] = t->row + from;
}

/* Bytes that are no UTF-8 as Latin-1, in place of the field. */
static void recode(Table *t) {
    bool was_odd = false;
    for (size_t k = 0; k < t->count; k++) {
        const uint8_t *at = (const uint8_t *)t->fields[k];
        size_t n = strlen(t->fields[k]), used = 0;
        bool is_odd = false;
        for (size_t b = 0, size; b < n && !is_odd; b += size) {
            size = utf8_length(at + b, n - b);
            is_odd = size == 0;
        }
        if (!is_odd)
            continue;
        was_odd = true;
        char *out = arena_alloc(t->i->arena, 2 * n + 1);
        for (size_t b = 0; b < n; b++)
            used += utf8_write(out + used, at[b]);
        t->fields[k] = out;
    }
    if (was_odd)
        importer_problem(t->i, false, "is not UTF-8; read as Latin-1");
}

/* False at the end. */
static bool read_row(Table *t) {
    size_t used = 0, start = 0;
    bool is_quoted = false, is_any = false;
    t->i->place = know_input_place(t->i->in);
    t->count = 0;
    for (int c; (c = know_input_take(t->i->in)) >= 0;) {
        is_any = true;
        if (is_quoted && c == '"' && know_input_peek(t->i->in) == '"') {
            put(t, &used, know_input_take(t->i->in));
        } else if (c == '"' && (is_quoted || used == start)) {
            is_quoted = !is_quoted;
        } else if (!is_quoted && (c == t->separator || c == '\n')) {
            end_field(t, &used, start);
            start = used;
            if (c == '\n')
                break;
        } else if (is_quoted && c == '\n' && used - start > 4096) {
            importer_problem(t->i, false, "a quote that does not end");
            is_quoted = false;
            end_field(t, &used, start);
            start = used;
            break;
        } else {
            put(t, &used, c ? c : ' ');
        }
    }
    if (is_any && used > start)
        end_field(t, &used, start);
    if (used + 16 >= MAX_ROW)
        importer_problem(t->i, false, "a row longer than %d bytes was cut", MAX_ROW);
    recode(t);
    return is_any;
}

/* ---- rows ---- */

static const char *field(const Table *t, Role role) {
    for (size_t k = 0; k < t->count && k < t->columns; k++)
        if (t->roles[k] == role)
            return t->fields[k];
    return "";
}

static uint64_t party(const Table *t, const char *what, KnowKind kind, const char *name) {
    KnowEntity e = {.kind = kind, .name = importer_name(t->i, name, name)};
    e.ref = importer_join(t->i, what, e.name);
    e.id = know_id(e.ref);
    e.source = t->i->import->source;
    importer_entity(t->i, &e);
    return e.id;
}

static void relate(const Table *t, KnowClaim c, KnowRelation relation, uint64_t object) {
    c.relation = relation;
    c.object = object;
    importer_claim(t->i, &c);
}

static uint64_t send_group(Table *t) {
    char ref[KNOW_MAX_NAME];
    const char *report = field(t, ROLE_REPORT), *campaign = field(t, ROLE_CAMPAIGN);
    const char *actor = field(t, ROLE_ACTOR), *family = field(t, ROLE_FAMILY);
    const char *source = field(t, ROLE_SOURCE);
    snprintf(ref, sizeof ref, "list:%.100s#%.200s|%.60s|%.60s|%.60s", t->i->import->document,
             report, campaign, actor, family);
    uint64_t id = know_id(ref);
    if (id == t->group)
        return id;
    t->group = id;
    KnowEntity e = {.id = id,
                    .ref = ref,
                    .kind = KNOW_REPORT,
                    .name = importer_name(t->i, *report ? report : t->i->import->document, ref),
                    .source = *source ? source : t->i->import->source};
    importer_entity(t->i, &e);
    KnowClaim c = {.subject = id, .source = e.source, .trust = KNOW_TRUST_NONE};
    const char *confidence = field(t, ROLE_CONFIDENCE);
    long percent = *confidence ? strtol(confidence, NULL, 10) : -1;
    if (percent >= 0 && percent <= 100)
        c.trust.confidence = (uint8_t)percent;
    if (strncmp(report, "http", 4) == 0)
        importer_say(t->i, &c, KNOW_REFERENCE, report);
    if (*campaign)
        relate(t, c, KNOW_ATTRIBUTED_TO, party(t, "list:campaign:", KNOW_CAMPAIGN, campaign));
    if (*actor)
        relate(t, c, KNOW_ATTRIBUTED_TO, party(t, "list:actor:", KNOW_ACTOR, actor));
    if (*family)
        relate(t, c, KNOW_INDICATES, party(t, "list:family:", KNOW_FAMILY, family));
    return id;
}

static bool sight(const Table *t, const KnowSighting *s, KnowType type, const char *text) {
    const char *bar = type.second != KNOW_VALUE_COUNT ? strrchr(text, '|') : NULL;
    size_t n = bar ? (size_t)(bar - text) : strlen(text);
    bool is_good = importer_sight(t->i, s, type.kind, text, n);
    return bar ? importer_sight(t->i, s, type.second, bar + 1, strlen(bar + 1)) || is_good
               : is_good;
}

static void hear(const Table *t, KnowValueKind kind, const char *text, const char *comment) {
    const char *source = field(t, ROLE_SOURCE), *report = field(t, ROLE_REPORT);
    KnowClaim c = {.source = *source   ? source
                             : *report ? report
                                       : t->i->import->document,
                   .trust = KNOW_TRUST_NONE};
    importer_compromised(t->i, &c, kind, text, strlen(text), comment);
}

static void see_row(Table *t) {
    const KnowType by_form = {KNOW_VALUE_OTHER, KNOW_VALUE_COUNT};
    bool is_good = false;
    KnowSighting s = {.container = send_group(t)};
    s.first = importer_time(t->i, field(t, ROLE_FIRST), "first seen");
    s.last = importer_time(t->i, field(t, ROLE_LAST), "last seen");
    const char *name = field(t, ROLE_TYPE), *value = field(t, ROLE_VALUE);
    KnowType type = know_type_from_name(name, strlen(name));
    if (*value)
        is_good = sight(t, &s, type.kind == KNOW_VALUE_COUNT ? by_form : type, value);
    for (size_t k = 0; t->has_header && k < t->count && k < t->columns; k++)
        if (t->roles[k] == ROLE_COLUMN && *t->fields[k])
            is_good |= sight(t, &s, t->kinds[k], t->fields[k]);
    /* No header: "type,value", or whatever looks like one. */
    type = t->count > 1 ? know_type_from_name(t->fields[0], strlen(t->fields[0])) : by_form;
    if (!t->has_header && t->count > 1 && type.kind != KNOW_VALUE_COUNT)
        is_good = sight(t, &s, type, t->fields[1]);
    for (size_t k = 0; !t->has_header && !is_good && k < t->count; k++)
        is_good = sight(t, &s, by_form, t->fields[k]);
    const char *comment = field(t, ROLE_COMMENT);
    for (size_t k = 0; *comment && compromised_says(comment) && k < t->count; k++)
        if (t->roles[k] == ROLE_VALUE || t->roles[k] == ROLE_COLUMN)
            hear(t, t->roles[k] == ROLE_COLUMN ? t->kinds[k].kind : by_form.kind, t->fields[k],
                 comment);
    if (!is_good)
        importer_problem(t->i, true, "no indicator in the row: %.80s",
                         *value ? value : t->fields[0]);
}

static void see_header(Table *t) {
    t->columns = t->count;
    for (size_t k = 0; k < t->count; k++) {
        const char *name = t->fields[k];
        t->roles[k] = role_of(*name == '#' ? name + strspn(name, "# ") : name);
        t->kinds[k] = know_type_from_name(name, strlen(name));
        /* A remark alone heads nothing: what it is on is told by its form. */
        t->has_header |= t->roles[k] != ROLE_NONE && t->roles[k] != ROLE_COMMENT;
    }
    /* A first row that holds an indicator is no header, whatever else its words mean. */
    for (size_t k = 0; k < t->count; k++) {
        KnowValues values;
        if (know_values_from_text(KNOW_VALUE_OTHER, t->fields[k], strlen(t->fields[k]), &values))
            t->has_header = false;
    }
    if (!t->has_header)
        t->columns = 0;
}

static char separator_of(Importer *i) {
    KnowPlace start = know_input_place(i->in);
    size_t counts[3] = {0};
    static const char separators[] = ",;\t";
    bool is_comment = false, is_first = true, is_seen = false;
    for (int c; (c = know_input_take(i->in)) >= 0;) {
        if (is_first)
            is_comment = c == '#';
        is_first = c == '\n';
        if (c == '\n' && is_seen)
            break;
        const char *at = is_comment ? NULL : strchr(separators, c);
        if (at && c)
            counts[at - separators]++;
        is_seen |= !is_comment && c != '\n' && c != '\r';
    }
    know_input_seek(i->in, start);
    return counts[2] ? '\t' : counts[1] > counts[0] ? ';' : ',';
}

void list_import_csv(Importer *i) {
    Table t = {.i = i, .separator = separator_of(i)};
    t.row = arena_alloc(i->arena, MAX_ROW);
    ArenaMark mark = arena_mark(i->arena);
    bool is_first = true;
    while (i->status == STATUS_OK && read_row(&t)) {
        bool is_comment = t.count == 0 || (t.fields[0][0] == '#' && !is_first) ||
                          (t.count == 1 && t.fields[0][0] == 0);
        bool is_title = is_first && t.count > 0 && t.fields[0][0] == '#' && t.count == 1;
        if (!is_comment && !is_title) {
            if (is_first)
                see_header(&t);
            if (!is_first || !t.has_header) {
                i->stat->records++;
                see_row(&t);
            }
            is_first = false;
        }
        arena_reset(i->arena, mark);
    }
}
