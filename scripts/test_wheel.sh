#!/usr/bin/env bash
# Installs the Python package as a user does, into an environment of its own, and runs its tests
# there, with the command dne that came with it.
#   scripts/test_wheel.sh [FOLDER]    the environment; build/wheel-venv by default
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$(realpath -m "${1:-build/wheel-venv}")

python3 -m venv --clear "$venv"
# Compiled with less optimisation than a user's, in half the time: what is tested here is the package.
"$venv/bin/pip" install --quiet --disable-pip-version-check \
  --config-settings=cmake.define.CMAKE_CXX_FLAGS_RELEASE="-O1 -DNDEBUG" .
"$venv/bin/pip" install --quiet --disable-pip-version-check \
  $(grep -E '^(gymnasium|pytest)==' tests/oracle/requirements.txt)
echo "test_wheel: $("$venv/bin/dne" version | head -1)"
DNE_PROGRAM="$venv/bin/dne" PYTHONDONTWRITEBYTECODE=1 \
  "$venv/bin/python" -m pytest -q -p no:cacheprovider python/tests
