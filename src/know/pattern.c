/* SPDX-License-Identifier: Apache-2.0
 * pattern.c: a pattern as a run of tokens. What joins comparisons (AND, OR, FOLLOWEDBY, WITHIN ...)
 * does not matter for which values are named. */
#include "know/pattern.h"

#include <string.h>
#include <strings.h>

enum { MAX_LITERAL = 4096 };

typedef struct Token {
    enum { TOKEN_END, TOKEN_WORD, TOKEN_TEXT, TOKEN_SIGN, TOKEN_ODD } type;
    const char *at;
    size_t size;
    char text[MAX_LITERAL]; /* of TOKEN_TEXT, unescaped */
} Token;

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
           (c != 0 && strchr("_-:.", c));
}

static const char *read_text(const char *at, Token *t) {
    t->type = TOKEN_TEXT;
    t->size = 0;
    for (at++; *at && *at != '\''; at++) {
        if (*at == '\\' && at[1])
            at++;
        if (t->size + 1 >= MAX_LITERAL) {
            t->type = TOKEN_ODD;
            return at;
        }
        t->text[t->size++] = *at;
    }
    t->text[t->size] = 0;
    if (*at != '\'')
        t->type = TOKEN_ODD;
    return *at ? at + 1 : at;
}

/* An object path may have quoted steps: file:hashes.'SHA-256'. */
static const char *read_word(const char *at, Token *t) {
    t->type = TOKEN_WORD;
    t->at = at;
    while (is_word(*at)) {
        if (*at++ != '.' || *at != '\'')
            continue;
        const char *end = strchr(at + 1, '\'');
        if (!end)
            break;
        at = end + 1;
    }
    if (*at == '[' && (at[1] == '*' || (at[1] >= '0' && at[1] <= '9'))) { /* a list index */
        const char *end = strchr(at, ']');
        at = end ? end + 1 : at;
        while (is_word(*at))
            at++;
    }
    t->size = (size_t)(at - t->at);
    return at;
}

static const char *next(const char *at, Token *t) {
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
        at++;
    t->at = at;
    t->size = 1;
    if (!*at) {
        t->type = TOKEN_END;
        return at;
    }
    if (*at == '\'')
        return read_text(at, t);
    if (is_word(*at))
        return read_word(at, t);
    t->type = TOKEN_SIGN;
    if ((*at == '!' || *at == '<' || *at == '>' || *at == '=') && at[1] == '=')
        t->size = 2;
    return at + t->size;
}

static bool is(const Token *t, const char *word) {
    return (t->type == TOKEN_WORD || t->type == TOKEN_SIGN) && t->size == strlen(word) &&
           strncasecmp(t->at, word, t->size) == 0;
}

/* What an object path holds, by its beginning and a word inside. */
static KnowValueKind kind_of(const char *path, size_t n) {
    static const struct {
        const char *start, *inside;
        KnowValueKind kind;
    } PATHS[] = {
        {"file:hashes", "SHA-256", KNOW_SHA256},
        {"file:hashes", "SHA256", KNOW_SHA256},
        {"file:hashes", "SHA-512", KNOW_SHA512},
        {"file:hashes", "SHA-1", KNOW_SHA1},
        {"file:hashes", "SHA1", KNOW_SHA1},
        {"file:hashes", "MD5", KNOW_MD5},
        {"file:hashes", "SSDEEP", KNOW_SSDEEP},
        {"file:hashes", "TLSH", KNOW_TLSH},
        {"file:extensions", "imphash", KNOW_IMPHASH},
        {"file:name", "", KNOW_FILE_NAME},
        {"file:parent_directory_ref", "", KNOW_PATH},
        {"directory:path", "", KNOW_PATH},
        {"ipv4-addr:value", "", KNOW_IPV4},
        {"ipv6-addr:value", "", KNOW_IPV6},
        {"domain-name:value", "", KNOW_DOMAIN},
        {"domain-name:resolves_to_refs", "value", KNOW_IPV4},
        {"url:value", "", KNOW_URL},
        {"email-addr:value", "", KNOW_EMAIL},
        {"email-message:from_ref", "value", KNOW_EMAIL},
        {"email-message:sender_ref", "value", KNOW_EMAIL},
        {"network-traffic:dst_ref", "value", KNOW_DOMAIN},
        {"network-traffic:src_ref", "value", KNOW_DOMAIN},
        {"network-traffic:dst_port", "", KNOW_PORT},
        {"network-traffic:extensions", "request_value", KNOW_HTTP_PATH},
        {"network-traffic:extensions", "User-Agent", KNOW_USER_AGENT},
        {"mutex:name", "", KNOW_MUTEX},
        {"windows-registry-key:key", "", KNOW_REGISTRY},
        {"x509-certificate:hashes", "", KNOW_CERTIFICATE},
        {"x509-certificate:serial_number", "", KNOW_CERTIFICATE},
        {"autonomous-system:number", "", KNOW_ASN},
        {"process:name", "", KNOW_FILE_NAME},
    };
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        size_t start = strlen(PATHS[i].start), inside = strlen(PATHS[i].inside);
        if (n >= start && strncasecmp(path, PATHS[i].start, start) == 0 &&
            (inside == 0 || memmem(path + start, n - start, PATHS[i].inside, inside)))
            return PATHS[i].kind;
    }
    return KNOW_VALUE_COUNT;
}

/* After the operator: a literal, or for IN a list of them. */
static const char *read_values(const char *at, Token *t, KnowValueKind kind, KnowPatternValue found,
                               void *ctx) {
    bool is_list = false;
    for (;;) {
        at = next(at, t);
        if (is(t, "(")) {
            is_list = true;
            continue;
        }
        if (t->type == TOKEN_TEXT && kind != KNOW_VALUE_COUNT)
            found(ctx, kind, t->text, t->size);
        else if (t->type == TOKEN_WORD && kind != KNOW_VALUE_COUNT)
            found(ctx, kind, t->at, t->size);
        bool is_value = t->type == TOKEN_TEXT || t->type == TOKEN_WORD || (is_list && is(t, ","));
        if (!is_list || !is_value)
            return at;
    }
}

bool know_pattern_read(const char *pattern, KnowPatternValue found, void *ctx, uint64_t *inexact) {
    Token t;
    bool has_bracket = false, is_not = false;
    KnowValueKind kind = KNOW_VALUE_COUNT;
    *inexact = 0;
    for (const char *at = next(pattern, &t); t.type != TOKEN_END;) {
        if (t.type == TOKEN_ODD)
            return false;
        has_bracket |= is(&t, "[");
        if (t.type == TOKEN_WORD && memchr(t.at, ':', t.size)) {
            kind = kind_of(t.at, t.size);
            is_not = false;
            *inexact += kind == KNOW_VALUE_COUNT;
        } else if (is(&t, "NOT")) {
            is_not = true;
        } else if ((is(&t, "=") || is(&t, "==") || is(&t, "IN")) && !is_not) {
            at = read_values(at, &t, kind, found, ctx);
            if (t.type == TOKEN_ODD)
                return false;
        } else if (is(&t, "!=") || is(&t, "LIKE") || is(&t, "MATCHES") || is_not) {
            *inexact += 1;
        }
        at = next(at, &t);
    }
    return has_bracket;
}
