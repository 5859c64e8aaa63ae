/* SPDX-License-Identifier: Apache-2.0
 * elf_note.c: notes (build ids), .comment and the interpreter. */
#include "image/elf.h"

#include <string.h>

static uint64_t padded(uint64_t size, uint64_t align) { return align_up(size, align == 8 ? 8 : 4); }

/* Note entries: name size, descriptor size, type, name, descriptor, each padded (gabi 5, "Note
 * Section"). `budget` is shared by all tables. */
static void read_note_table(Elf *elf, Bytes table, uint64_t align, uint32_t *budget) {
    Cursor c = elf_cursor(elf, table);
    ElfInfo *info = elf->info;
    while (cursor_left(&c) >= 12 && *budget > 0) {
        --*budget;
        uint32_t name_size = cursor_u32(&c), data_size = cursor_u32(&c), type = cursor_u32(&c);
        uint64_t data_off = padded(c.off + (uint64_t)name_size, align);
        Bytes name = cursor_bytes(&c, name_size);
        cursor_seek(&c, data_off);
        Bytes data = cursor_bytes(&c, data_size);
        if (c.bad) {
            notes_add(&elf->s->notes, NOTE_NOTES_ODD, 0);
            return;
        }
        bool is_gnu = name.size == 4 && memcmp(name.at, "GNU", 4) == 0;
        bool is_go = name.size == 4 && memcmp(name.at, "Go\0", 4) == 0;
        if (is_gnu && type == ELF_NT_GNU_BUILD_ID && info->build_id.size == 0)
            info->build_id = bytes_clip(data, 0, 64);
        if (is_go && type == ELF_NT_GO_BUILD_ID && !info->go_build_id)
            info->go_build_id = arena_text(elf->s->arena, bytes_clip(data, 0, MAX_NAME_BYTES));
        uint64_t next = padded(c.off, align);
        if (next > table.size) /* the last one need not be padded */
            return;
        cursor_seek(&c, next);
    }
}

/* NUL-terminated idents of compilers and linkers, one after the other. */
static void read_comments(Elf *elf) {
    const ElfPart *part = elf_find_section(elf, ".comment");
    if (!part)
        return;
    Cursor c = cursor_init(elf_section_bytes(elf, part));
    while (cursor_left(&c) > 0) {
        Bytes text = cursor_text(&c, MAX_NAME_BYTES);
        if (c.bad)
            break;
        if (text.size == 0)
            continue;
        const char **comment = VEC_ADD(elf->s->arena, &elf->info->comments);
        if (!comment) {
            notes_add(&elf->s->notes, NOTE_TOO_MANY, part->off);
            return;
        }
        *comment = (const char *)text.at;
    }
}

void elf_read_notes(Elf *elf) {
    uint32_t budget = MAX_ELF_ENTRIES;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const ElfPart *p = &elf->segments[i];
        Bytes bytes = bytes_clip(elf->file, p->off, p->size);
        if (p->type == ELF_PT_NOTE)
            read_note_table(elf, bytes, p->align, &budget);
        if (p->type == ELF_PT_INTERP && !elf->info->interpreter)
            elf->info->interpreter = text_in(bytes);
    }
    for (uint32_t i = 0; i < elf->section_count; i++)
        if (elf->sections[i].type == ELF_SHT_NOTE)
            read_note_table(elf, elf_section_bytes(elf, &elf->sections[i]), elf->sections[i].align,
                            &budget);
    if (budget == 0)
        notes_add(&elf->s->notes, NOTE_TOO_MANY, 0);
    read_comments(elf);
}
