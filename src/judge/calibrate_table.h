/* SPDX-License-Identifier: Apache-2.0
 * calibrate_table.h: made by tools/calibrate.py from 220 cases of the tuning part; do not edit.
 * The inputs stand in calibrate.c. */
#ifndef COG_JUDGE_CALIBRATE_TABLE_H
#define COG_JUDGE_CALIBRATE_TABLE_H

#define CALIBRATE_TOKEN_CAP 1.0
#define CALIBRATE_MAX_LEAD 8.0
/* clang-format off */
/* For samples with rare strings, and for those without. */
static const double CALIBRATE_PARTY[2][6] = {
    {-6.2904, 0.6892, 1.8156, 2.5585, 3.9538, 4.7651},
    {-4.4946, 0.9255, 4.9297, 6.1533, 0.0000, 0.0000},
};
static const double CALIBRATE_VERDICT[2][3] = {
    {-4.7333, 2.8823, 0.9788},
    {-1.0832, 0.9847, 0.4470},
};
static const double CALIBRATE_THRESHOLD[2] = {0.55, 0.78};
/* clang-format on */

#endif
