/* SPDX-License-Identifier: Apache-2.0
 * arm.c: A32 and Thumb (T16, T32, IT blocks) for the oracle. Forms are found among random words:
 * those that our decoder gives a shape not seen before. A case is a walk from the form's word
 * through words of the same shape, so that all registers and immediates come up. */
#include <unicorn/unicorn.h>

#include "base/check.h"
#include "code/arm_insn.h"
#include "oracle.h"

enum {
    WORDS = 6000000, /* random words that forms are looked for in */
    SEEN = 1 << 17,
    STEPS = 40,               /* of a walk */
    SLOT_FPSCR = SLOT_SYSTEM, /* N Z C V and the rest, as lift_arm_vfp.c has them */
    FPSCR_REST = 0x03c00000,  /* rounding, flush to zero, default NaN: not the sticky bits */
    USER_MODE = 0x10,
    THUMB_BIT = 0x20
};

static uint32_t word_of(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static bool decode(const uint8_t *bytes, uint32_t va, bool thumb, ArmInsn *out) {
    return arm_decode((Bytes){bytes, 4}, va, thumb, out);
}

/* What makes two encodings the same form. */
static uint64_t key_of(const ArmInsn *in) {
    bool keeps_imm = in->op == ARM_SMULXY || in->op == ARM_SMLAXY || in->op == ARM_SMLALXY ||
                     in->op == ARM_VCMPV_F || in->op == ARM_VREV || in->op == ARM_VOTHER ||
                     in->op == ARM_SHA || in->op == ARM_IT || in->op == ARM_MSR;
    uint64_t key = mix64((uint64_t)in->op << 32 | (uint64_t)in->length << 24 |
                         (uint64_t)(in->cond < ARM_ALWAYS) << 16 | in->sets_flags);
    key = mix64(key ^ (uint64_t)in->form << 40 ^ (uint64_t)in->shift << 32 ^
                (uint64_t)in->size << 16 ^ (uint64_t)in->regs << 8 ^ in->width);
    key = mix64(key ^ (uint64_t)in->pre ^ (uint64_t)in->add << 1 ^ (uint64_t)in->writeback << 2 ^
                (uint64_t)in->is_literal << 3 ^ (uint64_t)in->is_unsigned << 4 ^
                (uint64_t)in->quad << 5 ^ (uint64_t)in->vector << 6 ^ (uint64_t)in->one_lane << 7 ^
                (uint64_t)in->all_lanes << 8 ^ (uint64_t)in->stride << 9 ^
                (uint64_t)(in->rd == ARM_PC) << 12 ^ (uint64_t)(in->rs == ARM_NO_REG) << 13 ^
                (uint64_t)(in->rn == ARM_NO_REG) << 14 ^ (uint64_t)(in->rm == ARM_NO_REG) << 15 ^
                (uint64_t)(in->rd == ARM_NO_REG) << 16 ^ (uint64_t)in->thumb << 17);
    return keeps_imm ? mix64(key ^ in->imm) : key;
}

static uint32_t random_word(Random *r, bool thumb) {
    static const uint32_t ones[] = {0, 0xf00, 0xf000, 0xf0000, 0xff00, 0xf0f00, 0xff000, 0xfff00};
    uint32_t word = (uint32_t)random_next(r) | ones[random_below(r, 8)];
    uint64_t space = random_below(r, 6);
    if (!thumb) {
        if (space == 0) /* NEON */
            word = (word & 0x01ffffff) | 0xf2000000;
        else if (space == 1)
            word = (word & 0x00efffff) | 0xf4000000;
        else if (space == 2) /* media, coprocessors */
            word = (word & 0x09ffffff) | 0xe6000000;
        else if (space == 3)
            word |= 0xf0000000;
        else
            word = (word & 0x0fffffff) | 0xe0000000;
        return word;
    }
    if (random_below(r, 3) == 0)
        return word & 0xffff; /* T16, what follows is zero */
    if (space == 0)
        word = (word & 0x10ffffff) | 0xef000000;
    else if (space == 1)
        word = (word & 0x00efffff) | 0xf9000000;
    else if (space == 2)
        word = (word & 0x01ffffff) | 0xfa000000;
    word |= 0xe8000000;
    return word << 16 | word >> 16;
}

static size_t forms_of(bool thumb, OracleForm *out, size_t max) {
    Random r = {7};
    uint64_t *seen = calloc(SEEN, sizeof *seen);
    size_t count = 0;
    CHECK(seen);
    for (unsigned i = 0; i < WORDS && count < max && count < SEEN / 2; i++) {
        uint32_t word = random_word(&r, thumb);
        const uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
                                  (uint8_t)(word >> 24)};
        ArmInsn in;
        if (!decode(bytes, ORACLE_CODE, thumb, &in))
            continue;
        uint64_t key = key_of(&in);
        size_t place = key % SEEN;
        while (seen[place] && seen[place] != key)
            place = (place + 1) % SEEN;
        if (seen[place])
            continue;
        seen[place] = key;
        out[count] = (OracleForm){.length = in.length, .mnemonic = in.op, .key = key};
        memcpy(out[count++].bytes, bytes, 4);
    }
    free(seen);
    return count;
}

static size_t forms_arm(OracleForm *out, size_t max) { return forms_of(false, out, max); }
static size_t forms_thumb(OracleForm *out, size_t max) { return forms_of(true, out, max); }

static const char *mnemonic_arm(uint16_t op) { return arm_op_name((ArmOp)op); }

/* ---- Cases ---- */

/* What an oracle in an empty system cannot do. A store that is exclusive fails there, since no load
 * came before it. */
static bool is_system(const ArmInsn *in) {
    switch (in->op) {
    case ARM_UNKNOWN:
    case ARM_SVC:
    case ARM_RFE:
    case ARM_SYSTEM:
    case ARM_MRRC:
    case ARM_COPROCESSOR:
        return true;
    case ARM_MRC:
        return in->list != 15 || (in->imm & 0x00ef00cf) != 0x000d0040 || in->rd == ARM_PC;
    case ARM_MSR:
        return in->imm & 0x13; /* control and saved bits */
    case ARM_MRS:
        return in->imm & 2;
    case ARM_VMRS:
    case ARM_VMSR:
        return in->imm != 1;
    case ARM_STREX:
        return in->rd != ARM_NO_REG;
    default:
        return false;
    }
}

static bool fits(const OracleForm *form, const uint8_t *bytes, uint32_t va, bool thumb,
                 ArmInsn *out) {
    return decode(bytes, va, thumb, out) && key_of(out) == form->key;
}

static void walk(const OracleForm *form, Random *r, uint32_t va, bool thumb, uint8_t *bytes) {
    memcpy(bytes, form->bytes, 4);
    for (unsigned step = 0; step < STEPS; step++) {
        uint8_t next[4];
        ArmInsn in;
        uint32_t turn = (uint32_t)random_next(r);
        /* One field, or a few bits. */
        turn = random_below(r, 2) ? turn & 0xfu << random_below(r, 8) * 4
                                  : turn & (uint32_t)random_next(r) & (uint32_t)random_next(r);
        uint32_t word = word_of(bytes) ^ (form->length == 2 ? turn & 0xffff : turn);
        for (unsigned i = 0; i < 4; i++)
            next[i] = (uint8_t)(word >> 8 * i);
        if (fits(form, next, va, thumb, &in))
            memcpy(bytes, next, 4);
    }
}

/* Literals shall lie in the bytes of the case: small distances, upwards. */
static void pull_literal(const OracleForm *form, uint32_t va, bool thumb, uint8_t *bytes) {
    uint8_t next[4];
    ArmInsn in;
    memcpy(next, bytes, 4);
    if (form->length == 2) {
        next[0] &= 0x03;
    } else {
        unsigned low = thumb ? 2 : 0;
        next[low] &= 0x0f;
        next[low + 1] &= 0xf0;
    }
    if (fits(form, next, va, thumb, &in))
        memcpy(bytes, next, 4);
}

static void fill_state(Random *r, OracleState *s) {
    for (unsigned i = 0; i < 15; i++)
        s->slots[i] = random_value(r) & UINT32_MAX;
    s->slots[SLOT_ARM_SP] = ORACLE_STACK + 0x4000 + random_below(r, 0x400) * 8;
    for (unsigned i = SLOT_C; i <= SLOT_V; i++)
        s->slots[i] = random_below(r, 2);
    s->slots[SLOT_Q] = random_below(r, 2);
    s->slots[SLOT_GE] = random_below(r, 16);
    s->slots[SLOT_FS] = random_next(r) & UINT32_MAX;
    for (unsigned i = 0; i < 4; i++)
        s->slots[SLOT_FPSCR + i] = random_below(r, 2);
    for (unsigned i = 0; i < 16; i++)
        random_bytes(r, (uint8_t *)&s->slots[SLOT_VECTOR + SLOT_VECTOR_STRIDE * i], 16);
}

static bool is_memory(const ArmInsn *in) {
    return (in->op >= ARM_LDR && in->op <= ARM_SWP) || in->op == ARM_TBB || in->op == ARM_TBH ||
           (in->op >= ARM_VLDR && in->op <= ARM_VSTM) || in->op == ARM_VLDN || in->op == ARM_VSTN;
}

/* Registers of addresses into our memory. */
static void aim(const ArmInsn *in, Random *r, OracleState *s) {
    if (in->rn < ARM_PC) {
        uint64_t va = ORACLE_DATA + 0x1800 + random_below(r, 0x800) * 4;
        bool is_atomic = in->op >= ARM_LDREX && in->op <= ARM_SWP;
        if (random_below(r, 4) == 0 && !is_atomic)
            va += random_below(r, 4); /* word accesses need no alignment */
        if (is_atomic)
            va = (va & ~UINT64_C(7)) - in->imm;
        else if (in->op == ARM_LDM || in->op == ARM_STM || in->op == ARM_LDRD ||
                 in->op == ARM_STRD || (in->op >= ARM_VLDR && in->op <= ARM_VSTM))
            va &= ~UINT64_C(3);
        s->slots[in->rn] = va;
    }
    if (in->rm < ARM_PC && in->rm != in->rn) {
        bool is_table = in->op == ARM_TBB || in->op == ARM_TBH;
        s->slots[in->rm] = random_below(r, is_table ? 16 : 0x100);
        /* An offset that is shifted up would leave: none then. */
        if (in->form == ARM_FORM_REG && (in->shift == ARM_ROR || in->shift == ARM_RRX ||
                                         (in->shift == ARM_LSL && in->amount > 3)))
            s->slots[in->rm] = 0;
    }
}

static void tame(const ArmInsn *in, Random *r, OracleState *s) {
    if (is_memory(in))
        aim(in, r, s);
    /* A branch to bit 1 without bit 0 is UNPREDICTABLE. */
    if ((in->op == ARM_BX || in->op == ARM_BLX) && in->rm < ARM_PC)
        s->slots[in->rm] = ORACLE_DATA + random_below(r, 0x400) * 4 + random_below(r, 2);
    if (in->op == ARM_VMSR && in->rm < ARM_PC)
        s->slots[in->rm] &= 0xf0000000 | FPSCR_REST;
    if (in->op == ARM_MSR && in->rm < ARM_PC && in->rm != ARM_NO_REG)
        s->slots[in->rm] &= 0xf80f0000;
}

/* Instructions for a block, of which only the first may go to memory, since its registers are aimed
 * there: what leaves the line, or means nothing in one, does not come. */
static bool fits_block(const ArmInsn *in) {
    return !arm_writes_pc(in) && !is_system(in) && in->op != ARM_IT && in->op != ARM_BKPT &&
           in->op != ARM_UDF && !in->is_literal && !in->vector;
}

static void fill_block(const ArmInsn *it, Random *r, OracleCase *c) {
    c->length = 2;
    for (unsigned i = 0; i < arm_it_count(it); i++)
        for (;;) {
            uint32_t word = random_word(r, true);
            const uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
                                      (uint8_t)(word >> 24)};
            ArmInsn in;
            if (!decode(bytes, 0, true, &in) || !fits_block(&in) || (i > 0 && is_memory(&in)))
                continue;
            if (i == 0)
                tame(&in, r, &c->before);
            memcpy(c->bytes + c->length, bytes, in.length);
            c->length = (uint8_t)(c->length + in.length);
            break;
        }
    c->repeats = true; /* runs until its end */
}

static bool make_case(bool thumb, const OracleForm *form, Random *r, OracleCase *c) {
    ArmInsn in;
    uint32_t va = (uint32_t)c->before.pc;
    walk(form, r, va, thumb, c->bytes);
    if (!decode(c->bytes, va, thumb, &in))
        return false;
    if (in.is_literal)
        pull_literal(form, va, thumb, c->bytes);
    CHECK(decode(c->bytes, va, thumb, &in));
    if (in.is_literal && (in.target < va || in.target > va + ORACLE_CODE_STEP - 16))
        return false;
    c->length = in.length;
    c->before.is_thumb = thumb;
    c->is_refused = is_system(&in);
    c->is_inexact = true; /* NEON has other NaNs and no subnormal numbers */
    fill_state(r, &c->before);
    tame(&in, r, &c->before);
    if (in.op == ARM_IT)
        fill_block(&in, r, c);
    return true;
}

static bool make_arm(const OracleForm *form, Random *r, OracleCase *c) {
    return make_case(false, form, r, c);
}
static bool make_thumb(const OracleForm *form, Random *r, OracleCase *c) {
    return make_case(true, form, r, c);
}

/* ---- Unicorn ---- */

static const int core[15] = {UC_ARM_REG_R0,  UC_ARM_REG_R1, UC_ARM_REG_R2,  UC_ARM_REG_R3,
                             UC_ARM_REG_R4,  UC_ARM_REG_R5, UC_ARM_REG_R6,  UC_ARM_REG_R7,
                             UC_ARM_REG_R8,  UC_ARM_REG_R9, UC_ARM_REG_R10, UC_ARM_REG_R11,
                             UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR};

static const struct {
    uint16_t slot;
    uint8_t bit;
} psr[] = {{SLOT_N, 31}, {SLOT_Z, 30}, {SLOT_C, 29}, {SLOT_V, 28}, {SLOT_Q, 27}};

static uint16_t d_slot(unsigned n) {
    return (uint16_t)(SLOT_VECTOR + SLOT_VECTOR_STRIDE * (n / 2) + n % 2);
}

/* VFP on, for the user mode too. */
static void start(uc_engine *uc) {
    uint32_t enable = UINT32_C(1) << 30, access = 0x00f00000;
    uc_reg_write(uc, UC_ARM_REG_C1_C0_2, &access);
    uc_reg_write(uc, UC_ARM_REG_FPEXC, &enable);
}

static void put(uc_engine *uc, const OracleState *s) {
    uint32_t cpsr = USER_MODE | (s->is_thumb ? THUMB_BIT : 0) | (uint32_t)s->slots[SLOT_GE] << 16;
    for (size_t i = 0; i < sizeof psr / sizeof *psr; i++)
        cpsr |= (uint32_t)s->slots[psr[i].slot] << psr[i].bit;
    uc_reg_write(uc, UC_ARM_REG_CPSR, &cpsr); /* first: modes have their own sp and lr */
    for (unsigned i = 0; i < 15; i++)
        uc_reg_write(uc, core[i], &s->slots[i]);
    for (int i = 0; i < 32; i++)
        uc_reg_write(uc, UC_ARM_REG_D0 + i, &s->slots[d_slot((unsigned)i)]);
    uint32_t fpscr = (uint32_t)s->slots[SLOT_FPSCR + 4];
    for (unsigned i = 0; i < 4; i++)
        fpscr |= (uint32_t)s->slots[SLOT_FPSCR + i] << (31 - i);
    uc_reg_write(uc, UC_ARM_REG_FPSCR, &fpscr);
    uint32_t thread = (uint32_t)s->slots[SLOT_FS];
    uc_reg_write(uc, UC_ARM_REG_C13_C0_2, &thread);
    uc_reg_write(uc, UC_ARM_REG_C13_C0_3, &thread);
}

static void get(uc_engine *uc, OracleState *s) {
    uint32_t cpsr = 0, fpscr = 0, pc = 0;
    for (unsigned i = 0; i < 15; i++) {
        uint32_t value = 0;
        uc_reg_read(uc, core[i], &value);
        s->slots[i] = value;
    }
    for (int i = 0; i < 32; i++)
        uc_reg_read(uc, UC_ARM_REG_D0 + i, &s->slots[d_slot((unsigned)i)]);
    uc_reg_read(uc, UC_ARM_REG_CPSR, &cpsr);
    uc_reg_read(uc, UC_ARM_REG_FPSCR, &fpscr);
    uc_reg_read(uc, UC_ARM_REG_PC, &pc);
    for (size_t i = 0; i < sizeof psr / sizeof *psr; i++)
        s->slots[psr[i].slot] = cpsr >> psr[i].bit & 1;
    s->slots[SLOT_GE] = cpsr >> 16 & 15;
    for (unsigned i = 0; i < 4; i++)
        s->slots[SLOT_FPSCR + i] = fpscr >> (31 - i) & 1;
    s->slots[SLOT_FPSCR + 4] = fpscr & FPSCR_REST;
    s->is_thumb = cpsr & THUMB_BIT;
    s->pc = pc & ~UINT32_C(1);
}

const OracleTarget oracle_arm = {.name = "arm",
                                 .arch = ARCH_ARM,
                                 .bits = 32,
                                 .uc_arch = UC_ARCH_ARM,
                                 .uc_mode = UC_MODE_ARM,
                                 .uc_model = UC_CPU_ARM_MAX,
                                 .forms = forms_arm,
                                 .mnemonic = mnemonic_arm,
                                 .make = make_arm,
                                 .start = start,
                                 .put = put,
                                 .get = get};

const OracleTarget oracle_thumb = {.name = "thumb",
                                   .arch = ARCH_ARM,
                                   .bits = 32,
                                   .uc_arch = UC_ARCH_ARM,
                                   .uc_mode = UC_MODE_THUMB,
                                   .uc_model = UC_CPU_ARM_MAX,
                                   .forms = forms_thumb,
                                   .mnemonic = mnemonic_arm,
                                   .make = make_thumb,
                                   .start = start,
                                   .put = put,
                                   .get = get};
