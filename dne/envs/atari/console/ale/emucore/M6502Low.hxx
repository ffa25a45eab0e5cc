// SPDX-License-Identifier: MIT
// Found before ALE's header of this name: the processor of ALE's console, a 6507. Its cycles are
// those of ALE's "low compatibility": an instruction's are counted before its first access to an
// operand.
#pragma once

#include <ale/emucore/M6502.hxx>
#include <cstdint>

namespace ale::stella {

class M6502Low : public M6502 {
 public:
  using M6502::M6502;

  // So many instructions, or fewer where a device stops it. The processor has no interrupts: its
  // chip has no pins for them.
  bool execute(uint32_t number) override;

  const char* name() const override { return "M6502Low"; }
  void reset() override;
  bool save(Serializer& out) override;
  bool load(Deserializer& in) override;

 private:
  class Core;

  // The timer counts down once in 1 << this many cycles; 0 where that is not known. It is set by
  // what the program writes, and not saved.
  uint8_t timer_shift_ = 0;
};

}  // namespace ale::stella
