/* SPDX-License-Identifier: Apache-2.0
 * process_run.c: calls into the image, and what happens when control leaves it. */
#include <string.h>

#include "base/check.h"
#include "emulate/process_inner.h"

static ProcessInner *inner(Process *p) { return (ProcessInner *)p; }

const char *process_stop_name(ProcessStop why) {
    static const char *const names[] = {
        [PROCESS_RUNNING] = "running",   [PROCESS_RETURNED] = "returned",
        [PROCESS_AT_STOP] = "stop",      [PROCESS_BUDGET] = "budget",
        [PROCESS_FAULT] = "fault",       [PROCESS_FULL] = "out of pages",
        [PROCESS_BAD_CODE] = "bad code", [PROCESS_LOST] = "lost",
        [PROCESS_EXIT] = "exit",         [PROCESS_WRITTEN] = "written code",
        [PROCESS_LOADER] = "loader",
    };
    return names[why];
}

static uint64_t read_word(const Process *p, uint64_t va) {
    uint64_t value = 0;
    size_t width = p->image->bits == 64 ? 8 : 4;
    if (memory_read(p->memory, va, &value, width))
        return 0;
    return value;
}

uint16_t process_arg_slot(const Process *p, unsigned n) {
    const Abi *abi = &((const ProcessInner *)p)->abi;
    return n < abi->arg_count ? abi->args[n] : SLOT_NONE;
}

uint16_t process_stack_slot(const Process *p) { return ((const ProcessInner *)p)->abi.stack; }

uint16_t process_result_slot(const Process *p) { return ((const ProcessInner *)p)->abi.result; }

uint64_t process_arg(const Process *p, unsigned n) {
    const Abi *abi = &((const ProcessInner *)p)->abi;
    if (n < abi->arg_count)
        return p->machine->slots[abi->args[n]];
    uint64_t sp = p->machine->slots[abi->stack];
    return read_word(p, sp + abi->stack_args + (uint64_t)(n - abi->arg_count) * abi->word_bytes);
}

void process_reset_registers(Process *p) {
    ProcessInner *in = inner(p);
    uint64_t *slots = p->machine->slots;
    memset(slots, 0, SLOT_TEMP * sizeof *slots);
    Arch arch = p->image->arch;
    slots[SLOT_FS] = slots[SLOT_GS] = in->thread_va;
    if (arch == ARCH_X86 || arch == ARCH_X64) {
        slots[SLOT_X86_FPU_CONTROL] = 0x37f; /* as after finit, and the reset value of MXCSR */
        slots[SLOT_X86_MXCSR] = 0x1f80;
    }
    if (arch == ARCH_ARM64 && in->is_pe)
        slots[18] = in->thread_va;
    /* Half of the stack is above: code that looks at its caller's frame finds zeros. */
    uint64_t sp = p->stack_va + PROCESS_STACK_BYTES / 2;
    if (in->abi.call_pushes) {
        sp -= in->abi.call_pushes;
        (void)memory_write(p->memory, sp, &p->return_va, in->abi.word_bytes);
    } else {
        slots[arch == ARCH_ARM ? SLOT_ARM_LR : SLOT_ARM64_LR] = p->return_va;
    }
    slots[in->abi.stack] = sp;
}

/* ---- Leaving the image ---- */

/* Returns from a function that is just entered. */
static void go_back(ProcessInner *in, unsigned pops) {
    Machine *m = in->p.machine;
    uint64_t *sp = &m->slots[in->abi.stack];
    if (in->abi.call_pushes) {
        m->pc = read_word(&in->p, *sp);
        *sp += in->abi.call_pushes + pops;
        if (in->p.image->bits == 32)
            *sp &= UINT32_MAX;
        return;
    }
    uint64_t lr = m->slots[in->p.image->arch == ARCH_ARM ? SLOT_ARM_LR : SLOT_ARM64_LR];
    m->pc = in->p.image->arch == ARCH_ARM ? lr & ~(uint64_t)1 : lr;
    m->is_thumb = in->p.image->arch == ARCH_ARM && (lr & 1);
}

static uint64_t unknown_result(const char *name) {
    static const char *const handles[] = {"Create", "Open", "Find", "RegisterClass", "socket"};
    for (size_t i = 0; i < sizeof handles / sizeof *handles; i++)
        if (strncmp(name, handles[i], strlen(handles[i])) == 0)
            return 0x44;
    return 0;
}

static void record(ProcessInner *in, const Stub *stub, const ModelCall *c) {
    ProcessCall *call = VEC_ADD(in->arena, &in->p.calls);
    if (!call) {
        in->p.calls_dropped++;
        return;
    }
    *call = (ProcessCall){.module = stub->module,
                          .name = stub->name,
                          .result = c->result,
                          .is_modelled = stub->model != NULL};
    const Machine *m = in->p.machine;
    call->return_va = in->abi.call_pushes             ? read_word(&in->p, m->slots[in->abi.stack])
                      : in->p.image->arch == ARCH_ARM ? m->slots[SLOT_ARM_LR]
                                                      : m->slots[SLOT_ARM64_LR];
    memcpy(call->args, c->args, sizeof call->args);
}

static void pay(uint64_t *left, uint64_t cost) {
    *left = cost < *left ? *left - cost : 0;
}

/* Does what the function does and returns from it. */
static ProcessStop call_out(ProcessInner *in, const Stub *stub, uint64_t *left) {
    ModelCall c = {.in = in, .unit = stub->model ? stub->model->unit : 1};
    if (c.unit == 2 && !in->is_pe && stub->model->flags & MODEL_C)
        c.unit = 4;
    for (unsigned i = 0; i < MODEL_ARGS; i++)
        c.args[i] = process_arg(&in->p, i);
    c.cost = 1;
    if (stub->model)
        stub->model->run(&c);
    else
        c.result = unknown_result(stub->name);
    record(in, stub, &c);
    pay(left, c.cost);
    if (c.stop)
        return c.stop;
    in->p.machine->slots[in->abi.result] =
        in->p.image->bits == 64 ? c.result : c.result & UINT32_MAX;
    go_back(in, in->p.image->arch == ARCH_X86 ? stub->pops : 0);
    return PROCESS_RUNNING;
}

static ProcessStop leave(ProcessInner *in, uint64_t *left) {
    uint64_t pc = in->p.machine->pc;
    Stub stub;
    if (pc == (in->p.return_va & ~(uint64_t)1))
        return PROCESS_RETURNED;
    if (!process_stub_at(in, pc, &stub))
        return PROCESS_LOST;
    return call_out(in, &stub, left);
}

static ProcessStop at_stop(ProcessInner *in, uint64_t *left) {
    if (in->p.machine->stop >= STOP_OF_CALLER)
        return PROCESS_AT_STOP;
    const Model *model = &MODELS[in->p.machine->stop - 1];
    Stub stub = {.module = "", .name = model->name, .model = model};
    return call_out(in, &stub, left);
}

/* All others fail: ENOSYS, STATUS_NOT_IMPLEMENTED. */
static ProcessStop system_call(ProcessInner *in, uint64_t *left) {
    ProcessStop stop = PROCESS_RUNNING;
    uint64_t cost = 0;
    if (in->p.file.size && process_linux_call(in, &stop, &cost)) {
        pay(left, cost);
        return stop;
    }
    uint64_t status = in->is_pe ? 0xc0000002 : (uint64_t)-38;
    in->p.machine->slots[in->abi.result] = in->p.image->bits == 64 ? status : status & UINT32_MAX;
    return PROCESS_RUNNING;
}

static ProcessStop on_stop(ProcessInner *in, MachineStop stop, uint64_t *left) {
    switch (stop) {
    case MACHINE_OUTSIDE:
        return leave(in, left);
    case MACHINE_STOPPED:
        return at_stop(in, left);
    case MACHINE_SYSCALL:
        return system_call(in, left);
    case MACHINE_UNMAPPED:
        return PROCESS_FAULT;
    case MACHINE_FULL:
        return PROCESS_FULL;
    case MACHINE_UNDECODABLE:
    case MACHINE_TRAP:
        return PROCESS_BAD_CODE;
    case MACHINE_WRITTEN:
        return PROCESS_WRITTEN;
    case MACHINE_RUNNING:
    case MACHINE_BUDGET:
    case MACHINE_LIFTS_USED:
    default:
        return PROCESS_BUDGET;
    }
}

ProcessEnd process_go_on(Process *p, uint64_t steps) {
    ProcessInner *in = inner(p);
    p->calls.count = 0;
    p->calls_dropped = 0;
    uint64_t left = steps;
    ProcessStop why = PROCESS_RUNNING;
    while (!why)
        why = on_stop(in, machine_run(p->machine, left, &left), &left);
    const uint64_t *slots = p->machine->slots;
    return (ProcessEnd){.why = why,
                        .result = slots[in->abi.result],
                        .result2 = in->abi.result2 == NO_SLOT ? 0 : slots[in->abi.result2],
                        .steps = steps - left,
                        .pc = p->machine->pc,
                        .stop = why == PROCESS_AT_STOP ? p->machine->stop - STOP_OF_CALLER : 0,
                        .fault_va = p->machine->fault_va};
}

ProcessEnd process_run(Process *p, uint64_t va, uint64_t steps) {
    const Function *f =
        p->image->arch == ARCH_ARM ? code_find_covering(p->code, va & ~(uint64_t)1) : NULL;
    p->machine->pc = p->image->arch == ARCH_ARM ? va & ~(uint64_t)1 : va;
    p->machine->is_thumb =
        p->image->arch == ARCH_ARM && ((va & 1) || (f && f->flags & FUNCTION_THUMB));
    return process_go_on(p, steps);
}

/* ---- Calls into the image ---- */

/* x86: registers that hold the first arguments, in order; how many. */
static unsigned register_args(ProcessInner *in, uint64_t va, uint8_t slots[3]) {
    static const uint8_t order[3] = {SLOT_X86_RAX, SLOT_X86_RDX, SLOT_X86_RCX};
    Convention convention = in->p.convention;
    uint32_t read = 0;
    if (convention == CONVENTION_AUTO) {
        const Function *f = code_find_function(in->p.code, va);
        if (!in->values)
            in->values = values_for_image(in->arena, in->p.image, in->p.code, NULL);
        read = f && in->values ? values_args_of(in->values, f, in->arena) : 0;
        convention = read & 1          ? CONVENTION_REGPARM
                     : (read & 6) == 6 ? CONVENTION_FASTCALL
                     : (read & 6) == 4 ? CONVENTION_THISCALL
                                       : CONVENTION_STACK;
    } else {
        read = 7;
    }
    unsigned n = 0;
    switch (convention) {
    case CONVENTION_FASTCALL:
        slots[n++] = SLOT_X86_RCX;
        slots[n++] = SLOT_X86_RDX;
        break;
    case CONVENTION_THISCALL:
        slots[n++] = SLOT_X86_RCX;
        break;
    case CONVENTION_REGPARM:
        for (unsigned i = 0; i < 3; i++)
            if (read >> i & 1)
                slots[n++] = order[i];
        break;
    case CONVENTION_AUTO:
    case CONVENTION_STACK:
    default:
        break;
    }
    return n;
}

static void put_args(ProcessInner *in, uint64_t va, const uint64_t *args, size_t count) {
    const Abi *abi = &in->abi;
    uint64_t *slots = in->p.machine->slots, mask = abi->word_bytes == 8 ? UINT64_MAX : UINT32_MAX;
    uint8_t in_registers[ABI_MAX_ARGS];
    unsigned registers = abi->arg_count;
    memcpy(in_registers, abi->args, sizeof in_registers);
    if (in->p.image->arch == ARCH_X86)
        registers = register_args(in, va, in_registers);
    size_t on_stack = count > registers ? count - registers : 0;
    /* Room for them, and for the home area of Win64, above the stack pointer of the call. */
    uint64_t sp = slots[abi->stack] - 64 - 8 * PROCESS_ARGS;
    if (abi->call_pushes)
        (void)memory_write(in->p.memory, sp, &in->p.return_va, abi->word_bytes);
    slots[abi->stack] = sp;
    for (size_t i = 0; i < count; i++) {
        uint64_t value = args[i] & mask;
        if (i < registers)
            slots[in_registers[i]] = value;
    }
    for (size_t i = 0; i < on_stack; i++) {
        uint64_t value = args[registers + i] & mask;
        (void)memory_write(in->p.memory, sp + abi->stack_args + i * abi->word_bytes, &value,
                           abi->word_bytes);
    }
}

ProcessEnd process_call(Process *p, uint64_t va, const uint64_t *args, size_t arg_count,
                        uint64_t steps) {
    CHECK(arg_count <= PROCESS_ARGS);
    process_reset_registers(p);
    put_args(inner(p), va, args, arg_count);
    return process_run(p, va, steps);
}

ProcessEnd process_start(Process *p, Bytes file, uint64_t steps) {
    ProcessInner *in = inner(p);
    uint64_t args[] = {p->image->base, 1, 0}; /* of a DLL: handle, DLL_PROCESS_ATTACH, nothing */
    p->convention = CONVENTION_STACK;
    if (in->is_pe)
        return process_call(p, p->image->entry, args, 3, steps);
    p->file = file;
    process_reset_registers(p);
    process_put_linux_stack(in);
    return process_run(p, p->image->entry, steps);
}
