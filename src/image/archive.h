/* SPDX-License-Identifier: Apache-2.0
 * archive.h: members of an archive (zip, tar, 7z, gz ... by libarchive), also with the password
 * "infected". In: bytes. Out: each regular member's bytes through a visitor, in archive order, one
 * at a time (memory: one member). Odd input: bombs (entries, bytes, ratio), locked members, damage:
 * noted, the rest is still visited. Runs in the worker only. */
#ifndef COG_IMAGE_ARCHIVE_H
#define COG_IMAGE_ARCHIVE_H

#include "base/sample.h"

/* Once per process, before a sandbox closes: afterwards archive_visit opens no file (time zone,
 * tables of character sets). Sets TZ in the environment when it has no value. */
void archive_init(void);

/* True when the bytes start like an archive that we open (zip, 7z, rar, gzip, xz, bzip2, tar, cab,
 * deb/ar ...). A PE or ELF is never one. */
bool archive_is_archive(Bytes b);

/* `bytes` is valid during the call only. member is "" when the archive as a whole is meant. reason
 * is NULL, or why the member could not be read (then bytes is empty). Return false to stop. */
typedef bool (*ArchiveVisit)(void *ctx, const char *member, Bytes bytes, const char *reason);

/* Notes go to s->notes (NOTE_ARCHIVE_*). Members bigger than MAX_SAMPLE_BYTES are reported with a
 * reason. */
void archive_visit(Sample *s, ArchiveVisit visit, void *ctx);

#endif
