/* SPDX-License-Identifier: Apache-2.0 */
#include "base/note.h"

enum { NOTE_REPEATS = 8 };

void notes_add(Notes *notes, NoteKind kind, uint64_t off) {
    notes->per_kind[kind]++;
    if (notes->per_kind[kind] > NOTE_REPEATS || notes->count == MAX_NOTES)
        notes->dropped++;
    else
        notes->at[notes->count++] = (Note){kind, off};
}

const char *note_name(NoteKind kind) {
    static const char *const names[] = {
#define X(constant, name) name,
        NOTE_KINDS(X)
#undef X
    };
    return (unsigned)kind < NOTE_KIND_COUNT ? names[kind] : "none";
}
