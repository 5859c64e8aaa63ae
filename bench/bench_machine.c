/* SPDX-License-Identifier: Apache-2.0
 * bench_machine: how fast the machine runs loops of decoders. It takes them from its own file, as
 * the compiler made them. Rows as in results.csv: operations and instructions a second, one core.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "emulate/machine.h"

enum { STACK = 0x7f000000, DATA = 0x70000000, AREA = 0x10000, BUFFER = 4096, ROUNDS = 200 };
enum { NOWHERE = 0x6ffff000 }; /* where functions return to */

void bench_rc4(uint8_t *buffer, uint64_t size);
void bench_xor(uint8_t *buffer, uint64_t size);
void bench_lcg(uint8_t *buffer, uint64_t size);
uint32_t bench_crc32(const uint8_t *buffer, uint64_t size);

#define BENCHED __attribute__((noinline))

static uint8_t table[256];
static const uint8_t key[16] = "not a secret key";

BENCHED void bench_rc4(uint8_t *buffer, uint64_t size) {
    for (unsigned i = 0; i < 256; i++)
        table[i] = (uint8_t)i;
    for (unsigned i = 0, j = 0; i < 256; i++) {
        j = (j + table[i] + key[i % sizeof key]) & 255;
        uint8_t swap = table[i];
        table[i] = table[j];
        table[j] = swap;
    }
    uint8_t i = 0, j = 0;
    for (uint64_t k = 0; k < size; k++) {
        j = (uint8_t)(j + table[++i]);
        uint8_t swap = table[i];
        table[i] = table[j];
        table[j] = swap;
        buffer[k] ^= table[(uint8_t)(table[i] + table[j])];
    }
}

BENCHED void bench_xor(uint8_t *buffer, uint64_t size) {
    for (uint64_t k = 0; k < size; k++)
        buffer[k] = (uint8_t)((buffer[k] ^ key[k % sizeof key]) - k);
}

BENCHED void bench_lcg(uint8_t *buffer, uint64_t size) {
    uint32_t state = 12345;
    for (uint64_t k = 0; k < size; k++) {
        state = state * 214013 + 2531011;
        buffer[k] ^= (uint8_t)(state >> 16);
    }
}

BENCHED uint32_t bench_crc32(const uint8_t *buffer, uint64_t size) {
    uint32_t crc = ~0u;
    for (uint64_t k = 0; k < size; k++) {
        crc ^= buffer[k];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static uint8_t *read_self(size_t *size) {
    FILE *f = fopen("/proc/self/exe", "rb");
    CHECK(f);
    CHECK(fseek(f, 0, SEEK_END) == 0);
    *size = (size_t)ftell(f);
    rewind(f);
    uint8_t *bytes = malloc(*size);
    CHECK(bytes && fread(bytes, 1, *size, f) == *size);
    fclose(f);
    return bytes;
}

static uint64_t find_function(const Image *image, const char *name) {
    for (size_t i = 0; i < image->symbols.count; i++)
        if (strcmp(image->symbols.at[i].name, name) == 0)
            return image->symbols.at[i].va;
    fprintf(stderr, "no symbol %s: the bench was stripped\n", name);
    exit(1);
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t run_once(Machine *m, uint64_t entry) {
    uint64_t nowhere = NOWHERE, steps = UINT64_C(1) << 40, left = 0;
    m->slots[SLOT_X86_RSP] = STACK + AREA / 2;
    m->slots[SLOT_X86_RDI] = DATA;
    m->slots[SLOT_X86_RSI] = BUFFER;
    CHECK(!memory_write(m->memory, m->slots[SLOT_X86_RSP], &nowhere, 8));
    m->pc = entry;
    MachineStop stop = machine_run(m, steps, &left);
    if (stop != MACHINE_OUTSIDE || m->pc != NOWHERE) {
        fprintf(stderr, "stopped at %" PRIx64 ": %s\n", m->pc, machine_stop_name(stop));
        exit(1);
    }
    return steps - left;
}

static void check_result(Machine *m, void (*function)(uint8_t *, uint64_t)) {
    static uint8_t expected[BUFFER], got[BUFFER];
    CHECK(!memory_read(m->memory, DATA, got, BUFFER));
    memset(expected, 0, BUFFER);
    function(expected, BUFFER);
    CHECK(memcmp(expected, got, BUFFER) == 0);
}

static void bench(Machine *m, const Image *image, const char *name,
                  void (*function)(uint8_t *, uint64_t)) {
    MachineMark mark = machine_mark(m);
    uint64_t entry = find_function(image, name), insns = 0;
    run_once(m, entry);
    if (function)
        check_result(m, function);
    uint64_t before = m->operations;
    double start = seconds();
    for (unsigned i = 0; i < ROUNDS; i++)
        insns += run_once(m, entry);
    double time = seconds() - start;
    printf("machine,%s,operations,%.1f,M/s,,as the compiler of the bench made it\n", name + 6,
           (double)(m->operations - before) / time / 1e6);
    printf("machine,%s,instructions,%.1f,M/s,,\n", name + 6, (double)insns / time / 1e6);
    machine_restore(m, &mark);
}

int main(void) {
    Sample s = {.name = "bench", .arena = arena_new((size_t)1 << 30)};
    s.scratch = arena_new((size_t)1 << 30);
    CHECK(s.arena && s.scratch);
    size_t size = 0;
    uint8_t *bytes = read_self(&size);
    s.bytes = (Bytes){bytes, size};
    Image *image = image_from_sample(&s, NULL);
    const Decoder *decoder = decoder_for_image(s.arena, image);
    const Lifter *lifter = decoder ? lifter_for_image(s.arena, image, decoder) : NULL;
    if (image->arch != ARCH_X64 || !lifter) {
        fprintf(stderr, "the loops are written for x86-64\n");
        return 0;
    }
    Machine *m = machine_from_image(s.arena, image, lifter, MACHINE_PAGES);
    CHECK(memory_map(m->memory, STACK, AREA) && memory_map(m->memory, DATA, AREA));
    bench(m, image, "bench_rc4", bench_rc4);
    bench(m, image, "bench_xor", bench_xor);
    bench(m, image, "bench_lcg", bench_lcg);
    bench(m, image, "bench_crc32", NULL);
    arena_free(s.arena);
    arena_free(s.scratch);
    free(bytes);
    return 0;
}
