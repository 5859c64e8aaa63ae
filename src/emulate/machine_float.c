/* SPDX-License-Identifier: Apache-2.0
 * machine_float.c: IR_FLOAT on IEEE 754 numbers of 32 and 64 bits, rounded to nearest, as SSE or
 * AArch64 do with their flags at rest. What a NaN result looks like, minima, and integers out of
 * range follow the processor. x87 numbers are doubles here, so their arithmetic may differ in the
 * last bit; NEON of 32-bit ARM, which knows neither NaNs of its own nor subnormal numbers, is done
 * as VFP. Not computed: FLOAT_OTHER, arithmetic of 16 bits, 80 bits to anything else. */
#include <float.h>
#include <math.h>

#include "emulate/machine_inner.h"

_Static_assert(FLT_EVAL_METHOD == 0, "numbers must not be wider than they say");

typedef struct FloatFormat {
    unsigned fraction; /* bits of it */
    unsigned bits;
} FloatFormat;

static const FloatFormat format_16 = {10, 16}, format_32 = {23, 32}, format_64 = {52, 64};

static bool is_nan(FloatFormat f, uint64_t x) {
    uint64_t infinity = ir_mask(f.bits - 1) & ~ir_mask(f.fraction);
    return (x & ir_mask(f.bits - 1)) > infinity;
}

static uint64_t quiet(FloatFormat f, uint64_t x) {
    return (x & ir_mask(f.bits)) | (uint64_t)1 << (f.fraction - 1);
}

static bool is_signalling(FloatFormat f, uint64_t x) {
    return is_nan(f, x) && !(x >> (f.fraction - 1) & 1);
}

/* The NaN that an operation without a NaN among its inputs makes. */
static uint64_t default_nan(FloatFormat f, bool is_arm) {
    uint64_t sign = is_arm ? 0 : (uint64_t)1 << (f.bits - 1);
    return sign | (ir_mask(f.bits - 1) & ~ir_mask(f.fraction - 1));
}

/* The input that becomes the result; false: none is a NaN. */
static bool nan_of(FloatFormat f, bool is_arm, const uint64_t *in, unsigned count, uint64_t *out) {
    for (unsigned i = 0; is_arm && i < count; i++)
        if (is_signalling(f, in[i])) {
            *out = quiet(f, in[i]);
            return true;
        }
    for (unsigned i = 0; i < count; i++)
        if (is_nan(f, in[i])) {
            *out = quiet(f, in[i]);
            return true;
        }
    return false;
}

static double double_of(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint64_t bits_of_double(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static float single_of(uint64_t bits) {
    uint32_t low = (uint32_t)bits;
    float x;
    memcpy(&x, &low, sizeof x);
    return x;
}

static uint64_t bits_of_single(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* A number of 32 or 64 bits as a double, which holds both exactly. */
static double number_of(FloatFormat f, uint64_t bits) {
    return f.bits == 32 ? (double)single_of(bits) : double_of(bits);
}

static uint64_t bits_of(FloatFormat f, double x) {
    return f.bits == 32 ? bits_of_single((float)x) : bits_of_double(x);
}

static uint64_t arithmetic_single(FloatKind kind, const uint64_t *in) {
    float a = single_of(in[0]), b = single_of(in[1]);
    switch ((int)kind) {
    case FLOAT_ADD:
        return bits_of_single(a + b);
    case FLOAT_SUB:
        return bits_of_single(a - b);
    case FLOAT_MUL:
        return bits_of_single(a * b);
    case FLOAT_DIV:
        return bits_of_single(a / b);
    case FLOAT_SQRT:
        return bits_of_single(sqrtf(a));
    default:
        return bits_of_single(fmaf(a, b, single_of(in[2])));
    }
}

static uint64_t arithmetic_double(FloatKind kind, const uint64_t *in) {
    double a = double_of(in[0]), b = double_of(in[1]);
    switch ((int)kind) {
    case FLOAT_ADD:
        return bits_of_double(a + b);
    case FLOAT_SUB:
        return bits_of_double(a - b);
    case FLOAT_MUL:
        return bits_of_double(a * b);
    case FLOAT_DIV:
        return bits_of_double(a / b);
    case FLOAT_SQRT:
        return bits_of_double(sqrt(a));
    default:
        return bits_of_double(fma(a, b, double_of(in[2])));
    }
}

static uint64_t arithmetic(FloatFormat f, bool is_arm, FloatKind kind, const uint64_t *in) {
    unsigned count = kind == FLOAT_FMA ? 3 : kind == FLOAT_SQRT ? 1 : 2;
    uint64_t out = 0;
    if (nan_of(f, is_arm, in, count, &out))
        return out;
    out = f.bits == 32 ? arithmetic_single(kind, in) : arithmetic_double(kind, in);
    return is_nan(f, out) ? default_nan(f, is_arm) : out;
}

/* x86 gives the second number for a NaN or two zeros; ARM the NaN, and the zero that is less. */
static uint64_t extreme(FloatFormat f, bool is_arm, FloatKind kind, const uint64_t *in) {
    uint64_t out = 0;
    double a = number_of(f, in[0]), b = number_of(f, in[1]);
    bool first = kind == FLOAT_MIN ? a < b : a > b;
    if (is_arm && nan_of(f, true, in, 2, &out))
        return out;
    if (is_arm && a == b) /* differ in the sign of zero at most */
        return kind == FLOAT_MIN ? in[0] | in[1] : in[0] & in[1];
    return first ? in[0] : in[1];
}

/* `mode` as in x86's instructions: nearest, down, up, to zero. */
static uint64_t rounded(FloatFormat f, bool is_arm, uint64_t a, uint64_t mode) {
    uint64_t out = 0;
    if (nan_of(f, is_arm, &a, 1, &out))
        return out;
    double x = number_of(f, a), r = 0;
    switch (mode & 3) {
    case 0:
        r = nearbyint(x); /* nobody changes the mode of this process */
        break;
    case 1:
        r = floor(x);
        break;
    case 2:
        r = ceil(x);
        break;
    default:
        r = trunc(x);
    }
    return bits_of(f, r);
}

/* x86 gives the lowest number for all that does not fit; ARM the nearest, and 0 for a NaN. */
static uint64_t to_int(FloatFormat f, bool is_arm, uint64_t a, unsigned w, bool is_signed) {
    double x = trunc(number_of(f, a)), end = ldexp(1.0, (int)w - is_signed);
    double least = is_signed ? -end : 0;
    uint64_t lowest = is_signed ? (uint64_t)1 << (w - 1) : 0;
    if (x >= least && x < end)
        return x < 0 ? (uint64_t)(int64_t)x & ir_mask(w) : (uint64_t)x;
    if (!is_arm)
        return is_signed ? lowest : ir_mask(w);
    if (isnan(x))
        return 0;
    return x < 0 ? lowest : is_signed ? lowest - 1 : ir_mask(w);
}

static uint64_t from_int(FloatFormat f, uint64_t a, unsigned from, bool is_signed) {
    int64_t number = (int64_t)(a << (64 - from)) >> (64 - from);
    a &= ir_mask(from);
    if (f.bits == 32)
        return bits_of_single(is_signed ? (float)number : (float)a);
    return bits_of_double(is_signed ? (double)number : (double)a);
}

/* Half precision to double: exact. */
static double half_number(uint64_t bits) {
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023);
    double x = exponent == 31  ? (bits & 1023 ? (double)NAN : (double)INFINITY)
               : exponent == 0 ? ldexp(fraction, -24)
                               : ldexp(fraction + 1024, exponent - 25);
    return bits >> 15 & 1 ? -x : x;
}

/* To half precision, ties to even. */
static uint64_t to_half(double x) {
    uint64_t sign = bits_of_double(x) >> 63 << 15;
    x = fabs(x);
    if (x == 0)
        return sign;
    if (x >= 65520) /* halfway to the number after the greatest */
        return sign | 0x7c00;
    int exponent = 0;
    frexp(x, &exponent);
    if (x == 0 || exponent < -13)
        return sign | (uint64_t)nearbyint(ldexp(x, 24)); /* subnormal, or the first normal */
    uint64_t fraction = (uint64_t)nearbyint(ldexp(x, 11 - exponent)); /* 1024 .. 2048 */
    return sign | ((uint64_t)(exponent + 13) * 1024 + fraction);
}

static const FloatFormat *format_of(unsigned bits) {
    return bits == 16 ? &format_16 : bits == 32 ? &format_32 : bits == 64 ? &format_64 : NULL;
}

/* Between widths a NaN keeps its sign and the top of its fraction. */
static bool convert(unsigned from, unsigned to, bool is_arm, uint64_t a, uint64_t *out) {
    const FloatFormat *in = format_of(from), *result = format_of(to);
    uint64_t nan = 0;
    (void)is_arm;
    if (!in || !result)
        return false;
    if (is_nan(*in, a)) {
        nan = quiet(*in, a) & ir_mask(in->fraction);
        nan = in->fraction > result->fraction ? nan >> (in->fraction - result->fraction)
                                              : nan << (result->fraction - in->fraction);
        nan |= ir_mask(to - 1) & ~ir_mask(result->fraction);
        *out = nan | (a >> (from - 1) & 1) << (to - 1);
        return true;
    }
    double x = from == 16 ? half_number(a) : number_of(*in, a);
    *out = to == 16 ? to_half(x) : bits_of(*result, x);
    return true;
}

static bool compare(FloatFormat f, FloatKind kind, const uint64_t *in) {
    double a = number_of(f, in[0]), b = number_of(f, in[1]);
    return kind == FLOAT_LESS         ? a < b
           : kind == FLOAT_LESS_EQUAL ? a <= b
           : kind == FLOAT_EQUAL      ? a == b
                                      : isnan(a) || isnan(b);
}

bool float_run(const Inner *in, const Step *s, uint64_t *out) {
    unsigned from = s->lane ? s->lane : s->bits;
    FloatKind kind = (FloatKind)s->imm;
    uint64_t inputs[3] = {in->file[s->a] & ir_mask(from), in->file[s->b] & ir_mask(from),
                          in->file[s->c] & ir_mask(from)};
    bool is_arm = in->is_arm;
    if (kind == FLOAT_FROM_FLOAT)
        return convert(from, s->bits, is_arm, inputs[0], out);
    bool from_number = kind == FLOAT_TO_INT || kind == FLOAT_TO_UINT;
    const FloatFormat *f = format_of(from_number ? from : s->bits);
    if (!f || f->bits == 16)
        return false;
    uint64_t sign = (uint64_t)1 << (f->bits - 1);
    switch ((int)kind) {
    case FLOAT_ADD:
    case FLOAT_SUB:
    case FLOAT_MUL:
    case FLOAT_DIV:
    case FLOAT_SQRT:
    case FLOAT_FMA:
        *out = arithmetic(*f, is_arm, kind, inputs);
        return true;
    case FLOAT_MIN:
    case FLOAT_MAX:
        *out = extreme(*f, is_arm, kind, inputs);
        return true;
    case FLOAT_NEG:
        *out = inputs[0] ^ sign;
        return true;
    case FLOAT_ABS:
        *out = inputs[0] & ~sign;
        return true;
    case FLOAT_FROM_INT:
    case FLOAT_FROM_UINT:
        *out = from_int(*f, inputs[0], from, kind == FLOAT_FROM_INT);
        return true;
    case FLOAT_TO_INT:
    case FLOAT_TO_UINT:
        *out = to_int(*f, is_arm, inputs[0], s->bits, kind == FLOAT_TO_INT);
        return true;
    case FLOAT_ROUND_INT:
        *out = rounded(*f, is_arm, inputs[0], inputs[1]);
        return true;
    case FLOAT_LESS:
    case FLOAT_LESS_EQUAL:
    case FLOAT_EQUAL:
    case FLOAT_UNORDERED:
        *out = compare(*f, kind, inputs);
        return true;
    default:
        return false;
    }
}
