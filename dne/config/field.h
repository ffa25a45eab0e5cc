// SPDX-License-Identifier: MIT
// The fields of a configuration. Options name each of theirs once, in a function
//
//   void Visit(Fields& fields);
//
// and reading, checking, writing and the reference all walk what it lists. A field's address tells
// it from all others, so rules and checks speak of fields by reference, never by name.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "dne/base/error.h"
#include "dne/config/text.h"

namespace dne {

// What a field accepts: a number of a range, one of a few words (std::array of Choice), a name, or
// true and false.
template <class T>
struct Range {
  T min;  // both inclusive
  T max;
};
template <class T>
struct Choice {
  std::string_view word;
  T value;
};
struct Names {
  std::string_view kind;  // of thing named
  // Asked only when a name is read; null, or no names: any text.
  std::vector<std::string> (*known)() = nullptr;
  bool listed = false;  // in the reference: the same in every build
};
struct YesNo {};
// A list of texts, one at least unless it is told.
struct Words {
  bool may_be_empty = false;
};
// Keys and values; kept as the text of a JSON object, which may stand in its place.
struct Table {};

// Something else than a number, text or truth value, in words: "a list".
struct OtherValue {
  std::string what;
};
// A section of its own, as JSON.
struct TableValue {
  std::string json;
};
// What a file gives for a field.
using Value = std::variant<bool, int64_t, double, std::string, std::vector<std::string>, TableValue,
                           OtherValue>;
// As messages quote it.
std::string Got(const Value& value);

class Fields;

struct Field {
  std::string name;
  std::string old_name;  // still read; empty: none
  std::string meaning;
  const void* address = nullptr;
  std::string type;    // "whole number", "text", ...
  std::string limits;  // "1 to 5", in the reference; may be empty
  std::function<std::string(std::string_view name, const Value&)> read;  // returns the mistake
  std::function<std::string()> write;  // the value as TOML; empty: none
  // Read before the others: its value says which fields there are, or their defaults.
  bool comes_first = false;
  // A file gives it: called after a good value was read, of a list before its sections are.
  std::function<void()> on_given;

  std::vector<std::string> words;  // where it is one of a few
  // Where the words name kinds: lists the fields that come with one, at their defaults.
  std::function<void(size_t word, Fields&)> visit_kind;
  const void* comes_with = nullptr;  // the field whose chosen kind it belongs to

  // Rules.
  const void* cause = nullptr;  // the field whose value takes the use away, or asks for this one
  bool unused = false;
  std::string unused_why;  // empty: that the cause has the value it has
  bool required = false;
  std::string required_why;
  bool required_if_used = false;

  // Of a list of sections only.
  std::function<void(Fields&)> append;         // adds one, and lists its fields
  std::function<size_t()> size;                // how many there are
  std::function<void(size_t, Fields&)> visit;  // the fields of one
  bool is_list() const { return append != nullptr; }

  // --- What a list of fields says of one, after its name and meaning ---
  Field& Formerly(std::string_view name) {
    old_name = name;
    return *this;
  }
  // Of use only where `condition` holds, because of the value of the field `other`.
  template <class T>
  Field& OnlyIf(bool condition, const T& other, std::string_view why = {}) {
    cause = &other;
    unused = !condition;
    unused_why = why;
    return *this;
  }
  // Likewise, and then it must be given.
  template <class T>
  Field& NeededIf(bool condition, const T& other, std::string_view why) {
    OnlyIf(condition, other);
    required = condition;
    required_if_used = true;
    required_why = why;
    return *this;
  }
  Field& Needed(std::string_view why) {
    required = true;
    required_why = why;
    return *this;
  }
  // Read before the fields that do not say so; `on_given` as above.
  Field& First(std::function<void()> given) {
    comes_first = true;
    on_given = std::move(given);
    return *this;
  }
};

// Sets `value`, or returns the mistake.
std::string ReadInto(bool& value, const YesNo&, std::string_view name, const Value& given);
std::string ReadInto(std::string& value, const Names&, std::string_view name, const Value& given);
std::string ReadInto(std::string& value, const Table&, std::string_view name, const Value& given);
std::string ReadInto(std::vector<std::string>& value, const Words&, std::string_view name,
                     const Value& given);
std::string ReadInto(int& value, const Range<int>&, std::string_view name, const Value& given);
std::string ReadInto(uint64_t& value, const Range<uint64_t>&, std::string_view name,
                     const Value& given);
std::string ReadInto(float& value, const Range<float>&, std::string_view name, const Value& given);
std::string ReadInto(double& value, const Range<double>&, std::string_view name,
                     const Value& given);
class Fields {
 public:
  const std::vector<Field>& all() const { return fields_; }
  // Null: none of these.
  const Field* Find(const void* address) const;
  const Field* Find(std::string_view name) const;  // or its old name

  Field& Add(std::string_view name, bool& value, YesNo limits, std::string_view meaning) {
    return AddScalar(name, value, limits, "true or false", "", meaning);
  }
  Field& Add(std::string_view name, std::string& value, Names names, std::string_view meaning) {
    return AddScalar(name, value, names, "text", names.listed ? WordsText(names.known()) : "",
                     meaning);
  }
  Field& Add(std::string_view name, std::string& value, Table table, std::string_view meaning) {
    return AddScalar(name, value, table, "table", "", meaning);
  }
  Field& Add(std::string_view name, std::vector<std::string>& value, Words words,
             std::string_view meaning) {
    return AddScalar(name, value, words, "list of texts", "", meaning);
  }
  template <class T>
  Field& Add(std::string_view name, T& value, Range<T> range, std::string_view meaning) {
    return AddScalar(name, value, range, NumberType<T>(), RangeText(range), meaning);
  }
  // Without a value it is not written.
  template <class T>
  Field& Add(std::string_view name, std::optional<T>& value, Range<T> range,
             std::string_view meaning) {
    Field& field = AddNew(name, &value, NumberType<T>(), RangeText(range), meaning);
    field.read = [&value, range](std::string_view key, const Value& given) {
      T number{};
      std::string mistake = ReadInto(number, range, key, given);
      if (mistake.empty()) value = number;
      return mistake;
    };
    field.write = [&value] { return value ? ToToml(*value) : std::string(); };
    return field;
  }
  template <class T, size_t N>
  Field& Add(std::string_view name, T& value, const std::array<Choice<T>, N>& choices,
             std::string_view meaning) {
    std::vector<std::string> words;
    for (const Choice<T>& choice : choices) words.emplace_back(choice.word);
    Field& field = AddWords(name, &value, words, meaning,
                            [&value, &choices](size_t word) { value = choices[word].value; });
    field.write = [&value, &choices] {
      for (const Choice<T>& choice : choices) {
        if (choice.value == value) return ToToml(choice.word);
      }
      DNE_CHECK(false && "value without a word");
    };
    return field;
  }
  // One of a few words; `set` takes the place of the word that was given.
  Field& AddWords(std::string_view name, const void* address, std::vector<std::string> words,
                  std::string_view meaning, std::function<void(size_t)> set);

  // A list of sections, in files [[section.name]]: one for each element.
  template <class T>
  Field& AddList(std::string_view name, std::vector<T>& list, std::string_view meaning) {
    Field& field = AddNew(name, &list, "list", "", meaning);
    field.append = [&list](Fields& fields) { list.emplace_back().Visit(fields); };
    field.size = [&list] { return list.size(); };
    field.visit = [&list](size_t i, Fields& fields) { list[i].Visit(fields); };
    return field;
  }

  // For fields of another form: `name`, `meaning` and so on are set, the rest is the caller's.
  Field& AddNew(std::string_view name, const void* address, std::string_view type,
                std::string limits, std::string_view meaning);

  // The fields that `visit` lists come with the kind that the field at `choice` has chosen.
  template <class Visit>
  void AddOfKind(const void* choice, const Visit& visit) {
    const void* outer = std::exchange(kind_, choice);
    visit(*this);
    kind_ = outer;
  }
  // Lives as long as the list: what fields refer to.
  void Keep(std::shared_ptr<void> options) { kept_.push_back(std::move(options)); }

 private:
  template <class T>
  static std::string_view NumberType() {
    return std::is_integral_v<T> ? "whole number" : "number";
  }
  template <class T>
  static std::string RangeText(const Range<T>& range) {
    return ToToml(range.min) + " to " + ToToml(range.max);
  }
  template <class T, class Limits>
  Field& AddScalar(std::string_view name, T& value, const Limits& limits, std::string_view type,
                   std::string limits_text, std::string_view meaning) {
    Field& field = AddNew(name, &value, type, std::move(limits_text), meaning);
    field.read = [&value, limits](std::string_view key, const Value& given) {
      return ReadInto(value, limits, key, given);
    };
    field.write = [&value] { return ToToml(value); };
    return field;
  }

  std::vector<Field> fields_;
  const void* kind_ = nullptr;
  std::vector<std::shared_ptr<void>> kept_;
};

}  // namespace dne
