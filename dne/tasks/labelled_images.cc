// SPDX-License-Identifier: MIT
#include "dne/tasks/labelled_images.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "dne/base/digest.h"
#include "dne/base/error.h"
#include "dne/random/stream.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

// The first four bytes: two of zero, the type of a number (8: a byte), how many dimensions.
constexpr uint32_t kImages = 0x00000803;
constexpr uint32_t kLabels = 0x00000801;
constexpr uint32_t kMostItems = 10'000'000;
constexpr uint32_t kMostPixels = 4096;  // along a side

struct IdxFile {
  std::vector<uint32_t> dimensions;
  std::vector<uint8_t> values;
};

// A file under its own name, or packed.
fs::path Find(const fs::path& folder, const std::string& name) {
  const fs::path plain = folder / name;
  const fs::path packed = folder / (name + ".gz");
  if (fs::is_regular_file(plain)) return plain;
  if (fs::is_regular_file(packed)) return packed;
  throw Error(folder.string() + " has no " + name + " (or " + name +
              ".gz): give the folder that holds the four files of MNIST or of a set like it");
}

// Unpacks where it is packed.
class Reader {
 public:
  explicit Reader(const fs::path& path)
      : path_(path.string()), file_(gzopen(path.c_str(), "rb"), gzclose) {
    if (!file_) throw Error(path_ + ": it cannot be opened");
  }

  // All bytes or an error.
  void Read(std::span<uint8_t> bytes) {
    if (ReadSome(bytes) != bytes.size()) {
      throw Error(path_ + ": it ends too early: fetch it again");
    }
  }
  uint32_t ReadNumber() {
    std::array<uint8_t, 4> bytes{};
    Read(bytes);
    return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
  }
  void ExpectEnd() {
    std::array<uint8_t, 1> more{};
    if (ReadSome(more) != 0) throw Error(path_ + ": it holds more than it says: fetch it again");
  }

 private:
  size_t ReadSome(std::span<uint8_t> bytes) {
    constexpr size_t kMost = 1 << 20;  // a call
    size_t done = 0;
    while (done < bytes.size()) {
      const auto wanted = static_cast<unsigned>(std::min(kMost, bytes.size() - done));
      const int read = gzread(file_.get(), bytes.data() + done, wanted);
      if (read < 0) throw Error(path_ + ": it is damaged: fetch it again");
      if (read == 0) break;
      done += static_cast<size_t>(read);
    }
    return done;
  }

  std::string path_;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
};

std::string KindName(uint32_t magic) {
  if (magic == kImages) return "it holds images";
  if (magic == kLabels) return "it holds labels";
  return "it is no IDX file of bytes";
}

IdxFile ReadIdx(const fs::path& path, uint32_t kind) {
  Reader reader(path);
  const uint32_t magic = reader.ReadNumber();
  if (magic != kind) {
    throw Error(path.string() + ": " + KindName(magic) + ", where " +
                (kind == kImages ? "images" : "labels") + " belong: are files swapped?");
  }
  IdxFile file;
  size_t count = 1;
  for (size_t d = 0; d < (kind == kImages ? 3u : 1u); ++d) {
    file.dimensions.push_back(reader.ReadNumber());
    const uint32_t most = d == 0 ? kMostItems : kMostPixels;
    if (file.dimensions[d] < 1 || file.dimensions[d] > most) {
      throw Error(path.string() + ": it says that it has " + std::to_string(file.dimensions[d]) +
                  (d == 0 ? " items" : " pixels along a side") + ": 1 to " + std::to_string(most) +
                  " can be read");
    }
    count *= file.dimensions[d];
  }
  // Not before as much has come as it says: a damaged header asks for no memory.
  constexpr size_t kStep = 1 << 24;
  while (file.values.size() < count) {
    const size_t have = file.values.size();
    file.values.resize(std::min(count, have + kStep));
    reader.Read(std::span(file.values).subspan(have));
  }
  reader.ExpectEnd();
  return file;
}

LabelledImages ReadSet(const fs::path& folder, const std::string& name) {
  const fs::path image_path = Find(folder, name + "-images-idx3-ubyte");
  const fs::path label_path = Find(folder, name + "-labels-idx1-ubyte");
  IdxFile images = ReadIdx(image_path, kImages);
  IdxFile labels = ReadIdx(label_path, kLabels);
  if (images.dimensions[0] != labels.dimensions[0]) {
    throw Error(image_path.string() + " has " + std::to_string(images.dimensions[0]) +
                " images, but " + label_path.string() + " has " +
                std::to_string(labels.dimensions[0]) + " labels: they do not belong together");
  }
  return {.height = static_cast<int>(images.dimensions[1]),
          .width = static_cast<int>(images.dimensions[2]),
          .pixels = std::move(images.values),
          .labels = std::move(labels.values)};
}

std::string SizeText(const LabelledImages& images) {
  return std::to_string(images.height) + " x " + std::to_string(images.width);
}

constexpr int kPatchSide = 4;
constexpr int kPatchesAcross = 3;
constexpr int kPatchImageSide = kPatchSide * kPatchesAcross;

LabelledImages DrawPatches(size_t count, uint32_t item) {
  Stream stream({.seed = 1, .item = item, .purpose = Purpose::kMiniBatch});
  LabelledImages images{
      .height = kPatchImageSide, .width = kPatchImageSide, .pixels = {}, .labels = {}};
  for (size_t i = 0; i < count; ++i) {
    const auto label = static_cast<int>(stream.Below(kPatchesAcross * kPatchesAcross));
    images.labels.push_back(static_cast<uint8_t>(label));
    for (int y = 0; y < kPatchImageSide; ++y) {
      for (int x = 0; x < kPatchImageSide; ++x) {
        const int place = y / kPatchSide * kPatchesAcross + x / kPatchSide;
        const uint32_t brightness = (place == label ? 128 : 0) + stream.Below(128);
        images.pixels.push_back(static_cast<uint8_t>(brightness));
      }
    }
  }
  return images;
}

// What follows from the two sets.
ImageData Complete(ImageData data) {
  Digest digest;
  for (const LabelledImages* images : {&data.train, &data.test}) {
    data.num_classes = std::max(data.num_classes, 1 + *std::ranges::max_element(images->labels));
    digest.AddBytes(images->pixels);
    digest.AddBytes(images->labels);
  }
  data.digest = digest.value();
  return data;
}

}  // namespace

ImageData MakePatches() {
  return Complete({.train = DrawPatches(2000, 0), .test = DrawPatches(500, 1)});
}

ImageData ReadImageData(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    throw Error("there is no folder " + folder.string() +
                ": give the one that holds the four files of MNIST or of a set like it");
  }
  ImageData data{.train = ReadSet(folder, "train"), .test = ReadSet(folder, "t10k")};
  if (data.train.height != data.test.height || data.train.width != data.test.width) {
    throw Error(folder.string() + ": images to train on are " + SizeText(data.train) +
                ", but those to test on " + SizeText(data.test) + ": they do not belong together");
  }
  return Complete(std::move(data));
}

}  // namespace dne
