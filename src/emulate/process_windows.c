/* SPDX-License-Identifier: Apache-2.0
 * process_windows.c: what a Windows process has in memory that code reads without asking anybody:
 * TEB, PEB, loader data and the headers and export tables of loaded modules. Offsets: Microsoft's
 * public symbols for Windows 10 (TEB, PEB, PEB_LDR_DATA, LDR_DATA_TABLE_ENTRY), PE specification
 * 3.1-3.4, 5.3 (headers, export directory). */
#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "emulate/process_inner.h"

/* Bytes that are filled and then become a segment. */
typedef struct Area {
    uint8_t *at;
    uint64_t va, size;
    bool is_64;
} Area;

static void put(Area *area, uint64_t off, uint64_t value, unsigned bytes) {
    CHECK(off + bytes <= area->size);
    for (unsigned i = 0; i < bytes; i++)
        area->at[off + i] = (uint8_t)(value >> 8 * i);
}

static void put_word(Area *area, uint64_t off, uint64_t value) {
    put(area, off, value, area->is_64 ? 8 : 4);
}

static Area area_new(ProcessInner *in, uint64_t want, uint64_t size) {
    bool is_64 = in->p.image->bits == 64;
    return (Area){.at = ARENA_ARRAY(in->arena, uint8_t, size),
                  .va = process_place(in, want, size),
                  .size = size,
                  .is_64 = is_64};
}

/* ---- Modules ---- */

/* Headers with nothing but the export directory at `exports`. */
static void put_headers(Area *area, uint64_t exports, uint64_t exports_size) {
    enum { NT = 0x80, OPTIONAL = NT + 24 };
    put(area, 0, 0x5a4d, 2);
    put(area, 0x3c, NT, 4);
    put(area, NT, 0x4550, 4);
    put(area, NT + 4, area->is_64 ? 0x8664 : 0x14c, 2);
    put(area, NT + 20, area->is_64 ? 0xf0 : 0xe0, 2); /* SizeOfOptionalHeader */
    put(area, NT + 22, 0x2022, 2);                    /* DLL, executable */
    put(area, OPTIONAL, area->is_64 ? 0x20b : 0x10b, 2);
    put_word(area, OPTIONAL + (area->is_64 ? 24 : 28), area->va);
    put(area, OPTIONAL + 32, 0x1000, 4); /* SectionAlignment */
    put(area, OPTIONAL + 36, 0x200, 4);
    put(area, OPTIONAL + 56, MODULE_STRIDE, 4); /* SizeOfImage */
    put(area, OPTIONAL + 60, 0x400, 4);         /* SizeOfHeaders */
    uint64_t directories = OPTIONAL + (area->is_64 ? 112 : 96);
    put(area, directories - 4, 16, 4);
    put(area, directories, exports, 4);
    put(area, directories + 4, exports_size, 4);
}

/* Bytes of a module: headers, directory, three tables, names. */
static uint64_t module_size(const ApiNames *api, const ApiModule *module) {
    uint64_t size = 0x400 + 40 + 10 * (uint64_t)module->count + strlen(module->name) + 1;
    for (size_t i = 0; i < module->count; i++)
        size += api->names.at[module->first + i].size + 1u;
    return size;
}

static void add_module(ProcessInner *in, size_t index) {
    const ApiNames *api = in->api;
    const ApiModule *module = &api->modules[index];
    uint64_t size = module_size(api, module), n = module->count;
    CHECK(size <= MODULE_FUNCTIONS);
    Area area = {.at = ARENA_ARRAY(in->arena, uint8_t, size),
                 .va = process_module_va(in, index),
                 .size = size,
                 .is_64 = in->p.image->bits == 64};
    enum { DIRECTORY = 0x400, FUNCTIONS = DIRECTORY + 40 };
    uint64_t names = FUNCTIONS + 4 * n, ordinals = names + 4 * n, text = ordinals + 2 * n;
    put_headers(&area, DIRECTORY, size - DIRECTORY);
    put(&area, DIRECTORY + 16, 1, 4); /* ordinal base */
    put(&area, DIRECTORY + 20, n, 4);
    put(&area, DIRECTORY + 24, n, 4);
    put(&area, DIRECTORY + 28, FUNCTIONS, 4);
    put(&area, DIRECTORY + 32, names, 4);
    put(&area, DIRECTORY + 36, ordinals, 4);
    put(&area, DIRECTORY + 12, text, 4);
    memcpy(area.at + text, module->name, strlen(module->name));
    text += strlen(module->name) + 1;
    for (size_t i = 0; i < n; i++) {
        const ApiName *name = &api->names.at[module->first + i];
        put(&area, FUNCTIONS + 4 * i, MODULE_FUNCTIONS + FUNCTION_STRIDE * i, 4);
        put(&area, names + 4 * i, text, 4);
        put(&area, ordinals + 2 * i, i, 2);
        memcpy(area.at + text, name->at, name->size);
        text += name->size + 1u;
    }
    process_add_segment(in, area.va, size, (Bytes){area.at, size});
}

/* ---- The loader's lists ---- */

typedef struct Loaded {
    const char *name;
    uint64_t va;
} Loaded;

enum {
    LISTED_MODULES = 16, /* the program, then the first modules of the list of names */
    ENTRY_BYTES = 0x140,
    NAME_BYTES = 64
};

/* Where things lie in the area of the process. */
enum { PEB_OFF = 0, LDR_OFF = 0x1000, PARAMETERS_OFF = 0x1200, ENTRIES_OFF = 0x2000 };

static void put_unicode(Area *area, uint64_t off, uint64_t text, size_t chars) {
    put(area, off, 2 * chars, 2);
    put(area, off + 2, 2 * chars + 2, 2);
    put_word(area, off + (area->is_64 ? 8 : 4), area->va + text);
}

/* Doubly linked list: `count` entries in `order`, links at `link` of each entry, head at `head`. */
static void put_list(Area *area, uint64_t head, const uint8_t *order, size_t count, uint64_t link) {
    uint64_t word = area->is_64 ? 8 : 4;
    for (size_t i = 0; i <= count; i++) {
        uint64_t from = i ? ENTRIES_OFF + ENTRY_BYTES * (uint64_t)order[i - 1] + link : head;
        uint64_t to = i < count ? ENTRIES_OFF + ENTRY_BYTES * (uint64_t)order[i] + link : head;
        put_word(area, from, area->va + to);
        put_word(area, to + word, area->va + from);
    }
}

static void put_entry(Area *area, size_t index, const Loaded *module) {
    uint64_t word = area->is_64 ? 8 : 4, at = ENTRIES_OFF + ENTRY_BYTES * (uint64_t)index;
    uint64_t text = ENTRIES_OFF + ENTRY_BYTES * (uint64_t)LISTED_MODULES + 2 * NAME_BYTES * index;
    static const char directory[] = "C:\\Windows\\System32\\";
    size_t before = sizeof directory - 1, size = strlen(module->name);
    CHECK(before + size < NAME_BYTES);
    for (size_t i = 0; i < before; i++)
        put(area, text + 2 * i, (uint8_t)directory[i], 2);
    for (size_t i = 0; i < size; i++)
        put(area, text + 2 * (before + i), (uint8_t)module->name[i], 2);
    uint64_t base = at + 6 * word;
    put_word(area, base, module->va);
    put_word(area, base + word, module->va + MODULE_FUNCTIONS);
    put(area, base + 2 * word, MODULE_STRIDE, 4);
    put_unicode(area, base + 3 * word, text, before + size);
    put_unicode(area, base + 5 * word, text + 2 * before, size);
    put(area, base + 7 * word, 0x80004, 4); /* Flags: an image DLL whose entry was called */
    put(area, base + 7 * word + 4, 0xffff, 2);
}

/* As Windows 10 spells them; code that compares them as they are counts on it. */
static const char *loader_name(const char *module) {
    static const char *const names[] = {"KERNEL32.DLL", "ADVAPI32.dll", "USER32.dll", "GDI32.dll",
                                        "SHELL32.dll",  "WS2_32.dll",   "WININET.dll"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i], module) == 0)
            return names[i];
    return module;
}

static size_t list_modules(const ProcessInner *in, Loaded *out) {
    size_t n = 0;
    out[n++] = (Loaded){"program.exe", in->p.image->base};
    for (size_t i = 0; i < in->api->module_count && n < LISTED_MODULES; i++)
        out[n++] = (Loaded){loader_name(in->api->modules[i].name), process_module_va(in, i)};
    return n;
}

static void put_loader(Area *area, const ProcessInner *in) {
    uint64_t word = area->is_64 ? 8 : 4;
    Loaded modules[LISTED_MODULES];
    uint8_t order[LISTED_MODULES], no_program[LISTED_MODULES];
    size_t count = list_modules(in, modules);
    for (size_t i = 0; i < count; i++) {
        put_entry(area, i, &modules[i]);
        order[i] = (uint8_t)i;
        no_program[i] = (uint8_t)(i + 1);
    }
    put(area, LDR_OFF, area->is_64 ? 0x58 : 0x30, 4);
    put(area, LDR_OFF + 4, 1, 4);
    uint64_t heads = LDR_OFF + (area->is_64 ? 0x10 : 0x0c);
    put_list(area, heads, order, count, 0);
    put_list(area, heads + 2 * word, order, count, 2 * word);
    put_list(area, heads + 4 * word, no_program, count - 1, 4 * word);
}

/* ---- TEB, PEB ---- */

static void put_process(Area *area, const ProcessInner *in) {
    bool is_64 = area->is_64;
    put_word(area, PEB_OFF + (is_64 ? 0x10 : 0x08), in->p.image->base);
    put_word(area, PEB_OFF + (is_64 ? 0x18 : 0x0c), area->va + LDR_OFF);
    put_word(area, PEB_OFF + (is_64 ? 0x20 : 0x10), area->va + PARAMETERS_OFF);
    put_word(area, PEB_OFF + (is_64 ? 0x30 : 0x18), in->heap_start);
    put(area, PEB_OFF + (is_64 ? 0xb8 : 0x64), 4, 4);   /* processors */
    put(area, PEB_OFF + (is_64 ? 0x118 : 0xa4), 10, 4); /* version 10.0, build 19045 */
    put(area, PEB_OFF + (is_64 ? 0x120 : 0xac), 19045, 2);
}

static void put_thread(Area *area, const ProcessInner *in) {
    bool is_64 = area->is_64;
    uint64_t word = is_64 ? 8 : 4;
    put_word(area, 0, is_64 ? 0 : UINT32_MAX); /* exception list */
    put_word(area, word, in->p.stack_va + PROCESS_STACK_BYTES);
    put_word(area, 2 * word, in->p.stack_va);
    put_word(area, 6 * word, area->va); /* Self */
    put(area, is_64 ? 0x40 : 0x20, 0x1234, 4);
    put(area, is_64 ? 0x48 : 0x24, 0x1238, 4);
    /* Thread-local storage: every module's block is the same zeros. */
    put_word(area, is_64 ? 0x58 : 0x2c, area->va + 0x1800);
    for (unsigned i = 0; i < 64; i++)
        put_word(area, 0x1800 + i * word, in->data_va);
    put_word(area, is_64 ? 0x60 : 0x30, in->process_va);
}

void process_add_windows(ProcessInner *in) {
    uint64_t high = in->p.image->bits == 64 ? 0x7ff000000000 : 0;
    enum { THREAD_BYTES = 0x2000 };
    Area process = area_new(
        in, high + 0x13400000,
        ENTRIES_OFF + LISTED_MODULES * (uint64_t)(ENTRY_BYTES + 2 * NAME_BYTES) + PAGE_BYTES);
    in->process_va = process.va;
    put_process(&process, in);
    put_loader(&process, in);
    process_add_segment(in, process.va, process.size, (Bytes){process.at, process.size});
    Area thread = area_new(in, high + 0x13300000, THREAD_BYTES);
    in->thread_va = thread.va;
    put_thread(&thread, in);
    process_add_segment(in, thread.va, thread.size, (Bytes){thread.at, thread.size});
    for (size_t i = 0; i < in->api->module_count; i++)
        add_module(in, i);
}
