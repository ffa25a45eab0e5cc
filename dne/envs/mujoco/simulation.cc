// SPDX-License-Identifier: MIT
#include "dne/envs/mujoco/simulation.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <mutex>

namespace dne {
namespace {

// The engine's documented way out of an error is not to return from here. Everything less than an
// error is dropped: bad numbers are counted in the state itself.
void OnEngineMessage(const mjLogMessage* message) {
  if (message->level == mjLOG_ERROR) throw EngineError(std::string("MuJoCo: ") + message->subject);
}

// The handler is the whole process's. The default one prints, writes a file and exits.
void TakeEngineMessages() {
  static std::once_flag once;
  std::call_once(once, [] { mju_setLogHandler(OnEngineMessage); });
}

struct DeleteSpec {
  void operator()(mjSpec* spec) const { mj_deleteSpec(spec); }
};
using Spec = std::unique_ptr<mjSpec, DeleteSpec>;

void AddWall(mjSpec* spec, const Wall& wall) {
  mjsGeom* box = mjs_addGeom(mjs_findBody(spec, "world"), nullptr);
  box->type = mjGEOM_BOX;
  std::ranges::copy(wall.centre, box->pos);
  std::ranges::copy(wall.half_size, box->size);
  box->contype = 1;
  box->conaffinity = 1;
  box->mass = 0;  // the world's mass counts in mass centres
}

EngineModel Compile(const Spec& spec, const std::string& name, std::span<const Wall> walls) {
  for (const Wall& wall : walls) AddWall(spec.get(), wall);
  mjModel* model = mj_compile(spec.get(), nullptr);
  if (!model) throw Error("cannot compile the model " + name + ": " + mjs_getError(spec.get()));
  return EngineModel(model, [](const mjModel* m) { mj_deleteModel(const_cast<mjModel*>(m)); });
}

bool AllFinite(std::span<const double> values) {
  return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

std::span<const double> View(const mjtNum* values, mjtSize count) {
  return {values, static_cast<size_t>(count)};
}

}  // namespace

EngineModel LoadModelFile(const std::string& path, std::span<const Wall> walls) {
  TakeEngineMessages();
  std::array<char, 1000> error{};
  const Spec spec(mj_parseXML(path.c_str(), nullptr, error.data(), error.size()));
  if (!spec) {
    throw Error("cannot read the model " + path +
                " (scripts/fetch_mujoco.sh fetches it): " + error.data());
  }
  return Compile(spec, path, walls);
}

EngineModel LoadModelText(const std::string& mjcf, std::span<const Wall> walls) {
  TakeEngineMessages();
  const Spec spec(mj_parseXMLString(mjcf.c_str(), nullptr, nullptr, 0));
  DNE_CHECK(spec);
  return Compile(spec, "in the code", walls);
}

void Simulation::FreeState::operator()(mjData_* state) const { mj_deleteData(state); }

Simulation::Simulation(EngineModel model)
    : model_(std::move(model)), state_(mj_makeData(model_.get())) {}

void Simulation::Reset(std::span<const double> positions, std::span<const double> velocities) {
  DNE_CHECK(positions.size() == this->positions().size());
  DNE_CHECK(velocities.size() == this->velocities().size());
  mj_resetData(model_.get(), state_.get());
  std::ranges::copy(positions, state_->qpos);
  std::ranges::copy(velocities, state_->qvel);
  mj_forward(model_.get(), state_.get());
}

bool Simulation::Advance(std::span<const double> controls, int frames, bool contact_forces) {
  DNE_CHECK(2 * controls.size() == control_limits().size());
  std::ranges::copy(controls, state_->ctrl);
  try {
    for (int frame = 0; frame < frames; ++frame) mj_step(model_.get(), state_.get());
    if (contact_forces) mj_rnePostConstraint(model_.get(), state_.get());
  } catch (const EngineError&) {
    return false;
  }
  return !FoundBadNumbers() && AllFinite(positions()) && AllFinite(velocities());
}

bool Simulation::FoundBadNumbers() const {
  return std::ranges::any_of(
      std::array{mjWARN_BADQPOS, mjWARN_BADQVEL, mjWARN_BADQACC, mjWARN_BADCTRL},
      [this](mjtWarning warning) { return state_->warning[warning].number > 0; });
}

std::span<const double> Simulation::initial_positions() const {
  return View(model_->qpos0, model_->nq);
}
std::span<const double> Simulation::positions() const { return View(state_->qpos, model_->nq); }
std::span<const double> Simulation::velocities() const { return View(state_->qvel, model_->nv); }
std::span<const double> Simulation::actuator_forces() const {
  return View(state_->qfrc_actuator, model_->nv);
}
std::span<const double> Simulation::inertias() const {
  return View(state_->cinert, 10 * model_->nbody);
}
std::span<const double> Simulation::body_velocities() const {
  return View(state_->cvel, 6 * model_->nbody);
}
std::span<const double> Simulation::contact_forces() const {
  return View(state_->cfrc_ext, 6 * model_->nbody);
}
std::span<const double> Simulation::masses() const {
  return View(model_->body_mass, model_->nbody);
}
std::span<const double> Simulation::mass_centres() const {
  return View(state_->xipos, 3 * model_->nbody);
}
std::span<const double> Simulation::body_places() const {
  return View(state_->xpos, 3 * model_->nbody);
}
std::span<const double> Simulation::control_limits() const {
  return View(model_->actuator_ctrlrange, 2 * model_->nu);
}
double Simulation::seconds_per_frame() const { return model_->opt.timestep; }

}  // namespace dne
