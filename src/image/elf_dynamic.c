/* SPDX-License-Identifier: Apache-2.0
 * elf_dynamic.c: the dynamic section and what it leads to, found by address as the loader does, so
 * that it works without section headers (gabi 5, "Dynamic Linking"). */
#include "image/elf.h"

/* The dynamic section's bytes: by program header, else by section. */
static Bytes dynamic_bytes(const Elf *elf) {
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const ElfPart *p = &elf->segments[i];
        if (p->type != ELF_PT_DYNAMIC)
            continue;
        Bytes b = bytes_clip(image_bytes_at(elf->image, p->va), 0, p->va_size);
        return b.size ? b : bytes_clip(elf->file, p->off, p->size);
    }
    for (uint32_t i = 0; i < elf->section_count; i++)
        if (elf->sections[i].type == ELF_SHT_DYNAMIC)
            return elf_section_bytes(elf, &elf->sections[i]);
    return (Bytes){0};
}

static uint64_t *tag_place(ElfDynamic *d, uint64_t tag) {
    switch (tag) {
    case ELF_DT_PLTRELSZ:
        return &d->jmprel_size;
    case ELF_DT_PLTGOT:
        return &d->got_va;
    case ELF_DT_HASH:
        return &d->hash_va;
    case ELF_DT_STRTAB:
        return &d->strings_va;
    case ELF_DT_SYMTAB:
        return &d->symbols_va;
    case ELF_DT_RELA:
        return &d->rela_va;
    case ELF_DT_RELASZ:
        return &d->rela_size;
    case ELF_DT_STRSZ:
        return &d->strings_size;
    case ELF_DT_INIT:
        return &d->init_va;
    case ELF_DT_FINI:
        return &d->fini_va;
    case ELF_DT_SONAME:
        return &d->soname;
    case ELF_DT_RPATH:
        return &d->rpath;
    case ELF_DT_REL:
        return &d->rel_va;
    case ELF_DT_RELSZ:
        return &d->rel_size;
    case ELF_DT_PLTREL:
        return &d->jmprel_kind;
    case ELF_DT_JMPREL:
        return &d->jmprel_va;
    case ELF_DT_INIT_ARRAY:
        return &d->array_va[1];
    case ELF_DT_FINI_ARRAY:
        return &d->array_va[2];
    case ELF_DT_INIT_ARRAYSZ:
        return &d->array_size[1];
    case ELF_DT_FINI_ARRAYSZ:
        return &d->array_size[2];
    case ELF_DT_RUNPATH:
        return &d->runpath;
    case ELF_DT_PREINIT_ARRAY:
        return &d->array_va[0];
    case ELF_DT_PREINIT_ARRAYSZ:
        return &d->array_size[0];
    case ELF_DT_RELRSZ:
        return &d->relr_size;
    case ELF_DT_RELR:
        return &d->relr_va;
    case ELF_DT_GNU_HASH:
        return &d->gnu_hash_va;
    case ELF_DT_FLAGS_1:
        return &d->flags_1;
    case ELF_DT_MIPS_LOCAL_GOTNO:
        return &d->mips_local;
    case ELF_DT_MIPS_SYMTABNO:
        return &d->mips_symbols;
    case ELF_DT_MIPS_GOTSYM:
        return &d->mips_first;
    default:
        return NULL;
    }
}

static Bytes dynamic_strings(const Elf *elf) {
    Bytes b = image_bytes_at(elf->image, elf->dynamic.strings_va);
    return elf->dynamic.strings_size ? bytes_clip(b, 0, elf->dynamic.strings_size) : b;
}

static const char *dynamic_text(Elf *elf, uint64_t off) {
    Bytes strings = dynamic_strings(elf);
    const char *text = off < strings.size ? text_in(bytes_clip(strings, off, strings.size)) : NULL;
    if (!text)
        notes_add(&elf->s->notes, NOTE_DYNAMIC_ODD, 0);
    return text;
}

static void read_names(Elf *elf, Cursor c) {
    ElfInfo *info = elf->info;
    for (;;) {
        uint64_t tag = cursor_word(&c, elf->is_64), value = cursor_word(&c, elf->is_64);
        if (c.bad || tag == ELF_DT_NULL)
            break;
        const char *text = tag == ELF_DT_NEEDED ? dynamic_text(elf, value) : NULL;
        if (!text)
            continue;
        const char **needed = VEC_ADD(elf->s->arena, &info->needed);
        if (!needed) {
            notes_add(&elf->s->notes, NOTE_TOO_MANY, 0);
            break;
        }
        *needed = text;
    }
    const ElfDynamic *d = &elf->dynamic;
    if (d->soname)
        info->soname = dynamic_text(elf, d->soname);
    if (d->runpath || d->rpath)
        info->runpath = dynamic_text(elf, d->runpath ? d->runpath : d->rpath);
}

void elf_read_dynamic(Elf *elf) {
    Bytes bytes = dynamic_bytes(elf);
    elf->dynamic.is_present = bytes.size > 0;
    Cursor c = elf_cursor(elf, bytes);
    while (bytes.size) {
        uint64_t tag = cursor_word(&c, elf->is_64), value = cursor_word(&c, elf->is_64);
        if (c.bad)
            notes_add(&elf->s->notes, NOTE_DYNAMIC_ODD, 0);
        if (c.bad || tag == ELF_DT_NULL)
            break;
        uint64_t *place = tag_place(&elf->dynamic, tag);
        if (place)
            *place = value;
    }
    read_names(elf, elf_cursor(elf, bytes));
}

/* DT_GNU_HASH holds no count: the highest symbol of any bucket leads to the last chain, whose end
 * has its low bit set. 0 when it cannot tell: symbols that are only imported are not hashed. */
static uint64_t gnu_hash_count(const Elf *elf) {
    Cursor c = elf_cursor(elf, image_bytes_at(elf->image, elf->dynamic.gnu_hash_va));
    uint64_t buckets = cursor_u32(&c), first = cursor_u32(&c), bloom = cursor_u32(&c);
    cursor_skip(&c, 4 + bloom * (elf->is_64 ? 8 : 4));
    if (c.bad || buckets > cursor_left(&c) / 4)
        return 0;
    uint64_t last = 0;
    for (uint64_t i = 0; i < buckets; i++) {
        uint32_t symbol = cursor_u32(&c);
        last = symbol > last ? symbol : last;
    }
    if (last < first)
        return 0;
    cursor_skip(&c, (last - first) * 4);
    while (!(cursor_u32(&c) & 1) && !c.bad)
        last++;
    return c.bad ? 0 : last + 1;
}

static uint64_t symbol_count(const Elf *elf) {
    const ElfDynamic *d = &elf->dynamic;
    Bytes hash = image_bytes_at(elf->image, d->hash_va);
    uint64_t count = d->hash_va ? elf_u32_at(elf, hash, 4) : 0; /* nchain */
    if (count == 0 && d->gnu_hash_va)
        count = gnu_hash_count(elf);
    if (count == 0)
        count = d->mips_symbols;
    for (uint32_t i = 0; count == 0 && i < elf->section_count; i++)
        if (elf->sections[i].type == ELF_SHT_DYNSYM && elf->sections[i].va == d->symbols_va)
            count = elf->sections[i].size / (elf->is_64 ? 24 : 16);
    /* Linkers put the strings right behind the symbols. */
    if (count == 0 && d->strings_va > d->symbols_va)
        count = (d->strings_va - d->symbols_va) / (elf->is_64 ? 24 : 16);
    return count;
}

ElfSymbol elf_symbol(Elf *elf, Cursor *c, Bytes strings) {
    ElfSymbol s = {0};
    uint32_t name = cursor_u32(c);
    uint8_t info = 0, other = 0;
    if (elf->is_64) {
        info = cursor_u8(c);
        other = cursor_u8(c);
        s.section = cursor_u16(c);
        s.value = cursor_u64(c);
        s.size = cursor_u64(c);
    } else {
        s.value = cursor_u32(c);
        s.size = cursor_u32(c);
        info = cursor_u8(c);
        other = cursor_u8(c);
        s.section = cursor_u16(c);
    }
    s.kind = info & 15;
    s.bind = info >> 4;
    s.visibility = other & 3;
    if (name < strings.size)
        s.name = text_spend(bytes_clip(strings, name, MAX_NAME_BYTES), &elf->name_budget);
    bool is_function = s.kind == ELF_STT_FUNC || s.kind == ELF_STT_IFUNC;
    if (elf->image->arch == ARCH_ARM && is_function) {
        s.is_thumb = s.value & 1;
        s.value &= ~(uint64_t)1;
    }
    return s;
}

static bool is_callable(const ElfSymbol *s) {
    return s->kind == ELF_STT_FUNC || s->kind == ELF_STT_NOTYPE || s->kind == ELF_STT_IFUNC;
}

static bool add_import(Elf *elf, ElfSymbol *s) {
    Import *import = VEC_ADD(elf->s->arena, &elf->image->imports);
    if (!import)
        return false;
    /* An undefined symbol with a value: its stub's address, which all parts of the program share.
     */
    *import = (Import){.module = "", .name = s->name, .stub_va = s->value};
    s->import = (uint32_t)elf->image->imports.count;
    return true;
}

static bool add_export(Elf *elf, const ElfSymbol *s) {
    Export *e = VEC_ADD(elf->s->arena, &elf->image->exports);
    if (!e)
        return false;
    *e = (Export){.name = s->name, .va = s->value};
    e->is_code = s->kind != ELF_STT_OBJECT && image_is_code(elf->image, s->value);
    if (elf->image->arch == ARCH_ARM && e->is_code && s->kind != ELF_STT_NOTYPE)
        image_add_mode(elf->s, elf->image,
                       (ModeMark){s->value, s->is_thumb ? MODE_THUMB : MODE_ARM});
    return true;
}

void elf_read_dynamic_symbols(Elf *elf) {
    unsigned width = elf->is_64 ? 24 : 16;
    Bytes table = image_bytes_at(elf->image, elf->dynamic.symbols_va);
    if (elf->dynamic.symbols_va == 0 || table.size < width)
        return;
    uint64_t count = symbol_count(elf), most = table.size / width;
    if (count > most)
        notes_add(&elf->s->notes, NOTE_SYMBOLS_ODD, 0);
    if (most > MAX_SYMBOLS)
        most = MAX_SYMBOLS;
    count = count < most ? count : most;
    elf->symbols = ARENA_ARRAY(elf->s->scratch, ElfSymbol, count);
    elf->symbol_count = (uint32_t)count;
    Bytes strings = dynamic_strings(elf);
    Cursor c = elf_cursor(elf, table);
    bool more = true;
    for (uint64_t i = 0; i < count; i++) {
        ElfSymbol *s = &elf->symbols[i];
        *s = elf_symbol(elf, &c, strings);
        if (i == 0 || !more || (s->name && !*s->name)) /* 0 is the null symbol */
            continue;
        if (!text_is_name(s->name))
            notes_add(&elf->s->notes, NOTE_SYMBOLS_ODD, 0);
        else if (s->section == ELF_SHN_UNDEF && is_callable(s))
            more = add_import(elf, s);
        else if (s->section != ELF_SHN_UNDEF && s->section != ELF_SHN_ABS &&
                 s->bind != ELF_STB_LOCAL && (is_callable(s) || s->kind == ELF_STT_OBJECT) &&
                 s->visibility != ELF_STV_HIDDEN && s->visibility != ELF_STV_INTERNAL)
            more = add_export(elf, s);
    }
    if (!more)
        notes_add(&elf->s->notes, NOTE_TOO_MANY, 0);
}
