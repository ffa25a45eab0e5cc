#!/usr/bin/env bash
# Builds the fuzz targets (clang 14 and its libFuzzer: apt-get install clang-14 libfuzzer-14-dev
# libclang-rt-14-dev) and runs each for some seconds, or the ones that are named:
#   scripts/fuzz.sh 600 config genome_file
# What was tried stays in build/fuzz/corpus and is where the next call begins; an input that fails
# stays in build/fuzz/findings.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:?seconds for each target}
shift
targets=("$@")
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
cd build/fuzz
bin/fuzz_seeds seeds
((${#targets[@]} > 0)) || mapfile -t targets < <(ls seeds)
for target in "${targets[@]}"; do
  mkdir -p "corpus/$target" findings
  echo "fuzz: $target"
  "bin/fuzz_$target" -max_total_time="$seconds" -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="findings/$target-" "corpus/$target" "seeds/$target"
done
