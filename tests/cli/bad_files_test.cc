// SPDX-License-Identifier: MIT
// Damaged, foreign and newer files: refused with a reason, and left as they are.
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

class BadStore : public CliTest {
 protected:
  // A finished run whose file holds what `change` makes of it.
  template <class Change>
  void ExpectRefused(const Change& change, std::string_view message) {
    const fs::path file = folder() / "run/run.sqlite";
    if (whole_.empty()) {
      MakeRun();
      whole_ = ReadFile(file);
    }
    const std::string changed = change(whole_);
    WriteFile(file, changed);
    for (const char* words :
         {"resume run", "show run", "evaluate run", "replay run", "genome run"}) {
      SCOPED_TRACE(words);
      ExpectError(Dne(words), 1, message);
    }
    EXPECT_TRUE(ReadFile(file) == changed) << "a refused file was written to";
  }

 private:
  std::string whole_;
};

// Of the header of a SQLite file, whose numbers have their highest byte first.
std::string WithHeaderNumber(std::string file, size_t offset, uint32_t number) {
  for (size_t i = 0; i < 4; ++i) file[offset + i] = static_cast<char>(number >> (24 - 8 * i));
  return file;
}
constexpr size_t kSchemaVersion = 60;
constexpr size_t kApplication = 68;

TEST_F(BadStore, OfANewerDneIsRefused) {
  ExpectRefused([](std::string file) { return WithHeaderNumber(file, kSchemaVersion, 99); },
                "was written by a newer dne (schema 99");
}

TEST_F(BadStore, OfAnotherProgramIsRefused) {
  ExpectRefused([](std::string file) { return WithHeaderNumber(file, kApplication, 12345); },
                "is not a run of dne");
}

TEST_F(BadStore, ThatIsNoDatabaseIsRefused) {
  ExpectRefused([](const std::string&) { return std::string(10'000, 'x'); }, "is not a run of dne");
}

TEST_F(BadStore, ThatIsCutOffIsRefused) {
  ExpectRefused([](const std::string& file) { return file.substr(0, file.size() - 1000); },
                "is damaged");
}

TEST_F(BadStore, ThatIsEmptyIsRefused) {
  ExpectRefused([](const std::string&) { return std::string(); }, "run/run.sqlite");
}

TEST_F(BadStore, IsReadInAFolderThatCannotBeWrittenButNotGoneOnWith) {
  MakeRun();
  fs::permissions(folder() / "run", fs::perms{0555});
  fs::permissions(folder(), fs::perms{0555});
  Circumstances nobody = Here();
  nobody.prepare = BecomeNobody;
  if (Dne({"version"}, nobody).exit_code != 0) {
    fs::permissions(folder(), fs::perms{0755});
    GTEST_SKIP() << "the program lies where another user may not go, as in root's home";
  }
  EXPECT_EQ(Dne({"show", "run", "--json"}, nobody).out, Ok("show run --json"));
  EXPECT_EQ(Dne({"evaluate", "run", "--episodes", "1"}, nobody).exit_code, 0);
  ExpectError(Dne({"resume", "run"}, nobody), 1, "needs write permission in its folder");
  ExpectError(Dne({"run", "tiny.toml"}, nobody), 1,
              "cannot make the run's folder runs/tiny-s7 (Permission denied)");
  ExpectError(Dne({"genome", "run", "--out", "a.dne-genome"}, nobody), 1,
              "cannot write a.dne-genome: Permission denied");
  ExpectError(Dne({"replay", "run", "--video", "a.mp4"}, nobody), 1,
              "cannot write a.mp4: Permission denied");
  fs::permissions(folder(), fs::perms{0755});
}

class BadPolicy : public CliTest {
 protected:
  void Write() {
    MakeRun();
    Ok("genome run --out whole.dne-genome --weights whole.safetensors");
  }
  void ExpectRefused(const std::string& name, const std::string& content,
                     std::string_view message) const {
    SCOPED_TRACE(message);
    WriteFile(folder() / name, content);
    for (const char* command : {"evaluate ", "replay ", "genome "}) {
      const Outcome outcome = Dne(command + name);
      ExpectError(outcome, 1, message);
      EXPECT_THAT(outcome.err, testing::StartsWith("error: " + name + ": "));
    }
  }
};

TEST_F(BadPolicy, DamagedGenomeFilesAreRefused) {
  Write();
  const std::string whole = ReadFile(folder() / "whole.dne-genome");
  ExpectRefused("a.dne-genome", whole.substr(0, whole.size() - 5), "checksum does not match");
  ExpectRefused("a.dne-genome", whole.substr(0, 10), "it ends too early");
  ExpectRefused("a.dne-genome", whole + "x", "checksum does not match");
  std::string flipped = whole;
  flipped[whole.size() / 2] ^= 4;
  ExpectRefused("a.dne-genome", flipped, "checksum does not match");
  std::string newer = whole;
  newer[8] = 9;
  ExpectRefused("a.dne-genome", newer, "use a newer dne");
  ExpectRefused("a.dne-genome", "x" + whole, "neither a run directory nor a policy file");
  ExpectRefused("a.dne-genome", "", "neither a run directory nor a policy file");
}

// A weight file, taken apart.
struct Weights {
  explicit Weights(const std::string& file) {
    uint64_t size = 0;
    std::memcpy(&size, file.data(), sizeof size);
    header = ordered_json::parse(file.substr(sizeof size, size));
    data = file.substr(sizeof size + size);
  }
  std::string File() const {
    const std::string text = header.dump();
    const uint64_t size = text.size();
    return std::string(reinterpret_cast<const char*>(&size), sizeof size) + text + data;
  }

  ordered_json header;
  std::string data;
};

TEST_F(BadPolicy, DamagedWeightFilesAreRefused) {
  Write();
  const std::string whole = ReadFile(folder() / "whole.safetensors");
  const auto changed = [&](const auto& change) {
    Weights weights(whole);
    change(weights);
    return weights.File();
  };
  const char* name = "a.safetensors";
  const char* bias = "conv2d_0.bias";
  ExpectRefused(name, whole.substr(0, whole.size() - 4), "is damaged: tensor");
  ExpectRefused(name, whole.substr(0, 100), "is damaged: its header has");
  ExpectRefused(name, whole + "more", "is damaged: its tensors take");
  ExpectRefused(name, changed([&](Weights& w) { w.header[bias]["dtype"] = "F16"; }),
                "has dtype \"F16\": convert it to \"F32\"");
  ExpectRefused(name, changed([&](Weights& w) {
                  w.header[bias]["shape"] = {2, 2};
                }),
                "conv2d_0.bias has shape [2,2], the policy needs [4]");
  ExpectRefused(name, changed([&](Weights& w) { w.header[bias]["shape"] = {5}; }),
                "has shape [5] but 16 bytes");
  ExpectRefused(name, changed([&](Weights& w) {
                  w.header["extra"] = w.header[bias];
                  w.header.erase(bias);
                }),
                "the policy needs tensor conv2d_0.bias");
  ExpectRefused(name, changed([](Weights& w) {
                  const float nan = std::numeric_limits<float>::quiet_NaN();
                  std::memcpy(w.data.data(), &nan, sizeof nan);
                }),
                "holds NaN at value 0: weights must be finite");
  ExpectRefused(name, changed([](Weights& w) { w.data[1] ^= 1; }),
                "the weights are not those of the genome");
  ExpectRefused(name, changed([](Weights& w) { w.header.erase("__metadata__"); }),
                "so what it plays is unknown");
}

TEST_F(BadPolicy, WeightsWithoutTheirGenomeStillPlay) {
  Write();
  Weights weights(ReadFile(folder() / "whole.safetensors"));
  weights.header["__metadata__"].erase("genome");
  WriteFile(folder() / "bare.safetensors", weights.File());
  Ok("evaluate bare.safetensors --episodes 2");
  Ok("replay bare.safetensors");
  Ok("genome bare.safetensors --weights copy.safetensors");
  Ok("genome bare.safetensors --onnx copy.onnx");
  ExpectError(Dne("genome bare.safetensors"), 1, "has weights but no genome");
}

TEST_F(BadPolicy, AVideoNeedsFfmpeg) {
  MakeRun();
  Circumstances without = Here();
  without.env["PATH"] = folder().string();
  ExpectError(Dne({"replay", "run", "--video", "a.mp4"}, without), 1, "ffmpeg was not found");
  EXPECT_FALSE(fs::exists(folder() / "a.mp4"));
  EXPECT_FALSE(fs::exists(folder() / "a.mp4.tmp"));
}

}  // namespace
}  // namespace dne::cli
