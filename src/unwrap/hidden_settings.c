/* SPDX-License-Identifier: Apache-2.0
 * hidden_settings.c: texts that hang on what the run made up. Nobody knows what a function's
 * arguments point to, or what functions that are not followed return; a text that a program hides
 * is there whatever they are. So functions with texts run again with other values. */
#include <string.h>

#include "unwrap/hidden_inner.h"

enum {
    SET_BYTES = PAGE_BYTES,   /* of each object that hold small numbers; others stay zero (guess) */
    SET_STACK = 4 * SET_BYTES /* the same, of the stack below the entry (guess) */
};

static void set_memory(Hunt *h) {
    for (size_t i = 0; i < HIDDEN_OBJECTS; i++)
        process_fill(h->p, h->dummy_va + i * HIDDEN_OBJECT_BYTES, 2 * SET_BYTES,
                     PROCESS_SMALL_NUMBER);
    uint64_t sp = h->p->machine->slots[process_stack_slot(h->p)] - HIDDEN_SETTING_SHIFT;
    process_fill(h->p, (sp & ~(uint64_t)7) - SET_STACK, SET_STACK, PROCESS_SMALL_NUMBER);
}

static bool is_claim(const HiddenText *t) { return !t->is_moved && !t->is_mixed; }

/* The function's texts, from `first` on, that would be told. Returns the place behind all. */
static size_t claims_from(const Hunt *h, size_t first, size_t *count) {
    size_t end = first;
    *count = 0;
    for (; end < h->out->texts.count &&
           h->out->texts.at[end].function_va == h->out->texts.at[first].function_va;
         end++)
        *count += is_claim(&h->out->texts.at[end]);
    return end;
}

/* As if nothing had run yet. */
static void forget_runs(Hunt *h) {
    memset(h->visits, 0, (h->code->calls.count + 1) * sizeof *h->visits);
    memset(h->failures, 0, h->code->functions.count * sizeof *h->failures);
    for (size_t i = 0; i < h->places.count; i++)
        h->places.at[i] &= ~(uint64_t)PLACE_SEEN;
}

static void try_setting(Hunt *h, HiddenSetting setting, uint8_t *ran) {
    h->setting = setting;
    forget_runs(h);
    process_reset_registers(h->p);
    process_vary(h->p, setting);
    if (setting == SETTING_COUNTS)
        set_memory(h);
    if (setting == SETTING_GLOBALS)
        process_fill_globals(h->p, PROCESS_SMALL_NUMBER);
    ProcessMark fresh = process_mark(h->p);
    size_t count = 0;
    for (size_t first = 0, end = 0; first < h->out->texts.count; first = end) {
        end = claims_from(h, first, &count);
        uint64_t va = h->out->texts.at[first].function_va;
        const Function *f = count ? code_find_function(h->code, va) : NULL;
        if (!f || h->steps == 0 || sample_is_late(h->s))
            continue;
        h->f = f;
        hidden_hunt_function(h, &fresh);
        for (size_t i = first; i < end && h->steps; i++)
            ran[i] |= (uint8_t)(1u << setting);
    }
}

/* A decoded text is there in every setting but where variables, which may hold what decoders have
 * made, are others. On the stack other values often lead another way, so that a text of
 * instructions is missing: it is made up when it is missing wherever something was given. */
static bool is_made_up(const HiddenText *t, uint8_t ran) {
    unsigned lost = ran & ~t->settings;
    unsigned given = 1u << SETTING_COUNTS | 1u << SETTING_RESULTS;
    if (t->kind == HIDDEN_STACK)
        return t->is_computed ? lost != 0 : (lost & given) == given;
    return (lost & given) != 0;
}

void hidden_try_settings(Hunt *h, const ProcessMark *fresh) {
    /* Stays with the process, which may need more memory meanwhile: no mark of ours. */
    uint8_t *ran = ARENA_ARRAY(h->scratch, uint8_t, h->out->texts.count + 1);
    uint64_t steps = h->steps, resolver_steps = h->resolver_steps;
    h->steps = h->setting_steps;
    h->resolver_steps = 0; /* what they resolve is known */
    for (HiddenSetting setting = SETTING_ZEROS + 1; setting < SETTING_COUNT; setting++) {
        process_restore(h->p, fresh);
        try_setting(h, setting, ran);
    }
    for (size_t i = 0; i < h->out->texts.count; i++)
        h->out->texts.at[i].is_made_up = is_made_up(&h->out->texts.at[i], ran[i]);
    h->setting = SETTING_ZEROS;
    h->resolver_steps = resolver_steps;
    h->setting_steps = h->steps;
    h->steps = steps;
}
