// SPDX-License-Identifier: MIT
#include "dne/envs/process/interfaces.h"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>

namespace dne {
namespace {

namespace fs = std::filesystem;

// Of the library that holds this function, or else of the program, whose name may be only what it
// was called by; empty where nobody knows.
fs::path OwnFolder() {
  Dl_info info{};
  const bool is_known = dladdr(reinterpret_cast<void*>(&InterfaceFile), &info) != 0;
  const std::string name = is_known && info.dli_fname != nullptr ? info.dli_fname : "";
  std::error_code unknown;
  return fs::canonical(name.ends_with(".so") ? name : "/proc/self/exe", unknown).parent_path();
}

}  // namespace

std::string InterfaceFile(const std::string& name) {
  const fs::path own = OwnFolder();
  for (const fs::path& folder : {own / "interfaces", own.parent_path() / "interfaces"}) {
    std::error_code absent;
    if (!own.empty() && fs::is_regular_file(folder / name, absent)) return folder / name;
  }
  return fs::path(DNE_INTERFACE_DIR) / name;
}

}  // namespace dne
