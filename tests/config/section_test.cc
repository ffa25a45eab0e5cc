// SPDX-License-Identifier: MIT
// Reading, writing and documenting, on a small configuration of no domain.
#include "dne/config/section.h"

#include <gtest/gtest.h>

#include "dne/base/error.h"
#include "dne/config/kind.h"

namespace dne {
namespace {

enum class Colour { kRed, kBlue };
constexpr std::array<Choice<Colour>, 2> kColours = {
    {{"red", Colour::kRed}, {"blue", Colour::kBlue}}};

struct Fan {
  int blades = 3;
  void Visit(Fields& fields) {
    fields.Add("blades", blades, Range<int>{1, 9}, "how many").Formerly("wings");
  }
  bool operator==(const Fan&) const = default;
};

struct Coating {
  Colour colour = Colour::kRed;
  float gloss = 0.5f;
  std::optional<uint64_t> layers;
  void Visit(Fields& fields) {
    fields.Add("colour", colour, kColours, "of it");
    fields.Add("gloss", gloss, Range<float>{0, 1}, "red only")
        .OnlyIf(colour == Colour::kRed, colour);
    fields.Add("layers", layers, Range<uint64_t>{1, 5}, "blue only")
        .NeededIf(colour == Colour::kBlue, colour, "blue shines through");
  }
  bool operator==(const Coating&) const = default;
};

struct Kind {
  std::string_view name;
  Options (*defaults)();
};
constexpr Kind kFan = {"fan", DefaultsOf<Fan>};
constexpr Kind kCoating = {"coating", DefaultsOf<Coating>};
constexpr Kind kEmpty = {"empty", DefaultsOf<NoOptions>};
constexpr std::array<const Kind*, 3> kKinds = {&kFan, &kCoating, &kEmpty};

struct Bolt {
  int size = 1;
  void Visit(Fields& fields) {
    fields.Add("size", size, Range<int>{1, 9}, "in millimetres").Needed("each bolt has one");
  }
  bool operator==(const Bolt&) const = default;
};

struct Cover {
  int screws = 4;
  void Visit(Fields& fields) { fields.Add("screws", screws, Range<int>{1, 9}, "that hold it"); }
  bool operator==(const Cover&) const = default;
};

struct Machine {
  std::string name = "machine";
  bool loud = false;
  Chosen<Kind> part{kFan};
  std::string model = "small";
  double weight = 1;  // follows the model
  std::vector<Bolt> bolts;
  Cover cover;  // of fans

  bool operator==(const Machine&) const = default;
};

std::vector<std::string> Models() { return {"small", "large"}; }

std::vector<Section> SectionsOf(Machine& m) {
  return {
      {"", "",
       [&](Fields& fields) {
         fields.Add("name", m.name, Names{"name"}, "names it");
         fields.Add("loud", m.loud, YesNo{}, "whether it is heard");
       }},
      {"part", "What moves.",
       [&](Fields& fields) { m.part.Visit(fields, "type", kKinds, "kind of part"); }},
      {"cover", "What keeps fingers out.", [&](Fields& fields) { m.cover.Visit(fields); },
       [&] { m.cover = {}; }, [&] { return m.part.kind == &kFan ? "" : "only a fan has a cover"; },
       "part.type", "part"},
      {"body", "What holds it.", [&](Fields& fields) {
         fields.Add("model", m.model, Names{"model", Models, true}, "named, instead of bolts")
             .First([&] { m.weight = m.model == "large" ? 10 : 1; })
             .OnlyIf(!m.model.empty(), m.bolts, "the bolts are given one by one");
         fields.Add("weight", m.weight, Range<double>{0, 100}, "in kilograms");
         fields.AddList("bolts", m.bolts, "One section a bolt.")
             .First([&] { m.model.clear(); })
             .OnlyIf(m.model.empty(), m.model);
       }}};
}

Machine Parse(const std::string& toml, const std::vector<std::string>& overrides = {},
              Written written = Written::kByUser) {
  Machine machine;
  Mistakes mistakes("x.toml");
  ReadSections(toml, "x.toml", overrides, written, SectionsOf(machine), mistakes);
  if (machine.loud && machine.name == "machine") {
    mistakes.Contradiction("a loud one needs a name" + mistakes.DefaultNote(machine.name),
                           machine.loud, machine.name);
  }
  mistakes.ThrowIfAny();
  return machine;
}

std::string MistakesOf(const std::string& toml, const std::vector<std::string>& overrides = {},
                       Written written = Written::kByUser) {
  try {
    Parse(toml, overrides, written);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(Sections, ReadTheKindFirstWhereverItStands) {
  const Machine machine = Parse("[part]\nlayers = 2\ncolour = \"blue\"\ntype = \"coating\"\n");
  EXPECT_EQ(machine.part.kind, &kCoating);
  EXPECT_EQ(machine.part.options.As<Coating>().colour, Colour::kBlue);
  EXPECT_EQ(machine.part.options.As<Coating>().layers, 2u);
}

TEST(Sections, ReadFieldsThatGiveOthersTheirDefaultsFirst) {
  EXPECT_EQ(Parse("[body]\nmodel = \"large\"\n").weight, 10);
  EXPECT_EQ(Parse("[body]\nweight = 4\nmodel = \"large\"\n").weight, 4);
  EXPECT_EQ(Parse("[body]\n[[body.bolts]]\nsize = 3\n[[body.bolts]]\nsize = 4\n").bolts.size(), 2u);
}

TEST(Sections, ReadOldNames) {
  EXPECT_EQ(Parse("[part]\nwings = 5\n").part.options.As<Fan>().blades, 5);
  EXPECT_EQ(MistakesOf("[part]\nwings = 50\n"), "x.toml:2: wings must be 1 to 9, got 50");
  EXPECT_EQ(MistakesOf("[part]\nwings = 5\nblades = 5\n"),
            "x.toml:2: wings is the old name of blades, which is given too: remove it");
}

TEST(Sections, ReadFieldsWhereTheyStoodOnce) {
  EXPECT_EQ(Parse("[part]\nscrews = 5\n").cover.screws, 5);
  EXPECT_EQ(Parse("[cover]\nscrews = 5\n").cover.screws, 5);
  EXPECT_EQ(Parse("[cover]\n[part]\nscrews = 5\n").cover.screws, 5);
  EXPECT_EQ(Parse("[part]\nscrews = 5\n", {"cover.screws=6"}).cover.screws, 6);
  EXPECT_EQ(Parse("[cover]\nscrews = 5\n", {"part.screws=6"}).cover.screws, 6);
  EXPECT_EQ(MistakesOf("[part]\nscrews = 50\n"), "x.toml:2: screws must be 1 to 9, got 50");
  EXPECT_EQ(MistakesOf("[part]\nscrews = 5\n[cover]\nscrews = 5\n"),
            "x.toml:2: screws belongs in [cover], where it is given too: remove it");
  EXPECT_EQ(MistakesOf("cover = 1\n[part]\nscrews = 5\n").substr(0, 40),
            "x.toml:1: cover must be a section, got 1");
}

TEST(Sections, ThatAreOfNoUseAreNotReadNorWritten) {
  const std::string coating = "[part]\ntype = \"coating\"\n";
  EXPECT_EQ(MistakesOf(coating + "[cover]\nscrews = 5\n"),
            "x.toml:4: screws has no use here, only a fan has a cover: remove it");
  EXPECT_EQ(MistakesOf(coating + "screws = 5\n"),
            "x.toml:3: screws has no use here, only a fan has a cover: remove it");
  EXPECT_EQ(MistakesOf(coating, {"cover.screws=5"}),
            "--set cover.screws=5: screws has no use here, only a fan has a cover: remove it");
  EXPECT_EQ(MistakesOf(coating + "screws = 5\n", {}, Written::kByProgram), "none");
  Machine machine = Parse(coating);
  EXPECT_EQ(WriteSections(SectionsOf(machine)).find("cover"), std::string::npos);
  machine = Parse("");
  EXPECT_NE(WriteSections(SectionsOf(machine)).find("[cover]\nscrews = 4\n"), std::string::npos);
}

// An override chooses; what the file gave for the other choice is left out.
TEST(Sections, LeaveOutWhatAnOverrideTakesTheUseOf) {
  const std::string coating = "[part]\ntype = \"coating\"\ncolour = \"blue\"\nlayers = 3\n";
  EXPECT_EQ(MistakesOf(coating, {"part.colour=red"}), "none");
  EXPECT_EQ(MistakesOf(coating, {"part.type=fan"}), "none");
  EXPECT_EQ(MistakesOf("[cover]\nscrews = 5\n", {"part.type=empty"}), "none");
  EXPECT_EQ(MistakesOf(coating, {"part.colour=red", "part.layers=2"}),
            "--set part.colour=red: layers has no use here, colour is \"red\": remove it");
  EXPECT_EQ(MistakesOf("[part]\ntype = \"coating\"\nlayers = 3\n", {"part.gloss=0.5"}),
            "x.toml:3: layers has no use here, colour is \"red\": remove it");
}

TEST(Sections, AKindOfAnotherNameHasItsDefaults) {
  Machine machine = Parse("[part]\nblades = 5\n", {"part.type=fan"});
  EXPECT_EQ(machine.part.options.As<Fan>().blades, 5);
  EXPECT_EQ(Parse("[part]\ntype = \"empty\"\n").part.options, Options(NoOptions{}));
}

struct Bad {
  std::string toml;
  std::string mistake;
};
const std::vector<Bad> kBad = {
    {"[part]\ntype = \"fun\"\nlayers = 1\n", "x.toml:2: unknown type 'fun': did you mean 'fan'?"},
    {"[part]\nlayers = 1\n",
     "x.toml:2: layers has no use here, it is for type \"coating\" only: remove it"},
    {"[part]\ntype = \"coating\"\ncolour = \"blue\"\n",
     "x.toml:3: layers is missing in [part]: blue shines through"},
    {"[part]\ntype = \"coating\"\ncolour = \"blue\"\nlayers = 1\ngloss = 0.1\n",
     "x.toml:5: gloss has no use here, colour is \"blue\": remove it"},
    {"[part]\ntype = \"coating\"\nlayers = 1\n",
     "x.toml:3: layers has no use here, colour is \"red\": remove it"},
    {"[body]\nmodel = \"small\"\n[[body.bolts]]\nsize = 1\n",
     "x.toml:2: model has no use here, the bolts are given one by one: remove it"},
    {"[body]\n[[body.bolts]]\nsiz = 1\n",
     "x.toml:2: size is missing in [[body.bolts]]: each bolt has one\n"
     "x.toml:3: unknown key 'siz' in [[body.bolts]]: did you mean 'size'?"},
    {"[body]\nbolts = 3\n",
     "x.toml:2: bolts must be sections: write [[body.bolts]] for each, got 3"},
    {"blades = 3\n", "x.toml:1: key 'blades' has no use here: it belongs in [part]"},
    {"[body]\nloud = true\n",
     "x.toml:2: key 'loud' has no use in [body]: it belongs at the top of the file"},
    {"[boddy]\n", "x.toml:1: unknown section 'boddy': did you mean 'body'?"},
    {"loud = true\n", "x.toml:1: a loud one needs a name (the default)"},
    {"loud = true\nname = 3\n", "x.toml:2: name must be a text in quotes, got 3"},
};

TEST(Sections, SayWhatIsWrong) {
  for (const Bad& bad : kBad) EXPECT_EQ(MistakesOf(bad.toml), bad.mistake) << bad.toml;
}

TEST(Sections, OfAProgramMayHoldWhatIsOfNoUse) {
  const std::string old = "[part]\ntype = \"coating\"\ncolour = \"blue\"\nlayers = 1\ngloss = 1\n";
  EXPECT_EQ(MistakesOf(old, {}, Written::kByProgram), "none");
  EXPECT_EQ(MistakesOf("[part]\nlayers = 1\n", {}, Written::kByProgram), "none");
  EXPECT_EQ(MistakesOf("[part]\nlayer = 1\n", {}, Written::kByProgram),
            "x.toml:2: unknown key 'layer' in [part]: known are type, blades");
}

TEST(Sections, WrittenAreReadBackTheSame) {
  const std::vector<std::string> all = {
      "",
      "name = \"a\\\"b\"\nloud = true\n[part]\nblades = 7\n",
      "[part]\ntype = \"coating\"\ngloss = 0.1\n",
      "[part]\ntype = \"coating\"\ncolour = \"blue\"\nlayers = 3\n[body]\nmodel = \"large\"\n",
      "[part]\ntype = \"empty\"\n[body]\nweight = 3.5\n[[body.bolts]]\nsize = 4\n[[body.bolts]]\n"
      "size = 5\n",
      "[body]\nbolts = []\n"};
  for (const std::string& toml : all) {
    Machine machine = Parse(toml);
    const std::string written = WriteSections(SectionsOf(machine));
    EXPECT_EQ(Parse(written), machine) << written;
  }
}

TEST(Sections, ReferenceNamesEachFieldOnceWithTheKindsItComesWith) {
  Machine machine;
  const std::string text = SectionsReference(SectionsOf(machine));
  EXPECT_EQ(text, R"(
## At the top

| key | with | type | default | allowed | meaning |
| --- | --- | --- | --- | --- | --- |
| `name` |  | text | "machine" |  | names it |
| `loud` |  | true or false | false |  | whether it is heard |

## [part]

What moves.

| key | with | type | default | allowed | meaning |
| --- | --- | --- | --- | --- | --- |
| `type` |  | text | "fan" | "fan", "coating" or "empty" | kind of part |
| `blades` | type fan | whole number | 3 | 1 to 9 | how many |
| `colour` | type coating | text | "red" | "red" or "blue" | of it |
| `gloss` | type coating | number | 0.5 | 0.0 to 1.0 | red only |
| `layers` | type coating | whole number |  | 1 to 5 | blue only |

## [cover]

What keeps fingers out.

| key | with | type | default | allowed | meaning |
| --- | --- | --- | --- | --- | --- |
| `screws` |  | whole number | 4 | 1 to 9 | that hold it |

## [body]

What holds it.

| key | with | type | default | allowed | meaning |
| --- | --- | --- | --- | --- | --- |
| `model` |  | text | "small" | "small" or "large" | named, instead of bolts |
| `weight` |  | number | 1.0 | 0.0 to 100.0 | in kilograms |

## [[body.bolts]]

One section a bolt.

| key | with | type | default | allowed | meaning |
| --- | --- | --- | --- | --- | --- |
| `size` |  | whole number | required | 1 to 9 | in millimetres |
)");
}

TEST(Options, OfAnotherKindAreABug) {
  const Options options{Fan{}};
  EXPECT_THROW(options.As<Coating>(), BugError);
  EXPECT_NE(options, Options(Coating{}));
}

}  // namespace
}  // namespace dne
