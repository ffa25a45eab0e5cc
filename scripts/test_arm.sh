#!/usr/bin/env bash
# Builds dne for 64-bit ARM (build/aarch64) and holds it, under emulation, to what x86-64 computes: the
# signature on both code paths, tests of the kernels, whole Atari episodes, and a run that changes
# machines. Needs the x86-64 program of scripts/test.sh. A machine that cannot have the packages is
# told so in a line, and is none the worse for it.
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
cmake --preset aarch64 "$@" >/dev/null
cmake --build --preset aarch64 --target dne random_test genome_test nn_test novelty_test \
  algorithms_test envs_test

x86=build/dev/bin/dne
arm=(qemu-aarch64-static -L build/deps/arm64 build/aarch64/bin/dne)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
  echo "test_arm: $1" >&2
  exit 1
}

# All of it but the bodies, whose engine is another binary there.
same_parts() { grep -E '^[0-9a-f]{16}  ' "$1" | grep -v '  body_'; }
for isa in scalar neon; do
  echo "test_arm: the signature on $isa"
  "${arm[@]}" signature --each --isa $isa >"$scratch/signature"
  diff <(same_parts tests/golden/signature.txt) <(same_parts "$scratch/signature") ||
    fail "the signature on $isa is not that of x86-64"
done

echo "test_arm: tests"
ctest --preset aarch64 -j "$(nproc)" -R \
  '^(random|genome|nn|novelty|algorithms)\.|^envs\.Games/AtariGolden.*/frostbite$'

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
