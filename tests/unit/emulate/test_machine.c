/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <string.h>

#include "emulate/machine.h"
#include "emulate/machine_inner.h"

enum { CODE = 0x1000, DATA = 0x20000, STACK = 0x30000 };

static Arena *arena;
static Image image;

static int start(void **state) {
    (void)state;
    arena = arena_new((size_t)256 << 20);
    image = (Image){.bits = 32, .arch = ARCH_X86};
    return arena == NULL;
}

static int stop(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static Machine *machine_new(const char *code, size_t size, Arch arch) {
    image.arch = arch;
    image.bits = arch == ARCH_X64 ? 64 : 32;
    const Decoder *decoder = decoder_for_image(arena, &image);
    Machine *m = machine_from_image(arena, &image, lifter_for_image(arena, &image, decoder), 64);
    assert_true(memory_map(m->memory, CODE, PAGE_BYTES));
    assert_true(memory_map(m->memory, DATA, PAGE_BYTES));
    assert_true(memory_map(m->memory, STACK, PAGE_BYTES));
    assert_int_equal(memory_write(m->memory, CODE, code, size), MEMORY_OK);
    m->pc = CODE;
    m->slots[SLOT_X86_RSP] = STACK + 0x800;
    return m;
}
/* Code as a literal; its NUL is not part of it. */
#define X86(code) machine_new(code, sizeof(code) - 1, ARCH_X86)

/* ---- The interpreter does what ir_eval does ---- */

static uint64_t next_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return mix64(*state);
}

static uint64_t random_operand(uint64_t *state) {
    uint64_t x = next_random(state);
    switch (x % 5) {
    case 0:
        return x >> (next_random(state) & 63);
    case 1:
        return next_random(state) & 0x8080808080808080;
    case 2:
        return x / 5 % 70;
    case 3:
        return ~(x / 5 % 4);
    default:
        return x;
    }
}

static void run_one(Inner *in, const IrOp *op, const uint64_t *inputs) {
    for (unsigned i = 0; i < 3; i++)
        in->file[SLOT_TEMP + i] = inputs[i];
    Step steps[2] = {{.kind = (uint8_t)step_kind_of(op),
                      .op = op->kind,
                      .bits = op->bits,
                      .lane = op->lane,
                      .out = SLOT_TEMP + 3,
                      .a = SLOT_TEMP,
                      .b = SLOT_TEMP + 1,
                      .c = SLOT_TEMP + 2,
                      .imm = op->imm,
                      .mask = ir_mask(op->bits)},
                     {.kind = STEP_END}};
    assert_int_equal(block_run(in, steps), MACHINE_RUNNING);
}

static void test_interpreter(void **state) {
    (void)state;
    static const uint8_t widths[] = {1, 8, 16, 32, 64};
    Inner *in = (Inner *)machine_from_image(arena, &image, NULL, 1);
    uint64_t random = 1;
    unsigned compared = 0;
    for (unsigned kind = IR_MOVE; kind < IR_LOAD; kind++)
        for (unsigned w = 0; w < sizeof widths; w++)
            for (unsigned turn = 0; turn < 400; turn++) {
                IrOp op = {.kind = (uint8_t)kind, .bits = widths[w], .lane = 8};
                op.imm = kind == IR_EXTRACT || kind == IR_INSERT ? next_random(&random) % 70 : 0;
                op.lane = kind == IR_SEXT && op.bits > 8 ? (uint8_t)(op.bits / 2) : op.lane;
                uint64_t x[3], expected = 0;
                for (unsigned i = 0; i < 3; i++)
                    x[i] = random_operand(&random);
                x[1] = turn % 8 ? x[1] : x[0];
                if (kind >= IR_UDIVW && kind <= IR_SREMW) /* a quotient that fits */
                    x[0] &= 1;
                if (kind == IR_INSERT && op.imm + op.bits > 64)
                    continue;
                if (!ir_eval(&op, x[0], x[1], x[2], &expected))
                    continue;
                run_one(in, &op, x);
                compared++;
                if (in->file[SLOT_TEMP + 3] != expected)
                    print_error("%s %u imm %u\n", ir_kind_name((IrKind)kind), op.bits,
                                (unsigned)op.imm);
                assert_int_equal(in->file[SLOT_TEMP + 3], expected);
            }
    assert_true(compared > 50000);
}

static uint64_t float_result(Arch arch, FloatKind kind, unsigned bits, unsigned lane, uint64_t a,
                             uint64_t b) {
    image.arch = arch;
    ArenaMark mark = arena_mark(arena);
    Inner *in = (Inner *)machine_from_image(arena, &image, NULL, 1);
    IrOp op = {.kind = IR_FLOAT, .bits = (uint8_t)bits, .lane = (uint8_t)lane, .imm = kind};
    run_one(in, &op, (uint64_t[]){a, b, 0});
    uint64_t result = in->file[SLOT_TEMP + 3];
    arena_reset(arena, mark);
    return result;
}

static void test_floats(void **state) {
    (void)state;
    enum { ONE = 0x3f800000, QUIET = 0x7fc00001, SIGNALS = 0x7f800001 };
    const uint64_t minus_zero = 0x80000000;
    assert_int_equal(float_result(ARCH_X86, FLOAT_ADD, 32, 0, ONE, ONE), 0x40000000);
    assert_int_equal(float_result(ARCH_X86, FLOAT_SUB, 64, 0, 0x3ff0000000000000, 0),
                     0x3ff0000000000000);
    /* 0 / 0, and which NaN comes through (Intel manual, volume 1, table 4-7; Arm, FPProcessNaNs).
     */
    assert_int_equal(float_result(ARCH_X86, FLOAT_DIV, 32, 0, 0, 0), 0xffc00000);
    assert_int_equal(float_result(ARCH_ARM64, FLOAT_DIV, 32, 0, 0, 0), 0x7fc00000);
    assert_int_equal(float_result(ARCH_X86, FLOAT_ADD, 32, 0, QUIET, SIGNALS), QUIET);
    assert_int_equal(float_result(ARCH_ARM64, FLOAT_ADD, 32, 0, QUIET, SIGNALS), 0x7fc00001);
    assert_int_equal(float_result(ARCH_X86, FLOAT_MIN, 32, 0, QUIET, ONE), ONE);
    assert_int_equal(float_result(ARCH_ARM64, FLOAT_MIN, 32, 0, QUIET, ONE), QUIET);
    assert_int_equal(float_result(ARCH_X86, FLOAT_MIN, 32, 0, minus_zero, 0), 0);
    assert_int_equal(float_result(ARCH_ARM64, FLOAT_MIN, 32, 0, 0, minus_zero), minus_zero);
    /* Out of range: the lowest number, or the nearest. */
    assert_int_equal(float_result(ARCH_X86, FLOAT_TO_INT, 32, 64, 0x4200000000000000, 0),
                     0x80000000);
    assert_int_equal(float_result(ARCH_ARM64, FLOAT_TO_INT, 32, 64, 0x4200000000000000, 0),
                     0x7fffffff);
    assert_int_equal(float_result(ARCH_X86, FLOAT_TO_INT, 32, 64, 0xbff8000000000000, 0),
                     UINT32_MAX);
    assert_int_equal(float_result(ARCH_ARM64, FLOAT_TO_UINT, 32, 32, 0xbf800000, 0), 0);
    /* Half precision: greatest, rounded up to infinity, subnormal, zero. */
    assert_int_equal(float_result(ARCH_X86, FLOAT_FROM_FLOAT, 16, 32, 0x477fe000, 0), 0x7bff);
    assert_int_equal(float_result(ARCH_X86, FLOAT_FROM_FLOAT, 16, 32, 0x477ff000, 0), 0x7c00);
    assert_int_equal(float_result(ARCH_X86, FLOAT_FROM_FLOAT, 16, 32, 0x33800000, 0), 1);
    assert_int_equal(float_result(ARCH_X86, FLOAT_FROM_FLOAT, 16, 32, minus_zero, 0), 0x8000);
    assert_int_equal(float_result(ARCH_X86, FLOAT_FROM_FLOAT, 32, 16, 1, 0), 0x33800000);
    /* Ties go to even; other directions by the second input. */
    assert_int_equal(float_result(ARCH_X86, FLOAT_ROUND_INT, 32, 0, 0x40200000, 0), 0x40000000);
    assert_int_equal(float_result(ARCH_X86, FLOAT_ROUND_INT, 32, 0, 0x40200000, 2), 0x40400000);
    assert_int_equal(float_result(ARCH_X86, FLOAT_UNORDERED, 32, 0, QUIET, ONE), 1);
    assert_int_equal(float_result(ARCH_X86, FLOAT_LESS, 32, 0, QUIET, ONE), 0);
}

/* ---- Flags that are several operations and one step ---- */

static uint64_t value_of(const uint64_t *slots, uint16_t slot, uint64_t imm) {
    return slot == SLOT_NONE ? 0 : slot == SLOT_IMM ? imm : slots[slot];
}

/* The operations of one instruction without memory, one by one. */
static void run_ops(uint64_t *slots, const IrOp *ops, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const IrOp *op = &ops[i];
        uint64_t a = value_of(slots, op->a, op->imm), b = value_of(slots, op->b, op->imm),
                 c = value_of(slots, op->c, op->imm), out = 0;
        assert_true(ir_eval(op, a, b, c, &out));
        slots[op->out] = out;
    }
}

static unsigned steps_of_flags(const IrOp *ops, size_t count) {
    unsigned n = 0;
    for (size_t i = 0, took = 0; i < count; i += took ? took : 1) {
        StepKind kind;
        const IrOp *what;
        took = flags_step(&ops[i], count - i, &kind, &what);
        n += took > 0;
    }
    return n;
}

static void test_flags(void **state) {
    (void)state;
    /* In all widths: add, sub, cmp, and, or, xor, test, adc, sbb, inc, dec, neg; numbers as the
     * second operand; sums into their own second operand. */
    static const char *const codes[] = {
        "\x48\x01\xd8", "\x01\xd8",     "\x66\x01\xd8",     "\x00\xd8",         "\x48\x29\xd8",
        "\x29\xd8",     "\x66\x29\xd8", "\x28\xd8",         "\x48\x39\xd8",     "\x39\xd8",
        "\x66\x39\xd8", "\x38\xd8",     "\x48\x21\xd8",     "\x21\xd8",         "\x66\x21\xd8",
        "\x20\xd8",     "\x48\x09\xd8", "\x09\xd8",         "\x48\x31\xd8",     "\x31\xd8",
        "\x30\xd8",     "\x48\x85\xd8", "\x85\xd8",         "\x84\xd8",         "\x48\x11\xd8",
        "\x11\xd8",     "\x48\x19\xd8", "\x19\xd8",         "\x48\xff\xc0",     "\xff\xc0",
        "\xfe\xc0",     "\x48\xff\xc8", "\xff\xc8",         "\xfe\xc8",         "\x48\xf7\xd8",
        "\xf7\xd8",     "\xf6\xd8",     "\x48\x83\xc0\x7f", "\x83\xc0\x80",     "\x83\xe8\x11",
        "\x83\xf8\xff", "\x3c\x41",     "\x04\x90",         "\x48\x83\xf8\x01", "\x83\xe0\x0f",
        "\x48\x01\xc0", "\x29\xc0"};
    uint64_t random = 7;
    unsigned fused = 0;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char code[8] = {0};
        size_t size = strlen(codes[i]);
        memcpy(code, codes[i], size);
        code[size] = (char)0xcc;
        ArenaMark mark = arena_mark(arena);
        Machine *m = machine_new(code, size + 1, ARCH_X64);
        const Decoder *decoder = decoder_for_image(arena, &image);
        IrOp ops[IR_MAX_OPS];
        unsigned length = 0;
        size_t count = lift_insn(lifter_for_image(arena, &image, decoder),
                                 (Bytes){(const uint8_t *)code, size}, CODE, ops, &length);
        assert_int_equal(length, size);
        fused += steps_of_flags(ops, count);
        for (unsigned turn = 0; turn < 300; turn++) {
            uint64_t expected[SLOT_COUNT] = {0};
            m->pc = CODE;
            m->slots[SLOT_X86_RAX] = random_operand(&random);
            m->slots[SLOT_X86_RBX] = turn % 4 ? random_operand(&random) : m->slots[SLOT_X86_RAX];
            for (unsigned flag = SLOT_C; flag <= SLOT_A; flag++)
                m->slots[flag] = next_random(&random) & 1;
            memcpy(expected, m->slots, sizeof expected);
            run_ops(expected, ops, count);
            assert_int_equal(machine_run(m, 10, NULL), MACHINE_TRAP);
            assert_memory_equal(m->slots, expected, SLOT_TEMP * sizeof *expected);
        }
        arena_reset(arena, mark);
    }
    assert_true(fused >= sizeof codes / sizeof *codes);
}

/* ---- Runs ---- */

static void test_loop(void **state) {
    (void)state;
    /* mov ecx, 1000; xor eax, eax; L: add eax, ecx; dec ecx; jnz L; int3 */
    Machine *m = X86("\xb9\xe8\x03\x00\x00\x31\xc0\x01\xc8\x49\x75\xfb\xcc");
    uint64_t left = 0;
    assert_int_equal(machine_run(m, 10000, &left), MACHINE_TRAP);
    assert_int_equal(m->slots[SLOT_X86_RAX], 500500);
    assert_int_equal(m->pc, CODE + 12);
    assert_int_equal(10000 - left, 2 + 3 * 1000);
    assert_in_range(m->lifts, MACHINE_LIFTS - 20, MACHINE_LIFTS); /* once each */
}

static void test_budget(void **state) {
    (void)state;
    const char code[] = "\xb9\xe8\x03\x00\x00\x31\xc0\x01\xc8\x49\x75\xfb\xcc";
    Machine *whole = machine_new(code, sizeof code - 1, ARCH_X86);
    Machine *pieces = machine_new(code, sizeof code - 1, ARCH_X86);
    uint64_t left = 1;
    pieces->lifts = whole->lifts = 1000000;
    for (unsigned steps = 1; steps < 300; steps++) {
        assert_int_equal(machine_run(pieces, steps % 7, &left), MACHINE_BUDGET);
        assert_int_equal(left, 0);
        assert_int_equal(machine_run(whole, steps % 7, NULL), MACHINE_BUDGET);
        assert_int_equal(pieces->pc, whole->pc);
    }
    /* All at once ends where pieces do, flags included. */
    Machine *once = machine_new(code, sizeof code - 1, ARCH_X86);
    pieces = machine_new(code, sizeof code - 1, ARCH_X86);
    pieces->lifts = UINT64_MAX;
    for (unsigned steps = 1; steps < 200; steps++) {
        once->pc = pieces->pc = CODE;
        assert_int_equal(machine_run(once, steps, NULL), MACHINE_BUDGET);
        for (unsigned i = 0; i < steps; i++)
            assert_int_equal(machine_run(pieces, 1, NULL), MACHINE_BUDGET);
        assert_int_equal(once->pc, pieces->pc);
        assert_memory_equal(once->slots, pieces->slots, SLOT_TEMP * sizeof *once->slots);
    }
}

static void test_faults(void **state) {
    (void)state;
    /* inc eax; mov ebx, [eax + 5]; inc eax */
    Machine *m = X86("\x40\x8b\x58\x05\x40");
    uint64_t left = 0;
    assert_int_equal(machine_run(m, 10, &left), MACHINE_UNMAPPED);
    assert_int_equal(m->pc, CODE + 1);
    assert_int_equal(m->fault_va, 6);
    assert_false(m->is_write);
    assert_int_equal(left, 9);
    assert_true(memory_map(m->memory, 0, PAGE_BYTES)); /* and on */
    assert_int_equal(machine_run(m, 2, &left), MACHINE_BUDGET);
    assert_int_equal(m->slots[SLOT_X86_RAX], 2);
    m = X86("\xff\x05\x00\x00\x00\x50"); /* inc dword [0x50000000] */
    assert_int_equal(machine_run(m, 10, NULL), MACHINE_UNMAPPED);
    m = X86("\xc7\x05\x00\x00\x00\x50\x01\x00\x00\x00"); /* mov dword [0x50000000], 1 */
    assert_int_equal(machine_run(m, 10, NULL), MACHINE_UNMAPPED);
    assert_true(m->is_write);
    m = X86("\x31\xc9\xf7\xf1"); /* xor ecx, ecx; div ecx */
    assert_int_equal(machine_run(m, 10, &left), MACHINE_TRAP);
    assert_int_equal(m->pc, CODE + 2);
    assert_int_equal(left, 9);
    m = X86("\x40\xcd\x80"); /* inc eax; int 0x80 */
    assert_int_equal(machine_run(m, 10, &left), MACHINE_SYSCALL);
    assert_int_equal(m->code, 0x80);
    assert_int_equal(m->pc, CODE + 3);
    assert_int_equal(left, 8);
}

static void test_outside(void **state) {
    (void)state;
    /* push 1; call [DATA]; add esp, 4; int3 */
    Machine *m = X86("\x6a\x01\xff\x15\x00\x00\x02\x00\x83\xc4\x04\xcc");
    uint32_t function = 0x70001234, back = 0;
    memory_write(m->memory, DATA, &function, 4);
    assert_int_equal(machine_run(m, 100, NULL), MACHINE_OUTSIDE);
    assert_int_equal(m->pc, function);
    assert_int_equal(m->from, CODE + 2);
    memory_read(m->memory, m->slots[SLOT_X86_RSP], &back, 4); /* as a model of it returns */
    assert_int_equal(back, CODE + 8);
    m->slots[SLOT_X86_RSP] += 4;
    m->pc = back;
    assert_int_equal(machine_run(m, 100, NULL), MACHINE_TRAP);
    assert_int_equal(m->slots[SLOT_X86_RSP], STACK + 0x800);
}

static void test_code_that_changes(void **state) {
    (void)state;
    /* In one block: mov byte [CODE + 8], 0x48 (dec eax); inc eax -> dec eax; int3 */
    Machine *m = X86("\xc6\x05\x08\x10\x00\x00\x48\x90\x40\xcc");
    uint64_t left = 0;
    assert_int_equal(machine_run(m, 100, &left), MACHINE_TRAP);
    assert_int_equal(m->slots[SLOT_X86_RAX], UINT32_MAX);
    assert_int_equal(left, 97);
    /* A decoder over the code behind it, which shares its page:
     * mov esi, CODE + 0x11; mov ecx, 3; L: xor byte [esi], 0x55; inc esi; loop L; <encoded> */
    m = X86("\xbe\x11\x10\x00\x00\xb9\x03\x00\x00\x00\x80\x36\x55\x46\xe2\xfa\x90"
            "\x15\x15\x99"); /* inc eax; inc eax; int3 */
    assert_int_equal(machine_run(m, 100, &left), MACHINE_TRAP);
    assert_int_equal(m->slots[SLOT_X86_RAX], 2);
    assert_int_equal(m->pc, CODE + 0x13);
}

static void test_code_flags(void **state) {
    (void)state;
    /* The compare's flags are replaced later in the block as lifted, but the store turns that
     * instruction into one that reads them: cmp eax, 1; mov byte [CODE + 11], 0x19 (sbb);
     * 11: add ebx, eax; int3 */
    Machine *m = X86("\x83\xf8\x01\xc6\x05\x0b\x10\x00\x00\x19\x90\x01\xc3\xcc");
    assert_int_equal(machine_run(m, 100, NULL), MACHINE_TRAP);
    assert_int_equal(m->slots[SLOT_X86_RBX], UINT32_MAX);
}

static void test_strings(void **state) {
    (void)state;
    /* mov edi, DATA; mov ecx, 100; mov al, 7; rep stosb; int3 */
    Machine *m = X86("\xbf\x00\x00\x02\x00\xb9\x64\x00\x00\x00\xb0\x07\xf3\xaa\xcc");
    uint64_t left = 0;
    assert_int_equal(machine_run(m, 13, &left), MACHINE_BUDGET);
    assert_int_equal(m->slots[SLOT_X86_RCX], 90);
    assert_int_equal(m->pc, CODE + 12);
    assert_int_equal(left, 0);
    assert_int_equal(machine_run(m, 1000, &left), MACHINE_TRAP);
    assert_int_equal(left, 1000 - 90);
    assert_int_equal(m->slots[SLOT_X86_RDI], DATA + 100);
    m->pc = CODE;
    m->slots[SLOT_X86_RAX] = 0;
    /* Over the end of the page: as much as fits was done. */
    m = X86("\xbf\xfe\x0f\x02\x00\xb9\x64\x00\x00\x00\xf3\xaa\xcc");
    assert_int_equal(machine_run(m, 1000, &left), MACHINE_UNMAPPED);
    assert_int_equal(m->slots[SLOT_X86_RCX], 98);
    assert_int_equal(left, 1000 - 4);
    assert_int_equal(m->fault_va, DATA + PAGE_BYTES);
}

/* Code that asks the x87 where it is: fldz; fnstenv [esp - 12]; pop ebx; int3. */
static void test_where_am_i(void **state) {
    (void)state;
    Machine *m = X86("\x90\xd9\xee\xd9\x74\x24\xf4\x5b\xcc");
    assert_int_equal(machine_run(m, 100, NULL), MACHINE_TRAP);
    assert_int_equal(m->slots[SLOT_X86_RBX], CODE + 1);
}

static void test_marks(void **state) {
    (void)state;
    Machine *m = X86("\xff\x05\x00\x00\x02\x00\x40\xeb\xf7"); /* L: inc [DATA]; inc eax; jmp L */
    MachineMark mark = machine_mark(m);
    for (unsigned i = 0; i < 100; i++) {
        uint32_t count = 0;
        assert_int_equal(machine_run(m, 3000, NULL), MACHINE_BUDGET);
        memory_read(m->memory, DATA, &count, 4);
        assert_int_equal(count, 1000);
        assert_int_equal(m->slots[SLOT_X86_RAX], 1000);
        machine_restore(m, &mark);
        assert_int_equal(m->pc, CODE);
    }
    assert_int_equal(MACHINE_LIFTS - m->lifts, 3); /* the code is known from the first run */
}

/* Code of the file stays lifted while other code is written over it and taken back; it is paid for
 * as if it did not. */
static void test_code_of_file(void **state) {
    (void)state;
    static const uint8_t code[PAGE_BYTES] = {0x40, 0x40, 0xcc}; /* inc eax; inc eax; int3 */
    static Segment segment = {.va = 0x5000, .va_size = PAGE_BYTES, .file = {code, PAGE_BYTES}};
    image.segments.at = &segment;
    image.segments.count = 1;
    Machine *m = X86("\xcc");
    MachineMark mark = machine_mark(m);
    for (unsigned turn = 0; turn < 3; turn++) {
        uint64_t lifts = m->lifts = 1000;
        m->pc = segment.va;
        assert_int_equal(machine_run(m, 10, NULL), MACHINE_TRAP);
        assert_int_equal(m->slots[SLOT_X86_RAX], 2);
        assert_int_equal(lifts - m->lifts, 3);
        assert_int_equal(memory_write(m->memory, segment.va + 1, "\x48", 1), MEMORY_OK);
        m->pc = segment.va; /* inc eax; dec eax */
        assert_int_equal(machine_run(m, 10, NULL), MACHINE_TRAP);
        assert_int_equal(m->slots[SLOT_X86_RAX], 2);
        assert_int_equal(lifts - m->lifts, 6);
        machine_restore(m, &mark);
    }
    /* A block that cuts itself off is whole when its bytes are back: mov byte [0x5007], 0xcc;
     * inc eax; int3 */
    static const uint8_t cuts[PAGE_BYTES] = {0xc6, 0x05, 0x07, 0x50, 0, 0, 0xcc, 0x40, 0xcc};
    segment.file.at = cuts;
    m = X86("\xcc");
    mark = machine_mark(m);
    for (unsigned turn = 0; turn < 3; turn++) {
        m->lifts = 1000;
        m->memory->keeps_constants = turn == 1; /* the write is dropped */
        m->pc = segment.va;
        assert_int_equal(machine_run(m, 10, NULL), MACHINE_TRAP);
        assert_int_equal(m->slots[SLOT_X86_RAX], turn == 1);
        machine_restore(m, &mark);
    }
    image.segments.count = 0;
}

static void test_lifts(void **state) {
    (void)state;
    /* Rewrites itself for ever: L: inc byte [CODE + 8]; nop; mov al, 0 (which it changes); jmp L */
    Machine *m = X86("\xfe\x05\x08\x10\x00\x00\x90\xb0\x00\xeb\xf5");
    m->lifts = 500;
    assert_int_equal(machine_run(m, 1000000, NULL), MACHINE_LIFTS_USED);
}

static void test_opaque(void **state) {
    (void)state;
    Machine *m = X86("\x0f\xa2\x89\x03\xcc"); /* cpuid; mov [ebx], eax */
    assert_int_equal(machine_run(m, 10, NULL), MACHINE_UNMAPPED);
    assert_true(m->opaque > 0);
    uint64_t first = m->slots[SLOT_X86_RAX];
    m = X86("\x0f\xa2\x89\x03\xcc");
    machine_run(m, 10, NULL);
    assert_int_equal(m->slots[SLOT_X86_RAX], first);
    m = X86("\x0f\xa2\x89\x03\xcc");
    m->opaque_seed = UINT64_MAX;
    machine_run(m, 10, NULL);
    assert_int_not_equal(m->slots[SLOT_X86_RAX], first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_interpreter, start, stop),
        cmocka_unit_test_setup_teardown(test_floats, start, stop),
        cmocka_unit_test_setup_teardown(test_flags, start, stop),
        cmocka_unit_test_setup_teardown(test_loop, start, stop),
        cmocka_unit_test_setup_teardown(test_budget, start, stop),
        cmocka_unit_test_setup_teardown(test_faults, start, stop),
        cmocka_unit_test_setup_teardown(test_outside, start, stop),
        cmocka_unit_test_setup_teardown(test_code_that_changes, start, stop),
        cmocka_unit_test_setup_teardown(test_code_flags, start, stop),
        cmocka_unit_test_setup_teardown(test_strings, start, stop),
        cmocka_unit_test_setup_teardown(test_where_am_i, start, stop),
        cmocka_unit_test_setup_teardown(test_marks, start, stop),
        cmocka_unit_test_setup_teardown(test_code_of_file, start, stop),
        cmocka_unit_test_setup_teardown(test_lifts, start, stop),
        cmocka_unit_test_setup_teardown(test_opaque, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
