#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the rules in starts.md: filler, ELF truth of a program built here, and the counting. Needs gcc, strip and python3."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tools')
sys.path.insert(0, TOOLS)
import starts_truth  # noqa: E402

SOURCE = '''
int used(int x) { return x * 7; }
int twin(int x) __attribute__((alias("used")));
__asm__(".text\\n.globl bare\\nbare: nop\\nret\\n.type sized,@function\\nsized: call inner\\nnop\\ninner: ret\\nlocal: ret\\n.size sized,.-sized\\n");
int main(void) { return used(1); }
'''


class Filler(unittest.TestCase):
    def test_alignment_is_filler(self):
        for text in (
            '',
            '90',
            'cccc',
            '0f1f440000',
            '66662e0f1f840000000000',
            '8db42600000000',
            '8d7600',
            '6690',
            '0000',
        ):
            self.assertTrue(starts_truth.is_filler(bytes.fromhex(text)), text)

    def test_code_is_not(self):
        for text in ('c3', '90c3', '5589e5', 'e900000000', '31c0'):
            self.assertFalse(starts_truth.is_filler(bytes.fromhex(text)), text)


class Elf(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.file = os.path.join(self.dir.name, 'a')
        with open(self.file + '.c', 'w', encoding='utf-8') as f:
            f.write(SOURCE)
        subprocess.run(
            ['gcc', '-O0', '-fcf-protection=none', '-o', self.file, self.file + '.c'], check=True
        )
        with open(self.file, 'rb') as f:
            self.truth = starts_truth.truth_from_elf(f.read())
        self.va = {f[2]: va for va, f in self.truth.functions.items()}

    def test_functions_and_aliases(self):
        self.assertIn('main', self.va)
        self.assertIn('sized', self.va)
        self.assertEqual(1, sum(n in self.va for n in ('used', 'twin')))

    def test_labels(self):
        sized = self.va['sized']
        self.assertNotIn('bare', self.va)
        self.assertIn('public-label', self.truth.skips.values())
        self.assertEqual('no-type', self.truth.skips[sized + 6])  # inner: called
        self.assertNotIn(
            sized + 7, self.truth.skips
        )  # local: not called, in the middle of a function

    def test_scoring(self):
        root = os.path.join(self.dir.name, 'set')
        case = os.path.join(root, 'cases', 'elf-x64-gcc', 'a')
        os.makedirs(case)
        subprocess.run(['strip', '-s', '-o', os.path.join(case, 'sample'), self.file], check=True)
        self.truth.write(os.path.join(case, 'truth.tsv'))
        with open(os.path.join(root, 'cases.tsv'), 'w', encoding='utf-8') as f:
            f.write(
                'id\tpart\tset\tproject\tcompiler\topt\tkind\tunwind\tformat\tarch\tfunctions\tskips\tcode_bytes\tsha256\n'
                f'elf-x64-gcc/a\treport\telf-x64-gcc\ta\tgcc\tO0\texe\tyes\telf\tx64\t{len(self.va)}\t1\t500\t00\n'
            )
        claims = [self.va['main'], self.va['sized'], self.va['sized'] + 6, self.va['sized'] + 7]
        lines = '\n'.join(json.dumps({'type': 'function', 'va': hex(v)}) for v in claims)
        tool = os.path.join(self.dir.name, 'tool')
        with open(tool, 'w', encoding='utf-8') as f:
            f.write(f'#!/bin/sh\ncat <<E\n{lines}\nE\n')
        os.chmod(tool, 0o755)
        out = subprocess.run(
            [
                sys.executable,
                os.path.join(TOOLS, 'starts_score.py'),
                root,
                '--cmd',
                tool,
                '--csv',
                '-',
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
            text=True,
        ).stdout
        rows = {tuple(r.split(',')[1:3]): r.split(',')[3] for r in out.splitlines()}
        self.assertEqual(f'{2 / 3:.4f}', rows['elf-x64-gcc', 'precision'])
        self.assertEqual(f'{2 / len(self.va):.4f}', rows['elf-x64-gcc', 'recall'])


if __name__ == '__main__':
    unittest.main()
