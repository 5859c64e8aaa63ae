/* SPDX-License-Identifier: Apache-2.0
 * build.c: evaluates a body block by block in reverse postorder. Every register and stack slot is a
 * variable; where paths meet with different values stands a phi. A loop head gets phis for what its
 * loop writes (a loop is the range of the order up to its last jump back: a superset of the natural
 * loop, so never too few). */
#include "value/build.h"

#include <string.h>

#include "value/fold.h"

enum {
    RECENT_STORES = 16, /* of a block, for loads that follow; more are forgotten, oldest first */
    RUN = 8,            /* variables compared at once */
    MAX_STATE = 1 << 22 /* values of all blocks together: 16 MB; above it slots are memory */
};

typedef struct Recent {
    Value address, value;
    unsigned bits;
} Recent;

/* A phi whose inputs are not all known yet. */
typedef struct Open {
    Value phi;
    uint32_t block, variable;
} Open;

typedef struct Build {
    Values *v;
    Body *body;
    Arena *scratch;
    ValueFunction *out;
    Graph *g;
    uint16_t variable_of[BODY_SLOTS]; /* slot -> variable + 1 */
    uint16_t slot_of[BODY_SLOTS];     /* variable -> slot */
    uint32_t register_count, variable_count;
    uint32_t row;        /* values of a state: variable_count, filled up to whole RUNs */
    uint32_t slot_words; /* words of a bitmap of variables */
    uint64_t *defined;   /* per block */
    Value *states;       /* per block: values of variables at its end */
    Value *now;
    const Value **ins; /* states at the ends of the current block's predecessors that are done */
    uint32_t in_count;
    Value temps[SLOT_TEMPS];
    Recent recent[RECENT_STORES];
    unsigned recent_count;
    uint32_t *stored_at; /* per stack variable: number of the last store, for arguments of calls */
    uint32_t clock, last_call;
    VEC(Open) open;
    uint32_t block;
    uint64_t va; /* of the instruction */
    uint32_t call_number;
    uint64_t loop_work;
} Build;

/* ---- variables ---- */

static void use_slot(uint64_t *words, uint16_t slot) {
    words[slot / 64] |= (uint64_t)1 << slot % 64;
}

static void number_registers(Build *x) {
    static const uint16_t of_strings[] = {SLOT_X86_RAX, SLOT_X86_RCX, SLOT_X86_RSI, SLOT_X86_RDI};
    const Body *body = x->body;
    uint64_t used[SLOT_WORDS];
    memcpy(used, body->used, sizeof used);
    for (uint32_t b = 0; b < body->block_count; b++)
        for (unsigned i = 0; body->blocks[b].has_string && i < 4; i++)
            use_slot(used, of_strings[i]);
    const Abi *abi = &body->context->abi;
    use_slot(used, abi->stack);
    use_slot(used, abi->result);
    for (unsigned i = 0; i < abi->arg_count; i++)
        use_slot(used, abi->args[i]);
    for (unsigned word = 0; word < SLOT_WORDS; word++)
        for (uint64_t left = used[word]; left; left &= left - 1) {
            unsigned slot = 64 * word + (unsigned)__builtin_ctzll(left);
            x->slot_of[x->register_count++] = (uint16_t)slot;
            x->variable_of[slot] = (uint16_t)x->register_count;
        }
    x->variable_count = x->register_count + body->stack_count;
    if ((uint64_t)x->variable_count * body->block_count > MAX_STATE) {
        x->body->stack_count = 0;
        x->variable_count = x->register_count;
        x->out->is_cut = true;
    }
}

static bool is_clobbered(const Build *x, uint16_t slot) {
    if (slot < 32)
        return x->body->context->abi.clobbered >> slot & 1;
    return slot >= SLOT_X87; /* flags are dead after calls anyway */
}

/* Whether a call or a string instruction may write it. */
static bool is_lost(const Build *x, uint16_t slot) {
    return is_clobbered(x, slot) || slot == x->body->context->abi.stack || slot == SLOT_X86_RSI ||
           slot == SLOT_X86_RDI;
}

/* Which variables each block may write; stores to the stack are those that stack.c followed. */
static void find_defined(Build *x) {
    const Body *body = x->body;
    x->slot_words = (x->variable_count + 63) / 64;
    x->defined = ARENA_ARRAY(x->scratch, uint64_t, (size_t)x->slot_words * body->block_count + 1);
    uint64_t lost[SLOT_WORDS + 1] = {0}; /* variables of registers are the first */
    for (uint32_t n = 0; n < x->register_count; n++)
        lost[n / 64] |= (uint64_t)is_lost(x, x->slot_of[n]) << n % 64;
    for (uint32_t b = 0; b < body->block_count; b++) {
        uint64_t *bits = x->defined + (size_t)b * x->slot_words;
        const BodyBlock *block = &body->blocks[b];
        for (unsigned word = 0; word < SLOT_WORDS; word++)
            for (uint64_t left = block->written[word]; left; left &= left - 1) {
                unsigned n = x->variable_of[64 * word + (unsigned)__builtin_ctzll(left)] - 1u;
                bits[n / 64] |= (uint64_t)1 << n % 64;
            }
        for (uint32_t i = 0; (block->has_call || block->has_string) && 64 * i < x->register_count;
             i++)
            bits[i] |= lost[i];
    }
    for (size_t i = 0; i < body->stack_stores.count; i++) {
        const StackStore *store = &body->stack_stores.at[i];
        uint32_t slot = body_find_slot(body, store->offset);
        uint32_t n = x->register_count + slot;
        if (slot != UINT32_MAX)
            x->defined[(size_t)store->block * x->slot_words + n / 64] |= (uint64_t)1 << n % 64;
    }
}

static Value entry_value(Build *x, uint32_t variable) {
    const Abi *abi = &x->body->context->abi;
    if (variable >= x->register_count) {
        int32_t offset = x->body->stack_offsets[variable - x->register_count];
        if (offset >= abi->stack_args && offset < abi->stack_args + MAX_CALL_ARGS * abi->word_bytes)
            return graph_node(x->g,
                              (Node){.kind = VALUE_ARG,
                                     .bits = (uint8_t)(8 * abi->word_bytes),
                                     .imm = abi->arg_count + (uint64_t)(offset - abi->stack_args) /
                                                                 abi->word_bytes});
        Value address = graph_node(
            x->g, (Node){.kind = VALUE_STACK, .bits = 64, .imm = (uint64_t)(int64_t)offset});
        return graph_node(
            x->g, (Node){.kind = IR_LOAD, .bits = (uint8_t)(8 * abi->word_bytes), .in = {address}});
    }
    uint16_t slot = x->slot_of[variable];
    if (slot == abi->stack)
        return graph_node(x->g, (Node){.kind = VALUE_STACK, .bits = 64});
    unsigned count = abi->args_may_register ? 3 : abi->arg_count;
    for (unsigned i = 0; i < count; i++)
        if (abi->args[i] == slot)
            return graph_node(
                x->g, (Node){.kind = VALUE_ARG, .bits = (uint8_t)(8 * abi->word_bytes), .imm = i});
    unsigned bits = slot < 32 ? 8u * abi->word_bytes : slot < SLOT_FS ? 1 : 64;
    return graph_node(x->g, (Node){.kind = VALUE_ENTRY, .bits = (uint8_t)bits, .imm = slot});
}

/* ---- states at the start of blocks ---- */

static Value *state_of(const Build *x, uint32_t block) {
    return x->states + (size_t)block * x->row;
}

/* From blocks before `end` in the order: those behind have no values yet. */
static void fill_phi(Build *x, Value phi, uint32_t block, uint32_t variable, uint32_t end) {
    const BodyBlock *to = &x->body->blocks[block];
    Graph *g = x->g;
    uint32_t first = (uint32_t)g->phi_inputs.count, count = 0;
    for (uint32_t k = 0; k < to->pred_count; k++) {
        uint32_t pred = x->body->preds[to->first_pred + k];
        if (x->body->blocks[pred].order >= end)
            continue;
        Value in = state_of(x, pred)[variable];
        bool is_there = in == 0;
        for (uint32_t i = first; i < g->phi_inputs.count && !is_there; i++)
            is_there = g->phi_inputs.at[i] == in;
        if (is_there)
            continue;
        Value *at = VEC_ADD(x->scratch, &g->phi_inputs);
        if (!at)
            return;
        *at = in;
        count++;
    }
    g->nodes[phi].in[0] = first;
    g->nodes[phi].in[1] = count;
}

/* Variables that the loop from head on may write. */
static void loop_defined(Build *x, const BodyBlock *head, uint64_t *bits) {
    enum { WORK = 64 }; /* loops around a block, on average, before all counts as written */
    memset(bits, 0, x->slot_words * sizeof *bits);
    x->loop_work += head->loop_end - head->order;
    if (x->loop_work > (uint64_t)WORK * (x->body->block_count + WORK)) {
        memset(bits, 0xff, x->slot_words * sizeof *bits);
        return;
    }
    for (uint32_t i = head->order; i < head->loop_end; i++) {
        const uint64_t *more = x->defined + (size_t)x->body->order[i] * x->slot_words;
        for (uint32_t k = 0; k < x->slot_words; k++)
            bits[k] |= more[k];
    }
}

static Value merged(Build *x, uint32_t block, uint32_t variable, bool may_change) {
    Value same = 0;
    bool differ = may_change;
    /* Predecessors that are not done do not write it, or may_change. */
    for (uint32_t k = 0; k < x->in_count && !differ; k++) {
        Value in = x->ins[k][variable];
        differ = same != 0 && in != same;
        same = in;
    }
    if (!differ)
        return same ? same : graph_unknown(x->g);
    Value phi = graph_phi(x->g, block);
    if (may_change) {
        Open *open = VEC_ADD(x->scratch, &x->open);
        if (open)
            *open = (Open){.phi = phi, .block = block, .variable = variable};
    } else {
        fill_phi(x, phi, block, variable, x->body->blocks[block].order);
    }
    return phi;
}

static void find_ins(Build *x, const BodyBlock *to) {
    x->in_count = 0;
    for (uint32_t k = 0; k < to->pred_count; k++) {
        uint32_t pred = x->body->preds[to->first_pred + k];
        if (x->body->blocks[pred].order < to->order)
            x->ins[x->in_count++] = state_of(x, pred);
    }
}

/* The stack pointer and what follows it at a fixed distance stay what they are around a loop. */
static bool is_frame(const Build *x, uint32_t variable) {
    return variable < x->register_count && x->in_count > 0 &&
           x->slot_of[variable] == x->body->context->abi.stack &&
           x->g->nodes[x->ins[0][variable]].kind == VALUE_STACK;
}

/* RUN values that are known and the same. For the compiler to make vectors of. */
static bool is_same_run(const Value *a, const Value *b) {
    uint32_t odd = 0;
    for (int i = 0; i < RUN; i++)
        odd |= (a[i] ^ b[i]) | (uint32_t)(a[i] == 0);
    return odd == 0;
}

/* Most variables are the same on all ways in. changing: those of a loop, or NULL. */
static void meet(Build *x, uint32_t block, const uint64_t *changing) {
    for (uint32_t n = 0; n < x->variable_count; n += RUN) {
        bool same = !changing || (changing[n / 64] >> n % 64 & ((1u << RUN) - 1)) == 0;
        for (uint32_t k = 0; same && k < x->in_count; k++)
            same = is_same_run(x->ins[0] + n, x->ins[k] + n);
        if (same) {
            memcpy(x->now + n, x->ins[0] + n, RUN * sizeof *x->now);
            continue;
        }
        for (uint32_t i = n; i < n + RUN && i < x->variable_count; i++) {
            bool changes = changing && (changing[i / 64] >> i % 64 & 1) && !is_frame(x, i);
            x->now[i] = merged(x, block, i, changes);
        }
    }
}

static void enter_block(Build *x, uint32_t block, uint64_t *bits) {
    const BodyBlock *to = &x->body->blocks[block];
    x->block = block;
    x->recent_count = 0;
    bool is_head = to->loop_end != 0;
    find_ins(x, to);
    bool known = x->in_count > 0;
    if (is_head && known)
        loop_defined(x, to, bits);
    if (known) {
        meet(x, block, is_head ? bits : NULL);
        return;
    }
    /* The entry (even of a loop), or a landing pad that nothing jumps to. */
    Value lost = block == 0 ? 0 : graph_unknown(x->g);
    for (uint32_t n = 0; n < x->variable_count; n++)
        x->now[n] = lost ? lost : entry_value(x, n);
}

/* ---- operations ---- */

static Value read_slot(Build *x, uint16_t slot, const IrOp *op) {
    if (slot == SLOT_NONE)
        return 0;
    if (slot == SLOT_IMM) {
        Value v = graph_const(x->g, op->imm, op->bits < 32 ? 32 : op->bits);
        if (op->flags & IR_ADDRESS)
            x->g->nodes[v].flags |= NODE_ADDRESS;
        return v;
    }
    if (slot >= SLOT_TEMP)
        return x->temps[slot - SLOT_TEMP];
    return x->variable_of[slot] ? x->now[x->variable_of[slot] - 1] : 0;
}

static void write_slot(Build *x, uint16_t slot, Value v) {
    if (slot >= SLOT_TEMP && slot < SLOT_COUNT)
        x->temps[slot - SLOT_TEMP] = v;
    else if (slot < BODY_SLOTS && x->variable_of[slot])
        x->now[x->variable_of[slot] - 1] = v;
}

/* Variable of the stack slot that an operation addresses by its base, or UINT32_MAX. */
static uint32_t based_variable(Build *x, const IrOp *op) {
    if (op->a == SLOT_IMM || op->a == SLOT_NONE)
        return UINT32_MAX;
    const Node *base = &x->g->nodes[read_slot(x, op->a, op)];
    if (base->kind != VALUE_STACK)
        return UINT32_MAX;
    bool is_64 = x->body->context->image->bits == 64;
    int64_t off = (int64_t)(base->imm + (is_64 ? op->imm : (uint64_t)(int64_t)(int32_t)op->imm));
    uint32_t slot = body_find_slot(x->body, off);
    return slot == UINT32_MAX ? slot : x->register_count + slot;
}

static Value address_value(Build *x, const IrOp *op) {
    unsigned bits = x->body->context->image->bits == 64 ? 64 : 32;
    Value base = read_slot(x, op->a == SLOT_IMM ? SLOT_NONE : op->a, op);
    if (base != 0 && op->imm == 0)
        return base;
    Value imm = graph_const(x->g, op->imm, bits);
    if (op->flags & IR_ADDRESS)
        x->g->nodes[imm].flags |= NODE_ADDRESS;
    if (base == 0)
        return imm;
    return fold(x->g, &(IrOp){.kind = IR_ADD, .bits = (uint8_t)bits}, base, imm, 0);
}

/* Variable of a stack slot, or UINT32_MAX. */
static uint32_t slot_variable(const Build *x, Value address) {
    const Node *n = &x->g->nodes[address];
    if (n->kind != VALUE_STACK)
        return UINT32_MAX;
    uint32_t slot = body_find_slot(x->body, (int64_t)n->imm);
    return slot == UINT32_MAX ? slot : x->register_count + slot;
}

static Effect *add_effect(Build *x, EffectKind kind, unsigned bits, Value a, Value b) {
    Effect *e = VEC_ADD(x->scratch, &x->out->effects);
    if (!e)
        return NULL;
    *e = (Effect){.kind = (uint8_t)kind,
                  .bits = (uint8_t)bits,
                  .in_loop = x->body->blocks[x->block].loop_depth > 0,
                  .block = x->block,
                  .va = x->va,
                  .a = a,
                  .b = b,
                  .first_arg = (uint32_t)x->out->args.count};
    return e;
}

static void add_arg(Build *x, Effect *e, Value v) {
    Value *at = VEC_ADD(x->scratch, &x->out->args);
    if (!at)
        return;
    *at = v;
    e->arg_count++;
}

static Value do_load(Build *x, const IrOp *op) {
    uint32_t variable = based_variable(x, op);
    if (variable != UINT32_MAX)
        return fold_cut(x->g, x->now[variable], op->bits);
    Value address = address_value(x, op);
    const Node *n = &x->g->nodes[address];
    if (n->kind == VALUE_CONST) {
        Value known = memory_const_load(x->v, x->g, n->imm, op->bits);
        if (known)
            return known;
        x->g->nodes[address].flags |= NODE_ADDRESS;
    }
    for (unsigned i = x->recent_count; i-- > 0;)
        if (x->recent[i].address == address && x->recent[i].bits == op->bits)
            return x->recent[i].value;
    return graph_node(x->g, (Node){.kind = IR_LOAD, .bits = op->bits, .in = {address}});
}

static void do_store(Build *x, const IrOp *op, Value value) {
    uint32_t variable = based_variable(x, op);
    value = fold_cut(x->g, value, op->bits);
    if (variable != UINT32_MAX) {
        x->now[variable] = value;
        x->stored_at[variable - x->register_count] = ++x->clock;
        return;
    }
    Value address = address_value(x, op);
    if (x->g->nodes[address].kind == VALUE_CONST)
        x->g->nodes[address].flags |= NODE_ADDRESS;
    if (x->recent_count == RECENT_STORES) {
        memmove(x->recent, x->recent + 1, (RECENT_STORES - 1) * sizeof *x->recent);
        x->recent_count--;
    }
    x->recent[x->recent_count++] = (Recent){.address = address, .value = value, .bits = op->bits};
    add_effect(x, EFFECT_STORE, op->bits, address, value);
}

/* ---- calls ---- */

/* Whether this function itself has put a value into argument register i: what came in and is still
 * there does not count, unless a call in between has made all of them unknown. */
static bool is_given(const Build *x, Value v, unsigned i) {
    const Node *n = &x->g->nodes[v];
    if (v == 0 || n->kind == VALUE_UNKNOWN || n->kind == VALUE_ENTRY ||
        (n->kind == VALUE_RESULT && n->in[0] != 0))
        return false;
    return n->kind != VALUE_ARG || n->imm != i || x->call_number > 0;
}

/* Registers up to the last that is given. */
static unsigned guess_register_args(const Build *x) {
    const Abi *abi = &x->body->context->abi;
    unsigned count = 0;
    for (unsigned i = 0; i < abi->arg_count; i++) {
        Value v = x->now[x->variable_of[abi->args[i]] - 1];
        if (is_given(x, v, i))
            count = i + 1;
        else if (x->g->nodes[v].kind == VALUE_UNKNOWN)
            break;
    }
    return count;
}

static void add_stack_args(Build *x, Effect *e, bool known, unsigned count) {
    const Abi *abi = &x->body->context->abi;
    Value sp = x->now[x->variable_of[abi->stack] - 1];
    const Node *n = &x->g->nodes[sp];
    if (n->kind != VALUE_STACK)
        return;
    int64_t at = (int64_t)n->imm + abi->stack_args;
    for (unsigned i = 0; i < (known ? count : MAX_CALL_ARGS); i++) {
        uint32_t slot = body_find_slot(x->body, at + (int64_t)i * abi->word_bytes);
        if (slot == UINT32_MAX || (!known && x->stored_at[slot] <= x->last_call))
            break;
        add_arg(x, e, x->now[x->register_count + slot]);
    }
}

static void add_args(Build *x, Effect *e, const Summary *s) {
    const Abi *abi = &x->body->context->abi;
    unsigned count = s ? s->reg_args : guess_register_args(x);
    for (unsigned i = 0; i < count; i++)
        if (x->variable_of[abi->args[i]])
            add_arg(x, e, x->now[x->variable_of[abi->args[i]] - 1]);
    if (s ? s->stack_args > 0 : abi->arg_count == 0)
        add_stack_args(x, e, s != NULL, s ? s->stack_args : 0);
}

static void after_call(Build *x, const Summary *s, unsigned pops) {
    const Abi *abi = &x->body->context->abi;
    Value lost = graph_unknown(x->g);
    uint32_t number = ++x->call_number;
    for (uint32_t n = 0; n < x->register_count; n++)
        if (is_clobbered(x, x->slot_of[n]) &&
            !(s && x->slot_of[n] < 32 && !(s->clobbers >> x->slot_of[n] & 1)))
            x->now[n] = lost;
    const uint16_t results[3] = {abi->result, abi->result2 == NO_SLOT ? SLOT_NONE : abi->result2,
                                 SLOT_VECTOR};
    for (unsigned i = 0; i < 3; i++)
        if (results[i] < BODY_SLOTS && x->variable_of[results[i]] &&
            x->now[x->variable_of[results[i]] - 1] == lost)
            write_slot(x, results[i],
                       graph_node(x->g, (Node){.kind = VALUE_RESULT,
                                               .bits = (uint8_t)(i == 2 ? 64 : 8 * abi->word_bytes),
                                               .in = {i},
                                               .imm = number}));
    uint32_t sp = x->variable_of[abi->stack] - 1u;
    if (abi->call_pushes + pops > 0)
        x->now[sp] = fold(x->g, &(IrOp){.kind = IR_ADD, .bits = 64}, x->now[sp],
                          graph_const(x->g, abi->call_pushes + pops, 64), 0);
    x->recent_count = 0;
    x->last_call = x->clock;
}

static void do_call(Build *x, uint64_t target, Value unknown_target, bool is_tail) {
    const Code *code = x->body->context->code;
    const Function *callee = target ? code_find_function(code, target) : NULL;
    Summary summary = {0};
    const Summary *s = NULL; /* not known */
    uint32_t import = 0;
    if (callee)
        import = memory_import_at(x->v, callee->va);
    else if (target)
        import = memory_import_at(x->v, target);
    else if (x->g->nodes[unknown_target].kind == VALUE_IMPORT)
        import = (uint32_t)x->g->nodes[unknown_target].imm;
    uint64_t *own = import ? map_find(&x->v->own_of_import, import) : NULL;
    if (own && code_find_function(code, *own)) { /* through the PLT to ourselves */
        callee = code_find_function(code, *own);
        import = 0;
    }
    if (callee && !import) {
        summary = summary_of_function(x->v, callee, x->scratch);
        s = &summary;
    }
    if (s && s->pc_slot) {
        Value sp = x->now[x->variable_of[x->body->context->abi.stack] - 1];
        uint32_t variable = slot_variable(x, sp);
        Value pc = variable == UINT32_MAX ? graph_unknown(x->g) : x->now[variable];
        if (x->g->nodes[pc].kind == VALUE_CONST)
            x->g->nodes[pc].flags |= NODE_ADDRESS;
        write_slot(x, (uint16_t)(s->pc_slot - 1), pc);
        uint32_t at = x->variable_of[x->body->context->abi.stack] - 1u;
        x->now[at] = fold(x->g, &(IrOp){.kind = IR_ADD, .bits = 64}, x->now[at],
                          graph_const(x->g, 4, 64), 0);
        return;
    }
    Effect *e = add_effect(x, EFFECT_CALL, 0, target || import ? 0 : unknown_target, 0);
    if (e) {
        e->import = import;
        e->callee = callee && !import ? (uint32_t)(callee - code->functions.at) + 1 : 0;
        add_args(x, e, s);
        e->b = x->call_number + 1;
    }
    if (!is_tail)
        after_call(x, s, callee ? body_pops_at(x->body->context, callee->va) : 0);
}

static void do_return(Build *x) {
    Value v = x->now[x->variable_of[x->body->context->abi.result] - 1];
    while (x->g->nodes[v].kind == IR_INSERT && x->g->nodes[v].imm == 0)
        v = x->g->nodes[v].in[1];
    if (x->g->nodes[v].kind != VALUE_UNKNOWN && x->g->nodes[v].kind != VALUE_ENTRY)
        add_effect(x, EFFECT_RETURN, 0, v, 0);
}

/* Whether an address lies in a block of this function. */
static bool is_inside(const Build *x, uint64_t va) {
    const Body *body = x->body;
    const Block *blocks = body->code_blocks;
    if (blocks[0].va == va)
        return true;
    uint32_t low = 1, high = body->block_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (blocks[middle].va < va)
            low = middle + 1;
        else
            high = middle;
    }
    return low < body->block_count && blocks[low].va == va;
}

static void do_control(Build *x, const IrOp *op) {
    Value a = read_slot(x, op->a, op);
    switch (op->kind) {
    case IR_BRANCH:
        add_effect(x, EFFECT_BRANCH, 0, a, 0);
        break;
    case IR_JUMP:
        if (!is_inside(x, op->imm))
            do_call(x, op->imm, 0, true);
        break;
    case IR_JUMP_TO:
        if (x->body->code_blocks[x->block].successor_count > 0)
            add_effect(x, EFFECT_SWITCH, 0, a, 0);
        else if (x->g->nodes[a].kind == VALUE_ENTRY && x->g->nodes[a].imm < 32)
            do_return(x);
        else
            do_call(x, graph_is_const(x->g, a) ? x->g->nodes[a].imm : 0, a, true);
        break;
    case IR_CALL:
        do_call(x, op->imm, 0, false);
        break;
    case IR_CALL_TO:
        do_call(x, graph_is_const(x->g, a) ? x->g->nodes[a].imm : 0, a, false);
        break;
    case IR_RETURN:
        do_return(x);
        break;
    default:
        break;
    }
}

/* rep movs, rep stos and their single forms; scas and cmps leave unknown flags. */
static void do_string(Build *x, const IrOp *op) {
    Graph *g = x->g;
    unsigned what = op->imm & STRING_OP;
    bool repeats = (op->imm & (STRING_REP | STRING_REPNE)) != 0;
    Value di = read_slot(x, SLOT_X86_RDI, op), si = read_slot(x, SLOT_X86_RSI, op);
    Value ax = read_slot(x, SLOT_X86_RAX, op), count = read_slot(x, SLOT_X86_RCX, op);
    Value width = graph_const(g, op->bits / 8, 64);
    IrOp add = {.kind = IR_ADD, .bits = 64}, mul = {.kind = IR_MUL, .bits = 64};
    Value by = repeats ? fold(g, &mul, count, width, 0) : width;
    bool source = what == STRING_MOVS || what == STRING_LODS || what == STRING_CMPS;
    bool target = what != STRING_LODS;
    if (repeats && (what == STRING_STOS || what == STRING_MOVS)) {
        Effect *e = add_effect(x, what == STRING_STOS ? EFFECT_FILL : EFFECT_COPY, op->bits, di,
                               what == STRING_STOS ? ax : si);
        if (e)
            add_arg(x, e, by);
    } else if (what == STRING_STOS) {
        add_effect(x, EFFECT_STORE, op->bits, di, fold_cut(g, ax, op->bits));
    } else if (what == STRING_MOVS) {
        Value v = graph_node(g, (Node){.kind = IR_LOAD, .bits = op->bits, .in = {si}});
        add_effect(x, EFFECT_STORE, op->bits, di, v);
    } else if (what == STRING_LODS) {
        write_slot(x, SLOT_X86_RAX,
                   graph_node(g, (Node){.kind = IR_LOAD, .bits = op->bits, .in = {si}}));
    } else { /* scas, cmps: how far it came depends on memory */
        Node n = {.kind = IR_STRING,
                  .bits = 64,
                  .lane = op->bits,
                  .in = {di, source ? si : ax},
                  .imm = op->imm};
        by = graph_node(g, n);
        for (uint16_t flag = SLOT_C; flag <= SLOT_A; flag++)
            write_slot(x, flag, by);
    }
    if (source)
        write_slot(x, SLOT_X86_RSI, fold(g, &add, si, by, 0));
    if (target)
        write_slot(x, SLOT_X86_RDI, fold(g, &add, di, by, 0));
    if (repeats)
        write_slot(x, SLOT_X86_RCX,
                   what == STRING_SCAS || what == STRING_CMPS
                       ? fold(g, &(IrOp){.kind = IR_SUB, .bits = 64}, count, by, 0)
                       : graph_const(g, 0, 64));
}

static void do_op(Build *x, const IrOp *op, Value skip) {
    Value v = 0;
    switch (op->kind) {
    case IR_NOP:
    case IR_SKIP:
    case IR_TRAP:
    case IR_TRAP_IF:
    case IR_SYSCALL:
        return;
    case IR_LOAD:
        v = do_load(x, op);
        break;
    case IR_STORE:
        do_store(x, op, read_slot(x, op->b, op));
        return;
    case IR_STRING:
        do_string(x, op);
        return;
    case IR_JUMP:
    case IR_BRANCH:
    case IR_JUMP_TO:
    case IR_CALL:
    case IR_CALL_TO:
    case IR_RETURN:
        do_control(x, op);
        return;
    default:
        v = fold(x->g, op, read_slot(x, op->a, op), read_slot(x, op->b, op),
                 read_slot(x, op->c, op));
        break;
    }
    if (skip) /* only on one of two paths through the instruction */
        v = fold(x->g, &(IrOp){.kind = IR_SELECT, .bits = 64}, skip, read_slot(x, op->out, op), v);
    write_slot(x, op->out, v);
}

static void do_block(Build *x, uint32_t block) {
    const BodyBlock *from = &x->body->blocks[block];
    Value skip = 0;
    uint32_t skip_left = 0;
    for (uint32_t i = 0; i < from->op_count; i++) {
        const IrOp *op = &x->body->ops[from->first_op + i];
        x->va =
            x->body->function->va + (uint64_t)(int64_t)(int32_t)x->body->offs[from->first_op + i];
        do_op(x, op, skip);
        if (skip_left > 0 && --skip_left == 0)
            skip = 0;
        if (op->kind == IR_SKIP) {
            skip = read_slot(x, op->a, op);
            skip_left = (uint32_t)op->imm;
            add_effect(x, EFFECT_BRANCH, 0, skip, 0);
        }
    }
    memcpy(state_of(x, block), x->now, x->row * sizeof *x->now);
}

static void close_phis(Build *x) {
    for (size_t i = 0; i < x->open.count; i++) {
        const Open *open = &x->open.at[i];
        fill_phi(x, open->phi, open->block, open->variable, NO_ORDER);
    }
}

const ValueFunction *values_from_function(Values *v, const Function *f, Arena *scratch) {
    return values_from_insns(v, f, NULL, 0, scratch);
}

const ValueFunction *values_from_insns(Values *v, const Function *f, const Insn *insns,
                                       size_t count, Arena *scratch) {
    ValueFunction *out = ARENA_NEW(scratch, ValueFunction);
    Body *body = ARENA_NEW(scratch, Body);
    out->function = f;
    out->effects.max = MAX_VALUE_OPS;
    out->args.max = MAX_VALUE_OPS;
    if (f->block_count == 0) {
        graph_init(&out->graph, scratch, 16);
        return out;
    }
    body_from_function(&v->context, f, (Decoded){insns, count},
                       &(BodyRoom){.ops = v->ops, .offs = v->offs}, scratch, body);
    body_find_stack(body, scratch);
    summary_from_body(v, body, scratch);
    graph_init(&out->graph, scratch, body->op_count);
    Build *x = ARENA_NEW(scratch, Build);
    *x = (Build){.v = v, .body = body, .scratch = scratch, .out = out, .g = &out->graph};
    x->open.max = MAX_STATE;
    number_registers(x);
    x->row = (x->variable_count + RUN - 1) / RUN * RUN;
    x->states = ARENA_UNSET(scratch, Value, (size_t)x->row * body->block_count + 1);
    x->now = ARENA_UNSET(scratch, Value, x->row + 1);
    for (uint32_t n = x->variable_count; n < x->row; n++)
        x->now[n] = 1; /* any value: the same in all states */
    uint32_t most_preds = 0;
    for (uint32_t b = 0; b < body->block_count; b++)
        most_preds =
            body->blocks[b].pred_count > most_preds ? body->blocks[b].pred_count : most_preds;
    x->ins = ARENA_UNSET(scratch, const Value *, most_preds + 1);
    x->stored_at = ARENA_ARRAY(scratch, uint32_t, body->stack_count + 1);
    find_defined(x);
    uint64_t *bits = ARENA_ARRAY(scratch, uint64_t, x->slot_words + 1);
    for (uint32_t i = 0; i < body->order_count; i++) {
        enter_block(x, body->order[i], bits);
        do_block(x, body->order[i]);
    }
    close_phis(x);
    graph_settle(&out->graph);
    out->is_cut |= body->is_cut || out->graph.count >= MAX_VALUES || out->graph.phi_inputs.full ||
                   out->effects.full || out->args.full || x->open.full;
    return out;
}
