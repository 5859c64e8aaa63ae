/* SPDX-License-Identifier: Apache-2.0
 * packer.c: is the program packed, and by what. A name comes from what packers leave (section
 * names, signatures); without one, several weak hints must add up. docs/evidence/metadata.md has
 * the table.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "feature/trait.h"

/* Section names as the packers' own defaults give them. A hex editor changes them, so the name is a
 * claim; that the file is packed follows from the hints below. */
static const struct {
    const char *section, *packer;
} SECTIONS[] = {
    {"UPX0", "upx"},
    {"UPX1", "upx"},
    {"UPX2", "upx"},
    {".UPX0", "upx"},
    {".aspack", "aspack"},
    {".adata", "aspack"},
    {"pec1", "pecompact"},
    {"pec2", "pecompact"},
    {"PEC2", "pecompact"},
    {"PEC2MO", "pecompact"},
    {".themida", "themida"},
    {"Themida", "themida"},
    {".winlice", "winlicense"},
    {".vmp0", "vmprotect"},
    {".vmp1", "vmprotect"},
    {".vmp2", "vmprotect"},
    {".MPRESS1", "mpress"},
    {".MPRESS2", "mpress"},
    {".petite", "petite"},
    {"petite", "petite"},
    {".nsp0", "nspack"},
    {".nsp1", "nspack"},
    {"nsp0", "nspack"},
    {".enigma1", "enigma"},
    {".enigma2", "enigma"},
    {"FSG!", "fsg"},
    {".RLPack", "rlpack"},
    {".packed", "rlpack"},
    {".y0da", "yoda"},
    {".yP", "yoda"},
    {"PELOCKnt", "pelock"},
    {".svkp", "svkp"},
    {".sforce3", "starforce"},
    {".MaskPE", "maskpe"},
    {".neolite", "neolite"},
    {".neolit", "neolite"},
    {".perplex", "perplex"},
    {".shrink1", "shrinker"},
    {".spack", "simplepack"},
    {"WWP32", "wwpack"},
    {".WWPACK", "wwpack"},
    {"_winzip_", "winzip"},
    {".ccg", "ccg"},
    {".boom", "boomerang"},
    {".kkrunchy", "kkrunchy"},
    {"kkrunchy", "kkrunchy"},
    {".tsuarch", "tsuloader"},
};

enum {
    /* Points from which a file counts as packed (guess; see the measurement in the page). */
    PACKED_FROM = 4,
    SCORE_NAME = 3,
    SCORE_EMPTY_CODE = 2, /* an executable section without bytes is filled at run time */
    SCORE_ENTROPY = 2,
    SCORE_ENTRY = 2, /* entry in the last section of several, or in a writable one */
    SCORE_FEW_IMPORTS = 1,
    SCORE_WRITABLE_CODE = 1
};
/* Executable code of 334 programs averaged 5.1 bits a byte, packed ones 6.8, encrypted ones 7.2;
 * the upper confidence bound of packed blocks is 7.2 (R. Lyda, J. Hamrock, "Using Entropy Analysis
 * to Find Encrypted and Packed Malware", IEEE Security & Privacy 5(2), 2007). Below 4 KiB the
 * estimate is too noisy. */
static const double PACKED_ENTROPY = 7.2;
enum { ENTROPY_FROM_BYTES = 4096, FEW_IMPORTS = 10 };

static const char *name_of_sections(const Image *image) {
    for (size_t i = 0; i < image->sections.count; i++)
        for (size_t j = 0; j < sizeof SECTIONS / sizeof *SECTIONS; j++)
            if (strcmp(image->sections.at[i].name, SECTIONS[j].section) == 0)
                return SECTIONS[j].packer;
    return NULL;
}

/* "UPX!" opens UPX's pack header: in a PE it stands before the first section's bytes, in an ELF
 * behind the program headers and again near the end. */
static bool has_upx_magic(const Traits *t) {
    enum { HEAD = 1024, TAIL = 64 };
    Bytes b = t->s->bytes;
    Bytes head = bytes_clip(b, 0, HEAD),
          tail = bytes_clip(b, b.size > TAIL ? b.size - TAIL : 0, TAIL);
    if (head.size == 0)
        return false;
    if (t->image->format == FORMAT_PE)
        return memmem(head.at, head.size, "UPX!", 4) != NULL;
    return t->image->format == FORMAT_ELF && memmem(head.at, head.size, "UPX!", 4) &&
           memmem(tail.at, tail.size, "UPX!", 4);
}

static const Section *entry_section(const Image *image) {
    for (size_t i = 0; image->has_entry && i < image->sections.count; i++) {
        const Section *section = &image->sections.at[i];
        if (section->va && image->entry >= section->va &&
            image->entry - section->va < (section->va_size ? section->va_size : section->size))
            return section;
    }
    return NULL;
}

static unsigned section_score(const Image *image) {
    unsigned empty = 0, entropy = 0, writable = 0;
    for (size_t i = 0; i < image->sections.count; i++) {
        const Section *section = &image->sections.at[i];
        if (!(section->perms & PERM_X))
            continue;
        if (section->size == 0 && section->va_size >= ENTROPY_FROM_BYTES)
            empty = SCORE_EMPTY_CODE;
        if (section->entropy >= PACKED_ENTROPY && section->size >= ENTROPY_FROM_BYTES)
            entropy = SCORE_ENTROPY;
        if (section->perms & PERM_W)
            writable = SCORE_WRITABLE_CODE;
    }
    return empty + entropy + writable;
}

/* Stripped of section headers, an ELF still has segments: UPX makes these. */
static unsigned elf_score(const Traits *t) {
    const Image *image = t->image;
    if (image->format != FORMAT_ELF || image->sections.count > 1)
        return 0;
    for (size_t i = 0; i < image->segments.count; i++)
        if ((image->segments.at[i].perms & PERM_X) && image->segments.at[i].file.size &&
            image->segments.at[i].perms & PERM_W)
            return SCORE_WRITABLE_CODE;
    return 0;
}

void traits_from_packer(Traits *t) {
    const Image *image = t->image;
    if (image->format != FORMAT_PE && image->format != FORMAT_ELF)
        return;
    const char *name = has_upx_magic(t) ? "upx" : name_of_sections(image);
    unsigned score = section_score(image) + elf_score(t) + (name ? SCORE_NAME : 0);
    const Section *entry = entry_section(image);
    if (entry && image->format == FORMAT_PE && image->sections.count > 1 &&
        ((entry->perms & PERM_W) || entry == &image->sections.at[image->sections.count - 1]))
        score += SCORE_ENTRY;
    if (image->format == FORMAT_PE && image->imports.count <= FEW_IMPORTS && image->has_entry &&
        !image->pe->dotnet_version)
        score += SCORE_FEW_IMPORTS;
    if (name && has_upx_magic(t))
        score += 1; /* two marks of one packer */
    if (name)
        trait_add(t, TRAIT_PACKER, UINT64_MAX, name);
    t->out->is_packed = score >= PACKED_FROM;
    t->out->packer = t->out->is_packed ? (name ? name : "unknown") : NULL;
}
