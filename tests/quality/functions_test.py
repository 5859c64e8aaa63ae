#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the rules in functions.md: which function is which. Needs gcc and python3."""

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tools'))
import functions_build  # noqa: E402

A = '''
static int helper(int x) { return x * 7; }
int first(int x) { return helper(x) + 1; }
int other(int x) __attribute__((alias("first")));
'''
B = '''
static int helper(int x) { return x * 9; }
int second(int x) { return helper(x) + 1; }
'''


class Keys(unittest.TestCase):
    def test_clones_stand_for_the_function(self):
        found = functions_build.keys_from_symbols([('a.c', 'f.isra.0.constprop.1', True, 16, 4)])
        self.assertEqual(found, {16: (4, {'a.c:f'})})

    def test_the_function_itself_goes_first(self):
        symbols = [('', 'f', False, 16, 4), ('', 'f.constprop.0', False, 32, 4)]
        self.assertEqual(functions_build.keys_from_symbols(symbols), {16: (4, {'f'})})

    def test_pieces_and_doubles_have_no_key(self):
        symbols = [('a.c', 'f.part.0', True, 16, 4), ('a.c', 'f.cold', True, 32, 4)]
        symbols += [('a.c', 'g', True, 48, 4), ('a.c', 'g', True, 64, 4)]
        self.assertEqual(functions_build.keys_from_symbols(symbols), {})

    def test_two_names_at_one_address(self):
        symbols = [('', 'f', False, 16, 4), ('', 'g', False, 16, 4)]
        self.assertEqual(functions_build.keys_from_symbols(symbols), {16: (4, {'f', 'g'})})

    def test_a_linked_file(self):
        with tempfile.TemporaryDirectory() as work:
            for name, text in (('a.c', A), ('b.c', B), ('m', '{ local: *; };')):
                with open(os.path.join(work, name), 'w', encoding='utf-8') as f:
                    f.write(text)
            command = ['gcc', '-O0', '-fPIC', '-shared', '-Wl,--version-script=m', 'a.c', 'b.c']
            subprocess.run([*command, '-o', 'so'], cwd=work, check=True)
            with open(os.path.join(work, 'so'), 'rb') as f:
                symbols = functions_build.symbols_of(f.read())
        found = functions_build.keys_from_symbols(symbols)
        keys = [k for _, k in found.values()]
        for wanted in ({'a.c:helper'}, {'b.c:helper'}, {'first', 'other'}, {'second'}):
            self.assertIn(wanted, keys)


class Plan(unittest.TestCase):
    def test_every_project_in_every_configuration(self):
        jobs = functions_build.plan(list(functions_build.PARTS))
        self.assertEqual(len(jobs), len(set(jobs)))
        plain = [j for j in jobs if j[1][1] != 'mingw']
        self.assertEqual(len(plain), 40 * len(functions_build.PARTS))

    def test_parts_agree_with_the_set_of_starts(self):
        for project in functions_build.PROJECTS:
            part = functions_build.PARTS.get(project['name'], (project['part'],))[0]
            self.assertEqual(part, project['part'], project['name'])


if __name__ == '__main__':
    unittest.main()
