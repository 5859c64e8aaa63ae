#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""learn, attribute, compare, search and the upkeep of a store; two writers; kills."""
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

import cog


class StoreCase(cog.Case):
    def setUp(self):
        super().setUp()
        self.store = self.dir / "store"
        self.env = cog.environment(COGNATE_STORE=str(self.store))

    def cognate(self, *args, code=0, **more):
        done = cog.run(*args, env=self.env, **more)
        self.assertEqual(done.code, code, done.err)
        return done

    def stat(self):
        return self.cognate("store", "stat", "--json").records[0]

    def learn_birds(self):
        self.cognate("learn", "--family", "Heron", "--source", "lab", cog.fixture("heron1"))
        self.cognate("learn", "--family", "Plover", "--source", "lab", cog.fixture("plover"))


class Learn(StoreCase):
    def test_again_is_no_change(self):
        args = ("learn", "--family", "Heron", "--first-seen", "2024-03-11", cog.fixture("heron1"), cog.fixture("heron2"))
        self.assertEqual(self.cognate(*args).text, "2 new, 0 relabelled, 0 already known, 0 failed\n")
        before = self.stat()
        self.assertTrue(self.cognate(*args).text.startswith("no change: "))
        self.assertEqual(self.stat(), before)

    def test_records(self):
        path = cog.fixture("heron1")
        one = self.cognate("learn", "--json", "--family", "A", path).records
        two = self.cognate("learn", "--json", "--family", "A", path).records
        three = self.cognate("learn", "--json", "--family", "B", path).records
        self.assertEqual([r[0]["change"] for r in (one, two, three)], ["new", "none", "labels"])

    def test_classes(self):
        self.cognate("learn", "--goodware", cog.fixture("plover"))
        self.cognate("learn", "--library", "birds", cog.fixture("heron1"))
        self.cognate("learn", "--actor", "Group 7", "--campaign", "spring", cog.fixture("heron2"))
        stat = self.stat()
        self.assertEqual((stat["samples"], stat["reference"], stat["goodware"], stat["library"]), (3, 1, 1, 1))

    def test_failures_do_not_stop(self):
        (self.dir / "empty").write_bytes(b"")
        done = self.cognate("learn", "--family", "H", self.dir / "empty", self.dir / "none", cog.fixture("heron1"), code=3)
        self.assertIn("1 new", done.text)
        self.assertIn("2 failed", done.text)

    def test_no_label_is_said(self):
        self.assertIn("no label", self.cognate("learn", cog.fixture("heron1")).err)
        self.assertEqual(self.cognate("learn", "-q", cog.fixture("heron1")).err, "")

    def test_default_places(self):
        for env, place in (({"XDG_DATA_HOME": str(self.dir / "xdg")}, "xdg/cognate/store"),
                           ({"HOME": str(self.dir / "home")}, "home/.local/share/cognate/store")):
            done = cog.run("learn", "--family", "F", cog.fixture("heron1"), env=cog.environment(**env))
            self.assertEqual(done.code, 0, done.err)
            self.assertTrue((self.dir / place).is_dir())


class Readers(StoreCase):
    def test_no_store(self):
        for args in (["attribute", cog.fixture("heron1")], ["search", cog.fixture("heron1")], ["store", "stat"],
                     ["store", "verify"]):
            done = self.cognate(*args, code=1)
            self.assertEqual(done.out, b"")
            self.assertIn(str(self.store), done.err)

    def test_attribute_gives_a_verdict_each(self):
        self.learn_birds()
        done = self.cognate("attribute", "--json", cog.fixture("heron2"), cog.fixture("plover"))
        self.assertEqual([r["type"] for r in done.records], ["verdict", "verdict"])
        for v in done.records:
            self.assertIn(v["decision"], ("attributed", "lineage", "unknown", "insufficient"))
            self.assertTrue(v["hypotheses"])
            self.assertAlmostEqual(sum(h["probability"] for h in v["hypotheses"]), 1, delta=0.02)
        again = self.cognate("attribute", "--json", "--jobs", "1", cog.fixture("heron2"), cog.fixture("plover"))
        self.assertEqual(done.out, again.out)

    def test_the_family_comes_first(self):
        self.learn_birds()
        first = self.cognate("attribute", "--json", cog.fixture("heron2")).records[0]["hypotheses"][0]
        self.assertEqual((first["kind"], first["name"], first["source"]), ("family", "Heron", "lab"))
        text = self.cognate("attribute", cog.fixture("heron2")).text
        self.assertIn("Heron", text.split("\n\n")[1])
        self.assertIn("parse_command", text)

    def test_a_run_time_library_is_nobodys(self):
        # The store knows no public code, and the programs are a run-time library for the most part.
        heron, plover = (cog.fixture(name, "-O2", "-static", "-s") for name in ("heron1", "plover"))
        self.cognate("learn", "--family", "Heron", "--source", "lab", heron)
        verdict = next(r for r in self.cognate("attribute", "--json", plover).records if r["type"] == "verdict")
        self.assertGreater(verdict["coverage"]["library"], 0.8)

    @unittest.skipUnless(shutil.which("x86_64-w64-mingw32-gcc"), "no MinGW here")
    def test_a_small_mingw_program_is_not_given_to_another(self):
        built = []
        for name in ("heron1", "routines/demo/relay"):
            built.append(self.dir / (pathlib.Path(name).name + ".exe"))
            subprocess.run(["x86_64-w64-mingw32-gcc", "-O2", "-w", "-s", "-o", built[-1], cog.ROOT / f"tests/fixtures/{name}.c"],
                           check=True)
        self.cognate("learn", "--family", "Heron", "--source", "lab", built[0])
        verdict = next(r for r in self.cognate("attribute", "--json", built[1]).records if r["type"] == "verdict")
        self.assertIn(verdict["decision"], ("unknown", "insufficient"))

    def test_attribute_changes_nothing(self):
        self.learn_birds()
        before = self.stat()
        self.cognate("attribute", cog.fixture("heron2"))
        self.assertEqual(self.stat(), before)

    def test_fail_on(self):
        self.learn_birds()
        path = cog.fixture("heron2")
        decision = self.cognate("attribute", "--json", path).records[0]["decision"]
        others = {"attributed", "lineage", "unknown", "insufficient"} - {decision}
        self.cognate("attribute", "--fail-on", decision, path, code=1)
        self.cognate("attribute", "--fail-on", ",".join(sorted(others)), path)
        self.cognate("attribute", "--fail-on", f"{sorted(others)[0]},{decision}", path, code=1)

    def test_search(self):
        self.learn_birds()
        path = cog.fixture("heron1")
        done = self.cognate("search", "--json", "--top", "2", path)
        for r in done.records:
            self.assertEqual(r["type"], "match")
            self.assertLessEqual(r["rank"], 2)
        self.cognate("search", path)
        self.assertIn("no function starts at", self.cognate("search", "--function", "0x1", path, code=3).err)

    def test_compare(self):
        a, b = cog.fixture("heron1"), cog.fixture("heron2")
        for r in self.cognate("compare", "--json", a, b).records:
            self.assertIn(r["type"], ("pair", "shared"))
        same = self.cognate("compare", "--json", a, a).records
        self.assertTrue(all(r["a"]["va"] == r["b"]["va"] for r in same if r["type"] == "pair"))
        self.cognate("compare", a, b)
        self.cognate("compare", a, self.dir / "none", code=3)
        pair = max((r for r in same if r["type"] == "pair"), key=lambda r: r["a"]["size"])
        alone = self.cognate("compare", "--json", "--function", pair["a"]["va"], a, a).records
        self.assertEqual([r["a"]["va"] for r in alone], [pair["a"]["va"]])
        self.assertGreater(len(alone[0]["effects"]), 3)
        self.assertEqual({e["relation"] for e in alone[0]["effects"]}, {"same"})
        self.assertIn("same", self.cognate("compare", "--function", pair["a"]["va"], a, b).text)
        self.assertIn("no function starts", self.cognate("compare", "--function", "0x1", a, b, code=1).err)
        (self.dir / "two").mkdir()
        for name in "xy":
            (self.dir / "two" / name).write_bytes(a.read_bytes() + name.encode())
        self.assertIn("more than one", self.cognate("compare", self.dir / "two", b, code=2).err)


class Upkeep(StoreCase):
    def test_remove_verify_compact(self):
        self.learn_birds()
        sha256 = self.cognate("analyse", "--json", cog.fixture("plover")).records[0]["sha256"]
        self.cognate("store", "remove", sha256)
        self.assertEqual(self.stat()["samples"], 1)
        self.cognate("store", "remove", sha256, code=3)
        self.cognate("store", "remove", "abc", code=2)
        self.cognate("store", "remove", code=2)
        self.assertEqual(self.cognate("store", "verify").text, "ok\n")
        self.cognate("store", "compact")
        self.assertEqual(self.cognate("store", "verify", "--json").out, b"")
        self.assertEqual(self.stat()["samples"], 1)

    def test_pack_and_unpack(self):
        self.learn_birds()
        pack, other = self.dir / "all.cogpack", cog.environment(COGNATE_STORE=str(self.dir / "other"))
        self.cognate("store", "pack", "--output", pack)
        self.assertEqual(self.cognate("store", "pack").out, pack.read_bytes())
        done = cog.run("store", "unpack", pack, env=other)
        self.assertEqual((done.code, done.text), (0, f"{pack}: 2 new or relabelled\n"), done.err)
        self.assertIn(": 0 new", cog.run("store", "unpack", pack, env=other).text)
        there = cog.run("attribute", "--json", cog.fixture("heron2"), env=other)
        self.assertEqual(there.out, self.cognate("attribute", "--json", cog.fixture("heron2")).out)
        sha256 = self.cognate("analyse", "--json", cog.fixture("plover")).records[0]["sha256"]
        self.assertLess(len(self.cognate("store", "pack", sha256).out), pack.stat().st_size)
        self.cognate("store", "pack", "0" * 64, code=1)

    def test_damaged_packs(self):
        self.learn_birds()
        whole = self.cognate("store", "pack").out
        path = self.dir / "bad"
        for at in [*range(0, 40), *range(40, len(whole), len(whole) // 25)]:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1:])
            done = cog.run("store", "unpack", path, env=cog.environment(COGNATE_STORE=str(self.dir / "o")))
            self.assertEqual(done.code, 3, at)
            path.write_bytes(whole[:at])
            self.assertIn(cog.run("store", "unpack", path, env=self.env).code, (0, 3))
        self.assertEqual(self.cognate("store", "verify").text, "ok\n")

    def test_refuses_nonsense(self):
        self.cognate("store", "stat", "x", code=2)
        self.cognate("store", "frobnicate", code=2)
        self.cognate("store", "unpack", self.dir / "none", code=3)


class Writers(StoreCase):
    def many(self, count=60):
        folder = self.dir / "many"
        folder.mkdir()
        data = cog.fixture("heron1").read_bytes()
        for i in range(count):
            (folder / f"{i:03}").write_bytes(data + f"sample number {i}".encode())
        return folder

    def start(self, *args):
        return subprocess.Popen([cog.PROGRAM, *map(os.fspath, args)], env=self.env, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def wait_for_store(self):
        for _ in range(400):
            if self.store.is_dir() and any(self.store.iterdir()):
                return
            time.sleep(0.01)

    def test_two_at_once(self):
        folder = self.many(30)
        both = [self.start("learn", "--family", name, folder) for name in ("A", "B")]
        ends = [(p.wait(120), p.stdout.read(), p.stderr.read()) for p in both]
        for p in both:
            p.stdout.close()
            p.stderr.close()
        # The second waits its turn, or says who is in the way; never both at once, never damage.
        self.assertIn(0, [e[0] for e in ends], ends)
        self.assertTrue(all(e[0] in (0, 1) for e in ends), ends)
        self.assertEqual(self.cognate("store", "verify").text, "ok\n")
        self.assertEqual(self.stat()["samples"], 30)

    def test_kill_at_any_moment(self):
        folder = self.many()
        for delay in (0.02, 0.1, 0.2, 0.4, 0.8):
            child = self.start("learn", "--family", "H", folder)
            self.wait_for_store()
            time.sleep(delay)
            child.kill()
            child.communicate()
            if cog.run("store", "stat", env=self.env).code == 0:
                self.assertEqual(self.cognate("store", "verify").text, "ok\n")
        done = self.cognate("learn", "--family", "H", folder)
        self.assertEqual(self.stat()["samples"], 60, done.text)
        self.assertEqual(self.cognate("store", "verify").text, "ok\n")

    def test_interrupt_ends_cleanly(self):
        folder = self.many(400)
        child = self.start("learn", "--family", "H", folder)
        self.wait_for_store()
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
        self.assertIn(child.returncode, (-signal.SIGINT, 0))
        self.assertEqual(self.cognate("store", "verify").text, "ok\n")
        if child.returncode:
            self.assertIn("interrupted", err)
            new = 0 if out.startswith("no change") else int(out.split()[0])
            self.assertEqual(self.stat()["samples"], new, out)


if __name__ == "__main__":
    cog.main()
