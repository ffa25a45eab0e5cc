// SPDX-License-Identifier: MIT
#include <ale/emucore/TIA.hxx>
#include <algorithm>
#include <cstdint>
#include <vector>

#include "dne/envs/atari/video_chip.h"

namespace ale::stella {

// The television chip's own state files leave out where its sprite masks point, whether a frame
// is unfinished, and the frames. ALE declares this friend and leaves it to us to define.
class TIADebug {
 public:
  struct Hidden {
    bool unfinished_frame;
    bool frame_greyed;
    std::ptrdiff_t frame_position;
    const uint8_t* ball;
    const uint8_t* missile0;
    const uint8_t* missile1;
    const uint8_t* player0;
    const uint8_t* player1;
    const uint32_t* playfield;
    std::vector<uint8_t> current;
    std::vector<uint8_t> previous;
  };

  static bool UnfinishedFrame(const TIA& tia) { return tia.myPartialFrameFlag; }

  // The masks are tables shared by all instances, so their addresses are good in each of them.
  static Hidden Save(const TIA& tia) {
    const uint8_t* current = tia.myCurrentFrameBuffer;
    const uint8_t* previous = tia.myPreviousFrameBuffer;
    return {.unfinished_frame = tia.myPartialFrameFlag,
            .frame_greyed = tia.myFrameGreyed,
            .frame_position = tia.myFramePointer - current,
            .ball = tia.myCurrentBLMask,
            .missile0 = tia.myCurrentM0Mask,
            .missile1 = tia.myCurrentM1Mask,
            .player0 = tia.myCurrentP0Mask,
            .player1 = tia.myCurrentP1Mask,
            .playfield = tia.myCurrentPFMask,
            .current = {current, current + dne::kVideoFrameBytes},
            .previous = {previous, previous + dne::kVideoFrameBytes}};
  }

  static void Restore(const Hidden& hidden, TIA& tia) {
    tia.myPartialFrameFlag = hidden.unfinished_frame;
    tia.myFrameGreyed = hidden.frame_greyed;
    tia.myFramePointer = tia.myCurrentFrameBuffer + hidden.frame_position;
    tia.myCurrentBLMask = hidden.ball;
    tia.myCurrentM0Mask = hidden.missile0;
    tia.myCurrentM1Mask = hidden.missile1;
    tia.myCurrentP0Mask = hidden.player0;
    tia.myCurrentP1Mask = hidden.player1;
    tia.myCurrentPFMask = hidden.playfield;
    std::ranges::copy(hidden.current, tia.myCurrentFrameBuffer);
    std::ranges::copy(hidden.previous, tia.myPreviousFrameBuffer);
  }
};

}  // namespace ale::stella

namespace dne {

using ale::stella::TIADebug;

struct VideoState {
  TIADebug::Hidden hidden;
};

bool HasUnfinishedFrame(const ale::stella::TIA& tia) { return TIADebug::UnfinishedFrame(tia); }

std::shared_ptr<const VideoState> SaveVideo(const ale::stella::TIA& tia) {
  return std::make_shared<const VideoState>(VideoState{TIADebug::Save(tia)});
}

void RestoreVideo(const VideoState& state, ale::stella::TIA& tia) {
  TIADebug::Restore(state.hidden, tia);
}

// It paints all frames.
void SetPainting(bool, ale::stella::TIA&) {}

}  // namespace dne
