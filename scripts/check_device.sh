#!/usr/bin/env bash
# Whether a device computes the same bits as the processor: runs of three generations on both, for every
# perturbation, and one that is killed on the device and resumed on the processor. Then, on a graphics
# card, how fast it is. Minutes.
#   scripts/check_device.sh DNE DEVICE [--only supervised|environments|rates] [--mnist FOLDER]
# DNE: the program. DEVICE: cuda, or cpu, which tries the script itself. FOLDER: MNIST's files; left out,
# images that need none, and no large network.
set -euo pipefail
usage="usage: check_device.sh DNE DEVICE [--only supervised|environments|rates] [--mnist FOLDER]"
if (($# < 2)); then echo "$usage" >&2 && exit 2; fi
dne=$(realpath "$1") device=$2 only='' mnist=''
shift 2
while (($# > 0)); do
  case "$1 ${2-}" in
    "--only supervised" | "--only environments" | "--only rates") only=$2 ;;
    "--mnist "?*) mnist=$(realpath "$2") ;;
    *) echo "$usage" >&2 && exit 2 ;;
  esac
  shift 2
done
cd "$(dirname "$0")/.."
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT

# Fails after two minutes.
run() { timeout 120 "$dne" "$@" >"$runs/log" 2>&1 || { cat "$runs/log" >&2; exit 1; }; }
digests() { "$dne" show "$1" --json | grep -o '"digest": *"[0-9a-f]*"'; }

# same NAME CONFIG [--set ...]
same() {
  local name=$1 config=$2
  shift 2
  for where in cpu "$device"; do
    rm -rf "$runs/$where"
    run run "$config" --out "$runs/$where" --device "$where" --set budget.generations=3 "$@"
    digests "$runs/$where" >"$runs/$where.digests"
  done
  cmp "$runs/cpu.digests" "$runs/$device.digests"
  echo "$name: $(tail -1 "$runs/cpu.digests") on the processor and on $device"
}

# of_each_perturbation NAME CONFIG [--set ...]
of_each_perturbation() {
  local name=$1 config=$2 kind perturbation more
  shift 2
  for kind in gaussian rademacher bucket "low_rank rank=1" "low_rank rank=4"; do
    read -r perturbation more <<<"$kind"
    local how=(--set algorithm.perturbation="$perturbation" ${more:+--set algorithm."$more"})
    if [[ $perturbation == bucket ]]; then how+=(--set algorithm.bucket_size=100); fi
    same "$name, $kind" "$config" "$@" "${how[@]}"
  done
}

# resumed NAME CONFIG [--set ...]
resumed() {
  local name=$1 config=$2 generations seconds
  shift 2
  rm -rf "$runs/killed" "$runs/whole"
  "$dne" run "$config" --out "$runs/killed" --device "$device" --set budget.generations=100000 "$@" \
    >/dev/null &
  # However slow the machine: there is something to resume.
  for ((seconds = 0; seconds < 120; ++seconds)); do
    sleep 1
    if (($({ digests "$runs/killed" 2>/dev/null || true; } | wc -l) >= 3)); then break; fi
  done
  kill -KILL $!
  wait $! 2>/dev/null || true
  generations=$(($(digests "$runs/killed" | wc -l) + 2))
  run resume "$runs/killed" --set budget.generations="$generations"
  run run "$config" --out "$runs/whole" --set budget.generations="$generations" "$@"
  cmp <(digests "$runs/killed") <(digests "$runs/whole")
  echo "$name, killed on $device, resumed on the processor: $generations generations alike"
}

check_supervised() {
  local small=(configs/supervised/patches-es.toml)
  if [[ -n $mnist ]]; then
    small=(configs/supervised/mnist-small-es.toml --set "task.data=$mnist")
    of_each_perturbation large configs/supervised/mnist-cnn-es.toml --set "task.data=$mnist" \
      --set algorithm.population_size=200
  fi
  of_each_perturbation small "${small[@]}" --set algorithm.population_size=200
  same "small, PGPE" "${small[@]}" --set algorithm.population_size=200 --set algorithm.type=pgpe
  resumed small "${small[@]}"
}

# units UNITS: two hidden layers of so many.
units() { echo "network.layers=[{type=\"dense\",units=$1,activation=\"tanh\",repeat=2}]"; }

check_environments() {
  local cheetah=(configs/mujoco/half-cheetah-es.toml --set algorithm.max_episode_steps=40)
  local humanoid=(configs/mujoco/humanoid-es.toml --set algorithm.max_episode_steps=30
    --set algorithm.population_size=100)
  same "cart pole, GA" configs/classic/cartpole-ga.toml --set algorithm.population_size=500 --set budget.target=501
  same "maze, 34 layers, safe mutations" configs/maze/breadcrumb-maze-32-layers-sm.toml
  if "$dne" version | grep -q "mujoco on"; then
    of_each_perturbation "half cheetah, ES" "${cheetah[@]}"
    same "half cheetah, ES, 256" "${cheetah[@]}" --set "$(units 256)"
    same "humanoid, ES, noise on actions" "${humanoid[@]}"
    same "humanoid, PGPE" configs/mujoco/humanoid-pgpe.toml --set "$(units 64)" \
      --set algorithm.max_episode_steps=30 --set algorithm.generation_steps=2000
    same "swimmer, SNES" configs/mujoco/swimmer-snes.toml --set algorithm.max_episode_steps=40
    resumed "half cheetah, ES" "${cheetah[@]}"
  fi
}

# rates NAME CONFIG [--set ...]: a generation on the processor and on the card, the first one, which
# makes environments and members' memory, left out.
rates() {
  local name=$1 config=$2 where
  shift 2
  for where in cpu "$device"; do
    rm -rf "$runs/$where"
    run run "$config" --out "$runs/$where" --device "$where" --set budget.generations=3 "$@"
    "$dne" show "$runs/$where" --json | awk -v name="$name" -v where="$where" -F '[:,]' '
      /"seconds":/ { seconds = $2 } /"steps_run":/ { steps = $2 }
      END { printf "%-28s %-5s %9.0f ms a generation, %9.0f steps/s\n", name, where,
                   1000 * seconds, steps / seconds }'
  done
}

measure_supervised() {
  if [[ -n $mnist ]]; then
    rates "mnist_small, 10,000 members" configs/supervised/mnist-small-es.toml --set "task.data=$mnist" \
      --set algorithm.population_size=10000
    rates "mnist_cnn, 200 members" configs/supervised/mnist-cnn-es.toml --set "task.data=$mnist" \
      --set algorithm.population_size=200
  fi
  if [[ -z $only ]]; then "$dne" bench gpu --seconds 0.5; fi
}

measure_environments() {
  cat >"$runs/pendulum.toml" <<'TOML'
name = "pendulum-es"
seed = 1
[task]
type = "classic"
environment = "Pendulum-v1"
[algorithm]
type = "es"
population_size = 2000
sigma = 0.02
max_episode_steps = 50
validation_episodes = 1
TOML
  local size
  for size in 64 256 1024; do
    rates "pendulum, $size x $size" "$runs/pendulum.toml" --set "$(units "$size")"
  done
  if ! "$dne" version | grep -q "mujoco on"; then return; fi
  for size in 64 256 1024; do
    rates "half cheetah, $size x $size" configs/mujoco/half-cheetah-es.toml --set "$(units "$size")" \
      --set algorithm.population_size=2000 --set algorithm.max_episode_steps=50 \
      --set algorithm.validation_episodes=1
  done
  for size in 64 256 1024; do
    rates "humanoid, $size x $size" configs/mujoco/humanoid-es.toml --set "$(units "$size")" \
      --set algorithm.population_size=2000 --set algorithm.max_episode_steps=50 \
      --set algorithm.validation_episodes=1
  done
}

if [[ -z $only || $only == supervised ]]; then check_supervised; fi
if [[ -z $only || $only == environments ]]; then check_environments; fi
if [[ $device == cuda && (-z $only || $only == rates) ]]; then
  measure_environments
  measure_supervised
fi
