/* SPDX-License-Identifier: Apache-2.0
 * x86.c: x86 and x86-64 for the oracle. Forms are found by trying every opcode of every map with
 * every mandatory prefix, ModRM kind, W and L, and keeping those that Zydis decodes to kinds of
 * operands not seen before. */
#include <Zydis/Zydis.h>
#include <unicorn/unicorn.h>

#include "base/check.h"
#include "host.h"
#include "oracle.h"

enum { WINDOW = 64 /* bytes around an operand's address that are patched */ };

static ZydisDecoder decoder_of(bool is_64) {
    ZydisDecoder d;
    ZydisDecoderInit(&d, is_64 ? ZYDIS_MACHINE_MODE_LONG_64 : ZYDIS_MACHINE_MODE_LONG_COMPAT_32,
                     is_64 ? ZYDIS_STACK_WIDTH_64 : ZYDIS_STACK_WIDTH_32);
    return d;
}

typedef struct Decoded {
    ZydisDecodedInstruction in;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
} Decoded;

static bool decode(bool is_64, const uint8_t *bytes, size_t n, Decoded *out) {
    ZydisDecoder d = decoder_of(is_64);
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&d, bytes, n, &out->in, out->operands)))
        return false;
    for (unsigned i = 0; i < out->in.operand_count; i++) {
        ZydisDecodedOperand *o = &out->operands[i]; /* see fix_base of decode_x86.c */
        if (o->type == ZYDIS_OPERAND_TYPE_MEMORY && o->mem.base == ZYDIS_REGISTER_R13D &&
            (out->in.attributes & ZYDIS_ATTRIB_HAS_SIB) && out->in.raw.sib.base == 5 &&
            out->in.raw.modrm.mod == 0) {
            o->mem.base = ZYDIS_REGISTER_NONE;
            o->mem.disp.value = out->in.raw.disp.value;
        }
    }
    return true;
}

/* What makes two encodings the same form. */
static uint64_t key_of(bool is_64, const Decoded *d) {
    const ZydisDecodedInstruction *in = &d->in;
    uint64_t key = mix64((uint64_t)in->mnemonic << 32 | (uint64_t)in->encoding << 24 |
                         (uint64_t)in->opcode_map << 16 | (uint64_t)in->opcode << 8 | is_64);
    uint64_t kept = in->attributes & (ZYDIS_ATTRIB_HAS_LOCK | ZYDIS_ATTRIB_HAS_REP |
                                      ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE);
    key = mix64(key ^ kept ^ in->operand_width);
    for (unsigned i = 0; i < in->operand_count_visible; i++) {
        const ZydisDecodedOperand *o = &d->operands[i];
        bool is_high = o->type == ZYDIS_OPERAND_TYPE_REGISTER &&
                       o->reg.value >= ZYDIS_REGISTER_AH && o->reg.value <= ZYDIS_REGISTER_BH;
        bool is_sized = o->type != ZYDIS_OPERAND_TYPE_IMMEDIATE;
        key = mix64(key + (uint64_t)o->type * 7 + (is_sized ? o->size * 64u : 0) + is_high);
    }
    return key;
}

static bool is_of_system(ZydisMnemonic mnemonic) {
    static const ZydisMnemonic all[] = {
        ZYDIS_MNEMONIC_IRET,    ZYDIS_MNEMONIC_IRETD,    ZYDIS_MNEMONIC_IRETQ,
        ZYDIS_MNEMONIC_CLZERO,  ZYDIS_MNEMONIC_MONITORX, ZYDIS_MNEMONIC_MWAITX,
        ZYDIS_MNEMONIC_RDPKRU,  ZYDIS_MNEMONIC_WRPKRU,   ZYDIS_MNEMONIC_XBEGIN,
        ZYDIS_MNEMONIC_XABORT,  ZYDIS_MNEMONIC_LDMXCSR,  ZYDIS_MNEMONIC_VLDMXCSR,
        ZYDIS_MNEMONIC_FNSTENV, ZYDIS_MNEMONIC_FLDENV,   ZYDIS_MNEMONIC_FNSAVE,
        ZYDIS_MNEMONIC_FRSTOR,  ZYDIS_MNEMONIC_FLDCW,    ZYDIS_MNEMONIC_RDPID,
        ZYDIS_MNEMONIC_RDTSC,   ZYDIS_MNEMONIC_RDTSCP,   ZYDIS_MNEMONIC_CPUID,
        ZYDIS_MNEMONIC_XGETBV,  ZYDIS_MNEMONIC_RDPMC,
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] == mnemonic)
            return true;
    return false;
}

/* Cannot be compared: what another processor state, a device or the operating system decides, and
 * what the encodings of later processors add. */
static bool is_unfit(const ZydisDecodedInstruction *in) {
    if (in->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY &&
        in->encoding != ZYDIS_INSTRUCTION_ENCODING_VEX)
        return true;
    if (in->attributes & ZYDIS_ATTRIB_IS_PRIVILEGED)
        return true;
    switch ((int)in->meta.category) {
    case ZYDIS_CATEGORY_IO:
    case ZYDIS_CATEGORY_IOSTRINGOP:
    case ZYDIS_CATEGORY_INTERRUPT:
    case ZYDIS_CATEGORY_SYSCALL:
    case ZYDIS_CATEGORY_SYSTEM:
    case ZYDIS_CATEGORY_SYSRET:
    case ZYDIS_CATEGORY_SEGOP:
    case ZYDIS_CATEGORY_VTX:
    case ZYDIS_CATEGORY_XSAVE:
    case ZYDIS_CATEGORY_XSAVEOPT:
    case ZYDIS_CATEGORY_RDRAND:
    case ZYDIS_CATEGORY_RDSEED:
    case ZYDIS_CATEGORY_RDWRFSGS:
    case ZYDIS_CATEGORY_CET:
    case ZYDIS_CATEGORY_MPX:
    case ZYDIS_CATEGORY_SGX:
    case ZYDIS_CATEGORY_PCONFIG:
    case ZYDIS_CATEGORY_WAITPKG:
    case ZYDIS_CATEGORY_KEYLOCKER:
    case ZYDIS_CATEGORY_KEYLOCKER_WIDE:
    case ZYDIS_CATEGORY_GATHER:
    case ZYDIS_CATEGORY_AMX_TILE:
    case ZYDIS_CATEGORY_PADLOCK:
    case ZYDIS_CATEGORY_UINTR:
    case ZYDIS_CATEGORY_HRESET:
        return true;
    default:
        break;
    }
    return in->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR || is_of_system(in->mnemonic);
}

typedef struct FormList {
    OracleForm *at;
    size_t count, max;
    uint64_t *seen; /* hash set of keys */
    bool is_64;
} FormList;

enum { SEEN = 1 << 17 };

static bool is_new(FormList *list, uint64_t key) {
    size_t place = key % SEEN;
    while (list->seen[place] && list->seen[place] != key)
        place = (place + 1) % SEEN;
    bool fresh = list->seen[place] == 0;
    list->seen[place] = key;
    return fresh;
}

static void try_form(FormList *list, const uint8_t *bytes, size_t n) {
    Decoded d;
    if (list->count == list->max || !decode(list->is_64, bytes, n, &d) || is_unfit(&d.in))
        return;
    uint64_t key = key_of(list->is_64, &d);
    if (!is_new(list, key))
        return;
    OracleForm *form = &list->at[list->count++];
    *form = (OracleForm){.length = d.in.length, .mnemonic = (uint16_t)d.in.mnemonic, .key = key};
    memcpy(form->bytes, bytes, d.in.length);
}

/* ModRM of register kind and of memory kinds, each `reg`, and all of the x87's register forms. */
static void try_modrm(FormList *list, uint8_t *bytes, size_t n) {
    for (unsigned reg = 0; reg < 8; reg++)
        for (unsigned kind = 0; kind < 10; kind++) {
            static const uint8_t memory[] = {0x03, 0x47};
            uint8_t modrm = kind < 8 ? (uint8_t)(0xc0 | kind) : memory[kind - 8];
            bytes[n] = (uint8_t)(modrm | reg << 3);
            try_form(list, bytes, 16);
        }
}

/* Prefixes, and first bytes of other maps and encodings. */
static bool is_prefix(bool is_64, unsigned byte) {
    static const uint8_t all[] = {0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x64,
                                  0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3};
    return memchr(all, (int)byte, sizeof all) || (is_64 && (byte & 0xf0) == 0x40);
}

static void try_legacy(FormList *list) {
    static const uint8_t prefixes[][2] = {{0, 0},       {0x66, 0},    {0xf2, 0},
                                          {0xf3, 0},    {0xf0, 0},    {0, 0},
                                          {0x66, 0xf2}, {0x66, 0xf3}, {0x66, 0xf0}};
    static const uint8_t maps[][3] = {{0}, {1, 0x0f}, {2, 0x0f, 0x38}, {2, 0x0f, 0x3a}};
    for (size_t p = 0; p < sizeof prefixes / 2; p++)
        for (unsigned rex = 0; rex < (list->is_64 ? 3u : 1u); rex++)
            for (size_t m = 0; m < 4; m++)
                for (unsigned opcode = 0; opcode < 256; opcode++) {
                    uint8_t bytes[16] = {0};
                    if (m == 0 && is_prefix(list->is_64, opcode))
                        continue;
                    size_t n = 0;
                    for (unsigned i = 0; i < 2; i++)
                        if (prefixes[p][i])
                            bytes[n++] = prefixes[p][i];
                    if (rex)
                        bytes[n++] = rex == 1 ? 0x48 : 0x40;
                    for (unsigned i = 1; i <= maps[m][0]; i++)
                        bytes[n++] = maps[m][i];
                    bytes[n++] = (uint8_t)opcode;
                    memset(bytes + n, 0x11, sizeof bytes - n);
                    try_modrm(list, bytes, n);
                }
}

static void try_vex(FormList *list) {
    for (unsigned map = 1; map < 4; map++)
        for (unsigned opcode = 0; opcode < 256; opcode++)
            for (unsigned low = 0; low < 16; low++) /* W, L, pp */
                for (unsigned v = 0; v < 2; v++) {  /* vvvv unused, or a register */
                    uint8_t bytes[16] = {0xc4, (uint8_t)(0xe0 | map)};
                    bytes[2] = (uint8_t)((low & 8) << 4 | (v ? 0x68 : 0x78) | (low & 7));
                    bytes[3] = (uint8_t)opcode;
                    memset(bytes + 4, 0x11, sizeof bytes - 4);
                    try_modrm(list, bytes, 4);
                }
}

static size_t forms_of(bool is_64, OracleForm *out, size_t max) {
    FormList list = {.at = out, .max = max, .is_64 = is_64};
    list.seen = calloc(SEEN, sizeof *list.seen);
    CHECK(list.seen);
    try_legacy(&list);
    try_vex(&list);
    free(list.seen);
    return list.count;
}

static size_t forms_x86(OracleForm *out, size_t max) { return forms_of(false, out, max); }
static size_t forms_x64(OracleForm *out, size_t max) { return forms_of(true, out, max); }

static const char *mnemonic_x86(uint16_t mnemonic) {
    return ZydisMnemonicGetString((ZydisMnemonic)mnemonic);
}

/* ---- Cases ---- */

/* Other registers, addressing forms, immediates and harmless prefixes for a form. */
static void vary(bool is_64, const OracleForm *form, const Decoded *d, Random *r,
                 uint8_t bytes[16]) {
    const ZydisDecodedInstruction *in = &d->in;
    uint8_t body[16];
    memset(body, 0, sizeof body);
    memcpy(body, form->bytes, form->length);
    for (size_t i = form->length; i < sizeof body; i++)
        body[i] = (uint8_t)random_next(r);
    size_t at = in->raw.modrm.offset;
    if (in->attributes & ZYDIS_ATTRIB_HAS_MODRM) {
        bool is_register = in->raw.modrm.mod == 3;
        uint8_t modrm = (uint8_t)random_next(r);
        if (is_register)
            modrm |= 0xc0;
        else if (modrm >= 0xc0)
            modrm ^= 0x80;
        body[at] = modrm;
        for (size_t i = at + 1; i < sizeof body; i++)
            body[i] = (uint8_t)random_next(r);
    } else {
        for (unsigned i = 0; i < 2; i++)
            for (unsigned k = 0; k < in->raw.imm[i].size / 8; k++)
                body[in->raw.imm[i].offset + k] = (uint8_t)random_next(r);
        /* The register in the opcode. */
        size_t opcode = form->length - 1;
        for (unsigned i = 0; i < 2; i++)
            if (in->raw.imm[i].size && in->raw.imm[i].offset <= opcode)
                opcode = in->raw.imm[i].offset - 1u;
        if (random_below(r, 2) && !in->raw.disp.size)
            body[opcode] ^= (uint8_t)random_below(r, 8);
    }
    if (in->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX) {
        body[1] ^= (uint8_t)(is_64 ? random_next(r) & 0xe0 : 0); /* R, X, B */
        body[2] ^= (uint8_t)(random_next(r) & (is_64 ? 0x78 : 0x38));
    } else if (in->attributes & ZYDIS_ATTRIB_HAS_REX) {
        body[in->raw.rex.offset] ^= (uint8_t)(random_next(r) & 7);
    }
    size_t n = 0;
    bool has_memory = (in->attributes & ZYDIS_ATTRIB_HAS_MODRM) && in->raw.modrm.mod != 3;
    if (random_below(r, 12) == 0)
        bytes[n++] = 0x67;
    if (has_memory && random_below(r, 16) == 0)
        bytes[n++] = random_below(r, 2) ? 0x64 : 0x65;
    memcpy(bytes + n, body, 16 - n);
}

static uint64_t *slot_of(OracleState *s, bool is_64, ZydisRegister reg, unsigned *width,
                         unsigned *shift) {
    ZydisMachineMode mode = is_64 ? ZYDIS_MACHINE_MODE_LONG_64 : ZYDIS_MACHINE_MODE_LONG_COMPAT_32;
    ZydisRegister whole = ZydisRegisterGetLargestEnclosing(mode, reg);
    ZydisRegisterClass class = ZydisRegisterGetClass(whole);
    if (class != ZYDIS_REGCLASS_GPR64 && class != ZYDIS_REGCLASS_GPR32)
        return NULL;
    *width = ZydisRegisterGetWidth(mode, reg);
    *shift = reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH ? 8 : 0;
    return &s->slots[ZydisRegisterGetId(whole)];
}

static uint64_t register_value(OracleState *s, bool is_64, ZydisRegister reg) {
    unsigned width = 0, shift = 0;
    const uint64_t *slot = slot_of(s, is_64, reg, &width, &shift);
    return slot ? *slot >> shift & ir_mask(width) : 0;
}

static void set_register(OracleState *s, bool is_64, ZydisRegister reg, uint64_t value) {
    unsigned width = 0, shift = 0;
    uint64_t *slot = slot_of(s, is_64, reg, &width, &shift);
    if (slot)
        *slot = (*slot & ~(ir_mask(width) << shift)) | (value & ir_mask(width)) << shift;
}

/* Where operand memory shall be: in the data area; 16-bit addresses reach the low area. */
static uint64_t wanted_address(const Decoded *d, Random *r, unsigned bytes) {
    bool is_16 = d->in.address_width == 16;
    uint64_t area = is_16 ? ORACLE_LOW : ORACLE_DATA;
    uint64_t span = is_16 ? 0xe000 : ORACLE_DATA_BYTES - 0x800;
    uint64_t va = area + 0x400 + random_below(r, span);
    /* Whole vectors mostly on their alignment: the host insists for some. */
    if (bytes >= 16)
        va &= ~(uint64_t)(bytes - 1);
    return va;
}

static uint64_t segment_base(const OracleState *s, ZydisRegister segment) {
    return segment == ZYDIS_REGISTER_FS   ? s->slots[SLOT_FS]
           : segment == ZYDIS_REGISTER_GS ? s->slots[SLOT_GS]
                                          : 0;
}

static void put_disp(const Decoded *d, uint8_t *bytes, uint64_t value) {
    memcpy(bytes + d->in.raw.disp.offset, &value, d->in.raw.disp.size / 8);
}

/* Sets base, index or displacement so that the operand lies in our memory; returns its address, 0
 * when it cannot. */
static uint64_t aim(bool is_64, const Decoded *d, const ZydisDecodedOperand *o, Random *r,
                    OracleCase *c) {
    OracleState *s = &c->before;
    uint64_t mask = ir_mask(d->in.address_width);
    uint64_t va = wanted_address(d, r, o->size / 8);
    bool is_stack = o->mem.base == ZYDIS_REGISTER_RSP || o->mem.base == ZYDIS_REGISTER_ESP;
    if (is_stack && d->in.address_width != 16)
        va = ORACLE_STACK + UINT64_C(0x4000) + random_below(r, 0x800) * 4;
    uint64_t offset = (uint64_t)o->mem.disp.value + segment_base(s, o->mem.segment);
    uint64_t scale = o->mem.scale ? o->mem.scale : 1u;
    ZydisRegister base = o->mem.base, index = o->mem.index;
    if (base == ZYDIS_REGISTER_RIP || base == ZYDIS_REGISTER_EIP) {
        put_disp(d, c->bytes, va - s->pc - d->in.length - segment_base(s, o->mem.segment));
        return va;
    }
    if (base == ZYDIS_REGISTER_NONE && index == ZYDIS_REGISTER_NONE) {
        put_disp(d, c->bytes, va - segment_base(s, o->mem.segment));
        return va;
    }
    if (base == index) {
        set_register(s, is_64, base, (va - offset) / (scale + 1u));
    } else if (base == ZYDIS_REGISTER_NONE) {
        set_register(s, is_64, index, (va - offset) / scale);
    } else {
        uint64_t far = index ? register_value(s, is_64, index) * scale : 0;
        set_register(s, is_64, base, va - offset - far);
    }
    uint64_t ea = register_value(s, is_64, base) + (uint64_t)o->mem.disp.value +
                  (index ? register_value(s, is_64, index) * scale : 0);
    return ((ea & mask) + segment_base(s, o->mem.segment)) & (is_64 ? UINT64_MAX : UINT32_MAX);
}

static bool is_ours(uint64_t va) {
    return (va >= 0x40 && va < ORACLE_LOW_BYTES - 0x1000) ||
           (va >= ORACLE_DATA + 0x40 && va < ORACLE_DATA + ORACLE_DATA_BYTES - 0x100) ||
           (va >= ORACLE_STACK + 0x800 && va < ORACLE_STACK + ORACLE_STACK_BYTES - 0x100);
}

static void fill_state(bool is_64, Random *r, OracleState *s) {
    uint64_t keep = is_64 ? UINT64_MAX : UINT32_MAX;
    unsigned registers = is_64 ? 16 : 8;
    for (unsigned i = 0; i < registers; i++)
        s->slots[i] = random_value(r) & keep;
    s->slots[SLOT_X86_RSP] = ORACLE_STACK + 0x4000 + random_below(r, 0x400) * 8;
    s->slots[SLOT_X86_RBP] = ORACLE_STACK + 0x4000 + random_below(r, 0x400) * 8;
    for (unsigned i = SLOT_C; i <= SLOT_D; i++)
        s->slots[i] = random_below(r, 2);
    s->slots[SLOT_X86_MXCSR] = 0x1f80;
    s->slots[SLOT_X86_FPU_CONTROL] = 0x37f;
    s->slots[SLOT_FS] = ORACLE_DATA + 0x100;
    s->slots[SLOT_GS] = ORACLE_DATA + 0x200;
    for (unsigned i = 0; i < registers; i++)
        random_bytes(r, (uint8_t *)&s->slots[SLOT_VECTOR + SLOT_VECTOR_STRIDE * i], 32);
    random_bytes(r, (uint8_t *)&s->slots[SLOT_X87], 64);
}

/* What manuals leave open besides flags, and what changes segments: selectors mean nothing to us.
 */
static bool is_result_undefined(bool is_64, const Decoded *d, OracleState *s) {
    const ZydisDecodedOperand *o = d->operands;
    for (unsigned i = 0; i < d->in.operand_count; i++)
        if (o[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
            ZydisRegisterGetClass(o[i].reg.value) == ZYDIS_REGCLASS_SEGMENT)
            return true;
    for (unsigned i = 0; i < d->in.operand_count_visible; i++)
        if (o[i].type == ZYDIS_OPERAND_TYPE_REGISTER && o[i].reg.value == ZYDIS_REGISTER_ST7)
            return true;                        /* is empty, host.c */
    if (d->in.mnemonic == ZYDIS_MNEMONIC_PAUSE) /* with REX.B processors take it for xchg */
        return d->in.raw.rex.B;
    if (d->in.mnemonic == ZYDIS_MNEMONIC_BSWAP)
        return o[0].size == 16;
    if (d->in.mnemonic == ZYDIS_MNEMONIC_SHLD || d->in.mnemonic == ZYDIS_MNEMONIC_SHRD) {
        uint64_t count = o[2].type == ZYDIS_OPERAND_TYPE_IMMEDIATE
                             ? o[2].imm.value.u
                             : register_value(s, is_64, ZYDIS_REGISTER_CL);
        return o[0].size == 16 && (count & 31) > 16;
    }
    return false;
}

static uint32_t undefined_flags(const Decoded *d) {
    static const struct {
        uint32_t bit;
        unsigned slot;
    } map[] = {{ZYDIS_CPUFLAG_CF, SLOT_C}, {ZYDIS_CPUFLAG_ZF, SLOT_Z}, {ZYDIS_CPUFLAG_SF, SLOT_N},
               {ZYDIS_CPUFLAG_OF, SLOT_V}, {ZYDIS_CPUFLAG_PF, SLOT_P}, {ZYDIS_CPUFLAG_AF, SLOT_A}};
    uint32_t flags = 0;
    for (size_t i = 0; d->in.cpu_flags && i < sizeof map / sizeof *map; i++)
        if (d->in.cpu_flags->undefined & map[i].bit)
            flags |= 1u << (map[i].slot - SLOT_C);
    return flags;
}

/* Counts and bit offsets that would reach out of our memory. */
static void tame(bool is_64, const Decoded *d, Random *r, OracleCase *c) {
    OracleState *s = &c->before;
    const ZydisDecodedOperand *o = d->operands;
    c->repeats =
        d->in.attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE);
    if (c->repeats) {
        s->slots[SLOT_X86_RCX] &= ~ir_mask(d->in.address_width);
        s->slots[SLOT_X86_RCX] |= random_below(r, 9);
    }
    switch ((int)d->in.mnemonic) {
    case ZYDIS_MNEMONIC_BT:
    case ZYDIS_MNEMONIC_BTS:
    case ZYDIS_MNEMONIC_BTR:
    case ZYDIS_MNEMONIC_BTC:
        if (o[0].type == ZYDIS_OPERAND_TYPE_MEMORY && o[1].type == ZYDIS_OPERAND_TYPE_REGISTER)
            set_register(s, is_64, o[1].reg.value, random_below(r, 512) - 256);
        break;
    default:
        break;
    }
}

static bool is_x87(const ZydisDecodedInstruction *in) {
    return in->meta.category == ZYDIS_CATEGORY_X87_ALU || in->meta.category == ZYDIS_CATEGORY_FCMOV;
}

static bool starts_with(const ZydisDecodedInstruction *in, const char *prefix) {
    return strncmp(ZydisMnemonicGetString(in->mnemonic), prefix, strlen(prefix)) == 0;
}

/* Arithmetic is done with 80 bits there, with 64 here. */
static bool is_inexact(const ZydisDecodedInstruction *in) {
    static const char *const prefixes[] = {"fadd",  "fsub",  "fmul",  "fdiv",  "fiadd",
                                           "fisub", "fimul", "fidiv", "fsqrt", "fild"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (starts_with(in, prefixes[i]))
            return true;
    return false;
}

/* These tell by a bit of the status word that they did not do all for lack of range. */
static bool is_ranged(const ZydisDecodedInstruction *in) {
    return starts_with(in, "fsin") || starts_with(in, "fcos") || starts_with(in, "fptan") ||
           starts_with(in, "fprem");
}

/* The unit's state: numbers without signalling NaNs, which every move makes quiet. */
static void fill_x87(const ZydisDecodedInstruction *in, Random *r, OracleCase *c) {
    uint64_t *slots = c->before.slots;
    slots[SLOT_X86_FPU_STATUS] = random_next(r) & 0x4500;
    for (unsigned i = 0; i < 8; i++)
        if (is_ranged(in))
            slots[SLOT_X87 + i] = (slots[SLOT_X87 + i] & ~(UINT64_C(0x7ff) << 52)) |
                                  (0x3f0 + random_below(r, 32)) << 52;
        else if ((slots[SLOT_X87 + i] >> 52 & 0x7ff) == 0x7ff)
            slots[SLOT_X87 + i] &= ~((uint64_t)1 << 56);
    for (unsigned i = 0; i + 8 <= ORACLE_PATCH; i += 4) { /* as floats, doubles, extended */
        uint32_t word = 0;
        memcpy(&word, c->patch + i, 4);
        word &= ~(1u << 24);
        memcpy(c->patch + i, &word, 4);
    }
}

static bool has_mmx(const Decoded *d) {
    for (unsigned i = 0; i < d->in.operand_count; i++)
        if (d->operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
            ZydisRegisterGetClass(d->operands[i].reg.value) == ZYDIS_REGCLASS_MMX)
            return true;
    return false;
}

/* Unicorn 2.0.1 takes AVX for SSE with an operand less, BMI has wrong flags, SSE4a is not known;
 * MMX, x87 and MXCSR are not set or told rightly; of two NaNs it takes another one; lock neg has
 * wrong flags. What the host cannot do either (16-bit and segments' addresses) is left out then. */
static bool is_for_host(const Decoded *d) {
    const ZydisDecodedInstruction *in = &d->in;
    bool is_far = in->address_width == 16 ||
                  (in->attributes & (ZYDIS_ATTRIB_HAS_SEGMENT_FS | ZYDIS_ATTRIB_HAS_SEGMENT_GS));
    bool is_lock_neg =
        in->mnemonic == ZYDIS_MNEMONIC_NEG && (in->attributes & ZYDIS_ATTRIB_HAS_LOCK);
    bool is_short_enter = in->mnemonic == ZYDIS_MNEMONIC_ENTER && in->operand_width == 16;
    return in->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX || is_x87(in) || is_lock_neg ||
           is_short_enter || (is_far && in->opcode_map != ZYDIS_OPCODE_MAP_DEFAULT) ||
           in->meta.isa_set == ZYDIS_ISA_SET_SSE4A || in->mnemonic == ZYDIS_MNEMONIC_STMXCSR ||
           has_mmx(d);
}

/* Bytes before that only some values make sense of. */
static void patch_for(bool is_64, const Decoded *d, uint64_t va, OracleCase *c) {
    uint64_t flags = x86_flags_of(&c->before);
    switch ((int)d->in.mnemonic) {
    case ZYDIS_MNEMONIC_POPF:
    case ZYDIS_MNEMONIC_POPFD:
    case ZYDIS_MNEMONIC_POPFQ: /* no trap flag */
        c->patch_va = c->before.slots[SLOT_X86_RSP];
        flags ^= c->patch[0] & 0xd5;
        memcpy(c->patch, &flags, sizeof flags);
        break;
    case ZYDIS_MNEMONIC_RET: /* Unicorn takes the number of bytes for signed */
        if (c->length > 2)
            c->bytes[c->length - 1] &= 0x7f;
        break;
    case ZYDIS_MNEMONIC_ENTER: /* no further than our stack */
        c->bytes[c->length - 2] &= 0x0f;
        break;
    case ZYDIS_MNEMONIC_BSF:
    case ZYDIS_MNEMONIC_BSR: /* of 0 processors differ in the upper half */
        c->patch[0] |= 1;
        if (d->operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER)
            c->is_refused |= register_value(&c->before, is_64, d->operands[1].reg.value) == 0;
        else
            c->patch_va = va;
        break;
    default:
        break;
    }
}

static void clear_bits(void *at, size_t bytes, uint64_t bits) {
    uint8_t *p = at;
    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t word = 0;
        memcpy(&word, p + i, 8);
        word &= ~bits;
        memcpy(p + i, &word, 8);
    }
}

/* Which of three NaNs a fused operation gives, and its sign, is not followed. */
static void remove_nans(OracleCase *c) {
    uint64_t bits = 0x0090000000800000; /* a bit of the exponents of both formats */
    clear_bits(&c->before.slots[SLOT_VECTOR], (SLOT_TEMP - SLOT_VECTOR) * 8, bits);
    clear_bits(c->patch, sizeof c->patch, bits);
}

static bool make_case(bool is_64, const OracleForm *form, Random *r, OracleCase *c) {
    Decoded first, d;
    CHECK(decode(is_64, form->bytes, sizeof form->bytes, &first));
    bool fits = false;
    for (unsigned attempt = 0; !fits && attempt < 100; attempt++) {
        vary(is_64, form, &first, r, c->bytes);
        fits = decode(is_64, c->bytes, sizeof c->bytes, &d) && !is_unfit(&d.in) &&
               d.in.mnemonic == first.in.mnemonic && key_of(is_64, &d) == form->key;
    }
    if (!fits) {
        memcpy(c->bytes, form->bytes, sizeof c->bytes);
        d = first;
    }
    c->length = d.in.length;
    memset(c->bytes + c->length, 0, sizeof c->bytes - c->length);
    fill_state(is_64, r, &c->before);
    tame(is_64, &d, r, c);
    uint64_t va = 0;
    for (unsigned i = 0; i < d.in.operand_count; i++) {
        const ZydisDecodedOperand *o = &d.operands[i];
        if (o->type != ZYDIS_OPERAND_TYPE_MEMORY || o->mem.type == ZYDIS_MEMOP_TYPE_AGEN ||
            (i >= d.in.operand_count_visible && o->mem.base == ZYDIS_REGISTER_RSP))
            continue;
        if (o->mem.type == ZYDIS_MEMOP_TYPE_VSIB)
            return false;
        va = aim(is_64, &d, o, r, c);
        bool is_vector = o->size >= 128;
        if (!is_ours(va) || (is_vector && va % (o->size / 8u) != 0))
            return false; /* the host insists on alignment for some */
        if (random_below(r, 2))
            c->patch_va = va & ~(uint64_t)7;
    }
    tame(is_64, &d, r, c); /* the bit offset may have been a base */
    random_bytes(r, c->patch, sizeof c->patch);
    patch_for(is_64, &d, va, c);
    /* Of several NaNs processors keep different ones. */
    if (starts_with(&d.in, "vfm") || starts_with(&d.in, "vfnm") || starts_with(&d.in, "dpp") ||
        starts_with(&d.in, "vdpp")) {
        remove_nans(c);
        c->patch_va = va;
    }
    c->is_x87 = is_x87(&d.in);
    if (c->is_x87) {
        fill_x87(&d.in, r, c);
        c->patch_va = va;
        c->is_inexact = is_inexact(&d.in);
    }
    c->ignored_flags = undefined_flags(&d);
    c->is_for_host = is_for_host(&d);
    c->is_refused |= is_result_undefined(is_64, &d, &c->before);
    return true;
}

static bool make_x86(const OracleForm *form, Random *r, OracleCase *c) {
    return make_case(false, form, r, c);
}
static bool make_x64(const OracleForm *form, Random *r, OracleCase *c) {
    return make_case(true, form, r, c);
}

/* ---- Unicorn's registers ---- */

static const int general_64[16] = {UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX,
                                   UC_X86_REG_RSP, UC_X86_REG_RBP, UC_X86_REG_RSI, UC_X86_REG_RDI,
                                   UC_X86_REG_R8,  UC_X86_REG_R9,  UC_X86_REG_R10, UC_X86_REG_R11,
                                   UC_X86_REG_R12, UC_X86_REG_R13, UC_X86_REG_R14, UC_X86_REG_R15};
static const int general_32[8] = {UC_X86_REG_EAX, UC_X86_REG_ECX, UC_X86_REG_EDX, UC_X86_REG_EBX,
                                  UC_X86_REG_ESP, UC_X86_REG_EBP, UC_X86_REG_ESI, UC_X86_REG_EDI};
static const unsigned flag_bits[] = {0, 6, 7, 11, 2, 4, 10}; /* C Z N V P A D */

uint64_t x86_flags_of(const OracleState *s) {
    uint64_t flags = 0x202;
    for (unsigned i = 0; i < 7; i++)
        flags |= (s->slots[SLOT_C + i] & 1) << flag_bits[i];
    return flags;
}

void x86_set_flags(OracleState *s, uint64_t flags) {
    for (unsigned i = 0; i < 7; i++)
        s->slots[SLOT_C + i] = flags >> flag_bits[i] & 1;
}

static void put_state(bool is_64, uc_engine *uc, const OracleState *s) {
    for (int i = 0; i < (is_64 ? 16 : 8); i++) {
        uint64_t value = s->slots[i];
        uc_reg_write(uc, is_64 ? general_64[i] : general_32[i], &value);
        uint64_t vector[4];
        memcpy(vector, &s->slots[SLOT_VECTOR + SLOT_VECTOR_STRIDE * i], sizeof vector);
        uc_reg_write(uc, UC_X86_REG_YMM0 + i, vector);
    }
    for (int i = 0; i < 8; i++) {
        uint64_t mm = s->slots[SLOT_X87 + i];
        uc_reg_write(uc, UC_X86_REG_MM0 + i, &mm);
    }
    uint64_t flags = x86_flags_of(s), fs = s->slots[SLOT_FS], gs = s->slots[SLOT_GS];
    uint32_t status = 0, tags = 0;
    uc_reg_write(uc, UC_X86_REG_EFLAGS, &flags);
    if (is_64) {
        uc_reg_write(uc, UC_X86_REG_FS_BASE, &fs);
        uc_reg_write(uc, UC_X86_REG_GS_BASE, &gs);
    }
    uc_reg_write(uc, UC_X86_REG_FPSW, &status);
    uc_reg_write(uc, UC_X86_REG_FPTAG, &tags);
}

static void get_state(bool is_64, uc_engine *uc, OracleState *s) {
    for (int i = 0; i < (is_64 ? 16 : 8); i++) {
        uint64_t value = 0;
        uc_reg_read(uc, is_64 ? general_64[i] : general_32[i], &value);
        s->slots[i] = is_64 ? value : value & UINT32_MAX;
        uint64_t vector[4] = {0};
        uc_reg_read(uc, UC_X86_REG_YMM0 + i, vector);
        memcpy(&s->slots[SLOT_VECTOR + SLOT_VECTOR_STRIDE * i], vector, sizeof vector);
    }
    for (int i = 0; i < 8; i++)
        uc_reg_read(uc, UC_X86_REG_MM0 + i, &s->slots[SLOT_X87 + i]);
    uint64_t flags = 0, pc = 0;
    uc_reg_read(uc, UC_X86_REG_EFLAGS, &flags);
    uc_reg_read(uc, is_64 ? UC_X86_REG_RIP : UC_X86_REG_EIP, &pc);
    x86_set_flags(s, flags);
    s->pc = is_64 ? pc : pc & UINT32_MAX;
}

/* Segments with our bases: in 32 bits they come from descriptors. */
static void start_x86(uc_engine *uc) {
    enum { GDT = 0x600000, FLAT = 0xcf9300 /* 4 GiB, writable data */ };
    const uint32_t bases[] = {0, ORACLE_DATA + 0x100, ORACLE_DATA + 0x200};
    static const int registers[] = {UC_X86_REG_SS, UC_X86_REG_FS, UC_X86_REG_GS};
    uint64_t table[4] = {0};
    for (unsigned i = 0; i < 3; i++)
        table[i + 1] = (uint64_t)(FLAT | (bases[i] >> 16 & 0xff)) << 32 |
                       (uint64_t)(bases[i] & 0xffff) << 16 | 0xffff;
    uc_x86_mmr gdtr = {.base = GDT, .limit = sizeof table - 1};
    uc_mem_map(uc, GDT, PAGE_BYTES, UC_PROT_ALL);
    uc_mem_write(uc, GDT, table, sizeof table);
    uc_reg_write(uc, UC_X86_REG_GDTR, &gdtr);
    for (unsigned i = 0; i < 3; i++) {
        uint64_t selector = 8 * (i + 1);
        CHECK(uc_reg_write(uc, registers[i], &selector) == UC_ERR_OK);
    }
}

static void put_x86(uc_engine *uc, const OracleState *s) { put_state(false, uc, s); }
static void put_x64(uc_engine *uc, const OracleState *s) { put_state(true, uc, s); }
static void get_x86(uc_engine *uc, OracleState *s) { get_state(false, uc, s); }
static void get_x64(uc_engine *uc, OracleState *s) { get_state(true, uc, s); }

static OracleAnswer host_of(bool is_64, const OracleCase *c, OracleState *after) {
    Decoded d;
    CHECK(decode(is_64, c->bytes, sizeof c->bytes, &d));
    /* The host runs straight-line code that stays away from segments and the trap flag. */
    for (unsigned i = 0; i < d.in.operand_count; i++)
        if (d.operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
            ZydisRegisterGetClass(d.operands[i].reg.value) == ZYDIS_REGCLASS_SEGMENT)
            return ANSWER_REFUSED;
    for (unsigned i = 0; i < d.in.operand_count; i++)
        if (d.operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY && d.in.address_width == 16)
            return ANSWER_REFUSED; /* nothing is mapped there */
    bool sets_trap_flag = d.in.mnemonic == ZYDIS_MNEMONIC_POPF ||
                          d.in.mnemonic == ZYDIS_MNEMONIC_POPFD ||
                          d.in.mnemonic == ZYDIS_MNEMONIC_POPFQ;
    if (d.in.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE || sets_trap_flag ||
        (d.in.attributes & (ZYDIS_ATTRIB_HAS_SEGMENT_FS | ZYDIS_ATTRIB_HAS_SEGMENT_GS)))
        return ANSWER_REFUSED;
    return host_run(is_64, c, after);
}

static OracleAnswer host_x86(const OracleCase *c, OracleState *after) {
    return host_of(false, c, after);
}
static OracleAnswer host_x64(const OracleCase *c, OracleState *after) {
    return host_of(true, c, after);
}

static const uint16_t unseen[] = {SLOT_X86_FPU_IP, SLOT_NONE};

const OracleTarget oracle_x86 = {.name = "x86",
                                 .arch = ARCH_X86,
                                 .bits = 32,
                                 .uc_arch = UC_ARCH_X86,
                                 .uc_mode = UC_MODE_32,
                                 .unseen = unseen,
                                 .forms = forms_x86,
                                 .mnemonic = mnemonic_x86,
                                 .make = make_x86,
                                 .start = start_x86,
                                 .put = put_x86,
                                 .get = get_x86,
                                 .host = host_x86};
const OracleTarget oracle_x64 = {.name = "x86-64",
                                 .arch = ARCH_X64,
                                 .bits = 64,
                                 .uc_arch = UC_ARCH_X86,
                                 .uc_mode = UC_MODE_64,
                                 .unseen = unseen,
                                 .forms = forms_x64,
                                 .mnemonic = mnemonic_x86,
                                 .make = make_x64,
                                 .put = put_x64,
                                 .get = get_x64,
                                 .host = host_x64};
