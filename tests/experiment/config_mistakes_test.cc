// SPDX-License-Identifier: MIT
// What is wrong with an experiment file, and what is said about it.
#include <gtest/gtest.h>

#include "tests/experiment/config_fixture.h"

namespace dne {
namespace {

TEST(Mistakes, AreAllReportedInTheOrderOfTheFile) {
  EXPECT_EQ(MistakesOf("seed = -1\n[algorithm]\nsgima = 1\npopulation_size = \"many\"\n"
                       "[budget]\nsteps = 0\n",
                       {"task.fire_start=3"}),
            "x.toml:1: seed must be 0 to 9223372036854775807, got -1\n"
            "x.toml:3: unknown key 'sgima' in [algorithm]: did you mean 'sigma'?\n"
            "x.toml:4: population_size must be a whole number, got \"many\"\n"
            "x.toml:6: steps must be 1 to 9223372036854775807, got 0\n"
            "--set task.fire_start=3: fire_start must be true or false, got 3");
}

TEST(Mistakes, AWrongValueIsNotComparedWithOthers) {
  EXPECT_EQ(MistakesOf("[algorithm]\npopulation_size = \"many\"\nnum_parents = 2000" +
                       std::string(kBudget)),
            "x.toml:2: population_size must be a whole number, got \"many\"");
}

struct BadConfig {
  std::string toml;  // ends with a valid budget, unless it has one itself
  std::string mistake;
};

class BadConfigTest : public testing::TestWithParam<BadConfig> {};

TEST_P(BadConfigTest, IsRefusedWithLineValueLimitAndAdvice) {
  const BadConfig& bad = GetParam();
  const bool has_budget = bad.toml.find("budget") != std::string::npos;
  EXPECT_EQ(MistakesOf(bad.toml + (has_budget ? "" : std::string(kBudget))), bad.mistake);
}

const std::vector<BadConfig> kSyntax = {
    {"seed = 1\nseed = 2",
     "x.toml:2: not TOML: Error while parsing key-value pair: cannot redefine existing integer "
     "'seed'"},
    {"[task]\n[task]",
     "x.toml:2: not TOML: Error while parsing table header: cannot redefine existing table "
     "'task'"},
    {"name = \"\xff\xfe\"", "x.toml:1: not TOML: Encountered invalid utf-8 sequence"},
};
INSTANTIATE_TEST_SUITE_P(Syntax, BadConfigTest, testing::ValuesIn(kSyntax));

const std::vector<BadConfig> kUnknown = {
    {"[algorithm]\nsgima = 1",
     "x.toml:2: unknown key 'sgima' in [algorithm]: did you mean 'sigma'?"},
    {"[algorithm]\nparents = 1",
     "x.toml:2: unknown key 'parents' in [algorithm]: did you mean 'num_parents'?"},
    {"[task]\nrom = 1",
     "x.toml:2: unknown key 'rom' in [task]: known are type, environment, frame_skip, frame_stack, "
     "max_noops, fire_start, stack_at_reset, sticky_probability, actions"},
    {"sed = 1", "x.toml:1: unknown key 'sed': did you mean 'seed'?"},
    {"\n[algoritm]\nsigma = 1", "x.toml:2: unknown section 'algoritm': did you mean 'algorithm'?"},
    {"[[layers]]\nunits = 1", "x.toml:1: key 'layers' has no use here: it belongs in [network]"},
    {"sigma = 1", "x.toml:1: key 'sigma' has no use here: it belongs in [algorithm]"},
    {"[task]\nseed = 1",
     "x.toml:2: key 'seed' has no use in [task]: it belongs at the top of the file"},
    {"[task]\nsigma = 1", "x.toml:2: key 'sigma' has no use in [task]: it belongs in [algorithm]"},
    {"[[network.layers]]\ntype = \"dense\"\nunits = 3\nstrides = 1",
     "x.toml:4: unknown key 'strides' in [[network.layers]]: did you mean 'stride'?"},
    {"[network]\npreset = \"huge\"",
     "x.toml:2: unknown network preset 'huge': known are uber_large, uber_small, nature_dqn, mlp, "
     "parity_rnn, mnist_cnn, mnist_small"},
    {"[network]\npreset = \"\"",
     "x.toml:2: unknown network preset '': known are uber_large, uber_small, nature_dqn, mlp, "
     "parity_rnn, mnist_cnn, mnist_small"},
    {"[algorithm]\ntype = \"pso\"",
     "x.toml:2: unknown type 'pso': known are ga, random_search, es, pgpe, "
     "snes, ns_es, nsr_es, nsra_es, ga_ns, "
     "steady_state_ga, map_elites"},
    {"[algorithm]\nsigma_schedule = \"liner\"",
     "x.toml:2: unknown sigma_schedule 'liner': did you mean 'linear'?"},
    {"[algorithm]\ntype = \"esx\"\nmax_episode_steps = 0",
     "x.toml:2: unknown type 'esx': did you mean 'es'?"},
    {"[task]\ntype = \"atary\"", "x.toml:2: unknown type 'atary': did you mean 'atari'?"},
#ifdef DNE_WITH_ATARI
    {"[task]\ngame = \"frostbit\"", "x.toml:2: unknown game 'frostbit': did you mean 'frostbite'?"},
    {"[task]\ngame = \"SpaceInvaders\"",
     "x.toml:2: unknown game 'SpaceInvaders': did you mean 'space_invaders'?"},
#endif
};
INSTANTIATE_TEST_SUITE_P(Unknown, BadConfigTest, testing::ValuesIn(kUnknown));

const std::vector<BadConfig> kOfAnotherType = {
    {"[task]\ntype = \"mujoco\"\nframe_skip = 2",
     "x.toml:3: frame_skip has no use here, it is for type \"atari\" only: remove it"},
    {"[task]\nbody = \"ant\"",
     "x.toml:2: body has no use here, it is for type \"mujoco\" only: remove it"},
    {"[algorithm]\ntype = \"es\"\nnum_parents = 3",
     "x.toml:3: num_parents has no use here, it is for type \"ga\" or \"ga_ns\" only: remove it"},
    {"[algorithm]\ntype = \"random_search\"\nlearning_rate = 0.1",
     "x.toml:3: learning_rate has no use here, it is for type \"es\", \"pgpe\", \"ns_es\", "
     "\"nsr_es\", \"nsra_es\" or \"snes\" only: remove it"},
    // Where the type is wrong, that alone is told.
    {"[algorithm]\ntype = \"esx\"\nnum_parents = 3\nlearning_rate = 0.1",
     "x.toml:2: unknown type 'esx': did you mean 'es'?"},
    {"[algorithm]\ntype = \"es\"\nmeta_population = 3",
     "x.toml:3: meta_population has no use here, it is for type \"ns_es\", "
     "\"nsr_es\" or \"nsra_es\" only: remove it"},
    {"[algorithm]\ntype = \"es\"\n[novelty]\nnearest = 3\nfar = 2",
     "x.toml:4: nearest has no use here, algorithm.type is \"es\", which seeks no novelty: remove "
     "it\n"
     "x.toml:5: far has no use here, algorithm.type is \"es\", which seeks no novelty: remove it"},
    {"[algorithm]\nnearest = 3",
     "x.toml:2: nearest has no use here, algorithm.type is \"ga\", which seeks no novelty: remove "
     "it"},
    {"[algorithm]\ntype = \"esx\"\nnearest = 3",
     "x.toml:2: unknown type 'esx': did you mean 'es'?"},
    {"[algorithm]\ntype = \"ns_es\"\nnearest = 3\n[novelty]\nnearest = 4",
     "x.toml:3: nearest belongs in [novelty], where it is given too: remove it"},
    {"[algorithm]\ntype = \"es\"\nsigma_max_change = 0.1",
     "x.toml:3: sigma_max_change has no use here, it is for type \"pgpe\" only: remove it"},
    {"[algorithm]\ntype = \"nsr_es\"\npatience = 3",
     "x.toml:3: patience has no use here, it is for type \"nsra_es\" only: remove it"},
    {"[algorithm]\ntype = \"es\"\ncap_growth = 3",
     "x.toml:3: cap_growth has no use here, step_cap is \"fixed\": remove it"},
    {"[algorithm]\ntype = \"es\"\ngeneration_steps = 3",
     "x.toml:3: generation_steps has no use here, it is for type \"pgpe\" only: remove it"},
    {"[algorithm]\ntype = \"pgpe\"\nmax_population_size = 3",
     "x.toml:3: max_population_size has no use here, generation_steps is 0: remove it"},
    {"[algorithm]\ntype = \"pgpe\"\nperturbation = \"rademacher\"",
     "x.toml:3: perturbation has no use here, it is for type \"es\", \"ns_es\", \"nsr_es\" or "
     "\"nsra_es\" only: remove it"},
    {"[algorithm]\ntype = \"es\"\nbucket_size = 8",
     "x.toml:3: bucket_size has no use here, perturbation is \"gaussian\": remove it"},
    {"[algorithm]\ntype = \"nsr_es\"\nperturbation = \"bucket\"\nrank = 2",
     "x.toml:4: rank has no use here, perturbation is \"bucket\": remove it"},
    {"[algorithm]\ntype = \"es\"\nmax_speed = 3",
     "x.toml:3: max_speed has no use here, it is for optimizer \"clipup\" only: remove it"},
    {"[algorithm]\ntype = \"ga\"\nlearning_rate = 1",
     "x.toml:3: learning_rate has no use here, it is for type \"es\", \"pgpe\", \"ns_es\", "
     "\"nsr_es\", \"nsra_es\" or \"snes\" only: remove it"},
    {"[algorithm]\ntype = \"es\"\ntop_directions = 3\nfitness_shaping = \"raw\"",
     "x.toml:4: fitness_shaping has no use here, top_directions counts raw fitness: remove it"},
};
INSTANTIATE_TEST_SUITE_P(OfAnotherType, BadConfigTest, testing::ValuesIn(kOfAnotherType));

const std::vector<BadConfig> kTypes = {
    {"[algorithm]\npopulation_size = \"many\"",
     "x.toml:2: population_size must be a whole number, got \"many\""},
    {"[algorithm]\npopulation_size = 2.5",
     "x.toml:2: population_size must be a whole number, got 2.5"},
    {"[budget]\nframes = 1e9",
     "x.toml:2: frames must be a whole number, got 1e+09: write 1000000000"},
    {"[algorithm]\nsigma = \"0.1\"", "x.toml:2: sigma must be a number, got \"0.1\""},
    {"[algorithm]\nsigma = [1]", "x.toml:2: sigma must be a number, got a list"},
    {"[algorithm.sigma]\nstart = 1", "x.toml:1: sigma must be a number, got a section"},
    {"[task]\nfire_start = 1", "x.toml:2: fire_start must be true or false, got 1"},
    {"[task]\ngame = 3", "x.toml:2: game must be a text in quotes, got 3"},
    {"[task]\nactions = true", "x.toml:2: actions must be \"minimal\" or \"full\", got true"},
    {"seed = 2020-01-01", "x.toml:1: seed must be a whole number, got a date or time"},
    {"task = \"atari\"",
     "x.toml:1: task must be a section, got \"atari\": write [task] on a line of its own"},
    {"[network]\nlayers = 3",
     "x.toml:2: layers must be sections: write [[network.layers]] for each, got 3"},
};
INSTANTIATE_TEST_SUITE_P(Types, BadConfigTest, testing::ValuesIn(kTypes));

const std::vector<BadConfig> kRanges = {
    {"[algorithm]\nnum_candidates = 0", "x.toml:2: num_candidates must be 1 to 1000000, got 0"},
    {"[algorithm]\nnum_parents = -3", "x.toml:2: num_parents must be 1 to 1000000, got -3"},
    {"[algorithm]\npopulation_size = 9000000000",
     "x.toml:2: population_size must be 1 to 1000000, got 9000000000"},
    {"[algorithm]\nsigma = 0", "x.toml:2: sigma must be 1e-06 to 10.0, got 0"},
    {"[algorithm]\nsigma = nan", "x.toml:2: sigma must be 1e-06 to 10.0, got nan"},
    {"[algorithm]\nsigma = 1e300", "x.toml:2: sigma must be 1e-06 to 10.0, got 1e+300"},
    {"[task]\nsticky_probability = 1.5",
     "x.toml:2: sticky_probability must be 0.0 to 1.0, got 1.5"},
    {"[task]\nframe_skip = 0", "x.toml:2: frame_skip must be 1 to 60, got 0"},
    {"[budget]\ntarget = inf", "x.toml:2: target must be -1e+12 to 1e+12, got inf"},
    {"[network]\noutput_scale = -1", "x.toml:2: output_scale must be 0.0 to 100.0, got -1"},
    {"name = \"my/run\"",
     "x.toml:1: name must be 1 to 100 letters, digits, '_', '-' and '.', which is not the first, "
     "got \"my/run\": it names the run's folder"},
    {"name = \"\"",
     "x.toml:1: name must be 1 to 100 letters, digits, '_', '-' and '.', which is not the first, "
     "got \"\": it names the run's folder"},
};
INSTANTIATE_TEST_SUITE_P(Ranges, BadConfigTest, testing::ValuesIn(kRanges));

const std::vector<BadConfig> kContradictions = {
    {"[algorithm]\npopulation_size = 100\nnum_parents = 101",
     "x.toml:3: num_parents is 101, but population_size is 100: give num_parents = 100 or less"},
    {"[algorithm]\nnum_parents = 1001",
     "x.toml:2: num_parents is 1001, but population_size is 1000 (the default): give num_parents = "
     "1000 or less"},
    {"[algorithm]\nnum_parents = 1\npopulation_size = 5",
     "x.toml:3: num_candidates is 10 (the default), but population_size is 5: give num_candidates "
     "= 5 or less"},
    {"[algorithm]\nsigma_end = 0.1",
     "x.toml:2: sigma_end has no use here, sigma_schedule is \"constant\": remove it"},
    {"[algorithm]\nsigma_schedule = \"constant\"\nsigma_generations = 3",
     "x.toml:3: sigma_generations has no use here, sigma_schedule is \"constant\": remove it"},
    {"[algorithm]\nsigma_schedule = \"linear\"\nsigma_generations = 5",
     "x.toml:2: sigma_end is missing in [algorithm]: a sigma_schedule that is not \"constant\" "
     "needs it"},
    {"[algorithm]\nsigma_schedule = \"exponential\"\nsigma_end = 0.1",
     "x.toml:2: sigma_generations is missing in [algorithm]: a sigma_schedule that is not "
     "\"constant\" needs it"},
    {"[algorithm]\ntype = \"pgpe\"\nlearning_rate_end = 0.1",
     "x.toml:3: learning_rate_end has no use here, learning_rate_schedule is \"constant\": remove "
     "it"},
    {"[algorithm]\ntype = \"es\"\nlearning_rate_schedule = \"linear\"\nlearning_rate_end = 0.1",
     "x.toml:3: learning_rate_generations is missing in [algorithm]: a learning_rate_schedule that "
     "is not \"constant\" needs it"},
    {"[algorithm]\ntype = \"random_search\"\nsigma = 0.1\nnum_parents = 3",
     "x.toml:3: sigma has no use here, it is for type \"ga\", \"map_elites\", \"es\", \"pgpe\", "
     "\"snes\", \"ns_es\", \"nsr_es\", \"nsra_es\", \"ga_ns\" or \"steady_state_ga\" only: remove "
     "it\n"
     "x.toml:4: num_parents has no use here, it is for type \"ga\" or \"ga_ns\" only: remove it"},
    {"[algorithm]\nnum_candidates = 1",
     "x.toml:2: num_candidates is 1, which the old elite takes for ever: give 2 or more, or elite "
     "= \"stale\""},
    {"[algorithm]\ntype = \"es\"\npopulation_size = 7",
     "x.toml:3: population_size is 7, but antithetic members come in pairs: give an even number"},
    {"[algorithm]\ntype = \"es\"\nshared_episodes = \"pair\"\nantithetic = false",
     "x.toml:3: shared_episodes is \"pair\", but members come in no pairs: give antithetic = true, "
     "or "
     "\"none\" or \"generation\""},
    {"[task]\ntype = \"supervised\"\nenvironment = \"patches\"\n[network]\n"
     "virtual_batch_norm = true\npreset = \"mnist_small\"",
     "x.toml:5: virtual_batch_norm needs an environment with images, as Atari is: leave it out"},
    {"[task]\ntype = \"supervised\"\nenvironment = \"patches\"\n[network]\n"
     "weights = \"float16\"\npreset = \"mnist_small\"",
     "x.toml:5: weights = \"float16\" is for policies that play in an environment: leave it out"},
    {"[task]\ntype = \"supervised\"",
     "x.toml:1: data is missing in [task]: there is nothing to learn from without it"},
    {"[algorithm]\ntype = \"es\"\ntop_directions = 3\nantithetic = false",
     "x.toml:3: top_directions chooses among pairs: it needs antithetic = true"},
    {"[algorithm]\ntype = \"pgpe\"\nantithetic = false",
     "x.toml:3: type \"pgpe\" compares pairs: it needs antithetic = true"},
    {"[algorithm]\ntype = \"pgpe\"\ntop_directions = 3",
     "x.toml:3: top_directions has no use here, it is for type \"es\" only: remove it"},
    {"[algorithm]\ntype = \"es\"\npopulation_size = 6\ntop_directions = 4",
     "x.toml:4: top_directions is 4, but a population_size of 6 has 3 pairs: give "
     "top_directions = 3 or less"},
    {"[algorithm]\ntype = \"es\"\ntop_directions = 4\npopulation_size = 7",
     "x.toml:3: top_directions is 4, but a population_size of 7 has 3 pairs: give "
     "top_directions = 3 or less\n"
     "x.toml:4: population_size is 7, but antithetic members come in pairs: give an even number"},
    {"[algorithm]\ntype = \"ga_ns\"\npopulation_size = 1\nnum_candidates = 1\nnum_parents = 1\n"
     "elite = \"stale\"",
     "x.toml:3: population_size is 1, which the copy of the most novel takes for ever: give 2 or "
     "more"},
    {"[algorithm]\nmutation_clip = 1",
     "x.toml:2: mutation_clip has no use here, mutation is \"gaussian\": remove it"},
    {"[algorithm]\nmutation = \"sm_r\"\nmutation_clip = 1",
     "x.toml:3: mutation_clip has no use here, mutation is \"sm_r\": remove it"},
    {"[algorithm]\ntype = \"steady_state_ga\"\nexperiences = 9",
     "x.toml:3: experiences has no use here, mutation is \"gaussian\": remove it"},
    {"[algorithm]\ntype = \"map_elites\"",
     "x.toml:1: the archive has no axes: give one [[archive.axes]] or several, each with name, "
     "coordinate, lower, upper and cells"},
    {"[algorithm]\ntype = \"map_elites\"\n[[archive.axes]]\nname = \"x\"\nlower = 0\nupper = 1",
     "x.toml:3: coordinate is missing in [[archive.axes]]: an axis is one number of what a policy "
     "did\n"
     "x.toml:3: cells is missing in [[archive.axes]]: the axis is cut into as many"},
    {"[algorithm]\ntype = \"map_elites\"\n[[archive.axes]]\nname = \"x y\"\ncoordinate = 0\n"
     "lower = 0\nupper = 1\ncells = 9",
     "x.toml:3: an axis's name must be letters, digits and '_', got \"x y\": it heads a column"},
    {"[algorithm]\ntype = \"map_elites\"\n[archive]\naxes = [{name = \"x\", coordinate = 0, lower "
     "= "
     "2, upper = 1, cells = 1001},\n {name = \"x\", coordinate = 1, lower = 0, upper = 1, cells = "
     "1000}]",
     "x.toml:4: the axis x goes from 2 to 1: give a lower below its upper\n"
     "x.toml:4: two axes are called \"x\": give each a name of its own\n"
     "x.toml:4: the axes have 1001000 cells together, but an archive has at most 1000000: give "
     "fewer"},
    {"[archive]\nqd_offset = 1",
     "x.toml:2: qd_offset has no use here, algorithm.type is \"ga\", which has no archive: remove "
     "it"},
    {"[network]\nvirtual_batch_norm = true\n[algorithm]\nmutation = \"sm_g_so\"",
     "x.toml:2: virtual_batch_norm has no sensitivities that safe mutations could use: leave it "
     "out, or give mutation = \"gaussian\""},
    {"[task]\ntype = \"simple_model\"\n[network]\npreset = \"mlp\"\n[algorithm]\n"
     "test_max_episode_steps = 1\nmax_episode_steps = 1",
     "x.toml:4: preset has no use here, task.type is \"simple_model\", which has no network: "
     "remove "
     "it"},
    {"[algorithm]\ntype = \"ga_ns\"\npopulation_size = 60",
     "x.toml:3: num_parents is 61 (the default), but population_size is 60: give num_parents = 60 "
     "or "
     "less"},
    {"[task]\ntype = \"mujoco\"\n[algorithm]\ntype = \"ga_ns\"\n[novelty]\ndistance = "
     "\"ram_steps\"",
     "x.toml:6: distance compares behaviours step by step, as Atari's RAM: give \"euclidean\" or "
     "\"squared_euclidean\""},
    {"[algorithm]\ntype = \"ns_es\"\ntop_directions = 4",
     "x.toml:3: top_directions has no use here, it is for type \"es\" only: remove it"},
    {"[algorithm]\ntype = \"snes\"\npopulation_size = 7\nantithetic = true",
     "x.toml:3: population_size is 7, but antithetic members come in pairs: give an even number"},
    {"[algorithm]\ntype = \"es\"\nperturbation = \"bucket\"\nbucket_size = 5002",
     "x.toml:4: bucket_size is 5002, but noise comes in fours: give 5000 or 5004"},
    {"[algorithm]\ntype = \"nsra_es\"\nperturbation = \"bucket\"\nbucket_size = 5",
     "x.toml:4: bucket_size is 5, but noise comes in fours: give 4 or 8"},
    {"[algorithm]\ntype = \"es\"\nperturbation = \"low_rank\"\nrank = 0",
     "x.toml:4: rank must be 1 to 1024, got 0"},
    {"[algorithm]\ntype = \"snes\"\nmax_episode_steps = 0",
     "x.toml:3: max_episode_steps is 0, but the environment has no limit of its own: give a "
     "number"},
    {"[algorithm]\ntype = \"es\"\nstep_cap = \"adaptive\"\nmax_episode_steps = 50",
     "x.toml:4: first_step_cap is 1000 (the default), but max_episode_steps is 50: give "
     "first_step_cap = 50 or less"},
    {"[algorithm]\ntype = \"pgpe\"\ngeneration_steps = 9\nmax_population_size = 50",
     "x.toml:4: max_population_size is 50, but population_size, which it grows from, is 5000 (the "
     "default): give more"},
    {"[algorithm]\ntype = \"pgpe\"\ngeneration_steps = 9\nmax_population_size = 5001",
     "x.toml:4: max_population_size is 5001, but antithetic members come in pairs: give an even "
     "number"},
    {"[algorithm]\ntype = \"es\"\nmax_episode_steps = 0",
     "x.toml:3: max_episode_steps is 0, but the environment has no limit of its own: give a "
     "number"},
    {"[task]\ntype = \"mujoco\"\n[algorithm]\ntype = \"nsr_es\"\n[novelty]\ndistance = "
     "\"ram_steps\"",
     "x.toml:6: distance compares behaviours step by step, as Atari's RAM: give \"euclidean\" or "
     "\"squared_euclidean\""},
    {"[task]\ntype = \"mujoco\"\nnormalise_observations = true",
     "x.toml:3: normalise_observations is learned by evolution strategies only: leave it out"},
    {"[task]\ntype = \"mujoco\"\naction_noise = 1000",
     "x.toml:3: action_noise is for members of evolution strategies only: leave it out"},
    {"[task]\ntype = \"mujoco\"\ntrain_with_bonus = false",
     "x.toml:3: train_with_bonus holds for members of evolution strategies only: leave it out"},
    {"[task]\ntype = \"mujoco\"\nobservation_clip = 3\n[algorithm]\ntype = \"es\"",
     "x.toml:3: observation_clip has no use here, normalise_observations is false: remove it"},
    {"[task]\ntype = \"classic\"\naction_noise = 1\n[algorithm]\ntype = \"es\"",
     "x.toml:3: action_noise has no use here, it is for type \"mujoco\", \"maze\", \"process\" or "
     "\"gymnasium\" only: remove "
     "it"},
    {"[task]\ntype = \"mujoco\"\n[network]\nvirtual_batch_norm = true",
     "x.toml:4: virtual_batch_norm needs an environment with images, as Atari is: leave it out"},
    {"[network]\npreset = \"mlp\"\n[[network.layers]]\ntype = \"dense\"\nunits = 3",
     "x.toml:2: preset has no use here, the layers are given one by one: remove it"},
    {"[[network.layers]]\ntype = \"dense\"",
     "x.toml:2: units is missing in [[network.layers]]: each layer but pooling needs it"},
    {"[[network.layers]]\ntype = \"average_pool\"\nunits = 3",
     "x.toml:3: units has no use here, type is \"average_pool\": remove it"},
    {"[[network.layers]]\ntype = \"max_pool\"\nkernel = 2",
     "x.toml:2: stride is missing in [[network.layers]]: conv2d and max_pool layers need it"},
    {"[[network.layers]]\ntype = \"max_pool\"\nkernel = 2\nstride = 2\npadding = \"same\"",
     "x.toml:5: padding has no use here, type is \"max_pool\": remove it"},
    {"[[network.layers]]\ntype = \"average_pool\"\nrepeat = 3",
     "x.toml:3: repeat has no use here, type is \"average_pool\": remove it"},
    {"[[network.layers]]\ntype = \"lstm\"\nunits = 3\nkernel = 3",
     "x.toml:4: kernel has no use here, type is \"lstm\": remove it"},
    {"[[network.layers]]\ntype = \"gru\"\nunits = 3\nactivation = \"relu\"",
     "x.toml:4: activation has no use here, type is \"gru\": remove it"},
    {"[[network.layers]]\ntype = \"dense\"\nunits = 3\nrepeat = 1001",
     "x.toml:4: repeat must be 1 to 1000, got 1001"},
    {"[network]\nskip_every = -1", "x.toml:2: skip_every must be 0 to 1000, got -1"},
    {"[[network.layers]]\nunits = 3",
     "x.toml:1: type is missing in [[network.layers]]: each layer needs it"},
    {"[[network.layers]]\ntype = \"conv2d\"\nunits = 3\nkernel = 3",
     "x.toml:2: stride is missing in [[network.layers]]: conv2d and max_pool layers need it"},
    {"[[network.layers]]\ntype = \"dense\"\nunits = 3\npadding = \"same\"",
     "x.toml:4: padding has no use here, type is \"dense\": remove it"},
    {"[task]\ngame = \"venture\"\n[budget]",
     "x.toml:3: no budget, the run would never stop: give generations, steps, frames or target in "
     "[budget]"},
    {"[budget]\nuntil_solved = true",
     "x.toml:2: until_solved is for tasks with a goal to be reached, as mazes are: leave it out"},
    {"[task]\ntype = \"maze\"\nenvironment = \"custom_maze\"",
     "x.toml:3: maze is missing in [task]: it has no walls of its own"},
    {"[task]\ntype = \"maze\"\nmaze = \"0\\n9\\n1\\n50 50\\n0\\n1 1\\n1 1\\n1 1 9 9\"",
     "x.toml:3: maze has no use here, environment is \"hard_maze\": remove it"},
    {"[task]\ntype = \"maze\"\nenvironment = \"custom_maze\"\nmaze = \"there_is_none\"",
     "x.toml:4: there_is_none: cannot read it: No such file or directory"},
    {"[task]\ntype = \"maze\"\nenvironment = \"custom_maze\"\nmaze = 3",
     "x.toml:4: maze must be a text in quotes, got 3"},
    {"[task]\ntype = \"maze\"\nenvironment = \"custom_maze\"\nmaze = \"0\\n4\\n\"",
     "x.toml:4: maze:3: the maze ends before the number of walls: give 1 to 1000"},
    {"[task]\ntype = \"maze\"\nenvironment = \"topdown_maze\"\ngoal_radius = 3",
     "x.toml:4: goal_radius has no use here, environment is \"topdown_maze\": remove it"},
    {"[task]\ntype = \"maze\"\nenvironment = \"hard_maz\"",
     "x.toml:3: unknown maze 'hard_maz': did you mean 'hard_maze'?"},
    {"[task]\ntype = \"maze\"\n[algorithm]\nmax_episode_steps = 399",
     "x.toml:4: max_episode_steps is 399, but the task's one reward comes with step 400 of an "
     "episode: give max_episode_steps = 400 or more"},
    {"[task]\ntype = \"maze\"\naction_repeat = 3\n[algorithm]\ntype = \"random_search\"\n"
     "max_episode_steps = 133",
     "x.toml:6: max_episode_steps is 133, but the task's one reward comes with step 134 of an "
     "episode: give max_episode_steps = 134 or more"},
    {"[task]\ntype = \"maze\"\n[algorithm]\ntype = \"es\"\ntest_episodes = 1\n"
     "test_max_episode_steps = 5",
     "x.toml:6: test_max_episode_steps is 5, but the task's one reward comes with step 400 of an "
     "episode: give test_max_episode_steps = 400 or more"},
    {"[task]\ntype = \"maze\"\n[algorithm]\ntype = \"es\"\nstep_cap = \"adaptive\"\n"
     "first_step_cap = 100",
     "x.toml:6: first_step_cap is 100, but the task's one reward comes with step 400 of an "
     "episode: give first_step_cap = 400 or more"},
    {"name = \"no-budget\"",
     "x.toml:1: no budget, the run would never stop: give generations, steps, frames or target in "
     "[budget]"},
};
INSTANTIATE_TEST_SUITE_P(Contradictions, BadConfigTest, testing::ValuesIn(kContradictions));

struct BadOverride {
  std::string text;
  std::string mistake;
};

class BadOverrideTest : public testing::TestWithParam<BadOverride> {};

TEST_P(BadOverrideTest, IsRefusedByItsOwnText) {
  const std::string toml = "[algorithm]\nnum_parents = 50\n[budget]\ngenerations = 1\n";
  EXPECT_EQ(MistakesOf(toml, {GetParam().text}),
            "--set " + GetParam().text + ": " + GetParam().mistake);
}

const std::vector<BadOverride> kBadOverrides = {
    {"algorithm.sigma", "has no '=': write --set key=value, as in --set algorithm.sigma=0.005"},
    {"=3", "'' is no key: write section.name, as in algorithm.sigma"},
    {"algorithm..sigma=3",
     "'algorithm..sigma' is no key: write section.name, as in algorithm.sigma"},
    {"a b=3", "'a b' is no key: write section.name, as in algorithm.sigma"},
    {"name=my run", "the value is no TOML: put texts in double quotes within the shell's quotes"},
    {"algorithm.sigma=",
     "the value is no TOML: put texts in double quotes within the shell's quotes"},
    {"seed=1\nname='x'",
     "the value is no TOML: put texts in double quotes within the shell's quotes"},
    {"algorithm.sgima=1", "unknown key 'sgima' in [algorithm]: did you mean 'sigma'?"},
    {"algoritm.sigma=1", "unknown section 'algoritm': did you mean 'algorithm'?"},
    {"algorithm=5", "algorithm must be a section, got 5: write [algorithm] on a line of its own"},
    {"algorithm.sigma.start=5", "sigma must be a number, got a section"},
    {"algorithm.sigma=many", "sigma must be a number, got \"many\""},
    {"algorithm.population_size=20",
     "num_parents is 50, but population_size is 20: give num_parents = 20 or less"},
};
INSTANTIATE_TEST_SUITE_P(All, BadOverrideTest, testing::ValuesIn(kBadOverrides));

}  // namespace
}  // namespace dne
