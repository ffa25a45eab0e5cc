// SPDX-License-Identifier: MIT
// The mistakes of a configuration, collected so that the user sees all of them at once.
// Inside the experiment module only.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dne {

// Where something was given: in a line of the file, or by an override.
struct Place {
  std::string origin;  // the file's name, or the whole override
  uint32_t line = 0;   // 0: an override
};

// Keys are dotted: "algorithm.sigma".
class Mistakes {
 public:
  // The place of what is missing altogether.
  explicit Mistakes(std::string_view origin) : file_{std::string(origin), 1} {}

  void Given(const std::string& key, const Place& place) { given_[key] = place; }
  bool IsGiven(std::string_view key) const { return given_.find(key) != given_.end(); }

  void Add(const Place& place, std::string_view text);
  // The value of a key is wrong, so that nothing can be said about it beside others.
  void AddValue(const std::string& key, std::string_view text);
  // Values that are right by themselves contradict each other. Placed at an override if one gave
  // any of them, or else at the first of `keys` that was given.
  void AddContradiction(std::initializer_list<std::string_view> keys, std::string_view text);

  // Throws Error with one line a mistake, in the order of the file, overrides last.
  void ThrowIfAny() const;

 private:
  Place file_;
  std::map<std::string, Place, std::less<>> given_;
  std::set<std::string, std::less<>> bad_;
  std::vector<std::pair<Place, std::string>> mistakes_;
};

}  // namespace dne
