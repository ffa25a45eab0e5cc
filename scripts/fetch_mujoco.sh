#!/bin/sh
# SPDX-License-Identifier: MIT
# Fetches the MuJoCo engine (library and headers) from the wheel mujoco-core on PyPI, and the models
# of the bodies from the wheel gymnasium, both pinned by version and sha256.
#   scripts/fetch_mujoco.sh [FOLDER] [PROCESSOR]
#     FOLDER is build/deps by default, PROCESSOR this machine's: x86_64 or aarch64. Unpacks to
#     FOLDER/mujoco-4.0.1, for aarch64 mujoco-4.0.1-aarch64, and FOLDER/gymnasium-1.2.2-bodies.
# Needs python3 with pip (Debian: python3-pip) and access to PyPI; a second run is instant.
set -eu

engine=4.0.1
processor=${2:-$(uname -m)}
case $processor in
  x86_64)
    engine_folder=mujoco-$engine
    engine_sha256=be28c0c7587347ef996b4de0487264e9da296282082b092bae211a9163e9aed6
    ;;
  aarch64)
    engine_folder=mujoco-$engine-aarch64
    engine_sha256=52d934614a56f7d75dcfc2bd8bb72f058b465ecc19a0583a56df242f9505bdb6
    ;;
  *)
    echo "There is no MuJoCo for $processor: configure with -DDNE_MUJOCO=OFF" >&2
    exit 1
    ;;
esac
engine_wheel=mujoco_core-$engine-cp311-cp311-manylinux_2_27_$processor.manylinux_2_28_$processor.whl
bodies=1.2.2
bodies_wheel=gymnasium-$bodies-py3-none-any.whl
bodies_sha256=f04ec362b1fdf73a8b327db5ef89384a3f2ba411e05d3521513414fbbb2199c8

root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$root/build/deps}

# fetch PACKAGE==VERSION WHEEL SHA256: downloads what is not there, holds it to its sum.
fetch() {
  if [ ! -e "$folder/$2" ]; then
    echo "Downloading $1 from PyPI to $folder"
    # The engine's library needs no Python, so one Python's wheel serves every machine.
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
      --python-version 3.11 --implementation cp --abi cp311 --abi none \
      --platform "manylinux_2_28_$processor" --platform any --dest "$folder" "$1"
  fi
  echo "Checking $folder/$2"
  if ! echo "$3  $folder/$2" | sha256sum --check --quiet; then
    echo "$folder/$2 is not the pinned release: delete it and run this again" >&2
    exit 1
  fi
}

# install_files TARGET FILE...: moves the files into a folder that appears whole or not at all.
install_files() {
  target=$1
  shift
  rm -rf "$target" "$scratch/new"
  mkdir "$scratch/new"
  mv "$@" "$scratch/new"
  mv "$scratch/new" "$target"
}

if [ -e "$folder/$engine_folder" ] && [ -e "$folder/gymnasium-$bodies-bodies" ]; then
  echo "MuJoCo $engine is already in $folder/$engine_folder"
  exit 0
fi
mkdir -p "$folder"
fetch "mujoco-core==$engine" "$engine_wheel" "$engine_sha256"
fetch "gymnasium==$bodies" "$bodies_wheel" "$bodies_sha256"

echo "Unpacking to $folder"
scratch=$(mktemp -d "$folder/unpack.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
python3 -m zipfile --extract "$folder/$engine_wheel" "$scratch/engine"
python3 -m zipfile --extract "$folder/$bodies_wheel" "$scratch/bodies"
assets=$scratch/bodies/gymnasium/envs/mujoco/assets
licences=$scratch/bodies/gymnasium-$bodies.dist-info/licenses
install_files "$folder/gymnasium-$bodies-bodies" "$assets/humanoid.xml" \
  "$assets/half_cheetah.xml" "$assets/hopper.xml" "$assets/walker2d_v5.xml" "$assets/ant.xml" \
  "$assets/swimmer.xml" "$licences/LICENSE"
install_files "$folder/$engine_folder" "$scratch/engine/mujoco/libmujoco.so.$engine" \
  "$scratch/engine/mujoco/include" "$scratch/engine/mujoco_core-$engine.dist-info/licenses"
echo "Done; configure dne with -DDNE_MUJOCO=ON"
