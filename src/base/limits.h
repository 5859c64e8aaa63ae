/* SPDX-License-Identifier: Apache-2.0
 * limits.h: every number that a hostile file must not exceed, each with its reason. A limit that
 * was hit is noted. */
#ifndef COG_BASE_LIMITS_H
#define COG_BASE_LIMITS_H

enum {
    /* PE: the specification allows 96 sections for loaded images, the loader 65,535; real packers
       stay below 100. */
    MAX_SECTIONS = 1024,
    /* ELF sections: -ffunction-sections objects have tens of thousands. */
    MAX_ELF_SECTIONS = 65536,
    /* ELF program headers: real files have about 10. */
    MAX_SEGMENTS = 1024,
    /* A Chromium DLL imports about 2,000 names; its largest peers about 20,000. */
    MAX_IMPORTS = 65536,
    /* Import descriptors (DLLs) of one file: a Chromium DLL has about 80. */
    MAX_IMPORT_MODULES = 4096,
    /* ntoskrnl exports 3,000; Qt debug libraries 60,000. */
    MAX_EXPORTS = 262144,
    /* A debug build of a browser has about 2 million symbols. */
    MAX_SYMBOLS = 4 * 1024 * 1024,
    /* As symbols: one range per function. */
    MAX_RANGES = 4 * 1024 * 1024,
    MAX_RELOCS = 8 * 1024 * 1024,
    /* Resource trees are three levels deep; icons and strings make a few thousand leaves. */
    MAX_RESOURCES = 16384,
    MAX_RESOURCE_DEPTH = 4,
    /* VS_VERSIONINFO has about 12 strings a language; multilingual files reach 200 in all. */
    MAX_VERSION_STRINGS = 1024,
    /* Debug directory: link.exe writes at most one entry of each of its 20 types. */
    MAX_DEBUG_ENTRIES = 64,
    /* TLS callbacks: real files have at most a handful. */
    MAX_TLS_CALLBACKS = 1024,
    /* Dynamic section, notes, .comment: entries of an ELF file looked at, each list for itself. */
    MAX_ELF_ENTRIES = 4096,
    /* An identifier longer than this is not one (MSVC cuts decorated names at 4,096). */
    MAX_NAME_BYTES = 4096,
    MAX_RICH_RECORDS = 256,
    MAX_NOTES = 256,
    /* Functions of one sample: the largest browsers have about 700,000. */
    MAX_FUNCTIONS = 2 * 1024 * 1024,
    MAX_BLOCKS = 32 * 1024 * 1024,
    MAX_XREFS = 32 * 1024 * 1024,
    /* One function: generated interpreters reach 30,000 blocks. */
    MAX_FUNCTION_BLOCKS = 65536,
    /* One jump table: the specification of switch-heavy lexers stays below 4,096 cases. */
    MAX_TABLE_ENTRIES = 8192,
    MAX_STRINGS = 262144,
    MAX_STRING_BYTES = 4096,
    MAX_TRAITS = 16384,
    MAX_INDICATORS = 16384,
    /* Routines that transform data: OpenSSL's libcrypto, the richest known, has about 500; their
       parameters and resolved names: a resolver has some hundred call sites. */
    MAX_ROUTINES = 4096,
    MAX_PARAMETERS = 65536,
    MAX_RESOLVED = 65536,
    /* Genes of one function: beyond this the sketch no longer changes measurably (guess, to be
       measured). */
    MAX_FUNCTION_GENES = 4096,
    /* Archives: entries, nesting, and what one archive may expand to in all. */
    MAX_ARCHIVE_ENTRIES = 4096,
    MAX_ARCHIVE_DEPTH = 3,
    /* A zip bomb's ratio is above 1,000; DEFLATE's limit is 1,032 (RFC 1951 by arithmetic). */
    MAX_ARCHIVE_RATIO = 1100
};

/* One sample: files beyond it are refused with a clear failure (64-bit: 512 MiB). */
#define MAX_SAMPLE_BYTES ((uint64_t)512 << 20)
/* What the entries of one archive may add up to. */
#define MAX_ARCHIVE_BYTES ((uint64_t)1 << 30)

#endif
