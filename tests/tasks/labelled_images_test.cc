// SPDX-License-Identifier: MIT
#include "dne/tasks/labelled_images.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "dne/base/error.h"
#include "dne/base/file.h"
#include "tests/tasks/idx_folder.h"
#include "tests/temp_folder.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

std::string MessageOf(const fs::path& folder) {
  try {
    ReadImageData(folder);
  } catch (const Error& error) {
    std::string message = error.what();
    const std::string prefix = folder.string();
    for (size_t at = 0; (at = message.find(prefix)) != std::string::npos;) {
      message.replace(at, prefix.size(), "F");
    }
    return message;
  }
  return "none";
}

class LabelledImagesTest : public testing::Test {
 protected:
  LabelledImagesTest() {
    WriteIdxFolder(folder_, {.height = 2, .width = 3, .train = 5, .test = 4});
  }
  std::string Bytes(const char* name) { return ReadFile(folder_ / name); }
  void Write(const char* name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }

  TempFolder temp_;
  fs::path folder_ = temp_.path();
};

constexpr const char* kTrainImages = "train-images-idx3-ubyte";
constexpr const char* kTrainLabels = "train-labels-idx1-ubyte";
constexpr const char* kTestImages = "t10k-images-idx3-ubyte";
constexpr const char* kTestLabels = "t10k-labels-idx1-ubyte";

TEST_F(LabelledImagesTest, ReadsPixelsAndLabels) {
  const ImageData data = ReadImageData(folder_);
  EXPECT_EQ(data.train.size(), 5u);
  EXPECT_EQ(data.test.size(), 4u);
  EXPECT_EQ(data.train.height, 2);
  EXPECT_EQ(data.train.width, 3);
  EXPECT_EQ(data.num_classes, 5);
  for (uint8_t i = 0; i < 5; ++i) {
    EXPECT_EQ(data.train.labels[i], i);
    for (uint8_t p = 0; p < 6; ++p) EXPECT_EQ(data.train.image(i)[p], IdxPixel(i, p));
  }
}

TEST_F(LabelledImagesTest, ReadsPackedFilesAsWell) {
  const uint64_t plain = ReadImageData(folder_).digest;
  const std::string bytes = Bytes(kTrainImages);
  fs::remove(folder_ / kTrainImages);
  const gzFile file = gzopen((folder_ / kTrainImages).concat(".gz").c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
  EXPECT_EQ(ReadImageData(folder_).digest, plain);
  std::string other = bytes;
  other.back() = static_cast<char>(other.back() + 1);
  Write(kTrainImages, other);
  EXPECT_NE(ReadImageData(folder_).digest, plain) << "where both are, the plain one counts";
}

TEST_F(LabelledImagesTest, TellsDataFromOthersByOnePixelOrLabel) {
  const uint64_t before = ReadImageData(folder_).digest;
  for (const char* name : {kTrainImages, kTrainLabels, kTestImages, kTestLabels}) {
    const std::string bytes = Bytes(name);
    std::string other = bytes;
    other.back() = static_cast<char>(other.back() - 1);
    Write(name, other);
    EXPECT_NE(ReadImageData(folder_).digest, before) << name;
    Write(name, bytes);
  }
  EXPECT_EQ(ReadImageData(folder_).digest, before);
}

TEST_F(LabelledImagesTest, CountsClassesOfBothSets) {
  for (const char* name : {kTrainLabels, kTestLabels}) {
    const std::string bytes = Bytes(name);
    std::string other = bytes;
    other.back() = 7;
    Write(name, other);
    EXPECT_EQ(ReadImageData(folder_).num_classes, 8) << name;
    Write(name, bytes);
  }
}

TEST_F(LabelledImagesTest, NamesWhatIsMissing) {
  EXPECT_EQ(MessageOf("/nowhere"),
            "there is no folder F: give the one that holds the four files of MNIST or of a set "
            "like it");
  fs::remove(folder_ / kTrainLabels);
  EXPECT_EQ(MessageOf(folder_),
            "F has no train-labels-idx1-ubyte (or train-labels-idx1-ubyte.gz): give the folder "
            "that holds the four files of MNIST or of a set like it");
}

TEST_F(LabelledImagesTest, RefusesSwappedAndForeignFiles) {
  const std::string images = Bytes(kTrainImages);
  Write(kTrainImages, Bytes(kTrainLabels));
  EXPECT_EQ(MessageOf(folder_),
            "F/train-images-idx3-ubyte: it holds labels, where images belong: are files swapped?");
  Write(kTrainImages, images);
  Write(kTrainLabels, images);
  EXPECT_EQ(MessageOf(folder_),
            "F/train-labels-idx1-ubyte: it holds images, where labels belong: are files swapped?");
  Write(kTrainImages, "a page that says 404");
  EXPECT_EQ(MessageOf(folder_),
            "F/train-images-idx3-ubyte: it is no IDX file of bytes, where images belong: are files "
            "swapped?");
}

TEST_F(LabelledImagesTest, RefusesTooShortAndTooLongFiles) {
  const std::string bytes = Bytes(kTrainImages);
  for (const size_t size : {size_t{0}, size_t{3}, size_t{15}, bytes.size() - 1}) {
    Write(kTrainImages, bytes.substr(0, size));
    EXPECT_EQ(MessageOf(folder_), "F/train-images-idx3-ubyte: it ends too early: fetch it again")
        << size;
  }
  Write(kTrainImages, bytes + "x");
  EXPECT_EQ(MessageOf(folder_),
            "F/train-images-idx3-ubyte: it holds more than it says: fetch it again");
}

TEST_F(LabelledImagesTest, RefusesDamagedPackedFiles) {
  fs::remove(folder_ / kTrainImages);
  const fs::path packed = (folder_ / kTrainImages).concat(".gz");
  const gzFile file = gzopen(packed.c_str(), "wb");
  gzclose(file);
  std::string bytes = ReadFile(packed);
  bytes.resize(10);
  Write("train-images-idx3-ubyte.gz", bytes + std::string(60, '\xff'));
  EXPECT_EQ(MessageOf(folder_), "F/train-images-idx3-ubyte.gz: it is damaged: fetch it again");
}

TEST_F(LabelledImagesTest, RefusesNumbersThatNoFileHas) {
  std::string bytes = Bytes(kTrainImages);
  bytes[4] = '\x7f';
  Write(kTrainImages, bytes);
  EXPECT_EQ(MessageOf(folder_),
            "F/train-images-idx3-ubyte: it says that it has 2130706437 items: 1 to 10000000 can be "
            "read");
  bytes[4] = 0;
  bytes[11] = 0;
  Write(kTrainImages, bytes);
  EXPECT_EQ(
      MessageOf(folder_),
      "F/train-images-idx3-ubyte: it says that it has 0 pixels along a side: 1 to 4096 can be "
      "read");
}

TEST_F(LabelledImagesTest, RefusesFilesThatDoNotBelongTogether) {
  WriteIdxFolder(folder_, {.height = 2, .width = 3, .train = 5, .test = 4, .train_labels = 6});
  EXPECT_EQ(MessageOf(folder_),
            "F/train-images-idx3-ubyte has 5 images, but F/train-labels-idx1-ubyte has 6 labels: "
            "they do not belong together");
  WriteIdxFolder(folder_, {.height = 2, .width = 3, .train = 5, .test = 4});
  const std::string images = Bytes(kTrainImages);
  const std::string labels = Bytes(kTrainLabels);
  WriteIdxFolder(folder_, {.height = 3, .width = 3, .train = 5, .test = 4});
  Write(kTrainImages, images);
  Write(kTrainLabels, labels);
  EXPECT_EQ(MessageOf(folder_),
            "F: images to train on are 2 x 3, but those to test on 3 x 3: they do not belong "
            "together");
}

TEST(Patches, AreBrightWhereTheirClassSays) {
  const ImageData data = MakePatches();
  EXPECT_EQ(data.train.size(), 2000u);
  EXPECT_EQ(data.test.size(), 500u);
  EXPECT_EQ(data.num_classes, 9);
  EXPECT_EQ(data.digest, 0x1fc665d3689ac818u) << "the same everywhere";
  EXPECT_FALSE(std::ranges::equal(data.train.image(0), data.test.image(0)));
  for (size_t i = 0; i < data.test.size(); ++i) {
    for (size_t p = 0; p < data.test.image_size(); ++p) {
      const size_t place = p / 12 / 4 * 3 + p % 12 / 4;
      EXPECT_EQ(data.test.image(i)[p] >= 128, place == data.test.labels[i]);
    }
  }
}

}  // namespace
}  // namespace dne
