// SPDX-License-Identifier: MIT
#include "dne/bench/bench_mutation.h"

#include <memory>
#include <string>
#include <utility>

#include "dne/base/float_buffer.h"
#include "dne/bench/playing_rate.h"
#include "dne/envs/maze/kind.h"
#include "dne/genome/perturbation.h"
#include "dne/tasks/episode_task.h"

namespace dne {
namespace {

constexpr float kSigma = 0.005f;
constexpr float kClip = 0.2f;
constexpr uint32_t kExperience = 100;

struct MeasuredNetwork {
  const char* name;
  const char* environment;
  RobotMazeOptions robot;
  NetworkSpec spec;
};

// Section 6 of the paper, as its configurations have them.
std::vector<MeasuredNetwork> MeasuredNetworks() {
  const RobotMazeOptions every_third = {.action_repeat = 3, .action_offset = 0};
  const auto dense = [](int units, Activation activation, int layers, int skip_every) {
    return NetworkSpec{.hidden = {{.units = units, .activation = activation, .repeat = layers}},
                       .output_activation = Activation::kSigmoid,
                       .skip_every = skip_every,
                       .initialisation = Initialisation::kXavier,
                       .random_biases = true,
                       .output_scale = 1};
  };
  NetworkSpec topdown = dense(0, Activation::kRelu, 1, 0);
  const auto maps = [](int kernel, int stride, int layers) {
    return LayerSpec{.type = LayerType::kConv2d,
                     .units = 12,
                     .kernel = kernel,
                     .stride = stride,
                     .repeat = layers};
  };
  topdown.hidden = {maps(5, 2, 2),
                    maps(3, 1, 12),
                    {.type = LayerType::kAveragePool},
                    {.type = LayerType::kLstm, .units = 20, .repeat = 2}};
  return {{"16x8", "hard_maze", every_third, dense(8, Activation::kSelu, 17, 0)},
          {"64x125", "hard_maze", every_third, dense(125, Activation::kTanh, 65, 4)},
          {"14 conv, 2 lstm", "topdown_maze", {}, topdown}};
}

struct MeasuredMutation {
  const char* name;
  PerturbationKind kind;
};
constexpr MeasuredMutation kMutations[] = {{"SM-R", PerturbationKind::kSafeRescaled},
                                           {"SM-G-SUM", PerturbationKind::kSafeSum},
                                           {"SM-G-ABS", PerturbationKind::kSafeAbs},
                                           {"SM-G-SO", PerturbationKind::kSafeSecondOrder}};

std::shared_ptr<const Task> MakeMazeTask(const MeasuredNetwork& measured) {
  const auto world =
      kMazeKind.load(Options(MazeWorldOptions{
                         .environment = measured.environment, .maze = {}, .robot = measured.robot}),
                     /*may_start_programs=*/false);
  return MakeEpisodeTask({.world = world, .network = MakeNetwork(world->spec(), measured.spec)});
}

// What one thread mutates: the same parent again and again.
class Mutator {
 public:
  Mutator(const Task& task, const PerturbationSpec& spec, Isa isa, uint32_t thread)
      : layout_(task.layout()),
        perturbation_(MakePerturbation(spec)),
        isa_(isa),
        parent_(layout_.policy_size()),
        child_(layout_.policy_size()),
        noise_{.stream = {.seed = kBenchSeed, .item = thread, .purpose = Purpose::kMutation},
               .sigma = kSigma} {
    const StreamId founder = BenchFounder(thread);
    task.initialiser(isa)(founder, parent_.values());
    if (perturbation_->needs() == ParentNeeds::kNothing) return;
    model_ = task.MakeOutputModel(isa);
    experience_ = model_->Play(parent_.values(), founder, spec.how());
    LookAtParent();
  }

  // What every parent costs once. Of a kind that looks for each child: what it does before it.
  void LookAtParent() {
    if (model_ == nullptr) return;
    model_->SetParent(parent_.values(), experience_);
    if (perturbation_->needs() != ParentNeeds::kSensitivity) return;
    sensitivity_ = FloatBuffer(layout_.num_parameters);
    perturbation_->FindSensitivity(*model_, sensitivity_.values());
  }

  void MakeChild() {
    ++noise_.stream.generation;
    perturbation_->Perturb(noise_,
                           {.parameters = layout_.PartsOf(parent_.values()).parameters,
                            .spreads = {},
                            .layout = layout_,
                            .sensitivity = sensitivity_.values(),
                            .outputs = model_.get()},
                           layout_.PartsOf(child_.values()).parameters, isa_);
  }

  bool shares_sensitivity() const { return perturbation_->needs() == ParentNeeds::kSensitivity; }

 private:
  const PolicyLayout& layout_;
  std::unique_ptr<const Perturbation> perturbation_;
  Isa isa_;
  FloatBuffer parent_;
  FloatBuffer child_;
  Noise noise_;
  std::unique_ptr<OutputModel> model_;
  Experience experience_;
  FloatBuffer sensitivity_;
};

class MutationBench {
 public:
  MutationBench(const MeasuredNetwork& network, const MutationBenchOptions& options, int threads,
                const RowSink& on_row)
      : network_(network),
        options_(options),
        threads_(threads),
        on_row_(on_row),
        task_(MakeMazeTask(network)) {}

  void Run() const {
    std::vector<Mutator> plain_mutators = Mutators(PerturbationKind::kGaussian);
    const Spread plain = Rate(plain_mutators, false);
    Say("plain mutation", MicrosecondsEach(plain, threads_), "us");
    for (const MeasuredMutation& mutation : kMutations) {
      std::vector<Mutator> mutators = Mutators(mutation.kind);
      const std::string name = mutation.name;
      const auto say = [&](const std::string& what, const Spread& rate) {
        Say(name + what + " / plain", Exactly(plain.median / rate.median), "x");
      };
      say("", Rate(mutators, true));
      if (mutators.front().shares_sensitivity()) {
        say(", a parent's further child", Rate(mutators, false));
      }
    }
    const PlayingRate playing =
        MeasurePlaying(*task_, task_->initialiser(options_.isa), options_.isa, threads_,
                       task_->step_limit(), options_.timing);
    const double mutations = playing.seconds_of_episode * plain.median / threads_;
    Say("the child's episode / plain", Exactly(mutations), "x");
  }

 private:
  void Say(const std::string& measure, const Spread& value, const std::string& unit) const {
    on_row_({network_.environment, network_.name, measure, threads_, value, unit});
  }

  std::vector<Mutator> Mutators(PerturbationKind kind) const {
    const PerturbationSpec spec = {
        .kind = kind, .clip = kClip, .experience = kExperience, .max_steps = task_->step_limit()};
    std::vector<Mutator> mutators;
    for (int i = 0; i < threads_; ++i) {
      mutators.emplace_back(*task_, spec, options_.isa, static_cast<uint32_t>(i));
    }
    return mutators;
  }

  // Children a second; `looks`: each of a parent not looked at before.
  Spread Rate(std::vector<Mutator>& mutators, bool looks) const {
    return MeasureRate(ForEachThread(threads_,
                                     [&](uint32_t thread) -> Work {
                                       return [&mutator = mutators[thread], looks] {
                                         if (looks) mutator.LookAtParent();
                                         mutator.MakeChild();
                                         return uint64_t{1};
                                       };
                                     }),
                       options_.timing);
  }

  const MeasuredNetwork& network_;
  const MutationBenchOptions& options_;
  int threads_;
  const RowSink& on_row_;
  std::shared_ptr<const Task> task_;
};

}  // namespace

void BenchMutation(const MutationBenchOptions& options, const RowSink& on_row) {
  CheckMeasurable(options.threads, options.timing);
  for (const MeasuredNetwork& network : MeasuredNetworks()) {
    for (const int threads : options.threads) {
      MutationBench(network, options, threads, on_row).Run();
    }
  }
}

}  // namespace dne
