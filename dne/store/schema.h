// SPDX-License-Identifier: MIT
// The tables of a run store (docs/formats-store.md) and what never changes in them. Private to
// the store.
#pragma once

#include "dne/store/sqlite.h"
#include "dne/store/store.h"

namespace dne {

// In the header of the file, which tools like file(1) show: "dneR".
inline constexpr uint32_t kApplicationId = 0x646e6552;
// Raised with every change of the tables; older versions stay readable.
inline constexpr uint32_t kSchemaVersion = 5;

// Fills an empty file, in one transaction.
void MakeSchema(const Database& database, const RunInfo& info);

// Gives a store of an older version what this one's tables need; in one transaction.
void RaiseSchema(const Database& database);

// Throws unless the file is a run store of a version that can be read, with all its tables. Returns
// the version.
uint32_t CheckSchema(const Database& database);

RunInfo ReadRunInfo(const Database& database, uint32_t version);

}  // namespace dne
