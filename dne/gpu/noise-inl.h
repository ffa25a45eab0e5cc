// SPDX-License-Identifier: MIT
// What one thread does of the jobs that draw noise and add it up (dne/random,
// dne/genome/low_rank.h).
#pragma once

#include <cmath>
#include <cstdint>

#include "dne/gpu/jobs.h"
#include "dne/gpu/thread-inl.h"
#include "dne/random/normal_kernels.h"
#include "dne/random/philox.h"
#include "dne/random/signs.h"

namespace dne::gpu {

DNE_ANYWHERE philox::Words WordsOf(const StreamId& id, uint32_t block) {
  return philox::Encrypt(id.seed,
                         {{block, id.item, id.generation, static_cast<uint32_t>(id.purpose)}});
}

// Numbers 4 * block .. 4 * block + 3 of a stream.
DNE_ANYWHERE Four NormalsOf(const StreamId& id, uint32_t block) {
  const philox::Words words = WordsOf(id, block);
  const normal::Pair low = normal::NormalPair(words.w[0], words.w[1]);
  const normal::Pair high = normal::NormalPair(words.w[2], words.w[3]);
  return {{low.cosine, low.sine, high.cosine, high.sine}};
}

// scale or -scale by signs 4 * block .. of a stream.
DNE_ANYWHERE Four SignsOf(const StreamId& id, uint32_t block, float scale) {
  const uint32_t first = 4 * block;
  const philox::Words words = WordsOf(id, first / kSignsOfBlock);
  const uint32_t word = words.w[first % kSignsOfBlock / 32] >> (first % 32);
  Four signs;
  DNE_UNROLL
  for (uint32_t j = 0; j < 4; ++j) signs.v[j] = (word >> j) & 1 ? -scale : scale;
  return signs;
}

struct Perturb {
  PerturbJob job;

  uint32_t quads() const { return static_cast<uint32_t>((job.num_parameters + 3) / 4); }
  size_t size() const { return job.num_draws * quads(); }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    Place place{i};
    const uint32_t quad = place.Take(static_cast<uint32_t>((job.num_parameters + 3) / 4));
    const Draw draw = job.draws[place.i];
    const float* parent = job.parents + draw.parent * job.parent_size;
    const Four base = reinterpret_cast<const Four*>(parent)[quad];
    Four plus = base;
    Four minus = base;
    if (4 * quad >= draw.first && 4 * quad - draw.first < draw.size) {
      if (job.kind == PerturbationKind::kSigns) {
        const Four noise = SignsOf(draw.stream, quad, draw.scale);
        DNE_UNROLL
        for (int j = 0; j < 4; ++j) {
          plus.v[j] = base.v[j] + noise.v[j];
          minus.v[j] = base.v[j] - noise.v[j];
        }
      } else {
        Four noise = NormalsOf(draw.stream, quad);
        DNE_UNROLL
        for (int j = 0; j < 4; ++j) {
          if (job.spreads != 0) noise.v[j] = parent[job.spreads + 4 * quad + j] * noise.v[j];
          plus.v[j] = std::fma(draw.scale, noise.v[j], base.v[j]);
          minus.v[j] = std::fma(-draw.scale, noise.v[j], base.v[j]);
        }
      }
    }
    reinterpret_cast<Four*>(job.slots + draw.slot * job.slot_size)[quad] = plus;
    if (draw.mirrored != draw.slot) {
      reinterpret_cast<Four*>(job.slots + draw.mirrored * job.slot_size)[quad] = minus;
    }
  }
};

struct DrawFactor {
  FactorJob job;

  size_t size() const { return job.num_draws * job.count; }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    Place place{i};
    const uint32_t j = place.Take(static_cast<uint32_t>(job.count));
    const Draw draw = job.draws[place.i];
    const auto number = static_cast<uint32_t>(job.first + j);
    float value = NormalsOf(draw.stream, number / 4).v[number % 4];
    if (job.is_noise) {
      const float base = job.parents[draw.parent * job.parent_size + job.base_offset + j];
      value = draw.scale != 0 ? std::fma(draw.scale, value, base) : base;
    }
    job.slots[draw.slot * job.slot_size + job.offset + j] = value;
  }
};

struct AddTerms {
  SumJob job;

  size_t size() const { return (job.end + 3) / 4 - job.begin / 4; }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    const auto block = static_cast<uint32_t>(job.begin / 4 + i);
    const uint32_t first = 4 * block;
    const bool signs = job.kind == PerturbationKind::kSigns;
    Four sum = reinterpret_cast<const Four*>(job.sum)[block];
    for (size_t t = 0; t < job.num_terms; ++t) {
      const Term term = job.terms[t];
      if (first < term.first || first - term.first >= term.size) continue;
      const Four noise =
          signs ? SignsOf(term.stream, block, term.weight) : NormalsOf(term.stream, block);
      DNE_UNROLL
      for (int j = 0; j < 4; ++j) {
        const float n = noise.v[j];
        if (signs) {
          sum.v[j] += n;
        } else if (job.squares) {
          sum.v[j] += term.weight * (n * n - 1);
        } else {
          sum.v[j] = std::fma(term.weight, n, sum.v[j]);
        }
      }
    }
    DNE_UNROLL
    for (uint32_t j = 0; j < 4; ++j) {
      if (first + j >= job.begin && first + j < job.end) job.sum[first + j] = sum.v[j];
    }
  }
};

struct DrawTermFactor {
  TermFactorJob job;

  size_t quads() const { return (job.count + 3) / 4; }
  size_t size() const { return job.num_terms * job.rank * quads(); }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    Place place{i};
    const uint32_t quad = place.Take(static_cast<uint32_t>((job.count + 3) / 4));
    const uint32_t column = place.Take(job.rank);
    const Term term = job.terms[place.i];
    const auto block = static_cast<uint32_t>((job.first + column * job.column) / 4 + quad);
    Four numbers = NormalsOf(term.stream, block);
    const float weight = term.weight * job.root;
    float* out = job.out + (static_cast<size_t>(place.i) * job.rank + column) * job.stride;
    DNE_UNROLL
    for (uint32_t j = 0; j < 4; ++j) {
      if (4 * quad + j < job.count) {
        out[4 * quad + j] = job.weighs ? numbers.v[j] * weight : numbers.v[j];
      }
    }
  }
};

// Four rows, four columns a thread.
struct AddProducts {
  ProductsJob job;

  size_t size() const { return static_cast<size_t>((job.rows + 3) / 4) * ((job.columns + 3) / 4); }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    Place place{i};
    const uint32_t column = 4 * place.Take((job.columns + 3) / 4);
    const uint32_t row = 4 * place.i;
    float sums[4][4] = {};
    EachOf(row, column, [&](uint32_t r, uint32_t c, float& number) { sums[r][c] = number; });
    for (size_t k = 0; k < job.count; ++k) {
      const float* left = job.left + k * job.left_stride + row;
      const float* right = job.right + k * job.right_stride + column;
      DNE_UNROLL
      for (uint32_t r = 0; r < 4; ++r) {
        const float a = row + r < job.rows ? left[r] : 0.0f;
        DNE_UNROLL
        for (uint32_t c = 0; c < 4; ++c) {
          const float b = column + c < job.columns ? right[c] : 0.0f;
          sums[r][c] = std::fma(a, b, sums[r][c]);
        }
      }
    }
    EachOf(row, column, [&](uint32_t r, uint32_t c, float& number) { number = sums[r][c]; });
  }

 private:
  template <class Visit>
  DNE_ANYWHERE void EachOf(uint32_t row, uint32_t column, const Visit& visit) const {
    DNE_UNROLL
    for (uint32_t r = 0; r < 4; ++r) {
      DNE_UNROLL
      for (uint32_t c = 0; c < 4; ++c) {
        if (row + r < job.rows && column + c < job.columns) {
          visit(r, c, job.matrix[static_cast<size_t>(row + r) * job.columns + column + c]);
        }
      }
    }
  }
};

}  // namespace dne::gpu
