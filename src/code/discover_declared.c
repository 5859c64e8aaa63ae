/* SPDX-License-Identifier: Apache-2.0
 * discover_declared.c: what the file itself declares as the start of a function. */
#include <string.h>

#include "base/digest.h"
#include "code/discover.h"

static void name_set(Discover *d, uint32_t root, const char *name) {
    if (root != NO_ROOT && name && name[0] && !d->roots.at[root].name) {
        d->roots.at[root].name = name;
        if (import_is_no_return(name))
            d->roots.at[root].flags |= ROOT_NO_RETURN;
    }
}

/* Shared objects call their own exports through stubs, too: such a stub returns when the export
 * does. */
static void imports_add(Discover *d) {
    const Image *image = d->image;
    Map exports = map_new(d->arena, image->exports.count);
    for (size_t i = 0; i < image->exports.count; i++) {
        const Export *e = &image->exports.at[i];
        if (e->is_code && e->name[0])
            map_put(&exports, hash64((Bytes){(const uint8_t *)e->name, strlen(e->name)}), i);
    }
    for (size_t i = 0; i < image->imports.count; i++) {
        const Import *import = &image->imports.at[i];
        uint32_t root = import->stub_va ? root_add(d, import->stub_va, FROM_SYMBOL) : NO_ROOT;
        if (root == NO_ROOT)
            continue;
        d->roots.at[root].import = (uint32_t)i + 1;
        if (import_is_no_return(import->name)) {
            d->roots.at[root].flags |= ROOT_NO_RETURN;
            continue;
        }
        const uint64_t *own = map_find(
            &exports, hash64((Bytes){(const uint8_t *)import->name, strlen(import->name)}));
        uint32_t other = own ? root_add(d, image->exports.at[*own].va, FROM_EXPORT) : NO_ROOT;
        if (other != NO_ROOT)
            root_depends(d, root, other);
        else
            root_returns(d, root);
    }
}

static void symbols_add(Discover *d) {
    const Image *image = d->image;
    for (size_t i = 0; i < image->exports.count; i++) {
        const Export *e = &image->exports.at[i];
        if (!e->is_code || e->forwarder)
            continue;
        /* Exported data in a code segment is rare, and reads badly. */
        if (plausible_score(d, e->va) < 0)
            continue;
        name_set(d, root_add(d, e->va, FROM_EXPORT), e->name);
    }
    for (size_t i = 0; i < image->symbols.count; i++) {
        const Symbol *symbol = &image->symbols.at[i];
        if (symbol->kind == SYMBOL_FUNCTION && area_find(d, symbol->va))
            name_set(d, root_add(d, symbol->va, FROM_SYMBOL), symbol->name);
    }
}

/* GCC puts a prologue that may be patched before what the unwind data describes. */
static bool is_behind_hook(Discover *d, uint64_t va) {
    const Area *a = area_find(d, va);
    size_t off = a ? va - a->va : 0, size = d->isa->hook_size;
    return size != 0 && off >= size && memcmp(a->bytes + off - size, d->isa->hook, size) == 0;
}

/* Unwind data of ARM64 PE may begin where a function saves registers late, behind a first test:
 * what lies before goes on into it. */
static bool is_fallen_into(Discover *d, const Range *r) {
    const Area *a = area_find(d, r->va);
    size_t off = a ? r->va - a->va : 0, step = d->isa->align;
    Insn in;
    if (!d->isa->is_dense || r->source != RANGE_PDATA || off < step ||
        filler_at(d, a, off - step, step) > 0 || !insn_at(d, a, off - step, &in))
        return false;
    return in.length == step && (in.flow == FLOW_NEXT || in.flow == FLOW_BRANCH);
}

static void ranges_add(Discover *d) {
    for (size_t i = 0; i < d->image->ranges.count; i++) {
        const Range *r = &d->image->ranges.at[i];
        uint32_t kept = range_find(d, r->va); /* Go's table wins over what overlaps it */
        if (r->size == 0 || kept == 0 || d->ranges[kept - 1].va != r->va)
            continue;
        uint32_t root = root_add(d, r->va, r->source == RANGE_PDATA ? FROM_PDATA : FROM_EH_FRAME);
        bool behind_hook = r->source == RANGE_EH_FRAME && is_behind_hook(d, r->va);
        if (root != NO_ROOT && (r->is_fragment || behind_hook || is_fallen_into(d, r)))
            d->roots.at[root].flags |= ROOT_FRAGMENT;
        if (behind_hook)
            root_add(d, r->va - d->isa->hook_size, FROM_EH_FRAME);
    }
}

static FunctionSource source_of(StartSource source) {
    switch (source) {
    case START_ENTRY:
        return FROM_ENTRY;
    case START_TLS:
        return FROM_TLS;
    case START_INIT:
        return FROM_INIT;
    case START_CFGUARD:
        return FROM_CFGUARD;
    case START_SEH:
        return FROM_SEH;
    case START_UNWIND:
        return FROM_EXIDX;
    }
    return FROM_ENTRY;
}

/* The unwind index may begin a function with the filler before it. */
static size_t filler_before(Discover *d, uint64_t va) {
    enum { LONGEST = 32 };
    const Area *a = area_find(d, va);
    size_t off = a ? va - a->va : 0, left = a ? a->size - off : 0;
    size_t size = a ? filler_at(d, a, off, left < LONGEST ? left : LONGEST) : 0;
    return size < LONGEST ? size : 0;
}

void declared_add(Discover *d) {
    go_add(d); /* first: it adds to the declared ranges */
    if (d->image->has_entry)
        root_add(d, d->image->entry, FROM_ENTRY);
    imports_add(d);
    symbols_add(d);
    ranges_add(d);
    for (size_t i = 0; i < d->image->starts.count; i++) {
        const Start *start = &d->image->starts.at[i];
        uint64_t va = start->va;
        if (start->source == START_UNWIND)
            va += filler_before(d, va);
        root_add(d, va, source_of(start->source));
    }
}
