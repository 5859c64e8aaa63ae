/* SPDX-License-Identifier: Apache-2.0
 * hidden.h: texts that a program makes while it runs: put together on the stack by instructions
 * (stack), decoded there in a loop (tight), or decoded by a routine or a loop into any memory
 * (decoded). Pieces of functions are run in an emulated process; what they wrote is looked at
 * before each call, behind each loop that changes data, and behind each call of a function with
 * such a loop. In: image and code. Out: texts in the arena of the sample, UTF-8, distinct for each
 * function. Odd input: whatever code does, budgets end it (HIDDEN_STEPS, HIDDEN_RESOLVER_STEPS);
 * is_cut says so. Page: docs/evidence/hidden.md. */
#ifndef COG_UNWRAP_HIDDEN_H
#define COG_UNWRAP_HIDDEN_H

#include "code/code.h"

typedef enum HiddenKind { HIDDEN_STACK, HIDDEN_TIGHT, HIDDEN_DECODED } HiddenKind;

typedef struct HiddenText {
    HiddenKind kind;
    bool is_wide;      /* UTF-16 in memory */
    bool is_closed;    /* with the zero behind it that was written with its end */
    bool is_moved;     /* words of the data, the end of another text, encoded: nothing hidden */
    bool is_run_on;    /* one piece again and again, or an address: moved, and so are its parts */
    bool is_mixed;     /* its end is of an older text */
    bool is_copied;    /* pieces of the file, moved character by character or in words */
    bool is_looked_up; /* its characters, nearly all, in a table of 64 */
    bool is_pointed;   /* something that ran had its address */
    bool is_computed;  /* not all of it stands in instructions or in one piece of the file */
    bool is_made_up; /* where the run begins with other values it is not there: hidden_settings.c */
    bool is_tagged;  /* one word of eight bytes: a byte with the length of seven more, or a text */
    unsigned settings; /* where it was there: 1 << HiddenSetting */
    uint8_t swapped;   /* bytes of a word, when each from its end is a text of the data; else 0 */
    const char *text;
    uint32_t length;
    uint64_t va;          /* in memory */
    uint64_t function_va; /* that was run */
    uint64_t site_va;     /* instruction before which it was complete */
    uint64_t routine_va;  /* function that decodes it; 0: stack */
} HiddenText;

enum {
    HIDDEN_TEXTS = 16384,
    HIDDEN_TEXT_BYTES = 4096,
    HIDDEN_CALLS = 4096,
    /* Of budget.h's steps: so many, and so many for each byte of code. */
    HIDDEN_STEPS = 4000000,
    HIDDEN_STEPS_PER_BYTE = 32,
    /* More for functions that run again with other values (guess). */
    HIDDEN_SETTING_STEPS = 2000000,
    HIDDEN_SETTING_STEPS_PER_BYTE = 16,
    /* More for functions that walk modules: a name that is not found costs about a million. */
    HIDDEN_RESOLVER_STEPS = 40000000,
    /* Of these until the first name was found: in most programs what looks as if it walked modules
     * reads other structures, and took 26 million in OpenSSL. The fixtures need 12 to 20 million:
     * calls whose arguments are not known look through all names. */
    HIDDEN_RESOLVER_FIRST_STEPS = 20000000,
    /* Of instructions and references that are looked through for what was found (guess). */
    HIDDEN_SCAN_BYTES = 1 << 28
};

enum { RESOLVED_ARGS = 7 };
/* A function that walks modules was called and returned the address of an API function. */
typedef struct ResolvedCall {
    uint64_t resolver_va, site_va;
    uint32_t resolver_size;
    uint64_t args[RESOLVED_ARGS]; /* four by the convention; x86: then eax, edx, ecx */
    const char *module, *name;
} ResolvedCall;

typedef struct HiddenTexts {
    VEC(HiddenText) texts;   /* in order of discovery: by function */
    VEC(ResolvedCall) calls; /* the same */
    bool is_cut;
} HiddenTexts;

enum { HIDDEN_SWAPPED = 16 }; /* longest text whose words may be swapped */
/* The text, each word of `size` bytes from its end. `to` has the text's length. */
void hidden_swap(const HiddenText *t, size_t size, char *to);

void hidden_from_code(Sample *s, const Image *image, const Code *code, HiddenTexts *out);

#endif
