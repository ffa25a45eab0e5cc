// SPDX-License-Identifier: MIT
#include "dne/envs/atari/video_chip.h"

#include <ale/emucore/TIA.hxx>

namespace dne {

static_assert(kVideoFrameBytes == kFramePixels);

struct VideoState {
  ale::stella::TIA::State chip;
};

bool HasUnfinishedFrame(const ale::stella::TIA& tia) { return tia.unfinished_frame(); }

std::shared_ptr<const VideoState> SaveVideo(const ale::stella::TIA& tia) {
  return std::make_shared<const VideoState>(VideoState{tia.SaveState()});
}

void RestoreVideo(const VideoState& state, ale::stella::TIA& tia) { tia.RestoreState(state.chip); }

void SetPainting(bool painting, ale::stella::TIA& tia) { tia.set_painting(painting); }

}  // namespace dne
