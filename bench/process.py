#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""process.py FILE...: the program as its users run it: wall time and peak memory of `analyse` for each file, and `learn` with two workers.

Prints CSV rows bench,set,metric,value,unit,peer,note. Peak memory is that of the largest process (the sandboxed worker)."""
import argparse
import csv
import json
import os
import pathlib
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


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cognate", default=ROOT / "build/release/cognate")
    p.add_argument("files", nargs="+")
    args = p.parse_args()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for path in args.files:
        size = os.path.getsize(path)
        command = [str(args.cognate), "analyse", "--json", "--jobs", "1", path]
        times = []
        for _ in range(3):
            start = time.monotonic()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            times.append(time.monotonic() - start)
        name = f"{size / 1e6:.1f} MB {os.path.basename(path)[:12]}"
        writer.writerow(["process", name, "analyse_wall", f"{sorted(times)[1]:.3f}", "s", "cognate", "median of 3"])
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
