// SPDX-License-Identifier: MIT
// Random numbers from identity: every draw is a function of who asks and how often it asked
// before, never of when. Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011) with the run seed as key and (block, item, generation, purpose) as counter.
#pragma once

#include <array>
#include <cstdint>

namespace dne {

// What a stream is for. The numbers are part of every stored run: append, never renumber.
enum class Purpose : uint32_t {
  kFounder = 1,
  kMutation = 2,
  kParentChoice = 3,
  kTrainEpisode = 4,
  kValidationEpisode = 5,
  kTestEpisode = 6,
  kEvaluateEpisode = 7,
  kBenchmark = 8,
  kStickyActions = 9,
  kInitialState = 10,
  kCentreChoice = 11,
  kObservationShare = 12,
  kReferenceBatch = 13,
  kActionNoise = 14,
  kPerturbation = 15,
  kArchiveEntry = 16,
  kRemovalChoice = 17,
  kMiniBatch = 18,
  kBucketChoice = 19,
  kGradientNoise = 20,
};
inline constexpr Purpose kLastPurpose = Purpose::kGradientNoise;

struct StreamId {
  uint64_t seed = 0;
  uint32_t generation = 0;
  uint32_t item = 0;
  Purpose purpose = Purpose::kFounder;

  bool operator==(const StreamId&) const = default;
};

// Block `block` of the stream: four independent 32-bit words.
std::array<uint32_t, 4> PhiloxBlock(const StreamId& id, uint32_t block);

// Draws one after the other from a stream. A value: copying it copies the position.
class Stream {
 public:
  explicit Stream(const StreamId& id) : id_(id) {}

  const StreamId& id() const { return id_; }

  uint32_t Next32();
  uint64_t Next64();  // the first word drawn is the low half
  // Uniform in 0..bound-1, exactly (rejection). bound >= 1.
  uint32_t Below(uint32_t bound);
  // Uniform in [0, 1): 24 random bits.
  float NextFloat();

 private:
  StreamId id_;
  uint32_t block_ = 0;
  uint32_t used_ = 4;
  std::array<uint32_t, 4> words_{};
};

}  // namespace dne
