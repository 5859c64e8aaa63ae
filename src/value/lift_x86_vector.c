/* SPDX-License-Identifier: Apache-2.0
 * lift_x86_vector.c: operands of vector instructions. */
#include "value/lift_x86_vector.h"

uint16_t vector_slot(const X86 *x, unsigned i, unsigned k) {
    if (i >= x->in->operand_count || !x86_is_reg(x, i))
        return SLOT_NONE;
    X86Place place = x86_place(x, x86_operand(x, i)->reg);
    if (place.slot == SLOT_NONE || k * 64 >= place.bits ||
        (place.class != REGISTER_VECTOR && place.class != REGISTER_FLOAT))
        return SLOT_NONE;
    return (uint16_t)(place.slot + k);
}

static bool has_words(const Vector *v, unsigned i, unsigned words) {
    const X86 *x = v->x;
    if (i >= x->in->operand_count)
        return false;
    if (x86_is_mem(x, i))
        return x86_width(x, i) == words * 64;
    return words <= VECTOR_WORDS && vector_slot(x, i, words - 1) != SLOT_NONE;
}

static void read_words(const Vector *v, unsigned i, unsigned words, Words *out) {
    for (unsigned k = 0; k < words; k++)
        out->at[k] = x86_is_mem(v->x, i)
                         ? emit_load(v->e, 64, x86_further(x86_memory(v->x, i), 8 * k, v->x->bits))
                         : input_slot(vector_slot(v->x, i, k));
}

bool vector_read(const Vector *v, unsigned i, unsigned words, Words *out) {
    if (!has_words(v, i, words))
        return false;
    read_words(v, i, words, out);
    return true;
}

bool vector_sources(const Vector *v, Words *a, Words *b) {
    if (!has_words(v, v->first, v->words) || !has_words(v, v->second, v->words))
        return false;
    read_words(v, v->second, v->words, b);
    read_words(v, v->first, v->words, a);
    return true;
}

bool vector_scalar(const Vector *v, unsigned i, unsigned w, Input *out) {
    uint16_t slot = vector_slot(v->x, i, 0);
    if (slot != SLOT_NONE) {
        *out = input_slot(slot);
        return true;
    }
    if (i >= v->x->in->operand_count || !x86_is_mem(v->x, i) || x86_width(v->x, i) != w)
        return false;
    *out = emit_load(v->e, w, x86_memory(v->x, i));
    return true;
}

void vector_clear(const Vector *v, unsigned from) {
    uint16_t first = vector_slot(v->x, 0, 0);
    if (!v->row->is_avx || first == SLOT_NONE)
        return;
    for (unsigned k = from; k < VECTOR_WORDS; k++)
        emit_set(v->e, (uint16_t)(first + k), 64, input_imm(0));
}

void vector_put(const Vector *v, const Input *words, unsigned count) {
    Input kept[VECTOR_WORDS];
    uint16_t first = vector_slot(v->x, 0, 0);
    for (unsigned k = 0; k < count; k++) {
        unsigned slot = words[k].slot;
        bool moves = slot >= first && slot < first + count && slot != first + k;
        kept[k] = moves ? emit_move(v->e, 64, words[k]) : words[k];
    }
    for (unsigned k = 0; k < count; k++)
        if (kept[k].slot != first + k)
            emit_set(v->e, (uint16_t)(first + k), 64, kept[k]);
    vector_clear(v, count);
}

unsigned vector_imm(const Vector *v) {
    return (unsigned)x86_operand(v->x, v->x->in->operand_count - 1u)->value & 0xff;
}

Input vector_op(const Vector *v, IrKind kind, unsigned lane, Input a, Input b) {
    uint16_t out = emit_temp(v->e);
    emit_to(v->e, out, kind, 64, a, b, INPUT_NONE)->lane = (uint8_t)lane;
    return input_slot(out);
}

Input vector_pair(const Vector *v, Input low, unsigned at_low, Input high, unsigned at_high) {
    if (low.slot == high.slot && at_low == 0 && at_high == 32)
        return low;
    Input top = at_high ? emit_extract(v->e, 32, high, at_high) : high;
    return vector_join(v, emit_extract(v->e, 32, low, at_low), top);
}

Input vector_join(const Vector *v, Input low, Input high) {
    uint16_t out = emit_temp(v->e);
    emit_insert_to(v->e, out, 32, low, high, 32);
    return input_slot(out);
}

/* Words of operand i when it is a vector register. */
static unsigned words_of(const X86 *x, unsigned i) {
    if (vector_slot(x, i, 0) == SLOT_NONE)
        return 0;
    return x86_place(x, x86_operand(x, i)->reg).bits / 64u;
}

bool lift_x86_vector(X86 *x) {
    if (x->in->id < X86_FIRST_VECTOR)
        return lift_x86_float(x);
    const VectorRow *row = &x86_vector_rows[x->in->id - X86_FIRST_VECTOR];
    Vector v = {.x = x, .e = &x->e, .row = row, .first = row->is_avx};
    v.second = v.first + 1;
    v.words = words_of(x, 0) ? words_of(x, 0) : words_of(x, 1);
    return row->lift && v.words <= VECTOR_WORDS && row->lift(&v);
}
