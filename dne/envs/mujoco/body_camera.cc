// SPDX-License-Identifier: MIT
#include "dne/envs/mujoco/body_camera.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <vector>

#include "dne/envs/mujoco/off_screen.h"

namespace dne {
namespace {

constexpr int kWidth = 480;
constexpr int kHeight = 360;
constexpr int kMostGeoms = 1000;  // of one picture; no body comes near

// From above and behind: degrees, metres.
constexpr double kElevation = -50;
constexpr double kAzimuth = 0;
constexpr double kDistance = 12;
constexpr int kFollowedBody = 1;  // 0 is the world
// Of a trap of scale 1: the point ahead that is looked at, and from how far.
constexpr double kTrapAhead = 4;
constexpr double kTrapDistance = 13;

// What a processor draws in some hundredths of a second: reflections, four samples a pixel and
// shadows of 4096 x 4096 took ten times as long.
mjModel* ModelToDraw(const mjModel& model) {
  mjModel* copy = mj_copyModel(nullptr, &model);
  copy->vis.quality.offsamples = 0;
  copy->vis.quality.shadowsize = 1024;
  copy->vis.global.offwidth = kWidth;
  copy->vis.global.offheight = kHeight;
  return copy;
}

mjvCamera CameraOf(const mjModel& model, const BodyWorld& world) {
  mjvCamera camera;
  mjv_defaultCamera(&camera);
  camera.elevation = kElevation;
  camera.azimuth = kAzimuth;
  const int own = mj_name2id(&model, mjOBJ_CAMERA, "track");
  if (world.options.trap) {
    camera.type = mjCAMERA_FREE;
    camera.lookat[0] = kTrapAhead * world.body.trap_scale;
    camera.distance = kTrapDistance * world.body.trap_scale;
  } else if (own >= 0) {
    camera.type = mjCAMERA_FIXED;
    camera.fixedcamid = own;
  } else {
    camera.type = mjCAMERA_TRACKING;
    camera.trackbodyid = kFollowedBody;
    camera.distance = kDistance;
  }
  return camera;
}

}  // namespace

struct BodyCamera::Studio {
  explicit Studio(const BodyWorld& world)
      : screen(kWidth, kHeight),
        model(ModelToDraw(*world.model), mj_deleteModel),
        state(mj_makeData(model.get()), mj_deleteData),
        camera(CameraOf(*model, world)) {
    screen.Choose();
    mjv_defaultOption(&option);
    mjv_defaultScene(&scene);
    mjr_defaultContext(&context);
    mjr_makeContext(model.get(), &context, mjFONTSCALE_100);
    mjr_setBuffer(mjFB_OFFSCREEN, &context);
    mjv_makeScene(model.get(), &scene, kMostGeoms);
    scene.flags[mjRND_REFLECTION] = 0;
  }

  ~Studio() {
    screen.Choose();
    mjv_freeScene(&scene);
    mjr_freeContext(&context);
  }

  OffScreen screen;
  std::unique_ptr<mjModel, void (*)(mjModel*)> model;
  std::unique_ptr<mjData, void (*)(mjData*)> state;
  mjvCamera camera;
  mjvOption option;
  mjvScene scene;
  mjrContext context;
  std::vector<uint8_t> from_below;  // as OpenGL has it: the lowest row first
  std::vector<uint8_t> rgb;
};

BodyCamera::BodyCamera(const BodyWorld& world) : studio_(std::make_unique<Studio>(world)) {}

BodyCamera::~BodyCamera() = default;

Frame BodyCamera::Take(std::span<const double> positions) {
  Studio& studio = *studio_;
  const mjModel* model = studio.model.get();
  mjData* state = studio.state.get();
  DNE_CHECK(positions.size() == static_cast<size_t>(model->nq));
  std::ranges::copy(positions, state->qpos);
  mj_kinematics(model, state);
  mj_comPos(model, state);  // which cameras follow
  mj_camlight(model, state);
  studio.screen.Choose();
  const mjrRect all{.left = 0, .bottom = 0, .width = kWidth, .height = kHeight};
  mjv_updateScene(model, state, &studio.option, nullptr, &studio.camera, mjCAT_ALL, &studio.scene);
  mjr_render(all, &studio.scene, &studio.context);
  constexpr size_t kRow = 3 * kWidth;
  studio.from_below.resize(kRow * kHeight);
  mjr_readPixels(studio.from_below.data(), nullptr, all, &studio.context);
  studio.rgb.clear();
  for (size_t row = kHeight; row-- > 0;) {
    const auto first = studio.from_below.begin() + static_cast<ptrdiff_t>(row * kRow);
    studio.rgb.insert(studio.rgb.end(), first, first + kRow);
  }
  return {.width = kWidth, .height = kHeight, .rgb = studio.rgb};
}

}  // namespace dne
