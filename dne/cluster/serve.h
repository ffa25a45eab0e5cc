// SPDX-License-Identifier: MIT
// What every rank but 0 does: it evaluates for rank 0.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dne/cluster/transport.h"
#include "dne/evaluate/evaluator.h"
#include "dne/plan/centre.h"
#include "dne/tasks/task.h"

namespace dne {

// What a rank evaluates, made from the bytes that rank 0 sent.
class RankSetup {
 public:
  virtual ~RankSetup() = default;
  virtual const Task& task() const = 0;
  // Makes centres again; null where plans have none.
  virtual const CentreSource* source() const = 0;
  // Those that a run begins with, which follow from its seed.
  virtual std::vector<Centre> FirstCentres() const = 0;
};

// Throws Error where this rank cannot evaluate what rank 0 does; rank 0 then ends with that text.
using RankSetupMaker = std::function<std::unique_ptr<RankSetup>(std::span<const uint8_t> setup,
                                                                const EvaluatorOptions& options)>;

struct ServeOptions {
  // HelloMessage
  std::string program;
  std::string host;
  RankSetupMaker make_setup;
  Clock clock;
};

// Serves rank 0 until it says that the job has ended; blocks. False where it was lost before. What
// goes wrong in the work is told to rank 0, which ends the command with it.
bool Serve(Transport& transport, const ServeOptions& options);

}  // namespace dne
