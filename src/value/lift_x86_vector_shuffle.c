/* SPDX-License-Identifier: Apache-2.0
 * lift_x86_vector_shuffle.c: vector instructions that change the places and widths of lanes.
 * Halves and words are moved as such; bytes and 16-bit lanes go through IR_PTABLE, with a number as
 * its control where the instruction has one. AVX does everything in each 128 bits ("half" below)
 * for itself, but for its permutes. */
#include "value/lift_x86_vector.h"

/* Bytes of the 16 in high:low that `chosen` names. */
static Input table(const Vector *v, Input low, Input high, Input chosen) {
    return emit3(v->e, IR_PTABLE, 64, low, high, chosen);
}

bool vector_broadcast(Vector *v) {
    X86 *x = v->x;
    unsigned lane = v->row->lane;
    Input words[VECTOR_WORDS];
    if (lane == 128) {
        Words from;
        if (!vector_read(v, 1, 2, &from))
            return false;
        for (unsigned k = 0; k < v->words; k++)
            words[k] = from.at[k % 2];
    } else {
        Input low;
        if (vector_slot(x, 1, 0) == SLOT_NONE && !x86_is_mem(x, 1))
            return false; /* AVX-512's from general registers */
        if (!vector_scalar(v, 1, lane, &low))
            return false;
        words[0] = lane == 64 ? low : vector_op(v, IR_PSPLAT, lane, low, INPUT_NONE);
        for (unsigned k = 1; k < v->words; k++)
            words[k] = words[0];
    }
    vector_put(v, words, v->words);
    return true;
}

/* punpckl.., punpckh..: .more says which halves. MMX reads 32 bits for the low ones. */
bool vector_unpack(Vector *v) {
    unsigned lane = v->row->lane, high = v->row->more;
    Input words[VECTOR_WORDS];
    Words a, b;
    if (v->words == 1) {
        a.at[0] = input_slot(vector_slot(v->x, v->first, 0));
        if (!vector_scalar(v, v->second, high ? 64 : 32, &b.at[0]))
            return false;
        words[0] = vector_op(v, high ? IR_PUNPACKH : IR_PUNPACKL, lane, a.at[0], b.at[0]);
        vector_put(v, words, 1);
        return true;
    }
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < v->words; k += 2) {
        Input x = a.at[k + high], y = b.at[k + high];
        words[k] = lane == 64 ? x : vector_op(v, IR_PUNPACKL, lane, x, y);
        words[k + 1] = lane == 64 ? y : vector_op(v, IR_PUNPACKH, lane, x, y);
    }
    vector_put(v, words, v->words);
    return true;
}

/* kind on neighbouring words of each source: packs, and sums of neighbouring lanes. */
bool vector_pairs(Vector *v) {
    IrKind kind = (IrKind)v->row->kind;
    Input words[VECTOR_WORDS];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    if (v->words == 1)
        words[0] = vector_op(v, kind, v->row->lane, a.at[0], b.at[0]);
    for (unsigned k = 0; k + 1 < v->words; k += 2) {
        words[k] = vector_op(v, kind, v->row->lane, a.at[k], a.at[k + 1]);
        words[k + 1] = vector_op(v, kind, v->row->lane, b.at[k], b.at[k + 1]);
    }
    vector_put(v, words, v->words);
    return true;
}

/* kind(even lanes, odd lanes) of two words. */
static Input even_odd(const Vector *v, Input low, Input high) {
    unsigned lane = v->row->lane;
    Input even = vector_op(v, IR_PPACK, lane, low, high);
    low = emit2(v->e, IR_SHR, 64, low, input_imm(lane));
    high = emit2(v->e, IR_SHR, 64, high, input_imm(lane));
    Input odd = vector_op(v, IR_PPACK, lane, low, high);
    return vector_op(v, (IrKind)v->row->kind, lane, even, odd);
}

bool vector_pairs_apart(Vector *v) {
    Input words[VECTOR_WORDS];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    if (v->words == 1)
        words[0] = even_odd(v, a.at[0], b.at[0]);
    for (unsigned k = 0; k + 1 < v->words; k += 2) {
        words[k] = even_odd(v, a.at[k], a.at[k + 1]);
        words[k + 1] = even_odd(v, b.at[k], b.at[k + 1]);
    }
    vector_put(v, words, v->words);
    return true;
}

/* pshuflw, pshufhw, pshufw: word `more` of each half. */
bool vector_shuffle_words(Vector *v) {
    unsigned imm = vector_imm(v), which = v->words == 1 ? 0 : v->row->more;
    uint64_t chosen = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t from = (imm >> 2 * i & 3) * 2;
        chosen |= (from | (from + 1) << 8) << 16 * i;
    }
    Words from;
    if (!vector_read(v, 1, v->words, &from))
        return false;
    for (unsigned k = which; k < v->words; k += 2)
        from.at[k] = table(v, from.at[k], INPUT_NONE, input_imm(chosen));
    vector_put(v, from.at, v->words);
    return true;
}

/* The 32-bit lanes of two words that the low four bits of `which` name. */
static Input two_of(const Vector *v, const Input *words, unsigned which) {
    unsigned low = which & 3, high = which >> 2 & 3;
    return vector_pair(v, words[low / 2], low % 2 * 32, words[high / 2], high % 2 * 32);
}

/* pshufd (.more: one source), shufps. */
bool vector_shuffle_32(Vector *v) {
    unsigned imm = vector_imm(v);
    Input words[VECTOR_WORDS];
    Words a, b;
    bool read = v->row->more ? vector_read(v, 1, v->words, &a) : vector_sources(v, &a, &b);
    if (!read)
        return false;
    if (v->row->more)
        b = a;
    for (unsigned k = 0; k < v->words; k += 2) {
        words[k] = two_of(v, &a.at[k], imm);
        words[k + 1] = two_of(v, &b.at[k], imm >> 4);
    }
    vector_put(v, words, v->words);
    return true;
}

bool vector_shuffle_64(Vector *v) {
    unsigned imm = vector_imm(v);
    Input words[VECTOR_WORDS];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < v->words; k += 2) {
        words[k] = a.at[k + (imm >> k & 1)];
        words[k + 1] = b.at[k + (imm >> (k + 1) & 1)];
    }
    vector_put(v, words, v->words);
    return true;
}

bool vector_shuffle_bytes(Vector *v) {
    Input words[VECTOR_WORDS];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    /* A set top bit gives 0, and IR_PTABLE does for all from 16 on. */
    uint64_t kept = v->words == 1 ? 0x8787878787878787 : 0x8f8f8f8f8f8f8f8f;
    for (unsigned k = 0; k < v->words; k++) {
        Input chosen = emit2(v->e, IR_AND, 64, b.at[k], input_imm(kept));
        words[k] = v->words == 1 ? table(v, a.at[0], INPUT_NONE, chosen)
                                 : table(v, a.at[k & ~1u], a.at[k | 1], chosen);
    }
    vector_put(v, words, v->words);
    return true;
}

/* The word that starts at a byte of a row of words; beyond its end are zeros. */
static Input window(const Vector *v, const Input *words, unsigned count, unsigned byte) {
    unsigned at = byte / 8, shift = byte % 8 * 8;
    Input zero = input_imm(0), low = at < count ? words[at] : zero;
    Input high = at + 1 < count ? words[at + 1] : zero;
    if (shift == 0)
        return low;
    bool has_low = low.slot != SLOT_IMM, has_high = high.slot != SLOT_IMM;
    if (has_low)
        low = emit2(v->e, IR_SHR, 64, low, input_imm(shift));
    if (has_high)
        high = emit2(v->e, IR_SHL, 64, high, input_imm(64 - shift));
    return has_low && has_high ? emit2(v->e, IR_OR, 64, low, high) : has_low ? low : high;
}

bool vector_align(Vector *v) {
    unsigned imm = vector_imm(v), step = v->words == 1 ? 1 : 2;
    Input words[VECTOR_WORDS], zero = input_imm(0);
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < v->words; k += step) {
        Input all[4] = {b.at[k], step == 1 ? a.at[k] : b.at[k + 1], step == 1 ? zero : a.at[k],
                        step == 1 ? zero : a.at[k + 1]};
        for (unsigned i = 0; i < step; i++)
            words[k + i] = window(v, all, 2 * step, imm + 8 * i);
    }
    vector_put(v, words, v->words);
    return true;
}

/* pslldq (.more), psrldq. */
bool vector_shift_bytes(Vector *v) {
    unsigned imm = vector_imm(v) > 15 ? 16 : vector_imm(v);
    Input words[VECTOR_WORDS], zero = input_imm(0);
    Words from;
    if (!vector_read(v, v->first, v->words, &from))
        return false;
    for (unsigned k = 0; k < v->words; k += 2) {
        Input up[4] = {zero, zero, from.at[k], from.at[k + 1]};
        for (unsigned i = 0; i < 2; i++)
            words[k + i] = v->row->more ? window(v, up, 4, 16 - imm + 8 * i)
                                        : window(v, &from.at[k], 2, imm + 8 * i);
    }
    vector_put(v, words, v->words);
    return true;
}

bool vector_permute_64(Vector *v) {
    unsigned imm = vector_imm(v);
    Input words[VECTOR_WORDS];
    Words from;
    if (v->words != 4 || v->x->in->operands[2].kind != OPERAND_IMM || !vector_read(v, 1, 4, &from))
        return false;
    for (unsigned k = 0; k < 4; k++)
        words[k] = from.at[imm >> 2 * k & 3];
    vector_put(v, words, 4);
    return true;
}

bool vector_permute_128(Vector *v) {
    unsigned imm = vector_imm(v);
    Input words[VECTOR_WORDS];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < 4; k++) {
        unsigned by = imm >> (k / 2 * 4);
        const Words *from = by & 2 ? &b : &a;
        words[k] = by & 8 ? input_imm(0) : from->at[(by & 1) * 2 + k % 2];
    }
    vector_put(v, words, 4);
    return true;
}

/* Byte numbers for IR_PTABLE of the 32-bit lanes that the low bits of each lane name. */
static Input bytes_of_lanes(const Vector *v, Input lanes, uint64_t kept) {
    Input first = emit2(v->e, IR_AND, 64, lanes, input_imm(kept * 0x0000000100000001));
    first = vector_op(v, IR_PMUL, 32, first, input_imm(0x0404040404040404));
    return vector_op(v, IR_PADD, 8, first, input_imm(0x0302010003020100));
}

/* vpermd, vpermps: any of eight lanes. */
bool vector_permute_32(Vector *v) {
    Input words[VECTOR_WORDS];
    Words by, from;
    if (v->words != 4 || !vector_sources(v, &by, &from))
        return false;
    for (unsigned k = 0; k < 4; k++) {
        Input chosen = bytes_of_lanes(v, by.at[k], 7);
        Input low = table(v, from.at[0], from.at[1], chosen);
        chosen = emit2(v->e, IR_XOR, 64, chosen, input_imm(0x1010101010101010));
        Input high = table(v, from.at[2], from.at[3], chosen);
        words[k] = emit2(v->e, IR_OR, 64, low, high);
    }
    vector_put(v, words, 4);
    return true;
}

/* vpermilps, vpermilpd, by a number or by another vector. */
bool vector_permute_lanes(Vector *v) {
    unsigned lane = v->row->lane;
    bool by_number = v->x->in->operands[2].kind == OPERAND_IMM;
    unsigned imm = by_number ? vector_imm(v) : 0;
    Input words[VECTOR_WORDS];
    Words from, by;
    bool read = by_number ? vector_read(v, 1, v->words, &from) : vector_sources(v, &from, &by);
    if (!read)
        return false;
    for (unsigned k = 0; k < v->words; k++) {
        const Input *half = &from.at[k & ~1u];
        if (lane == 32)
            words[k] = by_number ? two_of(v, half, imm >> k % 2 * 4)
                                 : table(v, half[0], half[1], bytes_of_lanes(v, by.at[k], 3));
        else if (by_number)
            words[k] = half[imm >> k & 1];
        else
            words[k] =
                emit3(v->e, IR_SELECT, 64, emit_extract(v->e, 1, by.at[k], 1), half[1], half[0]);
    }
    vector_put(v, words, v->words);
    return true;
}

/* The word of a with the lanes whose bit is set from b. */
static Input blend(const Vector *v, Input a, Input b, unsigned bits) {
    unsigned lane = v->row->lane, lanes = 64 / lane, all = (1u << lanes) - 1;
    bits &= all;
    if (bits == 0 || bits == all)
        return bits ? b : a;
    uint16_t out = emit_temp(v->e);
    if (lane == 32) {
        emit_insert_to(v->e, out, 32, bits == 1 ? a : b, bits == 1 ? b : a, 0);
        return input_slot(out);
    }
    uint64_t mask = 0;
    for (unsigned i = 0; i < lanes; i++)
        mask |= bits >> i & 1 ? ir_mask(lane) << i * lane : 0;
    a = emit2(v->e, IR_AND, 64, a, input_imm(~mask));
    b = emit2(v->e, IR_AND, 64, b, input_imm(mask));
    emit_to(v->e, out, IR_OR, 64, a, b, INPUT_NONE);
    return input_slot(out);
}

bool vector_blend(Vector *v) {
    unsigned imm = vector_imm(v), lanes = 64u / v->row->lane;
    Input words[VECTOR_WORDS];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < v->words; k++) {
        unsigned at = v->row->lane == 16 ? k % 2 * 4 : k * lanes;
        words[k] = blend(v, a.at[k], b.at[k], imm >> at);
    }
    vector_put(v, words, v->words);
    return true;
}

/* By the top bits of the last operand's lanes (xmm0 in SSE). */
bool vector_blend_by(Vector *v) {
    unsigned lane = v->row->lane;
    Input words[VECTOR_WORDS];
    Words a, b, by;
    for (unsigned k = 0; k < v->words; k++)
        by.at[k] = input_slot((uint16_t)(SLOT_VECTOR + k)); /* which no operand names */
    if (!vector_sources(v, &a, &b) ||
        (v->row->is_avx && !vector_read(v, v->second + 1, v->words, &by)))
        return false;
    for (unsigned k = 0; k < v->words; k++) {
        Input mask = vector_op(v, IR_PSAR, lane, by.at[k], input_imm(lane - 1));
        Input differs = emit2(v->e, IR_XOR, 64, a.at[k], b.at[k]);
        differs = emit2(v->e, IR_AND, 64, differs, mask);
        words[k] = emit2(v->e, IR_XOR, 64, a.at[k], differs);
    }
    vector_put(v, words, v->words);
    return true;
}

bool vector_insert(Vector *v) {
    X86 *x = v->x;
    unsigned lane = v->row->lane, place = vector_imm(v) % (v->words * 64 / lane);
    Words into;
    Input part = x86_is_mem(x, v->second) ? emit_load(v->e, lane, x86_memory(x, v->second))
                                          : x86_read(x, v->second);
    if (!vector_read(v, v->first, v->words, &into))
        return false;
    unsigned k = place * lane / 64;
    uint16_t out = emit_temp(v->e);
    emit_insert_to(v->e, out, lane, into.at[k], part, place * lane % 64);
    into.at[k] = input_slot(out);
    vector_put(v, into.at, v->words);
    return true;
}

bool vector_extract(Vector *v) {
    X86 *x = v->x;
    unsigned lane = v->row->lane, place = vector_imm(v) % (v->words * 64 / lane);
    Input from = input_slot(vector_slot(x, 1, place * lane / 64));
    Input part = emit_extract(v->e, lane, from, place * lane % 64);
    if (x86_is_mem(x, 0))
        emit_store(v->e, lane, x86_memory(x, 0), part);
    else
        x86_set_general(x, x86_place(x, x86_operand(x, 0)->reg).slot, 64, part);
    return true;
}

bool vector_insert_single(Vector *v) {
    unsigned imm = vector_imm(v), from = imm >> 6, to = imm >> 4 & 3;
    bool is_memory = x86_is_mem(v->x, v->second);
    Words into, source;
    if (is_memory ? !vector_scalar(v, v->second, 32, &source.at[0])
                  : !vector_read(v, v->second, 2, &source))
        return false;
    if (!vector_read(v, v->first, 2, &into))
        return false;
    Input part =
        is_memory ? source.at[0] : emit_extract(v->e, 32, source.at[from / 2], from % 2 * 32);
    uint16_t out = emit_temp(v->e);
    emit_insert_to(v->e, out, 32, into.at[to / 2], part, to % 2 * 32);
    into.at[to / 2] = input_slot(out);
    for (unsigned k = 0; k < 2; k++) {
        unsigned zero = imm >> 2 * k & 3;
        uint64_t kept = (zero & 1 ? 0 : ir_mask(32)) | (zero & 2 ? 0 : ir_mask(32) << 32);
        if (zero)
            into.at[k] =
                zero == 3 ? input_imm(0) : emit2(v->e, IR_AND, 64, into.at[k], input_imm(kept));
    }
    vector_put(v, into.at, 2);
    return true;
}

bool vector_insert_128(Vector *v) {
    Words into, part;
    unsigned half = vector_imm(v) & 1;
    if (v->words != 4 || !vector_read(v, 2, 2, &part) || !vector_read(v, 1, 4, &into))
        return false;
    into.at[2 * half] = part.at[0];
    into.at[2 * half + 1] = part.at[1];
    vector_put(v, into.at, 4);
    return true;
}

bool vector_extract_128(Vector *v) {
    X86 *x = v->x;
    unsigned first = (vector_imm(v) & 1) * 2;
    if (vector_slot(x, 1, 3) == SLOT_NONE)
        return false;
    Input words[2] = {input_slot(vector_slot(x, 1, first)),
                      input_slot(vector_slot(x, 1, first + 1))};
    if (!x86_is_mem(x, 0)) {
        vector_put(v, words, 2);
        return true;
    }
    for (unsigned k = 0; k < 2; k++)
        emit_store(v->e, 64, x86_further(x86_memory(x, 0), 8 * k, x->bits), words[k]);
    return true;
}

/* pmovzx.., pmovsx..: from lanes of `lane` bits to `more`. */
bool vector_widen(Vector *v) {
    unsigned from = v->row->lane, to = v->row->more, total = v->words * 64 * from / to;
    bool is_signed = v->row->kind == IR_PSEXT;
    Input words[VECTOR_WORDS];
    Words source;
    bool is_part = x86_is_mem(v->x, 1) && total < 64;
    if (is_part ? !vector_scalar(v, 1, total, &source.at[0])
                : !vector_read(v, 1, (total + 63) / 64, &source))
        return false;
    unsigned step = 64 * from / to; /* bits that one word of the result takes */
    for (unsigned k = 0; k < v->words; k++) {
        Input part = emit_extract(v->e, step, source.at[k * step / 64], k * step % 64);
        if (step == from) {
            words[k] = is_signed ? emit_sext(v->e, 64, from, part) : part;
            continue;
        }
        for (unsigned lane = from; lane < to; lane *= 2)
            part = vector_op(v, (IrKind)v->row->kind, lane, part, INPUT_NONE);
        words[k] = part;
    }
    vector_put(v, words, v->words);
    return true;
}

/* Top bits of all lanes to a general register. */
bool vector_mask(Vector *v) {
    unsigned lane = v->row->lane;
    Input all = INPUT_NONE;
    for (unsigned k = 0; k < v->words; k++) {
        Input part = vector_op(v, IR_PMASK, lane, input_slot(vector_slot(v->x, 1, k)), INPUT_NONE);
        if (k)
            part = emit2(v->e, IR_SHL, 64, part, input_imm(k * 64 / lane));
        all = k ? emit2(v->e, IR_OR, 64, all, part) : part;
    }
    x86_set_general(v->x, x86_place(v->x, x86_operand(v->x, 0)->reg).slot, 64, all);
    return true;
}
