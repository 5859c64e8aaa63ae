/* SPDX-License-Identifier: Apache-2.0
 * fuzz_process.c: any bytes as code in a process, and the models with any arguments. The first byte
 * chooses processor, format and which of the two. Budgets hold, a run repeats exactly after going
 * back to a mark, and whatever happens ends with a reason. */
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "emulate/process.h"
#include "emulate/process_inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BASE = 0x400000, SLOTS = 0x410000, AREA = 0x20000, STEPS = 2000, MODELS_MOST = 512 };

static Image *image_of(Arena *a, unsigned which, Bytes code) {
    static const struct {
        Arch arch;
        uint8_t bits;
        Format format;
    } kinds[] = {{ARCH_X86, 32, FORMAT_PE},  {ARCH_X64, 64, FORMAT_PE},
                 {ARCH_X86, 32, FORMAT_ELF}, {ARCH_X64, 64, FORMAT_ELF},
                 {ARCH_ARM, 32, FORMAT_ELF}, {ARCH_ARM64, 64, FORMAT_ELF},
                 {ARCH_ARM64, 64, FORMAT_PE}};
    which %= sizeof kinds / sizeof *kinds;
    Image *image = ARENA_NEW(a, Image);
    image->arch = kinds[which].arch;
    image->bits = kinds[which].bits;
    image->format = kinds[which].format;
    image->base = BASE;
    image->segments.max = 1;
    *VEC_ADD(a, &image->segments) =
        (Segment){.va = BASE, .va_size = AREA, .file = code, .perms = PERM_R | PERM_W | PERM_X};
    image->imports.max = MODELS_MOST;
    for (size_t i = 0; i < MODEL_COUNT && i < MODELS_MOST; i++)
        *VEC_ADD(a, &image->imports) =
            (Import){.module = "kernel32.dll", .name = MODELS[i].name, .slot_va = SLOTS + 8 * i};
    return image;
}

static bool is_same(const ProcessEnd *a, const ProcessEnd *b) {
    return a->why == b->why && a->result == b->result && a->steps == b->steps && a->pc == b->pc;
}

static void run_code(Process *p) {
    const uint64_t args[] = {process_alloc(p, 256), 64, BASE + 64, 3};
    ProcessMark mark = process_mark(p);
    ProcessEnd first = process_call(p, BASE, args, 4, STEPS);
    CHECK(first.why != PROCESS_RUNNING && first.steps <= STEPS);
    process_restore(p, &mark);
    ProcessEnd again = process_call(p, BASE, args, 4, STEPS);
    CHECK(p->machine->lifts == 0 || is_same(&first, &again));
}

/* One call after another; each takes a model and eight words, of which some are made pointers. */
static void run_models(Process *p, Cursor in) {
    uint64_t buffer = process_alloc(p, 3 * PAGE_BYTES);
    for (unsigned calls = 0; calls < 64 && cursor_left(&in) > 0; calls++) {
        size_t which = cursor_u16(&in) % MODEL_COUNT;
        unsigned shapes = cursor_u16(&in);
        uint64_t args[MODEL_ARGS], va = 0;
        for (unsigned i = 0; i < MODEL_ARGS; i++) {
            uint64_t word = cursor_u16(&in);
            unsigned shape = shapes >> 2 * i & 3;
            args[i] = shape == 0   ? word
                      : shape == 1 ? buffer + word
                      : shape == 2 ? BASE + word
                                   : 0 - word;
        }
        memory_read(p->memory, SLOTS + 8 * which, &va, p->image->bits / 8);
        ProcessEnd end = process_call(p, va, args, MODEL_ARGS, STEPS);
        CHECK(end.why != PROCESS_RUNNING && end.steps <= STEPS);
        CHECK(p->calls.count <= 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > AREA / 2)
        return 0;
    Arena *a = arena_new((size_t)1 << 29);
    CHECK(a);
    Image *image = image_of(a, data[0] / 2, (Bytes){data + 1, size - 1});
    Code *code = ARENA_NEW(a, Code);
    code->decoder = decoder_for_image(a, image);
    Process *p = process_from_image(a, image, code);
    CHECK(p);
    p->machine->lifts = 20000;
    if (data[0] % 2)
        run_models(p, cursor_init((Bytes){data + 1, size - 1}));
    else
        run_code(p);
    arena_free(a);
    return 0;
}
