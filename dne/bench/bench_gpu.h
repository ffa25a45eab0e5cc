// SPDX-License-Identifier: MIT
// What a graphics card does of a generation of an evolution strategy on MNIST's networks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dne/bench/report.h"
#include "dne/bench/timing.h"
#include "dne/evaluate/evaluator.h"
#include "dne/gpu/jobs.h"

namespace dne {

struct GpuBenchOptions {
  std::shared_ptr<gpu::Device> device;
  int threads = 1;  // of the processor, which draw images and mark outputs
  int population_size = 10'000;
  int batch_size = 64;  // images of each pair
  std::vector<std::string> networks = {"mnist_small", "mnist_cnn"};
  size_t num_images = 60'000;  // to draw from, and a sixth as many to validate on
  gpu::MultiplyAddJob multiply_adds = {.threads = 1 << 20, .rounds = 2000};
  Timing timing;
  Isa isa = BestIsa();
};

// The card's multiply-adds alone; of the networks of 1712.06564 members drawn a second, images
// seen a second by members of their own weights, beside those multiply-adds, and whole generations.
// Blocks for a minute; gives each row as soon as it is known. Throws Cancelled.
void BenchGpu(const GpuBenchOptions& options, const RowSink& on_row);

}  // namespace dne
