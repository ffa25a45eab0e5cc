#!/usr/bin/env bash
# Sets up, builds with developer checks, and runs every test that fits on this machine.
# Arguments go to ctest: scripts/test.sh -L unit
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --mpi --browser --ccache
scripts/oracle_venv.sh build/oracle-venv
scripts/check_format.sh
echo "test: building (build/dev)"
python="$PWD/build/oracle-venv/bin/python"
# The package is compiled as build/dev is, and what both have is compiled once: ccache keeps it, by the
# headers that the compiler read, precompiled ones too.
export CC=gcc CXX=g++ CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
export CCACHE_DIR="$PWD/build/ccache" CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 \
  CCACHE_SLOPPINESS=pch_defines,time_macros
# Lines for backtraces, no variables for a debugger: a sixth less time to compile.
flags="-O2 -g1 -DNDEBUG"
cmake --preset dev -DDNE_MPI=ON -DDNE_ORACLE_PYTHON="$python" \
  -DDNE_PYTHON=ON -DPython_EXECUTABLE="$python" -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="$flags"
cmake --build --preset dev
ctest --preset dev -j "$(nproc)" "$@"
scripts/test_wheel.sh build/wheel-venv cmake.build-type=RelWithDebInfo \
  cmake.define.CMAKE_CXX_FLAGS=-D_GLIBCXX_ASSERTIONS \
  cmake.define.CMAKE_CXX_FLAGS_RELWITHDEBINFO="$flags" cmake.define.DNE_WARNINGS_AS_ERRORS=ON
scripts/test_arm.sh
