// SPDX-License-Identifier: MIT
// Policies of an evolution strategy's run: centres, and members of their clouds.
#include <cmath>

#include "dne/algorithms/es.h"
#include "dne/policy/policy_run.h"
#include "dne/random/normal.h"
#include "tests/policy/policy_fixture.h"

namespace dne {
namespace {

constexpr Isa kIsa = Isa::kScalar;
constexpr uint64_t kSeed = 5;
constexpr float kSigma = 0.0625f;
constexpr Birth kFirst = CentreBirth(0, 0);
constexpr Birth kMoved = CentreBirth(1, 0);

ExperimentConfig EsConfig() {
  ExperimentConfig config = TinyConfig();
  EsOptions options;
  options.strategy.cloud.population_size = 4;
  config.algorithm = Chosen(kEs);
  config.algorithm.options = options;
  return config;
}

Genome CentreGenome(Birth centre) { return {.run_seed = kSeed, .founder = centre}; }

// Item 1 mirrors item 0's noise.
Genome Member(Birth centre, uint32_t generation, uint32_t item) {
  return Child(CentreGenome(centre), {{generation, item}, kSigma, item % 2 == 1});
}

TrialRecord Trial(uint32_t generation, const std::string& round, const Genome& genome,
                  double fitness) {
  TrialRecord trial{.generation = generation,
                    .round = round,
                    .index = genome.birth().item,
                    .individual = genome.birth(),
                    .fitness = fitness,
                    .episodes = {{.start = {.noops = 1}, .score = fitness, .steps = 1}},
                    .draws = {1}};
  if (genome.mutations.empty()) return trial;
  trial.parent = genome.founder;
  trial.sigma = genome.mutations.back().sigma;
  trial.mirrored = genome.mutations.back().mirrored;
  return trial;
}

// Generation 0 validates the first centre, 1 and 2 move it; of 2 the centre is validated, but not
// stored yet.
class EsPolicy : public PolicyTest {
 protected:
  EsPolicy()
      : store_(RunStore::Create(folder_.path() / "run",
                                {.config = ConfigToToml(EsConfig()), .seed = kSeed})) {
    Write(0, {Trial(0, "validate", CentreGenome(kFirst), 10)}, kFirst, {});
    centre_ = PolicyFromGenome(EsConfig(), CentreGenome(kFirst), kIsa).parameters;
    for (size_t i = 0; i < centre_.size(); ++i) centre_[i] += static_cast<float>(i % 7);
    Write(1,
          {Trial(1, "train", Member(kFirst, 1, 0), 4), Trial(1, "train", Member(kFirst, 1, 1), 5),
           Trial(1, "validate", CentreGenome(kMoved), 20)},
          kMoved, {{{kMoved, std::make_shared<const std::vector<float>>(centre_)}, {}}});
    store_->Write({.trials = {Trial(2, "train", Member(kMoved, 2, 0), 6),
                              Trial(2, "train", Member(kMoved, 2, 1), 7),
                              Trial(2, "validate", CentreGenome(CentreBirth(2, 0)), 30)},
                   .next_generation = 2});
  }

  void Write(uint32_t generation, const std::vector<TrialRecord>& trials, Birth elite,
             const std::vector<WholeCentre>& centres) {
    store_->Write(
        {.trials = trials,
         .centres = centres,
         .generations = {{.generation = generation, .elite = EncodeGenome(CentreGenome(elite))}},
         .next_generation = generation + 1});
  }

  Policy Load(std::optional<Birth> individual) {
    return LoadPolicy({.where = Path("run"), .individual = individual}, kIsa);
  }

  std::vector<float> Noise(uint32_t generation) const {
    std::vector<float> noise(centre_.size());
    FillNormal({.seed = kSeed, .generation = generation, .item = 0, .purpose = Purpose::kMutation},
               0, noise, kIsa);
    return noise;
  }

  std::unique_ptr<RunStore> store_;
  std::vector<float> centre_;
};

TEST_F(EsPolicy, CentresThatNobodyValidatedAreThereAndSoAreTheirMembers) {
  const Birth unseen = CentreBirth(3, 0);
  Write(3, {Trial(3, "train", Member(kMoved, 3, 0), 6)}, kFirst,
        {{{unseen, std::make_shared<const std::vector<float>>(centre_)}, {}}});
  Write(4, {Trial(4, "train", Member(unseen, 4, 0), 6)}, kFirst, {});
  EXPECT_EQ(Load(unseen).parameters, centre_);
  const Policy member = Load(Birth{4, 0});
  EXPECT_EQ(member.genome, Member(unseen, 4, 0));
  const std::vector<float> noise = Noise(4);
  for (size_t i = 0; i < centre_.size(); ++i) {
    ASSERT_EQ(member.parameters[i], std::fma(kSigma, noise[i], centre_[i])) << i;
  }
}

TEST_F(EsPolicy, TheEliteIsTheStoredCentre) {
  const Policy policy = Load({});
  EXPECT_EQ(policy.parameters, centre_);
  EXPECT_EQ(policy.genome, CentreGenome(kMoved));
  EXPECT_FALSE(policy.perturbed);
  EXPECT_EQ(Load(kMoved).parameters, centre_);
}

TEST_F(EsPolicy, AMemberIsItsCentreWithNoiseOrTheMirrorImage) {
  const std::vector<float> noise = Noise(2);
  for (const uint32_t item : {0u, 1u}) {
    const Policy policy = Load(Birth{2, item});
    EXPECT_EQ(policy.genome, Member(kMoved, 2, item));
    EXPECT_TRUE(policy.perturbed);
    const float sigma = item == 0 ? kSigma : -kSigma;
    for (size_t i = 0; i < centre_.size(); ++i) {
      ASSERT_EQ(policy.parameters[i], std::fma(sigma, noise[i], centre_[i])) << item << ", " << i;
    }
  }
}

TEST_F(EsPolicy, AMemberOfTheFirstCentreNeedsNoRun) {
  const Genome member = Member(kFirst, 1, 1);
  EXPECT_FALSE(NeedsRun(member));
  const Policy policy = Load(Birth{1, 1});
  EXPECT_EQ(policy.genome, member);
  EXPECT_EQ(policy.parameters, PolicyFromGenome(EsConfig(), member, kIsa).parameters);
  SaveGenomeFile(policy, Path("p"));
  EXPECT_EQ(LoadPolicy({.where = Path("p")}, kIsa).parameters, policy.parameters);
}

TEST_F(EsPolicy, WeightFilesHoldWhatAGenomeFileCannot) {
  const Policy policy = Load(Birth{2, 1});
  ASSERT_TRUE(NeedsRun(*policy.genome));
  SaveWeightFile(policy, Path("w"));
  const Policy back = LoadPolicy({.where = Path("w")}, kIsa);
  EXPECT_EQ(back.parameters, policy.parameters);
  EXPECT_EQ(back.genome, policy.genome);
  EXPECT_ERROR(SaveGenomeFile(policy, Path("p")),
               "cannot write " + Path("p") + ": the genome begins with centre 1.c0 of an " +
                   "evolution strategy, which only its run holds: write the weights instead " +
                   "(--weights FILE)");
  EXPECT_ERROR(PolicyFromGenome(EsConfig(), *policy.genome, kIsa),
               "the genome begins with centre 1.c0 of an evolution strategy, which only "
               "its run holds: name the run's folder, or take the weights away with dne genome "
               "--weights");
}

TEST_F(EsPolicy, LineageKnowsTheCentresValidation) {
  const std::vector<Ancestor> lineage = Lineage(Member(kMoved, 2, 1), store_.get());
  ASSERT_EQ(lineage.size(), 2u);
  EXPECT_EQ(lineage[0].mutation.birth, kMoved);
  EXPECT_EQ(lineage[0].fitness, 20);
  EXPECT_EQ(lineage[1].mutation.signed_sigma(), -kSigma);
  EXPECT_EQ(lineage[1].fitness, 7);
}

TEST_F(EsPolicy, MustBeInTheRun) {
  EXPECT_ERROR(Load(CentreBirth(2, 0)),
               "centre 2.c0 is not in the run: generation 2 has not finished");
  EXPECT_ERROR(Load(CentreBirth(1, 3)), "1.c3 was never tried: generation 1 has 1.c0 to 1.c0");
  EXPECT_ERROR(Load(Birth{0, 0}), "0.0 was never tried: generation 0 has 0.c0 to");
  EXPECT_ERROR(Load(Birth{7, 0}), "generation 7 is not in the run, whose last finished one is 1");
}

TEST_F(EsPolicy, ACentreOfAnotherSizeIsDamage) {
  Write(2, {}, CentreBirth(2, 0),
        {{{CentreBirth(2, 0), std::make_shared<const std::vector<float>>(3)}, {}}});
  EXPECT_ERROR(Load({}),
               "the run is damaged: centre 2.c0 has 3 numbers, its algorithm and "
               "network need");
}

}  // namespace
}  // namespace dne
