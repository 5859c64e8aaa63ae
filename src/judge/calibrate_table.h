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
    {-3.3366, 0.1822, 4.6268, 4.2729, 3.0273, 2.2497},
    {-2.7632, 0.4982, 4.5115, 3.8268, 0.0000, 0.0000},
    {-4.1989, 0.6316, 1.2149, 1.5413, 2.6359, 2.7001},
    {-2.9879, 1.1659, 2.3038, 2.9884, 0.0000, 0.0000},
};
static const double CALIBRATE_VERDICT[4][3] = {
    {-0.4523, 1.3263, 0.2142},
    {-0.2684, 1.4192, 0.3323},
    {-3.9043, 1.0811, 1.3749},
    {0.2867, 1.3059, 0.1506},
};
static const double CALIBRATE_THRESHOLD[4] = {0.55, 0.55, 0.55, 0.907};
/* clang-format on */

#endif
