/* SPDX-License-Identifier: Apache-2.0
 * pack_format.h: the feature pack, docs/formats/pack.md: its constants, and what pack.c (frame and
 * checksum) asks of pack_write.c and pack_read.c (columns). */
#ifndef COG_FEATURE_PACK_FORMAT_H
#define COG_FEATURE_PACK_FORMAT_H

#include "feature/feature.h"

#define PACK_MAGIC "COGPACK\002"
/* Version 1 had no routines: twelve counts, all else is the same. */
#define PACK_MAGIC_1 "COGPACK\001"
/* Two million functions (MAX_FUNCTIONS) take about 300 MB of columns; a pack that claims more than
 * three times that is a decompression bomb. */
#define PACK_MAX_RAW ((uint64_t)1 << 30)

typedef enum PackFrame {
    PACK_PLAIN =
        0, /* the columns as they are: from a worker to its parent, which reads them at once */
    PACK_ZSTD = 1
} PackFrame;

enum {
    PACK_MAX_PLAIN =
        64 << 20, /* larger ones are compressed all the same: a parent has many (guess) */
    /* The default of zstd: level 1 saves little time here, level 9 little space
       (docs/evidence/code.md). */
    PACK_LEVEL = 3,
    /* A trait may join many names (MAX_SECTIONS of them); no text of ours is longer. */
    PACK_MAX_TEXT = 1 << 20,
    PACK_COUNTS_OFF = 32,
    PACK_COUNTS_1 = 12,
    PACK_HEADER_BYTES = 92,
    PACK_TRAILER_BYTES = 8
};

/* X(constant, limit, least bytes that one item takes in the columns) */
#define PACK_LISTS(X)                                                                              \
    X(PACK_SECTIONS, MAX_SECTIONS, 14)                                                             \
    X(PACK_IMPORTS, MAX_IMPORTS, 3)                                                                \
    X(PACK_FUNCTIONS, MAX_FUNCTIONS, 26)                                                           \
    X(PACK_BLOCKS, MAX_BLOCKS, 19)                                                                 \
    X(PACK_CALLS, MAX_XREFS, 1)                                                                    \
    X(PACK_GENES, UINT32_MAX, 1)                                                                   \
    X(PACK_DICTIONARY, UINT32_MAX, 1)                                                              \
    X(PACK_STRINGS, MAX_STRINGS, 6)                                                                \
    X(PACK_STRING_REFS, MAX_XREFS, 1)                                                              \
    X(PACK_TRAITS, MAX_TRAITS, 3)                                                                  \
    X(PACK_INDICATORS, MAX_INDICATORS, 4)                                                          \
    X(PACK_NOTES, MAX_NOTES, 2)                                                                    \
    X(PACK_ROUTINES, MAX_ROUTINES, 40)                                                             \
    X(PACK_PARAMETERS, MAX_PARAMETERS, 4)                                                          \
    X(PACK_RESOLVED, MAX_RESOLVED, 3)

typedef enum PackList {
#define X(constant, limit, least) constant,
    PACK_LISTS(X)
#undef X
        PACK_LIST_COUNT
} PackList;

enum {
    PACK_BIG_ENDIAN = 1,
    PACK_LIBRARY = 2,
    PACK_HAS_ENTRY = 4,
    PACK_DOTNET = 8,
    PACK_PACKED = 16,
    PACK_FLAGS = 31
};

typedef struct PackColumns {
    uint8_t *at;
    size_t size, text_size; /* the texts are the last text_size of size bytes */
    uint32_t counts[PACK_LIST_COUNT];
} PackColumns;

/* Makes the columns in the arena. False when a list passes its limit. */
bool pack_columns_from_features(Arena *a, const Features *f, PackColumns *out);
/* Features with room for the counts, which the caller has tested; for genes only where they are
 * wanted. */
Features *pack_features_new(Arena *a, const PackColumns *columns, bool has_genes);
/* Fills them; texts has room for text_size and lives as long as f. False when something does
 * not check out: f is then worth nothing. Genes that f has no room for are passed over. */
bool pack_columns_read(const PackColumns *columns, char *texts, Features *f);

#endif
