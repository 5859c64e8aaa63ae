#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""False flags made from harmless programs, and what is said about them.

forge.py [--part tune|report] learns families of one part of the corpus, then makes forged copies of programs that are not theirs (victims), which
point to one of these families (donor), and asks whose they are:
  rich     the donor's Rich header, its checksum made right for the victim
  time     the donor's compile time in the file header alone
  texts    forty of the donor's texts in a new section
  path     the donor's debug file name and identifier in the debug directory
  olympic  all of these together, as in Olympic Destroyer
  code     one function of the donor in a new executable section
Prints rows for results.csv: how many forgeries have a contradiction, how many are called the donor's (must be none), how often real programs have one.
--out keeps the forged files; --dump writes a line for each question."""
import argparse
import collections
import csv
import json
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from attribution import ROOT, read_manifest

KINDS = ("rich", "time", "texts", "path", "olympic", "code")
MAX_LEARNED, MAX_VICTIM = 1_300_000, 1_000_000


class Pe:
    """Just enough of a PE file to change it."""

    def __init__(self, data):
        self.d = bytearray(data)
        self.pe = self.u32(60)
        self.sections = self.u16(self.pe + 6)
        self.opt = self.pe + 24
        self.table = self.opt + self.u16(self.pe + 20)
        self.is_64 = self.u16(self.opt) == 0x20b
        self.dirs = self.opt + (112 if self.is_64 else 96)

    def u16(self, at):
        return struct.unpack_from("<H", self.d, at)[0]

    def u32(self, at):
        return struct.unpack_from("<I", self.d, at)[0]

    def put(self, at, value):
        struct.pack_into("<I", self.d, at, value)

    def rows(self):
        for i in range(self.sections):
            yield (self.d[self.table + 40 * i:self.table + 40 * i + 8].rstrip(b"\0"), *struct.unpack_from("<IIII", self.d, self.table + 40 * i + 8))

    def offset(self, rva):
        for _, size, va, raw, at in self.rows():
            if va <= rva < va + max(size, raw):
                return rva - va + at
        return None

    def rich(self):
        """The block as records, or None."""
        end = self.d.rfind(b"Rich", 0x40, self.pe)
        if end < 0:
            return None
        key, start = self.u32(end + 4), end
        while start >= 0x40 and self.u32(start) ^ key != 0x536e6144:
            start -= 4
        return [(self.u32(a) ^ key, self.u32(a + 4) ^ key) for a in range(start + 16, end, 8)] if start >= 0x40 else None

    def set_rich(self, records):
        """Replaces the block; the headers move when it needs more room. False when there is none."""
        start, stub = 0x80, bytes(self.d[:0x80])
        key = start
        for i, b in enumerate(stub):
            if not 60 <= i < 64:
                key += b << (i & 31) | b >> (32 - (i & 31)) if i & 31 else b
        for comp, count in records:
            n = count & 31
            key += (comp << n | comp >> (32 - n)) & 0xffffffff if n else comp
        key &= 0xffffffff
        block = struct.pack("<IIII", 0x536e6144 ^ key, key, key, key) + b"".join(struct.pack("<II", c ^ key, n ^ key) for c, n in records)
        block += b"Rich" + struct.pack("<I", key)
        new = start + len(block) + 7 & ~7
        headers = bytes(self.d[self.pe:self.table + 40 * self.sections])
        first = min(at for _, _, _, raw, at in self.rows() if raw and at)
        if new + len(headers) > first:
            return False
        self.d[start:first] = (block + bytes(new - start - len(block)) + headers).ljust(first - start, b"\0")
        self.put(60, new)
        self.__init__(self.d)
        return True

    def add_section(self, name, content, flags):
        """Its rva and file offset, or None."""
        align_file, align = self.u32(self.opt + 36), self.u32(self.opt + 32)
        first = min(at for _, _, _, raw, at in self.rows() if raw and at)
        row = self.table + 40 * self.sections
        if row + 40 > first:
            return None
        rva = max(va + max(size, raw) for _, size, va, raw, at in self.rows()) + align - 1 & -align
        at = len(self.d) + align_file - 1 & -align_file
        raw = len(content) + align_file - 1 & -align_file
        self.d += bytes(at - len(self.d)) + content + bytes(raw - len(content))
        struct.pack_into("<8sIIIIIIHHI", self.d, row, name, len(content), rva, raw, at, 0, 0, 0, 0, flags)
        struct.pack_into("<H", self.d, self.pe + 6, self.sections + 1)
        self.put(self.opt + 56, rva + len(content) + align - 1 & -align)
        self.sections += 1
        return rva, at

    def codeview(self):
        rva, size = self.u32(self.dirs + 48), self.u32(self.dirs + 52)
        at = self.offset(rva) if rva else None
        for i in range(size // 28 if at is not None else 0):
            if self.u32(at + 28 * i + 12) == 2:
                off, n = self.u32(at + 28 * i + 24), self.u32(at + 28 * i + 16)
                return at + 28 * i, bytes(self.d[off:off + n])
        return (at, None) if at is not None and size >= 28 else (None, None)


def texts_of(data, rng):
    """Texts that look like the program's own: long, with blanks or paths, not of the run-time library."""
    found = sorted({t for t in re.findall(rb"[\x20-\x7e]{14,90}", data) if re.search(rb"[a-z]{4}", t) and not re.search(rb"^[.?@_]|Microsoft|api-ms|GetProc", t)})
    rng.shuffle(found)
    return found[:40]


def forge(kind, victim, donor, function, rng):
    """Bytes of the forged file; None when this victim has no room for it."""
    v, d = Pe(victim), Pe(donor)
    if kind in ("rich", "olympic"):
        records = d.rich()
        if not records or not v.set_rich(records):
            return None
    if kind in ("time", "olympic"):
        v.put(v.pe + 8, d.u32(d.pe + 8))
    if kind in ("path", "olympic"):
        entry, record = v.codeview()[0], d.codeview()[1]
        if entry is None or not record:
            if kind == "path":
                return None
        else:
            place = v.add_section(b".rdata2", record, 0x40000040)
            if not place:
                return None
            for off, value in ((12, 2), (16, len(record)), (20, place[0]), (24, place[1])):
                v.put(entry + off, value)
    if kind in ("texts", "olympic"):
        if not v.add_section(b".data2", b"\0".join(texts_of(donor, rng)) + b"\0", 0x40000040):
            return None
    if kind == "code":
        base = struct.unpack_from("<Q" if d.is_64 else "<I", d.d, d.opt + (24 if d.is_64 else 28))[0]
        at = d.offset(int(function["va"], 16) - base)
        if at is None or d.is_64 != v.is_64 or not v.add_section(b".text2", bytes(d.d[at:at + function["size"]]) + b"\xcc" * 16, 0x60000020):
            return None
    return bytes(v.d)


def ask(args, store, paths):
    out = {}
    done = subprocess.run([args.cognate, "attribute", "--json", "--store", store, "--jobs", "2", *paths], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        r = json.loads(line)
        if r["type"] == "verdict":
            out[os.path.basename(r["path"])] = r
    return out


def probability(v, kind, name=None):
    return next((h["probability"] for h in v["hypotheses"] if h["kind"] == kind and h["name"] == name), 0)


def named(v):
    return next((h["name"] for h in v["hypotheses"] if h["kind"] == "family"), None) if v["decision"] in ("lineage", "attributed") else None


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = pathlib.Path(os.environ.get("COGNATE_CACHE", ROOT / ".cache"))
    p.add_argument("--cognate", default=ROOT / "build/release/cognate")
    p.add_argument("--corpus", default=cache / "corpus", type=pathlib.Path)
    p.add_argument("--goodware", default=cache / "goodware", type=pathlib.Path)
    p.add_argument("--part", default="tune", choices=["tune", "report"])
    p.add_argument("--pairs", type=int, default=3, help="donors for each victim")
    p.add_argument("--out", type=pathlib.Path)
    p.add_argument("--store", help="use this store; it is made when it is not there")
    p.add_argument("--dump")
    args = p.parse_args()
    rng = random.Random(1)
    rows = [r for r in read_manifest(args.part) if r["format"] == "pe" and (args.corpus / r["sha256"]).exists()]
    learned = collections.defaultdict(list)
    for r in rows:
        if r["role"] == "learn" and int(r["size"]) < MAX_LEARNED:
            learned[r["family"]] = (learned[r["family"]] + [r])[-2:]
    with tempfile.TemporaryDirectory() as work:
        folder = args.out or pathlib.Path(work)
        folder.mkdir(exist_ok=True)
        store = args.store or os.path.join(work, "store")
        if not os.path.exists(store):
            for family, members in sorted(learned.items()):
                subprocess.run([args.cognate, "learn", "-q", "--store", store, "--family", family, "--source", "corpus", *[args.corpus / r["sha256"] for r in members]], check=True)
            public = sorted(f for f in args.goodware.rglob("*") if f.is_file() and f.stat().st_size < 300_000)[::6]
            subprocess.run([args.cognate, "learn", "-q", "--store", store, "--goodware", *public], check=True)
        donors, functions = {}, {}
        for family, members in sorted(learned.items()):
            data = (args.corpus / members[-1]["sha256"]).read_bytes()
            if Pe(data).rich():
                donors[family] = data
        victims = [r for r in rows if r["role"] in ("stranger", "goodware") and int(r["size"]) < MAX_VICTIM]
        real = [r for r in rows if r["role"] == "query" and r["family"] in learned and int(r["size"]) < MAX_LEARNED] + victims
        questions = {}
        for r in victims:
            data = (args.corpus / r["sha256"]).read_bytes()
            for family in rng.sample(sorted(donors), min(args.pairs, len(donors))):
                for kind in KINDS:
                    if kind == "code" and family not in functions:
                        done = subprocess.run([args.cognate, "functions", "--json", args.corpus / learned[family][-1]["sha256"]], capture_output=True, text=True, check=True)
                        fitting = [f for f in map(json.loads, done.stdout.splitlines()) if f["type"] == "function" and 80 <= f["instructions"] <= 400 and f["calls"] >= 3]
                        functions[family] = rng.choice(fitting)
                    forged = forge(kind, data, donors[family], functions.get(family), rng)
                    if forged:
                        name = f"{r['family']}-{kind}-{family}"
                        (folder / name).write_bytes(forged)
                        questions[name] = (kind, family)
        answers = ask(args, store, [folder / n for n in sorted(questions)])
        truth = ask(args, store, [args.corpus / r["sha256"] for r in real])
    report(args, questions, answers, real, truth)


def report(args, questions, answers, real, truth):
    writer = csv.writer(sys.stdout)

    def out(what, metric, value, unit, note):
        writer.writerow(["forgery", f"{args.part}/{what}", metric, f"{value:.4f}" if isinstance(value, float) else value, unit, "cognate", note])

    dump = open(args.dump, "w") if args.dump else None
    groups, kinds = collections.defaultdict(list), collections.defaultdict(collections.Counter)
    for name, (kind, family) in sorted(questions.items()):
        v = answers.get(name)
        if not v:
            continue
        raised = {c["kind"] for c in v["contradiction_details"]}
        groups[kind].append((bool(raised), named(v) == family, probability(v, "family", family), probability(v, "false_flag")))
        kinds[kind].update(raised)
        if dump:
            print(json.dumps({"name": name, "kind": kind, "family": family, "raised": sorted(raised), "named": named(v), "p": groups[kind][-1][2], "flag": groups[kind][-1][3],
                              "tokens": v["measures"]["token_weight"], "decision": v["decision"]}), file=dump)
    for kind in KINDS:
        g = groups[kind]
        if not g:
            continue
        note = f"{len(g)} forged files; " + " ".join(f"{k}={n}" for k, n in sorted(kinds[kind].items()))
        out(kind, "contradiction", sum(x[0] for x in g) / len(g), "share", note)
        out(kind, "followed", sum(x[1] for x in g), "files", "called the donor's")
        out(kind, "donor_probability", sum(x[2] for x in g) / len(g), "mean", "")
        out(kind, "false_flag_probability", sum(x[3] for x in g) / len(g), "mean", "")
    seen, hit = 0, []
    per = collections.Counter()
    for r in real:
        v = truth.get(r["sha256"])
        if not v:
            continue
        seen += 1
        raised = {c["kind"] for c in v["contradiction_details"]}
        per.update(raised)
        if raised:
            hit.append(r)
            print(f"real: {r['family']} {r['role']}: {v['contradictions']}", file=sys.stderr)
        if dump:
            print(json.dumps({"name": r["sha256"], "kind": "real", "family": r["family"], "role": r["role"], "raised": sorted(raised), "named": named(v),
                              "p": probability(v, "family", r["family"]), "flag": probability(v, "false_flag"), "tokens": v["measures"]["token_weight"], "decision": v["decision"]}), file=dump)
    out("real", "contradiction", len(hit) / max(1, seen), "share", f"{seen} real files; " + " ".join(f"{k}={n}" for k, n in sorted(per.items())))


if __name__ == "__main__":
    main()
