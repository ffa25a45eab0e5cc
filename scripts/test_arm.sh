#!/usr/bin/env bash
# Builds for 64-bit ARM (build/aarch64) what computes a run, and holds it, under emulation, to what
# x86-64 computes: the signature on both code paths, tests of the kernels, whole Atari episodes, and a
# run that changes machines. Needs the x86-64 program of scripts/test.sh. A machine that cannot have
# the packages is told so in a line, and is none the worse for it.
#   scripts/test_arm.sh [OPTION...]    options go to cmake
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $(uname -m) != x86_64 ]]; then
  echo "test_arm: not run: this is no x86-64, and a build here is tested by scripts/test.sh"
  exit 0
fi
if ! problem=$(scripts/setup.sh --arm 2>&1); then
  echo "test_arm: not run: what it needs cannot be had here (${problem##*$'\n'})"
  exit 0
fi

echo "test_arm: building (build/aarch64)"
# Kernels and the emulator are optimised as in a user's build by themselves; all else is compiled in less
# time.
cmake --preset aarch64 -DCMAKE_CXX_FLAGS_RELEASE="-O1 -DNDEBUG" "$@" >/dev/null
cmake --build --preset aarch64 --target portable random_test genome_test nn_test novelty_test \
  algorithms_test envs_test

x86=build/dev/bin/dne
arm=(qemu-aarch64-static -L build/deps/arm64 build/aarch64/bin/portable)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
  echo "test_arm: $1" >&2
  exit 1
}

# The signature on a code path, but for the lines that begin so.
signature() {
  local isa=$1 lines='^[0-9a-f]{16}  '
  shift
  "${arm[@]}" signature "$isa" "$@" >"$scratch/$isa"
  local left_out
  left_out=$(IFS='|' && echo "$*")
  diff <(grep -E "$lines" tests/golden/signature.txt | grep -vE "$lines($left_out)") "$scratch/$isa"
}
# Bodies are left out since their engine is another binary there, and by the reference what takes it
# more than all else.
echo "test_arm: the signature on scalar and neon"
signature neon body_ &
signature scalar body_ atari_ga_and_random_search || fail "the signature on scalar is not that of x86-64"
wait $! || fail "the signature on neon is not that of x86-64"

# But for what holds the reference to itself.
echo "test_arm: tests"
ctest --preset aarch64 -j "$(nproc)" -E '/scalar( |$)' -R \
  '^(random|genome|nn|novelty|algorithms)\.|^envs\.Games/AtariGolden.*/frostbite( |$)'

digests() {
  $x86 show "$1" --json | python3 -c '
import json, sys
for generation in json.load(sys.stdin)["generations"]:
    print(generation["digest"])'
}
count() { if [[ -e $scratch/moved/run.sqlite ]]; then digests "$scratch/moved" | wc -l; else echo 0; fi; }
# Goes on until the run has so many generations, and is killed.
live_until() {
  local generations=$1
  shift
  "$@" >"$scratch/told" 2>&1 &
  while (($(count) < generations)); do
    kill -0 $! 2>/dev/null || fail "it ends by itself: $(cat "$scratch/told")"
    sleep 0.2
  done
  kill -KILL $!
  wait $! 2>/dev/null || true
}
echo "test_arm: a run that changes machines"
run=(configs/atari/frostbite-ga.toml --set algorithm.population_size=6 --set algorithm.num_parents=3
  --set algorithm.num_candidates=2 --set algorithm.validation_episodes=2
  --set algorithm.test_episodes=2 --set algorithm.max_episode_steps=6
  --set algorithm.test_max_episode_steps=6)
live_until 1 $x86 run "${run[@]}" --out "$scratch/moved"
live_until $(($(count) + 1)) "${arm[@]}" resume "$scratch/moved"
generations=$(($(count) + 1))
$x86 resume "$scratch/moved" --set "budget.generations=$generations" >/dev/null
$x86 run "${run[@]}" --out "$scratch/undisturbed" --set "budget.generations=$generations" >/dev/null
diff <(digests "$scratch/undisturbed") <(digests "$scratch/moved") ||
  fail "a run that changes machines has other digests"
echo "test_arm: $generations generations, the same digests"
