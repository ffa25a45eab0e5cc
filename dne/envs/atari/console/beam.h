// SPDX-License-Identifier: MIT
// What the television interface adaptor (TIA) of the Atari 2600 puts on the screen: its registers,
// how far the beam is, and which objects have met. It draws nothing before it must: objects are
// kept as the bits of a scan line, so that a collision is a common bit, and pixels are painted only
// where somebody will look at them. The behaviour, known faults included, is that of ALE's TIA
// (Stella 2.2).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "dne/envs/atari/console/scan_line.h"

namespace dne {

inline constexpr int kFrameRows = 300;  // more than any game shows
inline constexpr size_t kFramePixels = size_t{kLinePixels} * kFrameRows;

// The registers for writing, at their addresses.
enum TiaRegister : uint8_t {
  kVsync,
  kVblank,
  kWsync,
  kRsync,
  kNusiz0,
  kNusiz1,
  kColup0,
  kColup1,  //
  kColupf,
  kColubk,
  kCtrlpf,
  kRefp0,
  kRefp1,
  kPf0,
  kPf1,
  kPf2,  //
  kResp0,
  kResp1,
  kResm0,
  kResm1,
  kResbl,
  kAudc0,
  kAudc1,
  kAudf0,  //
  kAudf1,
  kAudv0,
  kAudv1,
  kGrp0,
  kGrp1,
  kEnam0,
  kEnam1,
  kEnabl,  //
  kHmp0,
  kHmp1,
  kHmm0,
  kHmm1,
  kHmbl,
  kVdelp0,
  kVdelp1,
  kVdelbl,  //
  kResmp0,
  kResmp1,
  kHmove,
  kHmclr,
  kCxclr
};

// Times are in colour clocks since the system's cycles were last reset: three to a cycle, 228 to a
// line. Trivially copyable: a copy goes on by itself. Where a function takes `pixels`, the frame is
// painted there; with null its pixels are left alone and everything else is the same.
class Beam {
 public:
  static constexpr int kClocksPerLine = 228;
  static constexpr int kHblank = 68;  // clocks before the first visible pixel

  // What the console and the cartridge's properties say; lines are of the frame.
  struct Television {
    int first_line;
    int lines;
    bool loses_colour;  // PAL after a frame of odd lines
    bool blanks_hmove;
  };

  // As powered on at that time.
  void Reset(const Television& television, int clock);
  // A new frame, when the system's cycles are about to be reset: the line goes on at its place.
  // `last_lines` is how many lines the frame before had.
  void StartFrame(int clock, int last_lines);
  // Time is about to go back by so many clocks.
  void ShiftTime(int clocks);

  void Poke(int clock, uint8_t tia_register, uint8_t value, uint8_t* pixels);
  // Brings collisions up to that time.
  void Peek(int clock, uint8_t* pixels) { AdvanceTo(clock, pixels); }
  // Notes an access that shows nothing and asks for nothing.
  void Touch(int clock, uint8_t* pixels) {
    // What blanks a line is painted ahead of the beam, by how far depends on each access.
    if (hmove_blank_ && pixels != nullptr) {
      AdvanceTo(clock, pixels);
    } else {
      touched_ = clock;
    }
  }
  // Draws up to the last access. Others than StartFrame need it only before somebody looks at
  // pixels.
  void CatchUp(uint8_t* pixels) { AdvanceTo(touched_, pixels); }

  // The upper two bits of the collision register at the address 0 <= address < 8.
  uint8_t Collisions(int address) const {
    return static_cast<uint8_t>((collisions_ >> 2 * address & 3) << 6);
  }

  int ClockOfFrame(int clock) const { return clock - frame_start_; }
  int frame_start() const { return frame_start_; }
  int last_update() const { return last_update_; }
  // No pixel of this frame at or after this one has been written; exact in painted frames.
  int painted_end() const { return painted_end_; }
  // All pixels before this one have been passed.
  int passed() const;
  // None at or after this one has been touched, not even by what the chip paints ahead of the beam.
  int reach() const { return (row_ + 1) * kLinePixels; }

 private:
  enum Object { kP0, kP1, kM0, kM1, kBall, kPlayfield };
  static constexpr size_t kObjects = 6;
  static constexpr size_t kMovingObjects = 5;
  // The Cosmic Ark stars: a missile whose motion never stops is stretched on one line and hidden on
  // the next.
  enum class MissileLook : uint8_t { kPlain, kStretched, kHidden };

  struct Player {
    uint8_t nusiz;
    uint8_t colour;
    uint8_t graphics;
    uint8_t delayed_graphics;
    uint8_t shown;  // of the two above, by delay and reflection, the leftmost pixel lowest
    bool vertical_delay;
    bool reflected;
    bool first_copy;  // shown; not so in the rest of a line where the position was set anew
    bool missile_enabled;
    bool missile_reset;  // to the player, and hidden
  };

  void AdvanceTo(int clock, uint8_t* pixels) {
    if (clock < display_start_ || last_update_ >= display_end_ || last_update_ >= clock) return;
    Advance(std::min(clock, display_end_), pixels);
  }
  void Advance(int clock, uint8_t* pixels);
  void Draw(int first, int end, uint8_t* pixels);
  void Paint(int first, int end, uint8_t* row);
  bool IsPlayerAt(Object object, int four) const;
  int EndOfFourPixels(int first, int end) const;
  void Collide(int first, int end);
  void BlankAfterHmove(int first, int end, uint8_t* pixels);
  void EndLine();
  void ShowFirstCopies();
  void Renew();
  ScanLine LineOf(Object object) const;

  void Changed(Object object) { stale_ = static_cast<uint8_t>(stale_ | 1u << object); }
  void Enable(Object object, bool on);
  uint8_t ShownGraphics(const Player& player) const;
  void UpdatePlayer(size_t number);
  void UpdateMissile(size_t number);
  void UpdateBall();
  void SetPlayfield(uint32_t bits, uint32_t mask);
  void ResetPlayer(size_t number, int clock, uint8_t* pixels);
  int PositionOfMissile0(int clock) const;
  int PositionOfMissile1(int clock) const;
  int PositionOfBall(int clock) const;
  void ReleaseMissile(size_t number, uint8_t value);
  void Move(int clock);
  uint8_t Colour(uint8_t value) const;
  int LineClock(int clock) const { return ClockOfFrame(clock) % kClocksPerLine; }

  Television television_;

  int frame_start_;
  int display_start_;
  int display_end_;
  int last_update_;
  int line_start_;  // of the line of the last update
  int touched_;
  int row_;  // of the display
  int painted_end_;
  int last_lines_;

  std::array<Player, 2> players_;
  uint8_t playfield_colour_;
  uint8_t background_colour_;
  uint8_t ctrlpf_;
  uint8_t vblank_;
  uint32_t playfield_;  // left half, 20 bits
  bool playfield_mirrored_;
  bool ball_enabled_;
  bool delayed_ball_enabled_;
  bool ball_vertical_delay_;
  MissileLook missile0_look_;
  bool stars_;
  uint8_t star_phase_;
  std::array<int, kMovingObjects> positions_;  // 0 to 159, of the leftmost copy
  std::array<uint8_t, kMovingObjects> motions_;
  int last_hmove_;
  bool hmove_blank_;
  bool blanked_ahead_;  // in the horizontal blank that the beam is in

  uint8_t enabled_;  // a bit for each object
  uint8_t stale_;    // objects whose lines have to be renewed
  uint16_t collisions_;
  std::array<ScanLine, kObjects> lines_;  // empty where not enabled
};

}  // namespace dne
