/* SPDX-License-Identifier: Apache-2.0
 * oracle.c: goes through the forms, judges each case, counts per mnemonic. See oracle.h. */
#include "oracle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

static const OracleTarget *const targets[] = {&oracle_x86, &oracle_x64, &oracle_arm, &oracle_thumb,
                                              &oracle_arm64};

/* ---- Random numbers: splitmix64 (public domain, S. Vigna) ---- */

uint64_t random_next(Random *r) {
    uint64_t z = r->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

uint64_t random_below(Random *r, uint64_t n) { return random_next(r) % n; }

uint64_t random_value(Random *r) {
    uint64_t bit = (uint64_t)1 << random_below(r, 64);
    switch (random_below(r, 10)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX;
    case 2:
        return bit;
    case 3:
        return bit - 1;
    case 4:
        return ~bit;
    case 5:
        return random_below(r, 80); /* shift amounts up to past 64 */
    case 6:
        return -random_below(r, 80);
    case 7: /* every byte a border of its own */
        return random_next(r) & 0x8181818181818181;
    case 8:
        return random_next(r) >> random_below(r, 64);
    default:
        return random_next(r);
    }
}

void random_bytes(Random *r, uint8_t *out, size_t n) {
    bool splat = random_below(r, 8) == 0; /* equal lanes: what compares are about */
    uint64_t value = random_value(r);
    for (size_t i = 0; i < n; i += 8) {
        value = splat ? value : random_value(r);
        memcpy(out + i, &value, n - i < 8 ? n - i : 8);
    }
}

/* ---- Memory of a run ---- */

static const uint64_t area_va[ORACLE_AREAS] = {ORACLE_LOW, ORACLE_DATA, ORACLE_STACK};
static const size_t area_bytes[ORACLE_AREAS] = {ORACLE_LOW_BYTES, ORACLE_DATA_BYTES,
                                                ORACLE_STACK_BYTES};

typedef struct Change {
    uint64_t va;
    uint8_t now[PAGE_BYTES], known[PAGE_BYTES]; /* known: bits that no opaque value decides */
} Change;
enum { CHANGES = 16 };

/* What our machine made of a case. */
typedef struct Ours {
    MachineStop stop;
    OracleState after;
    uint64_t known[SLOT_TEMP];
    bool is_pc_known;
    bool has_opaque;
    uint64_t fault_va;
    size_t change_count;
    Change changes[CHANGES];
} Ours;

typedef enum Verdict {
    NOT_RUN,
    AGREED,
    AGREED_IN_PART, /* in the bits that do not depend on opaque values */
    DIFFERS,
    REFUSED, /* by all oracles */
    SYSTEM,  /* not for an oracle */
    CRASHED, /* we did */
    VERDICTS
} Verdict;

typedef struct Judged {
    uint8_t verdict;
    uint8_t by_host;
} Judged;

/* Between parent and children. */
typedef struct Shared {
    uint64_t at; /* case that is being run */
    bool in_oracle;
    Judged judged[];
} Shared;

typedef struct Options {
    const OracleTarget *target;
    const char *mnemonic, *table;
    uint64_t cases, seed;
    uint64_t form, one; /* a single case: UINT64_MAX: all */
} Options;

/* Everything a child works with. */
typedef struct Run {
    const Options *options;
    const OracleForm *forms;
    uint64_t form_count;
    Shared *shared;
    Arena *arena;
    Image *image;
    Machine *machine;
    OracleUnicorn *unicorn;
    uint8_t *areas[ORACLE_AREAS]; /* the oracle's */
    uint8_t *base[ORACLE_AREAS];  /* as before every case */
    Ours *ours, *again;
    uint64_t *reported; /* disagreements printed, per mnemonic */
} Run;

/* At `va` where that can be: the host's processor reads and writes there itself. */
static uint8_t *pages_new(uint64_t va, size_t bytes) {
    void *p = mmap((void *)(uintptr_t)va, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

static void memory_start(Run *run) {
    Random r = {run->options->seed};
    Memory *m = run->machine->memory;
    for (size_t i = 0; i < ORACLE_AREAS; i++) {
        run->areas[i] = pages_new(area_va[i], area_bytes[i]);
        run->base[i] = pages_new(0, area_bytes[i]);
        random_bytes(&r, run->base[i], area_bytes[i]);
        memcpy(run->areas[i], run->base[i], area_bytes[i]);
        CHECK(memory_map(m, area_va[i], area_bytes[i]));
        CHECK(memory_write(m, area_va[i], run->base[i], area_bytes[i]) == MEMORY_OK);
    }
    CHECK(memory_map(m, ORACLE_CODE, ORACLE_CODE_BYTES));
}

/* Puts ORACLE_PATCH bytes into the oracle's memory and ours; `before` gets what was there. */
static void patch_memory(Run *run, uint64_t va, const uint8_t *patch, uint8_t *before) {
    for (size_t i = 0; i < ORACLE_AREAS; i++) {
        uint64_t off = va - area_va[i];
        if (!va || off >= area_bytes[i] || area_bytes[i] - off < ORACLE_PATCH)
            continue;
        memcpy(before, run->base[i] + off, ORACLE_PATCH);
        memcpy(run->base[i] + off, patch, ORACLE_PATCH);
        memcpy(run->areas[i] + off, patch, ORACLE_PATCH);
        CHECK(!memory_write(run->machine->memory, va, patch, ORACLE_PATCH));
    }
}

/* ---- Our machine ---- */

static void run_once(Run *run, const OracleCase *c, uint64_t seed, Ours *out) {
    Machine *m = run->machine;
    MachineMark mark = machine_mark(m);
    memcpy(m->slots, c->before.slots, sizeof c->before.slots);
    m->pc = c->before.pc;
    m->is_thumb = c->before.is_thumb;
    m->opaque = 0;
    m->opaque_seed = seed;
    m->opaque_floats = c->is_inexact;
    m->lifts = 1000;
    do
        out->stop = machine_run(m, 1, NULL);
    while (c->repeats && out->stop == MACHINE_BUDGET && m->pc == c->before.pc);
    memcpy(out->after.slots, m->slots, sizeof out->after.slots);
    out->after.pc = m->pc;
    out->after.is_thumb = m->is_thumb;
    out->has_opaque = m->opaque > 0;
    out->fault_va = m->fault_va;
    out->change_count = 0;
    size_t at = 0;
    for (MemoryChange change; memory_change(m->memory, mark.memory, &at, &change);) {
        CHECK(out->change_count < CHANGES);
        Change *to = &out->changes[out->change_count++];
        to->va = change.va;
        memcpy(to->now, change.now, PAGE_BYTES);
        memset(to->known, 0xff, PAGE_BYTES);
    }
    memset(out->known, 0xff, sizeof out->known);
    out->is_pc_known = true;
    machine_restore(m, &mark);
}

/* Takes away from `out` what another seed changes. */
static void forget_unknown(Ours *out, const Ours *other) {
    for (size_t i = 0; i < SLOT_TEMP; i++)
        out->known[i] &= ~(out->after.slots[i] ^ other->after.slots[i]);
    out->is_pc_known &= out->after.pc == other->after.pc;
    for (size_t i = 0; i < out->change_count && i < other->change_count; i++)
        for (size_t k = 0; k < PAGE_BYTES; k++)
            out->changes[i].known[k] &=
                (uint8_t) ~(out->changes[i].now[k] ^ other->changes[i].now[k]);
}

/* A bit that an opaque value decides is the same in all runs once in 2^31. */
enum { OPAQUE_RUNS = 32 };

static void run_ours(Run *run, const OracleCase *c) {
    run_once(run, c, 0, run->ours);
    if (!run->ours->has_opaque)
        return;
    for (uint64_t seed = 1; seed < OPAQUE_RUNS; seed++) {
        run_once(run, c, seed, run->again);
        forget_unknown(run->ours, run->again);
        if (run->again->stop != run->ours->stop ||
            run->again->change_count != run->ours->change_count)
            run->ours->is_pc_known = false;
    }
}

/* ---- Comparison ---- */

static const char *slot_name(unsigned slot, char name[24]) {
    static const char *const flags[] = {"C", "Z", "N", "V", "P", "A", "D", "Q", "GE", "fs", "gs"};
    if (slot >= SLOT_C && slot <= SLOT_GS)
        return flags[slot - SLOT_C];
    if (slot >= SLOT_VECTOR)
        snprintf(name, 24, "v%u[%u]", (slot - SLOT_VECTOR) / SLOT_VECTOR_STRIDE,
                 (slot - SLOT_VECTOR) % SLOT_VECTOR_STRIDE);
    else if (slot >= SLOT_X87)
        snprintf(name, 24, "st%u", slot - SLOT_X87);
    else
        snprintf(name, 24, slot >= SLOT_SYSTEM ? "system%u" : "r%u",
                 slot >= SLOT_SYSTEM ? slot - SLOT_SYSTEM : slot);
    return name;
}

static bool is_unseen(const OracleTarget *target, unsigned slot) {
    for (const uint16_t *p = target->unseen; p && *p != SLOT_NONE; p++)
        if (*p == slot)
            return true;
    return false;
}

static bool slots_agree(const OracleTarget *target, const OracleCase *c, const Ours *ours,
                        const OracleState *after, FILE *tell) {
    bool agree = true;
    for (unsigned i = 0; i < SLOT_TEMP; i++) {
        if (i >= SLOT_C && i <= SLOT_GE && (c->ignored_flags >> (i - SLOT_C) & 1))
            continue;
        if (is_unseen(target, i))
            continue;
        if (((ours->after.slots[i] ^ after->slots[i]) & ours->known[i]) == 0)
            continue;
        agree = false;
        char name[24];
        if (tell)
            fprintf(tell,
                    "  %-8s before %016" PRIx64 " ours %016" PRIx64 " oracle %016" PRIx64 "\n",
                    slot_name(i, name), c->before.slots[i], ours->after.slots[i], after->slots[i]);
    }
    if (ours->is_pc_known &&
        (ours->after.pc != after->pc || ours->after.is_thumb != after->is_thumb)) {
        agree = false;
        if (tell)
            fprintf(tell, "  pc       ours %" PRIx64 " oracle %" PRIx64 "\n", ours->after.pc,
                    after->pc);
    }
    return agree;
}

static const Change *change_of(const Ours *ours, uint64_t va) {
    for (size_t i = 0; i < ours->change_count; i++)
        if (ours->changes[i].va == va)
            return &ours->changes[i];
    return NULL;
}

static bool page_agrees(const Change *change, uint64_t va, const uint8_t *base,
                        const uint8_t *oracle, FILE *tell) {
    bool agree = true;
    for (size_t k = 0; k < PAGE_BYTES; k++) {
        uint8_t ours = change ? change->now[k] : base[k], known = change ? change->known[k] : 0xff;
        if (((ours ^ oracle[k]) & known) == 0)
            continue;
        agree = false;
        if (tell)
            fprintf(tell, "  memory %" PRIx64 " before %02x ours %02x oracle %02x\n", va + k,
                    base[k], ours, oracle[k]);
    }
    return agree;
}

/* Compares the oracle's memory with ours; false when they differ. */
static bool memory_agrees(Run *run, FILE *tell) {
    bool agree = true;
    for (size_t i = 0; i < ORACLE_AREAS; i++)
        for (size_t off = 0; off < area_bytes[i]; off += PAGE_BYTES) {
            const Change *change = change_of(run->ours, area_va[i] + off);
            const uint8_t *base = run->base[i] + off, *oracle = run->areas[i] + off;
            if (change || memcmp(base, oracle, PAGE_BYTES) != 0)
                agree &= page_agrees(change, area_va[i] + off, base, oracle, tell);
        }
    return agree;
}

static void memory_reset(Run *run) {
    for (size_t i = 0; i < ORACLE_AREAS; i++)
        for (size_t off = 0; off < area_bytes[i]; off += PAGE_BYTES)
            if (memcmp(run->base[i] + off, run->areas[i] + off, PAGE_BYTES) != 0)
                memcpy(run->areas[i] + off, run->base[i] + off, PAGE_BYTES);
}

static Verdict judge(Run *run, const OracleCase *c, OracleAnswer answer, const OracleState *after,
                     FILE *tell) {
    const Ours *ours = run->ours;
    bool stopped = ours->stop != MACHINE_BUDGET;
    if (answer == ANSWER_REFUSED)
        return REFUSED;
    if (answer == ANSWER_TRAP || stopped) {
        if (tell)
            fprintf(tell, "  ours: %s (%" PRIx64 "), oracle: %s\n", machine_stop_name(ours->stop),
                    ours->fault_va, answer == ANSWER_TRAP ? "trap" : "goes on");
        if (ours->has_opaque && !ours->is_pc_known)
            return AGREED_IN_PART;
        return answer == ANSWER_TRAP && stopped && ours->stop != MACHINE_UNDECODABLE ? AGREED
                                                                                     : DIFFERS;
    }
    bool agree = slots_agree(run->options->target, c, ours, after, tell);
    agree &= memory_agrees(run, tell);
    return !agree ? DIFFERS : ours->has_opaque ? AGREED_IN_PART : AGREED;
}

/* ---- One case ---- */

static void tell_command(const Run *run, uint64_t index) {
    const Options *o = run->options;
    printf("   oracle %s --cases %" PRIu64 " --seed %" PRIu64 " --form %" PRIu64 " --case %" PRIu64
           "\n",
           o->target->name, o->cases, o->seed, index / o->cases, index % o->cases);
}

static void tell_case(Run *run, const OracleCase *c, uint64_t index, const char *who) {
    const OracleForm *form = &run->forms[index / run->options->cases];
    printf("%s %s: differs from %s: ", run->options->target->name,
           run->options->target->mnemonic(form->mnemonic), who);
    for (unsigned i = 0; i < c->length; i++)
        printf("%02x", c->bytes[i]);
    tell_command(run, index);
}

static Judged ask_oracles(Run *run, const OracleCase *c, uint64_t index, bool tell) {
    const OracleTarget *target = run->options->target;
    OracleState after = {0};
    OracleAnswer answer = ANSWER_REFUSED;
    if (!c->is_for_host)
        answer = unicorn_run(run->unicorn, c, &after);
    Judged judged = {.verdict = (uint8_t)judge(run, c, answer, &after, NULL)};
    if (judged.verdict == DIFFERS) { /* an engine that ran other cases before may be the reason */
        memory_reset(run);
        unicorn_renew(run->unicorn);
        answer = unicorn_run(run->unicorn, c, &after);
        judged.verdict = (uint8_t)judge(run, c, answer, &after, NULL);
    }
    if (tell && judged.verdict == DIFFERS) {
        tell_case(run, c, index, "Unicorn");
        judge(run, c, answer, &after, stdout);
    }
    memory_reset(run);
    if ((judged.verdict == REFUSED || judged.verdict == DIFFERS) && target->host) {
        answer = target->host(c, &after);
        Verdict verdict = judge(run, c, answer, &after, NULL);
        if (tell && verdict == DIFFERS) {
            tell_case(run, c, index, "the host");
            judge(run, c, answer, &after, stdout);
        } else if (tell && verdict != REFUSED) {
            printf("  the host agrees with us\n");
        }
        if (verdict != REFUSED)
            judged = (Judged){.verdict = (uint8_t)verdict, .by_host = true};
        memory_reset(run);
    }
    return judged;
}

static Judged compare_case(Run *run, const OracleCase *c, uint64_t index) {
    const Options *o = run->options;
    run->shared->in_oracle = true;
    if (o->one != UINT64_MAX)
        tell_case(run, c, index, "nobody yet");
    uint64_t *reported = &run->reported[run->forms[index / o->cases].mnemonic];
    Judged judged = ask_oracles(run, c, index, false);
    bool one = o->one != UINT64_MAX;
    if (one || (judged.verdict == DIFFERS && (*reported)++ < 2))
        ask_oracles(run, c, index, true);
    if (one)
        printf("ours: %s%s\n", machine_stop_name(run->ours->stop),
               run->ours->has_opaque ? ", with opaque values" : "");
    run->shared->in_oracle = false;
    return judged;
}

static Judged run_case(Run *run, uint64_t index) {
    const Options *o = run->options;
    const OracleForm *form = &run->forms[index / o->cases];
    /* A case depends on its form, not on its place in the list. */
    Random r = {mix64(o->seed ^ mix64(form->key + index % o->cases * 0x9e3779b97f4a7c15))};
    OracleCase c = {0};
    c.before.pc = ORACLE_CODE + index * ORACLE_CODE_STEP % ORACLE_CODE_BYTES;
    if (!o->target->make(form, &r, &c))
        return (Judged){NOT_RUN, 0};
    if (c.is_refused)
        return (Judged){SYSTEM, 0};
    uint8_t code[ORACLE_CODE_STEP] = {0}, before[ORACLE_PATCH];
    memcpy(code, c.bytes, c.length);
    MemoryMark mark = memory_mark(run->machine->memory);
    CHECK(!memory_write(run->machine->memory, c.before.pc, code, sizeof code));
    patch_memory(run, c.patch_va, c.patch, before);
    run_ours(run, &c);
    Judged judged = {SYSTEM, 0};
    if (run->ours->stop != MACHINE_SYSCALL)
        judged = compare_case(run, &c, index);
    patch_memory(run, c.patch_va, before, code);
    memory_restore(run->machine->memory, mark);
    return judged;
}

static const Decoder *decoder_of(Run *run) { return decoder_for_image(run->arena, run->image); }

/* Ends a case that hangs (guess; a case takes 50 us). */
enum { CASE_SECONDS = 5 };

/* In a child: cases from `from` up to `to`. */
static void run_cases(Run *run, uint64_t from, uint64_t to) {
    const OracleTarget *target = run->options->target;
    run->arena = arena_new((size_t)1 << 30);
    CHECK(run->arena);
    run->image = ARENA_NEW(run->arena, Image);
    run->image->arch = target->arch;
    run->image->bits = target->bits;
    Lifter *lifter = lifter_for_image(run->arena, run->image, decoder_of(run));
    CHECK(lifter);
    run->machine = machine_from_image(run->arena, run->image, lifter, 4096);
    run->ours = ARENA_NEW(run->arena, Ours);
    run->again = ARENA_NEW(run->arena, Ours);
    memory_start(run);
    run->unicorn = unicorn_open(target, run->areas);
    CHECK(run->unicorn);
    for (uint64_t i = from; i < to; i++) {
        run->shared->at = i;
        run->shared->in_oracle = false;
        alarm(CASE_SECONDS);
        const OracleForm *form = &run->forms[i / run->options->cases];
        const Options *o = run->options;
        if (o->mnemonic && strcmp(o->mnemonic, target->mnemonic(form->mnemonic)) != 0)
            continue;
        run->shared->judged[i] = run_case(run, i);
    }
    run->shared->at = to;
    fflush(stdout);
}

/* ---- The whole run ---- */

static void run_batches(Run *run, uint64_t from, uint64_t to) {
    while (from < to) {
        uint64_t end = to - from > ORACLE_BATCH ? from + ORACLE_BATCH : to;
        run->shared->at = from;
        fflush(stdout);
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            run_cases(run, from, end);
            _exit(0);
        }
        int status = 0;
        CHECK(waitpid(child, &status, 0) == child);
        from = run->shared->at;
        if (from < end) { /* it died on this one */
            bool ours = !run->shared->in_oracle;
            run->shared->judged[from].verdict = ours ? CRASHED : REFUSED;
            printf("%s dies of %s:", ours ? "our code" : "an oracle", strsignal(WTERMSIG(status)));
            tell_command(run, from);
            from++;
        }
    }
}

typedef struct Row {
    uint16_t mnemonic;
    uint64_t forms, host, count[VERDICTS];
} Row;

static int compare_rows(const void *a, const void *b) {
    const Row *x = a, *y = b;
    return x->mnemonic < y->mnemonic ? -1 : x->mnemonic > y->mnemonic;
}

static size_t count_rows(const Run *run, Row *rows) {
    for (uint64_t f = 0; f < run->form_count; f++) {
        Row *row = &rows[run->forms[f].mnemonic];
        row->mnemonic = run->forms[f].mnemonic;
        row->forms++;
        for (uint64_t k = 0; k < run->options->cases; k++) {
            const Judged *j = &run->shared->judged[f * run->options->cases + k];
            row->count[j->verdict]++;
            row->host += j->by_host;
        }
    }
    size_t count = 0;
    for (size_t i = 0; i <= UINT16_MAX; i++)
        if (rows[i].forms)
            rows[count++] = rows[i];
    qsort(rows, count, sizeof *rows, compare_rows);
    return count;
}

static void write_table(const Run *run, const Row *rows, size_t count, const char *path) {
    FILE *f = fopen(path, "a");
    CHECK(f);
    if (ftell(f) == 0)
        fprintf(f, "processor,mnemonic,forms,cases,agreed,agreed_in_part,differs,refused,host\n");
    for (size_t i = 0; i < count; i++) {
        const uint64_t *n = rows[i].count;
        uint64_t cases = n[AGREED] + n[AGREED_IN_PART] + n[DIFFERS] + n[REFUSED] + n[CRASHED];
        if (cases == 0)
            continue;
        fprintf(f,
                "%s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
                ",%" PRIu64 "\n",
                run->options->target->name, run->options->target->mnemonic(rows[i].mnemonic),
                rows[i].forms, cases, n[AGREED], n[AGREED_IN_PART], n[DIFFERS], n[REFUSED],
                rows[i].host);
    }
    fclose(f);
}

static int report(const Run *run) {
    Row *rows = calloc(UINT16_MAX + 1, sizeof *rows);
    CHECK(rows);
    size_t count = count_rows(run, rows);
    uint64_t sum[VERDICTS] = {0}, host = 0, exact = 0, tested = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t v = 0; v < VERDICTS; v++)
            sum[v] += rows[i].count[v];
        host += rows[i].host;
        tested += rows[i].count[AGREED] + rows[i].count[AGREED_IN_PART] > 0;
        exact += rows[i].count[AGREED] > 0 && rows[i].count[AGREED_IN_PART] == 0;
        if (rows[i].count[DIFFERS] || rows[i].count[CRASHED])
            printf("%-16s %" PRIu64 " of %" PRIu64 " cases differ\n",
                   run->options->target->mnemonic(rows[i].mnemonic),
                   rows[i].count[DIFFERS] + rows[i].count[CRASHED],
                   rows[i].count[DIFFERS] + rows[i].count[AGREED] + rows[i].count[AGREED_IN_PART]);
    }
    printf("%s: %" PRIu64 " forms; %" PRIu64 " mnemonics tested, %" PRIu64
           " of them without opaque values; cases: %" PRIu64 " agree, %" PRIu64
           " agree in part, %" PRIu64 " differ, %" PRIu64 " refused by the oracles; %" PRIu64
           " settled by the host\n",
           run->options->target->name, run->form_count, tested, exact, sum[AGREED],
           sum[AGREED_IN_PART], sum[DIFFERS] + sum[CRASHED], sum[REFUSED], host);
    if (run->options->table)
        write_table(run, rows, count, run->options->table);
    free(rows);
    return sum[DIFFERS] + sum[CRASHED] > 0 || sum[AGREED] == 0;
}

static int usage(void) {
    fprintf(stderr, "oracle TARGET [--cases N] [--seed N] [--mnemonic NAME] [--form N --case N] "
                    "[--table FILE]\nTargets:");
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        fprintf(stderr, " %s", targets[i]->name);
    fprintf(stderr, "\n");
    return 2;
}

static bool read_options(int argc, char **argv, Options *o) {
    for (size_t i = 0; argc > 1 && i < sizeof targets / sizeof *targets; i++)
        if (strcmp(argv[1], targets[i]->name) == 0)
            o->target = targets[i];
    for (int i = 2; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (strcmp(name, "--cases") == 0)
            o->cases = strtoull(value, NULL, 0);
        else if (strcmp(name, "--seed") == 0)
            o->seed = strtoull(value, NULL, 0);
        else if (strcmp(name, "--mnemonic") == 0)
            o->mnemonic = value;
        else if (strcmp(name, "--form") == 0)
            o->form = strtoull(value, NULL, 0);
        else if (strcmp(name, "--case") == 0)
            o->one = strtoull(value, NULL, 0);
        else if (strcmp(name, "--table") == 0)
            o->table = value;
        else
            return false;
    }
    return o->target && o->cases && argc % 2 == 0;
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    Options o = {.cases = 4, .seed = 1, .form = UINT64_MAX, .one = UINT64_MAX};
    if (!read_options(argc, argv, &o))
        return usage();
    bool one = o.form != UINT64_MAX && o.one != UINT64_MAX;
    OracleForm *forms = calloc(ORACLE_FORMS, sizeof *forms);
    CHECK(forms);
    Run run = {.options = &o, .forms = forms};
    run.form_count = o.target->forms(forms, ORACLE_FORMS);
    size_t shared = sizeof(Shared) + run.form_count * o.cases * sizeof(Judged);
    run.shared = mmap(NULL, shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    run.reported = mmap(NULL, (UINT16_MAX + 1) * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(run.shared != MAP_FAILED && run.reported != (void *)MAP_FAILED);
    uint64_t from = one ? o.form * o.cases + o.one : 0;
    run_batches(&run, from, one ? from + 1 : run.form_count * o.cases);
    int bad = report(&run);
    free(forms);
    return bad;
}
