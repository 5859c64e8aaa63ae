#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""obfuscation.py [--goodware FOLDER] [--csv]: how often the traits of docs/evidence/obfuscation.md are found in fixtures that have them (and in
the same sources without), over the compilers of this machine and five levels, and in ordinary PE and ELF files of up to 1.5 MB under FOLDER.

Prints rows bench,set,metric,value,unit,peer,note; details on stderr."""
import argparse
import collections
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests/fixtures/obfuscation"
KINDS = ["string_scheme", "api_scheme", "import_table", "flattening", "opaque_predicates", "junk_code", "time_forgery", "random_tail",
         "header_repair", "obfuscation"]
COMPILERS = ["gcc", "clang", "i686-linux-gnu-gcc", "aarch64-linux-gnu-gcc", "arm-linux-gnueabihf-gcc", "x86_64-w64-mingw32-gcc", "i686-w64-mingw32-gcc"]
LEVELS = ["-O0", "-O1", "-O2", "-O3", "-Os"]


def traits(cognate, paths):
    """path -> {kind: value}, and which are packed."""
    found, packed = {}, set()
    for start in range(0, len(paths), 20):
        done = subprocess.run([cognate, "analyse", "--json", "--jobs", "1", *paths[start:start + 20]], capture_output=True, text=True)
        names = {}
        for line in done.stdout.splitlines():
            if line.startswith('{"schema":"cognate/1","type":"image"'):
                r = json.loads(line)
                names[r["sha256"]] = r["path"]
                found.setdefault(r["path"], {})
                if r["packed"]:
                    packed.add(r["path"])
            elif line.startswith('{"schema":"cognate/1","type":"trait"'):
                r = json.loads(line)
                if r["kind"] in KINDS:
                    found[names[r["sha256"]]][r["kind"]] = r["value"]
    return found, packed


def is_program(path):
    with open(path, "rb") as f:
        head = f.read(4)
    return (head[:2] == b"MZ" or head == b"\x7fELF") and 4096 < path.stat().st_size < 1_500_000


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--goodware")
    p.add_argument("--cognate", default=ROOT / "build/release/cognate")
    args = p.parse_args()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    with tempfile.TemporaryDirectory() as folder:
        sets = collections.defaultdict(list)
        for cc in (c for c in COMPILERS if shutil.which(c)):
            for level in LEVELS:
                for name, flags in (("flow", []), ("plain", ["-DPLAIN"])) + ((("table", []),) if "mingw" in cc else ()):
                    out = pathlib.Path(folder, f"{name}{level}-{cc}")
                    source = FIXTURES / ("table.c" if name == "table" else "flow.c")
                    if subprocess.run([cc, "-w", level, *flags, "-o", out, source], stderr=subprocess.DEVNULL).returncode == 0:
                        sets[name].append(str(out if out.exists() else out.with_name(out.name + ".exe")))
        for name, kinds in (("flow", ["flattening", "opaque_predicates"]), ("table", ["import_table", "time_forgery"]), ("plain", KINDS)):
            found, _ = traits(args.cognate, sets[name])
            for path, kind in ((path, kind) for path in found for kind in kinds if (kind in found[path]) == (name == "plain")):
                print(pathlib.Path(path).name, "has" if name == "plain" else "lacks", kind, file=sys.stderr)
            for kind in kinds if name != "plain" else []:
                hits = sum(kind in t for t in found.values())
                writer.writerow(["obfuscation", f"fixtures/{name}", f"{kind}_found", f"{hits / len(found):.4f}", "share", "cognate", f"{len(found)} programs"])
            if name == "plain":
                hits = sum(bool(t) for t in found.values())
                writer.writerow(["obfuscation", "fixtures/plain", "programs_with_any", hits, "programs", "cognate", f"of {len(found)}"])
    if args.goodware:
        files = sorted(str(f) for f in pathlib.Path(args.goodware).rglob("*") if f.is_file() and is_program(f))
        found, packed = traits(args.cognate, files)
        for path in found:
            for kind, value in found[path].items():
                print(path, kind, value[:120], file=sys.stderr)
        for kind in KINDS:
            writer.writerow(["obfuscation", "goodware", f"{kind}_files", sum(kind in t for t in found.values()), "files", "cognate", f"of {len(found)}"])
        writer.writerow(["obfuscation", "goodware", "packed_files", len(packed), "files", "cognate", f"of {len(found)}"])


if __name__ == "__main__":
    main()
