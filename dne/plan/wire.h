// SPDX-License-Identifier: MIT
// Plans, jobs and their results as bytes, to be kept or sent (docs/formats-wire.md): versioned,
// with a checksum at the end. What is decoded equals what was encoded, bit for bit. Decoding throws
// Error for bytes that are cut off, damaged, of another kind or of another version.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "dne/base/bytes.h"
#include "dne/plan/job.h"
#include "dne/plan/plan.h"

namespace dne {

// An individual's address within a message.
void AddBirth(Birth birth, ByteWriter& out);
Birth ReadBirth(ByteReader& in);

// Without weights: of centres only the addresses, so that decoded ones have no parameters.
std::vector<uint8_t> EncodePlan(const Plan& plan);
Plan DecodePlan(std::span<const uint8_t> bytes);

std::vector<uint8_t> EncodeJobs(std::span<const Job> jobs);
std::vector<Job> DecodeJobs(std::span<const uint8_t> bytes);

std::vector<uint8_t> EncodeJobResults(std::span<const JobResult> results);
std::vector<JobResult> DecodeJobResults(std::span<const uint8_t> bytes);

}  // namespace dne
