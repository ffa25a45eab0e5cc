// SPDX-License-Identifier: MIT
// The code paths of AddOuterProducts; all the same bits.
#pragma once

#include "dne/random/outer_products.h"

namespace dne::outer_products {

void RunScalar(const OuterProducts& products);
void RunAvx2(const OuterProducts& products);
void RunAvx512(const OuterProducts& products);

}  // namespace dne::outer_products
