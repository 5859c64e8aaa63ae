/* SPDX-License-Identifier: Apache-2.0
 * json_read.c: RFC 8259 from bytes into an arena. */
#include "know/json_read.h"

#include <stdlib.h>
#include <string.h>

#include "know/utf8.h"

enum { MAX_DEPTH = 64 };

typedef struct Parser {
    Arena *arena;
    const uint8_t *at, *end, *start;
    JsonFault *fault;
} Parser;

static bool fail(Parser *p, const char *reason) {
    if (!p->fault->reason) {
        p->fault->reason = reason;
        p->fault->off = (uint64_t)(p->at - p->start);
    }
    return false;
}

static void skip_space(Parser *p) {
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
        p->at++;
}

static bool read_hex4(Parser *p, uint32_t *out) {
    *out = 0;
    if (p->end - p->at < 4)
        return false;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t c = *p->at++;
        uint32_t digit = 16, letter = c | 32u;
        if (c >= '0' && c <= '9')
            digit = c - (uint32_t)'0';
        else if (letter >= 'a' && letter <= 'f')
            digit = letter - (uint32_t)'a' + 10;
        if (digit == 16)
            return false;
        *out = *out << 4 | digit;
    }
    return true;
}

static char *put_code(char *out, uint32_t c) { return out + utf8_write(out, c == 0 ? 0xfffd : c); }

/* After the backslash. */
static bool read_escape(Parser *p, char **out) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (p->at >= p->end)
        return fail(p, "a string ends too early");
    uint8_t c = *p->at++;
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        *(*out)++ = to[known - from];
        return true;
    }
    uint32_t code = 0, low = 0;
    if (c != 'u' || !read_hex4(p, &code))
        return fail(p, "an unknown escape in a string");
    if (code >= 0xd800 && code < 0xdc00) {
        const uint8_t *back = p->at;
        bool is_pair = p->end - p->at >= 6 && p->at[0] == '\\' && p->at[1] == 'u';
        p->at += is_pair ? 2 : 0;
        if (is_pair && read_hex4(p, &low) && low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        } else {
            p->at = back;
            code = 0xfffd;
        }
    } else if (code >= 0xdc00 && code < 0xe000) {
        code = 0xfffd;
    }
    *out = put_code(*out, code);
    return true;
}

/* After the opening quote. */
static char *read_string(Parser *p) {
    /* Its end first: an escape never grows, a Latin-1 byte doubles, a NUL triples. */
    const uint8_t *close = p->at;
    while (close < p->end && *close != '"')
        close += *close == '\\' ? 2 : 1;
    if (close >= p->end) {
        fail(p, "a string does not end");
        return NULL;
    }
    char *text = arena_alloc(p->arena, (size_t)(close - p->at) * 3 + 1), *out = text;
    while (p->at < close) {
        const uint8_t *start = p->at;
        while (p->at < close && *p->at < 0x80 && *p->at != '\\' && *p->at != 0)
            p->at++;
        memcpy(out, start, (size_t)(p->at - start));
        out += p->at - start;
        if (p->at == close)
            break;
        uint8_t c = *p->at;
        size_t n = c < 0x80 ? 1 : utf8_length(p->at, (size_t)(close - p->at));
        if (c == '\\') {
            p->at++;
            if (!read_escape(p, &out))
                return NULL;
        } else if (c == 0 || n == 0) { /* a byte that is none: as Latin-1 */
            p->fault->was_recoded = true;
            out = put_code(out, c);
            p->at++;
        } else {
            memcpy(out, p->at, n);
            out += n;
            p->at += n;
        }
    }
    *out = 0;
    p->at = close + 1;
    return text;
}

static bool read_value(Parser *p, JsonValue *v, unsigned depth);

/* Items of an object or an array, after the bracket. */
static bool read_items(Parser *p, JsonValue *v, unsigned depth) {
    bool is_object = v->type == JSON_OBJECT;
    uint8_t close = is_object ? '}' : ']';
    JsonValue **last = &v->first;
    if (depth >= MAX_DEPTH)
        return fail(p, "nested too deep");
    skip_space(p);
    if (p->at < p->end && *p->at == close) {
        p->at++;
        return true;
    }
    for (;;) {
        JsonValue *item = ARENA_NEW(p->arena, JsonValue);
        skip_space(p);
        if (is_object) {
            if (p->at >= p->end || *p->at != '"')
                return fail(p, "a key is missing");
            p->at++;
            item->key = read_string(p);
            skip_space(p);
            if (!item->key)
                return false;
            if (p->at >= p->end || *p->at != ':')
                return fail(p, "a colon is missing");
            p->at++;
        }
        if (!read_value(p, item, depth + 1))
            return false;
        *last = item;
        last = &item->next;
        skip_space(p);
        if (p->at < p->end && *p->at == ',') {
            p->at++;
            continue;
        }
        if (p->at < p->end && *p->at == close) {
            p->at++;
            return true;
        }
        return fail(p, is_object ? "a comma or } is missing" : "a comma or ] is missing");
    }
}

static bool read_number(Parser *p, JsonValue *v) {
    size_t n = 0;
    while (p->at + n < p->end && p->at[n] && strchr("+-0123456789.eE", p->at[n]))
        n++;
    if (n == 0 || n > 64)
        return fail(p, "a value is missing");
    char *end = NULL;
    v->text = arena_text(p->arena, (Bytes){p->at, n});
    v->number = strtod(v->text, &end);
    v->type = JSON_NUMBER;
    p->at += n;
    return *end == 0 || fail(p, "an odd number");
}

static bool read_word(Parser *p, JsonValue *v) {
    static const struct {
        const char *word;
        JsonType type;
        bool is_true;
    } WORDS[] = {
        {"true", JSON_BOOL, true}, {"false", JSON_BOOL, false}, {"null", JSON_NULL, false}};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        size_t n = strlen(WORDS[i].word);
        if ((size_t)(p->end - p->at) >= n && memcmp(p->at, WORDS[i].word, n) == 0) {
            v->type = WORDS[i].type;
            v->is_true = WORDS[i].is_true;
            p->at += n;
            return true;
        }
    }
    return read_number(p, v);
}

static bool read_value(Parser *p, JsonValue *v, unsigned depth) {
    skip_space(p);
    if (p->at >= p->end)
        return fail(p, "a value is missing");
    switch (*p->at) {
    case '{':
    case '[':
        v->type = *p->at++ == '{' ? JSON_OBJECT : JSON_ARRAY;
        return read_items(p, v, depth);
    case '"':
        p->at++;
        v->type = JSON_STRING;
        v->text = read_string(p);
        return v->text != NULL;
    default:
        return read_word(p, v);
    }
}

JsonValue *json_from_bytes(Arena *a, Bytes b, JsonFault *fault) {
    *fault = (JsonFault){0};
    Parser p = {a, b.at, b.at + b.size, b.at, fault};
    JsonValue *v = ARENA_NEW(a, JsonValue);
    bool is_good = read_value(&p, v, 0);
    skip_space(&p);
    if (is_good && p.at < p.end)
        is_good = fail(&p, "something follows the value");
    return is_good ? v : NULL;
}

const JsonValue *json_find(const JsonValue *v, const char *key) {
    if (!v || v->type != JSON_OBJECT)
        return NULL;
    for (const JsonValue *item = v->first; item; item = item->next)
        if (strcmp(item->key, key) == 0)
            return item;
    return NULL;
}

const JsonValue *json_find_type(const JsonValue *v, const char *key, JsonType type) {
    const JsonValue *found = json_find(v, key);
    return found && found->type == type ? found : NULL;
}

const char *json_find_text(const JsonValue *v, const char *key) {
    const JsonValue *found = json_find_type(v, key, JSON_STRING);
    return found ? found->text : NULL;
}

bool json_find_true(const JsonValue *v, const char *key) {
    const JsonValue *found = json_find_type(v, key, JSON_BOOL);
    return found && found->is_true;
}
