#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the corpus of function matching: the same programs by two compilers, five levels, four processors.

    tools/functions_build.py [DIR] [--only PROJECT,...] [--arch ARCH,...] [--opt LEVEL,...] [--jobs N] [--list]

DIR (default .cache/functions) gets fetch/ (sources, as tools/starts_build.py fetches them),
cases/<project>/<arch>-<compiler>-<opt>/ with `sample` (stripped: what is matched), `linked` (its unstripped
twin) and `truth.tsv` (va, size, key of each function: its symbol, with the file's name before it when
it is local), and functions.tsv, one row for each case. A case that is there is not built again; an interrupted run goes
on where it was. Which project is in which part, and why: tests/quality/functions.md.

Needs: gcc, clang, the cross compilers gcc-i686-linux-gnu, gcc-aarch64-linux-gnu, gcc-arm-linux-gnueabihf (these three cannot
be installed beside the package gcc-multilib), the win32 MinGW compilers, tclsh for sqlite, dpkg-dev.
"""

import argparse
import concurrent.futures
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import starts_truth  # noqa: E402
from starts_build import Fetch, TRIPLE, keep_time, run, same_code, sources_of  # noqa: E402
from starts_projects import PROJECTS  # noqa: E402

GNU = {
    'x64': 'x86_64-linux-gnu',
    'x86': 'i686-linux-gnu',
    'arm64': 'aarch64-linux-gnu',
    'arm': 'arm-linux-gnueabihf',
}
COLUMNS = 'part project arch compiler opt format functions code_bytes sha256 path'.split()

# What the set of function starts does not have. Keys as there; prepare: commands run once in the source tree.
OWN = {
    'sqlite': dict(
        package='sqlite3',
        prepare=[['./configure', '--disable-readline'], ['make', 'sqlite3.c', 'shell.c']],
        sources=['sqlite3.c'],
        mains=[['shell.c']],
        libs_elf=['-lm', '-ldl', '-lpthread'],
        flags=['-DSQLITE_ENABLE_FTS5', '-DSQLITE_ENABLE_RTREE', '-DSQLITE_ENABLE_COLUMN_METADATA'],
        cost=6,
    ),
    'cjson': dict(package='cjson', sources=['cJSON.c', 'cJSON_Utils.c']),
}
# The levels of each compiler, those that the quick mode of bench_functions compares first.
LEVELS = {'gcc': ('O2', 'O0', 'O3', 'Os', 'O1'), 'clang': ('O2', 'O0', 'Os', 'O3', 'O1')}
# name: (part, link form). A 'pie' is a program (-fPIE, its main file in it), a 'pic' a library (-fPIC) whose
# names are made local, so that no name of its own functions is left in the stripped file.
PARTS = {
    'sqlite': ('tune', 'pie'),
    'zlib': ('tune', 'pic'),
    'lua': ('tune', 'pie'),
    'jansson': ('tune', 'pic'),
    'expat': ('tune', 'pic'),
    'mujs': ('tune', 'pie'),
    'cjson': ('tune', 'pic'),
    'brotli': ('tune', 'pic'),
    'libtomcrypt': ('tune', 'pic'),
    'bzip2': ('report', 'pie'),
    'lz4': ('report', 'pie'),
    'libyaml': ('report', 'pic'),
    'libpng': ('report', 'pic'),
    'duktape': ('report', 'pie'),
    'pcre2': ('report', 'pic'),
    'zstd': ('report', 'pic'),
    'mbedtls': ('report', 'pic'),
}


def project_of(name):
    found = OWN.get(name) or next(p for p in PROJECTS if p['name'] == name)
    return {**found, 'name': name, 'part': PARTS[name][0], 'form': PARTS[name][1]}


# ---------------------------------------------------------------- which function is which
CLONE = re.compile(r'\.(constprop|isra|llvm|lto_priv)\.\d+$')  # the whole function under another name
PIECE = re.compile(r'\.(part|cold)(\.\d+)?$')  # a piece of it: no truth to match it with


def keys_from_symbols(symbols):
    """{va: (size, {key})} from (file, name, is_local, va, size): the functions whose identity is certain.

    A clone (f.isra.0) stands for f where f itself is not there; a key with two addresses is dropped.
    """
    plain, clones = {}, {}
    for file, name, is_local, va, size in symbols:
        base = name
        while CLONE.search(base):
            base = CLONE.sub('', base)
        if PIECE.search(base):
            continue
        key = f'{file}:{base}' if is_local else base
        (plain if base == name else clones).setdefault(key, {})[va] = size
    for key, places in clones.items():
        plain.setdefault(key, places)
    out = {}
    for key, places in sorted(plain.items()):
        if len(places) == 1:
            ((va, size),) = places.items()
            out.setdefault(va, (size, set()))[1].add(key)
    return out


def symbols_of(data):
    if data[:4] != b'\x7fELF':
        truth = starts_truth.truth_from_coff(data)
        drop = 1 if truth.arch == 'x86' else 0  # C names begin with an underscore there
        return [('', n[drop:], False, va, s) for va, (s, _, n) in truth.functions.items()]
    found, file = [], ''
    sections = starts_truth.elf_sections(data)
    code = {i for i, s in enumerate(sections) if s['flags'] & 4 and s['type'] == 1}
    thumb = 1 if data[18] == 40 else 0
    for name, kind, bind, index, va, size in starts_truth.elf_symbols(data, sections):
        if kind == 4:
            file = name
        elif kind in (2, 10) and size and index in code:
            # GNU ld makes names that a version script hides local and puts them behind the last file.
            found.append((file, name, bind == 0 and file != '', va & ~thumb, size))
    return found


def code_bytes_of(data):
    if data[:4] == b'\x7fELF':
        return sum(
            s['size'] for s in starts_truth.elf_sections(data) if s['flags'] & 4 and s['type'] == 1
        )
    return sum(len(raw) for _, _, raw in starts_truth.Pe(data).code())


# ---------------------------------------------------------------- building
def tools_of(arch, compiler):
    """(compiler command, prefix of binutils)."""
    if compiler == 'mingw':
        triple = TRIPLE[64 if arch == 'x64' else 32]
        return [f'{triple}-gcc-win32'], f'{triple}-'
    prefix = '' if arch == 'x64' else f'{GNU[arch]}-'
    if compiler == 'gcc':
        return [f'{prefix}gcc'], prefix
    command = ['clang', f'--target={GNU[arch]}']
    # Debian's gcc for armhf makes Thumb-2 code; clang is told to.
    return command + (['-march=armv7-a', '-mthumb'] if arch == 'arm' else []), prefix


def prepare(fetch, project):
    top = fetch.source(project['package'])
    done = os.path.join(top, '.prepared')
    if not os.path.exists(done):
        for command in project.get('prepare', []):
            run(command, cwd=top)
        open(done, 'w', encoding='utf-8').close()


def link_case(fetch, project, config, work):
    """Compiles and links one configuration in work; the path of the linked file."""
    arch, compiler, opt = config
    command, _ = tools_of(arch, compiler)
    is_program = project['form'] == 'pie' or compiler == 'mingw'
    top = fetch.source(project['package'])
    for name, text in project.get('generate', {}).items():
        target = os.path.join(work, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if text.startswith('@'):
            shutil.copyfile(os.path.join(top, text[1:]), target)
        else:
            with open(target, 'w', encoding='utf-8') as f:
                f.write(text)
    flags = [f'-{opt}', '-g0', '-w', '-fcommon', *project.get('flags', []), f'-I{work}']
    flags += [f'-I{os.path.join(top, i)}' for i in project.get('include', ['.'])]
    flags += ['-I' + fetch.source(p) for p in project.get('headers_of', [])]
    if compiler != 'mingw':
        flags.append('-fPIE' if is_program else '-fPIC')
    files = sources_of(project, top, project['sources'])
    files += [
        os.path.join(work, n) for n in project.get('generate', {}) if n.endswith(('.c', '.cc'))
    ]
    if is_program:
        files += sources_of({'name': project['name']}, top, project['mains'][0])
    compiler_call = ['nice', '-n', '10', *command]
    objects = []
    for n, source in enumerate(files):
        objects.append(os.path.join(work, f'{n}-{os.path.basename(source)}.o'))
        run([*compiler_call, *flags, '-c', source, '-o', objects[-1]])
    linked = os.path.join(work, 'linked')
    if compiler == 'mingw':
        libs = project.get('libs_mingw', [])
        run([*command, '-static', '-Wl,--no-insert-timestamp', *objects, '-o', linked, *libs])
        return linked if os.path.exists(linked) else linked + '.exe'
    link = ['-pie'] if is_program else ['-shared', f'-Wl,--version-script={work}/local.map']
    with open(os.path.join(work, 'local.map'), 'w', encoding='utf-8') as f:
        f.write('{ local: *; };\n')
    run([*command, *link, *objects, '-o', linked, *project.get('libs_elf', [])])
    return linked


def case_folder(out, name, config):
    return os.path.join(out, 'cases', name, '-'.join(config))


def build_case(out, fetch, name, config):
    arch, compiler, opt = config
    final = case_folder(out, name, config)
    if os.path.exists(os.path.join(final, 'case.tsv')):
        return None
    work = os.path.join(out, 'work', f'{name}-{"-".join(config)}')
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(os.path.join(work, 'case'))
    project = project_of(name)
    linked, prefix = link_case(fetch, project, config, work), tools_of(arch, compiler)[1]
    sample, twin = os.path.join(work, 'case', 'sample'), os.path.join(work, 'case', 'linked')
    shutil.copyfile(linked, twin)
    run([f'{prefix}strip', '-s', '-o', sample, twin])
    same_code(twin, sample)
    with open(twin, 'rb') as f:
        data = f.read()
    if compiler == 'mingw':
        keep_time(data, sample)
    truth = keys_from_symbols(symbols_of(data))
    with open(os.path.join(work, 'case', 'truth.tsv'), 'w', encoding='utf-8') as f:
        for va, (size, keys) in sorted(truth.items()):
            f.writelines(f'{va:x}\t{size}\t{key}\n' for key in sorted(keys))
    with open(sample, 'rb') as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    form = 'pe' if compiler == 'mingw' else 'elf'
    row = [project['part'], name, arch, compiler, opt, form, len(truth), code_bytes_of(data)]
    row += [digest, os.path.relpath(final, out)]
    with open(os.path.join(work, 'case', 'case.tsv'), 'w', encoding='utf-8') as f:
        f.write('\t'.join(map(str, row)) + '\n')
    shutil.rmtree(final, ignore_errors=True)
    os.makedirs(os.path.dirname(final), exist_ok=True)
    os.rename(os.path.join(work, 'case'), final)
    shutil.rmtree(work)
    return os.path.relpath(final, out)


def write_manifest(out):
    rows = []
    for path in sorted(glob.glob(os.path.join(out, 'cases', '*', '*', 'case.tsv'))):
        with open(path, encoding='utf-8') as f:
            rows.append(f.read())
    tmp = os.path.join(out, 'functions.tsv.part')
    with open(tmp, 'w', encoding='utf-8') as f:
        f.write('\t'.join(COLUMNS) + '\n' + ''.join(rows))
    os.replace(tmp, os.path.join(out, 'functions.tsv'))
    return len(rows)


def plan(names):
    """(project, configuration), the most useful first: few levels of everything before all levels."""
    jobs = []
    for name in names:
        cost = project_of(name).get('cost', 1)
        for a, arch in enumerate(('x64', 'x86', 'arm64', 'arm')):
            for compiler, opts in LEVELS.items():
                for o, opt in enumerate(opts):
                    rank = (o > 1) + (o > 2) + (cost > 4) + (a > 1 and o > 1)
                    jobs.append(((rank, cost, a, o), name, (arch, compiler, opt)))
        if name == 'mbedtls':  # for MCRIT's table
            for arch in ('x64', 'x86'):
                for opt in ('O2', 'O0', 'O1', 'O3', 'Os'):
                    jobs.append(((2, 3, 0, 0), name, (arch, 'mingw', opt)))
    return [(name, config) for _, name, config in sorted(jobs)]


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('dir', nargs='?', default='.cache/functions')
    ap.add_argument('--only', default=','.join(PARTS), help='projects')
    ap.add_argument('--arch', default='x64,arm64,x86,arm')
    ap.add_argument('--opt', default='O0,O1,O2,O3,Os')
    ap.add_argument('--jobs', type=int, default=2)
    ap.add_argument('--list', action='store_true', help='what would be built, in this order')
    args = ap.parse_args()
    out = os.path.abspath(args.dir)
    archs, opts = args.arch.split(','), args.opt.split(',')
    jobs = [j for j in plan(args.only.split(',')) if j[1][0] in archs and j[1][2] in opts]
    if args.list:
        return print('\n'.join(os.path.relpath(case_folder(out, *j), out) for j in jobs)) or 0
    os.makedirs(out, exist_ok=True)
    fetch, failed = Fetch(out), 0
    for name in dict.fromkeys(j[0] for j in jobs):
        project = project_of(name)
        prepare(fetch, project)
        for package in project.get('headers_of', []):
            fetch.source(package)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        done = {pool.submit(build_case, out, fetch, *j): j for j in jobs}
        for n, f in enumerate(concurrent.futures.as_completed(done)):
            try:
                if f.result():
                    print('built', f.result(), flush=True)
            except (RuntimeError, OSError, subprocess.TimeoutExpired, ValueError) as e:
                failed += 1
                print('FAILED', *done[f], str(e)[-800:], file=sys.stderr, flush=True)
            if n % 10 == 9:
                write_manifest(out)
    print(write_manifest(out), 'cases,', failed, 'failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
