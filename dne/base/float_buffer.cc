// SPDX-License-Identifier: MIT
#include "dne/base/float_buffer.h"

#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace dne {
namespace {

constexpr size_t kCacheLine = 64;
constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

FloatBuffer::FloatBuffer(size_t size) : size_(size) {
  if (size > PTRDIFF_MAX / sizeof(float)) throw std::bad_alloc();
  const bool large = size * sizeof(float) >= kHugePage;
  const size_t alignment = large ? kHugePage : kCacheLine;
  const size_t bytes = (size * sizeof(float) + alignment - 1) / alignment * alignment;
  floats_.reset(static_cast<float*>(std::aligned_alloc(alignment, bytes)));
  if (bytes > 0 && floats_ == nullptr) throw std::bad_alloc();
#if defined(__linux__)
  if (large) madvise(floats_.get(), bytes, MADV_HUGEPAGE);  // advice only: either way is right
#endif
}

void FloatBuffer::Free::operator()(float* floats) const { std::free(floats); }

}  // namespace dne
