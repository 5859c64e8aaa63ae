#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packed programs: the sample inside has records and a verdict of its own, and both name each other."""
import platform
import shutil
import subprocess
import sys

import cog

UPX = shutil.which("upx") or shutil.which("upx-ucl")
READY = platform.machine() == "x86_64" and shutil.which("gcc") and shutil.which("ld")


@cog.unittest.skipUnless(READY, "needs gcc and ld for x86-64")
class Unpack(cog.Case):
    def packed(self, scheme):
        """A fixture, and the same packed."""
        plain, out = cog.fixture("heron1", "-O2"), self.dir / f"packed-{scheme}"
        if scheme == "upx":
            subprocess.run([UPX, "-qqq", "--force", "-o", out, plain], check=True)
        else:
            subprocess.run([sys.executable, cog.ROOT / "tools/stub_pack.py", plain, out, "--scheme", scheme], check=True)
        return plain, out

    def functions(self, records, sha256):
        return {r["va"]: r["pic"] for r in records if r["type"] == "function" and r["sha256"] == sha256 and r["pic"]}

    def check(self, scheme):
        plain, packed = self.packed(scheme)
        before, after = self.ok("analyse", "--json", plain).records, self.ok("analyse", "--json", packed).records
        outer, inner = [r for r in after if r["type"] == "image"]
        self.assertTrue(outer["packed"])
        self.assertEqual(outer["unpacked"], inner["sha256"])
        self.assertEqual(inner["unpacked_from"], outer["sha256"])
        self.assertEqual(inner["path"], f"{packed}!unpacked")
        self.assertFalse(inner["packed"])
        image = next(r for r in before if r["type"] == "image")
        self.assertEqual(inner["entry"], image["entry"])
        self.assertEqual(inner["imported"], image["imported"])
        self.assertEqual(self.functions(after, inner["sha256"]), self.functions(before, image["sha256"]))
        return plain, packed

    def test_xor(self):
        self.check("xor")

    def test_lz(self):
        self.check("lz")

    @cog.unittest.skipUnless(UPX, "needs upx")
    def test_upx(self):
        self.check("upx")

    def test_verdicts(self):
        plain, packed = self.packed("lz")
        env = cog.environment(COGNATE_STORE=str(self.dir / "store"))
        self.ok("learn", "--family", "Fixture", "--source", "test", plain, env=env)
        outer, inner = [r for r in self.ok("attribute", "--json", packed, env=env).records if r["type"] == "verdict"]
        self.assertEqual(outer["decision"], "insufficient")
        self.assertIn(inner["sha256"], " ".join(outer["confidence"]["reasons"]))
        self.assertEqual(inner["hypotheses"][0]["name"], "Fixture")

    def test_compare(self):
        plain, packed = self.packed("xor")
        records = self.ok("compare", "--json", plain, packed).records
        self.assertTrue(any(r["type"] == "pair" and r["score"] == 1 for r in records))


if __name__ == "__main__":
    cog.main()
