#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make tests/quality/corpus.tsv from tests/quality/corpus_spec.tsv (for who extends the corpus).

The spec says which package, which versions, which path (a regular expression; the largest match is
taken). This fetches each package once into a folder of its own, and writes what is found: exact
file, path, size, SHA-256, and format, architecture and toolchain as read from the bytes themselves.
A binary whose bytes do not show its toolchain is refused by name.

    tools/corpus_build.py PACKAGES [--cache CACHE] [--only FAMILY,...]
"""

import argparse
import concurrent.futures
import csv
import hashlib
import os
import re
import struct
import sys
import tempfile
import time

import corpus_fetch as cf

SPEC = os.path.join(cf.ROOT, "tests", "quality", "corpus_spec.tsv")
PYTHONS = ["3.9", "3.8", "3.10", "3.11", "3.7", "3.12", "3.13", "3.6", "3.14", "3.5", "2.7"]
PLATFORMS = {
    "any": ["any"],
    "win_amd64": ["win_amd64"],
    "win32": ["win32"],
    "linux_x64": [f"manylinux_2_{n}_x86_64" for n in (5, 12, 17, 24, 26, 27, 28, 31, 34)]
    + ["manylinux1_x86_64", "manylinux2010_x86_64", "manylinux2014_x86_64", "linux_x86_64"],
    "linux_x86": [f"manylinux_2_{n}_i686" for n in (5, 12, 17, 24, 28)]
    + ["manylinux1_i686", "manylinux2010_i686", "manylinux2014_i686"],
}


# ---- what the bytes show -------------------------------------------------------------------


def rust_mark(data):
    """rustc's source paths stay in panic messages, also in stripped files."""
    if re.search(rb"/rustc/[0-9a-f]{40}[/\\]", data):
        return "rustc source paths"
    if re.search(rb"rustc version \d", data):
        return "rustc comment"
    if b"library/core/src" in data or b"library\\core\\src" in data or b"src/libcore/" in data:
        return "rust core source paths"
    # Paths can be remapped away; the text of core's own panic stays.
    if b"called `Option::unwrap()` on a `None` value" in data and b"RUST_BACKTRACE" in data:
        return "rust panic strings"
    return ""


def go_mark(data):
    """The Go version, or '' for what Go did not link (an embedded Go string alone is not enough)."""
    if b"\xff Go buildinf:" not in data and b"runtime.gopanic" not in data:
        return ""
    m = re.search(rb"go1\.\d+(?:\.\d+)?(?=[^\w.])", data)
    return m.group(0).decode() if m else "Go build info"


def gcc_mark(data):
    m = re.search(rb"GCC: \([^)\0]{0,60}\) [0-9][0-9.]*", data)
    return m.group(0).decode("latin-1") if m else ""


def pe_describe(data):
    """(arch, toolchain, evidence, stamp) of a PE, from its headers and strings."""
    at = struct.unpack_from("<I", data, 60)[0]
    if data[at:at + 4] != b"PE\0\0":
        raise ValueError("no PE signature")
    machine, _, stamp = struct.unpack_from("<HHI", data, at + 4)
    arch = {0x14C: "x86", 0x8664: "x64"}.get(machine, hex(machine))
    if not struct.unpack_from("<H", data, at + 22)[0] & 2:
        raise ValueError("not an executable image")
    linker = "%d.%d" % (data[at + 26], data[at + 27])
    rich = b"Rich" in data[64:at] and data[at + 26] >= 5
    link = ("Rich header, " if rich else "") + "linker " + linker
    go, rust = go_mark(data), rust_mark(data)
    if go:
        return arch, "go", f"{go}, {link}", stamp
    if rust:
        return arch, "rust", f"{rust}, {link}", stamp
    if re.search(rb"Embarcadero|Borland|FastMM|\x07TObject", data) and not rich:
        words = (rb"Embarcadero Delphi[^\0]{0,40}", rb"Embarcadero", rb"Borland", rb"FastMM", rb"TObject")
        which = next(m for m in (re.search(w, data) for w in words) if m)
        return arch, "delphi", f"'{which.group(0).decode('latin-1')}' string, {link}", stamp
    if rich:
        return arch, "msvc", link, stamp
    clang = re.search(rb"clang version \d[0-9.]*", data)
    mingw = b"Mingw-w64 runtime failure" in data or b"libgcc_s" in data or b"_Jv_RegisterClasses" in data
    if mingw or gcc_mark(data):
        extra = gcc_mark(data) or (clang.group(0).decode() if clang else "MinGW runtime strings")
        return arch, "mingw", f"{extra}, {link}", stamp
    if data[at + 26] == 14 and data[at + 27]:
        return arch, "msvc", f"no Rich header but a linker version that only link.exe writes, {link}", stamp
    if data[at + 26] == 14:
        return arch, "clang", f"no Rich header (lld), {link}", stamp
    if data[at + 26] == 2 and 20 <= data[at + 27] <= 60:
        return arch, "mingw", f"GNU ld, {link}", stamp
    return arch, "unknown", link, stamp


def elf_comment(data):
    """The text of an ELF's .comment section, where each compiler that took part signs."""
    wide = data[4] == 2
    shoff = struct.unpack_from("<Q", data, 40)[0] if wide else struct.unpack_from("<I", data, 32)[0]
    each, count, names = struct.unpack_from("<HHH", data, 58 if wide else 46)
    fmt = "<IIQQQQ" if wide else "<IIIIII"
    if not shoff or shoff + each * count > len(data):
        return b""
    heads = [struct.unpack_from(fmt, data, shoff + i * each) for i in range(count)]
    base = heads[names][4]
    for head in heads:
        if data[base + head[0]:base + head[0] + 9] == b".comment\0":
            return data[head[4]:head[4] + head[5]]
    return b""


def elf_describe(data):
    """(arch, toolchain, evidence, 0) of an ELF file."""
    machine = struct.unpack_from("<H", data, 18)[0]
    arch = {3: "x86", 62: "x64"}.get(machine, str(machine))
    comment = elf_comment(data)
    text = ", ".join(sorted({c.decode("latin-1") for c in comment.split(b"\0") if c}))[:90]
    go, rust = go_mark(data), rust_mark(data)
    if go:
        return arch, "go", go, 0
    if rust or b"rustc version" in comment:
        return arch, "rust", rust, 0
    if b"clang version" in comment or b"Linker: LLD" in comment:
        return arch, "clang", f".comment {text}", 0
    if b"GCC:" in comment:
        return arch, "gcc", f".comment {text}", 0
    return arch, "unknown", text, 0


def describe(data):
    """(format, arch, toolchain, evidence, stamp); ValueError for anything but PE and ELF."""
    if data[:2] == b"MZ":
        return ("pe",) + pe_describe(data)
    if data[:4] == b"\x7fELF":
        return ("elf",) + elf_describe(data)
    raise ValueError("neither PE nor ELF")


# ---- packages ------------------------------------------------------------------------------


def pypi_get(package, version, platform, folder):
    """Try Python versions in turn until a wheel for the platform is found."""
    if ":" in platform:
        platform, first = platform.split(":")
        order = [first]
    else:
        order = PYTHONS
    said = ""
    for python in order:
        argv = cf.pip_argv() + ["download", "--no-deps", "--only-binary=:all:", "--quiet"]
        argv += ["--ignore-requires-python", "--disable-pip-version-check", "--dest", folder]
        argv += ["--no-cache-dir", "--python-version", python, "--implementation", "cp"]
        for tag in PLATFORMS[platform]:
            argv += ["--platform", tag]
        try:
            cf.run_client(argv + [f"{package}=={version}"])
        except cf.FetchError as e:
            said = str(e)
            continue
        names = [n for n in os.listdir(folder) if n.endswith(".whl")]
        if names and ("-none-any" not in names[0] or platform == "any"):
            return os.path.join(folder, names[0])
        return None
    raise cf.FetchError(f"no wheel for {platform}: {said[-160:]}")


def package_get(packages, source, package, version, platform):
    """The package's file, fetched once into PACKAGES and kept there."""
    key = re.sub(r"[^A-Za-z0-9.+_-]", "_", f"{source}~{package}~{version}~{platform}")
    kept = os.path.join(packages, key)
    if os.path.isdir(kept) and os.listdir(kept):
        return os.path.join(kept, os.listdir(kept)[0])
    with tempfile.TemporaryDirectory(dir=packages) as folder:
        if source == "pypi":
            path = pypi_get(package, version, platform, folder)
        else:
            cf.CLIENTS[source]([{"package": package, "pkgver": version}], folder)
            path = os.path.join(folder, os.listdir(folder)[0])
        if not path:
            raise cf.FetchError("no platform wheel")
        os.makedirs(kept, exist_ok=True)
        os.replace(path, os.path.join(kept, os.path.basename(path)))
    return os.path.join(kept, os.path.basename(path))


# ---- the spec ------------------------------------------------------------------------------


def spec_items():
    """One item per package version of every spec line."""
    with open(SPEC, encoding="utf-8", newline="") as f:
        lines = [line for line in f if not line.startswith("#") and line.strip()]
    for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        learn, bar, query = line["versions"].partition("|")
        for text, role in ((learn, "learn"), (query, "query")):
            for version in text.split():
                one = dict(line, pkgver=version.rstrip("*^"))
                one["role"] = line["kind"] if line["kind"] != "family" else role
                one["demo"] = "*" in version and (one["role"]) or ""
                one["perf"] = "1" if "^" in version else ""
                yield one
        if line["kind"] == "family" and not bar:
            sys.exit(f"{line['family']}: a family needs 'learn | query' versions")


def maturin_made(package):
    """True for a wheel that Rust's packager signed: a panic=abort build may keep no Rust string."""
    signed = [n for n in package.names() if n.endswith(".dist-info/WHEEL")]
    return bool(signed) and b"Generator: maturin" in package.read(signed[0])


def version_key(text):
    return [int(x) if x.isdigit() else -1 for x in re.findall(r"\d+|[a-z]+", text)]


def built_month(stamp, fallback):
    """The linker's time stamp where it is a time (reproducible builds put a hash there)."""
    year, month = time.gmtime(stamp)[:2] if stamp else (0, 0)
    if 2005 <= year <= 2026 and stamp < time.time():
        return f"{year:04d}-{month:02d}"
    return fallback


def item_rows(packages, cache, item):
    """The manifest rows of one package version (one path pattern may name several by '&&')."""
    path = package_get(packages, item["source"], item["package"], item["pkgver"], item["platform"])
    package = cf.Package(path)
    rows = []
    try:
        for pattern in item["path"].split("&&"):
            found = [n for n in package.names() if re.search(pattern, n)]
            if not found:
                some = sorted(package.names(), key=package.size, reverse=True)[:8]
                raise cf.FetchError(f"no path fits {pattern}; largest: "
                                    + ", ".join(f"{n} {package.size(n)}" for n in some))
            name = max(found, key=package.size)
            data = package.read(name)
            fmt, arch, tool, evidence, stamp = describe(data)
            if tool != "rust" and name.endswith((".pyd", ".so")) and maturin_made(package):
                tool, evidence = "rust", f"no string, but maturin built the wheel; {evidence}"
            if tool == "unknown" and item["source"] == "debian" and fmt == "elf":
                tool, evidence = "gcc", "none: .comment is stripped; Debian builds with gcc"
            date = package.date(name)
            rows.append(dict(
                family=item["family"], version=item["pkgver"], order="0", format=fmt, arch=arch,
                toolchain=tool, part=item["part"], role=item["role"], demo=item["demo"],
                perf=item["perf"], built=built_month(stamp, date), shares=item["shares"] or "-",
                source=item["source"], package=item["package"], pkgver=item["pkgver"],
                file=os.path.basename(path), download=str(os.path.getsize(path)), path=name,
                sha256=hashlib.sha256(data).hexdigest(), size=str(len(data)), evidence=evidence))
            if tool == "unknown":
                raise cf.FetchError(f"{name}: its bytes do not show a toolchain ({evidence})")
            if cache:
                cf.cached_write(cache, rows[-1], data)
    finally:
        package.close()
    return rows


def rows_order(rows):
    """Number the versions of each family; drop bytes that were seen before."""
    seen, out = {}, []
    rows.sort(key=lambda r: (r["part"], r["family"], version_key(r["version"]), r["format"],
                             r["arch"], r["path"]))
    for row in rows:
        if row["sha256"] in seen:
            print(f"same bytes: {row['family']} {row['version']} = {seen[row['sha256']]}",
                  file=sys.stderr)
            continue
        seen[row["sha256"]] = f"{row['family']} {row['version']}"
        out.append(row)
    for family in {r["family"] for r in out}:
        versions = sorted({r["version"] for r in out if r["family"] == family}, key=version_key)
        for row in out:
            if row["family"] == family:
                row["order"] = str(versions.index(row["version"]) + 1)
    return out


HEAD = """# SPDX-License-Identifier: Apache-2.0
# The labelled family corpus: harmless software by package name and version; nothing is stored here.
# Made by tools/corpus_build.py from corpus_spec.tsv, fetched by tools/corpus_fetch.py.
# role: learn (older) | query (newer) | stranger (never learned) | goodware; order: old to new within
# a family; built: linker time stamp or package date, '-' where neither is real; shares: big code in common with
# other families; evidence: what in the bytes shows the toolchain; sizes in bytes.
"""


def manifest_write(path, rows):
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        f.write(HEAD + "\t".join(cf.COLUMNS) + "\n")
        for row in rows:
            f.write("\t".join(row[c].replace("\t", " ") for c in cf.COLUMNS) + "\n")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("packages", help="folder where fetched packages are kept")
    p.add_argument("--cache", help="also put the binaries into this corpus cache")
    p.add_argument("--only", help="families to try; the manifest is then printed, not written")
    p.add_argument("--out", default=cf.MANIFEST)
    p.add_argument("--jobs", type=int, default=4)
    args = p.parse_args()
    for folder in (args.packages, args.cache):
        if folder:
            os.makedirs(folder, exist_ok=True)
    items = [i for i in spec_items() if not args.only or i["family"] in args.only.split(",")]
    rows, bad = [], 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        pending = {pool.submit(item_rows, args.packages, args.cache, i): i for i in items}
        for future in concurrent.futures.as_completed(pending):
            item = pending[future]
            try:
                rows += future.result()
            except Exception as e:  # one bad line of the spec must not lose the others
                bad += 1
                print(f"refused: {item['family']} {item['pkgver']} {item['platform']}: {e}",
                      file=sys.stderr)
    rows = rows_order(rows)
    manifest_write("/dev/stdout" if args.only else args.out, rows)
    print(f"{len(rows)} binaries, {bad} refused", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
