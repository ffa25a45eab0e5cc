// SPDX-License-Identifier: MIT
// A queue of jobs on a device. Private to one thread; each worker has one of its own, and those of
// a device run side by side.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "dne/base/error.h"
#include "dne/gpu/jobs.h"

namespace dne::gpu {

class Queue {
 public:
  virtual ~Queue() = default;

  // Bytes of the device's memory, and back. Throws Error where there are not so many.
  virtual void* Allocate(size_t bytes) = 0;
  virtual void Free(void* memory) = 0;

  // Everything below happens in the order of the calls. Download blocks until all before it is
  // done; what is uploaded from may change as soon as the call returns.
  virtual void Upload(const void* from, size_t bytes, void* to) = 0;
  virtual void Download(const void* from, size_t bytes, void* to) = 0;
  virtual void Clear(void* memory, size_t bytes) = 0;
  // Blocks likewise.
  virtual void Wait() = 0;

  virtual void Run(const PerturbJob& job) = 0;
  virtual void Run(const FactorJob& job) = 0;
  virtual void Run(const ObserveJob& job) = 0;
  virtual void Run(const ConvolveJob& job) = 0;
  virtual void Run(const PoolJob& job) = 0;
  virtual void Run(const AverageJob& job) = 0;
  virtual void Run(const DenseJob& job) = 0;
  virtual void Run(const AddJob& job) = 0;
  virtual void Run(const ProjectJob& job) = 0;
  virtual void Run(const OutputsJob& job) = 0;
  virtual void Run(const SumJob& job) = 0;
  virtual void Run(const TermFactorJob& job) = 0;
  virtual void Run(const ProductsJob& job) = 0;
  virtual void Run(const MultiplyAddJob& job) = 0;
};

// Numbers in a device's memory, freed with it; may grow, and forgets them then. The queue must
// outlive it.
template <class T>
class Buffer {
 public:
  explicit Buffer(Queue& queue) : queue_(&queue) {}
  Buffer(Buffer&& other) noexcept
      : queue_(other.queue_),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&&) = delete;
  ~Buffer() {
    if (data_ != nullptr) queue_->Free(data_);
  }

  T* data() { return data_; }
  size_t size() const { return size_; }

  // At least so many.
  void Reserve(size_t size) {
    if (size <= size_) return;
    if (data_ != nullptr) queue_->Free(std::exchange(data_, nullptr));
    size_ = 0;
    data_ = static_cast<T*>(queue_->Allocate(size * sizeof(T)));
    size_ = size;
  }
  void Assign(std::span<const T> values) {
    Reserve(values.size());
    if (!values.empty()) queue_->Upload(values.data(), values.size_bytes(), data_);
  }
  void Clear() { queue_->Clear(data_, size_ * sizeof(T)); }

 private:
  Queue* queue_;
  T* data_ = nullptr;
  size_t size_ = 0;
};

// A card, or what stands for one. Outlives its queues.
class Device {
 public:
  virtual ~Device() = default;

  virtual std::string name() const = 0;
  // Bytes that are free now.
  virtual size_t free_memory() const = 0;
  virtual std::unique_ptr<Queue> MakeQueue() const = 0;
};

// The first card of this machine. Throws Error, saying what is missing, where this build has no
// part for it, and where there is no card or no driver.
std::unique_ptr<Device> MakeCudaDevice();

// This process: runs the jobs' threads one after the other. The same bits, slowly: for tests.
std::unique_ptr<Device> MakeHostDevice(size_t memory);

}  // namespace dne::gpu
