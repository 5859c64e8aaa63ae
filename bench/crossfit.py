#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""crossfit.py OUT.jsonl: verdicts about the corpus with parts of it hidden: what tools/calibrate.py fits its tables to.

One store holds goodware, the library pack and every file of one part; each case hides from it what its kind says (and the other part):
  K  a newer version of a learned family        hidden: all newer versions, strangers, goodware of the corpus
  k  the newest learned version of a family     the same, and that version
  S  a stranger or goodware of the corpus       as K
  s  oldest and newest file of a family         as K, and that family: a stranger made from a known one
With --slices the store gets small samples too, parts of these (bench_slice.c), and each case is asked about them as well, among slices only.
Each line of OUT is bench_verdict's record with "case", "family", "version", "toolchain", "role"."""
import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from attribution import ROOT, learn_public, read_manifest, run


def learn_all(args, store, rows):
    learn_public(args, store)
    families = collections.defaultdict(list)
    for r in rows:
        known = r["role"] in ("learn", "query")
        families[r["family"] if known else "~" + r["family"]].append(args.corpus / r["sha256"])
    for family, paths in sorted(families.items()):
        run([args.cognate, "learn", "--store", store, "--family", family, "--source", "corpus", "-q", "--jobs", "2", *paths])


def sliced(store, args):
    """By the sample's SHA-256, those of its slices."""
    out = collections.defaultdict(list)
    lines = subprocess.run([args.bench_slice, store], check=True, capture_output=True, text=True).stdout
    for line in lines.splitlines():
        whole, part = line.split("\t")
        out[whole].append(part)
    return out


def with_slices(todo, slices):
    """Whole samples among whole ones, and slices among slices."""
    for r, kind, hidden in todo:
        yield r, kind, hidden + ["#"]
        small = [p for h in hidden for p in slices.get(h, [])] + [h for h in hidden if h[0] == "="]
        for part in slices.get(r["sha256"], []):
            yield dict(r, sha256=part), kind, small + ["!#"]


def cases(rows, kinds):
    newer = [r["sha256"] for r in rows if r["role"] != "learn"]
    families = collections.defaultdict(list)
    for r in rows:
        if r["role"] in ("learn", "query"):
            families[r["family"]].append(r)
        if r["role"] != "learn" and ("K" if r["role"] == "query" else "S") in kinds:
            yield r, "K" if r["role"] == "query" else "S", newer
    for family, files in sorted(families.items()):
        files.sort(key=lambda r: int(r["order"]))
        learned = [r for r in files if r["role"] == "learn"]
        last = [r for r in learned if r["order"] == learned[-1]["order"]]
        if len(learned) > len(last) and "k" in kinds:
            yield last[0], "k", newer + [r["sha256"] for r in last]
        for r in (files[0], files[-1]) if "s" in kinds else ():
            yield r, "s", newer + ["=" + family]


def ask(args, store, todo, out):
    """bench_verdict answers in order; several of them share the cases."""
    running = []
    for i in range(args.jobs):
        lines, answers = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
        lines.writelines(f"{r['sha256']}\t{' '.join(hidden)}\n" for r, _, hidden in todo[i::args.jobs])
        lines.seek(0)
        running.append((todo[i::args.jobs], answers, subprocess.Popen([args.bench_verdict, store], stdin=lines, stdout=answers)))
    for part, answers, process in running:
        if process.wait():
            sys.exit("crossfit: bench_verdict failed")
        answers.seek(0)
        for (r, kind, _), line in zip(part, answers):
            record = json.loads(line)
            for long in ("evidence", "against"):
                record["verdict"].pop(long)
            record.update(case=kind, family=r["family"], version=r["version"], toolchain=r["toolchain"], role=r["role"])
            out.write(json.dumps(record) + "\n")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = pathlib.Path(os.environ.get("COGNATE_CACHE", ROOT / ".cache"))
    p.add_argument("out")
    p.add_argument("--cognate", default=ROOT / "build/release/cognate")
    p.add_argument("--bench-verdict", default=ROOT / "build/release/bench/bench_verdict")
    p.add_argument("--corpus", default=cache / "corpus", type=pathlib.Path)
    p.add_argument("--goodware", default=cache / "goodware", type=pathlib.Path)
    p.add_argument("--library", default=cache / "library", type=pathlib.Path)
    p.add_argument("--part", default="tune", choices=["tune", "report"])
    p.add_argument("--kinds", default="KkSs")
    p.add_argument("--store", help="keep the store here, or use the one that is there")
    p.add_argument("--slices", action="store_true", help="small samples too")
    p.add_argument("--bench-slice", default=ROOT / "build/release/bench/bench_slice")
    p.add_argument("--jobs", type=int, default=2)
    args = p.parse_args()
    rows, others = ([r for r in read_manifest(part) if (args.corpus / r["sha256"]).exists()]
                    for part in (args.part, "report" if args.part == "tune" else "tune"))
    with tempfile.TemporaryDirectory() as work:
        store = args.store or os.path.join(work, "store")
        if not os.path.exists(store):
            learn_all(args, store, rows)
        with open(args.out, "w") as out:
            unseen = [r["sha256"] for r in others]  # a kept store may have both parts
            todo = [(r, kind, hidden + unseen) for r, kind, hidden in cases(rows, args.kinds)]
            ask(args, store, list(with_slices(todo, sliced(store, args))) if args.slices else todo, out)


if __name__ == "__main__":
    main()
