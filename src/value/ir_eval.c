/* SPDX-License-Identifier: Apache-2.0
 * ir_eval.c: exact arithmetic of the operations on numbers; lanes and AES are in ir_eval_packed.c.
 * One switch: the emulator comes here for every operation. */
#include "value/ir_eval.h"

__extension__ typedef unsigned __int128 Wide;
__extension__ typedef __int128 SignedWide;

static inline int64_t sign_extend(uint64_t v, unsigned bits) {
    unsigned up = (64 - bits) & 63;
    return (int64_t)(v << up) >> up;
}

static uint64_t high_product(uint64_t a, uint64_t b, unsigned w) {
    if (w < 64)
        return (uint64_t)((Wide)a * b >> w);
    return (uint64_t)((Wide)a * b >> 64);
}

static uint64_t signed_high_product(uint64_t a, uint64_t b, unsigned w) {
    SignedWide product = (SignedWide)sign_extend(a, w) * sign_extend(b, w);
    return (uint64_t)(product >> w);
}

/* Signed quotient or remainder, rounded to 0; the two cases that C leaves open are the contract's.
 */
static uint64_t signed_divide(uint64_t a, uint64_t b, unsigned w, bool remainder) {
    int64_t x = sign_extend(a, w), y = sign_extend(b, w);
    if (y == 0)
        return remainder ? a : 0;
    if (y == -1)
        return remainder ? 0 : -a;
    return (uint64_t)(remainder ? x % y : x / y);
}

static uint64_t wide_divide(uint64_t high, uint64_t low, uint64_t by, unsigned w, bool remainder) {
    if (by == 0)
        return remainder ? low : 0;
    if (w <= 32) {
        uint64_t whole = high << w | low;
        return remainder ? whole % by : whole / by;
    }
    Wide whole = (Wide)high << w | low;
    return (uint64_t)(remainder ? whole % by : whole / by);
}

static uint64_t signed_wide_divide(uint64_t high, uint64_t low, uint64_t by, unsigned w,
                                   bool remainder) {
    int64_t y = sign_extend(by, w);
    if (y == 0)
        return remainder ? low : 0;
    if (y == -1)
        return remainder ? 0 : -low;
    if (w <= 32) {
        int64_t whole = sign_extend(high << w | low, 2 * w);
        return (uint64_t)(remainder ? whole % y : whole / y);
    }
    SignedWide whole = (SignedWide)((Wide)high << 64 | low);
    return (uint64_t)(remainder ? whole % y : whole / y);
}

static uint64_t reverse_bits(uint64_t v, unsigned w) {
    v = (v >> 1 & 0x5555555555555555) | (v & 0x5555555555555555) << 1;
    v = (v >> 2 & 0x3333333333333333) | (v & 0x3333333333333333) << 2;
    v = (v >> 4 & 0x0f0f0f0f0f0f0f0f) | (v & 0x0f0f0f0f0f0f0f0f) << 4;
    return __builtin_bswap64(v) >> ((64 - w) & 63);
}

static uint64_t deposit(uint64_t a, uint64_t mask) {
    uint64_t r = 0;
    for (; mask != 0; mask &= mask - 1, a >>= 1)
        if (a & 1)
            r |= mask & -mask;
    return r;
}

static uint64_t extract(uint64_t a, uint64_t mask) {
    uint64_t r = 0;
    for (unsigned n = 0; mask != 0; mask &= mask - 1, n++)
        r |= (uint64_t)((a & mask & -mask) != 0) << n;
    return r;
}

static uint64_t crc(uint64_t sum, uint64_t data, unsigned bits, uint32_t polynomial) {
    uint32_t r = (uint32_t)sum;
    for (unsigned i = 0; i < bits; i++, data >>= 1)
        r = r >> 1 ^ (((r ^ (uint32_t)data) & 1) ? polynomial : 0);
    return r;
}

static uint64_t carryless(uint64_t a, uint64_t b, unsigned w, bool high) {
    Wide r = 0;
    for (unsigned i = 0; b != 0; i++, b >>= 1)
        if (b & 1)
            r ^= (Wide)a << i;
    return (uint64_t)(high ? r >> w : r);
}

static uint64_t insert(const IrOp *op, uint64_t a, uint64_t b) {
    if (op->imm >= 64)
        return a;
    uint64_t mask = ir_mask(op->bits) << op->imm;
    return (a & ~mask) | (b << op->imm & mask);
}

/* a and b are cut to w by the caller. */
static inline uint64_t shift(unsigned kind, uint64_t a, uint64_t amount, unsigned w) {
    if (kind == IR_SAR) {
        int64_t x = sign_extend(a, w);
        return (uint64_t)(x >> (amount < w ? amount : w - 1));
    }
    if (amount >= w)
        return 0;
    return kind == IR_SHL ? a << amount : a >> amount;
}

static inline uint64_t rotate(uint64_t a, uint64_t left, unsigned w) {
    left %= w;
    return left ? a << left | a >> (w - left) : a;
}

/* Longer than 70 lines because it is one case for each kind. */
bool ir_eval(const IrOp *op, uint64_t a, uint64_t b, uint64_t c, uint64_t *out) {
    unsigned w = op->bits, top = (w - 1) & 63;
    uint64_t mask = UINT64_MAX >> ((64 - w) & 63), r, sum;
    switch (op->kind) {
    case IR_MOVE:
        r = a;
        break;
    case IR_SEXT:
        r = (uint64_t)sign_extend(a, op->lane);
        break;
    case IR_EXTRACT:
        r = op->imm < 64 ? a >> op->imm : 0;
        break;
    case IR_INSERT:
        *out = insert(op, a, b);
        return true;
    case IR_SELECT:
        r = a & 1 ? b : c;
        break;
    case IR_ADD:
        r = a + b;
        break;
    case IR_SUB:
        r = a - b;
        break;
    case IR_MUL:
        r = a * b;
        break;
    case IR_UMULH:
        r = high_product(a & mask, b & mask, w);
        break;
    case IR_SMULH:
        r = signed_high_product(a, b, w);
        break;
    case IR_UDIV:
        r = b & mask ? (a & mask) / (b & mask) : 0;
        break;
    case IR_UREM:
        r = b & mask ? (a & mask) % (b & mask) : a;
        break;
    case IR_SDIV:
    case IR_SREM:
        r = signed_divide(a, b, w, op->kind == IR_SREM);
        break;
    case IR_UDIVW:
    case IR_UREMW:
        r = wide_divide(a & mask, b & mask, c & mask, w, op->kind == IR_UREMW);
        break;
    case IR_SDIVW:
    case IR_SREMW:
        r = signed_wide_divide(a & mask, b & mask, c, w, op->kind == IR_SREMW);
        break;
    case IR_NEG:
        r = -a;
        break;
    case IR_AND:
        r = a & b;
        break;
    case IR_OR:
        r = a | b;
        break;
    case IR_XOR:
        r = a ^ b;
        break;
    case IR_NOT:
        r = ~a;
        break;
    case IR_SHL:
    case IR_SHR:
    case IR_SAR:
        r = shift(op->kind, a & mask, b, w);
        break;
    case IR_ROL:
        r = rotate(a & mask, b, w);
        break;
    case IR_ROR:
        r = rotate(a & mask, w - b % w, w);
        break;
    case IR_CLZ:
        r = a & mask ? (unsigned)__builtin_clzll(a & mask) - (64 - w) : w;
        break;
    case IR_CTZ:
        r = a & mask ? (unsigned)__builtin_ctzll(a & mask) : w;
        break;
    case IR_POPCNT:
        r = (unsigned)__builtin_popcountll(a & mask);
        break;
    case IR_BSWAP:
        r = __builtin_bswap64(a) >> ((64 - w) & 63);
        break;
    case IR_RBIT:
        r = reverse_bits(a, w);
        break;
    case IR_PDEP:
        r = deposit(a, b & mask);
        break;
    case IR_PEXT:
        r = extract(a, b & mask);
        break;
    case IR_CRC32:
        r = crc(a, b, op->lane, 0xedb88320);
        break;
    case IR_CRC32C:
        r = crc(a, b, op->lane, 0x82f63b78);
        break;
    case IR_CLMUL:
    case IR_CLMULH:
        r = carryless(a & mask, b & mask, w, op->kind == IR_CLMULH);
        break;
    case IR_EQ:
        *out = ((a ^ b) & mask) == 0;
        return true;
    case IR_ULT:
        *out = (a & mask) < (b & mask);
        return true;
    case IR_ULE:
        *out = (a & mask) <= (b & mask);
        return true;
    case IR_SLT:
        *out = sign_extend(a, w) < sign_extend(b, w);
        return true;
    case IR_SLE:
        *out = sign_extend(a, w) <= sign_extend(b, w);
        return true;
    case IR_CARRY:
        sum = a + b + (c & 1);
        *out = ((a & b) | ((a | b) & ~sum)) >> top & 1;
        return true;
    case IR_BORROW:
        sum = a - b - (c & 1);
        *out = ((~a & b) | ((~a | b) & sum)) >> top & 1;
        return true;
    case IR_OVERFLOW:
        sum = a + b + (c & 1);
        *out = ((a ^ sum) & (b ^ sum)) >> top & 1;
        return true;
    case IR_UNDERFLOW:
        sum = a - b - (c & 1);
        *out = ((a ^ b) & (a ^ sum)) >> top & 1;
        return true;
    case IR_PARITY:
        *out = !__builtin_parity((unsigned)(a & 0xff));
        return true;
    default:
        return ir_eval_packed(op, a, b, c, out);
    }
    *out = r & mask;
    return true;
}
