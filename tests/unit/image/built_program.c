/* SPDX-License-Identifier: Apache-2.0
 * built_program.c: compiled with the tests; test_elf.c compares what is read with what stands here.
 */
#include <stdio.h>
#include <stdlib.h>

const char built_text[] = "one of a kind";
unsigned long built_work(unsigned long v);
unsigned long (*const built_table[2])(unsigned long) = {built_work, built_work};
static volatile unsigned long sink;

__attribute__((constructor)) static void built_before_main(void) { sink = 1; }
__attribute__((destructor)) static void built_after_main(void) { sink = 2; }

__attribute__((noinline)) unsigned long built_work(unsigned long v) {
    for (unsigned i = 0; i < 16; i++)
        v = v * 33 ^ sink;
    return v;
}

int main(int argc, char **argv) {
    unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 0) : 7;
    printf("%s %lu\n", built_text, built_table[n & 1](n));
    return 0;
}
