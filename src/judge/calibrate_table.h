/* SPDX-License-Identifier: Apache-2.0
 * calibrate_table.h: made by tools/calibrate.py from 816 cases of the tuning part; do not edit.
 * The inputs stand in calibrate.c. */
#ifndef COG_JUDGE_CALIBRATE_TABLE_H
#define COG_JUDGE_CALIBRATE_TABLE_H

#define CALIBRATE_TOKEN_CAP 1.0
#define CALIBRATE_MAX_LEAD 8.0
/* clang-format off */
#define CALIBRATE_SMALL 100.0
#define CALIBRATE_LARGE 1000.0
/* Small samples with rare strings, and without; large ones with, and without. */
static const double CALIBRATE_PARTY[4][6] = {
    {-2.5635, 0.4455, 4.2724, 2.6741, 2.5921, 1.4738},
    {-2.3280, 0.5733, 4.4928, 2.8149, 0.0000, 0.0000},
    {-4.1969, 0.5788, 1.2481, 1.5553, 2.5932, 2.7168},
    {-3.0293, 1.0767, 2.3648, 3.0392, 0.0000, 0.0000},
};
static const double CALIBRATE_VERDICT[4][3] = {
    {-0.6627, 1.4585, 0.2977},
    {-0.3061, 1.5606, 0.3437},
    {-3.9375, 1.0252, 1.3765},
    {0.3573, 1.3468, 0.1439},
};
static const double CALIBRATE_THRESHOLD[4] = {0.55, 0.608, 0.55, 0.893};
/* clang-format on */

#endif
