// SPDX-License-Identifier: MIT
#include "dne/cluster/messages.h"

#include <gtest/gtest.h>

#include "dne/cluster/centre_library.h"
#include "tests/expect_error.h"

namespace dne {
namespace {

template <class Kind>
Kind Again(const Kind& message) {
  return std::get<Kind>(DecodeMessage(EncodeMessage(message)));
}

std::vector<RankMessage> Examples() {
  return {HelloMessage{.program = "dne 1", .host = "node"},
          EndMessage{},
          ReadyMessage{.threads = 3, .mistake = "no game"},
          WantCentreMessage{.centre = CentreBirth(4, 1)},
          DoneMessage{.plan = 5, .share = ~uint64_t{0}, .seconds = 0.5, .results = {{.item = 3}}},
          FailedMessage{.is_bug = true, .text = "no"},
          BeginMessage{.threads = 2, .isa = "scalar", .setup = {1, 2}},
          PlanMessage{.number = 7, .num_items = 8, .plan = {9}},
          ShareMessage{.plan = 7, .share = 1, .part = {4}, .jobs = {{.item = 2, .starts = {{}}}}},
          DropMessage{},
          HereMessage{}};
}

TEST(RankMessages, DecodeToWhatWasEncoded) {
  for (const RankMessage& example : Examples()) {
    std::visit(
        [](const auto& message) {
          if constexpr (requires { message == message; }) {
            EXPECT_EQ(Again(message), message);
          }
        },
        example);
  }
  MoveMessage moved;
  moved.move = {CentreBirth(3, 1), CentreBirth(2, 1), {5, 6}};
  const MoveMessage move = Again(moved);
  EXPECT_EQ(move.move.centre, CentreBirth(3, 1));
  EXPECT_EQ(move.move.from, CentreBirth(2, 1));
  EXPECT_EQ(move.move.recipe, (std::vector<uint8_t>{5, 6}));
  const auto numbers = std::make_shared<const std::vector<float>>(std::vector<float>{1, -0.0f});
  CentreMessage whole;
  whole.whole.centre.birth = CentreBirth(3, 1);
  whole.whole.centre.parameters = numbers;
  whole.whole.update = {7};
  const CentreMessage centre = Again(whole);
  EXPECT_EQ(centre.whole.centre.birth, CentreBirth(3, 1));
  EXPECT_EQ(*centre.whole.centre.parameters, *numbers);
  EXPECT_EQ(centre.whole.update, (std::vector<uint8_t>{7}));
}

TEST(RankMessages, AnyVersionKnowsTheFirstAndTheLastWord) {
  EXPECT_EQ(EncodeMessage(HelloMessage{"x", "y"}),
            (std::vector<uint8_t>{0, 1, 0, 0, 0, 0, 0, 0, 0, 'x', 1, 0, 0, 0, 0, 0, 0, 0, 'y'}));
  EXPECT_EQ(EncodeMessage(EndMessage{}), (std::vector<uint8_t>{1}));
}

TEST(RankMessages, CutOffOrUnknownOnesAreRefused) {
  for (const RankMessage& example : Examples()) {
    std::vector<uint8_t> bytes = EncodeMessage(example);
    bytes.push_back(0);
    EXPECT_ERROR(DecodeMessage(bytes), "a message between ranks is damaged");
    for (bytes.pop_back(); !bytes.empty();) {
      bytes.pop_back();
      EXPECT_ERROR(DecodeMessage(bytes), "a message between ranks is damaged");
    }
  }
  EXPECT_ERROR(DecodeMessage(std::vector<uint8_t>{99}), "of kind 99, which is none");
}

// Centres that count how often they were moved.
class Counting final : public CentreSource {
 public:
  std::vector<uint8_t> UpdateState(Birth) const override { return {}; }
  WholeCentre Rebuild(const CentreHistory& history) const override {
    WholeCentre whole = history.whole;
    for (const CentreMove& move : history.moves) {
      whole.centre.birth = move.centre;
      whole.centre.parameters =
          std::make_shared<const std::vector<float>>(1, whole.centre.parameters->front() + 1);
    }
    return whole;
  }
};

WholeCentre At(Birth birth, float value) {
  return {{birth, std::make_shared<const std::vector<float>>(1, value)}, {}};
}

Plan Mentioning(std::vector<Birth> births) {
  Plan plan;
  for (const Birth birth : births) plan.centres.push_back({birth, nullptr});
  return plan;
}

TEST(CentreLibrary, MovesWhatItHasAndSaysWhatItLacks) {
  const Counting source;
  CentreLibrary library(&source);
  library.Add(At(CentreBirth(0, 0), 10));
  library.Move({CentreBirth(1, 0), CentreBirth(0, 0), {}});
  library.Move({CentreBirth(1, 1), CentreBirth(0, 1), {}});  // it has not the one before
  Plan plan = Mentioning({CentreBirth(1, 0), CentreBirth(1, 1)});
  EXPECT_EQ(library.Supply(plan), std::vector<Birth>{CentreBirth(1, 1)});
  EXPECT_EQ(plan.centres[0].parameters->front(), 11);
  library.Add(At(CentreBirth(1, 1), 20));
  EXPECT_TRUE(library.Supply(plan).empty());
  EXPECT_EQ(plan.centres[1].parameters->front(), 20);
}

TEST(CentreLibrary, KeepsTheNewestOfEachMemberAndWhatIsMentioned) {
  const Counting source;
  CentreLibrary library(&source);
  for (const Birth birth : {CentreBirth(0, 0), CentreBirth(0, 1), CentreBirth(3, 0)}) {
    library.Add(At(birth, 1));
  }
  Plan old = Mentioning({CentreBirth(0, 0)});
  EXPECT_TRUE(library.Supply(old).empty());
  Plan newer = Mentioning({CentreBirth(3, 0)});
  EXPECT_TRUE(library.Supply(newer).empty());
  EXPECT_EQ(library.Supply(old), std::vector<Birth>{CentreBirth(0, 0)}) << "forgotten";
  Plan other = Mentioning({CentreBirth(0, 1), CentreBirth(3, 0)});
  EXPECT_TRUE(library.Supply(other).empty());
}

}  // namespace
}  // namespace dne
