/* SPDX-License-Identifier: Apache-2.0
 * exam.c: what matchers write down. */
#include <stdio.h>
#include <string.h>

#include "unwrap/exam.h"

const Secrets *exam_secrets(Exam *x) {
    static const Secrets none;
    if (!x->found_secrets) {
        x->found_secrets =
            x->sifted->has_mixing ? secrets_of_function(x->source, x->function, x->scratch) : &none;
        (void)probe_pay(x->probe, x->found_secrets->steps);
    }
    return x->found_secrets;
}

bool exam_may_be_long(Exam *x) {
    /* The first bytes of pi in Blowfish's two tables; Caracachs' multiplier. */
    static const uint8_t PI[2][4] = {{0x88, 0x6a, 0x3f, 0x24}, {0xa6, 0x0b, 0x31, 0xd1}};
    const Secrets *s = exam_secrets(x);
    bool may_be = false;
    for (unsigned i = 0; i < s->blob_count; i++)
        for (unsigned k = 0; k < 2; k++)
            may_be |= memcmp(s->blobs[i].at, PI[k], sizeof PI[k]) == 0;
    for (unsigned i = 0; i < s->constant_count; i++)
        may_be |= s->constants[i] == CARACACHS_MULTIPLIER;
    return may_be;
}

const Blowfish *exam_pi(const Exam *x) {
    if (!*x->has_pi)
        blowfish_pi(x->pi);
    *x->has_pi = true;
    return x->pi;
}

void finding_set(Exam *x, RoutineKind kind, const char *algorithm, const char *family) {
    Finding *f = &x->out;
    memset(f, 0, sizeof *f);
    f->kind = kind;
    f->algorithm = algorithm;
    f->key_cell = -1;
    f->confidence = 95;
    snprintf(f->family, sizeof f->family, "%s", family);
}

void finding_add_constant(Exam *x, const char *name, uint64_t value) {
    size_t used = strlen(x->out.constants);
    snprintf(x->out.constants + used, sizeof x->out.constants - used, "%s=%llx;", name,
             (unsigned long long)value);
}

static RoutineParameter *add_parameter(Exam *x, const char *name, ParameterKind kind) {
    static RoutineParameter none;
    if (x->out.parameter_count == FINDING_PARAMETERS)
        return &none;
    RoutineParameter *p = &x->out.parameters[x->out.parameter_count++];
    *p = (RoutineParameter){.name = name, .kind = kind, .text = ""};
    return p;
}

void finding_add_bytes(Exam *x, const char *name, Bytes b) {
    char *hex = arena_alloc(x->arena, 2 * b.size + 1);
    hex_write(hex, b.at, b.size);
    add_parameter(x, name, PARAMETER_BYTES)->text = hex;
}

void finding_add_number(Exam *x, const char *name, uint64_t number, ParameterKind kind) {
    RoutineParameter *p = add_parameter(x, name, kind);
    p->number = number;
    if (kind == PARAMETER_WORD) {
        char *text = arena_alloc(x->arena, 20);
        snprintf(text, 20, "0x%llx", (unsigned long long)number);
        p->text = text;
    }
}

void finding_add_text(Exam *x, const char *name, const char *text) {
    add_parameter(x, name, PARAMETER_TEXT)->text =
        arena_text(x->arena, (Bytes){(const uint8_t *)text, strlen(text)});
}

bool finding_has(const Exam *x, const char *name) {
    for (unsigned i = 0; i < x->out.parameter_count; i++)
        if (!strcmp(x->out.parameters[i].name, name))
            return true;
    return false;
}

int exam_depends(Exam *x, const Made *made, unsigned cell, uint64_t salt, size_t off) {
    Probe *p = x->probe;
    probe_fill(p, 1, made->length, made->length);
    if (salt)
        probe_fill_cell(p, cell, salt, made->length);
    else
        p->setup->bytes[cell][off] ^= 2;
    ProbeShot s = probe_shoot(p);
    probe_fill(p, 1, made->length, made->length);
    const ProbeOutput *now = shot_find_output(&s, made->output->va);
    return now ? memcmp(now->after + made->start, made->output->after + made->start, made->size) !=
                     0
               : -1;
}

KeyCells exam_key_cells(Exam *x, const Made *made, int but) {
    /* Nine such runs are half of what a function may take. */
    enum { CHEAP_STEPS = PROBE_FUNCTION_STEPS / 2 / PROBE_CELLS };
    KeyCells cells = {0, 0};
    if (made->steps > CHEAP_STEPS)
        return (KeyCells){but < 0 ? CELLS_ALL : CELLS_ALL & ~(1u << but), 0};
    for (unsigned i = 0; i < x->probe->cell_count; i++) {
        if (!x->probe->cells[i].is_pointer || (int)i == but)
            continue;
        int depends = exam_depends(x, made, i, 3, 0);
        cells.may |= (CellSet)(depends != 0) << i;
        cells.must |= (CellSet)(depends == 1) << i;
    }
    return cells;
}

unsigned exam_keys(Exam *x, KeyCells cells, KeyPlace *out) {
    unsigned n = 0;
    for (unsigned i = 0; i < x->probe->cell_count; i++)
        if (x->probe->cells[i].is_pointer && cells.may >> i & 1)
            out[n++] = (KeyPlace){{x->probe->setup->bytes[i], PROBE_FILLED}, (int)i, true};
    for (unsigned i = 0; !cells.must && i < exam_secrets(x)->blob_count; i++)
        out[n++] = (KeyPlace){exam_secrets(x)->blobs[i], -1, true};
    return n;
}

CellSet key_place_cell(const KeyPlace *place) {
    return place->cell < 0 ? 0 : (CellSet)1 << place->cell;
}

bool key_is_empty(const uint8_t *key, size_t size) {
    enum { LEAST_SIZE = 8, LEAST_BYTES = 3 };
    size_t bytes = 0;
    for (size_t i = 0; i < size; i++)
        bytes += key[i] != 0;
    return size >= LEAST_SIZE && bytes < LEAST_BYTES;
}

void finding_add_key(Exam *x, const KeyPlace *place, size_t size) {
    if (place->cell < 0) {
        if (!key_is_empty(place->bytes.at, size))
            finding_add_bytes(x, "key", (Bytes){place->bytes.at, size});
        return;
    }
    x->out.key_cell = place->cell;
    x->out.key_name = "key";
    x->out.key_size = (unsigned)size;
}
