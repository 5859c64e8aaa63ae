/* SPDX-License-Identifier: Apache-2.0
 * lmdb_file.c: layout from lmdb 0.9.24, mdb.c: MDB_page, MDB_node, MDB_db, MDB_meta. */
#include "store/lmdb_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"

enum {
    PAGE_HEADER = 16, /* pgno u64, pad u16, flags u16, lower u16 + upper u16 or pages u32 */
    P_BRANCH = 0x01,
    P_LEAF = 0x02,
    P_OVERFLOW = 0x04,
    P_META = 0x08,
    NODE_HEADER = 8, /* lo u16, hi u16, flags u16, key size u16 */
    F_BIGDATA = 0x01,
    F_SUBDATA = 0x02,
    DB_BYTES = 48, /* pad u32, flags u16, depth u16, branch, leaf, overflow, entries, root: u64 */
    DB_INTEGERKEY = 0x08,
    META_DB0 = PAGE_HEADER + 24, /* magic u32, version u32, address u64, map size u64 */
    META_LAST = META_DB0 + 2 * DB_BYTES,
    META_TXN = META_LAST + 8,
    META_END = META_TXN + 8,
    MAX_DEPTH = 32,   /* CURSOR_STACK */
    MAX_ATTEMPTS = 64 /* to read a state before a writer that is faster has reused it (guess) */
};
#define LMDB_MAGIC 0xBEEFC0DEu
#define NO_ROOT UINT64_MAX

typedef struct Tree {
    uint64_t root, entries;
    uint16_t flags, depth;
} Tree;

typedef struct Meta {
    uint32_t page_bytes;
    uint64_t pages, txn;
    Tree free_list, main;
} Meta;

typedef struct Walk {
    Bytes file;
    uint32_t page_bytes;
    uint64_t pages;   /* in the file */
    uint64_t claimed; /* by the meta page: see meta_read */
    uint8_t *seen;    /* one bit for each page */
    bool is_free_list;
    Tree tables[16];
    unsigned table_count;
    uint64_t entries;
    const char *bad;
    uint64_t bad_page;
} Walk;

static Tree tree_at(Bytes b, uint64_t off) {
    return (Tree){.flags = bytes_u16_at(b, off + 4),
                  .depth = bytes_u16_at(b, off + 6),
                  .entries = bytes_u64_at(b, off + 32),
                  .root = bytes_u64_at(b, off + 40)};
}

static bool tree_is_sane(const Tree *t, uint64_t pages) {
    return t->root == NO_ROOT
               ? t->depth == 0
               : t->root >= 2 && t->root < pages && t->depth > 0 && t->depth <= MAX_DEPTH;
}

/* The meta page in b (from its start); false when it is none that LMDB could use. */
static bool meta_read(Bytes b, uint64_t file_bytes, Meta *m) {
    uint32_t page_bytes = bytes_u32_at(b, META_DB0);
    *m = (Meta){.page_bytes = page_bytes,
                .pages = bytes_u64_at(b, META_LAST) + 1,
                .txn = bytes_u64_at(b, META_TXN),
                .free_list = tree_at(b, META_DB0),
                .main = tree_at(b, META_DB0 + DB_BYTES)};
    if (b.size < META_END || bytes_u16_at(b, 10) != P_META ||
        bytes_u32_at(b, PAGE_HEADER) != LMDB_MAGIC || bytes_u32_at(b, PAGE_HEADER + 4) != 1)
        return false;
    if (page_bytes < 512 || page_bytes > 65536 || (page_bytes & (page_bytes - 1)) != 0)
        return false;
    /* Pages past the end of the file were allocated and freed again without being written; what is
       in use lies inside. */
    uint64_t in_file = file_bytes / page_bytes;
    if (m->pages < 2 || m->pages > UINT64_MAX / page_bytes || in_file < 2)
        return false;
    uint64_t pages = in_file < m->pages ? in_file : m->pages;
    return tree_is_sane(&m->free_list, pages) && tree_is_sane(&m->main, pages);
}

static bool pread_all(int fd, uint8_t *at, size_t n, uint64_t off) {
    while (n > 0) {
        ssize_t got = pread(fd, at, n, (off_t)off);
        if (got <= 0)
            return false;
        at += got;
        n -= (size_t)got;
        off += (uint64_t)got;
    }
    return true;
}

/* Both meta pages as they were read; the second lies one page in, and the first tells how big a
 * page is. */
typedef struct MetaPages {
    uint8_t at[2][META_END];
    uint64_t file_bytes;
} MetaPages;

/* A file that a writer has open only grows: its size is asked after the pages were read, so that
 * what they name lies inside. */
static Status meta_pages_read(int fd, MetaPages *out, Error *err) {
    *out = (MetaPages){.file_bytes = 0};
    uint64_t off = 0;
    for (unsigned i = 0; i < 2; i++) {
        if (!pread_all(fd, out->at[i], META_END, off))
            return error_set(err, STATUS_CORRUPT,
                             "the store's database file is damaged: meta page %u is missing", i);
        off = bytes_u32_at((Bytes){out->at[0], META_END}, META_DB0);
    }
    struct stat st;
    if (fstat(fd, &st) != 0)
        return error_set(err, STATUS_FAILED, "store: %s", strerror(errno));
    out->file_bytes = (uint64_t)st.st_size;
    return STATUS_OK;
}

static Status metas_from_pages(const MetaPages *pages, Meta out[2], Error *err) {
    for (unsigned i = 0; i < 2; i++)
        if (!meta_read((Bytes){pages->at[i], META_END}, pages->file_bytes, &out[i]))
            return error_set(err, STATUS_CORRUPT,
                             "the store's database file is damaged: meta page %u", i);
    if (out[0].page_bytes != out[1].page_bytes)
        return error_set(err, STATUS_CORRUPT, "the store's database file is damaged: page sizes");
    return STATUS_OK;
}

static bool walk_bad(Walk *w, uint64_t page, const char *what) {
    w->bad = what;
    w->bad_page = page;
    return false;
}

static bool mark(Walk *w, uint64_t page, uint64_t count) {
    if (page < 2 || page >= w->pages || count > w->pages - page)
        return walk_bad(w, page, "lies outside the file");
    for (uint64_t p = page; p < page + count; p++) {
        if (w->seen[p >> 3] >> (p & 7) & 1)
            return walk_bad(w, p, "is used twice");
        w->seen[p >> 3] = (uint8_t)(w->seen[p >> 3] | 1u << (p & 7));
    }
    return true;
}

static Bytes page_at(const Walk *w, uint64_t page) {
    return bytes_cut(w->file, page * w->page_bytes, w->page_bytes);
}

static bool check_overflow(Walk *w, uint64_t page, uint64_t size) {
    Bytes b = page_at(w, page);
    uint64_t count = bytes_u32_at(b, 12);
    if (b.size == 0 || bytes_u64_at(b, 0) != page || bytes_u16_at(b, 10) != P_OVERFLOW)
        return walk_bad(w, page, "is not an overflow page");
    if (count == 0 || size > count * w->page_bytes - PAGE_HEADER)
        return walk_bad(w, page, "is too short for its data");
    return mark(w, page, count);
}

/* One entry of the free list: a count and as many page numbers, descending. */
static bool check_free(Walk *w, uint64_t page, Bytes data) {
    uint64_t count = bytes_u64_at(data, 0);
    if (data.size < 8 || count > (data.size - 8) / 8)
        return walk_bad(w, page, "has a free list that is too long");
    for (uint64_t i = 0; i < count; i++) {
        uint64_t p = bytes_u64_at(data, 8 + 8 * i);
        /* Free pages may lie past the end of the file: see meta_read. */
        if (p >= w->pages ? p >= w->claimed : !mark(w, p, 1))
            return walk_bad(w, p, "is on the free list, but in use or outside the file");
    }
    return true;
}

static bool check_leaf(Walk *w, uint64_t page, Bytes node, bool is_main) {
    uint64_t size = bytes_u16_at(node, 0) | (uint64_t)bytes_u16_at(node, 2) << 16;
    unsigned flags = bytes_u16_at(node, 4);
    Bytes data = bytes_clip(node, NODE_HEADER + (uint64_t)bytes_u16_at(node, 6), node.size);
    if (flags & ~(unsigned)(F_BIGDATA | F_SUBDATA))
        return walk_bad(w, page, "has a node of an unknown kind");
    if (flags & F_BIGDATA) {
        if (data.size < 8 || !check_overflow(w, bytes_u64_at(data, 0), size))
            return w->bad ? false : walk_bad(w, page, "has a node that leaves it");
        data = bytes_cut(w->file, bytes_u64_at(data, 0) * w->page_bytes + PAGE_HEADER, size);
    } else {
        data = bytes_cut(data, 0, size);
    }
    if (data.size != size)
        return walk_bad(w, page, "has a node that leaves it");
    if (is_main != ((flags & F_SUBDATA) != 0) || (is_main && size != DB_BYTES))
        return walk_bad(w, page, "has a node of the wrong kind");
    if (is_main) {
        if (w->table_count == sizeof w->tables / sizeof *w->tables)
            return walk_bad(w, page, "has too many tables");
        Tree t = tree_at(data, 0);
        if (!tree_is_sane(&t, w->pages))
            return walk_bad(w, page, "has a table without a root");
        w->tables[w->table_count++] = t;
    }
    return !w->is_free_list || check_free(w, page, data);
}

static bool check_page(Walk *w, uint64_t page, const Tree *t, unsigned depth, bool is_main);

static bool check_node(Walk *w, uint64_t page, Bytes node, const Tree *t, unsigned depth,
                       bool is_main, bool is_first) {
    uint64_t key = bytes_u16_at(node, 6);
    if (node.size < NODE_HEADER || key > node.size - NODE_HEADER)
        return walk_bad(w, page, "has a key that leaves it");
    bool is_leaf = depth == t->depth;
    /* The first key of a branch page is never compared and may be empty. */
    bool is_compared = is_leaf || !is_first;
    if (is_compared && (t->flags & DB_INTEGERKEY ? key != 8 : key == 0))
        return walk_bad(w, page, "has a key of the wrong size");
    if (is_leaf) {
        w->entries++;
        return check_leaf(w, page, node, is_main);
    }
    uint64_t child = bytes_u16_at(node, 0) | (uint64_t)bytes_u16_at(node, 2) << 16 |
                     (uint64_t)bytes_u16_at(node, 4) << 32;
    return check_page(w, child, t, depth + 1, is_main);
}

/* depth is at most MAX_DEPTH, and so is the recursion. */
static bool check_page(Walk *w, uint64_t page, const Tree *t, unsigned depth, bool is_main) {
    if (!mark(w, page, 1))
        return false;
    Bytes b = page_at(w, page);
    unsigned lower = bytes_u16_at(b, 12), upper = bytes_u16_at(b, 14);
    bool is_leaf = depth == t->depth;
    if (b.size == 0 || bytes_u64_at(b, 0) != page ||
        bytes_u16_at(b, 10) != (is_leaf ? P_LEAF : P_BRANCH))
        return walk_bad(w, page, "is of the wrong kind");
    if (lower < PAGE_HEADER || lower > upper || upper > w->page_bytes || (lower & 1))
        return walk_bad(w, page, "has impossible bounds");
    unsigned nodes = (lower - PAGE_HEADER) / 2;
    /* LMDB asserts two children, but lets its free list have one for a while. */
    if (nodes < (is_leaf || w->is_free_list ? 1u : 2u))
        return walk_bad(w, page, "is empty");
    for (unsigned i = 0; i < nodes; i++) {
        unsigned at = bytes_u16_at(b, PAGE_HEADER + 2 * (uint64_t)i);
        if (at < upper || (at & 1))
            return walk_bad(w, page, "has a node that leaves it");
        if (!check_node(w, page, bytes_clip(b, at, b.size), t, depth, is_main, i == 0))
            return false;
    }
    return true;
}

static bool check_tree(Walk *w, const Tree *t, bool is_main) {
    w->entries = 0;
    if (t->root != NO_ROOT && !check_page(w, t->root, t, 1, is_main))
        return false;
    return w->entries == t->entries || walk_bad(w, t->root, "is the root of a tree that miscounts");
}

static bool check_all(Walk *w, const Meta *m) {
    if (!check_tree(w, &m->main, true))
        return false;
    for (unsigned i = 0; i < w->table_count; i++)
        if (!check_tree(w, &w->tables[i], false))
            return false;
    w->is_free_list = true;
    /* LMDB keys its free list by 64-bit transaction numbers. */
    Tree free_list = m->free_list;
    free_list.flags |= DB_INTEGERKEY;
    return check_tree(w, &free_list, false);
}

/* Walks the main tree, and with is_whole all others, of a state that m describes. */
static Status walk_file(int fd, const Meta *m, uint64_t file_bytes, bool is_whole, Error *err) {
    CHECK(m->page_bytes > 0); /* metas_read saw to it */
    Walk w = {
        .page_bytes = m->page_bytes, .pages = file_bytes / m->page_bytes, .claimed = m->pages};
    if (w.pages > m->pages)
        w.pages = m->pages;
    w.seen = calloc(1, (size_t)(w.pages / 8 + 1));
    size_t size = (size_t)(w.pages * m->page_bytes);
    void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    Status status = STATUS_OK;
    if (!w.seen || map == MAP_FAILED) {
        status = error_set(err, STATUS_FAILED, "store: not enough memory to check the file");
    } else {
        w.file = (Bytes){map, size};
        if (is_whole ? !check_all(&w, m) : !check_tree(&w, &m->main, true))
            status =
                error_set(err, STATUS_CORRUPT, "the store's database file is damaged: page %llu %s",
                          (unsigned long long)w.bad_page, w.bad);
    }
    if (map != MAP_FAILED)
        munmap(map, size);
    free(w.seen);
    return status;
}

/* No transaction pins the pages yet: a writer may reuse them while they are read, but only after it
 * wrote a meta page anew, and a meta page may be read while it is written. Then all is read again.
 */
static Status check_newest(int fd, Error *err) {
    MetaPages pages, before;
    for (unsigned attempt = 0;; attempt++) {
        Meta metas[2] = {{0}};
        Status status = meta_pages_read(fd, &pages, err);
        if (status != STATUS_OK)
            return status;
        bool is_still_so = attempt > 0 && memcmp(pages.at, before.at, sizeof pages.at) == 0;
        before = pages;
        if (is_still_so)
            return STATUS_CORRUPT; /* the message is there: nobody wrote */
        status = metas_from_pages(&pages, metas, err);
        const Meta *m = &metas[metas[1].txn > metas[0].txn];
        if (status == STATUS_OK)
            status = walk_file(fd, m, pages.file_bytes, false, err);
        if (status != STATUS_CORRUPT || attempt == MAX_ATTEMPTS)
            return status;
    }
}

Status lmdb_file_check(const char *path, Error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, errno == ENOENT ? STATUS_CORRUPT : STATUS_FAILED, "%s: %s", path,
                         strerror(errno));
    Status status = check_newest(fd, err);
    close(fd);
    return status;
}

Status lmdb_file_check_tree(int fd, uint64_t txn_id, Error *err) {
    Meta metas[2] = {{0}};
    MetaPages pages;
    Status status = meta_pages_read(fd, &pages, err);
    if (status == STATUS_OK)
        status = metas_from_pages(&pages, metas, err);
    MetaPages again;
    if (status == STATUS_CORRUPT && meta_pages_read(fd, &again, NULL) == STATUS_OK &&
        memcmp(pages.at, again.at, sizeof pages.at) != 0)
        return STATUS_BUSY; /* read while it was written */
    if (status != STATUS_OK)
        return status;
    const Meta *m = &metas[metas[0].txn == txn_id ? 0 : 1];
    return m->txn == txn_id ? walk_file(fd, m, pages.file_bytes, true, err) : STATUS_BUSY;
}
