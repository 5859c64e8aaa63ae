#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# lint.sh: clang build with warnings as errors, clang-format, clang-tidy, cppcheck, layers. Slow; not part of make test.
set -eu
cd "$(dirname "$0")/.."
mapfile -t files < <(git ls-files 'src/*.c' 'src/*.h' 'include/*.h' 'tests/*.c' 'bench/*.c')
clang-format --dry-run -Werror "${files[@]}"
cmake --preset clang >/dev/null && cmake --build --preset clang
mapfile -t sources < <(git ls-files 'src/*.c')
printf '%s\n' "${sources[@]}" | xargs -P 2 -n 4 clang-tidy --quiet -p build/clang
cppcheck --quiet --enable=warning,portability --inline-suppr --error-exitcode=1 -Isrc -Iinclude --suppress=missingIncludeSystem src
python3 tools/check_layers.py
