// SPDX-License-Identifier: MIT
// Where the other side of the protocol lies (interfaces/): dne starts some of it itself.
#pragma once

#include <string>

namespace dne {

// The path of a file of interfaces/: beside the program or library that this is part of, where it
// was installed, else in the source tree.
std::string InterfaceFile(const std::string& name);

}  // namespace dne
