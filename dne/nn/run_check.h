// SPDX-License-Identifier: MIT
// The caller's part of the contract in dne/nn/forward.h, checked alike by every code path.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "dne/base/error.h"
#include "dne/nn/network.h"

namespace dne {

// An image network sees bytes, a flat one floats.
inline bool TakesBytes(const Network& network) { return network.input().positions() > 1; }

// What bytes are multiplied by.
inline constexpr float kByteScale = 1 / 255.0f;

inline void CheckReferenceBatch(const Network& network, size_t num_bytes) {
  DNE_CHECK(network.virtual_batch_norm());
  DNE_CHECK(num_bytes > 0 && num_bytes % network.input().size() == 0);
}

inline void CheckParameters(const Network& network, bool has_reference_batch,
                            size_t num_parameters) {
  DNE_CHECK(num_parameters == network.num_parameters());
  DNE_CHECK(has_reference_batch || !network.virtual_batch_norm());
}

inline void CheckRun(const Network& network, bool has_parameters, int num_lanes,
                     std::span<const int> lanes, size_t num_inputs, size_t num_outputs) {
  DNE_CHECK(has_parameters);
  DNE_CHECK(num_inputs == lanes.size() * network.input().size());
  DNE_CHECK(num_outputs == lanes.size() * static_cast<size_t>(network.num_outputs()));
  DNE_CHECK(std::ranges::all_of(lanes, [&](int lane) { return lane >= 0 && lane < num_lanes; }));
}

// Of a batch; returns the number of observations.
inline size_t CheckBatch(const Network& network, bool has_parameters, size_t num_inputs,
                         size_t num_outputs) {
  const size_t count = num_inputs / network.input().size();
  DNE_CHECK(has_parameters);
  DNE_CHECK(num_inputs == count * network.input().size());
  DNE_CHECK(num_outputs == count * static_cast<size_t>(network.num_outputs()));
  return count;
}

// Share i of so many equal ones.
template <class T>
std::span<T> ShareOf(std::span<T> values, size_t i, size_t shares) {
  DNE_CHECK(values.size() % shares == 0);
  return values.subspan(i * (values.size() / shares), values.size() / shares);
}

}  // namespace dne
