/* SPDX-License-Identifier: Apache-2.0
 * bench_contradict FILE...: contradictions of files alone (docs/evidence/contradictions.md), a line
 * each: kind, tab, file, tab, sentence; then how many files were PE, had a Rich header, a time, a
 * build path. No code is looked at beyond its functions, so that a corpus takes minutes. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "code/code.h"
#include "feature/extractors.h"
#include "judge/contradict.h"

typedef struct Counts {
    unsigned files, pe, rich, time, path;
} Counts;

static Bytes read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    Bytes b = {0};
    if (!f)
        return b;
    uint8_t *at = malloc(MAX_SAMPLE_BYTES);
    if (at)
        b = (Bytes){at, fread(at, 1, MAX_SAMPLE_BYTES, f)};
    fclose(f);
    return b;
}

static void look(const char *path, Bytes bytes, Counts *counts) {
    Sample s = {.bytes = bytes, .name = path};
    s.arena = arena_new((size_t)8 << 30);
    s.scratch = arena_new((size_t)8 << 30);
    digest_sha256(bytes, s.sha256);
    Features *f = ARENA_NEW(s.arena, Features);
    f->imports.max = MAX_IMPORTS;
    f->sections.max = MAX_SECTIONS;
    f->traits.max = MAX_TRAITS;
    const Image *image = image_from_sample(&s, NULL);
    const Code *code = ARENA_NEW(s.arena, Code);
    if (image->pe) {
        extract_image(&s, image, code, f);
        extract_traits(&s, image, code, f);
    }
    f->note_count = s.notes.count;
    memcpy(f->notes, s.notes.at, s.notes.count * sizeof *f->notes);
    ContradictionVec found = {0};
    contradict_file(f, (CaseDates){.today = (int64_t)time(NULL) * 1000}, s.arena, &found);
    bool has[TRAIT_KIND_COUNT] = {false};
    for (size_t i = 0; i < f->traits.count; i++)
        has[f->traits.at[i].kind] = true;
    counts->files++;
    counts->pe += image->pe != NULL;
    counts->rich += has[TRAIT_RICH];
    counts->time += has[TRAIT_COMPILE_TIME];
    counts->path += has[TRAIT_PDB_PATH];
    for (size_t i = 0; i < found.count; i++)
        printf("%s\t%s\t%s\n", contradiction_kind_name(found.at[i].kind), path,
               found.at[i].statement);
    arena_free(s.arena);
    arena_free(s.scratch);
}

int main(int argc, char **argv) {
    Counts counts = {0};
    digest_init();
    for (int i = 1; i < argc; i++) {
        Bytes bytes = read_file(argv[i]);
        look(argv[i], bytes, &counts);
        free((void *)(uintptr_t)bytes.at);
    }
    printf(
        "# %u files, %u PE, %u with a Rich header, %u with a compile time, %u with a build path\n",
        counts.files, counts.pe, counts.rich, counts.time, counts.path);
    return 0;
}
