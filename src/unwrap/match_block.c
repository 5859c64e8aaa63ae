/* SPDX-License-Identifier: Apache-2.0
 * match_block.c: block ciphers: a block of input, under some key, became the block of output. Keys
 * are tried as they are and as the expanded keys that a context holds; chaining by a block from
 * another buffer is looked through. */
#include <stdio.h>
#include <string.h>

#include "unwrap/exam.h"

enum { BLOCK_LENGTH = 32 };
#define TEA_DELTA ((uint32_t)0x9e3779b9)

typedef struct Work {
    Exam *x;
    KeyPlace keys[EXAM_KEYS];
    unsigned key_count;
    const uint8_t *in;   /* a block and more */
    const uint8_t *out;  /* what it became */
    const uint8_t *iv;   /* or NULL */
    uint64_t steps;      /* of the run */
    int reach8, reach16; /* do bytes of the input behind so many change the output's first 8; -1:
                            not known */
    bool has_golden;     /* TEA's constant */
    uint8_t state[512];
} Work;

/* One cipher under one key: encrypts or decrypts `block`. */
typedef struct Cipher {
    const char *name;
    unsigned block, key; /* bytes */
    /* A run of fewer instructions is not it: operations of the specification for one block and,
     * where the key is not expanded, the key schedule; as few as processors can do it with. */
    uint32_t least_steps;
    void (*crypt)(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt);
} Cipher;

static void aes_any(const uint8_t *key, size_t size, uint8_t *block, bool decrypt) {
    Aes a;
    aes_key(&a, (Bytes){key, size});
    aes_crypt(&a, block, decrypt);
}

static void crypt_aes128(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    (void)x;
    aes_any(key, 16, block, decrypt);
}

static void crypt_aes192(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    (void)x;
    aes_any(key, 24, block, decrypt);
}

static void crypt_aes256(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    (void)x;
    aes_any(key, 32, block, decrypt);
}

static void crypt_aes_expanded(const uint8_t *key, unsigned rounds, bool swap, uint8_t *block,
                               bool decrypt) {
    Aes a = {.rounds = rounds};
    for (unsigned i = 0; i < 16 * (rounds + 1); i += 4)
        word32_put(a.round_keys + i, word32_at(key + i, false), swap);
    aes_crypt(&a, block, decrypt);
}

static void crypt_aes_context(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    (void)x;
    crypt_aes_expanded(key, 10, false, block, decrypt);
}

static void crypt_aes_words(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    (void)x;
    crypt_aes_expanded(key, 10, true, block, decrypt);
}

static void crypt_aes_context14(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    (void)x;
    crypt_aes_expanded(key, 14, false, block, decrypt);
}

static void crypt_des(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    (void)x;
    des_crypt(key, block, decrypt);
}

static void crypt_3des(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    (void)x;
    for (unsigned i = 0; i < 3; i++)
        des_crypt(key + 8 * (decrypt ? 2 - i : i), block, (i == 1) != decrypt);
}

static void crypt_rc5(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    uint32_t s[RC5_WORDS];
    (void)x;
    rc56_key((Bytes){key, 16}, s, RC5_WORDS);
    rc5_crypt(s, block, decrypt);
}

static void crypt_rc6(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    uint32_t s[RC6_WORDS];
    (void)x;
    rc56_key((Bytes){key, 16}, s, RC6_WORDS);
    rc6_crypt(s, block, decrypt);
}

static void load_words(const uint8_t *from, uint32_t *to, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        to[i] = word32_at(from + 4 * i, false);
}

static void crypt_rc5_context(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    uint32_t s[RC5_WORDS];
    (void)x;
    load_words(key, s, RC5_WORDS);
    rc5_crypt(s, block, decrypt);
}

static void crypt_rc6_context(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    uint32_t s[RC6_WORDS];
    (void)x;
    load_words(key, s, RC6_WORDS);
    rc6_crypt(s, block, decrypt);
}

static void crypt_speck64(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    (void)x;
    speck_crypt(32, key, block, decrypt);
}

static void crypt_speck128(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    (void)x;
    speck_crypt(64, key, block, decrypt);
}

static void crypt_speck64_context(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    (void)x;
    speck_rounds(32, key, block, decrypt);
}

static void crypt_speck128_context(const Exam *x, const uint8_t *key, uint8_t *block,
                                   bool decrypt) {
    (void)x;
    speck_rounds(64, key, block, decrypt);
}

static void crypt_blowfish(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt,
                           size_t size) {
    Blowfish b;
    blowfish_key(exam_pi(x), (Bytes){key, size}, &b);
    blowfish_crypt(&b, block, decrypt);
}

static void crypt_blowfish16(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    crypt_blowfish(x, key, block, decrypt, 16);
}

static void crypt_blowfish32(const Exam *x, const uint8_t *key, uint8_t *block, bool decrypt) {
    crypt_blowfish(x, key, block, decrypt, 32);
}

static void crypt_blowfish_context(const Exam *x, const uint8_t *key, uint8_t *block,
                                   bool decrypt) {
    Blowfish b;
    (void)x;
    load_words(key, b.p, 18);
    load_words(key + 72, b.s[0], 1024);
    blowfish_crypt(&b, block, decrypt);
}

enum {
    /* AES instructions: one for each round, and six for each round key. */
    AES_STEPS = 10 + 10 * 6,
    AES_ROUND_STEPS = 10,
    DES_STEPS = 16 * 16,            /* eight tables in 16 rounds: a load and an XOR each */
    RC5_ROUND_STEPS = 12 * 2 * 3,   /* XOR, rotate, add */
    RC6_ROUND_STEPS = 20 * 10,      /* two multiplications, four rotations, four more */
    RC56_MIX_STEPS = 3 * 5,         /* for each word, three times: two sums each, a rotation */
    SPECK_STEPS = 5,                /* of a round, and of a round key */
    BLOWFISH_ROUND_STEPS = 16 * 12, /* four loads, shifts, masks */
    BLOWFISH_KEY_BLOCKS = (18 + 1024) / 2 /* are made by encrypting */
};

static const Cipher CIPHERS[] = {
    {"aes-128", 16, 16, AES_STEPS, crypt_aes128},
    {"aes-256", 16, 32, AES_STEPS, crypt_aes256},
    {"aes-192", 16, 24, AES_STEPS, crypt_aes192},
    {"aes-128 rounds", 16, 176, AES_ROUND_STEPS, crypt_aes_context},
    {"aes-128 rounds", 16, 177, AES_ROUND_STEPS, crypt_aes_words},
    {"aes-256 rounds", 16, 240, AES_ROUND_STEPS, crypt_aes_context14},
    {"des", 8, 8, DES_STEPS, crypt_des},
    {"3des", 8, 24, 3 * DES_STEPS, crypt_3des},
    {"rc5", 8, 16, RC5_WORDS *RC56_MIX_STEPS + RC5_ROUND_STEPS, crypt_rc5},
    {"rc6", 16, 16, RC6_WORDS *RC56_MIX_STEPS + RC6_ROUND_STEPS, crypt_rc6},
    {"rc5 rounds", 8, 4 * RC5_WORDS, RC5_ROUND_STEPS, crypt_rc5_context},
    {"rc6 rounds", 16, 4 * RC6_WORDS, RC6_ROUND_STEPS, crypt_rc6_context},
    {"speck64-128", 8, 16, 27 * 2 * SPECK_STEPS, crypt_speck64},
    {"speck128-128", 16, 16, 32 * 2 * SPECK_STEPS, crypt_speck128},
    {"speck64-128 rounds", 8, 108, 27 * SPECK_STEPS, crypt_speck64_context},
    {"speck128-128 rounds", 16, 256, 32 * SPECK_STEPS, crypt_speck128_context},
    {"blowfish rounds", 8, 4168, BLOWFISH_ROUND_STEPS, crypt_blowfish_context},
    {"blowfish", 8, 16, BLOWFISH_KEY_BLOCKS *BLOWFISH_ROUND_STEPS, crypt_blowfish16},
    {"blowfish", 8, 32, BLOWFISH_KEY_BLOCKS *BLOWFISH_ROUND_STEPS, crypt_blowfish32},
};

/* Whether blocks of so many bytes are possible: what is behind a block does not change it. */
static bool may_be_block(const Work *w, size_t size) {
    if (size > 16)
        return w->reach16 != 0;
    return w->reach16 != 1 && (size > 8 || w->reach8 != 1);
}

static bool is_block(const Work *w, unsigned size, bool decrypt, const uint8_t *block) {
    for (unsigned i = 0; i < size; i++)
        if ((uint8_t)(block[i] ^ (decrypt && w->iv ? w->iv[i] : 0)) != w->out[i])
            return false;
    return true;
}

static void load_block(const Work *w, unsigned size, bool decrypt, uint8_t *block) {
    for (unsigned i = 0; i < size; i++)
        block[i] = w->in[i] ^ (!decrypt && w->iv ? w->iv[i] : 0);
}

static void name_block(Work *w, const char *name, bool decrypt, const KeyPlace *key,
                       unsigned size) {
    Exam *x = w->x;
    bool is_expanded = strstr(name, " rounds") != NULL;
    char *base = arena_text(x->arena, (Bytes){(const uint8_t *)name, strcspn(name, " ")});
    finding_set(x, ROUTINE_BLOCK_CIPHER, base, base);
    finding_add_constant(x, is_expanded ? "rounds" : "whole", 1);
    finding_add_constant(x, decrypt ? "decrypt" : "encrypt", w->iv != NULL);
    finding_add_text(x, "mode",
                     decrypt ? w->iv ? "decrypt, cbc" : "decrypt"
                     : w->iv ? "encrypt, cbc"
                             : "encrypt");
    x->out.flags = ROUTINE_PUBLIC;
    if (!is_expanded)
        finding_add_key(x, key, size);
}

static bool try_ciphers(Work *w) {
    enum { MOST_TRY_STEPS = 1500 }; /* Blowfish's key schedule here */
    for (unsigned c = 0; c < sizeof CIPHERS / sizeof *CIPHERS; c++) {
        const Cipher *cipher = &CIPHERS[c];
        if (w->steps < cipher->least_steps || !may_be_block(w, cipher->block) ||
            (!strcmp(cipher->name, "blowfish") && !w->x->pi))
            continue;
        for (unsigned k = 0; k < w->key_count; k++)
            for (unsigned decrypt = 0; decrypt < 2; decrypt++) {
                uint8_t block[16];
                if (w->keys[k].bytes.size < cipher->key || w->keys[k].bytes.at == w->in)
                    continue;
                if (!probe_pay(w->x->probe, cipher->least_steps < MOST_TRY_STEPS
                                                ? cipher->least_steps
                                                : MOST_TRY_STEPS))
                    return false;
                load_block(w, cipher->block, decrypt, block);
                cipher->crypt(w->x, w->keys[k].bytes.at, block, decrypt);
                if (!is_block(w, cipher->block, decrypt, block))
                    continue;
                name_block(w, cipher->name, decrypt, &w->keys[k], cipher->key);
                return true;
            }
    }
    return false;
}

/* ---- TEA and its kin: constants may be changed ---- */

typedef struct TeaTry {
    unsigned form; /* 0 TEA, 1 XTEA, 2 XXTEA */
    Tea tea;
    bool decrypt;
    size_t words;
} TeaTry;

/* Instructions of one cycle of TEA and XTEA, and for one word of XXTEA: with shifts inside of other
 * instructions, as ARM has them. */
enum { CYCLE_STEPS = 12, WORD_STEPS = 8 };
/* Trying it here is that much faster. */
enum { OWN_SPEED = 16 };

static void tea_block(const TeaTry *t, const uint8_t *key, uint8_t *block) {
    if (t->form == 0)
        tea_crypt(&t->tea, key, block, t->decrypt);
    else if (t->form == 1)
        xtea_crypt(&t->tea, key, block, t->decrypt);
    else
        xxtea_crypt(&t->tea, key, block, t->words, t->decrypt);
}

static void name_tea(Work *w, const TeaTry *t, const KeyPlace *key) {
    static const char *const NAMES[][2] = {
        {"tea", "tea-modified"}, {"xtea", "xtea-modified"}, {"xxtea", "xxtea-modified"}};
    Exam *x = w->x;
    bool is_delta = t->tea.delta != TEA_DELTA, is_rounds = t->form < 2 && t->tea.rounds != 32;
    finding_set(x, ROUTINE_BLOCK_CIPHER, NAMES[t->form][is_delta || is_rounds], NAMES[t->form][0]);
    finding_add_constant(x, "delta", t->tea.delta);
    finding_add_constant(x, "rounds", t->form < 2 ? t->tea.rounds : 0);
    finding_add_constant(x, t->decrypt ? "decrypt" : "encrypt", w->iv != NULL);
    finding_add_constant(x, "big", t->tea.is_big);
    finding_add_text(x, "mode", t->decrypt ? "decrypt" : "encrypt");
    finding_add_number(x, "delta", t->tea.delta, PARAMETER_WORD);
    if (t->form < 2)
        finding_add_number(x, "rounds", t->tea.rounds, PARAMETER_NUMBER);
    if (is_delta || is_rounds)
        finding_add_text(x, "difference", is_delta ? "delta" : "rounds");
    else
        x->out.flags = ROUTINE_PUBLIC;
    finding_add_key(x, key, 16);
}

static bool try_tea(Work *w, TeaTry *t) {
    unsigned size = t->form == 2 ? (unsigned)(4 * t->words) : 8;
    size_t least = t->form == 2 ? (6 * t->words + 52) * WORD_STEPS : t->tea.rounds * CYCLE_STEPS;
    if (w->steps < least || !may_be_block(w, size))
        return false;
    for (unsigned k = 0; k < w->key_count; k++)
        for (unsigned way = 0; way < 4; way++) {
            t->decrypt = way & 1;
            t->tea.is_big = way & 2;
            if (w->keys[k].bytes.size < 16 || w->keys[k].bytes.at == w->in)
                continue;
            if (!probe_pay(w->x->probe, least / OWN_SPEED))
                return false;
            load_block(w, size, t->decrypt, w->state);
            tea_block(t, w->keys[k].bytes.at, w->state);
            if (!is_block(w, size, t->decrypt, w->state))
                continue;
            name_tea(w, t, &w->keys[k]);
            return true;
        }
    return false;
}

static bool try_teas(Work *w, uint32_t delta) {
    static const uint8_t ROUNDS[] = {32, 64, 16, 8, 24, 20, 12, 48, 10, 6};
    for (unsigned form = 0; form < 2; form++)
        for (unsigned r = 0; r < sizeof ROUNDS; r++) {
            TeaTry t = {.form = form, .tea = {delta, ROUNDS[r], false}};
            if (try_tea(w, &t))
                return true;
        }
    static const uint8_t WORDS[] = {32, 8, 2, 4, 3, 16};
    for (unsigned i = 0; i < sizeof WORDS && !w->iv; i++) {
        TeaTry t = {.form = 2, .tea = {delta, 0, false}, .words = WORDS[i]};
        if (try_tea(w, &t))
            return true;
    }
    return false;
}

/* The golden ratio stands in the code, or what unrolled rounds make of it; or there are more
 * numbers than are kept. */
static bool has_golden(const Secrets *s) {
    enum { MOST_CYCLES = 64 };
    for (unsigned i = 0; i < s->constant_count; i++)
        for (uint32_t k = 1, sum = TEA_DELTA; k <= MOST_CYCLES; k++, sum += TEA_DELTA)
            if (s->constants[i] == sum || s->constants[i] == -sum)
                return true;
    return s->constant_count == MOST_CONSTANTS;
}

static bool try_all(Work *w) {
    enum { TEA_SHIFT = 5 }; /* to the right, in all three forms */
    if (try_ciphers(w))
        return true;
    const Secrets *secrets = exam_secrets(w->x);
    if (!secrets->small[TEA_SHIFT])
        return false;
    if (w->has_golden && try_teas(w, TEA_DELTA))
        return true;
    for (unsigned i = 0; i < secrets->constant_count && i < 24 && !w->iv; i++) {
        uint32_t c = secrets->constants[i];
        if (c > 0xffff && (try_teas(w, c) || try_teas(w, -c)))
            return true;
    }
    return false;
}

/* ---- key schedules ---- */

static bool match_schedule(Exam *x, const ProbeOutput *o) {
    for (unsigned c = 0; c < x->probe->cell_count; c++) {
        if (!x->probe->cells[c].is_pointer || (int)c == o->cell)
            continue;
        const uint8_t *key = x->probe->setup->bytes[c];
        for (size_t size = 16; size <= 32; size += 8)
            for (unsigned swap = 0; swap < 2; swap++)
                for (unsigned off = 0; off <= 16; off += 4) {
                    Aes a;
                    uint8_t words[240];
                    if (word32_at(o->after + off, swap) != word32_at(key, false))
                        continue; /* a schedule begins with the key */
                    aes_key(&a, (Bytes){key, size});
                    size_t n = 16 * (a.rounds + 1);
                    for (size_t i = 0; i < n; i += 4)
                        word32_put(words + i, word32_at(a.round_keys + i, false), swap);
                    if (memcmp(o->after + off, words, n) != 0)
                        continue;
                    finding_set(x, ROUTINE_BLOCK_CIPHER,
                                size == 16   ? "aes-128"
                                : size == 24 ? "aes-192"
                                             : "aes-256",
                                "aes");
                    finding_add_constant(x, "schedule", 1);
                    finding_add_text(x, "mode", "key schedule");
                    x->out.flags = ROUTINE_PUBLIC;
                    x->out.key_cell = (int)c;
                    x->out.key_name = "key";
                    x->out.key_size = (unsigned)size;
                    return true;
                }
    }
    return false;
}

/* One schedule serves both; how many words it makes and how long the key is may be arguments, which
 * hold BLOCK_LENGTH here. */
static bool match_rc56_schedule(Exam *x, const ProbeOutput *o) {
    static const struct {
        const char *name;
        uint8_t words, key;
    } FORMS[] = {{"rc6", RC6_WORDS, 16},
                 {"rc5", RC5_WORDS, 16},
                 {"rc5", BLOCK_LENGTH, BLOCK_LENGTH},
                 {"rc5", BLOCK_LENGTH, 16},
                 {"rc6", RC6_WORDS, BLOCK_LENGTH},
                 {"rc5", RC5_WORDS, BLOCK_LENGTH}};
    for (unsigned c = 0; c < x->probe->cell_count; c++)
        for (unsigned k = 0; k < sizeof FORMS / sizeof *FORMS; k++) {
            uint32_t s[RC6_WORDS];
            unsigned i = 0;
            if (!x->probe->cells[c].is_pointer || (int)c == o->cell)
                continue;
            rc56_key((Bytes){x->probe->setup->bytes[c], FORMS[k].key}, s, FORMS[k].words);
            while (i < FORMS[k].words && word32_at(o->after + 4 * i, false) == s[i])
                i++;
            if (i < FORMS[k].words)
                continue;
            finding_set(x, ROUTINE_BLOCK_CIPHER, FORMS[k].name, FORMS[k].name);
            finding_add_constant(x, "schedule", 1);
            finding_add_text(x, "mode", "key schedule");
            x->out.flags = ROUTINE_PUBLIC;
            x->out.key_cell = (int)c;
            x->out.key_name = "key";
            x->out.key_size = FORMS[k].key == BLOCK_LENGTH ? 0 : FORMS[k].key;
            return true;
        }
    return false;
}

static bool match_rc4_schedule(Exam *x, const ProbeOutput *o) {
    static const uint8_t STARTS[] = {0, 2, 4, 8, 16}; /* behind two indices of any size */
    for (unsigned form = 0; form < 4 * sizeof STARTS; form++) {
        size_t stride = (size_t)1 << form % 4;
        const uint8_t *at = o->after + STARTS[form / 4];
        uint64_t seen[4] = {0};
        for (unsigned i = 0; i < 256; i++)
            seen[at[i * stride] / 64] |= (uint64_t)1 << at[i * stride] % 64;
        if ((seen[0] & seen[1] & seen[2] & seen[3]) != UINT64_MAX)
            continue; /* no permutation */
        for (unsigned c = 0; c < x->probe->cell_count; c++)
            for (size_t size = 1; size <= 256 && x->probe->cells[c].is_pointer; size++) {
                Rc4 r;
                size_t i = 0;
                if ((int)c == o->cell)
                    break;
                rc4_key(&r, (Bytes){x->probe->setup->bytes[c], size});
                while (i < 256 && at[i * stride] == r.s[i])
                    i++;
                if (i < 256)
                    continue;
                finding_set(x, ROUTINE_STREAM_CIPHER, "rc4", "rc4");
                finding_add_constant(x, "schedule", 0);
                finding_add_text(x, "mode", "key schedule");
                x->out.flags = ROUTINE_PUBLIC;
                x->out.key_cell = (int)c;
                x->out.key_name = "key";
                x->out.key_size = size == BLOCK_LENGTH ? 0 : (unsigned)size;
                return true;
            }
    }
    return false;
}

/* One bit of the input changes about half of the 64 bits of the output's first block: four standard
 * deviations around 32. Only then is it worth while to try ciphers. */
static bool is_diffusing(Exam *x, unsigned in, const ProbeOutput *o, unsigned start) {
    Probe *p = x->probe;
    p->setup->bytes[in][1] ^= 2;
    ProbeShot s = probe_shoot(p);
    p->setup->bytes[in][1] ^= 2;
    const ProbeOutput *other = shot_find_output(&s, o->va);
    if (!other)
        return false;
    uint64_t changed = word64_at(other->after + start, false) ^ word64_at(o->after + start, false);
    unsigned bits = (unsigned)__builtin_popcountll(changed);
    return bits >= 16 && bits <= 48;
}

/* Whether a block from that cell may be chained: changed together with the input it leaves the
 * output as it was (encryption), or it changes the output as itself (decryption). */
static bool may_be_iv(Work *w, const Made *first, unsigned in, unsigned iv) {
    enum { OFF = 1, BITS = 2 };
    Probe *p = w->x->probe;
    const uint8_t *was = first->output->after + first->start;
    for (unsigned way = 0; way < 2; way++) {
        p->setup->bytes[iv][OFF] ^= BITS;
        p->setup->bytes[in][OFF] ^= way ? 0 : BITS;
        ProbeShot s = probe_shoot(p);
        p->setup->bytes[iv][OFF] ^= BITS;
        p->setup->bytes[in][OFF] ^= way ? 0 : BITS;
        const ProbeOutput *now = shot_find_output(&s, first->output->va);
        if (!now)
            return true; /* not known */
        uint64_t changed = word64_at(now->after + first->start, false) ^ word64_at(was, false);
        if (changed == (way ? (uint64_t)BITS << 8 * OFF : 0))
            return true;
    }
    return false;
}

/* Under the keys that are possible, with the block in cell `iv` chained, or none (-1). */
static bool try_with(Work *w, KeyCells cells, int iv) {
    if (iv >= 0)
        cells.must &= ~((CellSet)1 << iv);
    if (cells.must & (cells.must - 1))
        return false; /* keys in two places */
    if (cells.must)
        cells.may = cells.must;
    w->key_count = exam_keys(w->x, cells, w->keys);
    w->iv = iv >= 0 ? w->x->probe->setup->bytes[iv] : NULL;
    return try_all(w);
}

static bool match_output(Work *w, const ProbeOutput *o, uint64_t steps) {
    Probe *p = w->x->probe;
    unsigned start = o->cell >= 0 ? 0 : o->first;
    if (o->end - start < 7 || start + 128 > o->size)
        return false;
    w->out = o->after + start;
    w->steps = steps;
    for (unsigned c = 0; c < p->cell_count; c++) {
        if (!p->cells[c].is_pointer || !is_diffusing(w->x, c, o, start))
            continue;
        Made first = {o, start, 8, BLOCK_LENGTH, steps};
        KeyCells cells = exam_key_cells(w->x, &first, (int)c);
        w->reach8 = exam_depends(w->x, &first, c, 0, 9);
        w->reach16 = exam_depends(w->x, &first, c, 0, 17);
        w->has_golden = has_golden(exam_secrets(w->x));
        w->in = p->setup->bytes[c];
        if (try_with(w, cells, -1))
            return true;
        for (unsigned v = 0; v < p->cell_count; v++)
            if (p->cells[v].is_pointer && cells.may >> v & 1 && may_be_iv(w, &first, c, v) &&
                try_with(w, cells, (int)v))
                return true;
    }
    return false;
}

bool match_block(Exam *x) {
    Probe *p = x->probe;
    probe_fill(p, 1, BLOCK_LENGTH, BLOCK_LENGTH);
    ProbeShot a = probe_shoot(p);
    Work *w = ARENA_NEW(x->scratch, Work);
    w->x = x;
    x->writes |= a.output_count > 0;
    for (unsigned i = 0; a.returned && i < a.output_count; i++) {
        const ProbeOutput *o = &a.outputs[i];
        if (x->sifted->has_mixing && match_output(w, o, a.steps))
            return true;
        if (o->cell >= 0 && o->end >= 4 * RC5_WORDS - 4 &&
            (match_schedule(x, o) || match_rc56_schedule(x, o) || match_rc4_schedule(x, o)))
            return true;
    }
    return false;
}
