// SPDX-License-Identifier: MIT
#include "dne/plan/wire.h"

#include <bit>
#include <string>
#include <utility>

#include "dne/base/bytes.h"
#include "dne/base/digest.h"
#include "dne/base/error.h"

namespace dne {
namespace {

// The first byte of each kind, then the version.
enum class Kind : uint8_t { kPlan = 'P', kJobs = 'J', kJobResults = 'R' };
constexpr uint8_t kVersion = 1;

const char* NameOf(Kind kind) {
  switch (kind) {
    case Kind::kPlan:
      return "a plan";
    case Kind::kJobs:
      return "jobs";
    case Kind::kJobResults:
      return "results of jobs";
  }
  DNE_CHECK(false);
}

[[noreturn]] void Fail(Kind kind, const std::string& why) {
  throw Error(std::string("these bytes are not ") + NameOf(kind) + ": " + why);
}

uint64_t Checksum(std::span<const uint8_t> bytes) {
  Digest digest;
  digest.AddBytes(bytes);
  return digest.value();
}

// --- Writing -------------------------------------------------------------------------------------

// Kind, version, what `write` adds, checksum.
template <class Write>
std::vector<uint8_t> Seal(Kind kind, const Write& write) {
  ByteWriter out;
  out.Add(static_cast<uint8_t>(kind));
  out.Add(kVersion);
  write(out);
  const std::string text = out.Take();
  std::vector<uint8_t> bytes(text.begin(), text.end());
  ByteWriter checksum;
  checksum.Add(Checksum(bytes));
  for (const char c : checksum.Take()) bytes.push_back(static_cast<uint8_t>(c));
  return bytes;
}

void AddBool(bool value, ByteWriter& out) { out.Add(static_cast<uint8_t>(value)); }

template <class List, class AddOne>
void AddList(const List& list, ByteWriter& out, const AddOne& add_one) {
  out.Add(uint64_t{list.size()});
  for (const auto& element : list) add_one(element, out);
}

void AddGenome(const Genome& genome, ByteWriter& out) { out.AddBytes(EncodeGenome(genome)); }

void AddStart(const EpisodeStart& start, ByteWriter& out) {
  out.Add(start.noops);
  out.Add(start.seed_code());
}

void AddItem(const Item& item, ByteWriter& out) {
  AddGenome(item.genome, out);
  out.Add(item.episodes.seed);
  out.Add(item.episodes.generation);
  out.Add(item.episodes.item);
  out.Add(static_cast<uint32_t>(item.episodes.purpose));
  out.Add(item.num_episodes);
  out.Add(item.how.max_steps);
  AddBool(item.how.perturbed, out);
  AddBool(item.how.notes.sign_sum, out);
  AddBool(item.how.notes.trajectory, out);
  AddBool(item.how.notes.observation_sums, out);
}

void AddPerturbation(const PerturbationSpec& spec, ByteWriter& out) {
  out.Add(static_cast<uint8_t>(spec.kind));
  if (spec.kind == PerturbationKind::kBucket) out.Add(spec.bucket_size);
  if (spec.kind == PerturbationKind::kLowRank) out.Add(spec.rank);
  if (!IsSafe(spec.kind)) return;
  out.Add(std::bit_cast<uint32_t>(spec.clip));
  out.Add(spec.experience);
  out.Add(spec.max_steps);
}

void AddEpisode(const Episode& episode, ByteWriter& out) {
  AddStart(episode.start, out);
  out.Add(episode.score);
  out.Add(episode.steps);
  out.Add(episode.frames);
  out.Add(static_cast<uint8_t>(episode.end));
  out.AddBytes(episode.descriptor);
}

void AddNotes(const EpisodeNotes& notes, ByteWriter& out) {
  out.Add(notes.sign_sum);
  out.AddBytes(notes.trajectory);
  AddList(notes.observation_sums, out, [](double sum, ByteWriter& to) { to.Add(sum); });
}

// --- Reading -------------------------------------------------------------------------------------

// What Seal wrapped.
std::string_view Open(Kind kind, std::span<const uint8_t> bytes) {
  constexpr size_t kHead = 2;
  constexpr size_t kTail = sizeof(uint64_t);
  if (bytes.size() < kHead + kTail) {
    Fail(kind, "there are " + std::to_string(bytes.size()) + " of them, too few");
  }
  if (bytes[0] != static_cast<uint8_t>(kind)) Fail(kind, "they begin as something else");
  if (bytes[1] != kVersion) {
    Fail(kind, "they have version " + std::to_string(bytes[1]) + ", this dne reads " +
                   std::to_string(kVersion) + ": use one dne on both sides");
  }
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  const std::string_view all(text, bytes.size());
  ByteReader tail(all.substr(all.size() - kTail));
  if (tail.Read<uint64_t>() != Checksum(bytes.first(bytes.size() - kTail))) {
    Fail(kind, "their checksum is wrong, they are damaged or cut off");
  }
  return all.substr(kHead, all.size() - kHead - kTail);
}

bool ReadBool(ByteReader& in) {
  const auto byte = in.Read<uint8_t>();
  if (byte > 1) throw Error("a yes or no is " + std::to_string(byte) + ", not 0 or 1");
  return byte == 1;
}

[[noreturn]] void ThrowNone(const char* what, uint32_t value) {
  throw Error(std::string(what) + " is " + std::to_string(value) + ", which is none");
}

template <class Enum>
Enum ReadEnum(ByteReader& in, Enum last, const char* what) {
  const auto value = in.Read<std::underlying_type_t<Enum>>();
  if (value > static_cast<std::underlying_type_t<Enum>>(last)) ThrowNone(what, value);
  return static_cast<Enum>(value);
}

template <class ReadOne>
auto ReadList(ByteReader& in, const ReadOne& read_one) {
  std::vector<decltype(read_one(in))> list;
  for (uint64_t left = in.ReadCount(); left > 0; --left) list.push_back(read_one(in));
  return list;
}

Genome ReadGenome(ByteReader& in) { return DecodeGenome(in.ReadBytes()); }

EpisodeStart ReadStart(ByteReader& in) {
  const auto noops = in.Read<uint32_t>();
  return EpisodeStart::FromCode(noops, in.Read<uint64_t>());
}

// Braces read from left to right.
Item ReadItem(ByteReader& in) {
  return {.genome = ReadGenome(in),
          .episodes = {.seed = in.Read<uint64_t>(),
                       .generation = in.Read<uint32_t>(),
                       .item = in.Read<uint32_t>(),
                       .purpose = ReadEnum(in, kLastPurpose, "a stream's purpose")},
          .num_episodes = in.Read<uint32_t>(),
          .how = {.max_steps = in.Read<uint32_t>(),
                  .perturbed = ReadBool(in),
                  .notes = {.sign_sum = ReadBool(in),
                            .trajectory = ReadBool(in),
                            .observation_sums = ReadBool(in)}}};
}

PerturbationSpec ReadPerturbation(ByteReader& in) {
  const auto kind = ReadEnum(in, kLastPerturbation, "a perturbation");
  if (kind == PerturbationKind::kBucket) {
    const auto size = in.Read<uint32_t>();
    if (size == 0 || size % 4 != 0) ThrowNone("a bucket's size", size);
    return {.kind = kind, .bucket_size = size};
  }
  if (kind == PerturbationKind::kLowRank) {
    const auto rank = in.Read<uint32_t>();
    if (rank == 0) ThrowNone("a rank", rank);
    return {.kind = kind, .rank = rank};
  }
  if (!IsSafe(kind)) return {.kind = kind};
  return {.kind = kind,
          .clip = std::bit_cast<float>(in.Read<uint32_t>()),
          .experience = in.Read<uint32_t>(),
          .max_steps = in.Read<uint32_t>()};
}

Episode ReadEpisode(ByteReader& in) {
  return {.start = ReadStart(in),
          .score = in.ReadDouble(),
          .steps = in.Read<uint32_t>(),
          .frames = in.Read<uint64_t>(),
          .end = ReadEnum(in, kLastEpisodeEnd, "an episode's end"),
          .descriptor = in.ReadBytes()};
}

EpisodeNotes ReadNotes(ByteReader& in) {
  return {.sign_sum = in.ReadDouble(),
          .trajectory = in.ReadBytes(),
          .observation_sums = ReadList(in, [](ByteReader& from) { return from.ReadDouble(); })};
}

JobResult ReadJobResult(ByteReader& in) {
  JobResult result{
      .item = in.Read<uint32_t>(),
      .played = {.episodes = ReadList(in, ReadEpisode), .notes = ReadList(in, ReadNotes)},
      .seconds = in.ReadDouble()};
  const size_t notes = result.played.notes.size();
  if (notes != 0 && notes != result.played.episodes.size()) {
    throw Error(std::to_string(notes) + " notes of " +
                std::to_string(result.played.episodes.size()) + " episodes");
  }
  return result;
}

// `read` takes all that lies in the envelope.
template <class Read>
auto Unseal(Kind kind, std::span<const uint8_t> bytes, const Read& read) {
  ByteReader in(Open(kind, bytes));
  try {
    auto value = read(in);
    in.ExpectEnd();
    return value;
  } catch (const Error& error) {
    Fail(kind, error.what());
  }
}

}  // namespace

void AddBirth(Birth birth, ByteWriter& out) {
  out.Add(birth.generation);
  out.Add(birth.code());
}

Birth ReadBirth(ByteReader& in) {
  const auto generation = in.Read<uint32_t>();
  return Birth::FromCode(generation, in.Read<uint32_t>());
}

std::vector<uint8_t> EncodePlan(const Plan& plan) {
  return Seal(Kind::kPlan, [&](ByteWriter& out) {
    out.Add(plan.generation);
    out.AddText(plan.round);
    AddList(plan.parents, out, AddGenome);
    AddList(plan.centres, out,
            [](const Centre& centre, ByteWriter& to) { AddBirth(centre.birth, to); });
    AddPerturbation(plan.perturbation, out);
    AddList(plan.items, out, AddItem);
    out.Add(plan.first_item);
  });
}

Plan DecodePlan(std::span<const uint8_t> bytes) {
  return Unseal(Kind::kPlan, bytes, [](ByteReader& in) {
    const auto read_centre = [](ByteReader& from) {
      return Centre{.birth = ReadBirth(from), .parameters = nullptr};
    };
    return Plan{.generation = in.Read<uint32_t>(),
                .round = std::string(in.ReadText()),
                .parents = ReadList(in, ReadGenome),
                .centres = ReadList(in, read_centre),
                .perturbation = ReadPerturbation(in),
                .items = ReadList(in, ReadItem),
                .first_item = in.Read<uint32_t>()};
  });
}

std::vector<uint8_t> EncodeJobs(std::span<const Job> jobs) {
  return Seal(Kind::kJobs, [&](ByteWriter& out) {
    AddList(jobs, out, [](const Job& job, ByteWriter& to) {
      to.Add(job.item);
      AddList(job.starts, to, AddStart);
    });
  });
}

std::vector<Job> DecodeJobs(std::span<const uint8_t> bytes) {
  return Unseal(Kind::kJobs, bytes, [](ByteReader& in) {
    return ReadList(in, [](ByteReader& from) {
      return Job{.item = from.Read<uint32_t>(), .starts = ReadList(from, ReadStart)};
    });
  });
}

std::vector<uint8_t> EncodeJobResults(std::span<const JobResult> results) {
  return Seal(Kind::kJobResults, [&](ByteWriter& out) {
    AddList(results, out, [](const JobResult& result, ByteWriter& to) {
      to.Add(result.item);
      AddList(result.played.episodes, to, AddEpisode);
      AddList(result.played.notes, to, AddNotes);
      to.Add(result.seconds);
    });
  });
}

std::vector<JobResult> DecodeJobResults(std::span<const uint8_t> bytes) {
  return Unseal(Kind::kJobResults, bytes,
                [](ByteReader& in) { return ReadList(in, ReadJobResult); });
}

}  // namespace dne
