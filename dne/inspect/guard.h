// SPDX-License-Identifier: MIT
// Who may ask the server for what. Other web pages that a browser shows must not read runs through
// it (DNS rebinding, requests across sites), nor may a request reach anything but what it is for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dne {

// A request before anything was done about it.
struct RequestHead {
  std::string method;
  std::string version;  // "HTTP/1.1"
  std::string target;   // as sent: path and query
  // Names in lower case.
  std::multimap<std::string, std::string> headers;
};

struct GuardOptions {
  std::vector<std::string> hosts;  // "127.0.0.1:8080": what Host may say; none: anything
  std::string token;               // the first part of every path; empty: none is asked for
};

struct Refusal {
  int status = 400;
  std::string reason;
};

// None: it may be answered.
std::optional<Refusal> Refuse(const RequestHead& request, const GuardOptions& options);

}  // namespace dne
