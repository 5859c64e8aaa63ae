/* SPDX-License-Identifier: Apache-2.0
 * tree.h: a family's tree (match/tree.h) as a record, as text, in the Newick format. */
#ifndef COG_REPORT_TREE_H
#define COG_REPORT_TREE_H

#include "match/tree.h"
#include "report/report.h"

/* ((wren-1.0:0.02,'wren 1.1':0.03):0.1,...); names in quotes where Newick needs them. */
void newick_write(const FamilyTree *t, Text *out);
void json_write_tree(const FamilyTree *t, Text *out);
void text_write_tree(const FamilyTree *t, TextStyle style, Text *out);

#endif
