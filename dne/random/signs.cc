// SPDX-License-Identifier: MIT
// The entry points and the plain reference that the vector kernels are held to.
#include "dne/random/signs.h"

#include "dne/base/error.h"
#include "dne/base/vector_path.h"
#include "dne/random/signs_kernels.h"

namespace dne {
namespace signs {

void Run(const Job& job, Isa isa) {
  const uint64_t blocks = (job.size + kSignsOfBlock - 1) / kSignsOfBlock;
  DNE_CHECK(job.first_block + blocks <= uint64_t{1} << 32);
  if (isa == Isa::kScalar) return RunScalar(job);
  OnVectorPath(isa, [&]<Isa kPath> { RunVector<kPath>(job); });
}

void RunScalar(const Job& job) {
  for (size_t i = 0; i < job.size; ++i) {
    const auto block = static_cast<uint32_t>(i / kSignsOfBlock);
    const uint32_t word = PhiloxBlock(job.id, job.first_block + block)[i % kSignsOfBlock / 32];
    const float noise = (word >> (i % 32)) & 1 ? -job.sigma : job.sigma;
    const float base = job.base[i];
    job.out[i] = base + noise;
    if (job.minus) job.minus[i] = base - noise;
  }
}

}  // namespace signs

void AddSigns(const StreamId& id, float sigma, std::span<const float> base, std::span<float> out,
              Isa isa) {
  DNE_CHECK(base.size() == out.size());
  signs::Run({.id = id, .sigma = sigma, .base = base.data(), .out = out.data(), .size = out.size()},
             isa);
}

void AddSignsPair(const StreamId& id, float sigma, std::span<const float> base,
                  std::span<float> plus, std::span<float> minus, Isa isa) {
  DNE_CHECK(base.size() == plus.size() && base.size() == minus.size());
  signs::Run({.id = id,
              .sigma = sigma,
              .base = base.data(),
              .out = plus.data(),
              .minus = minus.data(),
              .size = base.size()},
             isa);
}

}  // namespace dne
