/* SPDX-License-Identifier: Apache-2.0
 * engine.h: tables of bytes in transactions; the only words of the database that the rest of the
 * store knows. LMDB stands behind it (store_lmdb.c).
 * Owner: views from engine_get and scans live until the transaction ends (in a write transaction:
 * until its next change). Threads: an Engine may be shared; a transaction belongs to one thread.
 * Limits: one process opens the same database once, however many stores ask: engine_open shares. */
#ifndef COG_STORE_ENGINE_H
#define COG_STORE_ENGINE_H

#include "base/bytes.h"
#include "base/status.h"

typedef struct Engine Engine;
typedef struct EngineTxn EngineTxn;

/* All but TABLE_SHA have 64-bit keys, in order of their value. */
typedef enum TableId {
    TABLE_META,       /* 0 -> state record */
    TABLE_SAMPLE,     /* sample id -> sample record */
    TABLE_SHA,        /* SHA-256 -> sample id */
    TABLE_PACK,       /* sample id -> feature pack */
    TABLE_SEGMENT,    /* segment id -> segment record */
    TABLE_PIC,        /* segment << 32 | bucket -> block; so are the next three */
    TABLE_SKETCH,     /* */
    TABLE_OCCURRENCE, /* */
    TABLE_TOKEN,      /* */
    TABLE_KNOW_RUN,   /* run id -> record of a knowledge run */
    TABLE_KNOW,       /* run << 40 | highest 40 bits of its last key -> block of entries */
    TABLE_OUTLINE,    /* sample id -> outline */
    TABLE_COUNT
} TableId;
/* Index i's blocks are in table TABLE_FIRST_INDEX + i. */
enum { INDEX_COUNT = 4, TABLE_FIRST_INDEX = TABLE_PIC };

/* dir: a folder of its own, which holds the database's files. Creates them when create is set. */
Status engine_open(const char *dir, bool create, Engine **out, Error *err);
/* Creates the tables of knowledge and of outlines, which older databases do not have; without them
 * their reads give STATUS_NOT_FOUND. */
Status engine_add_tables(Engine *e, Error *err);
void engine_close(Engine *e);
Engine *engine_share(Engine *e); /* one more owner; each calls engine_close */

Status engine_begin(Engine *e, bool write, EngineTxn **out, Error *err);
/* The transaction is gone afterwards, whatever it returns. STATUS_FULL: nothing was changed. */
Status engine_commit(EngineTxn *txn, Error *err);
void engine_abort(EngineTxn *txn); /* NULL is fine */

/* After STATUS_FULL, with no transaction alive: true when the cause was the map and it is larger
 * now, so that trying again makes sense. */
bool engine_grow(Engine *e);

/* STATUS_NOT_FOUND comes without a message. */
Status engine_get(EngineTxn *txn, TableId table, Bytes key, Bytes *out, Error *err);
Status engine_get_u64(EngineTxn *txn, TableId table, uint64_t key, Bytes *out, Error *err);
Status engine_put(EngineTxn *txn, TableId table, Bytes key, Bytes value, Error *err);
Status engine_put_u64(EngineTxn *txn, TableId table, uint64_t key, Bytes value, Error *err);
Status engine_delete(EngineTxn *txn, TableId table, Bytes key, Error *err); /* absent is fine */
/* The first key at or after *key, with its value; STATUS_NOT_FOUND past the last. */
Status engine_next_u64(EngineTxn *txn, TableId table, uint64_t *key, Bytes *out, Error *err);
/* Deletes keys from..to (without to), at most max of them; *deleted tells how many. */
Status engine_delete_u64(EngineTxn *txn, TableId table, uint64_t from, uint64_t to, uint64_t max,
                         uint64_t *deleted, Error *err);

/* Pages of the database that this process has mapped and read go back to the system; they come
 * again when read. Keeps a long pass over much data from looking like much memory. */
void engine_forget(Engine *e);

/* Two transactions of one number see the same state. */
uint64_t engine_state_number(EngineTxn *txn);

typedef struct TableStat {
    uint64_t entries, bytes; /* pages held, partly empty ones as well */
} TableStat;
Status engine_stat(EngineTxn *txn, TableId table, TableStat *out, Error *err);
/* Reads every page of the database's tree straight from the file and checks that following it stays
 * inside the file and the page. A damaged tree makes LMDB crash, so this comes before verify. */
Status engine_check_tree(EngineTxn *txn, Error *err);

#endif
