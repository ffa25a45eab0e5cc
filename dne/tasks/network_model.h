// SPDX-License-Identifier: MIT
// How a network's outputs follow from its parameters, for safe mutations. Who sees what is the
// task's to say.
#pragma once

#include "dne/genome/output_model.h"
#include "dne/nn/sensitivity.h"

namespace dne {

class NetworkModel : public OutputModel {
 public:
  // The network must outlive it. Throws Error where it has no sensitivities.
  NetworkModel(const Network& network, Isa isa) : sensitivity_(network, isa) {}

  void SumSensitivity(std::span<float> out) final { sensitivity_.Sum(out); }
  void AbsSensitivity(std::span<float> out) final { sensitivity_.Abs(out); }
  void SecondOrderSensitivity(std::span<const float> direction, std::span<float> out) final {
    sensitivity_.SecondOrder(direction, out);
  }
  double Divergence(std::span<const float> child) final { return sensitivity_.Divergence(child); }

 protected:
  // What SetParent comes to.
  void SetExperiences(std::span<const float> parameters, const Experiences& experiences) {
    sensitivity_.SetExperiences(parameters, experiences);
  }

 private:
  OutputSensitivity sensitivity_;
};

}  // namespace dne
