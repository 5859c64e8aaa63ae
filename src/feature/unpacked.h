/* SPDX-License-Identifier: Apache-2.0
 * unpacked.h: what features say of a packed sample and of what it unpacks to: traits that name each
 * other, and a note where unpacking failed. In: features that are made but not yet written. */
#ifndef COG_FEATURE_UNPACKED_H
#define COG_FEATURE_UNPACKED_H

#include "base/sample.h"
#include "feature/feature.h"
#include "unwrap/unpack.h"

/* On the packed one. */
void features_add_unpacked(Sample *s, Features *f, const Image *image, const Unpacked *from);
/* On the unpacked one: whose it is. */
void features_add_parent(Sample *s, Features *f, const uint8_t *sha256);
#endif
