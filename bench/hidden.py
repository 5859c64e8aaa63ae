#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many hidden texts are found, and what is claimed in ordinary programs.

    bench/hidden.py fixtures DIR        DIR made by tools/hidden_build.py: recall by kind, shares of other claims
    bench/hidden.py goodware DIR [N]    claims in up to N files, against those that a person has read

tests/quality/hidden_claims.tsv has one claim a row: package, file, kind, va, text, right or wrong, and how that was decided. A claim that is
not in it counts as unjudged.

A text that the compiler left in the file as it is (found as plain) is left out of recall; the share of claims that are
neither a text of the truth, nor a part of one, counts as wrong on fixtures."""
import argparse
import collections
import csv
import hashlib
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COGNATE = ROOT / "build/release/cognate"
JUDGED = ROOT / "tests/quality/hidden_claims.tsv"


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
    with open(JUDGED, newline="") as f:
        rows = csv.DictReader((line for line in f if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)
        judged = {(r["package"], r["file"], r["kind"], r["va"], r["text"]): r["verdict"] for r in rows}
    place = {hashlib.sha256(p.read_bytes()).hexdigest(): p for p in paths}
    counts = collections.Counter()
    for r in hidden:
        path = place[r["sha256"]]
        key = (path.parent.name, path.name, r["kind"], r["va"], json.dumps(r["text"]))
        verdict = judged.get(key, "unjudged")
        counts[verdict] += 1
        print(*key, verdict, r["routine"], sep="\t")
    files = len({r["sha256"] for r in hidden})
    for metric, value, unit, note in (("claims", len(hidden), "texts", f"{len(paths)} files, in {files} of them"),
                                      ("wrong_texts", counts["wrong"], "texts", f"{len(paths)} files; read by hand: hidden_claims.tsv"),
                                      ("texts_unjudged", counts["unjudged"], "texts", f"{len(paths)} files")):
        print(f'hidden_strings,goodware,{metric},{value},{unit},cognate,"{note}"', file=sys.stderr)
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
