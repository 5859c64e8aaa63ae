/* SPDX-License-Identifier: Apache-2.0
 * chance_table.h: -log10 of the share of 2.07 * 10^9 pairs of functions of unrelated programs that
 * score so high; made by tools/chance_table.py. Do not edit. */
#ifndef COG_MATCH_CHANCE_TABLE_H
#define COG_MATCH_CHANCE_TABLE_H

#include <stdint.h>

enum { CHANCE_SIZES = 6, CHANCE_SCORES = 17 };
/* Instructions of the smaller function, from. */
static const uint32_t CHANCE_SIZE[CHANCE_SIZES] = {10, 25, 50, 100, 200, 400};
static const float CHANCE_SCORE[CHANCE_SCORES] = {0.20f, 0.25f, 0.30f, 0.35f, 0.40f, 0.45f,
                                                  0.50f, 0.55f, 0.60f, 0.65f, 0.70f, 0.75f,
                                                  0.80f, 0.85f, 0.90f, 0.95f, 1.00f};
static const float CHANCE[CHANCE_SIZES][CHANCE_SCORES] = {
    {3.58f, 3.93f, 4.25f, 4.51f, 4.70f, 4.88f, 4.97f, 5.44f, 5.61f, 5.79f, 5.95f, 6.13f, 6.22f,
     6.35f, 6.39f, 6.43f, 6.44f},
    {4.40f, 4.88f, 5.26f, 5.59f, 5.90f, 6.12f, 6.30f, 6.58f, 6.77f, 6.92f, 7.09f, 7.17f, 7.30f,
     7.72f, 7.83f, 7.83f, 8.39f},
    {5.18f, 5.77f, 6.15f, 6.46f, 6.73f, 7.00f, 7.25f, 7.47f, 7.77f, 7.84f, 7.84f, 7.84f, 7.84f,
     7.84f, 8.14f, 8.14f, 8.14f},
    {5.71f, 6.18f, 6.46f, 6.80f, 7.36f, 7.66f, 7.66f, 7.66f, 7.66f, 7.66f, 7.66f, 7.66f, 7.66f,
     7.66f, 7.66f, 7.66f, 7.66f},
    {5.69f, 6.06f, 6.17f, 6.99f, 6.99f, 6.99f, 6.99f, 6.99f, 6.99f, 6.99f, 6.99f, 6.99f, 6.99f,
     6.99f, 6.99f, 6.99f, 6.99f},
    {4.39f, 4.84f, 5.28f, 5.39f, 5.41f, 5.50f, 5.64f, 5.64f, 5.64f, 5.66f, 5.69f, 5.89f, 6.24f,
     6.24f, 6.36f, 6.36f, 6.36f},
};

#endif
