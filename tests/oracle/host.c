/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "base/check.h"

/* What the pieces of code read and write; at an address below 2^31, so that they need no register
 * for it. */
typedef struct Context {
    _Alignas(64) uint8_t fx[512]; /* FXSAVE image: x87, MMX, xmm */
    uint8_t vectors[16][32];
    uint64_t registers[16], flags, host_rsp;
    const void *target, *tail;
} Context;

enum { STUB_VA = 0x10000000, CONTEXT_VA = 0x10010000, STUB_BYTES = 4096 };

static Context *context;
static uint8_t *stub_end;
static bool has_avx;

static void emit(const void *bytes, size_t n) {
    memcpy(stub_end, bytes, n);
    stub_end += n;
}

/* opcode bytes, ModRM for [disp32] with `reg`, and the address. */
static void emit_absolute(const uint8_t *opcode, size_t n, unsigned reg, const void *at) {
    uint8_t modrm[2] = {(uint8_t)(0x04 | (reg & 7) << 3), 0x25};
    uint32_t address = (uint32_t)(uintptr_t)at;
    emit(opcode, n);
    emit(modrm, 2);
    emit(&address, 4);
}

static void emit_mov(bool store, unsigned reg, const void *at) {
    uint8_t opcode[] = {reg < 8 ? 0x48 : 0x4c, store ? 0x89 : 0x8b};
    emit_absolute(opcode, 2, reg, at);
}

static void emit_vectors(bool store) {
    for (unsigned i = 0; i < 16 && has_avx; i++) {
        uint8_t opcode[] = {0xc5, i < 8 ? 0xfe : 0x7e, store ? 0x7f : 0x6f}; /* vmovdqu ymm */
        emit_absolute(opcode, 3, i, context->vectors[i]);
    }
}

static void emit_head(void) {
    emit("\x53\x55\x41\x54\x41\x55\x41\x56\x41\x57", 10); /* push rbx rbp r12 .. r15 */
    emit_mov(true, 4, &context->host_rsp);
    emit_absolute((const uint8_t *)"\x48\x0f\xae", 3, 1, context->fx); /* fxrstor64 */
    emit_vectors(false);
    emit_absolute((const uint8_t *)"\xff", 1, 6, &context->flags); /* push */
    emit("\x9d", 1);                                               /* popfq */
    for (unsigned i = 0; i < 16; i++)
        if (i != 4)
            emit_mov(false, i, &context->registers[i]);
    emit_mov(false, 4, &context->registers[4]);
    emit_absolute((const uint8_t *)"\xff", 1, 4, &context->target); /* jmp */
}

static void emit_tail(void) {
    for (unsigned i = 0; i < 16; i++)
        emit_mov(true, i, &context->registers[i]);
    emit_mov(false, 4, &context->host_rsp);
    emit("\x9c", 1);                                                   /* pushfq */
    emit_absolute((const uint8_t *)"\x8f", 1, 0, &context->flags);     /* pop */
    emit("\xfc", 1);                                                   /* cld */
    emit_absolute((const uint8_t *)"\x48\x0f\xae", 3, 0, context->fx); /* fxsave64 */
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
    stub_end = stub;
    emit_head();
    context->tail = stub_end;
    emit_tail();
    CHECK(stub_end < stub + STUB_BYTES);
    start_signals();
    return true;
}

static void put(const OracleState *s) {
    memcpy(context->registers, s->slots, sizeof context->registers);
    context->flags = x86_flags_of(s);
    memset(context->fx, 0, sizeof context->fx);
    uint16_t control = 0x37f;
    uint32_t mxcsr = 0x1f80;
    memcpy(context->fx, &control, 2);
    memcpy(context->fx + 24, &mxcsr, 4);
    context->fx[4] = 0xff; /* all eight are in use, top is 0 */
    for (unsigned i = 0; i < 8; i++) {
        memcpy(context->fx + 32 + 16 * i, &s->slots[SLOT_X87 + i], 8);
        memset(context->fx + 40 + 16 * i, 0xff, 2);
    }
    for (unsigned i = 0; i < 16; i++) {
        const uint64_t *vector = &s->slots[SLOT_VECTOR + SLOT_VECTOR_STRIDE * i];
        memcpy(context->fx + 160 + 16 * i, vector, 16);
        memcpy(context->vectors[i], vector, 32);
    }
}

static void get(OracleState *s) {
    memcpy(s->slots, context->registers, sizeof context->registers);
    x86_set_flags(s, context->flags);
    for (unsigned i = 0; i < 8; i++)
        memcpy(&s->slots[SLOT_X87 + i], context->fx + 32 + 16 * i, 8);
    for (unsigned i = 0; i < 16; i++) {
        uint64_t *vector = &s->slots[SLOT_VECTOR + SLOT_VECTOR_STRIDE * i];
        memcpy(vector, context->vectors[i], has_avx ? 32 : 0);
        memcpy(vector, context->fx + 160 + 16 * i, has_avx ? 0 : 16);
    }
}

OracleAnswer host_run(const OracleCase *c, OracleState *after) {
    static enum { NEW, READY, BROKEN } state;
    if (state == NEW)
        state = start() ? READY : BROKEN;
    if (state == BROKEN)
        return ANSWER_REFUSED;
    uint8_t *code = (uint8_t *)(uintptr_t)c->before.pc;
    memcpy(code, c->bytes, c->length);
    uint32_t tail = (uint32_t)(uintptr_t)&context->tail;
    memcpy(code + c->length, "\xff\x24\x25", 3); /* jmp [tail] */
    memcpy(code + c->length + 3, &tail, 4);
    put(&c->before);
    context->target = code;
    caught = 0;
    if (sigsetjmp(escape, 1) == 0) {
        void (*run)(void);
        void *stub = (void *)(uintptr_t)STUB_VA;
        memcpy(&run, &stub, sizeof run);
        run();
    }
    *after = c->before;
    if (caught)
        return caught == SIGILL ? ANSWER_REFUSED : ANSWER_TRAP;
    get(after);
    after->pc = c->before.pc + c->length;
    return ANSWER_OK;
}

#else

OracleAnswer host_run(const OracleCase *c, OracleState *after) {
    *after = c->before;
    return ANSWER_REFUSED;
}

#endif
