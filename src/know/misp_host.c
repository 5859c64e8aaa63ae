/* SPDX-License-Identifier: Apache-2.0
 * misp_host.c: MISP objects that join hosts (github.com/MISP/misp-objects): "passive-dns", by the
 * fields of the Common Output Format, and "domain-ip". */
#include <string.h>

#include "know/importer.h"

/* Values of one kind in an object that are joined with each other. */
enum { MAX_EACH = 16 };

static const char *relation_of(const JsonValue *attribute) {
    const char *relation = json_find_text(attribute, "object_relation");
    return relation && !json_find_true(attribute, "deleted") ? relation : "";
}

/* The first attribute of that relation; NULL: none. */
static const char *part(const JsonValue *list, const char *relation) {
    for (const JsonValue *a = list->first; a; a = a->next)
        if (strcmp(relation_of(a), relation) == 0)
            return json_find_text(a, "value");
    return NULL;
}

static KnowClaim window(Importer *i, const KnowClaim *like, const char *first, const char *last) {
    KnowClaim c = *like;
    c.from = importer_time(i, first, "first seen");
    c.to = importer_time(i, last, "last seen");
    if (c.to && c.from > c.to)
        c.from = c.to = 0;
    return c;
}

static void passive_dns(Importer *i, const KnowClaim *like, const JsonValue *list) {
    KnowClaim c = window(i, like, part(list, "time_first"), part(list, "time_last"));
    const char *name = part(list, "rrname"), *type = part(list, "rrtype");
    for (const JsonValue *a = list->first; name && type && a; a = a->next)
        if (strcmp(relation_of(a), "rdata") == 0)
            cof_answer(i, &c, name, type, json_find_text(a, "value"));
}

static void domain_ip(Importer *i, const KnowClaim *like, const JsonValue *list) {
    KnowClaim c = window(i, like, part(list, "first-seen"), part(list, "last-seen"));
    const char *names[MAX_EACH];
    size_t count = 0;
    for (const JsonValue *a = list->first; a; a = a->next) {
        bool is_name = !strcmp(relation_of(a), "domain") || !strcmp(relation_of(a), "hostname");
        const char *value = is_name ? json_find_text(a, "value") : NULL;
        if (value && count < MAX_EACH)
            names[count++] = value;
    }
    size_t addresses = 0;
    for (const JsonValue *a = list->first; a && addresses < MAX_EACH; a = a->next) {
        const char *value = json_find_text(a, "value");
        if (strcmp(relation_of(a), "ip") != 0 || !value)
            continue;
        addresses++;
        for (size_t k = 0; k < count; k++)
            cof_answer(i, &c, names[k], strchr(value, ':') ? "AAAA" : "A", value);
    }
}

void misp_host_object(Importer *i, const KnowClaim *like, const JsonValue *object) {
    const char *name = json_find_text(object, "name");
    const JsonValue *list = json_find_type(object, "Attribute", JSON_ARRAY);
    if (name && list && strcmp(name, "passive-dns") == 0)
        passive_dns(i, like, list);
    else if (name && list && strcmp(name, "domain-ip") == 0)
        domain_ip(i, like, list);
}
