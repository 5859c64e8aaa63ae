/* SPDX-License-Identifier: Apache-2.0 */
#include "report/escape.h"

typedef struct CodeRange {
    uint32_t first, last;
} CodeRange;

/* Controls, separators, direction marks and what is invisible (Unicode 15, categories Cc, Zl, Zp
 * and Cf, with the noncharacters of the basic plane). */
static const CodeRange UNSAFE[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},       {0xad, 0xad},       {0x61c, 0x61c},
    {0x180b, 0x180e}, {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
    {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xfff0, 0xfffb},
    {0xfffe, 0xffff}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
};

static const CodeRange COMBINING[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f},
};

static const CodeRange WIDE[] = {
    {0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
};

static bool in_ranges(const CodeRange *ranges, size_t count, uint32_t code) {
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}
#define IN(ranges, code) in_ranges((ranges), sizeof(ranges) / sizeof *(ranges), (code))

bool code_is_unsafe(uint32_t code) {
    if (code >= 0x20 && code < 0x7f)
        return false;
    return IN(UNSAFE, code) || (code & 0xfffe) == 0xfffe;
}

unsigned code_columns(uint32_t code) {
    if (code < 0x300)
        return 1;
    if (IN(COMBINING, code))
        return 0;
    return IN(WIDE, code) ? 2 : 1;
}

bool utf8_next(Bytes text, size_t *off, uint32_t *code) {
    uint8_t lead = bytes_u8_at(text, *off);
    *code = lead;
    size_t more = lead < 0x80 ? 0 : lead < 0xc2 ? 9 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (more == 9 || lead > 0xf4 || text.size - *off < more + 1) {
        *off += 1;
        return false;
    }
    static const uint8_t LEAD_MASK[4] = {0x7f, 0x1f, 0x0f, 0x07};
    uint32_t value = lead & LEAD_MASK[more];
    for (size_t i = 1; i <= more; i++) {
        uint8_t next = text.at[*off + i];
        if ((next & 0xc0) != 0x80) {
            *off += 1;
            return false;
        }
        value = value << 6 | (next & 0x3f);
    }
    static const uint32_t LEAST[4] = {0, 0x80, 0x800, 0x10000};
    if (value < LEAST[more] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
        *off += 1;
        return false;
    }
    *code = value;
    *off += more + 1;
    return true;
}

static void add_json_code(uint32_t code, Text *out) {
    if (code >= 0x10000) {
        uint32_t rest = code - 0x10000;
        text_addf(out, "\\u%04x\\u%04x", 0xd800 + (rest >> 10), 0xdc00 + (rest & 0x3ff));
    } else if (code == '\n') {
        text_add(out, "\\n");
    } else if (code == '\t') {
        text_add(out, "\\t");
    } else if (code == '\r') {
        text_add(out, "\\r");
    } else {
        text_addf(out, "\\u%04x", code);
    }
}

static bool is_plain(uint8_t c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

void escape_json(Bytes text, Text *out) {
    size_t done = 0; /* text[done..off) is plain and not yet written */
    for (size_t off = 0; off < text.size;) {
        if (is_plain(text.at[off])) { /* nearly all */
            off++;
            continue;
        }
        size_t start = off;
        uint32_t code;
        bool is_valid = utf8_next(text, &off, &code);
        if (is_valid && code != '"' && code != '\\' && !code_is_unsafe(code))
            continue;
        text_add_bytes(out, text.at + done, start - done);
        done = off;
        if (!is_valid)
            text_addf(out, "\\\\x%02x", code);
        else if (code == '"' || code == '\\')
            text_addf(out, "\\%c", (int)code);
        else
            add_json_code(code, out);
    }
    if (text.size > done)
        text_add_bytes(out, text.at + done, text.size - done);
}

/* What a terminal is shown for one code point: at most 10 bytes. Returns its columns. */
static unsigned terminal_piece(Bytes text, size_t start, size_t end, bool is_valid, uint32_t code,
                               Text *piece) {
    text_clear(piece);
    if (!is_valid)
        text_addf(piece, "\\x%02x", code);
    else if (code == '\n' || code == '\t' || code == '\r')
        text_addf(piece, "\\%c", code == '\n' ? 'n' : code == '\t' ? 't' : 'r');
    else if (code_is_unsafe(code))
        text_addf(piece, code < 0x80 ? "\\x%02x" : "\\u{%x}", code);
    else {
        text_add_bytes(piece, text.at + start, end - start);
        return code_columns(code);
    }
    return (unsigned)piece->size;
}

unsigned escape_terminal(Bytes text, unsigned columns, Text *out) {
    unsigned used = 0;
    size_t ellipsis_at = out->size; /* where the text is cut so that the ellipsis still fits */
    unsigned ellipsis_used = 0;
    Text piece = text_new(64);
    for (size_t off = 0; off < text.size;) {
        size_t start = off;
        uint32_t code;
        bool is_valid = utf8_next(text, &off, &code);
        unsigned width = terminal_piece(text, start, off, is_valid, code, &piece);
        if (columns && used + width > columns) {
            if (out->at && !out->full) {
                out->size = ellipsis_at;
                text_add(out, "…");
            }
            used = ellipsis_used + 1;
            break;
        }
        text_add_bytes(out, piece.at, piece.size);
        used += width;
        if (columns && used < columns) {
            ellipsis_at = out->size;
            ellipsis_used = used;
        }
    }
    text_free(&piece);
    return used;
}
