// SPDX-License-Identifier: MIT
// What the vector kernels of networks share; included once a target.
#include <hwy/highway.h>

#include <iterator>

#include "dne/base/vectors-inl.h"
#include "dne/nn/activation.h"
#include "dne/nn/network.h"

#if defined(DNE_NN_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DNE_NN_VECTORS_INL_H_
#undef DNE_NN_VECTORS_INL_H_
#else
#define DNE_NN_VECTORS_INL_H_
#endif

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;

// Numbers of 16 bits, as many as there are lanes (dne/nn/half.h).
using DHalf = hn::Rebind<hwy::float16_t, DF>;
using VHalf = hn::Vec<DHalf>;
constexpr DHalf dhalf;

// Tanh of tanh.h, operation by operation.
HWY_INLINE VF TanhVector(VF x) {
  const VF limit = hn::Set(df, kTanhLimit);
  x = hn::IfThenElse(hn::Gt(x, limit), limit, x);
  x = hn::IfThenElse(hn::Lt(x, hn::Neg(limit)), hn::Neg(limit), x);
  const VF square = hn::Mul(x, x);
  VF p = hn::Set(df, kTanhP[0]);
  VF q = hn::Set(df, kTanhQ[0]);
  for (size_t i = 1; i < std::size(kTanhP); ++i) {
    p = hn::MulAdd(p, square, hn::Set(df, kTanhP[i]));
    q = hn::MulAdd(q, square, hn::Set(df, kTanhQ[i]));
  }
  const VF y = hn::Div(hn::Mul(x, p), q);
  const VF one = hn::Set(df, 1.0f);
  const VF below = hn::IfThenElse(hn::Lt(y, hn::Neg(one)), hn::Neg(one), y);
  return hn::IfThenElse(hn::Gt(y, one), one, below);
}

// Sigmoid and Selu of activation.h, likewise.
HWY_INLINE VF SigmoidVector(VF x) {
  const VF half = hn::Set(df, 0.5f);
  return hn::MulAdd(half, TanhVector(hn::Mul(half, x)), half);
}

HWY_INLINE VF SeluVector(VF x) {
  const VF t = TanhVector(hn::Mul(hn::Set(df, 0.5f), x));
  const VF low = hn::Div(hn::Add(t, t), hn::Sub(hn::Set(df, 1.0f), t));
  return hn::IfThenElse(hn::Gt(x, hn::Zero(df)), hn::Mul(hn::Set(df, kSeluScale), x),
                        hn::Mul(hn::Set(df, kSeluScaleAlpha), low));
}

HWY_INLINE VF Activate(Activation activation, VF x) {
  switch (activation) {
    case Activation::kRelu:
      return hn::IfThenElseZero(hn::Gt(x, hn::Zero(df)), x);
    case Activation::kTanh:
      return TanhVector(x);
    case Activation::kSelu:
      return SeluVector(x);
    case Activation::kSigmoid:
      return SigmoidVector(x);
    case Activation::kLinear:
      return x;
  }
  return x;
}

HWY_INLINE bool SameBits(VF a, VF b) {
  return hn::AllTrue(du, hn::Eq(hn::BitCast(du, a), hn::BitCast(du, b)));
}

// Of the bits of floats: neither +0 nor -0. NaN is not zero; a comparison of floats would miss it.
HWY_INLINE hn::Mask<DU> NotZero(VU bits) {
  return hn::Ne(hn::Add(bits, bits), hn::Zero(du));  // shifts the sign out
}

// Appends the lanes of `values` under the mask; may write a whole vector.
HWY_INLINE void StoreCompressed(VU values, hn::Mask<DU> mask, uint32_t* out) {
  hn::StoreU(hn::Compress(values, mask), du, out);
}

}  // namespace
}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
