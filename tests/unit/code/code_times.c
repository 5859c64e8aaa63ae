/* SPDX-License-Identifier: Apache-2.0
 * code_times.c: sums, processor times and memory of the code stage for each file named, beside
 * straight decoding of the same bytes. For docs/evidence/discovery.md. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "code/code.h"

/* Processor time, so that other jobs on the machine do not count. */
static uint64_t cpu_us(void) {
    struct timespec t = {0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Time of decoding every executable byte once in a straight line, to compare with. */
static uint64_t sweep_us(const Code *code, const Image *image, bool full) {
    uint64_t start = cpu_us(), sum = 0;
    for (size_t i = 0; code->decoder && i < image->segments.count; i++) {
        const Segment *seg = &image->segments.at[i];
        for (size_t off = 0; (seg->perms & PERM_X) && off < seg->file.size;) {
            Insn in;
            Bytes b = bytes_clip(seg->file, off, 15);
            bool ok = full ? decode_full(code->decoder, b, seg->va + off, &in)
                           : decode_flow(code->decoder, b, seg->va + off, &in);
            off += ok ? in.length : 1;
            sum += ok;
        }
    }
    return sum ? cpu_us() - start : 1;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        FILE *in = fopen(argv[i], "rb");
        if (!in)
            return 1;
        fseek(in, 0, SEEK_END);
        size_t size = (size_t)ftell(in);
        rewind(in);
        uint8_t *data = malloc(size ? size : 1);
        if (!data || fread(data, 1, size, in) != size)
            return 1;
        fclose(in);
        Sample s = {.bytes = {data, size}, .name = argv[i]};
        s.arena = arena_new((size_t)4 << 30);
        s.scratch = arena_new((size_t)4 << 30);
        uint64_t t0 = cpu_us();
        Image *image = image_from_sample(&s, NULL);
        uint64_t t1 = cpu_us();
        Code *code = code_from_image(&s, image);
        uint64_t t2 = cpu_us();
        printf("%s: image %" PRIu64 " us, code %" PRIu64 " us, %.2f MB/s, %zu functions, %zu "
               "blocks, %zu calls, %zu refs, executable %" PRIu64 " recovered %" PRIu64
               " padding %" PRIu64
               ", arena %zu KB scratch peak %zu KB, straight decoding %.2f MB/s, full %.2f MB/s\n",
               argv[i], t1 - t0, t2 - t1,
               (double)code->bytes_executable / (double)(t2 - t1 ? t2 - t1 : 1),
               code->functions.count, code->blocks.count, code->calls.count, code->refs.count,
               code->bytes_executable, code->bytes_recovered, code->bytes_padding,
               arena_peak(s.arena) / 1024, arena_peak(s.scratch) / 1024,
               (double)code->bytes_executable / (double)sweep_us(code, image, false),
               (double)code->bytes_executable / (double)sweep_us(code, image, true));
        arena_free(s.arena);
        arena_free(s.scratch);
        free(data);
    }
    return 0;
}
