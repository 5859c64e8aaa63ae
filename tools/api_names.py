#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes data/api_names.txt: names that Windows libraries export, with the bytes of arguments that a stdcall function takes
off the stack. Source: the import libraries of MinGW-w64 (Debian: mingw-w64-i686-dev, mingw-w64-x86-64-dev), read by nm;
MinGW-w64 makes them from public .def files. Names only, no code.

    tools/api_names.py > data/api_names.txt
"""
import re
import subprocess

MODULES = """ntdll kernel32 user32 advapi32 gdi32 shell32 ole32 oleaut32 ws2_32 wininet winhttp msvcrt shlwapi crypt32 bcrypt
ncrypt urlmon iphlpapi psapi userenv netapi32 secur32 version winmm wtsapi32 dnsapi mpr rpcrt4 setupapi comctl32 comdlg32
dbghelp imagehlp mswsock msvfw32 avicap32 wsock32 powrprof wintrust cabinet""".split()
LIB = "/usr/{}-w64-mingw32/lib/lib{}.a"
SYMBOL = re.compile(r"\b[IDRBT] __imp_(\S+)")


def symbols(arch, module):
    done = subprocess.run([f"{arch}-w64-mingw32-nm", LIB.format(arch, module)], capture_output=True, text=True)
    return SYMBOL.findall(done.stdout)


def exports(module):
    names = {}
    for symbol in symbols("x86_64", module):
        names[symbol] = None
    for symbol in symbols("i686", module):
        fast = re.fullmatch(r"@(\w+)@(\d+)", symbol)
        standard = re.fullmatch(r"_(\w+)@(\d+)", symbol)
        if fast:
            names[fast[1]] = None
        elif standard:
            names[standard[1]] = int(standard[2])
        elif symbol.startswith("_"):
            names.setdefault(symbol[1:], None)
    return {n: pops for n, pops in names.items() if re.fullmatch(r"[A-Za-z_?@$][\w?@$]{2,79}", n)}


def main():
    print("# Names that Windows libraries export, and bytes that the 32-bit function pops. Made by tools/api_names.py.")
    for module in MODULES:
        names = exports(module)
        if not names:
            raise SystemExit(f"{module}: nothing found")
        print(f"[{module}.dll]")
        for name in sorted(names, key=lambda n: n.encode()):
            print(name if names[name] is None else f"{name} {names[name]}")


main()
