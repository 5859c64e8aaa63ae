/* SPDX-License-Identifier: Apache-2.0
 * calibrate_table.h: made by tools/calibrate.py from 821 cases of the tuning part; do not edit.
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
    {-3.9805, 0.2700, 2.6231, 2.2659, 5.9432, 0.0000},
    {-2.2462, 0.2942, 4.0194, 2.7599, 0.0000, 0.0000},
    {-4.5580, 0.5493, 0.9742, 1.2733, 3.2258, 2.5973},
    {-3.1449, 1.1549, 2.3395, 3.0250, 0.0000, 0.0000},
};
static const double CALIBRATE_VERDICT[4][3] = {
    {-1.5111, 0.8934, 0.2798},
    {-0.3161, 1.3479, 0.3200},
    {-4.0821, 1.1852, 1.3150},
    {0.0639, 1.2097, 0.2698},
};
static const double CALIBRATE_THRESHOLD[4] = {0.58, 0.627, 0.602, 0.908};
/* clang-format on */

#endif
