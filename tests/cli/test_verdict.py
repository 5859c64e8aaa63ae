#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""attribute: three separate claims, what names an operator and what does not, false flags, what the verdict hangs on."""
import json
import os
import random
import shutil
import subprocess
import sys

import cog

sys.path.insert(0, str(cog.ROOT / "bench"))  # forge.py

class Writer:
    """Functions with statements drawn at random: two seeds have nothing in common but the language."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def value(self, depth=0):
        r = self.rng
        if depth > 2 or r.random() < .3:
            return r.choice(["a", "b", "n", "i", "(unsigned)at[i & 3]", f"{r.randrange(3, 1 << 20)}u"])
        shift = r.randrange(1, 31)
        return r.choice([f"({self.value(depth + 1)} {r.choice('+-*^|&')} {self.value(depth + 1)})",
                         f"({self.value(depth + 1)} >> {shift})", f"(b << {shift} | b >> {32 - shift})"])

    def statement(self, depth=0):
        r, kind = self.rng, self.rng.random()
        if depth < 2 and kind < .25:
            return f"if ({self.value()} {r.choice(['<', '>', '==', '&'])} {self.value()}) {{ {self.body(depth + 1)} }} else {{ {self.body(depth + 1)} }}"
        if depth < 2 and kind < .4:
            return f"for (i = 0; i < (n & {r.randrange(3, 60)}); i++) {{ {self.body(depth + 1)} }}"
        return f"{r.choice('ab')} {r.choice(['=', '+=', '^=', '-='])} {self.value()};"

    def body(self, depth):
        return " ".join(self.statement(depth) for _ in range(self.rng.randrange(2, 5)))

    def function(self, name):
        statements = " ".join(self.statement() for _ in range(self.rng.randrange(5, 10)))
        return f"static __attribute__((noinline)) unsigned {name}(const char *at, unsigned n) {{ unsigned a = {self.rng.randrange(1 << 30)}u, b = n, i = 0; " \
               f"{statements} return a {self.rng.choice('+^')} b; }}\n"


def source(seed, count, address, extra="", call="0"):
    """A program of `count` functions that only programs with this seed have; it prints the address."""
    writer = Writer(seed)
    functions = "".join(writer.function(f"own_{i}") for i in range(count))
    calls = " + ".join(f"own_{i}(v[0], {i}u + (unsigned)c)" for i in range(count))
    return f'#include <stdio.h>\n{functions}{extra}int main(int c, char **v) {{ printf("%u\\n", {calls} + {call}); puts("connect {address} now"); return 0; }}\n'


class Base(cog.Case):
    def setUp(self):
        super().setUp()
        self.env = cog.environment(COGNATE_STORE=str(self.dir / "store"))

    def build(self, name, seed, address, count=24, text=None):
        path = self.dir / name
        (self.dir / f"{name}.c").write_text(text or source(seed, count, address))
        subprocess.run([os.environ.get("CC", "cc"), "-O1", "-o", path, f"{path}.c"], check=True)
        return path

    def learn(self, *args):
        self.ok("learn", "-q", *args, env=self.env)

    def ask(self, sample, *args):
        verdict = self.ok("attribute", "--json", *args, sample, env=self.env).records[0]
        claims = {c["claim"]: c for c in verdict["claims"]}
        self.assertEqual(list(claims), ["lineage", "operators", "group"])
        self.assertEqual(len(verdict["matrix"]["columns"]), len(verdict["hypotheses"]))
        for row in verdict["matrix"]["rows"]:
            self.assertEqual(len(row["cells"]), len(verdict["hypotheses"]))
        for kind in ("unknown", "public_code", "shared_supplier", "false_flag"):
            self.assertEqual(sum(h["kind"] == kind for h in verdict["hypotheses"]), 1)
        return verdict, claims


class Verdicts(Base):
    def learn_marsh(self):
        """Code of Marsh, used by Grey Heron in campaign Wetland, at 198.51.100.20; and two other families."""
        self.learn("--family", "Marsh", "--actor", "Grey Heron", "--campaign", "Wetland", "--source", "lab",
                   self.build("marsh1", 1, "198.51.100.20"))
        self.learn("--family", "Fen", "--actor", "Plover Group", "--source", "lab", self.build("fen1", 2, "198.51.100.30"))
        self.learn("--goodware", cog.fixture("plover"))

    def test_code_alone_names_no_operator(self):
        self.learn_marsh()
        verdict, claims = self.ask(self.build("new", 1, "203.0.113.9", 23))
        self.assertEqual(verdict["decision"], "lineage")
        self.assertEqual(claims["lineage"]["name"], "Marsh")
        self.assertLessEqual(claims["group"]["probability"], .5)
        self.assertLessEqual(claims["operators"]["probability"], .5)
        self.assertIn("capability alone", claims["group"]["statement"])
        self.assertTrue(any("would say who used it" in line for line in verdict["would_change"]))

    def test_code_and_a_private_address_do(self):
        self.learn_marsh()
        verdict, claims = self.ask(self.build("new", 1, "198.51.100.20", 23))
        self.assertEqual(verdict["decision"], "attributed")
        self.assertEqual(claims["group"]["name"], "Grey Heron")
        self.assertGreaterEqual(claims["group"]["probability"], .55)
        self.assertEqual(claims["operators"]["name"], "Wetland")
        self.assertIn("capability and infrastructure", claims["group"]["statement"])
        item = next(e for e in verdict["evidence"] if e["class"] == "indicator")
        self.assertIn("198.51.100.20", item["statement"])
        self.assertFalse(verdict["robust"])  # it hangs on the one address
        self.assertTrue(any(line.startswith(f"evidence {item['id']} ") for line in verdict["hangs_on"]))
        text = self.ok("attribute", "-v", self.dir / "new", env=self.env).text
        self.assertIn("The group Grey Heron used it", text)
        self.assertIn("Evidence against hypotheses", text)

    def learn_three(self, *actors):
        """Three families that have nothing in common but the address that all of them connect to."""
        for i, actor in enumerate(actors):
            self.learn("--family", f"Bog{i}", "--actor", actor, "--source", "lab", self.build(f"bog{i}", 20 + i, "198.51.100.40"))

    def test_an_address_of_all_families_of_one_group_is_the_groups(self):
        self.learn_three("Grey Heron", "Grey Heron", "Grey Heron")
        verdict, claims = self.ask(self.build("new", 20, "198.51.100.40", 23))
        self.assertEqual(verdict["decision"], "attributed")
        self.assertEqual(claims["group"]["name"], "Grey Heron")
        self.assertIn("capability and infrastructure", claims["group"]["statement"])

    def test_an_address_of_three_groups_is_nobodys(self):
        self.learn_three("Grey Heron", "Plover Group", "Brown Rail")
        verdict, claims = self.ask(self.build("new", 20, "198.51.100.40", 23))
        self.assertEqual(verdict["decision"], "lineage")
        self.assertLessEqual(claims["group"]["probability"], .5)

    def test_an_address_in_the_code_of_two_groups_names_neither(self):
        shared = "198.51.100.60"  # both groups' samples of the one family have it
        for i, (actor, own) in enumerate((("Grey Heron", "198.51.100.61"), ("Grey Heron", "198.51.100.62"), ("Plover Group", "198.51.100.63"))):
            self.learn("--family", "Reed", "--actor", actor, "--source", "lab", self.build(f"reed{i}", 30, f"{shared} or {own}", 24 - i))
        verdict, claims = self.ask(self.build("theirs", 30, f"{shared} or 203.0.113.8", 22))
        self.assertEqual(verdict["decision"], "lineage")
        self.assertLess(claims["group"]["probability"], .55)
        verdict, claims = self.ask(self.build("plovers", 30, f"{shared} or 198.51.100.63", 22))
        self.assertEqual(claims["group"]["name"], "Plover Group")
        self.assertGreaterEqual(claims["group"]["probability"], .55)

    def test_an_address_alone_does_not(self):
        self.learn_marsh()
        verdict, claims = self.ask(self.build("new", 7, "198.51.100.20"))
        self.assertIn(verdict["decision"], ("unknown", "insufficient"))
        self.assertLessEqual(claims["group"]["probability"], .5)

    def publish(self):
        (self.dir / "list.csv").write_text("type,value,first_seen,report,family\nipv4,198.51.100.20,2020-01-02,Marsh report,Marsh\n")
        self.ok("import", self.dir / "list.csv", env=self.env)

    def test_a_published_address_is_copyable(self):
        self.learn_marsh()
        self.publish()
        sample = self.build("new", 1, "198.51.100.20", 23)
        after, claims = self.ask(sample, "--first-seen", "2021-05-01")
        item = next(e for e in after["evidence"] if e["class"] == "indicator")
        self.assertEqual((item["forgeability"], item["first_public"][:10]), ("easy", "2020-01-02"))
        before, earlier = self.ask(sample, "--first-seen", "2019-05-01")
        self.assertEqual(next(e for e in before["evidence"] if e["class"] == "indicator")["forgeability"], "hard")
        self.assertGreater(earlier["group"]["probability"], claims["group"]["probability"])
        self.assertTrue(any(g["group"] == "infrastructure" and g["log10_lr"] <= 1 for g in after["ledger"]))

    def test_a_stranger_with_a_published_address_is_nobodys(self):
        self.learn_marsh()
        self.publish()
        verdict, claims = self.ask(self.build("new", 8, "198.51.100.20"))
        self.assertNotIn(verdict["decision"], ("attributed", "lineage"))
        self.assertLess(claims["group"]["probability"], .2)

    def test_code_that_is_for_sale_names_nobody(self):
        """As Hermes, which was sold: Ryuk has its code and not its operators (N2)."""
        self.learn_marsh()
        (self.dir / "k.json").write_text(json.dumps({"type": "bundle", "id": "bundle--1", "objects": [
            {"type": "malware", "id": "malware--1", "name": "Marsh", "is_family": True, "labels": ["for-sale"]}]}))
        self.ok("import", self.dir / "k.json", env=self.env)
        verdict, claims = self.ask(self.build("new", 1, "203.0.113.9", 23))
        self.assertEqual(verdict["decision"], "lineage")
        self.assertLess(claims["group"]["probability"], .1)

    def test_claims_of_others_lead_from_family_to_group(self):
        self.learn("--family", "Marsh", "--source", "lab", self.build("marsh1", 1, "198.51.100.20"))
        (self.dir / "k.json").write_text(json.dumps({"type": "bundle", "id": "bundle--1", "objects": [
            {"type": "malware", "id": "malware--1", "name": "Marsh", "is_family": True},
            {"type": "intrusion-set", "id": "intrusion-set--1", "name": "Grey Heron"},
            {"type": "relationship", "id": "relationship--1", "relationship_type": "uses", "source_ref": "intrusion-set--1",
             "target_ref": "malware--1"}]}))
        self.ok("import", self.dir / "k.json", env=self.env)
        verdict, claims = self.ask(self.build("new", 1, "203.0.113.9", 23))
        self.assertEqual((verdict["decision"], claims["group"]["name"]), ("lineage", "Grey Heron"))
        self.assertLessEqual(claims["group"]["probability"], .5)
        # The same address as in the learned sample is a second class.
        verdict, claims = self.ask(self.build("new2", 1, "198.51.100.20", 23))
        self.assertEqual(claims["lineage"]["name"], "Marsh")

    def test_one_function_in_foreign_code_is_seen(self):
        """A function is copied with its calls into a program of somebody else."""
        joint = "static __attribute__((noinline)) unsigned joint(const char *at, unsigned n) { unsigned s = 0; for (unsigned i = 0; i < n; i++) {" \
                "s += %s(at, i) * 3; s ^= %s(at, s & 7) >> 2; if (s & 64) s -= n * 5 + i; else s += (unsigned)at[0] << 3; s = s << 9 | s >> 23; } return s ^ n; }\n"

        def around(seed, a, b):
            return joint % (a, b) + Writer(seed).function("outer").replace("return a", "return joint(at, b) + a")

        theirs = source(1, 24, "198.51.100.20", around(101, "own_3", "own_5"), "outer(v[0], 9)")
        self.learn("--family", "Marsh", "--source", "lab", self.build("marsh1", 1, "", text=theirs))
        self.learn("--family", "Fen", "--source", "lab", self.build("fen1", 2, "198.51.100.30"))
        self.learn("--goodware", cog.fixture("plover"))
        ours = source(9, 14, "203.0.113.1", around(109, "own_1", "own_2"), "outer(v[0], 9)")
        verdict, claims = self.ask(self.build("graft", 9, "", text=ours))
        self.assertNotIn(verdict["decision"], ("attributed", "lineage"))
        self.assertIn("transplant", [c["kind"] for c in verdict["contradiction_details"]])
        flag = next(h["probability"] for h in verdict["hypotheses"] if h["kind"] == "false_flag")
        self.assertGreater(flag, .05)


MAJORITY = """static __attribute__((noinline)) void hide(unsigned char *p, unsigned n) {
    unsigned k1 = %s, k2 = %s, k3 = %s;
    for (unsigned i = 0; i < n; i++) {
        p[i] ^= (unsigned char)(k1 ^ k2 ^ k3);
        k1 = ((k1 & k3) ^ (k2 & (k1 ^ k3))) & 255;
        k2 = (k2 >> 8) | (((k2 ^ (k2 << 3)) & 0x7f8) << 20);
        k3 = (k3 >> 8) | (((k3 << 7) ^ ((k3 ^ ((k3 ^ (k3 << 1)) << 4)) & 0xffffff80)) << 17);
    }
}
"""
SEEDS_2020, SEEDS_2021 = ("0x17", "0x00b8d68b", "0x02497029"), ("0x84", "0x09a9a2c2", "0x57219043")  # published: data/case/case.json
MD5_STEP = """static __attribute__((noinline)) void hide(unsigned char *p, unsigned n) {
    unsigned a = 0x67452301, b = 0xefcdab89, c = 0x98badcfe, d = 0x10325476, x;
    for (unsigned i = 0; i < n; i++) {
        x = a + ((b & c) | (~b & d)) + p[i] + 0xd76aa478; a = d; d = c; c = b; b += x << 17 | x >> 15;
    }
    p[0] ^= (unsigned char)(a ^ b ^ c ^ d);
}
"""
BORLAND = """static __attribute__((noinline)) void hide(unsigned char *p, unsigned n) {
    static unsigned seed = %d;
    for (unsigned i = 0; i < n; i++) { seed = seed * 0x015a4e35 + 1; p[i] ^= (unsigned char)(seed >> 16 & 0x7fff); }
}
"""
XOR_ADD = """static __attribute__((noinline)) void hide(unsigned char *p, unsigned n) {
    for (unsigned i = 0; i < n; i++) p[i] = (unsigned char)((p[i] ^ %s) - %s);
}
"""


class Case(Base):
    """Programs of ours that carry what is published on the South Korean cases of 2013 to 2021, and what is everybody's."""

    def program(self, name, seed, routine, address="203.0.113.77"):
        call = "(hide(buffer, sizeof buffer), buffer[c & 63])"
        routine = "static unsigned char buffer[256] = \"0123456789abcdef\";\n" + routine
        return self.build(name, seed, "", text=source(seed, 16, address, routine, call))

    def shared(self, known, asked, *args):
        """The verdict, and its evidence by class."""
        self.learn("--family", "Known", "--actor", "Known Group", "--source", "lab", known)
        self.learn("--family", "Fen", "--source", "lab", self.build("fen", 2, "198.51.100.30"))
        self.learn("--goodware", cog.fixture("plover"))
        verdict, claims = self.ask(asked, *args)
        self.assertNotEqual(verdict["decision"], "attributed")
        self.assertLessEqual(claims["group"]["probability"], .5)
        return verdict, {e["class"]: e for e in verdict["evidence"]}

    def test_one_cipher_with_other_seeds(self):
        """2020 and 2021: the cipher is the same function, its seeds are not."""
        verdict, found = self.shared(self.program("known", 1, MAJORITY % SEEDS_2020), self.program("asked", 5, MAJORITY % SEEDS_2021))
        self.assertIn("lfsr-majority", found["routine"]["statement"])
        self.assertEqual(found["routine"]["forgeability"], "hard")
        self.assertNotIn("secret", found)
        self.assertIn("routine", [g["group"] for g in verdict["ledger"]])

    def test_one_cipher_with_its_seeds(self):
        verdict, found = self.shared(self.program("known", 1, MAJORITY % SEEDS_2021), self.program("asked", 5, MAJORITY % SEEDS_2021))
        self.assertLessEqual({"routine", "secret"}, set(found))

    def nothing(self, known, asked):
        verdict, found = self.shared(self.program("known", 1, known), self.program("asked", 5, asked))
        self.assertFalse({"routine", "secret"} & set(found), found)
        self.assertNotEqual(verdict["decision"], "lineage")
        self.assertLess(max(h["probability"] for h in verdict["hypotheses"] if h["kind"] == "family"), .45)

    def test_n3_a_rotation_of_md5_is_everybodys(self):
        self.nothing(MAJORITY % SEEDS_2020, MD5_STEP)

    def test_n4_the_compilers_random_numbers_are_everybodys(self):
        self.nothing(BORLAND % 7, BORLAND % 9)

    def test_n6_a_class_of_encoders_is_everybodys(self):
        self.nothing(XOR_ADD % ("0x73", "0x3a"), XOR_ADD % ("0x21", "0x0f"))

    def test_n5_a_service_that_all_use(self):
        verdict, _ = self.shared(self.build("known", 1, "http://webhook.site/in", 16), self.build("asked", 5, "http://webhook.site/in", 16))
        self.assertLess(max([h["probability"] for h in verdict["hypotheses"] if h["kind"] == "actor"] + [0]), .2)

    @cog.unittest.skipUnless(shutil.which("x86_64-w64-mingw32-gcc"), "needs MinGW")
    def test_n1_a_planted_rich_header(self):
        """As Olympic Destroyer: the Rich header of another family's Visual Studio 6.0 in code that no such tool made."""
        import forge
        records = [(0x0001 << 16, 60), (0x0004 << 16 | 8447, 1), (0x000a << 16 | 8804, 9), (0x000b << 16 | 8804, 3), (0x0006 << 16 | 1736, 1)]

        def windows(name, text):
            plain, program = self.dir / f"{name}.c", self.dir / f"{name}.exe"
            plain.write_text(text)
            subprocess.run(["x86_64-w64-mingw32-gcc", "-O1", "-s", "-o", program, plain], check=True)
            return program

        def planted(name, seed):
            program = windows(name, source(seed, 24, "203.0.113.5"))
            pe = forge.Pe(program.read_bytes())
            self.assertTrue(pe.set_rich(records))
            program.write_bytes(bytes(pe.d))
            return program

        self.learn("--library", "mingw", windows("runtime", '#include <stdio.h>\nint main(void) { printf("%d\\n", 1); return 0; }\n'))
        verdict, _ = self.shared(planted("known", 1), planted("asked", 5))
        kinds = [c["kind"] for c in verdict["contradiction_details"]]
        self.assertIn("rich_linker", kinds)
        self.assertNotEqual(verdict["decision"], "lineage")
        flag = next(h["probability"] for h in verdict["hypotheses"] if h["kind"] == "false_flag")
        self.assertGreater(flag, max(h["probability"] for h in verdict["hypotheses"] if h["kind"] == "family"))
        self.assertEqual([c["lowers"] for c in verdict["contradiction_details"] if c["kind"] == "rich_linker"], [["Known"]])


if __name__ == "__main__":
    cog.main()
