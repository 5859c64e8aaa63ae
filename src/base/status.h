/* SPDX-License-Identifier: Apache-2.0
 * status.h: when the world failed (disk full, file gone, store locked). The message is written
 * once, where the failure was found, in words a user understands; callers pass it on. Hostile input
 * is not a failure of this kind: see note.h. */
#ifndef COG_BASE_STATUS_H
#define COG_BASE_STATUS_H

#include "base/check.h"

typedef enum Status {
    STATUS_OK = 0,
    STATUS_FAILED,    /* the system said no: message has the reason */
    STATUS_NOT_FOUND, /* what was asked for is not there */
    STATUS_CORRUPT,   /* our own stored or transported bytes do not check out */
    STATUS_FULL,      /* disk or a limit of ours */
    STATUS_BUSY,      /* another process holds it */
    STATUS_USAGE      /* the caller asked for something that makes no sense */
} Status;

typedef struct Error {
    Status status;
    char message[512];
} Error;

/* Records the failure and returns it, so that `return error_set(...)` reads well. err may be NULL.
 */
Status error_set(Error *err, Status status, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
