// SPDX-License-Identifier: MIT
// A position as an episode's descriptor: its coordinates, 8 bytes each, little-endian.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dne {

std::vector<uint8_t> DescriptorFromPoint(std::span<const double> point);
// Throws Error where the bytes end within a coordinate.
std::vector<double> PointFromDescriptor(std::span<const uint8_t> descriptor);
// What a descriptor says as numbers: of byte strings (TaskFacts::has_byte_behaviours) one a byte,
// else the point's.
std::vector<double> BehaviourFromDescriptor(std::span<const uint8_t> descriptor, bool is_bytes);

}  // namespace dne
