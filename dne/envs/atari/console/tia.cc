// SPDX-License-Identifier: MIT
#include <ale/emucore/Console.hxx>
#include <ale/emucore/Control.hxx>
#include <ale/emucore/Deserializer.hxx>
#include <ale/emucore/M6502.hxx>
#include <ale/emucore/Serializer.hxx>
#include <ale/emucore/System.hxx>
#include <ale/emucore/TIA.hxx>
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

namespace ale::stella {
namespace {

using dne::Beam;
using dne::kFramePixels;
using dne::kLinePixels;

constexpr uint8_t kRead = 0xff;  // of a collision register, in recordings
constexpr int kNever = std::numeric_limits<int>::max();
constexpr uint32_t kInstructionsAtMost = 25000;  // between two looks at the machine
constexpr uint32_t kLeastHeight = 200;

}  // namespace

TIA::TIA(const Console& console, Settings&) : console_(console) {
  for (Picture& picture : pictures_) picture.pixels.resize(kFramePixels);
  ChoosePixels();
}

TIA::~TIA() = default;

int TIA::Clock() const { return static_cast<int>(mySystem->cycles() * 3); }

void TIA::reset() {
  sound_->reset();
  const auto number = [&](PropertyType type) {
    return std::atoi(console_.properties().get(type).c_str());
  };
  first_line_ = number(Display_YStart);
  lines_ = number(Display_Height);
  height_ = std::max(static_cast<uint32_t>(lines_), kLeastHeight);
  const bool pal = console_.getFormat().starts_with("PAL");
  clocks_at_most_ = ((pal ? 342 : 290) + 1) * Beam::kClocksPerLine;
  // Whether a frame is unfinished outlasts a reset, as it does in ALE.
  const bool unfinished = registers_.unfinished_frame;
  const bool greyed = registers_.greyed;
  registers_ = {.unfinished_frame = unfinished, .greyed = greyed, .vsync_end = kNever};
  registers_.beam.Reset({.first_line = first_line_,
                         .lines = lines_,
                         .loses_colour = pal,
                         .blanks_hmove = console_.properties().get(Emulation_HmoveBlanks) == "YES"},
                        Clock());
  for (Picture& picture : pictures_) {
    std::ranges::fill(picture.pixels, uint8_t{0});
    picture.has_own = false;
    picture.has_beneath = false;
  }
  ChoosePixels();
}

void TIA::ChoosePixels() const {
  Picture& picture = pictures_[current_];
  pixels_ = picture.has_own ? nullptr : picture.pixels.data();
}

void TIA::systemCyclesReset() {
  const auto cycles = static_cast<int>(mySystem->cycles());
  sound_->adjustCycleCounter(-cycles);
  registers_.dump_end -= cycles;
  registers_.vsync_end -= 3 * cycles;
  registers_.beam.ShiftTime(3 * cycles);
}

void TIA::install(System& system) {
  mySystem = &system;
  system.resetCycles();
  const uint16_t shift = system.pageShift();
  for (int address = 0; address < 0x2000; address += 1 << shift) {
    if ((address & 0x1080) == 0) {
      system.setPageAccess(static_cast<uint16_t>(address >> shift),
                           {.directPeekBase = nullptr, .directPokeBase = nullptr, .device = this});
    }
  }
}

bool TIA::save(Serializer& out) {
  static_assert(std::is_trivially_copyable_v<Registers>);
  std::string bytes(sizeof registers_, '\0');
  std::memcpy(bytes.data(), &registers_, bytes.size());
  out.putString(name());
  out.putString(bytes);
  return true;
}

bool TIA::load(Deserializer& in) {
  if (in.getString() != name()) return false;
  const std::string bytes = in.getString();
  if (bytes.size() != sizeof registers_) return false;
  for (size_t i = 0; i < pictures_.size(); ++i) Painted(i);
  std::memcpy(&registers_, bytes.data(), bytes.size());
  return true;
}

TIA::State TIA::SaveState() const {
  const auto pixels = [this](size_t number) {
    const uint8_t* painted = Painted(number);
    return std::vector<uint8_t>(painted, painted + kFramePixels);
  };
  return {.registers = registers_, .pixels = {pixels(current_), pixels(1 - current_)}};
}

void TIA::RestoreState(const State& state) {
  registers_ = state.registers;
  current_ = 0;
  for (size_t i = 0; i < pictures_.size(); ++i) {
    pictures_[i].pixels = state.pixels[i];
    pictures_[i].has_own = false;
    pictures_[i].has_beneath = false;
  }
  ChoosePixels();
}

void TIA::update() {
  if (!registers_.unfinished_frame) StartFrame();
  registers_.unfinished_frame = true;
  mySystem->m6502().execute(kInstructionsAtMost);
  registers_.current_line = static_cast<int>(scanlines());
  registers_.beam.CatchUp(pixels_);
  if (registers_.unfinished_frame) {
    if (!registers_.greyed) GreyOut();
    registers_.greyed = true;
  } else {
    EndFrame();
  }
}

uint32_t TIA::scanlines() const {
  return static_cast<uint32_t>(registers_.beam.ClockOfFrame(Clock())) / Beam::kClocksPerLine;
}

void TIA::StartFrame() {
  current_ = 1 - current_;
  registers_.beam.StartFrame(Clock(), registers_.lines_of_last_frame);
  mySystem->resetCycles();
  registers_.greyed = false;
  Picture& picture = pictures_[current_];
  // The frame two before has settled what was beneath it.
  std::swap(picture.own, picture.beneath);
  picture.has_beneath = std::exchange(picture.has_own, !painting_);
  if (picture.has_own) {
    picture.own.start = registers_.beam;
    picture.own.accesses.clear();
  }
  ChoosePixels();
}

void TIA::EndFrame() {
  registers_.lines_of_last_frame = registers_.current_line;
  registers_.greyed = false;
  Picture& picture = pictures_[current_];
  picture.own.end = registers_.beam.last_update();
  picture.own.reach = registers_.beam.reach();
  if (picture.has_beneath) {
    if (registers_.beam.passed() < picture.beneath.reach) PaintBeneath(picture);
    picture.has_beneath = false;
  }
}

void TIA::Replay(const Recording& recording, uint8_t* pixels) {
  Beam beam = recording.start;
  for (const Access& access : recording.accesses) {
    if (access.tia_register == kRead) {
      beam.Peek(access.clock, pixels);
    } else {
      beam.Poke(access.clock, access.tia_register, access.value, pixels);
    }
  }
  beam.Peek(recording.end, pixels);
}

// Under what the frame itself has painted so far.
void TIA::PaintBeneath(Picture& picture) const {
  const int painted = picture.has_own ? 0 : registers_.beam.painted_end();
  const std::vector<uint8_t> above(picture.pixels.begin(), picture.pixels.begin() + painted);
  Replay(picture.beneath, picture.pixels.data());
  std::ranges::copy(above, picture.pixels.begin());
}

uint8_t* TIA::Painted(size_t number) const {
  Picture& picture = pictures_[number];
  if (picture.has_beneath) {
    PaintBeneath(picture);
    picture.has_beneath = false;
  }
  if (picture.has_own) {
    if (number == current_) picture.own.end = registers_.beam.last_update();
    Replay(picture.own, picture.pixels.data());
    picture.has_own = false;
    ChoosePixels();
  }
  return picture.pixels.data();
}

// The part of the frame that is not yet drawn, in dim grey.
void TIA::GreyOut() {
  uint8_t* pixels = Painted(current_);
  const int from = std::max(static_cast<int>(scanlines()) - first_line_, 0) * kLinePixels;
  for (int i = from; i < lines_ * kLinePixels; ++i) pixels[i] = (pixels[i] & 0x0f) >> 1;
}

uint8_t TIA::peek(uint16_t address) {
  const auto noise = static_cast<uint8_t>(mySystem->getDataBusState() & 0x3f);
  const int clock = Clock();
  const int port = address & 0xf;
  Beam& beam = registers_.beam;
  Note(clock, kRead, 0);
  if (port < 8) {
    beam.Peek(clock, pixels_);
    return static_cast<uint8_t>(beam.Collisions(port) | noise);
  }
  beam.Touch(clock, pixels_);
  switch (port) {
    case 0x8:
    case 0x9:
    case 0xa:
    case 0xb:
      return static_cast<uint8_t>(PaddlePort(port - 8) | noise);
    case 0xc:
    case 0xd: {
      Controller& controller =
          console_.controller(port == 0xc ? Controller::Left : Controller::Right);
      return static_cast<uint8_t>((controller.read(Controller::Six) ? 0x80 : 0) | noise);
    }
    default:
      return noise;
  }
}

// Whether the capacitor at the port is loaded: the longer it takes, the larger the paddle's
// resistance.
uint8_t TIA::PaddlePort(int port) const {
  Controller& controller = console_.controller(port < 2 ? Controller::Left : Controller::Right);
  const int ohms = controller.read(port % 2 == 0 ? Controller::Nine : Controller::Five);
  if (ohms == Controller::minimumResistance) return 0x80;
  if (ohms == Controller::maximumResistance || registers_.dump) return 0;
  const double seconds = 1.6 * ohms * 0.01e-6;
  const auto needed = static_cast<uint32_t>(seconds * 1.19e6);
  return mySystem->cycles() > registers_.dump_end + needed ? 0x80 : 0;
}

void TIA::poke(uint16_t address, uint8_t value) {
  const auto tia_register = static_cast<uint8_t>(address & 0x3f);
  const int clock = Clock();
  Beam& beam = registers_.beam;
  Note(clock, tia_register, value);
  if (tia_register == dne::kWsync) {
    beam.Touch(clock, pixels_);
  } else {
    beam.Poke(clock, tia_register, value, pixels_);
  }
  if (beam.ClockOfFrame(clock) >= clocks_at_most_) {
    mySystem->m6502().stop();
    registers_.unfinished_frame = false;
  }
  const bool is_sound = dne::kAudc0 <= tia_register && tia_register <= dne::kAudv1;
  if (tia_register <= dne::kWsync || is_sound) PokeBeyondBeam(clock, tia_register, value);
}

void TIA::PokeBeyondBeam(int clock, uint8_t tia_register, uint8_t value) {
  switch (tia_register) {
    case dne::kVsync:
      registers_.vsync = value;
      if ((value & 2) != 0) {
        // Games hold it for less than the three lines that they should.
        registers_.vsync_end = clock + Beam::kClocksPerLine;
      } else if (clock >= registers_.vsync_end) {
        registers_.vsync_end = kNever;
        mySystem->m6502().stop();
        registers_.unfinished_frame = false;
      }
      break;
    case dne::kVblank:
      if ((registers_.vblank & 0x80) == 0 && (value & 0x80) != 0) registers_.dump = true;
      if ((registers_.vblank & 0x80) != 0 && (value & 0x80) == 0) {
        registers_.dump = false;
        registers_.dump_end = static_cast<int>(mySystem->cycles());
      }
      registers_.vblank = value;
      break;
    case dne::kWsync: {
      // The processor halts at reads only.
      if (!mySystem->m6502().lastAccessWasRead()) break;
      constexpr uint32_t kCyclesPerLine = Beam::kClocksPerLine / 3;
      const uint32_t past =
          (mySystem->cycles() - static_cast<uint32_t>(registers_.beam.frame_start() / 3)) %
          kCyclesPerLine;
      if (past != 0) mySystem->incrementCycles(kCyclesPerLine - past);
      break;
    }
    case dne::kAudc0:
    case dne::kAudc1:
    case dne::kAudf0:
    case dne::kAudf1:
    case dne::kAudv0:
    case dne::kAudv1:
      sound_->set(tia_register, value, static_cast<int>(mySystem->cycles()));
      break;
    default:
      break;
  }
}

}  // namespace ale::stella
