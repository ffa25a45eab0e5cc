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

// Numbers that lie side by side, `kNumbers` of them, which is 1, 2 or a multiple of 4; their first
// lies as a vector of them may.
template <uint32_t kNumbers>
DNE_ANYWHERE void Load(const float* from, float (&numbers)[kNumbers]) {
  if constexpr (kNumbers % 4 == 0) {
    DNE_UNROLL
    for (uint32_t q = 0; q < kNumbers / 4; ++q) {
      const Four four = reinterpret_cast<const Four*>(from)[q];
      DNE_UNROLL
      for (uint32_t j = 0; j < 4; ++j) numbers[4 * q + j] = four.v[j];
    }
  } else if constexpr (kNumbers == 2) {
    const Two two = *reinterpret_cast<const Two*>(from);
    numbers[0] = two.v[0];
    numbers[1] = two.v[1];
  } else {
    static_assert(kNumbers == 1);
    numbers[0] = *from;
  }
}
template <uint32_t kNumbers>
DNE_ANYWHERE void Store(const float (&numbers)[kNumbers], float* to) {
  if constexpr (kNumbers % 4 == 0) {
    DNE_UNROLL
    for (uint32_t q = 0; q < kNumbers / 4; ++q) {
      Four four;
      DNE_UNROLL
      for (uint32_t j = 0; j < 4; ++j) four.v[j] = numbers[4 * q + j];
      reinterpret_cast<Four*>(to)[q] = four;
    }
  } else if constexpr (kNumbers == 2) {
    *reinterpret_cast<Two*>(to) = {{numbers[0], numbers[1]}};
  } else {
    static_assert(kNumbers == 1);
    *to = numbers[0];
  }
}

// A row of weights, or the biases, which lie anywhere, of `units` units from `first_unit` on;
// behind the last one 0. kWhole: there are kUnits, and rows lie as vectors may.
template <bool kWhole, uint32_t kUnits>
DNE_ANYWHERE void LoadUnits(const float* row, uint32_t first_unit, uint32_t units,
                            float (&numbers)[kUnits]) {
  if constexpr (kWhole) {
    Load(row, numbers);
  } else {
    DNE_UNROLL
    for (uint32_t u = 0; u < kUnits; ++u) numbers[u] = first_unit + u < units ? row[u] : 0.0f;
  }
}

// Units' sums become their values. Few functions are short enough to stand here once a sum: the
// others take the sums through memory.
template <uint32_t kUnits, uint32_t kImages>
DNE_ANYWHERE void ActivateAll(Activation activation, float (&sums)[kUnits][kImages]) {
  if (activation == Activation::kLinear) return;
  if (activation == Activation::kRelu) {
    DNE_UNROLL
    for (uint32_t u = 0; u < kUnits; ++u) {
      DNE_UNROLL
      for (uint32_t m = 0; m < kImages; ++m) sums[u][m] = Activate(Activation::kRelu, sums[u][m]);
    }
    return;
  }
  float values[kUnits * kImages];
  DNE_UNROLL
  for (uint32_t i = 0; i < kUnits * kImages; ++i) values[i] = sums[i / kImages][i % kImages];
  DNE_KEEP_LOOP
  for (float& value : values) value = Activate(activation, value);
  DNE_UNROLL
  for (uint32_t i = 0; i < kUnits * kImages; ++i) sums[i / kImages][i % kImages] = values[i];
}

// What a member's change adds to the sums of some units and images at a position; groups are kWidth
// wide.
template <uint32_t kWidth, uint32_t kUnits, uint32_t kImages>
DNE_ANYWHERE void AddChange(const ChangeView& change, uint32_t slot, size_t h_at, uint32_t units,
                            uint32_t first_unit, float (&sums)[kUnits][kImages]) {
  const float* right = change.slots + slot * change.slot_size + change.right + first_unit;
  for (uint32_t k = 0; k < change.rank; ++k, right += units) {
    float h[kImages];
    Load(change.h + h_at + k * kWidth, h);
    DNE_UNROLL
    for (uint32_t u = 0; u < kUnits; ++u) {
      if (first_unit + u >= units) break;
      DNE_UNROLL
      for (uint32_t m = 0; m < kImages; ++m) sums[u][m] = std::fma(h[m], right[u], sums[u][m]);
    }
  }
}

DNE_ANYWHERE const float* BiasesOf(const MapView& map, uint32_t slot) {
  return map.change.rank > 0 ? map.change.slots + slot * map.change.slot_size + map.change.biases
                             : map.slots + slot * map.slot_size + map.biases;
}

// kImages images, four positions, kUnits units a thread. kGroup taps of a row, which it has a
// multiple of, go through the loop together.
template <bool kWhole, bool kPools, uint32_t kGroup, uint32_t kImages, uint32_t kUnits>
struct Convolve {
  static constexpr bool kTakesManyRegisters = true;
  ConvolveJob job;

  size_t size() const {
    const size_t windows = (static_cast<size_t>(job.rows) * job.columns + 3) / 4;
    return job.groups.count * windows * Tiles() * (kLanes / kImages);
  }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    const uint32_t units = job.map.units;
    Place place{i};
    const uint32_t lane = kImages * place.Take(kLanes / kImages);
    const uint32_t first_unit = kUnits * place.Take(Tiles());
    const uint32_t window = place.Take((job.rows * job.columns + 3) / 4);
    const uint32_t group = place.i;
    const uint32_t slot = job.groups.slot[group];

    uint32_t positions[4];
    DNE_UNROLL
    for (uint32_t p = 0; p < 4; ++p) positions[p] = PositionOf(window, p);

    Sums sums[4];
    float biases[kUnits];
    LoadUnits<false>(BiasesOf(job.map, slot) + first_unit, first_unit, units, biases);
    DNE_UNROLL
    for (int p = 0; p < 4; ++p) {
      DNE_UNROLL
      for (uint32_t u = 0; u < kUnits; ++u) {
        DNE_UNROLL
        for (uint32_t m = 0; m < kImages; ++m) sums[p].of[u][m] = biases[u];
      }
    }

    // What a tap reads is on its way while the one before is multiplied.
    Reading reading = BeginReading(group, slot, positions, lane, first_unit);
    Tap taps[2];
    LoadTap(reading, 0, taps[0]);
    if (kGroup == 1) Advance(reading);
    LoadTap(reading, 1 % kGroup, taps[1]);
    const uint32_t num_groups = job.kernel * (job.run / kGroup);
    for (uint32_t g = 0; g < num_groups; ++g) {
      DNE_UNROLL
      for (uint32_t t = 0; t < kGroup; ++t) {
        Add(taps[t % 2], sums);
        if ((t + 2) % kGroup == 0 || kGroup == 1) Advance(reading);
        LoadTap(reading, (t + 2) % kGroup, taps[t % 2]);
      }
      if (kGroup % 2 == 1) {
        const Tap first = taps[1];
        taps[1] = taps[0];
        taps[0] = first;
      }
    }

    DNE_UNROLL
    for (int p = 0; p < 4; ++p) {
      if (job.map.change.rank > 0) {
        const size_t at = (static_cast<size_t>(group) * job.rows * job.columns + positions[p]) *
                          job.map.change.rank * kLanes;
        AddChange<kLanes>(job.map.change, slot, at + lane, units, first_unit, sums[p].of);
      }
      ActivateAll(job.map.activation, sums[p].of);
    }
    Write(group, lane, window, first_unit, positions, sums);
  }

 private:
  // Of a position.
  struct Sums {
    float of[kUnits][kImages];
  };
  // An input of each position and image, a weight of each unit.
  struct Tap {
    float x[4][kImages];
    float w[kUnits];
  };

  DNE_ANYWHERE uint32_t Tiles() const { return (job.map.units + kUnits - 1) / kUnits; }

  // Behind the last one: the last one.
  DNE_ANYWHERE uint32_t PositionOf(uint32_t window, uint32_t p) const {
    if (kPools) {
      const uint32_t across = job.columns / 2;
      return (2 * (window / across) + p / 2) * job.columns + 2 * (window % across) + p % 2;
    }
    const uint32_t last = job.rows * job.columns - 1;
    return 4 * window + p < last ? 4 * window + p : last;
  }

  // Which group of taps is read next.
  struct Reading {
    const float* inputs[4];  // of each position
    const float* weights;
    uint32_t first_unit;
    uint32_t column;  // in the window's row
    uint32_t left;    // groups behind this one
  };
  DNE_ANYWHERE Reading BeginReading(uint32_t group, uint32_t slot, const uint32_t (&positions)[4],
                                    uint32_t lane, uint32_t first_unit) const {
    Reading reading;
    DNE_UNROLL
    for (uint32_t p = 0; p < 4; ++p) {
      reading.inputs[p] = job.input.group(group) + positions[p] / job.columns * job.row_step +
                          positions[p] % job.columns * job.column_step + lane;
    }
    reading.weights = job.map.slots + slot * job.map.slot_size + job.map.weights + first_unit;
    reading.first_unit = first_unit;
    reading.column = 0;
    reading.left = job.kernel * (job.run / kGroup) - 1;
    return reading;
  }
  // Behind the last group it is the last one once more, which nobody adds.
  DNE_ANYWHERE void Advance(Reading& reading) const {
    if (reading.left == 0) return;
    --reading.left;
    size_t step = size_t{kGroup} * kLanes;
    reading.column += kGroup;
    if (reading.column == job.run) {
      reading.column = 0;
      step += job.input.row - size_t{job.run} * kLanes;
    }
    DNE_UNROLL
    for (int p = 0; p < 4; ++p) reading.inputs[p] += step;
    reading.weights += size_t{kGroup} * job.map.units;
  }
  DNE_ANYWHERE void LoadTap(const Reading& reading, uint32_t t, Tap& tap) const {
    LoadUnits<kWhole>(reading.weights + static_cast<size_t>(t) * job.map.units, reading.first_unit,
                      job.map.units, tap.w);
    DNE_UNROLL
    for (int p = 0; p < 4; ++p) Load(reading.inputs[p] + size_t{t} * kLanes, tap.x[p]);
  }

  // Unit by unit: a card's registers are read least often so.
  DNE_ANYWHERE static void Add(const Tap& tap, Sums (&sums)[4]) {
    DNE_UNROLL
    for (uint32_t u = 0; u < kUnits; ++u) {
      DNE_UNROLL
      for (int p = 0; p < 4; ++p) {
        DNE_UNROLL
        for (uint32_t m = 0; m < kImages; ++m) {
          sums[p].of[u][m] = std::fma(tap.x[p][m], tap.w[u], sums[p].of[u][m]);
        }
      }
    }
  }

  DNE_ANYWHERE void Write(uint32_t group, uint32_t lane, uint32_t window, uint32_t first_unit,
                          const uint32_t (&positions)[4], const Sums (&sums)[4]) const {
    const uint32_t units = job.map.units;
    float* image = job.output.group(group) + job.output.first + lane;
    DNE_UNROLL
    for (int p = 0; p < (kPools ? 1 : 4); ++p) {
      const uint32_t across = kPools ? job.columns / 2 : job.columns;
      const uint32_t position = kPools ? window : positions[p];
      float* out = image + position / across * job.output.row +
                   (static_cast<size_t>(position % across) * units + first_unit) * kLanes;
      DNE_UNROLL
      for (uint32_t u = 0; u < kUnits; ++u) {
        if (!kWhole && first_unit + u >= units) break;
        float values[kImages];
        DNE_UNROLL
        for (uint32_t m = 0; m < kImages; ++m) {
          values[m] = sums[p].of[u][m];
          if (kPools) {
            DNE_UNROLL
            for (int other = 1; other < 4; ++other) {
              const float value = sums[other].of[u][m];
              values[m] = value > values[m] ? value : values[m];
            }
          }
        }
        Store(values, out + u * kLanes);
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

constexpr uint32_t kAhead = kRowsAhead;  // taps whose weights are on their way

// kImages images, kUnits units a thread, of groups kWidth wide.
template <uint32_t kWidth, bool kWhole, uint32_t kImages, uint32_t kUnits>
struct Multiply {
  DenseJob job;

  size_t size() const { return job.groups.count * (kWidth / kImages) * Tiles(); }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    const uint32_t units = job.map.units;
    Place place{i};
    // All images of a group side by side: they read the same weights.
    const uint32_t first_lane = kImages * place.Take(kWidth / kImages);
    const uint32_t first_unit = kUnits * place.Take(Tiles());
    const uint32_t group = place.i;
    const uint32_t slot = job.groups.slot[group];
    float biases[kUnits];
    LoadUnits<false>(BiasesOf(job.map, slot) + first_unit, first_unit, units, biases);
    const float* weights = job.map.slots + slot * job.map.slot_size + job.map.weights + first_unit;
    const float* input = job.input.group(group) + first_lane;
    float sums[kUnits][kImages];
    // Zeros are left out, which shows behind a bias of -0 alone, or where a weight is infinite or
    // no number, and so is a sum then.
    bool must_skip = false;
    DNE_UNROLL
    for (uint32_t u = 0; u < kUnits; ++u) must_skip |= IsNegativeZero(biases[u]);
    if (!must_skip) {
      Sum<false>(biases, weights, first_unit, input, sums);
      DNE_UNROLL
      for (uint32_t u = 0; u < kUnits; ++u) {
        DNE_UNROLL
        for (uint32_t m = 0; m < kImages; ++m) must_skip |= !std::isfinite(sums[u][m]);
      }
    }
    if (must_skip) Sum<true>(biases, weights, first_unit, input, sums);
    if (job.map.change.rank > 0) {
      const size_t h_at = static_cast<size_t>(group) * job.map.change.rank * kWidth + first_lane;
      AddChange<kWidth>(job.map.change, slot, h_at, units, first_unit, sums);
    }
    ActivateAll(job.map.activation, sums);
    float* out = job.output.group(group) + static_cast<size_t>(first_unit) * kWidth + first_lane;
    DNE_UNROLL
    for (uint32_t u = 0; u < kUnits; ++u) {
      if (!kWhole && first_unit + u >= units) break;
      Store(sums[u], out + u * kWidth);
    }
  }

 private:
  struct Row {
    float w[kUnits];
  };

  DNE_ANYWHERE uint32_t Tiles() const { return (job.map.units + kUnits - 1) / kUnits; }

  DNE_ANYWHERE Row LoadRow(const float* weights, uint32_t first_unit) const {
    Row row;
    LoadUnits<kWhole>(weights, first_unit, job.map.units, row.w);
    return row;
  }

  template <bool kSkipsZeros>
  DNE_ANYWHERE static void AddTap(const Row& row, const float* input,
                                  float (&partial)[kUnits][kImages]) {
    float x[kImages];
    Load(input, x);
    DNE_UNROLL
    for (uint32_t u = 0; u < kUnits; ++u) {
      DNE_UNROLL
      for (uint32_t m = 0; m < kImages; ++m) {
        const float added = std::fma(x[m], row.w[u], partial[u][m]);
        partial[u][m] = !kSkipsZeros || x[m] != 0 ? added : partial[u][m];
      }
    }
  }

  DNE_ANYWHERE static bool IsNegativeZero(float value) {
    return std::bit_cast<uint32_t>(value) == 0x8000'0000u;
  }

  template <bool kSkipsZeros>
  DNE_ANYWHERE void Sum(const float (&biases)[kUnits], const float* weights, uint32_t first_unit,
                        const float* input, float (&sums)[kUnits][kImages]) const {
    DNE_UNROLL
    for (uint32_t u = 0; u < kUnits; ++u) {
      DNE_UNROLL
      for (uint32_t m = 0; m < kImages; ++m) sums[u][m] = biases[u];
    }
    // Those of the next kAhead rows; behind the last one lies something else, which is not used.
    Row next[kAhead];
    DNE_UNROLL
    for (uint32_t t = 0; t < kAhead; ++t) {
      next[t] = LoadRow(weights + static_cast<size_t>(t) * job.map.units, first_unit);
    }
    const size_t ahead = static_cast<size_t>(kAhead) * job.map.units;
    for (uint32_t p = 0; p < job.positions; ++p) {
      float partial[kUnits][kImages] = {};
      uint32_t c = 0;
      for (; c + kAhead <= job.channels; c += kAhead) {
        DNE_UNROLL
        for (uint32_t t = 0; t < kAhead; ++t) {
          AddTap<kSkipsZeros>(next[t], input + t * kWidth, partial);
          next[t] = LoadRow(weights + ahead, first_unit);
          weights += job.map.units;
        }
        input += size_t{kAhead} * kWidth;
      }
      for (; c < job.channels; ++c) {
        const Row row = next[0];
        DNE_UNROLL
        for (uint32_t t = 0; t + 1 < kAhead; ++t) next[t] = next[t + 1];
        next[kAhead - 1] = LoadRow(weights + ahead, first_unit);
        weights += job.map.units;
        AddTap<kSkipsZeros>(row, input, partial);
        input += kWidth;
      }
      DNE_UNROLL
      for (uint32_t u = 0; u < kUnits; ++u) {
        DNE_UNROLL
        for (uint32_t m = 0; m < kImages; ++m) sums[u][m] += partial[u][m];
      }
    }
  }
};

struct Add {
  AddJob job;

  size_t size() const { return job.count; }
  DNE_ANYWHERE void operator()(uint32_t i) const { job.to[i] += job.from[i]; }
};

template <uint32_t kWidth>
struct Project {
  ProjectJob job;

  size_t size() const { return job.groups.count * job.rows * job.columns * job.rank * kWidth; }

  DNE_ANYWHERE void operator()(uint32_t i) const {
    Place place{i};
    const uint32_t lane = place.Take(kWidth);
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
            chains[c] = std::fma(input[static_cast<size_t>(first + c) * kWidth], a[c], chains[c]);
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
              kWidth +
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
