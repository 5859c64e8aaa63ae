/* SPDX-License-Identifier: Apache-2.0
 * mmdb.c: the tree is walked bit by bit; a record is read key by key, what is not wanted is passed
 * over by counting. */
#include "know/mmdb.h"

#include <string.h>

#include "know/utf8.h"

/* Values of one record that are looked at; GeoIP2 Enterprise has some 300. */
enum { MAX_MMDB_VALUES = 4096 };

static const uint8_t MARK[] = "\xab\xcd\xefMaxMind.com";
enum { MARK_BYTES = sizeof MARK - 1 };

typedef enum Type {
    TYPE_EXTENDED = 0,
    TYPE_POINTER = 1,
    TYPE_TEXT = 2,
    TYPE_DOUBLE = 3,
    TYPE_BYTES = 4,
    TYPE_UINT16 = 5,
    TYPE_UINT32 = 6,
    TYPE_MAP = 7,
    TYPE_INT32 = 8,
    TYPE_UINT64 = 9,
    TYPE_UINT128 = 10,
    TYPE_ARRAY = 11,
    TYPE_CACHE = 12,
    TYPE_END = 13,
    TYPE_BOOL = 14,
    TYPE_FLOAT = 15
} Type;

typedef struct Value {
    Type type;
    uint32_t size; /* bytes; items of an array, pairs of a map */
    Bytes body;    /* of texts and numbers */
    uint64_t in;   /* where the items of a container begin */
} Value;

static uint64_t big_endian(Bytes b) {
    uint64_t v = 0;
    for (size_t i = 0; i < b.size; i++)
        v = v << 8 | b.at[i];
    return v;
}

/* ---- values ---- */

/* Type and size of what stands at *off, and *off behind both; a pointer's size is where it points
 * to. False past the end. */
static bool take_head(Bytes data, uint64_t *off, Type *type, uint32_t *size) {
    static const uint32_t pointer_base[] = {0, 2048, 526336, 0}, size_base[] = {29, 285, 65821};
    if (*off >= data.size)
        return false;
    uint8_t control = data.at[(*off)++];
    unsigned kind = control >> 5, small = control & 31;
    if (kind == TYPE_POINTER) {
        unsigned more = small >> 3;
        Bytes b = bytes_cut(data, *off, more + 1);
        uint64_t high = more == 3 ? 0 : (uint64_t)(small & 7) << (8 * (more + 1));
        *type = TYPE_POINTER;
        *size = (uint32_t)(high + big_endian(b)) + pointer_base[more];
        *off += more + 1;
        return b.size == more + 1;
    }
    if (kind == TYPE_EXTENDED) {
        kind = 7u + bytes_u8_at(data, *off);
        if ((*off)++ >= data.size || kind <= TYPE_MAP || kind > TYPE_FLOAT)
            return false;
    }
    if (small >= 29) {
        Bytes b = bytes_cut(data, *off, small - 28);
        *off += small - 28;
        if (b.size != small - 28)
            return false;
        small = size_base[small - 29] + (uint32_t)big_endian(b);
    }
    *type = (Type)kind;
    *size = small;
    return true;
}

/* Bytes that follow the head of one that is no container. */
static uint32_t body_size(Type type, uint32_t size) {
    return type == TYPE_MAP || type == TYPE_ARRAY || type == TYPE_BOOL || type == TYPE_POINTER ||
                   type == TYPE_END || type == TYPE_CACHE
               ? 0
               : size;
}

/* The value at off, through one pointer (the specification has no pointer to a pointer). */
static bool value_at(Bytes data, uint64_t off, Value *out) {
    *out = (Value){.type = TYPE_END};
    if (!take_head(data, &off, &out->type, &out->size))
        return false;
    if (out->type == TYPE_POINTER) {
        off = out->size;
        if (!take_head(data, &off, &out->type, &out->size) || out->type == TYPE_POINTER)
            return false;
    }
    out->in = off;
    out->body = bytes_cut(data, off, body_size(out->type, out->size));
    return out->body.size == body_size(out->type, out->size);
}

/* Where what follows the value at off begins. Containers only raise what is to be passed over. */
static bool pass(Bytes data, uint64_t *off, unsigned *budget) {
    for (uint64_t left = 1; left > 0; left--) {
        Type type;
        uint32_t size;
        if (*budget == 0 || !take_head(data, off, &type, &size))
            return false;
        --*budget;
        left += type == TYPE_MAP ? 2 * (uint64_t)size : type == TYPE_ARRAY ? size : 0;
        if (!bytes_has(data, *off, body_size(type, size)))
            return false;
        *off += body_size(type, size);
    }
    return true;
}

/* The value of one key; type TYPE_END when the map has none. False: damaged. */
static bool map_value(Bytes data, const Value *map, const char *key, unsigned *budget, Value *out) {
    uint64_t off = map->in;
    *out = (Value){.type = TYPE_END};
    for (uint32_t i = 0; map->type == TYPE_MAP && i < map->size; i++) {
        Value name;
        if (!value_at(data, off, &name) || name.type != TYPE_TEXT || !pass(data, &off, budget))
            return false;
        if (name.body.size == strlen(key) && memcmp(name.body.at, key, name.body.size) == 0)
            return value_at(data, off, out);
        if (!pass(data, &off, budget))
            return false;
    }
    return true;
}

static bool number_of(const Value *v, uint64_t *out) {
    bool is_number = (v->type == TYPE_UINT16 || v->type == TYPE_UINT32 || v->type == TYPE_UINT64) &&
                     v->body.size <= 8;
    if (is_number)
        *out = big_endian(v->body);
    return is_number;
}

/* Whole characters that fit; empty when it is no UTF-8 or has control characters. */
static void text_of(const Value *v, char *out, size_t room) {
    size_t used = 0;
    for (size_t i = 0, n; v->type == TYPE_TEXT && i < v->body.size && used + 4 < room; i += n) {
        n = utf8_length(v->body.at + i, v->body.size - i);
        if (n == 0 || v->body.at[i] < 0x20) {
            used = 0;
            break;
        }
        memcpy(out + used, v->body.at + i, n);
        used += n;
    }
    out[used] = 0;
}

/* ---- the file ---- */

/* Behind the last mark. */
static const uint8_t *last_mark(Bytes tail) {
    const uint8_t *found = NULL;
    for (const uint8_t *at; tail.size > 0;
         tail = bytes_clip(tail, (size_t)(found - tail.at), SIZE_MAX)) {
        at = memmem(tail.at, tail.size, MARK, MARK_BYTES);
        if (!at)
            break;
        found = at + MARK_BYTES;
    }
    return found;
}

bool mmdb_has_metadata(Bytes tail) { return last_mark(tail) != NULL; }

/* One record of a node; nodes: what stands there when nothing is known. */
static uint32_t record_of(const Mmdb *m, uint32_t node, unsigned bit) {
    uint64_t bytes = m->record_bits / 4, off = (uint64_t)node * bytes;
    Bytes b = bytes_cut(m->tree, off, bytes);
    if (b.size != bytes)
        return m->nodes;
    unsigned n = m->record_bits / 8; /* whole bytes of one record; 28 bits share the middle one */
    uint32_t v = (uint32_t)big_endian((Bytes){b.at + (bit ? bytes - n : 0), n});
    if (m->record_bits == 28)
        v |= (uint32_t)(bit ? b.at[3] & 15 : b.at[3] >> 4) << 24;
    return v;
}

static const char *read_metadata(Mmdb *m, Bytes metadata) {
    Value map, v;
    uint64_t nodes = 0, bits = 0, version = 0, major = 0, built = 0;
    unsigned budget = MAX_MMDB_VALUES;
    if (!value_at(metadata, 0, &map) || map.type != TYPE_MAP)
        return "its metadata is no map";
    bool is_good = map_value(metadata, &map, "node_count", &budget, &v) && number_of(&v, &nodes) &&
                   map_value(metadata, &map, "record_size", &budget, &v) && number_of(&v, &bits) &&
                   map_value(metadata, &map, "ip_version", &budget, &v) &&
                   number_of(&v, &version) &&
                   map_value(metadata, &map, "binary_format_major_version", &budget, &v) &&
                   number_of(&v, &major);
    if (!is_good)
        return "its metadata is damaged";
    if (major != 2 || (version != 4 && version != 6) || (bits != 24 && bits != 28 && bits != 32))
        return "its version or record size is not known here";
    if (map_value(metadata, &map, "database_type", &budget, &v))
        text_of(&v, m->type, sizeof m->type);
    /* In milliseconds; what lies after the year 9999 is no time. */
    if (map_value(metadata, &map, "build_epoch", &budget, &v) && number_of(&v, &built) &&
        built < 253402300800)
        m->built = (int64_t)built * 1000;
    m->nodes = nodes <= UINT32_MAX ? (uint32_t)nodes : 0;
    m->record_bits = (unsigned)bits;
    m->is_v6 = version == 6;
    return nodes > UINT32_MAX ? "its node count is not possible" : NULL;
}

const char *mmdb_open(Bytes file, Mmdb *out) {
    enum { SEPARATOR = 16 };
    *out = (Mmdb){0};
    Bytes tail = bytes_clip(file, file.size > MMDB_TAIL_BYTES ? file.size - MMDB_TAIL_BYTES : 0,
                            MMDB_TAIL_BYTES);
    const uint8_t *mark = last_mark(tail);
    if (!mark)
        return "no metadata";
    size_t metadata = (size_t)(mark - file.at);
    const char *reason = read_metadata(out, bytes_clip(file, metadata, SIZE_MAX));
    if (reason)
        return reason;
    uint64_t tree = (uint64_t)out->nodes * (out->record_bits / 4);
    if (!bytes_has(file, tree, SEPARATOR) || tree + SEPARATOR > metadata - MARK_BYTES)
        return "its tree does not fit into the file";
    out->tree = bytes_cut(file, 0, tree);
    out->data = bytes_cut(file, tree + SEPARATOR, metadata - MARK_BYTES - tree - SEPARATOR);
    /* IPv4 addresses are those below ::/96. */
    for (unsigned i = 0; out->is_v6 && i < 96 && out->v4_root < out->nodes; i++)
        out->v4_root = record_of(out, out->v4_root, 0);
    return NULL;
}

/* ---- addresses ---- */

static void country_of(const Value *v, MmdbNetwork *out) {
    char text[8];
    text_of(v, text, sizeof text);
    if (strlen(text) == 2)
        memcpy(out->country, text, 3);
}

/* {"country": {"iso_code": "KR"}} of GeoIP2, {"country": "KR"} of others. */
static bool read_country(Bytes data, const Value *record, const char *key, unsigned *budget,
                         MmdbNetwork *out) {
    Value v, code;
    if (!map_value(data, record, key, budget, &v))
        return false;
    if (v.type == TYPE_TEXT)
        country_of(&v, out);
    if (v.type != TYPE_MAP)
        return true;
    if (!map_value(data, &v, "iso_code", budget, &code))
        return false;
    country_of(&code, out);
    return true;
}

/* "asn": "AS64500" where it is no number. */
static void network_of(const Value *v, MmdbNetwork *out) {
    uint64_t number = 0;
    char text[16];
    if (v->type == TYPE_TEXT) {
        text_of(v, text, sizeof text);
        size_t skip = (text[0] | 32) == 'a' && (text[1] | 32) == 's' ? 2 : 0;
        for (const char *at = text + skip; *at >= '0' && *at <= '9'; at++)
            number = number * 10 + (uint64_t)(*at - '0');
    } else if (!number_of(v, &number)) {
        number = 0;
    }
    if (number <= UINT32_MAX)
        out->asn = (uint32_t)number;
}

/* Number and holder, of a record or of a map in it. */
static bool read_network(Bytes data, const Value *map, unsigned *budget, MmdbNetwork *out) {
    static const char *const numbers[] = {"autonomous_system_number", "asn"};
    static const char *const holders[] = {"autonomous_system_organization", "as_name"};
    Value v;
    for (size_t i = 0; i < 2 && out->asn == 0; i++) {
        if (!map_value(data, map, numbers[i], budget, &v))
            return false;
        network_of(&v, out);
    }
    for (size_t i = 0; i < 2 && !out->holder[0]; i++) {
        if (!map_value(data, map, holders[i], budget, &v))
            return false;
        text_of(&v, out->holder, sizeof out->holder);
    }
    return true;
}

/* A record that is no map is one of another kind of database. */
static bool read_record(Bytes data, uint64_t off, MmdbNetwork *out) {
    static const char *const countries[] = {"country", "registered_country", "country_code"};
    unsigned budget = MAX_MMDB_VALUES;
    Value record, traits;
    if (!value_at(data, off, &record) || !read_network(data, &record, &budget, out))
        return false;
    if (!map_value(data, &record, "traits", &budget, &traits) || /* GeoIP2 Enterprise */
        !read_network(data, &traits, &budget, out))
        return false;
    for (size_t i = 0; i < 3 && !out->country[0]; i++)
        if (!read_country(data, &record, countries[i], &budget, out))
            return false;
    return true;
}

MmdbAnswer mmdb_find(const Mmdb *m, const uint8_t *address, size_t size, MmdbNetwork *out) {
    *out = (MmdbNetwork){0};
    if (size == 16 && !m->is_v6)
        return MMDB_NONE;
    uint32_t node = size == 4 ? m->v4_root : 0;
    for (size_t bit = 0; bit < 8 * size && node < m->nodes; bit++)
        node = record_of(m, node, address[bit / 8] >> (7 - bit % 8) & 1);
    if (node == m->nodes)
        return MMDB_NONE;
    if (node < m->nodes) /* more bits than an address has */
        return MMDB_DAMAGED;
    uint64_t off = (uint64_t)node - m->nodes;
    if (off < 16 || !read_record(m->data, off - 16, out))
        return MMDB_DAMAGED;
    return out->asn || out->country[0] ? MMDB_FOUND : MMDB_NONE;
}
