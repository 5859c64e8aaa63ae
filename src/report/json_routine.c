/* SPDX-License-Identifier: Apache-2.0
 * json_routine.c: the record of a routine, and its parameters as one object. */
#include "report/json_routine.h"

static void write_hash(Json *j, const char *key, Hash128 h) {
    if (!h.low && !h.high) {
        json_null(j, key);
        return;
    }
    Text hex = text_new(64);
    text_addf(&hex, "%016llx%016llx", (unsigned long long)h.high, (unsigned long long)h.low);
    json_text(j, key, text_str(&hex));
    text_free(&hex);
}

static void write_value(Json *j, const char *key, const RoutineParameter *p) {
    if (p->kind == PARAMETER_NUMBER)
        json_u64(j, key, p->number);
    else if (p->kind == PARAMETER_WORD)
        json_va(j, key, p->number);
    else
        json_text(j, key, p->text);
}

/* Several values of one name become a list at the place of the first. */
static void write_parameters(Json *j, const Features *f, const Routine *r) {
    const RoutineParameter *at = f->parameters.at + r->first_parameter;
    for (uint32_t i = 0; i < r->parameter_count; i++) {
        bool is_first = true, is_only = true;
        for (uint32_t k = 0; k < r->parameter_count; k++)
            if (k != i && !strcmp(at[k].name, at[i].name)) {
                is_only = false;
                is_first &= k > i;
            }
        if (is_only) {
            write_value(j, at[i].name, &at[i]);
        } else if (is_first) {
            json_open(j, at[i].name, '[');
            for (uint32_t k = i; k < r->parameter_count; k++)
                if (!strcmp(at[k].name, at[i].name))
                    write_value(j, NULL, &at[k]);
            json_close(j, ']');
        }
    }
}

static void write_resolved(Json *j, const Features *f, const Routine *r) {
    if (r->resolved_count == 0)
        return;
    json_open(j, "resolved", '[');
    for (uint32_t i = 0; i < r->resolved_count; i++) {
        const ResolvedName *name = &f->resolved.at[r->first_resolved + i];
        json_open(j, NULL, '{');
        json_va(j, "hash", name->hash);
        json_text(j, "module", name->module[0] ? name->module : NULL);
        json_text(j, "name", name->name);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void json_write_routine(const Features *f, const Routine *r, Text *out) {
    Json j = json_record(out, "routine");
    json_sha256(&j, "sha256", f->sha256);
    json_va(&j, "va", r->va);
    json_u64(&j, "size", r->size);
    json_text(&j, "kind", routine_kind_name(r->kind));
    json_text(&j, "algorithm", r->algorithm);
    write_hash(&j, "fingerprint", r->fingerprint);
    write_hash(&j, "structure", r->structure);
    json_open(&j, "parameters", '{');
    write_parameters(&j, f, r);
    write_resolved(&j, f, r);
    json_close(&j, '}');
    json_real(&j, "confidence", r->confidence / 100.0, 2);
    json_bool(&j, "public", (r->flags & ROUTINE_PUBLIC) != 0);
    json_bool(&j, "cut", (r->flags & ROUTINE_CUT) != 0);
    json_end(&j);
}
