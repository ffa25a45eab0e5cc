// SPDX-License-Identifier: MIT
#include "dne/bench/bench_gpu.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "dne/bench/bench_network.h"
#include "dne/bench/es_generation.h"
#include "dne/bench/noise_images.h"
#include "dne/bench/playing_rate.h"
#include "dne/gpu/population.h"
#include "dne/tasks/exams.h"

namespace dne {
namespace {

constexpr double kGiga = 1e9;
constexpr int kQueues = 2;
constexpr double kShare = 0.4;  // of the free memory, for each queue
constexpr float kSigma = 0.002f;

Spread Times(const Spread& spread, double factor) {
  return {spread.median * factor, spread.low * factor, spread.high * factor};
}

// Operations a second.
Spread MeasurePeak(const GpuBenchOptions& options) {
  const auto work = [&](uint32_t) -> Work {
    const auto queue = std::shared_ptr<gpu::Queue>(options.device->MakeQueue());
    const auto results = std::make_shared<gpu::Buffer<float>>(*queue);
    gpu::MultiplyAddJob job = options.multiply_adds;
    results->Reserve(job.threads);
    job.results = results->data();
    return [queue, results, job] {
      queue->Run(job);
      queue->Wait();
      return uint64_t{2} * gpu::MultiplyAddJob::kChains * job.rounds * job.threads;
    };
  };
  return MeasureRate(ForEachThread(1, work), options.timing);
}

// What one thread has of the device.
class Members {
 public:
  Members(const GpuBenchOptions& options, const Task& task, uint32_t thread)
      : queue_(options.device->MakeQueue()),
        images_(*queue_, task.exams()->data().train.pixels),
        population_(
            task.exams()->network(), task.layout(), *queue_,
            static_cast<size_t>(kShare * static_cast<double>(options.device->free_memory()))),
        item_(thread << 20) {
    std::vector<float> parent(task.layout().policy_size());
    task.initialiser(options.isa)(BenchFounder(0), parent);
    const std::span<const float> view = parent;
    population_.SetParents({&view, 1}, {});
    const auto looks = static_cast<size_t>(options.batch_size) / gpu::kLanes;
    count_ = std::min(population_.max_members(), population_.max_looks() / looks) / 2 * 2;
    order_.resize(count_ * static_cast<size_t>(options.batch_size));
    Stream stream = BenchStream(thread);
    for (uint32_t& image : order_) image = stream.Below(static_cast<uint32_t>(options.num_images));
    for (uint32_t member = 0; member < count_; ++member) {
      for (size_t i = 0; i < looks; ++i) {
        looks_.push_back({member, &images_,
                          std::span(order_).subspan(looks_.size() * gpu::kLanes, gpu::kLanes)});
      }
    }
    outputs_.resize(looks_.size() * gpu::kLanes *
                    static_cast<size_t>(task.exams()->network().num_outputs()));
    Draw();
  }

  uint64_t Draw() {
    std::vector<gpu::Member> members;
    for (uint32_t i = 0; i < count_; ++i) {
      members.push_back({.noise = Noise{.stream = {.seed = kBenchSeed,
                                                   .item = item_ + i / 2 * 2,
                                                   .purpose = Purpose::kMutation},
                                        .sigma = kSigma,
                                        .mirrored = i % 2 == 1}});
    }
    item_ += static_cast<uint32_t>(count_);
    population_.Hold(members);
    queue_->Wait();
    return count_;
  }

  uint64_t Look() {
    population_.Run(looks_, outputs_);
    return looks_.size() * gpu::kLanes;
  }

 private:
  std::unique_ptr<gpu::Queue> queue_;
  gpu::Images images_;
  gpu::Population population_;
  uint32_t item_;
  size_t count_ = 0;
  std::vector<uint32_t> order_;
  std::vector<gpu::Look> looks_;
  std::vector<float> outputs_;
};

Spread Rate(const GpuBenchOptions& options, const Task& task, uint64_t (Members::*work)()) {
  return MeasureRate(ForEachThread(kQueues,
                                   [&](uint32_t thread) -> Work {
                                     const auto members =
                                         std::make_shared<Members>(options, task, thread);
                                     return [members, work] { return ((*members).*work)(); };
                                   }),
                     options.timing);
}

void Measure(const std::string& name, double peak, const GpuBenchOptions& options,
             const RowSink& on_row) {
  const auto row = [&](const std::string& what, const Spread& value, const char* unit) {
    on_row({"", name, what, 1, value, unit});
  };
  const auto task = MakeNoiseTask(NetworkPreset(name), options.batch_size, options.num_images,
                                  options.num_images / 6);
  row("members drawn", Rate(options, *task, &Members::Draw), "members/s");
  const Spread images = Rate(options, *task, &Members::Look);
  const Spread operations = Times(images, OperationsOf(task->exams()->network()));
  row("images seen", images, "images/s");
  row("images seen", Times(operations, 1 / kGiga), "GFLOP/s");
  row("images seen / multiply-adds alone", Percent(operations.median / peak), "%");
  EvaluatorOptions compute{.threads = options.threads, .isa = options.isa};
  compute.device = options.device;
  const GenerationCost cost =
      MeasureGeneration(*task, options.population_size, {}, compute, options.timing);
  const std::string what = "generation of " + std::to_string(options.population_size);
  row(what, cost.all, "ms");
  row(what + ": members", cost.members, "ms");
  row(what + ": update", cost.update, "ms");
}

}  // namespace

void BenchGpu(const GpuBenchOptions& options, const RowSink& on_row) {
  CheckMeasurable(std::array{options.threads}, options.timing);
  const Spread peak = MeasurePeak(options);
  on_row({"", "", "multiply-adds alone", 1, Times(peak, 1 / kGiga), "GFLOP/s"});
  for (const std::string& name : options.networks) Measure(name, peak.median, options, on_row);
}

}  // namespace dne
