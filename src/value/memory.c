/* SPDX-License-Identifier: Apache-2.0
 * memory.c: what stands at constant addresses: constants in read-only memory (literal pools, switch
 * tables), addresses that the loader puts into the offset table, imports. */
#include "value/build.h"

#include <string.h>

static uint64_t reloc_target(const Image *image, uint64_t va) {
    size_t low = 0, high = image->relocs.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (image->relocs.at[middle].va < va)
            low = middle + 1;
        else
            high = middle;
    }
    return low < image->relocs.count && image->relocs.at[low].va == va
               ? image->relocs.at[low].target
               : 0;
}

static bool is_in_got(const Image *image, uint64_t va) {
    for (size_t i = 0; i < image->sections.count; i++) {
        const Section *s = &image->sections.at[i];
        if (va >= s->va && va - s->va < s->va_size)
            return s->name && strncmp(s->name, ".got", 4) == 0;
    }
    return false;
}

static Value address_const(Graph *g, uint64_t va, unsigned bits) {
    Value v = graph_const(g, va, bits);
    g->nodes[v].flags |= NODE_ADDRESS;
    return v;
}

Value memory_const_load(Values *v, Graph *g, uint64_t va, unsigned bits) {
    const Image *image = v->context.image;
    unsigned word = v->context.abi.word_bytes * 8u;
    const uint64_t *import = map_find(&v->import_of_slot, va);
    if (import)
        return graph_node(g, (Node){.kind = VALUE_IMPORT, .bits = 64, .imm = *import});
    const Segment *segment = image_find_segment(image, va);
    if (!segment)
        return 0;
    uint64_t target = bits == word ? reloc_target(image, va) : 0;
    if (target && (!(segment->perms & PERM_W) || is_in_got(image, va)))
        return address_const(g, target, bits);
    if (bits == word && is_in_got(image, va) && image_word_at(image, va) &&
        image_find_segment(image, image_word_at(image, va)))
        return address_const(g, image_word_at(image, va), bits);
    if (segment->perms & PERM_W)
        return 0;
    Bytes at = image_bytes_at(image, va);
    if (!bytes_has(at, 0, bits / 8) || image->big_endian)
        return 0;
    switch (bits) {
    case 8:
        return graph_const(g, bytes_u8_at(at, 0), 32);
    case 16:
        return graph_const(g, bytes_u16_at(at, 0), 32);
    case 32:
        return graph_const(g, bytes_u32_at(at, 0), 32);
    default:
        return graph_const(g, bytes_u64_at(at, 0), 64);
    }
}

uint32_t memory_import_at(const Values *v, uint64_t va) {
    const Function *f = code_find_function(v->context.code, va);
    if (f && f->import)
        return f->import;
    const uint64_t *import = map_find(&v->import_of_slot, va); /* stubs stand in the same map */
    return import ? (uint32_t)*import : 0;
}
