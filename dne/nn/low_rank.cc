// SPDX-License-Identifier: MIT
#include "dne/nn/low_rank.h"

#include "dne/base/error.h"

namespace dne::nn {

std::vector<LayerChange> ChangesOf(const Network& network, const LowRankChange& change) {
  DNE_CHECK(change.rank > 0 && !network.virtual_batch_norm());
  const float* numbers = change.numbers.data();
  const auto take = [&](const AffineMap& map) {
    const float* right = numbers + change.rank * map.inputs;
    const float* biases = right + change.rank * map.outputs;
    MapChange part{.rank = change.rank,
                   .scale = change.scale,
                   .inputs = map.inputs,
                   .outputs = map.outputs,
                   .left = numbers,
                   .right = right,
                   .biases = biases};
    numbers += NumbersOfMatrix(change.rank, map.inputs, map.outputs);
    return part;
  };
  size_t size = LowRankChange::kSlack;
  for (const Layer& layer : network.layers()) {
    for (const AffineMap& map : layer.maps()) {
      size += NumbersOfMatrix(change.rank, map.inputs, map.outputs);
    }
  }
  DNE_CHECK(change.numbers.size() == size);
  std::vector<LayerChange> changes;
  for (const Layer& layer : network.layers()) {
    LayerChange& of_layer = changes.emplace_back();
    const std::vector<AffineMap> maps = layer.maps();
    if (!maps.empty()) of_layer.map = take(maps[0]);
    if (maps.size() > 1) of_layer.state_map = take(maps[1]);
  }
  return changes;
}

}  // namespace dne::nn
