#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import: formats, folders, again, what is bad, and that nothing is lost."""
import hashlib
import json
import os
import subprocess
import tarfile
import time

import jsonschema

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


    def test_kill_leaves_all_or_nothing(self):
        self.cognate("import", self.dir / "in")
        (self.dir / "big.txt").write_text("".join(f"{i % 223 + 1}.{i >> 16}.{i >> 8 & 255}.{i & 255}\n" for i in range(300000)))
        for delay in (.05, .2, .4):
            process = subprocess.Popen([cog.PROGRAM, "import", self.dir / "big.txt"], env=self.env,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.kill()
            process.wait()
            self.cognate("store", "verify")
            stat = self.cognate("store", "stat", "--json").records[0]
            self.assertIn(stat["indicators"], (3, 300003))
        self.cognate("import", self.dir / "big.txt")
        self.assertEqual(self.cognate("store", "stat", "--json").records[0]["indicators"], 300003)

    def test_damage_is_found(self):
        self.cognate("import", self.dir / "in")
        data = next((self.dir / "store").glob("gen-*/data.mdb"))
        content = data.read_bytes()
        at = content.index(b"c2.example")
        data.write_bytes(content[:at] + b"C" + content[at + 1:])
        done = self.cognate("store", "verify", code=1)
        self.assertIn("a block of knowledge run 1 is damaged", done.text)

    def test_link_from_a_learned_sample(self):
        self.cognate("import", self.dir / "in")
        sample = cog.fixture("heron1")
        self.cognate("learn", "--family", "Stilt", sample)
        name = hashlib.sha256(sample.read_bytes()).hexdigest()
        record = self.cognate("link", "--json", "--from", name, "--to", "Ashbird").records[0]
        self.assertEqual((record["from"], record["to"]), ("Stilt", "Grey Heron"))


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


def stix_validator(folder):
    """By the OASIS schemas, or None where they are not present."""
    for root in (cog.ROOT.parent, cog.ROOT.parent.parent):
        archive = root / "shared/data/stix21-schemas.tar.xz"
        if archive.exists():
            with tarfile.open(archive) as tar:
                tar.extractall(folder)
            store = {}
            for path in folder.rglob("schemas/**/*.json"):
                schema = json.loads(path.read_text())
                store[schema.get("$id", path.name)] = schema
            return store
    return None


class Export(cog.Case):
    def setUp(self):
        super().setUp()
        self.env = cog.environment(COGNATE_STORE=str(self.dir / "store"))
        cog.run("import", CASE, env=self.env)
        (self.dir / "list.txt").write_text("# Reference: https://lab.example/1\nc2[.]example\n192.0.2.9\n=bad.example\n")
        cog.run("import", self.dir / "list.txt", env=self.env)

    def export(self, *args):
        done = cog.run("export", *args, env=self.env)
        self.assertEqual(done.code, 0, done.err)
        return done.text

    def test_stix_comes_back_the_same(self):
        (self.dir / "one.json").write_text(self.export("--format", "stix"))
        other = cog.environment(COGNATE_STORE=str(self.dir / "other"))
        done = cog.run("import", self.dir / "one.json", env=other)
        self.assertNotIn("problems", done.text + done.err)
        for a, b in (("MND 2016", "ATM 2017"), ("Rifdoor", "HotCroissant"), ("Olympic Destroyer", "Bluenoroff")):
            first, second = (cog.run("link", "--json", "--from", a, "--to", b, env=e).records for e in (self.env, other))
            self.assertEqual([r["probability"] for r in first], [r["probability"] for r in second], (a, b))

    def test_stix_is_valid(self):
        store = stix_validator(self.dir)
        if store is None:
            self.skipTest("skipped: data not present (stix21-schemas)")
        try:
            import referencing
        except ImportError:
            self.skipTest("skipped: jsonschema is older than 4.18")
        registry = referencing.Registry().with_contents(store.items())
        for text in (CASE.read_text(), self.export("--format", "stix")):
            self.check_bundle(json.loads(text), store, registry)

    def check_bundle(self, bundle, store, registry):
        ids = [o["id"] for o in bundle["objects"]]
        self.assertEqual(len(ids), len(set(ids)))
        schemas = {i.rsplit("/", 1)[-1][:-5]: s for i, s in store.items()}
        for o in bundle["objects"]:
            schema = schemas.get(o["type"])
            if schema is None:
                self.assertEqual(o["type"], "x-cognate-routine")
                continue
            errors = list(jsonschema.Draft202012Validator(schema, registry=registry).iter_errors(o))
            self.assertEqual([e.message for e in errors], [], o)
        known = set(ids)
        for o in bundle["objects"]:
            for ref in [o.get("source_ref"), o.get("target_ref"), *o.get("object_refs", [])]:
                self.assertTrue(ref is None or ref in known, (o["id"], ref))

    def test_csv(self):
        lines = self.export("--format", "csv").splitlines()
        self.assertEqual(lines[0], "type,value,first_seen,last_seen,report,source")
        self.assertIn('domain,"c2.example",,,"https://lab.example/1",""', lines)
        self.assertEqual(sum("192.99.223.115" in line for line in lines), 2)

    def test_misp_comes_back(self):
        (self.dir / "event.json").write_text(self.export("--format", "misp"))
        other = cog.environment(COGNATE_STORE=str(self.dir / "other"))
        done = cog.run("import", self.dir / "event.json", env=other)
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("192.99.223.115", cog.run("link", "--from", "Rifdoor", "--to", "192.99.223.115", env=other).text)

    def test_navigator(self):
        attack = {"type": "bundle", "objects": STIX["objects"] + [
            {"type": "attack-pattern", "id": "attack-pattern--1", "name": "Phishing",
             "external_references": [{"source_name": "mitre-attack", "external_id": "T1566"}]},
            {"type": "relationship", "id": "relationship--2", "relationship_type": "uses",
             "source_ref": "intrusion-set--1", "target_ref": "attack-pattern--1"}]}
        (self.dir / "attack.json").write_text(json.dumps(attack))
        cog.run("import", self.dir / "attack.json", env=self.env)
        layer = json.loads(self.export("--format", "navigator", "Grey Heron"))
        self.assertEqual([(t["techniqueID"], t["score"]) for t in layer["techniques"]], [("T1566", 1)])

    def test_names(self):
        text = self.export("--format", "stix", "Rifdoor")
        self.assertIn("192.99.223.115", text)
        self.assertNotIn("Ryuk", text)
        done = cog.run("export", "--format", "csv", "Nobody", env=self.env)
        self.assertEqual(done.code, 1)
        self.assertEqual(cog.run("export", env=self.env).code, 2)


class Attribute(cog.Case):
    """What others know of a sample's indicators stands in its verdict."""

    def test_known_address(self):
        source, sample = self.dir / "a.c", self.dir / "a"
        source.write_text('#include <stdio.h>\nint main(int c, char **v) { printf("connect 198.51.100.77 for %d\\n", c);'
                          ' puts("http://webhook.site/"); return v == 0; }\n')
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-o", sample, source], check=True)
        (self.dir / "list.csv").write_text(
            "type,value,first_seen,report,family\nipv4,198.51.100.77,2020-01-02,Marsh report,Stilt\n"
            "domain,webhook.site,2020-01-02,Marsh report,Stilt\n"
            f"sha256,{hashlib.sha256(sample.read_bytes()).hexdigest()},2020-01-02,Marsh report,Stilt\n")
        env = cog.environment(COGNATE_STORE=str(self.dir / "store"))
        self.assertEqual(cog.run("import", self.dir / "list.csv", env=env).code, 0)
        verdict = cog.run("attribute", "--json", sample, env=env).records[0]
        known = [e for e in verdict["evidence"] if e["class"] in ("indicator", "knowledge")]
        self.assertIn('this very file (by its SHA-256) is listed by "Marsh report" (Stilt)', known[0]["statement"])
        address = next(e for e in known if "198.51.100.77" in e["statement"])
        self.assertEqual(address["first_public"], "2020-01-02T00:00:00.000Z")
        self.assertGreater(address["log10_lr"], 2)
        self.assertIsNotNone(address["here"]["va"])
        service = next(e for e in known if "webhook.site" in e["statement"])
        self.assertLess(service["log10_lr"], .5)
        self.assertIn("a service that everybody uses", service["statement"])
        self.assertIn("in 1 lists", cog.run("attribute", sample, env=env).text)


if __name__ == "__main__":
    cog.main()
