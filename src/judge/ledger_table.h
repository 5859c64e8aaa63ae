/* SPDX-License-Identifier: Apache-2.0
 * ledger_table.h: groups of evidence with one cause each: whose side it is, what the group can say
 * at most (log10 of the likelihood ratio), and where that number is from.
 * measured: 7,942 report blocks of 340 actor lists of maltrail at 8adace1 (docs/evidence/
 * infrastructure.md has the method): P(two blocks of one actor share it) / P(two of different
 * actors do) is 197 for addresses, 56 for domains, 82 for hosts of URLs.
 * the others are guesses, ordered by how easily somebody plants them and bounded by published
 * cases: the Rich header of Olympic Destroyer (2018), the Russian words of the 2017 bank attacks
 * and file names say next to nothing; a key or a table that is in no report says much, and little
 * from the day on that it is in one. Items that were public before the sample was first seen, and
 * items that are easy to plant, never say more than COPYABLE. */
#ifndef COG_JUDGE_LEDGER_TABLE_H
#define COG_JUDGE_LEDGER_TABLE_H

#include "judge/verdict.h"

typedef struct LedgerGroup {
    const char *name;
    Vertex vertex;
    double lr;
    bool is_operators; /* says something about who used it, beside whose code it is */
} LedgerGroup;

static const LedgerGroup LEDGER_GROUPS[] = {
    {"code", VERTEX_CAPABILITY, 300, false},       /* guess: 30 to 300 for a unique function */
    {"routine", VERTEX_CAPABILITY, 300, false},    /* guess: by the rarity of its constants */
    {"api_hash", VERTEX_CAPABILITY, 50, false},    /* guess */
    {"obfuscation", VERTEX_CAPABILITY, 50, false}, /* guess */
    {"secret", VERTEX_INFRASTRUCTURE, 1000, true}, /* guess: who holds the other end's key */
    {"infrastructure", VERTEX_INFRASTRUCTURE, 197, true}, /* measured */
    {"knowledge", VERTEX_REPORTING, 100, true}, /* guess: the same file, somebody's word */
    {"host", VERTEX_TRACE, 10, false},          /* guess: mutexes, pipes, paths */
    {"strings", VERTEX_TRACE, 5, false},        /* guess: 2 to 5 for words and typing errors */
    {"metadata", VERTEX_TRACE, 10, false},      /* guess: 10 for build paths, 3 for Rich headers */
};
static const double COPYABLE = 10; /* guess: it is copied less often than it is kept */

#endif
