#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""unpacking.py FOLDER [--files N] [--csv FILE]: packs programs under FOLDER (PE and ELF, x86 and x86-64), unpacks them as cognate does and
compares: executable bytes that are as in the original, imports, steps and time.

Packers: upx (of the PATH, or --upx; Debian 12 has upx-ucl in bookworm-backports) with its default method and --lzma; tools/stub_pack.py with
its two stubs. Rows: bench,set,metric,value,unit,peer,note; details of each file on stderr."""
import argparse
import collections
import csv
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENDS = ["done", "not run", "budget", "fault", "unknown call", "exit", "memory", "odd"]


def parts(data):
    """[(va, bytes of the file, size in memory, is executable)] of what is mapped; va from the base. None: not a program of x86."""
    if data[:2] == b"MZ" and len(data) > 64:
        nt = struct.unpack_from("<I", data, 60)[0]
        if data[nt:nt + 4] != b"PE\0\0" or struct.unpack_from("<H", data, nt + 4)[0] not in (0x14c, 0x8664):
            return None
        count, optional = struct.unpack_from("<H", data, nt + 6)[0], struct.unpack_from("<H", data, nt + 20)[0]
        out = []
        for i in range(count):
            row = nt + 24 + optional + 40 * i
            size, va, raw, off = struct.unpack_from("<IIII", data, row + 8)
            out.append((va, data[off:off + raw], size, bool(struct.unpack_from("<I", data, row + 36)[0] & 0x20000000)))
        return out
    if data[:4] == b"\x7fELF" and struct.unpack_from("<H", data, 18)[0] in (3, 62):
        wide = data[4] == 2
        table = struct.unpack_from("<Q" if wide else "<I", data, 32 if wide else 28)[0]
        row, count = struct.unpack_from("<HH", data, 54 if wide else 42)
        out = []
        for i in range(count):
            if wide:
                kind, flags, off, va, _, length, size = struct.unpack_from("<IIQQQQQ", data, table + i * row)
            else:
                kind, off, va, _, length, size, flags = struct.unpack_from("<IIIIIII", data, table + i * row)
            if kind == 1:
                out.append((va, data[off:off + length], size, bool(flags & 1)))
        return out
    return None


def executable_parts(data):
    """[(va, bytes)] of what is executable. None: not a program of x86."""
    found = parts(data)
    return found if found is None else [(va, there[:size]) for va, there, size, is_code in found if is_code]


def everything(data):
    """[(va, bytes)] as it is in memory."""
    return [(va, there.ljust(size, b"\0")) for va, there, size, _ in parts(data) or []]


def bytes_at(parts, va, size):
    for start, data in parts:
        if start <= va < start + len(data):
            return data[va - start:va - start + size]
    return b""


def pack(how, source, out, upx):
    if how.startswith("stub"):
        command = [sys.executable, ROOT / "tools/stub_pack.py", source, out, "--scheme", how[5:]]
    else:
        command = [upx, "-qqq", "--force", *(["--lzma"] if how == "upx-lzma" else []), "-o", out, source]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0 and out.exists()


def imports(cognate, path):
    done = subprocess.run([cognate, "analyse", "--json", path], capture_output=True, text=True)
    for line in done.stdout.splitlines():
        if '"type":"image"' in line[:60]:
            return {(i["module"].lower(), i["name"]) for i in json.loads(line)["imported"]}
    return set()


def programs(folder, most):
    found = collections.defaultdict(list)
    for path in sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file()):
        data = path.read_bytes()
        if 8192 <= len(data) <= 4 << 20 and executable_parts(data):
            wide = data[4] == 2 if data[:4] == b"\x7fELF" else struct.unpack_from("<H", data, struct.unpack_from("<I", data, 60)[0] + 4)[0] == 0x8664
            found["pe" if data[:2] == b"MZ" else "elf", 64 if wide else 32].append(path)
    return [p for paths in found.values() for p in paths[::max(1, len(paths) // most)][:most]]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder")
    p.add_argument("--files", type=int, default=15, help="of each format and word size")
    p.add_argument("--upx", default=shutil.which("upx") or shutil.which("upx-ucl"))
    p.add_argument("--bench", default=ROOT / "build/release/bench/bench_unpack")
    p.add_argument("--cognate", default=ROOT / "build/release/cognate")
    args = p.parse_args()
    ways = (["upx", "upx-lzma"] if args.upx else []) + ["stub-xor", "stub-lz"]
    if not args.upx:
        print("no upx: only the stubs are measured", file=sys.stderr)
    totals = collections.defaultdict(lambda: collections.Counter())
    with tempfile.TemporaryDirectory() as folder:
        for source in programs(args.folder, args.files):
            data = source.read_bytes()
            kind = "pe" if data[:2] == b"MZ" else "elf"
            for how in ways:
                packed, made = pathlib.Path(folder, "packed"), pathlib.Path(folder, "made")
                packed.unlink(missing_ok=True)
                made.unlink(missing_ok=True)
                if not pack(how, source, packed, args.upx):
                    continue
                row = subprocess.run([args.bench, packed, made], capture_output=True, text=True).stdout.strip().split(",")
                t = totals[how, kind]
                t["files"] += 1
                if len(row) < 7:
                    print(source.name, how, "crashed", file=sys.stderr)
                    continue
                end, steps, ms = ENDS[int(row[0])], int(row[1]), float(row[2])
                t["ms"] += ms
                t["steps"] += steps
                t["packed_bytes"] += packed.stat().st_size
                t["slowest"] = max(t["slowest"], ms)
                t[end] += 1
                same = size = 0
                now = everything(made.read_bytes()) if end == "done" else []
                for va, part in executable_parts(data):
                    size += len(part)
                    same += sum(a == b for a, b in zip(part, bytes_at(now, va, len(part))))
                t["bytes"] += size
                t["same"] += same
                note = ""
                if end == "done" and kind == "pe" and how.startswith("upx"):
                    before, after = imports(args.cognate, source), imports(args.cognate, made)
                    t["imports"] += len(before)
                    t["imports_found"] += len(before & after)
                    t["imports_wrong"] += len(after - before)
                    note = f"imports {len(before & after)}/{len(before)}+{len(after - before)}"
                print(f"{source.name} {how} {end} {row[6]} {steps / 1e6:.1f} M steps {ms:.0f} ms same {same / max(1, size):.4f} {note}",
                      file=sys.stderr)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for (how, kind), t in sorted(totals.items()):
        files = f"{t['files']} {kind} files"
        writer.writerow(["unpacking", f"{how}/{kind}", "unpacked", f"{t['done'] / t['files']:.4f}", "share", "cognate", files])
        writer.writerow(["unpacking", f"{how}/{kind}", "code_bytes_same", f"{t['same'] / max(1, t['bytes']):.4f}", "share", "cognate",
                         f"{t['bytes']} bytes of executable parts"])
        writer.writerow(["unpacking", f"{how}/{kind}", "processor_time", f"{t['ms'] / t['files'] / 1e3:.3f}", "s", "cognate",
                         f"mean; slowest {t['slowest'] / 1e3:.2f} s; {t['steps'] / max(1, t['packed_bytes']):.0f} steps a packed byte"])
        if t["imports"]:
            writer.writerow(["unpacking", f"{how}/{kind}", "imports_found", f"{t['imports_found'] / t['imports']:.4f}", "share", "cognate",
                             f"of {t['imports']}; {t['imports_wrong']} others"])


if __name__ == "__main__":
    main()
