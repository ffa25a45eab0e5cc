// SPDX-License-Identifier: MIT
#include "dne/store/packed_trials.h"

#include <zlib.h>

#include <array>
#include <bit>
#include <cmath>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "dne/base/bytes.h"
#include "dne/base/error.h"

namespace dne {
namespace {

using Column = std::vector<uint64_t>;

// Columns of numbers, of each the difference to the one before. Neighbours are alike: a few bytes
// of a difference say something, and those of a kind lie together, in a plane.
class ColumnWriter {
 public:
  template <class Rows, class Get>
  void Add(const Rows& rows, Get get) {
    Column column;
    column.reserve(rows.size());
    for (const auto& row : rows) column.push_back(get(row));
    Add(column);
  }
  void AddBytes(std::span<const uint8_t> bytes) { bytes_.AddBytes(bytes); }
  std::string Take() { return bytes_.Take(); }

 private:
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

// --- The columns, in the order of the format
// ------------------------------------------------------

template <class Row>
struct ColumnKind {
  uint64_t (*get)(const Row& row);
  void (*set)(Row& row, uint64_t value);
};

// The sums of a trial are told less those of its first episode: one episode says all.
using Trial = TrialRecord;
const Episode& FirstOf(const Trial& trial) {
  static const Episode kNone;
  return trial.episodes.empty() ? kNone : trial.episodes.front();
}

constexpr ColumnKind<Trial> kTrialColumns[] = {
    {[](const Trial& t) -> uint64_t { return t.individual.generation; },
     [](Trial& t, uint64_t value) { t.individual.generation = Narrow(value); }},
    {[](const Trial& t) -> uint64_t { return t.individual.code(); },
     [](Trial& t, uint64_t value) {
       t.individual = Birth::FromCode(t.individual.generation, Narrow(value));
     }},
    {[](const Trial& t) -> uint64_t { return t.parent->generation; },
     [](Trial& t, uint64_t value) { t.parent = Birth{.generation = Narrow(value)}; }},
    {[](const Trial& t) -> uint64_t { return t.parent->code(); },
     [](Trial& t, uint64_t value) {
       t.parent = Birth::FromCode(t.parent->generation, Narrow(value));
     }},
    {[](const Trial& t) -> uint64_t {
       return std::bit_cast<uint32_t>(t.mirrored ? -t.sigma : t.sigma);
     },
     [](Trial& t, uint64_t value) {
       const auto signed_sigma = std::bit_cast<float>(Narrow(value));
       t.sigma = std::abs(signed_sigma);
       t.mirrored = signed_sigma < 0;
     }},
    {[](const Trial& t) { return BitsOf(t.fitness) - BitsOf(FirstOf(t).score); },
     [](Trial& t, uint64_t value) {
       t.fitness = std::bit_cast<double>(value + BitsOf(FirstOf(t).score));
     }},
    {[](const Trial& t) { return t.steps - FirstOf(t).steps; },
     [](Trial& t, uint64_t value) { t.steps = value + FirstOf(t).steps; }},
    {[](const Trial& t) { return t.frames - FirstOf(t).frames; },
     [](Trial& t, uint64_t value) { t.frames = value + FirstOf(t).frames; }},
};

struct Drawn {
  Episode episode;
  uint32_t draws = 0;
};

constexpr ColumnKind<Drawn> kEpisodeColumns[] = {
    {[](const Drawn& d) -> uint64_t { return d.episode.start.noops; },
     [](Drawn& d, uint64_t value) { d.episode.start.noops = Narrow(value); }},
    {[](const Drawn& d) { return d.episode.start.seed_code(); },
     [](Drawn& d, uint64_t value) {
       d.episode.start = EpisodeStart::FromCode(d.episode.start.noops, value);
     }},
    {[](const Drawn& d) -> uint64_t { return d.draws; },
     [](Drawn& d, uint64_t value) { d.draws = Narrow(value); }},
    {[](const Drawn& d) { return BitsOf(d.episode.score); },
     [](Drawn& d, uint64_t value) { d.episode.score = std::bit_cast<double>(value); }},
    {[](const Drawn& d) -> uint64_t { return d.episode.steps; },
     [](Drawn& d, uint64_t value) { d.episode.steps = Narrow(value); }},
    {[](const Drawn& d) { return d.episode.frames; },
     [](Drawn& d, uint64_t value) { d.episode.frames = value; }},
    {[](const Drawn& d) { return static_cast<uint64_t>(d.episode.end); },
     [](Drawn& d, uint64_t value) { d.episode.end = ToEnd(value); }},
};

std::vector<Drawn> EpisodesOf(std::span<const Trial> trials) {
  std::vector<Drawn> episodes;
  for (const Trial& trial : trials) {
    DNE_CHECK(trial.draws.size() == trial.episodes.size());
    for (size_t e = 0; e < trial.episodes.size(); ++e) {
      episodes.push_back({trial.episodes[e], trial.draws[e]});
    }
  }
  return episodes;
}

std::vector<Drawn> ReadEpisodes(ColumnReader& columns, uint64_t count) {
  std::vector<Drawn> episodes;
  for (const auto& kind : kEpisodeColumns) {
    const Column column = columns.Read(count);
    episodes.resize(count);  // now that there are as many
    for (size_t e = 0; e < count; ++e) kind.set(episodes[e], column[e]);
  }
  const Column sizes = columns.Read(count);
  ByteReader descriptors(columns.ReadRest());
  for (size_t e = 0; e < count; ++e)
    episodes[e].episode.descriptor = descriptors.ReadBytes(sizes[e]);
  descriptors.ExpectEnd();
  return episodes;
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

std::vector<uint8_t> PackTrials(std::span<const Trial> trials) {
  ColumnWriter columns;
  for (const auto& kind : kTrialColumns) columns.Add(trials, kind.get);
  columns.Add(trials, [](const Trial& t) { return t.episodes.size(); });
  const std::vector<Drawn> episodes = EpisodesOf(trials);
  for (const auto& kind : kEpisodeColumns) columns.Add(episodes, kind.get);
  columns.Add(episodes, [](const Drawn& d) { return d.episode.descriptor.size(); });
  std::vector<uint8_t> descriptors;
  for (const Drawn& drawn : episodes) {
    const std::vector<uint8_t>& descriptor = drawn.episode.descriptor;
    descriptors.insert(descriptors.end(), descriptor.begin(), descriptor.end());
  }
  columns.AddBytes(descriptors);
  return Compress(columns.Take());
}

void UnpackTrials(std::span<const uint8_t> bytes, uint32_t count, const Trial& first,
                  std::vector<Trial>& trials) {
  const std::string text = Uncompress(bytes);
  ColumnReader columns(text);
  std::vector<Column> of_trials;
  for (size_t i = 0; i < std::size(kTrialColumns); ++i) of_trials.push_back(columns.Read(count));
  const Column num_episodes = columns.Read(count);
  uint64_t total = 0;
  for (const uint64_t num : num_episodes) total += Narrow(num);
  std::vector<Drawn> episodes = ReadEpisodes(columns, total);
  size_t e = 0;
  for (uint32_t i = 0; i < count; ++i) {
    Trial trial = first;
    trial.index += i;
    for (const size_t end = e + num_episodes[i]; e < end; ++e) {
      trial.episodes.push_back(std::move(episodes[e].episode));
      trial.draws.push_back(episodes[e].draws);
    }
    for (size_t c = 0; c < of_trials.size(); ++c) kTrialColumns[c].set(trial, of_trials[c][i]);
    trials.push_back(std::move(trial));
  }
}

}  // namespace dne
