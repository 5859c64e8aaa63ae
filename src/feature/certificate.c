/* SPDX-License-Identifier: Apache-2.0
 * certificate.c: who signed a PE, by its own claim: nothing is verified here. WIN_CERTIFICATE (PE
 * specification 5.7) holds PKCS #7 SignedData (RFC 2315), which holds X.509 certificates (RFC
 * 5280), all DER (X.690). Only what is needed to name the signer is walked. */
#include <string.h>

#include "feature/trait.h"

typedef struct Der {
    uint8_t tag;
    Bytes body, whole; /* whole: with tag and length */
} Der;

enum {
    DER_INTEGER = 0x02,
    DER_OID = 0x06,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT_0 = 0xa0
};

/* Cuts the next element off rest. Definite lengths of at most four bytes, tags of one byte. */
static bool der_next(Bytes *rest, Der *out) {
    uint8_t first = bytes_u8_at(*rest, 1);
    uint64_t length = first, head = 2;
    if (rest->size < 2)
        return false;
    if (first >= 0x80) {
        unsigned count = first & 0x7f;
        if (count == 0 || count > 4)
            return false;
        length = 0;
        for (unsigned i = 0; i < count; i++)
            length = length << 8 | bytes_u8_at(*rest, 2 + i);
        head += count;
    }
    if (!bytes_has(*rest, head, length))
        return false;
    out->tag = rest->at[0];
    out->body = bytes_cut(*rest, head, length);
    out->whole = bytes_cut(*rest, 0, head + length);
    *rest = bytes_clip(*rest, head + length, SIZE_MAX);
    return true;
}

static bool der_enter(Bytes *rest, uint8_t tag, Bytes *body) {
    Der d;
    if (!der_next(rest, &d) || d.tag != tag)
        return false;
    *body = d.body;
    return true;
}

static bool der_skip(Bytes *rest, uint8_t tag) {
    Bytes body;
    return der_enter(rest, tag, &body);
}

static void add_utf8(Text *out, uint32_t c) {
    char b[3];
    if (c < 0x20 || c == 0x7f)
        c = '?';
    if (c < 0x80) {
        text_add_char(out, (char)c);
        return;
    }
    bool two = c < 0x800;
    b[0] = (char)(two ? 0xc0 | c >> 6 : 0xe0 | c >> 12);
    b[1] = (char)(0x80 | (two ? c & 63 : c >> 6 & 63));
    b[2] = (char)(0x80 | (c & 63));
    text_add_bytes(out, b, two ? 2 : 3);
}

static void add_text(Text *out, const Der *d) {
    enum { BMP_STRING = 30, UTF8_STRING = 12, LATIN = 20 };
    if (d->tag == BMP_STRING) {
        for (size_t i = 0; i + 1 < d->body.size; i += 2) {
            uint32_t unit = (uint32_t)d->body.at[i] << 8 | d->body.at[i + 1];
            add_utf8(out, unit >= 0xd800 && unit < 0xe000 ? '?' : unit);
        }
        return;
    }
    bool valid = d->tag == UTF8_STRING && utf8_is_valid((const char *)d->body.at, d->body.size);
    for (size_t i = 0; i < d->body.size; i++) {
        uint8_t c = d->body.at[i];
        if (valid && c >= 0x80)
            text_add_char(out, (char)c);
        else
            add_utf8(out, c < 0x80 || d->tag == LATIN ? c : '?');
    }
}

/* The first value of attribute 2.5.4.kind in a Name, or nothing. */
static bool name_find(Bytes name, uint8_t kind, Der *value) {
    Bytes set, pair;
    while (der_enter(&name, DER_SET, &set))
        while (der_enter(&set, DER_SEQUENCE, &pair)) {
            Bytes oid;
            if (der_enter(&pair, DER_OID, &oid) && oid.size == 3 && oid.at[0] == 0x55 &&
                oid.at[1] == 0x04 && oid.at[2] == kind)
                return der_next(&pair, value);
        }
    return false;
}

/* "CN=…; O=…": 2.5.4.3 and 2.5.4.10 of X.520. */
static void add_name(Text *out, Bytes name, const char *first, bool with_organisation) {
    Der value;
    if (name_find(name, 3, &value)) {
        text_add(out, first);
        add_text(out, &value);
    }
    if (with_organisation && name_find(name, 10, &value)) {
        text_add(out, out->size ? "; O=" : "O=");
        add_text(out, &value);
    }
}

typedef struct Signer {
    Bytes issuer, serial, subject;
} Signer;

/* Issuer, serial and subject of one certificate. */
static bool certificate_read(Bytes certificate, Signer *out) {
    Bytes tbs;
    if (!der_enter(&certificate, DER_SEQUENCE, &tbs))
        return false;
    if (bytes_u8_at(tbs, 0) == DER_CONTEXT_0 && !der_skip(&tbs, DER_CONTEXT_0))
        return false;
    return der_enter(&tbs, DER_INTEGER, &out->serial) && der_skip(&tbs, DER_SEQUENCE) &&
           der_enter(&tbs, DER_SEQUENCE, &out->issuer) && der_skip(&tbs, DER_SEQUENCE) &&
           der_enter(&tbs, DER_SEQUENCE, &out->subject);
}

/* The first signer of SignedData, with its certificate when it is among those sent along. */
static bool signer_read(Bytes pkcs7, Signer *out) {
    static const uint8_t signed_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};
    Bytes content, oid, wrapped, data, certificates = {0}, signers, signer, id;
    if (!der_enter(&pkcs7, DER_SEQUENCE, &content) || !der_enter(&content, DER_OID, &oid) ||
        !bytes_is_equal(oid, (Bytes){signed_data, sizeof signed_data}) ||
        !der_enter(&content, DER_CONTEXT_0, &wrapped) ||
        !der_enter(&wrapped, DER_SEQUENCE, &data) || !der_skip(&data, DER_INTEGER) ||
        !der_skip(&data, DER_SET) || !der_skip(&data, DER_SEQUENCE))
        return false;
    Der next = {0};
    while (der_next(&data, &next) && next.tag != DER_SET)
        if (next.tag == DER_CONTEXT_0)
            certificates = next.body;
    signers = next.tag == DER_SET ? next.body : (Bytes){0};
    if (!der_enter(&signers, DER_SEQUENCE, &signer) || !der_skip(&signer, DER_INTEGER) ||
        !der_enter(&signer, DER_SEQUENCE, &id) || !der_enter(&id, DER_SEQUENCE, &out->issuer) ||
        !der_enter(&id, DER_INTEGER, &out->serial))
        return false;
    enum { MAX_CERTIFICATES = 64 }; /* chains have three or four */
    Bytes one;
    for (unsigned i = 0; i < MAX_CERTIFICATES && der_enter(&certificates, DER_SEQUENCE, &one);
         i++) {
        Signer found = {0};
        if (certificate_read(one, &found) && bytes_is_equal(found.serial, out->serial) &&
            bytes_is_equal(found.issuer, out->issuer)) {
            out->subject = found.subject;
            break;
        }
    }
    return true;
}

static void add_signer(Traits *t, Bytes pkcs7) {
    enum { MAX_SERIAL = 64 }; /* RFC 5280 says 20 */
    Signer signer = {0};
    uint64_t off = (uint64_t)(pkcs7.at - t->s->bytes.at);
    if (!signer_read(pkcs7, &signer)) {
        notes_add(&t->s->notes, NOTE_CERTIFICATE_ODD, off);
        return;
    }
    Text text = text_new(MAX_TRAIT_BYTES);
    add_name(&text, signer.subject, "CN=", true);
    text_add(&text, text.size ? "; serial=" : "serial=");
    text_add_hex(&text, bytes_clip(signer.serial, 0, MAX_SERIAL));
    add_name(&text, signer.issuer, "; issuer=", false);
    trait_add(t, TRAIT_CERTIFICATE, off, text_str(&text));
    text_free(&text);
}

void traits_from_certificate(Traits *t) {
    enum { HEAD = 8, TYPE_PKCS7 = 2, MAX_TABLE = 16 };
    if (!t->image->pe || t->image->pe->certificate_size == 0)
        return;
    Bytes table =
        bytes_clip(t->s->bytes, t->image->pe->certificate_off, t->image->pe->certificate_size);
    for (unsigned i = 0; i < MAX_TABLE && table.size >= HEAD; i++) {
        uint64_t length = bytes_u32_at(table, 0);
        if (length < HEAD || length > table.size)
            return;
        if (bytes_u16_at(table, 6) == TYPE_PKCS7)
            add_signer(t, bytes_cut(table, HEAD, length - HEAD));
        table = bytes_clip(table, (length + 7) & ~(uint64_t)7, SIZE_MAX);
    }
}
