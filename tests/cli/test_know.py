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


if __name__ == "__main__":
    cog.main()
