// SPDX-License-Identifier: MIT
// Networks in double precision, as plainly as can be: what derivatives are held to.
#pragma once

#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "dne/nn/network.h"

namespace dne {

using Doubles = std::vector<double>;

inline double PlainActivation(Activation activation, double x) {
  switch (activation) {
    case Activation::kRelu:
      return std::max(x, 0.0);
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kSelu:
      return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * std::expm1(x));
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kLinear:
      return x;
  }
  return x;
}

inline double PlainSigmoid(double x) { return PlainActivation(Activation::kSigmoid, x); }

class PlainNetwork {
 public:
  PlainNetwork(const Network& network, Doubles parameters)
      : network_(network), parameters_(std::move(parameters)), states_(network.layers().size()) {
    Forget();
  }

  void Forget() {
    for (size_t i = 0; i < states_.size(); ++i) {
      const auto units = static_cast<size_t>(network_.layers()[i].spec.units);
      states_[i] = {Doubles(units), Doubles(units)};
    }
  }

  Doubles Step(Doubles x) {
    std::vector<Doubles> outputs;
    for (size_t i = 0; i < network_.layers().size(); ++i) {
      const Layer& layer = network_.layers()[i];
      x = Evaluate(layer, x, states_[i]);
      if (layer.skip_from) {
        for (size_t j = 0; j < x.size(); ++j) x[j] += outputs[*layer.skip_from][j];
      }
      outputs.push_back(x);
    }
    return x;
  }

 private:
  struct State {
    Doubles h;
    Doubles c;
  };

  Doubles Affine(const AffineMap& map, const Doubles& x) const {
    Doubles y(map.outputs);
    for (size_t o = 0; o < map.outputs; ++o) {
      y[o] = parameters_[map.biases + o];
      for (size_t i = 0; i < map.inputs; ++i) {
        y[o] += x[i] * parameters_[map.weights + i * map.outputs + o];
      }
    }
    return y;
  }

  static Doubles Activated(const Layer& layer, Doubles x) {
    for (double& value : x) value = PlainActivation(layer.spec.activation, value);
    return x;
  }

  Doubles Evaluate(const Layer& layer, const Doubles& x, State& state) const {
    switch (layer.spec.type) {
      case LayerType::kConv2d:
        return Activated(layer, Convolve(layer, x));
      case LayerType::kDense:
        return Activated(layer, Affine(layer.map, x));
      case LayerType::kAveragePool:
        return Average(layer, x);
      case LayerType::kMaxPool:
        return TakeLargest(layer, x);
      default:
        return Recur(layer, Affine(layer.map, x), Affine(layer.state_map, state.h), state);
    }
  }

  Doubles Convolve(const Layer& layer, const Doubles& x) const {
    Doubles y;
    for (int row = 0; row < layer.output.height; ++row) {
      for (int column = 0; column < layer.output.width; ++column) {
        const Doubles sums = Affine(layer.map, Patch(layer, x, row, column));
        y.insert(y.end(), sums.begin(), sums.end());
      }
    }
    return y;
  }

  static Doubles Patch(const Layer& layer, const Doubles& x, int row, int column) {
    Doubles patch;
    for (int ky = 0; ky < layer.spec.kernel; ++ky) {
      for (int kx = 0; kx < layer.spec.kernel; ++kx) {
        const int y = row * layer.spec.stride + ky - layer.pad_top;
        const int left = column * layer.spec.stride + kx - layer.pad_left;
        const bool inside =
            y >= 0 && y < layer.input.height && left >= 0 && left < layer.input.width;
        for (int c = 0; c < layer.input.channels; ++c) {
          const int at = (y * layer.input.width + left) * layer.input.channels + c;
          patch.push_back(inside ? x[static_cast<size_t>(at)] : 0);
        }
      }
    }
    return patch;
  }

  static Doubles TakeLargest(const Layer& layer, const Doubles& x) {
    const auto channels = static_cast<size_t>(layer.input.channels);
    Doubles y;
    for (int row = 0; row < layer.output.height; ++row) {
      for (int column = 0; column < layer.output.width; ++column) {
        const Doubles patch = Patch(layer, x, row, column);
        for (size_t c = 0; c < channels; ++c) {
          double most = patch[c];
          for (size_t i = c; i < patch.size(); i += channels) most = std::max(most, patch[i]);
          y.push_back(most);
        }
      }
    }
    return y;
  }

  static Doubles Average(const Layer& layer, const Doubles& x) {
    const auto channels = static_cast<size_t>(layer.input.channels);
    Doubles y(channels);
    for (size_t i = 0; i < x.size(); ++i) {
      y[i % channels] += x[i] / static_cast<double>(layer.input.positions());
    }
    return y;
  }

  // The formulas of PyTorch's documentation. a: from the input, b: from the state.
  static Doubles Recur(const Layer& layer, const Doubles& a, const Doubles& b, State& state) {
    const auto units = static_cast<size_t>(layer.spec.units);
    for (size_t j = 0; j < units; ++j) {
      const auto both = [&](size_t gate) { return a[gate * units + j] + b[gate * units + j]; };
      if (layer.spec.type == LayerType::kRnn) {
        state.h[j] = std::tanh(both(0));
      } else if (layer.spec.type == LayerType::kGru) {
        const double r = PlainSigmoid(both(0));
        const double z = PlainSigmoid(both(1));
        const double n = std::tanh(a[2 * units + j] + r * b[2 * units + j]);
        state.h[j] = (1 - z) * n + z * state.h[j];
      } else {
        const double i = PlainSigmoid(both(0));
        const double f = PlainSigmoid(both(1));
        const double g = std::tanh(both(2));
        const double o = PlainSigmoid(both(3));
        state.c[j] = f * state.c[j] + i * g;
        state.h[j] = o * std::tanh(state.c[j]);
      }
    }
    return state.h;
  }

  const Network& network_;
  Doubles parameters_;
  std::vector<State> states_;
};

}  // namespace dne
