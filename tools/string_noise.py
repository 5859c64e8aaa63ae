#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Learns the table of src/feature/string_noise.c: how many eighths of a bit each pair of
neighbouring character classes speaks for text (+) or for chance (-).

  text:   runs between two NULs in .rodata or .rdata of the files named (objcopy takes it out),
          also as UTF-16
  chance: runs inside .text and .eh_frame of the same files, and inside random bytes

  tools/string_noise.py FILE... > table      odd files teach, even ones test; that goes to stderr
"""
import math
import os
import re
import subprocess
import sys
import tempfile

RUN = re.compile(rb"[\t\x20-\x7e]{5,}")
LISTED = re.compile(rb"(?<=\0)[\t\x20-\x7e]{5,}(?=\0)")
WIDE = re.compile(rb"(?<=\0\0)(?:[\t\x20-\x7e]\0){5,}(?=\0\0)")
CLASSES = 16


def class_of(c):
    groups = [b"aeiou", b"bcdfghlmnprstv", b"AEIOU", b"BCDFGHJKLMNPQRSTVWXYZ", b"0123456789",
              b" \t", b"_-", b".", b"/\\", b",;:", b"%$#@&", b"'\"`", b"()[]{}<>",
              b"=+*!?|~^", b"jkqwxyz"]
    for i, g in enumerate(groups):
        if c in g:
            return i
    return 15


CLASS = [class_of(c) for c in range(256)]


def section(path, name):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "bytes")
        subprocess.run(["objcopy", "-O", "binary", "--only-section=" + name, "--set-section-flags",
                        name + "=alloc,load", path, out], stderr=subprocess.DEVNULL)
        if not os.path.exists(out):
            return b""
        with open(out, "rb") as f:
            return f.read()


def count(runs, table):
    for r in runs:
        for a, b in zip(r, r[1:]):
            table[CLASS[a]][CLASS[b]] += 1


def rate(table):
    total = sum(map(sum, table))
    return [[(x + 0.5) / (total + 0.5 * CLASSES * CLASSES) for x in row] for row in table]


def score(run, odds):
    return sum(odds[CLASS[a]][CLASS[b]] for a, b in zip(run, run[1:]))


def main():
    text, noise = ([[0] * CLASSES for _ in range(CLASSES)] for _ in range(2))
    test_text, test_code, test_random = [], [], RUN.findall(os.urandom(8 << 20))
    count(RUN.findall(os.urandom(24 << 20)), noise)
    for i, path in enumerate(sys.argv[1:]):
        data = section(path, ".rodata") + section(path, ".rdata")
        listed = LISTED.findall(data) + [w[::2] for w in WIDE.findall(data)]
        chance = RUN.findall(section(path, ".text")) + RUN.findall(section(path, ".eh_frame"))
        if i % 2:
            count(listed, text)
            count(chance, noise)
        else:
            test_text += listed
            test_code += chance
    t, n = rate(text), rate(noise)
    odds = [[max(-127, min(127, round(8 * math.log2(t[a][b] / n[a][b])))) for b in range(CLASSES)]
            for a in range(CLASSES)]
    for row in odds:
        print("    {" + ", ".join(map(str, row)) + "},")
    for limit in range(-40, 81, 8):
        line = [sum(score(r, odds) >= limit for r in s) / len(s)
                for s in (test_text, test_code, test_random)]
        short = [r for r in test_text if len(r) < 8]
        line.append(sum(score(r, odds) >= limit for r in short) / len(short))
        print("limit %d: text kept %.4f code %.4f random %.4f; short text %.4f" % (limit, *line),
              file=sys.stderr)


main()
