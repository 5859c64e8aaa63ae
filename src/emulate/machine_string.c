/* SPDX-License-Identifier: Apache-2.0
 * machine_string.c: x86's string instructions. Each turn of a repeated one costs a step, the first
 * one being that of the instruction; state is exact between turns. */
#include "emulate/machine_inner.h"

/* Writes the low `bits` of a register as the processor does: 32 clear the upper half. */
static void put(uint64_t *slot, uint64_t value, unsigned bits) {
    uint64_t keep = bits >= 32 ? 0 : ~ir_mask(bits);
    *slot = (*slot & keep) | (value & ir_mask(bits));
}

/* Flags of left - right. */
static void compare(uint64_t *file, uint64_t left, uint64_t right, unsigned bits) {
    uint64_t result = (left - right) & ir_mask(bits);
    file[SLOT_C] = left < right;
    file[SLOT_Z] = result == 0;
    file[SLOT_N] = result >> (bits - 1) & 1;
    file[SLOT_V] = ((left ^ right) & (left ^ result)) >> (bits - 1) & 1;
    file[SLOT_P] = (uint64_t)!__builtin_parity((unsigned)result & 0xff);
    file[SLOT_A] = (left ^ right ^ result) >> 4 & 1;
}

static bool one_turn(Inner *in, const Step *s, MachineStop *stop) {
    uint64_t *file = in->file, width = ir_mask(s->lane), left = 0, right = 0;
    unsigned what = s->imm & STRING_OP, bytes = s->bits / 8;
    uint64_t step = file[SLOT_D] & 1 ? -(uint64_t)bytes : bytes;
    uint64_t source = file[SLOT_X86_RSI] & width, target = file[SLOT_X86_RDI] & width;
    bool has_source = what == STRING_MOVS || what == STRING_LODS || what == STRING_CMPS;
    bool has_target = what != STRING_LODS;
    left = file[SLOT_X86_RAX] & ir_mask(s->bits);
    if (has_source && !machine_load(in, source, bytes, &left, stop))
        return false;
    if ((what == STRING_SCAS || what == STRING_CMPS) &&
        !machine_load(in, target, bytes, &right, stop))
        return false;
    if ((what == STRING_MOVS || what == STRING_STOS) &&
        !machine_store(in, target, bytes, left, stop))
        return false;
    if (what == STRING_SCAS || what == STRING_CMPS)
        compare(file, left, right, s->bits);
    if (what == STRING_LODS)
        put(&file[SLOT_X86_RAX], left, s->bits);
    if (has_source)
        put(&file[SLOT_X86_RSI], source + step, s->lane);
    if (has_target)
        put(&file[SLOT_X86_RDI], target + step, s->lane);
    return true;
}

MachineStop string_run(Inner *in, const Step *s) {
    uint64_t *file = in->file, width = ir_mask(s->lane);
    unsigned what = s->imm & STRING_OP;
    bool compares = what == STRING_SCAS || what == STRING_CMPS;
    MachineStop stop = MACHINE_RUNNING;
    if (!(s->imm & (STRING_REP | STRING_REPNE))) {
        one_turn(in, s, &stop);
        return stop;
    }
    for (bool first = true; file[SLOT_X86_RCX] & width; first = false) {
        if (!first && in->steps_left == 0)
            return MACHINE_BUDGET;
        in->steps_left -= !first;
        if (!one_turn(in, s, &stop))
            return stop;
        put(&file[SLOT_X86_RCX], file[SLOT_X86_RCX] - 1, s->lane);
        bool wanted = (s->imm & STRING_REPNE) ? 0 : 1;
        if (compares && file[SLOT_Z] != wanted)
            break;
    }
    return MACHINE_RUNNING;
}
