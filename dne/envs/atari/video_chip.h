// SPDX-License-Identifier: MIT
// What dne asks of the console's video chip, the TIA, beyond what ALE's interface has. Of dne's own
// chip it is in video_chip.cc, of ALE's in video_chip_ale.cc; the CMake option DNE_EMULATOR says
// which is built.
#pragma once

#include <cstddef>
#include <memory>

namespace ale::stella {
class TIA;
}

namespace dne {

inline constexpr size_t kVideoFrameBytes = size_t{160} * 300;  // of each frame buffer

// All of the chip that ALE's saved states leave out, both frames included.
struct VideoState;

// Whether the next update goes on with a frame.
bool HasUnfinishedFrame(const ale::stella::TIA& tia);

std::shared_ptr<const VideoState> SaveVideo(const ale::stella::TIA& tia);
// After ALE has restored the state that it saved at the same time.
void RestoreVideo(const VideoState& state, ale::stella::TIA& tia);

// Whether frames that begin from now on will probably be looked at.
void SetPainting(bool painting, ale::stella::TIA& tia);

}  // namespace dne
