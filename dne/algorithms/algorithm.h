// SPDX-License-Identifier: MIT
// The contract of an algorithm: a value that plans (Ask) and learns (Tell). It knows no threads,
// networks, environments or files, so where evaluation runs never shows in it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dne/genome/genome.h"
#include "dne/plan/centre.h"
#include "dne/plan/metrics.h"
#include "dne/plan/plan.h"

namespace dne {

// What one generation came to, once its last round is told.
struct GenerationSummary {
  uint32_t generation = 0;
  Genome elite;
  std::vector<Centre> centres;    // made by this generation: to be stored
  std::vector<CentreMove> moves;  // moves[i] made centres[i]
  Metrics metrics;
};

// Rounds are the steps of a generation: the GA trains, validates and tests. All randomness is a
// function of (run seed, generation, item), so the same state always plans the same.
class Algorithm : public CentreSource {
 public:
  // Who is tried next, on which episodes. Pure: asking twice plans the same twice.
  virtual Plan Ask() const = 0;

  // Consumes one result per item of the plan just asked, in plan order. Returns the summary when
  // this was the generation's last round.
  virtual std::optional<GenerationSummary> Tell(const Plan& plan,
                                                std::span<const Result> results) = 0;

  // The whole state as bytes; an algorithm restored from them plans and learns bit-identically.
  virtual std::string SaveState() const = 0;
  // Throws Error where the bytes are not such a state.
  virtual void RestoreState(std::string_view state) = 0;

  // Calls the listener from within Tell, as soon as it is known how a centre will move: others, who
  // have the centre as it was, can make the next one meanwhile.
  void OnMove(std::function<void(const CentreMove&)> listener) { on_move_ = std::move(listener); }

  // For algorithms without centres: nobody may call these.
  std::vector<uint8_t> UpdateState(Birth centre) const override;
  WholeCentre Rebuild(const CentreHistory& history) const override;

 protected:
  const std::function<void(const CentreMove&)>& on_move() const { return on_move_; }

 private:
  std::function<void(const CentreMove&)> on_move_;
};

}  // namespace dne
