// SPDX-License-Identifier: MIT
// Empty: precompiled headers must belong to some source (tests/CMakeLists.txt).
