// SPDX-License-Identifier: MIT
// Found before ALE's header of this name: the television interface adaptor (TIA) as a device of
// ALE's console. What it shows is dne/envs/atari/console/beam.h; here are its place in the system,
// the frames, the ports of the controllers, and saved states.
#pragma once

#include <ale/emucore/Device.hxx>
#include <ale/emucore/MediaSrc.hxx>
#include <ale/emucore/Sound.hxx>
#include <array>
#include <cstdint>
#include <vector>

#include "dne/envs/atari/console/beam.h"

namespace ale::stella {

class Console;
class Settings;

class TIA : public Device, public MediaSource {
 public:
  // All that the sequel depends on, pictures included.
  struct State;

  TIA(const Console& console, Settings& settings);
  ~TIA() override;

  const char* name() const override { return "TIA"; }
  void reset() override;
  void systemCyclesReset() override;
  void install(System& system) override;
  // All but the pictures.
  bool save(Serializer& out) override;
  bool load(Deserializer& in) override;

  uint8_t peek(uint16_t address) override;
  void poke(uint16_t address, uint8_t value) override;

  // One frame, or the instructions that a frame has at most; then the frame is unfinished.
  void update() override;
  bool unfinished_frame() const { return registers_.unfinished_frame; }

  // Frames that begin from now on are painted as they go, or when somebody asks for their pixels.
  // That costs as much again, and changes no pixel.
  void set_painting(bool painting) { painting_ = painting; }

  uint8_t* currentFrameBuffer() const override { return Painted(current_); }
  uint8_t* previousFrameBuffer() const override { return Painted(1 - current_); }
  uint32_t height() const override { return height_; }
  uint32_t width() const override { return dne::kLinePixels; }
  uint32_t scanlines() const override;
  void setSound(Sound& sound) override { sound_ = &sound; }

  State SaveState() const;
  void RestoreState(const State& state);

 private:
  // What came in while a frame was not painted: enough to paint it later.
  struct Access {
    int clock;
    uint8_t tia_register;  // or kRead
    uint8_t value;
  };
  struct Recording {
    dne::Beam start;
    std::vector<Access> accesses;
    int end = 0;  // the last update
    int reach = 0;
  };
  struct Picture {
    std::vector<uint8_t> pixels;
    // What is missing in the pixels: this frame's, and before it that of the frame two before,
    // whose pixels show below the last line of a short frame. The vectors keep their room.
    Recording own;
    Recording beneath;
    bool has_own = false;
    bool has_beneath = false;
  };
  struct Registers {
    dne::Beam beam;
    bool unfinished_frame;
    bool greyed;  // the unfinished frame's rest
    uint8_t vsync;
    uint8_t vblank;
    int vsync_end;
    int lines_of_last_frame;
    int current_line;
    bool dump;
    int dump_end;  // cycle
  };

  int Clock() const;
  uint8_t* Painted(size_t picture) const;
  void ChoosePixels() const;
  static void Replay(const Recording& recording, uint8_t* pixels);
  void PaintBeneath(Picture& picture) const;
  void Note(int clock, uint8_t tia_register, uint8_t value) {
    if (pixels_ == nullptr) {
      pictures_[current_].own.accesses.push_back({clock, tia_register, value});
    }
  }
  void PokeBeyondBeam(int clock, uint8_t tia_register, uint8_t value);
  void StartFrame();
  void EndFrame();
  void GreyOut();
  uint8_t PaddlePort(int port) const;

  const Console& console_;
  Sound* sound_ = nullptr;
  int first_line_ = 0;
  int lines_ = 0;
  uint32_t height_ = 0;
  int clocks_at_most_ = 0;  // of a frame
  bool painting_ = true;

  Registers registers_{};
  mutable std::array<Picture, 2> pictures_;
  size_t current_ = 0;
  mutable uint8_t* pixels_ = nullptr;  // of the current frame, where it is painted as it goes
};

struct TIA::State {
  Registers registers;
  std::array<std::vector<uint8_t>, 2> pixels;  // of the current and the previous frame
};

}  // namespace ale::stella
