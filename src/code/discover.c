/* SPDX-License-Identifier: Apache-2.0
 * discover.c: areas, roots and the order of the stages. */
#include "code/discover.h"

#include <string.h>

Area *area_find(Discover *d, uint64_t va) {
    Area *a = d->last_area;
    if (a && va - a->va < a->size)
        return a;
    for (size_t low = 0, high = d->area_count; low < high;) {
        size_t mid = low + (high - low) / 2;
        a = &d->areas[mid];
        if (va < a->va) {
            high = mid;
        } else if (va - a->va >= a->size) {
            low = mid + 1;
        } else {
            d->last_area = a;
            return a;
        }
    }
    return NULL;
}

uint32_t root_find(const Discover *d, uint64_t va) {
    const uint64_t *at = map_find(&d->root_at, va);
    return at ? (uint32_t)*at : NO_ROOT;
}

bool in_image(const Discover *d, uint64_t va) {
    /* Page 0 is never mapped; without this every small number is an address of a raw image. */
    return va >= 0x1000 && image_find_segment(d->image, va) != NULL;
}

bool in_code_section(const Discover *d, uint64_t va) {
    const Image *image = d->image;
    bool has_sections = false;
    for (size_t i = 0; i < image->sections.count; i++) {
        const Section *s = &image->sections.at[i];
        if (!(s->perms & PERM_X) || s->size == 0)
            continue;
        if (va - s->va < s->va_size)
            return true;
        has_sections = true;
    }
    return !has_sections;
}

uint32_t range_find(const Discover *d, uint64_t va) {
    size_t low = 0, high = d->range_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (d->ranges[mid].va <= va)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0)
        return 0;
    const Range *r = &d->ranges[low - 1];
    return va - r->va < r->size ? (uint32_t)low : 0;
}

void ranges_merge(Discover *d, const Range *more, size_t count) {
    Range *all = ARENA_ARRAY(d->arena, Range, d->range_count + count);
    size_t n = 0, k = 0;
    for (size_t i = 0; i < count; i++) {
        while (k < d->range_count && d->ranges[k].va < more[i].va) {
            const Range *r = &d->ranges[k++];
            if (n == 0 || r->va >= all[n - 1].va + all[n - 1].size)
                all[n++] = *r;
        }
        while (k < d->range_count && d->ranges[k].va - more[i].va < more[i].size)
            k++;
        all[n++] = more[i];
    }
    while (k < d->range_count)
        all[n++] = d->ranges[k++];
    d->ranges = all;
    d->range_count = n;
    d->has_ranges = n > 0;
}

static bool is_weak(FunctionSource source) { return source >= FROM_CALL; }

uint32_t root_add(Discover *d, uint64_t va, FunctionSource source) {
    uint32_t index = root_find(d, va);
    if (index != NO_ROOT) {
        Root *r = &d->roots.at[index];
        if (source < r->source)
            r->source = (uint8_t)source;
        /* Cold parts are jumped to, never called, and nobody takes their address. */
        if (source == FROM_CALL || source == FROM_POINTER)
            r->flags &= (uint8_t)~ROOT_FRAGMENT;
        return r->flags & ROOT_BAD ? NO_ROOT : index;
    }
    Area *a = area_find(d, va);
    if (!a)
        return NO_ROOT;
    mode_settle(d, va);
    if ((va & (isa_at(d, a, va - a->va)->align - 1u)) != 0)
        return NO_ROOT;
    uint8_t *m = &a->map[va - a->va];
    if (map_is_inside(*m) && (is_weak(source) || *m == MAP_DATA))
        return NO_ROOT; /* inside an instruction or a table */
    if (is_weak(source) && is_label(d, a, va - a->va))
        return NO_ROOT;
    uint32_t range = range_find(d, va);
    bool at_start = range != 0 && d->ranges[range - 1].va == va;
    if (is_weak(source) && range != 0 && !at_start)
        return NO_ROOT;
    Root *r = VEC_ADD(d->arena, &d->roots);
    if (!r)
        return NO_ROOT;
    index = (uint32_t)(d->roots.count - 1);
    *r = (Root){.va = va, .source = (uint8_t)source, .range = at_start ? range : 0};
    if (!is_weak(source))
        r->flags |= ROOT_DECLARED;
    map_put(&d->root_at, va, index);
    *m = (uint8_t)(*m & MAP_LENGTH ? *m | MAP_LEADER | MAP_ROOT : MAP_PENDING);
    flow_add(d, va, index);
    return index;
}

static Bytes insn_bytes(const Area *a, size_t off) {
    enum { LONGEST = 15 };
    return bytes_clip((Bytes){a->bytes, a->size}, off, LONGEST);
}

bool insn_mode_at(const Discover *d, const Area *a, size_t off, bool is_thumb, Insn *out) {
    return decode_flow(d->decoder, insn_bytes(a, off), (a->va + off) | is_thumb, out);
}

bool insn_at(const Discover *d, const Area *a, size_t off, Insn *out) {
    return insn_mode_at(d, a, off, d->has_modes && mode_at(d, a, off), out);
}

bool insn_full_at(const Discover *d, const Area *a, size_t off, Insn *out) {
    uint64_t va = (a->va + off) | (d->has_modes && mode_at(d, a, off));
    return decode_full(d->decoder, insn_bytes(a, off), va, out);
}

size_t starts_list(const Discover *d, uint64_t *out) {
    size_t count = 0;
    for (size_t i = 0; i < d->roots.count; i++)
        if (!(d->roots.at[i].flags & (ROOT_BAD | ROOT_FRAGMENT)))
            out[count++] = d->roots.at[i].va;
    sort_u64(d->arena, out, count);
    return count;
}

bool discover_ask_late(Discover *d) {
    if (!d->late && sample_is_late(d->s))
        d->late = true;
    return d->late;
}

/* Eight bytes at a time: the highest bit of each byte of `free` tells that none of the bits of use
 * is set (Mycroft's test for a zero byte; what it reports above the first one may be wrong). */
size_t map_skip_used(const uint8_t *map, size_t off, size_t end) {
    const uint64_t ones = 0x0101010101010101u, bits = ones * (MAP_LENGTH | MAP_BODY);
    while (end - off >= 8) {
        uint64_t word;
        memcpy(&word, map + off, 8);
        word &= bits;
        if (((word - ones) & ~word & (ones << 7)) != 0)
            break;
        off += 8;
    }
    while (off < end && map_is_used(map[off]))
        off++;
    return off;
}

static void areas_init(Discover *d) {
    const Image *image = d->image;
    d->areas = ARENA_ARRAY(d->arena, Area, image->segments.count + 1);
    for (size_t i = 0; i < image->segments.count; i++) {
        const Segment *seg = &image->segments.at[i];
        if (!(seg->perms & PERM_X) || seg->file.size == 0)
            continue;
        Area *a = &d->areas[d->area_count++];
        *a = (Area){.va = seg->va, .size = seg->file.size, .bytes = seg->file.at};
        a->map = ARENA_ARRAY(d->arena, uint8_t, a->size);
        a->owner = ARENA_ARRAY(d->arena, uint32_t, (a->size >> OWNER_SHIFT) + 1);
    }
}

static void slots_init(Discover *d) {
    const Image *image = d->image;
    d->slot_import = map_new(d->arena, image->imports.count);
    for (size_t i = 0; i < image->imports.count; i++)
        if (image->imports.at[i].slot_va != 0)
            map_put(&d->slot_import, image->imports.at[i].slot_va, i + 1);
}

Discover *discover_image(Sample *s, const Image *image, const Decoder *decoder) {
    Discover *d = ARENA_NEW(s->scratch, Discover);
    *d = (Discover){.s = s, .image = image, .decoder = decoder, .arena = s->scratch};
    d->isa = isa_for_image(image);
    d->tracks = decode_has_track(decoder);
    d->ranges = image->ranges.at;
    d->range_count = image->ranges.count;
    d->has_ranges = d->range_count > 0;
    d->roots.max = MAX_FUNCTIONS;
    d->work.max = d->orphans.max = d->tables.max = MAX_BLOCKS;
    d->waiting.max = d->edges.max = d->code_refs.max = d->table_targets.max = MAX_XREFS;
    d->returning.max = MAX_FUNCTIONS;
    areas_init(d);
    for (size_t i = 0; i < d->area_count; i++)
        d->retry_left += d->areas[i].size;
    /* Limits against hostile files, far above what compilers make (guess). */
    d->entries_left = d->retry_left + 65536;
    d->gap_left = d->retry_left * 16;
    d->retry_left = d->retry_left * 4 + ((uint64_t)1 << 20);
    slots_init(d);
    d->root_at = map_new(d->arena, 1024);
    d->table_at = map_new(d->arena, 64);
    modes_init(d);
    declared_add(d);
    flow_drain(d);
    table_retry(d);
    /* What begins as functions do comes first: its jump tables and tails tell much about the rest.
     */
    static const int levels[] = {8, 4, 2, 0};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        /* What no prologue speaks for: the first bytes behind known code are a start more often
         * than what data points to, which may be a label of a function not seen yet. */
        if (levels[i] > 0)
            pointers_add(d, levels[i]);
        tails_add(d);
        gaps_add(d, levels[i]);
        table_retry(d);
        if (levels[i] == 0)
            pointers_add(d, 0);
        tails_add(d);
    }
    if (d->roots.full || d->work.full || d->edges.full || d->waiting.full)
        notes_add(&s->notes, NOTE_CODE_LIMIT, 0);
    return d;
}
