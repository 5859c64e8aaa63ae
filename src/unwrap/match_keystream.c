/* SPDX-License-Identifier: Apache-2.0
 * match_keystream.c: what made a keystream: a key that repeats, a generator, RC4, registers. */
#include <stdio.h>
#include <string.h>

#include "unwrap/exam.h"
#include "unwrap/linear.h"

/* ---- keys that repeat ---- */

enum {
    MOST_PERIOD = 64,
    LEAST_TELLING = 24 /* bytes of a keystream that name a generator */
};

static size_t period_of(const uint8_t *ks, size_t n) {
    for (size_t p = 1; p <= MOST_PERIOD && 3 * p <= n; p++)
        if (memcmp(ks, ks + p, n - p) == 0)
            return p;
    return 0;
}

static const char *op_name(StreamOp op) {
    return op == STREAM_XOR ? "xor" : op == STREAM_ADD ? "add" : "sub";
}

/* The keystream is what a cell holds, or (is_less) what is subtracted is. */
static bool is_cell_key(Exam *x, const Stream *s, const uint8_t *ks, size_t period, int *cell,
                        bool *is_less) {
    uint8_t negative[EXAM_STREAM];
    size_t n = period ? period : s->n;
    for (size_t i = 0; i < n; i++)
        negative[i] = (uint8_t)-ks[i];
    for (unsigned c = 0; c < x->probe->cell_count; c++) {
        const uint8_t *held = x->probe->setup->bytes[c];
        *is_less = s->op == STREAM_ADD && memcmp(held, negative, n) == 0;
        *cell = (int)c;
        if (x->probe->cells[c].is_pointer && (int)c != s->in_cell &&
            (*is_less || memcmp(held, ks, n) == 0))
            return true;
    }
    *is_less = false;
    *cell = -1;
    return false;
}

/* A key that is made of variables which nobody has set is none. */
static bool hangs_on_variables(Exam *x, const Stream *s) {
    Probe *p = x->probe;
    probe_fill(p, 1, x->length, x->length);
    probe_vary(p, true);
    ProbeShot shot = probe_shoot_now(p);
    probe_vary(p, false);
    const ProbeOutput *o = shot_find_output(&shot, s->made.output->va);
    size_t n = s->made.size;
    return o && memcmp(o->after + s->made.start, s->made.output->after + s->made.start, n) != 0;
}

/* What the routine makes with the setup is the data combined with `size` bytes of the cell's, again
 * and again. */
static bool repeats(Exam *x, const Stream *s, unsigned cell, size_t size, bool is_less) {
    Probe *p = x->probe;
    const uint8_t *in = p->setup->bytes[s->in_cell], *key = p->setup->bytes[cell];
    ProbeShot shot = probe_shoot(p);
    const ProbeOutput *o = shot_find_output(&shot, s->made.output->va);
    size_t n = o && o->end > s->made.start ? o->end - s->made.start : 0;
    for (size_t i = 0; i < n && i < s->n; i++) {
        uint8_t k = is_less ? (uint8_t)-key[i % size] : key[i % size];
        if (stream_byte(s->op, in[i], o->after[s->made.start + i]) != k)
            return false;
    }
    return n >= 3 * size;
}

/* Whether a shorter key is used again and again: one that ends with a zero, or whose length is an
 * argument. */
static bool may_be_shorter(Exam *x, const Stream *s, unsigned cell, bool is_less) {
    enum { SIZE = 8 };
    Probe *p = x->probe;
    bool found = false;
    for (unsigned turn = 0; turn <= p->cell_count && !found && s->in_cell >= 0; turn++) {
        if (turn > 0 && (p->cells[turn - 1].is_pointer || !p->cells[turn - 1].is_read))
            continue;
        probe_fill(p, 1, x->length, x->length);
        if (turn == 0)
            p->setup->bytes[cell][SIZE] = 0;
        else
            p->setup->number[turn - 1] = SIZE;
        found = repeats(x, s, cell, SIZE, is_less);
    }
    probe_fill(p, 1, x->length, x->length);
    return found;
}

/* ks[i] less the counter; how 0: nothing, 1: ^ i, 2: - i, 3: + i. */
static void strip_counter(const Stream *s, unsigned how, uint8_t *to) {
    for (size_t i = 0; i < s->n; i++)
        to[i] = how == 0   ? s->ks[i]
                : how == 1 ? s->ks[i] ^ (uint8_t)i
                : how == 2 ? (uint8_t)(s->ks[i] - i)
                           : (uint8_t)(s->ks[i] + i);
}

static bool match_repeating(Exam *x, const Stream *s) {
    static const char *const MODE[] = {"", "key ^ counter", "key + counter", "key - counter"};
    for (unsigned how = 0; how < 4; how++) {
        uint8_t ks[EXAM_STREAM];
        int cell = -1;
        bool is_less = false;
        strip_counter(s, how, ks);
        size_t period = period_of(ks, s->n);
        bool from_cell = is_cell_key(x, s, ks, period, &cell, &is_less);
        if (!period && !from_cell)
            continue;
        const char *name = how ? "xor-rolling" : op_name(s->op);
        finding_set(x, ROUTINE_STREAM_CIPHER, name, name);
        finding_add_constant(x, "op", s->op);
        if (period == 1 && !from_cell)
            finding_add_constant(x, "map", s->op);
        else
            finding_add_constant(x, "repeat", how);
        if (is_less)
            finding_add_constant(x, "less", 1);
        if (how || is_less)
            finding_add_text(x, "mode", is_less ? "key subtracted" : MODE[how]);
        x->out.flags = ROUTINE_PUBLIC;
        if (from_cell) {
            x->out.key_cell = cell;
            x->out.key_name = "key";
            x->out.key_size = (unsigned)period;
            x->out.is_of_buffers =
                !period && how == 0 && !may_be_shorter(x, s, (unsigned)cell, is_less);
        } else if ((period > 1 && !hangs_on_variables(x, s)) ||
                   (period == 1 && ks[0] != (uint8_t)x->length)) {
            finding_add_bytes(x, "key", (Bytes){ks, period});
        }
        return true;
    }
    return false;
}

/* ---- linear congruential generators ---- */

static uint32_t inverse32(uint32_t odd) {
    uint32_t r = odd; /* right modulo 8; each turn doubles the bits */
    for (unsigned i = 0; i < 4; i++)
        r *= 2 - odd * r;
    return r;
}

enum { TRIES_PER_STEP = 8 };

/* A state that gives the whole keystream, by trying the bits below the output byte. */
static bool find_lcg_state(Exam *x, const Lcg *g, const Stream *s, uint32_t *seed) {
    (void)probe_pay(x->probe, ((uint64_t)1 << g->shift) / TRIES_PER_STEP);
    for (uint32_t low = 0; low < (uint32_t)1 << g->shift; low++) {
        uint32_t state = (uint32_t)s->ks[0] << g->shift | low, first = state;
        size_t i = 1;
        for (; i < s->n; i++) {
            state = state * g->multiplier + g->increment;
            if ((uint8_t)(state >> g->shift) != s->ks[i])
                break;
        }
        if (i < s->n)
            continue;
        uint32_t mask = (uint32_t)(((uint64_t)1 << (g->shift + 8)) - 1);
        *seed = g->output_first ? first : (first - g->increment) * inverse32(g->multiplier) & mask;
        return true;
    }
    return false;
}

/* Whether the multiplier makes the keystream whatever is added: each difference of two states is
 * the one before it times the multiplier, and its top byte is that of the outputs, or one less. */
static bool is_multiplier(Exam *x, uint32_t multiplier, unsigned shift, const Stream *s) {
    (void)probe_pay(x->probe, ((uint64_t)2 << shift) / TRIES_PER_STEP);
    uint32_t half = (uint32_t)1 << shift, top = (uint32_t)(uint8_t)(s->ks[1] - s->ks[0]) << shift;
    for (uint32_t low = 0; low < 2 * half; low++) {
        uint32_t d = low < half ? top + low : top + low - 2 * half;
        size_t i = 2;
        for (; i < s->n; i++) {
            d *= multiplier;
            if ((uint8_t)(s->ks[i] - s->ks[i - 1] - (uint8_t)(d >> shift)) > 1)
                break;
        }
        if (i == s->n)
            return true;
    }
    return false;
}

static void name_lcg(Exam *x, const Stream *s, const Lcg *g, const char *famous, uint32_t seed) {
    uint32_t mask = (uint32_t)(((uint64_t)1 << (g->shift + 8)) - 1);
    finding_set(x, ROUTINE_STREAM_CIPHER, "xor-lcg", "xor-lcg");
    finding_add_constant(x, "op", s->op);
    finding_add_constant(x, "multiplier", g->multiplier);
    finding_add_constant(x, "increment", g->increment);
    finding_add_constant(x, "shift", g->shift);
    finding_add_number(x, "multiplier", g->multiplier, PARAMETER_WORD);
    finding_add_number(x, "increment", g->increment, PARAMETER_WORD);
    finding_add_number(x, "shift", g->shift, PARAMETER_NUMBER);
    if (famous) { /* rand() of some library as a keystream is anybody's */
        x->out.flags = ROUTINE_PUBLIC;
        finding_add_text(x, "mode", famous);
    }
    /* The whole seed is in the code, or it is an argument; else the bits that matter. */
    for (unsigned i = 0; i < exam_secrets(x)->constant_count; i++)
        if (((exam_secrets(x)->constants[i] ^ seed) & mask) == 0 &&
            exam_secrets(x)->constants[i] > 0xff) {
            finding_add_number(x, "seed", exam_secrets(x)->constants[i], PARAMETER_WORD);
            return;
        }
    if (seed == x->length) {
        x->out.key_cell = -2; /* one of the numbers */
        x->out.key_name = "seed";
        return;
    }
    for (unsigned c = 0; c < x->probe->cell_count; c++)
        if (x->probe->cells[c].is_pointer &&
            ((word32_at(x->probe->setup->bytes[c], false) ^ seed) & mask) == 0)
            return;
    finding_add_number(x, "seed", seed, PARAMETER_WORD);
}

bool match_lcg(Exam *x, const Stream *s) {
    static const struct {
        const char *name;
        uint32_t multiplier, increment;
    } FAMOUS[] = {
#define X(constant, name, multiplier, increment) {name, multiplier, increment},
        LCG_FAMOUS(X)
#undef X
    };
    static const uint8_t SHIFTS[] = {16, 0, 8};
    uint32_t seed;
    if (!x->sifted->has_multiply && x->function->call_count == 0)
        return false;
    for (size_t f = 0; f < sizeof FAMOUS / sizeof *FAMOUS; f++)
        for (unsigned k = 0; k < sizeof SHIFTS; k++) {
            Lcg g = {FAMOUS[f].multiplier, FAMOUS[f].increment, SHIFTS[k], false};
            if (find_lcg_state(x, &g, s, &seed)) {
                name_lcg(x, s, &g, FAMOUS[f].name, seed);
                return true;
            }
        }
    const Secrets *c = exam_secrets(x);
    for (unsigned i = 0; i < c->constant_count && i < 24; i++)
        for (unsigned k = 0; k < sizeof SHIFTS; k++) {
            uint32_t multiplier = c->constants[i];
            if (multiplier % 2 == 0 || !c->is_factor[i] ||
                !is_multiplier(x, multiplier, SHIFTS[k], s))
                continue;
            for (unsigned j = 0; j <= c->constant_count && j < 24; j++) {
                Lcg g = {multiplier, j < c->constant_count ? c->constants[j] : 1, SHIFTS[k], false};
                if (find_lcg_state(x, &g, s, &seed)) {
                    name_lcg(x, s, &g, NULL, seed);
                    return true;
                }
            }
        }
    return false;
}

/* ---- RC4 ---- */

/* The generator's first byte, without a step; most states are wrong. */
static uint8_t first_byte(const Rc4 *r, const Rc4Change *c) {
    uint8_t i = (uint8_t)(r->i + !c->from_zero), a = r->s[i], j = (uint8_t)(r->j + a), b = r->s[j],
            at = (uint8_t)(a + b);
    return c->is_one_look_up ? b : at == j ? a : at == i ? b : r->s[at];
}

static bool is_stream(const Rc4 *state, const Rc4Change *c, const Stream *s, size_t n) {
    if (first_byte(state, c) != s->ks[0])
        return false;
    Rc4 r = *state;
    uint8_t out[EXAM_STREAM];
    rc4_stream(&r, out, n, c);
    return memcmp(out, s->ks, n) == 0;
}

/* The changes that are looked for, each alone; the standard first. */
static const struct {
    const char *difference;
    Rc4Change change;
} RC4_CHANGES[] = {
    {NULL, {0}},
    {"generator without the second look-up", {.is_one_look_up = true}},
    {"generator starts at index 0", {.from_zero = true}},
};

/* A key schedule takes six instructions for each of 256 bytes at least, the generator eight. */
enum { RC4_KEY_STEPS = 256 * 6, RC4_BYTE_STEPS = 8 };
/* What trying one key costs us: its schedule, and some of the bytes that may be thrown away. */
enum { RC4_TRY_STEPS = 40, RC4_SKIPS_PER_STEP = 3 };

static bool match_rc4_skip(Exam *x, Rc4 state, const Stream *s, uint32_t *skip) {
    enum { MOST_SKIP = 4096, LOOK = 16 };
    const Rc4Change none = {0};
    uint8_t window[MOST_SKIP + LOOK];
    uint64_t bytes = s->made.steps > RC4_KEY_STEPS
                         ? (s->made.steps - RC4_KEY_STEPS) / RC4_BYTE_STEPS
                         : 0; /* that it can have made */
    uint64_t most = bytes > s->n ? bytes - s->n : 0;
    if (most > MOST_SKIP)
        most = MOST_SKIP;
    (void)probe_pay(x->probe, most / RC4_SKIPS_PER_STEP);
    rc4_stream(&state, window, most + LOOK, &none);
    for (uint32_t n = 1; n <= most; n++)
        if (memcmp(window + n, s->ks, LOOK) == 0) {
            *skip = n;
            return true;
        }
    return false;
}

static bool try_rc4_state(Exam *x, const Stream *s, Rc4 *state, bool has_key) {
    for (unsigned i = 0; i < sizeof RC4_CHANGES / sizeof *RC4_CHANGES; i++) {
        if (!is_stream(state, &RC4_CHANGES[i].change, s, 16))
            continue;
        finding_set(x, ROUTINE_STREAM_CIPHER, i ? "rc4-modified" : "rc4", "rc4");
        finding_add_constant(x, has_key ? "whole" : "generator", i);
        if (i)
            finding_add_text(x, "difference", RC4_CHANGES[i].difference);
        else
            x->out.flags = ROUTINE_PUBLIC;
        return true;
    }
    uint32_t skip;
    if (!has_key || !match_rc4_skip(x, *state, s, &skip))
        return false;
    finding_set(x, ROUTINE_STREAM_CIPHER, "rc4-modified", "rc4");
    finding_add_constant(x, "skip", skip);
    finding_add_number(x, "skip", skip, PARAMETER_NUMBER);
    finding_add_text(x, "difference", "first bytes are thrown away");
    return true;
}

static bool match_rc4_key(Exam *x, const Stream *s, const KeyPlace *key) {
    for (size_t size = 1; size <= 256 && size <= key->bytes.size; size++) {
        Rc4 r;
        if ((key->cell < 0 && size > MOST_PERIOD) || !probe_pay(x->probe, RC4_TRY_STEPS))
            return false;
        rc4_key(&r, (Bytes){key->bytes.at, size});
        if (!try_rc4_state(x, s, &r, true))
            continue;
        finding_add_key(x, key, size == x->length ? 0 : size);
        return true;
    }
    return false;
}

/* A permutation of 256 bytes that a run left in memory. */
typedef struct LeftState {
    uint8_t s[256];
} LeftState;
enum { MOST_LEFT = 16 };

/* Adds those whose bytes are `stride` apart and that begin in the first page. */
static unsigned add_left(Bytes pages, size_t stride, LeftState *out, unsigned count) {
    for (size_t phase = 0; phase < stride; phase++) {
        size_t seen[256] = {0}, start = 0; /* seen: place of each byte, and 1 */
        for (size_t n = 0; phase + n * stride < pages.size; n++) {
            uint8_t v = pages.at[phase + n * stride];
            start = seen[v] > start ? seen[v] : start;
            seen[v] = n + 1;
            if (phase + start * stride >= PAGE_BYTES)
                break;
            if (n + 1 - start < 256 || count == MOST_LEFT)
                continue;
            for (size_t i = 0; i < 256; i++)
                out[count].s[i] = pages.at[phase + (start + i) * stride];
            count++;
        }
    }
    return count;
}

/* Half of a permutation's bytes are above 127. */
static bool may_hold_state(Bytes b) {
    unsigned high = 0;
    for (size_t i = 0; i < b.size; i++)
        high += b.at[i] >> 7;
    return high >= 128;
}

/* In all pages that the last run wrote to, the stack's included. strides: their sum. */
static unsigned find_left(const Exam *x, unsigned strides, LeftState *out) {
    size_t at = 0;
    unsigned count = 0;
    MemoryChange change;
    Memory *memory = x->probe->process->memory;
    while (memory_change(memory, x->probe->mark.machine.memory, &at, &change)) {
        uint8_t two[2 * PAGE_BYTES];
        memcpy(two, change.now, PAGE_BYTES);
        Bytes next = memory_view(memory, change.va + PAGE_BYTES), pages = {two, PAGE_BYTES};
        if (next.size) {
            memcpy(two + PAGE_BYTES, next.at, next.size);
            pages.size += next.size;
        }
        for (size_t stride = 1; stride <= 8 && may_hold_state(pages); stride *= 2)
            if (strides & stride)
                count = add_left(pages, stride, out, count);
    }
    return count;
}

/* Whether the run of the keystream has a state at all: it may wipe it in the end, so it is looked
 * for in the middle, and a few instructions later, when bytes are not just being swapped. What is
 * looked for costs a run or two, and keys are tried thousands of times. */
static bool has_state(Exam *x, const Stream *s) {
    static const uint8_t EIGHTHS[] = {4, 6, 7};
    enum { NUDGES = 4, NUDGE_STEPS = 5, ALL_STRIDES = 1 + 2 + 4 + 8, LOOK_STEPS = 400 };
    Probe *p = x->probe;
    LeftState left[MOST_LEFT];
    for (unsigned i = 0; i < sizeof EIGHTHS; i++) {
        if (p->steps_left < s->made.steps)
            return true; /* not known */
        (void)probe_call(p, p->va, s->made.steps * EIGHTHS[i] / 8);
        for (unsigned k = 0; k < NUDGES; k++) {
            (void)probe_pay(p, LOOK_STEPS);
            if (find_left(x, ALL_STRIDES, left) > 0)
                return true;
            (void)probe_go_on(p, NUDGE_STEPS);
        }
    }
    return false;
}

/* RC4's generator backwards from the state that a run left: n steps, with every possible j. */
static bool rewind_state(const LeftState *left, const Stream *s) {
    for (unsigned last = 0; last < 256; last++) {
        Rc4 r;
        memcpy(r.s, left->s, sizeof r.s);
        r.i = (uint8_t)s->n;
        r.j = (uint8_t)last;
        size_t n = s->n;
        for (; n > 0; n--) {
            uint8_t a = r.s[r.i], b = r.s[r.j];
            if (r.s[(uint8_t)(a + b)] != s->ks[n - 1])
                break;
            r.s[r.i] = b;
            r.s[r.j] = a;
            r.j = (uint8_t)(r.j - b);
            r.i--;
        }
        if (n == 0)
            return true;
    }
    return false;
}

/* The generator is RC4's, the key schedule is not, or its key is not found. */
static bool match_rc4_left(Exam *x, const Stream *s, const LeftState *left, unsigned count) {
    enum { REWIND_STEPS = 600 };
    for (unsigned i = 0; i < count; i++) {
        if (!probe_pay(x->probe, REWIND_STEPS) || !rewind_state(&left[i], s))
            continue;
        finding_set(x, ROUTINE_STREAM_CIPHER, "rc4-modified", "rc4");
        finding_add_constant(x, "schedule", 1);
        finding_add_text(x, "difference", "key schedule");
        x->out.confidence = 80;
        return true;
    }
    return false;
}

/* How a context may hold the state: indices of `index` bytes each before or behind it, or none. */
typedef struct Rc4Layout {
    size_t stride, at, index; /* index 0: i and j start at 0 */
    size_t i, j;              /* where the indices stand */
} Rc4Layout;

/* Layouts in order of number; false: no more. Libraries have i and j before the state (OpenSSL,
 * mbedTLS, arc4random) or behind it, as bytes, words of the state's size, or ints. */
static bool rc4_layout(unsigned number, Rc4Layout *out) {
    static const uint8_t SIZES[] = {1, 4, 2, 8};
    enum { INDEX_FORMS = 4 * 2 * 2 };
    size_t stride = SIZES[number % 4];
    unsigned form = number / 4;
    if (form == 0) {
        *out = (Rc4Layout){.stride = stride};
        return true;
    }
    if (--form >= INDEX_FORMS)
        return false;
    size_t index = SIZES[form / 4];
    bool is_behind = form & 1, is_swapped = form & 2;
    size_t first = is_behind ? 256 * stride : 0;
    *out = (Rc4Layout){stride, is_behind ? 0 : 2 * index, index, first, first + index};
    if (is_swapped) {
        out->i = first + index;
        out->j = first;
    }
    return true;
}

/* The generator with a context as it is given. */
static bool match_rc4_context(Exam *x, const Stream *s, const KeyPlace *context) {
    enum { LAYOUTS_STEPS = 600 };
    Rc4Layout layout;
    (void)probe_pay(x->probe, LAYOUTS_STEPS);
    for (unsigned number = 0; rc4_layout(number, &layout); number++)
        for (unsigned has_indices = 0; has_indices <= (layout.index > 0); has_indices++) {
            Rc4 r = {{0}, 0, 0};
            for (size_t i = 0; i < 256; i++)
                r.s[i] = context->bytes.at[layout.at + i * layout.stride];
            if (has_indices) {
                r.i = context->bytes.at[layout.i];
                r.j = context->bytes.at[layout.j];
            }
            if (try_rc4_state(x, s, &r, false))
                return true;
        }
    return false;
}

static bool match_rc4(Exam *x, const Stream *s) {
    enum { LEAST_STEPS = RC4_KEY_STEPS + EXAM_SHORT_STREAM * RC4_BYTE_STEPS };
    KeyPlace keys[EXAM_KEYS];
    LeftState left[MOST_LEFT];
    KeyCells cells = exam_key_cells(x, &s->made, s->in_cell);
    (void)probe_shoot_now(x->probe); /* leaves the state that belongs to ks */
    unsigned count = exam_keys(x, cells, keys), left_count = find_left(x, 1 + 4, left);
    for (unsigned k = 0; k < count; k++)
        if (keys[k].cell >= 0 && match_rc4_context(x, s, &keys[k]))
            return true;
    /* A state that is wiped leaves nothing. */
    if (left_count == 0 && (s->made.steps < LEAST_STEPS || !has_state(x, s)))
        return false;
    for (unsigned k = 0; k < count; k++)
        if (match_rc4_key(x, s, &keys[k]))
            return true;
    return match_rc4_left(x, s, left, left_count);
}

/* ---- registers ---- */

/* Registers that hold nothing make zeros: a text that is copied after its first letter. A few bytes
 * first, then all that there are. */
static bool try_majority(const Stream *s, uint32_t k2, uint32_t k3, uint8_t *k1) {
    if (k2 == 0 || k3 == 0)
        return false;
    *k1 = (uint8_t)(s->ks[0] ^ k2 ^ k3);
    uint8_t out[EXAM_STREAM];
    for (size_t n = 3; n; n = n < LEAST_TELLING ? LEAST_TELLING : n < s->n ? s->n : 0) {
        LfsrPairState state = {*k1, {k2, k3}};
        lfsr_majority_stream(&LFSR_MAJORITY, &state, out, n);
        if (memcmp(out, s->ks, n) != 0)
            return false;
    }
    return true;
}

static bool match_majority(Exam *x, const Stream *s) {
    enum { PAIR_STEPS = 3 }; /* three bytes */
    uint32_t words[MOST_CONSTANTS + PROBE_CELLS * 8 + MOST_BLOBS * 4];
    unsigned n = 0, own;
    uint8_t k1;
    for (unsigned i = 0; i < exam_secrets(x)->constant_count; i++)
        words[n++] = exam_secrets(x)->constants[i];
    for (unsigned b = 0; b < exam_secrets(x)->blob_count; b++)
        for (size_t off = 0; off < 16 && off + 4 <= exam_secrets(x)->blobs[b].size; off += 4)
            words[n++] = word32_at(exam_secrets(x)->blobs[b].at + off, false);
    own = n;
    KeyCells cells = exam_key_cells(x, &s->made, s->in_cell);
    for (unsigned c = 0; c < x->probe->cell_count; c++)
        for (unsigned off = 0; x->probe->cells[c].is_pointer && cells.may >> c & 1 && off < 32;
             off += 4)
            words[n++] = word32_at(x->probe->setup->bytes[c] + off, false);
    words[n++] = (uint32_t)x->length;
    for (unsigned i = 0; i < n; i++) {
        /* One of the two comes in a cell when bytes depend on it. */
        unsigned first = cells.must && i < own ? own : 0;
        if (!probe_pay(x->probe, (uint64_t)PAIR_STEPS * (n - first)))
            return false;
        for (unsigned j = first; j < n; j++) {
            if (!try_majority(s, words[i], words[j], &k1))
                continue;
            finding_set(x, ROUTINE_STREAM_CIPHER, "lfsr-majority", "lfsr-majority");
            finding_add_constant(x, "taps0", LFSR_MAJORITY.taps[0]);
            finding_add_constant(x, "taps1", LFSR_MAJORITY.taps[1]);
            finding_add_text(x, "taps", "x^31+x^3+1");
            finding_add_text(x, "taps", "x^32+x^7+x^3+x^2+1");
            if (i < own && j < own) {
                finding_add_number(x, "seed", k1, PARAMETER_WORD);
                finding_add_number(x, "seed", words[i], PARAMETER_WORD);
                finding_add_number(x, "seed", words[j], PARAMETER_WORD);
            }
            return true;
        }
    }
    return false;
}

/* A register over bits or bytes whose next bit is a sum of earlier ones. */
static bool match_linear(Exam *x, const Stream *s) {
    enum { LINEAR_STEPS = 10000 }; /* Berlekamp and Massey's algorithm over 1,600 bits */
    LinearForm form;
    (void)probe_pay(x->probe, LINEAR_STEPS);
    bool is_bits = linear_from_bits(s->ks, s->n, &form), is_bytes = !is_bits;
    if (!is_bits && !linear_from_bytes(s->ks, s->n, &form))
        return false;
    char taps[160];
    linear_write(&form, taps, sizeof taps);
    finding_set(x, ROUTINE_STREAM_CIPHER, is_bytes ? "xor-shift-register" : "xor-lfsr",
                is_bytes ? "xor-shift-register" : "xor-lfsr");
    finding_add_constant(x, "op", s->op);
    finding_add_constant(x, "taps", hash64((Bytes){(const uint8_t *)taps, strlen(taps)}));
    finding_add_text(x, "taps", taps);
    if (is_bytes) {
        for (unsigned c = 0; c < x->probe->cell_count; c++)
            if (x->probe->cells[c].is_pointer && (int)c != s->in_cell)
                return true;
        finding_add_bytes(x, "state", (Bytes){s->ks, form.length});
    }
    return true;
}

/* ---- Salsa20, ChaCha; counter mode ---- */

static bool match_chacha(Exam *x, const Stream *s) {
    static const uint32_t SIGMA[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    static const uint8_t CHACHA[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                         SALSA[16] = {0, 5, 10, 15, 1, 2, 3, 4, 11, 12, 13, 14, 8, 9, 6, 7};
    enum { BLOCK_STEPS = 20 };
    KeyPlace keys[EXAM_KEYS];
    uint8_t out[64];
    bool has_sigma = x->has_sigma;
    for (unsigned i = 0; i < exam_secrets(x)->constant_count; i++)
        has_sigma |= exam_secrets(x)->constants[i] == SIGMA[0];
    if (!has_sigma)
        return false;
    /* Key and nonce may come from two places. */
    KeyCells cells = exam_key_cells(x, &s->made, s->in_cell);
    unsigned count = exam_keys(x, (KeyCells){cells.may, 0}, keys);
    for (unsigned k = 0; k < count; k++)
        for (unsigned nonce = 0; nonce <= count && keys[k].bytes.size >= 32; nonce++) {
            CellSet given =
                key_place_cell(&keys[k]) | (nonce < count ? key_place_cell(&keys[nonce]) : 0);
            for (unsigned form = 0; form < 12 && !(cells.must & ~given); form++) {
                bool is_salsa = form & 1, is_long = form >> 1 & 1 && !is_salsa;
                uint32_t counter = form / 4 == 2 ? (uint32_t)x->length : form / 4;
                if (nonce < count && keys[nonce].bytes.size < 12)
                    continue;
                if (!probe_pay(x->probe, BLOCK_STEPS))
                    return false;
                const uint8_t zero[12] = {0}, *n = nonce < count ? keys[nonce].bytes.at : zero;
                uint32_t w[16], in[16];
                memcpy(w, SIGMA, sizeof SIGMA);
                for (unsigned i = 0; i < 8; i++)
                    w[4 + i] = word32_at(keys[k].bytes.at + 4 * i, false);
                w[12] = counter;
                w[13] = is_long ? word32_at(n, false) : 0;
                w[14] = word32_at(n + (is_long ? 4 : 0), false);
                w[15] = word32_at(n + (is_long ? 8 : 4), false);
                for (unsigned i = 0; i < 16; i++)
                    in[is_salsa ? SALSA[i] : CHACHA[i]] = w[i];
                if (is_salsa)
                    salsa_block(in, 20, out);
                else
                    chacha_block(in, 20, out);
                if (memcmp(out, s->ks, 24) != 0)
                    continue;
                finding_set(x, ROUTINE_STREAM_CIPHER, is_salsa ? "salsa20" : "chacha20",
                            is_salsa ? "salsa20" : "chacha20");
                x->out.flags = ROUTINE_PUBLIC;
                finding_add_key(x, &keys[k], 32);
                if (nonce < count && keys[nonce].cell < 0)
                    finding_add_bytes(x, "iv", (Bytes){n, is_long ? 12 : 8});
                return true;
            }
        }
    return false;
}

/* As many different bytes as chance would give, or nearly: a keystream of nobody's. */
static bool is_random(const Stream *s) {
    uint64_t seen[4] = {0};
    unsigned distinct = 0;
    for (size_t i = 0; i < s->n; i++)
        seen[s->ks[i] / 64] |= (uint64_t)1 << s->ks[i] % 64;
    for (unsigned i = 0; i < 4; i++)
        distinct += (unsigned)__builtin_popcountll(seen[i]);
    /* 200 of 256 values: 139 expected, of the 127 that we give 101; 40: 37 and 34. */
    return distinct >= (s->n >= 100 ? 64 : s->n * 3 / 5);
}

bool match_keystream(Exam *x, const Stream *s) {
    if (match_repeating(x, s))
        return true;
    if (s->n < LEAST_TELLING || !is_random(s))
        return false;
    if (s->op == STREAM_XOR && (match_linear(x, s) || match_chacha(x, s)))
        return true;
    if (match_majority(x, s) || match_rc4(x, s) || match_lcg(x, s))
        return true;
    if (s->in_cell < 0)
        return false;
    finding_set(x, ROUTINE_STREAM_CIPHER, NULL, "stream");
    finding_add_constant(x, "op", s->op);
    x->out.confidence = 60;
    return true;
}
