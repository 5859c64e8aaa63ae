/* SPDX-License-Identifier: Apache-2.0
 * cognate_compare.c: the public calls that put two samples side by side. */
#include "cognate_inner.h"

typedef struct Comparison {
    Subject a, b;
    CogStyle style;
    TextStyle text_style;
    Text *out;
} Comparison;

static Status compare(Work *w, void *ctx, Error *err) {
    (void)err;
    const Comparison *c = ctx;
    FunctionPairVec pairs = {.max = MAX_FUNCTIONS};
    match_pairs(c->a.features, c->b.features, w->arena, w->scratch, &pairs);
    if (c->style == COG_JSON)
        json_write_pairs(c->a.features, c->b.features, &pairs, c->out);
    else
        text_write_pairs(c->a, c->b, &pairs, c->text_style, c->out);
    return STATUS_OK;
}

CogStatus cog_compare(const CogResult *a, const CogResult *b, CogStyle style, unsigned columns,
                      CogOutput *o, CogError *err) {
    Error error = {0};
    Text out = output_open(o);
    Comparison c = {.a = {.path = a->path},
                    .b = {.path = b->path},
                    .style = style,
                    .text_style = style_from_public(style, columns),
                    .out = &out};
    Status status = result_features(a, &c.a.features, &error);
    if (status == STATUS_OK)
        status = result_features(b, &c.b.features, &error);
    if (status == STATUS_OK)
        status = work_run(compare, &c, &error);
    Status closed = output_close(o, &out, &error);
    return error_give(status != STATUS_OK ? status : closed, &error, err);
}

/* ---- one function of each ---- */

typedef struct Closeup {
    Comparison of;
    Bytes effects_a, effects_b; /* as bytes */
    uint64_t va;
} Closeup;

static const FunctionPair *pair_of(const Features *a, uint64_t va, const FunctionPairVec *pairs) {
    for (size_t i = 0; i < pairs->count; i++)
        if (a->functions.at[pairs->at[i].a].va == va)
            return &pairs->at[i];
    return NULL;
}

static bool has_function(const Features *f, uint64_t va) {
    for (size_t i = 0; i < f->functions.count; i++)
        if (f->functions.at[i].va == va)
            return true;
    return false;
}

static Status compare_function(Work *w, void *ctx, Error *err) {
    const Closeup *c = ctx;
    EffectLines x, y;
    if (!effect_lines_from_bytes(w->arena, c->effects_a, &x) ||
        !effect_lines_from_bytes(w->arena, c->effects_b, &y))
        return error_set(err, STATUS_CORRUPT, "the samples were analysed without their effects");
    FunctionPairVec pairs = {.max = MAX_FUNCTIONS};
    match_pairs(c->of.a.features, c->of.b.features, w->arena, w->scratch, &pairs);
    const FunctionPair *pair = pair_of(c->of.a.features, c->va, &pairs);
    if (!pair)
        return error_set(err, STATUS_NOT_FOUND,
                         has_function(c->of.a.features, c->va)
                             ? "the function at 0x%llx has no partner in the other sample"
                             : "no function starts at 0x%llx",
                         (unsigned long long)c->va);
    EffectSide a, b;
    a.count = effect_lines_find(&x, pair->a, &a.lines);
    b.count = effect_lines_find(&y, pair->b, &b.lines);
    EffectRowVec rows;
    effects_align(a, b, w->arena, w->scratch, &rows);
    SideBySide side = {c->of.a, c->of.b, pair, &rows,
                       x.is_cut || y.is_cut || a.count > MAX_ALIGNED || b.count > MAX_ALIGNED};
    if (c->of.style == COG_JSON)
        json_write_side_by_side(&side, c->of.out);
    else
        text_write_side_by_side(&side, c->of.text_style, c->of.out);
    return STATUS_OK;
}

CogStatus cog_compare_function(const CogResult *a, const CogResult *b, uint64_t va, CogStyle style,
                               unsigned columns, CogOutput *o, CogError *err) {
    Error error = {0};
    Text out = output_open(o);
    Closeup c = {.of = {.a = {.path = a->path},
                        .b = {.path = b->path},
                        .style = style,
                        .text_style = style_from_public(style, columns),
                        .out = &out},
                 .effects_a = {(const uint8_t *)a->effects.at, a->effects.size},
                 .effects_b = {(const uint8_t *)b->effects.at, b->effects.size},
                 .va = va};
    Status status = result_features(a, &c.of.a.features, &error);
    if (status == STATUS_OK)
        status = result_features(b, &c.of.b.features, &error);
    if (status == STATUS_OK)
        status = work_run(compare_function, &c, &error);
    Status closed = output_close(o, &out, &error);
    return error_give(status != STATUS_OK ? status : closed, &error, err);
}
