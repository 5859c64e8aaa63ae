#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fits the logistic weights of src/judge/calibrate_table.h to the measures of the tuning part.

  bench/attribution.py --part tune --dump tune.jsonl && tools/calibrate.py tune.jsonl > src/judge/calibrate_table.h

Plain logistic regression by Newton's method with an L2 penalty; families, not files, count equally (each family's queries share one
weight). The threshold is the lowest probability at which at most 2 % of the tuning strangers are accused, at least 0.55 ("likely")."""
import collections
import json
import math
import sys

TOKEN_CAP = 64.0  # strings are easily planted: more of them say no more
PENALTY = 0.05  # keeps separable data from giving infinite weights; guess, figures hardly move from 0.02 to 0.2


def inputs(m):
    both = math.sqrt(max(0, m["code_share"] * m["reverse_share"]))
    return [1.0, math.log2(1 + m["code_weight"]), m["code_share"], m["reverse_share"], both, math.log2(1 + min(m["token_weight"], TOKEN_CAP)),
            m["margin"], math.log2(1 + m["exact"]), math.log2(1 + m["distinctive"])]


def solve(a, b):
    n = len(b)
    m = [row[:] + [b[i]] for i, row in enumerate(a)]
    for i in range(n):
        p = max(range(i, n), key=lambda r: abs(m[r][i]))
        m[i], m[p] = m[p], m[i]
        for r in range(n):
            if r != i:
                k = m[r][i] / m[i][i]
                m[r] = [x - k * y for x, y in zip(m[r], m[i])]
    return [m[i][n] / m[i][i] for i in range(n)]


def probability(w, x):
    z = max(-30, min(30, sum(a * b for a, b in zip(w, x))))
    return 1 / (1 + math.exp(-z))


def fit(rows):
    size = len(rows[0][0])
    w = [0.0] * size
    for _ in range(50):
        gradient = [PENALTY * x for x in w]
        hessian = [[PENALTY if i == j else 0.0 for j in range(size)] for i in range(size)]
        for x, y, weight in rows:
            p = probability(w, x)
            for i in range(size):
                gradient[i] += weight * (p - y) * x[i]
                for j in range(size):
                    hessian[i][j] += weight * p * (1 - p) * x[i] * x[j]
        step = solve(hessian, gradient)
        w = [a - b for a, b in zip(w, step)]
        if max(abs(s) for s in step) < 1e-9:
            break
    return w


def main():
    data = [json.loads(line) for path in sys.argv[1:] for line in open(path)]
    count = collections.Counter((d["family"], d["role"]) for d in data)
    rows = [(inputs(d["measures"]), 1.0 if d["right"] else 0.0, 1.0 / count[d["family"], d["role"]]) for d in data]
    # Known queries whose first family is wrong are counted as wrong: the probability is that of being right.
    w = fit(rows)
    strangers = sorted((probability(w, inputs(d["measures"])) for d in data if d["role"] != "query"), reverse=True)
    allowed = int(0.02 * len(strangers))
    threshold = max(0.55, round(strangers[allowed] + 0.005, 3)) if allowed < len(strangers) else 0.55
    right = sum(1 for d in data if d["right"] and probability(w, inputs(d["measures"])) >= threshold)
    known = sum(1 for d in data if d["role"] == "query")
    print(f"{len(data)} verdicts, threshold {threshold}, answered right {right}/{known}", file=sys.stderr)
    print(f"""/* SPDX-License-Identifier: Apache-2.0
 * calibrate_table.h: made by tools/calibrate.py from {len(data)} verdicts of the tuning part; do not edit.
 * Inputs: 1, log2(1 + code weight), code share, reverse share, root of the product of both shares,
 * log2(1 + capped token weight), margin, log2(1 + exact pairs), log2(1 + distinctive pairs). */
#ifndef COG_JUDGE_CALIBRATE_TABLE_H
#define COG_JUDGE_CALIBRATE_TABLE_H

#define CALIBRATE_INPUTS {len(w)}
#define CALIBRATE_TOKEN_CAP {TOKEN_CAP}
#define CALIBRATE_THRESHOLD {threshold}
static const double CALIBRATE_WEIGHTS[CALIBRATE_INPUTS] = {{
    {', '.join(f'{x:.4f}' for x in w)}}};

#endif""")


if __name__ == "__main__":
    main()
