/* SPDX-License-Identifier: Apache-2.0 */
#include "app/label.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t printable_bytes(const char *text) {
    const unsigned char *p = (const unsigned char *)text;
    uint32_t code = p[0];
    size_t more = p[0] < 0x80 ? 0 : p[0] < 0xc2 ? 9 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
    if (more == 9 || p[0] > 0xf4)
        return 0;
    if (more)
        code &= 0x3fu >> more;
    for (size_t i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3f);
    }
    bool is_bad = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000) || code > 0x10ffff ||
                  (code >= 0xd800 && code <= 0xdfff) || code < 0x20 ||
                  (code >= 0x7f && code <= 0x9f) || (code >= 0x200b && code <= 0x200f) ||
                  (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
                  code == 0xfeff;
    return is_bad ? 0 : more + 1;
}

bool label_is_valid(const char *text) {
    size_t size = strlen(text), off = 0;
    if (size == 0 || size > MAX_LABEL_BYTES || text[0] == ' ' || text[size - 1] == ' ')
        return false;
    while (off < size) {
        size_t n = printable_bytes(text + off);
        if (n == 0)
            return false;
        off += n;
    }
    return true;
}

/* The digits of `pattern`'s d places; its other characters must stand as they are. */
static bool matches(const char *text, const char *pattern) {
    for (; *pattern; text++, pattern++)
        if (*pattern == 'd' ? *text < '0' || *text > '9' : *text != *pattern)
            return false;
    return *text == 0;
}

static unsigned number_at(const char *text, size_t digits) {
    unsigned value = 0;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (unsigned)(text[i] - '0');
    return value;
}

bool label_is_date(const char *text) {
    static const unsigned DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool has_time = strlen(text) > 10;
    if (!matches(text, has_time ? "dddd-dd-ddTdd:dd:ddZ" : "dddd-dd-dd"))
        return false;
    unsigned year = number_at(text, 4), month = number_at(text + 5, 2),
             day = number_at(text + 8, 2);
    if (month < 1 || month > 12 || day < 1)
        return false;
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > DAYS[month - 1] + (month == 2 && is_leap))
        return false;
    return !has_time || (number_at(text + 11, 2) < 24 && number_at(text + 14, 2) < 60 &&
                         number_at(text + 17, 2) <= 60);
}
