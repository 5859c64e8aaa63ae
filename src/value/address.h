/* SPDX-License-Identifier: Apache-2.0
 * address.h: what a constant address stands for, independent of where it is; private to value/. */
#ifndef COG_VALUE_ADDRESS_H
#define COG_VALUE_ADDRESS_H

#include "code/code.h"

/* Low 3 bits of a label. */
typedef enum AddressKind {
    ADDRESS_NONE,     /* not an address (label 0) */
    ADDRESS_FUNCTION, /* start of a function */
    ADDRESS_CODE,
    ADDRESS_STRING, /* the label is the text's */
    ADDRESS_DATA,   /* read-only bytes; the label is the bytes' */
    ADDRESS_GLOBAL, /* may be written, or says nothing */
    ADDRESS_IMPORT  /* the label is the name's */
} AddressKind;

typedef struct Addresses Addresses;
Addresses *addresses_for_image(Arena *a, const Image *image, const Code *code);
/* Label of a constant, 0 when it is a number. is_address: it was made from the program counter or
 * used as an address; otherwise its value decides (images based above 64 KiB only). */
uint64_t addresses_label(Addresses *x, uint64_t va, bool is_address);
static inline AddressKind addresses_kind(uint64_t label) { return (AddressKind)(label & 7); }
/* import: index + 1. */
uint64_t addresses_import_label(const Addresses *x, uint32_t import);

#endif
