/* SPDX-License-Identifier: Apache-2.0
 * process.c: making a process: where things lie, stubs, memory that code asks for. Running:
 * process_run.c. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/digest.h"
#include "emulate/process_inner.h"

enum {
    TLS_BYTES = 0x10000, /* System V: the thread pointer stands in the middle */
    DATA_BYTES = 0x4000,
    ALLOC_BYTES = 0x3000000, /* of process_alloc, with the gaps */
    MAX_ADDED_SEGMENTS = MAX_API_MODULES + 8
};

static bool is_used(const ProcessInner *in, uint64_t va, uint64_t size) {
    for (size_t i = 0; i < in->view->segments.count; i++) {
        const Segment *s = &in->view->segments.at[i];
        if (s->va_size && s->va < va + size && va < s->va + s->va_size)
            return true;
    }
    return false;
}

static bool is_placed(const ProcessInner *in, uint64_t va, uint64_t size) {
    for (size_t i = 0; i < in->place_count; i++)
        if (in->places[i].va < va + size && va < in->places[i].va + in->places[i].size)
            return true;
    return false;
}

uint64_t process_place(ProcessInner *in, uint64_t want, uint64_t size) {
    uint64_t mask = in->p.image->bits == 64 ? UINT64_MAX : UINT32_MAX;
    CHECK(in->place_count < MAX_PLACES);
    MemoryRegion *place = &in->places[in->place_count++];
    *place = (MemoryRegion){0};
    size = (size + 0xffff) & ~(uint64_t)0xffff;
    uint64_t step = (size + 0x00ffffff) & ~(uint64_t)0x00ffffff;
    /* An image has at most MAX_SEGMENTS parts; one that covers everything gets what is asked for.
     */
    uint64_t va = want;
    for (unsigned i = 0; i < 256; i++) {
        va = (want + i * step) & mask;
        if (va >= 0x10000 && va <= mask - size && !is_used(in, va, size) &&
            !is_placed(in, va, size))
            break;
        va = want;
    }
    *place = (MemoryRegion){va, size};
    return va;
}

static int compare_segments(const void *a, const void *b) {
    const Segment *x = a, *y = b;
    return (x->va > y->va) - (x->va < y->va);
}

void process_add_segment(ProcessInner *in, uint64_t va, uint64_t size, Bytes file) {
    if (is_used(in, va, size))
        return; /* an image that covers everything: without this part */
    Segment *s = VEC_ADD(in->arena, &in->view->segments);
    CHECK(s);
    *s = (Segment){.va = va, .va_size = size, .file = file, .perms = PERM_R | PERM_W};
}

static void copy_segments(ProcessInner *in, const Image *image) {
    in->view = ARENA_NEW(in->arena, Image);
    *in->view = *image;
    memset(&in->view->segments, 0, sizeof in->view->segments);
    in->view->segments.max = image->segments.count + MAX_ADDED_SEGMENTS;
    for (size_t i = 0; i < image->segments.count; i++)
        *VEC_ADD(in->arena, &in->view->segments) = image->segments.at[i];
}

/* ---- Stubs ---- */

static uint64_t name_key(Bytes name) { return hash64(name); }

const Model *model_find(const ProcessInner *in, Bytes name) {
    const uint64_t *place = map_find(&in->models, name_key(name));
    if (!place)
        return NULL;
    const Model *model = &MODELS[*place - 1];
    return strlen(model->name) == name.size && memcmp(model->name, name.at, name.size) == 0 ? model
                                                                                            : NULL;
}

static Bytes bytes_of(const char *text) { return (Bytes){(const uint8_t *)text, strlen(text)}; }

static uint64_t add_stub(ProcessInner *in, const char *module, Bytes name) {
    uint64_t va = in->stubs_va + FUNCTION_STRIDE * (uint64_t)in->stubs.count;
    Stub *stub = VEC_ADD(in->arena, &in->stubs);
    if (!stub)
        return 0;
    size_t known = in->is_pe ? api_names_find_any(in->api, name, NULL) : NO_API;
    *stub = (Stub){.module = module,
                   .name = arena_text(in->arena, name),
                   .model = model_find(in, name),
                   .pops = known == NO_API ? 0 : in->api->names.at[known].pops};
    return va;
}

uint64_t process_module_va(const ProcessInner *in, size_t module) {
    return in->modules_va + MODULE_STRIDE * (uint64_t)module;
}

static uint64_t export_va(const ProcessInner *in, size_t module, size_t name) {
    return process_module_va(in, module) + MODULE_FUNCTIONS +
           FUNCTION_STRIDE * (uint64_t)(name - in->api->modules[module].first);
}

uint64_t process_stub_for(ProcessInner *in, const char *module, Bytes name) {
    if (in->is_pe && name.size) {
        size_t m = api_names_find_module(in->api, bytes_of(module));
        size_t n = m == NO_API ? NO_API : api_names_find(in->api, &in->api->modules[m], name);
        if (n == NO_API)
            n = api_names_find_any(in->api, name, &m);
        if (n != NO_API)
            return export_va(in, m, n);
    }
    for (size_t i = 0; i < in->stubs.count; i++)
        if (in->stubs.count - i <= 64 && strlen(in->stubs.at[i].name) == name.size && name.size &&
            memcmp(in->stubs.at[i].name, name.at, name.size) == 0)
            return in->stubs_va + FUNCTION_STRIDE * (uint64_t)i;
    return add_stub(in, module, name);
}

bool process_stub_at(const ProcessInner *in, uint64_t va, Stub *out) {
    uint64_t off = va - in->stubs_va;
    if (off < FUNCTION_STRIDE * (uint64_t)in->stubs.count) {
        *out = in->stubs.at[off / FUNCTION_STRIDE];
        return true;
    }
    if (!in->api)
        return false;
    size_t module = (size_t)((va - in->modules_va) / MODULE_STRIDE);
    off = (va - in->modules_va) % MODULE_STRIDE;
    if (module >= in->api->module_count || off < MODULE_FUNCTIONS)
        return false;
    size_t index = (size_t)(off - MODULE_FUNCTIONS) / FUNCTION_STRIDE;
    if (index >= in->api->modules[module].count)
        return false;
    const ApiName *name = &in->api->names.at[in->api->modules[module].first + index];
    *out = (Stub){.module = in->api->modules[module].name,
                  .name = name->at,
                  .model = model_find(in, bytes_of(name->at)),
                  .pops = name->pops};
    return true;
}

bool process_find_function(const Process *p, uint64_t va, const char **module, const char **name) {
    Stub stub;
    if (!process_stub_at((const ProcessInner *)p, va, &stub))
        return false;
    *module = stub.module;
    *name = stub.name;
    return true;
}

void process_add_lookup(ProcessInner *in, const char *module, Bytes name, uint64_t va) {
    ProcessLookup *lookup = va ? VEC_ADD(in->arena, &in->lookups) : NULL;
    if (lookup)
        *lookup = (ProcessLookup){arena_text(in->arena, bytes_of(module)),
                                  arena_text(in->arena, name), va};
}

const ProcessLookup *process_lookups(const Process *p, size_t *count) {
    const ProcessInner *in = (const ProcessInner *)p;
    *count = in->lookups.count;
    return in->lookups.at;
}

/* ---- Import slots ---- */

static bool is_variable(const char *name) {
    static const char *const names[] = {
        "stdin",    "stdout",   "stderr", "environ",  "__environ",
        "_iob",     "_environ", "_fmode", "_commode", "_acmdln",
        "__argc",   "__argv",   "optarg", "optind",   "__stack_chk_guard",
        "__initenv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static int compare_words(const void *a, const void *b) {
    const Reloc *x = a, *y = b;
    return (x->va > y->va) - (x->va < y->va);
}

/* Every slot holds what its name stands for: the image's own function, a variable, a stub. */
static void fill_imports(ProcessInner *in) {
    const Image *image = in->p.image;
    Map exports = map_new(in->arena, image->exports.count);
    for (size_t i = 0; i < image->exports.count; i++)
        if (image->exports.at[i].name && image->exports.at[i].va)
            map_put(&exports, name_key(bytes_of(image->exports.at[i].name)),
                    image->exports.at[i].va);
    Reloc *words = ARENA_ARRAY(in->arena, Reloc, image->imports.count + 1);
    size_t n = 0, variables = 0;
    for (size_t i = 0; i < image->imports.count; i++) {
        const Import *import = &image->imports.at[i];
        if (!import->slot_va)
            continue;
        Bytes name = bytes_of(import->name);
        const uint64_t *own = in->is_pe || !name.size ? NULL : map_find(&exports, name_key(name));
        uint64_t va = own ? *own : 0;
        if (!va && is_variable(import->name))
            va = in->data_va + 64 * (variables++ % (DATA_BYTES / 64));
        if (!va)
            va = process_stub_for(in, import->module, name);
        words[n++] = (Reloc){import->slot_va, va};
    }
    if (n)
        qsort(words, n, sizeof *words, compare_words);
    memory_set_words(in->p.memory, words, n);
    /* ELF keeps addends beside the words, or the same words in place; a PE is at its own base. */
    if (image->format == FORMAT_ELF)
        memory_set_words(in->p.memory, image->relocs.at, image->relocs.count);
}

/* ---- Library functions in the image ---- */

static const Model *model_of_function(const ProcessInner *in, const Function *f) {
    if (!f->name || f->import)
        return NULL;
    const Model *model = model_find(in, bytes_of(f->name));
    if (!model && in->is_pe && in->p.image->arch == ARCH_X86 && f->name[0] == '_')
        model = model_find(in, bytes_of(f->name + 1));
    return model && model->flags & MODEL_C ? model : NULL;
}

static void find_linked(ProcessInner *in) {
    const Code *code = in->p.code;
    for (size_t i = 0; i < code->functions.count; i++) {
        const Model *model = model_of_function(in, &code->functions.at[i]);
        if (model)
            map_put(&in->linked, code->functions.at[i].va, (uint64_t)(model - MODELS) + 1);
    }
}

static void set_stops(ProcessInner *in, const uint64_t *va, size_t count) {
    if (in->stops.cap < 2 * (count + in->linked.count + 1))
        in->stops = map_new(in->arena, 2 * (count + in->linked.count + 1));
    memset(in->stops.keys, 0, in->stops.cap * sizeof *in->stops.keys);
    in->stops.count = 0;
    in->stops.has_zero = false;
    in->stop_count = count;
    for (size_t i = 0; i < count; i++)
        map_put(&in->stops, va[i], STOP_OF_CALLER + i);
    for (size_t i = 0; i < in->p.code->functions.count && in->linked.count; i++) {
        const uint64_t *model = map_find(&in->linked, in->p.code->functions.at[i].va);
        if (model)
            map_put(&in->stops, in->p.code->functions.at[i].va, *model);
    }
    machine_set_stops(in->p.machine, in->stops.count ? &in->stops : NULL);
}

void process_set_stops(Process *p, const uint64_t *va, size_t count) {
    ProcessInner *in = (ProcessInner *)p;
    if (count == in->stop_count) {
        size_t same = 0;
        for (; same < count; same++) {
            const uint64_t *stop = map_find(&in->stops, va[same]);
            if (!stop || (*stop >= STOP_OF_CALLER && *stop != STOP_OF_CALLER + same))
                break;
        }
        if (same == count)
            return; /* keeps what is lifted */
    }
    set_stops(in, va, count);
}

/* ---- The whole ---- */

static void lay_out(ProcessInner *in) {
    uint64_t high = in->p.image->bits == 64 ? 0x7ff000000000 : 0;
    /* Addresses whose upper bytes are no characters, so that they do not pass for text. */
    in->alloc_start = in->state.alloc_va = process_place(in, high + 0x10000000, ALLOC_BYTES);
    in->p.stack_va = process_place(in, high + 0x13000000, PROCESS_STACK_BYTES);
    in->data_va = process_place(in, high + 0x13200000, DATA_BYTES);
    in->stubs_va = process_place(in, high + 0x13800000, MAX_STUBS * (uint64_t)FUNCTION_STRIDE);
    in->p.return_va = process_place(in, high + 0x13a00000, 0x1000) + 0x10;
    in->heap_start = in->state.heap_va = process_place(in, high + 0x14000000, PROCESS_HEAP_BYTES);
    in->modules_va =
        process_place(in, high + 0x18000000, (uint64_t)MAX_API_MODULES * MODULE_STRIDE);
    if (in->is_pe) {
        process_add_windows(in);
    } else {
        uint64_t tls = process_place(in, high + 0x13300000, TLS_BYTES);
        in->thread_va = tls + TLS_BYTES / 2;
        uint8_t *block = ARENA_ARRAY(in->arena, uint8_t, TLS_BYTES);
        /* The x86 ABIs keep the thread pointer itself at fs:0, gs:0. */
        memcpy(block + TLS_BYTES / 2, &in->thread_va, in->p.image->bits / 8);
        process_add_segment(in, tls, TLS_BYTES, (Bytes){block, TLS_BYTES});
    }
    qsort(in->view->segments.at, in->view->segments.count, sizeof *in->view->segments.at,
          compare_segments);
}

Process *process_from_image(Arena *a, const Image *image, const Code *code) {
    return process_with_pages(a, image, code, MACHINE_PAGES);
}

Process *process_with_pages(Arena *a, const Image *image, const Code *code, size_t max_pages) {
    const Lifter *lifter = code->decoder ? lifter_for_image(a, image, code->decoder) : NULL;
    if (!lifter)
        return NULL;
    ProcessInner *in = ARENA_NEW(a, ProcessInner);
    in->arena = a;
    in->p.image = image;
    in->p.code = code;
    in->p.command_line = "program.exe";
    in->p.calls.max = PROCESS_CALLS;
    in->abi = abi_for_image(image);
    /* Code without a header is nearly always meant for Windows. */
    bool is_x86 = image->arch == ARCH_X86 || image->arch == ARCH_X64;
    in->is_pe = image->format == FORMAT_PE || (image->format == FORMAT_RAW && is_x86);
    in->stubs.max = MAX_STUBS;
    in->lookups.max = MAX_STUBS;
    if (in->is_pe)
        in->api = api_names_new(a);
    in->models = map_new(a, 2 * MODEL_COUNT);
    for (size_t i = 0; i < MODEL_COUNT; i++)
        map_put(&in->models, name_key(bytes_of(MODELS[i].name)), i + 1);
    in->linked = map_new(a, 16);
    copy_segments(in, image);
    lay_out(in);
    in->p.machine = machine_from_image(a, in->view, lifter, max_pages);
    in->p.memory = in->p.machine->memory;
    fill_imports(in);
    CHECK(memory_map(in->p.memory, in->p.stack_va, PROCESS_STACK_BYTES));
    CHECK(memory_map(in->p.memory, in->heap_start, PROCESS_HEAP_BYTES));
    CHECK(memory_map(in->p.memory, in->data_va, DATA_BYTES));
    find_linked(in);
    set_stops(in, NULL, 0);
    process_reset_registers(&in->p);
    return &in->p;
}

void process_vary(Process *p, uint32_t variant) {
    enum { HEAP_STEP = 0x5670 }; /* any that keeps 16 aligned (guess) */
    ProcessInner *in = (ProcessInner *)p;
    in->state.variant = variant;
    in->state.heap_va += (uint64_t)variant * HEAP_STEP;
}

void process_fill(Process *p, uint64_t va, size_t size, uint64_t word) {
    uint64_t words[PAGE_BYTES / 8];
    for (size_t i = 0; i < PAGE_BYTES / 8; i++)
        words[i] = word;
    for (size_t at = 0; at < size; at += PAGE_BYTES)
        memory_write(p->memory, va + at, words, size - at < PAGE_BYTES ? size - at : PAGE_BYTES);
}

size_t process_fill_globals(Process *p, uint64_t word) {
    enum { MOST = 256 * 1024 }; /* bytes that are written (guess) */
    size_t filled = 0;
    for (size_t i = 0; i < p->image->segments.count && filled < MOST; i++) {
        const Segment *s = &p->image->segments.at[i];
        uint64_t from = (s->va + s->file.size + 7) & ~(uint64_t)7;
        uint64_t end = s->va + s->va_size;
        if (!(s->perms & PERM_W) || from >= end)
            continue;
        size_t size = end - from < MOST - filled ? (size_t)(end - from) : MOST - filled;
        process_fill(p, from, size, word);
        filled += size;
    }
    return filled;
}

/* ---- Memory that is asked for ---- */

uint64_t process_alloc(Process *p, uint64_t size) {
    ProcessInner *in = (ProcessInner *)p;
    if (size == 0)
        size = 1;
    uint64_t used = in->state.alloc_va - in->alloc_start + 2 * PAGE_BYTES;
    if (used > ALLOC_BYTES || size > ALLOC_BYTES - used || in->state.alloc_count >= PROCESS_ALLOCS)
        return 0;
    uint64_t va = in->state.alloc_va + PAGE_BYTES;
    if (!memory_map(p->memory, va, size))
        return 0;
    in->state.alloc_count++;
    in->state.alloc_va = va + ((size + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1));
    return va;
}

uint64_t process_put(Process *p, Bytes b) {
    uint64_t va = process_alloc(p, b.size);
    if (va && b.size && memory_write(p->memory, va, b.at, b.size))
        return 0;
    return va;
}

uint64_t process_heap_alloc(ProcessInner *in, uint64_t size, bool whole_pages) {
    uint64_t grain = whole_pages ? PAGE_BYTES : 16;
    uint64_t va = (in->state.heap_va + grain - 1) & ~(grain - 1);
    uint64_t end = in->heap_start + PROCESS_HEAP_BYTES;
    if (size == 0)
        size = 1;
    if (va > end || size > end - va - 32)
        return 0;
    in->state.heap_va = va + size + 32; /* a gap, so that blocks do not touch */
    return va;
}

ProcessMark process_mark(Process *p) {
    return (ProcessMark){.machine = machine_mark(p->machine), .state = ((ProcessInner *)p)->state};
}

void process_restore(Process *p, const ProcessMark *mark) {
    machine_restore(p->machine, &mark->machine);
    ((ProcessInner *)p)->state = mark->state;
}
