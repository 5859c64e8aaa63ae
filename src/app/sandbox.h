/* SPDX-License-Identifier: Apache-2.0
 * sandbox.h: closes the door behind a worker, in two steps: after sandbox_prepare threads can still
 * be made; after sandbox_close the process can compute, read and write what it holds open, and end;
 * it can open no file, no socket, no process and no thread, and map no code. All its threads are
 * behind the door.
 * Under ASan only the harmless limits are set (the sanitizer itself opens files and maps much). */
#ifndef COG_APP_SANDBOX_H
#define COG_APP_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct SandboxLimits {
    uint64_t memory_bytes; /* heap and anonymous maps, on top of what is in use; 0 = none */
    uint64_t cpu_seconds;  /* 0 = none */
} SandboxLimits;

/* Both are false when the kernel refuses what the promise rests on (limits, system call filter);
 * why then says what. Landlock and a change of user are a second line: used where they work. */
bool sandbox_prepare(char *why, size_t why_size);
bool sandbox_close(const SandboxLimits *limits, char *why, size_t why_size);
/* False in builds with a sanitizer. */
bool sandbox_is_complete(void);

#endif
