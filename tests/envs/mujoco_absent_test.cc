// SPDX-License-Identifier: MIT
// What a build without MuJoCo says.
#include <gtest/gtest.h>

#include "dne/base/error.h"
#include "dne/envs/mujoco/mujoco.h"

namespace dne {
namespace {

TEST(MujocoAbsent, KnowsNoBodies) { EXPECT_TRUE(MujocoBodyNames().empty()); }

TEST(MujocoAbsent, SaysHowToHaveThem) {
  try {
    LoadMujocoBody("ant", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "this dne was built without MuJoCo, so it cannot simulate ant: run "
                 "scripts/fetch_mujoco.sh and configure with -DDNE_MUJOCO=ON");
  }
}

}  // namespace
}  // namespace dne
