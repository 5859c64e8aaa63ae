/* SPDX-License-Identifier: Apache-2.0
 * cipher_code.c: codings: digits of 4, 5 or 6 bits with any alphabet, and packed texts for
 * decompressors. */
#include "unwrap/cipher.h"

/* RFC 4648. */
size_t base_encode(unsigned bits, const char *digits, char pad, Bytes in, uint8_t *out) {
    uint32_t hold = 0;
    unsigned held = 0;
    size_t n = 0;
    for (size_t i = 0; i < in.size; i++) {
        hold = (hold << 8 | in.at[i]) & 0xffff;
        for (held += 8; held >= bits; held -= bits)
            out[n++] = (uint8_t)digits[hold >> (held - bits) & ((1u << bits) - 1)];
    }
    if (held > 0)
        out[n++] = (uint8_t)digits[hold << (bits - held) & ((1u << bits) - 1)];
    size_t group = bits == 6 ? 4 : bits == 5 ? 8 : 2;
    for (; pad && n % group; n++)
        out[n] = (uint8_t)pad;
    return n;
}

#define BYTES_OF(array)                                                                            \
    { (array), sizeof(array) - 1 }
/* "cognate cognate cognate cog" and, for formats that end themselves, their end. */
static const uint8_t PLAIN[] = "cognate cognate cognate cog";
/* LZ4 block format (lz4_Block_format.md): 8 literals, match of 14 at distance 8, 5 last literals.
 */
static const uint8_t LZ4[] = "\x8a"
                             "cognate "
                             "\x08\x00"
                             "\x50"
                             "e cog";
/* LZNT1 ([MS-XCA] 2.5): one chunk, 8 literals, then one match (4 bits of distance: 8, length 19).
 */
static const uint8_t LZNT1[] = "\x0b\xb0\x00"
                               "cognate "
                               "\x01\x10\x70\x00\x00";
/* aPLib (aplib.txt): a literal; tag bits 0 for seven more; 1 0, gamma 3, distance 8, gamma 17 (the
 * length less 2); 1 1 0 and a zero byte end it. */
static const uint8_t APLIB[] = "c\x01"
                               "ognate \x4a\x08\xd8\x00";

/* H. Okumura, LZSS (1989): flags, lowest first, 1 a literal; a match is a place in a ring of 4096
 * bytes that is written from 4078 on, and a length less 3. */
static const uint8_t LZSS[] = "\xff"
                              "cognate "
                              "\x02\xee\xffg";

const PackedText PACKED_TEXTS[] = {
    {"lz4", BYTES_OF(LZ4), BYTES_OF(PLAIN)},
    {"lznt1", BYTES_OF(LZNT1), BYTES_OF(PLAIN)},
    {"aplib", BYTES_OF(APLIB), BYTES_OF(PLAIN)},
    {"lzss", BYTES_OF(LZSS), BYTES_OF(PLAIN)},
};
const size_t PACKED_TEXT_COUNT = sizeof PACKED_TEXTS / sizeof *PACKED_TEXTS;
