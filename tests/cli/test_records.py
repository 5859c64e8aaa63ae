#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every record the program writes, and every example of docs/formats/records.md, keeps its JSON Schema; no field is undescribed."""
import json
import re

import jsonschema

import cog

SCHEMAS = {p.stem: json.loads(p.read_text()) for p in sorted((cog.ROOT / "docs/formats/schema").glob("*.json"))}
PAGE = cog.ROOT / "docs/formats/records.md"


def undescribed(value, schema, where):
    """Fields that the schema does not name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in schema.get("properties", {}):
                yield f"{where}.{key}"
            else:
                yield from undescribed(inner, schema["properties"][key], f"{where}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from undescribed(inner, schema.get("items", {}), where + "[]")


class Schemas(cog.Case):
    def check(self, record):
        schema = SCHEMAS[record["type"]]
        jsonschema.Draft202012Validator(schema).validate(record)
        self.assertEqual(list(undescribed(record, schema, record["type"])), [])

    def check_all(self, *args, code=0, **more):
        done = cog.run(*args, **more)
        self.assertEqual(done.code, code, done.err)
        for record in done.records:
            self.check(record)
        return {r["type"] for r in done.records}

    def test_schemas_are_schemas(self):
        for schema in SCHEMAS.values():
            jsonschema.Draft202012Validator.check_schema(schema)

    def test_examples_of_the_page(self):
        seen = set()
        for block in re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.S):
            for line in block.strip().split("\n"):
                record = json.loads(line)
                self.check(record)
                seen.add(record["type"])
        self.assertEqual(seen, set(SCHEMAS) - {"evidence"})

    def test_page_names_every_field(self):
        text = PAGE.read_text()
        for name, schema in SCHEMAS.items():
            part = re.search(rf"^### `{name}`$(.*?)(?=^##|\Z)", text, re.S | re.M)
            self.assertTrue(part, f"records.md has no section for {name}")
            for field in schema["properties"]:
                if field not in ("schema", "type"):
                    self.assertIn(f"`{field}`", part[1], name)

    def test_commands(self):
        a, b, c = (cog.fixture(n) for n in ("heron1", "heron2", "plover"))
        env = cog.environment(COGNATE_STORE=str(self.dir / "store"))
        seen = self.check_all("analyse", "--json", a, b, c, "/bin/true", cog.PROGRAM)
        seen |= self.check_all("analyse", "--json", self.dir / "none", code=3)
        seen |= self.check_all("learn", "--json", "--family", "Heron", "--source", "lab", a, env=env)
        seen |= self.check_all("learn", "--json", "--family", "Plover", c, env=env)
        seen |= self.check_all("attribute", "--json", b, c, "/bin/true", env=env)
        seen |= self.check_all("search", "--json", a, env=env)
        seen |= self.check_all("compare", "--json", a, b)
        pair = next(r for r in cog.run("compare", "--json", a, b).records if r["type"] == "pair")
        seen |= self.check_all("compare", "--json", "--function", pair["a"]["va"], a, b)
        seen |= self.check_all("store", "stat", "--json", env=env)
        (self.dir / "list.txt").write_text("# Reference: https://lab.example/1\nc2[.]example\n-\nno\n")
        seen |= self.check_all("import", "--json", self.dir / "list.txt", env=env)
        seen |= self.check_all("import", "--json", cog.ROOT / "data/case/case.json", env=env)
        seen |= self.check_all("link", "--json", "--from", "MND 2016", "--to", "ATM 2017", env=env)
        seen |= self.check_all("link", "--json", "--from", "192.99.223.115", env=env)
        self.check_all("learn", "--json", "--family", "Heron", b, cog.fixture("heron1", "-O1"), env=env)
        seen |= self.check_all("link", "--json", "--tree", "Heron", env=env)
        self.check_all("store", "verify", "--json", env=env)
        self.assertLessEqual({"image", "function", "failure", "learned", "verdict", "store", "imported", "import_problem",
                              "import", "link", "tree"}, seen)


if __name__ == "__main__":
    cog.main()
