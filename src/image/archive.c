/* SPDX-License-Identifier: Apache-2.0
 * archive.c: members of archives by libarchive. Only formats and filters that run inside this
 * process are switched on (libarchive would start programs for some others). Nothing of the arena
 * is used while libarchive holds memory, because running out of arena does not return. */
#include "image/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <iconv.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

enum {
    BLOCK = 64 * 1024,
    /* Small archives of sparse text pass the ratio test up to this size (guess). */
    RATIO_FREE_BYTES = 1 << 20,
    TAR_BLOCK = 512
};

typedef struct Magic {
    uint32_t off;
    uint32_t size;
    const char *text;
    bool is_filter; /* compression of one stream: a tar inside, or one file */
} Magic;

static const Magic magics[] = {
    {0, 4, "PK\3\4", false},
    {0, 4, "PK\5\6", false}, /* no entries */
    {0, 4, "PK\7\10", false},
    {0, 6, "7z\xbc\xaf\x27\x1c", false},
    {0, 6, "Rar!\x1a\7", false},
    {0, 8, "MSCF\0\0\0\0", false},
    {0, 8, "!<arch>\n", false},
    {0x8001, 5, "CD001", false}, /* ISO 9660 */
    {257, 5, "ustar", false},
    {0, 3, "\x1f\x8b\x08", true},
    {0, 6,
     "\xfd"
     "7zXZ\0",
     true},
    {0, 4, "\x28\xb5\x2f\xfd", true}, /* Zstandard */
    {0, 4, "LZIP", true},
};

static const Magic *find_magic(Bytes b) {
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        Bytes at = bytes_cut(b, magics[i].off, magics[i].size);
        if (at.size && memcmp(at.at, magics[i].text, at.size) == 0)
            return &magics[i];
    }
    return NULL;
}

static bool is_bzip2(Bytes b) { /* "BZh", level, then the digits of pi as block mark */
    return b.size > 10 && memcmp(b.at, "BZh", 3) == 0 && b.at[3] >= '1' && b.at[3] <= '9' &&
           (memcmp(b.at + 4, "1AY&SY", 6) == 0 || memcmp(b.at + 4, "\x17rE8P\x90", 6) == 0);
}

/* The oldest tar has no magic, but its header has a checksum: the sum of its bytes with the field
 * itself as spaces. */
static bool is_old_tar(Bytes b) {
    enum { FIELD = 148, FIELD_BYTES = 8 };
    if (b.size < TAR_BLOCK || b.at[0] == 0)
        return false;
    uint32_t sum = 0, declared = 0;
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += i >= FIELD && i < FIELD + FIELD_BYTES ? ' ' : b.at[i];
    size_t i = FIELD;
    while (i < FIELD + FIELD_BYTES && b.at[i] == ' ')
        i++;
    for (; i < FIELD + FIELD_BYTES && b.at[i] >= '0' && b.at[i] <= '7'; i++)
        declared = declared * 8 + (uint32_t)(b.at[i] - '0');
    return sum == declared;
}

static bool is_executable(Bytes b) {
    return bytes_u16_at(b, 0) == 0x5a4d || bytes_u32_at(b, 0) == 0x464c457f;
}

bool archive_is_archive(Bytes b) {
    return b.size > 0 && !is_executable(b) && (find_magic(b) || is_bzip2(b) || is_old_tar(b));
}

/* Set once by archive_init, only read after it; 0 when the system has no such locale. */
static locale_t utf8_locale;

void archive_init(void) {
    /* libarchive turns DOS times into local time, and without TZ each mktime looks at
     * /etc/localtime. The times are not used. */
    setenv("TZ", "UTC0", 0);
    tzset();
    /* In an UTF-8 locale libarchive converts names (UTF-16 in 7z and cab) by its own tables; in
     * others by iconv, which loads a library for each. */
    if (!utf8_locale)
        utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    static const char *const charsets[] = {"UTF-8", "UTF-16LE", "UTF-16BE", "UTF-16"};
    static bool is_loaded;
    for (size_t i = 0; !utf8_locale && !is_loaded && i < sizeof charsets / sizeof *charsets; i++)
        (void)iconv_open(nl_langinfo(CODESET), charsets[i]); /* kept open: keeps it loaded */
    is_loaded = true;
}

static struct archive *reader_new(bool has_formats, bool has_raw) {
    struct archive *a = archive_read_new();
    if (!a)
        return NULL;
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_lzip(a);
    archive_read_support_filter_zstd(a);
    if (has_formats) {
        archive_read_support_format_zip(a);
        archive_read_support_format_7zip(a);
        archive_read_support_format_tar(a);
        archive_read_support_format_rar(a);
        archive_read_support_format_rar5(a);
        archive_read_support_format_cab(a);
        archive_read_support_format_ar(a);
        archive_read_support_format_iso9660(a);
    }
    if (has_raw)
        archive_read_support_format_raw(a);
    archive_read_add_passphrase(a, "infected");
    return a;
}

typedef struct Reader {
    Sample *s;
    struct archive *archive;
    ArchiveVisit visit;
    void *ctx;
    Text data; /* of the current member */
    uint32_t entries, visited;
    uint64_t total, most; /* bytes unpacked, and how many may be */
} Reader;

static bool report(Reader *r, const char *member, NoteKind kind, const char *reason) {
    notes_add(&r->s->notes, kind, 0);
    r->visited++;
    return r->visit(r->ctx, member, (Bytes){0}, reason);
}

typedef enum Outcome { READ_DONE, READ_TOO_BIG, READ_TOO_MUCH, READ_LATE, READ_DAMAGED } Outcome;

static Outcome read_member(Reader *r) {
    static _Thread_local uint8_t block[BLOCK];
    for (;;) {
        la_ssize_t n = archive_read_data(r->archive, block, sizeof block);
        if (n == 0)
            return READ_DONE;
        if (n == ARCHIVE_RETRY || n == ARCHIVE_WARN)
            n = 0;
        if (n < 0)
            return READ_DAMAGED;
        r->total += (uint64_t)n;
        text_add_bytes(&r->data, block, (size_t)n);
        if (r->total > r->most)
            return READ_TOO_MUCH;
        if (r->data.full)
            return READ_TOO_BIG;
        if (sample_is_late(r->s))
            return READ_LATE;
    }
}

/* False: stop. */
static bool visit_entry(Reader *r, struct archive_entry *entry, const char *name) {
    int64_t size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;
    if (size > (int64_t)MAX_SAMPLE_BYTES) {
        /* Skipping unpacks it in some formats: that counts, too. */
        bool more = (uint64_t)size <= r->most - r->total;
        r->total += more ? (uint64_t)size : 0;
        return report(r, name, NOTE_ARCHIVE_BOMB, "member is bigger than 512 MiB") && more;
    }
    text_clear(&r->data);
    switch (read_member(r)) {
    case READ_DONE:
        break;
    case READ_TOO_BIG:
        report(r, name, NOTE_ARCHIVE_BOMB, "member is bigger than 512 MiB; the rest is not read");
        return false;
    case READ_TOO_MUCH:
        report(r, name, NOTE_ARCHIVE_BOMB,
               "archive expands beyond the limit; the rest is not read");
        return false;
    case READ_LATE:
        report(r, name, NOTE_TIME_LIMIT, "time limit");
        return false;
    case READ_DAMAGED:
        if (archive_entry_is_encrypted(entry) > 0)
            return report(r, name, NOTE_ARCHIVE_LOCKED, "password is not known");
        return report(r, name, NOTE_ARCHIVE_ODD, "member is damaged or packed in an unknown way");
    }
    r->visited++;
    return r->visit(r->ctx, name, (Bytes){(const uint8_t *)text_str(&r->data), r->data.size}, NULL);
}

static bool is_file(struct archive_entry *entry) {
    unsigned type = archive_entry_filetype(entry);
    return (type == AE_IFREG || type == 0) && !archive_entry_hardlink(entry);
}

static bool visit_next(Reader *r) {
    struct archive_entry *entry = NULL;
    int status = archive_read_next_header(r->archive, &entry);
    if (status == ARCHIVE_EOF)
        return false;
    if (status == ARCHIVE_FATAL || !entry) {
        bool is_locked = archive_read_has_encrypted_entries(r->archive) > 0;
        report(r, "", is_locked ? NOTE_ARCHIVE_LOCKED : NOTE_ARCHIVE_ODD,
               is_locked ? "password is not known" : "archive is damaged; the rest is not read");
        return false;
    }
    if (status < ARCHIVE_OK)
        notes_add(&r->s->notes, NOTE_ARCHIVE_ODD, 0);
    if (++r->entries > MAX_ARCHIVE_ENTRIES) {
        report(r, "", NOTE_ARCHIVE_BOMB, "archive has too many entries; the rest is not read");
        return false;
    }
    if (status == ARCHIVE_RETRY || !is_file(entry))
        return true;
    char number[32];
    snprintf(number, sizeof number, "#%u", r->entries);
    const char *name = archive_entry_pathname(entry);
    return visit_entry(r, entry, name && *name ? name : number);
}

static void read_archive(Reader *r, bool has_formats, bool has_raw) {
    Bytes b = r->s->bytes;
    r->archive = reader_new(has_formats, has_raw);
    if (!r->archive || archive_read_open_memory(r->archive, b.at, b.size) != ARCHIVE_OK)
        report(r, "", NOTE_ARCHIVE_ODD, "archive is damaged");
    else
        while (visit_next(r))
            ;
    archive_read_free(r->archive);
}

void archive_visit(Sample *s, ArchiveVisit visit, void *ctx) {
    Reader r = {.s = s, .visit = visit, .ctx = ctx, .data = text_new(MAX_SAMPLE_BYTES)};
    r.most = (uint64_t)s->bytes.size * MAX_ARCHIVE_RATIO + RATIO_FREE_BYTES;
    if (r.most > MAX_ARCHIVE_BYTES)
        r.most = MAX_ARCHIVE_BYTES;
    locale_t before = utf8_locale ? uselocale(utf8_locale) : (locale_t)0;
    const Magic *magic = find_magic(s->bytes);
    /* Only a compressed stream may hold a file that is no archive; without this test a damaged
     * archive would be its own member. */
    bool is_stream = is_bzip2(s->bytes) || (magic && magic->is_filter);
    read_archive(&r, true, is_stream);
    if (r.visited == 0 && is_stream) /* zeros pass for an empty tar, whatever follows */
        read_archive(&r, false, true);
    if (r.visited == 0)
        report(&r, "", NOTE_ARCHIVE_ODD, "archive has no files");
    if (before)
        uselocale(before);
    text_free(&r.data);
}
