#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Import rate: knowledge.py PROGRAM [--kind mix|lists|misp|stix|dns|csv|bundle] [--megabytes N] [--objects N] [--keep FOLDER] [FILE...]
makes a collection of that size (500 MB; `bundle`: one STIX bundle of N objects, 10^6) from a fixed seed, imports it together with the
FILEs (ATT&CK, galaxies) into an empty store, and prints rows for results.csv: elapsed and processor time, greatest memory, size on disk.
`mix` is a quarter MISP events, a quarter STIX 2.1, a quarter passive DNS, the rest CSV and text. All values are made up."""
import argparse
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid

PART = 10 << 20  # bytes of one document
WORDS = ("mail", "update", "news", "cdn", "login")
ENDS = ("com", "net", "org", "kr")


def host(rng):
    return f"{rng.choice(WORDS)}{rng.getrandbits(48):x}.{rng.choice(ENDS)}"


def address(rng):
    return "%d.%d.%d.%d" % tuple(rng.randrange(1, 224) for _ in range(4))


def number(rng):
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def day(rng):
    return f"20{rng.randrange(10, 26)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"


def text_lists(rng, name):
    yield f"# Aliases: actor {name}\n"
    while True:
        yield f"\n# Reference: https://reports.example/{name}/{rng.getrandbits(32)}\n\n"
        for _ in range(rng.choice((3, 10, 30, 100))):
            kind = rng.random()
            yield (host(rng) if kind < .5 else address(rng) if kind < .8 else
                   f"w{rng.getrandbits(40):x}.net/{rng.getrandbits(24):x}.php") + "\n"


def csv_rows(rng, name):
    yield "type,value,first_seen,report,family,confidence\n"
    while True:
        report, family = f"report {name}-{rng.getrandbits(20)}", f"family {rng.randrange(900)}"
        for _ in range(rng.choice((5, 20, 80))):
            kind, value = rng.choice((("domain", host(rng)), ("ipv4", address(rng)), ("sha256", f"{rng.getrandbits(256):064x}"),
                                      ("url", f"http://{host(rng)}/{rng.getrandbits(24):x}")))
            yield f"{kind},{value},{day(rng)},{report},{family},{rng.randrange(101)}\n"


def dns_records(rng, _):
    while True:
        first = rng.randrange(1262304000, 1760000000)
        yield json.dumps({"rrname": host(rng) + ".", "rrtype": "A", "rdata": address(rng), "time_first": first,
                          "time_last": first + rng.randrange(1, 30000000), "count": rng.randrange(1, 5000)}) + "\n"


def misp_event(rng):
    attributes = [{"uuid": number(rng), "type": kind, "category": "Network activity", "to_ids": True, "distribution": "5",
                   "timestamp": str(rng.randrange(1262304000, 1760000000)), "comment": "", "deleted": False, "value": value}
                  for kind, value in ((("domain", host(rng)), ("ip-dst", address(rng)), ("md5", f"{rng.getrandbits(128):032x}"))[
                      rng.randrange(3)] for _ in range(rng.choice((10, 40, 200))))]
    return {"Event": {"uuid": number(rng), "info": f"report {rng.getrandbits(32):x}", "date": day(rng), "published": True,
                      "Orgc": {"name": f"lab {rng.randrange(40)}", "uuid": number(rng)},
                      "Tag": [{"name": f'misp-galaxy:threat-actor="Group {rng.randrange(300)}"'}, {"name": "tlp:clear"}],
                      "Attribute": attributes}}


def misp_events(rng, _):
    yield '{"response":['
    yield json.dumps(misp_event(rng))
    while True:
        yield ",\n" + json.dumps(misp_event(rng))


def stix_objects(rng):
    """An intrusion set, what it uses, indicators of that, and who says so."""
    stamp = {"spec_version": "2.1", "created": day(rng) + "T00:00:00.000Z", "modified": day(rng) + "T00:00:00.000Z"}
    actor, family = f"intrusion-set--{number(rng)}", f"malware--{number(rng)}"
    yield {"type": "intrusion-set", "id": actor, "name": f"Set {rng.getrandbits(24):x}", "aliases": [f"Alias {rng.getrandbits(24):x}"],
           "description": "Made up. " * 20, **stamp}
    yield {"type": "malware", "id": family, "name": f"Family {rng.getrandbits(24):x}", "is_family": True, **stamp}
    yield {"type": "relationship", "id": f"relationship--{number(rng)}", "relationship_type": "uses", "source_ref": actor,
           "target_ref": family, "confidence": rng.randrange(101), **stamp}
    for _ in range(30):
        one = f"indicator--{number(rng)}"
        pattern = f"[domain-name:value = '{host(rng)}']" if rng.random() < .5 else f"[ipv4-addr:value = '{address(rng)}']"
        yield {"type": "indicator", "id": one, "pattern": pattern, "pattern_type": "stix", "valid_from": day(rng) + "T00:00:00Z", **stamp}
        yield {"type": "relationship", "id": f"relationship--{number(rng)}", "relationship_type": "indicates", "source_ref": one,
               "target_ref": family, **stamp}


def stix_bundle(rng, _):
    yield '{"type":"bundle","id":"bundle--' + number(rng) + '","objects":['
    separator = ""
    while True:
        for o in stix_objects(rng):
            yield separator + json.dumps(o)
            separator = ",\n"


MAKERS = {"lists": (text_lists, "", "txt"), "csv": (csv_rows, "", "csv"), "dns": (dns_records, "", "jsonl"),
          "misp": (misp_events, "]}", "json"), "stix": (stix_bundle, "]}", "json")}
MIX = ("misp", "misp", "stix", "stix", "dns", "dns", "csv", "lists")


def make(folder, kind, index, most=PART, pieces=1 << 62):
    maker, tail, ending = MAKERS[kind]
    size = count = 0
    with open(folder / f"{kind}-{index:03}.{ending}", "w") as out:
        for piece in maker(random.Random(f"{kind} {index}"), index):
            size += out.write(piece)
            count += 1
            if size >= most or count > pieces:
                break
        out.write(tail)
    return size


def make_all(folder, options):
    if options.kind == "bundle":
        return make(folder, "stix", 0, 1 << 62, options.objects)
    size = index = 0
    while size < options.megabytes << 20:
        size += make(folder, MIX[index % len(MIX)] if options.kind == "mix" else options.kind, index)
        index += 1
    return size


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--kind", default="mix", choices=("mix", "bundle", *MAKERS))
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--objects", type=int, default=1000000)
    parser.add_argument("--keep", help="the collection stays there, and one that is there is taken")
    o = parser.parse_intermixed_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(o.keep or name) / o.kind
        if not folder.exists():
            folder.mkdir(parents=True)
            make_all(folder, o)
        size = sum(p.stat().st_size for p in folder.iterdir())
        env = {**os.environ, "COGNATE_STORE": str(pathlib.Path(name) / "store")}
        start = time.monotonic()
        subprocess.run([o.program, "import", "-q", *o.files, folder], env=env, check=True)
        elapsed, usage = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        disk = sum(p.stat().st_blocks * 512 for p in (pathlib.Path(name) / "store").rglob("*") if p.is_file())
    what = f"{o.objects} objects in one bundle" if o.kind == "bundle" else f"{size >> 20} MB of {o.kind}"
    what += " and " + " and ".join(os.path.basename(f) for f in o.files) if o.files else ""
    for metric, value, unit in (("elapsed", f"{elapsed:.1f}", "s"), ("processor", f"{usage.ru_utime + usage.ru_stime:.1f}", "s"),
                                ("memory", usage.ru_maxrss >> 10, "MiB"), ("disk", disk >> 20, "MiB")):
        print(f"knowledge,{what},import_{metric},{value},{unit},cognate,")


if __name__ == "__main__":
    main()
