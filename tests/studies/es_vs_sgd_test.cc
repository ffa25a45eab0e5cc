// SPDX-License-Identifier: MIT
#include "dne/studies/es_vs_sgd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dne/base/file.h"
#include "dne/experiment/setup.h"
#include "tests/expect_error.h"
#include "tests/temp_folder.h"

namespace dne {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kExperiment = R"(
name = "tiny"
[task]
type = "supervised"
environment = "patches"
batch_size = 10
[network]
output_scale = 1
layers = [ { type = "conv2d", units = 4, kernel = 4, stride = 4 } ]
[algorithm]
type = "es"
population_size = 10
sigma = 0.01
shared_episodes = "pair"
fitness_shaping = "raw"
optimizer = "adam"
learning_rate = 0.02
max_episode_steps = 0
validation_episodes = 1
validation_interval = 2
[budget]
generations = 4
)";
constexpr const char* kStudy = R"(
[study]
correlation_population = 20
[[study.curves]]
name = "sgd"
set = "budget.generations=6"
[[study.curves]]
name = "proxy"
method = "proxy"
correlation = 0.5
[[study.curves]]
name = "es"
method = "es"
)";

class EsVsSgdStudy : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  EsVsSgd Load(const std::string& text, Overrides overrides = {}) const {
    WriteFileAtomically(Path("s.toml"), text);
    return LoadEsVsSgd(Path("s.toml"), overrides);
  }
  StudyContext Context(const std::string& dir) {
    return {.dir = Path(dir),
            .compute = {.threads = 2, .clock = [] { return 0.0; }},
            .show = [this](const StudyResult& result) { shown_.push_back(result); }};
  }

  TempFolder folder_;
  std::vector<StudyResult> shown_;
};

std::vector<uint64_t> Iterations(const std::vector<StudyLook>& looks) {
  std::vector<uint64_t> iterations;
  for (const StudyLook& look : looks) iterations.push_back(look.iteration);
  return iterations;
}

TEST_F(EsVsSgdStudy, LooksAtEveryCurveNowAndThen) {
  StudyProgress progress;
  const EsVsSgd study = Load(std::string(kExperiment) + kStudy);
  const StudyResult result = RunEsVsSgd(study, Context("out"), progress);
  ASSERT_THAT(result.curves, SizeIs(3));
  EXPECT_THAT(Iterations(result.curves[0].looks), ElementsAre(0, 2, 4, 6));
  EXPECT_THAT(Iterations(result.curves[1].looks), ElementsAre(0, 2, 4));
  EXPECT_THAT(Iterations(result.curves[2].looks), ElementsAre(0, 2, 4));
  EXPECT_THAT(Iterations(result.curves[2].predicted), ElementsAre(0, 2, 4));
  EXPECT_EQ(result.curves[0].looks.back().images, 6u * 10);
  EXPECT_EQ(result.curves[2].looks.back().images, 4u * 10 * 10);
  // All begin with the same network.
  EXPECT_EQ(result.curves[0].looks.front().accuracy, result.curves[2].looks.front().accuracy);
  EXPECT_NEAR(result.curves[0].looks.front().loss, result.curves[2].looks.front().loss, 1e-6);
  ASSERT_THAT(result.correlations, SizeIs(2));
  EXPECT_EQ(result.correlations[1].where, "after 6 iterations of sgd");
  EXPECT_EQ(progress.iterations_done, progress.iterations_total);
  EXPECT_THAT(shown_, SizeIs(3));
  EXPECT_THAT(CurveTable(result), SizeIs(3));
  EXPECT_THAT(EsVsSgdReport(result, "origin").Html(),
              AllOf(HasSubstr("es, predicted"), HasSubstr("after 6 iterations of sgd")));
}

TEST_F(EsVsSgdStudy, GoesOnWithWhatIsThere) {
  const EsVsSgd study = Load(std::string(kExperiment) + kStudy);
  StudyProgress first;
  const StudyResult whole = RunEsVsSgd(study, Context("out"), first);
  StudyProgress second;
  const StudyResult again = RunEsVsSgd(study, Context("out"), second);
  EXPECT_EQ(second.iterations_done, second.iterations_total);
  for (size_t i = 0; i < whole.curves.size(); ++i) {
    ASSERT_EQ(Iterations(whole.curves[i].looks), Iterations(again.curves[i].looks));
    EXPECT_EQ(whole.curves[i].looks.back().loss, again.curves[i].looks.back().loss);
  }
}

TEST_F(EsVsSgdStudy, ACancelledStudyKeepsWhatItHas) {
  const EsVsSgd study = Load(std::string(kExperiment) + kStudy);
  StudyProgress progress;
  progress.watch.cancel = true;
  EXPECT_THROW(RunEsVsSgd(study, Context("out"), progress), Cancelled);
  StudyProgress rest;
  EXPECT_THAT(RunEsVsSgd(study, Context("out"), rest).curves[2].looks, SizeIs(3));
}

TEST_F(EsVsSgdStudy, PredictsWithoutRunningAnything) {
  const EsVsSgd study = Load(std::string(kExperiment) + kStudy);
  StudyProgress progress;
  StudyContext context = Context("out");
  context.predicts_only = true;
  const StudyResult result = RunEsVsSgd(study, context, progress);
  EXPECT_THAT(result.curves[0].looks, IsEmpty());
  EXPECT_THAT(result.curves[2].looks, IsEmpty());
  EXPECT_THAT(result.curves[2].predicted, SizeIs(3));
  EXPECT_THAT(result.correlations, IsEmpty());
  EXPECT_EQ(progress.iterations_done, progress.iterations_total);
  EXPECT_THAT(PredictionTable(result, 1000), SizeIs(6));  // five accuracies, and the end
  EXPECT_FALSE(std::filesystem::exists(Path("out/es")));
}

TEST_F(EsVsSgdStudy, RefusesAFolderWithAnother) {
  StudyProgress progress;
  RunEsVsSgd(Load(std::string(kExperiment) + kStudy), Context("out"), progress);
  const std::vector<std::string> overrides = {"seed=7"};
  EXPECT_ERROR(
      RunEsVsSgd(Load(std::string(kExperiment) + kStudy, overrides), Context("out"), progress),
      "holds another study (study.toml says which): give another folder with --out");
  WriteFileAtomically(Path("file"), "");
  EXPECT_ERROR(RunEsVsSgd(Load(std::string(kExperiment) + kStudy), Context("file/out"), progress),
               "cannot be made");
}

TEST_F(EsVsSgdStudy, GoesOnInAFolderThatLacksKeysWhichHaveComeSince) {
  const EsVsSgd study = Load(std::string(kExperiment) + kStudy);
  StudyProgress progress;
  RunEsVsSgd(study, Context("out"), progress);
  std::string text = ReadFile(Path("out/study.toml"));
  const std::string key = "weights = \"float32\"\n";
  const size_t begin = text.find(key);
  ASSERT_NE(begin, std::string::npos);
  WriteFileAtomically(Path("out/study.toml"), text.erase(begin, key.size()));
  StudyProgress second;
  RunEsVsSgd(study, Context("out"), second);
  EXPECT_EQ(second.watch.steps_run, 0u) << "nobody looked at an image";
}

TEST_F(EsVsSgdStudy, MeasuresNoCorrelationTwice) {
  const EsVsSgd study = Load(std::string(kExperiment) + kStudy);
  StudyProgress first;
  const StudyResult whole = RunEsVsSgd(study, Context("out"), first);
  StudyProgress second;
  const StudyResult again = RunEsVsSgd(study, Context("out"), second);
  EXPECT_EQ(second.watch.steps_run, 0u) << "nobody looked at an image";
  ASSERT_THAT(again.correlations, SizeIs(2));
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(again.correlations[i].where, whole.correlations[i].where);
    ASSERT_EQ(again.correlations[i].all.size(), whole.correlations[i].all.size());
    EXPECT_EQ(again.correlations[i].all.back(), whole.correlations[i].all.back());
  }
  WriteFileAtomically(Path("out/study.correlations"), "short");
  EXPECT_ERROR(RunEsVsSgd(study, Context("out"), second),
               "study.correlations: stored state is damaged");
}

TEST_F(EsVsSgdStudy, OneProcessAtATimeWorksInAFolder) {
  const EsVsSgd study = Load(std::string(kExperiment) + kStudy);
  StudyContext context = Context("out");
  std::string second;
  context.show = [&](const StudyResult&) {
    StudyProgress progress;
    second = ErrorOf([&] { RunEsVsSgd(study, Context("out"), progress); });
  };
  StudyProgress progress;
  RunEsVsSgd(study, context, progress);
  EXPECT_THAT(second, HasSubstr("in use by process"));
}

TEST_F(EsVsSgdStudy, RefusesOtherImagesThanItBeganWith) {
  const EsVsSgd study = Load(std::string(kExperiment) + kStudy);
  StudyProgress progress;
  RunEsVsSgd(study, Context("out"), progress);
  std::string text = ReadFile(Path("out/study.toml"));
  const size_t digest = text.rfind("# images: ");
  ASSERT_NE(digest, std::string::npos);
  text[digest + 10] = text[digest + 10] == '0' ? '1' : '0';
  WriteFileAtomically(Path("out/study.toml"), text);
  EXPECT_ERROR(RunEsVsSgd(study, Context("out"), progress), "holds another study");
}

TEST_F(EsVsSgdStudy, SaysWhichCurvesStateIsDamaged) {
  StudyProgress progress;
  const EsVsSgd study = Load(std::string(kExperiment) + kStudy);
  RunEsVsSgd(study, Context("out"), progress);
  WriteFileAtomically(Path("out/proxy.learned"), "short");
  EXPECT_ERROR(RunEsVsSgd(study, Context("out"), progress),
               "proxy.learned: stored state is damaged: it ends too early: remove it to begin this "
               "curve anew");
}

TEST_F(EsVsSgdStudy, RefusesWhatCannotBeCompared) {
  const auto mistake = [&](const std::string& override, const std::string& expected) {
    const std::vector<std::string> overrides = {override};
    EXPECT_ERROR(Load(std::string(kExperiment) + kStudy, overrides), expected);
  };
  EXPECT_ERROR(Load("[task]\ntype = \"classic\"\n[algorithm]\ntype = \"es\"\n[budget]\n"
                    "generations = 2\n[[study.curves]]\nname = \"a\"\n"),
               "give task.type = \"supervised\"");
  mistake("algorithm.type=pgpe", "algorithm.type is \"pgpe\", but it is ES that is compared");
  mistake("algorithm.antithetic=false", "antithetic");
  mistake("algorithm.validation_interval=3",
          "budget.generations is 4, which is no multiple of algorithm.validation_interval, 3");
  mistake("algorithm.shared_episodes=none",
          "give algorithm.shared_episodes = \"pair\" or \"generation\"");
  mistake("study.correlation_population=21",
          "study.correlation_population is 21, but members come");
  const auto text_mistake = [&](const std::string& study, const std::string& expected) {
    EXPECT_ERROR(Load(kExperiment + study), expected);
  };
  text_mistake("", "there is nothing to compare: give a [[study.curves]] for each curve");
  text_mistake("[[study.curves]]\nname = \"A b\"\n", "study.curves has the name \"A b\"");
  text_mistake("[[study.curves]]\nname = \"a\"\n[[study.curves]]\nname = \"a\"\n",
               "two study.curves have the name \"a\"");
  text_mistake("[[study.curves]]\nmethod = \"sgd\"\n", "name");
  text_mistake("[[study.curves]]\nname = \"a\"\ncorrelation = 0.5\n", "correlation");
  text_mistake("[[study.curves]]\nname = \"a\"\nmethod = \"sgb\"\n", "did you mean 'sgd'");
  text_mistake("[[study.curves]]\nname = \"a\"\nset = \"algorithm.sigmb=1\"\n",
               "study.curves \"a\": --set algorithm.sigmb=1");
  EXPECT_ERROR(Load("[task]\ntype = \"supervised\"\nenvironment = \"patches\"\n[algorithm]\ntype = "
                    "\"es\"\nshared_episodes = \"pair\"\n[budget]\nsteps = "
                    "5\n[[study.curves]]\nname = \"a\"\n"),
               "Give their iterations as budget.generations");
}

TEST_F(EsVsSgdStudy, MeasuresWhatImagesCost) {
  const EsVsSgd study = Load(std::string(kExperiment) + kStudy);
  double now = 0;
  Watch watch;
  const double rate =
      MeasureImageRate(study, {.threads = 2, .clock = [&now] { return now += 1; }}, watch);
  EXPECT_GT(rate, 0);
}

}  // namespace
}  // namespace dne
