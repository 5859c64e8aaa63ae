/* SPDX-License-Identifier: Apache-2.0
 * cognate.h: the one header of libcognate. C11, usable from C++.
 *
 * Bytes in, CogResult out (everything comparable about one sample); results go to records (JSON
 * Lines or text), into a store, or are compared with a store to give a verdict. Nothing here opens
 * a network connection, runs a sample, prints or exits. Strings are UTF-8. Unless said otherwise a
 * returned pointer belongs to the caller and goes back through its cog_*_free or _close. Threads:
 * distinct objects may be used by distinct threads; one object by one thread at a time. */
#ifndef COGNATE_H
#define COGNATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define COG_API __attribute__((visibility("default")))
#define COG_VERSION "0.1.0"

typedef enum CogStatus {
    COG_OK = 0,
    COG_FAILED,
    COG_NOT_FOUND,
    COG_CORRUPT,
    COG_FULL,
    COG_BUSY,
    COG_USAGE
} CogStatus;

typedef struct CogError {
    CogStatus status;
    char message[512];
} CogError;

COG_API const char *cog_version(void);
/* Once per process, before any sandbox closes. */
COG_API void cog_init(void);

/* ---- analysis ---- */
typedef struct CogResult CogResult; /* features of one sample, or the failure to make them */

/* Threads that share the work of one sample at a time; its result is the same without them. They
 * are made before a sandbox closes and ask for nothing but memory and futexes. */
typedef struct CogHelpers CogHelpers;
COG_API CogHelpers *cog_helpers_new(unsigned count); /* NULL: none */
COG_API void cog_helpers_free(CogHelpers *h);

typedef struct CogOptions {
    uint64_t max_mb;     /* memory for one sample; 0 = 1024 */
    uint64_t timeout_ms; /* a sample that takes longer gives what it has, noted; 0 = none */
    bool raw;            /* take as raw code even with a known header */
    const char
        *arch;     /* for raw code: "x86", "x86-64", "aarch64", "arm", "thumb", NULL: guess x86 */
    uint64_t base; /* for raw code: address of the first byte */
    bool no_archives;    /* do not look into archives */
    CogHelpers *helpers; /* borrowed for one call at a time; NULL: the caller's thread does all */
    bool effects;        /* keep what each function does, for cog_compare_function */
    bool windows;        /* keep runs of code with addresses masked, for cog_rules_add */
    const struct CogScanner *scanner; /* not NULL: only say which of its rules hit */
} CogOptions;

/* Called for each sample found (an archive has many). The result is the callee's to free. Return
 * false to stop. */
typedef bool (*CogEmit)(void *ctx, CogResult *result);
COG_API void cog_analyse(const CogOptions *options, const char *name, const void *bytes,
                         size_t size, CogEmit emit, void *ctx);

COG_API CogResult *cog_result_failure(const char *path, const char *stage, const char *reason);
COG_API bool cog_result_is_failure(const CogResult *r);
COG_API const char *cog_result_path(const CogResult *r);
COG_API const char *
cog_result_sha256(const CogResult *r); /* 64 hex digits; "" for a failure without one */
COG_API void cog_result_free(CogResult *r);

/* A growing output. cog_output_free when done; at is NUL-terminated once something was written. */
typedef struct CogOutput {
    char *at;
    size_t size;
    bool failed; /* out of memory or over 1 GiB */
} CogOutput;
COG_API void cog_output_free(CogOutput *o);

/* As bytes and back (docs/formats/pack.md), to carry a result from a worker to its parent or
 * between machines. */
COG_API CogStatus cog_result_write(const CogResult *r, CogOutput *o, CogError *err);
COG_API CogStatus cog_result_read(const void *bytes, size_t size, CogResult **out, CogError *err);

enum { /* parts of a result */
       COG_IMAGE = 1,
       COG_FUNCTIONS = 2,
       COG_STRINGS = 4,
       COG_TRAITS = 8,
       COG_INDICATORS = 16,
       COG_ROUTINES = 32,
       COG_ALL = 63
};
typedef enum CogStyle { COG_JSON, COG_TEXT, COG_TEXT_COLOUR } CogStyle;
/* Records of the contract, one JSON object a line, or readable text for a terminal `columns` wide
 * (0 = 100). A failure gives its failure record. */
COG_API CogStatus cog_result_render(const CogResult *r, unsigned parts, CogStyle style,
                                    unsigned columns, CogOutput *o, CogError *err);

/* ---- store ---- */
typedef struct CogStore CogStore;
typedef enum CogStoreMode { COG_READ, COG_WRITE, COG_CREATE } CogStoreMode;
COG_API CogStatus cog_store_open(const char *where, CogStoreMode mode, unsigned wait_ms,
                                 CogStore **out, CogError *err);
COG_API void cog_store_close(CogStore *s);

typedef struct CogLabels {
    const char *family, *campaign, *actor, *library, *source, *first_seen;
    bool goodware;
} CogLabels;
COG_API CogStatus cog_store_batch_begin(CogStore *s, CogError *err);
COG_API CogStatus cog_store_batch_end(CogStore *s, CogError *err);
typedef enum CogLearned { COG_LEARNED_NEW, COG_LEARNED_LABELS, COG_LEARNED_NOTHING } CogLearned;
COG_API CogStatus cog_store_learn(CogStore *s, const CogResult *r, const CogLabels *labels,
                                  CogLearned *learned, CogError *err);
/* A `learned` record, or a line. */
COG_API CogStatus cog_learned_render(const CogResult *r, CogLearned learned, CogStyle style,
                                     CogOutput *o, CogError *err);
COG_API CogStatus cog_store_remove(CogStore *s, const char *sha256, CogError *err);
COG_API CogStatus cog_store_stat(CogStore *s, CogStyle style, CogOutput *o, CogError *err);
/* problems: how many; each is a line (or record) in o. */
COG_API CogStatus cog_store_verify(CogStore *s, CogStyle style, CogOutput *o, uint64_t *problems,
                                   CogError *err);
COG_API CogStatus cog_store_compact(CogStore *s, void (*progress)(void *ctx, double done),
                                    void *ctx, CogError *err);
/* Feature packs with labels, for other stores: all samples, or those of sha256s[0..count). unpack =
 * learn from such bytes. */
COG_API CogStatus cog_store_pack(CogStore *s, const char *const *sha256s, size_t count,
                                 CogOutput *o, CogError *err);
/* The same, piece by piece; write returns false to stop. */
typedef bool (*CogWrite)(void *ctx, const void *bytes, size_t size);
COG_API CogStatus cog_store_pack_to(CogStore *s, const char *const *sha256s, size_t count,
                                    CogWrite write, void *ctx, CogError *err);
COG_API CogStatus cog_store_unpack(CogStore *s, const void *bytes, size_t size, uint64_t *learned,
                                   CogError *err);

/* ---- knowledge of others (docs/formats/knowledge.md) ---- */
/* STIX 2.0 and 2.1, MISP events and galaxies, CSV and text lists. Nothing is seen before _end;
 * what a store has already is not added again. */
typedef struct CogImport CogImport;
COG_API CogStatus cog_import_begin(CogStore *s, CogImport **out, CogError *err);
/* fd: a regular file, stays the caller's; path: its name; source: who says so where the document
 * names nobody, or NULL. o: an `imported` record, or a line; problems: what is wrong with its
 * records, each with its place. COG_USAGE: no format that is known; the import goes on. */
COG_API CogStatus cog_import_file(CogImport *i, int fd, const char *path, const char *source,
                                  CogStyle style, CogOutput *o, CogOutput *problems, CogError *err);
/* o: an `import` record, or a line. The import is gone after either. */
COG_API CogStatus cog_import_end(CogImport *i, CogStyle style, CogOutput *o, CogError *err);
COG_API void cog_import_abort(CogImport *i);

/* Why two things are connected. from, to: name, alias, STIX id, indicator, SHA-256; NULL: whatever
 * is near. o: `link` records, or text. COG_NOT_FOUND: nobody knows the name. */
COG_API CogStatus cog_link(CogStore *s, const char *from, const char *to, unsigned top,
                           CogStyle style, unsigned columns, CogOutput *o, CogError *err);

/* How the samples of a family in the store descend from each other: a tree by shared code, as a
 * `tree` record or text with Newick. COG_NOT_FOUND: fewer than three samples. */
COG_API CogStatus cog_tree(CogStore *s, const char *family, CogStyle style, unsigned columns,
                           CogOutput *o, CogError *err);

/* Knowledge for other tools: format "stix", "misp", "csv" or "navigator". names: entities, with
 * what claims join to them; none: all. */
COG_API CogStatus cog_export(CogStore *s, const char *format, const char *const *names,
                             size_t count, CogWrite write, void *ctx, CogError *err);

/* ---- YARA rules from evidence (docs/formats/yara.md) ---- */
/* Rules compiled by libyara; COG_USAGE when the library was built without it. Make it before a
 * sandbox closes; processes forked later may use it. */
typedef struct CogScanner CogScanner;
COG_API CogStatus cog_scanner_new(const char *rules, CogScanner **out, CogError *err);
COG_API void cog_scanner_free(CogScanner *s);
COG_API bool cog_scanner_is_there(void);

/* Add samples; scan them and goodware with the draft; choose; scan again with the rules; judge:
 * then _write gives those that hit all their samples and no goodware. Scans may be left out. */
typedef struct CogRules CogRules;
COG_API CogRules *cog_rules_new(void);
COG_API void cog_rules_free(CogRules *rules);
/* r comes from cog_analyse with `windows`. family: whose it is; NULL: as the store has it labelled,
 * else by its verdict, else nobody's: a rule of its own. */
COG_API CogStatus cog_rules_add(CogRules *rules, CogStore *s, const CogResult *r,
                                const char *family, CogError *err);
/* Before _choose: the draft. */
COG_API CogStatus cog_rules_write(const CogRules *rules, CogOutput *o, CogError *err);
/* r comes from cog_analyse with a scanner of what _write gave. */
COG_API void cog_rules_see(CogRules *rules, const CogResult *r, bool is_goodware);
COG_API CogStatus cog_rules_choose(CogRules *rules, CogError *err);
/* notes: a line for each rule that is refused and each sample that no rule hits. Returns how many
 * rules are left. */
COG_API size_t cog_rules_judge(CogRules *rules, CogOutput *notes);

/* ---- comparison ---- */
/* What cog_attribute is told about a sample beside its bytes; NULL fields: not known. Copied. */
typedef struct CogQuestion {
    const char *first_seen; /* RFC 3339 date or date-time: it existed then */
    bool details;           /* text: with the table of hypotheses against evidence */
} CogQuestion;
COG_API void cog_result_ask(CogResult *r, const CogQuestion *question);
/* decision (may be NULL): one of the contract's words, static. */
COG_API CogStatus cog_attribute(CogStore *s, const CogResult *r, CogStyle style, unsigned columns,
                                CogOutput *o, const char **decision, CogError *err);
/* A report for people: one self-contained HTML page about any number of samples, verdict first
 * (docs/formats/html_report.md). Results come from cog_analyse with `effects` when the page shall
 * say what functions do. */
typedef struct CogPage CogPage;
COG_API CogPage *cog_page_new(void);
COG_API void cog_page_free(CogPage *p);
/* The file of a reference sample, so that its functions stand beside those of the samples. The page
 * owns it now. */
COG_API void cog_page_beside(CogPage *p, CogResult *reference);
/* cog_attribute that adds the sample to the page as well; page may be NULL. */
COG_API CogStatus cog_attribute_page(CogStore *s, const CogResult *r, CogStyle style,
                                     unsigned columns, CogOutput *o, const char **decision,
                                     CogPage *page, CogError *err);
COG_API CogStatus cog_page_write(const CogPage *p, CogOutput *o, CogError *err);

/* Verdicts for other tools: format "stix", "misp" or "csv" (docs/formats/verdict_export.md). _end
 * gives the output; the export is gone after it. */
typedef struct CogFindings CogFindings;
COG_API CogStatus cog_findings_begin(const char *format, CogFindings **out, CogError *err);
COG_API CogStatus cog_findings_add(CogFindings *f, CogStore *s, const CogResult *r, CogError *err);
COG_API CogStatus cog_findings_end(CogFindings *f, CogOutput *o, CogError *err);

/* function_va: UINT64_MAX = each function. */
COG_API CogStatus cog_search(CogStore *s, const CogResult *r, uint64_t function_va, unsigned top,
                             CogStyle style, unsigned columns, CogOutput *o, CogError *err);
COG_API CogStatus cog_compare(const CogResult *a, const CogResult *b, CogStyle style,
                              unsigned columns, CogOutput *o, CogError *err);
/* What the function at va of a and its partner in b do, side by side, aligned by value: equal,
 * similar, moved, or on one side only. Both results come from cog_analyse with `effects`.
 * COG_NOT_FOUND: no function starts there, or it has no partner. */
COG_API CogStatus cog_compare_function(const CogResult *a, const CogResult *b, uint64_t va,
                                       CogStyle style, unsigned columns, CogOutput *out,
                                       CogError *err);

#ifdef __cplusplus
}
#endif
#endif
