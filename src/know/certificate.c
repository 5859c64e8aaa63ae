/* SPDX-License-Identifier: Apache-2.0
 * certificate.c: X.509 certificates (RFC 5280) as PEM (RFC 7468) or DER, read by libcrypto. Nothing
 * is verified: what a certificate says of itself is a claim of its issuer's, and that a name stands
 * in it joins both. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/digest.h"
#include "know/importer.h"
#include "know/utf8.h"

/* A certificate of a thousand names has 60 KB. */
enum { MAX_DER = 256 << 10, MAX_NAMES = 1024, MAX_LINE = 256, MAX_HEAD = 64 << 10 };

static const char BEGIN[] = "-----BEGIN ", END[] = "-----END ";

/* ---- what one says ---- */

typedef struct Certificate {
    Importer *i;
    KnowEntity entity;
    KnowClaim claim;
    char sha256[65];
} Certificate;

/* RFC 2253's form as UTF-8; what is no text is left to OpenSSL's escapes. */
static const char *name_text(Importer *i, const X509_NAME *name) {
    BIO *out = BIO_new(BIO_s_mem());
    char *at = NULL;
    const char *text = "";
    if (out && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long n = BIO_get_mem_data(out, &at);
        Bytes b = {(const uint8_t *)at, n > 0 ? (size_t)n : 0};
        bool is_text = true;
        for (size_t k = 0, size; k < b.size && is_text; k += size) {
            size = utf8_length(b.at + k, b.size - k);
            is_text = size > 0 && b.at[k] != 0;
        }
        text = is_text ? arena_text(i->arena, b) : "(no text)";
    }
    BIO_free(out);
    return text;
}

static int64_t time_of(const ASN1_TIME *t) {
    struct tm tm;
    return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : 0;
}

static void certify(Certificate *c, KnowValueKind kind, const char *text, size_t n) {
    KnowValues values;
    KnowClaim like = c->claim;
    bool is_wild = n > 2 && text[0] == '*' && text[1] == '.';
    if (!know_values_from_text(kind, text + (is_wild ? 2 : 0), n - (is_wild ? 2 : 0), &values))
        return; /* names of people and machines within a network */
    like.note = is_wild ? "for all names under it" : NULL;
    KnowPair pair = {{KNOW_CERTIFICATE, values.at[0].kind}, {c->sha256, values.at[0].text}};
    importer_pair(c->i, &like, KNOW_CERTIFIES, &pair);
}

static void certify_address(Certificate *c, const uint8_t *at, size_t n) {
    char text[64];
    size_t used = 0;
    for (size_t k = 0; k < n && used + 6 < sizeof text; k++) {
        const char *between = k == 0 ? "" : n == 4 ? "." : k % 2 == 0 ? ":" : "";
        used += (size_t)snprintf(text + used, sizeof text - used, n == 4 ? "%s%u" : "%s%02x",
                                 between, at[k]);
    }
    if (n == 4 || n == 16)
        certify(c, KNOW_VALUE_OTHER, text, used);
}

/* Subject alternative names, and the common name where it is a host's. */
static void certify_names(Certificate *c, X509 *x) {
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    int count = names ? sk_GENERAL_NAME_num(names) : 0;
    for (int k = 0; k < count && k < MAX_NAMES; k++) {
        int type;
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, k);
        const ASN1_STRING *s = GENERAL_NAME_get0_value(name, &type);
        if (type != GEN_DNS && type != GEN_IPADD)
            continue;
        const uint8_t *at = ASN1_STRING_get0_data(s);
        size_t n = (size_t)ASN1_STRING_length(s);
        if (type == GEN_DNS)
            certify(c, KNOW_DOMAIN, (const char *)at, n);
        else
            certify_address(c, at, n);
    }
    if (count > MAX_NAMES)
        importer_problem(c->i, false, "more than %d names; the first ones were read", MAX_NAMES);
    GENERAL_NAMES_free(names);
    char common[256];
    int n =
        X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, common, sizeof common);
    if (n > 0 && strlen(common) == (size_t)n)
        certify(c, KNOW_DOMAIN, common, (size_t)n);
}

/* Found by both fingerprints and by its serial number. */
static void sight_all(Certificate *c, Bytes der, X509 *x, Text *serial) {
    uint8_t sha1[20];
    char hex[41];
    KnowSighting s = {.container = c->entity.id, .first = c->claim.from, .last = c->claim.to};
    const ASN1_INTEGER *number = X509_get0_serialNumber(x);
    text_add_hex(serial,
                 (Bytes){ASN1_STRING_get0_data(number), (size_t)ASN1_STRING_length(number)});
    EVP_Digest(der.at, der.size, sha1, NULL, EVP_sha1(), NULL);
    hex_write(hex, sha1, sizeof sha1);
    importer_sight(c->i, &s, KNOW_CERTIFICATE, c->sha256, 64);
    importer_sight(c->i, &s, KNOW_CERTIFICATE, hex, 40);
    if (serial->size && !serial->full)
        importer_sight(c->i, &s, KNOW_CERTIFICATE, text_str(serial), serial->size);
}

static void see_certificate(Importer *i, X509 *x, Bytes der) {
    Certificate c = {.i = i};
    uint8_t sha256[32];
    char from[KNOW_TIME_BYTES], to[KNOW_TIME_BYTES];
    Text serial = text_new(128);
    digest_sha256(der, sha256);
    hex_write(c.sha256, sha256, sizeof sha256);
    const char *subject = name_text(i, X509_get_subject_name(x));
    const char *issuer = name_text(i, X509_get_issuer_name(x));
    c.entity = (KnowEntity){.ref = importer_join(i, "certificate:", c.sha256),
                            .kind = KNOW_INDICATOR,
                            .source = i->import->source};
    c.entity.id = know_id(c.entity.ref);
    c.entity.name =
        importer_name(i, importer_join(i, "certificate of ", *subject ? subject : "nobody"), "");
    c.claim = (KnowClaim){.subject = c.entity.id,
                          .source = *issuer ? issuer : "the certificate itself",
                          .trust = KNOW_TRUST_NONE,
                          .from = time_of(X509_get0_notBefore(x)),
                          .to = time_of(X509_get0_notAfter(x))};
    c.claim.source = importer_name(i, c.claim.source, "");
    i->object = c.entity.ref;
    sight_all(&c, der, x, &serial);
    know_time_write(c.claim.from, from);
    know_time_write(c.claim.to, to);
    c.entity.description = importer_text(
        i, arena_textf(i->arena, "serial %.80s; subject %s; issuer %s; valid %.10s to %.10s",
                       text_str(&serial), subject, issuer, from, to));
    importer_entity(i, &c.entity);
    certify_names(&c, x);
    text_free(&serial);
}

static void read_der(Importer *i, Bytes der) {
    const unsigned char *at = der.at;
    i->object = NULL;
    i->stat->records++;
    X509 *x = der.size <= MAX_DER ? d2i_X509(NULL, &at, (long)der.size) : NULL;
    if (x)
        see_certificate(i, x, (Bytes){der.at, (size_t)(at - der.at)});
    else
        importer_problem(i, true, "is no certificate that can be read");
    X509_free(x);
    ERR_clear_error();
}

/* The sink never jumps; only the arena does, and then an X509 of a few KB is lost with the record.
 */
static void read_one(Importer *i, Bytes der) {
    jmp_buf escape;
    ArenaMark mark = arena_mark(i->arena);
    if (setjmp(escape) == 0) {
        arena_set_escape(i->arena, &escape);
        read_der(i, der);
    } else {
        importer_problem(i, true, "the record needs too much memory");
    }
    arena_set_escape(i->arena, NULL);
    arena_reset(i->arena, mark);
}

/* ---- files ---- */

/* False at the end. Longer lines are cut: a PEM line has 64 characters. */
static bool read_line(Importer *i, char line[MAX_LINE]) {
    size_t n = 0;
    int c;
    if (know_input_peek(i->in) < 0)
        return false;
    while ((c = know_input_take(i->in)) >= 0 && c != '\n')
        if (n + 1 < MAX_LINE && c != '\r')
            line[n++] = c ? (char)c : ' ';
    line[n] = 0;
    return true;
}

static bool is_begin(const char *line) {
    return strncmp(line, BEGIN, sizeof BEGIN - 1) == 0 && strstr(line, "CERTIFICATE-----");
}

/* The lines up to the end mark; false when it does not come. */
static bool read_body(Importer *i, Text *body) {
    char line[MAX_LINE];
    text_clear(body);
    while (read_line(i, line)) {
        if (strncmp(line, END, sizeof END - 1) == 0)
            return !body->full;
        if (!strchr(line, ':')) /* RFC 1421 headers */
            text_add(body, line);
    }
    return false;
}

/* In place. RFC 4648; -1: none. */
static long decode_base64(Text *body) {
    EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
    int n = 0, rest = 0;
    unsigned char *out = (unsigned char *)body->at;
    EVP_DecodeInit(ctx);
    bool is_good = EVP_DecodeUpdate(ctx, out, &n, out, (int)body->size) >= 0 &&
                   EVP_DecodeFinal(ctx, out + n, &rest) == 1;
    EVP_ENCODE_CTX_free(ctx);
    return is_good ? (long)n + rest : -1;
}

static void import_pem(Importer *i) {
    char line[MAX_LINE];
    Text body = text_new(MAX_DER * 4 / 3 + 16);
    i->place = know_input_place(i->in);
    while (i->status == STATUS_OK && read_line(i, line)) {
        if (is_begin(line)) {
            bool is_whole = read_body(i, &body);
            long n = is_whole && body.size ? decode_base64(&body) : -1;
            if (n > 0) {
                read_one(i, (Bytes){(const uint8_t *)body.at, (size_t)n});
            } else {
                i->object = NULL;
                i->stat->records++;
                importer_problem(i, true, "a PEM block that does not end or is not base64");
            }
        }
        i->place = know_input_place(i->in);
    }
    text_free(&body);
}

/* SEQUENCE with a length of two or three bytes; certificates are longer than 127 bytes. */
static bool is_der(Importer *i) {
    KnowPlace start = know_input_place(i->in);
    int tag = know_input_take(i->in), length = know_input_take(i->in);
    know_input_seek(i->in, start);
    return tag == 0x30 && length >= 0x81 && length <= 0x83;
}

static void import_der(Importer *i) {
    Text der = text_new(MAX_DER + 1);
    i->place = know_input_place(i->in);
    for (Bytes b; (b = know_input_reach(i->in)).size && !der.full;) {
        text_add_bytes(&der, b.at, b.size);
        know_input_advance(i->in, b.size);
    }
    if (der.full)
        importer_problem(i, true, "longer than any certificate");
    else
        read_one(i, (Bytes){(const uint8_t *)der.at, der.size});
    text_free(&der);
}

bool certificate_is_file(Importer *i) {
    char line[MAX_LINE];
    KnowPlace start = know_input_place(i->in);
    bool is_pem = false;
    if (is_der(i))
        return true;
    while (!is_pem && know_input_off(i->in) - start.off < MAX_HEAD && read_line(i, line))
        is_pem = is_begin(line);
    know_input_seek(i->in, start);
    return is_pem;
}

void certificate_import(Importer *i) {
    if (is_der(i))
        import_der(i);
    else
        import_pem(i);
}
