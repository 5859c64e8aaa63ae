#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scores a finder of function starts on the data set of tools/starts_build.py.

    tools/starts_score.py [DIR] [--part report] [--cmd 'cognate functions --json {}'] [--csv FILE]
    tools/starts_score.py [DIR] --list-errors 20 'msvc-x64/*'     # what is wrong, with names, for tuning
    tools/starts_score.py [DIR] --part all --cmd 'venv/bin/python tools/starts_smda.py {}' --timeout 60 --cap 4 --peer smda

The command gets one stripped file ({} in it, else appended) and prints JSON Lines; each record with
"type":"function" claims its "va" (a string, hexadecimal). A claim at a true start is a true positive; at an address or
in a range that the truth leaves out it is not counted; anywhere else it is a false positive. A true start without a
claim is a false negative; a file that failed or ran out of time has claimed what it printed until then, and is
reported. Counts are summed over a set, then precision, recall and F1 are taken; "mean F1" is the mean over its files. MB/s is
code per processor second of the tool, its start included (of the wall with --jobs above 1). Rules: tests/quality/starts.md.
"""

import argparse
import bisect
import collections
import concurrent.futures
import csv
import fnmatch
import json
import os
import resource
import shlex
import subprocess
import sys
import time
import zlib

GROUPS = (
    ('set', lambda c: c['set']),
    ('set and level', lambda c: f'{c["set"]} {c["opt"]}'),
    ('kind', lambda c: f'{c["format"]}-{c["arch"]} {c["kind"]}'),
    ('level', lambda c: c['opt']),
    ('bar', lambda c: bar_of(c)),
    ('all', lambda c: 'all'),
)
BARS = {'msvc-x64': 0.992, 'x86 without unwind data': 0.96, 'arm64': 0.985, 'arm': 0.97, 'others': 0.985}


def bar_of(c):
    if c['set'] == 'msvc-x64':
        return 'msvc-x64'
    if c['arch'] not in ('x64', 'x86'):
        return c['arch']
    if c['compiler'] == 'go':  # its own table of functions stands in for unwind data
        return 'others'
    return 'x86 without unwind data' if c['arch'] == 'x86' and c['unwind'] == 'no' else 'others'


def load_cases(root, args):
    with open(os.path.join(root, 'cases.tsv'), encoding='utf-8') as f:
        cases = list(csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE))
    cases = [c for c in cases if args.part in ('all', c['part'])]
    cases = [
        c
        for c in cases
        if any(
            fnmatch.fnmatch(c['id'], p) or fnmatch.fnmatch(c['set'], p)
            for p in args.cases.split(',')
        )
    ]
    cases = [c for c in cases if int(c['code_bytes']) <= args.max_code_mb * 1e6]
    if args.cap:  # the same sample for everybody: by a hash of the id, so many of each set
        per = collections.defaultdict(list)
        for c in sorted(cases, key=lambda c: zlib.crc32(c['id'].encode())):
            per[c['set']].append(c)
        cases = sorted(
            (c for group in per.values() for c in group[: args.cap]), key=lambda c: c['id']
        )
    return cases


class Truth:
    def __init__(self, path):
        self.functions, self.skips, self.areas = {}, set(), []
        with open(path, encoding='utf-8') as f:
            next(f)
            for line in f:
                kind, va, size, section, name = line.rstrip('\n').split('\t')
                va, size = int(va, 16), int(size)
                if kind == 'function':
                    self.functions[va] = (size, section, name)
                elif kind == 'skip':
                    self.skips.add(va)
                else:
                    self.areas.append((va, va + size))
        self.areas.sort()
        self.order = sorted(self.functions)

    def is_left_out(self, va):
        if va in self.skips:
            return True
        i = bisect.bisect_right(self.areas, (va, 1 << 65))
        return any(a <= va < b for a, b in self.areas[max(0, i - 3) : i])

    def place(self, va):
        """In which function an address is: name+offset."""
        i = bisect.bisect_right(self.order, va) - 1
        if i < 0:
            return 'before all functions'
        start = self.order[i]
        size, _, name = self.functions[start]
        return f'{name}+{va - start:#x}' + (
            ' (past its end)' if size and va >= start + size else ''
        )


def clock(args):
    """Processor seconds of all ended children, which other work on the machine does not stretch; with several jobs, the wall's."""
    if args.jobs > 1:
        return time.monotonic()
    use = resource.getrusage(resource.RUSAGE_CHILDREN)
    return use.ru_utime + use.ru_stime


def claims_of(case, root, args):
    """({va: source}, seconds, failure or '') from the tool's output, kept under --raw so that a slow tool runs once."""
    raw = os.path.join(args.raw, case['id'].replace('/', '__') + '.jsonl') if args.raw else None
    kept = None
    if raw and os.path.exists(raw):
        with open(raw, encoding='utf-8') as f:
            kept, text = json.loads(f.readline()), f.read()
    if kept and kept[2] == case['sha256']:
        seconds, failure = kept[:2]
    else:
        path = os.path.join(root, 'cases', case['id'], 'sample')
        words = shlex.split(args.cmd)
        cmd = (
            [w.replace('{}', path) for w in words]
            if any('{}' in w for w in words)
            else words + [path]
        )
        began, failure = clock(args), ''
        try:
            p = subprocess.run(
                cmd,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                timeout=args.timeout,
                check=False,
            )
            text = p.stdout.decode('utf-8', 'replace')
            if p.returncode:
                failure = (
                    f'exit {p.returncode}: {p.stderr.decode("utf-8", "replace")[-200:].strip()}'
                )
        except OSError as e:
            sys.exit(f'cannot run {cmd[0]}: {e.strerror}')
        except subprocess.TimeoutExpired as e:
            text, failure = (e.stdout or b'').decode('utf-8', 'replace'), f'over {args.timeout} s'
        seconds = clock(args) - began
        if raw:
            os.makedirs(args.raw, exist_ok=True)
            with open(raw, 'w', encoding='utf-8') as f:
                f.write(json.dumps([seconds, failure, case['sha256']]) + '\n' + text)
    found = {}
    for line in text.splitlines():
        try:
            r = json.loads(line)
            if r.get('type') == 'function':
                found[int(r['va'], 16)] = str(r.get('source', ''))
        except (ValueError, KeyError, TypeError, AttributeError):
            failure = failure or 'a line that is no record: ' + line[:80]
    return found, seconds, failure


def score(case, root, args):
    truth = Truth(os.path.join(root, 'cases', case['id'], 'truth.tsv'))
    found, seconds, failure = claims_of(case, root, args)
    right = truth.functions.keys() & found.keys()
    wrong = {va for va in found if va not in truth.functions and not truth.is_left_out(va)}
    missed = truth.functions.keys() - found.keys()
    return dict(
        case=case,
        tp=len(right),
        fp=len(wrong),
        fn=len(missed),
        seconds=seconds,
        failure=failure,
        truth=truth,
        found=found,
        wrong=sorted(wrong),
        missed=sorted(missed),
    )


def ratios(tp, fp, fn):
    p = tp / (tp + fp) if tp + fp else 0.0
    r = tp / (tp + fn) if tp + fn else 0.0
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


def table(results, key):
    groups = collections.defaultdict(lambda: [0, 0, 0, 0, 0, 0.0, 0, 0.0])
    for r in results:
        g = groups[key(r['case'])]
        for i, v in enumerate(
            (
                1,
                r['tp'],
                r['fp'],
                r['fn'],
                int(r['case']['code_bytes']),
                r['seconds'],
                bool(r['failure']),
                ratios(r['tp'], r['fp'], r['fn'])[2],
            )
        ):
            g[i] += v
    for g in groups.values():
        g[7] /= g[0]
    return dict(sorted(groups.items()))


def print_tables(results, out):
    for title, key in GROUPS:
        print(
            f'{"by " + title:34}{"files":>6}{"TP":>9}{"FP":>8}{"FN":>8}{"prec":>9}{"recall":>9}{"F1":>9}{"mean F1":>9}{"MB/s":>8}  failed',
            file=out,
        )
        for name, (files, tp, fp, fn, size, seconds, failed, mean) in table(results, key).items():
            p, r, f1 = ratios(tp, fp, fn)
            mark = ''
            if title == 'bar':
                mark = (
                    f'  bar {BARS[name]:.3f} {"kept" if f1 >= BARS[name] else "MISSED"}'
                    if BARS[name]
                    else ''
                )
            elif title == 'set':
                first = next(x['case'] for x in results if x['case']['set'] == name)
                mark = '' if f1 >= BARS[bar_of(first)] else f'  under {BARS[bar_of(first)]:.3f}'
            print(
                f'{name:34}{files:6}{tp:9}{fp:8}{fn:8}{p:9.4f}{r:9.4f}{f1:9.4f}{mean:9.4f}{size / 1e6 / max(seconds, 1e-9):8.2f}  {failed or ""}{mark}',
                file=out,
            )
        print(file=out)


def write_csv(results, args):
    with sys.stdout if args.csv == '-' else open(args.csv, 'w', encoding='utf-8', newline='') as f:
        w = csv.writer(f, lineterminator='\n')
        for title, key in GROUPS:
            if title in ('kind', 'level'):
                continue
            for name, (files, tp, fp, fn, size, seconds, failed, mean) in table(
                results, key
            ).items():
                p, r, f1 = ratios(tp, fp, fn)
                note = f'part={args.part} files={files} functions={tp + fn} failed={failed}' + (
                    f' sample={args.cap}/set' if args.cap else ''
                )
                for metric, value in (('precision', p), ('recall', r), ('f1', f1)):
                    w.writerow(['starts', name, metric, f'{value:.4f}', 'ratio', args.peer, note])
                if title in ('set', 'all'):
                    w.writerow(
                        [
                            'starts',
                            name,
                            'speed',
                            f'{size / 1e6 / max(seconds, 1e-9):.3f}',
                            'MB of code/s',
                            args.peer,
                            note,
                        ]
                    )


def sample_bytes(root, case):
    """A reader of a few bytes at a va of the stripped file, for the error list."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import starts_truth as st  # only here: scoring needs no reader

    with open(os.path.join(root, 'cases', case['id'], 'sample'), 'rb') as f:
        d = f.read()
    if case['format'] == 'elf':
        code = [
            (s['va'], d[s['off'] : s['off'] + s['size']])
            for s in st.elf_sections(d)
            if s['flags'] & 4 and s['type'] == 1
        ]
    else:
        code = [(va, raw) for _, va, raw in st.Pe(d).code()]

    def read(va, n):
        for base, raw in code:
            if base <= va < base + len(raw):
                return raw[max(va - base, 0) : va - base + n]
        return b''

    return read


def print_errors(results, root, count):
    by_source, rightful = collections.Counter(), collections.Counter()
    for r in sorted(results, key=lambda r: -(r['fp'] + r['fn'])):
        by_source.update(r['found'][va] for va in r['wrong'])
        rightful.update(s for va, s in r['found'].items() if va in r['truth'].functions)
        if not r['wrong'] and not r['missed']:
            continue
        read = sample_bytes(root, r['case'])
        print(
            f'{r["case"]["id"]}: {r["fp"]} wrong, {r["fn"]} missed of {len(r["truth"].functions)} {r["failure"]}'
        )
        for va in spread(r['wrong'], count):
            print(
                f'  wrong  {va:#x} [{r["found"][va]}] in {r["truth"].place(va)[:70]}  {read(va - 6, 6).hex()} | {read(va, 14).hex()}'
            )
        for va in spread(r['missed'], count):
            size, section, name = r['truth'].functions[va]
            print(
                f'  missed {va:#x} {name[:60]} size {size} {section}  {read(va - 6, 6).hex()} | {read(va, 14).hex()}'
            )
    for source in sorted(set(by_source) | set(rightful)):
        print(f'source {source or "(none)"}: {rightful[source]} right, {by_source[source]} wrong')


def spread(items, count):
    """At most so many, evenly over the file: one bad spot must not hide the others."""
    if len(items) <= count:
        return items
    return [items[i * len(items) // count] for i in range(count)]


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('dir', nargs='?', default='.cache/starts')
    ap.add_argument('--part', choices=('tune', 'report', 'all'), default='report')
    ap.add_argument('--cmd', default='cognate functions --json {}')
    ap.add_argument('--cases', default='*', help='comma-separated patterns of case ids or sets')
    ap.add_argument(
        '--cap',
        type=int,
        default=0,
        help='at most so many files of each set (by a hash: the same for everybody)',
    )
    ap.add_argument('--max-code-mb', type=float, default=1e9)
    ap.add_argument('--timeout', type=float, default=60)
    ap.add_argument('--jobs', type=int, default=1)
    ap.add_argument('--raw', help='keep the outputs here and use those that are there')
    ap.add_argument('--peer', default='cognate', help='name of the tool in the CSV')
    ap.add_argument(
        '--csv', help='write rows bench,set,metric,value,unit,peer,note here (- is stdout)'
    )
    ap.add_argument(
        '--list-errors',
        nargs=2,
        metavar=('N', 'CASES'),
        help='N wrong and N missed starts of each matching case',
    )
    args = ap.parse_args()
    if args.list_errors:
        args.cases = args.list_errors[1]
    root = os.path.abspath(args.dir)
    cases = load_cases(root, args)
    if not cases:
        print('no cases: run tools/starts_build.py', file=sys.stderr)
        return 1
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda c: score(c, root, args), cases))
    for r in results:
        if r['failure']:
            print('failed:', r['case']['id'], r['failure'].replace('\n', ' '), file=sys.stderr)
    if args.list_errors:
        print_errors(results, root, int(args.list_errors[0]))
    print_tables(results, sys.stderr if args.csv == '-' else sys.stdout)
    if args.csv:
        write_csv(results, args)
    return 0


if __name__ == '__main__':
    sys.exit(main())
