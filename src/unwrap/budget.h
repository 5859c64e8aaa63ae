/* SPDX-License-Identifier: Apache-2.0
 * budget.h: what running the code of one sample may cost: emulated instructions, and what else is
 * done for them counted as such, so that the same sample is always cut at the same place. A step is
 * about 15 ns (docs/evidence/routines.md: measured). The stages share the budget: hidden texts take
 * at most HIDDEN_*, routines what is left. In: code. Threads: one sample, one thread. */
#ifndef COG_UNWRAP_BUDGET_H
#define COG_UNWRAP_BUDGET_H

#include "code/code.h"

enum {
    /* One second for each MB of code, and one for less. */
    BUDGET_STEPS_PER_BYTE = 80,
    BUDGET_LEAST_BYTES = 1000000,
    BUDGET_LIFT_STEPS = 25 /* lifting an instruction takes .4 us */
};

static inline uint64_t budget_left(const Sample *s, const Code *code) {
    uint64_t bytes = code->bytes_recovered;
    uint64_t all =
        BUDGET_STEPS_PER_BYTE * (bytes > BUDGET_LEAST_BYTES ? bytes : BUDGET_LEAST_BYTES);
    return all > s->run_steps ? all - s->run_steps : 0;
}

static inline void budget_pay(Sample *s, uint64_t steps) { s->run_steps += steps; }

#endif
