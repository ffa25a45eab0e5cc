/* SPDX-License-Identifier: MIT
 *
 * The environment of process_environment.py in C, with continuous actions:
 *   cc -O2 -Iinterfaces -o process_environment examples/process_environment.c -lm
 *   dne run examples/process-environment.toml --set 'task.command=["./process_environment"]'
 */
#include "dne_environment.h"

#include <math.h>

enum { kWalkers = 8 };

typedef struct {
  double place;
  int steps;
  uint64_t random_state;
} walker;

static walker walkers[kWalkers];

static double noise(walker *self) { /* uniform in [-1, 1) */
  self->random_state = self->random_state * 6364136223846793005u + 1442695040888963407u;
  return (double)(self->random_state >> 11) / 4503599627370496.0 - 1;
}

static void observe(const walker *self, dne_view *view) {
  view->floats[0] = (float)self->place;
  view->floats[1] = (float)self->steps / 100;
  view->behaviour[0] = self->place;
}

static void reset(uint64_t seed, dne_view *view) {
  walker *self = &walkers[view->env];
  self->random_state = seed;
  self->place = noise(self);
  self->steps = 0;
  observe(self, view);
}

static dne_step step(dne_view *view) {
  walker *self = &walkers[view->env];
  dne_step result = {0};
  self->place += 0.2 * view->values[0] + 0.1 * noise(self);
  ++self->steps;
  observe(self, view);
  result.reward = -fabs(self->place - 3);
  result.terminated = fabs(self->place) > 10;
  result.truncated = self->steps == 100;
  return result;
}

int main(void) {
  const float low[] = {-1}, high[] = {1};
  const dne_spec spec = {.floats = 2, .num_actions = 1, .low = low, .high = high,
                         .max_episode_steps = 100, .behaviour_size = 1, .num_envs = kWalkers};
  return dne_serve(&spec, reset, step);
}
