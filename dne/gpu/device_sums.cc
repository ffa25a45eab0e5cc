// SPDX-License-Identifier: MIT
#include "dne/gpu/device_sums.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "dne/gpu/factors.h"

namespace dne::gpu {
namespace {

// Of the factors that outer products are made of at a time.
constexpr size_t kFactorFloats = size_t{32} << 20;

class DeviceSums final : public NoiseSums {
 public:
  explicit DeviceSums(std::shared_ptr<Device> device)
      : device_(std::move(device)),
        queue_(device_->MakeQueue()),
        terms_(*queue_),
        sum_(*queue_),
        left_(*queue_),
        right_(*queue_) {}

  std::vector<float> Sum(const PerturbationSpec& perturbation, const PolicyLayout& layout,
                         std::span<const NoiseTerm> terms, bool squares) override {
    DNE_CHECK(IsDrawn(perturbation.kind));
    const size_t size = RoundUp4(layout.num_parameters);
    sum_.Reserve(size);
    sum_.Clear();
    const std::vector<Term> counted = TermsOf(perturbation, layout, terms);
    terms_.Assign(counted);
    SumJob job{.kind = perturbation.kind,
               .squares = squares,
               .terms = terms_.data(),
               .num_terms = counted.size(),
               .sum = sum_.data(),
               .begin = 0,
               .end = layout.num_parameters};
    if (HasFactors(perturbation.kind)) {
      AddFactors(perturbation.rank, layout, job);
    } else {
      queue_->Run(job);
    }
    std::vector<float> sum(layout.num_parameters);
    queue_->Download(sum_.data(), sum.size() * sizeof(float), sum.data());
    return sum;
  }

 private:
  static std::vector<Term> TermsOf(const PerturbationSpec& spec, const PolicyLayout& layout,
                                   std::span<const NoiseTerm> terms) {
    const auto perturbation = MakePerturbation(spec);
    std::vector<Term> counted;
    for (const NoiseTerm& term : terms) {
      if (term.weight == 0) continue;
      const ParameterRange touched = perturbation->Touched(term.id, layout);
      counted.push_back({.stream = term.id,
                         .weight = term.weight,
                         .first = static_cast<uint32_t>(touched.first),
                         .size = static_cast<uint32_t>(touched.size)});
    }
    return counted;
  }

  // Outer products on weights, plain noise on biases.
  void AddFactors(size_t rank, const PolicyLayout& layout, SumJob plain) {
    const std::vector<Factors> factors = FactorsOf(layout, rank);
    for (size_t i = 0; i < layout.layers.size(); ++i) {
      const LayerShape& shape = layout.layers[i];
      const size_t per_term = rank * (shape.inputs + shape.outputs);
      const size_t most = std::max<size_t>(1, kFactorFloats / per_term);
      for (size_t first = 0; first < plain.num_terms; first += most) {
        AddProducts(shape, factors[i], rank, plain.terms + first,
                    std::min(most, plain.num_terms - first));
      }
      plain.begin = shape.offset + shape.inputs * shape.outputs;
      plain.end = plain.begin + shape.outputs;
      queue_->Run(plain);
    }
  }

  void AddProducts(const LayerShape& shape, const Factors& factors, size_t rank, const Term* terms,
                   size_t num_terms) {
    left_.Reserve(num_terms * rank * shape.inputs);
    right_.Reserve(num_terms * rank * shape.outputs);
    TermFactorJob draw{.terms = terms,
                       .num_terms = num_terms,
                       .rank = static_cast<uint32_t>(rank),
                       .first = factors.first_left,
                       .column = RoundUp4(shape.inputs),
                       .count = shape.inputs,
                       .weighs = true,
                       .root = RootOf(rank),
                       .out = left_.data(),
                       .stride = shape.inputs};
    queue_->Run(draw);
    draw.first = factors.first_right;
    draw.column = RoundUp4(shape.outputs);
    draw.count = draw.stride = shape.outputs;
    draw.weighs = false;
    draw.out = right_.data();
    queue_->Run(draw);
    queue_->Run(ProductsJob{.left = left_.data(),
                            .right = right_.data(),
                            .left_stride = shape.inputs,
                            .right_stride = shape.outputs,
                            .count = num_terms * rank,
                            .rows = static_cast<uint32_t>(shape.inputs),
                            .columns = static_cast<uint32_t>(shape.outputs),
                            .matrix = sum_.data() + shape.offset});
  }

  std::shared_ptr<Device> device_;
  std::unique_ptr<Queue> queue_;
  Buffer<Term> terms_;
  Buffer<float> sum_;
  Buffer<float> left_;
  Buffer<float> right_;
};

}  // namespace

std::unique_ptr<NoiseSums> SumsOn(std::shared_ptr<Device> device) {
  return std::make_unique<DeviceSums>(std::move(device));
}

}  // namespace dne::gpu
