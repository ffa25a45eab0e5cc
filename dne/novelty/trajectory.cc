// SPDX-License-Identifier: MIT
// A packed trajectory is the state size and the number of states (32 bits each, little-endian) and
// one zstd frame with a checksum.
#include "dne/novelty/trajectory.h"

#include <zstd.h>

#include <memory>
#include <string_view>

#include "dne/base/bytes.h"
#include "dne/base/error.h"

namespace dne {
namespace {

constexpr size_t kHeaderBytes = 8;
constexpr int kLevel = 3;
// A block of zstd takes 4 bytes at least and holds 128 KiB at most.
constexpr size_t kMostBytesOfOne = 128 * 1024 / 4;

[[noreturn]] void ThrowDamaged() {
  throw Error("packed trajectory is damaged: restore the run from a copy, or start it anew");
}

struct Header {
  size_t state_size;
  size_t bytes;  // of all states
};

Header ReadHeader(std::span<const uint8_t> packed) {
  if (packed.size() < kHeaderBytes) ThrowDamaged();
  ByteReader reader({reinterpret_cast<const char*>(packed.data()), packed.size()});
  const size_t state_size = reader.Read<uint32_t>();
  const size_t length = reader.Read<uint32_t>();
  if (state_size == 0 || state_size > kMaxStateSize) ThrowDamaged();
  return {state_size, state_size * length};
}

// state[i] ^= previous[i], which do not overlap.
void Xor(size_t size, const uint8_t* __restrict previous, uint8_t* __restrict state) {
  for (size_t i = 0; i < size; ++i) state[i] ^= previous[i];
}

}  // namespace

std::vector<uint8_t> PackTrajectory(std::span<const uint8_t> states, size_t state_size) {
  TrajectoryRecorder recorder(state_size);
  DNE_CHECK(states.size() % state_size == 0);
  for (size_t at = 0; at < states.size(); at += state_size) {
    recorder.Add(states.subspan(at, state_size));
  }
  return recorder.Take();
}

size_t UnpackedBytes(std::span<const uint8_t> packed) { return ReadHeader(packed).bytes; }

Trajectory UnpackTrajectory(std::span<const uint8_t> packed) {
  const auto [state_size, bytes] = ReadHeader(packed);
  const std::span frame = packed.subspan(kHeaderBytes);
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != bytes) ThrowDamaged();
  // A damaged size must not allocate.
  if (bytes / kMostBytesOfOne > frame.size()) ThrowDamaged();
  Trajectory trajectory{.state_size = state_size, .states = std::vector<uint8_t>(bytes)};
  uint8_t* const states = trajectory.states.data();
  if (ZSTD_decompress(states, bytes, frame.data(), frame.size()) != bytes) ThrowDamaged();
  for (size_t at = state_size; at < bytes; at += state_size) {
    Xor(state_size, states + at - state_size, states + at);
  }
  return trajectory;
}

TrajectoryRecorder::TrajectoryRecorder(size_t state_size)
    : state_size_(state_size), previous_(state_size, 0) {
  DNE_CHECK(state_size >= 1 && state_size <= kMaxStateSize);
}

void TrajectoryRecorder::Add(std::span<const uint8_t> state) {
  DNE_CHECK(state.size() == state_size_);
  const size_t at = differences_.size();
  differences_.insert(differences_.end(), state.begin(), state.end());
  Xor(state_size_, previous_.data(), differences_.data() + at);
  previous_.assign(state.begin(), state.end());
}

std::vector<uint8_t> TrajectoryRecorder::Take() {
  const size_t length = differences_.size() / state_size_;
  DNE_CHECK(length <= UINT32_MAX);
  ByteWriter header;
  header.Add(static_cast<uint32_t>(state_size_));
  header.Add(static_cast<uint32_t>(length));
  const std::string head = header.Take();
  std::vector<uint8_t> packed(head.begin(), head.end());
  packed.resize(kHeaderBytes + ZSTD_compressBound(differences_.size()));
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     &ZSTD_freeCCtx);
  DNE_CHECK(context != nullptr);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  const size_t size =
      ZSTD_compress2(context.get(), packed.data() + kHeaderBytes, packed.size() - kHeaderBytes,
                     differences_.data(), differences_.size());
  DNE_CHECK(!ZSTD_isError(size));
  packed.resize(kHeaderBytes + size);
  packed.shrink_to_fit();
  differences_.clear();
  previous_.assign(state_size_, 0);
  return packed;
}

}  // namespace dne
