/* SPDX-License-Identifier: Apache-2.0
 * bench_lift FILE...: straight sweeps over the executable bytes of each file, on one core: decoding
 * with operands, lifting, and lifting with dead operations removed. Prints CSV rows
 * bench,set,metric,value,unit,peer,note, the median of several rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "read_file.h"
#include "value/ir.h"

enum { ROUNDS = 7 };
typedef enum Work { WORK_DECODE, WORK_LIFT, WORK_DROP, WORK_COUNT } Work;

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

typedef struct Sweep {
    uint64_t bytes, insns, ops;
} Sweep;

static Sweep sweep(const Image *image, const Decoder *decoder, const Lifter *lifter, Work work) {
    Sweep total = {0};
    IrOp ops[IR_MAX_OPS];
    for (size_t i = 0; i < image->segments.count; i++) {
        const Segment *seg = &image->segments.at[i];
        for (size_t off = 0; (seg->perms & PERM_X) && off < seg->file.size;) {
            Bytes b = bytes_clip(seg->file, off, 15);
            unsigned length = 0;
            if (work == WORK_DECODE) {
                Insn in;
                length = decode_full(decoder, b, seg->va + off, &in) ? in.length : 0;
            } else {
                size_t count = lift_insn(lifter, b, seg->va + off, ops, &length);
                if (work == WORK_DROP)
                    ir_drop_dead(ops, count, 0);
                total.ops += count;
            }
            total.insns += length != 0;
            total.bytes += length ? length : 1;
            off += length ? length : 1;
        }
    }
    return total;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void report(const char *path, const Image *image, const Decoder *decoder,
                   const Lifter *lifter) {
    static const char *const names[WORK_COUNT] = {"decode_full", "decode_full + lift",
                                                  "decode_full + lift + drop_dead"};
    double times[WORK_COUNT][ROUNDS], base = 0;
    Sweep total[WORK_COUNT] = {0};
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned work = 0; work < WORK_COUNT; work++) {
            double start = now_s();
            total[work] = sweep(image, decoder, lifter, (Work)work);
            times[work][round] = now_s() - start;
        }
    for (unsigned work = 0; work < WORK_COUNT; work++) {
        qsort(times[work], ROUNDS, sizeof(double), compare);
        double median = times[work][ROUNDS / 2], insns = (double)total[work].insns;
        base = work == WORK_DECODE ? median : base;
        printf("lift,%s,%s,%.1f,MB/s,,%.0f ns an instruction of them %.0f after decoding; %.2f "
               "operations an instruction\n",
               path, names[work], (double)total[work].bytes / median * 1e-6, median / insns * 1e9,
               (median - base) / insns * 1e9, (double)total[work].ops / insns);
    }
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        Text file = text_new((size_t)1 << 30);
        if (!read_file(argv[i], &file)) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 1;
        }
        Sample s = {.bytes = {(const uint8_t *)file.at, file.size}, .name = argv[i]};
        s.arena = arena_new((size_t)1 << 31);
        s.scratch = arena_new((size_t)1 << 31);
        Image *image = image_from_sample(&s, NULL);
        const Decoder *decoder = decoder_for_image(s.arena, image);
        const Lifter *lifter = lifter_for_image(s.arena, image, decoder);
        if (lifter)
            report(argv[i], image, decoder, lifter);
        arena_free(s.arena);
        arena_free(s.scratch);
        text_free(&file);
    }
    return 0;
}
