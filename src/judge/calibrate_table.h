/* SPDX-License-Identifier: Apache-2.0
 * calibrate_table.h: made by tools/calibrate.py from 134 verdicts of the tuning part; do not edit.
 * Inputs: 1, log2(1 + code weight), code share, reverse share, root of the product of both shares,
 * log2(1 + capped token weight), margin, log2(1 + exact pairs), log2(1 + distinctive pairs). */
#ifndef COG_JUDGE_CALIBRATE_TABLE_H
#define COG_JUDGE_CALIBRATE_TABLE_H

#define CALIBRATE_INPUTS 9
#define CALIBRATE_TOKEN_CAP 64.0
#define CALIBRATE_THRESHOLD 0.575
static const double CALIBRATE_WEIGHTS[CALIBRATE_INPUTS] = {-7.6458, -1.2948, 1.5795, 2.1275, 3.7589,
                                                           0.4558,  2.5283,  0.0782, 1.5299};

#endif
