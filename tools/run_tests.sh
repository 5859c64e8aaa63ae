#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run_tests.sh: builds with ASan and UBSan and for release, runs every test of both, ends in one line "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
passed=0 failed=0
for preset in asan release; do
  echo "== $preset"
  log=$(mktemp)
  if ! { cmake --preset "$preset" && cmake --build --preset "$preset"; } >"$log" 2>&1; then
    tail -n 40 "$log"; rm -f "$log"
    failed=$((failed + 1)); echo "build of $preset failed"; continue
  fi
  ctest --preset "$preset" 2>&1 | tee "$log"
  # ctest closes with "97% tests passed, 1 tests failed out of 34".
  summary=$(grep -E 'tests passed, [0-9]+ tests? failed out of [0-9]+' "$log" | tail -n 1)
  bad=$(sed -E 's/.*passed, ([0-9]+) tests? failed.*/\1/' <<<"$summary")
  all=$(sed -E 's/.*out of ([0-9]+).*/\1/' <<<"$summary")
  if [ -z "$summary" ] || [ "$all" -eq 0 ]; then
    failed=$((failed + 1)); echo "ctest of $preset ran nothing"
  else
    failed=$((failed + bad)); passed=$((passed + all - bad))
  fi
  rm -f "$log"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
