#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Attribution on the labelled family corpus (tests/quality/corpus.tsv): older versions are learned, newer ones and strangers are asked.

For one part (tune or report) prints CSV rows bench,set,metric,value,unit,peer,note:
  right_first      share of known-family queries whose first family hypothesis is the right one
  answered_right   share of known-family queries with decision lineage (or attributed) and the right family
  unknown_kept     share of strangers and goodware with decision unknown or insufficient
and the same for ssdeep, TLSH and imphash over the same files: nearest learned file, threshold set on the tune part's own strangers
so that at most 3 % of them are accused. Calibration: predicted probability against the share that was right, in ten bins.
Writes one JSON line per query to --dump, for tools/calibrate.py."""
import argparse
import collections
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def read_manifest(part):
    with open(ROOT / "tests/quality/corpus.tsv", newline="") as f:
        rows = [r for r in csv.DictReader((l for l in f if not l.startswith("#")), delimiter="\t") if r["part"] == part]
    return rows


def run(command, **kw):
    return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, text=True, **kw)


def learn_public(args, store):
    """What everybody has: goodware, and the library pack by the name of each folder."""
    if args.goodware.exists():
        run([args.cognate, "learn", "--store", store, "--goodware", "--source", "goodware.tsv", "-q", "--jobs", "2", args.goodware])
    for folder in sorted(args.library.iterdir()) if args.library.exists() else []:
        run([args.cognate, "learn", "--store", store, "--library", folder.name, "--source", "library.tsv", "-q", "--jobs", "2", folder])


def learn(args, store, rows, path_of):
    families = collections.defaultdict(list)
    for r in rows:
        if r["role"] == "learn":
            families[r["family"]].append(path_of[r["sha256"]])
    start = time.monotonic()
    for family, paths in sorted(families.items()):
        run([args.cognate, "learn", "--store", store, "--family", family, "--source", "corpus", "-q", *paths], check=True)
    return time.monotonic() - start, families


def attribute(args, store, rows, path_of):
    asked = [r for r in rows if r["role"] != "learn"]
    verdicts = {}
    for i in range(0, len(asked), 100):
        done = run([args.cognate, "attribute", "--store", store, "--json", "--jobs", "2", "--timeout", "300",
                    *[path_of[r["sha256"]] for r in asked[i:i + 100]]])
        for line in done.stdout.splitlines():
            record = json.loads(line)
            if record["type"] == "verdict":
                verdicts[record["sha256"]] = record
            elif record["type"] == "failure":
                print("failure:", line[:300], file=sys.stderr)
    return asked, verdicts


def first_family(verdict):
    for h in verdict["hypotheses"]:
        if h["kind"] == "family":
            return h["name"], h["probability"]
    return None, 0.0


def traits_of(args, paths):
    """sha256 -> {kind: value} of the digests that the peers compare."""
    found = collections.defaultdict(dict)
    for i in range(0, len(paths), 100):
        for line in run([args.cognate, "traits", "--json", "--jobs", "2", *paths[i:i + 100]]).stdout.splitlines():
            r = json.loads(line)
            if r["type"] == "trait" and r["kind"] in ("tlsh", "ssdeep", "imphash"):
                found[r["sha256"]][r["kind"]] = r["value"]
    return found


def peers(args, rows, path_of, out):
    """Nearest learned file by each digest; accepted up to the distance that accuses at most 3 % of the strangers."""
    digests = traits_of(args, [path_of[r["sha256"]] for r in rows])
    scores = {}
    try:
        import tlsh
        scores["tlsh"] = lambda a, b: -tlsh.diff(a, b)
    except ImportError:
        print("py-tlsh not installed: peer tlsh skipped", file=sys.stderr)
    try:
        import ppdeep
        scores["ssdeep"] = ppdeep.compare
    except ImportError:
        print("ppdeep not installed: peer ssdeep skipped", file=sys.stderr)
    scores["imphash"] = lambda a, b: 1.0 if a == b else 0.0
    learned = [r for r in rows if r["role"] == "learn"]
    for peer, score in scores.items():
        best = {}
        for r in rows:
            if r["role"] == "learn" or peer not in digests[r["sha256"]]:
                continue
            mine = digests[r["sha256"]][peer]
            best[r["sha256"]] = max(((score(mine, digests[l["sha256"]][peer]), l["family"]) for l in learned
                                     if peer in digests[l["sha256"]]), default=None)
        strangers = [r for r in rows if r["role"] in ("stranger", "goodware")]
        known = [r for r in rows if r["role"] == "query"]
        levels = sorted((best[r["sha256"]][0] for r in strangers if best.get(r["sha256"])), reverse=True)
        allowed = int(0.03 * len(strangers))
        threshold = levels[allowed] if allowed < len(levels) else float("-inf")
        if peer != "tlsh":
            threshold = max(threshold, 0.0)
        first = sum(1 for r in known if best.get(r["sha256"]) and best[r["sha256"]][1] == r["family"])
        right = sum(1 for r in known if best.get(r["sha256"]) and best[r["sha256"]][1] == r["family"]
                    and best[r["sha256"]][0] > threshold)
        out("attribution", args.part, "right_first", first / len(known), "share", peer, "")
        out("attribution", args.part, "answered_right", right / len(known), "share", peer, "at most 3 % of strangers accused")


def report(args, asked, verdicts, out):
    known = [r for r in asked if r["role"] == "query"]
    strangers = [r for r in asked if r["role"] in ("stranger", "goodware")]
    groups = collections.defaultdict(lambda: [0, 0, 0])
    bins = collections.defaultdict(lambda: [0, 0, 0.0])
    wrong = []
    for r in known:
        v = verdicts.get(r["sha256"])
        name, p = first_family(v) if v else (None, 0)
        first = name == r["family"]
        right = first and v["decision"] in ("lineage", "attributed")
        if not right:
            wrong.append((r, name, p, v["decision"] if v else "failure"))
        for key in ("all", r["toolchain"], r["format"] + "-" + r["arch"]):
            g = groups[key]
            g[0] += 1
            g[1] += first
            g[2] += right
    for r in asked:
        v = verdicts.get(r["sha256"])
        if v:
            name, p = first_family(v)
            b = bins[min(9, int(p * 10))]
            b[0] += 1
            b[1] += name == r["family"] and r["role"] == "query"
            b[2] += p
    for key, (n, first, right) in sorted(groups.items()):
        note = f"{n} queries"
        name = args.part if key == "all" else f"{args.part}/{key}"
        out("attribution", name, "right_first", first / n, "share", "cognate", note)
        out("attribution", name, "answered_right", right / n, "share", "cognate", note)
    accused = [r for r in strangers if verdicts.get(r["sha256"], {}).get("decision") in ("lineage", "attributed")]
    out("attribution", args.part, "unknown_kept", 1 - len(accused) / len(strangers), "share", "cognate", f"{len(strangers)} strangers and goodware")
    for b, (n, right, total) in sorted(bins.items()):
        out("calibration", f"{args.part}/{b / 10:.1f}-{(b + 1) / 10:.1f}", "right", right / n, "share", "cognate", f"{n} verdicts, mean probability {total / n:.3f}")
    for r, name, p, decision in wrong:
        print(f"missed: {r['family']} {r['version']} {r['arch']} {r['toolchain']}: {decision}, first {name} {p:.2f} {r['sha256'][:12]}", file=sys.stderr)
    for r in accused:
        name, p = first_family(verdicts[r["sha256"]])
        print(f"accused: {r['family']} {r['version']} {r['arch']} {r['toolchain']} as {name} {p:.2f} {r['sha256'][:12]}", file=sys.stderr)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cognate", default=ROOT / "build/release/cognate")
    cache = pathlib.Path(os.environ.get("COGNATE_CACHE", ROOT / ".cache"))
    p.add_argument("--corpus", default=cache / "corpus", type=pathlib.Path)
    p.add_argument("--goodware", default=cache / "goodware", type=pathlib.Path, help="folder of tools/goodware_fetch.py")
    p.add_argument("--library", default=cache / "library", type=pathlib.Path, help="folder of tools/library_fetch.py")
    p.add_argument("--part", default="report", choices=["tune", "report"])
    p.add_argument("--dump", help="JSON Lines of measures per query")
    p.add_argument("--no-peers", action="store_true")
    args = p.parse_args()
    writer = csv.writer(sys.stdout)

    def out(*row):
        writer.writerow([f"{x:.4f}" if isinstance(x, float) else x for x in row])
        sys.stdout.flush()

    rows = [r for r in read_manifest(args.part) if (args.corpus / r["sha256"]).exists()]
    path_of = {r["sha256"]: args.corpus / r["sha256"] for r in rows}
    with tempfile.TemporaryDirectory() as work:
        store = os.path.join(work, "store")
        start = time.monotonic()
        learn_public(args, store)
        for what in (args.goodware, args.library):
            out("attribution", args.part, f"{what.name}_files", sum(1 for p in what.rglob("*") if p.is_file()), "files", "cognate", f"{time.monotonic() - start:.1f} s for both")
        seconds, families = learn(args, store, rows, path_of)
        out("attribution", args.part, "learned_families", len(families), "families", "cognate", f"{seconds:.1f} s")
        start = time.monotonic()
        asked, verdicts = attribute(args, store, rows, path_of)
        out("attribution", args.part, "seconds_per_verdict", (time.monotonic() - start) / max(1, len(asked)), "s", "cognate", "analysis and matching, two at once")
    report(args, asked, verdicts, out)
    if args.dump:
        with open(args.dump, "w") as f:
            for r in asked:
                v = verdicts.get(r["sha256"])
                if v:
                    name, _ = first_family(v)
                    json.dump({"family": r["family"], "version": r["version"], "role": r["role"], "toolchain": r["toolchain"], "first": name, "decision": v["decision"],
                               "right": name == r["family"] and r["role"] == "query", "measures": v["measures"]}, f)
                    f.write("\n")
    if not args.no_peers:
        peers(args, rows, path_of, out)


if __name__ == "__main__":
    main()
