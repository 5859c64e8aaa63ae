/* SPDX-License-Identifier: Apache-2.0
 * types.h: the many names of indicator types in MISP (misp-project.org/datamodels), OTX, CSV
 * headers and our own records. */
#ifndef COG_KNOW_TYPES_H
#define COG_KNOW_TYPES_H

#include "know/know.h"

typedef struct KnowType {
    KnowValueKind kind;   /* KNOW_VALUE_COUNT: no indicator, or of no use here */
    KnowValueKind second; /* of "a|b"; KNOW_VALUE_COUNT: one value only */
} KnowType;
/* KNOW_VALUE_OTHER: tell by form. Case, '-', '_' and blanks do not matter. */
KnowType know_type_from_name(const char *name, size_t n);
/* True when the name is known at all. */
bool know_type_is_known(const char *name, size_t n);

/* Kind of entity by the type of a MISP galaxy. */
KnowKind know_kind_from_galaxy(const char *type);

#endif
