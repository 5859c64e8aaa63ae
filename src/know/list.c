/* SPDX-License-Identifier: Apache-2.0
 * list.c: plain-text indicator lists. One indicator a line or several between blanks; defanged
 * spellings are read; "# Reference: URL" lines group what follows by report, "# Aliases: a, b" says
 * that the list is about one actor (the form of maltrail's trails and many others). */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "know/compromised.h"
#include "know/importer.h"
#include "know/utf8.h"

/* Longest line that is read; the rest of a longer one is passed over, and said. */
enum { MAX_LINE = 8192 };
/* What stands between the indicators of a line. */
#define BETWEEN " \t,;|\"'`<>*"

typedef struct List {
    Importer *i;
    const char *stem; /* the document's name without its ending */
    KnowEntity list;  /* of the document */
    KnowEntity group; /* of the report at hand */
    bool has_group, group_has_values, list_is_sent;
    char group_ref[KNOW_MAX_NAME], group_name[KNOW_MAX_NAME];
} List;

/* False at the end. Text is UTF-8 (from Latin-1 where it was none), without its line end. */
static bool read_line(Importer *i, char line[MAX_LINE * 2 + 4]) {
    char raw[MAX_LINE];
    size_t n = 0, used = 0;
    bool is_cut = false, was_odd = false;
    i->place = know_input_place(i->in);
    if (know_input_peek(i->in) < 0)
        return false;
    for (bool is_end = false; !is_end;) {
        Bytes b = know_input_reach(i->in);
        const uint8_t *end = b.size ? memchr(b.at, '\n', b.size) : NULL;
        size_t size = end ? (size_t)(end - b.at) : b.size;
        size_t kept = size < sizeof raw - n ? size : sizeof raw - n;
        memcpy(raw + n, b.size ? b.at : (const uint8_t *)"", kept);
        n += kept;
        is_cut |= kept < size;
        is_end = end != NULL || b.size == 0;
        know_input_advance(i->in, size + (end != NULL));
    }
    for (size_t k = 0; k < n;) {
        size_t size = utf8_length((const uint8_t *)raw + k, n - k);
        if (size == 0 || raw[k] == 0) {
            was_odd = true;
            used += utf8_write(line + used, raw[k] ? (uint8_t)raw[k] : ' ');
            k++;
        } else {
            memcpy(line + used, raw + k, size);
            used += size;
            k += size;
        }
    }
    while (used > 0 && strchr(" \t\r", line[used - 1]))
        used--;
    line[used] = 0;
    if (was_odd)
        importer_problem(i, false, "is not UTF-8; read as Latin-1");
    if (is_cut)
        importer_problem(i, false, "a line longer than %d bytes was cut", MAX_LINE);
    return true;
}

static KnowClaim claim_of(const List *l, uint64_t subject) {
    return (KnowClaim){.subject = subject,
                       .source = l->i->import->source ? l->i->import->source : l->list.ref,
                       .trust = KNOW_TRUST_NONE};
}

static void send_list(List *l) {
    if (l->list_is_sent)
        return;
    l->list_is_sent = true;
    importer_entity(l->i, &l->list);
}

static void send_group(List *l) {
    send_list(l);
    importer_entity(l->i, &l->group);
    KnowClaim c = claim_of(l, l->group.id);
    c.object = l->list.id;
    c.relation = l->list.kind == KNOW_ACTOR ? KNOW_ATTRIBUTED_TO : KNOW_PART_OF;
    importer_claim(l->i, &c);
}

static void begin_group(List *l, const char *name) {
    snprintf(l->group_ref, sizeof l->group_ref, "%.150s#%.300s", l->list.ref, name);
    snprintf(l->group_name, sizeof l->group_name, "%.400s", *name ? name : l->stem);
    l->group = (KnowEntity){.ref = l->group_ref,
                            .id = know_id(l->group_ref),
                            .kind = KNOW_REPORT,
                            .name = l->group_name,
                            .source = l->i->import->source};
    l->has_group = true;
    l->group_has_values = false;
}

/* After "# word:", or NULL. */
static const char *after_word(const char *line, const char *const *words, size_t count) {
    for (; *line == '#' || *line == ' ' || *line == '/' || *line == ';' || *line == '*'; line++)
        ;
    for (size_t k = 0; k < count; k++) {
        size_t n = strlen(words[k]);
        if (strncasecmp(line, words[k], n) == 0 && line[n] == ':') {
            for (line += n + 1; *line == ' '; line++)
                ;
            return line;
        }
    }
    return NULL;
}

static void see_aliases(List *l, const char *names) {
    char alias[KNOW_MAX_NAME];
    l->list.kind = KNOW_ACTOR;
    send_list(l);
    KnowClaim c = claim_of(l, l->list.id);
    while (*names) {
        size_t n = strcspn(names, ",;");
        size_t start = strspn(names, " ");
        if (n > start) {
            snprintf(alias, sizeof alias, "%.*s",
                     (int)(n - start < sizeof alias ? n - start : sizeof alias - 1), names + start);
            importer_say(l->i, &c, KNOW_ALIAS, alias);
        }
        names += n + (names[n] != 0);
    }
}

static void see_comment(List *l, const char *line) {
    static const char *const references[] = {"Reference", "References", "Ref", "Source", "Report"};
    static const char *const aliases[] = {"Aliases", "Alias", "Actor", "Threat actor"};
    static const char *const dates[] = {"Date", "Published", "First seen"};
    const char *text = after_word(line, aliases, sizeof aliases / sizeof *aliases);
    if (text) {
        see_aliases(l, text);
        return;
    }
    text = after_word(line, dates, sizeof dates / sizeof *dates);
    if (text && l->has_group)
        l->group.first_seen = importer_time(l->i, text, "date");
    text = after_word(line, references, sizeof references / sizeof *references);
    if (!text || !*text)
        return;
    /* Several references in a row are of one group. */
    if (!l->has_group || l->group_has_values)
        begin_group(l, text);
    KnowClaim c = claim_of(l, l->group.id);
    c.url = text;
    importer_say(l->i, &c, KNOW_REFERENCE, text);
}

static void see_values(List *l, char *line) {
    uint64_t found = 0, tokens = 0;
    char *comment = strstr(line, " #");
    const char *why = NULL;
    if (comment) {
        *comment = 0;
        comment += 2 + strspn(comment + 2, "# \t");
        why = compromised_says(comment) ? comment : NULL;
    }
    if (!l->has_group)
        begin_group(l, "");
    if (!l->group_has_values)
        send_group(l);
    l->group_has_values = true;
    KnowSighting s = {.container = l->group.id, .first = l->group.first_seen};
    KnowClaim c = claim_of(l, l->group.id);
    c.source = l->group_name;
    /* The whole line first: paths and user agents have blanks. */
    if (importer_sight(l->i, &s, KNOW_VALUE_OTHER, line, strlen(line))) {
        if (why)
            importer_compromised(l->i, &c, KNOW_VALUE_OTHER, line, strlen(line), why);
        return;
    }
    for (char *at = line; *at && l->i->status == STATUS_OK;) {
        size_t skip = strspn(at, BETWEEN), n = strcspn(at + skip, BETWEEN);
        if (n > 0) {
            tokens++;
            found += importer_sight(l->i, &s, KNOW_VALUE_OTHER, at + skip, n);
            if (why)
                importer_compromised(l->i, &c, KNOW_VALUE_OTHER, at + skip, n, why);
        }
        at += skip + n;
    }
    if (tokens && !found)
        importer_problem(l->i, true, "no indicator: %.80s", line);
}

/* A licence or a letter is no list: of 200 lines that are no comment at least one in eight holds an
 * indicator (guess: of maltrail's lists the least has 19 in 20, licences have 1 in 20). */
bool list_is_text(Importer *i) {
    enum { LINES = 200, SHARE = 8 };
    char line[MAX_LINE * 2 + 4];
    KnowPlace start = know_input_place(i->in);
    KnowImportStat before = *i->stat;
    unsigned lines = 0, good = 0;
    for (unsigned all = 0; lines < LINES && all < 100 * LINES && read_line(i, line); all++) {
        const char *text = line + strspn(line, " \t-*");
        KnowValues values;
        if (!*text || *text == '#' || *text == ';' || strncmp(text, "//", 2) == 0)
            continue;
        lines++;
        bool found = false;
        for (const char *at = text; *at && !found;) {
            size_t skip = strspn(at, BETWEEN), n = strcspn(at + skip, BETWEEN);
            found = know_values_from_text(KNOW_VALUE_OTHER, at + skip, n, &values);
            at += skip + n;
        }
        good += found || know_values_from_text(KNOW_VALUE_OTHER, text, strlen(text), &values);
    }
    know_input_seek(i->in, start);
    *i->stat = before;
    return good * SHARE >= lines && good > 0;
}

void list_import_text(Importer *i) {
    char ref[KNOW_MAX_NAME], stem[KNOW_MAX_NAME], line[MAX_LINE * 2 + 4];
    List l = {.i = i, .stem = stem};
    const char *dot = strrchr(i->import->document, '.');
    size_t n = dot && dot != i->import->document ? (size_t)(dot - i->import->document)
                                                 : strlen(i->import->document);
    snprintf(stem, sizeof stem, "%.*s", (int)(n < 200 ? n : 200), i->import->document);
    snprintf(ref, sizeof ref, "list:%.200s", stem);
    l.list = (KnowEntity){.ref = ref,
                          .id = know_id(ref),
                          .kind = KNOW_REPORT,
                          .name = stem,
                          .source = i->import->source};
    while (i->status == STATUS_OK && read_line(i, line)) {
        char *text = line + strspn(line, " \t-");
        if (!*text)
            continue;
        i->stat->records++;
        if (*text == '#' || strncmp(text, "//", 2) == 0 || *text == ';')
            see_comment(&l, text);
        else if (*text != 0)
            see_values(&l, text);
    }
}
