// SPDX-License-Identifier: MIT
// The head of a request to dne inspect, as lines. What is let through asks this server, by its
// token, for a path that leads nowhere else; a refusal is a status that says so.
#include <algorithm>
#include <string>
#include <string_view>

#include "dne/inspect/guard.h"
#include "fuzz/fuzz.h"

namespace {

constexpr std::string_view kHost = "127.0.0.1:8080";
constexpr std::string_view kToken = "0123456789abcdef0123456789abcdef";

// Up to `end`, which is left out as well.
std::string_view Cut(std::string_view& text, char end) {
  const std::string_view part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

// Three words, then a line for each header.
dne::RequestHead HeadOf(std::string_view text) {
  dne::RequestHead head;
  std::string_view first = Cut(text, '\n');
  head.method = Cut(first, ' ');
  head.target = Cut(first, ' ');
  head.version = first;
  while (!text.empty()) {
    std::string_view line = Cut(text, '\n');
    std::string name(Cut(line, ':'));
    std::ranges::transform(name, name.begin(),
                           [](char c) { return 'A' <= c && c <= 'Z' ? char(c | 0x20) : c; });
    head.headers.emplace(name, line);
  }
  return head;
}

void CheckThatItMayBeAnswered(const dne::RequestHead& head, std::string_view token) {
  DNE_CHECK(head.method == "GET" || head.method == "HEAD");
  DNE_CHECK(head.headers.count("host") == 1 && head.headers.find("host")->second == kHost);
  const auto origin = head.headers.find("origin");
  DNE_CHECK(origin == head.headers.end() || origin->second == "http://" + std::string(kHost));
  DNE_CHECK(!head.headers.contains("content-length"));
  DNE_CHECK(!head.headers.contains("transfer-encoding"));
  std::string_view target = head.target;
  if (!token.empty()) {
    DNE_CHECK(target.starts_with("/" + std::string(token) + "/"));
    target.remove_prefix(1 + token.size());
  }
  const std::string_view path = Cut(target, '?');
  DNE_CHECK(path.starts_with('/') && path.find("..") == path.npos && path.find("//") == path.npos);
  DNE_CHECK(std::ranges::none_of(path, [](char c) { return c <= ' ' || c == '%' || c == '\\'; }));
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const dne::RequestHead head = HeadOf(dne::AsText({data, size}));
  for (const std::string_view token : {std::string_view(), kToken}) {
    const auto refusal =
        dne::Refuse(head, {.hosts = {std::string(kHost)}, .token = std::string(token)});
    if (refusal) {
      DNE_CHECK(400 <= refusal->status && refusal->status <= 505 && !refusal->reason.empty());
    } else {
      CheckThatItMayBeAnswered(head, token);
    }
  }
  return 0;
}
