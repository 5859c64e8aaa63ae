#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh: measures everything that bench/results.csv holds and writes it anew. Fetches and builds labelled data first (1.5 GB, once, into
# .cache/). Needs about an hour on two cores. Parts: run.sh [speed] [store] [starts] [functions] [attribution]
# (default: all of these), [knowledge] [warm].
set -eu
cd "$(dirname "$0")/.."
cache=${COGNATE_CACHE:-.cache}
parts=${*:-speed store starts functions attribution}
cognate=build/release/cognate
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT

corpus() { [ -d "$cache/corpus" ] && [ -z "${FETCH:-}" ] || python3 tools/corpus_fetch.py "$cache/corpus"; }
of() { python3 - "$1" "$cache/corpus" <<'PY'
import csv, sys
for r in csv.DictReader((l for l in open("tests/quality/corpus.tsv") if not l.startswith("#")), delimiter="\t"):
    if r[sys.argv[1]] == "1":
        print(f"{sys.argv[2]}/{r['sha256']}")
PY
}

# The costliest of the corpus to run: pynacl with libsodium, psycopg2 with OpenSSL.
ciphers() { awk -F'\t' -v d="$cache/corpus/" '$4 == "pe" && ($1 == "pynacl" && $2 == "1.2.1" || $1 == "psycopg2" && $2 == "2.8.3") { print d $19 }' \
  tests/quality/corpus.tsv; }

for part in $parts; do
  case $part in
  speed)
    corpus
    mapfile -t files < <(of perf)
    mapfile -t ciphers < <(ciphers)
    build/release/bench/bench_speed "${files[@]}" --set "libraries of ciphers" "${ciphers[@]}" >>"$rows"
    python3 bench/hostile.py build/release/bench/bench_speed >>"$rows"
    python3 bench/process.py --cognate "$cognate" "${files[@]}" >>"$rows"
    ;;
  store) build/release/bench/bench_store >>"$rows" ;;
  knowledge)
    python3 bench/knowledge.py "$cognate" >>"$rows"
    python3 bench/knowledge.py "$cognate" --kind bundle >>"$rows"
    ;;
  warm)
    corpus
    python3 bench/warm_verdict.py "$cognate" --corpus "$cache/corpus" --store "$cache/warm-store" >>"$rows"
    ;;
  starts)
    [ -d "$cache/starts" ] || python3 tools/starts_build.py "$cache/starts"
    for half in tune report; do
      python3 tools/starts_score.py "$cache/starts" --part $half --cmd "$cognate functions --json" --csv "$rows.starts" >/dev/null
      tail -n +1 "$rows.starts" >>"$rows"; rm -f "$rows.starts"
    done
    ;;
  functions) # compiling the corpus takes two cores some hours; bench/functions_mcrit.csv: the peer, run once (tools/functions_mcrit.py)
    [ -f "$cache/functions/functions.tsv" ] || python3 tools/functions_build.py "$cache/functions"
    python3 tools/goodware_fetch.py "$cache/goodware" || true
    build/release/bench/bench_functions "$cache/functions" --part tune --tasks pool,talos --align >>"$rows"
    build/release/bench/bench_functions "$cache/functions" --part report --tasks pool,talos,mcrit,speed --align \
      --mcrit bench/functions_mcrit.csv >>"$rows"
    build/release/bench/bench_functions "$cache/functions" --tasks chance --goodware "$cache/goodware" \
      --chance bench/functions_chance.csv >>"$rows"
    cat bench/functions_mcrit.csv >>"$rows"
    # COGNATE_BENCH_BEFORE, COGNATE_BEFORE: other builds of bench_functions and cognate, to be measured beside these.
    [ -z "${COGNATE_BENCH_BEFORE:-}" ] || for half in tune report; do
      "$COGNATE_BENCH_BEFORE" "$cache/functions" --part $half --tasks pool,talos | sed 's/,cognate,/,cognate before,/' >>"$rows"
    done
    for half in tune report; do
      python3 bench/attribution_compilers.py --cognate "$cognate" --functions "$cache/functions" --goodware "$cache/goodware" \
        --part $half ${COGNATE_BEFORE:+--before "$COGNATE_BEFORE"} >>"$rows"
    done
    ;;
  attribution)
    corpus
    python3 tools/goodware_fetch.py "$cache/goodware" || true
    python3 tools/library_fetch.py "$cache/library" || true
    for half in tune report; do
      COGNATE_CACHE=$cache python3 bench/attribution.py --cognate "$cognate" --part $half >>"$rows"
    done
    ;;
  *) echo "run.sh: no part '$part'" >&2; exit 2 ;;
  esac
done

# Rows of the parts that were not run stay as they were.
python3 - "$rows" <<'PY'
import csv, sys
head = ["bench", "set", "metric", "value", "unit", "peer", "note"]
fresh = list(csv.reader(open(sys.argv[1])))
done = {r[0] for r in fresh}
try:
    old = [r for r in csv.reader(open("bench/results.csv")) if r and r != head and r[0] not in done]
except FileNotFoundError:
    old = []
with open("bench/results.csv", "w", newline="") as f:
    csv.writer(f, lineterminator="\n").writerows([head] + sorted(old + fresh))
PY
echo "bench/results.csv: $(wc -l <bench/results.csv) rows" >&2
