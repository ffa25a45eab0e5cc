// SPDX-License-Identifier: MIT
#include "dne/store/packed_trials.h"

#include <zlib.h>

#include <array>
#include <bit>
#include <cmath>
#include <string>
#include <string_view>

#include "dne/base/bytes.h"
#include "dne/base/error.h"

namespace dne {
namespace {

using Column = std::vector<uint64_t>;

// Columns of numbers, of each the difference to the one before. Neighbours are alike: a few bytes
// of a difference say something, and those of a kind lie together, in a plane.
class ColumnWriter {
 public:
  void Add(const Column& column) {
    uint64_t used = 0;
    for (size_t i = 0; i < column.size(); ++i) used |= Difference(column, i);
    // The lowest one is always there: no count can ask for more memory than its column has bytes.
    uint8_t planes = 1;
    for (size_t b = 1; b < 8; ++b) {
      if (ByteOf(used, b) != 0) planes = static_cast<uint8_t>(planes | 1u << b);
    }
    bytes_.Add(planes);
    for (size_t b = 0; b < 8; ++b) {
      if ((planes >> b & 1) == 0) continue;
      for (size_t i = 0; i < column.size(); ++i) bytes_.Add(ByteOf(Difference(column, i), b));
    }
  }
  void AddBytes(std::span<const uint8_t> bytes) { bytes_.AddBytes(bytes); }
  std::string Take() { return bytes_.Take(); }

 private:
  static uint64_t Difference(const Column& column, size_t i) {
    return column[i] - (i == 0 ? 0 : column[i - 1]);
  }
  static uint8_t ByteOf(uint64_t value, size_t b) { return static_cast<uint8_t>(value >> (8 * b)); }

  ByteWriter bytes_;
};

class ColumnReader {
 public:
  explicit ColumnReader(std::string_view bytes) : bytes_(bytes), size_(bytes.size()) {}

  Column Read(uint64_t count) {
    if (count > size_) throw Error("stored state is damaged: a count exceeds its data");
    Column column(count);
    const uint32_t planes = bytes_.Read<uint8_t>() | 1u;
    for (size_t b = 0; b < 8; ++b) {
      if ((planes >> b & 1) == 0) continue;
      for (uint64_t& value : column) value |= uint64_t{bytes_.Read<uint8_t>()} << (8 * b);
    }
    for (size_t i = 1; i < column.size(); ++i) column[i] += column[i - 1];
    return column;
  }
  std::string_view ReadRest() {
    const std::string_view rest = bytes_.ReadText();
    bytes_.ExpectEnd();
    return rest;
  }

 private:
  ByteReader bytes_;
  size_t size_;
};

std::vector<uint8_t> Compress(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::vector<uint8_t> packed(size);
  DNE_CHECK(compress2(packed.data(), &size, reinterpret_cast<const Bytef*>(text.data()),
                      text.size(), Z_BEST_SPEED) == Z_OK);
  packed.resize(size);
  return packed;
}

std::string Uncompress(std::span<const uint8_t> packed) {
  z_stream stream{};
  DNE_CHECK(inflateInit(&stream) == Z_OK);
  // zlib takes what it only reads as if it wrote there.
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  std::array<char, 1 << 16> part;
  int code = Z_OK;
  while (code == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = part.size();
    code = inflate(&stream, Z_NO_FLUSH);
    text.append(part.data(), part.size() - stream.avail_out);
  }
  const bool is_whole = code == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!is_whole) throw Error("stored state is damaged: packed trials are not whole");
  return text;
}

uint64_t BitsOf(double value) { return std::bit_cast<uint64_t>(value); }

// An episode that decides its trial's sums leaves nothing to be said of them.
struct Sums {
  uint64_t fitness = 0;
  uint64_t steps = 0;
  uint64_t frames = 0;
};
Sums FirstSums(std::span<const Episode> episodes) {
  if (episodes.empty()) return {};
  const Episode& first = episodes.front();
  return {BitsOf(first.score), first.steps, first.frames};
}

uint32_t Narrow(uint64_t value) {
  if (value > UINT32_MAX) throw Error("stored state is damaged: a number is too large");
  return static_cast<uint32_t>(value);
}

EpisodeEnd ToEnd(uint64_t value) {
  if (value > static_cast<uint64_t>(kLastEpisodeEnd)) {
    throw Error("stored state is damaged: the ending " + std::to_string(value) + " of an episode");
  }
  return static_cast<EpisodeEnd>(value);
}

template <class Items, class F>
Column ColumnOf(const Items& items, F value) {
  Column column;
  column.reserve(items.size());
  for (const auto& item : items) column.push_back(value(item));
  return column;
}

}  // namespace

size_t CountMembers(std::span<const TrialRecord> trials) {
  size_t count = 0;
  for (const TrialRecord& trial : trials) {
    const TrialRecord& first = trials.front();
    if (!trial.parent || !trial.parent->is_centre) break;
    if (trial.generation != first.generation || trial.round != first.round) break;
    if (trial.index != first.index + count) break;
    ++count;
  }
  return count;
}

std::vector<uint8_t> PackTrials(std::span<const TrialRecord> trials) {
  ColumnWriter columns;
  const auto add = [&](const auto& items, auto value) { columns.Add(ColumnOf(items, value)); };
  using Trial = TrialRecord;
  add(trials, [](const Trial& t) { return t.individual.generation; });
  add(trials, [](const Trial& t) { return t.individual.code(); });
  add(trials, [](const Trial& t) { return t.parent->generation; });
  add(trials, [](const Trial& t) { return t.parent->code(); });
  add(trials,
      [](const Trial& t) { return std::bit_cast<uint32_t>(t.mirrored ? -t.sigma : t.sigma); });
  add(trials, [](const Trial& t) { return BitsOf(t.fitness) - FirstSums(t.episodes).fitness; });
  add(trials, [](const Trial& t) { return t.steps - FirstSums(t.episodes).steps; });
  add(trials, [](const Trial& t) { return t.frames - FirstSums(t.episodes).frames; });
  add(trials, [](const Trial& t) { return t.episodes.size(); });

  std::vector<Episode> episodes;
  Column draws;
  std::vector<uint8_t> descriptors;
  for (const TrialRecord& trial : trials) {
    DNE_CHECK(trial.draws.size() == trial.episodes.size());
    draws.insert(draws.end(), trial.draws.begin(), trial.draws.end());
    for (const Episode& episode : trial.episodes) {
      episodes.push_back(episode);
      descriptors.insert(descriptors.end(), episode.descriptor.begin(), episode.descriptor.end());
    }
  }
  add(episodes, [](const Episode& e) { return e.start.noops; });
  add(episodes, [](const Episode& e) { return e.start.seed_code(); });
  columns.Add(draws);
  add(episodes, [](const Episode& e) { return BitsOf(e.score); });
  add(episodes, [](const Episode& e) { return e.steps; });
  add(episodes, [](const Episode& e) { return e.frames; });
  add(episodes, [](const Episode& e) { return static_cast<uint64_t>(e.end); });
  add(episodes, [](const Episode& e) { return e.descriptor.size(); });
  columns.AddBytes(descriptors);
  return Compress(columns.Take());
}

void UnpackTrials(std::span<const uint8_t> bytes, uint32_t count, const TrialRecord& first,
                  std::vector<TrialRecord>& trials) {
  const std::string text = Uncompress(bytes);
  ColumnReader columns(text);
  const auto read = [&] { return columns.Read(count); };
  const Column individual_generation = read(), individual_code = read();
  const Column parent_generation = read(), parent_code = read();
  const Column sigma = read(), fitness = read(), steps = read(), frames = read();
  const Column num_episodes = read();
  uint64_t total = 0;
  for (const uint64_t num : num_episodes) total += Narrow(num);
  const auto read_episodes = [&] { return columns.Read(total); };
  const Column noops = read_episodes(), seed = read_episodes(), draws = read_episodes();
  const Column score = read_episodes(), episode_steps = read_episodes();
  const Column episode_frames = read_episodes(), end = read_episodes();
  const Column descriptor_size = read_episodes();
  ByteReader descriptors(columns.ReadRest());

  size_t e = 0;
  for (uint32_t i = 0; i < count; ++i) {
    TrialRecord trial = first;
    trial.index += i;
    trial.individual =
        Birth::FromCode(Narrow(individual_generation[i]), Narrow(individual_code[i]));
    trial.parent = Birth::FromCode(Narrow(parent_generation[i]), Narrow(parent_code[i]));
    const auto signed_sigma = std::bit_cast<float>(Narrow(sigma[i]));
    trial.sigma = std::abs(signed_sigma);
    trial.mirrored = signed_sigma < 0;
    for (const size_t last = e + num_episodes[i]; e < last; ++e) {
      trial.draws.push_back(Narrow(draws[e]));
      trial.episodes.push_back({.start = EpisodeStart::FromCode(Narrow(noops[e]), seed[e]),
                                .score = std::bit_cast<double>(score[e]),
                                .steps = Narrow(episode_steps[e]),
                                .frames = episode_frames[e],
                                .end = ToEnd(end[e]),
                                .descriptor = descriptors.ReadBytes(descriptor_size[e])});
    }
    const Sums sums = FirstSums(trial.episodes);
    trial.fitness = std::bit_cast<double>(fitness[i] + sums.fitness);
    trial.steps = steps[i] + sums.steps;
    trial.frames = frames[i] + sums.frames;
    trials.push_back(std::move(trial));
  }
  descriptors.ExpectEnd();
}

}  // namespace dne
