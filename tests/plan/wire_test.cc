// SPDX-License-Identifier: MIT
#include "dne/plan/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "dne/base/error.h"

namespace dne {
namespace {

using testing::HasSubstr;
using Bytes = std::vector<uint8_t>;

constexpr uint64_t kLargest = std::numeric_limits<uint64_t>::max();
constexpr Birth kCentre = CentreBirth(2, 1);

Item ExampleItem(uint32_t i) {
  return {.genome = {.run_seed = 9,
                     .founder = kCentre,
                     .mutations = {{.birth = {3, i}, .sigma = 0.1f, .mirrored = i % 2 == 1}}},
          .episodes = {.seed = kLargest, .generation = 3, .item = i},
          .num_episodes = 1 + i,
          .how = {.max_steps = 100 + i}};
}

// Items of every purpose, every combination of what is asked for, and the largest numbers.
Plan ExamplePlan() {
  Plan plan{.generation = 3, .round = "train", .parents = {}, .centres = {}, .items = {}};
  plan.parents = {{.run_seed = 9, .founder = {0, 7}},
                  {.run_seed = 9, .founder = {1, 0}, .mutations = {{{2, 5}, 0.5f}, {{4, 1}, 0}}}};
  plan.perturbation = {
      .kind = PerturbationKind::kSafeAbs, .clip = 0.25f, .experience = 40, .max_steps = 70};
  plan.centres = {{.birth = kCentre, .parameters = {}}, {.birth = CentreBirth(0, 0)}};
  for (uint32_t i = 0; i < 16; ++i) {
    Item item = ExampleItem(i);
    item.how.perturbed = (i & 1) != 0;
    item.how.notes = {
        .sign_sum = (i & 2) != 0, .trajectory = (i & 4) != 0, .observation_sums = (i & 8) != 0};
    plan.items.push_back(item);
  }
  const auto last = static_cast<uint32_t>(kLastPurpose);
  for (uint32_t purpose = 0; purpose <= last; ++purpose) {
    Item item = ExampleItem(16 + purpose);
    item.episodes.purpose = static_cast<Purpose>(purpose);
    plan.items.push_back(item);
  }
  plan.first_item = 200;
  plan.items.back().num_episodes = plan.items.back().how.max_steps = ~0u;
  return plan;
}

std::vector<Job> ExampleJobs() {
  return {{.item = 0, .starts = {{}}},
          {.item = ~0u, .starts = {{.noops = ~0u, .seed = kLargest}, {.noops = 3, .seed = 4}}},
          {.item = 7, .starts = {}}};
}

// Episodes of every end and of scores of every kind, with and without notes.
std::vector<JobResult> ExampleResults() {
  JobResult plain{.item = 5, .played = {}, .seconds = 0.25};
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double score : {0.0, -0.0, 1e-310, kInfinity, -kInfinity}) {
    for (uint8_t end = 0; end <= static_cast<uint8_t>(kLastEpisodeEnd); ++end) {
      plain.played.episodes.push_back({.start = {.noops = end, .seed = kLargest - end},
                                       .score = score,
                                       .steps = ~0u,
                                       .frames = kLargest,
                                       .end = static_cast<EpisodeEnd>(end),
                                       .descriptor = Bytes(end, end)});
    }
  }
  JobResult noted{.item = ~0u,
                  .played = {.episodes = {{}, {}},
                             .notes = {{.sign_sum = -3, .trajectory = {1, 0, 255}},
                                       {.observation_sums = {2, 0.1, -1e300}}}}};
  return {plain, noted, JobResult{}};
}

TEST(Wire, APlanComesBackWithoutWeights) {
  Plan plan = ExamplePlan();
  const Bytes bytes = EncodePlan(plan);
  plan.centres[0].parameters = std::make_shared<const std::vector<float>>(1000);
  EXPECT_EQ(EncodePlan(plan), bytes);

  const Plan back = DecodePlan(bytes);
  EXPECT_EQ(back.generation, plan.generation);
  EXPECT_EQ(back.round, plan.round);
  EXPECT_EQ(back.parents, plan.parents);
  ASSERT_EQ(back.centres.size(), 2u);
  EXPECT_EQ(back.centres[0].birth, kCentre);
  EXPECT_EQ(back.centres[0].parameters, nullptr);
  EXPECT_EQ(back.perturbation, plan.perturbation);
  EXPECT_EQ(back.items, plan.items);
  EXPECT_EQ(back.first_item, plan.first_item);
}

TEST(Wire, EveryPerturbationComesBackWithWhatItIsTold) {
  for (const PerturbationSpec& spec :
       {PerturbationSpec{}, PerturbationSpec{PerturbationKind::kSpread},
        PerturbationSpec{PerturbationKind::kSigns},
        PerturbationSpec{.kind = PerturbationKind::kBucket, .bucket_size = 5000},
        PerturbationSpec{.kind = PerturbationKind::kLowRank, .rank = 4}}) {
    Plan plan = ExamplePlan();
    plan.perturbation = spec;
    EXPECT_EQ(DecodePlan(EncodePlan(plan)).perturbation, spec);
  }
}

TEST(Wire, JobsComeBack) { EXPECT_EQ(DecodeJobs(EncodeJobs(ExampleJobs())), ExampleJobs()); }

TEST(Wire, ResultsComeBackBitForBit) {
  const Bytes bytes = EncodeJobResults(ExampleResults());
  const std::vector<JobResult> back = DecodeJobResults(bytes);
  EXPECT_EQ(back, ExampleResults());
  EXPECT_TRUE(std::signbit(back[0].played.episodes[4].score)) << "-0 is not 0";
  EXPECT_EQ(EncodeJobResults(back), bytes);
}

TEST(Wire, NothingIsSomethingToo) {
  EXPECT_TRUE(DecodeJobs(EncodeJobs({})).empty());
  EXPECT_TRUE(DecodeJobResults(EncodeJobResults({})).empty());
  EXPECT_TRUE(DecodePlan(EncodePlan({})).items.empty());
}

struct Reader {
  const char* name;
  Bytes bytes;
  std::function<void(const Bytes&)> read;
};
std::vector<Reader> Readers() {
  return {{"a plan", EncodePlan(ExamplePlan()), [](const Bytes& b) { DecodePlan(b); }},
          {"jobs", EncodeJobs(ExampleJobs()), [](const Bytes& b) { DecodeJobs(b); }},
          {"results of jobs", EncodeJobResults(ExampleResults()),
           [](const Bytes& b) { DecodeJobResults(b); }}};
}

std::string ErrorOf(const Reader& reader, const Bytes& bytes) {
  try {
    reader.read(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Wire, BytesThatAreCutOffAreRefused) {
  for (const Reader& reader : Readers()) {
    for (size_t size = 0; size < reader.bytes.size(); ++size) {
      const Bytes cut(reader.bytes.begin(), reader.bytes.begin() + static_cast<ptrdiff_t>(size));
      ASSERT_THROW(reader.read(cut), Error) << reader.name << ", " << size;
    }
    EXPECT_THAT(ErrorOf(reader, {}),
                HasSubstr(std::string("not ") + reader.name + ": there are 0 of them, too few"));
    Bytes longer = reader.bytes;
    longer.push_back(0);
    EXPECT_THAT(ErrorOf(reader, longer), HasSubstr("damaged or cut off"));
  }
}

TEST(Wire, EveryDamagedByteIsFound) {
  for (const Reader& reader : Readers()) {
    for (size_t i = 0; i < reader.bytes.size(); ++i) {
      Bytes damaged = reader.bytes;
      damaged[i] ^= 0x10;
      ASSERT_THROW(reader.read(damaged), Error) << reader.name << ", " << i;
    }
  }
}

TEST(Wire, OtherKindsAndVersionsAreRefused) {
  const std::vector<Reader> readers = Readers();
  for (size_t i = 0; i < readers.size(); ++i) {
    EXPECT_THAT(ErrorOf(readers[i], readers[(i + 1) % readers.size()].bytes),
                HasSubstr("they begin as something else"));
    Bytes newer = readers[i].bytes;
    newer[1] = 2;
    EXPECT_THAT(ErrorOf(readers[i], newer), HasSubstr("they have version 2, this dne reads 1"));
  }
}

// What only a program can have written wrongly, since the checksum is right: forged here.
Bytes Forge(Bytes bytes, size_t place, uint8_t value) {
  bytes.at(place) = value;
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (size_t i = 0; i + 8 < bytes.size(); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  for (size_t i = 0; i < 8; ++i) bytes[bytes.size() - 8 + i] = static_cast<uint8_t>(hash >> 8 * i);
  return bytes;
}

TEST(Wire, ValuesThatAreNoneAreRefusedUnderARightChecksum) {
  const std::vector<Reader> readers = Readers();
  const Bytes one = EncodeJobResults({{{.item = 0, .played = {.episodes = {{}}}}}});
  // Kind and version, number of results, item, number of episodes, then noops to frames.
  constexpr size_t kEnd = 2 + 8 + 4 + 8 + 4 + 8 + 8 + 4 + 8;
  EXPECT_THAT(ErrorOf(readers[2], Forge(one, kEnd, 4)),
              HasSubstr("an episode's end is 4, which is none"));
  EXPECT_EQ(ErrorOf(readers[2], Forge(one, kEnd, 3)), "no error");

  Plan plan;
  plan.items.push_back(ExampleItem(0));
  const Bytes bytes = EncodePlan(plan);
  const size_t notes = bytes.size() - 8 - 4 - 1;
  EXPECT_THAT(ErrorOf(readers[0], Forge(bytes, notes, 2)),
              HasSubstr("a yes or no is 2, not 0 or 1"));
  const size_t purpose = notes - 3 - 4 - 4 - 4;
  EXPECT_THAT(ErrorOf(readers[0], Forge(bytes, purpose, 200)),
              HasSubstr("a stream's purpose is 200, which is none"));

  // Behind generation, round, parents and centres, all empty.
  const size_t perturbation = 2 + 4 + 8 + 8 + 8;
  EXPECT_THAT(ErrorOf(readers[0], Forge(EncodePlan({}), perturbation, 10)),
              HasSubstr("a perturbation is 10, which is none"));
  Plan perturbed;
  perturbed.perturbation = {.kind = PerturbationKind::kBucket, .bucket_size = 8};
  EXPECT_THAT(ErrorOf(readers[0], Forge(EncodePlan(perturbed), perturbation + 1, 6)),
              HasSubstr("a bucket's size is 6, which is none"));
  EXPECT_THAT(ErrorOf(readers[0], Forge(EncodePlan(perturbed), perturbation + 1, 0)),
              HasSubstr("a bucket's size is 0, which is none"));
  perturbed.perturbation = {.kind = PerturbationKind::kLowRank, .rank = 3};
  EXPECT_THAT(ErrorOf(readers[0], Forge(EncodePlan(perturbed), perturbation + 1, 0)),
              HasSubstr("a rank is 0, which is none"));

  const Bytes noted = EncodeJobResults({{{.played = {.episodes = {{}, {}}, .notes = {{}, {}}}}}});
  const size_t num_notes = kEnd + 1 + 8 + (kEnd - 2 - 8 - 4 - 8) + 1 + 8;
  EXPECT_THAT(ErrorOf(readers[2], Forge(noted, num_notes, 1)), HasSubstr("notes of 2 episodes"));
  EXPECT_THAT(ErrorOf(readers[2], Forge(noted, 2 + 7, 200)), HasSubstr("a count exceeds its data"));
}

}  // namespace
}  // namespace dne
