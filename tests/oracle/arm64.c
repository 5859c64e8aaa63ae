/* SPDX-License-Identifier: Apache-2.0
 * arm64.c: A64 for the oracle. Forms are the rows of the instruction table, once for each width
 * and kind of address; a case fills the other fields at random. */
#include <unicorn/unicorn.h>

#include "base/check.h"
#include "code/a64.h"
#include "oracle.h"

enum {
    TRIES = 400, /* random words for each row, to find its forms */
    FILLS = 200, /* and for a case of a form */
    SP = 31
};

static Arena *table_arena; /* as long as the program */
static void free_table(void) { arena_free(table_arena); }

static A64Table *table(void) {
    static A64Table *made;
    if (!made) {
        table_arena = arena_new((size_t)1 << 24);
        made = a64_table_new(table_arena);
        atexit(free_table);
    }
    return made;
}

typedef struct Pattern {
    uint32_t mask, value;
} Pattern;

static Pattern pattern_of(uint16_t row) {
    Pattern p = {0, 0};
    for (const char *c = a64_row(row)->pattern; *c; c++) {
        if (*c == ' ')
            continue;
        p.mask = p.mask << 1 | (*c == '0' || *c == '1');
        p.value = p.value << 1 | (*c == '1');
    }
    return p;
}

/* Widths, shapes of addresses, and what else changes how a word is lifted. */
static uint32_t shape_bits(A64Class kind) {
    switch ((int)kind) {
    case A64_LOAD:
    case A64_STORE:
    case A64_LOAD_V:
    case A64_STORE_V:
        return 0xc0e0fc00;
    case A64_ADD_EXTENDED:
        return 0x8000e000;
    case A64_V_DUP:
    case A64_V_DUP_LANE:
    case A64_V_GET:
    case A64_V_INSERT:
    case A64_V_INSERT_LANE:
    case A64_S_DUP_LANE:
        return 0x400f0000;
    case A64_V_SHIFT:
    case A64_S_SHIFT:
    case A64_V_FIXED:
    case A64_S_FIXED:
        return 0x40780000;
    case A64_V_IMM:
        return 0x6000f800;
    case A64_STRUCT:
    case A64_STRUCT_LANE:
    case A64_STRUCT_SPLAT:
        return 0x40c0fc00;
    case A64_COND_COMPARE:
        return 0x80000800;
    case A64_CRC:
        return 0x80000c00;
    default:
        return 0xc0c00000;
    }
}

/* LOAD's shape holds its offset where that is a number: not part of the form. */
static uint64_t key_of(uint16_t row, uint32_t w) {
    A64Class kind = a64_row(row)->kind;
    uint32_t bits = shape_bits(kind);
    if (kind >= A64_STORE && kind <= A64_LOAD_V && bits == 0xc0e0fc00 &&
        (a64_bits(w, 24, 1) || !a64_bits(w, 21, 1)))
        bits = a64_bits(w, 24, 1) ? 0xc0c00000 : 0xc0e00c00;
    return mix64((uint64_t)row << 32 | (w & bits));
}

static uint16_t mnemonic_of(uint16_t row) {
    for (uint16_t i = 0; i < row; i++)
        if (a64_row(i)->kind == a64_row(row)->kind && !strcmp(a64_row(i)->name, a64_row(row)->name))
            return i;
    return row;
}

static const char *mnemonic(uint16_t row) { return a64_row(row)->name; }

static void put_word(uint8_t *bytes, uint32_t w) {
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(w >> 8 * i);
}

static size_t forms(OracleForm *out, size_t max) {
    Random r = {7};
    size_t count = 0;
    for (uint16_t row = 0; row < a64_row_count(); row++) {
        Pattern p = pattern_of(row);
        size_t first = count;
        for (unsigned i = 0; i < TRIES && count < max; i++) {
            uint32_t w = ((uint32_t)random_next(&r) & ~p.mask) | p.value;
            if (a64_find(table(), w) != row)
                continue;
            uint64_t key = key_of(row, w);
            size_t k = first;
            while (k < count && out[k].key != key)
                k++;
            if (k < count)
                continue;
            out[count] = (OracleForm){.length = 4, .mnemonic = mnemonic_of(row), .key = key};
            put_word(out[count++].bytes, w);
        }
    }
    return count;
}

/* ---- Cases ---- */

static bool is_named(uint16_t row, const char *name) { return !strcmp(a64_row(row)->name, name); }

/* Newer than Unicorn 2.0.1, or wrong in it: extremes of less than 64 bits in memory are compared
 * as if they had 64. */
static bool is_unknown(uint16_t row, uint32_t w) {
    static const char *const names[] = {"bc.",    "sb",  "cfinv", "xaflag",
                                        "axflag", "ctz", "cnt",   "abs"};
    A64Class kind = a64_row(row)->kind;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_named(row, names[i]) && kind < A64_V_DUP_LANE)
            return true;
    if (is_named(row, "dsb") && !a64_bits(w, 7, 1))
        return true;
    if (kind == A64_V_DOT || kind == A64_V_DOT_INDEXED)
        return a64_row(row)->name[1] != 'd';
    return kind == A64_MINMAX_IMM || kind == A64_MINMAX_REG || kind == A64_TAG_IMM ||
           kind == A64_RESERVED || kind == A64_V_MATRIX || kind == A64_V_BFLOAT ||
           kind == A64_V_BFLOAT_INDEXED || kind == A64_V_BFLOAT_NARROW || kind == A64_F_BFLOAT ||
           (kind == A64_ATOMIC && w >> 30 < 3 && a64_bits(w, 14, 1) && !a64_bits(w, 15, 1));
}

/* What an oracle in an empty system cannot do, or does otherwise than lifters say: signed pointers,
 * exclusive stores without a load before, caches. */
static bool is_system(uint16_t row, uint32_t w) {
    uint32_t which = w & 0x1fffe0;
    if (is_unknown(row, w))
        return true;
    switch ((int)a64_row(row)->kind) {
    case A64_SYS:
    case A64_SYSL:
    case A64_MSR_IMM:
    case A64_ERET:
    case A64_BLOCK_64:
    case A64_MEMORY_COPY:
    case A64_TAG_LOAD:
    case A64_TAG_STORE:
    case A64_TAG_REG:
    case A64_SCALABLE:
        return true;
    case A64_MRS:
    case A64_MSR:
        return which != 0x1b4200 && which != 0x1bd040;
    case A64_SYSCALL:
        return true;
    case A64_TRAP:
        return !is_named(row, "brk");
    case A64_HINT:
        return strncmp(a64_row(row)->name, "bti", 3) != 0 && a64_row(row)->name[0] != 'p';
    case A64_AUTH:
        return a64_row(row)->name[0] == 'x';
    case A64_STORE_EX:
        return !a64_bits(w, 23, 1);
    case A64_STORE_EX_PAIR:
        return true;
    default:
        return false;
    }
}

/* Two registers that must differ and do not: CONSTRAINED UNPREDICTABLE. */
static bool is_unpredictable(A64Class kind, uint32_t w) {
    unsigned t = a64_bits(w, 0, 5), n = a64_bits(w, 5, 5), u = a64_bits(w, 10, 5);
    bool moves = !a64_bits(w, 24, 1) && !a64_bits(w, 21, 1) && a64_bits(w, 10, 1);
    bool pair_moves = a64_bits(w, 23, 1);
    switch ((int)kind) {
    case A64_LOAD:
    case A64_STORE:
        return moves && t == n && n != SP;
    case A64_LOAD_AUTH:
        return t == n;
    case A64_LOAD_PAIR:
        return t == u || (pair_moves && n != SP && (t == n || u == n));
    case A64_STORE_PAIR:
        return pair_moves && n != SP && (t == n || u == n);
    case A64_LOAD_PAIR_V:
    case A64_LOAD_EX_PAIR:
        return t == u;
    default:
        return false;
    }
}

/* What is added to the base register; the bytes around it must be there, too. */
static int64_t displacement(A64Class kind, uint32_t w) {
    unsigned scale = w >> 30;
    switch ((int)kind) {
    case A64_LOAD_V:
    case A64_STORE_V:
        scale = a64_bits(w, 23, 1) ? 4 : scale;
        break;
    case A64_LOAD_PAIR:
    case A64_STORE_PAIR:
        return a64_signed(w, 15, 7) * (w >> 31 ? 8 : 4);
    case A64_LOAD_PAIR_V:
    case A64_STORE_PAIR_V:
        return a64_signed(w, 15, 7) * (4 << scale);
    case A64_LOAD_AUTH:
        return a64_signed(a64_bits(w, 12, 9) | a64_bits(w, 22, 1) << 9, 0, 10) * 8;
    default:
        break;
    }
    if (kind != A64_LOAD && kind != A64_STORE && kind != A64_LOAD_V && kind != A64_STORE_V)
        return 0;
    if (a64_bits(w, 24, 1))
        return (int64_t)a64_bits(w, 10, 12) << scale;
    return a64_bits(w, 21, 1) ? 0 : a64_signed(w, 12, 9);
}

static bool is_memory(A64Class kind) {
    return kind >= A64_STORE_EX && kind < A64_DIVIDE && kind != A64_PREFETCH &&
           kind != A64_LOAD_LITERAL && kind != A64_LOAD_LITERAL_V;
}

static void aim(A64Class kind, uint32_t w, Random *r, OracleState *s) {
    unsigned n = a64_bits(w, 5, 5), m = a64_bits(w, 16, 5);
    bool is_atomic = kind < A64_STORE || kind == A64_ATOMIC;
    uint64_t va = ORACLE_DATA + 0x1800 + random_below(r, 0x80) * 16;
    if (!is_atomic && n != SP)
        va += random_below(r, 16);
    bool has_index =
        (kind == A64_LOAD || kind == A64_STORE || kind == A64_LOAD_V || kind == A64_STORE_V) &&
        a64_bits(w, 21, 1) && !a64_bits(w, 24, 1) && a64_bits(w, 10, 2) == 2;
    if (has_index && m != SP) {
        uint64_t upper = a64_bits(w, 13, 1) ? 0 : random_next(r) << 32;
        s->slots[m] = random_below(r, 0x60) | upper;
    }
    s->slots[n] = va - (uint64_t)displacement(kind, w);
    if (n == SP)
        s->slots[n] &= ~UINT64_C(15);
}

static void fill_state(Random *r, OracleState *s) {
    for (unsigned i = 0; i < 31; i++)
        s->slots[i] = random_value(r);
    s->slots[SLOT_ARM64_SP] = ORACLE_STACK + 0x4000 + random_below(r, 0x100) * 16;
    for (unsigned i = SLOT_C; i <= SLOT_V; i++)
        s->slots[i] = random_below(r, 2);
    s->slots[SLOT_FS] = random_next(r);
    for (unsigned i = 0; i < 32; i++)
        random_bytes(r, (uint8_t *)&s->slots[SLOT_VECTOR + SLOT_VECTOR_STRIDE * i], 16);
}

/* Floating point that is lifted as what is close to it: maxnm, minnm, mulx; the sum of three whose
 * NaNs come in another order; half precision. */
static bool is_inexact(uint16_t row, uint32_t w) {
    A64Class kind = a64_row(row)->kind;
    const char *name = a64_row(row)->name;
    if (strstr(name, "nm") || is_named(row, "fmulx") || is_named(row, "fabd"))
        return true;
    if (kind == A64_F_THREE || strstr(name, "fml"))
        return true;
    if (kind >= A64_F_FROM_FIXED)
        return a64_bits(w, 22, 2) == 3;
    return strcmp(name, "fcvtxn") == 0;
}

static bool make(const OracleForm *form, Random *r, OracleCase *c) {
    uint16_t row = A64_NONE;
    uint32_t w = 0, base = bytes_u32_at((Bytes){form->bytes, 4}, 0);
    uint16_t want = a64_find(table(), base);
    A64Class kind = a64_row(want)->kind;
    Pattern p = pattern_of(want);
    for (unsigned i = 0; i < FILLS && row != want; i++) {
        uint32_t keep = p.mask | shape_bits(kind);
        w = (base & keep) | ((uint32_t)random_next(r) & ~keep);
        if (random_below(r, 4) == 0) /* the same register again */
            w = (w & ~0x3e0u) | (w & 0x1f) << 5;
        if (kind == A64_LOAD_LITERAL || kind == A64_LOAD_LITERAL_V)
            w = (w & ~0xffffe0u) | (1 + (uint32_t)random_below(r, 10)) << 5;
        w = (w & ~p.mask) | p.value;
        row = a64_find(table(), w);
        if (row == want && (key_of(row, w) != form->key || is_unpredictable(kind, w)))
            row = A64_NONE;
    }
    if (row != want)
        return false;
    put_word(c->bytes, w);
    c->length = 4;
    random_bytes(r, c->bytes + 4, 16); /* literals */
    c->is_refused = is_system(row, w);
    c->is_inexact = is_inexact(row, w);
    fill_state(r, &c->before);
    if (is_memory(kind))
        aim(kind, w, r, &c->before);
    unsigned n = a64_bits(w, 5, 5);
    bool goes = kind == A64_JUMP_REG || kind == A64_CALL_REG || kind == A64_RETURN;
    if (goes)
        c->before.slots[n == SP ? SLOT_ARM64_LR : n] = ORACLE_DATA + random_below(r, 0x400) * 4;
    if (kind == A64_RETURN || (goes && n == SP))
        c->before.slots[SLOT_ARM64_LR] = ORACLE_DATA + random_below(r, 0x400) * 4;
    return !(goes && n == SP);
}

/* ---- Unicorn ---- */

static int x_register(unsigned n) {
    return n == 29   ? UC_ARM64_REG_X29
           : n == 30 ? UC_ARM64_REG_X30
           : n == SP ? UC_ARM64_REG_SP
                     : UC_ARM64_REG_X0 + (int)n;
}

static void start(uc_engine *uc) {
    uint64_t access = UINT64_C(3) << 20; /* FPEN: no traps */
    uc_reg_write(uc, UC_ARM64_REG_CPACR_EL1, &access);
}

static const struct {
    uint16_t slot;
    uint8_t at;
} nzcv[4] = {{SLOT_N, 31}, {SLOT_Z, 30}, {SLOT_C, 29}, {SLOT_V, 28}};

static void put(uc_engine *uc, const OracleState *s) {
    uint64_t flags = 0;
    for (unsigned i = 0; i < 32; i++) {
        uc_reg_write(uc, x_register(i), &s->slots[i]);
        uc_reg_write(uc, UC_ARM64_REG_V0 + (int)i, &s->slots[SLOT_VECTOR + SLOT_VECTOR_STRIDE * i]);
    }
    for (unsigned i = 0; i < 4; i++)
        flags |= s->slots[nzcv[i].slot] << nzcv[i].at;
    uc_reg_write(uc, UC_ARM64_REG_NZCV, &flags);
    uc_reg_write(uc, UC_ARM64_REG_TPIDR_EL0, &s->slots[SLOT_FS]);
}

static void get(uc_engine *uc, OracleState *s) {
    uint64_t flags = 0;
    for (unsigned i = 0; i < 32; i++) {
        uc_reg_read(uc, x_register(i), &s->slots[i]);
        uc_reg_read(uc, UC_ARM64_REG_V0 + (int)i, &s->slots[SLOT_VECTOR + SLOT_VECTOR_STRIDE * i]);
    }
    uc_reg_read(uc, UC_ARM64_REG_NZCV, &flags);
    for (unsigned i = 0; i < 4; i++)
        s->slots[nzcv[i].slot] = flags >> nzcv[i].at & 1;
    uc_reg_read(uc, UC_ARM64_REG_TPIDR_EL0, &s->slots[SLOT_FS]);
    uc_reg_read(uc, UC_ARM64_REG_PC, &s->pc);
}

const OracleTarget oracle_arm64 = {.name = "aarch64",
                                   .arch = ARCH_ARM64,
                                   .bits = 64,
                                   .uc_arch = UC_ARCH_ARM64,
                                   .uc_mode = UC_MODE_ARM,
                                   .uc_model = UC_CPU_ARM64_MAX,
                                   .forms = forms,
                                   .mnemonic = mnemonic,
                                   .make = make,
                                   .start = start,
                                   .put = put,
                                   .get = get};
