/* SPDX-License-Identifier: Apache-2.0
 * show.h: values as text a reader can compare: one line per effect, in order of the blocks. Names
 * of slots and widths that compilers choose are not shown. */
#ifndef COG_VALUE_SHOW_H
#define COG_VALUE_SHOW_H

#include "base/text.h"
#include "value/value.h"

/* Appends one effect without a line end, e.g. `[a0 + 8]4 = r2 ^ 0x9e3779b9`. a: arguments, r:
 * results of calls, s: places in the frame, v: values that depend on the path. */
void show_effect(const Values *v, const ValueFunction *f, const Effect *e, Text *out);

#endif
