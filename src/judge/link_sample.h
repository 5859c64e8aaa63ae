/* SPDX-License-Identifier: Apache-2.0
 * link_sample.h: samples of the store as steps of a link: what they are labelled, and the hosts in
 * them. Hosts are found by the whole string that a sample has; the features of a sample are only
 * read where a search begins. */
#ifndef COG_JUDGE_LINK_SAMPLE_H
#define COG_JUDGE_LINK_SAMPLE_H

#include "judge/host_kind.h"
#include "judge/link_edge.h"

/* What is next to an indicator by the samples of the store; a sample is the indicator of its
 * SHA-256. host: of the indicator. */
Status link_sample_edges(const LinkAt *at, const HostKind *host, Arena *a, LinkEdgeVec *out,
                         Error *err);

#endif
