/* SPDX-License-Identifier: Apache-2.0 */
#include "value/address.h"

#include <string.h>

#include "base/digest.h"

enum {
    /* Nothing is mapped below it (vm.mmap_min_addr of Linux, the null area of Windows): images
     * linked for lower addresses are relocatable, and their code holds no absolute ones. */
    LOWEST_ADDRESS = 0x10000,
    LEAST_TEXT = 4,  /* characters; shorter text says little and is often chance (guess) */
    MOST_TEXT = 256, /* characters that are hashed */
    DATA_BYTES =
        16, /* bytes of read-only data that are hashed: the start of an S-box or CRC table */
    CACHE_BITS = 12,
    LEAST_DISTINCT = 4 /* different bytes among them, so that zeros and ones say nothing (guess) */
};

/* va * 2 + is_address and its label; key 0: free (address 0 of a number is none). */
typedef struct Cached {
    uint64_t key, label;
} Cached;

struct Addresses {
    const Image *image;
    const Code *code;
    Cached *known; /* the last label for each place of the cache */
};

Addresses *addresses_for_image(Arena *a, const Image *image, const Code *code) {
    Addresses *x = ARENA_NEW(a, Addresses);
    *x = (Addresses){
        .image = image, .code = code, .known = ARENA_ARRAY(a, Cached, (size_t)1 << CACHE_BITS)};
    return x;
}

static uint64_t label_of(uint64_t hash, AddressKind kind) { return (hash & ~(uint64_t)7) | kind; }

static bool is_text(uint8_t c) {
    return (c >= 0x20 && c < 0x7f) || (c >= 9 && c <= 13) || c >= 0x80;
}

/* Label of NUL-terminated text of characters of `step` bytes, or 0. */
static uint64_t text_label(Bytes at, unsigned step) {
    uint8_t text[MOST_TEXT];
    size_t n = 0, high = 0;
    for (size_t i = 0; i < MOST_TEXT; i++) {
        if (!bytes_has(at, i * step, step))
            return 0;
        uint8_t c = at.at[i * step];
        for (unsigned k = 1; k < step; k++)
            if (at.at[i * step + k] != 0)
                return 0;
        if (c == 0)
            break;
        if (!is_text(c) || (step > 1 && c >= 0x80))
            return 0;
        high += c >= 0x80;
        text[n++] = c;
    }
    if (n < LEAST_TEXT || high * 2 > n)
        return 0;
    return label_of(hash64((Bytes){text, n}), ADDRESS_STRING);
}

static uint64_t data_label(const Image *image, Bytes at, uint64_t va) {
    if (!bytes_has(at, 0, DATA_BYTES))
        return 0;
    size_t low = 0, high = image->relocs.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (image->relocs.at[middle].va < va)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < image->relocs.count && image->relocs.at[low].va < va + DATA_BYTES)
        return 0; /* pointers */
    bool seen[256] = {false};
    unsigned distinct = 0;
    for (unsigned i = 0; i < DATA_BYTES; i++) {
        distinct += !seen[at.at[i]];
        seen[at.at[i]] = true;
    }
    return distinct < LEAST_DISTINCT
               ? 0
               : label_of(hash64(bytes_clip(at, 0, DATA_BYTES)), ADDRESS_DATA);
}

static uint64_t find_label(const Addresses *x, uint64_t va, bool is_address) {
    const Image *image = x->image;
    if (!is_address && (va < LOWEST_ADDRESS || image->base < LOWEST_ADDRESS ||
                        ((va & 0xffff) == 0 && va != image->base)))
        return 0;
    const Segment *segment = image_find_segment(image, va);
    if (!segment)
        return is_address ? label_of(0, ADDRESS_GLOBAL) : 0;
    bool is_thumb = image->arch == ARCH_ARM && (va & 1); /* a pointer to Thumb code */
    if (code_find_function(x->code, is_thumb ? va - 1 : va))
        return label_of(0, ADDRESS_FUNCTION);
    if (segment->perms & PERM_W)
        return label_of(0, ADDRESS_GLOBAL);
    Bytes at = image_bytes_at(image, va);
    uint64_t label = text_label(at, 1);
    label = label ? label : text_label(at, 2);
    label = label ? label : text_label(at, 4);
    if (!label && !(segment->perms & PERM_X))
        label = data_label(image, at, va);
    if (label)
        return label;
    return label_of(0, segment->perms & PERM_X ? ADDRESS_CODE : ADDRESS_GLOBAL);
}

uint64_t addresses_label(Addresses *x, uint64_t va, bool is_address) {
    uint64_t key = va << 1 | is_address;
    Cached *known = &x->known[mix64(key) >> (64 - CACHE_BITS)];
    if (known->key == key)
        return known->label;
    uint64_t label = find_label(x, va, is_address);
    *known = (Cached){.key = key, .label = label};
    return label;
}

uint64_t addresses_import_label(const Addresses *x, uint32_t import) {
    if (import == 0 || import > x->image->imports.count)
        return 0;
    const Import *i = &x->image->imports.at[import - 1];
    bool by_name = i->name && i->name[0];
    const char *name = by_name ? i->name : i->module ? i->module : "";
    uint64_t hash = hash64((Bytes){(const uint8_t *)name, strlen(name)});
    return label_of(mix64(hash + (by_name ? 0 : i->ordinal + 1ULL)), ADDRESS_IMPORT);
}
