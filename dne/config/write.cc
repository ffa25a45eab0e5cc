// SPDX-License-Identifier: MIT
// Fields as a file, and as tables of the reference.
#include <fmt/format.h>

#include "dne/config/section.h"

namespace dne {
namespace {

// Lists of sections come after the other fields of theirs.
std::string FieldLines(const std::string& section, const Fields& fields) {
  std::string lines;
  std::string lists;
  for (const Field& field : fields.all()) {
    if (field.unused) continue;
    if (!field.is_list()) {
      const std::string text = field.write();
      if (!text.empty()) lines += fmt::format("{} = {}\n", field.name, text);
      continue;
    }
    if (field.size() == 0) lines += fmt::format("{} = []\n", field.name);
    for (size_t i = 0; i < field.size(); ++i) {
      Fields element;
      field.visit(i, element);
      lists += fmt::format("\n[[{}.{}]]\n", section, field.name) + FieldLines("", element);
    }
  }
  return lines + lists;
}

std::string DefaultCell(const Field& field) {
  if (field.required && !field.required_if_used) return "required";
  if (field.required_if_used) return "";
  return field.write();
}

// "type es, pgpe"; empty where it is always there.
std::string WithCell(const PossibleField& possible, std::span<const PossibleField> all) {
  const PossibleField& decides = DecidesUse(possible, all);
  std::string cell = decides.choice;
  for (size_t i = 0; i < decides.with.size(); ++i) {
    cell += (i == 0 ? " " : ", ") + decides.with[i];
  }
  return cell;
}

std::string FieldTable(const std::function<void(Fields&)>& visit) {
  Fields kept;
  const std::vector<PossibleField> all = PossibleFields(visit, kept);
  std::string rows =
      "\n| key | with | type | default | allowed | meaning |\n| --- | --- | --- | --- | --- | --- "
      "|\n";
  for (const PossibleField& possible : all) {
    const Field& field = possible.field;
    if (field.is_list()) continue;
    rows += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", field.name, WithCell(possible, all),
                        field.type, DefaultCell(field), field.limits, field.meaning);
  }
  return rows;
}

std::string ListTables(const Section& section) {
  std::string text;
  Fields fields;
  section.visit(fields);
  for (const Field& field : fields.all()) {
    if (!field.is_list()) continue;
    text += fmt::format("\n## [[{}.{}]]\n\n{}\n", section.name, field.name, field.meaning);
    text += FieldTable([&](Fields& element) { field.append(element); });
  }
  return text;
}

}  // namespace

std::string WriteSections(std::span<const Section> sections) {
  std::string text;
  for (const Section& section : sections) {
    if (!section.WhyUnused().empty()) continue;
    Fields fields;
    section.visit(fields);
    if (!section.name.empty()) text += fmt::format("\n[{}]\n", section.name);
    text += FieldLines(section.name, fields);
  }
  return text;
}

std::string SectionsReference(std::span<const Section> sections) {
  std::string text;
  for (const Section& section : sections) {
    text += section.name.empty() ? "\n## At the top\n" : fmt::format("\n## [{}]\n", section.name);
    if (!section.about.empty()) text += fmt::format("\n{}\n", section.about);
    text += FieldTable(section.visit) + ListTables(section);
  }
  return text;
}

}  // namespace dne
