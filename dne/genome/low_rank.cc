// SPDX-License-Identifier: MIT
#include "dne/genome/low_rank.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "dne/base/error.h"
#include "dne/random/normal.h"
#include "dne/random/outer_products.h"

namespace dne {
namespace {

// Outer products that pass over the matrix at a time: their factors stay in the second-level cache.
constexpr size_t kMostProducts = 64;

size_t RoundUp4(size_t count) { return (count + 3) / 4 * 4; }
size_t RoundDown4(size_t count) { return count / 4 * 4; }

// A layer's weights, and where the numbers of its factors lie in every stream.
struct Matrix {
  LayerShape shape;
  size_t left = 0;   // A's first number
  size_t right = 0;  // B's first number

  size_t size() const { return shape.inputs * shape.outputs; }
  size_t end() const { return shape.offset + size(); }
};

std::vector<Matrix> MatricesOf(const PolicyLayout& layout, size_t rank) {
  std::vector<Matrix> matrices;
  size_t number = RoundUp4(layout.num_parameters);
  for (const LayerShape& shape : layout.layers) {
    const size_t right = number + rank * RoundUp4(shape.inputs);
    matrices.push_back({.shape = shape, .left = number, .right = right});
    number = right + rank * RoundUp4(shape.outputs);
  }
  return matrices;
}

// A part of a sum over the parameters: first is the number of its first one.
struct Block {
  size_t first = 0;
  std::span<const float> base;  // what is added to
  std::span<float> sum;         // may be base

  ParameterRange range() const { return {first, sum.size()}; }
};

// Rows and columns of a matrix.
struct Part {
  size_t row = 0;
  size_t rows = 0;
  size_t column = 0;
  size_t columns = 0;
};

// What a range of the matrix's own numbers (0: its first) holds, as far as there is any: the rest
// of a row, whole rows, the beginning of a row.
std::vector<Part> PartsOf(const ParameterRange& range, size_t columns) {
  std::vector<Part> parts;
  const auto add = [&](size_t row, size_t rows, size_t column, size_t width) {
    if (rows > 0 && width > 0) parts.push_back({row, rows, column, width});
  };
  const size_t end = range.first + range.size;
  const size_t whole = (range.first + columns - 1) / columns;  // the first row that begins in it
  const size_t last = std::max(whole, end / columns);          // behind the last whole one
  add(range.first / columns, 1, range.first % columns,
      std::min(end, whole * columns) - range.first);
  add(whole, last - whole, 0, columns);
  add(last, 1, 0, end - std::min(end, last * columns));
  return parts;
}

class LowRank final : public Perturbation {
 public:
  explicit LowRank(size_t rank)
      : rank_(rank), root_(static_cast<float>(1 / std::sqrt(static_cast<double>(rank)))) {
    DNE_CHECK(rank > 0);
  }

  void Perturb(const Noise& noise, const ParentView& parent, std::span<float> child,
               Isa isa) const override {
    const NoiseTerm term{.id = noise.stream, .weight = noise.scale()};
    Add({&term, 1}, parent.layout, {0, parent.parameters, child}, isa);
  }

  void DrawChange(const Noise& noise, const ParentView& parent, LowRankChange& change,
                  Isa isa) const override {
    change.rank = rank_;
    change.scale = noise.scale() * root_;
    change.numbers.clear();
    size_t parameters = 0;
    for (const Matrix& matrix : MatricesOf(parent.layout, rank_)) {
      const size_t outputs = matrix.shape.outputs;
      DrawColumns(noise.stream, {matrix.left, matrix.shape.inputs}, change.numbers, isa);
      DrawColumns(noise.stream, {matrix.right, outputs}, change.numbers, isa);
      const std::span<float> biases = Append(outputs, change.numbers);
      const NoiseTerm term{.id = noise.stream, .weight = noise.scale()};
      AddPlain({&term, 1}, {matrix.end(), outputs},
               {matrix.end(), parent.parameters.subspan(matrix.end(), outputs), biases}, isa);
      DNE_CHECK(matrix.shape.offset == parameters);
      parameters = matrix.end() + outputs;
    }
    DNE_CHECK(parameters == parent.layout.num_parameters);
    Append(LowRankChange::kSlack, change.numbers);
  }

  void AddNoise(std::span<const NoiseTerm> terms, const PolicyLayout& layout, size_t first,
                std::span<float> sum, Isa isa) const override {
    DNE_CHECK(first % kNoiseCut == 0);
    std::vector<NoiseTerm> counted;
    for (const NoiseTerm& term : terms) {
      if (term.weight != 0) counted.push_back(term);
    }
    Add(counted, layout, {first, sum, sum}, isa);
  }

 private:
  void Add(std::span<const NoiseTerm> terms, const PolicyLayout& layout, const Block& block,
           Isa isa) const {
    size_t plain = 0;  // where the next parameters of no matrix begin
    for (const Matrix& matrix : MatricesOf(layout, rank_)) {
      AddPlain(terms, {plain, matrix.shape.offset - plain}, block, isa);
      AddTo(matrix, terms, block, isa);
      plain = matrix.end();
    }
    AddPlain(terms, {plain, layout.num_parameters - plain}, block, isa);
  }

  // Normal noise on what the block holds of the range, which may begin anywhere.
  static void AddPlain(std::span<const NoiseTerm> terms, const ParameterRange& range,
                       const Block& block, Isa isa) {
    const ParameterRange part = Common(range, block.range());
    if (part.size == 0) return;
    const size_t first = RoundDown4(part.first);
    const size_t before = part.first - first;
    const size_t at = part.first - block.first;
    std::vector<float> sums(before + part.size);
    std::ranges::copy(block.base.subspan(at, part.size),
                      sums.begin() + static_cast<std::ptrdiff_t>(before));
    AddWeightedNoise(terms, first, sums, isa);
    std::ranges::copy(std::span(sums).subspan(before), block.sum.subspan(at).begin());
  }

  static std::span<float> Append(size_t count, std::vector<float>& numbers) {
    numbers.resize(numbers.size() + count);
    return std::span(numbers).last(count);
  }

  // A column of the factor after the other. `factor`: its first number, and those of a column.
  void DrawColumns(const StreamId& stream, const ParameterRange& factor,
                   std::vector<float>& numbers, Isa isa) const {
    for (size_t k = 0; k < rank_; ++k) {
      FillNormal(stream, factor.first + k * RoundUp4(factor.size), Append(factor.size, numbers),
                 isa);
    }
  }

  // What the block holds of the matrix, some terms at a time.
  void AddTo(const Matrix& matrix, std::span<const NoiseTerm> terms, Block block, Isa isa) const {
    const ParameterRange common = Common({matrix.shape.offset, matrix.size()}, block.range());
    if (common.size == 0) return;
    const std::vector<Part> parts =
        PartsOf({common.first - matrix.shape.offset, common.size}, matrix.shape.outputs);
    while (!terms.empty()) {
      const size_t count = std::min(std::max<size_t>(1, kMostProducts / rank_), terms.size());
      AddSome(matrix, parts, terms.first(count), block, isa);
      block.base = block.sum;
      terms = terms.subspan(count);
    }
  }

  void AddSome(const Matrix& matrix, std::span<const Part> parts, std::span<const NoiseTerm> terms,
               const Block& block, Isa isa) const {
    // Of one part its own columns, of several all.
    const Part& last = parts.back();
    const ParameterRange rows{parts.front().row, last.row + last.rows - parts.front().row};
    const ParameterRange columns = parts.size() == 1 ? ParameterRange{last.column, last.columns}
                                                     : ParameterRange{0, matrix.shape.outputs};
    Factors left = Draw(terms, {matrix.left, matrix.shape.inputs}, rows, isa);
    const Factors right = Draw(terms, {matrix.right, matrix.shape.outputs}, columns, isa);
    Weigh(terms, left);
    for (const Part& part : parts) {
      const size_t at =
          matrix.shape.offset + part.row * matrix.shape.outputs + part.column - block.first;
      AddOuterProducts({.count = terms.size() * rank_,
                        .left = left.from(part.row - rows.first),
                        .left_stride = left.stride,
                        .right = right.from(part.column - columns.first),
                        .right_stride = right.stride,
                        .rows = part.rows,
                        .columns = part.columns,
                        .base = block.base.data() + at,
                        .out = block.sum.data() + at,
                        .stride = matrix.shape.outputs},
                       isa);
    }
  }

  // Some numbers of each column of A or of B, for each term; `skipped` come before them.
  struct Factors {
    std::vector<float> numbers;
    size_t stride = 0;
    size_t skipped = 0;

    const float* from(size_t i) const { return numbers.data() + skipped + i; }
  };

  // `factor`: its first number, and the numbers of a column.
  Factors Draw(std::span<const NoiseTerm> terms, const ParameterRange& factor,
               const ParameterRange& some, Isa isa) const {
    Factors drawn;
    const size_t first = RoundDown4(some.first);
    drawn.skipped = some.first - first;
    drawn.stride = drawn.skipped + some.size;
    drawn.numbers.resize(terms.size() * rank_ * drawn.stride);
    for (size_t k = 0; k < terms.size() * rank_; ++k) {
      FillNormal(terms[k / rank_].id, factor.first + k % rank_ * RoundUp4(factor.size) + first,
                 std::span(drawn.numbers).subspan(k * drawn.stride, drawn.stride), isa);
    }
    return drawn;
  }

  void Weigh(std::span<const NoiseTerm> terms, Factors& left) const {
    for (size_t k = 0; k < terms.size() * rank_; ++k) {
      const float weight = terms[k / rank_].weight * root_;
      for (float& number : std::span(left.numbers).subspan(k * left.stride, left.stride)) {
        number *= weight;
      }
    }
  }

  size_t rank_;
  float root_;  // 1 / sqrt(rank)
};

}  // namespace

std::unique_ptr<const Perturbation> MakeLowRank(const PerturbationSpec& spec) {
  return std::make_unique<LowRank>(spec.rank);
}

}  // namespace dne
