/* SPDX-License-Identifier: Apache-2.0
 * test_pic.c: hashes and genes of functions: equal where only addresses differ, different where the
 * code does. Functions are assembled by hand into raw images at chosen places. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "feature/extractors.h"
#include "feature/pic.h"

enum { SPACE = 0x1000 };

typedef struct World {
    Sample sample;
    uint8_t bytes[SPACE];
    const Image *image;
    const Code *code;
    Features *features;
    uint64_t base;
    bool is_elf; /* taken for one, without sections or segments of its own */
    ElfInfo elf;
} World;

/* push rbx; sub rsp,20h; mov ebx,edi; call helper; L: xor ebx,9e3779b9h; add ebx,[rip+data];
 * test eax,eax; je out; add ebx,7; jmp L; out: mov eax,ebx; add rsp,20h; pop rbx; ret */
static const uint8_t mixer64[] = {0x53, 0x48, 0x83, 0xec, 0x20, 0x89, 0xfb, 0xe8, 0,    0,    0,
                                  0,    0x81, 0xf3, 0xb9, 0x79, 0x37, 0x9e, 0x03, 0x1d, 0,    0,
                                  0,    0,    0x85, 0xc0, 0x74, 0x05, 0x83, 0xc3, 0x07, 0xeb, 0xeb,
                                  0x89, 0xd8, 0x48, 0x83, 0xc4, 0x20, 0x5b, 0xc3};
/* push ebx; mov ebx,[table]; push text; call helper; pop ecx; L: xor ebx,9e3779b9h; test eax,eax;
 * je out; lea ebx,[ebx*4+table]; dec eax; jmp L; out: mov eax,ebx; pop ebx; ret */
static const uint8_t mixer32[] = {0x53, 0x8b, 0x1d, 0,    0,    0,    0,    0x68, 0,    0,    0,
                                  0,    0xe8, 0,    0,    0,    0,    0x59, 0x81, 0xf3, 0xb9, 0x79,
                                  0x37, 0x9e, 0x85, 0xc0, 0x74, 0x0a, 0x8d, 0x1c, 0x9d, 0,    0,
                                  0,    0,    0x48, 0xeb, 0xec, 0x89, 0xd8, 0x5b, 0xc3};
static const uint8_t helper_code[] = {0x31, 0xc0, 0xc3};

static void put32(uint8_t *to, uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

static void analyse(World *w, Arch arch, uint64_t base) {
    w->sample.bytes = (Bytes){w->bytes, sizeof w->bytes};
    w->sample.name = "raw";
    w->sample.arena = arena_new((size_t)64 << 20);
    w->sample.scratch = arena_new((size_t)64 << 20);
    ImageHint hint = {.force_raw = true, .arch = arch, .base = base};
    w->base = base;
    Image *image = image_from_sample(&w->sample, &hint);
    if (w->is_elf) {
        image->format = FORMAT_ELF;
        image->elf = &w->elf;
    }
    w->image = image;
    w->code = code_from_image(&w->sample, w->image);
    w->features = features_from_code(&w->sample, w->image, w->code);
}

static void world_free(World *w) {
    arena_free(w->sample.arena);
    arena_free(w->sample.scratch);
    free(w);
}

typedef struct Layout {
    uint32_t mixer, helper, data;
    uint64_t base;
    int change_at; /* offset in the mixer of a byte to be changed, or -1 */
} Layout;

static World *world_new(Arch arch, const Layout *at) {
    World *w = calloc(1, sizeof *w);
    assert_non_null(w);
    memset(w->bytes, 0xcc, sizeof w->bytes);
    bool is_64 = arch == ARCH_X64;
    w->bytes[0] = 0xe8; /* call mixer; ret */
    put32(w->bytes + 1, at->mixer - 5);
    w->bytes[5] = 0xc3;
    uint8_t *mixer = w->bytes + at->mixer;
    memcpy(mixer, is_64 ? mixer64 : mixer32, is_64 ? sizeof mixer64 : sizeof mixer32);
    memcpy(w->bytes + at->helper, helper_code, sizeof helper_code);
    if (is_64) {
        put32(mixer + 8, at->helper - (at->mixer + 12));
        put32(mixer + 20, at->data - (at->mixer + 24));
    } else {
        put32(mixer + 3, (uint32_t)at->base + at->data);
        put32(mixer + 8, (uint32_t)at->base + at->data + 0x11);
        put32(mixer + 13, at->helper - (at->mixer + 17));
        put32(mixer + 31, (uint32_t)at->base + at->data);
    }
    if (at->change_at >= 0)
        mixer[at->change_at] ^= 1;
    analyse(w, arch, at->base);
    return w;
}

static const FunctionFeature *find(const World *w, uint64_t off) {
    for (size_t i = 0; i < w->features->functions.count; i++)
        if (w->features->functions.at[i].va == w->base + off)
            return &w->features->functions.at[i];
    fail_msg("no function at %#llx", (unsigned long long)off);
    return NULL;
}

static bool is_same(Hash128 a, Hash128 b) { return a.low == b.low && a.high == b.high; }
static bool is_none(Hash128 a) { return is_same(a, (Hash128){0}); }

static const Layout here = {0x40, 0x100, 0x800, 0x400000, -1};
static const Layout there = {0x310, 0x20, 0xa44, 0x7fff0000, -1};

static void assert_same_genes(const World *a, const FunctionFeature *f, const World *b,
                              const FunctionFeature *g) {
    assert_int_equal(f->gene_count, g->gene_count);
    assert_true(f->gene_count > 8);
    assert_memory_equal(a->features->genes.at + f->first_gene,
                        b->features->genes.at + g->first_gene, f->gene_count * sizeof(uint64_t));
}

static void other_addresses_same_hash(void **state) {
    (void)state;
    static const Arch archs[] = {ARCH_X64, ARCH_X86};
    for (unsigned i = 0; i < 2; i++) {
        World *a = world_new(archs[i], &here), *b = world_new(archs[i], &there);
        const FunctionFeature *f = find(a, here.mixer), *g = find(b, there.mixer);
        assert_false(is_none(f->pic));
        assert_true(is_same(f->pic, g->pic));
        assert_int_equal(f->block_count, g->block_count);
        assert_true(f->block_count > 0);
        for (uint32_t k = 0; k < f->block_count; k++) {
            const BlockFeature *p = &a->features->blocks.at[f->first_block + k];
            const BlockFeature *q = &b->features->blocks.at[g->first_block + k];
            assert_true(is_same(p->pic, q->pic));
            assert_int_equal(p->off, q->off);
            assert_true(p->instructions >= PIC_BLOCK_INSNS);
        }
        assert_same_genes(a, f, b, g);
        world_free(a);
        world_free(b);
    }
}

static void other_code_other_hash(void **state) {
    (void)state;
    static const int changes[] = {
        4,  /* stack frame */
        13, /* register of the xor */
        16, /* telling constant */
        30, /* small constant */
        26, /* je becomes jne */
    };
    World *a = world_new(ARCH_X64, &here);
    for (unsigned i = 0; i < sizeof changes / sizeof *changes; i++) {
        Layout changed = here;
        changed.change_at = changes[i];
        World *b = world_new(ARCH_X64, &changed);
        assert_false(is_same(find(a, here.mixer)->pic, find(b, here.mixer)->pic));
        world_free(b);
    }
    World *c = world_new(ARCH_X86, &here);
    assert_false(is_same(find(a, here.mixer)->pic, find(c, here.mixer)->pic));
    world_free(a);
    world_free(c);
}

static void padding_inside_does_not_count(void **state) {
    (void)state;
    World *a = world_new(ARCH_X64, &here);
    World *b = calloc(1, sizeof *b);
    assert_non_null(b);
    memcpy(b->bytes, a->bytes, sizeof b->bytes);
    /* A 4-byte nop before the loop: the back edge grows by it, all addresses behind move. */
    uint8_t *mixer = b->bytes + here.mixer;
    memmove(mixer + 16, mixer + 12, sizeof mixer64 - 12);
    memcpy(mixer + 12, "\x0f\x1f\x40\x00", 4);
    put32(mixer + 24, here.data - (here.mixer + 28));
    analyse(b, ARCH_X64, here.base);
    assert_true(is_same(find(a, here.mixer)->pic, find(b, here.mixer)->pic));
    world_free(a);
    world_free(b);
}

/* One block of code as a function of its own, in an image with two imports. */
static Hash128 small_function(const char *code, size_t size, uint8_t flags, unsigned import) {
    Arena *a = arena_new((size_t)4 << 20);
    Import imports[2] = {{.module = "KERNEL32.dll", .name = "Sleep"},
                         {.module = "KERNEL32.dll", .name = "ExitProcess"}};
    Segment segment = {.va = 0x1000, .va_size = size, .perms = PERM_R | PERM_X};
    segment.file = (Bytes){(const uint8_t *)code, size};
    Image image = {.format = FORMAT_RAW, .arch = ARCH_X64, .bits = 64};
    image.segments.at = &segment;
    image.segments.count = 1;
    image.imports.at = imports;
    image.imports.count = 2;
    Call call = {.site_va = 0x1000, .import = import};
    Code c = {.decoder = decoder_for_image(a, &image)};
    c.calls.at = &call;
    Function f = {.va = 0x1000, .flags = flags, .call_count = import != 0, .block_count = 1};
    Insn insns[32];
    ViewBlock block = {.va = 0x1000, .size = (uint32_t)size};
    for (size_t at = 0; at < size; at += insns[block.insn_count++].length)
        assert_true(decode_full(c.decoder, bytes_clip(segment.file, at, 15), 0x1000 + at,
                                &insns[block.insn_count]));
    DecodeTables *tables = ARENA_NEW(a, DecodeTables);
    tables->decoder = c.decoder;
    for (uint16_t reg = 0; reg < VIEW_REGISTERS; reg++)
        tables->register_class[reg] = (uint8_t)decode_register_class(c.decoder, reg);
    FunctionView v = {&image, &c, &f, &block, 1, insns, block.insn_count, false, 0, tables, NULL};
    PicRules rules = pic_rules_from_image(&image);
    Hash128 small = {0};
    BlockFeature blocks[1];
    pic_from_view(&rules, &v, a, &small, blocks);
    arena_free(a);
    return small;
}
#define SMALL(code, flags, import) small_function((code), sizeof(code) - 1, (flags), (import))

static void small_functions_say_what_they_call_or_nothing(void **state) {
    (void)state;
    /* sub rsp,28h; call [rip+0]; add rsp,28h; xor eax,eax; ret */
    static const char wrapper[] = "\x48\x83\xec\x28\xff\x15\0\0\0\0\x48\x83\xc4\x28\x31\xc0\xc3";
    Hash128 sleep = SMALL(wrapper, 0, 1), leave = SMALL(wrapper, 0, 2);
    assert_false(is_none(sleep));
    assert_false(is_same(sleep, leave));
    assert_true(is_same(sleep, SMALL(wrapper, 0, 1)));
    assert_true(is_none(SMALL(wrapper, 0, 0))); /* calls something unknown */
    assert_true(is_none(SMALL("\xff\x25\0\0\0\0", FUNCTION_STUB, 1)));
    assert_true(is_none(SMALL("\xc3", 0, 0)));
    assert_true(is_none(SMALL("\x31\xc0\xc3", 0, 0)));             /* return 0 */
    assert_true(is_none(SMALL("\x48\x8b\x41\x18\xc3", 0, 0)));     /* a getter */
    assert_true(is_none(SMALL("\xb8\x00\x10\x00\x00\xc3", 0, 0))); /* return 4096 */
    /* imul eax,edi,343fdh; ret: somebody's generator */
    assert_false(is_none(SMALL("\x69\xc7\xfd\x43\x03\x00\xc3", 0, 0)));
}

/* Genes that were computed once stay what they are: stored signatures depend on them. A change of
 * this number goes with a new EXTRACTOR_VERSION. */
static void genes_are_stable_and_sorted(void **state) {
    (void)state;
    World *w = world_new(ARCH_X64, &here);
    const FunctionFeature *f = find(w, here.mixer);
    const uint64_t *genes = w->features->genes.at + f->first_gene;
    for (uint32_t i = 1; i < f->gene_count; i++)
        assert_true(genes[i - 1] < genes[i]);
    assert_int_equal(hash64((Bytes){(const uint8_t *)genes, f->gene_count * sizeof *genes}),
                     0xee63e0563274a4a);
    world_free(w);
}

/* ---- what linkers choose ---- */

/* Code at 0x40, called from the start; i386's thunk that fetches the next address at 0x20. */
static Hash128 hash_of(Arch arch, const uint8_t *code, size_t size) {
    static const uint8_t thunk[] = {0x8b, 0x1c, 0x24, 0xc3}; /* mov ebx,[esp]; ret */
    World *w = calloc(1, sizeof *w);
    assert_non_null(w);
    memset(w->bytes, arch == ARCH_ARM64 ? 0 : 0xcc, sizeof w->bytes);
    if (arch == ARCH_ARM64) {
        put32(w->bytes, 0x94000010); /* bl 0x40; ret */
        put32(w->bytes + 4, 0xd65f03c0);
    } else {
        w->bytes[0] = 0xe8;
        put32(w->bytes + 1, 0x40 - 5);
        w->bytes[5] = 0xc3;
        memcpy(w->bytes + 0x20, thunk, sizeof thunk);
    }
    memcpy(w->bytes + 0x40, code, size);
    w->is_elf = arch == ARCH_X86;
    analyse(w, arch, 0x400000);
    Hash128 pic = find(w, 0x40)->pic;
    assert_false(is_none(pic));
    world_free(w);
    return pic;
}

typedef struct Field {
    uint16_t off;   /* of a field of 32 bits in the code */
    bool is_placed; /* the linker chose it */
    uint32_t value; /* another one; AArch64: the word with another one */
    const char *what;
} Field;

static void check_fields(Arch arch, const uint8_t *code, size_t size, const Field *fields,
                         size_t count) {
    uint8_t copy[256];
    assert_true(size <= sizeof copy);
    Hash128 pic = hash_of(arch, code, size);
    for (size_t i = 0; i < count; i++) {
        memcpy(copy, code, size);
        put32(copy + fields[i].off, fields[i].value);
        assert_memory_not_equal(copy, code, size);
        if (is_same(hash_of(arch, copy, size), pic) != fields[i].is_placed)
            fail_msg("%s", fields[i].what);
    }
}
#define CHECK_FIELDS(arch, code, fields)                                                           \
    check_fields((arch), (code), sizeof(code), (fields), sizeof(fields) / sizeof *(fields))

static void thread_offsets_do_not_count_x64(void **state) {
    (void)state;
    static const uint8_t code[] = {
        0x53,                                                 /* push rbx */
        0x64, 0x48, 0x8b, 0x04, 0x25, 0xa8, 0xff, 0xff, 0xff, /* mov rax, fs:[-58h] */
        0x48, 0xc7, 0xc3, 0xa8, 0xff, 0xff, 0xff,             /* mov rbx, -58h */
        0x64, 0x48, 0x03, 0x3b,                               /* add rdi, fs:[rbx] */
        0x64, 0x48, 0x8b, 0x0c, 0x25, 0x00, 0x00, 0x00, 0x00, /* mov rcx, fs:[0] */
        0x48, 0x8d, 0x91, 0xa8, 0xff, 0xff, 0xff,             /* lea rdx, [rcx-58h] */
        0x48, 0xc7, 0xc6, 0xa8, 0xff, 0xff, 0xff,             /* mov rsi, -58h */
        0x64, 0x48, 0x03, 0x34, 0x25, 0x00, 0x00, 0x00, 0x00, /* add rsi, fs:[0] */
        0x64, 0x4c, 0x8b, 0x1c, 0x25, 0x28, 0x00, 0x00, 0x00, /* mov r11, fs:[28h] */
        0x4c, 0x8b, 0x87, 0xa8, 0xff, 0xff, 0xff,             /* mov r8, [rdi-58h] */
        0x4c, 0x8b, 0x8c, 0x24, 0xa8, 0xff, 0xff, 0xff,       /* mov r9, [rsp-58h] */
        0x49, 0xc7, 0xc2, 0xa8, 0xff, 0xff, 0xff,             /* mov r10, -58h */
        0x48, 0x01, 0xd0, 0x48, 0x01, 0xf0,                   /* add rax, rdx; rsi */
        0x4c, 0x01, 0xc0, 0x4c, 0x01, 0xc8, 0x4c, 0x01, 0xd0, /* r8; r9; r10 */
        0x4c, 0x01, 0xd8, 0x5b, 0xc3};                        /* r11; pop rbx; ret */
    static const Field fields[] = {
        {6, true, 0xffffff80, "fs:[offset]"},    {13, true, 0xffffff80, "mov offset, for fs:[reg]"},
        {33, true, 0xffffff80, "lea from fs:0"}, {40, true, 0xffffff80, "mov offset, plus fs:0"},
        {58, false, 0x30, "thread record"},      {65, false, 0xffffff80, "structure"},
        {73, false, 0xffffff80, "stack"},        {80, false, 0xffffff80, "number"},
    };
    CHECK_FIELDS(ARCH_X64, code, fields);
}

static void linked_distances_do_not_count_x86(void **state) {
    (void)state;
    static const uint8_t code[] = {
        0x53,                                     /* push ebx */
        0xe8, 0xda, 0xff, 0xff, 0xff,             /* call 20h: ebx is the next address */
        0x81, 0xc3, 0xba, 0x07, 0x00, 0x00,       /* add ebx, 7bah */
        0x65, 0x8b, 0x15, 0xd8, 0xff, 0xff, 0xff, /* mov edx, gs:[-28h] */
        0xc7, 0xc0, 0xd8, 0xff, 0xff, 0xff,       /* mov eax, -28h */
        0x65, 0x8b, 0x30,                         /* mov esi, gs:[eax] */
        0x65, 0x8b, 0x0d, 0x00, 0x00, 0x00, 0x00, /* mov ecx, gs:[0] */
        0x81, 0xe9, 0x28, 0x00, 0x00, 0x00,       /* sub ecx, 28h */
        0x8b, 0x83, 0x44, 0x04, 0x00, 0x00,       /* mov eax, [ebx+444h] */
        0x83, 0xec, 0x10,                         /* sub esp, 10h */
        0x89, 0x5c, 0x24, 0x04,                   /* mov [esp+4], ebx */
        0x50,                                     /* push eax */
        0x8b, 0x6c, 0x24, 0x08,                   /* mov ebp, [esp+8] */
        0x03, 0x85, 0x44, 0x04, 0x00, 0x00,       /* add eax, [ebp+444h] */
        0x03, 0x87, 0x44, 0x04, 0x00, 0x00,       /* add eax, [edi+444h] */
        0x05, 0x44, 0x04, 0x00, 0x00,             /* add eax, 444h */
        0x01, 0xd0, 0x01, 0xf0, 0x01, 0xc8,       /* add eax, edx; esi; ecx */
        0x83, 0xc4, 0x14, 0x5b, 0xc3};            /* add esp, 14h; pop ebx; ret */
    static const Field fields[] = {
        {8, true, 0x8ba, "add of the table's distance"},
        {15, true, 0xffffff80, "gs:[offset]"},
        {21, true, 0xffffff80, "mov offset, for gs:[reg]"},
        {37, true, 0x80, "sub from gs:0"},
        {43, true, 0x5a4, "from the table"},
        {61, true, 0x5a4, "from the table, over the stack"},
        {67, false, 0x5a4, "structure"},
        {72, false, 0x5a4, "number"},
    };
    CHECK_FIELDS(ARCH_X86, code, fields);
}

static void thread_offsets_do_not_count_arm64(void **state) {
    (void)state;
    static const uint32_t words[] = {0xd53bd041, /* mrs x1, tpidr_el0 */
                                     0x91400022, /* add x2, x1, #0, lsl #12 */
                                     0x91012042, /* add x2, x2, #48h */
                                     0xf9400043, /* ldr x3, [x2] */
                                     0xd2a00004, /* mov x4, #0, lsl #16 */
                                     0xf2800904, /* movk x4, #48h */
                                     0xf8646825, /* ldr x5, [x1, x4] */
                                     0x91400026, /* add x6, x1, #0, lsl #12 */
                                     0xf94024c7, /* ldr x7, [x6, #48h] */
                                     0xf9402408, /* ldr x8, [x0, #48h] */
                                     0x91012009, /* add x9, x0, #48h */
                                     0xd280090a, /* mov x10, #48h */
                                     0xf94027eb, /* ldr x11, [sp, #48h] */
                                     0x8b050063, 0x8b070063, 0x8b080063,
                                     0x8b090063, 0x8b0a0063, /* sums */
                                     0x8b0b0060, 0xd65f03c0};
    static const Field fields[] = {
        {4, true, 0x91400422, "high part"},      {8, true, 0x9100c042, "low part"},
        {16, true, 0xd2a00024, "movz"},          {20, true, 0xf2800604, "movk"},
        {32, true, 0xf94018c7, "low part, ldr"}, {12, false, 0xf9401843, "in the variable"},
        {36, false, 0xf9401808, "structure"},    {40, false, 0x9100c009, "structure's field"},
        {44, false, 0xd280060a, "number"},       {48, false, 0xf9401beb, "stack"},
    };
    uint8_t code[sizeof words];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        put32(code + 4 * i, words[i]);
    CHECK_FIELDS(ARCH_ARM64, code, fields);
}

/* A page that is fetched, kept on the stack and used in a block that stands behind another one. */
static void pages_are_followed_over_blocks_and_stack(void **state) {
    (void)state;
    static const uint32_t words[] = {0xa9be7bfd, /* stp x29, x30, [sp, #-32]! */
                                     0x90000009, /* adrp x9, 0 */
                                     0xf9000fe9, /* str x9, [sp, #24] */
                                     0xb4000080, /* cbz x0, +16 */
                                     0xd2800009, /* mov x9, #0 */
                                     0xa8c27bfd, /* ldp x29, x30, [sp], #32 */
                                     0xd65f03c0, /* ret */
                                     0xf944a121, /* ldr x1, [x9, #940h] */
                                     0xf9400fe2, /* ldr x2, [sp, #24] */
                                     0xf944a042, /* ldr x2, [x2, #940h] */
                                     0x8b020020, /* add x0, x1, x2 */
                                     0xa8c27bfd, 0xd65f03c0};
    static const Field fields[] = {
        {28, true, 0xf9444121, "over blocks"},
        {36, true, 0xf9444042, "over the stack"},
        {32, false, 0xf9400be2, "the place on the stack"},
    };
    uint8_t code[sizeof words];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        put32(code + 4 * i, words[i]);
    CHECK_FIELDS(ARCH_ARM64, code, fields);
}

/* In an image without relocations a number is an address from the first byte of a segment to the
 * place behind its last one. */
static void addresses_end_behind_the_segment(void **state) {
    (void)state;
    /* mov rbx, number; ten times add rax, rbx; ret */
    static const uint8_t code[] = {0x48, 0xc7, 0xc3, 0x00, 0x10, 0x40, 0x00, 0x48, 0x01, 0xd8,
                                   0x48, 0x01, 0xd8, 0x48, 0x01, 0xd8, 0x48, 0x01, 0xd8, 0x48,
                                   0x01, 0xd8, 0x48, 0x01, 0xd8, 0x48, 0x01, 0xd8, 0x48, 0x01,
                                   0xd8, 0x48, 0x01, 0xd8, 0x48, 0x01, 0xd8, 0xc3};
    static const Field fields[] = {{3, true, 0x400ff0, "in the segment"},
                                   {3, false, 0x401001, "behind its end"}};
    CHECK_FIELDS(ARCH_X64, code, fields);
}

/* i386: the dynamic segment says where the global offset table is when no section does. */
static void the_offset_table_needs_no_sections(void **state) {
    (void)state;
    ElfInfo elf = {.got_va = 0x8049ff4};
    Section sections[] = {{.name = ".got.plt", .va = 0x8049ff4}};
    Image image = {.format = FORMAT_ELF, .arch = ARCH_X86, .bits = 32, .elf = &elf};
    assert_int_equal(pic_rules_from_image(&image).got_va, 0x8049ff4);
    elf.got_va = 0;
    assert_int_equal(pic_rules_from_image(&image).got_va, 0);
    image.sections.at = sections;
    image.sections.count = 1;
    assert_int_equal(pic_rules_from_image(&image).got_va, 0x8049ff4);
}

static void assert_pack_travels(World *w) {
    Text first = text_new((size_t)64 << 20), second = text_new((size_t)64 << 20);
    Features *back = NULL;
    assert_int_equal(features_write(w->features, &first, NULL), STATUS_OK);
    Bytes pack = {(const uint8_t *)first.at, first.size};
    assert_int_equal(features_from_bytes(w->sample.arena, pack, &back, NULL), STATUS_OK);
    assert_int_equal(features_write(back, &second, NULL), STATUS_OK);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.at, second.at, first.size);
    text_free(&first);
    text_free(&second);
}

/* Half noise, half pieces of real code, so that blocks, calls and functions come out. */
static void any_bytes_make_features_that_travel(void **state) {
    (void)state;
    static const uint8_t starts[] = {0x55, 0xe8, 0xe9, 0x74, 0xeb, 0xc3, 0x0f, 0xff};
    uint64_t random = 42;
    size_t functions = 0;
    for (unsigned round = 0; round < 60; round++) {
        World *w = calloc(1, sizeof *w);
        assert_non_null(w);
        for (size_t i = 0; i < SPACE; i++) {
            random = mix64(random + i + 1);
            w->bytes[i] = (uint8_t)(random & 0x300 ? random : starts[random & 7]);
            if ((random >> 20) % 200 == 0 && i + sizeof mixer32 < SPACE) {
                memcpy(w->bytes + i, round & 1 ? mixer64 : mixer32, sizeof mixer64);
                i += sizeof mixer64;
            }
        }
        analyse(w, round & 1 ? ARCH_X64 : ARCH_X86, round & 2 ? 0x400000 : 0);
        functions += w->features->functions.count;
        assert_pack_travels(w);
        world_free(w);
    }
    assert_true(functions > 60);
}

/* One function of more instructions than are looked at: cut, but hashed and told apart. */
static void huge_functions_are_cut(void **state) {
    (void)state;
    enum { INSNS = MAX_VIEW_INSNS + 5000, SIZE = INSNS * 2 + 1 };
    Hash128 pics[2];
    for (unsigned round = 0; round < 2; round++) {
        World *w = calloc(1, sizeof *w);
        uint8_t *code = malloc(SIZE);
        assert_non_null(w);
        assert_non_null(code);
        for (size_t i = 0; i < INSNS; i++) {
            /* A jump to the next instruction ends the block now and then. */
            code[2 * i] = i % 1000 == 999 ? 0x74 : 0x01;
            code[2 * i + 1] = i % 1000 == 999 ? 0x00 : 0xd8;
        }
        if (round == 1)
            memcpy(code + 2 * (size_t)(INSNS - 100), "\xc3\xc3", 2); /* ends 99 earlier */
        code[SIZE - 1] = 0xc3;
        w->sample = (Sample){.bytes = {code, SIZE}, .name = "huge"};
        w->sample.arena = arena_new((size_t)256 << 20);
        w->sample.scratch = arena_new((size_t)256 << 20);
        ImageHint hint = {.force_raw = true, .arch = ARCH_X64};
        w->image = image_from_sample(&w->sample, &hint);
        w->code = code_from_image(&w->sample, w->image);
        w->features = features_from_code(&w->sample, w->image, w->code);
        const FunctionFeature *f = find(w, 0);
        assert_true(f->instructions > MAX_VIEW_INSNS);
        assert_true(f->gene_count > 0);
        pics[round] = f->pic;
        assert_pack_travels(w);
        free(code);
        world_free(w);
    }
    assert_false(is_none(pics[0]));
    assert_false(is_same(pics[0], pics[1]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_addresses_same_hash),
        cmocka_unit_test(other_code_other_hash),
        cmocka_unit_test(padding_inside_does_not_count),
        cmocka_unit_test(small_functions_say_what_they_call_or_nothing),
        cmocka_unit_test(genes_are_stable_and_sorted),
        cmocka_unit_test(thread_offsets_do_not_count_x64),
        cmocka_unit_test(linked_distances_do_not_count_x86),
        cmocka_unit_test(thread_offsets_do_not_count_arm64),
        cmocka_unit_test(pages_are_followed_over_blocks_and_stack),
        cmocka_unit_test(addresses_end_behind_the_segment),
        cmocka_unit_test(the_offset_table_needs_no_sections),
        cmocka_unit_test(any_bytes_make_features_that_travel),
        cmocka_unit_test(huge_functions_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
