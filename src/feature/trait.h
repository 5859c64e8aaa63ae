/* SPDX-License-Identifier: Apache-2.0
 * trait.h: what the files behind extract_traits share. Each adds its traits to Features in a fixed
 * order; texts are made valid UTF-8 and capped. What each trait sees and what fools it is in
 * docs/evidence/metadata.md. */
#ifndef COG_FEATURE_TRAIT_H
#define COG_FEATURE_TRAIT_H

#include "feature/extractors.h"

typedef struct Traits {
    Sample *s;
    const Image *image;
    const Code *code;
    Features *out;
} Traits;

enum { MAX_TRAIT_BYTES = 4096 };

/* Adds the text as it is, or nothing when it is NULL or empty. */
void trait_add(Traits *t, TraitKind kind, uint64_t off, const char *value);
void trait_addf(Traits *t, TraitKind kind, uint64_t off, const char *fmt, ...) PRINTF_LIKE(4, 5);
bool trait_has(const Features *f, TraitKind kind, const char *value);

/* trait_pe.c: header, debug directory, resources, version, exports. */
void traits_from_pe(Traits *t);
/* imphash.c: the import hash as pefile and VirusTotal compute it; false without imports. */
bool imphash_from_image(const Image *image, uint8_t md5[16]);
/* toolchain.c: compiler and language. */
void traits_from_toolchain(Traits *t);
/* certificate.c: signer of the PKCS #7 in the certificate table. */
void traits_from_certificate(Traits *t);
/* overlay.c: what stands behind the image. */
void traits_from_overlay(Traits *t);
/* packer.c: sets Features.is_packed and .packer. */
void traits_from_packer(Traits *t);

#endif
