#!/bin/sh
# SPDX-License-Identifier: MIT
# Fetches plotly.js, which draws the charts of reports, out of the wheel plotly on PyPI, pinned by
# version and sha256.
#   scripts/fetch_plotly.sh [FOLDER]    FOLDER is build/deps by default; unpacks to
#                                       FOLDER/plotly-6.3.1
# Needs python3 with pip (Debian: python3-pip) and access to PyPI; a second run is instant.
set -eu

version=6.3.1
sha256=8b4420d1dcf2b040f5983eed433f95732ed24930e496d36eb70d211923532e64

root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$root/build/deps}
wheel=$folder/plotly-$version-py3-none-any.whl
target=$folder/plotly-$version

if [ -e "$target" ]; then
  echo "plotly $version is already in $target"
  exit 0
fi
mkdir -p "$folder"

if [ ! -e "$wheel" ]; then
  echo "Downloading plotly $version from PyPI to $folder"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --dest "$folder" "plotly==$version"
fi

echo "Checking $wheel"
if ! echo "$sha256  $wheel" | sha256sum --check --quiet; then
  echo "$wheel is not the pinned release: delete it and run this again" >&2
  exit 1
fi

echo "Unpacking to $target"
scratch=$(mktemp -d "$folder/unpack.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
python3 -m zipfile --extract "$wheel" "$scratch/wheel"
mkdir "$scratch/new"
mv "$scratch/wheel/plotly/package_data/plotly.min.js" \
  "$scratch/wheel/plotly-$version.dist-info/licenses/LICENSE.txt" "$scratch/new"
mv "$scratch/new" "$target"
echo "Done; dne can be configured"
