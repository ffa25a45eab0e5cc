// SPDX-License-Identifier: MIT
#include "dne/algorithms/best_centre.h"

#include <gtest/gtest.h>

#include <string>

#include "dne/algorithms/gradient_ascent.h"
#include "dne/base/error.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

MetaPopulation Agents() { return MetaPopulation({.size = 2}, 3, Space(), EsUpdate({}, {})); }

Centre CentreAt(uint32_t generation, float value, size_t size = kParameters) {
  return {CentreBirth(generation, 1),
          std::make_shared<const std::vector<float>>(std::vector<float>(size, value))};
}

std::string Saved(const BestCentre& best, const MetaPopulation& agents) {
  ByteWriter out;
  best.Save(agents, out);
  return out.Take();
}

BestCentre Restored(const std::string& bytes, const MetaPopulation& agents) {
  BestCentre best;
  ByteReader in(bytes);
  best.Restore(agents, in);
  in.ExpectEnd();
  return best;
}

TEST(BestCentre, StaysUntilABetterOneComes) {
  BestCentre best;
  best.Offer(CentreAt(1, 0.1f), -5, -5);
  best.Offer(CentreAt(2, 0.2f), -5, -5);
  EXPECT_EQ(best.centre().birth.generation, 1u) << "as good is not better";
  best.Offer(CentreAt(3, 0.3f), -4, -4);
  best.Offer(CentreAt(4, 0.4f), -6, -6);
  EXPECT_EQ(best.centre().birth.generation, 3u);
  EXPECT_EQ(best.centre().parameters->front(), 0.3f);
  EXPECT_EQ(best.score(), -4);
}

TEST(BestCentre, KeepsItsNumbersWhereNoAgentHasThem) {
  const MetaPopulation agents = Agents();
  BestCentre gone;
  gone.Offer(CentreAt(7, 0.5f), 2, 3);
  const BestCentre read = Restored(Saved(gone, agents), agents);
  EXPECT_EQ(read.centre().birth, (CentreBirth(7, 1)));
  EXPECT_EQ(*read.centre().parameters, *gone.centre().parameters);
  EXPECT_EQ(read.standing(), 2);
  EXPECT_EQ(read.score(), 3);

  BestCentre held;
  held.Offer({agents[1].birth, agents[1].centre}, 2, 3);
  const std::string bytes = Saved(held, agents);
  EXPECT_LT(bytes.size(), kParameters);
  EXPECT_EQ(Restored(bytes, agents).centre().parameters, agents[1].centre);
}

TEST(BestCentre, NoneIsSavedAsNone) {
  const MetaPopulation agents = Agents();
  BestCentre read = Restored(Saved({}, agents), agents);
  read.Offer(CentreAt(1, 0), -1e9, -1e9);
  EXPECT_EQ(read.score(), -1e9);
}

TEST(BestCentre, DamagedNumbersAreRefused) {
  const MetaPopulation agents = Agents();
  BestCentre best;
  best.Offer(CentreAt(7, 0.5f, kParameters - 1), 2, 3);
  const std::string bytes = Saved(best, agents);
  EXPECT_THROW(Restored(bytes, agents), Error);
  EXPECT_THROW(Restored(bytes.substr(0, bytes.size() - 1), agents), Error);
}

}  // namespace
}  // namespace dne
