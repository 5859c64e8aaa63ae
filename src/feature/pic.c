/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/pic.h"

#include "feature/placed.h"
#include "value/gene.h"

/* Nothing is mapped below it (vm.mmap_min_addr of Linux, the null area of Windows): images linked
 * for lower addresses are relocatable, and their code holds no absolute ones. */
enum { LOWEST_ADDRESS = 0x10000, FIRST_RVA = 0x1000 };

static bool has_code_relocs(const Image *image) {
    for (size_t i = 0; i < image->relocs.count; i++)
        if (image_is_code(image, image->relocs.at[i].va))
            return true;
    return false;
}

/* The dynamic segment says where it is, also in a file without section headers. */
static uint64_t find_got(const Image *image) {
    if (image->format != FORMAT_ELF || image->arch != ARCH_X86)
        return 0;
    uint64_t got = image->elf->got_va;
    if (got != 0)
        return got;
    for (size_t i = 0; i < image->sections.count; i++) {
        const Section *section = &image->sections.at[i];
        if (section->name && strcmp(section->name, ".got.plt") == 0)
            return section->va;
        if (section->name && strcmp(section->name, ".got") == 0)
            got = section->va;
    }
    return got;
}

PicRules pic_rules_from_image(const Image *image) {
    PicRules r = {.image = image};
    r.by_reloc = has_code_relocs(image);
    r.by_value = !r.by_reloc && image->base >= LOWEST_ADDRESS;
    r.by_rva = image->format == FORMAT_PE && image->bits == 64;
    r.got_va = find_got(image);
    return r;
}

static bool has_reloc(const Image *image, uint64_t va) {
    size_t low = 0, high = image->relocs.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (image->relocs.at[middle].va < va)
            low = middle + 1;
        else
            high = middle;
    }
    return low < image->relocs.count && image->relocs.at[low].va == va;
}

/* In a segment, or where one ends: linkers name the end of a table there. */
static bool is_mapped(const Image *image, uint64_t value) {
    return image_find_segment(image, value) || image_find_segment(image, value - 1);
}

static bool is_address(const PicRules *r, uint64_t value, uint64_t field_va, unsigned field_size) {
    if (field_size < 4)
        return false;
    if (r->by_reloc)
        return has_reloc(r->image, field_va);
    if (!r->by_value)
        return false;
    if (r->image->bits == 32)
        value &= UINT32_MAX;
    /* Round numbers are numbers (one address in 65,536 ends so), but for the image base. */
    return value >= LOWEST_ADDRESS && ((value & 0xffff) != 0 || value == r->image->base) &&
           is_mapped(r->image, value);
}

/* add ebx, _GLOBAL_OFFSET_TABLE_ after a call that fetched the address of the next instruction: the
 * sum is the table; the call stands within a few instructions before. */
static bool is_got_sum(const PicRules *r, const Insn *in) {
    enum { REACH = 64 };
    if (r->got_va == 0 || in->imm_size != 4)
        return false;
    uint64_t gap = (in->va + in->imm - r->got_va + REACH) & UINT32_MAX;
    return gap <= 2 * REACH;
}

static bool is_placed(const FunctionView *v, const Insn *in, unsigned field) {
    return v->placed && (v->placed[in - v->insns] & field) != 0;
}

bool pic_imm_is_address(const PicRules *r, const FunctionView *v, const Insn *in) {
    if (is_placed(v, in, PLACED_IMM))
        return true;
    if (in->address_bits != 0) /* movw and movt of an address; a literal's number is none */
        return in->has_imm && in->literal_size == 0;
    return in->has_imm && in->imm_size >= 4 &&
           (is_address(r, in->imm, in->va + in->imm_off, in->imm_size) || is_got_sum(r, in));
}

void pic_find_got_registers(const PicRules *r, FunctionView *v) {
    for (uint32_t i = 0; r->got_va != 0 && i < v->insn_count; i++) {
        const Insn *in = &v->insns[i];
        if (in->operand_count > 0 && in->operands[0].kind == OPERAND_REG && is_got_sum(r, in))
            v->got_registers |= 1u
                                << decode_register_number(v->tables->decoder, in->operands[0].reg);
    }
}

static bool holds_got(const FunctionView *v, uint16_t reg) {
    return v->got_registers != 0 && reg != 0 &&
           v->got_registers >> decode_register_number(v->tables->decoder, reg) & 1;
}

static const Operand *memory_operand(const Insn *in) {
    for (unsigned i = 0; i < in->operand_count; i++)
        if (in->operands[i].kind == OPERAND_MEM)
            return &in->operands[i];
    return NULL;
}

bool pic_disp_is_address(const PicRules *r, const FunctionView *v, const Insn *in) {
    if (in->disp_size < 4)
        return false;
    if (is_placed(v, in, PLACED_DISP))
        return true;
    const Operand *mem = memory_operand(in);
    if (!mem)
        return in->mem_va != 0;
    uint64_t value = (uint64_t)mem->value;
    RegisterClass base = view_register_class(v, mem->base);
    if (base == REGISTER_IP)
        return true;
    if (is_address(r, value, in->va + in->disp_off, in->disp_size))
        return true;
    if (holds_got(v, mem->base))
        return true;
    if (base == REGISTER_STACK || base == REGISTER_FRAME)
        return false;
    if (r->by_rva && mem->index != 0 && value >= FIRST_RVA && value < UINT32_MAX &&
        image_find_segment(r->image, r->image->base + value))
        return true;
    /* lea reg, [symbol@GOTOFF], to be added: a number would be moved. */
    if (r->got_va != 0 && mem->is_agen && mem->base == 0 && mem->index == 0)
        return image_find_segment(r->image, (r->got_va + value) & UINT32_MAX) != NULL;
    /* [ebx + symbol@GOTOFF]: negative for constants and code, whose place lies before the table.
     * Positive ones below a page may be fields of structures and stay. */
    if (r->got_va != 0 && mem->base != 0 && (value >> 63 || value >= FIRST_RVA))
        return image_find_segment(r->image, (r->got_va + value) & UINT32_MAX) != NULL;
    return false;
}

/* Index of the block that starts at va, or UINT32_MAX. The entry block stands first, the rest is
 * sorted. */
static uint32_t find_block(const FunctionView *v, uint64_t va) {
    if (v->block_count == 0)
        return UINT32_MAX;
    if (v->blocks[0].va == va)
        return 0;
    uint32_t low = 1, high = v->block_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (v->blocks[middle].va < va)
            low = middle + 1;
        else
            high = middle;
    }
    return low < v->block_count && v->blocks[low].va == va ? low : UINT32_MAX;
}

/* What a small body says; see PIC_SMALL_INSNS. */
typedef struct Weight {
    uint32_t insns, work;
    bool has_constant;
} Weight;

static bool is_work(const FunctionView *v, const Insn *in, MnemonicGroup group) {
    switch ((int)group) {
    case GROUP_STACK:
    case GROUP_JUMP:
    case GROUP_CALL:
    case GROUP_RETURN:
    case GROUP_TRAP:
        return false;
    case GROUP_MOVE:
        return !(in->operand_count == 2 && in->operands[0].kind == OPERAND_REG &&
                 in->operands[1].kind == OPERAND_REG);
    default:
        return in->operand_count == 0 || in->operands[0].kind != OPERAND_REG ||
               view_register_class(v, in->operands[0].reg) != REGISTER_STACK;
    }
}

typedef struct Stream {
    uint8_t *at;
    size_t size;
} Stream;

static void stream_u32(Stream *s, uint32_t value) {
    memcpy(s->at + s->size, &value, sizeof value);
    s->size += sizeof value;
}

static bool is_direct(const Insn *in) {
    return in->flow == FLOW_JUMP || in->flow == FLOW_BRANCH || in->flow == FLOW_CALL;
}

/* Bits of an instruction that are part of an address; and the number that it loads from between the
 * code instead, when that is none. */
static void mask_bits(const Insn *in, uint8_t *to, size_t size, Stream *s) {
    for (size_t i = 0; i < size && i < sizeof in->address_bits; i++)
        to[i] &= (uint8_t) ~(in->address_bits >> 8 * i);
    if (in->literal_size != 0 && in->has_imm)
        stream_u32(s, (uint32_t)in->imm);
}

/* The block's bytes without its padding and addresses; returns its instructions that count. */
static uint32_t stream_block(const PicRules *r, const FunctionView *v, uint32_t index, Stream *s,
                             Weight *weight) {
    const ViewBlock *block = &v->blocks[index];
    Bytes bytes = bytes_clip(image_bytes_at(v->image, block->va), 0, block->size);
    uint32_t counted = 0;
    for (uint32_t i = 0; i < block->insn_count; i++) {
        const Insn *in = &v->insns[block->first_insn + i];
        MnemonicGroup group = view_group(v, in);
        Bytes raw = bytes_cut(bytes, in->va - block->va, in->length);
        if (view_is_padding(v, in, group) || raw.size == 0)
            continue;
        uint8_t *to = s->at + s->size;
        memcpy(to, raw.at, raw.size);
        s->size += raw.size;
        if (in->address_bits != 0)
            mask_bits(in, to, raw.size, s);
        bool imm_is_address = is_direct(in) || pic_imm_is_address(r, v, in);
        if (imm_is_address && bytes_has(raw, in->imm_off, in->imm_size))
            memset(to + in->imm_off, 0, in->imm_size);
        if (in->disp_size >= 4 && pic_disp_is_address(r, v, in) &&
            bytes_has(raw, in->disp_off, in->disp_size))
            memset(to + in->disp_off, 0, in->disp_size);
        counted++;
        weight->work += is_work(v, in, group);
        weight->has_constant |= in->has_imm && !imm_is_address && constant_from_imm(in->imm) != 0;
    }
    return counted;
}

/* Where branches go, as the number of instructions before the target: the distance in bytes may
 * differ when padding differs or a cold part was placed elsewhere, this does not. */
static void stream_targets(const FunctionView *v, const uint32_t *counted, Stream *s) {
    for (uint32_t b = 0; b < v->block_count; b++) {
        const ViewBlock *block = &v->blocks[b];
        if (block->insn_count == 0)
            continue;
        const Insn *last = &v->insns[block->first_insn + block->insn_count - 1];
        if (last->flow != FLOW_JUMP && last->flow != FLOW_BRANCH)
            continue;
        uint32_t target = find_block(v, last->target);
        stream_u32(s, target == UINT32_MAX ? UINT32_MAX : counted[target]);
    }
}

/* Names, not addresses: what a small wrapper wraps. Room: see pic_from_view. */
enum { MAX_CALLEE_TEXT = 4096 };
static uint32_t stream_callees(const FunctionView *v, Stream *s) {
    uint32_t count = 0;
    size_t room = MAX_CALLEE_TEXT;
    for (uint32_t i = 0; i < v->function->call_count; i++) {
        const Call *call = &v->code->calls.at[v->function->first_call + i];
        if (call->import == 0 || call->import > v->image->imports.count)
            continue;
        const Import *import = &v->image->imports.at[call->import - 1];
        bool by_name = import->name && import->name[0];
        const char *name = by_name ? import->name : import->module ? import->module : "";
        size_t size = strlen(name);
        count++;
        if (size + 5 > room)
            break;
        memcpy(s->at + s->size, name, size + 1);
        s->size += size + 1;
        stream_u32(s, by_name ? 0 : import->ordinal);
        room -= size + 5;
    }
    return count;
}

static bool says_something(const FunctionView *v, const Weight *w, uint32_t callees) {
    if (v->function->flags & (FUNCTION_THUNK | FUNCTION_STUB) || w->insns < 2)
        return false;
    return w->insns >= PIC_SMALL_INSNS || w->has_constant ||
           (w->insns >= PIC_TINY_INSNS && (callees > 0 || w->work >= PIC_TINY_WORK));
}

uint32_t pic_from_view(const PicRules *r, const FunctionView *v, Arena *scratch, Hash128 *pic,
                       BlockFeature *blocks) {
    *pic = (Hash128){0};
    size_t room = 8 + MAX_CALLEE_TEXT;
    for (uint32_t b = 0; b < v->block_count; b++)
        room += v->blocks[b].size + sizeof(uint32_t);
    if (decode_has_track(v->tables->decoder)) /* numbers from literals */
        room += v->insn_count * sizeof(uint32_t);
    Stream s = {.at = arena_alloc_unset(scratch, room)};
    uint32_t *counted = ARENA_UNSET(scratch, uint32_t, v->block_count);
    /* The same bytes mean other things on another processor. */
    stream_u32(&s, (uint32_t)v->image->arch);
    Weight weight = {0};
    uint32_t kept = 0;
    for (uint32_t b = 0; b < v->block_count; b++) {
        size_t start = s.size;
        counted[b] = weight.insns;
        uint32_t insns = stream_block(r, v, b, &s, &weight);
        weight.insns += insns;
        if (insns >= PIC_BLOCK_INSNS)
            blocks[kept++] = (BlockFeature){.off = (uint32_t)(v->blocks[b].va - v->function->va),
                                            .size = v->blocks[b].size,
                                            .instructions = insns,
                                            .pic = hash128((Bytes){s.at + start, s.size - start})};
    }
    stream_targets(v, counted, &s);
    if (v->is_cut)
        stream_u32(&s, v->function->instruction_count);
    uint32_t callees = 0;
    if (weight.insns < PIC_SMALL_INSNS)
        callees = stream_callees(v, &s);
    if (says_something(v, &weight, callees))
        *pic = hash128((Bytes){s.at, s.size});
    return kept;
}
