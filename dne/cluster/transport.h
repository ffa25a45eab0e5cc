// SPDX-License-Identifier: MIT
// Messages between the ranks of a job: numbered processes that began together. Rank 0 decides and
// stores, the others evaluate for it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace dne {

// One message may go to many ranks.
using MessageBytes = std::shared_ptr<const std::vector<uint8_t>>;

struct Message {
  int from = 0;
  std::vector<uint8_t> bytes;
};

// Used by one thread of each rank.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;

  // Returns at once. What goes to a lost rank is dropped.
  virtual void Send(int to, MessageBytes bytes) = 0;
  // The next message that has come, if any; those of one sender in the order in which it sent them.
  // Moves what is being sent on, so that it must be called now and then.
  virtual std::optional<Message> Receive() = 0;
  // Ranks that died, as far as it is known by now. Of an MPI that knows no failures, none ever.
  virtual std::set<int> Lost() = 0;
};

}  // namespace dne
