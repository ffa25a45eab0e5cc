// SPDX-License-Identifier: MIT
// fuzz_seeds DIR: valid input of every target, as DIR/TARGET/NUMBER.
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "dne/ask_tell/ask_tell.h"
#include "dne/experiment/config.h"
#include "dne/novelty/trajectory.h"
#include "dne/plan/wire.h"
#include "dne/policy/policy_file.h"
#include "dne/policy/safetensors.h"
#include "dne/store/packed_trials.h"
#include "dne/tasks/episode_task.h"
#include "fuzz/example.h"

namespace dne {
namespace {

namespace fs = std::filesystem;
using Seeds = std::vector<std::string>;

template <class Bytes>
std::string Text(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

void Write(const fs::path& dir, const Seeds& seeds) {
  fs::create_directories(dir);
  for (size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream(dir / std::to_string(i), std::ios::binary) << seeds[i];
  }
}

Seeds Configs() {
  Seeds texts;
  for (const auto& entry : fs::recursive_directory_iterator(DNE_SOURCE_DIR "/configs")) {
    if (entry.path().extension() != ".toml") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  texts.push_back(ConfigToToml({}));
  return texts;
}

// Heads as request_fuzz.cc reads them, of browsers with and without a token, and one of another
// site.
Seeds Requests() {
  const std::string token = "0123456789abcdef0123456789abcdef";
  const std::string host = " HTTP/1.1\nhost:127.0.0.1:8080\n";
  return {
      "GET /" + host,
      "GET /api/points?run=0&round=train&x=b0&y=fitness" + host +
          "origin:http://127.0.0.1:8080\nsec-fetch-site:same-origin\n",
      "HEAD /" + token + "/films/made-s5-0.0-0000000000000000.mp4" + host + "range:bytes=0-99\n",
      "GET /" + token + "/api/runs" + host + "origin:http://elsewhere\n"};
}

Seeds Weights() {
  const Network network = ExampleNetwork();
  Seeds files;
  for (const size_t num_normalised : {size_t{0}, kExampleInputs}) {
    const PolicyLayout layout = LayoutOf(network, num_normalised);
    const std::vector<float> policy(layout.policy_size(), 0.5f);
    files.push_back(EncodeSafetensors(network, layout, policy, {{"key", "value"}}));
  }
  return files;
}

// Every algorithm's, before each of its first rounds.
Seeds States() {
  Seeds states;
  for (size_t kind = 0; kind < kExampleAlgorithms; ++kind) {
    const auto algorithm = ExampleAlgorithm(kind);
    for (int round = 0; round < 8; ++round) {
      states.push_back(static_cast<char>(kind) + algorithm->SaveState());
      TellExample(*algorithm);
    }
  }
  return states;
}

// Without their checksums, which the target adds.
Seeds Messages() {
  const std::vector<Job> jobs = {{.item = 0, .starts = {{.noops = 3, .seed = 1}}}};
  Seeds messages;
  for (const auto& bytes :
       {EncodePlan(ExamplePlan()), EncodeJobs(jobs), EncodeJobResults(ExampleResults())}) {
    messages.push_back(Text(std::span(bytes).first(bytes.size() - sizeof(uint64_t))));
  }
  return messages;
}

// Two members of a cloud, without what packs them.
Seeds PackedTrials() {
  std::vector<TrialRecord> members;
  for (uint32_t i = 0; i < 2; ++i) {
    members.push_back({.generation = 3,
                       .round = "train",
                       .index = i,
                       .individual = {3, i},
                       .parent = CentreBirth(2, 0),
                       .sigma = 0.1f,
                       .mirrored = i == 1,
                       .fitness = 2.5,
                       .episodes = {{.start = {.seed = 7}, .score = 2.5, .descriptor = {1, 2}}},
                       .draws = {1}});
  }
  const std::vector<uint8_t> packed = PackTrials(members);
  std::string text(4096, '\0');
  uLongf size = text.size();
  DNE_CHECK(uncompress(reinterpret_cast<Bytef*>(text.data()), &size, packed.data(),
                       packed.size()) == Z_OK);
  return {std::string("\2\0", 2) + text.substr(0, size)};
}

// Before and after a round.
Seeds AskTells() {
  Seeds states;
  for (const char* type : {"es", "ga"}) {
    AskTell search("[algorithm]\ntype = \"" + std::string(type) + "\"\npopulation_size = 20\n",
                   "seeds", {.initial = {1, 2, 3}, .initial_std = 0.5f}, {});
    for (int round = 0; round < 4; ++round) {
      states.push_back(search.Save());
      search.Tell({.fitness = std::vector<double>(search.num_members(), 1.0)});
    }
  }
  return states;
}

void WriteAll(const fs::path& dir) {
  Write(dir / "ask_tell", AskTells());
  Write(dir / "packed_trials", PackedTrials());
  Write(dir / "config", Configs());
  Write(dir / "override",
        {"algorithm.sigma=0.005\nseed=3", "task.type=mujoco\ntask.environment=hopper",
         "network.layers=[{type=\"dense\",units=8}]\nname=a"});
  Write(dir / "genome_text", {GenomeToText(ExampleGenome())});
  Write(dir / "genome_binary", {Text(EncodeGenome(ExampleGenome()))});
  Write(dir / "genome_file",
        {EncodeGenomeFile({.experiment = ConfigToToml({}), .genome = ExampleGenome()})});
  Write(dir / "maze", {"0\n400\n2\n36 184\n0\n31 20\n31 20\n41 5 3 8\n3 8 4 49\n",
                       "1 9 1 50.5 50 359 1e2 3 4 5 20 70 90 70"});
  Write(dir / "request", Requests());
  Write(dir / "safetensors", Weights());
  Write(dir / "trajectory",
        {Text(PackTrajectory({}, 4)), Text(PackTrajectory(std::vector<uint8_t>(1000, 7), 4))});
  Write(dir / "state", States());
  Write(dir / "store", {std::string(64, '\1')});
  Write(dir / "wire", Messages());
}

}  // namespace
}  // namespace dne

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  dne::WriteAll(argv[1]);
}
