// SPDX-License-Identifier: MIT
#include "dne/bench/bench_gpu.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>

#include "dne/gpu/queue.h"

namespace dne {
namespace {

double RealClock() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

TEST(GpuBench, HoldsWhatADeviceDoesAgainstItsMultiplyAdds) {
  std::map<std::string, int> units;
  BenchGpu({.device = gpu::MakeHostDevice(12 << 20),
            .population_size = 4,
            .batch_size = 32,
            .networks = {"mnist_small"},
            .num_images = 60,
            .multiply_adds = {.threads = 10, .rounds = 10},
            .timing = {.clock = RealClock, .seconds = 0.001, .repeats = 1}},
           [&](const BenchRow& row) {
             ++units[row.unit];
             EXPECT_GT(row.value.low, 0) << row.measure;
           });
  EXPECT_EQ(units, (std::map<std::string, int>{
                       {"%", 1}, {"GFLOP/s", 2}, {"images/s", 1}, {"members/s", 1}, {"ms", 3}}));
}

}  // namespace
}  // namespace dne
