/* SPDX-License-Identifier: Apache-2.0
 * placed_arm64.c: thread data lies above the thread pointer (variant I of "ELF Handling For
 * Thread-Local Storage", Drepper, 4), behind two words: an offset is added in two parts of 12 bits,
 * or made by movz and movk, which linkers also put in place of a load ("Thread-Local Storage
 * Descriptors", relaxations). What lies below the thread pointer is the library's own record, which
 * no linker moves. */
#include "code/a64.h"
#include "feature/placed_state.h"

enum {
    THREAD_POINTER = 0x3bd040 /* mrs x0, tpidr_el0, without the bits that all mrs share */,
    BITS_12 = 0x3ffc00,
    BITS_16 = 0x1fffe0,
    CALL_RETURNS = 3, /* x0, x1; see placed_x86.c */
    THREAD_WORDS = 16 /* bytes at the thread pointer that are no thread data */
};

typedef struct Word {
    uint32_t w;
    A64Class kind;
    unsigned d, n, m;
} Word;

static bool word_at(const PlacedPlace *at, Word *out) {
    Bytes b = image_bytes_at(at->v->image, at->in->va);
    if (b.size < 4)
        return false;
    uint32_t w = bytes_u32_at(b, 0);
    *out = (Word){w, a64_row(at->in->mnemonic)->kind, w & 31, w >> 5 & 31, w >> 16 & 31};
    return true;
}

static bool has(uint32_t set, unsigned r) { return r != 31 && (set >> r & 1); }
static uint32_t bit_of(unsigned r) { return r == 31 ? 0 : 1u << r; }

static bool is_copy(const Word *x) { return (x->w & 0xffe0ffe0) == 0xaa0003e0; } /* mov xd, xm */
static bool is_add(const Word *x) {
    return x->w >> 29 == 4;
} /* 64 bits, no flags, no subtraction */

static uint32_t writes_of(const Word *x) {
    if (x->kind == A64_CALL || x->kind == A64_CALL_REG)
        return CALL_RETURNS;
    return a64_writes(x->kind, x->w);
}

static ThreadUses mark_memory(const PlacedState *s, const Word *x, Insn *in) {
    if (a64_bits(x->w, 24, 1)) { /* base and 12 bits */
        unsigned scale = x->w >> 30;
        if (a64_bits(x->w, 26, 1) && a64_bits(x->w, 23, 1))
            scale = 4;
        if (has(s->thread_page, x->n) ||
            (has(s->thread, x->n) && a64_bits(x->w, 10, 12) << scale >= THREAD_WORDS))
            in->address_bits |= BITS_12;
        return 0;
    }
    if (!a64_bits(x->w, 21, 1) || a64_bits(x->w, 10, 2) != 2)
        return 0;
    return (has(s->thread, x->n) ? bit_of(x->m) : 0) | (has(s->thread, x->m) ? bit_of(x->n) : 0);
}

/* ---- pages on the stack ---- */

enum { FRAME = 29, STACK = 31 };

static StackSlot *slot_find(PlacedState *s, int32_t off, bool by_frame) {
    for (unsigned i = 0; i < STACK_SLOTS; i++)
        if (s->slots[i].is_used && s->slots[i].off == off && s->slots[i].by_frame == by_frame)
            return &s->slots[i];
    return NULL;
}

static void slot_store(PlacedState *s, int32_t off, bool by_frame, unsigned r) {
    StackSlot *at = slot_find(s, off, by_frame);
    bool is_page = has(s->known.page, r);
    for (unsigned i = 0; i < STACK_SLOTS && !at && is_page; i++)
        at = s->slots[i].is_used ? NULL : &s->slots[i];
    if (at)
        *at = is_page ? (StackSlot){off, true, by_frame, s->known.value[r]} : (StackSlot){0};
}

static void slot_load(PlacedState *s, int32_t off, bool by_frame, unsigned r) {
    const StackSlot *at = slot_find(s, off, by_frame);
    if (!at || r == 31)
        return;
    s->known.value[r] = at->page;
    s->known.constant |= 1u << r;
    s->known.page |= 1u << r;
    s->known.loaded &= ~(1u << r);
}

static void forget_slots(PlacedState *s, bool by_frame) {
    for (unsigned i = 0; i < STACK_SLOTS; i++)
        if (s->slots[i].by_frame == by_frame)
            s->slots[i] = (StackSlot){0};
}

/* Loads and stores that also change their base. */
static bool is_moving(const Word *x) {
    switch ((int)x->kind) {
    case A64_LOAD:
    case A64_STORE:
    case A64_LOAD_V:
    case A64_STORE_V:
        return !a64_bits(x->w, 24, 1) && !a64_bits(x->w, 21, 1) && a64_bits(x->w, 10, 1);
    case A64_LOAD_PAIR:
    case A64_STORE_PAIR:
    case A64_LOAD_PAIR_V:
    case A64_STORE_PAIR_V:
        return a64_bits(x->w, 23, 1);
    default:
        return false;
    }
}

/* ldr, str, ldp and stp of 64 bits by sp or x29; what moves either. */
static void follow_stack(PlacedState *s, const Word *x, uint32_t written) {
    bool by_frame = x->n == FRAME;
    bool is_pair = x->kind == A64_LOAD_PAIR || x->kind == A64_STORE_PAIR;
    bool is_load = x->kind == A64_LOAD || x->kind == A64_LOAD_PAIR;
    bool is_plain = (x->w & 0xff800000) == 0xf9000000 || (x->w & 0xff800000) == 0xa9000000;
    bool is_one = x->kind == A64_LOAD || x->kind == A64_STORE;
    if (is_plain && (is_pair || is_one) && (x->n == FRAME || x->n == STACK)) {
        int32_t off =
            is_pair ? (int32_t)a64_signed(x->w, 15, 7) * 8 : (int32_t)a64_bits(x->w, 10, 12) * 8;
        for (unsigned i = 0; i <= (unsigned)is_pair; i++) {
            unsigned r = i == 0 ? x->d : x->w >> 10 & 31;
            if (is_load)
                slot_load(s, off + (int32_t)i * 8, by_frame, r);
            else
                slot_store(s, off + (int32_t)i * 8, by_frame, r);
        }
    } else if ((is_moving(x) && x->n == STACK) ||
               ((x->kind == A64_ADD_IMM || x->kind == A64_ADD_EXTENDED) && x->d == STACK &&
                !a64_bits(x->w, 29, 1))) { /* not cmp and cmn */
        forget_slots(s, false);
    }
    if (written >> FRAME & 1)
        forget_slots(s, true);
}

ThreadUses placed_arm64_step(PlacedState *s, const PlacedPlace *at) {
    Word x;
    ThreadUses uses = 0;
    if (!word_at(at, &x))
        return 0;
    uint32_t thread = 0, page = 0, written = writes_of(&x);
    switch ((int)x.kind) {
    case A64_MRS:
        thread = (x.w & 0x3fffe0) == (THREAD_POINTER & 0x3fffe0) ? bit_of(x.d) : 0;
        break;
    case A64_ADD_IMM: {
        bool is_high = a64_bits(x.w, 22, 1);
        if (!is_add(&x))
            break;
        if (has(s->thread, x.n) && (is_high || a64_bits(x.w, 10, 12) >= THREAD_WORDS)) {
            at->in->address_bits |= BITS_12;
            page = is_high ? bit_of(x.d) : 0;
        } else if (has(s->thread_page, x.n) && !is_high) {
            at->in->address_bits |= BITS_12;
        }
        break;
    }
    case A64_ADD_REG:
    case A64_ADD_EXTENDED:
        if (is_add(&x) && has(s->thread, x.n))
            uses |= bit_of(x.m);
        if (is_add(&x) && has(s->thread, x.m))
            uses |= bit_of(x.n);
        break;
    case A64_LOGIC_REG:
        if (is_copy(&x)) {
            thread = has(s->thread, x.m) ? bit_of(x.d) : 0;
            page = has(s->thread_page, x.m) ? bit_of(x.d) : 0;
        }
        break;
    case A64_LOAD:
    case A64_STORE:
    case A64_LOAD_V:
    case A64_STORE_V:
        uses |= mark_memory(s, &x, at->in);
        break;
    default:
        break;
    }
    follow_stack(s, &x, written);
    s->thread = (s->thread & ~written) | thread;
    s->thread_page = (s->thread_page & ~written) | page;
    return uses;
}

uint32_t placed_arm64_back(uint32_t wanted, const PlacedPlace *at) {
    Word x;
    if (wanted == 0 || !word_at(at, &x))
        return 0;
    uint32_t written = writes_of(&x), more = 0;
    if (x.kind == A64_MOVE_WIDE && has(wanted, x.d)) {
        at->in->address_bits |= BITS_16;
        more = a64_bits(x.w, 29, 2) == 3 ? bit_of(x.d) : 0; /* movk keeps the other bits */
    } else if (is_copy(&x) && has(wanted, x.d)) {
        more = bit_of(x.m);
    }
    return (wanted & ~written) | more;
}
