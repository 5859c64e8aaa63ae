/* SPDX-License-Identifier: Apache-2.0
 * pe_resource.c: the resource tree (PE specification 6.9) and VS_VERSIONINFO. */
#include "image/pe.h"

enum {
    /* rc.exe refuses names of more than 255 characters (guess: some versions do). */
    TREE_NAME_UNITS = 256,
    /* One for each language; the most multilingual files have about 40. */
    VERSION_BLOCKS = 256
};

typedef struct TreeName { /* the last one read: leaves side by side share it */
    uint32_t id;
    const char *text;
} TreeName;

typedef struct Tree {
    Pe *pe;
    uint64_t rva;
    Bytes bytes; /* from the root to the end of its segment; all offsets start here */
    uint32_t
        budget; /* entries still looked at: a tree that shares its branches is finite but huge */
    uint32_t version_blocks;
    TreeName names[2]; /* of types, of resources */
} Tree;

typedef struct TreePath { /* identifiers of the three levels; a set top bit marks a name's offset */
    uint32_t id[3];
    uint32_t timestamp;
} TreePath;

/* 16-bit length, then UTF-16 (6.9.3). NULL for a number. */
static const char *tree_name(Tree *t, TreeName *last, uint32_t id) {
    if (!(id >> 31))
        return NULL;
    if (last->text && last->id == id)
        return last->text;
    uint32_t off = id & 0x7fffffff;
    uint64_t units = bytes_u16_at(t->bytes, off);
    if (units > TREE_NAME_UNITS || !bytes_has(t->bytes, off, 2 + units * 2)) {
        pe_note(t->pe, NOTE_RESOURCE_ODD, t->rva + off);
        units = units > TREE_NAME_UNITS ? TREE_NAME_UNITS : units;
    }
    last->id = id;
    last->text =
        text_from_utf16(t->pe->s->arena, bytes_clip(t->bytes, (uint64_t)off + 2, units * 2));
    return last->text;
}

/* Data entry, 6.9.4: unlike the rest of the tree it holds an rva. */
static void add_leaf(Tree *t, const TreePath *path, uint32_t off) {
    Pe *pe = t->pe;
    if (!bytes_has(t->bytes, off, 16)) {
        pe_note(pe, NOTE_RESOURCE_ODD, t->rva + off);
        return;
    }
    uint32_t rva = bytes_u32_at(t->bytes, off), size = bytes_u32_at(t->bytes, (uint64_t)off + 4);
    Bytes data = pe_clip(pe, rva, size);
    if (data.size < size)
        pe_note(pe, NOTE_RESOURCE_ODD, t->rva + off);
    Resource *leaf = VEC_ADD(pe->s->arena, &pe->info->resources);
    if (!leaf) {
        t->budget = 0;
        return;
    }
    leaf->type_name = tree_name(t, &t->names[0], path->id[0]);
    leaf->type = leaf->type_name ? 0 : path->id[0];
    leaf->name = tree_name(t, &t->names[1], path->id[1]);
    leaf->name_id = leaf->name ? 0 : path->id[1];
    leaf->language = path->id[2] & 0xffff;
    leaf->timestamp = path->timestamp;
    leaf->codepage = bytes_u32_at(t->bytes, (uint64_t)off + 8);
    leaf->off = pe_off(pe, rva);
    leaf->size = data.size;
    if (leaf->type == PE_RT_VERSION && t->version_blocks++ < VERSION_BLOCKS)
        pe_read_version(pe, data, leaf->off);
}

/* Depth is limited by MAX_RESOURCE_DEPTH, which also ends loops. */
static void walk(Tree *t, uint32_t off, unsigned depth, TreePath path) {
    Bytes d = bytes_clip(t->bytes, off, 16);
    if (d.size < 16 || depth >= MAX_RESOURCE_DEPTH) {
        pe_note(t->pe, NOTE_RESOURCE_ODD, t->rva + off);
        return;
    }
    uint32_t stamp = bytes_u32_at(d, 4);
    if (stamp != 0)
        path.timestamp = stamp;
    uint32_t count = (uint32_t)bytes_u16_at(d, 12) + bytes_u16_at(d, 14);
    for (uint32_t i = 0; i < count && t->budget > 0; i++) {
        uint64_t at = (uint64_t)off + 16 + (uint64_t)i * 8;
        if (!bytes_has(t->bytes, at, 8)) {
            pe_note(t->pe, NOTE_RESOURCE_ODD, t->rva + off);
            return;
        }
        t->budget--;
        uint32_t next = bytes_u32_at(t->bytes, at + 4);
        TreePath inner = path;
        if (depth < 3)
            inner.id[depth] = bytes_u32_at(t->bytes, at);
        if (next >> 31)
            walk(t, next & 0x7fffffff, depth + 1, inner);
        else
            add_leaf(t, &inner, next);
    }
}

void pe_read_resources(Pe *pe) {
    PeDirectory dir = pe->directory[PE_DIR_RESOURCE];
    if (dir.rva == 0)
        return;
    /* Every leaf has at most its own path of directories. */
    Tree t = {.pe = pe, .rva = dir.rva, .budget = MAX_RESOURCES * MAX_RESOURCE_DEPTH};
    t.bytes = pe_at(pe, dir.rva);
    walk(&t, 0, 0, (TreePath){0});
    if (t.budget == 0)
        pe_note(pe, NOTE_TOO_MANY, dir.rva);
}

/* One node of VS_VERSIONINFO: length, value length, type, UTF-16 key, value, children, each aligned
 * to 4 from the block's start ("VS_VERSIONINFO structure", Windows reference). */
typedef struct VersionNode {
    Bytes all; /* the node itself; empty at the end of a list */
    size_t key_off, value_off, children_off;
    uint16_t value_length, type;
} VersionNode;

static size_t align4(size_t off) { return (off + 3) & ~(size_t)3; }

static VersionNode version_node(Bytes list, size_t off) {
    VersionNode node = {0};
    size_t length = bytes_u16_at(list, off);
    if (length < 6 || off > list.size)
        return node;
    node.all = bytes_clip(list, off, length);
    node.value_length = bytes_u16_at(node.all, 2);
    node.type = bytes_u16_at(node.all, 4);
    node.key_off = 6;
    size_t at = node.key_off;
    while (at + 2 <= node.all.size && bytes_u16_at(node.all, at) != 0)
        at += 2;
    node.value_off = align4(at + 2);
    node.children_off = align4(node.value_off + node.value_length);
    return node;
}

static Bytes node_from(const VersionNode *node, size_t off) {
    return bytes_clip(node->all, off, node->all.size);
}

/* Text with only ASCII is compared unit by unit. */
static bool key_is(const VersionNode *node, const char *key) {
    size_t i = 0;
    for (; key[i]; i++)
        if (bytes_u16_at(node->all, node->key_off + 2 * i) != (unsigned char)key[i])
            return false;
    return bytes_u16_at(node->all, node->key_off + 2 * i) == 0;
}

/* "040904b0": language in the first four digits. */
static uint32_t table_language(const VersionNode *table) {
    uint32_t language = 0;
    for (size_t i = 0; i < 4; i++) {
        uint16_t c = bytes_u16_at(table->all, table->key_off + 2 * i);
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)c - '0'
                         : c >= 'a' && c <= 'f' ? (uint32_t)c - 'a' + 10
                         : c >= 'A' && c <= 'F' ? (uint32_t)c - 'A' + 10
                                                : 0;
        language = language << 4 | digit;
    }
    return language;
}

static void read_strings(Pe *pe, const VersionNode *table) {
    Arena *a = pe->s->arena;
    uint32_t language = table_language(table);
    size_t off = table->value_off;
    while (off < table->all.size) {
        VersionNode node = version_node(table->all, off);
        if (node.all.size == 0)
            return;
        VersionString *string = VEC_ADD(a, &pe->info->version);
        if (!string)
            return;
        string->key = text_from_utf16(a, node_from(&node, node.key_off));
        /* The value's length is in words by the book and in bytes in practice: the node's end and a
         * NUL decide. */
        string->value =
            node.value_length ? text_from_utf16(a, node_from(&node, node.value_off)) : "";
        string->language = language;
        off = align4(off + node.all.size);
    }
}

static void read_fixed(Pe *pe, Bytes fixed) {
    for (unsigned i = 0; i < 4; i++) { /* two words each, high half first */
        uint64_t at = 8 + 4 * (i / 2) + (i % 2 ? 0 : 2);
        pe->info->file_version[i] = bytes_u16_at(fixed, at);
        pe->info->product_version[i] = bytes_u16_at(fixed, at + 8);
    }
    pe->info->has_version = true;
}

void pe_read_version(Pe *pe, Bytes block, uint64_t off) {
    VersionNode root = version_node(block, 0);
    if (root.all.size == 0 || !key_is(&root, "VS_VERSION_INFO")) {
        notes_add(&pe->s->notes, NOTE_VERSION_ODD, off);
        return;
    }
    Bytes fixed = bytes_clip(root.all, root.value_off, 52);
    if (fixed.size >= 52 && bytes_u32_at(fixed, 0) == PE_VERSION_SIGNATURE)
        read_fixed(pe, fixed);
    size_t at = root.children_off;
    while (at < root.all.size && !pe->info->version.full) {
        VersionNode info = version_node(root.all, at);
        if (info.all.size == 0)
            break;
        size_t table_at = info.value_off;
        while (key_is(&info, "StringFileInfo") && table_at < info.all.size) {
            VersionNode table = version_node(info.all, table_at);
            if (table.all.size == 0)
                break;
            read_strings(pe, &table);
            table_at = align4(table_at + table.all.size);
        }
        at = align4(at + info.all.size);
    }
}
