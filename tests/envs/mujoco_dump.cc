// SPDX-License-Identifier: MIT
// Writes an episode to a file, for tests/oracle/mujoco_oracle.py to play again. All numbers are
// little-endian:
//   mujoco_dump BODY SEED random|smooth|FILE END|GO_ON MAX_STEPS OUT
//   FILE: a trained linear policy, a line an actuator: a weight for each observation, a bias
//   int32 sizes of positions, velocities, observation, action
//   the initial state: positions and velocities, doubles; the first observation, floats
//   a step: the action, floats, some beyond what the actuators take; double reward; int32 terminal;
//           observation
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "dne/envs/mujoco/environment.h"
#include "mujoco_players.h"

namespace {

constexpr float kReach = 1.25f;  // times what the actuators take: some actions are clipped

template <class T>
void Put(std::ostream& out, T value) {
  out.write(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <class T>
void Put(std::ostream& out, std::span<const T> values) {
  for (const T value : values) Put(out, value);
}

void PutStart(std::ostream& out, const dne::BodyEnvironment& environment, size_t num_actions) {
  const dne::Simulation& simulation = environment.simulation();
  Put(out, static_cast<int32_t>(simulation.positions().size()));
  Put(out, static_cast<int32_t>(simulation.velocities().size()));
  Put(out, static_cast<int32_t>(environment.observation().floats.size()));
  Put(out, static_cast<int32_t>(num_actions));
  Put(out, simulation.positions());
  Put(out, simulation.velocities());
  Put(out, environment.observation().floats);
}

// Chooses what each actuator does, some of it beyond what it takes.
class Player {
 public:
  Player(const std::string& word, uint64_t seed, std::span<const double> limits)
      : fixed_(seed, word == "smooth"), limits_(limits) {
    if (word == "smooth" || word == "random") return;
    std::ifstream file(word);
    for (double number; file >> number;) trained_.push_back(number);
    if (trained_.empty()) throw std::runtime_error("no policy in " + word);
  }

  void Next(std::span<const float> observation, std::span<float> action) {
    if (trained_.empty()) {
      fixed_.Next(action);
      for (size_t i = 0; i < action.size(); ++i) {
        action[i] *= kReach * static_cast<float>(limits_[2 * i + 1]);
      }
      return;
    }
    const double* next = trained_.data();
    for (float& part : action) {
      double sum = 0;
      for (const float seen : observation) sum += *next++ * double{seen};
      part = static_cast<float>(sum + *next++);
    }
  }

  // Whether the policy is for such a body.
  bool Fits(size_t observations, size_t actions) const {
    return trained_.empty() || trained_.size() == actions * (observations + 1);
  }

 private:
  dne::ActionPlayer fixed_;
  std::span<const double> limits_;
  std::vector<double> trained_;
};

void Dump(char** words, std::ostream& out) {
  const auto seed = static_cast<uint64_t>(std::atoll(words[2]));
  const auto model = dne::LoadMujocoBody(
      words[1], {.terminate_when_unhealthy = words[4] == std::string_view("END")});
  const auto made = model->MakeEnvironment();
  auto& environment = dynamic_cast<dne::BodyEnvironment&>(*made);
  const auto limits = environment.simulation().control_limits();
  std::vector<float> action(limits.size() / 2);
  environment.Reset({.seed = seed});
  PutStart(out, environment, action.size());
  Player player(words[3], seed, limits);
  if (!player.Fits(environment.observation().floats.size(), action.size())) {
    throw std::runtime_error("the policy is for another body");
  }
  bool over = false;
  for (int step = 0; step < std::atoi(words[5]) && !over; ++step) {
    player.Next(environment.observation().floats, action);
    const dne::StepResult result = environment.Step({.values = action});
    over = result.terminal;
    Put(out, std::span<const float>(action));
    Put(out, result.reward);
    Put(out, int32_t{over});
    Put(out, environment.observation().floats);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "usage: mujoco_dump BODY SEED random|smooth|FILE END|GO_ON MAX_STEPS OUT\n";
    return 2;
  }
  std::ofstream out(argv[6], std::ios::binary);
  Dump(argv, out);
  return out.good() ? 0 : 1;
}
