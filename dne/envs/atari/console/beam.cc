// SPDX-License-Identifier: MIT
#include "dne/envs/atari/console/beam.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace dne {
namespace {

static_assert(std::is_trivially_copyable_v<Beam>);

constexpr int kCyclesPerLine = Beam::kClocksPerLine / 3;

// After how many clocks a write shows.
enum Delay : int8_t {
  kPlayfieldDelay = -1,  // depends on the clock
  kColour = -2,          // none, and nothing but a colour changes
  kInvisible = -3
};
constexpr std::array<int8_t, 64> DelayTable() {
  std::array<int8_t, 64> delays{};
  for (size_t i = kCxclr + 1; i < delays.size(); ++i) delays[i] = kInvisible;
  for (const TiaRegister silent : {kWsync, kRsync, kAudc0, kAudc1, kAudf0, kAudf1, kAudv0, kAudv1,
                                   kHmp0, kHmp1, kHmm0, kHmm1, kHmbl, kHmclr}) {
    delays[silent] = kInvisible;
  }
  for (const TiaRegister colour : {kColup0, kColup1, kColupf, kColubk}) delays[colour] = kColour;
  for (const TiaRegister part : {kPf0, kPf1, kPf2}) delays[part] = kPlayfieldDelay;
  for (const TiaRegister late : {kVblank, kRefp0, kRefp1, kGrp0, kGrp1}) delays[late] = 1;
  for (const TiaRegister latest : {kNusiz0, kNusiz1, kResm0, kResm1}) delays[latest] = 8;
  return delays;
}
constexpr std::array<int8_t, 64> kDelays = DelayTable();

// By cycle of the line, modulo 4.
constexpr std::array<int8_t, 4> kPlayfieldDelays = {4, 5, 2, 3};

constexpr int FloorDiv(int a, int b) { return a / b - (a % b < 0 ? 1 : 0); }

// How far HMOVE at that cycle of the line moves an object to the right. The chip holds back or adds
// a pulse every four clocks: one that comes late in the blank cannot add all of them, and one near
// the line's end has some of the next line's.
constexpr int Motion(int cycle, int motion) {
  const int full = motion < 8 ? -motion : 16 - motion;
  if (cycle == kCyclesPerLine - 1) return full;
  if (cycle <= 20) return std::max(full, -FloorDiv(38 - 3 * cycle, 4));
  return std::min(0, full + FloorDiv(190 - 3 * cycle, 4));
}

constexpr std::array<std::array<int8_t, 16>, kCyclesPerLine> MotionTable() {
  std::array<std::array<int8_t, 16>, kCyclesPerLine> table{};
  for (int cycle = 0; cycle < kCyclesPerLine; ++cycle) {
    for (int motion = 0; motion < 16; ++motion) {
      table[static_cast<size_t>(cycle)][static_cast<size_t>(motion)] =
          static_cast<int8_t>(Motion(cycle, motion));
    }
  }
  return table;
}
constexpr std::array<std::array<int8_t, 16>, kCyclesPerLine> kMotions = MotionTable();

bool BlanksLine(int cycle) { return cycle <= 20 || cycle == kCyclesPerLine - 1; }

constexpr int Wrapped(int position) {
  return position >= kLinePixels ? position - kLinePixels
                                 : (position < 0 ? position + kLinePixels : position);
}

}  // namespace

void Beam::Reset(const Television& television, int clock) {
  *this = Beam{};
  television_ = television;
  frame_start_ = clock;
  display_start_ = clock + kClocksPerLine * television.first_line;
  display_end_ = display_start_ + kClocksPerLine * television.lines;
  last_update_ = clock;
  touched_ = clock;
  line_start_ = clock;
  for (Player& player : players_) player.first_copy = true;
}

void Beam::StartFrame(int clock, int last_lines) {
  frame_start_ = clock - static_cast<int>(static_cast<uint32_t>(clock - frame_start_) %
                                          uint32_t{kClocksPerLine});
  display_start_ = frame_start_ + kClocksPerLine * television_.first_line;
  display_end_ = display_start_ + kClocksPerLine * television_.lines;
  last_update_ = display_start_;
  touched_ = frame_start_;
  line_start_ = display_start_;
  row_ = 0;
  painted_end_ = 0;
  last_lines_ = last_lines;
  if (television_.loses_colour) {
    for (uint8_t* colour :
         {&players_[0].colour, &players_[1].colour, &playfield_colour_, &background_colour_}) {
      *colour = Colour(*colour);
    }
  }
}

void Beam::ShiftTime(int clocks) {
  for (int* time : {&frame_start_, &display_start_, &display_end_, &last_update_, &line_start_,
                    &touched_, &last_hmove_}) {
    *time -= clocks;
  }
}

int Beam::passed() const {
  const int visible = std::max(last_update_ - line_start_ - kHblank, 0);
  return row_ * kLinePixels + visible;
}

// Line by line. A line that is done to its last clock ends when the beam goes on, not before.
void Beam::Advance(int clock, uint8_t* pixels) {
  for (;;) {
    const int first_visible = line_start_ + kHblank;
    const int next_line = line_start_ + kClocksPerLine;
    const int first = last_update_ - first_visible;  // negative in the horizontal blank
    last_update_ = std::min(clock, next_line);
    const int end = last_update_ - first_visible;
    if (end > std::max(first, 0)) Draw(std::max(first, 0), end, pixels);
    if (hmove_blank_) [[unlikely]]
      BlankAfterHmove(first, end, pixels);
    if (clock <= next_line) return;
    line_start_ = next_line;
    EndLine();
  }
}

// The first pixels stay black in the line of an HMOVE; they are painted ahead of the beam.
void Beam::BlankAfterHmove(int first, int end, uint8_t* pixels) {
  constexpr int kBlankPixels = 8;
  if (first < 0) first = std::min(end, 0);
  if (first >= kBlankPixels) return;
  // What the first access of a horizontal blank has blanked is more than the next ones would.
  if (end <= 0 && std::exchange(blanked_ahead_, true)) return;
  if (pixels != nullptr && row_ < kFrameRows) {
    const int begin = row_ * kLinePixels + std::max(first, 0);
    const int last = std::min(begin + kBlankPixels - first, static_cast<int>(kFramePixels));
    std::fill(pixels + begin, pixels + last, uint8_t{0});
    painted_end_ = std::max(painted_end_, last);
  }
  if (end >= kBlankPixels) hmove_blank_ = false;
}

void Beam::EndLine() {
  ++row_;
  if (playfield_mirrored_ != ((ctrlpf_ & 1) != 0)) {
    playfield_mirrored_ = !playfield_mirrored_;
    Changed(kPlayfield);
  }
  ShowFirstCopies();
  if (stars_) {
    constexpr std::array<int, 4> kSteps = {18, 33, 0, 17};
    star_phase_ = (star_phase_ + 1) & 3;
    positions_[kM0] = Wrapped(positions_[kM0] - kSteps[star_phase_]);
    missile0_look_ = star_phase_ == 1   ? MissileLook::kStretched
                     : star_phase_ == 2 ? MissileLook::kHidden
                                        : MissileLook::kPlain;
    Changed(kM0);
  }
}

void Beam::ShowFirstCopies() {
  for (const Object object : {kP0, kP1}) {
    if (players_[object].first_copy) continue;
    players_[object].first_copy = true;
    Changed(object);
  }
}

void Beam::Enable(Object object, bool on) {
  const auto bit = static_cast<uint8_t>(1u << object);
  enabled_ = static_cast<uint8_t>(on ? enabled_ | bit : enabled_ & ~bit);
  stale_ |= bit;
}

// Leftmost pixel lowest, where the register has it highest.
uint8_t Beam::ShownGraphics(const Player& player) const {
  const uint8_t graphics = player.vertical_delay ? player.delayed_graphics : player.graphics;
  return player.reflected ? graphics : kMirrored[graphics];
}

void Beam::UpdatePlayer(size_t number) {
  Player& player = players_[number];
  const uint8_t graphics = ShownGraphics(player);
  if (graphics == player.shown) return;
  player.shown = graphics;
  Enable(number == 0 ? kP0 : kP1, graphics != 0);
}

void Beam::UpdateMissile(size_t number) {
  Enable(number == 0 ? kM0 : kM1,
         players_[number].missile_enabled && !players_[number].missile_reset);
}

void Beam::UpdateBall() {
  Enable(kBall, ball_vertical_delay_ ? delayed_ball_enabled_ : ball_enabled_);
}

void Beam::SetPlayfield(uint32_t bits, uint32_t mask) {
  const uint32_t playfield = (playfield_ & ~mask) | bits;
  if (playfield == playfield_) return;
  playfield_ = playfield;
  Enable(kPlayfield, playfield != 0);
}

uint8_t Beam::Colour(uint8_t value) const {
  const bool lost = television_.loses_colour && last_lines_ % 2 != 0;
  return static_cast<uint8_t>((value & 0xfe) | (lost ? 1 : 0));
}

void Beam::ResetPlayer(size_t number, int clock, uint8_t* pixels) {
  constexpr int kDelay = 4;  // before a copy is displayed
  Player& player = players_[number];
  const int x = LineClock(clock);
  const int position = x < kHblank ? 3 : (x - kHblank + 5) % kLinePixels;
  const Copies& copies = kCopies[player.nusiz & 7];
  bool delayed = false;
  bool displayed = false;
  for (int copy = 0; copy < copies.count; ++copy) {
    const int into = Wrapped(position - Wrapped(positions_[number] + copy * copies.distance));
    delayed |= into < kDelay;
    displayed |= kDelay <= into && into < kDelay + 8 * copies.player_scale;
  }
  // A copy that is on the screen is finished first.
  if (displayed) AdvanceTo(clock + 11, pixels);
  positions_[number] = position;
  player.first_copy = delayed;
  Changed(number == 0 ? kP0 : kP1);
}

// Where RESM0, RESM1 and RESBL come some cycles after HMOVE, games need other places than the
// rule's; each of these is a game's.
namespace {
int RulePosition(int x) { return x < Beam::kHblank ? 2 : (x - Beam::kHblank + 4) % kLinePixels; }
}  // namespace

int Beam::PositionOfMissile0(int clock) const {
  const int x = LineClock(clock);
  const bool dolphin = clock - last_hmove_ == 20 * 3 && x == 69;
  return dolphin ? 8 : RulePosition(x);
}

int Beam::PositionOfMissile1(int clock) const {
  const int x = LineClock(clock);
  const bool pitfall2 = clock - last_hmove_ == 3 * 3 && x == 18;
  return pitfall2 ? 3 : RulePosition(x);
}

int Beam::PositionOfBall(int clock) const {
  const int x = LineClock(clock);
  const int since_hmove = clock - last_hmove_;
  if (since_hmove == 18 * 3 && (x == 60 || x == 69)) return 10;  // Escape from the Mindmaster
  if (since_hmove == 3 * 3 && x == 18) return 3;                 // Decathlon
  if (since_hmove == 7 * 3 && x == 30) return 6;                 // Robot Tank
  if (since_hmove == 6 * 3 && x == 27) return 5;                 // Hole Hunter
  return RulePosition(x);
}

void Beam::ReleaseMissile(size_t number, uint8_t value) {
  Player& player = players_[number];
  const bool reset = (value & 2) != 0;
  if (player.missile_reset && !reset) {
    const int scale = kCopies[player.nusiz & 7].player_scale;
    const int middle = 4 * scale;
    positions_[kM0 + number] = (positions_[kP0 + number] + middle) % kLinePixels;
    if (number == 0) missile0_look_ = MissileLook::kPlain;
  }
  player.missile_reset = reset;
  UpdateMissile(number);
}

void Beam::Move(int clock) {
  const int cycle = LineClock(clock) / 3;
  if (television_.blanks_hmove && BlanksLine(cycle)) {
    hmove_blank_ = true;
    blanked_ahead_ = false;
  }
  const std::array<int8_t, 16>& moves = kMotions[static_cast<size_t>(cycle)];
  for (size_t i = 0; i < kMovingObjects; ++i) {
    const int motion = moves[motions_[i]];
    if (motion == 0) continue;
    positions_[i] = Wrapped(positions_[i] + motion);
    Changed(static_cast<Object>(i));
  }
  ShowFirstCopies();
  if (missile0_look_ != MissileLook::kPlain) Changed(kM0);
  missile0_look_ = MissileLook::kPlain;
  stars_ = false;
  last_hmove_ = clock;
}

void Beam::Poke(int clock, uint8_t tia_register, uint8_t value, uint8_t* pixels) {
  const int delay = kDelays[tia_register];
  if (delay >= 0) {
    AdvanceTo(clock + delay, pixels);
  } else if (delay == kPlayfieldDelay) {
    const auto cycle = static_cast<size_t>(LineClock(clock) / 3);
    AdvanceTo(clock + kPlayfieldDelays[cycle & 3], pixels);
  } else if (delay == kColour && pixels != nullptr) {
    AdvanceTo(clock, pixels);
  } else {
    Touch(clock, pixels);
  }
  switch (tia_register) {
    case kVblank:
      vblank_ = value;
      break;
    case kNusiz0:
      players_[0].nusiz = value;
      players_[0].first_copy = true;
      missile0_look_ = MissileLook::kPlain;
      Changed(kP0);
      Changed(kM0);
      break;
    case kNusiz1:
      players_[1].nusiz = value;
      players_[1].first_copy = true;
      Changed(kP1);
      Changed(kM1);
      break;
    case kColup0:
    case kColup1:
      players_[tia_register - kColup0].colour = Colour(value);
      break;
    case kColupf:
      playfield_colour_ = Colour(value);
      break;
    case kColubk:
      background_colour_ = Colour(value);
      break;
    case kCtrlpf:
      ctrlpf_ = value;
      // Past the middle, the mirror is turned at the end of the line.
      if (LineClock(clock) < kHblank + kLinePixels / 2 - 1) {
        playfield_mirrored_ = (value & 1) != 0;
        Changed(kPlayfield);
      }
      Changed(kBall);
      break;
    case kRefp0:
    case kRefp1:
      players_[tia_register - kRefp0].reflected = (value & 8) != 0;
      UpdatePlayer(tia_register - kRefp0);
      break;
    case kPf0:
      SetPlayfield(value >> 4, 0xf);
      break;
    case kPf1:
      SetPlayfield(uint32_t{kMirrored[value]} << 4, 0xff0);
      break;
    case kPf2:
      SetPlayfield(uint32_t{value} << 12, 0xff000);
      break;
    case kResp0:
    case kResp1:
      ResetPlayer(tia_register - kResp0, clock, pixels);
      break;
    case kResm0:
      positions_[kM0] = PositionOfMissile0(clock);
      missile0_look_ = MissileLook::kPlain;
      Changed(kM0);
      break;
    case kResm1:
      positions_[kM1] = PositionOfMissile1(clock);
      Changed(kM1);
      break;
    case kResbl:
      positions_[kBall] = PositionOfBall(clock);
      Changed(kBall);
      break;
    case kGrp0:
      players_[0].graphics = value;
      players_[1].delayed_graphics = players_[1].graphics;
      UpdatePlayer(0);
      if (players_[1].vertical_delay) UpdatePlayer(1);
      break;
    case kGrp1:
      players_[1].graphics = value;
      players_[0].delayed_graphics = players_[0].graphics;
      delayed_ball_enabled_ = ball_enabled_;
      UpdatePlayer(1);
      if (players_[0].vertical_delay) UpdatePlayer(0);
      if (ball_vertical_delay_) UpdateBall();
      break;
    case kEnam0:
    case kEnam1:
      players_[tia_register - kEnam0].missile_enabled = (value & 2) != 0;
      UpdateMissile(tia_register - kEnam0);
      break;
    case kEnabl:
      ball_enabled_ = (value & 2) != 0;
      UpdateBall();
      break;
    case kHmm0:
      if (clock == last_hmove_ + 21 * 3 && motions_[kM0] == 7 && value >> 4 == 6) {
        AdvanceTo(clock, pixels);
        stars_ = true;
        star_phase_ = 0;
      }
      motions_[kM0] = value >> 4;
      break;
    case kHmp0:
      motions_[kP0] = value >> 4;
      break;
    case kHmp1:
      motions_[kP1] = value >> 4;
      break;
    case kHmm1:
      motions_[kM1] = value >> 4;
      break;
    case kHmbl:
      motions_[kBall] = value >> 4;
      break;
    case kVdelp0:
    case kVdelp1:
      players_[tia_register - kVdelp0].vertical_delay = (value & 1) != 0;
      UpdatePlayer(tia_register - kVdelp0);
      break;
    case kVdelbl:
      ball_vertical_delay_ = (value & 1) != 0;
      UpdateBall();
      break;
    case kResmp0:
    case kResmp1:
      ReleaseMissile(tia_register - kResmp0, value);
      break;
    case kHmove:
      Move(clock);
      break;
    case kHmclr:
      motions_ = {};
      break;
    case kCxclr:
      collisions_ = 0;
      break;
    default:
      break;
  }
}

}  // namespace dne
