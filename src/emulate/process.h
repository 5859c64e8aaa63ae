/* SPDX-License-Identifier: Apache-2.0
 * process.h: an emulated process: a machine with what code of the image's format expects around it:
 * stack, heap, thread and process blocks, loaded modules whose export tables can be walked (PE),
 * filled import slots, and models of the functions that decoders call. Nothing of it is of this
 * computer: no file, no clock, no other process is seen.
 *
 * In: image and code. Out: what a called function returned, what it wrote (memory.h: memory_change
 * since a mark), which functions outside it called. A function that is not modelled returns 0, or a
 * small handle where its name begins with Create, Open or Find. Odd input: whatever the code does
 * the run ends with a reason; budgets as in machine.h, each model's work is paid in steps. The same
 * calls give the same results on every computer. Limits: PROCESS_*. Owner: the arena; image and
 * code are borrowed. Threads: one. Page: docs/evidence/process.md. */
#ifndef COG_EMULATE_PROCESS_H
#define COG_EMULATE_PROCESS_H

#include "code/code.h"
#include "emulate/machine.h"

enum {
    PROCESS_STACK_BYTES = 1 << 20,
    PROCESS_HEAP_BYTES = 64 << 20, /* addresses; pages are made when they are written */
    PROCESS_ALLOCS = 200,          /* process_alloc's regions at one time */
    PROCESS_CALLS = 256,           /* kept of one run; more are counted */
    PROCESS_ARGS = 12,             /* of process_call */
    PROCESS_STEPS = 1000000        /* a usual choice: 5 ms */
};

typedef enum ProcessStop {
    PROCESS_RUNNING, /* never returned */
    PROCESS_RETURNED,
    PROCESS_AT_STOP,  /* pc is one of process_set_stops */
    PROCESS_BUDGET,   /* steps or lifts are used up */
    PROCESS_FAULT,    /* access to unmapped fault_va */
    PROCESS_FULL,     /* no more pages */
    PROCESS_BAD_CODE, /* bytes that do not decode, or a trap */
    PROCESS_LOST,     /* control went where nothing is: pc */
    PROCESS_EXIT,     /* exit, abort, a stack check that failed */
    PROCESS_WRITTEN,  /* machine->written_since: pc is code that was written */
    PROCESS_LOADER    /* ELF, process_start: the program asked for another program's file */
} ProcessStop;
const char *process_stop_name(ProcessStop why);

typedef struct ProcessEnd {
    ProcessStop why;
    uint64_t result, result2; /* the convention's result registers, as they are at the end */
    uint64_t steps;           /* used */
    uint64_t pc, fault_va;
    size_t stop; /* PROCESS_AT_STOP: which one of process_set_stops */
} ProcessEnd;

/* A function outside the image (or a library function in it that is modelled) was called. */
typedef struct ProcessCall {
    const char *module, *name; /* module "" when not known */
    uint64_t return_va;
    uint64_t args[4];
    uint64_t result;
    bool is_modelled;
} ProcessCall;

typedef enum Convention {
    CONVENTION_AUTO,  /* x86: registers that the function reads before it writes them are arguments:
                         ecx alone: thiscall; ecx and edx: fastcall; eax: regparm */
    CONVENTION_STACK, /* x86: cdecl, stdcall */
    CONVENTION_THISCALL,
    CONVENTION_FASTCALL,
    CONVENTION_REGPARM
} Convention;

typedef struct Process {
    Machine *machine; /* registers by slot; budgets of lifts and pages */
    Memory *memory;   /* the machine's */
    const Image *image;
    const Code *code;
    Convention convention;    /* of process_call; other processors have one only */
    VEC(ProcessCall) calls;   /* of the last run */
    size_t calls_dropped;     /* beyond PROCESS_CALLS */
    uint64_t return_va;       /* control that goes here ends a run: PROCESS_RETURNED */
    uint64_t stack_va;        /* lowest address of the stack */
    const char *command_line; /* GetCommandLineA; "" */
    Bytes file; /* of the program, borrowed; process_start sets it. Without it system calls fail */
} Process;

/* What code asked GetProcAddress for, in order. */
typedef struct ProcessLookup {
    const char *module, *name; /* name "#12": by ordinal */
    uint64_t va;               /* what it was told */
} ProcessLookup;

/* NULL when the processor is not lifted. About 16 MiB (less is touched) and 1 ms. */
Process *process_from_image(Arena *a, const Image *image, const Code *code);
/* With room for other than MACHINE_PAGES pages that are written. */
Process *process_with_pages(Arena *a, const Image *image, const Code *code, size_t max_pages);

/* Zeroed memory with unmapped pages around it; 0 when there is no more room. It ends with its last
 * page, so an access just past `size` may not fault. */
uint64_t process_alloc(Process *p, uint64_t size);
/* Address of new memory with these bytes, as process_alloc. */
uint64_t process_put(Process *p, Bytes b);

/* Calls the function at va with arguments as the image's format and processor pass them. General
 * registers start at 0, the stack empty. Memory stays as it is. */
ProcessEnd process_call(Process *p, uint64_t va, const uint64_t *args, size_t arg_count,
                        uint64_t steps);

/* For pieces of functions: registers as a called function finds them (0; stack pointer; return
 * address: return_va), then the caller sets more in machine->slots and runs from va. */
void process_reset_registers(Process *p);
ProcessEnd process_run(Process *p, uint64_t va, uint64_t steps);
/* Runs the program from its entry point as the system starts it: x86 and x86-64. The file's bytes
 * are borrowed: an ELF that opens itself finds them. */
ProcessEnd process_start(Process *p, Bytes file, uint64_t steps);
/* Goes on from where the last run ended. */
ProcessEnd process_go_on(Process *p, uint64_t steps);
/* Runs end before the instructions at these addresses. None: count 0. */
void process_set_stops(Process *p, const uint64_t *va, size_t count);
/* Slot of the n-th argument register as the image's convention has it, or SLOT_NONE; and of the
 * stack pointer. */
uint16_t process_arg_slot(const Process *p, unsigned n);
uint16_t process_stack_slot(const Process *p);
uint16_t process_result_slot(const Process *p);
/* Argument n of a function that is just entered. 0 when it cannot be read. */
uint64_t process_arg(const Process *p, unsigned n);

/* What a process knows besides registers and memory. */
typedef struct ProcessState {
    uint64_t heap_va, alloc_va;
    size_t alloc_count;
    uint64_t tls[64]; /* TlsSetValue */
    uint32_t tls_count, last_error, ticks;
    uint64_t file_off;              /* of the program's own file, when it reads it */
    uint64_t memory_file, file_end; /* memfd_create: where it lies, 0 none; what was written */
    uint32_t variant;               /* process_vary */
} ProcessState;
typedef struct ProcessMark {
    MachineMark machine;
    ProcessState state;
} ProcessMark;
/* Registers, memory, allocations, clock. Marks nest as memory.h says. */
ProcessMark process_mark(Process *p);
void process_restore(Process *p, const ProcessMark *mark);

/* Other values of what no program can choose: the process's number, the time, where its heap goes
 * on. 0: those that it was made with. A mark holds it. */
void process_vary(Process *p, uint32_t variant);
/* A count, a flag, and no address. */
enum { PROCESS_SMALL_NUMBER = 3 };
/* Words of eight bytes. */
void process_fill(Process *p, uint64_t va, size_t size, uint64_t word);
/* The same for variables that the file leaves out, which begin as zeros: 256 KB of all segments at
 * most. Returns how many bytes. */
size_t process_fill_globals(Process *p, uint64_t word);

/* All lookups since the process was made, whatever was restored. */
const ProcessLookup *process_lookups(const Process *p, size_t *count);
/* Module and name of the function that an address outside the image stands for; false: none. */
bool process_find_function(const Process *p, uint64_t va, const char **module, const char **name);

#endif
