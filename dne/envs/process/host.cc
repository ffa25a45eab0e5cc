// SPDX-License-Identifier: MIT
#include "dne/envs/process/host.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "dne/base/error.h"

namespace dne::process {
namespace {

constexpr uint64_t kTrimTrips = 256;  // after so many what was printed may be forgotten

}  // namespace

Host::Host(const ProcessOptions& options, const Specification& said, size_t num_envs,
           std::unique_ptr<Child> child)
    : options_(options), said_(said), layout_(said.hello, num_envs), envs_(num_envs) {
  left_.resize(layout_.size);
  memory_ = left_;
  if (child) Adopt(std::move(child));
}

void Host::PutReset(size_t env, uint64_t seed) {
  if (!child_) Start();
  if (was_cancelled_) return;
  envs_[env] = {.seed = seed};
  std::memcpy(memory_.data() + layout_.seeds + env * sizeof seed, &seed, sizeof seed);
  Put(env, kReset);
}

bool Host::PutStep(size_t env, const Action& action) {
  if (was_cancelled_) return true;
  Env& of = envs_[env];
  DNE_CHECK(of.is_playing && child_);
  uint8_t* at = memory_.data() + layout_.actions + env * layout_.action_bytes;
  if (!said_.hello.is_continuous) {
    DNE_CHECK(0 <= action.choice && std::cmp_less(action.choice, said_.hello.action_size));
    const auto choice = static_cast<uint32_t>(action.choice);
    std::memcpy(at, &choice, sizeof choice);
  } else {
    DNE_CHECK(action.values.size() == said_.low.size());
    auto* numbers = reinterpret_cast<float*>(at);
    for (size_t i = 0; i < said_.low.size(); ++i) {
      if (std::isnan(action.values[i])) return of.is_playing = false;
      numbers[i] = std::clamp(action.values[i], said_.low[i], said_.high[i]);
    }
  }
  ++of.steps;
  Put(env, kStep);
  return true;
}

void Host::Put(size_t env, uint8_t command) {
  memory_[layout_.states + env] = command;
  envs_[env].has_command = true;
  envs_[env].is_sent = false;
}

void Host::Finish(size_t env) {
  Env& of = envs_[env];
  if (!of.has_command) return;
  if (!of.is_sent) Go();
  of.has_command = false;
  if (was_cancelled_) return;
  if (failure_ && (failure_->env == env || state(env) > kAllFlags)) throw Error(failure_->text);
  if (!child_) return;  // another one's command has ended it, and is about to say so
  CheckNumbers(env);
  of.is_playing = flags(env) == 0;
}

// One round trip for all that is put. Where it fails, Finish says so to whom it concerns.
void Host::Go() {
  for (Env& env : envs_) env.is_sent = env.has_command;
  try {
    if (++trips_ % kTrimTrips == 0) child_->TrimOutput();
    Exchange();
  } catch (const Cancelled&) {
    was_cancelled_ = true;
    End();
  } catch (const Error& error) {
    failure_ = {.env = EnvInWork(), .text = error.what()};
    End();
  }
}

void Host::Exchange() {
  child_->Write(kGo);
  uint8_t reply = 0;
  child_->Read({&reply, 1}, options_.step_seconds, doing_, cancel_);
  if (reply != kDone) {
    throw Error(child_->name() + " answered with byte " + std::to_string(reply) + " while " +
                doing_() + ", where 'D' ends every answer (docs/environment-protocol.md)." +
                child_->OutputEnd());
  }
  for (size_t env = 0; env < envs_.size(); ++env) {
    if (!envs_[env].has_command || state(env) <= kAllFlags) continue;
    throw Error(child_->name() + " left state " + std::to_string(state(env)) + " where " +
                Doing(env) + ": flags go there (docs/environment-protocol.md)." +
                child_->OutputEnd());
  }
}

// The first, in order, whose command is not carried out, else the last one that had any.
size_t Host::EnvInWork() const {
  size_t last = 0;
  for (size_t env = 0; env < envs_.size(); ++env) {
    if (!envs_[env].has_command) continue;
    last = env;
    if (state(env) > kAllFlags) break;
  }
  return last;
}

std::string Host::Doing(size_t env) const {
  const std::string episode = "an episode of seed " + std::to_string(envs_[env].seed);
  return envs_[env].steps == 0
             ? "it began " + episode
             : "it made step " + std::to_string(envs_[env].steps) + " of " + episode;
}

Observation Host::observation(size_t env) const {
  if (said_.hello.observes_bytes) {
    return {.bytes = RowOf<uint8_t>(layout_.observations, layout_.observation_bytes, env)};
  }
  return {.floats =
              RowOf<float>(layout_.observations, layout_.observation_bytes / sizeof(float), env)};
}

void Host::CheckNumbers(size_t env) {
  const auto fail = [&](const std::string& what, double value) {
    const std::string text = child_->name() + " gave " + what + " that is not finite (" +
                             std::to_string(value) + ") while " + Doing(env) + ": mend it." +
                             child_->OutputEnd();
    End();
    throw Error(text);
  };
  if (envs_[env].steps > 0 && !std::isfinite(reward(env))) fail("a reward", reward(env));
  for (const double number : behaviour(env)) {
    if (!std::isfinite(number)) fail("a behaviour", number);
  }
  for (const float number : observation(env).floats) {
    if (!std::isfinite(number)) fail("an observation", double{number});
  }
}

void Host::Start() {
  try {
    auto child = std::make_unique<Child>(options_.command);
    if (Ask(*child, options_, cancel_) != said_) {
      throw Error(child->name() +
                  " says something else of itself than when it was first started: its "
                  "specification must not change");
    }
    Adopt(std::move(child));
  } catch (const Cancelled&) {
    was_cancelled_ = true;
  }
}

void Host::Adopt(std::unique_ptr<Child> child) {
  child_ = std::move(child);
  memory_ = child_->Share(layout_.size);
  const auto num_envs = static_cast<uint32_t>(envs_.size());
  std::memcpy(memory_.data(), &num_envs, sizeof num_envs);
  child_->Write(kBegin);
  failure_.reset();
  for (Env& env : envs_) env.has_command = false;
}

void Host::End() {
  left_.assign(memory_.begin(), memory_.end());
  memory_ = left_;
  child_.reset();
  for (Env& env : envs_) env.is_playing = false;
}

}  // namespace dne::process
