/* SPDX-License-Identifier: Apache-2.0
 * placed_x86.c: thread data lies below the thread pointer (variant II of "ELF Handling For
 * Thread-Local Storage", Drepper, 4): its offsets are negative, 32 bits wide, and stand in the
 * displacement of an operand with fs or gs, or of one whose register holds the thread pointer
 * (fs:0), or in a register that is used with either. Offsets of 0 and more are fields of the
 * thread's own record, which no linker moves. */
#include "code/x86_mnemonics.h"
#include "feature/placed_state.h"

enum { AX = 1, CX = 2, DX = 4, BX = 8, SI = 0x40, DI = 0x80 };
/* What a call returns. Code that reads another register behind a call knows that the callee keeps
 * it, whatever the ABI says (gcc -fipa-ra). */
enum { RETURNED = AX | DX };
enum { STACK_POINTER = 4 };

static uint32_t bit_of(const PlacedPlace *at, uint16_t reg) {
    switch ((int)view_register_class(at->v, reg)) {
    case REGISTER_GENERAL:
    case REGISTER_STACK:
    case REGISTER_FRAME:
        return 1u << decode_register_number(at->v->tables->decoder, reg);
    default:
        return 0;
    }
}

static const Operand *memory_of(const Insn *in) {
    for (unsigned i = 0; i < in->operand_count; i++)
        if (in->operands[i].kind == OPERAND_MEM)
            return &in->operands[i];
    return NULL;
}

static bool is_negative(const Insn *in) { return (int32_t)(uint32_t)in->imm < 0; }

static bool is_thread_pointer(const Insn *in, const Operand *o) {
    return o->kind == OPERAND_MEM && in->segment != 0 && o->base == 0 && o->index == 0 &&
           o->value == 0 && !o->is_agen;
}

/* Registers that are written and no operand says so; too many are no harm. */
static uint32_t hidden_writes(const PlacedPlace *at) {
    switch ((int)view_group(at->v, at->in)) {
    case GROUP_MULTIPLY:
    case GROUP_DIVIDE:
    case GROUP_EXTEND:
        return at->in->operand_count < 2 ? AX | DX : 0;
    case GROUP_STRING:
        return AX | CX | SI | DI;
    case GROUP_ATOMIC:
    case GROUP_SYSTEM:
    case GROUP_OTHER:
        return AX | BX | CX | DX;
    case GROUP_CALL:
        return RETURNED;
    default:
        return 0;
    }
}

static uint32_t writes_of(const PlacedPlace *at) {
    uint32_t written = hidden_writes(at);
    for (unsigned i = 0; i < at->in->operand_count; i++) {
        const Operand *o = &at->in->operands[i];
        if (o->kind == OPERAND_REG && (o->access & ACCESS_WRITE))
            written |= bit_of(at, o->reg);
    }
    return written;
}

/* ---- stack places of i386 ---- */

static bool slot_from_operand(const PlacedState *s, const PlacedPlace *at, const Operand *o,
                              StackSlot *out) {
    RegisterClass base = view_register_class(at->v, o->base);
    if (o->kind != OPERAND_MEM || o->index != 0 || o->bits != 32 || at->in->segment != 0 ||
        (base != REGISTER_STACK && base != REGISTER_FRAME))
        return false;
    bool by_frame = base == REGISTER_FRAME;
    int32_t off = (int32_t)((uint32_t)o->value - (by_frame ? 0 : (uint32_t)s->depth));
    *out = (StackSlot){.off = off, .is_used = true, .by_frame = by_frame};
    return true;
}

static StackSlot *slot_find(PlacedState *s, const StackSlot *slot) {
    for (unsigned i = 0; i < STACK_SLOTS; i++)
        if (s->slots[i].is_used && s->slots[i].off == slot->off &&
            s->slots[i].by_frame == slot->by_frame)
            return &s->slots[i];
    return NULL;
}

static void slot_store(PlacedState *s, const StackSlot *slot, bool is_fetched) {
    StackSlot *at = slot_find(s, slot);
    for (unsigned i = 0; i < STACK_SLOTS && !at && is_fetched; i++)
        at = s->slots[i].is_used ? NULL : &s->slots[i];
    if (at)
        *at = is_fetched ? *slot : (StackSlot){0};
}

static void forget_slots(PlacedState *s, bool by_frame) {
    for (unsigned i = 0; i < STACK_SLOTS; i++)
        if (s->slots[i].by_frame == by_frame)
            s->slots[i] = (StackSlot){0};
}

static void follow_stack(PlacedState *s, const PlacedPlace *at, uint32_t written) {
    const Insn *in = at->in;
    if (in->id == X86_PUSH) {
        s->depth += 4;
    } else if (in->id == X86_POP) {
        s->depth -= 4;
    } else if (written >> STACK_POINTER & 1) {
        if ((in->id == X86_SUB || in->id == X86_ADD) && in->has_imm) {
            int32_t by = (int32_t)((uint32_t)in->imm & 0xffffff);
            s->depth += in->id == X86_SUB ? by : -by;
        } else {
            forget_slots(s, false);
        }
    }
    if (view_group(at->v, in) != GROUP_CALL && (written & 0x20))
        forget_slots(s, true);
}

/* ---- what a register holds ---- */

/* `mov reg, [esp]; ret`, which compilers call to fetch the address behind the call: reg's bit. */
static uint32_t fetcher(const Image *image, uint64_t va) {
    enum { MOV = 0x8b, FROM_STACK = 0x04, STACK_ONLY = 0x24, RETURN = 0xc3 };
    Bytes b = image_bytes_at(image, va);
    if (b.size < 4 || b.at[0] != MOV || (b.at[1] & 0xc7) != FROM_STACK || b.at[2] != STACK_ONLY ||
        b.at[3] != RETURN)
        return 0;
    return 1u << (b.at[1] >> 3 & 7);
}

typedef struct Held {
    bool thread, fetched;
} Held;

static Held held_by(const PlacedState *s, const PlacedPlace *at, uint16_t reg) {
    uint32_t bit = bit_of(at, reg);
    return (Held){(s->thread & bit) != 0, (s->fetched & bit) != 0};
}

/* What the first operand, a register, holds afterwards. */
static Held result(PlacedState *s, const PlacedPlace *at) {
    const Insn *in = at->in;
    const Operand *to = &in->operands[0], *from = &in->operands[1];
    if (in->id == X86_POP && s->popped_va == in->va)
        return (Held){.fetched = true};
    if (in->operand_count != 2)
        return (Held){0};
    if (in->id == X86_MOV && is_thread_pointer(in, from))
        return (Held){.thread = to->bits >= 32};
    if (in->id == X86_MOV && from->kind == OPERAND_REG && to->bits == from->bits && to->bits >= 32)
        return held_by(s, at, from->reg);
    StackSlot slot;
    if (in->id == X86_MOV && slot_from_operand(s, at, from, &slot))
        return (Held){.fetched = slot_find(s, &slot) != NULL};
    if ((in->id == X86_ADD || in->id == X86_SUB) && from->kind == OPERAND_IMM)
        return (Held){.fetched = held_by(s, at, to->reg).fetched};
    return (Held){0};
}

static void follow(PlacedState *s, const PlacedPlace *at) {
    const Insn *in = at->in;
    uint32_t written = writes_of(at), first = 0;
    Held held = {0};
    if (in->operand_count > 0 && in->operands[0].kind == OPERAND_REG) {
        first = bit_of(at, in->operands[0].reg);
        held = result(s, at);
    }
    StackSlot slot;
    if (at->v->image->bits == 32 && in->id == X86_MOV && in->operand_count == 2 &&
        slot_from_operand(s, at, &in->operands[0], &slot))
        slot_store(s, &slot,
                   in->operands[1].kind == OPERAND_REG &&
                       held_by(s, at, in->operands[1].reg).fetched);
    s->thread = (s->thread & ~written) | (held.thread ? first : 0);
    s->fetched = (s->fetched & ~written) | (held.fetched ? first : 0);
    s->popped_va = 0;
    if (at->v->image->bits != 32)
        return;
    follow_stack(s, at, written);
    if (in->flow == FLOW_CALL) {
        s->fetched |= fetcher(at->v->image, in->target);
        if (in->target == in->va + in->length) {
            s->popped_va = in->target;
            s->depth += 4;
        }
    }
}

/* ---- marks ---- */

static ThreadUses mark_memory(const PlacedState *s, const PlacedPlace *at, const Operand *mem) {
    const Insn *in = at->in;
    uint32_t base = bit_of(at, mem->base), index = bit_of(at, mem->index);
    bool is_wide = in->disp_size >= 4;
    if (in->segment != 0 && !mem->is_agen) {
        if (is_wide && mem->value < 0)
            *at->placed |= PLACED_DISP;
        return base | index;
    }
    ThreadUses uses = 0;
    if (s->thread & base) {
        if (is_wide && mem->value < 0)
            *at->placed |= PLACED_DISP;
        uses |= index;
    }
    if (s->thread & index)
        uses |= base;
    if (is_wide && ((s->fetched & base) || ((s->fetched & index) && mem->scale == 1)))
        *at->placed |= PLACED_DISP;
    return uses & ~s->thread;
}

/* add and sub of a register. */
static ThreadUses mark_sum(const PlacedState *s, const PlacedPlace *at) {
    const Insn *in = at->in;
    const Operand *to = &in->operands[0], *from = &in->operands[1];
    uint32_t bit = bit_of(at, to->reg);
    if (in->id == X86_ADD && is_thread_pointer(in, from))
        return bit;
    if (from->kind == OPERAND_IMM && in->imm_size >= 4) {
        if (s->fetched & bit)
            *at->placed |= PLACED_IMM;
        if ((s->thread & bit) && is_negative(in) == (in->id == X86_ADD))
            *at->placed |= PLACED_IMM;
        return 0;
    }
    if (from->kind != OPERAND_REG || in->id != X86_ADD)
        return 0;
    uint32_t other = bit_of(at, from->reg);
    return (s->thread & other ? bit : 0) | (s->thread & bit ? other : 0);
}

ThreadUses placed_x86_step(PlacedState *s, const PlacedPlace *at) {
    const Insn *in = at->in;
    const Operand *mem = memory_of(in);
    ThreadUses uses = mem ? mark_memory(s, at, mem) : 0;
    if ((in->id == X86_ADD || in->id == X86_SUB) && in->operand_count == 2 &&
        in->operands[0].kind == OPERAND_REG)
        uses |= mark_sum(s, at);
    follow(s, at);
    return uses;
}

uint32_t placed_x86_back(uint32_t wanted, const PlacedPlace *at) {
    const Insn *in = at->in;
    if (wanted == 0)
        return 0;
    const Operand *to = &in->operands[0], *from = &in->operands[1];
    uint32_t written = writes_of(at), more = 0;
    if (in->operand_count == 2 && to->kind == OPERAND_REG && (wanted & bit_of(at, to->reg))) {
        bool is_number = from->kind == OPERAND_IMM && in->imm_size >= 4;
        if (is_number && in->id == X86_MOV && is_negative(in))
            *at->placed |= PLACED_IMM;
        if (in->id == X86_MOV && from->kind == OPERAND_REG)
            more = bit_of(at, from->reg);
    }
    return (wanted & ~written) | more;
}

bool placed_x86_is_worth(const FunctionView *v) {
    if (v->image->format == FORMAT_PE) /* fs:0 and gs:0 are other things on Windows */
        return false;
    bool may_fetch = v->image->arch == ARCH_X86 && v->image->format == FORMAT_ELF;
    for (uint32_t i = 0; i < v->insn_count; i++) {
        const Insn *in = &v->insns[i];
        if (in->segment != 0) {
            const Operand *mem = memory_of(in);
            if (mem && (mem->base != 0 || mem->index != 0 || mem->value <= 0))
                return true;
        }
        if (may_fetch && in->flow == FLOW_CALL &&
            (in->target == in->va + in->length || fetcher(v->image, in->target)))
            return true;
    }
    return false;
}
