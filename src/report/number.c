/* SPDX-License-Identifier: Apache-2.0 */
#include "report/number.h"

#include <math.h>

void text_add_real(Text *out, double value, unsigned digits, bool is_short) {
    static const uint64_t POWER[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    digits = digits > 6 ? 6 : digits;
    double most = 9e12;
    if (isnan(value))
        value = 0;
    double size = fabs(value) > most ? most : fabs(value);
    uint64_t scaled = (uint64_t)(size * (double)POWER[digits] + 0.5);
    if (value < 0 && scaled > 0)
        text_add_char(out, '-');
    text_add_u64(out, scaled / POWER[digits]);
    uint64_t rest = scaled % POWER[digits];
    while (is_short && digits > 0 && rest % 10 == 0) {
        rest /= 10;
        digits--;
    }
    if (digits > 0)
        text_addf(out, ".%0*llu", (int)digits, (unsigned long long)rest);
}

void text_add_count(Text *out, uint64_t value) {
    if (value >= 1000) {
        text_add_count(out, value / 1000);
        text_addf(out, ",%03u", (unsigned)(value % 1000));
    } else {
        text_add_u64(out, value);
    }
}

void text_add_size(Text *out, uint64_t bytes) {
    static const char *const UNIT[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes;
    unsigned unit = 0;
    while (value >= 1024 && unit < 6) {
        value /= 1024;
        unit++;
    }
    text_add_real(out, value, unit == 0 || value >= 100 ? 0 : 1, false);
    text_addf(out, " %s", UNIT[unit]);
}

void text_add_chance(Text *t, float log10, const char *before) {
    if (log10 <= 0)
        return;
    uint64_t power = 1, one_in = (uint64_t)pow(10.0, (double)log10);
    while (one_in / power >= 10)
        power *= 10;
    text_add(t, before);
    text_add(t, "1 of ");
    text_add_count(t, (one_in + power / 2) / power * power);
    text_add(t, " unrelated pairs");
}
