#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""export --format yara: rules made from samples, tested before they are written."""
import re
import shutil

import cog


class Yara(cog.Case):
    def setUp(self):
        super().setUp()
        self.env = cog.environment(COGNATE_STORE=str(self.dir / "store"))
        self.heron, self.newer = cog.fixture("heron1"), cog.fixture("heron2")
        self.plover = cog.fixture("plover")
        self.ok("learn", "--goodware", self.plover, env=self.env)

    def learn(self, family="Heron"):
        self.ok("learn", "--family", family, "--source", "lab", self.heron, env=self.env)

    def export(self, *args, code=0):
        done = cog.run("export", "--format", "yara", *args, env=self.env)
        self.assertEqual(done.code, code, done.err)
        return done

    def is_tested(self, done):
        return "built without libyara" not in done.err

    def test_a_rule_for_a_family(self):
        self.learn()
        done = self.export("--goodware", self.plover, self.heron)
        self.assertTrue(done.text.startswith("rule cognate_Heron {\n"))
        self.assertIn('source = "lab"', done.text)
        self.assertEqual(len(re.findall(r'sha256 = "[0-9a-f]{64}"', done.text)), 1)
        self.assertGreaterEqual(done.text.count("$c"), 3)
        self.assertTrue(all(line.isascii() for line in done.text.splitlines()))
        if self.is_tested(done):
            self.assertIn("goodware_files_tested = 1", done.text)
        again = self.export("--goodware", self.plover, self.heron)
        self.assertEqual(done.text, again.text)

    def test_code_of_goodware_is_not_used(self):
        self.learn()
        if not self.is_tested(self.export(self.heron)):
            self.skipTest("skipped: built without libyara")
        same = self.dir / "innocent"
        shutil.copyfile(self.newer, same)  # has the family's functions
        before = self.export(self.heron).text.count("    $c")
        done = cog.run("export", "--format", "yara", "--goodware", same, self.heron, env=self.env)
        self.assertLess(done.text.count("    $c"), before)

    def test_a_family_that_is_given(self):
        done = self.export("--family", "Other Name", self.heron)
        self.assertRegex(done.text, r"^rule cognate_Other_Name_[0-9a-f]{8} \{")
        self.assertIn('basis = "given with --family"', done.text)

    def test_nobodys_sample(self):
        done = self.export(self.heron)
        self.assertRegex(done.text, r"^rule cognate_sample_[0-9a-f]{16} \{")
        self.assertNotIn("family =", done.text)

    def test_hostile_names_stay_in_quotes(self):
        # A label with controls is refused by learn; this one has quotes, comments and braces.
        self.learn('He"ron\\ { } // \u00e9')
        done = self.export(self.heron)
        self.assertIn('family = "He\\"ron\\\\ { } // \\xc3\\xa9"', done.text)
        self.assertRegex(done.text, r"^rule cognate_He_ron_[A-Za-z0-9_]* \{")

    def test_what_cannot_be(self):
        self.export(code=2)
        self.export(self.dir / "nothing.exe", code=1)
        self.learn()
        done = self.export("--output", self.dir / "no.yar", self.plover, code=1)
        self.assertIn("no rule was made", done.err)
        self.assertFalse((self.dir / "no.yar").exists())

    def test_a_store_without_public_code_is_said(self):
        self.env = cog.environment(COGNATE_STORE=str(self.dir / "other"))
        self.learn()
        self.assertIn("knows no goodware", self.export(self.heron).err)


if __name__ == "__main__":
    cog.main()
