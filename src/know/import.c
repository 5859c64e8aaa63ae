/* SPDX-License-Identifier: Apache-2.0
 * import.c: which format a document is in, and its outer structure. */
#include "know/import.h"

#include <setjmp.h>
#include <string.h>
#include <strings.h>

#include "know/importer.h"

/* A record of JSON_MAX_RECORD bytes takes up to ten times that when parsed (arithmetic: an item of
 * one digit and a comma becomes a node of 56 bytes); most records take kilobytes. */
#define MAX_RECORD_BYTES ((size_t)400 << 20)

/* ---- what a JSON value is ---- */

typedef enum Shape {
    SHAPE_NONE,
    SHAPE_BUNDLE,   /* has "objects" */
    SHAPE_OBJECT,   /* one STIX object */
    SHAPE_RESPONSE, /* {"response": [{"Event": ...}]} */
    SHAPE_EVENT,    /* {"Event": ...} */
    SHAPE_GALAXY,   /* has "values" */
    SHAPE_COF       /* passive DNS: has "rrname" and "rdata" */
} Shape;

/* Looks at the keys of the object at the walk and goes back. */
static Shape look(Importer *i) {
    KnowPlace start = know_input_place(i->in);
    char key[256];
    uint64_t odd = 0;
    bool has_type = false, has_id = false, has_name = false, has_data = false;
    Shape shape = SHAPE_NONE;
    if (!json_walk_enter(&i->walk, '{'))
        return SHAPE_NONE;
    for (unsigned n = 0; shape == SHAPE_NONE && json_walk_key(&i->walk, key, &odd); n++) {
        has_type |= strcmp(key, "type") == 0;
        has_id |= strcmp(key, "id") == 0;
        has_name |= strcmp(key, "rrname") == 0;
        has_data |= strcmp(key, "rdata") == 0;
        int c = json_walk_peek(&i->walk);
        if (strcmp(key, "objects") == 0 && c == '[')
            shape = SHAPE_BUNDLE;
        else if (strcmp(key, "response") == 0)
            shape = SHAPE_RESPONSE;
        else if (strcmp(key, "Event") == 0)
            shape = SHAPE_EVENT;
        else if (strcmp(key, "values") == 0 && c == '[')
            shape = SHAPE_GALAXY;
        json_walk_skip(&i->walk);
    }
    if (shape == SHAPE_NONE && has_name && has_data)
        shape = SHAPE_COF;
    else if (shape == SHAPE_NONE && has_type && has_id)
        shape = SHAPE_OBJECT;
    know_input_seek(i->in, start);
    return shape;
}

/* Calls run at the value of one key of the object at the walk; passes over the others. */
static void at_key(Importer *i, const char *wanted, void (*run)(Importer *i)) {
    char key[256];
    uint64_t odd = 0;
    if (!json_walk_enter(&i->walk, '{'))
        return;
    while (i->status == STATUS_OK && json_walk_key(&i->walk, key, &odd)) {
        if (strcmp(key, wanted) == 0)
            run(i);
        else
            json_walk_skip(&i->walk);
    }
    i->place = know_input_place(i->in);
    i->object = NULL;
    if (odd)
        importer_problem(i, false, "the outer object has %llu syntax errors",
                         (unsigned long long)odd);
}

static void import_value(Importer *i);

static void import_items(Importer *i) {
    uint64_t odd = 0;
    if (!json_walk_enter(&i->walk, '[')) {
        import_value(i);
        return;
    }
    while (i->status == STATUS_OK && json_walk_item(&i->walk, &odd))
        import_value(i);
}

/* One object, already known to be no container. */
static void import_object(Importer *i) {
    jmp_buf escape;
    ArenaMark mark = arena_mark(i->arena);
    if (setjmp(escape) == 0) {
        arena_set_escape(i->arena, &escape);
        const JsonValue *v = importer_record(i);
        if (v)
            stix_import_object(i, v);
    } else {
        importer_problem(i, true, "the record needs too much memory");
    }
    arena_set_escape(i->arena, NULL);
    arena_reset(i->arena, mark);
}

static void import_value(Importer *i) {
    Shape shape = look(i);
    i->place = know_input_place(i->in);
    if (shape != SHAPE_NONE)
        i->stat->format = shape == SHAPE_GALAXY                             ? "misp-galaxy"
                          : shape == SHAPE_COF                              ? "passive-dns"
                          : shape == SHAPE_RESPONSE || shape == SHAPE_EVENT ? "misp"
                                                                            : "stix";
    switch (shape) {
    case SHAPE_BUNDLE:
        at_key(i, "objects", stix_import_objects);
        break;
    case SHAPE_OBJECT:
        import_object(i);
        break;
    case SHAPE_RESPONSE:
        at_key(i, "response", import_items);
        break;
    case SHAPE_EVENT:
        at_key(i, "Event", misp_import_event);
        break;
    case SHAPE_GALAXY:
        galaxy_import(i);
        break;
    case SHAPE_COF:
        cof_import(i);
        break;
    case SHAPE_NONE:
        i->object = NULL;
        i->stat->records++;
        importer_problem(i, true, "neither STIX nor MISP");
        json_walk_skip(&i->walk);
        break;
    }
}

/* Values one after the other: usually one; JSON Lines have many. */
static void import_json(Importer *i) {
    int c;
    while (i->status == STATUS_OK && (c = json_walk_peek(&i->walk)) >= 0) {
        if (c == '[') {
            import_items(i);
        } else if (c == '{') {
            import_value(i);
        } else {
            i->place = know_input_place(i->in);
            importer_problem(i, true, "something that is no object between the objects");
            json_walk_skip(&i->walk);
        }
    }
}

/* ---- lists ---- */

/* A header of known columns, or the first line that is no comment has two fields or more of which
 * one is a whole indicator. */
static bool is_csv(Importer *i) {
    KnowPlace start = know_input_place(i->in);
    char line[1024];
    size_t n = 0;
    bool found = false, is_csv = false;
    for (unsigned lines = 0; !found && lines < 200; lines++) {
        n = 0;
        int c;
        while ((c = know_input_take(i->in)) >= 0 && c != '\n')
            if (n + 1 < sizeof line)
                line[n++] = (char)c;
        while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == ' '))
            n--;
        found = n > 0 && line[0] != '#' && line[0] != '/';
        if (c < 0)
            break;
    }
    line[n] = 0;
    const char *comma = strpbrk(line, ",;\t");
    is_csv = found && comma && !strstr(line, "](") && strncasecmp(line, "http", 4) != 0;
    know_input_seek(i->in, start);
    return is_csv;
}

Status know_import(KnowInput *in, const KnowImport *import, KnowImportStat *stat, Error *err) {
    *stat = (KnowImportStat){0};
    Importer i = {.import = import, .in = in, .stat = stat, .err = err};
    i.arena = arena_new(MAX_RECORD_BYTES);
    if (!i.arena)
        return error_set(err, STATUS_FAILED, "out of memory");
    i.walk = json_walk_init(in);
    int c = json_walk_peek(&i.walk);
    if (c == '{' || c == '[') {
        import_json(&i);
    } else if (c >= 0) {
        if (certificate_is_file(&i)) {
            stat->format = "certificate";
            certificate_import(&i);
        } else if (is_csv(&i)) {
            stat->format = "csv";
            list_import_csv(&i);
        } else if (list_is_text(&i)) {
            stat->format = "text";
            list_import_text(&i);
        }
    }
    json_walk_free(&i.walk);
    arena_free(i.arena);
    if (i.status == STATUS_OK && in->is_failed)
        return error_set(err, STATUS_FAILED, "%s", in->error.message);
    /* Passive DNS may hold nothing but records that join no hosts, and is still what it is. */
    bool is_used =
        stat->entities > 0 || stat->claims > 0 || stat->sightings > 0 ||
        (stat->format && strcmp(stat->format, "passive-dns") == 0 && stat->skipped < stat->records);
    if (i.status == STATUS_OK && (!stat->format || (stat->records > 0 && !is_used)))
        return error_set(err, STATUS_USAGE,
                         "%s: nothing in it that is known here: expected STIX, MISP, passive DNS, "
                         "certificates, CSV or a list of indicators",
                         import->document);
    return i.status;
}
