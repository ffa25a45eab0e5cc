// SPDX-License-Identifier: MIT
#include "dne/envs/process/process.h"

#include <mutex>
#include <utility>

#include "dne/base/error.h"
#include "dne/envs/process/host.h"
#include "dne/envs/process/specification.h"
#include "dne/episode/descriptor.h"

namespace dne {
namespace {

using process::Child;
using process::Host;
using process::Specification;

class ProcessEnvironment final : public Environment {
 public:
  // The environment of that number in the process.
  ProcessEnvironment(std::shared_ptr<Host> host, size_t number)
      : host_(std::move(host)), number_(number) {}

  void WatchCancel(const std::atomic<bool>& cancel) override { host_->WatchCancel(cancel); }

  void StartReset(const EpisodeStart& start) override { host_->PutReset(number_, SeedOf(start)); }
  void Reset(const EpisodeStart& start) override {
    if (!host_->has_command(number_)) StartReset(start);
    host_->Finish(number_);
  }

  void StartStep(const Action& action) override { host_->PutStep(number_, action); }
  StepResult Step(const Action& action) override {
    if (!host_->has_command(number_) && !host_->PutStep(number_, action)) {
      return {.frames = 1, .terminal = true, .invalid = true};
    }
    host_->Finish(number_);
    if (host_->was_cancelled()) return {.frames = 1, .terminal = true};
    const uint8_t flags = host_->flags(number_);
    return {.reward = host_->reward(number_),
            .frames = 1,
            .terminal = flags != 0,
            .solved = (flags & process::kSolved) != 0,
            .truncated = flags == process::kTruncated};
  }

  Observation observation() const override { return host_->observation(number_); }
  std::vector<uint8_t> descriptor() const override {
    return DescriptorFromPoint(host_->behaviour(number_));
  }

 private:
  std::shared_ptr<Host> host_;
  size_t number_;
};

class ProcessWorld final : public World {
 public:
  explicit ProcessWorld(const ProcessOptions& options)
      : options_(options),
        first_(std::make_unique<Child>(options.command)),
        said_(process::Ask(*first_, options, nullptr)),
        spec_(process::SpecOf(said_, options)) {}

  const EnvironmentSpec& spec() const override { return spec_; }
  EpisodeStart DrawStart(Stream& stream) const override { return {.seed = DrawSeed(stream)}; }
  std::unique_ptr<Environment> MakeEnvironment() const override {
    return std::move(MakeEnvironments(1).front());
  }
  std::vector<std::unique_ptr<Environment>> MakeEnvironments(int count) const override {
    DNE_CHECK(1 <= count && count <= spec_.lanes);
    const auto size = static_cast<size_t>(count);
    const auto host = std::make_shared<Host>(options_, said_, size, TakeFirst());
    std::vector<std::unique_ptr<Environment>> environments;
    for (size_t i = 0; i < size; ++i) {
      environments.push_back(std::make_unique<ProcessEnvironment>(host, i));
    }
    return environments;
  }

 private:
  // The process that has said what it is; null: it is in use.
  std::unique_ptr<Child> TakeFirst() const {
    const std::lock_guard lock(mutex_);
    return std::move(first_);
  }

  ProcessOptions options_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<Child> first_;
  Specification said_;
  EnvironmentSpec spec_;
};

}  // namespace

std::shared_ptr<const World> StartProcessWorld(const ProcessOptions& options) {
  return std::make_shared<ProcessWorld>(options);
}

}  // namespace dne
