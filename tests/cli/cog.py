# SPDX-License-Identifier: Apache-2.0
"""What the tests of the program share: where it is, how to run it, fixtures built from tests/fixtures."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("COGNATE") or sys.exit("COGNATE must name the program under test")
SANITIZED = os.environ.get("COGNATE_SANITIZED") == "ON"
BASE = pathlib.Path(os.environ.get("COGNATE_WORK", tempfile.gettempdir() + "/cognate-cli"))


class Done:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def text(self):
        return self.out.decode()

    @property
    def records(self):
        lines = self.out.decode().split("\n")
        assert lines[-1] == "", "the last line has no end"
        return [json.loads(line) for line in lines[:-1]]


def environment(**more):
    """A clean one: nothing of the machine's user."""
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8"}
    env.update({k: v for k, v in os.environ.items() if k.startswith(("ASAN_", "UBSAN_", "LSAN_"))})
    env.update(more)
    return env


def run(*args, stdin=b"", env=None, cwd=None, timeout=120):
    done = subprocess.run([PROGRAM, *map(os.fspath, args)], input=stdin, capture_output=True,
                          env=env or environment(), cwd=cwd, timeout=timeout)
    for stream in (done.stderr, done.stdout):  # of a worker: in its failure record
        if b"Sanitizer" in stream or b"runtime error" in stream:
            raise AssertionError(stream.decode(errors="replace"))
    return Done(done.returncode, done.stdout, done.stderr.decode())


def fixture(name, *flags):
    """tests/fixtures/NAME.c as a program; built once for each set of flags."""
    flags = flags or ("-O2",)
    folder = BASE / "fixtures"
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / (name + "".join(flags).replace("/", "_"))
    source = ROOT / "tests/fixtures" / (name + ".c")
    if not out.exists() or out.stat().st_mtime < source.stat().st_mtime:
        part = out.with_name(f"{out.name}.{os.getpid()}")
        subprocess.run([os.environ.get("CC", "cc"), *flags, "-o", part, source], check=True, cwd=folder)
        part.rename(out)
    return out


class Case(unittest.TestCase):
    """Each test has an empty folder of its own as self.dir."""

    def setUp(self):
        BASE.mkdir(parents=True, exist_ok=True)
        self.dir = pathlib.Path(tempfile.mkdtemp(dir=BASE, prefix="case-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def ok(self, *args, **more):
        done = run(*args, **more)
        self.assertEqual(done.code, 0, done.err)
        return done

    def failures(self, done):
        return {pathlib.Path(r["path"]).name: r["reason"] for r in done.records if r["type"] == "failure"}


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=1)
