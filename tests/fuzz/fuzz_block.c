/* SPDX-License-Identifier: Apache-2.0
 * fuzz_block.c: hostile posting blocks. First byte: 0 = the rest is a block, whose checksum is made
 * right so that the reader goes on; else the rest are postings to write and read back. */
#include <stdlib.h>
#include <string.h>

#include "store/block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const BlockAddress address = {5, 7, 9};

static void read_all(const Block *b) {
    bool is_ordered = block_check(b);
    if (b->count > 1 << 20)
        return;
    Posting *all = malloc((size_t)b->count * sizeof *all);
    CHECK(all != NULL);
    block_read(b, all);
    for (uint64_t i = 0; i < b->count; i++)
        CHECK(block_value_at(b, i) == all[i].value);
    BlockFinder finder = {.block = b};
    for (uint64_t i = 0; i < b->count; i++) {
        BlockRange r = block_find(&finder, all[i].key);
        CHECK(r.first <= b->count && r.count <= b->count - r.first);
        CHECK(!is_ordered || (r.count > 0 && all[r.first].key == all[i].key &&
                              all[r.first + r.count - 1].key == all[i].key && r.first <= i &&
                              i < r.first + r.count));
    }
    uint64_t probe = b->value_base; /* any number */
    BlockFinder fresh = {.block = b};
    BlockRange r = block_find(&fresh, probe);
    CHECK(r.first <= b->count && r.count <= b->count - r.first);
    free(all);
}

static void read_lists(const Block *b, uint64_t first) {
    BlockRange range = {first % b->count, 0};
    range.count = b->count - range.first < 1 << 16 ? b->count - range.first : 1 << 16;
    BlockList list = block_list(b, range);
    uint32_t *values = malloc((size_t)range.count * sizeof *values);
    CHECK(values != NULL);
    bool is_good = block_list_read(&list, 1ULL << 32, values);
    for (uint64_t i = 0; i < range.count; i++) {
        uint64_t value = block_value_at(b, range.first + i);
        CHECK(value >> 32 ? !is_good : values[i] == value);
    }
    free(values);
}

static void read_block(const uint8_t *data, size_t size) {
    if (size < 17)
        return;
    unsigned key_bits = data[12]; /* as the segment record would say */
    uint8_t *copy = malloc(size);
    CHECK(copy != NULL);
    memcpy(copy, data, size);
    block_seal(copy, size, address);
    Block b;
    if (block_open((Bytes){copy, size}, address, key_bits, &b, NULL) == STATUS_OK) {
        read_all(&b);
        read_lists(&b, 0);
        read_lists(&b, data[size - 1]);
    }
    free(copy);
}

static int compare(const void *x, const void *y) {
    const Posting *p = x, *q = y;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return (p->value > q->value) - (p->value < q->value);
}

static void write_block(const uint8_t *data, size_t size) {
    Cursor c = cursor_init((Bytes){data, size});
    unsigned key_bits = cursor_u8(&c) % 65, count = 0;
    uint64_t mask = key_bits == 64 ? UINT64_MAX : (1ULL << key_bits) - 1;
    Posting *all = calloc(size + 1, sizeof *all);
    CHECK(all != NULL);
    while (cursor_left(&c) > 0) {
        uint64_t key = cursor_uleb(&c), value = cursor_uleb(&c);
        all[count++] = (Posting){key & mask, value};
    }
    qsort(all, count, sizeof *all, compare);
    unsigned kept = 0;
    for (unsigned i = 0; i < count; i++)
        if (i == 0 || compare(&all[i], &all[kept - 1]) != 0)
            all[kept++] = all[i];
    if (kept > 0) {
        Text t = text_new(1 << 24);
        block_write(&t, address, key_bits, all, kept);
        Block b;
        Bytes bytes = {(const uint8_t *)t.at, t.size};
        CHECK(block_open(bytes, address, key_bits, &b, NULL) == STATUS_OK);
        CHECK(b.count == kept && block_check(&b));
        Posting *again = calloc(kept, sizeof *again);
        CHECK(again != NULL);
        block_read(&b, again);
        CHECK(memcmp(all, again, kept * sizeof *all) == 0);
        read_all(&b);
        free(again);
        text_free(&t);
    }
    free(all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    if (data[0] == 0)
        read_block(data + 1, size - 1);
    else
        write_block(data + 1, size - 1);
    return 0;
}
