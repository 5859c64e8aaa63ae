/* SPDX-License-Identifier: Apache-2.0
 * note.h: what is odd about an input. A note is a finding, never an error: parsing goes on with
 * what is left. At most MAX_NOTES are kept, the first ones of each kind; the rest is counted. Each
 * kind has a fixed name (docs/formats/notes.md). */
#ifndef COG_BASE_NOTE_H
#define COG_BASE_NOTE_H

#include <stdint.h>

#include "base/limits.h"

/* X(constant, "name-in-records") — grow at the end of a group, never rename. */
#define NOTE_KINDS(X)                                                                              \
    X(NOTE_NONE, "none")                                                                           \
    X(NOTE_EMPTY_FILE, "empty-file")                                                               \
    X(NOTE_HEADER_TRUNCATED, "header-truncated")                                                   \
    X(NOTE_HEADER_ODD, "header-odd")                                                               \
    X(NOTE_SECTION_PAST_END, "section-past-end-of-file")                                           \
    X(NOTE_SECTIONS_OVERLAP, "sections-overlap")                                                   \
    X(NOTE_SECTIONS_MISSING, "section-headers-missing")                                            \
    X(NOTE_TOO_MANY, "list-limit-hit")                                                             \
    X(NOTE_IMPORT_ODD, "import-table-odd")                                                         \
    X(NOTE_EXPORT_ODD, "export-table-odd")                                                         \
    X(NOTE_RESOURCE_ODD, "resource-tree-odd")                                                      \
    X(NOTE_RELOC_ODD, "relocations-odd")                                                           \
    X(NOTE_TLS_ODD, "tls-directory-odd")                                                           \
    X(NOTE_DEBUG_ODD, "debug-directory-odd")                                                       \
    X(NOTE_RICH_ODD, "rich-header-odd")                                                            \
    X(NOTE_RICH_CHECKSUM, "rich-header-checksum-wrong")                                            \
    X(NOTE_UNWIND_ODD, "unwind-data-odd")                                                          \
    X(NOTE_CERTIFICATE_ODD, "certificate-table-odd")                                               \
    X(NOTE_SYMBOLS_ODD, "symbol-table-odd")                                                        \
    X(NOTE_DYNAMIC_ODD, "dynamic-section-odd")                                                     \
    X(NOTE_NOTES_ODD, "note-section-odd")                                                          \
    X(NOTE_VERSION_ODD, "version-info-odd")                                                        \
    X(NOTE_ENTRY_OUTSIDE, "entry-point-outside-image")                                             \
    X(NOTE_ENTRY_NOT_CODE, "entry-point-not-executable")                                           \
    X(NOTE_DOTNET, "dotnet-code-not-analysed")                                                     \
    X(NOTE_ARCH_UNSUPPORTED, "processor-not-supported")                                            \
    X(NOTE_RAW, "unknown-format-taken-as-raw")                                                     \
    X(NOTE_OVERLAY, "overlay")                                                                     \
    X(NOTE_ARCHIVE_ODD, "archive-odd")                                                             \
    X(NOTE_ARCHIVE_BOMB, "archive-limit-hit")                                                      \
    X(NOTE_ARCHIVE_LOCKED, "archive-password-unknown")                                             \
    X(NOTE_TIME_LIMIT, "time-limit-hit")                                                           \
    X(NOTE_CODE_LIMIT, "code-limit-hit")                                                           \
    X(NOTE_STRING_LIMIT, "string-limit-hit")                                                       \
    X(NOTE_COMPRESSED_DEBUG, "compressed-section")                                                 \
    X(NOTE_BOUND_IMPORTS, "bound-imports")                                                         \
    X(NOTE_ALIGNMENT_ODD, "alignment-odd")                                                         \
    X(NOTE_WRITABLE_CODE, "writable-code-section")                                                 \
    X(NOTE_ROUTINE_LIMIT, "routine-limit-hit")                                                     \
    X(NOTE_EMULATION_LIMIT, "emulation-limit-hit")                                                 \
    X(NOTE_FUNCTION_LIMIT, "function-limit-hit")                                                   \
    X(NOTE_UNPACK_BUDGET, "unpack-limit-hit")                                                      \
    X(NOTE_UNPACK_UNKNOWN, "unpack-unknown-call")                                                  \
    X(NOTE_UNPACK_FAULT, "unpack-fault")                                                           \
    X(NOTE_UNPACK_NOTHING, "unpack-nothing-found")

typedef enum NoteKind {
#define X(constant, name) constant,
    NOTE_KINDS(X)
#undef X
        NOTE_KIND_COUNT
} NoteKind;

typedef struct Note {
    NoteKind kind;
    uint64_t off; /* file offset where it was seen */
} Note;

typedef struct Notes {
    Note at[MAX_NOTES];
    uint32_t count;
    uint32_t dropped;
    uint32_t per_kind[NOTE_KIND_COUNT];
} Notes;

/* Repeats of a kind beyond 8 are only counted, so that one loop cannot drown the rest. */
void notes_add(Notes *notes, NoteKind kind, uint64_t off);
const char *note_name(NoteKind kind);

#endif
