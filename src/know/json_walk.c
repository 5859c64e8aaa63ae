/* SPDX-License-Identifier: Apache-2.0
 * json_walk.c: the outer structure of a JSON document, byte by byte, without holding it. */
#include "know/json_read.h"

#include <string.h>

JsonWalk json_walk_init(KnowInput *in) {
    return (JsonWalk){.in = in, .record = text_new(JSON_MAX_RECORD)};
}

void json_walk_free(JsonWalk *w) { text_free(&w->record); }

int json_walk_peek(JsonWalk *w) {
    int c;
    while ((c = know_input_peek(w->in)) == ' ' || c == '\t' || c == '\n' || c == '\r')
        know_input_take(w->in);
    return c;
}

bool json_walk_enter(JsonWalk *w, char bracket) {
    if (json_walk_peek(w) != bracket)
        return false;
    know_input_take(w->in);
    return true;
}

/* To the next item: false when the bracket closes or the document ends. */
static bool to_next(JsonWalk *w, char close, uint64_t *odd) {
    bool is_odd = false;
    for (;;) {
        int c = json_walk_peek(w);
        if (c < 0 || c == close) {
            if (c >= 0)
                know_input_take(w->in);
            else
                is_odd = true;
            *odd += is_odd;
            return false;
        }
        bool starts = close == '}' ? c == '"'
                                   : c == '{' || c == '[' || c == '"' || c == '-' ||
                                         (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n';
        if (starts) {
            *odd += is_odd;
            return true;
        }
        is_odd |= c != ',';
        know_input_take(w->in);
    }
}

bool json_walk_key(JsonWalk *w, char key[256], uint64_t *odd) {
    size_t n = 0;
    if (!to_next(w, '}', odd))
        return false;
    know_input_take(w->in);
    for (int c; (c = know_input_take(w->in)) >= 0 && c != '"';) {
        if (c == '\\')
            c = know_input_take(w->in);
        if (n < 255 && c > 0)
            key[n++] = (char)c;
    }
    key[n] = 0;
    if (json_walk_peek(w) == ':')
        know_input_take(w->in);
    else
        ++*odd;
    return true;
}

bool json_walk_item(JsonWalk *w, uint64_t *odd) { return to_next(w, ']', odd); }

/* Where a value ends: brackets are counted outside of strings. */
typedef struct Extent {
    uint64_t depth;
    bool in_string, is_escaped, is_scalar, is_done;
} Extent;

/* Inside a string: to behind its end or a backslash, or a piece on. Pieces are short, so that many
 * backslashes before a far quote cost no more than their number. */
static size_t extent_in_string(Extent *e, Bytes b, size_t i) {
    enum { PIECE = 64 };
    if (e->is_escaped) {
        e->is_escaped = false;
        return i + 1;
    }
    size_t room = b.size - i < PIECE ? b.size - i : PIECE;
    const uint8_t *quote = memchr(b.at + i, '"', room);
    size_t stop = quote ? (size_t)(quote - b.at) : i + room;
    const uint8_t *slash = memchr(b.at + i, '\\', stop - i);
    if (slash) {
        e->is_escaped = true;
        return (size_t)(slash - b.at) + 1;
    }
    if (!quote)
        return stop;
    e->in_string = false;
    e->is_done = e->depth == 0;
    return stop + 1;
}

/* How many of the bytes belong to the value. */
static size_t extent_take(Extent *e, Bytes b) {
    size_t i = 0;
    while (i < b.size && !e->is_done) {
        uint8_t c = b.at[i];
        if (e->in_string) {
            i = extent_in_string(e, b, i);
            continue;
        }
        if (e->is_scalar) {
            if (strchr(",]} \t\r\n", c) || c == 0) {
                e->is_done = true;
                return i;
            }
        } else if (c == '"') {
            e->in_string = true;
        } else if (c == '{' || c == '[') {
            e->depth++;
        } else if (c == '}' || c == ']') {
            e->is_done = e->depth <= 1;
            e->depth -= e->depth > 0;
        } else if (e->depth == 0) {
            e->is_scalar = true;
        }
        i++;
    }
    return i;
}

/* Text NULL: nothing is kept. */
static bool pass(JsonWalk *w, Text *text) {
    Extent e = {0};
    json_walk_peek(w);
    while (!e.is_done) {
        Bytes b = know_input_reach(w->in);
        if (b.size == 0)
            return e.is_scalar;
        size_t n = extent_take(&e, b);
        if (text && !text->full)
            text_add_bytes(text, b.at, n);
        know_input_advance(w->in, n);
    }
    return true;
}

void json_walk_skip(JsonWalk *w) { pass(w, NULL); }

static bool is_not_full(JsonWalk *w, const char **reason) {
    if (!w->record.full)
        return true;
    text_free(&w->record);
    w->record = text_new(JSON_MAX_RECORD);
    *reason = "the record is longer than 32 MiB";
    return false;
}

bool json_walk_capture(JsonWalk *w, const char **reason) {
    text_clear(&w->record);
    json_walk_peek(w);
    w->place = know_input_place(w->in);
    if (!pass(w, &w->record)) {
        *reason = "the document ends inside this record";
        return false;
    }
    return is_not_full(w, reason);
}

bool json_walk_capture_line(JsonWalk *w, const char **reason) {
    text_clear(&w->record);
    json_walk_peek(w);
    w->place = know_input_place(w->in);
    for (bool is_end = false; !is_end;) {
        Bytes b = know_input_reach(w->in);
        const uint8_t *end = b.size ? memchr(b.at, '\n', b.size) : NULL;
        size_t n = end ? (size_t)(end - b.at) : b.size;
        text_add_bytes(&w->record, b.size ? b.at : (const uint8_t *)"", n);
        know_input_advance(w->in, n + (end != NULL));
        is_end = end || b.size == 0;
    }
    return is_not_full(w, reason);
}
