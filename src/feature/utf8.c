/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/extractors.h"

/* Length of the well-formed character at p (n bytes left), 0 when it is ill-formed or NUL. Unicode
 * 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF. */
static size_t character_size(const uint8_t *p, size_t n) {
    uint8_t c = p[0];
    if (c < 0x80)
        return c != 0;
    if (c < 0xc2 || c > 0xf4)
        return 0;
    size_t size = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (n < size)
        return 0;
    uint8_t low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    uint8_t high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

bool utf8_is_valid(const char *text, size_t size) {
    const uint8_t *p = (const uint8_t *)text;
    for (size_t i = 0; i < size;) {
        if (size - i >= 8) {
            uint64_t word;
            memcpy(&word, p + i, sizeof word);
            /* Eight ASCII bytes, none zero: no high bit, and none becomes 0xff by borrowing one. */
            if (((word | (word - 0x0101010101010101ULL)) & 0x8080808080808080ULL) == 0) {
                i += 8;
                continue;
            }
        }
        size_t step = character_size(p + i, size - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

const char *feature_text(Arena *a, const char *text, size_t max_bytes) {
    if (!text)
        return "";
    size_t size = strnlen(text, max_bytes + 1);
    if (size <= max_bytes && utf8_is_valid(text, size))
        return text;
    const uint8_t *p = (const uint8_t *)text;
    size_t worst = size <= max_bytes / 4 ? size * 4 : max_bytes;
    char *out = arena_alloc(a, worst + 1);
    size_t used = 0;
    for (size_t i = 0; i < size;) {
        size_t step = character_size(p + i, size - i);
        size_t need = step ? step : 4;
        if (need > max_bytes - used)
            break;
        if (step) {
            memcpy(out + used, p + i, step);
        } else {
            static const char digits[] = "0123456789abcdef";
            out[used] = '\\';
            out[used + 1] = 'x';
            out[used + 2] = digits[p[i] >> 4];
            out[used + 3] = digits[p[i] & 15];
        }
        used += need;
        i += step ? step : 1;
    }
    out[used] = 0;
    return out;
}
