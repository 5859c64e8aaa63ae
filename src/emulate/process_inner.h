/* SPDX-License-Identifier: Apache-2.0
 * process_inner.h: between the files of the process. */
#ifndef COG_EMULATE_PROCESS_INNER_H
#define COG_EMULATE_PROCESS_INNER_H

#include "emulate/api_names.h"
#include "emulate/process.h"
#include "value/abi.h"
#include "value/value.h"

typedef struct ModelCall ModelCall;
typedef struct Model {
    const char *name;
    void (*run)(ModelCall *c);
    uint8_t unit; /* bytes of a character, for functions of text; 2 is wchar_t */
    uint8_t flags;
} Model;
enum {
    MODEL_C = 1 /* a function of C libraries: also known by its name when it is linked in */
};

/* A function outside the image that has an address: an import, or one that was looked up. */
typedef struct Stub {
    const char *module, *name;
    const Model *model; /* or NULL */
    uint8_t pops;
} Stub;

enum {
    MODEL_ARGS = 8,
    MAX_PLACES = 16,
    MODULE_STRIDE = 0x200000,      /* of addresses, between modules */
    MODULE_FUNCTIONS = 0x100000,   /* in a module: where the addresses of its exports begin */
    FUNCTION_STRIDE = 16,          /* between two of them */
    STOP_OF_CALLER = 1 << 16,      /* beyond places in MODELS */
    MAX_STUBS = MAX_IMPORTS + 1024 /* imports and what code looks up */
};

typedef struct ProcessInner {
    Process p; /* first */
    Arena *arena;
    Abi abi;
    bool is_pe;
    Image *view; /* the image and what the process adds to it */
    const ApiNames *api;
    uint64_t modules_va; /* API modules, MODULE_STRIDE apart */
    uint64_t stubs_va;
    VEC(Stub) stubs;
    VEC(ProcessLookup) lookups;
    Map models;        /* hash of the name -> place in MODELS + 1 */
    Map linked;        /* va in the image -> place in MODELS + 1 */
    Map stops;         /* linked, and those of the caller: STOP_OF_CALLER + which */
    size_t stop_count; /* of the caller */
    Values *values;    /* for CONVENTION_AUTO on x86, when needed */
    ProcessState state;
    uint64_t heap_start, alloc_start;
    MemoryRegion places[MAX_PLACES]; /* what process_place gave */
    size_t place_count;
    uint64_t data_va; /* zeros, for imported variables */
    uint64_t thread_va, process_va;
} ProcessInner;

struct ModelCall {
    ProcessInner *in;
    uint64_t args[MODEL_ARGS];
    uint8_t unit;
    uint64_t result;
    uint64_t cost;    /* steps */
    ProcessStop stop; /* set: the run ends */
};

/* layout: an address range of `size` bytes that the image does not use, near `want`. */
uint64_t process_place(ProcessInner *in, uint64_t want, uint64_t size);
/* process_windows.c: thread and process blocks, modules. */
void process_add_windows(ProcessInner *in);
/* A segment of our own bytes; file may be shorter than size. */
void process_add_segment(ProcessInner *in, uint64_t va, uint64_t size, Bytes file);
/* Address of the stub for a function, made now when there is none. 0: no more room. */
uint64_t process_stub_for(ProcessInner *in, const char *module, Bytes name);
uint64_t process_module_va(const ProcessInner *in, size_t module);
/* What lies at va outside the image; false: nothing. */
bool process_stub_at(const ProcessInner *in, uint64_t va, Stub *out);
/* Memory of the heap, 16-byte aligned (page-aligned when asked for whole pages), or 0. */
uint64_t process_heap_alloc(ProcessInner *in, uint64_t size, bool whole_pages);

/* process_linux.c: the few calls that unpacking needs; false: not one of them. cost: steps. */
bool process_linux_call(ProcessInner *in, ProcessStop *stop, uint64_t *cost);
void process_put_linux_stack(ProcessInner *in);
void process_add_lookup(ProcessInner *in, const char *module, Bytes name, uint64_t va);

extern const Model MODELS[];
extern const size_t MODEL_COUNT;
const Model *model_find(const ProcessInner *in, Bytes name);

#endif
