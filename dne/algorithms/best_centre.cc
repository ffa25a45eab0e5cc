// SPDX-License-Identifier: MIT
#include "dne/algorithms/best_centre.h"

#include <utility>

#include "dne/algorithms/stored_state.h"

namespace dne {

void BestCentre::Offer(const Centre& centre, double standing, double score) {
  if (best_ && standing <= best_->standing) return;
  best_ = {.centre = centre, .standing = standing, .score = score};
}

void BestCentre::Save(const MetaPopulation& agents, ByteWriter& out) const {
  out.Add(static_cast<uint8_t>(best_.has_value()));
  if (!best_) return;
  out.Add(best_->centre.birth.generation);
  out.Add(best_->centre.birth.code());
  out.Add(best_->standing);
  out.Add(best_->score);
  if (!agents.Find(best_->centre.birth)) out.AddFloats(*best_->centre.parameters);
}

void BestCentre::Restore(const MetaPopulation& agents, ByteReader& in) {
  best_.reset();
  if (in.Read<uint8_t>() == 0) return;
  const auto generation = in.Read<uint32_t>();
  Centre centre{.birth = Birth::FromCode(generation, in.Read<uint32_t>()), .parameters = {}};
  ExpectSound(centre.birth.is_centre, "the best centre has the address of a member");
  const auto standing = in.ReadDouble();
  const auto score = in.ReadDouble();
  if (const Agent* agent = agents.Find(centre.birth)) {
    centre.parameters = agent->centre;
  } else {
    centre.parameters = std::make_shared<const std::vector<float>>(in.ReadFloats());
    ExpectSound(centre.parameters->size() == agents[0].centre->size(),
                "the best centre has the wrong number of parameters");
  }
  best_ = {.centre = std::move(centre), .standing = standing, .score = score};
}

}  // namespace dne
