/* SPDX-License-Identifier: Apache-2.0
 * find.h: the routines of a sample: functions that look as if they transform data are run in an
 * emulated process (probe.h) and named by what they compute (exam.h).
 * In: image and code. Out: routines by address, with their parameters, in the sample's arena. Odd
 * input: code that does not end, faults or needs what is not there says nothing. Limits:
 * PROBE_FUNCTION_STEPS for a function, FIND_FUNCTIONS and what budget.h has left for a sample:
 * NOTE_ROUTINE_LIMIT tells that one was reached; the functions that look most like routines come
 * first. Threads: one sample, one thread.
 * docs/evidence/routines.md. */
#ifndef COG_UNWRAP_FIND_H
#define COG_UNWRAP_FIND_H

#include "code/code.h"
#include "unwrap/routine.h"

/* Functions that are run: those that look most like routines, and of the others the densest
 * (sift.h). Malware has some hundred in all. */
enum { FIND_LIKELY = 256, FIND_DENSE = 64, FIND_FUNCTIONS = FIND_LIKELY + FIND_DENSE };

void routines_from_code(Sample *s, const Image *image, const Code *code, RoutineVec *routines,
                        RoutineParameterVec *parameters);

#endif
