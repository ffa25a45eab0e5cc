// SPDX-License-Identifier: MIT
// What the files of the module _core share. Arrays go in and out as NumPy's; the interpreter's lock
// is released where dne computes.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "dne/evaluate/evaluator.h"

namespace dne::python {

namespace nb = nanobind;

void AddAskTell(nb::module_& module);
void AddPolicy(nb::module_& module);
void AddRun(nb::module_& module);

// 0 threads: all processors.
EvaluatorOptions OptionsOf(int threads);

template <class T, size_t kDimensions>
using Array = nb::ndarray<nb::numpy, T, nb::ndim<kDimensions>>;
template <class T, size_t kDimensions>
using ConstArray = nb::ndarray<const T, nb::ndim<kDimensions>, nb::c_contig, nb::device::cpu>;

// An array that owns what the buffer held.
template <class T, size_t kDimensions>
Array<T, kDimensions> ToArray(std::unique_ptr<T[]> values,
                              const std::array<size_t, kDimensions>& shape) {
  T* const data = values.release();
  const nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<T*>(p); });
  return Array<T, kDimensions>(data, kDimensions, shape.data(), owner);
}
template <class T>
Array<T, 1> ToArray(const std::vector<T>& values) {
  std::unique_ptr<T[]> copy(new T[values.size()]);
  std::copy(values.begin(), values.end(), copy.get());
  return ToArray<T, 1>(std::move(copy), {values.size()});
}

}  // namespace dne::python
