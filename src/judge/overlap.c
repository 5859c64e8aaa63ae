/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/overlap.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "judge/holders.h"
#include "judge/joined.h"
#include "judge/ledger.h"
#include "know/value.h"
#include "match/group.h"
#include "match/routine_evidence.h"

/* Items that are shown; containers that are looked at and named for each. */
enum { MAX_ITEMS = 12, MAX_LOOKED = 64, MAX_NAMED = 3, MAX_SAMPLES = 11 };

typedef struct Item {
    KnowValueKind kind;
    const char *value;
    uint64_t va; /* UINT64_MAX: of the whole file */
    uint64_t total, holders;
    double log10_lr;
    const Joined *joined; /* how the sample leads to it; NULL: it has the value itself */
    HostKind host;
    KnowSeenVec seen;
    const StoredSample *samples[MAX_SAMPLES]; /* that have it */
    unsigned sample_count;
} Item;
typedef VEC(Item) ItemVec;

typedef struct Overlap {
    const VerdictCase *question;
    const KnowView *know; /* NULL: nothing is known */
    Arena *arena;
    ItemVec items;
    Map done;
    bool was_cut; /* there is more than was followed */
} Overlap;

/* P(two of one actor share it) / P(two of different actors do): address 197, domain 56, host of a
 * URL 82 measured (CASE.md 2.4: maltrail, 7,942 report blocks); the others are guesses below the
 * caps of CASE.md 3.1, by how easily they are copied. */
static const struct {
    KnowValueKind kind;
    double lr;
    const char *forgeability, *group;
} WEIGHTS[] = {
    {KNOW_IPV4, 197, "hard", "infrastructure"},
    {KNOW_IPV6, 197, "hard", "infrastructure"},
    {KNOW_DOMAIN, 56, "hard", "infrastructure"},
    {KNOW_URL, 82, "hard", "infrastructure"},
    {KNOW_EMAIL, 30, "medium", "infrastructure"},
    {KNOW_WALLET, 100, "medium", "infrastructure"},
    {KNOW_KEY, 100, "medium", "secret"},
    {KNOW_SECRET, 100, "medium", "secret"},
    {KNOW_MUTEX, 30, "easy", "host"},
    {KNOW_PIPE, 10, "easy", "host"},
    {KNOW_REGISTRY, 3, "easy", "host"},
    {KNOW_PATH, 2, "easy", "host"},
    {KNOW_USER_AGENT, 2, "easy", "host"},
    {KNOW_PDB, 10, "easy", "metadata"},
    {KNOW_IMPHASH, 5, "medium", "metadata"},
    {KNOW_RICH, 3, "easy", "metadata"},
    {KNOW_SHA256, 1000, "hard", "knowledge"},
    {KNOW_CERTIFICATE, 100, "hard", "secret"}, /* whoever signs has its private key */
};

static size_t weight_of(KnowValueKind kind) {
    size_t i = 0;
    while (i < sizeof WEIGHTS / sizeof *WEIGHTS && WEIGHTS[i].kind != kind)
        i++;
    return i;
}

static double item_log10_lr(const Item *item) {
    double lr = WEIGHTS[weight_of(item->kind)].lr * shared_host_weight(item->host.shared);
    uint64_t holders = item->holders;
    lr *= item->joined ? item->joined->weight * host_kind_joined(&item->host) : 1;
    return log10(fmax(1, holders > 2 ? lr * 2.0 / (double)holders : lr));
}

/* The item of a value, a new one or the one that is there; NULL: of a kind that says nothing. */
static Item *item_of(Overlap *o, KnowValueKind kind, const char *value, uint64_t va) {
    if (weight_of(kind) == sizeof WEIGHTS / sizeof *WEIGHTS)
        return NULL;
    uint64_t key = know_value_key(kind, value);
    const uint64_t *at = map_find(&o->done, key);
    if (at)
        return *at ? &o->items.at[*at - 1] : NULL;
    Item *item = VEC_ADD(o->arena, &o->items);
    map_put(&o->done, key, item ? o->items.count : 0);
    if (!item)
        return NULL;
    *item = (Item){.kind = kind, .va = va, .seen = {.max = MAX_LOOKED}};
    item->value = arena_text(o->arena, (Bytes){(const uint8_t *)value, strlen(value)});
    item->host = host_kind(kind, value);
    return item;
}

/* Of number k of what an indicator of the sample stands for. The host of a URL whose path shows
 * that the site is compromised is one, too. */
static Item *item_of_value(Overlap *o, const KnowValues *values, size_t k, uint64_t va) {
    Item *item = item_of(o, values->at[k].kind, values->at[k].text, va);
    HostKind whole = host_kind(values->at[0].kind, values->at[0].text);
    if (item && whole.shared == SHARED_COMPROMISED && item->host.shared < SHARED_COMPROMISED)
        item->host = whole;
    return item;
}

/* Looks it up in what is known; NULL: nothing to look up. What many list says less: as in
 * link_edge.c. */
static Status look_item(Overlap *o, Item *item, Error *err) {
    if (!item || item->total > 0)
        return STATUS_OK;
    return know_view_sightings(o->know, item->kind, item->value, o->arena, &item->seen,
                               &item->total, err);
}

static Status look(Overlap *o, KnowValueKind kind, const char *value, uint64_t va, Error *err) {
    return look_item(o, o->know ? item_of(o, kind, value, va) : NULL, err);
}

static bool is_network(IndicatorKind kind) {
    return kind == INDICATOR_IPV4 || kind == INDICATOR_IPV6 || kind == INDICATOR_DOMAIN ||
           kind == INDICATOR_URL || kind == INDICATOR_EMAIL || kind == INDICATOR_WALLET;
}

static bool is_of_string(const Indicator *indicator, const StringFeature *s) {
    return is_network(indicator->kind) &&
           (s->va != UINT64_MAX ? indicator->va == s->va
                                : strstr(s->text, indicator->value) != NULL);
}

bool overlap_is_indicator(const Features *f, const StringFeature *s) {
    for (size_t i = 0; i < f->indicators.count; i++)
        if (is_of_string(&f->indicators.at[i], s))
            return true;
    return false;
}

/* Has a reference sample an address, domain or URL, as itself or as the host of a URL? */
static bool has_value(const Outline *ref, KnowValueKind kind, const char *text) {
    uint64_t key = know_value_key(kind, text);
    size_t place = search_u64(ref->value, ref->counts[OUTLINE_VALUES], key);
    return place < ref->counts[OUTLINE_VALUES] && ref->value[place] == key;
}

/* Is the text in a library or goodware sample, or do several use it? */
static Status is_common_text(const Overlap *o, const char *text, size_t length, bool *out,
                             Error *err) {
    enum { MAX_PLACES = 64, SEVERAL = 3 };
    *out = false;
    uint64_t token = token_from_string(text, length);
    TokenHitVec hits = {.max = MAX_PLACES};
    uint32_t total = 0;
    Status status = snapshot_find_tokens(o->question->snap, o->arena, &token, 1, MAX_PLACES, &hits,
                                         &total, err);
    GroupSet users = {.count = 0};
    for (size_t i = 0; i < hits.count; i++) {
        const StoredSample *sample = snapshot_find_sample(o->question->snap, hits.at[i].sample);
        *out |= sample && sample->labels.sample_class != SAMPLE_REFERENCE;
        if (sample)
            group_set_add(&users, holder_from_sample(sample));
    }
    *out |= users.count >= SEVERAL;
    return status;
}

/* Of the string that holds it. */
static Status is_everybodys(const Overlap *o, const Indicator *indicator, bool *out, Error *err) {
    const Features *f = o->question->query;
    const StringFeature *s = NULL;
    for (size_t i = 0; i < f->strings.count && !s; i++)
        if (is_of_string(indicator, &f->strings.at[i]))
            s = &f->strings.at[i];
    *out = false;
    return s ? is_common_text(o, s->text, s->length, out, err) : STATUS_OK;
}

static void add_sample(Item *item, const StoredSample *sample) {
    if (item && item->sample_count < MAX_SAMPLES &&
        (!item->sample_count || item->samples[item->sample_count - 1] != sample))
        item->samples[item->sample_count++] = sample;
}

/* Values that the sample leads to and that a reference sample has. */
static Status share_joined(Overlap *o, const StoredSample *sample, const Outline *theirs,
                           Error *err) {
    Status status = STATUS_OK;
    for (size_t i = 0; i < o->items.count && status == STATUS_OK; i++) {
        Item *item = &o->items.at[i];
        if (!item->joined || !has_value(theirs, item->kind, item->value))
            continue;
        bool is_common;
        status = is_common_text(o, item->value, strlen(item->value), &is_common, err);
        if (status == STATUS_OK && !is_common)
            add_sample(item, sample);
    }
    return status;
}

/* Addresses, domains and URLs that a reference sample has as well. */
static Status share_with(Overlap *o, const SampleMatch *m, KnowValues *values, Error *err) {
    const Features *f = o->question->query;
    const StoredSample *sample = snapshot_find_sample(o->question->snap, m->sample);
    if (m->outline->counts[OUTLINE_VALUES] == 0)
        return STATUS_OK;
    for (size_t i = 0; sample && i < f->indicators.count; i++) {
        const Indicator *indicator = &f->indicators.at[i];
        KnowValueKind kind = know_value_from_name(indicator_kind_name(indicator->kind));
        if (!is_network(indicator->kind) || kind == KNOW_VALUE_COUNT ||
            !know_values_from_text(kind, indicator->value, strlen(indicator->value), values))
            continue;
        for (size_t k = 0; k < values->count; k++) {
            if (!has_value(m->outline, values->at[k].kind, values->at[k].text))
                continue;
            bool is_common;
            Status status = is_everybodys(o, indicator, &is_common, err);
            if (status != STATUS_OK)
                return status;
            if (!is_common)
                add_sample(item_of_value(o, values, k, indicator->va), sample);
        }
    }
    return sample ? share_joined(o, sample, m->outline, err) : STATUS_OK;
}

/* A signer is listed by the serial number of its certificate, the same spelling wherever it is
 * from. */
static Status look_up_signer(Overlap *o, const char *signer, Error *err) {
    static const char key[] = "serial=";
    const char *serial = strstr(signer, key);
    KnowValues *values = ARENA_NEW(o->arena, KnowValues);
    size_t n = serial ? strspn(serial += sizeof key - 1, "0123456789abcdef") : 0;
    /* A short number is many issuers' (RFC 5280 wants 64 random bits of a public one). */
    if (n < 16 || !know_values_from_text(KNOW_CERTIFICATE, serial, n, values))
        return STATUS_OK;
    return look(o, KNOW_CERTIFICATE, values->at[0].text, UINT64_MAX, err);
}

static Status look_up_all(Overlap *o, Error *err) {
    const Features *f = o->question->query;
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
            status = look_item(o, item_of_value(o, values, k, indicator->va), err);
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
    for (size_t i = 0; i < f->traits.count && status == STATUS_OK; i++)
        if (f->traits.at[i].kind == TRAIT_CERTIFICATE)
            status = look_up_signer(o, f->traits.at[i].value, err);
    RoutineTokens secrets = routine_tokens_of(f, o->arena);
    for (size_t i = 0; i < secrets.count && status == STATUS_OK; i++)
        if (secrets.at[i].parameter)
            status = look(o, KNOW_SECRET, secrets.at[i].parameter->text,
                          f->routines.at[secrets.at[i].routine].va, err);
    return status;
}

/* Whoever lists what the sample's own indicators lead to. A site that is compromised by its path
 * leads to its owner. */
static Status look_up_joined(Overlap *o, Error *err) {
    JoinedSearch *s = ARENA_NEW(o->arena, JoinedSearch);
    *s = joined_init(o->know, o->arena, o->question->dates.first_seen);
    Status status = STATUS_OK;
    size_t own = o->items.count;
    for (size_t i = 0; i < own && status == STATUS_OK; i++) {
        const Item *item = &o->items.at[i];
        if (item->host.shared != SHARED_COMPROMISED)
            status = joined_add(s, item->kind, item->value, item->va, err);
    }
    o->was_cut = s->full;
    for (size_t i = 0; i < s->found.count && status == STATUS_OK; i++) {
        const Joined *j = &s->found.at[i];
        bool is_own = map_find(&o->done, know_value_key(j->kind, j->value)) != NULL;
        Item *item = is_own ? NULL : item_of(o, j->kind, j->value, j->va);
        if (!item)
            continue;
        item->joined = j;
        status = know_view_sightings(o->know, j->kind, j->value, o->arena, &item->seen,
                                     &item->total, err);
    }
    return status;
}

/* ---- words ---- */

static HypothesisKind kind_of(KnowKind kind) {
    return kind == KNOW_ACTOR                               ? HYPOTHESIS_ACTOR
           : kind == KNOW_CAMPAIGN || kind == KNOW_INCIDENT ? HYPOTHESIS_CAMPAIGN
           : kind == KNOW_FAMILY || kind == KNOW_TOOL       ? HYPOTHESIS_FAMILY
                                                            : HYPOTHESIS_UNKNOWN;
}

/* What a container stands for: itself, and actors, campaigns and families that a claim joins to it.
 * Returns the first of these. A family that is in everybody's hands stands for nobody. */
static const char *stands_for(const Overlap *o, const KnowEntity *container, Evidence *e) {
    KnowClaimVec claims = {.max = 256};
    const char *about = NULL;
    if (kind_of(container->kind) != HYPOTHESIS_UNKNOWN)
        evidence_point(e, kind_of(container->kind), container->name, container->source);
    if (know_view_claims(o->know, container->id, o->arena, &claims, NULL) != STATUS_OK)
        return NULL;
    for (size_t i = 0; i < claims.count; i++) {
        const KnowClaim *c = &claims.at[i];
        KnowEntity entity;
        bool is_about = c->subject == container->id &&
                        (c->relation == KNOW_INDICATES || c->relation == KNOW_ATTRIBUTED_TO ||
                         c->relation == KNOW_PART_OF);
        bool is_used = c->object == container->id && c->relation == KNOW_USES &&
                       container->kind == KNOW_INFRASTRUCTURE;
        if ((!is_about && !is_used) || know_view_entity(o->know, is_used ? c->subject : c->object,
                                                        o->arena, &entity, NULL) != STATUS_OK)
            continue;
        if (kind_of(entity.kind) != HYPOTHESIS_UNKNOWN)
            evidence_point(e, kind_of(entity.kind), entity.name,
                           c->source ? c->source : container->source);
        about = about ? about : entity.name;
    }
    return about;
}

static void say_lists(const Overlap *o, const Item *item, Evidence *e, Text *out) {
    unsigned named = 0;
    for (size_t i = 0; i < item->seen.count; i++) {
        KnowEntity container;
        uint64_t id = item->seen.at[i].container;
        if (know_view_entity(o->know, id, o->arena, &container, NULL) != STATUS_OK)
            continue;
        const char *about = stands_for(o, &container, e);
        if (named == MAX_NAMED)
            continue;
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

static bool differ(const char *x, const char *y) { return x && y && strcmp(x, y) != 0; }

/* Samples of one family under different actors have it: it came with the family's code, as a
 * library's address does, and says nothing about who used that. */
static bool is_of_code(const Item *item, const Labels *l) {
    for (unsigned i = 0; i < item->sample_count; i++) {
        const Labels *other = &item->samples[i]->labels;
        if (l->family && other->family && !strcmp(l->family, other->family) &&
            differ(l->actor, other->actor))
            return true;
    }
    return false;
}

static void say_samples(const Item *item, Evidence *e, Text *out) {
    for (unsigned i = 0; i < item->sample_count; i++) {
        const Labels *l = &item->samples[i]->labels;
        evidence_point(e, HYPOTHESIS_FAMILY, l->family, l->source);
        if (!is_of_code(item, l)) {
            evidence_point(e, HYPOTHESIS_CAMPAIGN, l->campaign, l->source);
            evidence_point(e, HYPOTHESIS_ACTOR, l->actor, l->source);
        }
        e->source = e->source ? e->source : l->source;
        if (i >= MAX_NAMED)
            continue;
        const char *label = l->actor ? l->actor : l->campaign ? l->campaign : l->family;
        text_addf(out, "%s%.80s", i ? ", " : "", item->samples[i]->name);
        if (label)
            text_addf(out, " (%.80s)", label);
    }
    if (item->sample_count > MAX_NAMED)
        text_addf(out, " and %u more", item->sample_count - MAX_NAMED);
    memcpy(e->there.sha256, item->samples[0]->sha256, 32);
}

static int64_t first_time(const Item *item) {
    int64_t first = 0;
    for (size_t i = 0; i < item->seen.count; i++)
        if (item->seen.at[i].first && (!first || item->seen.at[i].first < first))
            first = item->seen.at[i].first;
    return first;
}

/* From its publication on a value can be copied by whoever reads. */
static void publish(const Overlap *o, Evidence *e, int64_t first) {
    char text[KNOW_TIME_BYTES];
    int64_t seen = o->question->dates.first_seen;
    if (!first)
        return;
    know_time_write(first, text);
    e->first_public = arena_text(o->arena, (Bytes){(const uint8_t *)text, strlen(text)});
    if (e->evidence_class == EVIDENCE_KNOWLEDGE)
        return; /* a file's own hash */
    e->is_copyable = !seen || first < seen;
    if (e->is_copyable)
        e->forgeability = "easy";
}

static void add_item(Verdict *v, const Overlap *o, const Item *item) {
    Evidence *e = VEC_ADD(o->arena, &v->evidence);
    if (!e)
        return;
    bool is_file = item->kind == KNOW_SHA256;
    uint64_t lists = item->total < UINT32_MAX ? item->total : UINT32_MAX;
    *e = (Evidence){.id = (uint32_t)v->evidence.count,
                    .evidence_class = is_file ? EVIDENCE_KNOWLEDGE : EVIDENCE_INDICATOR,
                    .value = item->joined ? NULL : item->value,
                    .rarity_count = item->total ? (uint32_t)lists : item->sample_count,
                    .rarity_corpus = item->total ? 0 : o->question->report->samples_in_store,
                    .forgeability = WEIGHTS[weight_of(item->kind)].forgeability,
                    .group = WEIGHTS[weight_of(item->kind)].group,
                    .log10_lr = item->log10_lr};
    memcpy(e->here.sha256, v->sha256, 32);
    e->here.va = item->va;
    e->there.va = UINT64_MAX;
    Text text = text_new(4096);
    if (is_file)
        text_add(&text, "this very file (by its SHA-256)");
    else if (item->joined)
        text_addf(&text, "%s: %s %.200s", item->joined->via, know_value_name(item->kind),
                  item->value);
    else
        text_addf(&text, "%s %.200s", know_value_name(item->kind), item->value);
    if (item->total) {
        text_add(&text, " is listed by ");
        say_lists(o, item, e, &text);
    }
    if (item->sample_count) {
        text_add(&text, item->total ? " and is in " : " is in ");
        say_samples(item, e, &text);
    }
    if (item->host.words)
        text_addf(&text, "; it is %s, which says %s", item->host.words,
                  shared_host_weight(item->host.shared) > 0.5 ? "a little less" : "little");
    e->statement = arena_text(o->arena, (Bytes){(const uint8_t *)text_str(&text), text.size});
    text_free(&text);
    publish(o, e, first_time(item));
}

/* Evidence that is there already and that somebody has published. */
static Status publish_old(Verdict *v, const Overlap *o, size_t count, Error *err) {
    Status status = STATUS_OK;
    for (size_t i = 0; o->know && i < count && status == STATUS_OK; i++) {
        Evidence *e = &v->evidence.at[i];
        Item item = {.seen = {.max = MAX_LOOKED}};
        if (e->value)
            status = know_view_sightings(o->know, KNOW_SECRET, e->value, o->arena, &item.seen,
                                         &item.total, err);
        publish(o, e, first_time(&item));
    }
    return status;
}

static int compare_items(const void *x, const void *y) {
    const Item *p = x, *q = y;
    if (p->log10_lr != q->log10_lr)
        return p->log10_lr > q->log10_lr ? -1 : 1;
    return p->kind != q->kind ? (p->kind > q->kind) - (p->kind < q->kind)
                              : strcmp(p->value, q->value);
}

/* How many have it, and what others say of the host. */
static Status weigh(Overlap *o, Holders *search, Item *item, Error *err) {
    Status status = host_kind_hear(o->know, item->kind, item->value, o->arena, &item->host, err);
    if (status == STATUS_OK)
        status = holders_count(search, &item->seen, item->total, item->samples, item->sample_count,
                               &item->holders, err);
    item->log10_lr = item_log10_lr(item);
    return status;
}

/* Those that somebody has; a way over others that leaves less than a factor of two is none. */
static Status keep_items(Overlap *o, size_t *out, Error *err) {
    const double tells = 0.3;
    Holders search = holders_new(o->know, o->arena);
    Status status = STATUS_OK;
    *out = 0;
    for (size_t i = 0; i < o->items.count && status == STATUS_OK; i++) {
        Item *item = &o->items.at[i];
        if (item->total == 0 && item->sample_count == 0)
            continue;
        status = weigh(o, &search, item, err);
        if (!item->joined || item->log10_lr >= tells)
            o->items.at[(*out)++] = *item;
    }
    return status;
}

Status overlap_add(Verdict *v, const VerdictCase *c, Arena *a, Error *err) {
    Overlap o = {.question = c, .arena = a, .items = {.max = 4096}};
    o.know = c->know && !know_view_is_empty(c->know) ? c->know : NULL;
    o.done = map_new(a, 256);
    Status status = publish_old(v, &o, v->evidence.count, err);
    if (status == STATUS_OK && o.know)
        status = look_up_all(&o, err);
    if (status == STATUS_OK && o.know)
        status = look_up_joined(&o, err);
    KnowValues *values = ARENA_NEW(a, KnowValues);
    for (size_t i = 0; status == STATUS_OK && i < c->report->samples.count; i++)
        status = share_with(&o, &c->report->samples.at[i], values, err);
    if (status != STATUS_OK)
        return status;
    if (o.was_cut)
        line_add(a, &v->limits,
                 "of what passive DNS and certificates join with its hosts, %d indicators and %d "
                 "look-ups were followed",
                 MAX_JOINED, MAX_JOINED_LOOKS);
    size_t kept;
    status = keep_items(&o, &kept, err);
    if (kept > 1)
        qsort(o.items.at, kept, sizeof *o.items.at, compare_items);
    v->evidence.max += MAX_ITEMS;
    for (size_t i = 0; i < kept && i < MAX_ITEMS; i++)
        add_item(v, &o, &o.items.at[i]);
    return status;
}
