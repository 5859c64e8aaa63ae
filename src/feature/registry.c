/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/registry.h"

#include "feature/extractors.h"

const Extractor EXTRACTORS[] = {
    {"image", 1, false, extract_image, NULL},
    {"code", 1, false, extract_code, finish_code},
    {"strings", 1, false, extract_strings, NULL},
    {"hidden", 1, true, extract_hidden, NULL},
    {"routines", 1, true, extract_routines, NULL}, /* with what the budget has left */
    {"traits", 1, false, extract_traits, NULL},
    {"indicators", 1, false, extract_indicators, NULL},
};
const size_t EXTRACTOR_COUNT = sizeof EXTRACTORS / sizeof *EXTRACTORS;

static void limit_lists(Features *f) {
    f->sections.max = MAX_SECTIONS;
    f->imports.max = MAX_IMPORTS;
    f->functions.max = MAX_FUNCTIONS;
    f->blocks.max = MAX_BLOCKS;
    f->calls.max = MAX_XREFS;
    f->genes.max = UINT32_MAX; /* first_gene has 32 bits */
    f->strings.max = MAX_STRINGS;
    f->string_refs.max = MAX_XREFS;
    f->traits.max = MAX_TRAITS;
    f->indicators.max = MAX_INDICATORS;
    f->routines.max = MAX_ROUTINES;
    f->parameters.max = MAX_PARAMETERS;
    f->resolved.max = MAX_RESOLVED;
}

Features *features_from_code(Sample *s, const Image *image, const Code *code) {
    Features *f = ARENA_NEW(s->arena, Features);
    limit_lists(f);
    for (size_t i = 0; i < EXTRACTOR_COUNT; i++)
        if (!(EXTRACTORS[i].runs_code && s->no_emulation))
            EXTRACTORS[i].extract(s, image, code, f);
    for (size_t i = 0; i < EXTRACTOR_COUNT; i++)
        if (EXTRACTORS[i].finish)
            EXTRACTORS[i].finish(s, f);
    /* Last, because extractors note what they find too. */
    f->note_count = s->notes.count;
    f->notes_dropped = s->notes.dropped;
    memcpy(f->notes, s->notes.at, s->notes.count * sizeof *f->notes);
    return f;
}

const char *trait_kind_name(TraitKind kind) {
    static const char *const names[] = {
#define X(constant, name, forgeability) name,
        TRAIT_KINDS(X)
#undef X
    };
    return (unsigned)kind < TRAIT_KIND_COUNT ? names[kind] : "unknown";
}

const char *trait_forgeability(TraitKind kind) {
    static const char *const words[] = {
#define X(constant, name, forgeability) forgeability,
        TRAIT_KINDS(X)
#undef X
    };
    return (unsigned)kind < TRAIT_KIND_COUNT ? words[kind] : "easy";
}

const char *indicator_kind_name(IndicatorKind kind) {
    static const char *const names[] = {
#define X(constant, name) name,
        INDICATOR_KINDS(X)
#undef X
    };
    return (unsigned)kind < INDICATOR_KIND_COUNT ? names[kind] : "unknown";
}
