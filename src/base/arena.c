/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define RED_ZONE 16u
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define RED_ZONE 0u
#endif

/* 64 KiB chunks: small samples stay small; blocks of a quarter of it and more live alone. */
enum { CHUNK_BYTES = 64 * 1024, BIG_BYTES = CHUNK_BYTES / 4, ALIGN = 16 };

typedef struct Chunk {
    struct Chunk *before;
    size_t size, used;
    _Alignas(16) uint8_t data[];
} Chunk;

typedef struct Big {
    struct Big *before, *after;
    uint64_t number;
    size_t size;
    _Alignas(16) uint8_t data[];
} Big;

struct Arena {
    size_t max, held, peak;
    Chunk *chunk;
    Big *big;      /* newest first */
    uint64_t bigs; /* that were ever allocated */
    jmp_buf *escape;
};

Arena *arena_new(size_t max_bytes) {
    Arena *a = calloc(1, sizeof *a);
    if (a)
        a->max = max_bytes;
    return a;
}

static void big_drop(Arena *a, Big *big) {
    if (big->before)
        big->before->after = big->after;
    if (big->after)
        big->after->before = big->before;
    else
        a->big = big->before;
    a->held -= big->size;
    free(big);
}

static void chunk_drop(Arena *a) {
    Chunk *c = a->chunk;
    a->chunk = c->before;
    a->held -= c->size;
    UNPOISON(c->data, c->size);
    free(c);
}

void arena_free(Arena *a) {
    if (!a)
        return;
    while (a->chunk)
        chunk_drop(a);
    while (a->big)
        big_drop(a, a->big);
    free(a);
}

void arena_set_escape(Arena *a, jmp_buf *escape) { a->escape = escape; }

_Noreturn void arena_give_up(Arena *a) {
    CHECK(a->escape != NULL);
    longjmp(*a->escape, 1);
}

static void hold(Arena *a, size_t bytes) {
    if (bytes > a->max - a->held || a->held > a->max)
        arena_give_up(a);
    a->held += bytes;
    if (a->held > a->peak)
        a->peak = a->held;
}

static void *big_alloc(Arena *a, size_t bytes, bool is_zeroed) {
    hold(a, bytes);
    Big *big = is_zeroed ? calloc(1, sizeof(Big) + bytes) : malloc(sizeof(Big) + bytes);
    if (!big) {
        a->held -= bytes;
        arena_give_up(a);
    }
    big->size = bytes;
    big->number = ++a->bigs;
    big->before = a->big;
    big->after = NULL;
    if (a->big)
        a->big->after = big;
    a->big = big;
    return big->data;
}

static void *small_alloc(Arena *a, size_t bytes) {
    size_t need = ((bytes + (size_t)(ALIGN - 1)) & ~(size_t)(ALIGN - 1)) + RED_ZONE;
    if (need == 0)
        need = ALIGN;
    if (!a->chunk || a->chunk->size - a->chunk->used < need) {
        hold(a, CHUNK_BYTES);
        Chunk *c = malloc(sizeof(Chunk) + CHUNK_BYTES);
        if (!c) {
            a->held -= CHUNK_BYTES;
            arena_give_up(a);
        }
        c->before = a->chunk;
        c->size = CHUNK_BYTES;
        c->used = 0;
        a->chunk = c;
        POISON(c->data, CHUNK_BYTES);
    }
    uint8_t *at = a->chunk->data + a->chunk->used;
    a->chunk->used += need;
    UNPOISON(at, bytes);
    return at;
}

void *arena_alloc(Arena *a, size_t bytes) {
    if (bytes >= BIG_BYTES)
        return big_alloc(a, bytes, true);
    return memset(small_alloc(a, bytes), 0, bytes);
}

void *arena_alloc_unset(Arena *a, size_t bytes) {
    return bytes >= BIG_BYTES ? big_alloc(a, bytes, false) : small_alloc(a, bytes);
}

void *arena_alloc_array(Arena *a, size_t count, size_t item_bytes) {
    if (item_bytes != 0 && count > SIZE_MAX / 2 / item_bytes)
        arena_give_up(a);
    return arena_alloc(a, count * item_bytes);
}

void *arena_alloc_array_unset(Arena *a, size_t count, size_t item_bytes) {
    if (item_bytes != 0 && count > SIZE_MAX / 2 / item_bytes)
        arena_give_up(a);
    return arena_alloc_unset(a, count * item_bytes);
}

static void *big_grow(Arena *a, void *block, size_t old_bytes, size_t new_bytes) {
    Big *big = (Big *)(void *)((uint8_t *)block - offsetof(Big, data));
    CHECK(big->size == old_bytes);
    hold(a, new_bytes - old_bytes);
    Big *moved = realloc(big, sizeof(Big) + new_bytes);
    if (!moved) {
        a->held -= new_bytes - old_bytes;
        arena_give_up(a);
    }
    moved->size = new_bytes;
    if (moved->before)
        moved->before->after = moved;
    if (moved->after)
        moved->after->before = moved;
    else
        a->big = moved;
    memset(moved->data + old_bytes, 0, new_bytes - old_bytes);
    return moved->data;
}

void *arena_grow(Arena *a, void *block, size_t old_bytes, size_t new_bytes) {
    CHECK(new_bytes >= old_bytes);
    if (block && old_bytes >= BIG_BYTES)
        return big_grow(a, block, old_bytes, new_bytes);
    uint8_t *fresh = arena_alloc_unset(a, new_bytes);
    if (block && old_bytes > 0)
        memcpy(fresh, block, old_bytes);
    memset(fresh + (block ? old_bytes : 0), 0, new_bytes - (block ? old_bytes : 0));
    return fresh;
}

char *arena_text(Arena *a, Bytes b) {
    char *text = arena_alloc(a, b.size + 1);
    if (b.size > 0)
        memcpy(text, b.at, b.size);
    return text;
}

/* Bytes of text up to its last whole character, when it was cut. */
static size_t whole_characters(const char *text, size_t size) {
    size_t lead = size;
    while (lead > 0 && ((uint8_t)text[lead - 1] & 0xc0) == 0x80)
        lead--;
    uint8_t first = lead > 0 ? (uint8_t)text[lead - 1] : 0;
    size_t needs = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    return lead > 0 && size - (lead - 1) < needs ? lead - 1 : size;
}

char *arena_vtextf(Arena *a, const char *fmt, va_list args) {
    char text[ARENA_SENTENCE];
    int n = vsnprintf(text, sizeof text, fmt, args);
    size_t size = n < 0 ? 0 : (size_t)n;
    if (size >= sizeof text)
        size = whole_characters(text, sizeof text - 1);
    return arena_text(a, (Bytes){(const uint8_t *)text, size});
}

char *arena_textf(Arena *a, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    char *text = arena_vtextf(a, fmt, args);
    va_end(args);
    return text;
}

ArenaMark arena_mark(const Arena *a) {
    return (ArenaMark){a->chunk, a->chunk ? a->chunk->used : 0, a->bigs};
}

void arena_reset(Arena *a, ArenaMark mark) {
    while (a->big && a->big->number > mark.bigs)
        big_drop(a, a->big);
    while (a->chunk && a->chunk != mark.chunk)
        chunk_drop(a);
    if (a->chunk) {
        POISON(a->chunk->data + mark.used, a->chunk->size - mark.used);
        a->chunk->used = mark.used;
    }
}

size_t arena_used(const Arena *a) { return a->held; }
size_t arena_peak(const Arena *a) { return a->peak; }
size_t arena_max(const Arena *a) { return a->max; }
