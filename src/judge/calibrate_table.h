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
    {-6.3891, 0.5347, 1.7750, 2.2440, 3.6606, 5.2135},
    {-4.5721, 0.8397, 5.3144, 6.0188, 0.0000, 0.0000},
};
static const double CALIBRATE_VERDICT[2][3] = {
    {-2.9733, 2.7602, 0.4786},
    {0.3651, 1.3720, 0.0072},
};
static const double CALIBRATE_THRESHOLD[2] = {0.55, 0.759};
/* clang-format on */

#endif
