#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the corpus: the manifest keeps its promises, packages unpack, clients are asked rightly. Fetches nothing."""

import collections
import hashlib
import io
import os
import sys
import tarfile
import tempfile
import unittest
import zipfile
from unittest import mock

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tools')
sys.path.insert(0, TOOLS)
import corpus_fetch as cf  # noqa: E402

ROWS = cf.manifest_read(cf.MANIFEST)


class Manifest(unittest.TestCase):
    def test_columns_and_values(self):
        allowed = {
            'format': 'pe elf',
            'arch': 'x86 x64',
            'toolchain': 'msvc mingw delphi rust go gcc clang',
            'part': 'tune report',
            'role': 'learn query stranger goodware',
            'source': 'pypi npm debian',
        }
        for row in ROWS:
            self.assertEqual(list(row), cf.COLUMNS)
            self.assertNotIn(None, row.values())
            for column, words in allowed.items():
                self.assertIn(row[column], words.split(), row)
            self.assertRegex(row['sha256'], '^[0-9a-f]{64}$')
            self.assertGreater(int(row['size']), 0)
            self.assertIn(row['demo'], ('', row['role']))

    def test_no_bytes_twice(self):
        counts = collections.Counter(row['sha256'] for row in ROWS)
        self.assertEqual([h for h, n in counts.items() if n > 1], [])

    def test_a_family_is_in_one_part_and_strangers_are_never_learned(self):
        parts, roles = collections.defaultdict(set), collections.defaultdict(set)
        for row in ROWS:
            parts[row['family']].add(row['part'])
            roles[row['family']].add(row['role'])
        for family, words in roles.items():
            self.assertEqual(len(parts[family]), 1, family)
            self.assertIn(words, ({'learn', 'query'}, {'stranger'}, {'goodware'}), family)

    def test_queries_are_newer_than_what_is_learned(self):
        for family in {row['family'] for row in ROWS if row['role'] == 'query'}:
            orders = {'learn': set(), 'query': set()}
            for row in ROWS:
                if row['family'] == family:
                    orders[row['role']].add((int(row['order'])))
            self.assertGreater(max(orders['query']), max(orders['learn']), family)

    def test_the_demo_is_small(self):
        demo = [row for row in ROWS if row['demo']]
        packages = {row['file']: int(row['download']) for row in demo}
        self.assertLess(sum(packages.values()), 40e6)
        self.assertEqual({row['demo'] for row in demo}, {'learn', 'query', 'stranger'})
        self.assertEqual({row['source'] for row in demo}, {'pypi'}, 'one client is enough')


class Clients(unittest.TestCase):
    def test_tags_of_a_wheel(self):
        for file, version, abis, platforms in (
            ('a-1-cp39-cp39-win_amd64.whl', (3, 9), ['cp39'], ['win_amd64']),
            ('a-1-cp312-cp312-win32.whl', (3, 12), ['cp312'], ['win32']),
            ('a-1-cp36-abi3-win_amd64.whl', (3, 9), ['abi3'], ['win_amd64']),
            ('a-1-cp310-abi3-win_amd64.whl', (3, 10), ['abi3'], ['win_amd64']),
            ('a-1-py2.py3-none-a.b.whl', (3, 9), ['none'], ['a', 'b']),
            ('a-1-cp36-cp36m-manylinux1_x86_64.whl', (3, 6), ['cp36m'], ['manylinux1_x86_64']),
        ):
            self.assertEqual(cf.wheel_tags(file), (version, abis, platforms))

    def test_no_package_twice_in_a_batch(self):
        row = {'source': 'npm', 'package': 'a'}
        groups = [[row], [row], [{'source': 'npm', 'package': 'b'}], [{'source': 'debian', 'package': 'a'}]]
        sizes = [len(batch) for batch in cf.batches_from_groups(groups)]
        self.assertEqual(sizes, [2, 1, 1])

    def test_one_bad_package_does_not_spoil_the_others(self):
        def client(rows, folder):
            if any(row['package'] == 'bad' for row in rows):
                raise cf.FetchError('no such version')
            for row in rows:
                with open(os.path.join(folder, row['file']), 'wb'):
                    pass

        rows = [{'source': 'npm', 'package': p, 'file': p + '.tgz'} for p in ('a', 'bad', 'b')]
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(cf.CLIENTS, npm=client):
            self.assertEqual(cf.batch_fetch(rows, folder), {'bad.tgz': 'no such version'})
            self.assertEqual(sorted(os.listdir(folder)), ['a.tgz', 'b.tgz'])


class Unpack(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def path(self, name):
        return os.path.join(self.dir.name, name)

    @staticmethod
    def tar(member, data):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode='w:xz') as tar:
            info = tarfile.TarInfo(member)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        return out.getvalue()

    def read(self, name, member):
        package = cf.Package(self.path(name))
        self.addCleanup(package.close)
        return package.read(member)

    def test_wheel(self):
        with zipfile.ZipFile(self.path('a.whl'), 'w') as z:
            z.writestr('x/y.pyd', b'MZ')
        self.assertEqual(self.read('a.whl', 'x/y.pyd'), b'MZ')
        self.assertRaises(KeyError, self.read, 'a.whl', 'absent')

    def test_npm_tarball(self):
        with open(self.path('a.tgz'), 'wb') as f:
            f.write(self.tar('package/a.node', b'MZ'))
        self.assertEqual(self.read('a.tgz', 'package/a.node'), b'MZ')

    def test_debian_package(self):
        data = self.tar('./usr/bin/a', b'\x7fELF')
        with open(self.path('a.deb'), 'wb') as f:
            f.write(b'!<arch>\n')
            for name, body in ((b'debian-binary', b'2.0\n'), (b'control.tar.xz', b'odd'), (b'data.tar.xz', data)):
                f.write(name.ljust(48) + b'%-10d`\n' % len(body) + body + b'\n' * (len(body) % 2))
        self.assertEqual(self.read('a.deb', 'usr/bin/a'), b'\x7fELF')

    def test_other_bytes_are_refused(self):
        row = {'sha256': hashlib.sha256(b'one').hexdigest(), 'size': '3'}
        self.assertRaises(cf.FetchError, cf.cached_write, self.dir.name, row, b'two')
        self.assertEqual(os.listdir(self.dir.name), [])
        cf.cached_write(self.dir.name, row, b'one')
        self.assertTrue(cf.cached_is_good(self.dir.name, row, True))
        with open(cf.cached_path(self.dir.name, row), 'wb') as f:
            f.write(b'two')
        self.assertTrue(cf.cached_is_good(self.dir.name, row, False))
        self.assertFalse(cf.cached_is_good(self.dir.name, row, True))


if __name__ == '__main__':
    unittest.main()
