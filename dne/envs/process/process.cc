// SPDX-License-Identifier: MIT
#include "dne/envs/process/process.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
#include <utility>

#include "dne/envs/process/child.h"
#include "dne/envs/process/protocol.h"
#include "dne/episode/descriptor.h"

namespace dne {
namespace {

using process::Child;
using process::Command;
using process::Head;
using process::Hello;
using process::Layout;

constexpr uint32_t kMostSide = 4096;
constexpr uint32_t kMostNumbers = 1u << 24;  // of an observation, of an action, of a behaviour
constexpr uint64_t kTrimSteps = 256;         // after so many what was printed may be forgotten

// What a program says of itself.
struct Specification {
  Hello hello;
  std::vector<float> low;  // of continuous actions
  std::vector<float> high;

  bool operator==(const Specification& other) const {
    return std::memcmp(&hello, &other.hello, sizeof hello) == 0 && low == other.low &&
           high == other.high;
  }
};

[[noreturn]] void FailSpecification(const Child& child, const std::string& what) {
  throw Error(child.name() + " does not say what an environment says: " + what +
              " (docs/environment-protocol.md)." + child.OutputEnd());
}

void CheckHello(const Child& child, const Hello& hello, const ProcessOptions& options) {
  if (hello.magic != process::kMagic) {
    FailSpecification(child, "it does not begin with \"dneE\"");
  }
  if (hello.version != process::kVersion) {
    FailSpecification(child, "its protocol is version " + std::to_string(hello.version) +
                                 ", this dne's is " + std::to_string(process::kVersion));
  }
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

std::string Starting() { return "it started"; }

Specification Ask(Child& child, const ProcessOptions& options, process::Cancel cancel) {
  Specification said;
  child.Read(BytesOf(std::span(&said.hello, 1)), options.start_seconds, Starting, cancel);
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

EnvironmentSpec SpecOf(const Specification& said) {
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
  return spec;
}

class ProcessEnvironment final : public Environment {
 public:
  // `child`: has said hello; null: is started when it is needed.
  ProcessEnvironment(const ProcessOptions& options, const Specification& said,
                     std::unique_ptr<Child> child)
      : options_(options),
        said_(said),
        layout_(said.hello),
        observation_size_(SpecOf(said).observation.size()) {
    if (child) Adopt(std::move(child));
  }

  void WatchCancel(const std::atomic<bool>& cancel) override { cancel_ = &cancel; }

  void Reset(const EpisodeStart& start) override {
    seed_ = SeedOf(start);
    steps_ = 0;
    if (!child_ && !Restart()) return;
    child_->TrimOutput();
    head().seed = seed_;
    if (!Call(Command::kReset)) return;
    CheckNumbers();
    running_ = true;
  }

  StepResult Step(const Action& action) override {
    if (was_cancelled_) return {.frames = 1, .terminal = true};
    DNE_CHECK(running_);
    if (++steps_ % kTrimSteps == 0) child_->TrimOutput();
    if (!Put(action)) {
      running_ = false;
      return {.frames = 1, .terminal = true, .invalid = true};
    }
    if (!Call(Command::kStep)) return {.frames = 1, .terminal = true};
    CheckNumbers();
    const uint32_t flags = head().flags;
    const StepResult result{
        .reward = head().reward,
        .frames = 1,
        .terminal = (flags & (process::kTerminated | process::kTruncated | process::kSolved)) != 0,
        .solved = (flags & process::kSolved) != 0,
        .truncated = flags == process::kTruncated};
    running_ = !result.terminal;
    return result;
  }

  Observation observation() const override {
    const uint8_t* at = memory_.data() + layout_.observation;
    if (said_.hello.observes_bytes) return {.bytes = {at, observation_size_}};
    return {.floats = {reinterpret_cast<const float*>(at), observation_size_}};
  }

  std::vector<uint8_t> descriptor() const override { return DescriptorFromPoint(behaviour()); }

 private:
  Head& head() { return *reinterpret_cast<Head*>(memory_.data()); }
  std::span<const double> behaviour() const {
    return {reinterpret_cast<const double*>(memory_.data() + layout_.behaviour),
            said_.hello.behaviour_size};
  }

  // False where waiting was cancelled, after which nothing here counts.
  bool Restart() {
    try {
      auto child = std::make_unique<Child>(options_.command);
      if (Ask(*child, options_, cancel_) != said_) {
        throw Error(child->name() +
                    " says something else of itself than when it was first started: its "
                    "specification must not change");
      }
      Adopt(std::move(child));
      return true;
    } catch (const process::Cancelled&) {
      End();
      was_cancelled_ = true;
      return false;
    }
  }

  void Adopt(std::unique_ptr<Child> child) {
    child_ = std::move(child);
    memory_ = child_->Share(layout_.size);
    child_->Write(static_cast<uint8_t>(Command::kBegin));
  }

  // False where a number is none, which no program is shown.
  bool Put(const Action& action) {
    uint8_t* at = memory_.data() + layout_.action;
    if (!said_.hello.is_continuous) {
      DNE_CHECK(0 <= action.choice && std::cmp_less(action.choice, said_.hello.action_size));
      const auto choice = static_cast<uint32_t>(action.choice);
      std::memcpy(at, &choice, sizeof choice);
      return true;
    }
    DNE_CHECK(action.values.size() == said_.low.size());
    auto* numbers = reinterpret_cast<float*>(at);
    for (size_t i = 0; i < said_.low.size(); ++i) {
      if (std::isnan(action.values[i])) return false;
      numbers[i] = std::clamp(action.values[i], said_.low[i], said_.high[i]);
    }
    return true;
  }

  // Likewise.
  bool Call(Command command) {
    try {
      child_->Write(static_cast<uint8_t>(command));
      uint8_t reply = 0;
      child_->Read({&reply, 1}, options_.step_seconds, doing_, cancel_);
      if (reply == process::kDone) return true;
      throw Error(child_->name() + " answered with byte " + std::to_string(reply) + " while " +
                  Doing() + ", where 'D' ends every answer (docs/environment-protocol.md)." +
                  child_->OutputEnd());
    } catch (const process::Cancelled&) {
      End();
      was_cancelled_ = true;
      return false;
    } catch (...) {
      End();
      throw;
    }
  }

  std::string Doing() const {
    const std::string episode = "an episode of seed " + std::to_string(seed_);
    return steps_ == 0 ? "it began " + episode
                       : "it made step " + std::to_string(steps_) + " of " + episode;
  }

  void End() {
    running_ = false;
    gone_.assign(layout_.size, 0);
    memory_ = gone_;
    child_.reset();
  }

  void CheckNumbers() {
    const auto fail = [&](const std::string& what, double value) {
      const std::string text = child_->name() + " gave " + what + " that is not finite (" +
                               std::to_string(value) + ") while " + Doing() + ": mend it." +
                               child_->OutputEnd();
      End();
      throw Error(text);
    };
    if (!std::isfinite(head().reward)) fail("a reward", head().reward);
    for (const double number : behaviour()) {
      if (!std::isfinite(number)) fail("a behaviour", number);
    }
    for (const float number : observation().floats) {
      if (!std::isfinite(number)) fail("an observation", double{number});
    }
  }

  ProcessOptions options_;
  Specification said_;
  Layout layout_;
  size_t observation_size_;
  std::unique_ptr<Child> child_;
  std::vector<uint8_t> gone_;  // what is seen once it has ended
  std::span<uint8_t> memory_;  // the child's, or that
  process::Cancel cancel_ = nullptr;
  const process::Doing doing_ = [this] { return Doing(); };
  uint64_t seed_ = 0;
  uint64_t steps_ = 0;
  bool running_ = false;
  bool was_cancelled_ = false;
};

class ProcessWorld final : public World {
 public:
  explicit ProcessWorld(const ProcessOptions& options)
      : options_(options),
        first_(std::make_unique<Child>(options.command)),
        said_(Ask(*first_, options, nullptr)),
        spec_(SpecOf(said_)) {}

  const EnvironmentSpec& spec() const override { return spec_; }
  EpisodeStart DrawStart(Stream& stream) const override { return {.seed = DrawSeed(stream)}; }
  std::unique_ptr<Environment> MakeEnvironment() const override {
    const std::lock_guard lock(mutex_);
    return std::make_unique<ProcessEnvironment>(options_, said_, std::move(first_));
  }

 private:
  ProcessOptions options_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<Child> first_;  // for the first environment
  Specification said_;
  EnvironmentSpec spec_;
};

}  // namespace

std::shared_ptr<const World> StartProcessWorld(const ProcessOptions& options) {
  return std::make_shared<ProcessWorld>(options);
}

}  // namespace dne
