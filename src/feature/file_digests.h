/* SPDX-License-Identifier: Apache-2.0
 * file_digests.h: digests that walk the whole file (TLSH, CTPH), made by a helper while image and
 * code are read, or when they are asked for. In: the sample's bytes. Owner: the sample's arena. */
#ifndef COG_FEATURE_FILE_DIGESTS_H
#define COG_FEATURE_FILE_DIGESTS_H

#include "base/sample.h"
#include "feature/ssdeep.h"
#include "feature/tlsh.h"

typedef struct FileDigests {
    char tlsh[TLSH_TEXT_BYTES]; /* empty: the file has none */
    char ssdeep[SSDEEP_TEXT_BYTES];
} FileDigests;

/* The first helper begins; helpers_wait comes before anybody asks. Without helpers: nothing. */
void file_digests_start(Sample *s);
const FileDigests *file_digests_of(Sample *s);

#endif
