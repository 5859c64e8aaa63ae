/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/overlap.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "know/shared_host.h"
#include "know/value.h"

/* Items that are shown; containers that are looked at and named for each. */
enum { MAX_ITEMS = 12, MAX_LOOKED = 64, MAX_NAMED = 3 };

typedef struct Item {
    KnowValueKind kind;
    const char *value;
    uint64_t va; /* UINT64_MAX: of the whole file */
    uint64_t total;
    double log10_lr;
    SharedHost shared;
    KnowSeenVec seen;
} Item;
typedef VEC(Item) ItemVec;

typedef struct Overlap {
    const KnowView *know;
    Arena *arena;
    ItemVec items;
    Map done;
} Overlap;

/* P(two of one actor share it) / P(two of different actors do): address 197, domain 56, host of a
 * URL 82 measured (CASE.md 2.4: maltrail, 7,942 report blocks); the others are guesses below the
 * caps of CASE.md 3.1, by how easily they are copied. */
static const struct {
    KnowValueKind kind;
    double lr;
    const char *forgeability;
} WEIGHTS[] = {
    {KNOW_IPV4, 197, "hard"},  {KNOW_IPV6, 197, "hard"},     {KNOW_DOMAIN, 56, "hard"},
    {KNOW_URL, 82, "hard"},    {KNOW_EMAIL, 30, "medium"},   {KNOW_MUTEX, 30, "easy"},
    {KNOW_KEY, 100, "medium"}, {KNOW_REGISTRY, 3, "easy"},   {KNOW_PATH, 2, "easy"},
    {KNOW_PDB, 10, "easy"},    {KNOW_USER_AGENT, 2, "easy"}, {KNOW_IMPHASH, 5, "medium"},
    {KNOW_RICH, 3, "easy"},    {KNOW_SHA256, 1000, "hard"},  {KNOW_WALLET, 100, "medium"},
    {KNOW_PIPE, 10, "easy"},
};

static size_t weight_of(KnowValueKind kind) {
    size_t i = 0;
    while (i < sizeof WEIGHTS / sizeof *WEIGHTS && WEIGHTS[i].kind != kind)
        i++;
    return i;
}

/* Looks one value up. What many list says less: as in link_edge.c. */
static Status look(Overlap *o, KnowValueKind kind, const char *value, uint64_t va, Error *err) {
    size_t w = weight_of(kind);
    Item item = {.kind = kind, .value = value, .va = va, .seen = {.max = MAX_LOOKED}};
    if (w == sizeof WEIGHTS / sizeof *WEIGHTS || !map_put(&o->done, know_value_key(kind, value), 1))
        return STATUS_OK;
    Status status =
        know_view_sightings(o->know, kind, value, o->arena, &item.seen, &item.total, err);
    if (status != STATUS_OK || item.total == 0)
        return status;
    item.shared = shared_host(kind, value);
    double lr = WEIGHTS[w].lr * shared_host_weight(item.shared);
    lr *= item.total > 2 ? 2.0 / (double)item.total : 1;
    item.log10_lr = log10(fmax(1, lr));
    item.value = arena_text(o->arena, (Bytes){(const uint8_t *)value, strlen(value)});
    Item *slot = VEC_ADD(o->arena, &o->items);
    if (slot)
        *slot = item;
    return STATUS_OK;
}

static Status look_up_all(Overlap *o, const Features *f, Error *err) {
    char sha256[65];
    hex_write(sha256, f->sha256, 32);
    Status status = look(o, KNOW_SHA256, sha256, UINT64_MAX, err);
    KnowValues *values = ARENA_NEW(o->arena, KnowValues);
    for (size_t i = 0; i < f->indicators.count && status == STATUS_OK; i++) {
        const Indicator *indicator = &f->indicators.at[i];
        KnowValueKind kind = know_value_from_name(indicator_kind_name(indicator->kind));
        const char *text = indicator->value;
        if (kind == KNOW_VALUE_COUNT || !know_values_from_text(kind, text, strlen(text), values))
            continue;
        for (size_t k = 0; k < values->count && status == STATUS_OK; k++)
            status = look(o, values->at[k].kind, values->at[k].text, indicator->va, err);
    }
    for (size_t i = 0; i < f->traits.count && status == STATUS_OK; i++) {
        const Trait *t = &f->traits.at[i];
        KnowValueKind kind = t->kind == TRAIT_IMPHASH     ? KNOW_IMPHASH
                             : t->kind == TRAIT_PDB_PATH  ? KNOW_PDB
                             : t->kind == TRAIT_RICH_HASH ? KNOW_RICH
                                                          : KNOW_VALUE_COUNT;
        if (kind != KNOW_VALUE_COUNT)
            status = look(o, kind, t->value, UINT64_MAX, err);
    }
    return status;
}

/* ---- words ---- */

/* What a container stands for: the first actor, campaign or family that a claim joins to it. */
static const char *stands_for(const Overlap *o, uint64_t container) {
    KnowClaimVec claims = {.max = 256};
    if (know_view_claims(o->know, container, o->arena, &claims, NULL) != STATUS_OK)
        return NULL;
    for (size_t i = 0; i < claims.count; i++) {
        const KnowClaim *c = &claims.at[i];
        KnowEntity e;
        bool is_about = c->subject == container &&
                        (c->relation == KNOW_INDICATES || c->relation == KNOW_ATTRIBUTED_TO);
        if (is_about && know_view_entity(o->know, c->object, o->arena, &e, NULL) == STATUS_OK)
            return e.name;
    }
    return NULL;
}

static void say_who(const Overlap *o, const Item *item, Evidence *e, Text *out) {
    unsigned named = 0;
    for (size_t i = 0; i < item->seen.count && named < MAX_NAMED; i++) {
        KnowEntity container;
        uint64_t id = item->seen.at[i].container;
        if (know_view_entity(o->know, id, o->arena, &container, NULL) != STATUS_OK)
            continue;
        const char *about = stands_for(o, id);
        text_addf(out, "%s\"%.120s\"", named ? ", " : "", container.name);
        if (about)
            text_addf(out, " (%.80s)", about);
        if (!named)
            e->source = container.name;
        named++;
    }
    if (item->total > named)
        text_addf(out, " and %" PRIu64 " more", item->total - named);
}

static const char *first_date(const Overlap *o, const Item *item) {
    int64_t first = 0;
    char text[KNOW_TIME_BYTES];
    for (size_t i = 0; i < item->seen.count; i++)
        if (item->seen.at[i].first && (!first || item->seen.at[i].first < first))
            first = item->seen.at[i].first;
    know_time_write(first, text);
    return first ? arena_text(o->arena, (Bytes){(const uint8_t *)text, strlen(text)}) : NULL;
}

static void add_item(Verdict *v, const Overlap *o, const Item *item, const Features *f) {
    Evidence *e = VEC_ADD(o->arena, &v->evidence);
    if (!e)
        return;
    bool is_file = item->kind == KNOW_SHA256;
    *e = (Evidence){.id = (uint32_t)v->evidence.count,
                    .evidence_class = is_file ? EVIDENCE_KNOWLEDGE : EVIDENCE_INDICATOR,
                    .rarity_count = item->total < UINT32_MAX ? (uint32_t)item->total : UINT32_MAX,
                    .forgeability = WEIGHTS[weight_of(item->kind)].forgeability,
                    .group = is_file ? "knowledge" : "infrastructure",
                    .log10_lr = item->log10_lr,
                    .first_public = first_date(o, item)};
    memcpy(e->here.sha256, f->sha256, 32);
    e->here.va = item->va;
    e->there.va = UINT64_MAX;
    Text text = text_new(4096);
    if (is_file)
        text_add(&text, "this very file (by its SHA-256) is listed by ");
    else
        text_addf(&text, "%s %.200s is listed by ", know_value_name(item->kind), item->value);
    say_who(o, item, e, &text);
    if (item->shared)
        text_addf(&text, "; it is %s, which says little", shared_host_words(item->shared));
    e->statement = arena_text(o->arena, (Bytes){(const uint8_t *)text_str(&text), text.size});
    text_free(&text);
}

static int compare_items(const void *x, const void *y) {
    const Item *p = x, *q = y;
    if (p->log10_lr != q->log10_lr)
        return p->log10_lr > q->log10_lr ? -1 : 1;
    return p->kind != q->kind ? (p->kind > q->kind) - (p->kind < q->kind)
                              : strcmp(p->value, q->value);
}

Status overlap_add(Verdict *v, const Features *query, const KnowView *know, Arena *a, Error *err) {
    Overlap o = {.know = know, .arena = a, .items = {.max = 4096}};
    if (know_view_is_empty(know))
        return STATUS_OK;
    o.done = map_new(a, 256);
    Status status = look_up_all(&o, query, err);
    if (status != STATUS_OK || o.items.count == 0)
        return status;
    qsort(o.items.at, o.items.count, sizeof *o.items.at, compare_items);
    v->evidence.max += MAX_ITEMS;
    for (size_t i = 0; i < o.items.count && i < MAX_ITEMS; i++)
        add_item(v, &o, &o.items.at[i], query);
    return STATUS_OK;
}
