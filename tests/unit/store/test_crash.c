/* SPDX-License-Identifier: Apache-2.0
 * test_crash.c: what a kill, a full disk and a damaged file can do to a store. */
#include "cog_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/lmdb_file.h"
#include "store/temp_store.h"

static int set_up(void **state) {
    *state = temp_store_new();
    return 0;
}

static int tear_down(void **state) {
    temp_store_free(*state);
    return 0;
}

/* COG_STORE_KILLS=N asks for more rounds than the quick default. */
static unsigned rounds(unsigned quick) {
    const char *more = getenv("COG_STORE_KILLS");
    return more ? (unsigned)strtoul(more, NULL, 10) : quick;
}

static uint64_t random_state;
static uint64_t rng(void) { return mix64(random_state += 0x9e3779b97f4a7c15ULL); }

static void print_problem(void *ctx, const char *text) {
    (void)ctx;
    print_message("problem: %s\n", text);
}

static uint64_t count_problems(const char *path, StoreMode mode, Error *err) {
    Store *s = NULL;
    uint64_t problems = 1;
    if (store_open(path, mode, 2000, &s, err) != STATUS_OK)
        return UINT64_MAX;
    if (store_verify(s, print_problem, NULL, &problems, err) != STATUS_OK)
        problems = UINT64_MAX;
    store_close(s);
    return problems;
}

/* The child: learns samples from `from` on, tells each after store_learn said it is durable; now
   and then removes, relabels and compacts. Never returns. */
static void learn_until_killed(const char *path, unsigned from, bool is_batch, int told) {
    Store *s = NULL;
    Error err;
    if (store_open(path, STORE_CREATE, 2000, &s, &err) != STATUS_OK)
        _exit(3);
    for (unsigned n = from; n < from + 400; n++) {
        Arena *a = arena_new(1 << 26);
        Labels labels = made_labels(n);
        if (is_batch && n % 16 == 0 && store_batch_begin(s, &err) != STATUS_OK)
            _exit(4);
        if (store_learn(s, made_sample(a, n), &labels, NULL, NULL, &err) != STATUS_OK)
            _exit(5);
        if (is_batch && n % 16 == 15 && store_batch_end(s, &err) != STATUS_OK)
            _exit(6);
        if (is_batch && n % 16 != 15)
            continue;
        if (write(told, &n, sizeof n) != sizeof n)
            _exit(7);
        if (n % 37 == 36 && store_compact(s, NULL, NULL, &err) != STATUS_OK)
            _exit(8);
        arena_free(a);
    }
    _exit(0);
}

/* Kills the child a random time after it told a random number of samples: so the kill falls
   anywhere, on slow machines as well. The last sample it told, or from - 1. */
static unsigned run_and_kill(const char *path, unsigned from, bool is_batch) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        learn_until_killed(path, from, is_batch, ends[1]);
    close(ends[1]);
    unsigned last = from - 1, n;
    for (uint64_t wait = rng() % (is_batch ? 3 : 8); wait > 0; wait--)
        if (read(ends[0], &n, sizeof n) == sizeof n)
            last = n;
    usleep((useconds_t)(rng() % (is_batch ? 120000 : 30000)));
    kill(child, SIGKILL);
    while (read(ends[0], &n, sizeof n) == sizeof n)
        last = n;
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        fail_msg("the learning process failed with %d", WEXITSTATUS(status));
    return last;
}

/* Every sample told is there, and the store proves whole before and after the next writer. */
static unsigned check_after_kill(TempStore *t, unsigned from, unsigned told) {
    Store *s = NULL;
    Snapshot *snap = NULL;
    uint64_t problems = 1;
    Status status = store_open(t->path, STORE_READ, 0, &s, &t->err);
    if (status == STATUS_NOT_FOUND && from == 0 && told == UINT32_MAX)
        return 0; /* killed before the store was made */
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(store_verify(s, print_problem, NULL, &problems, &t->err), STATUS_OK);
    assert_int_equal(problems, 0);
    assert_int_equal(snapshot_open(s, &snap, &t->err), STATUS_OK);
    unsigned next = snapshot_sample_count(snap);
    assert_true(next >= told + 1);
    for (unsigned n = 0; n < next; n++) {
        char name[32];
        uint8_t sha256[32];
        int length = snprintf(name, sizeof name, "sample-%u", n);
        digest_sha256((Bytes){(const uint8_t *)name, (size_t)length}, sha256);
        assert_non_null(snapshot_find_sha256(snap, sha256));
    }
    snapshot_close(snap);
    store_close(s);
    assert_int_equal(count_problems(t->path, STORE_WRITE, &t->err), 0);
    return next;
}

static void kill_many_times(TempStore *t, bool is_batch, unsigned times) {
    random_state = is_batch ? 2 : 1;
    unsigned next = 0;
    for (unsigned i = 0; i < times; i++) {
        if (next > 120) { /* a new store: proving a large one takes longer than killing it */
            nftw(t->path, temp_remove_one, 16, FTW_DEPTH | FTW_PHYS);
            next = 0;
        }
        unsigned told = run_and_kill(t->path, next, is_batch);
        next = check_after_kill(t, next, told);
        print_message("round %u: %u samples told, %u there\n", i, told + 1, next);
        if (is_batch)
            next -= next % 16; /* learned again: no change */
    }
}

static void test_a_kill_loses_nothing_that_was_learned(void **state) {
    kill_many_times(*state, false, rounds(12));
}

static void test_a_kill_in_a_batch_leaves_whole_samples(void **state) {
    kill_many_times(*state, true, rounds(12));
}

/* The child runs out of file size; the parent looks. Writes fail with EFBIG as with ENOSPC. */
static void learn_with_little_room(const char *path, rlim_t room) {
    Error err;
    Store *s = NULL;
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {room, room};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
        store_open(path, STORE_WRITE, 0, &s, &err) != STATUS_OK)
        _exit(2);
    for (unsigned n = 0; n < 300; n++) {
        Arena *a = arena_new(1 << 26);
        Labels labels = made_labels(n);
        Status status = store_learn(s, made_sample(a, n), &labels, NULL, NULL, &err);
        arena_free(a);
        if (status == STATUS_OK)
            continue;
        /* Reading still works, in the same process. */
        uint64_t problems = 1;
        if (status != STATUS_FULL || !strstr(err.message, "no space left") ||
            store_verify(s, print_problem, NULL, &problems, &err) != STATUS_OK || problems > 0) {
            print_message("learn: status %d: %s\n", (int)status, err.message);
            _exit(3);
        }
        store_close(s);
        _exit(0);
    }
    _exit(4);
}

static void test_a_full_disk_leaves_the_store_whole(void **state) {
    TempStore *t = *state;
    Store *s = NULL;
    for (rlim_t room = 200000; room < 1500000; room += 130001) {
        assert_int_equal(store_open(t->path, STORE_CREATE, 0, &s, &t->err), STATUS_OK);
        store_close(s);
        pid_t child = fork();
        if (child == 0)
            learn_with_little_room(t->path, room);
        int status = 0;
        waitpid(child, &status, 0);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        assert_int_equal(count_problems(t->path, STORE_READ, &t->err), 0);
        /* With room again it goes on. */
        Labels labels = made_labels(999);
        assert_int_equal(store_open(t->path, STORE_WRITE, 0, &s, &t->err), STATUS_OK);
        assert_int_equal(store_learn(s, made_sample(t->arena, 1000 + (unsigned)(room / 1000)),
                                     &labels, NULL, NULL, &t->err),
                         STATUS_OK);
        store_close(s);
        assert_int_equal(count_problems(t->path, STORE_READ, &t->err), 0);
    }
}

static void make_store(TempStore *t, unsigned samples) {
    Store *s = NULL;
    assert_int_equal(store_open(t->path, STORE_CREATE, 0, &s, &t->err), STATUS_OK);
    for (unsigned n = 0; n < samples; n++) {
        Labels labels = made_labels(n);
        assert_int_equal(store_learn(s, made_sample(t->arena, n), &labels, NULL, NULL, &t->err),
                         STATUS_OK);
    }
    store_close(s);
}

static uint8_t *read_file(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    struct stat st;
    fstat(fileno(f), &st);
    *size = (size_t)st.st_size;
    uint8_t *at = malloc(*size);
    assert_int_equal(fread(at, 1, *size, f), *size);
    fclose(f);
    return at;
}

static void write_file(const char *path, const uint8_t *at, size_t size) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(at, 1, size, f), size);
    fclose(f);
}

static void quiet(void *ctx, const char *text) { (void)ctx, (void)text; }

/* Exit 0: no problem was seen, 1: a failure or a problem was. Else: a crash. */
static int verify_in_child(const char *path, StoreMode mode) {
    pid_t child = fork();
    if (child == 0) {
        Store *s = NULL;
        Error err;
        uint64_t problems = 0;
        Status status = store_open(path, mode, 0, &s, &err);
        if (status == STATUS_OK)
            status = store_verify(s, quiet, NULL, &problems, &err);
        if (status == STATUS_OK && mode == STORE_WRITE) {
            Labels labels = made_labels(77);
            Arena *a = arena_new(1 << 26);
            status = store_learn(s, made_sample(a, 77), &labels, NULL, NULL, &err);
        }
        store_close(s);
        _exit(status != STATUS_OK || problems > 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

/* Whatever is damaged, opening (to write as well) and verify say so and do not crash: bytes
   anywhere, headers of pages (what kills LMDB most surely), and a file that was cut short. */
static void test_damage_is_reported_and_not_fatal(void **state) {
    TempStore *t = *state;
    make_store(t, 12);
    char data[160];
    snprintf(data, sizeof data, "%s/gen-1/data.mdb", t->path);
    size_t size = 0;
    uint8_t *good = read_file(data, &size), *bad = malloc(size);
    assert_int_equal(verify_in_child(t->path, STORE_READ), 0);
    random_state = 3;
    unsigned unseen = 0, all = 0;
    for (unsigned i = 0; i < rounds(120); i++) {
        memcpy(bad, good, size);
        size_t cut = size;
        if (i % 4 == 3)
            cut = rng() % size;
        else
            for (unsigned k = 0; k < (i % 4 == 0 ? 1 : 20); k++) {
                size_t page = rng() % (size / 4096) * 4096;
                bad[page + rng() % (i % 4 == 1 ? 64 : 4096)] ^= (uint8_t)(1 + rng() % 255);
            }
        write_file(data, bad, cut);
        int result = verify_in_child(t->path, i / 4 % 2 ? STORE_WRITE : STORE_READ);
        if (result > 1)
            fail_msg("round %u: verify died with %d", i, result);
        unseen += result == 0;
        all++;
    }
    print_message("%u of %u damages touched nothing that is in use\n", unseen, all);
    write_file(data, good, size);
    assert_int_equal(verify_in_child(t->path, STORE_READ), 0);
    free(good);
    free(bad);
}

static void test_a_foreign_database_is_refused(void **state) {
    TempStore *t = *state;
    make_store(t, 2);
    char data[160];
    snprintf(data, sizeof data, "%s/gen-1/data.mdb", t->path);
    uint8_t junk[20000];
    memset(junk, 'x', sizeof junk);
    write_file(data, junk, sizeof junk);
    Store *s = NULL;
    assert_int_equal(store_open(t->path, STORE_READ, 0, &s, &t->err), STATUS_CORRUPT);
    write_file(data, junk, 0);
    assert_int_equal(store_open(t->path, STORE_WRITE, 0, &s, &t->err), STATUS_CORRUPT);
    unlink(data);
    assert_int_equal(store_open(t->path, STORE_CREATE, 0, &s, &t->err), STATUS_CORRUPT);
    assert_null(s);
}

static void test_a_lock_of_a_killed_writer_is_free(void **state) {
    TempStore *t = *state;
    make_store(t, 1);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        Store *s = NULL;
        Error err;
        char c = store_open(t->path, STORE_WRITE, 0, &s, &err) == STATUS_OK ? 'y' : 'n';
        if (write(ends[1], &c, 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    char c = 0;
    assert_int_equal(read(ends[0], &c, 1), 1);
    assert_int_equal(c, 'y');
    Store *s = NULL;
    assert_int_equal(store_open(t->path, STORE_WRITE, 20, &s, &t->err), STATUS_BUSY);
    char want[64];
    snprintf(want, sizeof want, "process %ld is changing", (long)child);
    assert_non_null(strstr(t->err.message, want));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(store_open(t->path, STORE_WRITE, 0, &s, &t->err), STATUS_OK);
    store_close(s);
    close(ends[0]);
    close(ends[1]);
}

/* What is done at every opening, again and again while another process makes the file longer: its
 * size and its meta pages are not of one moment. */
static void test_a_growing_file_is_not_taken_for_a_damaged_one(void **state) {
    TempStore *t = *state;
    make_store(t, 1);
    char file[4096];
    snprintf(file, sizeof file, "%s/gen-1/data.mdb", t->path);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t readers[2];
    for (unsigned r = 0; r < 2; r++) {
        readers[r] = fork();
        if (readers[r] != 0)
            continue;
        close(ends[1]);
        assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
        Error err;
        char byte;
        while (read(ends[0], &byte, 1) < 0) /* until the writer closes it */
            if (lmdb_file_check(file, &err) != STATUS_OK) {
                fprintf(stderr, "reader: %s\n", err.message);
                _exit(1);
            }
        _exit(0);
    }
    close(ends[0]);
    Store *s = NULL;
    assert_int_equal(store_open(t->path, STORE_WRITE, 0, &s, &t->err), STATUS_OK);
    for (unsigned n = 1; n < rounds(120); n++) {
        Labels labels = made_labels(n);
        assert_int_equal(store_learn(s, made_sample(t->arena, n), &labels, NULL, NULL, &t->err),
                         STATUS_OK);
    }
    store_close(s);
    close(ends[1]);
    for (unsigned r = 0; r < 2; r++) {
        int status = 0;
        waitpid(readers[r], &status, 0);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

/* Readers of other processes look while one writes, merges and compacts. */
static void test_readers_and_a_writer_at_once(void **state) {
    TempStore *t = *state;
    make_store(t, 8);
    pid_t readers[2];
    for (unsigned r = 0; r < 2; r++) {
        readers[r] = fork();
        if (readers[r] != 0)
            continue;
        Store *s = NULL;
        Error err;
        if (store_open(t->path, STORE_READ, 0, &s, &err) != STATUS_OK)
            _exit(2);
        uint32_t before = 0;
        for (unsigned i = 0; i < 40; i++) {
            uint64_t problems = 1;
            Snapshot *snap = NULL;
            if (snapshot_open(s, &snap, &err) != STATUS_OK) {
                fprintf(stderr, "reader: %s\n", err.message);
                _exit(3);
            }
            uint32_t now = snapshot_sample_count(snap);
            snapshot_close(snap);
            if (now < before)
                _exit(4);
            before = now;
            if (store_verify(s, print_problem, NULL, &problems, &err) != STATUS_OK || problems > 0)
                _exit(5);
        }
        store_close(s);
        _exit(0);
    }
    Store *s = NULL;
    assert_int_equal(store_open(t->path, STORE_WRITE, 0, &s, &t->err), STATUS_OK);
    for (unsigned n = 8; n < 60; n++) {
        Labels labels = made_labels(n);
        assert_int_equal(store_learn(s, made_sample(t->arena, n), &labels, NULL, NULL, &t->err),
                         STATUS_OK);
        if (n % 20 == 0)
            assert_int_equal(store_compact(s, NULL, NULL, &t->err), STATUS_OK);
    }
    store_close(s);
    for (unsigned r = 0; r < 2; r++) {
        int status = 0;
        waitpid(readers[r], &status, 0);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

/* An argument picks tests by name: unit_store_crash '*damage*'. */
int main(int argc, char **argv) {
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {T(test_a_kill_loses_nothing_that_was_learned),
                                       T(test_a_kill_in_a_batch_leaves_whole_samples),
                                       T(test_a_full_disk_leaves_the_store_whole),
                                       T(test_damage_is_reported_and_not_fatal),
                                       T(test_a_foreign_database_is_refused),
                                       T(test_a_lock_of_a_killed_writer_is_free),
                                       T(test_a_growing_file_is_not_taken_for_a_damaged_one),
                                       T(test_readers_and_a_writer_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
