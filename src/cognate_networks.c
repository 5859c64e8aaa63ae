/* SPDX-License-Identifier: Apache-2.0
 * cognate_networks.c: which network and country the addresses lie in that a store knows, by
 * databases on this machine. They are looked up after the import's other documents are in. */
#include "cognate_inner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "know/mmdb.h"

/* GeoIP2's largest have 300 MB. Addresses: 17 bytes each, 136 MB at most. */
enum { MAX_FILE_BYTES = 512 << 20, MAX_ADDRESSES = 8 << 20 };

/* ---- addresses of a store ---- */

typedef struct Address {
    uint8_t size; /* 4, 16 */
    uint8_t bytes[16];
} Address;

typedef struct Addresses {
    Address *at;
    size_t count, room;
    bool full;
} Addresses;

static void add_address(Addresses *a, KnowValueKind kind, const char *text) {
    Address one = {.size = kind == KNOW_IPV4 ? 4 : 16};
    if ((kind != KNOW_IPV4 && kind != KNOW_IPV6) ||
        inet_pton(kind == KNOW_IPV4 ? AF_INET : AF_INET6, text, one.bytes) != 1)
        return;
    if (a->count == a->room && a->room < MAX_ADDRESSES) {
        size_t room = a->room ? 2 * a->room : 4096;
        Address *grown = realloc(a->at, room * sizeof *grown);
        a->at = grown ? grown : a->at;
        a->room = grown ? room : a->room;
    }
    a->full |= a->count == a->room;
    if (a->count < a->room)
        a->at[a->count++] = one;
}

static Status see_values(void *ctx, const KnowEntry *e, Error *err) {
    Cursor c = cursor_init(e->payload);
    KnowListed listed;
    (void)err;
    while (know_listed_next(&c, &listed)) {
        char text[64];
        if ((listed.kind != KNOW_IPV4 && listed.kind != KNOW_IPV6) ||
            listed.value.size >= sizeof text)
            continue;
        memcpy(text, listed.value.at, listed.value.size);
        text[listed.value.size] = 0;
        add_address(ctx, listed.kind, text);
    }
    return STATUS_OK;
}

typedef struct Claims {
    Addresses *addresses;
    Arena *arena;
} Claims;

/* Those that names resolved to. */
static Status see_claim(void *ctx, const KnowEntry *e, Error *err) {
    Claims *c = ctx;
    KnowClaim claim;
    KnowPair pair;
    char room[KNOW_PAIR_BYTES];
    ArenaMark mark = arena_mark(c->arena);
    (void)err;
    if (know_claim_read(e->payload, c->arena, &claim) && claim.relation == KNOW_RESOLVES_TO &&
        know_pair_read(claim.text, room, &pair))
        add_address(c->addresses, pair.kinds[1], pair.values[1]);
    arena_reset(c->arena, mark);
    return STATUS_OK;
}

static int compare_addresses(const void *x, const void *y) { return memcmp(x, y, sizeof(Address)); }

static Status gather(Store *store, Addresses *out, Error *err) {
    KnowView *view = NULL;
    Claims claims = {out, arena_new(1 << 20)};
    Status status = claims.arena ? know_view_open(store, &view, err)
                                 : error_set(err, STATUS_FAILED, "out of memory");
    if (status == STATUS_OK)
        status = know_view_each(view, KNOW_ENTRY_VALUES, see_values, out, err);
    if (status == STATUS_OK)
        status = know_view_each(view, KNOW_ENTRY_OUT, see_claim, &claims, err);
    know_view_close(view);
    arena_free(claims.arena);
    size_t kept = 0;
    if (out->count > 1)
        qsort(out->at, out->count, sizeof *out->at, compare_addresses);
    for (size_t i = 0; i < out->count; i++)
        if (i == 0 || compare_addresses(&out->at[i], &out->at[kept - 1]) != 0)
            out->at[kept++] = out->at[i];
    out->count = kept;
    return status;
}

/* ---- one database ---- */

bool network_file_is(int fd) {
    struct stat st;
    uint8_t *tail = malloc(MMDB_TAIL_BYTES);
    CHECK(tail);
    size_t n = 0;
    bool is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    off_t start = is_file && st.st_size > MMDB_TAIL_BYTES ? st.st_size - MMDB_TAIL_BYTES : 0;
    for (ssize_t got = 1; is_file && got > 0 && n<MMDB_TAIL_BYTES; n += got> 0 ? (size_t)got : 0)
        got = pread(fd, tail + n, MMDB_TAIL_BYTES - n, start + (off_t)n);
    bool found = mmdb_has_metadata((Bytes){tail, n});
    free(tail);
    return found;
}

/* A copy, so that nobody can cut the file while it is read. */
static Status read_file(const NetworkFile *f, uint8_t **out, size_t *size, Error *err) {
    struct stat st;
    *out = NULL;
    *size = 0;
    if (fstat(f->fd, &st) != 0 || st.st_size > MAX_FILE_BYTES)
        return error_set(err, STATUS_USAGE, "%s: longer than %d MiB", f->path,
                         MAX_FILE_BYTES >> 20);
    *out = malloc((size_t)st.st_size + 1);
    if (!*out)
        return error_set(err, STATUS_FAILED, "out of memory for %s", f->path);
    for (ssize_t n = 1; n > 0 && *size<(size_t)st.st_size; *size += n> 0 ? (size_t)n : 0)
        n = pread(f->fd, *out + *size, (size_t)st.st_size - *size, (off_t)*size);
    return STATUS_OK;
}

typedef struct Lookup {
    KnowBatch *batch;
    Mmdb database;
    char source[128];
    KnowImportStat *stat;
} Lookup;

static Status say(Lookup *l, const Address *address, const MmdbNetwork *network, Error *err) {
    char text[64], name[16], pair_text[KNOW_PAIR_BYTES];
    KnowValueKind kind = address->size == 4 ? KNOW_IPV4 : KNOW_IPV6;
    if (!inet_ntop(kind == KNOW_IPV4 ? AF_INET : AF_INET6, address->bytes, text, sizeof text))
        return STATUS_OK;
    KnowClaim c = {.subject = know_value_key(kind, text),
                   .source = l->source,
                   .trust = KNOW_TRUST_NONE,
                   .said = l->database.built};
    Status status = STATUS_OK;
    if (network->country[0]) {
        c.relation = KNOW_COUNTRY;
        c.text = network->country;
        status = know_batch_claim(l->batch, &c, err);
        l->stat->claims++;
    }
    snprintf(name, sizeof name, "AS%u", network->asn);
    KnowPair pair = {{kind, KNOW_ASN}, {text, name}};
    if (status == STATUS_OK && network->asn && know_pair_write(&pair, pair_text)) {
        c.relation = KNOW_BELONGS_TO;
        c.object = know_value_key(KNOW_ASN, name);
        c.text = pair_text;
        c.note = network->holder[0] ? network->holder : NULL;
        status = know_batch_claim(l->batch, &c, err);
        l->stat->claims++;
    }
    return status;
}

static Status look_up(Lookup *l, const Addresses *addresses, Error *err) {
    Status status = STATUS_OK;
    for (size_t i = 0; i < addresses->count && status == STATUS_OK; i++) {
        const Address *a = &addresses->at[i];
        MmdbNetwork network;
        MmdbAnswer answer = mmdb_find(&l->database, a->bytes, a->size, &network);
        l->stat->records++;
        l->stat->skipped += answer == MMDB_DAMAGED;
        l->stat->problems += answer == MMDB_DAMAGED;
        if (answer == MMDB_FOUND)
            status = say(l, a, &network, err);
    }
    l->stat->problems += addresses->full;
    return status;
}

const char *network_file_check(const NetworkFile *f) {
    Mmdb database;
    uint8_t *bytes;
    size_t size;
    if (read_file(f, &bytes, &size, NULL) != STATUS_OK)
        return "too long";
    const char *reason = mmdb_open((Bytes){bytes, size}, &database);
    free(bytes);
    return reason;
}

static Status import_one(KnowBatch *batch, const Addresses *addresses, const NetworkFile *f,
                         KnowImportStat *stat, Error *err) {
    Lookup l = {.batch = batch, .stat = stat};
    uint8_t *bytes;
    size_t size;
    char built[KNOW_TIME_BYTES];
    Status status = read_file(f, &bytes, &size, err);
    if (status != STATUS_OK)
        return status;
    *stat = (KnowImportStat){.format = "mmdb"};
    if (mmdb_open((Bytes){bytes, size}, &l.database) == NULL) {
        know_time_write(l.database.built, built);
        if (f->source)
            snprintf(l.source, sizeof l.source, "%.120s", f->source);
        else
            snprintf(l.source, sizeof l.source, "%.60s of %.10s", l.database.type,
                     l.database.built ? built : "no date");
        status = look_up(&l, addresses, err);
    } else {
        stat->problems = stat->skipped = 1; /* it was cut since it was checked */
    }
    free(bytes);
    return status;
}

Status network_files_import(Store *store, const NetworkFile *files, size_t count,
                            KnowImportStat *stats, KnowAdded *added, Error *err) {
    KnowBatch *batch = NULL;
    Addresses addresses = {0};
    Status status = gather(store, &addresses, err);
    if (status == STATUS_OK)
        status = know_batch_begin(store, &batch, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = import_one(batch, &addresses, &files[i], &stats[i], err);
    free(addresses.at);
    if (status == STATUS_OK)
        return know_batch_commit(batch, added, err);
    know_batch_abort(batch);
    return status;
}
