// SPDX-License-Identifier: MIT
// The first graphics card of this machine, by CUDA.
#include <cuda_runtime.h>

#include <string>

#include "dne/gpu/queue_of-inl.h"

namespace dne::gpu {
namespace {

constexpr int kThreads = 128;
constexpr int kRegisters = 65'536;  // of a multiprocessor, of which a thread takes 255 at most

// How many blocks share a multiprocessor at least, so that its threads' waits overlap.
template <class Body>
constexpr int kBlocks = kRegisters / kThreads / (TakesManyRegisters<Body> ? 256 : 128);

void Check(cudaError_t error, const char* what) {
  if (error != cudaSuccess) {
    throw Error(std::string("the graphics card could not ") + what + ": " +
                cudaGetErrorString(error));
  }
}

template <class Body>
__global__ void __launch_bounds__(kThreads, kBlocks<Body>) ForEach(const Body body, uint32_t size) {
  const uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  if (i < size) body(i);
}

struct RunThere {
  cudaStream_t stream;

  template <class Body>
  void operator()(const Body& body) const {
    const size_t size = body.size();
    DNE_CHECK(size <= UINT32_MAX - kThreads);
    if (size == 0) return;
    const auto blocks = static_cast<uint32_t>((size + kThreads - 1) / kThreads);
    ForEach<<<blocks, kThreads, 0, stream>>>(body, static_cast<uint32_t>(size));
    Check(cudaGetLastError(), "begin a job");
  }
};

cudaStream_t MakeStream() {
  cudaStream_t stream = nullptr;
  Check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "make a queue");
  return stream;
}

class CudaQueue final : public QueueOf<RunThere> {
 public:
  explicit CudaQueue(cudaStream_t stream) : QueueOf(RunThere{stream}), stream_(stream) {}
  ~CudaQueue() override { cudaStreamDestroy(stream_); }

  void* Allocate(size_t bytes) override {
    void* memory = nullptr;
    Check(cudaMalloc(&memory, bytes), "give memory");
    return memory;
  }
  void Free(void* memory) override { cudaFree(memory); }

  // From memory that the driver does not know it copies before it returns.
  void Upload(const void* from, size_t bytes, void* to) override {
    Check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_), "be written to");
  }
  void Download(const void* from, size_t bytes, void* to) override {
    Wait();
    Check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_), "be read from");
    Wait();
  }
  void Clear(void* memory, size_t bytes) override {
    Check(cudaMemsetAsync(memory, 0, bytes, stream_), "clear memory");
  }
  void Wait() override { Check(cudaStreamSynchronize(stream_), "do its jobs"); }

 private:
  cudaStream_t stream_;
};

class CudaDevice final : public Device {
 public:
  CudaDevice() {
    int count = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error != cudaSuccess || count == 0) {
      throw Error(
          std::string("--device cuda: this machine has no graphics card that CUDA can use") +
          (error != cudaSuccess ? " (" + std::string(cudaGetErrorString(error)) + ")" : "") +
          ": install the card's driver, or leave the option out");
    }
    Check(cudaGetDeviceProperties(&properties_, 0), "be asked what it is");
    // Whoever waits leaves the processor to others, which step environments meanwhile.
    Check(cudaSetDeviceFlags(cudaDeviceScheduleBlockingSync), "be told how to wait");
  }

  std::string name() const override { return properties_.name; }
  size_t free_memory() const override {
    size_t free = 0;
    size_t all = 0;
    Check(cudaMemGetInfo(&free, &all), "say how much memory is free");
    return free;
  }
  std::unique_ptr<Queue> MakeQueue() const override {
    return std::make_unique<CudaQueue>(MakeStream());
  }

 private:
  cudaDeviceProp properties_{};
};

}  // namespace

std::unique_ptr<Device> MakeCudaDevice() { return std::make_unique<CudaDevice>(); }

}  // namespace dne::gpu
