// SPDX-License-Identifier: MIT
// A network on a device: many members of a population, each on observations of its own, at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "dne/genome/perturbation.h"
#include "dne/genome/policy_layout.h"
#include "dne/gpu/queue.h"
#include "dne/nn/network.h"

namespace dne::gpu {

// The images of a task, on the device. Shared by all that look at them.
class Images {
 public:
  // Throws Error where the device's memory does not suffice.
  Images(Queue& queue, std::span<const uint8_t> pixels) : pixels_(queue) {
    pixels_.Assign(pixels);
    queue.Wait();  // others have queues of their own
  }
  const uint8_t* data() { return pixels_.data(); }

 private:
  Buffer<uint8_t> pixels_;
};

struct Member {
  uint32_t parent = 0;
  std::optional<Noise> noise;  // none: the parent itself
};

// Up to 32 images that one member looks at.
struct Look {
  uint32_t member = 0;  // of those that are held
  Images* set = nullptr;
  std::span<const uint32_t> images;
};

// What members see.
enum class Sights {
  kImages,  // images of a set that is on the device: Looks
  kRows     // numbers that come from the processor, of networks of dense layers
};

// Private to one thread, as its queue is.
class Population {
 public:
  // The network must outlive it; `layout` is its policies'. `memory`: bytes of the device that it
  // may take. Throws Error, saying what would fit, where one member and a Look, or a row, need
  // more.
  Population(const Network& network, const PolicyLayout& layout, Queue& queue, size_t memory,
             Sights sights = Sights::kImages);
  ~Population();

  // How many members it holds at most, and how many Looks, or rows, it runs at a time, at most.
  size_t max_members() const;
  size_t max_looks() const;

  // Whose children are to be made, and how they differ: a policy, or a centre with its spreads,
  // each. They are copied to the device.
  void SetParents(std::span<const std::span<const float>> parents,
                  const PerturbationSpec& perturbation);

  // Makes these members, at most max_members(), of a kind that IsDrawn where they have noise. A
  // pair (the same noise, turned round) is drawn once where its halves follow each other. Members
  // of low rank, all or none of them, are held as their factors; their parents are then one and the
  // same.
  void Hold(std::span<const Member> members);

  // The outputs of each look, at most max_looks() of them: 32 rows of num_outputs, those behind its
  // last image being anything. Blocks. Bit for bit what a Forward (dne/nn/forward.h) gives.
  void Run(std::span<const Look> looks, std::span<float> outputs);
  // Likewise the outputs of rows of inputs, one after the other; row i is what members[i] sees.
  void Run(std::span<const uint32_t> members, std::span<const float> rows,
           std::span<float> outputs);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace dne::gpu
