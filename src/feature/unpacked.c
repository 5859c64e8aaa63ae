/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/unpacked.h"

static void add_trait(Sample *s, Features *f, TraitKind kind, const char *value) {
    Trait *trait = VEC_ADD(s->arena, &f->traits);
    if (trait)
        *trait = (Trait){kind, arena_text(s->arena, (Bytes){(const uint8_t *)value, strlen(value)}),
                         UINT64_MAX};
}

static void add_sha256(Sample *s, Features *f, TraitKind kind, const uint8_t *sha256) {
    char hex[65];
    hex_write(hex, sha256, 32);
    add_trait(s, f, kind, hex);
}

static void add_note(Sample *s, Features *f, NoteKind kind, uint64_t off) {
    notes_add(&s->notes, kind, off);
    f->note_count = s->notes.count;
    f->notes_dropped = s->notes.dropped;
    memcpy(f->notes, s->notes.at, s->notes.count * sizeof *f->notes);
}

void features_add_unpacked(Sample *s, Features *f, const Image *image, const Unpacked *from) {
    uint64_t off = image_off_at(image, from->pc);
    uint8_t sha256[32];
    switch (from->end) {
    case UNPACK_DONE:
        if (from->repair) {
            add_trait(s, f, TRAIT_HEADER_REPAIR, from->repair);
        } else {
            f->is_packed = true; /* whatever the hints said */
            f->packer = f->packer ? f->packer : "unknown";
        }
        digest_sha256(from->file, sha256);
        add_sha256(s, f, TRAIT_UNPACKED, sha256);
        break;
    case UNPACK_BUDGET:
    case UNPACK_MEMORY:
        add_note(s, f, NOTE_UNPACK_BUDGET, off);
        break;
    case UNPACK_UNKNOWN:
        add_note(s, f, NOTE_UNPACK_UNKNOWN, off);
        break;
    case UNPACK_FAULT:
        add_note(s, f, NOTE_UNPACK_FAULT, off);
        break;
    case UNPACK_EXIT:
    case UNPACK_ODD:
        add_note(s, f, NOTE_UNPACK_NOTHING, off);
        break;
    case UNPACK_NOT_RUN:
    default:
        break;
    }
}

void features_add_parent(Sample *s, Features *f, const uint8_t *sha256) {
    add_sha256(s, f, TRAIT_PARENT, sha256);
}

static const char *value_of(const Features *f, TraitKind kind) {
    for (size_t i = 0; i < f->traits.count; i++)
        if (f->traits.at[i].kind == kind)
            return f->traits.at[i].value;
    return NULL;
}

const char *features_unpacked(const Features *f) { return value_of(f, TRAIT_UNPACKED); }
const char *features_parent(const Features *f) { return value_of(f, TRAIT_PARENT); }
