#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cognate routines` on the fixtures of tests/fixtures/routines, built by the compiler of this machine: every routine has its
name, its key and its kind; no decoy is one."""
import os
import shutil
import subprocess
import sys

import cog

sys.path.insert(0, str(cog.ROOT / "bench"))
import routines as bench  # noqa: E402

COMPILER = next((c for c in (os.environ.get("CC"), "cc", "gcc") if c and shutil.which(c)), None)


@cog.unittest.skipUnless(COMPILER and shutil.which("nm") and shutil.which("strip"), "needs a C compiler, nm and strip")
class Routines(cog.Case):
    def build(self, which, source, level, *flags):
        full, bare = self.dir / f"{which}-{source}-{level}.full", self.dir / f"{which}-{source}-{level}"
        subprocess.run([COMPILER, f"-{level}", "-w", *flags, "-o", full, bench.FIXTURES / which / f"{source}.c"], check=True)
        subprocess.run(["strip", "-o", bare, full], check=True)
        names = {}
        for line in subprocess.run(["nm", full], capture_output=True, text=True, check=True).stdout.splitlines():
            part = line.split()
            if len(part) == 3 and part[2].startswith(("r_", "d_")):
                names[int(part[0], 16)] = part[2]
        return bare, names

    def records(self, path):
        return {int(r["va"], 16): r for r in self.ok("routines", "--json", path).records}

    def test_names_and_secrets(self):
        truth = bench.truth_table()
        for source in ("stream", "block", "hash", "code"):
            path, names = self.build("tune", source, "O2")
            records = self.records(path)
            for va, symbol in names.items():
                algorithm, secret, _ = truth[symbol[2:]]
                self.assertIn(va, records, symbol)
                self.assertEqual(records[va]["algorithm"], algorithm, symbol)
                self.assertIsNotNone(records[va]["fingerprint"])
                if secret["tune"] != "-":
                    self.assertTrue(bench.has_secret(secret["tune"], records[va]["parameters"]), (symbol, records[va]))

    def test_arguments_that_add_up(self):
        """An address and a length, added, are not taken for a third argument, wherever the program lies."""
        for flags in ([], ["-no-pie", "-fno-pie"]):
            path, names = self.build("report", "stream", "O2", *flags)
            records = self.records(path)
            va = next(va for va, symbol in names.items() if symbol == "r_xor_arg")
            self.assertEqual(records[va]["parameters"]["key"], "1f")

    def test_jump_on_with_an_argument(self):
        """A function that binds an argument and jumps on is not the one that it jumps to."""
        path, names = self.build("report", "block", "Os")
        records = self.records(path)
        of = {symbol: records[va] for va, symbol in names.items() if va in records}
        self.assertEqual(of["r_rc6_key"]["algorithm"], "rc6")
        self.assertEqual(of["r_aes128_key"]["algorithm"], "aes-128")

    CODE = """#include <stdio.h>
#include <string.h>
__attribute__((noinline)) static void code(unsigned char *p, size_t n, const unsigned char *k, size_t kn) {
    for (size_t i = 0; i < n; i++) p[i] ^= k[i % kn];
}
"""

    def one_routine(self, name, text):
        (self.dir / f"{name}.c").write_text(text)
        subprocess.run([COMPILER, "-O1", "-s", "-w", "-o", self.dir / name, self.dir / f"{name}.c"], check=True)
        return list(self.records(self.dir / name).values())

    def test_keys_of_nothing(self):
        """A key that is made of a variable that nobody has set, or of what the caller was given, is none; one of constants is."""
        for name, of in (("variable", "seed[i] * 7"), ("given", "names[0][i % 3] * 7"), ("constant", "(i + 3) * 7")):
            records = self.one_routine(name, self.CODE + """static unsigned char seed[16];
__attribute__((noinline)) static void caller(unsigned char *p, char **names) {
    unsigned char k[16];
    for (unsigned i = 0; i < 16; i++) k[i] = (unsigned char)(%s + i * i + 40);
    code(p, 64, k, 16);
}
int main(int c, char **v) { static unsigned char b[64]; seed[c] = b[c + 1] = (unsigned char)c; caller(b, v); printf("%%d", b[3]); return 0; }
""" % of)
            self.assertEqual({r["algorithm"] for r in records}, {"xor"}, name)
            key = bytes(((i + 3) * 7 + i * i + 40) & 255 for i in range(16)).hex()
            keys = {r["parameters"]["key"] for r in records if "key" in r["parameters"]}
            self.assertEqual(keys, {key} if name == "constant" else set(), name)

    def test_buffers(self):
        """Two buffers of one length, combined, are no cipher; with one of them in the file as long as the data they are."""
        code = """#include <stdio.h>
__attribute__((noinline)) static void both(unsigned char *p, const unsigned char *k, size_t n) {
    for (size_t i = 0; i < n; i++) p[i] ^= k[i];
}
static unsigned char a[64], b[64];
"""
        records = self.one_routine("bits", code + 'int main(int c, char **v) { both(a, b, 64); printf("%d", a[c]); return 0; }\n')
        self.assertEqual(records, [])
        records = self.one_routine("pad", code + """static const unsigned char pad[16] = "\\x9a\\x11\\x7f\\xc3\\x55\\x02\\xe8\\x6d\\x31\\xb4\\x90\\x2c\\xdf\\x48\\x73\\x0e";
int main(int c, char **v) { both(a, pad, 16); printf("%d", a[c]); return 0; }
""")
        self.assertEqual([(r["algorithm"], r["parameters"].get("key")) for r in records], [("xor", "9a117fc35502e86d31b4902cdf48730e")])

    def test_flips(self):
        """All bits, or one, of flags or of a picture are negated; where bytes of the file are, it may be a cipher."""
        code = """#include <stdio.h>
#include <stdlib.h>
__attribute__((noinline)) static void flip(unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i++) p[i] ^= %s;
}
static unsigned char hidden[] = "\\x9b\\x90\\x90\\x8d";
int main(int c, char **v) { unsigned char *p = %s; flip(p, 4); printf("%%d", p[c]); return 0; }
"""
        for name, key, given, found in (("picture", "0xff", "malloc(4)", []), ("flags", "1", "malloc(4)", []),
                                        ("coded", "0xff", "hidden", ["ff"]), ("other", "0xa7", "malloc(4)", ["a7"])):
            records = self.one_routine(name, code % (key, given))
            self.assertEqual([r["parameters"]["key"] for r in records], found, name)

    def test_keys_are_the_programs_own(self):
        """A caller that passes on what it was given, here by the emulator, gives no key."""
        source = self.dir / "given.c"
        source.write_text("""#include <stdio.h>
#include <string.h>
__attribute__((noinline)) static void code(unsigned char *p, size_t n, const char *k, size_t kn) {
    for (size_t i = 0; i < n; i++) p[i] ^= (unsigned char)k[i % kn];
}
__attribute__((noinline)) static void caller(unsigned char *p, char **names) { code(p, 64, names[0], strlen(names[0])); }
int main(int c, char **v) { static unsigned char b[64]; caller(b, v); printf("%d", b[3]); return 0; }
""")
        path = self.dir / "given"
        subprocess.run([COMPILER, "-O1", "-s", "-w", "-o", path, source], check=True)
        records = list(self.records(path).values())
        self.assertEqual([r["algorithm"] for r in records], ["xor"])
        self.assertNotIn("key", records[0]["parameters"])

    def test_decoys(self):
        path, names = self.build("tune", "decoy", "O2")
        records = self.records(path)
        self.assertEqual([names[va] for va in records if va in names], [])

    def attribute(self, known, asked):
        """Classes of the evidence for a sample against a store with another one."""
        env = cog.environment(COGNATE_STORE=str(self.dir / "store"))
        self.ok("learn", "--family", "Fixture", "--source", "test", known, env=env)
        verdict = self.ok("attribute", "--json", asked, env=env).records[0]
        return {e["class"]: e for e in verdict["evidence"]}

    def test_evidence(self):
        """The same source without and with optimisation shares hardly a gene, but what it computes."""
        asked = self.dir / "asked"
        shutil.copy(self.build("tune", "stream", "Os")[0], asked)
        found = self.attribute(self.build("tune", "stream", "O0")[0], asked)
        self.assertLessEqual({"routine", "secret"}, set(found))
        self.assertTrue(found["routine"]["there"]["va"] and found["secret"]["here"]["va"])
        self.assertEqual(found["routine"]["forgeability"], "hard")

    def test_public_algorithms_prove_nothing(self):
        """Published hashes against published codings, and decoys: no routine is evidence."""
        found = self.attribute(self.build("tune", "hash", "O1")[0], self.build("report", "code", "O1")[0])
        self.assertFalse({"routine", "secret"} & set(found), found)

    def test_compare(self):
        records = self.ok("compare", "--json", self.build("tune", "stream", "O1")[0],
                          self.build("report", "stream", "O2")[0]).records
        shared = {(r["what"], r["value"]) for r in records if r["type"] == "shared"}
        self.assertIn(("routine", "lfsr-majority"), shared)
        self.assertFalse([v for w, v in shared if w == "secret"])

    def test_text(self):
        path, _ = self.build("tune", "stream", "O1")
        done = self.ok("routines", path)
        self.assertRegex(done.text, r"stream_cipher\s+lfsr-majority\s+taps x\^31\+x\^3\+1")
        self.assertRegex(self.ok("analyse", path).text, r"Routines\n.*stream_cipher")


if __name__ == "__main__":
    cog.main()
