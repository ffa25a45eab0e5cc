// SPDX-License-Identifier: MIT
// The page's files, which are part of the binary: dne/inspect/page.
#pragma once

#include <string_view>

namespace dne {

struct PageFile {
  std::string_view path;  // of the address: "/page.js"
  std::string_view type;  // for Content-Type
  std::string_view text;
};

// Null: the page has none of that path.
const PageFile* FindPageFile(std::string_view path);

}  // namespace dne
