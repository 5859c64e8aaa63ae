/* SPDX-License-Identifier: Apache-2.0
 * hidden_noise.h: hidden texts that mean nothing, by their characters alone. In: a text with a zero
 * behind it. Threads: pure functions. */
#ifndef COG_FEATURE_HIDDEN_NOISE_H
#define COG_FEATURE_HIDDEN_NOISE_H

#include "unwrap/hidden.h"

/* Constants of ciphers and hashes, what encoders made of nothing, dumps, numbers of a table. */
bool hidden_is_noise(const HiddenText *t);
/* A bit for each letter against words, a number in hexadecimal, or one with dots, two of them
 * before zeros: nobody's when nothing else was decoded. */
bool hidden_has_hardly_a_word(const HiddenText *t);
/* A number of the other byte order: as text of the data it has more of words. A text that is
 * turned round to be hidden has less there. */
bool hidden_is_swapped(const HiddenText *t);
/* Short, and its letters are no word's. */
bool hidden_has_no_word(const HiddenText *t);

#endif
