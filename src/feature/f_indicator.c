/* SPDX-License-Identifier: Apache-2.0
 * f_indicator.c: observables in the strings found, each once, in the order of the strings. */
#include <string.h>
#include <strings.h>

#include "feature/indicator.h"

void indicator_add(Indicators *d, IndicatorKind kind, const char *at, size_t n) {
    if (n == 0 || n > MAX_INDICATOR_BYTES || !utf8_is_valid(at, n))
        return;
    uint64_t key = mix64(hash64((Bytes){(const uint8_t *)at, n}) + (uint64_t)kind);
    if (!map_put(&d->seen, key, 1))
        return;
    Indicator *indicator = VEC_ADD(d->s->arena, &d->out->indicators);
    if (!indicator) {
        notes_add(&d->s->notes, NOTE_TOO_MANY, d->from->off);
        return;
    }
    indicator->kind = kind;
    indicator->value = arena_text(d->s->arena, (Bytes){(const uint8_t *)at, n});
    indicator->va = d->from->va;
    indicator->from = d->from->kind;
}

static bool has_prefix(const char *text, size_t n, const char *prefix) {
    /* The first characters tell most of them apart (letters differ in one bit between cases). */
    if (n == 0 || ((text[0] ^ prefix[0]) & ~0x20) != 0)
        return false;
    size_t size = strlen(prefix);
    return n >= size && strncasecmp(text, prefix, size) == 0;
}

/* Spellings that reports use so that nobody clicks, and what they stand for. */
static const struct {
    const char *from, *to;
} FANGS[] = {
    {"hxxp", "http"}, {"h**p", "http"}, {"[.]", "."},   {"(.)", "."},
    {"{.}", "."},     {"[dot]", "."},   {"(dot)", "."}, {"[:]", ":"},
    {"[://]", "://"}, {"[at]", "@"},    {"[@]", "@"},
};

/* Writes text with real spellings to out (room for n bytes: none of them grows); 0 when there is
 * nothing to change. */
static size_t refang(const char *text, size_t n, char *out) {
    size_t used = 0, changes = 0;
    for (size_t i = 0; i < n;) {
        size_t skip = 0;
        bool may_begin =
            (text[i] | 32) == 'h' || text[i] == '[' || text[i] == '(' || text[i] == '{';
        for (size_t k = 0; may_begin && k < sizeof FANGS / sizeof *FANGS && skip == 0; k++)
            if (has_prefix(text + i, n - i, FANGS[k].from)) {
                skip = strlen(FANGS[k].from);
                memcpy(out + used, FANGS[k].to, strlen(FANGS[k].to));
                used += strlen(FANGS[k].to);
            }
        changes += skip > 0;
        if (skip == 0)
            out[used++] = text[i++];
        i += skip;
    }
    return changes ? used : 0;
}

/* Ends a path or key at the first character that cannot be in one. */
static size_t clean_length(const char *text, size_t n, const char *stops) {
    size_t i = 0;
    while (i < n && (uint8_t)text[i] >= 0x20 && !strchr(stops, text[i]))
        i++;
    while (i > 0 && (text[i - 1] == ' ' || text[i - 1] == '\t'))
        i--;
    return i;
}

static void see_registry(Indicators *d, const char *text, size_t n) {
    static const char *const anywhere[] = {"HKEY_LOCAL_MACHINE\\",
                                           "HKEY_CURRENT_USER\\",
                                           "HKEY_CLASSES_ROOT\\",
                                           "HKEY_USERS\\",
                                           "HKLM\\",
                                           "HKCU\\",
                                           "HKCR\\",
                                           "\\Registry\\Machine\\",
                                           "\\Registry\\User\\"};
    /* Keys under a root that the program passes as a number. */
    static const char *const at_start[] = {"SOFTWARE\\", "SYSTEM\\CurrentControlSet\\",
                                           "SYSTEM\\ControlSet00", "Control Panel\\"};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof anywhere / sizeof *anywhere; k++)
            if ((text[i] | 32) == (anywhere[k][0] | 32) &&
                has_prefix(text + i, n - i, anywhere[k])) {
                size_t size = clean_length(text + i, n - i, "\"'<>|*?");
                if (size > strlen(anywhere[k]) + 2)
                    indicator_add(d, INDICATOR_REGISTRY, text + i, size);
                return;
            }
    for (size_t k = 0; k < sizeof at_start / sizeof *at_start; k++)
        if (has_prefix(text, n, at_start[k])) {
            size_t size = clean_length(text, n, "\"'<>|*?");
            if (size > strlen(at_start[k]) + 2)
                indicator_add(d, INDICATOR_REGISTRY, text, size);
        }
}

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

/* Drive, UNC, device, pipe and environment paths; not the path of a URL or a lone drive. */
static void see_windows_path(Indicators *d, const char *text, size_t n) {
    static const char *const roots[] = {"\\\\.\\",          "\\\\?\\",
                                        "\\Device\\",       "\\??\\",
                                        "%APPDATA%\\",      "%TEMP%\\",
                                        "%LOCALAPPDATA%\\", "%PROGRAMDATA%\\",
                                        "%SYSTEMROOT%\\",   "%WINDIR%\\",
                                        "%USERPROFILE%\\",  "%PROGRAMFILES%\\",
                                        "%PUBLIC%\\",       "%ALLUSERSPROFILE%\\"};
    static const char PIPE[] = "\\\\.\\pipe\\";
    enum { MIN_PATH = 6 };
    for (size_t i = 0; i + MIN_PATH <= n; i++) {
        bool found = text[i + 1] == ':' && text[i + 2] == '\\' && (text[i] | 32) >= 'a' &&
                     (text[i] | 32) <= 'z' && (i == 0 || !is_word(text[i - 1])) &&
                     (is_word(text[i + 3]) || text[i + 3] == '%' || text[i + 3] == '$');
        for (size_t k = 0; !found && k < sizeof roots / sizeof *roots; k++)
            found = text[i] == roots[k][0] && has_prefix(text + i, n - i, roots[k]) &&
                    strlen(roots[k]) + 2 < n - i;
        /* \\server\share at the start only: escapes are full of double backslashes. */
        if (!found && i == 0 && text[0] == '\\' && text[1] == '\\' && is_word(text[2]))
            found = memchr(text + 3, '\\', n - 3) != NULL;
        if (!found)
            continue;
        size_t size = clean_length(text + i, n - i, "\"'<>|*\t;");
        bool is_pipe = has_prefix(text + i, n - i, PIPE) && size > strlen(PIPE);
        if (size >= MIN_PATH)
            indicator_add(d, is_pipe ? INDICATOR_PIPE : INDICATOR_PATH, text + i, size);
        i += size;
    }
}

/* The string itself is the path, from a root that programs name; where distributions keep their own
 * files is dropped. */
static void see_unix_path(Indicators *d, const char *text, size_t n) {
    static const char *const roots[] = {
        "/bin/",  "/etc/",    "/tmp/",          "/var/",    "/usr/",   "/home/",
        "/root/", "/opt/",    "/dev/",          "/proc/",   "/sys/",   "/sbin/",
        "/mnt/",  "/srv/",    "/run/",          "/boot/",   "/Users/", "/Library/",
        "/data/", "/sdcard/", "/Applications/", "/private/"};
    static const char *const common[] = {"/usr/share/",    "/usr/lib",  "/usr/include/",
                                         "/usr/local/go/", "/dev/null", "/usr/src/",
                                         "/usr/libexec/"};
    static const char stops[] = " \t\"'<>|*;,()";
    enum { MIN_PATH = 6 };
    if (n < MIN_PATH || text[0] != '/' || clean_length(text, n, stops) != n)
        return;
    for (size_t k = 0; k < sizeof common / sizeof *common; k++)
        if (strncmp(text, common[k], strlen(common[k])) == 0)
            return;
    for (size_t k = 0; k < sizeof roots / sizeof *roots; k++)
        if (n > strlen(roots[k]) && strncmp(text, roots[k], strlen(roots[k])) == 0)
            indicator_add(d, INDICATOR_PATH, text, n);
}

/* Names of the two kernel namespaces; events and mappings are named alike. */
static void see_mutex(Indicators *d, const char *text, size_t n) {
    static const char *const spaces[] = {"Global\\", "Local\\", "\\BaseNamedObjects\\"};
    for (size_t k = 0; k < sizeof spaces / sizeof *spaces; k++) {
        size_t size = strlen(spaces[k]);
        if (n >= size + 3 && strncmp(text, spaces[k], size) == 0 &&
            !memchr(text + size, '\\', n - size))
            indicator_add(d, INDICATOR_MUTEX, text, n);
    }
}

static void see_user_agent(Indicators *d, const char *text, size_t n) {
    static const char header[] = "User-Agent:";
    for (size_t i = 0; i + 12 <= n; i++) {
        if (has_prefix(text + i, n - i, header)) {
            i += sizeof header - 1;
            while (i < n && text[i] == ' ')
                i++;
            /* A format or nothing: the agent itself is elsewhere. */
            if (i < n && text[i] != '%')
                indicator_add(d, INDICATOR_USER_AGENT, text + i, clean_length(text + i, n - i, ""));
            return;
        }
        bool starts = (strncmp(text + i, "Mozilla/", 8) == 0 && text[i + 8] <= '9') ||
                      (strncmp(text + i, "Opera/", 6) == 0 && text[i + 6] <= '9');
        starts = starts && text[i + 8] != '%' && text[i + 6] != '%';
        if (starts && (i == 0 || !is_word(text[i - 1]))) {
            indicator_add(d, INDICATOR_USER_AGENT, text + i, clean_length(text + i, n - i, "\""));
            return;
        }
    }
}

void indicators_from_host(Indicators *d, const char *text, size_t n) {
    if (memchr(text, '\\', n)) {
        see_registry(d, text, n);
        see_windows_path(d, text, n);
        see_mutex(d, text, n);
    }
    see_unix_path(d, text, n);
    if (memchr(text, '/', n) || memchr(text, ':', n))
        see_user_agent(d, text, n);
}

/* What a text holds says which of the searches below can find anything: most texts are short and
 * hold none of it. */
enum { HOLDS_DOT = 1, HOLDS_SLASH = 2, HOLDS_BRACKET = 4, HOLDS_X = 8, HOLDS_STAR = 16 };

static unsigned holds(const char *text, size_t n) {
    static const uint8_t bits[256] = {
        ['.'] = HOLDS_DOT,     [':'] = HOLDS_DOT | HOLDS_SLASH,
        ['/'] = HOLDS_SLASH,   ['\\'] = HOLDS_SLASH,
        ['['] = HOLDS_BRACKET, ['('] = HOLDS_BRACKET,
        ['{'] = HOLDS_BRACKET, ['x'] = HOLDS_X,
        ['X'] = HOLDS_X,       ['*'] = HOLDS_STAR,
    };
    unsigned all = 0;
    for (size_t i = 0; i < n; i++)
        all |= bits[(uint8_t)text[i]];
    return all;
}

/* Whether refang can have anything to change. */
static bool has_fangs(const char *text, size_t n, unsigned held) {
    return (held & HOLDS_BRACKET) != 0 ||
           ((held & HOLDS_X) != 0 && (memmem(text, n, "xxp", 3) || memmem(text, n, "XXP", 3))) ||
           ((held & HOLDS_STAR) != 0 && memmem(text, n, "**p", 3));
}

void extract_indicators(Sample *s, const Image *image, const Code *code, Features *out) {
    (void)code;
    /* A signature names its authority's hosts; they are no more the program's than the signer is.
     */
    uint64_t signed_off = image->pe ? image->pe->certificate_off : 0;
    uint64_t signed_size = image->pe ? image->pe->certificate_size : 0;
    ArenaMark mark = arena_mark(s->scratch);
    Indicators d = {.s = s, .out = out, .seen = map_new(s->scratch, 1024)};
    char *plain = arena_alloc(s->scratch, MAX_STRING_BYTES + 1);
    for (size_t i = 0; i < out->strings.count; i++) {
        const StringFeature *string = &out->strings.at[i];
        if (string->off >= signed_off && string->off - signed_off < signed_size)
            continue;
        size_t n = string->length < MAX_STRING_BYTES ? string->length : MAX_STRING_BYTES;
        d.from = string;
        unsigned held = holds(string->text, n);
        size_t refanged = has_fangs(string->text, n, held) ? refang(string->text, n, plain) : 0;
        if (refanged)
            indicators_from_net(&d, plain, refanged);
        else if (held & HOLDS_DOT)
            indicators_from_net(&d, string->text, n);
        if (held & HOLDS_SLASH)
            indicators_from_host(&d, string->text, n);
        indicators_from_wallets(&d, string->text, n);
    }
    arena_reset(s->scratch, mark);
}
