/* SPDX-License-Identifier: Apache-2.0
 * walk.h: from the paths of the command line to files, in a fixed order: arguments as given, the
 * entries of a folder by their bytes. A link named as an argument is followed; inside a folder a
 * link to a file is followed, a link to a folder is not (it would lead out of what was named, or
 * in circles). What cannot be walked comes as an item with a problem. */
#ifndef COG_APP_WALK_H
#define COG_APP_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Walk Walk;

typedef struct WalkItem {
    char *path; /* the caller's to free */
    size_t argument;
    const char *problem; /* static; NULL: a file to be opened */
} WalkItem;

/* The paths are borrowed. */
Walk *walk_new(const char *const *paths, size_t count);
bool walk_next(Walk *w, WalkItem *out);
/* Files known so far, those already given included; is_final: no folder is left unopened. */
uint64_t walk_known(const Walk *w, bool *is_final);
void walk_free(Walk *w);

/* Opens a regular file for reading, -1 and a static reason otherwise. "-" is standard input. */
int file_open(const char *path, uint64_t *size, const char **reason);

#endif
