#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the data set of function starts: stripped binaries, each with a truth.tsv. Standard library only.

    tools/starts_build.py [DIR] [--only elf,arm64,arm,mingw,wine,msvc,go,rust] [--rounds N] [--jobs N]

DIR (default .cache/starts) gets fetch/ (what the package registries gave), cases/<set>/<name>/ with
`sample` (what a tool is given), `truth.tsv` and `case.tsv`, and cases.tsv, one row for each case.
A case that is there is not built again; an interrupted run goes on where it was.

What counts as a function start, what is wrong and what is left out: tests/quality/starts.md, done in
tools/starts_truth.py. Every set gets its inputs by name and version through apt-get, npm, pip, go and cargo
as they are set up on the machine, from sources or programs that anyone may have. Needs: gcc and g++ with
-m32 (gcc-multilib, g++-multilib), clang, the win32 MinGW compilers for both architectures, dpkg-deb; for
arm64 gcc-aarch64-linux-gnu and g++-aarch64-linux-gnu; for arm gcc-arm-linux-gnueabihf and
g++-arm-linux-gnueabihf.
"""

import argparse
import concurrent.futures
import fnmatch
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import starts_truth  # noqa: E402
from starts_projects import (
    PROJECTS,
    GO_PROGRAMS,
    RUST_PROGRAMS,
    WINE_DLLS,
    MSVC_PACKAGES,
)  # noqa: E402

OPTS = ['O2', 'Os', 'O0', 'O3', 'O1']
COLUMNS = [
    'id',
    'part',
    'set',
    'project',
    'compiler',
    'opt',
    'kind',
    'unwind',
    'format',
    'arch',
    'functions',
    'skips',
    'code_bytes',
    'sha256',
]
TRIPLE = {64: 'x86_64-w64-mingw32', 32: 'i686-w64-mingw32'}
# ELF of other processors: the prefix of the binutils and gcc, also clang's --target; what it has in place of CET
# (ARM: the other instruction set).
CROSS = {
    'arm64': ('aarch64-linux-gnu', '-mbranch-protection=standard'),
    'arm': ('arm-linux-gnueabihf', '-marm'),
}


def run(cmd, cwd=None, env=None, timeout=1800):
    p = subprocess.run(
        cmd, cwd=cwd, env=env, timeout=timeout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if p.returncode:
        raise RuntimeError(f'{" ".join(cmd)[:300]}: {p.stdout.decode("utf-8", "replace")[-1500:]}')
    return p.stdout


# ---------------------------------------------------------------- fetching
class Fetch:
    def __init__(self, out):
        self.dir = os.path.join(out, 'fetch')
        self.apt_ready = False

    def path(self, *names):
        p = os.path.join(self.dir, *names)
        os.makedirs(os.path.dirname(p), exist_ok=True)
        return p

    def apt(self, tool, *args, cwd=None):
        """apt-get with lists of its own: the machine's Debian sources, plus deb-src and i386."""
        root = os.path.join(self.dir, 'apt')
        opts = [
            '-o',
            f'Dir::Etc::sourceparts={root}/parts',
            '-o',
            'Dir::Etc::sourcelist=/dev/null',
            '-o',
            f'Dir::State::lists={root}/lists',
            '-o',
            f'Dir::Cache={root}/cache',
            '-o',
            'APT::Architectures::=amd64',
            '-o',
            'APT::Architectures::=i386',
            '-o',
            'Debug::NoLocking=1',
            '-o',
            'APT::Sandbox::User=root',
        ]
        if not self.apt_ready:
            for d in ('lists/partial', 'cache/archives/partial', 'parts'):
                os.makedirs(os.path.join(root, d), exist_ok=True)
            if not glob.glob(f'{root}/lists/*Sources*'):
                with open('/etc/apt/sources.list.d/debian.sources', encoding='utf-8') as f:
                    text = f.read().replace('Types: deb\n', 'Types: deb deb-src\n')
                with open(f'{root}/parts/debian.sources', 'w', encoding='utf-8') as f:
                    f.write(text)
                subprocess.run(
                    ['apt-get', *opts, 'update'],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    check=False,
                )
            self.apt_ready = True
        return run([tool, *opts, *args], cwd=cwd)

    def source(self, package):
        """The upstream tree of a Debian source package; its top folder."""
        top = self.path('src', package, '')
        if not os.path.exists(top + '.done'):
            os.makedirs(top, exist_ok=True)
            self.apt('apt-get', 'source', '--download-only', '-q', package, cwd=top)
            for f in glob.glob(top + '*.orig.tar.*'):
                if not f.endswith('.asc'):
                    with tarfile.open(f) as t:
                        t.extractall(top)
            open(top + '.done', 'w', encoding='utf-8').close()
        dirs = [d for d in glob.glob(top + '*/')]
        return dirs[0] if len(dirs) == 1 else top

    def deb(self, package):
        top = self.path('deb', package.replace(':', '_'), '')
        if not os.path.exists(top + '.done'):
            os.makedirs(top, exist_ok=True)
            self.apt('apt-get', 'download', package, cwd=top)
            for f in glob.glob(top + '*.deb'):
                run(['dpkg-deb', '-x', f, top])
                os.remove(f)
            open(top + '.done', 'w', encoding='utf-8').close()
        return top

    def npm(self, spec):
        top = self.path('npm', spec.replace('/', '_'), '')
        if not os.path.exists(top + '.done'):
            os.makedirs(top, exist_ok=True)
            run(['npm', 'pack', '--silent', spec], cwd=top)
            for f in glob.glob(top + '*.tgz'):
                with tarfile.open(f) as t:
                    t.extractall(top)
                os.remove(f)
            open(top + '.done', 'w', encoding='utf-8').close()
        return top

    def pip(self, spec, platform):
        top = self.path('pip', f'{spec}-{platform}', '')
        if not os.path.exists(top + '.done'):
            os.makedirs(top, exist_ok=True)
            run(
                [
                    sys.executable,
                    '-m',
                    'pip',
                    'download',
                    '-q',
                    '--no-deps',
                    '--only-binary=:all:',
                    '--platform',
                    platform,
                    '--python-version',
                    '3.11',
                    '-d',
                    top,
                    spec,
                ]
            )
            for f in glob.glob(top + '*.whl'):
                with zipfile.ZipFile(f) as z:
                    z.extractall(top)
                os.remove(f)
            open(top + '.done', 'w', encoding='utf-8').close()
        return top


# ---------------------------------------------------------------- cases
def write_case(out, info, stripped, truth):
    """A case's folder, complete or not there at all. Refused when the truth is too small to say anything."""
    if len(truth.functions) < 8:
        raise RuntimeError(f'{info["id"]}: only {len(truth.functions)} functions')
    final = os.path.join(out, 'cases', info['id'])
    part = final + '.part'
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)
    shutil.copyfile(stripped, os.path.join(part, 'sample'))
    truth.write(os.path.join(part, 'truth.tsv'))
    with open(stripped, 'rb') as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    info.update(
        unwind=truth.unwind,
        format=truth.format,
        arch=truth.arch,
        functions=len(truth.functions),
        skips=len(truth.skips),
        code_bytes=truth.code_bytes(),
        sha256=digest,
    )
    with open(os.path.join(part, 'case.tsv'), 'w', encoding='utf-8') as f:
        f.write('\t'.join(str(info[c]) for c in COLUMNS) + '\n')
    shutil.rmtree(final, ignore_errors=True)
    os.rename(part, final)


def write_manifest(out):
    rows = []
    for p in sorted(glob.glob(os.path.join(out, 'cases', '*', '*', 'case.tsv'))):
        with open(p, encoding='utf-8') as f:
            rows.append(f.read())
    tmp = os.path.join(out, 'cases.tsv.part')
    with open(tmp, 'w', encoding='utf-8') as f:
        f.write('\t'.join(COLUMNS) + '\n' + ''.join(rows))
    os.replace(tmp, os.path.join(out, 'cases.tsv'))
    return len(rows)


def have(out, case_id):
    return os.path.exists(os.path.join(out, 'cases', case_id, 'case.tsv'))


# ---------------------------------------------------------------- our own builds, ELF and MinGW
def sources_of(project, top, patterns):
    found = []
    for pattern in patterns:
        found += sorted(glob.glob(os.path.join(top, pattern), recursive=True))
    drop = project.get('exclude', [])
    found = [f for f in found if not any(fnmatch.fnmatch(os.path.relpath(f, top), x) for x in drop)]
    if not found:
        raise RuntimeError(f'{project["name"]}: no source for {patterns}')
    return found


def plan(project, target, opt):
    """(kind, flags, link flags) of one build. Variants are dealt out by a hash of the build's name, so that the
    set has position-independent and fixed programs, shared objects, and with or without CET and garbage collection.
    """
    name, (compiler, bits, system, unwind) = project['name'], target
    h = zlib.crc32(f'{name}/{compiler}/{bits}/{system}/{unwind}/{opt}'.encode())
    kind = 'exe' if project.get('mains') and h % 3 else 'so'
    if project.get('exe_only'):
        kind = 'exe'
    flags, link = [f'-{opt}', '-g0', '-w', '-fcommon'] + project.get('flags', []), []
    if system == 'elf' or system in CROSS:
        if system in CROSS and compiler == 'clang':
            flags.append(f'--target={CROSS[system][0]}')
        elif system == 'elf':
            flags.append(f'-m{bits}')
        if (h >> 8) % 3 == 0:
            flags.append(CROSS[system][1] if system in CROSS else '-fcf-protection=full')
        if kind == 'so':
            flags.append('-fPIC')
            link.append('-shared')
            if (h >> 12) % 2:
                flags.append('-fvisibility=hidden') if project.get('hidden') else None
        elif (h >> 16) % 2:
            flags += ['-fPIE']
            link += ['-pie']
        else:
            flags += ['-fno-pie']
            link += ['-no-pie']
        if system in CROSS:
            link.append(f'--target={CROSS[system][0]}') if compiler == 'clang' else None
        else:
            link.append(f'-m{bits}')
    elif kind == 'so':
        link.append('-shared')
        link.append('-Wl,--export-all-symbols') if (h >> 4) % 2 else None
    if system == 'mingw':
        link += ['-static', '-Wl,--no-insert-timestamp']
        # For x64 PE the assembler takes any static function whose name begins with L for a local label and drops its symbol.
        flags += ['-Wa,-L'] if bits == 64 else []
    if (h >> 20) % 3 == 0:
        flags += ['-ffunction-sections', '-fdata-sections']
        link.append('-Wl,--gc-sections') if kind == 'exe' else None
    if not unwind:
        flags += ['-fno-asynchronous-unwind-tables', '-fno-unwind-tables']
        link.append('-Wl,--no-eh-frame-hdr') if system != 'mingw' else None
    return kind, flags, link


def plan_static(target, opt):
    """A fixed static program, with the C library in it."""
    bits = target[1]
    if bits in CROSS:
        return (
            'exe',
            [f'-{opt}', '-g0', '-w', '-fno-pie'],
            ['-static', '-no-pie'],
        )
    return (
        'exe',
        [f'-{opt}', '-g0', '-w', f'-m{bits}', '-fno-pie'],
        [f'-m{bits}', '-static', '-no-pie'],
    )


def tool_of(compiler, bits, system, cxx):
    cross = bits if bits in CROSS else system
    if cross in CROSS and compiler == 'gcc':
        return f'{CROSS[cross][0]}-{"g++" if cxx else "gcc"}'
    if system == 'mingw':
        return f'{TRIPLE[bits]}-{"g++" if cxx else "gcc"}-win32'
    return {'gcc': 'g++' if cxx else 'gcc', 'clang': 'clang++' if cxx else 'clang'}[compiler]


def compile_all(tool, files, flags, objdir):
    """All objects of a list of sources, each in its own call (equal file names in two folders are common)."""
    objs = []
    for n, f in enumerate(files):
        obj = os.path.join(objdir, f'{n}-{os.path.basename(f)}.o')
        run([tool, *flags, '-c', f, '-o', obj])
        objs.append(obj)
    return objs


def build_case(out, fetch, project, target, opt):
    compiler, bits, system, unwind = target
    cxx = project.get('cxx', False)
    arch = bits if bits in CROSS else 'x64' if bits == 64 else 'x86'
    group = f'mingw-{arch}' if system == 'mingw' else f'elf-{arch}-{compiler}'
    if system == 'static':
        system, group = 'elf', f'elf-{arch}-static'
        kind, flags, link = plan_static(target, opt)
        flags += project.get('flags', [])
    else:
        kind, flags, link = plan(project, target, opt)
    group += '' if unwind else '-nounwind'
    case_id = f'{group}/{project["name"]}-{opt}-{kind}'
    if have(out, case_id):
        return None
    top = fetch.source(project['package'])
    work = os.path.join(out, 'work', case_id.replace('/', '_'))
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    for name, text in project.get('generate', {}).items():
        if text.startswith('@'):
            shutil.copyfile(os.path.join(top, text[1:]), os.path.join(work, name))
        else:
            os.makedirs(os.path.dirname(os.path.join(work, name)), exist_ok=True)
            with open(os.path.join(work, name), 'w', encoding='utf-8') as f:
                f.write(text)
    flags = (
        flags + [f'-I{work}'] + [f'-I{os.path.join(top, i)}' for i in project.get('include', ['.'])]
    )
    for package in project.get('headers_of', []):
        flags.append('-I' + fetch.source(package))
    tool = tool_of(compiler, bits, system, cxx)
    like = 'elf' if system in CROSS else system
    binary, libs = os.path.join(work, 'linked'), project.get(f'libs_{like}', [])
    lib = sources_of(project, top, project['sources'] + project.get(f'sources_{like}', []))
    extra = [
        os.path.join(work, n) for n in project.get('generate', {}) if n.endswith(('.c', '.cc'))
    ]
    objs = compile_all(tool, lib + extra, flags, work)
    if kind == 'so':
        run([tool, *link, *objs, '-o', binary, *libs])
    else:
        mains = (
            project['mains'][0]
            if system != 'mingw'
            else project.get('mains_mingw', project['mains'][0])
        )
        os.makedirs(os.path.join(work, 'm'))
        main_objs = compile_all(
            tool,
            sources_of({'name': project['name']}, top, mains),
            flags + project.get('main_flags', []),
            os.path.join(work, 'm'),
        )
        run(['ar', 'rcs', os.path.join(work, 'lib.a'), *objs])
        run([tool, *link, *main_objs, os.path.join(work, 'lib.a'), '-o', binary, *libs])
    if system == 'mingw' and not os.path.exists(binary):
        binary += '.exe'
    info = dict(
        id=case_id,
        part=project['part'],
        set=group,
        project=project['name'],
        compiler='mingw-gcc' if system == 'mingw' else compiler,
        opt=opt,
        kind=kind,
    )
    finish_build(out, info, binary, system, bits, unwind)
    shutil.rmtree(work)
    return case_id


def truth_of(data):
    return (
        starts_truth.truth_from_elf(data)
        if data[:4] == b'\x7fELF'
        else starts_truth.truth_from_coff(data)
    )


def renew_truth(out):
    """Reads the truth of all kept linked files again, after a change of the rules; the samples stay."""
    with open(os.path.join(out, 'cases.tsv'), encoding='utf-8') as f:
        rows = [dict(zip(COLUMNS, line.rstrip('\n').split('\t'))) for line in f.readlines()[1:]]
    for info in rows:
        linked = os.path.join(out, 'linked', info['id'])
        if os.path.exists(linked):
            with open(linked, 'rb') as f:
                truth = truth_of(f.read())
            sample = os.path.join(out, 'work', info['id'].replace('/', '_') + '.sample')
            os.makedirs(os.path.dirname(sample), exist_ok=True)
            os.replace(os.path.join(out, 'cases', info['id'], 'sample'), sample)
            write_case(out, info, sample, truth)
            os.remove(sample)


def finish_build(out, info, binary, system, bits, unwind):
    prefix = f'{TRIPLE[bits]}-' if system == 'mingw' else ''
    if bits in CROSS:
        prefix = f'{CROSS[bits][0]}-'
    with open(binary, 'rb') as f:
        linked = f.read()
    if not unwind:
        run([f'{prefix}objcopy', '-R', '.eh_frame', '-R', '.eh_frame_hdr', binary])
    with open(binary, 'rb') as f:
        data = f.read()
    keep = os.path.join(out, 'linked', info['id'])
    os.makedirs(os.path.dirname(keep), exist_ok=True)
    with open(keep, 'wb') as f:
        f.write(data)
    truth = truth_of(data)
    stripped = binary + '.stripped'
    run([f'{prefix}strip', '-s', '-o', stripped, binary])
    same_code(binary, stripped)
    if system == 'mingw':
        keep_time(linked, stripped)
    write_case(out, info, stripped, truth)


def keep_time(linked, stripped):
    """MinGW's strip writes the time of day into the header and a checksum over it. The linked file's time stays and
    the checksum becomes 0, so that a case is the same bytes every time."""
    at = int.from_bytes(linked[60:64], 'little') + 8
    with open(stripped, 'r+b') as f:
        f.seek(60)
        header = int.from_bytes(f.read(4), 'little')
        f.seek(header + 8)
        f.write(linked[at : at + 4])
        f.seek(header + 24 + 64)
        f.write(bytes(4))


def same_code(a, b):
    """Stripping must not have moved anything: the executable sections are equal, byte for byte."""

    def code(path):
        with open(path, 'rb') as f:
            d = f.read()
        if d[:4] == b'\x7fELF':
            return [
                (s['va'], d[s['off'] : s['off'] + s['size']])
                for s in starts_truth.elf_sections(d)
                if s['flags'] & 4 and s['type'] == 1
            ]
        return [(va, raw) for _, va, raw in starts_truth.Pe(d).code()]

    if code(a) != code(b):
        raise RuntimeError(f'{b}: strip changed the code')


def own_builds(args):
    """(round, function arguments): the rounds go from one optimisation level of everything to all five."""
    targets = []
    if 'elf' in args.only:
        targets += [
            ('gcc', 64, 'elf', True),
            ('clang', 64, 'elf', True),
            ('gcc', 32, 'elf', True),
            ('clang', 32, 'elf', True),
            ('gcc', 32, 'elf', False),
            ('clang', 32, 'elf', False),
        ]
    for arch in (a for a in CROSS if a in args.only):
        targets += [
            (compiler, arch, arch, unwind) for unwind in (True, False) for compiler in ('gcc', 'clang')
        ]
    if 'mingw' in args.only:
        targets += [
            ('gcc', 64, 'mingw', True),
            ('gcc', 32, 'mingw', True),
            ('gcc', 32, 'mingw', False),
        ]
    jobs = [
        (0, 1, p, ('gcc', bits, 'static', True), 'O2')
        for p in PROJECTS
        for bits in (64, 32, *CROSS)
        if p.get('static') and ('elf' if bits in (64, 32) else bits) in args.only
    ]
    for project in PROJECTS:
        for n, target in enumerate(targets):
            if target[2] == 'mingw' and not project.get('mingw', True):
                continue
            if not target[3] and project.get('cxx'):
                continue  # exceptions need their tables
            start = zlib.crc32(project['name'].encode()) + n
            for r in range(min(args.rounds, project.get('rounds', 5), 3 if not target[3] else 5)):
                jobs.append(
                    (
                        r,
                        project.get('cost', 1),
                        project,
                        target,
                        (
                            OPTS[(start + r * 2) % 5]
                            if r or project.get('cost', 1) > 1 or n % 2
                            else 'O2'
                        ),
                    )
                )
    seen, unique = set(), []
    for r, cost, project, target, opt in jobs:
        key = (project['name'], target, opt)
        if key not in seen:
            seen.add(key)
            unique.append((r, cost, project, target, opt))
    return sorted(unique, key=lambda j: (j[1] > 4, j[0], j[1]))


# ---------------------------------------------------------------- programs that come built, with their symbols
def wine_cases(out, fetch):
    for bits, package, where in (
        (64, 'libwine:amd64', 'x86_64-linux-gnu/wine/x86_64-windows'),
        (32, 'libwine:i386', 'i386-linux-gnu/wine/i386-windows'),
    ):
        group = 'wine-x64' if bits == 64 else 'wine-x86'
        todo = [(n, p) for n, p in WINE_DLLS if not have(out, f'{group}/{n}')]
        if not todo:
            continue
        top = fetch.deb(package)
        for name, part in todo:
            work = os.path.join(out, 'work', f'{group}_{name}')
            os.makedirs(work, exist_ok=True)
            binary = os.path.join(work, 'linked')
            shutil.copyfile(os.path.join(top, 'usr/lib', where, name), binary)
            info = dict(
                id=f'{group}/{name}',
                part=part,
                set=group,
                project=f'wine-{name}',
                compiler='mingw-gcc',
                opt='O2',
                kind='dll',
            )
            finish_build(out, info, binary, 'mingw', bits, True)
            shutil.rmtree(work)
            yield info['id']


def msvc_cases(out, fetch):
    seen = set()
    for registry, spec, platform, part in MSVC_PACKAGES:
        top = fetch.npm(spec) if registry == 'npm' else fetch.pip(spec, platform)
        for pdb in sorted(glob.glob(top + '**/*.pdb', recursive=True)):
            for binary in (
                p
                for p in sorted(glob.glob(glob.escape(pdb[:-4]) + '.*'))
                if p.endswith(('.exe', '.dll', '.node', '.pyd'))
            ):
                with open(binary, 'rb') as f, open(pdb, 'rb') as g:
                    data, symbols = f.read(), g.read()
                digest = hashlib.sha256(
                    b''.join(raw for _, _, raw in starts_truth.Pe(data).code())
                ).digest()
                if digest in seen or not symbols.startswith(b'Microsoft C/C++ MSF 7.00'):
                    continue  # the same code under another date; or managed code, whose PDBs are of another kind
                seen.add(digest)
                arch, stem = starts_truth.Pe(data).arch, os.path.basename(binary)
                project = spec.replace('==', '@').split('@')[0]
                case_id = f'msvc-{arch}/{spec.replace("==", "-").replace("@", "-")}-{stem}'
                if have(out, case_id):
                    continue
                truth = starts_truth.truth_from_pdb(data, symbols)
                info = dict(
                    id=case_id,
                    part=part,
                    set=f'msvc-{arch}',
                    project='winpty' if 'winpty' in stem else project,
                    compiler='msvc',
                    opt='release',
                    kind='exe' if stem.endswith('.exe') else 'dll',
                )
                write_case(out, info, binary, truth)
                yield case_id


def go_cases(out, fetch):
    for name, (part, source) in GO_PROGRAMS.items():
        for system, goarch in (
            ('linux', 'amd64'),
            ('linux', '386'),
            ('windows', 'amd64'),
            ('windows', '386'),
        ):
            arch, file_format = 'x64' if goarch == 'amd64' else 'x86', (
                'elf' if system == 'linux' else 'pe'
            )
            case_id = f'go-{file_format}-{arch}/{name}'
            if have(out, case_id):
                continue
            work = fetch.path('go', name, '')
            with open(work + 'main.go', 'w', encoding='utf-8') as f:
                f.write(source)
            with open(work + 'go.mod', 'w', encoding='utf-8') as f:
                f.write(f'module {name}\n\ngo 1.21\n')
            env = dict(os.environ, GOOS=system, GOARCH=goarch, CGO_ENABLED='0', GOFLAGS='-trimpath')
            run(['go', 'build', '-ldflags=-buildid=', '-o', 'linked', '.'], cwd=work, env=env)
            run(
                ['go', 'build', '-ldflags=-s -w -buildid=', '-o', 'stripped', '.'],
                cwd=work,
                env=env,
            )
            same_code(work + 'linked', work + 'stripped')
            with open(work + 'linked', 'rb') as f:
                data = f.read()
            truth = truth_of(data)
            info = dict(
                id=case_id,
                part=part,
                set=f'go-{file_format}-{arch}',
                project=name,
                compiler='go',
                opt='release',
                kind='exe',
            )
            os.makedirs(os.path.join(out, 'linked', info['set']), exist_ok=True)
            shutil.copyfile(work + 'linked', os.path.join(out, 'linked', case_id))
            write_case(out, info, work + 'stripped', truth)
            yield case_id


def rust_cases(out, fetch):
    for name, (part, dependencies, source) in RUST_PROGRAMS.items():
        for opt in ('3', 's'):
            case_id = f'rust-elf-x64/{name}-O{opt}'
            if have(out, case_id):
                continue
            work = fetch.path('rust', name, '')
            os.makedirs(work + 'src', exist_ok=True)
            with open(work + 'src/main.rs', 'w', encoding='utf-8') as f:
                f.write(source)
            with open(work + 'Cargo.toml', 'w', encoding='utf-8') as f:
                f.write(
                    f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n{dependencies}'
                    f'[profile.release]\nopt-level = {opt if opt.isdigit() else chr(34) + opt + chr(34)}\n'
                )
            run(['cargo', 'build', '--release', '--quiet'], cwd=work)
            binary = f'{work}target/release/{name}'
            info = dict(
                id=case_id,
                part=part,
                set='rust-elf-x64',
                project=name,
                compiler='rustc',
                opt=f'O{opt}',
                kind='exe',
            )
            finish_build(out, info, binary, 'elf', 64, True)
            yield case_id


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('dir', nargs='?', default='.cache/starts')
    ap.add_argument('--only', default='elf,arm64,arm,mingw,wine,msvc,go,rust')
    ap.add_argument(
        '--rounds',
        type=int,
        default=3,
        help='optimisation levels of each project and compiler (1 to 5)',
    )
    ap.add_argument('--jobs', type=int, default=2)
    ap.add_argument(
        '--renew-truth',
        action='store_true',
        help='read the truth of the kept linked files again, build nothing',
    )
    args = ap.parse_args()
    args.only = args.only.split(',')
    out = os.path.abspath(args.dir)
    os.makedirs(out, exist_ok=True)
    fetch, failed = Fetch(out), 0
    if args.renew_truth:
        write_manifest(out)
        renew_truth(out)
        return print(write_manifest(out), 'cases') or 0
    for kind, maker in (
        ('wine', wine_cases),
        ('msvc', msvc_cases),
        ('go', go_cases),
        ('rust', rust_cases),
    ):
        if kind in args.only:
            for case_id in maker(out, fetch):
                print('built', case_id, flush=True)
            write_manifest(out)
    jobs = own_builds(args)
    for project in {j[2]['package'] for j in jobs} | {
        h for j in jobs for h in j[2].get('headers_of', [])
    }:
        fetch.source(project)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        done = {pool.submit(build_case, out, fetch, *j[2:]): j for j in jobs}
        for n, f in enumerate(concurrent.futures.as_completed(done)):
            try:
                if f.result():
                    print('built', f.result(), flush=True)
            except (RuntimeError, OSError, subprocess.TimeoutExpired, ValueError) as e:
                failed += 1
                print(
                    'FAILED',
                    done[f][2]['name'],
                    done[f][3:],
                    str(e)[-800:],
                    file=sys.stderr,
                    flush=True,
                )
            if n % 20 == 19:
                write_manifest(out)
    print(write_manifest(out), 'cases,', failed, 'failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
