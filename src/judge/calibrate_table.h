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
    {-6.2909, 0.5156, 1.6266, 1.8933, 3.6611, 5.3786},
    {-4.4110, 0.6974, 5.0474, 5.3152, 0.0000, 0.0000},
};
static const double CALIBRATE_VERDICT[2][3] = {
    {-7.1898, 2.2066, 1.4081},
    {-0.8562, 1.0131, 0.2171},
};
static const double CALIBRATE_THRESHOLD[2] = {0.55, 0.873};
/* clang-format on */

#endif
