// SPDX-License-Identifier: MIT
#include "dne/tasks/supervised_task.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "dne/base/error.h"
#include "dne/episode/descriptor.h"
#include "dne/nn/batch_forward.h"
#include "dne/nn/loss.h"
#include "dne/tasks/exams.h"
#include "dne/tasks/experience_recorder.h"
#include "dne/tasks/network_model.h"

namespace dne {
namespace {

constexpr size_t kChunk = 256;    // images at a time; an interrupt waits for one
constexpr size_t kTogether = 64;  // images of several members: as many as share a pass over weights
constexpr int kMostImages = 10'000'000;

Experience ExperienceOf(const LabelledImages& set, std::span<const uint32_t> images,
                        uint32_t most) {
  ExperienceRecorder recorder(KeptObservations::kEvenly, most);
  for (const uint32_t i : images) recorder.See(set.image(i));
  return recorder.experience();
}

class SupervisedExams final : public Exams {
 public:
  SupervisedExams(const Network& network, const ImageData& data, size_t batch_size)
      : network_(network), data_(data), batch_size_(batch_size) {}

  size_t batch_size() const { return batch_size_; }
  size_t num_outputs() const { return static_cast<size_t>(data_.num_classes); }
  const Network& network() const override { return network_; }
  const ImageData& data() const override { return data_; }

  Exam Begin(const EpisodeStart& start, const EpisodeOptions& how) const override {
    Exam exam{.set = start.seed ? data_.train : data_.test, .images = ImagesOf(start)};
    exam.is_whole = exam.images.size() <= how.max_steps;
    if (!exam.is_whole) exam.images.resize(how.max_steps);
    return exam;
  }

  void Mark(Exam& exam, std::span<const float> outputs) const override {
    for (; !outputs.empty(); outputs = outputs.subspan(num_outputs())) {
      const auto said = outputs.first(num_outputs());
      const size_t label = exam.set.labels[exam.images[exam.seen++]];
      const double loss = CrossEntropy(said, label);
      exam.loss += loss > kWorstLoss ? kWorstLoss : loss;  // not a number stays none
      exam.right += LargestOutput(said) == label;
    }
  }

  void End(const Exam& exam, const EpisodeStart& start, const EpisodeOptions& how,
           Result& result) const override {
    const auto count = static_cast<double>(exam.images.size());
    const double accuracy = static_cast<double>(exam.right) / count;
    const bool is_broken = std::isnan(exam.loss);
    result.episodes.push_back({.start = start,
                               .score = is_broken ? -kWorstLoss : -exam.loss / count,
                               .steps = static_cast<uint32_t>(exam.images.size()),
                               .frames = exam.images.size(),
                               .end = is_broken       ? EpisodeEnd::kInvalid
                                      : exam.is_whole ? EpisodeEnd::kTerminal
                                                      : EpisodeEnd::kStepLimit,
                               .descriptor = DescriptorFromPoint({&accuracy, 1})});
    if (!how.notes.any()) return;
    result.notes.emplace_back();
    if (how.notes.experience > 0) {
      result.notes.back().experience = ExperienceOf(exam.set, exam.images, how.notes.experience);
    }
  }

 private:
  std::vector<uint32_t> ImagesOf(const EpisodeStart& start) const {
    if (start.seed) return DrawBatch(*start.seed, batch_size_, data_.train.size());
    std::vector<uint32_t> all(data_.test.size());
    std::iota(all.begin(), all.end(), 0u);
    return all;
  }

  const Network& network_;
  const ImageData& data_;
  size_t batch_size_;
};

class SupervisedWorker final : public TaskWorker {
 public:
  SupervisedWorker(const SupervisedExams& exams, Isa isa)
      : exams_(exams),
        forward_(MakeBatchForward(exams.network(), isa)),
        outputs_(kChunk * exams.num_outputs()) {}

  Result Run(const PolicyView& policy, std::span<const EpisodeStart> starts,
             const EpisodeOptions& how, std::atomic<uint64_t>& steps_run,
             const std::atomic<bool>& cancel) override {
    forward_->SetParameters(policy.numbers);
    forward_->SetChange(policy.change);
    Result result;
    for (const EpisodeStart& start : starts) {
      Exam exam = exams_.Begin(start, how);
      while (!exam.left().empty() && !cancel) {
        const size_t before = exam.seen;
        SeeChunk(exam);
        steps_run += exam.seen - before;
      }
      exams_.End(exam, start, how, result);
    }
    return result;
  }

  // Where mini-batches are small, several members' at a time, so that their parent's parameters are
  // read once for all of them.
  void RunMembers(MemberJobs& members, std::atomic<uint64_t>& steps_run,
                  const std::atomic<bool>& cancel) override {
    const size_t together = kTogether / std::max<size_t>(exams_.batch_size(), 1);
    const bool may_share = std::ranges::all_of(
        members.jobs, [&](const MemberJobs::Job& job) { return IsPlainBatch(job); });
    if (together < 2 || !may_share) return TaskWorker::RunMembers(members, steps_run, cancel);
    forward_->SetParameters(members.jobs.front().parent);
    for (size_t first = 0; first < members.jobs.size() && !cancel; first += together) {
      const size_t count = std::min(together, members.jobs.size() - first);
      RunTogether(members, first, count);
      steps_run += count * exams_.batch_size();
    }
  }

 private:
  // A training episode that nobody takes notes of.
  bool IsPlainBatch(const MemberJobs::Job& job) const {
    return job.starts.size() == 1 && job.starts.front().seed &&
           job.how.max_steps >= exams_.batch_size() && !job.how.notes.any();
  }

  void RunTogether(MemberJobs& members, size_t first, size_t count) {
    changes_.resize(std::max(changes_.size(), count));
    std::vector<Exam> exams;
    pixels_.clear();
    for (size_t i = 0; i < count; ++i) {
      members.in_work = first + i;
      members.draw(first + i, changes_[i]);
      const MemberJobs::Job& job = members.jobs[first + i];
      exams.push_back(exams_.Begin(job.starts.front(), job.how));
      AddPixels(exams.back().set, exams.back().images);
    }
    const size_t num_outputs = exams_.batch_size() * exams_.num_outputs();
    forward_->RunMembers(std::span(changes_).first(count), pixels_,
                         std::span(outputs_).first(count * num_outputs));
    for (size_t i = 0; i < count; ++i) {
      members.in_work = first + i;
      const MemberJobs::Job& job = members.jobs[first + i];
      exams_.Mark(exams[i], std::span(outputs_).subspan(i * num_outputs, num_outputs));
      Result result;
      exams_.End(exams[i], job.starts.front(), job.how, result);
      members.finish(first + i, std::move(result));
    }
  }

  void SeeChunk(Exam& exam) {
    const size_t count = std::min(kChunk, exam.left().size());
    pixels_.clear();
    AddPixels(exam.set, exam.left().first(count));
    const auto outputs = std::span(outputs_).first(count * exams_.num_outputs());
    forward_->Run(pixels_, outputs);
    exams_.Mark(exam, outputs);
  }

  void AddPixels(const LabelledImages& set, std::span<const uint32_t> images) {
    for (const uint32_t i : images) {
      const auto image = set.image(i);
      pixels_.insert(pixels_.end(), image.begin(), image.end());
    }
  }

  const SupervisedExams& exams_;
  std::unique_ptr<BatchForward> forward_;
  std::vector<uint8_t> pixels_;
  std::vector<float> outputs_;
  std::vector<LowRankChange> changes_;
};

class SupervisedModel final : public NetworkModel {
 public:
  SupervisedModel(const Task& task, const Network& network, const ImageData& data,
                  size_t batch_size, Isa isa)
      : NetworkModel(network, isa), task_(task), data_(data), batch_size_(batch_size) {}

  Experience Play(std::span<const float>, const StreamId& episodes,
                  const EpisodeOptions& how) override {
    Stream stream(episodes);
    const EpisodeStart start = task_.DrawStart(stream);
    std::vector<uint32_t> images = DrawBatch(start.seed.value(), batch_size_, data_.train.size());
    images.resize(std::min<size_t>(images.size(), how.max_steps));
    return ExperienceOf(data_.train, images, how.notes.experience);
  }

  void SetParent(std::span<const float> policy, const Experience& experience) override {
    SetExperiences(policy, {.bytes = experience.bytes, .floats = {}, .lengths = {}});
  }

 private:
  const Task& task_;
  const ImageData& data_;
  size_t batch_size_;
};

class SupervisedTask final : public Task {
 public:
  SupervisedTask(std::shared_ptr<const Network> network, std::shared_ptr<const ImageData> data,
                 int batch_size)
      : network_(std::move(network)),
        data_(std::move(data)),
        exams_(*network_, *data_, static_cast<size_t>(batch_size)),
        layout_(LayoutOf(*network_, 0)) {}

  const PolicyLayout& layout() const override { return layout_; }
  Initialiser initialiser(Isa isa) const override {
    return [this, isa](const StreamId& id, std::span<float> policy) {
      network_->Initialise(id, policy, isa);
    };
  }
  EpisodeStart DrawStart(Stream& stream) const override {
    const uint64_t seed = stream.Next64();
    if (stream.id().purpose != Purpose::kTrainEpisode) return {};
    return {.seed = seed == 0 ? 1 : seed};
  }
  uint32_t step_limit() const override {
    return static_cast<uint32_t>(std::max(exams_.batch_size(), data_->test.size()));
  }
  std::vector<double> Point(std::span<const uint8_t> descriptor) const override {
    return PointFromDescriptor(descriptor);
  }
  bool plays_factors() const override { return true; }
  int lanes() const override { return 1; }
  std::unique_ptr<TaskWorker> MakeWorker(Isa isa) const override {
    return std::make_unique<SupervisedWorker>(exams_, isa);
  }
  const Exams* exams() const override { return &exams_; }
  std::unique_ptr<OutputModel> MakeOutputModel(Isa isa) const override {
    return std::make_unique<SupervisedModel>(*this, *network_, *data_, exams_.batch_size(), isa);
  }

 private:
  std::shared_ptr<const Network> network_;
  std::shared_ptr<const ImageData> data_;
  SupervisedExams exams_;
  PolicyLayout layout_;
};

constexpr std::array<Choice<bool>, 2> kEnvironments = {{{"images", false}, {"patches", true}}};

struct SupervisedOptions {
  bool patches = false;
  std::string data;
  int batch_size = 50;

  void Visit(Fields& fields) {
    fields.Add("environment", patches, kEnvironments,
               "images of your own, or a small set that needs no files (docs/supervised.md)");
    fields
        .Add("data", data, Names{},
             "the folder of the four files of MNIST or of a set like it, plain or packed")
        .NeededIf(!patches, patches, "there is nothing to learn from without it");
    fields.Add("batch_size", batch_size, Range<int>{1, kMostImages},
               "images of a training episode; at most as many as there are");
  }
  bool operator==(const SupervisedOptions&) const = default;
};

Setup MakeSetup(const Options& chosen, const TaskContext& context) {
  const auto& options = chosen.As<SupervisedOptions>();
  auto data = std::make_shared<const ImageData>(options.patches ? MakePatches()
                                                                : ReadImageData(options.data));
  if (static_cast<size_t>(options.batch_size) > data->train.size()) {
    throw Error("task.batch_size is " + std::to_string(options.batch_size) + ", but " +
                (options.patches ? "patches" : options.data) + " has " +
                std::to_string(data->train.size()) + " images to train on: give at most as many");
  }
  Setup setup;
  setup.network = std::make_shared<const Network>(
      context.network,
      Shape{.height = data->train.height, .width = data->train.width, .channels = 1},
      data->num_classes);
  if (setup.network->has_state()) {
    throw Error(
        "images have no order that a network could remember: leave out layers of type \"rnn\", "
        "\"gru\" and \"lstm\"");
  }
  setup.data_digest = data->digest;
  setup.images = data;
  setup.batch_size = static_cast<size_t>(options.batch_size);
  setup.task = MakeSupervisedTask(setup.network, std::move(data), options.batch_size);
  return setup;
}

}  // namespace

std::vector<uint32_t> DrawBatch(uint64_t seed, size_t count, size_t num_images) {
  DNE_CHECK(count <= num_images);
  Stream stream({.seed = seed, .purpose = Purpose::kMiniBatch});
  // Floyd's: each image of the whole is drawn with the same probability, none twice.
  std::vector<uint32_t> batch;
  std::vector<bool> drawn(num_images);
  for (size_t most = num_images - count; most < num_images; ++most) {
    const uint32_t any = stream.Below(static_cast<uint32_t>(most + 1));
    const auto image = drawn[any] ? static_cast<uint32_t>(most) : any;
    drawn[image] = true;
    batch.push_back(image);
  }
  return batch;
}

std::unique_ptr<Task> MakeSupervisedTask(std::shared_ptr<const Network> network,
                                         std::shared_ptr<const ImageData> data, int batch_size) {
  return std::make_unique<SupervisedTask>(std::move(network), std::move(data), batch_size);
}

const TaskKind kSupervisedKind = {
    .name = "supervised",
    .network_preset = "mnist_small",
    .defaults = DefaultsOf<SupervisedOptions>,
    .facts = [](const Options&) { return TaskFacts{.has_step_limit = true, .has_accuracy = true}; },
    .check = [](const Options&, bool, Mistakes&) {},
    .environments =
        [] {
          return std::vector<std::string>{"images", "patches"};
        },
    .environment =
        [](const Options& options) {
          return std::string(options.As<SupervisedOptions>().patches ? "patches" : "images");
        },
    .make = MakeSetup,
    .floor_plan = nullptr};

}  // namespace dne
