/* SPDX-License-Identifier: Apache-2.0
 * fold.c: what an operation computes, in the one form that all compilers' spellings of it share.
 * Rules are arithmetic identities (modulo 2^32 and 2^64) and the idioms of gcc, clang and MSVC;
 * those for division by multiplication after Granlund and Montgomery 1994. Values of 32 and 64 bits
 * are taken for each other on purpose (graph.h): the result is compared, never run. */
#include "value/fold.h"

#include <string.h>

static const Node *at(const Graph *g, Value v) { return &g->nodes[v]; }

static bool is_kind(const Graph *g, Value v, unsigned kind) { return g->nodes[v].kind == kind; }

/* b is a constant: its value. */
static bool is_number(const Graph *g, Value v, uint64_t *value) {
    if (!graph_is_const(g, v))
        return false;
    *value = g->nodes[v].imm;
    return true;
}

static bool is_op_number(const Graph *g, Value v, unsigned kind, Value *in, uint64_t *value) {
    const Node *n = at(g, v);
    if (n->kind != kind || !is_number(g, n->in[1], value))
        return false;
    *in = n->in[0];
    return true;
}

static bool is_commutative(unsigned kind) {
    return kind == IR_ADD || kind == IR_MUL || kind == IR_AND || kind == IR_OR || kind == IR_XOR ||
           kind == IR_EQ;
}

static unsigned top_of(const Graph *g, const Node *n) {
    unsigned a = at(g, n->in[0])->top, b = at(g, n->in[1])->top, c = at(g, n->in[2])->top;
    uint64_t shift = 0;
    switch (n->kind) {
    case IR_AND:
        return a < b ? a : b;
    case IR_OR:
    case IR_XOR:
        return a > b ? a : b;
    case IR_ADD:
        return (a > b ? a : b) + 1;
    case IR_MUL:
        return a + b;
    case IR_SHR:
        return is_number(g, n->in[1], &shift) && shift < a ? a - (unsigned)shift : a;
    case IR_UDIV:
        return a;
    case IR_UREM:
        return b < a ? b : a;
    case IR_SELECT:
        return b > c ? b : c;
    case IR_EQ:
    case IR_ULT:
    case IR_ULE:
    case IR_SLT:
    case IR_SLE:
    case IR_CARRY:
    case IR_BORROW:
    case IR_OVERFLOW:
    case IR_UNDERFLOW:
    case IR_PARITY:
        return 1;
    default:
        return n->bits;
    }
}

static Value make(Graph *g, unsigned kind, unsigned bits, Value a, Value b) {
    if (is_commutative(kind) && (graph_is_const(g, a) || (a > b && !graph_is_const(g, b)))) {
        Value swap = a;
        a = b;
        b = swap;
    }
    Node n = {.kind = (uint8_t)kind, .bits = (uint8_t)bits, .in = {a, b, 0}};
    unsigned top = top_of(g, &n);
    n.top = (uint8_t)(top < bits ? top : bits);
    return graph_node(g, n);
}

static Value op2(Graph *g, unsigned kind, unsigned bits, Value a, Value b) {
    return fold(g, &(IrOp){.kind = (uint8_t)kind, .bits = (uint8_t)bits}, a, b, 0);
}

static Value op2_number(Graph *g, unsigned kind, unsigned bits, Value a, uint64_t b) {
    return op2(g, kind, bits, a, graph_const(g, b, bits));
}

static Value negate(Graph *g, Value bit) { return op2_number(g, IR_XOR, 1, bit, 1); }

/* Sum that keeps an address an address. */
static Value number_sum(Graph *g, unsigned bits, Value a, Value b) {
    Value sum = graph_const(g, at(g, a)->imm + at(g, b)->imm, bits);
    if ((at(g, a)->flags | at(g, b)->flags) & NODE_ADDRESS)
        g->nodes[sum].flags |= NODE_ADDRESS;
    return sum;
}

static uint64_t low_mask_of(uint64_t value) {
    return value ? UINT64_MAX >> __builtin_clzll(value) : 0;
}

Value fold_cut(Graph *g, Value v, unsigned bits) {
    const Node *n = at(g, v);
    if (n->top <= bits)
        return v;
    if (n->kind == VALUE_CONST) {
        Value cut = graph_const(g, n->imm, bits);
        if (bits >= 32)
            g->nodes[cut].flags |= at(g, v)->flags & NODE_ADDRESS;
        return cut;
    }
    return bits >= 32 ? v : op2_number(g, IR_AND, 32, v, ir_mask(bits));
}

static Value fold_sext(Graph *g, Value v, unsigned lane) {
    const Node *n = at(g, v);
    uint64_t mask = 0;
    Value in = 0;
    if (n->kind == VALUE_CONST) {
        uint64_t sign = (uint64_t)1 << (lane - 1);
        return graph_const(g, ((n->imm & ir_mask(lane)) ^ sign) - sign, 32);
    }
    if (n->top < lane)
        return v;
    if (is_op_number(g, v, IR_AND, &in, &mask) && mask == ir_mask(lane))
        return fold_sext(g, in, lane);
    if (n->kind == IR_SEXT && n->lane <= lane)
        return v;
    if (n->kind == IR_INSERT && n->imm == 0 && n->lane >= lane)
        return fold_sext(g, n->in[1], lane);
    return graph_node(g, (Node){.kind = IR_SEXT, .bits = 32, .lane = (uint8_t)lane, .in = {v}});
}

/* The value of v's low w bits as the operation takes them; narrow ones are widened to 32 bits. */
static Value fold_operand(Graph *g, Value v, unsigned w, bool is_signed) {
    return is_signed && w < 32 && w > 1 ? fold_sext(g, v, w) : fold_cut(g, v, w);
}

/* ---- sums and products ---- */

static Value fold_add(Graph *g, unsigned w, Value a, Value b) {
    uint64_t n = 0, m = 0;
    Value x = 0, y = 0;
    if (graph_is_const(g, a)) {
        x = a, a = b, b = x;
    }
    if (is_number(g, b, &n)) {
        if (n == 0)
            return a;
        if (graph_is_const(g, a))
            return number_sum(g, w, a, b);
        if (is_kind(g, a, VALUE_STACK)) {
            Node stack = *at(g, a);
            stack.imm = (uint64_t)((int64_t)stack.imm + (w == 64 ? (int64_t)n : (int32_t)n));
            return graph_node(g, stack);
        }
        if (is_op_number(g, a, IR_ADD, &x, &m))
            return fold_add(g, w, x, number_sum(g, w, at(g, a)->in[1], b));
        return make(g, IR_ADD, w, a, b);
    }
    /* Constants go outside. */
    if (is_op_number(g, a, IR_ADD, &x, &m))
        return fold_add(g, w, fold_add(g, w, x, b), at(g, a)->in[1]);
    if (is_op_number(g, b, IR_ADD, &y, &m))
        return fold_add(g, w, fold_add(g, w, a, y), at(g, b)->in[1]);
    if (is_op_number(g, a, IR_MUL, &x, &m) && is_op_number(g, b, IR_MUL, &y, &n) && x == y)
        return op2_number(g, IR_MUL, w, x, m + n);
    if (is_op_number(g, a, IR_MUL, &x, &m) && x == b)
        return op2_number(g, IR_MUL, w, b, m + 1);
    if (is_op_number(g, b, IR_MUL, &x, &m) && x == a)
        return op2_number(g, IR_MUL, w, a, m + 1);
    if (a == b)
        return op2_number(g, IR_MUL, w, a, 2);
    if (is_kind(g, b, IR_SUB) && graph_is_number(g, at(g, b)->in[0], 0))
        return op2(g, IR_SUB, w, a, at(g, b)->in[1]);
    if (is_kind(g, a, IR_SUB) && graph_is_number(g, at(g, a)->in[0], 0))
        return op2(g, IR_SUB, w, b, at(g, a)->in[1]);
    Value divided = fold_add_division(g, w, a, b);
    if (divided)
        return divided;
    Value rotated = fold_rotate(g, w, a, b);
    return rotated ? rotated : make(g, IR_ADD, w, a, b);
}

static Value fold_sub(Graph *g, unsigned w, Value a, Value b) {
    uint64_t n = 0, m = 0;
    Value x = 0;
    if (a == b)
        return graph_const(g, 0, w);
    if (is_number(g, b, &n))
        return fold_add(g, w, a, graph_const(g, 0 - n, w));
    if (is_kind(g, a, VALUE_STACK) && is_kind(g, b, VALUE_STACK))
        return graph_const(g, at(g, a)->imm - at(g, b)->imm, w);
    if (is_op_number(g, a, IR_ADD, &x, &m))
        return fold_add(g, w, fold_sub(g, w, x, b), at(g, a)->in[1]);
    if (is_op_number(g, b, IR_ADD, &x, &m))
        return fold_add(g, w, fold_sub(g, w, a, x), graph_const(g, 0 - m, w));
    if (is_op_number(g, b, IR_MUL, &x, &m)) {
        if (x == a)
            return op2_number(g, IR_MUL, w, a, 1 - m);
        const Node *q = at(g, x);
        if ((q->kind == IR_UDIV || q->kind == IR_SDIV) && q->in[0] == a &&
            graph_is_number(g, q->in[1], m))
            return make(g, q->kind == IR_UDIV ? IR_UREM : IR_SREM, w, a, q->in[1]);
    }
    if (is_op_number(g, a, IR_MUL, &x, &m) && x == b)
        return op2_number(g, IR_MUL, w, b, m - 1);
    const Node *product = at(g, b);
    if (product->kind == IR_MUL)
        for (unsigned i = 0; i < 2; i++) {
            const Node *q = at(g, product->in[i]);
            if ((q->kind == IR_UDIV || q->kind == IR_SDIV) && q->in[0] == a &&
                q->in[1] == product->in[1 - i])
                return make(g, q->kind == IR_UDIV ? IR_UREM : IR_SREM, w, a, q->in[1]);
        }
    if (is_kind(g, b, IR_SUB) && graph_is_number(g, at(g, b)->in[0], 0))
        return fold_add(g, w, a, at(g, b)->in[1]);
    Value divided = fold_sub_division(g, w, a, b);
    return divided ? divided : make(g, IR_SUB, w, a, b);
}

static Value fold_mul(Graph *g, unsigned w, Value a, Value b) {
    uint64_t n = 0, m = 0;
    Value x = 0;
    if (graph_is_const(g, a)) {
        x = a, a = b, b = x;
    }
    if (!is_number(g, b, &n))
        return make(g, IR_MUL, w, a, b);
    if (n == 0)
        return b;
    if (n == 1)
        return a;
    if (n == ir_mask(w))
        return fold_sub(g, w, graph_const(g, 0, w), a);
    if (is_op_number(g, a, IR_MUL, &x, &m))
        return fold_mul(g, w, x, graph_const(g, n * m, w));
    if (is_op_number(g, a, IR_ADD, &x, &m))
        return fold_add(g, w, fold_mul(g, w, x, b), graph_const(g, n * m, w));
    return make(g, IR_MUL, w, a, b);
}

/* ---- logic ---- */

static Value fold_and_number(Graph *g, unsigned w, Value a, uint64_t n) {
    uint64_t m = 0;
    Value x = 0;
    n &= ir_mask(w);
    if (n == 0)
        return graph_const(g, 0, w);
    const Node *in = at(g, a);
    if ((n & (n + 1)) == 0 && ir_mask(in->top) <= n)
        return a;
    if ((n & (n + 1)) == 0 && n >= UINT32_MAX)
        return a;
    if (is_op_number(g, a, IR_AND, &x, &m))
        return fold_and_number(g, w, x, n & m);
    /* Of a register that was changed in part, the part. */
    if (in->kind == IR_INSERT && in->imm == 0 && low_mask_of(n) <= ir_mask(in->lane))
        return fold_and_number(g, w, in->in[1], n);
    if (in->kind == IR_SEXT && low_mask_of(n) <= ir_mask(in->lane))
        return fold_and_number(g, w, in->in[0], n);
    return make(g, IR_AND, w, a, graph_const(g, n, w));
}

/* NOT(x) of one bit: x, or 0. */
static Value bit_negated(const Graph *g, Value v) {
    const Node *n = at(g, v);
    return n->kind == IR_XOR && n->bits == 1 && graph_is_number(g, n->in[1], 1) ? n->in[0] : 0;
}

static Value fold_and(Graph *g, unsigned w, Value a, Value b) {
    uint64_t n = 0;
    if (graph_is_const(g, a)) {
        Value x = a;
        a = b, b = x;
    }
    if (is_number(g, b, &n))
        return w == 1 ? (n & 1 ? a : graph_const(g, 0, 1)) : fold_and_number(g, w, a, n);
    if (a == b)
        return a;
    if (w == 1) {
        Value x = bit_negated(g, a), y = bit_negated(g, b);
        if (x && y)
            return negate(g, op2(g, IR_OR, 1, x, y));
    }
    return make(g, IR_AND, w, a, b);
}

/* a < b or a == b, whatever form equality took. */
static Value fold_less_or_equal(Graph *g, Value less, Value equal) {
    const Node n = *at(g, less);
    if (n.kind == IR_EQ && graph_is_number(g, n.in[1], 0)) { /* x < 1 or x == 1 */
        const Node *e = at(g, equal);
        if (e->kind == IR_EQ && e->in[0] == n.in[0] && graph_is_number(g, e->in[1], 1))
            return op2_number(g, IR_ULT, n.bits, n.in[0], 2);
    }
    Value inner = bit_negated(g, less);
    if (inner && at(g, inner)->kind != IR_EQ) { /* not (a < b), or equal: b <= a stays */
        const Node m = *at(g, inner);
        if ((m.kind == IR_ULT || m.kind == IR_SLT) &&
            op2(g, IR_EQ, m.bits, m.in[0], m.in[1]) == equal)
            return less;
    }
    if (n.kind != IR_ULT && n.kind != IR_SLT)
        return 0;
    if (op2(g, IR_EQ, n.bits, n.in[0], n.in[1]) != equal)
        return 0;
    return op2(g, n.kind == IR_ULT ? IR_ULE : IR_SLE, n.bits, n.in[0], n.in[1]);
}

static Value fold_or(Graph *g, unsigned w, Value a, Value b) {
    uint64_t n = 0;
    if (graph_is_const(g, a)) {
        Value x = a;
        a = b, b = x;
    }
    if (is_number(g, b, &n)) {
        if (n == 0)
            return a;
        if (n == ir_mask(w))
            return b;
        return make(g, IR_OR, w, a, b);
    }
    if (a == b)
        return a;
    if (w == 1) {
        Value both = fold_less_or_equal(g, a, b);
        both = both ? both : fold_less_or_equal(g, b, a);
        return both ? both : make(g, IR_OR, w, a, b);
    }
    Value rotated = fold_rotate(g, w, a, b);
    return rotated ? rotated : make(g, IR_OR, w, a, b);
}

/* Sign of a - b against its overflow: a < b. */
static Value fold_signed_less(Graph *g, Value sign, Value overflow) {
    const Node n = *at(g, overflow);
    const Node *s = at(g, sign);
    if (n.kind != IR_UNDERFLOW || n.in[2] != 0 || s->kind != IR_SLT ||
        !graph_is_number(g, s->in[1], 0))
        return 0;
    return op2(g, IR_SLT, n.bits, n.in[0], n.in[1]);
}

static Value fold_xor(Graph *g, unsigned w, Value a, Value b) {
    uint64_t n = 0, m = 0;
    Value x = 0;
    if (graph_is_const(g, a)) {
        x = a, a = b, b = x;
    }
    if (is_number(g, b, &n)) {
        n &= ir_mask(w);
        if (n == 0)
            return a;
        if (is_op_number(g, a, IR_XOR, &x, &m))
            return fold_xor(g, w, x, graph_const(g, n ^ m, w));
        return make(g, IR_XOR, w, a, graph_const(g, n, w));
    }
    if (a == b)
        return graph_const(g, 0, w);
    if (w == 1) {
        Value less = fold_signed_less(g, a, b);
        less = less ? less : fold_signed_less(g, b, a);
        if (less)
            return less;
        x = bit_negated(g, a);
        if (x)
            return negate(g, fold_xor(g, 1, x, b));
        x = bit_negated(g, b);
        if (x)
            return negate(g, fold_xor(g, 1, a, x));
    }
    Value rotated = fold_rotate(g, w, a, b);
    return rotated ? rotated : make(g, IR_XOR, w, a, b);
}

/* ---- shifts ---- */

static Value fold_shr(Graph *g, unsigned w, Value a, Value b) {
    uint64_t n = 0, m = 0;
    Value x = 0;
    if (!is_number(g, b, &n))
        return make(g, IR_SHR, w, a, b);
    if (n == 0)
        return a;
    if (n >= w || n >= at(g, a)->top)
        return graph_const(g, 0, w);
    if (is_op_number(g, a, IR_SHR, &x, &m))
        return fold_shr(g, at(g, a)->bits > w ? at(g, a)->bits : w, x, graph_const(g, n + m, 64));
    if (is_op_number(g, a, IR_AND, &x, &m))
        return fold_and_number(g, w, fold_shr(g, w, x, b), m >> n);
    /* Up and down again. */
    if (is_op_number(g, a, IR_MUL, &x, &m) && m == (uint64_t)1 << n && at(g, a)->bits == w &&
        w - n <= 16)
        return fold_cut(g, x, w - (unsigned)n);
    Value divided = fold_shift_division(g, w, a, (unsigned)n);
    return divided ? divided : make(g, IR_SHR, w, a, b);
}

static Value fold_sar(Graph *g, unsigned w, Value a, Value b) {
    uint64_t n = 0, m = 0;
    Value x = 0;
    if (!is_number(g, b, &n))
        return make(g, IR_SAR, w, a, b);
    if (n == 0)
        return a;
    if (at(g, a)->top < w)
        return fold_shr(g, w, a, b);
    if (n >= w)
        n = w - 1;
    if (is_op_number(g, a, IR_SAR, &x, &m))
        return fold_sar(g, w, x, graph_const(g, n + m, w));
    if (is_op_number(g, a, IR_MUL, &x, &m) && m == (uint64_t)1 << n && at(g, a)->bits == w &&
        (w - n == 8 || w - n == 16))
        return fold_sext(g, x, w - (unsigned)n);
    Value divided = fold_shift_division(g, w, a, (unsigned)n);
    return divided ? divided : make(g, IR_SAR, w, a, graph_const(g, n, w));
}

static Value fold_shift(Graph *g, const IrOp *op, Value a, Value b) {
    unsigned w = op->bits;
    uint64_t n = 0;
    bool narrow = w < 32;
    bool fixed = is_number(g, b, &n);
    switch (op->kind) {
    case IR_SHL: {
        Value v = fixed && n < 64 ? fold_mul(g, narrow ? 32 : w, a,
                                             graph_const(g, n < w ? (uint64_t)1 << n : 0, 64))
                                  : make(g, IR_SHL, narrow ? 32 : w, a, b);
        return narrow ? fold_cut(g, v, w) : v;
    }
    case IR_SHR:
        return fold_shr(g, narrow ? 32 : w, narrow ? fold_operand(g, a, w, false) : a, b);
    case IR_SAR: {
        Value v = fold_sar(g, narrow ? 32 : w, narrow ? fold_operand(g, a, w, true) : a, b);
        return narrow ? fold_cut(g, v, w) : v;
    }
    case IR_ROR:
        if (fixed)
            return make(g, IR_ROL, w, fold_cut(g, a, w), graph_const(g, (w - n % w) % w, 32));
        return make(g, IR_ROR, w, fold_cut(g, a, w), b);
    default:
        return make(g, op->kind, w, fold_cut(g, a, w), b);
    }
}

/* ---- tests ---- */

/* Both constants: the test's result, else 0. */
static Value test_numbers(Graph *g, unsigned kind, unsigned w, Value a, Value b) {
    uint64_t out = 0;
    if (!graph_is_const(g, a) || !graph_is_const(g, b) ||
        !ir_eval(&(IrOp){.kind = (uint8_t)kind, .bits = (uint8_t)w}, at(g, a)->imm, at(g, b)->imm,
                 0, &out))
        return 0;
    return graph_const(g, out, 1);
}

static Value fold_eq(Graph *g, unsigned w, Value a, Value b) {
    uint64_t n = 0, m = 0;
    Value x = 0;
    Value known = a == b ? graph_const(g, 1, 1) : test_numbers(g, IR_EQ, w, a, b);
    if (known)
        return known;
    if (graph_is_const(g, a)) {
        x = a, a = b, b = x;
    }
    const Node *in = at(g, a);
    if (!is_number(g, b, &n)) {
        if (w == 1)
            return negate(g, fold_xor(g, 1, a, b));
        return make(g, IR_EQ, w, a, b);
    }
    if (in->top == 1 && n <= 1)
        return n == 1 ? a : negate(g, a);
    if (n == 0 && (in->kind == IR_SUB || (in->kind == IR_XOR && !graph_is_const(g, in->in[1]))))
        return fold_eq(g, w, in->in[0], in->in[1]);
    if (is_op_number(g, a, IR_ADD, &x, &m) && !(at(g, in->in[1])->flags & NODE_ADDRESS))
        return fold_eq(g, w, x, graph_const(g, n - m, w));
    if (is_op_number(g, a, IR_XOR, &x, &m))
        return fold_eq(g, w, x, graph_const(g, n ^ m, w));
    if (is_op_number(g, a, IR_AND, &x, &m) && m == n && (n & (n - 1)) == 0)
        return negate(g, fold_eq(g, w, a, graph_const(g, 0, w)));
    return make(g, IR_EQ, w, a, b);
}

/* kind: IR_ULT or IR_SLT. Against a constant it stands on the right. */
static Value fold_less(Graph *g, unsigned kind, unsigned w, Value a, Value b) {
    uint64_t n = 0;
    Value known = a == b ? graph_const(g, 0, 1) : test_numbers(g, kind, w, a, b);
    if (known)
        return known;
    if (kind == IR_SLT && at(g, a)->top < w && at(g, b)->top < w)
        kind = IR_ULT;
    if (is_number(g, b, &n) && kind == IR_ULT) {
        if (n == 0)
            return b;
        if (n == 1)
            return fold_eq(g, w, a, graph_const(g, 0, w));
    }
    if (is_number(g, a, &n)) {
        uint64_t last = kind == IR_ULT ? ir_mask(w) : ir_mask(w) >> 1;
        if (n == last)
            return graph_const(g, 0, 1);
        return negate(g, fold_less(g, kind, w, b, graph_const(g, n + 1, w)));
    }
    Node less = {.kind = (uint8_t)kind, .bits = (uint8_t)w, .in = {a, b, 0}, .top = 1};
    return graph_node(g, less);
}

static Value fold_test(Graph *g, const IrOp *op, Value a, Value b, Value c) {
    unsigned w = op->bits;
    bool is_signed = op->kind == IR_SLT || op->kind == IR_SLE || op->kind == IR_UNDERFLOW ||
                     op->kind == IR_OVERFLOW;
    a = fold_operand(g, a, w, is_signed);
    b = fold_operand(g, b, w, is_signed);
    if (w > 1 && w < 32)
        w = 32;
    uint64_t n = 0;
    bool carries = c != 0 && !graph_is_number(g, c, 0);
    switch (op->kind) {
    case IR_EQ:
        return fold_eq(g, w, a, b);
    case IR_ULT:
    case IR_SLT:
        return fold_less(g, op->kind, w, a, b);
    case IR_ULE:
        return negate(g, fold_less(g, IR_ULT, w, b, a));
    case IR_SLE:
        return negate(g, fold_less(g, IR_SLT, w, b, a));
    case IR_BORROW:
        if (!carries)
            return fold_less(g, IR_ULT, w, a, b);
        break;
    case IR_CARRY:
        if (!carries && is_number(g, b, &n))
            return n == 0 ? graph_const(g, 0, 1)
                          : negate(g, fold_less(g, IR_ULT, w, a, graph_const(g, 0 - n, w)));
        break;
    case IR_OVERFLOW:
    case IR_UNDERFLOW:
        if (!carries && graph_is_number(g, b, 0))
            return graph_const(g, 0, 1);
        break;
    default:
        break;
    }
    Node test = {.kind = op->kind, .bits = (uint8_t)w, .in = {a, b, carries ? c : 0}, .top = 1};
    return graph_node(g, test);
}

/* ---- the rest ---- */

static Value fold_select(Graph *g, unsigned w, Value condition, Value a, Value b) {
    uint64_t n = 0;
    if (a == b)
        return a;
    if (is_number(g, condition, &n))
        return n & 1 ? a : b;
    Value inner = bit_negated(g, condition);
    if (inner) {
        Value x = a;
        condition = inner, a = b, b = x;
    }
    if (graph_is_number(g, a, 1) && graph_is_number(g, b, 0))
        return condition;
    if (graph_is_number(g, a, 0) && graph_is_number(g, b, 1))
        return negate(g, condition);
    Node n2 = {.kind = IR_SELECT, .bits = (uint8_t)w, .in = {condition, a, b}};
    n2.top = (uint8_t)top_of(g, &n2);
    return graph_node(g, n2);
}

static Value fold_insert(Graph *g, const IrOp *op, Value a, Value b) {
    unsigned w = op->bits;
    b = fold_cut(g, b, w);
    if (at(g, a)->top <= op->imm) { /* nothing else in it */
        if (op->imm == 0)
            return b;
        if (graph_is_number(g, a, 0))
            return fold_mul(g, 64, b, graph_const(g, (uint64_t)1 << (op->imm & 63), 64));
    }
    if (w >= 64)
        return b;
    if (at(g, a)->kind == IR_INSERT && at(g, a)->imm == op->imm && at(g, a)->lane <= w)
        a = at(g, a)->in[0];
    return graph_node(
        g, (Node){.kind = IR_INSERT, .bits = 64, .lane = (uint8_t)w, .in = {a, b}, .imm = op->imm});
}

static Value fold_extract(Graph *g, unsigned w, Value a, uint64_t imm) {
    const Node *n = at(g, a);
    if (n->kind == IR_INSERT && n->imm == imm && n->lane == w)
        return n->in[1];
    if (imm >= 64)
        return graph_const(g, 0, w);
    if (w == 1 && (imm == 7 || imm == 15 || imm == 31 || imm == 63)) /* the sign */
        return fold(g, &(IrOp){.kind = IR_SLT, .bits = (uint8_t)(imm + 1)}, a,
                    graph_const(g, 0, 64), 0);
    return fold_cut(g, imm ? fold_shr(g, 64, a, graph_const(g, imm, 64)) : a, w);
}

static Value fold_arithmetic(Graph *g, const IrOp *op, Value a, Value b) {
    unsigned w = op->bits < 32 && op->bits > 1 ? 32 : op->bits;
    uint64_t n = 0;
    Value v = 0;
    /* -1 in 8 bits is -1. */
    if ((op->kind == IR_ADD || op->kind == IR_SUB) && op->bits < 32 && is_number(g, b, &n))
        b = fold_sext(g, b, op->bits);
    switch (op->kind) {
    case IR_ADD:
        v = fold_add(g, w, a, b);
        break;
    case IR_SUB:
        v = fold_sub(g, w, a, b);
        break;
    case IR_MUL:
        v = fold_mul(g, w, a, b);
        break;
    case IR_AND:
        v = fold_and(g, w, a, b);
        break;
    case IR_OR:
        v = fold_or(g, w, a, b);
        break;
    case IR_NEG:
        v = fold_sub(g, w, graph_const(g, 0, w), a);
        break;
    case IR_NOT:
        v = fold_xor(g, w, a, graph_const(g, ir_mask(w), w));
        break;
    default:
        v = fold_xor(g, w, a, b);
        break;
    }
    return fold_cut(g, v, op->bits);
}

/* High halves are shifts of whole products; wide divisions are plain ones when the upper half says
 * nothing. */
static Value fold_wide(Graph *g, const IrOp *op, Value a, Value b, Value c) {
    unsigned w = op->bits;
    if (op->kind == IR_UMULH || op->kind == IR_SMULH) {
        a = fold_cut(g, a, w);
        b = fold_cut(g, b, w);
        if (w == 32) {
            if (op->kind == IR_SMULH && graph_is_const(g, b))
                b = graph_const(g, (uint64_t)(int32_t)at(g, b)->imm, 64);
            return fold_shr(g, 64, fold_mul(g, 64, a, b), graph_const(g, 32, 64));
        }
        if (graph_is_const(g, a) || (a > b && !graph_is_const(g, b))) {
            Value x = a;
            a = b, b = x;
        }
        return make(g, op->kind, w, a, b);
    }
    bool is_signed = op->kind == IR_SDIVW || op->kind == IR_SREMW;
    bool is_rest = op->kind == IR_UREMW || op->kind == IR_SREMW;
    uint64_t n = 0;
    Value x = 0;
    bool plain = is_signed ? is_op_number(g, a, IR_SAR, &x, &n) || graph_is_number(g, a, 0)
                           : graph_is_number(g, a, 0);
    if (plain) {
        IrOp narrow = {.kind = (uint8_t)(is_rest     ? (is_signed ? IR_SREM : IR_UREM)
                                         : is_signed ? IR_SDIV
                                                     : IR_UDIV),
                       .bits = op->bits};
        return fold(g, &narrow, b, c, 0);
    }
    return graph_node(g, (Node){.kind = op->kind, .bits = op->bits, .in = {a, b, c}});
}

static Value fold_divide(Graph *g, const IrOp *op, Value a, Value b) {
    unsigned w = op->bits;
    bool is_signed = op->kind == IR_SDIV || op->kind == IR_SREM;
    if (w < 32) {
        a = fold_operand(g, a, w, is_signed);
        b = fold_operand(g, b, w, is_signed);
        w = 32;
    }
    uint64_t n = 0;
    if (is_number(g, b, &n) && n != 0 && (n & (n - 1)) == 0) {
        if (op->kind == IR_UDIV)
            return fold_shr(g, w, a, graph_const(g, (uint64_t)__builtin_ctzll(n), w));
        if (op->kind == IR_UREM)
            return fold_and_number(g, w, a, n - 1);
    }
    unsigned kind = op->kind;
    if (is_signed && at(g, a)->top < w && at(g, b)->top < w)
        kind = kind == IR_SDIV ? IR_UDIV : IR_UREM;
    return make(g, kind, w, a, b);
}

static bool fold_numbers(Graph *g, const IrOp *op, Value a, Value b, Value c, Value *out) {
    if (!a || !graph_is_const(g, a) || (b && !graph_is_const(g, b)) || (c && !graph_is_const(g, c)))
        return false;
    bool is_address = ((at(g, a)->flags | at(g, b)->flags) & NODE_ADDRESS) != 0;
    if (is_address && (op->kind == IR_ADD || op->kind == IR_SUB || op->kind == IR_MOVE))
        return false; /* stays one: see number_sum, fold_cut */
    uint64_t value = 0;
    if (!ir_eval(op, at(g, a)->imm, at(g, b)->imm, at(g, c)->imm, &value))
        return false;
    *out = graph_const(g, value, 64);
    return true;
}

static Value fold_other(Graph *g, const IrOp *op, Value a, Value b, Value c) {
    bool narrow = op->bits < 32 && op->kind != IR_FLOAT && op->kind != IR_OPAQUE;
    Node n = {
        .kind = op->kind, .bits = op->bits, .lane = op->lane, .in = {a, b, c}, .imm = op->imm};
    for (unsigned i = 0; narrow && i < 3; i++)
        if (n.in[i])
            n.in[i] = fold_cut(g, n.in[i], op->bits);
    if (n.bits == 0)
        n.bits = 64;
    return graph_node(g, n);
}

Value fold(Graph *g, const IrOp *op, Value a, Value b, Value c) {
    Value out = 0;
    if (fold_numbers(g, op, a, b, c, &out))
        return out;
    switch (op->kind) {
    case IR_MOVE:
        return fold_cut(g, a, op->bits);
    case IR_SEXT:
        if (op->lane >= 32)
            return fold_cut(g, a, 32);
        return fold_cut(g, fold_sext(g, a, op->lane), op->bits);
    case IR_EXTRACT:
        return fold_extract(g, op->bits, a, op->imm);
    case IR_INSERT:
        return fold_insert(g, op, a, b);
    case IR_SELECT:
        return fold_select(g, op->bits, a, b, c);
    case IR_ADD:
    case IR_SUB:
    case IR_MUL:
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_NEG:
    case IR_NOT:
        return fold_arithmetic(g, op, a, b);
    case IR_SHL:
    case IR_SHR:
    case IR_SAR:
    case IR_ROL:
    case IR_ROR:
        return fold_shift(g, op, a, b);
    case IR_UMULH:
    case IR_SMULH:
    case IR_UDIVW:
    case IR_UREMW:
    case IR_SDIVW:
    case IR_SREMW:
        return fold_wide(g, op, a, b, c);
    case IR_UDIV:
    case IR_SDIV:
    case IR_UREM:
    case IR_SREM:
        return fold_divide(g, op, a, b);
    case IR_EQ:
    case IR_ULT:
    case IR_ULE:
    case IR_SLT:
    case IR_SLE:
    case IR_CARRY:
    case IR_BORROW:
    case IR_OVERFLOW:
    case IR_UNDERFLOW:
        return fold_test(g, op, a, b, c);
    default:
        return fold_other(g, op, a, b, c);
    }
}
