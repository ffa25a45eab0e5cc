// SPDX-License-Identifier: MIT
// TOML and overrides into fields.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "dne/base/error.h"
#include "dne/base/nearest.h"
#include "dne/config/section.h"

namespace dne {
namespace {

// Overrides are parsed with themselves as source path, so each node knows where it came from.
SourceLine PlaceOf(const toml::source_region& source) {
  const std::string origin = source.path ? *source.path : std::string();
  const bool is_override = origin.starts_with("--set ");
  return {origin, is_override ? 0 : source.begin.line};
}

Value ListOf(const toml::array& array) {
  std::vector<std::string> texts;
  for (const toml::node& node : array) {
    const auto* text = node.as_string();
    if (text == nullptr) return OtherValue{"a list"};
    texts.push_back(text->get());
  }
  return texts;
}

Value ValueOf(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* truth = node.as_boolean()) return truth->get();
  if (const auto* array = node.as_array()) return ListOf(*array);
  if (const auto* table = node.as_table()) {
    std::ostringstream json;
    json << toml::json_formatter(*table, toml::format_flags::none);
    std::string text = json.str();
    std::ranges::replace(text, '\n', ' ');
    return TableValue{text};
  }
  return OtherValue{"a date or time"};
}

// A part of the file that holds fields.
struct Part {
  const toml::table& table;
  std::string title;  // "[algorithm]", for messages; empty: the top of the file
  std::string key;    // "algorithm"

  std::string KeyOf(std::string_view field) const {
    return key.empty() ? std::string(field) : fmt::format("{}.{}", key, field);
  }
  // Under its name or its old one.
  toml::table::const_iterator Find(const Field& field) const {
    const auto found = table.find(field.name);
    return found != table.end() || field.old_name.empty() ? found : table.find(field.old_name);
  }
};

using Visit = std::function<void(Fields&)>;

class Reader {
 public:
  Reader(std::span<const Section> sections, Written written, Mistakes& mistakes)
      : sections_(sections), written_(written), mistakes_(mistakes) {}

  void Read(const toml::table& root) {
    for (const Section& section : sections_) {
      if (section.prepare) section.prepare();
      if (section.name.empty()) {
        const Part top{root, "", ""};
        ReadPart(top, section.visit);
      } else if (root.contains(section.name)) {
        ReadSection(root, section);
      }
    }
    for (const Section& section : sections_) NameFields(section);
  }

 private:
  void ReadSection(const toml::table& root, const Section& section) {
    const auto found = root.find(section.name);
    mistakes_.Given(section.name, PlaceOf(found->first.source()));
    if (!found->second.is_table()) {
      mistakes_.AddValue(section.name, fmt::format("{0} must be a section, got {1}: write [{0}] on "
                                                   "a line of its own",
                                                   section.name, Got(ValueOf(found->second))));
      return;
    }
    const Part part{*found->second.as_table(), fmt::format("[{}]", section.name), section.name};
    const std::string why = section.WhyUnused();
    if (why.empty()) return ReadPart(part, section.visit);
    for (const auto& [key, node] : part.table) {
      if (written_ == Written::kByProgram) continue;
      AddUnused(part.KeyOf(key.str()), PlaceOf(key.source()), section.depends_on,
                fmt::format("{} has no use here, {}: remove it", key.str(), why));
    }
  }

  // A key that was given has no use by the choice of another one.
  void AddUnused(const std::string& key, const SourceLine& place, const std::string& choice,
                 const std::string& text) {
    mistakes_.Given(key, place);
    if (!mistakes_.IsOverridden(key, choice)) mistakes_.AddContradiction({key, choice}, text);
  }

  // What is known of a part once its fields were read.
  struct Outcome {
    bool choices_are_good = true;  // else nobody knows what the other fields should be
    bool kinds_are_good = true;    // else nobody knows which fields there should be
  };

  void ReadPart(const Part& part, const Visit& visit) {
    const Outcome outcome = ReadFields(part, visit);
    Fields fields;
    visit(fields);
    if (outcome.choices_are_good) CheckUses(part, fields);
    CheckKeys(part, visit, fields, outcome.kinds_are_good);
  }

  // First, one by one, those that decide which others there are.
  Outcome ReadFields(const Part& part, const Visit& visit) {
    Outcome outcome;
    std::set<std::string> read;
    while (const auto next = NextFirst(part, visit, read)) {
      read.insert(*next);
      Fields fields;
      visit(fields);
      const Field& field = *fields.Find(std::string_view(*next));
      if (ReadField(part, field)) continue;
      outcome.choices_are_good = false;
      if (field.visit_kind) outcome.kinds_are_good = false;
    }
    if (!outcome.kinds_are_good) return outcome;
    Fields fields;
    visit(fields);
    for (const Field& field : fields.all()) {
      if (read.contains(field.name) || part.Find(field) == part.table.end()) continue;
      const bool good = ReadField(part, field);
      if (!good && !field.words.empty()) outcome.choices_are_good = false;
    }
    return outcome;
  }

  static std::optional<std::string> NextFirst(const Part& part, const Visit& visit,
                                              const std::set<std::string>& read) {
    Fields fields;
    visit(fields);
    for (const Field& field : fields.all()) {
      const bool waits = field.comes_first && !read.contains(field.name);
      if (waits && part.Find(field) != part.table.end()) return field.name;
    }
    return std::nullopt;
  }

  // False where its value is wrong.
  bool ReadField(const Part& part, const Field& field) {
    const auto found = part.Find(field);
    const std::string key = part.KeyOf(field.name);
    mistakes_.Given(key, PlaceOf(found->first.source()));
    if (!field.old_name.empty() && found->first.str() == field.name) {
      const auto old = part.table.find(field.old_name);
      if (old != part.table.end()) {
        mistakes_.Add(PlaceOf(old->first.source()),
                      fmt::format("{} is the old name of {}, which is given too: remove it",
                                  field.old_name, field.name));
      }
    }
    if (field.is_list()) return ReadList(part, field, found->second);
    const std::string mistake = field.read(found->first.str(), ValueOf(found->second));
    if (!mistake.empty()) {
      mistakes_.AddValue(key, mistake);
      return false;
    }
    if (field.on_given) field.on_given();
    return true;
  }

  bool ReadList(const Part& part, const Field& field, const toml::node& node) {
    const std::string key = part.KeyOf(field.name);
    if (field.on_given) field.on_given();
    const toml::array* list = node.as_array();
    if (list == nullptr || std::ranges::any_of(*list, [](auto& n) { return !n.is_table(); })) {
      mistakes_.AddValue(key, fmt::format("{} must be sections: write [[{}]] for each, got {}",
                                          field.name, key, Got(ValueOf(node))));
      return false;
    }
    for (size_t i = 0; i < list->size(); ++i) {
      const toml::node& item = (*list)[i];
      const Part element{*item.as_table(), fmt::format("[[{}]]", key),
                         fmt::format("{}[{}]", key, i)};
      mistakes_.Given(element.key, PlaceOf(item.source()));
      Fields added;
      field.append(added);
      ReadPart(element, [&](Fields& fields) { field.visit(i, fields); });
    }
    return true;
  }

  // Reports fields that are missing, or of no use, beside the others' values.
  void CheckUses(const Part& part, const Fields& fields) {
    for (const Field& field : fields.all()) {
      const std::string key = part.KeyOf(field.name);
      if (field.unused && mistakes_.IsKeyGiven(key) && written_ == Written::kByUser) {
        AddUnused(key, PlaceOf(part.Find(field)->first.source()), KeyOfCause(part, fields, field),
                  fmt::format("{} has no use here, {}: remove it", field.name, Why(fields, field)));
      }
      if (field.required && !mistakes_.IsKeyGiven(key)) {
        mistakes_.AddContradiction(
            {KeyOfCause(part, fields, field), part.key},
            fmt::format("{} is missing in {}: {}", field.name, part.title, field.required_why));
      }
    }
  }

  static std::string KeyOfCause(const Part& part, const Fields& fields, const Field& field) {
    const Field* cause = fields.Find(field.cause);
    return cause == nullptr ? part.key : part.KeyOf(cause->name);
  }

  // "step_cap is \"fixed\"".
  static std::string Why(const Fields& fields, const Field& field) {
    if (!field.unused_why.empty()) return field.unused_why;
    const Field* cause = fields.Find(field.cause);
    DNE_CHECK(cause != nullptr);
    return fmt::format("{} is {}", cause->name, cause->write());
  }

  // Reports keys that nobody knows and, where the kinds are known, those of other kinds.
  void CheckKeys(const Part& part, const Visit& visit, const Fields& fields, bool kinds_are_good) {
    Fields kept;
    const std::vector<PossibleField> possible = PossibleFields(visit, kept);
    for (const auto& [key, node] : part.table) {
      const std::string name(key.str());
      if (fields.Find(std::string_view(name)) != nullptr) continue;
      if (part.key.empty() && IsSection(name)) continue;
      std::string choice;
      std::vector<std::string> with;
      for (const PossibleField& other : possible) {
        if (other.field.name != name && other.field.old_name != name) continue;
        const PossibleField& decides = DecidesUse(other, possible);
        if (!choice.empty() && decides.choice != choice) continue;
        choice = decides.choice;
        with.insert(with.end(), decides.with.begin(), decides.with.end());
      }
      if (with.empty()) {
        mistakes_.Add(PlaceOf(key.source()), UnknownKey(part, fields, name, node));
      } else if (kinds_are_good && written_ == Written::kByUser) {
        AddUnused(part.KeyOf(name), PlaceOf(key.source()), part.KeyOf(choice),
                  fmt::format("{} has no use here, it is for {} {} only: remove it", name, choice,
                              WordsText(with)));
      }
    }
  }

  bool IsSection(std::string_view name) const {
    return std::ranges::any_of(sections_, [&](const Section& s) { return s.name == name; });
  }

  std::string UnknownKey(const Part& part, const Fields& fields, const std::string& name,
                         const toml::node& node) const {
    std::vector<std::string> names;
    for (const Field& field : fields.all()) names.push_back(field.name);
    std::vector<std::string> sections;
    for (const Section& section : sections_) {
      if (part.key.empty() && !section.name.empty()) sections.push_back(section.name);
    }
    if (node.is_table() && !sections.empty()) return UnknownName("section", name, sections);
    const std::string home = HomeOf(name);
    if (!home.empty()) {
      return fmt::format("key '{}' has no use {}: it belongs {}", name,
                         part.title.empty() ? "here" : "in " + part.title, home);
    }
    names.insert(names.end(), sections.begin(), sections.end());
    return UnknownName("key", name, names, part.title);
  }

  // Where a key belongs that was found in another section; empty for none.
  std::string HomeOf(const std::string& key) const {
    for (const Section& section : sections_) {
      Fields kept;
      for (const PossibleField& possible : PossibleFields(section.visit, kept)) {
        if (possible.field.name != key) continue;
        return section.name.empty() ? "at the top of the file"
                                    : fmt::format("in [{}]", section.name);
      }
    }
    return "";
  }

  void NameFields(const Section& section) {
    Fields fields;
    section.visit(fields);
    for (const Field& field : fields.all()) {
      mistakes_.Name(field.address,
                     section.name.empty() ? field.name : section.name + "." + field.name);
    }
  }

  std::span<const Section> sections_;
  Written written_;
  Mistakes& mistakes_;
};

bool IsBare(std::string_view text, std::string_view extra) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || extra.find(c) != std::string_view::npos;
  });
}

// A dotted key is a line of TOML, so that the override becomes a small file of its own.
toml::table ParseOverride(const std::string& text, Mistakes& mistakes) {
  const std::string origin = "--set " + text;
  const SourceLine place{origin, 0};
  const size_t equals = text.find('=');
  if (equals == std::string::npos) {
    mistakes.Add(place, "has no '=': write --set key=value, as in --set algorithm.sigma=0.005");
    return {};
  }
  const std::string key = text.substr(0, equals);
  const std::string value = text.substr(equals + 1);
  const bool key_is_bare = IsBare(key, ".") && !key.starts_with('.') && !key.ends_with('.') &&
                           key.find("..") == std::string::npos;
  if (!key_is_bare) {
    mistakes.Add(place, "'" + key + "' is no key: write section.name, as in algorithm.sigma");
    return {};
  }
  const auto parse = [&](const std::string& toml) {
    return toml::parse(key + " = " + toml, std::string_view(origin));
  };
  try {
    if (value.find('\n') == std::string::npos) return parse(value);
  } catch (const toml::parse_error&) {  // a bare word may be meant
    if (IsBare(value, "./")) return parse(ToToml(value));
  }
  mistakes.Add(place, "the value is no TOML: put texts in double quotes within the shell's quotes");
  return {};
}

void Merge(toml::table& base, toml::table& overlay) {
  for (auto&& [key, node] : overlay) {
    toml::node* existing = base.get(key.str());
    if (existing != nullptr && existing->is_table() && node.is_table()) {
      Merge(*existing->as_table(), *node.as_table());
    } else {
      base.erase(key.str());  // with the key, which remembers its place
      node.visit([&, &k = key](auto& value) { base.insert(k, std::move(value)); });
    }
  }
}

// Moves to `own` what a table has of the fields of a section that it was the home of.
void MoveFields(const Section& section, toml::table& old, toml::table& own, Mistakes& mistakes) {
  Fields fields;
  section.visit(fields);
  for (const Field& field : fields.all()) {
    const auto found = old.find(field.name);
    if (found == old.end()) continue;
    const toml::key key = found->first;
    if (own.contains(field.name)) {
      mistakes.Add(PlaceOf(key.source()),
                   fmt::format("{} belongs in [{}], where it is given too: remove it", field.name,
                               section.name));
    } else {
      found->second.visit([&](auto& value) { own.insert(key, std::move(value)); });
    }
    old.erase(found);
  }
}

void MoveFieldsHome(std::span<const Section> sections, toml::table& root, Mistakes& mistakes) {
  for (const Section& section : sections) {
    toml::table* const old = root[section.formerly_in].as_table();
    if (section.formerly_in.empty() || old == nullptr) continue;
    toml::table own;
    if (!root.contains(section.name)) {
      MoveFields(section, *old, own, mistakes);
      if (!own.empty()) root.insert(section.name, std::move(own));
    } else if (root[section.name].is_table()) {
      MoveFields(section, *old, *root[section.name].as_table(), mistakes);
    }
  }
}

}  // namespace

void ReadSections(std::string_view toml, std::string_view origin, Overrides overrides,
                  Written written, std::span<const Section> sections, Mistakes& mistakes) {
  toml::table root;
  try {
    root = toml::parse(toml, origin);
  } catch (const toml::parse_error& error) {
    throw Error(
        fmt::format("{}:{}: not TOML: {}", origin, error.source().begin.line, error.description()));
  }
  MoveFieldsHome(sections, root, mistakes);
  for (const std::string& text : overrides) {
    toml::table overlay = ParseOverride(text, mistakes);
    MoveFieldsHome(sections, overlay, mistakes);
    Merge(root, overlay);
  }
  Reader(sections, written, mistakes).Read(root);
}

}  // namespace dne
