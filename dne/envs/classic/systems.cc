// SPDX-License-Identifier: MIT
#include "dne/envs/classic/systems.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace dne {
namespace {

constexpr double kPi = std::numbers::pi;

double Square(double x) { return x * x; }

// --- Acrobot: two links, the joint between them is driven; the tip is to swing above a line.
// --------- State: both angles, both angular velocities.

using Four = std::array<double, 4>;

constexpr double kLinkCentre = 0.5;  // m; lengths, masses and moments of inertia are 1
constexpr double kAcrobotGravity = 9.8;

// The book's equations of motion (Sutton and Barto), not those of Sutton's paper.
Four AcrobotDerivative(const Four& state, double torque) {
  const auto [angle1, angle2, speed1, speed2] = state;
  const double d1 =
      Square(kLinkCentre) + (1 + Square(kLinkCentre) + 2 * kLinkCentre * std::cos(angle2)) + 1 + 1;
  const double d2 = (Square(kLinkCentre) + kLinkCentre * std::cos(angle2)) + 1;
  const double phi2 = kLinkCentre * kAcrobotGravity * std::cos(angle1 + angle2 - kPi / 2);
  const double phi1 = -kLinkCentre * Square(speed2) * std::sin(angle2) -
                      2 * kLinkCentre * speed2 * speed1 * std::sin(angle2) +
                      (kLinkCentre + 1) * kAcrobotGravity * std::cos(angle1 - kPi / 2) + phi2;
  const double acceleration2 =
      (torque + d2 / d1 * phi1 - kLinkCentre * Square(speed1) * std::sin(angle2) - phi2) /
      (Square(kLinkCentre) + 1 - Square(d2) / d1);
  const double acceleration1 = -(d2 * acceleration2 + phi1) / d1;
  return {speed1, speed2, acceleration1, acceleration2};
}

Four Plus(const Four& state, double factor, const Four& change) {
  Four sum;
  for (size_t i = 0; i < sum.size(); ++i) sum[i] = state[i] + factor * change[i];
  return sum;
}

// One step of Runge and Kutta's method of fourth order.
Four AcrobotNext(const Four& state, double torque) {
  constexpr double kSeconds = 0.2;
  const Four k1 = AcrobotDerivative(state, torque);
  const Four k2 = AcrobotDerivative(Plus(state, kSeconds / 2, k1), torque);
  const Four k3 = AcrobotDerivative(Plus(state, kSeconds / 2, k2), torque);
  const Four k4 = AcrobotDerivative(Plus(state, kSeconds, k3), torque);
  Four next;
  for (size_t i = 0; i < next.size(); ++i) {
    next[i] = state[i] + kSeconds / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
  }
  return next;
}

double WrapAngle(double angle) {
  while (angle > kPi) angle -= 2 * kPi;
  while (angle < -kPi) angle += 2 * kPi;
  return angle;
}

Outcome StepAcrobot(SystemState& state, float action) {
  auto& [angle1, angle2, speed1, speed2] = state.numbers;
  state.numbers = AcrobotNext(state.numbers, double{action} - 1);
  angle1 = WrapAngle(angle1);
  angle2 = WrapAngle(angle2);
  speed1 = std::clamp(speed1, -4 * kPi, 4 * kPi);
  speed2 = std::clamp(speed2, -9 * kPi, 9 * kPi);
  const bool above = -std::cos(angle1) - std::cos(angle2 + angle1) > 1;
  return {.reward = above ? 0.0 : -1.0, .terminal = above};
}

void ObserveAcrobot(const SystemState& state, std::span<float> out) {
  const auto [angle1, angle2, speed1, speed2] = state.numbers;
  std::ranges::transform(std::array{std::cos(angle1), std::sin(angle1), std::cos(angle2),
                                    std::sin(angle2), speed1, speed2},
                         out.begin(), [](double number) { return static_cast<float>(number); });
}

// The tip, from where the links hang: to the side and up.
void PlaceAcrobot(const SystemState& state, std::span<double> out) {
  const auto [angle1, angle2, speed1, speed2] = state.numbers;
  out[0] = std::sin(angle1) + std::sin(angle1 + angle2);
  out[1] = -std::cos(angle1) - std::cos(angle1 + angle2);
}

// --- CartPole: a cart is pushed to either side so that its pole stays up.
// ------------------------------- State: the cart's position and speed, the pole's angle and
// angular velocity.

Outcome StepCartPole(SystemState& state, float action) {
  constexpr double kGravity = 9.8;
  constexpr double kPoleMass = 0.1;
  constexpr double kMass = kPoleMass + 1;
  constexpr double kHalfLength = 0.5;
  constexpr double kPoleMoment = kPoleMass * kHalfLength;
  constexpr double kSeconds = 0.02;
  auto& [position, speed, angle, turning] = state.numbers;
  const double force = action == 1 ? 10 : -10;
  const double cosine = std::cos(angle);
  const double sine = std::sin(angle);
  const double push = (force + kPoleMoment * Square(turning) * sine) / kMass;
  const double turn = (kGravity * sine - cosine * push) /
                      (kHalfLength * (4.0 / 3.0 - kPoleMass * Square(cosine) / kMass));
  const double acceleration = push - kPoleMoment * turn * cosine / kMass;
  position += kSeconds * speed;
  speed += kSeconds * acceleration;
  angle += kSeconds * turning;
  turning += kSeconds * turn;
  constexpr double kAngleLimit = 12 * 2 * kPi / 360;
  constexpr double kPositionLimit = 2.4;
  return {.reward = 1,
          .terminal = std::abs(position) > kPositionLimit || std::abs(angle) > kAngleLimit};
}

void ObserveCartPole(const SystemState& state, std::span<float> out) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(state.numbers[i]);
}

void PlaceCartPole(const SystemState& state, std::span<double> out) { out[0] = state.numbers[0]; }

// --- MountainCarContinuous: an engine too weak to climb, so that the car must swing.
// -------------------- State: position and speed.

// Gymnasium computes in the precision that its state has at the moment: double in the first step,
// single, as which the state is kept, in all others.
template <class Real>
Outcome DriveMountainCar(SystemState& state, float force) {
  constexpr Real kMaxSpeed = static_cast<Real>(0.07);
  constexpr Real kLowest = static_cast<Real>(-1.2);
  constexpr Real kHighest = static_cast<Real>(0.6);
  constexpr Real kGoal = static_cast<Real>(0.45);
  Real position = static_cast<Real>(state.numbers[0]);
  Real speed = static_cast<Real>(state.numbers[1]);
  const float slope = static_cast<float>(0.0025 * std::cos(double{3 * position}));
  speed += Real{force * 0.0015f - slope};
  speed = std::clamp(speed, -kMaxSpeed, kMaxSpeed);
  position = std::clamp(position + speed, kLowest, kHighest);
  if (position == kLowest && speed < 0) speed = 0;
  const bool at_goal = position >= kGoal && speed >= 0;
  state.numbers = {static_cast<float>(position), static_cast<float>(speed)};
  return {.reward = (at_goal ? 100.0 : 0.0) - Square(force) * 0.1, .terminal = at_goal};
}

Outcome StepMountainCar(SystemState& state, float action) {
  return state.steps == 0 ? DriveMountainCar<double>(state, action)
                          : DriveMountainCar<float>(state, action);
}

void ObserveMountainCar(const SystemState& state, std::span<float> out) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(state.numbers[i]);
}

void PlaceMountainCar(const SystemState& state, std::span<double> out) {
  out[0] = state.numbers[0];
}

// --- Pendulum: a motor too weak to lift it at once is to hold it up.
// ------------------------------------ State: the angle, 0 up, and the angular velocity.

// To [-pi, pi), as Python's % does.
double NormaliseAngle(double angle) {
  const double rest = std::fmod(angle + kPi, 2 * kPi);
  return (rest < 0 ? rest + 2 * kPi : rest) - kPi;
}

Outcome StepPendulum(SystemState& state, float torque) {
  constexpr double kGravity = 10;
  constexpr double kSeconds = 0.05;
  constexpr double kMaxSpeed = 8;
  auto& [angle, speed, unused2, unused3] = state.numbers;
  const float effort = 0.001f * (torque * torque);
  const double cost = Square(NormaliseAngle(angle)) + 0.1 * Square(speed) + double{effort};
  speed += (3 * kGravity / 2 * std::sin(angle) + double{3.0f * torque}) * kSeconds;
  speed = std::clamp(speed, -kMaxSpeed, kMaxSpeed);
  angle += speed * kSeconds;
  return {.reward = -cost};
}

void ObservePendulum(const SystemState& state, std::span<float> out) {
  const auto [angle, speed, unused2, unused3] = state.numbers;
  out[0] = static_cast<float>(std::cos(angle));
  out[1] = static_cast<float>(std::sin(angle));
  out[2] = static_cast<float>(speed);
}

// Its end: to the side and up.
void PlacePendulum(const SystemState& state, std::span<double> out) {
  out[0] = std::sin(state.numbers[0]);
  out[1] = std::cos(state.numbers[0]);
}

constexpr std::array<ClassicSystem, 4> kSystems = {{
    {.name = "Acrobot-v1",
     .num_observations = 6,
     .action_type = ActionType::kDiscrete,
     .num_actions = 3,
     .action_names = {"LEFT", "NONE", "RIGHT"},
     .max_episode_steps = 500,
     .place_size = 2,
     .lowest = {-0.1, -0.1, -0.1, -0.1},
     .highest = {0.1, 0.1, 0.1, 0.1},
     .num_random = 4,
     .starts_in_float = true,
     .step = StepAcrobot,
     .observe = ObserveAcrobot,
     .place = PlaceAcrobot},
    {.name = "CartPole-v1",
     .num_observations = 4,
     .action_type = ActionType::kDiscrete,
     .num_actions = 2,
     .action_names = {"LEFT", "RIGHT"},
     .max_episode_steps = 500,
     .place_size = 1,
     .lowest = {-0.05, -0.05, -0.05, -0.05},
     .highest = {0.05, 0.05, 0.05, 0.05},
     .num_random = 4,
     .step = StepCartPole,
     .observe = ObserveCartPole,
     .place = PlaceCartPole},
    {.name = "MountainCarContinuous-v0",
     .num_observations = 2,
     .action_type = ActionType::kContinuous,
     .num_actions = 1,
     .action_limit = 1,
     .max_episode_steps = 999,
     .place_size = 1,
     .lowest = {-0.6},
     .highest = {-0.4},
     .num_random = 1,
     .step = StepMountainCar,
     .observe = ObserveMountainCar,
     .place = PlaceMountainCar},
    {.name = "Pendulum-v1",
     .num_observations = 3,
     .action_type = ActionType::kContinuous,
     .num_actions = 1,
     .action_limit = 2,
     .max_episode_steps = 200,
     .place_size = 2,
     .lowest = {-kPi, -1},
     .highest = {kPi, 1},
     .num_random = 2,
     .step = StepPendulum,
     .observe = ObservePendulum,
     .place = PlacePendulum},
}};

}  // namespace

std::span<const ClassicSystem> ClassicSystems() { return kSystems; }

}  // namespace dne
