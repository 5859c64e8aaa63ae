/* SPDX-License-Identifier: Apache-2.0
 * x86_forms.c: tables with one place for each hash. */
#include "code/x86_forms.h"

enum {
    /* Of the 1.7 M instructions of /usr/bin/cmake 94 % find their form, of the 0.7 M of CPython
     * 91 %; half the table: 91 % and 87 %, twice: 96 % and 94 % (GCC, -O2). */
    X86_FORMS_LOG = 12,
    X86_FORMS = 1 << X86_FORMS_LOG,
    X86_TEMPLATES_LOG = X86_FORMS_LOG - 2,
    X86_TEMPLATES = 1 << X86_TEMPLATES_LOG,
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

/* A form whose registers of ModRM and SIB are left open: reg of such an operand is the first
 * register of its kind. */
typedef struct Template {
    Form form;
    uint8_t fields[FORM_OPERANDS];
} Template;

struct X86Forms {
    FormLine *lines;
    Template *templates;
    X86Registers registers;
};

X86Forms *x86_forms_new(Arena *a, X86Registers registers) {
    X86Forms *f = ARENA_NEW(a, X86Forms);
    f->registers = registers;
    f->templates = ARENA_ARRAY(a, Template, X86_TEMPLATES);
    uint8_t *lines = arena_alloc(a, (X86_FORMS + 1) * sizeof(FormLine));
    f->lines = (FormLine *)(void *)(lines + (-(uintptr_t)lines & (CACHE_LINE - 1)));
    return f;
}

static uint64_t form_key(Bytes b, unsigned form) {
    uint64_t key = form;
    for (unsigned i = 0; i < form; i++)
        key = key << 8 | b.at[i];
    return key;
}

static size_t place_of(uint64_t key, unsigned log) {
    return key * 0x9e3779b97f4a7c15 >> (64 - log);
}

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

static void fill_form(const Form *form, Bytes b, Insn *out) {
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
}

/* What `in` says but for its numbers; false when a form cannot hold it. */
static bool form_of(const Insn *in, uint64_t key, Form *form) {
    *form = (Form){.key = key,
                   .mnemonic = in->mnemonic,
                   .id = in->id,
                   .segment = (uint8_t)in->segment,
                   .prefixes = in->prefixes,
                   .operand_width = in->operand_width,
                   .address_width = in->address_width,
                   .operand_count = in->operand_count,
                   .is_far = in->is_far};
    if (in->operand_count > FORM_OPERANDS || in->segment > UINT8_MAX)
        return false;
    for (unsigned i = 0; i < in->operand_count; i++) {
        const Operand *o = &in->operands[i];
        bool is_encoded = (o->kind == OPERAND_IMM && in->imm_size != 0) ||
                          o->kind == OPERAND_TARGET ||
                          (o->kind == OPERAND_MEM && in->disp_size != 0);
        if ((!is_encoded && (o->value < INT8_MIN || o->value > INT8_MAX)) ||
            (o->reg | o->base | o->index | o->segment) > UINT8_MAX)
            return false;
        form->operands[i] = (FormOperand){.kind = (uint8_t)o->kind,
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
    return true;
}

/* ---- templates ---- */

/* The fields of ModRM and SIB that name registers, and all else as a key. */
typedef struct Fields {
    uint64_t key;
    uint8_t reg, rm, base, index;
    bool has_rex, has_base, has_index;
} Fields;

/* Opcodes of decode_fast whose ModRM.reg is part of the opcode. */
static bool is_group(bool is_two, uint8_t op) {
    if (is_two)
        return op == 0x1f || op == 0xba;
    return (op >= 0x80 && op <= 0x83) || op == 0xc0 || op == 0xc1 || op == 0xc6 || op == 0xc7 ||
           (op >= 0xd0 && op <= 0xd3) || op == 0xf6 || op == 0xf7 || op == 0xfe || op == 0xff;
}

/* False: no ModRM. */
static bool fields_from_form(bool is_64, Bytes b, unsigned form, Fields *f) {
    unsigned i = 0;
    uint8_t first = b.at[0], rex = 0;
    bool has_prefix = first == 0x66 || first == 0xf2 || first == 0xf3;
    i += has_prefix;
    if (is_64 && (b.at[i] & 0xf0) == 0x40)
        rex = b.at[i++];
    bool is_two = b.at[i] == 0x0f;
    i += is_two;
    uint8_t op = b.at[i++];
    if (i >= form)
        return false;
    uint8_t modrm = b.at[i++], sib = i < form ? b.at[i] : 0;
    unsigned mod = modrm >> 6, rm = modrm & 7u;
    bool has_sib = i < form, is_direct = mod == 3;
    *f = (Fields){.reg = (uint8_t)((modrm >> 3 & 7) | (rex & 4) << 1),
                  .rm = (uint8_t)(rm | (rex & 1u) << 3),
                  .index = (uint8_t)((sib >> 3 & 7) | (rex & 2) << 2),
                  .has_rex = rex != 0};
    unsigned base = has_sib ? (sib & 7u) | (rex & 1u) << 3 : f->rm;
    f->base = (uint8_t)base;
    f->has_base = !is_direct && !(mod == 0 && (has_sib ? (sib & 7) == 5 : rm == 5));
    f->has_index = has_sib && f->index != 4;
    uint8_t kept = (uint8_t)(is_group(is_two, op) ? modrm & 0xf8 : modrm & 0xc0);
    uint8_t shape = (uint8_t)(f->has_base | f->has_index << 1 | has_sib << 2 | is_two << 3 |
                              (sib & 0xc0)); /* scale */
    f->key = (uint64_t)1 << 40 | (uint64_t)shape << 32 | (uint64_t)kept << 24 | (uint64_t)op << 16 |
             (uint64_t)(rex & 0x48) << 8 | (has_prefix ? first : 0u);
    return true;
}

/* Place of a register among those of its kind: byte registers are al cl dl bl ah ch dh bh spl bpl
 * .. to the decoder, of which a REX prefix takes ah to bh away. */
static uint8_t place_in_kind(const Fields *f, unsigned bits, uint8_t number) {
    return (uint8_t)(bits == 8 && f->has_rex && number >= 4 ? number + 4 : number);
}

static uint8_t field_of(const Fields *f, uint8_t field) {
    return field == FIELD_REG ? f->reg : f->rm;
}

static uint8_t segment_of(const X86Registers *r, const Fields *f) {
    enum { SP = 4, BP = 5 };
    return f->has_base && (f->base == SP || f->base == BP) ? r->ss : r->ds;
}

static void template_add(X86Forms *x, const Fields *f, const Form *form,
                         const X86Encoding *encoding) {
    Template t = {.form = *form};
    t.form.key = f->key;
    if (encoding->is_odd)
        return;
    for (unsigned i = 0; i < form->operand_count; i++) {
        FormOperand *o = &t.form.operands[i];
        t.fields[i] = encoding->fields[i];
        if (o->kind == OPERAND_REG && t.fields[i] != FIELD_NONE)
            o->reg = (uint8_t)(o->reg - place_in_kind(f, o->bits, field_of(f, t.fields[i])));
        if (o->kind != OPERAND_MEM)
            continue;
        const X86Registers *r = &x->registers;
        bool is_plain = o->base == (f->has_base ? r->general + f->base : o->base) &&
                        o->index == (f->has_index ? r->general + f->index : 0) &&
                        o->segment == segment_of(r, f);
        if (!is_plain)
            return;
    }
    x->templates[place_of(f->key, X86_TEMPLATES_LOG)] = t;
}

/* The form of b's instruction from its template. */
static bool form_from_template(const X86Forms *x, const Fields *f, Form *form) {
    const Template *t = &x->templates[place_of(f->key, X86_TEMPLATES_LOG)];
    if (t->form.key != f->key)
        return false;
    *form = t->form;
    for (unsigned i = 0; i < form->operand_count; i++) {
        FormOperand *o = &form->operands[i];
        if (o->kind == OPERAND_REG && t->fields[i] != FIELD_NONE)
            o->reg = (uint8_t)(o->reg + place_in_kind(f, o->bits, field_of(f, t->fields[i])));
        if (o->kind != OPERAND_MEM)
            continue;
        if (f->has_base)
            o->base = (uint8_t)(x->registers.general + f->base);
        if (f->has_index)
            o->index = (uint8_t)(x->registers.general + f->index);
        o->segment = segment_of(&x->registers, f);
    }
    return true;
}

/* ---- both ---- */

bool x86_forms_find(X86Forms *x, Bytes b, unsigned form_size, Insn *out) {
    uint64_t key = form_key(b, form_size);
    Form *form = &x->lines[place_of(key, X86_FORMS_LOG)].form;
    if (form->key != key) {
        Fields f;
        Form fresh;
        if (!fields_from_form(x->registers.is_64, b, form_size, &f) ||
            !form_from_template(x, &f, &fresh))
            return false;
        fresh.key = key;
        *form = fresh;
    }
    fill_form(form, b, out);
    return true;
}

void x86_forms_add(X86Forms *x, Bytes b, unsigned form_size, const Insn *in,
                   const X86Encoding *encoding) {
    Form form;
    Fields f;
    uint64_t key = form_key(b, form_size);
    if (!form_of(in, key, &form))
        return;
    x->lines[place_of(key, X86_FORMS_LOG)].form = form;
    if (fields_from_form(x->registers.is_64, b, form_size, &f))
        template_add(x, &f, &form, encoding);
}
