/* SPDX-License-Identifier: Apache-2.0
 * json.h: a streaming JSON writer for records: fields in the order of the calls, no spaces, numbers
 * that do not depend on locale or libm, strings escaped (escape.h). One record is one line:
 *   Json j = json_record(out, "trait"); json_text(&j, "kind", name); json_end(&j);
 * key NULL: an item of an array. Objects and arrays nest by json_open and json_close. */
#ifndef COG_REPORT_JSON_H
#define COG_REPORT_JSON_H

#include "base/digest.h"
#include "base/text.h"

#define RECORD_SCHEMA "cognate/1"

typedef struct Json {
    Text *out;
    bool has_item; /* the object or array that is open already has something in it */
} Json;

Json json_record(Text *out, const char *type);
void json_end(Json *j); /* of the record, with its newline */

void json_open(Json *j, const char *key, char bracket); /* '{' or '[' */
void json_close(Json *j, char bracket);                 /* '}' or ']' */

void json_text(Json *j, const char *key, const char *value); /* NULL gives null */
void json_bytes(Json *j, const char *key, Bytes text);
void json_hex(Json *j, const char *key, Bytes bytes);
void json_sha256(Json *j, const char *key, const uint8_t sha256[32]);
void json_u64(Json *j, const char *key, uint64_t value);
void json_va(Json *j, const char *key, uint64_t va); /* "0x401000"; UINT64_MAX gives null */
/* At most `digits` (0..6) decimals, without trailing zeros; null when not finite. */
void json_real(Json *j, const char *key, double value, unsigned digits);
void json_bool(Json *j, const char *key, bool value);
void json_null(Json *j, const char *key);

#endif
