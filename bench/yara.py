#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules from evidence on the labelled family corpus: made from the older versions of all families at once, run over what nobody showed them.

The store knows the older versions of all families, the goodware and the libraries (made when it is missing). Rules are tested while they
are made on --goodware-given only. Then all rules run over the newer versions, the strangers, the corpus's own goodware (in no store) and the goodware
folder. Prints CSV rows bench,set,metric,value,unit,peer,note:
  rules         families for which a rule was made, of those with older and newer versions
  recall        newer versions that the rule of their family hits (families without a rule count as missed)
  precision     of all hits on newer versions and strangers, those of the right family
  goodware_hits hits on programs of the corpus that are goodware and were never shown; on the goodware folder
Needs the program yara (Debian package yara)."""
import argparse
import collections
import csv
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def manifest():
    with open(ROOT / "tests/quality/corpus.tsv", newline="") as f:
        return list(csv.DictReader((line for line in f if not line.startswith("#")), delimiter="\t"))


def make_store(args, rows):
    def learn(*what):
        subprocess.run([args.cognate, "learn", "-q", "--store", args.store, *map(str, what)], check=False)
    learn("--goodware", "--source", "goodware.tsv", args.goodware)
    for folder in sorted(args.library.iterdir()) if args.library.exists() else []:
        learn("--library", folder.name, "--source", "library.tsv", folder)
    for family, members in sorted(by_family(rows, "learn").items()):
        learn("--family", family, "--source", "corpus", *[args.corpus / r["sha256"] for r in members])


def by_family(rows, role):
    found = collections.defaultdict(list)
    for r in rows:
        if r["role"] == role:
            found[r["family"]].append(r)
    return found


def make_rules(args, rows):
    """All families in one export, so that what two of them share is in no rule."""
    newer = by_family(rows, "query")
    learned = [r for family, members in sorted(by_family(rows, "learn").items()) if family in newer for r in members]
    given = [x for path in args.goodware_given for x in ("--goodware", path)]
    command = [args.cognate, "export", "--format", "yara", "--store", args.store, "--output", args.rules, "--timeout", "900", *given,
               *[args.corpus / r["sha256"] for r in learned]]
    print(subprocess.run(command, stderr=subprocess.PIPE, text=True).stderr, file=sys.stderr)


def names_of(path):
    """name of a rule -> family"""
    found = re.findall(r'^rule (\w+) \{\n    meta:\n.*\n        family = "(.*)"', path.read_text(), re.M)
    return dict(found)


def scan(rules, paths):
    """[(family, file)]"""
    names = names_of(rules)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as targets:
        targets.write("\n".join(map(str, paths)) + "\n")
        targets.flush()
        done = subprocess.run(["yara", "-w", "-f", "-p", "1", "--scan-list", rules, targets.name], stdout=subprocess.PIPE, text=True, check=True)
    return [(names[line.split(" ", 1)[0]], pathlib.Path(line.split(" ", 1)[1]).name) for line in done.stdout.splitlines()]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cognate", type=pathlib.Path, default=ROOT / "build/release/cognate")
    p.add_argument("--corpus", type=pathlib.Path, default=ROOT / ".cache/corpus")
    p.add_argument("--goodware", type=pathlib.Path, default=ROOT / ".cache/goodware")
    p.add_argument("--library", type=pathlib.Path, default=ROOT / ".cache/library")
    p.add_argument("--store", type=pathlib.Path, required=True)
    p.add_argument("--goodware-given", type=pathlib.Path, action="append", default=[], help="folders given to export --goodware")
    p.add_argument("--rules", type=pathlib.Path, default=ROOT / "build/bench.yar", help="where the rules go")
    p.add_argument("--part", default="tune,report")
    p.add_argument("--max-mb", type=float, default=1000, help="families with larger older versions are left out")
    p.add_argument("--scan-only", action="store_true", help="with the rules that are there")
    args = p.parse_args()
    rows = [r for r in manifest() if r["part"] in args.part.split(",")]
    large = {r["family"] for r in rows if r["role"] == "learn" and int(r["size"]) > args.max_mb * (1 << 20)}
    if not args.store.exists():
        make_store(args, manifest())
    if not args.scan_only:
        make_rules(args, [r for r in rows if r["family"] not in large])
    rules = set(names_of(args.rules).values())
    truth = {r["sha256"]: (r["family"], r["role"]) for r in rows if r["role"] != "learn"}
    hits = scan(args.rules, [args.corpus / sha256 for sha256 in truth])
    families = (set(by_family(rows, "query")) & set(by_family(rows, "learn"))) - large
    queries = {s for s, (family, role) in truth.items() if role == "query" and family in families}
    right = {s for family, s in hits if s in queries and truth[s][0] == family}
    wrong = [(family, s) for family, s in hits if truth[s][0] != family]
    goodware = [h for h in wrong if truth[h[1]][1] == "goodware"]
    files = [f for f in args.goodware.rglob("*") if f.is_file()]
    folder_hits = scan(args.rules, files)
    for s in sorted(queries - right):
        print("missed:", truth[s][0], next(r["version"] for r in rows if r["sha256"] == s), s, file=sys.stderr)
    for family, s in wrong:
        print("wrong:", family, "hits", *truth[s], s, file=sys.stderr)
    for family, s in folder_hits:
        print("goodware:", family, "hits", s, file=sys.stderr)
    name = args.part.replace(",", "+")
    out = csv.writer(sys.stdout, lineterminator="\n")
    of_rules = [s for s in queries if truth[s][0] in rules]
    count = collections.Counter(role for _, role in truth.values())
    out.writerow(["yara", name, "rules", round(len(rules) / len(families), 4), "share", "cognate", f"{len(rules)} of {len(families)} families with files up to {args.max_mb:g} MiB"])
    out.writerow(["yara", name, "recall", round(len(right) / len(queries), 4), "share", "cognate", f"{len(queries)} newer versions; where a rule was made {len(right & set(of_rules)) / max(1, len(of_rules)):.4f}"])
    out.writerow(["yara", name, "precision", round(len(right) / max(1, len(right) + len(wrong) - len(goodware)), 4), "share", "cognate",
                  f"{len(wrong) - len(goodware)} hits on {len(truth) - len(queries) - count['goodware']} files of others; {count['stranger']} of them strangers"])
    out.writerow(["yara", name, "goodware_hits", len(goodware), "count", "cognate", f"{count['goodware']} programs of the corpus in no store"])
    out.writerow(["yara", name, "goodware_hits_folder", len(folder_hits), "count", "cognate", f"{len(files)} files"])


if __name__ == "__main__":
    main()
