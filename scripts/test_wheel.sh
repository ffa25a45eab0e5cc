#!/usr/bin/env bash
# Installs the Python package as a user does, into an environment of its own, and runs its tests
# there, with the command dne that came with it.
#   scripts/test_wheel.sh [FOLDER [SETTING...]]    the environment, build/wheel-venv by default, and
#                                                  settings of the build, as pyproject.toml names them
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$(realpath -m "${1:-build/wheel-venv}")
settings=()
for setting in "${@:2}"; do settings+=("--config-settings=$setting"); done

python3 -m venv --clear "$venv"
rm -rf build/wheel
"$venv/bin/pip" install --quiet --disable-pip-version-check \
  --config-settings=build-dir=build/wheel "${settings[@]}" .
"$venv/bin/pip" install --quiet --disable-pip-version-check \
  $(grep -E '^(gymnasium|pytest)==' tests/oracle/requirements.txt)
echo "test_wheel: $("$venv/bin/dne" version | head -1)"
DNE_PROGRAM="$venv/bin/dne" PYTHONDONTWRITEBYTECODE=1 \
  "$venv/bin/python" -m pytest -q -p no:cacheprovider python/tests
