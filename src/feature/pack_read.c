/* SPDX-License-Identifier: Apache-2.0
 * pack_read.c: the columns of a feature pack to Features, docs/formats/pack.md. Packs travel
 * between machines, so their bytes are as hostile as a sample's. */
#include "code/code.h"
#include "feature/extractors.h"
#include "feature/pack_format.h"

/* `bad` is sticky as in Cursor: what is read after it is zero, and one test at the end is enough.
 */
typedef struct Reader {
    const uint8_t *at, *end;
    char *text, *text_end; /* texts not yet handed out */
    Features *f;
    uint32_t counts[PACK_LIST_COUNT];
    bool bad;
} Reader;

static uint64_t get_long_varint(Reader *r) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 70 && r->at < r->end; shift += 7) {
        uint8_t byte = *r->at++;
        if (shift == 63 && byte > 1)
            break;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            /* One number, one spelling: a last byte of zero says nothing. */
            r->bad |= byte == 0 && shift > 0;
            return v;
        }
    }
    r->bad = true;
    r->at = r->end;
    return 0;
}

static inline uint64_t get_varint(Reader *r) {
    if (r->at < r->end && *r->at < 0x80)
        return *r->at++;
    return get_long_varint(r);
}

/* A number that may not pass max. */
static uint64_t get_up_to(Reader *r, uint64_t max) {
    uint64_t v = get_varint(r);
    r->bad |= v > max;
    return v > max ? 0 : v;
}

static uint32_t get_u32(Reader *r) { return (uint32_t)get_up_to(r, UINT32_MAX); }

static uint64_t get_delta(Reader *r, uint64_t *before) {
    uint64_t v = get_varint(r);
    *before += v >> 1 ^ (v & 1 ? UINT64_MAX : 0);
    return *before;
}

static uint64_t get_u64(Reader *r) {
    if (r->end - r->at < 8) {
        r->bad = true;
        return 0;
    }
    uint64_t v = bytes_u64_at((Bytes){r->at, 8}, 0);
    r->at += 8;
    return v;
}

static Hash128 get_hash(Reader *r) {
    uint64_t low = get_u64(r);
    return (Hash128){low, get_u64(r)};
}

/* The next text, in place; NULL for "none". */
static const char *get_text(Reader *r, uint32_t *length) {
    uint64_t size = get_up_to(r, PACK_MAX_TEXT + 1);
    if (size == 0)
        return NULL;
    if (size > (uint64_t)(r->text_end - r->text) || r->text[size - 1] != 0 ||
        !utf8_is_valid(r->text, size - 1)) {
        r->bad = true;
        return NULL;
    }
    const char *text = r->text;
    r->text += size;
    if (length)
        *length = (uint32_t)size - 1;
    return text;
}

static const char *get_full_text(Reader *r) {
    const char *text = get_text(r, NULL);
    r->bad |= text == NULL;
    return text ? text : "";
}

static void read_sample(Reader *r) {
    Features *f = r->f;
    if (r->end - r->at < 32) {
        r->bad = true;
        return;
    }
    memcpy(f->sha256, r->at, 32);
    r->at += 32;
    f->size = get_varint(r);
    f->format = (uint8_t)get_up_to(r, FORMAT_ELF);
    f->arch = (uint8_t)get_up_to(r, ARCH_OTHER);
    f->bits = (uint8_t)get_up_to(r, 64);
    uint64_t flags = get_up_to(r, PACK_FLAGS);
    f->big_endian = flags & PACK_BIG_ENDIAN;
    f->is_library = flags & PACK_LIBRARY;
    f->has_entry = flags & PACK_HAS_ENTRY;
    f->is_dotnet = flags & PACK_DOTNET;
    f->is_packed = flags & PACK_PACKED;
    f->base = get_varint(r);
    f->entry = get_varint(r);
    f->code_bytes = get_varint(r);
    f->code_recovered = get_varint(r);
    f->code_padding = get_varint(r);
    f->export_count = get_u32(r);
    f->notes_dropped = get_u32(r);
    f->name = get_full_text(r);
    f->packer = get_text(r, NULL);
}

static void read_sections(Reader *r) {
    SectionFeature *at = r->f->sections.at;
    size_t n = r->f->sections.count;
    for (size_t i = 0; i < n; i++)
        at[i].name = get_full_text(r);
    for (size_t i = 0; i < n; i++)
        at[i].va = get_varint(r);
    for (size_t i = 0; i < n; i++)
        at[i].va_size = get_varint(r);
    for (size_t i = 0; i < n; i++)
        at[i].off = get_varint(r);
    for (size_t i = 0; i < n; i++)
        at[i].size = get_varint(r);
    for (size_t i = 0; i < n; i++)
        at[i].perms = (uint8_t)get_up_to(r, PERM_R | PERM_W | PERM_X);
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = get_u64(r);
        double entropy;
        memcpy(&entropy, &bits, sizeof entropy);
        r->bad |= !(entropy >= 0 && entropy <= 8);
        at[i].entropy = entropy;
    }
}

static void read_imports(Reader *r) {
    ImportFeature *at = r->f->imports.at;
    size_t n = r->f->imports.count;
    uint64_t before = 0;
    for (size_t i = 0; i < n; i++)
        at[i].module = get_full_text(r);
    for (size_t i = 0; i < n; i++)
        at[i].name = get_full_text(r);
    for (size_t i = 0; i < n; i++)
        at[i].slot_va = get_delta(r, &before);
}

/* The next range of a list: `count` items from *next on, inside `total`. */
static uint32_t take_range(Reader *r, uint32_t *next, uint32_t *count, size_t total) {
    uint32_t first = *next;
    if (*count > total - first) {
        r->bad = true;
        *count = 0;
    }
    *next += *count;
    return first;
}

static void read_function_ranges(Reader *r) {
    FunctionFeature *at = r->f->functions.at;
    size_t n = r->f->functions.count;
    uint32_t genes = 0, blocks = 0, calls = 0;
    for (size_t i = 0; i < n; i++) {
        at[i].gene_count = get_u32(r);
        at[i].first_gene = take_range(r, &genes, &at[i].gene_count, r->counts[PACK_GENES]);
    }
    for (size_t i = 0; i < n; i++) {
        at[i].block_count = get_u32(r);
        at[i].first_block = take_range(r, &blocks, &at[i].block_count, r->f->blocks.count);
    }
    for (size_t i = 0; i < n; i++) {
        at[i].call_count = get_u32(r);
        at[i].first_call = take_range(r, &calls, &at[i].call_count, r->f->calls.count);
    }
    r->bad |= genes != r->counts[PACK_GENES] || blocks != r->f->blocks.count ||
              calls != r->f->calls.count;
}

static void read_functions(Reader *r) {
    FunctionFeature *at = r->f->functions.at;
    size_t n = r->f->functions.count;
    uint64_t before = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t last = before;
        at[i].va = get_delta(r, &before);
        r->bad |= i > 0 && at[i].va <= last;
    }
    for (size_t i = 0; i < n; i++)
        at[i].size = get_u32(r);
    for (size_t i = 0; i < n; i++)
        at[i].blocks = get_u32(r);
    for (size_t i = 0; i < n; i++)
        at[i].instructions = get_u32(r);
    for (size_t i = 0; i < n; i++)
        at[i].source = (uint8_t)get_up_to(r, FUNCTION_SOURCE_COUNT - 1);
    for (size_t i = 0; i < n; i++)
        at[i].flags = (uint8_t)get_up_to(r, UINT8_MAX);
    read_function_ranges(r);
    for (size_t i = 0; i < n; i++)
        at[i].name = get_text(r, NULL);
    for (size_t i = 0; i < n; i++)
        at[i].pic = get_hash(r);
}

static void read_blocks_and_calls(Reader *r) {
    Features *f = r->f;
    size_t n = f->blocks.count;
    for (size_t i = 0; i < n; i++)
        f->blocks.at[i].off = get_u32(r);
    for (size_t i = 0; i < n; i++)
        f->blocks.at[i].size = get_u32(r);
    for (size_t i = 0; i < n; i++)
        f->blocks.at[i].instructions = get_u32(r);
    for (size_t i = 0; i < n; i++)
        f->blocks.at[i].pic = get_hash(r);
    for (size_t i = 0; i < f->calls.count; i++) {
        uint64_t v = get_up_to(r, UINT32_MAX);
        r->bad |= v >> 1 >= (v & 1 ? f->imports.count : f->functions.count);
        f->calls.at[i] = (uint32_t)(v >> 1) | (v & 1 ? CALL_IS_IMPORT : 0);
    }
}

/* Each varint ends in its only byte below 0x80; eight bytes are looked at together. */
static void skip_varints(Reader *r, size_t count) {
    const uint64_t high_bits = 0x8080808080808080ULL;
    while (count >= 8 && r->end - r->at >= 8) {
        uint64_t ends = ~bytes_u64_at((Bytes){r->at, 8}, 0) & high_bits;
        count -= (size_t)((ends >> 7) * 0x0101010101010101ULL >> 56);
        r->at += 8;
    }
    while (count > 0 && r->at < r->end)
        count -= *r->at++ < 0x80;
    r->bad |= count > 0;
}

/* Ascending by construction: every step is at least one, and a sum that wraps is refused. */
static void read_genes(Reader *r) {
    size_t n = r->f->dictionary.count;
    uint64_t *genes = r->f->dictionary.at;
    uint64_t before = 0;
    for (size_t i = 0; i < n; i++) {
        genes[i] = before + get_varint(r);
        r->bad |= i > 0 && genes[i] <= before;
        before = genes[i];
    }
    for (size_t k = 0; k < r->f->functions.count; k++) {
        const FunctionFeature *fn = &r->f->functions.at[k];
        uint64_t *to = r->f->genes.at + fn->first_gene;
        uint32_t *number = r->f->gene_numbers.at + fn->first_gene;
        uint64_t index = 0;
        for (size_t i = 0; i < fn->gene_count; i++) {
            uint64_t step = get_up_to(r, UINT32_MAX);
            r->bad |= i > 0 && step == 0;
            index += step;
            if (index >= n) {
                r->bad = true;
                return;
            }
            to[i] = genes[index];
            number[i] = (uint32_t)index;
        }
    }
}

static void read_strings(Reader *r) {
    StringFeature *at = r->f->strings.at;
    size_t n = r->f->strings.count;
    uint64_t before = 0;
    for (size_t i = 0; i < n; i++)
        at[i].va = get_delta(r, &before);
    before = 0;
    for (size_t i = 0; i < n; i++)
        at[i].off = get_delta(r, &before);
    for (size_t i = 0; i < n; i++)
        at[i].kind = (StringKind)get_up_to(r, STRING_DECODED);
    for (size_t i = 0; i < n; i++)
        at[i].routine = get_varint(r);
    uint32_t refs = 0;
    for (size_t i = 0; i < n; i++) {
        at[i].ref_count = get_u32(r);
        at[i].first_ref = take_range(r, &refs, &at[i].ref_count, r->f->string_refs.count);
    }
    r->bad |= refs != r->f->string_refs.count;
    for (size_t i = 0; i < n; i++) {
        at[i].text = get_text(r, &at[i].length);
        r->bad |= at[i].text == NULL;
    }
    before = 0;
    for (size_t i = 0; i < r->f->string_refs.count; i++)
        r->f->string_refs.at[i] = get_delta(r, &before);
}

static void read_findings(Reader *r) {
    Features *f = r->f;
    uint64_t before = 0;
    for (size_t i = 0; i < f->traits.count; i++)
        f->traits.at[i].kind = (TraitKind)get_up_to(r, TRAIT_KIND_COUNT - 1);
    for (size_t i = 0; i < f->traits.count; i++)
        f->traits.at[i].off = get_varint(r) - 1;
    for (size_t i = 0; i < f->traits.count; i++)
        f->traits.at[i].value = get_full_text(r);
    for (size_t i = 0; i < f->indicators.count; i++)
        f->indicators.at[i].kind = (IndicatorKind)get_up_to(r, INDICATOR_KIND_COUNT - 1);
    for (size_t i = 0; i < f->indicators.count; i++)
        f->indicators.at[i].from = (StringKind)get_up_to(r, STRING_DECODED);
    for (size_t i = 0; i < f->indicators.count; i++)
        f->indicators.at[i].va = get_delta(r, &before);
    for (size_t i = 0; i < f->indicators.count; i++)
        f->indicators.at[i].value = get_full_text(r);
    for (size_t i = 0; i < f->note_count; i++)
        f->notes[i].kind = (NoteKind)get_up_to(r, NOTE_KIND_COUNT - 1);
    for (size_t i = 0; i < f->note_count; i++)
        f->notes[i].off = get_varint(r);
}

static void read_parameters(Reader *r) {
    Features *f = r->f;
    for (size_t i = 0; i < f->parameters.count; i++) {
        RoutineParameter *p = &f->parameters.at[i];
        p->name = get_full_text(r);
        p->kind = (ParameterKind)get_up_to(r, PARAMETER_TEXT);
        p->number = get_varint(r);
        p->text = get_full_text(r);
    }
    for (size_t i = 0; i < f->resolved.count; i++) {
        ResolvedName *name = &f->resolved.at[i];
        name->hash = get_varint(r);
        name->module = get_full_text(r);
        name->name = get_full_text(r);
    }
}

static void read_routines(Reader *r) {
    Routine *at = r->f->routines.at;
    size_t n = r->f->routines.count;
    uint64_t before = 0;
    for (size_t i = 0; i < n; i++)
        at[i].va = get_delta(r, &before);
    for (size_t i = 0; i < n; i++)
        at[i].size = get_u32(r);
    for (size_t i = 0; i < n; i++)
        at[i].kind = (RoutineKind)get_up_to(r, ROUTINE_KIND_COUNT - 1);
    for (size_t i = 0; i < n; i++)
        at[i].algorithm = get_text(r, NULL);
    for (size_t i = 0; i < n; i++)
        at[i].fingerprint = get_hash(r);
    for (size_t i = 0; i < n; i++)
        at[i].structure = get_hash(r);
    uint32_t parameters = 0, resolved = 0;
    for (size_t i = 0; i < n; i++) {
        at[i].parameter_count = get_u32(r);
        at[i].first_parameter =
            take_range(r, &parameters, &at[i].parameter_count, r->f->parameters.count);
    }
    for (size_t i = 0; i < n; i++) {
        at[i].resolved_count = get_u32(r);
        at[i].first_resolved =
            take_range(r, &resolved, &at[i].resolved_count, r->f->resolved.count);
    }
    r->bad |= parameters != r->f->parameters.count || resolved != r->f->resolved.count;
    for (size_t i = 0; i < n; i++)
        at[i].confidence = (uint8_t)get_up_to(r, 100);
    for (size_t i = 0; i < n; i++)
        at[i].flags = (uint8_t)get_up_to(r, UINT8_MAX);
    read_parameters(r);
}

#define ALLOC_LIST(r, a, list, counter)                                                            \
    do {                                                                                           \
        size_t n_ = (r)->counts[counter];                                                          \
        (r)->f->list.at = arena_alloc_array((a), n_, sizeof *(r)->f->list.at);                     \
        (r)->f->list.count = (r)->f->list.cap = (r)->f->list.max = n_;                             \
    } while (0)

static void alloc_lists(Reader *r, Arena *a, bool has_genes) {
    ALLOC_LIST(r, a, sections, PACK_SECTIONS);
    ALLOC_LIST(r, a, imports, PACK_IMPORTS);
    ALLOC_LIST(r, a, functions, PACK_FUNCTIONS);
    ALLOC_LIST(r, a, blocks, PACK_BLOCKS);
    ALLOC_LIST(r, a, calls, PACK_CALLS);
    if (has_genes) {
        ALLOC_LIST(r, a, genes, PACK_GENES);
        ALLOC_LIST(r, a, dictionary, PACK_DICTIONARY);
        ALLOC_LIST(r, a, gene_numbers, PACK_GENES);
    }
    ALLOC_LIST(r, a, strings, PACK_STRINGS);
    ALLOC_LIST(r, a, string_refs, PACK_STRING_REFS);
    ALLOC_LIST(r, a, traits, PACK_TRAITS);
    ALLOC_LIST(r, a, indicators, PACK_INDICATORS);
    ALLOC_LIST(r, a, routines, PACK_ROUTINES);
    ALLOC_LIST(r, a, parameters, PACK_PARAMETERS);
    ALLOC_LIST(r, a, resolved, PACK_RESOLVED);
    r->f->note_count = r->counts[PACK_NOTES];
}

static void read_columns(Reader *r) {
    read_sample(r);
    read_sections(r);
    read_imports(r);
    read_functions(r);
    read_blocks_and_calls(r);
    if (r->f->genes.count == r->counts[PACK_GENES] &&
        r->f->dictionary.count == r->counts[PACK_DICTIONARY])
        read_genes(r);
    else
        skip_varints(r, (size_t)r->counts[PACK_GENES] + r->counts[PACK_DICTIONARY]);
    read_strings(r);
    read_findings(r);
    read_routines(r);
    r->bad |= r->at != r->end || r->text != r->text_end;
}

Features *pack_features_new(Arena *a, const PackColumns *columns, bool has_genes) {
    Reader r = {.f = ARENA_NEW(a, Features)};
    memcpy(r.counts, columns->counts, sizeof r.counts);
    alloc_lists(&r, a, has_genes);
    return r.f;
}

bool pack_columns_read(const PackColumns *columns, char *texts, Features *f) {
    size_t numbers = columns->size - columns->text_size;
    Reader r = {.at = columns->at,
                .end = columns->at + numbers,
                .text = texts,
                .text_end = texts + columns->text_size,
                .f = f};
    memcpy(r.counts, columns->counts, sizeof r.counts);
    if (columns->text_size > 0)
        memcpy(texts, r.end, columns->text_size);
    read_columns(&r);
    return !r.bad;
}
