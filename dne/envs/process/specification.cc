// SPDX-License-Identifier: MIT
#include "dne/envs/process/specification.h"

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "dne/base/error.h"

namespace dne::process {
namespace {

constexpr size_t kVersionEnd = offsetof(Hello, version) + sizeof(uint32_t);
constexpr uint32_t kMostSide = 4096;
constexpr uint32_t kMostNumbers = 1u << 24;  // of an observation, of an action, of a behaviour

[[noreturn]] void FailSpecification(const Child& child, const std::string& what) {
  throw Error(child.name() + " does not say what an environment says: " + what +
              " (docs/environment-protocol.md)." + child.OutputEnd());
}

void CheckVersion(const Child& child, const Hello& hello) {
  if (hello.magic != kMagic) FailSpecification(child, "it does not begin with \"dneE\"");
  if (hello.version != kVersion) {
    FailSpecification(child, "its protocol is version " + std::to_string(hello.version) +
                                 ", this dne's is " + std::to_string(kVersion));
  }
}

void CheckHello(const Child& child, const Hello& hello, const ProcessOptions& options) {
  const auto positions = uint64_t{hello.height} * hello.width;
  const bool is_sound = hello.observes_bytes <= 1 && hello.height >= 1 && hello.width >= 1 &&
                        hello.channels >= 1 && hello.height <= kMostSide &&
                        hello.width <= kMostSide && hello.channels <= kMostNumbers &&
                        positions * hello.channels <= kMostNumbers;
  if (!is_sound || (hello.observes_bytes == 1) != (positions > 1)) {
    FailSpecification(child, "an observation of " + std::to_string(hello.height) + " x " +
                                 std::to_string(hello.width) + " x " +
                                 std::to_string(hello.channels) +
                                 (hello.observes_bytes ? " bytes" : " floats") +
                                 "; images are bytes, flat ones 1 x 1 x their number of floats");
  }
  if (hello.is_continuous > 1 || hello.action_size < 1 || hello.action_size > kMostNumbers) {
    FailSpecification(child, "an action of size " + std::to_string(hello.action_size));
  }
  if (hello.max_episode_steps > INT32_MAX) FailSpecification(child, "its own limit of steps");
  if (hello.behaviour_size > kMostNumbers) {
    FailSpecification(child, "a behaviour of size " + std::to_string(hello.behaviour_size));
  }
  if (hello.num_envs < 1 || std::cmp_greater(hello.num_envs, kMostEnvs)) {
    FailSpecification(child, std::to_string(hello.num_envs) + " environments in a process");
  }
  if (std::cmp_greater(options.num_envs, hello.num_envs)) {
    throw Error(child.name() + " can hold " + std::to_string(hello.num_envs) +
                " of the environments of which task.num_envs wants " +
                std::to_string(options.num_envs) +
                " in a process: lower that, or let it hold more (docs/environment-protocol.md)");
  }
  const bool wants_bytes = options.observation == ObservationType::kBytes;
  if (wants_bytes != (hello.observes_bytes == 1)) {
    throw Error(child.name() + " observes " + (hello.observes_bytes ? "bytes" : "floats") +
                ": set task.observations = " + (hello.observes_bytes ? "\"bytes\"" : "\"floats\""));
  }
}

template <class T>
std::span<uint8_t> BytesOf(std::span<T> values) {
  return {reinterpret_cast<uint8_t*>(values.data()), values.size_bytes()};
}

}  // namespace

bool Specification::operator==(const Specification& other) const {
  return std::memcmp(&hello, &other.hello, sizeof hello) == 0 && low == other.low &&
         high == other.high;
}

Specification Ask(Child& child, const ProcessOptions& options, Cancel cancel) {
  Specification said;
  const std::span<uint8_t> hello = BytesOf(std::span(&said.hello, 1));
  child.Read(hello.first(kVersionEnd), options.start_seconds, Starting, cancel);
  CheckVersion(child, said.hello);  // before what other versions may not have
  child.Read(hello.subspan(kVersionEnd), options.start_seconds, Starting, cancel);
  CheckHello(child, said.hello, options);
  if (!said.hello.is_continuous) return said;
  for (std::vector<float>* limits : {&said.low, &said.high}) {
    limits->resize(said.hello.action_size);
    child.Read(BytesOf(std::span(*limits)), options.start_seconds, Starting, cancel);
  }
  for (size_t i = 0; i < said.low.size(); ++i) {
    if (!(said.low[i] <= said.high[i])) {
      FailSpecification(child, "action " + std::to_string(i) + " lies between " +
                                   std::to_string(said.low[i]) + " and " +
                                   std::to_string(said.high[i]));
    }
  }
  return said;
}

EnvironmentSpec SpecOf(const Specification& said, const ProcessOptions& options) {
  const Hello& hello = said.hello;
  EnvironmentSpec spec;
  spec.observation = {
      .type = hello.observes_bytes ? ObservationType::kBytes : ObservationType::kFloats,
      .height = static_cast<int>(hello.height),
      .width = static_cast<int>(hello.width),
      .channels = static_cast<int>(hello.channels)};
  spec.action.type = hello.is_continuous ? ActionType::kContinuous : ActionType::kDiscrete;
  spec.action.size = static_cast<int>(hello.action_size);
  for (uint32_t i = 0; i < hello.action_size && !hello.is_continuous; ++i) {
    spec.action.names.push_back(std::to_string(i));
  }
  spec.behaviour = {.type = BehaviourType::kPoint, .size = static_cast<int>(hello.behaviour_size)};
  spec.max_episode_steps = static_cast<int>(hello.max_episode_steps);
  spec.lanes = options.num_envs > 0 ? options.num_envs : static_cast<int>(hello.num_envs);
  spec.steps_together = spec.lanes > 1;
  spec.most_lanes = spec.lanes;
  return spec;
}

}  // namespace dne::process
