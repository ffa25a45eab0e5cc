// SPDX-License-Identifier: MIT
// Rows of a run's tables: values anywhere are replaced in a copy of a small run, which is then read
// through.
#include <fuzzer/FuzzedDataProvider.h>
#include <unistd.h>

#include <array>
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

void Replace(FuzzedDataProvider& input, const Database& database) {
  const Column column = input.PickValueInArray(kColumns);
  Statement update(database,
                   std::string("UPDATE ") + column.table + " SET " + column.name + " = ?1");
  switch (input.ConsumeIntegralInRange(0, 3)) {
    case 0:
      return update.Run(input.ConsumeIntegral<int64_t>());
    case 1:
      return update.Run(input.ConsumeFloatingPointInRange(-1e300, 1e300));
    case 2:
      return update.Run(std::string_view(input.ConsumeRandomLengthString()));
    default:
      return update.Run(std::span<const uint8_t>(
          input.ConsumeBytes<uint8_t>(input.ConsumeIntegralInRange<size_t>(0, 64))));
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
    ExpectAnswer([&] { store->HistoryOf({.generation = generation, .item = CentreItem(0)}); });
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
  FuzzedDataProvider input(data, size);
  {
    const dne::Database database(folders.damaged / "run.sqlite", dne::Database::Access::kWrite);
    while (input.remaining_bytes() > 0) {
      try {
        dne::Replace(input, database);
      } catch (const std::exception&) {  // the column's type or a key refuses it
      }
    }
  }
  dne::ExpectAnswer([&] { dne::ReadAll(folders.damaged); });
  return 0;
}
