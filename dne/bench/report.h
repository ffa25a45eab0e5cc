// SPDX-License-Identifier: MIT
// The rows of a benchmark as text: a table for people, JSON and CSV for programs.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "dne/bench/timing.h"

namespace dne {

struct BenchRow {
  std::string environment;  // empty: of none
  std::string network;      // empty: of none
  std::string measure;
  int threads = 1;
  Spread value;      // of all threads together, where it is a rate
  std::string unit;  // "steps/s", "images/s", "GFLOP/s", "ms", "us", "MB", "%", "x"
};

using RowSink = std::function<void(const BenchRow&)>;

// Figures without a spread; Percent is of a share.
Spread Exactly(double value);
Spread Percent(double share);

// Where figures come from.
struct BenchOrigin {
  std::string version;
  std::string build;
  std::string machine;
  std::string isa;
  std::string clock;  // what its seconds are: "wall clock"
  std::string note;   // a line more for people
  double seconds = 0;
  int repeats = 0;
};

// The table's first lines, and a line of it. Rates over several threads also per thread.
std::string BenchTableHead(const BenchOrigin& origin);
std::string BenchTableLine(const BenchRow& row);

// One object: where it comes from and "rows".
std::string BenchJson(const BenchOrigin& origin, std::span<const BenchRow> rows);
// A head line, then a line a row, each with where it comes from.
std::string BenchCsv(const BenchOrigin& origin, std::span<const BenchRow> rows);

}  // namespace dne
