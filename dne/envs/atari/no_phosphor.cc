// SPDX-License-Identifier: MIT
// Stands in for ALE's phosphor_blend.cpp, colour averaging that dne never asks for: filling its
// tables takes 15 times as long as booting a game.
#include <ale/environment/phosphor_blend.hpp>

#include "dne/base/error.h"

namespace ale {

PhosphorBlend::PhosphorBlend(stella::OSystem* osystem) : m_osystem(osystem) {}

void PhosphorBlend::process(ALEScreen&) { DNE_CHECK(!"colour averaging is never on"); }

}  // namespace ale
