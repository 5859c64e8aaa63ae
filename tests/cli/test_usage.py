#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Help, versions, options, exit codes, completion."""
import subprocess

import cog

COMMANDS = ["analyse", "functions", "strings", "routines", "traits", "indicators", "learn", "attribute", "compare", "search",
            "store", "completion"]


class Help(cog.Case):
    def test_no_arguments_is_usage(self):
        done = cog.run()
        self.assertEqual((done.code, done.out), (2, b""))
        self.assertIn("Examples:", done.err)

    def test_overview(self):
        for args in (["--help"], ["-h"], ["help"]):
            done = self.ok(*args)
            self.assertEqual(done.err, "")
            for command in COMMANDS:
                self.assertIn(f"\n  {command} ", done.text)
            for later in ("serve",):
                self.assertNotIn(later, done.text)
            self.assertLess(done.text.index("Examples:"), done.text.index("Commands:"))

    def test_every_command(self):
        for command in COMMANDS:
            for args in ([command, "--help"], [command, "-h"], ["help", command], ["--help", command][::-1]):
                done = self.ok(*args)
                self.assertEqual(done.err, "")
                self.assertLess(done.text.index("Examples:"), done.text.index("Usage:"))
                self.assertIn(f"  cognate {command}", done.text)
                self.assertLessEqual(max(map(len, done.text.split("\n"))), 100)

    def test_version(self):
        self.assertRegex(self.ok("--version").text, r"^cognate \d+\.\d+\.\d+\n$")
        self.assertEqual(self.ok("analyse", "--version").text, self.ok("--version").text)


class Errors(cog.Case):
    def usage(self, *args):
        done = cog.run(*args)
        self.assertEqual((done.code, done.out), (2, b""), args)
        return done.err

    def test_commands(self):
        self.assertIn("did you mean analyse?", self.usage("analise", "x"))
        self.assertIn("did you mean attribute?", self.usage("attr"))
        self.assertNotIn("did you mean", self.usage("xyzzy"))
        for later in ("serve",):
            self.assertIn("not in version", self.usage(later, "x"))

    def test_options(self):
        self.assertIn("did you mean --jobs?", self.usage("analyse", "--job", "2", "x"))
        self.assertIn("did you mean --json?", self.usage("analyse", "--jsno", "x"))
        self.assertIn("has no option --family", self.usage("analyse", "--family", "F", "x"))
        self.assertIn("needs a value", self.usage("analyse", "x", "--jobs"))
        self.assertIn("takes no value", self.usage("analyse", "--json=yes", "x"))
        self.assertIn("no option -x", self.usage("analyse", "-x", "x"))

    def test_values(self):
        for args in (["--jobs", "0"], ["--jobs", "two"], ["--jobs", "-1"], ["--timeout", "soon"], ["--timeout", "-1"],
                     ["--timeout", "nan"], ["--max-mb", "1"], ["--max-mb", ""], ["--arch", "z80"], ["--base", "0x"],
                     ["--base", "0x1ffffffffffffffff"]):
            self.assertIn("expected", self.usage("analyse", *args, "x"))
        for args in (["--family", ""], ["--family", "x" * 257], ["--family", "a\nb"], ["--family", b"\xff"],
                     ["--actor", "\u202ex"], ["--first-seen", "yesterday"], ["--first-seen", "2023-02-29"]):
            self.assertIn("expected", self.usage("learn", *args, "x"))
        self.assertIn("expected", self.usage("attribute", "--fail-on", "guilty", "x"))
        self.assertIn("expected", self.usage("search", "--function", "main", "x"))

    def test_labels_that_contradict(self):
        self.usage("learn", "--goodware", "--family", "F", "x")
        self.usage("learn", "--library", "L", "--actor", "A", "x")

    def test_arguments(self):
        self.assertIn("analyse needs FILE", self.usage("analyse"))
        self.assertIn("compare needs", self.usage("compare", "a"))
        self.assertIn("no more", self.usage("compare", "a", "b", "c"))
        self.usage("store")
        self.usage("completion", "tcsh")

    def test_postgresql(self):
        for where in ("postgresql://host/db", "postgres://host/db"):
            self.assertIn("not in this version", self.usage("store", "--store", where, "stat"))

    def test_escapes_in_messages(self):
        self.assertNotIn("\033", self.usage("\033[31m"))


class Placement(cog.Case):
    def test_options_anywhere(self):
        path = cog.fixture("plover")
        expected = self.ok("traits", "--json", path).out
        for args in (["--json", "traits", path], ["traits", path, "--json"], ["traits", "--jobs=2", "--json", "--", path],
                     ["-j2", "traits", "--json", path], ["--jobs", "2", "traits", path, "--json"]):
            self.assertEqual(self.ok(*args).out, expected)

    def test_american_spelling(self):
        path = cog.fixture("plover")
        self.assertEqual(self.ok("analyze", "--json", path).out, self.ok("analyse", "--json", path).out)


class Completion(cog.Case):
    def complete(self, *words):
        script = self.ok("completion", "bash").text
        quoted = " ".join(f"'{w}'" for w in words)
        done = subprocess.run(["bash", "-c", f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _cognate; "
                               "printf '%s\\n' \"${COMPREPLY[@]}\""], capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def test_bash(self):
        self.assertEqual(self.complete("cognate", "an"), {"analyse"})
        self.assertEqual(self.complete("cognate", "analyse", "--js"), {"--json"})
        self.assertNotIn("--family", self.complete("cognate", "analyse", "--"))
        self.assertIn("--family", self.complete("cognate", "learn", "--"))
        self.assertEqual(self.complete("cognate", "store", "ve"), {"verify"})
        self.assertEqual(self.complete("cognate", "attribute", "--fail-on", "un"), {"unknown"})

    def test_all_commands_in_all_shells(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.ok("completion", shell).text
            for command in COMMANDS:
                self.assertIn(command, script)
        subprocess.run(["bash", "-n"], input=self.ok("completion", "bash").out, check=True)


if __name__ == "__main__":
    cog.main()
