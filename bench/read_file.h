/* SPDX-License-Identifier: Apache-2.0
 * read_file.h: what benchmarks read. */
#ifndef COG_BENCH_READ_FILE_H
#define COG_BENCH_READ_FILE_H

#include "base/text.h"

/* Appends the whole file. False: it cannot be opened, or is larger than the text's limit. */
bool read_file(const char *path, Text *out);

#endif
