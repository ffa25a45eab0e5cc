#!/usr/bin/env bash
# From a fresh clone to a result: sets up, builds, and evolves a network of four million weights on
# Frostbite from pixels, two to five minutes on two cores. Run again, it shows the result at once.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
echo "demo: building (build/release)"
cmake --preset release >/dev/null
cmake --build --preset release -- --quiet
dne=build/release/bin/dne

run=runs/frostbite-demo
if [[ -f $run/run.sqlite ]]; then
  exec "$dne" resume "$run" "$@"
fi
exec "$dne" run configs/atari/frostbite-demo.toml --out "$run" "$@"
