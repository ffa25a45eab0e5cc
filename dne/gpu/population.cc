// SPDX-License-Identifier: MIT
#include "dne/gpu/population.h"

#include <algorithm>
#include <string>
#include <utility>

#include "dne/base/error.h"
#include "dne/gpu/factors.h"
#include "dne/nn/stage.h"

namespace dne::gpu {
namespace {

using nn::Size;

constexpr size_t kMostMembers = 1024;
constexpr size_t kMostLooks = 1024;

// What layer `index` reads or, behind the last one, the outputs, of groups so wide; without data.
Plane PlaneOf(const Network& network, size_t index, size_t width) {
  Shape shape = network.layers().back().output;
  size_t before = 0;
  if (index < network.layers().size()) {
    const Layer& layer = network.layers()[index];
    shape = layer.padded;
    before = Size(layer.pad_top) * Size(shape.width) + Size(layer.pad_left);
  }
  const size_t position = Size(shape.channels) * width;
  return {.group_floats = shape.size() * width,
          .first = before * position,
          .row = Size(shape.width) * position};
}

StreamId StreamOf(const PerturbationSpec& perturbation, const StreamId& stream) {
  if (perturbation.kind != PerturbationKind::kProbe) return stream;
  return {.seed = stream.seed, .item = stream.item, .purpose = Purpose::kPerturbation};
}

}  // namespace

class Population::Implementation {
 public:
  Implementation(const Network& network, const PolicyLayout& layout, Queue& queue, size_t memory,
                 Sights sights)
      : width_(sights == Sights::kImages ? kLanes : 1),
        network_(network),
        layout_(layout),
        queue_(queue),
        slot_size_(RoundUp4(layout.num_parameters)),
        parents_(queue),
        slots_(queue),
        draws_(queue),
        slot_of_(queue),
        images_(queue),
        h_(queue),
        rows_(queue) {
    DNE_CHECK(!network.has_state() && !network.virtual_batch_norm());
    DNE_CHECK(network.weights() == WeightType::kFloat32);
    size_t floats = width_ * (1 + Size(network.num_outputs()));  // of a look
    for (size_t i = 0; i <= network.layers().size(); ++i) {
      planes_.push_back(PlaneOf(network, i, width_));
      if (i > 0) {
        slack_ = std::max(slack_, kRowsAhead * network.layers()[i - 1].map.outputs);
      }
      if (IsSeen(i)) floats += planes_[i].group_floats;
    }
    Divide(memory, floats * sizeof(float));
    for (size_t i = 0; i <= network.layers().size(); ++i) {
      values_.emplace_back(queue);
      if (!IsSeen(i)) continue;
      values_[i].Reserve(max_looks_ * planes_[i].group_floats);
      values_[i].Clear();  // what pads them stays 0
      planes_[i].data = values_[i].data();
    }
    slot_of_.Reserve(max_looks_);
    if (width_ == 1) return;
    images_.Reserve(max_looks_ * kLanes);
    rows_.Reserve(max_looks_ * kLanes * Size(network.num_outputs()));
  }

  size_t max_members() const { return max_members_; }
  size_t max_looks() const { return max_looks_; }

  void SetParents(std::span<const std::span<const float>> parents,
                  const PerturbationSpec& perturbation) {
    perturbation_ = perturbation;
    kind_ = MakePerturbation(perturbation);
    parent_size_ = RoundUp4(layout_.centre_size(kind_->has_spreads()));
    parents_.Reserve(parents.size() * parent_size_ + slack_);
    for (size_t i = 0; i < parents.size(); ++i) {
      DNE_CHECK(parents[i].size() <= parent_size_);
      queue_.Upload(parents[i].data(), parents[i].size_bytes(), parents_.data() + i * parent_size_);
    }
  }

  void Hold(std::span<const Member> members) {
    DNE_CHECK(members.size() <= max_members_);
    plays_factors_ = std::ranges::any_of(members, [&](const Member& member) {
      return member.noise && HasFactors(perturbation_.kind);
    });
    if (plays_factors_) return HoldFactors(members);
    std::vector<Draw> draws;
    for (uint32_t i = 0; i < members.size(); ++i) {
      const bool is_second = i > 0 && IsMirrored(members[i - 1], members[i]) &&
                             draws.back().slot == i - 1 && draws.back().mirrored == i - 1;
      if (is_second) {
        draws.back().mirrored = i;
      } else {
        draws.push_back(DrawOf(members[i], i));
      }
    }
    draws_.Assign(draws);
    slots_.Reserve(max_members_ * slot_size_ + slack_);
    queue_.Run(PerturbJob{.kind = perturbation_.kind,
                          .draws = draws_.data(),
                          .num_draws = draws.size(),
                          .parents = parents_.data(),
                          .parent_size = parent_size_,
                          .spreads = kind_->has_spreads() ? layout_.policy_size() : 0,
                          .num_parameters = layout_.num_parameters,
                          .slots = slots_.data(),
                          .slot_size = slot_size_});
  }

  void Run(std::span<const Look> looks, std::span<float> outputs) {
    DNE_CHECK(width_ == kLanes && looks.size() <= max_looks_);
    DNE_CHECK(outputs.size() == looks.size() * kLanes * Size(network_.num_outputs()));
    Upload(looks);
    Observe(looks);
    RunLayers(looks.size());
    queue_.Run(OutputsJob{.num_groups = looks.size(),
                          .outputs = static_cast<uint32_t>(network_.num_outputs()),
                          .input = planes_.back(),
                          .rows = rows_.data()});
    queue_.Download(rows_.data(), outputs.size_bytes(), outputs.data());
  }

  void Run(std::span<const uint32_t> members, std::span<const float> rows,
           std::span<float> outputs) {
    DNE_CHECK(width_ == 1 && members.size() <= max_looks_);
    DNE_CHECK(rows.size() == members.size() * planes_.front().group_floats);
    DNE_CHECK(outputs.size() == members.size() * planes_.back().group_floats);
    slot_of_.Assign(members);
    values_.front().Assign(rows);
    RunLayers(members.size());
    queue_.Download(planes_.back().data, outputs.size_bytes(), outputs.data());
  }

 private:
  // What a convolution writes is pooled at once.
  bool IsPooledBy2(size_t index) const {
    if (network_.layers()[index].spec.type != LayerType::kConv2d) return false;
    const LayerSpec& next = network_.layers()[index + 1].spec;
    return next.type == LayerType::kMaxPool && next.kernel == 2 && next.stride == 2;
  }
  bool IsSeen(size_t index) const { return index == 0 || !IsPooledBy2(index - 1); }

  // An eighth of the memory for products with factors; of the rest half for members, half for what
  // they look at, or less, of which members have what is left.
  void Divide(size_t memory, size_t look_bytes) {
    // Itself, and at worst a parent of its own with spreads.
    const size_t member_bytes = (slot_size_ + RoundUp4(layout_.centre_size(true))) * sizeof(float);
    const size_t least = member_bytes + look_bytes;
    if (memory < least) {
      throw Error("the network needs " + std::to_string(least >> 20) +
                  " MiB of the graphics card for one member and " +
                  (width_ == 1 ? "an observation" : "32 images") + ", but " +
                  std::to_string(memory >> 20) +
                  " MiB are free: end what else uses the card, give fewer --threads, or take a "
                  "smaller network");
    }
    products_ = std::min(memory / 8, memory - least) / sizeof(float);
    memory -= products_ * sizeof(float);
    const size_t half = std::max<size_t>(memory / 2 / member_bytes, 1) * member_bytes;
    max_looks_ = std::clamp<size_t>((memory - half) / look_bytes, 1, kMostLooks);
    const size_t left = memory - max_looks_ * look_bytes;
    max_members_ = std::clamp<size_t>(left / member_bytes, 1, kMostMembers);
  }

  static bool IsMirrored(const Member& first, const Member& second) {
    return first.noise && second.noise && first.parent == second.parent &&
           first.noise->stream == second.noise->stream &&
           first.noise->scale() == -second.noise->scale();
  }

  Draw DrawOf(const Member& member, uint32_t slot) const {
    Draw draw{.parent = member.parent, .slot = slot, .mirrored = slot};
    if (!member.noise) return draw;
    DNE_CHECK(IsDrawn(perturbation_.kind));
    const ParameterRange touched = kind_->Touched(member.noise->stream, layout_);
    draw.stream = StreamOf(perturbation_, member.noise->stream);
    draw.scale = member.noise->scale();
    draw.first = static_cast<uint32_t>(touched.first);
    draw.size = static_cast<uint32_t>(touched.size);
    return draw;
  }

  void HoldFactors(std::span<const Member> members) {
    std::vector<Draw> draws;
    for (uint32_t i = 0; i < members.size(); ++i) {
      DNE_CHECK(members[i].noise && members[i].parent == members[0].parent);
      draws.push_back(DrawOf(members[i], i));
    }
    parent_ = members[0].parent;
    draws_.Assign(draws);
    factors_ = FactorsOf(layout_, perturbation_.rank);
    factors_size_ = RoundUp4(factors_.back().end(layout_.layers.back()));
    slots_.Reserve(max_members_ * std::max(slot_size_, factors_size_));
    ReserveProducts();
    const size_t rank = perturbation_.rank;
    for (size_t i = 0; i < layout_.layers.size(); ++i) {
      const LayerShape& shape = layout_.layers[i];
      const Factors& at = factors_[i];
      for (size_t k = 0; k < rank; ++k) {
        DrawNumbers(draws.size(), at.first_left + k * RoundUp4(shape.inputs), shape.inputs,
                    at.left + k * shape.inputs);
        DrawNumbers(draws.size(), at.first_right + k * RoundUp4(shape.outputs), shape.outputs,
                    at.right + k * shape.outputs);
      }
      FactorJob biases = NumbersJob(draws.size());
      biases.first = shape.offset + shape.inputs * shape.outputs;
      biases.count = shape.outputs;
      biases.is_noise = true;
      biases.base_offset = biases.first;
      biases.offset = at.biases;
      queue_.Run(biases);
    }
  }

  // For one look at least.
  void ReserveProducts() {
    size_t positions = 1;
    for (const Layer& layer : network_.layers()) {
      if (layer.spec.type == LayerType::kConv2d) {
        positions = std::max(positions, layer.output.positions());
      }
    }
    const size_t least = positions * perturbation_.rank * width_;
    if (products_ < least) {
      const auto mib = [](size_t floats) { return std::to_string(floats * sizeof(float) >> 20); };
      throw Error("members of rank " + std::to_string(perturbation_.rank) + " need " + mib(least) +
                  " MiB of the graphics card for products with their factors, but " +
                  mib(products_) +
                  " MiB are set aside: lower the rank, end what else uses the card, or give fewer "
                  "--threads");
    }
    h_.Reserve(products_);
  }

  FactorJob NumbersJob(size_t num_draws) {
    return {.draws = draws_.data(),
            .num_draws = num_draws,
            .parents = parents_.data(),
            .parent_size = parent_size_,
            .slots = slots_.data(),
            .slot_size = factors_size_};
  }

  void DrawNumbers(size_t num_draws, size_t first, size_t count, size_t offset) {
    FactorJob job = NumbersJob(num_draws);
    job.first = first;
    job.count = count;
    job.offset = offset;
    queue_.Run(job);
  }

  // Who looks, and at what.
  void Upload(std::span<const Look> looks) {
    std::vector<uint32_t> slots;
    std::vector<uint32_t> images;
    for (const Look& look : looks) {
      DNE_CHECK(look.images.size() <= kLanes && look.set != nullptr);
      slots.push_back(look.member);
      images.insert(images.end(), look.images.begin(), look.images.end());
      images.resize(slots.size() * kLanes, kNoImage);
    }
    slot_of_.Assign(slots);
    images_.Assign(images);
  }

  // Looks at one set follow each other.
  void Observe(std::span<const Look> looks) {
    const Shape shape = network_.input();
    for (size_t first = 0, count = 0; first < looks.size(); first += count) {
      count = 1;
      while (first + count < looks.size() && looks[first + count].set == looks[first].set) ++count;
      queue_.Run(ObserveJob{.num_groups = count,
                            .pixels = looks[first].set->data(),
                            .images = images_.data() + first * kLanes,
                            .height = static_cast<uint32_t>(shape.height),
                            .row = static_cast<uint32_t>(shape.width * shape.channels),
                            .output = PlaneFor({first, count}, 0)});
    }
  }

  MapView MapOf(const Layer& layer, size_t map) {
    MapView view{.slots = slots_.data(),
                 .slot_size = slot_size_,
                 .weights = layer.map.weights,
                 .biases = layer.map.biases,
                 .units = static_cast<uint32_t>(layer.map.outputs),
                 .activation = layer.spec.activation};
    if (!plays_factors_) return view;
    view.slots = parents_.data() + parent_ * parent_size_;
    view.slot_size = 0;
    view.change = {.rank = perturbation_.rank,
                   .slots = slots_.data(),
                   .slot_size = factors_size_,
                   .right = factors_[map].right,
                   .biases = factors_[map].biases,
                   .h = h_.data()};
    return view;
  }

  // Looks that go through a layer together, one part after the other: their planes and slots.
  struct Part {
    size_t first;
    size_t count;
  };
  // All of them or, of members that are played by their factors, as many as h_ has space for.
  std::vector<Part> PartsOf(size_t looks, size_t positions) const {
    const size_t most =
        plays_factors_ ? products_ / (positions * perturbation_.rank * width_) : looks;
    std::vector<Part> parts;
    for (size_t first = 0; first < looks; first += most) {
      parts.push_back({first, std::min(most, looks - first)});
    }
    return parts;
  }
  Groups GroupsOf(const Part& part) {
    return {.count = part.count,
            .width = static_cast<uint32_t>(width_),
            .slot = slot_of_.data() + part.first};
  }
  Plane PlaneFor(const Part& part, size_t index) const {
    Plane plane = planes_[index];
    plane.data += part.first * plane.group_floats;
    return plane;
  }

  // Fills h_, where members are played by their factors. `rows`, `columns`: of outputs that are
  // wanted.
  void Project(const Layer& layer, size_t index, size_t map, const Part& part, size_t rows,
               size_t columns) {
    if (!plays_factors_) return;
    const bool convolves = layer.spec.type == LayerType::kConv2d;
    const Plane& plane = planes_[index];
    const size_t stride = convolves ? Size(layer.spec.stride) : 0;
    const size_t kernel = convolves ? Size(layer.spec.kernel) : 1;
    queue_.Run(ProjectJob{.groups = GroupsOf(part),
                          .draws = draws_.data(),
                          .root = RootOf(perturbation_.rank),
                          .rank = perturbation_.rank,
                          .slots = slots_.data(),
                          .slot_size = factors_size_,
                          .left = factors_[map].left,
                          .inputs = layer.map.inputs,
                          .input = PlaneFor(part, index),
                          .kernel = static_cast<uint32_t>(kernel),
                          .run = static_cast<uint32_t>(layer.map.inputs / kernel),
                          .row_step = stride * plane.row,
                          .column_step = stride * Size(layer.input.channels) * width_,
                          .rows = static_cast<uint32_t>(rows),
                          .columns = static_cast<uint32_t>(columns),
                          .h = h_.data()});
  }

  void RunLayers(size_t looks) {
    size_t map = 0;  // of those that have parameters
    for (size_t i = 0; i < network_.layers().size(); ++i) {
      RunLayer(i, map, looks);
      map += network_.layers()[i].maps().size();
    }
  }

  void RunLayer(size_t index, size_t map, size_t looks) {
    const Layer& layer = network_.layers()[index];
    DNE_CHECK(width_ == kLanes || layer.spec.type == LayerType::kDense);
    const Plane& in = planes_[index];
    switch (layer.spec.type) {
      case LayerType::kConv2d:
        Convolve(layer, index, map, looks);
        break;
      case LayerType::kMaxPool:
        if (index == 0 || !IsPooledBy2(index - 1)) TakeLargest(layer, index, looks);
        break;
      case LayerType::kAveragePool:
        queue_.Run(AverageJob{.num_groups = looks,
                              .positions = static_cast<uint32_t>(layer.input.positions()),
                              .channels = static_cast<uint32_t>(layer.input.channels),
                              .input = in,
                              .output = planes_[index + 1]});
        break;
      case LayerType::kDense:
        for (const Part& part : PartsOf(looks, 1)) {
          Project(layer, index, map, part, 1, 1);
          queue_.Run(DenseJob{.groups = GroupsOf(part),
                              .map = MapOf(layer, map),
                              .positions = static_cast<uint32_t>(layer.input.positions()),
                              .channels = static_cast<uint32_t>(layer.input.channels),
                              .input = PlaneFor(part, index),
                              .output = PlaneFor(part, index + 1)});
        }
        break;
      default:
        DNE_CHECK(false);  // tasks with images have no others
    }
    if (layer.skip_from) {
      queue_.Run(AddJob{.count = looks * planes_[index + 1].group_floats,
                        .from = planes_[*layer.skip_from + 1].data,
                        .to = planes_[index + 1].data});
    }
  }

  void Convolve(const Layer& layer, size_t index, size_t map, size_t looks) {
    const bool pools = IsPooledBy2(index);
    const size_t whole = pools ? 2 : 1;
    const size_t rows = Size(layer.output.height) / whole * whole;
    const size_t columns = Size(layer.output.width) / whole * whole;
    const Plane& in = planes_[index];
    const size_t to = index + (pools ? 2 : 1);
    const size_t stride = Size(layer.spec.stride);
    for (const Part& part : PartsOf(looks, rows * columns)) {
      Project(layer, index, map, part, rows, columns);
      queue_.Run(ConvolveJob{.groups = GroupsOf(part),
                             .map = MapOf(layer, map),
                             .input = PlaneFor(part, index),
                             .kernel = static_cast<uint32_t>(layer.spec.kernel),
                             .run = static_cast<uint32_t>(layer.spec.kernel * layer.input.channels),
                             .row_step = stride * in.row,
                             .column_step = stride * Size(layer.input.channels) * kLanes,
                             .rows = static_cast<uint32_t>(rows),
                             .columns = static_cast<uint32_t>(columns),
                             .pools = pools,
                             .output = PlaneFor(part, to)});
    }
  }

  void TakeLargest(const Layer& layer, size_t index, size_t looks) {
    queue_.Run(PoolJob{.num_groups = looks,
                       .channels = static_cast<uint32_t>(layer.input.channels),
                       .kernel = static_cast<uint32_t>(layer.spec.kernel),
                       .stride = static_cast<uint32_t>(layer.spec.stride),
                       .input = planes_[index],
                       .rows = static_cast<uint32_t>(layer.output.height),
                       .columns = static_cast<uint32_t>(layer.output.width),
                       .output = planes_[index + 1]});
  }

  size_t width_;  // of groups of observations
  const Network& network_;
  PolicyLayout layout_;
  Queue& queue_;
  size_t slot_size_;
  std::vector<Plane> planes_;  // the network's input, then the outputs of each layer
  size_t max_members_ = 0;
  size_t max_looks_ = 0;
  size_t products_ = 0;  // floats of h_
  size_t slack_ = 0;     // floats behind members, where dense layers read ahead

  PerturbationSpec perturbation_;
  std::unique_ptr<const Perturbation> kind_;
  size_t parent_size_ = 0;
  size_t parent_ = 0;  // of members that are played by their factors
  bool plays_factors_ = false;
  std::vector<Factors> factors_;  // of each map
  size_t factors_size_ = 0;       // of a member

  Buffer<float> parents_;
  Buffer<float> slots_;  // parameters of members, or their factors
  Buffer<Draw> draws_;
  Buffer<uint32_t> slot_of_;  // of each look
  Buffer<uint32_t> images_;
  Buffer<float> h_;
  Buffer<float> rows_;
  std::vector<Buffer<float>> values_;
};

Population::Population(const Network& network, const PolicyLayout& layout, Queue& queue,
                       size_t memory, Sights sights)
    : implementation_(std::make_unique<Implementation>(network, layout, queue, memory, sights)) {}
Population::~Population() = default;

size_t Population::max_members() const { return implementation_->max_members(); }
size_t Population::max_looks() const { return implementation_->max_looks(); }
void Population::SetParents(std::span<const std::span<const float>> parents,
                            const PerturbationSpec& perturbation) {
  implementation_->SetParents(parents, perturbation);
}
void Population::Hold(std::span<const Member> members) { implementation_->Hold(members); }
void Population::Run(std::span<const Look> looks, std::span<float> outputs) {
  implementation_->Run(looks, outputs);
}
void Population::Run(std::span<const uint32_t> members, std::span<const float> rows,
                     std::span<float> outputs) {
  implementation_->Run(members, rows, outputs);
}

}  // namespace dne::gpu
