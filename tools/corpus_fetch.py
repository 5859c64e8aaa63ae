#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fetch the labelled family corpus named by tests/quality/corpus.tsv into a cache directory.

In    the manifest: one line per binary, with package, version, file name, path inside it, SHA-256.
Out   CACHE/<sha256>, one file per binary, only ever complete and verified (written aside, renamed).
How   packages come through the ordinary clients (pip, npm, apt-get) as subprocesses; nothing here
      opens a connection itself and nothing that was fetched is run.
Odd   what cannot be had is named with the client's own words, the rest goes on; exit code 1 then.

    tools/corpus_fetch.py --demo                  the small demo, a few seconds
    tools/corpus_fetch.py --part tune --role learn,query
    tools/corpus_fetch.py --list --perf           where each file is or will be; fetches nothing
"""

import argparse
import concurrent.futures
import csv
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MANIFEST = os.path.join(ROOT, "tests", "quality", "corpus.tsv")
COLUMNS = (
    "family version order format arch toolchain part role demo perf built shares "
    "source package pkgver file download path sha256 size evidence"
).split()
CLIENT_TIMEOUT_S = 600  # one call of a client: at most BATCH packages of some MB
BATCH = 5  # packages in one call; more would make the progress coarse and a failure dear
MAX_MEMBER = 256 << 20  # no binary of the corpus is half as large: a guard, not a tuning


class FetchError(Exception):
    """A package or a binary that could not be had; the text is for a person."""


def manifest_read(path):
    """Rows of the manifest as dicts; '#' lines are comments, the first other line names columns."""
    with open(path, encoding="utf-8", newline="") as f:
        lines = [line for line in f if not line.startswith("#") and line.strip()]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


# ---- clients -------------------------------------------------------------------------------


def run_client(argv, cwd=None):
    """Run a package client quietly; a failure carries the last lines that it said."""
    try:
        done = subprocess.run(
            argv,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=CLIENT_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FetchError(f"{argv[0]} gave no answer within {CLIENT_TIMEOUT_S} s") from None
    if done.returncode != 0:
        said = done.stdout.decode("utf-8", "replace").strip().splitlines()
        tail = " / ".join(x.strip() for x in said if x.strip())[-300:]
        raise FetchError(f"{os.path.basename(argv[0])} failed: {tail or 'it said nothing'}")


_pip_argv = None


def pip_argv():
    """How pip is called here: as a module of this Python, else by its own name."""
    global _pip_argv
    if _pip_argv is None:
        probe = subprocess.run(
            [sys.executable, "-m", "pip", "--version"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if probe.returncode == 0:
            _pip_argv = [sys.executable, "-m", "pip"]
        else:
            found = shutil.which("pip3") or shutil.which("pip")
            if not found:
                raise FetchError("pip is missing (on Debian: apt-get install python3-pip)")
            _pip_argv = [found]
    return list(_pip_argv)


def wheel_tags(file):
    """(Python version, ABI tags, platform tags) to ask pip for: a wheel's name has them (PEP 427)."""
    pythons, abis, platforms = (x.split(".") for x in file[: -len(".whl")].split("-")[-3:])
    digits = pythons[-1].lstrip("abcdefghijklmnopqrstuvwxyz")
    version = (int(digits[0]), int(digits[1:] or 0))
    if abis in (["abi3"], ["none"]):
        version = max(version, (3, 9))  # such a wheel fits every later Python: ask for a common one
    return version, abis, platforms


def pip_fetch(rows, folder):
    """Several wheels of one Python version and system in one call: starting pip costs the most."""
    abis, platforms = [], []
    for row in rows:
        version, row_abis, row_platforms = wheel_tags(row["file"])
        abis += [a for a in row_abis if a not in abis]
        platforms += [p for p in row_platforms if p not in platforms]
    argv = pip_argv() + ["download", "--no-deps", "--only-binary=:all:", "--quiet"]
    argv += ["--ignore-requires-python", "--disable-pip-version-check", "--no-cache-dir"]
    argv += ["--dest", folder, "--implementation", "cp"]
    argv += ["--python-version", f"{version[0]}.{version[1]}"]
    argv += [x for abi in abis for x in ("--abi", abi)]
    argv += [x for platform in platforms for x in ("--platform", platform)]
    run_client(argv + [f"{row['package']}=={row['pkgver']}" for row in rows])


def npm_fetch(rows, folder):
    if not shutil.which("npm"):
        raise FetchError("npm is missing (on Debian: apt-get install npm)")
    run_client(
        ["npm", "pack"]
        + [f"{row['package']}@{row['pkgver']}" for row in rows]
        + ["--pack-destination", folder, "--ignore-scripts", "--silent"],
        cwd=folder,
    )


def apt_fetch(rows, folder):
    if not shutil.which("apt-get"):
        raise FetchError("apt-get is missing: this binary comes from a Debian package")
    run_client(
        ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download"]
        + [f"{row['package']}={row['pkgver']}" for row in rows],
        cwd=folder,
    )


CLIENTS = {"pypi": pip_fetch, "npm": npm_fetch, "debian": apt_fetch}


def batch_key(row):
    """Packages with equal keys can share one call of their client."""
    if row["source"] != "pypi":
        return (row["source"],)
    version, _, platforms = wheel_tags(row["file"])
    system = "linux" if "linux" in platforms[-1] else platforms[-1]
    return ("pypi", version, system, platforms[-1].endswith("i686"))


def batches_from_groups(groups):
    """Lists of groups, each for one call of a client, no package twice in one call."""
    batches = []
    for group in groups:
        row = group[0]
        for key, names, batch in batches:
            if key == batch_key(row) and row["package"] not in names and len(batch) < BATCH:
                names.add(row["package"])
                batch.append(group)
                break
        else:
            batches.append((batch_key(row), {row["package"]}, [group]))
    return [batch for _, _, batch in batches]


def batch_fetch(rows, folder):
    """Fetch the packages of these rows (one each); one that spoils the call is asked for alone.

    Returns {file name: why it is missing} of those that could not be had.
    """
    said = {}
    try:
        CLIENTS[rows[0]["source"]](rows, folder)
    except FetchError as e:
        said = {row["file"]: str(e) for row in rows}
    for row in rows:
        if os.path.exists(os.path.join(folder, row["file"])):
            said.pop(row["file"], None)
        elif len(rows) > 1:
            said.pop(row["file"], None)
            said.update(batch_fetch([row], folder))
        else:
            said.setdefault(row["file"], "the client fetched another file than this")
    return said


# ---- packages ------------------------------------------------------------------------------


def deb_data(path):
    """The data archive of a Debian package (an 'ar' archive of three members)."""
    with open(path, "rb") as f:
        if f.read(8) != b"!<arch>\n":
            raise FetchError("not a Debian package")
        while True:
            head = f.read(60)
            if len(head) < 60:
                raise FetchError("the Debian package holds no data archive")
            name, size = head[:16].decode("ascii", "replace").strip(), int(head[48:58])
            if name.startswith("data.tar"):
                return tarfile.open(fileobj=io.BytesIO(f.read(size)))
            f.seek(size + size % 2, os.SEEK_CUR)


class Package:
    """A package opened for reading members by name: a wheel, an npm tarball or a Debian package."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path) if path.endswith(".whl") else None
        self.tar = None
        if not self.zip:
            self.tar = deb_data(path) if path.endswith(".deb") else tarfile.open(path)
        self.members = {}
        if self.tar:
            self.members = {m.name.removeprefix("./"): m for m in self.tar if m.isfile()}

    def names(self):
        return self.zip.namelist() if self.zip else list(self.members)

    def size(self, name):
        return self.zip.getinfo(name).file_size if self.zip else self.members[name].size

    def date(self, name):
        """Year and month of the member, '' where the package carries no real one."""
        if self.zip:
            year, month, day = self.zip.getinfo(name).date_time[:3]
            if (month, day) == (1, 1) and year in (1980, 2016):
                return ""  # constants that packagers write for reproducible archives
        else:
            year, month = time.gmtime(self.members[name].mtime)[:2]
        return f"{year:04d}-{month:02d}" if 1995 < year < 2100 and year != 1985 else ""

    def read(self, name):
        if self.size(name) > MAX_MEMBER:
            raise FetchError(f"{name} is larger than the corpus allows")
        if self.zip:
            return self.zip.read(name)
        return self.tar.extractfile(self.members[name]).read()

    def close(self):
        (self.zip or self.tar).close()


# ---- the cache -----------------------------------------------------------------------------


def cached_path(cache, row):
    return os.path.join(cache, row["sha256"])


def cached_is_good(cache, row, verify):
    """A file under its own hash was verified when it was written; --verify hashes it again."""
    path = cached_path(cache, row)
    try:
        if os.path.getsize(path) != int(row["size"]):
            return False
    except OSError:
        return False
    if not verify:
        return True
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        for block in iter(lambda: f.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest() == row["sha256"]


def cached_write(cache, row, data):
    if hashlib.sha256(data).hexdigest() != row["sha256"]:
        raise FetchError("its bytes are not those of the manifest (SHA-256 differs)")
    aside = f"{cached_path(cache, row)}.{os.getpid()}-{threading.get_ident()}.part"
    with open(aside, "wb") as f:
        f.write(data)
    os.replace(aside, cached_path(cache, row))


def group_unpack(cache, rows, path):
    """Keep the binaries asked of one package. Returns [(row, why)] of the failed."""
    failed = []
    try:
        package = Package(path)
    except (FetchError, OSError, tarfile.TarError, zipfile.BadZipFile) as e:
        return [(row, str(e)) for row in rows]
    for row in rows:
        try:
            cached_write(cache, row, package.read(row["path"]))
        except KeyError:
            failed.append((row, "the package holds no such file"))
        except (FetchError, OSError, tarfile.TarError, zipfile.BadZipFile) as e:
            failed.append((row, str(e)))
    package.close()
    return failed


def batch_run(cache, batch, progress):
    """Fetch and unpack a batch of groups (one package each). Returns how many binaries failed."""
    count = 0
    with tempfile.TemporaryDirectory(dir=cache, prefix="fetch-") as folder:
        said = batch_fetch([rows[0] for rows in batch], folder)
        for rows in batch:
            file = rows[0]["file"]
            if file in said:
                failed = [(row, said[file]) for row in rows]
            else:
                failed = group_unpack(cache, rows, os.path.join(folder, file))
            progress.step(rows, failed)
            count += len(failed)
    return count


class Progress:
    """One line rewritten on a terminal; elsewhere a line every ten packages."""

    def __init__(self, total):
        self.total, self.done, self.bytes = total, 0, 0
        self.lock, self.start = threading.Lock(), time.monotonic()
        self.tty = sys.stderr.isatty()

    def step(self, rows, failed):
        with self.lock:
            self.done += 1
            self.bytes += int(rows[0]["download"] or 0)
            took = time.monotonic() - self.start
            text = f"[{self.done}/{self.total}] {self.bytes / 1e6:.0f} MB in {took:.0f} s"
            if self.tty:
                what = f"{rows[0]['package']} {rows[0]['pkgver']}"
                print(f"\r\033[K{text}  {what[:50]}", end="", file=sys.stderr, flush=True)
            elif self.done % 10 == 0 or self.done == self.total:
                print(text, file=sys.stderr, flush=True)
            for row, why in failed:
                name = f"{row['family']} {row['version']} ({row['file']}: {row['path']})"
                print(f"{chr(13) + chr(27) + '[K' if self.tty else ''}failed: {name}: {why}",
                      file=sys.stderr, flush=True)

    def close(self):
        if self.tty and self.done:
            print(file=sys.stderr)


# ---- command -------------------------------------------------------------------------------


def arguments():
    p = argparse.ArgumentParser(
        description="Fetch the labelled family corpus of harmless software into a cache directory."
    )
    p.add_argument("cache", nargs="?", default=os.path.join(ROOT, ".cache", "corpus"),
                   help="cache directory (default: .cache/corpus in the checkout)")
    p.add_argument("--manifest", default=MANIFEST)
    p.add_argument("--part", help="tune and/or report, with commas")
    p.add_argument("--role", help="learn, query, stranger, goodware, with commas")
    p.add_argument("--family", help="family names, with commas")
    p.add_argument("--demo", action="store_true", help="only the small demo subset")
    p.add_argument("--perf", action="store_true", help="only the files of the speed benches")
    p.add_argument("--list", action="store_true",
                   help="print the selection as TSV with each file's path; fetch nothing")
    p.add_argument("--verify", action="store_true", help="hash files that are already there again")
    p.add_argument("--jobs", type=int, default=4, help="packages fetched at once (default 4)")
    return p.parse_args()


def rows_select(rows, args):
    for column in ("part", "role", "family"):
        wanted = getattr(args, column)
        if wanted:
            rows = [r for r in rows if r[column] in wanted.split(",")]
    if args.demo:
        rows = [r for r in rows if r["demo"]]
    if args.perf:
        rows = [r for r in rows if r["perf"] == "1"]
    return rows


def list_print(cache, rows):
    print("\t".join(["path_in_cache", "present"] + COLUMNS))
    for row in rows:
        here = "1" if cached_is_good(cache, row, False) else "0"
        print("\t".join([cached_path(cache, row), here] + [row[c] for c in COLUMNS]))


def main():
    args = arguments()
    rows = rows_select(manifest_read(args.manifest), args)
    cache = os.path.abspath(args.cache)
    if args.list:
        list_print(cache, rows)
        return 0
    if not rows:
        print("nothing in the manifest fits these filters", file=sys.stderr)
        return 1
    os.makedirs(cache, exist_ok=True)
    groups = {}
    for row in rows:
        if not cached_is_good(cache, row, args.verify):
            groups.setdefault((row["source"], row["package"], row["file"]), []).append(row)
    missing = sum(len(g) for g in groups.values())
    if any(key[0] == "pypi" for key in groups):
        try:
            pip_argv()
        except FetchError:
            pass  # each binary that needs pip then says so
    progress, failed = Progress(len(groups)), 0
    with concurrent.futures.ThreadPoolExecutor(max(1, args.jobs)) as pool:
        batches = batches_from_groups(groups.values())
        pending = [pool.submit(batch_run, cache, b, progress) for b in batches]
        try:
            for future in concurrent.futures.as_completed(pending):
                failed += future.result()
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            print("\nstopped; what was fetched stays, run it again to go on", file=sys.stderr)
            return 130
    progress.close()
    total = sum(int(r["size"]) for r in rows if cached_is_good(cache, r, False))
    print(f"{len(rows) - missing} were there, {missing - failed} fetched, {failed} failed; "
          f"{total / 1e6:.0f} MB in {cache}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
