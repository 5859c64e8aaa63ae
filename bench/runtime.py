#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""runtime.py [--cognate PROGRAM]: small programs that share nothing but the run-time library of their compiler, in a store that
knows no public code. For each compiler that is here one of tests/fixtures' programs is learned as a family and the others asked: how many
are given to it. (What three families have is common anyhow.) Prints rows bench,set,metric,value,unit,peer,note."""
import argparse
import json
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests/fixtures"
LEARNED = ["heron1.c"]
ASKED = ["routines/tune/stream.c", "routines/tune/hash.c", "routines/demo/parcel.c", "routines/tune/code.c", "routines/tune/block.c", "routines/tune/decoy.c", "routines/demo/relay.c"]
TOOLS = {
    "MinGW x86-64": ["x86_64-w64-mingw32-gcc"],
    "MinGW x86": ["i686-w64-mingw32-gcc"],
    "glibc static": ["gcc", "-static"],
    "glibc static x86": ["i686-linux-gnu-gcc", "-static"],
    "glibc static AArch64": ["aarch64-linux-gnu-gcc", "-static"],
    "glibc static ARM": ["arm-linux-gnueabihf-gcc", "-static"],
}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--cognate", default=str(ROOT / "build/release/cognate"))
    p.add_argument("--peer", default="cognate", help="name of the program in the rows")
    a = p.parse_args()
    for name, command in TOOLS.items():
        if not shutil.which(command[0]):
            continue
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            built = {}
            for source in LEARNED + ASKED:
                built[source] = folder / (pathlib.Path(source).stem + ".bin")
                subprocess.run([*command, "-O2", "-w", "-s", "-o", built[source], FIXTURES / source], check=True)
            store = folder / "store"
            for source in LEARNED:
                subprocess.run([a.cognate, "learn", "-q", "--store", store, "--family", pathlib.Path(source).stem, "--source", "lab",
                                built[source]], stdout=subprocess.DEVNULL)
            done = subprocess.run([a.cognate, "attribute", "--json", "--store", store, *[built[s] for s in ASKED]], check=True,
                                  stdout=subprocess.PIPE, text=True)
            verdicts = [r for r in map(json.loads, done.stdout.splitlines()) if r["type"] == "verdict"]
            accused = sum(v["decision"] in ("lineage", "attributed") for v in verdicts)
            library = sum(v["coverage"]["library"] for v in verdicts) / len(verdicts)
            print(f"runtime,{name},given_to_a_wrong_family,{accused / len(verdicts):.3f},share,{a.peer},"
                  f"of {len(verdicts)} small programs; store without public code")
            print(f"runtime,{name},code_told_as_run_time,{library:.3f},share,{a.peer},by bytes; mean", flush=True)


if __name__ == "__main__":
    main()
