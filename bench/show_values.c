/* SPDX-License-Identifier: Apache-2.0
 * show_values FILE [NAME...]: the effects of functions as value analysis sees them; for those who
 * work on src/value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "read_file.h"
#include "value/gene.h"
#include "value/show.h"

static void show(Values *v, Genes *genes, const Function *f, Arena *scratch) {
    ArenaMark mark = arena_mark(scratch);
    const ValueFunction *values = values_from_function(v, f, scratch);
    uint64_t *out = ARENA_ARRAY(scratch, uint64_t, MAX_FUNCTION_GENES);
    size_t n = genes_from_values(genes, values, scratch, out, MAX_FUNCTION_GENES);
    printf("== %s %llx: %u blocks, %u instructions, %u nodes, %zu effects, %zu genes\n",
           f->name ? f->name : "?", (unsigned long long)f->va, f->block_count, f->instruction_count,
           values->graph.count, values->effects.count, n);
    for (size_t i = 0; i < values->effects.count; i++) {
        Text t = text_new(1 << 16);
        show_effect(v, values, &values->effects.at[i], &t);
        printf("  b%u%s  %s\n", values->effects.at[i].block,
               values->effects.at[i].in_loop ? "*" : "", text_str(&t));
        text_free(&t);
    }
    arena_reset(scratch, mark);
}

int main(int argc, char **argv) {
    Text bytes = text_new((size_t)1 << 30);
    if (argc < 2 || !read_file(argv[1], &bytes))
        return 2;
    digest_init();
    Sample s = {.bytes = {(const uint8_t *)bytes.at, bytes.size}, .name = argv[1]};
    s.arena = arena_new((size_t)1 << 32);
    s.scratch = arena_new((size_t)1 << 32);
    Image *image = image_from_sample(&s, NULL);
    Code *code = code_from_image(&s, image);
    Values *v = values_for_image(s.arena, image, code, NULL);
    Genes *genes = genes_for_image(s.arena, image, code);
    for (size_t i = 0; v && i < code->functions.count; i++) {
        const Function *f = &code->functions.at[i];
        bool wanted = argc == 2;
        for (int k = 2; k < argc; k++)
            wanted |= f->name && strcmp(f->name, argv[k]) == 0;
        if (wanted)
            show(v, genes, f, s.scratch);
    }
    return 0;
}
