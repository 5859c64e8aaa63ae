#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Local enrichment: passive DNS, certificates and network databases as paths between what others list and what samples use."""
import hashlib
import json
import os
import pathlib
import subprocess

import cog
import mmdb
import test_know

try:
    import referencing
except ImportError:
    referencing = None

CORPUS = pathlib.Path(__file__).parent.parent / "fuzz/corpus"
HERON = "# Aliases: Grey Heron\n# Reference: https://lab.example/1\nc2[.]heron[.]example\n"
ASH = "# Aliases: Ashbird\n# Reference: https://lab.example/2\nold.stilt.example\n"


def resolution(name, address, first=1462060800, last=1471651200, kind="A"):
    return json.dumps({"rrname": name, "rrtype": kind, "rdata": address, "time_first": first, "time_last": last}) + "\n"


class Enriched(cog.Case):
    def setUp(self):
        super().setUp()
        self.env = cog.environment(COGNATE_STORE=str(self.dir / "store"))
        self.write("grey.txt", HERON)
        self.write("ash.txt", ASH)

    def write(self, name, text):
        (self.dir / name).write_text(text)
        return self.dir / name

    def cognate(self, *args, code=0):
        done = cog.run(*args, env=self.env)
        self.assertEqual(done.code, code, done.err)
        return done

    def link(self, begin="grey", end="ash"):
        return self.cognate("link", "--json", "--from", begin, "--to", end).records

    def probability(self, dns):
        """Of the link between both lists, in a store of its own."""
        self.env = cog.environment(COGNATE_STORE=str(self.dir / f"store-{len(list(self.dir.iterdir()))}"))
        self.cognate("import", self.dir / "grey.txt", self.dir / "ash.txt", self.write("dns.jsonl", dns))
        links = self.link()
        return links[0]["probability"] if links else 0


class PassiveDns(Enriched):
    def test_a_shared_address_is_a_path(self):
        dns = self.write("dns.jsonl", resolution("c2.heron.example.", "192.0.2.7") + resolution("old.stilt.example.", ["192.0.2.7"]))
        self.cognate("import", self.dir / "grey.txt", self.dir / "ash.txt", dns)
        steps = [e["statement"] for s in self.link()[0]["path"] for e in s["evidence"]]
        self.assertIn("domain c2.heron.example resolved to ipv4 192.0.2.7 (2016-05-01 to 2016-08-20), says passive DNS in dns.jsonl", steps)
        self.assertIn("domain old.stilt.example resolved to ipv4 192.0.2.7 (2016-05-01 to 2016-08-20), says passive DNS in dns.jsonl;"
                      " 2 names share it", steps)
        self.assertTrue(self.cognate("import", dns).text.startswith("no change"))
        self.cognate("store", "verify")
        self.assertEqual(self.link(end="192.0.2.7")[0]["to"], "192.0.2.7")  # an address that nobody lists

    def test_the_source_is_named(self):
        dns = self.write("dns.jsonl", resolution("c2.heron.example.", "192.0.2.7"))
        self.cognate("import", "--source", "our resolver", self.dir / "grey.txt", dns)
        self.assertIn("says our resolver", self.cognate("link", "--from", "c2.heron.example", "--to", "192.0.2.7").text.replace("\n         ", " "))

    def test_what_takes_from_it(self):
        both = resolution("c2.heron.example", "192.0.2.7") + resolution("old.stilt.example", "192.0.2.7")
        whole = self.probability(both)
        self.assertGreater(whole, .3)
        shared = both + "".join(resolution(f"n{i}.example", "192.0.2.7") for i in range(8))
        self.assertAlmostEqual(self.probability(shared), whole / 5, places=3)  # 2 of 10 names
        crowded = both + "".join(resolution(f"n{i}.example", "192.0.2.7") for i in range(2000))
        self.assertEqual(self.probability(crowded), 0)
        year = 31557600
        apart = resolution("c2.heron.example", "192.0.2.7") + resolution("old.stilt.example", "192.0.2.7", 1471651200 + 2 * year,
                                                                         1471651200 + 3 * year)
        self.assertAlmostEqual(self.probability(apart), whole / 4, places=3)
        sinkhole = both + resolution("a.sinkhole.ch", "192.0.2.7")
        self.assertLess(self.probability(sinkhole), .01)
        self.assertEqual(self.probability(resolution("c2.heron.example", "127.0.0.1") + resolution("old.stilt.example", "127.0.0.1")), 0)

    def test_an_alias_is_a_path(self):
        self.assertGreater(self.probability(resolution("c2.heron.example", "old.stilt.example.", kind="CNAME")), .4)

    def test_bad_records(self):
        dns = self.write("dns.jsonl", resolution("c2.heron.example", "192.0.2.7") + '{"rrname":"a.example","rrtype":"A",\n' +
                         resolution("old.stilt.example", "192.0.2.7") + resolution("a b", "192.0.2.7") +
                         resolution("later.example", "192.0.2.9", 99999999999))
        done = self.cognate("import", dns)
        self.assertIn("dns.jsonl:2 (byte ", done.err)
        self.assertIn("rrname is no host name: a b (skipped)", done.err)
        self.assertIn("time_first lies in the future", done.err)
        self.assertIn("3 new claims", done.text)


class Certificates(Enriched):
    def test_names_of_one_certificate_are_a_path(self):
        self.write("grey.txt", HERON.replace("c2[.]heron[.]example", "one.example"))
        self.write("ash.txt", ASH.replace("old.stilt.example", "two.example"))
        self.cognate("import", self.dir / "grey.txt", self.dir / "ash.txt", CORPUS / "know_certificate/00")
        steps = [e["statement"] for s in self.link()[0]["path"] for e in s["evidence"]]
        self.assertTrue(any("names domain one.example (" in s for s in steps), steps)
        self.assertTrue(any("names domain two.example (" in s for s in steps), steps)
        self.assertTrue(self.cognate("import", CORPUS / "know_certificate/01").text.startswith("no change"))  # the same as DER


class Networks(Enriched):
    """A MaxMind DB tells where the addresses of the store lie, those of the same import among them."""

    def database(self, networks, name="networks.mmdb", **more):
        return mmdb.write(self.dir / name, networks, **more)

    def test_addresses_of_the_same_import(self):
        base = self.database({"192.0.2.0/24": {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Host",
                                               "country": {"iso_code": "KR"}}})
        dns = self.write("dns.jsonl", resolution("c2.heron.example", "192.0.2.7") + resolution("old.stilt.example", "192.0.2.7"))
        done = self.cognate("import", base, dns, self.dir / "grey.txt", self.dir / "ash.txt")
        self.assertIn("networks.mmdb: mmdb, 1 records: 0 entities, 2 claims, 0 indicators\n", done.text)
        steps = [e["statement"] for s in self.link()[0]["path"] for e in s["evidence"]]
        self.assertTrue(any("2 names share it; in AS64500 Example Host, KR, says Test-ASN of 2023-11-14" in s for s in steps), steps)
        self.assertIn("no change: 1 documents", self.cognate("import", base).text)
        self.cognate("store", "verify")
        self.write("more.txt", "192.0.2.200\n")  # what is listed later is looked up when the database comes again
        self.cognate("import", self.dir / "more.txt")
        self.assertIn("2 new claims", self.cognate("import", base).text)

    def test_records(self):
        self.write("more.txt", "192.0.2.200\n2001:db8::5\n198.51.100.1\n")
        base = self.database({"192.0.2.0/24": {"autonomous_system_number": 64500}, "2001:db8::/32": {"country": "DE"}}, bits=28)
        records = self.cognate("import", "--json", "--source", "us", base, self.dir / "more.txt").records
        self.assertEqual([r["type"] for r in records], ["imported", "imported", "import"])
        self.assertEqual((records[1]["format"], records[1]["records"], records[1]["claims"]), ("mmdb", 3, 2))

    def test_large_hosters_are_discounted(self):
        dns = self.write("dns.jsonl", resolution("c2.heron.example", "192.0.2.7") + resolution("old.stilt.example", "192.0.2.7"))
        self.cognate("import", dns, self.dir / "grey.txt", self.dir / "ash.txt")
        before = self.link()[0]["probability"]
        self.cognate("import", self.database({"192.0.2.0/24": {"autonomous_system_number": 16276}}))
        self.assertAlmostEqual(self.link()[0]["probability"], before / 2, places=3)

    def test_bad_ones(self):
        self.write("more.txt", "192.0.2.200\n")
        whole = mmdb.build({"192.0.2.0/24": {"autonomous_system_number": 64500}})
        (self.dir / "cut.mmdb").write_bytes(whole[500:])
        done = self.cognate("import", self.dir / "cut.mmdb", self.dir / "more.txt", code=3)
        self.assertIn("no MaxMind DB that can be read: its tree does not fit into the file", done.err)
        self.assertIn("1 new indicators", done.text)
        done = self.cognate("import", CORPUS / "know_mmdb/04")
        self.assertIn("1 records skipped", done.text)


class Compromised(Enriched):
    """Sites that belong to somebody else: by the URL's path, or because somebody says so."""

    MISP = {"Event": {"uuid": "5d7a7d1e-0000-4000-8000-000000000001", "info": "Wave", "Orgc": {"name": "CERT Example"}, "Attribute": [
        {"type": "domain", "value": "old.stilt.example", "Tag": [{"name": 'adversary:infrastructure-status="compromised"'}]}]}}
    STIX = {"type": "bundle", "id": "bundle--5d7a7d1e-0000-4000-8000-000000000002", "objects": [
        {"type": "indicator", "spec_version": "2.1", "id": "indicator--5d7a7d1e-0000-4000-8000-000000000003", "pattern_type": "stix",
         "created": "2020-01-01T00:00:00.000Z", "modified": "2020-01-01T00:00:00.000Z", "valid_from": "2020-01-01T00:00:00Z",
         "pattern": "[domain-name:value = 'old.stilt.example']", "indicator_types": ["compromised"]}]}
    DNS = resolution("c2.heron.example", "192.0.2.7") + resolution("old.stilt.example", "192.0.2.7")

    def steps(self, links):
        return [e["statement"] for s in links[0]["path"] for e in s["evidence"]]

    def said_by(self, name, text):
        """What is left of the way from one list over DNS to the other when this document says so, and the steps."""
        whole = self.probability(self.DNS)
        self.cognate("import", self.write(name, text))
        links = self.link()
        return links[0]["probability"] / whole, self.steps(links)

    def test_what_it_resolves_to_is_its_owners(self):
        documents = {"event.json": json.dumps(self.MISP), "bundle.json": json.dumps(self.STIX),
                     "said.txt": "# Reference: https://lab.example/9\n\nold.stilt.example # compromised website\n",
                     "said.csv": "type,value,comment,source\ndomain,old.stilt.example,hacked server,lab\n",
                     "path.txt": "http://old.stilt.example/blog/wp-content/uploads/a.php\n"}
        words = {"event.json": "CERT Example", "said.txt": "https://lab.example/9 (compromised website)", "said.csv": "lab (hacked server)",
                 "path.txt": "cognate, by a URL's path (WordPress)", "bundle.json": "somebody not named (indicator--5d7a7d1e-"}
        for name, text in documents.items():
            with self.subTest(name):
                left, steps = self.said_by(name, text)
                self.assertAlmostEqual(left, .1 * .9, places=3)  # its owner's a tenth; as a listed site nine tenths
                self.assertTrue(any("a compromised site, says " + words[name] in s for s in steps), steps)

    def test_what_is_no_such_word(self):
        for comment in ("not compromised", "compromised account", "C2 server", "uncompromised host"):
            with self.subTest(comment):
                left, _ = self.said_by("said.txt", f"old.stilt.example # {comment}\n")
                self.assertAlmostEqual(left, 1, places=3)
        left, _ = self.said_by("path.txt", "http://old.stilt.example/content/wp-contents/a.php\n")
        self.assertAlmostEqual(left, 1, places=3)

    def test_listed_by_two(self):
        self.write("ash.txt", ASH.replace("old.stilt.example", "c2.heron.example"))
        whole = self.probability(self.DNS)
        self.cognate("import", self.write("said.txt", "c2.heron.example # hacked site\n"))
        links = self.link()
        self.assertIn("domain c2.heron.example, a compromised site, says said (hacked site) is listed by https://lab.example/2 too "
                      "(3 list it)", self.steps(links))
        self.assertAlmostEqual(links[0]["probability"], whole * .9 / 2, places=3)  # it is one of two others'

    def test_stix_comes_back_the_same(self):
        base = mmdb.write(self.dir / "networks.mmdb", {"192.0.2.0/24": {"autonomous_system_number": 64500, "country": {"iso_code": "KR"}}})
        self.cognate("import", self.dir / "grey.txt", self.dir / "ash.txt", self.write("dns.jsonl", self.DNS), base,
                     self.write("said.txt", "old.stilt.example # compromised website\nhttp://x.heron.example/a # hacked\n"))
        hosts = ("c2.heron.example", "old.stilt.example")
        before, text = self.steps(self.link(*hosts)), self.cognate("export", "--format", "stix").text
        said = [c for o in json.loads(text)["objects"] for e in o.get("extensions", {}).values() if e.get("is_end") for c in e.get("claims", [])]
        self.assertEqual(sorted((c["relation"], c["text"]) for c in said), [
            ("compromised", "domain old.stilt.example"), ("compromised", "domain x.heron.example"),
            ("compromised", "url http://x.heron.example/a"), ("country", "KR")])
        store = test_know.stix_validator(self.dir)
        if store is not None and referencing:
            test_know.Export.check_bundle(self, json.loads(text), store, referencing.Registry().with_contents(store.items()))
        self.env = cog.environment(COGNATE_STORE=str(self.dir / "other"))
        done = self.cognate("import", self.write("export.json", text))
        self.assertNotIn("problems", done.text + done.err)
        self.assertEqual(self.steps(self.link(*hosts)), before)
        self.assertTrue(any("KR" in s for s in before), before)


class Samples(Enriched):
    """A learned sample's hosts and labels are steps as well."""

    def setUp(self):
        super().setUp()
        source, self.sample = self.dir / "marsh.c", self.dir / "marsh"
        source.write_text('#include <stdio.h>\nint main(int c, char **v) { puts("c2.marshhen.net"); return c + (v == 0); }\n')
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-o", self.sample, source], check=True)
        dns = self.write("dns.jsonl", resolution("c2.marshhen.net", "192.0.2.7") + resolution("old.stilt.example", "192.0.2.7"))
        self.cognate("import", self.dir / "ash.txt", dns, self.write("marsh.csv", "type,value,family\ndomain,other.example,Marsh\n"))
        self.cognate("learn", "--family", "Marsh", "--source", "lab", self.sample)

    def test_from_a_sample_over_its_host(self):
        sha256 = hashlib.sha256(self.sample.read_bytes()).hexdigest()
        path = next(r for r in self.link(sha256, "ash") if r["from"] == sha256)
        steps = [e["statement"] for s in path["path"] for e in s["evidence"]]
        self.assertEqual(steps[0], "sample marsh has domain c2.marshhen.net")
        self.assertIn("domain c2.marshhen.net resolved to ipv4 192.0.2.7", steps[1])

    def test_to_a_family_by_its_sample(self):
        steps = [e["statement"] for s in self.link("ash", "Marsh")[0]["path"] for e in s["evidence"]]
        self.assertIn("sample marsh has domain c2.marshhen.net (1 have it)", steps)
        self.assertIn("sample marsh is labelled family Marsh, says lab", steps)


class Export(Enriched):
    def test_stix_comes_back_the_same(self):
        dns = self.write("dns.jsonl", resolution("c2.heron.example", "192.0.2.7") + resolution("old.stilt.example", ["192.0.2.7", "2001:db8::1"]))
        base = mmdb.write(self.dir / "networks.mmdb", {"192.0.2.0/24": {"autonomous_system_number": 16276,
                                                                       "autonomous_system_organization": "OVH SAS"}})
        self.cognate("import", dns, base, CORPUS / "know_certificate/00", self.dir / "grey.txt", self.dir / "ash.txt")
        hosts = ("c2.heron.example", "old.stilt.example")
        before, text = self.link(*hosts), self.cognate("export", "--format", "stix").text
        bundle = json.loads(text)
        kinds = {o.get("relationship_type") for o in bundle["objects"]}
        self.assertLessEqual({"resolves-to", "belongs-to", "certifies"}, kinds)
        self.assertEqual([o["name"] for o in bundle["objects"] if o["type"] == "autonomous-system"], ["OVH SAS"])
        store = test_know.stix_validator(self.dir)
        if store is not None and referencing:
            test_know.Export.check_bundle(self, bundle, store, referencing.Registry().with_contents(store.items()))
        self.write("export.json", text)
        self.env = cog.environment(COGNATE_STORE=str(self.dir / "other"))
        done = self.cognate("import", self.dir / "export.json")
        self.assertNotIn("problems", done.text + done.err)
        self.assertEqual([r["probability"] for r in self.link(*hosts)], [r["probability"] for r in before])

    def test_many_values(self):
        self.write("many.txt", "".join(f"# Reference: https://lab.example/{r}\n\n" + "".join(f"h{i}r{r % 2}.example\n" for i in range(2000)) + "\n"
                                       for r in range(4)))
        self.cognate("import", self.dir / "many.txt")
        ids = [o["id"] for o in json.loads(self.cognate("export", "--format", "stix").text)["objects"]]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(sum(i.startswith("indicator--") for i in ids), 4000)


class Attribute(Enriched):
    """In a verdict: what the sample's own indicators lead to."""

    def sample(self, text):
        source, sample = self.dir / "a.c", self.dir / "a"
        source.write_text('#include <stdio.h>\nint main(int c, char **v) { printf("%s %%d\\n", c); return v == 0; }\n' % text)
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-o", sample, source], check=True)
        return sample

    def evidence(self, sample):
        verdict = self.cognate("attribute", "--json", sample).records[0]
        return [e for e in verdict["evidence"] if e["class"] == "indicator"]

    def test_over_an_address_to_a_list(self):
        dns = self.write("dns.jsonl", resolution("c2.marshhen.net", "192.0.2.7") + resolution("old.stilt.example", "192.0.2.7"))
        self.cognate("import", self.dir / "ash.txt", dns)
        item = self.evidence(self.sample("http://c2.marshhen.net/gate"))[0]
        self.assertEqual(item["statement"], "domain c2.marshhen.net resolved to ipv4 192.0.2.7 (2016-05-01 to 2016-08-20), says passive "
                         "DNS in dns.jsonl; domain old.stilt.example resolved to ipv4 192.0.2.7 (2016-05-01 to 2016-08-20), says passive "
                         "DNS in dns.jsonl; 2 names share it: domain old.stilt.example is listed by \"https://lab.example/2\" (ash)")
        self.assertGreater(item["log10_lr"], 1)
        self.assertLess(item["log10_lr"], 1.75)  # less than the name itself
        self.assertIsNotNone(item["here"]["va"])

    def test_to_an_address_in_a_list(self):
        self.write("ash.txt", ASH.replace("old.stilt.example", "192.0.2.7"))
        dns = self.write("dns.jsonl", resolution("c2.marshhen.net", "192.0.2.7"))
        self.cognate("import", self.dir / "ash.txt", dns)
        statements = [e["statement"] for e in self.evidence(self.sample("http://c2.marshhen.net/gate"))]
        self.assertIn(": ipv4 192.0.2.7 is listed by", statements[0])

    def test_a_compromised_site_leads_to_its_owner(self):
        dns = self.write("dns.jsonl", resolution("shop.marshhen.net", "192.0.2.7") + resolution("old.stilt.example", "192.0.2.7"))
        self.cognate("import", self.dir / "ash.txt", dns, self.write("more.txt", "shop.marshhen.net\n"))
        said = self.evidence(self.sample("http://shop.marshhen.net/wp-content/themes/gate.php"))
        self.assertEqual([e["statement"] for e in said], ['domain shop.marshhen.net is listed by "more" (more); it is a compromised site, '
                                                          "which says a little less"])
        self.assertAlmostEqual(said[0]["log10_lr"], 1.70, places=2)  # log10(56 * .9)
        whole = self.evidence(self.sample("http://shop.marshhen.net/content/gate.php"))
        self.assertEqual(len(whole), 2)

    def test_reports_of_one_actor_are_one_holder(self):
        sample = self.sample("http://c2.marshhen.net/gate")
        reports = ["type,value,report,actor\n" + "".join(f"domain,c2.marshhen.net,https://lab.example/{i},{name(i)}\n" for i in range(6))
                   for name in (lambda i: "Ashbird", lambda i: f"Actor {i}")]
        weights = []
        for text in reports:
            self.env = cog.environment(COGNATE_STORE=str(self.dir / f"store{len(weights)}"))
            self.cognate("import", self.write("reports.csv", text))
            weights.append(self.evidence(sample)[0]["log10_lr"])
        self.assertAlmostEqual(weights[0], 1.75, places=2)  # log10 56
        self.assertAlmostEqual(weights[1], 1.27, places=2)  # log10(56 * 2 / 6)

    def test_a_compromised_site_in_a_labelled_sample(self):
        """Without any knowledge: the sample's own path tells."""
        self.cognate("learn", "--family", "Marsh", "--source", "lab", self.sample("http://shop.marshhen.net/other"))
        said = self.evidence(self.sample("http://shop.marshhen.net/wp-content/themes/gate.php"))
        host = next(e for e in said if e["statement"].startswith("domain shop.marshhen.net"))
        self.assertIn("; it is a compromised site", host["statement"])

    def test_over_a_crowded_address_to_nobody(self):
        dns = self.write("dns.jsonl", resolution("c2.marshhen.net", "192.0.2.7") + resolution("old.stilt.example", "192.0.2.7") +
                         "".join(resolution(f"n{i}.example", "192.0.2.7") for i in range(400)))
        self.cognate("import", self.dir / "ash.txt", dns)
        self.assertEqual([e for e in self.evidence(self.sample("http://c2.marshhen.net/gate")) if e["log10_lr"] > .05], [])


if __name__ == "__main__":
    cog.main()
