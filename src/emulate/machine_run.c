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

/* The instruction at `s` changed lifted code: the block ends after it. It is forgotten at once, so
 * it may be cut in place. */
static void cut_block(Inner *in, const Step *s) {
    Block *block = in->running;
    size_t next = insn_of(block, (size_t)(s - block->steps)) + 1;
    if (next >= block->insn_count)
        return;
    in->steps_left += block->insn_count - next;
    block->insn_count = next;
    block->version = 0;
    block->steps[block->insns[next].first] = (Step){.kind = STEP_END, .imm = block->insns[next].va};
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
    uint64_t keep = s->kind == IR_FLOAT ? ir_mask(width) : UINT64_MAX;
    uint64_t h = mix64(s->imm ^ (uint64_t)s->kind << 56 ^ (uint64_t)s->bits << 48 ^
                       (uint64_t)s->lane << 40 ^ mix64(in->m.opaque_seed));
    h = mix64(h + (in->file[s->a] & keep));
    h = mix64(h + (in->file[s->b] & keep));
    h = mix64(h + (in->file[s->c] & keep));
    in->m.opaque++;
    return h & s->mask;
}

static void eval_step(Inner *in, const Step *s) {
    IrOp op = {.kind = s->kind, .bits = s->bits, .lane = s->lane, .imm = s->imm};
    uint64_t out = 0;
    bool known = s->kind == IR_FLOAT
                     ? !in->m.opaque_floats && float_run(in, s, &out)
                     : ir_eval(&op, in->file[s->a], in->file[s->b], in->file[s->c], &out);
    in->file[s->out] = known ? out : opaque_value(in, s);
}

static MachineStop go(Inner *in, uint64_t target, uint64_t changes_mode) {
    in->m.pc = target & in->address_mask & ~(uint64_t)in->has_modes;
    in->m.is_thumb ^= (bool)(changes_mode & 1);
    return MACHINE_RUNNING;
}

/* Signed number of the low bits of x. */
static int64_t low_signed(uint64_t x, unsigned shift) { return (int64_t)(x << shift) >> shift; }

/* The memory operations: bytes wide, at a + imm. */
#define LOAD(bytes)                                                                                \
    if (!machine_load(in, file[s->a] + s->imm, bytes, &file[s->out], &stop))                       \
        return fault_at(in, s, stop);                                                              \
    break
#define STORE(bytes)                                                                               \
    if (!machine_store(in, file[s->a] + s->imm, bytes, file[s->b], &stop))                         \
        return fault_at(in, s, stop);                                                              \
    if (in->m.memory->code_hit)                                                                    \
        cut_block(in, s);                                                                          \
    break

/* Longer than 70 lines: one case for each operation. */
MachineStop block_run(Inner *in, const Step *s) {
    uint64_t *file = in->file;
    MachineStop stop = MACHINE_RUNNING;
    for (;; s++) {
        uint64_t a = file[s->a], b = file[s->b];
        switch ((int)s->kind) {
        case IR_NOP:
            break;
        case IR_MOVE:
            file[s->out] = a & s->mask;
            break;
        case IR_EXTRACT:
            file[s->out] = s->imm < 64 ? a >> s->imm & s->mask : 0;
            break;
        case IR_INSERT: {
            uint64_t field = s->imm < 64 ? s->mask << s->imm : 0;
            file[s->out] = (a & ~field) | (s->imm < 64 ? b << s->imm & field : 0);
            break;
        }
        case IR_SELECT:
            file[s->out] = (a & 1 ? b : file[s->c]) & s->mask;
            break;
        case IR_SEXT:
            file[s->out] = (uint64_t)low_signed(a, (64u - s->lane) & 63) & s->mask;
            break;
        case IR_ADD:
            file[s->out] = (a + b) & s->mask;
            break;
        case IR_SUB:
            file[s->out] = (a - b) & s->mask;
            break;
        case IR_MUL:
            file[s->out] = a * b & s->mask;
            break;
        case IR_NEG:
            file[s->out] = -a & s->mask;
            break;
        case IR_AND:
            file[s->out] = a & b & s->mask;
            break;
        case IR_OR:
            file[s->out] = (a | b) & s->mask;
            break;
        case IR_XOR:
            file[s->out] = (a ^ b) & s->mask;
            break;
        case IR_NOT:
            file[s->out] = ~a & s->mask;
            break;
        case IR_SHL:
            file[s->out] = b < s->bits ? a << b & s->mask : 0;
            break;
        case IR_SHR:
            file[s->out] = b < s->bits ? (a & s->mask) >> b : 0;
            break;
        case IR_EQ:
            file[s->out] = ((a ^ b) & s->mask) == 0;
            break;
        case IR_ULT:
            file[s->out] = (a & s->mask) < (b & s->mask);
            break;
        case IR_ULE:
            file[s->out] = (a & s->mask) <= (b & s->mask);
            break;
        case IR_SLT:
            file[s->out] = (int64_t)(a << s->shift) < (int64_t)(b << s->shift);
            break;
        case IR_SLE:
            file[s->out] = (int64_t)(a << s->shift) <= (int64_t)(b << s->shift);
            break;
        case IR_CARRY: {
            uint64_t x = a & s->mask, carry = file[s->c] & 1, r = (a + b + carry) & s->mask;
            file[s->out] = r < x || (carry && r == x);
            break;
        }
        case IR_BORROW: {
            uint64_t x = a & s->mask, y = b & s->mask;
            file[s->out] = x < y || ((file[s->c] & 1) && x == y);
            break;
        }
        case IR_OVERFLOW: {
            uint64_t r = a + b + (file[s->c] & 1);
            file[s->out] = ((a ^ r) & (b ^ r)) >> (s->bits - 1) & 1;
            break;
        }
        case IR_UNDERFLOW: {
            uint64_t r = a - b - (file[s->c] & 1);
            file[s->out] = ((a ^ b) & (a ^ r)) >> (s->bits - 1) & 1;
            break;
        }
        case IR_PARITY:
            file[s->out] = (uint64_t)!__builtin_parity((unsigned)a & 0xff);
            break;
        case STEP_LOAD8:
            LOAD(1);
        case STEP_LOAD16:
            LOAD(2);
        case STEP_LOAD32:
            LOAD(4);
        case STEP_LOAD64:
            LOAD(8);
        case STEP_STORE8:
            STORE(1);
        case STEP_STORE16:
            STORE(2);
        case STEP_STORE32:
            STORE(4);
        case STEP_STORE64:
            STORE(8);
        case IR_STRING:
            stop = string_run(in, s);
            if (stop) {
                in->steps_left -= stop == MACHINE_BUDGET; /* the turns that were done are paid */
                return fault_at(in, s, stop);
            }
            if (in->m.memory->code_hit)
                cut_block(in, s);
            break;
        case IR_SKIP:
            s += a & 1 ? s->imm : 0;
            break;
        case IR_BRANCH:
            if (a & 1)
                return go(in, s->imm, file[s->c]);
            break;
        case IR_JUMP:
        case IR_CALL:
            return go(in, s->imm, file[s->c]);
        case IR_JUMP_TO:
        case IR_CALL_TO:
        case IR_RETURN:
            return go(in, a, file[s->c]);
        case STEP_END:
            return go(in, s->imm, 0);
        case IR_SYSCALL:
            in->m.code = s->imm;
            go(in, in->running->insns[in->running->insn_count].va, 0);
            return MACHINE_SYSCALL;
        case IR_TRAP_IF:
            if (!(a & 1))
                break;
            __attribute__((fallthrough));
        case IR_TRAP:
            in->m.code = s->imm;
            return fault_at(in, s, MACHINE_TRAP);
        default:
            eval_step(in, s);
        }
    }
}
