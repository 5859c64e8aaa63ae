#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""stub_pack.py IN OUT [--scheme xor|lz] [--cc COMPILER]: packs the code of an ELF or PE program of ours (x86, x86-64) behind a stub of
tests/fixtures/unpack/stub.c, for tests of unpacking. xor: in place, with a key that moves on. lz: taken out of the file, compressed.

ELF: the note segment becomes a segment with the stub; section headers stay. PE: a section with the stub is added. The packed program runs as before."""
import argparse
import os
import pathlib
import struct
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = 4096


def stub_bytes(cc, scheme, wide):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "stub")
        subprocess.run([cc, "-m64" if wide else "-m32", "-Os", "-w", "-ffreestanding", "-fno-stack-protector", "-fcf-protection=none",
                        "-fno-tree-loop-distribute-patterns", "-fno-asynchronous-unwind-tables", "-fno-pic", "-ffunction-sections",
                        f"-DSTUB_{scheme.upper()}", "-c", "-o", out + ".o", ROOT / "tests/fixtures/unpack/stub.c"], check=True)
        script = os.path.join(folder, "script")
        pathlib.Path(script).write_text("SECTIONS { . = 0; .text : { *(.text.start) *(.text*) *(.rodata*) *(.zend) } /DISCARD/ : { *(*) } }")
        subprocess.run(["ld", "-m", "elf_x86_64" if wide else "elf_i386", "-T", script, "-e", "0", "--oformat=binary", "-o", out, out + ".o"],
                       check=True, capture_output=True)
        return pathlib.Path(out).read_bytes()


def xor(code, key):
    out = bytearray()
    for b in code:
        out.append(b ^ key >> 24)
        key = (key * 69069 + 1) & 0xffffffff
    return bytes(out)


def lz(code):
    """Greedy: the last place of each four bytes."""
    out, last, i, n = bytearray(), {}, 0, len(code)
    control, left = 0, 0

    def bit(value):
        nonlocal control, left
        if left == 0:
            control, left = len(out), 8
            out.append(0)
        left -= 1
        out[control] |= value << left

    while i < n:
        word = code[i:i + 4]
        at, size = last.get(word, -1), 0
        if at >= 0 and i - at < 65536 and i + 4 <= n:
            while size < 258 and i + size < n and code[at + size] == code[i + size]:
                size += 1
        bit(1 if size >= 4 else 0)
        if size >= 4:
            out += struct.pack("<BH", size - 3, i - at)
        else:
            out.append(code[i])
            size = 1
        for k in range(i, i + size):
            last[code[k:k + 4]] = k
        i += size
    return bytes(out)


def pack_elf(data, make):
    data = bytearray(data)
    wide = data[4] == 2
    word = "<Q" if wide else "<I"
    get = lambda off: struct.unpack_from(word, data, off)[0]
    entry, table, sections = get(24), get(32 if wide else 28), get(40 if wide else 32)
    size, count = struct.unpack_from("<HH", data, 54 if wide else 42)
    section_size, section_count, names = struct.unpack_from("<HHH", data, 58 if wide else 46)
    row = lambda i: sections + i * section_size
    name_off = get(row(names) + (24 if wide else 16))
    text = next(row(i) for i in range(section_count)
                if data[name_off + struct.unpack_from("<I", data, row(i))[0]:].startswith(b".text\0"))
    va, off, length = (get(text + k) for k in ((16, 24, 32) if wide else (12, 16, 20)))
    end, note = 0, None
    for i in range(count):
        at = table + i * size
        kind = struct.unpack_from("<I", data, at)[0]
        if kind == 1:
            end = max(end, get(at + (16 if wide else 8)) + get(at + (40 if wide else 20)))
            if get(at + (16 if wide else 8)) <= va < get(at + (16 if wide else 8)) + get(at + (40 if wide else 20)):
                struct.pack_into("<I", data, at + (4 if wide else 24), 7)
        note = at if kind == 4 else note
    assert note, "no note segment to take"
    data += b"\0" * (-len(data) % PAGE)
    base, place = (end + PAGE - 1) // PAGE * PAGE, len(data)
    code = bytes(data[off:off + length])
    blob, start, kept = make(code, entry, va, base)
    data[off:off + length] = kept
    data += blob
    if wide:
        struct.pack_into("<IIQQQQQQ", data, note, 1, 7, place, base, base, len(blob), len(blob), PAGE)
    else:
        struct.pack_into("<IIIIIIII", data, note, 1, place, base, base, len(blob), len(blob), 7, PAGE)
    struct.pack_into(word, data, 24, start)
    # The text section is writable now.
    flags = text + 8
    struct.pack_into(word, data, flags, get(flags) | 1)
    return bytes(data)


def pack_pe(data, make):
    data = bytearray(data)
    nt = struct.unpack_from("<I", data, 60)[0]
    count, optional = struct.unpack_from("<H", data, nt + 6)[0], struct.unpack_from("<H", data, nt + 20)[0]
    table = nt + 24 + optional
    alignment, file_alignment = struct.unpack_from("<II", data, nt + 24 + 32)
    entry = struct.unpack_from("<I", data, nt + 24 + 16)[0]
    text = table  # the first section
    size, va, raw, off = struct.unpack_from("<IIII", data, text + 8)
    size = min(size, raw)
    flags = struct.unpack_from("<I", data, text + 36)[0]
    struct.pack_into("<I", data, text + 36, flags | 0x80000000)
    image = struct.unpack_from("<I", data, nt + 24 + 56)[0]
    symbols = struct.unpack_from("<I", data, nt + 12)[0]
    if symbols:  # they stand behind the sections and would be in the way
        del data[symbols:]
        struct.pack_into("<II", data, nt + 12, 0, 0)
    code = bytes(data[off:off + size])
    blob, start, kept = make(code, entry, va, image)
    data[off:off + size] = kept
    data += b"\0" * (-len(data) % file_alignment)
    place = len(data)
    length = len(blob)
    blob += b"\0" * (-len(blob) % file_alignment)
    data += blob
    assert table + 40 * (count + 1) <= off, "no room for a section"
    struct.pack_into("<8sIIIIIIHHI", data, table + 40 * count, b".stub", length, image, len(blob), place, 0, 0, 0, 0, 0xe0000020)
    struct.pack_into("<H", data, nt + 6, count + 1)
    struct.pack_into("<I", data, nt + 24 + 16, start)
    struct.pack_into("<I", data, nt + 24 + 56, image + (length + alignment - 1) // alignment * alignment)
    struct.pack_into("<H", data, nt + 24 + 70, struct.unpack_from("<H", data, nt + 24 + 70)[0] & ~0x40)  # stays at its base
    return bytes(data)


def pack(data, scheme, cc):
    wide = data[4] == 2 if data[:4] == b"\x7fELF" else struct.unpack_from("<H", data, struct.unpack_from("<I", data, 60)[0] + 4)[0] == 0x8664
    stub = stub_bytes(cc, scheme, wide)

    def make(code, entry, va, base):
        """What stands at base, where it begins, what stays of the code."""
        at = base + len(stub)
        form = "<qqqII" if wide else "<iiiII"
        head = struct.calcsize(form)
        key = 0x3c6ef35f
        packed = xor(code, key) if scheme == "xor" else lz(code)
        where = va if scheme == "xor" else at + head
        blob = stub + struct.pack(form, entry - at, va - at, where - at, len(code), key)
        return (blob, base, packed) if scheme == "xor" else (blob + packed, base, b"\0" * len(code))

    return pack_elf(data, make) if data[:4] == b"\x7fELF" else pack_pe(data, make)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("program")
    p.add_argument("out")
    p.add_argument("--scheme", choices=["xor", "lz"], default="xor")
    p.add_argument("--cc", default="gcc")
    args = p.parse_args()
    out = pathlib.Path(args.out)
    out.write_bytes(pack(pathlib.Path(args.program).read_bytes(), args.scheme, args.cc))
    out.chmod(0o755)


if __name__ == "__main__":
    main()
