// SPDX-License-Identifier: MIT
// Plans, jobs and results as bytes, as they are and with the checksum that would let them pass.
#include <vector>

#include "dne/base/bytes.h"
#include "dne/base/digest.h"
#include "dne/plan/wire.h"
#include "fuzz/fuzz.h"

namespace {

using Bytes = std::span<const uint8_t>;

// What is read can be written, and read again as the same.
template <class Encode, class Decode>
void ReadAs(Bytes bytes, const Encode& encode, const Decode& decode) {
  dne::ExpectAnswer([&] {
    const std::vector<uint8_t> written = encode(decode(bytes));
    DNE_CHECK(encode(decode(written)) == written);
  });
}

void Read(Bytes bytes) {
  ReadAs(bytes, dne::EncodePlan, dne::DecodePlan);
  ReadAs(bytes, dne::EncodeJobs, dne::DecodeJobs);
  ReadAs(bytes, dne::EncodeJobResults, dne::DecodeJobResults);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes bytes(data, size);
  Read(bytes);
  dne::Digest digest;
  digest.AddBytes(bytes);
  dne::ByteWriter checksum;
  checksum.Add(digest.value());
  std::vector<uint8_t> whole(bytes.begin(), bytes.end());
  for (const char c : checksum.Take()) whole.push_back(static_cast<uint8_t>(c));
  Read(whole);
  return 0;
}
