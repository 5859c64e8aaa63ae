/* SPDX-License-Identifier: Apache-2.0
 * match_hash.c: functions that make a number or a digest of a message; generators of numbers. */
#include <stdio.h>
#include <string.h>

#include "unwrap/exam.h"

enum { MESSAGE = 32 };

/* What the function gave for messages; `value` has 64 bits where the processor has. */
typedef struct Hashed {
    uint8_t message[MESSAGE];
    size_t length;
    uint64_t value;
    bool ok;
} Hashed;

static uint64_t result_of(const Exam *x, const ProbeShot *s) {
    return x->probe->process->image->bits == 64 ? s->result
                                                : (s->result & UINT32_MAX) | s->result2 << 32;
}

/* One bit of the last byte flipped when flip > 0. */
static Hashed ask(Exam *x, unsigned cell, uint64_t salt, size_t length, uint8_t flip) {
    Probe *p = x->probe;
    Hashed h = {.length = length};
    probe_fill(p, salt, length, length);
    p->setup->bytes[cell][length - 1] ^= flip;
    memcpy(h.message, p->setup->bytes[cell], length);
    ProbeShot s = probe_shoot(p);
    h.ok = s.returned;
    h.value = result_of(x, &s);
    return h;
}

static Bytes message_of(const Hashed *h) { return (Bytes){h->message, h->length}; }

static uint64_t mask_of(unsigned width) {
    return width >= 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
}

/* ---- CRC ---- */

/* Published ones: polynomials and bit orders of the RevEng catalogue of parametrised CRC
 * algorithms, and both orders of the 64-bit ones, which libraries have. Reflected ones are written
 * reflected. */
static const struct {
    uint64_t polynomial;
    uint8_t width;
    bool reflected;
    const char *name;
} CRCS[] = {{0xedb88320, 32, true, "crc32"},
            {0x04c11db7, 32, false, "crc32"},
            {0x82f63b78, 32, true, "crc32c"},
            {0xd419cc15, 32, true, "crc32d"},
            {0x814141ab, 32, false, "crc32q"},
            {0xc8df352f, 32, true, "crc32-autosar"},
            {0xeb31d82e, 32, true, "crc32-mef"},
            {0xd8018001, 32, true, "crc32-cd-rom-edc"},
            {0xaf, 32, false, "crc32-xfer"},
            {0xa001, 16, true, "crc16"},
            {0x8005, 16, false, "crc16"},
            {0x1021, 16, false, "crc16-ccitt"},
            {0x8408, 16, true, "crc16-ccitt"},
            {0x8bb7, 16, false, "crc16-t10-dif"},
            {0xa6bc, 16, true, "crc16-dnp"},
            {0x3d65, 16, false, "crc16-dnp"},
            {0xc867, 16, false, "crc16-cdma2000"},
            {0xa097, 16, false, "crc16-teledisk"},
            {0x0589, 16, false, "crc16-dect"},
            {0x1dcf, 16, false, "crc16-profibus"},
            {0x07, 8, false, "crc8"},
            {0x31, 8, false, "crc8"},
            {0x8c, 8, true, "crc8"},
            {0xe0, 8, true, "crc8-rohc"},
            {0x1d, 8, false, "crc8-sae-j1850"},
            {0xb8, 8, true, "crc8-tech-3250"},
            {0x2f, 8, false, "crc8-autosar"},
            {0xd5, 8, false, "crc8-dvb-s2"},
            {0x9b, 8, false, "crc8-lte"},
            {0xd9, 8, true, "crc8-wcdma"},
            {0xe5, 8, true, "crc8-bluetooth"},
            {0x9c, 8, true, "crc8-darc"},
            {0x42f0e1eba9ea3693, 64, false, "crc64"},
            {0xc96c5795d7870f42, 64, true, "crc64"},
            {0xd800000000000000, 64, true, "crc64"},
            {0x1b, 64, false, "crc64"},
            {0x95ac9329ac4bc9b5, 64, true, "crc64-redis"},
            {0xad93d23594c935a9, 64, false, "crc64-redis"},
            {0x9a6c9329ac4bc9b5, 64, true, "crc64-nvme"},
            {0xad93d23594c93659, 64, false, "crc64-nvme"},
            {0x92c64265d32139a4, 64, true, "crc64-ms"}};

static void name_crc(Exam *x, const Crc *c, bool has_start) {
    const char *name = NULL;
    for (size_t i = 0; i < sizeof CRCS / sizeof *CRCS; i++)
        if (CRCS[i].polynomial == c->polynomial && CRCS[i].width == c->width &&
            CRCS[i].reflected == c->reflected)
            name = CRCS[i].name;
    finding_set(x, ROUTINE_CHECKSUM, name ? name : "crc-modified", "crc");
    finding_add_constant(x, "polynomial", c->polynomial);
    finding_add_constant(x, "width", c->width);
    finding_add_constant(x, "reflected", c->reflected);
    finding_add_number(x, "polynomial", c->polynomial, PARAMETER_WORD);
    finding_add_number(x, "width", c->width, PARAMETER_NUMBER);
    if (has_start) {
        finding_add_number(x, "initial", c->initial, PARAMETER_WORD);
        finding_add_number(x, "final", c->final, PARAMETER_WORD);
        finding_add_constant(x, "initial", c->initial);
        finding_add_constant(x, "final", c->final);
    }
    if (name)
        x->out.flags = ROUTINE_PUBLIC;
    else
        finding_add_text(x, "difference", "polynomial");
}

static bool try_crc(Exam *x, Crc c, const Hashed *a, const Hashed *b) {
    uint64_t mask = mask_of(c.width);
    uint64_t want = (a->value ^ b->value) & mask;
    c.initial = c.final = 0;
    /* x^n + 1 is a sum of bytes, perhaps rotated. */
    if (want == 0 || (c.polynomial & (c.polynomial - 1)) == 0 ||
        (crc_value(&c, message_of(a)) ^ crc_value(&c, message_of(b))) != want)
        return false;
    const uint64_t starts[] = {0, mask, MESSAGE, ~(uint64_t)MESSAGE & mask};
    for (unsigned i = 0; i < 4; i++)
        for (unsigned k = 0; k < 2; k++) {
            c.initial = starts[i];
            c.final = k ? mask : 0;
            if (crc_value(&c, message_of(a)) != (a->value & mask))
                continue;
            name_crc(x, &c, i < 2);
            return true;
        }
    name_crc(x, &c, false);
    return true;
}

/* Of other messages, too: eight bits agree by chance once in 256. */
static bool is_crc_of_others(Exam *x, unsigned cell, const Crc *c, const Hashed *a) {
    static const uint8_t FLIPS[] = {0x10, 0x5a, 0x33};
    Crc plain = *c;
    plain.initial = plain.final = 0;
    for (unsigned i = 0; i < sizeof FLIPS; i++) {
        Hashed other = ask(x, cell, 1, MESSAGE, FLIPS[i]);
        if (!other.ok || ((crc_value(&plain, message_of(a)) ^
                           crc_value(&plain, message_of(&other)) ^ a->value ^ other.value) &
                          mask_of(c->width)))
            return false;
    }
    return true;
}

static bool match_crc(Exam *x, unsigned cell, const Hashed *a, const Hashed *b) {
    static const uint8_t WIDTHS[] = {32, 16, 64, 8};
    /* Flipping a bit of the last byte adds an entry of the CRC's table: that of the highest bit is
     * the reflected polynomial, that of the lowest the other one. */
    Hashed low = ask(x, cell, 1, MESSAGE, 1), high = ask(x, cell, 1, MESSAGE, 0x80);
    if (!low.ok || !high.ok)
        return false;
    for (unsigned i = 0; i < sizeof WIDTHS; i++) {
        uint64_t mask = mask_of(WIDTHS[i]);
        if (WIDTHS[i] == 64 && ((a->value ^ b->value) >> 32) == 0)
            continue;
        Crc c = {
            .width = WIDTHS[i], .reflected = true, .polynomial = (high.value ^ a->value) & mask};
        if (c.polynomial >> (c.width - 1) && is_crc_of_others(x, cell, &c, a) &&
            try_crc(x, c, a, b))
            return true;
        c.reflected = false;
        c.polynomial = (low.value ^ a->value) & mask;
        if (c.polynomial & 1 && is_crc_of_others(x, cell, &c, a) && try_crc(x, c, a, b))
            return true;
    }
    return false;
}

/* ---- published 32-bit hashes with a start value ---- */

typedef struct Named {
    const char *name;
    uint32_t (*value)(uint32_t start, Bytes b);
    uint32_t usual;
    RoutineKind kind;
} Named;

static uint32_t fletcher_value(uint32_t start, Bytes b) {
    (void)start;
    return fletcher16_value(b);
}

static bool match_named(Exam *x, const Hashed *a, const Hashed *b) {
    static const Named NAMED[] = {{"adler32", adler32_value, 1, ROUTINE_CHECKSUM},
                                  {"fletcher16", fletcher_value, 0, ROUTINE_CHECKSUM},
                                  {"murmur2", murmur2_value, 0, ROUTINE_HASH},
                                  {"murmur3", murmur3_value, 0, ROUTINE_HASH},
                                  {"jenkins", jenkins_oaat_value, 0, ROUTINE_HASH},
                                  {"elf", elf_hash_value, 0, ROUTINE_HASH}};
    enum { HASH_STEPS = 3 }; /* 32 bytes */
    for (size_t i = 0; i < sizeof NAMED / sizeof *NAMED; i++)
        for (unsigned s = 0; s < exam_secrets(x)->constant_count + 3; s++) {
            (void)probe_pay(x->probe, HASH_STEPS);
            uint32_t start = s == 0   ? NAMED[i].usual
                             : s == 1 ? 0
                             : s == 2 ? MESSAGE
                                      : exam_secrets(x)->constants[s - 3];
            if (NAMED[i].value(start, message_of(a)) != (uint32_t)a->value ||
                NAMED[i].value(start, message_of(b)) != (uint32_t)b->value)
                continue;
            finding_set(x, NAMED[i].kind, NAMED[i].name, NAMED[i].name);
            x->out.flags = ROUTINE_PUBLIC;
            if (s != 2 && start != NAMED[i].usual)
                finding_add_number(x, "seed", start, PARAMETER_WORD);
            return true;
        }
    return false;
}

/* ---- accumulators: multiply or rotate, add or XOR ---- */

static uint64_t inverse64(uint64_t odd) {
    uint64_t r = odd;
    for (unsigned i = 0; i < 5; i++)
        r *= 2 - odd * r;
    return r;
}

static uint64_t fold_in(const Accumulator *a, uint64_t acc, uint8_t byte, bool back) {
    uint64_t mask = mask_of(a->width);
    return (a->is_add ? back ? acc - byte : acc + byte : acc ^ byte) & mask;
}

/* The amount that turns `from` into `to`; false when there is none. */
static bool solve_mix(Accumulator *a, uint64_t from, uint64_t to) {
    if (a->mix == MIX_MULTIPLY) {
        if (!(from & 1))
            return false;
        a->by = to * inverse64(from) & mask_of(a->width);
        return a->by > 1;
    }
    for (unsigned r = 1; r < a->width; r++)
        if (((from << r | from >> (a->width - r)) & mask_of(a->width)) == to) {
            a->by = r;
            return true;
        }
    return false;
}

static bool unmix(const Accumulator *a, uint64_t to, uint64_t *from) {
    if (a->mix == MIX_MULTIPLY && !(a->by & 1))
        return false;
    unsigned r = (unsigned)(a->by % a->width);
    *from = a->mix == MIX_MULTIPLY ? to * inverse64(a->by) & mask_of(a->width)
                                   : (r ? to >> r | to << (a->width - r) : to) & mask_of(a->width);
    return true;
}

/* From what came out for a message of one byte and one of two that begins with it. */
static bool solve(Accumulator *a, const Hashed *one, const Hashed *two) {
    uint64_t mask = mask_of(a->width), h1 = one->value & mask, h2 = two->value & mask, before;
    if (a->op_first) {
        if (!solve_mix(a, fold_in(a, h1, two->message[1], false), h2) || !unmix(a, h1, &before))
            return false;
        a->initial = fold_in(a, before, one->message[0], true);
        return true;
    }
    if (!solve_mix(a, h1, fold_in(a, h2, two->message[1], true)))
        return false;
    return unmix(a, fold_in(a, h1, one->message[0], true), &a->initial);
}

static const struct {
    const char *name;
    Accumulator a;
} ACCUMULATORS[] = {
    {"fnv1a", {32, MIX_MULTIPLY, false, true, 0, 0x01000193, 0x811c9dc5}},
    {"fnv1", {32, MIX_MULTIPLY, false, false, 0, 0x01000193, 0x811c9dc5}},
    {"fnv1a", {64, MIX_MULTIPLY, false, true, 0, 0x100000001b3, 0xcbf29ce484222325}},
    {"fnv1", {64, MIX_MULTIPLY, false, false, 0, 0x100000001b3, 0xcbf29ce484222325}},
    {"djb2", {32, MIX_MULTIPLY, true, false, 0, 33, 5381}},
    {"djb2a", {32, MIX_MULTIPLY, false, false, 0, 33, 5381}},
    {"sdbm", {32, MIX_MULTIPLY, true, false, 0, 65599, 0}},
    {"x31", {32, MIX_MULTIPLY, true, false, 0, 31, 0}},
    {"ror13", {32, MIX_ROL, true, false, 0, 19, 0}},
};

static void name_accumulator(Exam *x, const Accumulator *a) {
    const char *name = NULL;
    bool is_changed = false, is_argument = a->initial == MESSAGE;
    for (size_t i = 0; i < sizeof ACCUMULATORS / sizeof *ACCUMULATORS && !name; i++) {
        const Accumulator *b = &ACCUMULATORS[i].a;
        if (a->mix == b->mix && a->is_add == b->is_add && a->op_first == b->op_first &&
            a->by == b->by && a->width >= b->width) {
            name = ACCUMULATORS[i].name;
            is_changed = a->fold || (!is_argument && a->initial != b->initial);
        }
    }
    char text[40] = "";
    if (!name && a->mix == MIX_ROL && a->width == 32) {
        bool is_right = a->by > 16;
        snprintf(text, sizeof text, "%s%u%s", is_right ? "ror" : "rol",
                 (unsigned)(is_right ? 32 - a->by : a->by), a->is_add ? "" : "-xor");
        is_changed = a->fold || a->op_first || (!is_argument && a->initial != 0);
        name = arena_text(x->arena, (Bytes){(uint8_t *)text, strlen(text)});
    }
    const char *family = a->mix == MIX_ROL ? "hash rotate" : "hash multiply";
    if (is_changed) {
        snprintf(text, sizeof text, "%s-modified", name);
        name = arena_text(x->arena, (Bytes){(uint8_t *)text, strlen(text)});
    }
    finding_set(x, ROUTINE_HASH, name, family);
    finding_add_constant(x, a->mix == MIX_ROL ? "rotate" : "multiplier", a->by);
    finding_add_constant(x, "add", (uint64_t)a->is_add << 1 | a->op_first);
    finding_add_constant(x, "initial", is_argument ? 0 : a->initial);
    finding_add_constant(x, "fold", a->fold);
    if (a->mix == MIX_ROL)
        finding_add_number(x, "rotate", a->by > 16 && a->width == 32 ? 32 - a->by : a->by,
                           PARAMETER_NUMBER); /* as in the name */
    else
        finding_add_number(x, "multiplier", a->by, PARAMETER_WORD);
    if (!is_argument)
        finding_add_number(x, "initial", a->initial, PARAMETER_WORD);
    if (a->fold)
        finding_add_text(x, "mode", a->fold == 1 ? "lower case" : "upper case");
    if (is_changed)
        finding_add_text(x, "difference", a->fold ? "case" : "initial");
    else if (name)
        x->out.flags = ROUTINE_PUBLIC;
}

static bool match_accumulator(Exam *x, unsigned cell, const Hashed *a, const Hashed *b) {
    enum { SALTS = 6 };
    Hashed one[SALTS], two[SALTS];
    for (unsigned i = 0; i < SALTS; i++) {
        one[i] = ask(x, cell, 10 + i, 1, 0);
        two[i] = ask(x, cell, 10 + i, 2, 0);
        if (!one[i].ok || !two[i].ok)
            return false;
    }
    for (unsigned form = 0; form < 16; form++) {
        Accumulator t = {.width = form & 8 ? 32 : 64,
                         .mix = form & 4 ? MIX_ROL : MIX_MULTIPLY,
                         .is_add = form & 1,
                         .op_first = form & 2};
        if (t.width == 64 && ((a->value | b->value) >> 32) == 0)
            continue;
        for (unsigned i = 0; i < SALTS; i++) {
            if (!solve(&t, &one[i], &two[i]))
                continue;
            for (t.fold = 0; t.fold < 3; t.fold++)
                if (accumulator_value(&t, message_of(a)) == (a->value & mask_of(t.width)) &&
                    accumulator_value(&t, message_of(b)) == (b->value & mask_of(t.width))) {
                    name_accumulator(x, &t);
                    return true;
                }
        }
    }
    return false;
}

/* ---- digests ---- */

static const char *const DIGESTS[] = {"md5", "sha1", "sha256"};
static const uint8_t DIGEST_WORDS[] = {4, 5, 8};

static bool name_digest(Exam *x, unsigned name, const char *stage) {
    finding_set(x, ROUTINE_HASH, DIGESTS[name], DIGESTS[name]);
    finding_add_constant(x, stage, 1);
    x->out.flags = ROUTINE_PUBLIC;
    return true;
}

static bool match_compress(Exam *x, const ProbeOutput *o) {
    for (unsigned n = 0; n < 3; n++)
        for (unsigned c = 0; c < x->probe->cell_count; c++) {
            uint32_t state[8], start = o->first & ~3u;
            if (!x->probe->cells[c].is_pointer || (int)c == o->cell || start + 32 > o->size)
                continue;
            for (unsigned i = 0; i < 8; i++)
                state[i] = word32_at(o->before + start + 4 * i, false);
            hash_compress((HashName)n, state, x->probe->setup->bytes[c]);
            unsigned i = 0;
            while (i < DIGEST_WORDS[n] && word32_at(o->after + start + 4 * i, false) == state[i])
                i++;
            if (i == DIGEST_WORDS[n])
                return name_digest(x, n, "compress");
        }
    return false;
}

static bool match_whole_digest(Exam *x, const ProbeOutput *o) {
    uint8_t out[32];
    uint32_t start = o->cell >= 0 ? 0 : o->first;
    for (unsigned n = 0; n < 3; n++)
        for (unsigned c = 0; c < x->probe->cell_count; c++) {
            if (!x->probe->cells[c].is_pointer || (int)c == o->cell || start + 32 > o->size)
                continue;
            size_t size =
                hash_digest((HashName)n, (Bytes){x->probe->setup->bytes[c], MESSAGE}, out);
            if (memcmp(o->after + start, out, size) == 0)
                return name_digest(x, n, "whole");
        }
    return false;
}

/* Each bit of a message changes about half of the result (A. F. Webster, S. E. Tavares, 1985): for
 * 32 bits 16, give or take; the bounds are four standard deviations of eight tries. */
static bool is_mixing(Exam *x, unsigned cell, const Hashed *a) {
    Probe *p = x->probe;
    unsigned bits = 0;
    for (unsigned i = 0; i < 8; i++) {
        probe_fill(p, 1, MESSAGE, MESSAGE);
        p->setup->bytes[cell][3 * i] ^= (uint8_t)(1u << i % 7);
        ProbeShot s = probe_shoot(p);
        unsigned changed = (unsigned)__builtin_popcount((uint32_t)(result_of(x, &s) ^ a->value));
        if (!s.returned || s.output_count > 0 || changed < 4 || changed > 28)
            return false;
        bits += changed;
    }
    return bits >= 8 * 12 && bits <= 8 * 20;
}

static bool match_result(Exam *x, unsigned cell) {
    Hashed a = ask(x, cell, 1, MESSAGE, 0), b = ask(x, cell, 2, MESSAGE, 0);
    if (!a.ok || !b.ok || (uint32_t)a.value == (uint32_t)b.value)
        return false;
    if (match_named(x, &a, &b) || match_accumulator(x, cell, &a, &b) || match_crc(x, cell, &a, &b))
        return true;
    if (!x->sifted->has_mixing || !is_mixing(x, cell, &a))
        return false;
    finding_set(x, ROUTINE_HASH, NULL, "hash");
    x->out.confidence = 50;
    return true;
}

bool match_digest(Exam *x) {
    Probe *p = x->probe;
    probe_fill(p, 1, MESSAGE, MESSAGE);
    ProbeShot s = probe_shoot(p);
    x->writes |= s.output_count > 0;
    for (unsigned i = 0; s.returned && i < s.output_count; i++)
        if (s.outputs[i].end - s.outputs[i].first >= 12 &&
            (match_compress(x, &s.outputs[i]) || match_whole_digest(x, &s.outputs[i])))
            return true;
    if (!s.returned || s.output_count > 1)
        return false;
    for (unsigned c = 0; c < p->cell_count; c++)
        if (p->cells[c].is_pointer && match_result(x, c))
            return true;
    return false;
}

bool match_generator(Exam *x) {
    enum { RESULTS = 40 };
    Probe *p = x->probe;
    Stream s = {.in_cell = -1, .out_cell = -1, .n = RESULTS};
    probe_fill(p, 1, MESSAGE, MESSAGE);
    for (unsigned i = 0; i < RESULTS; i++) {
        ProbeShot shot = i == 0 ? probe_shoot_now(p) : probe_shoot_again(p);
        if (!shot.returned || shot.output_count != 1)
            return false;
        s.ks[i] = (uint8_t)shot.result;
    }
    uint64_t seen[4] = {0};
    for (unsigned i = 0; i < RESULTS; i++)
        seen[s.ks[i] / 64] |= (uint64_t)1 << s.ks[i] % 64;
    unsigned distinct = 0;
    for (unsigned i = 0; i < 4; i++)
        distinct += (unsigned)__builtin_popcountll(seen[i]);
    /* 40 random bytes have 37 different values; a counter's or a constant's do not mix. */
    if (distinct < 24 || !match_lcg(x, &s))
        return false;
    x->out.algorithm = "lcg";
    x->out.kind = ROUTINE_GENERATOR;
    x->out.flags = ROUTINE_PUBLIC;
    return true;
}
