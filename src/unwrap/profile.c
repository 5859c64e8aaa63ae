/* SPDX-License-Identifier: Apache-2.0 */
#include "unwrap/profile.h"

#include <string.h>

#include "code/x86_mnemonics.h"

typedef struct Look {
    const Image *image;
    const ValueFunction *v;
    const Graph *g;
    FunctionProfile *out;
    Arena *kept, *scratch;
} Look;

static Value resolve(const Look *l, Value v) { return graph_resolve(l->g, v); }
static const Node *node_of(const Look *l, Value v) { return graph_at(l->g, resolve(l, v)); }
static bool is_const(const Look *l, Value v) { return node_of(l, v)->kind == VALUE_CONST; }

/* ---- Conditions that are known ---- */

/* x and x plus an odd number. */
static bool are_neighbours(const Look *l, Value a, Value b) {
    const Node *sum = node_of(l, a);
    if (sum->kind != IR_ADD && sum->kind != IR_SUB)
        return false;
    const Node *step = node_of(l, sum->in[1]);
    return resolve(l, sum->in[0]) == resolve(l, b) && step->kind == VALUE_CONST && (step->imm & 1);
}

/* x * (x + 1), x * (x - 1), x * x + x: even whatever x is. */
static bool is_even(const Look *l, Value v) {
    const Node *n = node_of(l, v);
    if (n->kind == IR_MUL)
        return are_neighbours(l, n->in[0], n->in[1]) || are_neighbours(l, n->in[1], n->in[0]);
    if (n->kind != IR_ADD && n->kind != IR_SUB)
        return false;
    for (unsigned i = 0; i < 2; i++) {
        const Node *square = node_of(l, n->in[i]);
        Value other = resolve(l, n->in[1 - i]);
        if (square->kind == IR_MUL && resolve(l, square->in[0]) == other &&
            resolve(l, square->in[1]) == other)
            return true;
    }
    return false;
}

/* The condition asks whether such a number is even, somewhere in it. */
static bool asks_known(const Look *l, Value v, unsigned depth) {
    const Node *n = node_of(l, v);
    if (depth == 0 || n->kind >= IR_KIND_COUNT || n->kind == IR_LOAD)
        return false;
    bool is_bit = (n->kind == IR_AND && graph_is_number(l->g, resolve(l, n->in[1]), 1)) ||
                  ((n->kind == IR_UREM || n->kind == IR_SREM) &&
                   graph_is_number(l->g, resolve(l, n->in[1]), 2));
    if (is_bit && is_even(l, n->in[0]))
        return true;
    for (unsigned i = 0; i < 3; i++)
        if (n->in[i] && asks_known(l, n->in[i], depth - 1))
            return true;
    return false;
}

/* ---- Dispatchers ---- */

enum {
    LEAST_STATES = 5, /* guess: fewer are a loop with a few cases */
    MAX_STATES = 512,
    MAX_PHIS = 256,
    LARGE_STATE = 0x10000 /* numbers below are enumerators, characters, codes */
};

typedef struct States {
    uint32_t at[MAX_STATES]; /* what variables of loops get */
    size_t count, others;    /* others: inputs that are no constant */
    Value seen[MAX_PHIS];
    size_t seen_count;
    uint32_t walked;
} States;

static bool is_seen(States *s, Value v) {
    for (size_t i = 0; i < s->seen_count; i++)
        if (s->seen[i] == v)
            return true;
    if (s->seen_count == MAX_PHIS)
        return true; /* not walked: without a mark, ways through interpreters' loops double */
    s->seen[s->seen_count++] = v;
    return false;
}

static bool has_state(const States *s, uint32_t number) {
    for (size_t i = 0; i < s->count; i++)
        if (s->at[i] == number)
            return true;
    return false;
}

/* The constants that a variable gets: inputs of its phi, through other phis and choices. */
static void add_states(const Look *l, Value v, States *s, unsigned depth) {
    v = resolve(l, v);
    const Node *n = graph_at(l->g, v);
    s->walked++;
    if (n->kind == VALUE_CONST) {
        if (s->count < MAX_STATES && !has_state(s, (uint32_t)n->imm))
            s->at[s->count++] = (uint32_t)n->imm;
        return;
    }
    if ((n->kind != VALUE_PHI && n->kind != IR_SELECT) || depth == 0) {
        s->others++;
        return;
    }
    if (is_seen(s, v))
        return;
    if (n->kind == IR_SELECT) {
        add_states(l, n->in[1], s, depth - 1);
        add_states(l, n->in[2], s, depth - 1);
        return;
    }
    for (uint32_t i = 0; i < n->in[1] && n->in[0] + i < l->g->phi_inputs.count; i++)
        add_states(l, l->g->phi_inputs.at[n->in[0] + i], s, depth - 1);
}

static bool is_large(uint32_t number) {
    int32_t n = (int32_t)number;
    return n >= LARGE_STATE || n <= -LARGE_STATE;
}

typedef struct Compare {
    Value with;
    uint32_t number;
    bool is_equal;
} Compare;

/* A variable against a constant, possibly negated. */
static bool find_compare(const Look *l, Value condition, Compare *out) {
    for (unsigned depth = 0; depth < 4; depth++) {
        const Node *n = node_of(l, condition);
        if (n->kind < IR_EQ || n->kind > IR_SLE) {
            if (n->kind != IR_NOT && n->kind != IR_XOR)
                return false;
            condition = n->in[0];
            continue;
        }
        bool swap = is_const(l, n->in[0]);
        Value with = resolve(l, n->in[swap ? 1 : 0]), number = n->in[swap ? 0 : 1];
        if (!is_const(l, number))
            return false;
        *out = (Compare){with, (uint32_t)node_of(l, number)->imm, n->kind == IR_EQ};
        if (!out->is_equal || out->number != 0 || node_of(l, with)->kind < IR_EQ ||
            node_of(l, with)->kind > IR_SLE)
            return true;
        condition = with; /* (a == b) == 0 */
    }
    return false;
}

/* Numbers that variables of loops are compared with, of which the function assigns them enough:
 * large ones, that is no enumeration. A variable is a phi, or memory where the stack could not be
 * followed. */
static bool is_chain(const Look *l) {
    States *met = ARENA_NEW(l->scratch, States), *states = ARENA_NEW(l->scratch, States);
    bool in_memory = false;
    for (size_t i = 0; i < l->v->effects.count; i++) {
        const Effect *e = &l->v->effects.at[i];
        Compare c;
        if (e->kind != EFFECT_BRANCH || !e->in_loop || !find_compare(l, e->a, &c) ||
            !is_large(c.number))
            continue;
        unsigned kind = node_of(l, c.with)->kind;
        if (kind != VALUE_PHI && kind != IR_LOAD)
            continue;
        in_memory |= kind == IR_LOAD;
        if (kind == VALUE_PHI)
            add_states(l, c.with, states, 24);
        for (uint32_t k = 0; k < (c.is_equal ? 1u : 2u); k++) /* x < c + 1: up to c */
            if (met->count < MAX_STATES && !has_state(met, c.number - k))
                met->at[met->count++] = c.number - k;
    }
    for (size_t i = 0; i < l->v->effects.count && in_memory && met->count >= LEAST_STATES; i++)
        if (l->v->effects.at[i].kind == EFFECT_STORE && l->v->effects.at[i].in_loop)
            add_states(l, l->v->effects.at[i].b, states, 8);
    l->out->walked += states->walked;
    size_t assigned = 0;
    for (size_t i = 0; i < met->count; i++)
        assigned += has_state(states, met->at[i]);
    return assigned >= LEAST_STATES;
}

static Value find_phi(const Look *l, Value v, unsigned depth) {
    const Node *n = node_of(l, v);
    if (n->kind == VALUE_PHI)
        return resolve(l, v);
    Value found = 0;
    for (unsigned i = 0; i < 3 && !found && depth && n->kind < IR_KIND_COUNT; i++)
        found = n->in[i] ? find_phi(l, n->in[i], depth - 1) : 0;
    return found;
}

/* A jump table in a loop whose number is a constant wherever it comes from. */
static bool is_switch(const Look *l) {
    States *states = ARENA_NEW(l->scratch, States);
    for (size_t i = 0; i < l->v->effects.count; i++) {
        const Effect *e = &l->v->effects.at[i];
        Value phi = e->kind == EFFECT_SWITCH && e->in_loop ? find_phi(l, e->a, 8) : 0;
        if (!phi)
            continue;
        memset(states, 0, sizeof *states);
        add_states(l, phi, states, 24);
        l->out->walked += states->walked;
        if (states->count >= LEAST_STATES && states->others == 0)
            return true;
    }
    return false;
}

/* ---- Tables of functions ---- */

static bool is_name(Bytes b) {
    enum { LEAST = 3, MOST = 64 };
    size_t n = 0;
    for (; n < b.size && n <= MOST && b.at[n]; n++) {
        uint8_t c = b.at[n] | 0x20;
        if (!((c >= 'a' && c <= 'z') || (n && b.at[n] >= '0' && b.at[n] <= '9') || b.at[n] == '_'))
            return false;
    }
    return n >= LEAST && n <= MOST && n < b.size;
}

static uint64_t name_among(const Look *l, const Effect *call) {
    for (uint32_t i = 0; i < call->arg_count; i++) {
        const Node *n = node_of(l, l->v->args.at[call->first_arg + i]);
        if (n->kind == VALUE_CONST && is_name(image_bytes_at(l->image, n->imm)))
            return n->imm;
    }
    return 0;
}

static const Effect *find_call(const Look *l, uint64_t number, size_t before) {
    for (size_t i = before; i-- > 0;)
        if (l->v->effects.at[i].kind == EFFECT_CALL && l->v->effects.at[i].b == number)
            return &l->v->effects.at[i];
    return NULL;
}

static void find_stores(const Look *l) {
    TableStore *stores = NULL;
    for (size_t i = 0; i < l->v->effects.count && l->out->store_count < PROFILE_STORES; i++) {
        const Effect *e = &l->v->effects.at[i];
        if (e->kind != EFFECT_STORE || !is_const(l, e->a))
            continue;
        const Node *value = node_of(l, e->b);
        if (value->kind != VALUE_RESULT)
            continue;
        const Effect *call = find_call(l, value->imm, i);
        uint64_t name = call && (call->callee || call->import) ? name_among(l, call) : 0;
        if (!name)
            continue;
        if (!stores)
            stores = ARENA_ARRAY(l->scratch, TableStore, PROFILE_STORES);
        stores[l->out->store_count++] =
            (TableStore){e->va, node_of(l, e->a)->imm, name, call->callee, call->import};
    }
    size_t size = l->out->store_count * sizeof *stores;
    TableStore *copy = size ? arena_alloc(l->kept, size) : NULL;
    if (copy)
        memcpy(copy, stores, size);
    l->out->stores = copy;
}

/* ---- Made-up times ---- */

static bool sets_time(const Look *l) {
    static const char *const names[] = {
        "SetFileTime", "SystemTimeToFileTime", "utime", "utimes", "futimens", "utimensat", "mktime",
        "timegm"};
    for (size_t i = 0; i < l->v->effects.count; i++) {
        const Effect *e = &l->v->effects.at[i];
        if (e->kind != EFFECT_CALL || !e->import || e->import > l->image->imports.count)
            continue;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            if (strcmp(l->image->imports.at[e->import - 1].name, names[k]) == 0)
                return true;
    }
    return false;
}

/* Distinct, ascending: compilers change the order. */
static void add_modulus(FunctionProfile *out, uint16_t by) {
    unsigned at = 0;
    while (at < out->modulus_count && out->moduli[at] < by)
        at++;
    if (out->modulus_count == PROFILE_MODULI || (at < out->modulus_count && out->moduli[at] == by))
        return;
    memmove(&out->moduli[at + 1], &out->moduli[at],
            (out->modulus_count - at) * sizeof *out->moduli);
    out->moduli[at] = by;
    out->modulus_count++;
}

/* Numbers of the calendar: div gives remainders by others that nobody reads. */
static bool is_calendar(uint64_t by) {
    static const uint16_t numbers[] = {12, 24, 28, 29, 30, 31, 59, 60, 365, 1000};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (by == numbers[i])
            return true;
    return false;
}

static void find_moduli(const Look *l) {
    for (uint32_t i = 1; i < l->g->count; i++) {
        const Node *n = graph_at(l->g, i);
        if ((n->kind == IR_UREM || n->kind == IR_SREM) && is_const(l, n->in[1]) &&
            is_calendar(node_of(l, n->in[1])->imm))
            add_modulus(l->out, (uint16_t)node_of(l, n->in[1])->imm);
    }
}

/* ---- Junk ---- */

static bool same_operand(const Insn *a, const Insn *b) {
    return a->operands[0].kind == OPERAND_REG && b->operands[0].kind == OPERAND_REG &&
           a->operands[0].reg == b->operands[0].reg;
}

/* Two instructions, one behind the other, of which the second undoes the first. */
static bool undoes(const Insn *a, const Insn *b) {
    static const uint16_t pairs[][2] = {{X86_PUSH, X86_POP}, {X86_INC, X86_DEC}, {X86_DEC, X86_INC},
                                        {X86_NOT, X86_NOT},  {X86_NEG, X86_NEG}, {X86_ADD, X86_SUB},
                                        {X86_SUB, X86_ADD},  {X86_XOR, X86_XOR}, {X86_ROL, X86_ROR},
                                        {X86_ROR, X86_ROL}};
    if (a->va + a->length != b->va || !same_operand(a, b))
        return false;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (a->id == pairs[i][0] && b->id == pairs[i][1])
            return i < 5 || (a->operands[1].kind == OPERAND_IMM &&
                             b->operands[1].kind == OPERAND_IMM && a->imm == b->imm);
    return false;
}

static void count_junk(const Look *l, const Insn *insns, size_t count) {
    l->out->instructions = (uint32_t)count;
    bool is_x86 = l->image->arch == ARCH_X86 || l->image->arch == ARCH_X64;
    if (!is_x86 || l->image->format == FORMAT_RAW)
        return; /* data taken for code has such pairs */
    for (size_t i = 0; i + 1 < count; i++)
        l->out->junk += undoes(&insns[i], &insns[i + 1]);
}

/* ---- The whole ---- */

static void count_conditions(const Look *l) {
    enum { DEPTH = 6 };
    for (size_t i = 0; i < l->v->effects.count; i++) {
        const Effect *e = &l->v->effects.at[i];
        if (e->kind != EFFECT_BRANCH)
            continue;
        l->out->branches++;
        l->out->opaque += asks_known(l, e->a, DEPTH);
    }
    for (uint32_t i = 1; i < l->g->count; i++) {
        const Node *n = graph_at(l->g, i);
        if (n->kind != IR_SELECT)
            continue;
        l->out->branches++;
        l->out->opaque += asks_known(l, n->in[0], DEPTH);
    }
}

FunctionProfile profile_from_values(const ProfileInput *in, Arena *kept, Arena *scratch) {
    FunctionProfile out = {0};
    const ValueFunction *v = in->values;
    Look l = {in->image, v, &v->graph, &out, kept, scratch};
    ArenaMark mark = arena_mark(scratch);
    count_junk(&l, in->insns, in->insn_count);
    count_conditions(&l);
    find_stores(&l);
    if (sets_time(&l))
        find_moduli(&l);
    enum { LEAST_BLOCKS = 2 * LEAST_STATES };
    if (v->function->block_count >= LEAST_BLOCKS && v->function->loop_count > 0)
        out.flattening = is_chain(&l)    ? FLATTENING_CHAIN
                         : is_switch(&l) ? FLATTENING_SWITCH
                                         : FLATTENING_NONE;
    arena_reset(scratch, mark);
    return out;
}
