/* SPDX-License-Identifier: Apache-2.0
 * code.h: functions, basic blocks, calls and references recovered from an image.
 * In: Image (const). Out: plain arrays in the sample's arena, sorted by address. Odd input: unknown
 * bytes end a block; overlapping or impossible code is counted, not followed. Limits: limits.h;
 * NOTE_CODE_LIMIT and NOTE_TIME_LIMIT tell when one was hit. Instructions are not kept (memory):
 * code_decode_block makes them again, operands included, on scratch. */
#ifndef COG_CODE_CODE_H
#define COG_CODE_CODE_H

#include "code/decode.h"

/* X(constant, "name-in-records"), strongest first. */
#define FUNCTION_SOURCES(X)                                                                        \
    X(FROM_ENTRY, "entry")                                                                         \
    X(FROM_EXPORT, "export")                                                                       \
    X(FROM_SYMBOL, "symbol")                                                                       \
    X(FROM_PDATA, "pdata")                                                                         \
    X(FROM_EH_FRAME, "eh_frame")                                                                   \
    X(FROM_EXIDX, "exidx")                                                                         \
    X(FROM_TLS, "tls")                                                                             \
    X(FROM_INIT, "init")                                                                           \
    X(FROM_CFGUARD, "cfguard")                                                                     \
    X(FROM_SEH, "seh")                                                                             \
    X(FROM_GOPCLNTAB, "pclntab")                                                                   \
    X(FROM_CALL, "call")                                                                           \
    X(FROM_TAIL_CALL, "tail_call")                                                                 \
    X(FROM_POINTER, "pointer") /* address found in data or as an immediate */                      \
    X(FROM_PROLOGUE, "prologue")                                                                   \
    X(FROM_GAP, "gap")

typedef enum FunctionSource {
#define X(constant, name) constant,
    FUNCTION_SOURCES(X)
#undef X
        FUNCTION_SOURCE_COUNT
} FunctionSource;
const char *function_source_name(FunctionSource source);

enum {
    FUNCTION_THUNK = 1,     /* only jumps on: to target_va or to an import */
    FUNCTION_NO_RETURN = 2, /* no path returns */
    FUNCTION_LEAF = 4,      /* calls nothing */
    FUNCTION_LOOP = 8,      /* has a back edge */
    FUNCTION_STUB = 16,     /* import stub (PLT, IAT jump) */
    FUNCTION_BROKEN = 32,   /* ran into bytes that do not decode, or out of the segment */
    FUNCTION_THUMB = 64     /* its entry block is Thumb code */
};

typedef struct Function {
    uint64_t va;
    uint64_t end;                      /* past the last byte of the contiguous part */
    uint32_t size;                     /* bytes of all its blocks */
    uint32_t first_block, block_count; /* Code.blocks: the entry block first, then by va */
    uint32_t instruction_count;
    uint32_t first_call, call_count; /* Code.calls, by site */
    uint32_t import;                 /* stub or thunk of this import (index + 1), 0 none */
    uint32_t loop_count;             /* natural loops */
    FunctionSource source;
    uint8_t flags;
    const char *name;   /* symbol, export or pclntab name, or NULL */
    uint64_t target_va; /* of a thunk */
} Function;

typedef struct Block {
    uint64_t va;
    uint32_t size;
    uint16_t instruction_count;
    uint8_t flow; /* Flow of the last instruction; FLOW_NEXT when it runs into the next block */
    uint8_t is_loop_head : 1;
    uint8_t is_thumb : 1; /* ARM: bit 0 of an address that is decoded or lifted */
    uint32_t first_successor,
        successor_count; /* Code.successors: indices relative to the function's first block */
} Block;

typedef struct Call {
    uint64_t site_va;
    uint64_t target_va; /* 0: indirect and not known */
    uint32_t callee;    /* function index + 1, 0 none */
    uint32_t import;    /* import index + 1 when it ends in an import, 0 none */
    bool is_tail;
} Call;

typedef struct DataRef {
    uint64_t from_va, to_va; /* instruction, data or code address it mentions */
    uint32_t function;       /* index */
} DataRef;

typedef struct Code {
    VEC(Function) functions; /* sorted by va */
    VEC(Block) blocks;
    VEC(uint32_t) successors;
    VEC(Call) calls;
    VEC(DataRef) refs;         /* sorted by (to_va, from_va) */
    uint64_t bytes_executable; /* file-backed bytes of executable segments */
    uint64_t bytes_recovered;  /* bytes inside some block */
    uint64_t bytes_padding;    /* int3, nop, zero between functions, and jump tables */
    const Decoder *decoder;    /* NULL: processor not supported, everything is empty */
} Code;

Code *code_from_image(Sample *s, const Image *image);
/* The same code with a decoder of its own, for another thread; all else is borrowed. */
const Code *code_for_thread(Arena *a, const Image *image, const Code *code);
/* The function that starts at va, or NULL. */
const Function *code_find_function(const Code *code, uint64_t va);
/* The function with a block that covers va, or NULL (first by start). */
const Function *code_find_covering(const Code *code, uint64_t va);
/* Instructions of one block, with operands, into out (room for max); returns how many. */
size_t code_decode_block(const Code *code, const Image *image, const Block *block, Insn *out,
                         size_t max);

#endif
