// SPDX-License-Identifier: MIT
#include "dne/inspect/server.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "dne/base/error.h"
#include "dne/inspect/guard.h"
#include "dne/inspect/page.h"

namespace dne {
namespace {

using namespace std::chrono_literals;

// A browser opens six connections a page.
constexpr size_t kThreads = 16;
constexpr time_t kPatienceSeconds = 5;

// Nothing is loaded from elsewhere, nothing is shown in the frame of another page, nothing of a
// run stays in a browser's cache.
const httplib::Headers kHeaders = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
     "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
     "frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cache-Control", "no-store"}};

RequestHead HeadOf(const httplib::Request& request) {
  RequestHead head{.method = request.method,
                   .version = request.version,
                   .target = request.target,
                   .headers = {}};
  for (const auto& [name, value] : request.headers) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    // The library adds what it knows of the connection itself.
    if (lower == "remote_addr" || lower == "remote_port" || lower == "local_addr" ||
        lower == "local_port") {
      continue;
    }
    head.headers.emplace(std::move(lower), value);
  }
  return head;
}

std::string InBrackets(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

Answer Refused(int status, const std::string& reason) {
  return {.status = status,
          .type = "application/json",
          .body = nlohmann::json{{"error", reason}}.dump(-1, ' ', false,
                                                         nlohmann::json::error_handler_t::replace)};
}

Answer AnswerOf(Api& api, const httplib::Request& request, const std::string& token) {
  std::string path = request.target.substr(0, request.target.find('?'));
  if (!token.empty()) path = path.substr(1 + token.size());
  if (const PageFile* file = FindPageFile(path)) {
    return {.status = 200, .type = std::string(file->type), .body = std::string(file->text)};
  }
  Query query;
  for (const auto& [name, value] : request.params) {
    if (!query.emplace(name, value).second) return Refused(400, name + " stands twice");
  }
  return api.Get(path, query);
}

// The library sends the part that was asked for, of a body that is as long.
Answer CheckRange(const httplib::Request& request, Answer answer) {
  if (answer.status != 200 || request.ranges.empty()) return answer;
  const auto [first, last] = request.ranges.front();
  const auto size = static_cast<ssize_t>(answer.body.size());
  if (first >= size || last >= size || (last >= 0 && last < first)) {
    return Refused(416, "there is no such range of bytes");
  }
  return answer;
}

}  // namespace

class InspectServer::Http : public httplib::Server {};

bool IsLoopback(const std::string& address) {
  return address == "127.0.0.1" || address == "::1" || address == "localhost";
}

InspectServer::InspectServer(const ServerOptions& options, Api& api)
    : http_(std::make_unique<Http>()) {
  if (!IsLoopback(options.address) && options.token.empty()) {
    throw Error("the server would be open to everybody at " + options.address +
                ": give it a token, or listen on 127.0.0.1");
  }
  http_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  http_->set_read_timeout(kPatienceSeconds);
  http_->set_write_timeout(kPatienceSeconds);
  // One request a connection: what follows a refused one is never taken for another.
  http_->set_keep_alive_max_count(1);
  http_->set_payload_max_length(0);
  http_->set_default_headers(kHeaders);
  // Two servers on one port would take turns.
  http_->set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  port_ = options.port == 0 ? http_->bind_to_any_port(options.address)
          : http_->bind_to_port(options.address, options.port) ? options.port
                                                               : -1;
  if (port_ < 0) {
    throw Error("cannot listen on " + options.address + ", port " + std::to_string(options.port) +
                ": it is taken, or no address of this machine; name others (--port, --address)");
  }
  const std::string port = fmt::format(":{}", port_);
  url_ = "http://" + InBrackets(options.address) + port + "/" +
         (options.token.empty() ? "" : options.token + "/");
  GuardOptions guard{.hosts = {}, .token = options.token};
  if (options.token.empty()) {
    guard.hosts = {"127.0.0.1" + port, "localhost" + port, "[::1]" + port};
  }
  http_->set_pre_routing_handler(
      [&api, guard](const httplib::Request& request, httplib::Response& response) {
        Answer answer;
        if (const auto refusal = Refuse(HeadOf(request), guard)) {
          answer = Refused(refusal->status, refusal->reason);
        } else {
          answer = CheckRange(request, AnswerOf(api, request, guard.token));
        }
        if (answer.status != 200) response.status = answer.status;
        if (answer.status == 405) response.set_header("Allow", "GET, HEAD");
        response.set_content(std::move(answer.body), answer.type);
        return httplib::Server::HandlerResponse::Handled;
      });
}

InspectServer::~InspectServer() = default;

void InspectServer::Run() {
  State expected = State::kNew;
  if (!state_.compare_exchange_strong(expected, State::kRuns)) return;
  http_->listen_after_bind();
  has_ended_ = true;
}

// The library forgets a stop that comes before it listens.
void InspectServer::Stop() {
  if (state_.exchange(State::kStopped) != State::kRuns) return;
  while (!http_->is_running() && !has_ended_) std::this_thread::sleep_for(1ms);
  http_->stop();
}

}  // namespace dne
