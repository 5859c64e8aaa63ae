/* SPDX-License-Identifier: Apache-2.0 */
#include "unwrap/linear.h"

#include <stdio.h>
#include <string.h>

enum { MOST_BITS = 2048 };

/* J. Massey, "Shift-register synthesis and BCH decoding" (1969). False: longer than LINEAR_MOST, or
 * not proven by twice as many bits and 32 more. */
static bool massey(const uint8_t *bits, size_t n, LinearForm *out) {
    uint8_t c[MOST_BITS + 1] = {1}, b[MOST_BITS + 1] = {1}, t[MOST_BITS + 1];
    size_t length = 0, since = 1;
    for (size_t i = 0; i < n; i++) {
        uint8_t d = bits[i];
        for (size_t k = 1; k <= length; k++)
            d ^= c[k] & bits[i - k];
        if (!d) {
            since++;
            continue;
        }
        memcpy(t, c, sizeof t);
        for (size_t k = 0; k + since <= n; k++)
            c[k + since] ^= b[k];
        if (2 * length <= i) {
            length = i + 1 - length;
            memcpy(b, t, sizeof b);
            since = 1;
        } else {
            since++;
        }
        if (length > LINEAR_MOST)
            return false;
    }
    if (length < 3 || n < 2 * length + 32)
        return false;
    out->length = (unsigned)length;
    memcpy(out->taps, c, sizeof out->taps);
    return true;
}

bool linear_from_bytes(const uint8_t *at, size_t n, LinearForm *out) {
    uint8_t bits[MOST_BITS];
    LinearForm form;
    bool has_form = false;
    if (n > MOST_BITS)
        n = MOST_BITS;
    for (unsigned bit = 0; bit < 8; bit++) {
        uint8_t any = 0;
        for (size_t i = 0; i < n; i++)
            any |= bits[i] = at[i] >> bit & 1;
        if (!any)
            continue;
        if (!massey(bits, n, &form))
            return false;
        /* A bit's sequence may keep a shorter rule by chance: the longest holds for all. */
        if (!has_form || form.length > out->length)
            *out = form;
        has_form = true;
    }
    for (unsigned bit = 0; has_form && bit < 8; bit++)
        for (size_t i = out->length; i < n; i++) {
            unsigned d = 0;
            for (size_t k = 0; k <= out->length; k++)
                d ^= (unsigned)(out->taps[k] & at[i - k] >> bit & 1);
            if (d)
                return false;
        }
    return has_form;
}

bool linear_from_bits(const uint8_t *at, size_t n, LinearForm *out) {
    uint8_t bits[MOST_BITS];
    if (n > MOST_BITS / 8)
        n = MOST_BITS / 8;
    for (unsigned order = 0; order < 2; order++) {
        for (size_t i = 0; i < 8 * n; i++)
            bits[i] = at[i / 8] >> (order ? 7 - i % 8 : i % 8) & 1;
        if (massey(bits, 8 * n, out))
            return true;
    }
    return false;
}

void linear_write(const LinearForm *f, char *to, size_t room) {
    size_t used = 0;
    to[0] = 0;
    /* The connection polynomial's reciprocal is the register's characteristic polynomial. */
    for (unsigned i = 0; i <= f->length; i++) {
        if (!f->taps[i] || used + 8 > room)
            continue;
        unsigned power = f->length - i;
        int n = power > 1    ? snprintf(to + used, room - used, "%sx^%u", used ? "+" : "", power)
                : power == 1 ? snprintf(to + used, room - used, "%sx", used ? "+" : "")
                             : snprintf(to + used, room - used, "%s1", used ? "+" : "");
        used += n > 0 ? (size_t)n : 0;
    }
}
