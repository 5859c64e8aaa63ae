/* SPDX-License-Identifier: Apache-2.0
 * discover_mode.c: ARM or Thumb. One byte for each two of code says which instruction set begins
 * there, when that is known: from the file (symbols, entry), from pointers (bit 0), from branches
 * and calls, and from the instruction before. What is not known is taken from the code before it.
 */
#include "code/discover.h"

enum { MODE_UNKNOWN, MODE_IS_ARM, MODE_IS_THUMB };

static uint8_t *mode_place(const Area *a, uint64_t va) { return &a->modes[(va - a->va) / 2]; }

void mode_set(Discover *d, uint64_t va, bool is_thumb) {
    const Area *a = d->has_modes ? area_find(d, va) : NULL;
    if (a && !(a->map[va - a->va] & MAP_LENGTH))
        *mode_place(a, va) = is_thumb ? MODE_IS_THUMB : MODE_IS_ARM;
}

bool mode_is_known(const Area *a, size_t off) {
    return !a->modes || a->modes[off / 2] != MODE_UNKNOWN;
}

bool mode_at(const Discover *d, const Area *a, size_t off) {
    /* Literals and padding between functions are shorter, mostly (guess). */
    enum { BACK = 128 };
    if (!a->modes)
        return false;
    size_t place = off / 2;
    for (size_t n = 0; n <= place && n < BACK; n++)
        if (a->modes[place - n] != MODE_UNKNOWN)
            return a->modes[place - n] == MODE_IS_THUMB;
    return d->is_thumb;
}

uint64_t code_pointer(Discover *d, uint64_t pointer) {
    if (!d->has_modes || !area_find(d, pointer))
        return pointer;
    /* Labels of Thumb code have no bit: an even pointer says nothing. */
    if (pointer & 1)
        mode_set(d, pointer - 1, true);
    return pointer & ~(uint64_t)1;
}

/* Nearly all A32 words are done always, so that their top four bits are 14; Thumb has that in one
 * of eight places. 1: A32, -1: not A32, 0: does not tell. */
static int reads_as_arm(const Area *a, size_t off) {
    enum { WORDS = 8, LEAST = 4 };
    unsigned count = 0, always = 0;
    for (; count < WORDS && off + 4 * count + 4 <= a->size; count++)
        always += a->bytes[off + 4 * count + 3] >> 4 == 14;
    if (((a->va + off) & 3) != 0)
        return -1;
    if (count < LEAST)
        return 0;
    return always * 8 >= count * 5 ? 1 : always * 4 <= count ? -1 : 0;
}

void mode_guess(Discover *d, uint64_t va) {
    const Area *a = d->has_modes ? area_find(d, va) : NULL;
    int is_arm = a && !mode_is_known(a, va - a->va) ? reads_as_arm(a, va - a->va) : 0;
    if (is_arm != 0)
        mode_set(d, va, is_arm < 0);
}

/* A declared start that says nothing of its mode: what reads like a function. */
void mode_settle(Discover *d, uint64_t va) {
    mode_guess(d, va);
    const Area *a = d->has_modes ? area_find(d, va) : NULL;
    if (!a || mode_is_known(a, va - a->va))
        return;
    bool near = mode_at(d, a, va - a->va);
    int scores[2];
    for (int thumb = 0; thumb < 2; thumb++) {
        mode_set(d, va, thumb);
        scores[thumb] = plausible_score(d, va);
    }
    mode_set(d, va, scores[0] == scores[1] ? near : scores[1] > scores[0]);
}

void mode_after(const Area *a, const Insn *in) {
    size_t next = in->va - a->va + in->length;
    if (a->modes && next < a->size && !(a->map[next] & MAP_LENGTH) && a->map[next] != MAP_PENDING)
        a->modes[next / 2] = in->is_thumb ? MODE_IS_THUMB : MODE_IS_ARM;
}

/* What mapping symbols call data is data up to the next mark. */
static void data_declare(Discover *d) {
    const Image *image = d->image;
    for (size_t i = 0; i + 1 < image->modes.count; i++) {
        const ModeMark *m = &image->modes.at[i];
        if (m->mode == MODE_DATA && m[1].va > m->va)
            data_mark(d, m->va, m[1].va - m->va);
    }
}

void modes_init(Discover *d) {
    const Image *image = d->image;
    d->has_modes = image->arch == ARCH_ARM;
    if (!d->has_modes)
        return;
    size_t count[3] = {0};
    for (size_t i = 0; i < d->area_count; i++)
        d->areas[i].modes = ARENA_ARRAY(d->arena, uint8_t, d->areas[i].size / 2 + 1);
    for (size_t i = 0; i < image->modes.count; i++) {
        const ModeMark *m = &image->modes.at[i];
        count[m->mode]++;
        if (m->mode != MODE_DATA && (m->va & (m->mode == MODE_ARM ? 3 : 1)) == 0)
            mode_set(d, m->va, m->mode == MODE_THUMB);
    }
    d->is_thumb = count[MODE_THUMB] > count[MODE_ARM];
    if (image->format == FORMAT_PE) /* Windows runs Thumb only */
        d->is_thumb = true;
    data_declare(d);
}
