/* SPDX-License-Identifier: Apache-2.0
 * store_lmdb.c: the tables of engine.h in LMDB. Nothing else knows LMDB. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"
#include "store/engine.h"
#include "store/lmdb_file.h"

/* The map is address space, not memory: large once is simpler than growing. Processes under a limit
   (ulimit -v) get an eighth of it until it fits; then the map grows when it is full. */
#define MAP_BYTES_FIRST ((size_t)1 << 40)
#define MAP_BYTES_LEAST ((size_t)1 << 30)
/* LMDB's own default is 126; a server under load may hold more snapshots, of up to 4 transactions
   (FIND_PARTS). 64 bytes each. */
enum { MAX_READERS = 4096 };

static const char *const table_names[TABLE_COUNT] = {"meta",    "sample",   "sha256", "pack",
                                                     "segment", "pic",      "sketch", "occurrence",
                                                     "token",   "know_run", "know",   "outline"};

struct Engine {
    MDB_env *env;
    MDB_dbi tables[TABLE_COUNT];
    bool is_absent[TABLE_COUNT]; /* tables that an older database does not have */
    dev_t dev;
    ino_t ino;
    pid_t pid; /* after a fork the child must not use it */
    unsigned owners;
    unsigned live; /* transactions of this process */
    size_t map_bytes;
    bool map_was_full;
    Engine *next;
};

struct EngineTxn {
    Engine *engine;
    MDB_txn *txn;
    MDB_cursor *cursors[TABLE_COUNT];
    bool is_write;
};

/* LMDB forbids a process to open a database twice (closing one drops the locks of both), so the
   open ones are listed here: the one exception to "no globals". Guards owners and live, too. */
static pthread_mutex_t engines_mutex = PTHREAD_MUTEX_INITIALIZER;
static Engine *engines;

/* A write that the system cut short is EIO to LMDB. That happens where space ends: here it nearly
   has, on the disk or under the process's limit for files. */
static bool is_short_of_room(const Engine *e) {
    enum { LITTLE = 64 << 20 }; /* more than one transaction writes at once (merge.c, TXN_BYTES) */
    mdb_filehandle_t fd = -1;
    struct statvfs fs;
    struct stat st;
    struct rlimit limit;
    if (!e->env || mdb_env_get_fd(e->env, &fd) != 0)
        return false;
    if (fstatvfs(fd, &fs) == 0 && fs.f_bavail < LITTLE / fs.f_frsize)
        return true;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
           fstat(fd, &st) == 0 && (rlim_t)st.st_size + LITTLE > limit.rlim_cur;
}

static Status failure(Engine *e, int rc, const char *doing, Error *err) {
    if (rc == MDB_MAP_FULL) {
        e->map_was_full = true;
        return error_set(err, STATUS_FULL, "%s: the store has reached its map size of %zu MiB",
                         doing, e->map_bytes >> 20);
    }
    if (rc == ENOSPC || rc == EDQUOT || rc == EFBIG || (rc == EIO && is_short_of_room(e)))
        return error_set(err, STATUS_FULL, "%s: no space left (%s); the store is as it was before",
                         doing, mdb_strerror(rc));
    if (rc == MDB_MAP_RESIZED)
        return error_set(err, STATUS_BUSY,
                         "%s: another process has made the store larger than what is mapped here; "
                         "it is mapped anew once no question is open",
                         doing);
    if (rc == MDB_READERS_FULL)
        return error_set(err, STATUS_BUSY, "%s: more than %d readers at once", doing, MAX_READERS);
    if (rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_INVALID ||
        rc == MDB_VERSION_MISMATCH || rc == MDB_BAD_TXN || rc == MDB_BAD_VALSIZE)
        return error_set(err, STATUS_CORRUPT, "%s: the database file is damaged (%s)", doing,
                         mdb_strerror(rc));
    return error_set(err, STATUS_FAILED, "%s: %s", doing, mdb_strerror(rc));
}

static int env_open(const char *dir, unsigned flags, size_t map_bytes, MDB_env **out) {
    MDB_env *env = NULL;
    int rc = mdb_env_create(&env);
    if (rc == 0)
        rc = mdb_env_set_mapsize(env, map_bytes);
    if (rc == 0)
        rc = mdb_env_set_maxreaders(env, MAX_READERS);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(env, TABLE_COUNT);
    /* MDB_NOTLS: a thread may hold several snapshots. MDB_NORDAHEAD: look-ups are scattered. */
    if (rc == 0)
        rc = mdb_env_open(env, dir, flags | MDB_NOTLS | MDB_NORDAHEAD, 0664);
    if (rc != 0 && env) {
        mdb_env_close(env);
        env = NULL;
    }
    *out = env;
    return rc;
}

static int env_open_somehow(const char *dir, Engine *e) {
    int rc = 0;
    unsigned flags = 0;
    for (e->map_bytes = MAP_BYTES_FIRST;;) {
        rc = env_open(dir, flags, e->map_bytes, &e->env);
        if ((rc == EACCES || rc == EROFS) && flags == 0)
            flags = MDB_RDONLY;
        else if (rc == ENOMEM && e->map_bytes > MAP_BYTES_LEAST)
            e->map_bytes /= 8;
        else
            return rc;
    }
}

static int open_tables(Engine *e, bool create) {
    MDB_txn *txn = NULL;
    int rc = mdb_txn_begin(e->env, NULL, create ? 0 : MDB_RDONLY, &txn);
    for (unsigned i = 0; rc == 0 && i < TABLE_COUNT; i++) {
        unsigned flags = (create ? MDB_CREATE : 0u) | (i == TABLE_SHA ? 0u : MDB_INTEGERKEY);
        rc = mdb_dbi_open(txn, table_names[i], flags, &e->tables[i]);
        e->is_absent[i] = rc == MDB_NOTFOUND && i >= TABLE_KNOW_RUN;
        rc = e->is_absent[i] ? 0 : rc;
    }
    if (rc == 0)
        return mdb_txn_commit(txn);
    if (txn)
        mdb_txn_abort(txn);
    return rc == MDB_NOTFOUND || rc == MDB_INCOMPATIBLE ? MDB_INVALID : rc;
}

static int add_tables(Engine *e) {
    MDB_txn *txn = NULL;
    bool is_missing = false;
    for (unsigned i = 0; i < TABLE_COUNT; i++)
        is_missing |= e->is_absent[i];
    int rc = is_missing ? mdb_txn_begin(e->env, NULL, 0, &txn) : 0;
    for (unsigned i = 0; rc == 0 && i < TABLE_COUNT; i++)
        if (e->is_absent[i])
            rc = mdb_dbi_open(txn, table_names[i], MDB_CREATE | MDB_INTEGERKEY, &e->tables[i]);
    if (rc == 0 && txn)
        rc = mdb_txn_commit(txn);
    else if (txn)
        mdb_txn_abort(txn);
    for (unsigned i = 0; rc == 0 && i < TABLE_COUNT; i++)
        e->is_absent[i] = false;
    return rc;
}

Status engine_add_tables(Engine *e, Error *err) {
    pthread_mutex_lock(&engines_mutex);
    int rc = add_tables(e);
    pthread_mutex_unlock(&engines_mutex);
    return rc == 0 ? STATUS_OK : failure(e, rc, "store, new tables", err);
}

static Engine *find_open(const struct stat *st) {
    for (Engine *e = engines; e; e = e->next)
        if (e->dev == st->st_dev && e->ino == st->st_ino && e->pid == getpid())
            return e;
    return NULL;
}

static Status open_new(const char *dir, const char *file, bool create, Engine **out, Error *err) {
    struct stat st;
    Status status = create ? STATUS_OK : lmdb_file_check(file, err);
    Engine *e = status == STATUS_OK ? calloc(1, sizeof *e) : NULL;
    if (!e)
        return status == STATUS_OK ? error_set(err, STATUS_FAILED, "out of memory") : status;
    int rc = env_open_somehow(dir, e);
    if (rc == 0)
        rc = open_tables(e, create);
    if (rc == 0 && stat(file, &st) != 0)
        rc = errno;
    if (rc != 0) {
        status = failure(e, rc, dir, err);
        if (e->env)
            mdb_env_close(e->env);
        free(e);
        return status;
    }
    int dead = 0;
    mdb_reader_check(e->env, &dead);
    e->dev = st.st_dev;
    e->ino = st.st_ino;
    e->pid = getpid();
    e->owners = 1;
    e->next = engines;
    engines = e;
    *out = e;
    return STATUS_OK;
}

Status engine_open(const char *dir, bool create, Engine **out, Error *err) {
    *out = NULL;
    Text file = text_new(8192);
    text_addf(&file, "%s/data.mdb", dir);
    pthread_mutex_lock(&engines_mutex);
    struct stat st;
    Engine *e = !file.full && stat(text_str(&file), &st) == 0 ? find_open(&st) : NULL;
    Status status = STATUS_OK;
    if (e)
        e->owners++;
    else if (file.full)
        status = error_set(err, STATUS_FAILED, "store path is too long");
    else
        status = open_new(dir, text_str(&file), create, &e, err);
    pthread_mutex_unlock(&engines_mutex);
    text_free(&file);
    *out = e;
    return status;
}

Engine *engine_share(Engine *e) {
    pthread_mutex_lock(&engines_mutex);
    e->owners++;
    pthread_mutex_unlock(&engines_mutex);
    return e;
}

void engine_close(Engine *e) {
    if (!e)
        return;
    pthread_mutex_lock(&engines_mutex);
    bool is_last = --e->owners == 0;
    if (is_last) {
        CHECK(e->live == 0);
        Engine **at = &engines;
        while (*at != e)
            at = &(*at)->next;
        *at = e->next;
        if (e->pid == getpid())
            mdb_env_close(e->env);
    }
    pthread_mutex_unlock(&engines_mutex);
    if (is_last)
        free(e);
}

static void live_add(Engine *e, int n) {
    pthread_mutex_lock(&engines_mutex);
    e->live = (unsigned)((int)e->live + n);
    pthread_mutex_unlock(&engines_mutex);
}

bool engine_grow(Engine *e) {
    pthread_mutex_lock(&engines_mutex);
    bool can = e->map_was_full && e->live == 0 && e->map_bytes <= SIZE_MAX / 4 &&
               mdb_env_set_mapsize(e->env, e->map_bytes * 2) == 0;
    if (can)
        e->map_bytes *= 2;
    e->map_was_full = false;
    pthread_mutex_unlock(&engines_mutex);
    return can;
}

/* Another process, with more room for its map, has made the file larger than this one's map. LMDB
 * takes the new size over when it is asked to, which it may be while no transaction of the process
 * is alive (lmdb.h, mdb_env_set_mapsize): but for the caller's, that has not begun. */
static int adopt_map(Engine *e) {
    pthread_mutex_lock(&engines_mutex);
    int rc = e->live == 1 ? mdb_env_set_mapsize(e->env, 0) : MDB_MAP_RESIZED;
    MDB_envinfo info;
    if (rc == 0 && mdb_env_info(e->env, &info) == 0)
        e->map_bytes = info.me_mapsize;
    pthread_mutex_unlock(&engines_mutex);
    return rc;
}

Status engine_begin(Engine *e, bool write, EngineTxn **out, Error *err) {
    *out = NULL;
    EngineTxn *t = calloc(1, sizeof *t);
    if (!t)
        return error_set(err, STATUS_FAILED, "out of memory");
    *t = (EngineTxn){.engine = e, .is_write = write};
    live_add(e, 1);
    int rc = mdb_txn_begin(e->env, NULL, write ? 0 : MDB_RDONLY, &t->txn);
    if (rc == MDB_READERS_FULL) { /* slots of killed processes are only freed on demand */
        int dead = 0;
        mdb_reader_check(e->env, &dead);
        rc = mdb_txn_begin(e->env, NULL, write ? 0 : MDB_RDONLY, &t->txn);
    }
    if (rc == MDB_MAP_RESIZED && (rc = adopt_map(e)) == 0)
        rc = mdb_txn_begin(e->env, NULL, write ? 0 : MDB_RDONLY, &t->txn);
    if (rc != 0) {
        live_add(e, -1);
        free(t);
        return failure(e, rc, write ? "store, begin of a change" : "store, begin of a read", err);
    }
    *out = t;
    return STATUS_OK;
}

static void txn_done(EngineTxn *t) {
    live_add(t->engine, -1);
    free(t);
}

static void close_cursors(EngineTxn *t) {
    for (unsigned i = 0; i < TABLE_COUNT; i++)
        if (t->cursors[i])
            mdb_cursor_close(t->cursors[i]);
}

Status engine_commit(EngineTxn *t, Error *err) {
    close_cursors(t);
    int rc = mdb_txn_commit(t->txn);
    Status status = rc == 0 ? STATUS_OK : failure(t->engine, rc, "store, commit", err);
    txn_done(t);
    return status;
}

void engine_abort(EngineTxn *t) {
    if (!t)
        return;
    close_cursors(t);
    mdb_txn_abort(t->txn);
    txn_done(t);
}

static MDB_val val_of(Bytes b) {
    /* LMDB does not write through it. */
    return (MDB_val){.mv_size = b.size, .mv_data = (void *)(uintptr_t)b.at};
}
static Bytes bytes_of(MDB_val v) { return (Bytes){v.mv_data, v.mv_size}; }
static Bytes key_bytes(const uint64_t *key) { return (Bytes){(const uint8_t *)key, sizeof *key}; }

static int table_cursor(EngineTxn *t, TableId table, MDB_cursor **out) {
    int rc = 0;
    *out = NULL;
    if (t->engine->is_absent[table])
        return MDB_NOTFOUND;
    if (!t->cursors[table])
        rc = mdb_cursor_open(t->txn, t->engine->tables[table], &t->cursors[table]);
    *out = t->cursors[table];
    return rc;
}

static Status result(EngineTxn *t, int rc, TableId table, Error *err) {
    if (rc == 0)
        return STATUS_OK;
    if (rc == MDB_NOTFOUND)
        return STATUS_NOT_FOUND;
    char doing[64];
    snprintf(doing, sizeof doing, "store, table %s", table_names[table]);
    return failure(t->engine, rc, doing, err);
}

Status engine_get(EngineTxn *t, TableId table, Bytes key, Bytes *out, Error *err) {
    MDB_val k = val_of(key), v = {0};
    int rc = 0;
    if (t->is_write) {
        rc = t->engine->is_absent[table] ? MDB_NOTFOUND
                                         : mdb_get(t->txn, t->engine->tables[table], &k, &v);
    } else { /* a cursor that is already near answers without a descent */
        MDB_cursor *cursor = NULL;
        rc = table_cursor(t, table, &cursor);
        if (rc == 0)
            rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_KEY);
    }
    *out = rc == 0 ? bytes_of(v) : (Bytes){0};
    return result(t, rc, table, err);
}

Status engine_get_u64(EngineTxn *t, TableId table, uint64_t key, Bytes *out, Error *err) {
    return engine_get(t, table, key_bytes(&key), out, err);
}

Status engine_put(EngineTxn *t, TableId table, Bytes key, Bytes value, Error *err) {
    MDB_val k = val_of(key), v = val_of(value);
    MDB_dbi dbi = t->engine->tables[table];
    /* Blocks of a new segment come in order and after all others: appending fills the pages. */
    bool is_block = table >= TABLE_PIC;
    int rc = !is_block ? MDB_KEYEXIST : mdb_put(t->txn, dbi, &k, &v, MDB_APPEND);
    if (rc == MDB_KEYEXIST)
        rc = mdb_put(t->txn, dbi, &k, &v, 0);
    return result(t, rc, table, err);
}

Status engine_put_u64(EngineTxn *t, TableId table, uint64_t key, Bytes value, Error *err) {
    return engine_put(t, table, key_bytes(&key), value, err);
}

Status engine_delete(EngineTxn *t, TableId table, Bytes key, Error *err) {
    MDB_val k = val_of(key);
    int rc = mdb_del(t->txn, t->engine->tables[table], &k, NULL);
    return result(t, rc == MDB_NOTFOUND ? 0 : rc, table, err);
}

Status engine_next_u64(EngineTxn *t, TableId table, uint64_t *key, Bytes *out, Error *err) {
    MDB_cursor *cursor = NULL;
    MDB_val k = val_of(key_bytes(key)), v = {0};
    int rc = table_cursor(t, table, &cursor);
    if (rc == 0)
        rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
    *out = rc == 0 ? bytes_of(v) : (Bytes){0};
    if (rc == 0)
        *key = bytes_u64_at(bytes_of(k), 0);
    return result(t, rc, table, err);
}

Status engine_delete_u64(EngineTxn *t, TableId table, uint64_t from, uint64_t to, uint64_t max,
                         uint64_t *deleted, Error *err) {
    *deleted = 0;
    MDB_cursor *cursor = NULL;
    MDB_val k = val_of(key_bytes(&from)), v = {0};
    int rc = table_cursor(t, table, &cursor);
    if (rc == 0)
        rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
    while (rc == 0 && *deleted < max && bytes_u64_at(bytes_of(k), 0) < to) {
        rc = mdb_cursor_del(cursor, 0);
        ++*deleted;
        if (rc == 0) /* after a delete the cursor stands on what followed */
            rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    }
    return result(t, rc == MDB_NOTFOUND ? 0 : rc, table, err);
}

/* LMDB does not say where its map is; the system does, by the file's inode. Only a shared mapping
 * is given back: its bytes are in the file, whosever it is. */
void engine_forget(Engine *e) {
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    while (maps && fgets(line, sizeof line, maps)) {
        uintptr_t from = 0, to = 0;
        unsigned long inode = 0;
        char flags[5] = "";
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %lu", &from, &to, flags, &inode) ==
                4 &&
            flags[3] == 's' && inode == (unsigned long)e->ino)
            madvise((void *)from, to - from, MADV_DONTNEED);
    }
    if (maps)
        fclose(maps);
}

uint64_t engine_state_number(EngineTxn *t) { return mdb_txn_id(t->txn); }

Status engine_stat(EngineTxn *t, TableId table, TableStat *out, Error *err) {
    MDB_stat st = {0};
    int rc = t->engine->is_absent[table] ? 0 : mdb_stat(t->txn, t->engine->tables[table], &st);
    *out =
        (TableStat){st.ms_entries, (st.ms_branch_pages + st.ms_leaf_pages + st.ms_overflow_pages) *
                                       (uint64_t)st.ms_psize};
    return result(t, rc, table, err);
}

Status engine_check_tree(EngineTxn *t, Error *err) {
    mdb_filehandle_t fd = -1;
    int rc = mdb_env_get_fd(t->engine->env, &fd);
    if (rc != 0)
        return failure(t->engine, rc, "store", err);
    return lmdb_file_check_tree(fd, mdb_txn_id(t->txn), err);
}
