#!/bin/sh
# SPDX-License-Identifier: MIT
# Fetches the sources of the Arcade Learning Environment, which carry the game files, as the
# source release of ale-py on PyPI, pinned by version and sha256.
#   scripts/fetch_ale.sh [FOLDER]    FOLDER is build/deps by default; unpacks to FOLDER/ale-0.12.1
# Needs python3 with venv and pip (Debian: python3-venv) and access to PyPI; a second run is instant.
set -eu

version=0.12.1
sha256=c503d574c5983e1063b451201ccb779d935919c0f6bf116fb0f4f8aa4c86d249
backend=scikit-build-core==0.11.6  # ale-py's build backend: pip asks it for the package's metadata

root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$root/build/deps}
archive=$folder/ale_py-$version.tar.gz
target=$folder/ale-$version

if [ -e "$target/.complete" ]; then
  echo "ALE $version is already in $target"
  exit 0
fi
mkdir -p "$folder"

if [ ! -e "$archive" ]; then
  echo "Downloading ale-py $version from PyPI to $folder"
  venv=$(mktemp -d)
  trap 'rm -rf "$venv"' EXIT
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$backend"
  "$venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-build-isolation \
    --no-binary ale-py --dest "$folder" "ale-py==$version"
fi

echo "Checking $archive"
if ! echo "$sha256  $archive" | sha256sum --check --quiet; then
  echo "$archive is not the pinned release: delete it and run this again" >&2
  exit 1
fi

echo "Unpacking to $target"
rm -rf "$target"
mkdir "$target"
tar --extract --gzip --file "$archive" --directory "$target" --strip-components 1
touch "$target/.complete"
echo "Done; configure dne with -DDNE_ATARI=ON"
