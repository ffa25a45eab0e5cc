// SPDX-License-Identifier: MIT
// The 6507 while instructions run: its registers, and all that instructions are made of. Part of
// m6502.cc, which says what each opcode does.
#pragma once

#include <ale/emucore/Device.hxx>
#include <ale/emucore/M6502Low.hxx>
#include <ale/emucore/System.hxx>
#include <algorithm>
#include <array>
#include <cstdint>

namespace ale::stella {
// The registers while instructions run. Nobody takes its address, so that they stay in the
// machine's.
class M6502Low::Core {
 public:
  Core(M6502Low& cpu, uint32_t number)
      : cpu_(cpu),
        number_(number),
        system_(*cpu.mySystem),
        pages_(&system_.getPageAccess(0)),
        ram_(PageOf(0x80).directPokeBase - 0x80),
        a_(cpu.A),
        x_(cpu.X),
        y_(cpu.Y),
        sp_(cpu.SP),
        pc_(cpu.PC),
        negative_(cpu.N ? 0x80 : 0),
        nonzero_(cpu.notZ),
        carry_(cpu.C),
        overflow_(cpu.V),
        decimal_(cpu.D),
        no_irq_(cpu.I) {}

  void Leave() const {
    system_.incrementCycles(cycles_);
    cpu_.A = a_;
    cpu_.X = x_;
    cpu_.Y = y_;
    cpu_.SP = sp_;
    cpu_.PC = pc_;
    cpu_.N = (negative_ & 0x80) != 0;
    cpu_.notZ = nonzero_ != 0;
    cpu_.C = carry_;
    cpu_.V = overflow_;
    cpu_.D = decimal_;
    cpu_.I = no_irq_;
    cpu_.B = true;
  }

  void Run() {
    for (; number_ != 0 && cpu_.myExecutionStatus == 0; --number_) Step();
  }

 private:
  using Page = System::PageAccess;

  static constexpr uint16_t kStack = 0x100;
  static constexpr int kNone = -1;

  static bool OtherPage(uint16_t one, uint16_t other) { return ((one ^ other) & 0xff00) != 0; }

  const Page& PageOf(uint16_t address) const { return pages_[(address & 0x1fff) >> 6]; }

  // Memory is read where it lies; devices are asked, once the system knows the time and what the
  // data bus holds, the last byte read.
  uint8_t Read(uint16_t address) {
    const uint8_t* memory = PageOf(address).directPeekBase;
    if (memory != nullptr) [[likely]] {
      last_ = address;
      return memory[address & 63];
    }
    const uint8_t value = ReadDevice(system_, cycles_, last_, address);
    cycles_ = 0;
    last_ = kNone;
    device_read_pc_ = pc_;
    device_read_number_ = number_;
    return value;
  }

  [[gnu::noinline]] static uint8_t ReadDevice(System& system, uint32_t cycles, int last,
                                              uint16_t address) {
    system.incrementCycles(cycles);
    // Only the TIA looks at the bus.
    const bool is_tia = (address & 0x1080) == 0;
    if (is_tia && last != kNone) system.peek(static_cast<uint16_t>(last));
    return system.peek(address);
  }

  // Of the zero page where the address is a byte.
  uint8_t Operand(uint16_t at) { return Read(at); }
  uint8_t Operand(uint8_t at) { return ReadZero(at); }
  void Result(uint16_t at, uint8_t value) { Write(at, value); }
  void Result(uint8_t at, uint8_t value) { WriteZero(at, value); }

  // `read_before`: the access before this one was a read, which a write that halts the processor
  // needs.
  void Write(uint16_t address, uint8_t value, bool read_before = true) {
    const Page& page = PageOf(address);
    if (page.directPokeBase != nullptr) {
      page.directPokeBase[address & 63] = value;
      return;
    }
    WriteDevice(cpu_, page, cycles_, address, value, read_before);
    cycles_ = 0;
  }

  [[gnu::noinline]] static void WriteDevice(M6502Low& cpu, const Page& page, uint32_t cycles,
                                            uint16_t address, uint8_t value, bool read_before) {
    cpu.mySystem->incrementCycles(cycles);
    cpu.myLastAccessWasRead = read_before;
    constexpr std::array<uint8_t, 4> kTimerShifts = {0, 3, 6, 10};
    if ((address & 0x1294) == 0x0294) cpu.timer_shift_ = kTimerShifts[address & 3];
    page.device->poke(address, value);
  }

  // RAM is the upper half of the zero page, and of the stack's.
  uint8_t ReadZero(uint8_t address) {
    if (address < 0x80) return Read(address);
    last_ = address;
    return ram_[address];
  }
  void WriteZero(uint8_t address, uint8_t value) {
    if (address < 0x80) {
      Write(address, value);
    } else {
      ram_[address] = value;
    }
  }

  uint8_t Fetch() {
    if (code_ == nullptr) [[unlikely]]
      return Read(pc_++);
    last_ = pc_++;
    return *code_++;
  }
  uint16_t FetchWord() {
    const uint8_t low = Fetch();
    return static_cast<uint16_t>(low | Fetch() << 8);
  }

  // Addresses of operands. Where a read crosses a page by its index it takes a cycle more.
  uint8_t Zero() { return Fetch(); }
  uint8_t Zero(uint8_t index) { return static_cast<uint8_t>(Fetch() + index); }
  uint16_t Indexed(uint16_t base, uint8_t index, bool is_read) {
    const auto address = static_cast<uint16_t>(base + index);
    if (is_read && OtherPage(base, address)) ++cycles_;
    return address;
  }
  uint16_t Absolute() { return FetchWord(); }
  uint16_t Absolute(uint8_t index) { return Indexed(FetchWord(), index, true); }
  uint16_t AbsoluteToWrite(uint8_t index) { return Indexed(FetchWord(), index, false); }
  // The second byte of a pointer at 0xff is not at 0 but past the zero page.
  uint16_t Pointer(uint8_t at) {
    const uint8_t low = ReadZero(at);
    if (at == 0xff) return static_cast<uint16_t>(low | Read(0x100) << 8);
    return static_cast<uint16_t>(low | ReadZero(static_cast<uint8_t>(at + 1)) << 8);
  }
  uint16_t IndirectX() { return Pointer(static_cast<uint8_t>(Fetch() + x_)); }
  uint16_t IndirectY() { return Indexed(Pointer(Fetch()), y_, true); }
  uint16_t IndirectYToWrite() { return Indexed(Pointer(Fetch()), y_, false); }

  void Push(uint8_t value, bool read_before = true) {
    if (sp_ < 0x80) {
      Write(static_cast<uint16_t>(kStack + sp_), value, read_before);
    } else {
      ram_[sp_] = value;
    }
    --sp_;
  }
  uint8_t StackTop() {
    if (sp_ < 0x80) return Read(static_cast<uint16_t>(kStack + sp_));
    last_ = kStack + sp_;
    return ram_[sp_];
  }
  uint8_t Pull() {
    ++sp_;
    return StackTop();
  }

  uint8_t Set(uint8_t value) {
    negative_ = value;
    nonzero_ = value;
    return value;
  }
  uint8_t Status() const {
    return static_cast<uint8_t>(0x30 | (negative_ & 0x80) | (overflow_ ? 0x40 : 0) |
                                (decimal_ ? 8 : 0) | (no_irq_ ? 4 : 0) | (nonzero_ == 0 ? 2 : 0) |
                                (carry_ ? 1 : 0));
  }
  void SetStatus(uint8_t status) {
    negative_ = status;
    overflow_ = (status & 0x40) != 0;
    decimal_ = (status & 8) != 0;
    no_irq_ = (status & 4) != 0;
    nonzero_ = (status & 2) == 0;
    carry_ = (status & 1) != 0;
  }

  void Branch(bool taken) {
    const auto offset = static_cast<int8_t>(Fetch());
    if (taken) Jump(offset);
  }
  uint32_t Jump(int8_t offset) {
    const auto to = static_cast<uint16_t>(pc_ + offset);
    const uint32_t more = OtherPage(pc_, to) ? 2 : 1;
    cycles_ += more;
    pc_ = to;
    return more;
  }
  void BranchIfNonzero() {
    const auto offset = static_cast<int8_t>(Fetch());
    if (nonzero_ == 0) return;
    const bool waits = offset == kToLoad && code_ != nullptr && HasLoadedTimer();
    const uint32_t more = Jump(offset);
    if (waits) [[unlikely]]
      SkipWaiting(6 + more);
  }

  // Games wait for the timer in a loop of two instructions: a load from it and a branch back. As
  // long as the timer cannot be down to zero, nothing else happens.
  static constexpr int8_t kToLoad = -5;
  bool HasLoadedTimer() const {
    const bool is_in_page = ((pc_ - 2) & 63) + 2 >= -kToLoad;
    if (!is_in_page) return false;
    const uint8_t load = code_[kToLoad];
    return (load == 0xad || load == 0xae || load == 0xac) && code_[kToLoad + 1] == 0x84 &&
           code_[kToLoad + 2] == 0x02 && device_read_pc_ == pc_ - 2 &&
           device_read_number_ == number_ + 1;
  }
  void SkipWaiting(uint32_t cycles) {
    // Which may be a timer that has just run out, and then reading it has an effect.
    if (nonzero_ == 0xff) return;
    const uint32_t rounds =
        std::min(((nonzero_ - 1u) << cpu_.timer_shift_) / cycles, (number_ - 1) / 2);
    cycles_ += rounds * cycles;
    number_ -= 2 * rounds;
  }

  // Operations on a value.
  void Load(uint8_t value, uint8_t& to) { to = Set(value); }
  void And(uint8_t value) { a_ = Set(a_ & value); }
  void Or(uint8_t value) { a_ = Set(a_ | value); }
  void Xor(uint8_t value) { a_ = Set(a_ ^ value); }
  void Compare(uint8_t with, uint8_t value) {
    Set(static_cast<uint8_t>(with - value));
    carry_ = with >= value;
  }
  void Bit(uint8_t value) {
    nonzero_ = a_ & value;
    negative_ = value;
    overflow_ = (value & 0x40) != 0;
  }
  void AddBinary(uint8_t value) {
    const int sum = a_ + value + carry_;
    overflow_ = ((a_ ^ sum) & (value ^ sum) & 0x80) != 0;
    carry_ = sum > 0xff;
    a_ = Set(static_cast<uint8_t>(sum));
  }
  // In decimal mode numbers are two digits; what ALE makes of other values is kept.
  void DecimalResult(uint8_t before, uint8_t value, int number) {
    a_ = Set((&ourBCDTable[1][0])[number]);
    overflow_ = ((before ^ a_) & (a_ ^ value) & 0x80) != 0;
  }
  void Add(uint8_t value) {
    if (!decimal_) [[likely]] {
      AddBinary(value);
      return;
    }
    const int sum = ourBCDTable[0][a_] + ourBCDTable[0][value] + carry_;
    carry_ = sum > 99;
    DecimalResult(a_, value, sum & 0xff);
  }
  void Subtract(uint8_t value) {
    if (!decimal_) [[likely]] {
      AddBinary(static_cast<uint8_t>(~value));
      return;
    }
    int difference = ourBCDTable[0][a_] - ourBCDTable[0][value] - !carry_;
    if (difference < 0) difference += 100;
    carry_ = a_ >= value + !carry_;
    DecimalResult(a_, value, difference);
  }

  uint8_t ShiftLeft(uint8_t value, bool into) {
    carry_ = (value & 0x80) != 0;
    return Set(static_cast<uint8_t>(value << 1 | into));
  }
  uint8_t ShiftRight(uint8_t value, bool into) {
    carry_ = (value & 1) != 0;
    return Set(static_cast<uint8_t>(value >> 1 | into << 7));
  }
  uint8_t Increment(uint8_t value) { return Set(static_cast<uint8_t>(value + 1)); }
  uint8_t Decrement(uint8_t value) { return Set(static_cast<uint8_t>(value - 1)); }

  // Operations that read, change and write back.
  template <class Address>
  void Asl(Address at) {
    Result(at, ShiftLeft(Operand(at), false));
  }
  template <class Address>
  void Rol(Address at) {
    Result(at, ShiftLeft(Operand(at), carry_));
  }
  template <class Address>
  void Lsr(Address at) {
    Result(at, ShiftRight(Operand(at), false));
  }
  template <class Address>
  void Ror(Address at) {
    Result(at, ShiftRight(Operand(at), carry_));
  }
  template <class Address>
  void Inc(Address at) {
    Result(at, Increment(Operand(at)));
  }
  template <class Address>
  void Dec(Address at) {
    Result(at, Decrement(Operand(at)));
  }

  // The undocumented ones do two things at once.
  template <class Address>
  void Slo(Address at) {
    const uint8_t value = ShiftLeft(Operand(at), false);
    Result(at, value);
    Or(value);
  }
  template <class Address>
  void Rla(Address at) {
    const uint8_t value = ShiftLeft(Operand(at), carry_);
    Result(at, value);
    And(value);
  }
  template <class Address>
  void Sre(Address at) {
    const uint8_t value = ShiftRight(Operand(at), false);
    Result(at, value);
    Xor(value);
  }
  template <class Address>
  void Rra(Address at) {
    const uint8_t value = ShiftRight(Operand(at), carry_);
    Result(at, value);
    Add(value);
  }
  template <class Address>
  void Dcp(Address at) {
    const uint8_t value = Decrement(Operand(at));
    Result(at, value);
    Compare(a_, value);
  }
  template <class Address>
  void Isb(Address at) {
    const uint8_t value = Increment(Operand(at));
    Result(at, value);
    Subtract(value);
  }
  void Lax(uint8_t value) { a_ = x_ = Set(value); }
  void Anc(uint8_t value) {
    And(value);
    carry_ = (a_ & 0x80) != 0;
  }
  void Arr(uint8_t value);
  void Sbx(uint8_t value) {
    const auto both = static_cast<uint8_t>(a_ & x_);
    Compare(both, value);
    x_ = static_cast<uint8_t>(both - value);
  }
  void WriteWithHigh(uint16_t at, uint8_t value) {
    Write(at, static_cast<uint8_t>(value & ((at >> 8) + 1)));
  }

  void Step();
  void Brk();
  void Jsr();
  void JmpIndirect();
  void Rti();
  void Rts();

  M6502Low& cpu_;
  uint32_t number_;  // of instructions to go
  System& system_;
  const Page* pages_;
  uint8_t* ram_;                   // by address in the zero page
  const uint8_t* code_ = nullptr;  // at pc_, where the instruction's bytes lie in memory
  uint32_t cycles_ = 0;            // that the system does not know of
  int last_ = kNone;            // address of the last byte read, where the system does not know it
  int device_read_pc_ = kNone;  // where the program was when it last asked a device
  uint32_t device_read_number_ = 0;
  uint8_t a_;
  uint8_t x_;
  uint8_t y_;
  uint8_t sp_;
  uint16_t pc_;
  uint8_t negative_;  // in its highest bit
  uint8_t nonzero_;
  bool carry_;
  bool overflow_;
  bool decimal_;
  bool no_irq_;
};

inline void M6502Low::Core::Arr(uint8_t operand) {
  const auto value = static_cast<uint8_t>(a_ & operand);
  const bool carry = carry_;
  a_ = Set(static_cast<uint8_t>(value >> 1 | carry << 7));
  if (!decimal_) {
    carry_ = (a_ & 0x40) != 0;
    overflow_ = ((a_ ^ a_ << 1) & 0x40) != 0;
    return;
  }
  overflow_ = ((value ^ a_) & 0x40) != 0;
  if ((value & 0x0f) + (value & 0x01) > 0x05) {
    a_ = static_cast<uint8_t>((a_ & 0xf0) | ((a_ + 0x06) & 0x0f));
  }
  carry_ = (value & 0xf0) + (value & 0x10) > 0x50;
  if (carry_) a_ = static_cast<uint8_t>(a_ + 0x60);
}

inline void M6502Low::Core::Brk() {
  Fetch();
  Push(static_cast<uint8_t>(pc_ >> 8));
  Push(static_cast<uint8_t>(pc_), false);
  Push(Status(), false);
  no_irq_ = true;
  const uint8_t low = Read(0xfffe);
  pc_ = static_cast<uint16_t>(low | Read(0xffff) << 8);
}

inline void M6502Low::Core::Jsr() {
  const uint8_t low = Fetch();
  StackTop();
  Push(static_cast<uint8_t>(pc_ >> 8));
  Push(static_cast<uint8_t>(pc_), false);
  code_ = nullptr;  // a write may have switched banks
  pc_ = static_cast<uint16_t>(low | Fetch() << 8);
}

inline void M6502Low::Core::JmpIndirect() {
  const uint16_t at = FetchWord();
  const auto next = static_cast<uint16_t>(at + 1);
  const uint8_t low = Read(at);
  // The chip does not carry into the page.
  pc_ = static_cast<uint16_t>(low | Read(OtherPage(at, next) ? at & 0xff00 : next) << 8);
}

inline void M6502Low::Core::Rti() {
  StackTop();
  SetStatus(Pull());
  const uint8_t low = Pull();
  pc_ = static_cast<uint16_t>(low | Pull() << 8);
}

inline void M6502Low::Core::Rts() {
  StackTop();
  const uint8_t low = Pull();
  pc_ = static_cast<uint16_t>(low | Pull() << 8);
  code_ = nullptr;
  Fetch();
}

}  // namespace ale::stella
