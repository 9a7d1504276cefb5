#include "monitor/launches.h"

#include <deque>
#include <string>

#include <gtest/gtest.h>

#include "config/text_store.h"

namespace reeve {
namespace {

// Services as the parser makes them; this owns what they point to.
struct Built {
  std::shared_ptr<Configuration> configuration = std::make_shared<Configuration>();
  std::deque<Launch> launches;
  std::deque<std::vector<Text>> texts;
  std::deque<std::vector<ResourceLimit>> limits;

  Launch& add(std::vector<Text> arguments = {"cat"}) {
    Launch& launch = launches.emplace_back();
    launch.server = "/bin/cat";
    launch.arguments = keep(std::move(arguments));
    return launch;
  }
  std::span<const Text> keep(std::vector<Text> words) { return texts.emplace_back(std::move(words)); }
  Launches make(const Heritage& heritage) {
    for (const Launch& launch : launches) configuration->services.emplace_back().launch = &launch;
    return {configuration, heritage};
  }
};

Heritage heritage_of(std::vector<std::string> environment) {
  Heritage heritage;
  heritage.environment = std::move(environment);
  heritage.open_files = {1024, 4096};
  return heritage;
}

std::vector<std::string> environment_of(const Launches& launches, std::size_t service) {
  std::vector<std::string> all;
  for (const char* one : launches.program(service)->environment) all.emplace_back(one);
  return all;
}

TEST(Launches, ArgumentsEndInNull) {
  Built built;
  built.add({"othername", "-x", "file"});
  built.add({"cat"});
  const Heritage heritage = heritage_of({});
  const Launches launches = built.make(heritage);
  const ProgramRef program = launches.program(0);
  EXPECT_STREQ(program->path, "/bin/cat");
  EXPECT_STREQ(program->argv[0], "othername");
  EXPECT_STREQ(program->argv[2], "file");
  EXPECT_EQ(program->argv[3], nullptr);
  EXPECT_STREQ(launches.program(1)->argv[0], "cat");
  EXPECT_EQ(launches.program(1)->argv[1], nullptr);
}

TEST(Launches, EnvironmentIsTheDaemonsThenEnv) {
  using Words = std::vector<Text>;
  struct Case {
    bool all;
    Words passenv, env;
    std::vector<std::string> expected;
  };
  const std::vector<Case> cases{
      {true, {}, {}, {"PATH=/bin", "COLOUR=blue", "EMPTY="}},
      {true, {}, {"EXTRA=1"}, {"PATH=/bin", "COLOUR=blue", "EMPTY=", "EXTRA=1"}},
      {true, {}, {"COLOUR=red"}, {"PATH=/bin", "COLOUR=red", "EMPTY="}},
      {true, {}, {"COLOUR=red", "COLOUR=green"}, {"PATH=/bin", "COLOUR=green", "EMPTY="}},
      {true, {}, {"COL=x"}, {"PATH=/bin", "COLOUR=blue", "EMPTY=", "COL=x"}},
      {false, {}, {}, {}},
      {false, {}, {"EXTRA=1"}, {"EXTRA=1"}},
      {false, {"EMPTY", "PATH", "MISSING"}, {}, {"PATH=/bin", "EMPTY="}},
      {false, {"PATH"}, {"PATH=/usr/bin"}, {"PATH=/usr/bin"}},
  };
  for (std::size_t each = 0; each < cases.size(); ++each) {
    SCOPED_TRACE(each);
    const Heritage heritage = heritage_of({"PATH=/bin", "COLOUR=blue", "REMOTE_HOST=forged", "EMPTY="});
    Built built;
    Launch& launch = built.add();
    launch.passenv_all = cases[each].all;
    launch.passenv = built.keep(cases[each].passenv);
    launch.env = built.keep(cases[each].env);
    EXPECT_EQ(environment_of(built.make(heritage), 0), cases[each].expected);
  }
}

TEST(Launches, ServicesWithEqualEnvironmentsShareOne) {
  Built built;
  for (int each = 0; each < 3; ++each) built.add();
  built.launches[2].env = built.keep({"EXTRA=1"});
  const Heritage heritage = heritage_of({"PATH=/bin"});
  const Launches launches = built.make(heritage);
  EXPECT_EQ(launches.program(0)->environment.data(), launches.program(1)->environment.data());
  EXPECT_EQ(environment_of(launches, 1), std::vector<std::string>{"PATH=/bin"});
  EXPECT_EQ(environment_of(launches, 2), (std::vector<std::string>{"PATH=/bin", "EXTRA=1"}));
}

TEST(Launches, OpenFilesAreWhatTheDaemonWasGivenUnlessSet) {
  Built built;
  built.add();
  Launch& limited = built.add();
  const std::vector<ResourceLimit> limits{{Resource::files, 37}, {Resource::as, UINT64_MAX}, {Resource::cpu, 17}};
  limited.limits = limits;
  const Heritage heritage = heritage_of({});
  const Launches launches = built.make(heritage);
  const auto plain = launches.program(0)->limits;
  ASSERT_EQ(plain.size(), 1U);
  EXPECT_EQ(plain[0].resource, RLIMIT_NOFILE);
  EXPECT_EQ(plain[0].value.rlim_cur, 1024U);
  EXPECT_EQ(plain[0].value.rlim_max, 4096U);
  const auto set = launches.program(1)->limits;
  ASSERT_EQ(set.size(), 3U);
  EXPECT_EQ(set[0].value.rlim_cur, 37U);
  EXPECT_EQ(set[0].value.rlim_max, 37U);
  EXPECT_EQ(set[1].resource, RLIMIT_AS);
  EXPECT_EQ(set[1].value.rlim_max, RLIM_INFINITY);
  EXPECT_EQ(set[2].resource, RLIMIT_CPU);
}

TEST(Launches, NiceAddsToTheDaemonsOwnAndStaysInRange) {
  for (const auto& [own, nice, expected] : {std::tuple{0, 7, 7}, {5, -10, -5}, {10, 19, 19}, {-15, -20, -20}}) {
    Built built;
    built.add().nice = static_cast<std::int8_t>(nice);
    built.add();
    Heritage heritage = heritage_of({});
    heritage.priority = own;
    const Launches launches = built.make(heritage);
    EXPECT_EQ(launches.program(0)->priority, expected);
    EXPECT_FALSE(launches.program(1)->priority);
  }
}

TEST(Launches, ProgramOutlivesTheLaunches) {
  ProgramRef program;
  const Heritage heritage = heritage_of({"PATH=/bin"});
  Built built;
  std::weak_ptr<Configuration> watched = built.configuration;
  built.add();
  {
    const Launches launches = built.make(heritage);
    program = launches.program(0);
  }
  built.configuration.reset();
  EXPECT_FALSE(watched.expired());
  EXPECT_STREQ(program->environment[0], "PATH=/bin");
  program.reset();
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace reeve
