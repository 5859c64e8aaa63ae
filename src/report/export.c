/* SPDX-License-Identifier: Apache-2.0 */
#include "report/export.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* What gathers before it is written. */
enum { FLUSH_BYTES = 1 << 20 };

Status export_flush(KnowExport *x, bool is_last, Error *err) {
    if (x->text.full)
        return error_set(err, STATUS_FULL, "an object of the export is too large");
    if (x->text.size < FLUSH_BYTES && !is_last)
        return STATUS_OK;
    bool is_good = x->text.size == 0 || x->write(x->ctx, x->text.at, x->text.size);
    text_clear(&x->text);
    return is_good ? STATUS_OK : error_set(err, STATUS_FAILED, "the export was not written whole");
}

void export_uuid(const char *name, char out[EXPORT_UUID_BYTES]) {
    char hex[33];
    Hash128 h = hash128((Bytes){(const uint8_t *)name, strlen(name)});
    uint8_t b[16];
    for (unsigned i = 0; i < 8; i++) {
        b[i] = (uint8_t)(h.high >> (56 - 8 * i));
        b[8 + i] = (uint8_t)(h.low >> (56 - 8 * i));
    }
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x50); /* the schemas of STIX allow versions 1 to 5 */
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    hex_write(hex, b, sizeof b);
    static const unsigned parts[] = {8, 4, 4, 4, 12};
    const char *at = hex;
    for (unsigned i = 0; i < 5; i++) {
        memcpy(out, at, parts[i]);
        at += parts[i];
        out += parts[i];
        *out++ = i < 4 ? '-' : 0;
    }
}

bool export_has(const KnowExport *x, uint64_t id) {
    size_t low = 0, high = x->only_count;
    if (!x->only)
        return true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x->only[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < x->only_count && x->only[low] == id;
}

/* ---- entities ---- */

typedef struct Pass {
    KnowExport *x;
    ExportVisit visit;
    void *ctx;
    uint64_t last;
} Pass;

static Status see_entry(void *ctx, const KnowEntry *entry, Error *err) {
    Pass *p = ctx;
    KnowEntity e;
    if (entry->key == p->last || !export_has(p->x, entry->key))
        return STATUS_OK;
    p->last = entry->key;
    ArenaMark mark = arena_mark(p->x->arena);
    Status status = know_view_entity(p->x->know, entry->key, p->x->arena, &e, err);
    if (status == STATUS_OK)
        status = p->visit(p->ctx, &e, err);
    arena_reset(p->x->arena, mark);
    return status == STATUS_OK ? export_flush(p->x, false, err) : status;
}

Status export_each_entity(KnowExport *x, ExportVisit visit, void *ctx, Error *err) {
    Pass p = {x, visit, ctx, 0};
    return know_view_each(x->know, KNOW_ENTRY_ENTITY, see_entry, &p, err);
}

/* ---- choosing ---- */

typedef VEC(uint64_t) IdVec;

static void add_id(Arena *a, IdVec *ids, uint64_t id) {
    uint64_t *slot = id ? VEC_ADD(a, ids) : NULL;
    if (slot)
        *slot = id;
}

static Status add_near(KnowExport *x, uint64_t id, IdVec *ids, Error *err) {
    KnowClaimVec claims = {.max = 65536};
    add_id(x->arena, ids, id);
    Status status = know_view_claims(x->know, id, x->arena, &claims, err);
    for (size_t i = 0; i < claims.count; i++) {
        add_id(x->arena, ids, claims.at[i].subject);
        add_id(x->arena, ids, claims.at[i].object);
    }
    return status;
}

Status export_choose(KnowExport *x, const char *const *names, size_t count, Error *err) {
    IdVec ids = {.max = 1 << 22};
    Status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        KnowIdVec named = {0};
        KnowEntity e;
        status = know_view_named(x->know, names[i], x->arena, &named, err);
        Status by_ref = know_view_entity(x->know, know_id(names[i]), x->arena, &e, err);
        if (by_ref == STATUS_OK)
            status = add_near(x, know_id(names[i]), &ids, err);
        if (status == STATUS_OK && named.count == 0 && by_ref == STATUS_NOT_FOUND)
            status =
                error_set(err, STATUS_NOT_FOUND, "nothing in the store is called %.200s", names[i]);
        for (size_t k = 0; k < named.count && status == STATUS_OK; k++)
            status = add_near(x, named.at[k], &ids, err);
    }
    sort_u64(x->arena, ids.at, ids.count);
    x->only_count = unique_u64(ids.at, ids.count);
    x->only = ids.at;
    return status;
}
