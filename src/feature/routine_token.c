/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/routine_token.h"

#include <string.h>

static uint64_t hash_text(const char *text) {
    return hash64((Bytes){(const uint8_t *)text, strlen(text)});
}

/* Keys of one to three bytes are met by chance (0x0f, 0xff, "key"), and so are repeated bytes. */
static bool is_telling_key(const char *hex) {
    enum { LEAST_BYTES = 4, LEAST_DIFFERENT = 3 };
    bool seen[256] = {false};
    unsigned different = 0;
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        uint8_t byte;
        char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
        if (!hex_read(&byte, 1, pair))
            return false;
        different += !seen[byte];
        seen[byte] = true;
    }
    return n >= LEAST_BYTES && different >= LEAST_DIFFERENT;
}

static bool is_secret(const Routine *r, const RoutineParameter *p) {
    if (!strcmp(p->name, "key") || !strcmp(p->name, "iv") || !strcmp(p->name, "state"))
        return p->kind == PARAMETER_BYTES && is_telling_key(p->text);
    if (!strcmp(p->name, "seed")) /* smaller ones are what people type: 1, 42, 1234 */
        return p->kind == PARAMETER_WORD && p->number > 0xffff;
    if (!strcmp(p->name, "alphabet") || !strcmp(p->name, "table"))
        return !(r->flags & ROUTINE_PUBLIC) && strlen(p->text) >= 16;
    return false;
}

size_t routine_tokens(const Features *f, RoutineToken *out) {
    size_t n = 0;
    for (size_t i = 0; i < f->routines.count; i++) {
        const Routine *r = &f->routines.at[i];
        if (!(r->flags & ROUTINE_PUBLIC) && (r->fingerprint.low || r->fingerprint.high))
            out[n++] = (RoutineToken){mix64(r->fingerprint.high ^ hash_text("routine")),
                                      (uint32_t)i, NULL};
        for (uint32_t k = 0; k < r->parameter_count; k++) {
            const RoutineParameter *p = &f->parameters.at[r->first_parameter + k];
            /* The value alone: the same key in another cipher is the same secret. */
            if (is_secret(r, p))
                out[n++] = (RoutineToken){
                    mix64(hash_text(p->text) + mix64(p->number) + hash_text("secret")), (uint32_t)i,
                    p};
        }
    }
    return n;
}
