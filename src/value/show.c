/* SPDX-License-Identifier: Apache-2.0 */
#include "value/show.h"

#include "value/build.h"

enum {
    MOST_DEPTH = 8,   /* deeper operands are shown as ... */
    MOST_BYTES = 400, /* of one effect */
    MOST_TEXT = 40
};

typedef struct Show {
    const Values *v;
    const ValueFunction *f;
    Text *out;
    size_t end; /* out->size at which operands become ... */
} Show;

static void show_value(Show *s, Value v, unsigned depth);

static void show_number(Show *s, uint64_t n) {
    uint64_t low = n > UINT32_MAX ? n : (uint64_t)(int64_t)(int32_t)n;
    if (low >= (uint64_t)-1024)
        text_addf(s->out, "-%llu", (unsigned long long)(0 - low));
    else if (n < 10)
        text_add_u64(s->out, n);
    else
        text_addf(s->out, "0x%llx", (unsigned long long)n);
}

static const char *import_name(const Image *image, uint32_t import) {
    if (import == 0 || import > image->imports.count)
        return "?";
    const Import *i = &image->imports.at[import - 1];
    return i->name && i->name[0] ? i->name : i->module && i->module[0] ? i->module : "?";
}

static void show_address(Show *s, uint64_t va) {
    const Image *image = s->v->context.image;
    const Segment *segment = image_find_segment(image, va);
    const Function *f = code_find_function(s->v->context.code, va);
    if (f) {
        text_addf(s->out, "&f_%llx", (unsigned long long)va);
        return;
    }
    Bytes at = image_bytes_at(image, va);
    size_t n = 0;
    while (n < MOST_TEXT && bytes_u8_at(at, n) >= 0x20 && bytes_u8_at(at, n) < 0x7f)
        n++;
    if (segment && !(segment->perms & (PERM_W | PERM_X)) && n >= 4) {
        text_add_char(s->out, '"');
        text_add_bytes(s->out, at.at, n);
        text_add(s->out, n == MOST_TEXT ? "...\"" : "\"");
        return;
    }
    text_addf(s->out, "&g_%llx", (unsigned long long)va);
}

static const char *operator_of(unsigned kind) {
    static const struct {
        uint8_t kind;
        const char *sign;
    } SIGNS[] = {{IR_ADD, " + "},   {IR_SUB, " - "},   {IR_MUL, " * "},   {IR_AND, " & "},
                 {IR_OR, " | "},    {IR_XOR, " ^ "},   {IR_SHL, " << "},  {IR_SHR, " >> "},
                 {IR_SAR, " >>s "}, {IR_ROL, " rol "}, {IR_ROR, " ror "}, {IR_UDIV, " / "},
                 {IR_SDIV, " /s "}, {IR_UREM, " % "},  {IR_SREM, " %s "}, {IR_EQ, " == "},
                 {IR_ULT, " < "},   {IR_SLT, " <s "}};
    for (unsigned i = 0; i < sizeof SIGNS / sizeof *SIGNS; i++)
        if (SIGNS[i].kind == kind)
            return SIGNS[i].sign;
    return NULL;
}

static void show_inputs(Show *s, const Node *n, const char *between, unsigned depth) {
    for (unsigned i = 0; i < 3 && n->in[i]; i++) {
        if (i > 0)
            text_add(s->out, between);
        show_value(s, n->in[i], depth + 1);
    }
}

static void show_operation(Show *s, const Node *n, unsigned depth) {
    const char *sign = operator_of(n->kind);
    if (n->kind == IR_LOAD) {
        text_add_char(s->out, '[');
        show_value(s, n->in[0], depth + 1);
        text_addf(s->out, "]%u", n->bits / 8u);
    } else if (n->kind == IR_XOR && n->bits == 1) {
        text_add(s->out, "!(");
        show_value(s, n->in[0], depth + 1);
        text_add_char(s->out, ')');
    } else if (sign) {
        if (depth > 0)
            text_add_char(s->out, '(');
        show_inputs(s, n, sign, depth);
        if (depth > 0)
            text_add_char(s->out, ')');
    } else {
        text_add(s->out, ir_kind_name((IrKind)n->kind));
        if (n->kind == IR_SEXT)
            text_addf(s->out, "%u", n->lane);
        text_add_char(s->out, '(');
        show_inputs(s, n, ", ", depth);
        text_add_char(s->out, ')');
    }
}

static void show_value(Show *s, Value v, unsigned depth) {
    v = graph_resolve(&s->f->graph, v);
    const Node *n = &s->f->graph.nodes[v];
    if (depth > MOST_DEPTH || s->out->size > s->end) {
        text_add(s->out, "...");
        return;
    }
    switch ((int)n->kind) {
    case VALUE_CONST:
        if (n->flags & NODE_ADDRESS)
            show_address(s, n->imm);
        else
            show_number(s, n->imm);
        break;
    case VALUE_ARG:
        text_addf(s->out, "a%llu", (unsigned long long)n->imm);
        break;
    case VALUE_ENTRY:
        text_addf(s->out, "entry%llu", (unsigned long long)n->imm);
        break;
    case VALUE_STACK:
        text_add(s->out, "s");
        show_number(s, n->imm);
        break;
    case VALUE_PHI:
        text_addf(s->out, "v%u", v);
        break;
    case VALUE_RESULT:
        text_addf(s->out, "r%llu", (unsigned long long)n->imm);
        break;
    case VALUE_IMPORT:
        text_addf(s->out, "&%s", import_name(s->v->context.image, (uint32_t)n->imm));
        break;
    case VALUE_UNKNOWN:
        text_add(s->out, "?");
        break;
    default:
        show_operation(s, n, depth);
        break;
    }
}

static void show_call(Show *s, const Effect *e) {
    text_addf(s->out, "r%u = ", e->b);
    if (e->import)
        text_add(s->out, import_name(s->v->context.image, e->import));
    else if (e->callee)
        text_addf(s->out, "f_%llx",
                  (unsigned long long)s->v->context.code->functions.at[e->callee - 1].va);
    else
        show_value(s, e->a, 1);
    text_add_char(s->out, '(');
    for (uint32_t k = 0; k < e->arg_count; k++) {
        if (k > 0)
            text_add(s->out, ", ");
        show_value(s, s->f->args.at[e->first_arg + k], 0);
    }
    text_add_char(s->out, ')');
}

void show_effect(const Values *v, const ValueFunction *f, const Effect *e, Text *out) {
    Show s = {.v = v, .f = f, .out = out, .end = out->size + MOST_BYTES};
    switch ((EffectKind)e->kind) {
    case EFFECT_STORE:
        text_add_char(out, '[');
        show_value(&s, e->a, 0);
        text_addf(out, "]%u = ", e->bits / 8u);
        show_value(&s, e->b, 0);
        break;
    case EFFECT_CALL:
        show_call(&s, e);
        break;
    case EFFECT_BRANCH:
        text_add(out, "if ");
        show_value(&s, e->a, 0);
        break;
    case EFFECT_SWITCH:
        text_add(out, "goto ");
        show_value(&s, e->a, 0);
        break;
    case EFFECT_RETURN:
        text_add(out, "return ");
        show_value(&s, e->a, 0);
        break;
    case EFFECT_FILL:
    case EFFECT_COPY:
        text_add(out, e->kind == EFFECT_FILL ? "fill [" : "copy [");
        show_value(&s, e->a, 0);
        text_add(out, e->kind == EFFECT_FILL ? "] = " : "] = from ");
        show_value(&s, e->b, 0);
        text_add(out, " bytes ");
        if (e->arg_count)
            show_value(&s, f->args.at[e->first_arg], 0);
        break;
    default:
        break;
    }
}
