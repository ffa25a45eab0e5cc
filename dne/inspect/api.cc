// SPDX-License-Identifier: MIT
#include "dne/inspect/api.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "dne/base/error.h"
#include "dne/base/file.h"
#include "dne/base/json_text.h"
#include "dne/policy/policy_run.h"

namespace dne {
namespace {

using nlohmann::json;

constexpr size_t kMostSiblings = 3;            // of each ancestor: the best
constexpr size_t kAncestorsWithSiblings = 12;  // the youngest
constexpr size_t kMostChildren = 8;
constexpr std::string_view kVideos = "/films/";

// The query is not as it should be.
class BadQuery : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// There is nothing of that name.
class NotThere : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

Answer JsonAnswer(int status, std::string body) {
  return {.status = status, .type = "application/json", .body = std::move(body)};
}

Answer Failed(int status, const std::string& why) {
  return JsonAnswer(status, JsonText(json{{"error", why}}));
}

json FloorOf(const FloorPlan& plan) {
  json floor = {{"unit", plan.unit},
                {"y_points_down", plan.y_points_down},
                {"rectangles", json::array()},
                {"segments", json::array()},
                {"start", plan.start ? json(*plan.start) : json()},
                {"goal", plan.goal ? json(*plan.goal) : json()}};
  for (const FloorRectangle& r : plan.rectangles) {
    floor["rectangles"].push_back({r.x, r.y, r.half_x, r.half_y});
  }
  for (const FloorSegment& s : plan.segments) {
    floor["segments"].push_back({s.from[0], s.from[1], s.to[0], s.to[1]});
  }
  return floor;
}

json DescriptionOf(const std::string& name, WatchedRun& run) {
  const ExperimentConfig& config = run.config();
  const RunInfo& info = run.store().info();
  const TaskFacts facts = config.task.kind->facts(config.task.options);
  const auto last = run.store().LastGeneration();
  const Projection* projection = run.FindProjection();
  json described = {{"name", name},
                    {"experiment", config.name},
                    {"environment", config.environment()},
                    {"algorithm", config.algorithm.kind->title},
                    {"seed", std::to_string(info.seed)},
                    {"created", info.created},
                    {"dne", info.dne_version},
                    {"machine", info.machine},
                    {"config", info.config},
                    {"size", run.store().SizeOnDisk()},
                    {"generations", last ? last->generation + 1 : 0},
                    {"metrics", last ? json(last->metrics) : json::object()},
                    {"behaviour", facts.has_byte_behaviours ? "bytes" : "point"},
                    {"behaviour_size", projection != nullptr ? projection->size() : 0},
                    {"centres", config.algorithm.kind->perturbs},
                    {"has_archive", config.archive().has_value()},
                    {"has_films", facts.is_environment},
                    {"starts_programs", facts.starts_programs},
                    {"floor", nullptr}};
  if (config.task.kind->floor_plan) {
    described["floor"] = FloorOf(config.task.kind->floor_plan(config.task.options));
  }
  return described;
}

// A coordinate of points, by the word that chooses it: "generation", "fitness", "steps", a number
// of the behaviour ("b12"), a place on the projection ("p1", "p2").
using Coordinate = std::function<json(const TrialPoint&)>;

Coordinate CoordinateNamed(const std::string& word, WatchedRun& run) {
  if (word == "generation") return [](const TrialPoint& p) { return json(p.generation); };
  if (word == "fitness") return [](const TrialPoint& p) { return json(p.fitness); };
  if (word == "steps") return [](const TrialPoint& p) { return json(p.steps); };
  size_t number = 0;
  const char* end = word.data() + word.size();
  const auto [stop, failure] =
      std::from_chars(word.data() + std::min<size_t>(1, word.size()), end, number);
  if (failure != std::errc() || stop != end || (word[0] != 'b' && word[0] != 'p') ||
      (word[0] == 'p' && (number < 1 || number > 2))) {
    throw BadQuery("\"" + word + "\" is no coordinate: generation, fitness, steps, p1, p2 or b0 " +
                   "and on");
  }
  if (word[0] == 'b') {
    return [&run, number](const TrialPoint& p) {
      const std::vector<double> behaviour = run.BehaviourOf(p.descriptor);
      return number < behaviour.size() ? json(behaviour[number]) : json();
    };
  }
  const Projection* projection = run.FindProjection();
  return [&run, number, projection](const TrialPoint& p) {
    const std::vector<double> behaviour = run.BehaviourOf(p.descriptor);
    if (projection == nullptr || behaviour.size() != projection->size()) return json();
    return json(projection->Of(behaviour)[number - 1]);
  };
}

// The member of the meta-population that it is, or was a member of the cloud of.
json CentreOf(const TrialPoint& point) {
  if (point.individual.is_centre) return point.individual.item;
  if (point.parent && point.parent->is_centre) return point.parent->item;
  return {};
}

const char* EndWord(EpisodeEnd end) {
  switch (end) {
    case EpisodeEnd::kTerminal:
      return "ended";
    case EpisodeEnd::kStepLimit:
      return "cut off";
    case EpisodeEnd::kInvalid:
      return "broke down";
    case EpisodeEnd::kSolved:
      return "solved";
  }
  DNE_CHECK(false);
}

// The best first.
json BestOf(std::vector<const TrialRecord*> trials, size_t most) {
  std::ranges::stable_sort(trials, std::greater(), &TrialRecord::fitness);
  json best = json::array();
  for (const TrialRecord* trial : trials) {
    if (best.size() == most) break;
    best.push_back({{"individual", BirthName(trial->individual)}, {"fitness", trial->fitness}});
  }
  return best;
}

std::vector<const TrialRecord*> ChildrenOf(const std::vector<TrialRecord>& trials, Birth parent,
                                           Birth except) {
  std::vector<const TrialRecord*> children;
  for (const TrialRecord& trial : trials) {
    if (trial.parent == parent && trial.individual != except) children.push_back(&trial);
  }
  return children;
}

// From the founder, or the centre it begins with, to itself; of the youngest with the best of
// their siblings.
json AncestryOf(const RunStore& run, const Genome& genome) {
  const std::vector<Ancestor> lineage = Lineage(genome, &run);
  json ancestry = json::array();
  for (size_t i = 0; i < lineage.size(); ++i) {
    const Mutation& mutation = lineage[i].mutation;
    json ancestor = {{"individual", BirthName(mutation.birth)},
                     {"fitness", lineage[i].fitness ? json(*lineage[i].fitness) : json()},
                     {"sigma", i > 0 ? json(mutation.signed_sigma()) : json()}};
    if (i > 0 && i + kAncestorsWithSiblings >= lineage.size()) {
      const auto trials = run.Trials(mutation.birth.generation, "train");
      const auto siblings = ChildrenOf(trials, lineage[i - 1].mutation.birth, mutation.birth);
      ancestor["num_siblings"] = siblings.size();
      ancestor["siblings"] = BestOf(siblings, kMostSiblings);
    }
    ancestry.push_back(std::move(ancestor));
  }
  return ancestry;
}

json EpisodesOf(const std::vector<Episode>& recorded) {
  const Episode* typical = TypicalEpisode(recorded);
  json episodes = json::array();
  for (const Episode& episode : recorded) {
    const auto& seed = episode.start.seed;
    episodes.push_back({{"noops", episode.start.noops},
                        {"seed", seed ? json(std::to_string(*seed)) : json()},
                        {"score", episode.score},
                        {"steps", episode.steps},
                        {"end", EndWord(episode.end)},
                        {"typical", &episode == typical}});
  }
  return episodes;
}

const char* StageWord(FilmStatus::Stage stage) {
  switch (stage) {
    case FilmStatus::Stage::kWaiting:
      return "waiting";
    case FilmStatus::Stage::kBeingMade:
      return "being made";
    case FilmStatus::Stage::kReady:
      return "ready";
    case FilmStatus::Stage::kFailed:
      return "failed";
  }
  DNE_CHECK(false);
}

}  // namespace

// Those that a handler asks for, and no others.
class Api::Parameters {
 public:
  explicit Parameters(const Query& query) : query_(query) {}

  std::string Text(const char* name) const {
    asked_.insert(name);
    const auto found = query_.find(name);
    if (found == query_.end()) throw BadQuery(std::string(name) + " is missing");
    return found->second;
  }
  uint32_t Number(const char* name) const {
    const std::string text = Text(name);
    uint32_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc() || stop != end || text.empty()) {
      throw BadQuery(std::string(name) + " is \"" + text + "\", not a whole number");
    }
    return number;
  }
  uint32_t NumberOr(const char* name, uint32_t missing) const {
    asked_.insert(name);
    return query_.contains(name) ? Number(name) : missing;
  }
  // All that may be asked for was.
  void ExpectNoMore() const {
    for (const auto& [name, value] : query_) {
      if (!asked_.contains(name)) throw BadQuery("nothing here has a parameter " + name);
    }
  }

 private:
  const Query& query_;
  mutable std::set<std::string> asked_;
};

Api::Api(const std::vector<std::string>& runs, FilmMaker& films) : films_(films) {
  DNE_CHECK(!runs.empty());
  for (const std::string& run : runs) runs_.push_back(std::make_unique<Watched>(run));
}

Answer Api::Get(const std::string& path, const Query& query) {
  static const std::map<std::string, Handler> kHandlers = {{"/api/runs", &Api::Runs},
                                                           {"/api/curves", &Api::Curves},
                                                           {"/api/points", &Api::Points},
                                                           {"/api/archive", &Api::Archive},
                                                           {"/api/individual", &Api::Individual},
                                                           {"/api/film", &Api::Film}};
  try {
    if (path.starts_with(kVideos) && query.empty()) return Video(path);
    const auto handler = kHandlers.find(path);
    if (handler == kHandlers.end()) throw NotThere("there is nothing at this address");
    return JsonAnswer(200, (this->*handler->second)(Parameters(query)));
  } catch (const BadQuery& error) {
    return Failed(400, error.what());
  } catch (const NotThere& error) {
    return Failed(404, error.what());
  } catch (const Error& error) {
    return Failed(422, error.what());
  } catch (const std::exception& error) {
    return Failed(500, error.what());
  }
}

Api::Watched& Api::RunOf(const Parameters& parameters) {
  const uint32_t number = parameters.Number("run");
  if (number >= runs_.size()) {
    throw NotThere("there is no run " + std::to_string(number) + ": they are 0 to " +
                   std::to_string(runs_.size() - 1));
  }
  return *runs_[number];
}

std::string Api::Runs(const Parameters& parameters) {
  parameters.ExpectNoMore();
  json runs = json::array();
  for (const auto& watched : runs_) {
    const std::lock_guard lock(watched->mutex);
    runs.push_back(DescriptionOf(watched->name, watched->run));
  }
  return JsonText(runs);
}

std::string Api::Curves(const Parameters& parameters) {
  Watched& watched = RunOf(parameters);
  const std::string metric = parameters.Text("metric");
  const std::string against = parameters.Text("against");
  parameters.ExpectNoMore();
  const std::lock_guard lock(watched.mutex);
  const WatchedRun::Curves& curves = watched.run.UpdateCurves();
  json x = json::array();
  json y = json::array();
  for (const GenerationRecord& record : curves.records) {
    const auto value = record.metrics.find(metric);
    const auto place = record.metrics.find(against);
    const bool by_generation = against == "generation";
    if (value == record.metrics.end() || (!by_generation && place == record.metrics.end()))
      continue;
    x.push_back(by_generation ? record.generation : place->second);
    y.push_back(value->second);
  }
  return JsonText(json{{"stride", curves.stride}, {"x", x}, {"y", y}});
}

std::string Api::Points(const Parameters& parameters) {
  Watched& watched = RunOf(parameters);
  const std::string round = parameters.Text("round");
  if (round != "train" && round != "validate" && round != "test") {
    throw BadQuery("round is \"" + round + "\", not train, validate or test");
  }
  const std::string x_word = parameters.Text("x");
  const std::string y_word = parameters.Text("y");
  const uint32_t from = parameters.NumberOr("from", 0);
  const Thinning seen = {.generations = parameters.NumberOr("generation_stride", 0),
                         .trials = parameters.NumberOr("trial_stride", 0)};
  parameters.ExpectNoMore();
  const std::lock_guard lock(watched.mutex);
  const Coordinate x_of = CoordinateNamed(x_word, watched.run);
  const Coordinate y_of = CoordinateNamed(y_word, watched.run);
  const PointTable& table = watched.run.UpdatePoints(round);
  // Who has drawn the points of another thinning needs them all.
  const uint32_t first = seen == table.thinning() ? from : 0;
  json individuals = json::array();
  json generations = json::array();
  json fitness = json::array();
  json centres = json::array();
  json x = json::array();
  json y = json::array();
  for (const TrialPoint& point : table.points()) {
    if (point.generation < first) continue;
    individuals.push_back(BirthName(point.individual));
    generations.push_back(point.generation);
    fitness.push_back(point.fitness);
    centres.push_back(CentreOf(point));
    x.push_back(x_of(point));
    y.push_back(y_of(point));
  }
  return JsonText(json{{"generation_stride", table.thinning().generations},
                       {"trial_stride", table.thinning().trials},
                       {"from", first},
                       {"finished", table.finished()},
                       {"individual", individuals},
                       {"generation", generations},
                       {"fitness", fitness},
                       {"centre", centres},
                       {"x", x},
                       {"y", y}});
}

std::string Api::Archive(const Parameters& parameters) {
  Watched& watched = RunOf(parameters);
  parameters.ExpectNoMore();
  const std::lock_guard lock(watched.mutex);
  const ArchiveView* view = watched.run.UpdateArchive();
  if (view == nullptr) throw NotThere("this run has no archive: its algorithm keeps none");
  json axes = json::array();
  for (const GridAxis& axis : view->grid().axes()) {
    axes.push_back(
        {{"name", axis.name}, {"lower", axis.lower}, {"upper", axis.upper}, {"cells", axis.cells}});
  }
  json cells = json::array();
  json fitness = json::array();
  json individuals = json::array();
  for (const ArchivedElite& elite : view->archive().elites()) {
    cells.push_back(view->grid().IndicesOf(elite.cell));
    fitness.push_back(elite.fitness);
    individuals.push_back(BirthName(elite.individual));
  }
  return JsonText(json{{"generations", watched.run.archived_generations()},
                       {"finished", watched.run.CountFinished()},
                       {"axes", axes},
                       {"coverage", view->archive().coverage()},
                       {"qd_score", view->archive().QdScore(view->options().qd_offset)},
                       {"cell", cells},
                       {"fitness", fitness},
                       {"individual", individuals}});
}

std::string Api::Individual(const Parameters& parameters) {
  Watched& watched = RunOf(parameters);
  const Birth birth = ParseBirth(parameters.Text("individual"));
  parameters.ExpectNoMore();
  const std::lock_guard lock(watched.mutex);
  const RunStore& run = watched.run.store();
  const Genome genome = IndividualGenome(run, birth);
  const std::vector<Episode> recorded = RecordedEpisodes(run, birth.generation, genome.birth());
  const auto trial = FindBirth(run, genome.birth());
  const Episode* typical = TypicalEpisode(recorded);
  json described = {
      {"individual", BirthName(genome.birth())},
      {"is_centre", birth.is_centre},
      {"fitness", trial ? json(trial->fitness) : json()},
      {"steps", trial ? json(trial->steps) : json()},
      {"genome", GenomeToText(genome)},
      {"genome_bytes", EncodeGenome(genome).size()},
      {"ancestry", AncestryOf(run, genome)},
      {"episodes", EpisodesOf(recorded)},
      {"behaviour",
       typical != nullptr ? json(watched.run.BehaviourOf(typical->descriptor)) : json::array()}};
  const std::vector<TrialRecord> next = run.Trials(birth.generation + 1, "train");
  const auto children = ChildrenOf(next, genome.birth(), genome.birth());
  described["num_children"] = children.size();
  described["children"] = BestOf(children, kMostChildren);
  return JsonText(described);
}

std::string Api::Film(const Parameters& parameters) {
  Watched& watched = RunOf(parameters);
  const Birth birth = ParseBirth(parameters.Text("individual"));
  const uint32_t number = parameters.Number("episode");
  parameters.ExpectNoMore();
  FilmOrder order{.name = "", .run = watched.run.folder(), .individual = birth, .recorded = {}};
  {
    const std::lock_guard lock(watched.mutex);
    const RunStore& run = watched.run.store();
    const Genome genome = IndividualGenome(run, birth);
    const std::vector<Episode> recorded = RecordedEpisodes(run, birth.generation, genome.birth());
    if (number >= recorded.size()) {
      throw NotThere("individual " + BirthName(birth) + " has " + std::to_string(recorded.size()) +
                     " recorded episodes: there is none of number " + std::to_string(number));
    }
    order.recorded = recorded[number];
    order.name = FilmName(run, watched.run.config().name, genome, order.recorded);
  }
  const FilmStatus status = films_.Ask(order);
  json film = {{"stage", StageWord(status.stage)},
               {"steps", status.steps},
               {"of_steps", order.recorded.steps}};
  if (status.stage == FilmStatus::Stage::kFailed) film["error"] = status.text;
  if (status.stage == FilmStatus::Stage::kReady) {
    film["film"] = json::parse(status.text);
    film["video"] = film["film"]["video"] ? json("films/" + order.name + ".mp4") : json();
  }
  return JsonText(film);
}

Answer Api::Video(const std::string& path) {
  constexpr std::string_view kEnding = ".mp4";
  std::string name = path.substr(kVideos.size());
  if (!name.ends_with(kEnding)) throw NotThere("there is nothing at this address");
  name.resize(name.size() - kEnding.size());
  const auto file = films_.VideoOf(name);
  if (!file) throw NotThere("there is no such film, or it is not ready");
  return {.status = 200, .type = "video/mp4", .body = ReadFile(*file)};
}

}  // namespace dne
