#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""goodware_fetch.py FOLDER: fetches the packages of tests/quality/goodware.tsv with pip and unpacks their programs and libraries.

What it gives is learned with `cognate learn --goodware FOLDER`. Idempotent; names what could not be fetched and goes on."""
import csv
import pathlib
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def fetch(row, folder):
    target = folder / f"{row['package']}-{row['version']}-{row['platform']}"
    if target.exists():
        return True
    with tempfile.TemporaryDirectory() as work:
        done = subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check",
                               "--platform", row["platform"], "--python-version", row["python"], "-d", work,
                               f"{row['package']}=={row['version']}"], capture_output=True, text=True)
        wheels = list(pathlib.Path(work).glob("*.whl"))
        if done.returncode or not wheels:
            print(f"goodware_fetch: {row['package']} {row['version']} {row['platform']}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            return False
        fresh = pathlib.Path(str(target) + ".part")
        fresh.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheels[0]) as z:
            for name in z.namelist():
                head = z.open(name).read(4)
                if head[:2] == b"MZ" or head == b"\x7fELF":
                    (fresh / name.replace("/", "_")).write_bytes(z.read(name))
        fresh.rename(target)
    return True


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        return 2
    folder = pathlib.Path(sys.argv[1])
    with open(ROOT / "tests/quality/goodware.tsv", newline="") as f:
        rows = list(csv.DictReader((line for line in f if not line.startswith("#")), delimiter="\t"))
    missing = sum(not fetch(r, folder) for r in rows)
    print(f"{len(rows) - missing} of {len(rows)} packages in {folder}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
