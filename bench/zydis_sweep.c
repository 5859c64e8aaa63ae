/* SPDX-License-Identifier: Apache-2.0 */
#include "zydis_sweep.h"

#include <Zydis/Zydis.h>
#include <stdlib.h>
#include <time.h>

#include "image/image.h"

double thread_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double zydis_sweep(Bytes file, uint64_t *code_bytes) {
    Sample *s = calloc(1, sizeof *s);
    s->bytes = file;
    s->name = "";
    s->arena = arena_new((size_t)1 << 31);
    s->scratch = arena_new((size_t)1 << 31);
    Image *image = image_from_sample(s, NULL);
    ZydisDecoder decoder;
    if (image->arch == ARCH_X64)
        ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    else
        ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
    double start = thread_seconds();
    for (size_t i = 0; i < image->segments.count; i++) {
        const Segment *seg = &image->segments.at[i];
        if (!(seg->perms & PERM_X))
            continue;
        *code_bytes += seg->file.size;
        for (size_t off = 0; off < seg->file.size;) {
            ZydisDecodedInstruction insn;
            ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
            bool ok = ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, seg->file.at + off,
                                                          seg->file.size - off, &insn, operands));
            off += ok ? insn.length : 1;
        }
    }
    double seconds = thread_seconds() - start;
    arena_free(s->arena);
    arena_free(s->scratch);
    free(s);
    return seconds;
}
