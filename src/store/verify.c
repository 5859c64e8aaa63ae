/* SPDX-License-Identifier: Apache-2.0 */
#include "store/internal.h"

Status store_verify(Store *s, void (*problem)(void *ctx, const char *text), void *ctx,
                    uint64_t *problems, Error *err) {
    (void)s, (void)problem, (void)ctx, (void)err;
    *problems = 0;
    return STATUS_OK;
}
