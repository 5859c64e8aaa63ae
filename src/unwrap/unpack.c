/* SPDX-License-Identifier: Apache-2.0
 * unpack.c: the run of a packed program, and when it is over. The files that are made of it:
 * unpack_pe.c, unpack_elf.c. */
#include "unwrap/unpack.h"

#include "base/check.h"
#include "base/text.h"
#include "unwrap/unpack_inner.h"

enum {
    SLICE = 4 << 20,   /* steps between two looks at the clock: 50 ms */
    PROBE = 1 << 20,   /* steps in which another layer must begin: 12 ms */
    LIFTS = 400000,    /* a stub has some hundred instructions; code that rewrites itself pays */
    MAX_PAGES = 24576, /* 96 MiB: the image, and what the stub works with */
    /* Fewer changed bytes are a patch, not a program (guess; the least fixture has 600). */
    LEAST_CHANGED = 256,
    ARENA_BYTES = 384 << 20
};

void file_out_grow(FileOut *f, uint64_t size) {
    if (size <= f->size)
        return;
    if (size > UNPACK_IMAGE_BYTES + (1 << 20))
        arena_give_up(f->arena);
    if (size > f->room) {
        size_t room = f->room ? f->room : 1 << 16;
        while (room < size)
            room *= 2;
        f->at = arena_grow(f->arena, f->at, f->room, room);
        f->room = room;
    }
    f->size = (size_t)size;
}

void file_out_bytes(FileOut *f, uint64_t off, Bytes b) {
    file_out_grow(f, off + b.size);
    if (b.size)
        memcpy(f->at + off, b.at, b.size);
}

void file_out_put(FileOut *f, uint64_t off, uint64_t value, unsigned bytes) {
    file_out_grow(f, off + bytes);
    for (unsigned i = 0; i < bytes; i++)
        f->at[off + i] = (uint8_t)(value >> 8 * i);
}

/* ---- Headers ---- */

/* The first bytes of a PE as linkers write them (PE specification 2.1; LINK's stub). */
static const uint8_t DOS_HEADER[60] = {'M',  'Z', 0x90, 0,    3, 0, 0, 0, 4, 0, 0, 0,   0xff,
                                       0xff, 0,   0,    0xb8, 0, 0, 0, 0, 0, 0, 0, 0x40};

static bool is_pe_at(Bytes b, uint64_t off) {
    uint16_t machine = bytes_u16_at(b, off + 4), optional = bytes_u16_at(b, off + 20);
    uint16_t magic = bytes_u16_at(b, off + 24);
    return bytes_u32_at(b, off) == 0x00004550 && machine && optional >= 96 && optional <= 256 &&
           (magic == 0x10b || magic == 0x20b);
}

/* How many of the first 60 bytes are missing, so that e_lfanew leads to the headers; 0: none, but
 * the magic is not MZ; SIZE_MAX: this is no PE. */
static size_t missing_bytes(Bytes b) {
    enum { LFANEW = 0x3c };
    for (size_t n = 0; n < LFANEW; n++) {
        uint32_t at = bytes_u32_at(b, LFANEW - n);
        if (at > n && at < 0x10000 && is_pe_at(b, at - n))
            return n;
    }
    return SIZE_MAX;
}

static bool repair(Bytes b, Unpacked *out) {
    size_t n = missing_bytes(b);
    if (n == SIZE_MAX || b.size > UNPACK_IMAGE_BYTES)
        return false;
    FileOut f = {.arena = out->arena};
    file_out_bytes(&f, n, b);
    file_out_bytes(&f, 0, (Bytes){DOS_HEADER, n ? n : 2});
    Text text = text_new(64);
    text_addf(&text, n ? "the first %zu bytes are missing" : "the first two bytes are not MZ", n);
    out->repair = arena_text(out->arena, (Bytes){(const uint8_t *)text_str(&text), text.size});
    text_free(&text);
    out->file = (Bytes){f.at, f.size};
    out->end = UNPACK_DONE;
    return true;
}

/* ---- The run ---- */

typedef struct Run {
    Sample *s;
    const Image *image;
    Process *p;
    Unpacked *out;
    uint64_t left; /* steps */
    ProcessMark start;
    ProcessMark layer;   /* begin of the last layer in the image */
    MemoryMark since;    /* what counts as written */
    size_t lookup_count; /* at that time */
    bool is_found;
    char called[64]; /* last function without a model */
} Run;

static uint64_t image_end(const Image *image) {
    uint64_t end = image->base;
    for (size_t i = 0; i < image->segments.count; i++) {
        const Segment *s = &image->segments.at[i];
        end = s->va + s->va_size > end ? s->va + s->va_size : end;
    }
    return end;
}

static bool is_in_image(const Image *image, uint64_t va) {
    return va >= image->base && va < image_end(image);
}

/* More than a patch of the image since the mark. */
static bool is_program(Run *r) {
    size_t at = 0, n = 0;
    MemoryChange change;
    while (n < LEAST_CHANGED && memory_change(r->p->memory, r->since, &at, &change))
        for (size_t i = 0; i < PAGE_BYTES && is_in_image(r->image, change.va); i++)
            n += change.before[i] != change.now[i];
    return n >= LEAST_CHANGED;
}

static void remember_call(Run *r) {
    for (size_t i = 0; i < r->p->calls.count; i++)
        if (!r->p->calls.at[i].is_modelled) {
            size_t size = strnlen(r->p->calls.at[i].name, sizeof r->called - 1);
            memcpy(r->called, r->p->calls.at[i].name, size);
            r->called[size] = 0;
        }
}

/* Control came to written code of the image: the begin of a layer. Code elsewhere is a tool of the
 * stub. */
static void begin_layer(Run *r) {
    bool is_found = is_program(r);
    ProcessMark mark = process_mark(r->p);
    r->since = mark.machine.memory;
    r->p->machine->written_since = &r->since;
    if (!is_found)
        return;
    r->layer = mark;
    r->is_found = true;
    process_lookups(r->p, &r->lookup_count);
}

static UnpackEnd end_of(const Run *r, ProcessStop why) {
    switch (why) {
    case PROCESS_BUDGET:
        return UNPACK_BUDGET;
    case PROCESS_FULL:
        return UNPACK_MEMORY;
    case PROCESS_EXIT:
    case PROCESS_RETURNED:
        return r->called[0] ? UNPACK_UNKNOWN : UNPACK_EXIT;
    case PROCESS_FAULT:
    case PROCESS_LOST:
    case PROCESS_BAD_CODE:
    case PROCESS_RUNNING:
    case PROCESS_AT_STOP:
    case PROCESS_WRITTEN:
    case PROCESS_LOADER:
    default:
        return r->called[0] ? UNPACK_UNKNOWN : UNPACK_FAULT;
    }
}

/* Steps of the next slice. Behind a layer that may be the program, few are left. */
static uint64_t slice(const Run *r, uint64_t probe) {
    uint64_t most = r->is_found ? probe : SLICE;
    return r->left < most ? r->left : most;
}

static void run_layers(Run *r) {
    uint64_t probe = PROBE;
    r->start = process_mark(r->p);
    r->since = r->start.machine.memory;
    r->p->machine->written_since = &r->since;
    r->p->machine->written_from = r->image->base;
    r->p->machine->written_to = image_end(r->image);
    uint64_t steps = slice(r, probe);
    ProcessEnd end = process_start(r->p, r->s->bytes, steps);
    for (unsigned layers = 0;;) {
        uint64_t used = end.steps < steps ? end.steps : steps;
        r->left -= used;
        r->out->steps += used;
        probe = r->is_found ? probe - (used < probe ? used : probe) : PROBE;
        remember_call(r);
        bool goes_on = end.why == PROCESS_BUDGET && r->left > 0 && r->p->machine->lifts > 0 &&
                       (!r->is_found || probe > 0) && !sample_is_past_deadline(r->s);
        if (end.why == PROCESS_WRITTEN && layers++ < UNPACK_LAYERS) {
            begin_layer(r);
            probe = PROBE;
            goes_on = r->left > 0;
        }
        if (end.why == PROCESS_LOADER && !r->is_found) {
            r->layer = process_mark(r->p);
            r->is_found = true;
            r->lookup_count = 0;
        }
        if (!goes_on)
            break;
        steps = slice(r, probe);
        end = process_go_on(r->p, steps);
    }
    r->out->end = r->is_found ? UNPACK_DONE : end_of(r, end.why);
    r->out->pc = end.pc;
}

static Bytes image_memory(Arena *a, Process *p, const Image *image) {
    size_t size = (size_t)(image_end(image) - image->base);
    uint8_t *at = arena_alloc(a, size + 1);
    for (size_t off = 0; off < size;) {
        Bytes page = memory_view(p->memory, image->base + off);
        size_t room = PAGE_BYTES - (size_t)((image->base + off) & (PAGE_BYTES - 1));
        size_t n = room < size - off ? room : size - off;
        if (page.size)
            memcpy(at + off, page.at, n);
        off += n;
    }
    return (Bytes){at, size};
}

static void dump(Run *r, Arena *a) {
    process_restore(r->p, &r->layer);
    size_t count = 0;
    Dump d = {.arena = a,
              .packed = r->s->bytes,
              .image = r->image,
              .process = r->p,
              .entry = r->p->machine->pc,
              .lookups = process_lookups(r->p, &count),
              .lookup_count = r->lookup_count,
              .memory = image_memory(a, r->p, r->image),
              .file = {.arena = a},
              .out = r->out};
    r->out->pc = d.entry;
    if (r->image->format == FORMAT_PE)
        unpack_make_pe(&d);
    else
        unpack_make_elf(&d);
    r->out->file = (Bytes){d.file.at, d.file.size};
    if (!d.file.size)
        r->out->end = UNPACK_ODD;
}

static bool can_run(const Image *image) {
    bool is_x86 = image->arch == ARCH_X86 || image->arch == ARCH_X64;
    bool is_format = image->format == FORMAT_PE || image->format == FORMAT_ELF;
    return is_x86 && is_format && image->has_entry && image->segments.count &&
           !(image->pe && image->pe->dotnet_version) &&
           image_end(image) - image->base <= UNPACK_IMAGE_BYTES;
}

/* Linkers make code read-only: at an entry point that may be written, something writes. */
static bool is_entry_writable(const Image *image) {
    const Segment *s = image->has_entry ? image_find_segment(image, image->entry) : NULL;
    return s && (s->perms & PERM_W) && (s->perms & PERM_X);
}

static void unpack(Sample *s, const Image *image, const Code *code, uint64_t steps_per_byte,
                   Unpacked *out) {
    Process *p = can_run(image) ? process_with_pages(out->arena, image, code, MAX_PAGES) : NULL;
    out->end = UNPACK_NOT_RUN;
    if (!p)
        return;
    Run *r = ARENA_NEW(out->arena, Run);
    uint64_t steps = steps_per_byte * (image_end(image) - image->base);
    *r = (Run){.s = s, .image = image, .p = p, .out = out};
    r->left = steps < UNPACK_LEAST_STEPS  ? UNPACK_LEAST_STEPS
              : steps > UNPACK_MOST_STEPS ? UNPACK_MOST_STEPS
                                          : steps;
    p->machine->lifts = LIFTS;
    run_layers(r);
    p->machine->written_since = NULL;
    if (out->end == UNPACK_UNKNOWN)
        out->called = r->called;
    if (r->is_found)
        dump(r, out->arena);
}

Unpacked *unpack_open(Sample *s, const Image *image, const Code *code, bool looks_packed) {
    bool is_headless = image->format == FORMAT_RAW && missing_bytes(s->bytes) != SIZE_MAX;
    if (!looks_packed && !is_entry_writable(image) && !is_headless)
        return NULL;
    uint64_t steps = looks_packed ? UNPACK_STEPS_PER_BYTE : UNPACK_STEPS_PER_BYTE_UNSURE;
    size_t most = arena_max(s->arena); /* --max-mb */
    Arena *arena = arena_new(most < ARENA_BYTES ? most : ARENA_BYTES);
    Unpacked *volatile out = NULL;
    jmp_buf out_of_memory;
    if (!arena)
        return NULL;
    if (setjmp(out_of_memory)) {
        if (!out) {
            arena_free(arena);
            return NULL;
        }
        out->file = (Bytes){0};
        out->end = UNPACK_MEMORY;
        return out;
    }
    arena_set_escape(arena, &out_of_memory);
    out = ARENA_NEW(arena, Unpacked);
    out->arena = arena;
    if (!is_headless || !repair(s->bytes, out))
        unpack(s, image, code, steps, out);
    return out;
}

void unpack_close(Unpacked *u) {
    if (u)
        arena_free(u->arena);
}
