/* SPDX-License-Identifier: Apache-2.0
 * zydis_sweep.h: the limit that a decoder sets: a linear sweep with all operands over the
 * executable segments of an x86 or x86-64 file. */
#ifndef COG_BENCH_ZYDIS_SWEEP_H
#define COG_BENCH_ZYDIS_SWEEP_H

#include "base/bytes.h"

/* Processor time of this thread. */
double thread_seconds(void);
/* Seconds; adds the bytes swept. */
double zydis_sweep(Bytes file, uint64_t *code_bytes);

#endif
