#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Learns src/feature/word_table.h: how many eighths of a bit three letters in a row speak for a word (+) or for letters that came together by
chance (-).

    cognate strings -q --json FILE... | tools/word_noise.py > src/feature/word_table.h

Words are runs of letters in plain strings, parted where a small letter meets a capital one; each counts by the logarithm of how often it comes,
from three times on. Chance has the same letters, each on its own. A word begins and ends with the letter 26; one is before its first letter
twice. Pairs stand in where three letters are rare (weight 5), single letters where pairs are (weight 5)."""
import collections
import json
import math
import re
import sys
import textwrap

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
END, LETTERS, LONGEST, LEAST = 26, 27, 20, 3
WEIGHT, END_SHARE = 5, 0.15


def read_words(lines):
    count, seen = collections.Counter(), set()
    for line in lines:
        record = json.loads(line)
        text = record.get("text")
        if record.get("kind") not in ("plain", "utf16") or text in seen:
            continue
        seen.add(text)
        count.update(w.lower() for w in WORD.findall(text) if len(w) <= LONGEST)
    return {w: math.log2(1 + n) for w, n in count.items() if n >= LEAST}


def learn(words):
    single, pair, three = [0.0] * LETTERS, collections.Counter(), collections.Counter()
    for word, weight in words.items():
        q = [END, END, *(ord(c) - ord("a") for c in word), END]
        for i in range(2, len(q)):
            single[q[i]] += weight * (q[i] != END)
            pair[q[i - 1], q[i]] += weight
            three[q[i - 2], q[i - 1], q[i]] += weight
    return single, pair, three


def main():
    single, pair, three = learn(read_words(sys.stdin))
    total = sum(single)
    chance = [n / total for n in single]
    chance[END] = END_SHARE
    after, after_two = collections.Counter(), collections.Counter()
    for (a, _), n in pair.items():
        after[a] += n
    for (a, b, _), n in three.items():
        after_two[a, b] += n
    print("/* SPDX-License-Identifier: Apache-2.0\n * Written by tools/word_noise.py, which says how. */")
    print("#ifndef COG_FEATURE_WORD_TABLE_H\n#define COG_FEATURE_WORD_TABLE_H\n\n#include <stdint.h>\n")
    print("/* clang-format off */")
    print("/* By the first letter, then by the second and the third. */")
    print(f"static const int8_t WORD_ODDS[{LETTERS}][{LETTERS} * {LETTERS}] = {{")
    for a in range(LETTERS):
        row = []
        for b in range(LETTERS):
            for c in range(LETTERS):
                by_pair = (pair[b, c] + WEIGHT * chance[c]) / (after[b] + WEIGHT)
                share = (three[a, b, c] + WEIGHT * by_pair) / (after_two[a, b] + WEIGHT)
                row.append(max(-127, min(127, round(8 * math.log2(share / chance[c])))))
        print("\n".join(textwrap.wrap("{" + ", ".join(map(str, row)) + "},", 124)).replace(", ", ","))
    print("};\n/* clang-format on */\n\n#endif")


main()
