#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Published reports whose actor is hidden: what `cognate link` says of them, and how sure.

indicators.py --lists FOLDER [--part tune|report] takes published lists of indicators by actor (maltrail: trails/static/malware/apt_*.txt; each "# Reference" is a
report), hides a fifth of the reports at a time, and imports the others. Each hidden report is imported as a list that names no actor; `link --from` it gives
actors, each with a probability. In each turn a fifteenth of the actors is hidden whole: for them no name is right. A report (its reference) is never
in two places, and no two hidden reports share a value. Actors are split by a hash of their names: tune (what weights are set by) and report.
A name is right when it is the hidden report's actor, or with --galaxy (MISP, clusters/threat-actor.json) bears a name of the same threat actor: publishers
name a group and its parts differently (Lazarus and Bluenoroff, APT29 and UNC2452). The list of what nobody classified is left out.
With --sites it says only how often two reports that list one host are of one actor, by what the paths on that host look like: a content
management system's own folders (src/know/compromised.c), other paths, none. No program is run for that.
Prints rows for results.csv: how many are answered, how many right, calibration error (ten bins) and Brier score of the first actor's probability."""
import argparse
import collections
import concurrent.futures
import csv
import hashlib
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from attribution import ROOT

TURNS, MOST_PER_ACTOR = 5, 40


def number(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def host_of(line):
    """What two reports can share: the host of a line."""
    return re.sub(r"^[a-z]+://", "", line.lower()).split("/")[0].split(":")[0]


def reports_read(folder):
    """(actor, references, lines) for each block; several references in a row head one block."""
    out = []
    for path in sorted(set(folder.glob("apt_*.txt")) - {folder / "apt_unclassified.txt"}):
        actor, references, lines = path.stem, (), []
        for raw in path.read_text(errors="replace").splitlines():
            line = raw.split("#")[0].strip()
            if raw.startswith("# Reference:"):
                if lines:
                    out.append((actor, references, lines))
                    references, lines = (), []
                references += (raw.split(":", 1)[1].strip(),)
            elif line:
                lines.append(line)
        if lines:
            out.append((actor, references, lines))
    return [r for r in out if r[1]]


def plain(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def clusters_read(folder, galaxy):
    """Threat actors of the galaxy that a list's name and aliases stand for."""
    of = collections.defaultdict(set)
    for c in json.loads(galaxy.read_text())["values"] if galaxy else []:
        for name in [c["value"], *c.get("meta", {}).get("synonyms", [])]:
            of[plain(name)].add(c["value"])
    out = {}
    for path in folder.glob("apt_*.txt"):
        names = [path.stem[4:], path.stem.replace("_", "")]
        for line in path.read_text(errors="replace").splitlines():
            names += line[10:].split(",") if line.startswith("# Aliases:") else []
        out[path.stem] = set().union(*(of[plain(n)] for n in names))
    return out


def write_list(path, blocks):
    with open(path, "w") as f:
        for references, lines in blocks:
            f.write("\n" + "".join(f"# Reference: {x}\n" for x in references) + "\n" + "\n".join(lines) + "\n")


def split(reports, turn, part):
    """Hidden reports (known actor?, report) of one turn, and the known ones."""
    gone = {a for a, _, _ in reports if number("gone " + a) % (3 * TURNS) == turn}
    hidden = [r for r in reports if r[0] in gone or number(r[1][0]) % TURNS == turn]
    references = {x for r in hidden for x in r[1]}
    known = [r for r in reports if not (r[0] in gone or references & set(r[1]))]
    asked, taken, per = [], set(), collections.Counter()
    random.Random(turn).shuffle(hidden)
    for r in hidden:
        hosts = {host_of(x) for x in r[2]}
        if hosts & taken or per[r[0]] >= MOST_PER_ACTOR or (number("part " + r[0]) % 2 == 0) != (part == "tune"):
            continue
        per[r[0]] += 1
        taken |= hosts
        asked.append((r[0] not in gone, r))
    return asked, known


def ask(args, store, name):
    done = subprocess.run([args.cognate, "link", "--json", "--store", store, "--from", name, "--top", "10"], capture_output=True, text=True)
    links = [json.loads(line) for line in done.stdout.splitlines()]
    return [(r["to"], r["probability"], r["path"]) for r in links if r["type"] == "link" and r["to_kind"] == "actor"]


def turn_run(args, reports, turn):
    asked, known = split(reports, turn, args.part)
    with tempfile.TemporaryDirectory() as work:
        lists = pathlib.Path(work, "lists")
        lists.mkdir()
        actors = collections.defaultdict(list)
        for actor, references, lines in known:
            actors[actor].append((references, lines))
        for actor, blocks in actors.items():
            write_list(lists / f"{actor}.txt", blocks)
            text = (lists / f"{actor}.txt").read_text()
            (lists / f"{actor}.txt").write_text(f"# Aliases: {actor}\n" + text)
        for i, (_, (_, _, lines)) in enumerate(asked):
            write_list(lists / f"hidden{i}.txt", [((f"https://hidden.example/{turn}/{i}",), lines)])
        store = os.path.join(work, "store")
        subprocess.run([args.cognate, "import", "-q", "--store", store, *sorted(lists.iterdir())], stderr=subprocess.DEVNULL)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            answers = list(pool.map(lambda i: ask(args, store, f"https://hidden.example/{turn}/{i}"), range(len(asked))))
    names = {r[0] for r in known}
    return [{"turn": turn, "actor": r[0], "known": is_known and r[0] in names, "reference": r[1][0], "values": len(r[2]), "links": links}
            for (is_known, r), links in zip(asked, answers)]


def calibration(cases):
    """Expected calibration error in ten bins, Brier score, bins."""
    bins = collections.defaultdict(list)
    for p, right in cases:
        bins[min(9, int(10 * p))].append((p, right))
    total = len(cases)
    error = sum(abs(sum(p for p, _ in b) - sum(r for _, r in b)) for b in bins.values()) / total
    return error, sum((p - r) ** 2 for p, r in cases) / total, bins


def sites(reports, clusters, part):
    """Reports of this part and others that list the same host (2 to 10 do): share of one actor, by kind of path."""
    folders = re.findall(r'^    \{"(/[^"]+)", "', (ROOT / "src/know/compromised.c").read_text(), re.M)
    listed, kind = collections.defaultdict(set), collections.defaultdict(int)
    for k, (_, _, lines) in enumerate(reports):
        for line in lines:
            host, rest = host_of(line), re.sub(r"^[a-z]+://", "", line.lower())
            listed[host].add(k)
            kind[host] = max(kind[host], 2 if any(f in rest for f in folders) else "/" in rest)
    for number_of, name in enumerate(("no path", "other paths", "paths of a content management system")):
        hosts, cases, same = set(), 0, 0.0
        for host, ks in listed.items():
            for k in ks if kind[host] == number_of and 2 <= len(ks) <= 10 else ():
                actor, references, _ = reports[k]
                others = [reports[o][0] for o in ks if o != k and not set(references) & set(reports[o][1])]
                if others and (number("part " + actor) % 2 == 0) == (part == "tune"):
                    hosts.add(host)
                    cases += 1
                    same += sum(o == actor or bool(clusters[o] & clusters[actor]) for o in others) / len(others)
        yield name, same / max(1, cases), len(hosts), cases


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cognate", default=ROOT / "build/release/cognate")
    p.add_argument("--lists", required=True, type=pathlib.Path)
    p.add_argument("--part", default="tune", choices=["tune", "report"])
    p.add_argument("--galaxy", type=pathlib.Path)
    p.add_argument("--dump")
    p.add_argument("--sites", action="store_true")
    args = p.parse_args()
    reports = reports_read(args.lists)
    if args.sites:
        for name, same, hosts, cases in sites(reports, clusters_read(args.lists, args.galaxy), args.part):
            print(f"calibration,indicators/{args.part}/sites,one_actor,{same:.4f},share,reports alone,{name}: {hosts} hosts; {cases} reports beside others")
        return
    rows = [row for turn in range(TURNS) for row in turn_run(args, reports, turn)]
    if args.dump:
        with open(args.dump, "w") as f:
            f.writelines(json.dumps(r) + "\n" for r in rows)
    writer = csv.writer(sys.stdout)

    def out(what, metric, value, unit, note):
        writer.writerow(["calibration", f"indicators/{args.part}{what}", metric, f"{value:.4f}", unit, "cognate", note])

    answered = [r for r in rows if r["links"]]
    clusters = clusters_read(args.lists, args.galaxy)
    exact = [r["links"][0][0] == r["actor"] for r in answered]
    cases = [(r["links"][0][1], same or bool(clusters[r["actor"]] & clusters[r["links"][0][0]])) for r, same in zip(answered, exact)]
    strangers = sum(not r["known"] for r in rows)
    error, brier, bins = calibration(cases)
    about = f"{len(rows)} published reports, {strangers} of actors that are in no list; {len(answered)} share something with a list"
    out("", "expected_calibration_error", error, "", about)
    out("", "brier", brier, "", about)
    out("", "right", sum(right for _, right in cases) / len(cases), "share", f"of these {len(cases)}; {sum(exact)} by the very list")
    likely = [right for p, right in cases if p >= 0.55]
    out("", "right_of_likely", sum(likely) / max(1, len(likely)), "share", f"{len(likely)} reports whose first actor is likely")
    for k, b in sorted(bins.items()):
        out(f"/{k / 10:.1f}-{(k + 1) / 10:.1f}", "right", sum(r for _, r in b) / len(b), "share", f"{len(b)} reports, mean probability {sum(p for p, _ in b) / len(b):.3f}")


if __name__ == "__main__":
    main()
