// SPDX-License-Identifier: MIT
#include <ale/emucore/Deserializer.hxx>
#include <ale/emucore/Serializer.hxx>

#include "dne/envs/atari/console/m6502_core-inl.h"

namespace ale::stella {

inline void M6502Low::Core::Step() {
  constexpr int kLongest = 3;  // bytes of an instruction
  const uint8_t* memory = PageOf(pc_).directPeekBase;
  const int offset = pc_ & 63;
  code_ = memory != nullptr && offset <= 64 - kLongest ? memory + offset : nullptr;
  const uint8_t opcode = Fetch();
  cycles_ += ourInstructionProcessorCycleTable[opcode];
  switch (opcode) {
    // clang-format off
    case 0x00: Brk(); break;
    case 0x01: Or(Read(IndirectX())); break;
    case 0x03: Slo(IndirectX()); break;
    case 0x04: ReadZero(Zero()); break;
    case 0x05: Or(ReadZero(Zero())); break;
    case 0x06: Asl(Zero()); break;
    case 0x07: Slo(Zero()); break;
    case 0x08: Push(Status()); break;
    case 0x09: Or(Fetch()); break;
    case 0x0a: a_ = ShiftLeft(a_, false); break;
    case 0x0b: Anc(Fetch()); break;
    case 0x0c: Read(Absolute()); break;
    case 0x0d: Or(Read(Absolute())); break;
    case 0x0e: Asl(Absolute()); break;
    case 0x0f: Slo(Absolute()); break;
    case 0x10: Branch((negative_ & 0x80) == 0); break;
    case 0x11: Or(Read(IndirectY())); break;
    case 0x13: Slo(IndirectYToWrite()); break;
    case 0x14: ReadZero(Zero(x_)); break;
    case 0x15: Or(ReadZero(Zero(x_))); break;
    case 0x16: Asl(Zero(x_)); break;
    case 0x17: Slo(Zero(x_)); break;
    case 0x18: carry_ = false; break;
    case 0x19: Or(Read(Absolute(y_))); break;
    case 0x1a: break;
    case 0x1b: Slo(AbsoluteToWrite(y_)); break;
    case 0x1c: Read(Absolute(x_)); break;
    case 0x1d: Or(Read(Absolute(x_))); break;
    case 0x1e: Asl(AbsoluteToWrite(x_)); break;
    case 0x1f: Slo(AbsoluteToWrite(x_)); break;
    case 0x20: Jsr(); break;
    case 0x21: And(Read(IndirectX())); break;
    case 0x23: Rla(IndirectX()); break;
    case 0x24: Bit(ReadZero(Zero())); break;
    case 0x25: And(ReadZero(Zero())); break;
    case 0x26: Rol(Zero()); break;
    case 0x27: Rla(Zero()); break;
    case 0x28: StackTop(); SetStatus(Pull()); break;
    case 0x29: And(Fetch()); break;
    case 0x2a: a_ = ShiftLeft(a_, carry_); break;
    case 0x2b: Anc(Fetch()); break;
    case 0x2c: Bit(Read(Absolute())); break;
    case 0x2d: And(Read(Absolute())); break;
    case 0x2e: Rol(Absolute()); break;
    case 0x2f: Rla(Absolute()); break;
    case 0x30: Branch((negative_ & 0x80) != 0); break;
    case 0x31: And(Read(IndirectY())); break;
    case 0x33: Rla(IndirectYToWrite()); break;
    case 0x34: ReadZero(Zero(x_)); break;
    case 0x35: And(ReadZero(Zero(x_))); break;
    case 0x36: Rol(Zero(x_)); break;
    case 0x37: Rla(Zero(x_)); break;
    case 0x38: carry_ = true; break;
    case 0x39: And(Read(Absolute(y_))); break;
    case 0x3a: break;
    case 0x3b: Rla(AbsoluteToWrite(y_)); break;
    case 0x3c: Read(Absolute(x_)); break;
    case 0x3d: And(Read(Absolute(x_))); break;
    case 0x3e: Rol(AbsoluteToWrite(x_)); break;
    case 0x3f: Rla(AbsoluteToWrite(x_)); break;
    case 0x40: Rti(); break;
    case 0x41: Xor(Read(IndirectX())); break;
    case 0x43: Sre(IndirectX()); break;
    case 0x44: ReadZero(Zero()); break;
    case 0x45: Xor(ReadZero(Zero())); break;
    case 0x46: Lsr(Zero()); break;
    case 0x47: Sre(Zero()); break;
    case 0x48: Push(a_); break;
    case 0x49: Xor(Fetch()); break;
    case 0x4a: a_ = ShiftRight(a_, false); break;
    case 0x4b: And(Fetch()); a_ = ShiftRight(a_, false); break;
    case 0x4c: pc_ = FetchWord(); break;
    case 0x4d: Xor(Read(Absolute())); break;
    case 0x4e: Lsr(Absolute()); break;
    case 0x4f: Sre(Absolute()); break;
    case 0x50: Branch(!overflow_); break;
    case 0x51: Xor(Read(IndirectY())); break;
    case 0x53: Sre(IndirectYToWrite()); break;
    case 0x54: ReadZero(Zero(x_)); break;
    case 0x55: Xor(ReadZero(Zero(x_))); break;
    case 0x56: Lsr(Zero(x_)); break;
    case 0x57: Sre(Zero(x_)); break;
    case 0x58: no_irq_ = false; break;
    case 0x59: Xor(Read(Absolute(y_))); break;
    case 0x5a: break;
    case 0x5b: Sre(AbsoluteToWrite(y_)); break;
    case 0x5c: Read(Absolute(x_)); break;
    case 0x5d: Xor(Read(Absolute(x_))); break;
    case 0x5e: Lsr(AbsoluteToWrite(x_)); break;
    case 0x5f: Sre(AbsoluteToWrite(x_)); break;
    case 0x60: Rts(); break;
    case 0x61: Add(Read(IndirectX())); break;
    case 0x63: Rra(IndirectX()); break;
    case 0x64: ReadZero(Zero()); break;
    case 0x65: Add(ReadZero(Zero())); break;
    case 0x66: Ror(Zero()); break;
    case 0x67: Rra(Zero()); break;
    case 0x68: StackTop(); a_ = Set(Pull()); break;
    case 0x69: Add(Fetch()); break;
    case 0x6a: a_ = ShiftRight(a_, carry_); break;
    case 0x6b: Arr(Fetch()); break;
    case 0x6c: JmpIndirect(); break;
    case 0x6d: Add(Read(Absolute())); break;
    case 0x6e: Ror(Absolute()); break;
    case 0x6f: Rra(Absolute()); break;
    case 0x70: Branch(overflow_); break;
    case 0x71: Add(Read(IndirectY())); break;
    case 0x73: Rra(IndirectYToWrite()); break;
    case 0x74: ReadZero(Zero(x_)); break;
    case 0x75: Add(ReadZero(Zero(x_))); break;
    case 0x76: Ror(Zero(x_)); break;
    case 0x77: Rra(Zero(x_)); break;
    case 0x78: no_irq_ = true; break;
    case 0x79: Add(Read(Absolute(y_))); break;
    case 0x7a: break;
    case 0x7b: Rra(AbsoluteToWrite(y_)); break;
    case 0x7c: Read(Absolute(x_)); break;
    case 0x7d: Add(Read(Absolute(x_))); break;
    case 0x7e: Ror(AbsoluteToWrite(x_)); break;
    case 0x7f: Rra(AbsoluteToWrite(x_)); break;
    case 0x80: Fetch(); break;
    case 0x81: Write(IndirectX(), a_); break;
    case 0x82: Fetch(); break;
    case 0x83: Write(IndirectX(), a_ & x_); break;
    case 0x84: WriteZero(Zero(), y_); break;
    case 0x85: WriteZero(Zero(), a_); break;
    case 0x86: WriteZero(Zero(), x_); break;
    case 0x87: WriteZero(Zero(), a_ & x_); break;
    case 0x88: y_ = Decrement(y_); break;
    case 0x89: Fetch(); break;
    case 0x8a: a_ = Set(x_); break;
    case 0x8b: a_ = Set((a_ | 0xee) & x_ & Fetch()); break;
    case 0x8c: Write(Absolute(), y_); break;
    case 0x8d: Write(Absolute(), a_); break;
    case 0x8e: Write(Absolute(), x_); break;
    case 0x8f: Write(Absolute(), a_ & x_); break;
    case 0x90: Branch(!carry_); break;
    case 0x91: Write(IndirectYToWrite(), a_); break;
    case 0x93: WriteWithHigh(IndirectYToWrite(), a_ & x_); break;
    case 0x94: WriteZero(Zero(x_), y_); break;
    case 0x95: WriteZero(Zero(x_), a_); break;
    case 0x96: WriteZero(Zero(y_), x_); break;
    case 0x97: WriteZero(Zero(y_), a_ & x_); break;
    case 0x98: a_ = Set(y_); break;
    case 0x99: Write(AbsoluteToWrite(y_), a_); break;
    case 0x9a: sp_ = x_; break;
    case 0x9b: sp_ = a_ & x_; WriteWithHigh(AbsoluteToWrite(y_), sp_); break;
    case 0x9c: WriteWithHigh(AbsoluteToWrite(x_), y_); break;
    case 0x9d: Write(AbsoluteToWrite(x_), a_); break;
    case 0x9e: WriteWithHigh(AbsoluteToWrite(y_), x_); break;
    case 0x9f: WriteWithHigh(AbsoluteToWrite(y_), a_ & x_); break;
    case 0xa0: Load(Fetch(), y_); break;
    case 0xa1: Load(Read(IndirectX()), a_); break;
    case 0xa2: Load(Fetch(), x_); break;
    case 0xa3: Lax(Read(IndirectX())); break;
    case 0xa4: Load(ReadZero(Zero()), y_); break;
    case 0xa5: Load(ReadZero(Zero()), a_); break;
    case 0xa6: Load(ReadZero(Zero()), x_); break;
    case 0xa7: Lax(ReadZero(Zero())); break;
    case 0xa8: y_ = Set(a_); break;
    case 0xa9: Load(Fetch(), a_); break;
    case 0xaa: x_ = Set(a_); break;
    case 0xab: Lax((a_ | 0xee) & Fetch()); break;
    case 0xac: Load(Read(Absolute()), y_); break;
    case 0xad: Load(Read(Absolute()), a_); break;
    case 0xae: Load(Read(Absolute()), x_); break;
    case 0xaf: Lax(Read(Absolute())); break;
    case 0xb0: Branch(carry_); break;
    case 0xb1: Load(Read(IndirectY()), a_); break;
    case 0xb3: Lax(Read(IndirectY())); break;
    case 0xb4: Load(ReadZero(Zero(x_)), y_); break;
    case 0xb5: Load(ReadZero(Zero(x_)), a_); break;
    case 0xb6: Load(ReadZero(Zero(y_)), x_); break;
    case 0xb7: Lax(ReadZero(Zero(y_))); break;
    case 0xb8: overflow_ = false; break;
    case 0xb9: Load(Read(Absolute(y_)), a_); break;
    case 0xba: x_ = Set(sp_); break;
    case 0xbb: a_ = x_ = sp_ = Set(sp_ & Read(Absolute(y_))); break;
    case 0xbc: Load(Read(Absolute(x_)), y_); break;
    case 0xbd: Load(Read(Absolute(x_)), a_); break;
    case 0xbe: Load(Read(Absolute(y_)), x_); break;
    case 0xbf: Lax(Read(Absolute(y_))); break;
    case 0xc0: Compare(y_, Fetch()); break;
    case 0xc1: Compare(a_, Read(IndirectX())); break;
    case 0xc2: Fetch(); break;
    case 0xc3: Dcp(IndirectX()); break;
    case 0xc4: Compare(y_, ReadZero(Zero())); break;
    case 0xc5: Compare(a_, ReadZero(Zero())); break;
    case 0xc6: Dec(Zero()); break;
    case 0xc7: Dcp(Zero()); break;
    case 0xc8: y_ = Increment(y_); break;
    case 0xc9: Compare(a_, Fetch()); break;
    case 0xca: x_ = Decrement(x_); break;
    case 0xcb: Sbx(Fetch()); break;
    case 0xcc: Compare(y_, Read(Absolute())); break;
    case 0xcd: Compare(a_, Read(Absolute())); break;
    case 0xce: Dec(Absolute()); break;
    case 0xcf: Dcp(Absolute()); break;
    case 0xd0: BranchIfNonzero(); break;
    case 0xd1: Compare(a_, Read(IndirectY())); break;
    case 0xd3: Dcp(IndirectYToWrite()); break;
    case 0xd4: ReadZero(Zero(x_)); break;
    case 0xd5: Compare(a_, ReadZero(Zero(x_))); break;
    case 0xd6: Dec(Zero(x_)); break;
    case 0xd7: Dcp(Zero(x_)); break;
    case 0xd8: decimal_ = false; break;
    case 0xd9: Compare(a_, Read(Absolute(y_))); break;
    case 0xda: break;
    case 0xdb: Dcp(AbsoluteToWrite(y_)); break;
    case 0xdc: Read(Absolute(x_)); break;
    case 0xdd: Compare(a_, Read(Absolute(x_))); break;
    case 0xde: Dec(AbsoluteToWrite(x_)); break;
    case 0xdf: Dcp(AbsoluteToWrite(x_)); break;
    case 0xe0: Compare(x_, Fetch()); break;
    case 0xe1: Subtract(Read(IndirectX())); break;
    case 0xe2: Fetch(); break;
    case 0xe3: Isb(IndirectX()); break;
    case 0xe4: Compare(x_, ReadZero(Zero())); break;
    case 0xe5: Subtract(ReadZero(Zero())); break;
    case 0xe6: Inc(Zero()); break;
    case 0xe7: Isb(Zero()); break;
    case 0xe8: x_ = Increment(x_); break;
    case 0xe9: Subtract(Fetch()); break;
    case 0xea: break;
    case 0xeb: Subtract(Fetch()); break;
    case 0xec: Compare(x_, Read(Absolute())); break;
    case 0xed: Subtract(Read(Absolute())); break;
    case 0xee: Inc(Absolute()); break;
    case 0xef: Isb(Absolute()); break;
    case 0xf0: Branch(nonzero_ == 0); break;
    case 0xf1: Subtract(Read(IndirectY())); break;
    case 0xf3: Isb(IndirectYToWrite()); break;
    case 0xf4: ReadZero(Zero(x_)); break;
    case 0xf5: Subtract(ReadZero(Zero(x_))); break;
    case 0xf6: Inc(Zero(x_)); break;
    case 0xf7: Isb(Zero(x_)); break;
    case 0xf8: decimal_ = true; break;
    case 0xf9: Subtract(Read(Absolute(y_))); break;
    case 0xfa: break;
    case 0xfb: Isb(AbsoluteToWrite(y_)); break;
    case 0xfc: Read(Absolute(x_)); break;
    case 0xfd: Subtract(Read(Absolute(x_))); break;
    case 0xfe: Inc(AbsoluteToWrite(x_)); break;
    case 0xff: Isb(AbsoluteToWrite(x_)); break;
    // clang-format on
    default:
      cpu_.myExecutionStatus |= FatalErrorBit;
      break;
  }
}

// Flat, so that the registers' places are the compiler's choice.
[[gnu::flatten]] bool M6502Low::execute(uint32_t number) {
  myExecutionStatus &= FatalErrorBit;
  Core core(*this, number);
  core.Run();
  core.Leave();
  return (myExecutionStatus & StopExecutionBit) != 0 || (myExecutionStatus & FatalErrorBit) == 0;
}

void M6502Low::reset() {
  timer_shift_ = 0;
  M6502::reset();
}

bool M6502Low::save(Serializer& out) {
  out.putString(name());
  for (const int value :
       {int{A}, int{X}, int{Y}, int{SP}, int{PC}, int{PS()}, int{myExecutionStatus}}) {
    out.putInt(value);
  }
  return true;
}

bool M6502Low::load(Deserializer& in) {
  if (in.getString() != name()) return false;
  const auto byte = [&in] { return static_cast<uint8_t>(in.getInt()); };
  A = byte();
  X = byte();
  Y = byte();
  SP = byte();
  PC = static_cast<uint16_t>(in.getInt());
  PS(byte());
  myExecutionStatus = byte();
  timer_shift_ = 0;
  return true;
}

}  // namespace ale::stella
