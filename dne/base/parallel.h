// SPDX-License-Identifier: MIT
// Work that is the same in any order, spread over threads by whoever has them.
#pragma once

#include <cstddef>
#include <functional>

namespace dne {

// Calls body(0) .. body(count - 1), each once, in any order and on any thread; blocks until all
// are done. Bodies write to different places, so the order never shows in a result. An exception
// of a body is rethrown on the caller's thread, after all have stopped.
using ParallelFor = std::function<void(size_t count, const std::function<void(size_t)>& body)>;

// On the caller's thread.
void SerialFor(size_t count, const std::function<void(size_t)>& body);

// On `threads` threads, started anew for each call; with one, on the caller's.
ParallelFor ThreadsFor(int threads);

}  // namespace dne
