// SPDX-License-Identifier: MIT
#include "dne/experiment/signature.h"

#include <array>
#include <bit>
#include <memory>

#include "dne/base/bytes.h"
#include "dne/base/digest.h"
#include "dne/experiment/run.h"
#include "dne/experiment/setup.h"
#include "dne/experiment/signature_parts.h"
#include "dne/nn/forward.h"
#include "dne/nn/sensitivity.h"

namespace dne {
namespace {

// Keeps nothing but the digests.
class DigestWriter final : public RunWriter {
 public:
  void Write(const Commit& commit) override {
    for (const GenerationRecord& record : commit.generations) digest_.Add(record.digest);
  }
  void Log(const LogEntry&) override {}
  std::optional<Checkpoint> LastCheckpoint() const override { return std::nullopt; }
  std::vector<LogEntry> Logged() const override { return {}; }

  uint64_t digest() const { return digest_.value(); }

 private:
  Digest digest_;
};

// Whether this build has what the experiment plays.
bool CanPlay(const SignaturePart& part, const ExperimentConfig& config) {
  if (part.landscape) return true;
  return !config.task.kind->environments().empty();
}

std::optional<uint64_t> DigestOf(const SignaturePart& part, const EvaluatorOptions& options) {
  DigestWriter writer;
  for (const ExperimentConfig& config : part.experiments) {
    if (!CanPlay(part, config)) return std::nullopt;
    const std::unique_ptr<Task> task =
        part.landscape ? MakeLandscapeTask(*part.landscape) : MakeSetup(config).task;
    Watch watch;
    RunObserver observer;
    const auto algorithm = MakeAlgorithm(config, *task, options);
    const auto evaluator = MakeThreadEvaluator(*task, options, watch);
    RunExperiment(config.budget, *algorithm, *evaluator, writer,
                  {task->layout().num_parameters, options, watch}, observer);
  }
  return writer.digest();
}

std::vector<uint8_t> RandomBytes(Stream& stream, size_t count) {
  std::vector<uint8_t> bytes(count);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(stream.Below(256));
  return bytes;
}

constexpr Shape kImage = {.height = 37, .width = 42, .channels = 3};
constexpr StreamId kStream = {.seed = 14};
constexpr int kOutputs = 4;

std::vector<float> Founder(const Network& network, Isa isa) {
  std::vector<float> parameters(network.num_parameters());
  network.Initialise(kStream, parameters, isa);
  return parameters;
}

// Of games only the action shows, the largest output: here every bit of them all does.
uint64_t DigestOfOutputs(const std::vector<NetworkSpec>& specs, int steps, Isa isa) {
  constexpr size_t kReferences = 6;
  Digest digest;
  for (const NetworkSpec& spec : specs) {
    const Network network(spec, kImage, kOutputs);
    const std::vector<float> parameters = Founder(network, isa);
    Stream stream(kStream);
    const auto references = RandomBytes(stream, kReferences * kImage.size());
    const std::unique_ptr<Forward> forward = MakeForward(network, isa, 1);
    if (spec.virtual_batch_norm) forward->SetReferenceBatch(references);
    forward->SetParameters(parameters);
    digest.AddBytes(BytesOfFloats(parameters));
    std::vector<float> outputs(kOutputs);
    for (int step = 0; step < steps; ++step) {
      forward->Run(std::array{0}, RandomBytes(stream, kImage.size()), outputs);
      digest.AddBytes(BytesOfFloats(outputs));
    }
  }
  return digest.value();
}

uint64_t DigestOfSensitivities(const std::vector<NetworkSpec>& specs, Isa isa) {
  constexpr std::array<uint32_t, 2> kLengths = {3, 2};
  Digest digest;
  for (const NetworkSpec& spec : specs) {
    const Network network(spec, kImage, kOutputs);
    std::vector<float> parameters = Founder(network, isa);
    Stream stream(kStream);
    const auto experiences = RandomBytes(stream, 5 * kImage.size());
    OutputSensitivity sensitivity(network, isa);
    sensitivity.SetExperiences(parameters, {.bytes = experiences, .lengths = kLengths});
    std::vector<float> out(parameters.size());
    sensitivity.Sum(out);
    digest.AddBytes(BytesOfFloats(out));
    sensitivity.Abs(out);
    digest.AddBytes(BytesOfFloats(out));
    sensitivity.SecondOrder(parameters, out);
    digest.AddBytes(BytesOfFloats(out));
    const double divergence = sensitivity.Divergence(out);
    digest.Add(std::bit_cast<uint64_t>(divergence));
  }
  return digest.value();
}

}  // namespace

std::vector<SignatureLine> SignatureLines(
    const EvaluatorOptions& options, const std::function<bool(const std::string& name)>& wanted) {
  std::vector<SignatureLine> lines;
  const auto add = [&](const std::string& name, const auto& digest) {
    if (wanted(name)) lines.push_back({name, digest()});
  };
  for (const SignaturePart& part : SignatureParts()) {
    add(part.name, [&] { return DigestOf(part, options); });
  }
  const Isa isa = options.isa;
  add("network_outputs", [isa] { return DigestOfOutputs(SignatureNetworks(), 1, isa); });
  add("graph_outputs", [isa] { return DigestOfOutputs(SignatureGraphs(), 3, isa); });
  add("output_sensitivities", [isa] { return DigestOfSensitivities(SignatureGraphs(), isa); });
  add("float16_outputs", [isa] { return DigestOfOutputs(SignatureHalves(), 3, isa); });
  return lines;
}

uint64_t Signature(const std::vector<SignatureLine>& lines) {
  Digest digest;
  for (const SignatureLine& line : lines) {
    digest.AddText(line.name);
    digest.Add(line.digest.value_or(0));
  }
  return digest.value();
}

}  // namespace dne
