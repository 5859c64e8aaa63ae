/* SPDX-License-Identifier: Apache-2.0
 * fuzz_window.c: code windows as a worker sends them. What is read is written again, the same bytes
 * but for what says nothing. */
#include "feature/code_window.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena *a = arena_new((size_t)64 << 20);
    CHECK(a != NULL);
    CodeWindows w;
    if (code_windows_from_bytes(a, (Bytes){data, size}, &w)) {
        Text t = text_new((size_t)64 << 20);
        unsigned sum = 0;
        for (size_t i = 0; i < w.windows.count; i++)
            for (uint32_t k = 0; k < w.windows.at[i].size; k++)
                sum += w.windows.at[i].is_fixed[k] ? w.windows.at[i].at[k] : 0u;
        code_windows_write(&w, &t);
        CHECK(t.size == size && memcmp(t.at, data, size) == 0);
        CHECK(sum <= size * 255);
        text_free(&t);
    }
    arena_free(a);
    return 0;
}
