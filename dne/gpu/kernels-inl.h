// SPDX-License-Identifier: MIT
// What one thread of each job does, and how many threads a job has. One text for the card and for
// the processor, which runs it in tests: sums go in the order that dne/nn/forward.h and
// dne/random/ define, so all bits are those of the plain references.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "dne/base/anywhere.h"
#include "dne/gpu/jobs.h"
#include "dne/nn/activation.h"
#include "dne/nn/low_rank.h"
#include "dne/nn/run_check.h"
#include "dne/random/normal_kernels.h"
#include "dne/random/philox.h"
#include "dne/random/signs.h"

#ifdef __CUDACC__
#define DNE_UNROLL _Pragma("unroll")
#else
#define DNE_UNROLL _Pragma("GCC unroll 16")
#endif

namespace dne::gpu {

// Takes a thread's number apart, the fastest index first.
struct Place {
  uint32_t i;

  DNE_ANYWHERE uint32_t Take(uint32_t count) {
    const uint32_t index = i % count;
    i /= count;
    return index;
  }
};

struct alignas(16) Four {
  float v[4];
};
struct alignas(8) Two {
  float v[2];
};

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

struct Observe {
  ObserveJob job;

  size_t size() const { return job.num_groups * job.height * job.row * kLanes; }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    Place place{i};
    const uint32_t lane = place.Take(kLanes);
    const uint32_t x = place.Take(job.row);
    const uint32_t y = place.Take(job.height);
    const uint32_t group = place.i;
    const uint32_t image = job.images[group * kLanes + lane];
    float value = 0;
    if (image != kNoImage) {
      const size_t at = (static_cast<size_t>(image) * job.height + y) * job.row + x;
      value = static_cast<float>(job.pixels[at]) * kByteScale;
    }
    job.output[group * job.group_floats + job.first + y * job.row_floats + x * kLanes + lane] =
        value;
  }
};

// What a member's change adds to the sums of some units at a position.
template <int kUnits>
DNE_ANYWHERE void AddChange(const ChangeView& change, uint32_t slot, size_t h_at, uint32_t units,
                            uint32_t first_unit, float (&sums)[kUnits]) {
  const float* right = change.slots + slot * change.slot_size + change.right + first_unit;
  for (uint32_t k = 0; k < change.rank; ++k, right += units) {
    const float h = change.h[h_at + k * kLanes];
    DNE_UNROLL
    for (int u = 0; u < kUnits; ++u) {
      if (first_unit + u < units) sums[u] = std::fma(h, right[u], sums[u]);
    }
  }
}

DNE_ANYWHERE const float* BiasesOf(const MapView& map, uint32_t slot) {
  return map.change.rank > 0 ? map.change.slots + slot * map.change.slot_size + map.change.biases
                             : map.slots + slot * map.slot_size + map.biases;
}

constexpr uint32_t kConvUnits = 16;

// One image, four positions, sixteen units a thread. kWhole: there are sixteen, and rows of weights
// lie well. kGroup taps of a row, which it has a multiple of, go through the loop together.
template <bool kWhole, bool kPools, uint32_t kGroup>
struct Convolve {
  ConvolveJob job;

  static uint32_t Tiles(uint32_t units) { return (units + kConvUnits - 1) / kConvUnits; }
  size_t size() const {
    const size_t windows = (static_cast<size_t>(job.rows) * job.columns + 3) / 4;
    return job.groups.count * windows * Tiles(job.map.units) * kLanes;
  }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    const uint32_t units = job.map.units;
    Place place{i};
    const uint32_t lane = place.Take(kLanes);
    const uint32_t first_unit = kConvUnits * place.Take((units + kConvUnits - 1) / kConvUnits);
    const uint32_t window = place.Take((job.rows * job.columns + 3) / 4);
    const uint32_t group = place.i;
    const uint32_t slot = job.groups.slot[group];

    uint32_t positions[4];
    const float* inputs[4];
    DNE_UNROLL
    for (uint32_t p = 0; p < 4; ++p) {
      positions[p] = PositionOf(window, p);
      inputs[p] = job.input + group * job.input_floats + positions[p] / job.columns * job.row_step +
                  positions[p] % job.columns * job.column_step + lane;
    }

    float sums[4][kConvUnits];
    const float* biases = BiasesOf(job.map, slot) + first_unit;
    DNE_UNROLL
    for (uint32_t u = 0; u < kConvUnits; ++u) {
      const float bias = kWhole || first_unit + u < units ? biases[u] : 0.0f;
      DNE_UNROLL
      for (int p = 0; p < 4; ++p) sums[p][u] = bias;
    }

    const float* weights = job.map.slots + slot * job.map.slot_size + job.map.weights + first_unit;
    // What the next tap reads is on its way while this one is multiplied.
    Tap taps[2] = {};
    LoadTap(inputs, weights, first_unit, 0, taps[0]);
    const uint32_t num_groups = job.kernel * (job.run / kGroup);
    for (uint32_t group_of_taps = 1, t = kGroup; group_of_taps <= num_groups; ++group_of_taps) {
      DNE_UNROLL
      for (uint32_t i = 0; i < kGroup; ++i) {
        if (i + 1 < kGroup) {
          LoadTap(inputs, weights, first_unit, i + 1, taps[(i + 1) % 2]);
        } else {
          const bool row_ends = t == job.run;
          const size_t step =
              row_ends ? job.input_row - (job.run - kGroup) * kLanes : size_t{kGroup} * kLanes;
          t = row_ends ? kGroup : t + kGroup;
          DNE_UNROLL
          for (int p = 0; p < 4; ++p) inputs[p] += step;
          weights += size_t{kGroup} * units;
          if (group_of_taps < num_groups) {
            LoadTap(inputs, weights, first_unit, 0, taps[(i + 1) % 2]);
          }
        }
        Add(taps[i % 2], sums);
      }
      if (kGroup % 2 == 1) taps[0] = taps[1];
    }

    DNE_UNROLL
    for (int p = 0; p < 4; ++p) {
      if (job.map.change.rank > 0) {
        const size_t at = (static_cast<size_t>(group) * job.rows * job.columns + positions[p]) *
                          job.map.change.rank * kLanes;
        AddChange(job.map.change, slot, at + lane, units, first_unit, sums[p]);
      }
      DNE_UNROLL
      for (uint32_t u = 0; u < kConvUnits; ++u) {
        sums[p][u] = Activate(job.map.activation, sums[p][u]);
      }
    }
    Store(group, lane, window, first_unit, positions, sums);
  }

 private:
  // Behind the last one: the last one.
  DNE_ANYWHERE uint32_t PositionOf(uint32_t window, uint32_t p) const {
    if (kPools) {
      const uint32_t across = job.columns / 2;
      return (2 * (window / across) + p / 2) * job.columns + 2 * (window % across) + p % 2;
    }
    const uint32_t last = job.rows * job.columns - 1;
    return 4 * window + p < last ? 4 * window + p : last;
  }

  // An input of each position, a weight of each unit.
  struct Tap {
    float x[4];
    float w[kConvUnits];
  };

  DNE_ANYWHERE void LoadTap(const float* const (&inputs)[4], const float* weights,
                            uint32_t first_unit, uint32_t i, Tap& tap) const {
    Load(weights + static_cast<size_t>(i) * job.map.units, first_unit, tap.w);
    DNE_UNROLL
    for (int p = 0; p < 4; ++p) tap.x[p] = inputs[p][i * kLanes];
  }

  DNE_ANYWHERE static void Add(const Tap& tap, float (&sums)[4][kConvUnits]) {
    DNE_UNROLL
    for (int p = 0; p < 4; ++p) {
      DNE_UNROLL
      for (uint32_t u = 0; u < kConvUnits; ++u) {
        sums[p][u] = std::fma(tap.x[p], tap.w[u], sums[p][u]);
      }
    }
  }

  DNE_ANYWHERE void Load(const float* weights, uint32_t first_unit, float (&w)[kConvUnits]) const {
    if (kWhole) {
      DNE_UNROLL
      for (uint32_t q = 0; q < kConvUnits / 4; ++q) {
        const Four four = reinterpret_cast<const Four*>(weights)[q];
        DNE_UNROLL
        for (int j = 0; j < 4; ++j) w[4 * q + j] = four.v[j];
      }
    } else {
      DNE_UNROLL
      for (uint32_t u = 0; u < kConvUnits; ++u) {
        w[u] = first_unit + u < job.map.units ? weights[u] : 0.0f;
      }
    }
  }

  DNE_ANYWHERE void Store(uint32_t group, uint32_t lane, uint32_t window, uint32_t first_unit,
                          const uint32_t (&positions)[4],
                          const float (&sums)[4][kConvUnits]) const {
    const uint32_t units = job.map.units;
    float* image = job.output + group * job.output_floats + job.output_first + lane;
    DNE_UNROLL
    for (int p = 0; p < (kPools ? 1 : 4); ++p) {
      const uint32_t across = kPools ? job.columns / 2 : job.columns;
      const uint32_t position = kPools ? window : positions[p];
      float* out = image + position / across * job.output_row +
                   (static_cast<size_t>(position % across) * units + first_unit) * kLanes;
      DNE_UNROLL
      for (uint32_t u = 0; u < kConvUnits; ++u) {
        float value = sums[p][u];
        if (kPools) {
          DNE_UNROLL
          for (int other = 1; other < 4; ++other) {
            value = sums[other][u] > value ? sums[other][u] : value;
          }
        }
        if (kWhole || first_unit + u < units) out[u * kLanes] = value;
      }
    }
  }
};

struct TakeLargest {
  PoolJob job;

  size_t size() const { return job.num_groups * job.rows * job.columns * job.channels * kLanes; }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    Place place{i};
    const uint32_t lane = place.Take(kLanes);
    const uint32_t channel = place.Take(job.channels);
    const uint32_t x = place.Take(job.columns);
    const uint32_t y = place.Take(job.rows);
    const uint32_t group = place.i;
    const size_t column = static_cast<size_t>(job.channels) * kLanes;
    const float* window = job.input + group * job.input_floats + y * job.stride * job.input_row +
                          x * job.stride * column + channel * kLanes + lane;
    float most = window[0];
    for (uint32_t ky = 0; ky < job.kernel; ++ky) {
      for (uint32_t kx = 0; kx < job.kernel; ++kx) {
        const float value = window[ky * job.input_row + kx * column];
        most = value > most ? value : most;
      }
    }
    job.output[group * job.output_floats + job.output_first + y * job.output_row + x * column +
               channel * kLanes + lane] = most;
  }
};

struct Average {
  AverageJob job;

  size_t size() const { return job.num_groups * job.channels * kLanes; }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    Place place{i};
    const uint32_t at = place.Take(job.channels * kLanes);
    const float* input = job.input + place.i * job.input_floats + at;
    float sum = 0;
    for (uint32_t p = 0; p < job.positions; ++p) {
      sum += input[static_cast<size_t>(p) * job.channels * kLanes];
    }
    job.output[place.i * job.output_floats + at] = sum / static_cast<float>(job.positions);
  }
};

constexpr uint32_t kDenseUnits = 2;
constexpr uint32_t kAhead = kRowsAhead;  // taps whose weights are on their way

// kDenseImages images, two units a thread. kWhole: there are two, and rows of weights lie well.
template <bool kWhole, uint32_t kDenseImages>
struct Multiply {
  DenseJob job;

  size_t size() const {
    const size_t pairs = (job.map.units + kDenseUnits - 1) / kDenseUnits;
    return job.groups.count * (kLanes / kDenseImages) * pairs;
  }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    const uint32_t units = job.map.units;
    Place place{i};
    const uint32_t first_unit = kDenseUnits * place.Take((units + kDenseUnits - 1) / kDenseUnits);
    const uint32_t first_lane = kDenseImages * place.Take(kLanes / kDenseImages);
    const uint32_t group = place.i;
    const uint32_t slot = job.groups.slot[group];
    const float* biases = BiasesOf(job.map, slot) + first_unit;
    const bool has_second = kWhole || first_unit + 1 < units;
    const float bias[kDenseUnits] = {biases[0], has_second ? biases[1] : 0.0f};
    const float* weights = job.map.slots + slot * job.map.slot_size + job.map.weights + first_unit;
    const float* input = job.input + group * job.input_floats + first_lane;
    float sums[kDenseUnits][kDenseImages];
    // Zeros are left out, which shows behind a bias of -0 alone, or where a weight is infinite or
    // no number, and so is a sum then.
    bool must_skip = IsNegativeZero(bias[0]) || IsNegativeZero(bias[1]);
    if (!must_skip) {
      Sum<false>(bias, weights, has_second, input, sums);
      DNE_UNROLL
      for (uint32_t u = 0; u < kDenseUnits; ++u) {
        DNE_UNROLL
        for (uint32_t m = 0; m < kDenseImages; ++m) must_skip |= !std::isfinite(sums[u][m]);
      }
    }
    if (must_skip) Sum<true>(bias, weights, has_second, input, sums);
    float* out = job.output + group * job.output_floats + first_lane;
    DNE_UNROLL
    for (uint32_t u = 0; u < kDenseUnits; ++u) {
      if (u > 0 && !has_second) break;
      const uint32_t unit = first_unit + u;
      for (uint32_t k = 0; k < job.map.change.rank; ++k) {
        const ChangeView& change = job.map.change;
        const float right = change.slots[slot * change.slot_size + change.right + k * units + unit];
        const float* h =
            change.h + (static_cast<size_t>(group) * change.rank + k) * kLanes + first_lane;
        DNE_UNROLL
        for (uint32_t m = 0; m < kDenseImages; ++m) {
          sums[u][m] = std::fma(h[m], right, sums[u][m]);
        }
      }
      DNE_UNROLL
      for (uint32_t m = 0; m < kDenseImages; ++m) {
        out[unit * kLanes + m] = Activate(job.map.activation, sums[u][m]);
      }
    }
  }

 private:
  DNE_ANYWHERE Two LoadRow(const float* weights, bool has_second) const {
    if (kWhole) return *reinterpret_cast<const Two*>(weights);
    return {{weights[0], has_second ? weights[1] : 0.0f}};
  }

  template <bool kSkipsZeros>
  DNE_ANYWHERE static void AddTap(const Two& w, const float* input,
                                  float (&partial)[kDenseUnits][kDenseImages]) {
    DNE_UNROLL
    for (uint32_t q = 0; q < kDenseImages / 4; ++q) {
      const Four x = reinterpret_cast<const Four*>(input)[q];
      DNE_UNROLL
      for (uint32_t j = 0; j < 4; ++j) {
        DNE_UNROLL
        for (uint32_t u = 0; u < kDenseUnits; ++u) {
          float& sum = partial[u][4 * q + j];
          const float added = std::fma(x.v[j], w.v[u], sum);
          sum = !kSkipsZeros || x.v[j] != 0 ? added : sum;
        }
      }
    }
  }

  DNE_ANYWHERE static bool IsNegativeZero(float value) {
    return std::bit_cast<uint32_t>(value) == 0x8000'0000u;
  }

  template <bool kSkipsZeros>
  DNE_ANYWHERE void Sum(const float (&bias)[kDenseUnits], const float* weights, bool has_second,
                        const float* input, float (&sums)[kDenseUnits][kDenseImages]) const {
    DNE_UNROLL
    for (uint32_t u = 0; u < kDenseUnits; ++u) {
      DNE_UNROLL
      for (uint32_t m = 0; m < kDenseImages; ++m) sums[u][m] = bias[u];
    }
    // Those of the next kAhead rows; behind the last one lies something else, which is not used.
    Two next[kAhead];
    DNE_UNROLL
    for (uint32_t t = 0; t < kAhead; ++t) {
      next[t] = LoadRow(weights + static_cast<size_t>(t) * job.map.units, has_second);
    }
    const size_t ahead = static_cast<size_t>(kAhead) * job.map.units;
    for (uint32_t p = 0; p < job.positions; ++p) {
      float partial[kDenseUnits][kDenseImages];
      DNE_UNROLL
      for (uint32_t u = 0; u < kDenseUnits; ++u) {
        DNE_UNROLL
        for (uint32_t m = 0; m < kDenseImages; ++m) partial[u][m] = 0;
      }
      uint32_t c = 0;
      for (; c + kAhead <= job.channels; c += kAhead) {
        DNE_UNROLL
        for (uint32_t t = 0; t < kAhead; ++t) {
          const Two w = next[t];
          next[t] = LoadRow(weights + ahead, has_second);
          weights += job.map.units;
          AddTap<kSkipsZeros>(w, input + t * kLanes, partial);
        }
        input += size_t{kAhead} * kLanes;
      }
      for (; c < job.channels; ++c) {
        const Two w = next[0];
        DNE_UNROLL
        for (uint32_t t = 0; t + 1 < kAhead; ++t) next[t] = next[t + 1];
        next[kAhead - 1] = LoadRow(weights + ahead, has_second);
        weights += job.map.units;
        AddTap<kSkipsZeros>(w, input, partial);
        input += kLanes;
      }
      DNE_UNROLL
      for (uint32_t u = 0; u < kDenseUnits; ++u) {
        DNE_UNROLL
        for (uint32_t m = 0; m < kDenseImages; ++m) sums[u][m] += partial[u][m];
      }
    }
  }
};

struct Add {
  AddJob job;

  size_t size() const { return job.count; }
  DNE_ANYWHERE void operator()(uint32_t i) const { job.to[i] += job.from[i]; }
};

struct Project {
  ProjectJob job;

  size_t size() const { return job.groups.count * job.rows * job.columns * job.rank * kLanes; }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    Place place{i};
    const uint32_t lane = place.Take(kLanes);
    const uint32_t k = place.Take(job.rank);
    const uint32_t position = place.Take(job.rows * job.columns);
    const uint32_t group = place.i;
    const uint32_t slot = job.groups.slot[group];
    const float* a = job.slots + slot * job.slot_size + job.left + k * job.inputs;
    const float* input = job.input + group * job.input_floats +
                         position / job.columns * job.row_step +
                         position % job.columns * job.column_step + lane;
    float chains[nn::kChains] = {};
    for (uint32_t ky = 0; ky < job.kernel; ++ky, input += job.input_row) {
      for (uint32_t first = 0; first < job.run; first += nn::kChains, a += nn::kChains) {
        DNE_UNROLL
        for (uint32_t c = 0; c < nn::kChains; ++c) {
          if (first + c < job.run) {
            chains[c] = std::fma(input[static_cast<size_t>(first + c) * kLanes], a[c], chains[c]);
          }
        }
      }
      a -= (job.run + nn::kChains - 1) / nn::kChains * nn::kChains - job.run;
    }
    DNE_UNROLL
    for (uint32_t half = nn::kChains / 2; half > 0; half /= 2) {
      DNE_UNROLL
      for (uint32_t c = 0; c < nn::kChains / 2; ++c) {
        if (c < half) chains[c] += chains[c + half];
      }
    }
    const float scale = job.draws[slot].scale * job.root;
    job.h[((static_cast<size_t>(group) * job.rows * job.columns + position) * job.rank + k) *
              kLanes +
          lane] = scale * chains[0];
  }
};

struct CopyOutputs {
  OutputsJob job;

  size_t size() const { return job.num_groups * kLanes * job.outputs; }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    Place place{i};
    const uint32_t o = place.Take(job.outputs);
    const uint32_t lane = place.Take(kLanes);
    job.rows[i] = job.input[place.i * job.input_floats + o * kLanes + lane];
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
  start(Project{job});
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

template <bool kWhole, uint32_t kGroup, class Start>
void DispatchPooling(const ConvolveJob& job, const Start& start) {
  if (job.pools) return start(Convolve<kWhole, true, kGroup>{job});
  start(Convolve<kWhole, false, kGroup>{job});
}
template <bool kWhole, class Start>
void DispatchGroups(const ConvolveJob& job, const Start& start) {
  if (job.run % 4 == 0) return DispatchPooling<kWhole, 4>(job, start);
  if (job.run % 5 == 0) return DispatchPooling<kWhole, 5>(job, start);
  DispatchPooling<kWhole, 1>(job, start);
}

// Slots begin at multiples of four floats.
template <class Start>
void Dispatch(const ConvolveJob& job, const Start& start) {
  const bool whole = job.map.units % kConvUnits == 0 && job.map.weights % 4 == 0;
  if (!whole) return DispatchGroups<false>(job, start);
  DispatchGroups<true>(job, start);
}
template <class Start>
void Dispatch(const DenseJob& job, const Start& start) {
  const bool whole = job.map.units % kDenseUnits == 0 && job.map.weights % kDenseUnits == 0;
  // Of few units more threads: what they wait for is each other's loads.
  const bool few = job.map.units < 128;
  if (whole && few) return start(Multiply<true, 4>{job});
  if (whole) return start(Multiply<true, 16>{job});
  if (few) return start(Multiply<false, 4>{job});
  start(Multiply<false, 16>{job});
}

}  // namespace dne::gpu
