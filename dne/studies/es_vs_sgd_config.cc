// SPDX-License-Identifier: MIT
// A study's file: what it may say, and what of it cannot be compared.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

#include "dne/base/error.h"
#include "dne/studies/es_vs_sgd.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

constexpr std::array<Choice<LearningMethod>, 3> kMethods = {{{"sgd", LearningMethod::kSgd},
                                                             {"proxy", LearningMethod::kProxy},
                                                             {"es", LearningMethod::kEs}}};

Section SectionOf(StudyOptions& options) {
  return {"study", "", [&options](Fields& fields) { options.Visit(fields); }};
}

void CheckExperiment(const std::string& where, const ExperimentConfig& config) {
  const auto fail = [&](const std::string& why) { throw Error(where + ": " + why); };
  if (!config.task.kind->facts(config.task.options).has_accuracy) {
    fail("ES is compared with SGD where there is a gradient: give task.type = \"supervised\"");
  }
  if (config.algorithm.kind != &kEs) {
    fail(
        fmt::format("algorithm.type is \"{}\", but it is ES that is compared with SGD: give \"es\"",
                    config.algorithm.kind->name));
  }
  if (!EsOf(config).strategy.cloud.antithetic) {
    fail("predictions are for antithetic pairs: give algorithm.antithetic = true");
  }
  if (EsOf(config).strategy.cloud.shared_episodes == SharedEpisodes::kNone) {
    fail(
        "the halves of a pair must see the same images, or their difference tells of the images "
        "alone: give algorithm.shared_episodes = \"pair\" or \"generation\"");
  }
  if (!config.budget.generations) {
    fail("how far do the curves go? Give their iterations as budget.generations");
  }
  const int interval = EsOf(config).strategy.rounds.validation_interval;
  if (IterationsOf(config) % static_cast<uint64_t>(interval) != 0) {
    fail(fmt::format(
        "budget.generations is {}, which is no multiple of algorithm.validation_interval, "
        "{}: nobody would look at where the curves end",
        IterationsOf(config), interval));
  }
}

void CheckPopulation(const std::string& path, int population) {
  if (population % 2 == 0) return;
  throw Error(
      fmt::format("{}: study.correlation_population is {}, but members come in pairs: give "
                  "an even number",
                  path, population));
}

void CheckCurveNames(const std::string& path, const std::vector<CurveOptions>& curves) {
  if (curves.empty()) {
    throw Error(path + ": there is nothing to compare: give a [[study.curves]] for each curve");
  }
  std::set<std::string> seen;
  for (const CurveOptions& curve : curves) {
    const bool is_plain = !curve.name.empty() && std::ranges::all_of(curve.name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (!is_plain) {
      throw Error(
          fmt::format("{}: study.curves has the name \"{}\": give lower-case letters, digits "
                      "and '-', it names a file",
                      path, curve.name));
    }
    if (!seen.insert(curve.name).second) {
      throw Error(fmt::format("{}: two study.curves have the name \"{}\": give each its own", path,
                              curve.name));
    }
  }
}

std::vector<std::string> WordsOf(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

StudyCurve LoadCurve(const fs::path& path, Overrides overrides, const CurveOptions& options) {
  StudyOptions ignored;
  const Section section = SectionOf(ignored);
  std::vector<std::string> all(overrides.begin(), overrides.end());
  for (const std::string& word : WordsOf(options.set)) all.push_back(word);
  try {
    StudyCurve curve{options, LoadConfig(path, all, {&section, 1})};
    curve.config.name += "-" + options.name;
    CheckExperiment(path.string(), curve.config);
    return curve;
  } catch (const Error& error) {
    if (options.set.empty()) throw;
    throw Error(fmt::format("study.curves \"{}\": {}", options.name, error.what()));
  }
}

}  // namespace

const EsOptions& EsOf(const ExperimentConfig& config) {
  return config.algorithm.options.As<EsOptions>();
}

uint64_t IterationsOf(const ExperimentConfig& config) { return config.budget.generations.value(); }

void CurveOptions::Visit(Fields& fields) {
  fields.Add("name", name, Names{"curve"}, "lower-case letters, digits and '-'")
      .Needed("it names the curve and its files");
  fields.Add("method", method, kMethods, "who learns");
  fields
      .Add("correlation", correlation, Range<double>{1e-6, 1},
           "the cosine between the proxy's gradient and SGD's")
      .OnlyIf(method == LearningMethod::kProxy, method);
  fields.Add("set", set, Names{"overrides"},
             "\"key=value key=value\": what is another than in the rest of the file");
}

void StudyOptions::Visit(Fields& fields) {
  fields.Add("correlation_population", correlation_population, Range<int>{0, 1'000'000},
             "the most members of an estimate that is compared with the gradient; 0: none is");
  fields.AddList("curves", curves, "SGD, its proxies, runs of ES");
}

EsVsSgd LoadEsVsSgd(const fs::path& path, Overrides overrides) {
  EsVsSgd study;
  const Section section = SectionOf(study.options);
  study.config = LoadConfig(path, overrides, {&section, 1});
  CheckExperiment(path.string(), study.config);
  CheckPopulation(path.string(), study.options.correlation_population);
  CheckCurveNames(path.string(), study.options.curves);
  for (const CurveOptions& options : study.options.curves) {
    study.curves.push_back(LoadCurve(path, overrides, options));
  }
  std::vector<Section> sections = SectionsOf(study.config);
  sections.push_back(section);
  study.text = WriteSections(sections);
  return study;
}

}  // namespace dne
