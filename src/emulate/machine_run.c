/* SPDX-License-Identifier: Apache-2.0
 * machine_run.c: the interpreter: what operations of programs do most is done here, the rest by
 * ir_eval (a test holds both to the same results). */
#include "base/check.h"
#include "emulate/machine_inner.h"

static MachineStop stop_of(Inner *in, MemoryFault fault, uint64_t va, bool is_write) {
    in->m.fault_va = va;
    in->m.is_write = is_write;
    return fault == MEMORY_FULL ? MACHINE_FULL : MACHINE_UNMAPPED;
}

bool machine_load(Inner *in, uint64_t va, unsigned bytes, uint64_t *out, MachineStop *stop) {
    va &= in->address_mask;
    if (memory_load_fast(in->m.memory, va, bytes, out))
        return true;
    uint64_t value = 0;
    MemoryFault fault = memory_read(in->m.memory, va, &value, bytes);
    if (fault) {
        *stop = stop_of(in, fault, va, false);
        return false;
    }
    *out = value;
    return true;
}

/* Instruction of the running block that holds a step. */
static size_t insn_of(const Block *block, size_t step) {
    size_t insn = 0;
    while (insn + 1 < block->insn_count && block->insns[insn + 1].first <= step)
        insn++;
    return insn;
}

/* The instruction at `s` changed lifted code: the block ends after it, in this run. */
static void cut_block(Inner *in, const Step *s) {
    Block *block = in->running;
    size_t next = insn_of(block, (size_t)(s - block->steps)) + 1;
    if (next >= block->insn_count)
        return;
    in->cut_insns = block->insn_count;
    in->cut = &block->steps[block->insns[next].first];
    in->cut_was = *in->cut;
    in->steps_left += block->insn_count - next;
    block->insn_count = (uint32_t)next;
    *in->cut = (Step){.kind = STEP_END, .imm = block->insns[next].va};
}

bool machine_store(Inner *in, uint64_t va, unsigned bytes, uint64_t value, MachineStop *stop) {
    va &= in->address_mask;
    if (memory_store_fast(in->m.memory, va, bytes, value))
        return true;
    MemoryFault fault = memory_write(in->m.memory, va, &value, bytes);
    if (fault)
        *stop = stop_of(in, fault, va, true);
    return !fault;
}

/* An instruction that did not end: it and those after it were not done. */
static MachineStop fault_at(Inner *in, const Step *s, MachineStop stop) {
    const Block *block = in->running;
    size_t insn = insn_of(block, (size_t)(s - block->steps));
    in->steps_left += block->insn_count - insn;
    in->m.pc = block->insns[insn].va;
    return stop;
}

static uint64_t opaque_value(Inner *in, const Step *s) {
    /* Inputs of a floating-point operation are cut to their width; those of other instructions are
     * whole slots. */
    unsigned width = s->lane > s->bits ? s->lane : s->bits;
    uint64_t keep = s->op == IR_FLOAT ? ir_mask(width) : UINT64_MAX;
    uint64_t h = mix64(s->imm ^ (uint64_t)s->op << 56 ^ (uint64_t)s->bits << 48 ^
                       (uint64_t)s->lane << 40 ^ mix64(in->m.opaque_seed));
    h = mix64(h + (in->file[s->a] & keep));
    h = mix64(h + (in->file[s->b] & keep));
    h = mix64(h + (in->file[s->c] & keep));
    in->m.opaque++;
    return h & ir_mask(s->bits);
}

static void eval_step(Inner *in, const Step *s) {
    IrOp op = {.kind = s->op, .bits = s->bits, .lane = s->lane, .imm = s->imm};
    uint64_t out = 0;
    bool known = s->op == IR_FLOAT
                     ? !in->m.opaque_floats && float_run(in, s, &out)
                     : ir_eval(&op, in->file[s->a], in->file[s->b], in->file[s->c], &out);
    in->file[s->out] = known ? out : opaque_value(in, s);
}

static void go(Inner *in, uint64_t target, uint64_t changes_mode) {
    in->m.pc = target & in->address_mask & ~(uint64_t)in->has_modes;
    in->m.is_thumb ^= (bool)(changes_mode & 1);
}

/* The first step of the block at pc when nothing has to be asked: it is in the table, all of it may
 * run, and it is no stop. */
static inline const Step *next_block(Inner *in) {
    uint64_t key = machine_key(in);
    const BlockPlace *place = block_place(in, key, BLOCK_INSNS, false);
    if (place->key != key || place->version != in->version || place->max_insns != BLOCK_INSNS ||
        place->passes_stop || in->m.memory->code_hit)
        return NULL;
    Block *block = place->block;
    if (block->is_stop || block->insn_count > in->steps_left)
        return NULL;
    block_start(in, block);
    return block->steps;
}

/* Signed number of the low bits of x. */
static inline int64_t low_signed(uint64_t x, unsigned bits) {
    return (int64_t)(x << (64 - bits)) >> (64 - bits);
}

static MachineStop run_string(Inner *in, const Step *s) {
    in->m.memory->writer = s->va;
    MachineStop stop = string_run(in, s);
    if (stop) {
        in->steps_left -= stop == MACHINE_BUDGET; /* the turns that were done are paid */
        return fault_at(in, s, stop);
    }
    if (in->m.memory->code_hit)
        cut_block(in, s);
    return MACHINE_RUNNING;
}

static MachineStop run_syscall(Inner *in, const Step *s) {
    in->m.code = s->imm;
    go(in, in->running->insns[in->running->insn_count].va, 0);
    return MACHINE_SYSCALL;
}

static MachineStop run_trap(Inner *in, const Step *s) {
    in->m.code = s->imm;
    return fault_at(in, s, MACHINE_TRAP);
}

static inline void result_flags(uint64_t *file, const Step *s, uint64_t r) {
    file[SLOT_Z] = (r & s->mask) == 0;
    file[SLOT_N] = r >> (s->bits - 1) & 1;
    file[SLOT_P] = (uint64_t)!__builtin_parity((unsigned)r & 0xff);
}

static inline void sub_flags(uint64_t *file, const Step *s, uint64_t a, uint64_t b) {
    file[SLOT_V] = ((a ^ b) & (a ^ (a - b))) >> (s->bits - 1) & 1;
    file[SLOT_A] = (a & 15) < (b & 15);
    file[SLOT_C] = (a & s->mask) < (b & s->mask);
}

static inline void add_flags(uint64_t *file, const Step *s, uint64_t a, uint64_t b) {
    uint64_t r = a + b;
    file[SLOT_V] = ((a ^ r) & (b ^ r)) >> (s->bits - 1) & 1;
    file[SLOT_A] = (r & 15) < (a & 15);
    file[SLOT_C] = (r & s->mask) < (a & s->mask);
}

/* On to the next step. Each operation jumps there itself, by a table of labels: processors predict
 * many jumps better than one (1.3 times as fast by bench_machine). */
#define NEXT                                                                                       \
    do {                                                                                           \
        s++;                                                                                       \
        a = file[s->a];                                                                            \
        b = file[s->b];                                                                            \
        goto *labels[s->kind];                                                                     \
    } while (0)
#define RESULT(value)                                                                              \
    file[s->out] = (value);                                                                        \
    NEXT
/* The memory operations: bytes wide, at a + imm. The sizes are numbers here, so that copies are
 * single instructions. */
#define LOAD(bytes)                                                                                \
    if (!memory_load_fast(memory, (a + s->imm) & in->address_mask, bytes, &file[s->out]) &&        \
        !machine_load(in, a + s->imm, bytes, &file[s->out], &stop))                                \
        return fault_at(in, s, stop);                                                              \
    NEXT
#define STORE(bytes)                                                                               \
    memory->writer = s->va;                                                                        \
    if (!memory_store_fast(memory, (a + s->imm) & in->address_mask, bytes, b)) {                   \
        if (!machine_store(in, a + s->imm, bytes, b, &stop))                                       \
            return fault_at(in, s, stop);                                                          \
        if (memory->code_hit)                                                                      \
            cut_block(in, s);                                                                      \
    }                                                                                              \
    NEXT

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic" /* labels as values, of GNU C */

/* Longer than 70 lines: a label for each kind of step. */
MachineStop block_run(Inner *in, const Step *s) {
    static const void *const labels[] = {
#define X(name) &&step_##name,
        STEP_KINDS(X)
#undef X
    };
    uint64_t *file = in->file, a = file[s->a], b = file[s->b];
    Memory *memory = in->m.memory;
    MachineStop stop = MACHINE_RUNNING;
    goto *labels[s->kind];
step_EVAL:
    eval_step(in, s);
    NEXT;
step_NOP:
    NEXT;
step_MOVE:
    RESULT(a & s->mask);
step_SEXT:
    RESULT((uint64_t)low_signed(a, s->lane) & s->mask);
step_EXTRACT:
    RESULT(s->imm < 64 ? a >> s->imm & s->mask : 0);
step_INSERT : {
    uint64_t field = s->imm < 64 ? s->mask << s->imm : 0;
    RESULT((a & ~field) | (s->imm < 64 ? b << s->imm & field : 0));
}
step_SELECT:
    RESULT((a & 1 ? b : file[s->c]) & s->mask);
step_ADD:
    RESULT((a + b) & s->mask);
step_SUB:
    RESULT((a - b) & s->mask);
step_MUL:
    RESULT(a * b & s->mask);
step_NEG:
    RESULT(-a & s->mask);
step_AND:
    RESULT(a & b & s->mask);
step_OR:
    RESULT((a | b) & s->mask);
step_XOR:
    RESULT((a ^ b) & s->mask);
step_NOT:
    RESULT(~a & s->mask);
step_SHL:
    RESULT(b < s->bits ? a << b & s->mask : 0);
step_SHR:
    RESULT(b < s->bits ? (a & s->mask) >> b : 0);
step_EQ:
    RESULT(((a ^ b) & s->mask) == 0);
step_ULT:
    RESULT((a & s->mask) < (b & s->mask));
step_ULE:
    RESULT((a & s->mask) <= (b & s->mask));
step_SLT:
    RESULT(low_signed(a, s->bits) < low_signed(b, s->bits));
step_SLE:
    RESULT(low_signed(a, s->bits) <= low_signed(b, s->bits));
step_CARRY : {
    uint64_t x = a & s->mask, carry = file[s->c] & 1, r = (a + b + carry) & s->mask;
    RESULT(r < x || (carry && r == x));
}
step_BORROW : {
    uint64_t x = a & s->mask, y = b & s->mask;
    RESULT(x < y || ((file[s->c] & 1) && x == y));
}
step_OVERFLOW : {
    uint64_t r = a + b + (file[s->c] & 1);
    RESULT(((a ^ r) & (b ^ r)) >> (s->bits - 1) & 1);
}
step_UNDERFLOW : {
    uint64_t r = a - b - (file[s->c] & 1);
    RESULT(((a ^ b) & (a ^ r)) >> (s->bits - 1) & 1);
}
step_PARITY:
    RESULT((uint64_t)!__builtin_parity((unsigned)a & 0xff));
step_FLAGS_RESULT:
    result_flags(file, s, a);
    NEXT;
step_FLAGS_LOGIC:
    file[SLOT_C] = file[SLOT_V] = file[SLOT_A] = 0;
    result_flags(file, s, a);
    NEXT;
step_FLAGS_SUB:
    sub_flags(file, s, a, b);
    NEXT;
step_FLAGS_ADD:
    add_flags(file, s, a, b);
    NEXT;
step_DIFFERENCE:
    sub_flags(file, s, a, b);
    result_flags(file, s, a - b);
    RESULT((a - b) & s->mask);
step_SUM:
    add_flags(file, s, a, b);
    result_flags(file, s, a + b);
    RESULT((a + b) & s->mask);
step_LOAD8:
    LOAD(1);
step_LOAD16:
    LOAD(2);
step_LOAD32:
    LOAD(4);
step_LOAD64:
    LOAD(8);
step_STORE8:
    STORE(1);
step_STORE16:
    STORE(2);
step_STORE32:
    STORE(4);
step_STORE64:
    STORE(8);
step_STRING:
    stop = run_string(in, s);
    if (stop)
        return stop;
    NEXT;
step_SKIP:
    s += a & 1 ? s->imm : 0;
    NEXT;
step_BRANCH:
    if (!(a & 1))
        NEXT;
step_JUMP:
    a = s->imm;
step_JUMP_TO:
    go(in, a, file[s->c]);
    goto leave;
step_END:
    go(in, s->imm, 0);
leave:
    s = next_block(in);
    if (!s)
        return MACHINE_RUNNING;
    a = file[s->a];
    b = file[s->b];
    goto *labels[s->kind];
step_SYSCALL:
    return run_syscall(in, s);
step_TRAP_IF:
    if (!(a & 1))
        NEXT;
step_TRAP:
    return run_trap(in, s);
}

#pragma GCC diagnostic pop
