#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds harmless programs that hide texts: on the stack, in loops on the stack, behind decoders; and that resolve API names
by hash. The C is made from templates here, with the texts, keys and their order drawn from a seed, so that a tuning set and a
report set differ. Truth is written beside: truth.json = {file: [[kind, text], ...]}.

    tools/hidden_build.py OUT [--seed N] [--quick]

Compilers that are missing are left out with a line on stderr. Addresses in the texts are from RFC 5737 and RFC 2606."""
import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys

TEXTS = r"""http://c2.example/gate.php
https://update.example.net/check?id=
192.0.2.17:8443
198.51.100.23
SOFTWARE\Microsoft\Windows\CurrentVersion\Run
cmd.exe /c whoami
C:\ProgramData\svc.dat
Global\SyncMutex-7741
Mozilla/5.0 (Windows NT 10.0; Win64)
kernel32.dll
CreateRemoteThread
VirtualAllocEx
InternetOpenUrlA
powershell -nop -w hidden
/tmp/.cache-store
/etc/cron.d/updater
login failed, retry
Content-Type: application/json
X-Session-Token
%APPDATA%\client.cfg
schtasks /create /tn
evil-key-material
uploads/report.bin
beacon interval
hostname=%s&user=%s
wss://relay.example.org/ws
203.0.113.99:443
bash -i
LoadLibraryA
ntdll.dll
RegSetValueExA
password123
GET /index.html HTTP/1.1
download complete
shadow copy removed
explorer.exe
svchost.exe -k netsvcs
TokenElevation
tor2web.example
mail.example.com
ws2_32.dll
connect timeout
archive.7z
id_rsa.pub
wallet.dat
keylogger started
screen capture
clipboard text""".split("\n")

COMPILERS = {
    "gcc-x64": ["gcc"], "gcc-x86": ["i686-linux-gnu-gcc"], "gcc-arm64": ["aarch64-linux-gnu-gcc"],
    "clang-x64": ["clang"], "clang-x86": ["clang", "--target=i686-linux-gnu"],
    "clang-arm64": ["clang", "--target=aarch64-linux-gnu"],
    "mingw-x64": ["x86_64-w64-mingw32-gcc"], "mingw-x86": ["i686-w64-mingw32-gcc"],
}
LEVELS = ["O0", "O1", "O2", "O3", "Os"]
HEAD = """#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define NOINLINE __attribute__((noinline))
volatile unsigned g_sum; volatile int g_flag;
/* Nothing that the compiler may see into: it would leave out what is not read. */
static NOINLINE void sink(const void *p) { __asm__ volatile("" : : "r"(p) : "memory"); g_sum++; }
"""


def hexes(data):
    return "{" + ",".join(str(b) for b in data) + "}"


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0

    def texts(self, n):
        return self.random.sample(TEXTS, n)

    def name(self):
        self.count += 1
        return f"f{self.count}"

    def key(self):
        return self.random.randrange(0x11, 0xf0)

    def use(self):
        return self.random.choice(["puts((char *)s);", "sink(s);", "puts((const char *)s);"])


def main_of(names):
    return "int main(void) {" + "".join(f" if (g_flag != {i + 1}) {n}();" for i, n in enumerate(names)) + " return 0; }\n"


# ---- stack strings ----

def stack_bytes(m, t):
    body = " ".join(f"s[{i}] = {b};" for i, b in enumerate(t.encode() + b"\0"))
    return f"char s[{len(t) + 1 + m.random.randrange(0, 9)}]; {body} {m.use()}"


def stack_words(m, t):
    data = t.encode() + b"\0" * (4 - len(t) % 4)
    body = " ".join(f"s[{i // 4}] = {int.from_bytes(data[i:i + 4], 'little')}u;" for i in range(0, len(data), 4))
    return f"uint32_t s[{len(data) // 4}]; {body} {m.use()}"


def stack_wide(m, t):
    body = " ".join(f"s[{i}] = {b};" for i, b in enumerate(t.encode() + b"\0"))
    return f"uint16_t s[{len(t) + 1}]; {body} sink(s);"


def stack_mixed(m, t):
    data = t.encode() + b"\0"
    half = len(data) // 2
    body = " ".join(f"s[{i}] = {b};" for i, b in enumerate(data[:half]))
    body += " ".join(f" s[{half + i}] = {b};" for i, b in enumerate(data[half:]))
    return f"char s[{len(data)}]; {body} if (g_flag == 77) s[0] = 'z'; {m.use()}"


# ---- tight strings: encoded bytes on the stack, decoded in a loop ----

def tight(encode, decode):
    def make(m, t):
        k = m.key()
        data = bytes(encode(b, i, k) & 0xff for i, b in enumerate(t.encode()))
        body = " ".join(f"s[{i}] = {b};" for i, b in enumerate(data))
        return (f"unsigned char s[{len(data) + 1}]; {body} s[{len(data)}] = 0; "
                f"for (unsigned i = 0; i < {len(data)}; i++) s[i] = (unsigned char)({decode(k)}); {m.use()}")
    return make


TIGHT = [
    tight(lambda b, i, k: b ^ k, lambda k: f"s[i] ^ {k}"),
    tight(lambda b, i, k: b + k, lambda k: f"s[i] - {k}"),
    tight(lambda b, i, k: b ^ (k + i), lambda k: f"s[i] ^ ({k} + i)"),
    tight(lambda b, i, k: ~b, lambda k: "~s[i]"),
    tight(lambda b, i, k: ((b << 3) | (b >> 5)), lambda k: "(s[i] >> 3) | (s[i] << 5)"),
    tight(lambda b, i, k: (b - 7) ^ k, lambda k: f"(s[i] ^ {k}) + 7"),
]


def tight_wide(m, t):
    k = m.key()
    body = " ".join(f"s[{i}] = {b ^ k};" for i, b in enumerate(t.encode()))
    return (f"uint16_t s[{len(t) + 1}]; {body} s[{len(t)}] = 0; "
            f"for (unsigned i = 0; i < {len(t)}; i++) s[i] ^= {k}; sink(s);")


# ---- decoders: (C of the decoder, how a text is stored and used) ----

def rc4(key, data):
    s, j, out = list(range(256)), 0, []
    for i in range(256):
        j = (j + s[i] + key[i % len(key)]) & 255
        s[i], s[j] = s[j], s[i]
    i = j = 0
    for b in data:
        i = (i + 1) & 255
        j = (j + s[i]) & 255
        s[i], s[j] = s[j], s[i]
        out.append(b ^ s[(s[i] + s[j]) & 255])
    return bytes(out)


def decoders(m):
    """Yields (declarations, [body of a user for a text], kind's name)."""
    k = m.key()
    n = m.name()
    yield (f"static NOINLINE void {n}(char *d, const unsigned char *e, int n, unsigned char k) "
           "{ int i; for (i = 0; i < n; i++) d[i] = (char)(e[i] ^ k); d[n] = 0; }\n",
           lambda t, k=k, n=n: (f"static const unsigned char e[] = {hexes(bytes(b ^ k for b in t.encode()))}; "
                                f"char s[128]; {n}(s, e, {len(t)}, {k}); {m.use()}"))
    k = m.key()
    n2 = m.name()
    yield (f"static NOINLINE char *{n2}(char *s) {{ char *p; for (p = s; *p; p++) *p = (char)(*p ^ {k}); return s; }}\n",
           lambda t, k=k, n=n2: (f"static char e[] = {hexes(bytes(b ^ k if b != k else b for b in t.encode()) + bytes(1))}; "
                                 f"char *s = {n}(e); {m.use()}") if k not in t.encode() else None)
    key = bytes(m.key() for _ in range(m.random.choice([5, 7, 16])))
    n3 = m.name()
    yield (f"static const unsigned char {n3}k[] = {hexes(key)};\n"
           f"static NOINLINE void {n3}(unsigned char *d, const unsigned char *e, unsigned n) "
           f"{{ for (unsigned i = 0; i < n; i++) d[i] = e[i] ^ {n3}k[i % {len(key)}]; d[n] = 0; }}\n",
           lambda t, key=key, n=n3: (
               f"static const unsigned char e[] = {hexes(bytes(b ^ key[i % len(key)] for i, b in enumerate(t.encode())))}; "
               f"unsigned char s[128]; {n}(s, e, {len(t)}); {m.use()}"))
    a, x = m.key(), m.key()
    n4 = m.name()
    yield (f"static NOINLINE char *{n4}(const unsigned char *e, unsigned n) {{ char *d = malloc(n + 1); if (!d) return 0; "
           f"for (unsigned i = 0; i < n; i++) d[i] = (char)((e[i] - {a}) ^ {x}); d[n] = 0; return d; }}\n",
           lambda t, a=a, x=x, n=n4: (
               f"static const unsigned char e[] = {hexes(bytes(((b ^ x) + a) & 255 for b in t.encode()))}; "
               f"char *s = {n}(e, {len(t)}); {m.use()} free(s);"))
    n5 = m.name()

    def rolling(t, k=k, n=n5):
        out, before = [], k
        for b in t.encode():
            out.append(b ^ before)
            before = out[-1]
        return (f"static const unsigned char e[] = {hexes(bytes([len(out)]) + bytes(out))}; char s[200]; {n}(e, s); {m.use()}")
    yield (f"static NOINLINE void {n5}(const unsigned char *e, char *d) {{ unsigned char k = {k}; unsigned n = *e++; "
           "while (n--) { unsigned char c = *e++; *d++ = (char)(c ^ k); k = c; } *d = 0; }\n", rolling)
    n6 = m.name()
    rkey = bytes(m.key() for _ in range(8))
    yield (f"static const unsigned char {n6}k[8] = {hexes(rkey)};\n"
           f"static NOINLINE void {n6}s(unsigned char *s, const unsigned char *k, unsigned n) {{ unsigned i, j = 0; "
           "for (i = 0; i < 256; i++) s[i] = (unsigned char)i; for (i = 0; i < 256; i++) { unsigned char t = s[i]; "
           "j = (j + t + k[i % n]) & 255; s[i] = s[j]; s[j] = t; } }\n"
           f"static NOINLINE void {n6}(unsigned char *d, const unsigned char *e, unsigned n) {{ unsigned char s[256]; "
           f"unsigned i = 0, j = 0, x; {n6}s(s, {n6}k, 8); for (x = 0; x < n; x++) {{ unsigned char t; i = (i + 1) & 255; "
           "j = (j + s[i]) & 255; t = s[i]; s[i] = s[j]; s[j] = t; d[x] = e[x] ^ s[(s[i] + s[j]) & 255]; } d[n] = 0; }\n",
           lambda t, n=n6, rkey=rkey: (f"static const unsigned char e[] = {hexes(rc4(rkey, t.encode()))}; "
                                       f"unsigned char s[160]; {n}(s, e, {len(t)}); {m.use()}"))
    n7 = m.name()

    def lcg(seed, data):
        out = []
        for b in data:
            seed = (seed * 214013 + 2531011) & 0xffffffff
            out.append(b ^ (seed >> 16 & 255))
        return bytes(out)
    yield (f"static NOINLINE void {n7}(char *d, const unsigned char *e, unsigned n, uint32_t x) {{ while (n--) {{ "
           "x = x * 214013u + 2531011u; *d++ = (char)(*e++ ^ (x >> 16)); } *d = 0; }\n",
           lambda t, n=n7: (lambda seed: f"static const unsigned char e[] = {hexes(lcg(seed, t.encode()))}; char s[150]; "
                            f"{n}(s, e, {len(t)}, {seed}u); {m.use()}")(m.random.randrange(1 << 31)))
    n8 = m.name()
    k8 = m.key()
    yield (f"static NOINLINE void {n8}(uint16_t *d, const unsigned char *e, unsigned n) {{ for (unsigned i = 0; i < n; i++) "
           f"d[i] = (uint16_t)(e[i] ^ {k8}); d[n] = 0; }}\n",
           lambda t, k=k8, n=n8: (f"static const unsigned char e[] = {hexes(bytes(b ^ k for b in t.encode()))}; "
                                  f"uint16_t s[128]; {n}(s, e, {len(t)}); sink(s);"))


def decoded_index(m, texts):
    """A table of encoded texts behind one function that takes an index."""
    k = m.key()
    n = m.name()
    out = []
    for i, t in enumerate(texts):
        out.append(f"static const unsigned char {n}e{i}[] = {hexes(bytes((b ^ k ^ j) & 255 for j, b in enumerate(t.encode())))};\n")
    out.append(f"static const unsigned char *const {n}t[] = {{{','.join(f'{n}e{i}' for i in range(len(texts)))}}};\n")
    out.append(f"static const unsigned char {n}n[] = {hexes(bytes(len(t) for t in texts))};\nstatic char {n}b[128];\n")
    out.append(f"static NOINLINE const char *{n}(unsigned i) {{ unsigned j; for (j = 0; j < {n}n[i]; j++) "
               f"{n}b[j] = (char)({n}t[i][j] ^ {k} ^ j); {n}b[j] = 0; return {n}b; }}\n")
    users = []
    for i in range(len(texts)):
        users.append(m.name())
        out.append(f"static NOINLINE void {users[-1]}(void) {{ const char *s = {n}({i}); {m.use()} }}\n")
    return "".join(out), users


def decoded_inline(m, t):
    k = m.key()
    n = m.name()
    return (f"static unsigned char {n}[] = {hexes(bytes(b ^ (k + 3 * i) & 255 for i, b in enumerate(t.encode())) + bytes(1))};\n"
            f"static NOINLINE void {n}u(void) {{ unsigned char *s = {n}; for (unsigned i = 0; i < {len(t)}; i++) "
            f"s[i] ^= (unsigned char)({k} + 3 * i); {m.use()} }}\n", n + "u")


# ---- API names by hash (Windows) ----

RESOLVER = """#include <stdint.h>
#include <stddef.h>
typedef struct link { struct link *next, *back; } link;
typedef struct { uint16_t size, room; uint16_t *text; } text16;
typedef struct { link load, memory, init; uint8_t *base; void *entry; uint32_t size; text16 path, name; } module;
typedef struct { uint32_t length, ready; void *handle; link load, memory, init; } loader;
volatile int g_flag; void *volatile g_sink;
static inline loader *get_loader(void) {
#ifdef __x86_64__
  uint8_t *peb; __asm__("movq %%gs:0x60, %0" : "=r"(peb)); return *(loader **)(peb + 0x18);
#else
  uint8_t *peb; __asm__("movl %%fs:0x30, %0" : "=r"(peb)); return *(loader **)(peb + 0x0c);
#endif
}
static @QUAL@ @WORD@ hash(const uint8_t *s) { @WORD@ h = @INIT@; while (*s) { uint8_t c = *s++; @FOLD@ @STEP@ } return h; }
static __attribute__((noinline)) void *find(uint8_t *base, @WORD@ wanted) {
  uint32_t nt = *(uint32_t *)(base + 0x3c);
  uint32_t at = *(uint32_t *)(base + nt + (sizeof(void *) == 8 ? 0x88 : 0x78));
  if (!at) return 0;
  uint8_t *e = base + at; uint32_t n = *(uint32_t *)(e + 24), i;
  uint32_t *names = (uint32_t *)(base + *(uint32_t *)(e + 32)), *functions = (uint32_t *)(base + *(uint32_t *)(e + 28));
  uint16_t *ordinals = (uint16_t *)(base + *(uint32_t *)(e + 36));
  for (i = 0; i < n; i++) if (hash(base + names[i]) == wanted) return base + functions[ordinals[i]];
  return 0;
}
static __attribute__((noinline)) void *resolve(@WORD@ wanted) {
  loader *l = get_loader(); link *p;
  for (p = l->load.next; p != &l->load; p = p->next) { module *m = (module *)p; void *f;
    if (m->base && (uint8_t *)m != 0 && m->name.size && p != l->load.next && (f = find(m->base, wanted))) return f; }
  return 0;
}
"""
HASHES = [  # name, word, initial, step in C, the same in Python
    ("ror13", "uint32_t", 0, "h = (h >> 13 | h << 19) + c;", lambda h, c: (ror(h, 13) + c) & M),
    ("djb2", "uint32_t", 5381, "h = h * 33 + c;", lambda h, c: (h * 33 + c) & M),
    ("sdbm", "uint32_t", 0, "h = h * 65599 + c;", lambda h, c: (h * 65599 + c) & M),
    ("fnv1a", "uint32_t", 0x811c9dc5, "h = (h ^ c) * 0x1000193u;", lambda h, c: ((h ^ c) * 0x1000193) & M),
    ("rol7-xor", "uint32_t", 0, "h = (h << 7 | h >> 25) ^ c;", lambda h, c: ror(h, 25) ^ c),
    ("djb2", "uint32_t", 0x1f3a, "h = h * 33 + c;", lambda h, c: (h * 33 + c) & M),  # a seed of its own
    (None, "uint32_t", 0x5bd1e995, "h = ((h ^ c) * 0x2f0b4c47u) ^ (h >> 15);",
     lambda h, c: (((h ^ c) * 0x2f0b4c47) & M) ^ (h >> 15)),
    (None, "uint32_t", 0x77, "h = (h >> 5 | h << 27) + (c ^ 0x3d) * 3;", lambda h, c: (ror(h, 5) + (c ^ 0x3d) * 3) & M),
]
M = 0xffffffff
APIS = """LoadLibraryA GetProcAddress VirtualAlloc CreateFileW WriteFile CloseHandle CreateProcessA Sleep ExitProcess
GetTickCount WinExec CreateThread ReadFile VirtualProtect GetTempPathA CreateMutexA""".split()


def ror(h, n):
    return (h >> n | h << (32 - n)) & M


def apihash(m, index):
    name, word, initial, step, python = HASHES[index]
    names, code = m.random.sample(APIS, 6), RESOLVER
    qualifier = m.random.choice(["__attribute__((noinline))", "inline"])
    for key, value in (("QUAL", qualifier), ("WORD", word), ("INIT", f"{initial}u"), ("FOLD", ""), ("STEP", step)):
        code = code.replace(f"@{key}@", value)
    body = []
    for api in names:
        h = initial
        for c in api.encode():
            h = python(h, c)
        body.append(f"g_sink = resolve({h}u);")
    return code + "int main(void) { " + " ".join(body) + " return 0; }\n", [["api", n] for n in names] + [["algorithm", name]]


def program(m, kind):
    code, users, truth = [HEAD], [], []

    def add(body, k, t):
        n = m.name()
        code.append(f"static NOINLINE void {n}(void) {{ {body} }}\n")
        users.append(n)
        truth.append([k, t])
    if kind == "stack":
        for makers in ([stack_bytes, stack_words, stack_wide, stack_mixed],) * 3:
            for make, t in zip(makers, m.texts(4)):
                add(make(m, t), "stack", t)
    elif kind == "tight":
        for make, t in zip([*TIGHT, tight_wide], m.texts(7)):
            add(make(m, t), "tight", t)
    elif kind == "decoded":
        for declarations, make in decoders(m):
            code.append(declarations)
            for t in m.texts(4):
                body = make(t)
                if body:
                    add(body, "decoded", t)
    elif kind == "table":
        texts = m.texts(6)
        more, names = decoded_index(m, texts)
        code.append(more)
        users += names
        truth += [["decoded", t] for t in texts]
        for t in m.texts(5):
            more, name = decoded_inline(m, t)
            code.append(more)
            users.append(name)
            truth.append(["decoded", t])
    code.append(main_of(users))
    return "".join(code), truth


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="gcc for x86-64 and MinGW for x86, O0 and O2")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    truth = {}
    for kind in ["stack", "tight", "decoded", "table"] + [f"api{i}" for i in range(len(HASHES))]:
        maker = Maker(args.seed * 1000 + len(kind))
        source, known = apihash(maker, int(kind[3:])) if kind.startswith("api") else program(maker, kind)
        path = args.out / f"{kind}.c"
        path.write_text(source)
        for compiler, command in COMPILERS.items():
            if not shutil.which(command[0]):
                print(f"{compiler}: {command[0]} is missing", file=sys.stderr)
                continue
            if kind.startswith("api") and not compiler.startswith("mingw"):
                continue
            if args.quick and compiler not in ("gcc-x64", "mingw-x86"):
                continue
            for level in LEVELS:
                if args.quick and level not in ("O0", "O2"):
                    continue
                binary = args.out / f"{kind}-{compiler}-{level}"
                done = subprocess.run([*command, f"-{level}", "-w", "-s", "-o", binary, path], capture_output=True, text=True)
                if done.returncode:
                    print(f"{binary.name}: {done.stderr.splitlines()[0] if done.stderr else 'failed'}", file=sys.stderr)
                    continue
                made = binary if binary.exists() else binary.with_suffix(".exe")
                truth[made.name] = known
    (args.out / "truth.json").write_text(json.dumps(truth, indent=0) + "\n")
    print(f"{len(truth)} programs, {sum(map(len, truth.values()))} texts")


main()
