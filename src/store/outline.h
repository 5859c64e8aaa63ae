/* SPDX-License-Identifier: Apache-2.0
 * outline.h: what matching asks of a sample, in columns that are read where they lie in the store,
 * so that a reference need not be unpacked to be aligned.
 * In: Features, or the bytes of a record. Out: columns in the arena, or in the bytes. Odd input:
 * outline_from_bytes refuses whatever could lead outside a column; the order of genes and tokens
 * is the writer's promise. Limits: those of the feature pack. Threads: plain values; nobody writes
 * to one. Format: docs/formats/outline.md. */
#ifndef COG_STORE_OUTLINE_H
#define COG_STORE_OUTLINE_H

#include "feature/feature.h"

enum {
    /* What a token is of: bits of `token_of`. */
    OUTLINE_STRING = 0,
    OUTLINE_TRAIT = 1,
    OUTLINE_ROUTINE = 2,
    OUTLINE_OF = 3,
    OUTLINE_MENTIONED = 4, /* code mentions the text */
    OUTLINE_PLAIN = 8,     /* it is a text of the file, not made at run time */
    OUTLINE_NAME = 24      /* bytes that are kept of a function's name, the NUL included */
};

/* X(column, type, which count it has): the widest first, so that each lies aligned. */
#define OUTLINE_COLUMNS(X)                                                                         \
    X(pic, Hash128, FUNCTIONS)                                                                     \
    X(dictionary, uint64_t, DICTIONARY) /* genes that weigh something: distinct, ascending */      \
    X(token, uint64_t, TOKENS)          /* of texts, traits, routines: distinct, ascending */      \
    X(value, uint64_t, VALUES)          /* know_value_key of network indicators: the same */       \
    X(instructions, uint32_t, FUNCTIONS)                                                           \
    X(blocks, uint32_t, FUNCTIONS)                                                                 \
    X(gene_count, uint32_t, FUNCTIONS) /* of all genes, those that weigh nothing included */       \
    X(first_gene, uint32_t, FUNCTION_ENDS)                                                         \
    X(first_call, uint32_t, FUNCTION_ENDS)                                                         \
    X(first_member, uint32_t, FUNCTION_ENDS)                                                       \
    X(own_total, uint32_t, FUNCTIONS)      /* weight of its genes */                               \
    X(group_total, uint32_t, FUNCTIONS)    /* and with those of its members */                     \
    X(name, uint32_t, FUNCTIONS)           /* place in names; 0: none */                           \
    X(call, uint32_t, CALLS)               /* callees that are functions */                        \
    X(member, uint32_t, MEMBERS)           /* callees that are taken together with it */           \
    X(token_index, uint32_t, TOKENS)       /* in strings, traits, or routine_tokens */             \
    X(wide_gene, uint32_t, WIDE_GENES)     /* numbers in the dictionary, by function: */           \
    X(narrow_gene, uint16_t, NARROW_GENES) /* wide ones or narrow ones */                          \
    X(weight, uint8_t, DICTIONARY)                                                                 \
    X(flags, uint8_t, FUNCTIONS)                                                                   \
    X(sketch_count, uint8_t, FUNCTIONS) /* of its genes, the first so many are its sketch */       \
    X(token_of, uint8_t, TOKENS)                                                                   \
    X(token_length, uint8_t, TOKENS) /* of the longest such text, up to 255 */                     \
    X(names, char, NAMES)            /* beginnings of names, each closed by NUL */

typedef enum OutlineCount {
    OUTLINE_FUNCTIONS,
    OUTLINE_DICTIONARY,
    OUTLINE_TOKENS,
    OUTLINE_VALUES,
    OUTLINE_CALLS,
    OUTLINE_MEMBERS,
    OUTLINE_WIDE_GENES,
    OUTLINE_NARROW_GENES,
    OUTLINE_NAMES,
    OUTLINE_STORED_COUNTS,
    OUTLINE_FUNCTION_ENDS = OUTLINE_STORED_COUNTS, /* one more than functions */
    OUTLINE_COUNTS
} OutlineCount;

typedef struct Outline {
    uint32_t counts[OUTLINE_COUNTS];
    bool is_go; /* names come from Go's table of functions */
#define X(column, type, count) const type *column;
    OUTLINE_COLUMNS(X)
#undef X
} Outline;

/* A gene of first_gene[f] to first_gene[f + 1], as a place in the dictionary. */
static inline uint32_t outline_gene(const Outline *o, uint32_t at) {
    return o->narrow_gene ? o->narrow_gene[at] : o->wide_gene[at];
}

/* Of the function's genes; the same as sketch_from_function gives. */
Sketch outline_sketch(const Outline *o, size_t function);

/* The columns of functions and genes only; in the arena. scratch: another one, given back. */
void outline_from_features(const Features *f, Arena *a, Arena *scratch, Outline *out);
/* Those of tokens and values as well. */
void outline_add_tokens(const Features *f, Arena *a, Arena *scratch, Outline *out);

/* Appends the record of sample id. */
void outline_write(const Outline *o, uint32_t id, Text *out);
/* Writes the checksum into the first 8 bytes of a record (at least 8 bytes). */
void outline_seal(uint8_t *at, size_t size, uint32_t id);
/* The bytes, or, where they are not aligned, a copy in the arena. */
Bytes outline_align(Bytes bytes, Arena *a);
/* Columns lie in the bytes, which are aligned. */
Status outline_from_bytes(Bytes bytes, uint32_t id, Outline *out, Error *err);

#endif
