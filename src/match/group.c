/* SPDX-License-Identifier: Apache-2.0 */
#include "match/group.h"

#include <math.h>
#include <string.h>

static uint64_t hash_label(uint64_t salt, const char *label) {
    return mix64(salt ^ hash64((Bytes){(const uint8_t *)label, strlen(label)}));
}

uint64_t group_from_sample(const StoredSample *sample) {
    const Labels *l = &sample->labels;
    if (l->family)
        return hash_label(1, l->family);
    if (l->campaign)
        return hash_label(2, l->campaign);
    if (l->actor)
        return hash_label(3, l->actor);
    if (l->library)
        return hash_label(4, l->library);
    return mix64(((uint64_t)5 << 56) ^ sample->id);
}

void group_set_add(GroupSet *set, uint64_t group) {
    for (uint32_t i = 0; i < set->count; i++)
        if (set->at[i] == group)
            return;
    if (set->count < GROUP_SET_ROOM)
        set->at[set->count++] = group;
    else
        set->is_more = true;
}

float rarity_weight(uint32_t groups) {
    return groups <= 1 ? 1.0f : 1.0f / powf((float)groups, 1.5f);
}
