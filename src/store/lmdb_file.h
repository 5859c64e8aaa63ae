/* SPDX-License-Identifier: Apache-2.0
 * lmdb_file.h: checks of an LMDB 0.9 data file from outside. LMDB trusts its file and dies by
 * signal when it lies; these checks read it as hostile bytes first. */
#ifndef COG_STORE_LMDB_FILE_H
#define COG_STORE_LMDB_FILE_H

#include "base/status.h"

#include <stdint.h>

/* The two meta pages, and the tree that names the tables: what LMDB reads to open. STATUS_CORRUPT.
 * Cheap (three pages): done at every open. */
Status lmdb_file_check(const char *path, Error *err);

/* Every page that the state of transaction txn_id reaches, and its free list: pages lie inside the
 * file, are of the right kind and depth, nodes lie inside their page, no page is used twice.
 * STATUS_BUSY when that state's meta page is overwritten by now: begin again. The caller holds a
 * read transaction on it. */
Status lmdb_file_check_tree(int fd, uint64_t txn_id, Error *err);

#endif
