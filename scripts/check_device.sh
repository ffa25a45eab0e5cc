#!/usr/bin/env bash
# Whether a device computes the same bits as the processor: runs of three generations on both, for every
# perturbation, and one that is killed on the device and resumed on the processor. Then, on a graphics
# card, how fast it is. Minutes.
#   scripts/check_device.sh DNE DEVICE [MNIST]
# DNE: the program. DEVICE: cuda, or cpu, which tries the script itself. MNIST: the folder of its
# files; left out, images that need none, and no large network.
set -euo pipefail
if (($# < 2 || $# > 3)); then
  echo "usage: check_device.sh DNE DEVICE [MNIST]" >&2
  exit 2
fi
dne=$(realpath "$1") device=$2 mnist=${3:+$(realpath "$3")}
cd "$(dirname "$0")/.."
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT

digests() { "$dne" show "$1" --json | grep -o '"digest": *"[0-9a-f]*"'; }

# same NAME CONFIG [--set ...]
same() {
  local name=$1 config=$2
  shift 2
  for where in cpu "$device"; do
    rm -rf "$runs/$where"
    "$dne" run "$config" --out "$runs/$where" --device "$where" --set budget.generations=3 \
      "$@" >"$runs/log" || { cat "$runs/log" >&2; exit 1; }
    digests "$runs/$where" >"$runs/$where.digests"
  done
  cmp "$runs/cpu.digests" "$runs/$device.digests"
  echo "$name: $(tail -1 "$runs/cpu.digests") on the processor and on $device"
}

small=(configs/supervised/patches-es.toml)
if [[ -n $mnist ]]; then
  small=(configs/supervised/mnist-small-es.toml --set "task.data=$mnist")
fi
for kind in gaussian rademacher bucket "low_rank rank=1" "low_rank rank=4"; do
  read -r perturbation more <<<"$kind"
  set -- --set algorithm.perturbation="$perturbation" ${more:+--set algorithm."$more"}
  if [[ $perturbation == bucket ]]; then set -- "$@" --set algorithm.bucket_size=100; fi
  same "small, $kind" "${small[@]}" --set algorithm.population_size=200 "$@"
  if [[ -n $mnist ]]; then
    same "large, $kind" configs/supervised/mnist-cnn-es.toml --set "task.data=$mnist" \
      --set algorithm.population_size=200 "$@"
  fi
done
same "small, PGPE" "${small[@]}" --set algorithm.type=pgpe --set algorithm.population_size=200

"$dne" run "${small[@]}" --out "$runs/killed" --device "$device" --set budget.generations=100000 \
  >/dev/null &
sleep 3
kill -KILL $!
wait $! 2>/dev/null || true
generations=$(($(digests "$runs/killed" | wc -l) + 2))
"$dne" resume "$runs/killed" --set budget.generations="$generations" >/dev/null
"$dne" run "${small[@]}" --out "$runs/whole" --set budget.generations="$generations" >/dev/null
cmp <(digests "$runs/killed") <(digests "$runs/whole")
echo "killed on $device, resumed on the processor: $generations generations alike"

if [[ $device == cuda ]]; then "$dne" bench gpu --seconds 0.5; fi
