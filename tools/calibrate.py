#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fits the tables that turn matches into a probability to the cases of the tuning part.

  bench/crossfit.py tune.jsonl && tools/calibrate.py tune.jsonl

writes src/match/evidence_table.h (log-likelihood ratios of function pairs) and src/judge/calibrate_table.h (weights of two logistic
regressions and the threshold, for small and for large samples). The threshold, and the figures printed, come from groups that were held out of the fit in turn.

  1. A cell's ratio: how often functions of that kind, size and likeness occur in the best reference of the right family, over how often
     in the best of a wrong one; each case and family counts once, whatever its size; ratios rise with likeness (pooled where they do not).
  2. A party's score: is this family the right one? Logistic regression over every family that a case was aligned with.
  3. The verdict: is the first family right? Logistic regression over its score and its lead over the second.
Groups (families, strangers) and not files count equally; weights of evidence are kept from being negative, so that more evidence never
lowers a probability. Pure Python: the data are some hundred cases."""
import argparse
import collections
import json
import math
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS, SIZES, BINS = 4, 6, 10
TOKEN_CAP = 1.0  # twenty rare strings: they are easily planted, more of them say no more
PRIOR_TOKENS = 0.5  # as in src/match/token.c
PRIOR_DISTINCTIVE = 20  # as in src/judge/calibrate.c
PRIOR_SEEN = 1.0  # there too
SMALL, LARGE = 100.0, 1000.0  # own functions; between them the tables are mixed (guess; malware has some hundred)
SMOOTH = 2e-3  # added to both shares of a cell: rarer is not measured
PRIOR_FUNCTIONS = 10  # as in src/match/match.c
PENALTY = 0.05  # keeps separable data from giving infinite weights; guess, figures hardly move from 0.02 to 0.2
STRANGERS_ACCUSED = 0.02
MAX_LEAD = 8.0  # a lead beyond it says no more
LEAST_LIKELY = 0.55  # "likely"


# ---- cases ---------------------------------------------------------------------------------


def is_right(case, match):
    return case["case"] in "Kk" and match["family"] == case["family"]


def group_of(case):
    return case["family"]


def cases_read(paths):
    cases = [json.loads(line) for path in paths for line in open(path)]
    count = collections.Counter((group_of(c), c["case"] in "Kk") for c in cases)
    for c in cases:
        c["weight"] = 1.0 / count[group_of(c), c["case"] in "Kk"]
        c["functions"] = sum(c["matches"][0]["cells"]) if c["matches"] else 0
    return cases


# ---- 1. ratios of cells --------------------------------------------------------------------


def pooled(values, weights):
    """The nearest non-decreasing sequence (pool adjacent violators)."""
    blocks = []
    for v, w in zip(values, weights):
        blocks.append([v, w, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            b, a = blocks.pop(), blocks.pop()
            blocks.append([(a[0] * a[1] + b[0] * b[1]) / (a[1] + b[1]), a[1] + b[1], a[2] + b[2]])
    return [v for v, _, n in blocks for _ in range(n)]


def best_by_family(case):
    """The reference of each family that the sample shares most with."""
    best = {}
    for m in case["matches"]:
        shared = math.sqrt(max(0, m["code_share"] * m["reverse_share"])), m["token_weight"]
        if m["family"] not in best or shared > best[m["family"]][0]:
            best[m["family"]] = (shared, m)
    return [m for _, m in best.values()]


def ratios_fit(cases):
    same, other = [0.0] * (KINDS * SIZES * BINS), [0.0] * (KINDS * SIZES * BINS)
    for c in cases:
        for m in best_by_family(c):
            to = same if is_right(c, m) else other
            share = c["weight"] / max(1.0, sum(m["cells"]))
            for i, n in enumerate(m["cells"]):
                if n:
                    to[i] += n * share
    table = []
    for row in range(KINDS * SIZES):
        s, o = same[row * BINS:(row + 1) * BINS], other[row * BINS:(row + 1) * BINS]
        total_s, total_o = sum(s) or 1, sum(o) or 1
        values = [math.log((a / total_s + SMOOTH) / (b / total_o + SMOOTH)) for a, b in zip(s, o)]
        table += pooled(values, [a / total_s + b / total_o + SMOOTH for a, b in zip(s, o)])
    return [round(v, 2) for v in table]


def likelihood(match, table):
    return sum(n * t for n, t in zip(match["cells"], table) if n) / (sum(match["cells"]) + PRIOR_FUNCTIONS)


# ---- 2, 3. regressions ---------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


def dot(w, x):
    return sum(a * b for a, b in zip(w, x))


def solve(a, b):
    n = len(b)
    m = [row[:] + [b[i]] for i, row in enumerate(a)]
    for i in range(n):
        p = max(range(i, n), key=lambda r: abs(m[r][i]))
        m[i], m[p] = m[p], m[i]
        for r in range(n):
            if r != i and m[r][i]:
                k = m[r][i] / m[i][i]
                m[r] = [x - k * y for x, y in zip(m[r], m[i])]
    return [m[i][n] / m[i][i] for i in range(n)]


def newton(rows, active, size):
    """Weights of the active inputs; the others stay 0."""
    w = [0.0] * size
    for _ in range(60):
        gradient = [PENALTY * w[i] if i else 0.0 for i in active]
        hessian = [[(PENALTY if i else 1e-9) if i == j else 0.0 for j in active] for i in active]
        for x, y, weight in rows:
            p = sigmoid(dot(w, x))
            v = weight * p * (1 - p)
            xs = [x[i] for i in active]
            for a, xa in enumerate(xs):
                gradient[a] += weight * (p - y) * xa
                va = v * xa
                line = hessian[a]
                for b, xb in enumerate(xs):
                    line[b] += va * xb
        step = solve(hessian, gradient)
        size_of_step = max(abs(s) for s in step)
        if size_of_step > 5:
            step = [s * 5 / size_of_step for s in step]
        for i, s in zip(active, step):
            w[i] -= s
        if size_of_step < 1e-8:
            break
    return w


def fit(rows):
    """Logistic regression; input 0 is the constant, no other weight is negative."""
    size = len(rows[0][0])
    active = list(range(size))
    while True:
        w = newton(rows, active, size)
        negative = [i for i in active if i and w[i] < 0]
        if not negative:
            return w
        active.remove(min(negative, key=lambda i: w[i]))


def party_inputs(case, match, table, blind):
    """The same, in the same order, as in src/judge/calibrate.c."""
    tokens, back = (0, 0) if blind else (match["token_weight"], match["token_reverse"])
    return [1.0, likelihood(match, table), math.sqrt(match["reverse_share"]), math.sqrt(match["distinctive"] / (case["functions"] + PRIOR_DISTINCTIVE)),
            math.log2(1 + min(tokens, TOKEN_CAP)), math.sqrt(tokens / (case["token_total"] + PRIOR_TOKENS) * back)]


def verdict_inputs(scores):
    """scores: of the families, best first."""
    return [1.0, scores[0], min(MAX_LEAD, scores[0] - scores[1]) if len(scores) > 1 else MAX_LEAD]


def large_share(case):
    """0: a small program, 1: a large one; as in src/judge/calibrate.c."""
    return min(1.0, max(0.0, math.log(max(1.0, case["functions"]) / SMALL) / math.log(LARGE / SMALL)))


class Part:
    """The two regressions for small or large samples, with rare strings or (blind) without."""

    def __init__(self, cases, table, blind, is_large):
        self.table, self.blind = table, blind
        part = [(c, large_share(c) if is_large else 1 - large_share(c)) for c in cases]
        part = [(c, w * c["weight"]) for c, w in part if w > 0]
        # A case's wrong references together count like its right ones.
        self.party = fit([(party_inputs(c, m, table, blind), float(is_right(c, m)), w / len(c["matches"])) for c, w in part for m in c["matches"]])
        ranked = [(w, *self.ranked(c)) for c, w in part]
        self.verdict = fit([(verdict_inputs(s), float(right), w) for w, right, s in ranked if s])

    def scores(self, case):
        """Log-odds of each match's family by itself."""
        return [dot(self.party, party_inputs(case, m, self.table, self.blind)) for m in case["matches"]]

    def ranked(self, case):
        return ranked(case, self.scores(case))


def ranked(case, scores):
    """(first family is right, scores of the families best first)."""
    best = {}
    for m, z in zip(case["matches"], scores):
        best[m["family"]] = max(z, best.get(m["family"], -1e9))
    order = sorted(best, key=lambda f: (-best[f], f))
    return bool(order) and case["case"] in "Kk" and order[0] == case["family"], [best[f] for f in order]


class Model:
    def __init__(self, cases):
        self.table = ratios_fit(cases)
        self.parts = [[Part(cases, self.table, blind, is_large) for blind in (False, True)] for is_large in (False, True)]

    def mixed(self, case, blind, what):
        """Each part counts by how large the sample is and how many rare strings it has."""
        large, seen = large_share(case), 0.0 if blind else case["token_total"] / (case["token_total"] + PRIOR_SEEN)
        shares = (((1 - large) * seen, (1 - large) * (1 - seen)), (large * seen, large * (1 - seen)))
        return [sum(values) for values in zip(*([w * v for v in what(p)] for ws, ps in zip(shares, self.parts) for w, p in zip(ws, ps)))]

    def probability(self, case, blind=None):
        """(first family is right, probability). blind: as if no string were there."""
        right, scores = ranked(case, self.mixed(case, blind, lambda p: p.scores(case)))
        if not scores:
            return right, 0.01
        p = sigmoid(self.mixed(case, blind, lambda p: [dot(p.verdict, verdict_inputs(scores))])[0])
        return right, min(p, 1 / sum(math.exp(s - scores[0]) for s in scores))


def threshold_of(judged):
    """Lowest probability at which no more of the strangers' weight than allowed is accused. judged: (case, right, p)."""
    strangers = sorted(((p, c["weight"]) for c, _, p in judged if c["case"] in "Ss"), reverse=True)
    allowed = STRANGERS_ACCUSED * sum(w for _, w in strangers)
    for p, w in strangers:
        allowed -= w
        if allowed < 0:
            return max(LEAST_LIKELY, round(p + 0.005, 3))
    return LEAST_LIKELY


def summary(judged, threshold):
    out = []
    for kinds, name in (("K", "newer versions"), ("k", "learned versions"), ("S", "strangers"), ("s", "families left out")):
        of = [(c, r, p) for c, r, p in judged if c["case"] == kinds]
        if not of:
            continue
        total = sum(c["weight"] for c, _, _ in of)
        right = sum(r for _, r, _ in of)
        said = sum(r and p >= threshold for _, r, p in of) if kinds in "Kk" else sum(p < threshold for _, _, p in of)
        weighed = sum(c["weight"] for c, r, p in of if ((r and p >= threshold) if kinds in "Kk" else p < threshold)) / total
        what = f"first {right}, answered" if kinds in "Kk" else "unknown"
        out.append(f"{name}: {what} {said}/{len(of)} (by family {weighed:.3f})")
    return "; ".join(out)


def held_out(cases):
    """(case, first is right, probability), with all and without strings: groups in ten parts, each judged by tables fitted to the other nine."""
    groups = sorted({group_of(c) for c in cases})
    seen, blind = [], []
    for part in [set(groups[i::10]) for i in range(10)]:
        model = Model([c for c in cases if group_of(c) not in part])
        seen += [(c, *model.probability(c)) for c in cases if group_of(c) in part]
        blind += [(c, *model.probability(c, True)) for c in cases if group_of(c) in part]
    return seen, blind


def name_wrong(judged, threshold):
    for c, right, p in sorted(judged, key=lambda x: x[2]):
        is_known = c["case"] in "Kk"
        if (right and p >= threshold) if is_known else p < threshold:
            continue
        best = max(c["matches"], key=lambda m: m["likelihood"], default={})
        shown = ", ".join(f"{k} {best[k]}" for k in ("family", "likelihood", "reverse_share", "token_weight", "token_share", "distinctive", "exact") if best)
        print(f"  {c['case']} {c['family']} {c['version']} {c['toolchain']}: p {p:.2f}, of {c['functions']:.0f} functions; likest: {shown}", file=sys.stderr)


# ---- output --------------------------------------------------------------------------------


def lines_of(values, suffix, per_line):
    return "\n".join("    " + ", ".join(f"{v:.2f}{suffix}" if suffix else f"{v:.4f}" for v in values[i:i + per_line]) + ","
                     for i in range(0, len(values), per_line))


def rows_of(rows):
    return "\n".join("    {" + ", ".join(f"{v:.4f}" for v in row) + "}," for row in rows)


def write(model, thresholds, count):
    parts = [p for pair in model.parts for p in pair]
    (ROOT / "src/match/evidence_table.h").write_text(f"""/* SPDX-License-Identifier: Apache-2.0
 * evidence_table.h: made by tools/calibrate.py from {count} cases of the tuning part; do not edit.
 * A line for each kind and size, a column for each likeness (evidence.h). */
#ifndef COG_MATCH_EVIDENCE_TABLE_H
#define COG_MATCH_EVIDENCE_TABLE_H

/* clang-format off */
static const float EVIDENCE_LOG_RATIO[{KINDS * SIZES * BINS}] = {{
{lines_of(model.table, "f", BINS)}
}};
/* clang-format on */

#endif
""")
    (ROOT / "src/judge/calibrate_table.h").write_text(f"""/* SPDX-License-Identifier: Apache-2.0
 * calibrate_table.h: made by tools/calibrate.py from {count} cases of the tuning part; do not edit.
 * The inputs stand in calibrate.c. */
#ifndef COG_JUDGE_CALIBRATE_TABLE_H
#define COG_JUDGE_CALIBRATE_TABLE_H

#define CALIBRATE_TOKEN_CAP {TOKEN_CAP}
#define CALIBRATE_MAX_LEAD {MAX_LEAD}
/* clang-format off */
#define CALIBRATE_SMALL {SMALL}
#define CALIBRATE_LARGE {LARGE}
/* Small samples with rare strings, and without; large ones with, and without. */
static const double CALIBRATE_PARTY[4][{len(parts[0].party)}] = {{
{rows_of([p.party for p in parts])}
}};
static const double CALIBRATE_VERDICT[4][{len(parts[0].verdict)}] = {{
{rows_of([p.verdict for p in parts])}
}};
static const double CALIBRATE_THRESHOLD[4] = {{{", ".join(map(str, thresholds))}}};
/* clang-format on */

#endif
""")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("cases", nargs="+", help="from bench/crossfit.py")
    p.add_argument("--check", action="store_true", help="only say how held-out groups fare; write nothing")
    p.add_argument("-v", action="store_true", help="name the held-out cases that go wrong")
    args = p.parse_args()
    cases = cases_read(args.cases)
    thresholds = {}
    for name, judged in zip(("with strings", "strings hidden"), held_out(cases)):
        for size in ("small", "large"):
            of = [j for j in judged if (large_share(j[0]) > 0.5) == (size == "large")]
            t = thresholds[size, name] = threshold_of(of)
            print(f"{len(of)} cases, held out, {size}, {name}, threshold {t}: {summary(of, t)}", file=sys.stderr)
            if args.v:
                name_wrong(of, t)
    if not args.check:
        write(Model(cases), [thresholds[k] for k in sorted(thresholds, key=lambda k: (k[0] == "large", k[1] == "strings hidden"))], len(cases))


if __name__ == "__main__":
    main()
