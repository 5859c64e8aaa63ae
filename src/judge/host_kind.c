/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/host_kind.h"

HostKind host_kind(KnowValueKind kind, const char *value) {
    SharedHost shared = shared_host(kind, value);
    return (HostKind){shared, shared_host_words(shared)};
}

void host_kind_from_claims(HostKind *kind, const KnowClaimVec *claims, Arena *a) {
    for (size_t i = 0; i < claims->count && kind->shared < SHARED_COMPROMISED; i++) {
        const KnowClaim *c = &claims->at[i];
        if (c->relation != KNOW_COMPROMISED)
            continue;
        kind->shared = SHARED_COMPROMISED;
        kind->words = arena_textf(a, "%s, says %.100s%s%.100s%s", shared_host_words(kind->shared),
                                  c->source ? c->source : "somebody not named", c->note ? " (" : "",
                                  c->note ? c->note : "", c->note ? ")" : "");
    }
}

double host_kind_joined(const HostKind *kind) {
    const double owners = 0.1; /* guess, as for a CDN: who says so may be wrong */
    return kind->shared == SHARED_COMPROMISED ? owners : 1;
}

Status host_kind_hear(const KnowView *know, KnowValueKind kind, const char *value, Arena *a,
                      HostKind *host, Error *err) {
    enum { MAX_CLAIMS = 1024 }; /* as MAX_NEIGHBOURS: who has more is everybody's anyway */
    KnowClaimVec claims = {.max = MAX_CLAIMS};
    bool is_host =
        kind == KNOW_DOMAIN || kind == KNOW_IPV4 || kind == KNOW_IPV6 || kind == KNOW_URL;
    if (!know || !is_host || host->shared >= SHARED_COMPROMISED)
        return STATUS_OK;
    Status status = know_view_claims(know, know_value_key(kind, value), a, &claims, err);
    if (status == STATUS_OK)
        host_kind_from_claims(host, &claims, a);
    return status;
}
