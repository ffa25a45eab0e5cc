// SPDX-License-Identifier: MIT
// Members of a cloud as a run's store packs them, as they are and packed by the target, so that
// zlib's checksum lets them pass. The first two bytes say of how many members.
#include <zlib.h>

#include <vector>

#include "dne/store/packed_trials.h"
#include "fuzz/fuzz.h"

namespace {

void Unpack(std::span<const uint8_t> bytes, uint32_t count) {
  dne::ExpectAnswer([&] {
    std::vector<dne::TrialRecord> trials;
    dne::UnpackTrials(bytes, count, {}, trials);
    DNE_CHECK(trials.size() == count);
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const uint32_t count = data[0] + 256u * data[1];
  Unpack({data + 2, size - 2}, count);
  uLongf packed_size = compressBound(size - 2);
  std::vector<uint8_t> packed(packed_size);
  if (compress(packed.data(), &packed_size, data + 2, size - 2) != Z_OK) return 0;
  Unpack(std::span(packed).first(packed_size), count);
  return 0;
}
