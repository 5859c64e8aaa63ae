/* SPDX-License-Identifier: Apache-2.0
 * obfuscation_string.c: how strings and function names are hidden, from what f_hidden.c and
 * f_routine.c found. */
#include <string.h>

#include "feature/obfuscation.h"

/* ---- Keys ---- */

static bool is_key(const RoutineParameter *p) {
    static const char *const names[] = {"key", "seed", "initial", "table", "alphabet"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(p->name, names[i]) == 0)
            return true;
    return false;
}

static unsigned digit(char c) { return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10; }

/* Where the bytes stand in the file: "data", "code", or nowhere (put together by instructions). */
static const char *place_of(const Image *image, const RoutineParameter *p) {
    enum { MOST = 64 };
    uint8_t key[MOST];
    size_t n = 0;
    if (p->kind != PARAMETER_BYTES)
        return "constant";
    for (; n < MOST && p->text[2 * n] && p->text[2 * n + 1]; n++)
        key[n] = (uint8_t)(digit(p->text[2 * n]) << 4 | digit(p->text[2 * n + 1]));
    for (size_t i = 0; n > 3 && i < image->segments.count; i++) {
        Bytes b = image->segments.at[i].file;
        if (b.size >= n && memmem(b.at, b.size, key, n))
            return image->segments.at[i].perms & PERM_X ? "code" : "data";
    }
    return "instructions";
}

static const Routine *routine_at(const Features *f, uint64_t va) {
    for (size_t i = 0; i < f->routines.count; i++)
        if (f->routines.at[i].va == va)
            return &f->routines.at[i];
    return NULL;
}

static const char *key_place(const Traits *t, const Routine *r) {
    const Features *f = t->out;
    for (uint32_t i = 0; i < r->parameter_count; i++)
        if (is_key(&f->parameters.at[r->first_parameter + i]))
            return place_of(t->image, &f->parameters.at[r->first_parameter + i]);
    return NULL;
}

/* ---- Stack strings ---- */

static bool is_text(uint64_t value, unsigned bytes) {
    unsigned letters = 0;
    for (unsigned i = 0; i < bytes; i++) {
        uint8_t c = (uint8_t)(value >> 8 * i);
        if (c && (c < 0x20 || c > 0x7e))
            return false;
        letters += c != 0;
    }
    return letters > 0;
}

/* Stores of characters by width: 1, 2, 4, 8 bytes. */
static void count_stores(const Traits *t, const Function *f, uint64_t until, size_t counts[4]) {
    enum { MOST_INSNS = 512 };
    Insn insns[MOST_INSNS];
    for (uint32_t b = 0; b < f->block_count; b++) {
        size_t n = code_decode_block(t->code, t->image, &t->code->blocks.at[f->first_block + b],
                                     insns, MOST_INSNS);
        for (size_t i = 0; i < n && insns[i].va < until; i++) {
            const Operand *to = &insns[i].operands[0];
            unsigned bytes = to->bits / 8;
            bool is_store = to->kind == OPERAND_MEM && to->access == ACCESS_WRITE &&
                            insns[i].operands[1].kind == OPERAND_IMM;
            if (is_store && bytes && bytes <= 8 && is_text(insns[i].imm, bytes))
                counts[bytes == 1 ? 0 : bytes == 2 ? 1 : bytes == 4 ? 2 : 3]++;
        }
    }
}

static const char *stack_style(const Traits *t) {
    static const char *const names[] = {"on the stack by bytes", "on the stack by words",
                                        "on the stack by dwords", "on the stack by qwords"};
    enum { MOST_STRINGS = 64 };
    size_t counts[4] = {0}, strings = 0, best = 0;
    const Function *last = NULL;
    for (size_t i = 0; i < t->out->strings.count && strings < MOST_STRINGS; i++) {
        const StringFeature *s = &t->out->strings.at[i];
        if (s->kind != STRING_STACK)
            continue;
        strings++;
        const Function *f = code_find_covering(t->code, s->va);
        if (f && f != last)
            count_stores(t, f, s->va, counts);
        last = f;
    }
    for (size_t i = 0; i < 4; i++)
        best = counts[i] > counts[best] ? i : best;
    return !strings ? NULL : counts[best] ? names[best] : "on the stack by other means";
}

/* ---- Schemes ---- */

static void add_scheme(Traits *t, TraitKind kind, Schemes *schemes, const Text *text) {
    const char *value = text_str(text);
    if (trait_has(t->out, kind, value))
        return;
    trait_add(t, kind, UINT64_MAX, value);
    scheme_add(schemes, arena_text(t->s->arena, (Bytes){(const uint8_t *)value, strlen(value)}));
}

static void add_decoder(Traits *t, const StringFeature *s, Schemes *schemes) {
    const Routine *r = s->routine ? routine_at(t->out, s->routine) : NULL;
    const Function *f = code_find_covering(t->code, s->va);
    bool is_inline = s->kind == STRING_TIGHT || (f && f->va == s->routine);
    Text text = text_new(256);
    text_add(&text, is_inline ? "decoded in place" : "decoded by a function");
    if (r && r->algorithm) {
        text_addf(&text, ", %s", r->algorithm);
        schemes->is_distinct = true;
    }
    const char *place = r ? key_place(t, r) : NULL;
    if (place)
        text_addf(&text, ", key in %s", place);
    add_scheme(t, TRAIT_STRING_SCHEME, schemes, &text);
    text_free(&text);
}

static void add_resolver(Traits *t, const Routine *r, Schemes *schemes) {
    Text text = text_new(256);
    text_addf(&text, "by hash, %s%s", r->algorithm ? r->algorithm : "nobody's",
              r->algorithm && !(r->flags & ROUTINE_PUBLIC) ? ", own start" : "");
    schemes->is_distinct = true;
    add_scheme(t, TRAIT_API_SCHEME, schemes, &text);
    text_free(&text);
}

void traits_from_schemes(Traits *t, Schemes *schemes) {
    const Features *f = t->out;
    const char *style = stack_style(t);
    if (style) {
        trait_add(t, TRAIT_STRING_SCHEME, UINT64_MAX, style);
        scheme_add(schemes, style);
    }
    for (size_t i = 0; i < f->strings.count; i++)
        if (f->strings.at[i].kind == STRING_DECODED || f->strings.at[i].kind == STRING_TIGHT)
            add_decoder(t, &f->strings.at[i], schemes);
    for (size_t i = 0; i < f->routines.count; i++)
        if (f->routines.at[i].kind == ROUTINE_API_HASH)
            add_resolver(t, &f->routines.at[i], schemes);
}
