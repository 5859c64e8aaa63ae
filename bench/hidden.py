#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many hidden texts are found, and what is claimed in ordinary programs.

    bench/hidden.py fixtures DIR        DIR made by tools/hidden_build.py: recall by kind, shares of other claims
    bench/hidden.py goodware DIR [N]    claims in up to N files, to be read by a person

A text that the compiler left in the file as it is (found as plain) is left out of recall; the share of claims that are
neither a text of the truth, nor a part of one, counts as wrong on fixtures."""
import argparse
import collections
import json
import pathlib
import subprocess
import sys

COGNATE = pathlib.Path(__file__).resolve().parent.parent / "build/release/cognate"


def strings(paths):
    done = subprocess.run([COGNATE, "strings", "--json", "--jobs", "1", *paths], capture_output=True, text=True)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return [r for r in records if r["type"] == "string"], [r for r in records if r["type"] != "string"]


def print_row(bench, metric, value, unit, note):
    """A row of results.csv."""
    print(f"{bench},fixtures,{metric},{value:.4f},{unit},cognate,{note}")


def apihash(path, truth, found, wanted, verbose):
    done = subprocess.run([COGNATE, "routines", "--json", path], capture_output=True, text=True)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    hashes = [r for r in records if r["type"] == "routine" and r["kind"] == "api_hash"]
    names = {n["name"] for r in hashes for n in r["parameters"].get("resolved", [])}
    algorithm = {t for k, t in truth if k == "algorithm"}.pop()
    wanted["api name"] += len(truth) - 1
    got = sum(t in names for k, t in truth if k == "api")
    found["api name"] += got
    wanted["api algorithm"] += algorithm is not None
    found["api algorithm"] += algorithm is not None and any(r["algorithm"] == algorithm for r in hashes)
    if verbose and (got < len(truth) - 1 or algorithm not in [r["algorithm"] for r in hashes]):
        print(f"  api {path.name}: {got} names, {[r['algorithm'] for r in hashes]} for {algorithm}")


def fixtures(folder, verbose):
    truth = json.loads((folder / "truth.json").read_text())
    found, wanted, claims, wrong = (collections.Counter() for _ in range(4))
    by_group = collections.defaultdict(lambda: [0, 0])
    for name, texts in sorted(truth.items()):
        if name.startswith("api"):
            apihash(folder / name, texts, found, wanted, verbose)
            continue
        records, _ = strings([folder / name])
        hidden = [r for r in records if r["kind"] in ("stack", "tight", "decoded")]
        plain = {r["text"] for r in records if r["kind"] in ("plain", "utf16")}
        have = {r["text"] for r in hidden}
        for kind, text in texts:
            if any(text in p for p in plain):
                continue
            wanted[kind] += 1
            found[kind] += text in have
            program, compiler, level = name.removesuffix(".exe").rsplit("-", 3)[0], "-".join(name.split("-")[1:3]), name.split("-")[3][:2]
            for group in (f"{kind} {compiler}", f"{kind} {level}"):
                by_group[group][0] += text in have
                by_group[group][1] += 1
            if verbose and text not in have:
                print(f"  missing {name}: {kind} {text!r}")
        for r in hidden:
            claims[r["kind"]] += 1
            if not any(r["text"] in t for _, t in texts):
                wrong[r["kind"]] += 1
                if verbose:
                    print(f"  other {name}: {r['kind']} {r['text']!r} {r['va']} routine {r['routine']}")
    for group, (a, b) in sorted(by_group.items()):
        print(f"{group:24} {a}/{b} {a / b:.3f}")
    for kind in wanted:
        print_row("hidden_strings", f"recall_{kind.replace(' ', '_')}", found[kind] / wanted[kind], "share",
                  f"{wanted[kind]} in {len(truth)} programs, {folder.name}")
    for kind in claims:
        print_row("hidden_strings", f"others_{kind}", wrong[kind] / max(1, claims[kind]), "share",
                  f"claims that are no text of the truth nor part of one, of {claims[kind]}, {folder.name}")
    for kind in wanted:
        print(f"{kind}: recall {found[kind]}/{wanted[kind]} = {found[kind] / wanted[kind]:.4f}; "
              f"claims {claims[kind]}, others {wrong[kind]} = {wrong[kind] / max(1, claims[kind]):.4f}")


def goodware(folder, most):
    paths = sorted(p for p in folder.rglob("*") if p.is_file())
    if most:
        paths = paths[::max(1, len(paths) // most)][:most]
    hidden, _ = strings(paths)
    hidden = [r for r in hidden if r["kind"] in ("stack", "tight", "decoded")]
    done = subprocess.run([COGNATE, "routines", "--json", "--jobs", "1", *paths], capture_output=True, text=True)
    hashes = sum('"api_hash"' in line for line in done.stdout.splitlines())
    for r in hidden:
        print(f"{r['sha256'][:12]}\t{r['kind']}\t{r['text']!r}\t{r['va']}\t{r['routine']}")
    claims = collections.Counter(r["kind"] for r in hidden)
    print(f"{len(paths)} files: {dict(claims)} in {len({r['sha256'] for r in hidden})} of them; api_hash {hashes}",
          file=sys.stderr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["fixtures", "goodware"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("most", type=int, nargs="?", default=0)
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()
    if args.what == "fixtures":
        fixtures(args.folder, args.v)
    else:
        goodware(args.folder, args.most)


main()
