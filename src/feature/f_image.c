/* SPDX-License-Identifier: Apache-2.0
 * f_image.c: what the headers say, copied out of the image so that it travels. */
#include "code/code.h"
#include "feature/extractors.h"

/* File name without its directory; archive members keep "outer!inner". */
static const char *base_name(const char *path) {
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path;
}

static void copy_sections(Sample *s, const Image *image, Features *out) {
    for (size_t i = 0; i < image->sections.count; i++) {
        const Section *from = &image->sections.at[i];
        SectionFeature *to = VEC_ADD(s->arena, &out->sections);
        if (!to)
            return;
        to->name = feature_text(s->arena, from->name, MAX_NAME_BYTES);
        to->va = from->va;
        to->va_size = from->va_size;
        to->off = from->off;
        to->size = from->size;
        to->perms = from->perms & (PERM_R | PERM_W | PERM_X);
        /* Odd numbers must not travel: packs promise a finite value. */
        to->entropy = from->entropy >= 0 && from->entropy <= 8 ? from->entropy : 0;
    }
}

static const char *import_name(Arena *a, const Import *import) {
    if (import->name && import->name[0])
        return feature_text(a, import->name, MAX_NAME_BYTES);
    char *text = arena_alloc(a, 16);
    snprintf(text, 16, "ord#%u", (unsigned)import->ordinal);
    return text;
}

static void copy_imports(Sample *s, const Image *image, Features *out) {
    for (size_t i = 0; i < image->imports.count; i++) {
        const Import *from = &image->imports.at[i];
        ImportFeature *to = VEC_ADD(s->arena, &out->imports);
        if (!to)
            return;
        to->module = feature_text(s->arena, from->module, MAX_NAME_BYTES);
        to->name = import_name(s->arena, from);
        to->slot_va = from->slot_va;
    }
}

void extract_image(Sample *s, const Image *image, const Code *code, Features *out) {
    out->extractor_version = EXTRACTOR_VERSION;
    memcpy(out->sha256, s->sha256, sizeof out->sha256);
    out->size = s->bytes.size;
    out->name = feature_text(s->arena, base_name(s->name), MAX_NAME_BYTES);
    out->format = (uint8_t)image->format;
    out->arch = (uint8_t)image->arch;
    out->bits = image->bits;
    out->big_endian = image->big_endian;
    out->is_library = image->is_library;
    out->has_entry = image->has_entry;
    out->is_dotnet = image->pe && image->pe->dotnet_version;
    out->base = image->base;
    out->entry = image->has_entry ? image->entry : 0;
    out->export_count = (uint32_t)image->exports.count;
    out->code_bytes = code->bytes_executable;
    out->code_recovered = code->bytes_recovered;
    out->code_padding = code->bytes_padding;
    copy_sections(s, image, out);
    copy_imports(s, image, out);
}
