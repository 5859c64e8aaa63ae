/* SPDX-License-Identifier: Apache-2.0 */
#include "report/shared.h"

#include "feature/routine_token.h"
#include "report/words.h"

/* One value of one side, as something to sort by. */
typedef struct Item {
    const char *value;
    size_t length;
    uint64_t group; /* only items of one group are equal: the kind of a trait or indicator */
    uint64_t va;
    const char *kind;
    size_t order;
} Item;

typedef struct Items {
    Item *at;
    size_t count;
} Items;

static Items items_new(size_t max) {
    Items items = {.at = calloc(max ? max : 1, sizeof(Item))};
    CHECK(items.at);
    return items;
}

static void add_item(Items *items, Item item) {
    item.order = items->count;
    items->at[items->count++] = item;
}

static Items items_from_strings(const Features *f) {
    Items items = items_new(f->strings.count);
    for (size_t i = 0; i < f->strings.count; i++) {
        const StringFeature *s = &f->strings.at[i];
        if (s->length >= SHARED_STRING_BYTES)
            add_item(&items, (Item){.value = s->text,
                                    .length = s->length,
                                    .va = s->va,
                                    .kind = string_kind_name(s->kind)});
    }
    return items;
}

static Items items_from_traits(const Features *f) {
    Items items = items_new(f->traits.count);
    for (size_t i = 0; i < f->traits.count; i++) {
        const Trait *t = &f->traits.at[i];
        add_item(&items, (Item){.value = t->value,
                                .length = strlen(t->value),
                                .group = t->kind,
                                .va = UINT64_MAX,
                                .kind = trait_kind_name(t->kind)});
    }
    return items;
}

static Items items_from_indicators(const Features *f) {
    Items items = items_new(f->indicators.count);
    for (size_t i = 0; i < f->indicators.count; i++) {
        const Indicator *n = &f->indicators.at[i];
        add_item(&items, (Item){.value = n->value,
                                .length = strlen(n->value),
                                .group = n->kind,
                                .va = n->va,
                                .kind = indicator_kind_name(n->kind)});
    }
    return items;
}

/* What a routine is called, or computes; and its secrets: equal tokens are equal items. */
static Items items_from_routines(const Features *f, bool secrets) {
    Items items = items_new(routine_tokens_max(f));
    RoutineToken *tokens = calloc(routine_tokens_max(f) + 1, sizeof *tokens);
    CHECK(tokens);
    size_t n = routine_tokens(f, tokens);
    for (size_t i = 0; i < n; i++) {
        const Routine *r = &f->routines.at[tokens[i].routine];
        const RoutineParameter *p = tokens[i].parameter;
        if ((p != NULL) != secrets)
            continue;
        const char *value = p ? p->text : r->algorithm ? r->algorithm : "";
        add_item(&items, (Item){.value = value,
                                .length = strlen(value),
                                .group = tokens[i].token,
                                .va = r->va,
                                .kind = p ? p->name : routine_kind_name(r->kind)});
    }
    free(tokens);
    return items;
}

static int compare_values(const Item *a, const Item *b) {
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    size_t least = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->value, b->value, least);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_items(const void *left, const void *right) {
    const Item *a = left, *b = right;
    int order = compare_values(a, b);
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

/* Merges the two sorted lists; what both have goes to found[order in a]. */
static void merge(const char *what, Items a, Items b, void (*visit)(void *, const SharedItem *),
                  void *ctx) {
    SharedItem *found = calloc(a.count ? a.count : 1, sizeof *found);
    CHECK(found);
    qsort(a.at, a.count, sizeof *a.at, compare_items);
    qsort(b.at, b.count, sizeof *b.at, compare_items);
    for (size_t i = 0, k = 0; i < a.count && k < b.count;) {
        int order = compare_values(&a.at[i], &b.at[k]);
        if (order == 0) {
            const Item *x = &a.at[i];
            found[x->order] = (SharedItem){what, x->kind, x->value, x->length, x->va, b.at[k].va};
        }
        if (order > 0) {
            k++;
            continue;
        }
        /* Repeats of a value in a are one item. */
        const Item *last = &a.at[i++];
        while (order == 0 && i < a.count && compare_values(last, &a.at[i]) == 0)
            i++;
    }
    for (size_t i = 0; i < a.count; i++)
        if (found[i].what)
            visit(ctx, &found[i]);
    free(found);
    free(a.at);
    free(b.at);
}

void shared_visit(const Features *a, const Features *b,
                  void (*visit)(void *ctx, const SharedItem *item), void *ctx) {
    merge("string", items_from_strings(a), items_from_strings(b), visit, ctx);
    merge("trait", items_from_traits(a), items_from_traits(b), visit, ctx);
    merge("routine", items_from_routines(a, false), items_from_routines(b, false), visit, ctx);
    merge("secret", items_from_routines(a, true), items_from_routines(b, true), visit, ctx);
    merge("indicator", items_from_indicators(a), items_from_indicators(b), visit, ctx);
}
