/* SPDX-License-Identifier: Apache-2.0 */
#include "unwrap/site.h"

#include <string.h>

#include "base/digest.h"

enum {
    MOST_SITES = 16,
    MOST_CALLERS = 32,
    MOST_KEY = 64,
    LEAST_VA = 0x1000 /* less is a number, also where the image begins at 0 */
};
/* What callers are given as a text, in turn; the second time with other variables, too. What a
 * routine has as its key both times hangs on neither. */
enum { TURNS = 2, MOST_ENTRIES = 6 };
static const char *const CALLER_TEXTS[TURNS] = {"cognate", "Attribution"};

/* Keys that the first turn met, as hashes. */
typedef struct Met {
    uint64_t keys[MOST_ENTRIES * PROBE_CELLS];
    unsigned count, turn;
} Met;

/* In the first turn never, in the second when the first met the same. */
static bool is_met(Met *met, Bytes key) {
    uint64_t hash = hash64(key);
    if (met->turn == 0) {
        if (met->count < sizeof met->keys / sizeof *met->keys)
            met->keys[met->count++] = hash;
        return false;
    }
    for (unsigned i = 0; i < met->count; i++)
        if (met->keys[i] == hash)
            return true;
    return false;
}

typedef struct Site {
    const Image *image;
    const ValueFunction *caller;
    const Effect *call;
    Exam *x;
} Site;

static bool arg_number(const Site *s, uint32_t index, uint64_t *out) {
    if (index >= s->call->arg_count)
        return false;
    Value v = graph_resolve(&s->caller->graph, s->caller->args.at[s->call->first_arg + index]);
    if (!graph_is_const(&s->caller->graph, v))
        return false;
    *out = graph_at(&s->caller->graph, v)->imm;
    return true;
}

static bool is_known(const Exam *x, const char *name, const char *hex, uint64_t number) {
    for (unsigned i = 0; i < x->out.parameter_count; i++) {
        const RoutineParameter *p = &x->out.parameters[i];
        if (!strcmp(p->name, name) && p->number == number &&
            (p->kind == PARAMETER_WORD || !strcmp(p->text, hex)))
            return true;
    }
    return false;
}

/* The length of a key that another argument tells, or that ends with a zero. */
static size_t key_length(const Site *s, uint32_t index, Bytes b) {
    size_t text = 0;
    while (text < b.size && text < MOST_KEY && b.at[text])
        text++;
    for (uint32_t k = 0; k < s->call->arg_count; k++) {
        uint64_t n;
        /* Right behind the key as a rule; anywhere when it is the text's own length. */
        if (k != index && arg_number(s, k, &n) && n >= 1 && n <= MOST_KEY &&
            (k == index + 1 || n == text))
            return (size_t)n;
    }
    return text < MOST_KEY ? text : 0;
}

static bool is_printable(const char *text) {
    for (; *text; text++)
        if (*text < 0x20 || *text > 0x7e)
            return false;
    return true;
}

static void add_bytes_key(Site *s, uint32_t index) {
    uint64_t va;
    char hex[2 * 256 + 1];
    if (!arg_number(s, index, &va) || va < LEAST_VA) /* not the argument that was meant */
        return;
    Bytes b = image_bytes_at(s->image, va);
    size_t n = s->x->out.key_size ? s->x->out.key_size : key_length(s, index, b);
    if (n == 0 || n > 256 || n > b.size)
        return;
    if (!strcmp(s->x->out.key_name, "alphabet")) {
        char text[65] = "";
        memcpy(text, b.at, n < 64 ? n : 64);
        if (is_printable(text) && !is_known(s->x, "alphabet", text, 0))
            finding_add_text(s->x, "alphabet", text);
        return;
    }
    if (key_is_empty(b.at, n))
        return;
    hex_write(hex, b.at, n);
    hex[2 * n] = 0;
    if (!is_known(s->x, s->x->out.key_name, hex, 0))
        finding_add_bytes(s->x, s->x->out.key_name, (Bytes){b.at, n});
}

static void add_number_key(Site *s, uint32_t index) {
    uint64_t n;
    if (!arg_number(s, index, &n))
        return;
    if (s->x->out.key_size == 1) {
        uint8_t byte = (uint8_t)n;
        char hex[3];
        hex_write(hex, &byte, 1);
        hex[2] = 0;
        if (!is_known(s->x, s->x->out.key_name, hex, 0))
            finding_add_bytes(s->x, s->x->out.key_name, (Bytes){&byte, 1});
    } else if (!is_known(s->x, s->x->out.key_name, "", n & UINT32_MAX)) {
        finding_add_number(s->x, s->x->out.key_name, n & UINT32_MAX, PARAMETER_WORD);
    }
}

/* Index of a cell among the arguments that values of the call have. On i386 register arguments
 * stand first: as many as the callee was found to use. */
static uint32_t index_of_cell(const Site *s, int cell) {
    const Probe *p = s->x->probe;
    if (p->process->image->arch != ARCH_X86)
        return (uint32_t)cell;
    uint32_t registers = 0;
    for (unsigned i = 6; i < p->cell_count; i++)
        if (p->cells[i].is_pointer || (int)i == cell)
            registers = i - 5;
    return cell >= 6 ? (uint32_t)cell - 6 : registers + (uint32_t)cell;
}

static void look_at_call(Site *s) {
    Finding *f = &s->x->out;
    if (f->key_cell >= 0) {
        uint32_t index = index_of_cell(s, f->key_cell);
        if (s->x->probe->cells[f->key_cell].is_pointer)
            add_bytes_key(s, index);
        else
            add_number_key(s, index);
        return;
    }
    /* One of the numbers, not known which: the one that is no length. */
    for (uint32_t k = 0; k < s->call->arg_count; k++) {
        uint64_t n;
        if (arg_number(s, k, &n) && n > 0xffff && image_bytes_at(s->image, n).size == 0)
            add_number_key(s, k);
    }
}

/* ---- by running callers ---- */

/* Argument cells of a caller: words that are addresses of words that are addresses of text, so that
 * what takes them for texts, lists or structures gets on. */
static void fill_caller(Probe *p, const char *given) {
    for (unsigned i = 0; i < p->cell_count; i++) {
        unsigned word = p->process->image->bits / 8u;
        uint64_t text = p->cells[i].va + PROBE_BYTES / 2;
        memset(p->setup->bytes[i], 0, PROBE_BYTES);
        for (unsigned off = 0; off < PROBE_BYTES / 2; off += word)
            memcpy(p->setup->bytes[i] + off, &text, word);
        memcpy(p->setup->bytes[i] + PROBE_BYTES / 2, given, strlen(given));
        p->cells[i].is_pointer = true;
    }
}

static uint64_t cell_value(const Probe *p, unsigned cell) {
    const Process *x = p->process;
    const ProbeCell *c = &p->cells[cell];
    uint64_t value = 0;
    if (c->slot != SLOT_NONE)
        return x->machine->slots[c->slot];
    uint64_t sp = x->machine->slots[process_stack_slot(x)];
    if (memory_read(x->memory, sp + c->stack_off, &value, x->image->bits / 8u) != MEMORY_OK)
        return 0;
    return value;
}

/* One of the numbers is the seed, not known which: those that are neither lengths nor addresses. */
static void add_entry_seeds(Exam *x, const bool *pointers, Met *met) {
    Probe *p = x->probe;
    for (unsigned c = 0; c < p->cell_count; c++) {
        uint64_t n = cell_value(p, c);
        if (pointers[c] || !p->cells[c].is_read || n <= 0xffff ||
            memory_is_mapped(p->process->memory, n))
            continue;
        n &= UINT32_MAX;
        if (is_met(met, (Bytes){(const uint8_t *)&n, sizeof n}) &&
            !is_known(x, x->out.key_name, "", n))
            finding_add_number(x, x->out.key_name, n, PARAMETER_WORD);
    }
}

/* Does it hold an address of what was given? By chance one of 60,000 words of 32 bits does. */
static bool is_ours(const Probe *p, const uint8_t *key, size_t size) {
    enum { LEAST = 4 }; /* bytes: a shorter key may be anything */
    size_t word = p->process->image->bits / 8u;
    for (size_t off = 0; off + LEAST <= size; off += LEAST) {
        uint64_t value = 0, mask = size - off < word ? UINT32_MAX : UINT64_MAX;
        memcpy(&value, key + off, mask == UINT32_MAX ? LEAST : word);
        for (unsigned i = 0; i < p->cell_count; i++)
            if (((value - p->cells[i].va) & mask) < PROBE_BYTES)
                return true;
    }
    return false;
}

/* What stands in the key's cell while the routine is entered. */
static void look_at_entry(Exam *x, const bool *pointers, Met *met) {
    Probe *p = x->probe;
    Finding *f = &x->out;
    uint8_t key[256];
    char hex[2 * sizeof key + 1];
    if (f->key_cell < 0) {
        add_entry_seeds(x, pointers, met);
        return;
    }
    unsigned cell = (unsigned)f->key_cell;
    uint64_t value = cell_value(p, cell);
    if (!pointers[cell]) {
        uint8_t byte = (uint8_t)value;
        hex_write(hex, &byte, 1);
        hex[2] = 0;
        if (f->key_size == 1 && is_met(met, (Bytes){&byte, 1}) && !is_known(x, f->key_name, hex, 0))
            finding_add_bytes(x, f->key_name, (Bytes){&byte, 1});
        return;
    }
    size_t room = sizeof key, size = f->key_size, text = 0;
    while (room > 0 && memory_read(p->process->memory, value, key, room) != MEMORY_OK)
        room /= 2;
    while (text < room && text < MOST_KEY && key[text])
        text++;
    for (unsigned c = 0; size == 0 && c < p->cell_count; c++) {
        uint64_t n = cell_value(p, c);
        if (!pointers[c] && n >= 1 && n <= MOST_KEY && (c == cell + 1 || n == text))
            size = (size_t)n;
    }
    size = size ? size : text;
    if (size == 0 || size > room || !strcmp(f->key_name, "alphabet") || key_is_empty(key, size) ||
        is_ours(p, key, size) || !is_met(met, (Bytes){key, size}))
        return;
    hex_write(hex, key, size);
    hex[2 * size] = 0;
    if (!is_known(x, f->key_name, hex, 0))
        finding_add_bytes(x, f->key_name, (Bytes){key, size});
}

static void run_once(Exam *x, const Function *caller, const bool *pointers, Met *met) {
    /* A program's main may do much before it calls; what is left of PROBE_FUNCTION_STEPS is the
     * limit of all callers together. */
    enum { STEPS = 1000000 };
    Probe *p = x->probe;
    fill_caller(p, CALLER_TEXTS[met->turn]);
    ProcessEnd end = probe_call(p, caller->va | (caller->flags & FUNCTION_THUMB ? 1 : 0), STEPS);
    for (unsigned n = 0; n < MOST_ENTRIES && end.why == PROCESS_AT_STOP; n++) {
        look_at_entry(x, pointers, met);
        end = probe_go_on(p, STEPS);
    }
}

static void run_caller(Exam *x, const Function *caller, uint64_t callee_va) {
    Probe *p = x->probe;
    Met met = {.count = 0};
    bool pointers[PROBE_CELLS];
    for (unsigned i = 0; i < p->cell_count; i++)
        pointers[i] = p->cells[i].is_pointer;
    process_set_stops(p->process, &callee_va, 1);
    run_once(x, caller, pointers, &met);
    if (met.count > 0) {
        met.turn++;
        probe_vary(p, true);
        run_once(x, caller, pointers, &met);
        probe_vary(p, false);
    }
    process_set_stops(p->process, NULL, 0);
    for (unsigned i = 0; i < p->cell_count; i++)
        p->cells[i].is_pointer = pointers[i];
}

static void read_caller(const Image *image, Values *values, const Function *caller, uint32_t callee,
                        Exam *x) {
    ArenaMark mark = arena_mark(x->scratch);
    const ValueFunction *v = values_from_function(values, caller, x->scratch);
    unsigned sites = 0;
    for (size_t e = 0; e < v->effects.count && sites < MOST_SITES; e++)
        if (v->effects.at[e].kind == EFFECT_CALL && v->effects.at[e].callee == callee) {
            Site site = {image, v, &v->effects.at[e], x};
            look_at_call(&site);
            sites++;
        }
    arena_reset(x->scratch, mark);
}

static bool calls(const Code *code, const Function *caller, uint32_t callee) {
    for (uint32_t k = 0; k < caller->call_count; k++)
        if (code->calls.at[caller->first_call + k].callee == callee)
            return true;
    return false;
}

/* Functions that call one, in order, MOST_CALLERS at most. */
typedef struct Callers {
    const Code *code;
    uint32_t callee; /* + 1 */
    size_t next;
    unsigned count;
} Callers;

static Callers callers_of(const Code *code, const Function *f) {
    return (Callers){.code = code, .callee = (uint32_t)(f - code->functions.at) + 1};
}

/* The next one, or NULL. */
static const Function *next_caller(Callers *c) {
    while (c->next < c->code->functions.count && c->count < MOST_CALLERS) {
        const Function *caller = &c->code->functions.at[c->next++];
        if (!calls(c->code, caller, c->callee))
            continue;
        c->count++;
        return caller;
    }
    return NULL;
}

void site_add_keys(const Image *image, const Code *code, Values *values, const Function *f,
                   Exam *x) {
    Callers callers = callers_of(code, f);
    const Function *caller = NULL;
    while ((caller = next_caller(&callers)) != NULL) {
        /* Buffers that are combined are keys only where the file has them. */
        if (!x->out.is_of_buffers)
            run_caller(x, caller, f->va);
        if (!finding_has(x, x->out.key_name))
            read_caller(image, values, caller, callers.callee, x);
    }
}

/* Some argument of the call is the address of bytes that the file has. */
static bool gives_data(const Site *s) {
    uint64_t va = 0;
    for (uint32_t k = 0; k < s->call->arg_count; k++)
        if (arg_number(s, k, &va) && va >= LEAST_VA && image_bytes_at(s->image, va).size > 0)
            return true;
    return false;
}

bool site_gives_data(const Image *image, const Code *code, Values *values, const Function *f,
                     Exam *x) {
    Callers callers = callers_of(code, f);
    const Function *caller = NULL;
    bool found = false;
    while (!found && (caller = next_caller(&callers)) != NULL) {
        ArenaMark mark = arena_mark(x->scratch);
        const ValueFunction *v = values_from_function(values, caller, x->scratch);
        for (size_t e = 0; e < v->effects.count && !found; e++) {
            Site site = {image, v, &v->effects.at[e], x};
            found = site.call->kind == EFFECT_CALL && site.call->callee == callers.callee &&
                    gives_data(&site);
        }
        arena_reset(x->scratch, mark);
    }
    return found;
}
