#!/bin/sh
# SPDX-License-Identifier: MIT
# Fetches what a build for 64-bit ARM links to: Debian's packages for arm64, unpacked to a folder of
# their own. Nothing is installed: the machine stays of one architecture.
#   scripts/fetch_arm64.sh [FOLDER]    FOLDER is build/deps by default; unpacks to FOLDER/arm64
# Needs apt-get and its sources, those of Debian 12 or a relative; a second run is instant.
set -eu

packages="libc6-dev libstdc++-12-dev zlib1g-dev libhwy-dev libcli11-dev libtomlplusplus-dev
  libfmt-dev nlohmann-json3-dev libsqlite3-dev libzstd-dev libcpp-httplib-dev libgtest-dev
  libgmock-dev"

root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:-$root/build/deps}"
folder=$(cd "${1:-$root/build/deps}" && pwd)
target=$folder/arm64

if [ "$(cat "$target/packages" 2>/dev/null)" = "$packages" ]; then
  echo "Packages for arm64 are already in $target"
  exit 0
fi
scratch=$(mktemp -d "$folder/unpack.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# apt as on a machine of that architecture where nothing is installed yet.
mkdir -p "$scratch/lists/partial" "$scratch/archives/partial" "$scratch/root"
touch "$scratch/status"
arm64_apt() {
  apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User= \
    -o Dir::State="$scratch" -o Dir::State::status="$scratch/status" -o Dir::Cache="$scratch" \
    -o Debug::NoLocking=1 "$@" >"$scratch/log" 2>&1 || {
    cat "$scratch/log" >&2
    return 1
  }
}
echo "Downloading packages for arm64 to $folder"
arm64_apt update
# shellcheck disable=SC2086  # words
arm64_apt install --no-install-recommends --download-only --yes $packages

echo "Unpacking to $target"
for package in "$scratch"/archives/*.deb; do
  dpkg-deb --extract "$package" "$scratch/root"
done
echo "$packages" >"$scratch/root/packages"
rm -rf "$target"
mv "$scratch/root" "$target"
echo "Done; configure dne with cmake --preset aarch64"
