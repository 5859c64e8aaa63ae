#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a verdict costs beyond analysis, on a store that is in memory: the older versions of the labelled corpus (tests/quality/corpus.tsv) are
learned, and --goodware behind them, until it holds --functions; lists of --indicators made-up indicators are imported (bench/knowledge.py), and newer versions are asked.

For each query: processor and wall time of `attribute` less that of `analyse`, medians of three runs of one process each (so that opening the
store is in it); then all in one process, per sample. Prints CSV rows bench,set,metric,value,unit,peer,note."""
import argparse
import csv
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import knowledge

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(*command):
    return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, check=True).stdout


def stat(o):
    return json.loads(run(o.program, "store", "stat", "--json", "--store", o.store))


def rows():
    with open(ROOT / "tests/quality/corpus.tsv", newline="") as f:
        return list(csv.DictReader((line for line in f if not line.startswith("#")), delimiter="\t"))


def fill(o):
    for r in sorted((r for r in rows() if r["role"] == "learn"), key=lambda r: (r["sha256"])):
        run(o.program, "learn", "-q", "--store", o.store, "--family", r["family"], "--source", "corpus", o.corpus / r["sha256"])
        if stat(o)["functions"] >= o.functions:
            return
    for folder in sorted(o.goodware.iterdir()) if o.goodware else []:
        if stat(o)["functions"] >= o.functions:
            return
        run(o.program, "learn", "-q", "--store", o.store, "--goodware", "--jobs", "1", folder)


def fill_indicators(o):
    with tempfile.TemporaryDirectory() as name:
        index = 0
        while stat(o)["indicators"] < o.indicators:
            knowledge.make(pathlib.Path(name), "lists", index)
            run(o.program, "import", "-q", "--store", o.store, name)
            index += 1


def timed(*command, runs=3):
    """Median processor and wall milliseconds."""
    cpu, wall = [], []
    for _ in range(runs):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        run(*command)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall.append(1000 * (time.monotonic() - start))
        cpu.append(1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return statistics.median(cpu), statistics.median(wall)


def beyond(o, *paths):
    asked = timed(o.program, "attribute", "--json", "--jobs", "1", "--store", o.store, *paths)
    analysed = timed(o.program, "analyse", "--json", "--jobs", "1", *paths)
    return asked[0] - analysed[0], asked[1] - analysed[1]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("program")
    p.add_argument("--corpus", type=pathlib.Path, default=ROOT / ".cache/corpus")
    p.add_argument("--goodware", type=pathlib.Path, help="folder of folders (tests/quality), for what the corpus lacks")
    p.add_argument("--functions", type=int, default=1000000)
    p.add_argument("--indicators", type=int, default=1000000)
    p.add_argument("--store", required=True, help="kept; one that is there is taken as it is")
    p.add_argument("--queries", type=int, default=12)
    p.add_argument("--most", type=int, default=3 << 20, help="bytes of a query")
    o = p.parse_args()
    if not pathlib.Path(o.store).exists():
        fill(o)
        fill_indicators(o)
    held = stat(o)
    asked = sorted((r for r in rows() if r["role"] == "query" and int(r["size"]) <= o.most), key=lambda r: r["sha256"])[:o.queries]
    paths = [o.corpus / r["sha256"] for r in asked]
    each = []
    for r, path in zip(asked, paths):
        each.append((*beyond(o, path), r))
        print(f"{r['family']} {r['version']} {r['size']}: {each[-1][0]:.0f} ms processor, {each[-1][1]:.0f} ms wall", file=sys.stderr)
    note = f"{held['functions']} functions, {held['indicators']} indicators; {len(paths)} newer versions, at most {o.most >> 20} MiB"
    cpu, wall = beyond(o, *paths)
    out = csv.writer(sys.stdout, lineterminator="\n")
    for metric, values in (("processor", [e[0] for e in each]), ("wall", [e[1] for e in each])):
        out.writerow(["warm_verdict", "real", f"{metric}_p50", f"{statistics.median(values):.0f}", "ms", "cognate", note + "; a process each"])
        out.writerow(["warm_verdict", "real", f"{metric}_max", f"{max(values):.0f}", "ms", "cognate", note + "; a process each"])
    out.writerow(["warm_verdict", "real", "processor_each", f"{cpu / len(paths):.0f}", "ms", "cognate", note + "; one process, mean"])
    out.writerow(["warm_verdict", "real", "wall_each", f"{wall / len(paths):.0f}", "ms", "cognate", note + "; one process, mean"])


if __name__ == "__main__":
    main()
