#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""process.py FILE...: the program as its users run it: wall time, processor time and peak memory of `analyse` for each file, of `attribute`
when a --store is given, and `learn` with two workers.

Prints CSV rows bench,set,metric,value,unit,peer,note. Peak memory is that of the largest process (the sandboxed worker)."""
import argparse
import csv
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def peak_mb(command):
    with tempfile.NamedTemporaryFile("r") as log:
        code = ("import resource,subprocess,sys;d=subprocess.run(sys.argv[2:],stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL);"
                "open(sys.argv[1],'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))")
        subprocess.run([sys.executable, "-c", code, log.name, *command], check=True)
        return int(log.read()) / 1024


def timed(command, runs=3):
    """Medians of some runs: wall seconds, processor seconds of all processes."""
    walls, processors = [], []
    for _ in range(runs):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        walls.append(time.monotonic() - start)
        processors.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return sorted(walls)[runs // 2], sorted(processors)[runs // 2]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cognate", default=ROOT / "build/release/cognate")
    p.add_argument("--store", help="attribute each file against it as well")
    p.add_argument("files", nargs="+")
    args = p.parse_args()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for path in args.files:
        size = os.path.getsize(path)
        command = [str(args.cognate), "analyse", "--json", "--jobs", "1", path]
        name = f"{size / 1e6:.1f} MB {os.path.basename(path)[:12]}"
        wall, processor = timed(command)
        writer.writerow(["process", name, "analyse_wall", f"{wall:.3f}", "s", "cognate", "median of 3"])
        writer.writerow(["process", name, "analyse_processor", f"{processor:.3f}", "s", "cognate", "median of 3; all processes"])
        wall, _ = timed([*command[:3], "--jobs", "2", path], 9)
        writer.writerow(["process", name, "analyse_wall_two_cores", f"{wall:.3f}", "s", "cognate", "median of 9; helpers on the other core"])
        if args.store:
            wall, processor = timed([str(args.cognate), "attribute", "--store", args.store, "--json", "--jobs", "1", path])
            stat = json.loads(subprocess.run([str(args.cognate), "store", "stat", "--store", args.store, "--json"], capture_output=True, text=True).stdout)
            note = f"median of 3; store of {stat['functions']} functions"
            writer.writerow(["process", name, "attribute_wall", f"{wall:.3f}", "s", "cognate", note])
            writer.writerow(["process", name, "attribute_processor", f"{processor:.3f}", "s", "cognate", note])
        writer.writerow(["process", name, "peak_resident", f"{peak_mb(command):.1f}", "MB", "cognate", "largest process"])
        sys.stdout.flush()
    with tempfile.TemporaryDirectory() as store:
        command = [str(args.cognate), "learn", "--store", store + "/s", "--family", "bench", "--jobs", "2", "-q", *args.files]
        start = time.monotonic()
        subprocess.run(command, check=False)
        seconds = time.monotonic() - start
        stat = json.loads(subprocess.run([str(args.cognate), "store", "stat", "--store", store + "/s", "--json"], capture_output=True, text=True).stdout)
        writer.writerow(["process", "learn", "functions_per_second", f"{stat['functions'] / seconds:.0f}", "1/s", "cognate",
                         f"analysis and indexing of {stat['functions']} functions; two workers"])


if __name__ == "__main__":
    main()
