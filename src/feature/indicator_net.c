/* SPDX-License-Identifier: Apache-2.0
 * indicator_net.c: addresses, domain names, URLs and e-mail addresses in a text. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feature/indicator.h"
#include "feature/tlds.h"

enum { MAX_HOST = 253, MAX_LABEL = 63, MAX_LOCAL = 64 }; /* RFC 1035 2.3.4, RFC 5321 4.5.3 */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
static bool is_host_char(char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '.'; }
static bool is_word(char c) { return is_digit(c) || is_letter(c) || c == '_'; }

static int compare_tld(const void *key, const void *item) {
    return strcmp(key, *(const char *const *)item);
}

static bool is_tld(const char *label, size_t n) {
    char text[MAX_LABEL + 1];
    if (n < 2 || n > MAX_LABEL)
        return false;
    memcpy(text, label, n);
    text[n] = 0;
    return bsearch(text, TLDS, sizeof TLDS / sizeof *TLDS, sizeof *TLDS, compare_tld) != NULL;
}

static const char *last_label(const char *host, size_t n) {
    const char *dot = memrchr(host, '.', n);
    return dot ? dot + 1 : NULL;
}

bool host_is_domain(const char *host, size_t n) {
    const char *tld = last_label(host, n);
    if (n > MAX_HOST || !tld || !is_tld(tld, (size_t)(host + n - tld)))
        return false;
    for (size_t i = 0, start = 0; i <= n; i++) {
        if (i < n && host[i] != '.')
            continue;
        if (i == start || i - start > MAX_LABEL || host[start] == '-' || host[i - 1] == '-')
            return false;
        start = i + 1;
    }
    return true;
}

/* Four numbers of at most 255 without leading zeros, at the start of text; their length, 0 when
 * not.
 */
static size_t ipv4_length(const char *text, size_t n, uint8_t part[4]) {
    size_t i = 0;
    for (unsigned k = 0; k < 4; k++) {
        unsigned value = 0;
        if (k > 0 && (i >= n || text[i++] != '.'))
            return 0;
        size_t start = i;
        while (i < n && i - start < 3 && is_digit(text[i]))
            value = value * 10 + (unsigned)(text[i++] - '0');
        if (i == start || value > 255 || (i - start > 1 && text[start] == '0'))
            return 0;
        part[k] = (uint8_t)value;
    }
    return i < n && is_digit(text[i]) ? 0 : i;
}

/* "This network", loopback, multicast and above have no owner to attribute. */
static bool is_ownerless(const uint8_t part[4]) {
    return part[0] == 0 || part[0] == 127 || part[0] >= 224;
}

/* A version number stands behind such a word, or in an assembly's full name. */
static bool is_version_context(const char *text, size_t at, size_t n) {
    static const char *const words[] = {"version", "ver.",     "ver ",    "release",
                                        "build",   "revision", "culture="};
    enum { NEAR = 24 };
    size_t from = at > NEAR ? at - NEAR : 0;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        for (size_t i = from; i < at; i++)
            if (strncasecmp(text + i, words[k], strlen(words[k])) == 0 &&
                (i == 0 || !is_letter(text[i - 1]))) /* "server 192.0.2.1" is no version */
                return true;
    return (at > 0 && (text[at - 1] | 32) == 'v') || memmem(text, n, "PublicKeyToken", 14) != NULL;
}

/* Four small numbers are versions, section numbers or object identifiers more often than addresses:
 * of the public addresses, (32/256)^4 = 1 in 4,096 look like that. */
static bool is_small(const uint8_t part[4]) {
    enum { SMALL = 32 };
    /* ISO and ITU arcs: 1.2 and 1.3 (members, organisations), 2.5 (X.500). */
    if ((part[0] == 1 && (part[1] == 2 || part[1] == 3)) || (part[0] == 2 && part[1] == 5))
        return true;
    return part[0] < SMALL && part[1] < SMALL && part[2] < SMALL && part[3] < SMALL;
}

/* Returns where reading goes on. */
static size_t see_ipv4(Indicators *d, const char *text, size_t i, size_t n) {
    uint8_t part[4];
    size_t size = ipv4_length(text + i, n - i, part), end = i + size;
    if (size == 0)
        return i;
    bool has_port = end + 1 < n && text[end] == ':' && is_digit(text[end + 1]);
    bool joined = end < n && (is_word(text[end]) || text[end] == '-' ||
                              (text[end] == '.' && end + 1 < n && is_word(text[end + 1])));
    if (joined || is_ownerless(part) || is_version_context(text, i, n) ||
        (is_small(part) && !has_port))
        return end;
    indicator_add(d, INDICATOR_IPV4, text + i, size);
    return end;
}

static bool is_hex(char c) { return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f'); }

/* At least three groups that are not empty, one with a digit: C++ names ("a::b") have neither. */
static size_t see_ipv6(Indicators *d, const char *text, size_t i, size_t n) {
    size_t end = i, groups = 0, digits = 0;
    while (end < n && (is_hex(text[end]) || text[end] == ':' || text[end] == '.')) {
        groups += is_hex(text[end]) && (end == i || text[end - 1] == ':');
        digits += is_digit(text[end]);
        end++;
    }
    char address[INET6_ADDRSTRLEN];
    struct in6_addr parsed;
    if (groups < 3 || digits < 2 || end - i >= sizeof address || (end < n && is_word(text[end])))
        return end;
    memcpy(address, text + i, end - i);
    address[end - i] = 0;
    if (inet_pton(AF_INET6, address, &parsed) == 1 && parsed.s6_addr[0] != 0xff &&
        !(parsed.s6_addr[0] == 0xfe && (parsed.s6_addr[1] & 0xc0) == 0x80) &&
        inet_ntop(AF_INET6, &parsed, address, sizeof address))
        indicator_add(d, INDICATOR_IPV6, address, strlen(address));
    return end;
}

/* Host in lower case; false when it is no host. */
static bool lower_host(const char *text, size_t n, char host[MAX_HOST + 1]) {
    if (n == 0 || n > MAX_HOST)
        return false;
    for (size_t i = 0; i < n; i++)
        host[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
    host[n] = 0;
    return true;
}

/* Adds the host of a URL or e-mail; false when there is none that tells anything. */
static bool add_host(Indicators *d, const char *text, size_t n) {
    char host[MAX_HOST + 1];
    uint8_t part[4];
    if (!lower_host(text, n, host))
        return false;
    if (ipv4_length(host, n, part) == n) {
        if (is_ownerless(part))
            return false;
        indicator_add(d, INDICATOR_IPV4, host, n);
        return true;
    }
    HostNoise noise = host_noise(host, n);
    if (!host_is_domain(host, n) || noise == HOST_NOISE)
        return false;
    if (noise == HOST_TELLS)
        indicator_add(d, INDICATOR_DOMAIN, host, n);
    return true;
}

static size_t url_length(const char *text, size_t n) {
    size_t i = 0;
    while (i < n && (uint8_t)text[i] > 0x20 && !strchr("\"'<>`{}|\\^", text[i]))
        i++;
    while (i > 0 && strchr(".,;:!?)]*", text[i - 1]))
        i--;
    return i;
}

/* `at` is the place of "://". Returns where reading goes on, or at when it is no URL. */
static size_t see_url(Indicators *d, const char *text, size_t at, size_t n) {
    static const char *const schemes[] = {
        "https", "http", "ftps",   "ftp",    "sftp",  "wss",  "ws",    "tcp", "udp",  "ssl", "tls",
        "ssh",   "rdp",  "socks4", "socks5", "socks", "ldap", "ldaps", "smb", "rtsp", "mqtt"};
    size_t start = at;
    while (start > 0 && (is_letter(text[start - 1]) || is_digit(text[start - 1])))
        start--;
    bool known = false;
    for (size_t k = 0; k < sizeof schemes / sizeof *schemes && !known; k++) {
        size_t size = strlen(schemes[k]);
        /* Unterminated text may run into the scheme: then its end counts. */
        known = at - start >= size && strncasecmp(text + at - size, schemes[k], size) == 0;
        if (known)
            start = at - size;
    }
    size_t host = at + 3, end = start + url_length(text + start, n - start);
    if (!known || end <= host)
        return at;
    const char *slash = memchr(text + host, '/', end - host);
    size_t authority = slash ? (size_t)(slash - text) : end;
    const char *user = memrchr(text + host, '@', authority - host);
    if (user)
        host = (size_t)(user - text) + 1;
    if (host < authority && text[host] == '[')
        return see_ipv6(d, text, host + 1, n);
    size_t stop = host;
    while (stop < authority && is_host_char(text[stop]))
        stop++;
    if ((stop < authority && !strchr(":/?#%", text[stop])) ||
        !add_host(d, text + host, stop - host))
        return end;
    char url[MAX_INDICATOR_BYTES];
    if (end - start > sizeof url)
        return end;
    memcpy(url, text + start, end - start);
    for (size_t i = 0; i < stop - start; i++)
        if (url[i] >= 'A' && url[i] <= 'Z' && (i < at - start || i >= host - start))
            url[i] = (char)(url[i] + 32);
    indicator_add(d, INDICATOR_URL, url, end - start);
    return end;
}

static bool is_local_char(char c) { return is_word(c) || c == '.' || c == '-' || c == '+'; }

static size_t see_email(Indicators *d, const char *text, size_t at, size_t n) {
    size_t start = at, end = at + 1;
    while (start > 0 && is_local_char(text[start - 1]))
        start--;
    while (end < n && is_host_char(text[end]))
        end++;
    while (end > at + 1 && (text[end - 1] == '.' || text[end - 1] == '-'))
        end--;
    char mail[MAX_LOCAL + MAX_HOST + 2];
    size_t local = at - start, size = end - start;
    if (local == 0 || local > MAX_LOCAL || text[start] == '.' || size >= sizeof mail ||
        (end < n && text[end] == '_'))
        return at;
    char host[MAX_HOST + 1];
    if (!lower_host(text + at + 1, end - at - 1, host) || !host_is_domain(host, end - at - 1) ||
        host_noise(host, end - at - 1) == HOST_NOISE)
        return at;
    memcpy(mail, text + start, local + 1);
    memcpy(mail + local + 1, host, end - at - 1);
    indicator_add(d, INDICATOR_EMAIL, mail, size);
    return end;
}

/* Top-level domains under which a bare "a.b" is a name: the old generic ones and those that abuse
 * reports (Spamhaus, Interisle) list most. Others count in URLs, in e-mail, with a port or "www.".
 */
static bool is_common_tld(const char *tld) {
    static const char *const common[] = {"com",  "net",    "org",  "info",    "biz",   "edu", "gov",
                                         "mil",  "xyz",    "top",  "onion",   "club",  "vip", "icu",
                                         "buzz", "online", "site", "website", "space", "shop"};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (strcmp(tld, common[i]) == 0)
            return true;
    return false;
}

/* Country codes that are file extensions, method names or words: bare, they need three labels. */
static bool is_word_tld(const char *tld) {
    static const char words[] = " ad ai am an as at ba be by cc cd cf cl cm co cr cs cx do dm fm "
                                "gl gs gy hm hn id im in io ir "
                                "is it je ki km la lc li ls lt ly md me mk ml mm mo ms my na nf no "
                                "nr nu om pa pk pl pm pn pr "
                                "ps pt pw py re rs sb sc sd sh sl sm so sr st sv sx tc tf tg tk tl "
                                "tm tn to tv ug us va vc vg "
                                "vi vn wf ws ";
    char key[8] = " ";
    size_t n = strlen(tld);
    memcpy(key + 1, tld, n);
    key[n + 1] = ' ';
    key[n + 2] = 0;
    return strstr(words, key) != NULL;
}

/* Suffixes of files that programs are full of; a name under these needs a URL. */
static bool is_file_suffix(const char *tld) {
    static const char *const suffixes[] = {"so", "py", "pl", "sh", "rs",
                                           "md", "ps", "cc", "mk", "zip"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcmp(tld, suffixes[i]) == 0)
            return true;
    return false;
}

/* First labels of packages that are written from the top down ("com.example.net"). */
static bool is_package(const char *host) {
    static const char *const tops[] = {"com.",     "org.",    "net.",    "edu.",       "gov.",
                                       "io.",      "java.",   "javax.",  "sun.",       "jdk.",
                                       "android.", "kotlin.", "system.", "microsoft.", "google."};
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        if (strncmp(host, tops[i], strlen(tops[i])) == 0)
            return true;
    return false;
}

static bool is_bare_domain(const char *host, size_t n, bool has_port) {
    const char *tld = last_label(host, n);
    size_t labels = 1, letters = 0;
    for (size_t i = 0; i < n; i++) {
        labels += host[i] == '.';
        letters += host[i] >= 'a' && host[i] <= 'z' && host + i < tld;
    }
    /* One-letter names exist, but members of structures ("a.to") are more. */
    if (letters < 2 || is_package(host) || is_file_suffix(tld))
        return false;
    if (strncmp(host, "www.", 4) == 0)
        return true;
    size_t size = (size_t)(host + n - tld);
    /* "name.ads:12" is a place in a source file. */
    if (has_port && labels >= 3)
        return true;
    return is_common_tld(tld) || (size == 2 && (labels >= 3 || !is_word_tld(tld)));
}

/* A run of host characters that stands alone. DNS ignores case, but names in programs are written
 * in one case, and members and namespaces ("System.Net") in mixed. */
static size_t see_domain(Indicators *d, const char *text, size_t i, size_t n) {
    size_t end = i, lower = 0, upper = 0, dots = 0;
    for (; end < n && is_host_char(text[end]); end++) {
        lower += text[end] >= 'a' && text[end] <= 'z';
        upper += text[end] >= 'A' && text[end] <= 'Z';
        dots += text[end] == '.';
    }
    size_t stop = end;
    while (stop > i && (text[stop - 1] == '.' || text[stop - 1] == '-'))
        stop--;
    bool joined =
        (end < n && strchr("_@(=\\$%+", text[end])) || (i > 0 && strchr("_@\\$%", text[i - 1]));
    char host[MAX_HOST + 1];
    if (dots == 0 || joined || (lower && upper) || !lower_host(text + i, stop - i, host) ||
        !host_is_domain(host, stop - i) || host_noise(host, stop - i) != HOST_TELLS)
        return end;
    bool has_port = stop + 1 < n && text[stop] == ':' && is_digit(text[stop + 1]);
    if (is_bare_domain(host, stop - i, has_port))
        indicator_add(d, INDICATOR_DOMAIN, host, stop - i);
    return end;
}

void indicators_from_net(Indicators *d, const char *text, size_t n) {
    if (!memchr(text, '.', n) && !memchr(text, ':', n))
        return;
    /* URLs and e-mail first: what they cover is not looked at again. */
    size_t clear = 0;
    for (size_t i = 0; i < n;) {
        size_t next = i;
        const char *mark = NULL;
        for (size_t j = i; j < n && !mark; j++)
            if (text[j] == '@' ||
                (text[j] == ':' && j + 2 < n && text[j + 1] == '/' && text[j + 2] == '/'))
                mark = text + j;
        size_t at = mark ? (size_t)(mark - text) : n;
        if (mark)
            next = *mark == '@' ? see_email(d, text, at, n) : see_url(d, text, at, n);
        /* What stands before the mark, up to the last thing that was read. */
        for (size_t j = clear; j < at;) {
            bool starts =
                j == 0 || !(is_word(text[j - 1]) || text[j - 1] == '.' || text[j - 1] == '-');
            size_t step = j;
            if (starts && is_digit(text[j]))
                step = see_ipv4(d, text, j, at);
            if (step == j && starts && (is_hex(text[j]) || text[j] == ':') &&
                memchr(text + j, ':', at - j))
                step = see_ipv6(d, text, j, at);
            if (starts && (is_digit(text[j]) || is_letter(text[j]))) {
                size_t name = see_domain(d, text, j, next > at ? at : n);
                step = name > step ? name : step;
            }
            j = step > j ? step : j + 1;
        }
        clear = next > at ? next : at;
        i = clear > i ? clear : i + 1;
        if (mark && next <= at)
            i = at + 1;
    }
}
