// SPDX-License-Identifier: MIT
// kill -9 at any moment loses nothing that Write returned from, and leaves nothing half-written.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "dne/base/error.h"
#include "tests/store/example.h"

namespace dne {
namespace {

constexpr uint32_t kTrials = 20;

// A child process that tells of each step it has finished, until it is killed.
class Victim {
 public:
  explicit Victim(const std::function<void(const std::function<void()>& tell)>& work) {
    std::array<int, 2> channel{};
    DNE_CHECK(::pipe(channel.data()) == 0);
    child_ = ::fork();
    DNE_CHECK(child_ >= 0);
    if (child_ == 0) {
      try {
        work([&] { DNE_CHECK(::write(channel[1], "x", 1) == 1); });
      } catch (const std::exception& error) {
        ::fprintf(stderr, "%s\n", error.what());
      }
      ::_exit(1);
    }
    ::close(channel[1]);
    input_ = channel[0];
  }
  // Waits for the next step; false if the child died.
  bool AwaitStep() {
    char told = 0;
    const bool alive = ::read(input_, &told, 1) == 1;
    steps_ += alive ? 1 : 0;
    return alive;
  }
  // Returns the steps told before death.
  uint32_t Kill() {
    ::kill(child_, SIGKILL);
    while (AwaitStep()) {
    }
    ::close(input_);
    ::waitpid(child_, nullptr, 0);
    return steps_;
  }

 private:
  pid_t child_ = 0;
  int input_ = -1;
  uint32_t steps_ = 0;
};

void WriteForever(RunStore& store, uint32_t first, const std::function<void()>& tell) {
  for (uint32_t number = first;; ++number) {
    store.Write(ExampleCommit(number, kTrials));
    tell();
  }
}

// The last checkpoint is of a whole commit, of which and before which everything is there.
uint32_t ExpectWhole(const RunStore& store) {
  const std::optional<Checkpoint> checkpoint = store.LastCheckpoint();
  const uint32_t last = checkpoint ? checkpoint->next_generation - 1 : 0;
  if (checkpoint) {
    EXPECT_EQ(checkpoint->state, ExampleState(last));
  }
  EXPECT_EQ(store.Generations().size(), last);
  for (uint32_t number = 1; number <= last; ++number) {
    EXPECT_EQ(store.Trials(number), ExampleCommit(number, kTrials).trials) << number;
  }
  EXPECT_TRUE(store.Trials(last + 1).empty());
  return last;
}

TEST(KilledRun, HoldsEveryCommitThatReturnedAndNoHalfOne) {
  RunFolder temp;
  RunStore::Create(temp.run(), ExampleInfo());
  uint32_t last = 0;
  for (uint32_t death = 0; death < 20; ++death) {
    Victim victim([&](const auto& tell) {
      const auto store = RunStore::Open(temp.run());
      WriteForever(*store, last + 1, tell);
    });
    for (uint32_t step = 0; step < death % 4; ++step) ASSERT_TRUE(victim.AwaitStep());
    // Anywhere in the next commit; what must hold, holds wherever that is.
    ::usleep(death * 397 % 3000);
    const uint32_t returned = victim.Kill();
    const uint32_t found = ExpectWhole(*RunStore::Open(temp.run()));
    EXPECT_GE(found, last + returned);
    EXPECT_LE(found, last + returned + 1);
    last = found;
  }
  EXPECT_GE(last, 30u);
}

TEST(KilledRun, AKilledCreateDoesNotBlockTheNext) {
  for (uint32_t death = 0; death < 20; ++death) {
    RunFolder temp;
    Victim victim([&](const auto& tell) {
      tell();
      const auto store = RunStore::Create(temp.run(), ExampleInfo());
      tell();
      ::pause();
    });
    ASSERT_TRUE(victim.AwaitStep());
    ::usleep(death * 250);
    victim.Kill();
    const bool made = std::filesystem::exists(temp.file());
    const auto store =
        made ? RunStore::Open(temp.run()) : RunStore::Create(temp.run(), ExampleInfo());
    EXPECT_EQ(store->info(), ExampleInfo());
    store->Write(ExampleCommit(1));
    EXPECT_EQ(ReadEverything(*store), ExampleContents(1));
  }
}

TEST(KilledRun, AReaderNextToAWriterSeesWholeGenerations) {
  RunFolder temp;
  RunStore::Create(temp.run(), ExampleInfo());
  Victim victim([&](const auto& tell) {
    const auto store = RunStore::Open(temp.run());
    WriteForever(*store, 1, tell);
  });
  ASSERT_TRUE(victim.AwaitStep());
  const auto reader = RunStore::OpenReadOnly(temp.run());
  uint32_t seen = 0;
  while (seen < 60) {
    const std::optional<GenerationRecord> newest = reader->LastGeneration();
    ASSERT_TRUE(newest);
    ASSERT_GE(newest->generation, seen);
    seen = newest->generation;
    EXPECT_EQ(*newest, ExampleCommit(seen).generations.front());
    EXPECT_EQ(reader->Trials(seen), ExampleCommit(seen, kTrials).trials);
    EXPECT_GE(reader->LastCheckpoint()->next_generation, seen + 1);
    EXPECT_GE(reader->Generations().size(), seen);
  }
  victim.Kill();
  EXPECT_GE(ExpectWhole(*reader), seen);
}

}  // namespace
}  // namespace dne
