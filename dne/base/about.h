// SPDX-License-Identifier: MIT
// What computes, where, and when: for reports and records. No result depends on any of it.
#pragma once

#include <string>

namespace dne {

// Of dne: "0.1.0".
std::string Version();
// What it was built for: "x86_64" or "aarch64".
std::string ArchitectureName();
// Compiler, architecture, build type, optional parts.
std::string BuildName();
// The library of mathematical functions: "musl 1.2.3".
std::string MathName();
// Processor and core count.
std::string MachineName();
// The moment, UTC, ISO 8601.
std::string Timestamp();
// Seconds since some moment.
double Now();

}  // namespace dne
