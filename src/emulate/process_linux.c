/* SPDX-License-Identifier: Apache-2.0
 * process_linux.c: what Linux gives a program that starts, and the few system calls with which
 * packed programs put themselves together. Numbers: arch/x86/entry/syscalls of the kernel; the
 * initial stack: System V ABI, AMD64 3.4.1, i386 2.3. */
#include <string.h>

#include "emulate/process_inner.h"

/* ---- The initial stack ---- */

typedef struct Stack {
    ProcessInner *in;
    uint64_t va;
} Stack;

static void push(Stack *s, uint64_t value) {
    (void)memory_write(s->in->p.memory, s->va, &value, s->in->abi.word_bytes);
    s->va += s->in->abi.word_bytes;
}

static void push_pair(Stack *s, uint64_t a, uint64_t b) {
    push(s, a);
    push(s, b);
}

void process_put_linux_stack(ProcessInner *in) {
    enum {
        AT_PHDR = 3,
        AT_PHENT,
        AT_PHNUM,
        AT_PAGESZ,
        AT_BASE,
        AT_FLAGS,
        AT_ENTRY,
        AT_RANDOM = 25
    };
    static const char name[] = "/program";
    bool is_64 = in->p.image->bits == 64;
    Bytes file = in->p.file;
    uint64_t sp = in->p.stack_va + PROCESS_STACK_BYTES / 2;
    uint64_t text = sp + 1024, random = sp + 1280;
    (void)memory_write(in->p.memory, text, name, sizeof name);
    Stack s = {in, sp};
    push(&s, 1); /* argc, argv, no environment */
    push_pair(&s, text, 0);
    push(&s, 0);
    push_pair(&s, AT_PHDR,
              in->p.image->base +
                  (is_64 ? bytes_u64_at(file, 32) : (uint64_t)bytes_u32_at(file, 28)));
    push_pair(&s, AT_PHENT, bytes_u16_at(file, is_64 ? 54 : 42));
    push_pair(&s, AT_PHNUM, bytes_u16_at(file, is_64 ? 56 : 44));
    push_pair(&s, AT_PAGESZ, PAGE_BYTES);
    push_pair(&s, AT_BASE, 0);
    push_pair(&s, AT_FLAGS, 0);
    push_pair(&s, AT_ENTRY, in->p.image->entry);
    push_pair(&s, AT_RANDOM, random);
    push_pair(&s, 0, 0);
    in->p.machine->slots[in->abi.stack] = sp;
}

/* ---- System calls ---- */

typedef enum LinuxCall {
    CALL_NONE,
    CALL_READ,
    CALL_WRITE,
    CALL_OPEN,
    CALL_OPENAT,
    CALL_NOTHING, /* succeeds: close, mprotect, munmap, ftruncate, ... */
    CALL_LSEEK,
    CALL_MMAP,
    CALL_OLD_MMAP, /* arguments in memory */
    CALL_MMAP2,    /* offset in pages */
    CALL_BRK,
    CALL_PREAD,
    CALL_READLINK,
    CALL_MEMFD,
    CALL_ARCH_PRCTL,
    CALL_EXIT
} LinuxCall;

static const struct {
    uint16_t x64, x86; /* NONE: this processor has not got it */
    uint8_t call;
} CALLS[] = {
#define NONE 0xffff
    {0, 3, CALL_READ},       {1, 4, CALL_WRITE},           {2, 5, CALL_OPEN},
    {257, 295, CALL_OPENAT}, {3, 6, CALL_NOTHING},         {10, 125, CALL_NOTHING},
    {11, 91, CALL_NOTHING},  {77, 93, CALL_NOTHING},       {8, 19, CALL_LSEEK},
    {9, NONE, CALL_MMAP},    {NONE, 90, CALL_OLD_MMAP},    {NONE, 192, CALL_MMAP2},
    {12, 45, CALL_BRK},      {17, 180, CALL_PREAD},        {89, 85, CALL_READLINK},
    {319, 356, CALL_MEMFD},  {158, NONE, CALL_ARCH_PRCTL}, {60, 1, CALL_EXIT},
    {231, 252, CALL_EXIT},
#undef NONE
};

enum { FD_SELF = 3, FD_MEMORY = 4, MEMORY_FILE_BYTES = 8 << 20 };
/* Negative numbers of errno.h as system calls return them. */
enum { NO_ENTRY = -2, BAD_FILE = -9, NO_MEMORY = -12, BAD_ADDRESS = -14, BAD_VALUE = -22 };

typedef struct SystemCall {
    ProcessInner *in;
    uint64_t args[6];
    ProcessStop stop;
    uint64_t cost; /* steps */
} SystemCall;

/* As the models of memcpy and its kin: 8 bytes a step. */
static void pay(SystemCall *c, uint64_t bytes) {
    c->cost += bytes / 8;
}

/* Reads from the program's own file. */
static int64_t read_file(SystemCall *c, uint64_t off) {
    if (c->args[0] != FD_SELF)
        return BAD_FILE;
    Bytes part = bytes_clip(c->in->p.file, off, c->args[2]);
    pay(c, part.size);
    if (part.size && memory_write(c->in->p.memory, c->args[1], part.at, part.size))
        return BAD_ADDRESS;
    return (int64_t)part.size;
}

/* Into what memfd_create made; other writing is only counted. */
static int64_t write_file(SystemCall *c) {
    ProcessState *state = &c->in->state;
    uint64_t n = c->args[2];
    if (c->args[0] != FD_MEMORY || !state->memory_file)
        return (int64_t)n;
    if (n > MEMORY_FILE_BYTES - state->file_end)
        return NO_MEMORY;
    for (uint64_t done = 0; done < n; done++) {
        uint8_t byte = 0;
        c->cost++;
        if (memory_read(c->in->p.memory, c->args[1] + done, &byte, 1) ||
            memory_write(c->in->p.memory, state->memory_file + state->file_end + done, &byte, 1))
            return BAD_ADDRESS;
    }
    state->file_end += n;
    return (int64_t)n;
}

static int64_t open_file(SystemCall *c, uint64_t name_va) {
    char name[32] = {0};
    for (size_t i = 0; i + 1 < sizeof name; i++)
        if (memory_read(c->in->p.memory, name_va + i, &name[i], 1) || !name[i])
            break;
    if (strcmp(name, "/proc/self/exe") == 0) {
        c->in->state.file_off = 0;
        return FD_SELF;
    }
    if (name[0] == '/' && strstr(name, "ld-"))
        c->stop = PROCESS_LOADER;
    return NO_ENTRY;
}

/* Zeros wherever something lies already; only pages that hold something are written. */
static bool zero_pages(Memory *m, uint64_t va, uint64_t size) {
    static const uint8_t zeros[PAGE_BYTES];
    for (uint64_t at = va; at - va < size; at += PAGE_BYTES) {
        Bytes page = memory_view(m, at);
        if (page.size && memcmp(page.at, zeros, page.size) != 0 &&
            memory_write(m, at, zeros, page.size))
            return false;
    }
    return true;
}

static int64_t map_file(SystemCall *c, uint64_t va, uint64_t off, uint64_t size) {
    Bytes part = bytes_clip(c->in->p.file, off, size);
    pay(c, part.size);
    return part.size && memory_write(c->in->p.memory, va, part.at, part.size) ? NO_MEMORY : 0;
}

static bool is_all_mapped(Memory *m, uint64_t va, uint64_t size) {
    for (uint64_t at = va; at - va < size; at += PAGE_BYTES)
        if (!memory_is_mapped(m, at))
            return false;
    return true;
}

static int64_t map_memory(SystemCall *c, uint64_t off) {
    enum { MAP_FIXED_FLAG = 0x10, MAP_ANONYMOUS_FLAG = 0x20 };
    Memory *m = c->in->p.memory;
    uint64_t va = c->args[0], size = (c->args[1] + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    bool is_anonymous = c->args[3] & MAP_ANONYMOUS_FLAG;
    if (!size || size > PROCESS_HEAP_BYTES)
        return NO_MEMORY;
    if (!is_anonymous && (uint32_t)c->args[4] == FD_MEMORY && !va)
        return (int64_t)(c->in->state.memory_file + off);
    bool is_fixed = c->args[3] & MAP_FIXED_FLAG;
    pay(c, size); /* its pages are looked at, and zeroed */
    va = is_fixed ? va & ~(uint64_t)(PAGE_BYTES - 1) : process_heap_alloc(c->in, size, true);
    if (!is_fixed && !va)
        return NO_MEMORY;
    if (!is_all_mapped(m, va, size) && !memory_map(m, va, size))
        return NO_MEMORY;
    if (!zero_pages(m, va, size))
        return NO_MEMORY;
    if (!is_anonymous && (uint32_t)c->args[4] == FD_SELF && map_file(c, va, off, c->args[1]))
        return NO_MEMORY;
    return (int64_t)va;
}

static int64_t old_map(SystemCall *c) {
    uint32_t args[6];
    if (memory_read(c->in->p.memory, c->args[0], args, sizeof args))
        return BAD_ADDRESS;
    for (unsigned i = 0; i < 6; i++)
        c->args[i] = args[i];
    return map_memory(c, c->args[5]);
}

static int64_t seek_file(SystemCall *c) {
    uint64_t from[] = {0, c->in->state.file_off, c->in->p.file.size};
    if (c->args[0] != FD_SELF || c->args[2] > 2)
        return BAD_VALUE;
    c->in->state.file_off = from[c->args[2]] + c->args[1];
    return (int64_t)c->in->state.file_off;
}

static int64_t read_link(SystemCall *c, uint64_t to, uint64_t room) {
    static const char name[] = "/program";
    if (room < sizeof name || memory_write(c->in->p.memory, to, name, sizeof name - 1))
        return BAD_VALUE;
    return sizeof name - 1;
}

static int64_t make_memory_file(SystemCall *c) {
    if (!c->in->state.memory_file)
        c->in->state.memory_file = process_heap_alloc(c->in, MEMORY_FILE_BYTES, true);
    c->in->state.file_end = 0;
    return c->in->state.memory_file ? FD_MEMORY : NO_MEMORY;
}

static int64_t set_thread_pointer(SystemCall *c) {
    enum { ARCH_SET_GS = 0x1001, ARCH_SET_FS = 0x1002 };
    if (c->args[0] != ARCH_SET_FS && c->args[0] != ARCH_SET_GS)
        return BAD_VALUE;
    c->in->p.machine->slots[c->args[0] == ARCH_SET_FS ? SLOT_FS : SLOT_GS] = c->args[1];
    return 0;
}

static int64_t run_call(SystemCall *c, LinuxCall call) {
    ProcessState *state = &c->in->state;
    int64_t result = 0;
    switch (call) {
    case CALL_READ:
        result = read_file(c, state->file_off);
        state->file_off += result > 0 ? (uint64_t)result : 0;
        return result;
    case CALL_PREAD:
        return read_file(c, c->args[3]);
    case CALL_WRITE:
        return write_file(c);
    case CALL_OPEN:
        return open_file(c, c->args[0]);
    case CALL_OPENAT:
        return open_file(c, c->args[1]);
    case CALL_LSEEK:
        return seek_file(c);
    case CALL_MMAP:
        return map_memory(c, c->args[5]);
    case CALL_MMAP2:
        return map_memory(c, c->args[5] * PAGE_BYTES);
    case CALL_OLD_MMAP:
        return old_map(c);
    case CALL_BRK:
        return (int64_t)c->args[0];
    case CALL_READLINK:
        return read_link(c, c->args[1], c->args[2]);
    case CALL_MEMFD:
        return make_memory_file(c);
    case CALL_ARCH_PRCTL:
        return set_thread_pointer(c);
    case CALL_EXIT:
        c->stop = PROCESS_EXIT;
        return 0;
    case CALL_NONE:
    case CALL_NOTHING:
    default:
        return 0;
    }
}

bool process_linux_call(ProcessInner *in, ProcessStop *stop, uint64_t *cost) {
    static const uint8_t slots[2][6] = {
        {SLOT_X86_RBX, SLOT_X86_RCX, SLOT_X86_RDX, SLOT_X86_RSI, SLOT_X86_RDI, SLOT_X86_RBP},
        {SLOT_X86_RDI, SLOT_X86_RSI, SLOT_X86_RDX, 10, 8, 9}};
    uint64_t *file = in->p.machine->slots, number = file[SLOT_X86_RAX];
    bool is_64 = in->p.image->arch == ARCH_X64;
    if (in->is_pe || (!is_64 && in->p.image->arch != ARCH_X86))
        return false;
    for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++) {
        if ((is_64 ? CALLS[i].x64 : CALLS[i].x86) != number)
            continue;
        SystemCall c = {.in = in};
        for (unsigned k = 0; k < 6; k++)
            c.args[k] = file[slots[is_64][k]];
        uint64_t result = (uint64_t)run_call(&c, (LinuxCall)CALLS[i].call);
        file[SLOT_X86_RAX] = is_64 ? result : result & UINT32_MAX;
        *stop = c.stop;
        *cost = c.cost;
        return true;
    }
    return false;
}
