/* SPDX-License-Identifier: Apache-2.0
 * tree.c: distances between samples, and the tree that they make. */
#include "match/tree.h"

#include <string.h>

/* What of a sample is compared: sorted hashes and what each weighs. */
typedef struct CodeSet {
    uint64_t *key;
    float *weight;
    size_t count;
} CodeSet;

struct TreeMaker {
    Arena *a;
    VEC(TreeLeaf) leaves;
    CodeSet blocks[MAX_TREE_LEAVES], genes[MAX_TREE_LEAVES];
};

TreeMaker *tree_maker_new(Arena *a) {
    TreeMaker *m = ARENA_NEW(a, TreeMaker);
    m->a = a;
    m->leaves.max = MAX_TREE_LEAVES;
    return m;
}

/* ---- what a sample has ---- */

static CodeSet set_from_keys(Arena *a, uint64_t *key, size_t count, Arena *scratch) {
    CodeSet set = {.count = count};
    sort_u64(scratch, key, count);
    set.count = unique_u64(key, count);
    set.key = ARENA_UNSET(a, uint64_t, set.count + 1);
    set.weight = ARENA_ARRAY(a, float, set.count + 1);
    if (set.count)
        memcpy(set.key, key, set.count * sizeof *key);
    return set;
}

static size_t place_of(const CodeSet *set, uint64_t key) {
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->key[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static CodeSet blocks_of(const Features *f, Arena *a, Arena *scratch) {
    uint64_t *key = ARENA_UNSET(scratch, uint64_t, f->blocks.count + 1);
    for (size_t i = 0; i < f->blocks.count; i++)
        key[i] = f->blocks.at[i].pic.low;
    CodeSet set = set_from_keys(a, key, f->blocks.count, scratch);
    for (size_t i = 0; i < f->blocks.count; i++)
        set.weight[place_of(&set, f->blocks.at[i].pic.low)] = (float)f->blocks.at[i].instructions;
    return set;
}

static CodeSet genes_of(const Features *f, Arena *a, Arena *scratch) {
    uint64_t *key = ARENA_UNSET(scratch, uint64_t, f->genes.count + 1);
    if (f->genes.count)
        memcpy(key, f->genes.at, f->genes.count * sizeof *key);
    CodeSet set = set_from_keys(a, key, f->genes.count, scratch);
    for (size_t i = 0; i < set.count; i++)
        set.weight[i] = (float)gene_rarity(set.key[i]);
    return set;
}

bool tree_add(TreeMaker *m, const TreeLeaf *leaf, const Features *f, Arena *scratch) {
    TreeLeaf *to = VEC_ADD(m->a, &m->leaves);
    if (!to)
        return false;
    *to = *leaf;
    ArenaMark mark = arena_mark(scratch);
    m->blocks[m->leaves.count - 1] = blocks_of(f, m->a, scratch);
    m->genes[m->leaves.count - 1] = genes_of(f, m->a, scratch);
    arena_reset(scratch, mark);
    return true;
}

/* Weighted Jaccard index; two empty sets are alike. */
static double likeness(const CodeSet *x, const CodeSet *y) {
    double both = 0, all = 0;
    size_t i = 0, k = 0;
    while (i < x->count || k < y->count) {
        if (k == y->count || (i < x->count && x->key[i] < y->key[k])) {
            all += (double)x->weight[i++];
        } else if (i == x->count || y->key[k] < x->key[i]) {
            all += (double)y->weight[k++];
        } else {
            both += (double)x->weight[i];
            all += (double)x->weight[i++];
            k++;
        }
    }
    return all > 0 ? both / all : 1;
}

static double *distances_of(const TreeMaker *m) {
    size_t n = m->leaves.count;
    double *d = ARENA_ARRAY(m->a, double, n *n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            double like =
                (likeness(&m->blocks[i], &m->blocks[k]) + likeness(&m->genes[i], &m->genes[k])) / 2;
            d[i * n + k] = d[k * n + i] = 1 - like;
        }
    return d;
}

/* ---- neighbour joining ---- */

enum { MAX_NODES = 2 * MAX_TREE_LEAVES, NONE = -1 };

/* The unrooted tree: joints have three neighbours, leaves one. */
typedef struct Unrooted {
    int next[MAX_NODES][3];
    double length[MAX_NODES][3];
    unsigned degree[MAX_NODES];
    int count;
} Unrooted;

static void join(Unrooted *u, int a, int b, double length) {
    length = length > 0 ? length : 0; /* noise may make it negative */
    u->next[a][u->degree[a]] = b;
    u->length[a][u->degree[a]++] = length;
    u->next[b][u->degree[b]] = a;
    u->length[b][u->degree[b]++] = length;
}

typedef struct Joining {
    double *d; /* wide * wide */
    size_t wide;
    int alive[MAX_NODES];
    int count;
    double sum[MAX_NODES];
} Joining;

static double between(const Joining *j, int a, int b) {
    return j->d[(size_t)a * j->wide + (size_t)b];
}

static void find_nearest(Joining *j, int *x, int *y) {
    double least = 0;
    *x = *y = NONE;
    for (int i = 0; i < j->count; i++) {
        j->sum[i] = 0;
        for (int k = 0; k < j->count; k++)
            j->sum[i] += between(j, j->alive[i], j->alive[k]);
    }
    for (int i = 0; i < j->count; i++)
        for (int k = i + 1; k < j->count; k++) {
            double q =
                (j->count - 2) * between(j, j->alive[i], j->alive[k]) - j->sum[i] - j->sum[k];
            if (*x == NONE || q < least) {
                least = q;
                *x = i;
                *y = k;
            }
        }
}

static void join_all(Joining *j, Unrooted *u) {
    while (j->count > 3) {
        int x, y, joint = u->count++;
        find_nearest(j, &x, &y);
        int a = j->alive[x], b = j->alive[y];
        double ab = between(j, a, b),
               to_a = ab / 2 + (j->sum[x] - j->sum[y]) / (2 * (j->count - 2));
        join(u, joint, a, to_a);
        join(u, joint, b, ab - to_a);
        for (int k = 0; k < j->count; k++) {
            int c = j->alive[k];
            double to_c = (between(j, a, c) + between(j, b, c) - ab) / 2;
            j->d[(size_t)joint * j->wide + (size_t)c] = j->d[(size_t)c * j->wide + (size_t)joint] =
                to_c;
        }
        j->alive[x] = joint;
        j->alive[y] = j->alive[--j->count];
    }
    int joint = u->count++, a = j->alive[0], b = j->alive[1], c = j->alive[2];
    double ab = between(j, a, b), ac = between(j, a, c), bc = between(j, b, c);
    join(u, joint, a, (ab + ac - bc) / 2);
    join(u, joint, b, (ab + bc - ac) / 2);
    join(u, joint, c, (ac + bc - ab) / 2);
}

static void unrooted_from_distances(const double *d, size_t n, Arena *a, Unrooted *u) {
    Joining *j = ARENA_NEW(a, Joining);
    j->wide = 2 * n;
    j->d = ARENA_ARRAY(a, double, j->wide * j->wide);
    for (size_t i = 0; i < n; i++) {
        memcpy(j->d + i * j->wide, d + i * n, n * sizeof *d);
        j->alive[i] = (int)i;
    }
    j->count = u->count = (int)n;
    join_all(j, u);
}

/* ---- order and root ---- */

/* Lengths of the paths from one node to all. */
static void walk(const Unrooted *u, int at, int from, double length, double *out) {
    out[at] = length;
    for (unsigned i = 0; i < u->degree[at]; i++)
        if (u->next[at][i] != from)
            walk(u, u->next[at][i], at, length + u->length[at][i], out);
}

typedef struct Place {
    double along, aside;
    uint32_t leaf;
} Place;

static bool is_before(const Place *x, const Place *y) {
    if (x->along < y->along || x->along > y->along)
        return x->along < y->along;
    if (x->aside < y->aside || x->aside > y->aside)
        return x->aside < y->aside;
    return x->leaf < y->leaf;
}

/* Dates that rise along the order less those that fall. */
static int rising(const FamilyTree *t) {
    int balance = 0;
    for (uint32_t i = 0; i < t->leaf_count; i++)
        for (uint32_t k = i + 1; k < t->leaf_count; k++) {
            const char *a = t->leaves[t->order[i]].date, *b = t->leaves[t->order[k]].date;
            int sign = a && b ? strcmp(a, b) : 0;
            balance += sign < 0 ? 1 : sign > 0 ? -1 : 0;
        }
    return balance;
}

/* Leaves by where they leave the longest path through the tree. */
static void find_order(const Unrooted *u, FamilyTree *t, Arena *a) {
    size_t n = t->leaf_count, all = (size_t)u->count;
    double *path = ARENA_ARRAY(a, double, n *all);
    size_t from = 0, to = 0;
    for (size_t i = 0; i < n; i++) {
        walk(u, (int)i, NONE, 0, path + i * all);
        for (size_t k = 0; k < i; k++)
            if (path[i * all + k] > path[from * all + to]) {
                from = i;
                to = k;
            }
    }
    Place *place = ARENA_ARRAY(a, Place, n);
    for (size_t i = 0; i < n; i++) {
        double x = path[from * all + i], y = path[to * all + i], whole = path[from * all + to];
        Place p = {(x + whole - y) / 2, (x + y - whole) / 2, (uint32_t)i};
        size_t at = i; /* insertion: there are few */
        for (; at > 0 && is_before(&p, &place[at - 1]); at--)
            place[at] = place[at - 1];
        place[at] = p;
    }
    for (size_t i = 0; i < n; i++)
        t->order[i] = place[i].leaf;
    int balance = rising(t);
    t->is_dated = balance != 0;
    bool is_backward = balance < 0 || (balance == 0 && strcmp(t->leaves[t->order[0]].name,
                                                              t->leaves[t->order[n - 1]].name) > 0);
    for (size_t i = 0; is_backward && i < n / 2; i++) {
        uint32_t swap = t->order[i];
        t->order[i] = t->order[n - 1 - i];
        t->order[n - 1 - i] = swap;
    }
}

/* Copies the part of the tree behind an edge; children by their first leaf in the order. Depth of
 * the recursion: the number of joints, at most MAX_TREE_LEAVES. */
static uint32_t root_at(const Unrooted *u, FamilyTree *t, const uint32_t *rank, int at, int from) {
    uint32_t index = t->node_count++;
    TreeNode *node = &t->nodes[index];
    *node = (TreeNode){.parent = UINT32_MAX,
                       .child = {UINT32_MAX, UINT32_MAX},
                       .leaf = at < (int)t->leaf_count ? (uint32_t)at : UINT32_MAX};
    node->first = at < (int)t->leaf_count ? (double)rank[at] : (double)UINT32_MAX;
    unsigned children = 0;
    for (unsigned i = 0; i < u->degree[at]; i++) {
        if (u->next[at][i] == from)
            continue;
        uint32_t child = root_at(u, t, rank, u->next[at][i], at);
        t->nodes[child].parent = index;
        t->nodes[child].length = u->length[at][i];
        if (t->nodes[child].first < node->first)
            node->first = t->nodes[child].first;
        node->child[children++] = child;
    }
    if (children == 2 && t->nodes[node->child[1]].first < t->nodes[node->child[0]].first) {
        uint32_t swap = node->child[0];
        node->child[0] = node->child[1];
        node->child[1] = swap;
    }
    return index;
}

static void number_rows(FamilyTree *t, uint32_t at, double depth, uint32_t *row) {
    TreeNode *node = &t->nodes[at];
    node->depth = depth;
    node->first = (double)*row;
    if (node->leaf != UINT32_MAX)
        t->rows[(*row)++] = node->leaf;
    for (unsigned i = 0; i < 2 && node->child[i] != UINT32_MAX; i++)
        number_rows(t, node->child[i], depth + t->nodes[node->child[i]].length, row);
    node->last = (double)*row - 1;
}

/* The root stands in the middle of the edge to the oldest leaf. */
static void make_root(const Unrooted *u, FamilyTree *t, Arena *a) {
    uint32_t *rank = ARENA_ARRAY(a, uint32_t, t->leaf_count);
    for (uint32_t i = 0; i < t->leaf_count; i++)
        rank[t->order[i]] = i;
    int oldest = (int)t->order[0], other = u->next[oldest][0];
    double half = u->length[oldest][0] / 2;
    t->root = t->node_count++;
    t->nodes[t->root] = (TreeNode){.parent = UINT32_MAX, .leaf = UINT32_MAX};
    uint32_t leaf = root_at(u, t, rank, oldest, other), rest = root_at(u, t, rank, other, oldest);
    t->nodes[leaf].parent = t->nodes[rest].parent = t->root;
    t->nodes[leaf].length = t->nodes[rest].length = half;
    t->nodes[t->root].child[0] = leaf;
    t->nodes[t->root].child[1] = rest;
    uint32_t row = 0;
    number_rows(t, t->root, 0, &row);
}

FamilyTree *tree_from_maker(TreeMaker *m, const char *family) {
    size_t n = m->leaves.count;
    if (n < 3)
        return NULL;
    FamilyTree *t = ARENA_NEW(m->a, FamilyTree);
    *t = (FamilyTree){.family = family, .leaves = m->leaves.at, .leaf_count = (uint32_t)n};
    t->nodes = ARENA_ARRAY(m->a, TreeNode, 2 * n);
    t->order = ARENA_ARRAY(m->a, uint32_t, n);
    t->rows = ARENA_ARRAY(m->a, uint32_t, n);
    t->was_cut = m->leaves.full;
    t->distances = distances_of(m);
    Unrooted *u = ARENA_NEW(m->a, Unrooted);
    unrooted_from_distances(t->distances, n, m->a, u);
    find_order(u, t, m->a);
    make_root(u, t, m->a);
    return t;
}

/* ---- of a store ---- */

static const char *date_of(const StoredSample *stored, const Features *f, Arena *a) {
    if (stored && stored->labels.first_seen)
        return stored->labels.first_seen;
    for (size_t i = 0; i < f->traits.count; i++)
        if (f->traits.at[i].kind == TRAIT_COMPILE_TIME) {
            const char *value = f->traits.at[i].value;
            return arena_text(a, (Bytes){(const uint8_t *)value, strlen(value)});
        }
    return NULL;
}

Status tree_from_family(const Snapshot *snap, const char *family, const Features *query, Arena *a,
                        Arena *scratch, FamilyTree **out, Error *err) {
    TreeMaker *m = tree_maker_new(a);
    bool has_query = false, is_full = false;
    *out = NULL;
    for (uint32_t i = 0; i < snapshot_sample_count(snap) && !is_full; i++) {
        const StoredSample *s = snapshot_sample_at(snap, i);
        if (!s->labels.family || strcmp(s->labels.family, family) != 0)
            continue;
        ArenaMark mark = arena_mark(scratch);
        Features *f = NULL;
        Status status = snapshot_features(snap, s->id, scratch, &f, err);
        if (status != STATUS_OK)
            return status;
        TreeLeaf leaf = {.name = s->name ? s->name : "", .date = date_of(s, f, a)};
        memcpy(leaf.sha256, s->sha256, 32);
        leaf.is_query = query && memcmp(query->sha256, s->sha256, 32) == 0;
        has_query |= leaf.is_query;
        is_full = !tree_add(m, &leaf, f, scratch);
        arena_reset(scratch, mark);
    }
    if (query && !has_query && !is_full) {
        TreeLeaf leaf = {.name = query->name ? query->name : "this sample", .is_query = true};
        leaf.date = date_of(NULL, query, a);
        memcpy(leaf.sha256, query->sha256, 32);
        (void)tree_add(m, &leaf, query, scratch);
    }
    *out = tree_from_maker(m, family);
    return STATUS_OK;
}
