/* SPDX-License-Identifier: Apache-2.0
 * models_system.c: modules, thread-local storage, time, locks. Time moves by one with each question
 * and begins at a fixed day, so that runs repeat. */
#include "emulate/models.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    FIRST_TICK = 3600000,    /* an hour after start */
    FIRST_TIME = 1577836800, /* 2020-01-01 */
    /* For each variant; a day of another week, month, hour and second. */
    VARY_TIME = 135 * 86400 + 7 * 3600 + 11 * 60 + 13,
    VARY_ID = 0x444 /* guess */
};

void model_one(ModelCall *c) { c->result = 1; }
void model_minus_one(ModelCall *c) { c->result = UINT64_MAX; }
void model_process_id(ModelCall *c) { c->result = 0x1234 + VARY_ID * c->in->state.variant; }
void model_exit(ModelCall *c) { c->stop = PROCESS_EXIT; }

/* ---- Modules ---- */

/* The handle of a module is its address; one that is not listed gets a page that nobody maps. */
static uint64_t module_handle(ModelCall *c, Bytes name) {
    ProcessInner *in = c->in;
    if (!in->is_pe)
        return 1;
    size_t module = api_names_find_module(in->api, name);
    if (module != NO_API)
        return process_module_va(in, module);
    return process_stub_for(in, "", name);
}

void model_load_library(ModelCall *c) {
    char text[MODEL_NAME];
    if (c->args[0] == 0) {
        c->result = c->in->p.image->base;
        return;
    }
    Bytes name = mem_name(c, c->args[0], c->unit, text);
    if (!c->stop && name.size)
        c->result = module_handle(c, name);
}

/* UNICODE_STRING and STRING: length in bytes, capacity, pointer. */
static Bytes counted_name(ModelCall *c, uint64_t va, unsigned unit, char out[MODEL_NAME]) {
    uint16_t size = 0;
    uint64_t text = 0;
    size_t word = c->in->abi.word_bytes;
    if (!mem_read(c, va, &size, sizeof size) || !mem_read(c, va + word, &text, word))
        return (Bytes){0};
    size_t n = size / unit;
    for (size_t i = 0; i < n && i < MODEL_NAME - 1; i++)
        out[i] = (char)mem_char(c, text + i * unit, unit);
    return c->stop ? (Bytes){0}
                   : (Bytes){(const uint8_t *)out, n < MODEL_NAME - 1 ? n : MODEL_NAME - 1};
}

void model_ldr_load(ModelCall *c) {
    char text[MODEL_NAME];
    Bytes name = counted_name(c, c->args[2], 2, text);
    if (c->stop || !name.size)
        return;
    uint64_t handle = module_handle(c, name);
    mem_write(c, c->args[3], &handle, c->in->abi.word_bytes);
}

static const char *module_name_at(const ProcessInner *in, uint64_t handle) {
    if (!in->api)
        return "";
    uint64_t module = (handle - in->modules_va) / MODULE_STRIDE;
    if (module < in->api->module_count)
        return in->api->modules[module].name;
    Stub stub;
    return process_stub_at(in, handle, &stub) ? stub.name : "";
}

static uint64_t look_up(ModelCall *c, uint64_t handle, Bytes name) {
    if (c->stop || !name.size)
        return 0;
    const char *module = module_name_at(c->in, handle);
    uint64_t va = process_stub_for(c->in, module, name);
    process_add_lookup(c->in, module, name, va);
    return va;
}

static uint64_t address_of(ModelCall *c, uint64_t handle, uint64_t name_va) {
    char text[MODEL_NAME];
    if (name_va >> 16 == 0) {
        int n = snprintf(text, sizeof text, "#%u", (unsigned)name_va);
        return look_up(c, handle, (Bytes){(const uint8_t *)text, (size_t)n});
    }
    return look_up(c, handle, mem_name(c, name_va, 1, text));
}

void model_proc_address(ModelCall *c) { c->result = address_of(c, c->args[0], c->args[1]); }

void model_ldr_proc_address(ModelCall *c) {
    char text[MODEL_NAME];
    Bytes name = counted_name(c, c->args[1], 1, text);
    if (c->stop || !name.size)
        return;
    uint64_t va = look_up(c, c->args[0], name);
    mem_write(c, c->args[3], &va, c->in->abi.word_bytes);
}

/* ---- Thread-local storage ---- */

static uint64_t *tls_slot(ModelCall *c) {
    enum { SLOTS = sizeof c->in->state.tls / sizeof *c->in->state.tls };
    return &c->in->state.tls[c->args[0] % SLOTS];
}

void model_tls_alloc(ModelCall *c) { c->result = 1 + c->in->state.tls_count++ % 63; }
void model_tls_get(ModelCall *c) { c->result = *tls_slot(c); }
void model_tls_set(ModelCall *c) {
    *tls_slot(c) = c->args[1];
    c->result = 1;
}
/* ELF's general dynamic model: module and offset. */
void model_tls_address(ModelCall *c) {
    uint64_t at[2] = {0};
    size_t word = c->in->abi.word_bytes;
    if (mem_read(c, c->args[0], &at[0], word) && mem_read(c, c->args[0] + word, &at[1], word))
        c->result = c->in->data_va + (at[1] & 0xff8);
}

void model_last_error(ModelCall *c) { c->result = c->in->state.last_error; }
void model_set_last_error(ModelCall *c) { c->in->state.last_error = (uint32_t)c->args[0]; }

/* ---- Time ---- */

void model_ticks(ModelCall *c) {
    c->result =
        FIRST_TICK + (uint64_t)VARY_TIME * c->in->state.variant + 16u * c->in->state.ticks++;
}

static uint64_t now_of(ModelCall *c) {
    ProcessState *state = &c->in->state;
    return FIRST_TIME + (uint64_t)VARY_TIME * state->variant + state->ticks++;
}

void model_time(ModelCall *c) {
    uint64_t now = now_of(c);
    c->result = now;
    if (c->args[0] && memory_is_mapped(c->in->p.memory, c->args[0]))
        mem_write(c, c->args[0], &now, c->in->abi.word_bytes);
}

/* The C library's struct tm, in UTC: nine ints, whatever else a library puts behind them. A time
 * that no calendar has counts as the first one. A unit of 8: the time has 64 bits everywhere. */
static bool put_broken_time(ModelCall *c, uint64_t from, uint64_t to) {
    int64_t value = 0;
    struct tm tm = {0};
    size_t word = c->in->abi.word_bytes;
    if (!mem_read(c, from, &value, c->unit > word ? c->unit : word))
        return false;
    time_t seconds = (time_t)value;
    if (!gmtime_r(&seconds, &tm))
        gmtime_r(&(time_t){0}, &tm);
    int32_t fields[] = {tm.tm_sec,  tm.tm_min,  tm.tm_hour, tm.tm_mday, tm.tm_mon,
                        tm.tm_year, tm.tm_wday, tm.tm_yday, 0};
    return mem_write(c, to, fields, sizeof fields);
}

void model_broken_time(ModelCall *c) {
    enum { TM_BYTES = 64 };
    uint64_t to = process_heap_alloc(c->in, TM_BYTES, false);
    c->result = to && put_broken_time(c, c->args[0], to) ? to : 0;
}

void model_broken_time_to(ModelCall *c) {
    c->result = put_broken_time(c, c->args[0], c->args[1]) ? c->args[1] : 0;
}

/* Arguments the other way round; 0 is success. */
void model_broken_time_s(ModelCall *c) { c->result = !put_broken_time(c, c->args[1], c->args[0]); }

/* Windows' SYSTEMTIME: eight 16-bit numbers. */
void model_system_time(ModelCall *c) {
    time_t seconds = (time_t)now_of(c);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    uint16_t fields[] = {(uint16_t)(tm.tm_year + 1900), (uint16_t)(tm.tm_mon + 1),
                         (uint16_t)tm.tm_wday,          (uint16_t)tm.tm_mday,
                         (uint16_t)tm.tm_hour,          (uint16_t)tm.tm_min,
                         (uint16_t)tm.tm_sec,           0};
    mem_write(c, c->args[0], fields, sizeof fields);
}

void model_counter(ModelCall *c) {
    uint64_t now =
        10000000 + 160000 * ((uint64_t)VARY_TIME * c->in->state.variant + c->in->state.ticks++);
    if (mem_write(c, c->args[0], &now, sizeof now))
        c->result = 1;
}

/* ---- Locks ---- */

void model_guard_acquire(ModelCall *c) { c->result = (mem_char(c, c->args[0], 1) & 1) == 0; }
void model_guard_release(ModelCall *c) { mem_fill(c, c->args[0], 1, 1, 1); }

static void add_at(ModelCall *c, uint32_t by) {
    uint32_t value = 0;
    if (!mem_read(c, c->args[0], &value, sizeof value))
        return;
    value += by;
    mem_write(c, c->args[0], &value, sizeof value);
    c->result = value;
}

void model_add_one(ModelCall *c) { add_at(c, 1); }
void model_sub_one(ModelCall *c) { add_at(c, UINT32_MAX); }

void model_exchange(ModelCall *c) {
    uint32_t old = 0, fresh = (uint32_t)c->args[1];
    if (mem_read(c, c->args[0], &old, sizeof old) && mem_write(c, c->args[0], &fresh, sizeof fresh))
        c->result = old;
}

void model_compare_exchange(ModelCall *c) {
    uint32_t old = 0, fresh = (uint32_t)c->args[1];
    if (!mem_read(c, c->args[0], &old, sizeof old))
        return;
    if (old == (uint32_t)c->args[2])
        mem_write(c, c->args[0], &fresh, sizeof fresh);
    c->result = old;
}

/* ---- The rest ---- */

void model_command_line(ModelCall *c) {
    const char *text = c->in->p.command_line;
    size_t n = strlen(text);
    c->result = process_heap_alloc(c->in, (n + 1) * c->unit, false);
    for (size_t i = 0; i < n && c->result && !c->stop; i++)
        mem_fill(c, c->result + i * c->unit, (uint8_t)text[i], c->unit, 1);
}

/* The size is in (e)ax and stays there. */
void model_chkstk(ModelCall *c) { c->result = c->in->p.machine->slots[SLOT_X86_RAX]; }
