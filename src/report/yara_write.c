/* SPDX-License-Identifier: Apache-2.0
 * yara_write.c: rules as text. All that comes from samples or labels stands in ASCII, escaped as
 * YARA reads it; nothing of theirs is in names or comments. */
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "report/yara.h"

/* Strings of one draft rule: below YARA's limit of 10,000. */
enum { DRAFT_STRINGS = 1000, MOST_NAME = 64 };

static void add_quoted(Text *out, Bytes text) {
    text_add_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.at[i];
        if (c == '"' || c == '\\')
            text_addf(out, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            text_addf(out, "\\x%02x", c);
        else
            text_add_char(out, (char)c);
    }
    text_add_char(out, '"');
}

static void add_meta(Text *out, const char *key, const char *value) {
    if (!value)
        return;
    text_addf(out, "        %s = ", key);
    add_quoted(out, (Bytes){(const uint8_t *)value, strlen(value)});
    text_add_char(out, '\n');
}

static void add_hex(Text *out, const Pattern *p) {
    uint32_t size = p->size;
    while (p->is_fixed && size > 0 && !p->is_fixed[size - 1])
        size--; /* an address at the end says nothing */
    text_add(out, "{");
    for (uint32_t i = 0; i < size; i++) {
        if (p->is_fixed && !p->is_fixed[i])
            text_add(out, " ??");
        else
            text_addf(out, " %02X", p->at[i]);
    }
    text_add(out, " }");
}

static void add_body(Text *out, const Pattern *p) {
    if (p->kind != PATTERN_TEXT) {
        add_hex(out, p);
        return;
    }
    add_quoted(out, (Bytes){p->at, p->size});
    text_add(out, p->is_wide ? " wide" : " ascii");
}

void rules_write_draft(const RuleSet *set, Text *out) {
    for (size_t i = 0; i < set->patterns.count; i++) {
        if (i % DRAFT_STRINGS == 0)
            text_addf(out, "rule draft_%zu {\n    strings:\n", i / DRAFT_STRINGS);
        text_addf(out, "        $p%zu = ", i);
        add_body(out, &set->patterns.at[i]);
        text_add_char(out, '\n');
        if (i % DRAFT_STRINGS == DRAFT_STRINGS - 1 || i + 1 == set->patterns.count)
            text_add(out, "    condition:\n        any of them\n}\n");
    }
}

/* ---- the rules ---- */

void rule_name(const Rule *r, Text *out) {
    bool is_changed = false;
    text_add(out, "cognate_");
    if (!r->family) {
        text_add(out, "sample_");
        text_add_hex(out, (Bytes){r->samples.at[0].sha256, 8});
        return;
    }
    size_t n = strlen(r->family);
    for (size_t i = 0; i < n && i < MOST_NAME; i++) {
        char c = r->family[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        is_changed |= !is_plain;
        text_add_char(out, is_plain ? c : '_');
    }
    if (is_changed || n > MOST_NAME) /* two families must not share a name */
        text_addf(out, "_%08x",
                  (unsigned)(hash64((Bytes){(const uint8_t *)r->family, n}) & UINT32_MAX));
}

static void write_meta(const RuleSet *set, const Rule *r, Text *out) {
    text_add(out, "    meta:\n");
    add_meta(out, "description",
             r->family ? "code that cognate found in this family and nowhere else"
                       : "code that cognate found in this sample and nowhere else");
    add_meta(out, "family", r->family);
    add_meta(out, "basis", r->basis);
    add_meta(out, "source", r->source);
    for (uint32_t k = 0; k < r->samples.count; k++) {
        if (!(r->covered >> k & 1))
            continue;
        char key[16] = "sha256", hex[65];
        hex_write(hex, r->samples.at[k].sha256, 32);
        add_meta(out, key, hex);
    }
    text_addf(out, "        goodware_files_tested = %u\n", set->goodware_files);
    text_addf(out, "        public_samples_known = %u\n", set->public_samples);
    text_add(out, "        generator = \"cognate ");
    text_addf(out, "%s\"\n", set->version);
}

static void write_strings(const RuleSet *set, uint32_t rule, PatternKind kind, Text *out) {
    static const char LETTER[] = {'c', 'k', 's'};
    const Pattern *order[MAX_CODE_PATTERNS] = {0};
    for (size_t i = 0; i < set->patterns.count; i++) {
        const Pattern *p = &set->patterns.at[i];
        if (p->rule == rule && p->kind == kind && p->number)
            order[p->number - 1] = p;
    }
    for (size_t i = 0; i < MAX_CODE_PATTERNS && order[i]; i++) {
        const Pattern *p = order[i];
        text_addf(out, "        $%c%u = ", LETTER[kind], p->number);
        add_body(out, p);
        text_add(out, " // ");
        if (p->va != UINT64_MAX) {
            text_add_va(out, p->va);
            text_add_char(out, ' ');
        }
        text_add(out, "in ");
        text_add_hex(out, (Bytes){set->rules.at[rule].samples.at[p->sample].sha256, 6});
        unsigned have = (unsigned)__builtin_popcountll(p->has);
        text_addf(out, ", %u of %zu samples", have, set->rules.at[rule].samples.count);
        if (p->note)
            text_addf(out, ", %s", p->note);
        text_add_char(out, '\n');
    }
}

static void add_magic(Text *out, unsigned formats) {
    static const struct {
        Format format;
        const char *test;
    } MAGIC[] = {
        {FORMAT_PE, "uint16(0) == 0x5A4D and uint32(uint32(0x3C)) == 0x00004550"},
        {FORMAT_ELF, "uint32(0) == 0x464C457F"},
    };
    const char *before = "";
    bool is_both = (formats & (formats - 1)) != 0;
    text_add(out, is_both ? "((" : "");
    for (size_t i = 0; i < sizeof MAGIC / sizeof *MAGIC; i++)
        if (formats & 1u << MAGIC[i].format) {
            text_addf(out, "%s%s", before, MAGIC[i].test);
            before = ") or (";
        }
    text_add(out, is_both ? ")) and " : " and ");
}

static void write_condition(const Rule *r, Text *out) {
    uint64_t largest = 0;
    unsigned formats = 0;
    for (uint32_t k = 0; k < r->samples.count; k++) {
        const RuleSample *s = &r->samples.at[k];
        largest = s->size > largest ? s->size : largest;
        formats |= 1u << s->format;
    }
    text_add(out, "    condition:\n        ");
    if ((formats & ~(1u << FORMAT_PE | 1u << FORMAT_ELF)) == 0)
        add_magic(out, formats);
    /* Versions grow, by bundled libraries above all: sixteen times the largest that was seen (4
     * times was too little for pyzmq 26). */
    text_addf(out, "filesize < %lluKB and\n        (",
              (unsigned long long)(largest / 1024 * 16 + 64));
    bool has_own_texts = r->texts >= LEAST_TEXTS && r->texts_of_each >= TEXTS_OF_EACH;
    text_addf(out, has_own_texts ? "(%u of ($c*) and 1 of ($s*))" : "%u of ($c*)",
              rule_code_needed(r));
    if (r->secrets)
        text_add(out, " or (1 of ($k*) and 1 of ($c*))");
    if (r->texts >= 2)
        text_addf(out, " or (%d of ($s*) and 1 of ($c*))", has_own_texts ? TEXTS_OF_EACH : 2);
    if (r->texts >= LEAST_TEXTS)
        text_addf(out, " or %d of ($s*)", TEXTS_ALONE);
    text_add(out, ")\n}\n");
}

void rules_write(const RuleSet *set, Text *out) {
    bool is_first = true;
    for (uint32_t i = 0; i < set->rules.count; i++) {
        const Rule *r = &set->rules.at[i];
        if (r->is_refused)
            continue;
        text_add(out, is_first ? "rule " : "\nrule ");
        is_first = false;
        rule_name(r, out);
        text_add(out, " {\n");
        write_meta(set, r, out);
        text_add(out, "    strings:\n");
        write_strings(set, i, PATTERN_CODE, out);
        if (r->secrets)
            write_strings(set, i, PATTERN_SECRET, out);
        if (r->texts >= 2)
            write_strings(set, i, PATTERN_TEXT, out);
        write_condition(r, out);
    }
}
