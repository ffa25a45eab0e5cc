// SPDX-License-Identifier: MIT
// The server of dne inspect: HTTP/1.1, read only (docs/inspect.md).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "dne/inspect/api.h"

namespace dne {

struct ServerOptions {
  std::string address = "127.0.0.1";  // to listen on: a number or a name
  int port = 0;                       // 0: any that is free
  std::string token;                  // that every address begins with; empty: none
};

// Whether other machines cannot reach it.
bool IsLoopback(const std::string& address);

class InspectServer {
 public:
  // Listens; throws Error where it cannot, and for an address that others reach without a token.
  // The Api must outlive it; its Get is called by several threads.
  InspectServer(const ServerOptions& options, Api& api);
  ~InspectServer();
  InspectServer(const InspectServer&) = delete;
  InspectServer& operator=(const InspectServer&) = delete;

  // "http://127.0.0.1:4711/".
  const std::string& url() const { return url_; }
  int port() const { return port_; }

  // Answers until Stop, which any thread may call, be it before. Once.
  void Run();
  void Stop();

 private:
  class Http;  // the library's
  enum class State { kNew, kRuns, kStopped };

  std::unique_ptr<Http> http_;
  std::string url_;
  int port_ = 0;
  std::atomic<State> state_ = State::kNew;
  std::atomic<bool> has_ended_ = false;
};

}  // namespace dne
