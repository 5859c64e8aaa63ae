#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What people point the program at: folders, loops, devices, archives, standard input, files that are gone."""
import gzip
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess

import threading
import time
import zipfile

import cog


class BadInputs(cog.Case):
    def test_each_is_a_record_and_stops_nothing(self):
        d = self.dir
        (d / "a.bin").write_bytes(b"\x90" * 64)
        (d / "empty").write_bytes(b"")
        with open(d / "huge", "wb") as f:
            f.truncate(2 << 30)
        os.mkfifo(d / "fifo")
        s = socket.socket(socket.AF_UNIX)
        s.bind(os.path.relpath(d / "sock"))
        s.close()
        (d / "sub/deeper").mkdir(parents=True)
        (d / "sub/deeper/loop").symlink_to(d / "sub")
        (d / "other").mkdir()
        (d / "sub/aside").symlink_to(d / "other")
        (d / "self").symlink_to("self")
        (d / "nowhere").symlink_to("no-such")
        (d / "link").symlink_to("a.bin")
        (d / "z.bin").write_bytes(b"\xc3" * 64)
        done = cog.run("analyse", "--json", d, "/dev/null", d / "missing", d / "a.bin/below")
        self.assertEqual(done.code, 3)
        self.assertEqual(done.err, "")
        why = self.failures(done)
        expected = {"empty": "empty", "huge": "512 MiB", "fifo": "named pipe", "sock": "socket", "loop": "loop",
                    "aside": "not followed", "self": "loop", "nowhere": "nowhere", "null": "device", "missing": "no such",
                    "below": "not a folder"}
        self.assertEqual(why.keys(), expected.keys())
        for name, part in expected.items():
            self.assertIn(part, why[name])
        seen = [pathlib.Path(r["path"]).name for r in done.records if r["type"] == "image"]
        self.assertEqual(seen, ["a.bin", "link", "z.bin"])

    def test_text_says_it_on_stderr(self):
        done = cog.run("analyse", self.dir / "missing\033[31m")
        self.assertEqual((done.code, done.out), (3, b""))
        self.assertIn("no such file", done.err)
        self.assertNotIn("\033", done.err)

    def test_empty_folder(self):
        done = cog.run("analyse", self.dir)
        self.assertEqual((done.code, done.out), (0, b""))
        self.assertIn("no files found", done.err)
        self.assertEqual(cog.run("analyse", "-q", self.dir).err, "")

    @cog.unittest.skipIf(cog.SANITIZED, "ASan wants its own files")
    def test_unreadable(self):
        # Root may read everything: then somebody else is asked, in a folder that everybody can reach.
        d = pathlib.Path(cog.tempfile.mkdtemp(prefix="cognate-"))
        self.addCleanup(shutil.rmtree, d)
        d.chmod(0o755)
        (d / "secret").write_bytes(b"x" * 100)
        (d / "secret").chmod(0)
        (d / "folder").mkdir(mode=0)
        program = [shutil.copy(cog.PROGRAM, d / "program")]
        if os.geteuid() == 0:
            program = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *program]
        done = subprocess.run([*program, "analyse", "--json", d / "secret", d / "folder"], capture_output=True)
        (d / "folder").chmod(0o700)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(done.stdout.count(b"permission denied"), 2)

    def test_vanished_between_list_and_open(self):
        # A folder whose files are removed while it is walked: each is a result or a failure, none a crash.
        for i in range(200):
            (self.dir / f"{i:03}").write_bytes(b"\x90" * 4096)
        remover = threading.Thread(target=lambda: [(self.dir / f"{i:03}").unlink() for i in reversed(range(200))])
        remover.start()
        done = cog.run("analyse", "--json", self.dir)
        remover.join()
        self.assertIn(done.code, (0, 3))
        for reason in self.failures(done).values():
            self.assertIn("vanished", reason)

    def test_cut_while_read(self):
        path = self.dir / "big"
        path.write_bytes(os.urandom(1 << 20) * 24)
        cutter = threading.Timer(0.05, lambda: os.truncate(path, 4096))
        cutter.start()
        done = cog.run("analyse", "--json", path)
        cutter.join()
        self.assertIn(done.code, (0, 3))
        if not cog.SANITIZED:
            for reason in self.failures(done).values():
                self.assertIn("vanished", reason)

    def test_long_paths_and_deep_folders(self):
        at = os.getcwd()
        os.chdir(self.dir)
        try:
            for _ in range(600):
                os.mkdir("folder-of-some-length")
                os.chdir("folder-of-some-length")
            pathlib.Path("file").write_bytes(b"x")
        finally:
            os.chdir(at)
        done = cog.run("analyse", "--json", self.dir)
        self.assertEqual(done.code, 3)
        self.assertIn("too long", " ".join(self.failures(done).values()))

    def test_views_into_the_kernel_are_not_walked(self):
        (self.dir / "disk" / "proc").mkdir(parents=True)
        (self.dir / "disk" / "true").write_bytes(pathlib.Path("/bin/true").read_bytes())
        inside = ["unshare", "-rmpf", f"--mount-proc={self.dir}/disk/proc"]
        if subprocess.run(inside + ["true"], capture_output=True).returncode != 0:
            self.skipTest("no mounts of one's own here")
        done = subprocess.run(inside + [cog.PROGRAM, "analyse", "--json", self.dir / "disk"], capture_output=True, timeout=60)
        failures = [json.loads(line) for line in done.stdout.splitlines() if b'"type":"failure"' in line]
        self.assertEqual([pathlib.Path(f["path"]).name for f in failures], ["proc"])
        self.assertIn("view into the kernel", failures[0]["reason"])
        self.assertEqual(done.returncode, 3)

    def test_odd_names(self):
        names = [b"\xff\xfe", b"new\nline", b"esc\x1b[31m", "‮txt.exe".encode(), b"a'b\"c\\"]
        for name in names:
            (self.dir / os.fsdecode(name)).write_bytes(b"\x90\xc3")
        done = self.ok("analyse", "--json", self.dir)
        self.assertEqual(sum(r["type"] == "image" for r in done.records), 5)
        for raw in (done.out, self.ok("analyse", self.dir).out):
            for bad in (b"\x1b", b"\xff", "‮".encode()):
                self.assertNotIn(bad, raw)


class Stdin(cog.Case):
    def test_pipe_equals_file(self):
        path = cog.fixture("plover")
        piped = self.ok("analyse", "--json", "-", stdin=path.read_bytes()).records
        named = self.ok("analyse", "--json", path).records
        self.assertEqual(piped[0]["path"], "-")
        piped[0]["path"] = named[0]["path"]
        self.assertEqual(piped, named)

    def test_empty_and_too_big(self):
        self.assertEqual(self.failures(cog.run("analyse", "--json", "-"))["-"], "empty file")
        feed = subprocess.Popen(["head", "-c", "600M", "/dev/zero"], stdout=subprocess.PIPE)
        done = subprocess.run([cog.PROGRAM, "analyse", "--json", "-"], stdin=feed.stdout, capture_output=True)
        feed.stdout.close()
        feed.wait()
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"512 MiB", done.stdout)


class Archives(cog.Case):
    def test_zip(self):
        path = self.dir / "a.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
            z.write(cog.fixture("plover"), "dir/plover")
            z.write(cog.fixture("heron1"), "heron\x1b[31m")
        done = self.ok("analyse", "--json", path)
        names = [r["path"] for r in done.records if r["type"] == "image"]
        self.assertEqual(names, [f"{path}!dir/plover", f"{path}!heron\x1b[31m"])
        alone = [r["sha256"] for r in self.ok("analyse", "--json", cog.fixture("plover")).records]
        self.assertEqual(done.records[0]["sha256"], alone[0])

    def test_damaged(self):
        path = self.dir / "a.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
            z.write(cog.fixture("plover"), "plover")
        whole = path.read_bytes()
        for n in range(0, len(whole), 1 + len(whole) // 40):
            path.write_bytes(whole[:n] + bytes(b ^ 0x55 for b in whole[n:n + 8]) + whole[n + 8:])
            self.assertIn(cog.run("analyse", "--json", path).code, (0, 3))

    def test_bomb(self):
        path = self.dir / "bomb.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
            with z.open("zeros", "w", force_zip64=True) as f:
                for _ in range(1100):
                    f.write(bytes(1 << 20))
        nested = self.dir / "nested.zip"
        with zipfile.ZipFile(nested, "w") as z:
            for i in range(20):
                z.write(path, f"{i}.zip")
        for p in (path, nested):
            done = cog.run("analyse", "--json", "--max-mb", "256", p, timeout=200)
            self.assertIn(done.code, (0, 3))
            self.assertTrue(done.records)

    def test_gzip_of_gzip(self):
        data = b"\x90" * 1000
        for _ in range(8):
            data = gzip.compress(data)
        path = self.dir / "a.gz"
        path.write_bytes(data)
        self.assertIn(cog.run("analyse", "--json", path).code, (0, 3))


def children(pid):
    """Not from /proc/PID/task/PID/children: not every kernel has it."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
        except OSError:
            pass
    return found


class Workers(cog.Case):
    """Workers die in every way; the samples beside them do not."""

    def end_one(self, number, *args):
        (self.dir / "1").write_bytes(b"\x90\xc3")
        (self.dir / "2").write_bytes(os.urandom(48 << 20))  # more than a second of hashing alone
        (self.dir / "3").write_bytes(b"\x90\xc3")
        child = subprocess.Popen([cog.PROGRAM, "analyse", "--json", "--jobs", "1", "--arch", "x86", *args,
                                  *(self.dir / n for n in "123")], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        first = json.loads(child.stdout.readline())
        self.assertTrue(first["path"].endswith("/1"))
        before = []
        for _ in range(400):
            workers = [w for pool in children(child.pid) for w in children(pool)]
            if workers and workers == before:  # for a while the same: the one with the long work
                os.kill(workers[0], number)
                break
            before = workers
            time.sleep(0.05)
        out, err = child.communicate(timeout=60)
        self.assertEqual((child.returncode, err), (3, b""))
        records = [json.loads(line) for line in out.splitlines()]
        failures = [r for r in records if r["type"] == "failure"]
        self.assertEqual([pathlib.Path(r["path"]).name for r in failures], ["2"])
        self.assertEqual(failures[0]["stage"], "worker")
        self.assertTrue(records[-1]["type"] != "failure")
        return failures[0]["reason"]

    def test_killed(self):
        self.assertIn("killed by the system", self.end_one(signal.SIGKILL))

    @cog.unittest.skipIf(cog.SANITIZED, "ASan catches it")
    def test_crashed(self):
        self.assertIn("signal 11", self.end_one(signal.SIGSEGV))
        self.assertIn("vanished", self.end_one(signal.SIGBUS))
        self.assertIn("sandbox", self.end_one(signal.SIGSYS))

    def test_hangs(self):
        self.assertIn("--timeout", self.end_one(signal.SIGSTOP, "--timeout", "1"))


class Limits(cog.Case):
    def test_timeout_and_memory_never_crash(self):
        path = self.dir / "random"
        path.write_bytes(os.urandom(1 << 18))
        for args in (["--timeout", "0.001"], ["--max-mb", "16"],
                     ["--raw", "--arch", "x86", "--max-mb", "16", "--timeout", "5"]):
            done = cog.run("analyse", "--json", *args, path)
            self.assertIn(done.code, (0, 3))
            self.assertTrue(done.records)
            for reason in self.failures(done).values():
                self.assertNotIn("signal", reason)

    def test_raw(self):
        path = self.dir / "code"
        path.write_bytes(bytes.fromhex("5589e583ec08e80000000089ec5dc3") * 3)
        done = self.ok("analyse", "--json", "--arch", "x86", "--base", "0x10000", path)
        image = done.records[0]
        self.assertEqual((image["format"], image["arch"], image["base"]), ("raw", "x86", "0x10000"))


if __name__ == "__main__":
    os.chdir(cog.tempfile.gettempdir())
    cog.main()
