// SPDX-License-Identifier: MIT
// The processor in the place of a card.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>

#include "dne/gpu/queue_of-inl.h"

namespace dne::gpu {
namespace {

struct RunHere {
  template <class Body>
  void operator()(const Body& body) const {
    const size_t size = body.size();
    DNE_CHECK(size <= UINT32_MAX);
    for (size_t i = 0; i < size; ++i) body(static_cast<uint32_t>(i));
  }
};

class HostQueue final : public QueueOf<RunHere> {
 public:
  explicit HostQueue(std::atomic<size_t>& free) : QueueOf(RunHere{}), free_(free) {}

  // Filled with what is no number: whoever reads before he writes is found out.
  void* Allocate(size_t bytes) override {
    if (bytes > free_) throw Error("the device has no memory left");
    free_ -= bytes;
    void* memory = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
    std::memset(memory, 0xff, bytes);
    sizes_[memory] = bytes;
    return memory;
  }
  void Free(void* memory) override {
    free_ += sizes_.at(memory);
    sizes_.erase(memory);
    std::free(memory);
  }
  void Upload(const void* from, size_t bytes, void* to) override { std::memcpy(to, from, bytes); }
  void Download(const void* from, size_t bytes, void* to) override { std::memcpy(to, from, bytes); }
  void Clear(void* memory, size_t bytes) override { std::memset(memory, 0, bytes); }
  void Wait() override {}

 private:
  std::atomic<size_t>& free_;
  std::map<void*, size_t> sizes_;
};

class HostDevice final : public Device {
 public:
  explicit HostDevice(size_t memory) : free_(memory) {}
  std::string name() const override { return "this processor"; }
  size_t free_memory() const override { return free_; }
  std::unique_ptr<Queue> MakeQueue() const override { return std::make_unique<HostQueue>(free_); }

 private:
  mutable std::atomic<size_t> free_;
};

}  // namespace

std::unique_ptr<Device> MakeHostDevice(size_t memory) {
  return std::make_unique<HostDevice>(memory);
}

}  // namespace dne::gpu
