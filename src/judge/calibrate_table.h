/* SPDX-License-Identifier: Apache-2.0
 * calibrate_table.h: made by tools/calibrate.py; do not edit. Inputs: 1, log2(1 + code weight),
 * code share, reverse share, token weight (capped), margin. */
#ifndef COG_JUDGE_CALIBRATE_TABLE_H
#define COG_JUDGE_CALIBRATE_TABLE_H

#define CALIBRATE_INPUTS 6
#define CALIBRATE_TOKEN_CAP 2.0
#define CALIBRATE_THRESHOLD 0.55
static const double CALIBRATE_WEIGHTS[CALIBRATE_INPUTS] = {-5.0, 0.8, 7.0, 2.0, 1.0, 3.0};

#endif
