/* SPDX-License-Identifier: Apache-2.0
 * know_verify.c: reads every block of knowledge: checksums, order, counts, that each entry can be
 * read, and that each claim stands under both of its ends. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/table.h"
#include "store/know_run.h"
#include "store/know_verify.h"

typedef struct Check {
    EngineTxn *txn;
    KnowProblemFound problem;
    void *ctx;
    uint64_t problems, blocks;
    uint64_t out_sum, in_sum; /* of hashes of claims with an object: the same set on both sides */
} Check;

PRINTF_LIKE(2, 3) static void report(Check *c, const char *fmt, ...) {
    char text[300];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    c->problems++;
    if (c->problem)
        c->problem(c->ctx, text);
}

static void check_entry(Check *c, const KnowRun *run, const KnowEntry *e) {
    if (!know_entry_is_good(e)) {
        report(c, "knowledge run %" PRIu32 ": an entry cannot be read", run->id);
        return;
    }
    KnowClaim claim;
    bool is_claim = e->type == KNOW_ENTRY_OUT || e->type == KNOW_ENTRY_IN;
    if (!is_claim || !know_claim_read(e->payload, NULL, &claim) || !claim.object)
        return;
    uint64_t hash = mix64(hash64(e->payload));
    if (e->type == KNOW_ENTRY_OUT)
        c->out_sum += hash;
    else
        c->in_sum += hash;
}

static void check_run(Check *c, const KnowRun *run) {
    uint64_t counts[KNOW_ENTRY_TYPES] = {0};
    KnowRunCursor at;
    Error err = {0};
    Text last = text_new(1 << 20);
    KnowEntry before = {0};
    Status status = know_run_seek(&at, c->txn, run->id, 0, &err);
    while (status == STATUS_OK && at.entry.type != KNOW_ENTRY_NONE) {
        if (before.type != KNOW_ENTRY_NONE && know_entry_compare(&before, &at.entry) >= 0)
            report(c, "knowledge run %" PRIu32 ": entries out of order", run->id);
        counts[at.entry.type]++;
        check_entry(c, run, &at.entry);
        text_clear(&last);
        text_add_bytes(&last, at.entry.payload.at, at.entry.payload.size);
        before = at.entry;
        before.payload = (Bytes){(const uint8_t *)text_str(&last), last.size};
        status = know_run_next(&at, &err);
    }
    text_free(&last);
    if (status != STATUS_OK)
        report(c, "%s", err.message);
    if (at.blocks != run->blocks)
        report(c, "knowledge run %" PRIu32 ": %" PRIu64 " blocks, its record says %" PRIu64,
               run->id, at.blocks, run->blocks);
    for (unsigned t = 0; t < KNOW_ENTRY_TYPES; t++)
        if (counts[t] != run->counts[t])
            report(c,
                   "knowledge run %" PRIu32 ": %" PRIu64 " entries of type %u, its record says "
                   "%" PRIu64,
                   run->id, counts[t], t, run->counts[t]);
    c->blocks += at.blocks;
}

uint64_t know_verify(EngineTxn *txn, KnowProblemFound problem, void *ctx) {
    Check c = {.txn = txn, .problem = problem, .ctx = ctx};
    KnowRun *runs = NULL;
    size_t count = 0;
    Error err = {0};
    bool is_settled = true;
    if (know_runs_list(txn, &runs, &count, &err) != STATUS_OK)
        report(&c, "%s", err.message);
    for (size_t i = 0; i < count; i++) {
        is_settled &= runs[i].state == KNOW_RUN_LIVE;
        if (runs[i].state == KNOW_RUN_LIVE)
            check_run(&c, &runs[i]);
    }
    free(runs);
    if (c.out_sum != c.in_sum)
        report(&c, "knowledge: claims under their subjects and their objects are not the same");
    TableStat stat = {0};
    if (engine_stat(txn, TABLE_KNOW, &stat, &err) != STATUS_OK)
        report(&c, "%s", err.message);
    else if (is_settled && stat.entries != c.blocks)
        report(&c, "knowledge: %" PRIu64 " blocks, the runs have %" PRIu64, stat.entries, c.blocks);
    return c.problems;
}
