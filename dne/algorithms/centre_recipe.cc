// SPDX-License-Identifier: MIT
#include "dne/algorithms/centre_recipe.h"

#include "dne/base/bytes.h"

namespace dne {

std::vector<uint8_t> CentreRecipe::Encode() const {
  ByteWriter out;
  out.Add(uint64_t{scores.size()});
  for (const double score : scores) out.Add(score);
  out.AddFloats(normaliser);
  return out.TakeBytes();
}

CentreRecipe CentreRecipe::Decode(std::span<const uint8_t> bytes) {
  ByteReader in({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  CentreRecipe recipe;
  for (uint64_t left = in.ReadCount(); left > 0; --left) recipe.scores.push_back(in.ReadDouble());
  recipe.normaliser = in.ReadFloats();
  in.ExpectEnd();
  return recipe;
}

}  // namespace dne
