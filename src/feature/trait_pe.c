/* SPDX-License-Identifier: Apache-2.0
 * trait_pe.c: what a PE says about its making: imports, Rich header, debug directory, times,
 * resources, version, exports. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "feature/trait.h"

static int compare_records(const void *a, const void *b) {
    const RichRecord *x = a, *y = b;
    if (x->product != y->product)
        return x->product < y->product ? -1 : 1;
    if (x->build != y->build)
        return x->build < y->build ? -1 : 1;
    return (x->count > y->count) - (x->count < y->count);
}

static void add_rich(Traits *t) {
    const Rich *rich = &t->image->pe->rich;
    if (rich->count == 0)
        return;
    ArenaMark mark = arena_mark(t->s->scratch);
    RichRecord *records = ARENA_ARRAY(t->s->scratch, RichRecord, rich->count);
    memcpy(records, rich->records, rich->count * sizeof *records);
    qsort(records, rich->count, sizeof *records, compare_records);
    Text text = text_new(MAX_TRAIT_BYTES);
    for (size_t i = 0; i < rich->count; i++)
        text_addf(&text, "%s%u.%u*%u", i ? " " : "", records[i].product, records[i].build,
                  records[i].count);
    trait_add(t, TRAIT_RICH, rich->off, text_str(&text));
    text_free(&text);
    /* The field's hash: MD5 of the block without its closing "Rich" and key, the key taken off. */
    Bytes block = bytes_cut(t->s->bytes, rich->off, rich->size >= 8 ? rich->size - 8 : 0);
    uint8_t *clear = arena_alloc(t->s->scratch, block.size + 1);
    for (size_t i = 0; i < block.size; i++)
        clear[i] = block.at[i] ^ (uint8_t)(rich->key >> (8 * (i % 4)));
    uint8_t md5[16];
    char hex[33];
    digest_md5((Bytes){clear, block.size}, md5);
    hex_write(hex, md5, sizeof md5);
    trait_add(t, TRAIT_RICH_HASH, rich->off, hex);
    arena_reset(t->s->scratch, mark);
}

/* A CodeView GUID as debuggers print it, and the age. */
static void add_guid(Traits *t, const DebugEntry *d) {
    static const uint8_t zero[16];
    if (memcmp(d->guid, zero, sizeof zero) == 0)
        return;
    const uint8_t *g = d->guid;
    trait_addf(t, TRAIT_PDB_GUID, d->off,
               "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x.%u", g[3],
               g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10], g[11], g[12], g[13],
               g[14], g[15], d->age);
}

/* Zero is "none". 0x2a425e19 is the constant that Delphi 4 to 2007 wrote instead of a time. From
 * 2038 on the words are hashes of reproducible builds without their mark, or forged beyond use. */
static void add_time(Traits *t, TraitKind kind, uint64_t off, uint32_t seconds) {
    enum { DELPHI_CONSTANT = 0x2a425e19 };
    if (seconds == 0 || seconds == DELPHI_CONSTANT || seconds > INT32_MAX)
        return;
    time_t at = (time_t)seconds;
    struct tm tm;
    char text[32];
    if (gmtime_r(&at, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) &&
        !trait_has(t->out, kind, text))
        trait_add(t, kind, off, text);
}

/* MS-DOS date and time, in which Borland's and Delphi's resource compilers stamp directories. */
static void add_dos_time(Traits *t, TraitKind kind, uint64_t off, uint32_t v) {
    unsigned month = v >> 21 & 15, day = v >> 16 & 31, hour = v >> 11 & 31, minute = v >> 5 & 63;
    if (v == 0 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || (v & 31) > 29)
        return;
    char text[40];
    snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02uZ", 1980 + (v >> 25), month, day,
             hour, minute, (v & 31) * 2);
    if (!trait_has(t->out, kind, text))
        trait_add(t, kind, off, text);
}

static bool is_reproducible(const PeInfo *pe) {
    enum { DEBUG_REPRO = 16 }; /* PE specification 5.1.2: times are hashes then */
    for (size_t i = 0; i < pe->debug.count; i++)
        if (pe->debug.at[i].type == DEBUG_REPRO)
            return true;
    return false;
}

static bool has_delphi_resource(const PeInfo *pe) {
    for (size_t i = 0; i < pe->resources.count; i++) {
        const char *name = pe->resources.at[i].name;
        if (name && (strcmp(name, "DVCLAL") == 0 || strcmp(name, "PACKAGEINFO") == 0))
            return true;
    }
    return false;
}

static void add_times(Traits *t) {
    const PeInfo *pe = t->image->pe;
    bool borland = has_delphi_resource(pe);
    for (size_t i = 0; i < pe->resources.count; i++) {
        const Resource *r = &pe->resources.at[i];
        if (borland)
            add_dos_time(t, TRAIT_RESOURCE_TIME, r->off, r->timestamp);
        else
            add_time(t, TRAIT_RESOURCE_TIME, r->off, r->timestamp);
    }
    if (is_reproducible(pe))
        return;
    add_time(t, TRAIT_COMPILE_TIME, UINT64_MAX, pe->timestamp);
    add_time(t, TRAIT_EXPORT_TIME, UINT64_MAX, pe->export_timestamp);
    for (size_t i = 0; i < pe->debug.count; i++)
        add_time(t, TRAIT_DEBUG_TIME, pe->debug.at[i].off, pe->debug.at[i].timestamp);
}

/* Primary languages of MS-LCID that software is written in; others show as numbers only. */
static const char *language_name(uint32_t language) {
    static const struct {
        uint16_t primary;
        const char *name;
    } names[] = {
        {0x00, "neutral"},    {0x01, "Arabic"},     {0x02, "Bulgarian"},  {0x04, "Chinese"},
        {0x05, "Czech"},      {0x06, "Danish"},     {0x07, "German"},     {0x08, "Greek"},
        {0x09, "English"},    {0x0a, "Spanish"},    {0x0b, "Finnish"},    {0x0c, "French"},
        {0x0d, "Hebrew"},     {0x0e, "Hungarian"},  {0x10, "Italian"},    {0x11, "Japanese"},
        {0x12, "Korean"},     {0x13, "Dutch"},      {0x14, "Norwegian"},  {0x15, "Polish"},
        {0x16, "Portuguese"}, {0x18, "Romanian"},   {0x19, "Russian"},    {0x1b, "Slovak"},
        {0x1d, "Swedish"},    {0x1e, "Thai"},       {0x1f, "Turkish"},    {0x20, "Urdu"},
        {0x21, "Indonesian"}, {0x22, "Ukrainian"},  {0x23, "Belarusian"}, {0x25, "Estonian"},
        {0x26, "Latvian"},    {0x27, "Lithuanian"}, {0x29, "Persian"},    {0x2a, "Vietnamese"},
        {0x39, "Hindi"},      {0x3f, "Kazakh"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].primary == (language & 0x3ff))
            return names[i].name;
    return NULL;
}

static void add_languages(Traits *t) {
    const PeInfo *pe = t->image->pe;
    for (size_t i = 0; i < pe->resources.count; i++) {
        uint32_t language = pe->resources.at[i].language;
        const char *name = language_name(language);
        char text[64];
        snprintf(text, sizeof text, "0x%04x%s%s", language, name ? " " : "", name ? name : "");
        if (!trait_has(t->out, TRAIT_RESOURCE_LANGUAGE, text))
            trait_add(t, TRAIT_RESOURCE_LANGUAGE, pe->resources.at[i].off, text);
    }
}

/* Resources that say nothing alone: tables of contents, the version (a trait of its own), manifests
 * of ordinary size (Visual Studio's and MinGW's defaults stay below 4 KiB) and tiny ones. */
static bool is_boilerplate(const Resource *r) {
    enum { RT_GROUP_CURSOR = 12, RT_GROUP_ICON = 14, RT_VERSION = 16, RT_MANIFEST = 24 };
    enum { MIN_BYTES = 64, ORDINARY_MANIFEST = 4096 }; /* both guesses */
    if (r->size < MIN_BYTES)
        return true;
    if (r->type_name)
        return false;
    return r->type == RT_GROUP_CURSOR || r->type == RT_GROUP_ICON || r->type == RT_VERSION ||
           (r->type == RT_MANIFEST && r->size <= ORDINARY_MANIFEST);
}

static void add_resource_hashes(Traits *t) {
    /* Icon sets and dialogs of large programs; more add rows, not knowledge (guess). */
    enum { MAX_HASHES = 1024 };
    const PeInfo *pe = t->image->pe;
    ArenaMark mark = arena_mark(t->s->scratch);
    Map seen = map_new(t->s->scratch, MAX_HASHES);
    for (size_t i = 0; i < pe->resources.count && seen.count < MAX_HASHES; i++) {
        const Resource *r = &pe->resources.at[i];
        Bytes b = bytes_cut(t->s->bytes, r->off, r->size);
        if (is_boilerplate(r) || b.size == 0 || !map_put(&seen, hash64(b), 1))
            continue;
        uint8_t sha256[32];
        char hex[65];
        digest_sha256(b, sha256);
        hex_write(hex, sha256, sizeof sha256);
        trait_add(t, TRAIT_RESOURCE_HASH, r->off, hex);
    }
    arena_reset(t->s->scratch, mark);
}

static void add_version(Traits *t) {
    const PeInfo *pe = t->image->pe;
    for (size_t i = 0; i < pe->version.count; i++) {
        const VersionString *v = &pe->version.at[i];
        char text[MAX_TRAIT_BYTES + 1];
        if (!v->key || !v->value || v->value[0] == 0)
            continue;
        snprintf(text, sizeof text, "%s=%s", v->key, v->value);
        if (!trait_has(t->out, TRAIT_VERSION_INFO, text))
            trait_add(t, TRAIT_VERSION_INFO, UINT64_MAX, text);
    }
}

void traits_from_pe(Traits *t) {
    const PeInfo *pe = t->image->pe;
    uint8_t md5[16];
    char hex[33];
    if (imphash_from_image(t->image, md5)) {
        hex_write(hex, md5, sizeof md5);
        trait_add(t, TRAIT_IMPHASH, UINT64_MAX, hex);
    }
    add_rich(t);
    for (size_t i = 0; i < pe->debug.count; i++) {
        trait_add(t, TRAIT_PDB_PATH, pe->debug.at[i].off, pe->debug.at[i].pdb_path);
        add_guid(t, &pe->debug.at[i]);
    }
    add_times(t);
    add_languages(t);
    add_resource_hashes(t);
    add_version(t);
    trait_add(t, TRAIT_EXPORT_NAME, UINT64_MAX, pe->export_name);
    trait_addf(t, TRAIT_LINKER, UINT64_MAX, "%u.%u", pe->linker_major, pe->linker_minor);
}
