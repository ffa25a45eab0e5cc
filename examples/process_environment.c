/* SPDX-License-Identifier: MIT
 *
 * The environment of process_environment.py in C, with continuous actions:
 *   cc -O2 -Iinterfaces -o process_environment examples/process_environment.c -lm
 *   dne run examples/process-environment.toml --set 'task.command=["./process_environment"]'
 */
#include "dne_environment.h"

#include <math.h>

static double place;
static int steps;
static uint64_t random_state;

static double noise(void) { /* uniform in [-1, 1) */
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (double)(random_state >> 11) / 4503599627370496.0 - 1;
}

static void observe(dne_view *view) {
  view->floats[0] = (float)place;
  view->floats[1] = (float)steps / 100;
  view->behaviour[0] = place;
}

static void reset(uint64_t seed, dne_view *view) {
  random_state = seed;
  place = noise();
  steps = 0;
  observe(view);
}

static dne_step step(dne_view *view) {
  dne_step result = {0};
  place += 0.2 * view->values[0] + 0.1 * noise();
  ++steps;
  observe(view);
  result.reward = -fabs(place - 3);
  result.terminated = fabs(place) > 10;
  result.truncated = steps == 100;
  return result;
}

int main(void) {
  const float low[] = {-1}, high[] = {1};
  const dne_spec spec = {.floats = 2, .num_actions = 1, .low = low, .high = high,
                         .max_episode_steps = 100, .behaviour_size = 1};
  return dne_serve(&spec, reset, step);
}
