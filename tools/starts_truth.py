#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads where functions start, from ELF symbols, COFF symbols in a PE, or a PDB beside a PE.

In: the bytes of the unstripped file (and of its PDB). Out: a Truth. The rules of what counts, what is
wrong and what is left out are in tests/quality/starts.md; this file is their only implementation.
Standard library only.
"""

import bisect
import re
import struct

FILLER = re.compile(
    rb'(?:\x00|\x90|\xcc|\xf4'
    rb'|(?:\x66)*(?:\x2e|\x26|\x65|\x3e)?\x0f\x1f(?:\x00|\x40.|\x44..|\x80....|\x84.....)'
    rb'|\x66+\x90|\xf3\x90|\x66\x66?\x66?\x2e?\x90'
    rb'|\x2e?\x8d(?:\x76\x00|\xb6\x00{4}|\x74\x26\x00|\xb4\x26\x00{4}|\x7f\x00|\xbf\x00{4}|\x7c\x27\x00|\xbc\x27\x00{4})'
    rb'|\x8d(?:\x49\x00|\x9b\x00{4}|\xa4\x24\x00{4}|\x64\x24\x00|\x40\x00|\x80\x00{4})'
    rb'|\x89\xf6|\x8b\xff|\x8b\xc0|\x66\x8d\x74\x26\x00|\xeb.(?=\x90|\x8d|\x66|\x0f\x1f))*',
    re.S,
)


ARM64_FILLER = re.compile(rb'(?:\x00|\x1f\x20\x03\xd5)*')
ARM_FILLER = re.compile(
    rb'(?:\x00\xf0\x20\xe3|\x00\x00\xa0\xe1|\xaf\xf3\x00\x80|\x00\xbf|\xc0\x46|\xd4\xd4|\x00)*'
)


def is_filler(data, arch='x86'):
    """True if the bytes are only alignment: zeros, int3, hlt, nops of any length, lea-nops."""
    m = {'arm64': ARM64_FILLER, 'arm': ARM_FILLER}.get(arch, FILLER).match(data)
    return m is not None and m.end() == len(data)


class Truth:
    """functions {va: (size, section, name)}, skips {va: reason}, areas [(start, end, reason)].

    A claim at a function is right; at a skip or inside an area it is not counted; elsewhere it is wrong.
    """

    def __init__(self):
        self.functions, self.skips, self.areas = {}, {}, []
        self.sections = []  # executable ones: (name, va, bytes)
        self.arch, self.format, self.unwind = '', '', ''

    def add(self, va, size, section, name):
        old = self.functions.get(va)
        if old is None or (old[0] == 0 and size):
            self.functions[va] = (size, section, name)

    def skip(self, va, reason):
        if reason == 'import-stub':
            self.skips[va] = reason
        else:
            self.skips.setdefault(va, reason)

    def area(self, start, end, reason):
        if end > start:
            self.areas.append((start, end, reason))

    def finish(self):
        """A function wins over a skip at the same address, except an import stub; areas win over both."""
        self.areas.sort()
        self.drop_inner_labels()
        for va in [v for v, why in self.skips.items() if why == 'import-stub']:
            self.functions.pop(va, None)
        for va in list(self.functions):
            self.skips.pop(va, None)
        for start, end, _ in self.areas:
            for va in [v for v in self.functions if start <= v < end]:
                del self.functions[va]
        return self

    def drop_inner_labels(self):
        """A label, stub shape or untyped symbol inside a sized function excuses nothing. Kept: a public one (it may be
        a second entry), x86 exception handlers, and what a direct call goes to (x86 calls its finally blocks).
        """
        called = self.call_targets()
        spans = sorted((va, va + f[0]) for va, f in self.functions.items() if f[0])
        for va in [
            v
            for v, why in self.skips.items()
            if why not in ('public-label', 'funclet', 'pc-thunk') and v not in called
        ]:
            i = bisect.bisect_left(spans, (va, 0)) - 1
            if i >= 0 and spans[i][0] < va < spans[i][1]:
                del self.skips[va]

    def call_targets(self):
        if self.arch == 'arm64':
            return {
                base + o + ((word & 0x3FFFFFF ^ 0x2000000) - 0x2000000) * 4
                for _, base, data in self.sections
                for o, (word,) in zip(
                    range(0, len(data), 4), struct.iter_unpack('<I', data[: len(data) & ~3])
                )
                if word >> 26 == 0x25
            }
        if self.arch == 'arm':
            return set(arm_call_targets(self.sections))
        return {
            base + m.start() + 5 + struct.unpack_from('<i', data, m.start() + 1)[0]
            for _, base, data in self.sections
            for m in re.finditer(rb'\xe8(?=....)', data, re.S)
        }

    def code_bytes(self):
        return sum(len(d) for _, _, d in self.sections)

    def gaps(self):
        """Runs of executable bytes that no sized function or area covers, as (va, bytes)."""
        cover = sorted(
            [(va, va + f[0]) for va, f in self.functions.items() if f[0]]
            + [(a, b) for a, b, _ in self.areas]
        )
        for _, base, data in self.sections:
            at, end = base, base + len(data)
            for a, b in cover:
                if b <= at or a >= end:
                    continue
                if a > at:
                    yield at, data[at - base : a - base]
                at = max(at, b)
            if at < end:
                yield at, data[at - base :]

    def write(self, path):
        with open(path, 'w', encoding='utf-8') as f:
            f.write('kind\tva\tsize\tsection\tname\n')
            rows = [(va, 'function', s, sec, n) for va, (s, sec, n) in self.functions.items()]
            rows += [(va, 'skip', 0, '', why) for va, why in self.skips.items()]
            rows += [(a, 'area', b - a, '', why) for a, b, why in self.areas]
            for va, kind, size, sec, name in sorted(rows):
                f.write(f'{kind}\t{va:#x}\t{size}\t{sec}\t{name}\n')


def arm_call_targets(sections):
    """What bl and blx go to, whichever mode the code is in: too many, which excuses a little more."""
    for _, base, data in sections:
        for o in range(0, len(data) - 3, 2):
            first, second = struct.unpack_from('<HH', data, o)
            if first >> 11 == 0x1E and second & 0xC000 == 0xC000:
                s, j1, j2 = first >> 10 & 1, second >> 13 & 1, second >> 11 & 1
                far = s << 24 | (1 ^ j1 ^ s) << 23 | (1 ^ j2 ^ s) << 22
                far |= (first & 0x3FF) << 12 | (second & 0x7FF) << 1
                at = base + o + 4 if second & 0x1000 else base + o + 4 & ~3
                yield at + far - (s << 25)
            if o % 4 == 0 and second >> 8 in (0xEB, 0xFA, 0xFB):
                far = (second & 0xFF) << 16 | first
                yield base + o + 8 + ((far ^ 0x800000) - 0x800000) * 4


def cstr(data, off):
    end = data.find(b'\0', off)
    return data[off:end].decode('utf-8', 'replace')


def is_cold(name):
    return '.cold' in name


GO_MARKS = {
    'go:buildid',
    'go.buildid',
    'runtime.text',
    'runtime.etext',
}  # typed as functions, but are not
ADJUSTOR = re.compile(r'^_?_ZT[hvc]')
MAPPING = re.compile(r'^\$[axtd](\.|$)')  # ARM: where code and data begin, no labels


# ---------------------------------------------------------------- ELF
def elf_sections(d):
    wide = d[4] == 2
    if wide:
        (shoff,) = struct.unpack_from('<Q', d, 40)
        size, count, strndx = struct.unpack_from('<HHH', d, 58)
    else:
        (shoff,) = struct.unpack_from('<I', d, 32)
        size, count, strndx = struct.unpack_from('<HHH', d, 46)
    out = []
    for i in range(count):
        f = struct.unpack_from('<IIQQQQIIQQ' if wide else '<10I', d, shoff + i * size)
        out.append(
            dict(
                zip(
                    ('name', 'type', 'flags', 'va', 'off', 'size', 'link', 'info', 'align', 'ent'),
                    f,
                )
            )
        )
    for s in out:
        s['text'] = cstr(d, out[strndx]['off'] + s['name'])
    return out


def elf_symbols(d, secs):
    wide = d[4] == 2
    for s in secs:
        if s['type'] != 2:  # SHT_SYMTAB
            continue
        names = secs[s['link']]['off']
        for off in range(s['off'], s['off'] + s['size'], s['ent']):
            if wide:
                name, info, _, shndx, va, size = struct.unpack_from('<IBBHQQ', d, off)
            else:
                name, va, size, info, _, shndx = struct.unpack_from('<IIIBBH', d, off)
            yield cstr(d, names + name), info & 15, info >> 4, shndx, va, size


def truth_from_elf(d):
    t = Truth()
    t.format = 'elf'
    t.arch = {62: 'x64', 3: 'x86', 183: 'arm64', 40: 'arm'}.get(
        struct.unpack_from('<H', d, 18)[0], '?'
    )
    secs = elf_sections(d)
    code = {i for i, s in enumerate(secs) if s['flags'] & 4 and s['type'] == 1}
    unwind = '.ARM.exidx' if t.arch == 'arm' else '.eh_frame'
    t.unwind = 'yes' if any(s['text'] == unwind and s['size'] > 256 for s in secs) else 'no'
    for i in code:
        s = secs[i]
        t.sections.append((s['text'], s['va'], d[s['off'] : s['off'] + s['size']]))
        if s['text'].startswith(('.plt', '.iplt')):
            t.area(s['va'], s['va'] + s['size'], 'plt')
        if s['text'] in ('.init', '.fini'):
            t.area(s['va'], s['va'] + s['size'], 'crt-fragment')
    for name, kind, bind, shndx, va, size in elf_symbols(d, secs):
        if shndx not in code:
            continue
        if t.arch == 'arm' and kind in (2, 10):
            va &= ~1  # Thumb
        if name in GO_MARKS:
            t.skip(va, 'no-type')
        elif kind in (2, 10):  # FUNC, GNU_IFUNC (its value is the resolver)
            if is_cold(name):
                t.area(va, va + max(size, 1), 'cold')
            elif ADJUSTOR.match(name):
                t.skip(va, 'adjustor')
            elif size:
                t.add(va, size, secs[shndx]['text'], name)
            else:
                t.skip(va, 'no-size')
        elif kind == 0 and not MAPPING.match(name):
            t.skip(va, 'public-label' if bind else 'no-type')
    skip_local_pc_thunks(t)
    unnamed_code(t)
    return t.finish()


def skip_local_pc_thunks(t):
    """glibc's i386 _start holds two unnamed `mov (%esp),%ebx; ret` that it calls: functions to some, no truth to anybody."""
    if t.arch != 'x86':
        return
    for va, (size, _, name) in list(t.functions.items()):
        if name == '_start':
            for _, base, data in t.sections:
                for m in re.finditer(
                    rb'\x8b\x1c\x24\xc3', data[max(va - base, 0) : max(va - base + size, 0)]
                ):
                    t.skip(va + m.start(), 'pc-thunk')


def unnamed_code(t):
    """Executable bytes between sized functions that are not filler: nobody knows what they are."""
    adjustors = [v for v, why in t.skips.items() if why == 'adjustor']
    for va, data in list(t.gaps()):
        if not is_filler(data, t.arch):
            t.area(
                va,
                va + len(data),
                'adjustor' if any(va <= a < va + len(data) for a in adjustors) else 'no-symbol',
            )


# ---------------------------------------------------------------- PE
class Pe:
    def __init__(self, d):
        self.d = d
        (pe,) = struct.unpack_from('<I', d, 60)
        if d[pe : pe + 4] != b'PE\0\0':
            raise ValueError('not a PE')
        self.machine, count, self.time, self.symoff, self.symcount, optsize, _ = struct.unpack_from(
            '<HHIIIHH', d, pe + 4
        )
        opt = pe + 24
        self.wide = struct.unpack_from('<H', d, opt)[0] == 0x20B
        (self.base,) = struct.unpack_from(
            '<Q' if self.wide else '<I', d, opt + (24 if self.wide else 28)
        )
        dirs = opt + (112 if self.wide else 96)
        (n,) = struct.unpack_from('<I', d, dirs - 4)
        self.dirs = [struct.unpack_from('<II', d, dirs + 8 * i) for i in range(min(n, 16))]
        self.secs = []
        for i in range(count):
            o = opt + optsize + 40 * i
            vsize, rva, rsize, roff = struct.unpack_from('<IIII', d, o + 8)
            (flags,) = struct.unpack_from('<I', d, o + 36)
            name = d[o : o + 8].rstrip(b'\0').decode('latin1')
            if name.startswith('/') and self.symoff:
                name = cstr(d, self.symoff + 18 * self.symcount + int(name[1:]))
            self.secs.append((name, rva, vsize, roff, rsize, flags))
        self.arch = {0x8664: 'x64', 0x14C: 'x86', 0xAA64: 'arm64'}.get(self.machine, '?')

    def read(self, rva, size):
        for _, srva, vsize, roff, rsize, _ in self.secs:
            if srva <= rva < srva + max(vsize, rsize):
                return self.d[roff + rva - srva : roff + min(rva - srva + size, rsize)].ljust(
                    size, b'\0'
                )
        return b'\0' * size

    def is_code(self, index):
        return 0 <= index < len(self.secs) and self.secs[index][5] & 0x20000000 != 0

    def code(self):
        for name, rva, vsize, roff, rsize, flags in self.secs:
            if flags & 0x20000000:
                yield name, self.base + rva, self.d[roff : roff + min(rsize, vsize or rsize)]

    def pdata(self):
        """x64 unwind entries: (start va, end va, is a chained fragment)."""
        if self.arch != 'x64' or len(self.dirs) < 4 or not self.dirs[3][0]:
            return
        rva, size = self.dirs[3]
        raw = self.read(rva, size)
        for o in range(0, len(raw) - 11, 12):
            a, b, u = struct.unpack_from('<III', raw, o)
            if a:
                flags = self.read(u & ~1, 1)[0] >> 3 if u else 0
                yield self.base + a, self.base + b, bool(u & 1 or flags & 4)

    def import_slots(self):
        """va of every slot of the import and delay-import address tables."""
        size, out = 8 if self.wide else 4, set()

        def walk(table):
            while table and len(out) < 100000 and self.read(table, size) != b'\0' * size:
                out.add(self.base + table)
                table += size

        for index, width, first in ((1, 20, 16), (13, 32, 12)):
            at = self.dirs[index][0] if len(self.dirs) > index else 0
            while at:
                row = self.read(at, width)
                if row == b'\0' * width or not struct.unpack_from('<I', row, first)[0]:
                    break
                walk(struct.unpack_from('<I', row, first)[0])
                at += width
        return out


def skip_import_stubs(t, pe):
    """jmp [slot] where slot is in an import table: nobody's function, named or not."""
    slots = pe.import_slots()
    for _, base, data in t.sections:
        for m in re.finditer(rb'(?:\xf2|\x48)?\xff\x25(?=(....))', data, re.S):
            va = base + m.start()
            (disp,) = struct.unpack('<i', m.group(1))
            target = base + m.end() + 4 + disp if pe.wide else disp & 0xFFFFFFFF
            if target in slots:
                t.skip(va, 'import-stub')
                t.skip(base + m.end() - 2, 'import-stub')
        # Delay-import stubs: the address of the slot into eax or rax, then a jump to the loader. winebuild's are in no directory of
        # the PE, but its loader has a name.
        loaders = {va for va, f in t.functions.items() if f[2].startswith('__wine_delay_load')}
        for m in re.finditer(rb'(?:\x48\x8d\x05|\xb8)(?=(....)\xe9(....))', data, re.S):
            disp, jump = struct.unpack('<i', m.group(1))[0], struct.unpack('<i', m.group(2))[0]
            lea = m.end() - m.start() == 3
            target = base + m.end() + 4 + disp if lea else disp & 0xFFFFFFFF
            if lea == pe.wide and (target in slots or base + m.end() + 9 + jump in loaders):
                t.skip(base + m.start(), 'import-stub')


def truth_from_coff(d):
    pe = Pe(d)
    t = Truth()
    t.format, t.arch = 'pe', pe.arch
    t.sections = list(pe.code())
    names = pe.symoff + 18 * pe.symcount
    ends = {a: b for a, b, _ in pe.pdata()}
    t.unwind = 'yes' if ends or any(s[0] == '.eh_frame' and s[2] > 256 for s in pe.secs) else 'no'
    cold, starts, i = [], set(), 0
    while i < pe.symcount:
        o = pe.symoff + 18 * i
        raw = d[o : o + 8]
        name = (
            cstr(d, names + struct.unpack_from('<I', raw, 4)[0])
            if raw[:4] == b'\0' * 4
            else raw.rstrip(b'\0').decode('latin1')
        )
        value, section, kind, storage, aux = struct.unpack_from('<IhHBB', d, o + 8)
        i += 1 + aux
        if not pe.is_code(section - 1) or storage not in (2, 3, 6, 105):
            continue
        va = pe.base + pe.secs[section - 1][1] + value
        if storage == 3 and name.startswith('.') and aux or name.startswith('.L'):
            continue  # a section's own symbol; a compiler's label
        starts.add(va)
        if pe.arch == 'x86' and name.startswith('_'):
            name = name[1:]
        if is_cold(name):
            cold.append(va)
        elif kind != 0x20 or name in GO_MARKS:
            t.skip(va, 'public-label' if storage in (2, 105) else 'no-type')
        elif ADJUSTOR.match(name):
            t.skip(va, 'adjustor')
        else:
            t.add(va, max(ends.get(va, va) - va, 0), pe.secs[section - 1][0], name)
    order = sorted(starts)
    stops = [base + len(data) for _, base, data in t.sections]
    for va in cold:  # a cold part has no size in COFF: it ends at the next symbol
        nxt = next((x for x in order if x > va), 1 << 64)
        t.area(va, min([nxt] + [s for s in stops if s > va]), 'cold')
    for (
        va,
        _,
        chained,
    ) in (
        pe.pdata()
    ):  # a static function named L... has lost its symbol (or is it a cold part? unknown)
        if not chained and va not in t.functions and va not in cold:
            t.skip(va, 'pdata-only')
    skip_import_stubs(t, pe)
    return t.finish()


# ---------------------------------------------------------------- PDB
class Pdb:
    """Microsoft's container (MSF 7.0) and its debug-information stream; layout as documented by LLVM's PDB pages."""

    def __init__(self, d):
        if not d.startswith(b'Microsoft C/C++ MSF 7.00\r\n\x1aDS'):
            raise ValueError('not an MSF 7.00 file')
        self.d = d
        self.block, _, _, dirsize, _, mapat = struct.unpack_from('<6I', d, 32)
        nblocks = -(-dirsize // self.block)
        ids = struct.unpack_from(f'<{nblocks}I', d, mapat * self.block)
        raw = b''.join(d[b * self.block : (b + 1) * self.block] for b in ids)[:dirsize]
        (n,) = struct.unpack_from('<I', raw, 0)
        self.sizes = [0 if s == 0xFFFFFFFF else s for s in struct.unpack_from(f'<{n}I', raw, 4)]
        self.blocks, at = [], 4 + 4 * n
        for s in self.sizes:
            k = -(-s // self.block)
            self.blocks.append(struct.unpack_from(f'<{k}I', raw, at))
            at += 4 * k
        self.guid_age = self.stream(1)[12:28] + self.stream(3)[8:12]

    def stream(self, i):
        return b''.join(self.d[b * self.block : (b + 1) * self.block] for b in self.blocks[i])[
            : self.sizes[i]
        ]

    def load(self):
        dbi = self.stream(3)
        (self.symrec,) = struct.unpack_from('<H', dbi, 20)
        modsize, consize, mapsize, srcsize, tssize, _, optsize, ecsize = struct.unpack_from(
            '<iiiiiIii', dbi, 24
        )
        self.modules, at, end = [], 64, 64 + modsize
        while at < end:
            sec, off, size = struct.unpack_from('<HxxII', dbi, at + 4)
            stream, symsize = struct.unpack_from('<HI', dbi, at + 34)
            name_end = dbi.index(b'\0', at + 64)
            name = dbi[at + 64 : name_end].decode('utf-8', 'replace')
            at = (dbi.index(b'\0', name_end + 1) + 4) & ~3
            self.modules.append((name, stream, symsize))
        at = end
        self.contributions = []
        if consize:
            (version,) = struct.unpack_from('<I', dbi, at)
            width = 28 if version == 0xF12EBA2D else 32
            for o in range(at + 4, at + consize - width + 1, width):
                sec, off, size, flags, mod = struct.unpack_from('<HxxIIIH', dbi, o)
                self.contributions.append((sec, off, size, mod))
        opt = struct.unpack_from(
            f'<{optsize // 2}H', dbi, end + consize + mapsize + srcsize + tssize + ecsize
        )
        self.omap = len(opt) > 4 and opt[4] not in (0xFFFF, 0)
        raw = self.stream(opt[5])
        self.secs = [
            struct.unpack_from('<II', raw, o + 8)[::-1] for o in range(0, len(raw) - 39, 40)
        ]  # (rva, size)
        return self

    def records(self, stream, start, size):
        raw = self.stream(stream)
        at, end = start, min(size, len(raw))
        while at + 4 <= end:
            n, kind = struct.unpack_from('<HH', raw, at)
            yield kind, raw[at + 4 : at + 2 + n]
            at += 2 + n


FUNCLET = re.compile(
    r'\?(?:catch|dtor|fin|filt|unwind)\$|\$(?:catch|fin|filt|dtor)\$|__(?:eh|unwind|catch)?(?:handler|funclet)\$'
    r'|__ehhandler\$|__unwindfunclet\$|__catch\$|^\$LN\d+'
)
MS_ADJUSTOR = re.compile(r'^\?.*@@[WXGOP]\w*[A-Z]|\[thunk\]|`vtordisp|`adjustor')
PROCS = {0x1110, 0x110F, 0x1147, 0x1146, 0x1155, 0x1156}


def truth_from_pdb(d, pdb_bytes):
    pe, pdb = Pe(d), Pdb(pdb_bytes).load()
    if pdb.omap:
        raise ValueError('the PDB needs address translation (OMAP)')
    check_pdb_matches(pe, pdb)
    t = Truth()
    t.format, t.arch = 'pe', pe.arch
    t.sections = list(pe.code())
    ends = {a: b for a, b, chained in pe.pdata()}
    t.unwind = 'yes' if ends else 'no'

    def va_of(seg, off):
        return pe.base + pe.secs[seg - 1][1] + off if pe.is_code(seg - 1) else None

    silent, handlers = set(), words_of_data(pe) if pe.arch == 'x86' else set()
    for index, (name, stream, symsize) in enumerate(pdb.modules):
        procs = 0
        if stream != 0xFFFF:
            for kind, r in pdb.records(stream, 4, symsize):
                procs += add_module_symbol(t, pe, kind, r, va_of, handlers)
        if not procs:
            silent.add(index)
    for kind, r in pdb.records(pdb.symrec, 0, 1 << 31):
        if kind != 0x110E:  # S_PUB32
            continue
        flags, off, seg = struct.unpack_from('<IIH', r, 0)
        va, name = va_of(seg, off), cstr(r, 10)
        if va is None:
            continue
        if FUNCLET.search(name):
            t.skip(va, 'funclet')
        elif not flags & 2:
            t.skip(va, 'public-label')
        elif MS_ADJUSTOR.search(name) and va not in t.functions and is_adjustor_code(pe, va):
            t.skip(va, 'adjustor')
        elif va not in t.skips:
            t.add(va, max(ends.get(va, va) - va, 0), pe.secs[seg - 1][0], name)
    for sec, off, size, mod in pdb.contributions:
        va = va_of(sec, off)
        if va is not None and mod in silent:
            cuts = [f for f in t.functions if va <= f < va + size]
            for a, b in zip([va] + [f + 1 for f in sorted(cuts)], sorted(cuts) + [va + size]):
                t.area(a, b, 'no-symbol')
    spans = sorted((va, va + f[0]) for va, f in t.functions.items())
    for (
        a,
        b,
        chained,
    ) in (
        pe.pdata()
    ):  # a fragment inside its function's body stays what it is: the middle of a function
        i = bisect.bisect_right(spans, (a, 1 << 65)) - 1
        if chained and a not in t.functions and not (i >= 0 and a < spans[i][1]):
            t.area(a, b, 'cold')
    skip_import_stubs(t, pe)
    return t.finish()


def is_adjustor_code(pe, va):
    """sub/add of the this register, then jmp: the shape of a C++ adjustor thunk."""
    return (
        re.match(
            rb'(?:\x48?\x83[\xe9\xc1].|\x48?\x81[\xe9\xc1]....|\x48?\x2b\x49.)\xe9',
            pe.read(va - pe.base, 16),
            re.S,
        )
        is not None
    )


def words_of_data(pe):
    """Every aligned word of the sections that hold no code: where x86 keeps its tables of exception handlers."""
    words = set()
    for _, _, vsize, roff, rsize, flags in pe.secs:
        if not flags & 0x20000000:
            raw = pe.d[roff : roff + min(rsize, vsize) // 4 * 4]
            words.update(struct.unpack(f'<{len(raw) // 4}I', raw))
    return words


def add_module_symbol(t, pe, kind, r, va_of, handlers):
    if kind in PROCS:
        _, _, _, size, _, _, _, off, seg = struct.unpack_from('<8IH', r, 0)
        va, name = va_of(seg, off), cstr(r, 35)
        if va is None:
            return 0
        if FUNCLET.search(name):
            t.skip(va, 'funclet')
        else:
            t.skips.pop(va, None)
            t.add(va, size, pe.secs[seg - 1][0], name)
        return 1
    if kind == 0x1102:  # S_THUNK32
        off, seg, size, ordinal = struct.unpack_from('<IHHB', r, 12)
        va = va_of(seg, off)
        if va is not None:
            t.skip(va, 'import-stub' if ordinal == 0 else 'adjustor')
    elif kind == 0x1132:  # S_SEPCODE
        size, _, off, _, seg = struct.unpack_from('<IIIIH', r, 8)
        va = va_of(seg, off)
        if va is not None:
            t.area(va, va + size, 'cold')
    elif kind == 0x112C:  # S_TRAMPOLINE: incremental linking
        _, _, off, _, seg, _ = struct.unpack_from('<HHIIHH', r, 0)
        va = va_of(seg, off)
        if va is not None:
            t.skip(va, 'import-stub')
    elif kind == 0x1105:  # S_LABEL32
        off, seg = struct.unpack_from('<IH', r, 0)
        va = va_of(seg, off)
        if va is not None:
            t.skip(
                va,
                (
                    'funclet'
                    if va in handlers or FUNCLET.search(cstr(r, 7)) and '$LN' not in cstr(r, 7)
                    else 'no-type'
                ),
            )
    elif kind == 0x1137:  # S_COFFGROUP
        size, _, off, seg = struct.unpack_from('<IIIH', r, 0)
        va = va_of(seg, off)
        if va is not None and cstr(r, 14) == '.text$x':
            t.area(va, va + size, 'funclet')
    return 0


def check_pdb_matches(pe, pdb):
    rva, size = pe.dirs[6]
    for o in range(0, size, 28):
        kind, length, at = struct.unpack_from('<III', pe.read(rva + o, 28), 12)
        raw = pe.read(at, length)
        if kind == 2 and raw[:4] == b'RSDS':
            if raw[4:20] != pdb.guid_age[:16]:
                raise ValueError('the PDB is of another build')
            return
    raise ValueError('the PE names no PDB')
