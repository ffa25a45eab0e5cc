// SPDX-License-Identifier: MIT
// The code paths of AddOuterProducts; all the same bits.
#pragma once

#include "dne/random/outer_products.h"

namespace dne::outer_products {

void RunScalar(const OuterProducts& products);
template <Isa>
void RunVector(const OuterProducts& products);

}  // namespace dne::outer_products
