/* SPDX-License-Identifier: Apache-2.0 */
#include "report/tree.h"

#include <string.h>

#include "report/json.h"
#include "report/page.h"

/* ---- Newick ---- */

static void add_label(Text *out, const char *name) {
    Text safe = text_new(1 << 14);
    escape_terminal(bytes_from_text(name), 0, &safe);
    text_add_char(out, '\'');
    for (size_t i = 0; i < safe.size; i++) {
        if (safe.at[i] == '\'')
            text_add_char(out, '\'');
        text_add_char(out, safe.at[i]);
    }
    text_add_char(out, '\'');
    text_free(&safe);
}

static void add_node(const FamilyTree *t, uint32_t at, Text *out) {
    const TreeNode *n = &t->nodes[at];
    if (n->leaf != UINT32_MAX) {
        add_label(out, t->leaves[n->leaf].name);
    } else {
        text_add_char(out, '(');
        add_node(t, n->child[0], out);
        text_add_char(out, ',');
        add_node(t, n->child[1], out);
        text_add_char(out, ')');
    }
    if (n->parent != UINT32_MAX) {
        text_add_char(out, ':');
        text_add_real(out, n->length, 4, true);
    }
}

void newick_write(const FamilyTree *t, Text *out) {
    add_node(t, t->root, out);
    text_add_char(out, ';');
}

/* ---- record ---- */

void json_write_tree(const FamilyTree *t, Text *out) {
    Json j = json_record(out, "tree");
    Text newick = text_new(1 << 20);
    newick_write(t, &newick);
    json_text(&j, "family", t->family);
    json_open(&j, "samples", '[');
    for (uint32_t i = 0; i < t->leaf_count; i++) {
        const TreeLeaf *leaf = &t->leaves[t->order[i]];
        json_open(&j, NULL, '{');
        json_sha256(&j, "sha256", leaf->sha256);
        json_text(&j, "name", leaf->name);
        json_text(&j, "date", leaf->date);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_open(&j, "distances", '[');
    for (uint32_t i = 0; i < t->leaf_count; i++) {
        json_open(&j, NULL, '[');
        for (uint32_t k = 0; k < t->leaf_count; k++)
            json_real(&j, NULL, t->distances[t->order[i] * t->leaf_count + t->order[k]], 4);
        json_close(&j, ']');
    }
    json_close(&j, ']');
    json_bytes(&j, "newick", (Bytes){(const uint8_t *)text_str(&newick), newick.size});
    json_bool(&j, "is_dated", t->is_dated);
    json_bool(&j, "was_cut", t->was_cut);
    json_end(&j);
    text_free(&newick);
}

/* ---- text ---- */

enum { MAX_PREFIX = 2048 };

/* prefix: what stands before the lines of this node's parts. */
static void draw(Page *p, const FamilyTree *t, uint32_t at, Text *prefix, bool is_last) {
    const TreeNode *n = &t->nodes[at];
    size_t before = prefix->size;
    if (n->parent != UINT32_MAX) {
        page_ink(p, INK_DIM);
        text_add(p->out, text_str(prefix));
        text_add(p->out, is_last ? "└─ " : "├─ ");
        page_ink(p, INK_PLAIN);
        text_add(prefix, is_last ? "   " : "│  ");
    }
    Text line = text_new(1 << 12);
    if (n->leaf != UINT32_MAX) {
        const TreeLeaf *leaf = &t->leaves[n->leaf];
        text_add(&line, leaf->name);
        if (leaf->date)
            text_addf(&line, "  %.10s", leaf->date);
        text_add(&line, leaf->is_query ? "  (this sample)  " : "  ");
    }
    if (n->parent != UINT32_MAX)
        text_add_real(&line, n->length, 3, false);
    else
        text_add(&line, t->family);
    unsigned used = (unsigned)(n->depth > 0 || n->parent != UINT32_MAX ? 3 : 0);
    page_rest(p, used, (Bytes){(const uint8_t *)text_str(&line), line.size});
    text_free(&line);
    if (n->leaf == UINT32_MAX) {
        draw(p, t, n->child[0], prefix, false);
        draw(p, t, n->child[1], prefix, true);
    }
    if (prefix->at) {
        prefix->size = before;
        prefix->at[before] = 0;
    }
}

void text_write_tree(const FamilyTree *t, TextStyle style, Text *out) {
    Page page = page_new(style, out), *p = &page;
    Text prefix = text_new(MAX_PREFIX), newick = text_new(1 << 20);
    draw(p, t, t->root, &prefix, true);
    text_addf(out, "\n%u samples by the code that they share; numbers are distances, 0 to 1. ",
              t->leaf_count);
    text_add(out, t->is_dated ? "Dates tell the older end.\n"
                              : "No dates tell which end is the older one.\n");
    if (t->was_cut)
        text_addf(out, "The family has more than %d samples; the others are not here.\n",
                  MAX_TREE_LEAVES);
    page_title(p, "Newick");
    newick_write(t, &newick);
    text_add_bytes(out, newick.at, newick.size);
    text_add_char(out, '\n');
    text_free(&prefix);
    text_free(&newick);
}
