// SPDX-License-Identifier: MIT
// Whole files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dne {

// The whole file. Throws Error where it cannot be read.
std::string ReadFile(const std::filesystem::path& path);
// Writes beside the file, syncs, renames: readers see the old file or the new one. Throws Error
// with the cause, and leaves nothing behind.
void WriteFileAtomically(const std::filesystem::path& path, std::string_view bytes);

}  // namespace dne
