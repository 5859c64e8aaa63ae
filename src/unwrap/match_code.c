/* SPDX-License-Identifier: Apache-2.0
 * match_code.c: codings that change the length: digits of any alphabet, inserted characters, packed
 * texts. */
#include <string.h>

#include "unwrap/exam.h"

/* Instructions for a text of 60 bytes: base 32 without optimisation takes 8,000, base 64 that makes
 * its table first 28,000 (fixtures), LZSS with a window that is cleared first 30,000; twice that.
 */
enum { CODING_STEPS = 60000 };

static const char *const STANDARD[] = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdef", "0123456789ABCDEF"};
static const uint8_t STANDARD_BITS[] = {6, 6, 5, 4, 4};

static const char *base_name(unsigned bits, bool standard) {
    return bits == 6   ? standard ? "base64" : "base64-modified"
           : bits == 5 ? standard ? "base32" : "base32-modified"
           : standard  ? "base16"
                       : "base16-modified";
}

static void name_base(Exam *x, unsigned bits, const char *digits, bool decode) {
    bool standard = false;
    unsigned count = 1u << bits;
    char text[65] = "";
    memcpy(text, digits, count);
    for (size_t i = 0; i < sizeof STANDARD / sizeof *STANDARD; i++)
        standard |= STANDARD_BITS[i] == bits && !memcmp(STANDARD[i], digits, count);
    finding_set(x, ROUTINE_ENCODER, base_name(bits, standard), base_name(bits, true));
    finding_add_constant(x, decode ? "decode" : "encode", bits);
    finding_add_constant(x, "alphabet",
                         bits == 4 ? 0 : hash64((Bytes){(const uint8_t *)digits, count}));
    finding_add_text(x, "mode", decode ? "decode" : "encode");
    finding_add_text(x, "alphabet", text);
    if (standard)
        x->out.flags = ROUTINE_PUBLIC;
    else
        finding_add_text(x, "difference", "alphabet");
}

/* Puts what a message's groups became into the digits; false when that contradicts itself. */
static bool read_digits(unsigned bits, Bytes message, Bytes text, uint8_t *digits) {
    uint32_t hold = 0;
    unsigned held = 0;
    size_t n = 0;
    for (size_t i = 0; i < message.size; i++) {
        hold = (hold << 8 | message.at[i]) & 0xffff;
        for (held += 8; held >= bits; held -= bits) {
            uint8_t *d = &digits[hold >> (held - bits) & ((1u << bits) - 1)];
            uint8_t c = bytes_u8_at(text, n++);
            if (c < 0x20 || c > 0x7e || (*d && *d != c))
                return false;
            *d = c;
        }
    }
    return true;
}

enum { ALL_GROUPS = 48 };

/* 48 bytes without a zero that hold each group of six bits once. */
static void put_all_groups(uint8_t *to) {
    uint32_t hold = 0;
    for (unsigned i = 0; i < 64; i++) {
        hold = hold << 6 | ((i * 21 + 33) & 63);
        if (i % 4 == 3)
            for (unsigned k = 0; k < 3; k++)
                to[i / 4 * 3 + k] = (uint8_t)(hold >> (16 - 8 * k));
    }
}

/* Reports an alphabet: as a parameter, or as the cell it comes in. */
static void name_base_from(Exam *x, unsigned bits, const char *digits, bool decode, int from) {
    name_base(x, bits, digits, decode);
    if (from < 0)
        return;
    /* Whatever alphabet it is given: its own is that of the call sites. */
    x->out.parameter_count = 1;
    x->out.key_cell = from;
    x->out.key_name = "alphabet";
    x->out.key_size = 1u << bits;
}

/* from: cell that is given the standard alphabet, or -1. */
static void put_alphabet(Exam *x, unsigned bits, int from) {
    for (size_t i = 0; i < sizeof STANDARD / sizeof *STANDARD && from >= 0; i++)
        if (STANDARD_BITS[i] == bits) {
            probe_put_cell(x->probe, (unsigned)from,
                           (Bytes){(const uint8_t *)STANDARD[i], (size_t)1 << bits});
            return;
        }
}

/* The message of a turn: all groups first, then others. */
static void fill_message(Exam *x, unsigned cell, unsigned turn, size_t *length) {
    *length = turn == 0 ? ALL_GROUPS : 60;
    probe_fill(x->probe, turn, *length, *length);
    if (turn == 0)
        put_all_groups(x->probe->setup->bytes[cell]);
}

/* Whether some output of a shot is the message in digits, which are kept then. */
static bool read_outputs(const ProbeShot *s, unsigned cell, unsigned bits, Bytes message,
                         uint8_t *digits) {
    for (unsigned i = 0; s->returned && i < s->output_count; i++) {
        const ProbeOutput *o = &s->outputs[i];
        uint32_t start = o->cell >= 0 ? 0 : o->first;
        uint8_t fresh[65];
        memcpy(fresh, digits, sizeof fresh);
        if (o->cell == (int)cell ||
            !read_digits(bits, message, (Bytes){o->after + start, o->size - start}, fresh))
            continue;
        memcpy(digits, fresh, sizeof fresh);
        return true;
    }
    return false;
}

/* first: the shot of turn 0. */
static bool match_encoder(Exam *x, unsigned cell, unsigned bits, int from, const ProbeShot *first) {
    uint8_t digits[65] = {0};
    for (unsigned turn = 0; turn < 3; turn++) {
        size_t length;
        fill_message(x, cell, turn, &length);
        put_alphabet(x, bits, from);
        ProbeShot s = turn == 0 ? *first : probe_shoot(x->probe);
        if (!read_outputs(&s, cell, bits, (Bytes){x->probe->setup->bytes[cell], length}, digits))
            return false;
    }
    for (unsigned i = 0; i < 1u << bits; i++)
        for (unsigned k = 0; k < i; k++)
            if (!digits[i] || digits[i] == digits[k])
                return false;
    name_base_from(x, bits, (const char *)digits, false, from);
    return true;
}

static bool is_alphabet(const uint8_t *at, unsigned count) {
    uint64_t seen[2] = {0};
    for (unsigned i = 0; i < count; i++) {
        if (at[i] < 0x20 || at[i] > 0x7e || seen[at[i] / 64] >> at[i] % 64 & 1)
            return false;
        seen[at[i] / 64] |= (uint64_t)1 << at[i] % 64;
    }
    return true;
}

static bool find_output(const ProbeShot *s, Bytes plain, int not_cell) {
    for (unsigned i = 0; s->returned && i < s->output_count; i++) {
        const ProbeOutput *o = &s->outputs[i];
        for (uint32_t off = 0; off + plain.size <= o->size && off <= o->end; off++)
            if (o->cell != not_cell && memcmp(o->after + off, plain.at, plain.size) == 0)
                return true;
    }
    return false;
}

static bool try_decoder(Exam *x, unsigned cell, unsigned bits, const char *digits, int from) {
    static const uint8_t PLAIN[] = "cognate reads what it wrote";
    Probe *p = x->probe;
    uint8_t text[64];
    Bytes plain = {PLAIN, 25 + (bits == 6 ? 2 : 0)};
    if (bits != 6)
        plain.size = 25;
    size_t n = base_encode(bits, digits, 0, plain, text);
    probe_fill(p, 1, n, n);
    put_alphabet(x, bits, from);
    probe_put_cell(p, cell, (Bytes){text, n});
    ProbeShot s = probe_shoot(p);
    /* In place, too: -2 is no cell. */
    if (!find_output(&s, bytes_cut(plain, 0, 24), -2))
        return false;
    name_base_from(x, bits, digits, true, from);
    return true;
}

/* Digits that mean something in all standard alphabets, and what they are in one. */
static size_t decode_shared(unsigned bits, const char *digits, const char *text, uint8_t *out) {
    uint32_t hold = 0;
    unsigned held = 0;
    size_t n = 0;
    for (; *text; text++) {
        hold = (hold << bits | (uint32_t)(strchr(digits, *text) - digits)) & 0xffff;
        held += bits;
        if (held < 8)
            continue;
        held -= 8;
        out[n++] = (uint8_t)(hold >> held);
    }
    return n;
}

/* One run that tells whether the function decodes any standard alphabet. */
static bool may_decode(Exam *x, unsigned cell) {
    static const char TEXT[] = "2537464725362735426735247632547263457236";
    Probe *p = x->probe;
    size_t n = sizeof TEXT - 1;
    probe_fill(p, 1, n, n);
    probe_put_cell(p, cell, (Bytes){(const uint8_t *)TEXT, n});
    ProbeShot s = probe_shoot(p);
    for (size_t i = 0; i < sizeof STANDARD / sizeof *STANDARD; i++) {
        uint8_t plain[sizeof TEXT];
        size_t size = decode_shared(STANDARD_BITS[i], STANDARD[i], TEXT, plain);
        if (find_output(&s, (Bytes){plain, size - 1}, -2))
            return true;
    }
    return false;
}

static bool match_decoder(Exam *x, unsigned cell) {
    bool is_standard = may_decode(x, cell);
    for (size_t i = 0; i < sizeof STANDARD / sizeof *STANDARD && is_standard; i++)
        if (try_decoder(x, cell, STANDARD_BITS[i], STANDARD[i], -1))
            return true;
    for (unsigned b = 0; b < exam_secrets(x)->blob_count; b++) {
        Bytes blob = exam_secrets(x)->blobs[b];
        char digits[65] = "";
        if (blob.size >= 64 && is_alphabet(blob.at, 64) &&
            try_decoder(x, cell, 6, memcpy(digits, blob.at, 64), -1))
            return true;
        if (blob.size >= 32 && is_alphabet(blob.at, 32) &&
            try_decoder(x, cell, 5, memcpy(digits, blob.at, 32), -1))
            return true;
        /* A table from characters to values, from 0, ' ' or '+' on. */
        for (unsigned start = 0; start <= 43 && blob.size >= 128; start += start ? 11 : 32) {
            bool ok = true;
            memset(digits, 0, sizeof digits);
            for (unsigned c = start > 0x20 ? start : 0x21; c < 0x7f && c - start < 128; c++)
                if (blob.at[c - start] < 64 && (blob.at[c - start] || !digits[0]))
                    digits[blob.at[c - start]] = (char)c;
            for (unsigned v = 0; v < 64; v++)
                ok &= digits[v] != 0;
            if (ok && is_alphabet((uint8_t *)digits, 64) && try_decoder(x, cell, 6, digits, -1))
                return true;
        }
    }
    return false;
}

static bool cleans(Exam *x, unsigned cell, const char *text, const char *clean) {
    probe_fill(x->probe, 1, strlen(text), strlen(text));
    probe_put_cell(x->probe, cell, (Bytes){(const uint8_t *)text, strlen(text)});
    ProbeShot s = probe_shoot(x->probe);
    return find_output(&s, (Bytes){(const uint8_t *)clean, strlen(clean)}, -2);
}

/* Text with characters that do not belong, which the function takes out; and no others, as what
 * keeps the characters of an alphabet does. */
static bool match_insertion(Exam *x, unsigned cell) {
    if (!cleans(x, cell, "Lo.adL ibr.ar yWi.thC og.na te", "LoadLibraryWithCognate") ||
        !cleans(x, cell, "C:.\\Us er-s_.{77}\\*.!~ $", "C:\\User-s_{77}\\*!~$"))
        return false;
    finding_set(x, ROUTINE_ENCODER, "insertion", "insertion");
    finding_add_constant(x, "inserted", ('.' << 8) | ' ');
    finding_add_text(x, "alphabet", " .");
    x->out.confidence = 80;
    return true;
}

/* endless: runs that did not end, counted. */
static bool match_unpacker(Exam *x, unsigned cell, unsigned *endless) {
    Probe *p = x->probe;
    if (!x->sifted->has_store || !x->sifted->has_shift)
        return false;
    for (size_t i = 0; i < PACKED_TEXT_COUNT; i++) {
        probe_fill(p, 1, 32, PACKED_TEXTS[i].packed.size);
        probe_put_cell(p, cell, PACKED_TEXTS[i].packed);
        ProbeShot s = probe_shoot(p);
        *endless += s.is_endless;
        if (!find_output(&s, bytes_cut(PACKED_TEXTS[i].plain, 0, 24), (int)cell))
            continue;
        finding_set(x, ROUTINE_COMPRESSOR, PACKED_TEXTS[i].name, PACKED_TEXTS[i].name);
        finding_add_constant(x, "unpack", 1);
        x->out.flags = ROUTINE_PUBLIC;
        return true;
    }
    return false;
}

bool match_unpackers(Exam *x) {
    bool found = false;
    unsigned endless = 0;
    x->probe->shot_steps = CODING_STEPS;
    /* A function that ends on no packed text unpacks none. */
    for (unsigned c = 0; c < x->probe->cell_count && !found && endless < PACKED_TEXT_COUNT; c++)
        found = x->probe->cells[c].is_pointer && match_unpacker(x, c, &endless);
    x->probe->shot_steps = PROBE_STEPS;
    return found;
}

/* The shot that tells whether it is worth while to go on, whatever the digits are. */
static bool match_encoders(Exam *x, unsigned cell) {
    static const uint8_t BITS[] = {6, 5, 4};
    size_t length;
    fill_message(x, cell, 0, &length);
    ProbeShot first = probe_shoot(x->probe);
    for (unsigned i = 0; i < sizeof BITS; i++)
        if (match_encoder(x, cell, BITS[i], -1, &first))
            return true;
    return false;
}

/* With an alphabet that is an argument, where there are cells enough. */
static bool match_given_alphabet(Exam *x, unsigned cell) {
    Probe *p = x->probe;
    for (unsigned a = 0; a < p->cell_count && probe_pointer_count(p) > 2; a++) {
        if (!p->cells[a].is_pointer || a == cell)
            continue;
        size_t length;
        fill_message(x, cell, 0, &length);
        put_alphabet(x, 6, (int)a);
        ProbeShot first = probe_shoot(p);
        if (match_encoder(x, cell, 6, (int)a, &first) ||
            try_decoder(x, cell, 6, STANDARD[0], (int)a))
            return true;
    }
    return false;
}

bool match_coding(Exam *x) {
    Probe *p = x->probe;
    p->shot_steps = CODING_STEPS;
    bool found = false;
    unsigned endless = 0;
    for (unsigned c = 0; c < p->cell_count && !found; c++) {
        if (!p->cells[c].is_pointer)
            continue;
        if (x->sifted->has_shift && x->sifted->has_store)
            found = (x->writes && match_encoders(x, c)) || match_decoder(x, c) ||
                    match_given_alphabet(x, c);
        found = found || (x->writes && match_insertion(x, c)) || match_unpacker(x, c, &endless);
    }
    p->shot_steps = PROBE_STEPS;
    return found;
}
