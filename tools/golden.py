#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""golden.py test|accept [CASE...]: runs the cases of tests/golden and holds their output against what is expected.

A case is a folder: cmd (arguments, one command a line), expected (each line's exit code, stdout and stderr), and inputs:
NAME.hex (bytes as hex digits, # starts a comment) becomes the file NAME. Each command runs twice, in a folder with the
inputs only; both runs must give the same bytes. accept writes what came out as expected: read the diff before you commit."""
import difflib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "tests/golden"
PROGRAM = os.environ.get("COGNATE", str(ROOT / "build/release/cognate"))


def run(line, folder):
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "COGNATE_STORE": str(folder / "store")}
    env.update({k: v for k, v in os.environ.items() if k.startswith(("ASAN_", "UBSAN_"))})
    done = subprocess.run([PROGRAM, *shlex.split(line)], cwd=folder, env=env, capture_output=True, timeout=120)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def outcome(case):
    out = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for source in sorted(case.glob("*.hex")):
            digits = re.sub(r"#.*|\s", "", source.read_text())
            (folder / source.stem).write_bytes(bytes.fromhex(digits))
        for line in (case / "cmd").read_text().splitlines():
            first, again = run(line, folder), run(line, folder)
            if first != again and not line.startswith(("learn", "store")):
                raise SystemExit(f"{case.name}: two runs of {line} differ")
            code, stdout, stderr = [x.replace(name, "FOLDER") if isinstance(x, str) else x for x in first]
            out.append(f"$ cognate {line}\n[exit code {code}]\n{stdout}")
            if stderr:
                out.append("[stderr]\n" + stderr)
    return "".join(out)


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in ("test", "accept"):
        print(__doc__, file=sys.stderr)
        return 2
    names = sys.argv[2:] or sorted(p.parent.name for p in CASES.glob("*/cmd"))
    failed = 0
    for name in names:
        got = outcome(CASES / name)
        path = CASES / name / "expected"
        expected = path.read_text() if path.exists() else ""
        if got == expected:
            continue
        failed += 1
        if sys.argv[1] == "accept":
            path.write_text(got)
            print(f"{name}: accepted")
        else:
            sys.stdout.writelines(difflib.unified_diff(expected.splitlines(True), got.splitlines(True), f"{name}/expected",
                                                       f"{name}/now"))
    if sys.argv[1] == "test":
        print(f"{len(names) - failed} of {len(names)} golden cases hold")
    return 1 if failed and sys.argv[1] == "test" else 0


if __name__ == "__main__":
    sys.exit(main())
