/* SPDX-License-Identifier: Apache-2.0
 * mmdb.h: looks addresses up in a MaxMind DB (MaxMind DB File Format Specification 2.0): the
 * autonomous system, its holder and the country, as GeoLite2 and databases of the same layout have
 * them. In: the whole file, a view that outlives the Mmdb. Odd input: every offset is checked, a
 * record of more than MAX_MMDB_VALUES values is damaged, nothing recurses. Threads: plain values.
 * Why not libmaxminddb: docs/decisions.md. */
#ifndef COG_KNOW_MMDB_H
#define COG_KNOW_MMDB_H

#include "base/bytes.h"

typedef struct Mmdb {
    Bytes tree, data;
    uint32_t nodes;
    unsigned record_bits; /* 24, 28, 32 */
    bool is_v6;
    uint32_t v4_root; /* where the tree of IPv4 addresses begins */
    char type[64];    /* "GeoLite2-ASN" */
    int64_t built;    /* milliseconds since 1970, 0 not known */
} Mmdb;

/* The metadata stands in the last 128 KiB: is there any? */
enum { MMDB_TAIL_BYTES = 128 << 10 };
bool mmdb_has_metadata(Bytes tail);
/* NULL, or what is wrong in words. */
const char *mmdb_open(Bytes file, Mmdb *out);

typedef struct MmdbNetwork {
    uint32_t asn;     /* 0 not known */
    char holder[129]; /* of it: UTF-8, or empty */
    char country[3];  /* ISO 3166, or empty */
} MmdbNetwork;
typedef enum MmdbAnswer { MMDB_NONE, MMDB_FOUND, MMDB_DAMAGED } MmdbAnswer;
/* 4 or 16 bytes, in network order. */
MmdbAnswer mmdb_find(const Mmdb *m, const uint8_t *address, size_t size, MmdbNetwork *out);

#endif
