#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The main job on real files: fetch a few real programs by package name and version, learn the older versions of each family, ask about the
newer ones and about two strangers, and end in a verdict. Called by `make demo`; files go to .cache/, the store to build/demo-store."""
import argparse
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
COGNATE = ROOT / "build/release/cognate"


def say(text=""):
    print(text, flush=True)


def title(text):
    say(f"\n── {text} " + "─" * max(0, 76 - len(text)))


def rows_of_demo():
    with open(ROOT / "tests/quality/corpus.tsv", newline="") as f:
        lines = (line for line in f if not line.startswith("#"))
        return [r for r in csv.DictReader(lines, delimiter="\t") if r["demo"] in ("learn", "query", "stranger")]


def label(r):
    return f"{r['family']} {r['version']} ({r['format'].upper()} {r['arch']}, {r['toolchain']})"


def give_names(rows, cache, folder):
    """The cache names files by hash; a reader of the verdict would rather see what they are."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for r in rows:
        r["file"] = folder / f"{r['family']}-{r['version']}{pathlib.Path(r['path']).suffix or ('.exe' if r['format'] == 'pe' else '')}"
        shutil.copyfile(cache / r["sha256"], r["file"])


def learn(rows, store):
    families = {}
    for r in rows:
        if r["demo"] == "learn":
            families.setdefault(r["family"], []).append(r)
    for family, members in sorted(families.items()):
        paths = [r["file"] for r in members]
        subprocess.run([COGNATE, "learn", "-q", "--store", store, "--family", family, "--source", "package registry", *paths], check=True)
        say(f"  {family:14} " + ", ".join(f"{r['version']} {r['format']}/{r['arch']}/{r['toolchain']}" for r in members))


def verdicts(rows, store):
    paths = [r["file"] for r in rows]
    done = subprocess.run([COGNATE, "attribute", "--json", "--store", store, *paths], stdout=subprocess.PIPE, text=True)
    records = (json.loads(line) for line in done.stdout.splitlines())
    return {r["sha256"]: r for r in records if r["type"] == "verdict"}


def table(asked, found):
    say(f"  {'file (the engine sees only its bytes)':44} {'verdict':13} {'most likely':24} right?")
    right_ones = wrong = 0
    for r in asked:
        v = found.get(r["sha256"])
        if not v:
            say(f"  {label(r):44} failed")
            wrong += 1
            continue
        family = next((h for h in v["hypotheses"] if h["kind"] == "family"), None)
        is_lineage = v["decision"] in ("lineage", "attributed")
        says = f"{family['name']} {family['probability']:.0%}" if is_lineage and family else "-"
        truth = r["family"] if r["demo"] == "query" else None
        right = (is_lineage and family["name"] == truth) if truth else not is_lineage
        right_ones += right
        wrong += is_lineage and not right
        note = "yes" if right else "WRONG" if is_lineage else "missed: not sure enough"
        say(f"  {label(r):44} {v['decision']:13} {says:24} {note}")
    return right_ones, wrong


OTHERS = [("x86_64-w64-mingw32-gcc", "for Windows"), ("aarch64-linux-gnu-gcc", "for AArch64"), ("i686-linux-gnu-gcc", "for i386"),
          ("clang", "by clang")]


def decoders():
    """Two programs of ours that share no source, no compiler and no processor, but what their decoders compute."""
    compiler = next((c for c in ("gcc", "cc") if shutil.which(c)), None)
    other, what = next(((c, w) for c, w in OTHERS if shutil.which(c)), (compiler, "by the same compiler, otherwise optimised"))
    if not compiler:
        say("  no C compiler here")
        return
    source, folder = ROOT / "tests/fixtures/routines/demo", ROOT / "build/demo-files"
    files = [folder / "parcel", folder / ("relay.exe" if "mingw" in other else "relay")]
    for command, level, name, file in ((compiler, "-O2", "parcel.c", files[0]), (other, "-O1", "relay.c", files[1])):
        subprocess.run([command, level, "-w", "-s", "-o", file, source / name], check=True)
    say(f"  parcel, built by {compiler} -O2, and relay, built {what} -O1 by {other}; both stripped, written apart")
    done = subprocess.run([COGNATE, "compare", "--json", *files], stdout=subprocess.PIPE, text=True, check=True)
    for r in map(json.loads, done.stdout.splitlines()):
        if r["type"] == "shared" and r["what"] in ("routine", "secret"):
            say(f"  same {r['what'] if r['what'] == 'routine' else r['kind']:8} {r['value']:16} {r['a']['va']:>10} in parcel, "
                f"{r['b']['va']} in relay")
    sys.stdout.flush()
    subprocess.run([COGNATE, "routines", files[1]], check=True)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--corpus", type=pathlib.Path, default=ROOT / ".cache/corpus")
    args = p.parse_args()
    start = time.monotonic()
    store = ROOT / "build/demo-store"
    shutil.rmtree(store, ignore_errors=True)
    rows = rows_of_demo()

    title("1. Fetch real programs, by package name and pinned version")
    subprocess.run([sys.executable, ROOT / "tools/corpus_fetch.py", args.corpus, "--demo"], check=True)
    say(f"  {len(rows)} programs of {len({r['family'] for r in rows})} families")
    title("2. Learn the older versions")
    give_names(rows, args.corpus, ROOT / "build/demo-files")
    learn(rows, store)
    asked = [r for r in rows if r["demo"] != "learn"]
    title("3. Ask about newer versions, and about two strangers")
    found = verdicts(asked, store)
    right, wrong = table(asked, found)
    first = next((r for r in asked if r["demo"] == "query" and r["toolchain"] == "msvc"), asked[0])
    title(f"4. One verdict in full: {label(first)}")
    sys.stdout.flush()
    page = ROOT / "build/demo-report.html"
    beside = [x for r in rows if r["demo"] == "learn" and r["family"] == first["family"] for x in ("--beside", r["file"])]
    subprocess.run([COGNATE, "attribute", "--store", store, "--html", page, *beside, first["file"]], check=True)
    say(f"\n  The same as a page for people, with functions of both side by side: {page.relative_to(ROOT)}")
    title("5. Two programs that share a decoder, by what it computes")
    decoders()
    say(f"\n{right} of {len(asked)} right, {wrong} wrong, {time.monotonic() - start:.0f} s in all. "
        f"Ask it yourself: build/release/cognate attribute --store build/demo-store FILE")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
