// SPDX-License-Identifier: MIT
#include "dne/base/about.h"

#include <chrono>
#include <ctime>
#include <fstream>
#include <thread>

namespace dne {
namespace {

constexpr const char* OnOff(bool is_on) { return is_on ? "on" : "off"; }

}  // namespace

std::string Version() { return DNE_VERSION; }
std::string MathName() { return DNE_MATH; }

std::string ArchitectureName() {
#if defined(__x86_64__)
  return "x86_64";
#else
  return "aarch64";
#endif
}

std::string BuildName() {
  const std::string emulator = DNE_ATARI ? std::string(" (emulator ") + DNE_EMULATOR + ")" : "";
  return std::string("g++ ") + __VERSION__ + ", " + ArchitectureName() + ", " + DNE_BUILD_TYPE +
         ", atari " + OnOff(DNE_ATARI) + emulator + ", mujoco " + OnOff(DNE_MUJOCO) + ", mpi " +
         OnOff(DNE_MPI) + ", cuda " + OnOff(DNE_CUDA);
}

double Now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

std::string Timestamp() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::string MachineName() {
  std::ifstream info("/proc/cpuinfo");
  std::string processor = ArchitectureName() + " processor";  // ARM's have no names there
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) {
      processor = line.substr(line.find(':') + 2);
      break;
    }
  }
  return processor + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores";
}

}  // namespace dne
