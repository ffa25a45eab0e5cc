// SPDX-License-Identifier: MIT
// Members of a cloud in few bytes: a round of ten thousand is one row of a table, not twenty
// thousand. The format is in docs/formats-store.md. Private to the store.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dne/store/run_writer.h"

namespace dne {

// How many trials from the first one on can be packed as one: members of a cloud of one round, one
// after the other. 0: the first one is none.
size_t CountMembers(std::span<const TrialRecord> trials);

// Of as many as CountMembers says. Keeps every bit but generation, round and the first index.
std::vector<uint8_t> PackTrials(std::span<const TrialRecord> trials);

// Appends `count` trials of this generation and round, from index `first` on. Throws Error for
// bytes that PackTrials did not make.
void UnpackTrials(std::span<const uint8_t> bytes, uint32_t count, const TrialRecord& first,
                  std::vector<TrialRecord>& trials);

}  // namespace dne
