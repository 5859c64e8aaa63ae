/* SPDX-License-Identifier: Apache-2.0
 * calibrate_table.h: made by tools/calibrate.py from 0 cases of the tuning part; do not edit.
 * The inputs stand in calibrate.c. */
#ifndef COG_JUDGE_CALIBRATE_TABLE_H
#define COG_JUDGE_CALIBRATE_TABLE_H

#define CALIBRATE_TOKEN_CAP 64.0
#define CALIBRATE_MAX_LEAD 8.0
#define CALIBRATE_THRESHOLD 0.6
/* clang-format off */
static const double CALIBRATE_PARTY[7] = {
    -3.0000, 1.0000, 2.0000, 0.3000, 1.0000, 0.1000, 0.1000,
};
static const double CALIBRATE_VERDICT[3] = {
    0.0000, 1.0000, 0.3000,
};
/* clang-format on */

#endif
