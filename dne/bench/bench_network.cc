// SPDX-License-Identifier: MIT
#include "dne/bench/bench_network.h"

#include <memory>
#include <string>

#include "dne/bench/peak.h"
#include "dne/bench/playing_rate.h"
#include "dne/nn/batch_forward.h"

namespace dne {
namespace {

constexpr const char* kNetworks[] = {"mnist_cnn", "mnist_small"};
constexpr Shape kImage = {28, 28, 1};
constexpr int kClasses = 10;
constexpr size_t kBatches[] = {16, 64, 256};

// What one thread does: a policy after the other, each on the same batch.
class Evaluation {
 public:
  Evaluation(const Network& network, size_t batch, Isa isa, uint32_t thread)
      : policies_(MakeFounders(network.num_parameters(),
                               [&](const StreamId& id, std::span<float> policy) {
                                 network.Initialise(id, policy, isa);
                               })),
        forward_(MakeBatchForward(network, isa)),
        images_(batch * network.input().size()),
        outputs_(batch * static_cast<size_t>(network.num_outputs())) {
    Stream stream = BenchStream(thread);
    for (uint8_t& byte : images_) byte = static_cast<uint8_t>(stream.Below(256));
  }

  void Run() {
    forward_->SetParameters(policies_[next_++ % policies_.size()].values());
    forward_->Run(images_, outputs_);
  }

 private:
  std::vector<FloatBuffer> policies_;
  size_t next_ = 0;
  std::unique_ptr<BatchForward> forward_;
  std::vector<uint8_t> images_;
  std::vector<float> outputs_;
};

Spread ImagesPerSecond(const Network& network, size_t batch, int threads,
                       const NetworkBenchOptions& options) {
  return MeasureRate(ForEachThread(threads,
                                   [&](uint32_t thread) -> Work {
                                     const auto evaluation = std::make_shared<Evaluation>(
                                         network, batch, options.isa, thread);
                                     return [evaluation, batch] {
                                       evaluation->Run();
                                       return uint64_t{batch};
                                     };
                                   }),
                     options.timing);
}

Spread Times(const Spread& spread, double factor) {
  return {spread.median * factor, spread.low * factor, spread.high * factor};
}

constexpr double kGiga = 1e9;

// Operations a second.
double MeasurePeak(int threads, const NetworkBenchOptions& options, const RowSink& on_row) {
  const Spread peak = MeasureRate(
      ForEachThread(
          threads,
          [&](uint32_t) -> Work { return [isa = options.isa] { return MultiplyAddOnly(isa); }; }),
      options.timing);
  on_row({"", "", "multiply-adds alone", threads, Times(peak, 1 / kGiga), "GFLOP/s"});
  return peak.median;
}

void Measure(const char* name, int threads, double peak, const NetworkBenchOptions& options,
             const RowSink& on_row) {
  const Network network(NetworkPreset(name), kImage, kClasses);
  for (const size_t batch : kBatches) {
    const std::string what = "batches of " + std::to_string(batch);
    const Spread images = ImagesPerSecond(network, batch, threads, options);
    const Spread operations = Times(images, OperationsOf(network));
    on_row({"", name, what, threads, images, "images/s"});
    on_row({"", name, what, threads, Times(operations, 1 / kGiga), "GFLOP/s"});
    if (peak == 0) continue;
    on_row({"", name, what + " / multiply-adds alone", threads, Percent(operations.median / peak),
            "%"});
  }
}

}  // namespace

double OperationsOf(const Network& network) {
  double operations = 0;
  for (const Layer& layer : network.layers()) {
    const double positions = static_cast<double>(layer.output.positions());
    operations += 2 * positions * static_cast<double>(layer.map.num_weights());
  }
  return operations;
}

void BenchNetwork(const NetworkBenchOptions& options, const RowSink& on_row) {
  CheckMeasurable(options.threads, options.timing);
  for (const int threads : options.threads) {
    const double peak = options.isa == Isa::kScalar ? 0 : MeasurePeak(threads, options, on_row);
    for (const char* name : kNetworks) Measure(name, threads, peak, options, on_row);
  }
}

}  // namespace dne
