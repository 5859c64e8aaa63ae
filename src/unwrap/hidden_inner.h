/* SPDX-License-Identifier: Apache-2.0
 * hidden_inner.h: between the files that look for hidden texts. */
#ifndef COG_UNWRAP_HIDDEN_INNER_H
#define COG_UNWRAP_HIDDEN_INNER_H

#include "emulate/process.h"
#include "unwrap/hidden.h"
#include "unwrap/transform.h"

/* What a place in code means to the hunt: Hunt.places. */
enum {
    PLACE_CALL = 1,   /* call site; its index in Code.calls stands in the upper bits */
    PLACE_TEXT = 2,   /* block that puts characters together */
    PLACE_LOOP = 4,   /* head of a loop that changes data */
    PLACE_EXIT = 8,   /* where control goes behind such a loop */
    PLACE_BITS = 8,   /* upper bits: call */
    PLACE_SEEN = 128, /* reached in some run of its function */
};

enum {
    FUNCTION_DECODES = 1, /* has a loop that changes data */
    FUNCTION_WRAPS = 2,   /* small, and calls one that does */
    FUNCTION_TARGETS = 4, /* has something to look at */
    FUNCTION_RESOLVES = 8 /* reads the PEB or walks exports, or is small and calls one that does */
};

enum {
    HIDDEN_LOOKS = 64, /* at the frame, in one run */
    HIDDEN_REGISTERS = 32,
    HIDDEN_SKIPPED = 16, /* instructions that cannot be done, in one run */
    HIDDEN_ARGS = 4      /* of a call, that are looked at */
};
/* What addresses code had at a look. */
typedef struct HiddenLook {
    uint64_t logged; /* writes so far */
    uint64_t registers[HIDDEN_REGISTERS], args[HIDDEN_ARGS];
} HiddenLook;

/* hidden_written.c: words of four bytes in the instructions of a function, as bits. */
enum { NAMED_BITS = 16, NAMED_FUNCTIONS = 8 };
typedef struct NamedWords {
    const Function *f;
    uint8_t bits[1 << (NAMED_BITS - 3)];
} NamedWords;

/* Stretches of `size` characters that stand in the program's data, as bits. */
typedef struct Grams {
    uint8_t *bits;
    unsigned size;
} Grams;

/* hidden_index.c */
enum { INDEX_WORD = 8, INDEX_HALF = 4 /* characters */ };
typedef struct HiddenIndex {
    uint32_t *first_ref, *refs; /* places in Code.refs, by function */
    Grams words, halves;
} HiddenIndex;

/* hidden_writer.c: what an instruction stored. */
typedef enum HiddenSource {
    SOURCE_CONSTANT = 1, /* a number of the instructions */
    SOURCE_ADDRESS,      /* the same, made from the program counter */
    SOURCE_LOADED,       /* from memory */
    SOURCE_SWAPPED,      /* a number from memory, turned to the other byte order */
    SOURCE_COMPUTED,
    SOURCE_UNKNOWN, /* a register that was set before the block */
    SOURCE_CALLER,  /* a register as it was when the function was entered */
    SOURCE_ASTRAY,  /* what the file has for data was run */
    SOURCE_OUTSIDE  /* no instruction of the program: a function that is modelled */
} HiddenSource;

/* What a run finds that nobody can know: hidden_settings.c. */
typedef enum HiddenSetting {
    SETTING_ZEROS,   /* objects of zeros, and functions that are not followed return 0 */
    SETTING_COUNTS,  /* objects of small numbers */
    SETTING_RESULTS, /* functions that are not followed return addresses */
    SETTING_GLOBALS, /* variables that begin as zeros are small numbers */
    SETTING_COUNT
} HiddenSetting;

typedef struct Hunt {
    Sample *s;
    const Lifter *lifter;
    Map sources;       /* va of an instruction -> HiddenSource */
    Map writer_blocks; /* the same -> va of its block */
    Map letters;       /* va of a function -> it is data that was taken for code */
    HiddenIndex index;
    const Image *image;
    const Segment *segment; /* that hidden_block_bytes found last */
    const Code *code;
    HiddenTexts *out;
    Arena *scratch;
    Process *p;
    TransformLoops loops;
    uint8_t *functions;      /* FUNCTION_* */
    uint16_t *visits;        /* per call: in a row without a text */
    uint8_t *failures;       /* per function: calls that did not end */
    VEC(uint64_t) places;    /* PLACE_* */
    VEC(uint64_t) stops;     /* their addresses */
    Map place_at;            /* address -> which of them */
    Map loop_at;             /* va of a head -> place in loops + 1 */
    Map known;               /* hash of text and function -> place in out->texts + 1; 0: none */
    uint64_t steps;          /* left for the sample */
    uint64_t resolver_steps; /* the same, for functions that walk modules */
    uint64_t setting_steps;  /* the same, for other settings; then what they left */
    uint64_t scan_bytes;     /* left for hidden_may_scan */
    NamedWords named[NAMED_FUNCTIONS];
    uint64_t dummy_va; /* zeros that arguments point to */
    /* of the run */
    const Function *f;
    uint32_t *wanted; /* its calls of what decodes or resolves: places in Code.calls */
    size_t wanted_count;
    uint64_t entry_sp;
    HiddenSetting setting;
    size_t first_text;              /* of the function, in out->texts */
    size_t unpointed;               /* of its texts */
    uint64_t texts_low, texts_high; /* where they lie, but for static ones */
    bool has_new_text;              /* since pointers were looked for */
    uint64_t log_start;             /* writes before the run */
    uint64_t pointers_seen;    /* writes that were looked through for pointers to older texts */
    const TransformLoop *loop; /* that control is in, or NULL */
    MemoryMark loop_mark;
    uint64_t run_start; /* steps that were left when the run began */
    uint64_t last_va;   /* of the last stop */
    unsigned looks, loop_marks, skipped;
    HiddenLook look[HIDDEN_LOOKS];
    uint64_t lost[HIDDEN_SKIPPED]; /* writes before each text that was stored to no address */
    unsigned lost_count;
    bool saw_mover; /* loops that ran store words as they loaded them */
} Hunt;

/* A text in the memory of the run. */
typedef struct TextPlace {
    uint64_t va;
    const char *text;
    size_t chars;
    unsigned unit; /* bytes of a character */
} TextPlace;
/* Takes steps for what is no part of the run: its own limit stays what it was. */
void hidden_pay_beside(Hunt *h, uint64_t steps);

/* hidden_making.c: how a text came to be where it lies. */
typedef enum HiddenMaking {
    MADE_AT_ONCE,       /* computed or put together */
    MADE_BY_COPYING,    /* half of it, from where the file has it */
    MADE_WITH_LENGTH,   /* its first character is the length of the others, or a number */
    MADE_BEFORE_LENGTH, /* its last one */
    MADE_BY_CHANCE      /* what lies beside each other was not written as one text */
} HiddenMaking;
typedef struct HiddenMade {
    HiddenMaking how;
    bool is_closed; /* its end was written with it */
    bool is_tagged; /* see HiddenText */
    bool is_looked_up;
    bool is_computed; /* some of it, or it was looked up character by character */
} HiddenMade;
HiddenMade hidden_making_of(Hunt *h, const TextPlace *t, bool on_stack);

/* writer: of a MemoryStore. */
HiddenSource hidden_source_of(Hunt *h, uint32_t writer);
/* Where the block begins that it is of, or 0. */
uint64_t hidden_block_of(Hunt *h, uint32_t writer);
/* The function that it is of, or NULL. */
const Function *hidden_function_of(const Hunt *h, uint32_t writer);

/* `at` has as many characters as the table's stretches. By chance one in 25 of its places is taken
 * in a program of 20 MB. */
bool hidden_grams_have(const Grams *g, const void *at);
/* Made when it is first asked for. */
const HiddenIndex *hidden_index(Hunt *h);
/* Places in Code.refs of what the function mentions; returns how many. */
size_t hidden_mentions(Hunt *h, const Function *f, const uint32_t **refs);

/* The block's bytes in the file. */
static inline Bytes hidden_block_bytes(Hunt *h, const Block *block) {
    const Segment *s = h->segment; /* mostly that of the block before */
    if (!s || block->va - s->va >= s->va_size)
        s = h->segment = image_find_segment(h->image, block->va);
    return s ? bytes_clip(s->file, block->va - s->va, block->size) : (Bytes){0};
}
/* Runs pieces of h->f, from what `fresh` has. */
void hidden_hunt_function(Hunt *h, const ProcessMark *fresh);
/* hidden_settings.c: marks texts that hang on what the run made up. */
void hidden_try_settings(Hunt *h, const ProcessMark *fresh);
enum { HIDDEN_OBJECTS = 8, HIDDEN_OBJECT_BYTES = 0x10000 }; /* that arguments point to */
enum {
    /* Bytes, of the stack and of objects in other settings (guess: any that keeps 16 aligned). */
    HIDDEN_SETTING_SHIFT = 0x1230
};

/* PLACE_* of an address, or NULL. */
static inline uint64_t *hidden_place(const Hunt *h, uint64_t va) {
    const uint64_t *which = map_find(&h->place_at, va);
    return which ? &h->places.at[*which] : NULL;
}
/* hidden_target.c: marks the functions and places that are worth running. */
void hidden_find_targets(Hunt *h);
/* hidden_resolver.c: marks functions that look for API functions on their own. */
void hidden_find_resolvers(Hunt *h);
/* hidden_moved.c: marks texts that are words of the program's data, only in other places. */
void hidden_mark_moved(Hunt *h);
/* hidden_written.c: whether so many bytes may still be looked through for texts that were found;
 * when not, the result is cut. */
bool hidden_may_scan(Hunt *h, uint64_t bytes);
/* Do these characters stand in the function's instructions? */
bool hidden_names_word(Hunt *h, const Function *f, const char word[4]);
/* What stands in instructions is put together, not decoded. */
void hidden_mark_written(Hunt *h);
/* hidden_pieces.c: marks what was put together of texts that the program has. */
void hidden_mark_pieces(Hunt *h);
/* hidden_encoded.c: marks what encoders wrote. */
void hidden_mark_encoded(Hunt *h);
/* hidden_text.c: texts in what was written since the mark, except on the dead stack below sp.
 * routine_va: of the decoder; `is_tight`: what lies on the stack where something else lay is a
 * tight string. */
void hidden_look_at_changes(Hunt *h, MemoryMark mark, uint64_t routine_va, bool is_tight);
/* Marks the function's texts whose address is in a register or was stored by the run. */
void hidden_look_at_pointers(Hunt *h);
/* As wide as an address; 0 where nothing is. */
uint64_t hidden_word_at(Hunt *h, uint64_t va);
/* Texts where the arguments of a call point to; args: where. */
void hidden_look_at_args(Hunt *h, uint64_t args[HIDDEN_ARGS]);
/* Texts in the frame of the function that runs. args: where they were looked for already, or NULL;
 * there a text begins, whatever stands before it. */
void hidden_look_at_frame(Hunt *h, const uint64_t *args);

#endif
