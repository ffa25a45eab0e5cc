// SPDX-License-Identifier: MIT
// The contract of everything that a policy acts in: a world (a game, a body), and environments in
// which its episodes are played. tests/envs/world_contract_test.cc holds every world to it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dne/base/error.h"
#include "dne/episode/episode.h"
#include "dne/random/stream.h"

namespace dne {

enum class ObservationType {
  kBytes,   // an image: more than one position
  kFloats,  // a flat list of numbers
};

// height * width * channels numbers, channels last; flat ones are 1 x 1 x channels.
struct ObservationSpec {
  ObservationType type = ObservationType::kFloats;
  int height = 1;
  int width = 1;
  int channels = 0;

  size_t size() const {
    return static_cast<size_t>(height) * static_cast<size_t>(width) * static_cast<size_t>(channels);
  }
};

enum class ActionType {
  kDiscrete,    // one of `size`
  kContinuous,  // `size` numbers
};

struct ActionSpec {
  ActionType type = ActionType::kDiscrete;
  int size = 0;
  std::vector<std::string> names;  // of discrete actions, in order: "NOOP", "FIRE", ...
};

enum class BehaviourType {
  kBytes,  // a string of `size` bytes, as of every step: its trajectory is worth noting
  kPoint,  // `size` coordinates
};

struct BehaviourSpec {
  BehaviourType type = BehaviourType::kPoint;
  int size = 0;
};

struct EnvironmentSpec {
  ObservationSpec observation;
  ActionSpec action;
  BehaviourSpec behaviour;
  int frames_per_step = 1;    // of the emulator or simulator; an episode's last step may take fewer
  int max_episode_steps = 0;  // the limit that belongs to the environment; 0: none
  bool pays_bonus = false;    // a part of some rewards is paid for staying healthy
  bool records_frames = false;

  // How episodes are played fastest, which shows in no result.
  int lanes = 1;                    // environments that a worker steps side by side
  bool steps_together = false;      // the more of them step at once, the less a step costs
  int most_lanes = 0;               // a worker can step side by side; 0: any number
  bool slows_after_avx512 = false;  // stepping it slows down after 512-bit instructions
};

// Of the two the one that the spec names is read.
struct Action {
  int choice = 0;                   // 0..size-1
  std::span<const float> values{};  // `size` of them, cut to what the environment takes
};

// Of the two the one that the spec names is filled; valid until the next Reset or Step.
struct Observation {
  std::span<const uint8_t> bytes{};
  std::span<const float> floats{};
};

struct StepResult {
  double reward = 0;  // unclipped
  double bonus = 0;   // the part of it that is paid for staying healthy
  int frames = 0;     // that this step took
  bool terminal = false;
  // The task's goal is reached, of tasks that have one; `terminal` as well.
  bool solved = false;
  // The environment's own time limit cut the episode off; `terminal` as well.
  bool truncated = false;
  // The simulation broke down (a bad acceleration, a reset by the engine itself, a number that is
  // not finite). The episode is over as well, `reward` is 0, and the behaviour is that of the last
  // sound state.
  bool invalid = false;
};

// One frame of the real screen, as a person would see it.
struct Frame {
  int width = 0;
  int height = 0;
  std::span<const uint8_t> rgb;  // row by row, 3 bytes a pixel; valid during the call
  int pixel_width = 1;           // of a pixel on the screen, in its heights
  double per_second = 60;        // so many of them a person would see
};
using FrameSink = std::function<void(const Frame&)>;

// This machine lacks what films of a world need.
class CannotFilm : public Error {
 public:
  using Error::Error;
};

// Private to one thread; two environments on two threads do not disturb each other.
// Same start, same actions: same observations, rewards and ends, on one binary.
class Environment {
 public:
  virtual ~Environment() = default;

  // Forgets everything. Throws Error for a start that the world does not have.
  virtual void Reset(const EpisodeStart& start) = 0;
  // Not allowed before the first Reset nor after a terminal step.
  virtual StepResult Step(const Action& action) = 0;

  // Says that this Reset or Step comes next, before it is called: whoever plays several
  // environments may start them all, and then finish each, in the order in which they were made.
  // Environments that share a process then make all of that together. What the action refers to
  // must stay as it is until Step; throws what Reset and Step throw.
  virtual void StartReset(const EpisodeStart&) {}
  virtual void StartStep(const Action&) {}

  virtual Observation observation() const = 0;
  // The behaviour as of now: its bytes, or its coordinates as DescriptorFromPoint
  // (dne/episode/descriptor.h) writes them.
  virtual std::vector<uint8_t> descriptor() const = 0;

  // Where Reset and Step may take long: they end early once `cancel` is true, after which the
  // episode is worthless. It must outlive the environment's use.
  virtual void WatchCancel(const std::atomic<bool>&) {}

  // From now on `sink` gets the frames that Step makes, in order: one for each of
  // StepResult::frames, or one a step. An empty sink ends it. Watching changes no result. Nothing
  // comes where the spec says that there are no frames. Throws CannotFilm.
  virtual void RecordFrames(FrameSink) {}
};

// For worlds whose episodes follow from a seed too. DrawSeed gives any but 0, which stands for no
// seed in stores; SeedOf throws Error for a start without one.
inline uint64_t DrawSeed(Stream& stream) { return std::max<uint64_t>(stream.Next64(), 1); }
inline uint64_t SeedOf(const EpisodeStart& start) {
  if (start.seed) return *start.seed;
  throw Error("an episode's start has no seed, but here it decides what happens: give one");
}

// Immutable, shared by all threads.
class World {
 public:
  virtual ~World() = default;
  virtual const EnvironmentSpec& spec() const = 0;
  // How the next episode starts. Takes the same number of draws each time.
  virtual EpisodeStart DrawStart(Stream& stream) const = 0;
  // The world need not outlive its environments. Any thread may call this.
  virtual std::unique_ptr<Environment> MakeEnvironment() const = 0;
  // So many for one thread, at most spec().lanes; where the spec says that they step together, they
  // share what makes that cheap.
  virtual std::vector<std::unique_ptr<Environment>> MakeEnvironments(int count) const {
    std::vector<std::unique_ptr<Environment>> environments;
    for (int i = 0; i < count; ++i) environments.push_back(MakeEnvironment());
    return environments;
  }
};

}  // namespace dne
