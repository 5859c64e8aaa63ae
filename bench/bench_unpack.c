/* SPDX-License-Identifier: Apache-2.0
 * bench_unpack FILE [OUT]: unpacks one program as the engine does and prints how it went as CSV:
 * end, steps, milliseconds of processor time, bytes, imports, whether the program's own headers
 * were found. OUT gets the file that was made. bench/unpacking.py is its user. */
#include <stdio.h>
#include <time.h>

#include "read_file.h"
#include "unwrap/unpack.h"

static double processor_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
    Text file = text_new((size_t)1 << 29);
    if (argc < 2 || !read_file(argv[1], &file)) {
        fprintf(stderr, "usage: bench_unpack FILE [OUT]\n");
        return 2;
    }
    Sample s = {.bytes = {(const uint8_t *)file.at, file.size}, .name = argv[1]};
    s.arena = arena_new((size_t)1 << 31);
    s.scratch = arena_new((size_t)1 << 31);
    const Image *image = image_from_sample(&s, NULL);
    const Code *code = code_from_image(&s, image);
    double before = processor_ms();
    Unpacked *u = unpack_open(&s, image, code, true);
    double after = processor_ms();
    if (!u)
        return 1;
    printf("%d,%llu,%.1f,%zu,%zu,%d,%s\n", (int)u->end, (unsigned long long)u->steps,
           after - before, u->file.size, u->imports, u->has_own_headers,
           u->called ? u->called : "");
    FILE *f = argc > 2 ? fopen(argv[2], "wb") : NULL;
    int bad = f && fwrite(u->file.at, 1, u->file.size, f) != u->file.size;
    if (f)
        bad |= fclose(f);
    unpack_close(u);
    arena_free(s.arena);
    arena_free(s.scratch);
    text_free(&file);
    return bad;
}
