/* SPDX-License-Identifier: Apache-2.0
 * f_string.c: text in the file's bytes, with the instructions that mention it. What counts as a
 * string, and how well that works, is in docs/evidence/strings.md. */
#include <stdlib.h>
#include <string.h>

#include "feature/extractors.h"
#include "feature/string_scan.h"

/* A piece of the file that lies in one segment, or in none (va UINT64_MAX). */
typedef struct Place {
    uint64_t off, end, va;
} Place;

typedef struct Span {
    uint64_t off, end;
} Span;

typedef struct Strings {
    Sample *s;
    const Image *image;
    const Code *code;
    Features *out;
    VEC(Place) places;     /* by off, no overlap */
    VEC(Span) code_spans;  /* recovered code: by off, merged */
    VEC(uint64_t) cuts;    /* Go, Rust: where pieces of unterminated text start or end; ascending */
    VEC(uint64_t) pointed; /* targets of relocated pointers, ascending */
    bool is_unterminated;
    uint64_t scan_off;    /* file offset of what is being scanned */
    size_t place;         /* last place looked up */
    size_t ref;           /* last reference looked up */
    size_t first_of_span; /* out->strings: first one of the span being scanned */
    size_t overlap;       /* cursor from there, for wide runs over accepted narrow ones */
    bool full;
} Strings;

/* First index with at[i] >= value. */
static size_t lower_bound(const uint64_t *at, size_t count, uint64_t value) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (at[mid] < value)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* First reference at or behind va. Addresses come nearly in order, so it looks near the last answer
 * first. */
static size_t first_ref(Strings *t, uint64_t va) {
    const Code *code = t->code;
    size_t low = 0, high = code->refs.count, near = t->ref;
    if (near < high && code->refs.at[near].to_va < va) {
        low = near + 1;
        size_t step = 1;
        while (low + step < high && code->refs.at[low + step - 1].to_va < va) {
            low += step;
            step *= 2;
        }
        high = low + step < high ? low + step : high;
    }
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (code->refs.at[mid].to_va < va)
            low = mid + 1;
        else
            high = mid;
    }
    t->ref = low ? low - 1 : 0;
    return low;
}

static int compare_places(const void *a, const void *b) {
    const Place *x = a, *y = b;
    return (x->off > y->off) - (x->off < y->off);
}

static void find_places(Strings *t) {
    Arena *a = t->s->scratch;
    t->places.max = MAX_SEGMENTS + MAX_SECTIONS;
    for (size_t i = 0; i < t->image->segments.count; i++) {
        const Segment *segment = &t->image->segments.at[i];
        Place *p = segment->file.size ? VEC_ADD(a, &t->places) : NULL;
        if (p)
            *p = (Place){segment->off, segment->off + segment->file.size, segment->va};
    }
    if (t->places.at && t->places.count > 1)
        qsort(t->places.at, t->places.count, sizeof *t->places.at, compare_places);
}

/* Address of a file offset, UINT64_MAX when it has none. Offsets come nearly in order. */
static uint64_t va_of(Strings *t, uint64_t off) {
    if (t->place >= t->places.count || off < t->places.at[t->place].off)
        t->place = 0;
    while (t->place + 1 < t->places.count && off >= t->places.at[t->place + 1].off)
        t->place++;
    if (t->places.count == 0)
        return UINT64_MAX;
    const Place *p = &t->places.at[t->place];
    return off >= p->off && off < p->end ? p->va + (off - p->off) : UINT64_MAX;
}

/* File places of recovered blocks; text is not looked for there, because instructions of printable
 * bytes are many. */
static void find_code_spans(Strings *t) {
    Arena *a = t->s->scratch;
    size_t count = t->code->blocks.count;
    uint64_t *packed = ARENA_ARRAY(a, uint64_t, count);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const Block *block = &t->code->blocks.at[i];
        uint64_t off = image_off_at(t->image, block->va);
        /* Offsets of samples have 29 bits (MAX_SAMPLE_BYTES), sizes are kept to 32. */
        if (off < (uint64_t)1 << 32 && block->size)
            packed[n++] = off << 32 | block->size;
    }
    sort_u64(a, packed, n);
    t->code_spans.max = MAX_BLOCKS;
    for (size_t i = 0; i < n; i++) {
        uint64_t off = packed[i] >> 32, end = off + (uint32_t)packed[i];
        Span *last = t->code_spans.count ? &t->code_spans.at[t->code_spans.count - 1] : NULL;
        if (last && off <= last->end) {
            last->end = end > last->end ? end : last->end;
            continue;
        }
        Span *span = VEC_ADD(a, &t->code_spans);
        if (!span)
            return;
        *span = (Span){off, end};
    }
}

static void find_pointed(Strings *t) {
    Arena *a = t->s->scratch;
    t->pointed.max = MAX_RELOCS;
    for (size_t i = 0; i < t->image->relocs.count; i++) {
        uint64_t *target = VEC_ADD(a, &t->pointed);
        if (target)
            *target = t->image->relocs.at[i].target;
    }
    sort_u64(a, t->pointed.at, t->pointed.count);
    t->pointed.count = unique_u64(t->pointed.at, t->pointed.count);
}

/* Go and Rust keep texts without terminators, one after the other. Both leave these marks: Go's
 * table of functions or build information, the path of the Rust compiler's own sources, the name of
 * an environment variable that the Rust runtime reads. */
static bool has_unterminated_text(const Strings *t) {
    static const char *const marks[] = {"Go buildinf:", "/rustc/", "RUST_BACKTRACE"};
    Bytes b = t->s->bytes;
    for (size_t i = 0; i < t->code->functions.count; i++)
        if (t->code->functions.at[i].source == FROM_GOPCLNTAB)
            return true;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (b.size && memmem(b.at, b.size, marks[i], strlen(marks[i])))
            return true;
    return false;
}

static void add_cut(Strings *t, uint64_t va) {
    uint64_t *cut = VEC_ADD(t->s->scratch, &t->cuts);
    if (cut)
        *cut = va;
}

/* A pointer with a length behind it, both plausible: a text starts and ends there. */
static void add_slice(Strings *t, uint64_t va, uint64_t length) {
    /* The longest literal worth splitting out (guess); zero-length slices point anywhere. */
    enum { MAX_SLICE = 65536 };
    if (length == 0 || length > MAX_SLICE)
        return;
    Bytes b = image_bytes_at(t->image, va);
    if (b.size < length || b.at[0] < 0x20 || b.at[0] == 0x7f)
        return;
    add_cut(t, va);
    add_cut(t, va + length);
}

static void find_cuts(Strings *t) {
    const Image *image = t->image;
    t->cuts.max = MAX_XREFS;
    for (size_t i = 0; i < t->code->refs.count; i++)
        if (i == 0 || t->code->refs.at[i].to_va != t->code->refs.at[i - 1].to_va)
            add_cut(t, t->code->refs.at[i].to_va);
    unsigned word = image->bits == 64 ? 8 : 4;
    for (size_t i = 0; i < image->relocs.count; i++)
        if (image->relocs.at[i].target)
            add_slice(t, image->relocs.at[i].target,
                      image_word_at(image, image->relocs.at[i].va + word));
    for (size_t i = 0; i < image->segments.count && !image->big_endian; i++) {
        const Segment *segment = &image->segments.at[i];
        if (segment->perms & PERM_X)
            continue;
        for (size_t off = (size_t)(-segment->va & (word - 1));
             bytes_has(segment->file, off, (uint64_t)2 * word); off += word) {
            bool wide = word == 8;
            uint64_t va =
                wide ? bytes_u64_at(segment->file, off) : bytes_u32_at(segment->file, off);
            uint64_t n = wide ? bytes_u64_at(segment->file, off + word)
                              : bytes_u32_at(segment->file, off + word);
            if (va != 0 && n != 0)
                add_slice(t, va, n);
        }
    }
    sort_u64(t->s->scratch, t->cuts.at, t->cuts.count);
    t->cuts.count = unique_u64(t->cuts.at, t->cuts.count);
}

static void put_utf8(char *out, size_t *n, unsigned unit) {
    if (unit < 0x80) {
        out[(*n)++] = (char)unit;
    } else if (unit < 0x800) {
        out[(*n)++] = (char)(0xc0 | unit >> 6);
        out[(*n)++] = (char)(0x80 | (unit & 63));
    } else {
        out[(*n)++] = (char)(0xe0 | unit >> 12);
        out[(*n)++] = (char)(0x80 | (unit >> 6 & 63));
        out[(*n)++] = (char)(0x80 | (unit & 63));
    }
}

/* The text of at most MAX_STRING_BYTES that starts the run; *used says how much of the run it took.
 */
static size_t text_of(const Strings *t, const uint8_t *at, size_t size, bool is_wide,
                      char text[MAX_STRING_BYTES + 4], size_t *used) {
    size_t n = 0, i = 0;
    if (!is_wide) {
        n = size < MAX_STRING_BYTES ? size : MAX_STRING_BYTES;
        while (n < size && n > 0 && (at[n] & 0xc0) == 0x80)
            n--; /* not inside a character */
        memcpy(text, at, n);
        i = n;
    } else {
        for (; i + 1 < size && n + 3 <= MAX_STRING_BYTES; i += 2)
            put_utf8(text, &n,
                     t->image->big_endian ? (unsigned)at[i] << 8 | at[i + 1]
                                          : (unsigned)at[i + 1] << 8 | at[i]);
    }
    text[n] = 0;
    *used = i;
    return n;
}

/* The instructions that mention va. One string with thousands of them is an empty format or a
 * common name: more tell nothing new (guess). */
enum { MAX_REFS_PER_STRING = 1024 };
static void add_refs(Strings *t, StringFeature *string) {
    const Code *code = t->code;
    string->first_ref = (uint32_t)t->out->string_refs.count;
    if (string->va == UINT64_MAX)
        return;
    for (size_t i = first_ref(t, string->va);
         i < code->refs.count && code->refs.at[i].to_va == string->va &&
         string->ref_count < MAX_REFS_PER_STRING;
         i++) {
        uint64_t *ref = VEC_ADD(t->s->arena, &t->out->string_refs);
        if (!ref)
            return;
        *ref = code->refs.at[i].from_va;
        string->ref_count++;
    }
}

static bool is_mentioned(Strings *t, uint64_t va) {
    if (va == UINT64_MAX)
        return false;
    size_t ref = first_ref(t, va);
    if (ref < t->code->refs.count && t->code->refs.at[ref].to_va == va)
        return true;
    size_t i = lower_bound(t->pointed.at, t->pointed.count, va);
    return i < t->pointed.count && t->pointed.at[i] == va;
}

/* Keeps one piece of a run, when it is long enough and is text; long ones in parts. `must` keeps it
 * whatever it looks like, except that it must have the least length. */
static void keep(Strings *t, const TextRun *run, uint64_t from, uint64_t size) {
    const uint8_t *at = t->s->bytes.at;
    char text[MAX_STRING_BYTES + 4];
    while (size > 0 && !t->full) {
        size_t used = 0;
        size_t n = text_of(t, at + from, (size_t)size, run->is_wide, text, &used);
        if (used == 0)
            return;
        uint64_t va = va_of(t, from);
        bool mentioned = is_mentioned(t, va);
        size_t chars = run->is_wide ? used / 2 : n;
        if (chars >= (mentioned ? MIN_TEXT_CHARS : MIN_LONE_CHARS) &&
            (mentioned || text_is_likely(text, n, run->is_closed && run->is_opened))) {
            StringFeature *string = VEC_ADD(t->s->arena, &t->out->strings);
            if (!string) {
                notes_add(&t->s->notes, NOTE_STRING_LIMIT, from);
                t->full = true;
                return;
            }
            string->va = va;
            string->off = from;
            string->text = arena_text(t->s->arena, (Bytes){(const uint8_t *)text, n});
            string->length = (uint32_t)n;
            string->kind = run->is_wide ? STRING_UTF16 : STRING_PLAIN;
            add_refs(t, string);
        }
        from += used;
        size -= used;
    }
}

/* Unterminated texts: every place that code mentions, or where a slice starts or ends, is a seam.
 */
static void keep_pieces(Strings *t, const TextRun *run, uint64_t off, uint64_t va) {
    uint64_t from = off, end = off + run->size;
    for (size_t i = lower_bound(t->cuts.at, t->cuts.count, va + 1);
         i < t->cuts.count && t->cuts.at[i] < va + run->size; i++) {
        uint64_t seam = off + (t->cuts.at[i] - va);
        if ((t->s->bytes.at[seam] & 0xc0) == 0x80)
            continue; /* inside a character: not a seam */
        keep(t, run, from, seam - from);
        from = seam;
    }
    keep(t, run, from, end - from);
}

/* Linkers let a text share the tail of a longer one, so a mention inside a run is a string of its
 * own; unless the same function mentions the start too: then it reads the text word by word. */
static void keep_tails(Strings *t, const TextRun *run, uint64_t off, uint64_t va) {
    enum { MAX_TAILS = 8 }; /* more are a table of characters, not texts (guess) */
    const Code *code = t->code;
    size_t i = first_ref(t, va);
    size_t start = i, tails = 0;
    for (; i < code->refs.count && code->refs.at[i].to_va < va + run->size; i++) {
        const DataRef *ref = &code->refs.at[i];
        if (ref->to_va == va || (i > start && ref->to_va == code->refs.at[i - 1].to_va))
            continue;
        bool same = false;
        for (size_t j = start; j < i && code->refs.at[j].to_va == va && !same; j++)
            same = code->refs.at[j].function == ref->function;
        uint64_t skip = ref->to_va - va;
        bool is_inside = run->is_wide ? skip % 2 != 0 : (t->s->bytes.at[off + skip] & 0xc0) == 0x80;
        if (same || is_inside)
            continue;
        if (tails++ >= MAX_TAILS)
            return;
        keep(t, run, off + skip, run->size - skip);
    }
}

/* A mention just behind the run's start: what stands before it is the end of other data. */
static uint64_t stray_prefix(Strings *t, const TextRun *run, uint64_t off, uint64_t va) {
    if (is_mentioned(t, va))
        return 0;
    size_t i = first_ref(t, va);
    uint64_t most = run->is_wide ? 2 * (MIN_TEXT_CHARS - 1) : MIN_TEXT_CHARS - 1;
    if (i >= t->code->refs.count || t->code->refs.at[i].to_va - va > most)
        return 0;
    uint64_t skip = t->code->refs.at[i].to_va - va;
    bool is_inside = run->is_wide ? skip % 2 != 0 : (t->s->bytes.at[off + skip] & 0xc0) == 0x80;
    return is_inside ? 0 : skip;
}

/* Wide runs beyond ASCII that lie over accepted narrow text are that text, misread. */
static bool lies_on_text(Strings *t, uint64_t off, uint64_t size) {
    const StringFeature *at = t->out->strings.at;
    while (t->overlap < t->out->strings.count && at[t->overlap].kind == STRING_PLAIN &&
           at[t->overlap].off + at[t->overlap].length <= off)
        t->overlap++;
    return t->overlap < t->out->strings.count && at[t->overlap].kind == STRING_PLAIN &&
           at[t->overlap].off < off + size;
}

static void visit_run(void *ctx, const TextRun *run) {
    Strings *t = ctx;
    if (t->full)
        return;
    uint64_t off = t->scan_off + run->off, va = va_of(t, off);
    if (run->has_foreign && run->is_wide && lies_on_text(t, off, run->size))
        return;
    if (va == UINT64_MAX) {
        keep(t, run, off, run->size);
    } else if (t->is_unterminated && !run->is_wide) {
        keep_pieces(t, run, off, va);
    } else {
        uint64_t skip = stray_prefix(t, run, off, va);
        TextRun rest = *run;
        rest.size -= skip;
        rest.is_opened |= skip > 0;
        keep(t, &rest, off + skip, rest.size);
        if (run->is_closed && t->code->refs.count)
            keep_tails(t, &rest, off + skip, va + skip);
    }
}

static void scan_span(Strings *t, uint64_t off, uint64_t end) {
    Bytes b = bytes_clip(t->s->bytes, off, end - off);
    if (b.size < MIN_TEXT_CHARS || t->full)
        return;
    if (sample_is_late(t->s)) {
        notes_add(&t->s->notes, NOTE_TIME_LIMIT, off);
        t->full = true;
        return;
    }
    t->scan_off = off;
    t->overlap = t->out->strings.count;
    size_t narrow = t->overlap;
    scan_bytes(b, visit_run, t);
    t->overlap = narrow;
    scan_wide(b, t->image->big_endian, visit_run, t);
}

/* Parts of a file that are all text by construction and already read as such: symbol names, DWARF.
 * Only unmapped ones, which the program itself cannot read. Headers of a PE have nothing but the
 * stub's message and section names. */
static bool is_bookkeeping(const Image *image, const Section *section) {
    static const char *const names[] = {".symtab", ".strtab", ".shstrtab"};
    if (image->format != FORMAT_ELF || section->va != 0)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(section->name, names[i]) == 0)
            return true;
    return strncmp(section->name, ".debug_", 7) == 0 || strncmp(section->name, ".zdebug_", 8) == 0;
}

static int compare_spans(const void *a, const void *b) {
    const Span *x = a, *y = b;
    return (x->off > y->off) - (x->off < y->off);
}

/* What is not scanned: recovered code, bookkeeping, the PE header. */
static size_t find_holes(Strings *t, Span **out) {
    Arena *a = t->s->scratch;
    const Image *image = t->image;
    Span *holes = ARENA_ARRAY(a, Span, t->code_spans.count + image->sections.count + 1);
    size_t n = t->code_spans.count;
    if (n)
        memcpy(holes, t->code_spans.at, n * sizeof *holes);
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < image->sections.count; i++) {
        const Section *section = &image->sections.at[i];
        if (section->size && section->off < first)
            first = section->off;
        if (is_bookkeeping(image, section) && section->size)
            holes[n++] = (Span){section->off, section->off + section->size};
    }
    if (image->format == FORMAT_PE && first != UINT64_MAX)
        holes[n++] = (Span){0, first};
    if (n > 1)
        qsort(holes, n, sizeof *holes, compare_spans);
    *out = holes;
    return n;
}

static bool is_in_code(const Strings *t, uint64_t off) {
    size_t low = 0, high = t->code_spans.count; /* first span that ends behind off */
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (t->code_spans.at[mid].end <= off)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->code_spans.count && t->code_spans.at[low].off <= off;
}

/* Code mentions text that recovery took for code: it is text when a zero ends it and it looks like
 * it. Starts of blocks are mentioned as code. */
static void keep_mentioned_in_code(Strings *t) {
    const Code *code = t->code;
    Arena *a = t->s->scratch;
    uint64_t *starts = ARENA_ARRAY(a, uint64_t, code->blocks.count);
    for (size_t i = 0; i < code->blocks.count; i++)
        starts[i] = code->blocks.at[i].va;
    sort_u64(a, starts, code->blocks.count);
    for (size_t i = 0; i < code->refs.count && !t->full; i++) {
        uint64_t va = code->refs.at[i].to_va;
        if (i > 0 && va == code->refs.at[i - 1].to_va)
            continue;
        size_t at = lower_bound(starts, code->blocks.count, va);
        uint64_t off = image_off_at(t->image, va);
        if (off == UINT64_MAX || (at < code->blocks.count && starts[at] == va))
            continue;
        if (!is_in_code(t, off))
            continue;
        Bytes b = bytes_clip(t->s->bytes, off, MAX_STRING_BYTES);
        size_t n = 0;
        while (n < b.size && ((b.at[n] >= 0x20 && b.at[n] < 0x7f) || b.at[n] == '\t'))
            n++;
        if (n >= MIN_LONE_CHARS && n < b.size && b.at[n] == 0 &&
            text_is_likely((const char *)b.at, n, true))
            keep(t, &(TextRun){.size = n, .is_closed = true, .is_opened = true}, off, n);
    }
}

static int compare_strings(const void *a, const void *b) {
    const StringFeature *x = a, *y = b;
    if (x->off != y->off)
        return x->off < y->off ? -1 : 1;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

void extract_strings(Sample *s, const Image *image, const Code *code, Features *out) {
    ArenaMark mark = arena_mark(s->scratch);
    Strings t = {.s = s, .image = image, .code = code, .out = out};
    find_places(&t);
    find_code_spans(&t);
    find_pointed(&t);
    t.is_unterminated = has_unterminated_text(&t);
    if (t.is_unterminated)
        find_cuts(&t);
    Span *holes = NULL;
    size_t count = find_holes(&t, &holes);
    uint64_t off = 0;
    for (size_t i = 0; i < count && !t.full; i++) {
        if (holes[i].off > off)
            scan_span(&t, off, holes[i].off);
        if (holes[i].end > off)
            off = holes[i].end;
    }
    if (off < s->bytes.size)
        scan_span(&t, off, s->bytes.size);
    keep_mentioned_in_code(&t);
    if (out->strings.count > 1)
        qsort(out->strings.at, out->strings.count, sizeof *out->strings.at, compare_strings);
    arena_reset(s->scratch, mark);
}
