/* SPDX-License-Identifier: Apache-2.0
 * values.c: what is made once per image for value analysis. */
#include <string.h>

#include "base/digest.h"
#include "value/build.h"

static uint64_t name_key(const char *name) {
    return hash64((Bytes){(const uint8_t *)name, strlen(name)});
}

/* Imports that the image itself exports: calls through the PLT to own functions. */
static void find_own_imports(Values *v, Arena *a) {
    const Image *image = v->context.image;
    Map exports = map_new(a, image->exports.count);
    for (size_t i = 0; i < image->exports.count; i++)
        if (image->exports.at[i].name && image->exports.at[i].is_code)
            map_put(&exports, name_key(image->exports.at[i].name), image->exports.at[i].va);
    for (size_t i = 0; i < image->imports.count; i++) {
        const char *name = image->imports.at[i].name;
        const uint64_t *va = name && name[0] ? map_find(&exports, name_key(name)) : NULL;
        if (va)
            map_put(&v->own_of_import, i + 1, *va);
    }
}

Values *values_for_image(Arena *a, const Image *image, const Code *code, Summaries *summaries) {
    const Lifter *lifter = code->decoder ? lifter_for_image(a, image, code->decoder) : NULL;
    if (!lifter)
        return NULL;
    Values *v = ARENA_NEW(a, Values);
    v->context =
        (BodyContext){.image = image, .code = code, .lifter = lifter, .abi = abi_for_image(image)};
    size_t count = code->functions.count + 1;
    v->context.pops = ARENA_ARRAY(a, uint16_t, count);
    memset(v->context.pops, 0xff, count * sizeof *v->context.pops);
    v->summaries = summaries ? summaries : summaries_new(a, code);
    v->ops = ARENA_ARRAY(a, IrOp, MAX_VALUE_OPS);
    v->offs = ARENA_ARRAY(a, uint32_t, MAX_VALUE_OPS);
    v->callee_ops = ARENA_ARRAY(a, IrOp, MAX_VALUE_OPS);
    v->import_of_slot = map_new(a, 2 * image->imports.count);
    v->own_of_import = map_new(a, 16);
    for (size_t i = 0; i < image->imports.count; i++) {
        if (image->imports.at[i].slot_va)
            map_put(&v->import_of_slot, image->imports.at[i].slot_va, i + 1);
        if (image->imports.at[i].stub_va)
            map_put(&v->import_of_slot, image->imports.at[i].stub_va, i + 1);
    }
    find_own_imports(v, a);
    return v;
}
