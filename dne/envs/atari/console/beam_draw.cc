// SPDX-License-Identifier: MIT
// What the beam passes over: the objects' lines, their collisions and their pixels.
#include <algorithm>
#include <bit>
#include <cstring>
#include <initializer_list>

#include "dne/envs/atari/console/beam.h"

namespace dne {
namespace {

static_assert(std::endian::native == std::endian::little, "pixels are painted eight in a word");

// A byte of eight bits as eight bytes, 0xff for each bit that is on.
constexpr std::array<uint64_t, 256> MaskTable() {
  std::array<uint64_t, 256> table{};
  for (size_t i = 0; i < table.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      if (i >> bit & 1) table[i] |= uint64_t{0xff} << 8 * bit;
    }
  }
  return table;
}
constexpr std::array<uint64_t, 256> kMasks = MaskTable();

// Sets of objects for which ALE's TIA paints four pixels at once, past the beam where the four
// begin before it, if but for the playfield none of them is there.
constexpr uint64_t SetsOfFour(std::initializer_list<int> sets) {
  uint64_t bits = 0;
  for (const int set : sets) bits |= uint64_t{1} << set;
  return bits;
}

uint64_t EightOf(uint8_t colour) { return colour * uint64_t{0x0101010101010101}; }

}  // namespace

ScanLine Beam::LineOf(Object object) const {
  if ((enabled_ >> object & 1) == 0) return {};
  const auto missile_size = [](const Player& player) { return player.nusiz >> 4 & 3; };
  switch (object) {
    case kP0:
    case kP1: {
      const Player& player = players_[object];
      return PlayerLine(player.shown, player.nusiz, positions_[object], player.first_copy);
    }
    case kM0:
      if (missile0_look_ == MissileLook::kHidden) return {};
      return MissileLine(
          players_[0].nusiz,
          missile_size(players_[0]) | (missile0_look_ == MissileLook::kStretched ? 1 : 0),
          positions_[kM0]);
    case kM1:
      return MissileLine(players_[1].nusiz, missile_size(players_[1]), positions_[kM1]);
    case kBall:
      return BallLine(ctrlpf_ >> 4 & 3, positions_[kBall]);
    case kPlayfield:
      return PlayfieldLine(playfield_, playfield_mirrored_);
  }
  return {};
}

void Beam::Renew() {
  for (; stale_ != 0; stale_ = static_cast<uint8_t>(stale_ & (stale_ - 1))) {
    const auto object = static_cast<Object>(std::countr_zero(stale_));
    lines_[object] = LineOf(object);
  }
}

void Beam::Draw(int first, int end, uint8_t* pixels) {
  uint8_t* row = pixels == nullptr || row_ >= kFrameRows ? nullptr : pixels + row_ * kLinePixels;
  if ((vblank_ & 2) != 0) {
    if (row == nullptr) return;
    std::fill(row + first, row + end, uint8_t{0});
    painted_end_ = std::max(painted_end_, row_ * kLinePixels + end);
    return;
  }
  if (stale_ != 0) Renew();
  const bool several = (enabled_ & (enabled_ - 1)) != 0;
  if (several) Collide(first, end);
  if (row == nullptr) return;
  if (end % 4 != 0) end = EndOfFourPixels(first, end);
  Paint(first, end, row);
  painted_end_ = std::max(painted_end_, row_ * kLinePixels + end);
}

void Beam::Collide(int first, int end) {
  struct Pair {
    Object one;
    Object other;
  };
  // By bit of collisions_, as Collisions has them.
  constexpr std::array<Pair, 16> kPairs = {{{kM0, kP0},
                                            {kM0, kP1},
                                            {kM1, kP1},
                                            {kM1, kP0},
                                            {kP0, kBall},
                                            {kP0, kPlayfield},
                                            {kP1, kBall},
                                            {kP1, kPlayfield},
                                            {kM0, kBall},
                                            {kM0, kPlayfield},
                                            {kM1, kBall},
                                            {kM1, kPlayfield},
                                            {kBall, kBall},  // no register's
                                            {kBall, kPlayfield},
                                            {kM0, kM1},
                                            {kP0, kP1}}};
  for (int word = first / 64; word <= (end - 1) / 64; ++word) {
    const auto w = static_cast<size_t>(word);
    uint64_t once = 0;
    uint64_t twice = 0;
    for (const ScanLine& line : lines_) {
      twice |= once & line.words[w];
      once |= line.words[w];
    }
    twice &= ScanLine::Range(word, first, end);
    if (twice == 0) continue;
    for (size_t i = 0; i < kPairs.size(); ++i) {
      const auto [one, other] = kPairs[i];
      const bool met = one != other && (lines_[one].words[w] & lines_[other].words[w] & twice) != 0;
      collisions_ = static_cast<uint16_t>(collisions_ | (met ? 1u << i : 0u));
    }
  }
}

// At one of the four pixels from there on.
bool Beam::IsPlayerAt(Object object, int four) const {
  const Player& player = players_[object];
  const Copies& copies = kCopies[player.nusiz & 7];
  const int start = positions_[object] + (copies.player_scale > 1 ? 1 : 0);
  for (int copy = player.first_copy ? 0 : 1; copy < copies.count; ++copy) {
    const int into = (four + 3 - start - copy * copies.distance + 2 * kLinePixels) % kLinePixels;
    if (into < 8 * copies.player_scale + 3) return true;
  }
  return false;
}

int Beam::EndOfFourPixels(int first, int end) const {
  constexpr int p0 = 1 << kP0, p1 = 1 << kP1, m0 = 1 << kM0, m1 = 1 << kM1, ball = 1 << kBall;
  constexpr int playfield = 1 << kPlayfield;
  constexpr uint64_t kAlways = SetsOfFour(
      {p0, p1, p0 | p1, m0, m1, ball, m0 | m1, ball | m0, ball | m1, ball | p1, playfield});
  constexpr uint64_t kWithoutScore = SetsOfFour({playfield | p0, playfield | p1, playfield | ball});
  const int four = end & ~3;
  const bool score = (ctrlpf_ & 2) != 0;
  const uint64_t sets = kAlways | (score ? 0 : kWithoutScore);
  if (first > four || (sets >> enabled_ & 1) == 0) return end;
  for (const Object object : {kP0, kP1, kM0, kM1, kBall}) {
    if ((enabled_ >> object & 1) == 0) continue;
    // Of a player its place counts, not its graphics.
    const bool is_there =
        object <= kP1 ? IsPlayerAt(object, four) : lines_[object].Any(four, four + 4);
    if (is_there) return end;
  }
  return four + 4;
}

void Beam::Paint(int first, int end, uint8_t* row) {
  std::memset(row + first, background_colour_, static_cast<size_t>(end - first));
  if (enabled_ == 0) return;
  const bool priority = (ctrlpf_ & 4) != 0;
  // Two colours of the playfield, the players': not with priority, but where nothing else is
  // enabled.
  const bool score = (ctrlpf_ & 2) != 0 && (!priority || enabled_ == 1 << kPlayfield);
  const uint64_t background = EightOf(background_colour_);
  const uint64_t of_playfield = background ^ EightOf(playfield_colour_);
  const uint64_t of_player0 = background ^ EightOf(players_[0].colour);
  const uint64_t of_player1 = background ^ EightOf(players_[1].colour);
  for (int word = first / 64; word <= (end - 1) / 64; ++word) {
    const auto w = static_cast<size_t>(word);
    uint64_t player0 = lines_[kP0].words[w] | lines_[kM0].words[w];
    uint64_t player1 = lines_[kP1].words[w] | lines_[kM1].words[w];
    uint64_t playfield = lines_[kPlayfield].words[w];
    if (score) {
      const uint64_t left = ScanLine::Range(word, 0, kLinePixels / 2);
      player0 |= playfield & left;
      player1 |= playfield & ~left;
      playfield = 0;
    }
    playfield |= lines_[kBall].words[w];
    if (priority && !score) {
      player0 &= ~playfield;
      player1 &= ~playfield;
    }
    player1 &= ~player0;
    playfield &= ~(player0 | player1);
    const uint64_t range = ScanLine::Range(word, first, end);
    player0 &= range;
    player1 &= range;
    playfield &= range;
    uint64_t objects = player0 | player1 | playfield;
    while (objects != 0) {
      const int x = std::countr_zero(objects) & ~7;
      uint64_t eight;
      std::memcpy(&eight, row + 64 * word + x, sizeof eight);
      eight ^= (of_playfield & kMasks[playfield >> x & 0xff]) ^
               (of_player0 & kMasks[player0 >> x & 0xff]) ^
               (of_player1 & kMasks[player1 >> x & 0xff]);
      std::memcpy(row + 64 * word + x, &eight, sizeof eight);
      objects &= ~(uint64_t{0xff} << x);
    }
  }
}

}  // namespace dne
