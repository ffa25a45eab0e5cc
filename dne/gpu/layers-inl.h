// SPDX-License-Identifier: MIT
// What one thread does of the jobs that images go through a network by (dne/nn/forward.h).
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "dne/gpu/jobs.h"
#include "dne/gpu/thread-inl.h"
#include "dne/nn/activation.h"
#include "dne/nn/low_rank.h"
#include "dne/nn/run_check.h"

namespace dne::gpu {

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
    job.output.group(group)[job.output.first + y * job.output.row + x * kLanes + lane] = value;
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
      inputs[p] = job.input.group(group) + positions[p] / job.columns * job.row_step +
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
              row_ends ? job.input.row - (job.run - kGroup) * kLanes : size_t{kGroup} * kLanes;
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
    float* image = job.output.group(group) + job.output.first + lane;
    DNE_UNROLL
    for (int p = 0; p < (kPools ? 1 : 4); ++p) {
      const uint32_t across = kPools ? job.columns / 2 : job.columns;
      const uint32_t position = kPools ? window : positions[p];
      float* out = image + position / across * job.output.row +
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
    const float* window = job.input.group(group) + y * job.stride * job.input.row +
                          x * job.stride * column + channel * kLanes + lane;
    float most = window[0];
    for (uint32_t ky = 0; ky < job.kernel; ++ky) {
      for (uint32_t kx = 0; kx < job.kernel; ++kx) {
        const float value = window[ky * job.input.row + kx * column];
        most = value > most ? value : most;
      }
    }
    job.output.group(
        group)[job.output.first + y * job.output.row + x * column + channel * kLanes + lane] = most;
  }
};

struct Average {
  AverageJob job;

  size_t size() const { return job.num_groups * job.channels * kLanes; }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    Place place{i};
    const uint32_t at = place.Take(job.channels * kLanes);
    const float* input = job.input.group(place.i) + at;
    float sum = 0;
    for (uint32_t p = 0; p < job.positions; ++p) {
      sum += input[static_cast<size_t>(p) * job.channels * kLanes];
    }
    job.output.group(place.i)[at] = sum / static_cast<float>(job.positions);
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
    const float* input = job.input.group(group) + first_lane;
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
    float* out = job.output.group(group) + first_lane;
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
    const float* input = job.input.group(group) + position / job.columns * job.row_step +
                         position % job.columns * job.column_step + lane;
    float chains[nn::kChains] = {};
    for (uint32_t ky = 0; ky < job.kernel; ++ky, input += job.input.row) {
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
    job.rows[i] = job.input.group(place.i)[o * kLanes + lane];
  }
};

}  // namespace dne::gpu
