/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

#include "code/code.h"

const char *string_kind_name(StringKind kind) {
    switch (kind) {
    case STRING_UTF16:
        return "utf16";
    case STRING_STACK:
        return "stack";
    case STRING_TIGHT:
        return "tight";
    case STRING_DECODED:
        return "decoded";
    case STRING_PLAIN:
    default:
        return "plain";
    }
}

const char *source_name(uint8_t source) {
    return source < FUNCTION_SOURCE_COUNT ? function_source_name((FunctionSource)source)
                                          : "unknown";
}

void perms_write(char out[4], uint8_t perms) {
    out[0] = perms & PERM_R ? 'r' : '-';
    out[1] = perms & PERM_W ? 'w' : '-';
    out[2] = perms & PERM_X ? 'x' : '-';
    out[3] = 0;
}

uint64_t code_bytes_unknown(const Features *f) {
    uint64_t rest = f->code_bytes;
    rest -= f->code_recovered < rest ? f->code_recovered : rest;
    rest -= f->code_padding < rest ? f->code_padding : rest;
    return rest;
}

bool pic_is_set(Hash128 pic) { return pic.low != 0 || pic.high != 0; }
