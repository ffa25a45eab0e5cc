// SPDX-License-Identifier: MIT
// The signature's parts use everything that is built in.
#include "dne/experiment/signature.h"

#include <gtest/gtest.h>

#include <iterator>
#include <set>
#include <string>
#include <type_traits>

#include "dne/experiment/fields.h"
#include "dne/experiment/signature_parts.h"

namespace dne {
namespace {

using Words = std::set<std::string>;

// Adds "type.es" and so on: the words of the fields that choose among a few, and true and false.
// Those of all choices, or those the section chooses where they mean something.
enum class Which { kAll, kChosen };
template <class Section>
void AddWords(const std::string& name, const Section& section, Which which, Words& words) {
  const auto visit = [&](std::string_view field, const auto& value, const auto& accepted, auto) {
    using Accepted = std::decay_t<decltype(accepted)>;
    if (which == Which::kChosen && UseOf(section, field).use == Use::kUnused) return;
    const std::string key = name + "." + std::string(field) + " = ";
    if constexpr (std::is_same_v<Accepted, YesNo>) {
      for (const bool choice : {false, true}) {
        if (which == Which::kAll || value == choice)
          words.insert(key + (choice ? "true" : "false"));
      }
    } else if constexpr (requires { std::begin(accepted)->word; }) {
      for (const auto& choice : accepted) {
        if (which == Which::kAll || value == choice.value) {
          words.insert(key + std::string(choice.word));
        }
      }
    }
  };
  VisitFields(visit, section);
}

Words AllWords() {
  Words words;
  const ExperimentConfig config;
  AddWords("layer", LayerSpec(), Which::kAll, words);
  VisitSections(
      [&](std::string_view name, const auto& section, auto) {
        for (const auto& variant : VariantsOf(section)) {
          AddWords(std::string(name), variant.config, Which::kAll, words);
        }
      },
      config);
  return words;
}

Words WordsOf(const SignaturePart& part) {
  Words words;
  for (const ExperimentConfig& config : part.experiments) {
    AddWords("algorithm", config.algorithm, Which::kChosen, words);
    if (part.landscape) continue;
    AddWords("task", config.task, Which::kChosen, words);
    AddWords("network", config.network, Which::kChosen, words);
    for (const LayerSpec& layer : config.network.spec.hidden) {
      AddWords("layer", layer, Which::kChosen, words);
    }
  }
  return words;
}

TEST(Signature, UsesEveryChoiceOfTheConfiguration) {
  Words missing = AllWords();
  for (const char* word :
       {"algorithm.type = nsra_es", "task.trap = false", "layer.padding = same"}) {
    ASSERT_TRUE(missing.contains(word)) << word;
  }
  for (const SignaturePart& part : SignatureParts()) {
    for (const std::string& word : WordsOf(part)) missing.erase(word);
  }
  EXPECT_EQ(missing, Words()) << "give dne/experiment/signature_parts.cc a part that uses them";
}

TEST(Signature, PlaysEveryLandscapeAndBody) {
  const std::vector<std::string> landscapes = LandscapeNames();
  const std::vector<std::string> bodies = MujocoBodyNames();
  Words missing(landscapes.begin(), landscapes.end());
  missing.insert(bodies.begin(), bodies.end());
  for (const SignaturePart& part : SignatureParts()) {
    if (part.landscape) {
      missing.erase(landscapes[static_cast<size_t>(*part.landscape)]);
      continue;
    }
    for (const ExperimentConfig& config : part.experiments) {
      if (config.task.type == TaskType::kMujoco) missing.erase(config.task.played());
    }
  }
  EXPECT_EQ(missing, Words()) << "give dne/experiment/signature_parts.cc a part that plays them";
}

TEST(Signature, PartsHaveDifferentNames) {
  Words names;
  for (const SignaturePart& part : SignatureParts()) {
    EXPECT_TRUE(names.insert(part.name).second) << part.name;
    EXPECT_FALSE(part.experiments.empty()) << part.name;
  }
}

TEST(Signature, EachLineCountsAndSoDoesItsAbsence) {
  const std::vector<SignatureLine> lines = {{"one", 1}, {"two", 2}};
  const uint64_t signature = Signature(lines);
  EXPECT_EQ(signature, Signature(lines));
  EXPECT_NE(signature, Signature({{"one", 1}, {"two", 3}}));
  EXPECT_NE(signature, Signature({{"one", 1}, {"other", 2}}));
  EXPECT_NE(signature, Signature({{"one", 1}, {"two", std::nullopt}}));
  EXPECT_NE(signature, Signature({{"one", 1}}));
}

}  // namespace
}  // namespace dne
