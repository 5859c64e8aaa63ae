/* SPDX-License-Identifier: Apache-2.0
 * html_time.c: when things were: what the sample's own headers say, when references were built and
 * seen, when traits were published, what others say of names. One row each, in time order. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/html.h"
#include "report/html_report.h"
#include "report/html_svg.h"

enum {
    MAX_EVENTS = 40,
    TIME_REFERENCES = 8,
    LABELS_WIDTH = 430,
    AXIS_WIDTH = 600,
    TIME_ROW = 24,
    TIME_TOP = 34
};

typedef struct Event {
    int year, month, day;
    const char *label, *class;
    uint32_t order; /* as found, for equal dates */
} Event;

typedef struct Times {
    Arena *a;
    VEC(Event) events;
} Times;

/* 2024, 2024-03, 2024-03-11 and what follows; false: no date. */
static bool read_date(const char *text, Event *e) {
    if (!text || strlen(text) < 4)
        return false;
    int n[3] = {0, 1, 1};
    static const unsigned first[3] = {0, 5, 8}, digits[3] = {4, 2, 2};
    for (unsigned i = 0; i < 3; i++) {
        if (i && (strlen(text) < first[i] + digits[i] || text[first[i] - 1] != '-'))
            break;
        int value = 0;
        for (unsigned k = 0; k < digits[i]; k++) {
            char c = text[first[i] + k];
            if (c < '0' || c > '9')
                return false;
            value = value * 10 + c - '0';
        }
        n[i] = value;
    }
    if (n[0] < 1970 || n[0] > 2200 || n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 31)
        return false;
    e->year = n[0];
    e->month = n[1];
    e->day = n[2];
    return true;
}

PRINTF_LIKE(4, 5)
static void add(Times *t, const char *date, const char *class, const char *fmt, ...) {
    Event read = {.class = class};
    va_list args;
    if (!read_date(date, &read))
        return;
    va_start(args, fmt);
    read.label = arena_vtextf(t->a, fmt, args);
    va_end(args);
    read.order = (uint32_t)t->events.count;
    for (size_t i = 0; i < t->events.count; i++) {
        const Event *e = &t->events.at[i];
        if (e->year == read.year && e->month == read.month && e->day == read.day &&
            !strcmp(e->label, read.label))
            return;
    }
    Event *to = VEC_ADD(t->a, &t->events);
    if (to)
        *to = read;
}

static const char *time_words(TraitKind kind) {
    return kind == TRAIT_COMPILE_TIME  ? "linked, says its header"
           : kind == TRAIT_EXPORT_TIME ? "exports made, says its header"
           : kind == TRAIT_DEBUG_TIME  ? "debug entry made, says its header"
                                       : "resources made, says its header";
}

static void add_traits(Times *t, const Features *f, const char *who, const char *class) {
    for (size_t i = 0; i < f->traits.count; i++) {
        const Trait *trait = &f->traits.at[i];
        if (trait->kind == TRAIT_COMPILE_TIME || trait->kind == TRAIT_EXPORT_TIME ||
            trait->kind == TRAIT_DEBUG_TIME || trait->kind == TRAIT_RESOURCE_TIME)
            add(t, trait->value, class, "%.150s: %s", who, time_words(trait->kind));
    }
}

static void gather(Times *t, const HtmlFinding *f) {
    add_traits(t, f->here.features, "this sample", "dot here");
    for (size_t i = 0; i < f->report->samples.count && i < TIME_REFERENCES; i++) {
        const SampleMatch *m = &f->report->samples.at[i];
        const StoredSample *there = snapshot_find_sample(f->snap, m->sample);
        if (!there || m->code_share < 0.01)
            continue;
        const char *name = there->name ? there->name : "a reference";
        if (there->labels.first_seen)
            add(t, there->labels.first_seen, "dot", "%.150s: first seen", name);
        const Features *ref = match_features(m);
        for (size_t k = 0; ref && k < ref->traits.count; k++)
            if (ref->traits.at[k].kind == TRAIT_COMPILE_TIME)
                add(t, ref->traits.at[k].value, "dot", "%.150s: linked, says its header", name);
    }
    for (size_t i = 0; i < f->verdict->evidence.count; i++)
        add(t, f->verdict->evidence.at[i].first_public, "dot claim",
            "evidence %u was public from here on", f->verdict->evidence.at[i].id);
    for (size_t i = 0; f->links && i < f->links->paths.count; i++)
        for (size_t k = 0; k < f->links->paths.at[i].steps.count; k++) {
            const LinkNode *n = &f->links->paths.at[i].steps.at[k].b;
            char date[KNOW_TIME_BYTES];
            know_time_write(n->from, date);
            if (n->from > 0 && n->name)
                add(t, date, "dot claim", "%.150s: reported", n->name);
        }
}

static int compare_events(const void *x, const void *y) {
    const Event *a = x, *b = y;
    if (a->year != b->year)
        return a->year - b->year;
    if (a->month != b->month)
        return a->month - b->month;
    if (a->day != b->day)
        return a->day - b->day;
    return (a->order > b->order) - (a->order < b->order);
}

static double years_of(const Event *e) {
    return e->year + (e->month - 1) / 12.0 + (e->day - 1) / 372.0;
}

void html_write_times(const HtmlFinding *f, Text *out) {
    Times t = {.a = f->arena};
    t.events.max = MAX_EVENTS;
    gather(&t, f);
    if (t.events.count < 2)
        return;
    qsort(t.events.at, t.events.count, sizeof *t.events.at, compare_events);
    int first = t.events.at[0].year, last = t.events.at[t.events.count - 1].year + 1;
    int step = (last - first + 11) / 12; /* at most a dozen years are named */
    double per_year = (double)AXIS_WIDTH / (last - first);
    unsigned height = TIME_TOP + (unsigned)t.events.count * TIME_ROW + 10;
    html_element(out, "h2", NULL, "When");
    html_element(out, "p", "soft small",
                 "Times in headers are set with a hex editor; what others saw is not.");
    svg_begin(out, LABELS_WIDTH + AXIS_WIDTH + 30, height, "dates in order");
    for (int year = first; year <= last; year += step) {
        double x = LABELS_WIDTH + (year - first) * per_year;
        char text[16];
        snprintf(text, sizeof text, "%d", year);
        svg_line(out, x, TIME_TOP - 8, x, height - 6, "grid");
        svg_text(out, (SvgText){x, 16, "soft", "middle", 0}, text);
    }
    for (size_t i = 0; i < t.events.count; i++) {
        const Event *e = &t.events.at[i];
        double y = TIME_TOP + (double)i * TIME_ROW + TIME_ROW / 2.0;
        char date[16];
        snprintf(date, sizeof date, "%04d-%02d-%02d", e->year, e->month, e->day);
        svg_text(out, (SvgText){8, y + 4, "soft", "start", 0}, date);
        svg_text(out, (SvgText){90, y + 4, NULL, "start", 46}, e->label);
        svg_dot(out, LABELS_WIDTH + (years_of(e) - first) * per_year, y, e->class);
    }
    svg_end(out);
}
