/* SPDX-License-Identifier: Apache-2.0
 * machine_block.c: instructions to blocks of steps. A block is a straight line: it ends at the
 * first instruction with control operations, at a string instruction that repeats, at the end of a
 * page, or when it is full. */
#include "base/check.h"
#include "emulate/machine_inner.h"

/* Bytes at va, at most INSN_BYTES, in `buffer` when they lie in two pages. */
static Bytes bytes_of_insn(Inner *in, uint64_t va, uint8_t buffer[INSN_BYTES]) {
    Bytes here = memory_view(in->m.memory, va);
    if (here.size >= INSN_BYTES || here.size == 0)
        return bytes_clip(here, 0, INSN_BYTES);
    memcpy(buffer, here.at, here.size);
    size_t have = here.size;
    Bytes next = bytes_clip(memory_view(in->m.memory, va + have), 0, INSN_BYTES - have);
    if (next.size)
        memcpy(buffer + have, next.at, next.size);
    return (Bytes){buffer, have + next.size};
}

static bool is_end(const IrOp *op) {
    if (op->kind == IR_STRING)
        return op->imm & (STRING_REP | STRING_REPNE);
    return op->kind >= IR_JUMP && op->kind <= IR_TRAP;
}

StepKind step_kind_of(const IrOp *op) {
    static const uint8_t kinds[IR_KIND_COUNT] = {
        [IR_NOP] = STEP_NOP,
        [IR_MOVE] = STEP_MOVE,
        [IR_SEXT] = STEP_SEXT,
        [IR_EXTRACT] = STEP_EXTRACT,
        [IR_INSERT] = STEP_INSERT,
        [IR_SELECT] = STEP_SELECT,
        [IR_ADD] = STEP_ADD,
        [IR_SUB] = STEP_SUB,
        [IR_MUL] = STEP_MUL,
        [IR_NEG] = STEP_NEG,
        [IR_AND] = STEP_AND,
        [IR_OR] = STEP_OR,
        [IR_XOR] = STEP_XOR,
        [IR_NOT] = STEP_NOT,
        [IR_SHL] = STEP_SHL,
        [IR_SHR] = STEP_SHR,
        [IR_EQ] = STEP_EQ,
        [IR_ULT] = STEP_ULT,
        [IR_ULE] = STEP_ULE,
        [IR_SLT] = STEP_SLT,
        [IR_SLE] = STEP_SLE,
        [IR_CARRY] = STEP_CARRY,
        [IR_BORROW] = STEP_BORROW,
        [IR_OVERFLOW] = STEP_OVERFLOW,
        [IR_UNDERFLOW] = STEP_UNDERFLOW,
        [IR_PARITY] = STEP_PARITY,
        [IR_LOAD] = STEP_LOAD8,
        [IR_STORE] = STEP_STORE8,
        [IR_STRING] = STEP_STRING,
        [IR_SKIP] = STEP_SKIP,
        [IR_BRANCH] = STEP_BRANCH,
        [IR_JUMP] = STEP_JUMP,
        [IR_CALL] = STEP_JUMP,
        [IR_JUMP_TO] = STEP_JUMP_TO,
        [IR_CALL_TO] = STEP_JUMP_TO,
        [IR_RETURN] = STEP_JUMP_TO,
        [IR_SYSCALL] = STEP_SYSCALL,
        [IR_TRAP] = STEP_TRAP,
        [IR_TRAP_IF] = STEP_TRAP_IF,
    }; /* others: STEP_EVAL */
    unsigned kind = kinds[op->kind];
    if (op->kind == IR_LOAD || op->kind == IR_STORE)
        kind += op->bits == 8 ? 0 : op->bits == 16 ? 1 : op->bits == 32 ? 2 : 3;
    return (StepKind)kind;
}

/* Where the parts of a block go. */
typedef struct Layout {
    uint64_t *constants;
    Step *steps, *next;
} Layout;

static uint32_t place_of(Inner *in, const Layout *to, uint16_t slot) {
    if (slot == SLOT_NONE)
        return FILE_ZERO;
    return slot != SLOT_IMM ? slot : (uint32_t)(to->constants - in->file);
}

static bool has_constant(const IrOp *op) {
    return op->a == SLOT_IMM || op->b == SLOT_IMM || op->c == SLOT_IMM;
}

static void add_step(Inner *in, Layout *to, StepKind kind, const IrOp *op, uint64_t va) {
    *to->next++ = (Step){.kind = (uint8_t)kind,
                         .op = op->kind,
                         .bits = op->bits,
                         .lane = op->lane,
                         .out = op->out == SLOT_NONE ? FILE_SINK : op->out,
                         .a = place_of(in, to, op->a),
                         .b = place_of(in, to, op->b),
                         .c = place_of(in, to, op->c),
                         .va = (uint32_t)va,
                         .imm = op->imm,
                         .mask = ir_mask(op->bits)};
    if (has_constant(op))
        *to->constants++ = op->imm;
}

/* Operations that do nothing are left out, but not where an IR_SKIP counts them. Returns how many
 * are left. */
static size_t add_insn(Inner *in, Layout *to, uint64_t va, const IrOp *ops, size_t count) {
    bool skips = false;
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        skips |= ops[i].kind == IR_SKIP;
    for (size_t i = 0; i < count;) {
        StepKind kind = STEP_NOP;
        const IrOp *what = NULL;
        size_t n = skips ? 0 : flags_step(&ops[i], count - i, &kind, &what);
        if (n)
            add_step(in, to, kind, what, va);
        else if (skips || ops[i].kind != IR_NOP)
            add_step(in, to, step_kind_of(&ops[i]), &ops[i], va);
        left += n ? n : skips || ops[i].kind != IR_NOP;
        i += n ? n : 1;
    }
    return left;
}

static MachineStop nothing_there(Inner *in) {
    return memory_is_mapped(in->m.memory, in->m.pc) ? MACHINE_UNDECODABLE : MACHINE_OUTSIDE;
}

/* A block with room for so many instructions and constants; its steps come last. */
static Block *new_block(Inner *in, size_t insns, size_t constants, Layout *to) {
    CHECK(in->pool_used + POOL_BLOCK <= POOL_KEPT + POOL_TABLE + POOL_BLOCK);
    uint64_t *at = in->file + FILE_POOL + in->pool_used;
    Block *block = (Block *)at;
    at += sizeof(Block) / sizeof *at;
    *block = (Block){.insns = (BlockInsn *)at, .insn_count = (uint32_t)insns};
    at += (insns + 1) * (sizeof(BlockInsn) / sizeof *at);
    to->constants = at;
    to->steps = to->next = block->steps = (Step *)(at + constants);
    return block;
}

static void end_block(Inner *in, Block *block, const Layout *to) {
    block->last_va = block->insns[block->insn_count - 1].va;
    in->pool_used = (size_t)((uint64_t *)to->next - (in->file + FILE_POOL));
}

static Block *stop_block(Inner *in, uint64_t stop) {
    Layout to;
    Block *block = new_block(in, 1, 0, &to);
    block->is_stop = true;
    block->stop = stop;
    block->op_count = 1;
    block->insns[0] = block->insns[1] = (BlockInsn){.va = in->m.pc};
    end_block(in, block, &to);
    return block;
}

/* A quarter of the 64 bytes there, or of those before the page ends: code that patches a jump or a
 * constant of its own is no other code (UPX does, for thread-local storage). Guess. */
static bool is_written(const Inner *in, uint64_t va) {
    enum { NEAR_BYTES = 64 };
    size_t room = PAGE_BYTES - (size_t)(va & (PAGE_BYTES - 1)),
           n = room < NEAR_BYTES ? room : NEAR_BYTES;
    return va >= in->m.written_from && va < in->m.written_to &&
           memory_differs(in->m.memory, *in->m.written_since, va, n) > n / 4;
}

/* The operations of the instruction that b begins with; returns how many. */
static size_t lift_one(Inner *in, Bytes b, uint64_t va, IrOp *ops, unsigned *length) {
    if (b.size == 0) { /* control leaves what is mapped: each call out of the image */
        *length = 0;
        return 0;
    }
    LiftedInsn *known = &in->lifted[(va ^ va / LIFTED_INSNS) % LIFTED_INSNS];
    if (known->va == va && known->length && known->length <= b.size &&
        memcmp(known->bytes, b.at, known->length) == 0) {
        for (size_t i = 0; i < known->count; i++)
            ops[i] = known->ops[i];
        *length = known->length;
        return known->count;
    }
    size_t made = lift_insn(in->lifter, b, va, ops, length);
    CHECK(made <= IR_MAX_OPS && *length < INSN_BYTES);
    if (*length == 0 || *length > LIFTED_BYTES || made > LIFTED_OPS)
        return made;
    known->va = va;
    known->length = (uint8_t)*length;
    known->count = (uint8_t)made;
    memcpy(known->bytes, b.at, *length);
    for (size_t i = 0; i < made; i++)
        known->ops[i] = ops[i];
    return made;
}

/* Straight code as operations, from pc on. */
typedef struct Straight {
    uint64_t va[BLOCK_INSNS + 1]; /* the last one: behind it */
    size_t starts[BLOCK_INSNS + 1];
    size_t count, constants;
    bool is_cut; /* by what is not its bytes and stops */
} Straight;

static MachineStop lift_straight(Inner *in, size_t max_insns, Straight *s) {
    size_t ops = 0, clean = 0;
    uint64_t va = in->m.pc, mode = in->has_modes && in->m.is_thumb;
    s->count = s->constants = 0;
    s->is_cut = in->m.lifts <= BLOCK_INSNS;
    for (bool end = false; !end && s->count < max_insns && ops + IR_MAX_OPS < BLOCK_STEPS;) {
        uint8_t buffer[INSN_BYTES];
        unsigned length = 0;
        if (in->m.lifts == 0 && s->count == 0)
            return MACHINE_LIFTS_USED;
        if (in->m.lifts == 0 || (s->count > 0 && machine_stop_at(in, va)))
            break;
        in->m.lifts--;
        Bytes b = bytes_of_insn(in, va, buffer);
        size_t made = lift_one(in, b, va | mode, &in->ops[ops], &length);
        if (length == 0 && s->count == 0)
            return nothing_there(in);
        if (length == 0) {
            s->is_cut = true;
            break;
        }
        bool stores = false;
        for (size_t i = ops; i < ops + made; i++) {
            end |= is_end(&in->ops[i]);
            stores |= in->ops[i].kind == IR_STORE || in->ops[i].kind == IR_STRING;
            s->constants += has_constant(&in->ops[i]);
        }
        s->va[s->count] = va;
        s->starts[s->count++] = ops;
        ops += made;
        /* Between stores nothing can change the code that follows. A store may, and then flags
         * that this code does not read are read by the new one. Loads may fault. */
        if (stores) {
            ir_drop_dead_but_loads(&in->ops[clean], ops - clean);
            clean = ops;
        }
        end |= (va ^ (va + length)) >> PAGE_BITS != 0;
        va = (va + length) & in->address_mask;
    }
    ir_drop_dead_but_loads(&in->ops[clean], ops - clean);
    s->va[s->count] = va;
    s->starts[s->count] = ops;
    return MACHINE_RUNNING;
}

MachineStop block_lift(Inner *in, size_t max_insns, bool passes_stop, Block **out, bool *stays) {
    uint64_t va = in->m.pc;
    const uint64_t *reached = passes_stop ? NULL : machine_stop_at(in, va);
    *stays = !in->m.written_since;
    if (reached) {
        *out = stop_block(in, *reached);
        return MACHINE_RUNNING;
    }
    if (in->m.written_since && is_written(in, va))
        return MACHINE_WRITTEN;
    Straight s;
    MachineStop stop = lift_straight(in, max_insns, &s);
    if (stop)
        return stop;
    *stays &=
        memory_add_code(in->m.memory, va, (s.va[s.count] - va) & in->address_mask) && !s.is_cut;
    Layout to;
    Block *block = *out = new_block(in, s.count, s.constants, &to);
    size_t left = 0;
    for (size_t i = 0; i < s.count; i++) {
        block->insns[i] = (BlockInsn){.va = s.va[i], .first = (size_t)(to.next - to.steps)};
        left += add_insn(in, &to, s.va[i], &in->ops[s.starts[i]], s.starts[i + 1] - s.starts[i]);
    }
    block->op_count = (uint32_t)left;
    block->insns[s.count] = (BlockInsn){.va = s.va[s.count], .first = (size_t)(to.next - to.steps)};
    *to.next++ = (Step){.kind = STEP_END, .imm = s.va[s.count]};
    end_block(in, block, &to);
    return MACHINE_RUNNING;
}
