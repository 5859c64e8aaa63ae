#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the code against the layers of docs/ARCHITECTURE.md. Prints every break; exit code 1 when there is one.

Rules: a layer includes only itself and the layers named for it; a third-party header is included by the one file named for it;
the app includes the public header only; every header compiles alone; a file has an SPDX line and at most 800 lines (tables that a script makes may have more)."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
LAYERS = {
    "base": "",
    "image": "base",
    "code": "base image",
    "value": "base image code",
    "emulate": "base image code value",
    "unwrap": "base image code value emulate",
    "feature": "base image code value emulate unwrap",
    "know": "base",
    "store": "base feature know",
    "match": "base image code feature know store",
    "judge": "base image code feature know store match",
    "report": "base image code feature know store match judge",
}
TOP = "base image code value emulate unwrap feature know store match judge report"  # engine.c and cognate.c
THIRD_PARTY = {  # header prefix -> the files that may include it
    "Zydis": ["src/code/decode_x86.c"],
    "lmdb.h": ["src/store/store_lmdb.c"],
    "archive.h": ["src/image/archive.c"],
    "archive_entry.h": ["src/image/archive.c"],
    "zstd.h": ["src/feature/pack.c"],
    "xxhash.h": ["src/base/digest.c"],
    "openssl/": ["src/base/digest.c", "src/know/certificate.c"],
    "seccomp.h": ["src/app/sandbox.c"],
    "yara.h": ["src/report/yara_scan.c"],
    "jansson.h": [],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def layer_of(path):
    parts = path.relative_to(SRC).parts
    return parts[0] if len(parts) > 1 else "top"


def allowed_for(layer):
    return set((TOP if layer == "top" else layer + " " + LAYERS[layer]).split())


def check_file(path):
    name = str(path.relative_to(ROOT))
    text = path.read_text()
    layer = layer_of(path)
    if "SPDX-License-Identifier: Apache-2.0" not in text[:200]:
        yield f"{name}: no SPDX line"
    if text.count("\n") > 800 and "do not edit" not in text[:400]:  # tables that a script makes
        yield f"{name}: {text.count(chr(10))} lines, at most 800"
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > 100 and "http" not in line:
            yield f"{name}:{number}: {len(line)} columns, at most 100"
    for kind, target in INCLUDE.findall(text):
        if kind == '"':
            first = target.split("/")[0] if "/" in target else "top"
            if layer == "app":
                if not (SRC / "app" / target.removeprefix("app/")).exists():
                    yield f"{name}: includes {target}; the app includes cognate/cognate.h only"
            elif first == "top":
                if layer != "top":
                    yield f"{name}: includes {target} of the top"
            elif first not in allowed_for(layer):
                yield f"{name}: layer {layer} may not include {target}"
        else:
            for prefix, files in THIRD_PARTY.items():
                if (target == prefix or (prefix.endswith("/") or prefix == "Zydis") and target.startswith(prefix)) \
                        and name not in files:
                    yield f"{name}: <{target}> belongs to {files or 'nobody'}"


def check_headers():
    for path in sorted([*SRC.rglob("*.h"), *(ROOT / "include").rglob("*.h")]):
        done = subprocess.run(["gcc", "-std=gnu11", "-fsyntax-only", "-x", "c", f"-I{SRC}", f"-I{ROOT / 'include'}",
                               "-include", "/dev/null", str(path)], capture_output=True, text=True)
        if done.returncode:
            yield f"{path.relative_to(ROOT)}: does not compile alone: {done.stderr.splitlines()[0]}"


def main():
    problems = [p for path in sorted(SRC.rglob("*.[ch]")) for p in check_file(path)]
    problems += check_headers()
    print("\n".join(problems) or f"{len(list(SRC.rglob('*.[ch]')))} files keep the layers")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
