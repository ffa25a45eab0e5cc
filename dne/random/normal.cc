// SPDX-License-Identifier: MIT
// The entry points and the plain reference that the vector kernels are held to.
#include "dne/random/normal.h"

#include <cmath>

#include "dne/base/error.h"
#include "dne/base/vector_path.h"
#include "dne/random/normal_kernels.h"

namespace dne {
namespace normal {
namespace {

// Inlined into both bodies below, so that std::fma is one instruction where the machine has it.
[[gnu::always_inline]] inline void RunPlain(const Job& job) {
  for (size_t i = 0; i < job.size; i += 4) {
    const auto w = PhiloxBlock(job.id, job.first_block + static_cast<uint32_t>(i / 4));
    const Pair low = NormalPair(w[0], w[1]);
    const Pair high = NormalPair(w[2], w[3]);
    const float numbers[4] = {low.cosine, low.sine, high.cosine, high.sine};
    for (size_t j = i; j < i + 4 && j < job.size; ++j) {
      const float n = job.scale ? job.scale[j] * numbers[j - i] : numbers[j - i];
      job.out[j] = job.base ? std::fma(job.sigma, n, job.base[j]) : n;
      if (job.minus) job.minus[j] = std::fma(-job.sigma, n, job.base[j]);
    }
  }
}

#if defined(__x86_64__)
[[gnu::target("fma")]] void RunPlainWithFma(const Job& job) { RunPlain(job); }
#endif

}  // namespace

void Run(const Job& job, Isa isa) {
  DNE_CHECK(job.first_block + (job.size + 3) / 4 <= uint64_t{1} << 32);
  if (isa == Isa::kScalar) return RunScalar(job);
  OnVectorPath(isa, [&]<Isa kPath> { RunVector<kPath>(job); });
}

void RunScalar(const Job& job) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("fma")) return RunPlainWithFma(job);
#endif
  RunPlain(job);
}

}  // namespace normal

void FillNormal(const StreamId& id, size_t first, std::span<float> out, Isa isa) {
  DNE_CHECK(first % 4 == 0 && first / 4 <= UINT32_MAX);
  normal::Run({.id = id,
               .first_block = static_cast<uint32_t>(first / 4),
               .out = out.data(),
               .size = out.size()},
              isa);
}

void AddNormal(const StreamId& id, float sigma, std::span<const float> base, std::span<float> out,
               Isa isa, std::span<const float> scale) {
  DNE_CHECK(base.size() == out.size() && (scale.empty() || scale.size() == out.size()));
  normal::Run({.id = id,
               .sigma = sigma,
               .base = base.data(),
               .scale = scale.empty() ? nullptr : scale.data(),
               .out = out.data(),
               .size = out.size()},
              isa);
}

void AddNormalPair(const StreamId& id, float sigma, std::span<const float> base,
                   std::span<float> plus, std::span<float> minus, Isa isa,
                   std::span<const float> scale) {
  DNE_CHECK(base.size() == plus.size() && base.size() == minus.size());
  DNE_CHECK(scale.empty() || scale.size() == base.size());
  normal::Run({.id = id,
               .sigma = sigma,
               .base = base.data(),
               .scale = scale.empty() ? nullptr : scale.data(),
               .out = plus.data(),
               .minus = minus.data(),
               .size = base.size()},
              isa);
}

}  // namespace dne
