// SPDX-License-Identifier: MIT
#include "dne/policy/safetensors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "dne/base/bytes.h"
#include "dne/base/error.h"

namespace dne {
namespace {

using Json = nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "tensors are little-endian");

constexpr size_t kSizeBytes = sizeof(uint64_t);
constexpr size_t kAlignment = 8;              // of the tensors, by spaces after the header
constexpr uint64_t kMaxHeader = 100'000'000;  // the official reader's limit
constexpr const char* kMetadataKey = "__metadata__";

// A tensor as the network has it.
struct Place {
  std::string name;
  std::vector<uint64_t> shape;
  size_t offset;  // in the parameter vector
  size_t size;
};

// A recurrent layer's maps are called as PyTorch calls them.
const char* SuffixOf(const Layer& layer, size_t map) {
  if (!layer.is_recurrent()) return "";
  return map == 0 ? "_ih" : "_hh";
}

// Weights and biases of each of the layer's maps.
void AddPlaces(const Layer& layer, size_t number, std::vector<Place>& places) {
  const std::string name = LayerName(layer, number);
  const std::vector<AffineMap> maps = layer.maps();
  for (size_t m = 0; m < maps.size(); ++m) {
    const AffineMap& map = maps[m];
    std::vector<uint64_t> shape = {map.inputs, map.outputs};
    if (layer.spec.type == LayerType::kConv2d) {
      const auto kernel = static_cast<uint64_t>(layer.spec.kernel);
      shape = {kernel, kernel, static_cast<uint64_t>(layer.input.channels), map.outputs};
    }
    places.push_back({.name = name + ".weight" + SuffixOf(layer, m),
                      .shape = shape,
                      .offset = map.weights,
                      .size = map.num_weights()});
    places.push_back({.name = name + ".bias" + SuffixOf(layer, m),
                      .shape = {map.outputs},
                      .offset = map.biases,
                      .size = map.outputs});
  }
}

std::vector<Place> PlacesOf(const Network& network, const PolicyLayout& layout) {
  std::vector<Place> places;
  for (size_t i = 0; i < network.layers().size(); ++i) AddPlaces(network.layers()[i], i, places);
  const size_t observations = layout.num_normalised;
  size_t offset = layout.num_parameters;
  for (const char* name : {"observation.mean", "observation.inverse_std"}) {
    if (observations == 0) break;
    places.push_back(
        {.name = name, .shape = {observations}, .offset = offset, .size = observations});
    offset += observations;
  }
  return places;
}

// A tensor as the file has it.
struct Tensor {
  std::vector<uint64_t> shape;
  uint64_t first = 0;  // where its bytes begin
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

// Bytes of a tensor of floats.
uint64_t NumBytes(const std::string& name, const std::vector<uint64_t>& shape) {
  uint64_t bytes = sizeof(float);
  for (uint64_t size : shape) {
    if (__builtin_mul_overflow(bytes, size, &bytes)) {
      Fail("tensor " + name + " has shape " + ShapeText(shape) + ", whose bytes have no 64 bits");
    }
  }
  return bytes;
}

// Throws for a key that stands twice in one table: JSON readers differ in which one counts.
Json ParseHeader(std::string_view text) {
  std::vector<std::set<std::string>> tables;  // from the outermost to the one being read
  const auto check = [&tables](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) tables.emplace_back();
    if (event == Json::parse_event_t::object_end) tables.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto key = parsed.get<std::string>();
      if (!tables.back().insert(key).second) Fail("its header names " + key + " twice");
    }
    return true;
  };
  // A zero byte would end the text early.
  const bool has_zero = text.find('\0') != std::string_view::npos;
  const Json header = has_zero ? Json() : Json::parse(text, check, /*allow_exceptions=*/false);
  if (!header.is_object()) Fail("its header is not JSON");
  return header;
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
  Tensor tensor{.shape = entry["shape"], .first = offsets[0], .bytes = {}};
  const uint64_t first = tensor.first;
  const uint64_t last = offsets[1];
  if (first > last || last > data.size()) {
    Fail("tensor " + name + " reaches to byte " + std::to_string(last) + " of " +
         std::to_string(data.size()));
  }
  tensor.bytes = data.substr(first, last - first);
  if (tensor.bytes.size() != NumBytes(name, tensor.shape)) {
    Fail("tensor " + name + " has shape " + ShapeText(tensor.shape) + " but " +
         std::to_string(tensor.bytes.size()) + " bytes");
  }
  return tensor;
}

// Tensors follow each other: no byte belongs to two of them, or to none.
void CheckPlaces(const std::map<std::string, Tensor>& tensors, size_t data_bytes) {
  std::vector<const std::pair<const std::string, Tensor>*> in_order;
  for (const auto& entry : tensors) in_order.push_back(&entry);
  std::ranges::sort(in_order, {}, [](const auto* entry) {
    return std::pair(entry->second.first, entry->second.bytes.size());
  });
  uint64_t end = 0;
  for (const auto* entry : in_order) {
    const auto& [name, tensor] = *entry;
    if (tensor.first != end) {
      Fail("tensor " + name + " begins at byte " + std::to_string(tensor.first) +
           ", the one before it ends at " + std::to_string(end));
    }
    end += tensor.bytes.size();
  }
  if (end != data_bytes) {
    Fail("its tensors take " + std::to_string(end) + " bytes, it has " +
         std::to_string(data_bytes));
  }
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

std::string EncodeSafetensors(const Network& network, const PolicyLayout& layout,
                              std::span<const float> policy, const TensorMetadata& metadata) {
  DNE_CHECK(policy.size() == layout.policy_size());
  Json header;
  header[kMetadataKey] = metadata;
  for (const Place& place : PlacesOf(network, layout)) {
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
  if (header_size > kMaxHeader) {
    Fail("its header has " + std::to_string(header_size) + " bytes, more than " +
         std::to_string(kMaxHeader));
  }
  if (header_size > rest.size()) {
    Fail("its header has " + std::to_string(header_size) + " bytes, only " +
         std::to_string(rest.size()) + " are left");
  }
  const Json header = ParseHeader(rest.substr(0, header_size));
  const std::string_view data = rest.substr(header_size);
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadataKey) {
      content_->metadata = ReadMetadata(entry);
      continue;
    }
    content_->tensors.emplace(name, ReadTensor(name, entry, data));
  }
  CheckPlaces(content_->tensors, data.size());
}

Safetensors::~Safetensors() = default;

const TensorMetadata& Safetensors::metadata() const { return content_->metadata; }

std::vector<float> Safetensors::Policy(const Network& network, const PolicyLayout& layout) const {
  const std::vector<Place> places = PlacesOf(network, layout);
  std::vector<float> policy(layout.policy_size());
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
