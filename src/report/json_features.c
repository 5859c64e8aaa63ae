/* SPDX-License-Identifier: Apache-2.0
 * json_features.c: the records of one sample: image, function, string, trait, indicator (routine:
 * json_routine.c); and the failure to make them. */
#include "image/image.h"
#include "report/escape.h"
#include "report/json_routine.h"
#include "report/report.h"
#include "report/words.h"

static void write_sections(Json *j, const Features *f) {
    json_open(j, "sections", '[');
    for (size_t i = 0; i < f->sections.count; i++) {
        const SectionFeature *s = &f->sections.at[i];
        char perms[4];
        perms_write(perms, s->perms);
        json_open(j, NULL, '{');
        json_text(j, "name", s->name);
        json_va(j, "va", s->va);
        json_u64(j, "virtual_size", s->va_size);
        json_u64(j, "offset", s->off);
        json_u64(j, "size", s->size);
        json_text(j, "perms", perms);
        json_real(j, "entropy", s->entropy, 3);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void write_imported(Json *j, const Features *f) {
    json_open(j, "imported", '[');
    for (size_t i = 0; i < f->imports.count; i++) {
        const ImportFeature *import = &f->imports.at[i];
        json_open(j, NULL, '{');
        json_text(j, "module", import->module && import->module[0] ? import->module : NULL);
        json_text(j, "name", import->name);
        json_va(j, "va", import->slot_va ? import->slot_va : UINT64_MAX);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void write_code(Json *j, const Features *f) {
    json_open(j, "code", '{');
    json_u64(j, "bytes", f->code_bytes);
    json_u64(j, "recovered", f->code_recovered);
    json_u64(j, "padding", f->code_padding);
    json_u64(j, "library", 0); /* known with a store only: see verdict.coverage */
    json_u64(j, "unknown", code_bytes_unknown(f));
    json_close(j, '}');
}

static void write_notes(Json *j, const Features *f) {
    json_open(j, "notes", '[');
    for (uint32_t i = 0; i < f->note_count && i < MAX_NOTES; i++) {
        json_open(j, NULL, '{');
        json_text(j, "note", note_name(f->notes[i].kind));
        json_va(j, "offset", f->notes[i].off);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_u64(j, "notes_dropped", f->notes_dropped);
}

static void write_limits(Json *j, const Features *f) {
    const struct {
        bool is_full;
        const char *name;
    } lists[] = {{f->sections.full, "sections"},   {f->imports.full, "imports"},
                 {f->functions.full, "functions"}, {f->blocks.full, "blocks"},
                 {f->calls.full, "calls"},         {f->genes.full, "genes"},
                 {f->strings.full, "strings"},     {f->string_refs.full, "string_refs"},
                 {f->traits.full, "traits"},       {f->indicators.full, "indicators"},
                 {f->routines.full, "routines"},   {f->parameters.full, "parameters"},
                 {f->resolved.full, "resolved"}};
    json_open(j, "limits", '[');
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (lists[i].is_full)
            json_text(j, NULL, lists[i].name);
    json_close(j, ']');
}

static void write_image(Subject subject, Text *out) {
    const Features *f = subject.features;
    Json j = json_record(out, "image");
    json_sha256(&j, "sha256", f->sha256);
    json_text(&j, "path", subject.path);
    json_u64(&j, "size", f->size);
    json_text(&j, "format", format_name((Format)f->format));
    json_text(&j, "arch", arch_name((Arch)f->arch));
    json_u64(&j, "bits", f->bits);
    json_text(&j, "endian", f->big_endian ? "big" : "little");
    json_bool(&j, "is_library", f->is_library);
    json_bool(&j, "is_dotnet", f->is_dotnet);
    json_va(&j, "base", f->base);
    json_va(&j, "entry", f->has_entry ? f->entry : UINT64_MAX);
    write_sections(&j, f);
    json_u64(&j, "imports", f->imports.count);
    json_u64(&j, "exports", f->export_count);
    write_imported(&j, f);
    write_code(&j, f);
    json_u64(&j, "functions", f->functions.count);
    json_bool(&j, "packed", f->is_packed);
    json_text(&j, "packer", f->packer);
    json_text(&j, "unpacked", features_unpacked(f));
    json_text(&j, "unpacked_from", features_parent(f));
    write_notes(&j, f);
    write_limits(&j, f);
    json_u64(&j, "extractor", f->extractor_version);
    json_end(&j);
}

static void write_function(const Features *f, const FunctionFeature *function, Text *out) {
    Json j = json_record(out, "function");
    json_sha256(&j, "sha256", f->sha256);
    json_va(&j, "va", function->va);
    json_u64(&j, "size", function->size);
    json_text(&j, "name", function->name);
    json_text(&j, "source", source_name(function->source));
    json_u64(&j, "blocks", function->blocks);
    json_u64(&j, "instructions", function->instructions);
    if (pic_is_set(function->pic)) {
        Text pic = text_new(64);
        text_addf(&pic, "%016llx%016llx", (unsigned long long)function->pic.high,
                  (unsigned long long)function->pic.low);
        json_text(&j, "pic", text_str(&pic));
        text_free(&pic);
    } else {
        json_null(&j, "pic");
    }
    json_u64(&j, "genes", function->gene_count);
    json_u64(&j, "calls", function->call_count);
    json_null(&j, "library"); /* known with a store only */
    json_end(&j);
}

static void write_string(const Features *f, const StringFeature *s, Text *out) {
    Json j = json_record(out, "string");
    json_sha256(&j, "sha256", f->sha256);
    json_va(&j, "va", s->va);
    json_va(&j, "offset", s->off);
    json_text(&j, "kind", string_kind_name(s->kind));
    json_bytes(&j, "text", (Bytes){(const uint8_t *)s->text, s->length});
    json_va(&j, "routine", s->routine ? s->routine : UINT64_MAX);
    json_open(&j, "references", '[');
    for (uint32_t i = 0; i < s->ref_count; i++)
        json_va(&j, NULL, f->string_refs.at[s->first_ref + i]);
    json_close(&j, ']');
    json_end(&j);
}

static void write_trait(const Features *f, const Trait *trait, Text *out) {
    Json j = json_record(out, "trait");
    json_sha256(&j, "sha256", f->sha256);
    json_text(&j, "kind", trait_kind_name(trait->kind));
    json_text(&j, "value", trait->value);
    json_text(&j, "forgeability", trait_forgeability(trait->kind));
    json_va(&j, "offset", trait->off);
    json_end(&j);
}

static void write_indicator(const Features *f, const Indicator *indicator, Text *out) {
    Json j = json_record(out, "indicator");
    json_sha256(&j, "sha256", f->sha256);
    json_text(&j, "kind", indicator_kind_name(indicator->kind));
    json_text(&j, "value", indicator->value);
    json_va(&j, "va", indicator->va);
    json_text(&j, "from", string_kind_name(indicator->from));
    json_end(&j);
}

void json_write_features(Subject subject, unsigned parts, Text *out) {
    const Features *f = subject.features;
    if (parts & PART_IMAGE)
        write_image(subject, out);
    for (size_t i = 0; parts & PART_FUNCTIONS && i < f->functions.count; i++)
        write_function(f, &f->functions.at[i], out);
    for (size_t i = 0; parts & PART_STRINGS && i < f->strings.count; i++)
        write_string(f, &f->strings.at[i], out);
    for (size_t i = 0; parts & PART_ROUTINES && i < f->routines.count; i++)
        json_write_routine(f, &f->routines.at[i], out);
    for (size_t i = 0; parts & PART_TRAITS && i < f->traits.count; i++)
        write_trait(f, &f->traits.at[i], out);
    for (size_t i = 0; parts & PART_INDICATORS && i < f->indicators.count; i++)
        write_indicator(f, &f->indicators.at[i], out);
}

void json_write_failure(const char *path, const char *sha256, const char *stage, const char *reason,
                        Text *out) {
    Json j = json_record(out, "failure");
    json_text(&j, "path", path);
    json_text(&j, "sha256", sha256 && sha256[0] ? sha256 : NULL);
    json_text(&j, "stage", stage);
    json_text(&j, "reason", reason);
    json_end(&j);
}

void json_write_learned(Subject subject, const char *change, Text *out) {
    Json j = json_record(out, "learned");
    json_sha256(&j, "sha256", subject.features->sha256);
    json_text(&j, "path", subject.path);
    json_text(&j, "change", change);
    json_u64(&j, "functions", subject.features->functions.count);
    json_end(&j);
}
