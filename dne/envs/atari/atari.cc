// SPDX-License-Identifier: MIT
#include "dne/envs/atari/atari.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "dne/base/error.h"
#include "dne/base/nearest.h"
#include "dne/envs/atari/emulator.h"
#include "dne/envs/atari/pixels.h"
#include "dne/random/stream.h"

namespace dne {
namespace {

constexpr int kNoop = 0;  // ALE's number of it
constexpr int kRamSize = 128;
constexpr int kMaxFrameSkip = 60;
constexpr int kMaxFrameStack = 16;
constexpr int kMaxNoops = 1000;  // each has its saved state, about 100 kB
constexpr std::string_view kRomSuffix = ".bin";

// The chance of a sticky action as a threshold for 32-bit draws.
uint64_t StickyThreshold(float probability) {
  return static_cast<uint64_t>(static_cast<double>(probability) * 0x1p32);
}

// Where an episode begins.
struct SavedStart {
  std::shared_ptr<const Emulator::State> state;
  int last_action;  // ALE's number
};

class Game : public AtariGame, public std::enable_shared_from_this<Game> {
 public:
  Game(std::string name, const AtariOptions& options);

  const std::string& name() const override { return name_; }
  const AtariOptions& options() const override { return options_; }
  const EnvironmentSpec& spec() const override { return spec_; }
  EpisodeStart DrawStart(Stream& stream) const override;
  std::unique_ptr<Environment> MakeEnvironment() const override;

  const std::vector<int>& actions() const { return actions_; }
  const SavedStart& saved_start(uint32_t noops) const;

 private:
  std::string rom_file() const {
    return std::string(DNE_ALE_ROM_DIR) + "/" + name_ + std::string(kRomSuffix);
  }
  bool NeedsFire() const;
  // Holds an action for one step; true if the game is still on.
  bool Hold(int action, Emulator& emulator) const;
  SavedStart StartFrom(const Emulator::State& after_noops, Emulator& emulator) const;

  std::string name_;
  AtariOptions options_;
  std::vector<int> actions_;
  EnvironmentSpec spec_;
  std::vector<SavedStart> starts_;  // by number of no-ops
};

class AtariEnvironment : public Environment {
 public:
  AtariEnvironment(std::shared_ptr<const Game> game, const std::string& rom_file)
      : game_(std::move(game)),
        emulator_(rom_file),
        pass_(emulator_.screen_height(), emulator_.GreyPalette()),
        observation_(kFrameSize * static_cast<size_t>(game_->options().frame_stack)),
        sticky_threshold_(StickyThreshold(game_->options().sticky_probability)) {}

  void Reset(const EpisodeStart& start) override;
  StepResult Step(const Action& action) override;
  Observation observation() const override { return {.bytes = observation_}; }
  std::vector<uint8_t> descriptor() const override { return emulator_.Ram(); }
  void RecordFrames(FrameSink sink) override { sink_ = std::move(sink); }

 private:
  void ShowFrame() const;
  void Push() {
    PushFrame(pass_.Run(emulator_.screen(), emulator_.previous_screen()),
              static_cast<size_t>(game_->options().frame_stack), observation_);
  }

  std::shared_ptr<const Game> game_;
  Emulator emulator_;
  FramePass pass_;
  std::vector<uint8_t> observation_;
  uint64_t sticky_threshold_;
  std::optional<Stream> sticky_;  // empty before the first Reset
  int last_action_ = kNoop;
  FrameSink sink_;
};

void AtariEnvironment::ShowFrame() const {
  const std::array<uint8_t, 3 * 256> palette = emulator_.ColourPalette();
  const int height = emulator_.screen_height();
  const size_t pixels = kScreenWidth * static_cast<size_t>(height);
  std::vector<uint8_t> rgb;
  rgb.reserve(3 * pixels);
  for (uint8_t index : std::span(emulator_.screen(), pixels)) {
    const auto colour = std::span(palette).subspan(size_t{3} * index, 3);
    rgb.insert(rgb.end(), colour.begin(), colour.end());
  }
  sink_({.width = kScreenWidth, .height = height, .rgb = rgb, .pixel_width = 2});
}

void AtariEnvironment::Reset(const EpisodeStart& start) {
  const SavedStart& saved = game_->saved_start(start.noops);
  emulator_.Restore(*saved.state);
  last_action_ = saved.last_action;
  const uint64_t seed = sticky_threshold_ > 0 ? SeedOf(start) : 0;
  sticky_.emplace(StreamId{.seed = seed, .purpose = Purpose::kStickyActions});
  std::ranges::fill(observation_, uint8_t{0});
  const int pushes = game_->options().zero_stack ? 1 : game_->options().frame_stack;
  for (int i = 0; i < pushes; ++i) Push();
}

StepResult AtariEnvironment::Step(const Action& action) {
  DNE_CHECK(sticky_.has_value() && !emulator_.game_over());
  DNE_CHECK(0 <= action.choice && action.choice < game_->spec().action.size);
  StepResult result;
  while (result.frames < game_->options().frame_skip && !result.terminal) {
    const bool sticks = sticky_threshold_ > 0 && sticky_->Next32() < sticky_threshold_;
    if (!sticks) last_action_ = game_->actions()[static_cast<size_t>(action.choice)];
    const bool seen = result.frames >= game_->options().frame_skip - 2 || sink_;
    result.reward += emulator_.Frame(last_action_, seen);
    if (sink_) ShowFrame();
    ++result.frames;
    result.terminal = emulator_.game_over();
  }
  Push();
  return result;
}

EnvironmentSpec SpecOf(std::span<const int> actions, const AtariOptions& options) {
  constexpr int kLanes = 8;  // share each block of weights while it is in cache; more gain little
  EnvironmentSpec spec{.observation = {.type = ObservationType::kBytes,
                                       .height = kFrameSide,
                                       .width = kFrameSide,
                                       .channels = options.frame_stack},
                       .action = {.type = ActionType::kDiscrete,
                                  .size = static_cast<int>(actions.size()),
                                  .names = {}},
                       .behaviour = {.type = BehaviourType::kBytes, .size = kRamSize},
                       .frames_per_step = options.frame_skip,
                       .records_frames = true,
                       .lanes = kLanes};
  for (const int action : actions) spec.action.names.push_back(Emulator::ActionName(action));
  return spec;
}

Game::Game(std::string name, const AtariOptions& options)
    : name_(std::move(name)), options_(options) {
  Emulator emulator(rom_file());
  actions_ = emulator.Actions(options.full_action_set);
  spec_ = SpecOf(actions_, options);
  std::shared_ptr<const Emulator::State> after_noops = emulator.Save();
  for (int noops = 0; noops <= options.max_noops; ++noops) {
    starts_.push_back(StartFrom(*after_noops, emulator));
    emulator.Restore(*after_noops);
    emulator.Frame(kNoop);
    if (emulator.game_over()) emulator.Reboot();
    after_noops = emulator.Save();
  }
}

bool Game::NeedsFire() const {
  return options_.fire_start && actions_.size() > 2 && Emulator::ActionName(actions_[1]) == "FIRE";
}

bool Game::Hold(int action, Emulator& emulator) const {
  for (int frame = 0; frame < options_.frame_skip && !emulator.game_over(); ++frame) {
    emulator.Frame(action);
  }
  return !emulator.game_over();
}

// A game that is over after FIRE is begun anew, and one that is over after action 2 likewise.
SavedStart Game::StartFrom(const Emulator::State& after_noops, Emulator& emulator) const {
  emulator.Restore(after_noops);
  int last_action = kNoop;
  if (NeedsFire()) {
    for (int action : {actions_[1], actions_[2]}) {
      last_action = action;
      if (!Hold(action, emulator)) {
        emulator.Reboot();
        last_action = kNoop;
      }
    }
  }
  return {emulator.Save(), last_action};
}

EpisodeStart Game::DrawStart(Stream& stream) const {
  const uint32_t noops =
      options_.max_noops > 0 ? 1 + stream.Below(static_cast<uint32_t>(options_.max_noops)) : 0;
  if (options_.sticky_probability == 0) return {.noops = noops};
  return {.noops = noops, .seed = DrawSeed(stream)};
}

const SavedStart& Game::saved_start(uint32_t noops) const {
  if (noops >= starts_.size()) {
    throw Error("an episode of " + name_ + " cannot start with " + std::to_string(noops) +
                " no-ops: max_noops is " + std::to_string(options_.max_noops));
  }
  return starts_[noops];
}

std::unique_ptr<Environment> Game::MakeEnvironment() const {
  return std::make_unique<AtariEnvironment>(shared_from_this(), rom_file());
}

void CheckInRange(const char* option, int value, int low, int high) {
  if (value < low || value > high) {
    throw Error(std::string(option) + " is " + std::to_string(value) + ": set it to " +
                std::to_string(low) + " to " + std::to_string(high));
  }
}

void CheckOptions(const AtariOptions& options) {
  CheckInRange("frame_skip", options.frame_skip, 1, kMaxFrameSkip);
  CheckInRange("frame_stack", options.frame_stack, 1, kMaxFrameStack);
  CheckInRange("max_noops", options.max_noops, 0, kMaxNoops);
  // Written so that NaN is refused.
  if (!(options.sticky_probability >= 0 && options.sticky_probability <= 1)) {
    throw Error("sticky_probability is " + std::to_string(options.sticky_probability) +
                ": set it to 0 to 1");
  }
}

}  // namespace

std::vector<std::string> AtariGameNames() {
  const std::filesystem::path folder = DNE_ALE_ROM_DIR;
  if (!std::filesystem::is_directory(folder)) {
    throw Error("the folder of the Atari games " + folder.string() +
                " is missing: run scripts/fetch_ale.sh");
  }
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const bool is_game =
        entry.path().extension() == kRomSuffix && Emulator::Knows(entry.path().string());
    if (is_game) names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

std::shared_ptr<const AtariGame> AtariGame::Load(std::string_view game,
                                                 const AtariOptions& options) {
  CheckOptions(options);
  const std::vector<std::string> names = AtariGameNames();
  if (!std::ranges::binary_search(names, game)) {
    throw Error(UnknownName("Atari game", game, names));
  }
  return std::make_shared<const Game>(std::string(game), options);
}

}  // namespace dne
