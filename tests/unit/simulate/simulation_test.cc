// What a simulation promises, whatever the scenario: the daemon's limits hold, nobody gets lost in the counting, the same seed
// gives the same figures.
#include "simulate/simulation.h"

#include <algorithm>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "config/report.h"
#include "simulate/scenario_parse.h"
#include "unit/config/parsing.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;

std::string entry(const std::string& name, int port, const std::string& more) {
  return "service " + name + "\n{\n type = UNLISTED\n port = " + std::to_string(port) +
         "\n socket_type = stream\n protocol = tcp\n wait = no\n user = root\n" +
         (more.find("SENSOR") == std::string::npos ? " server = /bin/cat\n" : "") + more + "\n}\n";
}

ConfigurationRef configured(const std::string& text) {
  FakeFiles files;
  files.files["/c"] = text;
  FakeNames names;
  Result<Bundle> bundle = gather("/c", files);
  EXPECT_TRUE(bundle.has_value());
  Parsed parsed = parse(*bundle, names, {});
  EXPECT_FALSE(parsed.has_errors) << parsed.diagnostics[0].text;
  return parsed.configuration;
}

Scenario scenario_of(const std::string& text) {
  ParsedScenario parsed = parse_scenario(text, 0);
  EXPECT_EQ(parsed.diagnostics.size(), 0u) << parsed.diagnostics[0].where.line << parsed.diagnostics[0].text;
  return std::move(parsed.scenario);
}

Outcome run(const Scenario& scenario, const ConfigurationRef& configuration) {
  Report report;
  const auto targets = find_targets(scenario, *configuration, report);
  EXPECT_FALSE(report.has_errors());
  return simulate(scenario, configuration, targets);
}

Outcome run(const std::string& scenario, const std::string& configuration) {
  return run(scenario_of(scenario), configured(configuration));
}

const std::string kNoLimits = "defaults\n{\n cps = 0 0\n per_source = UNLIMITED\n instances = UNLIMITED\n}\n";
const std::string kHonest =
    "population honest\n{\n kind = honest\n sources = 200\n service = web\n rate = 6/m\n takes = exponential 2s\n}\n";
const std::string kBots =
    "population bots\n{\n kind = attack\n sources = 500\n service = web\n rate = 1/s\n takes = exponential 5s\n from = 1m\n until = "
    "4m\n}\n";
const std::string kFiveMinutes = "scenario\n{\n duration = 5m\n}\n";

TEST(Simulation, WithoutLimitsEverybodyIsServed) {
  const Outcome outcome = run(kFiveMinutes + kHonest + kBots, kNoLimits + entry("web", 80, ""));
  for (const PopulationOutcome& one : outcome.populations) {
    EXPECT_GT(one.counts.served, 1000u);
    EXPECT_EQ(one.counts.lost + one.counts.slow + one.counts.refused, 0u);
  }
  EXPECT_TRUE(outcome.rules.empty());
  // Poisson: 200 sources, 6 a minute, 5 minutes.
  EXPECT_NEAR(static_cast<double>(outcome.populations[0].counts.served), 6000, 400);
}

TEST(Simulation, IsTheSameForTheSameSeedOnly) {
  Scenario scenario = scenario_of(kFiveMinutes + kHonest + kBots);
  const ConfigurationRef configuration = configured(entry("web", 80, " instances = 40"));
  const auto figures = [&] {
    std::vector<std::uint64_t> all;
    const Outcome outcome = run(scenario, configuration);
    for (const OutcomeSample& one : outcome.over_time)
      all.insert(all.end(), {one.honest_served, one.honest_lost, one.attack_served, one.attack_refused, one.instances});
    return all;
  };
  const auto first = figures();
  EXPECT_EQ(figures(), first);
  scenario.seed = 2;
  EXPECT_NE(figures(), first);
}

// Visits come at the same moments whatever the configuration answers, as long as nobody waits for an answer.
TEST(Simulation, ComparesLikeWithLike) {
  const auto served = [](const Outcome& outcome) { return outcome.populations[1].counts.visits(); };
  const std::string scenario = kFiveMinutes + kHonest + kBots;
  EXPECT_EQ(served(run(scenario, kNoLimits + entry("web", 80, ""))), served(run(scenario, entry("web", 80, " instances = 5"))));
}

TEST(Simulation, NeverServesMoreThanTheLimits) {
  for (const auto& [instances, per_source, cps] : {std::tuple{30, 2, 20}, {8, 1, 5}, {100, 50, 1}}) {
    const std::string limits = " instances = " + std::to_string(instances) + "\n per_source = " + std::to_string(per_source) +
                               "\n cps = " + std::to_string(cps) + " 10\n cps_action = shed";
    const Outcome outcome = run(kFiveMinutes + kHonest + kBots, entry("web", 80, limits));
    EXPECT_LE(outcome.peak_instances, static_cast<std::uint32_t>(instances));
    const double step = static_cast<double>(outcome.step.count()) / 1e9;
    const auto& samples = outcome.over_time;
    // Over any window of T seconds no more than RATE * (T + 2) come in (policy/ledger.h).
    for (std::size_t first = 0; first < samples.size(); ++first) {
      std::uint64_t sum = 0;
      for (std::size_t last = first; last < samples.size(); ++last) {
        sum += samples[last].honest_served + samples[last].attack_served;
        const double seconds = static_cast<double>(last + 1 - first) * step;
        ASSERT_LE(static_cast<double>(sum), cps * (seconds + 2)) << first << " to " << last;
      }
    }
    EXPECT_GT(outcome.populations[1].counts.refused, 0u);
  }
}

TEST(Simulation, CountsEachVisitOnceAndEachRefusalByItsRule) {
  const Outcome outcome = run(kFiveMinutes + kHonest + kBots, entry("web", 80, " instances = 20\n per_source = 1\n cps = 15 5"));
  std::uint64_t by_rule = 0, refused = 0, over_time = 0, by_service = 0;
  for (const RuleOutcome& rule : outcome.rules) by_rule += rule.honest + rule.attack;
  for (const PopulationOutcome& one : outcome.populations) refused += one.counts.refused;
  for (const OutcomeSample& one : outcome.over_time)
    over_time += one.honest_served + one.honest_lost + one.attack_served + one.attack_refused;
  for (const ServiceOutcome& one : outcome.services) by_service += one.honest.refused + one.attack.refused;
  EXPECT_EQ(by_rule, refused);
  EXPECT_EQ(by_service, refused);
  EXPECT_EQ(over_time, outcome.populations[0].counts.visits() + outcome.populations[1].counts.attempts());
  for (const RuleOutcome& rule : outcome.rules) EXPECT_NE(rule.where.line, 0u);
}

TEST(Simulation, WhoTriesAgainIsLostOnlyInTheEnd) {
  const std::string scenario =
      kFiveMinutes + "population p\n{\n kind = honest\n sources = 50\n service = web\n rate = 1/m\n refused = retry 1s 2\n}\n";
  const Outcome outcome = run(scenario, entry("web", 80, " no_access = 0.0.0.0/0"));
  const VisitCounts& counts = outcome.populations[0].counts;
  EXPECT_EQ(counts.served, 0u);
  EXPECT_GT(counts.lost, 100u);
  EXPECT_GE(counts.refused, 3 * counts.lost);
  EXPECT_LE(counts.refused, 3 * counts.lost + 2 * 50);
}

TEST(Simulation, WhoLeavesComesOnce) {
  const std::string scenario =
      kFiveMinutes + "population p\n{\n kind = attack\n sources = 50\n service = web\n rate = 1/s\n refused = leave\n}\n";
  EXPECT_EQ(run(scenario, entry("web", 80, " no_access = 0.0.0.0/0")).populations[0].counts.refused, 50u);
}

TEST(Simulation, ASensorBansWhoWalksThePorts) {
  const std::string scenario =
      kFiveMinutes +
      "population scan\n{\n kind = attack\n sources = 10\n ports = 20-90\n arrival = steady\n rate = 1/s\n takes = fixed 1s\n}\n";
  const std::string ports = entry("ftp", 21, "") + entry("trap", 23, " flags = SENSOR\n deny_time = FOREVER") + entry("web", 80, "");
  const Outcome outcome = run(scenario, ports);
  EXPECT_EQ(outcome.bans, 10u);
  EXPECT_EQ(outcome.bans_left, 10u);
  EXPECT_EQ(outcome.populations[0].counts.served, 10u) << "ftp, once";
  EXPECT_GT(outcome.populations[0].closed, 1000u);
  EXPECT_EQ(outcome.rules.front().reason, Reason::ban);
}

TEST(Simulation, EachSessionWalksFromTheFirstPort) {
  const std::string scenario =
      "scenario\n{\n duration = 50s\n}\npopulation scan\n{\n kind = attack\n ports = 21 23\n arrival = steady\n rate = 1/s\n visits = 1\n "
      "every = 10s\n}\n";
  const Outcome outcome = run(scenario, entry("ftp", 21, "") + entry("telnet", 23, ""));
  ASSERT_EQ(outcome.services.size(), 1u);
  EXPECT_EQ(outcome.services[0].attack.served, 5u);
}

TEST(Simulation, SessionsComeBackEveryDay) {
  const std::string scenario =
      "scenario\n{\n duration = 3d\n}\npopulation scraper\n{\n kind = attack\n service = web\n arrival = answers\n visits = 500\n every = "
      "24h\n"
      " takes = fixed 200ms\n bytes = 1K\n}\n";
  const Outcome outcome = run(scenario, entry("web", 80, ""));
  EXPECT_EQ(outcome.populations[0].counts.served, 1500u);
  EXPECT_EQ(outcome.populations[0].counts.bytes, 1500u * 1024);
  EXPECT_EQ(outcome.peak_instances, 1u);
}

TEST(Simulation, ABurstIsOneVisitOfEach) {
  const Outcome outcome =
      run("population p\n{\n kind = attack\n sources = 100\n service = web\n arrival = burst 1s\n from = 1m\n takes = fixed 5s\n}\n",
          kNoLimits + entry("web", 80, ""));
  EXPECT_EQ(outcome.populations[0].counts.served, 100u);
  EXPECT_EQ(outcome.peak_instances, 100u);
}

TEST(Simulation, ManyBehindOneAddressAreOneSource) {
  const std::string users =
      "population p\n{\n kind = honest\n sources = 1\n behind = 100\n service = web\n rate = 10/m\n takes = fixed 3s\n}\n";
  const Outcome together = run(kFiveMinutes + users, entry("web", 80, " per_source = 3\n cps = 0 0"));
  EXPECT_EQ(together.peak_instances, 3u);
  EXPECT_GT(together.populations[0].counts.lost, 1000u);
}

TEST(Simulation, LoadRisesWithInstancesAndMaxLoadRefuses) {
  const std::string machine = "scenario\n{\n duration = 5m\n idle_load = 1\n load_per_instance = 0.1\n}\n";
  const std::string crowd = "population p\n{\n kind = attack\n sources = 100\n service = web\n rate = 1/s\n takes = fixed 10s\n}\n";
  const Outcome free = run(machine + crowd, kNoLimits + entry("web", 80, ""));
  EXPECT_GT(free.peak_load, 60);
  const Outcome limited = run(machine + crowd, kNoLimits + entry("web", 80, " max_load = 20"));
  EXPECT_LT(limited.peak_load, 40);
  EXPECT_EQ(limited.rules.front().reason, Reason::load);
}

TEST(Simulation, AMachineThatIsTooSlowLosesThePatient) {
  const std::string machine = "scenario\n{\n duration = 5m\n load_per_instance = 1\n processors = 4\n}\n";
  const std::string crowd =
      "population p\n{\n kind = honest\n sources = 100\n service = web\n rate = 1/s\n takes = fixed 1s\n patience = 4s\n}\n";
  const Outcome free = run(machine + crowd, kNoLimits + entry("web", 80, ""));
  EXPECT_GT(free.populations[0].counts.slow, free.populations[0].counts.served);
  const Outcome limited = run(machine + crowd, kNoLimits + entry("web", 80, " instances = 12"));
  EXPECT_EQ(limited.populations[0].counts.slow, 0u);
  EXPECT_GT(limited.populations[0].counts.served, free.populations[0].counts.served);
}

TEST(Simulation, AccessTimesFollowTheScenariosClock) {
  const std::string scenario = "scenario\n{\n duration = 2h\n start = Mon 08:00\n}\n" + kHonest;
  const Outcome outcome = run(scenario, kNoLimits + entry("web", 80, " access_times = 09:00-23:59"));
  EXPECT_NEAR(static_cast<double>(outcome.populations[0].counts.lost), static_cast<double>(outcome.populations[0].counts.served), 3000);
  const std::size_t half = outcome.over_time.size() / 2;
  for (std::size_t i = 0; i < half; ++i) EXPECT_EQ(outcome.over_time[i].honest_served, 0u) << i;
  for (std::size_t i = half; i < outcome.over_time.size(); ++i) EXPECT_EQ(outcome.over_time[i].honest_lost, 0u) << i;
}

TEST(Simulation, NamesTheWorst) {
  const Outcome outcome = run(kFiveMinutes + "population p\n{\n kind = attack\n addresses = 192.0.2.66\n service = web\n rate = 1/s\n}\n",
                              kNoLimits + entry("web", 80, ""));
  ASSERT_TRUE(outcome.populations[0].worst.has_value());
  EXPECT_EQ(to_text(outcome.populations[0].worst->address), "192.0.2.66");
  EXPECT_EQ(outcome.populations[0].worst->served, outcome.populations[0].counts.served);
}

TEST(Targets, MustBeThereAndDecideForEachVisit) {
  const ConfigurationRef configuration = configured(entry("web", 80, ""));
  Report report;
  (void)find_targets(scenario_of("population p\n{\n kind = honest\n service = wev\n rate = 1/m\n}\n"), *configuration, report);
  const std::vector<Diagnostic> said = report.take();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].text, "no service `wev` would start");
  EXPECT_EQ(said[0].where.line, 4u);
  EXPECT_EQ(said[0].where.column, 12u);
}

}  // namespace
}  // namespace reeve
