/* SPDX-License-Identifier: Apache-2.0
 * lift_x86_vector_move.c: vector instructions that only move bits from and to memory, general
 * registers and other vectors. */
#include "value/lift_x86_vector.h"

static bool is_vector(const Vector *v, unsigned i) { return vector_slot(v->x, i, 0) != SLOT_NONE; }

static bool store_words(const Vector *v, unsigned i) {
    if (x86_width(v->x, 0) != v->words * 64)
        return false;
    Place at = x86_memory(v->x, 0);
    for (unsigned k = 0; k < v->words; k++)
        emit_store(v->e, 64, x86_further(at, 8 * k, v->x->bits),
                   input_slot(vector_slot(v->x, i, k)));
    return true;
}

bool vector_move(Vector *v) {
    Words from;
    if (x86_is_mem(v->x, 0))
        return store_words(v, 1);
    if (!vector_read(v, 1, v->words, &from))
        return false;
    vector_put(v, from.at, v->words);
    return true;
}

/* movd, movq: the low `lane` bits between vector, memory and general register. */
bool vector_move_word(Vector *v) {
    X86 *x = v->x;
    unsigned lane = v->row->lane;
    if (!is_vector(v, 0)) {
        Input low = input_slot(vector_slot(x, 1, 0));
        if (x86_is_mem(x, 0))
            emit_store(v->e, lane, x86_memory(x, 0), low);
        else
            x86_write(x, 0, low);
        return true;
    }
    Input from = x86_is_mem(x, 1)  ? emit_load(v->e, lane, x86_memory(x, 1))
                 : is_vector(v, 1) ? input_slot(vector_slot(x, 1, 0))
                                   : x86_read(x, 1);
    emit_set(v->e, vector_slot(x, 0, 0), lane, from);
    if (v->words > 1)
        emit_set(v->e, vector_slot(x, 0, 1), 64, input_imm(0));
    vector_clear(v, 2);
    return true;
}

/* movss, movsd: from memory the rest becomes zero, from a register it is kept (of the first source
 * in AVX). */
bool vector_move_scalar(Vector *v) {
    X86 *x = v->x;
    unsigned lane = v->row->lane;
    if (x86_is_mem(x, 0)) {
        emit_store(v->e, lane, x86_memory(x, 0), input_slot(vector_slot(x, 1, 0)));
        return true;
    }
    if (x86_is_mem(x, 1)) {
        emit_load_to(v->e, vector_slot(x, 0, 0), lane, x86_memory(x, 1));
        emit_set(v->e, vector_slot(x, 0, 1), 64, input_imm(0));
        vector_clear(v, 2);
        return true;
    }
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    uint16_t low = emit_temp(v->e);
    emit_insert_to(v->e, low, lane, a.at[0], b.at[0], 0);
    vector_put(v, (Input[]){input_slot(low), a.at[1]}, 2);
    return true;
}

bool vector_store_low(Vector *v) {
    emit_store(v->e, v->row->lane, x86_memory(v->x, 0), input_slot(vector_slot(v->x, 1, 0)));
    return true;
}

/* movlps, movhps ...: word `more` from or to memory. */
bool vector_move_half(Vector *v) {
    X86 *x = v->x;
    unsigned half = v->row->more;
    if (x86_is_mem(x, 0)) {
        emit_store(v->e, 64, x86_memory(x, 0), input_slot(vector_slot(x, 1, half)));
        return true;
    }
    if (!x86_is_mem(x, v->second))
        return false;
    Input words[2], loaded = emit_load(v->e, 64, x86_memory(x, v->second));
    words[half] = loaded;
    words[!half] = input_slot(vector_slot(x, v->first, !half));
    vector_put(v, words, 2);
    return true;
}

/* movhlps, movlhps: word `more` from the other word of the second source. */
bool vector_move_across(Vector *v) {
    unsigned half = v->row->more;
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    Input words[2];
    words[half] = b.at[!half];
    words[!half] = a.at[!half];
    vector_put(v, words, 2);
    return true;
}

/* movddup, movsldup, movshdup. */
bool vector_double(Vector *v) {
    unsigned at = v->row->more;
    Input words[VECTOR_WORDS];
    Words from;
    if (v->row->lane == 64 && v->words == 2) {
        if (!vector_scalar(v, 1, 64, &from.at[0]))
            return false;
    } else if (!vector_read(v, 1, v->words, &from)) {
        return false;
    }
    for (unsigned k = 0; k < v->words; k++)
        words[k] =
            v->row->lane == 64 ? from.at[k & ~1u] : vector_pair(v, from.at[k], at, from.at[k], at);
    vector_put(v, words, v->words);
    return true;
}

/* movq2dq, movdq2q. */
bool vector_move_mmx(Vector *v) {
    vector_put(v, (Input[]){input_slot(vector_slot(v->x, 1, 0)), input_imm(0)}, v->words);
    return true;
}

/* Leaves out what the next `count` operations do unless bit `at` of `mask` is set. */
static void skip_unless(const Vector *v, Input mask, unsigned at, unsigned count) {
    Input clear = emit1(v->e, IR_NOT, 1, emit_extract(v->e, 1, mask, at));
    IrOp *op = emit_new(v->e, IR_SKIP, 1, SLOT_NONE);
    op->a = clear.slot;
    op->imm = count;
}

/* maskmovq, maskmovdqu: bytes of the first operand to [rdi] where the second one's are negative. */
bool vector_masked_bytes(Vector *v) {
    X86 *x = v->x;
    unsigned w = x->in->address_width;
    Place at = {.base = emit_move(v->e, w, input_slot(SLOT_X86_RDI)).slot};
    X86Place segment = x86_place(x, x->in->segment);
    if (x->in->segment && segment.slot == SLOT_X86_FS)
        at.base = emit2(v->e, IR_ADD, x->bits, input_slot(at.base), input_slot(SLOT_FS)).slot;
    if (x->in->segment && segment.slot == SLOT_X86_GS)
        at.base = emit2(v->e, IR_ADD, x->bits, input_slot(at.base), input_slot(SLOT_GS)).slot;
    for (unsigned i = 0; i < v->words * 8; i++) {
        Input byte = emit_extract(v->e, 8, input_slot(vector_slot(x, 0, i / 8)), i % 8 * 8);
        skip_unless(v, input_slot(vector_slot(x, 1, i / 8)), i % 8 * 8 + 7, 1);
        emit_store(v->e, 8, x86_further(at, i, x->bits), byte);
    }
    return true;
}

/* vmaskmov.., vpmaskmov..: lanes whose mask is negative; others are not accessed, and read as 0. */
bool vector_masked_lanes(Vector *v) {
    X86 *x = v->x;
    unsigned lane = v->row->lane, in_word = 64 / lane;
    bool stores = x86_is_mem(x, 0);
    unsigned mask = 1, memory = stores ? 0 : 2;
    if (!x86_is_mem(x, memory) || x86_width(x, memory) != v->words * 64)
        return false;
    Place at = x86_memory(x, memory);
    uint16_t lanes[VECTOR_WORDS * 2];
    for (unsigned i = 0; i < v->words * in_word; i++) {
        Place place = x86_further(at, i * lane / 8, x->bits);
        Input by = input_slot(vector_slot(x, mask, i / in_word));
        unsigned top = (i % in_word + 1) * lane - 1;
        lanes[i] = emit_temp(v->e);
        if (stores) {
            emit_extract_to(v->e, lanes[i], lane, input_slot(vector_slot(x, 2, i / in_word)),
                            i % in_word * lane);
            skip_unless(v, by, top, 1);
            emit_store(v->e, lane, place, input_slot(lanes[i]));
        } else {
            emit_set(v->e, lanes[i], lane, input_imm(0));
            skip_unless(v, by, top, 1);
            emit_load_to(v->e, lanes[i], lane, place);
        }
    }
    if (stores)
        return true;
    Input words[VECTOR_WORDS];
    for (unsigned k = 0; k < v->words; k++)
        words[k] = lane == 64
                       ? input_slot(lanes[k])
                       : vector_join(v, input_slot(lanes[2 * k]), input_slot(lanes[2 * k + 1]));
    vector_put(v, words, v->words);
    return true;
}

/* vzeroupper, vzeroall: words from `more` on. */
bool vector_zero(Vector *v) {
    unsigned registers = v->x->bits == 64 ? 16 : 8;
    for (unsigned i = 0; i < registers; i++)
        for (unsigned k = v->row->more; k < VECTOR_WORDS; k++)
            emit_set(v->e, (uint16_t)(SLOT_VECTOR + SLOT_VECTOR_STRIDE * i + k), 64, input_imm(0));
    return true;
}

/* vldmxcsr, vstmxcsr. */
bool vector_control(Vector *v) {
    if (v->x->in->id == X86_VSTMXCSR)
        x86_write(v->x, 0, input_slot(SLOT_X86_MXCSR));
    else
        x86_read_to(v->x, 0, 32, SLOT_X86_MXCSR);
    return true;
}

/* pcmpestrm, pcmpistrm: what they leave in xmm0, and flags, are unknown; so is the index in ecx of
 * pcmpestri, pcmpistri, which are left to the common way. */
bool vector_string_mask(Vector *v) {
    X86 *x = v->x;
    Words a, b;
    v->words = 2;
    if (!vector_read(v, 1, 2, &b) || !vector_read(v, 0, 2, &a))
        return false;
    uint64_t name = opaque_name(decode_mnemonic(x->lifter->decoder, x->in->mnemonic));
    Input control = emit_in_slot(v->e, input_imm(vector_imm(v)));
    Input mixed = INPUT_NONE, lengths = INPUT_NONE;
    if (x->in->id == X86_PCMPESTRM || x->in->id == X86_VPCMPESTRM)
        lengths = emit2(v->e, IR_XOR, 64, input_slot(SLOT_X86_RAX),
                        emit2(v->e, IR_ROL, 64, input_slot(SLOT_X86_RDX), input_imm(32)));
    const Input *words[2] = {a.at, b.at};
    for (unsigned i = 0; i < 5; i++) { /* all inputs in one value */
        uint16_t out = emit_temp(v->e);
        Input part = i < 4 ? words[i / 2][i % 2] : lengths;
        emit_opaque_to(v->e, out, 64, OPAQUE_ID(name, 15), (Input[]){mixed, part, control});
        mixed = input_slot(out);
    }
    static const uint16_t flags[] = {SLOT_C, SLOT_Z, SLOT_N, SLOT_V};
    for (unsigned i = 0; i < 4; i++)
        emit_opaque_to(v->e, flags[i], 1, OPAQUE_ID(name, 2 + i),
                       (Input[]){mixed, INPUT_NONE, INPUT_NONE});
    x86_flag(x, SLOT_P, input_imm(0));
    x86_flag(x, SLOT_A, input_imm(0));
    for (unsigned k = 0; k < VECTOR_WORDS; k++) {
        uint16_t slot = (uint16_t)(SLOT_VECTOR + k);
        if (k < 2)
            emit_opaque_to(v->e, slot, 64, OPAQUE_ID(name, k),
                           (Input[]){mixed, INPUT_NONE, INPUT_NONE});
        else if (v->row->is_avx)
            emit_set(v->e, slot, 64, input_imm(0));
    }
    return true;
}
