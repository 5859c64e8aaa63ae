#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""MCRIT on builds of one project of the function corpus: recall and wrong answers as rows of bench/results.csv.

    python3 -m venv V && V/bin/pip install smda==4.4.4 mcrit==1.6.2
    V/bin/python tools/functions_mcrit.py DIR [--project mbedtls] [--pairs x64-gcc-O2:x64-clang-O2,...] >bench/functions_mcrit.csv

DIR is what tools/functions_build.py made. Each build is disassembled by SMDA, once; a query build is matched against one target
build in MCRIT's in-memory store. A query is a function of at least 10 instructions (by SMDA) whose name both builds have with
that size; its answer is the best match in the target; recall: right answers, wrong: wrong ones, over all queries. Modes: `defaults`, and
`one band, threshold 25` (one equal band makes a candidate, least score 25).
"""

import argparse
import collections
import json
import logging
import os
import sys

from mcrit.config.McritConfig import McritConfig
from mcrit.index.MinHashIndex import MinHashIndex
from mcrit.queue.QueueFactory import QueueFactory
from mcrit.storage.StorageFactory import StorageFactory
from smda.common.SmdaReport import SmdaReport
from smda.Disassembler import Disassembler
from smda.SmdaConfig import SmdaConfig

# The table of PEERS: both directions where one is not the other's mirror.
PAIRS = '''x64-gcc-O2:x64-clang-O2 x64-gcc-O2:x64-gcc-O1 x64-mingw-O2:x86-mingw-O2 x64-gcc-O2:x86-gcc-O2 x64-gcc-O0:x64-gcc-O2
x64-gcc-O2:x64-gcc-O0 x64-gcc-O2:x64-gcc-O3 x64-clang-O2:x64-clang-O3 x64-gcc-O2:x64-gcc-Os x64-gcc-O2:x64-mingw-O2
x64-gcc-O3:x64-clang-Os'''
MODES = {'defaults': (2, 50), 'one band, threshold 25': (1, 25)}
MIN_INSTRUCTIONS = 10


class Build:
    def __init__(self, root, project, name):
        self.folder = os.path.join(root, 'cases', project, name)
        self.report = self.disassembled()
        self.names = collections.defaultdict(set)
        with open(os.path.join(self.folder, 'truth.tsv'), encoding='utf-8') as f:
            for line in f:
                va, _, key = line.rstrip('\n').split('\t')
                self.names[int(va, 16)].add(key)

    def disassembled(self):
        kept = os.path.join(self.folder, 'smda.json')
        if not os.path.exists(kept):
            config = SmdaConfig()
            config.TIMEOUT = 3600
            report = Disassembler(config, backend='intel').disassembleFile(
                os.path.join(self.folder, 'sample')
            )
            with open(kept + '.part', 'w', encoding='utf-8') as f:
                json.dump(report.toDict(), f)
            os.replace(kept + '.part', kept)
        with open(kept, encoding='utf-8') as f:
            return SmdaReport.fromDict(json.load(f))

    def shift(self):
        """SMDA maps a position-independent ELF at a base of its own choice."""
        with open(os.path.join(self.folder, 'sample'), 'rb') as f:
            head = f.read(20)
        return self.report.base_addr if head[:4] == b'\x7fELF' else 0

    def big(self):
        """{name: va in the report} of functions that MCRIT looks at."""
        shift = self.shift()
        return {
            key: f.offset
            for f in self.report.getFunctions()
            if f.num_instructions >= MIN_INSTRUCTIONS
            for key in self.names.get(f.offset - shift, ())
        }


def matches_of(query, target, bands, threshold):
    """{va in query: [(score, va in target)]}"""
    config = McritConfig()
    config.STORAGE_CONFIG.STORAGE_METHOD = StorageFactory.STORAGE_METHOD_MEMORY
    config.QUEUE_CONFIG.QUEUE_METHOD = QueueFactory.QUEUE_METHOD_FAKE
    config.MINHASH_CONFIG.BAND_MATCHES_REQUIRED = bands
    config.MINHASH_CONFIG.MINHASH_MATCHING_THRESHOLD = threshold
    config.MINHASH_CONFIG.MINHASH_POOL_INDEXING = config.MINHASH_CONFIG.MINHASH_POOL_MATCHING = False
    index = MinHashIndex(config)
    ids = [index.addReport(b.report)['sample_info']['sample_id'] for b in (query, target)]
    result = index.getResultForJob(index.getMatchesForSampleVs(ids[0], ids[1]))
    offsets = {f.function_id: f.offset for i in ids for f in index.getFunctionsBySampleId(i)}
    out = {}
    for function in result['matches']['functions']:
        found = [(m[3], offsets[m[2]]) for m in function['matches'] if m[1] == ids[1]]
        out[function['offset']] = found
    return out


def score(query, target, matches):
    """(queries, right, wrong). Of equal best scores the right one counts in proportion."""
    mine, theirs = query.big(), target.big()
    right_of = collections.defaultdict(set)
    for key, va in mine.items():
        if key in theirs:
            right_of[va].add(theirs[key])
    right = wrong = 0.0
    for va, wanted in right_of.items():
        found = matches.get(va, [])
        if found:
            best = max(s for s, _ in found)
            first = [t for s, t in found if s == best]
            share = sum(t in wanted for t in first) / len(first)
            right, wrong = right + share, wrong + 1 - share
    return len(right_of), right, wrong


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('dir')
    ap.add_argument('--project', default='mbedtls')
    ap.add_argument('--part', default='report')
    ap.add_argument('--pairs', default=','.join(PAIRS.split()))
    args = ap.parse_args()
    logging.disable(logging.CRITICAL)
    builds = {}
    for pair in args.pairs.split(','):
        names = pair.split(':')
        for name in names:
            builds[name] = builds.get(name) or Build(args.dir, args.project, name)
        for mode, (bands, threshold) in MODES.items():
            matches = matches_of(builds[names[0]], builds[names[1]], bands, threshold)
            queries, right, wrong = score(builds[names[0]], builds[names[1]], matches)
            where = f'functions,{args.part}/{args.project} {names[0]} to {names[1]}'
            peer = f'share,mcrit 1.6.2 {mode.replace(",", ";")},{queries} queries'
            print(f'{where},recall_at_1,{right / max(queries, 1):.4f},{peer}')
            print(f'{where},wrong,{wrong / max(queries, 1):.4f},{peer}', flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
