// SPDX-License-Identifier: MIT
#include "dne/inspect/guard.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace dne {
namespace {

constexpr size_t kLongestTarget = 2000;

// Of those that may stand once at most: null, the value, or `twice`.
struct Header {
  const std::string* value = nullptr;
  bool twice = false;
};

Header Find(const RequestHead& request, const char* name) {
  const auto [first, last] = request.headers.equal_range(name);
  if (first == last) return {};
  return {.value = &first->second, .twice = std::next(first) != last};
}

bool IsPlain(char c) {
  constexpr std::string_view kOthers = "-_./?&=,+%~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kOthers.find(c) != std::string_view::npos;
}

// No name of a file, of a run or of a number needs more in a path.
std::optional<Refusal> RefuseTarget(const std::string& target) {
  if (target.size() > kLongestTarget) return Refusal{414, "the address is too long"};
  if (!target.starts_with('/')) return Refusal{400, "the address must begin with /"};
  if (!std::ranges::all_of(target, IsPlain)) {
    return Refusal{400, "the address has characters that no address here has"};
  }
  const std::string_view path = std::string_view(target).substr(0, target.find('?'));
  if (path.find('%') != std::string_view::npos || path.find("..") != std::string_view::npos ||
      path.find("//") != std::string_view::npos) {
    return Refusal{400, "paths here have no %, .. or //"};
  }
  return {};
}

// In time that does not depend on where they differ.
bool Equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  uint8_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<uint8_t>(a[i] ^ b[i]);
  return difference == 0;
}

bool HasToken(const std::string& target, const std::string& token) {
  if (token.empty()) return true;
  const std::string_view rest = std::string_view(target).substr(1);
  return Equal(rest.substr(0, token.size()), token) && rest.substr(token.size()).starts_with('/');
}

std::optional<Refusal> RefuseHost(const RequestHead& request, const GuardOptions& options) {
  const Header host = Find(request, "host");
  if (host.value == nullptr || host.twice || host.value->empty()) {
    return Refusal{400, "one header Host is needed"};
  }
  if (!options.hosts.empty() &&
      std::ranges::find(options.hosts, *host.value) == options.hosts.end()) {
    return Refusal{421, "this server is asked under the address that it printed"};
  }
  return {};
}

// Browsers say where a request comes from.
std::optional<Refusal> RefuseSite(const RequestHead& request) {
  const Header origin = Find(request, "origin");
  if (origin.twice ||
      (origin.value != nullptr && *origin.value != "http://" + *Find(request, "host").value)) {
    return Refusal{403, "requests of other sites are refused"};
  }
  const Header site = Find(request, "sec-fetch-site");
  if (site.twice ||
      (site.value != nullptr && *site.value != "same-origin" && *site.value != "none")) {
    return Refusal{403, "requests of other sites are refused"};
  }
  return {};
}

// One span of bytes, as browsers ask for parts of films.
bool IsPlainRange(std::string_view range) {
  constexpr std::string_view kUnit = "bytes=";
  constexpr size_t kMostDigits = 12;
  if (!range.starts_with(kUnit)) return false;
  range.remove_prefix(kUnit.size());
  const size_t dash = range.find('-');
  if (dash == std::string_view::npos || dash == 0) return false;
  const std::string_view first = range.substr(0, dash);
  const std::string_view last = range.substr(dash + 1);
  const auto is_number = [](std::string_view text) {
    return text.size() <= kMostDigits &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  return is_number(first) && is_number(last);
}

}  // namespace

std::optional<Refusal> Refuse(const RequestHead& request, const GuardOptions& options) {
  if (request.method != "GET" && request.method != "HEAD") {
    return Refusal{405, "only GET and HEAD: nothing here can be changed"};
  }
  if (request.version != "HTTP/1.1" && request.version != "HTTP/1.0") {
    return Refusal{505, "only HTTP/1.0 and HTTP/1.1"};
  }
  if (auto refusal = RefuseHost(request, options)) return refusal;
  if (auto refusal = RefuseSite(request)) return refusal;
  if (auto refusal = RefuseTarget(request.target)) return refusal;
  for (const char* name : {"content-length", "transfer-encoding", "expect", "upgrade"}) {
    if (Find(request, name).value != nullptr) return Refusal{400, "requests here have no body"};
  }
  const Header range = Find(request, "range");
  if (range.twice || (range.value != nullptr && !IsPlainRange(*range.value))) {
    return Refusal{416, "one range of bytes at most, from a first one on"};
  }
  if (!HasToken(request.target, options.token)) {
    return Refusal{403, "use the whole address that dne inspect printed"};
  }
  return {};
}

}  // namespace dne
