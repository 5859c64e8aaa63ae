/* SPDX-License-Identifier: Apache-2.0
 * group.h: samples that carry one label count as one when it is asked how many unrelated parties
 * have something. */
#ifndef COG_MATCH_GROUP_H
#define COG_MATCH_GROUP_H

#include "match/match.h"

/* Equal for samples of one family (else campaign, else actor, else library name, else the sample
 * alone). */
uint64_t group_from_sample(const StoredSample *sample);

/* What so many groups have is common rather than of a family (guess, checked on the tuning part).
 */
enum { COMMON_GROUPS = 3 };

/* A small set of groups; beyond its room it only knows "many". */
enum { GROUP_SET_ROOM = 32 };
typedef struct GroupSet {
    uint64_t at[GROUP_SET_ROOM];
    uint32_t count;
    bool is_more;
} GroupSet;
void group_set_add(GroupSet *set, uint64_t group);

/* What a match of something that so many groups have says, 1 for one group: falls faster than 1/n,
 * since what three unrelated families have is most often a library. Exponent 1.5: guess, checked on
 * the tuning part (docs/evidence/verdict.md). */
float rarity_weight(uint32_t groups);

#endif
