#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reliability diagram of bench/results.csv: what share of the verdicts of each tenth of probability was right.

    bench/reliability.py [SET] > docs/reliability.svg     SET: report (default), report/slices

A point for each bin, as large as it has verdicts; on the line probabilities are what they say."""
import csv
import math
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIZE, EDGE = 360, 48


def bins(name):
    with open(ROOT / "bench/results.csv", newline="") as f:
        for row in csv.DictReader(f):
            found = re.match(r"(\d+) verdicts, mean probability ([\d.]+)", row["note"])
            if row["bench"] == "calibration" and row["metric"] == "right" and found and row["set"].rsplit("/", 1)[0] == name:
                yield int(found[1]), float(found[2]), float(row["value"])


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "report"
    points = list(bins(name))
    total = sum(n for n, _, _ in points)
    error = sum(n * abs(said - right) for n, said, right in points) / total

    def at(said, right):
        return f"{EDGE + said * SIZE:.1f}", f"{EDGE / 2 + (1 - right) * SIZE:.1f}"

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE + 2 * EDGE} {SIZE + 2 * EDGE}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="#fff"/>',
           f'<rect x="{EDGE}" y="{EDGE / 2}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#888"/>']
    (x0, y0), (x1, y1) = at(0, 0), at(1, 1)
    out.append(f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" stroke="#888" stroke-dasharray="4"/>')
    for tenth in range(0, 11, 2):
        x, y = at(tenth / 10, tenth / 10)
        out.append(f'<text x="{x}" y="{EDGE / 2 + SIZE + 16}" text-anchor="middle">{tenth / 10:.1f}</text>')
        out.append(f'<text x="{EDGE - 6}" y="{float(y) + 4:.1f}" text-anchor="end">{tenth / 10:.1f}</text>')
    for n, said, right in points:
        x, y = at(said, right)
        out.append(f'<circle cx="{x}" cy="{y}" r="{2 + math.sqrt(n):.1f}" fill="#2563eb" fill-opacity=".6"><title>{n} verdicts: said {said}, right {right}</title></circle>')
    out.append(f'<text x="{EDGE + SIZE / 2}" y="{EDGE / 2 + SIZE + 36}" text-anchor="middle">probability of the first hypothesis</text>')
    out.append(f'<text x="{EDGE + 8}" y="{EDGE / 2 + 18}">share that was right; {total} verdicts, expected error {error:.3f}</text></svg>')
    print("\n".join(out))


main()
