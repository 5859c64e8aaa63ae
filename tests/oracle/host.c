/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "base/check.h"

/* Address of code in another mode, as a far jump reads it. */
typedef struct FarAddress {
    uint32_t offset;
    uint16_t selector;
} FarAddress;
enum { SELECTOR_32 = 0x23, SELECTOR_64 = 0x33, SELECTOR_DATA = 0x2b }; /* Linux' own */

/* What the pieces of code read and write; at an address below 2^31, so that they need no register
 * for it. */
typedef struct Context {
    _Alignas(64) uint8_t fx[512]; /* FXSAVE image: x87, MMX, xmm */
    uint8_t vectors[16][32];
    uint64_t registers[16], flags, host_rsp;
    uint64_t target, tail; /* where the head goes, where the instruction comes back to */
    FarAddress to_32, to_64;
    uint64_t tail_64, tail_32;
    _Alignas(16) uint8_t stack[256]; /* of 32-bit code that reads the flags */
} Context;

enum { STUB_VA = 0x10000000, CONTEXT_VA = 0x10010000, STUB_BYTES = 4096 };

static Context *context;
static uint8_t *stub_end, *head_64, *head_32;
static bool has_avx;

static void emit(const void *bytes, size_t n) {
    memcpy(stub_end, bytes, n);
    stub_end += n;
}

static uint32_t low(const void *at) { return (uint32_t)(uintptr_t)at; }

/* Opcode bytes, ModRM for [disp32] with `reg`, and the address. */
static void emit_absolute(bool is_64, const char *opcode, size_t n, unsigned reg, const void *at) {
    uint8_t modrm[2] = {(uint8_t)((is_64 ? 0x04 : 0x05) | (reg & 7) << 3), 0x25};
    uint32_t address = low(at);
    emit(opcode, n);
    emit(modrm, is_64 ? 2 : 1);
    emit(&address, 4);
}

static void emit_mov(bool is_64, bool store, unsigned reg, const void *at) {
    char opcode[] = {reg < 8 ? 0x48 : 0x4c, (char)(store ? 0x89 : 0x8b)};
    emit_absolute(is_64, opcode + !is_64, is_64 ? 2 : 1, reg, at);
}

/* All general registers, rsp last. */
static void emit_registers(bool is_64, bool store) {
    for (unsigned i = 0; i < (is_64 ? 16u : 8u); i++)
        if (i != 4)
            emit_mov(is_64, store, i, &context->registers[i]);
    emit_mov(is_64, store, 4, &context->registers[4]);
}

static void emit_vectors(bool store) {
    for (unsigned i = 0; i < 16 && has_avx; i++) {
        char opcode[] = {(char)0xc5, (char)(i < 8 ? 0xfe : 0x7e), store ? 0x7f : 0x6f};
        emit_absolute(true, opcode, 3, i, context->vectors[i]); /* vmovdqu ymm */
    }
}

static void emit_head(bool is_64) {
    emit("\x53\x55\x41\x54\x41\x55\x41\x56\x41\x57", 10); /* push rbx rbp r12 .. r15 */
    emit_mov(true, true, 4, &context->host_rsp);
    emit_absolute(true, "\x48\x0f\xae", 3, 1, context->fx); /* fxrstor64 */
    emit_vectors(false);
    emit_absolute(true, "\xff", 1, 6, &context->flags); /* push */
    emit("\x9d", 1);                                    /* popfq */
    if (!is_64) {
        emit_absolute(true, "\xff", 1, 5, &context->to_32); /* jmp far */
        context->to_32 = (FarAddress){low(stub_end), SELECTOR_32};
        uint8_t load_segments[] = {0xb8, SELECTOR_DATA, 0, 0, 0, 0x8e, 0xd8, 0x8e, 0xc0};
        emit(load_segments, sizeof load_segments); /* mov eax; mov ds, eax; mov es, eax */
    }
    emit_registers(is_64, false);
    emit_absolute(is_64, "\xff", 1, 4, &context->target); /* jmp */
}

/* Flags, on the stack that the mode has then. */
static void emit_flags(bool is_64) {
    emit("\x9c", 1);                                     /* pushf */
    emit_absolute(is_64, "\x8f", 1, 0, &context->flags); /* pop */
    emit("\xfc", 1);                                     /* cld */
}

static void emit_tail(bool is_64) {
    emit_registers(is_64, true);
    if (is_64) {
        emit_mov(true, false, 4, &context->host_rsp);
        emit_flags(true);
    } else {
        uint32_t stack = low(context->stack + sizeof context->stack);
        emit("\xbc", 1); /* mov esp */
        emit(&stack, 4);
        emit_flags(false);
        emit_absolute(false, "\xff", 1, 5, &context->to_64); /* jmp far */
        context->to_64 = (FarAddress){low(stub_end), SELECTOR_64};
        emit_mov(true, false, 4, &context->host_rsp);
    }
    emit_absolute(true, "\x48\x0f\xae", 3, 0, context->fx); /* fxsave64 */
    emit_vectors(true);
    emit("\x0f\x77", 2); /* emms */
    emit("\x41\x5f\x41\x5e\x41\x5d\x41\x5c\x5d\x5b\xc3", 11);
}

static sigjmp_buf escape;
static volatile sig_atomic_t caught;

static void on_signal(int number) {
    caught = number;
    siglongjmp(escape, 1);
}

static void start_signals(void) {
    static uint8_t stack[65536];
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    CHECK(sigaltstack(&alternative, NULL) == 0);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_NODEFER};
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        CHECK(sigaction(numbers[i], &action, NULL) == 0);
}

static uint8_t *map_at(uint64_t va, size_t bytes, int more) {
    void *p = mmap((void *)(uintptr_t)va, bytes, PROT_READ | PROT_WRITE | more,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    return p == (void *)(uintptr_t)va ? p : NULL;
}

static bool start(void) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    has_avx = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_AVX) && (c & bit_OSXSAVE);
    uint8_t *stub = map_at(STUB_VA, STUB_BYTES, PROT_EXEC);
    context = (Context *)(void *)map_at(CONTEXT_VA, sizeof(Context), 0);
    if (!stub || !context || !map_at(ORACLE_CODE, ORACLE_CODE_BYTES, PROT_EXEC))
        return false;
    stub_end = head_64 = stub;
    emit_head(true);
    head_32 = stub_end;
    emit_head(false);
    context->tail_64 = low(stub_end);
    emit_tail(true);
    context->tail_32 = low(stub_end);
    emit_tail(false);
    CHECK(stub_end < stub + STUB_BYTES);
    start_signals();
    return true;
}

/* A double as the 80 bits of an x87 register, and back (numbers of a double only). */
static void to_extended(uint64_t bits, uint8_t out[10]) {
    uint64_t fraction = bits & ir_mask(52), mantissa = fraction << 11;
    uint16_t exponent = bits >> 52 & 0x7ff, sign = (uint16_t)(bits >> 63 << 15);
    if (exponent == 0x7ff) {
        exponent = 0x7fff;
        mantissa |= (uint64_t)1 << 63;
    } else if (exponent != 0) {
        exponent = (uint16_t)(exponent + 0x3fff - 0x3ff);
        mantissa |= (uint64_t)1 << 63;
    } else if (fraction != 0) {
        unsigned up = (unsigned)__builtin_clzll(mantissa);
        mantissa <<= up;
        exponent = (uint16_t)(0x3fff - 0x3ff + 1 - up);
    }
    exponent |= sign;
    memcpy(out, &mantissa, 8);
    memcpy(out + 8, &exponent, 2);
}

static uint64_t from_extended(const uint8_t in[10]) {
    long double number = 0;
    double rounded = 0;
    uint64_t bits = 0;
    memcpy(&number, in, 10);
    rounded = (double)number;
    memcpy(&bits, &rounded, 8);
    return bits;
}

static void put_x87(const OracleState *s) {
    uint16_t control = (uint16_t)s->slots[SLOT_X86_FPU_CONTROL];
    uint16_t status = (uint16_t)s->slots[SLOT_X86_FPU_STATUS];
    memcpy(context->fx, &control, 2);
    memcpy(context->fx + 2, &status, 2);
    context->fx[4] = 0x7f; /* all but the last are in use, top is 0: one push or pop is possible */
    for (unsigned i = 0; i < 8; i++)
        to_extended(s->slots[SLOT_X87 + i], context->fx + 32 + 16 * i);
}

static void put(const OracleCase *c) {
    const OracleState *s = &c->before;
    memcpy(context->registers, s->slots, sizeof context->registers);
    context->flags = x86_flags_of(s);
    memset(context->fx, 0, sizeof context->fx);
    uint16_t control = 0x37f;
    uint32_t mxcsr = 0x1f80;
    memcpy(context->fx, &control, 2);
    memcpy(context->fx + 24, &mxcsr, 4);
    context->fx[4] = 0xff;
    for (unsigned i = 0; i < 8; i++) {
        memcpy(context->fx + 32 + 16 * i, &s->slots[SLOT_X87 + i], 8);
        memset(context->fx + 40 + 16 * i, 0xff, 2);
    }
    if (c->is_x87)
        put_x87(s);
    for (unsigned i = 0; i < 16; i++) {
        const uint64_t *vector = &s->slots[SLOT_VECTOR + SLOT_VECTOR_STRIDE * i];
        memcpy(context->fx + 160 + 16 * i, vector, 16);
        memcpy(context->vectors[i], vector, 32);
    }
}

static void get(bool is_64, const OracleCase *c, OracleState *s) {
    unsigned registers = is_64 ? 16 : 8;
    memcpy(s->slots, context->registers, registers * sizeof *s->slots);
    x86_set_flags(s, context->flags);
    for (unsigned i = 0; i < 8; i++) {
        uint8_t *at = context->fx + 32 + 16 * i;
        memcpy(&s->slots[SLOT_X87 + i], at, 8);
        if (c->is_x87)
            s->slots[SLOT_X87 + i] = from_extended(at);
    }
    if (c->is_x87) {
        uint16_t words[2];
        memcpy(words, context->fx, sizeof words);
        s->slots[SLOT_X86_FPU_CONTROL] = words[0];
        s->slots[SLOT_X86_FPU_STATUS] = words[1] & 0x4500; /* C0, C2, C3 */
    }
    for (unsigned i = 0; i < registers; i++) {
        uint64_t *vector = &s->slots[SLOT_VECTOR + SLOT_VECTOR_STRIDE * i];
        memcpy(vector, context->vectors[i], has_avx ? 32 : 0);
        memcpy(vector, context->fx + 160 + 16 * i, has_avx ? 0 : 16);
    }
}

OracleAnswer host_run(bool is_64, const OracleCase *c, OracleState *after) {
    static enum { NEW, READY, BROKEN } state;
    if (state == NEW)
        state = start() ? READY : BROKEN;
    if (state == BROKEN)
        return ANSWER_REFUSED;
    uint8_t *code = (uint8_t *)(uintptr_t)c->before.pc;
    memcpy(code, c->bytes, c->length);
    uint8_t *end = stub_end;
    stub_end = code + c->length;
    emit_absolute(is_64, "\xff", 1, 4, &context->tail); /* jmp */
    stub_end = end;
    put(c);
    context->target = low(code);
    context->tail = is_64 ? context->tail_64 : context->tail_32;
    caught = 0;
    if (sigsetjmp(escape, 1) == 0) {
        void (*run)(void);
        memcpy(&run, is_64 ? &head_64 : &head_32, sizeof run);
        run();
    }
    *after = c->before;
    if (caught)
        return caught == SIGILL ? ANSWER_REFUSED : ANSWER_TRAP;
    get(is_64, c, after);
    after->pc = c->before.pc + c->length;
    return ANSWER_OK;
}

#else

OracleAnswer host_run(bool is_64, const OracleCase *c, OracleState *after) {
    (void)is_64;
    *after = c->before;
    return ANSWER_REFUSED;
}

#endif
