#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# setup.sh: installs from Debian what is missing to build, test and demonstrate cognate. As root, or with sudo.
# Does nothing, and needs no rights, when everything is there. "setup.sh lint" adds the linters and clang,
# "setup.sh functions" the compilers of tools/functions_build.py (not beside gcc-multilib, Debian's packages conflict).
set -eu
packages=(gcc libc6-dev cmake ninja-build pkg-config python3 python3-pip python3-jsonschema libzydis-dev libzycore-dev liblmdb-dev
  libarchive-dev libjansson-dev libseccomp-dev libxxhash-dev libzstd-dev libssl-dev libcmocka-dev libunicorn-dev libyara-dev zip)
[ "${1:-}" = lint ] && packages+=(clang clang-format clang-tidy cppcheck libclang-rt-14-dev)
[ "${1:-}" = functions ] && packages+=(clang gcc-i686-linux-gnu gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf libc6-dev-i386-cross
  libc6-dev-arm64-cross libc6-dev-armhf-cross gcc-mingw-w64-x86-64-win32 gcc-mingw-w64-i686-win32 make tcl dpkg-dev)

missing=()
for p in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: needs root or sudo to install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "setup: installing from Debian: ${missing[*]}" >&2
log=$(mktemp)
if ! { "${as_root[@]}" apt-get update -q && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  exit 1
fi
rm -f "$log"
