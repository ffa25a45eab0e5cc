// SPDX-License-Identifier: MIT
// What the page asks for, as JSON (docs/inspect.md has every address).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dne/inspect/film_maker.h"
#include "dne/inspect/watched_run.h"

namespace dne {

using Query = std::map<std::string, std::string>;

struct Answer {
  int status = 200;
  std::string type;  // for Content-Type
  std::string body;
};

// Thread-safe: one request a run at a time.
class Api {
 public:
  // Folders of runs, at least one. Throws Error as RunStore::OpenReadOnly does. `films` must
  // outlive it.
  Api(const std::vector<std::string>& runs, FilmMaker& films);

  // Does not throw: what is wrong is in the answer, as the object {"error": "..."}. 400: the query,
  // 404: no such address or nothing there, 422: the run cannot be read, or has no such individual.
  Answer Get(const std::string& path, const Query& query);

 private:
  struct Watched {
    explicit Watched(const std::string& folder) : name(folder), run(folder) {}
    std::string name;
    std::mutex mutex;
    WatchedRun run;
  };
  class Parameters;
  using Handler = std::string (Api::*)(const Parameters&);

  Watched& RunOf(const Parameters& parameters);
  std::string Runs(const Parameters& parameters);
  std::string Curves(const Parameters& parameters);
  std::string Points(const Parameters& parameters);
  std::string Archive(const Parameters& parameters);
  std::string Individual(const Parameters& parameters);
  std::string Film(const Parameters& parameters);
  Answer Video(const std::string& path);

  std::vector<std::unique_ptr<Watched>> runs_;
  FilmMaker& films_;
};

}  // namespace dne
