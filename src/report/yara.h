/* SPDX-License-Identifier: Apache-2.0
 * yara.h: rules for YARA from what a verdict stands on: runs of code that a family has and nobody
 * else is known to have (addresses masked), secrets of its routines, its rare strings.
 *   RuleSet *set = rules_new(); for each sample: rules_add; for each file scanned with
 *   rules_write_draft: rules_see; rules_choose; for each scanned with rules_write: rules_see_final;
 *   rules_write; rules_free.
 * Format, conditions and where the numbers come from: docs/formats/yara.md. Owner: the set owns all
 * that it needs; features and windows are borrowed for one call. */
#ifndef COG_REPORT_YARA_H
#define COG_REPORT_YARA_H

#include "feature/code_window.h"
#include "match/match.h"

enum {
    MAX_RULES = 4096,
    MAX_RULE_SAMPLES = 64, /* of one rule: bits of a word */
    /* Runs of code of one sample that are tried (guess: scanning 5,000 strings costs a second for
       200 MB). */
    MAX_TRIED_WINDOWS = 800,
    MAX_TRIED_TEXTS = 100,
    /* Of one rule. */
    MAX_CODE_PATTERNS = 40,
    MAX_SECRET_PATTERNS = 8,
    MAX_TEXT_PATTERNS = 12,
    /* So many rare strings hit without code, where there are LEAST_TEXTS: builds by another
       compiler or for another processor share no code bytes. Alone they raised recall of 22
       families from .82 to .96 and hit nothing else (bench/yara.py). */
    TEXTS_ALONE = 6,
    LEAST_TEXTS = 8,
    /* Where each sample has so many of the texts, so many of them are wanted beside one run of
       code, and one of them beside all runs: bundled libraries that the store does not know come
       without the program's own texts. Wrong hits of 22 families: 0 of 146 files, 4 without it;
       recall is the same (bench/yara.py). */
    TEXTS_OF_EACH = 4,
    PATTERNS_PER_FUNCTION = 2
};

typedef enum PatternKind { PATTERN_CODE, PATTERN_SECRET, PATTERN_TEXT } PatternKind;

typedef struct Pattern {
    PatternKind kind;
    uint32_t rule, sample, function; /* where it was taken from */
    uint64_t va;
    const uint8_t *at, *is_fixed; /* is_fixed NULL: all of it */
    uint32_t size;
    bool is_wide;
    float weight;
    uint64_t has;     /* samples of its rule that have it, as bits */
    bool is_bad;      /* in goodware, or in a sample of another rule */
    const char *note; /* what it is, of our own words; or NULL */
    uint32_t number;  /* in the rule as it is written, from 1; 0: left out */
} Pattern;

typedef struct RuleSample {
    uint8_t sha256[32];
    uint64_t size;
    uint8_t format;
} RuleSample;

typedef struct Rule {
    const char *family; /* NULL: nobody's name; the rule is of one sample */
    const char *source, *basis;
    VEC(RuleSample) samples;
    uint32_t left_out;             /* samples beyond MAX_RULE_SAMPLES */
    uint64_t covered;              /* samples that the chosen patterns cover, as bits */
    uint64_t hit;                  /* that the rule was seen to hit */
    uint32_t code, secrets, texts; /* chosen patterns */
    uint32_t texts_of_each;        /* that every covered sample has, at least */
    uint32_t goodware_hits;
    bool is_refused; /* not written */
    const char *why; /* refused, in words */
} Rule;

typedef struct RuleSet {
    Arena *arena;
    VEC(Rule) rules;
    VEC(Pattern) patterns;
    Map by_content;  /* of a rule and bytes -> index in patterns + 1 */
    bool was_tested; /* files were scanned */
    bool is_chosen;
    uint32_t goodware_files;
    uint32_t public_samples; /* goodware and libraries that the store knows */
    const char *version;     /* of the program */
} RuleSet;

RuleSet *rules_new(const char *version);
void rules_free(RuleSet *set);

/* What a rule is made from. family: NULL: what the store says of the sample, else its verdict. */
typedef struct RuleInput {
    const Features *features;
    const CodeWindows *windows;
    const MatchReport *report;
    const Snapshot *snap;
    const char *family, *source, *basis;
} RuleInput;
void rules_add(RuleSet *set, const RuleInput *in, Arena *scratch);

/* Every pattern that is tried, in rules that tell which of them are in a file. */
void rules_write_draft(const RuleSet *set, Text *out);
/* hits: lines "rule<TAB>string" of yara_scan.h. A file of no rule is goodware. */
void rules_see(RuleSet *set, const uint8_t sha256[32], bool is_goodware, const char *hits);
/* Which patterns and conditions the rules have. */
void rules_choose(RuleSet *set, Arena *scratch);
/* The same as rules_see, of what rules_write wrote. */
void rules_see_final(RuleSet *set, const uint8_t sha256[32], bool is_goodware, const char *hits);
/* Refuses those that failed their test. */
void rules_judge(RuleSet *set);
/* The rules that are not refused. */
void rules_write(const RuleSet *set, Text *out);
/* How many of the code patterns a file must have. */
uint32_t rule_code_needed(const Rule *r);
/* "cognate_Wren"; the same family, the same name. */
void rule_name(const Rule *r, Text *out);

#endif
