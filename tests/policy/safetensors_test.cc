// SPDX-License-Identifier: MIT
#include "dne/policy/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <numeric>

#include "dne/tasks/episode_task.h"
#include "tests/policy/policy_fixture.h"

namespace dne {
namespace {

// 2 filters of 2x2 over a 4x4 image of 1 channel, then 3 outputs: 10 + 27 parameters.
Network SmallNetwork() {
  return Network({.hidden = {{.type = LayerType::kConv2d, .units = 2, .kernel = 2, .stride = 2}}},
                 {.height = 4, .width = 4, .channels = 1}, 3);
}

std::vector<float> Counting(const Network& network) {
  std::vector<float> parameters(network.num_parameters());
  std::iota(parameters.begin(), parameters.end(), 0.5f);
  return parameters;
}

std::string File() {
  const Network network = SmallNetwork();
  return EncodeSafetensors(network, LayoutOf(network, 0), Counting(network),
                           {{"b", "2"}, {"a", "\"1\"\n"}});
}

// As another program might write it.
std::string FileOf(const std::string& header, size_t data_bytes) {
  std::string bytes;
  for (size_t i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i));
  return bytes + header + std::string(data_bytes, '\0');
}

std::string Header(std::string_view bytes) {
  uint64_t size = 0;
  std::memcpy(&size, bytes.data(), sizeof size);
  return std::string(bytes.substr(8, size));
}

// The file with one part of its header replaced by another of any length.
std::string Edited(const std::string& part, const std::string& by) {
  const std::string bytes = File();
  std::string header = Header(bytes);
  header.replace(header.find(part), part.size(), by);
  const std::string empty = FileOf(header, 0);
  return empty + bytes.substr(8 + Header(bytes).size());
}

std::vector<float> Read(const std::string& bytes) {
  return Safetensors(bytes).Policy(SmallNetwork(), LayoutOf(SmallNetwork(), 0));
}

TEST(Safetensors, RoundTripBitForBit) {
  const std::string bytes = File();
  ASSERT_TRUE(LooksLikeSafetensors(bytes));
  const Safetensors file(bytes);
  EXPECT_EQ(file.metadata(), (TensorMetadata{{"a", "\"1\"\n"}, {"b", "2"}}));
  EXPECT_EQ(file.Policy(SmallNetwork(), LayoutOf(SmallNetwork(), 0)), Counting(SmallNetwork()));
}

TEST(Safetensors, HaveTheHeaderThatOtherToolsExpect) {
  const std::string bytes = File();
  const std::string header = Header(bytes);
  EXPECT_EQ((8 + header.size()) % 8, 0u) << "tensors are not aligned";
  EXPECT_EQ(header.substr(0, header.find_last_not_of(' ') + 1),
            R"({"__metadata__":{"a":"\"1\"\n","b":"2"},)"
            R"("conv2d_0.weight":{"dtype":"F32","shape":[2,2,1,2],"data_offsets":[0,32]},)"
            R"("conv2d_0.bias":{"dtype":"F32","shape":[2],"data_offsets":[32,40]},)"
            R"("dense_1.weight":{"dtype":"F32","shape":[8,3],"data_offsets":[40,136]},)"
            R"("dense_1.bias":{"dtype":"F32","shape":[3],"data_offsets":[136,148]}})");
}

// Pooling has no tensors; a recurrent layer has two maps, called as PyTorch calls them.
TEST(Safetensors, NameTheMapsOfRecurrentLayers) {
  const Network network(
      {.hidden = {{.type = LayerType::kConv2d, .units = 2, .kernel = 1, .stride = 1},
                  {.type = LayerType::kAveragePool},
                  {.type = LayerType::kLstm, .units = 3}}},
      {.height = 2, .width = 2, .channels = 1}, 1);
  const std::string bytes = EncodeSafetensors(network, LayoutOf(network, 0), Counting(network), {});
  const std::string header = Header(bytes);
  for (const char* tensor :
       {R"("lstm_2.weight_ih":{"dtype":"F32","shape":[2,12],"data_offsets":[16,112]})",
        R"("lstm_2.bias_ih":{"dtype":"F32","shape":[12],"data_offsets":[112,160]})",
        R"("lstm_2.weight_hh":{"dtype":"F32","shape":[3,12],"data_offsets":[160,304]})",
        R"("lstm_2.bias_hh":{"dtype":"F32","shape":[12],"data_offsets":[304,352]})",
        R"("dense_3.weight":{"dtype":"F32","shape":[3,1],"data_offsets":[352,364]})"}) {
    EXPECT_NE(header.find(tensor), std::string::npos) << tensor << " in " << header;
  }
  EXPECT_EQ(header.find("pool"), std::string::npos);
  EXPECT_EQ(Safetensors(bytes).Policy(network, LayoutOf(network, 0)), Counting(network));
}

TEST(Safetensors, MayListTheirTensorsInAnyOrder) {
  const std::string header =
      R"({"dense_1.bias":{"dtype":"F32","shape":[3],"data_offsets":[40,52]},)"
      R"("conv2d_0.weight":{"dtype":"F32","shape":[2,2,1,2],"data_offsets":[0,32]},)"
      R"("dense_1.weight":{"dtype":"F32","shape":[8,3],"data_offsets":[52,148]},)"
      R"("conv2d_0.bias":{"dtype":"F32","shape":[2],"data_offsets":[32,40]}})";
  EXPECT_EQ(Read(FileOf(header, 148)), std::vector<float>(37));
}

TEST(Safetensors, EveryTruncationIsAnError) {
  const std::string bytes = File();
  for (size_t size = 9; size < bytes.size(); ++size) {
    EXPECT_THROW(Safetensors(bytes.substr(0, size)), Error) << size << " bytes";
  }
}

TEST(Safetensors, SayHowTheyAreDamaged) {
  EXPECT_ERROR(Read(File().substr(0, 100)), "bytes, only 92 are left");
  EXPECT_ERROR(Read(FileOf("{\"a\":", 0)), "its header is not JSON");
  EXPECT_ERROR(Read(FileOf("{\"a\":1}", 0)), "tensor a has no dtype, shape or data_offsets");
  EXPECT_ERROR(Read(File() + "more"), "its tensors take 148 bytes, it has 152");
  EXPECT_ERROR(Read(Edited("[136,148]", "[136,149]")), "reaches to byte 149 of 148");
  EXPECT_ERROR(Read(Edited("[136,148]", "[148,136]")), "reaches to byte 136 of 148");
  EXPECT_ERROR(Read(Edited("[136,148]", "[136,144]")), "has shape [3] but 8 bytes");
  EXPECT_ERROR(Read(Edited("[136,148]", "[136]")), "no sensible shape or data_offsets");
  EXPECT_ERROR(Read(Edited("[136,148]", "[136,-1]")), "no sensible shape or data_offsets");
  EXPECT_ERROR(Read(Edited("\"shape\":[3]", "\"shape\":3")), "no sensible shape");
  EXPECT_ERROR(Read(Edited("\"shape\":[3]", "\"shape\":[4294967296,4294967296,3]")),
               "tensor dense_1.bias has shape [4294967296,4294967296,3], whose bytes have no 64");
  // 2^62 floats of 4 bytes: the count has 64 bits, the bytes have not.
  EXPECT_ERROR(Read(Edited("\"shape\":[3]", "\"shape\":[4611686018427387904]")), "have no 64 bits");
  EXPECT_ERROR(Read(Edited("\"b\":\"2\"", "\"b\":2")), "__metadata__ is not a table of texts");
  EXPECT_ERROR(Read(Edited("{\"a\":\"\\\"1\\\"\\n\",\"b\":\"2\"}", "[]")), "not a table of texts");
}

// Two of them of one shape, so that each could lie in the other's place.
std::string TwoTensors(const std::string& a, const std::string& b, size_t data_bytes) {
  return FileOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":)" + a +
                    R"(},"b":{"dtype":"F32","shape":[2],"data_offsets":)" + b + "}}",
                data_bytes);
}

TEST(Safetensors, MustFollowEachOther) {
  EXPECT_NO_THROW(Safetensors(TwoTensors("[0,8]", "[8,16]", 16)));
  EXPECT_NO_THROW(Safetensors(TwoTensors("[8,16]", "[0,8]", 16)));
  EXPECT_ERROR(Safetensors(TwoTensors("[0,8]", "[0,8]", 16)),
               "tensor b begins at byte 0, the one before it ends at 8");
  EXPECT_ERROR(Safetensors(TwoTensors("[0,8]", "[4,12]", 16)),
               "tensor b begins at byte 4, the one before it ends at 8");
  EXPECT_ERROR(Safetensors(TwoTensors("[0,8]", "[12,20]", 20)),
               "tensor b begins at byte 12, the one before it ends at 8");
  EXPECT_ERROR(Safetensors(TwoTensors("[16,24]", "[8,16]", 24)),
               "tensor b begins at byte 8, the one before it ends at 0");
  EXPECT_ERROR(Safetensors(TwoTensors("[0,8]", "[8,16]", 20)),
               "its tensors take 16 bytes, it has 20");
  EXPECT_ERROR(Safetensors(FileOf("{}", 4)), "its tensors take 0 bytes, it has 4");
}

TEST(Safetensors, MayHoldTensorsOfNothing) {
  EXPECT_NO_THROW(Safetensors(FileOf(R"({"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                                     R"("a":{"dtype":"F32","shape":[0,9],"data_offsets":[4,4]},)"
                                     R"("c":{"dtype":"F32","shape":[7,0],"data_offsets":[0,0]}})",
                                     4)));
}

TEST(Safetensors, MustNameEachKeyOnce) {
  EXPECT_ERROR(Read(Edited("\"conv2d_0.bias\"",
                           R"("dense_1.bias":{"dtype":"F32","shape":[2],"data_offsets":[32,40]},)"
                           R"("conv2d_0.bias")")),
               "its header names dense_1.bias twice");
  EXPECT_ERROR(Read(Edited("\"b\":\"2\"", "\"b\":\"2\",\"b\":\"2\"")), "names b twice");
  EXPECT_ERROR(Read(Edited("\"__metadata__\"", R"("__metadata__":{},"__metadata__")")),
               "names __metadata__ twice");
  EXPECT_ERROR(Read(Edited("\"shape\":[3]", "\"shape\":[3],\"shape\":[3]")), "names shape twice");
}

TEST(Safetensors, MustHaveAHeaderThatIsOneJsonText) {
  const auto header = [](const std::string& text) { Safetensors(FileOf(text, 0)); };
  EXPECT_NO_THROW(header("{}  \n"));
  EXPECT_ERROR(header("{} {}"), "its header is not JSON");
  EXPECT_ERROR(header(std::string("{}\0\0", 4)), "its header is not JSON");
  EXPECT_ERROR(header("{}//"), "its header is not JSON");
  EXPECT_ERROR(header("{\"__metadata__\":{\"a\":\"\xff\"}}"), "its header is not JSON");
  EXPECT_ERROR(header("{\"__metadata__\":null}"), "__metadata__ is not a table of texts");
  std::string large = FileOf("{}", 0);
  large.replace(0, 8, std::string("\x01\xe1\xf5\x05\0\0\0\0", 8));
  EXPECT_ERROR(Safetensors(large), "its header has 100000001 bytes, more than 100000000");
}

TEST(Safetensors, MustGiveSizesAsWholeNumbers) {
  for (const char* shape : {"[3.0]", "[\"3\"]", "[true]", "[null]", "[[3]]", "{}", "null"}) {
    EXPECT_ERROR(Read(Edited("\"shape\":[3]", std::string("\"shape\":") + shape)),
                 "no sensible shape or data_offsets")
        << shape;
  }
  for (const char* offsets : {"[136.0,148]", "[136,148,148]", "[]", "{}", "[136,1e2]"}) {
    EXPECT_ERROR(Read(Edited("[136,148]", offsets)), "no sensible shape or data_offsets")
        << offsets;
  }
  for (const char* dtype : {"F64", "BF16", "I32", "f32", "X", ""}) {
    EXPECT_ERROR(Read(Edited("\"dtype\":\"F32\"", "\"dtype\":\"" + std::string(dtype) + "\"")),
                 "convert it to \"F32\"")
        << dtype;
  }
  EXPECT_ERROR(Read(Edited("\"dtype\":\"F32\"", "\"dtype\":7")), "has dtype 7");
  for (const char* part : {"dtype", "shape", "data_offsets"}) {
    EXPECT_ERROR(Read(Edited(part, "other")), "has no dtype, shape or data_offsets") << part;
  }
}

TEST(Safetensors, MustFitTheNetwork) {
  EXPECT_ERROR(Read(Edited("\"dtype\":\"F32\"", "\"dtype\":\"F16\"")),
               "tensor conv2d_0.weight has dtype \"F16\": convert it to \"F32\"");
  EXPECT_ERROR(Read(Edited("[2,2,1,2]", "[1,2,2,2]")),
               "tensor conv2d_0.weight has shape [1,2,2,2], the policy needs [2,2,1,2]");
  EXPECT_ERROR(Read(Edited("dense_1.bias", "dense_1.bios")),
               "the policy needs tensor dense_1.bias of shape [3], which is not there");
  EXPECT_ERROR(
      Read(Edited("\"__metadata__\"",
                  R"("extra":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"__metadata__")")),
      "tensor extra of shape [0] is no part of the policy: it has 4 tensors");
}

TEST(Safetensors, MustHoldFiniteNumbers) {
  const Network network = SmallNetwork();
  std::vector<float> parameters = Counting(network);
  parameters[9] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ERROR(Read(EncodeSafetensors(network, LayoutOf(network, 0), parameters, {})),
               "tensor conv2d_0.bias holds NaN at value 1");
  parameters[9] = -std::numeric_limits<float>::infinity();
  EXPECT_ERROR(Read(EncodeSafetensors(network, LayoutOf(network, 0), parameters, {})),
               "holds infinity at value 1");
}

TEST(Safetensors, AreToldFromOtherFiles) {
  EXPECT_FALSE(LooksLikeSafetensors(""));
  EXPECT_FALSE(LooksLikeSafetensors("12345678"));
  EXPECT_FALSE(LooksLikeSafetensors("DNEGENOM\1"));
  EXPECT_TRUE(LooksLikeSafetensors("12345678{"));
}

}  // namespace
}  // namespace dne
