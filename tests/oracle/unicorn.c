/* SPDX-License-Identifier: Apache-2.0
 * unicorn.c: the only file that runs Unicorn (GPL-2, test only: nothing of it is shipped). After an
 * error the engine is made anew: what the error left behind would spoil the cases that follow. */
#include <unicorn/unicorn.h>

#include "base/check.h"
#include "oracle.h"

struct OracleUnicorn {
    uc_engine *uc;
    const OracleTarget *target;
    uint8_t **areas;
    bool is_spoilt;
};

static bool open_engine(OracleUnicorn *u) {
    static const uint64_t va[ORACLE_AREAS] = {ORACLE_LOW, ORACLE_DATA, ORACLE_STACK};
    static const size_t bytes[ORACLE_AREAS] = {ORACLE_LOW_BYTES, ORACLE_DATA_BYTES,
                                               ORACLE_STACK_BYTES};
    if (uc_open((uc_arch)u->target->uc_arch, (uc_mode)u->target->uc_mode, &u->uc))
        return false;
    if (u->target->uc_model)
        CHECK(uc_ctl_set_cpu_model(u->uc, u->target->uc_model) == UC_ERR_OK);
    for (size_t i = 0; i < ORACLE_AREAS; i++)
        CHECK(uc_mem_map_ptr(u->uc, va[i], bytes[i], UC_PROT_ALL, u->areas[i]) == UC_ERR_OK);
    CHECK(uc_mem_map(u->uc, ORACLE_CODE, ORACLE_CODE_BYTES, UC_PROT_ALL) == UC_ERR_OK);
    if (u->target->start)
        u->target->start(u->uc);
    u->is_spoilt = false;
    return true;
}

OracleUnicorn *unicorn_open(const OracleTarget *target, uint8_t *areas[ORACLE_AREAS]) {
    OracleUnicorn *u = calloc(1, sizeof *u);
    CHECK(u);
    u->target = target;
    u->areas = areas;
    if (open_engine(u))
        return u;
    free(u);
    return NULL;
}

static OracleAnswer answer_of(uc_err err) {
    switch ((int)err) {
    case UC_ERR_OK:
    case UC_ERR_FETCH_UNMAPPED: /* after a jump to where nothing is: it was done */
        return ANSWER_OK;
    case UC_ERR_INSN_INVALID:
        return ANSWER_REFUSED;
    default:
        return ANSWER_TRAP;
    }
}

OracleAnswer unicorn_run(OracleUnicorn *u, const OracleCase *c, OracleState *after) {
    uint8_t code[ORACLE_CODE_STEP] = {0};
    /* Without a limit on instructions an engine that has run with one may miss the end. */
    if (u->is_spoilt || c->repeats) {
        uc_close(u->uc);
        CHECK(open_engine(u));
    }
    memcpy(code, c->bytes, c->length);
    CHECK(uc_mem_write(u->uc, c->before.pc, code, sizeof code) == UC_ERR_OK);
    u->target->put(u->uc, &c->before);
    uint64_t start = c->before.pc | c->before.is_thumb;
    uc_err err = uc_emu_start(u->uc, start, c->before.pc + c->length, 0, c->repeats ? 0 : 1);
    *after = c->before;
    u->target->get(u->uc, after);
    u->is_spoilt = err != UC_ERR_OK;
    return answer_of(err);
}

void unicorn_renew(OracleUnicorn *u) { u->is_spoilt = true; }

void unicorn_close(OracleUnicorn *u) {
    uc_close(u->uc);
    free(u);
}
