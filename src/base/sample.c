/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sample.h"

#include <time.h>

uint64_t clock_now_ms(void) {
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool sample_is_past_deadline(const Sample *s) {
    return s->deadline_ms != 0 && clock_now_ms() >= s->deadline_ms;
}

bool sample_is_late(Sample *s) {
    if (!sample_is_past_deadline(s))
        return false;
    if (s->notes.per_kind[NOTE_TIME_LIMIT] == 0)
        notes_add(&s->notes, NOTE_TIME_LIMIT, 0);
    return true;
}

void sample_free_thread_arenas(Sample *s) {
    helpers_wait(s->helpers);
    for (size_t i = 0; i < sizeof s->thread_arenas / sizeof *s->thread_arenas; i++) {
        arena_free(s->thread_arenas[i].arena);
        arena_free(s->thread_arenas[i].scratch);
        s->thread_arenas[i] = (ThreadArenas){0};
    }
}
