/* SPDX-License-Identifier: Apache-2.0
 * json_read.h: JSON of any size in bounded memory. The outer objects and arrays are walked; one
 * record at a time is captured (its brackets say where it ends, even when something inside is
 * wrong) and parsed into an arena. Odd input: a record that does not parse costs that record only;
 * depth and size have limits; bytes that are not UTF-8 are read as Latin-1, and said so. */
#ifndef COG_KNOW_JSON_READ_H
#define COG_KNOW_JSON_READ_H

#include "base/arena.h"
#include "base/text.h"
#include "know/input.h"

typedef enum JsonType {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
} JsonType;

typedef struct JsonValue JsonValue;
struct JsonValue {
    JsonType type;
    bool is_true;
    const char *key;  /* in an object */
    const char *text; /* of a string: UTF-8, NUL-terminated; of a number: as written */
    double number;
    JsonValue *first, *next; /* items, in order */
};

/* Why the last parse or step failed. */
typedef struct JsonFault {
    const char *reason; /* NULL: none */
    uint64_t off;       /* in the bytes given, or in the document */
    bool was_recoded;   /* some string was not UTF-8 */
} JsonFault;

/* NULL and fault when it is not one JSON value. Objects nest at most 64 deep. */
JsonValue *json_from_bytes(Arena *a, Bytes b, JsonFault *fault);
/* NULL when absent, or when v is no object. */
const JsonValue *json_find(const JsonValue *v, const char *key);
const JsonValue *json_find_type(const JsonValue *v, const char *key, JsonType type);
const char *json_find_text(const JsonValue *v, const char *key); /* strings only */
bool json_find_true(const JsonValue *v, const char *key);

/* ---- walking a document ---- */

/* Longest record. The largest objects of ATT&CK have 60 KB; a MISP object with an attachment in
 * base64 can reach megabytes. */
enum { JSON_MAX_RECORD = 32 << 20 };

typedef struct JsonWalk {
    KnowInput *in;
    Text record;     /* of the last capture */
    KnowPlace place; /* where it began */
} JsonWalk;
JsonWalk json_walk_init(KnowInput *in);
void json_walk_free(JsonWalk *w);

/* The first character of the next value, -1 at the end. */
int json_walk_peek(JsonWalk *w);
/* Takes '{' or '[' when it is next. */
bool json_walk_enter(JsonWalk *w, char bracket);
/* In an object: the next key, in *key (at most 255 bytes; longer ones are cut). In an array: true
 * when there is a next item. False when closed, which is taken, or at the end. What stands between
 * items and is wrong is passed over; *odd then counts up. */
bool json_walk_key(JsonWalk *w, char key[256], uint64_t *odd);
bool json_walk_item(JsonWalk *w, uint64_t *odd);
/* Passes over the next value. */
void json_walk_skip(JsonWalk *w);
/* The next value as it stands, in w->record; false: too long or the end came first (it is passed
 * over), with the reason. */
bool json_walk_capture(JsonWalk *w, const char **reason);
/* The rest of the line: what is open at its end is not followed. */
bool json_walk_capture_line(JsonWalk *w, const char **reason);

#endif
