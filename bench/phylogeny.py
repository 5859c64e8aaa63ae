#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tree of a family against the order of its versions, on the labelled family corpus.

Each group of at least --least versions of one family, format, processor and toolchain becomes a family of a store of its own, and `link --tree` puts it in order.
Prints CSV rows bench,set,metric,value,unit,peer,note:
  order          mean over groups of Spearman's rank correlation of the order with the versions' order, whichever end is first
  order_dated    the same with the end that dates (times of linking) say; groups without dates count as they come out
  neighbours     share of versions next to each other in the order that are so in truth, over all groups
No date is given to the store: what is known of time is what stands in the files."""
import argparse
import collections
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def groups(args):
    with open(ROOT / "tests/quality/corpus.tsv", newline="") as f:
        rows = list(csv.DictReader((line for line in f if not line.startswith("#")), delimiter="\t"))
    found = collections.defaultdict(list)
    for r in rows:
        if r["role"] in ("learn", "query") and int(r["size"]) <= args.max_mb << 20:
            found[r["family"], r["format"], r["arch"], r["toolchain"]].append(r)
    return {key: sorted(members, key=lambda r: int(r["order"])) for key, members in sorted(found.items()) if len(members) >= args.least}


def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    out = [0.0] * len(values)
    i = 0
    while i < len(order):  # equal values share their mean rank
        k = i
        while k + 1 < len(order) and values[order[k + 1]] == values[order[i]]:
            k += 1
        for j in order[i:k + 1]:
            out[j] = (i + k) / 2
        i = k + 1
    return out


def spearman(a, b):
    x, y = ranks(a), ranks(b)
    mean = (len(x) - 1) / 2
    sxy = sum((p - mean) * (q - mean) for p, q in zip(x, y))
    return sxy / (sum((p - mean) ** 2 for p in x) * sum((q - mean) ** 2 for q in y)) ** 0.5


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cognate", type=pathlib.Path, default=ROOT / "build/release/cognate")
    p.add_argument("--corpus", type=pathlib.Path, default=ROOT / ".cache/corpus")
    p.add_argument("--least", type=int, default=4)
    p.add_argument("--max-mb", type=int, default=4, help="larger files are left out")
    args = p.parse_args()
    store = pathlib.Path(tempfile.mkdtemp()) / "store"
    chosen = groups(args)
    whole, dated, near, pairs, versions = [], [], 0, 0, 0
    for key, members in chosen.items():
        name = "/".join(key)
        subprocess.run([args.cognate, "learn", "-q", "--jobs", "1", "--store", store, "--family", name, *[args.corpus / r["sha256"] for r in members]], check=True)
        tree = json.loads(subprocess.run([args.cognate, "link", "--json", "--store", store, "--tree", name], stdout=subprocess.PIPE, text=True, check=True).stdout)
        true = {r["sha256"]: int(r["order"]) for r in members}
        order = [true[s["sha256"]] for s in tree["samples"]]
        rho = spearman(order, list(range(len(order))))
        whole.append(abs(rho))
        dated.append(rho)
        rank = ranks(order)
        near += sum(abs(a - b) <= 1 for a, b in zip(rank, rank[1:]))
        pairs += len(order) - 1
        versions += len(order)
        print(f"{name}: {rho:.3f} {'dated' if tree['is_dated'] else 'undated'} {order}", file=sys.stderr, flush=True)
    out = csv.writer(sys.stdout, lineterminator="\n")
    note = f"{len(chosen)} groups; {versions} versions; files up to {args.max_mb} MiB"
    out.writerow(["phylogeny", "tune+report", "order", round(sum(whole) / len(whole), 4), "Spearman", "cognate", note])
    out.writerow(["phylogeny", "tune+report", "order_dated", round(sum(dated) / len(dated), 4), "Spearman", "cognate", "the older end told by times of linking"])
    out.writerow(["phylogeny", "tune+report", "neighbours", round(near / pairs, 4), "share", "cognate", f"{pairs} pairs"])


if __name__ == "__main__":
    main()
