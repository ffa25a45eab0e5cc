// SPDX-License-Identifier: MIT
#include "dne/inspect/page.h"

#include <algorithm>
#include <array>

extern "C" {
extern const char dne_page_index_begin[];
extern const char dne_page_index_end[];
extern const char dne_page_style_begin[];
extern const char dne_page_style_end[];
extern const char dne_page_script_begin[];
extern const char dne_page_script_end[];
}

namespace dne {
namespace {

std::string_view Between(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

}  // namespace

const PageFile* FindPageFile(std::string_view path) {
  static const std::array<PageFile, 3> kFiles = {{
      {"/", "text/html; charset=utf-8", Between(dne_page_index_begin, dne_page_index_end)},
      {"/page.css", "text/css; charset=utf-8", Between(dne_page_style_begin, dne_page_style_end)},
      {"/page.js", "text/javascript; charset=utf-8",
       Between(dne_page_script_begin, dne_page_script_end)},
  }};
  const auto found = std::ranges::find(kFiles, path, &PageFile::path);
  return found == kFiles.end() ? nullptr : &*found;
}

}  // namespace dne
