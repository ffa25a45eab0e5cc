#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the Python that the tests labelled `oracle` run with.
#   scripts/oracle_venv.sh [FOLDER]    build/oracle by default; then configure with
#                                      -DDNE_ORACLE_PYTHON=FOLDER/bin/python
# Needs python3 with venv and pip (Debian: python3-venv) and access to PyPI.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$root/build/oracle}

python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check \
  --requirement "$root/tests/oracle/requirements.txt"
echo "Done; configure dne with -DDNE_ORACLE_PYTHON=$folder/bin/python"
