/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/archive.h"

/* The fuzz target's seeds are the archives; most hold a.txt: "hello world\n". */
static Bytes read_seed(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/archive/%s", COG_SOURCE_DIR, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    uint8_t *at = calloc(1, 65536);
    assert_non_null(at);
    size_t size = fread(at, 1, 65536, f);
    fclose(f);
    return (Bytes){at, size};
}

typedef struct Seen {
    unsigned files, failures, hello;
    char names[256], reasons[512];
    uint64_t bytes;
} Seen;

static bool see(void *ctx, const char *member, Bytes bytes, const char *reason) {
    Seen *seen = ctx;
    size_t used = strlen(seen->names), told = strlen(seen->reasons);
    if (reason) {
        seen->failures++;
        snprintf(seen->reasons + told, sizeof seen->reasons - told, "%s;", reason);
        return true;
    }
    seen->files++;
    seen->bytes += bytes.size;
    seen->hello += bytes.size == 12 && memcmp(bytes.at, "hello world\n", 12) == 0;
    snprintf(seen->names + used, sizeof seen->names - used, "%s;", member);
    return true;
}

static Seen visit_bytes(Bytes b, Notes *notes) {
    Seen seen = {0};
    Sample s = {.bytes = b};
    assert_true(archive_is_archive(b));
    archive_visit(&s, see, &seen);
    if (notes)
        *notes = s.notes;
    return seen;
}

static Seen visit_seed(const char *name, Notes *notes) {
    Bytes b = read_seed(name);
    Seen seen = visit_bytes(b, notes);
    free((void *)(uintptr_t)b.at);
    return seen;
}

static void test_formats(void **state) {
    (void)state;
    static const struct {
        const char *seed, *names;
        unsigned hello;
    } want[] = {
        {"plain_zip", "a.txt;\xc3\xbcn\xc3\xaf-\xe6\x97\xa5\xe6\x9c\xac.txt;", 1},
        {"inf_zip", "a.txt;b.bin;", 2},
        {"aes_zip", "a.txt;", 1},
        {"x_7z", "a.txt;\xc3\xbcn\xc3\xaf-\xe6\x97\xa5\xe6\x9c\xac.txt;", 1},
        {"v7_tar", "a.txt;", 1},
        {"c_cab", "a.txt;\xc3\xbcn\xc3\xaf-\xe6\x97\xa5\xe6\x9c\xac.txt;", 1},
        {"cz_cab", "a.txt;", 1},
        {"s_a", "a.txt;b.bin;", 2},
        {"a_txt_gz", "a.txt;", 1},
        {"a_txt_xz", "data;", 1},
        {"a_txt_bz2", "data;", 1},
        {"a_txt_zst", "data;", 1},
        {"t_tgz", "a.txt;", 1},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        Notes notes;
        Seen seen = visit_seed(want[i].seed, &notes);
        assert_string_equal(seen.names, want[i].names);
        assert_int_equal(seen.hello, want[i].hello);
        assert_int_equal(seen.failures, 0);
        assert_int_equal(notes.count, 0);
    }
}

static void test_locked(void **state) {
    (void)state;
    static const char *const seeds[] = {"other_zip", "lock_7z", "lockh_7z"};
    for (size_t i = 0; i < 3; i++) {
        Notes notes;
        Seen seen = visit_seed(seeds[i], &notes);
        assert_int_equal(seen.files, 0);
        assert_string_equal(seen.reasons, "password is not known;");
        assert_int_equal(notes.per_kind[NOTE_ARCHIVE_LOCKED], 1);
    }
}

static void test_what_is_none(void **state) {
    (void)state;
    Bytes zip = read_seed("plain_zip");
    static const char *const starts[] = {"MZ", "\177ELF"};
    for (size_t i = 0; i < 2; i++) { /* with an archive behind it */
        uint8_t both[8192] = {0};
        memcpy(both, starts[i], strlen(starts[i]));
        memcpy(both + 4096, zip.at, zip.size < 4096 ? zip.size : 4096);
        assert_false(archive_is_archive((Bytes){both, sizeof both}));
    }
    free((void *)(uintptr_t)zip.at);
    assert_false(archive_is_archive((Bytes){0}));
    assert_false(archive_is_archive((Bytes){(const uint8_t *)"BZhello world", 13}));
    static const uint8_t zeros[1024];
    assert_false(archive_is_archive((Bytes){zeros, sizeof zeros}));
}

/* Every prefix: what can be read is, and the loss is told. */
static void test_damage(void **state) {
    (void)state;
    static const char *const seeds[] = {"plain_zip", "x_7z", "t_tgz", "c_cab", "s_a", "a_txt_xz"};
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        Bytes b = read_seed(seeds[i]);
        for (size_t n = 12; n < b.size; n++) {
            Bytes cut = {b.at, n};
            if (!archive_is_archive(cut))
                continue;
            Seen seen = visit_bytes(cut, NULL);
            assert_true(seen.files + seen.failures > 0);
        }
        free((void *)(uintptr_t)b.at);
    }
}

static void write_octal(uint8_t *at, uint64_t value) {
    char text[16];
    snprintf(text, sizeof text, "%011llo", (unsigned long long)value);
    memcpy(at, text, 11);
}

static size_t put_tar_entry(uint8_t *at, const char *name, uint64_t size) {
    memset(at, 0, 512);
    memcpy(at, name, strlen(name));
    write_octal(at + 100, 0644);
    write_octal(at + 124, size);
    write_octal(at + 136, 0);
    at[156] = '0';
    memcpy(at + 257, "ustar\00000", 8);
    memset(at + 148, ' ', 8);
    uint32_t sum = 0;
    for (int i = 0; i < 512; i++)
        sum += at[i];
    char text[16];
    snprintf(text, sizeof text, "%06o", sum);
    memcpy(at + 148, text, 7);
    return 512;
}

static void test_limits(void **state) {
    (void)state;
    Notes notes;
    size_t count = MAX_ARCHIVE_ENTRIES + 10;
    uint8_t *tar = calloc(count + 2, 512);
    assert_non_null(tar);
    for (size_t i = 0; i < count; i++)
        put_tar_entry(tar + i * 512, "empty", 0);
    Seen seen = visit_bytes((Bytes){tar, (count + 2) * 512}, &notes);
    assert_int_equal(seen.files, MAX_ARCHIVE_ENTRIES);
    assert_int_equal(seen.failures, 1);
    assert_int_equal(notes.per_kind[NOTE_ARCHIVE_BOMB], 1);
    /* A member that claims more than a sample may have, then one that is there. */
    put_tar_entry(tar, "huge", MAX_SAMPLE_BYTES + 1);
    seen = visit_bytes((Bytes){tar, 4096}, &notes);
    assert_true(seen.files == 0 && seen.failures > 0);
    assert_true(notes.per_kind[NOTE_ARCHIVE_BOMB] > 0);
    free(tar);
}

static void test_late(void **state) {
    (void)state;
    Bytes b = read_seed("plain_zip");
    Sample s = {.bytes = b, .deadline_ms = 1};
    Seen seen = {0};
    archive_visit(&s, see, &seen);
    assert_int_equal(seen.files, 0);
    assert_string_equal(seen.reasons, "time limit;");
    free((void *)(uintptr_t)b.at);
}

/* As in the worker: nothing may be opened or looked at by name, or the process dies. */
static void child_in_sandbox(const Bytes *seeds, size_t count) {
    static const int forbidden[] = {SCMP_SYS(open),     SCMP_SYS(openat),     SCMP_SYS(stat),
                                    SCMP_SYS(lstat),    SCMP_SYS(newfstatat), SCMP_SYS(access),
                                    SCMP_SYS(readlink), SCMP_SYS(socket),     SCMP_SYS(execve),
                                    SCMP_SYS(clone),    SCMP_SYS(fork),       SCMP_SYS(statx)};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, forbidden[i], 0) != 0)
            _exit(3);
    if (seccomp_load(filter) != 0)
        _exit(77);
    Seen seen = {0};
    for (size_t i = 0; i < count; i++) {
        Sample s = {.bytes = seeds[i]};
        archive_visit(&s, see, &seen);
    }
    _exit(seen.hello == 10 ? 0 : 4);
}

static void test_sandbox(void **state) {
    (void)state;
    static const char *const names[] = {"plain_zip", "inf_zip",  "aes_zip",  "x_7z", "v7_tar",
                                        "c_cab",     "a_txt_gz", "a_txt_xz", "t_tgz"};
    enum { COUNT = sizeof names / sizeof *names };
    Bytes seeds[COUNT];
    unsetenv("TZ");
    archive_init();
    for (size_t i = 0; i < COUNT; i++)
        seeds[i] = read_seed(names[i]);
    pid_t child = fork();
    if (child == 0)
        child_in_sandbox(seeds, COUNT);
    int status = 0;
    assert_true(waitpid(child, &status, 0) == child);
    for (size_t i = 0; i < COUNT; i++)
        free((void *)(uintptr_t)seeds[i].at);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip(); /* no seccomp here */
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),      cmocka_unit_test(test_locked),
        cmocka_unit_test(test_what_is_none), cmocka_unit_test(test_damage),
        cmocka_unit_test(test_limits),       cmocka_unit_test(test_late),
        cmocka_unit_test(test_sandbox),
    };
    archive_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
