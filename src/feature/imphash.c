/* SPDX-License-Identifier: Apache-2.0
 * imphash.c: MD5 of "module.name" of each import in file order, joined with commas, lower case
 * (Mandiant, "Tracking Malware with Import Hashing", 2014), with the details of pefile's
 * get_imphash. Delay imports are not part of it. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "feature/ordinals.h"
#include "feature/trait.h"

static const char *name_of_ordinal(const char *module, uint32_t ordinal) {
    static const struct {
        const char *module;
        const OrdinalName *at;
        size_t count;
    } tables[] = {
        {"ws2_32.dll", WS2_32, sizeof WS2_32 / sizeof *WS2_32},
        {"wsock32.dll", WSOCK32, sizeof WSOCK32 / sizeof *WSOCK32},
        {"oleaut32.dll", OLEAUT32, sizeof OLEAUT32 / sizeof *OLEAUT32},
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (strcasecmp(module, tables[i].module) != 0)
            continue;
        for (size_t j = 0; j < tables[i].count; j++)
            if (tables[i].at[j].ordinal == ordinal)
                return tables[i].at[j].name;
    }
    return NULL;
}

/* Length of the module's name without one of the three extensions that are dropped. */
static size_t stem_length(const char *module) {
    size_t n = strlen(module);
    if (n >= 4 &&
        (strcasecmp(module + n - 4, ".dll") == 0 || strcasecmp(module + n - 4, ".ocx") == 0 ||
         strcasecmp(module + n - 4, ".sys") == 0))
        return n - 4;
    return n;
}

static void add_lower(Text *t, const char *at, size_t n) {
    for (size_t i = 0; i < n; i++)
        text_add_char(t, at[i] >= 'A' && at[i] <= 'Z' ? (char)(at[i] + 32) : at[i]);
}

bool imphash_from_image(const Image *image, uint8_t md5[16]) {
    /* Every import can have a name and a module of the longest kind. */
    Text t = text_new((size_t)MAX_IMPORTS * 2 * MAX_NAME_BYTES);
    for (size_t i = 0; i < image->imports.count; i++) {
        const Import *import = &image->imports.at[i];
        if (import->kind != IMPORT_NORMAL)
            continue;
        if (t.size)
            text_add_char(&t, ',');
        add_lower(&t, import->module, stem_length(import->module));
        text_add_char(&t, '.');
        const char *name = import->name;
        char number[16];
        if (name[0] == 0) {
            name = name_of_ordinal(import->module, import->ordinal);
            snprintf(number, sizeof number, "ord%u", import->ordinal);
        }
        name = name ? name : number;
        add_lower(&t, name, strlen(name));
    }
    bool has = t.size > 0 && !t.full;
    if (has)
        digest_md5((Bytes){(const uint8_t *)t.at, t.size}, md5);
    text_free(&t);
    return has;
}
