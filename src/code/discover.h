/* SPDX-License-Identifier: Apache-2.0
 * discover.h: where functions start and which bytes are code; private to src/code.
 * In: Image. Out: Discover, on scratch: roots (function starts), a map of one byte per byte of
 * code, jump tables. The order of the stages and every threshold: docs/evidence/discovery.md. Each
 * instruction is decoded once here, whoever reaches it first owns it; code that waits for a callee
 * to return is kept back until the callee is known to, so that what never returns is found on the
 * way. Time: linear in the bytes of code plus the pointers in data. */
#ifndef COG_CODE_DISCOVER_H
#define COG_CODE_DISCOVER_H

#include "base/table.h"
#include "code/isa.h"

/* One byte of the map. With a length an instruction starts here; without, it is MAP_BODY (inside an
 * instruction), MAP_DATA (a table between code), MAP_PENDING (a root that is not decoded yet), or
 * 0. */
enum {
    MAP_LENGTH = 0x0f,
    MAP_LEADER = 0x10, /* a block starts here */
    MAP_FLOW = 0x20,   /* leaves the straight line: decode again to see where to */
    MAP_REF = 0x40,    /* mentions an address of the image */
    MAP_ROOT = 0x80,   /* a root starts here */
    MAP_PENDING = MAP_LEADER,
    MAP_BODY = 0x80,
    MAP_DATA = MAP_BODY | MAP_LEADER
};
static inline bool map_is_used(uint8_t m) { return (m & (MAP_LENGTH | MAP_BODY)) != 0; }
static inline bool map_is_root(uint8_t m) {
    return m == MAP_PENDING || ((m & MAP_LENGTH) != 0 && (m & MAP_ROOT) != 0);
}
/* Used, but no instruction starts here. */
static inline bool map_is_inside(uint8_t m) { return (m & MAP_LENGTH) == 0 && (m & MAP_BODY) != 0; }

/* One executable, file-backed segment. */
struct Area {
    uint64_t va;
    size_t size;
    const uint8_t *bytes;
    uint8_t *map;
    uint32_t *owner; /* root index + 1, one for OWNER_BYTES bytes */
    uint8_t *modes;  /* ARM: discover_mode.c, one for two bytes; else NULL */
};
enum { OWNER_SHIFT = 3 };

enum {
    ROOT_RETURNS = 1,   /* some path of it returns */
    ROOT_NO_RETURN = 2, /* known by name not to */
    ROOT_BAD = 4,       /* its first bytes do not decode */
    ROOT_DECLARED = 8,  /* the file itself says so */
    ROOT_FRAGMENT = 16, /* a part of another function: explored, but no function */
    ROOT_BROKEN = 32    /* a path of it ran into what is no code */
};

typedef struct Root {
    uint64_t va;
    const char *name;
    uint32_t waiting; /* first of those who wait for its return, index + 1 */
    uint32_t range;   /* declared range that starts here, index + 1 */
    uint32_t import;  /* its stub, index + 1 */
    uint32_t orphan;  /* first code of its range that no path reaches, index + 1 */
    uint8_t source;   /* FunctionSource */
    uint8_t flags;    /* ROOT_* */
} Root;

typedef struct Work {
    uint64_t va;
    uint64_t from;  /* jump or branch that comes here, 0 another reason */
    uint32_t owner; /* root index */
    bool goes_on;   /* after a call: no block starts here */
} Work;

typedef struct Waiting {
    uint64_t va; /* to be explored when the callee returns; 0: the owner returns too */
    uint32_t owner, next;
} Waiting;

/* A jump of a function without a declared range; whether it stays inside is decided when the
 * starts around it are known. */
typedef struct Edge {
    uint64_t from, to;
    uint32_t owner;
    bool conditional;
} Edge;

typedef struct Table {
    uint64_t jump_va, table_va;
    uint64_t from, to; /* branch to the code before the jump, and where that starts; 0 none */
    uint32_t owner;
    uint32_t first_target, target_count; /* of table_targets; 0: not resolved */
    bool is_call;                        /* through a pointer, without a table */
} Table;

struct Discover {
    Sample *s;
    const Image *image;
    const Decoder *decoder;
    const Isa *isa;
    Arena *arena; /* scratch */
    Area *areas;
    size_t area_count;
    const Range *ranges; /* declared ones, by va */
    size_t range_count;
    Area *last_area;
    bool has_modes;  /* ARM and Thumb */
    bool is_thumb;   /* what most of the code is, when nothing near tells */
    bool tracks;     /* the decoder completes instructions from what came before */
    bool has_ranges; /* the file declares functions by unwind data */
    bool late;
    uint32_t asked;      /* whether it is late */
    uint64_t got;        /* x86 ELF: what __x86.get_pc_thunk makes, 0 not known */
    Map root_at;         /* va -> index */
    Map slot_import;     /* va of an import's slot -> index + 1 */
    Map table_at;        /* va of the indirect jump -> index */
    size_t tables_tried; /* by table_retry */
    VEC(Root) roots;
    VEC(Work) work;
    VEC(Waiting) waiting;
    VEC(uint32_t) returning;
    VEC(Edge) edges;
    VEC(Table) tables;
    VEC(uint64_t) table_targets;
    VEC(Reloc) words;        /* plain pointers in data */
    VEC(uint64_t) code_refs; /* places in code that instructions mention */
    VEC(Waiting) orphans;    /* code in a declared range that no path reaches (landing pads) */
    bool words_found;
    uint64_t retry_left;   /* bytes that second looks for tables may still decode */
    uint64_t gap_left;     /* bytes that may still be looked over for the end of a gap */
    uint64_t entries_left; /* table entries that may still be read */
    uint64_t bytes_data;   /* tables inside areas */
};

#define NO_ROOT UINT32_MAX

/* Everything, in order. */
Discover *discover_image(Sample *s, const Image *image, const Decoder *decoder);

/* discover.c */
Area *area_find(Discover *d, uint64_t va);
uint32_t root_find(const Discover *d, uint64_t va);
/* Index, or NO_ROOT when the place cannot be a start. */
uint32_t root_add(Discover *d, uint64_t va, FunctionSource source);
/* The declared range that covers va, index + 1, or 0. */
uint32_t range_find(const Discover *d, uint64_t va);
/* Puts ranges (sorted, apart from each other) over the declared ones. */
void ranges_merge(Discover *d, const Range *more, size_t count);
bool in_image(const Discover *d, uint64_t va);
/* Function starts, sorted, into out (room for roots.count). */
size_t starts_list(const Discover *d, uint64_t *out);
/* How many starts are at or before va. */
size_t start_rank(const uint64_t *starts, size_t count, uint64_t va);
/* Asks the clock. */
bool discover_ask_late(Discover *d);
/* Asks it now and then: the clock costs as much as some instructions decoded. */
static inline bool discover_is_late(Discover *d) {
    return (++d->asked & 1023) == 0 ? discover_ask_late(d) : d->late;
}
/* The first byte from off on that nothing uses, or end. */
size_t map_skip_used(const uint8_t *map, size_t off, size_t end);

/* The instruction at off: the one place that decodes for discovery and graph, so that what the map
 * knows beyond the bytes can be used. */
bool insn_at(const Discover *d, const Area *a, size_t off, Insn *out);
bool insn_mode_at(const Discover *d, const Area *a, size_t off, bool is_thumb, Insn *out);
bool insn_full_at(const Discover *d, const Area *a, size_t off, Insn *out);

/* discover_mode.c */
void modes_init(Discover *d);
/* Code at va is Thumb or ARM; nothing happens where an instruction is known. */
void mode_set(Discover *d, uint64_t va, bool is_thumb);
/* Whether Thumb begins at off, as far as anything tells. */
bool mode_at(const Discover *d, const Area *a, size_t off);
bool mode_is_known(const Area *a, size_t off);
/* When nothing else tells: decides it by how the code reads, if that is clear; at any rate. */
void mode_guess(Discover *d, uint64_t va);
void mode_settle(Discover *d, uint64_t va);
/* What lies behind `in`, and is reached from it, is of the same mode. */
void mode_after(const Area *a, const Insn *in);
/* Address of what a pointer points to: ARM's tell the mode in bit 0. */
uint64_t code_pointer(Discover *d, uint64_t pointer);
/* The Isa of the code at off. */
static inline const Isa *isa_at(const Discover *d, const Area *a, size_t off) {
    return !d->has_modes ? d->isa : mode_at(d, a, off) ? &isa_thumb : &isa_arm;
}

/* discover_flow.c: recursive traversal without recursion. */
void flow_add(Discover *d, uint64_t va, uint32_t owner);
void flow_drain(Discover *d);
void root_returns(Discover *d, uint32_t root);
/* The owner goes on in other, so it returns if other does. */
void root_depends(Discover *d, uint32_t owner, uint32_t other);
/* add reg, imm that makes the GOT's address after a call to the next instruction. */
bool is_got_add(const Discover *d, const Insn *in);
/* The address that [reg + disp32] is when reg holds the GOT (x86 ELF), or 0. */
uint64_t got_ref(const Discover *d, const Insn *in, const uint8_t *at);
/* False when the file's sections say that va is no code, though its segment is executable. */
bool in_code_section(const Discover *d, uint64_t va);
/* Addresses of the image that an instruction mentions; room for 3. */
size_t refs_of(const Discover *d, const Insn *in, const uint8_t *at, uint64_t *out);

/* discover_table.c: marks bytes in code as data, up to the first that is used. */
void data_mark(Discover *d, uint64_t va, uint64_t size);
/* Jump tables. `heads` are the addresses of the instructions before the jump and
 * the jump itself, `run` is how its block was reached. True when the jump is understood. */
bool table_resolve(Discover *d, const uint64_t *heads, size_t count, const Work *run);
void table_retry(Discover *d);
/* Gives a jump that was not understood the targets that data offers. */
void table_labels(Discover *d, uint32_t table, const uint64_t *targets, size_t count);

/* discover_declared.c, discover_go.c */
void declared_add(Discover *d);
void go_add(Discover *d);

/* discover_data.c, discover_gap.c, discover_tail.c */
/* `least`: points of the prologue below which a place is not taken yet. */
void pointers_add(Discover *d, int least);
void gaps_add(Discover *d, int least);
void tails_add(Discover *d);

/* Whether bytes at va read like code; explores nothing. Higher is better, below 0 is not code. */
int plausible_score(Discover *d, uint64_t va);
/* As before, and neither filler nor the end of a function. */
int start_score(Discover *d, uint64_t va);
/* Bytes of filler at off, up to limit. */
size_t filler_at(const Discover *d, const Area *a, size_t off, size_t limit);
/* Whether filler is at off. */
bool is_filler(const Discover *d, const Area *a, size_t off);
/* Whether the bytes before off, back to the last instruction, are filler only. */
bool filler_ends_at(const Discover *d, const Area *a, size_t off);
/* Points of the prologue at off. */
static inline int prologue_at(const Discover *d, const Area *a, size_t off) {
    return isa_at(d, a, off)->prologue_score(a->bytes + off, a->size - off);
}

/* Whether a mark says that only jumps of a function come to off. */
static inline bool is_label(const Discover *d, const Area *a, size_t off) {
    return d->isa->is_label && d->isa->is_label(a->bytes + off, a->size - off);
}

/* What comes before an address, in order of addresses. */
typedef enum Before {
    BEFORE_NOTHING, /* the segment starts here */
    BEFORE_UNKNOWN,
    BEFORE_FILLER,
    BEFORE_DATA,
    BEFORE_FALLS, /* an instruction that goes on here */
    BEFORE_CALL,  /* a call, which may return */
    BEFORE_END    /* a jump or a return */
} Before;
Before code_before(Discover *d, uint64_t va);

/* no_return.c */
bool import_is_no_return(const char *name);

/* graph.c */
void graph_build(Discover *d, Code *code);
/* loops.c: marks heads and counts natural loops of one function. */
uint32_t loops_find(Arena *a, Block *blocks, uint32_t count, const uint32_t *successors);

#endif
