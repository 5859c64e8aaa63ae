#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""routines.py [--out FOLDER] [--set tune,report] [--tools A,B] [--levels O0,O2] [--misses] [--csv] [--note TEXT]: builds the fixtures of
tests/fixtures/routines with every compiler that is here, strips them, and scores `cognate routines` on them:
routines found, decoys taken for routines, names, pairs of the same function by fingerprint, secrets, cost. The names
of functions in the files before stripping are the truth (routines.h, truth.tsv). With both sets the pairs between
them, of sources written apart, are scored too. --csv appends to bench/results.csv."""
import argparse
import collections
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests/fixtures/routines"
PROGRAM = os.environ.get("COGNATE", str(ROOT / "build/release/cognate"))
LEVELS = ["O0", "O1", "O2", "O3", "Os"]
# name: (compiler, processor, bits, command, nm, strip)
TOOLS = {
    "gcc-x64": ("gcc", "x64", 64, ["gcc"], "nm", "strip"),
    "clang-x64": ("clang", "x64", 64, ["clang"], "nm", "strip"),
    "gcc-x86": ("gcc", "x86", 32, ["i686-linux-gnu-gcc"], "i686-linux-gnu-nm", "i686-linux-gnu-strip"),
    "clang-x86": ("clang", "x86", 32, ["clang", "--target=i686-linux-gnu"], "nm", "strip"),
    "mingw-x64": ("mingw", "x64", 64, ["x86_64-w64-mingw32-gcc"], "x86_64-w64-mingw32-nm", "x86_64-w64-mingw32-strip"),
    "mingw-x86": ("mingw", "x86", 32, ["i686-w64-mingw32-gcc"], "i686-w64-mingw32-nm", "i686-w64-mingw32-strip"),
    "gcc-arm64": ("gcc", "arm64", 64, ["aarch64-linux-gnu-gcc"], "aarch64-linux-gnu-nm", "aarch64-linux-gnu-strip"),
    "clang-arm64": ("clang", "arm64", 64, ["clang", "--target=aarch64-linux-gnu"], "aarch64-linux-gnu-nm",
                    "aarch64-linux-gnu-strip"),
    "gcc-arm": ("gcc", "arm", 32, ["arm-linux-gnueabihf-gcc"], "arm-linux-gnueabihf-nm", "arm-linux-gnueabihf-strip"),
}


def build(folder, sets, tools, levels):
    """{(set, source, tool, level): (stripped file, {address: name})}"""
    out = {}
    for which, tool, level in itertools.product(sets, tools, levels):
        compiler, _, _, command, nm, strip = TOOLS[tool]
        if not shutil.which(command[0]) or not shutil.which(nm):
            print(f"not here: {command[0]}", file=sys.stderr)
            continue
        for source in sorted((FIXTURES / which).glob("*.c")):
            name = f"{which}-{source.stem}-{tool}-{level}"
            full, bare = folder / f"{name}.full", folder / f"{name}.bin"
            if not bare.exists() or bare.stat().st_mtime < source.stat().st_mtime:
                made = subprocess.run([*command, f"-{level}", "-w", "-o", full, source], capture_output=True, text=True)
                if made.returncode:
                    print(f"{name}: {made.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
                    continue
                subprocess.run([strip, "-o", bare, full], check=True)
            symbols = {}
            for line in subprocess.run([nm, full], capture_output=True, text=True, check=True).stdout.splitlines():
                part = line.split()
                if len(part) == 3 and part[1] in "tT":
                    symbol = part[2].removeprefix("_").split(".")[0]
                    if symbol.startswith(("r_", "d_")):
                        symbols[int(part[0], 16) & ~1] = symbol
            out[which, source.stem, tool, level] = (bare, symbols)
    return out


def analyse(path):
    done = subprocess.run([PROGRAM, "routines", "--json", "--jobs", "1", path], capture_output=True, text=True)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    for r in records:
        if r["type"] == "failure":
            print(f"{path}: {r['reason']}", file=sys.stderr)
    return {int(r["va"], 16) & ~1: r for r in records if r["type"] == "routine"}


def truth_table():
    rows = {}
    for line in (FIXTURES / "truth.tsv").read_text().splitlines():
        if not line.startswith("#"):
            name, algorithm, tune, report, *same = line.split("\t")
            rows[name] = (None if algorithm == "-" else algorithm, {"tune": tune, "report": report}, same[0] if same else name)
    return rows


def flat(value):
    if isinstance(value, dict):
        return [x for v in value.values() for x in flat(v)]
    if isinstance(value, list):
        return [x for v in value for x in flat(v)]
    return [str(value)]


def has_secret(secret, parameters):
    values = flat(parameters)
    if secret.startswith("0x"):
        return any(v.startswith("0x") and int(v, 16) == int(secret, 16) for v in values)
    return secret in values


def f1(pairs):
    """pairs: counts of (true and linked, true and not, false and linked)."""
    hit, missed, wrong = pairs
    return 2 * hit / max(1, 2 * hit + missed + wrong)


def score(files, show):
    """{set: (rows, routines, decoys)} and rows over all sets together."""
    truth, entries, out = truth_table(), [], {}
    for which in dict.fromkeys(key[0] for key in files):
        c, misses, own = collections.Counter(), collections.Counter(), []
        for (_, source, tool, level), (path, symbols) in ((k, v) for k, v in files.items() if k[0] == which):
            records = analyse(path)
            for va, symbol in symbols.items():
                record, kind, name = records.get(va), symbol[0], symbol[2:]
                if kind == "d":
                    c["decoys"] += 1
                    c["decoys named"] += record is not None
                    if record:
                        misses[f"{symbol}: {record['algorithm']}"] += 1
                    own.append((None, record and record["fingerprint"], which, tool, level, None))
                    continue
                name = name.split("__")[0]
                algorithm, secret, function = truth[name]
                c["all"] += 1
                c["found"] += record is not None
                own.append((function, record and record["fingerprint"], which, tool, level, name))
                if not record:
                    misses[f"{name} {tool} {level}"] += 1
                elif algorithm:
                    c["known"] += 1
                    c["named"] += record["algorithm"] == algorithm
                    if record["algorithm"] != algorithm:
                        misses[f"{name}: {record['algorithm']} {tool} {level}"] += 1
                if secret[which] != "-":
                    ok = record is not None and has_secret(secret[which], record["parameters"])
                    c["secrets"] += 1
                    c["recovered"] += ok
                    if not ok:
                        misses[f"secret of {name} {tool} {level}"] += 1
        if show:
            for what, count in misses.most_common(60):
                print(f"  {count:4} {what}", file=sys.stderr)
        rows = [("routines found", c["found"] / max(1, c["all"])),
                ("decoys taken for routines", c["decoys named"] / max(1, c["decoys"])),
                ("named right", c["named"] / max(1, c["known"])), ("secrets recovered", c["recovered"] / max(1, c["secrets"]))]
        out[which] = (rows + pair_rows(own), c["all"], c["decoys"])
        entries += own
    return out, pair_rows(entries) if len(out) > 1 else []


def pair_rows(entries):
    """Pairs of the same function, whatever key (the last row: variants with another key's place are held apart)."""
    groups = {"same-function pairs F1": lambda a, b: True,
              "F1 optimisation": lambda a, b: a[2:4] == b[2:4] and a[4] != b[4],
              "F1 compilers": lambda a, b: a[2] == b[2] and TOOLS[a[3]][0] != TOOLS[b[3]][0]
              and TOOLS[a[3]][1] == TOOLS[b[3]][1],
              "F1 32 and 64 bits": lambda a, b: a[2] == b[2] and TOOLS[a[3]][2] != TOOLS[b[3]][2],
              "F1 processors": lambda a, b: a[2] == b[2] and TOOLS[a[3]][1] != TOOLS[b[3]][1],
              "F1 sources": lambda a, b: a[2] != b[2]}
    counts = {name: [0, 0, 0] for name in groups}
    links = false_links = 0
    for a, b in itertools.combinations(entries, 2):
        same = a[0] is not None and a[0] == b[0]
        linked = a[1] is not None and a[1] == b[1]
        if not same:
            links += 1
            false_links += linked
            if not linked:
                continue
        for name, test in groups.items():
            if test(a, b):
                counts[name][0 if same and linked else 1 if same else 2] += 1
    apart = [0, 0, 0]
    for a, b in itertools.combinations(entries, 2):
        same, linked = a[5] is not None and a[5] == b[5], a[1] is not None and a[1] == b[1]
        if same or linked:
            apart[0 if same and linked else 1 if same else 2] += 1
    return [(name, f1(c)) for name, c in counts.items() if sum(c)] + [("false links", false_links / max(1, links)),
                                                                      ("F1 where xor by an argument and by a constant are two", f1(apart))]


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--out", type=pathlib.Path, default=pathlib.Path("/tmp/cognate-routines"))
    p.add_argument("--set", default="tune,report")
    p.add_argument("--tools", default=",".join(TOOLS))
    p.add_argument("--levels", default=",".join(LEVELS))
    p.add_argument("--misses", action="store_true")
    p.add_argument("--csv", action="store_true")
    p.add_argument("--note", default="", help="stands in the rows of --csv")
    o = p.parse_args()
    o.out.mkdir(parents=True, exist_ok=True)
    sets = o.set.split(",")
    files = build(o.out, sets, o.tools.split(","), o.levels.split(","))
    before = os.times()
    found, together = score(files, o.misses)
    spent = os.times().children_user - before.children_user
    print(f"{len(files)} files, {spent:.1f} s user")
    for which, (rows, total, decoys) in found.items():
        print(f"{which}: {total} routines, {decoys} decoys")
        for name, value in rows:
            print(f"{value:8.4f} {name}")
    together = [row for row in together if row[0] in ("F1 sources", "false links")]
    for name, value in together:
        print(f"{value:8.4f} {name}, {'+'.join(found)}")
    if o.csv:
        note = f"{o.note}; " if o.note else ""
        with open(ROOT / "bench/results.csv", "a") as f:
            for which, rows in [*((w, r[0]) for w, r in found.items()), ("+".join(found), together)]:
                for name, value in rows:
                    f.write(f"routines,{which},{name},{value:.4f},share,cognate,{note}{len(files)} files\n")


if __name__ == "__main__":
    main()
