// SPDX-License-Identifier: MIT
// Kinds of one thing (algorithms, tasks, optimisers, ...) that a configuration chooses among by
// name, each with options of its own.
//
// A kind is a struct with at least
//   std::string_view name;      // the word that chooses it
//   Options (*defaults)();      // its options
// and what its users need beyond: what makes it, what is true of it. All kinds of one thing stand
// in one explicit list.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <typeinfo>
#include <utility>

#include "dne/base/error.h"
#include "dne/config/field.h"

namespace dne {

// The options of some kind: a value that holds a struct with Visit(Fields&) and ==.
class Options {
 public:
  template <class T>
  requires(!std::is_same_v<T, Options>) Options(T options)
      : held_(std::make_unique<Held<T>>(std::move(options))) {}
  Options(const Options& other) : held_(other.held_->Copy()) {}
  Options(Options&&) = default;
  Options& operator=(Options other) {
    held_ = std::move(other.held_);
    return *this;
  }

  // For the kind that they are of, and for tests: asking for others is a bug.
  template <class T>
  const T& As() const {
    DNE_CHECK(held_->type() == typeid(T));
    return static_cast<const Held<T>&>(*held_).options;
  }
  template <class T>
  T& As() {
    return const_cast<T&>(std::as_const(*this).As<T>());
  }

  void Visit(Fields& fields) { held_->Visit(fields); }

  bool operator==(const Options& other) const { return held_->Equals(*other.held_); }

 private:
  struct Any {
    virtual ~Any() = default;
    virtual const std::type_info& type() const = 0;
    virtual std::unique_ptr<Any> Copy() const = 0;
    virtual void Visit(Fields& fields) = 0;
    virtual bool Equals(const Any& other) const = 0;
  };
  template <class T>
  struct Held final : Any {
    explicit Held(T value) : options(std::move(value)) {}
    const std::type_info& type() const override { return typeid(T); }
    std::unique_ptr<Any> Copy() const override { return std::make_unique<Held>(options); }
    void Visit(Fields& fields) override { options.Visit(fields); }
    bool Equals(const Any& other) const override {
      return other.type() == typeid(T) && static_cast<const Held&>(other).options == options;
    }
    T options;
  };
  std::unique_ptr<Any> held_;
};

// What a kind without options has.
struct NoOptions {
  void Visit(Fields&) {}
  bool operator==(const NoOptions&) const = default;
};

// Options{T{}}, as the `defaults` of a kind.
template <class T>
Options DefaultsOf() {
  return Options(T{});
}

// One kind with its options. A kind is chosen by its name among a list that outlives this.
template <class Kind>
struct Chosen {
  const Kind* kind;
  Options options;

  explicit Chosen(const Kind& chosen) : Chosen(chosen, chosen.defaults()) {}
  Chosen(const Kind& chosen, Options with) : kind(&chosen), options(std::move(with)) {}

  // Names the field that chooses, then those of the chosen kind.
  void Visit(Fields& fields, std::string_view name, std::span<const Kind* const> kinds,
             std::string_view meaning) {
    std::vector<std::string> words;
    for (const Kind* each : kinds) words.emplace_back(each->name);
    Field& field = fields.AddWords(name, &kind, words, meaning,
                                   [this, kinds](size_t word) { *this = Chosen(*kinds[word]); });
    field.comes_first = true;
    field.write = [this] { return ToToml(kind->name); };
    field.visit_kind = [kinds](size_t word, Fields& theirs) {
      const auto defaults = std::make_shared<Options>(kinds[word]->defaults());
      theirs.Keep(defaults);
      defaults->Visit(theirs);
    };
    fields.AddOfKind(&kind, [this](Fields& theirs) { options.Visit(theirs); });
  }
  bool operator==(const Chosen&) const = default;
};

}  // namespace dne
