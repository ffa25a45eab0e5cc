// SPDX-License-Identifier: MIT
// The text form of a genome, one line without a character that a shell takes for its own:
//   dne1:seed=7:founder=0.17:sigma=0.002:1.4:2.655
#include <charconv>
#include <string>

#include "dne/base/error.h"
#include "dne/genome/genome.h"

namespace dne {
namespace {

constexpr std::string_view kVersion = "dne1";
constexpr std::string_view kSeed = "seed=";
constexpr std::string_view kFounder = "founder=";
constexpr std::string_view kSigma = "sigma=";

std::string ShortestText(float value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof(text), value).ptr);
}

// Reads all of `text`, or nothing.
template <class T>
bool ParseNumber(std::string_view text, T& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

// Likewise.
bool ReadBirth(std::string_view text, Birth& birth) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos || !ParseNumber(text.substr(0, dot), birth.generation)) {
    return false;
  }
  std::string_view item = text.substr(dot + 1);
  const bool is_centre = item.starts_with('c');
  if (is_centre) item.remove_prefix(1);
  uint32_t code = 0;
  if (!ParseNumber(item, code)) return false;
  birth = Birth::FromCode(birth.generation, code);
  if (!is_centre) return true;
  if (birth.is_centre) return false;
  birth.is_centre = true;
  return true;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Genome Parse() {
    ParseVersion();
    Genome genome;
    if (!ParseNumber(Field(kSeed), genome.run_seed)) {
      Fail("is not a seed: write seed=N with N from 0 to 18446744073709551615");
    }
    genome.founder = ParseBirth(Field(kFounder));
    while (!at_end_) ParseStep(genome);
    if (sigma_unused_) Fail("comes last, without a mutation: is the text cut off?");
    return genome;
  }

 private:
  // The next part, up to a colon or the end.
  std::string_view Next() {
    if (at_end_) throw Error("genome text ends early, after '" + std::string(part_) + "'");
    const size_t length = rest_.find(':');
    at_end_ = length == std::string_view::npos;
    part_ = rest_.substr(0, length);
    rest_ = at_end_ ? std::string_view() : rest_.substr(length + 1);
    ++number_;
    return part_;
  }

  // The value of the next part, which must begin with `name`.
  std::string_view Field(std::string_view name) {
    const std::string_view part = Next();
    if (!part.starts_with(name)) Fail("should begin with " + std::string(name));
    return part.substr(name.size());
  }

  [[noreturn]] void Fail(const std::string& why) const {
    throw Error("genome text: part " + std::to_string(number_) + ", '" + std::string(part_) +
                "', " + why);
  }

  void ParseVersion() {
    const std::string_view version = Next();
    if (version == kVersion) return;
    uint32_t number = 0;
    if (version.starts_with("dne") && ParseNumber(version.substr(3), number)) {
      Fail("is another version than dne1: use a newer dne");
    }
    Fail("should be dne1, as every genome text begins");
  }

  Birth ParseBirth(std::string_view text) const {
    Birth birth;
    if (!ReadBirth(text, birth)) {
      Fail("should be GENERATION.ITEM, as 12.655, each from 0 to 4294967295");
    }
    return birth;
  }

  // A mutation, or the sigma from here on.
  void ParseStep(Genome& genome) {
    const std::string_view part = Next();
    if (part.starts_with(kSigma)) return ParseSigma(part.substr(kSigma.size()));
    const Birth birth = ParseBirth(part);
    if (!has_sigma_) Fail("comes before the first sigma=");
    const uint32_t before = genome.birth().generation;
    if (birth.generation <= before) {
      Fail("is not after its parent's generation, " + std::to_string(before));
    }
    const Mutation mutation = Mutation::FromSigned(birth, sigma_);
    if (birth.is_centre)
      Fail("is a centre: a genome can begin with one, but no mutation makes one");
    if (!mutation.IsValid())
      Fail("mirrors the item before it, as its sigma is negative: there is none");
    genome.mutations.push_back(mutation);
    sigma_unused_ = false;
  }

  void ParseSigma(std::string_view text) {
    if (!ParseNumber(text, sigma_) || !ValidSignedSigma(sigma_)) {
      Fail("is not a sigma: write sigma=X with X a finite number");
    }
    has_sigma_ = true;
    sigma_unused_ = true;
  }

  std::string_view rest_;
  std::string_view part_;
  int number_ = 0;
  bool at_end_ = false;
  float sigma_ = 0;
  bool has_sigma_ = false;
  bool sigma_unused_ = false;
};

}  // namespace

std::string BirthName(Birth birth) {
  const std::string generation = std::to_string(birth.generation) + ".";
  return generation + (birth.is_centre ? "c" : "") + std::to_string(birth.item);
}

Birth ParseBirth(std::string_view text) {
  Birth birth;
  if (ReadBirth(text, birth)) return birth;
  throw Error("\"" + std::string(text) +
              "\" names no individual: write generation and item with a dot between, as 11.304, " +
              "or 11.c0 for an evolution strategy's centre");
}

std::string GenomeToText(const Genome& genome) {
  std::string text(kVersion);
  text.append(":").append(kSeed).append(std::to_string(genome.run_seed));
  text.append(":").append(kFounder).append(BirthName(genome.founder));
  const Mutation* previous = nullptr;
  for (const Mutation& mutation : genome.mutations) {
    if (previous == nullptr || previous->signed_sigma() != mutation.signed_sigma()) {
      text.append(":").append(kSigma).append(ShortestText(mutation.signed_sigma()));
    }
    text.append(":").append(BirthName(mutation.birth));
    previous = &mutation;
  }
  return text;
}

Genome GenomeFromText(std::string_view text) { return Parser(text).Parse(); }

}  // namespace dne
