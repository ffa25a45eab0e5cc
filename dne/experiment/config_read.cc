// SPDX-License-Identifier: MIT
#include "dne/experiment/config_read.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "dne/base/error.h"
#include "dne/base/nearest.h"
#include "dne/experiment/config_text.h"
#include "dne/experiment/fields.h"

namespace dne {
namespace {

// Overrides are parsed with themselves as source path, so each node knows where it came from.
Place PlaceOf(const toml::source_region& source) {
  const std::string origin = source.path ? *source.path : std::string();
  const bool is_override = origin.starts_with("--set ");
  return {origin, is_override ? 0 : source.begin.line};
}

std::string Got(const toml::node& node) {
  if (const auto* text = node.as_string()) return ToToml(std::string_view(text->get()));
  if (const auto* number = node.as_integer()) return ToToml(number->get());
  if (const auto* number = node.as_floating_point()) return ToToml(number->get());
  if (const auto* truth = node.as_boolean()) return ToToml(truth->get());
  if (node.is_table()) return "a section";
  return node.is_array() ? "a list" : "a date or time";
}

// ReadValue: sets `value`, or returns the mistake.

std::string ReadValue(std::string_view name, const toml::node& node, bool& value, const YesNo&) {
  if (!node.is_boolean()) return fmt::format("{} must be true or false, got {}", name, Got(node));
  value = node.as_boolean()->get();
  return "";
}

// 1e9 is a float to TOML, even where a whole number is meant.
std::string WholeNumberHint(const toml::node& node) {
  const double number = node.is_floating_point() ? node.as_floating_point()->get() : 0.5;
  const bool is_exact = std::abs(number) < 9e15 && number == std::trunc(number);
  return is_exact ? ": write " + ToToml(static_cast<int64_t>(number)) : "";
}

// Sets `value` where the number is in the range.
template <class T>
bool ReadNumber(const toml::node& node, T& value, const Range<T>& range) {
  if constexpr (std::is_integral_v<T>) {
    const int64_t number = node.as_integer()->get();
    if (std::cmp_less(number, range.min) || std::cmp_greater(number, range.max)) return false;
    value = static_cast<T>(number);
    return true;
  } else {
    const double number = *node.value<double>();
    if (!(std::abs(number) <= double{std::numeric_limits<T>::max()})) return false;  // nan as well
    const T rounded = static_cast<T>(number);
    if (rounded < range.min || rounded > range.max) return false;
    value = rounded;
    return true;
  }
}

template <class T>
std::string ReadValue(std::string_view name, const toml::node& node, T& value,
                      const Range<T>& range) {
  const bool is_number = node.is_integer() || (!std::is_integral_v<T> && node.is_floating_point());
  if (!is_number) {
    return fmt::format("{} must be a {}, got {}{}", name, TypeText(range), Got(node),
                       WholeNumberHint(node));
  }
  if (ReadNumber(node, value, range)) return "";
  return fmt::format("{} must be {}, got {}", name, LimitsText(range), Got(node));
}

template <class T>
std::string ReadValue(std::string_view name, const toml::node& node, std::optional<T>& value,
                      const Range<T>& range) {
  T number{};
  std::string mistake = ReadValue(name, node, number, range);
  if (mistake.empty()) value = number;
  return mistake;
}

template <class T, size_t N>
std::string ReadValue(std::string_view name, const toml::node& node, T& value,
                      const std::array<Choice<T>, N>& choices) {
  if (!node.is_string()) {
    return fmt::format("{} must be {}, got {}", name, LimitsText(choices), Got(node));
  }
  const std::string& word = node.as_string()->get();
  const auto chosen = std::ranges::find(choices, std::string_view(word), &Choice<T>::word);
  if (chosen == choices.end()) return UnknownName(name, word, Words(choices));
  value = chosen->value;
  return "";
}

std::string ReadValue(std::string_view name, const toml::node& node, std::string& value,
                      const Names& names) {
  if (!node.is_string()) return fmt::format("{} must be a text in quotes, got {}", name, Got(node));
  const std::string& word = node.as_string()->get();
  if (names.known != nullptr) {
    const std::vector<std::string> known = names.known();
    if (std::ranges::find(known, word) == known.end()) return UnknownName(names.kind, word, known);
  }
  value = word;
  return "";
}

template <class Limits>
constexpr bool kIsChoice = false;
template <class T, size_t N>
constexpr bool kIsChoice<std::array<Choice<T>, N>> = true;

template <class Config>
std::vector<std::string> FieldNames(const Config& config) {
  std::vector<std::string> names;
  VisitFields([&](std::string_view name, const auto&, const auto&,
                  std::string_view) { names.emplace_back(name); },
              config);
  return names;
}

std::vector<std::string> SectionNames(const ExperimentConfig& config) {
  std::vector<std::string> names;
  VisitSections(
      [&](std::string_view name, const auto&, std::string_view) { names.emplace_back(name); },
      config);
  return names;
}

// Where a key belongs that was found in another section; empty for none.
std::string HomeOf(const std::string& key) {
  const ExperimentConfig config;
  const auto has = [&](const std::vector<std::string>& names) {
    return std::ranges::find(names, key) != names.end();
  };
  std::string home = has(FieldNames(config)) ? "at the top of the file" : "";
  VisitSections(
      [&](std::string_view name, const auto& section, std::string_view) {
        for (const auto& variant : VariantsOf(section)) {
          if (!home.empty() || !has(FieldNames(variant.config))) continue;
          home = fmt::format("in [{}]", name);
        }
      },
      config);
  return home;
}

// A part of the file that holds fields.
struct Section {
  const toml::table& table;
  std::string title;  // "[algorithm]", for messages; empty: the top of the file
  std::string key;    // "algorithm"

  std::string KeyOf(std::string_view field) const {
    return key.empty() ? std::string(field) : fmt::format("{}.{}", key, field);
  }
};

class Reader {
 public:
  explicit Reader(Mistakes& mistakes) : mistakes_(mistakes) {}

  ExperimentConfig Read(const toml::table& root) {
    ExperimentConfig config;
    const Section top{root, "", ""};
    ReadFields(top, config);
    CheckUnknown(top, FieldNames(config), SectionNames(config));
    VisitSections(
        [&]<class Section>(std::string_view name, Section& section, std::string_view) {
          if constexpr (std::is_same_v<Section, NetworkConfig>) {
            section.preset = config.task.type == TaskType::kAtari ? "uber_large" : "mlp";
            section.spec = NetworkPreset(section.preset);
          }
          if (root.contains(name)) ReadSection(root, name, section);
        },
        config);
    return config;
  }

 private:
  template <class Config>
  void ReadSection(const toml::table& root, std::string_view name, Config& config) {
    const auto found = root.find(name);
    const std::string key(name);
    mistakes_.Given(key, PlaceOf(found->first.source()));
    if (!found->second.is_table()) {
      mistakes_.AddValue(key, fmt::format("{0} must be a section, got {1}: write [{0}] on a line "
                                          "of its own",
                                          name, Got(found->second)));
      return;
    }
    const Section section{*found->second.as_table(), fmt::format("[{}]", name), key};
    if constexpr (std::is_same_v<Config, NetworkConfig>) {
      ReadNetwork(section, config);
    } else {
      const bool choices_are_good = ReadFields(section, config);
      if (choices_are_good) CheckUses(section, config);
      CheckVariants(section, config, choices_are_good);
    }
  }

  void ReadNetwork(const Section& section, NetworkConfig& network) {
    const auto layers = section.table.find("layers");
    const bool has_layers = layers != section.table.end();
    const auto preset = section.table["preset"].value<std::string>();
    const std::vector<std::string> known = NetworkPresetNames();
    if (has_layers) {
      network.spec = NetworkSpec{};
    } else if (preset && std::ranges::find(known, *preset) != known.end()) {
      network.spec = NetworkPreset(*preset);
    }
    ReadFields(section, network);
    if (has_layers) {
      network.preset.clear();
      mistakes_.Given(section.KeyOf("layers"), PlaceOf(layers->first.source()));
      ReadLayers(layers->second, section.KeyOf("layers"), network.spec.hidden);
    }
    CheckUses(section, network);
    CheckUnknown(section, FieldNames(network), {"layers"});
  }

  void ReadLayers(const toml::node& node, const std::string& key, std::vector<LayerSpec>& layers) {
    const toml::array* list = node.as_array();
    if (list == nullptr || std::ranges::any_of(*list, [](auto& n) { return !n.is_table(); })) {
      mistakes_.AddValue(
          key, "layers must be sections: write [[network.layers]] for each, got " + Got(node));
      return;
    }
    for (const toml::node& item : *list) {
      const std::string layer_key = fmt::format("{}[{}]", key, layers.size());
      const Section section{*item.as_table(), "[[network.layers]]", layer_key};
      mistakes_.Given(layer_key, PlaceOf(item.source()));
      LayerSpec& layer = layers.emplace_back();
      if (ReadFields(section, layer)) CheckUses(section, layer);
      CheckUnknown(section, FieldNames(layer), {});
    }
  }

  // False where a choice is wrong, so that nobody knows what the other fields should be.
  template <class Config>
  bool ReadFields(const Section& section, Config& config) {
    bool choices_are_good = true;
    bool kind_is_known = true;  // of a section that has several: else its fields mean nothing
    VisitFields(
        [&]<class Limits>(std::string_view name, auto& value, const Limits& limits,
                          std::string_view) {
          const auto found = section.table.find(name);
          if (found == section.table.end() || !kind_is_known) return;
          const std::string key = section.KeyOf(name);
          mistakes_.Given(key, PlaceOf(found->first.source()));
          const std::string mistake = ReadValue(name, found->second, value, limits);
          if (mistake.empty()) return;
          mistakes_.AddValue(key, mistake);
          if (kIsChoice<Limits>) choices_are_good = false;
          if (name == "type" && VariantsOf(config).size() > 1) kind_is_known = false;
        },
        config);
    return choices_are_good;
  }

  // Reports fields that are missing, or of no use, beside the others' values.
  template <class Config>
  void CheckUses(const Section& section, const Config& config) {
    VisitFields(
        [&](std::string_view name, const auto&, const auto&, std::string_view) {
          const FieldUse use = UseOf(config, name);
          const std::string key = section.KeyOf(name);
          const std::string cause = section.KeyOf(use.cause);
          if (use.use == Use::kUnused && mistakes_.IsGiven(key)) {
            mistakes_.AddContradiction(
                {key, cause}, fmt::format("{} has no use here, {}: remove it", name, use.why));
          }
          if (use.use == Use::kRequired && !mistakes_.IsGiven(key)) {
            mistakes_.AddContradiction(
                {cause, section.key},
                fmt::format("{} is missing in {}: {}", name, section.title, use.why));
          }
        },
        config);
  }

  // The type of `config`'s section that a key has a use with; empty for none.
  template <class Config>
  static std::string_view TypesWith(const std::string& key, const Config& config) {
    for (const auto& variant : VariantsOf(config)) {
      const std::vector<std::string> names = FieldNames(variant.config);
      if (std::ranges::find(names, key) != names.end()) return variant.types;
    }
    return "";
  }

  // Reports keys that nobody knows and, where the section's type is known, those of other types.
  template <class Config>
  void CheckVariants(const Section& section, const Config& config, bool type_is_known) {
    const std::vector<std::string> fields = FieldNames(config);
    toml::table rest = section.table;
    for (const auto& [key, node] : section.table) {
      const std::string name(key.str());
      const std::string_view types = TypesWith(name, config);
      if (types.empty() || std::ranges::find(fields, name) != fields.end()) continue;
      rest.erase(name);
      if (!type_is_known) continue;
      mistakes_.Add(
          PlaceOf(key.source()),
          fmt::format("{} has no use here, it is for type {} only: remove it", name, types));
    }
    CheckUnknown({rest, section.title, section.key}, fields, {});
  }

  void CheckUnknown(const Section& section, std::vector<std::string> fields,
                    const std::vector<std::string>& sections) {
    std::vector<std::string> names = fields;
    names.insert(names.end(), sections.begin(), sections.end());
    for (const auto& [key, node] : section.table) {
      const std::string name(key.str());
      if (std::ranges::find(names, name) != names.end()) continue;
      const bool is_section = node.is_table() && !sections.empty();
      const std::string home = is_section ? "" : HomeOf(name);
      std::string text = UnknownName(is_section ? "section" : "key", name,
                                     is_section ? sections : names, section.title);
      if (!home.empty()) {
        text = fmt::format("key '{}' has no use {}: it belongs {}", name,
                           section.title.empty() ? "here" : "in " + section.title, home);
      }
      mistakes_.Add(PlaceOf(key.source()), text);
    }
  }

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
  const Place place{origin, 0};
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

}  // namespace

ExperimentConfig ReadConfig(std::string_view toml, std::string_view origin, Overrides overrides,
                            Mistakes& mistakes) {
  toml::table root;
  try {
    root = toml::parse(toml, origin);
  } catch (const toml::parse_error& error) {
    throw Error(
        fmt::format("{}:{}: not TOML: {}", origin, error.source().begin.line, error.description()));
  }
  for (const std::string& text : overrides) {
    toml::table overlay = ParseOverride(text, mistakes);
    Merge(root, overlay);
  }
  return Reader(mistakes).Read(root);
}

}  // namespace dne
