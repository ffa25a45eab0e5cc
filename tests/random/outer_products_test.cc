// SPDX-License-Identifier: MIT
// Sums of outer products: held to their definition, whatever the code path and the cuts.
#include "dne/random/outer_products.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "dne/random/normal.h"

namespace dne {
namespace {

std::vector<float> Normals(uint64_t seed, size_t size) {
  std::vector<float> numbers(size);
  FillNormal({.seed = seed}, 0, numbers, Isa::kScalar);
  return numbers;
}

// A block of a matrix whose rows are a little further apart, and factors likewise.
class Outer : public testing::TestWithParam<Isa> {
 protected:
  static constexpr size_t kGap = 3;

  OuterProducts Problem(size_t count, size_t rows, size_t columns) {
    left_ = Normals(1, count * (rows + kGap));
    right_ = Normals(2, count * (columns + kGap));
    base_ = Normals(3, rows * (columns + kGap));
    out_ = std::vector(base_.size(), 5.0f);
    return {.count = count,
            .left = left_.data(),
            .left_stride = rows + kGap,
            .right = right_.data(),
            .right_stride = columns + kGap,
            .rows = rows,
            .columns = columns,
            .base = base_.data(),
            .out = out_.data(),
            .stride = columns + kGap};
  }

  // The header's definition; 5 between the rows.
  static std::vector<float> Expected(const OuterProducts& p) {
    std::vector<float> expected(p.rows * p.stride, 5.0f);
    for (size_t i = 0; i < p.rows; ++i) {
      for (size_t o = 0; o < p.columns; ++o) {
        float& sum = expected[i * p.stride + o];
        sum = p.base[i * p.stride + o];
        for (size_t k = 0; k < p.count; ++k) {
          sum = std::fma(p.left[k * p.left_stride + i], p.right[k * p.right_stride + o], sum);
        }
      }
    }
    return expected;
  }

  std::vector<float> left_, right_, base_, out_;
};

TEST_P(Outer, ProductsAreOneFusedMultiplyAddEachInOrder) {
  for (const size_t count : {0, 1, 4, 65}) {
    for (const size_t rows : {0, 1, 3, 8, 13}) {
      for (const size_t columns : {0, 1, 7, 8, 16, 47, 48, 49, 131}) {
        const OuterProducts p = Problem(count, rows, columns);
        AddOuterProducts(p, GetParam());
        ASSERT_EQ(out_, Expected(p)) << count << " " << rows << " " << columns;
      }
    }
  }
}

TEST_P(Outer, ProductsAreTheSameInPartsAndInPlace) {
  const OuterProducts whole = Problem(9, 11, 70);
  const std::vector<float> expected = Expected(whole);
  std::vector<float> numbers = base_;
  for (const auto& [first, count] : {std::pair<size_t, size_t>{0, 4}, {4, 5}}) {
    for (const auto& [row, rows] : {std::pair<size_t, size_t>{0, 2}, {2, 9}}) {
      OuterProducts part = whole;
      part.count = count;
      part.left += first * whole.left_stride + row;
      part.right += first * whole.right_stride;
      part.rows = rows;
      part.base = part.out = numbers.data() + row * whole.stride;
      AddOuterProducts(part, GetParam());
    }
  }
  for (size_t i = 0; i < whole.rows; ++i) {
    for (size_t o = 0; o < whole.columns; ++o) {
      ASSERT_EQ(numbers[i * whole.stride + o], expected[i * whole.stride + o]) << i << " " << o;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllSupported, Outer, testing::ValuesIn(SupportedIsas()),
                         [](const auto& tested) { return std::string(IsaName(tested.param)); });

}  // namespace
}  // namespace dne
