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
    {-6.3505, 0.5577, 1.6142, 2.2682, 3.7075, 5.2509},
    {-4.5250, 0.8800, 4.9672, 6.1140, 0.0000, 0.0000},
};
static const double CALIBRATE_VERDICT[2][3] = {
    {-2.8033, 3.0400, 0.5212},
    {-1.0738, 0.9509, 0.4332},
};
static const double CALIBRATE_THRESHOLD[2] = {0.55, 0.747};
/* clang-format on */

#endif
