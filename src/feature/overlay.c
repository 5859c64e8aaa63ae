/* SPDX-License-Identifier: Apache-2.0
 * overlay.c: what stands behind the image (certificates left out), by its first bytes. */
#include <math.h>
#include <string.h>

#include "feature/trait.h"

typedef struct Magic {
    uint8_t off, size;
    const char *bytes, *name;
} Magic;

/* Each from its format's own description. NSIS keeps flags, then "ÞADBEEFNullsoftInst"; Inno Setup
 * and 7-Zip's installer stubs start like their containers. */
static const Magic MAGICS[] = {
    {0, 4, "PK\3\4", "zip"},
    {0, 6, "7z\xbc\xaf\x27\x1c", "7z"},
    {0, 6, "Rar!\x1a\7", "rar"},
    {4, 16, "\xef\xbe\xad\xdeNullsoftInst", "nsis"},
    {0, 8, "idska32\x1a", "inno"},
    {0, 4, "zlb\x1a", "inno"},
    {0, 16, "Inno Setup Setup", "inno"},
    {0, 4, "MSCF", "cab"},
    {0, 2, "\x1f\x8b", "gzip"},
    {0, 6,
     "\xfd"
     "7zXZ\0",
     "xz"},
    {0, 3, "BZh", "bzip2"},
    {0, 4, "\x28\xb5\x2f\xfd", "zstd"},
    {0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"},
    {0, 4,
     "\x7f"
     "ELF",
     "elf"},
    {0, 4, "%PDF", "pdf"},
    {0, 5, "<?xml", "xml"},
    {0, 11, ";!@Install@", "7z-installer"},
    {0, 16, "\xa3\x48\x4b\xbe\x98\x6c\x4a\xa9\x99\x4c\x53\x0a\x86\xd6\x48\x7d", "autoit"},
    {0, 4, "NB10", "debug"},
    {0, 4, "NB09", "debug"},
    {0, 2, "MZ", "pe"},
};

static bool has_text(Bytes b, const char *needle, size_t n) {
    return b.size && memmem(b.at, b.size, needle, n) != NULL;
}

static bool is_zero(Bytes b) {
    for (size_t i = 0; i < b.size; i++)
        if (b.at[i] != 0)
            return false;
    return true;
}

static const char *type_of(Bytes b) {
    enum { MAX_FILL = 4096, PYTHON_TAIL = 4096 };
    for (size_t i = 0; i < sizeof MAGICS / sizeof *MAGICS; i++) {
        Bytes head = bytes_cut(b, MAGICS[i].off, MAGICS[i].size);
        if (head.size && memcmp(head.at, MAGICS[i].bytes, head.size) == 0)
            return MAGICS[i].name;
    }
    /* PyInstaller's cookie stands near the end (its bootloader searches there). */
    Bytes tail = bytes_clip(b, b.size > PYTHON_TAIL ? b.size - PYTHON_TAIL : 0, PYTHON_TAIL);
    if (has_text(tail, "MEI\014\013\012\013\016", 8))
        return "pyinstaller";
    if (has_text(tail, "PK\5\6", 4))
        return "zip";
    if (b.size <= MAX_FILL && is_zero(b))
        return "zeros";
    return "data";
}

/* Bits a byte that n random bytes have on average: 8 - 255 / (2 n ln 2) (Miller's correction), for
 * n of some hundred and more. */
static bool is_random(Bytes b) {
    enum { LEAST = 256, MOST = 4 << 20 };
    static const double MARGIN = 0.05; /* a hundred standard deviations at 4 KiB, three at 256 */
    size_t counts[256] = {0};
    if (b.size < LEAST || b.size > MOST)
        return false;
    for (size_t i = 0; i < b.size; i++)
        counts[b.at[i]]++;
    double bits = 0, n = (double)b.size;
    for (size_t i = 0; i < 256; i++)
        if (counts[i])
            bits -= (double)counts[i] / n * log2((double)counts[i] / n);
    double margin = MARGIN + (b.size < 4096 ? 0.1 : 0);
    return bits > 8 - 255 / (2 * n * 0.693) - margin;
}

/* Bytes that only make the file another one. Compressed and encrypted data look alike: that it is
 * no known container is all that tells it from an installer's. */
static void add_random_tail(Traits *t, Bytes b) {
    static const char *const sizes[] = {"up to 1 KiB", "up to 16 KiB", "up to 256 KiB",
                                        "up to 4 MiB"};
    if (t->out->is_packed || !is_random(b) || strcmp(type_of(b), "data") != 0)
        return;
    unsigned size = b.size <= 1024 ? 0 : b.size <= 16384 ? 1 : b.size <= 262144 ? 2 : 3;
    trait_add(t, TRAIT_RANDOM_TAIL, t->image->overlay_off, sizes[size]);
}

void traits_from_overlay(Traits *t) {
    const Image *image = t->image;
    Bytes b = bytes_clip(t->s->bytes, image->overlay_off, image->overlay_size);
    if (image->overlay_size == 0 || b.size == 0)
        return;
    trait_addf(t, TRAIT_OVERLAY, image->overlay_off, "%s, %llu bytes", type_of(b),
               (unsigned long long)b.size);
    add_random_tail(t, b);
}
