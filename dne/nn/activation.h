// SPDX-License-Identifier: MIT
// What units do with their sum, one number at a time; the vector kernels follow it operation by
// operation. NaN stays NaN.
#pragma once

#include <cmath>

#include "dne/nn/network.h"
#include "dne/nn/tanh.h"

namespace dne {

// SELU (Klambauer et al., 1706.02515): scale * x, or scale * alpha * (exp(x) - 1) for x <= 0.
inline constexpr float kSeluScale = 1.0507009873554805f;
inline constexpr float kSeluScaleAlpha = 1.7580993408473768f;

// 1 / (1 + exp(-x)) by tanh. Absolute error below 5e-7.
DNE_ANYWHERE float Sigmoid(float x) { return std::fma(0.5f, Tanh(0.5f * x), 0.5f); }

// For x <= 0 exp(x) - 1 is 2 t / (1 - t) where t = tanh(x / 2): nothing cancels near 0. Absolute
// error below 2e-6.
DNE_ANYWHERE float Selu(float x) {
  if (x > 0) return kSeluScale * x;
  const float t = Tanh(0.5f * x);
  return kSeluScaleAlpha * ((t + t) / (1.0f - t));
}

DNE_ANYWHERE float Activate(Activation activation, float x) {
  switch (activation) {
    case Activation::kRelu:
      return x > 0 ? x : 0.0f;
    case Activation::kTanh:
      return Tanh(x);
    case Activation::kSelu:
      return Selu(x);
    case Activation::kSigmoid:
      return Sigmoid(x);
    case Activation::kLinear:
      return x;
  }
  return x;
}

// The slope of an activation, from its value.
[[gnu::always_inline]] inline float Slope(Activation activation, float y) {
  switch (activation) {
    case Activation::kRelu:
      return y > 0 ? 1.0f : 0.0f;
    case Activation::kTanh:
      return 1.0f - y * y;
    case Activation::kSelu:
      return y > 0 ? kSeluScale : y + kSeluScaleAlpha;
    case Activation::kSigmoid:
      return y * (1.0f - y);
    case Activation::kLinear:
      return 1.0f;
  }
  return 1.0f;
}

}  // namespace dne
