/* SPDX-License-Identifier: Apache-2.0
 * fuzz_know_mmdb.c: addresses in a hostile MaxMind DB; some of them its own bytes. */
#include "base/check.h"
#include "know/mmdb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const Mmdb *m, const uint8_t *address, size_t size) {
    MmdbNetwork n;
    MmdbAnswer answer = mmdb_find(m, address, size, &n);
    CHECK(answer != MMDB_FOUND || n.asn || n.country[0]);
    CHECK(memchr(n.holder, 0, sizeof n.holder) && memchr(n.country, 0, sizeof n.country));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t fixed[][16] = {{0}, {192, 0, 2, 1}, {198, 51, 100, 77}, {32, 1, 13, 184}};
    Mmdb m;
    if (mmdb_open((Bytes){data, size}, &m) != NULL)
        return 0;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        look_up(&m, fixed[i], 4);
        look_up(&m, fixed[i], 16);
    }
    for (size_t i = 0; i + 16 <= size && i < 512; i += 16) {
        look_up(&m, data + i, 4);
        look_up(&m, data + i, 16);
    }
    return 0;
}
