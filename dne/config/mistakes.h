// SPDX-License-Identifier: MIT
// The mistakes of a configuration, collected so that the user sees all of them at once.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dne {

// Where something was given: in a line of the file, or by an override.
struct SourceLine {
  std::string origin;  // the file's name, or the whole override
  uint32_t line = 0;   // 0: an override
};

class Mistakes {
 public:
  // The place of what is missing altogether.
  explicit Mistakes(std::string_view origin) : file_{std::string(origin), 1} {}

  // --- For checks: fields are told by their addresses ---

  // Values that are right by themselves contradict each other. Placed at an override if one gave
  // any of these fields, else at the first of them that was given, else at their section. Says
  // nothing where one of them is wrong by itself.
  template <class... Fields>
  void Contradiction(std::string_view text, const Fields&... fields) {
    AddContradiction({KeyOf(&fields)...}, text);
  }
  template <class T>
  bool IsGiven(const T& field) const {
    return IsKeyGiven(KeyOf(&field));
  }
  // " (the default)" where the field was not given.
  template <class T>
  std::string DefaultNote(const T& field) const {
    return IsGiven(field) ? "" : " (the default)";
  }

  // --- For the reader: keys are dotted, "algorithm.sigma" ---

  void Given(const std::string& key, const SourceLine& place) { given_[key] = place; }
  bool IsKeyGiven(std::string_view key) const { return given_.find(key) != given_.end(); }
  // Whether the file gives the first key and an override the second one: by the override's choice
  // the file's key may have lost its use, which is no mistake of anybody's.
  bool IsOverridden(std::string_view key, std::string_view choice) const;
  // From now on the address stands for the key.
  void Name(const void* address, const std::string& key) { keys_[address] = key; }

  void Add(const SourceLine& place, std::string_view text);
  // The value of a key is wrong, so that nothing can be said about it beside others.
  void AddValue(const std::string& key, std::string_view text);
  // As Contradiction.
  void AddContradiction(const std::vector<std::string>& keys, std::string_view text);

  // Throws Error with one line a mistake, in the order of the file, overrides last.
  void ThrowIfAny() const;

 private:
  std::string KeyOf(const void* address) const;

  SourceLine file_;
  std::map<const void*, std::string> keys_;
  std::map<std::string, SourceLine, std::less<>> given_;
  std::set<std::string, std::less<>> bad_;
  std::vector<std::pair<SourceLine, std::string>> mistakes_;
};

}  // namespace dne
