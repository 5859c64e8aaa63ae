/* SPDX-License-Identifier: Apache-2.0
 * know.c: names, keys, times and scales of knowledge. */
#include "know/know.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/table.h"

const char *know_kind_name(KnowKind kind) {
    static const char *const names[] = {
#define X(constant, name) name,
        KNOW_KINDS(X)
#undef X
    };
    CHECK(kind < KNOW_KIND_COUNT);
    return names[kind];
}

const char *know_relation_name(KnowRelation relation) {
    static const char *const names[] = {
#define X(constant, name, has_object) name,
        KNOW_RELATIONS(X)
#undef X
    };
    CHECK(relation < KNOW_RELATION_COUNT);
    return names[relation];
}

bool know_relation_has_object(KnowRelation relation) {
    static const bool has[] = {
#define X(constant, name, has_object) has_object,
        KNOW_RELATIONS(X)
#undef X
    };
    CHECK(relation < KNOW_RELATION_COUNT);
    return has[relation];
}

const char *know_flag_name(unsigned bit) {
    static const char *const names[KNOW_FLAG_COUNT] = {"revoked",   "deprecated", "public",
                                                       "commodity", "leaked",     "umbrella"};
    CHECK(bit < KNOW_FLAG_COUNT);
    return names[bit];
}

static const char *const value_names[] = {
#define X(constant, name) name,
    KNOW_VALUES(X)
#undef X
};

const char *know_value_name(KnowValueKind kind) {
    CHECK(kind < KNOW_VALUE_COUNT);
    return value_names[kind];
}

KnowValueKind know_value_from_name(const char *name) {
    unsigned kind = 0;
    while (kind < KNOW_VALUE_COUNT && strcmp(value_names[kind], name) != 0)
        kind++;
    return (KnowValueKind)kind;
}

/* ---- keys ---- */

static uint64_t some(uint64_t key) { return key ? key : 1; }

uint64_t know_id(const char *ref) {
    return some(hash64((Bytes){(const uint8_t *)ref, strlen(ref)}));
}

uint64_t know_value_key(KnowValueKind kind, const char *value) {
    return some(mix64(know_id(value) + (uint64_t)kind * 0x9e3779b97f4a7c15ULL));
}

uint64_t know_name_key(const char *name) {
    char text[256];
    size_t n = 0;
    for (; *name && n < sizeof text; name++) {
        char c = *name;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 32);
        bool is_kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
        if (is_kept)
            text[n++] = c;
    }
    return some(hash64((Bytes){(const uint8_t *)text, n}) ^ 0x6e616d65u);
}

/* ---- pairs ---- */

bool know_pair_write(const KnowPair *pair, char out[KNOW_PAIR_BYTES]) {
    if (strchr(pair->values[0], ' ') || strchr(pair->values[1], ' '))
        return false;
    int n = snprintf(out, KNOW_PAIR_BYTES, "%s %s %s %s", know_value_name(pair->kinds[0]),
                     pair->values[0], know_value_name(pair->kinds[1]), pair->values[1]);
    return n > 0 && n < KNOW_PAIR_BYTES;
}

bool know_pair_read(const char *text, char room[KNOW_PAIR_BYTES], KnowPair *out) {
    char *words[4];
    if (!text || strlen(text) >= KNOW_PAIR_BYTES)
        return false;
    memcpy(room, text, strlen(text) + 1);
    for (unsigned i = 0; i < 4; i++) {
        words[i] = room;
        room += strcspn(room, " ");
        if (room == words[i] || (*room == 0) != (i == 3))
            return false;
        if (*room)
            *room++ = 0;
    }
    *out = (KnowPair){{know_value_from_name(words[0]), know_value_from_name(words[2])},
                      {words[1], words[3]}};
    return out->kinds[0] < KNOW_VALUE_COUNT && out->kinds[1] < KNOW_VALUE_COUNT;
}

/* ---- times ---- */

static bool read_digits(const char **at, unsigned digits, int64_t *out) {
    *out = 0;
    for (unsigned i = 0; i < digits; i++, ++*at) {
        if (**at < '0' || **at > '9')
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

/* Days since 1970-01-01 of a Gregorian date (H. Hinnant, "chrono-compatible low-level date
   algorithms", public domain: the arithmetic of eras of 400 years). */
static int64_t days_from_date(int64_t y, int64_t m, int64_t d) {
    y -= m <= 2;
    int64_t era = y / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void date_from_days(int64_t z, int64_t *y, int64_t *m, int64_t *d) {
    z += 719468;
    int64_t era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = yoe + era * 400 + (*m <= 2);
}

/* hh:mm[:ss[.fff]] and the zone; false when it is odd. */
static bool read_clock(const char *at, int64_t *ms) {
    int64_t hour, minute, second = 0, fraction = 0;
    if (!read_digits(&at, 2, &hour) || *at++ != ':' || !read_digits(&at, 2, &minute))
        return false;
    if (*at == ':') {
        at++;
        if (!read_digits(&at, 2, &second))
            return false;
    }
    if (*at == '.') {
        int64_t scale = 100;
        for (at++; *at >= '0' && *at <= '9'; at++, scale /= 10)
            fraction += (*at - '0') * scale;
    }
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    *ms = ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
    if (*at == '+' || *at == '-') {
        int64_t sign = *at == '+' ? -1 : 1, zone_hour, zone_minute = 0;
        at++;
        if (!read_digits(&at, 2, &zone_hour))
            return false;
        if (*at == ':')
            at++;
        if (*at && !read_digits(&at, 2, &zone_minute))
            return false;
        *ms += sign * (zone_hour * 60 + zone_minute) * 60000;
    }
    return *at == 0 || (*at | 32) == 'z' || *at == ' ';
}

int64_t know_time(const char *text) {
    int64_t year, month = 1, day = 1, clock = 0;
    const char *at = text;
    if (!at || !read_digits(&at, 4, &year))
        return 0;
    if (*at == '-' || *at == '/') {
        at++;
        if (!read_digits(&at, 2, &month))
            return 0;
    }
    if (*at == '-' || *at == '/') {
        at++;
        if (!read_digits(&at, 2, &day))
            return 0;
    }
    if ((*at == 'T' || *at == 't' || *at == ' ') && at[1] && !read_clock(at + 1, &clock))
        return 0;
    bool is_end = *at == 0 || *at == 'T' || *at == 't' || *at == ' ' || *at == 'Z';
    if (!is_end || year < 1970 || month < 1 || month > 12 || day < 1 || day > 31)
        return 0;
    return days_from_date(year, month, day) * 86400000 + clock;
}

void know_time_write(int64_t time, char out[KNOW_TIME_BYTES]) {
    int64_t days = time / 86400000, ms = time % 86400000, y, m, d;
    if (ms < 0) {
        ms += 86400000;
        days--;
    }
    date_from_days(days, &y, &m, &d);
    snprintf(out, KNOW_TIME_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)(y % 10000), (int)m,
             (int)d, (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
             (int)(ms % 1000));
}

/* ---- scales (STIX 2.1, appendix A) ---- */

uint8_t know_confidence_from_admiralty(uint8_t credibility) {
    static const uint8_t values[] = {KNOW_NO_CONFIDENCE, 90, 70, 50, 30, 10};
    return credibility < sizeof values ? values[credibility] : KNOW_NO_CONFIDENCE;
}

const char *know_confidence_word(uint8_t confidence) {
    if (confidence > 100)
        return NULL;
    return confidence == 0 ? "none" : confidence < 30 ? "low" : confidence < 70 ? "medium" : "high";
}

const char *know_reliability_word(char reliability) {
    static const char *const words[] = {"completely reliable", "usually reliable",
                                        "fairly reliable",     "not usually reliable",
                                        "unreliable",          "reliability cannot be judged"};
    return reliability >= 'A' && reliability <= 'F' ? words[reliability - 'A'] : NULL;
}

const char *know_credibility_word(uint8_t credibility) {
    static const char *const words[] = {
        "confirmed by other sources", "probably true", "possibly true", "doubtful", "improbable",
        "truth cannot be judged"};
    return credibility >= 1 && credibility <= 6 ? words[credibility - 1] : NULL;
}

double know_trust_weight(KnowTrust trust) {
    uint8_t confidence = trust.confidence;
    if (confidence > 100)
        confidence = know_confidence_from_admiralty(trust.credibility);
    double weight = confidence > 100 ? 0.5 : confidence / 100.0;
    /* A source that is not usually reliable is not heard as loudly (guess: half, then a fifth). */
    if (trust.reliability == 'D')
        weight *= 0.5;
    else if (trust.reliability == 'E')
        weight *= 0.2;
    return weight;
}
