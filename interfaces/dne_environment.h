/* SPDX-License-Identifier: MIT
 *
 * Makes a C or C++ program an environment of dne (docs/environment-protocol.md). One file, nothing
 * but POSIX. In one source file of the program:
 *
 *   #include "dne_environment.h"
 *
 *   static void reset(uint64_t seed, dne_view *view) { ... write view->floats ... }
 *   static dne_step step(dne_view *view) { ... read view->choice, write view->floats ... }
 *
 *   int main(void) {
 *     const dne_spec spec = {.floats = 2, .num_actions = 3, .max_episode_steps = 200};
 *     return dne_serve(&spec, reset, step);
 *   }
 *
 * Everything random must follow from the seed. A process that can hold several environments says so
 * (.num_envs = 8) and keeps what belongs to each apart, by view->env.
 */
#ifndef DNE_ENVIRONMENT_H
#define DNE_ENVIRONMENT_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  uint32_t floats;                   /* numbers of an observation; 0: an image of bytes ... */
  uint32_t height, width, channels;  /* ... of this shape, channels last */
  uint32_t num_actions;
  const float *low, *high;     /* limits of continuous actions; null: one of num_actions is chosen */
  uint32_t max_episode_steps;  /* its own limit; 0: none */
  uint32_t behaviour_size;     /* numbers that say what an episode came to; 0: none */
  uint32_t num_envs;           /* that the process can hold; 0: one */
} dne_spec;

/* Of an environment: the memory that is shared with dne. */
typedef struct {
  uint32_t env;         /* which one, less than num_envs */
  float *floats;        /* the observation: one of the two */
  uint8_t *bytes;
  uint32_t choice;      /* the action: one of the two */
  const float *values;
  double *behaviour;    /* as of now */
} dne_view;

typedef struct {
  double reward;
  int terminated;  /* the task ended the episode */
  int truncated;   /* its time limit did */
  int solved;      /* its goal is reached */
} dne_step;

/* Speaks with dne until it hangs up; returns what main returns. */
static int dne_serve(const dne_spec *spec, void (*reset)(uint64_t seed, dne_view *view),
                     dne_step (*step)(dne_view *view)) {
  const int commands = 3, replies = 4, shared = 5;
  const int is_image = spec->floats == 0, is_continuous = spec->low != NULL;
  const uint32_t hello[11] = {0x45656e64u,
                              2,
                              (uint32_t)is_image,
                              is_image ? spec->height : 1,
                              is_image ? spec->width : 1,
                              is_image ? spec->channels : spec->floats,
                              (uint32_t)is_continuous,
                              spec->num_actions,
                              spec->max_episode_steps,
                              spec->behaviour_size,
                              spec->num_envs > 0 ? spec->num_envs : 1};
  const size_t limits = is_continuous ? spec->num_actions * sizeof(float) : 0;
  enum { STATES, SEEDS, REWARDS, ACTIONS, BEHAVIOURS, OBSERVATIONS, ARRAYS };
  /* Bytes of a row of each array in the memory. */
  const size_t rows[ARRAYS] = {
      1,
      sizeof(uint64_t),
      sizeof(double),
      is_continuous ? limits : sizeof(uint32_t),
      spec->behaviour_size * sizeof(double),
      is_image ? (size_t)spec->height * spec->width * spec->channels
               : spec->floats * sizeof(float)};
  struct stat about;
  uint8_t *memory, *arrays[ARRAYS];
  uint32_t num_envs, i;
  size_t end = 64;
  char command;
  if (write(replies, hello, sizeof hello) != (ssize_t)sizeof hello ||
      (limits > 0 && (write(replies, spec->low, limits) != (ssize_t)limits ||
                      write(replies, spec->high, limits) != (ssize_t)limits))) {
    fputs("this is an environment of dne: name it in task.command, and let dne start it\n", stderr);
    return 1;
  }
  if (read(commands, &command, 1) != 1 || fstat(shared, &about) != 0) return 0;
  memory = (uint8_t *)mmap(NULL, (size_t)about.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
  if (memory == (uint8_t *)MAP_FAILED) return 1;
  memcpy(&num_envs, memory, sizeof num_envs);
  for (i = 0; i < ARRAYS; ++i) {
    arrays[i] = memory + end;
    end += (rows[i] * num_envs + 63) / 64 * 64;
  }
  while (read(commands, &command, 1) == 1) {
    for (i = 0; i < num_envs; ++i) {
      uint8_t *const state = arrays[STATES] + i, *const action = arrays[ACTIONS] + i * rows[ACTIONS];
      uint8_t *const observation = arrays[OBSERVATIONS] + i * rows[OBSERVATIONS];
      dne_view view;
      dne_step result;
      memset(&view, 0, sizeof view);
      memset(&result, 0, sizeof result);
      view.env = i;
      view.behaviour = (double *)(arrays[BEHAVIOURS] + i * rows[BEHAVIOURS]);
      if (is_image) view.bytes = observation;
      if (!is_image) view.floats = (float *)observation;
      if (*state == 'R') {
        uint64_t seed;
        memcpy(&seed, arrays[SEEDS] + i * rows[SEEDS], sizeof seed);
        reset(seed, &view);
      } else if (*state == 'S') {
        if (is_continuous) view.values = (const float *)action;
        if (!is_continuous) memcpy(&view.choice, action, sizeof view.choice);
        result = step(&view);
      } else {
        continue;
      }
      memcpy(arrays[REWARDS] + i * rows[REWARDS], &result.reward, sizeof result.reward);
      *state = (uint8_t)((result.terminated ? 1 : 0) | (result.truncated ? 2 : 0) |
                         (result.solved ? 4 : 0));
    }
    if (write(replies, "D", 1) != 1) return 1;
  }
  return 0;
}

#endif
