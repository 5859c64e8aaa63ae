/* SPDX-License-Identifier: Apache-2.0
 * cognate_inner.h: what cognate.c and cognate_store.c share behind the public header. */
#ifndef COG_COGNATE_INNER_H
#define COG_COGNATE_INNER_H

#include <setjmp.h>

#include "know/import.h"
#include "match/match.h"
#include "report/report.h"
#include "store/know_store.h"
#include <cognate/cognate.h>

/* Memory (and a snapshot) for one call. Reaching the memory's end leaves the step with
 * STATUS_FULL; all of it is given back then as well. */
typedef struct Work {
    Arena *arena, *scratch;
    Snapshot *snap; /* set by the step, closed for it */
    KnowView *know; /* likewise */
    jmp_buf out_of_memory;
} Work;
typedef Status (*WorkStep)(Work *w, void *ctx, Error *err);
Status work_run(WorkStep step, void *ctx, Error *err);

/* What a store says of a sample; the snapshot and the knowledge stay open in w. first_seen: when it
 * existed, or NULL. */
typedef struct Judgement {
    MatchReport *report;
    Verdict *verdict;
} Judgement;
Status work_judge(Work *w, CogStore *s, const Features *f, const char *first_seen, Judgement *out,
                  Error *err);
/* Adds the sample to the page. w: as work_judge left it. */
Status page_add(Work *w, CogPage *page, const CogResult *r, const Features *f,
                const Judgement *judgement, Error *err);

/* Appending to a CogOutput as a Text; between the two calls the Text owns the bytes. */
Text output_open(CogOutput *o);
Status output_close(CogOutput *o, const Text *text, Error *err);

CogStatus error_give(Status status, const Error *from, CogError *to);
TextStyle style_from_public(CogStyle style, unsigned columns);
/* Owned by the result. A failure gives STATUS_USAGE. */
Status result_features(const CogResult *r, const Features **out, Error *err);

/* A network database of an import (cognate_networks.c): it waits for the other documents, since
 * what it tells is where their addresses lie. */
typedef struct NetworkFile {
    int fd;              /* its own */
    char *path, *source; /* source: or NULL */
    uint8_t sha256[32];
} NetworkFile;
bool network_file_is(int fd);
/* NULL, or why it cannot be read. */
const char *network_file_check(const NetworkFile *f);
/* Looks all addresses of the store up in each; stats: one for each of them. */
Status network_files_import(Store *store, const NetworkFile *files, size_t count,
                            KnowImportStat *stats, KnowAdded *added, Error *err);

struct CogResult {
    char *path;
    char *stage, *reason; /* NULL: not a failure */
    char sha256[65];
    char *first_seen; /* of the question; or NULL */
    bool details;
    Text pack;    /* the features as bytes, until somebody asks for them */
    Text effects; /* effect_lines.h as bytes; empty: not asked for */
    Text windows; /* code_window.h, likewise */
    Text hits;    /* of a scan (yara_scan.h); a result has these or features */
    Arena *arena; /* of the features, once asked for */
    Features *features;
};

struct CogStore {
    Store *store;
};

/* One sample's bytes on their way in or out. */
#define MAX_WORK_TEXT ((size_t)1 << 30)

#endif
