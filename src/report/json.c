/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json.h"

#include <math.h>

#include "report/escape.h"
#include "report/number.h"

static void start_item(Json *j, const char *key) {
    if (j->has_item)
        text_add_char(j->out, ',');
    j->has_item = true;
    if (!key)
        return;
    text_add_char(j->out, '"');
    text_add(j->out, key);
    text_add(j->out, "\":");
}

Json json_record(Text *out, const char *type) {
    Json j = {.out = out};
    json_open(&j, NULL, '{');
    json_text(&j, "schema", RECORD_SCHEMA);
    json_text(&j, "type", type);
    return j;
}

void json_end(Json *j) {
    json_close(j, '}');
    text_add_char(j->out, '\n');
}

void json_open(Json *j, const char *key, char bracket) {
    start_item(j, key);
    text_add_char(j->out, bracket);
    j->has_item = false;
}

void json_close(Json *j, char bracket) {
    text_add_char(j->out, bracket);
    j->has_item = true;
}

void json_bytes(Json *j, const char *key, Bytes text) {
    start_item(j, key);
    text_add_char(j->out, '"');
    escape_json(text, j->out);
    text_add_char(j->out, '"');
}

void json_text(Json *j, const char *key, const char *value) {
    if (value)
        json_bytes(j, key, bytes_from_text(value));
    else
        json_null(j, key);
}

void json_hex(Json *j, const char *key, Bytes bytes) {
    start_item(j, key);
    text_add_char(j->out, '"');
    text_add_hex(j->out, bytes);
    text_add_char(j->out, '"');
}

void json_sha256(Json *j, const char *key, const uint8_t sha256[32]) {
    json_hex(j, key, (Bytes){sha256, 32});
}

void json_u64(Json *j, const char *key, uint64_t value) {
    start_item(j, key);
    text_add_u64(j->out, value);
}

void json_va(Json *j, const char *key, uint64_t va) {
    if (va == UINT64_MAX) {
        json_null(j, key);
        return;
    }
    start_item(j, key);
    text_add_char(j->out, '"');
    text_add_va(j->out, va);
    text_add_char(j->out, '"');
}

void json_real(Json *j, const char *key, double value, unsigned digits) {
    start_item(j, key);
    if (isfinite(value))
        text_add_real(j->out, value, digits, true);
    else
        text_add(j->out, "null");
}

void json_bool(Json *j, const char *key, bool value) {
    start_item(j, key);
    text_add(j->out, value ? "true" : "false");
}

void json_null(Json *j, const char *key) {
    start_item(j, key);
    text_add(j->out, "null");
}
