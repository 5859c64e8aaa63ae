#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""stdout: data only, the same bytes for the same input, colours and progress on terminals only."""
import os
import pty
import resource
import select
import subprocess
import time

import cog

SHOWS = ["analyse", "functions", "strings", "routines", "traits", "indicators"]


def on_terminal(*args, env=None, which=(1, 2)):
    """Output of the program with the named descriptors on a terminal."""
    try:
        master, slave = pty.openpty()
    except OSError as error:
        raise cog.unittest.SkipTest(f"no pseudo-terminal on this machine: {error}")
    streams = {1: subprocess.DEVNULL, 2: subprocess.DEVNULL} | {n: slave for n in which}
    child = subprocess.Popen([cog.PROGRAM, *map(os.fspath, args)], stdin=subprocess.DEVNULL, stdout=streams[1],
                             stderr=streams[2], env=env or cog.environment(TERM="xterm"))
    os.close(slave)
    out = b""
    while True:
        try:
            data = os.read(master, 65536) if select.select([master], [], [], 60)[0] else b""
        except OSError:
            data = b""
        if not data:
            break
        out += data
    os.close(master)
    return child.wait(), out


class Records(cog.Case):
    def test_types(self):
        path = cog.fixture("heron1")
        types = {"analyse": {"image", "function", "string", "trait"}, "functions": {"function"}, "strings": {"string"},
                 "routines": {"routine"}, "traits": {"trait"}, "indicators": {"indicator"}}
        for command in SHOWS:
            done = self.ok(command, "--json", path)
            seen = {r["type"] for r in done.records}
            self.assertTrue(seen <= types[command] | {"indicator", "routine"}, seen)
            self.assertTrue(command in ("indicators", "routines") or seen)
            self.assertTrue(all(r["schema"] == "cognate/1" and len(r["sha256"]) == 64 for r in done.records))
            self.assertEqual(done.err, "")

    def test_what_the_fixture_holds(self):
        path = cog.fixture("heron1")
        texts = {r["text"]: r for r in self.ok("strings", "--json", path).records}
        agent = texts["Heron/1.4 (compatible; update check)"]
        self.assertTrue(agent["references"])
        names = {r["name"] for r in self.ok("functions", "--json", path).records}
        self.assertLessEqual({"main", "parse_command"}, names)

    def test_sha256_and_size(self):
        path = cog.fixture("heron1")
        image = self.ok("analyse", "--json", path).records[0]
        digest = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]
        self.assertEqual((image["sha256"], image["size"], image["path"]), (digest, path.stat().st_size, str(path)))

    def test_text_is_for_reading(self):
        for command in SHOWS:
            done = self.ok(command, cog.fixture("heron1"))
            self.assertEqual(done.err, "")
            self.assertNotIn("\033", done.text)
            self.assertNotIn("{", done.text[:1])


class Order(cog.Case):
    def test_same_bytes_whatever_the_jobs(self):
        for i in range(12):
            name = ["heron1", "heron2", "plover"][i % 3]
            (self.dir / f"{i:02}").write_bytes(cog.fixture(name).read_bytes() + bytes([i]) * (i * 1000))
        (self.dir / "05-missing").symlink_to("gone")
        (self.dir / "05-empty").write_bytes(b"")
        for command in ("analyse", "functions"):
            first = cog.run(command, "--json", "--jobs", "1", self.dir)
            self.assertEqual(first.code, 3)
            paths = [r["path"] for r in first.records if "path" in r]
            self.assertEqual(paths, sorted(paths))
            for jobs in ("2", "3", "16"):
                self.assertEqual(cog.run(command, "--json", "--jobs", jobs, self.dir).out, first.out)

    def test_again(self):
        runs = {self.ok("analyse", "--json", cog.fixture("heron1")).out for _ in range(3)}
        self.assertEqual(len(runs), 1)

    def test_locale_and_environment_play_no_part(self):
        path = cog.fixture("heron1")
        plain = self.ok("analyse", "--json", path).out
        env = cog.environment(LC_ALL="de_DE.UTF-8", TZ="Asia/Tokyo", NO_COLOR="1", COLUMNS="20")
        self.assertEqual(self.ok("analyse", "--json", path, env=env).out, plain)


class Terminal(cog.Case):
    def test_colour(self):
        path = cog.fixture("heron1")
        self.assertIn(b"\033[1m", on_terminal("analyse", path)[1])
        # Colour is an SGR sequence; the progress line of a slow sample clears itself with another (\033[K).
        colour = rb"\033\[[0-9;]*m"
        for env in (cog.environment(TERM="xterm", NO_COLOR="1"), cog.environment(TERM="dumb")):
            self.assertNotRegex(on_terminal("analyse", path, env=env)[1], colour)
        self.assertNotRegex(on_terminal("analyse", "--no-color", path)[1], colour)
        self.assertNotRegex(on_terminal("analyse", "--json", path)[1], colour)

    def test_progress_on_a_terminal_only(self):
        for i in range(60):
            (self.dir / f"{i:02}").write_bytes(os.urandom(1 << 18))
        shown = on_terminal("analyse", "--jobs", "1", self.dir, which=(2,))[1]
        if b"files" in shown:
            self.assertRegex(shown, rb"\r\d+/60 files, [\d.]+/s")
        self.assertNotIn(b"files", on_terminal("analyse", "-q", self.dir, which=(2,))[1])
        self.assertEqual(self.ok("analyse", self.dir).err, "")


class Broken(cog.Case):
    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([cog.PROGRAM, "analyse", cog.fixture("heron1")], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"stdout", done.stderr)

    def test_reader_that_leaves(self):
        for i in range(50):
            (self.dir / f"{i:02}").write_bytes(cog.fixture("heron1").read_bytes() + bytes([i]))
        child = subprocess.Popen([cog.PROGRAM, "analyse", "--json", self.dir], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
        child.stdout.read(10)
        child.stdout.close()
        child.wait(60)
        self.assertNotEqual(child.returncode, 0)
        child.stderr.close()

    def test_nothing_is_left_behind(self):
        """A killed program leaves no worker."""
        (self.dir / "x").write_bytes(os.urandom(60 << 20))
        mark = str(self.dir / "x")
        child = subprocess.Popen([cog.PROGRAM, "analyse", "--json", mark], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        time.sleep(0.3)
        child.kill()
        child.wait()
        for _ in range(50):
            left = subprocess.run(["pgrep", "-f", mark], capture_output=True, text=True).stdout.split()
            if not left:
                break
            time.sleep(0.1)
        self.assertEqual(left, [])

    @cog.unittest.skipIf(cog.SANITIZED, "ASan maps terabytes")
    def test_few_descriptors(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))
        done = subprocess.run([cog.PROGRAM, "analyse", "--json", "--jobs", "8"] + [str(cog.fixture("heron1"))] * 20,
                              capture_output=True, preexec_fn=limit)
        self.assertIn(done.returncode, (0, 1, 3), done.stderr)


if __name__ == "__main__":
    cog.main()
