/* SPDX-License-Identifier: Apache-2.0
 * image.h: one Image for every executable format: what lies where, and what the file declares about
 * its code. In: the sample's bytes. Out: plain data in the sample's arena; views point into the
 * sample's bytes. Odd input: parts that make no sense are noted and left out; the result is always
 * valid, possibly empty. Limits: limits.h. Threads: read-only after image_from_sample. */
#ifndef COG_IMAGE_IMAGE_H
#define COG_IMAGE_IMAGE_H

#include "base/sample.h"
#include "base/table.h"

typedef enum Format { FORMAT_NONE, FORMAT_RAW, FORMAT_PE, FORMAT_ELF } Format;
typedef enum Arch {
    ARCH_NONE, /* not known */
    ARCH_X86,
    ARCH_X64,
    ARCH_ARM,
    ARCH_ARM64,
    ARCH_MIPS,
    ARCH_PPC,
    ARCH_RISCV,
    ARCH_OTHER
} Arch;

enum { PERM_R = 4, PERM_W = 2, PERM_X = 1 };

/* What is mapped: PE sections (and headers), ELF PT_LOAD, or the whole raw file. Sorted by va,
 * never overlapping (of two that overlap in the file's own claim, the later one is cut and noted).
 */
typedef struct Segment {
    uint64_t va, va_size;
    uint64_t off; /* of `file` in the sample */
    Bytes file;   /* the file-backed start of the segment; the rest is zero */
    uint8_t perms;
} Segment;

/* Named parts as declared; may lie, may be absent. */
typedef struct Section {
    const char *name;
    uint64_t va, va_size, off, size; /* size: bytes in the file, clipped to it */
    uint8_t perms;
    double entropy; /* bits per byte of the file part, 0..8 */
} Section;

typedef enum ImportKind { IMPORT_NORMAL, IMPORT_DELAY } ImportKind;
typedef struct Import {
    const char *module; /* as spelt in the file; "" when unknown (ELF) */
    const char *name;   /* "" when by ordinal */
    uint32_t ordinal;   /* when name is "" */
    uint64_t slot_va;   /* pointer that the loader fills (IAT, GOT); 0 unknown */
    uint64_t stub_va;   /* ELF PLT stub that jumps through the slot; 0 none */
    ImportKind kind;
} Import;

typedef struct Export {
    const char *name;      /* "" when by ordinal only */
    const char *forwarder; /* "DLL.Name", or NULL */
    uint64_t va;
    uint32_t ordinal;
    bool is_code; /* lies in an executable segment */
} Export;

typedef enum SymbolKind { SYMBOL_FUNCTION, SYMBOL_OBJECT, SYMBOL_OTHER } SymbolKind;
typedef struct Symbol {
    const char *name;
    uint64_t va, size; /* size 0: not declared */
    SymbolKind kind;
} Symbol;

/* Where the file itself says "code of one function lies here". */
typedef enum RangeSource { RANGE_PDATA, RANGE_EH_FRAME } RangeSource;
typedef struct Range {
    uint64_t va, size;
    RangeSource source;
    bool is_fragment;    /* chained .pdata entry or a cold part: not a function start of its own */
    uint64_t handler_va; /* exception handler or personality, 0 none */
} Range;

/* A place where the file itself declares a function start. */
typedef enum StartSource {
    START_ENTRY,
    START_TLS,
    START_INIT,    /* .init, .fini, .init_array, .fini_array, .preinit_array */
    START_UNWIND,  /* .ARM.exidx: where an entry begins; it may serve several functions */
    START_CFGUARD, /* load configuration: guard CF table, guard EH continuation excluded */
    START_SEH      /* SafeSEH handler table, .pdata handlers */
} StartSource;
typedef struct Start {
    uint64_t va;
    StartSource source;
} Start;

/* ARM: what the file says of the instruction set, or data, from a place on (functions' symbols say
 * it of one function; mapping symbols until the next one). */
typedef enum CodeMode { MODE_ARM, MODE_THUMB, MODE_DATA } CodeMode;
typedef struct ModeMark {
    uint64_t va;
    uint8_t mode; /* CodeMode */
} ModeMark;

/* A pointer-sized word that the loader adjusts, with the address that it will hold (0 when not
 * known). */
typedef struct Reloc {
    uint64_t va, target;
} Reloc;

typedef struct RichRecord {
    uint16_t product, build; /* comp.id: product id (high word), build number (low word) */
    uint32_t count;
} RichRecord;
typedef struct Rich {
    RichRecord *records;
    size_t count;
    uint32_t key;
    bool checksum_ok; /* the XOR key equals the checksum over DOS header, stub and records */
    uint64_t off, size;
} Rich;

typedef struct Resource {
    uint32_t type, name_id, language; /* language: LANGID */
    const char *type_name, *name;     /* set when named instead of numbered, else NULL */
    uint64_t off, size;               /* file place of the data; size clipped to the file */
    uint32_t codepage, timestamp;
} Resource;

typedef struct VersionString {
    const char *key, *value; /* UTF-8 */
    uint32_t language;
} VersionString;

typedef struct DebugEntry {
    uint32_t type, timestamp, age;
    uint8_t guid[16];
    const char *pdb_path; /* CodeView entries, else NULL; bytes as they are */
    uint64_t off, size;
} DebugEntry;

typedef struct PeInfo {
    uint16_t machine, characteristics, dll_characteristics, subsystem;
    uint32_t timestamp, checksum, checksum_computed, size_of_image;
    uint8_t linker_major, linker_minor;
    uint16_t os_major, os_minor, subsystem_major, subsystem_minor;
    Rich rich;
    VEC(Resource) resources;
    VEC(VersionString) version;
    uint16_t file_version[4], product_version[4]; /* VS_FIXEDFILEINFO, most significant first */
    bool has_version;
    VEC(DebugEntry) debug;
    const char *export_name; /* DLL name of the export directory, or NULL */
    uint32_t export_timestamp;
    uint64_t certificate_off, certificate_size;
    const char *dotnet_version; /* metadata version text, or NULL when there is no CLI header */
    bool has_bound_imports;
} PeInfo;

typedef struct ElfInfo {
    uint16_t type, machine;
    uint8_t osabi;
    uint32_t flags;
    Bytes build_id;                             /* NT_GNU_BUILD_ID, empty when absent */
    const char *go_build_id;                    /* or NULL */
    const char *interpreter, *soname, *runpath; /* or NULL */
    VEC(const char *) needed;
    VEC(const char *) comments; /* .comment: compiler idents */
    bool is_static;
    uint64_t got_va; /* global offset table, as the dynamic segment says (DT_PLTGOT); 0 none */
} ElfInfo;

/* A stretch of the file and where it is mapped; see image_va_at. */
typedef struct FilePlace {
    uint64_t off, size, va;
} FilePlace;

typedef struct Image {
    Format format;
    Arch arch;
    uint8_t bits; /* 16, 32, 64; 0 unknown */
    bool big_endian;
    bool is_library; /* DLL, shared object without an interpreter */
    bool is_position_independent;
    uint64_t base;  /* preferred load address; lowest segment for ELF */
    uint64_t entry; /* va; valid when has_entry */
    bool has_entry;
    VEC(Segment) segments;
    VEC(FilePlace)
    places; /* sorted by off, disjoint: where two segments map the same bytes, the
               one that starts first in the file */
    VEC(Section) sections;
    VEC(Import) imports;
    VEC(Export) exports;
    VEC(Symbol) symbols;
    VEC(Range) ranges;   /* sorted by va */
    VEC(Start) starts;   /* in order of declaration */
    VEC(Reloc) relocs;   /* sorted by va */
    VEC(ModeMark) modes; /* sorted by va; of one place each mode once */
    uint64_t overlay_off, overlay_size;
    PeInfo *pe;   /* NULL unless FORMAT_PE */
    ElfInfo *elf; /* NULL unless FORMAT_ELF */
} Image;

/* What the caller knows about a file without headers. */
typedef struct ImageHint {
    bool force_raw; /* take it as raw even when it has a header */
    Arch arch;      /* ARCH_NONE: guess x86 against x86-64 from the bytes */
    bool is_thumb;  /* ARCH_ARM: what begins at base */
    uint64_t base;
} ImageHint;

/* hint may be NULL. Never NULL; format FORMAT_RAW when no header was recognised. */
Image *image_from_sample(Sample *s, const ImageHint *hint);

/* The segment that holds va, or NULL. O(log n). */
const Segment *image_find_segment(const Image *image, uint64_t va);
/* File bytes from va to the end of its segment's file part; empty when va has none. */
Bytes image_bytes_at(const Image *image, uint64_t va);
/* File offset of va, or UINT64_MAX when it has none. */
uint64_t image_off_at(const Image *image, uint64_t va);
/* Address at which a file offset is mapped, or UINT64_MAX. */
uint64_t image_va_at(const Image *image, uint64_t off);
bool image_is_code(const Image *image, uint64_t va); /* in an executable segment, file-backed */
/* A pointer-sized word in the image's byte order at va; 0 when not file-backed. */
uint64_t image_word_at(const Image *image, uint64_t va);
const char *arch_name(Arch arch);  /* "x86", "x86-64", "arm", "aarch64", ... "unknown" */
const char *format_name(Format f); /* "pe", "elf", "raw" */

#endif
