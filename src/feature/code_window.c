/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/code_window.h"

#include <string.h>

#include "feature/code_hash.h"

/* A window that is being filled. */
typedef struct Run {
    uint64_t va;
    uint32_t size, fixed, row, longest; /* row: fixed bytes up to here without a gap */
    uint8_t at[WINDOW_BYTES], is_fixed[WINDOW_BYTES];
} Run;

typedef struct Cutter {
    Sample *s;
    const PicRules *rules;
    FunctionView view;
    uint32_t function, kept;
    CodeWindows *out;
    Run run;
} Cutter;

/* Fixed bytes of fewer values than this are tables of one pattern or padding (guess). */
enum { LEAST_VALUES = 10 };

static bool is_varied(const Run *r) {
    bool seen[256] = {0};
    unsigned values = 0;
    for (uint32_t i = 0; i < r->size; i++) {
        values += r->is_fixed[i] && !seen[r->at[i]];
        seen[r->at[i]] |= r->is_fixed[i] != 0;
    }
    return values >= LEAST_VALUES;
}

static void end_run(Cutter *c) {
    Run *r = &c->run;
    bool is_good = r->fixed >= WINDOW_FIXED && r->longest >= WINDOW_ATOM && is_varied(r);
    CodeWindow *w =
        is_good && c->kept < WINDOWS_PER_FUNCTION ? VEC_ADD(c->s->arena, &c->out->windows) : NULL;
    if (w) {
        uint8_t *copy = arena_alloc(c->s->arena, (size_t)r->size * 2);
        memcpy(copy, r->at, r->size);
        memcpy(copy + r->size, r->is_fixed, r->size);
        *w = (CodeWindow){c->function, r->va, r->size, copy, copy + r->size};
        c->kept++;
    }
    r->size = r->fixed = r->row = r->longest = 0;
}

static bool is_direct(const Insn *in) {
    return in->flow == FLOW_JUMP || in->flow == FLOW_BRANCH || in->flow == FLOW_CALL;
}

static void mask(uint8_t *is_fixed, size_t size, unsigned off, unsigned count) {
    if (off <= size && count <= size - off)
        memset(is_fixed + off, 0, count);
}

/* As the PIC hash masks it (pic.c), but whole bytes. */
static void mask_addresses(const Cutter *c, const Insn *in, uint8_t *is_fixed, size_t size) {
    if (is_direct(in) || pic_imm_is_address(c->rules, &c->view, in))
        mask(is_fixed, size, in->imm_off, in->imm_size);
    if (in->disp_size >= 4 && pic_disp_is_address(c->rules, &c->view, in))
        mask(is_fixed, size, in->disp_off, in->disp_size);
    for (size_t i = 0; i < size && i < sizeof in->address_bits; i++)
        if ((in->address_bits >> 8 * i & 0xff) != 0)
            is_fixed[i] = 0;
}

static void add_insn(Cutter *c, const Insn *in) {
    Run *r = &c->run;
    Bytes raw = bytes_clip(image_bytes_at(c->view.image, in->va), 0, in->length);
    if (raw.size == 0 || raw.size != in->length || raw.size > WINDOW_BYTES - r->size) {
        end_run(c);
        return;
    }
    uint8_t *is_fixed = r->is_fixed + r->size;
    if (r->size == 0)
        r->va = in->va;
    memset(is_fixed, 1, raw.size);
    mask_addresses(c, in, is_fixed, raw.size);
    for (size_t i = 0; i < raw.size; i++) {
        r->at[r->size + i] = is_fixed[i] ? raw.at[i] : 0;
        r->row = is_fixed[i] ? r->row + 1 : 0;
        r->longest = r->row > r->longest ? r->row : r->longest;
        r->fixed += is_fixed[i];
    }
    r->size += (uint32_t)raw.size;
    if (r->fixed >= WINDOW_FIXED)
        end_run(c);
}

/* A window goes on over the end of a block when the next one follows it in the file. */
static void cut_function(Cutter *c) {
    uint64_t next = 0;
    c->kept = 0;
    for (uint32_t i = 0; i < c->view.insn_count; i++) {
        const Insn *in = &c->view.insns[i];
        if (in->va != next)
            end_run(c);
        add_insn(c, in);
        next = in->va + in->length;
    }
    end_run(c);
}

CodeWindows *code_windows_from_code(Sample *s, const Image *image, const Code *code) {
    CodeWindows *out = ARENA_NEW(s->arena, CodeWindows);
    out->windows.max = MAX_WINDOWS;
    if (!code->decoder)
        return out;
    ArenaMark mark = arena_mark(s->scratch);
    CodeHasher *hasher =
        code_hasher_new(s->scratch, s->scratch, image, code, summaries_new(s->scratch, code));
    Cutter c = {.s = s, .rules = code_hasher_rules(hasher), .out = out};
    for (uint32_t i = 0; i < code->functions.count && !out->windows.full; i++) {
        const Function *f = &code->functions.at[i];
        if (f->flags & (FUNCTION_THUNK | FUNCTION_STUB) || f->instruction_count < PIC_SMALL_INSNS)
            continue;
        c.function = i;
        c.view = code_hasher_view(hasher, f);
        cut_function(&c);
    }
    arena_reset(s->scratch, mark);
    return out;
}

/* ---- as bytes ---- */

static void put(Text *out, uint64_t v, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        text_add_char(out, (char)(uint8_t)(v >> 8 * i));
}

void code_windows_write(const CodeWindows *w, Text *out) {
    put(out, w->windows.count, 4);
    for (size_t i = 0; i < w->windows.count; i++) {
        const CodeWindow *window = &w->windows.at[i];
        put(out, window->function, 4);
        put(out, window->va, 8);
        put(out, window->size, 1);
        text_add_bytes(out, window->at, window->size);
        text_add_bytes(out, window->is_fixed, window->size);
    }
}

bool code_windows_from_bytes(Arena *a, Bytes bytes, CodeWindows *out) {
    enum { LEAST = 13 };
    Cursor c = cursor_init(bytes);
    uint32_t count = cursor_u32(&c), before = 0;
    *out = (CodeWindows){.windows.max = MAX_WINDOWS};
    if (c.bad || count > MAX_WINDOWS || count > bytes.size / LEAST)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        CodeWindow w = {.function = cursor_u32(&c)};
        w.va = cursor_u64(&c);
        w.size = cursor_u8(&c);
        Bytes at = cursor_bytes(&c, w.size), is_fixed = cursor_bytes(&c, w.size);
        if (c.bad || w.size == 0 || w.size > WINDOW_BYTES || w.function < before)
            return false;
        before = w.function;
        w.at = at.at;
        w.is_fixed = is_fixed.at;
        CodeWindow *to = VEC_ADD(a, &out->windows);
        if (to)
            *to = w;
    }
    return cursor_left(&c) == 0;
}
