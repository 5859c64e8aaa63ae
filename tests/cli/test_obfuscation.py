#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What programs do to hide, as traits: fixtures of tests/fixtures/obfuscation have it, the same sources without it do not."""
import os
import random
import shutil
import subprocess

import cog

FIXTURES = cog.ROOT / "tests/fixtures/obfuscation"
MINGW = shutil.which("x86_64-w64-mingw32-gcc")
KINDS = {"string_scheme", "api_scheme", "import_table", "flattening", "opaque_predicates", "junk_code", "time_forgery", "random_tail",
         "header_repair", "obfuscation"}


class Obfuscation(cog.Case):
    def build(self, name, *flags, cc=None):
        out = self.dir / (name + "".join(flags) + (".exe" if cc else ""))
        subprocess.run([cc or os.environ.get("CC", "cc"), "-w", *flags, "-o", out, FIXTURES / f"{name}.c"], check=True)
        return out

    def traits(self, path):
        return {r["kind"]: r["value"] for r in self.ok("traits", "--json", path).records if r["kind"] in KINDS}

    def test_flow(self):
        for level in ("-O0", "-O2"):
            found = self.traits(self.build("flow", level))
            self.assertRegex(found.get("flattening", ""), r"^comparisons, 1 of \d+ functions$")
            self.assertRegex(found.get("opaque_predicates", ""), r"^[4-6] of \d+ conditions$")

    def test_plain(self):
        """The parser's state machine and the loops are nothing."""
        for level in ("-O0", "-O2"):
            self.assertEqual(self.traits(self.build("flow", level, "-DPLAIN")), {})

    @cog.unittest.skipUnless(MINGW, "needs MinGW")
    def test_windows(self):
        for level in ("-O0", "-O2"):
            path = self.build("table", level, "-s", cc=MINGW)
            found = self.traits(path)
            self.assertEqual(found["import_table"], "CreateFileA,CloseHandle,ReadFile,WriteFile,Sleep,FindFirstFileA")
            self.assertTrue(set("12,24,60".split(",")) <= set(found["time_forgery"].split(",")))
        data = path.read_bytes()
        tail = self.dir / "tail.exe"
        tail.write_bytes(data + random.Random(1).randbytes(3000))
        self.assertEqual(self.traits(tail)["random_tail"], "up to 16 KiB")
        cut = self.dir / "cut.bin"
        cut.write_bytes(data[5:])
        outer, inner = [r for r in self.ok("analyse", "--json", cut).records if r["type"] == "image"]
        self.assertEqual((outer["format"], inner["format"]), ("raw", "pe"))
        self.assertEqual(inner["path"], f"{cut}!repaired")
        self.assertEqual(inner["unpacked_from"], outer["sha256"])
        self.assertEqual(self.traits(cut)["header_repair"], "the first 5 bytes are missing")

    @cog.unittest.skipUnless(MINGW, "needs MinGW")
    def test_evidence(self):
        """The same table in two programs that share little else is evidence of its own class."""
        env = cog.environment(COGNATE_STORE=str(self.dir / "store"))
        known, asked = (self.build("table", level, "-s", cc=MINGW) for level in ("-O0", "-O3"))
        self.ok("learn", "--family", "Fixture", "--source", "test", known, env=env)
        verdict = self.ok("attribute", "--json", asked, env=env).records[0]
        found = [e for e in verdict["evidence"] if e["class"] == "obfuscation"]
        self.assertTrue(any("import_table" in e["statement"] for e in found), verdict["evidence"])


if __name__ == "__main__":
    cog.main()
