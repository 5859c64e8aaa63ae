#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# libraries.sh [STORE]: fetches the public code of tests/quality/library.tsv and goodware.tsv (about 250 MB) and learns it as library and
# goodware, so that verdicts leave it out. Again = only what is new. The result travels without binaries: `cognate store pack`.
set -eu
cd "$(dirname "$0")/.."
cache=${COGNATE_CACHE:-.cache}
cognate=${COGNATE:-build/release/cognate}
store=()
[ -n "${1:-}" ] && store=(--store "$1")
python3 tools/library_fetch.py "$cache/library" || echo "libraries: some packages are missing; going on without them" >&2
python3 tools/goodware_fetch.py "$cache/goodware" || echo "libraries: some packages are missing; going on without them" >&2
for folder in "$cache"/library/*/; do
  "$cognate" learn "${store[@]}" --library "$(basename "$folder")" --source library.tsv "$folder"
done
"$cognate" learn "${store[@]}" --goodware --source goodware.tsv "$cache/goodware"
