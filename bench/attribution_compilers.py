#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Attribution across compilers: families learned from one build of each project, asked with builds of another compiler or processor.

The projects of one part of the function corpus (tools/functions_build.py) are the families. Two rounds: every second project is learned and the
others are strangers, then the other way round; so each asked build is once of a known family and once a stranger. Prints CSV
rows bench,set,metric,value,unit,peer,note:
  right_first      share of builds of known families whose first family hypothesis is the right one
  answered_right   share of them with decision lineage (or attributed) and the right family
  unknown_kept     share of strangers with decision unknown or insufficient
--before PROGRAM: another build of cognate, measured on the same files in the same run, as peer "cognate before"."""
import argparse
import collections
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Learned configuration, asked ones.
TASKS = {
    "gcc learned, clang asked": [
        ("x64-gcc-O2", ["x64-clang-O2", "x64-clang-O3", "x64-clang-Os"]),
        ("x86-gcc-O2", ["x86-clang-O2", "x86-clang-O3", "x86-clang-Os"]),
        ("arm64-gcc-O2", ["arm64-clang-O2", "arm64-clang-O3", "arm64-clang-Os"]),
        ("arm-gcc-O2", ["arm-clang-O2", "arm-clang-O3", "arm-clang-Os"]),
    ],
    "clang learned, gcc asked": [
        ("x64-clang-O2", ["x64-gcc-O2", "x64-gcc-O3", "x64-gcc-Os"]),
        ("x86-clang-O2", ["x86-gcc-O2", "x86-gcc-O3", "x86-gcc-Os"]),
        ("arm64-clang-O2", ["arm64-gcc-O2", "arm64-gcc-O3", "arm64-gcc-Os"]),
        ("arm-clang-O2", ["arm-gcc-O2", "arm-gcc-O3", "arm-gcc-Os"]),
    ],
    "x64 learned, others asked": [
        ("x64-gcc-O2", ["x86-gcc-O2", "arm64-gcc-O2", "arm-gcc-O2", "arm64-clang-O2", "arm-clang-O2"])
    ],
}


def run(command):
    return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, text=True, check=False)


def read_cases(root, part):
    """{configuration: {project: file}}"""
    cases = collections.defaultdict(dict)
    with open(root / "functions.tsv", newline="") as f:
        for r in csv.DictReader(f, delimiter="\t"):
            if r["part"] == part:
                config = f"{r['arch']}-{r['compiler']}-{r['opt']}"
                cases[config][r["project"]] = root / r["path"] / "sample"
    return cases


class Counts:
    def __init__(self):
        self.known = self.first = self.right = self.strangers = self.kept = 0

    def add(self, family, verdict, is_known):
        answered = verdict["decision"] in ("lineage", "attributed")
        name = next((h["name"] for h in verdict["hypotheses"] if h["kind"] == "family"), None)
        if is_known:
            self.known += 1
            self.first += name == family
            self.right += answered and name == family
        else:
            self.strangers += 1
            self.kept += not answered


def ask_round(args, program, cases, learned, asked, known, counts):
    """Learns the known projects' builds in `learned`, asks all projects' builds in `asked`."""
    with tempfile.TemporaryDirectory() as store:
        store = os.path.join(store, "store")
        if args.goodware and args.goodware.exists():
            run([program, "learn", "--store", store, "--goodware", "--source", "goodware.tsv", "-q", args.goodware])
        for project in known:
            run([program, "learn", "--store", store, "--family", project, "--source", "corpus", "-q", cases[learned][project]])
        for config in asked:
            files = cases[config]
            for project, path in sorted(files.items()):
                done = run([program, "attribute", "--store", store, "--json", path])
                for line in done.stdout.splitlines():
                    record = json.loads(line)
                    if record["type"] == "verdict":
                        counts.add(project, record, project in known)
                        if args.verbose:
                            first = [(h["name"], h["probability"]) for h in record["hypotheses"][:1]]
                            print(project, config, project in known, record["decision"], first, file=sys.stderr)


def measure(args, program, cases, tasks):
    counts = Counts()
    for learned, asked in tasks:
        projects = sorted(cases.get(learned, {}))
        for fold in (0, 1):
            known = [p for i, p in enumerate(projects) if i % 2 == fold]
            if known:
                ask_round(args, program, cases, learned, [c for c in asked if c in cases], known, counts)
    return counts


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cognate", default=ROOT / "build/release/cognate")
    p.add_argument("--before", help="another build of cognate")
    p.add_argument("--functions", default=ROOT / ".cache/functions", type=pathlib.Path)
    p.add_argument("--goodware", type=pathlib.Path, help="folder of tools/goodware_fetch.py, learned first")
    p.add_argument("--part", default="report", choices=["tune", "report"])
    p.add_argument("--processors", default="x64,x86,arm64,arm")
    p.add_argument("--verbose", action="store_true", help="each verdict to standard error")
    args = p.parse_args()
    processors = args.processors.split(",")
    cases = {c: files for c, files in read_cases(args.functions, args.part).items() if c.split("-")[0] in processors}
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for task, tasks in TASKS.items():
        for program, peer in ((args.cognate, "cognate"), (args.before, "cognate before")):
            if not program:
                continue
            c = measure(args, program, cases, tasks)
            name = f"{args.part}/{task}"
            for metric, value, of, what in (
                ("right_first", c.first, c.known, "builds of known families"),
                ("answered_right", c.right, c.known, "builds of known families"),
                ("unknown_kept", c.kept, c.strangers, "builds of strangers"),
            ):
                if of:
                    writer.writerow(["attribution_compilers", name, metric, f"{value / of:.4f}", "share", peer, f"{of} {what}"])
                    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
