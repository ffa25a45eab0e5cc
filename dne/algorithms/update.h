// SPDX-License-Identifier: MIT
// The contract of an update: how a search distribution follows what its members came to. ES, PGPE
// and SNES are updates; each centre of a meta-population has one of its own.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "dne/algorithms/cloud.h"
#include "dne/algorithms/optimizer.h"
#include "dne/algorithms/rounds.h"
#include "dne/base/bytes.h"
#include "dne/genome/perturbation.h"
#include "dne/genome/policy_layout.h"

namespace dne {

class Update {
 public:
  virtual ~Update() = default;

  // How members differ from their centre. Where it has spreads, all begin at 1.
  virtual PerturbationSpec perturbation() const { return {}; }

  // Whether Score reads CloudResults::sign_sums.
  virtual bool reads_reward_signs() const { return false; }
  // One score a member. Throws Error where a fitness has no place among the others.
  virtual std::vector<double> Score(const CloudResults& members) const = 0;

  // Moves the parameters, and spreads, of `centre`, which the members were tried around, and says
  // by how much. `scores` are those of Score, with novelty mixed in where it is sought. The same
  // bits for any threads.
  virtual void Move(const CloudNoise& noise, std::span<const double> scores,
                    const PolicyParts<float>& centre, Metrics& metrics) = 0;

  // False where what is remembered between moves ran away.
  virtual bool IsFinite() const { return true; }
  // Names of the options that make its steps shorter, for the user whose numbers ran away.
  virtual std::string_view step_options() const = 0;

  // What Move leaves behind.
  virtual void Save(ByteWriter&) const {}
  virtual void Restore(ByteReader&) {}
};

// What updates tell of their moves: gradient_norm is the caller's.
double Norm(std::span<const float> values);
void DescribeStep(const StepNorms& norms, Metrics& metrics);
void DescribeSpreads(float sigma, std::span<const float> spreads, Metrics& metrics);

// Makes a centre's update at its beginning, for so many parameters.
using UpdateMaker = std::function<std::unique_ptr<Update>(size_t num_parameters)>;

}  // namespace dne
