/* SPDX-License-Identifier: Apache-2.0 */
#include "know/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "know/utf8.h"

enum { PIECE_BYTES = 256 * 1024 };

/* ---- UTF-16 ---- */

typedef enum Encoding { ENCODING_UTF8, ENCODING_UTF16LE, ENCODING_UTF16BE } Encoding;

static Encoding encoding_of(Bytes head) {
    uint8_t a = bytes_u8_at(head, 0), b = bytes_u8_at(head, 1);
    if (a == 0xff && b == 0xfe)
        return ENCODING_UTF16LE;
    if (a == 0xfe && b == 0xff)
        return ENCODING_UTF16BE;
    /* JSON begins with two ASCII characters (RFC 4627, 3). */
    if (head.size >= 4 && a != 0 && b == 0 && head.at[2] != 0 && head.at[3] == 0)
        return ENCODING_UTF16LE;
    if (head.size >= 4 && a == 0 && b != 0 && head.at[2] == 0 && head.at[3] != 0)
        return ENCODING_UTF16BE;
    return ENCODING_UTF8;
}

static void put_code(FILE *out, uint32_t c) {
    char bytes[4];
    if (c != 0xfeff)
        fwrite(bytes, 1, utf8_write(bytes, c), out);
}

static int take_unit(KnowInput *in, bool is_big) {
    int a = know_input_take(in), b = know_input_take(in);
    if (a < 0 || b < 0)
        return -1;
    return is_big ? a << 8 | b : b << 8 | a;
}

static void convert(KnowInput *in, bool is_big, FILE *out) {
    for (int unit; (unit = take_unit(in, is_big)) >= 0;) {
        uint32_t c = (uint32_t)unit;
        if (c >= 0xd800 && c < 0xdc00) {
            int low = take_unit(in, is_big);
            bool is_pair = low >= 0xdc00 && low < 0xe000;
            c = is_pair ? 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)low - 0xdc00) : 0xfffd;
        } else if (c >= 0xdc00 && c < 0xe000) {
            c = 0xfffd;
        }
        put_code(out, c);
    }
}

/* ---- pieces ---- */

static bool fill(KnowInput *in) {
    uint64_t off = know_input_off(in);
    if (in->fd < 0)
        return in->at < in->piece.size;
    if (in->at < in->piece.size)
        return true;
    ssize_t n;
    do
        n = pread(in->fd, in->buffer, PIECE_BYTES, (off_t)off);
    while (n < 0 && errno == EINTR);
    if (n < 0 && !in->is_failed) {
        in->is_failed = true;
        error_set(&in->error, STATUS_FAILED, "reading failed at byte %llu: %s",
                  (unsigned long long)off, strerror(errno));
    }
    in->piece_off = off;
    in->at = 0;
    in->piece = (Bytes){in->buffer, n > 0 ? (size_t)n : 0};
    return n > 0;
}

static void skip_mark(KnowInput *in) {
    if (in->piece.size >= 3 && memcmp(in->piece.at, "\xef\xbb\xbf", 3) == 0)
        in->at = 3;
}

void know_input_from_memory(KnowInput *in, Bytes memory) {
    *in = (KnowInput){.fd = -1, .memory = memory, .piece = memory, .line = 1};
    skip_mark(in);
}

static Status open_converted(KnowInput *in, bool is_big, Error *err) {
    FILE *out = tmpfile();
    if (!out)
        return error_set(err, STATUS_FAILED, "temporary file: %s", strerror(errno));
    convert(in, is_big, out);
    bool is_good = fflush(out) == 0 && !ferror(out);
    int fd = is_good ? dup(fileno(out)) : -1;
    Status status =
        fd >= 0 ? STATUS_OK : error_set(err, STATUS_FULL, "temporary file: %s", strerror(errno));
    fclose(out);
    in->fd = fd;
    in->at = 0;
    in->piece = (Bytes){0};
    in->piece_off = 0;
    in->line = 1;
    return status;
}

Status know_input_open(KnowInput *in, int fd, Error *err) {
    *in = (KnowInput){.fd = dup(fd), .line = 1, .buffer = malloc(PIECE_BYTES)};
    Status status = STATUS_OK;
    if (in->fd < 0 || !in->buffer)
        status =
            error_set(err, STATUS_FAILED, "%s", in->buffer ? strerror(errno) : "out of memory");
    else if (fill(in) && encoding_of(in->piece) != ENCODING_UTF8) {
        int raw = in->fd;
        status = open_converted(in, encoding_of(in->piece) == ENCODING_UTF16BE, err);
        close(raw);
        fill(in);
    }
    skip_mark(in);
    if (status == STATUS_OK && in->is_failed)
        status = error_set(err, STATUS_FAILED, "%s", in->error.message);
    if (status != STATUS_OK)
        know_input_close(in);
    return status;
}

void know_input_close(KnowInput *in) {
    if (in->fd >= 0)
        close(in->fd);
    free(in->buffer);
    in->fd = -1;
    in->buffer = NULL;
    in->piece = (Bytes){0};
    in->at = 0;
}

int know_input_peek(KnowInput *in) {
    return in->at < in->piece.size || fill(in) ? in->piece.at[in->at] : -1;
}

int know_input_take(KnowInput *in) {
    int c = know_input_peek(in);
    if (c < 0)
        return c;
    in->at++;
    in->line += c == '\n';
    return c;
}

Bytes know_input_reach(KnowInput *in) {
    if (!fill(in))
        return (Bytes){0};
    return (Bytes){in->piece.at + in->at, in->piece.size - in->at};
}

void know_input_advance(KnowInput *in, size_t n) {
    size_t left = in->piece.size - in->at;
    CHECK(n <= left);
    for (const uint8_t *p = in->piece.at + in->at, *end = p + n; p < end; p++) {
        p = memchr(p, '\n', (size_t)(end - p));
        if (!p)
            break;
        in->line++;
    }
    in->at += n;
}

void know_input_seek(KnowInput *in, KnowPlace place) {
    in->line = place.line;
    bool is_near = place.off >= in->piece_off && place.off - in->piece_off <= in->piece.size;
    if (in->fd < 0 || is_near) {
        in->at = (size_t)(place.off - in->piece_off);
        return;
    }
    in->piece = (Bytes){0};
    in->piece_off = place.off;
    in->at = 0;
}
