#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import: formats, folders, again, what is bad, and that nothing is lost."""
import json

import cog

LIST = "# Reference: https://lab.example/1\nhxxp://c2[.]example/gate\n192.0.2.7\nnot one\n"
STIX = {"type": "bundle", "id": "bundle--1", "objects": [
    {"type": "intrusion-set", "id": "intrusion-set--1", "name": "Grey Heron", "aliases": ["Ashbird"]},
    {"type": "malware", "id": "malware--1", "name": "Stilt", "is_family": True},
    {"type": "relationship", "id": "relationship--1", "relationship_type": "uses", "source_ref": "intrusion-set--1",
     "target_ref": "malware--1"}]}


class Import(cog.Case):
    def setUp(self):
        super().setUp()
        self.env = cog.environment(COGNATE_STORE=str(self.dir / "store"))
        (self.dir / "in").mkdir()
        (self.dir / "in/list.txt").write_text(LIST)
        (self.dir / "in/attack.json").write_text(json.dumps(STIX))

    def cognate(self, *args, code=0):
        done = cog.run(*args, env=self.env)
        self.assertEqual(done.code, code, done.err)
        return done

    def test_folder_and_again(self):
        done = self.cognate("import", self.dir / "in")
        self.assertEqual(done.text, "2 documents, 4 new entities, 4 new claims, 3 new indicators; 1 problems\n")
        self.assertIn("list.txt:4 (byte 70): no indicator: not one (skipped)", done.err)
        self.assertTrue(self.cognate("import", self.dir / "in").text.startswith("no change: 2 documents, 0 new"))
        self.cognate("store", "verify")

    def test_other_file_with_the_same_content_adds_nothing(self):
        self.cognate("import", self.dir / "in/attack.json")
        (self.dir / "other.json").write_text(json.dumps(STIX, indent=2))
        self.assertTrue(self.cognate("import", self.dir / "other.json").text.startswith("no change: 1 documents"))

    def test_records(self):
        records = self.cognate("import", "--json", self.dir / "in").records
        self.assertEqual([r["type"] for r in records], ["imported", "import_problem", "imported", "import"])
        self.assertEqual(records[1]["line"], 4)
        again = self.cognate("import", "--json", self.dir / "in").records
        self.assertEqual([r.get("change") for r in again], ["none", "none", None])

    def test_bad_ones_do_not_stop(self):
        (self.dir / "in/bad.json").write_text('{"a": 1}')
        (self.dir / "in/LICENSE").write_text("Permission is hereby granted\nto any person\n" * 9)
        (self.dir / "in/empty").write_text("")
        done = self.cognate("import", self.dir / "in", code=3)
        self.assertIn("2 documents, 4 new entities", done.text)
        self.assertEqual(done.err.count("nothing in it that is known here"), 2)
        stat = self.cognate("store", "stat", "--json").records[0]
        self.assertEqual((stat["entities"], stat["claims"], stat["indicators"], stat["documents"]), (4, 4, 3, 2))

    def test_utf16(self):
        (self.dir / "wide.json").write_bytes(json.dumps(STIX).encode("utf-16"))
        self.assertIn("2 new entities, 2 new claims", self.cognate("import", self.dir / "wide.json").text)

    def test_compact_keeps_it(self):
        self.cognate("import", self.dir / "in")
        before = self.cognate("store", "stat", "--json").records[0]
        self.cognate("store", "compact")
        after = self.cognate("store", "stat", "--json").records[0]
        self.assertEqual([before[k] for k in ("entities", "claims", "indicators", "documents")],
                         [after[k] for k in ("entities", "claims", "indicators", "documents")])
        self.cognate("store", "verify")


CASE = cog.ROOT / "data/case/case.json"


class Case(cog.Case):
    """What is published on the attacks of 2013 to 2017 and what follows from it; controls that must not follow."""

    def setUp(self):
        super().setUp()
        self.env = cog.environment(COGNATE_STORE=str(self.dir / "store"))
        done = cog.run("import", CASE, env=self.env)
        self.assertTrue(done.code == 0 and "problems" not in done.text, done.err)

    def link(self, a, b):
        done = cog.run("link", "--json", "--from", a, "--to", b, env=self.env)
        self.assertEqual(done.code, 0, done.err)
        return done.records

    def best(self, a, b):
        records = self.link(a, b)
        return records[0]["probability"] if records else 0

    def all_of(self, a, b):
        return self.link(a, b)[0]["probability_of_all"]

    def test_every_item_has_a_source(self):
        for o in json.loads(CASE.read_text())["objects"]:
            if o["type"] not in ("identity", "extension-definition"):
                self.assertTrue(o.get("external_references"), o["id"])

    def test_ministry_and_atms(self):
        records = self.link("MND 2016", "ATM 2017")
        self.assertGreater(records[0]["probability_of_all"], .8)
        text = json.dumps(records)
        for source in ("Kaspersky Lab", "Korean police", "AhnLab 2018"):
            self.assertIn(source, text)

    def test_rifdoor_and_hotcroissant_share_an_address_years_apart(self):
        records = self.link("Rifdoor", "HotCroissant")
        text = json.dumps(records)
        self.assertIn("192.99.223.115", text)
        self.assertIn("more than a year apart", text)
        self.assertTrue(.55 < records[0]["probability_of_all"] < .95)

    def test_the_cipher_joins_2016_2020_2021(self):
        for a, b in (("MND 2016", "HotCroissant"), ("HotCroissant", "TigerRAT"), ("ATM 2017", "TigerRAT")):
            self.assertIn("three-register", json.dumps(self.link(a, b)))

    def test_2013_is_weaker(self):
        self.assertLess(self.best("Rifdoor", "HTTP Troy and NSTAR"), .5)
        self.assertIn("disputed\": true", json.dumps(self.link("Rifdoor", "HTTP Troy and NSTAR")))
        self.assertGreater(self.all_of("DarkSeoul 2013", "MND 2016"), .2)

    def test_sub_group_before_umbrella(self):
        self.assertGreater(self.all_of("MND 2016", "Andariel"), self.best("MND 2016", "Lazarus Group"))
        self.assertGreater(self.all_of("TigerRAT", "intrusion-set--39d6890e-7f23-4474-b8ef-e7b0343c5fc8"), .6)

    def test_a_name_of_two_is_taken_as_two(self):
        done = cog.run("link", "--from", "DarkSeoul", "--to", "Operation Troy", env=self.env)
        self.assertEqual(done.code, 0, done.err)

    def test_conflicting_counts_stay(self):
        text = CASE.read_text()
        for count in ("60 ATMs or more", "63 ATMs", "64 ATMs", "2,500 cards", "230 thousand"):
            self.assertIn(count, text)

    def test_controls(self):
        for a, b in (("Olympic Destroyer", "Bluenoroff"),   # N1: a planted Rich header
                     ("Ryuk", "Lazarus Group"),             # N2: code that was for sale
                     ("Brambul", "Rifdoor"),                # N3: shl 17 of MD5
                     ("Programs built with Borland C++", "Romeo families"),  # N4: the compiler's rand
                     ("Unrelated actor A", "Unrelated actor B"),  # N5: webhook.site
                     ("PlugX", "Romeo families")):          # N6: a class of encoders
            self.assertLess(self.best(a, b), .2, (a, b))

    def test_olympic_destroyer_is_not_lazarus(self):
        self.assertGreater(self.best("Olympic Destroyer", "Sandworm Team"), self.best("Olympic Destroyer", "Lazarus Group") * 5)

    def test_weakest_step_is_the_least(self):
        for record in self.link("DarkSeoul 2013", "MND 2016"):
            self.assertEqual(record["weakest"]["probability"], min(s["probability"] for s in record["path"]))

    def test_nobody_knows(self):
        done = cog.run("link", "--from", "Nobody At All", env=self.env)
        self.assertEqual(done.code, 1)
        self.assertIn("nothing in the store is called Nobody At All", done.err)


if __name__ == "__main__":
    cog.main()
