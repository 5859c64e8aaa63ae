/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/string_scan.h"

#include <string.h>

#include "feature/extractors.h"

size_t utf8_foreign_size(const uint8_t *p, size_t n) {
    size_t size = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
    if (size == 0 || n < size || !utf8_is_valid((const char *)p, size))
        return 0;
    /* C1 controls (U+0080..9F) are well-formed, but nobody writes them. */
    return p[0] == 0xc2 && p[1] < 0xa0 ? 0 : size;
}

static inline bool is_printable(uint8_t c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; }

enum { NOT_TEXT, IS_ASCII, IS_LEAD };
#define ROW16(v) v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v
static const uint8_t KIND[256] = {
    /* clang-format off */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
    ROW16(0), ROW16(1), ROW16(1), ROW16(1), ROW16(1), ROW16(1),
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0,
    ROW16(0), ROW16(0), ROW16(0), ROW16(0),
    0, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    ROW16(2), ROW16(2), 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    /* clang-format on */
};

/* Bit i tells about byte i of 64. */
typedef struct Masks {
    uint64_t ascii, lead, next; /* printable ASCII; 0xc0..ff; 0x80..bf */
} Masks;

#define EACH(byte) (0x0101010101010101ULL * (byte))
/* The high bits of eight bytes, as one byte. */
static inline uint64_t high_bits(uint64_t word) {
    return ((word & EACH(0x80)) >> 7) * 0x0102040810204080ULL >> 56;
}

static Masks masks_of(const uint8_t *at) {
    Masks m = {0, 0, 0};
    for (unsigned i = 0; i < 8; i++) {
        uint64_t word;
        memcpy(&word, at + (size_t)8 * i, sizeof word);
        uint64_t low = word & EACH(0x7f), tab = low ^ EACH('\t');
        /* No sum of seven bits carries into the next byte. */
        uint64_t ascii = (low + EACH(0x60)) & ~(low + EACH(0x01));
        ascii |= ~(tab + EACH(0x7f));
        m.ascii |= high_bits(ascii & ~word) << (8 * i);
        m.lead |= high_bits(word & (word << 1)) << (8 * i);
        m.next |= high_bits(word & ~(word << 1)) << (8 * i);
    }
    return m;
}

/* The bits n further on, from the block behind where this one ends. */
static inline uint64_t ahead(uint64_t here, uint64_t behind, unsigned n) {
    return here >> n | behind << (64 - n);
}

/* Where text may begin: four ASCII characters in a row, or two characters of three bytes, or three
 * of two. Other text beyond ASCII is found from the ASCII in it. */
static uint64_t seeds_of(const Masks *m, const Masks *b) {
    uint64_t pairs = m->ascii & ahead(m->ascii, b->ascii, 1);
    uint64_t pairs_behind = b->ascii & b->ascii >> 1;
    uint64_t seeds = pairs & ahead(pairs, pairs_behind, 2);
    uint64_t lead3 = m->lead & ahead(m->lead, b->lead, 3), next1 = ahead(m->next, b->next, 1);
    seeds |= lead3 & next1 & ahead(m->next, b->next, 2) & ahead(m->next, b->next, 4) &
             ahead(m->next, b->next, 5);
    seeds |= m->lead & next1 & ahead(m->lead, b->lead, 2) & ahead(m->next, b->next, 3) &
             ahead(m->lead, b->lead, 4) & ahead(m->next, b->next, 5);
    return seeds;
}

/* Size of the character that ends before i, and begins at or behind least; 0 for none. */
static size_t size_before(Bytes b, size_t i, size_t least) {
    if (i <= least)
        return 0;
    if (KIND[b.at[i - 1]] == IS_ASCII)
        return 1;
    for (size_t size = 2; size <= 4 && size <= i - least; size++)
        if (KIND[b.at[i - size]] == IS_LEAD)
            return utf8_foreign_size(b.at + i - size, b.size - (i - size)) == size ? size : 0;
    return 0;
}

/* Visits the run around a seed, none of it before least; returns where it ends. */
static size_t visit_narrow(Bytes b, size_t seed, size_t least, TextVisit visit, void *ctx) {
    size_t start = seed, i = seed, chars = 0, step;
    while ((step = size_before(b, start, least)) != 0) {
        start -= step;
        chars++;
    }
    bool has_foreign = seed - start != chars;
    for (; i < b.size; chars++) {
        if (KIND[b.at[i]] == IS_ASCII) {
            i++;
            continue;
        }
        step = KIND[b.at[i]] == IS_LEAD ? utf8_foreign_size(b.at + i, b.size - i) : 0;
        if (step == 0)
            break;
        has_foreign = true;
        i += step;
    }
    if (chars >= MIN_TEXT_CHARS) {
        TextRun run = {.off = start, .size = i - start, .has_foreign = has_foreign};
        run.is_closed = i < b.size && b.at[i] == 0;
        run.is_opened = start == 0 || b.at[start - 1] == 0;
        visit(ctx, &run);
    }
    return i > seed ? i : seed + 1;
}

void scan_bytes(Bytes b, TextVisit visit, void *ctx) {
    enum { BLOCK = 64 };
    uint8_t tail[2 * BLOCK] = {0};
    size_t whole = b.size / BLOCK * BLOCK, end = 0;
    if (b.size > whole)
        memcpy(tail, b.at + whole, b.size - whole);
    Masks behind = masks_of(whole ? b.at : tail);
    for (size_t off = 0; off < b.size; off += BLOCK) {
        Masks here = behind;
        size_t at = off + BLOCK;
        behind = masks_of(at < whole ? b.at + at : at < b.size ? tail : tail + BLOCK);
        uint64_t seeds = seeds_of(&here, &behind);
        if (end > off)
            seeds = end - off >= BLOCK ? 0 : seeds & ~0ULL << (end - off);
        while (seeds) {
            size_t seed = off + (size_t)__builtin_ctzll(seeds);
            end = visit_narrow(b, seed, end, visit, ctx);
            seeds = end - off >= BLOCK ? 0 : seeds & ~0ULL << (end - off);
        }
    }
}

/* Scripts by the high byte of a UTF-16 unit (Unicode 15 block list, by whole rows of 256): living
 * alphabets only, because in random bytes every row is as likely as any other. */
enum { SCRIPT_NONE, SCRIPT_LATIN, SCRIPT_GREEK, SCRIPT_CYRILLIC, SCRIPT_SEMITIC, SCRIPT_INDIC };
enum { SCRIPT_EAST = 6, SCRIPT_MARKS = 7 };
static uint8_t script_of(unsigned high) {
    switch (high) {
    case 0x00:
    case 0x01:
        return SCRIPT_LATIN;
    case 0x03:
        return SCRIPT_GREEK;
    case 0x04:
        return SCRIPT_CYRILLIC;
    case 0x05: /* Hebrew; also Armenian */
    case 0x06: /* Arabic */
        return SCRIPT_SEMITIC;
    case 0x09: /* Devanagari, Bengali */
    case 0x0e: /* Thai, Lao */
        return SCRIPT_INDIC;
    case 0x20: /* general punctuation: dashes, curly quotes */
        return SCRIPT_MARKS;
    case 0x30: /* kana and East Asian punctuation */
    case 0xff: /* full-width forms */
        return SCRIPT_EAST;
    default: /* Han ideographs, Hangul syllables */
        return (high >= 0x4e && high <= 0x9f) || (high >= 0xac && high <= 0xd7) ? SCRIPT_EAST
                                                                                : SCRIPT_NONE;
    }
}

typedef struct Wide {
    const uint8_t *at;
    size_t n;
    bool big;
    uint8_t script[256];
} Wide;

static inline unsigned unit_at(const Wide *w, size_t i) {
    return w->big ? (unsigned)w->at[i] << 8 | w->at[i + 1] : (unsigned)w->at[i + 1] << 8 | w->at[i];
}

/* Script of a unit that may stand in text; SCRIPT_NONE ends a run. */
static inline unsigned unit_script(const Wide *w, unsigned unit) {
    if (unit < 0x100)
        return is_printable((uint8_t)unit) || unit >= 0xa0 ? SCRIPT_LATIN : SCRIPT_NONE;
    if (unit >= 0xffe0 || (unit >= 0x2070 && unit < 0x2100))
        return SCRIPT_NONE; /* specials; sub- and superscripts, combining marks */
    return w->script[unit >> 8];
}

/* A unit that delimits: zero, or a small number, which is what string tables of resources put
 * before each text (its length) and so behind the one before. */
static inline bool is_delimiter(unsigned unit) { return unit < 0x20 && unit != '\t'; }

/* What a run beyond ASCII is made of. */
typedef struct Make {
    unsigned scripts; /* bit per script */
    size_t foreign, zeros, same, narrow, han, hangul, alternating;
} Make;

static bool is_pair_of_ascii(unsigned unit) {
    return is_printable((uint8_t)(unit >> 8)) && (is_printable((uint8_t)unit) || (unit & 255) == 0);
}

static Make make_of(const Wide *w, const TextRun *run) {
    Make m = {0};
    size_t end = run->off + run->size;
    for (size_t i = run->off; i < end; i += 2) {
        unsigned unit = unit_at(w, i), script = unit_script(w, unit);
        m.same += i > run->off && unit == unit_at(w, i - 2);
        if (unit < 0x80) {
            m.alternating += i > run->off && i + 2 < end && unit_at(w, i - 2) >= 0x80 &&
                             unit_at(w, i + 2) >= 0x80 && unit != ' ';
            continue;
        }
        m.foreign++;
        m.zeros += (unit & 0xff) == 0;
        m.narrow += is_pair_of_ascii(unit);
        m.han += unit >= 0x4e00 && unit < 0xa000;
        m.hangul += unit >= 0xac00 && unit < 0xd7b0;
        if (script != SCRIPT_MARKS)
            m.scripts |= 1u << script;
    }
    return m;
}

/* Beyond ASCII, chance is near: half of all units are Han or Hangul. Such a run must stand between
 * delimiters, be one script (with ASCII and punctuation), and vary. It must not be narrow text read
 * as wide (units of two ASCII bytes, or of one and zero: of real Han every fifth is), nor a table
 * of 32-bit addresses (every other unit small). Hangul takes some Han, Han takes no Hangul. The
 * shares are guesses that hold on the test files of docs/evidence/strings.md. */
static bool foreign_is_text(const Wide *w, const TextRun *run) {
    if (!run->is_closed || !run->is_opened)
        return false;
    Make m = make_of(w, run);
    size_t units = run->size / 2;
    return (m.scripts & (m.scripts - 1)) == 0 && m.zeros * 2 <= m.foreign && m.same * 2 <= units &&
           m.narrow * 2 <= m.foreign && m.alternating * 4 <= units &&
           (m.han == 0 || m.hangul == 0 || m.hangul >= 2 * m.han);
}

static TextRun wide_run(const Wide *w, size_t start, size_t end, bool has_foreign) {
    TextRun run = {start, end - start, true, has_foreign, false, false};
    run.is_closed = end + 1 < w->n && is_delimiter(unit_at(w, end));
    run.is_opened = start < 2 || is_delimiter(unit_at(w, start - 2));
    return run;
}

/* Visits [start, end) when it is text beyond ASCII, else each stretch of ASCII in it. */
static void visit_wide(const Wide *w, size_t start, size_t end, TextVisit visit, void *ctx) {
    TextRun run = wide_run(w, start, end, true);
    if (run.size / 2 >= MIN_TEXT_CHARS && foreign_is_text(w, &run)) {
        visit(ctx, &run);
        return;
    }
    for (size_t i = start; i < end; i += 2) {
        size_t from = i;
        while (i < end && unit_at(w, i) < 0x80)
            i += 2;
        run = wide_run(w, from, i, false);
        if (run.size / 2 >= MIN_TEXT_CHARS)
            visit(ctx, &run);
    }
}

/* Four units at once; 0 for "nothing begins in them": no delimiter, behind which text beyond ASCII
 * may stand, and not all ASCII. (A run that begins in ASCII inside the four goes on in the next
 * four, and is followed back from there.) */
static inline bool may_begin(const Wide *w, size_t i) {
    uint64_t word;
    memcpy(&word, w->at + i, sizeof word);
    if (word == 0)
        return false;
    if (w->big)
        word = (word >> 8 & 0x00ff00ff00ff00ffULL) | (word & 0x00ff00ff00ff00ffULL) << 8;
    if ((word & 0xff80ff80ff80ff80ULL) == 0)
        return true;
    uint64_t high = word & 0xffe0ffe0ffe0ffe0ULL;
    return ((high - 0x0001000100010001ULL) & ~high & 0x8000800080008000ULL) != 0;
}

static void scan_parity(const Wide *w, size_t i, TextVisit visit, void *ctx) {
    size_t done = i; /* runs before this have been visited */
    while (i + 1 < w->n) {
        while (i + 8 <= w->n && !may_begin(w, i))
            i += 8;
        size_t stop = i + 8;
        while (i + 1 < w->n && i < stop && unit_script(w, unit_at(w, i)) == SCRIPT_NONE)
            i += 2;
        if (i >= stop || i + 1 >= w->n)
            continue;
        size_t start = i;
        while (start >= done + 2 && unit_at(w, start - 2) < 0x80 &&
               unit_script(w, unit_at(w, start - 2)) != SCRIPT_NONE)
            start -= 2;
        bool has_foreign = false;
        for (; i + 1 < w->n; i += 2) {
            unsigned unit = unit_at(w, i);
            if (unit_script(w, unit) == SCRIPT_NONE)
                break;
            has_foreign |= unit >= 0x80;
        }
        done = i;
        if ((i - start) / 2 < MIN_TEXT_CHARS)
            continue;
        TextRun run = wide_run(w, start, i, false);
        if (has_foreign)
            visit_wide(w, start, i, visit, ctx);
        else
            visit(ctx, &run);
    }
}

void scan_wide(Bytes b, bool big_endian, TextVisit visit, void *ctx) {
    Wide w = {.at = b.at, .n = b.size, .big = big_endian};
    for (unsigned high = 0; high < 256; high++)
        w.script[high] = script_of(high);
    scan_parity(&w, 0, visit, ctx);
    scan_parity(&w, 1, visit, ctx);
}
