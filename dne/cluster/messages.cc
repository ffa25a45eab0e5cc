// SPDX-License-Identifier: MIT
#include "dne/cluster/messages.h"

#include <string_view>

#include "dne/base/bytes.h"
#include "dne/base/error.h"
#include "dne/plan/wire.h"

namespace dne {
namespace {

// --- Each message's content: Write, and Read of the same type
// -------------------------------------

void Write(const HelloMessage& m, ByteWriter& out) {
  out.AddText(m.program);
  out.AddText(m.host);
}
void Read(ByteReader& in, HelloMessage& m) {
  m.program = in.ReadText();
  m.host = in.ReadText();
}

void Write(const ReadyMessage& m, ByteWriter& out) {
  out.Add(m.threads);
  out.AddText(m.mistake);
}
void Read(ByteReader& in, ReadyMessage& m) {
  m.threads = in.Read<uint32_t>();
  m.mistake = in.ReadText();
}

void Write(const WantCentreMessage& m, ByteWriter& out) { AddBirth(m.centre, out); }
void Read(ByteReader& in, WantCentreMessage& m) { m.centre = ReadBirth(in); }

void Write(const DoneMessage& m, ByteWriter& out) {
  out.Add(m.plan);
  out.Add(m.share);
  out.Add(m.seconds);
  out.AddBytes(EncodeJobResults(m.results));
}
void Read(ByteReader& in, DoneMessage& m) {
  m.plan = in.Read<uint64_t>();
  m.share = in.Read<uint64_t>();
  m.seconds = in.ReadDouble();
  m.results = DecodeJobResults(in.ReadBytes());
}

void Write(const FailedMessage& m, ByteWriter& out) {
  out.Add(static_cast<uint8_t>(m.is_bug));
  out.AddText(m.text);
}
void Read(ByteReader& in, FailedMessage& m) {
  m.is_bug = in.Read<uint8_t>() != 0;
  m.text = in.ReadText();
}

void Write(const BeginMessage& m, ByteWriter& out) {
  out.Add(static_cast<uint32_t>(m.threads));
  out.AddText(m.isa);
  out.AddBytes(m.setup);
}
void Read(ByteReader& in, BeginMessage& m) {
  m.threads = static_cast<int>(in.Read<uint32_t>());
  m.isa = in.ReadText();
  m.setup = in.ReadBytes();
}

void Write(const PlanMessage& m, ByteWriter& out) {
  out.Add(m.number);
  out.Add(m.num_items);
  out.AddBytes(m.plan);
}
void Read(ByteReader& in, PlanMessage& m) {
  m.number = in.Read<uint64_t>();
  m.num_items = in.Read<uint32_t>();
  m.plan = in.ReadBytes();
}

void Write(const ShareMessage& m, ByteWriter& out) {
  out.Add(m.plan);
  out.Add(m.share);
  out.AddBytes(m.part);
  out.AddBytes(EncodeJobs(m.jobs));
}
void Read(ByteReader& in, ShareMessage& m) {
  m.plan = in.Read<uint64_t>();
  m.share = in.Read<uint64_t>();
  m.part = in.ReadBytes();
  m.jobs = DecodeJobs(in.ReadBytes());
}

void Write(const MoveMessage& m, ByteWriter& out) {
  AddBirth(m.move.centre, out);
  AddBirth(m.move.from, out);
  out.AddBytes(m.move.recipe);
}
void Read(ByteReader& in, MoveMessage& m) {
  m.move.centre = ReadBirth(in);
  m.move.from = ReadBirth(in);
  m.move.recipe = in.ReadBytes();
}

void Write(const CentreMessage& m, ByteWriter& out) {
  AddBirth(m.whole.centre.birth, out);
  out.AddFloats(*m.whole.centre.parameters);
  out.AddBytes(m.whole.update);
}
void Read(ByteReader& in, CentreMessage& m) {
  m.whole.centre.birth = ReadBirth(in);
  m.whole.centre.parameters = std::make_shared<const std::vector<float>>(in.ReadFloats());
  m.whole.update = in.ReadBytes();
}

void Write(const DropMessage&, ByteWriter&) {}
void Read(ByteReader&, DropMessage&) {}

void Write(const HereMessage&, ByteWriter&) {}
void Read(ByteReader&, HereMessage&) {}

void Write(const EndMessage&, ByteWriter&) {}
void Read(ByteReader&, EndMessage&) {}

// The alternative with this number.
template <size_t I = 0>
RankMessage ReadAlternative(size_t kind, ByteReader& in) {
  if constexpr (I == std::variant_size_v<RankMessage>) {
    throw Error("a message of kind " + std::to_string(kind) + ", which is none");
  } else {
    if (kind != I) return ReadAlternative<I + 1>(kind, in);
    std::variant_alternative_t<I, RankMessage> message;
    Read(in, message);
    return message;
  }
}

}  // namespace

std::vector<uint8_t> EncodeMessage(const RankMessage& message) {
  ByteWriter out;
  out.Add(static_cast<uint8_t>(message.index()));
  std::visit([&](const auto& content) { Write(content, out); }, message);
  return out.TakeBytes();
}

RankMessage DecodeMessage(std::span<const uint8_t> bytes) {
  ByteReader in({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  try {
    RankMessage message = ReadAlternative(in.Read<uint8_t>(), in);
    in.ExpectEnd();
    return message;
  } catch (const Error& error) {
    throw Error(std::string("a message between ranks is damaged: ") + error.what());
  }
}

}  // namespace dne
