// SPDX-License-Identifier: MIT
#include "dne/episode/descriptor.h"

#include "dne/base/bytes.h"

namespace dne {

std::vector<uint8_t> DescriptorFromPoint(std::span<const double> point) {
  ByteWriter out;
  for (const double coordinate : point) out.Add(coordinate);
  const std::string bytes = out.Take();
  return {bytes.begin(), bytes.end()};
}

std::vector<double> PointFromDescriptor(std::span<const uint8_t> descriptor) {
  constexpr size_t kSize = sizeof(double);
  ByteReader in({reinterpret_cast<const char*>(descriptor.data()), descriptor.size()});
  std::vector<double> point((descriptor.size() + kSize - 1) / kSize);
  for (double& coordinate : point) coordinate = in.ReadDouble();
  return point;
}

std::vector<double> BehaviourFromDescriptor(std::span<const uint8_t> descriptor, bool is_bytes) {
  if (is_bytes) return {descriptor.begin(), descriptor.end()};
  return PointFromDescriptor(descriptor);
}

}  // namespace dne
