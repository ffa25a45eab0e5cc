// SPDX-License-Identifier: MIT
#include "dne/policy/safetensors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "dne/base/bytes.h"
#include "dne/base/error.h"

namespace dne {
namespace {

using Json = nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "tensors are little-endian");

constexpr size_t kSizeBytes = sizeof(uint64_t);
constexpr size_t kAlignment = 8;  // of the tensors, by spaces after the header
constexpr const char* kMetadataKey = "__metadata__";

// A tensor as the network has it.
struct Place {
  std::string name;
  std::vector<uint64_t> shape;
  size_t offset;  // in the parameter vector
  size_t size;
};

std::vector<Place> PlacesOf(const Network& network, size_t num_normalised) {
  std::vector<Place> places;
  for (size_t i = 0; i < network.layers().size(); ++i) {
    const Layer& layer = network.layers()[i];
    const bool convolution = layer.spec.type == LayerType::kConv2d;
    const std::string name = (convolution ? "conv2d_" : "dense_") + std::to_string(i);
    const auto units = static_cast<uint64_t>(layer.spec.units);
    const auto kernel = static_cast<uint64_t>(layer.spec.kernel);
    const auto inputs = static_cast<uint64_t>(layer.input.channels);
    const auto fan_in = static_cast<uint64_t>(layer.fan_in);
    places.push_back({.name = name + ".weight",
                      .shape = convolution ? std::vector<uint64_t>{kernel, kernel, inputs, units}
                                           : std::vector<uint64_t>{fan_in, units},
                      .offset = layer.weights,
                      .size = fan_in * units});
    places.push_back(
        {.name = name + ".bias", .shape = {units}, .offset = layer.biases, .size = units});
  }
  size_t offset = network.num_parameters();
  for (const char* name : {"observation.mean", "observation.inverse_std"}) {
    if (num_normalised == 0) break;
    places.push_back(
        {.name = name, .shape = {num_normalised}, .offset = offset, .size = num_normalised});
    offset += num_normalised;
  }
  return places;
}

// A tensor as the file has it.
struct Tensor {
  std::vector<uint64_t> shape;
  std::string_view bytes;
};

std::string ShapeText(const std::vector<uint64_t>& shape) { return Json(shape).dump(); }

[[noreturn]] void Fail(const std::string& what) {
  throw Error("the safetensors file is damaged: " + what);
}

bool IsListOfSizes(const Json& json) {
  return json.is_array() &&
         std::ranges::all_of(json, [](const Json& item) { return item.is_number_unsigned(); });
}

// 0 where the product has no 64 bits: no file is that large.
uint64_t Product(const std::vector<uint64_t>& shape) {
  uint64_t product = 1;
  for (uint64_t size : shape) {
    if (__builtin_mul_overflow(product, size, &product)) return 0;
  }
  return product;
}

Tensor ReadTensor(const std::string& name, const Json& entry, std::string_view data) {
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") ||
      !entry.contains("data_offsets")) {
    Fail("tensor " + name + " has no dtype, shape or data_offsets");
  }
  if (entry["dtype"] != "F32") {
    throw Error("tensor " + name + " has dtype " + entry["dtype"].dump() +
                ": convert it to \"F32\"");
  }
  const Json& offsets = entry["data_offsets"];
  if (!IsListOfSizes(entry["shape"]) || !IsListOfSizes(offsets) || offsets.size() != 2) {
    Fail("tensor " + name + " has no sensible shape or data_offsets");
  }
  Tensor tensor{.shape = entry["shape"], .bytes = {}};
  const uint64_t first = offsets[0];
  const uint64_t last = offsets[1];
  if (first > last || last > data.size()) {
    Fail("tensor " + name + " reaches to byte " + std::to_string(last) + " of " +
         std::to_string(data.size()));
  }
  tensor.bytes = data.substr(first, last - first);
  const uint64_t count = Product(tensor.shape);
  if (tensor.bytes.size() % sizeof(float) != 0 || tensor.bytes.size() / sizeof(float) != count) {
    Fail("tensor " + name + " has shape " + ShapeText(tensor.shape) + " but " +
         std::to_string(tensor.bytes.size()) + " bytes");
  }
  return tensor;
}

TensorMetadata ReadMetadata(const Json& json) {
  if (!json.is_object()) Fail("__metadata__ is not a table of texts");
  TensorMetadata metadata;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) Fail("__metadata__ is not a table of texts");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

// Values of one tensor, each checked.
void CopyValues(const Place& place, std::string_view bytes, std::span<float> out) {
  DNE_CHECK(bytes.size() == out.size_bytes());
  std::memcpy(out.data(), bytes.data(), bytes.size());
  const auto bad = std::ranges::find_if(out, [](float value) { return !std::isfinite(value); });
  if (bad != out.end()) {
    throw Error("tensor " + place.name + " holds " + (std::isnan(*bad) ? "NaN" : "infinity") +
                " at value " + std::to_string(bad - out.begin()) + ": weights must be finite");
  }
}

}  // namespace

std::string EncodeSafetensors(const Network& network, size_t num_normalised,
                              std::span<const float> policy, const TensorMetadata& metadata) {
  DNE_CHECK(policy.size() == network.num_parameters() + 2 * num_normalised);
  Json header;
  header[kMetadataKey] = metadata;
  for (const Place& place : PlacesOf(network, num_normalised)) {
    header[place.name] = {
        {"dtype", "F32"},
        {"shape", place.shape},
        {"data_offsets",
         {place.offset * sizeof(float), (place.offset + place.size) * sizeof(float)}}};
  }
  std::string text = header.dump();
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  ByteWriter out;
  out.AddText(text);
  std::string bytes = out.Take();
  bytes.append(reinterpret_cast<const char*>(policy.data()), policy.size_bytes());
  return bytes;
}

struct Safetensors::Content {
  TensorMetadata metadata;
  std::map<std::string, Tensor> tensors;
};

Safetensors::Safetensors(std::string_view bytes) : content_(std::make_unique<Content>()) {
  DNE_CHECK(LooksLikeSafetensors(bytes));
  const auto header_size = ByteReader(bytes).Read<uint64_t>();
  const std::string_view rest = bytes.substr(kSizeBytes);
  if (header_size > rest.size()) {
    Fail("its header has " + std::to_string(header_size) + " bytes, only " +
         std::to_string(rest.size()) + " are left");
  }
  const Json header = Json::parse(rest.substr(0, header_size), nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) Fail("its header is not JSON");
  const std::string_view data = rest.substr(header_size);
  uint64_t used = 0;
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadataKey) {
      content_->metadata = ReadMetadata(entry);
      continue;
    }
    const Tensor tensor = ReadTensor(name, entry, data);
    used += tensor.bytes.size();
    content_->tensors.emplace(name, tensor);
  }
  if (used != data.size()) {
    Fail("its tensors take " + std::to_string(used) + " bytes, it has " +
         std::to_string(data.size()));
  }
}

Safetensors::~Safetensors() = default;

const TensorMetadata& Safetensors::metadata() const { return content_->metadata; }

std::vector<float> Safetensors::Policy(const Network& network, size_t num_normalised) const {
  const std::vector<Place> places = PlacesOf(network, num_normalised);
  std::vector<float> policy(network.num_parameters() + 2 * num_normalised);
  for (const Place& place : places) {
    const auto found = content_->tensors.find(place.name);
    if (found == content_->tensors.end()) {
      throw Error("the policy needs tensor " + place.name + " of shape " + ShapeText(place.shape) +
                  ", which is not there");
    }
    if (found->second.shape != place.shape) {
      throw Error("tensor " + place.name + " has shape " + ShapeText(found->second.shape) +
                  ", the policy needs " + ShapeText(place.shape));
    }
    CopyValues(place, found->second.bytes, std::span(policy).subspan(place.offset, place.size));
  }
  for (const auto& [name, tensor] : content_->tensors) {
    if (std::ranges::find(places, name, &Place::name) == places.end()) {
      throw Error("tensor " + name + " of shape " + ShapeText(tensor.shape) +
                  " is no part of the policy: it has " + std::to_string(places.size()) +
                  " tensors, the last is " + places.back().name);
    }
  }
  return policy;
}

bool LooksLikeSafetensors(std::string_view bytes) {
  return bytes.size() > kSizeBytes && bytes[kSizeBytes] == '{';
}

}  // namespace dne
