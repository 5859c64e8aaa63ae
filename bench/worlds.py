#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Planted worlds: invented groups whose tools are harmless packages, and whose infrastructure, reports and forgeries are made up.

worlds.py [--part tune|report] [--seed N] takes the families of one part of the corpus as families of malware and gives them to invented groups:
most belong to one group, some are shared by two, some are for sale. Older versions are learned with labels and with addresses of their group (as text
behind the file's end); reports (CSV) publish some of these addresses later. Then it asks about
  own        a newer version of a group's family, with a private address of that group     the group must be named
  moved      a newer version with an address that nobody knows                              its lineage; its group or none
  shared     a newer version of a family that two groups use, with one's private address    that group, or none
  sold       a newer version of a family that is for sale, with an address nobody knows     its lineage; no group
  stranger   somebody else's program with an address that nobody knows                      nothing
  copied     somebody else's program with a published address of a group                    nothing
  flag       somebody else's program with Rich header, time, texts and debug file of a group's family and a published address (bench/forge.py)   nothing
  framed     a newer version of one group's family with a published address of another      never that other group
A group is false when it is not the one that the family belongs to.
Addresses are of documentation ranges (RFC 5737). Prints rows for results.csv."""
import argparse
import collections
import csv
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import forge
from attribution import ROOT, read_manifest

NAMES = ["Amber Finch", "Basalt Heron", "Cedar Stoat", "Dusk Otter", "Ember Crane", "Frost Marten", "Gravel Swift", "Hollow Pike", "Iron Wren", "Juniper Toad",
         "Kelp Hare", "Lichen Kite"]
MAX_SIZE, KNOWN_KINDS = 1_600_000, ("own", "moved", "shared", "sold")


class World:
    def __init__(self, args, rng):
        self.args, self.rng = args, rng
        rows = [r for r in read_manifest(args.part) if int(r["size"]) < MAX_SIZE and (args.corpus / r["sha256"]).exists()]
        learned, newer = collections.defaultdict(list), collections.defaultdict(list)
        for r in rows:
            if r["role"] == "learn":
                learned[r["family"]].append(r)
            elif r["role"] == "query":
                newer[r["family"]].append(r)
        self.learned = {f: v[-3:] for f, v in learned.items() if newer[f]}
        self.newer = {f: newer[f][:3] for f in self.learned}
        self.strangers = [r for r in rows if r["role"] in ("stranger", "goodware")]
        families = sorted(self.learned)
        rng.shuffle(families)
        self.sold = families[:max(1, len(families) // 10)]
        rest = families[len(self.sold):]
        self.shared = rest[:max(1, len(families) // 8)]
        self.groups = NAMES[:max(3, min(len(NAMES), len(rest) // 2))]
        pool = [f"{net}.{i}" for net in ("192.0.2", "198.51.100", "203.0.113") for i in range(1, 255)]
        rng.shuffle(pool)
        self.fresh = iter(pool)
        self.private = {g: [next(self.fresh) for _ in range(3)] for g in self.groups}
        self.public = {g: [next(self.fresh) for _ in range(2)] for g in self.groups}
        self.owner = {}
        for i, family in enumerate(rest):
            first = self.groups[i % len(self.groups)]
            self.owner[family] = [first, self.groups[(i + 1) % len(self.groups)]] if family in self.shared else [first]

    def read(self, row):
        return (self.args.corpus / row["sha256"]).read_bytes()

    def write(self, path, data, address):
        """The address stands as text behind the file's end, as configuration that a builder appends."""
        path.write_bytes(data + b"\0server " + address.encode() + b":443\0")
        return path

    def learn(self, store, folder):
        """Each learned sample with one of its group's private addresses, and every third with one that is published later."""
        for family, rows in sorted(self.learned.items()):
            for i, r in enumerate(rows):
                labels = ["--family", family, "--source", f"lab {i % 2 + 1}"]
                address = next(self.fresh)
                if family in self.owner:
                    group = self.owner[family][i % len(self.owner[family])]
                    labels += ["--actor", group]
                    address = (self.private[group] + self.public[group])[i % 5] if i % 3 else self.private[group][0]
                path = self.write(folder / f"{family}-{i}", self.read(r), address)
                subprocess.run([self.args.cognate, "learn", "-q", "--store", store, *labels, path], check=True)
        public = sorted(f for f in self.args.goodware.rglob("*") if f.is_file() and f.stat().st_size < 300_000)[::6]
        subprocess.run([self.args.cognate, "learn", "-q", "--store", store, "--goodware", *public], check=True)

    def report(self, store, folder):
        with open(folder / "reports.csv", "w", newline="") as f:
            out = csv.writer(f)
            out.writerow(["type", "value", "first_seen", "report", "actor"])
            for group in self.groups:
                for address in self.public[group]:
                    out.writerow(["ipv4", address, "2020-03-01", f"Report on {group}", group])
        bundle = {"type": "bundle", "id": "bundle--1", "objects": [
            {"type": "malware", "id": f"malware--{i}", "name": f, "is_family": True, "labels": ["for-sale"]} for i, f in enumerate(self.sold)]}
        (folder / "market.json").write_text(json.dumps(bundle))
        subprocess.run([self.args.cognate, "import", "-q", "--store", store, folder / "reports.csv", folder / "market.json"], check=True)

    def questions(self, folder):
        """name -> (kind, family or None, group or None, group that must not be named or None)"""
        rng, out = self.rng, {}

        def ask(kind, stem, data, address, family=None, group=None, never=None):
            name = f"{kind}-{stem}-{len(out)}"
            self.write(folder / name, data, address)
            out[name] = (kind, family, group, never)

        for family, rows in sorted(self.newer.items()):
            for i, r in enumerate(rows):
                data = self.read(r)
                if family in self.sold:
                    ask("sold", family, data, next(self.fresh), family)
                elif family in self.shared:
                    group = self.owner[family][i % 2]
                    ask("shared", family, data, rng.choice(self.private[group][:2]), family, group)
                else:
                    group = self.owner[family][0]
                    other = rng.choice([g for g in self.groups if g != group])
                    ask("own", family, data, self.private[group][0], family, group)
                    if i == 0:
                        ask("moved", family, data, next(self.fresh), family, group)
                    if i == 1 or len(rows) == 1:
                        ask("framed", family, data, rng.choice(self.public[other]), family, group, other)
        donors = {f: self.read(rows[-1]) for f, rows in self.learned.items() if f in self.owner and rows[-1]["format"] == "pe" and forge.Pe(self.read(rows[-1])).rich()}
        for r in self.strangers:
            data, group = self.read(r), rng.choice(self.groups)
            ask("stranger", r["family"], data, next(self.fresh))
            ask("copied", r["family"], data, rng.choice(self.public[group]), None, None, group)
            if r["format"] == "pe" and donors:
                family = rng.choice(sorted(donors))
                forged = forge.forge("olympic", data, donors[family], None, rng)
                if forged:
                    group = self.owner[family][0]
                    ask("flag", r["family"], forged, rng.choice(self.public[group]), None, None, group)
        return out


def judge(questions, answers, part, seed, dump):
    counts = collections.defaultdict(collections.Counter)
    for name, (kind, family, group, never) in sorted(questions.items()):
        v = answers.get(name)
        c = counts[kind]
        c["asked"] += 1
        if not v:
            c["failed"] += 1
            continue
        named = next((h["name"] for h in v["hypotheses"] if h["kind"] == "actor" and h["probability"] >= .55), None)
        lineage = forge.named(v)
        c["lineage"] += lineage is not None
        c["lineage_right"] += lineage is not None and lineage == family
        c["group"] += named is not None
        c["group_right"] += named is not None and named == group
        c["false_group"] += named is not None and named != group
        c["followed"] += never is not None and named == never
        if dump:
            print(json.dumps({"name": name, "kind": kind, "family": family, "group": group, "never": never, "named": named, "lineage": lineage, "decision": v["decision"],
                              "claims": v["claims"], "contradictions": v["contradictions"], "robust": v["robust"]}), file=dump)
    writer = csv.writer(sys.stdout)

    def out(what, metric, value, note):
        writer.writerow(["worlds", f"{part}/{what}", metric, f"{value:.4f}" if isinstance(value, float) else value, "share" if isinstance(value, float) else "files", "cognate", note])

    for kind, c in sorted(counts.items()):
        n = c["asked"]
        out(kind, "lineage_right", c["lineage_right"] / n, f"{n} asked; {c['lineage']} lineages named")
        out(kind, "group_right", c["group_right"] / n, f"{c['group']} groups named; {c['false_group']} false")
    known = [counts[k] for k in KNOWN_KINDS]
    total, answered = sum(c["asked"] for c in known), sum(c["lineage"] for c in known)
    out("known", "answered", answered / total, f"{total} newer versions; bar .90; seed {seed}")
    out("known", "right", sum(c["lineage_right"] for c in known) / max(1, answered), "of the answered lineages; bar .92")
    named = sum(c["group"] for c in counts.values())
    out("groups", "answered", counts["own"]["group"] / max(1, counts["own"]["asked"]), "of own")
    out("groups", "right", sum(c["group_right"] for c in counts.values()) / max(1, named), f"{named} groups named; bar .92")
    strange = [counts[k] for k in ("stranger", "copied", "flag")]
    asked = sum(c["asked"] for c in strange)
    out("strangers", "abstained", 1 - sum(max(c["lineage"], c["group"]) for c in strange) / max(1, asked), f"{asked} asked; bar .95")
    out("flags", "followed", sum(counts[k]["followed"] for k in ("copied", "flag", "framed")), "bar 0")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = pathlib.Path(os.environ.get("COGNATE_CACHE", ROOT / ".cache"))
    p.add_argument("--cognate", default=ROOT / "build/release/cognate")
    p.add_argument("--corpus", default=cache / "corpus", type=pathlib.Path)
    p.add_argument("--goodware", default=cache / "goodware", type=pathlib.Path)
    p.add_argument("--part", default="tune", choices=["tune", "report"])
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--keep", type=pathlib.Path, help="folder for store and files; a store that is there is used again")
    p.add_argument("--dump")
    args = p.parse_args()
    world = World(args, random.Random(args.seed))
    with tempfile.TemporaryDirectory() as name:
        folder = args.keep or pathlib.Path(name)
        (folder / "learned").mkdir(parents=True, exist_ok=True)
        (folder / "asked").mkdir(exist_ok=True)
        store = str(folder / "store")
        if not os.path.exists(store):
            world.learn(store, folder / "learned")
            world.report(store, folder)
        else:
            for family, rows in sorted(world.learned.items()):  # the same addresses are drawn
                for _ in rows:
                    next(world.fresh)
        questions = world.questions(folder / "asked")
        answers = forge.ask(args, store, [folder / "asked" / n for n in sorted(questions)])
    with open(args.dump, "w") if args.dump else open(os.devnull, "w") as dump:
        judge(questions, answers, args.part, args.seed, dump)


if __name__ == "__main__":
    main()
