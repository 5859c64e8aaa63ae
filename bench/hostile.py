#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hostile.py BENCH_SPEED [--keep FOLDER]: programs that make running their code cost as much as they can (harmless: nothing of them is
executed but emulated), and what bench_speed measures on them, as set "hostile": loops that never end; keystreams with everything that keys,
generators and states are looked for in; long code that is never run twice; decoders of stack strings that never end."""
import argparse
import pathlib
import random
import subprocess
import tempfile

FUNCTIONS = 420  # more than are looked at
TOOLS = {"elf": "gcc", "exe": "x86_64-w64-mingw32-gcc"}


def word(r):
    return f"{r.getrandbits(32)}u"


def program(functions, kind, before=""):
    calls = "".join(f"r += f{i}((uint8_t *)v[0], (uint32_t)c);" for i in range(len(functions)))
    body = "".join(f"uint32_t __attribute__((noinline)) f{i}(uint8_t *p, uint32_t n) {{ {f} }}\n" for i, f in enumerate(functions))
    return f"#include <stdint.h>\n#include <stdio.h>\n{before}{body}int main(int c, char **v) {{ uint32_t r = 0; {calls} return (int)r; }} /* {kind} */\n"


def endless(r):
    return (f"uint32_t k = {word(r)}; for (uint32_t i = 0;; i++) {{ p[i & 255] ^= (uint8_t)(k >> 7); k = k * ({word(r)} | 1) + {word(r)};"
            " if (k == n && p[3] == 128) return i; }")


def keystream(r):
    tables = "".join(f"k += t{b}[k & 63];" for b in r.sample(range(60), 48))
    return (f"uint32_t k = {word(r)}; uint8_t s[256]; for (int i = 0; i < 256; i++) s[i] = (uint8_t)i;"
            "for (int i = 0; i < 256; i++) { k = k * 0x343fd + 0x269ec3; uint8_t j = (uint8_t)(k >> 16), x = s[i]; s[i] = s[j]; s[j] = x; }"
            f"for (uint32_t i = 0; i < n; i++) {{ k ^= k << 13; k ^= k >> 17; k ^= k << 5; k += 0x9e3779b9u; {tables}"
            f"p[i] ^= (uint8_t)((k * ({word(r)} | 1) >> 9) + s[k & 255]); }} return k;")


def straight(r):
    lines = "".join(f"a ^= b * ({word(r)} | 1); b += a >> {r.randrange(1, 31)}; q[{r.randrange(32)}] += a;" for _ in range(400))
    return f"uint32_t *q = (uint32_t *)p, a = q[0], b = q[1]; for (uint32_t i = 0; i < n; i++) {{ {lines} }} q[0] = a; return b;"


def caller(r):
    stack = ",".join(str(r.randrange(256)) for _ in range(40))
    calls = "".join(f"if (n > {3 * k}u) {{ d{r.randrange(40)}(b, n + {k}u); r += b[{k}]; puts((char *)b); }}" for k in range(12))
    return f"uint8_t b[64] = {{{stack}}}; uint32_t r = p[0]; {calls} return r;"


def programs():
    r = random.Random(5)
    tables = "".join(f"const uint32_t t{b}[64] = {{{','.join(word(r) for _ in range(64))}}};\n" for b in range(60))
    decoders = "".join(f"void __attribute__((noinline)) d{i}(uint8_t *p, uint32_t n) {{ for (uint32_t k = n, i = 0; k != 74565; i++) {{"
                       f"p[i & 63] ^= (uint8_t)(k >> 7); k = k * ({word(r)} | 1) + {2 * i}u; }} }}\n" for i in range(40))
    yield "endless", program([endless(r) for _ in range(FUNCTIONS)], "endless")
    yield "keystream", program([keystream(r) for _ in range(FUNCTIONS)], "keystream", tables)
    yield "straight", program([straight(r) for _ in range(60)], "straight")
    yield "caller", program([caller(r) for _ in range(FUNCTIONS)], "caller", decoders)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench")
    parser.add_argument("--keep")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(options.keep or temporary)
        folder.mkdir(exist_ok=True)
        files = []
        for name, text in programs():
            source = folder / f"{name}.c"
            source.write_text(text)
            for suffix, compiler in TOOLS.items():
                files.append(str(folder / f"{name}.{suffix}"))
                subprocess.run([compiler, "-O1", "-w", "-o", files[-1], str(source)], check=True)
        subprocess.run([options.bench, "--set", "hostile", *files], check=True)


if __name__ == "__main__":
    main()
