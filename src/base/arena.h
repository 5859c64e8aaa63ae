/* SPDX-License-Identifier: Apache-2.0
 * arena.h: one capped arena per sample, freed whole.
 * Memory is zeroed (but for the _unset calls) and 16-byte aligned. Reaching the cap (or malloc
 * failing) never returns NULL: it jumps to the escape that the owner set (engine.c sets one per
 * sample and turns it into a failure record); without an escape it is a bug and CHECK fails. Big
 * blocks are kept apart, so that arena_grow of the last or of a big block moves no bytes. Under
 * ASan, freed scratch is poisoned. Threads: one arena, one thread. */
#ifndef COG_BASE_ARENA_H
#define COG_BASE_ARENA_H

#include <setjmp.h>
#include <stddef.h>

#include <stdarg.h>

#include "base/bytes.h"
#include "base/check.h"

typedef struct Arena Arena;

Arena *arena_new(size_t max_bytes); /* NULL only when malloc fails */
void arena_free(Arena *a);          /* NULL is fine */
void arena_set_escape(Arena *a, jmp_buf *escape);
/* Takes the escape, as when the cap is reached. */
_Noreturn void arena_give_up(Arena *a);

void *arena_alloc(Arena *a, size_t bytes);
/* Not zeroed: for room that is written before it is read. */
void *arena_alloc_unset(Arena *a, size_t bytes);
/* Grows a block from arena_alloc/arena_grow; the new tail is zeroed, the old pointer is dead. */
void *arena_grow(Arena *a, void *block, size_t old_bytes, size_t new_bytes);
#define ARENA_NEW(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define ARENA_ARRAY(a, T, n) ((T *)arena_alloc_array((a), (n), sizeof(T)))
#define ARENA_UNSET(a, T, n) ((T *)arena_alloc_array_unset((a), (n), sizeof(T)))
void *arena_alloc_array(Arena *a, size_t count, size_t item_bytes);
void *arena_alloc_array_unset(Arena *a, size_t count, size_t item_bytes);
/* NUL-terminated copy of bytes as they are. */
char *arena_text(Arena *a, Bytes b);
/* A formatted sentence, cut between UTF-8 characters after ARENA_SENTENCE - 1 bytes. */
enum { ARENA_SENTENCE = 600 };
char *arena_textf(Arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vtextf(Arena *a, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

/* Scratch: everything allocated since the mark dies with the reset. A large block that is older and
 * grew since stays; a small one that grew is allocated anew, and dies. */
typedef struct ArenaMark {
    void *chunk;
    size_t used;
    uint64_t bigs; /* large blocks so far */
} ArenaMark;
ArenaMark arena_mark(const Arena *a);
void arena_reset(Arena *a, ArenaMark mark);

size_t arena_used(const Arena *a); /* bytes held now */
size_t arena_peak(const Arena *a); /* the most that was held at once */
size_t arena_max(const Arena *a);

#endif
