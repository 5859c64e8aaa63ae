/* SPDX-License-Identifier: Apache-2.0
 * image_seeds.c: writes the corpora of fuzz_pe and fuzz_elf: image_seeds FOLDER, where FOLDER has
 * pe and elf. Run it again after a change of the sample files; the archives' seeds were made by
 * zip, 7z, tar, gzip, xz, bzip2, zstd, ar and gcab from a line of text. */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/image/sample_elf.h"
#include "../unit/image/sample_pe.h"

static int write_seed(const char *folder, const char *name, const uint8_t *at, size_t size) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    int bad = !f || fwrite(at, 1, size, f) != size;
    if (f)
        bad |= fclose(f);
    return bad;
}

int main(int argc, char **argv) {
    static uint8_t bytes[(size_t)PE_BYTES + ELF_BYTES];
    if (argc != 2)
        return 2;
    int bad = 0;
    for (int kind = 0; kind < 4; kind++) {
        char name[64];
        if (kind < 2) {
            sample_pe(bytes, kind);
            snprintf(name, sizeof name, "pe/all_%d", kind ? 64 : 32);
            bad |= write_seed(argv[1], name, bytes, PE_BYTES);
        }
        sample_elf(bytes, kind & 1, kind >> 1);
        snprintf(name, sizeof name, "elf/all_%d_%s", kind & 1 ? 64 : 32,
                 kind >> 1 ? "big" : "little");
        bad |= write_seed(argv[1], name, bytes, ELF_BYTES);
    }
    return bad;
}
