#include "simulate/scenario_parse.h"

#include <string>

#include <gtest/gtest.h>

#include "config/bundle.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;

const std::string kMinimal = "population p\n{\n  kind = honest\n  service = web\n  rate = 1/m\n}\n";

// "LINE:COLUMN: TEXT" of each, a line each.
std::string complaints(const std::string& text) {
  std::string all;
  for (const Diagnostic& one : parse_scenario(text, 0).diagnostics)
    all += std::to_string(one.where.line) + ":" + std::to_string(one.where.column) + ": " + one.text + "\n";
  return all;
}

// A population with one more line: what is said about it.
std::string about(const std::string& line) {
  return complaints("population p\n{\n  kind = honest\n  service = web\n  rate = 1/m\n" + line + "\n}\n");
}

TEST(ScenarioParse, TakesTheLeastThatIsNeeded) {
  const ParsedScenario parsed = parse_scenario(kMinimal, 0);
  ASSERT_TRUE(parsed.diagnostics.empty());
  ASSERT_EQ(parsed.scenario.populations.size(), 1u);
  const Population& population = parsed.scenario.populations[0];
  EXPECT_EQ(population.name, "p");
  EXPECT_EQ(population.sources, 1u);
  EXPECT_EQ(population.interval, 1min);
  EXPECT_EQ(parsed.scenario.duration, 10min);
  EXPECT_FALSE(population.prefixes.empty());
}

TEST(ScenarioParse, KnowsTheWholeLanguage) {
  const ParsedScenario parsed = parse_scenario(
      "# a comment\nscenario {\n title = A  test\n duration=2h\n start = Fri 23:30\n seed = 18446744073709551615\n limit = 200\n"
      " idle_load = 0.5\n load_per_instance = .25\n processors = 8\n}\n"
      "population honest\n{\n kind = honest\n sources = 20\n behind = 40\n addresses = 192.0.2.0/24 2001:db8::/32\n network = /28 /56\n"
      " per_network = 10\n hops = yes\n service = web*9 ftp\n arrival = steady\n rate = 0.5/h\n ramp = 5m\n from = 1m\n until = 90m\n"
      " visits = 7\n every = 24h\n round_trip = 10ms\n takes = log-normal 1.5s 2.5\n patience = 30s\n bytes = 40K\n refused = retry 10s "
      "3\n}\n"
      "population scan { \n kind = attack\n ports = 1-1024 8080\n arrival = answers 2s\n refused = leave\n}\n",
      0);
  ASSERT_EQ(parsed.diagnostics.size(), 0u) << parsed.diagnostics[0].text;
  const Scenario& scenario = parsed.scenario;
  EXPECT_EQ(scenario.title, "A test");
  EXPECT_EQ(scenario.duration, 2h);
  EXPECT_EQ(scenario.start.weekday, 5);
  EXPECT_EQ(scenario.start.minute_of_day, 23 * 60 + 30);
  EXPECT_EQ(scenario.seed, UINT64_MAX);
  EXPECT_EQ(scenario.process_limit, 200u);
  EXPECT_EQ(scenario.machine.load_per_instance, 0.25);
  ASSERT_EQ(scenario.populations.size(), 2u);
  const Population& honest = scenario.populations[0];
  EXPECT_EQ(honest.agents(), 800u);
  EXPECT_EQ(honest.prefixes.size(), 2u);
  EXPECT_EQ(honest.network_bits_v4, 28);
  EXPECT_EQ(honest.network_bits_v6, 56);
  EXPECT_TRUE(honest.hops);
  EXPECT_EQ(honest.services[0].name, "web");
  EXPECT_EQ(honest.services[0].weight, 9u);
  EXPECT_EQ(honest.services[1].weight, 1u);
  EXPECT_EQ(honest.interval, 2h);
  EXPECT_EQ(honest.until, 90min);
  EXPECT_EQ(honest.visits, 7u);
  EXPECT_EQ(honest.every, 24h);
  EXPECT_EQ(honest.takes.form, Duration::Form::log_normal);
  EXPECT_EQ(honest.takes.typical, 1500ms);
  EXPECT_EQ(honest.takes.spread, 2.5);
  EXPECT_EQ(honest.bytes, 40u * 1024);
  EXPECT_EQ(honest.when_refused, Population::WhenRefused::retry);
  EXPECT_EQ(honest.retries, 3u);
  const Population& scan = scenario.populations[1];
  EXPECT_EQ(scan.kind, Population::Kind::attack);
  EXPECT_EQ(scan.ports.size(), 2u);
  EXPECT_EQ(scan.arrival, Population::Arrival::answers);
  EXPECT_EQ(scan.interval, 2s);
  EXPECT_EQ(scan.when_refused, Population::WhenRefused::leave);
}

TEST(ScenarioParse, SaysWhereEachMistakeIs) {
  EXPECT_EQ(about("  sources = 0"), "6:13: must be from 1 to 4000000\n");
  EXPECT_EQ(about("  sources = many"), "6:13: `many` is no whole number\n");
  EXPECT_EQ(about("  surces = 5"), "6:3: there is no attribute `surces`\n");
  EXPECT_EQ(about("  duration = 5m"), "6:3: `duration` belongs into `scenario`\n");
  EXPECT_EQ(about("  rate = 2/m"), "6:3: `rate` is given twice\n");
  EXPECT_EQ(about("  bytes 5"), "6:3: expected `=` behind `bytes`\n");
  EXPECT_EQ(about("  bytes ="), "6:3: `bytes` has no value\n");
  EXPECT_EQ(about("  bytes = 5 6"), "6:13: `bytes` has too many values\n");
  EXPECT_EQ(about("  from = 5x"), "6:10: `5x` is no time\n");
  EXPECT_EQ(about("  takes = exponential 5s 3"), "6:26: `exponential` takes one time\n");
  EXPECT_EQ(about("  takes = log-normal 5s 0.5"), "6:25: a spread is a factor from 1 to 100\n");
  EXPECT_EQ(about("  refused = retry"), "6:13: after what time?\n");
  EXPECT_EQ(about("  refused = retri 3s"), "6:13: `retri` is none of: go_on, retry, leave\n");
  EXPECT_EQ(about("  addresses = 10.0.0.0/8 host.example"), "6:26: `host.example` is a name\n");
  EXPECT_EQ(about("  network = 129"), "6:13: must be from 1 to 128\n");
}

TEST(ScenarioParse, SaysWhatIsMissingOrDoesNotGoTogether) {
  EXPECT_EQ(complaints("population p\n{\n}\n"),
            "1:1: is it `kind = honest` or `kind = attack`?\n1:1: where do they go? `service` or `ports` is missing\n"
            "1:1: how often does each of them come? `rate` is missing\n");
  EXPECT_EQ(about("  until = 5m\n  from = 6m"), "6:3: `until` is not behind `from`\n");
  EXPECT_EQ(about("  arrival = burst 5s"), "5:3: `rate` is for `arrival = poisson` and `arrival = steady`\n");
  EXPECT_EQ(about("  sources = 300\n  addresses = 192.0.2.0/24"), "6:3: 256 different sources at most fit into the addresses\n");
  EXPECT_EQ(about("  every = 24h"), "6:3: without `visits` the first session never ends\n");
  EXPECT_EQ(about("  from = 10m"), "1:1: `p` come when the scenario is over\n");
  EXPECT_EQ(about("  sources = 4000000\n  behind = 2"), "1:1: more than 4000000 agents in all\n");
}

TEST(ScenarioParse, SaysWhatIsWrongWithTheEntries) {
  EXPECT_EQ(complaints(""), "0:1: nobody comes: the scenario has no population\n");
  EXPECT_EQ(complaints("x = 1\ny = 2\n" + kMinimal), "1:1: `x` belongs to no entry\n");
  EXPECT_EQ(complaints(kMinimal + kMinimal), "7:12: there is a population `p` already\n");
  EXPECT_EQ(complaints(kMinimal + "scenario\n{\n}\nscenario\n{\n}\n"), "10:1: there is an entry `scenario` already\n");
  EXPECT_EQ(complaints(kMinimal + "scenario\n{\n"), "7:1: the entry has no closing brace\n");
  EXPECT_EQ(complaints("population\n{\n  kind = honest\n  service = a\n  rate = 1/s\n}\n"), "1:1: a population without a name\n");
  EXPECT_EQ(complaints(kMinimal + "scenario\n{\n  title = a\xff\n}\n"), "9:12: not UTF-8\n");
}

TEST(ScenarioParse, HintsAtWhatWasMeant) {
  const ParsedScenario parsed = parse_scenario("population p\n{\n kind = honest\n service = a\n rate = 1/s\n suorces = 5\n}\n", 0);
  ASSERT_EQ(parsed.diagnostics.size(), 1u);
  EXPECT_EQ(parsed.diagnostics[0].hint, "did you mean `sources`?");
  Bundle bundle;
  bundle.files.push_back({"x.sim", "population p\n{\n kind = honest\n service = a\n rate = 1/s\n suorces = 5\n}\n"});
  EXPECT_EQ(caret_text(parsed.diagnostics, bundle, false),
            "x.sim:6:2: error: there is no attribute `suorces`\n    6 |  suorces = 5\n      |  ^~~~~~~\n      = did you mean `sources`?\n");
}

}  // namespace
}  // namespace reeve
