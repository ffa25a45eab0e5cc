// SPDX-License-Identifier: MIT
// A configuration as TOML: sections of fields, read with all their mistakes, written, documented.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "dne/config/field.h"
#include "dne/config/mistakes.h"

namespace dne {

struct Section {
  std::string name;                         // empty: the top of the file
  std::string about;                        // a paragraph of the reference
  std::function<void(Fields&)> visit;       // lists the fields, as they are now
  std::function<void()> prepare = nullptr;  // before it is read, after the sections before it
  // Why none of its fields is of use, given the field `depends_on` ("part.type") of a section
  // before it; empty where they are.
  std::function<std::string()> unused = nullptr;
  std::string depends_on = {};
  // Another section, where its fields stood once and are still read; empty: none.
  std::string formerly_in = {};

  std::string WhyUnused() const { return unused ? unused() : ""; }
};

// One `--set key=value`, key dotted: "algorithm.sigma=0.005".
using Overrides = std::span<const std::string>;

enum class Written {
  kByUser,
  // By this program or an older one: what is of no use is no mistake, since old versions wrote it.
  kByProgram,
};

// Reads a text into what the sections' fields refer to, in their order. Reports all that one field
// or section alone can tell in `mistakes`, each with line number, value, limit, and the nearest
// known key for unknown ones; wrong values leave the default. Afterwards `mistakes` knows the
// fields by their addresses. Throws Error where the text is no TOML.
void ReadSections(std::string_view toml, std::string_view origin, Overrides overrides,
                  Written written, std::span<const Section> sections, Mistakes& mistakes);

// Every field that is of use; what ReadSections reads back.
std::string WriteSections(std::span<const Section> sections);

// A table of each section's fields with type, default, limits and meaning (Markdown). Fields that
// come with some kinds only say with which.
std::string SectionsReference(std::span<const Section> sections);

// A field that may be there, whatever is chosen now.
struct PossibleField {
  Field field;
  // The choices that it comes with, innermost only: "optimizer" and its words; none: always there.
  std::string choice;
  std::vector<std::string> with;
};
// All that `visit` can list, each once; values are the defaults. Fields refer to `kept`.
std::vector<PossibleField> PossibleFields(const std::function<void(Fields&)>& visit, Fields& kept);

// What decides whether it is there: itself or, where it comes with every word of its choice, what
// decides whether that choice is.
const PossibleField& DecidesUse(const PossibleField& possible, std::span<const PossibleField> all);

}  // namespace dne
