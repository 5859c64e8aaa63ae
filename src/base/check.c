/* SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *condition, const char *file, int line) {
    const char *slash = file;
    for (const char *at = file; *at; at++)
        if (*at == '/')
            slash = at + 1;
    fprintf(stderr, "cognate: broken invariant: %s (%s:%d)\n", condition, slash, line);
    abort();
}
