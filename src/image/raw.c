/* SPDX-License-Identifier: Apache-2.0
 * raw.c: bytes without a header we know: shellcode, dumped memory, or no code at all. */
#include "image/build.h"

/* Pairs of neighbouring bytes that tell x86 code from other data: of each processor the 64 with the
 * highest p * log2(p / q), p their frequency in code, q the mean of their frequency elsewhere and
 * of chance; pairs with a zero or of equal bytes left out, since tables and padding are full of
 * them. Learned from half of 15 MB of x86 code (70 files: PyPI win32 wheels, Debian libc6-i386,
 * MinGW runtime) and 11 MB of x86-64 (96 files: PyPI win_amd64 wheels, libwine, /usr/bin), against
 * 52 MB of other files (756: text, images, fonts, archives, .pyc, locale data, chance, code of
 * eight other processors). On the other half, pairs found in 256 bytes, as a share of them: x86 1
 * %: 2.7 %   5 %: 6.6 %   median 19 % x86-64              5 %: 0 %     median 19 %  (tables within
 * .text) other  99 %: 0.8 %  99.9 %: 2.3 % */
enum { PAIRS = 64 };
static const uint16_t pairs_x86[PAIRS] = {
    0x0110, 0x0485, 0x048b, 0x088b, 0x0f84, 0x0f85, 0x1068, 0x1083, 0x1085, 0x1089, 0x108b,
    0x10ff, 0x2408, 0x240c, 0x2410, 0x2414, 0x2418, 0x241c, 0x2420, 0x33c0, 0x4424, 0x4c24,
    0x508d, 0x50e8, 0x50ff, 0x5424, 0x558b, 0x56ff, 0x57ff, 0x5dc3, 0x5f5e, 0x7424, 0x7508,
    0x7c24, 0x83c4, 0x83ec, 0x8424, 0x85c0, 0x85f6, 0x8944, 0x8b44, 0x8b45, 0x8b4c, 0x8b4d,
    0x8bec, 0x8bf0, 0x8d44, 0xc00f, 0xc074, 0xc075, 0xc3cc, 0xc404, 0xc408, 0xc40c, 0xc410,
    0xc744, 0xfdff, 0xfeff, 0xff15, 0xff25, 0xff74, 0xff75, 0xff83, 0xff8b,
};
static const uint16_t pairs_x64[PAIRS] = {
    0x0848, 0x0f11, 0x0f1f, 0x0f84, 0x0f85, 0x0fb6, 0x1048, 0x1f44, 0x1f84, 0x2408, 0x2420,
    0x2428, 0x2430, 0x2438, 0x2848, 0x2e0f, 0x31c0, 0x4424, 0x4489, 0x4883, 0x4885, 0x4889,
    0x488b, 0x488d, 0x48c7, 0x4989, 0x498b, 0x4c24, 0x4c89, 0x4c8b, 0x4c8d, 0x5348, 0x5424,
    0x5d41, 0x660f, 0x7424, 0x7c24, 0x83c4, 0x83ec, 0x83f8, 0x8424, 0x85c0, 0x8944, 0x894c,
    0x8954, 0x89d9, 0x8d05, 0x8d0d, 0x8d15, 0x9048, 0xc00f, 0xc048, 0xc30f, 0xc366, 0xf30f,
    0xf605, 0xfcff, 0xfdff, 0xfeff, 0xff0f, 0xff15, 0xff25, 0xff48, 0xffe9,
};

enum {
    BLOCK = 256,
    /* 3.9 % of a block: between the 99.9th percentile of other files and the 5th of x86 code. */
    BLOCK_HITS = 10,
    /* A file is code when this part of its blocks is (guess: a loader with a large payload). */
    CODE_PART = 16,
    /* Below one block: the same share of the bytes, at least this often (guess). */
    SMALL_HITS = 3,
    IDIOM_BYTES = 4096
};

/* How code without a header finds itself or the list of modules. Decoders of encoded shellcode
 * stand in front, so only the first bytes are looked at. 256 means any byte. */
typedef struct Idiom {
    Arch arch;
    unsigned size;
    uint16_t bytes[10];
} Idiom;

static const Idiom idioms[] = {
    {ARCH_X86, 4, {0xd9, 0x74, 0x24, 0xf4}},                      /* fnstenv [esp-12] */
    {ARCH_X86, 6, {0x64, 0xa1, 0x30, 0, 0, 0}},                   /* mov eax, fs:[30h] */
    {ARCH_X86, 7, {0x64, 0x8b, 256, 0x30, 0, 0, 0}},              /* mov r, fs:[30h] */
    {ARCH_X86, 6, {0xfc, 0xe8, 256, 0, 0, 0}},                    /* cld; call */
    {ARCH_X86, 7, {0x31, 256, 0x64, 0x8b, 256, 0x30, 0x8b}},      /* xor; mov fs:[r+30h] */
    {ARCH_X64, 9, {0x65, 0x48, 0x8b, 0x04, 0x25, 0x60, 0, 0, 0}}, /* mov rax, gs:[60h] */
    {ARCH_X64, 5, {0x65, 0x48, 0x8b, 256, 0x60}},                 /* mov r, gs:[r+60h] */
    {ARCH_X64, 5, {0xfc, 0x48, 0x83, 0xe4, 0xf0}},                /* cld; and rsp, -16 */
};

static bool is_idiom(const Idiom *idiom, const uint8_t *at) {
    for (unsigned i = 0; i < idiom->size; i++)
        if (idiom->bytes[i] < 256 && idiom->bytes[i] != at[i])
            return false;
    return true;
}

static Arch arch_by_idiom(Bytes b) {
    Bytes front = bytes_clip(b, 0, IDIOM_BYTES);
    for (size_t off = 0; off < front.size; off++)
        for (size_t i = 0; i < sizeof idioms / sizeof *idioms; i++)
            if (bytes_has(front, off, idioms[i].size) && is_idiom(&idioms[i], front.at + off))
                return idioms[i].arch;
    /* call $+5; pop r: both processors, and 32-bit code needs it. */
    for (size_t off = 0; bytes_has(front, off, 6); off++)
        if (bytes_u8_at(front, off) == 0xe8 && bytes_u32_at(front, off + 1) == 0 &&
            (bytes_u8_at(front, off + 5) & 0xf8) == 0x58)
            return ARCH_X86;
    return ARCH_NONE;
}

static Arch arch_by_pairs(Arena *scratch, Bytes b) {
    enum { X86 = 1, X64 = 2 };
    ArenaMark mark = arena_mark(scratch);
    uint8_t *kind = ARENA_ARRAY(scratch, uint8_t, 65536);
    for (size_t i = 0; i < PAIRS; i++) {
        kind[pairs_x86[i]] |= X86;
        kind[pairs_x64[i]] |= X64;
    }
    uint64_t x86 = 0, x64 = 0, code_blocks = 0, blocks = 0;
    for (size_t off = 0; off < b.size; off += BLOCK) {
        Bytes block = bytes_clip(b, off, BLOCK);
        unsigned in_x86 = 0, in_x64 = 0;
        for (size_t i = 0; i + 1 < block.size; i++) {
            uint8_t k = kind[(unsigned)block.at[i] << 8 | block.at[i + 1]];
            in_x86 += k & X86;
            in_x64 += k >> 1;
        }
        size_t need = block.size * BLOCK_HITS / BLOCK;
        if (need < SMALL_HITS)
            need = SMALL_HITS;
        blocks++;
        if (in_x86 >= need || in_x64 >= need) {
            code_blocks++;
            x86 += in_x86;
            x64 += in_x64;
        }
    }
    arena_reset(scratch, mark);
    if (code_blocks == 0 || code_blocks < blocks / CODE_PART)
        return ARCH_NONE;
    return x64 > x86 ? ARCH_X64 : ARCH_X86;
}

static unsigned arch_bits(Arch arch) {
    return arch == ARCH_NONE ? 0 : arch == ARCH_X64 || arch == ARCH_ARM64 ? 64 : 32;
}

Image *image_from_raw(Sample *s, const ImageHint *hint) {
    Image *image = image_new(s, FORMAT_RAW);
    image->arch = hint ? hint->arch : ARCH_NONE;
    if (image->arch == ARCH_NONE)
        image->arch = arch_by_idiom(s->bytes);
    if (image->arch == ARCH_NONE)
        image->arch = arch_by_pairs(s->scratch, s->bytes);
    image->bits = (uint8_t)arch_bits(image->arch);
    image->base = hint ? hint->base : 0;
    image->is_position_independent = true;
    bool is_code = image->arch != ARCH_NONE;
    Segment all = {.va = image->base, .va_size = s->bytes.size, .file = s->bytes};
    all.perms = is_code ? PERM_R | PERM_W | PERM_X : PERM_R;
    image_add_segment(s, image, all);
    image_settle_segments(s, image);
    image->has_entry = is_code && s->bytes.size > 0;
    image->entry = image_code_va(s, image, image->base | (hint && hint->is_thumb));
    image_settle_entry(s, image);
    return image;
}
