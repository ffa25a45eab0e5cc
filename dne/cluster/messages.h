// SPDX-License-Identifier: MIT
// What ranks tell each other (docs/formats-wire.md). Plans, jobs and results travel in their form
// as bytes: genomes of some hundred bytes, starts of episodes, scores and behaviours.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "dne/plan/centre.h"
#include "dne/plan/job.h"
#include "dne/plan/plan.h"

namespace dne {

// --- From others to rank 0
// ------------------------------------------------------------------------

// The first word. Its form never changes, so that any two versions understand each other so far.
struct HelloMessage {
  std::string program;  // what it is, in words: all ranks must be the same
  std::string host;     // the machine it runs on
  bool operator==(const HelloMessage&) const = default;
};

struct ReadyMessage {
  uint32_t threads = 0;
  std::string mistake;  // why it cannot evaluate; empty: it can
  bool operator==(const ReadyMessage&) const = default;
};

// It has neither the centre nor the one before.
struct WantCentreMessage {
  Birth centre;
  bool operator==(const WantCentreMessage&) const = default;
};

struct DoneMessage {
  uint64_t plan = 0;
  uint64_t share = 0;
  double seconds = 0;  // of one thread, decoding included
  std::vector<JobResult> results;
  bool operator==(const DoneMessage&) const = default;
};

// An exception ended a share.
struct FailedMessage {
  bool is_bug = false;
  std::string text;
  bool operator==(const FailedMessage&) const = default;
};

// What was dropped is dropped: it waits for work.
struct HereMessage {
  bool operator==(const HereMessage&) const = default;
};

// --- From rank 0 to others
// ------------------------------------------------------------------------

struct BeginMessage {
  int threads = 0;             // 0: all processors
  std::string isa;             // empty: the fastest
  std::vector<uint8_t> setup;  // what is evaluated: the caller's affair
  bool operator==(const BeginMessage&) const = default;
};

// A plan without its items, which follow with their shares. Those of plans before are dropped.
struct PlanMessage {
  uint64_t number = 0;
  uint32_t num_items = 0;
  std::vector<uint8_t> plan;  // EncodePlan
  bool operator==(const PlanMessage&) const = default;
};

struct ShareMessage {
  uint64_t plan = 0;
  uint64_t share = 0;
  std::vector<uint8_t> part;  // EncodePlan, with the share's items only, in the order of their jobs
  std::vector<Job> jobs;      // of items as the whole plan numbers them
  bool operator==(const ShareMessage&) const = default;
};

// How a centre moves, as soon as that is known: whoever has it makes the next one.
struct MoveMessage {
  CentreMove move;
};

struct CentreMessage {
  WholeCentre whole;
};

// The plan is done with: what is left of its shares is not wanted.
struct DropMessage {
  bool operator==(const DropMessage&) const = default;
};

struct EndMessage {
  bool operator==(const EndMessage&) const = default;
};

// The first two stay where they are: other versions know them.
using RankMessage =
    std::variant<HelloMessage, EndMessage, ReadyMessage, WantCentreMessage, DoneMessage,
                 FailedMessage, BeginMessage, PlanMessage, ShareMessage, MoveMessage, CentreMessage,
                 DropMessage, HereMessage>;

std::vector<uint8_t> EncodeMessage(const RankMessage& message);
// Throws Error where the bytes are no message of this version.
RankMessage DecodeMessage(std::span<const uint8_t> bytes);

}  // namespace dne
