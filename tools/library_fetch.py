#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""library_fetch.py FOLDER: fetches the packages of tests/quality/library.tsv and unpacks their programs and libraries into FOLDER/<library>/.

What it gives is public code that many programs carry inside: language runtimes, common crates and modules, OpenSSL, C runtimes. Each folder
is learned with `cognate learn --library NAME FOLDER/NAME` (make libraries does that). Packages come through pip, npm and apt-get by name and
version; nothing that was fetched is run. Idempotent; names what could not be had and goes on; exit code 1 then."""
import concurrent.futures
import csv
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from corpus_fetch import FetchError, Package, pip_argv, run_client

ROOT = pathlib.Path(__file__).resolve().parent.parent
JOBS = 3


def rows_read(path=ROOT / "tests/quality/library.tsv"):
    with open(path, newline="") as f:
        return list(csv.DictReader((line for line in f if not line.startswith("#")), delimiter="\t"))


def download(row, folder):
    if row["source"] == "pypi":
        run_client(pip_argv() + ["download", "-q", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--ignore-requires-python",
                                 "--platform", row["platform"], "--python-version", row["python"], "-d", folder, f"{row['package']}=={row['version']}"])
    elif row["source"] == "npm":
        run_client(["npm", "pack", f"{row['package']}@{row['version']}", "--pack-destination", folder, "--ignore-scripts", "--silent"], cwd=folder)
    else:
        run_client(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", f"{row['package']}={row['version']}"], cwd=folder)
    files = os.listdir(folder)
    if len(files) != 1:
        raise FetchError("the client fetched nothing")
    return os.path.join(folder, files[0])


def unpack(path, target):
    """Keeps what begins like a PE or an ELF file."""
    fresh = pathlib.Path(str(target) + ".part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    package = Package(path)
    for name in package.names():
        if name.endswith("/") or package.size(name) < 64:
            continue
        data = package.read(name)
        if data[:2] == b"MZ" or data[:4] == b"\x7fELF":
            (fresh / name.replace("/", "_")[-150:]).write_bytes(data)
    package.close()
    fresh.rename(target)


def fetch(row, folder):
    name = f"{row['package']}-{row['version']}-{row['platform']}".strip("-").replace("/", "_").replace(":", "_")
    target = folder / row["library"] / name
    if target.exists():
        return True
    with tempfile.TemporaryDirectory() as work:
        try:
            unpack(download(row, work), target)
        except (FetchError, OSError, EOFError, ValueError) as e:
            print(f"library_fetch: {row['package']} {row['version']} {row['platform']}: {e}", file=sys.stderr)
            return False
    return True


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        return 2
    folder = pathlib.Path(sys.argv[1])
    rows = rows_read()
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        missing = sum(not ok for ok in pool.map(lambda row: fetch(row, folder), rows))
    print(f"{len(rows) - missing} of {len(rows)} packages in {folder}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
