/* SPDX-License-Identifier: Apache-2.0
 * fold.h: idioms of compilers that fold.c asks for; private to value/. Each gives 0 when the values
 * are not of that form. */
#ifndef COG_VALUE_FOLD_H
#define COG_VALUE_FOLD_H

#include "value/graph.h"

/* idiom.c */
/* a + b, a | b or a ^ b that is a rotation of one value. */
Value fold_rotate(Graph *g, unsigned bits, Value a, Value b);
/* a >> shift that is a division by a constant. */
Value fold_shift_division(Graph *g, unsigned bits, Value a, unsigned shift);
/* Sums and differences that correct such a division for negative numbers. */
Value fold_add_division(Graph *g, unsigned bits, Value a, Value b);
Value fold_sub_division(Graph *g, unsigned bits, Value a, Value b);

#endif
