// SPDX-License-Identifier: MIT
// The only file that includes ALE, but for what stands in for parts of it.
#include "dne/envs/atari/emulator.h"

#include <ale/ale_interface.hpp>
#include <ale/emucore/MD5.hxx>
#include <ale/emucore/TIA.hxx>
#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "dne/base/error.h"
#include "dne/envs/atari/video_chip.h"

namespace dne {
namespace {

constexpr uint16_t kRamAddress = 0x80;
constexpr uint16_t kRamBytes = 128;

// Of score counters: three digits to eight.
constexpr int kShortestRange = 1000;
constexpr int kLongestRange = 100'000'000;

bool IsPowerOfTen(int number) {
  while (number % 10 == 0) number /= 10;
  return number == 1;
}

// What ALE knows of the game of that file name; null if nothing.
std::unique_ptr<const ale::RomSettings> KnownGame(const std::string& rom_file) {
  return std::unique_ptr<const ale::RomSettings>(ale::buildRomRLWrapper(rom_file, /*md5=*/""));
}

// ALE ends the process where a file is missing or unknown, so that is asked before.
void CheckRom(const std::string& rom_file) {
  std::ifstream in(rom_file, std::ios::binary);
  const std::vector<uint8_t> rom{std::istreambuf_iterator<char>(in), {}};
  if (rom.empty()) {
    throw Error("cannot read the game file " + rom_file + ": run scripts/fetch_ale.sh again");
  }
  const auto known = KnownGame(rom_file);
  if (known == nullptr) throw Error("ALE knows no game of the name of the file " + rom_file);
  const std::string md5 = ale::stella::MD5(rom.data(), static_cast<uint32_t>(rom.size()));
  if (known->md5() != md5) {
    throw Error("the game file " + rom_file + " has the md5 " + md5 + " instead of " +
                known->md5() + ": run scripts/fetch_ale.sh again");
  }
}

std::unique_ptr<ale::ALEInterface> Boot(const std::string& rom_file) {
  CheckRom(rom_file);
  // Set once and before the first use, since all emulators share it.
  static const bool silent = (ale::Logger::setMode(ale::Logger::Error), true);
  DNE_CHECK(silent);
  auto interface = std::make_unique<ale::ALEInterface>();
  interface->setInt("random_seed", 0);
  interface->setInt("max_num_frames_per_episode", 0);
  interface->setFloat("repeat_action_probability", 0.0f);
  interface->loadROM(rom_file);
  return interface;
}

bool HasPaddles(const ale::stella::Properties& properties) {
  return properties.get(ale::stella::Controller_Left) == "PADDLES" ||
         properties.get(ale::stella::Controller_Right) == "PADDLES";
}

}  // namespace

struct Emulator::Console {
  explicit Console(const std::string& rom_file)
      : interface(Boot(rom_file)),
        paddles(HasPaddles(interface->theOSystem->console().properties())),
        events(*interface->theOSystem->event()),
        settings(*interface->romSettings),
        system(interface->theOSystem->console().system()),
        tia(dynamic_cast<ale::stella::TIA&>(interface->theOSystem->console().mediaSource())),
        controls(interface->environment->getState()),
        held(kVideoFrameBytes) {}

  void SetRam(std::span<const uint8_t> ram) {
    for (uint16_t i = 0; i < kRamBytes; ++i) {
      system.poke(static_cast<uint16_t>(kRamAddress + i), ram[i]);
    }
  }

  // By how much the score rises from a memory of zeros to one where every byte is `digits`.
  int RewardOfDigits(uint8_t digits) {
    const std::unique_ptr<ale::RomSettings> fresh(settings.clone());
    fresh->reset();
    for (const uint8_t byte : {uint8_t{0}, digits}) {
      SetRam(std::vector<uint8_t>(kRamBytes, byte));
      fresh->step(system);
    }
    return fresh->getReward();
  }

  std::unique_ptr<ale::ALEInterface> interface;
  bool paddles;
  ale::stella::Event& events;
  ale::RomSettings& settings;
  ale::stella::System& system;
  ale::stella::TIA& tia;
  ale::ALEState controls;     // where the paddles are
  std::vector<uint8_t> held;  // copy of the frame before an unfinished frame went on
  bool previous_is_held = false;
};

struct Emulator::State {
  ale::ALEState emulator;
  std::shared_ptr<const VideoState> video;
  std::vector<uint8_t> held;
  bool previous_is_held;
};

bool Emulator::Knows(const std::string& rom_file) { return KnownGame(rom_file) != nullptr; }

Emulator::Emulator(const std::string& rom_file)
    : rom_file_(rom_file), console_(std::make_unique<Console>(rom_file)) {}

Emulator::~Emulator() = default;

int Emulator::screen_height() const { return static_cast<int>(console_->tia.height()); }

std::vector<int> Emulator::Actions(bool full_action_set) const {
  const ale::ActionVect actions = full_action_set ? console_->settings.getAllActions()
                                                  : console_->settings.getMinimalActionSet();
  return {actions.begin(), actions.end()};
}

std::string Emulator::ActionName(int action) {
  const std::string name = ale::action_to_string(static_cast<ale::Action>(action));
  return name.substr(std::strlen("PLAYER_A_"));
}

std::array<uint8_t, 256> Emulator::GreyPalette() const {
  std::array<uint8_t, 256> indices{};
  std::array<uint8_t, 256> grey{};
  for (size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<uint8_t>(i);
  // ALE looks one past the index; the last one is no colour.
  console_->interface->theOSystem->colourPalette().applyPaletteGrayscale(
      grey.data(), indices.data(), indices.size() - 1);
  return grey;
}

std::array<uint8_t, 3 * 256> Emulator::ColourPalette() const {
  std::array<uint8_t, 256> indices{};
  std::array<uint8_t, 3 * 256> colours{};
  for (size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<uint8_t>(i);
  console_->interface->theOSystem->colourPalette().applyPaletteRGB(colours.data(), indices.data(),
                                                                   indices.size());
  return colours;
}

int Emulator::Frame(int action, bool seen) {
  Console& console = *console_;
  if (console.paddles) {
    console.controls.applyActionPaddles(&console.events, action, 1, ale::PLAYER_B_NOOP, 0);
  } else {
    console.controls.applyActionJoysticks(&console.events, action, ale::PLAYER_B_NOOP);
  }
  // The chip swaps its two frames, unless it goes on with an unfinished one.
  console.previous_is_held = HasUnfinishedFrame(console.tia);
  if (console.previous_is_held) {
    std::copy_n(console.tia.currentFrameBuffer(), console.held.size(), console.held.begin());
  }
  SetPainting(seen, console.tia);
  console.tia.update();
  console.settings.step(console.system);
  return Earned(console.settings.getReward());
}

// A counter that ran over shows nearly its whole range less than before. Nothing else takes so many
// points in a frame.
int Emulator::Earned(int reward) {
  if (reward > -kShortestRange / 10 * 9) return reward;
  if (!score_range_) score_range_ = ScoreRange(rom_file_);
  const int earned = reward + *score_range_;
  return earned < *score_range_ / 10 ? earned : reward;
}

// ALE knows where each game keeps its digits: with nines everywhere it reads the highest score.
int Emulator::ScoreRange(const std::string& rom_file) {
  Emulator emulator(rom_file);
  // Two digits a byte; or one, as itself or as the place of its glyph.
  for (const uint8_t nines : {uint8_t{0x99}, uint8_t{9}, uint8_t{9 * 8}}) {
    const int highest = emulator.console_->RewardOfDigits(nines);
    for (int range = kShortestRange; range <= kLongestRange; range *= 10) {
      // 999900 is four digits of hundreds.
      const int unit = range - highest;
      if (unit >= 1 && unit <= range / kShortestRange && IsPowerOfTen(unit)) return range;
    }
  }
  return 0;
}

bool Emulator::game_over() const { return console_->settings.isTerminal(); }

void Emulator::Reboot() {
  console_->interface->reset_game();
  console_->controls = console_->interface->environment->getState();
  console_->previous_is_held = false;
}

const uint8_t* Emulator::screen() const { return console_->tia.currentFrameBuffer(); }

const uint8_t* Emulator::previous_screen() const {
  return console_->previous_is_held ? console_->held.data() : console_->tia.previousFrameBuffer();
}

std::vector<uint8_t> Emulator::Ram() const {
  std::vector<uint8_t> ram(kRamBytes);
  for (uint16_t i = 0; i < kRamBytes; ++i) {
    ram[i] = console_->system.peek(static_cast<uint16_t>(kRamAddress + i));
  }
  return ram;
}

void Emulator::SetRam(std::span<const uint8_t> ram) {
  DNE_CHECK(ram.size() == kRamBytes);
  console_->SetRam(ram);
}

std::shared_ptr<const Emulator::State> Emulator::Save() {
  Console& console = *console_;
  console.interface->environment->setState(console.controls);
  return std::make_shared<const State>(State{.emulator = console.interface->cloneSystemState(),
                                             .video = SaveVideo(console.tia),
                                             .held = console.held,
                                             .previous_is_held = console.previous_is_held});
}

void Emulator::Restore(const State& state) {
  Console& console = *console_;
  console.interface->restoreSystemState(state.emulator);
  console.controls = console.interface->environment->getState();
  RestoreVideo(*state.video, console.tia);
  console.held = state.held;
  console.previous_is_held = state.previous_is_held;
}

}  // namespace dne
