/* SPDX-License-Identifier: Apache-2.0
 * idiom.c: rotations made of shifts, divisions made of products. */
#include "value/fold.h"

__extension__ typedef unsigned __int128 Wide;

static bool op_number(const Graph *g, Value v, unsigned kind, Value *in, uint64_t *value) {
    const Node *n = &g->nodes[v];
    if (n->kind != kind || !graph_is_const(g, n->in[1]))
        return false;
    *in = n->in[0];
    *value = g->nodes[n->in[1]].imm;
    return true;
}

static Value node2(Graph *g, unsigned kind, unsigned bits, Value a, Value b) {
    return graph_node(g, (Node){.kind = (uint8_t)kind, .bits = (uint8_t)bits, .in = {a, b}});
}

static Value rotate_of(Graph *g, unsigned w, Value up, Value down) {
    Value x = 0, y = 0;
    uint64_t factor = 0, right = 0;
    if (!op_number(g, up, IR_MUL, &x, &factor) || !op_number(g, down, IR_SHR, &y, &right) ||
        x != y || factor == 0 || (factor & (factor - 1)) != 0)
        return 0;
    unsigned left = (unsigned)__builtin_ctzll(factor);
    if (left + right != w)
        return 0;
    return node2(g, IR_ROL, w, x, graph_const(g, left, 32));
}

Value fold_rotate(Graph *g, unsigned bits, Value a, Value b) {
    if (bits < 32)
        return 0;
    Value v = rotate_of(g, bits, a, b);
    return v ? v : rotate_of(g, bits, b, a);
}

/* The divisor that factor / 2^shift stands for, or 0: 2^shift <= factor * d <= 2^shift + 2^(shift -
 * 31) (Granlund and Montgomery, theorem 4.2, with one bit less for signed numbers). */
static uint64_t divisor_of(Wide factor, unsigned shift, unsigned bits) {
    if (factor == 0 || shift < bits || shift > 126)
        return 0;
    Wide power = (Wide)1 << shift;
    Wide d = (power + factor - 1) / factor;
    if (d < 3 || d > UINT32_MAX)
        return 0;
    Wide rest = factor * d - power;
    return rest <= (Wide)1 << (shift - bits + 1) ? (uint64_t)d : 0;
}

/* High half of x * factor: for 32 bits a shift of the product, for 64 an operation of its own. */
static bool high_of(const Graph *g, Value v, Value *x, uint64_t *factor, unsigned *shift) {
    uint64_t n = 0;
    Value product = 0;
    if (op_number(g, v, IR_SHR, &product, &n) && op_number(g, product, IR_MUL, x, factor)) {
        *shift = (unsigned)n;
        return n >= 32;
    }
    *shift = 64;
    return op_number(g, v, IR_UMULH, x, factor) || op_number(g, v, IR_SMULH, x, factor);
}

static Value divided_by(Graph *g, Value x, uint64_t d, unsigned bits) {
    return node2(g, IR_UDIV, bits, x, graph_const(g, d, bits));
}

Value fold_shift_division(Graph *g, unsigned bits, Value a, unsigned shift) {
    Value x = 0, y = 0, z = 0;
    uint64_t factor = 0, one = 0;
    unsigned inner = 0;
    if (op_number(g, a, IR_MUL, &x, &factor)) { /* (x * factor) >> shift in 64 bits */
        uint64_t d = bits == 64 && shift >= 32 ? divisor_of(factor, shift, 32) : 0;
        return d ? divided_by(g, x, d, 32) : 0;
    }
    if (high_of(g, a, &x, &factor, &inner)) {
        unsigned width = inner >= 64 ? 64 : 32;
        Wide wide = factor;
        if (width == 32 && factor >> 32 == UINT32_MAX) /* signed factor above 2^31 */
            wide = factor & UINT32_MAX;
        uint64_t d = divisor_of(wide, inner + shift, width);
        return d ? divided_by(g, x, d, width) : 0;
    }
    /* ((x - t) >> 1) + t with t = high(x * factor): factors of one bit more than fit. */
    const Node *sum = &g->nodes[a];
    if (sum->kind != IR_ADD)
        return 0;
    for (unsigned i = 0; i < 2; i++) {
        Value t = sum->in[i], half = sum->in[1 - i], difference = 0;
        if (!op_number(g, half, IR_SHR, &difference, &one) || one != 1 ||
            g->nodes[difference].kind != IR_SUB || g->nodes[difference].in[1] != t ||
            !high_of(g, t, &y, &factor, &inner) || y != g->nodes[difference].in[0])
            continue;
        z = y;
        unsigned width = inner >= 64 ? 64 : 32;
        uint64_t d = divisor_of(((Wide)1 << width) + factor, width + 1 + shift, width);
        if (d)
            return divided_by(g, z, d, width);
    }
    return 0;
}

static bool is_sign_of(const Graph *g, Value v, Value x) {
    const Node *n = &g->nodes[v];
    return (n->kind == IR_SAR || n->kind == IR_SHR) && n->in[0] == x &&
           graph_is_const(g, n->in[1]) &&
           (g->nodes[n->in[1]].imm == 31 || g->nodes[n->in[1]].imm == 63);
}

static Value signed_division(Graph *g, unsigned bits, Value quotient, Value sign) {
    const Node n = g->nodes[quotient];
    if (n.kind != IR_UDIV || !graph_is_const(g, n.in[1]) || !is_sign_of(g, sign, n.in[0]))
        return 0;
    return node2(g, IR_SDIV, bits, n.in[0], n.in[1]);
}

Value fold_add_division(Graph *g, unsigned bits, Value a, Value b) {
    for (unsigned i = 0; i < 2; i++) {
        Value v = signed_division(g, bits, i ? b : a, i ? a : b);
        if (v)
            return v;
        /* high(x * factor) + x with a negative factor: factor + 2^32. */
        Value x = 0;
        uint64_t factor = 0;
        unsigned inner = 0;
        if (high_of(g, i ? b : a, &x, &factor, &inner) && inner == 32 && x == (i ? a : b) &&
            factor >> 32 == UINT32_MAX) {
            Value product = node2(g, IR_MUL, 64, x, graph_const(g, factor & UINT32_MAX, 64));
            return node2(g, IR_SHR, 64, product, graph_const(g, 32, 64));
        }
    }
    return 0;
}

Value fold_sub_division(Graph *g, unsigned bits, Value a, Value b) {
    Value v = signed_division(g, bits, a, b);
    if (v)
        return v;
    v = signed_division(g, bits, b, a);
    return v ? node2(g, IR_SUB, bits, graph_const(g, 0, bits), v) : 0;
}
