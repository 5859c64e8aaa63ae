#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Import rate: knowledge.py PROGRAM [MEGABYTES] [FILE...] makes a collection of indicator lists of that size (500), imports it after the
FILEs (ATT&CK, galaxies) into an empty store, and prints rows for results.csv: elapsed and processor time, greatest memory, size on disk."""
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

PART = 10 << 20  # bytes of one list


def line(rng):
    kind = rng.random()
    if kind < .5:
        return f"{rng.choice(('mail', 'update', 'news', 'cdn', 'login'))}{rng.getrandbits(48):x}.{rng.choice(('com', 'net', 'org', 'kr'))}\n"
    if kind < .8:
        return "%d.%d.%d.%d\n" % tuple(rng.randrange(1, 224) for _ in range(4))
    return f"w{rng.getrandbits(40):x}.net/{rng.getrandbits(24):x}.php\n"


def make(folder, number):
    rng, lines, size = random.Random(number), [f"# Aliases: actor {number}\n"], 0
    while size < PART:
        lines.append(f"\n# Reference: https://reports.example/{number}/{len(lines)}\n\n")
        for _ in range(rng.choice((3, 10, 30, 100))):
            lines.append(line(rng))
            size += len(lines[-1])
    (folder / f"{number:03d}.txt").write_text("".join(lines))
    return size


def main():
    program, megabytes = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "lists").mkdir()
        size = number = 0
        while size < megabytes << 20:
            size += make(folder / "lists", number)
            number += 1
        env = {**os.environ, "COGNATE_STORE": str(folder / "store")}
        start = time.monotonic()
        subprocess.run([program, "import", "-q", *sys.argv[3:], folder / "lists"], env=env, check=True)
        elapsed, usage = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        disk = sum(p.stat().st_blocks * 512 for p in (folder / "store").rglob("*") if p.is_file())
    what = f"{size >> 20} MB of lists" + (" and " + " and ".join(os.path.basename(f) for f in sys.argv[3:]) if sys.argv[3:] else "")
    for metric, value, unit in (("elapsed", f"{elapsed:.1f}", "s"), ("processor", f"{usage.ru_utime + usage.ru_stime:.1f}", "s"),
                                ("memory", usage.ru_maxrss >> 10, "MiB"), ("disk", disk >> 20, "MiB")):
        print(f"knowledge,{what},import_{metric},{value},{unit},cognate,")


if __name__ == "__main__":
    main()
