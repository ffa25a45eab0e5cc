// SPDX-License-Identifier: MIT
#include "dne/base/isa.h"

#include <string>

#include "dne/base/error.h"

namespace dne {
namespace {

constexpr Isa kAll[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kNeon};

}  // namespace

std::string_view IsaName(Isa isa) {
  switch (isa) {
    case Isa::kScalar:
      return "scalar";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kNeon:
      return "neon";
  }
  DNE_CHECK(false);
}

bool IsaSupported(Isa isa) {
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi2");
  switch (isa) {
    case Isa::kScalar:
      return true;
    case Isa::kAvx2:
      return avx2;
    case Isa::kAvx512:
      return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512cd");
    case Isa::kNeon:
      return false;
  }
#elif defined(__aarch64__)
  if (isa == Isa::kNeon) return true;  // every processor of this architecture has it
#endif
  return isa == Isa::kScalar;
}

std::vector<Isa> SupportedIsas() {
  std::vector<Isa> isas;
  for (Isa isa : kAll) {
    if (IsaSupported(isa)) isas.push_back(isa);
  }
  return isas;
}

Isa ParseIsa(std::string_view name) {
  for (Isa isa : kAll) {
    if (name != IsaName(isa)) continue;
    if (IsaSupported(isa)) return isa;
    throw Error("this processor cannot run the " + std::string(name) + " code path: use " +
                std::string(IsaName(BestIsa())) + " or leave --isa out");
  }
  throw Error("unknown code path '" + std::string(name) + "': use scalar, avx2, avx512 or neon");
}

Isa BestIsa() { return SupportedIsas().back(); }

}  // namespace dne
