/* SPDX-License-Identifier: Apache-2.0
 * match_stream.c: functions that turn each byte into one byte: is it XOR or sum with a keystream
 * that does not depend on the data, the same table for each byte, or a chain. */
#include <stdio.h>
#include <string.h>

#include "unwrap/exam.h"

enum { LEAST_STREAM = 24 };

typedef struct Pair {
    const uint8_t *in[2], *out[2]; /* two shots that differ in the input */
    size_t n;
} Pair;

uint8_t stream_byte(StreamOp op, uint8_t in, uint8_t out) {
    return op == STREAM_XOR   ? in ^ out
           : op == STREAM_ADD ? (uint8_t)(out - in)
                              : (uint8_t)(in + out);
}

/* The keystream, when both shots have the same. */
static bool find_stream(const Pair *p, StreamOp op, Stream *s) {
    uint8_t any = 0;
    for (size_t i = 0; i < p->n; i++) {
        s->ks[i] = stream_byte(op, p->in[0][i], p->out[0][i]);
        if (s->ks[i] != stream_byte(op, p->in[1][i], p->out[1][i]))
            return false;
        any |= s->ks[i];
    }
    s->n = p->n;
    s->op = op;
    return any != 0;
}

static bool is_map(const Pair *p) {
    int table[256];
    bool any = false;
    memset(table, 0xff, sizeof table);
    for (unsigned k = 0; k < 2; k++)
        for (size_t i = 0; i < p->n; i++) {
            int *to = &table[p->in[k][i]];
            if (*to >= 0 && *to != p->out[k][i])
                return false;
            *to = p->out[k][i];
            any |= p->out[k][i] != p->in[k][i];
        }
    return any;
}

/* (x ^ k[i]) + m or (x + m) ^ k[i] with m the same everywhere. */
static bool match_xor_add(Exam *x, const Pair *p, Stream *s) {
    enum { ALL_STEPS = 500 };
    (void)probe_pay(x->probe, ALL_STEPS);
    for (unsigned m = 1; m < 256; m++)
        for (unsigned order = 0; order < 2; order++) {
            bool ok = true;
            for (size_t i = 0; i < p->n && ok; i++) {
                uint8_t k[2];
                for (unsigned t = 0; t < 2; t++)
                    k[t] = order ? (uint8_t)(p->in[t][i] + m) ^ p->out[t][i]
                                 : (uint8_t)(p->out[t][i] - m) ^ p->in[t][i];
                s->ks[i] = k[0];
                ok = k[0] == k[1];
            }
            if (!ok)
                continue;
            s->n = p->n;
            s->op = STREAM_XOR;
            if (!match_keystream(x, s) || !x->out.algorithm || strcmp(x->out.algorithm, "xor"))
                return false;
            x->out.algorithm = "xor-add";
            snprintf(x->out.family, sizeof x->out.family, "xor-add");
            x->out.constants[0] = 0;
            finding_add_constant(x, "order", order);
            finding_add_number(x, "add", m, PARAMETER_NUMBER);
            finding_add_text(x, "order", order ? "add, xor" : "xor, add");
            return true;
        }
    return false;
}

/* Sums of what came so far, as filters before compression have them: differences are turned back,
 * around 0 or (OpenEXR) 128. No key. */
static bool is_delta(unsigned chain_kind, uint8_t k) {
    enum { SUM_OF_OUTPUT = 3, MIDDLE = 0x80 }; /* added or, which is the same for these, XORed */
    return (chain_kind & SUM_OF_OUTPUT) == SUM_OF_OUTPUT && (k == 0 || k == MIDDLE);
}

/* out[i] = in[i] op chain[i - 1] (op k), chain: in or out. */
static bool match_chain(Exam *x, const Pair *p) {
    for (unsigned kind = 0; kind < 8; kind++) {
        bool from_out = kind & 1, is_sum = kind & 2, sum_chain = kind & 4;
        uint8_t k = 0;
        bool ok = true;
        for (unsigned t = 0; t < 2 && ok; t++)
            for (size_t i = 1; i < p->n && ok; i++) {
                uint8_t chain = from_out ? p->out[t][i - 1] : p->in[t][i - 1];
                uint8_t e =
                    is_sum ? (uint8_t)(p->out[t][i] - p->in[t][i]) : p->out[t][i] ^ p->in[t][i];
                uint8_t key = sum_chain ? (uint8_t)(e - chain) : e ^ chain;
                ok = (t == 0 && i == 1) || key == k;
                k = key;
            }
        if (!ok)
            continue;
        if (is_delta(kind, k)) {
            finding_set(x, ROUTINE_ENCODER, "delta", "delta");
            finding_add_text(x, "mode", "decode");
            x->out.flags = ROUTINE_PUBLIC;
            return true;
        }
        finding_set(x, ROUTINE_STREAM_CIPHER, "xor-rolling", "xor-rolling");
        x->out.flags = ROUTINE_PUBLIC;
        finding_add_constant(x, "chain", kind);
        finding_add_text(x, "mode", from_out ? "output feedback" : "input feedback");
        finding_add_bytes(x, "key", (Bytes){&k, 1});
        uint8_t first = is_sum ? (uint8_t)(p->out[0][0] - p->in[0][0]) : p->out[0][0] ^ p->in[0][0];
        finding_add_bytes(x, "iv", (Bytes){&first, 1});
        return true;
    }
    return false;
}

/* Caracachs takes the data into its state. Trying it costs much, so its multiplier must be there.
 */
static bool match_caracachs(Exam *x, const Pair *p) {
    bool has_multiplier = false;
    for (unsigned i = 0; i < exam_secrets(x)->constant_count; i++)
        has_multiplier |= exam_secrets(x)->constants[i] == CARACACHS_MULTIPLIER;
    if (!has_multiplier)
        return false;
    KeyPlace keys[EXAM_KEYS];
    unsigned count = exam_keys(x, (KeyCells){CELLS_ALL, 0}, keys);
    for (unsigned k = 0; k < count; k++)
        for (size_t size = 1; size <= 256 && size <= keys[k].bytes.size; size++) {
            uint8_t data[8];
            if (size > 64 && size != x->length && size != 256)
                continue;
            if (!probe_pay(x->probe, size))
                return false;
            memcpy(data, p->in[0], sizeof data);
            caracachs_crypt((Bytes){keys[k].bytes.at, size}, data, sizeof data);
            if (memcmp(data, p->out[0], sizeof data) != 0)
                continue;
            finding_set(x, ROUTINE_STREAM_CIPHER, "caracachs", "caracachs");
            x->out.flags = ROUTINE_PUBLIC;
            finding_add_key(x, &keys[k], size == x->length ? 0 : size);
            return true;
        }
    return false;
}

/* Nothing is carried from one byte to the next: a sum of large numbers is none of bytes, and bytes
 * below 128 do not tell. */
static bool is_of_bytes(Exam *x, const Stream *s) {
    Probe *p = x->probe;
    uint8_t in[EXAM_STREAM];
    probe_fill(p, 1, x->length, x->length);
    for (size_t i = 0; i < x->length; i++)
        in[i] = p->setup->bytes[s->in_cell][i] |= 0x80;
    ProbeShot shot = probe_shoot(p);
    const ProbeOutput *o = shot_find_output(&shot, s->made.output->va);
    probe_fill(p, 1, x->length, x->length);
    if (!o)
        return false;
    for (size_t i = 0; i < s->n; i++)
        if (stream_byte(s->op, in[i], o->after[s->made.start + i]) != s->ks[i])
            return false;
    return true;
}

static bool match_pair(Exam *x, const Pair *p, Stream *s) {
    if (memcmp(p->in[0], p->out[0], p->n) == 0)
        return false; /* a copy */
    if (is_map(p))
        return match_map(x, s->in_cell, s->out_cell);
    for (unsigned op = STREAM_XOR; op <= STREAM_SUB; op++)
        if (find_stream(p, (StreamOp)op, s) && (op == STREAM_XOR || is_of_bytes(x, s)))
            return match_keystream(x, s);
    return match_xor_add(x, p, s) || match_chain(x, p) || match_caracachs(x, p);
}

static bool match_output(Exam *x, const ProbeShot *a, const ProbeOutput *o) {
    Probe *p = x->probe;
    unsigned start = o->cell >= 0 ? 0 : o->first;
    size_t n = o->end - start;
    if (n < LEAST_STREAM || n > x->length + 1)
        return false;
    n = n > x->length ? x->length : n;
    for (unsigned turn = 0; turn <= p->cell_count; turn++) {
        int c = turn == 0 ? o->cell : (int)turn - 1;
        if (c < 0 || !p->cells[c].is_pointer || (turn > 0 && c == o->cell))
            continue;
        uint8_t in[2][EXAM_STREAM];
        probe_fill(p, 1, x->length, x->length);
        memcpy(in[0], p->setup->bytes[c], EXAM_STREAM);
        probe_fill_cell(p, (unsigned)c, 2, x->length);
        memcpy(in[1], p->setup->bytes[c], EXAM_STREAM);
        ProbeShot b = probe_shoot(p);
        const ProbeOutput *other = shot_find_output(&b, o->va);
        if (!other || memcmp(other->after + start, o->after + start, n) == 0)
            continue;
        Pair pair = {{in[0], in[1]}, {o->after + start, other->after + start}, n};
        Stream s = {.in_cell = c, .out_cell = o->cell, .made = {o, start, n, x->length, a->steps}};
        probe_fill(p, 1, x->length, x->length); /* what matchers compare with */
        if (match_pair(x, &pair, &s))
            return true;
    }
    return false;
}

/* A buffer that is filled without any input. */
static bool match_fill(Exam *x, const ProbeShot *a, const ProbeOutput *o) {
    unsigned start = o->cell >= 0 ? 0 : o->first;
    size_t n = o->end - start;
    if (n < LEAST_STREAM || n > x->length + 1)
        return false;
    n = n > x->length ? x->length : n;
    Stream s = {
        .n = n, .in_cell = -1, .out_cell = o->cell, .made = {o, start, n, x->length, a->steps}};
    memcpy(s.ks, o->after + start, s.n);
    probe_fill(x->probe, 1, x->length, x->length);
    if (!match_keystream(x, &s) || !x->out.algorithm || !strcmp(x->out.algorithm, "xor") ||
        !strcmp(x->out.algorithm, "xor-rolling"))
        return false;
    if (!strcmp(x->out.algorithm, "xor-lcg")) {
        x->out.algorithm = "lcg";
        x->out.kind = ROUTINE_GENERATOR;
    }
    return true;
}

bool match_stream(Exam *x) {
    static const size_t LENGTHS[] = {EXAM_STREAM, EXAM_SHORT_STREAM};
    Probe *p = x->probe;
    for (unsigned k = 0; k < 2; k++) {
        x->length = LENGTHS[k];
        p->shot_steps = k == 0 ? PROBE_STEPS / 4 : PROBE_STEPS;
        probe_fill(p, 1, x->length, x->length);
        ProbeShot a = probe_shoot(p);
        if (!a.returned)
            continue; /* key schedules may take long with a long key */
        x->writes |= a.output_count > 0;
        for (unsigned i = 0; i < a.output_count; i++)
            if (match_output(x, &a, &a.outputs[i]))
                return true;
        for (unsigned i = 0; i < a.output_count; i++)
            if (match_fill(x, &a, &a.outputs[i]))
                return true;
        break;
    }
    p->shot_steps = PROBE_STEPS;
    return false;
}
