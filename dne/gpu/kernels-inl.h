// SPDX-License-Identifier: MIT
// What one thread of each job does, and how many threads a job has. One text for the card and for
// the processor, which runs it in tests: sums go in the order that dne/nn/forward.h and
// dne/random/ define, so all bits are those of the plain references.
#pragma once

#include <cmath>
#include <cstdint>

#include "dne/gpu/layers-inl.h"
#include "dne/gpu/noise-inl.h"

namespace dne::gpu {

struct MultiplyAdd {
  MultiplyAddJob job;

  size_t size() const { return job.threads; }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    constexpr uint32_t kChains = MultiplyAddJob::kChains;
    const auto x = static_cast<float>(i) * 1e-9f;
    float sums[kChains];
    DNE_UNROLL
    for (uint32_t c = 0; c < kChains; ++c) sums[c] = static_cast<float>(c);
    for (uint32_t round = 0; round < job.rounds; ++round) {
      DNE_UNROLL
      for (uint32_t c = 0; c < kChains; ++c) sums[c] = std::fma(sums[c], x, 0.5f);
    }
    float sum = 0;
    DNE_UNROLL
    for (uint32_t c = 0; c < kChains; ++c) sum += sums[c];
    job.results[i] = sum;
  }
};

// --- From a job to its threads: start(body) runs body(i) for all i below body.size() ------------

template <class Start>
void Dispatch(const PerturbJob& job, const Start& start) {
  start(Perturb{job});
}
template <class Start>
void Dispatch(const FactorJob& job, const Start& start) {
  start(DrawFactor{job});
}
template <class Start>
void Dispatch(const ObserveJob& job, const Start& start) {
  start(Observe{job});
}
template <class Start>
void Dispatch(const PoolJob& job, const Start& start) {
  start(TakeLargest{job});
}
template <class Start>
void Dispatch(const AverageJob& job, const Start& start) {
  start(Average{job});
}
template <class Start>
void Dispatch(const AddJob& job, const Start& start) {
  start(Add{job});
}
template <class Start>
void Dispatch(const ProjectJob& job, const Start& start) {
  if (job.groups.width == 1) return start(Project<1>{job});
  start(Project<kLanes>{job});
}
template <class Start>
void Dispatch(const OutputsJob& job, const Start& start) {
  start(CopyOutputs{job});
}
template <class Start>
void Dispatch(const SumJob& job, const Start& start) {
  start(AddTerms{job});
}
template <class Start>
void Dispatch(const TermFactorJob& job, const Start& start) {
  start(DrawTermFactor{job});
}
template <class Start>
void Dispatch(const ProductsJob& job, const Start& start) {
  start(AddProducts{job});
}

template <class Start>
void Dispatch(const MultiplyAddJob& job, const Start& start) {
  start(MultiplyAdd{job});
}

// Of a convolution's thread, and of a dense layer's: the largest that registers hold.
constexpr uint32_t kConvImages = 4;
constexpr uint32_t kConvUnits = 8;
constexpr uint32_t kDenseImages = 8;
constexpr uint32_t kDenseUnits = 8;
// Of a layer of few units more threads: what they wait for is each other's loads.
constexpr uint32_t kFewUnits = 128;
constexpr uint32_t kFewDenseImages = 4;
constexpr uint32_t kFewDenseUnits = 2;
// Of a group of one: a vector of weights, which nobody else reads.
constexpr uint32_t kAloneUnits = 4;

// Whether rows of weights lie as vectors of kUnits may. Slots begin at multiples of four floats.
template <uint32_t kUnits>
bool IsWhole(const MapView& map) {
  return map.units % kUnits == 0 && map.weights % (kUnits < 4 ? kUnits : 4) == 0;
}

template <bool kWhole, uint32_t kGroup, class Start>
void DispatchPooling(const ConvolveJob& job, const Start& start) {
  if (job.pools) return start(Convolve<kWhole, true, kGroup, kConvImages, kConvUnits>{job});
  start(Convolve<kWhole, false, kGroup, kConvImages, kConvUnits>{job});
}
template <bool kWhole, class Start>
void DispatchGroups(const ConvolveJob& job, const Start& start) {
  if (job.run % 4 == 0) return DispatchPooling<kWhole, 4>(job, start);
  if (job.run % 5 == 0) return DispatchPooling<kWhole, 5>(job, start);
  DispatchPooling<kWhole, 1>(job, start);
}
template <class Start>
void Dispatch(const ConvolveJob& job, const Start& start) {
  if (!IsWhole<kConvUnits>(job.map)) return DispatchGroups<false>(job, start);
  DispatchGroups<true>(job, start);
}

template <uint32_t kWidth, uint32_t kImages, uint32_t kUnits, class Start>
void DispatchRows(const DenseJob& job, const Start& start) {
  if (IsWhole<kUnits>(job.map)) return start(Multiply<kWidth, true, kImages, kUnits>{job});
  start(Multiply<kWidth, false, kImages, kUnits>{job});
}
template <class Start>
void Dispatch(const DenseJob& job, const Start& start) {
  const bool few = job.map.units < kFewUnits;
  if (job.groups.width == 1) {
    if (few) return DispatchRows<1, 1, 1>(job, start);
    return DispatchRows<1, 1, kAloneUnits>(job, start);
  }
  if (few) return DispatchRows<kLanes, kFewDenseImages, kFewDenseUnits>(job, start);
  DispatchRows<kLanes, kDenseImages, kDenseUnits>(job, start);
}

}  // namespace dne::gpu
