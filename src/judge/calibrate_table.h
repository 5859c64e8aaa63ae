/* SPDX-License-Identifier: Apache-2.0
 * calibrate_table.h: made by tools/calibrate.py from 134 verdicts of the tuning part; do not edit.
 * Inputs: 1, log2(1 + code weight), code share, reverse share, root of the product of both shares,
 * log2(1 + capped token weight), margin. */
#ifndef COG_JUDGE_CALIBRATE_TABLE_H
#define COG_JUDGE_CALIBRATE_TABLE_H

#define CALIBRATE_INPUTS 7
#define CALIBRATE_TOKEN_CAP 64.0
#define CALIBRATE_THRESHOLD 0.655
static const double CALIBRATE_WEIGHTS[CALIBRATE_INPUTS] = {
    -4.8043, 0.2660, 0.0689, 2.0399, 3.4175, 0.5246, 1.8513};

#endif
