#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""chance_table.py [CSV]: writes src/match/chance_table.h from bench/functions_chance.csv (bench_functions --tasks chance): how often two
functions of unrelated programs score so high, by the size of the smaller one. Rows of `corpus` only: what goodware shares under another
compiler or version is no chance. A share that no pair reached is given as if 3 had (the rule of three, 95 %); shares never rise with the score."""
import collections
import csv
import math
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "bench/functions_chance.csv"
    table, pairs = collections.defaultdict(dict), 0
    for row in csv.DictReader(source.open()):
        if row["programs"] != "corpus":
            continue
        at_least, of = max(3, int(row["pairs_at_least"])), int(row["pairs"])
        table[int(row["instructions_from"])][float(row["score_from"])] = -math.log10(at_least / of)
        pairs += of if float(row["score_from"]) == 1.0 else 0
    sizes = sorted(table)
    scores = sorted(table[sizes[0]])
    out = ["/* SPDX-License-Identifier: Apache-2.0",
           f" * chance_table.h: -log10 of the share of {pairs / 1e9:.2f} * 10^9 pairs of functions of unrelated programs that score",
           " * so high; made by tools/chance_table.py. Do not edit. */",
           "#ifndef COG_MATCH_CHANCE_TABLE_H", "#define COG_MATCH_CHANCE_TABLE_H", "", "#include <stdint.h>", "",
           f"enum {{ CHANCE_SIZES = {len(sizes)}, CHANCE_SCORES = {len(scores)} }};",
           "/* Instructions of the smaller function, from. */",
           "static const uint32_t CHANCE_SIZE[CHANCE_SIZES] = {" + ", ".join(map(str, sizes)) + "};",
           "static const float CHANCE_SCORE[CHANCE_SCORES] = {" + ", ".join(f"{s:.2f}f" for s in scores) + "};",
           "static const float CHANCE[CHANCE_SIZES][CHANCE_SCORES] = {"]
    for size in sizes:
        least, row = 0.0, []
        for score in scores:
            least = max(least, table[size][score])
            row.append(f"{least:.2f}f")
        out.append("    {" + ", ".join(row) + "},")
    out += ["};", "", "#endif"]
    (ROOT / "src/match/chance_table.h").write_text("\n".join(out) + "\n")


main()
