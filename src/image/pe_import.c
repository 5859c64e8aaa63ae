/* SPDX-License-Identifier: Apache-2.0
 * pe_import.c: imports (normal, delay-load, bound) and exports. PE specification 5.8, 6.3, 6.4. */
#include "image/pe.h"

enum {
    DESCRIPTOR_BYTES = 20,
    DELAY_BYTES = 32,
    BAD_NAMES = 32 /* a table with more is no table; small tables of real files have none (guess) */
};

typedef struct Thunks {
    const char *module;
    uint64_t names_rva; /* where the names are listed */
    uint64_t slots_rva; /* what the loader fills */
    uint64_t name_bias; /* taken off name addresses: 0, or the base where they are no rvas */
    ImportKind kind;
} Thunks;

static const char *name_at(const Pe *pe, uint64_t rva) {
    const char *name = text_in(pe_at(pe, rva));
    return text_is_name(name) ? name : NULL;
}

/* One DLL's list. Returns false when the import list is full. */
static bool read_thunks(Pe *pe, const Thunks *t) {
    Bytes names = pe_at(pe, t->names_rva);
    unsigned width = pe->is_64 ? 8 : 4, bad = 0;
    uint64_t by_ordinal = pe->is_64 ? (uint64_t)1 << 63 : (uint64_t)1 << 31;
    for (uint64_t i = 0; bad < BAD_NAMES; i++) {
        if (!bytes_has(names, i * width, width)) {
            pe_note(pe, NOTE_IMPORT_ODD, t->names_rva);
            return true;
        }
        uint64_t thunk =
            pe->is_64 ? bytes_u64_at(names, i * width) : bytes_u32_at(names, i * width);
        if (thunk == 0)
            return true;
        const char *name = "";
        if (!(thunk & by_ordinal))
            name = name_at(pe, thunk - t->name_bias + 2); /* past the hint */
        if (!name) {
            pe_note(pe, NOTE_IMPORT_ODD, t->names_rva + i * width);
            bad++;
            continue;
        }
        Import *import = VEC_ADD(pe->s->arena, &pe->image->imports);
        if (!import) {
            pe_note(pe, NOTE_TOO_MANY, t->names_rva);
            return false;
        }
        *import = (Import){.module = t->module,
                           .name = name,
                           .ordinal = *name ? 0 : (uint32_t)(thunk & 0xffff),
                           .slot_va = pe->image->base + t->slots_rva + i * width,
                           .kind = t->kind};
    }
    return true;
}

/* True when the list starts with an ordinal or with the place of a name. */
static bool is_name_list(const Pe *pe, uint64_t rva) {
    Bytes at = pe_at(pe, rva);
    uint64_t first = pe->is_64 ? bytes_u64_at(at, 0) : bytes_u32_at(at, 0);
    if (first >> (pe->is_64 ? 63 : 31))
        return true;
    return first != 0 && name_at(pe, first + 2) != NULL;
}

void pe_read_imports(Pe *pe) {
    uint64_t rva = pe->directory[PE_DIR_IMPORT].rva;
    Bytes table = pe_at(pe, rva);
    if (rva == 0)
        return;
    if (table.size < DESCRIPTOR_BYTES)
        pe_note(pe, NOTE_IMPORT_ODD, rva);
    for (uint32_t i = 0;; i++) {
        Bytes d = bytes_cut(table, (uint64_t)i * DESCRIPTOR_BYTES, DESCRIPTOR_BYTES);
        uint32_t names = bytes_u32_at(d, 0), module = bytes_u32_at(d, 12);
        uint32_t slots = bytes_u32_at(d, 16);
        if (module == 0 || slots == 0) /* where the loader stops, too */
            return;
        if (i == MAX_IMPORT_MODULES) {
            pe_note(pe, NOTE_TOO_MANY, rva);
            return;
        }
        const char *name = name_at(pe, module);
        if (!name) {
            pe_note(pe, NOTE_IMPORT_ODD, rva + (uint64_t)i * DESCRIPTOR_BYTES);
            continue;
        }
        /* Old linkers (Borland) write no name list, and packers leave a stale one: the slots hold
         * the names until the loader overwrites them. */
        bool use_names = names != 0 && is_name_list(pe, names);
        Thunks t = {.module = name, .names_rva = use_names ? names : slots, .slots_rva = slots};
        if (!read_thunks(pe, &t))
            return;
    }
}

/* Delay-load descriptors, 5.8.1. Attribute bit 0: fields are rvas; old ones (Visual C++ 6) hold
 * addresses. */
void pe_read_delay_imports(Pe *pe) {
    uint64_t rva = pe->directory[PE_DIR_DELAY_IMPORT].rva;
    Bytes table = pe_at(pe, rva);
    if (rva == 0)
        return;
    if (table.size < DELAY_BYTES)
        pe_note(pe, NOTE_IMPORT_ODD, rva);
    for (uint32_t i = 0; i < MAX_IMPORT_MODULES; i++) {
        Bytes d = bytes_cut(table, (uint64_t)i * DELAY_BYTES, DELAY_BYTES);
        uint64_t bias = bytes_u32_at(d, 0) & 1 ? 0 : pe->image->base;
        uint32_t module = bytes_u32_at(d, 4), slots = bytes_u32_at(d, 12);
        uint32_t names = bytes_u32_at(d, 16);
        if (module == 0)
            return;
        const char *name = name_at(pe, module - bias);
        if (!name || names == 0) {
            pe_note(pe, NOTE_IMPORT_ODD, rva + (uint64_t)i * DELAY_BYTES);
            continue;
        }
        Thunks t = {.module = name,
                    .names_rva = names - bias,
                    .slots_rva = slots - bias,
                    .name_bias = bias,
                    .kind = IMPORT_DELAY};
        if (!read_thunks(pe, &t))
            return;
    }
    pe_note(pe, NOTE_TOO_MANY, rva);
}

void pe_read_bound_imports(Pe *pe) {
    PeDirectory dir = pe->directory[PE_DIR_BOUND_IMPORT];
    if (dir.rva == 0 || dir.size == 0)
        return;
    pe->info->has_bound_imports = true;
    pe_note(pe, NOTE_BOUND_IMPORTS, dir.rva);
}

typedef struct ExportTable {
    PeDirectory dir;
    uint64_t base;     /* first ordinal */
    Bytes functions;   /* rvas, by ordinal */
    uint32_t count;    /* of functions */
    uint8_t *is_named; /* by function: was listed by name */
} ExportTable;

/* Returns false when the list is full. */
static bool add_export(Pe *pe, const ExportTable *t, uint32_t index, const char *name) {
    uint32_t rva = bytes_u32_at(t->functions, (uint64_t)index * 4);
    if (rva == 0) /* a hole between ordinals */
        return true;
    Export *e = VEC_ADD(pe->s->arena, &pe->image->exports);
    if (!e) {
        pe_note(pe, NOTE_TOO_MANY, t->dir.rva);
        return false;
    }
    *e = (Export){.name = name, .ordinal = (uint32_t)(t->base + index)};
    if (rva - t->dir.rva < t->dir.size) { /* an address inside of the table is a forwarder's text */
        e->forwarder = name_at(pe, rva);
        if (e->forwarder)
            return true;
        pe_note(pe, NOTE_EXPORT_ODD, t->dir.rva);
    }
    e->va = pe->image->base + rva;
    e->is_code = image_is_code(pe->image, e->va);
    if (!image_find_segment(pe->image, e->va))
        pe_note(pe, NOTE_EXPORT_ODD, t->dir.rva);
    return true;
}

static bool add_named_exports(Pe *pe, ExportTable *t, Bytes names, Bytes ordinals, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = bytes_u16_at(ordinals, (uint64_t)i * 2);
        uint32_t name_rva = bytes_u32_at(names, (uint64_t)i * 4);
        const char *name = text_in(pe_at(pe, name_rva));
        if (!name || index >= t->count) {
            pe_note(pe, NOTE_EXPORT_ODD, t->dir.rva);
            continue;
        }
        t->is_named[index] = 1;
        if (!add_export(pe, t, index, name))
            return false;
    }
    return true;
}

/* How many items of a declared list can be there at all; more is noted. */
static uint32_t list_count(Pe *pe, uint32_t declared, Bytes list, unsigned item_bytes) {
    size_t most = list.size / item_bytes;
    if (declared <= most && declared <= MAX_EXPORTS)
        return declared;
    pe_note(pe, declared > MAX_EXPORTS ? NOTE_TOO_MANY : NOTE_EXPORT_ODD,
            pe->directory[PE_DIR_EXPORT].rva);
    return (uint32_t)(most < MAX_EXPORTS ? most : MAX_EXPORTS);
}

void pe_read_exports(Pe *pe) {
    PeDirectory dir = pe->directory[PE_DIR_EXPORT];
    if (dir.rva == 0)
        return;
    Bytes d = pe_clip(pe, dir.rva, 40);
    if (d.size < 40) {
        pe_note(pe, NOTE_EXPORT_ODD, dir.rva);
        return;
    }
    pe->info->export_timestamp = bytes_u32_at(d, 4);
    pe->info->export_name = name_at(pe, bytes_u32_at(d, 12));
    ExportTable t = {.dir = dir, .base = bytes_u32_at(d, 16)};
    t.functions = pe_at(pe, bytes_u32_at(d, 28));
    t.count = list_count(pe, bytes_u32_at(d, 20), t.functions, 4);
    Bytes names = pe_at(pe, bytes_u32_at(d, 32)), ordinals = pe_at(pe, bytes_u32_at(d, 36));
    uint32_t name_count = list_count(pe, bytes_u32_at(d, 24), names, 4);
    name_count = list_count(pe, name_count, ordinals, 2);
    ArenaMark mark = arena_mark(pe->s->scratch);
    t.is_named = ARENA_ARRAY(pe->s->scratch, uint8_t, t.count);
    bool more = add_named_exports(pe, &t, names, ordinals, name_count);
    for (uint32_t i = 0; more && i < t.count; i++)
        if (!t.is_named[i])
            more = add_export(pe, &t, i, "");
    arena_reset(pe->s->scratch, mark);
}
