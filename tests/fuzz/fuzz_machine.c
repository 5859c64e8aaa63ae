/* SPDX-License-Identifier: Apache-2.0
 * fuzz_machine.c: the machine on any bytes as code. The first byte chooses the processor. Budgets
 * hold, registers keep their widths, going back restores, and a run in one piece ends in the same
 * state as one in small pieces. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "emulate/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CODE = 0x10000, DATA = 0x20000, STACK = 0x30000, AREA = 0x4000, STEPS = 1000, PAGES = 24 };

typedef struct Run {
    Machine *m;
    MachineStop stop;
    uint64_t left;
} Run;

static Machine *machine_for(Arena *a, const Image *image) {
    const Decoder *decoder = decoder_for_image(a, image);
    const Lifter *lifter = lifter_for_image(a, image, decoder);
    if (!lifter)
        return NULL;
    Machine *m = machine_from_image(a, image, lifter, PAGES);
    CHECK(memory_map(m->memory, DATA, AREA) && memory_map(m->memory, STACK, AREA));
    for (unsigned i = 0; i < 32; i++)
        m->slots[i] = i % 2 ? DATA + 0x1000 + 64 * i : i;
    m->slots[image->arch == ARCH_ARM     ? SLOT_ARM_SP
             : image->arch == ARCH_ARM64 ? SLOT_ARM64_SP
                                         : SLOT_X86_RSP] = STACK + AREA / 2;
    m->slots[SLOT_FS] = m->slots[SLOT_GS] = DATA;
    m->pc = CODE;
    m->lifts = 1000000;
    return m;
}

static void check_state(const Machine *m, const Image *image) {
    for (unsigned i = SLOT_C; i <= SLOT_Q; i++)
        CHECK(m->slots[i] <= 1);
    for (unsigned i = 0; i < 32 && image->bits == 32; i++)
        CHECK(m->slots[i] <= UINT32_MAX);
    CHECK(m->memory->own_pages <= PAGES);
}

/* Both ways must have written the same pages with the same bytes. */
static void check_same(const Run *a, const Run *b, MemoryMark mark) {
    CHECK(a->stop == b->stop && a->left == b->left && a->m->pc == b->m->pc);
    CHECK(a->m->is_thumb == b->m->is_thumb);
    if (a->stop == MACHINE_BUDGET) /* after others flags may be old */
        CHECK(memcmp(a->m->slots, b->m->slots, SLOT_TEMP * sizeof *a->m->slots) == 0);
    size_t at = 0;
    for (MemoryChange change; memory_change(a->m->memory, mark, &at, &change);) {
        Bytes other = memory_view(b->m->memory, change.va);
        CHECK(other.size == PAGE_BYTES && memcmp(other.at, change.now, PAGE_BYTES) == 0);
    }
}

static void run_pieces(Run *run, unsigned piece) {
    run->left = STEPS;
    do {
        uint64_t left = 0, steps = run->left < piece ? run->left : piece;
        run->stop = machine_run(run->m, steps, &left);
        run->left -= steps - left;
    } while (run->stop == MACHINE_BUDGET && run->left > 0);
}

static void run_code(Arena *a, const Image *image, bool is_thumb, unsigned piece) {
    Run whole = {.m = machine_for(a, image)}, pieces = {.m = machine_for(a, image)};
    if (!whole.m)
        return;
    whole.m->is_thumb = pieces.m->is_thumb = is_thumb;
    MachineMark mark = machine_mark(whole.m);
    whole.stop = machine_run(whole.m, STEPS, &whole.left);
    CHECK(whole.left <= STEPS);
    check_state(whole.m, image);
    run_pieces(&pieces, piece);
    check_state(pieces.m, image);
    bool lifts_used = whole.stop == MACHINE_LIFTS_USED || pieces.stop == MACHINE_LIFTS_USED;
    if (!lifts_used) /* pieces lift more */
        check_same(&whole, &pieces, mark.memory);
    machine_restore(whole.m, &mark);
    Run again = {.m = whole.m};
    again.stop = machine_run(again.m, STEPS, &again.left);
    CHECK(lifts_used || (again.stop == pieces.stop && again.left == pieces.left));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct {
        Arch arch;
        uint8_t bits;
        bool is_thumb;
    } processors[] = {{ARCH_X86, 32, false}, {ARCH_X64, 64, false}, {ARCH_ARM, 32, false},
                      {ARCH_ARM, 32, true},  {ARCH_ARM64, 64, false}};
    if (size < 2 || size > AREA)
        return 0;
    Arena *a = arena_new((size_t)1 << 28);
    CHECK(a);
    unsigned which = data[0] % 5;
    Image *image = ARENA_NEW(a, Image);
    image->arch = processors[which].arch;
    image->bits = processors[which].bits;
    image->segments.max = 1;
    *VEC_ADD(a, &image->segments) = (Segment){
        .va = CODE, .va_size = AREA, .file = {data + 1, size - 1}, .perms = PERM_R | PERM_X};
    run_code(a, image, processors[which].is_thumb, 2 + data[0] / 5 % 16);
    arena_free(a);
    return 0;
}
