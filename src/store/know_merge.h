/* SPDX-License-Identifier: Apache-2.0
 * know_merge.h: keeps the number of knowledge runs small; removes what killed writers left. */
#ifndef COG_STORE_KNOW_MERGE_H
#define COG_STORE_KNOW_MERGE_H

#include "store/know_run.h"

/* Never of a run that is there. */
Status know_run_new_id(EngineTxn *txn, uint32_t *out, Error *err);
/* Merges runs of like size until few are live; all: into one. */
Status know_runs_merge(Engine *engine, bool all, Error *err);
/* Removes runs that were never published, or are merged. */
Status know_runs_sweep(Engine *engine, Error *err);
/* All live entries of a transaction, as one live run of another, empty engine. */
Status know_runs_copy(EngineTxn *from, Engine *to, Error *err);

#endif
