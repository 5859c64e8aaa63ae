/* SPDX-License-Identifier: Apache-2.0
 * yara_pick.c: which patterns a rule has, by where they were seen. */
#include <stdlib.h>
#include <string.h>

#include "report/yara.h"

/* Chosen patterns that each sample shall have: a newer version may lose most of them (guess;
 * measured by bench/yara.py). */
enum { WANTED_OF_SAMPLE = 16 };

static bool find_sample(const RuleSet *set, const uint8_t sha256[32], uint32_t rule,
                        uint32_t *sample) {
    const Rule *r = &set->rules.at[rule];
    for (uint32_t k = 0; k < r->samples.count; k++)
        if (memcmp(r->samples.at[k].sha256, sha256, 32) == 0) {
            *sample = k;
            return true;
        }
    return false;
}

/* ---- the draft's test ---- */

static void see_pattern(Pattern *p, const RuleSet *set, const uint8_t sha256[32],
                        bool is_goodware) {
    uint32_t sample;
    if (find_sample(set, sha256, p->rule, &sample))
        p->has |= 1ULL << sample;
    else if (is_goodware)
        p->is_bad = true;
    else
        for (uint32_t r = 0; r < set->rules.count && !p->is_bad; r++)
            p->is_bad = r != p->rule && find_sample(set, sha256, r, &sample);
}

void rules_see(RuleSet *set, const uint8_t sha256[32], bool is_goodware, const char *hits) {
    if (!set->was_tested) /* from now on what was seen counts, not what was taken */
        for (size_t i = 0; i < set->patterns.count; i++)
            set->patterns.at[i].has = 0;
    set->was_tested = true;
    set->goodware_files += is_goodware;
    for (const char *at = hits; at && *at; at = strchr(at, '\n'), at += at != NULL) {
        const char *tab = strchr(at, '\t');
        if (!tab || strncmp(tab, "\t$p", 3) != 0)
            continue;
        unsigned long index = strtoul(tab + 3, NULL, 10);
        if (index < set->patterns.count)
            see_pattern(&set->patterns.at[index], set, sha256, is_goodware);
    }
}

/* ---- choosing ---- */

typedef struct Choice {
    RuleSet *set;
    Rule *rule;
    Pattern **at; /* of this rule and kind, that may be used; best first */
    size_t count;
    uint32_t covered[MAX_RULE_SAMPLES]; /* patterns that each sample has */
} Choice;

static unsigned count_bits(uint64_t x) { return (unsigned)__builtin_popcountll(x); }

static int compare_patterns(const void *a, const void *b) {
    const Pattern *x = *(Pattern *const *)a, *y = *(Pattern *const *)b;
    unsigned p = count_bits(x->has), q = count_bits(y->has);
    if (p != q)
        return p > q ? -1 : 1;
    if (x->weight < y->weight || x->weight > y->weight)
        return x->weight > y->weight ? -1 : 1;
    return (x > y) - (x < y);
}

static void gather(Choice *c, uint32_t rule, PatternKind kind, Arena *scratch) {
    c->count = 0;
    c->at = ARENA_ARRAY(scratch, Pattern *, c->set->patterns.count + 1);
    for (size_t i = 0; i < c->set->patterns.count; i++) {
        Pattern *p = &c->set->patterns.at[i];
        if (p->rule == rule && p->kind == kind && !p->is_bad && p->has)
            c->at[c->count++] = p;
    }
    qsort(c->at, c->count, sizeof(Pattern *), compare_patterns);
}

static bool is_crowded(const Choice *c, const Pattern *p) {
    unsigned same = 0;
    for (size_t i = 0; i < c->count; i++)
        same +=
            c->at[i]->number && c->at[i]->sample == p->sample && c->at[i]->function == p->function;
    return same >= PATTERNS_PER_FUNCTION;
}

static void take(Choice *c, Pattern *p, uint32_t *taken) {
    p->number = ++*taken;
    for (uint32_t k = 0; k < c->rule->samples.count; k++)
        c->covered[k] += (uint32_t)(p->has >> k & 1);
}

/* First what samples need that have few patterns yet, then the best of the rest. */
static uint32_t take_code(Choice *c) {
    uint32_t taken = 0;
    for (uint32_t k = 0; k < c->rule->samples.count; k++)
        for (size_t i = 0; i < c->count && c->covered[k] < WANTED_OF_SAMPLE; i++)
            if (!c->at[i]->number && c->at[i]->has >> k & 1 && taken < MAX_CODE_PATTERNS &&
                !is_crowded(c, c->at[i]))
                take(c, c->at[i], &taken);
    for (size_t i = 0; i < c->count && taken < MAX_CODE_PATTERNS; i++)
        if (!c->at[i]->number && !is_crowded(c, c->at[i]))
            take(c, c->at[i], &taken);
    return taken;
}

static uint32_t take_best(Choice *c, uint32_t most) {
    uint32_t taken = 0;
    for (size_t i = 0; i < c->count && taken < most; i++)
        c->at[i]->number = ++taken;
    return taken;
}

/* A library that a family bundles in a version that the store does not know is in others as well:
 * of 40 runs, 5 hit 6 files of others and 65 of 67 newer versions, 9 hit 4 and 64, 14 hit 3 and 64
 * (bench/yara.py, 22 families). */
uint32_t rule_code_needed(const Rule *r) {
    return r->code >= 30 ? 9 : r->code >= 20 ? 5 : r->code >= 12 ? 3 : 2;
}

static uint32_t texts_of_each(const Choice *c) {
    uint32_t fewest = UINT32_MAX;
    for (uint32_t k = 0; k < c->rule->samples.count; k++) {
        uint32_t has = 0;
        if (!(c->rule->covered >> k & 1))
            continue;
        for (size_t i = 0; i < c->count; i++)
            has += c->at[i]->number && c->at[i]->has >> k & 1;
        fewest = has < fewest ? has : fewest;
    }
    return fewest;
}

static void choose(RuleSet *set, uint32_t rule, Arena *scratch) {
    Choice c = {.set = set, .rule = &set->rules.at[rule]};
    gather(&c, rule, PATTERN_CODE, scratch);
    c.rule->code = take_code(&c);
    for (uint32_t k = 0; k < c.rule->samples.count; k++)
        if (c.covered[k] >= rule_code_needed(c.rule))
            c.rule->covered |= 1ULL << k;
    gather(&c, rule, PATTERN_SECRET, scratch);
    /* Whether a key stands in the file as it is, only a scan can tell. */
    c.rule->secrets = set->was_tested ? take_best(&c, MAX_SECRET_PATTERNS) : 0;
    gather(&c, rule, PATTERN_TEXT, scratch);
    c.rule->texts = take_best(&c, MAX_TEXT_PATTERNS);
    c.rule->texts_of_each = texts_of_each(&c);
    if (!c.rule->covered) {
        c.rule->is_refused = true;
        c.rule->why = "too little code that only it is known to have";
    }
}

void rules_choose(RuleSet *set, Arena *scratch) {
    for (uint32_t i = 0; i < set->rules.count; i++) {
        ArenaMark mark = arena_mark(scratch);
        choose(set, i, scratch);
        arena_reset(scratch, mark);
    }
    set->is_chosen = true;
}

/* ---- the rules' own test ---- */

void rules_see_final(RuleSet *set, const uint8_t sha256[32], bool is_goodware, const char *hits) {
    Text name = text_new(1 << 10);
    for (uint32_t r = 0; r < set->rules.count; r++) {
        Rule *rule = &set->rules.at[r];
        uint32_t sample;
        text_clear(&name);
        rule_name(rule, &name);
        text_add_char(&name, '\t');
        const char *at = strstr(hits, text_str(&name));
        if (!at || (at != hits && at[-1] != '\n'))
            continue;
        if (find_sample(set, sha256, r, &sample))
            rule->hit |= 1ULL << sample;
        else
            rule->goodware_hits += is_goodware;
    }
    text_free(&name);
}

void rules_judge(RuleSet *set) {
    for (uint32_t r = 0; r < set->rules.count; r++) {
        Rule *rule = &set->rules.at[r];
        if (rule->is_refused)
            continue;
        if (rule->goodware_hits)
            rule->why = "it hits goodware";
        else if (rule->covered & ~rule->hit)
            rule->why = "it does not hit its own samples";
        rule->is_refused = rule->why != NULL;
    }
}
