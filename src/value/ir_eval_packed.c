/* SPDX-License-Identifier: Apache-2.0
 * ir_eval_packed.c: lanes of one slot, and AES rounds (FIPS 197). */
#include "value/ir_eval.h"

__extension__ typedef unsigned __int128 Wide;
__extension__ typedef __int128 SignedWide;

static const uint8_t sbox[256] = {
    0x63, 0x7c, 0x77, 0x7b, 0xf2, 0x6b, 0x6f, 0xc5, 0x30, 0x01, 0x67, 0x2b, 0xfe, 0xd7, 0xab, 0x76,
    0xca, 0x82, 0xc9, 0x7d, 0xfa, 0x59, 0x47, 0xf0, 0xad, 0xd4, 0xa2, 0xaf, 0x9c, 0xa4, 0x72, 0xc0,
    0xb7, 0xfd, 0x93, 0x26, 0x36, 0x3f, 0xf7, 0xcc, 0x34, 0xa5, 0xe5, 0xf1, 0x71, 0xd8, 0x31, 0x15,
    0x04, 0xc7, 0x23, 0xc3, 0x18, 0x96, 0x05, 0x9a, 0x07, 0x12, 0x80, 0xe2, 0xeb, 0x27, 0xb2, 0x75,
    0x09, 0x83, 0x2c, 0x1a, 0x1b, 0x6e, 0x5a, 0xa0, 0x52, 0x3b, 0xd6, 0xb3, 0x29, 0xe3, 0x2f, 0x84,
    0x53, 0xd1, 0x00, 0xed, 0x20, 0xfc, 0xb1, 0x5b, 0x6a, 0xcb, 0xbe, 0x39, 0x4a, 0x4c, 0x58, 0xcf,
    0xd0, 0xef, 0xaa, 0xfb, 0x43, 0x4d, 0x33, 0x85, 0x45, 0xf9, 0x02, 0x7f, 0x50, 0x3c, 0x9f, 0xa8,
    0x51, 0xa3, 0x40, 0x8f, 0x92, 0x9d, 0x38, 0xf5, 0xbc, 0xb6, 0xda, 0x21, 0x10, 0xff, 0xf3, 0xd2,
    0xcd, 0x0c, 0x13, 0xec, 0x5f, 0x97, 0x44, 0x17, 0xc4, 0xa7, 0x7e, 0x3d, 0x64, 0x5d, 0x19, 0x73,
    0x60, 0x81, 0x4f, 0xdc, 0x22, 0x2a, 0x90, 0x88, 0x46, 0xee, 0xb8, 0x14, 0xde, 0x5e, 0x0b, 0xdb,
    0xe0, 0x32, 0x3a, 0x0a, 0x49, 0x06, 0x24, 0x5c, 0xc2, 0xd3, 0xac, 0x62, 0x91, 0x95, 0xe4, 0x79,
    0xe7, 0xc8, 0x37, 0x6d, 0x8d, 0xd5, 0x4e, 0xa9, 0x6c, 0x56, 0xf4, 0xea, 0x65, 0x7a, 0xae, 0x08,
    0xba, 0x78, 0x25, 0x2e, 0x1c, 0xa6, 0xb4, 0xc6, 0xe8, 0xdd, 0x74, 0x1f, 0x4b, 0xbd, 0x8b, 0x8a,
    0x70, 0x3e, 0xb5, 0x66, 0x48, 0x03, 0xf6, 0x0e, 0x61, 0x35, 0x57, 0xb9, 0x86, 0xc1, 0x1d, 0x9e,
    0xe1, 0xf8, 0x98, 0x11, 0x69, 0xd9, 0x8e, 0x94, 0x9b, 0x1e, 0x87, 0xe9, 0xce, 0x55, 0x28, 0xdf,
    0x8c, 0xa1, 0x89, 0x0d, 0xbf, 0xe6, 0x42, 0x68, 0x41, 0x99, 0x2d, 0x0f, 0xb0, 0x54, 0xbb, 0x16,
};
uint8_t ir_aes_sbox(uint8_t x) { return sbox[x]; }

static const uint8_t inverse_sbox[256] = {
    0x52, 0x09, 0x6a, 0xd5, 0x30, 0x36, 0xa5, 0x38, 0xbf, 0x40, 0xa3, 0x9e, 0x81, 0xf3, 0xd7, 0xfb,
    0x7c, 0xe3, 0x39, 0x82, 0x9b, 0x2f, 0xff, 0x87, 0x34, 0x8e, 0x43, 0x44, 0xc4, 0xde, 0xe9, 0xcb,
    0x54, 0x7b, 0x94, 0x32, 0xa6, 0xc2, 0x23, 0x3d, 0xee, 0x4c, 0x95, 0x0b, 0x42, 0xfa, 0xc3, 0x4e,
    0x08, 0x2e, 0xa1, 0x66, 0x28, 0xd9, 0x24, 0xb2, 0x76, 0x5b, 0xa2, 0x49, 0x6d, 0x8b, 0xd1, 0x25,
    0x72, 0xf8, 0xf6, 0x64, 0x86, 0x68, 0x98, 0x16, 0xd4, 0xa4, 0x5c, 0xcc, 0x5d, 0x65, 0xb6, 0x92,
    0x6c, 0x70, 0x48, 0x50, 0xfd, 0xed, 0xb9, 0xda, 0x5e, 0x15, 0x46, 0x57, 0xa7, 0x8d, 0x9d, 0x84,
    0x90, 0xd8, 0xab, 0x00, 0x8c, 0xbc, 0xd3, 0x0a, 0xf7, 0xe4, 0x58, 0x05, 0xb8, 0xb3, 0x45, 0x06,
    0xd0, 0x2c, 0x1e, 0x8f, 0xca, 0x3f, 0x0f, 0x02, 0xc1, 0xaf, 0xbd, 0x03, 0x01, 0x13, 0x8a, 0x6b,
    0x3a, 0x91, 0x11, 0x41, 0x4f, 0x67, 0xdc, 0xea, 0x97, 0xf2, 0xcf, 0xce, 0xf0, 0xb4, 0xe6, 0x73,
    0x96, 0xac, 0x74, 0x22, 0xe7, 0xad, 0x35, 0x85, 0xe2, 0xf9, 0x37, 0xe8, 0x1c, 0x75, 0xdf, 0x6e,
    0x47, 0xf1, 0x1a, 0x71, 0x1d, 0x29, 0xc5, 0x89, 0x6f, 0xb7, 0x62, 0x0e, 0xaa, 0x18, 0xbe, 0x1b,
    0xfc, 0x56, 0x3e, 0x4b, 0xc6, 0xd2, 0x79, 0x20, 0x9a, 0xdb, 0xc0, 0xfe, 0x78, 0xcd, 0x5a, 0xf4,
    0x1f, 0xdd, 0xa8, 0x33, 0x88, 0x07, 0xc7, 0x31, 0xb1, 0x12, 0x10, 0x59, 0x27, 0x80, 0xec, 0x5f,
    0x60, 0x51, 0x7f, 0xa9, 0x19, 0xb5, 0x4a, 0x0d, 0x2d, 0xe5, 0x7a, 0x9f, 0x93, 0xc9, 0x9c, 0xef,
    0xa0, 0xe0, 0x3b, 0x4d, 0xae, 0x2a, 0xf5, 0xb0, 0xc8, 0xeb, 0xbb, 0x3c, 0x83, 0x53, 0x99, 0x61,
    0x17, 0x2b, 0x04, 0x7e, 0xba, 0x77, 0xd6, 0x26, 0xe1, 0x69, 0x14, 0x63, 0x55, 0x21, 0x0c, 0x7d,
};

static inline int64_t sign_extend(uint64_t v, unsigned bits) {
    unsigned up = (64 - bits) & 63;
    return (int64_t)(v << up) >> up;
}

/* v in every lane. */
static inline uint64_t splat(uint64_t v, unsigned lane) {
    for (; lane < 64; lane *= 2)
        v |= v << lane;
    return v;
}

static uint64_t add_unsigned(uint64_t x, uint64_t y, uint64_t most) {
    uint64_t sum = x + y;
    return sum < x || sum > most ? most : sum;
}

/* x cut to what a signed lane holds. */
static uint64_t saturate_signed(SignedWide x, unsigned lane) {
    SignedWide most = (SignedWide)(ir_mask(lane) >> 1), least = -most - 1;
    return (uint64_t)(x > most ? most : x < least ? least : x);
}

static uint64_t saturate_unsigned(SignedWide x, unsigned lane) {
    SignedWide most = (SignedWide)ir_mask(lane);
    return (uint64_t)(x > most ? most : x < 0 ? 0 : x);
}

static uint64_t shift_all(unsigned kind, uint64_t a, uint64_t amount, unsigned lane) {
    if (amount >= lane)
        return 0;
    uint64_t kept = ir_mask(lane);
    kept = splat(kind == IR_PSHL ? kept >> amount : kept & kept << amount, lane) & a;
    return kind == IR_PSHL ? kept << amount : kept >> amount;
}

/* Products of the even lanes, twice as wide. */
static uint64_t even_products(unsigned kind, uint64_t a, uint64_t b, unsigned lane) {
    uint64_t r = 0;
    for (unsigned s = 0; s < 64; s += 2 * lane) {
        uint64_t x = a >> s & ir_mask(lane), y = b >> s & ir_mask(lane);
        if (kind == IR_PMULS) {
            x = (uint64_t)sign_extend(x, lane);
            y = (uint64_t)sign_extend(y, lane);
        }
        r |= (x * y & ir_mask(2 * lane)) << s;
    }
    return r;
}

/* pmaddwd, pmaddubsw, psadbw: lanes are what the instruction says. */
static uint64_t sum_of_products(unsigned kind, uint64_t a, uint64_t b) {
    uint64_t r = 0;
    if (kind == IR_PMADD) {
        for (unsigned s = 0; s < 64; s += 32) {
            int64_t low = sign_extend(a >> s, 16) * sign_extend(b >> s, 16);
            int64_t high = sign_extend(a >> (s + 16), 16) * sign_extend(b >> (s + 16), 16);
            r |= ((uint64_t)(low + high) & ir_mask(32)) << s;
        }
        return r;
    }
    for (unsigned s = 0; s < 64; s += 16) {
        int64_t low = (int64_t)(a >> s & 0xff) * sign_extend(b >> s, 8);
        int64_t high = (int64_t)(a >> (s + 8) & 0xff) * sign_extend(b >> (s + 8), 8);
        r |= (saturate_signed(low + high, 16) & ir_mask(16)) << s;
    }
    return r;
}

static uint64_t sum_of_differences(uint64_t a, uint64_t b) {
    uint64_t r = 0;
    for (unsigned s = 0; s < 64; s += 8) {
        uint64_t x = a >> s & 0xff, y = b >> s & 0xff;
        r += x > y ? x - y : y - x;
    }
    return r;
}

/* Lanes that change places or width: lane is at most 32. */
static uint64_t rearrange(unsigned kind, uint64_t a, uint64_t b, unsigned lane) {
    uint64_t r = 0, m = ir_mask(lane);
    unsigned count = 32 / lane;
    for (unsigned i = 0; i < count; i++) {
        unsigned at = i * lane, wide = 2 * at;
        switch (kind) {
        case IR_PUNPACKL:
            r |= (a >> at & m) << wide | (b >> at & m) << (wide + lane);
            break;
        case IR_PUNPACKH:
            r |= (a >> (32 + at) & m) << wide | (b >> (32 + at) & m) << (wide + lane);
            break;
        case IR_PPACK:
            r |= (a >> wide & m) << at | (b >> wide & m) << (32 + at);
            break;
        case IR_PADDP:
            r |= (((a >> wide) + (a >> (wide + lane))) & m) << at;
            r |= (((b >> wide) + (b >> (wide + lane))) & m) << (32 + at);
            break;
        case IR_PZEXT:
            r |= (a >> at & m) << wide;
            break;
        default: /* IR_PSEXT */
            r |= ((uint64_t)sign_extend(a >> at, lane) & ir_mask(2 * lane)) << wide;
        }
    }
    return r;
}

/* Lanes narrowed to half with saturation: lane is at least 16. */
static uint64_t narrow(unsigned kind, uint64_t a, uint64_t b, unsigned lane) {
    uint64_t r = 0;
    unsigned half = lane / 2;
    for (unsigned s = 0; s < 128; s += lane) {
        uint64_t from = s < 64 ? a >> s : b >> (s - 64);
        SignedWide x = kind == IR_PPACK_UU ? (SignedWide)(from & ir_mask(lane))
                                           : (SignedWide)sign_extend(from, lane);
        uint64_t y = kind == IR_PPACK_SS ? saturate_signed(x, half) : saturate_unsigned(x, half);
        r |= (y & ir_mask(half)) << (s / 2);
    }
    return r;
}

static uint64_t table_bytes(uint64_t low, uint64_t high, uint64_t chosen) {
    uint64_t r = 0;
    for (unsigned s = 0; s < 64; s += 8) {
        unsigned n = chosen >> s & 0xff;
        if (n < 16)
            r |= ((n < 8 ? low >> 8 * n : high >> 8 * (n - 8)) & 0xff) << s;
    }
    return r;
}

static uint64_t reverse_lanes(uint64_t a, unsigned lane, uint64_t group) {
    uint64_t r = 0;
    unsigned in_group = (unsigned)(group / lane);
    for (unsigned i = 0; i < 64 / lane; i++) {
        unsigned to = i - i % in_group + (in_group - 1 - i % in_group);
        r |= (a >> i * lane & ir_mask(lane)) << to * lane;
    }
    return r;
}

/* Each byte times x in AES's field. */
static uint32_t gf_double(uint32_t bytes) {
    return (bytes & 0x7f7f7f7f) << 1 ^ (bytes >> 7 & 0x01010101) * 0x1b;
}

/* To each row what is so many rows further on. */
static uint32_t rows_on(uint32_t column, unsigned rows) {
    return column >> 8 * rows | column << (32 - 8 * rows);
}

/* One column through MixColumns (2 3 1 1) or its inverse (14 11 13 9). */
static uint32_t mix_column(uint32_t x, bool inverse) {
    uint32_t x2 = gf_double(x), x4 = gf_double(x2), x8 = gf_double(x4);
    if (inverse)
        return x8 ^ x4 ^ x2 ^ rows_on(x8 ^ x2 ^ x, 1) ^ rows_on(x8 ^ x4 ^ x, 2) ^
               rows_on(x8 ^ x, 3);
    return x2 ^ rows_on(x2 ^ x, 1) ^ rows_on(x, 2) ^ rows_on(x, 3);
}

/* Columns 2 half and 2 half + 1 of the state after the steps that kind names. */
static uint64_t aes(unsigned kind, uint64_t low, uint64_t high, unsigned half) {
    bool inverse = kind == IR_AESDEC || kind == IR_AESDECLAST || kind == IR_AESIMC;
    bool mixes = kind != IR_AESENCLAST && kind != IR_AESDECLAST;
    uint64_t r = 0;
    for (unsigned i = 0; i < 2; i++) {
        unsigned column = 2 * half + i;
        uint32_t value = 0;
        for (unsigned row = 0; row < 4; row++) {
            bool shifts = kind != IR_AESIMC && kind != IR_AESMC;
            unsigned from = shifts ? (inverse ? column - row : column + row) % 4 : column;
            unsigned byte =
                (from < 2 ? low >> 32 * from : high >> 32 * (from - 2)) >> 8 * row & 0xff;
            value |= (uint32_t)(shifts ? inverse ? inverse_sbox[byte] : sbox[byte] : byte)
                     << 8 * row;
        }
        r |= (uint64_t)(mixes ? mix_column(value, inverse) : value) << 32 * i;
    }
    return r;
}

/* The operations that work on each lane alone: x, y are the lanes, m the mask of one.
 * Longer than 70 lines because it is one case for each kind. */
static bool each_lane(const IrOp *op, uint64_t a, uint64_t b, uint64_t *out) {
    unsigned lane = op->lane;
    uint64_t m = ir_mask(lane), r = 0;
#define EACH(value)                                                                                \
    for (unsigned s = 0; s < 64; s += lane) {                                                      \
        uint64_t x = a >> s & m, y = b >> s & m;                                                   \
        (void)y;                                                                                   \
        r |= ((uint64_t)(value)&m) << s;                                                           \
    }                                                                                              \
    break
#define SIGNED(v) sign_extend(v, lane)
    switch (op->kind) {
    case IR_PADD_US:
        EACH(add_unsigned(x, y, m));
    case IR_PADD_SS:
        EACH(saturate_signed((SignedWide)SIGNED(x) + SIGNED(y), lane));
    case IR_PSUB_US:
        EACH(x > y ? x - y : 0);
    case IR_PSUB_SS:
        EACH(saturate_signed((SignedWide)SIGNED(x) - SIGNED(y), lane));
    case IR_PMUL:
        EACH(x * y);
    case IR_PMULHU:
        EACH((Wide)x * y >> lane);
    case IR_PMULHS:
        EACH((SignedWide)SIGNED(x) * SIGNED(y) >> lane);
    case IR_PAVG:
        EACH((x | y) - ((x ^ y) >> 1));
    case IR_PMINU:
        EACH(x < y ? x : y);
    case IR_PMINS:
        EACH(SIGNED(x) < SIGNED(y) ? x : y);
    case IR_PMAXU:
        EACH(x > y ? x : y);
    case IR_PMAXS:
        EACH(SIGNED(x) > SIGNED(y) ? x : y);
    case IR_PABS:
        EACH(SIGNED(x) < 0 ? -x : x);
    case IR_PSAR:
        EACH(SIGNED(x) >> (b < lane ? b : lane - 1u));
    case IR_PSHLV:
        EACH(y < lane ? x << y : 0);
    case IR_PSHRV:
        EACH(y < lane ? x >> y : 0);
    case IR_PSARV:
        EACH(SIGNED(x) >> (y < lane ? y : lane - 1u));
    case IR_PEQ:
        EACH(x == y ? m : 0);
    case IR_PGTS:
        EACH(SIGNED(x) > SIGNED(y) ? m : 0);
    case IR_PGTU:
        EACH(x > y ? m : 0);
    case IR_PPOPCNT:
        EACH(__builtin_popcountll(x));
    default:
        return false;
    }
#undef EACH
#undef SIGNED
    *out = r;
    return true;
}

/* Longer than 70 lines because it is one case for each kind. */
bool ir_eval_packed(const IrOp *op, uint64_t a, uint64_t b, uint64_t c, uint64_t *out) {
    unsigned lane = op->lane;
    uint64_t tops;
    switch (op->kind) {
    case IR_PMADD:
    case IR_PMADDUS:
        *out = sum_of_products(op->kind, a, b);
        return true;
    case IR_PSAD:
        *out = sum_of_differences(a, b);
        return true;
    case IR_PTABLE:
        *out = table_bytes(a, b, c);
        return true;
    case IR_AESENC:
    case IR_AESENCLAST:
    case IR_AESDEC:
    case IR_AESDECLAST:
    case IR_AESIMC:
    case IR_AESMC:
        *out = aes(op->kind, a, b, op->imm & 1);
        return true;
    default:
        if (lane != 8 && lane != 16 && lane != 32 && lane != 64)
            return false;
    }
    tops = splat((uint64_t)1 << (lane - 1), lane);
    switch (op->kind) {
    case IR_PADD:
        *out = ((a & ~tops) + (b & ~tops)) ^ ((a ^ b) & tops);
        return true;
    case IR_PSUB:
        *out = ((a | tops) - (b & ~tops)) ^ ((a ^ ~b) & tops);
        return true;
    case IR_PSHL:
    case IR_PSHR:
        *out = shift_all(op->kind, a, b, lane);
        return true;
    case IR_PMULU:
    case IR_PMULS:
        *out = even_products(op->kind, a, b, lane);
        return true;
    case IR_PUNPACKL:
    case IR_PUNPACKH:
    case IR_PPACK:
    case IR_PADDP:
    case IR_PZEXT:
    case IR_PSEXT:
        if (lane > 32)
            return false;
        *out = rearrange(op->kind, a, b, lane);
        return true;
    case IR_PPACK_SS:
    case IR_PPACK_US:
    case IR_PPACK_UU:
        if (lane < 16)
            return false;
        *out = narrow(op->kind, a, b, lane);
        return true;
    case IR_PSPLAT:
        *out = splat(a & ir_mask(lane), lane);
        return true;
    case IR_PMASK: {
        uint64_t r = 0;
        for (unsigned i = 0; i < 64 / lane; i++)
            r |= (a >> (i * lane + lane - 1) & 1) << i;
        *out = r;
        return true;
    }
    case IR_PREVERSE:
        if (op->imm < lane || op->imm > 64 || op->imm % lane != 0 || 64 % op->imm != 0)
            return false;
        *out = reverse_lanes(a, lane, op->imm);
        return true;
    default:
        return each_lane(op, a, b, out);
    }
}
