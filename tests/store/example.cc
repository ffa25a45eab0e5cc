// SPDX-License-Identifier: MIT
#include "tests/store/example.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <limits>

#include "dne/base/error.h"

namespace dne {
namespace fs = std::filesystem;

RunInfo ExampleInfo() {
  return {.config = "[ga]\npopulation_size = 20\n",
          .dne_version = "0.1.0",
          .build = "g++ 12, release",
          .architecture = "x86_64",
          .machine = "a computer, 2 cores",
          .seed = 0xfedcba9876543210u,
          .created = "2024-01-02T03:04:05Z"};
}

std::string ExampleState(uint32_t number) { return "commit " + std::to_string(number); }

namespace {

Episode ExampleEpisode(uint32_t noops, std::optional<uint64_t> seed, double score) {
  Episode episode{.start = {noops, seed},
                  .score = score,
                  .steps = 300 + noops,
                  .frames = 1200 + noops,
                  .end = noops % 2 == 0 ? EpisodeEnd::kTerminal : EpisodeEnd::kStepLimit,
                  .descriptor = std::vector<uint8_t>(128)};
  for (size_t i = 0; i < episode.descriptor.size(); ++i) {
    episode.descriptor[i] = static_cast<uint8_t>(i * 7 + noops);
  }
  return episode;
}

TrialRecord ExampleTrial(uint32_t number, uint32_t item) {
  TrialRecord trial{.generation = number,
                    .round = "train",
                    .index = item,
                    .individual = {number, item},
                    .parent = {},
                    .sigma = 0.002f,
                    .fitness = 100.0 * number + item + 1.0 / 3,
                    .steps = 300,
                    .frames = 1200,
                    .episodes = {ExampleEpisode(item % 31, {}, 10.0 * item)},
                    .draws = {1}};
  if (number > 1) trial.parent = Birth{number - 1, item / 2};
  return trial;
}

}  // namespace

Commit ExampleCommit(uint32_t number, uint32_t num_trials) {
  Commit commit;
  for (uint32_t item = 0; item < num_trials; ++item) {
    commit.trials.push_back(ExampleTrial(number, item));
  }
  TrialRecord validation = ExampleTrial(number, 0);
  validation.round = "validate";
  // In the order of starts, seeds unsigned.
  validation.episodes = {ExampleEpisode(1, 5, -1.5), ExampleEpisode(1, ~uint64_t{0}, 0),
                         ExampleEpisode(30, {}, 1e300)};
  validation.episodes[2].descriptor.clear();
  validation.draws = {1, 27, 2};
  commit.trials.push_back(validation);
  commit.generations = {{.generation = number,
                         .metrics = {{"fitness_max", 120.25 + number}, {"fitness_mean", -3}},
                         .digest = 0x00ab54a98ceb1f0au + number,
                         .elite = {1, 0, 255, static_cast<uint8_t>(number)}}};
  commit.next_generation = number + 1;
  commit.state = ExampleState(number);
  return commit;
}

void MakeExampleRun(const fs::path& dir, uint32_t num_commits) {
  const auto store = RunStore::Create(dir, ExampleInfo());
  for (uint32_t number = 1; number <= num_commits; ++number) store->Write(ExampleCommit(number));
}

RunInfo ExampleEsInfo() {
  RunInfo info = ExampleInfo();
  info.attachments = {{"reference_batch", {0, 255, 10, 0, 7}}, {"nothing", {}}};
  return info;
}

namespace {

std::vector<float> ExamplePolicy(Birth centre) {
  std::vector<float> policy = {0.0f,
                               -0.0f,
                               0.1f,
                               -1e-45f,
                               std::numeric_limits<float>::max(),
                               std::numeric_limits<float>::infinity(),
                               std::numeric_limits<float>::quiet_NaN()};
  policy.push_back(static_cast<float>(centre.generation));
  policy.push_back(static_cast<float>(centre.item));
  return policy;
}

std::vector<Centre> ExampleCentres(uint32_t number) {
  std::vector<Centre> centres;
  for (uint32_t m : {0u, 2u}) {
    const Birth birth = CentreBirth(number, m);
    centres.push_back({birth, std::make_shared<const std::vector<float>>(ExamplePolicy(birth))});
  }
  return centres;
}

}  // namespace

// The second half of each pair mirrors the first one's noise; a simulation broke down.
Commit ExampleEsCommit(uint32_t number) {
  Commit commit = ExampleCommit(number);
  for (TrialRecord& trial : commit.trials) {
    trial.parent = CentreBirth(number - 1, 0);
    trial.mirrored = trial.index % 2 == 1;
  }
  commit.trials[3].episodes.front().end = EpisodeEnd::kInvalid;
  TrialRecord& validation = commit.trials.back();
  validation.individual = CentreBirth(number, 0);
  validation.parent.reset();
  validation.sigma = 0;
  for (const Centre& centre : ExampleCentres(number)) commit.centres.push_back({centre, {9, 0}});
  return commit;
}

void MakeExampleEsRun(const fs::path& dir, uint32_t num_commits) {
  const auto store = RunStore::Create(dir, ExampleEsInfo());
  for (uint32_t number = 1; number <= num_commits; ++number) store->Write(ExampleEsCommit(number));
}

Contents ReadEverything(const RunStore& store) {
  Contents contents{.info = store.info(),
                    .checkpoint = store.LastCheckpoint(),
                    .generations = store.Generations(),
                    .trials = {}};
  for (const GenerationRecord& record : contents.generations) {
    for (TrialRecord& trial : store.Trials(record.generation)) {
      contents.trials.push_back(std::move(trial));
    }
  }
  return contents;
}

namespace {

void Append(const Commit& commit, Contents& contents) {
  contents.checkpoint = Checkpoint{commit.next_generation, commit.state};
  contents.generations.push_back(commit.generations.front());
  contents.trials.insert(contents.trials.end(), commit.trials.begin(), commit.trials.end());
}

}  // namespace

Contents ExampleContents(uint32_t num_commits) {
  Contents contents;
  contents.info = ExampleInfo();
  for (uint32_t number = 1; number <= num_commits; ++number) {
    Append(ExampleCommit(number), contents);
  }
  return contents;
}

Contents ExampleEsContents(uint32_t num_commits) {
  Contents contents;
  contents.info = ExampleEsInfo();
  for (uint32_t number = 1; number <= num_commits; ++number) {
    Append(ExampleEsCommit(number), contents);
  }
  return contents;
}

void ExpectExampleCentres(const RunStore& store, uint32_t num_commits) {
  for (uint32_t number = 1; number <= num_commits; ++number) {
    for (const Centre& centre : ExampleCentres(number)) {
      const auto history = store.HistoryOf(centre.birth);
      ASSERT_TRUE(history.has_value() && history->moves.empty()) << number;
      const auto& read = history->whole.centre.parameters;
      ASSERT_EQ(read->size(), centre.parameters->size());
      for (size_t i = 0; i < read->size(); ++i) {
        EXPECT_EQ(std::bit_cast<uint32_t>((*read)[i]),
                  std::bit_cast<uint32_t>((*centre.parameters)[i]))
            << number << ", " << i;
      }
    }
  }
}

std::string ErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

namespace {

[[noreturn]] void RunChild(int output, Privileges privileges,
                           const std::function<std::string()>& action) {
  constexpr uid_t kNobody = 65534;
  std::string text;
  try {
    if (privileges == Privileges::kNone && ::geteuid() == 0) {
      DNE_CHECK(::setresgid(kNobody, kNobody, kNobody) == 0);
      DNE_CHECK(::setresuid(kNobody, kNobody, kNobody) == 0);
    }
    text = action();
  } catch (const std::exception& error) {
    text = error.what();
  }
  const ssize_t written = ::write(output, text.data(), text.size());
  ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
}

}  // namespace

std::string InChild(Privileges privileges, const std::function<std::string()>& action) {
  std::array<int, 2> channel{};
  DNE_CHECK(::pipe(channel.data()) == 0);
  const pid_t child = ::fork();
  DNE_CHECK(child >= 0);
  if (child == 0) RunChild(channel[1], privileges, action);
  ::close(channel[1]);
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t n = 0; (n = ::read(channel[0], part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<size_t>(n));
  }
  ::close(channel[0]);
  int status = 0;
  DNE_CHECK(::waitpid(child, &status, 0) == child);
  return status == 0 ? text : "the child process failed: " + text;
}

}  // namespace dne
