/* SPDX-License-Identifier: Apache-2.0
 * test_lift_x86.c: every opcode gives valid operations; forms of operands, flags and control. */
#include "cog_test.h"

#include <stdio.h>

#include "code/x86_mnemonics.h"
#include "lift_check.h"

static Arena *arena;
static const Lifter *lifters[2]; /* 32, 64 bits */
static const Decoder *decoders[2];

enum { VA = 0x401000 };

static size_t lift(unsigned bits, const void *bytes, size_t size, IrOp *ops) {
    unsigned length = 0;
    size_t count = lift_insn(lifters[bits == 64], (Bytes){bytes, size}, VA, ops, &length);
    assert_int_equal(length, size);
    lift_check(ops, count);
    return count;
}

/* Control goes where the decoder says. */
static bool ends_as(const Insn *in, unsigned last) {
    switch (in->flow) {
    case FLOW_NEXT:
        return last < IR_JUMP || last == IR_TRAP_IF;
    case FLOW_JUMP:
        return last == IR_JUMP;
    case FLOW_BRANCH:
        return last == IR_BRANCH || (last == IR_JUMP && in->id == X86_XBEGIN);
    case FLOW_CALL:
        return last == IR_CALL;
    case FLOW_JUMP_INDIRECT:
        return last == IR_JUMP_TO || (last == IR_JUMP && in->is_far);
    case FLOW_CALL_INDIRECT:
        return last == IR_CALL_TO || (last == IR_CALL && in->is_far);
    case FLOW_RETURN:
        return last == IR_RETURN || last == IR_TRAP; /* sysret and others of the system */
    case FLOW_STOP:
        return last == IR_TRAP;
    case FLOW_SYSCALL:
        return last == IR_SYSCALL || last == IR_TRAP_IF || last == IR_TRAP;
    }
    return false;
}

/* General registers among the written operands; bit n: register n. */
static uint32_t written_by(const Insn *in, const Decoder *decoder) {
    uint32_t set = 0;
    for (unsigned i = 0; i < in->operand_count; i++) {
        const Operand *o = &in->operands[i];
        RegisterPlace place = decode_register_place(decoder, o->reg);
        if (o->kind == OPERAND_REG && (o->access & ACCESS_WRITE) && place.class == REGISTER_GENERAL)
            set |= 1u << place.number;
    }
    return set;
}

/* Against the decoder: general registers and flags that it says are written, and no others. */
static void check_writes(const Decoder *decoder, Bytes b, const Insn *in, const IrOp *ops,
                         size_t count) {
    static const unsigned bits[] = {1, 0x40, 0x80, 0x800, 4, 0x10, 0x400}; /* C Z N V P A D */
    Implied implied;
    assert_true(decode_implied(decoder, b, &implied));
    uint32_t own = written_by(in, decoder), allowed = own | implied.written, set = 0, flags = 0;
    for (size_t i = 0; i < count; i++) {
        if (ops[i].out < 16)
            set |= 1u << ops[i].out;
        if (ops[i].out >= SLOT_C && ops[i].out <= SLOT_D)
            flags |= bits[ops[i].out - SLOT_C];
    }
    const char *name = decode_mnemonic(decoder, in->mnemonic);
    if ((set & ~allowed) || (flags & ~implied.flags_written))
        fail_msg("%s writes registers %x, flags %x", name, set, flags & ~implied.flags_written);
    if ((own & ~set) && in->id != X86_RDSSPD && in->id != X86_RDSSPQ && in->id != X86_AAM)
        fail_msg("%s does not write %x of %x", name, own & ~set, own);
    if (!ends_as(in, count ? ops[count - 1].kind : IR_NOP))
        fail_msg("%s goes elsewhere", name);
}

/* Every opcode of three maps with every ModRM, and many with the usual prefixes, run on random
 * registers. */
static void test_all_opcodes(void **s) {
    (void)s;
    static const uint8_t prefixes[] = {0, 0x66, 0xf3, 0xf2, 0x67, 0x64, 0x48, 0x4d};
    uint64_t state = 0x9e3779b97f4a7c15, slots[SLOT_COUNT];
    for (unsigned mode = 0; mode < 2; mode++)
        for (unsigned p = 0; p < sizeof prefixes - (mode ? 0 : 2); p++)
            for (unsigned op = 0; op < 768; op++)
                for (unsigned modrm = 0; modrm < 256; modrm += p ? 5 : 1) {
                    uint8_t bytes[16] = {0};
                    size_t n = 0;
                    if (prefixes[p])
                        bytes[n++] = prefixes[p];
                    if (op >= 256)
                        bytes[n++] = 0x0f;
                    if (op >= 512)
                        bytes[n++] = 0x38;
                    bytes[n++] = (uint8_t)op;
                    bytes[n++] = (uint8_t)modrm;
                    bytes[n] = (uint8_t)(modrm & 8 ? 0x25 : modrm * 37);
                    for (size_t i = n + 1; i < sizeof bytes; i++)
                        bytes[i] = (uint8_t)(0x81 + i * 11);
                    unsigned length = 0;
                    IrOp ops[IR_MAX_OPS];
                    size_t count = lift_insn(lifters[mode], (Bytes){bytes, 15}, VA, ops, &length);
                    lift_check(ops, count);
                    Insn in;
                    if (decode_full(decoders[mode], (Bytes){bytes, 15}, VA, &in))
                        check_writes(decoders[mode], (Bytes){bytes, 15}, &in, ops, count);
                    lift_fill_state(slots, mode ? 64 : 32, &state);
                    lift_run(ops, count, slots, &state);
                    lift_check_state(slots, mode ? 64 : 32);
                }
}

static const char *slot_name(uint16_t slot, char *room) {
    static const char *const general[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"};
    static const char *const others[] = {"C",  "Z",  "N",  "V",  "P",  "A",  "D",  "Q", "GE",
                                         "FS", "GS", "cs", "ss", "ds", "es", "fs", "gs"};
    if (slot == SLOT_IMM)
        return "#";
    if (slot < 8)
        return general[slot];
    if (slot >= SLOT_C && slot <= SLOT_X86_GS)
        return others[slot - SLOT_C];
    snprintf(room, 16, slot >= SLOT_TEMP ? "t%d" : "s%d",
             slot >= SLOT_TEMP ? slot - SLOT_TEMP : slot);
    return room;
}

/* Operations as text: "out=kind.w a b c #imm; ..". */
static void write_ops(const IrOp *ops, size_t count, char *out, size_t size) {
    size_t n = 0;
    out[0] = 0;
    for (size_t i = 0; i < count && n < size; i++) {
        char room[16];
        const IrOp *op = &ops[i];
        if (i > 0)
            n += (size_t)snprintf(out + n, size - n, "; ");
        if (op->out != SLOT_NONE)
            n += (size_t)snprintf(out + n, size - n, "%s=", slot_name(op->out, room));
        n += (size_t)snprintf(out + n, size - n, "%s", ir_kind_name((IrKind)op->kind));
        if (op->kind < IR_JUMP)
            n += (size_t)snprintf(out + n, size - n, ".%u", op->bits);
        if (op->lane)
            n += (size_t)snprintf(out + n, size - n, "/%u", op->lane);
        const uint16_t in[3] = {op->a, op->b, op->c};
        for (unsigned k = 0; k < 3; k++)
            if (in[k] != SLOT_NONE)
                n += (size_t)snprintf(out + n, size - n, " %s", slot_name(in[k], room));
        if (op->imm || op->a == SLOT_IMM || op->b == SLOT_IMM || op->c == SLOT_IMM)
            n += (size_t)snprintf(out + n, size - n, " %s%llx", op->flags & IR_ADDRESS ? "@" : "",
                                  (unsigned long long)op->imm);
    }
}

/* What operands, flags and control look like: later stages know these shapes. Flags that a case
 * does not name are left out. */
static const struct {
    unsigned bits;
    const char *bytes;
    size_t size;
    const char *flags, *ops;
} shapes[] = {
    {64, "\x89\xd8", 2, "", "rax=move.32 rbx"},
    {64, "\x48\x89\xd8", 3, "", "rax=move.64 rbx"},
    {64, "\x88\xd8", 2, "", "rax=insert.8 rax rbx"},
    {64, "\x88\xdc", 2, "", "rax=insert.8 rax rbx 8"},
    {64, "\x88\xe3", 2, "", "t0=extract.8 rax 8; rbx=insert.8 rbx t0"},
    {64, "\x66\x89\xd8", 3, "", "rax=insert.16 rax rbx"},
    {64, "\x48\xc7\xc0\xff\xff\xff\xff", 7, "", "rax=move.64 # ffffffffffffffff"},
    {64, "\xb0\x07", 2, "", "t0=move.64 # 7; rax=insert.8 rax t0"},
    {64, "\x8b\x05\x10\x00\x00\x00", 6, "", "rax=load.32 @401016"},
    {64, "\x8b\x44\x8b\xf0", 4, "",
     "t0=shl.64 rcx # 2; t1=add.64 rbx t0; rax=load.32 t1 fffffffffffffff0"},
    {64, "\x67\x8b\x43\x04", 4, "", "t0=add.32 rbx # 4; rax=load.32 t0"},
    {64, "\x64\x8b\x04\x25\x30\x00\x00\x00", 8, "", "rax=load.32 FS 30"},
    {64, "\x64\x26\x8b\x04\x25\x30\x00\x00\x00", 9, "", "rax=load.32 FS 30"},
    {64, "\x67\x4b\x8b\x04\x7d\x10\x00\x00\x00", 9, "",
     "t0=shl.32 s15 # 1; t1=add.32 t0 # 10; rax=load.64 t1"},
    {64, "\x65\x48\x8b\x03", 4, "", "t0=add.64 rbx GS; rax=load.64 t0"},
    {32, "\x8b\x83\xf0\xff\xff\xff", 6, "", "rax=load.32 rbx fffffff0"},
    {32, "\x67\x8b\x40\x04", 4, "", "t0=add.16 rbx rsi; t1=add.16 t0 # 4; rax=load.32 t1"},
    {64, "\x0f\xb6\x03", 3, "", "rax=load.8 rbx"},
    {64, "\x48\x0f\xbe\xc3", 4, "", "rax=sext.64/8 rbx"},
    {64, "\x48\x63\xc3", 3, "", "rax=sext.64/32 rbx"},
    {64, "\x48\x8d\x44\x8b\x05", 5, "", "t0=shl.64 rcx # 2; t1=add.64 rbx t0; rax=add.64 t1 # 5"},
    {64, "\x48\x8d\x05\x10\x00\x00\x00", 7, "", "rax=move.64 # @401017"},
    {64, "\x8d\x43\x01", 3, "", "rax=add.32 rbx # 1"},
    {64, "\x50", 1, "", "store.64 rsp rax fffffffffffffff8; rsp=sub.64 rsp # 8"},
    {64, "\x54", 1, "", "store.64 rsp rsp fffffffffffffff8; rsp=sub.64 rsp # 8"},
    {32, "\x6a\xff", 2, "", "t0=move.64 # ffffffff; store.32 rsp t0 fffffffc; rsp=sub.32 rsp # 4"},
    {64, "\x58", 1, "", "rax=load.64 rsp; rsp=add.64 rsp # 8"},
    {64, "\x5c", 1, "", "rsp=load.64 rsp"},
    {64, "\x8f\x44\x24\x08", 4, "", "t0=load.64 rsp; store.64 rsp t0 10; rsp=add.64 rsp # 8"},
    {64, "\xc9", 1, "", "t0=load.64 rbp; rsp=add.64 rbp # 8; rbp=move.64 t0"},
    {64, "\x01\xd8", 2, "CZNV",
     "V=overflow.32 rax rbx; C=carry.32 rax rbx; rax=add.32 rax rbx; Z=eq.32 rax # 0; "
     "N=extract.1 rax 1f"},
    {64, "\x01\x18", 2, "C",
     "t0=load.32 rax; t1=add.32 t0 rbx; store.32 rax t1; C=carry.32 t0 rbx"},
    {64, "\x19\xc0", 2, "C",
     "t0=sub.32 rax rax; t1=sub.32 t0 C; C=borrow.32 rax rax C; "
     "rax=move.32 t1"},
    {64, "\x39\xd8", 2, "CZ", "C=borrow.32 rax rbx; t0=sub.32 rax rbx; Z=eq.32 t0 # 0"},
    {64, "\xa8\x01", 2, "Z", "t0=and.8 rax # 1; Z=eq.8 t0 # 0"},
    {64, "\xff\xc0", 2, "", "rax=add.32 rax # 1"},
    {64, "\xf7\xd8", 2, "C", "C=borrow.32 # rax 0; rax=neg.32 rax"},
    {64, "\xf7\xe3", 2, "",
     "t0=mul.32 rax rbx; t1=umulh.32 rax rbx; rax=move.32 t0; rdx=move.32 t1"},
    {64, "\x0f\xaf\xc3", 3, "", "t1=mul.32 rax rbx; rax=move.32 t1"},
    {64, "\xf7\xf3", 2, "",
     "t0=ule.32 rbx rdx; trap_if t0; t1=udivw.32 rdx rax rbx; t2=uremw.32 rdx rax rbx; "
     "rax=move.32 t1; rdx=move.32 t2"},
    {64, "\xc1\xe0\x03", 3, "C",
     "t0=shl.32 rax # 3; t1=shr.32 rax # 1d; t2=extract.1 t1; C=move.1 t2; rax=move.32 t0"},
    {64, "\xd3\xe8", 2, "", "t0=and.8 rcx # 1f; t3=shr.32 rax t0; rax=move.32 t3"},
    {64, "\x0f\xab\x03", 3, "C",
     "t0=sext.64/32 rax; t1=sar.64 t0 # 3; t2=and.64 t1 # fffffffffffffffc; t3=add.64 rbx t2; "
     "t4=load.32 t3; t5=and.8 rax # 1f; t6=shr.32 t4 t5; t7=shl.32 # t5 1; t8=or.32 t4 t7; "
     "store.32 t3 t8; C=extract.1 t6"},
    {64, "\x0f\x94\xc0", 3, "", "rax=insert.8 rax Z"},
    {64, "\x0f\x4c\xc3", 3, "", "t0=xor.1 N V; rax=select.32 t0 rbx rax"},
    {64, "\x75\x02", 2, "", "t0=not.1 Z; branch t0 401004"},
    {64, "\xeb\x02", 2, "", "jump 401004"},
    {64, "\xe8\x00\x00\x00\x00", 5, "", /* only fetches the address */
     "t0=move.64 # @401005; store.64 rsp t0 fffffffffffffff8; rsp=sub.64 rsp # 8"},
    {64, "\xe8\x01\x00\x00\x00", 5, "",
     "t0=move.64 # @401005; store.64 rsp t0 fffffffffffffff8; rsp=sub.64 rsp # 8; call 401006"},
    {64, "\xff\x54\x24\x08", 4, "",
     "t0=load.64 rsp 8; t1=move.64 # @401004; store.64 rsp t1 fffffffffffffff8; "
     "rsp=sub.64 rsp # 8; call_to t0"},
    {64, "\xff\xe0", 2, "", "jump_to rax"},
    {64, "\xc2\x08\x00", 3, "", "t0=load.64 rsp; rsp=add.64 rsp # 10; return t0"},
    {32, "\xe2\xfe", 2, "",
     "t0=sub.32 rcx # 1; rcx=move.32 t0; t1=eq.32 t0 # 0; t2=not.1 t1; branch t2 401000"},
    {64, "\xf3\xa4", 2, "", "string.8/64 8"},
    {64, "\xf2\xae", 2, "CZ", "string.8/64 13"},
    {64, "\xcd\x80", 2, "", "syscall 80"},
    {64, "\xcd\x29", 2, "", "trap 29"},
    {64, "\x0f\x0b", 2, "", "trap 6"},
    {64, "\xcc", 1, "", "trap 3"},
    {64, "\x0f\x1f\x00", 3, "", ""},
    {64, "\xf3\x0f\x1e\xfa", 4, "", ""},
    {32, "\x8e\xc0", 2, "", "t0=move.16 rax; es=move.16 t0"},
};

static void test_shapes(void **s) {
    (void)s;
    unsigned bad = 0;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        IrOp ops[IR_MAX_OPS];
        size_t count = lift(shapes[i].bits, shapes[i].bytes, shapes[i].size, ops), kept = 0;
        uint32_t live = 0;
        static const char names[] = "CZNVPA";
        for (const char *f = shapes[i].flags; *f; f++)
            live |= 1u << (unsigned)(strchr(names, *f) - names);
        ir_drop_dead(ops, count, live);
        for (size_t k = 0; k < count; k++)
            if (ops[k].kind != IR_NOP)
                ops[kept++] = ops[k];
        char text[2048];
        write_ops(ops, kept, text, sizeof text);
        if (strcmp(text, shapes[i].ops) != 0)
            print_error("case %zu:\n%s\nnot\n%s\n", i, text, shapes[i].ops), bad++;
    }
    assert_int_equal(bad, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_opcodes),
        cmocka_unit_test(test_shapes),
    };
    arena = arena_new((size_t)1 << 20);
    for (unsigned i = 0; i < 2; i++) {
        Image image = {.arch = i ? ARCH_X64 : ARCH_X86, .bits = i ? 64 : 32};
        decoders[i] = decoder_for_image(arena, &image);
        lifters[i] = lifter_for_image(arena, &image, decoders[i]);
    }
    int bad = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return bad;
}
