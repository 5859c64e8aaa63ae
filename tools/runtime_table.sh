#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# runtime_table.sh: makes src/match/runtime_table.h anew. Builds tools/runtime/program.{c,cc} with every compiler that is here (Debian:
# g++-mingw-w64-x86-64-win32 g++-mingw-w64-i686-win32 g++-i686-linux-gnu g++-aarch64-linux-gnu g++-arm-linux-gnueabihf musl-tools), and
# counts the functions and strings of the packages of tests/quality/library.tsv and goodware.tsv, fetched to $COGNATE_CACHE (.cache).
# Needs about ten minutes. What the corpora of tests/quality/corpus.tsv have is not looked at.
set -eu
cd "$(dirname "$0")/.."
cache=${COGNATE_CACHE:-.cache}
build=$cache/runtime
mkdir -p "$build"
# Whole, and stripped but for names of its own: functions are then found by other means, and some begin elsewhere.
make_one() { # file command...
  local out=$build/$1 prefix=${2%g*}
  [ "$prefix" != musl- ] || prefix=
  shift
  command -v "$1" >/dev/null || { echo "runtime_table: no $1" >&2; return 0; }
  [ -e "$out" ] || "$@" -w -o "$out"
  [ -e "$out.bare" ] || "${prefix}strip" -s -w -K main -K 'own_*' -K '*4own_*' -K '*4main*' -o "$out.bare" "$out"
}
c=tools/runtime/program.c cc=tools/runtime/program.cc
for level in O0 O2; do
  for gcc in gcc i686-linux-gnu-gcc aarch64-linux-gnu-gcc arm-linux-gnueabihf-gcc; do
    make_one "c-$gcc-$level" $gcc -$level -static $c -lm
    make_one "c++-$gcc-$level" "${gcc%gcc}g++" -std=c++17 -$level -static $cc
  done
  for mingw in x86_64-w64-mingw32 i686-w64-mingw32; do
    make_one "c-$mingw-$level.exe" $mingw-gcc -$level $c
    make_one "gui-$mingw-$level.exe" $mingw-gcc -mwindows -$level $c
    make_one "dll-$mingw-$level.dll" $mingw-gcc -shared -$level $c
    make_one "c++-$mingw-$level.exe" $mingw-g++ -std=c++17 -$level -static $cc
  done
  make_one "musl-$level" musl-gcc -static -$level $c
  make_one "dynamic-c-$level" gcc -$level $c -lm
  make_one "dynamic-c++-$level" g++ -std=c++17 -$level $cc
done
python3 tools/library_fetch.py "$cache/library" || true
python3 tools/goodware_fetch.py "$cache/goodware" || true
list=$(mktemp)
trap 'rm -f "$list" "$list.h"' EXIT
find "$build" -type f | sort | sed 's/^/runtime\t/' >"$list"
find "$cache/library/mingw" "$cache/library/msvc-runtime"/msvc-runtime-* -type f | sort | sed 's/^/libraries\t/' >>"$list"
# package-1.2.3-platform: the package is the group.
for folder in "$cache"/library/*/*/ "$cache"/goodware/*/; do
  name=$(basename "$folder" | sed -E 's/-v?[0-9].*//')
  case $folder in */library/mingw/* | */library/msvc-runtime/msvc-runtime-*) continue ;; esac
  find "$folder" -type f | sort | sed "s|^|$name\t|"
done >>"$list"
echo "$(wc -l <"$list") files" >&2
build/release/bench/bench_runtime_table "$list" >"$list.h"
mv "$list.h" src/match/runtime_table.h
