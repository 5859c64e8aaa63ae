/* SPDX-License-Identifier: Apache-2.0 */
#include "know/value.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "know/utf8.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
static bool is_hex(char c) { return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f'); }

static void lower(char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (text[i] >= 'A' && text[i] <= 'Z')
            text[i] = (char)(text[i] | 32);
}

/* ---- defanging ---- */

/* The spellings in use in reports and lists. None grows. */
static const struct {
    const char *from, *to;
} FANGS[] = {
    {"hxxp", "http"}, {"h**p", "http"}, {"meow", "http"}, {"[.]", "."},   {"(.)", "."},
    {"{.}", "."},     {"[dot]", "."},   {"(dot)", "."},   {"{dot}", "."}, {" dot ", "."},
    {"[:]", ":"},     {"[://]", "://"}, {"[:", ":"},      {"[at]", "@"},  {"(at)", "@"},
    {"[@]", "@"},     {" at ", "@"},    {"[/]", "/"},     {"\\.", "."},   {"[.", "."},
    {".]", "."},
};

/* Nine of ten indicators in lists are spelt as they are: every spelling but "hxxp" and "meow" has
 * one of these characters. */
static bool may_be_defanged(const char *text, size_t n) {
    static const bool ODD[256] = {['['] = true, [']'] = true, ['('] = true, ['{'] = true,
                                  [' '] = true, ['*'] = true, ['\\'] = true};
    bool is_odd = n > 0 && ((text[0] | 32) == 'h' || (text[0] | 32) == 'm');
    for (size_t i = 0; i < n && !is_odd; i++)
        is_odd = ODD[(uint8_t)text[i]];
    return is_odd;
}

size_t know_refang(const char *text, size_t n, char *out) {
    size_t used = 0;
    if (!may_be_defanged(text, n)) {
        memcpy(out, text, n);
        out[n] = 0;
        return n;
    }
    for (size_t i = 0; i < n;) {
        size_t skip = 0;
        /* Most characters begin none of the spellings. */
        bool may_begin = i == 0 || memchr("[({ \\.", text[i], 6) != NULL;
        for (size_t k = 0; may_begin && k < sizeof FANGS / sizeof *FANGS && skip == 0; k++) {
            size_t size = strlen(FANGS[k].from);
            bool is_scheme = is_letter(FANGS[k].from[0]); /* only where a URL begins */
            if (size <= n - i && (!is_scheme || i == 0) &&
                (is_scheme || FANGS[k].from[0] == text[i]) &&
                strncasecmp(text + i, FANGS[k].from, size) == 0) {
                skip = size;
                size_t to = strlen(FANGS[k].to);
                memcpy(out + used, FANGS[k].to, to);
                used += to;
            }
        }
        if (skip == 0)
            out[used++] = text[i++];
        i += skip;
    }
    out[used] = 0;
    return used;
}

/* ---- forms ---- */

bool know_is_domain(const char *text, size_t n) {
    size_t labels = 0, start = 0;
    if (n > 253)
        return false;
    for (size_t i = 0; i <= n; i++) {
        char c = i < n ? text[i] : '.';
        if (c == '.') {
            if (i == start || i - start > 63 || text[start] == '-' || text[i - 1] == '-')
                return false;
            labels++;
            if (i < n)
                start = i + 1;
        } else if (!is_digit(c) && !is_letter(c) && c != '-' && c != '_' && (c & 0x80) == 0) {
            return false;
        }
    }
    if (labels < 2 || n - start < 2)
        return false;
    if (strncasecmp(text + start, "xn--", 4) == 0)
        return true;
    for (size_t i = start; i < n; i++)
        if (!is_letter(text[i]) && (text[i] & 0x80) == 0)
            return false;
    return true;
}

static bool is_address(const char *text, size_t n, int family, char *out, size_t room) {
    uint8_t bytes[16];
    char copy[64];
    if (n >= sizeof copy)
        return false;
    memcpy(copy, text, n);
    copy[n] = 0;
    return inet_pton(family, copy, bytes) == 1 &&
           inet_ntop(family, bytes, out, (socklen_t)room) != NULL;
}

/* Digits to the end, 1 to 65535; 0 when not. */
static unsigned port_of(const char *text, size_t n) {
    unsigned port = 0;
    if (n == 0 || n > 5)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(text[i]))
            return 0;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    return port <= 65535 ? port : 0;
}

static bool add(KnowValues *out, KnowValueKind kind, const char *text, size_t n) {
    if (n == 0 || n > KNOW_MAX_VALUE || out->count >= sizeof out->at / sizeof *out->at)
        return false;
    KnowValue *v = &out->at[out->count++];
    v->kind = kind;
    memcpy(v->text, text, n);
    v->text[n] = 0;
    return true;
}

/* A host: an address or a name, with or without a port. */
static bool add_host(KnowValues *out, const char *text, size_t n) {
    char address[64], port[8];
    if (n > 2 && text[0] == '[' && memchr(text, ']', n)) {
        size_t size = (size_t)((const char *)memchr(text, ']', n) - text);
        return is_address(text + 1, size - 1, AF_INET6, address, sizeof address) &&
               add(out, KNOW_IPV6, address, strlen(address));
    }
    if (is_address(text, n, AF_INET6, address, sizeof address))
        return add(out, KNOW_IPV6, address, strlen(address));
    const char *colon = memrchr(text, ':', n);
    size_t host = colon ? (size_t)(colon - text) : n;
    unsigned number = colon ? port_of(colon + 1, n - host - 1) : 0;
    if (colon && number == 0)
        return false;
    bool is_good = false;
    if (is_address(text, host, AF_INET, address, sizeof address)) {
        is_good = add(out, KNOW_IPV4, address, strlen(address));
    } else {
        host -= host > 0 && text[host - 1] == '.';
        if (know_is_domain(text, host)) {
            is_good = add(out, KNOW_DOMAIN, text, host);
            lower(out->at[out->count - 1].text, host);
        }
    }
    if (is_good && number) {
        int size = snprintf(port, sizeof port, "%u", number);
        add(out, KNOW_PORT, port, (size_t)size);
    }
    return is_good;
}

const char *know_url_rest(const char *url) {
    const char *rest = strstr(url, "://");
    return rest && rest - url <= 8 ? rest + 3 : url;
}

static bool add_url(KnowValues *out, const char *text, size_t n) {
    if (n > KNOW_MAX_VALUE || !add(out, KNOW_URL, text, n))
        return false;
    char *url = out->at[out->count - 1].text;
    char *rest = url + (know_url_rest(url) - url);
    size_t host = strcspn(rest, "/?#");
    char *user = memrchr(rest, '@', host);
    lower(url, (size_t)(rest - url) + host);
    const char *start = user ? user + 1 : rest;
    /* A URL without a readable host is still one. */
    add_host(out, start, host - (size_t)(start - rest));
    return host > 0;
}

static bool add_email(KnowValues *out, const char *text, size_t n) {
    const char *at = memrchr(text, '@', n);
    size_t local = at ? (size_t)(at - text) : 0;
    if (!at || local == 0 || local > 64 || !know_is_domain(at + 1, n - local - 1) ||
        memchr(text, ' ', n) || !add(out, KNOW_EMAIL, text, n))
        return false;
    lower(out->at[out->count - 1].text, n);
    return true;
}

static KnowValueKind hash_kind(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!is_hex(text[i]))
            return KNOW_VALUE_OTHER;
    return n == 32    ? KNOW_MD5
           : n == 40  ? KNOW_SHA1
           : n == 64  ? KNOW_SHA256
           : n == 128 ? KNOW_SHA512
                      : KNOW_VALUE_OTHER;
}

static bool add_hash(KnowValues *out, KnowValueKind kind, const char *text, size_t n) {
    static const struct {
        KnowValueKind kind;
        size_t digits;
    } LENGTHS[] = {{KNOW_MD5, 32},  {KNOW_IMPHASH, 32}, {KNOW_RICH, 32},
                   {KNOW_SHA1, 40}, {KNOW_SHA256, 64},  {KNOW_SHA512, 128}};
    bool is_good = hash_kind(text, n) != KNOW_VALUE_OTHER;
    for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++)
        if (LENGTHS[i].kind == kind)
            is_good = is_good && n == LENGTHS[i].digits;
    if (!is_good || !add(out, kind, text, n))
        return false;
    lower(out->at[out->count - 1].text, n);
    return true;
}

/* Fingerprints and serial numbers: "36:F7:D4" to "36f7d4", without leading zero bytes. */
static bool add_certificate(KnowValues *out, const char *text, size_t n) {
    char hex[KNOW_MAX_VALUE];
    size_t used = 0;
    for (size_t i = 0; i < n && used < sizeof hex; i++) {
        if (is_hex(text[i]))
            hex[used++] = text[i];
        else if (text[i] != ':' && text[i] != ' ')
            return add(out, KNOW_CERTIFICATE, text, n);
    }
    lower(hex, used);
    size_t start = 0;
    while (used - start > 2 && used % 2 == 0 && hex[start] == '0' && hex[start + 1] == '0')
        start += 2;
    return add(out, KNOW_CERTIFICATE, hex + start, used - start);
}

/* "64500" and "as64500" to "AS64500". */
static bool add_network(KnowValues *out, const char *text, size_t n) {
    size_t skip = n > 2 && strncasecmp(text, "as", 2) == 0 ? 2 : 0;
    bool is_number = n > skip && n - skip <= 10;
    for (size_t i = skip; i < n; i++)
        is_number = is_number && is_digit(text[i]);
    char name[16];
    int size = is_number ? snprintf(name, sizeof name, "AS%.*s", (int)(n - skip), text + skip) : 0;
    return is_number ? add(out, KNOW_ASN, name, (size_t)size) : add(out, KNOW_ASN, text, n);
}

static bool add_cidr(KnowValues *out, const char *text, size_t n) {
    char address[64];
    const char *slash = memchr(text, '/', n);
    size_t host = slash ? (size_t)(slash - text) : n;
    unsigned bits = slash ? port_of(slash + 1, n - host - 1) : 0;
    bool is_v4 = is_address(text, host, AF_INET, address, sizeof address);
    if (!slash || bits == 0 || bits > (is_v4 ? 32u : 128u) ||
        !(is_v4 || is_address(text, host, AF_INET6, address, sizeof address)))
        return false;
    return add(out, KNOW_CIDR, text, n);
}

static bool starts(const char *text, size_t n, const char *prefix) {
    size_t size = strlen(prefix);
    return n > size && strncasecmp(text, prefix, size) == 0;
}

static bool add_told(KnowValues *out, const char *text, size_t n) {
    KnowValueKind hash = hash_kind(text, n);
    if (hash != KNOW_VALUE_OTHER)
        return add_hash(out, hash, text, n);
    if (memmem(text, n, "://", 3))
        return add_url(out, text, n);
    if (add_cidr(out, text, n))
        return true;
    if (starts(text, n, "\\\\.\\pipe\\"))
        return add(out, KNOW_PIPE, text, n);
    if (starts(text, n, "HKEY_") || starts(text, n, "HKLM\\") || starts(text, n, "HKCU\\") ||
        starts(text, n, "HKCR\\"))
        return add(out, KNOW_REGISTRY, text, n);
    if ((n > 3 && is_letter(text[0]) && text[1] == ':' && text[2] == '\\') ||
        (text[0] == '%' && memchr(text, '\\', n)))
        return add(out, KNOW_PATH, text, n);
    if (starts(text, n, "Mozilla/"))
        return add(out, KNOW_USER_AGENT, text, n);
    if (memchr(text, ' ', n) || memchr(text, '\t', n))
        return false;
    if (memchr(text, '@', n) && !memchr(text, '/', n))
        return add_email(out, text, n);
    if (text[0] == '/')
        return n > 3 && add(out, KNOW_HTTP_PATH, text, n);
    const char *slash = memchr(text, '/', n);
    if (slash) { /* a URL without its scheme */
        KnowValues host;
        host.count = 0;
        if (!add_host(&host, text, (size_t)(slash - text)))
            return false;
        return slash + 1 == text + n ? add_host(out, text, n - 1) : add_url(out, text, n);
    }
    return add_host(out, text, n);
}

bool know_values_from_text(KnowValueKind kind, const char *text, size_t n, KnowValues *out) {
    char plain[KNOW_MAX_VALUE + 1];
    out->count = 0;
    while (n > 0 && strchr(" \t\r\n", text[n - 1]))
        n--;
    while (n > 0 && strchr(" \t\r\n", *text)) {
        text++;
        n--;
    }
    if (n == 0 || n > KNOW_MAX_VALUE || memchr(text, 0, n))
        return false;
    bool is_net = kind == KNOW_VALUE_OTHER || kind == KNOW_IPV4 || kind == KNOW_IPV6 ||
                  kind == KNOW_DOMAIN || kind == KNOW_URL || kind == KNOW_EMAIL;
    /* A path keeps its brackets. */
    bool is_path = n > 2 && (text[1] == ':' || text[0] == '\\' || starts(text, n, "HK"));
    if (is_net && !is_path) {
        n = know_refang(text, n, plain);
        text = plain;
    }
    switch (kind) {
    case KNOW_VALUE_OTHER:
        return add_told(out, text, n);
    case KNOW_IPV4:
    case KNOW_IPV6:
    case KNOW_DOMAIN:
        return add_cidr(out, text, n) || add_host(out, text, n);
    case KNOW_URL:
        return add_url(out, text, n);
    case KNOW_EMAIL:
        return add_email(out, text, n);
    case KNOW_MD5:
    case KNOW_SHA1:
    case KNOW_SHA256:
    case KNOW_SHA512:
    case KNOW_IMPHASH:
        return add_hash(out, kind, text, n);
    case KNOW_CIDR:
        return add_cidr(out, text, n);
    case KNOW_CERTIFICATE:
        return add_certificate(out, text, n);
    case KNOW_ASN:
        return add_network(out, text, n);
    case KNOW_MUTEX:
    case KNOW_PATH:
    case KNOW_REGISTRY:
    case KNOW_USER_AGENT:
    case KNOW_KEY:
    case KNOW_PIPE:
    case KNOW_WALLET:
    case KNOW_HTTP_PATH:
    case KNOW_FILE_NAME:
    case KNOW_PORT:
    case KNOW_PDB:
    case KNOW_CAMPAIGN_ID:
    case KNOW_SSDEEP:
    case KNOW_TLSH:
    case KNOW_SECRET:
    case KNOW_SERVICE:
    case KNOW_RICH:
    case KNOW_VALUE_COUNT:
        break;
    }
    return kind < KNOW_VALUE_COUNT && add(out, kind, text, n);
}
