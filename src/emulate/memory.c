/* SPDX-License-Identifier: Apache-2.0 */
#include "emulate/memory.h"

#include "base/check.h"

enum {
    MAX_REGIONS = 256, /* a stack, a heap, and what VirtualAlloc models add */
    /* Pages that are only read cost no bytes, but an entry each. */
    TOUCHED_PER_PAGE = 8
};

static const uint8_t zero_page[PAGE_BYTES];

static uint64_t image_pages(const Image *image) {
    uint64_t pages = 0;
    for (size_t i = 0; i < image->segments.count; i++)
        pages += image->segments.at[i].file.size / PAGE_BYTES + 2;
    return pages;
}

static void tlb_clear(Memory *m) {
    for (size_t i = 0; i < TLB_ENTRIES; i++)
        m->tlb[i] = (MemoryTlb){.read = UINT64_MAX, .write = UINT64_MAX};
}

Memory *memory_from_image(Arena *a, const Image *image, size_t max_pages) {
    Memory *m = ARENA_NEW(a, Memory);
    m->arena = a;
    m->image = image;
    m->address_mask = image->bits == 64 ? UINT64_MAX : UINT32_MAX;
    m->max_pages = max_pages;
    m->index = map_new(a, 64);
    m->pages.max = (size_t)image_pages(image) + TOUCHED_PER_PAGE * max_pages;
    m->undo.max = SIZE_MAX; /* held by the two limits on pages, see log_page */
    m->free.max = max_pages;
    m->regions.max = MAX_REGIONS;
    m->code_version = 1;
    tlb_clear(m);
    return m;
}

bool memory_map(Memory *m, uint64_t va, uint64_t size) {
    va &= m->address_mask;
    if (size == 0 || size - 1 > m->address_mask - va)
        return false;
    uint64_t start = va & ~(uint64_t)(PAGE_BYTES - 1), last = (va + size - 1) | (PAGE_BYTES - 1);
    MemoryRegion *region = VEC_ADD(m->arena, &m->regions);
    if (!region)
        return false;
    *region = (MemoryRegion){.va = start, .size = last - start + 1};
    return true;
}

static bool in_region(const Memory *m, uint64_t va) {
    for (size_t i = 0; i < m->regions.count; i++)
        if (va - m->regions.at[i].va < m->regions.at[i].size)
            return true;
    return false;
}

/* Every state of a page that a mark may go back to is kept here. */
static void log_page(Memory *m, size_t page) {
    MemoryUndo *undo = VEC_ADD(m->arena, &m->undo);
    CHECK(undo);
    const MemoryPage *p = &m->pages.at[page];
    *undo = (MemoryUndo){(uint32_t)page, p->data, p->own, p->epoch};
}

static uint8_t *new_page(Memory *m) {
    if (m->own_pages >= m->max_pages)
        return NULL;
    m->own_pages++;
    if (m->free.count)
        return m->free.at[--m->free.count];
    return arena_alloc(m->arena, PAGE_BYTES);
}

static void give_back(Memory *m, uint8_t *own) {
    uint8_t **place = VEC_ADD(m->arena, &m->free);
    CHECK(place);
    *place = own;
    m->own_pages--;
}

/* Bytes of the page that a segment of the image maps; the first segment that touches it after `va`.
 */
static const Segment *segment_from(const Image *image, uint64_t va) {
    size_t low = 0, high = image->segments.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const Segment *s = &image->segments.at[middle];
        if (s->va_size == 0 || s->va + (s->va_size - 1) < va)
            low = middle + 1;
        else
            high = middle;
    }
    return low < image->segments.count ? &image->segments.at[low] : NULL;
}

static void copy_part(uint8_t *page, uint64_t start, const Segment *s) {
    uint64_t skip = s->va < start ? start - s->va : 0, to = s->va < start ? 0 : s->va - start;
    Bytes part = bytes_clip(s->file, skip, PAGE_BYTES - to);
    if (part.size)
        memcpy(page + to, part.at, part.size);
}

void memory_set_words(Memory *m, const Reloc *at, size_t count) {
    unsigned list = m->words[0].at ? 1 : 0;
    CHECK(!m->words[list].at && m->pages.count == 0);
    if (count) {
        m->words[list].at = at;
        m->words[list].count = count;
    }
}

/* First word of the list that may reach into the page at `start`. */
static size_t first_word(const Memory *m, unsigned list, uint64_t start) {
    size_t low = 0, high = m->words[list].count;
    uint64_t from = start < 7 ? 0 : start - 7;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->words[list].at[middle].va < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_words(const Memory *m, uint64_t start) {
    for (unsigned list = 0; list < 2; list++) {
        size_t i = first_word(m, list, start);
        if (i < m->words[list].count && m->words[list].at[i].va <= start + (PAGE_BYTES - 1))
            return true;
    }
    return false;
}

static void put_words(const Memory *m, uint64_t start, uint8_t *page) {
    size_t width = m->image->bits == 64 ? 8 : 4;
    for (unsigned list = 0; list < 2; list++)
        for (size_t i = first_word(m, list, start); i < m->words[list].count; i++) {
            const Reloc *word = &m->words[list].at[i];
            if (word->va > start + (PAGE_BYTES - 1))
                break;
            for (size_t k = 0; k < width && word->target; k++)
                if (word->va + k - start < PAGE_BYTES)
                    page[word->va + k - start] = (uint8_t)(word->target >> 8 * k);
        }
}

/* Nothing in the page may be written, says the image. */
static bool is_constant(const Image *image, const Segment *s, uint64_t last) {
    bool is_it = true;
    for (; s < image->segments.at + image->segments.count && s->va <= last; s++)
        is_it &= !(s->perms & PERM_W);
    return is_it;
}

/* What the page holds before anybody wrote to it. */
static MemoryFault fill_page(Memory *m, MemoryPage *p) {
    uint64_t start = p->number << PAGE_BITS, last = start + (PAGE_BYTES - 1);
    const Segment *end = m->image->segments.at + m->image->segments.count;
    const Segment *s = segment_from(m->image, start);
    if (m->nulls_fault && p->number == 0)
        return MEMORY_UNMAPPED;
    if (!s || s->va > last) {
        if (!in_region(m, start))
            return MEMORY_UNMAPPED;
        p->data = zero_page;
        return MEMORY_OK;
    }
    p->is_constant = is_constant(m->image, s, last);
    bool is_patched = has_words(m, start);
    if (!is_patched && s->va <= start && bytes_has(s->file, start - s->va, PAGE_BYTES)) {
        p->data = s->file.at + (start - s->va);
        return MEMORY_OK;
    }
    if (!is_patched && s->va <= start && start - s->va >= s->file.size &&
        s->va + (s->va_size - 1) >= last) {
        p->data = zero_page;
        return MEMORY_OK;
    }
    p->own = new_page(m);
    if (!p->own)
        return MEMORY_FULL;
    memset(p->own, 0, PAGE_BYTES);
    for (; s < end && s->va <= last; s++)
        copy_part(p->own, start, s);
    put_words(m, start, p->own);
    p->data = p->own;
    p->epoch = UINT64_MAX; /* of no mark: copied before it is written, as the others */
    return MEMORY_OK;
}

static MemoryFault find_page(Memory *m, uint64_t number, size_t *out) {
    const uint64_t *known = map_find(&m->index, number);
    size_t page = known ? (size_t)*known : m->pages.count;
    if (known && m->pages.at[page].data) {
        *out = page;
        return MEMORY_OK;
    }
    MemoryPage fresh = {.number = number};
    MemoryFault fault = fill_page(m, &fresh);
    if (fault)
        return fault;
    if (!known) {
        MemoryPage *added = VEC_ADD(m->arena, &m->pages);
        if (!added && fresh.own)
            give_back(m, fresh.own);
        if (!added)
            return MEMORY_FULL;
        map_put(&m->index, number, page);
        added->number = number;
    }
    log_page(m, page); /* back to "not looked up" */
    m->pages.at[page].data = fresh.data;
    m->pages.at[page].own = fresh.own;
    m->pages.at[page].epoch = fresh.epoch;
    m->pages.at[page].is_constant = fresh.is_constant;
    *out = page;
    return MEMORY_OK;
}

static MemoryTlb *tlb_at(Memory *m, uint64_t number) { return &m->tlb[number % TLB_ENTRIES]; }

static bool has_code(const Memory *m, const MemoryPage *p) {
    return p->code_version == m->code_version && p->code_lines;
}

/* The page's bytes for reading. */
static MemoryFault open_page(Memory *m, uint64_t number, const uint8_t **data) {
    MemoryTlb *t = tlb_at(m, number);
    if (t->read != number) {
        size_t page = 0;
        MemoryFault fault = find_page(m, number, &page);
        if (fault)
            return fault;
        *t = (MemoryTlb){.read = number, .write = UINT64_MAX, .data = m->pages.at[page].data};
    }
    *data = t->data;
    return MEMORY_OK;
}

static MemoryFault make_own(Memory *m, size_t page) {
    uint8_t *own = new_page(m);
    if (!own)
        return MEMORY_FULL;
    log_page(m, page);
    MemoryPage *p = &m->pages.at[page];
    memcpy(own, p->data, PAGE_BYTES);
    p->data = p->own = own;
    p->epoch = m->epoch;
    return MEMORY_OK;
}

static MemoryFault open_page_to_write(Memory *m, uint64_t number, size_t *out) {
    size_t page = 0;
    MemoryFault fault = find_page(m, number, &page);
    MemoryPage *p = fault ? NULL : &m->pages.at[page];
    *out = page;
    if (p && p->is_constant && m->keeps_constants)
        return MEMORY_OK; /* and no place in the table: each write comes here */
    if (p && (!p->own || p->epoch != m->epoch))
        fault = make_own(m, page);
    if (fault)
        return fault;
    MemoryTlb *t = tlb_at(m, number);
    *t = (MemoryTlb){.read = number,
                     .write = has_code(m, p) ? UINT64_MAX : number,
                     .data = p->data,
                     .own = p->own};
    return MEMORY_OK;
}

/* Bytes of one page from `off` on that an access of n bytes takes. */
static size_t part_of(uint64_t va, size_t n) {
    size_t room = PAGE_BYTES - (size_t)(va & (PAGE_BYTES - 1));
    return n < room ? n : room;
}

bool memory_is_mapped(Memory *m, uint64_t va) {
    const uint8_t *data = NULL;
    return open_page(m, (va & m->address_mask) >> PAGE_BITS, &data) == MEMORY_OK;
}

Bytes memory_view(Memory *m, uint64_t va) {
    const uint8_t *data = NULL;
    va &= m->address_mask;
    if (open_page(m, va >> PAGE_BITS, &data))
        return (Bytes){0};
    size_t off = (size_t)(va & (PAGE_BYTES - 1));
    return (Bytes){data + off, PAGE_BYTES - off};
}

static uint64_t head_of(const void *at, size_t n) {
    uint64_t word = 0;
    memcpy(&word, at, n < sizeof word ? n : sizeof word);
    return word;
}

/* A word of eight or four bytes at hand. False: the long way. */
static bool read_word(Memory *m, uint64_t va, void *to, size_t n) {
    uint64_t word = 0;
    if (va != (va & m->address_mask) || (n != 4 && n != 8))
        return false;
    if (n == 4 ? !memory_load_fast(m, va, 4, &word) : !memory_load_fast(m, va, 8, &word))
        return false;
    if (n == 4)
        memcpy(to, &word, 4);
    else
        memcpy(to, &word, 8);
    return true;
}

static bool write_word(Memory *m, uint64_t va, const void *from, size_t n) {
    if (va != (va & m->address_mask) || (n != 4 && n != 8))
        return false;
    if (n == 8)
        return memory_store_fast(m, va, 8, head_of(from, 8));
    return memory_store_fast(m, va, 4, head_of(from, 4));
}

MemoryFault memory_read(Memory *m, uint64_t va, void *to, size_t n) {
    if (read_word(m, va, to, n))
        return MEMORY_OK;
    uint8_t *at = to;
    uint64_t from = va;
    size_t size = n;
    while (n) {
        va &= m->address_mask;
        const uint8_t *data = NULL;
        MemoryFault fault = open_page(m, va >> PAGE_BITS, &data);
        if (fault)
            return fault;
        size_t part = part_of(va, n);
        memcpy(at, data + (va & (PAGE_BYTES - 1)), part);
        at += part;
        va += part;
        n -= part;
    }
    if (m->log)
        memory_log_load(m, from, size, head_of(to, size));
    return MEMORY_OK;
}

MemoryFault memory_look(Memory *m, uint64_t va, void *to, size_t n) {
    MemoryStore *log = m->log;
    m->log = NULL;
    MemoryFault fault = memory_read(m, va, to, n);
    m->log = log;
    return fault;
}

static void note_code(Memory *m, const MemoryPage *p, size_t off, size_t n) {
    if (!has_code(m, p))
        return;
    enum { LINE = PAGE_BYTES / PAGE_LINES };
    for (size_t line = off / LINE; line <= (off + n - 1) / LINE; line++)
        if (p->code_lines >> line & 1)
            m->code_hit = true;
}

void memory_log_writes(Memory *m) {
    m->log = ARENA_ARRAY(m->arena, MemoryStore, MEMORY_LOG_STORES);
}

/* Where the last loads read these bytes, or 0. */
static uint64_t source_of(const Memory *m, uint64_t value, size_t n) {
    /* Words of eight bytes pass through vector registers, several before one is stored; smaller
     * ones are alike too often. */
    enum { NARROW_LOADS = 4 };
    uint64_t most = NARROW_LOADS, first = 1, mask = UINT64_MAX;
    if (n < 8) {
        mask = ((uint64_t)1 << 8 * n) - 1;
    } else { /* none after the last of that hash */
        most = MEMORY_LOADS;
        first = m->loaded + 1 - m->loaded_value[memory_value_place(value)];
    }
    for (uint64_t i = first; i <= most && i <= m->loaded && value & mask; i++) {
        const MemoryLoad *load = &m->loads[(m->loaded - i) % MEMORY_LOADS];
        if (load->size >= n && ((load->value ^ value) & mask) == 0)
            return load->va;
    }
    return 0;
}

static void add_store(Memory *m, uint64_t va, const uint8_t *before, size_t n, uint64_t from) {
    MemoryStore *store = &m->log[m->logged++ % MEMORY_LOG_STORES];
    *store = (MemoryStore){.va = va, .from = from, .size = (uint32_t)n, .writer = m->writer};
    memcpy(&store->before, before, n);
}

void memory_log_store(Memory *m, uint64_t va, const uint8_t *before, size_t n, uint64_t now) {
    add_store(m, va, before, n, source_of(m, now, n));
}

/* Within one page; from: where one load read all of it, or 0. */
static void write_part(Memory *m, const MemoryPage *p, uint64_t va, Bytes part, uint64_t from) {
    enum { WORD = sizeof(uint64_t) };
    size_t off = (size_t)(va & (PAGE_BYTES - 1));
    note_code(m, p, off, part.size);
    for (size_t i = 0; m->log && i < part.size; i += WORD)
        add_store(m, va + i, p->own + off + i, part.size - i < WORD ? part.size - i : WORD,
                  from ? from + i : 0);
    memcpy(p->own + off, part.at, part.size);
}

MemoryFault memory_write(Memory *m, uint64_t va, const void *from, size_t n) {
    if (write_word(m, va, from, n))
        return MEMORY_OK;
    /* All pages first, so that a fault changes nothing. */
    for (size_t done = 0; done < n; done += part_of(va + done, n - done)) {
        size_t page = 0;
        MemoryFault fault =
            open_page_to_write(m, ((va + done) & m->address_mask) >> PAGE_BITS, &page);
        if (fault)
            return fault;
    }
    uint64_t source = m->log ? source_of(m, head_of(from, n), n) : 0;
    const uint8_t *at = from;
    while (n) {
        va &= m->address_mask;
        size_t page = 0, part = part_of(va, n);
        CHECK(open_page_to_write(m, va >> PAGE_BITS, &page) == MEMORY_OK);
        if (!m->pages.at[page].is_constant || !m->keeps_constants)
            write_part(m, &m->pages.at[page], va, (Bytes){at, part}, source);
        at += part;
        va += part;
        source += source ? part : 0;
        n -= part;
    }
    return MEMORY_OK;
}

MemoryMark memory_mark(Memory *m) {
    m->epoch = ++m->last_epoch;
    tlb_clear(m);
    return (MemoryMark){m->undo.count, m->regions.count, m->logged};
}

void memory_restore(Memory *m, MemoryMark mark) {
    CHECK(mark.undo <= m->undo.count && mark.regions <= m->regions.count);
    while (m->undo.count > mark.undo) {
        const MemoryUndo *undo = &m->undo.at[--m->undo.count];
        MemoryPage *p = &m->pages.at[undo->page];
        /* A page of the file that is only forgotten stays what it was. */
        bool is_file = !undo->data && !p->own && p->data != zero_page;
        if (has_code(m, p) && !is_file)
            m->code_hit = true;
        if (p->own && p->own != undo->own)
            give_back(m, p->own);
        p->data = undo->data;
        p->own = undo->own;
        p->epoch = undo->epoch;
    }
    m->regions.count = mark.regions;
    m->logged = mark.logged;
    m->epoch = ++m->last_epoch;
    tlb_clear(m);
}

bool memory_change(Memory *m, MemoryMark mark, size_t *at, MemoryChange *out) {
    if (*at == 0)
        m->walk++;
    for (size_t i = mark.undo + *at; i < m->undo.count; i++) {
        const MemoryUndo *undo = &m->undo.at[i];
        MemoryPage *p = &m->pages.at[undo->page];
        /* Entries without data say that the page was looked up, not written. The first of a page
         * holds its state at the mark. */
        if (!undo->data || p->walk == m->walk)
            continue;
        p->walk = m->walk;
        *at = i - mark.undo + 1;
        *out = (MemoryChange){p->number << PAGE_BITS, undo->data, p->data};
        return true;
    }
    *at = m->undo.count - mark.undo;
    return false;
}

size_t memory_differs(Memory *m, MemoryMark mark, uint64_t va, size_t n) {
    va &= m->address_mask;
    const uint64_t *page = map_find(&m->index, va >> PAGE_BITS);
    const MemoryPage *p = page ? &m->pages.at[*page] : NULL;
    if (!p || !p->own)
        return 0;
    size_t off = (size_t)(va & (PAGE_BYTES - 1)), count = 0;
    for (size_t i = mark.undo; i < m->undo.count; i++) {
        const uint8_t *before = m->undo.at[i].data;
        if (m->undo.at[i].page != *page || !before)
            continue;
        for (size_t k = off; k < off + part_of(va, n); k++)
            count += before[k] != p->own[k];
        break;
    }
    return count;
}

bool memory_add_code(Memory *m, uint64_t va, uint64_t n) {
    enum { LINE = PAGE_BYTES / PAGE_LINES };
    bool is_file = true;
    for (uint64_t done = 0; done < n;) {
        uint64_t at = (va + done) & m->address_mask;
        size_t page = 0, off = (size_t)(at & (PAGE_BYTES - 1)), part = part_of(at, n - done);
        bool is_there = find_page(m, at >> PAGE_BITS, &page) == MEMORY_OK;
        is_file &= is_there && !m->pages.at[page].own;
        if (is_there) {
            MemoryPage *p = &m->pages.at[page];
            if (p->code_version != m->code_version)
                p->code_lines = 0;
            p->code_version = m->code_version;
            for (size_t line = off / LINE; line <= (off + part - 1) / LINE; line++)
                p->code_lines |= (uint64_t)1 << line;
            MemoryTlb *t = tlb_at(m, p->number);
            if (t->write == p->number)
                t->write = UINT64_MAX;
        }
        done += part;
    }
    return is_file;
}

bool memory_has_file_code(Memory *m, uint64_t va, uint64_t n) {
    for (uint64_t done = 0; done < n;) {
        uint64_t at = (va + done) & m->address_mask;
        size_t page = 0;
        if (find_page(m, at >> PAGE_BITS, &page) != MEMORY_OK || m->pages.at[page].own)
            return false;
        done += part_of(at, n - done);
    }
    return memory_add_code(m, va, n);
}

void memory_forget_code(Memory *m) {
    m->code_version++;
    m->code_hit = false;
}
