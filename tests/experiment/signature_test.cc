// SPDX-License-Identifier: MIT
// The signature's parts use everything that is built in.
#include "dne/experiment/signature.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "dne/experiment/builtins.h"
#include "dne/experiment/signature_parts.h"

namespace dne {
namespace {

using Words = std::set<std::string>;

// Those of a field: all, as "algorithm.type = es"; of true and false both.
Words AllOf(const std::string& section, const Field& field) {
  Words words;
  const std::string key = section + "." + field.name + " = ";
  for (const std::string& word : field.words) words.insert(key + ToToml(std::string_view(word)));
  if (field.type == "true or false") words.insert({key + "true", key + "false"});
  return words;
}

void AddAll(const std::string& section, const std::function<void(Fields&)>& visit, Words& words) {
  Fields kept;
  for (const PossibleField& possible : PossibleFields(visit, kept)) {
    words.merge(AllOf(section, possible.field));
    if (possible.field.is_list()) AddAll(possible.field.name, possible.field.append, words);
  }
}

Words AllWords() {
  Words words;
  ExperimentConfig config;
  for (const Section& section : SectionsOf(config)) AddAll(section.name, section.visit, words);
  return words;
}

// The words that are chosen where they mean something.
void AddChosen(const std::string& section, const Fields& fields, Words& words) {
  for (const Field& field : fields.all()) {
    if (field.unused) continue;
    for (size_t i = 0; field.is_list() && i < field.size(); ++i) {
      Fields element;
      field.visit(i, element);
      AddChosen(field.name, element, words);
    }
    if (AllOf(section, field).empty()) continue;
    words.insert(section + "." + field.name + " = " + field.write());
  }
}

Words WordsOf(const SignaturePart& part) {
  Words words;
  for (ExperimentConfig config : part.experiments) {
    for (const Section& section : SectionsOf(config)) {
      const bool is_learned = section.name == "algorithm" || section.name == "novelty";
      if ((part.landscape && !is_learned) || !section.WhyUnused().empty()) continue;
      Fields fields;
      section.visit(fields);
      AddChosen(section.name, fields, words);
    }
  }
  return words;
}

TEST(Signature, UsesEveryChoiceOfTheConfiguration) {
  Words missing = AllWords();
  for (const char* word : {"algorithm.type = \"nsra_es\"", "algorithm.optimizer = \"clipup\"",
                           "task.trap = false", "layers.padding = \"same\""}) {
    ASSERT_TRUE(missing.contains(word)) << word;
  }
  missing.erase("task.environment = \"images\"");  // of files that not everybody has
  // Programs of the user's own.
  for (const char* word : {"task.type = \"process\"", "task.type = \"gymnasium\"",
                           "task.observations = \"floats\"", "task.observations = \"bytes\""}) {
    EXPECT_EQ(missing.erase(word), 1u) << word;
  }
  // A preset is a list of layers, and these are all there.
  std::erase_if(missing,
                [](const std::string& word) { return word.starts_with("network.preset"); });
  for (const SignaturePart& part : SignatureParts()) {
    for (const std::string& word : WordsOf(part)) missing.erase(word);
  }
  EXPECT_EQ(missing, Words()) << "give dne/experiment/signature_parts.cc a part that uses them";
}

TEST(Signature, PlaysEveryLandscapeAndEnvironmentButTheManyGames) {
  const std::vector<std::string> landscapes = LandscapeNames();
  Words missing(landscapes.begin(), landscapes.end());
  for (const TaskKind* kind : TaskKinds()) {
    if (kind->name == "atari") continue;
    for (const std::string& environment : kind->environments()) missing.insert(environment);
  }
  missing.erase("images");  // needs files
  for (const SignaturePart& part : SignatureParts()) {
    if (part.landscape) {
      missing.erase(landscapes[static_cast<size_t>(*part.landscape)]);
      continue;
    }
    for (const ExperimentConfig& config : part.experiments) missing.erase(config.environment());
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
