// SPDX-License-Identifier: MIT
// The server through its socket: what it refuses, byte by byte as an attacker would send it.
#include "dne/inspect/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

#include "tests/inspect/inspect_fixture.h"

namespace dne {
namespace {

constexpr const char* kToken = "0123456789abcdef0123456789abcdef";

// What comes back on a connection of its own until the server closes it.
std::string Exchange(int port, const std::string& request) {
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    ADD_FAILURE() << "no connection";
  }
  const timeval patience{.tv_sec = 8, .tv_usec = 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  send(connection, request.data(), request.size(), MSG_NOSIGNAL);
  std::string answer;
  char part[4096];
  for (ssize_t size; (size = recv(connection, part, sizeof(part), 0)) > 0;) {
    answer.append(part, static_cast<size_t>(size));
  }
  close(connection);
  return answer;
}

// Of the first answer; 0: there is none.
int StatusOf(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
}

class ServerTest : public InspectTest {
 protected:
  ServerTest() : run_(MakeRun("run")), films_(Folder("films"), false), api_({run_}, films_) {
    AddGenerations(run_, 0, 2, 4);
  }
  ~ServerTest() override { StopServer(); }

  void Start(const ServerOptions& options = {}) {
    server_.emplace(options, api_);
    thread_ = std::thread([this] { server_->Run(); });
    host_ = "127.0.0.1:" + std::to_string(server_->port());
  }
  void StopServer() {
    if (!server_) return;
    server_->Stop();
    thread_.join();
    server_.reset();
  }

  std::string Send(const std::string& request) { return Exchange(server_->port(), request); }
  // A good request but for what is added.
  std::string Get(const std::string& target, const std::string& headers = "") {
    return Send("GET " + target + " HTTP/1.1\r\nHost: " + host_ + "\r\nConnection: close\r\n" +
                headers + "\r\n");
  }

  std::string run_;
  FilmMaker films_;
  Api api_;
  std::optional<InspectServer> server_;
  std::thread thread_;
  std::string host_;
};

TEST_F(ServerTest, AnswersWhatThePageAsks) {
  Start();
  EXPECT_EQ(server_->url(), "http://" + host_ + "/");
  for (const char* target :
       {"/", "/page.js", "/page.css", "/api/runs",
        "/api/curves?run=0&metric=fitness_max&against=generation",
        "/api/points?run=0&round=train&x=b0&y=fitness", "/api/individual?run=0&individual=1.3"}) {
    const std::string answer = Get(target);
    EXPECT_EQ(StatusOf(answer), 200) << target << "\n" << answer;
    EXPECT_NE(answer.find("Content-Security-Policy: default-src 'none'"), std::string::npos);
    EXPECT_NE(answer.find("X-Content-Type-Options: nosniff"), std::string::npos);
  }
  EXPECT_EQ(StatusOf(Get("/", "Origin: http://" + host_ + "\r\nSec-Fetch-Site: same-origin\r\n")),
            200);
  EXPECT_EQ(StatusOf(Get("/", "Sec-Fetch-Site: none\r\n")), 200);
  EXPECT_EQ(StatusOf(Get("/page.js", "Range: bytes=2-5\r\n")), 206);
  const std::string head =
      Send("HEAD / HTTP/1.1\r\nHost: " + host_ + "\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(StatusOf(head), 200);
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, RefusesWhatNoPageOfItsOwnAsks) {
  Start();
  struct Attack {
    const char* name;
    std::string request;
    int status;
  };
  const std::string host = "Host: " + host_ + "\r\n";
  const std::string port = ":" + std::to_string(server_->port());
  const auto get = [&](const std::string& target, const std::string& headers) {
    return "GET " + target + " HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n";
  };
  const std::vector<Attack> attacks = {
      // Other hosts: a name that was made to point here (DNS rebinding).
      {"no host", get("/", ""), 400},
      {"empty host", get("/", "Host:\r\n"), 400},
      {"foreign host", get("/", "Host: evil.example\r\n"), 421},
      {"foreign host of this port", get("/", "Host: evil.example" + port + "\r\n"), 421},
      {"host that begins alike", get("/", "Host: 127.0.0.1.evil.example" + port + "\r\n"), 421},
      {"host that ends alike", get("/", "Host: evil-127.0.0.1" + port + "\r\n"), 421},
      {"host with a name before", get("/", "Host: a@" + host_ + "\r\n"), 421},
      {"another port", get("/", "Host: 127.0.0.1:1\r\n"), 421},
      {"no port", get("/", "Host: 127.0.0.1\r\n"), 421},
      {"another loopback address", get("/", "Host: 127.0.0.2" + port + "\r\n"), 421},
      {"two hosts", get("/", host + "Host: evil.example\r\n"), 400},
      {"the same host twice", get("/", host + host), 400},
      {"whole address of another host", get("http://evil.example/api/runs", host), 400},
      // Other sites.
      {"foreign origin", get("/api/runs", host + "Origin: http://evil.example\r\n"), 403},
      {"no origin to tell", get("/api/runs", host + "Origin: null\r\n"), 403},
      {"another scheme", get("/api/runs", host + "Origin: https://" + host_ + "\r\n"), 403},
      {"another port's origin", get("/api/runs", host + "Origin: http://127.0.0.1:1\r\n"), 403},
      {"two origins",
       get("/api/runs", host + "Origin: http://" + host_ + "\r\nOrigin: http://evil.example\r\n"),
       403},
      {"cross-site", get("/api/runs", host + "Sec-Fetch-Site: cross-site\r\n"), 403},
      {"same-site", get("/api/runs", host + "Sec-Fetch-Site: same-site\r\n"), 403},
      {"link of another site",
       get("/", host + "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"), 403},
      // Paths.
      {"parent folder", get("/../run.sqlite", host), 400},
      {"parent folder further in", get("/films/../../run.sqlite", host), 400},
      {"encoded dots", get("/films/%2e%2e/run.sqlite", host), 400},
      {"encoded slash", get("/films/..%2frun.sqlite", host), 400},
      {"encoded twice", get("/films/%252e%252e%252frun.sqlite", host), 400},
      {"backslash", get("/films/..\\run.sqlite", host), 400},
      {"absolute path", get("//etc/passwd", host), 400},
      {"path in a film's name", get("/films//etc/passwd.mp4", host), 400},
      {"encoded NUL", get("/films/x.mp4%00.js", host), 400},
      {"a file of the run", get("/run.sqlite", host), 404},
      {"a folder", get("/films/", host), 404},
      {"a film that nobody made", get("/films/made-s5-0.0-0000000000000000.mp4", host), 404},
      {"a file of the page's folder", get("/index.html", host), 404},
      {"nothing there", get("/api/secrets", host), 404},
      {"no slash", get("api/runs", host), 400},
      {"a very long path", get("/" + std::string(3000, 'a'), host), 414},
      {"a far too long path", get("/" + std::string(20000, 'a'), host), 414},
      // Methods and bodies.
      {"POST", "POST /api/runs HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\nhi", 405},
      {"PUT", "PUT /api/runs HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", 405},
      {"DELETE", "DELETE /api/runs HTTP/1.1\r\n" + host + "\r\n", 405},
      {"PATCH", "PATCH /api/runs HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", 405},
      {"OPTIONS", "OPTIONS /api/runs HTTP/1.1\r\n" + host + "\r\n", 405},
      {"TRACE", "TRACE / HTTP/1.1\r\n" + host + "\r\n", 405},
      {"CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\n" + host + "\r\n", 405},
      {"GET with a body", get("/", host + "Content-Length: 2\r\n") + "hi", 400},
      {"GET with a chunked body", get("/", host + "Transfer-Encoding: chunked\r\n") + "0\r\n\r\n",
       400},
      {"another protocol", get("/", host + "Upgrade: websocket\r\n"), 400},
      // Malformed requests.
      {"no request", "hello\r\n\r\n", 400},
      {"unknown method", "STEAL / HTTP/1.1\r\n" + host + "\r\n", 400},
      {"no version", "GET /\r\n" + host + "\r\n", 400},
      {"another version", "GET / HTTP/9.9\r\n" + host + "\r\n", 400},
      {"control characters in the path", get(std::string("/a\x01\x02"), host), 400},
      {"quotes in the path", get("/api/runs?\"><script>", host), 400},
      // Queries.
      {"a run that is not there", get("/api/points?run=7&round=train&x=b0&y=b1", host), 404},
      {"a run that is no number", get("/api/points?run=../x&round=train&x=b0&y=b1", host), 400},
      {"a negative run", get("/api/curves?run=-1&metric=a&against=b", host), 400},
      {"a number too large", get("/api/curves?run=99999999999&metric=a&against=b", host), 400},
      {"a parameter twice", get("/api/curves?run=0&run=1&metric=a&against=b", host), 400},
      {"an unknown parameter", get("/api/runs?callback=steal", host), 400},
      {"a missing parameter", get("/api/points?run=0", host), 400},
      {"SQL as a round", get("/api/points?run=0&round=x'+OR+1&x=b0&y=b1", host), 400},
      {"another round", get("/api/points?run=0&round=secret&x=b0&y=b1", host), 400},
      {"no coordinate", get("/api/points?run=0&round=train&x=q&y=b1", host), 400},
      {"an empty coordinate", get("/api/points?run=0&round=train&x=&y=b1", host), 400},
      {"a third projection", get("/api/points?run=0&round=train&x=p3&y=b1", host), 400},
      {"no address", get("/api/individual?run=0&individual=x", host), 422},
      {"nobody's address", get("/api/individual?run=0&individual=9.9", host), 422},
      {"an episode that is not there", get("/api/film?run=0&individual=0.1&episode=5", host), 404},
      // Ranges.
      {"two ranges", get("/page.js", host + "Range: bytes=0-1,3-4\r\n"), 416},
      {"a range from the end", get("/page.js", host + "Range: bytes=-5\r\n"), 416},
      {"a range beyond", get("/page.js", host + "Range: bytes=99999999-\r\n"), 416},
      {"a range that ends beyond", get("/page.js", host + "Range: bytes=0-99999999\r\n"), 416},
      {"a range backwards", get("/page.js", host + "Range: bytes=5-2\r\n"), 416},
      {"no range", get("/page.js", host + "Range: apples=1-2\r\n"), 416},
  };
  EXPECT_GE(attacks.size(), 30u);
  for (const Attack& attack : attacks) {
    const std::string answer = Send(attack.request);
    EXPECT_EQ(StatusOf(answer), attack.status) << attack.name << "\n" << answer.substr(0, 300);
    EXPECT_EQ(answer.find("SQLite format"), std::string::npos) << attack.name;
    EXPECT_EQ(answer.find("Access-Control-Allow"), std::string::npos) << attack.name;
  }
  EXPECT_EQ(StatusOf(Get("/api/runs")), 200);  // and still goes on
}

TEST_F(ServerTest, IsNotHeldUpByThoseWhoSayNothing) {
  Start();
  std::vector<int> silent;
  for (int i = 0; i < 4; ++i) {
    silent.push_back(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(server_->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(connect(silent.back(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    send(silent.back(), "GET / HT", 8, MSG_NOSIGNAL);
  }
  EXPECT_EQ(StatusOf(Get("/api/runs")), 200);
  for (const int connection : silent) close(connection);
}

TEST_F(ServerTest, AsksForTheTokenThatItWasGiven) {
  Start({.address = "0.0.0.0", .port = 0, .token = kToken});
  EXPECT_EQ(server_->url(),
            "http://0.0.0.0:" + std::to_string(server_->port()) + "/" + kToken + "/");
  const std::string token = std::string("/") + kToken;
  EXPECT_EQ(StatusOf(Get(token + "/")), 200);
  EXPECT_EQ(StatusOf(Get(token + "/api/runs")), 200);
  host_ = "a-machine.example";  // by whatever name
  EXPECT_EQ(StatusOf(Get(token + "/api/runs")), 200);
  std::string other = token;
  other.back() = '0';
  for (const std::string& target :
       {std::string("/"), std::string("/api/runs"), token, other + "/", token.substr(0, 8) + "/",
        token + "x/", "/api" + token + "/runs"}) {
    EXPECT_EQ(StatusOf(Get(target)), 403) << target;
  }
  EXPECT_EQ(StatusOf(Get(token + "/", "Origin: http://evil.example\r\n")), 403);
  EXPECT_EQ(StatusOf(Get(token + "/../run.sqlite")), 400);
  EXPECT_EQ(StatusOf(Get(token + "/nothing")), 404);
}

TEST_F(ServerTest, EndsWheneverItIsStopped) {
  InspectServer never({}, api_);
  never.Stop();
  never.Run();
  for (int i = 0; i < 100; ++i) {
    Start();
    std::this_thread::sleep_for(std::chrono::microseconds(10 * i));
    StopServer();
  }
}

TEST_F(ServerTest, SaysWhereItCannotListen) {
  Start();
  EXPECT_ERROR(InspectServer({.address = "127.0.0.1", .port = server_->port(), .token = ""}, api_),
               "cannot listen on 127.0.0.1, port " + std::to_string(server_->port()));
  EXPECT_ERROR(InspectServer({.address = "0.0.0.0", .port = 0, .token = ""}, api_),
               "the server would be open to everybody at 0.0.0.0: give it a token");
}

}  // namespace
}  // namespace dne
