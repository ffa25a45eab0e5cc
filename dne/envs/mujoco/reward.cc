// SPDX-License-Identifier: MIT
#include "dne/envs/mujoco/reward.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace dne {
namespace {

// numpy's sum of up to 128 numbers: below eight one after the other; else eight running sums, which
// are added in pairs, then the numbers left over.
template <class T, class Term>
T SumLikeNumpy(size_t count, Term term) {
  T sum = 0;
  size_t next = 0;
  if (count >= 8) {
    std::array<T, 8> sums;
    for (size_t lane = 0; lane < 8; ++lane) sums[lane] = term(lane);
    for (next = 8; next + 8 <= count; next += 8) {
      for (size_t lane = 0; lane < 8; ++lane) sums[lane] += term(next + lane);
    }
    sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
  }
  for (; next < count; ++next) sum += term(next);
  return sum;
}

template <class T>
T SumOfSquares(std::span<const float> values) {
  return SumLikeNumpy<T>(values.size(), [&](size_t i) { return T{values[i]} * T{values[i]}; });
}

double ControlCost(const Body& body, std::span<const float> action) {
  if (body.control_cost_in_double) {
    return body.control_cost_weight * SumOfSquares<double>(action);
  }
  return static_cast<float>(body.control_cost_weight) * SumOfSquares<float>(action);
}

double ContactCost(const Body& body, std::span<const double> forces) {
  const double limit = body.contact_force_limit;
  const double squares = SumLikeNumpy<double>(forces.size(), [&](size_t i) {
    const double force = std::clamp(forces[i], -limit, limit);
    return force * force;
  });
  return std::min(body.contact_cost_weight * squares, body.contact_cost_limit);
}

Place MassCentre(const Simulation& simulation) {
  const auto masses = simulation.masses();
  const auto centres = simulation.mass_centres();
  const double mass = SumLikeNumpy<double>(masses.size(), [&](size_t i) { return masses[i]; });
  Place place{};
  for (size_t axis = 0; axis < place.size(); ++axis) {
    for (size_t i = 0; i < masses.size(); ++i) place[axis] += masses[i] * centres[3 * i + axis];
    place[axis] /= mass;
  }
  return place;
}

double DistanceFromOrigin(const Place& place) {
  return std::sqrt(place[0] * place[0] + place[1] * place[1]);
}

}  // namespace

Place PlaceOf(const Body& body, const Simulation& simulation) {
  const auto positions = simulation.positions();
  switch (body.place) {
    case PlaceKind::kFirstPosition:
      return {positions[0], 0};
    case PlaceKind::kFirstTwoPositions:
      return {positions[0], positions[1]};
    case PlaceKind::kTorso:
      return {simulation.body_places()[3], simulation.body_places()[4]};  // body 0 is the world
    case PlaceKind::kMassCentre:
      break;
  }
  return MassCentre(simulation);
}

bool IsHealthy(const Body& body, const Simulation& simulation) {
  return !body.is_healthy || body.is_healthy(simulation.positions(), simulation.velocities());
}

double BonusOf(const Body& body, const MujocoOptions& options, const Simulation& simulation) {
  if (options.reward == MujocoReward::kForwardDistance) return 0;
  const bool pays =
      IsHealthy(body, simulation) || (body.pays_the_fallen && options.terminate_when_unhealthy);
  return pays ? body.healthy_reward : 0;
}

double RewardOf(const Body& body, const MujocoOptions& options, const Simulation& simulation,
                std::span<const float> action, const Place& before, const Place& after) {
  const double forward = after[0] - before[0];
  if (options.reward == MujocoReward::kForwardDistance) return forward;
  const double way = options.reward == MujocoReward::kIsotropic
                         ? DistanceFromOrigin(after) - DistanceFromOrigin(before)
                         : forward;
  const double seconds = simulation.seconds_per_frame() * body.frames_per_step;
  const double rewards = body.forward_weight * (way / seconds) + BonusOf(body, options, simulation);
  const double contact_cost =
      body.contact_cost_weight > 0 ? ContactCost(body, simulation.contact_forces()) : 0;
  return rewards - (ControlCost(body, action) + contact_cost);
}

}  // namespace dne
