#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""routines_goodware.py FOLDER [--judged FILE] [--csv]: runs `cognate routines` over the ordinary programs that
tools/goodware_fetch.py fetched, lists every routine that is claimed, and counts those that a person found wrong.

tests/quality/routine_claims.tsv has one judged claim a row: package, file, va, algorithm (- for nobody's), right or wrong,
and how that was decided. A claim that is not in it counts as unjudged and is printed. --csv appends to bench/results.csv."""
import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("COGNATE", str(ROOT / "build/release/cognate"))
JUDGED = ROOT / "tests/quality/routine_claims.tsv"


def claims(path):
    done = subprocess.run([PROGRAM, "routines", "--json", "-q", "--jobs", "1", path], capture_output=True, text=True)
    for line in done.stdout.splitlines():
        r = json.loads(line)
        if r["type"] == "failure":
            print(f"{path}: {r['reason']}", file=sys.stderr)
        if r["type"] == "routine":
            yield r


def judgements(path):
    with open(path, newline="") as f:
        rows = csv.DictReader((line for line in f if not line.startswith("#")), delimiter="\t")
        return {(r["package"], r["file"], r["va"], r["algorithm"]): r["verdict"] for r in rows}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("folder", type=pathlib.Path)
    p.add_argument("--judged", type=pathlib.Path, default=JUDGED)
    p.add_argument("--csv", action="store_true")
    o = p.parse_args()
    judged = judgements(o.judged) if o.judged.exists() else {}
    files = sorted(f for f in o.folder.rglob("*") if f.is_file())
    counts = {"right": 0, "wrong": 0, "unjudged": 0}
    unnamed = 0
    before = os.times()
    for f in files:
        for r in claims(f):
            key = (f.parent.name, f.name, r["va"], r["algorithm"] or "-")
            unnamed += r["algorithm"] is None
            verdict = judged.get(key, "unjudged")
            counts[verdict] += 1
            print(*key, verdict, r["kind"], json.dumps(r["parameters"]), sep="\t", flush=True)
    spent = os.times().children_user - before.children_user
    size = sum(f.stat().st_size for f in files) / 1e6
    print(f"{len(files)} files, {size:.1f} MB, {counts}, {unnamed} without a name, {spent:.1f} s user", file=sys.stderr)
    rows = [("claims", sum(counts.values()), "routines"), ("claims_wrong", counts["wrong"], "routines"),
            ("claims_unjudged", counts["unjudged"], "routines"),
            ("wrong_per_100_files", round(100 * counts["wrong"] / max(1, len(files)), 2), "routines")]
    if o.csv:
        with open(ROOT / "bench/results.csv", "a") as f:
            for name, value, unit in rows:
                f.write(f"routines,goodware,{name},{value},{unit},cognate,{len(files)} files; judged in {o.judged.name}\n")
    for name, value, _ in rows:
        print(f"{value:8} {name}", file=sys.stderr)


if __name__ == "__main__":
    main()
