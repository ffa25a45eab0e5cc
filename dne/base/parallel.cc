// SPDX-License-Identifier: MIT
#include "dne/base/parallel.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "dne/base/error.h"

namespace dne {

void SerialFor(size_t count, const std::function<void(size_t)>& body) {
  for (size_t i = 0; i < count; ++i) body(i);
}

ParallelFor ThreadsFor(int threads) {
  DNE_CHECK(threads >= 1);
  if (threads == 1) return SerialFor;
  return [threads](size_t count, const std::function<void(size_t)>& body) {
    std::atomic<size_t> next{0};
    std::atomic<bool> stop{false};
    std::mutex mutex;
    std::exception_ptr error;
    {
      std::vector<std::jthread> hands;
      for (int t = 0; t < threads; ++t) {
        hands.emplace_back([&] {
          for (size_t i; !stop && (i = next.fetch_add(1)) < count;) {
            try {
              body(i);
            } catch (...) {
              const std::lock_guard lock(mutex);
              if (!error) error = std::current_exception();
              stop = true;
            }
          }
        });
      }
    }
    if (error) std::rethrow_exception(error);
  };
}

}  // namespace dne
