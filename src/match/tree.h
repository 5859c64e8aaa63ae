/* SPDX-License-Identifier: Apache-2.0
 * tree.h: how the samples of a family descend from each other: distances by shared code, joined to
 * a tree by neighbour joining (Saitou and Nei 1987; Studier and Keppler 1988). TreeMaker *m =
 * tree_maker_new(arena); tree_add for each sample (its features may go after); FamilyTree *t =
 * tree_from_maker(m); Distance: 1 less the mean of two weighted Jaccard indices, of blocks that are
 * equal but for addresses (by instructions) and of genes (by rarity). A tree says what is like
 * what; which end is the older one only dates say. In and out: the arena. Limit: MAX_TREE_LEAVES.
 * docs/evidence/phylogeny.md */
#ifndef COG_MATCH_TREE_H
#define COG_MATCH_TREE_H

#include "store/store.h"

enum { MAX_TREE_LEAVES = 128 }; /* joining takes n^3 steps: 2 million */

typedef struct TreeLeaf {
    const char *name;
    uint8_t sha256[32];
    const char *date; /* first seen, else the time of linking; RFC 3339; NULL: not known */
    bool is_query;
} TreeLeaf;

typedef struct TreeNode {
    uint32_t parent;      /* UINT32_MAX: the root */
    uint32_t child[2];    /* UINT32_MAX: none; the older side first */
    uint32_t leaf;        /* UINT32_MAX: a joint */
    double length, depth; /* of the edge to the parent; from the root */
    double first, last;   /* rows of its leaves, for drawing: 0 .. leaves - 1 */
} TreeNode;

typedef struct FamilyTree {
    const char *family;
    TreeLeaf *leaves;
    uint32_t leaf_count;
    TreeNode *nodes; /* 2 * leaf_count - 1 */
    uint32_t node_count, root;
    uint32_t *order; /* leaves along the longest path through the tree, the older end first */
    uint32_t *rows;  /* leaves in the order in which they are drawn */
    const double *distances; /* leaf_count * leaf_count */
    bool is_dated;           /* dates told which end is the older one */
    bool was_cut;            /* the family has more samples */
} FamilyTree;

typedef struct TreeMaker TreeMaker;
TreeMaker *tree_maker_new(Arena *a);
/* False: there is no room for more. The leaf is copied, its texts are borrowed. */
bool tree_add(TreeMaker *m, const TreeLeaf *leaf, const Features *f, Arena *scratch);
/* NULL with fewer than 3 samples. */
FamilyTree *tree_from_maker(TreeMaker *m, const char *family);

/* All of a family's samples in the store, at most MAX_TREE_LEAVES, and `query` (may be NULL) when
 * it is none of them. *out NULL: fewer than 3. */
Status tree_from_family(const Snapshot *snap, const char *family, const Features *query, Arena *a,
                        Arena *scratch, FamilyTree **out, Error *err);

#endif
