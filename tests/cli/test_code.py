#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Code that was written to be hard on a disassembler: every case ends in bounded time and memory, and the record says
what was not looked at. All inputs are made here."""
import os
import pathlib
import random
import resource
import struct

import cog

SCALE = 8 if cog.SANITIZED else 1  # sanitizers are that much slower
MAX_MB = 512 if cog.SANITIZED else 256
# Seconds of processor time; the slowest takes 2 s (1 MB of random bytes as Thumb).
MAX_SECONDS = 90


def rel32(at, to):
    return struct.pack("<i", to - (at + 4))


def compares(count):
    """One function of `count` comparisons, two blocks each."""
    return b"".join(b"\x3d" + struct.pack("<I", i) + b"\x74\x02\xff\xc3" for i in range(count)) + b"\xc3"


def spaghetti(count, rng):
    """`count` blocks that each may go on anywhere."""
    out = bytearray()
    for i in range(count):
        out += b"\x83\xf8" + bytes([i & 0x7f]) + b"\xff\xc0\x0f\x84" + rel32(12 * i + 7, 12 * rng.randrange(count)) + b"\x90"
    return bytes(out) + b"\xc3"


def nested_loops(depth):
    out = bytearray(b"\xff\xc0" * depth)
    for i in range(depth):
        out += b"\x0f\x84" + rel32(len(out) + 2, 2 * (depth - 1 - i))
    return bytes(out) + b"\xc3"


def opaque_predicates(count, rng):
    """xor eax, eax; jz over bytes that are no code."""
    return b"".join(b"\x31\xc0\x74\x03" + rng.randbytes(3) + b"\x01\xc3" for _ in range(count)) + b"\xc3"


def stack_slots(count, rng):
    stores = b"".join(b"\x89\x84\x24" + struct.pack("<I", 4 * i) for i in range(count))
    return stores + b"".join(b"\x03\x84\x24" + struct.pack("<I", 4 * rng.randrange(count)) for _ in range(count)) + b"\xc3"


def calls(count):
    """One function with `count` calls of `count` functions."""
    first = 5 * count + 1
    out = b"".join(b"\xe8" + rel32(5 * i + 1, first + 4 * i) for i in range(count))
    return out + b"\xc3" + b"\x8d\x47\x01\xc3" * count


def decrypts_itself(rng):
    """A loop that changes the bytes behind it, and then runs into them."""
    loop = bytes.fromhex("488d35f9ffffff" "b900100000" "80740e2055" "e2f9")
    return loop + rng.randbytes(4096)


def mixed_modes(count):
    """ARM: add r3, pc, #1; bx r3; then in Thumb: bx pc; nop; and ARM again."""
    return struct.pack("<II", 0xe28f3001, 0xe12fff13) * 1 + (
        struct.pack("<HH", 0x4778, 0x46c0) + struct.pack("<II", 0xe28f3001, 0xe12fff13)) * count + struct.pack("<H", 0x4770)


def ways_back(count, functions):
    """A loop that XORs, and behind it `count` jumps, each to the one before it; the entry goes to the last."""
    loop = bytes.fromhex("31d2" "8a0417" "340f" "880417" "ffc2" "39f2" "75f2" "c3")
    jumps = b"\xeb" + struct.pack("<b", -2 - len(loop)) + b"\xeb\xfc" * (count - 1)
    return (b"\xe9" + struct.pack("<i", len(loop) + 2 * (count - 1)) + loop + jumps) * functions


class HardCode(cog.Case):
    def analyse(self, code, arch="x86-64", most=MAX_SECONDS):
        """The image record, the functions, and the processor time of it all."""
        path = self.dir / "code"
        path.write_bytes(code)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = self.ok("analyse", "--json", "--raw", "--arch", arch, "--max-mb", str(MAX_MB), path, timeout=600)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.assertEqual(self.failures(done), {})
        self.assertLess(seconds, most)
        image = done.records[0]
        self.assertEqual(image["type"], "image")
        return image, [r for r in done.records if r["type"] == "function"]

    def notes(self, image):
        return {n["note"] for n in image["notes"]}

    def test_function_of_200000_blocks(self):
        image, functions = self.analyse(compares(100_000))
        self.assertEqual(functions[0]["blocks"], 65536)
        self.assertIn("function-limit-hit", self.notes(image))

    def test_any_block_goes_anywhere(self):
        image, functions = self.analyse(spaghetti(100_000 // SCALE, random.Random(1)))
        if SCALE == 1:
            self.assertIn("function-limit-hit", self.notes(image))
        self.assertEqual(len(functions), 1)

    def test_loops_in_loops(self):
        image, functions = self.analyse(nested_loops(5_000))
        self.assertEqual(functions[0]["blocks"], 10_000)
        self.assertNotIn("code-limit-hit", self.notes(image))

    def test_opaque_predicates(self):
        image, functions = self.analyse(opaque_predicates(20_000 // SCALE, random.Random(2)))
        self.assertGreater(image["code"]["recovered"], image["code"]["bytes"] // 2)

    def test_overlapping_instructions(self):
        # jmp into its own second byte: eb ff c0 is also "inc eax".
        image, functions = self.analyse(b"\xeb\xff\xc0\x48" * 50_000 + b"\xc3")
        self.assertGreaterEqual(len(functions), 1)

    def test_ways_that_only_go_back(self):
        functions = 60 // SCALE
        image, found = self.analyse(ways_back(16_000, functions), most=30)  # it took 45
        self.assertEqual(len(found), functions)

    def test_never_ends(self):
        image, functions = self.analyse(b"\x48\x01\xd8\x48\x31\xc3" * 350_000)
        self.assertIn("function-limit-hit", self.notes(image))

    def test_stack_slots_without_end(self):
        image, functions = self.analyse(stack_slots(100_000, random.Random(3)))
        self.assertIn("function-limit-hit", self.notes(image))

    def test_calls_without_end(self):
        image, functions = self.analyse(calls(60_000 // SCALE))
        self.assertEqual(len(functions), 60_000 // SCALE + 1)
        self.assertEqual(functions[0]["calls"], 60_000 // SCALE)

    def test_chain_of_calls(self):
        count = 60_000 // SCALE  # each calls the one behind it
        image, functions = self.analyse(b"\xe8\x01\x00\x00\x00\xc3" * count + b"\xc3")
        self.assertEqual(len(functions), count + 1)

    def test_values_that_grow(self):
        # imul rax, rbx; xor rax, [rdi]; add rbx, rax; or rcx, rbx: every value is made of all before it.
        code = b"\x48\x0f\xaf\xc3\x48\x33\x07\x48\x03\xd8\x48\x0b\xcb" * 60_000 + b"\xc3"
        image, functions = self.analyse(code)
        self.assertIn("function-limit-hit", self.notes(image))

    def test_code_that_decrypts_itself(self):
        image, functions = self.analyse(decrypts_itself(random.Random(4)))
        self.assertGreaterEqual(len(functions), 1)

    def test_random_bytes_as_code(self):
        noise = random.Random(5).randbytes((1 << 20) // SCALE)
        for arch in ("x86", "x86-64", "aarch64", "arm", "thumb"):
            with self.subTest(arch):
                self.analyse(noise, arch)

    def test_code_of_another_processor(self):
        program = pathlib.Path(cog.PROGRAM).read_bytes()[: (1 << 20) // SCALE]
        for arch in ("x86", "aarch64", "arm", "thumb"):
            with self.subTest(arch):
                self.analyse(program, arch)

    def test_modes_mixed(self):
        image, functions = self.analyse(mixed_modes(5_000), "arm")
        self.assertGreaterEqual(len(functions), 1)

    def test_same_with_and_without_helpers(self):
        path = self.dir / "code"
        path.write_bytes(calls(5_000) + compares(2_000))
        one, two = (self.ok("analyse", "--json", "--raw", "--arch", "x86-64", "--jobs", jobs, path).out for jobs in "14")
        self.assertEqual(one, two)


if __name__ == "__main__":
    os.chdir(cog.tempfile.gettempdir())
    cog.main()
