/* SPDX-License-Identifier: Apache-2.0
 * know_view.h: what the rest of this folder asks of knowledge. */
#ifndef COG_STORE_KNOW_VIEW_H
#define COG_STORE_KNOW_VIEW_H

#include "store/engine.h"
#include "store/store.h"

/* Adds the counts of live knowledge. */
Status know_stat_add(EngineTxn *txn, StoreStat *out, Error *err);

#endif
