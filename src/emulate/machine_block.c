/* SPDX-License-Identifier: Apache-2.0
 * machine_block.c: instructions to blocks of steps. A block is a straight line: it ends at the
 * first instruction with control operations, at a string instruction that repeats, at the end of a
 * page, or when it is full. */
#include "base/check.h"
#include "emulate/machine_inner.h"

enum { INSN_BYTES = 20 /* longest of any processor (Thumb's IT with its block: 18), and more */ };

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

/* ir_drop_dead over instructions between which nothing can change the code that follows: a store
 * may, and then flags that this code does not read are read by the new one. Loads stay, since they
 * may fault; they pass as stores for as long as it takes. */
static void drop_dead(IrOp *ops, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (ops[i].kind == IR_LOAD) {
            ops[i].kind = IR_STORE;
            ops[i].lane = UINT8_MAX;
        }
    ir_drop_dead(ops, count, UINT32_MAX);
    for (size_t i = 0; i < count; i++)
        if (ops[i].kind == IR_STORE && ops[i].lane == UINT8_MAX) {
            ops[i].kind = IR_LOAD;
            ops[i].lane = 0;
        }
}

static uint32_t place_of(Inner *in, uint16_t slot, uint64_t imm) {
    if (slot == SLOT_NONE)
        return FILE_ZERO;
    if (slot != SLOT_IMM)
        return slot;
    size_t place = FILE_CONSTANTS + in->use.constants;
    in->file[place] = imm;
    return (uint32_t)place;
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

static void add_step(Inner *in, const IrOp *op, uint64_t va) {
    Step *s = &in->steps[in->use.steps++];
    *s = (Step){.kind = (uint8_t)step_kind_of(op),
                .op = op->kind,
                .bits = op->bits,
                .lane = op->lane,
                .out = op->out == SLOT_NONE ? FILE_SINK : op->out,
                .va = (uint32_t)va,
                .imm = op->imm,
                .mask = ir_mask(op->bits)};
    s->a = place_of(in, op->a, op->imm);
    s->b = place_of(in, op->b, op->imm);
    s->c = place_of(in, op->c, op->imm);
    if (op->a == SLOT_IMM || op->b == SLOT_IMM || op->c == SLOT_IMM)
        in->use.constants++;
}

/* Operations that do nothing are left out, but not where an IR_SKIP counts them. */
static void add_insn(Inner *in, uint64_t va, const IrOp *ops, size_t count) {
    bool skips = false;
    for (size_t i = 0; i < count; i++)
        skips |= ops[i].kind == IR_SKIP;
    for (size_t i = 0; i < count; i++)
        if (skips || ops[i].kind != IR_NOP)
            add_step(in, &ops[i], va);
}

static MachineStop nothing_there(Inner *in) {
    return memory_is_mapped(in->m.memory, in->m.pc) ? MACHINE_UNDECODABLE : MACHINE_OUTSIDE;
}

/* A block that only says that a stop is reached. */
static MachineStop stop_block(Inner *in, Block *out) {
    BlockInsn *insns = &in->insns[in->use.insns];
    Step *step = &in->steps[in->use.steps];
    *out = (Block){.steps = step, .insns = insns, .insn_count = 1, .step_count = 1};
    insns[0] = insns[1] = (BlockInsn){.va = in->m.pc};
    *step = (Step){.kind = STEP_STOP, .imm = in->m.pc, .a = FILE_ZERO, .b = FILE_ZERO};
    in->use.steps++;
    in->use.insns += 2;
    return MACHINE_RUNNING;
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

MachineStop block_lift(Inner *in, size_t max_insns, bool passes_stop, Block *out) {
    size_t starts[BLOCK_INSNS + 1] = {0}, count = 0, ops = 0, clean = 0;
    BlockInsn *insns = &in->insns[in->use.insns];
    uint64_t va = in->m.pc;
    if (!passes_stop && machine_stops_at(in, va))
        return stop_block(in, out);
    if (in->m.written_since && is_written(in, va))
        return MACHINE_WRITTEN;
    for (bool end = false; !end && count < max_insns && ops + IR_MAX_OPS < BLOCK_STEPS;) {
        uint8_t buffer[INSN_BYTES];
        unsigned length = 0;
        if (in->m.lifts == 0 && count == 0)
            return MACHINE_LIFTS_USED;
        if (in->m.lifts == 0 || (count > 0 && machine_stops_at(in, va)))
            break;
        in->m.lifts--;
        Bytes b = bytes_of_insn(in, va, buffer);
        size_t made = lift_insn(in->lifter, b, va | (in->has_modes && in->m.is_thumb),
                                &in->ops[ops], &length);
        if (length == 0 && count == 0)
            return nothing_there(in);
        if (length == 0)
            break;
        CHECK(made <= IR_MAX_OPS && length < INSN_BYTES);
        memory_add_code(in->m.memory, va, length);
        insns[count].va = va;
        bool stores = false;
        for (size_t i = ops; i < ops + made; i++) {
            end |= is_end(&in->ops[i]);
            stores |= in->ops[i].kind == IR_STORE || in->ops[i].kind == IR_STRING;
        }
        starts[count++] = ops;
        ops += made;
        if (stores) {
            drop_dead(&in->ops[clean], ops - clean);
            clean = ops;
        }
        end |= (va ^ (va + length)) >> PAGE_BITS != 0;
        va = (va + length) & in->address_mask;
    }
    drop_dead(&in->ops[clean], ops - clean);
    starts[count] = ops;
    *out = (Block){.steps = &in->steps[in->use.steps], .insns = insns, .insn_count = count};
    for (size_t i = 0; i < count; i++) {
        insns[i].first = (size_t)(&in->steps[in->use.steps] - out->steps);
        add_insn(in, insns[i].va, &in->ops[starts[i]], starts[i + 1] - starts[i]);
    }
    out->step_count = (size_t)(&in->steps[in->use.steps] - out->steps);
    insns[count] = (BlockInsn){.va = va, .first = out->step_count};
    in->steps[in->use.steps++] = (Step){.kind = STEP_END, .imm = va};
    in->use.insns += count + 1;
    return MACHINE_RUNNING;
}
