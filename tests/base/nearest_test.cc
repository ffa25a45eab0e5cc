// SPDX-License-Identifier: MIT
#include "dne/base/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dne {
namespace {

const std::vector<std::string> kNames = {"sigma", "sigma_end", "num_parents", "episodes"};

TEST(NearestName, IsOneSwapOrEditAway) {
  EXPECT_EQ(NearestName("sgima", kNames), "sigma");
  EXPECT_EQ(NearestName("sigm", kNames), "sigma");
  EXPECT_EQ(NearestName("sigmma", kNames), "sigma");
  EXPECT_EQ(NearestName("episotes", kNames), "episodes");
  EXPECT_EQ(NearestName("sigmaend", kNames), "sigma_end");
}

TEST(NearestName, IgnoresCase) { EXPECT_EQ(NearestName("SIGMA", kNames), "sigma"); }

TEST(NearestName, FindsTheNameAWordIsPartOf) {
  EXPECT_EQ(NearestName("parents", kNames), "num_parents");
}

TEST(NearestName, IsEmptyWhereNothingIsNear) {
  EXPECT_EQ(NearestName("tau", kNames), "");
  EXPECT_EQ(NearestName("", kNames), "");
  EXPECT_EQ(NearestName("sigma", std::vector<std::string>{}), "");
}

TEST(NearestName, IsTheFirstOfEquals) {
  EXPECT_EQ(NearestName("bat", std::vector<std::string>{"cat", "hat"}), "cat");
}

TEST(UnknownName, SuggestsTheNearest) {
  EXPECT_EQ(UnknownName("key", "sgima", kNames, "[algorithm]"),
            "unknown key 'sgima' in [algorithm]: did you mean 'sigma'?");
}

TEST(UnknownName, ListsTheKnownOnesWhereNoneIsNear) {
  EXPECT_EQ(UnknownName("key", "tau", kNames),
            "unknown key 'tau': known are sigma, sigma_end, num_parents, episodes");
}

TEST(UnknownName, DoesNotListHundreds) {
  const std::vector<std::string> many(104, "some_game");
  EXPECT_EQ(UnknownName("game", "chess", many),
            "unknown game 'chess': none of the 104 known ones is near");
}

}  // namespace
}  // namespace dne
