/* SPDX-License-Identifier: Apache-2.0
 * feature.h: everything that is comparable about one sample, as plain data that travels: made by
 * the extractors from image and code, written to bytes (a feature pack, docs/formats/pack.md), read
 * back by the parent process and by the store. Nothing here points into the sample. Everything
 * after this layer (store, match, judge, report) knows a sample only as Features. Owner: the arena
 * it was made in. Read-only once made. */
#ifndef COG_FEATURE_FEATURE_H
#define COG_FEATURE_FEATURE_H

#include "base/digest.h"
#include "base/note.h"
#include "base/status.h"
#include "base/table.h"
#include "base/text.h"
#include "unwrap/routine.h"

/* Bumped whenever a signature, gene or trait changes meaning; stores refuse packs of another
 * version. */
#define EXTRACTOR_VERSION 4u

/* Keys of a sketch: docs/evidence/code.md has what fewer lose; each costs 3.2 bytes in the index.
 */
enum { SKETCH_KEYS = 32, SKETCH_KEY_BITS = 28 };
/* A weighted sample of a gene set, the same genes in whatever set they are (bottom-k sketch with
 * exponential ranks: Cohen and Kaplan, PODC 2007): alike sets share keys, and rare genes are taken
 * before common ones. The keys are 28-bit hashes of the genes, distinct, least rank first. */
typedef struct Sketch {
    uint32_t count;
    uint32_t key[SKETCH_KEYS];
} Sketch;

typedef struct FunctionFeature {
    uint64_t va;
    uint32_t size, blocks, instructions;
    const char *name; /* or NULL */
    uint8_t source;   /* FunctionSource */
    uint8_t flags;    /* FUNCTION_* */
    Hash128 pic;      /* exact position-independent hash; all zero: too small to mean anything (see
                         docs/evidence/code.md) */
    uint32_t first_gene, gene_count;   /* Features.genes: sorted, distinct */
    uint32_t first_block, block_count; /* Features.blocks: blocks big enough to be compared */
    uint32_t first_call, call_count;   /* Features.calls */
} FunctionFeature;

typedef struct BlockFeature {
    uint32_t off; /* from the function's va, modulo 2^32 */
    uint32_t size;
    uint32_t instructions;
    Hash128 pic;
} BlockFeature;

/* A callee: function index, or import index with CALL_IS_IMPORT set. */
#define CALL_IS_IMPORT 0x80000000u

typedef enum StringKind {
    STRING_PLAIN,
    STRING_UTF16,
    STRING_STACK,
    STRING_TIGHT,
    STRING_DECODED
} StringKind;
typedef struct StringFeature {
    uint64_t va;      /* UINT64_MAX when it is not mapped; then off tells where */
    uint64_t off;     /* file offset */
    const char *text; /* UTF-8, valid, NUL-terminated */
    uint32_t length;  /* bytes of text */
    StringKind kind;
    uint64_t routine;              /* va of the decoder; 0 none */
    uint32_t first_ref, ref_count; /* Features.string_refs: instruction addresses */
} StringFeature;

/* X(constant, "name-in-records", forgeability): how easily somebody plants it; "easy" = a hex
 * editor, "medium" = a build set-up, "hard" = rewriting code. */
#define TRAIT_KINDS(X)                                                                             \
    X(TRAIT_IMPHASH, "imphash", "medium")                                                          \
    X(TRAIT_RICH, "rich", "easy") /* sorted records product.build*count */                         \
    X(TRAIT_RICH_HASH, "rich_hash",                                                                \
      "easy") /* MD5 of the decoded header, as the field computes it */                            \
    X(TRAIT_PDB_PATH, "pdb_path", "easy")                                                          \
    X(TRAIT_PDB_GUID, "pdb_guid", "easy")                                                          \
    X(TRAIT_COMPILE_TIME, "compile_time", "easy")                                                  \
    X(TRAIT_EXPORT_TIME, "export_time", "easy")                                                    \
    X(TRAIT_DEBUG_TIME, "debug_time", "easy")                                                      \
    X(TRAIT_RESOURCE_TIME, "resource_time", "easy")                                                \
    X(TRAIT_RESOURCE_LANGUAGE, "resource_language", "easy")                                        \
    X(TRAIT_RESOURCE_HASH, "resource_hash", "easy") /* SHA-256 of a resource's bytes */            \
    X(TRAIT_VERSION_INFO, "version_info", "easy")   /* Key=Value */                                \
    X(TRAIT_EXPORT_NAME, "export_name", "medium")   /* DLL name of the export directory */         \
    X(TRAIT_EXPORTS_HASH, "exports_hash", "medium") /* SHA-256 of the sorted export names */       \
    X(TRAIT_BUILD_ID, "build_id", "easy")                                                          \
    X(TRAIT_GO_BUILD_ID, "go_build_id", "easy")                                                    \
    X(TRAIT_SECTION_NAMES, "section_names", "easy") /* in order, joined with commas */             \
    X(TRAIT_LINKER, "linker", "easy")                                                              \
    X(TRAIT_COMPILER, "compiler", "easy")   /* .comment idents, Rich-derived, runtime strings */   \
    X(TRAIT_LANGUAGE, "language", "medium") /* c, c++, go, rust, delphi, dotnet ... */             \
    X(TRAIT_PACKER, "packer", "medium")                                                            \
    X(TRAIT_TLSH, "tlsh", "medium")                                                                \
    X(TRAIT_SSDEEP, "ssdeep", "medium")                                                            \
    X(TRAIT_CERTIFICATE, "certificate", "hard")                                                    \
    X(TRAIT_SONAME, "soname", "easy")                                                              \
    X(TRAIT_RUNPATH, "runpath", "easy")                                                            \
    X(TRAIT_OVERLAY, "overlay", "easy")                                                            \
    X(TRAIT_IMPORTS, "imports_hash", "medium") /* SHA-256 of the sorted imported names */          \
    X(TRAIT_UNPACKED, "unpacked", "hard")      /* SHA-256 of the sample that it unpacks to */      \
    X(TRAIT_PARENT, "unpacked_from", "hard")   /* SHA-256 of the packed sample */                  \
    /* Obfuscation, docs/evidence/obfuscation.md */                                                \
    X(TRAIT_STRING_SCHEME, "string_scheme", "medium")                                              \
    X(TRAIT_API_SCHEME, "api_scheme", "medium")                                                    \
    X(TRAIT_IMPORT_TABLE, "import_table", "medium") /* names in the order of the code */           \
    X(TRAIT_FLATTENING, "flattening", "medium")                                                    \
    X(TRAIT_OPAQUE, "opaque_predicates", "medium")                                                 \
    X(TRAIT_JUNK, "junk_code", "medium")                                                           \
    X(TRAIT_TIME_FORGERY, "time_forgery", "medium") /* moduli of made-up times, in order */        \
    X(TRAIT_RANDOM_TAIL, "random_tail", "easy")                                                    \
    X(TRAIT_HEADER_REPAIR, "header_repair", "easy")                                                \
    X(TRAIT_OBFUSCATION, "obfuscation", "medium") /* three schemes and more together */

typedef enum TraitKind {
#define X(constant, name, forgeability) constant,
    TRAIT_KINDS(X)
#undef X
        TRAIT_KIND_COUNT
} TraitKind;
const char *trait_kind_name(TraitKind kind);
const char *trait_forgeability(TraitKind kind); /* "easy" "medium" "hard" */
/* What a program does to hide, docs/evidence/obfuscation.md. */
static inline bool trait_is_obfuscation(TraitKind kind) {
    return kind >= TRAIT_STRING_SCHEME && kind <= TRAIT_OBFUSCATION;
}

typedef struct Trait {
    TraitKind kind;
    const char *value;
    uint64_t off; /* file offset, UINT64_MAX when it has none */
} Trait;

#define INDICATOR_KINDS(X)                                                                         \
    X(INDICATOR_IPV4, "ipv4")                                                                      \
    X(INDICATOR_IPV6, "ipv6")                                                                      \
    X(INDICATOR_DOMAIN, "domain")                                                                  \
    X(INDICATOR_URL, "url")                                                                        \
    X(INDICATOR_EMAIL, "email")                                                                    \
    X(INDICATOR_MUTEX, "mutex")                                                                    \
    X(INDICATOR_PATH, "path")                                                                      \
    X(INDICATOR_REGISTRY, "registry")                                                              \
    X(INDICATOR_USER_AGENT, "user_agent")                                                          \
    X(INDICATOR_KEY, "key")                                                                        \
    X(INDICATOR_PIPE, "pipe")                                                                      \
    X(INDICATOR_WALLET, "wallet")
typedef enum IndicatorKind {
#define X(constant, name) constant,
    INDICATOR_KINDS(X)
#undef X
        INDICATOR_KIND_COUNT
} IndicatorKind;
const char *indicator_kind_name(IndicatorKind kind);

typedef struct Indicator {
    IndicatorKind kind;
    const char *value;
    uint64_t va; /* of the string it was read from; UINT64_MAX unmapped */
    StringKind from;
} Indicator;

typedef struct SectionFeature {
    const char *name;
    uint64_t va, va_size, off, size;
    uint8_t perms;
    double entropy;
} SectionFeature;

typedef struct ImportFeature {
    const char *module, *name; /* name "ord#12" when by ordinal */
    uint64_t slot_va;
} ImportFeature;

typedef struct Features {
    uint32_t extractor_version;
    uint8_t sha256[32];
    uint64_t size;
    const char *name;           /* file name as given, no directory */
    uint8_t format, arch, bits; /* Format, Arch of image.h */
    bool big_endian, is_library, has_entry, is_dotnet;
    uint64_t base, entry;
    bool is_packed;     /* packer hints outweigh: see docs/evidence/metadata.md */
    const char *packer; /* name or "unknown", NULL when not packed */
    uint64_t code_bytes, code_recovered, code_padding;
    uint32_t export_count;
    VEC(SectionFeature) sections;
    VEC(ImportFeature) imports;
    VEC(FunctionFeature) functions; /* by va */
    VEC(BlockFeature) blocks;
    VEC(uint32_t) calls;
    VEC(uint64_t) genes;
    /* The distinct genes, ascending, and of each of genes which one it is. Both empty until the
       features were in a pack: then later layers need not sort. */
    VEC(uint64_t) dictionary;
    VEC(uint32_t) gene_numbers;
    VEC(StringFeature) strings; /* by off */
    VEC(uint64_t) string_refs;
    VEC(Trait) traits;
    VEC(Indicator) indicators;
    RoutineVec routines; /* by va */
    RoutineParameterVec parameters;
    ResolvedNameVec resolved;
    Note notes[MAX_NOTES];
    uint32_t note_count, notes_dropped;
} Features;

/* SHA-256 in hexadecimal of the sample that it unpacks to, or that it was unpacked from; NULL. */
const char *features_unpacked(const Features *f);
const char *features_parent(const Features *f);

/* Appends the pack: header, sections with counts, xxh3 checksum; zstd inside. Byte-identical for
 * equal features. */
Status features_write(const Features *f, Text *out, Error *err);
/* The same without compression, for a reader that waits. */
Status features_write_plain(const Features *f, Text *out, Error *err);
/* Reads a pack; every count and index is checked, so that later layers may index without looking.
 */
Status features_from_bytes(Arena *a, Bytes pack, Features **out, Error *err);
/* The same without genes, dictionary and gene_numbers: these are empty, whatever functions say of
 * theirs. Most of a pack is genes; who shows evidence needs none. */
Status features_from_bytes_without_genes(Arena *a, Bytes pack, Features **out, Error *err);

/* What sharing a gene says, 0..GENE_WEIGHT_MAX: 0 for genes of every other function (gene_table.h).
 */
enum { GENE_WEIGHT_MAX = 4 };
unsigned gene_weight(uint64_t gene);
/* log2 of how rare a gene is, 0..GENE_RARITY_MAX; 0: so common that it finds nothing. */
enum { GENE_RARITY_MAX = 10 };
unsigned gene_rarity(uint64_t gene);

/* Index of the last function that begins at va or before it; SIZE_MAX: none. */
size_t features_function_at(const Features *f, uint64_t va);
/* Its names come from Go's table of functions, or its build information says that it is Go's. */
bool features_are_go(const Features *f);

/* What decides whether a gene is taken into a sketch (the least ranks are), and its key there. */
typedef struct GeneRank {
    uint64_t rank; /* GENE_NEVER: it is not taken, so common is it */
    uint32_t key;
    uint8_t step;  /* never falls as the rank rises */
    bool has_twin; /* another gene of the list has the same key */
} GeneRank;
#define GENE_NEVER UINT64_MAX
/* One for each of the genes, which are distinct. scratch is given back; it may be the same arena.
 */
GeneRank *gene_ranks_from_genes(const uint64_t *genes, size_t count, Arena *a, Arena *scratch);

/* The sketch of a gene set (sorted or not; repeats do not matter). */
Sketch sketch_from_genes(const uint64_t *genes, size_t count);
/* Which of the genes are taken whose ranks are known, each named by its number in `ranks`, in no
 * order; room for SKETCH_KEYS. Returns how many. */
unsigned sketch_choose(const GeneRank *ranks, const uint32_t *numbers, size_t count, uint32_t *out);
/* The key that stands for a gene in a sketch. */
uint32_t sketch_key(uint64_t gene);
/* Of a function's genes. */
Sketch sketch_from_function(const Features *f, const FunctionFeature *function);
/* The Jaccard index of two sets weighted by how rare their genes are, estimated from how many of
 * the `asked` keys of one are among the keys of the other: s of k in both means s / (2 k - s),
 * which is up to .04 low. */
float sketch_likeness(unsigned shared, unsigned asked);

#endif
