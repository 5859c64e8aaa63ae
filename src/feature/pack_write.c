/* SPDX-License-Identifier: Apache-2.0
 * pack_write.c: Features to the columns of a feature pack, docs/formats/pack.md. */
#include "feature/extractors.h"
#include "feature/pack_format.h"

typedef struct Out {
    Arena *arena;
    uint8_t *at;
    size_t size, cap;
} Out;

typedef struct Writer {
    const Features *f;
    Arena *arena;
    Out columns, texts;
    uint32_t counts[PACK_LIST_COUNT];
} Writer;

static uint8_t *out_room(Out *o, size_t n) {
    if (o->cap - o->size < n) {
        size_t cap = o->cap ? o->cap * 2 : 1 << 16;
        while (cap - o->size < n)
            cap *= 2;
        o->at = arena_grow(o->arena, o->at, o->cap, cap);
        o->cap = cap;
    }
    return o->at + o->size;
}

static void put_bytes(Out *o, const void *at, size_t n) {
    uint8_t *to = out_room(o, n + 1);
    if (n > 0)
        memcpy(to, at, n);
    o->size += n;
}

static void put_varint(Out *o, uint64_t v) {
    uint8_t *to = out_room(o, 10);
    size_t n = 0;
    while (v >= 0x80) {
        to[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    to[n++] = (uint8_t)v;
    o->size += n;
}

static void put_delta(Out *o, uint64_t v, uint64_t *before) {
    uint64_t d = v - *before;
    put_varint(o, d << 1 ^ (d >> 63 ? UINT64_MAX : 0));
    *before = v;
}

static void le64(uint8_t *to, uint64_t v) {
    for (unsigned i = 0; i < 8; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

static void put_u64(Out *o, uint64_t v) {
    le64(out_room(o, 8), v);
    o->size += 8;
}

static void put_hash(Out *o, Hash128 h) {
    put_u64(o, h.low);
    put_u64(o, h.high);
}

static void put_text(Writer *w, const char *text) {
    if (!text) {
        put_varint(&w->columns, 0);
        return;
    }
    text = feature_text(w->arena, text, PACK_MAX_TEXT);
    size_t size = strlen(text);
    put_varint(&w->columns, size + 1);
    put_bytes(&w->texts, text, size + 1);
}

/* For fields that are never "none". */
static void put_full_text(Writer *w, const char *text) { put_text(w, text ? text : ""); }

static void write_sample(Writer *w) {
    const Features *f = w->f;
    Out *o = &w->columns;
    unsigned flags = (f->big_endian ? PACK_BIG_ENDIAN : 0u) | (f->is_library ? PACK_LIBRARY : 0u) |
                     (f->has_entry ? PACK_HAS_ENTRY : 0u) | (f->is_dotnet ? PACK_DOTNET : 0u) |
                     (f->is_packed ? PACK_PACKED : 0u);
    put_bytes(o, f->sha256, sizeof f->sha256);
    const uint64_t numbers[] = {f->size,         f->format,       f->arch,
                                f->bits,         flags,           f->base,
                                f->entry,        f->code_bytes,   f->code_recovered,
                                f->code_padding, f->export_count, f->notes_dropped};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        put_varint(o, numbers[i]);
    put_full_text(w, f->name);
    put_text(w, f->packer);
}

static void write_sections(Writer *w) {
    const Features *f = w->f;
    Out *o = &w->columns;
    size_t n = f->sections.count;
    for (size_t i = 0; i < n; i++)
        put_full_text(w, f->sections.at[i].name);
    for (size_t i = 0; i < n; i++)
        put_varint(o, f->sections.at[i].va);
    for (size_t i = 0; i < n; i++)
        put_varint(o, f->sections.at[i].va_size);
    for (size_t i = 0; i < n; i++)
        put_varint(o, f->sections.at[i].off);
    for (size_t i = 0; i < n; i++)
        put_varint(o, f->sections.at[i].size);
    for (size_t i = 0; i < n; i++)
        put_varint(o, f->sections.at[i].perms);
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &f->sections.at[i].entropy, sizeof bits);
        put_u64(o, bits);
    }
}

static void write_imports(Writer *w) {
    const Features *f = w->f;
    uint64_t before = 0;
    for (size_t i = 0; i < f->imports.count; i++)
        put_full_text(w, f->imports.at[i].module);
    for (size_t i = 0; i < f->imports.count; i++)
        put_full_text(w, f->imports.at[i].name);
    for (size_t i = 0; i < f->imports.count; i++)
        put_delta(&w->columns, f->imports.at[i].slot_va, &before);
}

static void write_functions(Writer *w) {
    const FunctionFeature *at = w->f->functions.at;
    size_t n = w->f->functions.count;
    Out *o = &w->columns;
    uint64_t before = 0;
    for (size_t i = 0; i < n; i++) {
        CHECK(i == 0 || at[i].va > before);
        put_delta(o, at[i].va, &before);
    }
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].size);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].blocks);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].instructions);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].source);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].flags);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].gene_count);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].block_count);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].call_count);
    for (size_t i = 0; i < n; i++)
        put_text(w, at[i].name);
    for (size_t i = 0; i < n; i++)
        put_hash(o, at[i].pic);
}

/* Runs a loop over the items of a list that functions own, in the order of the functions. */
#define EACH_OWNED(w, first_field, count_field, i)                                                 \
    for (size_t f_ = 0; f_ < (w)->f->functions.count; f_++)                                        \
        for (size_t i = (w)->f->functions.at[f_].first_field,                                      \
                    end_ = i + (w)->f->functions.at[f_].count_field;                               \
             i < end_; i++)

static void write_blocks(Writer *w) {
    const BlockFeature *at = w->f->blocks.at;
    Out *o = &w->columns;
    EACH_OWNED(w, first_block, block_count, i)
    put_varint(o, at[i].off);
    EACH_OWNED(w, first_block, block_count, i)
    put_varint(o, at[i].size);
    EACH_OWNED(w, first_block, block_count, i)
    put_varint(o, at[i].instructions);
    EACH_OWNED(w, first_block, block_count, i)
    put_hash(o, at[i].pic);
}

static void write_calls(Writer *w) {
    EACH_OWNED(w, first_call, call_count, i) {
        uint32_t callee = w->f->calls.at[i];
        uint32_t index = callee & ~CALL_IS_IMPORT;
        bool is_import = (callee & CALL_IS_IMPORT) != 0;
        CHECK(index < (is_import ? w->f->imports.count : w->f->functions.count));
        put_varint(&w->columns, (uint64_t)index << 1 | is_import);
    }
}

/* Features that come from a pack have their genes' numbers; all of the dictionary must be in use,
 * or it is not the one that would be made. */
static bool has_numbers(const Writer *w) {
    const Features *f = w->f;
    if (f->gene_numbers.count != f->genes.count)
        return false;
    bool *is_used = ARENA_ARRAY(w->arena, bool, f->dictionary.count + 1);
    size_t used = 0;
    EACH_OWNED(w, first_gene, gene_count, i) {
        bool *place = &is_used[f->gene_numbers.at[i]];
        used += !*place;
        *place = true;
    }
    return used == f->dictionary.count;
}

/* The dictionary and, function by function, the number of each gene. Returns how many there are. */
static size_t number_genes(Writer *w, const uint64_t **distinct, const uint32_t **number) {
    const Features *f = w->f;
    bool is_numbered = has_numbers(w);
    uint64_t *made = ARENA_UNSET(w->arena, uint64_t, w->counts[PACK_GENES] + 1);
    uint64_t *genes = ARENA_UNSET(w->arena, uint64_t, w->counts[PACK_GENES] + 1);
    uint32_t *numbers = ARENA_UNSET(w->arena, uint32_t, w->counts[PACK_GENES] + 1);
    size_t n = 0;
    EACH_OWNED(w, first_gene, gene_count, i) {
        numbers[n] = is_numbered ? f->gene_numbers.at[i] : 0;
        genes[n++] = f->genes.at[i];
    }
    *number = numbers;
    *distinct = is_numbered ? f->dictionary.at : made;
    return is_numbered ? f->dictionary.count : number_u64(w->arena, genes, n, made, numbers);
}

static void write_genes(Writer *w) {
    Out *o = &w->columns;
    const uint64_t *distinct = NULL;
    const uint32_t *number = NULL;
    size_t n = number_genes(w, &distinct, &number), at = 0;
    for (size_t i = 0; i < n; i++)
        put_varint(o, i == 0 ? distinct[0] : distinct[i] - distinct[i - 1]);
    w->counts[PACK_DICTIONARY] = (uint32_t)n;
    for (size_t k = 0; k < w->f->functions.count; k++) {
        const FunctionFeature *fn = &w->f->functions.at[k];
        uint32_t before = 0;
        for (uint32_t i = 0; i < fn->gene_count; i++, at++) {
            CHECK(i == 0 || number[at] > before);
            put_varint(o, number[at] - before);
            before = number[at];
        }
    }
}

static void write_strings(Writer *w) {
    const StringFeature *at = w->f->strings.at;
    size_t n = w->f->strings.count;
    Out *o = &w->columns;
    uint64_t before = 0;
    for (size_t i = 0; i < n; i++)
        put_delta(o, at[i].va, &before);
    before = 0;
    for (size_t i = 0; i < n; i++)
        put_delta(o, at[i].off, &before);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].kind);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].routine);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].ref_count);
    for (size_t i = 0; i < n; i++)
        put_full_text(w, at[i].text);
    before = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t r = 0; r < at[i].ref_count; r++)
            put_delta(o, w->f->string_refs.at[at[i].first_ref + r], &before);
}

static void write_findings(Writer *w) {
    const Features *f = w->f;
    Out *o = &w->columns;
    uint64_t before = 0;
    for (size_t i = 0; i < f->traits.count; i++)
        put_varint(o, f->traits.at[i].kind);
    for (size_t i = 0; i < f->traits.count; i++)
        put_varint(o, f->traits.at[i].off + 1);
    for (size_t i = 0; i < f->traits.count; i++)
        put_full_text(w, f->traits.at[i].value);
    for (size_t i = 0; i < f->indicators.count; i++)
        put_varint(o, f->indicators.at[i].kind);
    for (size_t i = 0; i < f->indicators.count; i++)
        put_varint(o, f->indicators.at[i].from);
    for (size_t i = 0; i < f->indicators.count; i++)
        put_delta(o, f->indicators.at[i].va, &before);
    for (size_t i = 0; i < f->indicators.count; i++)
        put_full_text(w, f->indicators.at[i].value);
    for (size_t i = 0; i < f->note_count; i++)
        put_varint(o, f->notes[i].kind);
    for (size_t i = 0; i < f->note_count; i++)
        put_varint(o, f->notes[i].off);
}

static void write_parameters(Writer *w) {
    const Features *f = w->f;
    Out *o = &w->columns;
    for (size_t i = 0; i < f->routines.count; i++)
        for (size_t k = 0; k < f->routines.at[i].parameter_count; k++) {
            const RoutineParameter *p = &f->parameters.at[f->routines.at[i].first_parameter + k];
            put_full_text(w, p->name);
            put_varint(o, p->kind);
            put_varint(o, p->number);
            put_full_text(w, p->text);
        }
    for (size_t i = 0; i < f->routines.count; i++)
        for (size_t k = 0; k < f->routines.at[i].resolved_count; k++) {
            const ResolvedName *r = &f->resolved.at[f->routines.at[i].first_resolved + k];
            put_varint(o, r->hash);
            put_full_text(w, r->module);
            put_full_text(w, r->name);
        }
}

static void write_routines(Writer *w) {
    const Routine *at = w->f->routines.at;
    size_t n = w->f->routines.count;
    Out *o = &w->columns;
    uint64_t before = 0;
    for (size_t i = 0; i < n; i++)
        put_delta(o, at[i].va, &before);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].size);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].kind);
    for (size_t i = 0; i < n; i++)
        put_text(w, at[i].algorithm);
    for (size_t i = 0; i < n; i++)
        put_hash(o, at[i].fingerprint);
    for (size_t i = 0; i < n; i++)
        put_hash(o, at[i].structure);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].parameter_count);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].resolved_count);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].confidence);
    for (size_t i = 0; i < n; i++)
        put_varint(o, at[i].flags);
    write_parameters(w);
}

/* Sums the ranges; a range outside its list is a bug of an extractor. False when the sums pass what
 * a count can say (ranges that overlap may add up to more than their list). */
static bool count_lists(Writer *w) {
    const Features *f = w->f;
    uint64_t blocks = 0, calls = 0, genes = 0, refs = 0, parameters = 0, resolved = 0;
    for (size_t i = 0; i < f->functions.count; i++) {
        const FunctionFeature *fn = &f->functions.at[i];
        CHECK((uint64_t)fn->first_block + fn->block_count <= f->blocks.count);
        CHECK((uint64_t)fn->first_call + fn->call_count <= f->calls.count);
        CHECK((uint64_t)fn->first_gene + fn->gene_count <= f->genes.count);
        blocks += fn->block_count;
        calls += fn->call_count;
        genes += fn->gene_count;
    }
    for (size_t i = 0; i < f->strings.count; i++) {
        const StringFeature *s = &f->strings.at[i];
        CHECK((uint64_t)s->first_ref + s->ref_count <= f->string_refs.count);
        refs += s->ref_count;
    }
    for (size_t i = 0; i < f->routines.count; i++) {
        const Routine *r = &f->routines.at[i];
        CHECK((uint64_t)r->first_parameter + r->parameter_count <= f->parameters.count);
        CHECK((uint64_t)r->first_resolved + r->resolved_count <= f->resolved.count);
        parameters += r->parameter_count;
        resolved += r->resolved_count;
    }
    const uint64_t counts[] = {f->sections.count,
                               f->imports.count,
                               f->functions.count,
                               blocks,
                               calls,
                               genes,
                               genes,
                               f->strings.count,
                               refs,
                               f->traits.count,
                               f->indicators.count,
                               f->note_count,
                               f->routines.count,
                               parameters,
                               resolved};
    static const uint64_t limits[] = {
#define X(constant, limit, least) limit,
        PACK_LISTS(X)
#undef X
    };
    for (unsigned i = 0; i < PACK_LIST_COUNT; i++) {
        if (counts[i] > limits[i])
            return false;
        w->counts[i] = (uint32_t)counts[i];
    }
    return true;
}

static void write_columns(Writer *w) {
    write_sample(w);
    write_sections(w);
    write_imports(w);
    write_functions(w);
    write_blocks(w);
    write_calls(w);
    write_genes(w);
    write_strings(w);
    write_findings(w);
    write_routines(w);
}

bool pack_columns_from_features(Arena *a, const Features *f, PackColumns *out) {
    Writer w = {.f = f, .arena = a, .columns = {.arena = a}, .texts = {.arena = a}};
    if (!count_lists(&w))
        return false;
    write_columns(&w);
    put_bytes(&w.columns, w.texts.at, w.texts.size);
    out->at = w.columns.at;
    out->size = w.columns.size;
    out->text_size = w.texts.size;
    memcpy(out->counts, w.counts, sizeof out->counts);
    return true;
}
