// SPDX-License-Identifier: MIT
// What a person sees of a run while it goes on: a live line on a terminal, a line a generation in
// a pipe, or a JSON object a generation.
#pragma once

#include <memory>
#include <string>

#include "dne/experiment/run.h"

namespace dne::app {

enum class LogFormat { kText, kJson };

// Prints to standard output. `finished` are the generations before this start.
std::unique_ptr<RunObserver> MakeProgress(LogFormat format, const BudgetConfig& budget,
                                          const std::vector<GenerationRecord>& finished,
                                          const Watch& watch);

// One generation as a line, and as a JSON object.
std::string GenerationLine(const GenerationRecord& record);
std::string GenerationJson(const GenerationRecord& record);

// A metric, or 0 where the generation has none of that name.
double MetricOf(const GenerationRecord& record, const std::string& name);

}  // namespace dne::app
