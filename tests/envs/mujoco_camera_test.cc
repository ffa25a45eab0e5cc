// SPDX-License-Identifier: MIT
// Pictures of bodies, where this machine can draw them.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dne/envs/mujoco/mujoco.h"

namespace dne {
namespace {

struct Film {
  std::vector<std::vector<uint8_t>> pictures;
  int width = 0;
  int height = 0;
  double per_second = 0;
};

class MujocoCamera : public testing::Test {
 protected:
  // Some steps of the same action.
  static Film FilmOf(const std::string& body, const MujocoOptions& options, uint64_t seed,
                     float action) {
    const auto world = LoadMujocoBody(body, options);
    const auto environment = world->MakeEnvironment();
    Film film;
    environment->RecordFrames([&film](const Frame& frame) {
      film.pictures.emplace_back(frame.rgb.begin(), frame.rgb.end());
      film.width = frame.width;
      film.height = frame.height;
      film.per_second = frame.per_second;
    });
    environment->Reset({.seed = seed});
    const std::vector<float> values(static_cast<size_t>(world->spec().action.size), action);
    for (int step = 0; step < 4; ++step) environment->Step({.values = values});
    return film;
  }

  void SetUp() override {
    try {
      FilmOf("point", {}, 1, 0);
    } catch (const CannotFilm& missing) {
      GTEST_SKIP() << missing.what();
    }
  }
};

// Of the pixels of two pictures, so many differ.
size_t Difference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  size_t different = 0;
  for (size_t i = 0; i < a.size(); i += 3) {
    different += !std::equal(&a[i], &a[i] + 3, &b[i]) ? 1 : 0;
  }
  return different;
}

TEST_F(MujocoCamera, TheSameEpisodeGivesTheSameBytes) {
  const Film film = FilmOf("hopper", {}, 1, 0.5f);
  ASSERT_EQ(film.pictures.size(), 4u);
  EXPECT_EQ(film.pictures, FilmOf("hopper", {}, 1, 0.5f).pictures);
  EXPECT_NE(film.pictures, FilmOf("hopper", {}, 1, -0.5f).pictures);
}

// All of Gymnasium's bodies in front of sky and floor, their own cameras; the point on its squares.
TEST_F(MujocoCamera, DrawsEveryBody) {
  for (const std::string& body : MujocoBodyNames()) {
    const Film film = FilmOf(body, {}, 1, 1);
    EXPECT_EQ(film.width, 480);
    EXPECT_EQ(film.height, 360);
    ASSERT_EQ(film.pictures.size(), 4u) << body;
    const size_t moved = Difference(film.pictures.front(), film.pictures.back());
    EXPECT_GT(moved, 500u) << body;
    EXPECT_LT(moved, 480u * 360u) << body;
  }
}

TEST_F(MujocoCamera, FramesComeAtTheRateOfSteps) {
  EXPECT_DOUBLE_EQ(FilmOf("half_cheetah", {}, 1, 0).per_second, 20);
  EXPECT_DOUBLE_EQ(FilmOf("hopper", {}, 1, 0).per_second, 125);
}

TEST_F(MujocoCamera, SeesTheTrap) {
  for (const std::string body : {"point", "humanoid", "ant"}) {
    const Film open = FilmOf(body, {}, 1, 0);
    const Film trap = FilmOf(body, {.trap = true}, 1, 0);
    EXPECT_GT(Difference(open.pictures[0], trap.pictures[0]), 5'000u) << body;
  }
}

// The uppermost row shows the sky, one colour, and the lowest the squares of the floor.
TEST_F(MujocoCamera, UpIsUp) {
  const Film film = FilmOf("half_cheetah", {}, 1, 0);
  const auto contrast = [&](int row) {
    const auto first = film.pictures[0].begin() + ptrdiff_t{3} * film.width * row;
    const auto [darkest, lightest] = std::minmax_element(first, first + ptrdiff_t{3} * film.width);
    return *lightest - *darkest;
  };
  EXPECT_LT(contrast(0), 20);
  EXPECT_GT(contrast(film.height - 1), 100);
}

}  // namespace
}  // namespace dne
