// SPDX-License-Identifier: MIT
// Rows of a run's tables: values anywhere are replaced in a copy of a small run, which is then read
// through.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <exception>
#include <filesystem>
#include <string>

#include "dne/store/sqlite.h"
#include "dne/store/store.h"
#include "fuzz/example.h"
#include "fuzz/fuzz.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

struct Column {
  const char* table;
  const char* name;
};
constexpr std::array kColumns = {Column{"run", "value"},
                                 Column{"trial", "generation"},
                                 Column{"trial", "round"},
                                 Column{"trial", "idx"},
                                 Column{"trial", "individual_generation"},
                                 Column{"trial", "individual_item"},
                                 Column{"trial", "parent_generation"},
                                 Column{"trial", "parent_item"},
                                 Column{"trial", "sigma"},
                                 Column{"trial", "fitness"},
                                 Column{"trial", "steps"},
                                 Column{"trial", "frames"},
                                 Column{"episode", "generation"},
                                 Column{"episode", "round"},
                                 Column{"episode", "idx"},
                                 Column{"episode", "noops"},
                                 Column{"episode", "seed"},
                                 Column{"episode", "draws"},
                                 Column{"episode", "score"},
                                 Column{"episode", "steps"},
                                 Column{"episode", "frames"},
                                 Column{"episode", "ending"},
                                 Column{"episode", "descriptor"},
                                 Column{"centre", "policy"},
                                 Column{"centre_update", "state"},
                                 Column{"centre_move", "from_generation"},
                                 Column{"centre_move", "recipe"},
                                 Column{"attachment", "data"},
                                 Column{"generation", "generation"},
                                 Column{"generation", "digest"},
                                 Column{"generation", "elite"},
                                 Column{"metric", "name"},
                                 Column{"metric", "value"},
                                 Column{"checkpoint", "next_generation"},
                                 Column{"checkpoint", "state"},
                                 Column{"checkpoint", "checksum"},
                                 Column{"log", "generation"},
                                 Column{"log", "round"},
                                 Column{"log", "plan"},
                                 Column{"log", "seconds"},
                                 Column{"log", "results"}};

// The bytes of an input, one value after the other.
class Input {
 public:
  explicit Input(std::span<const uint8_t> bytes) : left_(bytes) {}

  bool empty() const { return left_.empty(); }
  // `size` of them, or what is left.
  std::span<const uint8_t> Take(size_t size) {
    const auto taken = left_.first(std::min(size, left_.size()));
    left_ = left_.subspan(taken.size());
    return taken;
  }
  uint64_t Number(size_t size) {
    uint64_t number = 0;
    for (const uint8_t byte : Take(size)) number = number << 8 | byte;
    return number;
  }

 private:
  std::span<const uint8_t> left_;
};

void Replace(Input& input, const Database& database) {
  const Column column = kColumns[input.Number(1) % kColumns.size()];
  Statement update(database,
                   std::string("UPDATE ") + column.table + " SET " + column.name + " = ?1");
  switch (input.Number(1) % 4) {
    case 0:
      return update.Run(static_cast<int64_t>(input.Number(8)));
    case 1:
      return update.Run(std::bit_cast<double>(input.Number(8)));
    case 2:
      return update.Run(AsText(input.Take(input.Number(1))));
    default:
      return update.Run(input.Take(input.Number(1)));
  }
}

void ReadAll(const fs::path& run) {
  const auto store = RunStore::OpenReadOnly(run);
  store->LastGeneration();
  ExpectAnswer([&] { store->LastCheckpoint(); });
  ExpectAnswer([&] { store->Generations(); });
  ExpectAnswer([&] { store->Trials(0); });
  ExpectAnswer([&] { store->Logged(); });
  for (const uint32_t generation : {0u, 1u}) {
    ExpectAnswer([&] { store->HistoryOf(CentreBirth(generation, 0)); });
  }
}

// A sound run, made once a process, and the copy to be damaged.
struct Folders {
  fs::path root = fs::temp_directory_path() / ("dne_store_fuzz_" + std::to_string(getpid()));
  fs::path sound = root / "sound";
  fs::path damaged = root / "damaged";

  Folders() { MakeExampleStore(sound); }
  ~Folders() { fs::remove_all(root); }
};

}  // namespace
}  // namespace dne

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const dne::Folders folders;
  std::filesystem::remove_all(folders.damaged);
  std::filesystem::copy(folders.sound, folders.damaged);
  dne::Input input({data, size});
  {
    const dne::Database database(folders.damaged / "run.sqlite", dne::Database::Access::kWrite);
    while (!input.empty()) {
      try {
        dne::Replace(input, database);
      } catch (const std::exception&) {  // the column's type or a key refuses it
      }
    }
  }
  dne::ExpectAnswer([&] { dne::ReadAll(folders.damaged); });
  return 0;
}
