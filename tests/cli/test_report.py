#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""attribute --html, export of verdicts, trees: what people and other tools get to see of a verdict."""
import csv
import html.parser
import io
import json
import re
import shutil
import subprocess
import unicodedata

import cog
import test_know

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>"\'&\u202e'
VOID = {"meta", "br", "line", "circle", "path", "rect"}
ALLOWED = VOID | set("html head title style body main article section div span p h1 h2 h3 h4 ul li dl dt dd table thead tbody tr th td code a b i "
                     "details summary svg text footer".split())


class Page(html.parser.HTMLParser):
    """The page's tags must close, and hold nothing that acts or loads."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.words, self.problems, self.titles = [], [], [], []
        self.feed(text)
        self.close()
        self.problems += [f"not closed: {tag}" for tag in self.stack]

    def handle_starttag(self, tag, attrs):
        if tag not in ALLOWED:
            self.problems.append(f"tag {tag}")
        for key, value in attrs:
            if key.startswith("on") or key in ("src", "srcset", "srcdoc", "formaction", "background"):
                self.problems.append(f"attribute {key}")
            if key == "href" and not re.fullmatch(r"#s\d+", value):
                self.problems.append(f"link {value}")
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.problems.append(f"unexpected end of {tag}")

    def handle_data(self, data):
        if self.stack and self.stack[-1] in ("h2", "h3"):
            self.titles.append(data)
        if "style" not in self.stack:
            self.words.append(data)

    @property
    def text(self):
        return "".join(self.words)


def bird(folder, name, text, *flags):
    """heron1 with another agent and name."""
    source = (cog.ROOT / "tests/fixtures/heron1.c").read_text().replace("Heron/1.4 (compatible; update check)", text)
    (folder / "bird.c").write_text(source)
    out = folder / name
    subprocess.run([cog.os.environ.get("CC", "cc"), *(flags or ("-O2",)), f"-I{cog.ROOT / 'tests/fixtures'}", "-o", "bird", "bird.c"], check=True, cwd=folder)
    (folder / "bird").rename(out)
    return out


class ReportCase(cog.Case):
    def setUp(self):
        super().setUp()
        self.env = cog.environment(COGNATE_STORE=str(self.dir / "store"))
        self.ok("learn", "--goodware", cog.fixture("plover"), env=self.env)

    def page(self, *args):
        self.ok("attribute", "-q", "--html", self.dir / "page.html", *args, env=self.env)
        text = (self.dir / "page.html").read_text(encoding="utf-8")
        page = Page(text)
        self.assertEqual(page.problems, [])
        self.assertIn("default-src 'none'", text)
        self.assertNotRegex(text.split("<style>")[1].split("</style>")[0], r"url\(|@import")
        odd = {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
        self.assertEqual(odd, set())
        return page


class Html(ReportCase):
    def test_the_answer_and_down_to_addresses(self):
        self.ok("learn", "--family", "Heron", "--source", "lab", "--first-seen", "2024-03-11", cog.fixture("heron1"), env=self.env)
        page = self.page(cog.fixture("heron2"))
        verdict = self.ok("attribute", "--json", cog.fixture("heron2"), env=self.env).records[0]
        for title in ("Likelihood", "Confidence in this judgement", "Same code?", "Same operators?", "A named group?", "What it could be",
                      "Evidence", "Competing hypotheses", "What would change it", "Functions side by side", "How it is connected", "How much was looked at"):
            self.assertIn(title, page.titles)
        for e in verdict["evidence"]:
            if e["here"]["va"]:
                self.assertIn(e["here"]["va"], page.text)
                self.assertIn(e["there"]["va"], page.text)
        self.assertIn(verdict["sha256"], page.text)
        self.assertIn(verdict["confidence"]["level"], page.text)
        self.assertIn("Heron", page.text)

    def test_same_bytes(self):
        self.ok("learn", "--family", "Heron", cog.fixture("heron1"), env=self.env)
        first = (self.page(cog.fixture("heron2"), cog.fixture("plover")), (self.dir / "page.html").read_bytes())[1]
        self.page("--jobs", "1", cog.fixture("heron2"), cog.fixture("plover"))
        self.assertEqual((self.dir / "page.html").read_bytes(), first)

    def test_hostile_texts_do_nothing(self):
        old = bird(self.dir, "old", "<script>alert(1)</script> \\x1b[31m \\xe2\\x80\\xae </style><svg onload=alert(3)>")
        new = bird(self.dir, '<img src=x onerror=alert(4)>\u202e\x1b[31m.exe', "<script>alert(1)</script> \\x1b[31m \\xe2\\x80\\xae </style><svg onload=alert(3)>", "-O1")
        clean = HOSTILE.replace("\u202e", "")
        self.ok("learn", "--family", clean, "--source", clean, "--campaign", clean, "--actor", clean, old, env=self.env)
        page = self.page("--beside", old, new)
        self.assertIn("<script>alert(1)</script>", page.text)  # as text

    def test_files_beside(self):
        self.ok("learn", "--family", "Heron", cog.fixture("heron1"), env=self.env)
        alone = self.page(cog.fixture("heron2"))
        both = self.page("--beside", cog.fixture("heron1"), "--beside", cog.fixture("plover"), cog.fixture("heron2"))
        self.assertNotIn("What both do", alone.text)
        self.assertIn("What both do", both.text)

    def test_several_and_none(self):
        page = self.page(cog.fixture("heron1"), cog.fixture("plover"))
        self.assertIn("Attribution of 2 samples", page.text)
        (self.dir / "empty").mkdir()
        self.assertIn("Attribution of 0 samples", self.page(self.dir / "empty").text)

    def test_a_page_that_cannot_be_written(self):
        done = cog.run("attribute", "-q", "--html", self.dir / "no/page.html", cog.fixture("heron1"), env=self.env)
        self.assertEqual(done.code, 1)
        self.assertEqual(cog.run("attribute", "--beside", "x", cog.fixture("heron1"), env=self.env).code, 2)


class Export(ReportCase):
    def setUp(self):
        super().setUp()
        self.ok("learn", "--family", '=He"ron', "--source", "lab", cog.fixture("heron1"), env=self.env)

    def export(self, form, *files):
        return self.ok("export", "--format", form, *files, env=self.env).text

    def test_stix(self):
        text = self.export("stix", cog.fixture("heron2"), cog.fixture("plover"))
        self.assertEqual(text, self.export("stix", "--jobs", "1", cog.fixture("heron2"), cog.fixture("plover")))
        bundle = json.loads(text)
        kinds = {o["type"] for o in bundle["objects"]}
        self.assertLessEqual({"file", "malware", "malware-analysis", "relationship", "opinion", "note", "grouping"}, kinds)
        verdict = self.ok("attribute", "--json", cog.fixture("heron2"), env=self.env).records[0]
        family = next(h for h in verdict["hypotheses"] if h["name"])
        confidences = [o["confidence"] for o in bundle["objects"] if o["type"] == "relationship"]
        self.assertIn(round(family["probability"] * 100), confidences)
        notes = [o["abstract"] for o in bundle["objects"] if o["type"] == "note"]
        for e in verdict["evidence"]:
            self.assertTrue(any(e["statement"] in n for n in notes), e["statement"])
        contents = {o["abstract"]: o["content"] for o in bundle["objects"] if o["type"] == "note"}
        for c in verdict["claims"]:
            self.assertIn(c["statement"], contents[f"claim, {c['claim']}: {c['name'] or 'nobody is named'}"])
        opinions = [o["explanation"] for o in bundle["objects"] if o["type"] == "opinion"]
        self.assertTrue(any(verdict["claims"][0]["statement"] in o for o in opinions))
        for k, h in enumerate(verdict["hypotheses"]):
            content = next(c for a, c in contents.items() if a.startswith(f"hypothesis {k + 1}, {h['kind']}") and
                           f"(probability {h['probability']:.4f})" in a)
            against = [r for r in verdict["matrix"]["rows"] if r["cells"][k] == "II"]
            self.assertEqual("Very inconsistent with it" in content, bool(against))
            for r in against:
                self.assertIn(", ".join(map(str, r["evidence"])), content)
        self.assertEqual(len([a for a in contents if a.startswith("ledger, ")]), len(verdict["ledger"]))
        try:
            import referencing
        except ImportError:
            self.skipTest("skipped: jsonschema is older than 4.18")
        store = test_know.stix_validator(self.dir)
        if store is None:
            self.skipTest("skipped: data not present (stix21-schemas)")
        test_know.Export.check_bundle(self, bundle, store, referencing.Registry().with_contents(store.items()))

    def test_stix_can_be_imported(self):
        (self.dir / "verdict.json").write_text(self.export("stix", cog.fixture("heron2")))
        done = self.ok("import", "--json", self.dir / "verdict.json", env=cog.environment(COGNATE_STORE=str(self.dir / "other")))
        self.assertEqual([r for r in done.records if r["type"] == "import_problem" and r["skipped"]], [])

    def test_misp(self):
        event = json.loads(self.export("misp", cog.fixture("heron2")))["response"][0]["Event"]
        self.assertEqual([a["type"] for a in event["Attribute"]][0], "sha256")
        tags = [t["name"] for t in event["Tag"]]
        self.assertTrue(any(t.startswith("estimative-language:confidence-in-analytic-judgment=") for t in tags), tags)
        verdict = self.ok("attribute", "--json", cog.fixture("heron2"), env=self.env).records[0]
        texts = {o["comment"]: o["Attribute"][0]["value"] for o in event["Object"]}
        self.assertEqual({o["template_uuid"] for o in event["Object"]}, {"5d8dc046-15a1-4ca3-a09f-ed4ede7c4487"})
        for c in verdict["claims"]:
            self.assertTrue(texts[f"claim, {c['claim']}"].startswith(c["statement"]))
        for k, h in enumerate(verdict["hypotheses"]):
            self.assertIn(f"(probability {h['probability']:.4f})", texts[f"hypothesis {k + 1}"])
        for row in verdict["ledger"]:
            self.assertIn("counts once", texts[f"ledger, {row['group']}"])
        ids = [x["uuid"] for o in event["Object"] for x in (o, *o["Attribute"])] + [a["uuid"] for a in event["Attribute"]]
        self.assertEqual(len(ids), len(set(ids)))

    def test_csv(self):
        rows = list(csv.DictReader(io.StringIO(self.export("csv", cog.fixture("heron2")), newline="")))
        verdict = self.ok("attribute", "--json", cog.fixture("heron2"), env=self.env).records[0]
        self.assertEqual([r["kind"] for r in rows if r["row"] == "hypothesis"], [h["kind"] for h in verdict["hypotheses"]])
        self.assertEqual(len([r for r in rows if r["row"] == "evidence"]), len(verdict["evidence"]))
        self.assertIn("'=He\"ron", [r["name"] for r in rows])
        self.assertTrue(all(None not in r.values() and None not in r for r in rows), rows[0])

    def test_files_and_names_do_not_mix(self):
        self.assertEqual(cog.run("export", "--format", "csv", cog.fixture("heron1"), "Nobody", env=self.env).code, 2)


class Tree(ReportCase):
    def test_a_line_of_versions(self):
        shutil.copyfile(cog.fixture("heron1"), self.dir / "heron-1")
        shutil.copyfile(cog.fixture("heron2"), self.dir / "heron-3")
        bird(self.dir, "it's 2", "Heron/1.5")
        for name, date in (("heron-1", "2021-01-01"), ("it's 2", "2022-01-01"), ("heron-3", "2023-01-01")):
            self.ok("learn", "--family", "Heron", "--first-seen", date, self.dir / name, env=self.env)
        tree = self.ok("link", "--json", "--tree", "Heron", env=self.env).records[0]
        self.assertEqual([s["name"] for s in tree["samples"]][-1], "heron-3")
        self.assertTrue(tree["is_dated"])
        self.assertTrue(tree["newick"].endswith(");"))
        self.assertIn("'it''s 2':", tree["newick"])
        self.assertEqual(tree["newick"].count("("), 2)
        text = self.ok("link", "--tree", "Heron", env=self.env).text
        self.assertIn("heron-3", text)
        self.assertIn(tree["newick"], text)
        self.assertIn("The family Heron", self.page(cog.fixture("heron2")).text)

    def test_too_few(self):
        done = cog.run("link", "--tree", "Nobody", env=self.env)
        self.assertEqual(done.code, 1)
        self.assertIn("fewer than three", done.err)
        self.assertEqual(cog.run("link", "--tree", "A", "--from", "B", env=self.env).code, 2)


if __name__ == "__main__":
    cog.main()
