/* SPDX-License-Identifier: Apache-2.0
 * x86_forms.c: a table with one place for each hash. */
#include "code/x86_forms.h"

enum {
    /* Of the 1.7 M instructions of /usr/bin/cmake 94 % find their form, of the 0.7 M of CPython
     * 91 %; half the table: 91 % and 87 %, twice: 96 % and 94 % (GCC, -O2). */
    X86_FORMS_LOG = 12,
    X86_FORMS = 1 << X86_FORMS_LOG,
    FORM_OPERANDS = 3
};

/* Operand, smaller: Zydis' registers are fewer than 256 but for those of no general use. */
typedef struct FormOperand {
    uint16_t bits;
    uint8_t reg, base, index, segment;
    uint8_t kind, access, scale;
    bool is_agen;
    int8_t value; /* of an immediate that is not encoded (shift by 1) */
} FormOperand;

/* A line of the cache: a form that is looked up is rarely in the nearest one. */
typedef struct Form {
    uint64_t key; /* 0: none */
    uint16_t mnemonic, id;
    uint8_t segment, prefixes, operand_width, address_width, operand_count;
    bool is_far;
    FormOperand operands[FORM_OPERANDS];
} Form;
enum { CACHE_LINE = 64 };
_Static_assert(sizeof(Form) <= CACHE_LINE, "a line of the cache");

typedef union FormLine {
    Form form;
    uint8_t bytes[CACHE_LINE];
} FormLine;

struct X86Forms {
    FormLine *lines;
};

X86Forms *x86_forms_new(Arena *a) {
    X86Forms *f = ARENA_NEW(a, X86Forms);
    uint8_t *lines = arena_alloc(a, (X86_FORMS + 1) * sizeof(FormLine));
    f->lines = (FormLine *)(void *)(lines + (-(uintptr_t)lines & (CACHE_LINE - 1)));
    return f;
}

uint64_t x86_form_key(Bytes b, unsigned form) {
    uint64_t key = form;
    for (unsigned i = 0; i < form; i++)
        key = key << 8 | b.at[i];
    return key;
}

static size_t place_of(uint64_t key) { return key * 0x9e3779b97f4a7c15 >> (64 - X86_FORMS_LOG); }

static int64_t displacement(Bytes b, const Insn *in) {
    return in->disp_size == 1 ? (int8_t)bytes_u8_at(b, in->disp_off)
                              : (int32_t)bytes_u32_at(b, in->disp_off);
}

static void fill_operand(const FormOperand *from, Bytes b, const Insn *in, Operand *to) {
    *to = (Operand){.kind = (OperandKind)from->kind,
                    .access = from->access,
                    .bits = from->bits,
                    .reg = from->reg,
                    .base = from->base,
                    .index = from->index,
                    .segment = from->segment,
                    .scale = from->scale,
                    .is_agen = from->is_agen,
                    .value = from->value};
    if (to->kind == OPERAND_IMM && in->imm_size != 0)
        to->value = (int64_t)in->imm;
    else if (to->kind == OPERAND_TARGET)
        to->value = (int64_t)in->target;
    else if (to->kind == OPERAND_MEM && in->disp_size != 0)
        to->value = displacement(b, in);
}

bool x86_forms_find(const X86Forms *f, uint64_t key, Bytes b, Insn *out) {
    const Form *form = &f->lines[place_of(key)].form;
    if (form->key != key)
        return false;
    out->mnemonic = form->mnemonic;
    out->id = form->id;
    out->segment = form->segment;
    out->prefixes = form->prefixes;
    out->operand_width = form->operand_width;
    out->address_width = form->address_width;
    out->is_far = form->is_far;
    out->operand_count = form->operand_count;
    for (unsigned i = 0; i < form->operand_count; i++)
        fill_operand(&form->operands[i], b, out, &out->operands[i]);
    return true;
}

void x86_forms_add(X86Forms *f, uint64_t key, const Insn *in) {
    Form form = {.key = key,
                 .mnemonic = in->mnemonic,
                 .id = in->id,
                 .segment = (uint8_t)in->segment,
                 .prefixes = in->prefixes,
                 .operand_width = in->operand_width,
                 .address_width = in->address_width,
                 .operand_count = in->operand_count,
                 .is_far = in->is_far};
    if (in->operand_count > FORM_OPERANDS || in->segment > UINT8_MAX)
        return;
    for (unsigned i = 0; i < in->operand_count; i++) {
        const Operand *o = &in->operands[i];
        bool is_encoded = (o->kind == OPERAND_IMM && in->imm_size != 0) ||
                          o->kind == OPERAND_TARGET ||
                          (o->kind == OPERAND_MEM && in->disp_size != 0);
        if ((!is_encoded && (o->value < INT8_MIN || o->value > INT8_MAX)) ||
            (o->reg | o->base | o->index | o->segment) > UINT8_MAX)
            return;
        form.operands[i] = (FormOperand){.kind = (uint8_t)o->kind,
                                         .access = o->access,
                                         .bits = o->bits,
                                         .reg = (uint8_t)o->reg,
                                         .base = (uint8_t)o->base,
                                         .index = (uint8_t)o->index,
                                         .segment = (uint8_t)o->segment,
                                         .scale = o->scale,
                                         .is_agen = o->is_agen,
                                         .value = is_encoded ? 0 : (int8_t)o->value};
    }
    f->lines[place_of(key)].form = form;
}
