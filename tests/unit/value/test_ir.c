/* SPDX-License-Identifier: Apache-2.0
 * test_ir.c: arithmetic of micro-operations against known vectors and against plain 128-bit
 * arithmetic on random numbers; removal of dead operations. */
#include "cog_test.h"

#include <string.h>

#include "value/ir.h"

__extension__ typedef unsigned __int128 Wide;
__extension__ typedef __int128 SignedWide;

static uint64_t state = 0x9e3779b97f4a7c15;
static uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    /* Edges often: where carries and signs change. */
    static const uint64_t edges[] = {0,
                                     1,
                                     0x7f,
                                     0x80,
                                     0xff,
                                     0x7fff,
                                     0x8000,
                                     0x7fffffff,
                                     0x80000000,
                                     UINT64_MAX / 2,
                                     UINT64_MAX / 2 + 1,
                                     UINT64_MAX};
    return state % 3 ? state : edges[(state >> 8) % (sizeof edges / sizeof *edges)];
}

static uint64_t eval(IrKind kind, unsigned w, unsigned lane, uint64_t imm, const uint64_t in[3]) {
    IrOp op = {.kind = (uint8_t)kind, .bits = (uint8_t)w, .lane = (uint8_t)lane, .imm = imm};
    uint64_t out = 0;
    if (!ir_eval(&op, in[0], in[1], in[2], &out))
        fail_msg("%s %u is not computed", ir_kind_name(kind), w);
    return out;
}

static const struct {
    IrKind kind;
    uint8_t w, lane;
    uint64_t imm, a, b, c, want;
} vectors[] = {
    {IR_MOVE, 8, 0, 0, 0x1234, 0, 0, 0x34},
    {IR_SEXT, 32, 8, 0, 0xfff80, 0, 0, 0xffffff80},
    {IR_SEXT, 64, 16, 0, 0x7fff, 0, 0, 0x7fff},
    {IR_EXTRACT, 8, 0, 8, 0x1234, 0, 0, 0x12},
    {IR_EXTRACT, 32, 0, 60, 0xf000000000000000, 0, 0, 0xf},
    {IR_EXTRACT, 32, 0, 64, UINT64_MAX, 0, 0, 0},
    {IR_INSERT, 8, 0, 8, 0x1122334455667788, 0xffab, 0, 0x112233445566ab88},
    {IR_INSERT, 64, 0, 0, 1, 2, 0, 2},
    {IR_INSERT, 8, 0, 60, 0, 0xff, 0, 0xf000000000000000},
    {IR_SELECT, 16, 0, 0, 3, 0x12345, 7, 0x2345},
    {IR_SELECT, 16, 0, 0, 2, 5, 7, 7},
    {IR_UDIV, 32, 0, 0, 0xf00000007, 0x100000002, 0, 3},
    {IR_UDIV, 32, 0, 0, 7, 0x100000000, 0, 0},
    {IR_UREM, 32, 0, 0, 7, 0x100000000, 0, 7},
    {IR_SDIV, 64, 0, 0, (uint64_t)INT64_MIN, UINT64_MAX, 0, (uint64_t)INT64_MIN},
    {IR_SREM, 64, 0, 0, (uint64_t)INT64_MIN, UINT64_MAX, 0, 0},
    {IR_SDIV, 8, 0, 0, 0xf9, 2, 0, 0xfd},
    {IR_SREM, 8, 0, 0, 0xf9, 2, 0, 0xff},
    {IR_UDIVW, 64, 0, 0, 1, 0, 2, (uint64_t)1 << 63},
    {IR_UREMW, 8, 0, 0, 1, 2, 0, 2},
    {IR_SDIVW, 64, 0, 0, UINT64_MAX, (uint64_t)-7, 2, (uint64_t)-3},
    {IR_SREMW, 64, 0, 0, UINT64_MAX, (uint64_t)-7, 2, UINT64_MAX},
    {IR_SDIVW, 64, 0, 0, (uint64_t)INT64_MIN, 5, UINT64_MAX, (uint64_t)-5},
    {IR_SHL, 32, 0, 0, 1, 32, 0, 0},
    {IR_SHL, 32, 0, 0, 1, (uint64_t)1 << 32, 0, 0},
    {IR_SHR, 16, 0, 0, 0xf8000, 15, 0, 1},
    {IR_SAR, 16, 0, 0, 0x8000, 99, 0, 0xffff},
    {IR_ROL, 8, 0, 0, 0x181, 9, 0, 3},
    {IR_ROR, 8, 0, 0, 0x181, 9, 0, 0xc0},
    {IR_ROR, 64, 0, 0, 1, 0, 0, 1},
    {IR_CLZ, 16, 0, 0, 0x10001, 0, 0, 15},
    {IR_CLZ, 8, 0, 0, 0, 0, 0, 8},
    {IR_CTZ, 32, 0, 0, 0x100000000, 0, 0, 32},
    {IR_BSWAP, 32, 0, 0, 0x11223344, 0, 0, 0x44332211},
    {IR_BSWAP, 16, 0, 0, 0x1122, 0, 0, 0x2211},
    {IR_RBIT, 8, 0, 0, 0x01, 0, 0, 0x80},
    {IR_PDEP, 32, 0, 0, 0x5, 0x70, 0, 0x50},
    {IR_PEXT, 32, 0, 0, 0x50, 0x70, 0, 0x5},
    /* CRC of "123456789" is known without the inversions: start with ones, invert the result. */
    {IR_CRC32, 32, 64, 0, 0xffffffff, 0x3837363534333231, 0, 0x9ae0daaf ^ 0xffffffff},
    {IR_CRC32C, 32, 64, 0, 0xffffffff, 0x3837363534333231, 0, 0x6087809a ^ 0xffffffff},
    {IR_CLMUL, 64, 0, 0, 0x7, 0x5, 0, 0x1b},
    {IR_CLMULH, 64, 0, 0, (uint64_t)1 << 63, 6, 0, 3},
    {IR_PARITY, 8, 0, 0, 0x103, 0, 0, 1},
    {IR_PARITY, 32, 0, 0, 0x1, 0, 0, 0},
    {IR_CARRY, 4, 0, 0, 0x1f, 0, 1, 1}, /* x86's A: carry out of bit 3 */
    {IR_BORROW, 4, 0, 0, 0x10, 1, 0, 1},
    {IR_PADD, 64, 8, 0, 0x00ff7f80ff010203, 0x0101010101010101, 0, 0x0100808100020304},
    {IR_PSUB, 64, 16, 0, 0x0000800000010001, 0x0001000100010002, 0, 0xffff7fff0000ffff},
    {IR_PADD_US, 64, 32, 0, 0xffffffff00000001, 0x0000000100000001, 0, 0xffffffff00000002},
    {IR_PADD_US, 64, 64, 0, UINT64_MAX, 1, 0, UINT64_MAX},
    {IR_PADD_SS, 64, 64, 0, INT64_MAX, 1, 0, INT64_MAX},
    {IR_PADD_SS, 64, 8, 0, 0x7f80, 0x01ff, 0, 0x7f80},
    {IR_PSUB_US, 64, 8, 0, 0x0305, 0x0401, 0, 0x0004},
    {IR_PSUB_SS, 64, 16, 0, 0x80007fff, 0x0001ffff, 0, 0x80007fff},
    {IR_PMUL, 64, 16, 0, 0x00030100, 0x00050100, 0, 0x000f0000},
    {IR_PMULHU, 64, 16, 0, 0xffff0100, 0xffff0100, 0, 0xfffe0001},
    {IR_PMULHS, 64, 16, 0, 0xffff0100, 0xffff0100, 0, 0x00000001},
    {IR_PMULU, 64, 32, 0, 0x5ffffffff, 0x5ffffffff, 0, 0xfffffffe00000001},
    {IR_PMULS, 64, 32, 0, 0x5ffffffff, 0x500000002, 0, (uint64_t)-2},
    {IR_PMADD, 64, 16, 0, 0xffff000200030004, 0x0001000500060007, 0, 0x000000090000002e},
    {IR_PMADDUS, 64, 8, 0, 0xffff, 0x7f7f, 0, 0x7fff},
    {IR_PSAD, 64, 8, 0, 0xff00, 0x00ff, 0, 510},
    {IR_PAVG, 64, 8, 0, 0xff01, 0xff02, 0, 0xff02},
    {IR_PMINU, 64, 8, 0, 0xff01, 0x0102, 0, 0x0101},
    {IR_PMINS, 64, 8, 0, 0xff01, 0x0102, 0, 0xff01},
    {IR_PMAXU, 64, 8, 0, 0xff01, 0x0102, 0, 0xff02},
    {IR_PMAXS, 64, 8, 0, 0xff01, 0x0102, 0, 0x0102},
    {IR_PABS, 64, 8, 0, 0xff80, 0, 0, 0x0180},
    {IR_PSHL, 64, 16, 0, 0x8001800180018001, 1, 0, 0x0002000200020002},
    {IR_PSHR, 64, 16, 0, 0x8001800180018001, 15, 0, 0x0001000100010001},
    {IR_PSHR, 64, 32, 0, UINT64_MAX, 32, 0, 0},
    {IR_PSAR, 64, 16, 0, 0x8001, 77, 0, 0xffff},
    {IR_PSHLV, 64, 32, 0, 0x100000001, 0x2000000021, 0, 0},
    {IR_PSHRV, 64, 32, 0, 0x800000001, 0x300000000, 0, 0x100000001},
    {IR_PSARV, 64, 32, 0, 0x8000000080000000, 0x1ffffffff, 0, 0xc0000000ffffffff},
    {IR_PEQ, 64, 8, 0, 0x0102, 0x0103, 0, 0xffffffffffffff00},
    {IR_PGTS, 64, 16, 0, 0x00010001, 0xffff0001, 0, 0xffff0000},
    {IR_PGTU, 64, 16, 0, 0x00010001, 0xffff0000, 0, 0x0000ffff},
    {IR_PUNPACKL, 64, 8, 0, 0x04030201, 0x14131211, 0, 0x1404130312021101},
    {IR_PUNPACKH, 64, 16, 0, 0x0004000300000000, 0x0014001300000000, 0, 0x0014000400130003},
    {IR_PUNPACKL, 64, 32, 0, 0x1, 0x2, 0, 0x200000001},
    {IR_PPACK, 64, 8, 0, 0x0807060504030201, 0x1817161514131211, 0, 0x1715131107050301},
    {IR_PPACK_SS, 64, 16, 0, 0x0080ff7f00010002, 0xffff, 0, 0x000000ff7f800102},
    {IR_PPACK_US, 64, 16, 0, 0x0100ffff00010002, 0x00ff, 0, 0x000000ffff000102},
    {IR_PPACK_UU, 64, 16, 0, 0x0100ffff00010002, 0x00ff, 0, 0x000000ffffff0102},
    {IR_PZEXT, 64, 8, 0, 0xff0201ff, 0, 0, 0x00ff0002000100ff},
    {IR_PSEXT, 64, 16, 0, 0x8000ffff, 0, 0, 0xffff8000ffffffff},
    {IR_PSPLAT, 64, 8, 0, 0x1234, 0, 0, 0x3434343434343434},
    {IR_PSPLAT, 64, 64, 0, 0x1234, 0, 0, 0x1234},
    {IR_PTABLE, 64, 8, 0, 0x0706050403020100, 0x0f0e0d0c0b0a0908, 0xff100f0e08070100,
     0x00000f0e08070100},
    {IR_PMASK, 64, 8, 0, 0x80007f8000000080, 0, 0, 0x91},
    {IR_PREVERSE, 64, 8, 32, 0x0807060504030201, 0, 0, 0x0506070801020304},
    {IR_PREVERSE, 64, 32, 64, 0x0000000200000001, 0, 0, 0x0000000100000002},
    {IR_PPOPCNT, 64, 8, 0, 0xff01, 0, 0, 0x0801},
    {IR_PADDP, 64, 16, 0, 0x0004000300020001, 0x0001000100010001, 0, 0x0002000200070003},
};

static void test_vectors(void **s) {
    (void)s;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint64_t in[3] = {vectors[i].a, vectors[i].b, vectors[i].c};
        uint64_t got = eval(vectors[i].kind, vectors[i].w, vectors[i].lane, vectors[i].imm, in);
        if (got != vectors[i].want)
            fail_msg("vector %zu (%s): %llx, not %llx", i, ir_kind_name(vectors[i].kind),
                     (unsigned long long)got, (unsigned long long)vectors[i].want);
    }
}

static SignedWide sign(uint64_t v, unsigned w) {
    SignedWide x = (SignedWide)(v & ir_mask(w));
    return x >> (w - 1) ? x - ((SignedWide)1 << w) : x;
}

/* What the tests with a carry give, by wide arithmetic. */
static void check_carries(unsigned w, const uint64_t in[3]) {
    Wide a = in[0] & ir_mask(w), b = in[1] & ir_mask(w), c = in[2] & 1;
    SignedWide most = ((SignedWide)1 << (w - 1)) - 1, x = sign(in[0], w), y = sign(in[1], w);
    SignedWide sum = x + y + (SignedWide)c, rest = x - y - (SignedWide)c;
    assert_int_equal(eval(IR_CARRY, w, 0, 0, in), (a + b + c) >> w != 0);
    assert_int_equal(eval(IR_BORROW, w, 0, 0, in), a < b + c);
    assert_int_equal(eval(IR_OVERFLOW, w, 0, 0, in), sum > most || sum < -most - 1);
    assert_int_equal(eval(IR_UNDERFLOW, w, 0, 0, in), rest > most || rest < -most - 1);
    assert_int_equal(eval(IR_ULT, w, 0, 0, in), a < b);
    assert_int_equal(eval(IR_ULE, w, 0, 0, in), a <= b);
    assert_int_equal(eval(IR_SLT, w, 0, 0, in), x < y);
    assert_int_equal(eval(IR_SLE, w, 0, 0, in), x <= y);
    assert_int_equal(eval(IR_EQ, w, 0, 0, in), a == b);
}

static void check_products(unsigned w, const uint64_t in[3]) {
    uint64_t m = ir_mask(w);
    Wide a = in[0] & m, b = in[1] & m, c = in[2] & m;
    SignedWide x = sign(in[0], w), y = sign(in[1], w), z = sign(in[2], w);
    assert_int_equal(eval(IR_MUL, w, 0, 0, in), (uint64_t)(a * b) & m);
    assert_int_equal(eval(IR_UMULH, w, 0, 0, in), (uint64_t)(a * b >> w) & m);
    assert_int_equal(eval(IR_SMULH, w, 0, 0, in), (uint64_t)(x * y >> w) & m);
    if (b != 0) {
        assert_int_equal(eval(IR_UDIV, w, 0, 0, in), (uint64_t)(a / b) & m);
        assert_int_equal(eval(IR_UREM, w, 0, 0, in), (uint64_t)(a % b) & m);
        assert_int_equal(eval(IR_SDIV, w, 0, 0, in), (uint64_t)(x / y) & m);
        assert_int_equal(eval(IR_SREM, w, 0, 0, in), (uint64_t)(x % y) & m);
    }
    if (c != 0) {
        Wide whole = a << w | b;
        SignedWide swhole = (SignedWide)((Wide)x << w | b);
        assert_int_equal(eval(IR_UDIVW, w, 0, 0, in), (uint64_t)(whole / c) & m);
        assert_int_equal(eval(IR_UREMW, w, 0, 0, in), (uint64_t)(whole % c) & m);
        if (z != -1) {
            assert_int_equal(eval(IR_SDIVW, w, 0, 0, in), (uint64_t)(swhole / z) & m);
            assert_int_equal(eval(IR_SREMW, w, 0, 0, in), (uint64_t)(swhole % z) & m);
        }
    }
}

static void check_shifts(unsigned w, uint64_t v, uint64_t n) {
    uint64_t in[3] = {v, n, 0}, m = ir_mask(w), k = n % w;
    Wide a = v & m;
    bool far = n >= w;
    assert_int_equal(eval(IR_SHL, w, 0, 0, in), far ? 0 : (uint64_t)(a << k) & m);
    assert_int_equal(eval(IR_SHR, w, 0, 0, in), far ? 0 : (uint64_t)(a >> k));
    assert_int_equal(eval(IR_SAR, w, 0, 0, in), (uint64_t)(sign(v, w) >> (far ? w : k)) & m);
    assert_int_equal(eval(IR_ROL, w, 0, 0, in), (uint64_t)(a << k | a >> (w - k)) & m);
    assert_int_equal(eval(IR_ROR, w, 0, 0, in), (uint64_t)(a >> k | a << (w - k)) & m);
    /* Deposit and extract are inverse under the mask. */
    uint64_t pair[3] = {v, n, 0};
    pair[0] = eval(IR_PDEP, w, 0, 0, pair);
    assert_int_equal(pair[0] & ~n, 0);
    assert_int_equal(eval(IR_PEXT, w, 0, 0, pair),
                     v & ir_mask((unsigned)__builtin_popcountll(n & m)) & m);
    uint64_t twice[3] = {eval(IR_RBIT, w, 0, 0, in)};
    assert_int_equal(eval(IR_RBIT, w, 0, 0, twice), v & m);
}

static void test_random(void **s) {
    (void)s;
    static const uint8_t widths[] = {8, 16, 32, 64};
    for (int round = 0; round < 200000; round++) {
        uint64_t in[3] = {next_random(), next_random(), next_random()};
        unsigned w = widths[round & 3];
        check_carries(w, in);
        check_products(w, in);
        check_shifts(w, in[0], round & 4 ? in[1] % 130 : in[1]);
    }
}

/* FIPS 197, appendix B: the state after one round and the start of the next. */
static void test_aes(void **s) {
    (void)s;
    /* Start of round 1: 19 3d e3 be a0 f4 e2 2b 9a c6 8d 2a e9 f8 48 08; after MixColumns:
     * 04 66 81 e5 e0 cb 19 9a 48 f8 d3 7a 28 06 26 4c. */
    uint64_t in[3] = {0x2be2f4a0bee33d19, 0x0848f8e92a8dc69a, 0};
    assert_int_equal(eval(IR_AESENC, 64, 8, 0, in), 0x9a19cbe0e5816604);
    assert_int_equal(eval(IR_AESENC, 64, 8, 1, in), 0x4c2606287ad3f848);
    /* The last steps are inverse to each other, and so are the mixes. */
    uint64_t out[3] = {eval(IR_AESENCLAST, 64, 8, 0, in), eval(IR_AESENCLAST, 64, 8, 1, in), 0};
    assert_int_equal(eval(IR_AESDECLAST, 64, 8, 0, out), in[0]);
    assert_int_equal(eval(IR_AESDECLAST, 64, 8, 1, out), in[1]);
    uint64_t mixed[3] = {eval(IR_AESMC, 64, 8, 0, out), eval(IR_AESMC, 64, 8, 1, out), 0};
    assert_int_equal(mixed[0], 0x9a19cbe0e5816604);
    assert_int_equal(eval(IR_AESIMC, 64, 8, 0, mixed), out[0]);
    assert_int_equal(eval(IR_AESIMC, 64, 8, 1, mixed), out[1]);
    /* AESDEC is AESDECLAST and then the inverse mix. */
    uint64_t last[3] = {eval(IR_AESDECLAST, 64, 8, 0, in), eval(IR_AESDECLAST, 64, 8, 1, in), 0};
    assert_int_equal(eval(IR_AESDEC, 64, 8, 1, in), eval(IR_AESIMC, 64, 8, 1, last));
}

/* Every kind has a name; the pure ones are computed, the others leave the output alone. */
static void test_kinds(void **s) {
    (void)s;
    for (int k = 0; k < IR_KIND_COUNT; k++) {
        bool pure = k != IR_NOP && k != IR_LOAD && k != IR_STORE && k < IR_FLOAT;
        IrOp op = {.kind = (uint8_t)k, .bits = 64, .lane = 32, .imm = 32};
        uint64_t out = 0x5555;
        assert_int_equal(ir_eval(&op, 1, 2, 3, &out), pure);
        if (!pure)
            assert_int_equal(out, 0x5555);
        assert_string_not_equal(ir_kind_name((IrKind)k), "");
        bool effect = k == IR_STORE || k == IR_STRING || k >= IR_JUMP;
        assert_int_equal(ir_has_effect((IrKind)k), effect);
    }
    assert_string_equal(ir_kind_name(IR_KIND_COUNT), "invalid");
}

enum { T0 = SLOT_TEMP, T1, T2, NO = SLOT_NONE, RAX = SLOT_X86_RAX };
#define OP(k, w, o, x, y, z, i)                                                                    \
    (IrOp) { .kind = k, .bits = w, .out = o, .a = x, .b = y, .c = z, .imm = i }

static void expect_kept(IrOp *ops, size_t count, uint32_t flags, const char *kept) {
    ir_drop_dead(ops, count, flags);
    for (size_t i = 0; i < count; i++)
        if ((ops[i].kind != IR_NOP) != (kept[i] == '1'))
            fail_msg("operation %zu (%s)", i, ir_kind_name((IrKind)ops[i].kind));
}

static void test_drop_dead(void **s) {
    (void)s;
    IrOp flags[] = {
        OP(IR_CARRY, 32, SLOT_C, RAX, SLOT_IMM, NO, 1), OP(IR_ADD, 32, RAX, RAX, SLOT_IMM, NO, 1),
        OP(IR_EQ, 32, SLOT_Z, RAX, SLOT_IMM, NO, 0),    OP(IR_EXTRACT, 1, SLOT_N, RAX, NO, NO, 31),
        OP(IR_EQ, 32, SLOT_Z, RAX, SLOT_IMM, NO, 1),    OP(IR_MOVE, 8, T0, RAX, NO, NO, 0)};
    expect_kept(flags, 6, 1u << (SLOT_Z - SLOT_C), "010010");
    /* A write that may be left out replaces nothing; one that is never read goes with its IR_SKIP
     * and its condition. */
    IrOp skip[] = {OP(IR_MOVE, 64, T1, SLOT_IMM, NO, NO, 1), OP(IR_SKIP, 1, NO, SLOT_Z, NO, NO, 1),
                   OP(IR_MOVE, 64, T1, SLOT_IMM, NO, NO, 2), OP(IR_STORE, 64, NO, RAX, T1, NO, 0),
                   OP(IR_NOT, 1, T2, SLOT_Z, NO, NO, 0),     OP(IR_SKIP, 1, NO, T2, NO, NO, 1),
                   OP(IR_MOVE, 64, T1, SLOT_IMM, NO, NO, 2)};
    expect_kept(skip, 7, 0, "1111000");
    /* A string instruction reads its registers; with rep its flags may stay as they were. */
    IrOp scas[] = {OP(IR_MOVE, 64, SLOT_X86_RDI, SLOT_IMM, NO, NO, 5),
                   OP(IR_MOVE, 1, SLOT_Z, SLOT_IMM, NO, NO, 1),
                   OP(IR_MOVE, 1, SLOT_D, SLOT_IMM, NO, NO, 1),
                   OP(IR_STRING, 8, NO, NO, NO, NO, STRING_SCAS)};
    IrOp repeated[4];
    memcpy(repeated, scas, sizeof scas);
    repeated[3].imm |= STRING_REPNE;
    expect_kept(scas, 4, ~0u, "1011");
    expect_kept(repeated, 4, ~0u, "1111");
    /* A call reads all registers and the flags asked for, and no temporaries. */
    IrOp call[] = {OP(IR_MOVE, 64, RAX, SLOT_IMM, NO, NO, 5),
                   OP(IR_MOVE, 64, SLOT_VECTOR + 127, SLOT_IMM, NO, NO, 5),
                   OP(IR_MOVE, 1, SLOT_C, SLOT_IMM, NO, NO, 1),
                   OP(IR_MOVE, 64, T0, SLOT_IMM, NO, NO, 5),
                   OP(IR_CALL, 64, NO, NO, NO, NO, 0x1000),
                   OP(IR_MOVE, 64, RAX, SLOT_IMM, NO, NO, 6),
                   OP(IR_MOVE, 1, SLOT_C, SLOT_IMM, NO, NO, 1)};
    expect_kept(call, 7, 0, "1100110");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),   cmocka_unit_test(test_random),
        cmocka_unit_test(test_aes),       cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_drop_dead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
