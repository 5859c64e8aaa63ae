#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check_symbols.sh LIBRARY: the shared library exports cog_* and nothing else.
set -eu
names=$(nm -D --defined-only "$1" | awk '{print $3}' | grep -v '^cog_' || true)
[ -z "$names" ] || { echo "exported beside cog_*: $names"; exit 1; }
nm -D --defined-only "$1" | grep -c ' cog_'
